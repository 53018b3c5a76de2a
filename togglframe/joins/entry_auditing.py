"""The audit of time entries: one small function per check, all listed in the table CHECKS.

To add a check, write a function from :class:`Evidence` to the rows that it found, using
``_entry_findings`` or ``_day_findings``, and add a line to CHECKS.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.api.dates import Day
from togglframe.api.parameters import Ids, IdsOrNone, boolean
from togglframe.errors import ConfigError
from togglframe.joins._entries import Groups, entries, name_columns, naming, with_names
from togglframe.joins._frames import checked, declared, finished, look_up, to_hours
from togglframe.joins._intervals import (
    CLOCKED,
    US_PER_MS,
    Coverage,
    Integers,
    Intervals,
    overlapping,
    spread,
)
from togglframe.joins._workdays import Days, are_workdays, holiday_days, limit_ms
from togglframe.reports.selection import Period, selection
from togglframe.tables import ENTRY_AUDIT, PROJECTS, SEVERITIES, TIME_ENTRIES
from togglframe.tables.validation import milliseconds
from togglframe.text.formats import format_duration
from togglframe.text.names import numbered

AUDITED_COLUMNS: Final = (
    *("date", "tracked_time", "project_id", "description"),
    *CLOCKED,
    *name_columns(["user"]),
)
_LISTED: Final = "name active"
_USER_DAY: Final = ["user_id", "date"]
_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_DAY: Final = np.timedelta64(1, "D")
_SATURDAY: Final = 5
_WEEKDAYS: Final = (
    *("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    *("Saturday", "Sunday"),
)


def entry_audit(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    max_entry_hours: float = 12,
    max_day_hours: float = 10,
    workdays_only: bool = True,
    holidays: Iterable[Day] = (),
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
    now: dt.datetime | None = None,
) -> pd.DataFrame:
    """List the time entries and days to look at before billing them.

    One row is a finding.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects : DataFrame, optional
        As ``tf.filters.projects`` returns them; without them `archived_project` finds
        nothing.
    users : DataFrame, optional
        As ``tf.search.users`` returns them; their names take precedence over those in
        the entries.
    start_date, end_date, period, max_entry_hours, max_day_hours, workdays_only : optional
        As :func:`togglframe.reports.entry_audit` takes them; without a range, all entries.
    holidays, user_ids, client_ids, project_ids : optional
        As the report takes them.
    now : datetime or Timestamp with a time zone, optional
        The time after which an entry is in the future; without it `future` finds nothing. The
        report passes the time of the call.

    Returns
    -------
    DataFrame
        The table `entry_audit`; see :func:`togglframe.reports.entry_audit`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, a frame does not match its listing, or an entry ends before it
        begins.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-02", end_date="2026-03-08")
    >>> findings = tf.joins.entry_audit(entries)
    >>> list(findings.columns)[:6]
    ['severity', 'check', 'user_id', 'user', 'date', 'time_entry_id']
    """
    return entry_audit_of_parts(
        [time_entries],
        projects,
        users,
        max_entry_hours=max_entry_hours,
        max_day_hours=max_day_hours,
        workdays_only=workdays_only,
        holidays=holidays,
        now=now,
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )


def entry_audit_of_parts(
    parts: Iterable[pd.DataFrame],
    projects: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    *,
    max_entry_hours: float,
    max_day_hours: float,
    workdays_only: bool,
    holidays: Iterable[Day],
    now: dt.datetime | None = None,
    **selecting: Any,
) -> pd.DataFrame:
    """Do what :func:`entry_audit` does with entries that come in parts, each day in one part."""
    chosen = selection("entry_audit", **selecting)

    def select(part: pd.DataFrame) -> pd.DataFrame:
        return entries(part, projects, AUDITED_COLUMNS, chosen)

    nothing = select(TIME_ENTRIES.empty())
    before = Evidence(
        entries=nothing,
        running=nothing,
        last_days=nothing[_USER_DAY],
        projects=PROJECTS.empty() if projects is None else checked(projects, PROJECTS, _LISTED),
        max_entry=limit_ms("max_entry_hours", max_entry_hours),
        max_day=limit_ms("max_day_hours", max_day_hours),
        workdays_only=boolean("workdays_only", workdays_only),
        holidays=holiday_days(holidays),
        sees_whole_days=chosen.client_ids is None and chosen.project_ids is None,
        now=_moment(now),
    )
    made_of = list(map(_Audit(before, select).go_on, parts))
    found = pd.concat([found for found, _ in made_of], ignore_index=True)
    told = pd.concat([told for _, told in made_of], ignore_index=True)
    named = with_names(found, told, ["user"], {"users": users})
    is_of_entry = named["time_entry_id"].notna()
    return finished(
        named.assign(label=named["label"].where(is_of_entry, named["user"])), ENTRY_AUDIT
    )


class _Audit:
    """An audit that continues from one part to the next."""

    def __init__(self, before: Evidence, select: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
        self._before = before
        self._select = select

    def go_on(self, part: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        """Return the findings of a part, and the entries with the names of its users."""
        evidence = replace(self._before, entries=self._select(part))
        self._before = evidence.kept_for_the_next()
        found = pd.concat([ENTRY_AUDIT.empty(), *_findings(evidence)], ignore_index=True)
        return found, naming(evidence.entries, "user_id", "user")


def _moment(now: object) -> int | None:
    """Return a time as microseconds since 1970 [µs]."""
    if now is None:
        return None
    if not isinstance(now, dt.datetime):  # a Timestamp is one
        raise TypeError(f"now must be a datetime, not {now!r}")
    if now.tzinfo is None:  # NaT has none either
        raise ConfigError(f"now must be a datetime with a zone, such as UTC, not {now!r}")
    return (now - _EPOCH) // dt.timedelta(microseconds=1)


def _findings(evidence: Evidence) -> Iterator[pd.DataFrame]:
    for check in CHECKS:
        found = check.find(evidence)
        if not found.empty:
            said = {"severity": check.severity, "check": check.slug, "user": None}
            yield declared(found.assign(**said), ENTRY_AUDIT)


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
    holidays: Days
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
    evidence: Evidence, places: Integers, detail: Any, stake: Any = None, other_id: Any = None
) -> pd.DataFrame:
    """Make findings about the entries at these places; the stake [ms] is their tracked time."""
    found = evidence.entries.iloc[places]
    ms = evidence.tracked.iloc[places] if stake is None else pd.Series(stake, dtype="Int64")
    others = [None] * len(found) if other_id is None else other_id
    return pd.DataFrame(
        {
            "user_id": found["user_id"].array,
            "date": found["date"].array,
            "time_entry_id": found["id"].array,
            "other_id": pd.array(others, dtype="Int64"),
            "label": found["description"].array,
            "detail": detail,
            "hours_affected": to_hours(ms).array,
        }
    )


def _day_findings(days: pd.DataFrame, detail: Any, stake: Any = None) -> pd.DataFrame:
    """Make findings about days of users; without a `stake` [ms] no hours are affected."""
    ms = pd.Series([None] * len(days) if stake is None else stake, dtype="Int64")
    return days[["user_id", "date"]].assign(
        time_entry_id=None,
        other_id=None,
        label=None,
        detail=detail,
        hours_affected=to_hours(ms).array,
    )


def _where(met: Any) -> Integers:
    """Return the places where a condition is met."""
    return np.flatnonzero(np.asarray(met, bool))


def _in_words(values: Any, write: Callable[[Any], str]) -> pd.Series[Any]:
    """Format each value, equal ones only once."""
    codes, distinct = pd.factorize(np.asarray(values))
    words = pd.Series([write(value) for value in distinct.tolist()], dtype="str")
    return words.iloc[codes].reset_index(drop=True)


def _durations(ms: Any) -> pd.Series[Any]:
    return _in_words(ms, format_duration)


def future(evidence: Evidence) -> pd.DataFrame:
    """Find entries that begin after now."""
    intervals = evidence.intervals
    places = _where([]) if evidence.now is None else _where(intervals.starts > evidence.now)
    begun = np.datetime_as_string(intervals.local_starts[places], unit="m").tolist()
    detail = ["It begins on {} at {}, which is in the future.".format(*b.split("T")) for b in begun]
    return _entry_findings(evidence, places, detail)


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
    detail = "It overlaps entry " + others.astype("str") + " by " + _durations(shared) + "."
    return _entry_findings(whole, earlier, detail, shared, others)


def archived_project(evidence: Evidence) -> pd.DataFrame:
    """Find entries on projects that are archived now."""
    listed = evidence.projects[["id", "name", "active"]].rename(columns={"id": "project_id"})
    owned = look_up(evidence.entries[["project_id"]], listed, "project_id")
    places = _where((~owned["active"]).fillna(value=False))
    on = owned.iloc[places].reset_index(drop=True)
    detail = "The project " + on["name"].fillna(numbered(on["project_id"])) + " is archived."
    return _entry_findings(evidence, places, detail)


def long_day(evidence: Evidence) -> pd.DataFrame:
    """Find days on which a user's entries together cover more than the limit, and by how much."""
    is_known = evidence.entries["user_id"].notna().to_numpy()
    days = Groups.of(evidence.entries.loc[is_known, ["user_id", "date"]].reset_index(drop=True))
    union = Coverage(evidence.intervals.where(is_known), days.codes).union
    covered = union.to_numpy("int64") // US_PER_MS
    places = _where(covered > evidence.max_day)
    limit = format_duration(evidence.max_day)
    covering = _durations(covered[places])
    detail = "The entries of the day cover " + covering + f", more than {limit}."
    keys = days.keys.iloc[places].reset_index(drop=True)
    return _day_findings(keys, detail, covered[places] - evidence.max_day)


def long_entry(evidence: Evidence) -> pd.DataFrame:
    """Find entries whose tracked time is above the limit, and by how much."""
    places = _where(evidence.tracked > evidence.max_entry)
    tracked = evidence.tracked.iloc[places].to_numpy("int64")
    limit = format_duration(evidence.max_entry)
    detail = "It is " + _durations(tracked) + f" long, more than {limit}."
    return _entry_findings(evidence, places, detail, tracked - evidence.max_entry)


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
    is_workday = are_workdays(missing, evidence.holidays, workdays_only=evidence.workdays_only)
    found = days.iloc[before[is_workday]].assign(date=missing[is_workday].astype("datetime64[us]"))
    detail = "No entry begins on this " + _weekdays(found["date"]) + "."
    return _day_findings(found.reset_index(drop=True), detail)


def no_project(evidence: Evidence) -> pd.DataFrame:
    """Find entries without a project."""
    places = _where(evidence.entries["project_id"].isna())
    return _entry_findings(evidence, places, "The entry has no project.")


def no_description(evidence: Evidence) -> pd.DataFrame:
    """Find entries without a description, or with one of spaces only."""
    places = _where(evidence.entries["description"].fillna("").str.strip() == "")
    return _entry_findings(evidence, places, "The entry has no description.")


def over_midnight(evidence: Evidence) -> pd.DataFrame:
    """Find entries that run past midnight by the user's own clock, and for how long."""
    intervals = evidence.intervals
    midnight = intervals.local_starts.astype("datetime64[D]") + _DAY
    after = (intervals.local_stops - midnight).astype("int64") // US_PER_MS
    places = _where(after > 0)
    detail = "It goes on for " + _durations(after[places]) + " after midnight."
    return _entry_findings(evidence, places, detail, after[places])


def weekend(evidence: Evidence) -> pd.DataFrame:
    """Find entries that begin on a Saturday or a Sunday."""
    places = _where(evidence.entries["date"].dt.day_of_week >= _SATURDAY)
    detail = "It begins on a " + _weekdays(evidence.entries["date"].iloc[places]) + "."
    return _entry_findings(evidence, places, detail)


def zero(evidence: Evidence) -> pd.DataFrame:
    """Find entries whose tracked time is zero; zero hours are affected."""
    return _entry_findings(evidence, _where(evidence.tracked == 0), "No time was tracked.")


def _weekdays(dates: pd.Series[Any]) -> pd.Series[Any]:
    return _in_words(dates.dt.day_of_week, _WEEKDAYS.__getitem__)


_CHECKS: Final = (
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
# The order of the rows: by severity, then by name, as the key of the table says.
CHECKS: Final = tuple(sorted(_CHECKS, key=lambda c: (SEVERITIES.index(c.severity), c.slug)))
