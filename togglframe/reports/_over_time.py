"""TimeReport: a report of the time entries of a range of days."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pandas as pd

from togglframe.reports._record import Asking, Report
from togglframe.reports.selection import Parts, Selection, Sums, selection
from togglframe.reports.sources import LISTINGS, TIME_ENTRIES, Listings
from togglframe.tables import Table
from togglframe.tables.provenance import combined, of, stamp

__all__ = ["TimeReport", "projects_of_clients", "selected"]

_SELECTING = ("start_date", "end_date", "period", "user_ids", "client_ids", "project_ids")


def selected(name: str, given: Mapping[str, Any]) -> Selection:
    """Return which entries the parameters of a report select."""
    return selection(name, **{key: given[key] for key in _SELECTING if key in given})


def projects_of_clients(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the listing that names clients, if entries are selected or grouped by them."""
    is_asked = parameters["client_ids"] is not None or "client" in parameters.get("by", ())
    return ("projects",) if is_asked else ()


def _no_more(_: Mapping[str, Any]) -> tuple[str, ...]:
    return ()


def _no_others(_: Mapping[str, Any]) -> Mapping[str, Selection]:
    return {}


@dataclass(frozen=True, kw_only=True)
class TimeReport(Report):
    """One report over time; its join takes the listings by name, then all parameters.

    Parameters
    ----------
    at_hand : tuple of str
        The listings that are used if frames or an archive hold them, but never fetched from a
        workspace, since time entries bring the same names.
    instead : mapping of str to str
        Cheaper listings that a workspace is asked for instead of others.
    also_needs : callable
        Takes the parameters, and returns the listings that they add.
    asks : callable, optional
        Takes the parameters, and returns what a source is asked for; by default what they select.
    asks_store : callable, optional
        The same for a store, whose rows cost nothing.
    asks_others : callable, optional
        Takes the parameters, and returns further listings, with ranges of their own, that a
        workspace is asked for.
    sums : callable, optional
        Takes the parameters, and returns what it reads of time entries, if it does not need them
        one by one; the join takes such sums by :func:`togglframe.reports._entries.entries`.
    reads : callable, optional
        Takes the parameters, and returns the columns that `join_parts` reads of time entries.
    join_parts : callable, optional
        Makes the same frame from time entries in parts, which it takes first.
    shape : callable, optional
        Takes the parameters, and returns the table that they make.
    more_samples : tuple of dict
        Parameters that make other tables, or need more listings.
    tells : callable, optional
        Takes the parameters, and whether the source is frames, whose contents do not depend on
        what is asked for; returns further arguments of the join.
    """

    at_hand: tuple[str, ...] = ()
    instead: Mapping[str, str] = field(default_factory=dict)
    also_needs: Callable[[Mapping[str, Any]], tuple[str, ...]] = _no_more
    asks: Callable[[Mapping[str, Any]], Selection] | None = None
    asks_store: Callable[[Mapping[str, Any]], Selection] | None = None
    asks_others: Callable[[Mapping[str, Any]], Mapping[str, Selection]] = _no_others
    sums: Callable[[Mapping[str, Any]], Sums] | None = None
    reads: Callable[[Mapping[str, Any]], tuple[str, ...]] | None = None
    join_parts: Callable[..., pd.DataFrame] | None = None
    shape: Callable[[Mapping[str, Any]], Table] | None = None
    more_samples: tuple[dict[str, Any], ...] = ()
    tells: Callable[[Mapping[str, Any], bool], Mapping[str, Any]] | None = None

    def __repr__(self) -> str:
        """Tell which report."""
        return f"TimeReport({self.name!r})"

    def asking(self, listings: Listings, given: Mapping[str, Any]) -> Asking:
        """Return what the listings are asked for."""
        names = self.needs_of(given) if listings.ws is None else self.asked_of(given)
        return Asking(names, self._asked(given, listings), self.asks_others(given))

    def _made(self, listings: Listings, given: Mapping[str, Any]) -> pd.DataFrame:
        asked = self.asking(listings, given)
        parts = self._parts(given, listings)
        frames, _ = listings.take(
            [name for name in asked.names if parts is None or name != TIME_ENTRIES.name],
            look_ups=self.look_ups,
            optional=self.optional,
            selection=asked.selection,
            others=asked.others,
            sums=None if self.sums is None else self.sums(given),
            at_once=self.at_once,
            wanted_by=self.name,
        )
        frames |= listings.at_hand(name for name in self.at_hand if name not in frames)
        joined = {self._called(name): frame for name, frame in frames.items()}
        told = {} if self.tells is None else self.tells(given, listings.are_given)
        made = self._join(parts)(**joined, **given, **told)
        known = {**of(made), **self.known_of(given)}
        sources = [*([] if parts is None else [parts.told]), *frames.values()]
        return stamp(made, **combined(sources, **known))

    def needs_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the listings that these parameters need."""
        return tuple(dict.fromkeys((*self.needs, *self.also_needs(parameters))))

    def table_of(self, parameters: Mapping[str, Any]) -> Table:
        """Return the table that these parameters make."""
        return self.table if self.shape is None else self.shape(parameters)

    def known_of(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the attrs of a frame made with these parameters say of it."""
        filters = selected(self.name, parameters).told
        every = {"every": parameters["every"]} if parameters.get("every") else {}
        return {"table": self.table_of(parameters).name, "filters": filters, **every}

    def selection_of(self, parameters: Mapping[str, Any]) -> Selection:
        """Return what a source is asked for."""
        return selected(self.name, parameters) if self.asks is None else self.asks(parameters)

    def asked_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the listings that a workspace is asked for."""
        needs = (self.instead.get(name, name) for name in self.needs_of(parameters))
        return (*needs, *self.asks_others(parameters))

    @property
    def samples(self) -> tuple[dict[str, Any], ...]:
        """Parameters that between them make several tables and need all listings."""
        return ({}, *self.more_samples)

    def _asked(self, given: Mapping[str, Any], listings: Listings) -> Selection:
        is_store = listings.ws is None and not listings.are_given
        if is_store and self.asks_store is not None:
            return self.asks_store(given)
        return self.selection_of(given)

    def _parts(self, given: Mapping[str, Any], listings: Listings) -> Parts | None:
        if self.reads is None:
            return None
        parts = listings.parts(self._asked(given, listings), self.reads(given))
        needs = (name for name in self.needs_of(given) if not LISTINGS[name].is_ranged)
        if parts is not None and listings.is_older(needs, parts.told):
            return None  # all entries at once tell how many of them refer to what it lacks
        return parts

    def _join(self, parts: Parts | None) -> Callable[..., pd.DataFrame]:
        if parts is None or self.join_parts is None:
            return self.join
        return partial(self.join_parts, parts.frames)

    def _called(self, name: str) -> str:
        back = {other: named for named, other in self.instead.items()}
        return back.get(name, name)
