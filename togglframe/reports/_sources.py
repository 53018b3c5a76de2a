"""Sources of several workspaces, each by the id of its workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import pandas as pd

from togglframe.api.parameters import id_list
from togglframe.errors import ConfigError
from togglframe.http.client import client_of
from togglframe.reports.sources import LargeStore, Listings, Source, Store
from togglframe.workspace import Workspace

Sources: TypeAlias = Source | Mapping[int, Source] | Iterable[Source | Mapping[int, Source]]


def are_several(sources: object) -> bool:
    """Tell whether these are several sources, not one that every report takes."""
    if isinstance(sources, Workspace | Listings | pd.DataFrame):
        return False
    if isinstance(sources, Mapping):
        return not any(isinstance(name, str) for name in sources)
    return not isinstance(sources, Store)


def listings_by_workspace(sources: Sources) -> dict[int, Listings]:
    """Return the listings of each workspace, by its id.

    Raises
    ------
    ConfigError
        If there are none, two of one workspace, or one whose workspace is unknown.
    TypeError
        If one is not a source.
    """
    parts: dict[int, Listings] = {}
    for number, listings in _each(sources):
        if number in parts:
            raise ConfigError(f"workspace {number} is named twice: leave one out")
        parts[number] = listings
    if not parts:
        raise ConfigError("sources is empty: name at least one workspace")
    return dict(sorted(parts.items()))


def _each(source: Any) -> Iterator[tuple[int, Listings]]:
    if are_several(source):
        yield from _each_of(source)
    elif isinstance(source, Workspace):
        yield client_of(source).id, Listings(source)
    elif isinstance(source, Listings) and source.ws is not None:
        yield client_of(source.ws).id, source
    elif isinstance(source, Listings) and source.workspaces:
        yield from source.workspaces.items()
    elif _is_archive(source):
        stores = source.by_workspace()
        if not stores:
            raise ConfigError(f"{source!r} holds no workspace; archive.sync(ws, ...) fills it")
        yield from ((number, Listings(store)) for number, store in stores.items())
    else:
        raise ConfigError(
            "frames do not name their workspace; pass it, as in "
            "reports.across({1234567: frames, 7654321: others}, report)"
        )


def _each_of(sources: Any) -> Iterator[tuple[int, Listings]]:
    if isinstance(sources, Mapping):
        for number, source in sources.items():
            (known,) = id_list("workspace_id", number)
            yield known, _of(known, source)
    elif isinstance(sources, Iterable) and not isinstance(sources, str):
        for source in sources:
            yield from _each(source)
    else:
        raise TypeError(
            "sources must be Workspaces, Archives, or a mapping of workspace ids to sources, not "
            f"{type(sources).__name__}"
        )


def _of(number: int, source: Any) -> Listings:
    """Return the source of a workspace, validated if it knows its workspace."""
    if isinstance(source, Listings) and source.ws is None and not source.workspaces:
        return source
    if not (isinstance(source, Workspace | Listings) or _is_archive(source)):
        return Listings(source)
    parts = dict(_each(source))
    if number not in parts:
        raise ConfigError(
            f"the source of workspace {number} is {source!r}, which belongs to another workspace"
        )
    return parts[number]


def _is_archive(source: object) -> bool:
    is_frames = isinstance(source, pd.DataFrame | Mapping | Listings)
    return not is_frames and isinstance(source, LargeStore)
