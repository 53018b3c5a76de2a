"""A sheet that shows one frame: a table with real formats, totals and filters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

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
from togglframe.provenance import of, table_of
from togglframe.tables import CLIENT_SUMMARY, Column, Kind, Table
from togglframe.words.names import named

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = [
    "FrameSheet",
    "Link",
    "column_width",
    "headings",
    "mark",
    "write_cells",
    "write_frame",
]

_NARROWEST: Final = 8
_WIDEST: Final = 48
_WIDEST_SENTENCE: Final = 72
_FILTER_BUTTON: Final = 3
_A4_WIDTH: Final = 330  # characters in a line that can still be read
_ALL: Final = "All, hours only"
_LINE: Final = 15  # the height of a row [pt]
_MOST_URLS: Final = 65_530  # Excel holds no more on a sheet
_READABLE: Final = (Kind.HOURS, Kind.DURATION, Kind.FLAG)
_BAR: Final = {  # a full cell is 100 %
    "type": "data_bar",
    "data_bar_2010": True,
    "bar_solid": True,
    "bar_color": "#CFE2F0",
    "bar_border_color": "#6E9FC1",
    "min_type": "num",
    "max_type": "num",
    "min_value": 0,
    "max_value": 1,
}
_BAD: Final = {"font_color": "#A33F00", "bold": True}
_DOUBTFUL: Final = {"font_color": "#7A5600", "bold": True}
_LOOKS: Final = {"over": _BAD, "error": _BAD, "at_risk": _DOUBTFUL, "warning": _DOUBTFUL}


@dataclass(frozen=True)
class Link:
    """What leads from a row to the first row of the same id on another sheet.

    It is looked up when it is clicked, since rows may have been sorted by then.

    Parameters
    ----------
    sheet : str
        The sheet that it leads to.
    key : str
        The column of ids that both sheets have.
    """

    sheet: str
    key: str
    text: ClassVar = "show"

    @property
    def name(self) -> str:
        """The name of the column of links."""
        return self.sheet.lower()

    @property
    def column(self) -> Column:
        """The declaration of the column of links."""
        doc = f"Leads to the first row of the same {self.key} on the sheet {self.sheet}."
        return Column(name=self.name, kind=Kind.TEXT, doc=doc)

    def formula(self, cell: str, target: FrameSheet) -> str:
        """Return the formula of a link by the cell of its id."""
        first, last = target.ends(self.key)
        there = f"'{self.sheet}'!{first}:{last}"
        place = f"\"#'{self.sheet}'!A\"&MATCH({cell},{there},0)+1"
        return f'=HYPERLINK({place},"{self.text}")'


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
    printed : int, optional
        How many columns are printed; then come the links, and the others are folded. By default
        all are printed.
    links : tuple of Link
        The columns of links.
    urls : mapping of str to sequence of str or None
        Where the cells of a column lead to.
    """

    name: str
    frame: pd.DataFrame
    table: Table | None = None
    printed: int | None = None
    links: tuple[Link, ...] = ()
    urls: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take the frame as pandas itself holds it."""
        object.__setattr__(self, "frame", without_arrow(self.frame))

    def check(self) -> None:
        """Raise where the sheet would not fit into Excel."""
        check_columns(self.frame)
        check_index(self.frame)
        check_size(self.name, self.frame, more_rows=self.last_row + 1 - len(self.frame))

    @cached_property
    def amounts_row(self) -> int:
        """The row where the sums of the money begin."""
        return len(self.frame) + max(len(self.totals), 1) + 2

    @cached_property
    def last_row(self) -> int:
        """The last row in which something is written, or one below it."""
        clients = len(self.over_currencies)
        return self.amounts_row + len(self.amounts) + (clients + 1 if clients else 0)

    @cached_property
    def declared(self) -> Table | None:
        """The declaration of the frame, None where it has none."""
        return self.table or table_of(self.frame)

    @cached_property
    def columns(self) -> list[Column | None]:
        """The declaration of each column, None where there is none."""
        links = {link.name: link.column for link in self.links}
        found = zip(self.frame.columns, columns_of(self.frame, self.declared), strict=True)
        return [links.get(name, column) for name, column in found]

    def cells(self) -> Iterator[Cells]:
        """Give the columns as a spreadsheet shows them, one at a time, since they are large."""
        frame = self.frame
        currencies = frame["currency"].tolist() if "currency" in frame else None
        for position, (name, column) in enumerate(zip(frame.columns, self.columns, strict=True)):
            cells = cells_of(_told(frame, name, column), column, currencies)
            is_read = self.printed is not None and position < self.printed
            yield replace(cells, wrap=cells.wrap or (is_read and cells.width > _WIDEST - 2))

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
        return {name: ":".join(self.ends(name, absolute=False)) for name in self.positions}

    def ends(self, name: str, *, absolute: bool = True) -> tuple[str, str]:
        """Return the first and the last cell of a column, as formulas name them."""
        at, last = self.positions[name], len(self.frame)
        return _cell(1, at, absolute=absolute), _cell(last, at, absolute=absolute)

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

    @property
    def currency_labels(self) -> list[str]:
        """What is written below the column of the currencies."""
        labels = [_currency(code) for code in self.amounts.index]
        return labels if self.over_currencies.empty else [*labels, _ALL]

    @cached_property
    def over_currencies(self) -> pd.DataFrame:
        """The hours of each client that has rows of several currencies, None for no client."""
        names = list(self.totals[0].columns) if self.totals else []
        declared = {column.name for column in self.columns if column}
        needed = {"client_id", "client", "currency"}
        if self.declared is not CLIENT_SUMMARY or not names or not needed <= declared:
            return pd.DataFrame()
        grouped = self.frame.groupby("client_id", dropna=False, sort=False)[names]
        return grouped.sum(min_count=1)[grouped.size() > 1]

    def width_below(self, position: int) -> int:
        """Return the width of what stands below a column, in characters."""
        amounts = self.amounts.get(self.frame.columns[position], pd.Series())
        width = amount_width(amounts.dropna().tolist())
        if self.frame.columns[position] == "currency":
            width = max([width, *map(shown_width, self.currency_labels)])
        beside = self.frame.columns[position + 1 : position + 2]
        if position != self.label_position or not self.totalled.issuperset(beside):
            return width
        return max([width, *(len(total.label) for total in self.totals)])


def write_frame(
    book: Book, spec: FrameSheet, others: Mapping[str, FrameSheet] | None = None
) -> list[str]:
    """Add a sheet with a frame to a workbook; return the headings of its columns.

    Parameters
    ----------
    book : Book
        The workbook.
    spec : FrameSheet
        The sheet.
    others : mapping of str to FrameSheet, optional
        The sheets that links lead to, by name.
    """
    sheet = book.add_sheet(spec.name, of(spec.frame))
    columns, values = _write_columns(book, sheet, spec)
    names = headings(columns)
    _add_table(book, sheet, spec, dict(zip(names, columns, strict=True)))
    _write_links(book, sheet, spec, others or {})
    _write_totals(book, sheet, spec, columns, values)
    _write_amounts(book, sheet, spec)
    _write_over_currencies(book, sheet, spec, columns)
    last = max(len(spec.frame), 1)
    for position, column in enumerate(spec.columns):
        mark(book, sheet, column, (1, position, last, position))
    sheet.freeze_panes(1, 2 if len(columns) > 2 else 0)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)
    if spec.printed is not None and len(spec.frame):  # LibreOffice prints it even if hidden
        sheet.print_area(0, 0, spec.last_row, spec.printed - 1)
    return names


def _write_columns(
    book: Book, sheet: Worksheet, spec: FrameSheet
) -> tuple[list[Cells], dict[str, Numbers]]:
    """Write the cells of a frame; return how its columns look, and what their totals add up."""
    columns: list[Cells] = []
    values: dict[str, Numbers] = {}
    needed = {name for total in spec.totals for name in total.reads}
    widths: list[int] = []
    lines: dict[int, int] = {}
    for position, (name, cells) in enumerate(zip(spec.frame.columns, spec.cells(), strict=True)):
        check_texts(spec.name, cells, more=book.escape_text)
        write_cells(book, sheet, cells, row=1, column=position, urls=spec.urls.get(name, ()))
        if name in needed:
            values[name] = numbers(cells.cells)
        column = spec.columns[position]
        widest = _WIDEST_SENTENCE if column and column.is_sentence else _WIDEST
        width = column_width(cells.heading, max(cells.width, spec.width_below(position)), widest)
        sheet.set_column(position, position, width, None, _folding(spec, position))
        widths.append(width)
        if cells.wrap:
            _count_lines(lines, cells, width)
        columns.append(replace(cells, cells=()))
    for row, count in lines.items():  # not every program makes room by itself
        sheet.set_row(row, _LINE * count)
    if spec.printed is None:
        _fit_paper(sheet, spec, columns, widths)
    elif spec.printed < len(columns):
        sheet.set_column(len(columns), len(columns), None, None, {"collapsed": True})
    return columns, values


def _folding(spec: FrameSheet, position: int) -> dict[str, Any]:
    """Fold the columns that are not for reading; a click on the plus above opens them."""
    is_folded = spec.printed is not None and position >= spec.printed + len(spec.links)
    return {"level": 1, "hidden": True} if is_folded else {}


def _fit_paper(
    sheet: Worksheet, spec: FrameSheet, columns: Sequence[Cells], widths: Sequence[int]
) -> None:
    """Print what is too wide to be read on several pages side by side, with names on each."""
    pages = math.ceil(sum(widths) / _A4_WIDTH)
    if pages > 1:
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_columns(0, _last_name(spec, columns, widths))


def _last_name(spec: FrameSheet, columns: Sequence[Cells], widths: Sequence[int]) -> int:
    """Return the last of the first columns that say what a row is, if there is room for it."""
    room = itertools.accumulate(widths)
    ids = (column is not None and column.kind is Kind.ID for column in spec.columns)
    names = (cells.is_text or is_id for cells, is_id in zip(columns, ids, strict=True))
    fitting = itertools.takewhile(all, zip(names, (w <= _A4_WIDTH / 2 for w in room), strict=True))
    return max(sum(1 for _ in fitting) - 1, 0)


def write_cells(
    book: Book,
    sheet: Worksheet,
    cells: Cells,
    *,
    row: int,
    column: int,
    urls: Sequence[str | None] = (),
    **look: Any,
) -> None:
    """Write a column of cells, its first value at `row` and `column`, each leading to its URL."""
    layout = {"valign": "vcenter", **look}
    if cells.is_text:
        layout |= {"indent": 1, "text_wrap": cells.wrap}
    texts = [cells.formats] if isinstance(cells.formats, str) else cells.formats
    formats = {text: book.format(num_format=text, **layout) for text in set(texts)}
    for offset, (value, text) in enumerate(zip(cells.cells, itertools.cycle(texts))):
        book.write(sheet, row + offset, column, value, formats[text])
    for offset, (value, url) in enumerate(zip(cells.cells, urls[:_MOST_URLS], strict=False)):
        if url and isinstance(value, str):
            book.link(sheet, row + offset, column, value, url, **layout)


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


def column_width(heading: str, width: int, widest: int = _WIDEST) -> int:
    """Return the width of a column: its widest value, and a heading on two lines."""
    words = max(map(shown_width, heading.split()), default=0)
    needed = max(words, math.ceil(shown_width(heading) / 2)) + _FILTER_BUTTON
    return min(max(needed, width + 2, _NARROWEST), widest)


def mark(
    book: Book, sheet: Worksheet, column: Column | None, area: tuple[int, int, int, int]
) -> None:
    """Put bars on the progress, on one scale in every workbook, and colour the states."""
    if column and column.has_bar:
        sheet.conditional_format(*area, _BAR)
        over = {"type": "cell", "criteria": ">", "value": 1, "format": book.format(**_BAD)}
        sheet.conditional_format(*area, over)
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
    first = spec.amounts_row
    code_position, codes = spec.positions["currency"], spec.ranges["currency"]
    sheet.write_string(first, 0, "By currency", book.format(bold=True))
    for row, (code, sums) in enumerate(spec.amounts.iterrows(), start=first):
        is_known = isinstance(code, str)
        book.write(sheet, row, code_position, _currency(code), book.format(bold=True, indent=1))
        # Unlike SUMIFS, EXACT tells spellings apart and takes no text for a pattern.
        test = f"--EXACT({codes},{_cell(row, code_position)})" if is_known else f'--({codes}="")'
        form = book.format(bold=True, num_format=money_format(code))
        for name, value in sums.dropna().items():
            formula = visible_sum(spec.ranges[str(name)], [test])
            sheet.write_formula(row, spec.positions[str(name)], formula, form, number(value))


def _write_links(
    book: Book, sheet: Worksheet, spec: FrameSheet, others: Mapping[str, FrameSheet]
) -> None:
    """Turn the words of the columns of links into links."""
    for link in spec.links:
        if link.sheet not in others:
            continue
        position, key = spec.positions[link.name], spec.positions[link.key]
        for row, leads in enumerate(spec.frame[link.name].notna(), start=1):
            if leads:
                formula = link.formula(_cell(row, key), others[link.sheet])
                sheet.write_formula(row, position, formula, book.link_format(), link.text)


def _write_over_currencies(
    book: Book, sheet: Worksheet, spec: FrameSheet, columns: list[Cells]
) -> None:
    """Write the hours of the clients that have several currencies, a row for each client."""
    if spec.over_currencies.empty:
        return
    key, ids = spec.positions["client_id"], spec.ranges["client_id"]
    names = dict(zip(spec.frame["client_id"].fillna(-1), named(spec.frame, "client"), strict=True))
    first = spec.last_row - len(spec.over_currencies)
    for row, (client, sums) in enumerate(spec.over_currencies.iterrows(), start=first):
        is_known = not pd.isna(client)
        label = str(names[client if is_known else -1])
        bold = book.format(bold=True, indent=1)
        book.write(sheet, row, spec.positions["client"], label, bold)
        book.write(sheet, row, spec.positions["currency"], _ALL, bold)
        if is_known:
            book.write(sheet, row, key, number(int(client)), book.format(num_format="0"))
        test = f"--({ids}={_cell(row, key)})" if is_known else f'--({ids}="")'
        for name, value in sums.dropna().items():
            position = spec.positions[str(name)]
            form = book.format(bold=True, num_format=columns[position].formats)
            formula = visible_sum(spec.ranges[str(name)], [test])
            sheet.write_formula(row, position, formula, form, number(value))


def _currency(code: Any) -> str:
    return code if isinstance(code, str) else "(no currency)"


def _count_lines(lines: dict[int, int], column: Cells, width: int) -> None:
    """Note the rows that a wrapped text makes higher, and how many lines they need."""
    for row, value in enumerate(column.cells, start=1):
        count = math.ceil(shown_width(str(value)) / (width - 2))
        if count > 1:
            lines[row] = max(count, lines.get(row, 1))


def _cell(row: int, column: int, *, absolute: bool = False) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

    return str(xl_rowcol_to_cell(row, column, row_abs=absolute, col_abs=absolute))
