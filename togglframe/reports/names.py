"""Names of clients, projects and users: the ids that filters and mappings mean by them."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final

import pandas as pd

from togglframe.api.parameters import id_list, is_missing
from togglframe.errors import AccessError, ConfigError, PremiumFeatureError
from togglframe.reports._dated import absences_in, budgets_in, holidays_in, schedules_in
from togglframe.reports.own_groups import OwnGroup, as_list, own_groups
from togglframe.reports.selection import Query, Selection, Sums, TypedName, names_in, selection
from togglframe.reports.sources import Listings
from togglframe.text.guesses import close_to

__all__ = [
    "FILTERS",
    "KEYS",
    "Keys",
    "add_labels",
    "are_at_hand",
    "has_ids",
    "known_for",
    "labels",
    "listings_for",
    "looked_up",
    "mapping_in_words",
    "mappings_in",
    "selected",
    "with_ids",
    "with_ids_by_workspace",
]

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
    def parts(self) -> dict[str, Mapping[str, str]]:
        """The columns to read, by listing, as the columns of the frame of known names."""
        more = {} if self.hint is None else {self.hint: "hint"}
        return {self.listing: {"id": "id", self.name: "name", **more}, **self.mentions}


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
    "opening_hours": Keys(kind=USER),
    "budgets": Keys(kind=PROJECT, other=CLIENT, of_frame=budgets_in),
    "default_labour_cost": Keys(kind=USER),
    "fixed_fee": Keys(kind=PROJECT),
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
        given = parameters.get(parameter)
        if isinstance(given, pd.DataFrame) and keys.of_frame is not None:
            given = keys.of_frame(given)
        if isinstance(given, Mapping) or (isinstance(given, pd.Series) and keys.has_series):
            yield parameter, keys, _keyed(parameter, given, keys)


def _own_mappings(
    parameters: Mapping[str, Any],
) -> Iterator[tuple[OwnGroup, Keys, dict[Any, Any]]]:
    """Yield the groups of one's own by people, projects or clients, with valid keys."""
    for own in own_groups(parameters):
        if own.kind in _KINDS:
            keys = Keys(kind=_KINDS[own.kind])
            yield own, keys, _keyed(own.parameter, own.members, keys)


def _keyed(parameter: str, given: Any, keys: Keys) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for raw, value in given.items():
        key = _key(parameter, raw, keys)
        if key in found:
            raise ConfigError(f"{parameter} has the key {key!r} twice: leave one of them out")
        found[key] = value
    return found


def has_ids(parameter: str, given: object) -> bool:
    """Tell whether a parameter is a mapping by ids, which belong to one workspace."""
    if parameter == "by":
        members = (own.members for own in own_groups({"by": given}))
        return any(isinstance(key, int) for keys in members for key in keys)
    if parameter not in KEYS:
        return isinstance(given, Mapping)
    return any(
        isinstance(part, int)
        for _, _, mapping in mappings_in({parameter: given})
        for key in mapping
        for part in (key if isinstance(key, tuple) else [key])
    )


def _key(parameter: str, key: Any, keys: Keys) -> Hashable:
    kinds = (keys.kind, *keys.more)
    if isinstance(key, tuple) and len(key) == len(kinds) > 1:
        return tuple(_part(parameter, part, kind) for part, kind in zip(key, kinds, strict=True))
    if keys.other is not None and isinstance(key, tuple) and len(key) > 1 and key[0] in _KINDS:
        noun, name = key
        return noun, _part(parameter, name, _KINDS[noun])
    if not isinstance(key, tuple) and is_missing(key):
        if keys.has_default:
            return None
        raise ConfigError(
            f"{parameter} has the key None, but no default: give each {keys.noun} its own"
        )
    return _part(parameter, key, keys.kind)


def _part(parameter: str, key: object, kind: Kind) -> str | int:
    if isinstance(key, str):
        return key
    try:
        (known,) = id_list(f"the keys of {parameter}", [key])
    except TypeError as error:
        raise TypeError(
            f"{parameter} has the key {key!r}; a key is the name or the id of a {kind.noun}"
        ) from error
    return known


def _names_by_kind(parameters: Mapping[str, Any]) -> Iterator[tuple[Kind, str]]:
    """Yield the names among these parameters."""
    for parameter, kind in (*FILTERS.items(), *((one, PROJECT) for one in _WITH_TAGS)):
        yield from ((kind, name) for name in names_in(parameters.get(parameter)))
    mappings = (*mappings_in(parameters), *_own_mappings(parameters))
    for _, keys, mapping in mappings:
        for key in mapping:
            yield from ((kind, part) for kind, part in keys.parts(key) if isinstance(part, str))


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
    found = {number: lookups[number].replace(one) for number, one in parameters.items()}
    sought: Counter[tuple[str, str]] = Counter()
    unknown: dict[tuple[str, str], list[str]] = {}
    for lookup in lookups.values():
        sought.update(lookup.sought)
        for name, message in lookup.unknown.items():
            unknown.setdefault(name, []).append(message)
    for name, messages in unknown.items():
        if len(messages) == sought[name]:
            raise ConfigError(messages[0])
    return found


def selected(
    days: Selection, filters: Mapping[str, Any], parts: Mapping[int, Listings]
) -> dict[int, Selection]:
    """Return a selection by the ids of each workspace, with the names in its filters looked up."""
    if not days.wanted:
        return dict.fromkeys(parts, days)
    found = with_ids_by_workspace(dict.fromkeys(parts, filters), parts)
    by_id = {number: selection("this", **one) for number, one in found.items()}
    return {
        number: replace(
            days, wanted=(), users=one.users, clients=one.clients, projects=one.projects
        )
        for number, one in by_id.items()
    }


class _Lookup:
    """The names of one source: what is sought in it, and what it does not know."""

    def __init__(self, listings: Listings) -> None:
        self.sought: set[tuple[str, str]] = set()
        self.unknown: dict[tuple[str, str], str] = {}
        self._listings = listings
        self._known: dict[str, pd.DataFrame | None] = {}

    def replace(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters with ids for names."""
        found = dict(parameters)
        for parameter, kind in FILTERS.items():
            if names_in(given := found.get(parameter)):
                found[parameter] = self._filter(parameter, kind, given)
        for parameter in _WITH_TAGS:
            if names_in(given := found.get(parameter)):
                found[parameter] = self._projects_and_tags(parameter, given)
        for parameter, keys, mapping in mappings_in(parameters):
            found[parameter] = self.mapping(parameter, mapping, keys)
        if own := list(_own_mappings(parameters)):
            known = {
                one: OwnGroup(one, one.kind, self.mapping(one.parameter, mapping, keys))
                for one, keys, mapping in own
            }
            found["by"] = [known.get(one, one) for one in as_list(parameters["by"])]
        return found

    def _filter(self, parameter: str, kind: Kind, given: Any) -> list[Any]:
        found = []
        for item in [given] if isinstance(given, str) else given:
            with suppress(_UnknownNameError):
                found.append(self._id(parameter, kind, item, is_filter=True))
        return found

    def _projects_and_tags(self, parameter: str, given: Any) -> list[Any]:
        found = []
        for item in [given] if isinstance(given, str) else given:
            try:
                known = (
                    item
                    if not isinstance(item, str)
                    else self._found(parameter, PROJECT, item, is_filter=False)
                )
            except _UnknownNameError:
                known = item
            found.append(known)
        return found

    def mapping(self, parameter: str, given: Mapping[Any, Any], keys: Keys) -> dict[Any, Any]:
        """Return a mapping by ids, without the keys that are not known here."""
        found: dict[Any, Any] = {}
        keys_by_id: dict[Any, Any] = {}
        for key, value in given.items():
            with suppress(_UnknownNameError):
                known = self._key(parameter, key, keys)
                if known in found:
                    both = f"{keys_by_id[known]!r} and {key!r}"
                    raise ConfigError(
                        f"{parameter} has two keys for one, {both}: leave one of them out"
                    )
                found[known], keys_by_id[known] = value, key
        return found

    def _key(self, parameter: str, key: Any, keys: Keys) -> Any:
        if keys.other is not None:
            return self._either(parameter, key, keys)
        if not isinstance(key, tuple):
            return self._id(parameter, keys.kind, key)
        parts = zip((keys.kind, *keys.more), key, strict=True)
        return tuple(self._id(parameter, kind, part) for kind, part in parts)

    def _either(self, parameter: str, key: Any, keys: Keys) -> Any:
        """Return the kind and the id of what one of two kinds is called; an id stays as it is."""
        if isinstance(key, tuple):
            return key[0], self._id(parameter, _KINDS[key[0]], key[1])
        if not isinstance(key, str):
            return key
        self.sought.add((parameter, key))
        found, errors = [], []
        kinds = [kind for kind, _ in keys.parts(key) if self._all(kind) is not None]
        for kind in kinds or [keys.kind]:
            try:
                found.append((kind.noun, self._found(parameter, kind, str(key), is_filter=False)))
            except _UnknownNameError as error:
                errors.append(str(error).removeprefix(f"{parameter}: "))
        if len(found) == 1:
            return found[0]
        if not found and isinstance(key, TypedName) and key.is_number:
            return int(key)
        if not found:
            message = f"{parameter}: {', and '.join(errors)}"
            self.unknown[parameter, key] = message
            raise _UnknownNameError(message)
        both = " and the ".join(f"{noun} {number}" for noun, number in found)
        raise ConfigError(
            f"{parameter}: {key!r} is the name of the {both}; give the id, or a frame with the "
            f"column {' or '.join(noun for noun, _ in found)}"
        )

    def _id(self, parameter: str, kind: Kind, name: Any, *, is_filter: bool = False) -> Any:
        """Return the id of a name; an id, or None, stays as it is."""
        if not isinstance(name, str):
            return name
        self.sought.add((parameter, name))
        try:
            return self._found(parameter, kind, name, is_filter=is_filter)
        except _UnknownNameError as error:
            self.unknown[parameter, name] = str(error)
            raise

    def _found(self, parameter: str, kind: Kind, name: str, *, is_filter: bool) -> int:
        number = int(name) if isinstance(name, TypedName) and name.is_number else None
        known = self._names(parameter, kind, is_needed=number is None)
        folded = _fold(name)
        if not folded:
            raise ConfigError(
                f"{parameter} has an empty name; give the name or id of a {kind.noun}"
            )
        rows = _that(known, kind, folded.__eq__)
        if rows.empty and number is not None:
            return number
        parts = _that(known, kind, lambda text: folded in text)
        if rows.empty and is_filter:
            rows = parts
        if len(rows) == 1:
            return int(rows["id"].iloc[0])
        if len(rows) > 1:
            how = "the id or the e-mail address" if kind is USER else "the id"
            meant = self._listed(kind, rows)
            raise ConfigError(f"{parameter}: {name!r} may mean {meant}; give {how}")
        raise _UnknownNameError(self._lack(parameter, kind, name, known, parts))

    def _names(self, parameter: str, kind: Kind, *, is_needed: bool) -> pd.DataFrame:
        """Return the id, name and hint of each that the source knows."""
        known = self._all(kind)
        if known is not None:
            return known
        if not is_needed:
            return pd.DataFrame({"id": [], "name": [], "hint": []})
        raise ConfigError(
            f"{parameter} names a {kind.noun}, but there is no listing of {kind.listing} to look "
            "it up in: it was not given or kept, or the plan or the token hides it; give the id"
        )

    def _all(self, kind: Kind) -> pd.DataFrame | None:
        if kind.noun not in self._known:
            self._known[kind.noun] = known_names(self._listings, kind)
        return self._known[kind.noun]

    def _lack(
        self, parameter: str, kind: Kind, name: str, known: pd.DataFrame, parts: pd.DataFrame
    ) -> str:
        having = ""
        if kind is CLIENT and self._listings.ws is not None:
            having = " that has projects"
        lack = f"{parameter}: there is no {kind.noun} {name!r}{having}"
        close = parts
        if close.empty:
            names = known["name"].dropna()
            close = known[known["name"].isin(close_to(name, names))]
        if not close.empty:
            return f"{lack}; did you mean {self._listed(kind, close, last=' or ')}?"
        if known.empty:
            return f"{lack}; there are no {kind.listing}"
        return f"{lack}; there are {self._listed(kind, known)}"

    def _listed(self, kind: Kind, rows: pd.DataFrame, last: str = " and ") -> str:
        """List up to five with their ids, and their clients or addresses."""
        hints = rows["hint"]
        if kind is PROJECT:
            hints = self._clients(hints)
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
            known = known_names(self._listings, CLIENT)
            names = {} if known is None else dict(zip(known["id"], known["name"], strict=True))
        return ids.map(lambda number: f"client {names.get(number, number)}", na_action="ignore")


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _that(known: pd.DataFrame, kind: Kind, fits: Callable[[str], bool]) -> pd.DataFrame:
    """Return the rows whose name, or e-mail address, fits."""
    columns = ["name", "hint"] if kind is USER else ["name"]
    rows = [
        known[column].map(lambda text: fits(_fold(text)), na_action="ignore") for column in columns
    ]
    found: pd.DataFrame = known[pd.concat(rows, axis=1).eq(other=True).any(axis=1)]
    return found


def known_names(listings: Listings, kind: Kind) -> pd.DataFrame | None:
    """Return the id, name and hint of each that a source knows, None if it has no such listing.

    A listing of a workspace is fetched; others that name deleted ones too are read where they are
    at hand.
    """
    frames = []
    for listing, columns in kind.parts.items():
        frame = _listing(listings, listing, columns, is_whole=listing == kind.listing)
        if frame is not None and {*columns} - {"email"} <= {*frame}:
            frames.append(frame.reindex(columns=list(columns)).rename(columns=columns))
    if kind is CLIENT and (mentioned := _clients_of_entries(listings)) is not None:
        frames.append(mentioned)
    if not frames:
        return None
    known = pd.concat(
        [frame.reindex(columns=["id", "name", "hint"]).astype(object) for frame in frames]
    )
    known = known.dropna(subset=["id", "name"]).drop_duplicates("id")
    return known.astype({"id": "int64"}).reset_index(drop=True)


def _listing(
    listings: Listings, name: str, columns: Iterable[str], *, is_whole: bool
) -> pd.DataFrame | None:
    if is_whole:
        try:
            return listings.take(Query(names=(name,), look_ups=(name,)))[0].get(name)
        except (PremiumFeatureError, AccessError):
            return None
    if listings.are_given or name != "time_entries":
        return listings.at_hand((name,)).get(name)
    return listings.names_in_entries(Sums(tuple(columns)))


def _clients_of_entries(listings: Listings) -> pd.DataFrame | None:
    """Return the clients that time entries name, by their projects."""
    frames = listings.at_hand(("projects", "time_entries")) if listings.are_given else {}
    if len(frames) < 2:
        return None
    owned = frames["projects"].set_index("id")["client_id"]
    entries = frames["time_entries"].dropna(subset=["project_id", "client"])
    entries = entries.drop_duplicates("project_id", keep="last")
    ids = owned.reindex(entries["project_id"]).array
    return pd.DataFrame({"id": ids, "name": entries["client"].array})


def known_for(filters: Mapping[str, Any], listings: Listings) -> dict[str, pd.DataFrame]:
    """Return what the names in these filters were looked up in, by listing."""
    by_name = {name: kind for name, kind in FILTERS.items() if names_in(filters.get(name))}
    known = {name: known_names(listings, kind) for name, kind in by_name.items()}
    return {
        name: frame.rename(columns={"name": FILTERS[name].name})
        for name, frame in known.items()
        if frame is not None
    }


# --- what they are called -------------------------------------------------------------------------


def labels(
    filters: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]
) -> dict[str, list[str | None]]:
    """Return the names of the ids in filters, as far as their listings are among the frames."""
    found = {}
    for parameter, kind in FILTERS.items():
        ids, frame = filters.get(parameter), frames.get(kind.listing)
        if isinstance(ids, list) and frame is not None and {"id", kind.name} <= {*frame}:
            names = frame.dropna(subset=[kind.name]).set_index("id")[kind.name]
            found[parameter] = [
                None if one is None else str(names.get(one, f"{kind.noun} {one}")) for one in ids
            ]
    return found


def looked_up(
    days: Selection, filters: Mapping[str, Any], listings: Listings
) -> dict[str, list[str | None]]:
    """Return the names of the ids in a selection whose filters had names."""
    return labels(days.id_filters, known_for(filters, listings))


def add_labels(known: dict[str, Any], frames: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Return provenance with the names of the clients, projects and users in its filters."""
    names = {**known.get("names", {}), **labels(known.get("filters", {}), frames)}
    return {**known, "names": names} if names else known


def mapping_in_words(given: Any, parameter: str, frames: Mapping[str, pd.DataFrame]) -> Any:
    """Return a mapping by ids as a line with names; what is for all stays as it is."""
    if not isinstance(given, Mapping) or [*given] == [None]:
        return given[None] if isinstance(given, Mapping) else given
    kind = KEYS[parameter].kind
    ids = [key for key in given if key is not None]
    of_ids = labels({kind.listing: ids}, frames).get(kind.listing, ids)
    names = {None: "others", **dict(zip(ids, of_ids, strict=True))}
    return ", ".join(f"{names[key]} {value}" for key, value in given.items())
