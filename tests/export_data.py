"""Frames with hostile values, by hand and by hypothesis, for the tests of the exports."""

from __future__ import annotations

import datetime as dt
import warnings
from functools import cache

import openpyxl
import pandas as pd
from hypothesis import strategies as st

from togglframe.tables import TABLES, Kind

HOSTILE = [
    "=1+1",
    "{=1+1}",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\x00=1+1",
    "|calc",
    "\uff1d1+1",
    '=HYPERLINK("http://example.org","x")',
    "=cmd|' /C calc'!A0",
    "http://example.org",
    "internal:Sheet1!A1",
    "'quoted",
    "''",
    "'",
    "",
    " ",
    "NA",
    "nan",
    "None",
    "TRUE",
    "007",
    "1e5",
    "1,5",
    "1;5",
    "Ünïcode 日本語 🎉",
    'say "hi"',
    '"',
    '""',
    "two\nlines",
    "two\r\nlines",
    "_x0041_",
    "<b>&amp;</b>",
    "\x07bell",
    "a]b[c",
]

ALL_TABLES = list(TABLES)

texts = st.sampled_from(HOSTILE) | st.text(max_size=12)
_ids = st.integers(-(2**63), 2**63 - 1) | st.sampled_from([2**53 + 1, 10**15 - 1, 10**15])
_floats = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([0.0, 0.1, -1.5, 1e22])
_milliseconds = st.integers(-(10**14), 10**14)
_timestamps = st.datetimes(timezones=st.just(dt.UTC))

VALUES = {
    Kind.ID: _ids,
    Kind.COUNT: _ids,
    Kind.BOOLEAN: st.booleans(),
    Kind.STRING: texts,
    Kind.DURATION: _milliseconds,
    Kind.MONEY: _floats,
    Kind.HOURS: _floats,
    Kind.RATIO: _floats,
    Kind.WEEKS: _floats,
    Kind.TIMESTAMP: _timestamps,
    Kind.NAMES: st.lists(texts, max_size=3),
    Kind.IDS: st.lists(_ids, max_size=3),
    Kind.DATE: st.dates(),
    Kind.OFFSET: _milliseconds,
    Kind.LOCAL: st.datetimes(),
}


@cache  # to make a strategy takes longer than to draw from it
def _column(column, rows):
    values = st.sampled_from(column.categories) if column.categories else VALUES[column.kind]
    missing = pd.NA if column.kind in (Kind.NAMES, Kind.IDS) else None
    chosen = st.lists(st.just(missing) | values, min_size=rows, max_size=rows)
    return chosen.map(lambda cells: _series(column, cells))


def _series(column, cells):
    if column.kind is Kind.TIMESTAMP:
        naive = [None if cell is None else cell.replace(tzinfo=None) for cell in cells]
        return pd.Series(naive, dtype="datetime64[us]").dt.tz_localize("UTC")
    return pd.Series(cells, dtype=column.dtype)


@st.composite
def frames(draw, tables=ALL_TABLES):
    """Draw a frame of one of the tables."""
    table = draw(st.sampled_from(tables))
    rows = draw(st.integers(0, 4))
    frame = pd.DataFrame({column.name: draw(_column(column, rows)) for column in table})
    frame.attrs = {"togglframe": {"workspace_id": 1, "filters": {"name": draw(texts)}}}
    return frame


def assert_same(left: pd.DataFrame, right: pd.DataFrame) -> None:
    """Assert that nothing at all differs between two frames."""
    pd.testing.assert_frame_equal(left, right, check_exact=True, check_index_type=True)
    assert left.attrs == right.attrs


def read_workbook(path, **options):
    """Open a workbook with openpyxl, which does not know data bars of 2010."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*extension is not supported", UserWarning)
        return openpyxl.load_workbook(path, **options)
