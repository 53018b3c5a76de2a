"""Time entries and days to look at before billing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from textwrap import shorten
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe import clock, tables
from togglframe.api.dates import Day
from togglframe.api.parameters import boolean
from togglframe.reports._entries import (
    Groups,
    columns_read,
    entries,
    name_columns,
    naming,
    with_names,
    with_projects,
)
from togglframe.reports._frames import checked, checked_or_empty, finished, look_up, to_hours
from togglframe.reports._intervals import (
    CLOCKED,
    US_PER_MS,
    Coverage,
    Integers,
    Intervals,
    overlapping,
    spread,
)
from togglframe.reports._record import Report
from togglframe.reports._workdays import (
    WORKDAYS_A_WEEK,
    Holidays,
    are_holidays,
    checked_holidays,
    limit_ms,
    weekdays,
)
from togglframe.reports.selection import Names, NamesOrNone, Period, Selection
from togglframe.reports.sources import Source
from togglframe.tables.validation import milliseconds
from togglframe.text.formats import format_duration
from togglframe.text.names import numbered

__all__ = ["entry_audit"]


AUDITED_COLUMNS: Final = (
    *("date", "tracked_time", "project_id", "description", "project", "client", "email"),
    *CLOCKED,
    *name_columns(["user"]),
)
_OF_ENTRY: Final = ("project_id", "project", "client", "start", "id")
_NOTHING: Final = (  # no findings, as the checks make them: names and addresses come later
    tables.ENTRY_AUDIT.empty()
    .rename(columns={"start": "local_start", "stop": "local_stop"})
    .drop(columns=["user", "email", "project", "client"])
    .join(tables.TIME_ENTRIES.empty()[list(_OF_ENTRY)])
)
_USER_DAY: Final = ["user_id", "date"]
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY: Final = np.timedelta64(1, "D")
_SHORT: Final = 60  # characters of a description


def join_entry_audit(
    time_entries: pd.DataFrame | Iterable[pd.DataFrame],
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    *,
    selected: Selection,
    max_entry_hours: float,
    max_day_hours: float,
    workdays_only: bool,
    holidays: Mapping[Any, list[Any]],
    now: dt.datetime | None = None,
) -> pd.DataFrame:
    """List the time entries and days to look at before billing them."""
    nothing = entries(tables.TIME_ENTRIES.empty(), projects, AUDITED_COLUMNS, selected)
    evidence = Evidence(
        entries=nothing,
        running=nothing,
        last_days=nothing[_USER_DAY],
        projects=checked_or_empty(projects, tables.PROJECTS, "name active"),
        max_entry=limit_ms("max_entry_hours", max_entry_hours),
        max_day=limit_ms("max_day_hours", max_day_hours),
        workdays_only=workdays_only,
        holidays=holidays,
        sees_whole_days=selected.clients is None and selected.projects is None,
        now=None if now is None else (now - _EPOCH) // dt.timedelta(microseconds=1),
    )
    findings, of_users, addresses = [_NOTHING], [], []
    parts = [time_entries] if isinstance(time_entries, pd.DataFrame) else time_entries
    for part in parts:
        audited = entries(part, projects, AUDITED_COLUMNS, selected)
        evidence = replace(evidence, entries=audited)
        findings += _findings(evidence)
        of_users.append(naming(audited, "user_id", "user"))
        addresses.append(naming(audited, "user_id", "email"))
        evidence = evidence.kept_for_the_next()
    unnamed = pd.concat(findings, ignore_index=True)
    named = with_names(unnamed, pd.concat(of_users, ignore_index=True), ["user"], users=users)
    owned = with_projects(unnamed[["project_id"]], unnamed, projects, clients)
    labelled = named.assign(
        label=named["label"].where(named["time_entry_id"].notna(), named["user"]),
        email=_addresses(unnamed["user_id"], pd.concat(addresses), users),
        project=owned["project"],
        client=owned["client"],
        start=unnamed["local_start"],
        stop=unnamed["local_stop"],
    )
    return finished(labelled, tables.ENTRY_AUDIT)


def _addresses(
    ids: pd.Series[Any], of_entries: pd.DataFrame, users: pd.DataFrame | None
) -> pd.Series[Any]:
    """Return the e-mail address of each user: from the listing, else the latest entry."""
    latest = of_entries.drop_duplicates("user_id", keep="last").set_index("user_id")
    known: pd.Series[Any] = latest["email"]
    if users is not None:
        listed = checked(users, tables.USER_DETAILS, "email").set_index("id")
        known = listed["email"].combine_first(known)
    return known.reindex(ids).set_axis(ids.index)


def _findings(evidence: Evidence) -> Iterator[pd.DataFrame]:
    for check in CHECKS:
        rows = check.find(evidence)
        if not rows.empty:
            known = {"severity": check.severity, "check": check.slug}
            yield rows.assign(**known)[list(_NOTHING)].astype(_NOTHING.dtypes)


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the checks look at, and the limits they compare it with [ms].

    A frame that was not given is empty. From earlier parts come `running`, the entries that may
    overlap later ones, and `last_days`, the last day of each user. `sees_whole_days` is False if
    entries of other clients or projects are left out; `now` is in microseconds since 1970 [µs].
    """

    entries: pd.DataFrame
    running: pd.DataFrame
    last_days: pd.DataFrame
    projects: pd.DataFrame
    max_entry: int
    max_day: int
    workdays_only: bool
    holidays: Mapping[Any, list[Any]]
    sees_whole_days: bool
    now: int | None

    @cached_property
    def intervals(self) -> Intervals:
        """When the entries began and ended."""
        return Intervals.of(self.entries)

    @cached_property
    def tracked(self) -> pd.Series[Any]:
        """The tracked time of the entries, as the API reports it [ms]."""
        return milliseconds(self.entries["tracked_time"])

    @cached_property
    def days(self) -> pd.DataFrame:
        """The days of the users, by user and date, from their last earlier day on."""
        days = pd.concat([self.last_days, self.entries[_USER_DAY]]).dropna().drop_duplicates()
        return days.sort_values(_USER_DAY, ignore_index=True)

    @cached_property
    def with_running(self) -> Evidence:
        """The same evidence, with the running entries of earlier parts first."""
        if self.running.empty:
            return self
        return replace(self, entries=pd.concat([self.running, self.entries], ignore_index=True))

    def kept_for_the_next(self) -> Evidence:
        """Return what the next part has to know about this one and those before it.

        In any time zone, a later day begins after the last one here, and therefore not before
        that day's midnight in UTC.
        """
        if self.entries.empty:
            return self
        midnight = self.entries["date"].max().tz_localize("UTC")
        both = self.with_running.entries
        return replace(
            self,
            entries=self.entries.iloc[:0],
            running=both[both["stop"] > midnight].reset_index(drop=True),
            last_days=self.days.drop_duplicates("user_id", keep="last"),
        )


@dataclass(frozen=True)
class Check:
    """One check: its severity, its slug, and the function that finds rows."""

    severity: str
    slug: str
    find: Callable[[Evidence], pd.DataFrame]


def _entry_findings(
    evidence: Evidence, positions: Integers, detail: Any, stake: Any = None, other_id: Any = None
) -> pd.DataFrame:
    """Make findings about the entries at these positions; the stake [ms] is their tracked time."""
    rows, intervals = evidence.entries.iloc[positions], evidence.intervals
    ms = evidence.tracked.iloc[positions] if stake is None else pd.Series(stake, dtype="Int64")
    others = [None] * len(rows) if other_id is None else other_id
    return pd.DataFrame(
        {
            "user_id": rows["user_id"].array,
            "date": rows["date"].array,
            **{name: rows[name].array for name in _OF_ENTRY},
            "local_start": intervals.local_starts[positions],
            "local_stop": intervals.local_stops[positions],
            "time_entry_id": rows["id"].array,
            "other_id": pd.array(others, dtype="Int64"),
            "label": rows["description"].array,
            "detail": detail,
            "hours_affected": to_hours(ms).array,
        }
    )


def _day_findings(days: pd.DataFrame, detail: Any, stake: Any = None) -> pd.DataFrame:
    """Make findings about days of users; without a `stake` [ms] no hours are affected."""
    ms = pd.Series([None] * len(days) if stake is None else stake, dtype="Int64")
    unknown = dict.fromkeys((*_OF_ENTRY, "local_start", "local_stop", "time_entry_id", "other_id"))
    return days[["user_id", "date"]].assign(
        **unknown,
        label=None,
        detail=detail,
        hours_affected=to_hours(ms).array,
    )


def _where(met: Any) -> Integers:
    """Return the positions where a condition is met."""
    return np.flatnonzero(np.asarray(met, bool))


def _durations(ms: Any) -> pd.Series[Any]:
    return pd.Series([format_duration(each) for each in ms], dtype="str")


def future(evidence: Evidence) -> pd.DataFrame:
    """Find entries that begin after now."""
    intervals = evidence.intervals
    positions = _where([]) if evidence.now is None else _where(intervals.starts > evidence.now)
    begun = pd.Series(intervals.local_starts[positions])
    detail = begun.dt.strftime("It begins on %Y-%m-%d at %H:%M, which is in the future.")
    return _entry_findings(evidence, positions, detail)


def overlap(evidence: Evidence) -> pd.DataFrame:
    """Find pairs of entries of one user that overlap, and for how long."""
    whole = evidence.with_running
    intervals = whole.intervals
    codes, _ = pd.factorize(whole.entries["user_id"])
    earlier, later = overlapping(intervals, codes)
    is_new = np.maximum(earlier, later) >= len(evidence.running)
    earlier, later = earlier[is_new], later[is_new]
    both = np.minimum(intervals.stops[earlier], intervals.stops[later]) - intervals.starts[later]
    shared = both // US_PER_MS
    others = pd.Series(intervals.ids[later], dtype="Int64")
    detail = "It overlaps " + _described(whole, later) + " by " + _durations(shared) + "."
    return _entry_findings(whole, earlier, detail, shared, others)


def _described(evidence: Evidence, positions: Integers) -> pd.Series[Any]:
    """Describe entries so that their user finds them: what, on which project, and when."""
    rows, intervals = evidence.entries.iloc[positions], evidence.intervals
    texts = zip(rows["description"], rows["project"], strict=True)
    what = pd.Series([_what(*each) for each in texts], dtype="str")
    clocks = (intervals.local_starts[positions], intervals.local_stops[positions])
    starts, stops = (pd.Series(moments).dt.strftime("%H:%M") for moments in clocks)
    described: pd.Series[Any] = what + ", " + starts + " to " + stops + ","
    return described


def _what(description: Any, project: Any) -> str:
    text = "" if pd.isna(description) else shorten(str(description), _SHORT, placeholder=" …")
    what = f'"{text}"' if text else "an entry without a description"
    return what if pd.isna(project) else f"{what} on {project}"


def archived_project(evidence: Evidence) -> pd.DataFrame:
    """Find entries on projects that are archived now."""
    listed = evidence.projects[["id", "name", "active"]].rename(columns={"id": "project_id"})
    owned = look_up(evidence.entries[["project_id"]], listed, "project_id")
    positions = _where((~owned["active"]).fillna(value=False))
    on = owned.iloc[positions].reset_index(drop=True)
    detail = "The project " + on["name"].fillna(numbered(on["project_id"])) + " is archived."
    return _entry_findings(evidence, positions, detail)


def long_day(evidence: Evidence) -> pd.DataFrame:
    """Find days on which a user's entries together cover more than the limit, and by how much."""
    is_known = evidence.entries["user_id"].notna().to_numpy()
    days = Groups.of(evidence.entries.loc[is_known, ["user_id", "date"]].reset_index(drop=True))
    union = Coverage(evidence.intervals.where(is_known), days.codes).union
    covered = union.to_numpy("int64") // US_PER_MS
    positions = _where(covered > evidence.max_day)
    limit = format_duration(evidence.max_day)
    covering = _durations(covered[positions])
    detail = "The entries of the day cover " + covering + f", more than {limit}."
    keys = days.keys.iloc[positions].reset_index(drop=True)
    return _day_findings(keys, detail, covered[positions] - evidence.max_day)


def long_entry(evidence: Evidence) -> pd.DataFrame:
    """Find entries whose tracked time is above the limit, and by how much."""
    positions = _where(evidence.tracked > evidence.max_entry)
    tracked = evidence.tracked.iloc[positions].to_numpy("int64")
    limit = format_duration(evidence.max_entry)
    detail = "It is " + _durations(tracked) + f" long, more than {limit}."
    return _entry_findings(evidence, positions, detail, tracked - evidence.max_entry)


def missing_day(evidence: Evidence) -> pd.DataFrame:
    """Find workdays on which no entry of a user begins, between the user's first and last.

    Finds nothing if entries of other clients or projects are left out. No hours are affected.
    """
    days = evidence.days
    dates = days["date"].to_numpy("datetime64[D]")
    gaps = np.diff(dates).astype("int64") - 1
    gaps[np.diff(days["user_id"].to_numpy("int64")) != 0] = 0
    before, nth = spread(gaps if evidence.sees_whole_days else gaps[:0])
    missing = dates[before] + (nth + 1).astype("timedelta64[D]")
    rows = days.iloc[before].assign(date=missing.astype("datetime64[us]"))
    is_workday = ~are_holidays(missing, rows["user_id"], evidence.holidays)
    if evidence.workdays_only:
        is_workday &= weekdays(missing) < WORKDAYS_A_WEEK
    rows = rows[is_workday].reset_index(drop=True)
    return _day_findings(rows, "No entry begins on this " + rows["date"].dt.day_name() + ".")


def no_project(evidence: Evidence) -> pd.DataFrame:
    """Find entries without a project."""
    positions = _where(evidence.entries["project_id"].isna())
    return _entry_findings(evidence, positions, "The entry has no project.")


def no_description(evidence: Evidence) -> pd.DataFrame:
    """Find entries without a description, or with one of spaces only."""
    positions = _where(evidence.entries["description"].fillna("").str.strip() == "")
    return _entry_findings(evidence, positions, "The entry has no description.")


def over_midnight(evidence: Evidence) -> pd.DataFrame:
    """Find entries that run past midnight by the user's own clock, and for how long."""
    intervals = evidence.intervals
    midnight = intervals.local_starts.astype("datetime64[D]") + _DAY
    after = (intervals.local_stops - midnight).astype("int64") // US_PER_MS
    positions = _where(after > 0)
    detail = "It goes on for " + _durations(after[positions]) + " after midnight."
    return _entry_findings(evidence, positions, detail, after[positions])


def weekend(evidence: Evidence) -> pd.DataFrame:
    """Find entries that begin on a Saturday or a Sunday."""
    dates = evidence.entries["date"]
    positions = _where(dates.dt.day_of_week >= WORKDAYS_A_WEEK)
    detail = "It begins on a " + dates.iloc[positions].dt.day_name().reset_index(drop=True) + "."
    return _entry_findings(evidence, positions, detail)


def zero(evidence: Evidence) -> pd.DataFrame:
    """Find entries whose tracked time is zero; zero hours are affected."""
    return _entry_findings(evidence, _where(evidence.tracked == 0), "No time was tracked.")


CHECKS: Final = (  # by severity, then by name, as the rows
    Check("error", "future", future),
    Check("error", "overlap", overlap),
    Check("warning", "archived_project", archived_project),
    Check("warning", "long_day", long_day),
    Check("warning", "long_entry", long_entry),
    Check("warning", "missing_day", missing_day),
    Check("warning", "no_project", no_project),
    Check("info", "no_description", no_description),
    Check("info", "over_midnight", over_midnight),
    Check("info", "weekend", weekend),
    Check("info", "zero", zero),
)


def _checked(**params: Any) -> dict[str, Any]:
    boolean("workdays_only", params["workdays_only"])
    for name in ("max_entry_hours", "max_day_hours"):
        limit_ms(name, params[name])
    return {**params, "holidays": checked_holidays(params["holidays"])}


def _now(today: dt.date) -> dt.datetime:
    """Return the moment after which an entry is in the future: the end of a day of the past."""
    if today == clock.today():
        return clock.now()
    return dt.datetime.combine(today + dt.timedelta(1), dt.time(), dt.UTC)


ENTRY_AUDIT: Final = Report(
    name="entry_audit",
    table=tables.ENTRY_AUDIT,
    needs=("time_entries", "projects"),
    look_ups=("projects",),
    at_hand=("users", "clients"),
    check=_checked,
    more_needs=lambda needs, listings, _: replace(needs, arguments={"now": _now(listings.today)}),
    reads=lambda params: columns_read(AUDITED_COLUMNS, params["selected"]),
    join=join_entry_audit,
)


def entry_audit(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    max_entry_hours: float = 12,
    max_day_hours: float = 10,
    workdays_only: bool = True,
    holidays: Holidays = (),
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """List the time entries and days to look at before billing them.

    One row per finding.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from. Without `projects`, archived projects are not known.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    max_entry_hours : float
        The most hours of an entry [h]; exactly as many are no finding.
    max_day_hours : float
        The most hours that a user's entries cover on a day [h]; exactly as many are no finding.
    workdays_only : bool
        Whether only days from Monday to Friday can be missing.
    holidays : iterable of str, date, datetime or Timestamp, or mapping to these
        Days that cannot be missing.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one. No day is
        then reported missing, since other entries of the day are not looked at.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or addresses.

    Returns
    -------
    DataFrame
        Ordered by severity, check, user, date and entry. The checks are listed in the Notes.

        - severity : ordered category. How much the finding matters.
        - check : str. The check that found it.
        - user_id : Int64. User whose time it is.
        - user : str. Name of the user who tracked it.
        - email : str. E-mail address of the user.
        - date : datetime64[us]. The day the finding is about.
        - project : str. Name of the project, NA if the finding is about a day.
        - client : str. Name of the client, NA if the finding is about a day.
        - start : datetime64[us]. When the entry began, in local time, NA if there is none.
        - stop : datetime64[us]. When the entry ended, in local time, NA if there is none.
        - time_entry_id : Int64. Time entry the finding is about, NA if there is none.
        - other_id : Int64. The other time entry, NA if there is none.
        - label : str. Description of the entry, or the user.
        - detail : str. What was found, in one sentence.
        - hours_affected : Float64 [h]. Hours at stake in the finding, NA if none.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    ConfigError
        If an entry ends before it begins, or has not ended.

    See Also
    --------
    project_audit : What does not add up in projects, members and tasks.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days, and
    ``filters/projects``.

    ========  ================  ======================================  ========================
    severity  check             what is found                           hours_affected
    ========  ================  ======================================  ========================
    error     future            an entry that begins after now          all of the entry
    error     overlap           two entries of a user at the same time  what both of them cover
    warning   archived_project  an entry on an archived project         all of the entry
    warning   long_day          a user's day above `max_day_hours`      what is above
    warning   long_entry        an entry above `max_entry_hours`        what is above
    warning   missing_day       a workday on which no entry begins      NA
    warning   no_project        an entry without a project              all of the entry
    info      no_description    an entry without a description          all of the entry
    info      over_midnight     an entry that goes on after midnight    what is after midnight
    info      weekend           an entry on a Saturday or a Sunday      all of the entry
    info      zero              an entry of no time                     0
    ========  ================  ======================================  ========================

    - An overlap is one finding per pair: `time_entry_id` is the entry that begins first, `other_id`
      the one that begins while it runs. An entry that begins when another stops does not overlap.
    - The length of a day is the time that its entries cover together, from start to stop; overlaps
      count once. An entry belongs to the day on which it begins.
    - The length of an entry is the duration that the API reports; overlaps, and the time after
      midnight, go by start and stop.
    - Days are missing only between a user's first and last entry in the range.
    - Midnight is local to where the entry began; an entry that ends at midnight does not go on
      after it.
    - A project counts as archived if it is archived today, even if it was active when the time was
      tracked.
    - An entry without a known user is in no overlap, and in no long or missing day.
    - Now is the time of the call.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> findings = tf.reports.entry_audit(ws, period="2026-03", max_day_hours=8)
    >>> findings["check"].drop_duplicates().tolist()[:3]
    ['overlap', 'archived_project', 'long_day']
    """
    return ENTRY_AUDIT.make(**locals())
