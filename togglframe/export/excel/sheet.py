"""A sheet that shows one frame: a table with real formats, totals and filters."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from togglframe.export.excel.below import write_amounts, write_over_currencies, write_totals
from togglframe.export.excel.book import Book
from togglframe.export.excel.cells import Cells, shown_width
from togglframe.export.excel.limits import MAX_HEADING, check_texts
from togglframe.export.excel.spec import WIDEST, FrameSheet, cell
from togglframe.export.excel.totals import Numbers, numbers
from togglframe.export.looks import COLOURS, LOOKS
from togglframe.tables import Column, Kind
from togglframe.tables.provenance import of

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = [
    "LINE",
    "column_width",
    "folding",
    "headings",
    "lines_in",
    "mark",
    "write_cells",
    "write_frame",
]

_NARROWEST: Final = 8
_WIDEST_SENTENCE: Final = 84  # fits most sentences of the audit on one line
_FILTER_BUTTON: Final = 3
_A4_WIDTH: Final = 330  # characters in a line that is still legible
LINE: Final = 15  # the height of a row [pt]
_MOST_URLS: Final = 65_530  # Excel holds no more on a sheet
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
_BOLD: Final = {look: {"font_color": colour, "bold": True} for look, colour in COLOURS.items()}


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
        The target sheets of links, by name.
    """
    sheet = book.add_sheet(spec.name, of(spec.frame))
    columns, values = _write_columns(book, sheet, spec)
    names = headings(columns)
    _add_table(book, sheet, spec, dict(zip(names, columns, strict=True)))
    _write_links(book, sheet, spec, others or {})
    write_totals(book, sheet, spec, columns, values)
    write_amounts(book, sheet, spec)
    write_over_currencies(book, sheet, spec, columns)
    last = max(len(spec.frame), 1)
    for position, column in enumerate(spec.columns):
        mark(book, sheet, column, (1, position, last, position))
    sheet.freeze_panes(1, spec.frozen)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)
    if spec.printed is not None and len(spec.frame):  # LibreOffice would print a hidden sheet
        sheet.print_area(0, 0, spec.last_row, spec.printed - 1)
    return names


def _write_columns(
    book: Book, sheet: Worksheet, spec: FrameSheet
) -> tuple[list[Cells], dict[str, Numbers]]:
    """Write the cells of a frame; return the look of its columns, and the values of totals."""
    columns: list[Cells] = []
    values: dict[str, Numbers] = {}
    needed = {name for total in spec.totals for name in total.reads}
    widths: list[int] = []
    lines: dict[int, int] = {}
    for position, (name, cells) in enumerate(zip(spec.frame.columns, spec.cells(), strict=True)):
        check_texts(spec.name, cells, more=book.escape_text)
        look, urls = spec.look_of(name), spec.urls.get(name, ())
        write_cells(book, sheet, cells, row=1, column=position, urls=urls, look=look)
        if name in needed:
            values[name] = numbers(cells.cells)
        column = spec.columns[position]
        widest = _WIDEST_SENTENCE if column and column.is_sentence else WIDEST
        width = column_width(cells.heading, max(cells.width, spec.width_below(position)), widest)
        sheet.set_column(position, position, width, None, folding(spec, position))
        widths.append(width)
        if cells.wrap:
            _count_lines(lines, cells, width)
        columns.append(replace(cells, cells=()))
    for row, count in lines.items():  # not every program adjusts the height itself
        sheet.set_row(row, LINE * count)
    if spec.printed is None:
        _fit_paper(sheet, spec, columns, widths)
    elif spec.printed < len(columns):
        sheet.set_column(len(columns), len(columns), None, None, {"collapsed": True})
    return columns, values


def folding(spec: FrameSheet, position: int) -> dict[str, Any]:
    """Collapse the columns that are not for reading; a click on the plus above expands them."""
    is_folded = spec.printed is not None and position >= spec.printed + len(spec.links)
    return {"level": 1, "hidden": True} if is_folded else {}


def _fit_paper(
    sheet: Worksheet, spec: FrameSheet, columns: Sequence[Cells], widths: Sequence[int]
) -> None:
    """Print wide sheets on several pages side by side, with the names repeated on each."""
    pages = math.ceil(sum(widths) / _A4_WIDTH)
    if pages > 1:
        sheet.fit_to_pages(pages, 0)
        sheet.repeat_columns(0, _last_name(spec, columns, widths))


def _last_name(spec: FrameSheet, columns: Sequence[Cells], widths: Sequence[int]) -> int:
    """Return the last of the leading columns that identify a row, if there is room for it."""
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
    look: Mapping[str, Any] | None = None,
) -> None:
    """Write a column of cells, its first value at `row` and `column`, each linked to its URL."""
    layout = {"valign": "vcenter", **(look or {})}
    if cells.is_text:
        layout |= {"indent": 1, "text_wrap": cells.wrap}
    strings = [cells.formats] if isinstance(cells.formats, str) else cells.formats
    formats = {text: book.format(num_format=text, **layout) for text in set(strings)}
    for offset, (value, text) in enumerate(zip(cells.cells, itertools.cycle(strings))):
        book.write(sheet, row + offset, column, value, formats[text])
    for offset, (value, url) in enumerate(zip(cells.cells, urls[:_MOST_URLS], strict=False)):
        if url and isinstance(value, str):
            book.link(sheet, row + offset, column, value, url, **layout)


def headings(columns: Sequence[Cells]) -> list[str]:
    """Return valid headings of a table: not empty, not too long, and unique."""
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


def column_width(heading: str, width: int, widest: int = WIDEST) -> int:
    """Return the width of a column, for its widest value and a heading on two lines."""
    words = max(map(shown_width, heading.split()), default=0)
    needed = max(words, math.ceil(shown_width(heading) / 2)) + _FILTER_BUTTON
    return min(max(needed, width + 2, _NARROWEST), widest)


def mark(
    book: Book, sheet: Worksheet, column: Column | None, area: tuple[int, int, int, int]
) -> None:
    """Add bars to the progress, on the same scale in every workbook, and colour the states."""
    if column and column.has_bar:
        sheet.conditional_format(*area, _BAR)
        over = {"type": "cell", "criteria": ">", "value": 1, "format": book.format(**_BOLD["over"])}
        sheet.conditional_format(*area, over)
    if column and not LOOKS.keys().isdisjoint(column.categories):
        for state, look in LOOKS.items():
            rule = {"type": "cell", "criteria": "==", "value": f'"{state}"'}
            sheet.conditional_format(*area, rule | {"format": book.format(**_BOLD[look])})


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


def _write_links(
    book: Book, sheet: Worksheet, spec: FrameSheet, others: Mapping[str, FrameSheet]
) -> None:
    """Turn the texts in the columns of links into links."""
    for link in spec.links:
        if link.sheet not in others:
            continue
        position, key = spec.positions[link.name], spec.positions[link.key]
        for row, leads in enumerate(spec.frame[link.name].notna(), start=1):
            if leads:
                formula = link.formula(cell(row, key), others[link.sheet])
                sheet.write_formula(row, position, formula, book.link_format(), link.text)


def _count_lines(lines: dict[int, int], column: Cells, width: int) -> None:
    """Record how many lines a row needs if it has wrapped strings."""
    for row, value in enumerate(column.cells, start=1):
        count = lines_in(str(value), width)
        if count > 1:
            lines[row] = max(count, lines.get(row, 1))


def lines_in(text: str, width: int) -> int:
    """Return how many lines a wrapped string takes in a column of this width."""
    lengths = (shown_width(line) for line in text.splitlines())
    return sum(max(math.ceil(length / (width - 2)), 1) for length in lengths)
