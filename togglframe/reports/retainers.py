"""Budgets of hours a period, by project or client, and what is carried over."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from numbers import Integral
from typing import Any, Final, Literal

import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.reports._dated import Dated, are_dated, number_of_hours
from togglframe.reports._entries import (
    check_every,
    clients_of,
    entries,
    made,
    name_columns,
    sums_by,
    with_names,
    with_projects,
)
from togglframe.reports._frames import AT_RISK, ratio, to_hours
from togglframe.reports._record import Params, Report
from togglframe.reports.selection import Names, NamesOrNone, Needs, Period, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.reports.timesheets import days_in
from togglframe.tables import MS_PER_HOUR
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import FREQUENCY, Every
from togglframe.warning import warn

__all__ = ["retainer"]

Budgets = Mapping[Any, float] | pd.Series | pd.DataFrame
Carry = Literal["none", "unused", "both"] | int

_CARRIES: Final = ("none", "unused", "both")
_INTEGERS: Final = dict.fromkeys(
    ("project_id", "client_id", "budget", "carried", "tracked"), "Int64"
)


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
    groups = ["project"] if projects is None else ["project", "client"]
    columns = ["date", "tracked_time", "client", *name_columns(groups)]
    matching = entries(time_entries, projects, columns, replace(selected, start=None, end=None))
    by_owner = _by_owner(budgets, projects, matching)
    range_ = pd.PeriodIndex(days_in(matching, selected).dt.to_period(FREQUENCY[every]).unique())
    if len(range_) == 1 and carry != "none" and _begin(itertools.chain(*budgets.values())) is None:
        message = (
            f"nothing is carried into {range_[0]}, the only period of the range: begin the range "
            "where carrying begins, or name that day as `from` in a frame of budgets"
        )
        warn(SemanticsWarning(message))
    ms = milliseconds(matching["tracked_time"])
    periods = matching["date"].dt.to_period(range_.freqstr)
    frames = []
    for (project, client), dated in by_owner.items():
        if _is_in(selected, project, client) and len(range_):
            column, owner = ("client_id", client) if project is None else ("project_id", project)
            is_theirs = matching[column].isin([owner])
            tracked = ms[is_theirs].groupby(periods[is_theirs]).sum()
            rows = _with_carried(dated, tracked, range_, carry)
            frames.append(rows.assign(project_id=project, client_id=client).astype(_INTEGERS))
    if not frames:
        return tables.RETAINER.empty()
    rows = pd.concat(frames, ignore_index=True)
    if projects is None:
        named = with_projects(rows, matching, projects, clients)
    else:
        named = with_names(rows, matching, groups, projects=projects, clients=clients)
    return made(_measured(named, selected.today), tables.RETAINER)


def _by_owner(
    budgets: Mapping[Any, tuple[Dated, ...]], projects: pd.DataFrame | None, matching: pd.DataFrame
) -> dict[tuple[int | None, int | None], tuple[Dated, ...]]:
    """Return the budgets by project and its client, or by None and client.

    Raises
    ------
    ConfigError
        If an id is of neither a project nor a client, or time would count against two budgets.
    """
    client_of: dict[int, int | None] = {}
    if projects is not None:
        owned = clients_of(projects)
        known = owned["client_id"].astype(object).where(owned["client_id"].notna(), None)
        client_of = dict(zip(owned["project_id"], known, strict=True))
    known_projects = {*client_of, *matching["project_id"].dropna()}
    by_owner: dict[tuple[int | None, int | None], tuple[Dated, ...]] = {}
    for key, dated in budgets.items():
        noun, number = key if isinstance(key, tuple) else ("project", key)
        if not isinstance(key, tuple) and number not in known_projects:
            if number not in client_of.values():
                raise ConfigError(
                    f"budgets names {number}, which is neither a project nor a client that has "
                    "projects: leave the key out"
                )
            noun = "client"
        if noun == "client" and projects is None:
            clients_of(projects)
        owner = (None, number) if noun == "client" else (number, client_of.get(number))
        if owner in by_owner:
            raise ConfigError(f"budgets has two keys for {noun} {number}: leave one of them out")
        by_owner[owner] = dated
    for project, client in by_owner:
        if project is not None and (None, client) in by_owner:
            raise ConfigError(
                f"budgets names project {project} and its client {client}, so that its "
                "time would count twice: leave one of them out"
            )
    return by_owner


def _is_in(selected: Selection, project: int | None, client: int | None) -> bool:
    is_project = selected.projects is None or project in selected.projects
    return is_project and (selected.clients is None or client in selected.clients)


def _begin(dated: Iterable[Dated]) -> dt.date | None:
    """Return the first day that a budget holds from, None if none has one."""
    return min((one.start for one in dated if one.start is not None), default=None)


def _with_carried(
    dated: Sequence[Dated], tracked: pd.Series[Any], range_: pd.PeriodIndex, carry: Carry
) -> pd.DataFrame:
    """Return the budget, what is carried, and the time in each period of the range [ms].

    Carrying begins in the period of the first day that a budget holds from, or else in the first
    of the range.
    """
    since = _begin(dated)
    begin = range_[0] if since is None else pd.Period(since, range_.freqstr)
    periods = pd.period_range(min(begin, range_[0]), range_[-1])
    budget = pd.Series(0, periods)
    for one in sorted(dated, key=lambda one: one.start or dt.date.min):
        first = periods[0] if one.start is None else pd.Period(one.start, range_.freqstr)
        budget[periods >= first] = round(float(one.hours) * MS_PER_HOUR)
    rows = pd.DataFrame({"budget": budget, "tracked": tracked.reindex(periods, fill_value=0)})
    carried, rest = [], list[int]()
    for period, row in zip(periods, rows.to_dict("records"), strict=True):
        carried.append(sum(rest))
        rest = _left(rest, row["budget"], row["tracked"], carry) if period >= begin else []
    return rows.assign(carried=carried, period=periods.start_time, end=periods.end_time).loc[range_]


def _left(rest: list[int], budget: int, tracked: int, carry: Carry) -> list[int]:
    """Return what is carried into the next period [ms], by the period that it is from."""
    left = sum(rest) + budget - tracked
    if isinstance(carry, str):
        return {"none": [], "unused": [max(left, 0)], "both": [left]}[carry]
    unused = []
    for ms in [*rest, budget]:  # the oldest is used first
        unused.append(max(ms - tracked, 0))
        tracked = max(tracked - ms, 0)
    return unused[-carry:]


def _measured(rows: pd.DataFrame, today: dt.date | None) -> pd.DataFrame:
    """Return the hours, shares and states of rows in milliseconds."""
    available = rows["budget"] + rows["carried"]
    used = ratio(rows["tracked"], available)
    now = pd.NaT if today is None else pd.Timestamp(today)
    is_close = (rows["period"] <= now) & (now <= rows["end"]) & (used >= AT_RISK)
    state = is_close.fillna(value=False).map({True: "at_risk", False: "on_track"})
    return rows.assign(
        budget_hours=to_hours(rows["budget"]),
        carried_hours=to_hours(rows["carried"]),
        available_hours=to_hours(available),
        tracked_hours=to_hours(rows["tracked"]),
        left_hours=to_hours(available - rows["tracked"]),
        used=used,
        state=state.mask(rows["tracked"] > available, "over"),
        tracked_time=rows["tracked"],
    )


def _checked(**params: Any) -> dict[str, Any]:
    budgets, every, carry = params["budgets"], params["every"], params["carry"]
    check_every(every, is_optional=False)
    is_number = isinstance(carry, Integral) and not isinstance(carry, bool)
    if carry not in _CARRIES and not (is_number and carry > 0):
        raise ConfigError(
            f"carry must be {', '.join(map(repr, _CARRIES))}, or a number of periods from 1 on, "
            f"not {carry!r}"
        )
    if not isinstance(budgets, Mapping):
        raise TypeError(
            "budgets must be a mapping of projects or clients to hours, or a frame with the "
            f"columns project or client, hours and from, not {budgets!r}"
        )
    by_key = {
        key: hours if are_dated(hours) else (Dated(number_of_hours(f"the budget of {key}", hours)),)
        for key, hours in budgets.items()
    }
    selected: Selection = params["selected"]
    if selected.start is not None:
        first, last = (pd.Period(day, FREQUENCY[every]) for day in (selected.start, selected.end))
        start, end = first.start_time.date(), last.end_time.date()
        selected = replace(selected, start=start, end=end)
    return {**params, "budgets": by_key, "selected": selected}


def _more_needs(needs: Needs, _: Listings, params: Params) -> Needs:
    """Request also the entries since what is carried begins."""
    since = _begin(itertools.chain(*params["budgets"].values()))
    if params["carry"] == "none" or since is None or needs.selection.start is None:
        return needs
    start = pd.Period(since, FREQUENCY[params["every"]]).start_time.date()
    selection = replace(needs.selection, start=min(start, needs.selection.start))
    return replace(needs, selection=selection)


RETAINER: Final = Report(
    name="retainer",
    table=tables.RETAINER,
    needs=("time_entries", "projects", "clients"),
    look_ups=("projects", "clients"),
    check=_checked,
    more_needs=_more_needs,
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
        and optionally `from`: the day from whose period on the hours hold, until a later row; of
        two rows from days in one period, the later holds. Before the first, the budget is 0.
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

    Warns
    -----
    SemanticsWarning
        If the range is one period, so that `carry` has nothing to carry into it.

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
