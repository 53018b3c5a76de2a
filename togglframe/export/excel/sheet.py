"""A sheet that shows one frame: a table with real formats, totals and filters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pandas.api import types

from togglframe.export.columns import columns_of, without_arrow
from togglframe.export.exact import check_columns, check_index
from togglframe.export.excel.book import PART, TOTAL, Book
from togglframe.export.excel.cells import (
    Cells,
    amount_width,
    cells_of,
    money_format,
    number,
    shown_width,
)
from togglframe.export.excel.limits import MAX_HEADING, check_size, check_texts
from togglframe.export.excel.totals import Numbers, Total, numbers, totals_of, visible_sum
from togglframe.export.guard import cell_text
from togglframe.provenance import table_of
from togglframe.tables import Column, Kind, Table
from togglframe.words.names import named

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["FrameSheet", "column_width", "headings", "mark", "write_cells", "write_frame"]

_NARROWEST: Final = 8
_WIDEST: Final = 48
_FILTER_BUTTON: Final = 3
_A4_WIDTH: Final = 200  # characters in a line that can still be read
_A3_WIDTH: Final = 290
_A3: Final = 8
_LINE: Final = 15  # the height of a row [pt]
_READABLE: Final = (Kind.HOURS, Kind.DURATION, Kind.BOOLEAN)
_BAR: Final = {
    "type": "data_bar",
    "data_bar_2010": True,
    "bar_solid": True,
    "bar_color": "#9EC3DE",
    "min_type": "num",
    "max_type": "num",
    "min_value": 0,
    "max_value": 1.5,
}
_BAD: Final = {"font_color": "#A33F00", "bold": True}
_DOUBTFUL: Final = {"font_color": "#7A5600", "bold": True}
_LOOKS: Final = {"over": _BAD, "error": _BAD, "at_risk": _DOUBTFUL, "warning": _DOUBTFUL}


@dataclass(frozen=True)
class FrameSheet:
    """A sheet that shows one frame.

    Parameters
    ----------
    name : str
        The name of the sheet.
    frame : DataFrame
        What it shows.
    table : Table, optional
        The declaration of the frame; by default the one that it names, or that its columns tell.
    """

    name: str
    frame: pd.DataFrame
    table: Table | None = None

    def __post_init__(self) -> None:
        """Take the frame as pandas itself holds it."""
        object.__setattr__(self, "frame", without_arrow(self.frame))

    def check(self) -> None:
        """Raise where the sheet would not fit into Excel."""
        check_columns(self.frame)
        check_index(self.frame)
        check_size(self.name, self.frame, more_rows=3 + len(self.totals) + len(self.amounts))

    @cached_property
    def declared(self) -> Table | None:
        """The declaration of the frame, None where it has none."""
        return self.table or table_of(self.frame)

    @cached_property
    def columns(self) -> list[Column | None]:
        """The declaration of each column, None where there is none."""
        return columns_of(self.frame, self.declared)

    def cells(self) -> Iterator[Cells]:
        """Give the columns as a spreadsheet shows them, one at a time, since they are large."""
        frame = self.frame
        currencies = frame["currency"].tolist() if "currency" in frame else None
        for name, column in zip(frame.columns, self.columns, strict=True):
            yield cells_of(_told(frame, name, column), column, currencies)

    @cached_property
    def totals(self) -> list[Total]:
        """The lines of totals below the table, none below a table without rows."""
        pairs = zip(self.frame.dtypes.items(), self.columns, strict=True)
        readable = {
            str(name): column
            for (name, dtype), column in pairs
            if types.is_timedelta64_dtype(dtype) or (column and column.kind in _READABLE)
        }
        return totals_of(readable, self.declared) if len(self.frame) else []

    @cached_property
    def totalled(self) -> set[str]:
        """The columns that have a total in some line."""
        return {name for total in self.totals for name in total.columns}

    @cached_property
    def label_position(self) -> int:
        """The column of the labels of the totals: the first without a total, or one more."""
        free = (at for at, name in enumerate(self.frame.columns) if name not in self.totalled)
        return next(free, len(self.frame.columns))

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each column."""
        return {str(name): position for position, name in enumerate(self.frame.columns)}

    @cached_property
    def ranges(self) -> dict[str, str]:
        """The cells of each column, as formulas name them."""
        last = len(self.frame)
        return {n: f"{_cell(1, at)}:{_cell(last, at)}" for n, at in self.positions.items()}

    @cached_property
    def amounts(self) -> pd.DataFrame:
        """The sums of what can be summed of the money, one row for each currency."""
        columns = {column.name: column for column in self.columns if column}
        names = [name for name, column in columns.items() if column.is_additive]
        if not names or "currency" not in columns:
            return pd.DataFrame()
        codes = self.frame["currency"].astype(object)
        if types.infer_dtype(codes, skipna=True) not in {"string", "empty"}:
            return pd.DataFrame()
        codes = codes.where(codes != "").map(cell_text, na_action="ignore")
        grouped = self.frame[names].groupby(codes, dropna=False)
        return grouped.sum(min_count=1).dropna(how="all")

    def width_below(self, position: int) -> int:
        """Return the width of what stands below a column, in characters."""
        amounts = self.amounts.get(self.frame.columns[position], pd.Series())
        width = amount_width(amounts.dropna().tolist())
        beside = self.frame.columns[position + 1 : position + 2]
        if position != self.label_position or not self.totalled.issuperset(beside):
            return width
        return max([width, *(len(total.label) for total in self.totals)])


def write_frame(book: Book, spec: FrameSheet) -> list[str]:
    """Add a sheet with a frame to a workbook; return the headings of its columns."""
    sheet = book.add_sheet(spec.name)
    columns, values = _write_columns(book, sheet, spec)
    names = headings(columns)
    _add_table(book, sheet, spec, dict(zip(names, columns, strict=True)))
    _write_totals(book, sheet, spec, columns, values)
    _write_amounts(book, sheet, spec)
    last = max(len(spec.frame), 1)
    for position, column in enumerate(spec.columns):
        mark(book, sheet, column, (1, position, last, position))
    sheet.freeze_panes(1, 2 if len(columns) > 2 else 0)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)
    return names


def _write_columns(
    book: Book, sheet: Worksheet, spec: FrameSheet
) -> tuple[list[Cells], dict[str, Numbers]]:
    """Write the cells of a frame; return how its columns look, and what their totals add up."""
    columns: list[Cells] = []
    values: dict[str, Numbers] = {}
    needed = {name for total in spec.totals for name in total.reads}
    total_width = 0
    for position, (name, cells) in enumerate(zip(spec.frame.columns, spec.cells(), strict=True)):
        check_texts(spec.name, cells, more=book.escape_text)
        write_cells(book, sheet, cells, row=1, column=position)
        if name in needed:
            values[name] = numbers(cells.cells)
        width = column_width(cells.heading, max(cells.width, spec.width_below(position)))
        sheet.set_column(position, position, width)
        total_width += width
        if cells.wrap:
            _make_room(sheet, cells, width)
        columns.append(replace(cells, cells=()))
    _fit_paper(sheet, total_width)
    return columns, values


def _fit_paper(sheet: Worksheet, width: int) -> None:
    """Print a wide sheet on large paper, and a wider one on several pages side by side."""
    if width <= _A4_WIDTH:
        return
    sheet.set_paper(_A3)
    pages = math.ceil(width / _A3_WIDTH)
    if pages > 1:
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_columns(0, 1)


def write_cells(
    book: Book, sheet: Worksheet, cells: Cells, *, row: int, column: int, **look: Any
) -> None:
    """Write a column of cells, its first value at `row` and `column`."""
    layout = {"valign": "vcenter", **look}
    if cells.is_text:
        layout |= {"indent": 1, "text_wrap": cells.wrap}
    texts = [cells.formats] if isinstance(cells.formats, str) else cells.formats
    formats = {text: book.format(num_format=text, **layout) for text in set(texts)}
    for offset, (value, text) in enumerate(zip(cells.cells, itertools.cycle(texts))):
        book.write(sheet, row + offset, column, value, formats[text])


def headings(columns: Sequence[Cells]) -> list[str]:
    """Return headings that a table can have: not empty, not too long, no two alike."""
    taken: set[str] = set()
    result = []
    for position, column in enumerate(columns, start=1):
        printable = "".join(c if c.isprintable() else " " for c in column.heading)
        text = printable.strip()[: MAX_HEADING // 2] or f"Column {position}"
        if text.lower() in taken:
            text = f"{text} ({position})"
        taken.add(text.lower())
        result.append(text)
    return result


def column_width(heading: str, width: int) -> int:
    """Return the width of a column: its widest value, and a heading on two lines."""
    words = max(map(shown_width, heading.split()), default=0)
    needed = max(words, math.ceil(shown_width(heading) / 2)) + _FILTER_BUTTON
    return min(max(needed, width + 2, _NARROWEST), _WIDEST)


def mark(
    book: Book, sheet: Worksheet, column: Column | None, area: tuple[int, int, int, int]
) -> None:
    """Put bars on the progress, on one scale in every workbook, and colour the states."""
    if column and column.has_bar:
        sheet.conditional_format(*area, _BAR)
    if column and not _LOOKS.keys().isdisjoint(column.categories):
        for state, look in _LOOKS.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{state}"'}
            sheet.conditional_format(*area, rule | {"format": book.format(**look)})


def _told(frame: pd.DataFrame, name: str, column: Column | None) -> pd.Series[Any]:
    """Return a column, with what stands for a name that is not known."""
    if column and column.stand_in in frame and types.is_string_dtype(frame[name].dtype):
        return named(frame, name)
    return frame[name]


def _add_table(book: Book, sheet: Worksheet, spec: FrameSheet, columns: dict[str, Cells]) -> None:
    rows, total = len(spec.frame), next(iter(spec.totals), None)
    options: list[dict[str, Any]] = []
    for position, (heading, column) in enumerate(columns.items()):
        option = {"header": book.text(heading), "header_format": book.header(column.is_text)}
        if isinstance(column.formats, str):
            option["format"] = book.format(num_format=column.formats)
        if total and spec.frame.columns[position] in total.columns:
            option["total_function"] = total.formula(spec.frame.columns[position], spec.ranges)
        elif total and position == spec.label_position:
            option["total_string"] = total.label
        options.append(option)
    table = {"columns": options, "total_row": total is not None, "style": "Table Style Light 1"}
    sheet.add_table(0, 0, max(rows, 1) + (total is not None), len(columns) - 1, table)


def _write_totals(
    book: Book,
    sheet: Worksheet,
    spec: FrameSheet,
    columns: list[Cells],
    values: dict[str, Numbers],
) -> None:
    """Write the lines of totals: the first into the table, the others below it.

    The values are written too, for who does not calculate.
    """
    for row, total in enumerate(spec.totals, start=len(spec.frame) + 1):
        look = PART if row > len(spec.frame) + 1 else TOTAL
        for position in range(len(columns)):
            sheet.write_blank(row, position, None, book.format(**look))
        indent = 1 if total.label.startswith("of it") else 0
        form = book.format(indent=indent, **look)
        book.write(sheet, row, spec.label_position, total.label, form)
        for name in total.columns:
            position = spec.positions[name]
            form = book.format(num_format=columns[position].formats, **look)
            formula = total.formula(name, spec.ranges)
            sheet.write_formula(row, position, formula, form, number(total.sum(name, values)))
    if spec.label_position == len(columns):
        sheet.set_column(spec.label_position, spec.label_position, _WIDEST / 2)


def _write_amounts(book: Book, sheet: Worksheet, spec: FrameSheet) -> None:
    """Write the sums of the money below the totals, a row for each currency."""
    if spec.amounts.empty:
        return
    first = len(spec.frame) + max(len(spec.totals), 1) + 2
    code_position, codes = spec.positions["currency"], spec.ranges["currency"]
    sheet.write_string(first, 0, "By currency", book.format(bold=True))
    for row, (code, sums) in enumerate(spec.amounts.iterrows(), start=first):
        is_known = isinstance(code, str)
        label = code if is_known else "(no currency)"
        book.write(sheet, row, code_position, str(label), book.format(bold=True, indent=1))
        # Unlike SUMIFS, EXACT tells spellings apart and takes no text for a pattern.
        test = f"--EXACT({codes},{_cell(row, code_position)})" if is_known else f'--({codes}="")'
        form = book.format(bold=True, num_format=money_format(code))
        for name, value in sums.dropna().items():
            formula = visible_sum(spec.ranges[str(name)], [test])
            sheet.write_formula(row, spec.positions[str(name)], formula, form, number(value))


def _make_room(sheet: Worksheet, column: Cells, width: int) -> None:
    """Make the rows of wrapped texts high enough; not every program does so by itself."""
    for row, value in enumerate(column.cells, start=1):
        lines = math.ceil(shown_width(str(value)) / (width - 2))
        if lines > 1:
            sheet.set_row(row, _LINE * lines)


def _cell(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

    return str(xl_rowcol_to_cell(row, column))
