"""Which listings of a report are older than others that refer to them."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from togglframe.http.quota import Known
from togglframe.reports.listings import LISTINGS
from togglframe.tables.provenance import fetched_at, newest_at, of

_PAUSE: Final = dt.timedelta(minutes=2)  # the most between two listings that are of one moment


@dataclass(frozen=True)
class Missing:
    """Rows that refer to what a listing lacks.

    Attributes
    ----------
    name : str
        The listing with the rows.
    rows : Series
        Which rows.
    listing : str
        The listing that they refer to.
    ids : set of int
        What it lacks.
    """

    name: str
    rows: pd.Series[bool]
    listing: str
    ids: set[int]


@dataclass(frozen=True)
class Together:
    """The listings of a report, which are compared by when they were fetched.

    Attributes
    ----------
    frames : dict of str to DataFrame
        The listings, in the order in which they are fetched.
    begun : datetime
        Since when they are fetched for one report or document; others were cached before.
    in_any_order : bool
        Whether somebody else fetched them, in an order of their own.
    deleted : dict of str to set of int
        The ids that newer listings lack, by listing; more are added.
    """

    frames: dict[str, pd.DataFrame]
    begun: dt.datetime
    in_any_order: bool
    deleted: dict[str, set[int]]

    def missing(self) -> list[Missing]:
        """Return what older listings lack; what a newer one lacks is deleted."""
        missing = []
        for name, column, listing in _references(self.frames):
            frame, listed = self.frames[name], self.frames[listing]
            if column not in frame or fetched_at(of(listed)) is None:
                continue
            deleted = self.deleted.setdefault(listing, set())
            ids = frame[column]
            rows = ids.notna() & ~ids.isin(listed["id"]) & ~ids.isin(deleted)
            if not rows.any():
                continue
            if self._is_older(listing, name):
                missing.append(Missing(name, rows, listing, {*ids[rows]}))
            else:
                deleted |= {*ids[rows]}
        return missing

    def outdated(self, missing: Collection[Missing], at_once: Collection[str]) -> list[str]:
        """Return the listings to fetch again, with those made of them, in their order."""
        outdated = {one.listing for one in missing}
        held = [name for name in self.frames if name in at_once]
        pairs = itertools.permutations(held, 2)
        if older := [name for name, other in pairs if self._is_older(name, other)]:
            outdated |= {*held[held.index(older[0]) :]}
        return [
            name for name in self.frames if not outdated.isdisjoint({name, *LISTINGS[name].made_of})
        ]

    def _is_older(self, name: str, other: str) -> bool:
        """Return whether a listing is of an earlier moment than another.

        One that is fetched before the other is a little older in any case.
        """
        one, newer = of(self.frames[name]), of(self.frames[other])
        begins, ends = fetched_at(one), newest_at(one)
        other_begins, other_ends = fetched_at(newer), newest_at(newer)
        if begins is None or ends is None or other_begins is None or other_ends is None:
            return False
        order = [*self.frames]
        if order.index(name) > order.index(other) and not self.in_any_order:
            return begins < other_ends
        return ends + _PAUSE < other_begins or begins < self.begun <= other_ends


def _references(names: Collection[str]) -> list[tuple[str, str, str]]:
    """Return each listing with a column that refers to another one of these, and that."""
    return [
        (name, column, listing)
        for name in names
        for column, listing in LISTINGS[name].refers_to.items()
        if listing in names
    ]


def may_be_outdated(known: Mapping[str, Known | None], at_once: Collection[str]) -> bool:
    """Tell whether a listing in the cache may have to be fetched again, since others are newer."""
    pairs = {(listing, name) for name, _, listing in _references(known)}
    pairs.add(("statuses", "projects"))  # a project may have been made since
    pairs |= {(one, other) for one in at_once for other in at_once if one != other}
    order = [*known]
    return any(
        _may_be_older(known[one], known[other], is_first=order.index(one) < order.index(other))
        for one, other in pairs
        if one in known and other in known
    )


def _may_be_older(one: Known | None, other: Known | None, *, is_first: bool) -> bool:
    if one is None or one.requests or one.oldest is None:
        return False  # it will be fetched now
    if other is None or other.requests:
        return True
    return other.newest is not None and one.oldest + is_first * _PAUSE < other.newest
