"""The archive as a DuckDB database: a view for each table, over the files as they are.

DuckDB reads the files through pyarrow, which verifies the checksum of each page; DuckDB would not.
So views and frames have one list of files, the same checks, and find the same damage. pyarrow takes
the paths as they are, whatever characters they contain, and DuckDB itself needs no access to files.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from togglframe.archive import months, snapshots
from togglframe.archive.folder import Folder
from togglframe.archive.months import arrow_types, sums_of
from togglframe.archive.snapshots import KEPT, load
from togglframe.export.parquet import require_pyarrow
from togglframe.reports.listings import LISTINGS
from togglframe.tables import TIME_ENTRIES, Column, Kind, Table

if TYPE_CHECKING:
    import duckdb

# Files, each with the columns of all its rows that are not in it, since its folders name them.
Files = Mapping[Path, Mapping[str, Any]]

_DURATIONS: Final = (Kind.DURATION, Kind.OFFSET)
_LISTS: Final = (Kind.NAMES, Kind.IDS)  # a snapshot may hold them as JSON


def require_duckdb() -> Any:
    """Return DuckDB, or say how to install it."""
    try:
        import duckdb  # noqa: PLC0415
    except ImportError as error:
        raise ImportError(
            'This needs DuckDB. Install it with: pip install "togglframe[archive]"'
        ) from error
    return duckdb


def opened() -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection that shows no progress bar and uses UTC."""
    connection: duckdb.DuckDBPyConnection = require_duckdb().connect()
    connection.sql("SET TimeZone = 'UTC'")
    has_bar = connection.sql("SELECT current_setting('enable_progress_bar')").fetchall()
    if has_bar == [(True,)]:  # without ipywidgets a notebook has none, and disabling it would fail
        connection.sql("SET enable_progress_bar = false")
    return connection


def connect(folder: Folder, workspace_ids: Collection[int]) -> duckdb.DuckDBPyConnection:
    """Return an in-memory connection with a view for each table that has files.

    Raises
    ------
    ConfigError
        If a file cannot be read.
    """
    connection = opened()
    try:
        _add_views(connection, folder, workspace_ids)
    except BaseException:
        connection.close()
        raise
    return connection


def check(folder: Folder, workspace_ids: Collection[int]) -> None:
    """Read every file in full.

    Raises
    ------
    ConfigError
        If one cannot be read; the error names it.
    """
    for number in workspace_ids:
        for path in folder.months(number).values():
            sums_of(path)
        for day in folder.snapshot_days(number):
            for name in KEPT:
                load(folder, number, name, day)


def months_scanned(files: Files) -> Any:
    """Return the files of months as a dataset of pyarrow; durations are milliseconds in it.

    Raises
    ------
    ConfigError
        If one is not the file of its month.
    """
    return _scanned(files, months.fields_of, TIME_ENTRIES)


def _add_views(
    connection: duckdb.DuckDBPyConnection, folder: Folder, workspace_ids: Collection[int]
) -> None:
    entries: Files = {
        path: {"workspace_id": number, "month": month}
        for number in workspace_ids
        for month, path in folder.months(number).items()
    }
    if entries:
        _add_view(connection, TIME_ENTRIES.name, months_scanned(entries), TIME_ENTRIES)
    days = {number: folder.snapshot_days(number) for number in workspace_ids}
    newest = [
        f"(workspace_id = {number} AND as_of = DATE '{of_workspace[-1]}')"
        for number, of_workspace in days.items()
        if of_workspace
    ]
    for name in KEPT:
        files: Files = {
            path: {"workspace_id": number, "as_of": day}
            for number, of_workspace in days.items()
            for day in of_workspace
            if (path := folder.snapshot_file(name, number, day)).is_file()
        }
        if files:
            table = LISTINGS[name].table
            _add_view(
                connection, f"{name}_history", _scanned(files, snapshots.fields_of, table), table
            )
            connection.view(f"{name}_history").filter(" OR ".join(newest)).create_view(name)


def _common_type(one: Any, other: Any) -> Any:
    """Return the type of a column that has these types in two files."""
    pa, _ = require_pyarrow("archive")
    schemas = [pa.schema([("column", each)]) for each in (one, other)]
    try:
        return pa.unify_schemas(schemas, promote_options="permissive").field("column").type
    except pa.ArrowException:
        return pa.string()


def _scanned(files: Files, fields_of: Callable[[Path], Any], table: Table) -> Any:
    """Return files as a dataset of pyarrow; columns newer than a file are null."""
    pa, _ = require_pyarrow("archive")
    import pyarrow.compute as pc  # noqa: PLC0415
    import pyarrow.dataset as ds  # noqa: PLC0415
    from pyarrow.fs import LocalFileSystem  # noqa: PLC0415

    options = ds.ParquetFragmentScanOptions(page_checksum_verification=True)
    format_, system = ds.ParquetFileFormat(default_fragment_scan_options=options), LocalFileSystem()
    types: dict[str, Any] = {}
    fragments = []
    for path, values in files.items():
        for field in fields_of(path):
            types[field.name] = _common_type(types.get(field.name, field.type), field.type)
        rows = pc.scalar(True)
        for name, value in values.items():
            rows &= pc.field(name) == value
        where = str(path.absolute())
        fragments.append(format_.make_fragment(where, system, partition_expression=rows))
    types |= {
        column.name: arrow_types()[column.kind]
        for column in table
        if column.name not in types or column.kind not in _LISTS
    }
    # DuckDB would make intervals of durations, which cannot be summed.
    types |= {name: pa.scalar(value).type for name, value in values.items()}
    columns = [(n, pa.int64() if pa.types.is_duration(t) else t) for n, t in types.items()]
    return ds.FileSystemDataset(fragments, pa.schema(columns), format_, system)


def _add_view(
    connection: duckdb.DuckDBPyConnection, name: str, dataset: Any, columns: Iterable[Column]
) -> None:
    listed = list(columns)
    durations = [column.name for column in listed if column.kind in _DURATIONS]
    changed = [f"to_milliseconds({each}) AS {each}" for each in durations]
    changed += [f"CAST({c.name} AS DATE) AS {c.name}" for c in listed if c.kind is Kind.DATE]
    replaced = f" REPLACE ({', '.join(changed)})" if changed else ""
    added = [f", {each} / 1000 AS {_seconds(each)}" for each in durations]
    # Names come from the tables: none of this is a user's SQL.
    connection.from_arrow(dataset).project(f"*{replaced}{''.join(added)}").create_view(name)


def _seconds(name: str) -> str:
    return name.removesuffix("_time") + "_seconds"
