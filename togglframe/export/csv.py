"""CSV for people and programs, with a lossless way back."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, Literal

import pandas as pd
from pandas.api import types

from togglframe._version import __version__
from togglframe.atomic import is_stream, replacing, target
from togglframe.errors import ConfigError
from togglframe.export.columns import columns_of
from togglframe.export.exact import (
    check_attrs,
    check_columns,
    check_index,
    dtype_from_json,
    dtype_to_json,
)
from togglframe.export.fields import DIALECTS, Dialect, decoded, encoded, pattern, quoted
from togglframe.tables import Table
from togglframe.tables.provenance import table_of

__all__ = ["read_csv", "targets", "to_csv"]

_FORMAT: Final = 1
_ROWS_AT_ONCE: Final = 20_000
_COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz")


def to_csv(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    dialect: Literal["excel", "excel-eu", "plain"] = "excel",
    safe: bool = True,
) -> Path:
    """Write a frame as CSV, with a description beside it that restores it exactly.

    ``name.csv`` is for people and programs; ``name.meta.json`` beside it holds what CSV cannot:
    dtypes, units, the meaning of each column, where the data came from, and the SHA-256 of the
    CSV. Existing files are replaced, each as a whole: if anything fails, the old one stays. A pipe
    or a device, such as ``/dev/stdout``, is written to without a description.

    Parameters
    ----------
    frame : DataFrame
        The frame to write. Its row labels must be unnamed integers.
    path : str or path
        Where to write. The folder must exist.
    dialect : {"excel", "excel-eu", "plain"}
        ``"excel"`` has commas, a decimal point, CRLF and a byte order mark, so that an English
        Excel shows every character after a double click. ``"excel-eu"`` has semicolons and a
        decimal comma, for a European Excel. ``"plain"`` is UTF-8 with LF, for programs.
    safe : bool
        Put ``'`` before strings and headers that a spreadsheet would run as a formula. This changes
        what other programs read, so switch it off for them; `read_csv` removes it again.

    Returns
    -------
    Path
        The CSV that was written.

    Raises
    ------
    ConfigError
        The dialect is unknown, or the frame holds something that could not be restored exactly.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, or the folder
        or the file may not be written.

    See Also
    --------
    read_csv : The way back.

    Notes
    -----
    A string is always quoted; a missing value is an empty field without quotes, so that it differs
    from an empty string. A duration becomes ``tracked_seconds``, exact, and ``tracked_hours`` for
    people unless the frame has such a column. Timestamps are ISO 8601, in UTC if they have a time
    zone. Lists are JSON. Numbers have all their digits.

    Open a file in the spreadsheet that its dialect was made for: with another separator, a string
    may be split into cells that are not guarded.

    Examples
    --------
    >>> import togglframe as tf
    >>> import pandas as pd, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> frame = pd.DataFrame({"project": ["Web", "=1+1"], "tracked_hours": [1.5, None]})
    >>> path = tf.export.to_csv(frame, folder / "hours.csv", dialect="plain")
    >>> print(path.read_text(), end="")
    "project","tracked_hours"
    "Web",1.5
    "'=1+1",
    >>> tf.export.read_csv(path).equals(frame)
    True
    """
    style = _style(dialect)
    check_columns(frame)
    check_index(frame)
    paths = targets(path)
    table = table_of(frame)
    columns = _planned(frame, table)
    meta = {
        "format": _FORMAT,
        "togglframe": __version__,
        "sha256": "",
        "dialect": dialect,
        "safe": safe,
        "rows": len(frame),
        "index": _index_to_json(frame.index),
        "table": None if table is None else table.name,
        "columns": columns,
        "columns_name": _axis_name(frame.columns),
        "attrs": check_attrs(frame),
    }
    digest = hashlib.sha256()
    with replacing(*paths) as (csv_file, *meta_files):
        for piece in _pieces(frame, columns, style, safe=safe):
            csv_file.write(piece)
            digest.update(piece)
        meta["sha256"] = digest.hexdigest()
        for meta_file in meta_files:
            meta_file.write(json.dumps(meta, indent=2, ensure_ascii=False).encode())
    return paths[0]


def read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read what `to_csv` wrote, as exactly the frame that it was given.

    Parameters
    ----------
    path : str or path
        The CSV. Its ``.meta.json`` must be in the same folder.

    Returns
    -------
    DataFrame
        The frame with the same columns, dtypes, categories, row labels and attrs.

    Raises
    ------
    ConfigError
        The description is missing, damaged or of another version, or does not match the CSV, which
        was edited, or whose writing was interrupted.
    FileNotFoundError
        There is no such CSV.
    IsADirectoryError
        The path is a folder.

    See Also
    --------
    to_csv : Write a frame.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> path = pathlib.Path(tempfile.mkdtemp()) / "clients.csv"
    >>> path = tf.export.to_csv(tf.filters.clients(tf.demo()), path)
    >>> tf.export.read_csv(path).columns.tolist()
    ['id', 'name']
    """
    csv_path = Path(path).expanduser().resolve()
    content = csv_path.read_bytes()
    meta = _read_meta(csv_path, content)
    try:
        return _described_frame(content, meta)
    except (AttributeError, LookupError, OverflowError, TypeError, ValueError) as error:
        raise _damaged(_meta_path(csv_path), f"{type(error).__name__}: {error}") from error


def _described_frame(content: bytes, meta: dict[str, Any]) -> pd.DataFrame:
    """Return the frame that a CSV holds, as its description says."""
    style = _style(meta["dialect"])
    width = sum(len(column["headers"]) for column in meta["columns"])
    text = content.decode(style.encoding)
    fields = (match[1] for match in pattern(style).finditer(text))
    next(itertools.islice(fields, width - 1, None))  # the headings
    parts: list[pd.DataFrame] = []
    while (block := list(itertools.islice(fields, width * _ROWS_AT_ONCE))) or not parts:
        parts.append(_read_part(block, width, meta, style))
    frame = pd.concat(parts, ignore_index=True) if len(parts) > 1 else parts[0]
    frame.index = _index_from_json(meta["index"])
    frame.columns.name = meta["columns_name"]
    frame.attrs = meta["attrs"]
    if len(frame) != meta["rows"]:
        raise ConfigError(f"it describes {meta['rows']} rows, and the CSV holds {len(frame)}")
    return frame


def _damaged(meta_path: Path, reason: str) -> ConfigError:
    return ConfigError(
        f"{meta_path} is not as to_csv wrote it ({reason}), so the dtypes are not known. "
        "Write the frame again, or read the CSV with pandas.read_csv."
    )


def targets(path: str | os.PathLike[str]) -> list[Path]:
    """Return the files that `to_csv` writes, checked: the CSV and, unless a stream, its meta."""
    csv_path = target(path)
    if csv_path.suffix.lower() in _COMPRESSED:
        raise ConfigError(
            f"to_csv does not compress: {csv_path.name} must not end in {csv_path.suffix}."
        )
    return [csv_path] if is_stream(csv_path) else [csv_path, target(_meta_path(csv_path))]


def _style(dialect: str) -> Dialect:
    if dialect not in DIALECTS:
        raise ConfigError(f"There is no dialect {dialect!r}; choose one of {list(DIALECTS)}.")
    return DIALECTS[dialect]


def _meta_path(csv_path: Path) -> Path:
    return csv_path.with_suffix(".meta.json")


def _read_meta(csv_path: Path, content: bytes) -> dict[str, Any]:
    meta_path = _meta_path(csv_path)
    if not meta_path.is_file():
        raise ConfigError(
            f"There is no {meta_path.name} beside {csv_path.name}, so the dtypes are not known. "
            "Move both files together, or read it with pandas.read_csv."
        )
    try:
        meta = json.loads(meta_path.read_bytes())
    except ValueError as error:
        raise _damaged(meta_path, f"not JSON: {error}") from error
    if not isinstance(meta, dict):
        raise _damaged(meta_path, f"a {type(meta).__name__}, not an object")
    if meta.get("format") != _FORMAT:
        raise ConfigError(
            f"{meta_path} is of format {meta.get('format')!r}, and this togglframe "
            f"({__version__}) reads format {_FORMAT}. Write the frame again."
        )
    if meta.get("sha256") != hashlib.sha256(content).hexdigest():
        raise ConfigError(
            f"{csv_path.name} is not the file that {meta_path.name} describes: it was edited, or "
            "writing the two was interrupted. Write the frame again, or read it with "
            "pandas.read_csv."
        )
    return meta


def _planned(frame: pd.DataFrame, table: Table | None) -> list[dict[str, Any]]:
    """Describe the columns of the frame, each with its one or two columns in the file."""
    taken = set(frame.columns)
    planned = []
    for (name, dtype), column in zip(frame.dtypes.items(), columns_of(frame, table), strict=True):
        is_duration = types.is_timedelta64_dtype(dtype)
        headers = _duration_headers(str(name), taken) if is_duration else [str(name)]
        taken.update(headers)
        described = {"name": name, "headers": headers, "dtype": dtype_to_json(str(name), dtype)}
        if column is not None:
            described |= {"kind": column.kind, "unit": column.unit, "doc": column.doc}
        planned.append(described)
    return planned


def _duration_headers(name: str, taken: set[str]) -> list[str]:
    stem = name.removesuffix("_time")
    seconds, hours = f"{stem}_seconds", f"{stem}_hours"
    if seconds in taken:
        seconds = f"{name}_seconds"
    if seconds in taken:
        raise ConfigError(
            f"The duration {name!r} is written as {seconds!r}, but the frame has a column of "
            "that name. Rename one of them."
        )
    return [seconds] if hours in taken else [seconds, hours]


def _pieces(
    frame: pd.DataFrame, columns: list[dict[str, Any]], style: Dialect, *, safe: bool
) -> Iterator[bytes]:
    """Yield the content of the file, some rows at a time."""
    headers = itertools.chain.from_iterable(column["headers"] for column in columns)
    heading = style.separator.join(quoted(header, safe=safe) for header in headers)
    yield _utf8(heading + style.line_end, style.encoding)
    for first in range(0, len(frame), _ROWS_AT_ONCE):
        rows = frame.iloc[first : first + _ROWS_AT_ONCE]
        fields: list[list[str]] = []
        for column in columns:
            found = encoded(rows[column["name"]], style, safe=safe, first_row=first)
            fields += found[: len(column["headers"])]
        lines = map(style.separator.join, zip(*fields, strict=True))
        yield _utf8(style.line_end.join([*lines, ""]))


def _utf8(text: str, encoding: str = "utf-8") -> bytes:
    try:
        return text.encode(encoding)
    except UnicodeEncodeError as error:
        raise ConfigError(
            f"A string holds {text[error.start]!r}, half a character, which no CSV can hold. "
            'Replace it: text.encode("utf-8", "replace").decode().'
        ) from error


def _axis_name(columns: pd.Index[Any]) -> str | None:
    if columns.name is None or isinstance(columns.name, str):
        return columns.name
    raise ConfigError(f"frame.columns.name must be a string, not {columns.name!r}.")


def _index_to_json(index: pd.Index[Any]) -> Any:
    if isinstance(index, pd.RangeIndex):
        return {"start": index.start, "stop": index.stop, "step": index.step}
    return index.tolist()


def _index_from_json(described: Any) -> pd.Index[Any]:
    if isinstance(described, dict):
        return pd.RangeIndex(**described)
    index: pd.Index[Any] = pd.Index(described, dtype="int64")
    return index


def _read_part(fields: list[str], width: int, meta: dict[str, Any], style: Dialect) -> pd.DataFrame:
    series: dict[str, pd.Series[Any]] = {}
    position = 0
    for column in meta["columns"]:
        dtype = dtype_from_json(column["dtype"])
        series[column["name"]] = decoded(fields[position::width], dtype, style, safe=meta["safe"])
        position += len(column["headers"])
    return pd.DataFrame(series)
