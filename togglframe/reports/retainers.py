"""Budgets of hours a period, by project or client, and what is carried over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import ConfigError
from togglframe.reports._dated import Dated, are_dated, number_of_hours
from togglframe.reports._entries import (
    check_every,
    clients_of,
    duration,
    entries,
    made,
    name_columns,
    periods,
    sums_by,
    with_names,
    with_projects,
)
from togglframe.reports._frames import AT_RISK, ratio, to_hours
from togglframe.reports._record import Params, Report
from togglframe.reports.selection import Names, NamesOrNone, Period, Query, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.reports.timesheets import days_in
from togglframe.tables import MS_PER_HOUR
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import FREQUENCY, Every

__all__ = ["retainer"]

Budgets = Mapping[Any, float] | pd.Series | pd.DataFrame
Carry = Literal["none", "unused", "both"] | int

_CARRIES: Final = ("none", "unused", "both")


@dataclass(frozen=True)
class _Retainer:
    """A project or client, and its budgets."""

    project: int | None
    client: int | None
    budgets: tuple[Dated, ...]

    @property
    def is_of_client(self) -> bool:
        return self.project is None

    def is_in(self, chosen: Selection) -> bool:
        is_project = chosen.projects is None or self.project in chosen.projects
        return is_project and (chosen.clients is None or self.client in chosen.clients)


def join_retainer(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    *,
    selected: Selection,
    budgets: Mapping[Any, tuple[Dated, ...]],
    every: Every,
    carry: Carry,
) -> pd.DataFrame:
    """Compare the hours of projects and clients in each period with their budgets."""
    owners = _owners(projects)
    everything = replace(selected, start=None, end=None)
    groups = ["project"] if projects is None else ["project", "client"]
    columns = ["date", "tracked_time", "client", *name_columns(groups)]
    found = entries(time_entries, projects, columns, everything)
    kept = [one for one in _retainers(budgets, owners, found) if one.is_in(selected)]
    days = days_in(found, selected)
    if days.empty or not kept:
        return tables.RETAINER.empty()
    wanted = pd.PeriodIndex(days.dt.to_period(FREQUENCY[every]).unique())
    current = None if selected.today is None else _period(selected.today, every)
    of_entries = periods(found["date"], every)
    rows = []
    for one in kept:
        name = "client_id" if one.is_of_client else "project_id"
        key = one.client if one.is_of_client else one.project
        is_of_it = found[name].isin([key])
        sums = milliseconds(found["tracked_time"])[is_of_it].groupby(of_entries[is_of_it]).sum()
        tracked = {_period(start, every): int(ms) for start, ms in sums.items()}
        rows += [
            {"project_id": one.project, "client_id": one.client, "start": start, **row}
            for start, row in _carried(one.budgets, tracked, wanted, every, carry)
        ]
    return _measured(pd.DataFrame(rows, dtype=object), found, projects, clients, current)


def _owners(projects: pd.DataFrame | None) -> dict[int, int | None]:
    """Return the client of each project."""
    if projects is None:
        return {}
    owned = clients_of(projects)
    owners = owned["client_id"].astype(object).where(owned["client_id"].notna(), None)
    return dict(zip(owned["project_id"].tolist(), owners.tolist(), strict=True))


def _retainers(
    budgets: Mapping[Any, tuple[Dated, ...]],
    owners: Mapping[int, int | None],
    found: pd.DataFrame,
) -> list[_Retainer]:
    """Return each project or client with its budgets; an id is that of a project, if there is one.

    Raises
    ------
    ConfigError
        If an id is of neither, or time would count against two budgets.
    """
    known_projects = {*owners, *found["project_id"].dropna()}
    known_clients = {*owners.values(), *(found.get("client_id", pd.Series()).dropna())}
    kept: dict[tuple[str, int], _Retainer] = {}
    for key, dated in budgets.items():
        noun, number = key if isinstance(key, tuple) else ("project", key)
        if not isinstance(key, tuple) and number not in known_projects:
            if number not in known_clients:
                raise ConfigError(
                    f"budgets names {number}, which is neither a project nor a client that has "
                    "projects: leave the key out"
                )
            noun = "client"
        if noun == "client" and not owners:
            clients_of(None)
        if (noun, number) in kept:
            raise ConfigError(f"budgets has two keys for {noun} {number}: leave one of them out")
        if noun == "client":
            kept[noun, number] = _Retainer(None, number, dated)
        else:
            kept[noun, number] = _Retainer(number, owners.get(number), dated)
    for one in kept.values():
        if not one.is_of_client and ("client", one.client) in kept:
            raise ConfigError(
                f"budgets names project {one.project} and its client {one.client}, so that its "
                "time would count twice: leave one of them out"
            )
    return [*kept.values()]


def _period(day: Any, every: str) -> pd.Period:
    return pd.Period(day, FREQUENCY[every])


def _begins(budgets: Sequence[Dated]) -> dt.date | None:
    """Return the first day that a budget holds from, None if none has one."""
    return min((one.start for one in budgets if one.start is not None), default=None)


def _carried(
    budgets: Sequence[Dated],
    tracked: Mapping[pd.Period, int],
    wanted: pd.PeriodIndex,
    every: str,
    carry: Carry,
) -> Iterator[tuple[pd.Period, dict[str, int]]]:
    """Yield each period of the range, with its budget, what is carried, and the time [ms].

    Carrying begins anew in the period of the first day that a budget holds from, or else in the
    first of the range.
    """
    since = _begins(budgets)
    first = wanted[0]
    begin = first if since is None else _period(since, every)
    rest: list[int] = []  # of each period before, the oldest first
    for start in pd.period_range(min(begin, first), wanted[-1]):
        if start == begin:
            rest = []
        budget, ms = _budget(budgets, start, every), tracked.get(start, 0)
        carried = sum(rest)
        if start >= first:
            yield start, {"budget": budget, "carried": carried, "tracked": ms}
        rest = _left(rest, budget, ms, carry)


def _budget(budgets: Sequence[Dated], start: pd.Period, every: str) -> int:
    """Return the budget of a period [ms]: the latest that holds from it, or from before."""
    valid = [one for one in budgets if one.start is None or _period(one.start, every) <= start]
    latest = max(valid, key=lambda one: one.start or dt.date.min, default=Dated(0))
    return round(float(latest.hours) * MS_PER_HOUR)


def _left(rest: list[int], budget: int, tracked: int, carry: Carry) -> list[int]:
    """Return what is carried into the next period [ms], by the period that it is from."""
    if carry == "none":
        return []
    left = sum(rest) + budget - tracked
    if carry == "both":
        return [left]
    if carry == "unused":
        return [max(left, 0)]
    unused = []
    for ms in [*rest, budget]:  # the oldest is used first
        unused.append(max(ms - tracked, 0))
        tracked = max(tracked - ms, 0)
    return unused[-int(carry) :]


def _measured(
    rows: pd.DataFrame,
    found: pd.DataFrame,
    projects: pd.DataFrame | None,
    clients: pd.DataFrame | None,
    current: pd.Period | None,
) -> pd.DataFrame:
    integers = ("project_id", "client_id", "budget", "carried", "tracked")
    keys = rows.astype(dict.fromkeys(integers, "Int64"))
    available = keys["budget"] + keys["carried"]
    used = ratio(keys["tracked"], available)
    is_over = keys["tracked"] > available
    is_close = (rows["start"] == current) & (used >= AT_RISK).fillna(value=False)
    if projects is None:
        named = with_projects(keys, found, projects, clients)
    else:
        named = with_names(keys, found, ["project", "client"], projects=projects, clients=clients)
    measured = named.assign(
        period=[start.start_time for start in rows["start"]],
        budget_hours=to_hours(keys["budget"]),
        carried_hours=to_hours(keys["carried"]),
        available_hours=to_hours(available),
        tracked_hours=to_hours(keys["tracked"]),
        left_hours=to_hours(available - keys["tracked"]),
        used=used,
        state=np.select(
            [is_over.to_numpy(bool), is_close.to_numpy(bool)], ["over", "at_risk"], "on_track"
        ),
        tracked_time=duration(keys["tracked"]),
    )
    return made(measured, tables.RETAINER)


def _checked(
    *, budgets: object, every: Any, carry: object, selected: Selection, **others: Any
) -> dict[str, Any]:
    check_every(every, is_optional=False)
    is_number = isinstance(carry, Integral) and not isinstance(carry, bool)
    if carry not in _CARRIES and not (is_number and carry > 0):  # type: ignore[operator]
        raise ConfigError(
            f"carry must be {', '.join(map(repr, _CARRIES))}, or a number of periods from 1 on, "
            f"not {carry!r}"
        )
    if selected.start is not None:
        first, last = _period(selected.start, every), _period(selected.end, every)
        start, end = first.start_time.date(), last.end_time.date()
        selected = replace(selected, start=start, end=end)
    by_key = _budgets(budgets)
    return {"budgets": by_key, "every": every, "carry": carry, "selected": selected, **others}


def _budgets(budgets: object) -> dict[Any, tuple[Dated, ...]]:
    if not isinstance(budgets, Mapping):
        raise TypeError(
            "budgets must be a mapping of projects or clients to hours, or a frame with the "
            f"columns project or client, hours and from, not {budgets!r}"
        )
    return {
        key: given if are_dated(given) else (Dated(number_of_hours(f"the budget of {key}", given)),)
        for key, given in budgets.items()
    }


def _retainer_query(query: Query, _: Listings, params: Params) -> Query:
    """Request also the entries since what is carried begins."""
    begins = [one for dated in params["budgets"].values() if (one := _begins(dated)) is not None]
    if params["carry"] == "none" or not begins or query.selection.start is None:
        return query
    start = _period(min(begins), params["every"]).start_time.date()
    selection = replace(query.selection, start=min(start, query.selection.start))
    return replace(query, selection=selection)


RETAINER: Final = Report(
    name="retainer",
    table=tables.RETAINER,
    needs=("time_entries", "projects", "clients"),
    look_ups=("projects", "clients"),
    check=_checked,
    query=_retainer_query,
    samples=({"budgets": {}, "every": "week"},),
    sums=lambda params: sums_by(["project", "client"], params["selected"], every=params["every"]),
    join=join_retainer,
)


def retainer(
    source: Source,
    budgets: Budgets,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    every: Every = "month",
    carry: Carry = "none",
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Compare the hours of retainers in each period with what is available.

    One row per project or client with a budget, and period; every one has every period of the
    range.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from. Without `projects`, only budgets of projects are possible.
    budgets : mapping or Series of float, or DataFrame
        The hours of a period [h], by the name or id of a project or of a client; an id is looked up
        among the projects first. Or a frame with a column `project` or `client`, a column `hours`,
        and optionally `from`: the day from whose period on the hours hold, until a later row.
        Before the first, the budget is 0.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day; the range is widened to whole periods. Optional only for an Archive
        or your own frames, where it is then from the first to the last entry.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month".
    every : {"day", "week", "month", "quarter", "year"}
        The length of a period, for which the budgets are; weeks begin on Monday.
    carry : {"none", "unused", "both"} or int
        What is carried into the next period: nothing, unused hours, or overruns too. A number is
        how many periods unused hours live; the oldest are used first, and overruns are not carried.
    clients, projects : int, str, or list of int, str or None, optional
        Only budgets of these projects, or of these clients and their projects: ids or names.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or e-mail addresses; the budgets are not reduced.

    Returns
    -------
    DataFrame
        Ordered by the id of the project, then by that of the client, then by period.

        - project_id : Int64. Project id, NA where the budget is of a client.
        - project : str. Name of the project, NA where the budget is of a client.
        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - period : datetime64[us]. The first day of the period.
        - budget_hours : Float64 [h]. Hours agreed for the period.
        - carried_hours : Float64 [h]. Carried over from earlier periods.
        - available_hours : Float64 [h]. Budget plus carried.
        - tracked_hours : Float64 [h]. The time tracked in the period.
        - left_hours : Float64 [h]. Available minus tracked.
        - used : Float64 [1]. Tracked over available, NA without any.
        - state : ordered category. Where the retainer stands in the period.
        - tracked_time : timedelta64[ms]. Tracked in the period, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    ConfigError
        If a key of `budgets` fits nothing, or both a project and a client; if two keys are of one;
        or if a project and its own client both have a budget.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days, ``filters/projects``
    and ``filters/clients``.

    Carrying begins anew, with 0, in the period of the first `from` of a budget; without one, in the
    first period of the range. Entries since then are read, even from before the range. `state` is
    over if more is tracked than available; at_risk only in the period that has begun, if at least
    80 % is used; else on_track.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> budgets = {"Northwind Coffee Roasters": 250}
    >>> months = tf.reports.retainer(ws, budgets, period="2026-09..2026-10", carry="unused")
    >>> months[["client", "available_hours", "tracked_hours", "state"]].round(1)
                          client  available_hours  tracked_hours state
    0  Northwind Coffee Roasters            250.0          288.0  over
    1  Northwind Coffee Roasters            250.0          325.1  over
    """
    return RETAINER.make(**locals())
