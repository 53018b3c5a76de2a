"""The eight endpoints of ``/filters``, each declared directly above its function.

Every function returns all matching rows, however many pages and requests that takes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import pandas as pd

from togglframe import tables
from togglframe.api.both_states import both_states, concatenated
from togglframe.api.endpoint import SANE_CAP, Endpoint
from togglframe.api.paging import IdCursor, cut_off, looks_full
from togglframe.api.parameters import Ids, parameters
from togglframe.errors import BadRequestError
from togglframe.http.client import client_of
from togglframe.tables.provenance import warn_of_doubt

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = [
    "clients",
    "project_groups",
    "project_statuses",
    "project_users",
    "projects",
    "task_statuses",
    "tasks",
    "users",
]


CLIENTS: Final = Endpoint(
    path="filters/clients",
    table=tables.CLIENTS,
    parameters=parameters("ids name start"),
    paging=IdCursor(name="start"),
    caps={"ids": 2000},
)


def clients(
    ws: Workspace, *, ids: Ids | None = None, name: str | None = None, start: int | None = None
) -> pd.DataFrame:
    """List clients.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    ids : int or iterable of int, optional
        Client ids; more than 2000 are split across requests.
    name : str, optional
        Part of the client's name.
    start : int, optional
        The id at which to begin.

    Returns
    -------
    DataFrame
        One row per client, ordered by id.

        - id : Int64. Client id.
        - name : str. Name of the client.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/clients``. One request per page, and one more to confirm the end unless all
    `ids` came back.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> tf.filters.clients(ws, name="north")["name"].tolist()
    ['Northwind Coffee Roasters']
    """
    return CLIENTS.fetch(**locals())


PROJECT_GROUPS: Final = Endpoint(
    path="filters/project_groups",
    table=tables.PROJECT_GROUPS,
    parameters=parameters("project_ids group_ids start_id"),
    paging=IdCursor(name="start_id"),
)


def project_groups(
    ws: Workspace,
    *,
    project_ids: Ids | None = None,
    group_ids: Ids | None = None,
    start_id: int | None = None,
) -> pd.DataFrame:
    """List the groups of projects.

    If neither list is given, the groups of all projects, archived ones included.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    project_ids : int or iterable of int, optional
        Project ids; long lists are split across requests.
    group_ids : int or iterable of int, optional
        Group ids; long lists are split across requests.
    start_id : int, optional
        The row id at which to begin.

    Returns
    -------
    DataFrame
        One row per group in a project, ordered by id.

        - id : Int64. Project group id.
        - project_id : Int64. Project id.
        - group_id : Int64. Group id.
        - name : str. Name of the group.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/project_groups``. One request per page, and one more to confirm the end. If
    neither list is given, all projects are listed first, see :func:`projects`.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> tf.filters.project_groups(ws)["name"].nunique() > 1
    True
    """
    if project_ids is None and group_ids is None:
        PROJECT_GROUPS.body(start_id=start_id)
        project_ids = every_project(ws)["id"]
    return PROJECT_GROUPS.fetch(ws, project_ids=project_ids, group_ids=group_ids, start_id=start_id)


PROJECT_USERS: Final = Endpoint(
    path="filters/project_users",
    table=tables.PROJECT_USERS,
    parameters=parameters("project_ids client_ids start_id"),
    paging=IdCursor(name="start_id"),
)


def project_users(
    ws: Workspace,
    *,
    project_ids: Ids | None = None,
    client_ids: Ids | None = None,
    start_id: int | None = None,
) -> pd.DataFrame:
    """List the members of projects, with their rates.

    If neither list is given, the members of all projects, archived ones included. Rates are in the
    project's currency.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    project_ids : int or iterable of int, optional
        Project ids; long lists are split across requests.
    client_ids : int or iterable of int, optional
        Client ids; long lists are split across requests.
    start_id : int, optional
        The row id at which to begin.

    Returns
    -------
    DataFrame
        One row per membership (a user, or a whole group, in a project), ordered by id.

        - id : Int64. Membership id.
        - project_id : Int64. Project id.
        - user_id : Int64. User id, NA if the whole group is the member.
        - group_id : Int64. Group through which the user is a member, NA if direct.
        - hourly_rate : Float64 [currency]. Billable rate in this project, per hour.
        - labour_cost : Float64 [currency]. Labour cost in this project, per hour.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/project_users``. One request per page, and one more to confirm the end. If
    neither list is given, all projects are listed first, see :func:`projects`.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> members = tf.filters.project_users(ws)
    >>> members["hourly_rate"].dtype
    Float64Dtype()
    """
    if project_ids is None and client_ids is None:
        PROJECT_USERS.body(start_id=start_id)
        project_ids = every_project(ws)["id"]
    return PROJECT_USERS.fetch(
        ws, project_ids=project_ids, client_ids=client_ids, start_id=start_id
    )


PROJECTS: Final = Endpoint(
    path="filters/projects",
    table=tables.PROJECTS,
    parameters=parameters(
        "ids client_ids name currency is_active is_billable is_private page_size start"
    ),
    paging=IdCursor(name="start", is_documented=True),
)


def projects(
    ws: Workspace,
    *,
    ids: Ids | None = None,
    client_ids: Ids | None = None,
    name: str | None = None,
    currency: str | None = None,
    is_active: bool | None = None,
    is_billable: bool | None = None,
    is_private: bool | None = None,
    page_size: int | None = None,
    start: int | None = None,
) -> pd.DataFrame:
    """List projects.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    ids : int or iterable of int, optional
        Project ids; long lists are split across requests.
    client_ids : int or iterable of int, optional
        Client ids; long lists are split across requests.
    name : str, optional
        Part of the project's name.
    currency : str, optional
        An ISO 4217 code, for example "EUR".
    is_active : bool, optional
        Only one state; the vendor's page contradicts itself on which. If omitted, archived projects
        may be missing; :func:`togglframe.reports.project_budget` makes sure that it has both.
    is_billable : bool, optional
        Only billable or only non-billable projects; a premium feature.
    is_private : bool, optional
        Only private or only non-private projects.
    page_size : int, optional
        Rows per page, at least 2; by default as many as the API allows.
    start : int, optional
        The id at which to begin.

    Returns
    -------
    DataFrame
        One row per project, ordered by id.

        - id : Int64. Project id.
        - name : str. Name of the project; two projects may share one.
        - client_id : Int64. Client of the project, NA if it has none.
        - active : boolean. False when the project is archived.
        - billable : boolean. Whether the project is billable.
        - color : str. Colour of the project in Toggl Track, as #rrggbb.
        - currency : str. Currency of the project, ISO 4217.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.
    PremiumFeatureError
        If the plan of the workspace lacks the feature.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/projects``. One request for fewer than 200 projects. For more, or if a
    page is as long as a page limit might make it (a multiple of 10 or 25), one request per page,
    and one more to confirm the end.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> projects = tf.filters.projects(ws, currency="EUR")
    >>> projects["currency"].unique().tolist()
    ['EUR']
    """
    return PROJECTS.fetch(**locals())


PROJECT_STATUSES: Final = Endpoint(
    path="filters/projects/status",
    table=tables.PROJECT_STATUSES,
    parameters=parameters("ids active"),
    caps={"ids": SANE_CAP},
)


def project_statuses(
    ws: Workspace, *, ids: Ids | None = None, active: bool | None = None
) -> pd.DataFrame:
    """List the totals of projects: tracked, estimated and billable.

    The totals cover the whole life of each project. Without `ids`, all projects of the workspace
    are requested; if the API refuses that, the ids of all projects, archived ones included, are
    looked up first.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    ids : int or iterable of int, optional
        Project ids; long lists are split across requests.
    active : bool, optional
        Only one state; the vendor's page contradicts itself on which. If omitted, archived projects
        may be missing.

    Returns
    -------
    DataFrame
        One row per project that has a status, ordered by id.

        - id : Int64. Project id.
        - tracked_time : timedelta64[ms]. All time ever tracked on the project.
        - estimated_time : timedelta64[ms]. Estimate of the project, NA if it has none.
        - billable_time : timedelta64[ms]. The billable part of the tracked time.
        - billable_amount : Float64 [currency]. Value of the billable time.
        - currency : str. Currency of the amount, ISO 4217.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.

    Warns
    -----
    CompletenessWarning
        If the answer was cut short and rows may be missing.
    SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/projects/status``. One request, or one per 1000 `ids`; one more if statuses are
    missing at the end of the answer. If, without `ids`, 200 or more statuses come back, or a
    multiple of 10 or 25, all projects are listed too and compared with them.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> statuses = tf.filters.project_statuses(ws)
    >>> statuses["tracked_time"].dtype
    dtype('<m8[ms]')
    """
    if ids is not None:
        return PROJECT_STATUSES.fetch(ws, ids=ids, active=active)
    statuses = statuses_of_all(ws, lambda: every_project(ws)["id"], active=active)
    if not looks_full(len(statuses)):
        return statuses
    known = every_project(ws)
    if active is not None:
        known = known[known["active"] == active]
    return with_statuses_cut_off(ws, statuses, known["id"])


TASK_STATUSES: Final = Endpoint(
    path="filters/tasks/status",
    table=tables.TASK_STATUSES,
    parameters=parameters("ids"),
    caps={"ids": SANE_CAP},
)


def task_statuses(ws: Workspace, *, ids: Ids | None = None) -> pd.DataFrame:
    """List the totals of tasks: tracked, estimated and billable.

    Tasks are a premium feature.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    ids : int or iterable of int, optional
        Task ids; long lists are split across requests. By default all tasks.

    Returns
    -------
    DataFrame
        One row per task that has a status, ordered by id.

        - id : Int64. Task id.
        - tracked_time : timedelta64[ms]. All time ever tracked on the task.
        - estimated_time : timedelta64[ms]. Estimate of the task, NA if it has none.
        - billable_time : timedelta64[ms]. The billable part of the tracked time.
        - billable_amount : Float64 [currency]. Value of the billable time.
        - currency : str. Currency of the amount, ISO 4217.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.
    PremiumFeatureError
        If the plan of the workspace lacks the feature.

    Warns
    -----
    CompletenessWarning
        If the answer was cut short and rows may be missing.
    SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/tasks/status``. One request per 1000 `ids`; without `ids`, all tasks are
    listed first, see :func:`tasks`.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> task_statuses = tf.filters.task_statuses(ws)
    >>> bool(task_statuses["id"].is_unique)
    True
    """
    if ids is None:
        ids = every_task(ws)["id"]
    return TASK_STATUSES.fetch(ws, ids=ids)


USERS: Final = Endpoint(
    path="filters/users",
    table=tables.USERS,
    parameters=parameters("ids active start"),
    paging=IdCursor(name="start"),
    caps={"ids": 100},
)


def users(
    ws: Workspace, *, ids: Ids | None = None, active: bool | None = None, start: int | None = None
) -> pd.DataFrame:
    """List users by name.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    ids : int or iterable of int, optional
        User ids; more than 100 are split across requests.
    active : bool, optional
        False for inactive users. If omitted, the API lists only active users.
    start : int, optional
        The id at which to begin.

    Returns
    -------
    DataFrame
        One row per user, ordered by id.

        - id : Int64. User id.
        - name : str. Full name.
        - deleted_at : datetime64[us, UTC]. When the user was deleted, NA if never.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/users``. One request per page, and one more to confirm the end unless all `ids`
    came back.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> inactive = tf.filters.users(ws, active=False)
    >>> inactive["deleted_at"].dtype
    datetime64[us, UTC]
    """
    return USERS.fetch(**locals())


TASKS: Final = Endpoint(
    path="filters/tasks",
    table=tables.TASKS,
    parameters=parameters("ids project_ids user_ids name active project_active page_size start"),
    paging=IdCursor(name="start"),
    caps={"ids": 2000},
)


def tasks(
    ws: Workspace,
    *,
    ids: Ids | None = None,
    project_ids: Ids | None = None,
    user_ids: Ids | None = None,
    name: str | None = None,
    active: bool | None = None,
    project_active: bool | None = None,
    page_size: int | None = None,
    start: int | None = None,
) -> pd.DataFrame:
    """List tasks.

    Tasks are a premium feature.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    ids : int or iterable of int, optional
        Task ids; more than 2000 are split across requests.
    project_ids : int or iterable of int, optional
        Project ids; long lists are split across requests.
    user_ids : int or iterable of int, optional
        Assignee ids; long lists are split across requests.
    name : str, optional
        Part of the task's name.
    active : bool, optional
        False for tasks that are done.
    project_active : bool, optional
        False for tasks of archived projects.
    page_size : int, optional
        Rows per page, at least 2; by default as many as the API allows.
    start : int, optional
        The id at which to begin.

    Returns
    -------
    DataFrame
        One row per task, ordered by id.

        - id : Int64. Task id.
        - name : str. Name of the task.
        - active : boolean. False when the task is done.
        - project_id : Int64. Project id.
        - project_name : str. Name of the project.
        - project_color : str. Colour of the project, as #rrggbb.
        - project_billable : boolean. Whether the project is billable.
        - project_is_private : boolean. Whether the project is private.
        - client_id : Int64. Client of the project, NA if it has none.
        - client_name : str. Name of the client.
        - user_id : Int64. User the task is assigned to, NA if nobody.
        - user_name : str. Name of the assignee.
        - estimated_time : timedelta64[ms]. Estimate of the task, NA if it has none.
        - tracked_time : timedelta64[ms]. All time tracked on the task.
        - rate : Float64 [currency]. Rate of the task, per hour, in the project's currency.
        - rate_last_updated : datetime64[us, UTC]. When the rate was last changed.
        - recurring : boolean. Whether the task recurs.
        - external_reference : str. Reference to something outside Toggl Track.
        - integration_ext_id : str. Id of the linked entity in the other system.
        - integration_ext_type : str. Type of the linked entity there.
        - integration_provider : str. The other system: asana, jira, salesforce.
        - permissions : list of str or NA. What the credential may do with the task.
        - avatar_url : str. Picture of the assignee.
        - toggl_accounts_id : str. Account id of the assignee.
        - workspace_id : Int64. Workspace id.
        - at : datetime64[us, UTC]. When the task was created or last changed.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.
    PremiumFeatureError
        If the plan of the workspace lacks the feature.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /filters/tasks``. One request per page, and one more to confirm the end unless all `ids`
    came back.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> done = tf.filters.tasks(ws, active=False)
    >>> bool(done["active"].any())
    False
    """
    return TASKS.fetch(**locals())


def every_project(ws: Workspace) -> pd.DataFrame:
    """List all projects, making sure of active and archived ones, as :func:`projects` does."""
    return both_states(lambda **state: projects(ws, **state), "is_active")


def every_task(ws: Workspace) -> pd.DataFrame:
    """List all tasks, making sure of open and done ones, as :func:`tasks` does."""
    return both_states(lambda **state: tasks(ws, **state), "active")


def statuses_of_all(
    ws: Workspace, project_ids: Callable[[], Ids], *, active: bool | None = None
) -> pd.DataFrame:
    """List the statuses of the workspace; look up the ids only if the API demands them."""
    path, client = PROJECT_STATUSES.path, client_of(ws)
    if path not in client.learned.want_ids:
        try:
            return PROJECT_STATUSES.fetch(ws, active=active)
        except BadRequestError as error:
            if "at least one parameter" not in error.message.lower():
                raise
        client.learned.want_ids.add(path)
        client.keep_learned()
    return PROJECT_STATUSES.fetch(ws, ids=project_ids(), active=active)


def with_statuses_cut_off(
    ws: Workspace, statuses: pd.DataFrame, project_ids: pd.Series[int]
) -> pd.DataFrame:
    """Add the statuses that the API left out at the end of its answer, which has no pages."""
    missing = cut_off(project_ids.tolist(), set(statuses["id"]), is_look_up=True)
    if not missing:
        return statuses
    rest = PROJECT_STATUSES.fetch(ws, ids=missing)
    if len(rest):
        message = (
            f"{PROJECT_STATUSES.path}: the answer ended after {len(statuses):,} rows, and "
            f"{len(rest):,} more came by their ids. Statuses of projects that are not listed may "
            "be missing: compare the hours with Toggl Track."
        )
        warn_of_doubt(rest, message)
    return concatenated([statuses, rest])
