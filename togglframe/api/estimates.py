"""How many pages time entries will take that were never fetched."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final

import pandas as pd

from togglframe.http.client import EXACT, CachedListing

# Without an earlier listing: a page of 1,000 in 24 days, right within a factor of two for agencies
# of 12 to 50 people; and four entries a day of each user, client or project that is selected.
_A_DAY: Final = 42
_A_DAY_OF_ONE: Final = 4

_SELECTING: Final = {"user_ids": "users", "client_ids": "clients", "project_ids": "projects"}

Body = Mapping[str, Any]
Rates = Mapping[str, float]  # entries a day, by month


def pages_of_entries(
    listings: Iterable[CachedListing], windows: Iterable[Body], today: dt.date, page_size: int
) -> int:
    """Estimate how many pages time entries take.

    Parameters
    ----------
    listings : iterable of CachedListing
        The listings that were fetched before, of any age, newest first.
    windows : iterable of mapping
        The body of each window.
    today : date
        The last day that has entries.
    page_size : int
        The rows of a page.
    """
    known, pages = [*listings], 0
    for body in windows:
        selected = [len(body[name]) for name in _SELECTING if name in body]
        a_day = min([_A_DAY, *(_A_DAY_OF_ONE * n_ids for n_ids in selected)])
        start, end = _range_of(body)
        rates = entries_a_day(known, body)
        pages += expected_pages(rates, start, min(end, today), page_size, a_day)
    return pages


def expected_pages(
    rates: Rates, start: dt.date, end: dt.date, page_size: int, a_day: float = _A_DAY
) -> int:
    """Estimate how many pages the time entries of a window take.

    Parameters
    ----------
    rates : mapping of str to float
        The entries a day, by month; the nearest month counts for those that are missing.
    start, end : date
        The first and the last day of the window.
    page_size : int
        The rows of a page.
    a_day : float
        The entries a day if no month is known.
    """
    rows = sum(n_days * _rate(rates, month, a_day) for month, n_days in _days(start, end).items())
    return max(1, -int(-rows // page_size))


def entries_a_day(listings: Iterable[CachedListing], body: Body) -> dict[str, float]:
    """Return how many entries a day has, by month, as earlier listings let expect.

    Those with the same filters, and those of all entries, of which it takes a share.
    """
    filters = _filters(body)
    rates: dict[str, float] = {}
    for listing in reversed([*listings]):  # the newest counts
        of_listing = _filters(listing.body)
        if of_listing and of_listing != filters:
            continue
        share = 1.0 if of_listing == filters else _share(filters, listing)
        rates |= {
            month: share * listing.rows.get(month, 0) / n_days
            for month, n_days in _days(*_range_of(listing.body)).items()
        }
    return rates


def _filters(body: Body) -> dict[str, Any]:
    others = {"start_date", "end_date", "page_size", "enrich_response", *EXACT}
    return {name: value for name, value in body.items() if name not in others}


def _share(filters: Body, listing: CachedListing) -> float:
    """Return the share of all entries that filters select, if all people are alike, and so on."""
    share = 1.0
    for name, of in _SELECTING.items():
        if name in filters:
            share *= min(1.0, len(filters[name]) / max(listing.distinct[of], 1))
    return share


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


def _range_of(body: Body) -> tuple[dt.date, dt.date]:
    return dt.date.fromisoformat(body["start_date"]), dt.date.fromisoformat(body["end_date"])
