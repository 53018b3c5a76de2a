"""The requests behind an archive: totals by month, late edits, and the entries themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from togglframe.api import search
from togglframe.api.parameters import time_parameters
from togglframe.archive.calendar import first_day, in_windows, last_day
from togglframe.http.client import EXACT
from togglframe.tables.provenance import of
from togglframe.tables.validation import milliseconds
from togglframe.workspace import Workspace

_ORDERED: Final = replace(
    search.TIME_ENTRIES,
    parameters={**search.TIME_ENTRIES.parameters, **time_parameters("order_by order_dir")},
)
# An edit may be listed later than it was made, so edits are looked for from this much earlier on.
_MARGIN: Final = dt.timedelta(days=1)


@dataclass(frozen=True)
class Total:
    """The API's own total of a month.

    Attributes
    ----------
    tracked : int
        The tracked time [ms].
    billable : int or None
        Its billable part [ms]; None if the plan hides money, and with it the rates.
    amount : int or None
        The amounts [cents], in a currency that the vendor does not name; None if unknown.
    """

    tracked: int
    billable: int | None
    amount: int | None


def totals_by_month(ws: Workspace, months: list[str]) -> dict[str, Total]:
    """Return the API's totals of adjacent months, by month, leaving out those that are unknown.

    If the API answers for a narrower range, nothing is returned, since a month may be cut short.
    Costs one request for each window.
    """
    totals = search.time_entry_totals(
        ws, start_date=first_day(months[0]), end_date=last_day(months[-1]), granularity="month"
    )
    if of(totals).get("doubts"):
        return {}
    totals = totals[totals["tracked_time"].notna()]
    billable = milliseconds(totals["billable_time"]).mask(totals["amount"].isna())
    amount = (totals["amount"] * 100).round()
    sums = (milliseconds(totals["tracked_time"]), billable, amount)
    rows = zip(totals["date"].dt.strftime("%Y-%m"), *sums, strict=True)
    return {
        month: Total(int(tracked), _known(billed), _known(amount))
        for month, tracked, billed, amount in rows
        if month in months
    }


def _known(value: Any) -> int | None:
    return None if pd.isna(value) else int(value)


@dataclass(frozen=True)
class Edits:
    """The entries that were changed in some months.

    Attributes
    ----------
    months : list of str
        The months.
    rows : DataFrame
        One row is an entry: id, month and updated_at.
    doubts : list of str
        Why there may be more of them.
    newest : Timestamp
        The newest change on the first page; NaT if it has none.
    """

    months: list[str]
    rows: pd.DataFrame
    doubts: list[str]
    newest: pd.Timestamp


def late_edits(ws: Workspace, since: Mapping[str, dt.datetime]) -> Iterator[Edits]:
    """Yield the entries of each month that were changed since its moment, newest window first.

    Each window is one listing, ordered by last change and read down to the earliest moment.
    Entries changed shortly before are included.
    """
    for window in reversed(in_windows(sorted(since))):
        wanted = {month: since[month] - _MARGIN for month in window if month in since}
        if wanted:
            yield _edits_of_window(ws, window, wanted)


def _edits_of_window(ws: Workspace, window: list[str], wanted: Mapping[str, dt.datetime]) -> Edits:
    rows: list[pd.DataFrame] = []
    doubts: list[str] = []
    newest: list[pd.Timestamp] = []
    since = {name: pd.Timestamp(moment) for name, moment in wanted.items()}
    for page, reached in _descending(_listed(ws, window, order_by="last_update"), "updated_at"):
        month = page["date"].dt.strftime("%Y-%m")
        is_late = page["updated_at"] >= pd.to_datetime(month.map(since), utc=True)
        rows.append(page.assign(month=month).loc[is_late, ["id", "month", "updated_at"]])
        newest.append(page["updated_at"].max())
        doubts = of(page).get("doubts", [])
        if reached is not None and reached < min(wanted.values()):
            break
    return Edits([*wanted], pd.concat(rows, ignore_index=True), doubts, newest[0])


def entries_by_page(
    ws: Workspace, months: list[str]
) -> Iterator[tuple[pd.DataFrame, pd.Timestamp | None]]:
    """Yield the entries of adjacent months, page by page, from the newest to the oldest.

    With each page comes the start time down to which all entries have arrived; None if the API
    does not keep the order, so that only the end of the listing proves anything.
    """
    return _descending(_listed(ws, months, order_by="date"), "start")


def _descending(
    pages: Iterable[pd.DataFrame], name: str
) -> Iterator[tuple[pd.DataFrame, pd.Timestamp | None]]:
    """Yield each page with its last moment, or with None once moments no longer descend."""
    last: pd.Series[Any] | None = None
    is_in_order = True
    for page in pages:
        moments = page[name] if last is None else pd.concat([last, page[name]])
        is_in_order &= bool(moments.notna().all() and moments.is_monotonic_decreasing)
        last = moments.iloc[-1:]
        yield page, last.min() if is_in_order and len(last) else None


def _listed(ws: Workspace, months: list[str], **order: Any) -> Iterator[pd.DataFrame]:
    return _ORDERED.pages(
        ws,
        start_date=first_day(months[0]),
        end_date=last_day(months[-1]),
        order_dir="DESC",
        **EXACT,
        **order,
    )
