"""Hours by user and project, and earnings and costs of projects in a range of days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from togglframe import joins, tables
from togglframe.api.dates import Day
from togglframe.api.parameters import Ids, IdsOrNone
from togglframe.joins._entries import sums_by
from togglframe.joins.profits import checked_costs, checked_fees
from togglframe.reports._over_time import TimeReport, selected
from togglframe.reports.selection import Period, Selection
from togglframe.reports.sources import Source

__all__ = ["profitability", "user_hours"]


def _of_everybody(given: Mapping[str, Any]) -> Selection:
    """Return the range alone: shares are of all time on a project."""
    chosen = selected("user_hours", given)
    return replace(chosen, user_ids=None, client_ids=None, project_ids=None)


USER_HOURS: Final = TimeReport(
    name="user_hours",
    table=tables.USER_HOURS,
    needs=("time_entries", "projects", "project_users", "users", "clients"),
    look_ups=("projects", "project_users", "users", "clients"),
    optional=("project_users", "users"),
    instead={"time_entries": "project_user_hours"},
    asks=_of_everybody,
    sums=lambda given: sums_by(["user", "project"], _of_everybody(given), "client", "billable"),
    join=joins.user_hours,
)


def user_hours(
    ws: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Sum the hours of every user on every project.

    One row per user and project with time in the range.

    Parameters
    ----------
    ws : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range as a period instead: a month "2026-10", a week "2026-W43" or a year "2026".
    user_ids : iterable of int, optional
        Only these users; shares are still of all time tracked on the project.
    client_ids, project_ids : iterable of int or None, optional
        Only projects with these ids; include None for time without one.

    Returns
    -------
    DataFrame
        Ordered by project, then by user, NA last. The range is in ``attrs``.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - is_member : boolean. Whether the user is a member; NA if not known.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - share_of_project : Float64 [1]. Tracked over all time tracked on the project.
        - tracked_time : timedelta64[ms]. Tracked, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``projects/summary``, one request per window of 365 days, instead of all time entries;
    ``filters/projects``, ``filters/project_users``, ``filters/clients`` and ``search/users`` twice
    for the names and memberships. The name of a user who is not listed comes only with time
    entries, so it is missing for a Workspace.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> users = tf.reports.user_hours(ws, period="2026-03")
    >>> users[["project", "user", "tracked_hours", "share_of_project"]].head(3).round(2)
                project              user  tracked_hours  share_of_project
    0  Website relaunch       Anna Keller          11.66              0.22
    1  Website relaunch   Jonas Lindqvist          12.59              0.24
    2  Website relaunch  Tomasz Zieliński          11.65              0.22
    """
    return USER_HOURS.make(
        ws,
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )


def _checked(
    *, default_labour_cost: object, cost_currency: object, fixed_fee: object, **others: Any
) -> dict[str, Any]:
    costs = checked_costs(default_labour_cost, cost_currency)
    fees = checked_fees(fixed_fee, others.get("user_ids"))
    known = {"default_labour_cost": costs, "cost_currency": cost_currency, "fixed_fee": fees}
    return {**known, **others}


PROFITABILITY: Final = TimeReport(
    name="profitability",
    table=tables.PROFITABILITY,
    needs=("time_entries", "projects", "project_users"),
    at_hand=("clients",),
    look_ups=("project_users",),
    optional=("project_users",),
    check=_checked,
    sums=lambda given: sums_by(
        ["project"],
        selected("profitability", given),
        *("client", "user_id", "billable", "amount", "currency"),
    ),
    join=joins.profitability,
)


def profitability(
    ws: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    default_labour_cost: float | Mapping[int, float] | None = None,
    cost_currency: str | None = None,
    fixed_fee: Mapping[int, float] | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Compare what every project earns in a range of days with what its hours cost.

    One row per project and currency; entries of unknown currency are a row of their own. A cost is
    the labour cost of the membership times the hours; it is unknown if the labour cost is not
    visible, is in another currency than the row, or differs between two memberships. There is a
    profit only if the cost of every hour and the amount of every entry are known.

    Parameters
    ----------
    ws : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range as a period instead: a month "2026-10", a week "2026-W43" or a year "2026".
    default_labour_cost : float or mapping of int to float, optional
        The labour cost per hour where the memberships tell none, for all users or by user id
        [currency]. If it would count in projects of several currencies, `cost_currency` is
        required.
    cost_currency : str, optional
        The currency of `default_labour_cost`, such as "EUR": it counts in rows of this currency
        alone, and costs that are not known in the others stay unknown.
    fixed_fee : mapping of int to float, optional
        The earnings of projects by project id, instead of the amounts of all their entries, in the
        project's own currency [currency]; such a project has a row even without entries. A fee
        pays for the work of everybody, so it cannot be combined with `user_ids`.
    user_ids : iterable of int, optional
        Only entries of these users.
    client_ids, project_ids : iterable of int or None, optional
        Only entries with these ids; include None for entries without one.

    Returns
    -------
    DataFrame
        Ordered by project, then by currency, NA last.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - revenue : Float64 [currency]. What was earned, as far as known; NA if nothing is.
        - cost_known : Float64 [currency]. Cost of the hours whose labour cost is known.
        - cost_coverage : Float64 [1]. Share of the hours whose labour cost is known.
        - profit : Float64 [currency]. Revenue minus cost; NA unless both are fully known.
        - profit_upper_bound : Float64 [currency]. Revenue minus the known cost.
        - margin : Float64 [1]. Profit over revenue.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days,
    ``filters/projects`` and ``filters/project_users``. If the plan hides the memberships, all
    costs are the default, and a CompletenessWarning says so.

    Labour costs are those of today. In Toggl Track, a change of costs applies from its date on, so
    an earlier range shows what its hours would cost today.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> costs = {"default_labour_cost": 45, "cost_currency": "EUR"}
    >>> profit = tf.reports.profitability(ws, period="2026-03", **costs)
    >>> profit[["project", "revenue", "cost_known", "profit", "margin"]].head(3).round(2)
                      project   revenue  cost_known    profit  margin
    0        Website relaunch   8376.76      2465.3   5911.46    0.71
    1  Brand identity refresh   1819.63      623.89   1195.74    0.66
    2         Customer portal  19078.89     7764.23  11314.66    0.59
    """
    return PROFITABILITY.make(
        ws,
        start_date=start_date,
        end_date=end_date,
        period=period,
        default_labour_cost=default_labour_cost,
        cost_currency=cost_currency,
        fixed_fee=fixed_fee,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
