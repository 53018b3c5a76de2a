"""The archive as a DuckDB database: a view for each table, over the files as they are."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from togglframe.archive.folder import Folder
from togglframe.archive.snapshots import KEPT
from togglframe.source import LISTINGS
from togglframe.tables import TIME_ENTRIES, Column, Kind

if TYPE_CHECKING:
    import duckdb

__all__ = ["connect", "files_literal", "opened", "require_duckdb", "whole"]

_DURATIONS: Final = (Kind.DURATION, Kind.OFFSET)
# What DuckDB makes of a column in the files.
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
    """Return a connection in memory that says nothing on its own, and knows but one zone."""
    connection: duckdb.DuckDBPyConnection = require_duckdb().connect()
    connection.execute("SET TimeZone = 'UTC'")
    has_bar = connection.execute("SELECT current_setting('enable_progress_bar')").fetchone()
    if has_bar == (True,):  # a notebook without ipywidgets has none, and refuses to take it away
        connection.execute("SET enable_progress_bar = false")
    return connection


def connect(folder: Folder) -> duckdb.DuckDBPyConnection:
    """Return a connection in memory, with a view for each table of which there are files."""
    connection = opened()
    if any(folder.months(number) for number in folder.workspace_ids()):
        files = folder.path / "time_entries" / "*" / "*" / "part-0.parquet"
        _add_view(connection, "time_entries", files, tuple(TIME_ENTRIES))
    for name in KEPT:
        if any(folder.path.glob(f"snapshots/{name}/*/*/part-0.parquet")):
            files = folder.path / "snapshots" / name / "*" / "*" / "part-0.parquet"
            _add_view(connection, f"{name}_history", files, tuple(LISTINGS[name].table))
            connection.execute(
                f"CREATE VIEW {name} AS FROM {name}_history AS kept WHERE as_of = "  # noqa: S608
                f"(SELECT max(as_of) FROM {name}_history AS newest "
                "WHERE newest.workspace_id = kept.workspace_id)"
            )
    return connection


def _add_view(
    connection: duckdb.DuckDBPyConnection, name: str, files: Path, columns: tuple[Column, ...]
) -> None:
    durations = [column.name for column in columns if column.kind in _DURATIONS]
    changed = [f"to_milliseconds({each}) AS {each}" for each in durations]
    changed += [f"CAST({c.name} AS DATE) AS {c.name}" for c in columns if c.kind is Kind.DATE]
    added = [f", {each} / 1000 AS {_seconds(each)}" for each in durations]
    replaced = f" REPLACE ({', '.join(changed)})" if changed else ""
    source = whole(connection, f"{_literal(files)}, hive_partitioning = true", columns)
    # Names are those of the tables, and the path is a literal: nothing of it is a user's SQL.
    connection.execute(
        f"CREATE VIEW {name} AS SELECT *{replaced}{''.join(added)} FROM {source}"  # noqa: S608
    )


def whole(connection: duckdb.DuckDBPyConnection, files: str, columns: Iterable[Column]) -> str:
    """Return files as SQL that has these columns: what is younger than a file is NULL in it."""
    source = f"read_parquet({files}, union_by_name = true)"
    told = connection.execute(f"DESCRIBE FROM {source}").fetchall()
    there = {name for name, *_ in told}
    lacking = [f"NULL::{_TYPES[c.kind]} AS {c.name}" for c in columns if c.name not in there]
    return f"(SELECT {', '.join(['*', *lacking])} FROM {source})"  # noqa: S608


def _seconds(name: str) -> str:
    return name.removesuffix("_time") + "_seconds"


def files_literal(paths: Iterable[Path]) -> str:
    """Return a list of files as SQL, each as it is named."""
    return f"[{', '.join(_quoted(_exact(path.absolute())) for path in paths)}]"


def _literal(pattern: Path) -> str:
    """Return a pattern of paths as SQL, of whose folder every character stands for itself."""
    *folder, kind, name, workspace, part, file = pattern.absolute().parts
    if kind != "snapshots":
        folder, kind = [*folder, kind], ""
    exact = _exact(Path(*folder))
    return _quoted("/".join(each for each in (exact, kind, name, workspace, part, file) if each))


def _exact(path: Path) -> str:
    """Return a path of which every character stands for itself where patterns are read."""
    return "".join(f"[{c}]" if c in "[*?" else c for c in str(path))


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
