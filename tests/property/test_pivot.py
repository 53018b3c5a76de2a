"""Wide tables of hours over random time entries: every hour is in one cell."""

import numpy as np
import pandas as pd
import pytest
from entries_data import frame_of, projects, rows
from examples import times
from hypothesis import given
from hypothesis import strategies as st

import togglframe as tf

BY = st.lists(
    st.sampled_from(["user", "project", "client", "task", "billable", "tags", "description"]),
    unique=True,
    min_size=1,
    max_size=3,
)
EVERY = st.sampled_from(["day", "week", "month"])


@times(1 / 3)
@given(rows(), BY, EVERY, st.data())
def test_every_hour_is_in_one_cell(entries, by, every, data):
    sources = {"time_entries": frame_of(entries), "projects": projects()}
    frame = tf.reports.hours(sources, by=by, every=every)
    index = data.draw(st.lists(st.sampled_from(by), unique=True, min_size=1))
    wide = tf.pivot(frame, index)
    cells = wide.drop(columns=index)
    whole = frame["tracked_time"].sum() / pd.Timedelta(hours=1)
    assert cells["Total"].iloc[-1] == pytest.approx(whole, abs=1e-9)
    inner = cells.iloc[:-1, :-1].astype(float)
    assert np.allclose(inner.sum(axis=1), cells["Total"].iloc[:-1].astype(float))
    assert np.allclose(inner.sum(), cells.iloc[-1, :-1].astype(float))
    keys = [f"{name}_id" if f"{name}_id" in frame else name for name in index]
    groups = frame[keys].map(lambda value: tuple(value) if isinstance(value, list) else value)
    assert len(wide) - 1 == len(groups.drop_duplicates())
    assert list(cells)[:-1] == sorted(set(cells) - {"Total"})
