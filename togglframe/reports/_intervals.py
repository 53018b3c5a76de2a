"""Time entries as intervals: the time they cover together, and which of them overlap.

A moment is whole microseconds since 1970, UTC, so daylight saving time does not distort intervals.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.errors import ConfigError
from togglframe.reports._entries import refuse_unknown

US_PER_MS: Final = 1_000
US_PER_HOUR: Final = 3_600_000_000
CLOCKED: Final = ("start", "stop", "utc_offset")  # the columns that intervals are made of

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Intervals:
    """When entries began and ended, and the UTC offsets of their clocks [µs]."""

    ids: Integers
    starts: Integers
    stops: Integers
    offsets: Integers

    @classmethod
    def of(cls, found: pd.DataFrame) -> Intervals:
        """Take the intervals of entries, all of which have ended.

        Raises
        ------
        ConfigError
            If an entry has not ended, or ends before it begins.
        """
        refuse_unknown(found, *CLOCKED)
        starts, stops = _moments(found["start"]), _moments(found["stop"])
        if n_reversed := int((stops < starts).sum()):
            raise ConfigError(
                f"stop is before start in {n_reversed} of the rows of the time_entries frame; "
                "correct them, or leave those rows out"
            )
        offsets = found["utc_offset"].to_numpy("int64") * US_PER_MS
        return cls(found["id"].to_numpy("int64"), starts, stops, offsets)

    def where(self, chosen: npt.NDArray[np.bool]) -> Intervals:
        """Return some of them."""
        return Intervals(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def local_starts(self) -> npt.NDArray[np.datetime64]:
        """When they began by their own clocks."""
        return (self.starts + self.offsets).view("datetime64[us]")

    @property
    def local_stops(self) -> npt.NDArray[np.datetime64]:
        """When they ended by the clocks by which they began."""
        return (self.stops + self.offsets).view("datetime64[us]")


@dataclass(frozen=True)
class Coverage:
    """The time that the entries of each group cover, by the codes 0, 1, 2 and so on.

    No group is empty.
    """

    intervals: Intervals
    codes: Integers

    @cached_property
    def _order(self) -> Integers:
        return np.lexsort((self.intervals.ids, self.intervals.starts, self.codes))

    @cached_property
    def _begins(self) -> Integers:
        """Where each group begins in that order."""
        return np.flatnonzero(np.diff(self.codes[self._order], prepend=-1))

    @cached_property
    def _sizes(self) -> Integers:
        return np.diff(self._begins, append=len(self.codes))

    @cached_property
    def _reached(self) -> Integers:
        """The latest stop of the group so far, entry by entry."""
        stops = pd.Series(self.intervals.stops[self._order])
        reached = stops.groupby(self.codes[self._order], sort=False).cummax()
        return np.asarray(reached, np.int64)

    @cached_property
    def _ends(self) -> Integers:
        ends: Integers = self._reached[self._begins + self._sizes - 1]
        return ends

    @property
    def first_start(self) -> npt.NDArray[np.datetime64]:
        """When the first entry of each group began, by its own clock."""
        return self.intervals.local_starts[self._order[self._begins]]

    @property
    def last_stop(self) -> npt.NDArray[np.datetime64]:
        """When the last entry of each group ended, by its own clock."""
        order = self._order
        is_last = self.intervals.stops[order] == np.repeat(self._ends, self._sizes)
        last = np.empty(len(self._begins), "int64")
        last[self.codes[order[is_last]]] = order[is_last]  # of several, the one that began last
        return self.intervals.local_stops[last]

    @property
    def span(self) -> pd.Series[Any]:
        """From the first start to the last stop [µs]."""
        return _whole(self._ends - self.intervals.starts[self._order[self._begins]])

    @property
    def clocked(self) -> pd.Series[Any]:
        """The sum of the lengths of the entries, from start to stop [µs]."""
        lengths = (self.intervals.stops - self.intervals.starts)[self._order]
        return _whole(np.add.reduceat(lengths, self._begins))

    @property
    def union(self) -> pd.Series[Any]:
        """The time covered by at least one entry [µs]."""
        starts, stops = self.intervals.starts[self._order], self.intervals.stops[self._order]
        before = np.roll(self._reached, 1)
        before[self._begins] = starts[self._begins]
        fresh = np.maximum(stops - np.maximum(starts, before), 0)
        return _whole(np.add.reduceat(fresh, self._begins))


def _moments(timestamps: pd.Series[Any]) -> Integers:
    return np.asarray(timestamps.astype("int64"), np.int64)


def _whole(values: Integers) -> pd.Series[Any]:
    return pd.Series(values, dtype="Int64")


def overlapping(intervals: Intervals, codes: Integers) -> tuple[Integers, Integers]:
    """Find the pairs of entries with the same code that overlap, each once: the places of both.

    The one that begins first comes first; if both begin together, the one with the smaller id.
    Entries of no length, or with a code below zero, overlap nothing. The cost is a sort plus the
    pairs found: in the order of starts, the entries that overlap another follow it directly.
    """
    places = np.flatnonzero((intervals.stops > intervals.starts) & (codes >= 0))
    keys = (intervals.ids, intervals.starts, codes)
    order = places[np.lexsort([key[places] for key in keys])]
    moments = np.concatenate([intervals.starts[order], intervals.stops[order]])
    ranks = np.unique(moments, return_inverse=True)[1]
    first = codes[order] * len(moments)  # keeps the moments of each code apart
    begun, ended = first + ranks[: len(order)], first + ranks[len(order) :]
    own = np.arange(len(order))
    n_later = np.searchsorted(begun, ended) - own - 1
    earlier, nth = spread(n_later)
    return order[earlier], order[earlier + 1 + nth]


def spread(sizes: Integers) -> tuple[Integers, Integers]:
    """Return the position of each size, repeated that many times, with a count from 0 beside it."""
    place = np.repeat(np.arange(len(sizes)), sizes)
    return place, np.arange(len(place)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
