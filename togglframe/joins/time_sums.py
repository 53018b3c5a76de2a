"""Time entries with their clients, and their hours and earnings by group and by period."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from togglframe.api.dates import Day
from togglframe.api.parameters import Ids, IdsOrNone
from togglframe.joins._entries import (
    NAMED,
    By,
    Every,
    amount_cents,
    billable_ms,
    check_every,
    duration,
    entries,
    group_list,
    grouped,
    made,
    name_columns,
    shaped,
    with_names,
)
from togglframe.joins._frames import declared, per_hour, ratio, to_hours
from togglframe.reports.selection import Period, selection
from togglframe.tables import EARNINGS, ENTRIES, HOURS
from togglframe.tables.validation import milliseconds


def hours(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Sequence[By] = ("user",),
    every: Every | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Sum the hours of time entries by group and by period.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects, clients, users, tasks : DataFrame, optional
        The listings; their names take precedence over those in the entries. `projects` provides
        the clients.
    start_date, end_date, period, by, every : optional
        As :func:`togglframe.reports.hours` takes them; without a range, all entries.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `hours`; see :func:`togglframe.reports.hours`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, or a frame does not match its listing.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> by_user = tf.joins.hours(entries, by="user")
    >>> bool(by_user["tracked_time"].sum() == entries["tracked_time"].sum())
    True
    """
    chosen = selection(
        "hours",
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
    groups = group_list("hours", by)
    check_every(every)
    listings = {"projects": projects, "clients": clients, "users": users, "tasks": tasks}
    columns = ["date", "billable", "tracked_time", *name_columns(groups)]
    found = entries(time_entries, projects, columns, chosen)
    by_group = grouped(found, groups, every)
    tracked = milliseconds(found["tracked_time"])
    summed = by_group.sum(
        tracked=tracked,
        billable_ms=billable_ms(found),
        known=tracked.mask(found["billable"].isna()),
    )
    named = with_names(summed, found, groups, listings).assign(
        tracked_hours=to_hours(summed["tracked"]),
        billable_hours=to_hours(summed["billable_ms"]),
        billable_share=ratio(summed["billable_ms"], summed["known"]),
        n_entries=by_group.count(found),
        n_days=by_group.count_days(found, every),
        tracked_time=duration(summed["tracked"]),
        billable_time=duration(summed["billable_ms"]),
    )
    return made(named, shaped(HOURS, groups, every))


def earnings(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Sequence[By] = ("client",),
    every: Every | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Sum the amounts of time entries by group, period and currency.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects, clients, users, tasks : DataFrame, optional
        The listings; their names take precedence over those in the entries. `projects` provides
        the clients.
    start_date, end_date, period, by, every : optional
        As :func:`togglframe.reports.earnings` takes them; without a range, all entries.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `earnings`; see :func:`togglframe.reports.earnings`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, or a frame does not match its listing.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> by_user = tf.joins.earnings(entries, by="user")
    >>> bool(by_user["amount"].sum().round(2) == entries["amount"].sum().round(2))
    True
    """
    chosen = selection(
        "earnings",
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
    groups = group_list("earnings", by)
    check_every(every)
    listings = {"projects": projects, "clients": clients, "users": users, "tasks": tasks}
    columns = ["date", "billable", "tracked_time", "amount", "currency"]
    found = entries(time_entries, projects, [*columns, *name_columns(groups)], chosen)
    amount = amount_cents(found)
    is_earned = (found["billable"] | (amount != 0)).fillna(value=False)
    earned = found[is_earned].assign(cents=amount[is_earned]).reset_index(drop=True)
    billable = billable_ms(earned)
    summed = grouped(earned, groups, every, "currency").sum(
        billable_ms=billable,
        cents=earned["cents"],
        priced_ms=billable.mask(earned["cents"].isna()),
        priced_cents=earned["cents"].mask(billable.isna()),
    )
    named = with_names(summed, found, groups, listings).assign(
        billable_hours=to_hours(summed["billable_ms"]),
        amount=summed["cents"] / 100,
        effective_rate=per_hour(summed["priced_cents"], summed["priced_ms"]),
        billable_time=duration(summed["billable_ms"]),
    )
    return made(named, shaped(EARNINGS, groups, every))


def time_entries(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None,
    clients: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Return time entries with the id of their client.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects : DataFrame
        As ``tf.filters.projects`` returns them; they provide the clients.
    clients, users, tasks : DataFrame, optional
        The listings; their names, and those of `projects`, take precedence over those in the
        entries.
    start_date, end_date, period : optional
        As :func:`togglframe.reports.time_entries` takes them; without a range, all entries.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `entries`; see :func:`togglframe.reports.time_entries`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, or a frame does not match its listing.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> owned = tf.joins.time_entries(entries, tf.filters.projects(ws))
    >>> len(owned) == len(entries)
    True
    """
    chosen = selection(
        "time_entries",
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
    listings = {"projects": projects, "clients": clients, "users": users, "tasks": tasks}
    found = entries(time_entries, projects, ENTRIES.names, chosen)
    named = {one: found[one] for one in NAMED}
    known = with_names(found, found, NAMED, listings)
    known = known.assign(**{one: known[one].fillna(names) for one, names in named.items()})
    return declared(known.sort_values(list(ENTRIES.order), ignore_index=True), ENTRIES)
