"""The columns of a frame: their declarations, and their values in pandas' own dtypes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.errors import ConfigError
from togglframe.tables import COLUMNS, WORKSPACE, Column, Kind, Table
from togglframe.tables.provenance import of, table_of
from togglframe.text.formats import format_month

TOTAL: Final = "Total"
PIVOT: Final = "pivot"  # among the provenance: what a wide frame is made of
AMOUNT_IN: Final = "amount_"  # begins the name of a column of amounts of one currency
UNKNOWN_CURRENCY: Final = "unknown"
_PROJECT: Final = "https://track.toggl.com/{}/projects/{}/team"


def _is_text(dtype: Any) -> bool:
    return types.is_string_dtype(dtype) or isinstance(dtype, pd.CategoricalDtype)


def _is_number(dtype: Any) -> bool:
    is_other = types.is_bool_dtype(dtype) or types.is_complex_dtype(dtype)
    return types.is_numeric_dtype(dtype) and not is_other


_FITS: Final = {
    Kind.ID: types.is_integer_dtype,
    Kind.COUNT: types.is_integer_dtype,
    Kind.BOOLEAN: types.is_bool_dtype,
    Kind.STRING: _is_text,
    Kind.STATE: _is_text,
    Kind.DURATION: types.is_timedelta64_dtype,
    Kind.TIMESTAMP: types.is_datetime64_any_dtype,
    Kind.NAMES: types.is_object_dtype,
    Kind.IDS: types.is_object_dtype,
    Kind.DATE: types.is_datetime64_any_dtype,
    Kind.OFFSET: types.is_timedelta64_dtype,
    Kind.LOCAL: types.is_datetime64_any_dtype,
    Kind.HOURS: _is_number,
    Kind.RATIO: _is_number,
    Kind.WEEKS: _is_number,
    Kind.MONEY: _is_number,
}


def check_columns(frame: pd.DataFrame) -> None:
    """Refuse a frame whose column labels cannot be written to a file.

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


def columns_of(frame: pd.DataFrame, table: Table | None) -> dict[str, Column | None]:
    """Return the declaration of each column by name, None if name or dtype is not declared.

    A frame with only some columns of a table is supported too: the name and the dtype then decide,
    and the meaning is left out if the tables have several. The cells of a wide frame are declared
    as the measure that is in them.
    """
    dtypes = {str(name): dtype for name, dtype in frame.dtypes.items()}
    if wide := of(frame).get(PIVOT):
        return {name: _column_of(wide, name, dtype) for name, dtype in dtypes.items()}
    return {name: _column(name, dtype, table) for name, dtype in dtypes.items()}


def _column(name: str, dtype: Any, table: Table | None) -> Column | None:
    if table is not None and name in table and _FITS[table[name].kind](dtype):
        return table[name]
    fitting = [column for column in COLUMNS.get(name, []) if _FITS[column.kind](dtype)]
    if not fitting:
        return _amount_column(name, dtype)
    docs = {column.doc for column in fitting}
    doc = docs.pop() if len(docs) == 1 else ""
    is_additive = all(column.is_additive for column in fitting)
    return replace(fitting[0], doc=doc, is_additive=is_additive)


def overlapping_in(frame: pd.DataFrame) -> list[str]:
    """Return the columns between whose values rows overlap, so that nothing adds up over them."""
    declared = columns_of(frame, table_of(frame)).items()
    return [name for name, column in declared if column is not None and column.is_overlapping]


def currency_in(name: str) -> str | None:
    """Return the currency of a column such as amount_EUR, None if it is no such column."""
    code = name.removeprefix(AMOUNT_IN)
    is_one = code == UNKNOWN_CURRENCY or (len(code) == 3 and code.isupper())
    return code if name.startswith(AMOUNT_IN) and is_one else None


def _amount_column(name: str, dtype: Any) -> Column | None:
    code = currency_in(name)
    if code is None or not _is_number(dtype):
        return None
    unit = "no currency" if code == UNKNOWN_CURRENCY else code
    return replace(COLUMNS["amount"][0], name=name, heading=f"Amount [{unit}]", is_additive=True)


def _column_of(wide: Mapping[str, Any], name: str, dtype: Any) -> Column | None:
    """Return the declaration of a column of a wide frame."""
    if name not in wide["cells"] or not types.is_numeric_dtype(dtype):
        return _column(name, dtype, None)
    measure = COLUMNS[wide["values"]][0]
    is_period = wide["columns"] == "period" and name != TOTAL
    heading = _of_period(name) if is_period else name
    return replace(measure, name=name, heading=heading, decimals=2, is_wide=True)


def _of_period(text: str) -> str:
    """Write a period for people: Jun 2026, 5 Jun 2026, W23 2026, Q3 2026."""
    year, _, rest = text.partition("-")
    if "-" in rest:
        start = pd.Timestamp(text)
        return f"{start.day} {format_month(start)}"
    return format_month(pd.Timestamp(text)) if rest.isdigit() else f"{rest} {year}".strip()


def total_rows(frame: pd.DataFrame) -> list[int]:
    """Return the positions of the total rows of a wide frame."""
    wide = of(frame).get(PIVOT, {"index": (), "has_totals": False})
    names = [name for name in wide["index"] if name != "currency"]
    if not names or not wide["has_totals"] or names[0] not in frame:
        return []
    is_total = (frame[names[0]] == TOTAL).fillna(value=False)
    return np.flatnonzero(is_total).tolist()


def as_list(value: Any) -> Any:
    """Return an array, as which Parquet gives back a list, as a list."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def without_arrow(frame: Any) -> Any:
    """Return a frame with pyarrow columns converted to pandas' own dtypes."""
    if not isinstance(frame, pd.DataFrame) or not frame.columns.is_unique:
        return frame  # others refuse it
    arrows = [name for name, dtype in frame.dtypes.items() if isinstance(dtype, pd.ArrowDtype)]
    return frame.assign(**{str(name): _plain(frame[name]) for name in arrows}) if arrows else frame


def _plain(series: pd.Series[Any]) -> pd.Series[Any]:
    dtype: Any = series.dtype
    if hasattr(dtype.pyarrow_dtype, "unit") and dtype.kind in "mM":
        zone = getattr(dtype.pyarrow_dtype, "tz", None)
        name = "timedelta64" if dtype.kind == "m" else "datetime64"
        unit = dtype.pyarrow_dtype.unit if zone is None else f"{dtype.pyarrow_dtype.unit}, {zone}"
        return series.astype(types.pandas_dtype(f"{name}[{unit}]"))
    try:
        return series.convert_dtypes(dtype_backend="numpy_nullable")
    except KeyError:  # pandas has no such dtype: a decimal, a list
        return series.astype(object)


def project_urls(frame: pd.DataFrame) -> list[str | None]:
    """Return the URL of each row's project in Toggl Track, None if it is unknown."""
    known = of(frame).get("workspace_id")
    numbers = frame[WORKSPACE.name] if WORKSPACE.name in frame else [known] * len(frame)
    return [
        None
        if pd.isna(project) or not types.is_integer(number)
        else _PROJECT.format(number, project)
        for number, project in zip(numbers, frame["project_id"], strict=True)
    ]
