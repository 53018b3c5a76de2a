"""The members of projects, with their rates and costs."""

from __future__ import annotations

from typing import Any

import pandas as pd

from togglframe.joins._frames import checked, finished, look_up, ratio
from togglframe.tables import (
    PROJECT_GROUPS,
    PROJECT_MEMBERS,
    PROJECT_MEMBERS_UNIQUE,
    PROJECT_USERS,
    PROJECTS,
    RATE_CARD,
    USER_DETAILS,
)
from togglframe.text.names import numbered, unlisted


def project_members(
    memberships: pd.DataFrame,
    projects: pd.DataFrame,
    users: pd.DataFrame | None,
    groups: pd.DataFrame | None,
    *,
    unique: bool = False,
) -> pd.DataFrame:
    """Return every membership with the names of its project, user and group.

    One row is a membership. With `unique` one row is a project and a user, or a project and a
    group if the whole group is the member: someone who is a member both directly and through a
    group has two memberships, but only one such row.

    Parameters
    ----------
    memberships : pandas.DataFrame
        As ``tf.filters.project_users`` returns them.
    projects : pandas.DataFrame
        As ``tf.filters.projects`` returns them.
    users : pandas.DataFrame or None
        As ``tf.search.users`` returns them, active and inactive. None if the token may
        not see them: then a user is called "User 123".
    groups : pandas.DataFrame or None
        As ``tf.filters.project_groups`` returns them; only their names are used.
        None if the token may not see them: then a group is called "Group 123".
    unique : bool, default False
        Whether to combine the memberships of the same user in a project into one row.

    Returns
    -------
    pandas.DataFrame
        The table `project_members`, by `membership_id`, or `project_members_unique`, by project,
        user and group. A user who is not listed is called "User 123 (not listed)";
        `user_active` is False for one who is deactivated or deleted. `hourly_rate` and
        `labour_cost` are in the `currency` of the project, per hour; NA where the membership
        inherits them. With `unique`, the one known value is used; two different values give NA and
        set `rate_conflict`. Tracked hours are not included.

    Raises
    ------
    ConfigError
        If a frame lacks a column, has one of another dtype or contains an id twice.

    See Also
    --------
    togglframe.reports.project_members : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> members = tf.joins.project_members(
    ...     tf.filters.project_users(ws), tf.filters.projects(ws),
    ...     tf.search.users(ws, active=True), tf.filters.project_groups(ws))
    >>> list(members.columns[:4])
    ['membership_id', 'project_id', 'project', 'kind']
    """
    member = checked(
        memberships, PROJECT_USERS, "project_id user_id group_id hourly_rate labour_cost"
    ).rename(columns={"id": "membership_id"})
    member = look_up(member, _project_names(projects), "project_id")
    member = look_up(member, _user_names(users), "user_id")
    member = look_up(member, _group_names(groups), "group_id")
    stand_in = numbered if users is None else unlisted
    if groups is None:
        member["group"] = numbered(member["group_id"])
    member = member.assign(
        kind=_kinds(member),
        user=member["user"].where(member["listed"].notna(), stand_in(member["user_id"])),
        rate_source=pd.Series("project_user", member.index).where(member["hourly_rate"].notna()),
    )
    if unique:
        return finished(unique_members(member), PROJECT_MEMBERS_UNIQUE)
    return finished(member, PROJECT_MEMBERS)


def _project_names(projects: pd.DataFrame) -> pd.DataFrame:
    project = checked(projects, PROJECTS, "name currency")
    return project.rename(columns={"id": "project_id", "name": "project"})


def _user_names(users: pd.DataFrame | None) -> pd.DataFrame:
    given = USER_DETAILS.empty() if users is None else users
    user = checked(given, USER_DETAILS, "fullname email active deactivated deleted_at")
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
    given = PROJECT_GROUPS.empty() if groups is None else groups
    group = checked(given, PROJECT_GROUPS, "group_id name").dropna()
    group = group.drop_duplicates("group_id")[["group_id", "name"]]
    return group.rename(columns={"name": "group"})


def _kinds(member: pd.DataFrame) -> pd.Series[Any]:
    has_user, has_group = member["user_id"].notna(), member["group_id"].notna()
    kinds = pd.Series("unknown", index=member.index)
    kinds = kinds.mask(has_user & ~has_group, "user").mask(has_user & has_group, "user_via_group")
    kinds = kinds.mask(~has_user & has_group, "group")
    return kinds.astype(PROJECT_MEMBERS["kind"].dtype)


def unique_members(member: pd.DataFrame) -> pd.DataFrame:
    """Combine the memberships of a user, or of a whole group, in a project into one row.

    In addition to the columns of the unique view, the lowest `membership_id` is kept.
    """
    of_group = ["group_id", "group"]
    has_user = member["user_id"].notna()
    rows = member.assign(**{name: member[name].mask(has_user) for name in of_group})
    key = list(PROJECT_MEMBERS_UNIQUE.key)
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


def rate_card(members: pd.DataFrame) -> pd.DataFrame:
    """Compare the hourly rate of every member with the labour cost.

    One row is a project and a user, or a project and a group if the whole group is the member.

    Parameters
    ----------
    members : pandas.DataFrame
        As :func:`project_members` returns them with ``unique=True``.

    Returns
    -------
    pandas.DataFrame
        The table `rate_card`: the same rows in the same order, with `unit_margin` (rate minus
        cost, per hour, in the row's currency), `unit_margin_pct` [1] and `below_cost`. All
        three are NA unless both rate and cost are known.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a member twice.

    See Also
    --------
    togglframe.reports.rate_card : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> card = tf.reports.rate_card(tf.demo())
    >>> list(card.columns[-3:])
    ['unit_margin', 'unit_margin_pct', 'below_cost']
    """
    card = checked(members, PROJECT_MEMBERS_UNIQUE, " ".join(PROJECT_MEMBERS_UNIQUE.names))
    margin = card["hourly_rate"] - card["labour_cost"]
    card = card.assign(
        unit_margin=margin,
        unit_margin_pct=ratio(margin, card["hourly_rate"]),
        below_cost=margin < 0,
    )
    return finished(card, RATE_CARD)
