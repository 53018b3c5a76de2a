"""Selection: the time entries that a report over time covers, by days and by ids."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from togglframe.api.dates import Day, check_range, day
from togglframe.api.parameters import Ids, IdsOrNone, id_list, id_list_or_none
from togglframe.errors import ConfigError

__all__ = [
    "DAYS",
    "EVERYTHING",
    "N_ENTRIES",
    "Parts",
    "Period",
    "Selection",
    "Sums",
    "period_days",
    "selection",
]

Period = str | pd.Period

_WEEK: Final = re.compile(r"(\d{4})-W(\d{2})")
_MONTH: Final = re.compile(r"\d{4}-\d{2}")
_YEAR: Final = re.compile(r"\d{4}")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which time entries are selected: by a range of days, and by users, clients or projects.

    Parameters
    ----------
    start, end : date, optional
        The first and the last day, both included; None for all days.
    user_ids : tuple of int, optional
        Only these users.
    client_ids, project_ids : tuple of int or None, optional
        Only these; None among them selects entries without one.
    """

    start: dt.date | None = None
    end: dt.date | None = None
    user_ids: tuple[int, ...] | None = None
    client_ids: tuple[int | None, ...] | None = None
    project_ids: tuple[int | None, ...] | None = None

    def __str__(self) -> str:
        """Return a short description."""
        parts = [] if self.start is None else [f"{self.start} to {self.end}"]
        parts += [self.ids_in_words] if self.ids else []
        return ", ".join(parts) or "everything"

    @property
    def is_ranged(self) -> bool:
        """Whether it has a first and a last day."""
        return self.start is not None

    @property
    def ids(self) -> dict[str, tuple[int | None, ...]]:
        """The lists of ids that were given, by name."""
        lists: dict[str, tuple[int | None, ...] | None] = {
            "user_ids": self.user_ids,
            "client_ids": self.client_ids,
            "project_ids": self.project_ids,
        }
        return {name: ids for name, ids in lists.items() if ids is not None}

    @property
    def ids_in_words(self) -> str:
        """The ids that were given, in words."""
        return ", ".join(f"{name} {list(ids)}" for name, ids in self.ids.items())

    @property
    def ids_told(self) -> dict[str, list[int | None]]:
        """The ids that were given, in the form for the attrs of a frame."""
        return {name: list(ids) for name, ids in self.ids.items()}

    @property
    def asked(self) -> dict[str, Any]:
        """The arguments of an endpoint for it."""
        days = {} if self.start is None else {"start_date": self.start, "end_date": self.end}
        return {**days, **self.ids_told}

    @property
    def told(self) -> dict[str, Any]:
        """Its form for the attrs of a frame."""
        days = {} if self.start is None else {"start_date": str(self.start)}
        days |= {} if self.end is None else {"end_date": str(self.end)}
        return {**days, **self.ids_told}


EVERYTHING: Final = Selection()

# Further columns of aggregated entries: how many there are, and on which days of their period.
N_ENTRIES: Final = "n_entries"
DAYS: Final = "days"


@dataclass(frozen=True)
class Sums:
    """What a report reads from time entries if it does not need them one by one.

    Parameters
    ----------
    columns : tuple of str
        The columns that it reads; entries that differ only in time and amount may be one row.
    every : str, optional
        The period that no row may extend beyond: "day", "week", "month"; None for any.
    """

    columns: tuple[str, ...]
    every: str | None = None


@dataclass(frozen=True)
class Parts:
    """Time entries in parts, so that not all of them are in memory at once.

    Parameters
    ----------
    told : DataFrame
        An empty frame with the provenance of all parts.
    frames : iterator of DataFrame
        The parts, in the order of days; each day is in one part only.
    """

    told: pd.DataFrame
    frames: Iterator[pd.DataFrame]


def selection(
    name: str,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> Selection:
    """Check and return the selection of entries that a report is called with.

    Parameters
    ----------
    name : str
        The report.
    start_date, end_date, period, user_ids, client_ids, project_ids
        As every report over time takes them.

    Raises
    ------
    TypeError, ConfigError
        If an argument is invalid.
    """
    start, end = _days(name, start_date, end_date, period)
    return Selection(
        start=start,
        end=end,
        user_ids=None if user_ids is None else tuple(id_list("user_ids", user_ids)),
        client_ids=_ids_or_none("client_ids", client_ids),
        project_ids=_ids_or_none("project_ids", project_ids),
    )


def _ids_or_none(name: str, given: IdsOrNone | None) -> tuple[int | None, ...] | None:
    return None if given is None else tuple(id_list_or_none(name, given))


def _days(
    name: str, start_date: Day | None, end_date: Day | None, period: Period | None
) -> tuple[dt.date | None, dt.date | None]:
    if period is not None:
        if start_date is not None or end_date is not None:
            raise ConfigError(f"{name} takes start_date and end_date, or period, not both")
        return period_days(period)
    if start_date is None and end_date is None:
        return None, None
    if start_date is None or end_date is None:
        lacking = "start_date" if start_date is None else "end_date"
        raise ConfigError(f"{name} needs {lacking} too; both days are included")
    start, end = day("start_date", start_date), day("end_date", end_date)
    check_range(start.isoformat(), end.isoformat())
    return start, end


def period_days(period: object) -> tuple[dt.date, dt.date]:
    """Return the first and the last day of a period, such as "2026-10" or "2026-W43".

    Raises
    ------
    TypeError, ConfigError
        If it is not a period.
    """
    found = period if isinstance(period, pd.Period) else _parsed(period)
    start, end = found.start_time.date(), found.end_time.date()
    check_range(start.isoformat(), end.isoformat())
    return start, end


def _parsed(period: object) -> pd.Period:
    if not isinstance(period, str):
        said = f"period must be a string such as '2026-10', or a pandas Period, not {period!r}"
        raise TypeError(said)
    try:
        if week := _WEEK.fullmatch(period):
            monday = dt.date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return pd.Period(monday, "W")
        if _MONTH.fullmatch(period):
            return pd.Period(period, "M")
        if _YEAR.fullmatch(period):
            return pd.Period(period, "Y")
    except ValueError as error:
        raise ConfigError(f"there is no period {period!r}: {error}") from error
    raise ConfigError(
        f"period must be a month (2026-10), a week (2026-W43) or a year (2026), not {period!r}"
    )
