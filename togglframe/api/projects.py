"""The endpoints of ``/projects``: time by project and user, and time of one project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.dates import Day, Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import time_parameters

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["summary", "totals"]


def __dir__() -> list[str]:
    return sorted(__all__)


SUMMARY: Final = Endpoint(
    path="projects/summary",
    table=tables.PROJECT_USER_HOURS,
    parameters=time_parameters("start_date end_date"),
    unnest=parsers.project_hours,
    windows=Windows(),
    merge_key=lambda _: tables.PROJECT_USER_HOURS.key,
)


def summary(ws: Workspace, *, start_date: Day, end_date: Day) -> pd.DataFrame:
    """Sum the tracked time of a range of days by project and user, as the API does.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of 365 days,
        whose rows are added up.

    Returns
    -------
    DataFrame
        One row per user in a project, ordered by project and user.

        - project_id : Int64. Project id, NA without a project.
        - user_id : Int64. User id.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.

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
    ``POST /projects/summary``. One request per window.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> hours = tf.api.projects.summary(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> hours.duplicated(["project_id", "user_id"]).any()
    np.False_
    """
    return SUMMARY.fetch(**locals())


TOTALS: Final = Endpoint(
    path="projects/{project_id}/summary",
    table=tables.TIME_TOTALS,
    parameters=time_parameters("project_id start_date end_date"),
    unnest=parsers.totals,
    windows=Windows(unit="month"),
)


def totals(ws: Workspace, project_id: int, *, start_date: Day, end_date: Day) -> pd.DataFrame:
    """Sum the tracked time of one project in a range of days, by period.

    The API chooses the periods of each window by the window's length. It does not say whether it
    rounds according to the preferences of the credential's owner.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    project_id : int
        The project.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of 365 days.

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
    ``POST /projects/{project_id}/summary``. One request per window. The API chooses days,
    weeks or months as periods, depending on the length of the window.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> project = int(tf.filters.projects(ws)["id"].iloc[0])
    >>> days = tf.api.projects.totals(ws, project, start_date="2026-03-02", end_date="2026-03-08")
    >>> len(days)
    7
    """
    return TOTALS.fetch(**locals())
