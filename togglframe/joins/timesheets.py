"""Days of work, from the first start to the last stop, and the utilisation of people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.api.dates import Day
from togglframe.api.parameters import Ids, IdsOrNone
from togglframe.joins._entries import (
    Every,
    Groups,
    billable_ms,
    check_every,
    duration,
    entries,
    grouped,
    made,
    name_columns,
    naming,
    periods,
    with_names,
)
from togglframe.joins._frames import checked, ratio, to_hours
from togglframe.joins._intervals import CLOCKED, US_PER_HOUR, Coverage, Intervals
from togglframe.joins._workdays import (
    WORKDAYS_A_WEEK,
    Capacity,
    Days,
    are_workdays,
    checked_capacity,
    holiday_days,
)
from togglframe.joins.members import are_active
from togglframe.reports.selection import Period, Selection, selection
from togglframe.tables import TIMESHEET, USER_DETAILS, UTILISATION
from togglframe.tables.validation import milliseconds

TIMESHEET_COLUMNS: Final = (
    *("date", "billable", "tracked_time"),
    *CLOCKED,
    *name_columns(["user"]),
)


def timesheet(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Return when each user's days began and ended, and the time tracked in between.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects : DataFrame, optional
        As ``tf.filters.projects`` returns them; needed only with `client_ids`.
    users : DataFrame, optional
        As ``tf.search.users`` returns them; their names take precedence over those in
        the entries.
    start_date, end_date, period : optional
        As :func:`togglframe.reports.timesheet` takes them; without a range, all entries.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `timesheet`; see :func:`togglframe.reports.timesheet`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, a frame does not match its listing, or an entry ends before it
        begins.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> days = tf.joins.timesheet(entries)
    >>> bool((days["break_hours"] >= 0).all())
    True
    """
    return timesheet_of_parts(
        [time_entries],
        projects,
        users,
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )


def timesheet_of_parts(
    parts: Iterable[pd.DataFrame],
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    **selecting: Any,
) -> pd.DataFrame:
    """Do what :func:`timesheet` does with entries that come in parts, each day in one part."""
    chosen = selection("timesheet", **selecting)
    made_of = list(map(partial(_days_of, projects=projects, chosen=chosen), parts))
    days = pd.concat([days for days, _ in made_of], ignore_index=True)
    told = pd.concat([told for _, told in made_of], ignore_index=True)
    return made(with_names(days, told, ["user"], {"users": users}), TIMESHEET)


def _days_of(
    time_entries: pd.DataFrame, projects: pd.DataFrame | None, chosen: Selection
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days of these entries, and the entries with the names of their users."""
    found = entries(time_entries, projects, TIMESHEET_COLUMNS, chosen)
    days = grouped(found, ["user"], "day")
    summed = days.sum(tracked=milliseconds(found["tracked_time"]), billable_ms=billable_ms(found))
    coverage = Coverage(Intervals.of(found), days.codes)
    union = coverage.union
    measured = summed.assign(
        date=summed["period"],
        first_start=coverage.first_start,
        last_stop=coverage.last_stop,
        tracked_hours=to_hours(summed["tracked"]),
        billable_hours=to_hours(summed["billable_ms"]),
        span_hours=coverage.span / US_PER_HOUR,
        break_hours=(coverage.span - union) / US_PER_HOUR,
        overlap_hours=(coverage.clocked - union) / US_PER_HOUR,
        n_entries=days.count(),
        tracked_time=duration(summed["tracked"]),
    )
    return measured, naming(found, "user_id", "user")


def utilisation(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    capacity: Capacity = 40,
    every: Every = "week",
    holidays: Iterable[Day] = (),
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Compare the hours that every user tracked in each period with their capacity.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects : DataFrame, optional
        As ``tf.filters.projects`` returns them; needed only with `client_ids`.
    users : DataFrame, optional
        As ``tf.search.users`` returns them; without them only users who have entries
        or a capacity of their own are included.
    start_date, end_date, period, capacity, every, holidays : optional
        As :func:`togglframe.reports.utilisation` takes them; without a range, from the first to
        the last day of the entries.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `utilisation`; see :func:`togglframe.reports.utilisation`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, or a frame does not match its listing.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> week = tf.joins.utilisation(entries, capacity=32)
    >>> week["capacity_hours"].unique().tolist()
    [32.0]
    """
    chosen = selection(
        "utilisation",
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
    hours_a_week = checked_capacity(capacity)
    check_every(every, is_optional=False)
    days_off = holiday_days(holidays)
    columns = ["date", "billable", "tracked_time", *name_columns(["user"])]
    found = entries(time_entries, projects, columns, chosen)
    workdays = _workdays(_days(found, chosen), every, days_off)
    cells = _cells(found, _others(users, hours_a_week, chosen), workdays, every)
    summed = cells.sum(tracked=milliseconds(found["tracked_time"]), billable_ms=billable_ms(found))
    is_idle = cells.count() == 0
    tracked = to_hours(summed["tracked"].mask(is_idle, 0))
    billable = to_hours(summed["billable_ms"].mask(is_idle, 0))
    could = _hours_a_week(summed["user_id"], hours_a_week) * summed["workdays"] / WORKDAYS_A_WEEK
    named = with_names(summed, found, ["user"], {"users": users}).assign(
        capacity_hours=could,
        tracked_hours=tracked,
        billable_hours=billable,
        utilisation=ratio(billable, could),
        load=ratio(tracked, could),
        idle_hours=could - tracked,
    )
    return made(named, UTILISATION)


def _days(found: pd.DataFrame, chosen: Selection) -> pd.Series[Any]:
    """Return the days of the range; without one, from the first to the last entry."""
    first, last = chosen.start, chosen.end
    if not chosen.is_ranged and len(found):
        first, last = found["date"].min(), found["date"].max()
    days = np.array([], "datetime64[D]")
    if first is not None:
        one, (begin, end) = np.timedelta64(1, "D"), np.array([first, last], "datetime64[D]")
        days = np.arange(begin, end + one, one)
    return pd.Series(days.astype("datetime64[us]"))


def _workdays(days: pd.Series[Any], every: Every, holidays: Days) -> pd.Series[Any]:
    """Count the workdays among these days, by period."""
    are_worked = pd.Series(are_workdays(days.to_numpy(), holidays), dtype="Int64")
    return are_worked.groupby(periods(days, every)).sum()


def _others(users: pd.DataFrame | None, capacity: Capacity, chosen: Selection) -> pd.Series[Any]:
    """Return the ids of users to include even without entries."""
    ids = pd.Series(list(capacity) if isinstance(capacity, Mapping) else [], dtype="Int64")
    if users is not None:
        listed = checked(users, USER_DETAILS, "active deactivated deleted_at")
        ids = pd.concat([ids, listed.loc[are_active(listed).fillna(value=False), "id"]])
    return ids if chosen.user_ids is None else ids[ids.isin(chosen.user_ids)]


def _cells(
    found: pd.DataFrame, others: pd.Series[Any], workdays: pd.Series[Any], every: Every
) -> Groups:
    """Return every user in every period as a group, and the group of each entry."""
    tracking = grouped(found, ["user"])
    without = others[~others.isin(tracking.keys["user_id"].dropna())].drop_duplicates()
    users = pd.concat([tracking.keys["user_id"], without], ignore_index=True)
    place = workdays.index.get_indexer(pd.Index(periods(found["date"], every)))
    n_periods = len(workdays)
    keys = pd.DataFrame(
        {
            "user_id": users.repeat(n_periods).array,
            "period": np.tile(workdays.index.to_numpy(), len(users)),
            "workdays": pd.array(np.tile(workdays.to_numpy("int64"), len(users)), dtype="Int64"),
        }
    )
    return Groups(keys, tracking.codes * n_periods + place)


def _hours_a_week(user_ids: pd.Series[Any], capacity: Capacity) -> pd.Series[Any]:
    """Return the capacity of each user, NA if there is none or the user is unknown."""
    if not isinstance(capacity, Mapping):
        return pd.Series(capacity, user_ids.index, dtype="Float64").mask(user_ids.isna())
    known = pd.Series(list(capacity.values()), pd.Index(list(capacity), dtype="Int64"), "Float64")
    return known.reindex(pd.Index(user_ids)).set_axis(user_ids.index)
