"""The fields of a CSV: a column of a frame as strings, and strings as a column."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from togglframe.export.exact import value_from_json, value_to_json
from togglframe.export.guard import guard, unguard

__all__ = ["DIALECTS", "Dialect", "decoded", "encoded", "pattern", "quoted"]

_DECIMALS: Final = {"s": 0, "ms": 3, "us": 6, "ns": 9}


@dataclass(frozen=True)
class Dialect:
    """How a CSV is written."""

    separator: str
    decimal: str
    line_end: str
    encoding: str


DIALECTS: Final = {
    "excel": Dialect(",", ".", "\r\n", "utf-8-sig"),
    "excel-eu": Dialect(";", ",", "\r\n", "utf-8-sig"),
    "plain": Dialect(",", ".", "\n", "utf-8"),
}


def pattern(style: Dialect) -> re.Pattern[str]:
    """Return the pattern of a field, quotes kept; csv and pandas read ``""`` as missing."""
    separator, line_end = re.escape(style.separator), re.escape(style.line_end)
    return re.compile(rf'("(?:[^"]|"")*"|[^"{separator}\r\n]*)(?:{separator}|{line_end})')


def quoted(text: str, *, safe: bool) -> str:
    """Quote a string, guarded if a spreadsheet would run it."""
    guarded = guard(text) if safe else text
    return '"' + guarded.replace('"', '""') + '"'


def _unquoted(field: str) -> str:
    return field[1:-1].replace('""', '"')


# ---------------------------------------------------------------------------------------------
# A column as strings


def encoded(
    series: pd.Series[Any], style: Dialect, *, safe: bool, first_row: int
) -> list[list[str]]:
    """Return the fields of a column; a duration has two, its seconds and its hours.

    Parameters
    ----------
    series : Series
        The column, or a part of it.
    style : Dialect
        How to write.
    safe : bool
        Whether to guard strings.
    first_row : int
        The position of the first value in the column, for errors.
    """
    dtype = series.dtype
    missing = series.isna().to_numpy()
    strings: Iterable[str]
    if types.is_timedelta64_dtype(dtype):
        return [_blank(_seconds(series, style), missing), _hours(series, style)]
    if types.is_bool_dtype(dtype):
        strings = map(str, series.to_numpy(dtype=bool, na_value=False).tolist())
    elif types.is_integer_dtype(dtype):
        kind = "uint64" if types.is_unsigned_integer_dtype(dtype) else "int64"
        strings = map(str, series.to_numpy(dtype=kind, na_value=0).tolist())
    elif types.is_float_dtype(dtype):
        return [_floats(series.to_numpy(dtype="float64", na_value=np.nan), style, safe=safe)]
    elif types.is_datetime64_any_dtype(dtype):
        strings = _timestamps(series)
    elif types.is_object_dtype(dtype):
        return [_objects(series, first_row)]
    else:
        return [_texts(series, safe=safe)]
    return [_blank(strings, missing)]


def _blank(strings: Iterable[str], missing: npt.NDArray[np.bool_]) -> list[str]:
    if not missing.any():
        return list(strings)
    return ["" if is_missing else text for text, is_missing in zip(strings, missing, strict=True)]


def _texts(series: pd.Series[Any], *, safe: bool) -> list[str]:
    codes, values = pd.factorize(series)
    fields = [quoted(value, safe=safe) for value in values]
    fields.append("")  # for the code -1, which is a missing value
    return [fields[code] for code in codes.tolist()]


def _objects(series: pd.Series[Any], first_row: int) -> list[str]:
    name = str(series.name)
    strings = (value_to_json(name, row, value) for row, value in enumerate(series, first_row))
    return ["" if text is None else quoted(text, safe=False) for text in strings]


def _floats(values: npt.NDArray[np.float64], style: Dialect, *, safe: bool) -> list[str]:
    # A spreadsheet would run -inf as a formula.
    words = {"nan": "", "-inf": "'-inf" if safe else "-inf"}
    strings = [words.get(text, text) for text in map(repr, values.tolist())]
    if style.decimal == ".":
        return strings
    return [text.replace(".", style.decimal) for text in strings]


def _timestamps(series: pd.Series[Any]) -> Iterable[str]:
    zone = ""
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        series, zone = series.dt.tz_convert("UTC").dt.tz_localize(None), "Z"
    return (text + zone for text in np.datetime_as_string(series.to_numpy()).tolist())


def _seconds(series: pd.Series[Any], style: Dialect) -> Iterable[str]:
    decimals = _DECIMALS[_unit(series.dtype)]
    ticks = series.to_numpy().view("int64").tolist()
    return (_decimal(value, decimals, style.decimal) for value in ticks)


def _decimal(ticks: int, decimals: int, point: str) -> str:
    whole, part = divmod(abs(ticks), 10**decimals)
    sign = "-" if ticks < 0 else ""
    fraction = f"{part:0{decimals}}".rstrip("0") if part else ""
    return f"{sign}{whole}{point}{fraction}" if fraction else f"{sign}{whole}"


def _hours(series: pd.Series[Any], style: Dialect) -> list[str]:
    durations: npt.NDArray[np.timedelta64] = np.asarray(series)
    return _floats(durations / np.timedelta64(1, "h"), style, safe=False)


def _unit(dtype: Any) -> str:
    return str(np.datetime_data(dtype)[0])


# ---------------------------------------------------------------------------------------------
# Strings as a column


def decoded(fields: list[str], dtype: Any, style: Dialect, *, safe: bool) -> pd.Series[Any]:
    """Return the column of these fields; for a duration, the fields of its seconds."""
    if types.is_timedelta64_dtype(dtype):
        return _durations(fields, dtype, style)
    if types.is_bool_dtype(dtype):
        return _series([field == "True" if field else None for field in fields], dtype)
    if types.is_integer_dtype(dtype):
        return _series([int(field) if field else None for field in fields], dtype)
    if types.is_float_dtype(dtype):
        plain = fields if style.decimal == "." else [f.replace(style.decimal, ".") for f in fields]
        return _series([float(unguard(field)) if field else None for field in plain], dtype)
    if types.is_datetime64_any_dtype(dtype):
        return _timestamps_of(fields, dtype)
    strings = [_unquoted(field) if field else None for field in fields]
    if types.is_object_dtype(dtype):
        return _series([value_from_json(text) for text in strings], dtype)
    if safe:
        strings = [None if text is None else unguard(text) for text in strings]
    return _series(strings, dtype)


def _series(values: Any, dtype: Any) -> pd.Series[Any]:
    series: pd.Series[Any] = pd.Series(values, dtype=dtype)
    return series


def _durations(fields: list[str], dtype: Any, style: Dialect) -> pd.Series[Any]:
    unit = _unit(dtype)
    decimals = _DECIMALS[unit]
    ticks = [_ticks(field, decimals, style.decimal) for field in fields]
    return _series(np.array(ticks, dtype=f"timedelta64[{unit}]"), dtype)


def _ticks(field: str, decimals: int, point: str) -> Any:
    if not field:
        return "NaT"
    whole, _, fraction = field.partition(point)
    return int(whole + fraction.ljust(decimals, "0"))


def _timestamps_of(fields: list[str], dtype: Any) -> pd.Series[Any]:
    unit = dtype.unit if isinstance(dtype, pd.DatetimeTZDtype) else _unit(dtype)
    strings = [field.removesuffix("Z") or "NaT" for field in fields]
    naive = pd.Series(np.array(strings, dtype=f"datetime64[{unit}]"))
    if not isinstance(dtype, pd.DatetimeTZDtype):
        return naive
    series: pd.Series[Any] = naive.dt.tz_localize("UTC").astype(dtype)
    return series
