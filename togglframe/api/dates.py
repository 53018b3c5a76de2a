"""Calendar days: what counts as one, and ranges split into windows that the API accepts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from togglframe.errors import ConfigError

Day = str | dt.date | dt.datetime | pd.Timestamp
Unit = Literal["day", "week", "month"]

_FIRST, _LAST = "2000-01-01", "2199-12-31"  # the vendor knows 2006 to 2030
YEAR: Final = 365  # the maximum number of days in one report
WEEK: Final = 7  # days


def day(name: str, value: object) -> dt.date:
    """Return a calendar day from a string YYYY-MM-DD or from anything that has a date.

    Raises
    ------
    TypeError, ConfigError
        If it is not a day.
    """
    if isinstance(value, np.datetime64) and not np.isnat(value):
        value = pd.Timestamp(value)
    if value is pd.NaT or isinstance(value, np.datetime64):
        raise ConfigError(f"{name} is missing (NaT)")
    if isinstance(value, dt.datetime):  # a Timestamp is one
        return value.date()
    if isinstance(value, dt.date):
        return value
    if not isinstance(value, str):
        raise TypeError(f"{name} must be a day, such as '2026-10-31', not {value!r}")
    try:
        parsed = dt.date.fromisoformat(value)
    except ValueError:
        parsed = None
    if parsed is None or str(parsed) != value:  # other forms of ISO 8601 are easily mistaken
        raise ConfigError(f"{name} must be a day written YYYY-MM-DD, not {value!r}")
    return parsed


def fixed_today(name: str, value: Day | None) -> dt.date | None:
    """Return the day that stands for today; None is this machine's own.

    Raises
    ------
    TypeError, ConfigError
        If it is not a day, or far from now.
    """
    if value is None:
        return None
    today = day(name, value)
    _check_near(name, str(today))
    return today


def check_range(start: str, end: str) -> None:
    """Refuse a range that ends before it starts or is far from now; both are YYYY-MM-DD."""
    _check_near("start_date", start)
    _check_near("end_date", end)
    if start > end:
        raise ConfigError(f"start_date {start} is after end_date {end}")


def _check_near(name: str, value: str) -> None:
    if not _FIRST <= value <= _LAST:
        raise ConfigError(f"{name} must be a day from {_FIRST} to {_LAST}, not {value}")


def windows(
    start: dt.date, end: dt.date, *, most_days: int, unit: Unit = "day"
) -> Iterator[tuple[dt.date, dt.date]]:
    """Split an inclusive range into inclusive windows without overlap.

    Parameters
    ----------
    start, end : date
        The first and last day of the range.
    most_days : int
        The maximum number of days in a window.
    unit : {"day", "week", "month"}
        The unit that windows hold whole: weeks counted from the first day, or calendar months. The
        days after the last whole week, and a month that the start of the range cuts, are a window
        of their own, so that the number of periods shows how the API counts them.
    """
    while start <= end:
        last = min(end, _last_of_window(start, end, most_days, unit))
        yield start, last
        start = last + dt.timedelta(days=1)


def _last_of_window(start: dt.date, end: dt.date, most_days: int, unit: Unit) -> dt.date:
    if unit == "month":
        first = pd.Timestamp(start)
        days = most_days if start.day == 1 else first.days_in_month - start.day + 1
        beyond = (first + pd.Timedelta(days=days)).to_period("M")
        return beyond.start_time.date() - dt.timedelta(days=1)
    days = min(most_days, (end - start).days + 1)
    if unit == "week":
        days = days - days % WEEK or days
    return start + dt.timedelta(days=days - 1)


@dataclass(frozen=True, kw_only=True)
class Windows:
    """How a range that is longer than the API accepts is split.

    Parameters
    ----------
    most_days : int
        The maximum number of days in one request.
    unit : {"day", "week", "month"}
        The unit that windows hold whole.
    unit_by : str, optional
        The parameter that names the unit, if there is one.
    are_whole : bool
        Whether the last window is requested whole too, since the API answers no other length.
    """

    most_days: int = YEAR
    unit: Unit = "day"
    unit_by: str | None = None
    are_whole: bool = False

    def cut(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """Return a body for each window."""
        days = (dt.date.fromisoformat(body[name]) for name in ("start_date", "end_date"))
        unit: Unit = body.get(self.unit_by or "", self.unit)
        return [
            {**body, "start_date": first.isoformat(), "end_date": self._last(first, last)}
            for first, last in windows(*days, most_days=self.most_days, unit=unit)
        ]

    def _last(self, first: dt.date, last: dt.date) -> str:
        if self.are_whole:
            last = first + dt.timedelta(self.most_days - 1)
        return last.isoformat()
