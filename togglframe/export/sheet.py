"""A sheet that shows one frame: a table with real formats, totals and filters."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pandas.api import types

from togglframe.export.book import TOTAL, Book
from togglframe.export.cells import Cells, amount_width, cells_of, money_format, number, shown_width
from togglframe.export.columns import columns_of, table_of
from togglframe.export.currency import decimals
from togglframe.export.exact import check_columns, check_index
from togglframe.export.limits import MAX_HEADING, check_size, check_texts
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
_ADDITIVE_MONEY: Final = {"amount", "billable_amount"}
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
_STATES: Final = ("budget_state", "task_state", "severity")
_BAD: Final = {"font_color": "#A33F00", "bold": True}
_DOUBTFUL: Final = {"font_color": "#7A5600", "bold": True}
_LOOKS: Final = {"over": _BAD, "error": _BAD, "at_risk": _DOUBTFUL, "warning": _DOUBTFUL}
_NAMES: Final = {"project": "project_id", "client": "client_id", "assignee": "user_id"}


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
        The declaration of the frame; by default it is recognised by its columns.
    """

    name: str
    frame: pd.DataFrame
    table: Table | None = None

    def check(self) -> None:
        """Raise where the sheet would not fit into Excel."""
        check_columns(self.frame)
        check_index(self.frame)
        check_size(self.name, self.frame, more_rows=3 + len(self.amounts))

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
        frame = _with_names(self.frame)
        currencies = frame["currency"].tolist() if "currency" in frame else None
        for name, column in zip(frame.columns, self.columns, strict=True):
            yield cells_of(frame[name], column, currencies)

    @cached_property
    def amounts(self) -> pd.DataFrame:
        """The sums of what can be summed of the money, one row for each currency."""
        names = [
            column.name
            for column in self.columns
            if column and column.kind is Kind.MONEY and column.name in _ADDITIVE_MONEY
        ]
        if not names or "currency" not in self.frame:
            return pd.DataFrame()
        grouped = self.frame.groupby("currency", dropna=False)
        return grouped[names].sum(min_count=1).dropna(how="all")


def write_frame(book: Book, spec: FrameSheet) -> list[str]:
    """Add a sheet with a frame to a workbook; return the headings of its columns."""
    sheet = book.add_sheet(spec.name)
    columns: list[Cells] = []
    total_width = 0
    for position, cells in enumerate(spec.cells()):
        check_texts(spec.name, cells, more=book.escape_text)
        write_cells(book, sheet, cells, row=1, column=position)
        sums = spec.amounts.get(spec.frame.columns[position], pd.Series())
        width = column_width(cells.heading, max(cells.width, amount_width(sums.dropna().tolist())))
        sheet.set_column(position, position, width)
        total_width += width
        if cells.wrap:
            _make_room(sheet, cells, width)
        columns.append(replace(cells, cells=()))
    _fit_paper(sheet, total_width)
    rows, names = len(spec.frame), headings(columns)
    _add_table(book, sheet, dict(zip(names, columns, strict=True)), rows)
    _write_amounts(book, sheet, spec)
    for position, name in enumerate(spec.frame.columns):
        mark(book, sheet, name, (1, position, max(rows, 1), position))
    sheet.freeze_panes(1, 2 if len(columns) > 2 else 0)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)
    return names


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


def mark(book: Book, sheet: Worksheet, name: str, area: tuple[int, int, int, int]) -> None:
    """Put bars on the progress, on one scale in every workbook, and colour the states."""
    if name == "progress":
        sheet.conditional_format(*area, _BAR)
    if name in _STATES:
        for state, look in _LOOKS.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{state}"'}
            sheet.conditional_format(*area, rule | {"format": book.format(**look)})


def _with_names(frame: pd.DataFrame) -> pd.DataFrame:
    """Print what stands for a name that is not known."""
    for name, key in _NAMES.items():
        if name in frame and key in frame and types.is_string_dtype(frame[name].dtype):
            frame = frame.assign(**{name: named(frame, name)})
    return frame


def _add_table(book: Book, sheet: Worksheet, columns: dict[str, Cells], rows: int) -> None:
    has_total = rows > 0 and any(column.total is not None for column in columns.values())
    options: list[dict[str, Any]] = []
    for position, (heading, column) in enumerate(columns.items()):
        option = {"header": book.text(heading), "header_format": book.header(column.is_text)}
        if isinstance(column.formats, str):
            option["format"] = book.format(num_format=column.formats)
        if has_total and column.total is not None:
            option["total_function"] = _subtotal(rows, position)
        elif has_total and position == 0:
            option["total_string"] = "Total"
        options.append(option)
    last = max(rows, 1) + has_total
    table = {"columns": options, "total_row": has_total, "style": "Table Style Light 1"}
    sheet.add_table(0, 0, last, len(columns) - 1, table)
    if has_total:
        _write_totals(book, sheet, list(columns.values()), rows)


def _write_totals(book: Book, sheet: Worksheet, columns: list[Cells], rows: int) -> None:
    """Write the total row once more: with a look, and with values for who does not calculate."""
    for position, column in enumerate(columns):
        if column.total is not None:
            form = book.format(num_format=column.formats, **TOTAL)
            formula = _subtotal(rows, position)
            sheet.write_formula(rows + 1, position, formula, form, number(column.total))
        elif position == 0:
            sheet.write_string(rows + 1, 0, "Total", book.format(**TOTAL))
        else:
            sheet.write_blank(rows + 1, position, None, book.format(**TOTAL))


def _write_amounts(book: Book, sheet: Worksheet, spec: FrameSheet) -> None:
    """Write the sums of the money below the table, a row for each currency."""
    if spec.amounts.empty:
        return
    rows = len(spec.frame)
    names: list[Any] = spec.frame.columns.tolist()
    code_column = names.index("currency")
    spellings = Counter(str(code).casefold() for code in spec.amounts.index)
    sheet.write_string(rows + 3, 0, "By currency", book.format(bold=True))
    for row, (code, sums) in enumerate(spec.amounts.iterrows(), start=rows + 3):
        label = code if isinstance(code, str) else "(no currency)"
        book.write(sheet, row, code_column, label, book.format(bold=True, indent=1))
        form = book.format(bold=True, num_format=money_format(code))
        for name, value in sums.dropna().items():
            column = names.index(name)
            if decimals(label) is None or spellings[label.casefold()] > 1:
                # SUMIFS could take such a text for a pattern, or add another spelling to it.
                book.write(sheet, row, column, number(value), form)
                continue
            amounts, codes = _range(rows, column), _range(rows, code_column)
            criterion = _cell(row, code_column)
            sheet.write_formula(
                row, column, f"=SUMIFS({amounts},{codes},{criterion})", form, number(value)
            )


def _make_room(sheet: Worksheet, column: Cells, width: int) -> None:
    """Make the rows of wrapped texts high enough; not every program does so by itself."""
    for row, value in enumerate(column.cells, start=1):
        lines = math.ceil(shown_width(str(value)) / (width - 2))
        if lines > 1:
            sheet.set_row(row, _LINE * lines)


def _subtotal(rows: int, column: int) -> str:
    return f"=SUBTOTAL(109,{_range(rows, column)})"


def _range(rows: int, column: int) -> str:
    return f"{_cell(1, column)}:{_cell(rows, column)}"


def _cell(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

    return str(xl_rowcol_to_cell(row, column))
