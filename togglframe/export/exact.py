"""The description that a file needs for exactly the same frame to be read back."""

from __future__ import annotations

import json
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.errors import ConfigError

__all__ = [
    "check_attrs",
    "check_columns",
    "check_index",
    "dtype_from_json",
    "dtype_to_json",
    "value_from_json",
    "value_to_json",
]

_ARROW_KINDS: Final = "biuf"  # booleans and numbers
_SUPPORTED: Final = (
    types.is_bool_dtype,
    types.is_integer_dtype,
    types.is_float_dtype,
    types.is_object_dtype,
    types.is_timedelta64_dtype,
    types.is_datetime64_any_dtype,
)


def check_columns(frame: pd.DataFrame) -> None:
    """Refuse a frame whose columns cannot be written to a file as they are.

    Raises
    ------
    TypeError
        It is not a DataFrame.
    ConfigError
        There are no columns, a name is not a string, or two columns share a name.
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"expected a DataFrame, got {type(frame).__name__}")
    if frame.columns.empty:
        raise ConfigError("The frame has no columns: there is nothing to write.")
    if isinstance(frame.columns.dtype, pd.CategoricalDtype):
        raise ConfigError(
            "The column labels are a category, which would not come back. Make them plain with "
            "frame.columns = frame.columns.astype(str)."
        )
    for name in frame.columns:
        if not isinstance(name, str):
            raise ConfigError(
                f"The column {name!r} has a name that is not a string. Rename it, for example with "
                "frame.rename(columns=str)."
            )
    if not frame.columns.is_unique:
        names = frame.columns[frame.columns.duplicated()].unique().tolist()
        raise ConfigError(f"Two columns share a name: {names}. Rename or drop one of them.")


def check_index(frame: pd.DataFrame) -> None:
    """Refuse a frame whose row labels are more than numbers."""
    index = frame.index
    if index.nlevels > 1 or index.name is not None or index.dtype != np.dtype("int64"):
        raise ConfigError(
            "The row labels would be lost. Make them columns with frame.reset_index() first."
        )


def check_attrs(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the attrs of a frame, after checking that JSON preserves them."""
    attrs = {str(key): value for key, value in frame.attrs.items()}
    try:
        same = bool(json.loads(json.dumps(attrs)) == frame.attrs)
    except (TypeError, ValueError):
        same = False
    if not same:
        raise ConfigError(
            "frame.attrs holds something that JSON cannot bring back: "
            f"{sorted(map(str, attrs))}. Keep numbers, strings, lists and dicts with string keys."
        )
    return attrs


def dtype_to_json(name: str, dtype: Any) -> Any:
    """Describe the dtype of a column.

    Raises
    ------
    ConfigError
        The dtype is of a kind that could not be restored exactly.
    """
    if isinstance(dtype, pd.StringDtype):
        return {"text": "NA" if dtype.na_value is pd.NA else "nan", "storage": dtype.storage}
    if isinstance(dtype, pd.CategoricalDtype):
        categories = dtype.categories.tolist()
        if all(isinstance(category, str) for category in categories):
            inner = dtype_to_json(name, dtype.categories.dtype)
            return {"categories": categories, "ordered": bool(dtype.ordered), "dtype": inner}
    elif (
        (not isinstance(dtype, pd.ArrowDtype) or dtype.kind in _ARROW_KINDS)
        and any(is_sort(dtype) for is_sort in _SUPPORTED)
        and pd.api.types.pandas_dtype(str(dtype)) == dtype
    ):
        return str(dtype)
    raise ConfigError(
        f"The column {name!r} has the dtype {dtype}, which would not come back the same. "
        "Cast it to a string, a number, a boolean, a duration, a timestamp or a category of "
        "strings."
    )


def dtype_from_json(described: Any) -> Any:
    """Return the dtype that `dtype_to_json` described."""
    if isinstance(described, str):
        return types.pandas_dtype(described)
    if "text" in described:  # not by name, since pandas options change its meaning
        missing = pd.NA if described["text"] == "NA" else np.nan
        try:
            return pd.StringDtype(described["storage"], na_value=missing)
        except ImportError:  # pyarrow is not installed
            return pd.StringDtype(na_value=missing)
    categories = pd.Index(described["categories"], dtype=dtype_from_json(described["dtype"]))
    return pd.CategoricalDtype(categories, ordered=described["ordered"])


def value_to_json(name: str, row: int, value: Any) -> str | None:
    """Write a value of an object column as JSON; NA is None.

    Raises
    ------
    ConfigError
        JSON would not preserve the value.
    """
    if value is pd.NA:
        return None
    try:
        text = json.dumps(value, ensure_ascii=False)
        same = isinstance(value, float) or bool(json.loads(text) == value)
    except (TypeError, ValueError):
        same = False
    if not same:
        raise ConfigError(
            f"The column {name!r} holds a {type(value).__name__} in row {row}, which JSON would "
            "not bring back the same. Keep lists, dicts with string keys, strings, numbers and NA."
        )
    return text


def value_from_json(text: str | None) -> Any:
    """Return the value that `value_to_json` wrote."""
    return pd.NA if text is None else json.loads(text)
