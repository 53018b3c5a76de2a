"""What a chart asks of its frame: the columns, the order, the names, and the rows that fit."""

from __future__ import annotations

from collections.abc import Collection
from numbers import Integral
from typing import Any

import pandas as pd

from togglframe.charts import _fonts
from togglframe.errors import ConfigError
from togglframe.joins._frames import EXACT, as_declared, check_columns, check_sizes, check_unique
from togglframe.naming import named
from togglframe.tables import Column, Kind, Table

# More rows than this are a picture that nobody scrolls through; `top` draws more on request.
MOST_ROWS = 200
LABEL = "label"


def taken(
    frame: pd.DataFrame,
    chart: str,
    columns: Collection[str],
    table: Table,
    optional: Collection[str] = (),
) -> pd.DataFrame:
    """Return a frame of this table with the columns in their declared dtypes, attrs and all.

    Raises
    ------
    TypeError
        If it is no frame.
    ConfigError
        If a column is missing that is not optional, stands twice, or holds something else or a
        number that is too large, or if a row comes twice.
    """
    make = f"make the frame with togglframe.reports.{table.name}(ws)"
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{chart} takes a DataFrame, not {type(frame).__name__}; {make}")
    present = set(frame.columns)
    missing = [repr(column) for column in columns if column not in present]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        raise ConfigError(f"{chart} needs the {noun} {', '.join(missing)}; {make}")
    result = typed(frame, {*columns, *optional} & present, table, make)
    check_unique(result, table)
    return result


def typed(frame: pd.DataFrame, columns: Collection[str], table: Table, hint: str) -> pd.DataFrame:
    """Return a frame with these columns as the table declares them."""
    check_columns(frame, columns, f"the {table.name} frame")
    result = frame.reset_index(drop=True)
    changed = [c for c in table if c.name in columns and result[c.name].dtype != c.dtype]
    result = result.assign(
        **{c.name: _typed(result[c.name], c, f"the {table.name} frame", hint) for c in changed}
    )
    check_sizes(result, table, columns)
    return result


def _typed(values: pd.Series[Any], column: Column, what: str, hint: str) -> pd.Series[Any]:
    if column.kind is Kind.TEXT:
        return values.astype(column.dtype)
    if column.kind is Kind.ID and _are_whole(values):
        return values.astype(column.dtype)  # as a plain CSV brings ids back where one is missing
    return as_declared(values, column, what, hint)


def _are_whole(values: pd.Series[Any]) -> bool:
    if values.dtype.kind != "f":
        return False
    known = values.dropna()
    return bool(((known % 1 == 0) & (known.abs() < EXACT)).all())


def choose(value: object, options: Collection[object], what: str) -> None:
    """Refuse a value that is none of the options."""
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise ConfigError(f"{what} can be {listed}, not {value!r}.")


def limit(top: int | None, most: int = MOST_ROWS) -> int:
    """Return how many rows to draw."""
    return most if top is None else count(top, "top is how many rows to draw")


def count(number: object, what: str) -> int:
    """Return a number of things to draw; refuse what is none."""
    if isinstance(number, bool) or not isinstance(number, Integral):
        raise TypeError(f"{what}, a whole number, not {number!r}.")
    if number < 1:
        raise ConfigError(f"{what}, at least 1, not {number!r}.")
    return int(number)


def in_order(
    frame: pd.DataFrame, table: Table, column: str | None, *, ascending: bool | None = None
) -> pd.DataFrame:
    """Sort by a column, equal rows as the table ranks them; None keeps the order of the frame.

    The largest comes first, of names the one from A, and NA last.
    """
    if column is None:
        return frame
    rising = table[column].kind is Kind.TEXT if ascending is None else ascending
    rest = [name for name in (*table.rank, *table.key) if name in frame and name != column]
    directions = [rising, *(name not in table.rank for name in rest)]
    return frame.sort_values([column, *rest], ascending=directions)


def names(frame: pd.DataFrame, entity: str) -> list[str]:
    """Return the name of each row's entity, or what stands for it where it is not known."""
    return [_fonts.printable(name) or "(unnamed)" for name in named(frame, entity)]


def labelled(frame: pd.DataFrame, entity: str, *others: str, cells: int = 34) -> pd.DataFrame:
    """Add a column of labels: names, cut to so many cells, equal ones told apart by others and id.

    It is made of all rows, so that a name which two of them share is told apart even where the
    chart draws but one.
    """
    short = [_fonts.shorten(name, cells) for name in names(frame, entity)]
    hints = [[_fonts.shorten(name, 18) for name in names(frame, other)] for other in others]
    ids = [f"#{number}" for number in frame[f"{entity}_id"]]
    return frame.assign(**{LABEL: _fonts.tell_apart(short, *hints, ids)})


def currency(frame: pd.DataFrame) -> str:
    """Return the currency of a frame that has one."""
    code = frame["currency"].iloc[0]
    return "(no currency)" if pd.isna(code) else _fonts.printable(code)


def unit(frame: pd.DataFrame) -> str:
    """Return the unit of the amounts of a frame that has one currency."""
    code = frame["currency"].iloc[0]
    return "currency not known" if pd.isna(code) else _fonts.printable(code)


def split(frame: pd.DataFrame, top: int | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that are drawn, and the others."""
    most = limit(top)
    return frame.iloc[:most], frame.iloc[most:]


def others(frame: pd.DataFrame, total: str) -> list[str]:
    """Return the last line, where rows are left out: how many, and what they hold."""
    if frame.empty:
        return []
    noun = "other" if len(frame) == 1 else "others"
    return [f"and {len(frame):,} {noun} ({total})"]
