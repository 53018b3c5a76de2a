"""Two ranges of a report over random time entries: nothing is lost, and every change adds up."""

import datetime as dt

import pandas as pd
import pytest
from entries_data import frame_of, projects, rows
from examples import times
from hypothesis import given
from hypothesis import strategies as st

import togglframe as tf
from togglframe.reports._entries import GROUPS
from togglframe.tables import MS_PER_HOUR

BY = st.lists(st.sampled_from(GROUPS), unique=True, max_size=3)
AFTER_ALL = dt.date(2027, 1, 1)
PERIODS = st.sampled_from(["2026-03", "2026-03-08", "2026-10..2026-11", "2024", "2026", "2026-W13"])


@pytest.fixture(autouse=True, scope="module")
def today():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("togglframe.clock.today", lambda: AFTER_ALL)
        yield


def whole(values, unit):
    """Return the sum of the known values in whole milliseconds or cents."""
    return sum(round(value * unit) for value in values.dropna())


def cell(value):
    if isinstance(value, list):
        return tuple(value)
    return None if pd.isna(value) else value


def key_of(row, names):
    return tuple(cell(row[name]) for name in names)


def by_key(frame, names, measure, unit):
    return {
        key_of(row, names): None if pd.isna(row[measure]) else round(row[measure] * unit)
        for row in frame.to_dict("records")
    }


@times(1 / 3)
@given(rows(), BY, PERIODS, PERIODS, st.sampled_from(["hours", "earnings", "invoice_lines"]))
def test_every_group_has_its_value_of_both_ranges(entries, by, period, before, name):
    sources = {"time_entries": frame_of(entries), "projects": projects()}
    by = [one for one in by if name != "invoice_lines" or one not in ("client", "billable")]
    change = tf.reports.compare(sources, name, period=period, before=before, by=by)
    report = getattr(tf.reports, name)
    measures = {"amount": 100, "tracked_hours": MS_PER_HOUR, "billable_hours": MS_PER_HOUR}
    keys = [one for one in change if one in ("currency", "hourly_rate", "billable", "description")]
    keys += [one for one in change if one.endswith("_id") or one == "tags"]
    assert len({key_of(row, keys) for row in change.to_dict("records")}) == len(change)
    for measure, unit in measures.items():
        if measure not in change:
            continue
        for days, column in ((period, measure), (before, f"{measure}_before")):
            alone = by_key(report(sources, period=days, by=by), keys, measure, unit)
            both = by_key(change, keys, column, unit)
            assert {key: both.pop(key) for key in alone} == alone
            assert set(both.values()) <= {0}  # of the other range alone
        now, earlier, differs = (change[f"{measure}{when}"] for when in ("", "_before", "_change"))
        both_known = now.notna() & earlier.notna()
        assert (differs.notna() == both_known).all()
        assert whole(differs, unit) == whole(now[both_known], unit) - whole(
            earlier[both_known], unit
        )
