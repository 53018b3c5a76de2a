"""The endpoints of ``/data_trends``: time and earnings by period."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.dates import Day, Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import Ids, time_parameters

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["clients", "projects", "users"]


def __dir__() -> list[str]:
    return sorted(__all__)


_PARAMETERS: Final = (
    "currency start_date end_date ids resolution billable rounding rounding_minutes"
)

CLIENTS: Final = Endpoint(
    path="data_trends/clients",
    table=tables.CLIENT_TRENDS,
    parameters=time_parameters(_PARAMETERS),
    unnest=parsers.graph_rows("clients"),
    windows=Windows(unit_by="resolution"),
)


def clients(
    ws: Workspace,
    *,
    currency: str,
    start_date: Day,
    end_date: Day,
    ids: Ids | None = None,
    resolution: Literal["day", "week", "month"] | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Sum the tracked time and earnings of clients by period.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    currency : str
        The ISO 4217 code of the currency in which the API reports earnings.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    ids : iterable of int, optional
        Only these clients.
    resolution : {"day", "week", "month"}, optional
        The periods; by default the API chooses.
    billable : bool, optional
        Only billable or only non-billable entries; a premium feature.
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per client and period, ordered by date and client.

        - date : datetime64[us]. The first day of the period.
        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - earnings : Float64 [unit not documented]. What was earned, as the API returns it.
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
    ``POST /data_trends/clients``. One request per window. The vendor does not document the unit
    of earnings, so they are returned as received.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> clients = tf.filters.clients(ws)["id"].head(3)
    >>> trend = tf.api.data_trends.clients(
    ...     ws, currency="EUR", start_date="2026-01-01", end_date="2026-03-31", ids=clients
    ... )
    >>> set(trend["client_id"].dropna()) <= set(clients)
    True
    """
    return CLIENTS.fetch(**locals())


PROJECTS: Final = Endpoint(
    path="data_trends/projects",
    table=tables.PROJECT_TRENDS,
    parameters=time_parameters(_PARAMETERS, required="ids"),
    unnest=parsers.graph_rows("projects"),
    windows=Windows(unit_by="resolution"),
    caps={"ids": 5},
)


def projects(
    ws: Workspace,
    *,
    currency: str,
    start_date: Day,
    end_date: Day,
    ids: Ids,
    resolution: Literal["day", "week", "month"] | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Sum the tracked time and earnings of projects by period.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    currency : str
        The ISO 4217 code of the currency in which the API reports earnings.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    ids : iterable of int
        The projects, at least one; more than five are split across requests.
    resolution : {"day", "week", "month"}, optional
        The periods; by default the API chooses.
    billable : bool, optional
        Only billable or only non-billable entries; a premium feature.
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per project and period, ordered by date and project.

        - date : datetime64[us]. The first day of the period.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - color : str. Colour of the project.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - earnings : Float64 [unit not documented]. What was earned, as the API returns it.
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
    ``POST /data_trends/projects``. One request per window for every five projects. The vendor
    does not document the unit of earnings, so they are returned as received.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> projects = tf.filters.projects(ws)["id"].head(3)
    >>> trend = tf.api.data_trends.projects(
    ...     ws, currency="EUR", start_date="2026-01-01", end_date="2026-03-31", ids=projects
    ... )
    >>> set(trend["project_id"].dropna()) <= set(projects)
    True
    """
    return PROJECTS.fetch(**locals())


USERS: Final = Endpoint(
    path="data_trends/users",
    table=tables.USER_TRENDS,
    parameters=time_parameters(_PARAMETERS),
    unnest=parsers.graph_rows("users"),
    windows=Windows(unit_by="resolution"),
)


def users(
    ws: Workspace,
    *,
    currency: str,
    start_date: Day,
    end_date: Day,
    ids: Ids | None = None,
    resolution: Literal["day", "week", "month"] | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Sum the tracked time and earnings of users by period.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    currency : str
        The ISO 4217 code of the currency in which the API reports earnings.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    ids : iterable of int, optional
        Only these users.
    resolution : {"day", "week", "month"}, optional
        The periods; by default the API chooses.
    billable : bool, optional
        Only billable or only non-billable entries; a premium feature.
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per user and period, ordered by date and user.

        - date : datetime64[us]. The first day of the period.
        - user_id : Int64. User id.
        - user : str. Name of the user.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - earnings : Float64 [unit not documented]. What was earned, as the API returns it.
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
    ``POST /data_trends/users``. One request per window. The vendor does not document the unit
    of earnings, so they are returned as received.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> users = tf.filters.users(ws)["id"].head(3)
    >>> trend = tf.api.data_trends.users(
    ...     ws, currency="EUR", start_date="2026-01-01", end_date="2026-03-31", ids=users
    ... )
    >>> set(trend["user_id"].dropna()) <= set(users)
    True
    """
    return USERS.fetch(**locals())
