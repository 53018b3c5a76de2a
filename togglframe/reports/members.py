"""The members of projects, with their rates and costs."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from togglframe import tables
from togglframe.reports._frames import checked, checked_or_empty, finished, look_up, ratio
from togglframe.reports._part import rows_of
from togglframe.reports._record import Report
from togglframe.reports.selection import EVERYTHING, Names, NamesOrNone, Selection
from togglframe.reports.sources import Source
from togglframe.text.names import numbered, unlisted

__all__ = ["project_members", "rate_card"]


def join_project_members(
    project_users: pd.DataFrame,
    projects: pd.DataFrame,
    users: pd.DataFrame | None = None,
    project_groups: pd.DataFrame | None = None,
    *,
    unique: bool = False,
    selected: Selection = EVERYTHING,
) -> pd.DataFrame:
    """Return every membership with the names of its project, user and group."""
    chosen = rows_of({"project_users": project_users, "projects": projects}, selected)
    member = checked(
        chosen["project_users"],
        tables.PROJECT_USERS,
        "project_id user_id group_id hourly_rate labour_cost",
    ).rename(columns={"id": "membership_id"})
    project = checked(projects, tables.PROJECTS, "name currency")
    project = project.rename(columns={"id": "project_id", "name": "project"})
    member = look_up(member, project, "project_id")
    member = look_up(member, _user_names(users), "user_id")
    member = look_up(member, _group_names(project_groups), "group_id")
    stand_in = numbered if users is None else unlisted
    if project_groups is None:
        member["group"] = numbered(member["group_id"])
    member = member.assign(
        kind=_kinds(member),
        user=member["user"].where(member["listed"].notna(), stand_in(member["user_id"])),
        rate_source=pd.Series("project_user", member.index).where(member["hourly_rate"].notna()),
    )
    if unique:
        return finished(unique_members(member), tables.PROJECT_MEMBERS_UNIQUE)
    return finished(member, tables.PROJECT_MEMBERS)


def _user_names(users: pd.DataFrame | None) -> pd.DataFrame:
    user = checked_or_empty(
        users, tables.USER_DETAILS, "fullname email active deactivated deleted_at"
    )
    return pd.DataFrame(
        {
            "user_id": user["id"],
            "user": user["fullname"],
            "email": user["email"],
            "user_active": are_active(user),
            "listed": True,
        }
    )


def are_active(users: pd.DataFrame) -> pd.Series[Any]:
    """Return which users are active: neither deactivated nor deleted."""
    gone = users["deactivated"].fillna(value=False) | users["deleted_at"].notna()
    active: pd.Series[Any] = users["active"] & ~gone
    return active


def _group_names(groups: pd.DataFrame | None) -> pd.DataFrame:
    # one row is a group in a project, so the name of a group can occur many times
    group = checked_or_empty(groups, tables.PROJECT_GROUPS, "group_id name")
    group = group[["group_id", "name"]].dropna().drop_duplicates("group_id")
    return group.rename(columns={"name": "group"})


def _kinds(member: pd.DataFrame) -> pd.Series[Any]:
    has_user, has_group = member["user_id"].notna(), member["group_id"].notna()
    kinds = pd.Series("unknown", index=member.index)
    kinds = kinds.mask(has_user & ~has_group, "user").mask(has_user & has_group, "user_via_group")
    kinds = kinds.mask(~has_user & has_group, "group")
    return kinds.astype(tables.PROJECT_MEMBERS["kind"].dtype)


def unique_members(member: pd.DataFrame) -> pd.DataFrame:
    """Combine the memberships of a user, or of a whole group, in a project into one row.

    In addition to the columns of the unique view, the lowest `membership_id` is kept.
    """
    of_group = ["group_id", "group"]
    has_user = member["user_id"].notna()
    rows = member.assign(**{name: member[name].mask(has_user) for name in of_group})
    key = list(tables.PROJECT_MEMBERS_UNIQUE.key)
    grouped = rows.sort_values("membership_id").groupby(key, dropna=False, sort=False)
    same = ["project", "user", "email", "user_active", "group", "currency"]
    result = grouped[same].first()
    result["membership_id"] = grouped["membership_id"].min()
    result["n_memberships"] = grouped["membership_id"].size()
    result["kind"] = grouped["kind"].min()
    conflicts = []
    for price in ("hourly_rate", "labour_cost"):
        lowest, highest = grouped[price].min(), grouped[price].max()
        result[price] = lowest.where((lowest == highest).fillna(value=False))
        conflicts.append((lowest != highest).fillna(value=False))
    result["rate_conflict"] = conflicts[0] | conflicts[1]
    result["rate_source"] = grouped["rate_source"].first()
    return result.reset_index()


def join_rate_card(*listings: pd.DataFrame, **parameters: Any) -> pd.DataFrame:
    """Compare the hourly rate of every member with the labour cost."""
    card = join_project_members(*listings, unique=True, **parameters)
    margin = card["hourly_rate"] - card["labour_cost"]
    card = card.assign(
        unit_margin=margin,
        unit_margin_pct=ratio(margin, card["hourly_rate"]),
        below_cost=margin < 0,
    )
    return finished(card, tables.RATE_CARD)


PROJECT_MEMBERS: Final = Report(
    name="project_members",
    table=tables.PROJECT_MEMBERS,
    needs=("project_users", "projects", "users", "project_groups"),
    look_ups=("users", "project_groups"),
    shape=lambda params: (
        tables.PROJECT_MEMBERS_UNIQUE if params["unique"] else tables.PROJECT_MEMBERS
    ),
    samples=({}, {"unique": True}),
    join=join_project_members,
)


def project_members(
    source: Source,
    *,
    unique: bool = False,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """List the members of every project, with names, rates and costs.

    One row per membership: a user, or a whole group. Users who are not listed, such as deleted
    ones, appear as "User 123 (not listed)". The API does not say who is in a group, so a group is
    never expanded to its users.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    unique : bool
        One row per project, user and group instead, the group only where there is no user: a user
        who is a member both directly and by a group has one row. The known rate is used; two
        different ones give NA and `rate_conflict`.
    clients, projects : int, str, or list of int, str or None, optional
        Only members of these projects, or of those of these clients; include None in the clients
        for projects without one.
    users : int, str, or list of int or str, optional
        Only members who are these users: ids, names or e-mail addresses.

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
    return PROJECT_MEMBERS.make(**locals())


RATE_CARD: Final = Report(
    name="rate_card",
    table=tables.RATE_CARD,
    needs=PROJECT_MEMBERS.needs,
    look_ups=PROJECT_MEMBERS.look_ups,
    join=join_rate_card,
)


def rate_card(
    source: Source,
    *,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Compare the rate of every member with the labour cost.

    One row per project, user and group, the group only where there is no user. A margin is known
    only where both rate and cost are visible.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    clients, projects : int, str, or list of int, str or None, optional
        Only members of these projects, or of those of these clients; include None in the clients
        for projects without one.
    users : int, str, or list of int or str, optional
        Only members who are these users: ids, names or e-mail addresses.

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
    return RATE_CARD.make(**locals())
