"""Archived time entries, read by month and by column."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from togglframe.archive.calendar import first_day, last_day, months_between
from togglframe.archive.folder import Folder
from togglframe.archive.months import Known, known_of, read_months
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export.parquet import require_pyarrow
from togglframe.reports._entries import clients_of
from togglframe.reports._part import is_among
from togglframe.reports.selection import Parts, Selection
from togglframe.tables import TIME_ENTRIES
from togglframe.tables.provenance import NOT_HELD, fetched, of, stamp, warn_of_doubt
from togglframe.text.periods import months_in_words
from togglframe.warning import warn


def check_columns(columns: Iterable[str]) -> list[str]:
    """Return the columns to read.

    Raises
    ------
    ConfigError, TypeError
        If there is no such column, or a column is named twice.
    """
    if isinstance(columns, str):
        raise TypeError(f"columns must be a list of strings, not {columns!r}")
    names = list(columns)
    unknown = [name for name in names if name not in TIME_ENTRIES]
    if unknown:
        known = ", ".join(TIME_ENTRIES.names)
        raise ConfigError(f"time entries have no column {unknown[0]!r}; they have {known}")
    if len(set(names)) < len(names):
        raise ConfigError(f"columns contains a name twice: {names}")
    return names


def entries_of(
    folder: Folder,
    workspace_id: int,
    chosen: Selection,
    today: dt.date,
    *,
    columns: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the selected entries of a workspace, ordered by start, then id.

    Warns
    -----
    CompletenessWarning
        If a month of the range was never synced.
    """
    files = _within(folder.months(workspace_id), chosen)
    entries = _read(list(files.values()), chosen, columns)
    known = {month: known_of(path) for month, path in files.items()}
    provenance_of_entries(entries, folder, workspace_id, chosen, known, today=today)
    return entries


def entries_by_month(
    folder: Folder, workspace_id: int, chosen: Selection, columns: Sequence[str], today: dt.date
) -> Parts | None:
    """Return these columns of the selected entries, month by month.

    Returns
    -------
    Parts or None
        None if nothing is archived, if an entry still ran, or if a sync was interrupted: an entry
        may then be in two files.

    Warns
    -----
    CompletenessWarning
        If a month of the range was never synced.
    """
    settled = settled_months(folder, workspace_id, chosen)
    if settled is None:
        return None
    files, known = settled
    provenance = TIME_ENTRIES.empty()
    provenance_of_entries(provenance, folder, workspace_id, chosen, known, today=today)
    paths = [[path] for path in files.values()] or [[]]  # without a month, one empty part
    return Parts(provenance, (_read(each, chosen, columns) for each in paths))


def settled_months(
    folder: Folder, workspace_id: int, chosen: Selection
) -> tuple[dict[str, Path], dict[str, Known]] | None:
    """Return the files of the months that overlap the range, and what they record, by month.

    None if nothing is archived, if an entry still ran, or if a sync was interrupted.
    """
    files = folder.months(workspace_id)
    if not files or folder.is_begun(workspace_id):
        return None
    files = _within(files, chosen)
    known = {month: known_of(path) for month, path in files.items()}
    return None if any(one.has_running for one in known.values()) else (files, known)


def _within(files: Mapping[str, Path], chosen: Selection) -> dict[str, Path]:
    """Return the files of the months that overlap the selected range."""
    return {month: path for month, path in files.items() if _is_in(month, chosen)}


def provenance_of_entries(
    frame: pd.DataFrame,
    folder: Folder,
    workspace_id: int,
    chosen: Selection,
    known: Mapping[str, Known],
    *,
    today: dt.date,
) -> None:
    """Stamp a frame of entries with its provenance, and warn of missing months."""
    compared = folder.compared(workspace_id)
    written = {month: one.fetched_at for month, one in known.items()}
    moments = [max(at, compared.get(month, at)) for month, at in written.items()]
    stamp(
        frame,
        table=TIME_ENTRIES.name,
        workspace_id=workspace_id,
        endpoints=["search/time_entries"],
        from_cache=False,
        stale=False,
        filters=chosen.filters,
        **fetched(moments),
    )
    lost = folder.lost(workspace_id)
    if of_range := [month for month in sorted(lost) if _is_in(month, chosen)]:
        warn_of_doubt(frame, _lost(of_range))
    _warn_of_lacking(frame, chosen, {*folder.months(workspace_id), *compared, *lost}, today)


def _read(paths: list[Path], chosen: Selection, columns: Sequence[str] | None) -> pd.DataFrame:
    keys = [*TIME_ENTRIES.order, "updated_at"]
    names = None if columns is None else list(dict.fromkeys([*columns, *keys]))
    entries = read_months(paths, columns=names, where=rows_where(chosen))
    if not entries["id"].is_unique:  # an entry moved to another month during an interrupted sync
        entries = entries.sort_values("updated_at", kind="stable")
        entries = entries.drop_duplicates("id", keep="last")
    ordered = entries.sort_values(list(TIME_ENTRIES.order), ignore_index=True)
    return ordered if columns is None else ordered[list(columns)]


def _is_in(month: str, chosen: Selection) -> bool:
    is_late = chosen.start is None or last_day(month) >= chosen.start
    return is_late and (chosen.end is None or first_day(month) <= chosen.end)


def rows_where(chosen: Selection, projects: pd.DataFrame | None = None) -> Any:
    """Return a pyarrow expression that selects the rows; None for all.

    With `projects`, it selects clients too: entries of their projects, and of those not listed.
    """
    require_pyarrow("archive")
    import pyarrow.compute as pc  # noqa: PLC0415

    tests = [
        _among(pc.field(column), ids)
        for column, ids in chosen.by_column.items()
        if column in TIME_ENTRIES
    ]
    if chosen.start is not None:
        tests.append(pc.field("date") >= _midnight(chosen.start))
    if chosen.end is not None:
        tests.append(pc.field("date") <= _midnight(chosen.end))
    if projects is not None and chosen.clients is not None:
        owned = clients_of(projects)
        of_others = owned.loc[~is_among(owned["client_id"], chosen.clients), "project_id"]
        field = pc.field("project_id")
        tests.append(field.is_null() | ~_among(field, of_others.tolist()))
    return functools.reduce(operator.and_, tests) if tests else None


def _among(field: Any, ids: Collection[int | None]) -> Any:
    is_named = field.isin([one for one in ids if one is not None] or [0])  # no id is 0
    return is_named | field.is_null() if None in ids else is_named


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time())


def warn_of_lost(folder: Folder, workspace_ids: Collection[int]) -> None:
    """Warn of months that were synced but whose files are gone."""
    for number in workspace_ids:
        if lost := sorted(folder.lost(number)):
            whose = f"workspace {number}: " if len(workspace_ids) > 1 else ""
            warn(CompletenessWarning(whose + _lost(lost)))


def _lost(months: list[str]) -> str:
    return _in_words(f"the archive has lost its files for {months_in_words(months)}", months)


def _warn_of_lacking(
    frame: pd.DataFrame, chosen: Selection, known: set[str], today: dt.date
) -> None:
    """Stamp the frame with the months of the range that were never synced, and warn of them.

    Future months are stamped too, but not warned of.
    """
    if chosen.start is None:
        return
    end = today if chosen.end is None else chosen.end
    requested = months_between(chosen.start, end) if chosen.start <= end else []
    not_held = [month for month in requested if month not in known]
    if not_held:
        stamp(frame, **{**of(frame), NOT_HELD: not_held})
    lacking = [month for month in not_held if first_day(month) <= today]
    if lacking:
        what = f"the archive holds nothing for {months_in_words(lacking)}"
        warn_of_doubt(frame, _in_words(what, lacking))


def _in_words(what: str, months: list[str]) -> str:
    call = f"archive.sync(ws, start_date={str(first_day(months[0]))!r})"
    them = "it" if len(months) == 1 else "them"
    return f"{what}: {call} fetches {them}, as does togglframe archive sync"
