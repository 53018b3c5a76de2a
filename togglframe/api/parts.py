"""Parts of listings: a complete one in the cache answers for fewer days, users or projects."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from togglframe.http.client import CachedListing
from togglframe.tables import Table

_LONGEST_GAP: Final = dt.timedelta(minutes=10)  # between two pages of one cached listing

Body = Mapping[str, Any]
_DAYS: Final = ("start_date", "end_date")


def are_together(moments: Sequence[dt.datetime]) -> bool:
    """Return whether each page was fetched soon after the one before."""
    gaps = (later - page for page, later in itertools.pairwise(moments))
    return all(dt.timedelta(0) <= gap <= _LONGEST_GAP for gap in gaps)


def without_page_size(body: Body) -> dict[str, Any]:
    """Return what decides on the rows of a listing."""
    return {name: value for name, value in body.items() if name != "page_size"}


def with_entries(listing: CachedListing, frame: pd.DataFrame) -> CachedListing:
    """Return the record of a listing of time entries, with what its parts and estimates need.

    If entries are outside its days, the API has another rule than :func:`row_filter`.
    """
    days = frame["date"].astype("str")
    are_inside = days.between(listing.body["start_date"], listing.body["end_date"]).all()
    ids = {"users": "user_id", "projects": "project_id", "clients": "client"}
    return replace(
        listing,
        is_complete=listing.is_complete and bool(are_inside),
        rows={str(month): int(n) for month, n in days.str[:7].value_counts().items()},
        distinct={name: int(frame[column].nunique()) for name, column in ids.items()},
    )


def covers(listing: CachedListing, body: Body, by: Collection[str]) -> bool:
    """Return whether the rows of another body are among those of a complete listing.

    Parameters
    ----------
    listing : CachedListing
        The listing.
    body : mapping of str to object
        The body.
    by : collection of str
        The parameters of ids by which the rows can be selected.
    """
    whole, part = listing.body, without_page_size(body)
    if not listing.is_complete:
        return False
    start, end = (part[name] for name in _DAYS)
    if start < whole["start_date"] or end > whole["end_date"]:
        return False
    if any(first < start <= last or first <= end < last for first, last in listing.shared):
        return False  # the shares of the amount would be others
    others = (whole.keys() | part.keys()) - {*_DAYS, *by}
    return all(name in whole and whole[name] == part.get(name) for name in others) and all(
        name in part and {*part[name]} <= {*whole[name]} for name in by if name in whole
    )


def row_filter(
    table: Table, body: Body, columns: Mapping[str, str]
) -> Callable[[dict[str, Any]], bool]:
    """Return the test whether a row of JSON is among those of a body.

    An entry belongs to the day on which it begins, in the time zone where it was tracked.

    Parameters
    ----------
    table : Table
        The declaration of the rows.
    body : mapping of str to object
        The body.
    columns : mapping of str to str
        The columns of the parameters of ids by which the rows are selected.
    """
    day = table["date"].field_name
    start, end = (body[name] for name in _DAYS)
    ids = {table[columns[name]].field_name: {*body[name]} for name in columns if name in body}

    def is_wanted(row: dict[str, Any]) -> bool:
        if not start <= row[day][:10] <= end:
            return False
        return all(row.get(name) in wanted for name, wanted in ids.items())

    return is_wanted
