"""Whatever a frame holds, it comes back from a file the same."""

import pytest
from export_data import ALL_TABLES, HOSTILE, VALUES, assert_same, frames
from hypothesis import given, settings
from hypothesis import strategies as st

from togglframe.export import read_csv, read_parquet, to_csv, to_parquet
from togglframe.export.guard import guard, unguard
from togglframe.tables import Kind

pytestmark = pytest.mark.nightly

DAILY = {"project_budget", "entries", "tasks"}
every_table = pytest.mark.parametrize(
    "table",
    [
        pytest.param(table, id=table.name, marks=pytest.mark.daily if table.name in DAILY else ())
        for table in ALL_TABLES
    ],
)
few = settings(max_examples=settings().max_examples // 3)  # of each table


@pytest.mark.daily
def test_every_kind_of_column_is_drawn():
    assert VALUES.keys() == set(Kind) - {Kind.STATE}  # whose values are its categories
    assert {column.kind for table in ALL_TABLES for column in table} == set(Kind)


@every_table
@few
@given(data=st.data(), dialect=st.sampled_from(["excel", "excel-eu", "plain"]), safe=st.booleans())
def test_csv_gives_back_exactly_what_it_was_given(tmp_path_factory, table, data, dialect, safe):
    frame = data.draw(frames([table]))
    path = tmp_path_factory.mktemp("csv") / "frame.csv"
    to_csv(frame, path, dialect=dialect, safe=safe)
    assert_same(read_csv(path), frame)


@every_table
@few
@given(data=st.data())
def test_parquet_gives_back_exactly_what_it_was_given(tmp_path_factory, table, data):
    frame = data.draw(frames([table]))
    path = tmp_path_factory.mktemp("parquet") / "frame.parquet"
    to_parquet(frame, path)
    assert_same(read_parquet(path), frame)


@every_table
def test_an_empty_frame_of_every_table_keeps_its_dtypes(tmp_path, table):
    frame = table.empty()
    assert_same(read_csv(to_csv(frame, tmp_path / "frame.csv")), frame)
    assert_same(read_parquet(to_parquet(frame, tmp_path / "frame.parquet")), frame)


@pytest.mark.daily
@given(st.text() | st.sampled_from(HOSTILE))
def test_the_guard_can_always_be_taken_away(text):
    assert unguard(guard(text)) == text
