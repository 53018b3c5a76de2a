"""What every join has in common, over all that the module declares."""

import numpy as np
import pandas as pd
import pytest
from joins_all import ARGUMENTS, agency, table_of

from togglframe import joins
from togglframe.errors import ConfigError

every_join = pytest.mark.parametrize("name", joins.__all__)


def test_every_join_is_tested_here():
    assert sorted(ARGUMENTS) == sorted(joins.__all__)


def call(name, change=lambda frame: frame):
    frames = agency()
    return getattr(joins, name)(*(change(frames[argument]) for argument in ARGUMENTS[name]))


def place(row, table):
    """Return what a row is ordered by: its rank from the largest, then its key, NA last."""
    key = table.order or table.fitting(list(row)).key
    falling = [(pd.isna(row[n]), 0 if pd.isna(row[n]) else -row[n]) for n in table.rank]
    rising = [(pd.isna(row[n]), 0 if pd.isna(row[n]) else row[n]) for n in key]
    return falling + rising


@pytest.mark.parametrize(
    "name", [name for name in joins.__all__ if name not in {"audit", "entry_audit"}]
)
def test_the_rows_are_in_the_order_that_the_table_declares(name):
    shuffled = call(name, lambda frame: frame.sample(frac=1, random_state=7))
    rows = shuffled.to_dict("records")
    assert rows == sorted(rows, key=lambda row: place(row, table_of(name)))
    pd.testing.assert_frame_equal(shuffled, call(name))


@every_join
def test_numpy_that_raises_at_everything_changes_nothing(name):
    with np.errstate(all="raise"):
        careful = call(name)
    pd.testing.assert_frame_equal(careful, call(name))


@every_join
def test_frames_backed_by_arrow_make_the_same_frame(name):
    pytest.importorskip("pyarrow")
    arrow = call(name, lambda frame: frame.convert_dtypes(dtype_backend="pyarrow"))
    pd.testing.assert_frame_equal(arrow, call(name))


@every_join
def test_objects_make_the_same_frame(name):
    def objects(frame):
        states = frame.select_dtypes(["category", "datetimetz"]).columns
        return frame.astype(dict.fromkeys(frame.columns.difference(states), "object"))

    pd.testing.assert_frame_equal(call(name, objects), call(name))


@every_join
def test_text_that_is_not_inferred_changes_nothing(name):
    expected = call(name)
    with (
        pytest.warns(DeprecationWarning, match="infer_string"),
        pd.option_context("future.infer_string", False),
    ):
        plain = call(name)
    pd.testing.assert_frame_equal(plain, expected, check_column_type=False)


@every_join
def test_an_index_named_as_a_column_changes_nothing(name):
    def indexed(frame):
        return frame.set_index(frame.columns[0], drop=False)

    pd.testing.assert_frame_equal(call(name, indexed), call(name))


@every_join
def test_a_column_that_stands_twice_is_named(name):
    with pytest.raises(ConfigError, match="more than one column of the same name"):
        call(name, lambda frame: pd.concat([frame, frame], axis=1))


@every_join
def test_a_column_of_something_else_is_named(name):
    with pytest.raises(ConfigError, match=r"column '\w+' of the \w+ frame is"):
        call(name, lambda frame: frame.assign(**{frame.columns[0]: 0.5}))
