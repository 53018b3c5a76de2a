"""Whatever characters the data holds, every part of a workbook is XML that others can read."""

import zipfile
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from export_data import read_workbook
from hypothesis import example, given
from hypothesis import strategies as st
from joins_data import frame
from openpyxl.utils.escape import unescape

from togglframe import tables
from togglframe.errors import CompletenessWarning
from togglframe.export import to_excel
from togglframe.reports import Listings
from togglframe.tables.provenance import stamp

# control characters, noncharacters, lone surrogates and all the rest
odd = st.sampled_from("\x00\x01\x07\x0b\x1f\x7f\x85\ufffe\uffff\U0001fffe\ud800\udfff\t\n\r<&>\"']")
texts = st.text(st.characters() | odd, min_size=1, max_size=8)
# what a frame of pandas can hold as text: pyarrow refuses lone surrogates
held = texts.map(lambda text: text.encode("utf-8", "replace").decode())
HOSTILE = "".join(map(chr, [*range(32), 0xFFFE, 0xFFFF])) + "]]>"


def parts_of(path):
    """Return the parsed XML of every part of the workbook."""
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: ET.fromstring(archive.read(name)) for name in archive.namelist()}


@given(cells=st.lists(texts, min_size=1, max_size=3), header=held, code=texts, guards=st.booleans())
@example(cells=[HOSTILE, "\ud800"], header=HOSTILE, code="\ud800", guards=True)
def test_any_text_in_a_frame(tmp_path_factory, cells, header, code, guards):
    path = tmp_path_factory.mktemp("xml") / "f.xlsx"
    rows = len(cells)
    frame = pd.DataFrame(
        {
            header: pd.Series(cells, dtype=object),
            "currency": pd.Series([code] * rows, dtype=object),
            "amount": [1.0] * rows,
            "tracked_hours": [1.0] * rows,
            "permissions": pd.Series([cells] * rows, dtype=object),
        }
    )
    to_excel({"Frame": frame}, path, escape_text=guards)
    parts_of(path)
    assert read_workbook(path)["Frame"].max_row > rows


@pytest.mark.parametrize("text", ["Web \x07", "\x0b", "tab\tand\nline", "\x1b[31m"])
def test_control_characters_of_a_cell_come_back(text, tmp_path):
    path = to_excel({"Frame": pd.DataFrame({"name": [text]})}, tmp_path / "f.xlsx")
    assert unescape(read_workbook(path)["Frame"]["A2"].value) == text


@pytest.mark.nightly
@given(name=held, more=held)
@example(name=HOSTILE, more=HOSTILE)
def test_any_text_in_the_workbook_of_a_workspace(tmp_path_factory, name, more):
    path = tmp_path_factory.mktemp("xml") / "f.xlsx"
    parts = {
        "projects": frame(
            tables.PROJECTS,
            {"id": 1, "name": name, "client_id": 2, "color": more, "currency": more},
            {"id": 3, "name": name, "client_id": 4, "currency": name},
        ),
        "statuses": frame(
            tables.PROJECT_STATUSES,
            *(
                {"id": i, "tracked_time": 7200, "estimated_time": 3600, "currency": c}
                for i, c in ((1, more), (3, name))
            ),
        ),
        "clients": frame(tables.CLIENTS, {"id": 2, "name": more}, {"id": 4, "name": more}),
        "tasks": frame(
            tables.TASKS,
            {"id": 5, "name": name, "project_id": 1, "project_name": more, "user_name": more},
        ),
    }
    for listing in parts.values():
        stamp(
            listing,
            workspace_id=name,
            endpoints=[more],
            fetched_at="2026-03-01T10:00:00+00:00",
            from_cache=False,
            stale=False,
            filters={name: more},
            doubts=[more],
        )
    listings = Listings(parts)
    with pytest.warns(CompletenessWarning):
        to_excel(listings, path, title=name)
    found = parts_of(path)
    assert "docProps/custom.xml" in found
    assert read_workbook(path).sheetnames[0] == "Summary"
