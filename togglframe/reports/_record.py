"""Report: what it needs, how that is joined, and the table that comes of it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from togglframe.plan import Plan
from togglframe.provenance import combined, of, stamp
from togglframe.selection import EVERYTHING, Selection
from togglframe.source import LISTINGS, Listings, Source
from togglframe.tables import Table

__all__ = ["Report"]


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report, declared above its function; fetch, plan and refusal come of it.

    Parameters
    ----------
    name : str
        That of its function.
    table : Table
        The declaration of the frame that it makes.
    needs : tuple of str
        The listings that it is made of, in the order in which the join takes them.
    join : callable
        Makes the frame: from the listings, None for one that cannot be had, and the parameters.
        What it leaves in ``attrs`` as provenance is kept.
    look_ups : tuple of str
        The listings that only add names: without one, its columns are NA.
    optional : tuple of str
        The listings that the plan or the token may hide; the join takes the reasons as `hidden`.
    more_needs : mapping of str to tuple of str
        The listings that a parameter adds when it is True; the join takes them last.
    other_tables : mapping of str to mapping of object to Table
        The tables that a parameter makes of it, by its value.
    check : callable
        Takes the parameters, refuses impossible ones, and returns them as the join wants them.
    """

    name: str
    table: Table
    needs: tuple[str, ...]
    join: Callable[..., pd.DataFrame]
    look_ups: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    more_needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_tables: Mapping[str, Mapping[Any, Table]] = field(default_factory=dict)
    check: Callable[..., dict[str, Any]] = dict

    def __repr__(self) -> str:
        """Tell which report."""
        return f"Report({self.name!r})"

    def __post_init__(self) -> None:
        """Refuse what could never work."""
        needs = {*self.needs, *itertools.chain.from_iterable(self.more_needs.values())}
        unknown = needs - LISTINGS.keys() | {*self.look_ups, *self.optional} - needs
        if unknown or not needs:
            raise ValueError(f"{self.name} needs {sorted(unknown) or 'nothing'}, which cannot be")

    def make(self, source: Source, **parameters: Any) -> pd.DataFrame:
        """Fetch what is needed, and join it."""
        given = self.check(**parameters)
        needs = self.needs_of(given)
        frames, hidden = listings_of(source).take(
            needs, look_ups=self.look_ups, optional=self.optional, wanted_by=self.name
        )
        if self.optional:
            given["hidden"] = hidden
        made = self.join(*map(frames.get, needs), **given)
        known = {**of(made), "table": self.table_of(given).name}
        return stamp(made, **combined(frames.values(), **known))

    def plan(self, source: Source, **parameters: Any) -> Plan:
        """Tell what it would cost now, without a request."""
        return listings_of(source).plan(*self.needs_of(self.check(**parameters)))

    def needs_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the listings that these parameters need."""
        added = (more for name, more in self.more_needs.items() if parameters[name])
        return (*self.needs, *itertools.chain.from_iterable(added))

    def table_of(self, parameters: Mapping[str, Any]) -> Table:
        """Return the table that these parameters make."""
        chosen = (made.get(parameters[name]) for name, made in self.other_tables.items())
        return next((table for table in chosen if table is not None), self.table)

    def asked_of(self, parameters: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the listings that a workspace is asked for."""
        return self.needs_of(parameters)

    def selection_of(self, _: Mapping[str, Any]) -> Selection:
        """Return what a source is asked for."""
        return EVERYTHING

    @property
    def samples(self) -> tuple[dict[str, Any], ...]:
        """Parameters that between them make all tables and need all listings."""
        tables = ({name: value} for name, made in self.other_tables.items() for value in made)
        needs = ({name: True} for name in self.more_needs)
        return tuple({str(each): each for each in ({}, *tables, *needs)}.values())


def listings_of(source: Source) -> Listings:
    """Return the listings of a source."""
    return source if isinstance(source, Listings) else Listings(source)
