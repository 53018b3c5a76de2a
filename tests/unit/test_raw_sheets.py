"""Which fields the raw sheets of a workbook hold."""

from zipfile import ZipFile

import pytest
from vendor import Behaviour

import togglframe as tf

RAW = ("projects", "statuses", "clients", "tasks", "project users", "users")


@pytest.mark.parametrize(
    "column",
    ["client_id", *(pytest.param(name, marks=pytest.mark.nightly) for name in ("id", None))],
)
def test_only_the_workbook_of_a_whole_workspace_holds_fields_that_no_table_declares(
    column, make_sandbox, make_workspace, tmp_path
):
    ws = make_workspace(make_sandbox(3, behaviour=Behaviour(extra_fields=True)), cache="memory")
    ids = tf.filters.projects(ws)[column].dropna()[:1] if column else None
    book = tf.export.to_excel(
        ws,
        tmp_path / "raw.xlsx",
        sheets=[f"Raw {name}" for name in RAW],
        rates=True,
        audience="team",
        **{None: {}, "id": {"projects": ids}, "client_id": {"clients": ids}}[column],
    )
    with ZipFile(book) as parts:
        words = parts.read("xl/sharedStrings.xml").decode().casefold()
    assert ("legacy" in words) == (column is None)
