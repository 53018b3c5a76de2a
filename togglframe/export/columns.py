"""Which declared column a column of a frame is."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd
from pandas.api import types

from togglframe.tables import COLUMNS, Column, Kind, Table

__all__ = ["columns_of"]


def _is_text(dtype: Any) -> bool:
    return types.is_string_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype)


def _is_number(dtype: Any) -> bool:
    return types.is_numeric_dtype(dtype) and not types.is_bool_dtype(dtype)


_FITS: Final = {
    Kind.ID: types.is_integer_dtype,
    Kind.COUNT: types.is_integer_dtype,
    Kind.FLAG: types.is_bool_dtype,
    Kind.TEXT: _is_text,
    Kind.STATE: _is_text,
    Kind.DURATION: types.is_timedelta64_dtype,
    Kind.INSTANT: types.is_datetime64_any_dtype,
    Kind.NAMES: types.is_object_dtype,
    Kind.HOURS: _is_number,
    Kind.RATIO: _is_number,
    Kind.MONEY: _is_number,
}


def columns_of(frame: pd.DataFrame, table: Table | None) -> list[Column | None]:
    """Return the declaration of each column, None where the name or the dtype is not declared.

    A frame that keeps only some columns of a table is understood too: then the name and the dtype
    decide, and the meaning is left out where the tables give it several.
    """
    return [_column(str(name), dtype, table) for name, dtype in frame.dtypes.items()]


def _column(name: str, dtype: Any, table: Table | None) -> Column | None:
    if table is not None and name in table and _FITS[table[name].kind](dtype):
        return table[name]
    fitting = [column for column in COLUMNS.get(name, []) if _FITS[column.kind](dtype)]
    if not fitting:
        return None
    docs = {column.doc for column in fitting}
    doc = docs.pop() if len(docs) == 1 else ""
    return Column(name=name, kind=fitting[0].kind, doc=doc, categories=fitting[0].categories)
