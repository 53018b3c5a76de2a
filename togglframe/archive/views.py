"""The archive as a DuckDB database: a view for each table, over the files as they are."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from togglframe.archive.folder import Folder
from togglframe.archive.months import sums_of
from togglframe.archive.snapshots import KEPT, load
from togglframe.source import LISTINGS
from togglframe.tables import TIME_ENTRIES, Column, Kind

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect", "files_literal", "opened", "require_duckdb", "whole"]

_DURATIONS: Final = (Kind.DURATION, Kind.OFFSET)
# The DuckDB type of each kind of column in the files.
_TYPES: Final = {
    Kind.ID: "BIGINT",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.STRING: "VARCHAR",
    Kind.DURATION: "BIGINT",
    Kind.OFFSET: "BIGINT",
    Kind.MONEY: "DOUBLE",
    Kind.TIMESTAMP: "TIMESTAMPTZ",
    Kind.DATE: "TIMESTAMP",
    Kind.NAMES: "VARCHAR[]",
    Kind.IDS: "BIGINT[]",
}


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
    connection.execute("SET TimeZone = 'UTC'")
    has_bar = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()
    if has_bar == (True,):  # without ipywidgets a notebook has none, and disabling it would fail
        connection.execute("SET enable_progress_bar = false")
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
    except require_duckdb().Error:
        connection.close()
        _name_what_is_damaged(folder, workspace_ids)
        raise
    return connection


def _name_what_is_damaged(folder: Folder, workspace_ids: Collection[int]) -> None:
    for number in workspace_ids:
        for path in folder.months(number).values():
            sums_of(path)
        for day in folder.snapshot_days(number):
            for name in KEPT:
                load(folder, number, name, day)


def _add_views(
    connection: duckdb.DuckDBPyConnection, folder: Folder, workspace_ids: Collection[int]
) -> None:
    months = [folder.month_file(number, "*") for number in workspace_ids]
    if files := _patterns(folder, months):
        _add_view(connection, "time_entries", files, tuple(TIME_ENTRIES))
    newest = [
        f"(workspace_id = {number} AND as_of = DATE '{days[-1]}')"
        for number in workspace_ids
        if (days := folder.snapshot_days(number))
    ]
    for name in KEPT:
        days_of = [folder.snapshot_file(name, number, "*") for number in workspace_ids]
        if files := _patterns(folder, days_of):
            _add_view(connection, f"{name}_history", files, tuple(LISTINGS[name].table))
            connection.execute(
                f"CREATE VIEW {name} AS FROM {name}_history WHERE {' OR '.join(newest) or 'false'}"
            )


def _patterns(folder: Folder, paths: Iterable[Path]) -> str:
    """Return path patterns as SQL, an empty string if no file matches.

    Wildcard characters in the folder's own path are escaped.
    """
    exact = _exact(folder.path.absolute())
    named = [path.relative_to(folder.path).as_posix() for path in paths]
    there = [_quoted(f"{exact}/{name}") for name in named if any(folder.path.glob(name))]
    return f"[{', '.join(there)}]" if there else ""


def _add_view(
    connection: duckdb.DuckDBPyConnection, name: str, files: str, columns: tuple[Column, ...]
) -> None:
    durations = [column.name for column in columns if column.kind in _DURATIONS]
    changed = [f"to_milliseconds({each}) AS {each}" for each in durations]
    changed += [f"CAST({c.name} AS DATE) AS {c.name}" for c in columns if c.kind is Kind.DATE]
    added = [f", {each} / 1000 AS {_seconds(each)}" for each in durations]
    replaced = f" REPLACE ({', '.join(changed)})" if changed else ""
    source = whole(connection, f"{files}, hive_partitioning = true", columns)
    # Names come from the tables and paths are quoted literals: none of this is a user's SQL.
    connection.execute(
        f"CREATE VIEW {name} AS SELECT *{replaced}{''.join(added)} FROM {source}"  # noqa: S608
    )


def whole(connection: duckdb.DuckDBPyConnection, files: str, columns: Iterable[Column]) -> str:
    """Return SQL that reads files with these columns; those newer than a file are NULL in it."""
    source = f"read_parquet({files}, union_by_name = true)"
    told = connection.execute(f"DESCRIBE FROM {source}").fetchall()
    there = {name for name, *_ in told}
    lacking = [f"NULL::{_TYPES[c.kind]} AS {c.name}" for c in columns if c.name not in there]
    return f"(SELECT {', '.join(['*', *lacking])} FROM {source})"  # noqa: S608


def _seconds(name: str) -> str:
    return name.removesuffix("_time") + "_seconds"


def files_literal(paths: Iterable[Path]) -> str:
    """Return a list of files as SQL, with wildcard characters escaped."""
    return f"[{', '.join(_quoted(_exact(path.absolute())) for path in paths)}]"


def _exact(path: Path) -> str:
    """Return a path with wildcard characters escaped."""
    return "".join(f"[{c}]" if c in "[*?" else c for c in str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
