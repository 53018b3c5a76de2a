"""Time entries and days to look at before billing them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, Final

import pandas as pd

from togglframe import clock, joins, tables
from togglframe.api.dates import Day
from togglframe.api.parameters import Ids, IdsOrNone, boolean
from togglframe.joins._entries import columns_read
from togglframe.joins._workdays import holiday_days, limit_ms
from togglframe.joins.entry_auditing import AUDITED_COLUMNS, entry_audit_of_parts
from togglframe.reports._over_time import TimeReport, selected
from togglframe.reports.selection import Period
from togglframe.reports.sources import Source

__all__ = ["entry_audit"]


def _checked(
    *, workdays_only: object, holidays: Iterable[Day], today: dt.date, **others: Any
) -> dict[str, Any]:
    boolean("workdays_only", workdays_only)
    for name in ("max_entry_hours", "max_day_hours"):
        limit_ms(name, others[name])
    days = holiday_days(holidays).tolist()
    return {"workdays_only": workdays_only, "holidays": days, "now": _moment(today), **others}


def _moment(today: dt.date) -> dt.datetime:
    """Return the moment after which an entry is in the future: the end of a day of the past."""
    if today == clock.today():
        return clock.now()
    return dt.datetime.combine(today + dt.timedelta(1), dt.time(), dt.UTC)


ENTRY_AUDIT: Final = TimeReport(
    name="entry_audit",
    table=tables.ENTRY_AUDIT,
    needs=("time_entries", "projects"),
    look_ups=("projects",),
    at_hand=("users",),
    check=_checked,
    counts_from_today=True,
    reads=lambda given: columns_read(AUDITED_COLUMNS, selected("entry_audit", given)),
    join=joins.entry_audit,
    join_parts=entry_audit_of_parts,
)


def entry_audit(
    ws: Source,
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
) -> pd.DataFrame:
    """List the time entries and days to look at before billing them.

    One row per finding.

    Parameters
    ----------
    ws : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from. Without `projects`, archived projects are not known.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range as a period instead: a month "2026-10", a week "2026-W43" or a year "2026".
    max_entry_hours : float
        The most hours of an entry [h]; exactly as many are no finding.
    max_day_hours : float
        The most hours that a user's entries cover on a day [h]; exactly as many are no finding.
    workdays_only : bool
        Whether only days from Monday to Friday can be missing.
    holidays : iterable of str, date, datetime or Timestamp
        Days that cannot be missing.
    user_ids : iterable of int, optional
        Only entries of these users.
    client_ids, project_ids : iterable of int or None, optional
        Only entries with these ids; include None for entries without one. No day is
        then reported missing, since other entries of the day are not looked at.

    Returns
    -------
    DataFrame
        Ordered by severity, check, user, date and entry. The checks are listed in the Notes.

        - severity : ordered category. How much the finding matters.
        - check : str. The check that found it.
        - user_id : Int64. User whose time it is.
        - user : str. Name of the user who tracked it.
        - date : datetime64[us]. The day the finding is about.
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
    audit : What does not add up in projects, members and tasks.

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
    return ENTRY_AUDIT.make(
        ws,
        start_date=start_date,
        end_date=end_date,
        period=period,
        max_entry_hours=max_entry_hours,
        max_day_hours=max_day_hours,
        workdays_only=workdays_only,
        holidays=holidays,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
