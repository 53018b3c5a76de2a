"""The ``/comparative`` endpoint, available as :func:`togglframe.api.comparative`."""

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

__all__ = ["comparative"]

COMPARATIVE: Final = Endpoint(
    path="comparative",
    table=tables.COMPARATIVE,
    parameters=time_parameters(
        "start_date end_date resolution user_ids client_ids project_ids task_ids tag_ids group_ids "
        "billable rounding rounding_minutes",
        required="resolution",
    ),
    unnest=parsers.graph_rows(),
    windows=Windows(unit_by="resolution"),
)


def comparative(
    ws: Workspace,
    *,
    start_date: Day,
    end_date: Day,
    resolution: Literal["day", "week", "month"],
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
    task_ids: IdsOrNone | None = None,
    tag_ids: IdsOrNone | None = None,
    group_ids: Ids | None = None,
    billable: bool | None = None,
    rounding: int = 0,
    rounding_minutes: int = 0,
) -> pd.DataFrame:
    """Sum the tracked time of a range of days by period, to compare ranges.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of whole
        periods, at most 365 days each.
    resolution : {"day", "week", "month"}
        The periods.
    user_ids : iterable of int, optional
        Only entries of these users.
    client_ids, project_ids, task_ids, tag_ids : iterable of int or None, optional
        Only entries with these ids; include None for entries without one.
    group_ids : iterable of int, optional
        Only entries of the members of these groups.
    billable : bool, optional
        Only billable or only non-billable entries; a premium feature.
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
    ``POST /comparative``. One request per window.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> weeks = tf.api.comparative(
    ...     ws, start_date="2026-03-02", end_date="2026-03-15", resolution="week"
    ... )
    >>> len(weeks)
    2
    """
    return COMPARATIVE.fetch(**locals())
