"""A frame as an Excel table: real numbers with formats, totals that follow the filter, paper."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from togglframe.errors import ConfigError
from togglframe.export.columns import TOTAL
from togglframe.export.display import Shown, ShownColumn, TotalLine
from togglframe.export.excel.book import LINE, Book
from togglframe.export.excel.values import Cells, cell_of, cells_of, shown_width
from togglframe.export.looks import COLOURS
from togglframe.text.palette import LIGHT

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_MAX_ROWS: Final = 1_048_576
_MAX_COLUMNS: Final = 16_384
_MAX_HEADING: Final = 255
_MOST_URLS: Final = 65_530  # Excel holds no more on a sheet
_LARGEST: Final = 1e300
_NARROWEST: Final = 8
_WIDEST: Final = 40
_WIDEST_SENTENCE: Final = 52  # so that the audit prints on one page across
_LETTER: Final = 0.85  # the width of a letter beside that of a digit
_FILTER_BUTTON: Final = 3
_MARGIN: Final = 2
_ACROSS: Final = {"A4": 1306, "Letter": 1224}  # what is printed at 8 pt in landscape [px]

_HEADER: Final = {
    "bold": True,
    "font_color": LIGHT.text,
    "bottom": 1,
    "text_wrap": True,
    "valign": "bottom",
}
_LEFT: Final = {"align": "left"}
_TOTAL: Final = {"bold": True, "top": 1, "valign": "vcenter"}
_TOTAL_OF_WIDE: Final = {"bold": True, "left": 1}
_BAR: Final = {
    "type": "data_bar",
    "data_bar_2010": True,
    "bar_solid": True,
    "bar_color": LIGHT.others,
    "bar_border_color": LIGHT.not_billable.fill,
    "min_type": "num",
    "max_type": "num",
    "min_value": 0,
}


def check_size(sheet: str, shown: Shown) -> None:
    """Refuse a frame that is too large for a sheet, before anything is written."""
    rows = len(shown.columns[0].series) + len(shown.totals) + 1
    if rows > _MAX_ROWS:
        raise ConfigError(
            f"Sheet {sheet!r} would have {rows:,} rows, but Excel has {_MAX_ROWS:,}. "
            "Split the frame over several sheets, or write it with to_csv."
        )
    if len(shown.columns) > _MAX_COLUMNS:
        raise ConfigError(
            f"Sheet {sheet!r} would have {len(shown.columns):,} columns, but Excel has "
            f"{_MAX_COLUMNS:,}. Leave some out."
        )


def write_table(book: Book, sheet: Worksheet, shown: Shown) -> tuple[int, list[int]]:
    """Write a frame as a table; return the row below it and the widths of its columns.

    Parameters
    ----------
    book : Book
        The workbook.
    sheet : Worksheet
        The sheet.
    shown : Shown
        The frame as it is shown.
    """
    n_rows = len(shown.columns[0].series)
    headings = _headings(shown.columns)
    cells = [cells_of(column) for column in shown.columns]
    lines = _Lines(
        book=book, sheet=sheet, columns=shown.columns, cells=cells, first=1, last=max(n_rows, 1)
    )
    widths = []
    options = []
    heights: dict[int, int] = {}
    for position, (heading, column) in enumerate(zip(headings, shown.columns, strict=True)):
        look = dict(_TOTAL_OF_WIDE) if column.is_total else {}
        width = _column_width(heading, column, cells[position])
        if column.is_text and _LETTER * cells[position].width > width - _MARGIN:
            look["text_wrap"] = True
            _count_lines(heights, cells[position], width)
        _write_cells(book, sheet, column, cells[position], start=(lines.first, position), look=look)
        align = _align(column, position)
        option = {"header": book.text(heading), "header_format": book.format(**_HEADER, **align)}
        options.append(option)
        widths.append(width)
    total = [line for line in shown.totals if line.condition is None]
    others = [line for line in shown.totals if line.condition is not None]
    for line in total:
        options = [one | more for one, more in zip(options, lines.options(line), strict=True)]
    table = {"columns": options, "total_row": bool(total), "style": "Table Style Light 1"}
    sheet.add_table(0, 0, lines.last + len(total), len(options) - 1, table)
    for below, line in enumerate([*total, *others], start=lines.last + 1):
        lines.write(below, line)
    sheet.set_row(0, 2 * LINE)
    for at, count in heights.items():  # not every program adjusts the height itself
        sheet.set_row(lines.first + at, LINE * count)
    return lines.last + 1 + len(shown.totals), widths


def write_block(book: Book, sheet: Worksheet, shown: Shown, *, row: int) -> int:
    """Write a small frame without filters, its totals as numbers; return the row below it."""
    first, last = row + 1, row + len(shown.columns[0].series)
    for position, column in enumerate(shown.columns):
        cells = cells_of(column)
        align = _align(column, position)
        sheet.write_string(
            row, position, book.text(column.heading), book.format(**_HEADER, **align)
        )
        _write_cells(book, sheet, column, cells, start=(first, position), look={})
        for below, line in enumerate(shown.totals, start=last + 1):
            look = _TOTAL if line.label == TOTAL else {"bold": False}
            form = book.format(**look, num_format=cells.format, **({} if position else _LEFT))
            if position == 0:
                book.write(sheet, below, position, line.label, form)
            elif column.name in line.values:
                book.write(sheet, below, position, cell_of(line.values[column.name], cells), form)
            else:
                sheet.write_blank(below, position, None, form)
    sheet.set_row(row, 2 * LINE)
    return last + 1 + len(shown.totals)


def widths_of(columns: Sequence[ShownColumn]) -> list[int]:
    """Return the widths that columns need, in characters."""
    return [_column_width(one.heading, one, cells_of(one)) for one in columns]


@dataclass(frozen=True, kw_only=True)
class _Lines:
    """The lines of totals below a table: formulas over the rows that a filter shows."""

    book: Book
    sheet: Worksheet
    columns: Sequence[ShownColumn]
    cells: Sequence[Cells]
    first: int
    last: int

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each column."""
        return {column.name: at for at, column in enumerate(self.columns)}

    def options(self, line: TotalLine) -> list[dict[str, Any]]:
        """Return the total row as options of the columns of a table."""
        options: list[dict[str, Any]] = [{} for _ in self.columns]
        if (label := self._label_position(line)) is not None:
            options[label] = {"total_string": line.label}
        for position, column in enumerate(self.columns):
            if column.name in line.values:
                formula = self._formula(line, column.name, self.last + 1)
                value = cell_of(line.values[column.name], self.cells[position])
                options[position] = {"total_function": formula, "total_value": value}
        return options

    def write(self, row: int, line: TotalLine) -> None:
        """Write a line, with its values for programs that do not calculate."""
        for position, column in enumerate(self.columns):
            form = self.book.format(**_TOTAL, num_format=self._format(line, position))
            if column.name in line.values:
                value = cell_of(line.values[column.name], self.cells[position])
                formula = self._formula(line, column.name, row)
                self.sheet.write_formula(row, position, formula, form, value)
            else:
                self.sheet.write_blank(row, position, None, form)
        if (label := self._label_position(line)) is not None:
            form = self.book.format(**_TOTAL, **_align(self.columns[label], label))
            self.book.write(self.sheet, row, label, line.label, form)
        of, text = line.condition or ("", None)
        if text:
            self.book.write(self.sheet, row, self.positions[of], text, form)

    def _label_position(self, line: TotalLine) -> int | None:
        free = (at for at, one in enumerate(self.columns) if one.name not in line.values)
        return next(free, None)

    def _formula(self, line: TotalLine, name: str, row: int) -> str:
        if name in line.quotients:
            top, bottom = (_cell(row, self.positions[term]) for term in line.quotients[name])
            return f'=IF({bottom}=0,"",{top}/{bottom})'
        area = self._area(name)
        if line.condition is None:
            return f"=SUBTOTAL(109,{area})"
        first = _cell(self.first, self.positions[name])
        visible = f"SUBTOTAL(109,OFFSET({first},ROW({area})-ROW({first}),0))"  # row by row
        return f"=SUMPRODUCT({visible},--{self._test(*line.condition, row)})"

    def _test(self, of: str, text: str | None, row: int) -> str:
        """Return the condition of a line, for which the text stands in the line too."""
        area = self._area(of)
        if text is None:
            return f"ISNUMBER({area})"
        # unlike SUMIFS, EXACT is case-sensitive and does not interpret wildcards
        return f"EXACT({area},{_cell(row, self.positions[of])})" if text else f'({area}="")'

    def _area(self, name: str) -> str:
        position = self.positions[name]
        return f"{_cell(self.first, position)}:{_cell(self.last, position)}"

    def _format(self, line: TotalLine, position: int) -> str:
        """Return the number format of a total: of amounts, that of its currency."""
        cells = self.cells[position]
        if isinstance(cells.formats, str) or line.condition is None:
            return cells.format
        return next((one for one, row in zip(cells.formats, line.rows, strict=True) if row), "")


def _cell(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

    return str(xl_rowcol_to_cell(row, column))


def _headings(columns: Sequence[ShownColumn]) -> list[str]:
    """Return valid headings of a table: not empty, not too long, and unique."""
    seen: set[str] = set()
    result = []
    for position, column in enumerate(columns, start=1):
        printable = "".join(c if c.isprintable() else " " for c in column.heading)
        text = printable.strip()[: _MAX_HEADING // 2] or f"Column {position}"
        if text.lower() in seen:
            text = f"{text} ({position})"
        seen.add(text.lower())
        result.append(text)
    return result


def _write_cells(
    book: Book,
    sheet: Worksheet,
    column: ShownColumn,
    cells: Cells,
    *,
    start: tuple[int, int],
    look: Mapping[str, Any],
) -> None:
    """Write a column of cells from `start` on, with the colours of states, links and bars."""
    row, position = start
    align = _align(column, position) if column.is_text else {}
    layout = {"valign": "vcenter", **align, **look}
    formats = itertools.repeat(cells.formats) if isinstance(cells.formats, str) else cells.formats
    states = [cell.state for cell in column.cells()] if column.has_states else []
    for at, (value, number) in enumerate(zip(cells.values, formats, strict=False)):
        color = COLOURS.get(states[at]) if states else None
        state = {"font_color": color, "bold": True} if color else {}
        form = book.format(num_format=number, **layout, **state)
        book.write(sheet, row + at, position, value, form)
    for at, url in enumerate(column.urls[:_MOST_URLS]):
        value = cells.values[at]
        is_whole = len(str(value)) < _WIDEST  # not every program wraps a link
        if url and isinstance(value, str) and is_whole:
            book.link(sheet, row + at, position, value, url, **layout)
    if column.has_bars:
        bar = {**_BAR, "max_value": min(column.scale, _LARGEST)}
        last = row + max(len(cells.values), 1) - 1
        sheet.conditional_format(row, position, last, position, bar)


def _count_lines(heights: dict[int, int], cells: Cells, width: int) -> None:
    """Record how many lines each row needs for its wrapped strings."""
    for row, value in enumerate(cells.values):
        lines = (shown_width(line) for line in str(value or "").splitlines())
        count = sum(max(math.ceil(_LETTER * line / (width - _MARGIN)), 1) for line in lines)
        if count > 1:
            heights[row] = max(count, heights.get(row, 1))


def _align(column: ShownColumn, position: int) -> dict[str, Any]:
    """Return where the text of a column stands: a name clear of the number at its left."""
    if not column.is_text:
        return {"align": "right"}
    return {**_LEFT, "indent": 1} if position else _LEFT


def _column_width(heading: str, column: ShownColumn, cells: Cells) -> int:
    """Return the width of a column, for its widest value and a heading on two lines."""
    words = max(map(shown_width, heading.split()), default=0)
    needed = max(words, math.ceil(shown_width(heading) / 2)) + _FILTER_BUTTON
    if not column.is_text:
        return max(needed, cells.width + _MARGIN, _NARROWEST)
    widest = _WIDEST_SENTENCE if column.is_sentence else _WIDEST
    return min(max(needed, math.ceil(_LETTER * cells.width) + _MARGIN, _NARROWEST), widest)


def pixels(widths: Iterable[int]) -> int:
    """Return how wide columns are together [px]."""
    return sum(7 * width + 5 for width in widths)


def n_naming(columns: Sequence[ShownColumn]) -> int:
    """Return how many columns name a row, from the first on."""
    return sum(1 for _ in itertools.takewhile(lambda one: one.is_text or one.is_id, columns))


def set_columns(
    book: Book,
    sheet: Worksheet,
    columns: Sequence[ShownColumn],
    widths: Sequence[int],
    *,
    n_read: int,
) -> None:
    """Set the widths; fold the columns that are not for reading; fit the others on paper at 8 pt.

    Parameters
    ----------
    book, sheet : Book, Worksheet
        The sheet of the workbook.
    columns : sequence of ShownColumn
        The columns.
    widths : sequence of int
        Their widths, in characters.
    n_read : int
        How many are printed; the others are folded, and a click on the plus above opens them.
    """
    for position, width in enumerate(widths):
        fold = {"level": 1, "hidden": True} if position >= n_read else {}
        sheet.set_column(position, position, width, None, fold)
    if n_read < len(widths):
        sheet.set_column(len(widths), len(widths), None, None, {"collapsed": True})
    across = _ACROSS[book.paper]
    if pixels(widths[:n_read]) <= across:
        return
    n_names = n_naming(columns[:n_read])
    while n_names > 1 and pixels(widths[:n_names]) > 2 / 3 * across:
        n_names -= 1
    repeated = pixels(widths[:n_names])
    pages = math.ceil(pixels(widths[n_names:n_read]) / max(across - repeated, across / 3))
    sheet.fit_to_pages(pages, 0)
    sheet.repeat_columns(0, max(n_names - 1, 0))
