"""The ``/profitability`` endpoint, whose answer holds a table and a graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.dates import Day, Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import Ids, IdsOrNone, time_parameters

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["projects", "trend"]


def __dir__() -> list[str]:
    return sorted(__all__)


_PARAMETERS: Final = (
    "currency start_date end_date client_ids project_ids resolution billable rounding "
    "rounding_minutes"
)

PROJECTS: Final = Endpoint(
    path="profitability/projects",
    table=tables.PROJECT_PROFITABILITY,
    parameters=time_parameters(_PARAMETERS),
    unnest=parsers.table_rows,
    windows=Windows(unit_by="resolution"),
    merge_key=lambda _: tables.PROJECT_PROFITABILITY.key,
)


def projects(
    ws: Workspace,
    *,
    currency: str,
    start_date: Day,
    end_date: Day,
    client_ids: IdsOrNone | None = None,
    project_ids: Ids | None = None,
    resolution: Literal["day", "week", "month"] | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Return the earnings and costs of projects in a range of days.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    currency : str
        An ISO 4217 code. The vendor does not say how it treats projects in other currencies;
        each row names its currency.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    client_ids : iterable of int or None, optional
        Only projects of these clients; include None for projects without a client.
    project_ids : iterable of int, optional
        Only these projects.
    resolution : {"day", "week", "month"}, optional
        The periods of the graph; by default the API chooses.
    billable : bool, optional
        Only billable or only non-billable projects; a premium feature.
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per project, ordered by project.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - color : str. Colour of the project.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - earnings : Float64 [unit not documented]. What was earned, as the API returns it.
        - labour_cost : Float64 [unit not documented]. What the time cost, as the API returns it.
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
    ``POST /profitability/projects``. One request per window, shared by :func:`projects` and
    :func:`trend`. A premium feature, for admins. The vendor does not document the unit of
    earnings and labour costs, so they are returned as received.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> profit = tf.api.profitability.projects(
    ...     ws, currency="EUR", start_date="2026-01-01", end_date="2026-03-31", resolution="month"
    ... )
    >>> bool(profit["project_id"].is_monotonic_increasing)
    True
    """
    return PROJECTS.fetch(**locals())


TREND: Final = Endpoint(
    path="profitability/projects",
    table=tables.PROFITABILITY_TREND,
    parameters=time_parameters(_PARAMETERS),
    unnest=parsers.graph_rows(),
    windows=Windows(unit_by="resolution"),
    merge_key=lambda _: tables.PROFITABILITY_TREND.key,
)


def trend(
    ws: Workspace,
    *,
    currency: str,
    start_date: Day,
    end_date: Day,
    client_ids: IdsOrNone | None = None,
    project_ids: Ids | None = None,
    resolution: Literal["day", "week", "month"] | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Sum the earnings and costs of projects by period.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    currency : str
        An ISO 4217 code. The vendor does not say how it treats projects in other currencies;
        each row names its currency.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    client_ids : iterable of int or None, optional
        Only projects of these clients; include None for projects without a client.
    project_ids : iterable of int, optional
        Only these projects.
    resolution : {"day", "week", "month"}, optional
        The periods of the graph; by default the API chooses.
    billable : bool, optional
        Only billable or only non-billable projects; a premium feature.
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per period, ordered by date.

        - date : datetime64[us]. The first day of the period.
        - earnings : Float64 [unit not documented]. What was earned, as the API returns it.
        - labour_cost : Float64 [unit not documented]. What the time cost, as the API returns it.
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
    ``POST /profitability/projects``. One request per window, shared by :func:`projects` and
    :func:`trend`. A premium feature, for admins. The vendor does not document the unit of
    earnings and labour costs, so they are returned as received.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> trend = tf.api.profitability.trend(
    ...     ws, currency="EUR", start_date="2026-01-01", end_date="2026-03-31", resolution="month"
    ... )
    >>> bool(trend["date"].is_monotonic_increasing)
    True
    """
    return TREND.fetch(**locals())
