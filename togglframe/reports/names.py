"""Names of clients, projects and users: the ids that filters and mappings mean by them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from togglframe.api.parameters import id_list, is_missing
from togglframe.errors import AccessError, ConfigError, PremiumFeatureError
from togglframe.reports._dated import (
    absences_in,
    budgets_in,
    deadlines_in,
    holidays_in,
    labour_costs_in,
    opening_hours_in,
    schedules_in,
)
from togglframe.reports.own_groups import OwnGroup, as_list, own_groups
from togglframe.reports.selection import (
    EVERYTHING,
    Needs,
    Selection,
    Sums,
    TypedName,
    names_in,
    selection,
)
from togglframe.reports.sources import Listings
from togglframe.text.guesses import close_to

_MOST: Final = 5  # names that an error lists


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a name is the name of.

    Parameters
    ----------
    noun : str
        The word for one of them.
    listing : str
        The listing that names them.
    name : str
        Its column with the names.
    hint : str
        Its column that tells two of one name apart.
    mentions : mapping of str to mapping of str to str
        The columns of other listings that name them too, by listing; deleted ones are named there
        alone.
    """

    noun: str
    listing: str
    name: str = "name"
    hint: str | None = None
    mentions: Mapping[str, Mapping[str, str]]

    @property
    def columns(self) -> dict[str, Mapping[str, str]]:
        """The columns to read, by listing, as the columns of the frame of known names."""
        hint = {} if self.hint is None else {self.hint: "hint"}
        return {self.listing: {"id": "id", self.name: "name", **hint}, **self.mentions}


CLIENT: Final = Kind(
    noun="client",
    listing="clients",
    mentions={"tasks": {"client_id": "id", "client_name": "name"}},
)
PROJECT: Final = Kind(
    noun="project",
    listing="projects",
    hint="client_id",
    mentions={
        "tasks": {"project_id": "id", "project_name": "name", "client_id": "hint"},
        "time_entries": {"project_id": "id", "project": "name"},
    },
)
USER: Final = Kind(
    noun="user",
    listing="users",
    name="fullname",
    hint="email",
    mentions={
        "tasks": {"user_id": "id", "user_name": "name"},
        "time_entries": {"user_id": "id", "user": "name", "email": "hint"},
    },
)

_KINDS: Final = {kind.noun: kind for kind in (CLIENT, PROJECT, USER)}
FILTERS: Final = {kind.listing: kind for kind in (CLIENT, PROJECT, USER)}


@dataclass(frozen=True, kw_only=True)
class Keys:
    """What the keys of a mapping are.

    Parameters
    ----------
    kind : Kind
        What a key names.
    more : tuple of Kind
        What the rest of a key names, if it is a tuple.
    other : Kind, optional
        What a key may name instead; ("client", "Acme") says which of the two it is.
    has_default : bool
        Whether the key None stands for all others.
    has_series : bool
        Whether a Series is such a mapping, by its index.
    of_frame : callable, optional
        Makes such a mapping of a frame.
    """

    kind: Kind
    more: tuple[Kind, ...] = ()
    other: Kind | None = None
    has_default: bool = False
    has_series: bool = True
    of_frame: Callable[[pd.DataFrame], Mapping[Any, Any]] | None = None

    @property
    def noun(self) -> str:
        """The word for what a key names."""
        return self.kind.noun if self.other is None else f"{self.kind.noun} or {self.other.noun}"

    def parts(self, key: Hashable) -> Iterator[tuple[Kind, Any]]:
        """Yield each part of a key, with each kind that it may be of."""
        if self.other is None:
            parts = key if isinstance(key, tuple) else (key,)
            yield from zip((self.kind, *self.more), parts, strict=False)
        elif isinstance(key, tuple):
            yield _KINDS[key[0]], key[1]
        else:
            yield from ((kind, key) for kind in (self.kind, self.other))


# The parameters that map people, projects or clients to numbers, days or texts.
KEYS: Final = {
    "buyer": Keys(kind=CLIENT),
    "number": Keys(kind=CLIENT),
    "capacity": Keys(kind=USER, has_default=True),
    "holidays": Keys(kind=USER, has_default=True, has_series=False, of_frame=holidays_in),
    "schedule": Keys(kind=USER, has_default=True, of_frame=schedules_in),
    "absences": Keys(kind=USER, has_series=False, of_frame=absences_in),
    "opening_hours": Keys(kind=USER, of_frame=opening_hours_in),
    "budgets": Keys(kind=PROJECT, other=CLIENT, of_frame=budgets_in),
    "labour_costs": Keys(kind=USER, more=(PROJECT,), has_default=True, of_frame=labour_costs_in),
    "fixed_fee": Keys(kind=PROJECT),
    "deadlines": Keys(kind=PROJECT, of_frame=deadlines_in),
}


# The parameters that list projects, and tags by any other name.
_WITH_TAGS: Final = ("absences",)


class _UnknownNameError(ConfigError):
    """Nothing has this name, in this workspace."""


# --- which names there are ------------------------------------------------------------------------


def mappings_in(parameters: Mapping[str, Any]) -> Iterator[tuple[str, Keys, dict[Any, Any]]]:
    """Yield the mappings among these parameters, with valid keys: names, ids, or None.

    Raises
    ------
    ConfigError, TypeError
        If a key is neither, is None without a default, or stands there twice.
    """
    for parameter, keys in KEYS.items():
        value = parameters.get(parameter)
        if isinstance(value, pd.DataFrame) and keys.of_frame is not None:
            value = keys.of_frame(value)
        if isinstance(value, Mapping) or (isinstance(value, pd.Series) and keys.has_series):
            yield parameter, keys, _with_valid_keys(parameter, value, keys)


def _own_mappings(
    parameters: Mapping[str, Any],
) -> Iterator[tuple[OwnGroup, Keys, dict[Any, Any]]]:
    """Yield the groups of one's own by people, projects or clients, with valid keys."""
    for own in own_groups(parameters):
        if own.kind in _KINDS:
            keys = Keys(kind=_KINDS[own.kind])
            yield own, keys, _with_valid_keys(own.parameter, own.members, keys)


def _with_valid_keys(parameter: str, mapping: Any, keys: Keys) -> dict[Any, Any]:
    valid: dict[Any, Any] = {}
    for raw, value in mapping.items():
        key = _valid_key(parameter, raw, keys)
        if key in valid:
            raise ConfigError(f"{parameter} has the key {key!r} twice: leave one of them out")
        valid[key] = value
    return valid


def has_ids(parameter: str, value: object) -> bool:
    """Tell whether a parameter is by ids, which belong to one workspace."""
    if parameter == "by":
        members = (own.members for own in own_groups({"by": value}))
        return any(isinstance(key, int) for keys in members for key in keys)
    if parameter not in KEYS:
        return isinstance(value, Mapping)
    if parameter in _WITH_TAGS and isinstance(value, int | list | tuple | set):
        return isinstance(value, int) or any(isinstance(item, int) for item in value)
    return any(
        isinstance(part, int)
        for _, keys, mapping in mappings_in({parameter: value})
        for key in mapping
        for _, part in keys.parts(key)
    )


def _valid_key(parameter: str, key: Any, keys: Keys) -> Hashable:
    if isinstance(key, tuple) and len(key) == len(keys.more) + 1 > 1:
        return tuple(_valid_part(parameter, part, kind) for kind, part in keys.parts(key))
    if keys.other is not None and isinstance(key, tuple) and len(key) > 1 and key[0] in _KINDS:
        noun, name = key
        return noun, _valid_part(parameter, name, _KINDS[noun])
    if not isinstance(key, tuple) and is_missing(key):
        if keys.has_default:
            return None
        raise ConfigError(
            f"{parameter} has the key None, but no default: give each {keys.noun} its own"
        )
    return _valid_part(parameter, key, keys.kind)


def _valid_part(parameter: str, key: object, kind: Kind) -> str | int:
    if isinstance(key, str):
        return key
    try:
        (number,) = id_list(f"the keys of {parameter}", [key])
    except TypeError as error:
        raise TypeError(
            f"{parameter} has the key {key!r}; a key is the name or the id of a {kind.noun}"
        ) from error
    return number


def _names_by_kind(parameters: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    """Yield the names among these parameters."""
    for parameter, kind in (*FILTERS.items(), *((one, PROJECT) for one in _WITH_TAGS)):
        yield from ((kind, name) for name in names_in(parameters.get(parameter)))
    for _, keys, mapping in (*mappings_in(parameters), *_own_mappings(parameters)):
        parts = (part for key in mapping for part in keys.parts(key))
        yield from ((kind, part) for kind, part in parts if isinstance(part, str))


def listings_for(parameters: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the listings in which the names among these parameters are looked up."""
    return tuple(dict.fromkeys(kind.listing for kind, _ in _names_by_kind(parameters)))


def are_at_hand(parameters: Mapping[str, Any], listings: Listings) -> bool:
    """Tell whether the names among these parameters can be looked up without a request."""
    return listings.plan(*listings_for(parameters)).requests == 0


# --- what they mean -------------------------------------------------------------------------------


def with_ids(parameters: Mapping[str, Any], listings: Listings) -> dict[str, Any]:
    """Return the parameters with ids for names; this may cost requests.

    Raises
    ------
    ConfigError
        If nothing has a name, or several have it, or two keys of a mapping are of one.
    """
    return with_ids_by_workspace({0: parameters}, {0: listings})[0]


def with_ids_by_workspace(
    parameters: Mapping[int, Mapping[str, Any]], parts: Mapping[int, Listings]
) -> dict[int, dict[str, Any]]:
    """Return the parameters of each workspace with ids for names.

    A name need not be known in each, but in one of those that it is looked up in.

    Raises
    ------
    ConfigError
        As :func:`with_ids` does.
    """
    lookups = {number: _Lookup(parts[number]) for number in parameters}
    resolved = {number: lookups[number].replace(one) for number, one in parameters.items()}
    for lookup in lookups.values():
        for name, message in lookup.unknown.items():
            if not any(name in other.known for other in lookups.values()):
                raise ConfigError(message)
    return resolved


def selected(
    days: Selection, filters: Mapping[str, Any], parts: Mapping[int, Listings]
) -> dict[int, Selection]:
    """Return a selection by the ids of each workspace, with the names in its filters looked up."""
    if not days.names:
        return dict.fromkeys(parts, days)
    resolved = with_ids_by_workspace(dict.fromkeys(parts, filters), parts)
    by_id = {number: selection("this", **one) for number, one in resolved.items()}
    return {
        number: replace(days, names=(), users=one.users, clients=one.clients, projects=one.projects)
        for number, one in by_id.items()
    }


class _Lookup:
    """The names of one source: those that it knows, and the messages about others."""

    def __init__(self, listings: Listings) -> None:
        self.known: set[tuple[str, str]] = set()
        self.unknown: dict[tuple[str, str], str] = {}
        self._listings = listings
        self._rows: dict[str, pd.DataFrame | None] = {}

    def replace(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters with ids for names."""
        resolved = dict(parameters)
        for parameter, kind in FILTERS.items():
            if names_in(value := resolved.get(parameter)):
                resolved[parameter] = self._filter(parameter, kind, value)
        for parameter in _WITH_TAGS:
            if names_in(value := resolved.get(parameter)):
                resolved[parameter] = self._projects_and_tags(parameter, value)
        for parameter, keys, mapping in mappings_in(parameters):
            resolved[parameter] = self.mapping(parameter, mapping, keys)
        if own := list(_own_mappings(parameters)):
            groups = {
                one: OwnGroup(one, one.kind, self.mapping(one.parameter, mapping, keys))
                for one, keys, mapping in own
            }
            resolved["by"] = [groups.get(one, one) for one in as_list(parameters["by"])]
        return resolved

    def _filter(self, parameter: str, kind: Kind, value: Any) -> list[Any]:
        ids = []
        for item in [value] if isinstance(value, str) else value:
            with suppress(_UnknownNameError):
                ids.append(self._id(parameter, kind, item, is_filter=True))
        return ids

    def _projects_and_tags(self, parameter: str, value: Any) -> list[Any]:
        resolved = []
        for item in [value] if isinstance(value, str) else value:
            try:
                resolved.append(self._id(parameter, PROJECT, item))
            except _UnknownNameError:
                del self.unknown[parameter, item]
                resolved.append(item)
        return resolved

    def mapping(self, parameter: str, mapping: Mapping[Any, Any], keys: Keys) -> dict[Any, Any]:
        """Return a mapping by ids, without the keys that are not known here."""
        by_id: dict[Any, Any] = {}
        keys_by_id: dict[Any, Any] = {}
        for key, value in mapping.items():
            with suppress(_UnknownNameError):
                number = self._key(parameter, key, keys)
                if number in by_id:
                    both = f"{keys_by_id[number]!r} and {key!r}"
                    raise ConfigError(
                        f"{parameter} has two keys for one, {both}: leave one of them out"
                    )
                by_id[number], keys_by_id[number] = value, key
        return by_id

    def _key(self, parameter: str, key: Any, keys: Keys) -> Any:
        """Return the ids of a key; where it may be of two kinds, with the kind that it is of."""
        if keys.other is None:
            ids = tuple(self._id(parameter, kind, part) for kind, part in keys.parts(key))
            return ids if isinstance(key, tuple) else ids[0]
        if isinstance(key, tuple):
            return key[0], self._id(parameter, _KINDS[key[0]], key[1])
        if not isinstance(key, str):
            return key
        noun, number = self._named(parameter, (keys.kind, keys.other), key)
        return number if noun is None else (noun, number)

    def _id(self, parameter: str, kind: Kind, name: Any, *, is_filter: bool = False) -> Any:
        """Return the id of a name; an id, or None, stays as it is."""
        if not isinstance(name, str):
            return name
        return self._named(parameter, (kind,), name, is_filter=is_filter)[1]

    def _named(
        self, parameter: str, kinds: tuple[Kind, ...], name: str, *, is_filter: bool = False
    ) -> tuple[str | None, int]:
        """Return the kind and the id of a name; typed digits that name nothing are an id."""
        is_number = isinstance(name, TypedName) and name.is_number
        listed = [kind for kind in kinds if self._all(kind) is not None]
        matches, messages = [], []
        for kind in listed or ([] if is_number else kinds[:1]):
            try:
                number = self._resolve(parameter, kind, name, is_filter=is_filter and not is_number)
                matches.append((kind.noun, number))
            except _UnknownNameError as error:
                messages.append(str(error))
        if len(matches) > 1:
            both = " and the ".join(f"{noun} {number}" for noun, number in matches)
            raise ConfigError(
                f"{parameter}: {name!r} is the name of the {both}; give the id, or a frame with "
                f"the column {' or '.join(noun for noun, _ in matches)}"
            )
        if matches or is_number:
            self.known.add((parameter, name))
            return matches[0] if matches else (None, int(name))
        message = f"{parameter}: {', and '.join(messages)}"
        self.unknown[parameter, name] = message
        raise _UnknownNameError(message)

    def _resolve(self, parameter: str, kind: Kind, name: str, *, is_filter: bool) -> int:
        """Return the id of a kind that has the name, or in a filter contains it."""
        rows, folded = self._all(kind), _fold(name)
        if rows is None:
            raise ConfigError(
                f"{parameter} names a {kind.noun}, but there is no listing of {kind.listing} to "
                "look it up in: it was not given or kept, or the plan or the token hides it; give "
                "the id"
            )
        if not folded:
            raise ConfigError(
                f"{parameter} has an empty name; give the name or id of a {kind.noun}"
            )
        matches = _matches(rows, kind, folded.__eq__)
        similar = _matches(rows, kind, lambda text: folded in text)
        if matches.empty and is_filter:
            matches = similar
        if len(matches) == 1:
            return int(matches["id"].iloc[0])
        if len(matches) > 1:
            how = "the id or the e-mail address" if kind is USER else "the id"
            listed = self._in_words(kind, matches)
            raise ConfigError(f"{parameter}: {name!r} may mean {listed}; give {how}")
        if similar.empty:
            similar = rows[rows["name"].isin(close_to(name, rows["name"].dropna()))]
        raise _UnknownNameError(
            f"there is no {kind.noun} {name!r}{self._instead(kind, rows, similar)}"
        )

    def _all(self, kind: Kind) -> pd.DataFrame | None:
        if kind.noun not in self._rows:
            self._rows[kind.noun] = known_names(self._listings, kind)
        return self._rows[kind.noun]

    def _instead(self, kind: Kind, rows: pd.DataFrame, similar: pd.DataFrame) -> str:
        """Return which names there are instead of an unknown one."""
        which = " that has projects" if kind is CLIENT and self._listings.ws is not None else ""
        if not similar.empty:
            return f"{which}; did you mean {self._in_words(kind, similar, last=' or ')}?"
        listed = f"no {kind.listing}" if rows.empty else self._in_words(kind, rows)
        return f"{which}; there are {listed}"

    def _in_words(self, kind: Kind, rows: pd.DataFrame, last: str = " and ") -> str:
        """List up to five with their ids, and their clients or addresses."""
        hints = self._clients(rows["hint"]) if kind is PROJECT else rows["hint"]
        ordered = rows.assign(hint=hints).sort_values(["name", "id"]).head(_MOST)
        shown = [
            f"{name} (id {number})" if pd.isna(hint) else f"{name} (id {number}, {hint})"
            for number, name, hint in ordered[["id", "name", "hint"]].itertuples(index=False)
        ]
        if more := len(rows) - len(shown):
            return f"{', '.join(shown)} and {more:,} more"
        return last.join(filter(None, [", ".join(shown[:-1]), shown[-1]]))

    def _clients(self, ids: pd.Series[Any]) -> pd.Series[Any]:
        """Return the names of clients if they cost no request, else their ids, in words."""
        names: Mapping[int, str] = {}
        if self._listings.plan(CLIENT.listing).requests == 0:
            rows = known_names(self._listings, CLIENT)
            names = {} if rows is None else dict(zip(rows["id"], rows["name"], strict=True))
        return ids.map(lambda number: f"client {names.get(number, number)}", na_action="ignore")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _matches(rows: pd.DataFrame, kind: Kind, fits: Callable[[str], bool]) -> pd.DataFrame:
    """Return the rows whose name, or e-mail address, fits."""
    texts = rows[["name", "hint"] if kind is USER else ["name"]]
    is_match = texts.map(lambda text: fits(_fold(text)), na_action="ignore").eq(other=True)
    return rows[is_match.any(axis=1)]


def known_names(listings: Listings, kind: Kind) -> pd.DataFrame | None:
    """Return the id, name and hint of each that a source knows, None if it has no such listing.

    A listing of a workspace is fetched; others that name deleted ones too are read where they are
    at hand.
    """
    frames = []
    for listing, columns in kind.columns.items():
        frame = _listing(listings, listing, columns, is_whole=listing == kind.listing)
        if frame is not None and {*columns} - {"email"} <= {*frame}:
            frames.append(frame.reindex(columns=list(columns)).rename(columns=columns))
    if kind is CLIENT and (clients := _clients_of_entries(listings)) is not None:
        frames.append(clients)
    if not frames:
        return None
    rows = pd.concat(
        [frame.reindex(columns=["id", "name", "hint"]).astype(object) for frame in frames]
    )
    rows = rows.dropna(subset=["id", "name"]).drop_duplicates().astype({"id": "int64"})
    return rows.groupby("id", as_index=False, sort=False).first()  # of each column what is known


def _listing(
    listings: Listings, name: str, columns: Iterable[str], *, is_whole: bool
) -> pd.DataFrame | None:
    if is_whole:
        try:
            return listings.take(Needs(names=(name,), look_ups=(name,)))[0].get(name)
        except (PremiumFeatureError, AccessError):
            return None
    if listings.are_given or name != "time_entries":
        return listings.at_hand((name,)).get(name)
    return listings.summed(EVERYTHING, Sums(tuple(columns)))


def _clients_of_entries(listings: Listings) -> pd.DataFrame | None:
    """Return the clients that time entries name, by their projects."""
    frames = listings.at_hand(("projects", "time_entries")) if listings.are_given else {}
    if len(frames) < 2:
        return None
    client_ids = frames["projects"].set_index("id")["client_id"]
    entries = frames["time_entries"].dropna(subset=["project_id", "client"])
    entries = entries.drop_duplicates("project_id", keep="last")
    ids = client_ids.reindex(entries["project_id"]).array
    return pd.DataFrame({"id": ids, "name": entries["client"].array})


def known_for(filters: Mapping[str, Any], listings: Listings) -> dict[str, pd.DataFrame]:
    """Return what the names in these filters were looked up in, by listing."""
    kinds = [kind for name, kind in FILTERS.items() if names_in(filters.get(name))]
    return {
        kind.listing: rows.rename(columns={"name": kind.name})
        for kind in kinds
        if (rows := known_names(listings, kind)) is not None
    }


# --- what they are called -------------------------------------------------------------------------


def labels(
    filters: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]
) -> dict[str, list[str | None]]:
    """Return the names of the ids in filters, as far as their listings are among the frames."""
    by_filter = {}
    for parameter, kind in FILTERS.items():
        ids, frame = filters.get(parameter), frames.get(kind.listing)
        if isinstance(ids, list) and frame is not None and {"id", kind.name} <= {*frame}:
            names = frame.dropna(subset=[kind.name]).set_index("id")[kind.name]
            by_filter[parameter] = [
                None if one is None else str(names.get(one, f"{kind.noun} {one}")) for one in ids
            ]
    return by_filter


def looked_up(
    days: Selection, filters: Mapping[str, Any], listings: Listings
) -> dict[str, list[str | None]]:
    """Return the names of the ids in a selection whose filters had names."""
    return labels(days.id_filters, known_for(filters, listings))


def add_labels(known: dict[str, Any], frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return provenance with the names of the clients, projects and users in its filters."""
    names = {**known.get("names", {}), **labels(known.get("filters", {}), frames)}
    return {**known, "names": names} if names else known
