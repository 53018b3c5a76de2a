"""Sources of reports: a workspace, an archive, or frames.

:class:`Listings` loads the listings of one source by name, each once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import pandas as pd

from togglframe import clock
from togglframe.api import search
from togglframe.api.listing import without_running
from togglframe.errors import (
    AccessError,
    CompletenessWarning,
    ConfigError,
    PremiumFeatureError,
    QuotaExceededError,
)
from togglframe.http.client import EXACT, CachedListing, client_of
from togglframe.http.quota import Known, Plan
from togglframe.reports._freshness import Missing, Together, may_be_outdated
from togglframe.reports.listings import LISTINGS, OPTIONAL, WHOLE, WholeListing
from togglframe.reports.periods import DayRange
from togglframe.reports.selection import EVERYTHING, Needs, Parts, Selection, Sums
from togglframe.tables.provenance import NOT_HELD, fetched_at, newest_at, of, stamp, warn_of_doubt
from togglframe.tables.validation import check_columns
from togglframe.text.formats import plural
from togglframe.warning import warn
from togglframe.workspace import Workspace

SILENCE: Final = dt.timedelta(days=13)  # before today, which is the 14th

_AVAILABLE: Final = Needs(
    names=("projects", "statuses", "clients", *OPTIONAL), look_ups=("clients",), optional=OPTIONAL
)

# The attributes of a Listings that are for reports only.
_OF_REPORTS: Final = {
    *("are_given", "at_hand", "check_cost", "closed_at", "parts", "plan_of", "summed", "take"),
    *("today", "whole", "workspaces", "ws"),
}


@runtime_checkable
class Store(Protocol):
    """An object that stores listings, such as an archive."""

    def load(self, name: str, selection: Selection = ..., /) -> pd.DataFrame | None:
        """Return a listing by its name, None if it is not stored.

        For a listing of a range of days, the selection is passed; more rows may be returned.
        """


@runtime_checkable
class LargeStore(Store, Protocol):
    """A store of one workspace or several, with more time entries than a join should get at once.

    That is an :class:`~togglframe.Archive`.
    """

    def load_sums(self, selection: Selection, sums: Sums, /) -> pd.DataFrame | None:
        """Return the selected time entries, aggregated; None if that is not possible."""

    def load_parts(self, selection: Selection, columns: tuple[str, ...], /) -> Parts | None:
        """Return the selected time entries in parts; None if that is not possible."""

    def by_workspace(self) -> Mapping[int, Store]:
        """Return the store of each workspace, by its id."""


class Listings:
    """The listings behind reports, each loaded once.

    Every report accepts one in place of its source: several reports then share their listings, even
    if the workspace has no cache. Each listing is an attribute: `projects`, `statuses`, `clients`,
    `tasks`, `project_users`, `project_groups`, `users` and, unless the source is a workspace,
    `time_entries`.

    Parameters
    ----------
    source : Workspace, Archive, mapping of str to DataFrame, or DataFrame
        Where the listings come from, or the listings by name; a single frame is time entries.

    Examples
    --------
    >>> import togglframe as tf
    >>> listings = tf.reports.Listings(tf.demo())
    >>> budget = tf.reports.project_budget(listings)
    >>> len(budget) >= len(listings.projects)
    True
    """

    def __init__(
        self, source: Workspace | Mapping[str, pd.DataFrame] | pd.DataFrame | Store
    ) -> None:
        self.ws: Workspace | None = None
        self.workspaces: Mapping[int, Listings] = {}  # of a store that keeps several workspaces
        self._load: Callable[..., pd.DataFrame | None]
        self._large: LargeStore | None = None
        if isinstance(source, Workspace):
            self.ws = source
        elif isinstance(source, pd.DataFrame | Mapping):
            frames = {"time_entries": source} if isinstance(source, pd.DataFrame) else source
            checked = _checked(frames)
            self._load = lambda name, *_: checked.get(name)
        elif isinstance(source, Store):
            self._load = source.load
            if isinstance(source, LargeStore):
                self._large = source
                if len(stores := source.by_workspace()) > 1:
                    self.workspaces = {number: Listings(store) for number, store in stores.items()}
        else:
            raise TypeError(
                "the first argument must be a Workspace, a mapping of listing names to DataFrames, "
                f"a DataFrame of time entries, or an Archive, not {type(source).__name__}; "
                "reports.across takes several"
            )
        self.are_given = isinstance(source, pd.DataFrame | Mapping)
        self._begun = clock.now()
        self._source = source
        self._declared: Mapping[str, WholeListing] = LISTINGS
        self._frames: dict[tuple[str, Selection], pd.DataFrame] = {}
        self._refused: dict[str, PremiumFeatureError | AccessError] = {}

    @classmethod
    def whole(cls, ws: Workspace) -> Listings:
        """Return the listings of a workspace with all rows, also those that no report needs.

        :meta private:
        """
        listings = cls(ws)
        listings._declared = WHOLE
        return listings

    def __getattr__(self, name: str) -> pd.DataFrame:
        """Return a listing by its name."""
        if name not in LISTINGS:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        if self.ws is not None and LISTINGS[name].is_ranged:
            raise AttributeError(
                f"{name} of a workspace need a range of days, which a report takes"
            )
        return self.fetch(name)[0]

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *LISTINGS} - _OF_REPORTS)

    def __repr__(self) -> str:
        """Show where they come from, and which are loaded."""
        source = "frames" if self.ws is None else repr(self.ws)
        if self.ws is None and not self.are_given:
            source = "an archive"
        loaded = ", ".join(dict.fromkeys(name for name, _ in self._frames))
        return f"<Listings of {source}: {loaded or 'none'} loaded>"

    @property
    def today(self) -> dt.date:
        """The day from which reports count.

        :meta private:
        """
        today = None if self.are_given else getattr(self._source, "today", None)
        return clock.today() if today is None else today

    def closed_at(self, period: DayRange) -> dt.datetime | None:
        """Return when a period was closed in the archive, None if it was not.

        :meta private:
        """
        closed_at: Callable[[DayRange], dt.datetime | None] | None
        closed_at = getattr(self._source, "closed_at", None)
        return None if closed_at is None else closed_at(period)

    def fetch(self, *names: str) -> list[pd.DataFrame]:
        """Return these listings.

        Raises
        ------
        ConfigError
            If there is no such listing, or it is not given.
        QuotaExceededError
            If the known quota cannot pay their minimum cost; raised before the first request.
        """
        frames, _ = self.take(Needs(names=names))
        return [frames[name] for name in names]

    def plan(self, *names: str) -> Plan:
        """Return what these listings would cost now, without a request.

        Parameters
        ----------
        *names : str
            The listings.
        """
        return self.plan_of(Needs(names=names))

    def plan_of(self, needs: Needs) -> Plan:
        """Return what some needs would cost now, without a request.

        :meta private:
        """
        self._check_range(needs)
        selections = _selections(needs)
        return self._plan(selections, self._known(selections), needs.at_once)

    def available(self) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
        """Return the listings of a portfolio by name, and those that the plan or the token hides.

        Projects and statuses are required, and clients too if the source is a workspace; tasks,
        members, groups and users are optional: one that raises PremiumFeatureError or AccessError,
        or is not given, is left out.

        Returns
        -------
        parts : dict of str to DataFrame
            The available listings.
        hidden : dict of str to str
            The others, each with the reason.

        Warns
        -----
        CompletenessWarning
            If a listing is left out.
        """
        return self.take(_AVAILABLE)

    def take(
        self, needs: Needs, sums: Sums | None = None
    ) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
        """Return the listings that are needed, by name, and why optional ones are not available.

        With `sums`, a store that can do so returns aggregated time entries. A listing of a
        workspace that lacks a row to which a newer one refers is fetched again, once; elsewhere
        there is a warning. So is one of `at_once` that is older than another.

        :meta private:
        """
        self.check_cost(needs)
        refused = {*self._refused}
        selections = _selections(needs)
        frames: dict[str, pd.DataFrame] = {}
        hidden: dict[str, str] = {}
        # What refers to others comes first, so that the others are newer.
        for name in sorted(needs.names, key=lambda name: not LISTINGS[name].is_ranged):
            try:
                frame = self._summed(name, selections[name], sums)
                if frame is None:
                    frame = self._frame(name, selections[name])
            except (PremiumFeatureError, AccessError) as error:
                if name not in needs.optional:
                    raise
                hidden[name] = error.message
                continue
            if frame is not None:
                frames[name] = frame
            elif name in needs.optional and name not in needs.look_ups:
                hidden[name] = "It is not among the listings that were given."
            elif name not in needs.look_ups:
                raise self._lack_of(name, needs.by)
        self._warn_of({name: reason for name, reason in hidden.items() if name not in refused})
        deleted = {} if self.ws is None else client_of(self.ws).deleted
        together = Together(frames, self._begun, self.are_given, deleted)
        missing = together.missing()
        if self.ws is not None and (names := together.outdated(missing, needs.at_once)):
            frames |= self._renewed(self.ws, names, selections)
            missing = together.missing()
        for one in missing:
            self._warn_of_missing(frames, one)
        return frames, hidden

    def _renewed(
        self, ws: Workspace, names: Collection[str], selections: Mapping[str, Selection]
    ) -> dict[str, pd.DataFrame]:
        """Fetch listings again, as far as the quota allows."""
        before = {**self._frames}
        for name in names:
            self._frames.pop(_key(name, selections[name]))
        try:
            with client_of(ws).refreshing():
                frames = {name: self._frame(name, selections[name]) for name in names}
        except QuotaExceededError:
            self._frames = before
            return {}
        return {name: frame for name, frame in frames.items() if frame is not None}

    def _warn_of_missing(self, frames: dict[str, pd.DataFrame], missing: Missing) -> None:
        """Warn of hours that refer to what an older listing lacks."""
        frame = frames[missing.name]
        amount = missing.name.replace("_", " ")
        if "tracked_time" in frame:
            time = frame.loc[missing.rows, "tracked_time"].sum()
            amount = f"{pd.Timedelta(time) / pd.Timedelta(hours=1):,.1f} h of {amount}"
        what = plural(len(missing.ids), missing.listing.removesuffix("s"))
        moment = fetched_at(of(frames[missing.listing]))
        advice = "fetch it again"
        if self.ws is not None:
            advice = "it can be fetched again once the hourly quota has reset"
        elif not self.are_given:
            advice = "archive.snapshot(ws) keeps a new one, as does togglframe archive sync"
        message = (
            f"{amount} refer to {what} that the listing of {missing.listing} lacks, which is "
            f"older, of {moment:%Y-%m-%d %H:%M} UTC: their client or name is unknown; {advice}"
        )
        frames[missing.name] = frame.copy(deep=False)
        warn_of_doubt(frames[missing.name], message)

    def check_cost(self, needs: Needs) -> None:
        """Refuse requests that are invalid or that the quota cannot pay, without sending one.

        :meta private:
        """
        self._check_range(needs)
        if self.ws is None or self.ws.on_quota == "wait" or self.ws.usage.quota_remaining is None:
            return
        selections = _selections(needs)
        known = self._known(selections)
        plan = self._plan(selections, known, is_least=True)
        if plan.is_affordable is not False:
            return
        is_kept = all(answers is not None and answers.is_kept for answers in known.values())
        if not (is_kept and self.ws.on_quota == "stale"):
            raise plan.refusal()

    def at_hand(self, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Return those of the listings that are available without a request.

        :meta private:
        """
        if self.ws is not None:
            return {}
        frames = {name: self._frame(name, EVERYTHING) for name in names}
        return {name: frame for name, frame in frames.items() if frame is not None}

    def summed(self, selection: Selection, sums: Sums) -> pd.DataFrame | None:
        """Return the time entries aggregated, if they are in a store that supports this.

        :meta private:
        """
        return None if self._large is None else self._large.load_sums(selection, sums)

    def parts(self, selection: Selection, columns: tuple[str, ...]) -> Parts | None:
        """Return the time entries in parts, if they are in a store that supports this.

        :meta private:
        """
        return None if self._large is None else self._large.load_parts(selection, columns)

    def _check_range(self, needs: Needs) -> None:
        if self.ws is None or needs.selection.is_ranged:
            return
        if any(name in LISTINGS and LISTINGS[name].is_ranged for name in needs.names):
            raise ConfigError(
                f"{needs.by} needs start_date and end_date, or period, to fetch time entries "
                "from a workspace"
            )

    def _summed(self, name: str, selection: Selection, sums: Sums | None) -> pd.DataFrame | None:
        if sums is None or name != "time_entries":
            return None
        return self.summed(selection, sums)

    def _frame(self, name: str, selection: Selection) -> pd.DataFrame | None:
        """Return a listing, fetched or loaded once; None if the source lacks it."""
        key = _key(name, selection)
        if key in self._frames:
            return self._frames[key]
        if name in self._refused:
            raise self._refused[name]
        listing = self._declared[name]
        if self.ws is None:
            frame = self._load(*key) if listing.is_ranged else self._load(name)
            if frame is not None and name == "time_entries":
                frame = _of_days(without_running(frame), selection)
        else:
            parts = [self._frame(part, selection) for part in listing.made_of]
            params = selection.params if listing.is_ranged else {}
            try:
                with client_of(self.ws).recording(_note(listing.name, key[1])):
                    frame = listing.load(self.ws, *parts, **params)
            except (PremiumFeatureError, AccessError) as error:
                self._refused[name] = error
                raise
            if name == "time_entries":
                warn_of_silence(frame, selection, self.today)
        if frame is not None:
            self._frames[key] = frame
        return frame

    def _known(self, selections: Mapping[str, Selection]) -> dict[str, Known | None]:
        """Return what is known of each listing without a request."""
        known: dict[str, Known | None] = {}
        for name, selection in selections.items():
            key = _key(name, selection)
            if (frame := self._frames.get(key)) is not None:
                known[name] = Known(oldest=fetched_at(of(frame)), newest=newest_at(of(frame)))
            elif self.ws is None:
                known[name] = Known()
            elif name == "time_entries" and (listing := _in_cache(self.ws, selection)):
                moments = listing.pages.values()
                known[name] = Known(oldest=min(moments), newest=max(moments))
            else:
                known[name] = client_of(self.ws).known(_note(self._declared[name].name, key[1]))
        return known

    def _plan(
        self,
        selections: Mapping[str, Selection],
        known: Mapping[str, Known | None],
        at_once: Collection[str] = (),
        *,
        is_least: bool = False,
    ) -> Plan:
        costs = {
            name: answers.requests
            if answers is not None
            else self._expected(name, selections[name], is_least=is_least)
            for name, answers in known.items()
        }
        if self.ws is None:
            return Plan(costs, is_exact=True, quota_remaining=None, quota_resets_in=None)
        is_exact = None not in known.values() and not may_be_outdated(known, at_once)
        usage = self.ws.usage
        return Plan(costs, is_exact, usage.quota_remaining, usage.quota_resets_in)

    def _expected(self, name: str, selection: Selection, *, is_least: bool) -> int:
        """Return what a listing that was never fetched costs: the least, or an estimate."""
        if self.ws is None or is_least or name != "time_entries":
            return self._declared[name].least_requests(selection)
        return search.TIME_ENTRIES.plan(self.ws, **selection.params, **EXACT).requests

    def _warn_of(self, hidden: Mapping[str, str]) -> None:
        if not hidden:
            return
        reasons = "; ".join(f"{name} ({reason})" for name, reason in hidden.items())
        left_out = f"since the plan or the token hides it: {reasons}"
        if self.ws is None:
            whose = "they are not given" if self.are_given else "the archive does not hold them"
            left_out = f"since {whose}: {', '.join(hidden)}"
        warn(CompletenessWarning(f"Left out, {left_out}"))

    def _lack_of(self, name: str, report: str) -> ConfigError:
        listing = LISTINGS[name]
        message = f"{report} needs the listing {name!r}, {listing.holds}, which "
        if not self.are_given and listing.is_ranged and name != "time_entries":
            return ConfigError(f"{message}no archive keeps: pass the workspace")
        if not self.are_given:
            how = "sync(ws, start_date=...)" if listing.is_ranged else "snapshot(ws)"
            return ConfigError(
                f"{message}the archive does not hold; archive.{how} keeps it, as does togglframe "
                "archive sync"
            )
        return ConfigError(f"{message}is not given; {listing.function} returns such a frame")


Source: TypeAlias = Workspace | Listings | Mapping[str, pd.DataFrame] | pd.DataFrame | Store


def warn_of_silence(entries: pd.DataFrame, chosen: Selection, today: dt.date) -> None:
    """Warn if nobody has a time entry in the last two weeks, up to today, of a range of days."""
    first = today - SILENCE
    if chosen.ids or chosen.start is None or chosen.end is None:
        return
    if chosen.start > first or chosen.end < today:
        return
    if entries["date"].between(str(first), str(today)).any():
        return
    message = (
        f"nobody has a time entry from {first} to {today}: was the workspace moved to Toggl 2.0, "
        "whose time entries the API of Toggl Track does not list?"
    )
    warn_of_doubt(entries, message)


def _of_days(entries: pd.DataFrame, chosen: Selection) -> pd.DataFrame:
    """Warn if entries were fetched for a range that lacks some of the selected days.

    Months of which none was fetched are stamped, so that what is missing there is unknown, not 0.
    """
    known = of(entries).get("filters", {})
    if chosen.start is None or chosen.end is None or not {"start_date", "end_date"} <= known.keys():
        return entries
    if NOT_HELD in of(entries):
        return entries  # of an archive, which has warned
    first, last = known["start_date"], known["end_date"]
    tomorrow = str(dt.date.fromisoformat(last) + dt.timedelta(days=1))  # of other zones: no day yet
    if first <= str(chosen.start) and str(chosen.end) <= tomorrow:
        return entries
    entries = entries.copy(deep=False)
    held = {*pd.period_range(first, last, freq="M").astype("str")}
    months = pd.period_range(chosen.start, chosen.end, freq="M").astype("str")
    if not_held := [month for month in months if month not in held]:
        stamp(entries, **{**of(entries), NOT_HELD: not_held})
    message = (
        f"the time entries are those from {first} to {last}: any others from {chosen.start} to "
        f"{chosen.end} are missing"
    )
    warn_of_doubt(entries, message)
    return entries


def _in_cache(ws: Workspace, selection: Selection) -> CachedListing | None:
    """Return a listing in the cache that has these time entries, perhaps among others."""
    body = search.TIME_ENTRIES.body(**selection.params, **EXACT)
    return search.TIME_ENTRIES.at_hand(client_of(ws), body)


def _note(name: str, selection: Selection) -> str:
    """Return the name under which the answers of a listing are recorded."""
    return name if selection == EVERYTHING else f"{name} {selection}"


def _key(name: str, selection: Selection) -> tuple[str, Selection]:
    return name, selection if LISTINGS[name].is_ranged else EVERYTHING


def _selections(needs: Needs) -> dict[str, Selection]:
    """Return the selection of each listing, and of those that it is made of."""
    return {name: needs.others.get(name, needs.selection) for name in _with_parts(needs.names)}


def _with_parts(names: Iterable[str]) -> dict[str, None]:
    """Return the names of listings, each after those that it is made of."""
    ordered: dict[str, None] = {}
    for name in names:
        if name not in LISTINGS:
            raise ConfigError(f"there is no listing {name!r}; there are {', '.join(LISTINGS)}")
        ordered |= _with_parts(LISTINGS[name].made_of) | {name: None}
    return ordered


def _checked(frames: Mapping[str, Any]) -> Mapping[str, pd.DataFrame]:
    if frames and not any(isinstance(name, str) for name in frames):
        raise ConfigError(
            "these are sources by workspace id: pass them to reports.across(sources, report)"
        )
    _with_parts(frames)
    for name, frame in frames.items():
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"the listing {name!r} must be a DataFrame, not {type(frame).__name__}")
        table = LISTINGS[name].table
        check_columns(frame, table.names, f"the {table.name} frame")
    return frames
