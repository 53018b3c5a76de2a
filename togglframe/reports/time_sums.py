"""Time entries with their clients, and their hours and earnings by group and period."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.reports._entries import (
    NAMED,
    By,
    Own,
    amount_cents,
    billable_ms,
    check_every,
    entries,
    group_list,
    grouped,
    made,
    name_columns,
    shaped,
    sums_by,
    with_names,
)
from togglframe.reports._frames import declared, per_hour, ratio, to_hours
from togglframe.reports._record import Report, clients_need_projects
from togglframe.reports.selection import Names, NamesOrNone, Period, Selection
from togglframe.reports.sources import Source
from togglframe.tables import Table
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import Every

__all__ = ["earnings", "hours", "time_entries"]


def join_hours(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    selected: Selection,
    by: list[str],
    every: Every | None,
    **names: pd.DataFrame,
) -> pd.DataFrame:
    """Sum the hours of time entries by group and by period."""
    columns = ["date", "billable", "tracked_time", *name_columns(by)]
    rows = entries(time_entries, projects, columns, selected)
    by_group = grouped(rows, by, every)
    tracked = milliseconds(rows["tracked_time"])
    summed = by_group.sum(
        tracked=tracked,
        billable_ms=billable_ms(rows),
        known=tracked.mask(rows["billable"].isna()),
    )
    named = with_names(summed, rows, by, projects=projects, **names).assign(
        tracked_hours=to_hours(summed["tracked"]),
        billable_hours=to_hours(summed["billable_ms"]),
        billable_share=ratio(summed["billable_ms"], summed["known"]),
        n_entries=by_group.count(rows),
        n_days=by_group.count_days(rows, every),
        tracked_time=summed["tracked"],
        billable_time=summed["billable_ms"],
    )
    return made(named, shaped(tables.HOURS, by, every))


def join_earnings(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    selected: Selection,
    by: list[str],
    every: Every | None,
    **names: pd.DataFrame,
) -> pd.DataFrame:
    """Sum the amounts of time entries by group, period and currency."""
    columns = ["date", "billable", "tracked_time", "amount", "currency"]
    rows = entries(time_entries, projects, [*columns, *name_columns(by)], selected)
    amount = amount_cents(rows)
    is_earned = (rows["billable"] | (amount != 0)).fillna(value=False)
    earned = rows[is_earned].assign(cents=amount[is_earned]).reset_index(drop=True)
    billable = billable_ms(earned)
    summed = grouped(earned, by, every, "currency").sum(
        billable_ms=billable,
        cents=earned["cents"],
        priced_ms=billable.mask(earned["cents"].isna()),
        priced_cents=earned["cents"].mask(billable.isna()),
    )
    named = with_names(summed, rows, by, projects=projects, **names).assign(
        billable_hours=to_hours(summed["billable_ms"]),
        amount=summed["cents"] / 100,
        effective_rate=per_hour(summed["priced_cents"], summed["priced_ms"]),
        billable_time=summed["billable_ms"],
    )
    return made(named, shaped(tables.EARNINGS, by, every))


def join_time_entries(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    selected: Selection,
    **names: pd.DataFrame,
) -> pd.DataFrame:
    """Return time entries with the id of their client."""
    rows = entries(time_entries, projects, tables.ENTRIES.names, selected)
    named = with_names(rows, rows, NAMED, projects=projects, **names)
    named = named.assign(**{one: named[one].fillna(rows[one]) for one in NAMED})
    return declared(
        named.sort_values(list(tables.ENTRIES.order), ignore_index=True), tables.ENTRIES
    )


TIME_ENTRIES: Final = Report(
    name="time_entries",
    table=tables.ENTRIES,
    needs=("time_entries", "projects"),
    at_hand=("clients", "users", "tasks"),
    join=join_time_entries,
)


def time_entries(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """List the time entries of a range of days, with the id of their client.

    One row per time entry.

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
        Only entries of these users: ids, names or addresses.

    Returns
    -------
    DataFrame
        Ordered by start, then id.

        - id : Int64. Time entry id.
        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - email : str. E-mail address of the user who tracked it.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - task_id : Int64. Task id, NA without a task.
        - task : str. Name of the task.
        - description : str. What was done, NA if there is no description.
        - billable : boolean. Whether the time is billable.
        - tags : list of str or NA. Names of the tags.
        - tag_ids : list of int or NA. Ids of the tags.
        - start : datetime64[us, UTC]. When it began.
        - stop : datetime64[us, UTC]. When it ended.
        - date : datetime64[us]. The local day on which it began.
        - utc_offset : timedelta64[ms]. Offset from UTC to the local time where it was tracked.
        - tracked_time : timedelta64[ms]. The time tracked.
        - amount : Float64 [currency]. Value of the billable time, NA if unknown.
        - hourly_rate : Float64 [currency]. Billable rate, per hour.
        - currency : str. Currency of the amounts, ISO 4217.
        - updated_at : datetime64[us, UTC]. When it was last changed.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days, and
    ``filters/projects``.

    Examples
    --------
    >>> import togglframe as tf
    >>> entries = tf.reports.time_entries(tf.demo(today="2026-11-26"), period="2026-W10")
    >>> entries[["user", "project", "date", "tracked_time"]].head(2)
               user                   project       date    tracked_time
    0  Freya Madsen  Online tariff calculator 2026-03-02 0 days 02:20:07
    1  Freya Madsen  Online tariff calculator 2026-03-02 0 days 06:05:00
    """
    return TIME_ENTRIES.make(**locals())


def _checked(table: Table, *, by: object, every: object, **others: Any) -> dict[str, Any]:
    check_every(every)
    return {"by": group_list(table.name, by, table), "every": every, **others}


HOURS: Final = Report(
    name="hours",
    table=tables.HOURS,
    needs=("time_entries",),
    more_needs=clients_need_projects,
    at_hand=("projects", "clients", "users", "tasks"),
    check=partial(_checked, tables.HOURS),
    shape=lambda params: shaped(tables.HOURS, params["by"], params["every"]),
    sums=lambda params: sums_by(
        params["by"], params["selected"], "billable", every=params["every"]
    ),
    samples=({}, {"by": ["project", "client"], "every": "month"}, {"by": []}),
    join=join_hours,
)


def hours(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Own | Sequence[By | Own] = ("user",),
    every: Every | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Sum the hours of a range of days by user, project or other groups, and by period.

    One row per combination of `by` and period. Only combinations with time entries have a row, so
    all rows together hold the hours of the range.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    by : str, mapping, or sequence of them
        What to group by: "user", "project", "client", "task", "billable", "description", "tags"
        (all tags of an entry as one value); an empty list makes a single group. A mapping makes
        groups of your own: ``{"team": {"priya@…": "Design", …}}`` of users by name, address or id,
        ``{"unit": ("project", {…})}`` of projects or clients,
        ``{"activity": ("tag", ["design", "code"])}`` the first of these tags that an entry has.
        The name becomes a text column, in the order of the mapping; who is in no group is NA.
    every : {"day", "week", "month", "quarter", "year"}, optional
        The length of a period; weeks begin on Monday.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or addresses.

    Returns
    -------
    DataFrame
        Ordered by the ids of `by`, NA last, then by period. Of the first columns, only those that
        `by` names, and `period` only with `every`:

        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - task_id : Int64. Task id, NA without a task.
        - task : str. Name of the task.
        - billable : boolean. Whether the time is billable.
        - description : str. What was done, NA if there is no description.
        - tags : list of str or NA. All tags of the entries, sorted; NA if unknown.
        - period : datetime64[us]. The first day of the period.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - billable_share : Float64 [1]. Billable over tracked, where known.
        - n_entries : Int64. Time entries.
        - n_days : Int64. Distinct days with an entry.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - billable_time : timedelta64[ms]. Billable, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days; with clients,
    ``filters/projects`` too, since time entries do not hold the client id.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> weeks = tf.reports.hours(ws, period="2026-03", by=["user", "project"], every="week")
    >>> list(weeks.columns[:5])
    ['user_id', 'user', 'project_id', 'project', 'period']
    """
    return HOURS.make(**locals())


EARNINGS: Final = Report(
    name="earnings",
    table=tables.EARNINGS,
    needs=("time_entries",),
    more_needs=clients_need_projects,
    at_hand=("projects", "clients", "users", "tasks"),
    check=partial(_checked, tables.EARNINGS),
    shape=lambda params: shaped(tables.EARNINGS, params["by"], params["every"]),
    sums=lambda params: sums_by(
        params["by"],
        params["selected"],
        *("billable", "amount", "currency"),
        every=params["every"],
    ),
    samples=({}, {"by": ["project", "client"], "every": "month"}, {"by": []}),
    join=join_earnings,
)


def earnings(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Own | Sequence[By | Own] = ("client",),
    every: Every | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Sum the earnings of a range of days by client or other groups, period and currency.

    One row per combination of `by`, period and currency; only time that is billable or has an
    amount counts.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    by : str, mapping, or sequence of them
        What to group by: "user", "project", "client", "task", "billable", "description", "tags"
        (all tags of an entry as one value); an empty list makes a single group. A mapping makes
        groups of your own: ``{"team": {"priya@…": "Design", …}}`` of users by name, address or id,
        ``{"unit": ("project", {…})}`` of projects or clients,
        ``{"activity": ("tag", ["design", "code"])}`` the first of these tags that an entry has.
        The name becomes a text column, in the order of the mapping; who is in no group is NA.
    every : {"day", "week", "month", "quarter", "year"}, optional
        The length of a period; weeks begin on Monday.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or addresses.

    Returns
    -------
    DataFrame
        Ordered by the ids of `by`, NA last, then by period and currency. Of the first columns, only
        those that `by` names, and `period` only with `every`. An amount is the sum of the known
        amounts; the effective rate is over the hours that have one.

        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - task_id : Int64. Task id, NA without a task.
        - task : str. Name of the task.
        - billable : boolean. Whether the time is billable.
        - description : str. What was done, NA if there is no description.
        - tags : list of str or NA. All tags of the entries, sorted; NA if unknown.
        - period : datetime64[us]. The first day of the period.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - amount : Float64 [currency]. Value of the billable time, NA if unknown.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the entries where both
          are known.
        - billable_time : timedelta64[ms]. Billable, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days; with clients,
    ``filters/projects`` too, since time entries do not hold the client id.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> months = tf.reports.earnings(ws, period="2026-03", by="client", every="month")
    >>> months[["client", "currency", "billable_hours", "amount"]].head(3).round(2)
                          client currency  billable_hours    amount
    0  Northwind Coffee Roasters      EUR          266.83  29958.76
    1  Northwind Coffee Roasters      USD            5.39    592.51
    2             Brasserie Élan      EUR          130.91  18783.43
    """
    return EARNINGS.make(**locals())
