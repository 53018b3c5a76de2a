"""The pages that are made of the code can be made, without building the whole documentation."""

import importlib.util
import inspect
import re
from pathlib import Path

import pytest
import specification
from endpoints import CASES

from togglframe import api, charts, reports
from togglframe.tables import TABLES

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    spec = importlib.util.spec_from_file_location("generated_pages", DOCS / "generated_pages.py")
    pages = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pages)
    docs = tmp_path_factory.mktemp("site") / "docs"
    pages.write_pages(docs)
    return docs / "reference"


def test_a_table_has_a_page_that_tells_what_is_sensitive(reference, subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            page = (reference / "tables" / f"{table.name}.md").read_text(encoding="utf-8")
            lines = [line for line in page.splitlines() if line.startswith("| `")]
            assert len(lines) == len(table.columns)
            for column, line in zip(table, lines, strict=True):
                assert line.startswith(f"| `{column.name}` |")
                assert ("Sensitive." in line) == column.is_sensitive


def test_the_endpoints_page_tells_the_cursor_of_each(reference):
    page = (reference / "endpoints" / "index.md").read_text(encoding="utf-8")
    assert "| `filters/project_users` |" in page
    assert "`start_id`" in page


def test_the_endpoints_page_has_every_path_of_the_specification_and_no_other(reference):
    page = (reference / "endpoints" / "index.md").read_text(encoding="utf-8")
    table, _, _ = page.partition("## Fields that change")
    told = re.findall(r"^\| `(.+?)` \|", table, flags=re.MULTILINE)
    expected = set()
    for path in specification.PATHS:
        for extension in ("csv", "xlsx"):
            expected.add(path.replace("{extension}", extension))
    assert set(told) == expected


def test_the_endpoints_page_names_every_function_with_its_path_and_parameters(reference, subtests):
    lines = (reference / "endpoints" / "index.md").read_text(encoding="utf-8").splitlines()
    for case in CASES:
        name = f"{case.function.__module__}.{case.function.__name__}"
        name = re.sub(r"\._\w+", "", name)  # the module of a function that is public in `api`
        with subtests.test(name):
            (line,) = (line for line in lines if f"<{name}>`" in line)
            assert f"| `{case.vendors_path}` |" in line
            assert all(f"`{parameter}`" in line for parameter in case.parameters)


def test_the_reference_has_every_public_function_and_class_of_a_module(reference, subtests):
    public = [getattr(api, name) for name in api.__all__]
    for module in [api, reports, charts, *filter(inspect.ismodule, public)]:
        with subtests.test(module.__name__):
            page = reference / "modules" / f"{module.__name__.removeprefix('togglframe.')}.md"
            members = {name for name in module.__all__ if callable(getattr(module, name))}
            assert members <= {line.strip() for line in page.read_text("utf-8").splitlines()}
