"""Workdays, and the limits and capacities [h] that people's time is compared with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import numpy as np
import numpy.typing as npt

from togglframe.api.dates import Day, day
from togglframe.api.parameters import id_list
from togglframe.errors import ConfigError
from togglframe.tables import MS_PER_HOUR

WORKDAYS_A_WEEK: Final = 5
_MOST_HOURS: Final = 10**9  # more, or infinity, is no plausible number of hours
_WORKDAYS: Final = "1111100"
_ALL_DAYS: Final = "1111111"

Days = npt.NDArray[np.datetime64]
Capacity = float | Mapping[int, float]


def holiday_days(holidays: Iterable[Day]) -> Days:
    """Return holidays as days.

    Raises
    ------
    TypeError, ConfigError
        If they are not an iterable, or one of them is not a day.
    """
    if isinstance(holidays, str) or not isinstance(holidays, Iterable):
        raise TypeError(f"holidays must be an iterable of days, such as a list, not {holidays!r}")
    return np.array([day("a holiday", one) for one in holidays], "datetime64[D]")


def are_workdays(days: Days, holidays: Days, *, workdays_only: bool = True) -> npt.NDArray[np.bool]:
    """Return which days are workdays: Monday to Friday, except holidays.

    Without `workdays_only`, Saturdays and Sundays count too.
    """
    week = _WORKDAYS if workdays_only else _ALL_DAYS
    return np.is_busday(days.astype("datetime64[D]"), weekmask=week, holidays=holidays)


def limit_ms(name: str, hours: object) -> int:
    """Return a limit in hours as whole milliseconds [ms].

    Raises
    ------
    TypeError, ConfigError
        If it is not a number, or is negative.
    """
    return round(_hours(name, hours) * MS_PER_HOUR)


def checked_capacity(capacity: object) -> Capacity:
    """Return the hours per week, for everybody or by user id.

    Raises
    ------
    TypeError, ConfigError
        If it is neither, or if hours are not a number or are negative.
    """
    if not isinstance(capacity, Mapping):
        return _hours("capacity", capacity)
    ids = id_list("the keys of capacity", list(capacity))
    hours = (_hours(f"capacity of user {user}", given) for user, given in capacity.items())
    return dict(zip(ids, hours, strict=True))


def _hours(name: str, given: object) -> float:
    is_number = isinstance(given, int | float | np.integer | np.floating)
    if isinstance(given, bool) or not is_number:
        raise TypeError(f"{name} must be a number of hours, not {given!r}")
    if not 0 <= given < _MOST_HOURS:  # type: ignore[operator]
        raise ConfigError(f"{name} must be a number of hours, 0 or more, not {given!r}")
    return float(given)  # type: ignore[arg-type]
