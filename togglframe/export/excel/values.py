"""The cells of a column in a spreadsheet: their values, number formats and width."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from togglframe.export.columns import as_list
from togglframe.export.display import ShownColumn, is_missing, is_signed
from togglframe.tables import FieldUnit, Kind
from togglframe.text.formats import USUAL_DECIMALS
from togglframe.text.names import count_cells

Value: TypeAlias = str | float | None

_DURATION: Final = "[h]:mm"
_PERIODS: Final = {"month": "yyyy-mm", "year": "yyyy"}
_GENERAL: Final = "General"
_DECIMALS: Final = {Kind.HOURS: 2, Kind.WEEKS: 1, Kind.COUNT: 0}

_EXCEL_DIGITS: Final = 10**15
_EXCEL_LARGEST: Final = 1e307
_EXCEL_FIRST: Final = np.datetime64("1900-03-01")
_EXCEL_EPOCH: Final = np.datetime64("1899-12-30", "us")
_EXCEL_DAYS: Final = 2_958_466  # the calendar ends with the year 9999
_EXCEL_AFTER: Final = np.datetime64("10000-01-01")


@dataclass(frozen=True)
class Cells:
    """The cells of one column.

    Parameters
    ----------
    values : sequence
        The values, None for an empty cell.
    formats : str or sequence of str
        The number format, or one for each cell.
    width : int
        The width of the widest value as it is displayed, in characters; of numbers that are added
        up, the width of any sum of them.
    """

    values: Sequence[Value]
    formats: str | Sequence[str]
    width: int

    @property
    def format(self) -> str:
        """The number format of the column as a whole: the longest."""
        return self.formats if isinstance(self.formats, str) else max(self.formats, key=len)


def cell_of(value: Any, cells: Cells) -> Value:
    """Return a total as a cell below the cells of its column."""
    if isinstance(value, pd.Timedelta):
        return value / pd.Timedelta(1, "D" if cells.format == _DURATION else "h")
    return _number(float(value))


def cells_of(column: ShownColumn) -> Cells:
    """Turn a column into cells."""
    series = column.series
    if types.is_timedelta64_dtype(series.dtype):
        return _durations(series)
    if types.is_datetime64_any_dtype(series.dtype) and column.every != "quarter":
        return _moments(column)
    if _is_in_words(column):
        return _texts([cell.text for cell in column.cells()])
    if types.is_numeric_dtype(series.dtype) and not types.is_complex_dtype(series.dtype):
        return _numbers(column)
    return _texts([_text(value) for value in series.astype(object)])


def shown_width(text: str) -> int:
    """Return the width of a string in characters; East Asian ones count twice."""
    return max(map(count_cells, text.splitlines()), default=0)


def _is_in_words(column: ShownColumn) -> bool:
    """Return whether words are written for what the frame holds: states, codes and booleans."""
    is_code = column.is_code and column.is_text
    return is_code or types.is_bool_dtype(column.series.dtype) or column.every == "quarter"


def _texts(values: list[str | None]) -> Cells:
    widths = (shown_width(value) for value in {*values} if value is not None)
    return Cells(values, _GENERAL, max(widths, default=0))


def _text(value: Any) -> str | None:
    value = as_list(value)
    if isinstance(value, str):
        return value
    if is_missing(value):
        return None
    if isinstance(value, list) and all(type(item) in (str, int) for item in value):
        return ", ".join(map(str, value))
    if isinstance(value, list | dict):
        with contextlib.suppress(ValueError):  # a circular reference
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


# ---------------------------------------------------------------------------------------------
# Times


def _durations(series: pd.Series[Any]) -> Cells:
    days = _in_units(series, "D")
    whole = sum(abs(value) for value in days if value is not None)
    if whole >= _EXCEL_DAYS or any(value is not None and value < 0 for value in days):
        # a spreadsheet would show ####
        hours: list[Value] = [*_in_units(series, "h")]
        return Cells(hours, '#,##0.00 "h";-#,##0.00 "h"', len(f"-{whole * 24:,.2f} h"))
    return Cells(days, _DURATION, len(f"{whole * 24:.0f}:00"))


def _in_units(series: pd.Series[Any], unit: Literal["D", "h"]) -> list[float | None]:
    durations: npt.NDArray[np.timedelta64] = np.asarray(series)
    values = (durations / np.timedelta64(1, unit)).tolist()
    return [None if math.isnan(value) else value for value in values]


def _moments(column: ShownColumn) -> Cells:
    series = column.series
    has_zone = isinstance(series.dtype, pd.DatetimeTZDtype)
    if has_zone:
        series = series.dt.tz_convert("UTC").dt.tz_localize(None)
    values = [_serial(moment) for moment in series.astype("datetime64[us]").to_numpy()]
    if column.every in _PERIODS:
        return Cells(values, _PERIODS[column.every], len("2026-01"))
    if column.column is not None and column.column.kind is Kind.LOCAL and not has_zone:
        return Cells(values, "yyyy-mm-dd hh:mm", len("2026-01-01 00:00"))
    if not has_zone and (series.dt.normalize() == series).where(series.notna(), True).all():
        return Cells(values, "yyyy-mm-dd", len("2026-01-01"))
    return Cells(values, "yyyy-mm-dd hh:mm:ss", len("2026-01-01 00:00:00"))


def _serial(moment: np.datetime64) -> Value:
    if np.isnat(moment):
        return None
    if not _EXCEL_FIRST <= moment < _EXCEL_AFTER:
        return str(moment)  # the calendar of a spreadsheet has no such day
    return float((moment - _EXCEL_EPOCH) / np.timedelta64(1, "D"))


# ---------------------------------------------------------------------------------------------
# Numbers


def _numbers(column: ShownColumn) -> Cells:
    values = [None if is_missing(one) else _number(one) for one in column.series.tolist()]
    kind = None if column.column is None else column.column.kind
    if column.column is not None and column.column.field_unit is FieldUnit.UNDOCUMENTED:
        return Cells(values, _GENERAL, _width(values, 2))
    if kind is Kind.MONEY:
        formats = [_format(column, places) for places in column.decimals]
        widest = max(column.decimals, default=USUAL_DECIMALS)
        return Cells(values, formats or _format(column, widest), _width(values, widest))
    if column.column is not None and kind is Kind.RATIO:
        is_factor = column.column.is_factor or column.column.is_logarithm
        form = _format(column, 2) if is_factor else _format(column, 0, " %")
        return Cells(values, form, _width(_largest(values), 2))
    if column.column is not None and kind in _DECIMALS:
        decimals = column.column.decimals if kind is Kind.HOURS else _DECIMALS[kind]
        return Cells(values, _format(column, decimals), _width(values, decimals))
    if types.is_integer_dtype(column.series.dtype):
        return Cells(values, "0", max((len(str(value)) for value in values), default=0))
    return Cells(values, _GENERAL, len("1.234568E+10"))


def _format(column: ShownColumn, decimals: int, unit: str = "") -> str:
    digits = f"{0:,.{decimals}f}".replace("0", "#,##0", 1) + unit
    plus = "+" if is_signed(column.column) else ""
    return f"{plus}{digits};-{digits};0{unit}"


def _number(value: float) -> Value:
    """Return a number as a spreadsheet can hold it, or as a string if it would be changed."""
    largest = _EXCEL_DIGITS if isinstance(value, int) else _EXCEL_LARGEST
    return value if -largest < value < largest else str(value)


def _largest(values: Sequence[Value]) -> list[Value]:
    return [max((abs(value) for value in values if isinstance(value, int | float)), default=0)]


def _width(values: Sequence[Value], places: int) -> int:
    """Return the width of the sum of all numbers, with its sign, and so of any of them."""
    whole = math.fsum(abs(value) for value in values if isinstance(value, int | float))
    return len(f"+{whole:,.{places}f}")
