"""Hours from a day to a day, as frames of budgets, schedules and absences list them by row."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from numbers import Real
from typing import Any, Final, TypeGuard

import numpy as np
import pandas as pd

from togglframe.api.dates import day
from togglframe.api.parameters import is_missing
from togglframe.errors import ConfigError

DAYS_A_WEEK: Final = 7
_LARGEST_AMOUNT: Final = 10**12  # up to which cents are exact
_MOST_HOURS: Final = 10**9  # more, or infinity, is no plausible number of hours
_HOURS_A_DAY: Final = 24


@dataclass(frozen=True)
class Dated:
    """Hours that hold from a day to a day, both included; None is open.

    Parameters
    ----------
    hours : float, tuple of seven float, or None
        The hours [h]; None is all that are scheduled.
    start, end : date, optional
        The first and the last day.
    """

    hours: Any
    start: dt.date | None = None
    end: dt.date | None = None


def are_dated(value: object) -> TypeGuard[tuple[Dated, ...]]:
    """Tell whether these are the rows of a frame."""
    return isinstance(value, tuple) and bool(value) and isinstance(value[0], Dated)


By = dict[Any, tuple[Dated, ...]]


def budgets_in(frame: pd.DataFrame) -> By:
    """Return the budgets of a frame by ("project", name or id) or ("client", name or id)."""
    by_key: dict[Any, list[Dated]] = defaultdict(list)
    for where, row in _rows("budgets", frame, "hours", "project client from"):
        keys = [(noun, row[noun]) for noun in ("project", "client") if row[noun] is not None]
        if len(keys) != 1:
            raise ConfigError(f"{where}: a budget needs a project or a client, not both or none")
        by_key[keys[0]].append(Dated(row["hours"], row["from"]))
    return _without_repetition("budgets", by_key)


def schedules_in(frame: pd.DataFrame) -> By:
    """Return the schedules of a frame by user; those without a user are of all others."""
    by_key: dict[Any, list[Dated]] = defaultdict(list)
    for where, row in _rows("schedule", frame, "user hours", "from to", hours=hours_of):
        start, end = row["from"], row["to"]
        if start is not None and end is not None and start > end:
            raise ConfigError(f"{where}: from {start} is after to {end}")
        by_key[row["user"]].append(Dated(row["hours"], start, end))
    return _without_repetition("schedule", by_key)


def absences_in(frame: pd.DataFrame) -> By:
    """Return the absences of a frame by user."""
    by_key: dict[Any, list[Dated]] = defaultdict(list)
    for where, row in _rows("absences", frame, "user date", "hours"):
        if row["user"] is None:
            raise ConfigError(f"{where}: an absence needs a user")
        by_key[row["user"]].append(Dated(row["hours"], row["date"], row["date"]))
    return {user: tuple(dated) for user, dated in by_key.items()}


def holidays_in(frame: pd.DataFrame) -> dict[Any, list[dt.date]]:
    """Return the holidays of a frame by user; those without a user are of all others."""
    by_key: dict[Any, list[dt.date]] = defaultdict(list)
    for _, row in _rows("holidays", frame, "date", "user"):
        by_key[row["user"]].append(row["date"])
    return dict(by_key)


def deadlines_in(frame: pd.DataFrame) -> dict[Any, dt.date]:
    """Return the deadlines of a frame by project."""
    rows = _rows("deadlines", frame, "project date", "")
    return _by_key((where, row["project"], row["date"]) for where, row in rows)


def opening_hours_in(frame: pd.DataFrame) -> dict[Any, float]:
    """Return the balances of a frame by user."""
    rows = _rows("opening_hours", frame, "user hours", "", hours=balance_of)
    return _by_key((where, row["user"], row["hours"]) for where, row in rows)


def labour_costs_in(frame: pd.DataFrame) -> dict[Any, float]:
    """Return the labour costs of a frame by user, by (user, project), or None for all others."""
    by_key = []
    for where, row in _rows("labour_costs", frame, "user labour_cost", "project"):
        user, project = row["user"], row["project"]
        if project is not None and user is None:
            raise ConfigError(f"{where}: a cost on a project needs a user")
        by_key.append((where, user if project is None else (user, project), row["labour_cost"]))
    return _by_key(by_key)


def hours_of(name: str, value: object) -> float | tuple[float, ...]:
    """Return the hours of a week, or of its seven days from Monday on.

    Raises
    ------
    TypeError, ConfigError
        If they are neither a number nor seven, negative, or more than a week or a day has.
    """
    if not isinstance(value, list | tuple | np.ndarray):
        return number_of_hours(name, value, DAYS_A_WEEK * _HOURS_A_DAY)
    if len(value) != DAYS_A_WEEK:
        raise ConfigError(
            f"{name} must be the hours of a week, or of its seven days from Monday on, not "
            f"{len(value)} numbers"
        )
    return tuple(number_of_hours(name, hours, _HOURS_A_DAY) for hours in value)


def number_of_hours(name: str, value: object, most: int | None = None) -> float:
    """Return a number of hours, 0 or more, and no more than `most` [h].

    Raises
    ------
    TypeError, ConfigError
        If it is not a number, or is negative or too large.
    """
    bounds = ", 0 or more" if most is None else f" from 0 to {most}"
    return _number(name, value, "a number of hours", bounds, (0, most or _MOST_HOURS))


def amount_of(name: str, value: object) -> float:
    """Return an amount, 0 or more [currency].

    Raises
    ------
    TypeError, ConfigError
        If it is not a number, or is negative.
    """
    bounds = f" from zero to {_LARGEST_AMOUNT:,}"
    return _number(name, value, "an amount", bounds, (0, _LARGEST_AMOUNT))


def balance_of(name: str, value: object) -> float:
    """Return a number of hours, which may be negative [h].

    Raises
    ------
    TypeError, ConfigError
        If it is not a number, or not finite.
    """
    return _number(name, value, "a number", ", and finite", (-_MOST_HOURS, _MOST_HOURS))


def _number(name: str, value: Any, what: str, bounds: str, limits: tuple[int, int]) -> float:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be {what}, not {value!r}")
    least, most = limits
    if not least <= float(value) <= most:
        raise ConfigError(f"{name} must be {what}{bounds}, not {value!r}")
    return float(value)


_PARSERS: Final[dict[str, Callable[[str, Any], Any]]] = {
    "hours": number_of_hours,
    "labour_cost": amount_of,
    **dict.fromkeys(("from", "to", "date"), day),
}


def _rows(
    parameter: str,
    frame: pd.DataFrame,
    needed: str,
    optional: str,
    **parsers: Callable[[str, Any], Any],
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each row, parsed, None where a value is missing, and what it is called in errors."""
    known = [*needed.split(), *optional.split()]
    is_unknown = not {*needed.split()} <= {*frame.columns} <= {*known}
    if is_unknown or not frame.columns.is_unique:
        more = f", and may have {', '.join(optional.split())}" if optional else ""
        raise ConfigError(
            f"{parameter} has the columns {', '.join(map(str, frame.columns))}; it needs "
            f"{', '.join(needed.split())}{more}"
        )
    unit = "row" if frame.index.name is None else frame.index.name
    for label, values in zip(frame.index, frame.to_dict("records"), strict=True):
        where = f"{parameter}, {unit} {label}"
        row = {name: None if is_missing(one) else one for name, one in values.items()}
        for name, parse in {**_PARSERS, **parsers}.items():
            if row.get(name) is not None or name in needed.split():
                try:
                    row[name] = parse(f"{where}: {name}", row[name])
                except TypeError as error:  # an error of the data
                    raise ConfigError(str(error)) from error
        yield where, {name: row.get(name) for name in known}


def _by_key(rows: Iterable[tuple[str, Any, Any]]) -> dict[Any, Any]:
    by_key: dict[Any, Any] = {}
    for where, key, value in rows:
        if key in by_key:
            raise ConfigError(f"{where}: {key!r} is there twice: leave one of them out")
        by_key[key] = value
    return by_key


def _without_repetition(parameter: str, by_key: Mapping[Any, list[Dated]]) -> By:
    for key, dated in by_key.items():
        starts = [one.start for one in dated]
        if twice := next((one for one in starts if starts.count(one) > 1), None):
            raise ConfigError(f"{parameter} has {key!r} twice from {twice}: leave one of them out")
        if starts.count(None) > 1:
            raise ConfigError(f"{parameter} has {key!r} twice without a first day")
    return {key: tuple(dated) for key, dated in by_key.items()}
