"""Frames of several workspaces: one below the other, and the keys of their rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.tables import WORKSPACE
from togglframe.tables.provenance import LEFT_OUT, combined, of, stamp

# What a frame of several workspaces has in its own words, whatever its parts have in common.
_OF_ALL: Final = {
    *("doubts", "endpoints", "fetched_at", "filters", "from_cache", "names", "requests", "stale"),
    WORKSPACE.name,
}


def together(frames: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return the frames of workspaces one below the other, `workspace_id` first.

    The provenance is that of all, with that of each as `sources`; why one cannot be proven
    complete is told with its workspace.
    """
    known = [of(frame) for frame in frames.values()]
    parts = []
    for number, frame in frames.items():
        part = frame.copy(deep=False)
        part.attrs = {}
        part.insert(0, WORKSPACE.name, pd.Series(number, part.index, WORKSPACE.dtype))
        parts.append(part)
    doubts = [
        f"workspace {number}: {reason}"
        for number, one in zip(frames, known, strict=True)
        for reason in one.get("doubts", [])
    ]
    provenance = {
        **combined(frames.values()),
        **_common(known),
        "filters": _filters({n: of(frame).get("filters") or {} for n, frame in frames.items()}),
        WORKSPACE.name: list(frames),
        **_names(known),
        **({"doubts": doubts} if doubts else {}),
        "sources": known,
    }
    return stamp(pd.concat(parts, ignore_index=True), **provenance)


def _common(known: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        name: value
        for name, value in known[0].items()
        if name not in _OF_ALL and all(one.get(name) == value for one in known)
    }


def _names(known: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return the names in the filters of all, each once."""
    names: dict[str, dict[str | None, None]] = {}
    for one in known:
        for name, of_filter in one.get("names", {}).items():
            names.setdefault(name, {}).update(dict.fromkeys(of_filter))
    return {"names": {name: list(one) for name, one in names.items()}} if names else {}


def _filters(filters: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the filters of all: those of each workspace where they are not the same."""
    names = dict.fromkeys(name for one in filters.values() for name in one)
    return {name: _filter(name, {n: one.get(name) for n, one in filters.items()}) for name in names}


def _filter(name: str, by_workspace: Mapping[int, Any]) -> Any:
    known = {number: value for number, value in by_workspace.items() if value is not None}
    values = list(known.values())
    if name == LEFT_OUT:
        return sum(values)
    if len(known) == len(by_workspace) and all(value == values[0] for value in values):
        return values[0]
    return ", ".join(f"{value} of workspace {number}" for number, value in known.items()) or None


def check_one_workspace(frame: pd.DataFrame, what: str) -> None:
    """Refuse a frame of several workspaces where ids alone would not identify a row."""
    if WORKSPACE.name not in frame:
        return
    values = pd.unique(frame[[WORKSPACE.name]].to_numpy(dtype=object).ravel())
    numbers = [number for number in values if not pd.isna(number)]
    if len(numbers) > 1:
        raise ConfigError(
            f"{what} covers several workspaces, {', '.join(map(str, numbers))}, whose ids may "
            "clash: join the frames of each separately, as togglframe.reports.across does"
        )


def key_of(frame: pd.DataFrame, *names: str) -> list[str]:
    """Return the columns that identify a row, with the workspace where there are several."""
    return [WORKSPACE.name, *names] if WORKSPACE.name in frame else list(names)


def count_of(frame: pd.DataFrame, name: str, *, dropna: bool = True) -> int:
    """Return how many different ids a column has, counting equal ones of two workspaces twice."""
    rows = frame[frame[name].notna()] if dropna else frame
    return len(rows[key_of(frame, name)].drop_duplicates())
