"""Whatever a frame holds, pandas reads it back from a Parquet file the same."""

import numpy as np
import pandas as pd
import pytest
from export_data import ALL_TABLES, HOSTILE, VALUES, assert_same, frames
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.api import types

from togglframe.export import to_csv, to_parquet
from togglframe.export.guard import guard
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


def with_lists(frame):
    """Return a frame with its arrays as lists again."""
    columns = {
        name: pd.Series(
            [v.tolist() if isinstance(v, np.ndarray) else pd.NA for v in frame[name]],
            index=frame.index,
            dtype=object,
        )
        for name in frame
        if types.is_object_dtype(frame[name].dtype)
    }
    return frame.assign(**columns)


@every_table
@few
@given(data=st.data())
def test_parquet_keeps_every_value_and_dtype(tmp_path_factory, table, data):
    frame = data.draw(frames([table]).filter(len))
    path = tmp_path_factory.mktemp("parquet") / "frame.parquet"
    assert_same(with_lists(pd.read_parquet(to_parquet(frame, path))), frame)


@every_table
@few
@given(data=st.data(), dialect=st.sampled_from(["excel", "excel-eu", "plain"]))
def test_a_csv_has_every_row(tmp_path_factory, table, data, dialect):
    frame = data.draw(frames([table]))
    path = to_csv(frame, tmp_path_factory.mktemp("csv") / "frame.csv", dialect=dialect)
    separator = ";" if dialect == "excel-eu" else ","
    read = pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False)
    assert len(read) == len(frame)


@every_table
def test_an_empty_frame_of_every_table_keeps_its_columns(tmp_path, table):
    frame = table.empty()
    back = pd.read_parquet(to_parquet(frame, tmp_path / "frame.parquet"))
    assert back.columns.tolist() == frame.columns.tolist()
    plain = [name for name in frame if not isinstance(frame[name].dtype, pd.CategoricalDtype)]
    assert back[plain].dtypes.equals(frame[plain].dtypes)


@pytest.mark.daily
@given(st.text() | st.sampled_from(HOSTILE))
def test_the_guard_can_always_be_taken_away(text):
    assert guard(text) in (text, f"'{text}")
    assert guard(text).removeprefix("'") == text
