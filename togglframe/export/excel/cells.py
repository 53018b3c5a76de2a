"""How a column looks in a spreadsheet: heading, number format, values and width."""

from __future__ import annotations

import contextlib
import json
import math
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from togglframe.export.columns import as_list
from togglframe.tables import Column, FieldUnit, Kind
from togglframe.text.formats import USUAL_DECIMALS, decimals_of

__all__ = ["Cells", "amount_width", "cells_of", "money_format", "number", "shown_width"]

Value: TypeAlias = str | float | bool | None

HOURS: Final = "#,##0.00;[Red]-#,##0.00;0.00"
CHANGE_OF_HOURS: Final = "+#,##0.00;-#,##0.00;0.00"
OVER: Final = "[Red]+#,##0.00;-#,##0.00;0.00"
DURATION: Final = "[h]:mm"
TIMESTAMP: Final = "yyyy-mm-dd hh:mm:ss"
DATE: Final = "yyyy-mm-dd"
LOCAL: Final = "yyyy-mm-dd hh:mm"
CLOCK: Final = "hh:mm"
PERCENT: Final = "0%;[Red]-0%;0%"
FACTOR: Final = "0.00"
WEEKS: Final = "#,##0.0"
CHANGE_IN_PERCENT: Final = "+0%;-0%;0%"
COUNT: Final = "#,##0"
CHANGE_OF_COUNT: Final = "+#,##0;-#,##0;0"
ID: Final = "0"
GENERAL: Final = "General"
BOOLEAN: Final = '"TRUE";"TRUE";"FALSE"'  # without it, LibreOffice shows some as 1 and 0

_EXCEL_DIGITS: Final = 10**15
_EXCEL_LARGEST: Final = 1e307
_EXCEL_FIRST: Final = np.datetime64("1900-03-01")
_EXCEL_EPOCH: Final = np.datetime64("1899-12-30", "us")
_EXCEL_DAYS: Final = 2_958_466  # the calendar ends with the year 9999
_EXCEL_AFTER: Final = np.datetime64("10000-01-01")


@dataclass(frozen=True)
class Cells:
    """One column as a spreadsheet shows it.

    Parameters
    ----------
    heading : str
        The heading.
    cells : sequence
        The values, None for an empty cell.
    formats : str or sequence of str
        The number format, or one for each cell.
    width : int
        The width of the widest value as it is displayed, in characters; for hours and durations,
        the width of any sum of them.
    is_text : bool
        Whether it is left-aligned.
    wrap : bool
        Whether long strings wrap.
    """

    heading: str
    cells: Sequence[Value]
    formats: str | Sequence[str]
    width: int
    is_text: bool = False
    wrap: bool = False


def money_format(code: Any, *, is_change: bool = False) -> str:
    """Return the number format of an amount; only valid currency codes are put in it."""
    places = decimals_of(code) if isinstance(code, str) else None
    shown = USUAL_DECIMALS if places is None else places
    digits = f"{0:,.{shown}f}".replace("0", "#,##0", 1)
    sign = "" if places is None else f"[${code}] "
    if is_change:
        return f"{sign}+{digits};{sign}-{digits};{sign}{digits}"
    return f"{sign}{digits};[Red]-{sign}{digits}"


def number(value: float | None) -> Value:
    """Return a number as a spreadsheet can hold it, or as a string if it would be changed."""
    if value is None:
        return None
    largest = _EXCEL_DIGITS if isinstance(value, int) else _EXCEL_LARGEST
    return value if -largest < value < largest else str(value)


def shown_width(text: str) -> int:
    """Return the width of a string in characters; East Asian ones count twice."""
    line = max(text.splitlines(), key=len, default="")
    if line.isascii():
        return len(line)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def cells_of(
    series: pd.Series[Any],
    column: Column | None,
    currencies: Sequence[Any] | None,
    days: pd.Series[Any] | None = None,
) -> Cells:
    """Turn a column of a frame into cells.

    Parameters
    ----------
    series : Series
        The column.
    column : Column or None
        Its declaration, if it has one.
    currencies : sequence or None
        The currency of each row, if the frame has it.
    days : Series, optional
        The day of each row, if the frame has it: a local time on that day needs no date.
    """
    heading = str(series.name) if column is None else column.label
    if types.is_timedelta64_dtype(series.dtype):
        return _durations(series, heading)
    has_zone = isinstance(series.dtype, pd.DatetimeTZDtype)
    if column is not None and column.kind is Kind.LOCAL and not has_zone:
        return _wall_clock(series, heading, days)
    if types.is_datetime64_any_dtype(series.dtype):
        return _timestamps(series, heading)
    if types.is_bool_dtype(series.dtype):
        return Cells(heading, _plain(series), BOOLEAN, len("FALSE"))
    if types.is_numeric_dtype(series.dtype) and not types.is_complex_dtype(series.dtype):
        return _numbers(series, heading, column, currencies)
    values = [_text(value) for value in series.astype(object)]
    wrap = column is not None and column.is_sentence
    return Cells(heading, values, GENERAL, _widest(values), is_text=True, wrap=wrap)


def _plain(series: pd.Series[Any]) -> list[Any]:
    values = series.astype(object)
    return values.where(series.notna(), None).tolist()


def _text(value: Any) -> str | None:
    value = as_list(value)
    if isinstance(value, str):
        return value
    if value is None or value is pd.NA or value is pd.NaT or value != value:  # noqa: PLR0124
        return None
    if isinstance(value, list) and all(type(item) in (str, int) for item in value):
        return ", ".join(map(str, value))
    if isinstance(value, list | dict):
        with contextlib.suppress(ValueError):  # a circular reference
            return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def _widest(values: Iterable[str | None]) -> int:
    return max((shown_width(value) for value in set(values) if value is not None), default=0)


def _durations(series: pd.Series[Any], heading: str) -> Cells:
    days = _in_units(series, "D")
    largest = _largest_sum(days)
    if largest >= _EXCEL_DAYS or any(value is not None and value < 0 for value in days):
        # A spreadsheet would show ####.
        return _hours([number(value) for value in _in_units(series, "h")], f"{heading} [h]")
    return Cells(heading, days, DURATION, len(f"{largest * 24:.0f}:00"))


def _in_units(series: pd.Series[Any], unit: Literal["D", "h"]) -> list[float | None]:
    durations: npt.NDArray[np.timedelta64] = np.asarray(series)
    values = (durations / np.timedelta64(1, unit)).tolist()
    return [None if math.isnan(value) else value for value in values]


def _hours(values: Sequence[Value], heading: str, form: str = HOURS) -> Cells:
    return Cells(heading, values, form, _width([_largest_sum(values)], 2))


def _timestamps(series: pd.Series[Any], heading: str) -> Cells:
    naive = series
    if isinstance(series.dtype, pd.DatetimeTZDtype):
        naive = series.dt.tz_convert("UTC").dt.tz_localize(None)
        heading = f"{heading} (UTC)"
    timestamps = naive.astype("datetime64[us]").to_numpy()
    values = [_serial(timestamp) for timestamp in timestamps]
    if naive is series and (naive.dt.normalize() == naive).where(naive.notna(), True).all():
        return Cells(heading, values, DATE, len("2026-01-01"))
    return Cells(heading, values, TIMESTAMP, len("2026-01-01 00:00:00"))


def _wall_clock(series: pd.Series[Any], heading: str, days: pd.Series[Any] | None) -> Cells:
    values = [_serial(timestamp) for timestamp in series.astype("datetime64[us]").to_numpy()]
    if days is None:
        return Cells(heading, values, LOCAL, len("2026-01-01 00:00"))
    is_on_it = (series.dt.normalize() == days) | series.isna()
    width = len("00:00" if is_on_it.all() else "2026-01-01 00:00")
    return Cells(heading, values, [CLOCK if on_it else LOCAL for on_it in is_on_it], width)


def _serial(timestamp: np.datetime64) -> Value:
    if np.isnat(timestamp):
        return None
    if not _EXCEL_FIRST <= timestamp < _EXCEL_AFTER:
        return str(timestamp)  # the calendar of a spreadsheet has no such day
    return float((timestamp - _EXCEL_EPOCH) / np.timedelta64(1, "D"))


def _numbers(
    series: pd.Series[Any],
    heading: str,
    column: Column | None,
    currencies: Sequence[Any] | None,
) -> Cells:
    kind = None if column is None else column.kind
    is_change = column is not None and column.is_change
    values = [number(value) for value in _plain(series)]
    if column is not None and column.field_unit is FieldUnit.UNDOCUMENTED:
        return Cells(heading, values, GENERAL, amount_width(values))
    if kind is Kind.MONEY:
        codes = [None] * len(values) if currencies is None else currencies
        formats = [money_format(code, is_change=is_change) for code in codes]
        return Cells(heading, values, formats, amount_width(values))
    if kind is Kind.HOURS:
        over = OVER if column and column.is_excess else HOURS
        return _hours(values, heading, CHANGE_OF_HOURS if is_change else over)
    if column and (column.is_factor or column.is_logarithm):
        return Cells(heading, values, FACTOR, _width(values, 2))
    if kind is Kind.RATIO:
        form = CHANGE_IN_PERCENT if is_change else PERCENT
        return Cells(heading, values, form, _width(values, 0, "00%"))
    if kind is Kind.WEEKS:
        return Cells(heading, values, WEEKS, _width(values, 1))
    if kind is Kind.COUNT:
        return Cells(heading, values, CHANGE_OF_COUNT if is_change else COUNT, _width(values, 0))
    if types.is_integer_dtype(series.dtype):
        return Cells(heading, values, ID, _widest(map(str, values)))
    return Cells(heading, values, GENERAL, len("1.234568E+10"))


def _largest_sum(values: Sequence[Value]) -> float:
    return sum(abs(value) for value in values if isinstance(value, int | float))


def amount_width(values: Sequence[Value]) -> int:
    """Return the width of the widest amount, with its sign and its currency."""
    return _width(values, 2, "EUR ")


def _width(values: Sequence[Value], places: int, more: str = "") -> int:
    """Return the width of the widest number, with its sign and the text beside it."""
    numbers = [value for value in values if isinstance(value, int | float)]
    widest = max((abs(value) for value in numbers), default=0)
    return len(f"+{widest:,.{places}f}{more}")
