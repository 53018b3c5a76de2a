"""JSON values in, one typed column out: the type is checked before the cast.

pandas coerces silently: ``"1500"`` becomes 0 ms, ``True`` becomes 1, an integer becomes a date in
1970. Each kind of column therefore checks the JSON types of its values first.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.extensions import ExtensionArray
from pandas.api.types import infer_dtype

from togglframe.errors import SchemaError
from togglframe.tables import Column, FieldUnit, Kind

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
Mask = npt.NDArray[np.bool_]
Typed = npt.NDArray[Any] | ExtensionArray


def objects(values: Iterable[Any]) -> Objects:
    """Return an array of the values as they are, including lists."""
    return np.fromiter(values, dtype=np.object_)


class _UnexpectedError(Exception):
    """A value is not what this error says."""


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
    try:
        return _CASTS[column.kind](column, values)
    except _UnexpectedError:
        for row, value in enumerate(values, first_row):
            _check(column, value, endpoint, row)
        raise


def _check(column: Column, value: object, endpoint: str, row: int) -> None:
    """Raise a SchemaError that names the value, unless the column can hold it."""
    try:
        _CASTS[column.kind](column, objects([value]))
    except _UnexpectedError as error:
        raise SchemaError(
            f"expected {error}",
            endpoint=endpoint,
            column=column.name,
            row=row,
            value=value,
            is_shown=True,
        ) from None


def _expect(values: Objects, json_types: frozenset[str], expected: str) -> str:
    """Return the JSON type of the values; refuse any that is not among these."""
    json_type = infer_dtype(values)
    if json_type not in json_types:
        raise _UnexpectedError(expected)
    return json_type


def _filled(values: Objects, zero: object) -> tuple[Objects, Mask]:
    """Return the values with null replaced by the zero of their type, and which were null."""
    missing: Mask = values == np.array(None)
    if missing.any():
        values = values.copy()
        values[missing] = zero
    return values, missing


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


def _int64(values: Objects, *, factor: int = 1) -> tuple[npt.NDArray[np.int64], Mask]:
    """Return the integers times a factor, null as 0, and which were null; all must fit."""
    limit = _INT64.max // factor
    filled, missing = _filled(values, 0)
    try:
        integers = filled.astype(np.int64)
    except OverflowError:
        raise _UnexpectedError("a 64-bit integer") from None
    if len(integers) and not -limit <= integers.min() <= integers.max() <= limit:
        raise _UnexpectedError("a 64-bit integer")
    return integers * factor, missing


def _ids(_: Column, values: Objects) -> Typed:
    if _expect(values, _NUMBERS, "an integer") not in _INTEGERS:
        if any(map(_is_inexact, values)):
            raise _UnexpectedError("an integer")
        values = objects(int(v) if type(v) is float else v for v in values)
    return pd.arrays.IntegerArray(*_int64(values))


def _is_inexact(value: object) -> bool:
    return type(value) is float and not (value.is_integer() and abs(value) < EXACT_FLOAT)


def _booleans(_: Column, values: Objects) -> Typed:
    _expect(values, _BOOLEANS, "true or false")
    filled, missing = _filled(values, False)
    return pd.arrays.BooleanArray(filled.astype(np.bool_), missing)


def _strings(column: Column, values: Objects) -> Typed:
    _expect(values, _STRINGS, "a string")
    if column.is_blank_missing:
        values = np.where(values == "", None, values)  # type: ignore[call-overload]
    strings: ExtensionArray = pd.array(values, dtype=column.dtype)
    return strings


def _durations(column: Column, values: Objects) -> Typed:
    unit = column.field_unit
    assert unit is not None  # noqa: S101 -- a duration in JSON declares its unit
    _expect(values, _INTEGERS, f"an integer [{unit}]")
    milliseconds, missing = _int64(values, factor=_MILLISECONDS[unit])
    data = milliseconds.astype("timedelta64[ms]")
    data[missing] = np.timedelta64("NaT", "ms")
    return data


def _money(column: Column, values: Objects) -> Typed:
    if column.field_unit is FieldUnit.CENTS:
        _expect(values, _INTEGERS, "an integer [cents]")
        integers, missing = _int64(values)
        return pd.arrays.FloatingArray(integers / 100, missing)
    _expect(values, _NUMBERS, f"a number [{column.field_unit}]")
    filled, missing = _filled(values, 0.0)
    return pd.arrays.FloatingArray(filled.astype(np.float64), missing)


def _dates(_: Column, values: Objects) -> Typed:
    """Return the calendar days; for a timestamp, the day in its own UTC offset."""
    _expect(values, _STRINGS, "a date")
    strings = values.tolist()
    ends = {text[10:11] for text in strings if text}
    heads = [text[:10] if text else "NaT" for text in strings]
    known = dict.fromkeys(heads)
    if not ends <= _AFTER_A_DATE or not all(map(_DATE.fullmatch, known.keys() - {"NaT"})):
        raise _UnexpectedError("a date")
    try:
        known = dict(zip(known, np.array([*known], dtype="datetime64[us]"), strict=True))
    except ValueError:  # not a calendar day
        raise _UnexpectedError("a date") from None
    return np.fromiter(map(known.__getitem__, heads), dtype="datetime64[us]", count=len(heads))


def _offsets(_: Column, values: Objects) -> Typed:
    """Return the UTC offsets of timestamps."""
    _expect(values, _STRINGS, "a timestamp with its offset")
    endings = [text[19:] if text else "" for text in values.tolist()]
    known = {ending: _offset(ending) for ending in set(endings)}
    return np.fromiter(map(known.__getitem__, endings), dtype="timedelta64[ms]")


def _offset(ending: str) -> np.timedelta64:
    """Return the offset at the end of a timestamp, after its seconds."""
    found = _OFFSET.fullmatch(ending)
    if ending == "":
        return np.timedelta64("NaT", "ms")
    if found is None:
        raise _UnexpectedError("a timestamp with its offset")
    if found[1] is None:
        return np.timedelta64(0, "ms")
    minutes = int(found[2]) * 60 + int(found[3])
    return np.timedelta64((-minutes if found[1] == "-" else minutes) * 60_000, "ms")


def _timestamps(column: Column, values: Objects) -> Typed:
    expected = "an RFC 3339 timestamp"
    _expect(values, _STRINGS, expected)
    strings = values.tolist()
    if _PLAIN_TIMESTAMP_LINE.sub("", "\n".join([*filter(None, strings), ""])):
        if not all(_TIMESTAMP.fullmatch(text.upper()) for text in strings if text):
            raise _UnexpectedError(expected)
        strings = list(map(_parsable, strings))
    raw: pd.Series[Any] = pd.Series(strings, dtype=np.dtype("object"))
    try:
        # Timestamps hardly ever repeat, so looking for equal ones takes longer than parsing all.
        parsed = pd.to_datetime(raw, format="ISO8601", utc=True, cache=False)
    except ValueError:  # not a calendar day, or not a time of the day
        raise _UnexpectedError(expected) from None
    return parsed.astype(column.dtype).array


def _parsable(text: str | None) -> str | None:
    """Return the string as pandas can parse it to microseconds, None if it is no timestamp."""
    if not text or text.startswith(_NO_YEAR):
        return None
    return _BELOW_MICROSECONDS.sub("", text.upper())


def _names(_: Column, values: Objects) -> Typed:
    return _lists(values, {list, str, _NONE}, str, "a list of strings")


def _id_lists(_: Column, values: Objects) -> Typed:
    return _lists(values, {list, _NONE}, int, "a list of integers")


def _lists(values: Objects, allowed: set[type], item: type, expected: str) -> Objects:
    """Return an array of lists, with a string wrapped in a list, and NA for null.

    The array is a copy: a view of the values would keep all columns of their block in memory.
    """
    raw = values.tolist()
    types = set(map(type, raw))
    lists = raw if types == {list} else [value for value in raw if type(value) is list]
    if not (types <= allowed and set(map(type, itertools.chain.from_iterable(lists))) <= {item}):
        raise _UnexpectedError(expected)
    if types == {list}:
        return objects(raw)
    return objects(pd.NA if v is None else [v] if type(v) is str else v for v in raw)


_CASTS: Final[dict[Kind, Callable[[Column, Objects], Typed]]] = {
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
