"""The one endpoint of the Insights API that answers in JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.dates import Day
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import Ids, time_parameters
from togglframe.http.settings import Root

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["project_trends"]


PROJECT_TRENDS: Final = Endpoint(
    path="data_trends/projects",
    table=tables.PERIOD_COMPARISON,
    parameters=time_parameters(
        "start_date end_date previous_period_start project_ids billable rounding rounding_minutes"
    ),
    unnest=parsers.compared_periods,
    root=Root.INSIGHTS,
)


def project_trends(
    ws: Workspace,
    *,
    start_date: Day,
    end_date: Day,
    previous_period_start: Day,
    project_ids: Ids | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Compare the tracked time of projects in a range of days with that of a previous range.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; at most a year.
    previous_period_start : str, date, datetime or Timestamp
        The first day of the range to compare with.
    project_ids : iterable of int, optional
        Only these projects.
    billable : bool, optional
        Only billable or only non-billable projects; a premium feature.
    rounding : {0, 1, -1}
        How the API rounds: not at all, up or down; anything but 0 is a premium feature.
    rounding_minutes : int
        The interval to round to [min]: 0, 1, 5, 6, 10, 12, 15, 30, 60 or 240.

    Returns
    -------
    DataFrame
        One row per project and position in the period, ordered by project and position.

        - project_id : Int64. Project id, NA without a project.
        - user_ids : list of int or NA. Ids of the users who worked on it.
        - start : datetime64[us]. The first day of the period.
        - end : datetime64[us]. The last day of the period.
        - position : Int64. The position in both periods, from 0.
        - current_time : timedelta64[ms]. The time tracked in the period.
        - previous_time : timedelta64[ms]. The time tracked in the previous period.

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
    ``POST /data_trends/projects`` of the Insights API, on the same host as the Reports API. One
    request. A premium feature, for admins.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> trends = tf.api.insights.project_trends(
    ...     ws,
    ...     start_date="2026-03-01",
    ...     end_date="2026-03-31",
    ...     previous_period_start="2026-02-01",
    ... )
    >>> trends["position"].min()
    np.int64(0)
    """
    return PROJECT_TRENDS.fetch(**locals())
