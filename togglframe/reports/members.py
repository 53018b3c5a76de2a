"""The members of projects, with their rates and costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from togglframe import joins, tables
from togglframe.reports._record import Report
from togglframe.reports.sources import Source

__all__ = ["project_members", "rate_card"]

PROJECT_MEMBERS: Final = Report(
    name="project_members",
    table=tables.PROJECT_MEMBERS,
    needs=("project_users", "projects", "users", "project_groups"),
    look_ups=("users", "project_groups"),
    other_tables={"unique": {True: tables.PROJECT_MEMBERS_UNIQUE}},
    join=joins.project_members,
)


def project_members(
    ws: Source,
    *,
    unique: bool = False,
) -> pd.DataFrame:
    """List the members of every project, with names, rates and costs.

    One row per membership: a user, or a whole group. Users who are not listed, such as deleted
    ones, appear as "User 123 (not listed)". The API does not say who is in a group, so a group is
    never expanded to its users.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    unique : bool
        One row per project, user and group instead, the group only where there is no user: a user
        who is a member both directly and by a group has one row. The known rate is used; two
        different ones give NA and `rate_conflict`.

    Returns
    -------
    DataFrame
        Ordered by `membership_id`; with `unique`, by project, then by user and group.

        - membership_id : Int64. Membership id.
        - project_id : Int64. Project id.
        - project : str. Name of the project, NA if it is not listed.
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
        - rate_source : str. "project_user", or NA if inherited and so not visible.

        With `unique`, there is no `membership_id`, and at the end:

        - rate_conflict : boolean. Whether the memberships behind the row have different rates or
          costs.
        - n_memberships : Int64. Membership rows behind this row.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``filters/projects``, ``filters/project_users``, ``filters/project_groups`` and
    ``search/users`` twice, for active and inactive users: one request per page of about 200
    rows, and one more to confirm the end of each but the first.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> members = tf.reports.project_members(ws, unique=True)
    >>> bool(members.duplicated(["project_id", "user_id", "group_id"]).any())
    False
    """
    return PROJECT_MEMBERS.make(ws, unique=unique)


RATE_CARD: Final = Report(
    name="rate_card",
    table=tables.RATE_CARD,
    needs=PROJECT_MEMBERS.needs,
    look_ups=PROJECT_MEMBERS.look_ups,
    join=lambda *frames: joins.rate_card(joins.project_members(*frames, unique=True)),
)


def rate_card(ws: Source) -> pd.DataFrame:
    """Compare the rate of every member with the labour cost.

    One row per project, user and group, the group only where there is no user. A margin is known
    only where both rate and cost are visible.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.

    Returns
    -------
    DataFrame
        Ordered by project, then by member.

        - project_id : Int64. Project id.
        - project : str. Name of the project, NA if it is not listed.
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
        - rate_source : str. "project_user", or NA if inherited and so not visible.
        - rate_conflict : boolean. Whether the memberships behind the row have different rates or
          costs.
        - n_memberships : Int64. Membership rows behind this row.
        - unit_margin : Float64 [currency]. Hourly rate minus labour cost.
        - unit_margin_pct : Float64 [1]. Unit margin over hourly rate.
        - below_cost : boolean. Whether the rate is below the cost.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    The listings of :func:`project_members`, no others.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> rates = tf.reports.rate_card(ws)
    >>> rates[["project", "user", "hourly_rate", "unit_margin"]].head(3)
                project             user  hourly_rate  unit_margin
    0  Website relaunch     Sofie de Wit        155.0         53.0
    1  Website relaunch  Jonas Lindqvist        160.0         <NA>
    2  Website relaunch       Ben O'Hara        165.0         <NA>
    """
    return RATE_CARD.make(ws)


def members_in(parts: Mapping[str, pd.DataFrame], *, unique: bool = False) -> pd.DataFrame | None:
    """Join the members from :meth:`Listings.available`; None if they are hidden."""
    if "project_users" not in parts:
        return None
    names = [parts.get("users"), parts.get("project_groups")]
    return joins.project_members(parts["project_users"], parts["projects"], *names, unique=unique)
