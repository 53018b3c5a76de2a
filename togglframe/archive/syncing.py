"""Sync: bring months up to date with as few requests as possible, each completely or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd

from togglframe import clock
from togglframe.archive.calendar import first_day, in_windows, last_day, months_between
from togglframe.archive.folder import Folder, check_room
from togglframe.archive.months import (
    Known,
    MonthSums,
    known_of,
    read_months,
    summed,
    sums_of,
    write_month,
)
from togglframe.archive.queries import Total, entries_by_page, late_edits, totals_by_month
from togglframe.errors import CompletenessWarning, ConfigError, QuotaExceededError
from togglframe.http.client import client_of
from togglframe.reports.selection import Selection
from togglframe.reports.sources import SILENCE, warn_of_silence
from togglframe.tables import TIME_ENTRIES
from togglframe.tables.provenance import fetched_at, of, stamp
from togglframe.text.formats import plural
from togglframe.text.periods import months_in_words
from togglframe.warning import warn
from togglframe.workspace import Workspace

Reason = Literal["new", "changed", "edited", "same"]

# Rates may be corrected for days past, which changes amounts alone. The vendor does not say in
# which currency the API adds these up, so only in recent months does another sum mean a change.
_RECENT: Final = dt.timedelta(days=35)
# A date is local to the person tracking: in the east, a day begins this much before that of UTC.
_EAST: Final = dt.timedelta(hours=14)
_NEW_FILE: Final = MonthSums(rows=0, tracked=0, billable=0)


@dataclass
class _Month:
    """A month of a sync."""

    name: str
    total: Total | None
    known: Known | None = None  # of the existing file
    before: MonthSums | None = None  # None if it cannot be read
    seen: dt.datetime | None = None  # the newest change listed when it was last compared
    reason: Reason = "same"
    is_wanted: bool = False
    is_compared: bool = False  # whether no edit is missing
    rows: int | None = None
    requests: int = 0
    is_done: bool = False

    @property
    def differs(self) -> bool:
        """Whether its totals differ from the API's; unknown totals do not."""
        if self.total is None or self.before is None:
            return False
        kept, total = self.before, self.total
        is_known = kept.billable is not None and total.billable is not None
        return kept.tracked != total.tracked or (is_known and kept.billable != total.billable)

    def has_other_amount(self, today: dt.date) -> bool:
        """Return whether it is recent, and the API's total of its amounts is not what it was."""
        if self.total is None or self.known is None or self.known.amount is None:
            return False
        is_recent = last_day(self.name) >= today - _RECENT
        return is_recent and self.total.amount not in (None, self.known.amount)

    def missing_time(self, found: pd.DataFrame) -> int:
        """Return how much less time came than the API's total [ms]; negative if more."""
        return 0 if self.total is None else self.total.tracked - summed(found).tracked

    @property
    def is_empty(self) -> bool:
        """Whether neither the archive nor the API has time in it."""
        return (
            self.before is not None
            and self.before.rows == 0
            and self.total is not None
            and self.total.tracked == 0
        )


@dataclass
class _Sync:
    """One workspace's part of a sync."""

    folder: Folder
    ws: Workspace
    today: dt.date
    months: dict[str, _Month] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    newest: dt.datetime | None = None  # the newest change that the API has listed so far
    added: dict[str, set[int]] = field(default_factory=dict)  # by month
    was_interrupted: bool = False  # whether the previous sync was, or left an entry in two months

    @property
    def id(self) -> int:
        return client_of(self.ws).id

    @cached_property
    def mark(self) -> str:
        """What identifies the credential that is used."""
        return client_of(self.ws).mark

    @cached_property
    def others(self) -> dict[str, Path]:
        """The files of archived months that are not part of this sync."""
        files = self.folder.months(self.id)
        return {name: file for name, file in files.items() if name not in self.months}

    # What is to be fetched

    def compare(self, names: list[str], *, is_full: bool) -> None:
        """Determine which months to fetch, and why."""
        self.was_interrupted = self.folder.is_begun(self.id)
        files = self.folder.months(self.id)
        lost = self.folder.lost(self.id)
        for name in names:
            check_room(self.folder.month_file(self.id, name))
        record = self.folder.record(self.id)
        totals = totals_by_month(self.ws, names)
        self.months = {
            name: _Month(name, totals.get(name), seen=record.seen.get(name)) for name in names
        }
        for name, month in self.months.items():
            if name in files:
                self._read(month)
            elif name not in lost:
                month.before = _NEW_FILE
            month.reason = _reason(month, self.today, was_compared=name in record.compared)
            month.is_wanted = month.reason != "same" or is_full
        self._look_for_edits()

    def _read(self, month: _Month) -> None:
        path = self.folder.month_file(self.id, month.name)
        try:
            month.known, month.before = known_of(path), sums_of(path)
            moments = (month.seen, month.known.seen)
            month.seen = max((each for each in moments if each is not None), default=None)
        except ConfigError:  # damaged: it is fetched again
            month.known = month.before = None

    def _look_for_edits(self) -> None:
        """Find the months whose seconds are the same, but in which an entry was changed."""
        others = {name: month for name, month in self.months.items() if not month.is_wanted}
        since = {name: month.seen or _NEVER for name, month in others.items()}
        for edits in late_edits(self.ws, since) if since else ():
            self._see(edits.newest)
            for month in map(others.__getitem__, edits.months):
                month.is_compared = not edits.doubts
                if month.is_compared:
                    month.seen = self.newest or month.seen
            if edits.doubts:
                names = months_in_words(edits.months)
                doubts = " ".join(edits.doubts)
                self._doubt(f"{names} of workspace {self.id}: edits may be missing. {doubts}")
            for name, rows in edits.rows.groupby("month"):
                month = others[str(name)]
                if self._has_others(month, rows):
                    month.reason, month.is_wanted = "edited", True

    def _see(self, newest: pd.Timestamp) -> None:
        """Note the newest change of a page, since the clock of the API is at least as late.

        This machine's clock may be ahead, and would hide what is changed until then.
        """
        if not pd.isna(newest):
            moments = (self.newest, newest.to_pydatetime())
            self.newest = max(moment for moment in moments if moment is not None)

    def _has_others(self, month: _Month, late: pd.DataFrame) -> bool:
        """Return whether any of these entries is missing from the archive or out of date in it."""
        if month.known is None:
            return True
        path = self.folder.month_file(self.id, month.name)
        kept = read_months([path], columns=["id", "updated_at"]).set_index("id")["updated_at"]
        then = kept.reindex(late["id"]).to_numpy()
        return bool((then != late["updated_at"].to_numpy()).any())

    # Fetching

    def fetch(self) -> None:
        """Fetch the wanted months, newest first, and write each as soon as it is complete."""
        if runs := self._runs():
            self.folder.begin(self.id)
        for run in runs:
            for window in reversed(in_windows(run)):
                self._fetch_window(window)

    def _runs(self) -> list[list[str]]:
        """Return the months to fetch in adjacent runs, which may span empty months at no cost."""
        months = groupby(self.months.values(), lambda month: month.is_wanted or month.is_empty)
        runs = [self._trimmed([month.name for month in run]) for is_run, run in months if is_run]
        return [run for run in reversed(runs) if run]

    def _trimmed(self, months: list[str]) -> list[str]:
        """Return adjacent months without those at their ends that are not to be fetched."""
        wanted = [n for n, name in enumerate(months) if self.months[name].is_wanted]
        return months[wanted[0] : wanted[-1] + 1] if wanted else []

    def _fetch_window(self, window: list[str]) -> None:
        window = self._trimmed(window)
        if not window:
            return
        pending = [self.months[name] for name in reversed(window) if self.months[name].is_wanted]
        rows: list[pd.DataFrame] = []
        spent = self.ws.usage.requests
        for page, reached in entries_by_page(self.ws, window):
            spent = self._count(page, pending, spent)
            if doubts := of(page).get("doubts"):
                self._leave(pending, doubts)
                return
            self._see(page["updated_at"].max())
            rows.append(stamp(page, **of(page), seen=self.newest))
            if reached is None:
                continue
            while len(pending) > 1 and reached < _begin(pending[0].name):
                self._keep(pending.pop(0), rows)
        for month in pending:
            self._keep(month, rows)

    def _count(self, page: pd.DataFrame, pending: Sequence[_Month], spent: int) -> int:
        """Count the requests of a page for the month in which it begins."""
        now = self.ws.usage.requests
        names = [month.name for month in pending]
        begins = page["date"].iloc[:1].dt.strftime("%Y-%m").tolist()
        of_page = self.months[begins[0]] if begins and begins[0] in names else pending[0]
        of_page.requests += now - spent
        return now

    def _leave(self, pending: Sequence[_Month], doubts: Sequence[str]) -> None:
        """Leave months as they were, because it cannot be proven that all their rows came."""
        names = months_in_words(month.name for month in pending)
        self._doubt(f"{names} of workspace {self.id} were left unchanged: {' '.join(doubts)}")

    def _doubt(self, message: str) -> None:
        self.doubts.append(message)
        warn(CompletenessWarning(message))

    def _keep(self, month: _Month, rows: list[pd.DataFrame]) -> None:
        """Write a month, and remove its rows from those that are waiting."""
        first, last = pd.Timestamp(first_day(month.name)), pd.Timestamp(last_day(month.name))
        seen = of(rows[0])["seen"]  # the first page that may hold a row of it
        parts, moments = [], []
        for position, page in enumerate(rows):
            is_of = page["date"].between(first, last)
            if is_of.any():
                parts.append(page[is_of])
                rows[position] = page[~is_of]
            moments.append(fetched_at(of(page)))
        found = pd.concat(parts) if parts else TIME_ENTRIES.empty()
        rows[:] = [page for page in rows if len(page)] or rows[-1:]
        if month.missing_time(found) > 0:
            self._doubt(
                f"{month.name} of workspace {self.id} was left unchanged: its entries sum to less "
                "than the API's own total, so some were not returned, or changed in the meantime. "
                "The next sync checks it again"
            )
            return
        if self._is_of_other(month) and not self._kept_ids(month).isin(found["id"]).all():
            self._doubt(
                f"{month.name} of workspace {self.id} was left unchanged: another credential "
                "archived entries that this one does not see. Sync with that one, or delete "
                f"{self.folder.month_file(self.id, month.name)} if this one is right"
            )
            return
        month.seen, month.is_done = seen, True
        if found.empty and month.before == _NEW_FILE and month.known is None:
            month.reason = "same"
            return
        self._note_added(month, found)
        known = Known(
            min(each for each in moments if each is not None),
            seen,
            self.mark,
            None if month.total is None else month.total.amount,
        )
        ordered = found.sort_values(list(TIME_ENTRIES.order), ignore_index=True)
        write_month(self.folder.month_file(self.id, month.name), ordered, known)
        month.rows = len(found)

    def _is_of_other(self, month: _Month) -> bool:
        """Return whether only another credential is known to have seen all of a month."""
        if month.known is None:
            return False
        return self.mark not in (
            month.known.mark,
            self.folder.record(self.id).marks.get(month.name),
        )

    def _note_added(self, month: _Month, found: pd.DataFrame) -> None:
        """Note which entries are new in a month; they may have moved there from another one.

        In a first sync they are all new, and none has moved but where more came than the total.
        """
        if self.others or month.known is not None or month.missing_time(found) < 0:
            kept = () if month.known is None else self._kept_ids(month)
            self.added[month.name] = {*found["id"]}.difference(kept)

    def _kept_ids(self, month: _Month) -> pd.Series[Any]:
        path = self.folder.month_file(self.id, month.name)
        return read_months([path], columns=["id"])["id"]

    # How it ended

    def finish(self, began: dt.datetime) -> None:
        """Record what this sync has compared."""
        done = {
            name: month
            for name, month in self.months.items()
            if month.is_done
            or (not month.is_wanted and month.is_compared and month.total is not None)
        }
        seen = {name: month.seen for name, month in done.items() if month.seen is not None}
        self.folder.keep_compared(self.id, dict.fromkeys(done, began), seen, self.mark)
        if not self.missing() and not self._leaves_several_moments():
            self.folder.end(self.id)

    def _leaves_several_moments(self) -> bool:
        """Return whether an entry may be both in a month of this sync and in another one."""
        if self.was_interrupted and self.others:
            return True
        files = self.folder.months(self.id)
        return any(self._holds_added(name, path) for name, path in files.items())

    def _holds_added(self, name: str, path: Path) -> bool:
        """Return whether a file holds an entry that is new in another month."""
        added = set().union(*(ids for other, ids in self.added.items() if other != name))
        if not added:
            return False
        try:
            return bool(read_months([path], columns=["id"])["id"].isin(added).any())
        except ConfigError:  # damaged: the next sync whose range includes it fetches it again
            return False

    def warn_of_silence(self) -> None:
        """Warn if nobody has an entry in the last two weeks of the months, up to today."""
        if self.missing():
            return
        files = self.folder.months(self.id)
        since = self.today - SILENCE
        recent = [files[name] for name in self.months if name in files and last_day(name) >= since]
        synced = Selection(start=first_day(min(self.months)), end=last_day(max(self.months)))
        warn_of_silence(read_months(recent, columns=["date"]), synced, self.today)

    def missing(self) -> list[str]:
        """Return the months that were to be fetched but were not."""
        return [m.name for m in self.months.values() if m.is_wanted and not m.is_done]

    def frame(self) -> pd.DataFrame:
        """Return one row per month."""
        rows = [
            (m.name, m.reason, m.before and m.before.rows, m.rows, m.requests)
            for m in self.months.values()
        ]
        names = ["month", "reason", "rows_before", "rows", "requests"]
        frame = pd.DataFrame(rows, columns=names).astype(
            {"month": "str", "reason": "str", **dict.fromkeys(names[2:], "Int64")}
        )
        frame["rows"] = frame["rows"].fillna(frame["rows_before"])
        return frame


_NEVER: Final = dt.datetime.fromtimestamp(0, dt.UTC)


def _reason(month: _Month, today: dt.date, *, was_compared: bool) -> Reason:
    if month.before is None:
        return "changed"
    if month.known is None:  # entries of no length leave a month without time, and are looked for
        return "same" if month.is_empty and was_compared else "new"
    return "changed" if month.differs or month.has_other_amount(today) else "same"


def _begin(month: str) -> pd.Timestamp:
    """Return the earliest moment at which it can be this month in any time zone."""
    return pd.Timestamp(first_day(month), tz="UTC") - _EAST


def sync(
    folder: Folder,
    workspaces: Sequence[Workspace],
    start: dt.date,
    end: dt.date,
    today: dt.date,
    *,
    is_full: bool,
) -> dict[int, pd.DataFrame]:
    """Bring the months of a range up to date; return what was done, by workspace."""
    names = months_between(start, end)
    return {
        client_of(ws).id: _sync_one(folder, ws, names, today, is_full=is_full) for ws in workspaces
    }


def _sync_one(
    folder: Folder, ws: Workspace, names: list[str], today: dt.date, *, is_full: bool
) -> pd.DataFrame:
    one = _Sync(folder, ws, today)
    folder.forget_damaged(one.id)
    began = clock.now()
    spent = ws.usage.requests
    try:
        with client_of(ws).fetching_for_keeps():
            one.compare(names, is_full=is_full)
            one.fetch()
    except QuotaExceededError as error:
        raise _naming_missing(error, one) from error
    one.finish(began)
    one.warn_of_silence()
    more = {"doubts": one.doubts} if one.doubts else {}
    return stamp(
        one.frame(),
        workspace_id=one.id,
        endpoints=["search/time_entries/totals", "search/time_entries"],
        fetched_at=began.isoformat(),
        from_cache=False,
        stale=False,
        filters={"start_date": str(first_day(names[0])), "end_date": str(last_day(names[-1]))},
        requests=ws.usage.requests - spent,
        **more,
    )


def _naming_missing(error: QuotaExceededError, one: _Sync) -> QuotaExceededError:
    done = sum(month.is_done for month in one.months.values())
    missing = one.missing()
    lack = "the comparison did not finish"
    if missing:
        lack = f"{months_in_words(missing)} {'is' if len(missing) == 1 else 'are'} missing"
    return QuotaExceededError(
        f"Fetched {plural(done, 'month')} of workspace {one.id}; {lack}",
        status=error.status,
        endpoint=error.endpoint,
        request_id=error.request_id,
        retry_after=error.retry_after,
    )


def differing(folder: Folder, ws: Workspace) -> Iterator[tuple[str, MonthSums, Total]]:
    """Yield the months whose totals differ from the API's, with both totals."""
    files = folder.months(client_of(ws).id)
    known = {*files, *folder.lost(client_of(ws).id)}
    if not known:
        return
    names = months_between(first_day(min(known)), last_day(max(known)))
    with client_of(ws).fetching_for_keeps():
        totals = totals_by_month(ws, names)
    for name, total in totals.items():
        kept = sums_of(files[name]) if name in files else _NEW_FILE
        if _Month(name, total, before=kept).differs:
            yield name, kept, total
