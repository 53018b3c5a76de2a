"""Every example in a docstring runs, on the sandbox, and prints what it says."""

import datetime as dt
import doctest
import importlib
import pkgutil
from functools import cache

import matplotlib.pyplot as plt
import pytest

import togglframe
from togglframe.sandbox.agency import known_agency

# No example counts from the day on which it is run.
ANOTHER_DAY = dt.date(2029, 5, 14)

_OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@pytest.fixture(autouse=True, scope="module")
def _one_agency():
    """Let every demo of a kind share its agency: no example changes what an agency has."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("togglframe.sandbox.server.known_agency", cache(known_agency))
        yield


def _examples():
    names = [m.name for m in pkgutil.walk_packages(togglframe.__path__, "togglframe.")]
    modules = [
        togglframe,
        *(importlib.import_module(name) for name in names if not name.endswith("__main__")),
    ]
    finder = doctest.DocTestFinder(exclude_empty=True)
    return [test for module in modules for test in finder.find(module) if test.examples]


# Slow where a whole page or workbook is made, which the examples of `to_html` and `to_excel` do.
@pytest.mark.parametrize("example", _examples(), ids=lambda example: example.name)
def test_example_of_a_docstring_prints_what_it_says(example, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("togglframe.clock.today", lambda: ANOTHER_DAY)
    monkeypatch.setattr("togglframe.sandbox.server.local_day", lambda: ANOTHER_DAY)
    said: list[str] = []
    result = doctest.DocTestRunner(optionflags=_OPTIONS).run(example, out=said.append)
    plt.close("all")
    assert result.failed == 0, "".join(said)


def test_every_public_module_has_examples():
    with_examples = {example.globs["__name__"] for example in _examples()}
    assert {
        f"togglframe{name}"
        for name in (
            "",
            ".api.filters",
            ".api.search",
            ".reports",
            ".workspace",
            ".export.excel.writing",
        )
    } <= with_examples
