"""The cells of a table as text: one value, below a heading with its unit."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.tables import Column, Kind
from togglframe.text.formats import (
    MINUS,
    format_hours,
    format_money,
    format_percent,
    format_signed_hours,
    format_signed_money,
    format_signed_percent,
    format_times,
)


def writer(series: pd.Series[Any], column: Column | None) -> Callable[[Any], str]:
    """Return the function that writes the values of a column for people."""
    if column is not None:
        if column.is_change and column.kind in _CHANGES:
            return _CHANGES[column.kind]
        if column.kind is Kind.RATIO:
            return _ratios(column)
        if column.kind is Kind.HOURS:
            return partial(hours, decimals=column.decimals)
        if column.kind in _WRITERS:
            return _WRITERS[column.kind]
    if types.is_timedelta64_dtype(series.dtype):
        return _clock
    if types.is_datetime64_any_dtype(series.dtype):
        return _moment
    return _decimals if types.is_float_dtype(series.dtype) else words


def _ratios(column: Column) -> Callable[[float], str]:
    if column.is_logarithm:
        return _decimals
    return format_times if column.is_factor else format_percent


def is_missing(value: Any) -> bool:
    """Return whether a cell is empty because its value is unknown."""
    return value is None or (types.is_scalar(value) and bool(pd.isna(value)))


def hours(value: float, decimals: int = 1) -> str:
    """Write hours without their unit; none above zero is written as ``0.0``."""
    least = 10**-decimals
    if 0 < value < least / 2:
        return f"<{least:.{decimals}f}"
    return format_hours(value, decimals).removesuffix(" h")


def signed_hours(value: float) -> str:
    """Write a difference of hours without its unit, with its sign."""
    return format_signed_hours(value).removesuffix(" h").removeprefix("±")


def state(value: str) -> str:
    """Write a state in words."""
    return str(value).replace("_", " ")


def words(value: object) -> str:
    """Write a string on one line, or a list of them separated by commas."""
    if isinstance(value, list | np.ndarray):
        return ", ".join(map(str, value))
    return " ".join(str(value).split())


def _money(value: float) -> str:
    return format_money(value, 2)


def _clock(value: pd.Timedelta) -> str:
    """Write a duration as h:mm:ss."""
    seconds = round(value.total_seconds())
    minutes, second = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02}:{second:02}"


def _moment(value: pd.Timestamp) -> str:
    return f"{value:%Y-%m-%d %H:%M}"


def _decimals(value: float) -> str:
    return f"{value:z,.2f}".replace("-", MINUS)


_CHANGES: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.HOURS: signed_hours,
    Kind.RATIO: format_signed_percent,
    Kind.MONEY: partial(format_signed_money, decimals=2),
    Kind.COUNT: lambda value: f"{value:+,}".replace("-", MINUS) if value else "0",
}
_WRITERS: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.MONEY: _money,
    Kind.DURATION: _clock,
    Kind.TIMESTAMP: _moment,
    Kind.LOCAL: _moment,
    Kind.DATE: lambda value: f"{value:%Y-%m-%d}",
    Kind.WEEKS: lambda value: f"{value:,.1f}",
    Kind.ID: str,
    Kind.COUNT: lambda value: f"{value:,}",
    Kind.STATE: state,
}
