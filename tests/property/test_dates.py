"""A range of days, cut into windows: nothing twice, nothing left out, none too long."""

import datetime as dt
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from togglframe.api.dates import day, windows
from togglframe.errors import ConfigError

days = st.dates(dt.date(2006, 1, 1), dt.date(2030, 1, 1))


@given(days, st.integers(0, 2_000), st.integers(31, 400), st.sampled_from(["day", "week", "month"]))
def test_windows_cover_every_day_once(start, length, most, unit):
    end = start + dt.timedelta(days=length)
    cut = list(windows(start, end, most_days=most, unit=unit))
    covered = [d for first, last in cut for d in pd.date_range(first, last)]
    assert covered == list(pd.date_range(start, end))
    assert all((last - first).days < most for first, last in cut)


@given(days, st.integers(0, 2_000))
def test_windows_hold_whole_weeks_and_whole_months(start, length):
    end = start + dt.timedelta(days=length)
    for first, _ in list(windows(start, end, most_days=365, unit="week"))[1:]:
        assert (first - start).days % 7 == 0
    months = list(windows(start, end, most_days=365, unit="month"))
    for first, last in months:
        assert first.day == 1 or (first, last.month) == (start, start.month)
    for (_, last), (first, _) in pairwise(months):
        assert first.day == 1
        assert last.month != first.month


@given(days)
def test_a_day_is_a_day_however_it_is_given(date):
    noon = dt.datetime.combine(date, dt.time(12), dt.UTC)
    for value in (date, str(date), noon, pd.Timestamp(noon), pd.Timestamp(date)):
        assert day("start_date", value) == date


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("2026-13-01", ConfigError),
        ("2026-1-1", ConfigError),
        ("20260101", ConfigError),
        ("2026-W43-1", ConfigError),
        ("1.10.2026", ConfigError),
        ("", ConfigError),
        (pd.NaT, ConfigError),
        (20_261_001, TypeError),
        (None, TypeError),
    ],
)
def test_what_is_no_day_is_named(value, error):
    with pytest.raises(error, match=r"^start_date (must be |is missing )"):
        day("start_date", value)
