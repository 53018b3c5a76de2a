"""Days of work, from the first start to the last stop, and how busy users are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import ConfigError
from togglframe.reports._entries import (
    Groups,
    billable_ms,
    check_every,
    columns_read,
    entries,
    grouped,
    made,
    name_columns,
    naming,
    periods,
    shaped,
    sums_by,
    with_names,
)
from togglframe.reports._frames import checked, ratio, to_hours
from togglframe.reports._intervals import CLOCKED, US_PER_HOUR, Coverage, Intervals
from togglframe.reports._record import Report, clients_need_projects
from togglframe.reports._workdays import (
    Capacity,
    Holidays,
    Hours,
    checked_capacity,
    checked_holidays,
    scheduled,
)
from togglframe.reports.members import are_active
from togglframe.reports.selection import Names, NamesOrNone, Period, Selection
from togglframe.reports.sources import Source
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import Every

__all__ = ["timesheet", "utilisation"]


TIMESHEET_COLUMNS: Final = (
    *("date", "billable", "tracked_time"),
    *CLOCKED,
    *name_columns(["user"]),
)


def join_timesheet(
    time_entries: pd.DataFrame | Iterable[pd.DataFrame],
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    selected: Selection,
) -> pd.DataFrame:
    """Return when each user's days began and ended, and the time tracked in between."""
    parts = [time_entries] if isinstance(time_entries, pd.DataFrame) else time_entries
    of_parts = [_days_of(part, projects, selected) for part in parts]
    days = pd.concat([days for days, _ in of_parts], ignore_index=True)
    named = pd.concat([named for _, named in of_parts], ignore_index=True)
    return made(with_names(days, named, ["user"], users=users), tables.TIMESHEET)


def _days_of(
    time_entries: pd.DataFrame, projects: pd.DataFrame | None, selected: Selection
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the days of these entries, and the entries with the names of their users."""
    matching = entries(time_entries, projects, TIMESHEET_COLUMNS, selected)
    days = grouped(matching, ["user"], "day")
    summed = days.sum(
        tracked=milliseconds(matching["tracked_time"]), billable_ms=billable_ms(matching)
    )
    coverage = Coverage(Intervals.of(matching), days.codes)
    span, union = coverage.span, coverage.union
    measured = summed.assign(
        date=summed["period"],
        first_start=coverage.first_start,
        last_stop=coverage.last_stop,
        tracked_hours=to_hours(summed["tracked"]),
        billable_hours=to_hours(summed["billable_ms"]),
        span_hours=span / US_PER_HOUR,
        break_hours=(span - union) / US_PER_HOUR,
        overlap_hours=(coverage.clocked - union) / US_PER_HOUR,
        n_entries=days.count(),
        tracked_time=summed["tracked"],
    )
    return measured, naming(matching, "user_id", "user")


def join_utilisation(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    selected: Selection,
    capacity: Mapping[int | None, Hours],
    every: Every | None,
    holidays: Mapping[int | None, list[Any]],
) -> pd.DataFrame:
    """Compare the hours that every user tracked in each period with their capacity."""
    columns = ["date", "billable", "tracked_time", *name_columns(["user"])]
    matching = entries(time_entries, projects, columns, selected)
    refuse_nobody(time_entries, users, capacity=capacity, holidays=holidays)
    days = days_in(matching, selected)
    by_cell = cells(matching, listed_users(users, capacity, selected), days, every)
    keys = _with_work(by_cell.keys, days, every, capacity, holidays, today=selected.today)
    tracked, billable = milliseconds(matching["tracked_time"]), billable_ms(matching)
    is_later = are_later(matching["date"], selected.today)  # than capacity is counted for
    summed = by_cell.sum(
        tracked=tracked,
        billable_ms=billable,
        counted=tracked.mask(is_later, 0),
        counted_billable=billable.mask(is_later & billable.notna(), 0),
    )
    is_idle = by_cell.count() == 0
    measures = ("tracked", "billable_ms", "counted", "counted_billable")
    hours = {name: to_hours(summed[name].mask(is_idle, 0)) for name in measures}
    could = keys["capacity_hours"]
    named = with_names(keys, matching, ["user"], users=users).assign(
        tracked_hours=hours["tracked"],
        billable_hours=hours["billable_ms"],
        utilisation=ratio(hours["counted_billable"], could),
        load=ratio(hours["counted"], could),
        idle_hours=could - hours["counted"],
    )
    return made(named, shaped(tables.UTILISATION, [], every))


def starts_of(dates: pd.Series[Any], every: Every | None, days: pd.Series[Any]) -> pd.Series[Any]:
    """Return the first day of the period of each date; without `every`, that of the range."""
    if every:
        return periods(dates, every)
    return pd.Series(days.min(), dates.index, dtype="datetime64[us]")


def are_later(dates: pd.Series[Any], today: dt.date | None) -> pd.Series[Any]:
    """Return which dates are today or later, and so not over yet."""
    return pd.Series(False, dates.index) if today is None else dates >= pd.Timestamp(today)


def refuse_nobody(
    time_entries: pd.DataFrame, users: pd.DataFrame | None, **mappings: Mapping[int | None, Any]
) -> None:
    """Refuse the hours or holidays of somebody who is not listed and has no entry."""
    if users is None:
        return
    known = {*users["id"], *time_entries["user_id"].dropna()}
    for name, mapping in mappings.items():
        if unknown := [user for user in mapping if user is not None and user not in known]:
            raise ConfigError(
                f"{name} names user {unknown[0]}, who is not among the users and has no time "
                "entry: leave the key out"
            )


def days_in(matching: pd.DataFrame, chosen: Selection) -> pd.Series[Any]:
    """Return the days of the range; without one, from the first to the last entry."""
    first, last = chosen.start, chosen.end
    if not chosen.is_ranged and len(matching):
        first, last = matching["date"].min(), matching["date"].max()
    if first is None or last is None:
        return pd.Series([], dtype="datetime64[us]")
    return pd.Series(pd.date_range(first, last, normalize=True, unit="us"))


def listed_users(
    users: pd.DataFrame | None, capacity: Mapping[int | None, Hours], chosen: Selection
) -> pd.Series[Any]:
    """Return the ids of users to include even without entries."""
    ids = pd.Series([user for user in capacity if user is not None], dtype="Int64")
    if users is not None:
        listed = checked(users, tables.USER_DETAILS, "active deactivated deleted_at")
        ids = pd.concat([ids, listed.loc[are_active(listed).fillna(value=False), "id"]])
    return ids if chosen.users is None else ids[ids.isin(chosen.users)]


def cells(
    matching: pd.DataFrame, others: pd.Series[Any], days: pd.Series[Any], every: Every | None
) -> Groups:
    """Return every user in every period as a group, and the group of each entry."""
    tracking = grouped(matching, ["user"])
    without = others[~others.isin(tracking.keys["user_id"].dropna())].drop_duplicates()
    users = pd.concat([tracking.keys["user_id"], without], ignore_index=True)
    starts = pd.Index(starts_of(days, every, days).unique())
    position = starts.get_indexer(pd.Index(starts_of(matching["date"], every, days)))
    keys = pd.DataFrame(
        {
            "user_id": users.repeat(len(starts)).array,
            "period": np.tile(starts.to_numpy(), len(users)),
        }
    )
    return Groups(keys, tracking.codes * len(starts) + position)


def _with_work(
    cells: pd.DataFrame,
    days: pd.Series[Any],
    every: Every | None,
    capacity: Mapping[int | None, Hours],
    holidays: Mapping[int | None, list[Any]],
    *,
    today: dt.date | None,
) -> pd.DataFrame:
    """Add the workdays before today, and their capacity, of each user in each period."""
    codes, starts = pd.factorize(starts_of(days, every, days))
    dates, is_over = days.to_numpy("datetime64[D]"), ~are_later(days, today).to_numpy()
    workdays, could = [np.array([])], [np.array([])]
    for user in cells["user_id"].iloc[:: len(starts) or 1]:
        known = None if pd.isna(user) else user
        hours = None if known is None else capacity.get(known, capacity.get(None))
        free = holidays.get(known, holidays.get(None, []))
        counts = is_over & ~np.isin(dates, np.array(free, "datetime64[D]"))
        # days from Monday to Friday are workdays even of those whose hours are 0 or unknown
        has_work = scheduled(dates, hours if isinstance(hours, Sequence) else 1) > 0
        workdays.append(np.bincount(codes, counts & has_work, len(starts)))
        could.append(np.bincount(codes, counts * scheduled(dates, hours), len(starts)))
    return cells.assign(
        workdays=pd.array(np.concatenate(workdays), dtype="Int64"),
        capacity_hours=to_hours(pd.Series(np.concatenate(could), cells.index).astype("Float64")),
    )


TIMESHEET: Final = Report(
    name="timesheet",
    table=tables.TIMESHEET,
    needs=("time_entries",),
    more_needs=clients_need_projects,
    at_hand=("users",),
    samples=({}, {"clients": [1]}),
    reads=lambda params: columns_read(TIMESHEET_COLUMNS, params["selected"]),
    join=join_timesheet,
)


def timesheet(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """List when each user's days began and ended, and what was tracked in between.

    One row per user and day with an entry.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or addresses. Other time
        tracked on the day then counts as a break.

    Returns
    -------
    DataFrame
        Ordered by user, NA last, then by date. An entry belongs to the day on which it begins, with
        all of its time, even beyond midnight. Span, break and overlap are computed in UTC, so that
        clock changes do not affect them; `first_start` and `last_stop` are wall-clock times, by the
        entry's own UTC offset.

        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - date : datetime64[us]. The local day on which the entries began.
        - first_start : datetime64[us]. When the first entry began, in local time.
        - last_stop : datetime64[us]. When the last entry ended, in local time.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - span_hours : Float64 [h]. From the first start to the last stop.
        - break_hours : Float64 [h]. The part of the span in which nothing was tracked.
        - overlap_hours : Float64 [h]. Time tracked more than once at the same time.
        - n_entries : Int64. Time entries.
        - tracked_time : timedelta64[ms]. Tracked, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    ConfigError
        If an entry ends before it begins, or has not ended.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days; with
    `clients`, ``filters/projects`` too.

    If every entry's duration is the time from its start to its stop, tracked is span minus break
    plus overlap. The API may report another duration, for example when it rounds: `tracked_hours`
    and `tracked_time` are then those of the API, as in every other report, while span, break and
    overlap depend on start and stop alone. So the overlap is never below zero, and rounding an
    entry makes no overlap. An entry that goes on after midnight, into the first entry of the next
    day, overlaps in the report `entry_audit`, but on neither of the days here.

    Examples
    --------
    >>> import togglframe as tf
    >>> days = tf.reports.timesheet(tf.demo(today="2026-11-26"), period="2026-W10")
    >>> days[["user", "date", "n_entries", "first_start"]].head(3)
              user       date  n_entries         first_start
    0  Mateo Rivas 2026-03-02          3 2026-03-02 08:33:52
    1  Mateo Rivas 2026-03-03          2 2026-03-03 09:02:33
    2  Mateo Rivas 2026-03-04          3 2026-03-04 08:14:26
    """
    return TIMESHEET.make(**locals())


def _checked(**params: Any) -> dict[str, Any]:
    check_every(params["every"])
    return {
        **params,
        "capacity": checked_capacity(params["capacity"]),
        "holidays": checked_holidays(params["holidays"]),
    }


UTILISATION: Final = Report(
    name="utilisation",
    table=tables.UTILISATION,
    needs=("time_entries", "users"),
    look_ups=("users",),
    optional=("users",),
    more_needs=clients_need_projects,
    check=_checked,
    shape=lambda params: shaped(tables.UTILISATION, [], params["every"]),
    samples=({}, {"clients": [1]}, {"every": None}),
    sums=lambda params: sums_by(["user"], params["selected"], "billable", every="day"),
    join=join_utilisation,
)


def utilisation(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    capacity: Capacity = 40,
    every: Every | None = "week",
    holidays: Holidays = (),
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Compare the tracked time of every user in each period with their capacity.

    One row per user and period; every user has every period of the range. Users are those who have
    entries, all who are active, and those who have a capacity of their own.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from. Without `users`, only users with entries or a capacity of
        their own are included.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames,
        where the range is then from the first to the last entry.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    capacity : float, list of seven float, or mapping or Series of these
        The hours that every user can work in a week [h], 0 or more, or on each of its days from
        Monday on; or those of each user, by name, e-mail address or id. The key None stands for
        all others; without it, the capacity of a user who is missing is unknown.
    every : {"day", "week", "month", "quarter", "year"} or None
        The length of a period; weeks begin on Monday. None is the whole range, in one row a user
        without `period`.
    holidays : iterable of str, date, datetime or Timestamp, or mapping to these
        Days on which nobody has to work; or those of each user, by name, e-mail address or id,
        which replace those of the key None.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one. The capacity
        is not reduced.
    users : int, str, or list of int or str, optional
        Only these users: ids, names or e-mail addresses.

    Returns
    -------
    DataFrame
        Ordered by user, NA last, then by period. A workday is a day that is not a holiday, from
        Monday to Friday, or on which the user has hours. Of a period that the range cuts, only the
        days in the range count. Workdays, capacity, ratios and idle hours of a period that has
        begun count only the days before today. With a capacity of zero, the ratios are NA.

        - user_id : Int64. User id.
        - user : str. Name of the user.
        - period : datetime64[us]. The first day of the period.
        - workdays : Int64. Days of work that are not holidays.
        - capacity_hours : Float64 [h]. Hours available for work, NA if unknown.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - utilisation : Float64 [1]. Billable hours over capacity.
        - load : Float64 [1]. Tracked hours over capacity.
        - idle_hours : Float64 [h]. Capacity minus tracked; negative is overtime.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    ConfigError
        If a key of `capacity` or `holidays` fits nobody, or two keys are of one user.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days, and
    ``search/users``; with `clients`, ``filters/projects`` too.

    The capacity of a period is `capacity` / 5 for each of its workdays, or the hours of each of
    its days. Time on weekends and
    holidays counts as tracked, and so as overtime.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> weeks = tf.reports.utilisation(ws, period="2026-04", holidays=["2026-04-06"])
    >>> weeks["workdays"].unique().tolist()
    [3, 4, 5]
    >>> hours = {None: 40, "Priya Raman": [8, 8, 8, 0, 0, 0, 0]}
    >>> own = tf.reports.utilisation(ws, period="2026-W15", capacity=hours, users="Priya Raman")
    >>> own["capacity_hours"].tolist()
    [24.0]
    """
    return UTILISATION.make(**locals())
