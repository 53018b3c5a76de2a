"""Time entries in Parquet: one file per month, with the schema of their table."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.archive.calendar import first_day, last_day
from togglframe.archive.folder import in_the_way, keeping, moment
from togglframe.errors import ConfigError
from togglframe.export.parquet import require_pyarrow
from togglframe.tables import TIME_ENTRIES, Kind
from togglframe.tables.casting import infer, objects
from togglframe.tables.validation import milliseconds

MORE: Final = "undeclared_fields"  # a JSON object of the API's fields that the table lacks
_KEY: Final = b"togglframe"
# Every file has these columns. A file lists the others that it was written with; in one that does
# not, as version 0.2 wrote them, any other column may be missing because it is newer than the file.
_ALWAYS: Final = ("id", "start", "stop", "date", "utc_offset", "tracked_time")
# Of these no value may be missing, or a sum would skip the entry that a count counts.
_FILLED: Final = ("id", "start", "date", "tracked_time")
_MIDNIGHT: Final = dt.time()


@dataclass(frozen=True)
class Known:
    """What a file records about itself.

    Attributes
    ----------
    fetched_at : datetime
        When its first page was fetched, by this machine's clock (UTC).
    seen : datetime or None
        The newest change that the API had listed by then, by its own clock (UTC); None if unknown.
    mark : str
        What identifies the credential that it was fetched with.
    amount : int or None
        The API's own total of the amounts [cents]; None if unknown.
    """

    fetched_at: dt.datetime
    seen: dt.datetime | None
    mark: str
    amount: int | None = None


@dataclass(frozen=True)
class MonthSums:
    """The totals of a month.

    Attributes
    ----------
    rows : int
        The number of entries.
    tracked : int
        The tracked time [ms].
    billable : int or None
        Its billable part [ms]; None unless it is known for every entry.
    """

    rows: int
    tracked: int
    billable: int | None


@cache
def arrow_types() -> Mapping[Kind, Any]:
    """Return the type of each kind of column in the files."""
    pa, _ = require_pyarrow("archive")
    return {
        Kind.ID: pa.int64(),
        Kind.BOOLEAN: pa.bool_(),
        Kind.STRING: pa.string(),
        Kind.DURATION: pa.duration("ms"),
        Kind.OFFSET: pa.duration("ms"),
        Kind.MONEY: pa.float64(),
        Kind.TIMESTAMP: pa.timestamp("us", "UTC"),
        Kind.DATE: pa.timestamp("us"),
        Kind.NAMES: pa.list_(pa.string()),
        Kind.IDS: pa.list_(pa.int64()),
    }


@cache
def schema() -> Any:
    """Return the schema of every file of a month."""
    pa, _ = require_pyarrow("archive")
    fields = [(column.name, arrow_types()[column.kind]) for column in TIME_ENTRIES]
    return pa.schema([*fields, (MORE, pa.string())])


def write_month(path: Path, entries: pd.DataFrame, known: Known) -> None:
    """Write the entries of a month, completely or not at all."""
    pa, pq = require_pyarrow("archive")
    columns = {name: _listed(entries[name]) for name in TIME_ENTRIES.names}
    columns[MORE] = _json_of_undeclared(entries)
    arrays = [pa.array(columns[f.name], f.type, from_pandas=True) for f in schema()]
    told = {
        "fetched_at": known.fetched_at.isoformat(),
        "seen": known.seen and known.seen.isoformat(),
        "mark": known.mark,
        "amount": known.amount,
        "columns": schema().names,
    }
    described = schema().with_metadata({_KEY: json.dumps(told)})
    table = pa.Table.from_arrays(arrays, schema=described)
    with keeping(path) as (file,):
        pq.write_table(
            table,
            file,
            compression="zstd",
            write_page_checksum=True,
            # Readers skip rows by these, which have no checksum: none but those that are checked.
            write_statistics=list(_FILLED),
        )


def _listed(values: pd.Series[Any]) -> Any:
    if values.dtype != np.dtype("object"):
        return values
    return [None if value is pd.NA else value for value in values]


def _json_of_undeclared(entries: pd.DataFrame) -> list[str | None]:
    names = [name for name in entries if name not in TIME_ENTRIES]
    if not names:
        return [None] * len(entries)
    columns = [entries[name].astype(object) for name in names]
    plain = [column.where(column.notna(), None).tolist() for column in columns]
    return [
        json.dumps(dict(zip(names, row, strict=True)), ensure_ascii=False)
        for row in zip(*plain, strict=True)
    ]


def known_of(path: Path) -> Known:
    """Return what a file records about itself.

    Raises
    ------
    ConfigError
        If it cannot be read or is not the file of its month: it is of another kind, lacks a column
        that it was written with, has a column of another type, lacks a value that every entry has,
        or holds entries of another month.
    """
    return _checked(path)[0]


def fields_of(path: Path) -> Any:
    """Return the columns of a file, with their types, after the same checks."""
    return _checked(path)[1]


def _checked(path: Path) -> tuple[Known, Any]:
    _, pq = require_pyarrow("archive")
    with _naming(path):
        if found := in_the_way(path):
            raise ValueError(f"{found} is not the kind of file that belongs there")
        footer = pq.read_metadata(path)
        fields = footer.schema.to_arrow_schema()
        told = json.loads(footer.metadata[_KEY])
        _check_columns(fields, told.get("columns", _ALWAYS))
        _check_rows(footer, path.parent.name.rpartition("=")[2])
        seen = told.get("seen", told["fetched_at"])  # earlier versions recorded only the latter
        moments = moment(told["fetched_at"]), seen and moment(seen)
        return Known(*moments, told["mark"], told.get("amount")), fields


def _check_columns(found: Any, written: Iterable[str]) -> None:
    for name in written:
        if name not in found.names:
            raise ValueError(f"it lacks the column {name!r}")
    for column in schema():
        if column.name in found.names and found.field(column.name).type != column.type:
            other = found.field(column.name).type
            raise ValueError(f"its column {column.name!r} has the type {other}, not {column.type}")


def holds_running(path: Path) -> bool:
    """Return whether a file holds an entry that still ran, as those of old versions may.

    Raises
    ------
    ConfigError
        As :func:`known_of` does.
    """
    _, pq = require_pyarrow("archive")
    known_of(path)
    with _naming(path):
        footer = pq.read_metadata(path)
    place = footer.schema.names.index("tracked_time")
    groups = (footer.row_group(number) for number in range(footer.num_row_groups))
    known = [group.column(place).statistics for group in groups]
    return any(each is not None and each.has_min_max and each.min < 0 for each in known)


def _check_rows(footer: Any, month: str) -> None:
    """Refuse rows that no sync writes there, from what the file says of its columns."""
    places = {footer.schema.column(n).path: n for n in range(footer.num_columns)}
    groups = map(footer.row_group, range(footer.num_row_groups))
    for group in (group for group in groups if group.num_rows):
        told = {name: group.column(places[name]).statistics for name in _FILLED}
        for name, values in told.items():
            if values is None or values.null_count:
                raise ValueError(f"its column {name!r} lacks values")
        days = told["date"].min, told["date"].max
        if any(day.time() != _MIDNIGHT for day in days):  # a flipped bit would hide days
            raise ValueError("what it says of its days is damaged")
        if not first_day(month) <= days[0].date() <= days[1].date() <= last_day(month):
            raise ValueError(f"it holds entries from {days[0].date()} to {days[1].date()}")


def summed(entries: pd.DataFrame) -> MonthSums:
    """Sum up entries."""
    tracked = milliseconds(entries["tracked_time"])
    billable = entries["billable"]
    return MonthSums(
        rows=len(entries),
        tracked=int(tracked.sum()),
        billable=None if billable.isna().any() else int(tracked[billable.astype(bool)].sum()),
    )


def sums_of(path: Path) -> MonthSums:
    """Sum up a file, reading all of it so that damage is found wherever it is.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    whole = _table([path], [*TIME_ENTRIES.names, MORE], None)
    return summed(_typed(whole.select(["tracked_time", "billable"])))


def count_rows(path: Path) -> int:
    """Return how many entries a file has, as its footer says.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    _, pq = require_pyarrow("archive")
    with _naming(path):
        return int(pq.read_metadata(path).num_rows)


def read_months(
    paths: Iterable[Path], *, columns: Sequence[str] | None = None, where: Any = None
) -> pd.DataFrame:
    """Return the entries of some files, one file after another, typed as their table declares.

    Parameters
    ----------
    paths : iterable of path
        The files.
    columns : sequence of str, optional
        The columns of the table to read; by default all, and any undeclared fields.
    where : expression of pyarrow, optional
        Which rows to read.

    Raises
    ------
    ConfigError
        If a file cannot be read; the error names it.
    """
    names = [*TIME_ENTRIES.names, MORE] if columns is None else list(columns)
    return _typed(_table(paths, names, where))


def _table(paths: Iterable[Path], names: list[str], where: Any) -> Any:
    pa, pq = require_pyarrow("archive")
    tables = [pa.schema([schema().field(name) for name in names]).empty_table()]
    for path in paths:
        known_of(path)  # otherwise a foreign file would be read as if it were ours
        with _naming(path):
            tables.append(
                pq.read_table(
                    path,
                    columns=names,
                    schema=schema(),  # a column that an older file lacks is null
                    filters=where,
                    partitioning=None,
                    page_checksum_verification=True,
                )
            )
    return pa.concat_tables([table.replace_schema_metadata() for table in tables])


def typed(columns: Mapping[str, Any]) -> pd.DataFrame:
    """Return pyarrow columns as a frame, typed as the table declares them."""
    cast = {name: each.cast(schema().field(name).type) for name, each in columns.items()}
    typed = {name: values_of(each, TIME_ENTRIES[name].dtype) for name, each in cast.items()}
    return pd.DataFrame(typed, copy=False)


def _typed(table: Any) -> pd.DataFrame:
    frame = typed({name: table.column(name) for name in table.column_names if name != MORE})
    if MORE in table.column_names and table.column(MORE).null_count < table.num_rows:
        return _with_undeclared(frame, table.column(MORE).to_pylist())
    return frame


def values_of(column: Any, dtype: Any) -> Any:
    """Return a pyarrow column as pandas values of this dtype."""
    if dtype == np.dtype("object"):
        return objects(pd.NA if value is None else value for value in column.to_pylist())
    if isinstance(dtype, np.dtype):
        return column.to_numpy().astype(dtype, copy=False)
    return dtype.__from_arrow__(column)


def _with_undeclared(frame: pd.DataFrame, told: list[str | None]) -> pd.DataFrame:
    rows = [{} if text is None else json.loads(text) for text in told]
    names = dict.fromkeys(name for row in rows for name in row)
    more = {name: infer([row.get(name) for row in rows]) for name in names}
    return pd.concat([frame, pd.DataFrame(more, index=frame.index)], axis=1)


@contextlib.contextmanager
def _naming(path: Path) -> Iterator[None]:
    """Add to an error inside the block which file could not be read."""
    pa, _ = require_pyarrow("archive")
    try:
        yield
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, FileNotFoundError):
            raise
        raise ConfigError(
            f"{path} cannot be read: {error}; a sync that has its month in the range fetches it "
            "again"
        ) from error
