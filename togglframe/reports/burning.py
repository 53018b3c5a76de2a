"""The hours of projects against their estimates, period by period."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.reports._entries import (
    check_every,
    entries,
    is_since,
    made,
    of_projects,
    periods,
    sums_by,
    totals_until,
    with_projects,
)
from togglframe.reports._frames import checked, checked_or_empty, look_up, positive, to_hours
from togglframe.reports._record import Params, Report
from togglframe.reports.selection import EVERYTHING, Names, NamesOrNone, Needs, Period, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.reports.timesheets import days_in
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import Every

__all__ = ["burn"]


Whole = npt.NDArray[np.int64]

ENTRY_COLUMNS: Final = ("date", "project_id", "project", "client", "start", "tracked_time")
LISTINGS: Final = ("time_entries", "projects", "statuses", "clients")
DAY: Final = dt.timedelta(1)  # in another time zone, today is the day before or after


def join_burn(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    statuses: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    project_user_hours: pd.DataFrame | None = None,
    *,
    selected: Selection,
    every: Every,
    reaches_today: bool = False,
) -> pd.DataFrame:
    """Accumulate the hours of projects, period by period."""
    moment = totals_until(statuses, time_entries)
    columns = ENTRY_COLUMNS if moment is None else (*ENTRY_COLUMNS, "updated_at")
    matching = entries(time_entries, projects, columns, replace(selected, start=None, end=None))
    status = of_projects(
        totals_of(statuses).rename(columns={"id": "project_id"}), projects, selected
    )
    range_ = days_in(entries(time_entries, None, ["date"], EVERYTHING), selected)
    if range_.empty:
        return tables.BURN.empty()
    both = pd.concat([matching["project_id"], status["project_id"]], ignore_index=True)
    codes, ids = pd.factorize(both, use_na_sentinel=False)
    listed, n = codes[len(matching) :], len(ids)
    work = matching.assign(code=codes[: len(matching)], ms=milliseconds(matching["tracked_time"]))
    is_before = work["date"] < range_.iloc[0]
    before = sums_of(work[is_before], n)
    if selected.users is not None:
        before[:] = 0
    elif reaches_today:
        since = sums_of(work[~is_before], n)
        since -= sums_of(work[is_since(work, moment)], n)  # which the totals do not hold
        since = since[listed] + _later(project_user_hours, status["project_id"])
        totals = (milliseconds(status["tracked_time"]) - since).dropna()
        before[listed[totals.index]] = totals.clip(lower=0)
    rows = _rows(work, ids, before, range_, every)
    named = with_projects(rows, matching, projects, clients)
    return made(_measured(named, status, is_of_all=selected.users is None), tables.BURN)


def _rows(
    work: pd.DataFrame, ids: Any, before: Whole, range_: pd.Series[Any], every: Every
) -> pd.DataFrame:
    """Return a row for each period of each project, from its first entry on."""
    starts = periods(range_, every).unique()
    in_range = work[work["date"].between(range_.iloc[0], range_.iloc[-1])]
    cells = in_range["code"], np.searchsorted(starts, periods(in_range["date"], every))
    tracked, is_begun = np.zeros((2, len(ids), len(starts)), "int64")
    np.add.at(tracked, cells, in_range["ms"].to_numpy("int64"))
    is_begun[cells] = 1
    is_begun[before > 0] = 1
    project, period = np.nonzero(np.maximum.accumulate(is_begun, axis=1))
    cumulative = before[:, None] + tracked.cumsum(axis=1)
    return pd.DataFrame(
        {
            "project_id": pd.array(ids, "Int64")[project],
            "period": starts[period],
            "tracked": pd.array(tracked[project, period], "Int64"),
            "cumulative": pd.array(cumulative[project, period], "Int64"),
        }
    )


def totals_of(statuses: pd.DataFrame | None) -> pd.DataFrame:
    """Return the totals and estimates of projects, by `id`."""
    return checked_or_empty(statuses, tables.PROJECT_STATUSES, "tracked_time estimated_time")


def sums_of(work: pd.DataFrame, n_codes: int) -> Whole:
    """Sum the time of entries by their codes [ms]."""
    sums = work.groupby("code")["ms"].sum()
    return sums.reindex(range(n_codes), fill_value=0).to_numpy("int64")


def _later(project_user_hours: pd.DataFrame | None, listed: pd.Series[Any]) -> Whole:
    """Return the time tracked on each project after the range [ms]."""
    if project_user_hours is None:
        return np.zeros(len(listed), "int64")
    totals = checked(
        project_user_hours, tables.PROJECT_USER_HOURS, "tracked_time", summed=("tracked_time",)
    )
    sums = milliseconds(totals["tracked_time"]).groupby(totals["project_id"]).sum()
    return sums.reindex(listed).fillna(0).to_numpy("int64")


def _measured(rows: pd.DataFrame, status: pd.DataFrame, *, is_of_all: bool) -> pd.DataFrame:
    totals = look_up(rows[["project_id"]], status, "project_id")
    estimate = milliseconds(totals["estimated_time"])
    progress = rows["cumulative"] / positive(estimate)
    if not is_of_all:
        progress = progress.mask(progress.notna())  # part of the team against the whole estimate
    return rows.assign(
        tracked_hours=to_hours(rows["tracked"]),
        cumulative_hours=to_hours(rows["cumulative"]),
        estimated_hours=to_hours(estimate),
        progress=progress,
        tracked_time=rows["tracked"],
    )


def _checked(**params: Any) -> dict[str, Any]:
    check_every(params["every"], is_optional=False)
    return params


def _more_needs(needs: Needs, listings: Listings, params: Params) -> Needs:
    """Request also what was tracked after the range, since totals are those of today."""
    selected, tomorrow = params["selected"], listings.today + DAY
    is_past = selected.end is not None and selected.end < listings.today - DAY
    needs = replace(needs, arguments={"reaches_today": not (listings.are_given and is_past)})
    if selected.end is None or listings.are_given:
        return needs
    if listings.ws is None:  # an archive, whose entries cost no requests
        return replace(needs, selection=replace(selected, end=max(selected.end, tomorrow)))
    if not is_past or selected.users is not None:
        return needs
    later = {"project_user_hours": Selection(start=selected.end + DAY, end=tomorrow)}
    return replace(needs.with_names(*later), others=later)


BURN: Final = Report(
    name="burn",
    table=tables.BURN,
    needs=LISTINGS,
    look_ups=("projects", "statuses", "clients"),
    check=_checked,
    more_needs=_more_needs,
    at_once=("time_entries", "project_user_hours", "statuses"),
    sums=lambda params: sums_by(
        ["project"], params["selected"], "client", "updated_at", every="day"
    ),
    join=join_burn,
)


def burn(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    every: Every = "week",
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Accumulate the hours of projects period by period, beside their estimates.

    One row per project and period: every period of the range from the project's first entry on,
    also those in which nothing was tracked. The cumulative hours include what was tracked before
    the range, so the last value of a range that reaches today is the total of the project.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames,
        which are then taken to reach today.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    every : {"day", "week", "month", "quarter", "year"}
        The length of a period; weeks begin on Monday.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or e-mail addresses. The total and the estimate
        of a project cover all users, so
        the time that these users tracked before the range is unknown: `cumulative_hours` counts
        from the first day of the range, and `progress` is NA.

    Returns
    -------
    DataFrame
        Ordered by the id of the project, NA last, then by period. Entries without a project have
        rows of their own; since they have no total, their `cumulative_hours` counts from the first
        day of the range, or from the first entry of your own frames.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - period : datetime64[us]. The first day of the period.
        - tracked_hours : Float64 [h]. The time tracked in the period.
        - cumulative_hours : Float64 [h]. All time tracked until the end of the period.
        - estimated_hours : Float64 [h]. Estimate, NA if there is none.
        - progress : Float64 [1]. All time tracked up to then, over the estimate.
        - tracked_time : timedelta64[ms]. Tracked in the period, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days;
    ``filters/projects``, ``filters/projects/status`` and ``filters/clients``; and, for a range that
    ends before today, the sums since then, ``projects/summary``, one request per 365 days. The time
    tracked before the range is the status total minus the time tracked since the first day of the
    range, or zero if that is more than the total. With your own frames, this holds only if the
    range reaches today; otherwise, or without a status, the time before the range is that of the
    entries that you give.

    Totals that are older than the entries are fetched again, and so are entries that are older than
    the totals. In an archive, or frames, with older totals, entries changed since count as new.

    Every row has today's estimate.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> weeks = tf.reports.burn(ws, start_date="2026-10-05", end_date="2026-11-01")
    >>> weeks["period"].nunique()
    4
    """
    return BURN.make(**locals())
