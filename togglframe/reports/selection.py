"""Selection: the rows that a report covers. Needs: the listings that it requests."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeGuard

import numpy as np
import pandas as pd

from togglframe import clock
from togglframe.api.dates import Day, check_range, day
from togglframe.api.parameters import id_list, id_list_or_none
from togglframe.errors import ConfigError
from togglframe.reports.periods import Period, parse_period

__all__ = [
    "DAYS",
    "EVERYTHING",
    "N_ENTRIES",
    "Names",
    "NamesOrNone",
    "Needs",
    "Parts",
    "Period",
    "Selection",
    "Sums",
    "TypedName",
    "in_lists",
    "names_in",
    "selection",
]

# One or several clients, projects or users, by id or name.
Names = (
    int | np.integer[Any] | str | Iterable[int | str] | np.ndarray[Any, Any] | pd.Series | pd.Index
)
NamesOrNone = Names | Iterable[int | str | None]


class TypedName(str):
    """A name as it was typed at a terminal, where digits may also be an id."""

    __slots__ = ()

    @property
    def is_number(self) -> bool:
        """Whether it may be an id."""
        return self.isascii() and self.isdigit()


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The rows that a report covers: a range of days, and users, clients or projects.

    Parameters
    ----------
    start, end : date, optional
        The first and the last day, both included; None for all days.
    users : tuple of int, optional
        Only these users, by id.
    clients, projects : tuple of int or None, optional
        Only these, by id; None among them selects rows without one.
    today : date, optional
        The day from which the source counts; None if there is none.
    names : tuple of str
        The names among the filters that are not looked up yet.
    """

    start: dt.date | None = None
    end: dt.date | None = None
    users: tuple[int, ...] | None = None
    clients: tuple[int | None, ...] | None = None
    projects: tuple[int | None, ...] | None = None
    today: dt.date | None = field(default=None, compare=False)
    names: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return a short description."""
        days = [] if self.start is None else [f"{self.start} to {self.end}"]
        ids = [self.ids_in_words] if self.ids else []
        return ", ".join([*days, *ids, *map(repr, self.names)]) or "everything"

    @property
    def is_ranged(self) -> bool:
        """Whether it has a first and a last day."""
        return self.start is not None

    @property
    def is_begun(self) -> bool:
        """Whether it has today or later days, so that it is not over yet."""
        return self.today is not None and self.end is not None and self.end >= self.today

    @property
    def without_names(self) -> Selection:
        """The selection without the filters whose names are still to be looked up."""
        return replace(
            self,
            users=self.users or None,
            clients=self.clients or None,
            projects=self.projects or None,
        )

    @property
    def ids(self) -> dict[str, tuple[int | None, ...]]:
        """The ids of each filter, by its name."""
        lists = {"users": self.users, "clients": self.clients, "projects": self.projects}
        return {name: ids for name, ids in lists.items() if ids is not None}

    @property
    def by_column(self) -> dict[str, tuple[int | None, ...]]:
        """The ids of each filter, by the column that holds them."""
        return {f"{name.removesuffix('s')}_id": ids for name, ids in self.ids.items()}

    @property
    def ids_in_words(self) -> str:
        """The filters in words."""
        return ", ".join(f"{name} {list(ids)}" for name, ids in self.ids.items())

    @property
    def id_filters(self) -> dict[str, list[int | None]]:
        """The filters by ids, as the attrs of a frame hold them."""
        return {name: list(ids) for name, ids in self.ids.items()}

    @property
    def filters(self) -> dict[str, Any]:
        """The range and the filters, as the attrs of a frame hold them."""
        days = {"start_date": self.start, "end_date": self.end}
        return {name: str(day) for name, day in days.items() if day is not None} | self.id_filters

    @property
    def params(self) -> dict[str, Any]:
        """The range and the filters, as the endpoints of time take them."""
        days = {} if self.start is None else {"start_date": self.start, "end_date": self.end}
        return {**days, **{f"{name}s": list(ids) for name, ids in self.by_column.items()}}


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
    provenance : DataFrame
        An empty frame with the provenance of all parts.
    frames : iterator of DataFrame
        The parts, in the order of days; each day is in one part only.
    """

    provenance: pd.DataFrame
    frames: Iterator[pd.DataFrame]


@dataclass(frozen=True, kw_only=True)
class Needs:
    """The listings that are needed together, and the range of days of each.

    Parameters
    ----------
    names : tuple of str
        The listings.
    selection : Selection
        The range of days and the filters, for listings that have a range.
    others : mapping of str to Selection
        Other ranges, by listing.
    look_ups : collection of str
        The listings that only add names, and may be missing from frames or an archive.
    optional : collection of str
        The listings that the plan or the token may hide.
    at_once : collection of str
        The listings that must be of one moment, since one is subtracted from the other.
    arguments : mapping of str to Any
        Further arguments of the join of a report.
    by : str
        The name of the report, for errors.
    """

    names: tuple[str, ...]
    selection: Selection = EVERYTHING
    others: Mapping[str, Selection] = field(default_factory=dict)
    look_ups: Collection[str] = ()
    optional: Collection[str] = ()
    at_once: Collection[str] = ()
    arguments: Mapping[str, Any] = field(default_factory=dict)
    by: str = "this"

    def with_names(self, *names: str) -> Needs:
        """Return the needs with more listings."""
        return replace(self, names=tuple(dict.fromkeys((*self.names, *names))))


def selection(
    name: str,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    users: Names | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    today: dt.date | None = None,
) -> Selection:
    """Validate the range of days and the filters of a report; names are left to look up.

    Parameters
    ----------
    name : str
        The report.
    start_date, end_date, period, users, clients, projects
        As every report over time takes them.
    today : date, optional
        The day from which relative periods count; by default this machine's.

    Raises
    ------
    TypeError, ConfigError
        If an argument is invalid.
    """
    start, end = _days(name, start_date, end_date, period, today)
    return Selection(
        start=start,
        end=end,
        users=None if users is None else tuple(id_list("users", _without_names(users))),
        clients=_ids_or_none("clients", clients),
        projects=_ids_or_none("projects", projects),
        today=today,
        names=tuple(name for value in (users, clients, projects) for name in names_in(value)),
    )


def _ids_or_none(name: str, value: object) -> tuple[int | None, ...] | None:
    return None if value is None else tuple(id_list_or_none(name, _without_names(value)))


def in_lists(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters that can be read several times, unlike iterators."""
    return {
        name: list(value) if isinstance(value, Iterator) else value
        for name, value in parameters.items()
    }


def names_in(value: object) -> list[str]:
    """Return the names in the value of a filter."""
    if isinstance(value, str):
        return [value]
    return [one for one in value if isinstance(one, str)] if _is_list(value) else []


def _without_names(value: Any) -> Any:
    if isinstance(value, str):
        return []
    return [one for one in value if not isinstance(one, str)] if names_in(value) else value


def _is_list(value: object) -> TypeGuard[Iterable[object]]:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping | Iterator)


def _days(
    name: str,
    start_date: Day | None,
    end_date: Day | None,
    period: Period | None,
    today: dt.date | None,
) -> tuple[dt.date | None, dt.date | None]:
    if period is not None:
        if start_date is not None or end_date is not None:
            raise ConfigError(f"{name} takes start_date and end_date, or period, not both")
        days = parse_period(period, clock.today() if today is None else today)
        return days.start, days.end
    if start_date is None and end_date is None:
        return None, None
    if start_date is None or end_date is None:
        lacking = "start_date" if start_date is None else "end_date"
        raise ConfigError(f"{name} needs {lacking} too; both days are included")
    start, end = day("start_date", start_date), day("end_date", end_date)
    check_range(start.isoformat(), end.isoformat())
    return start, end
