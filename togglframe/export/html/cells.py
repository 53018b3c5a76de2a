"""A frame as a table for people to read: its headings, and the texts and looks of its cells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.export.columns import columns_of, display_values
from togglframe.export.looks import LOOKS
from togglframe.tables import Column, Kind, Table
from togglframe.tables.provenance import of, table_of
from togglframe.text.cells import is_missing, signed_hours, words, writer
from togglframe.text.formats import (
    USUAL_DECIMALS,
    decimals_of,
    format_money,
    format_signed_money,
)
from togglframe.text.measures import floats
from togglframe.text.names import distinct_labels, legible, shorten

__all__ = [
    "DASH",
    "PARTIAL",
    "Cell",
    "ShownColumn",
    "bar_of",
    "columns_shown",
    "look_of",
    "written",
]

PARTIAL: Final = (  # the note that a marked cell refers to
    "* Based only on rows where both figures are known, so it is not the quotient of the numbers "
    "beside it."
)
DASH: Final = "\N{EN DASH}"
_NAMED: Final = frozenset({"assignee", "client", "project", "user"})
_QUOTIENTS: Final = {
    "billable_share": ("billable_hours", "tracked_hours"),
    "effective_rate": ("amount", "billable_hours"),
}
_IDS: Final = {"assignee": "user_id"}
_LONGEST: Final = 200  # the longest string in a cell, in terminal cells


class Cell(NamedTuple):
    """One cell.

    `value` is the sort key, if that is not the text; `text` is None if the value is unknown. `bar`
    is the length of its bar [1], `url` the target of its link; `is_marked` refers to a note.
    """

    text: str | None
    value: str = ""
    look: str = ""
    bar: float | None = None
    url: str | None = None
    is_marked: bool = False


@dataclass(frozen=True, kw_only=True)
class ShownColumn:
    """One column as it is shown.

    Parameters
    ----------
    name : str
        Its name in the frame.
    heading : str
        The heading, with the unit.
    series : Series
        Its values.
    column : Column or None
        Its declaration, if it has one.
    currencies : sequence, optional
        The currency of each row, if the frame has it.
    urls : sequence of str or None
        The targets of the links in its cells.
    marked : frozenset of int
        The rows whose ratio is based on less than the columns beside it.
    every : str
        The length of its periods, if it holds periods of a known length.
    """

    name: str
    heading: str
    series: pd.Series[Any]
    column: Column | None
    currencies: Sequence[Any] | None = None
    urls: Sequence[str | None] = ()
    marked: frozenset[int] = frozenset()
    every: str = ""

    @property
    def doc(self) -> str:
        """Its meaning, empty if unknown."""
        return "" if self.column is None else self.column.doc

    @cached_property
    def is_text(self) -> bool:
        """Whether it is left-aligned."""
        dtype = self.series.dtype
        return not (types.is_numeric_dtype(dtype) or types.is_timedelta64_dtype(dtype)) or (
            types.is_bool_dtype(dtype)
        )

    @property
    def is_sentence(self) -> bool:
        """Whether its strings wrap."""
        return self.column is not None and self.column.is_sentence

    @property
    def is_whole(self) -> bool:
        """Whether its strings stay on one line, like dates."""
        return not self.is_text or types.is_datetime64_any_dtype(self.series.dtype)

    @property
    def has_bars(self) -> bool:
        """Whether a bar shows its values at a glance."""
        return self.column is not None and self.column.has_bar

    def writers(self) -> Iterator[tuple[list[int], Callable[[Any], str]]]:
        """Yield the places of rows with the function that formats them: amounts by currency."""
        if self.every == "month":
            yield list(range(len(self.series))), "{:%Y-%m}".format
            return
        if not self.is_money or self.currencies is None:
            yield list(range(len(self.series))), written(self.series, self.column)
            return
        places: dict[int, list[int]] = {}
        for row, code in enumerate(self.currencies):
            places.setdefault(_decimals(code), []).append(row)
        write = format_signed_money if self.column and self.column.is_change else format_money
        for decimals, rows in places.items():
            yield rows, partial(write, decimals=decimals)

    @property
    def is_money(self) -> bool:
        """Whether it holds amounts, each in the currency of its row."""
        column = self.column
        return column is not None and column.kind is Kind.MONEY and column.unit == "currency"

    def cells(self) -> list[Cell]:
        """Return its cells, from the top."""
        cells: list[Cell] = [Cell(None)] * len(self.series)
        values = self.series.tolist()
        for rows, write in self.writers():
            for row in rows:
                cells[row] = self._cell(values[row], write, row)
        return cells

    def _cell(self, value: Any, write: Callable[[Any], str], row: int) -> Cell:
        if is_missing(value):
            return Cell(None)
        return Cell(
            text=write(value),
            value="" if self._is_sorted_as_text else _sorted_by(value, self.column),
            look=look_of(value, self.column),
            bar=bar_of(value) if self.has_bars else None,
            url=self.urls[row] if self.urls else None,
            is_marked=row in self.marked,
        )

    @property
    def _is_sorted_as_text(self) -> bool:
        return self.is_text and not (self.column and self.column.categories)


def columns_shown(
    frame: pd.DataFrame,
    table: Table | None = None,
    *,
    names: Iterable[str] | None = None,
    urls: dict[str, Sequence[str | None]] | None = None,
) -> list[ShownColumn]:
    """Return the columns of a frame as they are shown.

    Parameters
    ----------
    frame : DataFrame
        The frame.
    table : Table, optional
        Its declaration; by default the one that it names, or that matches its columns.
    names : iterable of str, optional
        Only these columns, in this order.
    urls : mapping of str to sequence of str or None, optional
        The targets of the links in a column.
    """
    declared = columns_of(frame, table_of(frame) if table is None else table)
    by_name = dict(zip(map(str, frame.columns), declared, strict=True))
    currencies = frame["currency"].tolist() if "currency" in frame else None
    return [
        ShownColumn(
            name=name,
            heading=_heading(frame[name], by_name[name]),
            series=_names(frame, name, by_name[name]),
            column=by_name[name],
            currencies=currencies,
            urls=(urls or {}).get(name, ()),
            marked=_partial(frame, name),
            every=_every(frame) if name == "period" else "",
        )
        for name in (by_name if names is None else names)
    ]


def _names(frame: pd.DataFrame, name: str, column: Column | None) -> pd.Series[Any]:
    """Return a column, with names made distinct by `distinct_labels`."""
    series = display_values(frame, name, column)
    ids = _IDS.get(name, f"{name}_id")
    if column is None or name not in _NAMED or ids not in frame:
        return series
    if not types.is_string_dtype(series.dtype) or not types.is_integer_dtype(frame[ids].dtype):
        return series
    return distinct_labels(series, frame[ids])


def _partial(frame: pd.DataFrame, name: str) -> frozenset[int]:
    """Return the rows whose ratio differs from that of the columns beside it, due to unknowns."""
    terms = _QUOTIENTS.get(name, ())
    if not terms or not {*terms} <= {*frame}:
        return frozenset()
    if not all(types.is_numeric_dtype(frame[column].dtype) for column in (name, *terms)):
        return frozenset()  # somebody turned it into text
    ratio, top, bottom = (floats(frame, column) for column in (name, *terms))
    is_told = ~np.isnan(ratio + top + bottom)
    is_other = ~np.isclose(ratio * bottom, top, rtol=1e-6, atol=0.005)
    return frozenset(np.flatnonzero(is_told & is_other).tolist())


def _every(frame: pd.DataFrame) -> str:
    known = of(frame)
    return str(known.get("every") or (known.get("filters") or {}).get("every") or "")


def _heading(series: pd.Series[Any], column: Column | None) -> str:
    heading = _string(str(series.name)) if column is None else column.label
    has_zone = isinstance(series.dtype, pd.DatetimeTZDtype)
    return f"{heading} (UTC)" if has_zone else heading


def written(series: pd.Series[Any], column: Column | None) -> Callable[[Any], str]:
    """Return the function that formats the values of a column."""
    if column is not None and column.is_excess:
        return signed_hours
    if types.is_bool_dtype(series.dtype):
        return _yes_or_no
    write = writer(series, column)
    return _string if write is words else write


def look_of(value: Any, column: Column | None) -> str:
    """Return the look of a cell: that of its state, or of hours and ratios that are too high."""
    if column is None:
        return ""
    if column.categories:
        return LOOKS.get(value, "")
    is_over = (column.is_excess and value > 0) or (column.has_bar and value > 1)
    return "bad" if is_over else ""


def bar_of(ratio: float) -> float:
    """Return the length of the bar of a ratio: a full one is 100 %."""
    return min(max(ratio, 0.0), 1.0)


def _string(value: object) -> str:
    return shorten(legible(words(value)[: 2 * _LONGEST]), _LONGEST)


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"


def _decimals(code: Any) -> int:
    known = decimals_of(code) if isinstance(code, str) else None
    return USUAL_DECIMALS if known is None else known


def _sorted_by(value: Any, column: Column | None) -> str:
    if column is not None and column.categories:
        return str(column.categories.index(value)) if value in column.categories else ""
    if isinstance(value, pd.Timedelta):
        return str(value // pd.Timedelta(milliseconds=1))
    return repr(value) if isinstance(value, int | float) else str(value)
