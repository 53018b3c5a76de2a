"""CSV files for spreadsheets and programs."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.columns import as_list, check_columns, check_index, without_arrow
from togglframe.export.guard import guard
from togglframe.tables import BEFORE, CHANGE_OF

__all__ = ["checked_path", "to_csv"]

_COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst", ".zip", ".tar", ".tgz")


_EXCEL: Final = {"lineterminator": "\r\n", "encoding": "utf-8-sig"}
_DIALECTS: Final[dict[str, dict[str, Any]]] = {
    "excel": _EXCEL,
    "excel-eu": {**_EXCEL, "sep": ";", "decimal": ","},
    "plain": {"lineterminator": "\n"},
}


def to_csv(
    frame: pd.DataFrame,
    path: str | os.PathLike[str],
    *,
    dialect: Literal["excel", "excel-eu", "plain"] = "excel",
    safe: bool = True,
) -> Path:
    """Write a frame as CSV.

    An existing file is replaced as a whole: if anything fails, the old one stays.

    Parameters
    ----------
    frame : DataFrame
        The frame to write. Its row labels must be unnamed integers; they are not written.
    path : str or path
        Where to write. The folder must exist.
    dialect : {"excel", "excel-eu", "plain"}
        ``"excel"`` has commas, a decimal point, CRLF and a byte order mark, so that an English
        Excel shows every character after a double click. ``"excel-eu"`` has semicolons and a
        decimal comma, for a European Excel. ``"plain"`` is UTF-8 with LF, for programs.
    safe : bool
        Put ``'`` before strings and headers that a spreadsheet would run as a formula. This changes
        what other programs read, so switch it off for them.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    ConfigError
        The dialect is unknown, the frame has labels or values that CSV cannot hold, or the path
        ends like that of a compressed file.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, a pipe or a
        device, or the folder or the file may not be written.

    See Also
    --------
    to_parquet : A file that keeps dtypes and attrs.

    Notes
    -----
    Strings are quoted; missing values are empty. A duration becomes two columns,
    ``tracked_seconds`` and ``tracked_hours``, unless the frame has the latter. Days are written as
    2026-10-05, timestamps in ISO 8601, in UTC if they have a time zone. Lists are JSON. Numbers
    have all their digits.

    Open a file in the spreadsheet that its dialect was made for: with another separator, a string
    may be split into cells that are not guarded.

    Examples
    --------
    >>> import togglframe as tf
    >>> import pandas as pd, tempfile, pathlib
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> frame = pd.DataFrame({"project": ["Web", "=1+1"], "tracked_hours": [1.5, 2.0]})
    >>> path = tf.export.to_csv(frame, folder / "hours.csv", dialect="plain")
    >>> print(path.read_text(), end="")
    "project","tracked_hours"
    "Web",1.5
    "'=1+1",2.0
    """
    if dialect not in _DIALECTS:
        raise ConfigError(f"There is no dialect {dialect!r}; choose one of {list(_DIALECTS)}.")
    check_columns(frame)
    check_index(frame)
    file_path = checked_path(path)
    try:
        columns = _columns(without_arrow(frame), safe=safe)
        with replacing(file_path) as (file,):
            columns.to_csv(
                file, mode="wb", index=False, quoting=csv.QUOTE_NONNUMERIC, **_DIALECTS[dialect]
            )
    except UnicodeEncodeError as error:
        raise ConfigError(f"CSV cannot hold half a character: {error}") from error
    return file_path


def checked_path(path: str | os.PathLike[str]) -> Path:
    """Return the path of a CSV, and check that it can be written."""
    file_path = target(path)
    if file_path.suffix.lower() in _COMPRESSED:
        raise ConfigError(
            f"to_csv does not compress: {file_path.name} must not end in {file_path.suffix}."
        )
    return file_path


def _columns(frame: pd.DataFrame, *, safe: bool) -> pd.DataFrame:
    """Return the columns as they are written."""
    columns: dict[str, pd.Series[Any]] = {}
    names = set(frame.columns)
    for name in frame.columns:
        series = frame[name]
        if types.is_timedelta64_dtype(series.dtype):
            columns |= _durations(series, names)
        else:
            columns[guard(name) if safe else name] = _plain(series, safe=safe)
    return pd.DataFrame(columns)


def _durations(series: pd.Series[Any], names: set[str]) -> dict[str, pd.Series[Any]]:
    """Return a duration in seconds and, unless the frame has them, in hours."""
    name = str(series.name)
    stem, _, when = name.rpartition("_time")  # tracked_time, tracked_time_before
    if when not in ("", BEFORE, CHANGE_OF) or f"{stem}_seconds{when}" in names:
        stem, when = name, ""
    if f"{stem}_seconds" in names:
        raise ConfigError(
            f"The duration {name!r} is written as '{stem}_seconds', but the frame has a "
            "column of that name. Rename one of them."
        )
    seconds = series.dt.total_seconds()
    is_whole = bool((seconds.dropna() % 1 == 0).all())
    columns = {f"{stem}_seconds{when}": seconds.astype(pd.Int64Dtype()) if is_whole else seconds}
    hours = f"{stem}_hours{when}"
    return columns if hours in names else {**columns, hours: seconds / 3600}


def _plain(series: pd.Series[Any], *, safe: bool) -> pd.Series[Any]:
    """Return a column of numbers, booleans or strings."""
    dtype = series.dtype
    if types.is_float_dtype(dtype):  # pandas writes a decimal comma for its own floats only
        numbers = pd.Series(series.to_numpy("float64", na_value=np.nan), series.index)
        # A spreadsheet runs -inf as a formula.
        return numbers.replace([np.inf, -np.inf], ["inf", "'-inf" if safe else "-inf"])
    if types.is_datetime64_any_dtype(dtype):
        pattern = "%Y-%m-%dT%H:%M:%S.%f"
        if isinstance(dtype, pd.DatetimeTZDtype):
            series, pattern = series.dt.tz_convert("UTC"), f"{pattern}Z"
        elif (series.dt.normalize() == series)[series.notna()].all():
            pattern = "%Y-%m-%d"
        moments: pd.Series[Any] = series.dt.strftime(pattern)
        return moments
    if types.is_bool_dtype(dtype) or types.is_integer_dtype(dtype):
        return series
    strings = series.astype(object).map(_string, na_action="ignore")
    return strings.map(guard, na_action="ignore") if safe else strings


def _string(value: object) -> str:
    """Return a string as it is, a list as JSON."""
    if isinstance(value, str):
        return value
    try:
        return json.dumps(as_list(value), ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ConfigError(f"CSV cannot hold {type(value).__name__}: {error}") from error
