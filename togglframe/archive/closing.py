"""Closed periods: the entries as they were billed, and what later syncs brought."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from togglframe import clock
from togglframe.archive.calendar import first_day, last_day, months_between
from togglframe.archive.comparing import differs
from togglframe.archive.entries import entries_of
from togglframe.archive.folder import Folder, keeping
from togglframe.archive.months import summed
from togglframe.archive.snapshots import read_kept
from togglframe.errors import ConfigError
from togglframe.export.parquet import write_parquet
from togglframe.reports._entries import zero_if_not_billable
from togglframe.reports.periods import DayRange, parse_period
from togglframe.reports.selection import Selection
from togglframe.tables import CLOSED, LATE, MS_PER_HOUR, TIME_ENTRIES
from togglframe.tables.provenance import combined, of, stamp
from togglframe.tables.validation import milliseconds
from togglframe.text.periods import months_in_words

_CLOSED_AT: Final = "closed_at"
# What makes an entry another one on an invoice.
_EDITED: Final = (
    *("date", "project_id", "user_id", "tracked_time", "billable", "hourly_rate", "currency"),
)


def close(
    folder: Folder, workspace_ids: Sequence[int], period: DayRange, today: dt.date, *, again: bool
) -> dict[int, pd.DataFrame]:
    """Keep the entries of a period as they are now, of each workspace or of none.

    Raises
    ------
    ConfigError
        If the period has not ended, is closed already, or was not synced whole since it ended.
    """
    if period.end >= today:
        raise ConfigError(f"{period.name} ends on {period.end}: close it from the day after on")
    files = {number: _file(folder, number, period) for number in workspace_ids}
    for number, path in files.items():
        if path.is_file() and not again:
            at = f"{_moment(_read(path)):%Y-%m-%d}"
            raise ConfigError(
                f"{period.name} of workspace {number} was closed on {at}; archive late shows what "
                "changed since, and archive close with again (--again) keeps it as it is now"
            )
        _check_complete(folder, number, period)
    moment = pd.Timestamp(clock.now())
    chosen = Selection(start=period.start, end=period.end)
    kept = {number: entries_of(folder, number, chosen, today) for number in workspace_ids}
    with keeping(*files.values()) as written:
        for frame, file in zip(kept.values(), written, strict=True):
            write_parquet(stamp(frame, **of(frame), **{_CLOSED_AT: moment.isoformat()}), file)
    return {number: _closed(frame, period) for number, frame in kept.items()}


def _check_complete(folder: Folder, workspace_id: int, period: DayRange) -> None:
    """Refuse a period with a month that was not synced since the period ended."""
    if folder.is_begun(workspace_id):
        raise ConfigError(f"the last sync of workspace {workspace_id} was interrupted: sync again")
    compared, lost = folder.compared(workspace_id), folder.lost(workspace_id)
    months = months_between(period.start, period.end)
    lacking = [
        month
        for month in months
        if month in lost or month not in compared or compared[month].date() <= period.end
    ]
    if lacking:
        raise ConfigError(
            f"{months_in_words(lacking)} of workspace {workspace_id} was not synced since "
            f"{period.end}: archive sync from {period.start} on comes first"
        )


def closed_months(
    folder: Folder, workspace_id: int, today: dt.date
) -> dict[str, tuple[dt.datetime, int]]:
    """Return when each month was last closed as a whole, and how many entries changed since."""
    closed = [
        (_moment(_read(folder.closed_file(workspace_id, period.name))), period)
        for period in _closed_periods(folder, workspace_id)
    ]
    months = {}
    for at, period in sorted(closed, key=lambda each: each[0]):
        dates = late(folder, workspace_id, period, today)["date"].dt.strftime("%Y-%m")
        for month in months_between(period.start, period.end):
            if period.start <= first_day(month) and last_day(month) <= period.end:
                months[month] = (at, int((dates == month).sum()))
    return months


def closed_at(folder: Folder, workspace_id: int, period: DayRange) -> dt.datetime | None:
    """Return when a period was last closed, None if it was not."""
    path = _file(folder, workspace_id, period)
    return _moment(_read(path)) if path.is_file() else None


def _file(folder: Folder, workspace_id: int, period: DayRange) -> Path:
    """Return the path of a closed period, under the name by which its days were closed."""
    names = {(one.start, one.end): one.name for one in _closed_periods(folder, workspace_id)}
    return folder.closed_file(workspace_id, names.get((period.start, period.end), period.name))


def _closed_periods(folder: Folder, workspace_id: int) -> list[DayRange]:
    today = clock.today()  # none of their names counts from it
    return [parse_period(name, today) for name in folder.closed(workspace_id)]


def _moment(closed: pd.DataFrame) -> dt.datetime:
    return dt.datetime.fromisoformat(of(closed)[_CLOSED_AT])


def _read(path: Path) -> pd.DataFrame:
    lost = ". what was billed is lost: close the period again, or bring the file back from a copy"
    return read_kept(path, TIME_ENTRIES, lost)


def _closed(entries: pd.DataFrame, period: DayRange) -> pd.DataFrame:
    """Return the row of a closed period."""
    sums = summed(entries)
    row = {
        "period": period.name,
        _CLOSED_AT: _moment(entries),
        "n_entries": sums.rows,
        "tracked_hours": sums.tracked / MS_PER_HOUR,
        "billable_hours": pd.NA if sums.billable is None else sums.billable / MS_PER_HOUR,
    }
    columns = {c.name: pd.Series([row[c.name]], dtype=c.dtype) for c in CLOSED}
    return stamp(pd.DataFrame(columns), **{**of(entries), "table": CLOSED.name})


def late(folder: Folder, workspace_id: int, period: DayRange, today: dt.date) -> pd.DataFrame:
    """Return the entries of a closed period that changed since.

    Raises
    ------
    ConfigError
        If the period was not closed.
    """
    path = _file(folder, workspace_id, period)
    if not path.is_file():
        closed = ", ".join(folder.closed(workspace_id)) or "none"
        raise ConfigError(
            f"{period.name} of workspace {workspace_id} is not closed (closed: {closed}); "
            f"archive close {period.name} comes first"
        )
    before = _read(path)
    now = entries_of(folder, workspace_id, Selection(start=period.start, end=period.end), today)
    known = combined([before, now], table=LATE.name, **{_CLOSED_AT: of(before)[_CLOSED_AT]})
    return stamp(_compared(before, now), **known)


def _compared(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return what differs between the entries as they were closed and as they are now."""
    old, new = before.set_index("id"), now.set_index("id")
    ids = old.index.union(new.index)
    was, still = ids.isin(old.index), ids.isin(new.index)
    old, new = old.reindex(ids), new.reindex(ids)
    is_other = pd.Series(data=was != still, index=ids)
    for name in _EDITED:
        is_other |= differs(old[name], new[name])
    names = [*_EDITED, "user", "project"]
    latest = pd.concat([new[names][still], old[names][~still]]).reindex(ids)
    hours_before = _hours(old["tracked_time"]).where(was, 0)
    hours = _hours(new["tracked_time"]).where(still, 0)
    same_currency = (old["currency"] == latest["currency"]) | old["currency"].isna()
    columns = {
        "change": pd.Series("edited", ids).mask(~was, "added").mask(~still, "removed"),
        "time_entry_id": ids.to_series(),
        **{name: latest[name] for name in ("user_id", "user", "project_id", "project", "date")},
        "hours_before": hours_before,
        "hours": hours,
        "hours_change": ((hours - hours_before) * MS_PER_HOUR).round() / MS_PER_HOUR,
        "billable_before": old["billable"],
        "billable": new["billable"],
        "amount_before": zero_if_not_billable(old["amount"], old["billable"])
        .where(was & same_currency)
        .where(was, 0),
        "amount": zero_if_not_billable(new["amount"], new["billable"]).where(still, 0),
        "currency": latest["currency"].fillna(old["currency"]),
    }
    changed = pd.DataFrame({c.name: columns[c.name].astype(c.dtype) for c in LATE})[is_other]
    return changed.sort_values(["date", "time_entry_id"], ignore_index=True)


def _hours(time: pd.Series[Any]) -> pd.Series[Any]:
    return milliseconds(time).astype("Float64") / MS_PER_HOUR
