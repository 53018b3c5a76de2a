"""The cumulative hours of projects against their estimates, period by period."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.api.dates import WEEK, Day
from togglframe.api.parameters import Ids, IdsOrNone
from togglframe.errors import ConfigError
from togglframe.joins._entries import (
    Every,
    check_every,
    duration,
    entries,
    is_since,
    made,
    of_projects,
    periods,
    totals_until,
    with_projects,
)
from togglframe.joins._frames import checked, look_up, positive, to_hours
from togglframe.reports.selection import EVERYTHING, Period, Selection, selection
from togglframe.tables import BURN, PROJECT_STATUSES, PROJECT_USER_HOURS
from togglframe.tables.validation import milliseconds

Whole = npt.NDArray[np.int64]
Days = npt.NDArray[np.datetime64]

ENTRY_COLUMNS: Final = ("date", "project_id", "project", "client", "start", "tracked_time")


def burn(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    statuses: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    project_user_hours: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    every: Every = "week",
    reaches_today: bool = False,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Accumulate the hours of projects, period by period.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects : DataFrame, optional
        As ``tf.filters.projects`` returns them; their names, and those of `clients`,
        take precedence over those in the entries.
    statuses : DataFrame, optional
        As ``tf.filters.project_statuses`` returns them; they provide the estimates.
    clients : DataFrame, optional
        As ``tf.filters.clients`` returns them.
    project_user_hours : DataFrame, optional
        The time tracked after the range until today, as :func:`togglframe.api.projects.summary`
        returns it, if `time_entries` end with the range.
    start_date, end_date, period, every : optional
        As :func:`togglframe.reports.burn` takes them; without a range, from the first entry to
        the last.
    reaches_today : bool
        Whether `time_entries`, with `project_user_hours`, cover all time from the first day of the
        range to the day of `statuses`. If so, the time tracked before the range is that of the
        status minus that time; otherwise, and without a status, as for time without a project, it
        is that of the entries before the range. With `user_ids`, only entries in the range count.
        Entries changed since `statuses` were fetched, if those are older, are not in their totals.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `burn`; see :func:`togglframe.reports.burn`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, or a frame does not match its listing.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-29")
    >>> weeks = tf.joins.burn(entries)
    >>> bool(weeks["tracked_time"].sum() == entries["tracked_time"].sum())
    True
    """
    chosen = selection(
        "burn",
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
    check_burn(every)
    moment = totals_until(statuses, time_entries)
    columns = ENTRY_COLUMNS if moment is None else (*ENTRY_COLUMNS, "updated_at")
    found = entries(time_entries, projects, columns, replace(chosen, start=None, end=None))
    status = _status(statuses, projects, chosen)
    ends = _ends(time_entries, chosen)
    if ends is None:
        return BURN.empty()
    work = _Work.of(found, status["project_id"], ends, every)
    before = work.sums(work.days < ends[0])
    if chosen.user_ids is not None:
        before[:] = 0
    elif reaches_today:
        since = work.sums(work.days >= ends[0])[work.listed]
        since += _later(project_user_hours, status["project_id"])
        since -= work.sums(is_since(found, moment))[work.listed]  # which the totals do not hold
        told = (milliseconds(status["tracked_time"]) - since).dropna()
        before[work.listed[told.index]] = told.clip(lower=0)
    rows = work.rows(before)
    owned = with_projects(rows[["project_id"]].drop_duplicates(), found, projects, clients)
    named = look_up(rows, owned, "project_id")
    return made(_measured(named, status, is_of_all=chosen.user_ids is None), BURN)


def check_burn(every: object) -> None:
    """Refuse None and any invalid length of a period."""
    check_every(every)
    if every is None:
        raise ConfigError('burn needs periods: every must be "day", "week" or "month", not None')


def _status(
    statuses: pd.DataFrame | None, projects: pd.DataFrame | None, chosen: Selection
) -> pd.DataFrame:
    """Return the totals and estimates of the selected projects, by `project_id`."""
    columns = "tracked_time estimated_time"
    status = checked(
        PROJECT_STATUSES.empty() if statuses is None else statuses, PROJECT_STATUSES, columns
    )
    return of_projects(status.rename(columns={"id": "project_id"}), projects, chosen)


def _later(project_user_hours: pd.DataFrame | None, listed: pd.Series[Any]) -> Whole:
    """Return the time tracked on each project after the range [ms]."""
    if project_user_hours is None:
        return np.zeros(len(listed), "int64")
    told = checked(project_user_hours, PROJECT_USER_HOURS, "tracked_time", summed=("tracked_time",))
    sums = milliseconds(told["tracked_time"]).groupby(told["project_id"]).sum()
    return sums.reindex(listed).fillna(0).to_numpy("int64")


def _ends(
    time_entries: pd.DataFrame, chosen: Selection
) -> tuple[np.datetime64, np.datetime64] | None:
    """Return the first and the last day, None if there is neither a range nor an entry."""
    if chosen.is_ranged:
        return np.datetime64(chosen.start, "D"), np.datetime64(chosen.end, "D")
    days = entries(time_entries, None, ["date"], EVERYTHING)["date"].to_numpy("datetime64[D]")
    return (days.min(), days.max()) if len(days) else None


@dataclass(frozen=True)
class _Work:
    """The time of projects [ms], by project and period.

    `ids` has all projects, NA included; `codes` and `listed` are the places in it of each entry and
    of each status.
    """

    ids: pd.Series[Any]
    codes: npt.NDArray[np.intp]
    listed: npt.NDArray[np.intp]
    days: Days
    ms: Whole
    grid: Days
    tracked: Whole
    has_entries: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        found: pd.DataFrame,
        listed: pd.Series[Any],
        ends: tuple[np.datetime64, np.datetime64],
        every: str,
    ) -> _Work:
        first, last = ends
        both = pd.concat([found["project_id"], listed], ignore_index=True)
        codes, ids = pd.factorize(both, use_na_sentinel=False)
        of_entries = codes[: len(found)]
        days = found["date"].to_numpy("datetime64[D]")
        ms = milliseconds(found["tracked_time"]).to_numpy("int64")
        grid = _grid(first, last, every)
        is_in = (days >= first) & (days <= last)
        starts = periods(found["date"][is_in], every).to_numpy("datetime64[D]")
        places = of_entries[is_in], np.searchsorted(grid, starts)
        tracked = np.zeros((len(ids), len(grid)), "int64")
        has_entries = np.zeros(tracked.shape, bool)
        np.add.at(tracked, places, ms[is_in])
        has_entries[places] = True
        named = pd.Series(ids, dtype="Int64")
        return cls(named, of_entries, codes[len(found) :], days, ms, grid, tracked, has_entries)

    def sums(self, which: npt.NDArray[np.bool_]) -> Whole:
        """Sum some of the entries by project."""
        summed = np.zeros(len(self.ids), "int64")
        np.add.at(summed, self.codes[which], self.ms[which])
        return summed

    def rows(self, before: Whole) -> pd.DataFrame:
        """Return a row for each period of each project, from its first entry on."""
        begins = np.where(self.has_entries.any(axis=1), self.has_entries.argmax(axis=1), np.inf)
        begins[before > 0] = 0
        project, period = np.nonzero(np.arange(len(self.grid)) >= begins[:, None])
        cumulative = before[:, None] + self.tracked.cumsum(axis=1)
        return pd.DataFrame(
            {
                "project_id": self.ids.iloc[project].reset_index(drop=True),
                "period": self.grid[period].astype("datetime64[us]"),
                "tracked": pd.array(self.tracked[project, period], "Int64"),
                "cumulative": pd.array(cumulative[project, period], "Int64"),
            }
        )


def _grid(first: np.datetime64, last: np.datetime64, every: str) -> Days:
    """Return the first days of all periods of a range."""
    ends = periods(pd.Series([first, last], dtype="datetime64[us]"), every)
    if every == "month":
        one, (begun, ended) = np.timedelta64(1, "M"), ends.to_numpy("datetime64[M]")
        return np.arange(begun, ended + one, one).astype("datetime64[D]")
    step = np.timedelta64(WEEK if every == "week" else 1, "D")
    begun, ended = ends.to_numpy("datetime64[D]")
    return np.arange(begun, ended + step, step)


def _measured(rows: pd.DataFrame, status: pd.DataFrame, *, is_of_all: bool) -> pd.DataFrame:
    told = look_up(rows[["project_id"]], status, "project_id")
    estimate = milliseconds(told["estimated_time"])
    progress = rows["cumulative"] / positive(estimate)
    if not is_of_all:
        progress = progress.mask(progress.notna())  # part of the team against the whole estimate
    return rows.assign(
        tracked_hours=to_hours(rows["tracked"]),
        cumulative_hours=to_hours(rows["cumulative"]),
        estimated_hours=to_hours(estimate),
        progress=progress,
        tracked_time=duration(rows["tracked"]),
    )
