"""How many pages time entries will take that were never fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final

import pandas as pd

from togglframe.api import search
from togglframe.http.client import EXACT, CachedListing, client_of
from togglframe.reports.selection import EVERYTHING, Selection
from togglframe.workspace import Workspace

__all__ = ["entries_a_day", "entries_at_hand", "expected_pages", "pages_of_entries"]

# Without an earlier listing: a page of 1,000 in 24 days, right within a factor of two for agencies
# of 12 to 50 people; and four entries a day of each user, client or project that is selected.
_A_DAY: Final = 42
_A_DAY_OF_ONE: Final = 4
_ENTRIES: Final = search.TIME_ENTRIES

Rates = Mapping[str, float]  # entries a day, by month


def entries_at_hand(ws: Workspace, selection: Selection) -> CachedListing | None:
    """Return the listing in the cache that has these time entries, None if it takes requests."""
    return _ENTRIES.at_hand(client_of(ws), _ENTRIES.body(**selection.params, **EXACT))


def pages_of_entries(ws: Workspace, selection: Selection) -> int:
    """Estimate how many pages these time entries take."""
    return sum(
        expected_pages(ws, start, end, entries_a_day(ws, selection), _a_day(selection))
        for start, end in _windows(selection)
    )


def expected_pages(
    ws: Workspace, start: dt.date, end: dt.date, rates: Rates, a_day: float = _A_DAY
) -> int:
    """Estimate how many pages the time entries of a window take.

    Parameters
    ----------
    ws : Workspace
        The workspace, which knows the size of a page.
    start, end : date
        The first and the last day of the window.
    rates : mapping of str to float
        The entries a day, by month; the nearest month counts for those that are missing.
    a_day : float
        The entries a day if no month is known.
    """
    end = max(start, min(end, ws.today))
    rows = sum(n_days * _rate(rates, month, a_day) for month, n_days in _days(start, end).items())
    sizes = client_of(ws).learned.page_sizes
    return max(1, -int(-rows // sizes.get(_ENTRIES.path, _ENTRIES.page_size)))


def entries_a_day(ws: Workspace, selection: Selection = EVERYTHING) -> dict[str, float]:
    """Return how many of these entries a day has, by month, from earlier listings of any age."""
    rates: dict[str, float] = {}
    filters = {name: ids for name, ids in selection.params.items() if name.endswith("_ids")}
    for listing in reversed(client_of(ws).listings(_ENTRIES.path)):  # the newest counts
        own = {name: ids for name, ids in listing.body.items() if name.endswith("_ids")}
        if own == filters:
            share = 1.0
        elif not own and listing.body.keys() <= {"start_date", "end_date", *EXACT}:
            share = _share(selection, listing)
        else:
            continue
        start, end = (dt.date.fromisoformat(listing.body[f"{name}_date"]) for name in _ENDS)
        rates |= {
            month: share * listing.rows.get(month, 0) / n_days
            for month, n_days in _days(start, end).items()
        }
    return rates


_ENDS: Final = ("start", "end")


def _share(selection: Selection, listing: CachedListing) -> float:
    """Return the share of all entries that a selection has, if all people are alike, and so on."""
    share = 1.0
    for name, ids in selection.ids.items():
        share *= min(1.0, len(ids) / max(listing.distinct[name], 1))
    return share


def _a_day(selection: Selection) -> float:
    return min([_A_DAY, *(_A_DAY_OF_ONE * len(ids) for ids in selection.ids.values())])


def _rate(rates: Rates, month: str, a_day: float) -> float:
    if not rates:
        return a_day
    return rates[min(rates, key=lambda known: abs(_count(known) - _count(month)))]


def _count(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:])


def _days(start: dt.date, end: dt.date) -> dict[str, int]:
    """Return the number of days of a range in each month."""
    days = pd.date_range(start, end).strftime("%Y-%m")
    return {str(month): int(n) for month, n in days.value_counts().items()}


def _windows(selection: Selection) -> Iterable[tuple[dt.date, dt.date]]:
    body = _ENTRIES.body(**selection.params)
    for window in () if _ENTRIES.windows is None else _ENTRIES.windows.cut(body):
        yield tuple(dt.date.fromisoformat(window[f"{name}_date"]) for name in _ENDS)  # type: ignore[misc]
