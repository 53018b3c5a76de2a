"""The endpoint of ``/summary``: time by group and sub-group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final, Literal

import pandas as pd

from togglframe import tables
from togglframe.api import parsers
from togglframe.api.dates import Day, Windows
from togglframe.api.endpoint import Endpoint
from togglframe.api.parameters import ENTRY_FILTERS, Ids, IdsOrNone, time_parameters

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

__all__ = ["time_entries"]


def __dir__() -> list[str]:
    return sorted(__all__)


def _grain(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the grain of a row: a rate of a sub-group where rates are distinguished."""
    grain: tuple[str, ...] = ("group_id", "sub_group_id")
    if body.get("sub_grouping") == "time_entries":
        grain += ("title",)
    return (*grain, "hourly_rate", "currency") if body.get("distinguish_rates") else grain


TIME_ENTRIES: Final = Endpoint(
    path="summary/time_entries",
    table=tables.SUMMARY_TIME_ENTRIES,
    parameters=time_parameters(
        "start_date end_date grouping sub_grouping include_time_entry_ids distinguish_rates "
        + ENTRY_FILTERS
    ),
    unnest=parsers.summary,
    windows=Windows(),
    merge_key=_grain,
)


def time_entries(
    ws: Workspace,
    *,
    start_date: Day,
    end_date: Day,
    grouping: Literal["projects", "clients", "users", "tags"] = "projects",
    sub_grouping: Literal[
        "users", "projects", "clients", "tasks", "tags", "time_entries"
    ] = "users",
    include_time_entry_ids: bool = False,
    distinguish_rates: bool = False,
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
    """Sum the tracked time of a range of days by group and sub-group, as the API does.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; a longer range is split into windows of 365 days,
        whose rows are added up.
    grouping : {"projects", "clients", "users", "tags"}
        What to group by; by tags, each group is a set of tags, whose ids are in `group_tag_ids`.
    sub_grouping : {"users", "projects", "clients", "tasks", "tags", "time_entries"}
        What to group by within each group.
    include_time_entry_ids : bool
        Whether to return the ids of each row's entries.
    distinguish_rates : bool
        Whether each rate gets a row of its own.
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
        One row per sub-group of each group, ordered by group and sub-group.

        - group_id : Int64. Id of the group, NA if there is none.
        - sub_group_id : Int64. Id of the sub-group, NA if there is none.
        - title : str. Title of the sub-group, NA if it has none.
        - tracked_time : timedelta64[ms]. The time tracked.
        - billable_time : timedelta64[ms]. The billable part of the tracked time, NA if unknown.
        - amount : Float64 [currency]. Value of the billable time, NA if unknown.
        - hourly_rate : Float64 [currency]. Billable rate, per hour, NA if the row has several.
        - currency : str. Currency of the amounts, ISO 4217.
        - time_entry_ids : list of int or NA. Ids of the entries, NA unless asked for.

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
    ``POST /summary/time_entries``. One request per window. An amount is the API's or, where
    the API returns only a rate, is computed from that rate to the cent.


    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> rows = tf.api.summary.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> rows.groupby("group_id")["tracked_time"].sum().gt("0 h").all()
    np.True_
    """
    return TIME_ENTRIES.fetch(**locals())
