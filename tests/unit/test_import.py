"""Importing togglframe imports little; the rest, pandas included, comes on first use."""

import subprocess
import sys

import pytest

import togglframe

ADDED = """
import sys, pandas
before = set(sys.modules)
{statement}
print(*sorted({{name.partition(".")[0] for name in set(sys.modules) - before}}), file=sys.stderr)
print(*sorted(name for name in sys.modules if name.startswith("togglframe")), file=sys.stderr)
"""


def added_by(statement):
    """Return what a statement imports beyond pandas, and which modules of togglframe."""
    script = ADDED.format(statement=statement)
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, encoding="utf-8"
    )
    packages, modules = done.stderr.splitlines()[-2:]
    return set(packages.split()), set(modules.split())


def test_the_import_leaves_what_is_slow_for_its_first_use():
    # Slow: it takes a process that has imported nothing yet.
    packages, modules = added_by("import togglframe")
    slow = {
        *("requests", "requests_cache", "urllib3", "tenacity", "platformdirs", "sqlite3"),
        *("typer", "rich", "tqdm", "matplotlib", "xlsxwriter", "pyarrow", "keyring", "iso4217"),
    }
    assert not packages & slow
    late = {
        f"togglframe.{name}"
        for name in (
            "charts",
            "export",
            "reports",
            "sandbox",
            "http.cache",
            "http.send",
            "cli",
            "tables",
        )
    }
    assert not modules & late


FORGOTTEN = """
import gc, togglframe
ws = togglframe.demo(scale=1)
togglframe.filters.clients(ws)
del ws
gc.collect()
print([kept for kept in gc.get_objects() if type(kept).__name__ == "Client"])
"""


def test_the_first_workspace_of_a_process_is_collected_like_any_other():
    # Slow: it takes a process that has imported nothing yet.
    script = [sys.executable, "-c", FORGOTTEN]
    assert subprocess.run(script, check=True, capture_output=True).stdout.strip() == b"[]"


@pytest.mark.parametrize("scale", ["a", 1.5, None, True])
def test_a_demo_of_an_impossible_scale_is_refused(scale):
    with pytest.raises(TypeError, match="scale must be an integer, not"):
        togglframe.demo(scale=scale)


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("use", "comes"),
    [
        ("togglframe.charts.budget_bullet", "togglframe.charts"),
        ("togglframe.export.to_csv", "togglframe.export"),
        ("togglframe.reports.project_audit", "togglframe.reports"),
        ("togglframe.sandbox.Sandbox", "togglframe.sandbox"),
    ],
)
def test_what_is_late_comes_when_it_is_used(use, comes):
    assert comes in added_by(f"import togglframe; {use}")[1]
