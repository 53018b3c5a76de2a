"""Reports: a workspace in, a joined frame out.

Each report fetches what it needs, no more, and calls :mod:`togglframe.joins`. Listings that
several reports share come out of the cache; :class:`Listings` shares them without one.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pandas as pd

from togglframe import filters, joins, search
from togglframe.endpoint import Ids, id_list
from togglframe.provenance import combined, stamp
from togglframe.states import both_states
from togglframe.workspace import Workspace

__all__ = ["Listings", "project_budget"]


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

    @cached_property
    def projects(self) -> pd.DataFrame:
        """All projects, active and archived."""
        return filters.every_project(self.ws)

    @cached_property
    def statuses(self) -> pd.DataFrame:
        """The statuses of all projects, active and archived."""
        projects = self.projects
        return both_states(
            lambda **flag: filters.statuses_of_all(self.ws, lambda: projects["id"], **flag),
            "active",
            active_by_id=projects.set_index("id")["active"],
        )

    @cached_property
    def clients(self) -> pd.DataFrame:
        """The clients that projects name: when all of them come, no proof page is needed."""
        ids = self.projects["client_id"].dropna().drop_duplicates().sort_values()
        return filters.clients(self.ws, ids=ids)

    @cached_property
    def memberships(self) -> pd.DataFrame:
        """The members of all projects."""
        return filters.project_users(self.ws, project_ids=self.projects["id"])

    @cached_property
    def groups(self) -> pd.DataFrame:
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
        Only projects of these clients; projects whose client is not known are left out then.
    active : bool, optional
        Only active or only archived projects; those whose state is not known are left out then.
    at_risk : float
        From this progress on a project is at risk [1].
    members : bool
        Whether to add how many members each project has, and the range of their rates and costs.

    Returns
    -------
    DataFrame
        By overrun, then by id; ``attrs["togglframe"]["filters"]`` tells how many rows a filter
        left out for a value that is not known.

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
        - n_groups : Int64. Groups that are members as a whole.
        - members_known : boolean. False where a whole group is a member.
        - hourly_rate_min : Float64 [currency]. Lowest known hourly rate of a member.
        - hourly_rate_max : Float64 [currency]. Highest known hourly rate of a member.
        - labour_cost_min : Float64 [currency]. Lowest known labour cost of a member.
        - labour_cost_max : Float64 [currency]. Highest known labour cost of a member.

    Raises
    ------
    ApiError
        If the API answers with an error.
    ConfigError
        If an argument is impossible.

    Warns
    -----
    CompletenessWarning
        If it cannot be proven that all rows came.
    SemanticsWarning
        If a flag means the opposite of its name; the frame has both states all the same.

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
    listings = _listings(ws)
    filtered = _Filters(client_ids, active)
    sources = [listings.projects, listings.statuses, listings.clients]
    if members:
        sources.append(listings.memberships)
    return filtered.applied(joins.project_budget(*sources, at_risk=at_risk), sources)


class _Filters:
    """The filters of a budget: applied to rows after the join, never sent."""

    def __init__(self, client_ids: Ids | None, active: bool | None) -> None:
        self.client_ids = None if client_ids is None else id_list("client_ids", client_ids)
        if active is not None and not isinstance(active, bool):
            raise TypeError(f"active is True, False or None, not {active!r}")
        self.active = active

    def applied(self, budget: pd.DataFrame, sources: list[pd.DataFrame]) -> pd.DataFrame:
        given: dict[str, Any] = {}
        unknown = pd.Series(False, index=budget.index)
        keep = pd.Series(True, index=budget.index)
        if self.client_ids is not None:
            given["client_ids"] = self.client_ids
            unknown |= budget["client_id"].isna()
            keep &= budget["client_id"].isin(self.client_ids)
        if self.active is not None:
            given["active"] = self.active
            unknown |= budget["active"].isna()
            keep &= (budget["active"] == self.active).fillna(value=False).astype(bool)
        if given:
            given["left_out_unknown"] = int(unknown.sum())
        kept = budget[keep].reset_index(drop=True)
        return stamp(kept, **combined(sources, filters=given))


def _listings(ws: Workspace | Listings) -> Listings:
    return ws if isinstance(ws, Listings) else Listings(ws)
