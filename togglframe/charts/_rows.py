"""The checks of a chart's frame and options, and the labels of its rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from numbers import Integral
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.charts._fonts import printable
from togglframe.errors import ConfigError
from togglframe.tables import Kind, Table
from togglframe.tables.validation import check_columns, check_unique, typed
from togglframe.text.names import NAME_CELLS, labels_of

LABEL: Final = "label"
PLACE: Final = "place"  # of a row in the frame

_TIMES: Final = {Kind.DATE, Kind.LOCAL, Kind.TIMESTAMP, Kind.DURATION, Kind.OFFSET}
_ZONED: Final = r".*(Z|[+-]\d\d:?\d\d)"


class Labels(Protocol):
    """Labels all rows of a frame, with names shortened to a number of cells."""

    def __call__(self, frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]: ...


def typed_rows(
    frame: pd.DataFrame,
    chart: str,
    table: Table,
    columns: Collection[str],
    optional: Collection[str],
    *,
    made_by: str,
    grain: Table,
) -> pd.DataFrame:
    """Return a frame of this table with its columns in their declared dtypes, and its attrs.

    Raises
    ------
    TypeError
        If it is not a frame.
    ConfigError
        If a required column is missing, or a column occurs twice, has wrong values or a number
        that is too large, or if a row occurs twice.
    """
    make = f"make the frame with togglframe.{made_by}"
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{chart} takes a DataFrame, not {type(frame).__name__}; {make}")
    present = set(frame.columns)
    missing = [repr(column) for column in columns if column not in present]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        raise ConfigError(f"{chart} needs the {noun} {', '.join(missing)}; {make}")
    used = {*columns, *optional} & present
    result = typed(_with_times(frame, used, table), used, table, make)
    key = tuple(name for name in grain.key if name in present)
    has_ids = all(name in present or name.removesuffix("_id") not in present for name in grain.key)
    if (
        key and has_ids and all(grain[name].kind is not Kind.NAMES for name in key)
    ):  # lists cannot be compared
        check_unique(result, replace(grain, key=key))
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


def by_name(entity: str, *others: str) -> Labels:
    """Label rows with the name of an entity; equal names get the names of others, or their id.

    Labels are made from all rows, so that two rows of the same name are told apart even if the
    chart draws only one of them.
    """

    def labels(frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]:
        return labels_of(frame, entity, *others, cells=cells, write=printable)

    return labels
