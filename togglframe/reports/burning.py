"""How projects use up their estimates, and when they will have done so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from togglframe import joins, tables
from togglframe.api.dates import Day, day
from togglframe.api.parameters import Ids, IdsOrNone
from togglframe.errors import ConfigError
from togglframe.joins._entries import Every, sums_by
from togglframe.joins.burning import check_burn
from togglframe.joins.forecasting import check_forecast
from togglframe.reports._over_time import TimeReport, selected
from togglframe.reports.selection import Period, Selection, selection
from togglframe.reports.sources import Source
from togglframe.tables.provenance import stamp

__all__ = ["burn", "forecast"]

_DAY: Final = dt.timedelta(1)  # in another time zone, today is the day before or after
_LISTINGS: Final = ("time_entries", "projects", "statuses", "clients")


def _burn_given(*, every: object, **others: Any) -> dict[str, Any]:
    check_burn(every)
    return {"every": every, **others}


def _is_past(chosen: Selection, today: dt.date) -> bool:
    """Return whether a range ends before today in every time zone."""
    return chosen.end is not None and chosen.end < today - _DAY


def _burn_asks_store(given: Mapping[str, Any]) -> Selection:
    """Ask for the entries until today: the total minus those was tracked before the range."""
    chosen = selected("burn", given)
    return replace(chosen, end=max(chosen.end, given["today"] + _DAY)) if chosen.end else chosen


def _burn_asks_others(given: Mapping[str, Any]) -> Mapping[str, Selection]:
    """Ask for the sums after the range, which cost less than entries."""
    chosen = selected("burn", given)
    today = given["today"]
    if chosen.end is None or not _is_past(chosen, today) or chosen.user_ids is not None:
        return {}
    since = Selection(start=chosen.end + _DAY, end=today + _DAY)
    return {"project_user_hours": since}


def _burn_told(given: Mapping[str, Any], is_given: bool) -> dict[str, Any]:
    """Tell whether the entries reach today; frames of your own hold only what is asked about."""
    return {"reaches_today": not is_given or not _is_past(selected("burn", given), given["today"])}


def _burn(today: dt.date, **given: Any) -> pd.DataFrame:  # noqa: ARG001 -- settled by then
    return joins.burn(**given)


BURN: Final = TimeReport(
    name="burn",
    table=tables.BURN,
    needs=_LISTINGS,
    look_ups=("projects", "statuses", "clients"),
    check=_burn_given,
    counts_from_today=True,
    asks_store=_burn_asks_store,
    asks_others=_burn_asks_others,
    tells=_burn_told,
    at_once=("time_entries", "project_user_hours", "statuses"),
    sums=lambda given: sums_by(
        ["project"], selected("burn", given), "client", "updated_at", every="day"
    ),
    join=_burn,
)


def burn(
    ws: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    every: Every = "week",
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Accumulate the hours of projects period by period, beside their estimates.

    One row per project and period: every period of the range from the project's first entry on,
    also those in which nothing was tracked. The cumulative hours include what was tracked before
    the range, so the last value of a range that reaches today is the total of the project.

    Parameters
    ----------
    ws : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames,
        which are then taken to reach today.
    period : str or pandas.Period, optional
        The range as a period instead: a month "2026-10", a week "2026-W43" or a year "2026".
    every : {"day", "week", "month"}
        The length of a period; weeks begin on Monday.
    user_ids : iterable of int, optional
        Only entries of these users. The total and the estimate of a project cover all users, so
        the time that these users tracked before the range is unknown: `cumulative_hours` counts
        from the first day of the range, and `progress` is NA.
    client_ids, project_ids : iterable of int or None, optional
        Only entries with these ids; include None for entries without one.

    Returns
    -------
    DataFrame
        Ordered by the id of the project, NA last, then by period. Entries without a project have
        rows of their own; since they have no total, their `cumulative_hours` counts from the first
        day of the range, or from the first entry of your own frames.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - period : datetime64[us]. The first day of the period.
        - tracked_hours : Float64 [h]. The time tracked in the period.
        - cumulative_hours : Float64 [h]. All time tracked until the end of the period.
        - estimated_hours : Float64 [h]. Estimate, NA if there is none.
        - progress : Float64 [1]. All time tracked up to then, over the estimate.
        - tracked_time : timedelta64[ms]. Tracked in the period, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days;
    ``filters/projects``, ``filters/projects/status`` and ``filters/clients``; and, for a range that
    ends before today, the sums since then, ``projects/summary``, one request per 365 days. The time
    tracked before the range is the status total minus the time tracked since the first day of the
    range, or zero if that is more than the total. With your own frames, this holds only if the
    range reaches today; otherwise, or without a status, the time before the range is that of the
    entries that you give.

    Totals that are older than the entries are fetched again, and so are entries that are older than
    the totals. In an archive, or frames, with older totals, entries changed since count as new.

    Every row has today's estimate.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> weeks = tf.reports.burn(ws, start_date="2026-10-05", end_date="2026-11-01")
    >>> weeks["period"].nunique()
    4
    """
    return BURN.make(
        ws,
        start_date=start_date,
        end_date=end_date,
        period=period,
        every=every,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )


def _forecast_given(
    *, as_of: object, weeks: object, confidence: object, seed: object, today: dt.date, **others: Any
) -> dict[str, Any]:
    """Refuse impossible arguments, and settle which day it is, wherever the caller is."""
    check_forecast(weeks=weeks, confidence=confidence, seed=seed)
    then = today if as_of is None else day("as_of", as_of)
    if then > today + _DAY:
        raise ConfigError(f"as_of must be today or earlier, not {then}")
    chosen = {"weeks": weeks, "confidence": confidence, "seed": seed, **others}
    return {"as_of": then, "today": then if then >= today - _DAY else today, **chosen}


def _forecast_asks(given: Mapping[str, Any]) -> Selection:
    """Ask for the weeks before `as_of` and all entries since, of all users."""
    as_of: dt.date = given["as_of"]
    monday = as_of - dt.timedelta(as_of.weekday())
    return selection(
        "forecast",
        start_date=monday - dt.timedelta(weeks=given["weeks"]),
        end_date=given["today"] + _DAY,
        client_ids=given["client_ids"],
        project_ids=given["project_ids"],
    )


def _forecast(as_of: dt.date, **given: Any) -> pd.DataFrame:
    return stamp(joins.forecast(as_of=as_of, **given), as_of=as_of.isoformat())


FORECAST: Final = TimeReport(
    name="forecast",
    table=tables.FORECAST,
    needs=_LISTINGS,
    look_ups=("statuses", "clients"),
    check=_forecast_given,
    counts_from_today=True,
    asks=_forecast_asks,
    at_once=("time_entries", "statuses"),
    join=_forecast,
)


def forecast(
    ws: Source,
    *,
    as_of: Day | None = None,
    weeks: int = 8,
    confidence: float = 0.8,
    seed: int = 0,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Forecast when active projects will have used up their estimates.

    One row per active project. The rest of its estimate is worked off in a thousand simulations, in
    which every week to come is drawn at random from the project's last weeks. `weeks_left` is the
    median duration, and the interval spans the middle durations, the share that `confidence` sets.
    The forecast knows only the pace of the last weeks; see Notes.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    as_of : str, date, datetime or Timestamp, optional
        The day from which to look ahead; by default the source's today.
        For a day in the past, only entries up to that day count, but the estimate is today's.
    weeks : int
        The maximum number of full weeks before `as_of` to draw from.
    confidence : float
        The share of the simulations that the interval holds [1], between 0 and 1.
    seed : int
        The same seed gives the same numbers for a project, whatever other projects there are.
    user_ids : iterable of int, optional
        Forecast as if only these users kept working: the weeks are theirs, while the tracked,
        estimated and remaining hours are those of all users.
    client_ids, project_ids : iterable of int or None, optional
        Only projects with these ids; include None in the clients for projects without one.

    Returns
    -------
    DataFrame
        Ordered by the id of the project.

        - project_id : Int64. Project id.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - tracked_hours : Float64 [h]. All time tracked up to then.
        - estimated_hours : Float64 [h]. Estimate, NA if there is none.
        - remaining_hours : Float64 [h]. Estimate minus tracked; negative when over.
        - burn_per_week : Float64 [h]. Mean hours per week over the last full weeks.
        - n_weeks : Int64. Full weeks in the mean.
        - weeks_left_low : Float64 [weeks]. Weeks until the estimate is used up: the lower end.
        - weeks_left : Float64 [weeks]. Weeks until the estimate is used up: the median.
        - weeks_left_high : Float64 [weeks]. Weeks until the estimate is used up: the upper end.
        - finish_low : datetime64[us]. Day on which the estimate is used up: the lower end.
        - finish : datetime64[us]. Day on which the estimate is used up: the median.
        - finish_high : datetime64[us]. Day on which the estimate is used up: the upper end.
        - budget_state : ordered category. Where the project stands against its estimate.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    SemanticsWarning
        If `as_of` is in the past, since the estimate of that day is unknown.

    Notes
    -----
    ``search/time_entries`` from the Monday `weeks` weeks before the week of `as_of` to today, one
    request per page of each window of 365 days; and ``filters/projects``,
    ``filters/projects/status`` and ``filters/clients``. The time tracked until a day in the past is
    the status total minus the entries since then; if the total exceeds all requested entries, the
    project began earlier. Totals and entries are of one moment, as in :func:`burn`. In a mapping
    without statuses, the tracked time is that of the entries, and there is no estimate. Weeks after
    the last entry of your frames count as idle: set `as_of` to the last day that they cover.

    Full weeks run from Monday to Sunday, from the week of the first entry (whatever its weekday) to
    the last week before that of `as_of`; a week without work counts as zero. Fewer than four give a
    rate and `weeks_left`, the remaining hours over the rate, but no interval.

    Each of the thousand simulations begins with a window of as many weeks as there are full weeks,
    drawn from them with replacement, since so few weeks show the pace only roughly. Each new week
    is drawn from the window and replaces its oldest, so that the pace may drift; of the last week,
    only the part that is needed counts. A duration of more than 260 weeks is NA, as is everything
    without an estimate above zero or without burn. A project over its estimate has 0 weeks left and
    no finish; the others finish `weeks_left` times seven days after `as_of`, rounded up.

    The interval holds the truth less often than `confidence` says: the last weeks know nothing of
    holidays, of a change of the team or the estimate, or of a slow end. The guide on forecasts
    shows how often it was right for projects that had ended.

    Examples
    --------
    >>> import togglframe as tf
    >>> ahead = tf.reports.forecast(tf.demo(today="2026-11-26"))
    >>> running = ahead.dropna(subset="finish").set_index("project")
    >>> running[["remaining_hours", "burn_per_week", "weeks_left"]].head(2).round(1)
                            remaining_hours  burn_per_week  weeks_left
    project
    Brand identity refresh            547.1            3.2       169.6
    Autumn lookbook                   319.0           12.2        23.5
    """
    return FORECAST.make(
        ws,
        as_of=as_of,
        weeks=weeks,
        confidence=confidence,
        seed=seed,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
