"""The six endpoints of ``/search``, each declared directly above its function.

Four are counterparts of functions in :mod:`~togglframe.api.filters`, but need a search criterion;
two search for time entries.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.both_states import concatenated
from togglframe.api.dates import Day, Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.paging import PAGE_OF_ENTRIES, IdCursor, RowNumber
from togglframe.api.parameters import ENTRY_FILTERS, Ids, IdsOrNone, parameters, time_parameters

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["clients", "projects", "tasks", "time_entries", "time_entry_totals", "users"]


def __dir__() -> list[str]:
    return sorted(__all__)


CLIENTS: Final = Endpoint(
    path="search/clients",
    table=tables.CLIENTS,
    parameters=parameters("ids name start"),
    paging=IdCursor(name="start"),
    caps={"ids": 2000},
    lists_all="filters.clients",
)


def clients(
    ws: Workspace, *, ids: Ids | None = None, name: str | None = None, start: int | None = None
) -> pd.DataFrame:
    """Search for clients.

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
    ConfigError
        If no search criterion is given.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /search/clients``. One request per page, and one more to confirm the end unless all `ids`
    came back.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> tf.search.clients(ws, name="no such client").empty
    True
    """
    return CLIENTS.fetch(**locals())


PROJECTS: Final = Endpoint(
    path="search/projects",
    table=tables.PROJECTS,
    parameters=parameters(
        "ids client_ids name currency is_active is_billable is_private page_size start"
    ),
    paging=IdCursor(name="start", is_documented=True),
    lists_all="filters.projects",
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
    """Search for projects.

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
    ConfigError
        If no search criterion is given.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /search/projects``. One request for fewer than 200 projects. For more, or if a
    page is as long as a page limit might make it (a multiple of 10 or 25), one request per page,
    and one more to confirm the end.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> found = tf.search.projects(ws, name="website")
    >>> bool(found["name"].str.contains("website", case=False).all())
    True
    """
    return PROJECTS.fetch(**locals())


USERS: Final = Endpoint(
    path="search/users",
    table=tables.USER_DETAILS,
    parameters=parameters("ids active start"),
    paging=IdCursor(name="start"),
    caps={"ids": 100},
    lists_all="filters.users",
)


def users(
    ws: Workspace, *, ids: Ids | None = None, active: bool | None = None, start: int | None = None
) -> pd.DataFrame:
    """Search for users, with their e-mail addresses and states.

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
        - fullname : str. Full name.
        - email : str. E-mail address.
        - avatar : str. File name of the avatar.
        - active : boolean. Whether the user is active in the workspace.
        - deactivated : boolean. Whether the user was deactivated.
        - deleted_at : datetime64[us, UTC]. When the user was deleted, NA if never.
        - workspace_user_id : Int64. Id of the user's membership of the workspace.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every endpoint does, see :mod:`togglframe.errors`.
    ConfigError
        If no search criterion is given.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /search/users``. One request per page, and one more to confirm the end unless all `ids`
    came back.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> active = tf.search.users(ws, active=True)
    >>> bool(active["email"].str.contains("@").all())
    True
    """
    return USERS.fetch(**locals())


TASKS: Final = Endpoint(
    path="search/tasks",
    table=tables.TASKS,
    parameters=parameters("ids project_ids user_ids name active project_active page_size start"),
    paging=IdCursor(name="start"),
    caps={"ids": 2000},
    lists_all="filters.tasks",
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
    """Search for tasks.

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
    ConfigError
        If no search criterion is given.

    Warns
    -----
    CompletenessWarning, SemanticsWarning, StaleDataWarning
        As every endpoint does, see :mod:`togglframe.errors`.

    Notes
    -----
    ``POST /search/tasks``. One request per page, and one more to confirm the end unless all `ids`
    came back.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> open_tasks = tf.search.tasks(ws, active=True)
    >>> bool(open_tasks["active"].all())
    True
    """
    return TASKS.fetch(**locals())


def every_user(ws: Workspace) -> pd.DataFrame:
    """List all users, active and inactive; the frame is that of :func:`users`."""
    return concatenated([users(ws, active=True), users(ws, active=False)])


TIME_ENTRIES: Final = Endpoint(
    path="search/time_entries",
    table=tables.TIME_ENTRIES,
    parameters=time_parameters(f"start_date end_date {ENTRY_FILTERS} page_size"),
    paging=RowNumber(),
    page_size=PAGE_OF_ENTRIES,
    constants={"enrich_response": True},
    unnest=parsers.entries,
    windows=Windows(),
    narrowed_by=("user_ids", "project_ids"),
)


def time_entries(
    ws: Workspace,
    *,
    start_date: Day,
    end_date: Day,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
    task_ids: IdsOrNone | None = None,
    tag_ids: IdsOrNone | None = None,
    group_ids: Ids | None = None,
    time_entry_ids: Ids | None = None,
    description: str | None = None,
    billable: bool | None = None,
    min_duration_seconds: int | None = None,
    max_duration_seconds: int | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
    page_size: int | None = None,
) -> pd.DataFrame:
    """List the time entries of a range of days.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of 365 days.
    user_ids : iterable of int, optional
        Only entries of these users.
    client_ids, project_ids, task_ids, tag_ids : iterable of int or None, optional
        Only entries with these ids; include None for entries without one.
    group_ids, time_entry_ids : iterable of int, optional
        Only entries of the members of these groups, or with these ids.
    description : str, optional
        Part of the description.
    billable : bool, optional
        Only billable or only non-billable entries; a premium feature.
    min_duration_seconds, max_duration_seconds : int, optional
        The shortest and longest duration to include [s].
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.
    page_size : int, optional
        Entries per page; by default 1,000, or fewer if the API refuses that.

    Returns
    -------
    DataFrame
        One row per time entry, ordered by start, then id.

        - id : Int64. Time entry id.
        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - email : str. E-mail address of the user who tracked it.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - task_id : Int64. Task id, NA without a task.
        - task : str. Name of the task.
        - description : str. What was done, NA if there is no description.
        - billable : boolean. Whether the time is billable.
        - tags : list of str or NA. Names of the tags.
        - tag_ids : list of int or NA. Ids of the tags.
        - start : datetime64[us, UTC]. When it began.
        - stop : datetime64[us, UTC]. When it ended.
        - date : datetime64[us]. The local day on which it began.
        - utc_offset : timedelta64[ms]. Offset from UTC to the local time where it was tracked.
        - tracked_time : timedelta64[ms]. The time tracked.
        - amount : Float64 [currency]. Value of the billable time, NA if unknown.
        - hourly_rate : Float64 [currency]. Billable rate, per hour.
        - currency : str. Currency of the amounts, ISO 4217.
        - updated_at : datetime64[us, UTC]. When it was last changed.

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
    ``POST /search/time_entries``. One request per page of each window. An entry belongs to the day
    on which it begins, in the time zone where it was tracked. Running entries are not listed.

    No request if the cache has a complete, fresh listing of more days, or of more users or
    projects, with the same other filters: the rows are then those of its moment, and ``attrs`` name
    its days as `part_of`.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> entries["start"].is_monotonic_increasing
    True
    """
    return TIME_ENTRIES.fetch(**locals())


TIME_ENTRY_TOTALS: Final = Endpoint(
    path="search/time_entries/totals",
    table=tables.TIME_TOTALS,
    parameters=time_parameters(f"start_date end_date granularity {ENTRY_FILTERS}"),
    constants={"with_graph": True},
    unnest=parsers.totals,
    windows=Windows(unit_by="granularity"),
)


def time_entry_totals(
    ws: Workspace,
    *,
    start_date: Day,
    end_date: Day,
    granularity: Literal["day", "week", "month"] = "day",
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
    task_ids: IdsOrNone | None = None,
    tag_ids: IdsOrNone | None = None,
    group_ids: Ids | None = None,
    time_entry_ids: Ids | None = None,
    description: str | None = None,
    billable: bool | None = None,
    min_duration_seconds: int | None = None,
    max_duration_seconds: int | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Sum the tracked time of a range of days by period, as the API does.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    granularity : {"day", "week", "month"}
        The periods: days, weeks counted from the first day, or calendar months.
    user_ids : iterable of int, optional
        Only entries of these users.
    client_ids, project_ids, task_ids, tag_ids : iterable of int or None, optional
        Only entries with these ids; include None for entries without one.
    group_ids, time_entry_ids : iterable of int, optional
        Only entries of the members of these groups, or with these ids.
    description : str, optional
        Part of the description.
    billable : bool, optional
        Only billable or only non-billable entries; a premium feature.
    min_duration_seconds, max_duration_seconds : int, optional
        The shortest and longest duration to include [s].
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per period, ordered by date.

        - date : datetime64[us]. The first day of the period.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - amount : Float64 [currency]. Value of the billable time, NA if unknown.
        - labour_cost : Float64 [currency]. Cost of the time, NA if unknown.

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
    ``POST /search/time_entries/totals``. One request per window. An amount is a single number,
    even across currencies; for amounts, use :func:`time_entries`.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> months = tf.search.time_entry_totals(
    ...     ws, start_date="2026-01-15", end_date="2026-03-31", granularity="month"
    ... )
    >>> months["date"].dt.strftime("%Y-%m-%d").tolist()
    ['2026-01-15', '2026-02-01', '2026-03-01']
    """
    return TIME_ENTRY_TOTALS.fetch(**locals())
