"""Periods in words and in ISO 8601, as Python, the command line and documents take them."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from togglframe.errors import ConfigError
from togglframe.reports.periods import WORDS, DayRange, parse_period

TODAY = dt.date(2026, 11, 26)  # a Thursday

RANGES = {
    "2026-10-05": ("2026-10-05", "2026-10-05"),
    "2026-W43": ("2026-10-19", "2026-10-25"),
    "2026-w1": ("2025-12-29", "2026-01-04"),
    "2026-10": ("2026-10-01", "2026-10-31"),
    "2026-Q3": ("2026-07-01", "2026-09-30"),
    "2026Q3": ("2026-07-01", "2026-09-30"),
    "2026": ("2026-01-01", "2026-12-31"),
    "2026-06..2026-11": ("2026-06-01", "2026-11-30"),
    " 2026-W01 .. 2026-W02 ": ("2025-12-29", "2026-01-11"),
    "2025..2026": ("2025-01-01", "2026-12-31"),
    "today": ("2026-11-26", "2026-11-26"),
    "Yesterday": ("2026-11-25", "2026-11-25"),
    "this-week": ("2026-11-23", "2026-11-26"),
    "last week": ("2026-11-16", "2026-11-22"),
    "THIS_MONTH": ("2026-11-01", "2026-11-26"),
    "last-month": ("2026-10-01", "2026-10-31"),
    "this-quarter": ("2026-10-01", "2026-11-26"),
    "last-quarter": ("2026-07-01", "2026-09-30"),
    "this-year": ("2026-01-01", "2026-11-26"),
    "last-year": ("2025-01-01", "2025-12-31"),
    "last-7-days": ("2026-11-19", "2026-11-25"),
    "last-1-day": ("2026-11-25", "2026-11-25"),
    "last-4-weeks": ("2026-10-26", "2026-11-22"),
    "last 6 months": ("2026-05-01", "2026-10-31"),
    "last-2-quarters": ("2026-04-01", "2026-09-30"),
    "last-3-years": ("2023-01-01", "2025-12-31"),
}
OBJECTS = [
    (dt.date(2026, 10, 5), ("2026-10-05", "2026-10-05")),
    (pd.Timestamp("2026-10-05 17:00"), ("2026-10-05", "2026-10-05")),
    (np.datetime64("2026-10-05"), ("2026-10-05", "2026-10-05")),
    (np.datetime64("2026-10"), ("2026-10-01", "2026-10-31")),
    (np.datetime64("2026"), ("2026-01-01", "2026-12-31")),
    (pd.Period("2026-10", "M"), ("2026-10-01", "2026-10-31")),
    (pd.Period("2026-09", "2M"), ("2026-09-01", "2026-10-31")),
    (pd.Period("2026Q3", "Q"), ("2026-07-01", "2026-09-30")),
    (pd.Period("2026-10-21", "W-WED"), ("2026-10-15", "2026-10-21")),
    (pd.Period("2026-10-05 07:00", "h"), ("2026-10-05", "2026-10-05")),
]


def days(period, today=TODAY):
    found = parse_period(period, today)
    return str(found.start), str(found.end)


def test_every_form_is_a_range_of_days(subtests):
    for period, wanted in [*RANGES.items(), *OBJECTS]:
        with subtests.test(repr(period)):
            assert days(period) == wanted


def test_every_word_is_parsed():
    assert all(parse_period(word, TODAY) for word in WORDS)


WRONG = {
    "las-month": "did you mean last-month",
    "October 2026": "did you mean 2026-10",
    "2026/10": "did you mean 2026-10",
    "2026-13": r"there is no period '2026-13': month must be .* A period is a day",
    "2026-W54": "there is no period '2026-W54': Invalid week: 54",
    "2026-Q5": "there is no period '2026-Q5'",
    "2026-02-30": "there is no period '2026-02-30'",
    "October": r"a month \(2026-10\)",
    "": r"there is no period ''. A period is a day \(2026-10-05\)",
    "2026-06..2026-W30": "goes from a month to a week; a span has two of one kind",
    "2026-11..2026-06": "ends before it starts",
    "2026-06..": "there is no period '2026-06..'",
    "last-0-days": "has no days",
    "last-99999-years": "too far from now",
    "1999": "period '1999': start_date must be a day from 2000-01-01",
}


def test_what_is_not_a_period_is_named_with_the_forms(subtests):
    for period, message in WRONG.items():
        with subtests.test(period), pytest.raises(ConfigError, match=message):
            parse_period(period, TODAY)
    with pytest.raises(ConfigError, match="a month is written as in 2026-10"):
        parse_period("2026-13", TODAY)
    for value in (202610, None, 1.5, ["2026-10"], True):
        with subtests.test(repr(value)), pytest.raises(TypeError, match="must be a string such as"):
            parse_period(value, TODAY)
    with pytest.raises(ConfigError, match="NaT"):
        parse_period(pd.NaT, TODAY)


BEFORE = {
    "2026-10": ("2026-09-01", "2026-09-30"),
    "2026-06..2026-08": ("2026-03-01", "2026-05-31"),
    "2026-W01": ("2025-12-22", "2025-12-28"),
    "2026-Q1": ("2025-10-01", "2025-12-31"),
    "2026": ("2025-01-01", "2025-12-31"),
    "last-7-days": ("2026-11-12", "2026-11-18"),
    "this-month": ("2026-10-01", "2026-10-31"),
    pd.Period("2026-09", "2M"): ("2026-07-01", "2026-08-31"),
}


def test_the_range_before_has_the_same_unit_and_length(subtests):
    for period, wanted in BEFORE.items():
        with subtests.test(str(period)):
            before = parse_period(period, TODAY).before
            assert (str(before.start), str(before.end)) == wanted
            assert before.unit == parse_period(period, TODAY).unit


@given(
    st.dates(dt.date(2002, 1, 1), dt.date(2190, 1, 1)),
    st.sampled_from(["D", "W-SUN", "M", "Q-DEC", "Y-DEC"]),
    st.integers(1, 30),
)
def test_ranges_follow_one_another_without_a_gap(today, frequency, count):
    found = parse_period(pd.Period(today, frequency), today)
    assert found.start <= today <= found.end
    assert found.before.end == found.start - dt.timedelta(days=1)
    assert found.before.unit == found.unit
    if found.start.year > 2100:
        unit = {"D": "days", "W-SUN": "weeks", "M": "months", "Q-DEC": "quarters", "Y-DEC": "years"}
        few = parse_period(f"last-{count}-{unit[frequency]}", today)
        assert few.end == found.start - dt.timedelta(days=1)
        assert DayRange(few.start, few.end, few.unit).before.end < few.start
