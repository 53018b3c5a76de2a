"""The checks of a chart's frame and options, and the labels of its rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from numbers import Integral
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.errors import ConfigError
from togglframe.tables import WORKSPACE, Kind, Table
from togglframe.tables.validation import check_columns, check_unique, typed

_TIMES: Final = {Kind.DATE, Kind.LOCAL, Kind.TIMESTAMP, Kind.DURATION, Kind.OFFSET}
_ZONED: Final = r".*(Z|[+-]\d\d:?\d\d)"


def typed_rows(
    chart: str,
    frame: pd.DataFrame,
    table: Table,
    needed: str,
    optional: str = "",
    *,
    report: str = "",
) -> pd.DataFrame:
    """Return the frame of a chart in the dtypes of its table, with its attrs, its rows numbered.

    The table's key is optional: a frame by groups of one's own has no ids.

    Raises
    ------
    TypeError
        If it is not a frame.
    ConfigError
        If a needed column is missing, or a column occurs twice, has wrong values or a number
        that is too large, or if a row occurs twice.
    """
    make = f"make the frame with togglframe.{report or f'reports.{table.name}(ws)'}"
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{chart} takes a DataFrame, not {type(frame).__name__}; {make}")
    present = set(frame.columns)
    if WORKSPACE.name in present and WORKSPACE.name not in table:
        table = table.across()
    missing = [repr(column) for column in needed.split() if column not in present]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        raise ConfigError(f"{chart} needs the {noun} {', '.join(missing)}; {make}")
    used = {*needed.split(), *optional.split(), *table.key} & present
    result = typed(_with_times(frame, used, table), used, table, make)
    key = tuple(name for name in table.key if name in present)
    has_ids = all(name in present or name.removesuffix("_id") not in present for name in table.key)
    has_lists = any(table[name].kind is Kind.NAMES for name in key)  # they cannot be compared
    if key and has_ids and not has_lists:
        check_unique(result, replace(table, key=key))
    return result


def _with_times(frame: pd.DataFrame, columns: Collection[str], table: Table) -> pd.DataFrame:
    """Return the frame with days, times and durations parsed if they are strings, as in a CSV."""
    check_columns(frame, columns, f"the {table.name} frame")
    read = {}
    for column in table:
        if column.name in columns and column.kind in _TIMES:
            values = frame[column.name]
            if values.dtype == np.dtype("object"):
                values = values.infer_objects()
            if types.is_string_dtype(values) and values.notna().any():
                values = _read(values, column.kind)
            read[column.name] = values
    return frame.assign(**read)


def _read(values: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    """Parse ISO 8601 days, times with a time zone, and durations; other values stay."""
    try:
        if kind in {Kind.DURATION, Kind.OFFSET}:
            return pd.to_timedelta(values)
        if kind is Kind.TIMESTAMP and not values.dropna().str.fullmatch(_ZONED).all():
            return values
        return pd.to_datetime(values, format="ISO8601", utc=kind is Kind.TIMESTAMP)
    except ValueError:
        return values


def choose(value: object, options: Collection[object], what: str) -> None:
    """Refuse a value that is not one of the options."""
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise ConfigError(f"{what} must be one of {listed}, not {value!r}.")


def limit(top: int | None) -> int | None:
    """Return how many rows to draw, None for all."""
    return None if top is None else count(top, "top is how many rows to draw")


def count(number: object, what: str) -> int:
    """Return a number of things to draw; refuse anything else."""
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"{what}: give a whole number, not {number!r}.")
    if number < 1:
        raise ConfigError(f"{what}: give at least 1, not {number!r}.")
    return int(number)
