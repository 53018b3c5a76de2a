"""Time entries aggregated in DuckDB, by the columns that a report reads."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.archive.entries import provenance_of_entries, rows_where, settled_months
from togglframe.archive.folder import Folder
from togglframe.archive.months import sums_of, typed, values_of
from togglframe.archive.views import months_scanned, opened, require_duckdb
from togglframe.export.parquet import require_pyarrow
from togglframe.reports.selection import DAYS, N_ENTRIES, Selection, Sums
from togglframe.tables import TIME_ENTRIES
from togglframe.tables.provenance import of, stamp

# A row stands for the entries of one day, week or month; one bit per day says which have entries.
# No row extends beyond a month, the longest that has a bit for each day.
_COUNT: Final = pd.Int64Dtype()
_SHORT: Final = ("day", "week")
# The names in an entry, and the id by which each is looked up.
_NAMED: Final = {
    "user": "user_id",
    "project": "project_id",
    "task": "task_id",
    "client": "project_id",
}
_NO_KEYS: Final = (*_NAMED, "amount", "date", "tracked_time", "updated_at")


def summed_entries(
    folder: Folder,
    workspace_id: int,
    chosen: Selection,
    sums: Sums,
    projects: Callable[[], pd.DataFrame | None],
    *,
    today: dt.date,
    totals_at: dt.datetime | None = None,
) -> pd.DataFrame | None:
    """Return the selected entries, aggregated: one row for those of a month that are read alike.

    `tracked_time` and `amount` are sums, `date` is the first day, and `updated_at` the last change,
    of entries changed before or after `totals_at`, never of both; further columns hold the
    number of entries and the days of the period that have any. A name, the latest one, is in one
    row for each id that it belongs to, and each project with that id. `start` and `id` are made up,
    except where a client is named: its latest name has to be found among several projects.

    Months are aggregated one after another, so that DuckDB never holds more groups than one month
    has, and without names, which would be most of the data.

    Returns
    -------
    DataFrame or None
        None if a sync was interrupted, since an entry may then be in two files, if an entry still
        ran, or if clients are selected but no projects are archived to look them up in.
    """
    settled = settled_months(folder, workspace_id, chosen)
    if settled is None or not settled[0]:
        return None
    files, known = settled
    datasets = [months_scanned({path: {}}) for path in files.values()]
    listed = None if chosen.clients is None else projects()
    if chosen.clients is not None and listed is None:
        return None
    where = rows_where(chosen, listed)
    if where is not None:
        datasets = [dataset.filter(where) for dataset in datasets]
    names = [name for name in _NAMED if name in sums.columns]
    duckdb = require_duckdb()
    with opened() as connection:
        connection.sql("SET preserve_insertion_order = false")

        def fetched(query: str) -> Any:
            return connection.sql(query).to_arrow_table()

        try:
            sources = [f"month_{number}" for number, _ in enumerate(datasets)]
            for source, dataset in zip(sources, datasets, strict=True):
                connection.from_arrow(dataset).create_view(source)
            parts = [_frame(fetched(_sums_query(source, sums, totals_at))) for source in sources]
            names_by_source = {
                name: [fetched(_names_query(source, name)) for source in sources] for name in names
            }
        except duckdb.Error:
            for path in files.values():
                sums_of(path)  # names the file that is damaged
            raise
    frame = _joined(parts)
    for name, tables in names_by_source.items():
        _add_names(frame, name, tables)
    provenance_of_entries(frame, folder, workspace_id, chosen, known, today=today)
    return stamp(frame, **{**of(frame), "is_summed": True})


# The SQL holds only names of columns of the table, and integers.


def _sums_query(source: str, sums: Sums, totals_at: dt.datetime | None) -> str:
    unit = sums.every if sums.every in _SHORT else "month"
    grain = f"date_trunc('{unit}', date)"
    keys = [name for name in sums.columns if name not in _NO_KEYS]
    grouped = [*keys, grain, *(["sign(amount)"] if "amount" in sums.columns else [])]
    selected = [
        *keys,
        "min(date) AS date",
        "sum(tracked_time)::BIGINT AS tracked_time",
        f"count(*)::INTEGER AS {N_ENTRIES}",
        f"bit_or(1::INTEGER << date_diff('day', {grain}, date)::INTEGER) AS {DAYS}",
    ]
    if "amount" in sums.columns:
        selected.append("sum(round(amount * 100)::BIGINT)::BIGINT AS cents")
    if "updated_at" in sums.columns:
        selected.append("max(updated_at) AS updated_at")
        if totals_at is not None:
            grouped.append(f"epoch_us(updated_at) > {_microseconds(totals_at)}")
    return f"SELECT {', '.join(selected)} FROM {source} GROUP BY {', '.join(grouped)}"  # noqa: S608


def _names_query(source: str, name: str) -> str:
    """Return the SQL for the latest name of each id, with the start and id of its entry."""
    key = _NAMED[name]
    # Start and id as one number, which compares faster than a struct.
    latest = "(epoch_us(start)::HUGEINT << 64) | id"
    return (
        f"SELECT {key}, {name}, (latest >> 64)::BIGINT AS start, "  # noqa: S608
        f"(latest & {2**64 - 1}::HUGEINT)::BIGINT AS id FROM (SELECT {key}, "
        f"arg_max({name}, {latest}) AS {name}, max({latest}) AS latest FROM {source} "
        f"WHERE {key} IS NOT NULL AND {name} IS NOT NULL GROUP BY {key})"
    )


def _microseconds(moment: dt.datetime) -> int:
    return (moment - dt.datetime.fromtimestamp(0, dt.UTC)) // dt.timedelta(microseconds=1)


def _frame(table: Any) -> pd.DataFrame:
    counts = {name: table.column(name).to_numpy() for name in (N_ENTRIES, DAYS)}
    frame = typed({name: table.column(name) for name in table.column_names if name in TIME_ENTRIES})
    if "cents" in table.column_names:
        frame["amount"] = pd.Series(values_of(table.column("cents"), _COUNT)) / 100
    return frame.assign(**counts)


def _joined(parts: list[pd.DataFrame]) -> pd.DataFrame:
    """Concatenate the parts column by column, so that no column is in memory twice."""
    columns = {}
    for name in map(str, list(parts[0])):
        of_parts: list[Any] = [part.pop(name) for part in parts]
        columns[name] = pd.concat(of_parts, ignore_index=True)
    frame = pd.DataFrame(columns, copy=False)
    # A frame of entries needs a key; the ids of the API are above zero.
    ids = pd.Series(-1 - np.arange(len(frame)), dtype="Int64")
    return frame.assign(start=frame["date"].dt.tz_localize("UTC"), id=ids)


def _add_names(frame: pd.DataFrame, name: str, tables: list[Any]) -> None:
    """Add a name to one row for each id and project: selected clients may leave out a project."""
    pa, _ = require_pyarrow("archive")
    key = _NAMED[name]
    entries = pa.concat_tables(tables).to_pandas().sort_values(["start", "id"])
    latest = entries.drop_duplicates(key, keep="last").set_index(key)
    ids = frame[[column for column in {key, "project_id"} if column in frame]]
    rows = np.flatnonzero(frame[key].notna() & ~ids.duplicated())
    position = latest.index.get_indexer(frame[key].iloc[rows].astype("int64"))
    rows, position = rows[position >= 0], position[position >= 0]
    positions = np.full(len(frame), -1)
    positions[rows] = position
    column = pa.array(latest[name], pa.large_string()).take(pa.array(positions, mask=positions < 0))
    frame[name] = values_of(column, TIME_ENTRIES[name].dtype)
    if name == "client":
        frame.loc[rows, "id"] = latest["id"].iloc[position].to_numpy()
        moments = latest["start"].iloc[position].to_numpy("datetime64[us]")
        frame.loc[rows, "start"] = pd.DatetimeIndex(moments, tz="UTC")
