"""When active projects will have used up their estimates, simulated by resampling recent weeks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from numbers import Integral, Real
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day, day
from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.reports._dated import DAYS_A_WEEK
from togglframe.reports._entries import (
    entries,
    is_since,
    made,
    of_projects,
    totals_until,
    with_projects,
)
from togglframe.reports._frames import AT_RISK, budget_states, checked, positive, ratio, to_hours
from togglframe.reports._record import Params, Report
from togglframe.reports.burning import DAY, ENTRY_COLUMNS, LISTINGS, Whole, sums_of, totals_of
from togglframe.reports.selection import Names, NamesOrNone, Needs, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables import MS_PER_HOUR, Table
from togglframe.tables.provenance import stamp
from togglframe.tables.validation import milliseconds
from togglframe.warning import warn

__all__ = ["forecast"]


HORIZON: Final = 260  # weeks: five years
FEWEST: Final = 4  # weeks needed for an interval
PLAYS: Final = 1000
_AT_A_TIME: Final = 20  # weeks drawn at once; the horizon is a multiple of it
_ENDS: Final = ("_low", "", "_high")

Floats = npt.NDArray[np.float64]


def join_forecast(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame,
    statuses: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    *,
    selected: Selection,
    as_of: dt.date,
    today: dt.date,
    weeks: int,
    confidence: float,
    seed: int,
    deadlines: Mapping[int, dt.date] | None = None,
) -> pd.DataFrame:
    """Forecast when active projects will have used up their estimates."""
    everybody = replace(selected, users=None)
    moment = totals_until(statuses, time_entries)
    columns = (*ENTRY_COLUMNS, "user_id", *(() if moment is None else ("updated_at",)))
    matching = entries(time_entries, projects, columns, everybody)
    if as_of < today:
        message = (
            f"forecast counts the time until {as_of} against the estimates of {today}, since the "
            "earlier estimates are not known"
        )
        warn(SemanticsWarning(message))
    active = _active(projects, everybody)
    totals = totals_of(statuses).set_index("id").reindex(active).reset_index(drop=True)
    estimate = milliseconds(totals["estimated_time"])
    total = None if statuses is None else milliseconds(totals["tracked_time"])
    work = matching.assign(
        code=pd.Index(active).get_indexer(matching["project_id"]),
        ms=milliseconds(matching["tracked_time"]).astype("int64"),
        is_new=is_since(matching, moment),
        is_theirs=True if selected.users is None else matching["user_id"].isin(selected.users),
    )
    of_active, then = work[work["code"] >= 0], pd.Timestamp(as_of)
    tracked, history = _worked(
        of_active, total, then, weeks=weeks, n=len(active), is_past=as_of < today
    )
    left = positive(estimate) - tracked
    remaining = left.to_numpy("float64", na_value=np.nan)
    outlook = [
        _outlook(worked, ms, confidence, _seed(seed, project_id))
        for worked, ms, project_id in zip(history, remaining, active.tolist(), strict=True)
    ]
    ahead = _dated(
        np.array(outlook, float).reshape(-1, len(_ENDS)), np.datetime64(as_of), remaining < 0
    )
    measured = ahead.assign(
        project_id=active,
        tracked_hours=to_hours(tracked),
        estimated_hours=to_hours(estimate),
        remaining_hours=to_hours(left),
        burn_per_week=pd.array([_rate(worked) for worked in history], "Float64"),
        n_weeks=pd.array([len(worked) for worked in history], "Int64"),
        budget_state=budget_states(tracked, estimate, AT_RISK),
        hours_per_week_needed=_needed(left, active, deadlines or {}, as_of),
    )
    named = with_projects(measured, matching, projects, clients)
    _check_deadlines(deadlines or {}, projects, as_of)
    return stamp(made(named, _table(deadlines)), as_of=as_of.isoformat())


def _table(deadlines: Mapping[Any, Any] | None) -> Table:
    return tables.FORECAST.choose([] if deadlines is None else ["hours_per_week_needed"])


def _check_deadlines(
    deadlines: Mapping[int, dt.date], projects: pd.DataFrame, as_of: dt.date
) -> None:
    """Refuse a deadline of no project, and warn of those that have come or are of archived ones."""
    if unknown := sorted(deadlines.keys() - {*projects["id"]}):
        raise ConfigError(f"deadlines names {unknown[0]}, which is not among the projects")
    listed = projects[projects["id"].isin([*deadlines])]
    has_come = listed["id"].map(deadlines).map(lambda due: due <= as_of).astype(bool)
    is_archived = listed["active"].eq(False).fillna(value=False) & ~has_come
    for are_idle, why in ((has_come, "has come"), (is_archived, "is of an archived project")):
        for name in listed.loc[are_idle, "name"]:
            message = f"the deadline of {name} {why}, so that the hours a week until it are unknown"
            warn(SemanticsWarning(message))


def _needed(
    remaining: pd.Series[Any],
    active: pd.Series[Any],
    deadlines: Mapping[int, dt.date],
    as_of: dt.date,
) -> pd.Series[Any]:
    """Return the hours a week until the deadline [h], NA with nothing left, or no day."""
    days = pd.Series([(deadlines.get(one, as_of) - as_of).days for one in active], dtype="Int64")
    return ratio(positive(to_hours(remaining)), days / DAYS_A_WEEK)


def _active(projects: pd.DataFrame, chosen: Selection) -> pd.Series[Any]:
    """Return the ids of the selected projects that are active."""
    listed = checked(projects, tables.PROJECTS, "active").rename(columns={"id": "project_id"})
    selected = of_projects(listed, projects, chosen)
    is_active = selected["active"].fillna(value=False)
    ids: pd.Series[Any] = selected.loc[is_active, "project_id"].reset_index(drop=True)
    return ids


def _worked(
    work: pd.DataFrame,
    total: pd.Series[Any] | None,
    as_of: pd.Timestamp,
    *,
    weeks: int,
    n: int,
    is_past: bool,
) -> tuple[pd.Series[Any], list[Whole]]:
    """Return the time until `as_of` of `n` projects, and the time of their full weeks [ms].

    The weeks of a project begin with that of its first entry.
    """
    first = as_of - pd.Timedelta(as_of.weekday() + DAYS_A_WEEK * weeks, "D")
    is_before, is_later = work["date"] < first, work["date"] > as_of
    begins = np.full(n, weeks)
    begins[work.loc[is_before, "code"]] = 0
    if total is None:
        tracked = pd.Series(sums_of(work[~is_later], n), dtype="Int64")
    else:
        tracked = total + sums_of(work[work["is_new"]], n)
        begins[(tracked > sums_of(work[~is_before], n)).to_numpy(bool, na_value=False)] = 0
        if is_past:
            tracked = (tracked - sums_of(work[is_later], n)).clip(lower=0)
    recent = work[~is_before & ~is_later]
    week = (recent["date"] - first).dt.days // DAYS_A_WEEK
    np.minimum.at(begins, recent["code"], week)
    is_full = recent["is_theirs"] & (week < weeks)
    worked = np.zeros((n, weeks), "int64")
    np.add.at(worked, (recent.loc[is_full, "code"], week[is_full]), recent.loc[is_full, "ms"])
    return tracked, [each[begin:] for each, begin in zip(worked, begins, strict=True)]


def _seed(seed: int, project_id: int) -> np.random.SeedSequence:
    """Return the random seed of one project, which does not depend on the others."""
    return np.random.SeedSequence([int(seed), project_id % 2**64])


def _rate(worked: Whole) -> float | None:
    """Return the mean of the weeks [h], None if there are none."""
    return int(worked.sum()) / (len(worked) * MS_PER_HOUR) if len(worked) else None


def _outlook(
    worked: Whole, left: float, confidence: float, seed: np.random.SeedSequence
) -> tuple[float, float, float]:
    """Return the weeks left: lower end, median and upper end; NaN where unknown."""
    if left <= 0:
        return 0.0, 0.0, 0.0
    burnt = int(worked.sum())
    if np.isnan(left) or burnt <= 0:
        return np.nan, np.nan, np.nan
    if len(worked) < FEWEST:
        straight = left * len(worked) / burnt
        return np.nan, straight if straight <= HORIZON else np.nan, np.nan
    durations = weeks_needed(worked, left, np.random.default_rng(seed))
    outside = (1 - confidence) / 2
    ends = np.quantile(durations, [outside, 0.5, 1 - outside], method="inverted_cdf")
    low, median, high = np.where(np.isinf(ends), np.nan, ends)
    return low, median, high


def weeks_needed(worked: npt.NDArray[Any], left: float, chance: np.random.Generator) -> Floats:
    """Simulate the coming weeks many times, and return how many weeks each run took.

    Each run has a window of its own: as many weeks as were worked, drawn from them with
    replacement, since other weeks might have been observed. Every new week is drawn from the window
    and replaces its oldest, so that the pace of a run drifts, as that of a project does. A run that
    takes longer than the horizon is infinite.
    """
    n = len(worked)
    window = worked[chance.integers(n, size=PLAYS * n)].astype(float)
    begins = np.arange(PLAYS) * n
    remaining = np.full(PLAYS, float(left))
    durations = np.full(PLAYS, np.inf)
    for week in range(HORIZON):
        if week % _AT_A_TIME == 0:
            picks = begins + chance.integers(n, size=(_AT_A_TIME, PLAYS))
        drawn = window[picks[week % _AT_A_TIME]]
        over = np.flatnonzero(drawn >= remaining)
        durations[over] = week + remaining[over] / drawn[over]
        remaining[over] = np.inf
        if np.isfinite(durations).all():
            break
        remaining -= drawn
        window[begins + week % n] = drawn
    return durations


def _dated(
    weeks_left: Floats, as_of: np.datetime64, is_over: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Return the weeks left, and the days on which they end, rounded up to whole days."""
    columns: dict[str, Any] = {}
    for end, weeks in zip(_ENDS, weeks_left.T, strict=True):
        is_known = ~np.isnan(weeks)
        columns[f"weeks_left{end}"] = pd.arrays.FloatingArray(weeks.copy(), ~is_known)
        days = np.ceil(np.round(np.where(is_known, weeks, 0) * 7, 6)).astype("int64")
        finish = as_of + days.astype("timedelta64[D]")
        finish[~is_known | is_over] = np.datetime64("NaT", "D")
        columns[f"finish{end}"] = finish.astype("datetime64[us]")
    return pd.DataFrame(columns)


def _checked(**params: Any) -> dict[str, Any]:
    weeks, confidence, seed = params["weeks"], params["confidence"], params["seed"]
    if not _is_whole(weeks) or not 1 <= weeks <= HORIZON:
        raise ConfigError(f"weeks must be an integer from 1 to {HORIZON}, not {weeks!r}")
    is_number = isinstance(confidence, Real) and not isinstance(confidence, bool)
    if not is_number or not 0 < confidence < 1:
        raise ConfigError(
            f"confidence must be a number between 0 and 1, such as 0.8 for 80 %, not {confidence!r}"
        )
    if not _is_whole(seed) or seed < 0:
        raise ConfigError(f"seed must be an integer of at least 0, not {seed!r}")
    as_of, deadlines = params["as_of"], params["deadlines"]
    if not isinstance(deadlines, Mapping | None):
        raise TypeError(f"deadlines must be a mapping of projects to days, not {deadlines!r}")
    if deadlines is not None:
        deadlines = {one: day(f"the deadline of {one}", last) for one, last in deadlines.items()}
    as_of = None if as_of is None else day("as_of", as_of)
    return {**params, "as_of": as_of, "deadlines": deadlines}


def _is_whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)


def forecast_needs(needs: Needs, listings: Listings, params: Params) -> Needs:
    """Request the weeks before `as_of` and all entries since, of all users."""
    today = listings.today
    as_of: dt.date = params["as_of"] or today
    if as_of > today + DAY:
        raise ConfigError(f"as_of must be today or earlier, not {as_of}")
    if as_of >= today - DAY:  # the caller may be in another time zone
        today = as_of
    first = as_of - dt.timedelta(days=as_of.weekday(), weeks=params["weeks"])
    selection = replace(params["selected"], users=None, start=first, end=today + DAY)
    return replace(needs, selection=selection, arguments={"as_of": as_of, "today": today})


FORECAST: Final = Report(
    name="forecast",
    table=tables.FORECAST,
    needs=LISTINGS,
    look_ups=("statuses", "clients"),
    check=_checked,
    shape=lambda params: _table(params["deadlines"]),
    samples=({}, {"deadlines": {}}),
    more_needs=forecast_needs,
    at_once=("time_entries", "statuses"),
    join=join_forecast,
)


def forecast(
    source: Source,
    *,
    as_of: Day | None = None,
    weeks: int = 8,
    confidence: float = 0.8,
    seed: int = 0,
    deadlines: Mapping[Any, Day] | pd.Series | pd.DataFrame | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Forecast when active projects will have used up their estimates.

    One row per active project. The rest of its estimate is worked off in a thousand simulations, in
    which every week to come is drawn at random from the project's last weeks. `weeks_left` is the
    median duration, and the interval spans the middle durations, the share that `confidence` sets.
    The forecast knows only the pace of the last weeks; see Notes.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
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
    deadlines : mapping or Series of days, or DataFrame, optional
        The last day of projects, by name or id; or a frame with the columns `project` and `date`.
    clients, projects : int, str, or list of int, str or None, optional
        Only projects with these ids or names; include None in the clients for projects without one.
    users : int, str, or list of int or str, optional
        Forecast as if only these users kept working: the weeks are theirs, while the tracked,
        estimated and remaining hours are those of all users.

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

        With `deadlines`, at the end:

        - hours_per_week_needed : Float64 [h]. Remaining over the weeks until the deadline.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    SemanticsWarning
        If `as_of` is in the past, since the estimate of that day is unknown, and if a deadline is
        not after it, or is of an archived project.

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
    `hours_per_week_needed` counts the days from `as_of` to the deadline in weeks of seven days; it
    is NA without a deadline, once that has come, and with nothing left.

    The interval holds the truth less often than `confidence` says: the last weeks know nothing of
    holidays, of a change of the team or the estimate, or of a slow end. The benchmarks
    in the documentation show how often it was right for projects that had ended.

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
    return FORECAST.make(**locals())
