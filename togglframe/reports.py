"""Reports: a workspace in, a joined frame out.

Each report fetches what it needs, no more, and calls :mod:`togglframe.joins`. Listings that
several reports share come out of the cache; :class:`Listings` shares them without one.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final, Literal

import pandas as pd

from togglframe import filters, joins, search
from togglframe.errors import (
    AccessError,
    CompletenessWarning,
    PremiumFeatureError,
    TogglframeWarning,
)
from togglframe.joins.budget import check_at_risk
from togglframe.joins.tasks import check_by, check_done
from togglframe.parameters import Ids, id_list
from togglframe.plan import NotCachedError, Plan
from togglframe.provenance import LEFT_OUT, combined, of, stamp
from togglframe.states import both_states
from togglframe.workspace import Workspace

__all__ = [
    "Listings",
    "Plan",
    "audit",
    "client_hours",
    "client_summary",
    "estimate_bias",
    "estimate_reconciliation",
    "plan",
    "project_budget",
    "project_members",
    "rate_card",
    "task_accuracy",
    "workload",
    "workspace_hours",
    "workspace_summary",
]


_REPORTS: Final = frozenset(__all__) - {"Listings", "Plan", "plan"}
_OF_BUDGET: Final = ("projects", "statuses", "clients")
_MADE_OF_PROJECTS: Final = {"statuses", "clients", "project_users", "project_groups"}


class Listings:
    """The listings of one workspace that reports are made of, each asked for once.

    Every report takes one in the place of the workspace: then several reports share their
    listings even where the workspace has no cache.

    Parameters
    ----------
    ws : Workspace
        Where to ask.

    Examples
    --------
    >>> import togglframe as tf
    >>> listings = tf.reports.Listings(tf.demo())
    >>> budget = tf.reports.project_budget(listings)
    >>> len(budget) >= len(listings.projects)
    True
    """

    def __init__(self, ws: Workspace) -> None:
        if not isinstance(ws, Workspace):
            raise TypeError(f"the first argument is a Workspace, not {type(ws).__name__}")
        self.ws = ws

    def fetch(self, *names: str) -> list[pd.DataFrame]:
        """Return these listings, by the names of the properties below.

        Raises
        ------
        QuotaExceededError
            If the known quota cannot pay for the least that they cost: before the first request.
        """
        self._make_sure_of(names)
        return [getattr(self, name) for name in names]

    def plan(self, *names: str) -> Plan:
        """Tell what these listings would cost now, without a request."""
        return self._rehearsed(names, counts_hits=False)[0]

    def _make_sure_of(self, names: tuple[str, ...]) -> None:
        """Take the listings out of the cache, or make sure that the quota can pay for them."""
        plan, fresh, said = self._rehearsed(names, counts_hits=True)
        vars(self).update(fresh)
        for message, category in said:
            self.ws.warn(message, category)
        is_served_stale = self.ws.on_quota == "stale" and plan.is_exact
        if self.ws.on_quota != "wait" and not is_served_stale and plan.is_affordable is False:
            raise plan.refusal()

    def _rehearsed(
        self, names: tuple[str, ...], *, counts_hits: bool
    ) -> tuple[Plan, dict[str, pd.DataFrame], list[tuple[str, type[TogglframeWarning]]]]:
        """Tell what these listings cost, which are fresh in the cache, and what to warn of then."""
        first = ["projects"] if _MADE_OF_PROJECTS.intersection(names) else []
        trial = copy.copy(self)
        costs, said = {}, {}
        is_exact = True
        for name in dict.fromkeys([*first, *names]):
            with self.ws.rehearse(counts_hits=counts_hits) as rehearsal:
                try:
                    getattr(trial, name)
                except NotCachedError:
                    is_exact = False
                except PremiumFeatureError:
                    pass  # known, and so free
            costs[name], said[name] = rehearsal.requests, rehearsal.warnings
        is_outdated = bool(costs.get("projects"))  # then so is what was made of them
        loaded = vars(trial)
        fresh = {
            name: loaded[name]
            for name, cost in costs.items()
            if name in loaded and cost == 0 and not is_outdated
        }
        usage = self.ws.usage
        plan = Plan(costs, is_exact, usage.quota_remaining, usage.quota_resets_in)
        return plan, fresh, [warning for name in fresh for warning in said[name]]

    @cached_property
    def projects(self) -> pd.DataFrame:
        """All projects, active and archived."""
        return filters.every_project(self.ws)

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """The statuses of all projects, active and archived."""
        projects = self.projects
        statuses = both_states(
            self.ws,
            lambda **flag: filters.statuses_of_all(self.ws, lambda: projects["id"], **flag),
            "active",
            active_by_id=projects.set_index("id")["active"],
        )
        return filters.with_statuses_cut_off(self.ws, statuses, projects["id"])

    @cached_property
    def clients(self) -> pd.DataFrame:
        """The clients that projects name: when all of them come, no proof page is needed."""
        ids = self.projects["client_id"].dropna().drop_duplicates().sort_values()
        return filters.clients(self.ws, ids=ids)

    @cached_property
    def project_users(self) -> pd.DataFrame:
        """The members of all projects."""
        return filters.project_users(self.ws, project_ids=self.projects["id"])

    @cached_property
    def project_groups(self) -> pd.DataFrame:
        """The groups of all projects."""
        return filters.project_groups(self.ws, project_ids=self.projects["id"])

    @cached_property
    def users(self) -> pd.DataFrame:
        """All users, active and inactive."""
        return search.every_user(self.ws)

    @cached_property
    def tasks(self) -> pd.DataFrame:
        """All tasks, open and done."""
        return filters.every_task(self.ws)

    def available(self) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
        """Return all listings by name, and those that the plan or the token hides.

        Projects, statuses and clients are needed; tasks, members and users are optional: one
        that answers PremiumFeatureError or AccessError is left out.

        Returns
        -------
        parts : dict of str to DataFrame
            What could be had.
        hidden : dict of str to str
            What could not, and what the API said.

        Warns
        -----
        CompletenessWarning
            If a part is hidden.
        """
        optional = ("tasks", "project_users", "project_groups", "users")
        self._make_sure_of(("projects", "statuses", "clients", *optional))
        parts = {"projects": self.projects, "statuses": self.statuses, "clients": self.clients}
        hidden = {}
        for name in optional:
            try:
                parts[name] = getattr(self, name)
            except (PremiumFeatureError, AccessError) as error:
                hidden[name] = error.message
        if hidden:
            warnings.warn(
                "Left out, since the plan or the token hides it: "
                + "; ".join(f"{name} ({reason})" for name, reason in hidden.items()),
                CompletenessWarning,
                stacklevel=3,
            )
        return parts, hidden


def project_budget(
    ws: Workspace | Listings,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
    members: bool = False,
) -> pd.DataFrame:
    """Set the tracked time of every project against its estimate.

    One row is a project, also one that has only a status. The totals are of the project's whole
    life, and unfiltered they sum to exactly the status totals.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    client_ids : iterable of int, optional
        Only projects of these clients; those whose client is not known are left out then.
    active : bool, optional
        Only active or only archived projects; those whose state is not known are left out then.
    at_risk : float
        From this progress on a project is at risk [1].
    members : bool
        Whether to add how many members each project has, and the range of their rates and costs.

    Returns
    -------
    DataFrame
        By overrun, then by progress, then by id; ``attrs["togglframe"]["filters"]`` tells how
        many rows a filter left out for a value that is not known.

        - project_id : Int64. Project id.
        - project : str. Name of the project, NA where it is not listed.
        - client_id : Int64. Client id, NA where the project has no client.
        - client : str. Name of the client.
        - active : boolean. False when the project is archived.
        - billable : boolean. Whether the project is billable.
        - color : str. Colour of the project in Toggl Track, as #rrggbb.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - tracked_hours : Float64 [h]. All time ever tracked, NA without a status.
        - estimated_hours : Float64 [h]. Estimate, NA where there is none.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - non_billable_hours : Float64 [h]. Tracked minus billable.
        - progress : Float64 [1]. Tracked over estimate.
        - remaining_hours : Float64 [h]. Estimate minus tracked; negative when over.
        - variance_hours : Float64 [h]. Tracked minus estimate; positive is over.
        - overrun_hours : Float64 [h]. The positive part of the variance.
        - billable_share : Float64 [1]. Billable over tracked.
        - amount : Float64 [currency]. Worth of the billable time; NA is unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour.
        - realised_rate : Float64 [currency]. Amount per tracked hour.
        - budget_state : ordered category. Where the project stands against its estimate.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - estimated_time : timedelta64[ms]. Estimate, exact.
        - billable_time : timedelta64[ms]. Billable, exact.

        With `members`, before the columns ``*_time``:

        - n_members : Int64. Distinct users among the members.
        - n_groups : Int64. Memberships of whole groups.
        - members_known : boolean. False where a whole group is a member.
        - hourly_rate_min : Float64 [currency]. Lowest hourly rate known in this currency.
        - hourly_rate_max : Float64 [currency]. Highest hourly rate known in this currency.
        - labour_cost_min : Float64 [currency]. Lowest labour cost known in this currency.
        - labour_cost_max : Float64 [currency]. Highest labour cost known in this currency.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    Three listings: ``filters/projects``, ``filters/projects/status`` and ``filters/clients``, one
    request each below 200 projects. Where the first two do not hold both active and archived
    projects, up to two requests more each prove that nothing is hidden. `members` adds
    ``filters/project_users``: one request for each page of about 200 memberships, and one that
    proves the end.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> budget = tf.reports.project_budget(ws)
    >>> over = budget[budget["budget_state"] == "over"]
    >>> bool((over["overrun_hours"] > 0).all())
    True
    """
    filters_of_rows = _RowFilters(client_ids, active)
    check_at_risk(at_risk)
    names = [*_OF_BUDGET, "project_users"] if members else _OF_BUDGET
    sources = _listings(ws).fetch(*names)
    budget = filters_of_rows.applied(joins.project_budget(*sources, at_risk=at_risk))
    return stamp(budget, **combined(sources, filters=filters_of_rows.provenance))


def client_summary(
    ws: Workspace | Listings,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Total the projects by client and currency.

    One row is a client and a currency: amounts of two currencies are never added. The projects
    without a client make rows of their own.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    client_ids : iterable of int, optional
        Only projects of these clients; those whose client is not known are left out then.
    active : bool, optional
        Only active or only archived projects; those whose state is not known are left out then.
    at_risk : float
        From this progress on a project is at risk [1].

    Returns
    -------
    DataFrame
        By gross overrun, then by progress, then by client and currency.

        - client_id : Int64. Client id, NA where the project has no client.
        - client : str. Name of the client.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - n_projects : Int64. Projects.
        - n_over : Int64. How many are over their estimate.
        - n_at_risk : Int64. How many are at risk.
        - n_no_estimate : Int64. How many have no estimate; zero is one.
        - tracked_hours : Float64 [h]. All time ever tracked, NA without a status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - amount : Float64 [currency]. Worth of the billable time; NA is unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the projects where both
          are known.
        - comparable_tracked_hours : Float64 [h]. Tracked on what has an estimate above zero.
        - estimated_hours : Float64 [h]. Sum of the estimates above zero, where the tracked time is
          known.
        - progress : Float64 [1]. Comparable tracked over estimate.
        - variance_hours : Float64 [h]. Comparable tracked minus estimate: gross overrun - saved -
          remaining.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, savings not set off.
        - saved_hours : Float64 [h]. What archived projects left of their estimates.
        - remaining_hours : Float64 [h]. What is left on projects not archived, overruns not set
          off.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_budget`, and no more.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> summary = tf.reports.client_summary(ws)
    >>> bool(summary.duplicated(["client_id", "currency"]).any())
    False
    """
    budget = project_budget(ws, client_ids=client_ids, active=active, at_risk=at_risk)
    return stamp(joins.client_summary(budget), **of(budget))


def client_hours(
    ws: Workspace | Listings,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Total the hours of the projects by client, over all currencies.

    One row is a client. There is no money in it, so nothing stands in the way of one row.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    client_ids : iterable of int, optional
        Only projects of these clients; those whose client is not known are left out then.
    active : bool, optional
        Only active or only archived projects; those whose state is not known are left out then.
    at_risk : float
        From this progress on a project is at risk [1].

    Returns
    -------
    DataFrame
        By gross overrun, then by progress, then by client.

        - client_id : Int64. Client id, NA where the project has no client.
        - client : str. Name of the client.
        - n_projects : Int64. Projects.
        - n_over : Int64. How many are over their estimate.
        - n_at_risk : Int64. How many are at risk.
        - n_no_estimate : Int64. How many have no estimate; zero is one.
        - tracked_hours : Float64 [h]. All time ever tracked, NA without a status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - comparable_tracked_hours : Float64 [h]. Tracked on what has an estimate above zero.
        - estimated_hours : Float64 [h]. Sum of the estimates above zero, where the tracked time is
          known.
        - progress : Float64 [1]. Comparable tracked over estimate.
        - variance_hours : Float64 [h]. Comparable tracked minus estimate: gross overrun - saved -
          remaining.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, savings not set off.
        - saved_hours : Float64 [h]. What archived projects left of their estimates.
        - remaining_hours : Float64 [h]. What is left on projects not archived, overruns not set
          off.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_budget`, and no more.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> hours = tf.reports.client_hours(ws)
    >>> bool(hours["client_id"].is_unique)
    True
    """
    budget = project_budget(ws, client_ids=client_ids, active=active, at_risk=at_risk)
    return stamp(joins.client_hours(budget), **of(budget))


def workspace_summary(
    ws: Workspace | Listings,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Total the workspace by currency.

    One row is a currency; projects whose currency is not known make a row of their own.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    client_ids : iterable of int, optional
        Only projects of these clients; those whose client is not known are left out then.
    active : bool, optional
        Only active or only archived projects; those whose state is not known are left out then.
    at_risk : float
        From this progress on a project is at risk [1].

    Returns
    -------
    DataFrame
        By tracked hours, the largest first.

        - currency : str. Currency of every amount in the row, ISO 4217.
        - n_projects : Int64. Projects.
        - n_active : Int64. Projects that are not archived.
        - tracked_hours : Float64 [h]. All time ever tracked, NA without a status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - amount : Float64 [currency]. Worth of the billable time; NA is unknown, not zero.
        - effective_rate : Float64 [currency]. Amount per billable hour, of the projects where both
          are known.
        - n_over : Int64. How many are over their estimate.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, savings not set off.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_budget`, and no more.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> tf.reports.workspace_summary(ws)["currency"].dropna().tolist()
    ['EUR', 'USD', 'JPY']
    """
    budget = project_budget(ws, client_ids=client_ids, active=active, at_risk=at_risk)
    return stamp(joins.workspace_summary(budget), **of(budget))


def workspace_hours(
    ws: Workspace | Listings,
    *,
    client_ids: Ids | None = None,
    active: bool | None = None,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Total the hours of the workspace, over all currencies.

    There is exactly one row, and no money in it.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    client_ids : iterable of int, optional
        Only projects of these clients; those whose client is not known are left out then.
    active : bool, optional
        Only active or only archived projects; those whose state is not known are left out then.
    at_risk : float
        From this progress on a project is at risk [1].

    Returns
    -------
    DataFrame
        One row.

        - n_projects : Int64. Projects.
        - n_active : Int64. Projects that are not archived.
        - tracked_hours : Float64 [h]. All time ever tracked, NA without a status.
        - billable_hours : Float64 [h]. The billable part of the tracked hours.
        - billable_share : Float64 [1]. Billable over tracked, of the projects where both are known.
        - n_over : Int64. How many are over their estimate.
        - gross_overrun_hours : Float64 [h]. Sum of the overruns, savings not set off.
        - estimate_coverage : Float64 [1]. Share of tracked hours that have an estimate.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_budget`, and no more.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> len(tf.reports.workspace_hours(ws))
    1
    """
    budget = project_budget(ws, client_ids=client_ids, active=active, at_risk=at_risk)
    return stamp(joins.workspace_hours(budget), **of(budget))


def project_members(
    ws: Workspace | Listings,
    *,
    unique: bool = False,
) -> pd.DataFrame:
    """List the members of every project, with names, rates and costs.

    One row is a membership: a user, or a whole group. Users who are not listed, such as deleted
    ones, stay as "User 123 (not listed)". The API does not tell who is in a group, so a group is
    never expanded to people.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    unique : bool
        One row for each project, user and group instead, the group only where there is no user:
        who is a member directly and by a group stands once. The rate that is known is taken; two
        different ones give NA and `rate_conflict`.

    Returns
    -------
    DataFrame
        By `membership_id`; with `unique` by project, then by user and group.

        - membership_id : Int64. Membership id.
        - project_id : Int64. Project id.
        - project : str. Name of the project, NA where it is not listed.
        - kind : ordered category. How the member belongs to the project.
        - user_id : Int64. User id.
        - user : str. Name of the user, "User 123 (not listed)" if unknown.
        - email : str. E-mail address of the user.
        - user_active : boolean. Whether the user is active, NA if not listed.
        - group_id : Int64. Group id.
        - group : str. Name of the group.
        - hourly_rate : Float64 [currency]. Billable rate, per hour; NA if not visible.
        - labour_cost : Float64 [currency]. Labour cost, per hour; NA if not visible.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - rate_source : str. "project_user", or NA: inherited and not visible.

        With `unique`, without `membership_id`, and at the end:

        - rate_conflict : boolean. Whether the rows behind it know two rates or costs.
        - n_memberships : Int64. Membership rows behind this row.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    ``filters/projects``, ``filters/project_users``, ``filters/project_groups`` and
    ``search/users`` twice, for active and inactive users: one request for each page of about 200
    rows, and one that proves the end of each but the first.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> members = tf.reports.project_members(ws, unique=True)
    >>> bool(members.duplicated(["project_id", "user_id", "group_id"]).any())
    False
    """
    sources = _listings(ws).fetch("project_users", "projects", "users", "project_groups")
    return stamp(joins.project_members(*sources, unique=unique), **combined(sources))


def rate_card(ws: Workspace | Listings) -> pd.DataFrame:
    """Set the rate of every member against the cost.

    One row is a project, a user and a group, the group only where there is no user. A margin is
    known only where both rate and cost are visible.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.

    Returns
    -------
    DataFrame
        By project, then by member.

        - project_id : Int64. Project id.
        - project : str. Name of the project, NA where it is not listed.
        - kind : ordered category. How the member belongs to the project.
        - user_id : Int64. User id.
        - user : str. Name of the user, "User 123 (not listed)" if unknown.
        - email : str. E-mail address of the user.
        - user_active : boolean. Whether the user is active, NA if not listed.
        - group_id : Int64. Group id.
        - group : str. Name of the group.
        - hourly_rate : Float64 [currency]. Billable rate, per hour; NA if not visible.
        - labour_cost : Float64 [currency]. Labour cost, per hour; NA if not visible.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - rate_source : str. "project_user", or NA: inherited and not visible.
        - rate_conflict : boolean. Whether the rows behind it know two rates or costs.
        - n_memberships : Int64. Membership rows behind this row.
        - unit_margin : Float64 [currency]. Hourly rate minus labour cost.
        - unit_margin_pct : Float64 [1]. Unit margin over hourly rate.
        - below_cost : boolean. Whether the rate is below the cost.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_members`, and no more.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> rates = tf.reports.rate_card(ws)
    >>> known = rates.dropna(subset="unit_margin")
    >>> bool(known["hourly_rate"].notna().all())
    True
    """
    members = project_members(ws, unique=True)
    return stamp(joins.rate_card(members), **of(members))


def task_accuracy(
    ws: Workspace | Listings,
    *,
    done: bool | None = True,
) -> pd.DataFrame:
    """Set the tracked time of every task against its estimate.

    One row is a task. Only done tasks tell how good an estimate was: an open one is unfinished,
    not well estimated.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    done : bool, optional
        True for done tasks, False for open ones, None for all.

    Returns
    -------
    DataFrame
        By variance, the largest first.

        - task_id : Int64. Task id.
        - task : str. Name of the task.
        - project_id : Int64. Project id.
        - project : str. Name of the project, NA where it is not listed.
        - client_id : Int64. Client id, NA where the project has no client.
        - client : str. Name of the client.
        - user_id : Int64. User id.
        - assignee : str. Whom the task is assigned to; others may track on it.
        - tracked_hours : Float64 [h]. All time tracked on the task.
        - estimated_hours : Float64 [h]. Estimate, NA where there is none.
        - remaining_hours : Float64 [h]. Estimate minus tracked; negative when over.
        - variance_hours : Float64 [h]. Tracked minus estimate; positive is over.
        - accuracy_ratio : Float64 [1]. Tracked over estimate; 2 is twice the estimate.
        - log2_ratio : Float64 [1]. Base-2 logarithm of the accuracy ratio.
        - abs_pct_error : Float64 [1]. Distance from the estimate, over the estimate.
        - task_state : ordered category. Where the task stands against its estimate.
        - done : boolean. Whether the task is done.
        - recurring : boolean. Whether the task recurs.
        - rate : Float64 [currency]. Rate of the task, per hour.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - external_reference : str. Reference to something outside Toggl Track.
        - integration_provider : str. The other system: asana, jira, salesforce.
        - integration_ext_id : str. Id of the linked entity in the other system.
        - integration_ext_type : str. Type of the linked entity there.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - estimated_time : timedelta64[ms]. Estimate, exact.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    PremiumFeatureError
        If the plan of the workspace has no tasks.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    ``filters/projects`` and ``filters/tasks``: one request for each page, and one that proves the
    end of the tasks. Where tasks or projects do not hold both states, up to two requests more each
    prove that nothing is hidden.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> accuracy = tf.reports.task_accuracy(ws)
    >>> bool(accuracy["done"].all())
    True
    """
    check_done(done)
    sources = _listings(ws).fetch("tasks", "projects")
    given = {} if done is None else {"done": done}
    return stamp(joins.task_accuracy(*sources, done=done), **combined(sources, filters=given))


def estimate_bias(
    ws: Workspace | Listings,
    *,
    by: Literal["user", "project", "client", "integration_provider"] = "user",
) -> pd.DataFrame:
    """Tell how estimates are off, by group.

    One row is a group of done tasks. Below ten tasks there is no suggested multiplier: it would be
    chance.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.
    by : {"user", "project", "client", "integration_provider"}
        What the tasks are grouped by.

    Returns
    -------
    DataFrame
        By bias, the largest first. The first columns name the group: `user_id` and
        `user`, `project_id` and `project`, `client_id` and `client`, or `integration_provider`.

        - n : Int64. Tasks with an estimate above zero.
        - n_no_estimate : Int64. How many have no estimate; zero is one.
        - median_ratio : Float64 [1]. Median of the accuracy ratios.
        - p80_ratio : Float64 [1]. 80 % of the tasks stay at or below this ratio.
        - share_over : Float64 [1]. Share of the tasks that went over their estimate.
        - bias : Float64 [1]. Sum of tracked over sum of estimates.
        - mdape : Float64 [1]. Median absolute percentage error.
        - suggested_multiplier : Float64 [1]. p80_ratio where n is at least 10.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    PremiumFeatureError
        If the plan of the workspace has no tasks.
    TypeError, ValueError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`task_accuracy`, and no more.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> bias = tf.reports.estimate_bias(ws, by="client")
    >>> bool(bias["suggested_multiplier"].isna()[bias["n"] < 10].all())
    True
    """
    check_by(by)
    accuracy = task_accuracy(ws)
    return stamp(joins.estimate_bias(accuracy, by=by), **of(accuracy))


def estimate_reconciliation(ws: Workspace | Listings) -> pd.DataFrame:
    """Set the hours and estimates of projects against those of their tasks.

    One row is a project. It tells how many hours are on no task.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.

    Returns
    -------
    DataFrame
        By untasked hours, the largest first.

        - project_id : Int64. Project id.
        - project : str. Name of the project, NA where it is not listed.
        - client_id : Int64. Client id, NA where the project has no client.
        - client : str. Name of the client.
        - n_tasks : Int64. Tasks.
        - tracked_hours : Float64 [h]. All time ever tracked, NA without a status.
        - task_tracked_hours : Float64 [h]. Tracked on the tasks of the project.
        - untasked_hours : Float64 [h]. Tracked on the project, but on no task.
        - tasked_share : Float64 [1]. Share of the project's hours that are on tasks.
        - estimated_hours : Float64 [h]. Estimate, NA where there is none.
        - task_estimated_hours : Float64 [h]. Sum of the estimates of the tasks.
        - estimate_gap_hours : Float64 [h]. Project estimate minus the tasks' estimates.
        - tracked_exceeds_project : boolean. Whether tasks hold more hours than the project.
        - estimate_exceeds_project : boolean. Whether task estimates exceed the project's.
        - tracked_time : timedelta64[ms]. Tracked, exact.
        - estimated_time : timedelta64[ms]. Estimate, exact.
        - task_tracked_time : timedelta64[ms]. Tracked on tasks, exact.
        - task_estimated_time : timedelta64[ms]. Estimates of the tasks, exact.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    PremiumFeatureError
        If the plan of the workspace has no tasks.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_budget` and ``filters/tasks``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> reconciliation = tf.reports.estimate_reconciliation(ws)
    >>> bool((reconciliation["tasked_share"] >= 0).any())
    True
    """
    listings = _listings(ws)
    *_, tasks = listings.fetch(*_OF_BUDGET, "tasks")
    budget = project_budget(listings)
    return stamp(joins.estimate_reconciliation(budget, tasks), **combined([budget, tasks]))


def workload(ws: Workspace | Listings) -> pd.DataFrame:
    """Total the open tasks by assignee.

    One row is an assignee of open tasks, and one is for nobody. It answers who still has how much
    estimated work; who is assigned is not always who tracks.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.

    Returns
    -------
    DataFrame
        By remaining hours, the largest first.

        - user_id : Int64. User the tasks are assigned to, NA for nobody.
        - user : str. Name of the user, "User 123 (not listed)" if unknown.
        - n_open : Int64. Open tasks.
        - n_over : Int64. How many are over their estimate.
        - n_no_estimate : Int64. How many have no estimate; zero is one.
        - estimated_hours : Float64 [h]. Sum of the estimates above zero, where the tracked time is
          known.
        - tracked_hours : Float64 [h]. Tracked on the open tasks that have an estimate.
        - remaining_hours : Float64 [h]. Sum of what is left of each task, overruns not set off.
        - overrun_hours : Float64 [h]. Sum of the overruns of the tasks.
        - n_projects : Int64. Projects.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.
    PremiumFeatureError
        If the plan of the workspace has no tasks.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    ``filters/tasks``: one request for each page, and one that proves the end. Where the tasks do
    not hold both states, up to two requests more prove that nothing is hidden.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> workload = tf.reports.workload(ws)
    >>> bool((workload["n_open"] > 0).all())
    True
    """
    (tasks,) = _listings(ws).fetch("tasks")
    return stamp(joins.workload(tasks), **combined([tasks]))


def audit(ws: Workspace | Listings) -> pd.DataFrame:
    """Say what does not add up, or cannot be known.

    One row is a finding. Tasks and members that the plan or the token hides are a finding each,
    and a warning; the checks that need them are then left out.

    Parameters
    ----------
    ws : Workspace or Listings
        Where to ask.

    Returns
    -------
    DataFrame
        By severity, then by check and hours affected.

        - severity : ordered category. How much the finding matters.
        - check : str. The check that found it.
        - entity : str. What the id is of: project, task, member, workspace.
        - id : Int64. Id of the entity.
        - label : str. Name of the entity.
        - detail : str. What was found, in one sentence.
        - hours_affected : Float64 [h]. Hours at stake in the finding, NA if none.

    Raises
    ------
    ApiError
        If the API answers with an error; nothing partial is returned.
    ConnectionFailedError
        If the network fails.
    SchemaError
        If the answer is not as declared.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came, or if a part is hidden.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.
    StaleDataWarning
        If the quota is used up, and an older answer is served.

    Notes
    -----
    The listings of :func:`project_budget`, of :func:`project_members` and ``filters/tasks``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> audit = tf.reports.audit(ws)
    >>> audit["severity"].unique().tolist()[0]
    'error'
    """
    listings = _listings(ws)
    parts, hidden = listings.available()
    findings = joins.audit(
        project_budget(listings),
        members_in(parts),
        parts.get("tasks"),
        projects=parts["projects"],
        hidden=hidden,
    )
    return stamp(findings, **combined(parts.values()))


def members_in(parts: Mapping[str, pd.DataFrame], *, unique: bool = False) -> pd.DataFrame | None:
    """Join the members out of :meth:`Listings.available`, None where they are hidden."""
    if "project_users" not in parts:
        return None
    names = [parts.get("users"), parts.get("project_groups")]
    return joins.project_members(parts["project_users"], parts["projects"], *names, unique=unique)


def plan(ws: Workspace | Listings, report: Callable[..., pd.DataFrame], **arguments: Any) -> Plan:
    """Tell what a report would cost now, without a request.

    Every report makes this plan by itself, and is refused with a QuotaExceededError before its
    first request when the known remaining quota cannot pay even the least it costs; not with
    ``on_quota="wait"``, nor where ``on_quota="stale"`` has an old answer for everything. The
    workbook of :func:`togglframe.export.to_excel` costs what :func:`audit` does.

    Parameters
    ----------
    ws : Workspace or Listings
        Where it would ask.
    report : callable
        A report of this module.
    **arguments
        The arguments of the report.

    Returns
    -------
    Plan
        The requests by listing, and what is left of the quota.

    Raises
    ------
    TypeError
        If it is not a report.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> print(tf.reports.plan(ws, tf.reports.project_budget))
    at least 3 requests (projects 1, statuses 1, clients 1)
    >>> budget = tf.reports.project_budget(ws)
    >>> tf.reports.plan(ws, tf.reports.client_summary).requests
    0
    """
    listings = _listings(ws)
    name = getattr(report, "__name__", "")
    if name not in _REPORTS or globals()[name] is not report:
        raise TypeError(f"{report!r} is not a report, such as reports.project_budget")
    try:
        report(_Scout(listings.ws), **arguments)
    except _Needed as needed:
        return listings.plan(*needed.names)
    raise AssertionError(f"{name} fetches nothing")


class _Needed(Exception):  # noqa: N818 -- it is no error, and never reaches a caller
    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__(*names)
        self.names = names


class _Scout(Listings):
    """Finds out which listings a report needs: it stops where the report would fetch them."""

    def _make_sure_of(self, names: tuple[str, ...]) -> None:
        raise _Needed(names)


class _RowFilters:
    """The filters of a budget: applied to rows after the join, never sent."""

    def __init__(self, client_ids: Ids | None, active: bool | None) -> None:
        self._client_ids = None if client_ids is None else id_list("client_ids", client_ids)
        if active is not None and not isinstance(active, bool):
            raise TypeError(f"active is True, False or None, not {active!r}")
        self._active = active
        self.provenance: dict[str, Any] = {}

    def applied(self, budget: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that pass, and note how many could not be judged."""
        passes = pd.DataFrame(index=budget.index)
        if self._client_ids is not None:
            self.provenance["client_ids"] = self._client_ids
            client_id = budget["client_id"]
            passes["client_ids"] = client_id.isin(self._client_ids).mask(client_id.isna())
        if self._active is not None:
            self.provenance["active"] = self._active
            passes["active"] = budget["active"] == self._active
        if passes.empty:
            return budget
        passes = passes.astype("boolean")
        self.provenance[LEFT_OUT] = int(passes.isna().any(axis=1).sum())
        return budget[passes.fillna(value=False).all(axis=1)].reset_index(drop=True)


def _listings(ws: Workspace | Listings) -> Listings:
    return ws if isinstance(ws, Listings) else Listings(ws)
