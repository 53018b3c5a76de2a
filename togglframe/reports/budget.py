"""Budgets of projects, and their sums by client and workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from numbers import Real
from typing import Any, Final

import pandas as pd

from togglframe import tables
from togglframe.errors import ConfigError
from togglframe.reports._entries import Groups, entries
from togglframe.reports._frames import (
    budget_states,
    cents,
    checked,
    checked_or_empty,
    count,
    declared,
    finished,
    in_cents,
    look_up,
    per_hour,
    positive,
    ratio,
    to_hours,
    unsorted,
)
from togglframe.reports._part import is_among
from togglframe.reports._record import Params, Report
from togglframe.reports.forecasting import forecast_needs, join_forecast
from togglframe.reports.selection import NamesOrNone, Needs, Period, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables import Table
from togglframe.tables.provenance import LEFT_OUT, of, stamp
from togglframe.tables.validation import milliseconds

__all__ = ["client_budget", "project_budget", "workspace_budget"]


_AHEAD: Final[Params] = {"weeks": 8, "confidence": 0.8, "seed": 0}  # as forecast by default
_PRICES: Final = {
    f"{price}_{end}": (price, end)
    for price in ("hourly_rate", "labour_cost")
    for end in ("min", "max")
}


def join_project_budget(
    projects: pd.DataFrame,
    statuses: pd.DataFrame,
    clients: pd.DataFrame | None = None,
    project_users: pd.DataFrame | None = None,
    *,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Compare the tracked time of every project with its estimate."""
    project = checked(projects, tables.PROJECTS, "name client_id active billable color currency")
    status = checked(
        statuses,
        tables.PROJECT_STATUSES,
        "tracked_time estimated_time billable_time billable_amount currency",
    )
    budget = _with_clients(_outer(project, status), clients)
    if project_users is None:
        return finished(_measured(budget, at_risk), tables.PROJECT_BUDGET)
    budget = _with_members(_measured(budget, at_risk), project_users)
    return finished(budget, tables.PROJECT_BUDGET_MEMBERS)


def _outer(project: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    own = project.rename(columns={"currency": "project_currency"}).set_index("id")
    both = pd.concat([own, status.set_index("id")], axis=1).reset_index()
    has_amount = both["billable_amount"].ne(0).fillna(value=False)
    both["currency"] = both["currency"].fillna(both["project_currency"].mask(has_amount))
    return both.rename(columns={"id": "project_id", "name": "project", "billable_amount": "amount"})


def _with_clients(budget: pd.DataFrame, clients: pd.DataFrame | None) -> pd.DataFrame:
    client = checked_or_empty(clients, tables.CLIENTS, "name")
    named = client.rename(columns={"id": "client_id", "name": "client"})
    return look_up(budget, named, "client_id")


def _measured(budget: pd.DataFrame, at_risk: float) -> pd.DataFrame:
    tracked = milliseconds(budget["tracked_time"])
    estimate = milliseconds(budget["estimated_time"])
    billable = milliseconds(budget["billable_time"])
    amount = in_cents(budget["amount"])
    planned = positive(estimate)
    variance = tracked - planned
    measures = pd.DataFrame(
        {
            "tracked_hours": to_hours(tracked),
            "estimated_hours": to_hours(estimate),
            "billable_hours": to_hours(billable),
            "non_billable_hours": to_hours(tracked - billable),
            "progress": tracked / planned,
            "remaining_hours": to_hours(-variance),
            "variance_hours": to_hours(variance),
            "overrun_hours": to_hours(variance.clip(lower=0)),
            "billable_share": ratio(billable, tracked),
            "effective_rate": per_hour(amount, billable),
            "realised_rate": per_hour(amount, tracked),
            "budget_state": budget_states(tracked, estimate, at_risk, active=budget["active"]),
        }
    )
    return pd.concat([budget, measures], axis=1)


def _with_members(budget: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    member = checked(
        members, tables.PROJECT_USERS, "project_id user_id group_id hourly_rate labour_cost"
    )
    member["whole_group"] = member["group_id"].where(member["user_id"].isna())
    of_project = (
        member.groupby("project_id")
        .agg(n_members=("user_id", "nunique"), n_groups=("whole_group", "count"), **_PRICES)
        .reset_index()
    )
    budget = look_up(budget, of_project, "project_id")
    n_groups = budget["n_groups"].fillna(0)
    budget = budget.assign(
        n_members=budget["n_members"].fillna(0), n_groups=n_groups, members_known=n_groups == 0
    )
    # Rates are in the currency of the project, which can differ from that of its amounts.
    own, currency = budget["project_currency"], budget["currency"]
    in_row = (own == currency).fillna(value=False) | (own.isna() & currency.isna())
    return budget.assign(**{name: budget[name].where(in_row) for name in _PRICES})


def sum_by_client(budget: pd.DataFrame, *, by_currency: bool = False) -> pd.DataFrame:
    """Sum a budget by client, across currencies without money, or by currency with money."""
    table = tables.CLIENT_BUDGET_BY_CURRENCY if by_currency else tables.CLIENT_BUDGET
    named = checked(budget, tables.PROJECT_BUDGET, "client_id client")
    names = named.groupby("client_id")["client"].first().reset_index()
    return finished(look_up(_totals(budget, table), names, "client_id"), table)


def sum_of_workspace(budget: pd.DataFrame, *, by_currency: bool = False) -> pd.DataFrame:
    """Sum a budget, across currencies without money, or by currency with money."""
    if by_currency:
        table = tables.WORKSPACE_BUDGET_BY_CURRENCY
        return finished(_totals(budget, table), table)
    totals = _totals(budget, tables.WORKSPACE_BUDGET).reindex([0])
    counts = [name for name in tables.WORKSPACE_BUDGET.names if name.startswith("n_")]
    totals[counts] = totals[counts].fillna(0)
    return finished(totals, tables.WORKSPACE_BUDGET)


def _totals(budget: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Sum a budget by the key of the table, with money only if the table has it."""
    has_money = "amount" in table
    times = ["tracked_time", "estimated_time", "billable_time"]
    columns = [*table.key, "active", "budget_state", *times, *(["amount"] if has_money else [])]
    project = checked(budget, tables.PROJECT_BUDGET, " ".join(columns), summed=times)
    measures = _counts(project) | _times(project) | (_money(project) if has_money else {})
    total = Groups.of(project[list(table.key)]).sum(**measures)
    if has_money:
        total["amount"] = total["cents"] / 100
        total["effective_rate"] = per_hour(total["price"], total["priced"])
    return total.assign(
        tracked_hours=to_hours(total["tracked"]),
        billable_hours=to_hours(total["billable"]),
        billable_share=ratio(total["shared"], total["sharing"]),
        comparable_tracked_hours=to_hours(total["comparable"]),
        estimated_hours=to_hours(total["estimate"]),
        progress=ratio(total["comparable"], total["estimate"]),
        variance_hours=to_hours(total["comparable"] - total["estimate"]),
        gross_overrun_hours=to_hours(total["overrun"]),
        saved_hours=to_hours(total["saved"]),
        remaining_hours=to_hours(total["remaining"]),
        estimate_coverage=ratio(total["comparable"], total["tracked"]),
    )


def _counts(project: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    state = project["budget_state"]
    return {
        "n_projects": count(project["project_id"].notna()),
        "n_active": count(project["active"]),
        "n_over": count(state == "over"),
        "n_at_risk": count(state == "at_risk"),
        "n_no_estimate": count(state == "no_estimate"),
    }


def _times(project: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    tracked = milliseconds(project["tracked_time"])
    billable = milliseconds(project["billable_time"])
    estimate = positive(milliseconds(project["estimated_time"]))
    variance = tracked - estimate
    is_comparable = variance.notna()
    under = (-variance).clip(lower=0)
    is_archived = (~project["active"]).fillna(value=False)
    return {
        "tracked": tracked,
        "billable": billable,
        "shared": billable.where(tracked.notna()),
        "sharing": tracked.where(billable.notna()),
        "comparable": tracked.where(is_comparable, tracked * 0),
        "estimate": estimate.where(is_comparable),
        "overrun": variance.clip(lower=0),
        "saved": under.mask(~is_archived, under * 0),
        "remaining": under.mask(is_archived, under * 0),
    }


def _money(project: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    amount, billable = cents(project, tables.PROJECT_BUDGET), milliseconds(project["billable_time"])
    return {
        "cents": amount,
        "price": amount.where(billable.notna()),
        "priced": billable.where(amount.notna()),
    }


def are_listed(budget: pd.DataFrame) -> pd.Series[Any]:
    """Return which projects of a budget are in the listing of projects, not only a status."""
    of_project = ["project", "client_id", "active", "billable", "color"]
    return budget[of_project].notna().any(axis="columns")


def selected_rows(
    budget: pd.DataFrame, selected: Selection, *, active: bool | None = None
) -> pd.DataFrame:
    """Return the rows that pass the filters, with the number of those that may or may not pass."""
    filters: dict[str, Any] = {}
    passes = pd.DataFrame(index=budget.index)
    if selected.clients is not None:
        of_clients = is_among(budget["client_id"], selected.clients)
        passes["clients"] = of_clients.mask(~are_listed(budget))
    if selected.projects is not None:
        passes["projects"] = is_among(budget["project_id"], selected.projects)
    if active is not None:
        filters["active"] = active
        passes["active"] = budget["active"] == active
    if len(passes.columns):
        passes = passes.astype("boolean")
        filters[LEFT_OUT] = int(passes.isna().any(axis=1).sum())
        budget = budget[passes.fillna(value=False).all(axis=1)].reset_index(drop=True)
    return stamp(budget, filters=filters)


def _checked(*, active: bool | None, at_risk: float, **others: Any) -> dict[str, Any]:
    if active is not None and not isinstance(active, bool):
        raise TypeError(f"active must be True, False or None, not {active!r}")
    is_number = isinstance(at_risk, Real) and not isinstance(at_risk, bool)
    if not is_number or not 0 < at_risk <= 1:
        raise ConfigError(
            f"at_risk must be a number above 0 and at most 1, such as 0.8 for 80 %, not {at_risk!r}"
        )
    return {"active": active, "at_risk": at_risk, **others}


def _project_budget(
    *,
    selected: Selection,
    active: bool | None,
    at_risk: float,
    members: bool = False,
    time_entries: pd.DataFrame | None = None,
    project_user_hours: pd.DataFrame | None = None,
    as_of: dt.date | None = None,
    today: dt.date | None = None,
    **listings: pd.DataFrame,
) -> pd.DataFrame:
    budget = join_project_budget(**listings, at_risk=at_risk)
    if time_entries is not None and as_of is not None and today is not None:
        worked = time_entries if project_user_hours is None else project_user_hours
        listings.pop("project_users", None)
        ever = replace(selected, start=None, end=None)
        params: dict[str, Any] = {**listings, **_AHEAD, "as_of": as_of, "today": today}
        ahead = join_forecast(time_entries, selected=ever, **params)
        finish = ahead.set_index("project_id")["finish"].reindex(budget["project_id"])
        budget = budget.assign(
            period_hours=_hours_in(worked, budget["project_id"], selected), finish=finish.array
        )
        budget = declared(budget, _table({"members": members, "selected": selected}))
    return selected_rows(budget, selected, active=active)


def _hours_in(
    worked: pd.DataFrame, project_ids: pd.Series[Any], selected: Selection
) -> pd.Series[Any]:
    """Return the time tracked on each project in the range, of entries or the vendor's sums."""
    if "id" in worked:
        range_ = Selection(start=selected.start, end=selected.end)
        worked = entries(worked, None, ["project_id", "tracked_time"], range_)
    else:
        worked = unsorted(worked, tables.PROJECT_USER_HOURS, "tracked_time")
    tracked = milliseconds(worked["tracked_time"]).groupby(worked["project_id"]).sum()
    return to_hours(tracked.reindex(project_ids).fillna(0)).set_axis(project_ids.index)


def _table(params: Params) -> Table:
    if params["selected"].is_ranged:
        of_members = tables.PROJECT_BUDGET_MEMBERS_PERIOD
        return of_members if params["members"] else tables.PROJECT_BUDGET_PERIOD
    return tables.PROJECT_BUDGET_MEMBERS if params["members"] else tables.PROJECT_BUDGET


def _more_needs(needs: Needs, listings: Listings, params: Params) -> Needs:
    """Request members, the weeks that the forecast is made of, and the time of the period."""
    if params["members"]:
        needs = needs.with_names("project_users")
    period: Selection = params["selected"]
    if period.start is None or period.end is None:
        return needs
    weeks = forecast_needs(
        needs.with_names("time_entries"), listings, {**params, **_AHEAD, "as_of": None}
    )
    if listings.ws is None:  # entries cost no requests
        first, last = weeks.selection.start or period.start, weeks.selection.end or period.end
        both = replace(period, start=min(first, period.start), end=max(last, period.end))
        return replace(weeks, selection=both)
    hours = {"project_user_hours": Selection(start=period.start, end=period.end)}
    return replace(weeks.with_names(*hours), others=hours)


PROJECT_BUDGET: Final = Report(
    name="project_budget",
    table=tables.PROJECT_BUDGET,
    needs=("projects", "statuses", "clients"),
    look_ups=("clients",),
    more_needs=_more_needs,
    at_once=("time_entries", "project_user_hours", "statuses"),
    shape=_table,
    samples=({}, {"members": True}),
    check=_checked,
    join=_project_budget,
)


def project_budget(
    source: Source,
    *,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
    members: bool = False,
) -> pd.DataFrame:
    """Compare the tracked time of every project with its estimate.

    One row per project, also for a project that has only a status. The totals cover the whole life
    of each project; unfiltered, they sum to exactly the status totals.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    period : str or pandas.Period, optional
        A range of days, as in :func:`hours`: adds what was tracked in it, and the day on which the
        estimate is used up at the pace of the last eight weeks, as :func:`forecast` has it.
    clients, projects : int, str, or list of int, str or None, optional
        Only these projects, or those of these clients, by id or name; include None in the clients
        for projects without one. Projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].
    members : bool
        Whether to add the number of members of each project, and the range of their rates and
        costs.

    Returns
    -------
    DataFrame
        Ordered by overrun, then by progress, then by id. ``attrs["togglframe"]["filters"]`` holds
        how many rows a filter left out for an unknown value.

        - project_id : Int64. Project id.
        - project : str. Name of the project, NA if it is not listed.
        - client_id : Int64. Client id, NA if the project has no client.
        - client : str. Name of the client.
        - active : boolean. False when the project is archived.
        - billable : boolean. Whether the project is billable.
        - color : str. Colour of the project in Toggl Track, as #rrggbb.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - estimated_hours : Float64 [h]. Estimate, NA if there is none.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - non_billable_hours : Float64 [h]. Tracked minus billable.
        - progress : Float64 [1]. Tracked over estimate.
        - remaining_hours : Float64 [h]. Estimate minus tracked; negative when over.
        - variance_hours : Float64 [h]. Tracked minus estimate; positive when over.
        - overrun_hours : Float64 [h]. The positive part of the variance.
        - billable_share : Float64 [1]. Billable over tracked.
        - amount : Float64 [currency]. Value of the billable time; NA means unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour.
        - realised_rate : Float64 [currency]. Amount per tracked hour.
        - budget_state : ordered category. Where the project stands against its estimate.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - estimated_time : timedelta64[ms]. Estimate, exact.
        - billable_time : timedelta64[ms]. Billable, exact.

        With `members`, before the ``*_time`` columns:

        - n_members : Int64. Distinct users among the members.
        - n_groups : Int64. Memberships of whole groups.
        - members_known : boolean. False if a whole group is a member.
        - hourly_rate_min : Float64 [currency]. Lowest hourly rate known in this currency.
        - hourly_rate_max : Float64 [currency]. Highest hourly rate known in this currency.
        - labour_cost_min : Float64 [currency]. Lowest labour cost known in this currency.
        - labour_cost_max : Float64 [currency]. Highest labour cost known in this currency.

        With `period`, before the ``*_time`` columns:

        - period_hours : Float64 [h]. The time tracked in the period.
        - finish : datetime64[us]. Day on which the estimate is used up: the median.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    Three listings: ``filters/projects``, ``filters/projects/status`` and ``filters/clients``, one
    request each for fewer than 200 projects. If one of the first two lacks active or archived
    projects, up to two more requests each make sure that nothing is hidden. `members` adds
    ``filters/project_users``: one request per page of about 200 memberships, and one more to
    confirm the end. `period` adds ``projects/summary``, one request per 365 days of it, and
    ``search/time_entries`` of the last eight weeks, one request per page.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> budget = tf.reports.project_budget(ws)
    >>> over = budget[budget["budget_state"] == "over"]
    >>> over[["project", "tracked_hours", "estimated_hours", "overrun_hours"]].head(3).round(1)
                        project  tracked_hours  estimated_hours  overrun_hours
    0  Online tariff calculator         6883.7           5880.0         1003.7
    1             Volunteer app         1943.2            980.0          963.2
    2          Website relaunch         1982.9           1270.0          712.9
    """
    return PROJECT_BUDGET.make(**locals())


def _sum_of(
    summed: Callable[..., pd.DataFrame], *, by_currency: bool, **params: Any
) -> pd.DataFrame:
    """Sum the budget, and keep its filters."""
    budget = _project_budget(**params)
    return stamp(summed(budget, by_currency=by_currency), **of(budget))


CLIENT_BUDGET: Final = Report(
    name="client_budget",
    table=tables.CLIENT_BUDGET,
    needs=PROJECT_BUDGET.needs,
    look_ups=PROJECT_BUDGET.look_ups,
    shape=lambda params: (
        tables.CLIENT_BUDGET_BY_CURRENCY if params["by_currency"] else tables.CLIENT_BUDGET
    ),
    samples=({}, {"by_currency": True}),
    check=_checked,
    join=partial(_sum_of, sum_by_client),
)


def client_budget(
    source: Source,
    *,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
    by_currency: bool = False,
) -> pd.DataFrame:
    """Sum the budgets of the projects by client.

    One row per client, without amounts; with `by_currency`, one row per client and currency.
    Projects without a client have rows of their own.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    clients, projects : int, str, or list of int, str or None, optional
        Only these projects, or those of these clients, by id or name; include None in the clients
        for projects without one. Projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].
    by_currency : bool
        Whether to make a row per currency, with amounts; amounts in different currencies are never
        added.

    Returns
    -------
    DataFrame
        Ordered by gross overrun, then by progress, then by client and currency.

        - client_id : Int64. Client id, NA if the project has no client.
        - client : str. Name of the client.
        - n_projects : Int64. Projects.
        - n_over : Int64. How many are over their estimate.
        - n_at_risk : Int64. How many are at risk.
        - n_no_estimate : Int64. How many have no estimate; an estimate of zero is one.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - comparable_tracked_hours : Float64 [h]. Tracked on projects with an estimate above zero.
        - estimated_hours : Float64 [h]. Sum of the estimates above zero, where the tracked time is
          known.
        - progress : Float64 [1]. Comparable tracked over estimate.
        - variance_hours : Float64 [h]. Comparable tracked minus estimate: gross overrun - saved -
          remaining.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, without offsetting savings.
        - saved_hours : Float64 [h]. Unused estimates of archived projects.
        - remaining_hours : Float64 [h]. Hours left on projects not archived, without offsetting
          overruns.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

        With `by_currency`:

        - currency : str. Currency of every amount in the row, ISO 4217.
        - amount : Float64 [currency]. Value of the billable time; NA means unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the projects where both
          are known.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    The listings of :func:`project_budget`, no others.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> hours = tf.reports.client_budget(ws)
    >>> hours[["client", "tracked_hours", "gross_overrun_hours"]].head(3).round(1)
                          client  tracked_hours  gross_overrun_hours
    0          Stadtwerke Lindau        10397.8               1124.9
    1  Northwind Coffee Roasters         8151.4               1095.2
    2        Fundación Río Claro         9942.6               1011.8
    """
    return CLIENT_BUDGET.make(**locals())


WORKSPACE_BUDGET: Final = replace(
    CLIENT_BUDGET,
    name="workspace_budget",
    table=tables.WORKSPACE_BUDGET,
    shape=lambda params: (
        tables.WORKSPACE_BUDGET_BY_CURRENCY if params["by_currency"] else tables.WORKSPACE_BUDGET
    ),
    join=partial(_sum_of, sum_of_workspace),
)


def workspace_budget(
    source: Source,
    *,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
    by_currency: bool = False,
) -> pd.DataFrame:
    """Sum the budgets of the projects of the workspace.

    Exactly one row, without amounts; with `by_currency`, one row per currency. Projects whose
    currency is unknown then have a row of their own.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    clients, projects : int, str, or list of int, str or None, optional
        Only these projects, or those of these clients, by id or name; include None in the clients
        for projects without one. Projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].
    by_currency : bool
        Whether to make a row per currency, with amounts; amounts in different currencies are never
        added.

    Returns
    -------
    DataFrame
        One row; with `by_currency`, ordered by tracked hours, the largest first.

        - n_projects : Int64. Projects.
        - n_active : Int64. Projects that are not archived.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - n_over : Int64. How many are over their estimate.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, without offsetting savings.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

        With `by_currency`:

        - currency : str. Currency of every amount in the row, ISO 4217.
        - amount : Float64 [currency]. Value of the billable time; NA means unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the projects where both
          are known.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    The listings of :func:`project_budget`, no others.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> len(tf.reports.workspace_budget(ws))
    1
    >>> tf.reports.workspace_budget(ws, by_currency=True)["currency"].dropna().tolist()
    ['EUR', 'USD', 'JPY']
    """
    return WORKSPACE_BUDGET.make(**locals())
