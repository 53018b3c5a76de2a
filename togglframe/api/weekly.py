"""The endpoint of ``/weekly``: time by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.dates import WEEK, Day, Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import ENTRY_FILTERS, Ids, IdsOrNone, time_parameters

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["time_entries"]


def __dir__() -> list[str]:
    return sorted(__all__)


TIME_ENTRIES: Final = Endpoint(
    path="weekly/time_entries",
    table=tables.WEEKLY_TIME_ENTRIES,
    parameters=time_parameters(f"start_date end_date {ENTRY_FILTERS}"),
    unnest=parsers.week,
    windows=Windows(most_days=WEEK, are_whole=True),
    merge_key=lambda _: tables.WEEKLY_TIME_ENTRIES.key,
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
) -> pd.DataFrame:
    """Sum the tracked time of a range by day, user, project, task and rate, as the API does.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into weeks.
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
        One row per day with tracked time, for each user, project, task and rate, ordered by user,
        project, task, rate and date.

        - user_id : Int64. User id.
        - user : str. Name of the user.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - task_id : Int64. Task id, NA without a task.
        - date : datetime64[us]. The day.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - amount : Float64 [currency]. Value of the billable time, NA if unknown.
        - hourly_rate : Float64 [currency]. Billable rate, per hour.
        - currency : str. Currency of the amounts, ISO 4217.

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
    ``POST /weekly/time_entries``. One request for every seven days.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> days = tf.api.weekly.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> bool(days["tracked_time"].gt("0 h").all())
    True
    """
    return TIME_ENTRIES.fetch(**locals())
