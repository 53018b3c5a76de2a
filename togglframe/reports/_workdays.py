"""Workdays, and the limits and capacities [h] that people's time is compared with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.api.dates import Day, day
from togglframe.reports._dated import DAYS_A_WEEK, Dated, are_dated, hours_of, number_of_hours
from togglframe.tables import MS_PER_HOUR

WORKDAYS_A_WEEK: Final = 5

Days = npt.NDArray[np.datetime64]
Hours = float | Sequence[float]  # a week, or each of its days from Monday on
Capacity = Hours | Mapping[Any, Hours] | pd.Series
Schedule = Capacity | pd.DataFrame
Holidays = Iterable[Day] | Mapping[Any, Iterable[Day]]


def checked_holidays(holidays: object) -> dict[Any, list[Any]]:
    """Return the holidays of each user, and those of all others by None.

    Raises
    ------
    TypeError, ConfigError
        If they are not an iterable, or one of them is not a day.
    """
    by_user = holidays if isinstance(holidays, Mapping) else {None: holidays}
    return {user: _days(days) for user, days in by_user.items()}


def _days(holidays: object) -> list[Any]:
    if isinstance(holidays, str) or not isinstance(holidays, Iterable):
        raise TypeError(f"holidays must be an iterable of days, such as a list, not {holidays!r}")
    return [day("a holiday", one) for one in holidays]


def are_holidays(
    days: Days, user_ids: pd.Series[Any], holidays: Mapping[Any, list[Any]]
) -> npt.NDArray[np.bool]:
    """Return which days are holidays of their users; own ones replace those of all others."""
    are_free = np.isin(days, _as_days(holidays.get(None, [])))
    for user, own in holidays.items():
        if user is not None:
            are_theirs = (user_ids == user).to_numpy(bool, na_value=False)
            are_free[are_theirs] = np.isin(days[are_theirs], _as_days(own))
    return are_free


def weekdays(days: Days) -> pd.Index[int]:
    """Return the weekday of each day, 0 for Monday."""
    return pd.DatetimeIndex(days).day_of_week


def _as_days(holidays: list[Any]) -> Days:
    return np.array(holidays, "datetime64[D]")


def limit_ms(name: str, hours: object) -> int:
    """Return a limit in hours as whole milliseconds [ms].

    Raises
    ------
    TypeError, ConfigError
        If it is not a number, or is negative.
    """
    return round(number_of_hours(name, hours) * MS_PER_HOUR)


def checked_capacity(capacity: object, name: str = "capacity") -> dict[Any, Any]:
    """Return the hours of each user, and those of all others by None.

    Raises
    ------
    TypeError, ConfigError
        If hours are neither a number nor seven, negative, or more than a week or a day has.
    """
    if not isinstance(capacity, Mapping):
        return {None: hours_of(name, capacity)}
    return {
        user: hours if are_dated(hours) else hours_of(_of_user(name, user), hours)
        for user, hours in capacity.items()
    }


def _of_user(name: str, user: object) -> str:
    return f"{name} of all others" if user is None else f"{name} of user {user}"


def scheduled(days: Days, hours: Hours | Sequence[Dated] | None) -> npt.NDArray[np.float64]:
    """Return the time of each day [ms]; of several that hold, that with the latest first day.

    Hours a week are those of Monday to Friday in equal parts. Days on which none of several hold
    have no hours; without hours, they are unknown, NaN.
    """
    if hours is None:
        return np.full(len(days), np.nan)
    if not are_dated(hours):
        return _week(hours)[weekdays(days)]
    time = np.zeros(len(days))
    for one in sorted(hours, key=lambda one: one.start or dt.date.min):
        first, last = np.array([one.start, one.end], "datetime64[D]")
        holds = np.ones(len(days), bool)
        if one.start is not None:
            holds &= days >= first
        if one.end is not None:
            holds &= days <= last
        time[holds] = _week(one.hours)[weekdays(days[holds])]
    return time


def _week(hours: Any) -> npt.NDArray[np.float64]:
    week = hours
    if not isinstance(hours, Sequence):
        weekend = [0] * (DAYS_A_WEEK - WORKDAYS_A_WEEK)
        week = [hours / WORKDAYS_A_WEEK] * WORKDAYS_A_WEEK + weekend
    return np.array(week, "float64") * MS_PER_HOUR
