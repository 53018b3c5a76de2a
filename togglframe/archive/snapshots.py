"""Snapshots: the listings of a workspace as they were, one a day, and what moved between two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any, Final

import pandas as pd

from togglframe import clock
from togglframe.archive.folder import Folder, keeping
from togglframe.errors import ConfigError
from togglframe.export.parquet import read_parquet, write_parquet
from togglframe.reports import across
from togglframe.reports.planning import records
from togglframe.source import LISTINGS, Listings
from togglframe.tables import Kind, Table
from togglframe.workspace import Workspace, client_of

__all__ = ["KEPT", "changes", "history", "load", "take"]

KEPT: Final = tuple(name for name, listing in LISTINGS.items() if not listing.is_ranged)
_MOVING: Final = (Kind.HOURS, Kind.MONEY, Kind.COUNT)


def take(folder: Folder, ws: Workspace) -> dt.date:
    """Keep the listings of today (UTC); return the day."""
    with client_of(ws).fetching_for_keeps():
        parts, _ = Listings(ws).available()
    workspace_id, day = client_of(ws).id, clock.now().date()
    names = sorted(parts, key=lambda name: name == "projects")  # the last one says it is whole
    with keeping(*(folder.snapshot_file(name, workspace_id, day) for name in names)) as files:
        for name, file in zip(names, files, strict=True):
            write_parquet(parts[name], file)
    for name in set(KEPT) - set(parts):  # of an earlier one of the day; it would be of two moments
        folder.snapshot_file(name, workspace_id, day).unlink(missing_ok=True)
    return day


def load(folder: Folder, workspace_id: int, name: str, day: dt.date) -> pd.DataFrame | None:
    """Return a listing of a day, None where that was hidden."""
    path = folder.snapshot_file(name, workspace_id, day)
    return _read(path, LISTINGS[name].table) if path.is_file() else None


def _read(path: Path, table: Table) -> pd.DataFrame:
    """Return a listing as it was; a column that is younger than the file is NA."""
    try:
        frame = read_parquet(path)
    except (ConfigError, KeyError, OSError, TypeError, ValueError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}. archive.snapshot(ws) keeps the listings of today; "
            "what was in this file is lost: delete it"
        ) from error
    lacking = {c.name: pd.Series(pd.NA, frame.index, c.dtype) for c in table if c.name not in frame}
    if not lacking:
        return frame
    others = [name for name in frame if name not in table]
    completed = frame.assign(**lacking)[[*table.names, *others]]
    completed.attrs = frame.attrs
    return completed


def history(
    folder: Folder, workspace_ids: Collection[int], report: str, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """Return a report of every snapshot, `as_of` first; of several workspaces across them."""
    kept: dict[dt.date, list[int]] = {}
    for number in workspace_ids:
        for day in folder.snapshot_days(number):
            kept.setdefault(day, []).append(number)
    if not kept:
        raise ConfigError(f"{folder.path} holds no snapshot; archive.snapshot(ws) keeps one")
    function = _function(report)
    frames = []
    for day, numbers in sorted(kept.items()):
        parts = {number: _frames(folder, number, day) for number in numbers}
        frame = (
            across(parts, function, **parameters)
            if len(workspace_ids) > 1
            else function(parts[numbers[0]], **parameters)
        )
        as_of = pd.Series(pd.Timestamp(day).as_unit("us"), frame.index, dtype="datetime64[us]")
        frame.insert(0, "as_of", as_of)
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def _frames(folder: Folder, workspace_id: int, day: dt.date) -> dict[str, pd.DataFrame]:
    named = {name: load(folder, workspace_id, name, day) for name in KEPT}
    return {name: frame for name, frame in named.items() if frame is not None}


def _function(report: str) -> Callable[..., pd.DataFrame]:
    """Return the report of this name, if snapshots are all that it needs."""
    known = {
        record.name: function for function, record in records() if set(record.needs) <= set(KEPT)
    }
    if report not in known:
        raise ConfigError(f"report is one of {', '.join(known)}, not {report!r}")
    return known[report]


def changes(folder: Folder, workspace_id: int, since: dt.date, report: str) -> pd.DataFrame:
    """Return what moved between the snapshot of a day, or the last one before, and the newest."""
    days = folder.snapshot_days(workspace_id)
    earlier = [day for day in days if day <= since]
    if not earlier:
        oldest = f"; the oldest one is of {days[0]}" if days else ""
        raise ConfigError(
            f"of workspace {workspace_id}, {folder.path} holds no snapshot of {since} or "
            f"before{oldest}"
        )
    function = _function(report)
    table = {record.name: record for _, record in records()}[report].table
    before, after = (
        function(_frames(folder, workspace_id, day)).set_index(list(table.key))
        for day in (earlier[-1], days[-1])
    )
    names = [c.name for c in table if c.kind is Kind.STRING and c.name not in table.key]
    measures = [c.name for c in table if c.kind in _MOVING and c.name not in table.key]
    both = before.index.union(after.index, sort=False)
    told = after.reindex(both)[names]
    told = told.fillna(before.reindex(both)[names])
    moved = [_moved(before, after, both, measure) for measure in measures]
    joined = pd.concat([told.join(part, how="inner") for part in moved])
    ordered = joined.reset_index().assign(_place=lambda one: one["measure"].map(measures.index))
    by = [*table.key, "_place"]
    return ordered.sort_values(by, ignore_index=True).drop(columns="_place")


def _moved(before: pd.DataFrame, after: pd.DataFrame, both: Any, measure: str) -> pd.DataFrame:
    """Return the rows in which a measure is another now; one that is missing now is NA."""
    old, new = (frame[measure].reindex(both).astype("Float64") for frame in (before, after))
    is_other = (old != new).fillna(old.isna() != new.isna()).astype(bool)
    return pd.DataFrame(
        {"measure": measure, "before": old, "after": new, "difference": new - old}, index=both
    )[is_other]
