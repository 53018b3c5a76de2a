"""The checks of a frame before anything is computed from it: columns, dtypes, sizes, unique keys.

A frame can come from a file, another library or a spreadsheet: values are accepted in any dtype
that holds them unambiguously, and anything else is refused, naming the column and row.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final, NoReturn

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api import types

from togglframe.errors import ConfigError
from togglframe.tables import Column, Kind, Table

EXACT: Final = 2**53  # from here on, a float may stand for a neighbouring integer

# Values of these kinds, and sums of durations [ms], must stay below this, so that neither a
# difference of two durations nor a sum of such differences wraps.
_LIMITS: Final = {
    Kind.DURATION: 2**62,
    **dict.fromkeys((Kind.MONEY, Kind.HOURS, Kind.RATIO, Kind.WEEKS), 2**63),
}
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBERS: Final = frozenset({"integer", "floating", "mixed-integer-float"})

# The dtypes that hold the same values unambiguously, by the letters of their kinds, and what pandas
# infers for objects that do. An integer is not a duration, since its unit is unknown; a float is
# not an id, since its last digits may be lost.
_ALIKE: Final[dict[Kind, tuple[str, frozenset[str]]]] = {
    **dict.fromkeys((Kind.ID, Kind.COUNT), ("iu", frozenset({"integer"}))),
    **dict.fromkeys((Kind.MONEY, Kind.HOURS, Kind.RATIO, Kind.WEEKS), ("iuf", _NUMBERS)),
    **dict.fromkeys((Kind.DURATION, Kind.OFFSET), ("m", frozenset({"timedelta"}))),
    **dict.fromkeys((Kind.TIMESTAMP, Kind.STATE, Kind.NAMES, Kind.IDS), ("", frozenset[str]())),
    Kind.BOOLEAN: ("b", frozenset({"boolean"})),
    Kind.STRING: ("", frozenset({"string"})),
    Kind.DATE: ("M", frozenset({"datetime", "date"})),
    Kind.LOCAL: ("M", frozenset({"datetime"})),
}


def typed(
    frame: pd.DataFrame,
    columns: Collection[str],
    table: Table,
    hint: str,
    *,
    summed: Collection[str] = (),
) -> pd.DataFrame:
    """Return a frame with these columns in the dtypes that the table declares."""
    check_columns(frame, columns, f"the {table.name} frame")
    result = frame.reset_index(drop=True)
    changed = [c for c in table if c.name in columns and result[c.name].dtype != c.dtype]
    result = result.assign(
        **{c.name: _typed(result[c.name], c, f"the {table.name} frame", hint) for c in changed}
    )
    check_sizes(result, table, columns, summed)
    return result


def _typed(values: pd.Series[Any], column: Column, what: str, hint: str) -> pd.Series[Any]:
    if column.kind is Kind.STRING:
        return values.astype(column.dtype)
    if column.kind is Kind.ID and _are_whole(values):
        return values.astype(column.dtype)  # pandas reads ids in a CSV as floats if one is NA
    if column.kind is Kind.DATE:
        values = _days_of(values)
    if column.kind is Kind.STATE and {*values.dropna()} <= {*column.categories}:
        return values.astype("object").astype(column.dtype)  # strings, as in a plain CSV
    return as_declared(values, column, what, hint)


def _days_of(values: pd.Series[Any]) -> pd.Series[Any]:
    """Parse days that are strings, as in a plain CSV; return other values as they are."""
    written = values.dropna().astype("object")
    if types.infer_dtype(written) != "string" or not all(map(_DAY.fullmatch, written)):
        return values
    try:
        return pd.to_datetime(values.astype("object"), format="%Y-%m-%d")
    except ValueError:  # not a calendar day
        return values


def _are_whole(values: pd.Series[Any]) -> bool:
    if values.dtype.kind != "f":
        return False
    known = values.dropna()
    return bool(((known % 1 == 0) & (known.abs() < EXACT)).all())


def check_columns(frame: pd.DataFrame, names: Collection[str], what: str) -> None:
    """Refuse a frame in which one of these columns occurs twice."""
    repeated = frame.columns[frame.columns.duplicated() & frame.columns.isin(list(names))]
    if len(repeated):
        raise ConfigError(
            f"{what} has more than one column of the same name: "
            f"{', '.join(map(repr, repeated.unique()))}"
        )


def as_declared(values: pd.Series[Any], column: Column, what: str, hint: str) -> pd.Series[Any]:
    """Return the values in the dtype of the column; refuse values that this would change."""
    if values.isna().all():
        return pd.Series([None] * len(values), values.index, dtype=column.dtype)
    try:
        if _is_alike(values, column.kind):
            return values.astype(column.dtype)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigError(f"column {column.name!r} of {what}: {error}; {hint}") from error
    raise ConfigError(
        f"column {column.name!r} of {what} is {values.dtype}, not {column.dtype}; {hint}"
    )


def _is_alike(values: pd.Series[Any], kind: Kind) -> bool:
    dtype: Any = values.dtype
    letters, inferred = _ALIKE[kind]
    if dtype == np.dtype("object"):
        return types.infer_dtype(values, skipna=True) in inferred
    if kind is Kind.STRING:
        return dtype.type is str
    if kind is Kind.TIMESTAMP:
        return getattr(getattr(dtype, "pyarrow_dtype", dtype), "tz", None) is not None
    return dtype.kind in letters


def check_sizes(
    frame: pd.DataFrame, table: Table, columns: Collection[str], summed: Collection[str] = ()
) -> None:
    """Refuse values too large for exact sums and differences, naming the column and row."""
    for column in table:
        if column.name not in columns or column.kind not in _LIMITS:
            continue
        sizes = _sizes(frame[column.name], column.kind)
        is_summed = column.name in summed
        size = sizes.sum() if is_summed else sizes.max(initial=0)
        if not size < _LIMITS[column.kind]:
            refuse_size(frame, table, column.name, int(sizes.argmax()), is_summed=is_summed)


def _sizes(values: pd.Series[Any], kind: Kind) -> npt.NDArray[np.float64]:
    numbers = milliseconds(values) if kind is Kind.DURATION else values
    sizes: npt.NDArray[np.float64] = np.abs(numbers.to_numpy("float64", na_value=0.0))
    return sizes


def refuse_size(
    frame: pd.DataFrame, table: Table, column: str, row: int, *, is_summed: bool
) -> NoReturn:
    """Refuse a frame because of the number in this column and row."""
    key = [name for name in table.key if name in frame]
    (key_values,) = frame[key].iloc[[row]].to_dict("records")
    what = "the values are too large for an exact sum" if is_summed else "a value is too large"
    raise ConfigError(
        f"column {column!r} of the {table.name} frame: {what}; the largest is "
        f"{frame[column].iloc[row]} in {key_values}: correct it, or leave that row out"
    )


def check_unique(frame: pd.DataFrame, table: Table) -> None:
    """Refuse a frame in which a key occurs twice, naming its values."""
    key = list(table.key)
    if len(key) == 1 and pd.Index(frame[key[0]]).is_unique:
        return
    is_repeated = frame.duplicated(key)
    if is_repeated.any():
        repeated = frame.loc[is_repeated, key].drop_duplicates()
        first = ", ".join(str(values) for values in repeated.head(3).to_dict("records"))
        more = f" and {len(repeated) - 3} more" if len(repeated) > 3 else ""
        raise ConfigError(
            f"the {table.name} frame must have one row per {' and '.join(key)}, "
            f"but these come more than once: {first}{more}; "
            f"drop the duplicates, for example with drop_duplicates({key})"
        )


def milliseconds(time: pd.Series[Any]) -> pd.Series[Any]:
    """Return a duration as Int64 milliseconds [ms]."""
    whole = pd.arrays.IntegerArray(time.to_numpy("int64"), time.isna().to_numpy())
    return pd.Series(whole, index=time.index)
