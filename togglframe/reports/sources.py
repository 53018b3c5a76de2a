"""Source: where the listings behind reports come from.

A listing is all rows of one kind in a workspace, whatever their state. Each is declared once, by a
:class:`WholeListing`; :class:`Listings` loads them by name, from a workspace or from frames.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeAlias, runtime_checkable

import pandas as pd

from togglframe import clock
from togglframe.api import filters, search
from togglframe.api import projects as project_time
from togglframe.api.both_states import both_states
from togglframe.api.endpoint import Endpoint
from togglframe.api.listing import without_running
from togglframe.errors import (
    AccessError,
    CompletenessWarning,
    ConfigError,
    PremiumFeatureError,
    QuotaExceededError,
)
from togglframe.http.client import client_of
from togglframe.http.quota import Known, Plan
from togglframe.reports.selection import EVERYTHING, Parts, Selection, Sums
from togglframe.tables import Table
from togglframe.tables.provenance import doubt, fetched_at, newest_at, of
from togglframe.text.formats import plural
from togglframe.warning import warn
from togglframe.workspace import Workspace

__all__ = [
    "LISTINGS",
    "OPTIONAL",
    "SILENCE",
    "WHOLE",
    "LargeStore",
    "Listings",
    "SeveralStore",
    "Source",
    "Store",
    "WholeListing",
    "warn_of_silence",
]


@dataclass(frozen=True, kw_only=True)
class WholeListing:
    """One listing of a workspace: every row, whatever its state.

    Parameters
    ----------
    name : str
        Its name in reports.
    holds : str
        Its contents, in a few words.
    made_by : callable
        The function of the package that returns such a frame.
    endpoints : tuple of Endpoint
        The endpoints that are requested, each as often as at least needed.
    load : callable
        Fetches it, from the workspace and the frames of `made_of`.
    made_of : tuple of str
        The listings that must be loaded before.
    least : int, optional
        The requests for the smallest one that is not empty; by default those of `endpoints`.
    is_ranged : bool
        Whether it covers a range of days: then `load` takes the selection after the workspace.
    refers_to : mapping of str to str
        The listings that its ids refer to, by column.
    """

    name: str
    holds: str
    made_by: Callable[..., pd.DataFrame]
    endpoints: tuple[Endpoint, ...]
    load: Callable[..., pd.DataFrame]
    made_of: tuple[str, ...] = ()
    least: int | None = None
    is_ranged: bool = False
    refers_to: Mapping[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        """Show its name."""
        return f"WholeListing({self.name!r})"

    def least_requests(self, selection: Selection = EVERYTHING) -> int:
        """Return the cost of the smallest one that is not empty."""
        if self.least is not None:
            return self.least
        days = {"start_date": str(selection.start), "end_date": str(selection.end)}
        return sum(
            endpoint.least_requests * len(endpoint.windows.cut(days))
            if self.is_ranged and endpoint.windows is not None
            else endpoint.least_requests
            for endpoint in self.endpoints
        )

    @property
    def table(self) -> Table:
        """The declaration of the frame."""
        return self.endpoints[0].table


PROJECTS: Final = WholeListing(
    name="projects",
    holds="all projects, active and archived",
    made_by=filters.projects,
    endpoints=(filters.PROJECTS,),
    load=filters.every_project,
    refers_to={"client_id": "clients"},
)


def _statuses(ws: Workspace, projects: pd.DataFrame) -> pd.DataFrame:
    def fetch() -> pd.DataFrame:
        return both_states(
            lambda **state: filters.statuses_of_all(ws, lambda: projects["id"], **state),
            "active",
            active_by_id=projects.set_index("id")["active"],
        )

    statuses = fetch()
    if _is_before(statuses, projects) and not projects["id"].isin(statuses["id"]).all():
        with client_of(ws).refreshing():
            statuses = fetch()
    return filters.with_statuses_cut_off(ws, statuses, projects["id"])


STATUSES: Final = WholeListing(
    name="statuses",
    holds="the totals of all projects, active and archived",
    made_by=filters.project_statuses,
    endpoints=(filters.PROJECT_STATUSES,),
    load=_statuses,
    made_of=("projects",),
    refers_to={"id": "projects"},
)


def _clients(ws: Workspace, projects: pd.DataFrame) -> pd.DataFrame:
    ids = projects["client_id"].dropna().drop_duplicates().sort_values()
    return filters.clients(ws, ids=ids)


CLIENTS: Final = WholeListing(
    name="clients",
    holds="the clients that projects name",
    made_by=filters.clients,
    endpoints=(filters.CLIENTS,),
    load=_clients,
    made_of=("projects",),
    least=1,  # when all ids came, nothing is left to prove
)

TASKS: Final = WholeListing(
    name="tasks",
    holds="all tasks, open and done",
    made_by=filters.tasks,
    endpoints=(filters.TASKS,),
    load=filters.every_task,
    refers_to={"project_id": "projects", "client_id": "clients", "user_id": "users"},
)

PROJECT_USERS: Final = WholeListing(
    name="project_users",
    holds="the members of all projects, with their rates",
    made_by=filters.project_users,
    endpoints=(filters.PROJECT_USERS,),
    load=lambda ws, projects: filters.project_users(ws, project_ids=projects["id"]),
    made_of=("projects",),
)

PROJECT_GROUPS: Final = WholeListing(
    name="project_groups",
    holds="the groups of all projects",
    made_by=filters.project_groups,
    endpoints=(filters.PROJECT_GROUPS,),
    load=lambda ws, projects: filters.project_groups(ws, project_ids=projects["id"]),
    made_of=("projects",),
)

USERS: Final = WholeListing(
    name="users",
    holds="all users, active and inactive",
    made_by=search.users,
    endpoints=(search.USERS, search.USERS),  # active, inactive
    load=search.every_user,
)

TIME_ENTRIES: Final = WholeListing(
    name="time_entries",
    holds="the time entries of the range",
    made_by=search.time_entries,
    endpoints=(search.TIME_ENTRIES,),
    load=lambda ws, selection: search.time_entries(ws, **selection.asked),
    is_ranged=True,
    refers_to={"project_id": "projects", "user_id": "users", "task_id": "tasks"},
)

PROJECT_USER_HOURS: Final = WholeListing(
    name="project_user_hours",
    holds="the time of every user on every project in the range",
    made_by=project_time.summary,
    endpoints=(project_time.SUMMARY,),
    load=lambda ws, selection: project_time.summary(
        ws, start_date=selection.start, end_date=selection.end
    ),
    is_ranged=True,
    refers_to={"project_id": "projects", "user_id": "users"},
)

LISTINGS: Final = {
    listing.name: listing
    for listing in (
        *(PROJECTS, STATUSES, CLIENTS, TASKS, PROJECT_USERS, PROJECT_GROUPS, USERS),
        *(TIME_ENTRIES, PROJECT_USER_HOURS),
    )
}
OPTIONAL: Final = ("tasks", "project_users", "project_groups", "users")
SILENCE: Final = dt.timedelta(days=13)  # before today, which is the 14th
_PAUSE: Final = dt.timedelta(minutes=2)  # the most between two listings that are of one moment

# What an archive keeps: also clients without projects, which no report needs, and which cost a
# request more, since without ids only another page proves the end.
WHOLE: Final = {
    **{name: listing for name, listing in LISTINGS.items() if not listing.is_ranged},
    CLIENTS.name: replace(
        CLIENTS, name="all clients", load=filters.clients, made_of=(), least=None
    ),
}


# The attributes of a Listings that are for reports only.
_OF_REPORTS: Final = {
    *("are_given", "at_hand", "check_cost", "is_older", "parts"),
    *("take", "today", "whole", "workspaces", "ws"),
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
    """A store that may hold more time entries than a join should get at once."""

    def load_sums(self, selection: Selection, sums: Sums, /) -> pd.DataFrame | None:
        """Return the selected time entries, aggregated; None if that is not possible."""

    def load_parts(self, selection: Selection, columns: tuple[str, ...], /) -> Parts | None:
        """Return the selected time entries in parts; None if that is not possible."""


@runtime_checkable
class SeveralStore(Protocol):
    """A store that may keep several workspaces."""

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
            given = {TIME_ENTRIES.name: source} if isinstance(source, pd.DataFrame) else source
            self._load = _loader(_checked(given))
        elif isinstance(source, Store):
            self._load = source.load
            if isinstance(source, LargeStore):
                self._large = source
            if isinstance(source, SeveralStore) and len(stores := source.by_workspace()) > 1:
                self.workspaces = {number: Listings(store) for number, store in stores.items()}
        else:
            raise TypeError(
                "the first argument must be a Workspace, a mapping of listing names to DataFrames, "
                f"a DataFrame of time entries, or an Archive, not {type(source).__name__}; "
                "reports.across takes several"
            )
        self.are_given = isinstance(source, pd.DataFrame | Mapping)
        self._source = source
        self._declared: Mapping[str, WholeListing] = LISTINGS
        self._frames: dict[tuple[str, Selection], pd.DataFrame] = {}

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
        if isinstance(self._source, pd.DataFrame | Mapping):
            return clock.today()
        today: dt.date | None = getattr(self._source, "today", None)
        return clock.today() if today is None else today

    def fetch(self, *names: str) -> list[pd.DataFrame]:
        """Return these listings.

        Raises
        ------
        ConfigError
            If there is no such listing, or it is not given.
        QuotaExceededError
            If the known quota cannot pay their minimum cost; raised before the first request.
        """
        frames, _ = self.take(names)
        return [frames[name] for name in names]

    def plan(
        self,
        *names: str,
        selection: Selection = EVERYTHING,
        others: Mapping[str, Selection] = MappingProxyType({}),
        at_once: Collection[str] = (),
    ) -> Plan:
        """Return what these listings would cost now, without a request.

        Parameters
        ----------
        *names : str
            The listings.
        selection : Selection
            The range of days of those that have one.
        others : mapping of str to Selection
            The selections of listings that have another one.
        at_once : collection of str
            The listings that must be of one moment.
        """
        self._check_range(names, selection, "this")
        chosen = _chosen(names, selection, others)
        return self._plan(self._known_of(chosen), chosen, at_once)

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
        names = ("projects", "statuses", "clients", *OPTIONAL)
        return self.take(names, look_ups=("clients",), optional=OPTIONAL)

    def take(
        self,
        names: Iterable[str],
        *,
        look_ups: Collection[str] = (),
        optional: Collection[str] = (),
        selection: Selection = EVERYTHING,
        others: Mapping[str, Selection] = MappingProxyType({}),
        sums: Sums | None = None,
        at_once: Collection[str] = (),
        wanted_by: str = "this",
    ) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
        """Return these listings by name, and why optional ones could not be had.

        Listings that only add names may be missing if frames are given; optional ones may be hidden
        too, with a warning. With `sums`, a store that can do so returns aggregated time entries.

        A listing of a workspace that lacks a row to which a newer one refers is fetched again,
        once; elsewhere there is a warning. So is one of `at_once` that is older than another.

        :meta private:
        """
        names = list(names)
        chosen = _chosen(names, selection, others)
        self.check_cost(names, selection=selection, others=others, wanted_by=wanted_by)
        begun = clock.now()
        frames: dict[str, pd.DataFrame] = {}
        hidden: dict[str, str] = {}
        # What refers to others comes first, so that the others are newer.
        for name in sorted(names, key=lambda name: not LISTINGS[name].is_ranged):
            try:
                frame = self._summed(name, chosen[name], sums)
                if frame is None:
                    frame = self._frame(name, chosen[name])
            except (PremiumFeatureError, AccessError) as error:
                if name not in optional:
                    raise
                hidden[name] = error.message
                continue
            if frame is not None:
                frames[name] = frame
            elif name in look_ups:
                continue
            elif name in optional:
                hidden[name] = "It is not among the listings that were given."
            else:
                raise _lack_of(name, wanted_by, is_given=self.are_given)
        self._warn_of(hidden)
        deleted = {} if self.ws is None else client_of(self.ws).deleted
        together = _Together(frames, begun, self.are_given, deleted)
        if self.ws is not None:
            frames |= self._renewed(self.ws, together.outdated(at_once), chosen)
        for missing in together.missing():
            self._warn_of_missing(frames, missing)
        return frames, hidden

    def _renewed(
        self, ws: Workspace, names: Collection[str], chosen: Mapping[str, Selection]
    ) -> dict[str, pd.DataFrame]:
        """Fetch listings again, as far as the quota allows."""
        before = {**self._frames}
        keys = {name: self._key(name, chosen[name]) for name in names}
        for key in keys.values():
            self._frames.pop(key)
        try:
            with client_of(ws).refreshing():
                return {name: self._fetched(ws, *key) for name, key in keys.items()}
        except QuotaExceededError:
            self._frames = before
            return {}

    def _warn_of_missing(self, frames: dict[str, pd.DataFrame], missing: _Missing) -> None:
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
        said = (
            f"{amount} refer to {what} that the listing of {missing.listing} lacks, which is "
            f"older, of {moment:%Y-%m-%d %H:%M} UTC: their client or name is unknown; {advice}"
        )
        frames[missing.name] = frame.copy(deep=False)
        doubt(frames[missing.name], said)
        warn(CompletenessWarning(said))

    def is_older(self, names: Iterable[str], told: pd.DataFrame) -> bool:
        """Tell whether a listing at hand is older than a frame.

        :meta private:
        """
        return any(_is_before(frame, told) for frame in self.at_hand(names).values())

    def check_cost(
        self,
        names: Iterable[str],
        *,
        selection: Selection = EVERYTHING,
        others: Mapping[str, Selection] = MappingProxyType({}),
        wanted_by: str = "this",
    ) -> None:
        """Refuse requests that are invalid or that the quota cannot pay, without sending one.

        :meta private:
        """
        self._check_range(names, selection, wanted_by)
        self._refuse_what_cannot_be_paid(_chosen(names, selection, others))

    def at_hand(self, names: Iterable[str]) -> dict[str, pd.DataFrame]:
        """Return those of the listings that are available without a request.

        :meta private:
        """
        if self.ws is not None:
            return {}
        frames = {name: self._frame(name, EVERYTHING) for name in names}
        return {name: frame for name, frame in frames.items() if frame is not None}

    def parts(self, selection: Selection, columns: tuple[str, ...]) -> Parts | None:
        """Return the time entries in parts, if they are in a store that supports this.

        :meta private:
        """
        return None if self._large is None else self._large.load_parts(selection, columns)

    def _check_range(self, names: Iterable[str], selection: Selection, wanted_by: str) -> None:
        if self.ws is None or selection.is_ranged:
            return
        if any(name in LISTINGS and LISTINGS[name].is_ranged for name in names):
            raise ConfigError(
                f"{wanted_by} needs start_date and end_date, or period, to fetch time entries "
                "from a workspace"
            )

    def _summed(self, name: str, selection: Selection, sums: Sums | None) -> pd.DataFrame | None:
        if sums is None or self._large is None or name != TIME_ENTRIES.name:
            return None
        return self._large.load_sums(selection, sums)

    def _frame(self, name: str, selection: Selection) -> pd.DataFrame | None:
        key = self._key(name, selection)
        if key not in self._frames:
            if self.ws is not None:
                return self._fetched(self.ws, *key)
            frame = self._loaded(*key)
            if frame is None:
                return None
            self._frames[key] = frame
        return self._frames[key]

    def _fetched(self, ws: Workspace, name: str, selection: Selection) -> pd.DataFrame:
        frame = self._frames[name, selection] = self._asked(ws, name, selection)
        return frame

    def _key(self, name: str, selection: Selection) -> tuple[str, Selection]:
        return name, selection if LISTINGS[name].is_ranged else EVERYTHING

    def _loaded(self, name: str, selection: Selection) -> pd.DataFrame | None:
        frame = self._load(name, selection) if LISTINGS[name].is_ranged else self._load(name)
        return without_running(frame) if name == TIME_ENTRIES.name and frame is not None else frame

    def _asked(self, ws: Workspace, name: str, selection: Selection) -> pd.DataFrame:
        listing = self._declared[name]
        if listing.is_ranged:
            with client_of(ws).noting(_note(name, selection)):
                frame = listing.load(ws, selection)
            if name == TIME_ENTRIES.name:
                warn_of_silence(frame, selection, self.today)
            return frame
        parts = [self._frame(part, selection) for part in listing.made_of]
        with client_of(ws).noting(listing.name):
            return listing.load(ws, *parts)

    def _known_of(self, chosen: Mapping[str, Selection]) -> dict[str, Known | None]:
        return {
            name: self._known(*self._key(name, selection)) for name, selection in chosen.items()
        }

    def _known(self, name: str, selection: Selection) -> Known | None:
        if (frame := self._frames.get((name, selection))) is not None:
            return Known(oldest=fetched_at(of(frame)), newest=newest_at(of(frame)))
        if self.ws is None:
            return Known()
        return client_of(self.ws).known(_note(self._declared[name].name, selection))

    def _plan(
        self,
        known: Mapping[str, Known | None],
        chosen: Mapping[str, Selection],
        at_once: Collection[str] = (),
    ) -> Plan:
        costs = {
            name: self._declared[name].least_requests(chosen[name])
            if answers is None
            else answers.requests
            for name, answers in known.items()
        }
        if self.ws is None:
            return Plan(costs, is_exact=True, quota_remaining=None, quota_resets_in=None)
        is_exact = None not in known.values() and not _may_be_outdated(known, at_once)
        usage = self.ws.usage
        return Plan(costs, is_exact, usage.quota_remaining, usage.quota_resets_in)

    def _refuse_what_cannot_be_paid(self, chosen: Mapping[str, Selection]) -> None:
        if self.ws is None or self.ws.on_quota == "wait" or self.ws.usage.quota_remaining is None:
            return
        known = self._known_of(chosen)
        plan = self._plan(known, chosen)
        if plan.is_affordable is not False:
            return
        is_kept = all(answers is not None and answers.is_kept for answers in known.values())
        if not (is_kept and self.ws.on_quota == "stale"):
            raise plan.refusal()

    def _warn_of(self, hidden: Mapping[str, str]) -> None:
        if not hidden:
            return
        reasons = "; ".join(f"{name} ({reason})" for name, reason in hidden.items())
        left_out = f"since the plan or the token hides it: {reasons}"
        if self.ws is None:
            left_out = f"since they are not given: {', '.join(hidden)}"
        warn(CompletenessWarning(f"Left out, {left_out}"))


@dataclass(frozen=True)
class _Missing:
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
class _Together:
    """The listings of a report, which are compared by when they were fetched.

    Attributes
    ----------
    frames : dict of str to DataFrame
        The listings, in the order in which they are fetched.
    begun : datetime
        When that began.
    in_any_order : bool
        Whether somebody else fetched them, in an order of their own.
    deleted : dict of str to set of int
        The ids that newer listings lack, by listing; more are added.
    """

    frames: dict[str, pd.DataFrame]
    begun: dt.datetime
    in_any_order: bool
    deleted: dict[str, set[int]]

    def missing(self) -> list[_Missing]:
        """Return what older listings lack; what a newer one lacks is deleted."""
        found = []
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
                found.append(_Missing(name, rows, listing, {*ids[rows]}))
            else:
                deleted |= {*ids[rows]}
        return found

    def outdated(self, at_once: Collection[str]) -> list[str]:
        """Return the listings to fetch again, with those made of them, in their order."""
        outdated = {missing.listing for missing in self.missing()}
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


def _is_before(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Return whether a frame was fetched before another one."""
    then, now = fetched_at(of(one)), newest_at(of(other))
    return then is not None and now is not None and then < now


def _may_be_outdated(known: Mapping[str, Known | None], at_once: Collection[str]) -> bool:
    """Tell whether a listing in the cache may have to be fetched again, since others are newer."""
    pairs = {(listing, name) for name, _, listing in _references(known)}
    pairs.add((STATUSES.name, PROJECTS.name))  # a project may have been made since
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
    said = (
        f"nobody has a time entry from {first} to {today}: was the workspace moved to Toggl 2.0, "
        "whose time entries the API of Toggl Track does not list?"
    )
    doubt(entries, said)
    warn(CompletenessWarning(said))


def _note(name: str, selection: Selection) -> str:
    """Return the name under which the answers of a listing are recorded."""
    return name if selection == EVERYTHING else f"{name} {selection}"


def _chosen(
    names: Iterable[str], selection: Selection, others: Mapping[str, Selection]
) -> dict[str, Selection]:
    """Return the selection of each listing, and of those that it is made of."""
    return {name: others.get(name, selection) for name in _with_parts(names)}


def _with_parts(names: Iterable[str]) -> dict[str, None]:
    """Return the names of listings, each after those that it is made of."""
    ordered: dict[str, None] = {}
    for name in names:
        if name not in LISTINGS:
            raise ConfigError(f"there is no listing {name!r}; there are {', '.join(LISTINGS)}")
        ordered |= _with_parts(LISTINGS[name].made_of) | {name: None}
    return ordered


def _checked(given: Mapping[str, Any]) -> Mapping[str, pd.DataFrame]:
    if given and not any(isinstance(name, str) for name in given):
        raise ConfigError(
            "these are sources by workspace id: pass them to reports.across(sources, report)"
        )
    _with_parts(given)
    for name, frame in given.items():
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"the listing {name!r} must be a DataFrame, not {type(frame).__name__}")
    return given


def _loader(given: Mapping[str, pd.DataFrame]) -> Callable[..., pd.DataFrame | None]:
    def load(name: str, _: Selection = EVERYTHING, /) -> pd.DataFrame | None:
        return given.get(name)

    return load


def _lack_of(name: str, wanted_by: str, *, is_given: bool) -> ConfigError:
    listing = LISTINGS[name]
    if not is_given:
        how = "sync(ws, start_date=...)" if listing.is_ranged else "snapshot(ws)"
        return ConfigError(
            f"{wanted_by} needs the listing {name!r}, {listing.holds}, which the archive does not "
            f"hold; archive.{how} keeps it, as does togglframe archive sync"
        )
    made_by = f"{listing.made_by.__module__}.{listing.made_by.__name__}"
    return ConfigError(
        f"{wanted_by} needs the listing {name!r}, {listing.holds}, which is not given; "
        f"{made_by} returns such a frame"
    )
