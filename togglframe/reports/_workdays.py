"""Workdays, and the limits and capacities [h] that people's time is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.api.dates import Day, day
from togglframe.errors import ConfigError
from togglframe.tables import MS_PER_HOUR

WORKDAYS_A_WEEK: Final = 5
_DAYS_A_WEEK: Final = 7
_MOST_HOURS: Final = 10**9  # more, or infinity, is no plausible number of hours
_EPOCH_WEEKDAY: Final = 3  # 1970-01-01 was a Thursday

Days = npt.NDArray[np.datetime64]
Hours = float | Sequence[float]  # a week, or each of its days from Monday on
Capacity = Hours | Mapping[Any, Hours] | pd.Series
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
    found = np.isin(days, _as_days(holidays.get(None, [])))
    for user, own in holidays.items():
        if user is not None:
            are_theirs = (user_ids == user).to_numpy(bool, na_value=False)
            found[are_theirs] = np.isin(days[are_theirs], _as_days(own))
    return found


def weekdays(days: Days) -> npt.NDArray[np.int64]:
    """Return the weekday of each day, 0 for Monday."""
    return (days.astype("datetime64[D]").view("int64") + _EPOCH_WEEKDAY) % _DAYS_A_WEEK


def work(
    days: Days, codes: npt.NDArray[Any], n_periods: int, hours: Hours | None, holidays: list[Any]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the workdays and the capacity [h] in each period, whose code each day has.

    Hours a week are those of Monday to Friday in equal parts; without hours, capacity is NaN.
    """
    worked = ~np.isin(days, _as_days(holidays))
    counts = np.zeros((n_periods, _DAYS_A_WEEK), "int64")
    np.add.at(counts, (codes[worked], weekdays(days)[worked]), 1)
    if isinstance(hours, Sequence):
        week = np.array(hours)
        return counts[:, week > 0].sum(axis=1), counts @ week
    n_workdays = counts[:, :WORKDAYS_A_WEEK].sum(axis=1)
    return n_workdays, (np.nan if hours is None else hours) * n_workdays / WORKDAYS_A_WEEK


def _as_days(holidays: list[Any]) -> Days:
    return np.array(holidays, "datetime64[D]")


def limit_ms(name: str, hours: object) -> int:
    """Return a limit in hours as whole milliseconds [ms].

    Raises
    ------
    TypeError, ConfigError
        If it is not a number, or is negative.
    """
    return round(_hours(name, hours) * MS_PER_HOUR)


def checked_capacity(capacity: object) -> dict[Any, Hours]:
    """Return the hours of each user, and those of all others by None.

    Raises
    ------
    TypeError, ConfigError
        If hours are neither a number nor seven, or are negative.
    """
    if not isinstance(capacity, Mapping):
        return {None: _capacity("capacity", capacity)}
    return {user: _capacity(_of_user(user), hours) for user, hours in capacity.items()}


def _of_user(user: object) -> str:
    return "capacity of all others" if user is None else f"capacity of user {user}"


def _capacity(name: str, given: object) -> Hours:
    if not isinstance(given, list | tuple | np.ndarray):
        return _hours(name, given)
    if len(given) != _DAYS_A_WEEK:
        raise ConfigError(
            f"{name} must be the hours of a week, or of its seven days from Monday on, not "
            f"{len(given)} numbers"
        )
    return tuple(_hours(name, hours) for hours in given)


def _hours(name: str, given: object) -> float:
    is_number = isinstance(given, int | float | np.integer | np.floating)
    if isinstance(given, bool) or not is_number:
        raise TypeError(f"{name} must be a number of hours, not {given!r}")
    if not 0 <= given < _MOST_HOURS:  # type: ignore[operator]
        raise ConfigError(f"{name} must be a number of hours, 0 or more, not {given!r}")
    return float(given)  # type: ignore[arg-type]
