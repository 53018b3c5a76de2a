"""Budgets of projects, and their sums by client and workspace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from togglframe import joins, tables
from togglframe.api.parameters import Ids, id_list
from togglframe.joins.budget import check_at_risk
from togglframe.reports._record import Report
from togglframe.reports.sources import Source
from togglframe.tables.provenance import LEFT_OUT, of, stamp

__all__ = [
    "client_hours",
    "client_summary",
    "project_budget",
    "workspace_hours",
    "workspace_summary",
]


def _checked(
    *, client_ids: Ids | None, active: bool | None, at_risk: float, **others: Any
) -> dict[str, Any]:
    """Refuse impossible filters before anything is asked."""
    ids = None if client_ids is None else id_list("client_ids", client_ids)
    if active is not None and not isinstance(active, bool):
        raise TypeError(f"active must be True, False or None, not {active!r}")
    check_at_risk(at_risk)
    return {"client_ids": ids, "active": active, "at_risk": at_risk, **others}


def _budget(
    *frames: pd.DataFrame,
    client_ids: list[int] | None,
    active: bool | None,
    at_risk: float,
    members: bool = False,  # noqa: ARG001 -- then the memberships are the last frame
) -> pd.DataFrame:
    return _chosen(joins.project_budget(*frames, at_risk=at_risk), client_ids, active)


def _chosen(
    budget: pd.DataFrame, client_ids: list[int] | None, active: bool | None
) -> pd.DataFrame:
    """Return the rows that pass, and note how many could not be judged; send nothing."""
    given: dict[str, Any] = {}
    passes = pd.DataFrame(index=budget.index)
    if client_ids is not None:
        given["client_ids"] = client_ids
        client_id = budget["client_id"]
        passes["client_ids"] = client_id.isin(client_ids).mask(client_id.isna())
    if active is not None:
        given["active"] = active
        passes["active"] = budget["active"] == active
    if given:
        passes = passes.astype("boolean")
        given[LEFT_OUT] = int(passes.isna().any(axis=1).sum())
        budget = budget[passes.fillna(value=False).all(axis=1)].reset_index(drop=True)
    return stamp(budget, filters=given)


PROJECT_BUDGET: Final = Report(
    name="project_budget",
    table=tables.PROJECT_BUDGET,
    needs=("projects", "statuses", "clients"),
    look_ups=("clients",),
    more_needs={"members": ("project_users",)},
    other_tables={"members": {True: tables.PROJECT_BUDGET_MEMBERS}},
    check=_checked,
    join=_budget,
)


def project_budget(
    ws: Source,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
    members: bool = False,
) -> pd.DataFrame:
    """Compare the tracked time of every project with its estimate.

    One row per project, also for a project that has only a status. The totals cover the whole life
    of each project; unfiltered, they sum to exactly the status totals.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    client_ids : int or iterable of int, optional
        Only projects of these clients; projects whose client is unknown are left out.
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
    confirm the end.

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
    return PROJECT_BUDGET.make(
        ws, client_ids=client_ids, active=active, at_risk=at_risk, members=members
    )


def _summary(
    name: str, table: tables.Table, join: Callable[[pd.DataFrame], pd.DataFrame]
) -> Report:
    """Declare a report that sums up the budget, with the same filters."""

    def summed(*frames: pd.DataFrame, **filters: Any) -> pd.DataFrame:
        budget = _budget(*frames, **filters)
        return stamp(join(budget), **of(budget))

    return replace(
        PROJECT_BUDGET, name=name, table=table, join=summed, more_needs={}, other_tables={}
    )


CLIENT_SUMMARY: Final = _summary("client_summary", tables.CLIENT_SUMMARY, joins.client_summary)


def client_summary(
    ws: Source,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Sum the projects by client and currency.

    One row per client and currency: amounts in different currencies are never added. Projects
    without a client have rows of their own.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    client_ids : int or iterable of int, optional
        Only projects of these clients; projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].

    Returns
    -------
    DataFrame
        Ordered by gross overrun, then by progress, then by client and currency.

        - client_id : Int64. Client id, NA if the project has no client.
        - client : str. Name of the client.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - n_projects : Int64. Projects.
        - n_over : Int64. How many are over their estimate.
        - n_at_risk : Int64. How many are at risk.
        - n_no_estimate : Int64. How many have no estimate; an estimate of zero is one.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - amount : Float64 [currency]. Value of the billable time; NA means unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the projects where both
          are known.
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
    >>> summary = tf.reports.client_summary(ws)
    >>> bool(summary.duplicated(["client_id", "currency"]).any())
    False
    """
    return CLIENT_SUMMARY.make(ws, client_ids=client_ids, active=active, at_risk=at_risk)


CLIENT_HOURS: Final = _summary("client_hours", tables.CLIENT_HOURS, joins.client_hours)


def client_hours(
    ws: Source,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Sum the hours of the projects by client, over all currencies.

    One row per client. There are no amounts, so currencies need no rows of their own.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    client_ids : int or iterable of int, optional
        Only projects of these clients; projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].

    Returns
    -------
    DataFrame
        Ordered by gross overrun, then by progress, then by client.

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
    >>> hours = tf.reports.client_hours(ws)
    >>> hours[["client", "tracked_hours", "gross_overrun_hours"]].head(3).round(1)
                          client  tracked_hours  gross_overrun_hours
    0          Stadtwerke Lindau        10397.8               1124.9
    1  Northwind Coffee Roasters         8151.4               1095.2
    2        Fundación Río Claro         9942.6               1011.8
    """
    return CLIENT_HOURS.make(ws, client_ids=client_ids, active=active, at_risk=at_risk)


WORKSPACE_SUMMARY: Final = _summary(
    "workspace_summary", tables.WORKSPACE_SUMMARY, joins.workspace_summary
)


def workspace_summary(
    ws: Source,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Sum the workspace by currency.

    One row per currency; projects whose currency is unknown have a row of their own.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    client_ids : int or iterable of int, optional
        Only projects of these clients; projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].

    Returns
    -------
    DataFrame
        Ordered by tracked hours, the largest first.

        - currency : str. Currency of every amount in the row, ISO 4217.
        - n_projects : Int64. Projects.
        - n_active : Int64. Projects that are not archived.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - amount : Float64 [currency]. Value of the billable time; NA means unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the projects where both
          are known.
        - n_over : Int64. How many are over their estimate.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, without offsetting savings.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

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
    >>> tf.reports.workspace_summary(ws)["currency"].dropna().tolist()
    ['EUR', 'USD', 'JPY']
    """
    return WORKSPACE_SUMMARY.make(ws, client_ids=client_ids, active=active, at_risk=at_risk)


WORKSPACE_HOURS: Final = _summary("workspace_hours", tables.WORKSPACE_HOURS, joins.workspace_hours)


def workspace_hours(
    ws: Source,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Sum the hours of the workspace, over all currencies.

    Exactly one row, without amounts.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    client_ids : int or iterable of int, optional
        Only projects of these clients; projects whose client is unknown are left out.
    active : bool, optional
        Only active or only archived projects; projects whose state is unknown are left out.
    at_risk : float
        The progress from which an active project is at risk [1].

    Returns
    -------
    DataFrame
        One row.

        - n_projects : Int64. Projects.
        - n_active : Int64. Projects that are not archived.
        - tracked_hours : Float64 [h]. All time ever tracked, NA if there is no status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - n_over : Int64. How many are over their estimate.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, without offsetting savings.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

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
    >>> len(tf.reports.workspace_hours(ws))
    1
    """
    return WORKSPACE_HOURS.make(ws, client_ids=client_ids, active=active, at_risk=at_risk)
