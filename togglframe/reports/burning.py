"""How projects grow towards their estimates, and when they will have used them up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from togglframe import clock, joins, tables
from togglframe.dates import Day, day
from togglframe.errors import ConfigError
from togglframe.joins._entries import Every, sums_by
from togglframe.joins.burning import check_burn
from togglframe.joins.forecasting import check_forecast
from togglframe.parameters import Ids, IdsOrNone
from togglframe.provenance import stamp
from togglframe.reports._over_time import TimeReport, selected
from togglframe.selection import Period, Selection, selection
from togglframe.source import Source

__all__ = ["burn", "forecast"]

_WEST: Final = dt.timedelta(hours=-12)  # where the day begins last
_EAST: Final = dt.timedelta(hours=14)  # where it begins first
_LISTINGS: Final = ("time_entries", "projects", "statuses", "clients")


def _today(zone: dt.timedelta = dt.timedelta()) -> dt.date:
    return (clock.now() + zone).date()


def _burn_given(*, every: object, **others: Any) -> dict[str, Any]:
    check_burn(every)
    return {"every": every, **others}


def _is_past(chosen: Selection) -> bool:
    """Tell whether a range ends before today, wherever the caller may be."""
    return chosen.end is not None and chosen.end < _today(_WEST)


def _burn_asks_store(given: Mapping[str, Any]) -> Selection:
    """Ask for the entries until today: all but those is what was tracked before the range."""
    chosen = selected("burn", given)
    return replace(chosen, end=max(chosen.end, _today(_EAST))) if chosen.end else chosen


def _burn_asks_others(given: Mapping[str, Any]) -> Mapping[str, Selection]:
    """Ask for the sums of what came after the range, which cost less than its entries."""
    chosen = selected("burn", given)
    if chosen.end is None or not _is_past(chosen) or chosen.user_ids is not None:
        return {}
    since = Selection(start=chosen.end + dt.timedelta(1), end=_today(_EAST))
    return {"project_user_hours": since}


def _burn_told(given: Mapping[str, Any], is_given: bool) -> dict[str, Any]:
    """Tell whether the entries reach today; frames of your own hold but what is asked about."""
    return {"reaches_today": not is_given or not _is_past(selected("burn", given))}


BURN: Final = TimeReport(
    name="burn",
    table=tables.BURN,
    needs=_LISTINGS,
    look_ups=("projects", "statuses", "clients"),
    check=_burn_given,
    asks_store=_burn_asks_store,
    asks_others=_burn_asks_others,
    tells=_burn_told,
    sums=lambda given: sums_by(["project"], selected("burn", given), "client", every="day"),
    join=joins.burn,
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
    """Add up the hours of projects period by period, beside their estimates.

    One row is a project in a period: every period of the range from the project's first entry on,
    also those in which nothing was tracked. What was tracked before the range is in the first
    cumulative, so that the last one of a range that reaches today is the total of the project.

    Parameters
    ----------
    ws : Workspace, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and the last day, both included; only frames of your own may do without, and are
        then taken to reach today.
    period : str or pandas.Period, optional
        The range instead: a month "2026-10", a week "2026-W43", or a year "2026".
    every : {"day", "week", "month"}
        The length of a period; weeks begin on Monday.
    user_ids : iterable of int, optional
        Only entries of these users. The total and the estimate of a project are of all users:
        so what these tracked before the range is not known, `cumulative_hours` counts from the
        first day of the range, and `progress` is NA.
    client_ids, project_ids : iterable of int or None, optional
        Only entries of these; None among them asks for entries without one.

    Returns
    -------
    DataFrame
        By the id of the project, NA last, then by period. Entries without a project have rows of
        their own; since they have no total, `cumulative_hours` counts from the first day of the
        range there.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - period : datetime64[us]. The first day of the period.
        - tracked_hours : Float64 [h]. The time tracked in the period.
        - cumulative_hours : Float64 [h]. All time tracked until the end of the period.
        - estimated_hours : Float64 [h]. Estimate, NA where there is none.
        - progress : Float64 [1]. All time tracked until then over the estimate.
        - tracked_time : timedelta64[ms]. Tracked in the period, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``search/time_entries``, one request for each page of each window of 365 days;
    ``filters/projects``, ``filters/projects/status`` and ``filters/clients``; and for a range that
    ends before today the sums of what came since, ``projects/summary``, one request for each 365
    days. What was tracked before the range is the total of the status minus what was tracked since
    its first day, and zero where that is more than the total. Of frames of your own this is so
    where the range reaches today, by the clock of this computer; where it ends before, or there is
    no status, what was tracked before is what the entries tell that you give.

    The estimate is that of today, in every row.

    Examples
    --------
    >>> import togglframe as tf
    >>> weeks = tf.reports.burn(tf.demo(), start_date="2026-10-05", end_date="2026-11-01")
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
    *, as_of: object, weeks: object, confidence: object, seed: object, **others: Any
) -> dict[str, Any]:
    """Refuse impossible arguments, and settle which day it is, wherever the caller may be."""
    check_forecast(weeks=weeks, confidence=confidence, seed=seed)
    then = _today() if as_of is None else day("as_of", as_of)
    if then > _today(_EAST):
        raise ConfigError(f"as_of is today or a day before, not {then}: what comes is not tracked")
    today = then if then >= _today(_WEST) else _today()
    chosen = {"weeks": weeks, "confidence": confidence, "seed": seed, **others}
    return {"as_of": then, "today": today, **chosen}


def _forecast_asks(given: Mapping[str, Any]) -> Selection:
    """Ask for the weeks before, and all that came since, of everybody."""
    as_of: dt.date = given["as_of"] or _today()
    monday = as_of - dt.timedelta(as_of.weekday())
    return selection(
        "forecast",
        start_date=monday - dt.timedelta(weeks=given["weeks"]),
        end_date=_today(_EAST),
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
    asks=_forecast_asks,
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
    """Tell when active projects will have used up their estimates.

    One row is an active project. What is left of its estimate is worked off, on paper, a thousand
    times: each week to come is one of the project's last weeks, drawn by lot. `weeks_left` is the
    median of how long that took, and the interval holds the middle of it, as much as `confidence`
    says. It is a look at the pace of the last weeks, and knows of nothing else; see Notes.

    Parameters
    ----------
    ws : Workspace, Listings or mapping of str to DataFrame
        Where the listings come from.
    as_of : str, date, datetime or Timestamp, optional
        The day from which to look ahead; by default today, by the clock of this computer (UTC).
        With a day in the past, only entries up to it count, but the estimate is that of today.
    weeks : int
        How many full weeks before `as_of` to draw from, at most.
    confidence : float
        How much of what was drawn the interval holds [1], between 0 and 1.
    seed : int
        The same seed gives the same numbers, whatever other projects there are.
    user_ids : iterable of int, optional
        When it would be over if only these users went on as they did: the weeks are theirs, while
        what is tracked, estimated and left is of all users.
    client_ids, project_ids : iterable of int or None, optional
        Only projects of these; None among the clients asks for projects without one.

    Returns
    -------
    DataFrame
        By the id of the project.

        - project_id : Int64. Project id.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - tracked_hours : Float64 [h]. All time tracked until then.
        - estimated_hours : Float64 [h]. Estimate, NA where there is none.
        - remaining_hours : Float64 [h]. Estimate minus tracked; negative when over.
        - burn_per_week : Float64 [h]. Mean of the last full weeks, per week.
        - n_weeks : Int64. Full weeks that the mean is of.
        - weeks_left_low : Float64 [weeks]. How long it takes at least, at the confidence.
        - weeks_left : Float64 [weeks]. How long it takes, the median.
        - weeks_left_high : Float64 [weeks]. How long it takes at most, at the confidence.
        - finish_low : datetime64[us]. The first day on which it may be over.
        - finish : datetime64[us]. The day on which it is over, the median.
        - finish_high : datetime64[us]. The last day on which it may be over.
        - budget_state : ordered category. Where the project stands against its estimate.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    SemanticsWarning
        If `as_of` is in the past, since what the estimate was then is not known.

    Notes
    -----
    ``search/time_entries`` from the Monday `weeks` weeks before `as_of` to today, one request for
    each page of each window of 365 days; and ``filters/projects``, ``filters/projects/status`` and
    ``filters/clients``. What was tracked until a day in the past is the total of the status minus
    the entries since; the total minus all entries asked for tells whether a project began before.
    Of a mapping without statuses the entries tell what is tracked, and there is no estimate. Weeks
    after the last entry of your frames count as idle: give `as_of` the day until which they reach.

    Full weeks are those from Monday to Sunday before that of `as_of`, from the week of the first
    entry on, whatever weekday that was; a week in which nobody worked counts as zero. Fewer than
    four make a rate and `weeks_left`, what is left over the rate, but no interval.

    Each of the thousand plays begins with a window of as many weeks as were worked, drawn from
    them with repeats, since so few weeks tell the pace only roughly. Each new week is drawn from
    the window and replaces its oldest, so that the pace may wander; the last week counts by the
    part of it that is needed. What would take more than 260 weeks is NA, as is everything where
    there is no estimate above zero, or no burn. A project that is over has 0 weeks left, and no
    finish; the others finish `weeks_left` times seven days after `as_of`, rounded up.

    The interval is narrower than its name: holidays, a change of the team or of the estimate, and
    a project that ends slowly are not in the last weeks. The guide on forecasts tells how often
    it was right on projects that had ended.

    Examples
    --------
    >>> import togglframe as tf
    >>> ahead = tf.reports.forecast(tf.demo())
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
