"""Report: what it needs, how that is joined, and the table that it makes."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from togglframe.errors import ConfigError, TogglframeError
from togglframe.http.quota import Plan
from togglframe.reports.selection import EVERYTHING, Selection
from togglframe.reports.sources import LISTINGS, Listings, Source
from togglframe.tables import Table
from togglframe.tables.provenance import combined, of, stamp
from togglframe.tables.workspaces import together
from togglframe.warning import beginning

__all__ = ["Asking", "Report", "listings_of", "naming", "same_for_all"]


@dataclass(frozen=True)
class Asking:
    """Which listings are asked for, and of which range of days.

    Parameters
    ----------
    names : tuple of str
        The listings.
    selection : Selection
        The range of days, for listings that have one.
    others : mapping of str to Selection
        Other ranges, by listing.
    """

    names: tuple[str, ...]
    selection: Selection = EVERYTHING
    others: Mapping[str, Selection] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Report:
    """One report, declared above its function; fetch, plan and refusal derive from it.

    Parameters
    ----------
    name : str
        The name of its function.
    table : Table
        The declaration of the frame that it makes.
    needs : tuple of str
        The listings that it is made from, in the order in which the join takes them.
    join : callable
        Makes the frame from the listings, None for one that is unavailable, and the parameters.
        Provenance that it leaves in ``attrs`` is kept.
    look_ups : tuple of str
        The listings that only add names; without one, its columns are NA.
    optional : tuple of str
        The listings that the plan or the token may hide; the join takes the reasons as `hidden`.
    more_needs : mapping of str to tuple of str
        The listings that a parameter adds when it is True; the join takes them last.
    other_tables : mapping of str to mapping of object to Table
        The tables that it makes instead, by the value of a parameter.
    check : callable
        Takes the parameters, refuses impossible ones, and returns them as the join wants them.
    counts_from_today : bool
        Whether `check` takes the source's day as `today` too.
    at_once : tuple of str
        The listings that must be of one moment, since one is subtracted from the other.
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
    counts_from_today: bool = False
    at_once: tuple[str, ...] = ()

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
        """Fetch what is needed and join it; for a store of several workspaces, of each."""
        listings = listings_of(source)
        if several := listings.workspaces:
            return self.across(several, same_for_all(several, parameters))
        return self._made(listings, self.given(listings.today, parameters))

    def plan(self, source: Source, **parameters: Any) -> Plan:
        """Return what it would cost now, without a request."""
        listings = listings_of(source)
        if listings.workspaces:
            return self.plan_across(
                listings.workspaces, same_for_all(listings.workspaces, parameters)
            )
        asked = self.asking(listings, self.given(listings.today, parameters))
        return listings.plan(
            *asked.names, selection=asked.selection, others=asked.others, at_once=self.at_once
        )

    def across(
        self, parts: Mapping[int, Listings], parameters: Mapping[int, Mapping[str, Any]]
    ) -> pd.DataFrame:
        """Make it for each workspace, and concatenate the frames.

        A cost that exceeds the quota of one workspace is refused before any is asked.
        """
        given = {
            number: self.given(parts[number].today, parameters[number]) for number in sorted(parts)
        }
        table, *others = (self.table_of(one).across() for one in given.values())
        if any(other.names != table.names for other in others):
            raise ConfigError(
                f"{self.name} would have different columns for some of the workspaces"
            )
        for number, one in given.items():
            asked = self.asking(parts[number], one)
            with naming(number):
                parts[number].check_cost(
                    asked.names,
                    selection=asked.selection,
                    others=asked.others,
                    wanted_by=self.name,
                )
        frames = {}
        for number, one in given.items():
            with naming(number):
                frames[number] = self._made(parts[number], one)
        joined = together(frames)
        if not table.rank:
            return joined
        return joined.sort_values(
            list(table.rank), ascending=False, kind="stable", ignore_index=True
        )

    def plan_across(
        self, parts: Mapping[int, Listings], parameters: Mapping[int, Mapping[str, Any]]
    ) -> Plan:
        """Return what it would cost for each workspace, without a request."""
        return Plan.of_all(
            {number: self.plan(parts[number], **parameters[number]) for number in sorted(parts)}
        )

    def given(self, today: dt.date, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters as the join takes them, for a source whose day is `today`."""
        known = {"today": today} if self.counts_from_today else {}
        return self.check(**_in_lists(parameters), **known)

    def asking(self, _: Listings, given: Mapping[str, Any]) -> Asking:
        """Return what the listings are asked for."""
        return Asking(self.needs_of(given))

    def _made(self, listings: Listings, given: Mapping[str, Any]) -> pd.DataFrame:
        needs = self.needs_of(given)
        frames, hidden = listings.take(
            needs, look_ups=self.look_ups, optional=self.optional, wanted_by=self.name
        )
        more = {"hidden": hidden} if self.optional else {}
        made = self.join(*map(frames.get, needs), **given, **more)
        known = {**of(made), "table": self.table_of(given).name}
        return stamp(made, **combined(frames.values(), **known))

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


def same_for_all(
    numbers: Iterable[int], parameters: Mapping[str, Any]
) -> dict[int, Mapping[str, Any]]:
    """Return the parameters of each workspace; refuse those that are by id of one workspace."""
    for name, value in parameters.items():
        if isinstance(value, Mapping):
            raise ConfigError(
                f"{name} is keyed by id, which belongs to one workspace: pass it to reports.across "
                f"with by_workspace={{{next(iter(numbers))}: {{{name!r}: ...}}}}"
            )
    return dict.fromkeys(numbers, _in_lists(parameters))


def _in_lists(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters that can be read several times, unlike iterators."""
    return {
        name: list(value) if isinstance(value, Iterator) else value
        for name, value in parameters.items()
    }


@contextmanager
def naming(number: int) -> Iterator[None]:
    """Name the workspace in errors and warnings."""
    try:
        with beginning(f"workspace {number}: "):
            yield
    except TogglframeError as error:
        error.name_workspace(number)
        raise
    except Exception as error:
        error.add_note(f"Raised for workspace {number}.")
        raise


def listings_of(source: Source) -> Listings:
    """Return the listings of a source."""
    return source if isinstance(source, Listings) else Listings(source)
