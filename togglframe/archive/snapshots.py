"""Snapshots: the listings of a workspace, kept once a day, and what changed between two."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import pandas as pd

from togglframe.archive.comparing import compared
from togglframe.archive.folder import Folder, Tree, keeping, naming
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export.columns import as_list
from togglframe.export.parquet import require_pyarrow, write_parquet
from togglframe.http.client import client_of
from togglframe.http.quota import Plan
from togglframe.reports import across
from togglframe.reports.listings import LISTINGS, WHOLE
from togglframe.reports.planning import arguments_of, record_of, records
from togglframe.reports.sources import Listings
from togglframe.tables import AS_OF, CHANGES, HISTORIES, WORKSPACE, Kind, Table
from togglframe.tables.provenance import combined, of, stamp
from togglframe.warning import warn
from togglframe.workspace import Workspace

KEPT: Final = tuple(WHOLE)
_MARK: Final = "mark"
_LOST: Final = (
    ". archive.snapshot(ws) keeps the listings of today; what was in this file is lost: delete it"
)
# Rows of the other listings come and go with projects, also where nobody lost a right.
_SEEN_BY_RIGHT: Final = ("projects", "clients", "users")


def take(folder: Folder, ws: Workspace, day: dt.date) -> None:
    """Write the listings as they are now, under this day.

    Warns
    -----
    CompletenessWarning
        If they lack what another credential saw; they are then kept beside the fuller ones.
    """
    client = client_of(ws)
    with client.fetching_for_keeps():
        parts, _ = Listings.whole(ws).available()
    stamp(parts["projects"], **of(parts["projects"]), **{_MARK: client.mark})
    lacking = _lacking(folder, client.id, parts)
    tree: Tree = "narrower" if lacking else "snapshots"
    names = sorted(parts, key=lambda name: name == "projects")  # the last one marks it complete
    with keeping(*(folder.snapshot_file(name, client.id, day, tree) for name in names)) as files:
        for name, file in zip(names, files, strict=True):
            write_parquet(parts[name], file)
    for name in set(KEPT) - set(parts):  # left by an earlier snapshot of the day: another moment
        folder.snapshot_file(name, client.id, day, tree).unlink(missing_ok=True)
    if lacking:
        message = (
            f"the snapshot of workspace {client.id} lacks {lacking}, so it was kept in "
            f"{folder.path / tree}, which reports do not read. Take one with that credential; if "
            f"what it lacks is deleted, copy the contents of {tree} into snapshots"
        )
        warn(CompletenessWarning(message))


def plan(ws: Workspace) -> Plan:
    """Return what a snapshot would cost now, without a request: cached answers are not used."""
    with client_of(ws).fetching_for_keeps():
        return Listings.whole(ws).plan(*WHOLE)


def _lacking(folder: Folder, workspace_id: int, parts: Mapping[str, pd.DataFrame]) -> str:
    """Return what the newest snapshot has, of another credential, and this one lacks, in words."""
    days = folder.snapshot_days(workspace_id)
    try:
        kept = _frames(folder, workspace_id, days[-1]) if days else {}
    except ConfigError:  # damaged: this one takes its place
        return ""
    mark = of(kept["projects"]).get(_MARK) if kept else None
    if mark in (None, of(parts["projects"])[_MARK]):  # earlier versions did not record it
        return ""
    counts = {name: _count_lacking(name, frame, parts.get(name)) for name, frame in kept.items()}
    lacking = [f"{n} of {len(kept[name])} {name}" for name, n in counts.items() if n]
    seen = f" that another credential saw on {days[-1]}"
    return ", ".join(lacking) + seen if lacking else ""


def _count_lacking(name: str, kept: pd.DataFrame, frame: pd.DataFrame | None) -> int:
    if frame is None:
        return len(kept)
    return int((~kept["id"].isin(frame["id"])).sum()) if name in _SEEN_BY_RIGHT else 0


def load(folder: Folder, workspace_id: int, name: str, day: dt.date) -> pd.DataFrame | None:
    """Return a listing of a day, None if it was hidden then."""
    path = folder.snapshot_file(name, workspace_id, day)
    return read_kept(path, LISTINGS[name].table) if path.is_file() else None


def read_kept(path: Path, table: Table, remedy: str = _LOST) -> pd.DataFrame:
    """Return a listing as it was; columns that are newer than the file are NA."""
    with naming(path, remedy):
        frame = pd.read_parquet(path, page_checksum_verification=True)
    for column in table:
        if column.kind in (Kind.NAMES, Kind.IDS) and column.name in frame:
            values = frame[column.name]
            frame[column.name] = pd.Series(
                [pd.NA if value is None else as_list(value) for value in values],
                index=values.index,
                dtype=object,
            )
    lacking = {c.name: pd.Series(pd.NA, frame.index, c.dtype) for c in table if c.name not in frame}
    if not lacking:
        return frame
    others = [name for name in frame if name not in table]
    completed = frame.assign(**lacking)[[*table.names, *others]]
    completed.attrs = frame.attrs
    return completed


def fields_of(path: Path) -> Any:
    """Return the columns of a file, with their types."""
    _, pq = require_pyarrow("archive")
    with naming(path, _LOST):
        return pq.read_schema(path)


def history(
    folder: Folder, workspace_ids: Sequence[int], report: str, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """Return a report for every snapshot, `as_of` first; several workspaces go into one frame."""
    kept: dict[dt.date, list[int]] = {}
    for number in workspace_ids:
        for day in folder.snapshot_days(number):
            kept.setdefault(day, []).append(number)
    if not kept:
        raise ConfigError(
            f"{folder.path} holds no snapshot; archive.snapshot(ws) keeps one, as does "
            "togglframe archive sync"
        )
    function = _function(report)
    frames = []
    for day, numbers in sorted(kept.items()):
        parts = {number: _frames(folder, number, day) for number in numbers}
        frame = (
            across(parts, function, **parameters)
            if len(workspace_ids) > 1
            else function(parts[numbers[0]], **parameters)
        )
        as_of = pd.Series(pd.Timestamp(day).as_unit("us"), frame.index, dtype=AS_OF.dtype)
        frame.insert(0, AS_OF.name, as_of)
        frames.append(frame)
    table = HISTORIES[of(frames[0])["table"]]
    provenance = {
        **_common(frames),
        "table": table.name,
        WORKSPACE.name: list(workspace_ids) if len(workspace_ids) > 1 else workspace_ids[0],
    }
    return stamp(pd.concat(frames, ignore_index=True), **combined(frames, **provenance))


def _frames(folder: Folder, workspace_id: int, day: dt.date) -> dict[str, pd.DataFrame]:
    named = {name: load(folder, workspace_id, name, day) for name in KEPT}
    return {name: frame for name, frame in named.items() if frame is not None}


def _common(frames: Sequence[pd.DataFrame]) -> dict[str, Any]:
    """Return the provenance that all frames have in common, such as the filters of the report."""
    first, *others = map(of, frames)
    return {n: v for n, v in first.items() if all(other.get(n) == v for other in others)}


def _function(report: str) -> Callable[..., pd.DataFrame]:
    """Return the report of this name; refuse one that needs more than snapshots."""
    known = {
        record.name: function for function, record in records() if set(record.needs) <= set(KEPT)
    }
    if report not in known:
        raise ConfigError(f"report must be one of {', '.join(known)}, not {report!r}")
    return known[report]


class NothingBeforeError(ConfigError):
    """The archive has snapshots, but none from before a day."""


def changes(
    folder: Folder, workspace_id: int, since: dt.date, report: str, parameters: Mapping[str, Any]
) -> pd.DataFrame:
    """Return what changed between the newest snapshot and that of a day, or the last before it."""
    days = folder.snapshot_days(workspace_id)
    earlier = [day for day in days if day <= since]
    if not earlier:
        oldest = f"; the oldest is from {days[0]}" if days else ""
        message = (
            f"{folder.path} holds no snapshot of workspace {workspace_id} from {since} or "
            f"earlier{oldest}"
        )
        raise NothingBeforeError(message) if days else ConfigError(message)
    function, record = _function(report), record_of(report)
    table = record.table_of(record.parse(arguments_of(record, parameters)))
    ends = (earlier[-1], days[-1])
    before, after = (function(_frames(folder, workspace_id, day), **parameters) for day in ends)
    known = combined((before, after), table=CHANGES[table.name].name)
    since_day, as_of = (day.isoformat() for day in ends)
    return stamp(compared(before, after, table), **known, since=since_day, as_of=as_of)
