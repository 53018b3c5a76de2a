"""What every join has in common, over all that the module declares."""

from contextlib import contextmanager, nullcontext
from functools import cache
from io import StringIO

import joins
import numpy as np
import pandas as pd
import pytest
from joins_all import ARGUMENTS, given, table_of

from togglframe.errors import ConfigError

every_join = pytest.mark.parametrize("name", joins.NAMES)


def test_every_join_is_tested_here():
    assert sorted(ARGUMENTS) == sorted(joins.NAMES)


frames = cache(given)


def call(name, change=pd.DataFrame.copy):
    return getattr(joins, name)(*(change(frames()[argument]) for argument in ARGUMENTS[name]))


@cache
def plain(name):
    """Return what others are compared with; numpy that raises at everything lets it pass."""
    frames()
    with np.errstate(all="raise"):
        return call(name)


def place(row, table):
    """Return what a row is ordered by: its rank from the largest, then its key, NA last."""
    key = table.order or table.fitting(list(row)).key
    falling = [(pd.isna(row[n]), 0 if pd.isna(row[n]) else -row[n]) for n in table.rank]
    rising = [(pd.isna(row[n]), 0 if pd.isna(row[n]) else row[n]) for n in key]
    return falling + rising


# Slow, as it is the first to ask for what every join makes.
def test_the_rows_are_in_the_order_that_the_table_declares(subtests):
    for name in joins.NAMES:
        if name not in {"audit", "entry_audit"}:
            with subtests.test(name):
                rows = plain(name).to_dict("records")
                assert rows == sorted(rows, key=lambda row, name=name: place(row, table_of(name)))


# --- what changes nothing -----------------------------------------------------------------------


def shuffled(frame):
    return frame.sample(frac=1, random_state=7)


def indexed(frame):
    return frame.set_index(frame.columns[0], drop=False)


def of_arrow(frame):
    pytest.importorskip("pyarrow")
    return frame.convert_dtypes(dtype_backend="pyarrow")


def of_objects(frame):
    states = frame.select_dtypes(["category", "datetimetz"]).columns
    return frame.astype(dict.fromkeys(frame.columns.difference(states), "object"))


def of_csv(frame):
    """Read what pandas writes as CSV: ids as floats, states and days as text."""
    is_kept = frame.dtypes.map(
        lambda dtype: dtype.kind == "m" or dtype.name.endswith(("UTC]", "object"))
    )
    kept = frame.loc[:, is_kept].reset_index(drop=True)
    text = StringIO(frame.drop(columns=kept.columns).to_csv(index=False))
    return pd.read_csv(text, keep_default_na=False, na_values=[""]).join(kept)


@contextmanager
def text_that_is_not_inferred():
    with (
        pytest.warns(DeprecationWarning, match="infer_string"),
        pd.option_context("future.infer_string", False),
    ):
        yield


@every_join
def test_what_means_the_same_makes_the_same_frame(name):
    """Each manner of the following test is tried here too, but several at once."""
    arrow = call(name, lambda frame: of_arrow(indexed(shuffled(frame))))
    pd.testing.assert_frame_equal(arrow, plain(name))
    pd.testing.assert_frame_equal(call(name, of_csv), plain(name))
    with text_that_is_not_inferred():
        objects = call(name, of_objects)
    pd.testing.assert_frame_equal(objects, plain(name), check_column_type=False)


@pytest.mark.nightly
@every_join
@pytest.mark.parametrize(
    ("manner", "change"),
    [
        *((nullcontext, change) for change in (shuffled, indexed, of_arrow, of_objects)),
        (text_that_is_not_inferred, pd.DataFrame.copy),
    ],
    ids=lambda part: part.__name__,
)
def test_what_means_the_same_makes_the_same_frame_alone_too(manner, change, name):
    with manner():
        made = call(name, change)
    is_named_alike = manner is not text_that_is_not_inferred
    pd.testing.assert_frame_equal(made, plain(name), check_column_type=is_named_alike)


# --- what is refused ----------------------------------------------------------------------------


def test_a_column_that_stands_twice_is_named(subtests):
    for name in joins.NAMES:
        with (
            subtests.test(name),
            pytest.raises(ConfigError, match="more than one column of the same name"),
        ):
            call(name, lambda frame: pd.concat([frame, frame], axis=1))


def test_a_column_of_something_else_is_named(subtests):
    for name in joins.NAMES:
        with (
            subtests.test(name),
            pytest.raises(ConfigError, match=r"column '\w+' of the \w+ frame is"),
        ):
            call(name, lambda frame: frame.assign(**{frame.columns[0]: 0.5}))
