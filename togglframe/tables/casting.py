"""JSON values in, one typed column out: the type is checked before the cast.

pandas coerces silently: ``"1500"`` becomes 0 ms, ``True`` becomes 1, an integer becomes a date in
1970. Each kind of column therefore checks the JSON types of its values first.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray
from pandas.api.types import infer_dtype

from togglframe.errors import SchemaError
from togglframe.tables import Column, FieldUnit, Kind

__all__ = ["EXACT_FLOAT", "TOO_LARGE", "Objects", "cast", "infer", "objects"]

_INT64: Final = np.iinfo(np.int64)
TOO_LARGE: Final = _INT64.max + 1  # for an id, or any other 64-bit integer
EXACT_FLOAT: Final = 2**53  # a float this large may stand for a neighbouring integer
_MILLISECONDS: Final = {FieldUnit.SECONDS: 1000, FieldUnit.MILLISECONDS: 1}


def _rfc_3339(decimals: str) -> str:
    return r"(?!0000)\d{4}-\d\d-\d\d([T ]\d\d:\d\d:\d\d(\.\d" + decimals + r")?(Z|[+-]\d\d:\d\d))?"


_NO_YEAR: Final = "0001-"
_TIMESTAMP: Final = re.compile(_rfc_3339("+"), re.ASCII)
_PLAIN_TIMESTAMP_LINE: Final = re.compile(
    f"^(?!{_NO_YEAR})" + _rfc_3339("{1,6}") + "\n", re.ASCII | re.MULTILINE
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_AFTER_A_DATE: Final = frozenset({"", "T", "t", " "})
_OFFSET: Final = re.compile(r"(?:\.\d+)?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII)
_BELOW_MICROSECONDS: Final = re.compile(r"(?<=\.\d{6})\d+", re.ASCII)
_NONE: Final = type(None)

# What pandas infers for a column, ignoring nulls.
_INTEGERS: Final = frozenset({"integer", "empty"})
_NUMBERS: Final = _INTEGERS | {"floating", "mixed-integer-float"}
_BOOLEANS: Final = frozenset({"boolean", "empty"})
_STRINGS: Final = frozenset({"string", "empty"})

Objects = npt.NDArray[np.object_]
Typed = npt.NDArray[Any] | ExtensionArray


def objects(values: Iterable[Any]) -> Objects:
    """Return an array of the values as they are, including lists."""
    return np.fromiter(values, dtype=np.object_)


class _Values:
    """The values of one column, and their origin."""

    def __init__(self, column: Column, values: Objects, endpoint: str, first_row: int) -> None:
        self.column = column
        self.raw = values
        self.endpoint = endpoint
        self.first_row = first_row
        self.json_type = infer_dtype(values)

    @cached_property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Return which values are null."""
        nulls: npt.NDArray[np.bool_] = self.raw == np.array(None)
        return nulls

    def expect(self, json_types: frozenset[str], expected: str) -> None:
        """Raise a SchemaError at the first value of another JSON type."""
        if self.json_type not in json_types:
            self.refuse(lambda value: infer_dtype([value]) not in json_types, expected)

    def refuse(self, is_wrong: Callable[[Any], bool], expected: str) -> None:
        """Raise a SchemaError at the first wrong value, if there is one."""
        for row, value in enumerate(self.raw, start=self.first_row):
            if is_wrong(value):
                raise SchemaError(
                    f"expected {expected}",
                    endpoint=self.endpoint,
                    column=self.column.name,
                    row=row,
                    value=value,
                    is_shown=True,
                )

    def filled(self, zero: object) -> Objects:
        """Return the values with null replaced by the zero of their type."""
        if not self.missing.any():
            return self.raw
        filled = self.raw.copy()
        filled[self.missing] = zero
        return filled


def cast(column: Column, values: Objects, *, endpoint: str, first_row: int = 0) -> Typed:
    """Cast JSON values to the dtype that the column declares.

    Parameters
    ----------
    column : Column
        The declaration.
    values : array of object
        Parsed JSON values, None for null.
    endpoint : str
        Where they came from, for the error.
    first_row : int
        The row of the first value, for the error.

    Returns
    -------
    array
        Of exactly ``column.dtype``.

    Raises
    ------
    SchemaError
        If a value is not of the JSON type that the column's kind requires.
    """
    return _CASTS[column.kind](_Values(column, values, endpoint, first_row))


def infer(values: Sequence[Any]) -> pd.Series[Any]:
    """Choose a nullable dtype that holds the values of an undeclared column exactly.

    Parameters
    ----------
    values : sequence
        Parsed JSON values, None for null.

    Returns
    -------
    Series
        boolean, Int64, Float64 or str where all values fit, else object.
    """
    types = set(map(type, values)) - {_NONE}
    series: pd.Series[Any] = pd.Series(list(values), dtype=_inferred_dtype(types, values))
    return series


def _inferred_dtype(types: set[type], values: Sequence[Any]) -> Any:
    if types == {bool}:
        return pd.BooleanDtype()
    if types == {str}:
        return pd.StringDtype(na_value=np.nan)
    if types == {int} and all(v is None or _INT64.min <= v <= _INT64.max for v in values):
        return pd.Int64Dtype()
    if types == {float}:
        return pd.Float64Dtype()
    if types == {int, float} and all(type(v) is not int or abs(v) <= EXACT_FLOAT for v in values):
        return pd.Float64Dtype()
    return np.dtype("object")


def _int64(values: _Values, *, factor: int = 1) -> npt.NDArray[np.int64]:
    """Return the integers times a factor, null as 0; refuse values that do not fit."""
    try:
        integers = values.filled(0).astype(np.int64)
    except OverflowError:
        integers = None
    limit = _INT64.max // factor
    if integers is None or (
        len(integers) and not -limit <= integers.min() <= integers.max() <= limit
    ):
        values.refuse(lambda v: v is not None and not -limit <= v <= limit, "a 64-bit integer")
    assert integers is not None  # noqa: S101 -- refuse raised otherwise
    return integers * factor


def _ids(values: _Values) -> Typed:
    values.expect(_NUMBERS, "an integer")
    if values.json_type not in _INTEGERS:
        values.refuse(_is_inexact_id, "an integer")
        whole = objects(int(v) if type(v) is float else v for v in values.raw)
        values = _Values(values.column, whole, values.endpoint, values.first_row)
    return pd.arrays.IntegerArray(_int64(values), values.missing)


def _is_inexact_id(value: object) -> bool:
    return type(value) is float and not (value.is_integer() and abs(value) < EXACT_FLOAT)


def _booleans(values: _Values) -> Typed:
    values.expect(_BOOLEANS, "true or false")
    return pd.arrays.BooleanArray(values.filled(False).astype(np.bool_), values.missing)


def _strings(values: _Values) -> Typed:
    values.expect(_STRINGS, "a string")
    raw = values.raw
    if values.column.is_blank_missing:
        raw = np.where(raw == "", None, raw)  # type: ignore[call-overload]
    strings: ExtensionArray = pd.array(raw, dtype=values.column.dtype)
    return strings


def _durations(values: _Values) -> Typed:
    unit = values.column.field_unit
    assert unit is not None  # noqa: S101 -- a duration in JSON declares its unit
    values.expect(_INTEGERS, f"an integer [{unit}]")
    data = _int64(values, factor=_MILLISECONDS[unit]).astype("timedelta64[ms]")
    data[values.missing] = np.timedelta64("NaT", "ms")
    return data


def _money(values: _Values) -> Typed:
    if values.column.field_unit is FieldUnit.CENTS:
        values.expect(_INTEGERS, "an integer [cents]")
        return pd.arrays.FloatingArray(_int64(values) / 100, values.missing)
    values.expect(_NUMBERS, f"a number [{values.column.field_unit}]")
    return pd.arrays.FloatingArray(values.filled(0.0).astype(np.float64), values.missing)


def _dates(values: _Values) -> Typed:
    """Return the calendar days; for a timestamp, the day in its own UTC offset."""
    expected = "a date"
    values.expect(_STRINGS, expected)
    strings = values.raw.tolist()
    ends = {text[10:11] for text in strings if text}
    heads = [text[:10] if text else "NaT" for text in strings]
    known = dict.fromkeys(heads)
    if not ends <= _AFTER_A_DATE or not all(map(_DATE.fullmatch, known.keys() - {"NaT"})):
        values.refuse(_is_no_date, expected)
    try:
        known = dict(zip(known, np.array([*known], dtype="datetime64[us]"), strict=True))
    except ValueError:
        values.refuse(_is_impossible_date, expected)
        raise
    return np.fromiter(map(known.__getitem__, heads), dtype="datetime64[us]", count=len(heads))


def _is_no_date(text: str | None) -> bool:
    if text is None or text == "":
        return False
    return _DATE.fullmatch(text[:10]) is None or text[10:11] not in _AFTER_A_DATE


def _is_impossible_date(text: str | None) -> bool:
    try:
        np.datetime64(text[:10] if text else "NaT")
    except ValueError:
        return True
    return False


def _offsets(values: _Values) -> Typed:
    """Return the UTC offsets of timestamps."""
    expected = "a timestamp with its offset"
    values.expect(_STRINGS, expected)
    endings = [text[19:] if text else "" for text in values.raw.tolist()]
    known = {ending: _offset(ending) for ending in set(endings)}
    if None in known.values():
        values.refuse(lambda text: bool(text) and _offset(text[19:]) is None, expected)
    raw = np.fromiter(map(known.__getitem__, endings), dtype="timedelta64[ms]")
    raw[values.raw == np.array(None)] = np.timedelta64("NaT", "ms")
    return raw


def _offset(ending: str) -> np.timedelta64 | None:
    """Return the offset at the end of a timestamp, after its seconds."""
    found = _OFFSET.fullmatch(ending)
    if found is None:
        return np.timedelta64("NaT", "ms") if ending == "" else None
    if found[1] is None:
        return np.timedelta64(0, "ms")
    minutes = int(found[2]) * 60 + int(found[3])
    return np.timedelta64((-minutes if found[1] == "-" else minutes) * 60_000, "ms")


def _timestamps(values: _Values) -> Typed:
    expected = "an RFC 3339 timestamp"
    values.expect(_STRINGS, expected)
    strings = values.raw.tolist()
    if _PLAIN_TIMESTAMP_LINE.sub("", "\n".join([*filter(None, strings), ""])):
        values.refuse(_is_no_rfc_3339, expected)
        strings = list(map(_parsable, strings))
    try:
        return _parsed(strings).astype(values.column.dtype).array
    except ValueError:
        values.refuse(_is_impossible_timestamp, expected)
        raise


def _is_no_rfc_3339(text: str | None) -> bool:
    return text is not None and text != "" and _TIMESTAMP.fullmatch(text.upper()) is None


def _is_impossible_timestamp(text: str | None) -> bool:
    try:
        _parsed([_parsable(text)])
    except ValueError:
        return True
    return False


def _parsable(text: str | None) -> str | None:
    """Return the string as pandas can parse it to microseconds, None if it is no timestamp."""
    if not text or text.startswith(_NO_YEAR):
        return None
    return _BELOW_MICROSECONDS.sub("", text.upper())


def _parsed(strings: Sequence[str | None]) -> pd.Series[Any]:
    raw: pd.Series[Any] = pd.Series(strings, dtype=np.dtype("object"))
    # Timestamps hardly ever repeat, so looking for equal ones takes longer than parsing all.
    return pd.to_datetime(raw, format="ISO8601", utc=True, cache=False)


def _names(values: _Values) -> Typed:
    expected = "a list of strings"
    raw = values.raw.tolist()
    types = set(map(type, raw))
    items = itertools.chain.from_iterable(_lists(raw, types))
    if not (types <= {list, str, _NONE} and set(map(type, items)) <= {str}):
        values.refuse(_is_no_list_of_strings, expected)
    return _in_lists(raw, types)


def _id_lists(values: _Values) -> Typed:
    raw = values.raw.tolist()
    types = set(map(type, raw))
    items = itertools.chain.from_iterable(_lists(raw, types))
    if not (types <= {list, _NONE} and set(map(type, items)) <= {int}):
        values.refuse(_is_no_list_of_ids, "a list of integers")
    return _in_lists(raw, types)


def _lists(raw: list[Any], types: set[type]) -> list[Any]:
    """Return the values that are lists; all of them if there is nothing else."""
    return raw if types == {list} else [value for value in raw if type(value) is list]


def _in_lists(raw: list[Any], types: set[type]) -> Objects:
    """Return an array of lists, with a string wrapped in a list, and NA for null.

    The array is a copy: a view of the values would keep all columns of their block in memory.
    """
    if types == {list}:
        return objects(raw)
    return objects(pd.NA if v is None else [v] if type(v) is str else v for v in raw)


def _is_no_list_of_ids(value: object) -> bool:
    if type(value) is list:
        return not all(type(item) is int for item in value)
    return value is not None


def _is_no_list_of_strings(value: object) -> bool:
    if type(value) is list:
        return not all(type(item) is str for item in value)
    return value is not None and type(value) is not str


_CASTS: Final[dict[Kind, Callable[[_Values], Typed]]] = {
    Kind.ID: _ids,
    Kind.BOOLEAN: _booleans,
    Kind.STRING: _strings,
    Kind.DURATION: _durations,
    Kind.MONEY: _money,
    Kind.TIMESTAMP: _timestamps,
    Kind.NAMES: _names,
    Kind.IDS: _id_lists,
    Kind.DATE: _dates,
    Kind.OFFSET: _offsets,
    Kind.COUNT: _ids,
}
