"""CSV for people and machines, and back again without a loss."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from togglframe._version import __version__
from togglframe.errors import ConfigError
from togglframe.export.atomic import replacing, target
from togglframe.export.columns import columns_of, table_of
from togglframe.export.exact import (
    check_attrs,
    check_columns,
    dtype_from_json,
    dtype_to_json,
    value_from_json,
    value_to_json,
)
from togglframe.export.guard import guard, unguard
from togglframe.tables import Column, Table

__all__ = ["read_csv", "to_csv"]

_FORMAT: Final = 1
_DECIMALS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}


@dataclass(frozen=True)
class _Dialect:
    separator: str
    decimal: str
    line_end: str
    encoding: str


_DIALECTS: Final = {
    "excel": _Dialect(",", ".", "\r\n", "utf-8-sig"),
    "excel-eu": _Dialect(";", ",", "\r\n", "utf-8-sig"),
    "plain": _Dialect(",", ".", "\n", "utf-8"),
}


def to_csv(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    dialect: Literal["excel", "excel-eu", "plain"] = "excel",
    safe: bool = True,
) -> Path:
    """Write a frame as CSV, with a description beside it that brings it back exactly.

    ``name.csv`` is for people and programs; ``name.meta.json`` beside it holds what CSV cannot:
    dtypes, units, the meaning of each column, where the data came from, and the SHA-256 of the
    CSV. Files of these names are replaced, each as a whole: whatever fails, the old one stays.

    Parameters
    ----------
    frame : DataFrame
        What to write. Its row labels must be unnamed integers.
    path : str or path
        Where to write. The folder must exist.
    dialect : {"excel", "excel-eu", "plain"}
        ``"excel"`` has commas, a decimal point, CRLF and a byte order mark, so that a double
        click in an English Excel shows every letter. ``"excel-eu"`` has semicolons and a decimal
        comma, for a European one. ``"plain"`` is UTF-8 with LF, for programs.
    safe : bool
        Put ``'`` before texts and headers that a spreadsheet would run as a formula. It changes
        what other programs read, so switch it off for them; `read_csv` takes it away again.

    Returns
    -------
    Path
        The CSV that was written.

    Raises
    ------
    ConfigError
        The dialect is unknown, or the frame holds something that would not come back the same.
    FileNotFoundError
        The folder does not exist.

    Notes
    -----
    Text is always quoted; a missing value is an empty field without quotes, so that it differs
    from an empty text. A duration becomes ``tracked_seconds``, exact, and, where the frame has no
    such column, ``tracked_hours`` for people. Instants are ISO 8601, those with a zone in UTC.
    Lists are JSON. Numbers have all their digits.

    Open a file in the spreadsheet that its dialect was made for: with another separator, a text
    may fall apart into cells that nobody guarded.

    See Also
    --------
    read_csv : The way back.

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
    csv_path = target(path)
    meta_path = target(_meta_path(csv_path))
    table = table_of(frame)
    columns = _written_columns(frame, table, style, safe=safe)
    content = _content(columns, style)
    meta = {
        "format": _FORMAT,
        "togglframe": __version__,
        "sha256": hashlib.sha256(content).hexdigest(),
        "dialect": dialect,
        "safe": safe,
        "rows": len(frame),
        "index": _index_to_json(frame.index),
        "table": None if table is None else table.name,
        "columns": [column.meta for column in columns],
        "attrs": check_attrs(frame),
    }
    with replacing(csv_path, meta_path) as (csv_file, meta_file):
        csv_file.write(content)
        meta_file.write(json.dumps(meta, indent=2, ensure_ascii=False).encode())
    return csv_path


def read_csv(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Read what `to_csv` wrote: exactly the frame that it was given.

    Parameters
    ----------
    path : str or path
        The CSV. Its ``.meta.json`` must lie beside it.

    Returns
    -------
    DataFrame
        With the same columns, dtypes, categories, row labels and attrs.

    Raises
    ------
    ConfigError
        The description is missing or of another version, or the CSV is not the one that it
        describes: someone edited it, or writing the pair was interrupted.
    FileNotFoundError
        There is no such CSV.

    See Also
    --------
    to_csv : Write a frame; has an example of both.
    """
    csv_path = Path(path).expanduser().resolve()
    content = csv_path.read_bytes()
    meta = _read_meta(csv_path, content)
    style = _style(meta["dialect"])
    width = sum(len(column["headers"]) for column in meta["columns"])
    fields = _fields(content.decode(style.encoding), style)
    series: dict[str, pd.Series[Any]] = {}
    position = 0
    for column in meta["columns"]:
        cells = fields[width + position :: width]
        series[column["name"]] = _decode(cells, dtype_from_json(column["dtype"]), style, meta)
        position += len(column["headers"])
    frame = pd.DataFrame(series)
    frame.index = _index_from_json(meta["index"])
    frame.attrs = meta["attrs"]
    return frame


def _style(dialect: str) -> _Dialect:
    if dialect not in _DIALECTS:
        raise ConfigError(f"There is no dialect {dialect!r}; choose one of {list(_DIALECTS)}.")
    return _DIALECTS[dialect]


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
        meta: dict[str, Any] = json.loads(meta_path.read_bytes())
    except ValueError as error:
        raise ConfigError(f"{meta_path} is not JSON: {error}. Write the frame again.") from error
    if meta.get("format") != _FORMAT:
        raise ConfigError(
            f"{meta_path} is of format {meta.get('format')!r}, and this togglframe "
            f"({__version__}) reads format {_FORMAT}. Write the frame again."
        )
    if meta["sha256"] != hashlib.sha256(content).hexdigest():
        raise ConfigError(
            f"{csv_path.name} is not the file that {meta_path.name} describes: it was edited, or "
            "writing the two was interrupted. Write the frame again, or read it with "
            "pandas.read_csv."
        )
    return meta


# ---------------------------------------------------------------------------------------------
# Row labels


def _index_to_json(index: pd.Index[Any]) -> Any:
    if isinstance(index, pd.RangeIndex) and index.name is None:
        return {"start": index.start, "stop": index.stop, "step": index.step}
    if index.nlevels == 1 and index.name is None and index.dtype == np.dtype("int64"):
        return index.tolist()
    raise ConfigError(
        "The row labels would be lost. Make them columns with frame.reset_index() first."
    )


def _index_from_json(described: Any) -> pd.Index[Any]:
    if isinstance(described, dict):
        return pd.RangeIndex(**described)
    index: pd.Index[Any] = pd.Index(described, dtype="int64")
    return index


# ---------------------------------------------------------------------------------------------
# Frame to text


@dataclass(frozen=True)
class _Written:
    """A column of the frame as one or two columns of the file."""

    headers: list[str]
    cells: list[list[str]]
    meta: dict[str, Any]


def _written_columns(
    frame: pd.DataFrame, table: Table | None, style: _Dialect, *, safe: bool
) -> list[_Written]:
    taken = set(frame.columns)
    written = []
    for name, column in zip(frame.columns, columns_of(frame, table), strict=True):
        series = frame[name]
        is_duration = types.is_timedelta64_dtype(series.dtype)
        headers = _duration_headers(name, taken) if is_duration else [name]
        taken.update(headers)
        meta = _describe(series, column, headers)
        if is_duration:
            cells = [_seconds(series, style), _hours(series, style)][: len(headers)]
        else:
            cells = [_encode(series, style, safe=safe)]
        texts = [_quote(guard(header) if safe else header) for header in headers]
        written.append(_Written(texts, cells, meta))
    return written


def _describe(series: pd.Series[Any], column: Column | None, headers: list[str]) -> dict[str, Any]:
    name = str(series.name)
    described = {"name": name, "headers": headers, "dtype": dtype_to_json(name, series.dtype)}
    if column is not None:
        described |= {"kind": column.kind, "unit": column.unit, "doc": column.doc}
    return described


def _content(columns: list[_Written], style: _Dialect) -> bytes:
    headers = itertools.chain.from_iterable(column.headers for column in columns)
    cells = itertools.chain.from_iterable(column.cells for column in columns)
    rows = map(style.separator.join, zip(*cells, strict=True))
    lines = itertools.chain([style.separator.join(headers)], rows, [""])
    return style.line_end.join(lines).encode(style.encoding)


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


def _quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def _blank(texts: Iterable[str], missing: npt.NDArray[np.bool_]) -> list[str]:
    if not missing.any():
        return list(texts)
    return ["" if is_missing else text for text, is_missing in zip(texts, missing, strict=True)]


def _encode(series: pd.Series[Any], style: _Dialect, *, safe: bool) -> list[str]:
    dtype = series.dtype
    missing = series.isna().to_numpy()
    if types.is_bool_dtype(dtype):
        return _blank(map(str, series.to_numpy(dtype=bool, na_value=False).tolist()), missing)
    if types.is_integer_dtype(dtype):
        kind = "uint64" if types.is_unsigned_integer_dtype(dtype) else "int64"
        return _blank(map(str, series.to_numpy(dtype=kind, na_value=0).tolist()), missing)
    if types.is_float_dtype(dtype):
        return _floats(series.to_numpy(dtype="float64", na_value=np.nan), style, safe=safe)
    if types.is_datetime64_any_dtype(dtype):
        return _blank(_instants(series), missing)
    if types.is_object_dtype(dtype):
        name = str(series.name)
        texts = [value_to_json(name, row, value) for row, value in enumerate(series)]
        return ["" if text is None else _quote(text) for text in texts]
    return _texts(series, guard if safe else str)


def _texts(series: pd.Series[Any], guard: Callable[[str], str]) -> list[str]:
    codes, values = pd.factorize(series)
    encoded = [_quote(guard(value)) for value in values]
    encoded.append("")  # for the code -1, which is a missing value
    return [encoded[code] for code in codes.tolist()]


def _floats(values: npt.NDArray[np.float64], style: _Dialect, *, safe: bool = True) -> list[str]:
    # A spreadsheet would run -inf as a formula.
    words = {"nan": "", "-inf": "'-inf" if safe else "-inf"}
    texts = [words.get(text, text) for text in map(repr, values.tolist())]
    return texts if style.decimal == "." else [text.replace(".", style.decimal) for text in texts]


def _instants(series: pd.Series[Any]) -> list[str]:
    zone = ""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series, zone = series.dt.tz_convert("UTC").dt.tz_localize(None), "Z"
    values = series.to_numpy()
    whole = values.astype("datetime64[s]")
    texts = np.datetime_as_string(whole if (whole == values)[~np.isnat(values)].all() else values)
    return [text + zone for text in texts.tolist()]


def _unit(dtype: Any) -> str:
    return str(np.datetime_data(dtype)[0])


def _seconds(series: pd.Series[Any], style: _Dialect) -> list[str]:
    decimals = _DECIMALS[_unit(series.dtype)]
    ticks = series.to_numpy().view("int64").tolist()
    texts = (_decimal(value, decimals, style.decimal) for value in ticks)
    return _blank(texts, series.isna().to_numpy())


def _decimal(ticks: int, decimals: int, point: str) -> str:
    whole, part = divmod(abs(ticks), 10**decimals)
    sign = "-" if ticks < 0 else ""
    fraction = f"{part:0{decimals}}".rstrip("0") if part else ""
    return f"{sign}{whole}{point}{fraction}" if fraction else f"{sign}{whole}"


def _hours(series: pd.Series[Any], style: _Dialect) -> list[str]:
    hour = np.timedelta64(1, "h")
    durations: npt.NDArray[np.timedelta64] = np.asarray(series)
    return _floats(durations / hour, style)


# ---------------------------------------------------------------------------------------------
# Text to frame


def _fields(text: str, style: _Dialect) -> list[str]:
    """Split into fields, quotes kept: csv and pandas cannot tell ``""`` from nothing."""
    separator, line_end = re.escape(style.separator), re.escape(style.line_end)
    return re.findall(rf'("(?:[^"]|"")*"|[^"{separator}\r\n]*)(?:{separator}|{line_end})', text)


def _decode(cells: list[str], dtype: Any, style: _Dialect, meta: dict[str, Any]) -> pd.Series[Any]:
    if types.is_timedelta64_dtype(dtype):
        return _durations(cells, dtype, style)
    if types.is_bool_dtype(dtype):
        return _series([cell == "True" if cell else None for cell in cells], dtype)
    if types.is_integer_dtype(dtype):
        return _series([int(cell) if cell else None for cell in cells], dtype)
    if types.is_float_dtype(dtype):
        plain = cells if style.decimal == "." else [c.replace(style.decimal, ".") for c in cells]
        return _series([float(unguard(cell)) if cell else None for cell in plain], dtype)
    if types.is_datetime64_any_dtype(dtype):
        return _read_instants(cells, dtype)
    texts = [_unquote(cell) if cell else None for cell in cells]
    if types.is_object_dtype(dtype):
        return _series([value_from_json(text) for text in texts], dtype)
    if meta["safe"]:
        texts = [None if text is None else unguard(text) for text in texts]
    return _series(texts, dtype)


def _series(values: Any, dtype: Any) -> pd.Series[Any]:
    series: pd.Series[Any] = pd.Series(values, dtype=dtype)
    return series


def _unquote(cell: str) -> str:
    return cell[1:-1].replace('""', '"')


def _durations(cells: list[str], dtype: Any, style: _Dialect) -> pd.Series[Any]:
    unit = _unit(dtype)
    decimals = _DECIMALS[unit]
    ticks = [_ticks(cell, decimals, style.decimal) for cell in cells]
    return _series(np.array(ticks, dtype=f"timedelta64[{unit}]"), dtype)


def _ticks(cell: str, decimals: int, point: str) -> Any:
    if not cell:
        return "NaT"
    whole, _, fraction = cell.partition(point)
    return int(whole + fraction.ljust(decimals, "0"))


def _read_instants(cells: list[str], dtype: Any) -> pd.Series[Any]:
    unit = dtype.unit if isinstance(dtype, pd.DatetimeTZDtype) else _unit(dtype)
    texts = [cell.removesuffix("Z") or "NaT" for cell in cells]
    naive = pd.Series(np.array(texts, dtype=f"datetime64[{unit}]"))
    if not isinstance(dtype, pd.DatetimeTZDtype):
        return naive
    series: pd.Series[Any] = naive.dt.tz_localize("UTC").astype(dtype)
    return series
