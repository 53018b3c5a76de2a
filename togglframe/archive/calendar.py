"""Calendar months, named by strings such as 2026-10."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from togglframe.api.dates import YEAR, windows


def first_day(month: str) -> dt.date:
    """Return the first day of a month."""
    return dt.date.fromisoformat(f"{month}-01")


def last_day(month: str) -> dt.date:
    """Return the last day of a month."""
    return pd.Period(month, "M").end_time.date()


def months_between(start: dt.date, end: dt.date) -> list[str]:
    """Return the months of a range, including those that it covers only in part."""
    return [str(month) for month in pd.period_range(start, end, freq="M")]


def in_windows(months: Sequence[str]) -> list[list[str]]:
    """Split adjacent months into as few windows as possible, each short enough for one request."""
    days = first_day(months[0]), last_day(months[-1])
    return [months_between(*window) for window in windows(*days, most_days=YEAR, unit="month")]
