"""What every join has in common, over all that the module declares."""

import pandas as pd
import pytest
from joins_all import ARGUMENTS, agency, table_of

from togglframe import joins

every_join = pytest.mark.parametrize("name", joins.__all__)


def test_every_join_is_tested_here():
    assert sorted(ARGUMENTS) == sorted(joins.__all__)


def call(name, change=lambda frame: frame):
    frames = agency()
    return getattr(joins, name)(*(change(frames[argument]) for argument in ARGUMENTS[name]))


def place(row, table):
    """Return what a row is ordered by: its rank from the largest, then its key, NA last."""
    falling = [(pd.isna(row[n]), 0 if pd.isna(row[n]) else -row[n]) for n in table.rank]
    rising = [(pd.isna(row[n]), 0 if pd.isna(row[n]) else row[n]) for n in table.key]
    return falling + rising


@pytest.mark.parametrize("name", [name for name in joins.__all__ if name != "audit"])
def test_the_rows_are_in_the_order_that_the_table_declares(name):
    shuffled = call(name, lambda frame: frame.sample(frac=1, random_state=7))
    rows = shuffled.to_dict("records")
    assert rows == sorted(rows, key=lambda row: place(row, table_of(name)))
    pd.testing.assert_frame_equal(shuffled, call(name))
