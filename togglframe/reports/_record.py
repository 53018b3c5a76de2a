"""Report: the listings that it needs, how they are joined, and the table that it makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from togglframe.errors import ConfigError, TogglframeError
from togglframe.http.quota import Plan
from togglframe.reports import names
from togglframe.reports.listings import LISTINGS
from togglframe.reports.selection import Needs, Parts, Sums, in_lists, selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables import Table
from togglframe.tables.provenance import combined, is_before, of, stamp
from togglframe.tables.workspaces import together
from togglframe.warning import beginning

Params = Mapping[str, Any]

_SELECTING = ("start_date", "end_date", "period", "users", "clients", "projects")


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
        The listings that it is made from.
    join : callable
        Makes the frame from the listings, by name, and the parameters. The range and the filters
        are one Selection, `selected`. Provenance that it leaves in ``attrs`` is kept.
    look_ups : tuple of str
        The listings that only add names; without one, its columns are NA.
    optional : tuple of str
        The listings that the plan or the token may hide.
    takes_hidden : bool
        Whether the join takes the reasons why optional listings are not available, as `hidden`.
    at_hand : tuple of str
        The listings that are used if frames or an archive hold them, but never fetched from a
        workspace, since time entries bring the same names.
    at_once : tuple of str
        The listings that must be of one moment, since one is subtracted from the other.
    more_needs : callable, optional
        Takes the needs, the listings and the parameters, and returns the needs of these parameters:
        with other listings or ranges of days, or with further arguments of the join.
    check : callable
        Takes the parameters, refuses impossible ones, and returns them as the join takes them.
    shape : callable, optional
        Takes the parameters, and returns the table that they make, if it is another one.
    sums : callable, optional
        Takes the parameters, and returns what it reads of time entries, if it does not need them
        one by one; the join takes such sums by :func:`togglframe.reports._entries.entries`.
    reads : callable, optional
        Takes the parameters, and returns the columns that it reads of time entries, if the join
        takes these in parts too, each day in one part.
    samples : tuple of dict
        Parameters that between them make several tables and need all listings.
    """

    name: str
    table: Table
    needs: tuple[str, ...]
    join: Callable[..., pd.DataFrame]
    look_ups: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    takes_hidden: bool = False
    at_hand: tuple[str, ...] = ()
    at_once: tuple[str, ...] = ()
    more_needs: Callable[[Needs, Listings, Params], Needs] | None = None
    check: Callable[..., dict[str, Any]] = dict
    shape: Callable[[Params], Table] | None = None
    sums: Callable[[Params], Sums] | None = None
    reads: Callable[[Params], tuple[str, ...]] | None = None
    samples: tuple[dict[str, Any], ...] = ({},)

    def __repr__(self) -> str:
        """Show which report it is."""
        return f"Report({self.name!r})"

    def __post_init__(self) -> None:
        """Refuse a declaration that could never work."""
        needs = {*self.needs}
        unknown = needs - LISTINGS.keys() | {*self.look_ups, *self.optional} - needs
        if unknown or not needs:
            raise ValueError(f"{self.name} needs {sorted(unknown) or 'nothing'}, which cannot be")

    @property
    def is_ranged(self) -> bool:
        """Whether it covers a range of days."""
        return any(LISTINGS[name].is_ranged for name in self.needs)

    def make(self, source: Source, **parameters: Any) -> pd.DataFrame:
        """Fetch the listings and join them; for a store of several workspaces, those of each."""
        listings = listings_of(source)
        if several := listings.workspaces:
            return self.across(several, same_for_all(several, parameters))
        named = in_lists(parameters)
        params = self.parse(self.with_ids(listings, named), listings.today)
        needs = self.needs_of(listings, params)
        arguments = {**params, **needs.arguments}
        sources = []
        if parts := self._parts(listings, params, needs):
            others = tuple(name for name in needs.names if name != "time_entries")
            needs = replace(needs, names=others)
            arguments["time_entries"] = parts.frames
            sources = [parts.provenance]
        frames, hidden = listings.take(needs, None if self.sums is None else self.sums(params))
        listed = {**frames, **names.known_for(named, listings)}
        frames |= listings.at_hand(name for name in self.at_hand if name not in frames)
        if self.takes_hidden:
            arguments["hidden"] = hidden
        made = self.join(**frames, **arguments)
        today = None if listings.are_given else listings.today  # frames are of the day of fetching
        known = self.provenance_of(made, params, today)
        known = names.add_labels(known, listed)
        return stamp(made, **combined([*sources, *frames.values()], **known))

    def plan(self, source: Source, **parameters: Any) -> Plan:
        """Return what it would cost now, without a request."""
        listings = listings_of(source)
        if several := listings.workspaces:
            return self.plan_across(several, same_for_all(several, parameters))
        return self.plan_across({0: listings}, {0: parameters}).by_workspace[0]

    def across(
        self, parts: Mapping[int, Listings], parameters: Mapping[int, Mapping[str, Any]]
    ) -> pd.DataFrame:
        """Make it for each workspace, and concatenate the frames.

        A cost that exceeds the quota of one workspace is refused before any request.
        """
        named = {number: in_lists(parameters[number]) for number in sorted(parts)}
        params = {number: self.parse(one, parts[number].today) for number, one in named.items()}
        table, *others = (self.table_of(one).across() for one in params.values())
        if any(other.names != table.names for other in others):
            raise ConfigError(
                f"{self.name} would have different columns for some of the workspaces"
            )
        for number, one in named.items():
            with naming(number):
                parts[number].check_cost(self._needs_by_name(parts[number], one))
        frames = {}
        for number, one in names.with_ids_by_workspace(named, parts).items():
            with naming(number):
                made = self.make(parts[number], **one)
            listed = names.known_for(named[number], parts[number])
            frames[number] = stamp(made, **names.add_labels(of(made), listed))
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
        named = {number: in_lists(parameters[number]) for number in sorted(parts)}
        needs = {number: self._needs_by_name(parts[number], one) for number, one in named.items()}
        if all(names.are_at_hand(one, parts[number]) for number, one in named.items()):
            named = names.with_ids_by_workspace(named, parts)
            needs = {
                number: self._needs_by_name(parts[number], one) for number, one in named.items()
            }
        return Plan.of_all({number: parts[number].plan_of(one) for number, one in needs.items()})

    def with_ids(self, listings: Listings, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters with ids for names, all of them validated before."""
        needs = self._needs_by_name(listings, parameters)
        if names.listings_for(parameters):
            listings.check_cost(needs)
        return names.with_ids(parameters, listings)

    def _needs_by_name(self, listings: Listings, parameters: Mapping[str, Any]) -> Needs:
        """Return the listings that it needs, with those in which names are looked up."""
        needs = self.needs_of(listings, self.parse(parameters, listings.today))
        looked_up = needs.with_names(*names.listings_for(parameters))
        return replace(looked_up, selection=needs.selection.without_names)

    def parse(self, parameters: Mapping[str, Any], today: dt.date | None = None) -> dict[str, Any]:
        """Validate the parameters; the range and the filters become one Selection."""
        params = in_lists(parameters)
        params |= {parameter: mapping for parameter, _, mapping in names.mappings_in(params)}
        selecting = {name: params.pop(name) for name in _SELECTING if name in params}
        return self.check(**params, selected=selection(self.name, today=today, **selecting))

    def needs_of(self, listings: Listings, params: Params) -> Needs:
        """Return the listings that it needs of a source, and their ranges of days."""
        needs = Needs(
            names=self.needs,
            selection=params["selected"],
            look_ups=self.look_ups,
            optional=self.optional,
            at_once=self.at_once,
            by=self.name,
        )
        return needs if self.more_needs is None else self.more_needs(needs, listings, params)

    def table_of(self, params: Params) -> Table:
        """Return the table that these parameters make."""
        return self.table if self.shape is None else self.shape(params)

    def provenance_of(
        self, made: pd.DataFrame, params: Params, today: dt.date | None
    ) -> dict[str, Any]:
        """Return the provenance of a frame made with these parameters, besides its sources."""
        known = of(made)
        days = {"every": params.get("every"), "today": None if today is None else str(today)}
        more = {name: value for name, value in days.items() if value is not None}
        filters = {**params["selected"].filters, **known.get("filters", {})}
        return {**known, "table": self.table_of(params).name, "filters": filters, **more}

    def _parts(self, listings: Listings, params: Params, needs: Needs) -> Parts | None:
        if self.reads is None:
            return None
        parts = listings.parts(needs.selection, self.reads(params))
        if parts is None:
            return None
        others = (name for name in needs.names if not LISTINGS[name].is_ranged)
        if any(is_before(frame, parts.provenance) for frame in listings.at_hand(others).values()):
            return None  # all entries at once tell how many of them refer to what it lacks
        return parts


def clients_need_projects(needs: Needs, _: Listings, params: Params) -> Needs:
    """Add the listing that names clients, if entries are selected or grouped by them."""
    kinds = {getattr(one, "kind", one) for one in params.get("by", ())}
    is_needed = params["selected"].clients is not None or "client" in kinds
    return needs.with_names("projects") if is_needed else needs


def same_for_all(
    numbers: Iterable[int], parameters: Mapping[str, Any]
) -> dict[int, Mapping[str, Any]]:
    """Return the parameters of each workspace; refuse those that are by id of one workspace."""
    for name, value in parameters.items():
        if names.has_ids(name, value):
            raise ConfigError(
                f"{name} is keyed by id, which belongs to one workspace: use names, or pass it to "
                f"reports.across with by_workspace={{{next(iter(numbers))}: {{{name!r}: ...}}}}"
            )
    return dict.fromkeys(numbers, in_lists(parameters))


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
