"""Time entries as intervals: the time they cover together, and which of them overlap.

A moment is whole microseconds since 1970, UTC, so daylight saving time does not distort intervals.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
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
    def of(cls, entries: pd.DataFrame) -> Intervals:
        """Take the intervals of entries, all of which have ended.

        Raises
        ------
        ConfigError
            If an entry has not ended, or ends before it begins.
        """
        refuse_unknown(entries, *CLOCKED)
        starts, stops = _moments(entries["start"]), _moments(entries["stop"])
        if n_reversed := int((stops < starts).sum()):
            raise ConfigError(
                f"stop is before start in {n_reversed} of the rows of the time_entries frame; "
                "correct them, or leave those rows out"
            )
        offsets = entries["utc_offset"].to_numpy("int64") * US_PER_MS
        return cls(entries["id"].to_numpy("int64"), starts, stops, offsets)

    def where(self, chosen: npt.NDArray[Any]) -> Intervals:
        """Return some of them, in the order in which they are chosen."""
        return Intervals(*(getattr(self, field.name)[chosen] for field in fields(self)))

    @property
    def local_starts(self) -> npt.NDArray[np.datetime64]:
        """When they began by their own clocks."""
        return (self.starts + self.offsets).view("datetime64[us]")

    @property
    def local_stops(self) -> npt.NDArray[np.datetime64]:
        """When they ended by the clocks by which they began."""
        return (self.stops + self.offsets).view("datetime64[us]")


class Coverage:
    """The time that the entries of each group cover, by the codes 0, 1, 2 and so on.

    No group is empty.
    """

    def __init__(self, intervals: Intervals, codes: Integers) -> None:
        order = np.lexsort((intervals.ids, intervals.starts, codes))
        self._intervals = intervals.where(order)
        starts, stops = self._intervals.starts, self._intervals.stops
        self._frame = pd.DataFrame({"start": starts, "stop": stops, "length": stops - starts})
        self._codes = codes[order]
        self._is_first = np.diff(self._codes, prepend=-1) > 0
        self._groups = self._frame.groupby(self._codes, sort=False)  # they are in order

    @property
    def first_start(self) -> npt.NDArray[np.datetime64]:
        """When the first entry of each group began, by its own clock."""
        return self._intervals.local_starts[self._is_first]

    @property
    def last_stop(self) -> npt.NDArray[np.datetime64]:
        """When the last entry of each group ended, by its own clock.

        Of several that ended at once, that is the one that began last.
        """
        ends = self._frame["stop"].eq(self._groups["stop"].transform("max")).to_numpy()
        codes, stops = self._codes[ends], self._intervals.local_stops[ends]
        return stops[np.diff(codes, append=codes[-1:] + 1) > 0]

    @property
    def span(self) -> pd.Series[Any]:
        """From the first start to the last stop [µs]."""
        starts = self._intervals.starts[self._is_first]
        return (self._groups["stop"].max() - starts).astype("Int64")

    @property
    def clocked(self) -> pd.Series[Any]:
        """The sum of the lengths of the entries, from start to stop [µs]."""
        return self._groups["length"].sum().astype("Int64")

    @property
    def union(self) -> pd.Series[Any]:
        """The time covered by at least one entry [µs]."""
        before = self._groups["stop"].cummax().shift(fill_value=0).to_numpy()
        starts, stops = self._intervals.starts, self._intervals.stops
        begins = np.where(self._is_first, starts, np.maximum(starts, before))
        fresh = np.maximum(stops - begins, 0)
        return pd.Series(np.add.reduceat(fresh, np.flatnonzero(self._is_first)), dtype="Int64")


def _moments(timestamps: pd.Series[Any]) -> Integers:
    return np.asarray(timestamps.astype("int64"), np.int64)


def overlapping(intervals: Intervals, codes: Integers) -> tuple[Integers, Integers]:
    """Find the pairs of entries with the same code that overlap, each once: the positions of both.

    The one that begins first comes first; if both begin together, the one with the smaller id.
    Entries of no length, or with a code below zero, overlap nothing. The cost is a sort plus the
    pairs found: in the order of starts, the entries that overlap another follow it directly.
    """
    positions = np.flatnonzero((intervals.stops > intervals.starts) & (codes >= 0))
    keys = (intervals.ids, intervals.starts, codes)
    order = positions[np.lexsort([key[positions] for key in keys])]
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
    position = np.repeat(np.arange(len(sizes)), sizes)
    return position, np.arange(len(position)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
