"""Hours that people owe and have worked: schedules, holidays, absences and time off."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.reports._dated import Dated, are_dated, balance_of
from togglframe.reports._entries import (
    check_every,
    entries,
    made,
    name_columns,
    shaped,
    sums_by,
    with_names,
)
from togglframe.reports._record import Params, Report
from togglframe.reports._workdays import (
    Days,
    Holidays,
    Schedule,
    are_holidays,
    checked_capacity,
    checked_holidays,
    scheduled,
)
from togglframe.reports.selection import Names, Needs, Period, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.reports.timesheets import (
    are_later,
    cells,
    days_in,
    listed_users,
    refuse_nobody,
    starts_of,
)
from togglframe.tables import MS_PER_HOUR
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import Every
from togglframe.warning import warn

__all__ = ["balance"]

Absences = pd.DataFrame | str | int | Iterable[str | int]


def join_balance(
    time_entries: pd.DataFrame,
    users: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    *,
    selected: Selection,
    schedule: Mapping[Any, Any],
    every: Every | None,
    holidays: Mapping[Any, list[Any]],
    absences: Mapping[int | None, tuple[Dated, ...]] | list[int | str],
    opening_hours: Mapping[int | None, float],
) -> pd.DataFrame:
    """Compare the hours that every user tracked in each period with those expected."""
    listed, time_off = (absences, []) if isinstance(absences, Mapping) else ({}, absences)
    columns = ["date", "tracked_time", *_columns_of(absences), *name_columns(["user"])]
    matching = entries(time_entries, None, columns, selected)
    by_user = {
        "schedule": schedule,
        "holidays": holidays,
        "absences": listed,
        "opening_hours": opening_hours,
    }
    refuse_nobody(time_entries, users, **by_user)
    _refuse_unknown_projects(_ids_of(time_off), projects, time_entries)
    days = days_in(matching, selected)
    own = {**schedule, **listed, **opening_hours}
    by_day = cells(matching, listed_users(users, own, selected), days, "day")
    table = shaped(tables.BALANCE, [], every)
    if by_day.keys.empty:
        return table.empty()
    is_off = _are_off(matching, time_off)
    ms = milliseconds(matching["tracked_time"])
    rows = by_day.sum(worked=ms.mask(is_off, 0), off=ms.mask(~is_off, 0))
    worked, off = rows["worked"].fillna(0).astype(float), rows["off"].fillna(0).astype(float)
    could = _could(rows, days, schedule, holidays, selected.today)
    absent = _absent(rows, listed)
    off += absent.where(absent == 0, np.minimum(absent, could))
    expected = (could - off).clip(lower=0)
    measures = pd.DataFrame(
        {
            "workdays": (could > 0).where(could.notna()).astype(float),
            "expected_hours": expected,
            "absence_hours": off,
            "tracked_hours": worked,
            "balance_hours": worked - expected,
        }
    )
    keys = [rows["user_id"], starts_of(rows["period"], every, days).rename("period")]
    sums = measures.groupby(keys, dropna=False, sort=False).sum(skipna=False).reset_index()
    opening = sums["user_id"].map(opening_hours).fillna(0).astype(float) * MS_PER_HOUR
    running = sums.groupby("user_id", dropna=False)["balance_hours"].cumsum(skipna=False)
    sums["running_hours"] = running + opening
    hours = sums.columns[sums.columns.str.endswith("_hours")]
    sums[hours] /= MS_PER_HOUR
    return made(with_names(sums, matching, ["user"], users=users), table)


def _columns_of(absences: object) -> list[str]:
    """Return the columns of entries that show what is time off."""
    return ["project_id", "tags"] if absences and isinstance(absences, list) else []


def _ids_of(time_off: Iterable[int | str]) -> list[int]:
    return [item for item in time_off if not isinstance(item, str)]


def _refuse_unknown_projects(
    ids: list[int], projects: pd.DataFrame | None, time_entries: pd.DataFrame
) -> None:
    if not ids or projects is None:
        return
    known = {*projects["id"], *time_entries["project_id"].dropna()}
    if unknown := [number for number in ids if number not in known]:
        raise ConfigError(
            f"absences names {unknown[0]}, which is not among the projects and has no time entry: "
            "leave it out"
        )


def _are_off(matching: pd.DataFrame, time_off: list[int | str]) -> pd.Series[Any]:
    """Return which entries are time off, by project or by tag."""
    if not time_off:
        return pd.Series(False, matching.index)
    names = {one.strip().casefold(): one for one in time_off if isinstance(one, str)}
    tags = matching["tags"].explode().str.strip().str.casefold()
    known = {*tags}
    for name in [one for tag, one in names.items() if tag not in known]:
        message = (
            f"absences names {name!r}, which is no project, and no entry of the range has it as a "
            "tag"
        )
        warn(SemanticsWarning(message))
    has_tag = tags.isin([*names]).groupby(level=0).any()
    return matching["project_id"].isin(_ids_of(time_off)) | has_tag


def _could(
    rows: pd.DataFrame,
    days: pd.Series[Any],
    schedule: Mapping[Any, Any],
    holidays: Mapping[Any, list[Any]],
    today: dt.date | None,
) -> pd.Series[Any]:
    """Return the time that is scheduled on each day before today, without holidays [ms]."""
    each: Days = days.to_numpy("datetime64[D]")
    default = schedule.get(None)
    people = rows["user_id"].iloc[:: len(days)]
    hours = [
        scheduled(each, None if pd.isna(user) else schedule.get(user, default)) for user in people
    ]
    free = are_holidays(rows["period"].to_numpy("datetime64[D]"), rows["user_id"], holidays)
    free |= are_later(rows["period"], today).to_numpy(bool)
    time = pd.Series(np.concatenate(hours), rows.index)
    return time.mask(free & time.notna(), 0)  # without a schedule nothing is known of a free day


def _absent(rows: pd.DataFrame, absences: Mapping[int | None, tuple[Dated, ...]]) -> pd.Series[Any]:
    """Return the time of absences on each day [ms], infinite where it is all of it."""
    off: dict[tuple[Any, pd.Timestamp], float] = defaultdict(float)
    for user, dated in absences.items():
        for one in dated:
            off[user, pd.Timestamp(str(one.start))] += np.inf if one.hours is None else one.hours
    keys = zip(rows["user_id"], rows["period"], strict=True)
    return pd.Series([off.get(key, 0.0) for key in keys], rows.index) * MS_PER_HOUR


def _checked(**params: Any) -> dict[str, Any]:
    check_every(params["every"])
    opening_hours = params["opening_hours"]
    if not isinstance(opening_hours, Mapping | None):
        raise TypeError(f"opening_hours must be a mapping of users to hours, not {opening_hours!r}")
    return {
        **params,
        "schedule": checked_capacity(params["schedule"], "schedule"),
        "holidays": checked_holidays(params["holidays"]),
        "absences": _checked_absences(params["absences"]),
        "opening_hours": {
            user: balance_of(f"the opening hours of {user}", hours)
            for user, hours in (opening_hours or {}).items()
        },
    }


def _checked_absences(absences: Any) -> Mapping[Any, Any] | list[int | str]:
    if absences is None:
        return []
    if isinstance(absences, Mapping) and all(map(are_dated, absences.values())):
        return absences  # a frame, by user
    names = [absences] if isinstance(absences, str | int) else absences
    is_list = isinstance(names, Iterable) and not isinstance(names, Mapping | pd.DataFrame)
    names = list(names) if is_list else [None]
    if any(isinstance(one, bool) or not isinstance(one, str | int | np.integer) for one in names):
        raise TypeError(
            "absences must be a frame with the columns user, date and optionally hours, or names "
            f"of projects or tags, not {absences!r}"
        )
    return names


def _more_needs(needs: Needs, _: Listings, params: Params) -> Needs:
    """Request also the projects if `absences` lists ids of some."""
    absences = params["absences"]
    if isinstance(absences, Mapping) or not _ids_of(absences):
        return needs
    return replace(needs.with_names("projects"), look_ups=(*needs.look_ups, "projects"))


BALANCE: Final = Report(
    name="balance",
    table=tables.BALANCE,
    needs=("time_entries", "users"),
    look_ups=("users",),
    optional=("users",),
    check=_checked,
    more_needs=_more_needs,
    shape=lambda params: shaped(tables.BALANCE, [], params["every"]),
    samples=({}, {"every": None}),
    sums=lambda params: sums_by(
        ["user"], params["selected"], *_columns_of(params["absences"]), every="day"
    ),
    join=join_balance,
)


def balance(
    source: Source,
    schedule: Schedule = 40,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    every: Every | None = "month",
    holidays: Holidays | pd.DataFrame = (),
    absences: Absences | None = None,
    opening_hours: Mapping[Any, float] | pd.Series | pd.DataFrame | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Compare the time that people worked in each period with what was expected of them.

    One row per user and period; every user has every period of the range. Users are those who have
    entries, all who are active, and those with a schedule, absences or opening hours of their own.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from. Without `users`, those without entries and without anything
        of their own are not included.
    schedule : float, list of seven float, mapping or Series of these, or DataFrame
        The hours of a week, which are those of Monday to Friday in equal parts, or of each of its
        days from Monday on [h]; or those of each user, by name, e-mail address or id. The key None
        stands for all others; without it, what is expected of a user who is missing is unknown. Or
        a frame with the columns `user` (NA for all others), `hours`, and optionally `from` and
        `to`, days that are included: of several rows that hold, that with the latest `from`
        counts, and on a day without any, nothing is expected. So who begins or leaves has a
        `from` or a `to`.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames,
        where the range is then from the first to the last entry.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    every : {"day", "week", "month", "quarter", "year"} or None
        The length of a period; weeks begin on Monday. None is the whole range, in one row a user
        without `period`.
    holidays : iterable of days, mapping to these, or DataFrame
        Days on which nobody has to work; or those of each user, by name, e-mail address or id,
        which replace those of the key None. Or a frame with the columns `date` and optionally
        `user`, NA for all others.
    absences : DataFrame, str, int, or list of str or int, optional
        A frame with the columns `user`, `date` and optionally `hours`, all that is scheduled if
        NA. Or the projects or tags, by name, or projects by id, whose entries are time off. A name
        that is no project's is a tag, compared without case.
    opening_hours : mapping or Series of float, or DataFrame, optional
        The balance before the first day, by name, e-mail address or id of the user [h]; else 0. Or
        a frame with the columns `user` and `hours`.
    users : int, str, or list of int or str, optional
        Only these users: ids, names or e-mail addresses.

    Returns
    -------
    DataFrame
        Ordered by user, NA last, then by period. Of a period that the range cuts, only the days in
        the range count.

        - user_id : Int64. User id.
        - user : str. Name of the user.
        - period : datetime64[us]. The first day of the period.
        - workdays : Int64. Days with scheduled hours that are no holidays, NA without a
          schedule.
        - expected_hours : Float64 [h]. Scheduled, without holidays and absences, NA without
          a schedule.
        - absence_hours : Float64 [h]. Time off.
        - tracked_hours : Float64 [h]. The time tracked, without time off.
        - balance_hours : Float64 [h]. Tracked minus expected; negative is owed.
        - running_hours : Float64 [h]. Balance until the end of the period.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    ConfigError
        If a key or a user of a frame fits nobody, two keys are of one user, or an id in `absences`
        is of no project.

    Warns
    -----
    SemanticsWarning
        If a name in `absences` is no project, and no entry of the range has it as a tag.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days, and
    ``search/users``. Names and ids in `absences` are looked up in the listing of projects.

    Workdays, expected hours and the absences of a frame count only the days before today; entries
    count whenever they are. Expected is what is scheduled, without holidays and absences. An
    absence of a frame is never more than is scheduled on its day, so that one on a holiday is none.
    Entries of time off count whole as absence, and not as tracked, so that both together are the
    hours of the report `hours`; they lower what is expected of their day by no more than is
    scheduled on it.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> schedule = {None: 40, "Priya Raman": [8, 8, 8, 0, 0, 0, 0]}
    >>> off = pd.DataFrame({"user": ["Priya Raman"], "date": ["2026-10-05"]})
    >>> months = tf.reports.balance(
    ...     ws, schedule, period="2026-10", absences=off, users="Priya Raman"
    ... )
    >>> months[["expected_hours", "absence_hours"]].values.tolist()
    [[88.0, 8.0]]
    """
    return BALANCE.make(**locals())
