"""An invoice as a workbook of one sheet, which prints as it stands."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import textwrap
from collections.abc import Iterable
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final

from togglframe.export.excel.book import PAPERS, Book, opened
from togglframe.export.excel.values import shown_width
from togglframe.export.invoice.composition import COLUMNS, HOUR_DECIMALS, Invoice, Project
from togglframe.text.names import one_line

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_LINE: Final = 15  # the height of a row [pt]
_ACROSS: Final = 88  # characters of a page at full size
_TEXT: Final = 11  # the size of a line [pt]
_LARGE: Final = 15
_HIGH: Final = 21  # the row of a large number [pt]
_NARROWEST: Final = 10
_HIGHEST: Final = 400  # the height of a row [pt], of the 409 that Excel has
_GREY: Final = {"font_color": "#55606B"}
_DARK: Final = {"font_color": "#26425A"}
_RULE: Final = {"bottom": 1, "bottom_color": "#26425A"}
_THIN: Final = {"top": 1, "top_color": "#C4CBD2"}
_TOTAL: Final = {
    "valign": "vcenter",
    "bold": True,
    "font_size": _LARGE,
    "top": 2,
    "top_color": "#26425A",
    **_DARK,
}


def write_sheet(invoice: Invoice, file: IO[bytes], paper: str) -> None:
    """Write an invoice into an open file."""
    issued = invoice.head.issued
    moment = None if issued is None else dt.datetime.combine(issued, dt.time(), dt.UTC)
    with opened(file, fetched_at=moment, escape_text=False, title=invoice.head.title) as book:
        _Sheet(book, invoice, PAPERS[paper]).write()


class _Sheet:
    """The sheet while it is written, row by row."""

    def __init__(self, book: Book, invoice: Invoice, paper: int) -> None:
        self.book = book
        self.invoice = invoice
        self.sheet: Worksheet = book.workbook.add_worksheet("Invoice")
        self.row = 0
        self._set_up(paper)

    def _set_up(self, paper: int) -> None:
        sheet = self.sheet
        sheet.set_paper(paper)
        sheet.set_portrait()
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.7, right=0.7, top=0.75, bottom=0.85)
        name = one_line(self.invoice.head.on_each_page).replace("&", "&&")
        sheet.set_footer(f"&L&9{name}&R&9Page &P of &N", {"margin": 0.4})
        sheet.hide_gridlines(2)
        highest = max(line.rate for project in self.invoice.projects for line in project.lines)
        numbers = [
            _width(_written(self.invoice.hours, HOUR_DECIMALS), _LARGE),
            _width(_written(highest, self.invoice.rate_decimals), _TEXT),
            _width(f"{self.invoice.currency} {self._amount(self.invoice.total)}", _LARGE),
        ]
        self.widths = [max(_ACROSS - sum(numbers), _ACROSS // 2), *numbers]
        for column, width in enumerate(self.widths):
            sheet.set_column(column, column, width)

    def _amount(self, amount: Decimal) -> str:
        return _written(amount, self.invoice.decimals)

    def write(self) -> None:
        """Write all of it."""
        self._write(0, self.invoice.head.title, bold=True, font_size=20, **_DARK)
        self._next(32)
        self._write_parties()
        self._write_facts()
        self._write_headings()
        for project in self.invoice.projects:
            self._write_project(project)
        self._write_totals()
        for text in _wrapped(self.invoice.head.note, sum(self.widths)):
            self._write(0, text)
            self._next()

    def _write_parties(self) -> None:
        """Write who invoices at the left, and who is invoiced beside it."""
        head = self.invoice.head
        parties = {"From": head.seller, "To": head.buyer} if head.seller else {"To": head.buyer}
        widths = (self.widths[0], sum(self.widths[1:]))
        self._next(_LINE / 2)
        for column, name in enumerate(parties):
            self._write(column, name, font_size=9, **_GREY)
        self._next()
        blocks = map(_wrapped, parties.values(), widths)
        for texts in itertools.zip_longest(*blocks, fillvalue=""):
            for column, text in enumerate(texts):
                self._write(column, text)
            self._next()

    def _write_facts(self) -> None:
        """Write the period and the dates at the left, and the total at the right."""
        facts = [f"{name}: {text}" for name, text in self.invoice.head.facts]
        total = f"{self.invoice.currency} {self._amount(self.invoice.total)}"
        self._next()
        self._write(3, "Total", align="right", font_size=9, **_GREY)
        for row, fact in enumerate([*facts, ""][: max(len(facts), 2)]):
            self._write(0, fact)
            if row == 1:
                self._write(3, total, align="right", bold=True, font_size=_LARGE, **_DARK)
            self._next(_HIGH)
        self._next()

    def _write_headings(self) -> None:
        for column, name in enumerate(COLUMNS):
            align = "right" if column else "left"
            self._write(column, name, align=align, bold=True, **_DARK, **_RULE)
        self.sheet.repeat_rows(self.row)
        self._next(_LINE + 3)

    def _write_project(self, project: Project) -> None:
        indent = 1 if project.name else 0
        if project.name:
            self._next(_LINE / 2)
            self._write_label(project.name, bold=True)
            self._next_below(project.name)
        for line in project.lines:
            self._write_label(line.label, indent=indent)
            self._write_numbers(line.hours, line.rate, line.amount)
            self._next_below(line.label)
        if project.name:
            self._write_label("Subtotal", indent=indent, bold=True, **_THIN)
            self._write_numbers(project.hours, None, project.amount, bold=True, **_THIN)
            self._next()

    def _write_totals(self) -> None:
        self._next(_LINE / 2)
        if self.invoice.rounding:
            self._write_label("Rounding")
            self._write_numbers(None, None, self.invoice.rounding)
            self._next()
            self._next(_LINE / 2)
        self._write_label(f"Total {self.invoice.currency}", **_TOTAL)
        self._write_numbers(self.invoice.hours, None, self.invoice.total, **_TOTAL)
        self._next(_HIGH)
        self._next()

    def _write_numbers(
        self, hours: Decimal | None, rate: Decimal | None, amount: Decimal, **look: Any
    ) -> None:
        decimals = (HOUR_DECIMALS, self.invoice.rate_decimals, self.invoice.decimals)
        for column, (value, places) in enumerate(zip((hours, rate, amount), decimals, strict=True)):
            shown = {"num_format": f"#,##{0:.{places}f}", "valign": "top", **look}
            form = self.book.format(**shown)
            if value is None:
                self.sheet.write_blank(self.row, column + 1, None, form)
            else:
                self.sheet.write_number(self.row, column + 1, float(value), form)

    def _write_label(self, text: str, **look: Any) -> None:
        self._write(0, text, **{"align": "left", "valign": "top", "text_wrap": True, **look})

    def _write(self, column: int, text: str, **look: Any) -> None:
        if text:
            self.book.write(self.sheet, self.row, column, text, self.book.format(**look))

    def _next_below(self, text: str) -> None:
        """Go on below a label that may take several lines."""
        self._next(min(_LINE * _lines_in(text, self.widths[0]), _HIGHEST))

    def _next(self, height: float = _LINE) -> None:
        self.sheet.set_row(self.row, height)
        self.row += 1


def _written(value: Decimal, decimals: int) -> str:
    return f"{value:,.{decimals}f}"


def _width(text: str, size: int) -> int:
    """Return the width of a column that shows this number in this size."""
    return max(math.ceil(len(text) * size / _TEXT) + 2, _NARROWEST)


def _wrapped(lines: Iterable[str], width: int) -> list[str]:
    """Return lines of text that fit, without merged cells, whose height no spreadsheet fits."""
    return [part for line in lines for part in textwrap.wrap(line, width - 2) or [""]]


def _lines_in(text: str, width: int) -> int:
    """Return how many lines a wrapped string takes in a column of this width."""
    lengths = (shown_width(line) for line in text.splitlines())
    return sum(max(math.ceil(length / (width - 2)), 1) for length in lengths)
