"""The sheet Invoice: for each client a page of lines, with a total for each currency."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe.export.excel.book import TOTAL, Book
from togglframe.export.excel.cells import amount_width, money_format, number
from togglframe.export.excel.limits import check_texts
from togglframe.export.excel.sheet import LINE, column_width, folding, headings, lines_in
from togglframe.export.excel.spec import FrameSheet, cell, currency_label
from togglframe.tables import Column, Kind, Table
from togglframe.tables.provenance import of, stamp
from togglframe.text.formats import format_hours, plural
from togglframe.text.measures import currency_decimals
from togglframe.text.names import named

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["InvoiceSheet", "invoice_sheet", "write_invoice"]

_SUMS: Final = ("billed_hours", "amount")
_LEAD: Final = ("billed_hours", "hourly_rate", "amount")  # their formats tell the currency
_CHECK: Final = Column(
    name="hours_x_rate",
    kind=Kind.STRING,
    doc='"ok" where hours times rate equal the amount, to within half a cent.',
)
_OK: Final = "ok"
_DIFFERS: Final = "differs"
_HALF_A_CENT: Final = 0.00501  # plus the error of a float
_A4_WIDTH: Final = 72  # characters in a line of a page at full size, in a wide font
_SMALLEST: Final = 40  # percent
_WIDEST: Final = 34
_FONT_SIZE: Final = 11
_FIRST: Final = 2  # the first row below those repeated on each page
_HEAD: Final = {"bold": True, "font_size": 13, "font_color": "#26425A", "text_wrap": True}
_GREY: Final = {"font_color": "#55606B", "text_wrap": True}
_ALARM: Final = {"font_color": "#A33F00", "bold": True, "text_wrap": True, "valign": "top"}
_HUNDREDTHS: Final = "#,##0.00"
_EXACT: Final = "#,##0.0000"  # so that hours times rate equal the amount


@dataclass(frozen=True)
class InvoiceSheet(FrameSheet):
    """The sheet of invoice lines.

    Parameters
    ----------
    said : str
        The days and the rounding, for the head of each page.
    """

    said: str = ""


def invoice_sheet(
    name: str, frame: pd.DataFrame, table: Table, given: Mapping[str, Any]
) -> InvoiceSheet:
    """Return the sheet of invoice lines.

    Parameters
    ----------
    name : str
        The name of the sheet.
    frame : DataFrame
        As `invoice_lines` returns it.
    table : Table
        Its declaration.
    given : mapping of str to Any
        The parameters of its report.
    """
    is_exact = given["rounding"] is None and not given["minimum_minutes"]
    added = [] if is_exact else [_CHECK]
    whole = frame.assign(**{column.name: _checks(frame) for column in added})
    names = [one.name for one in table if one.name in table.choices and one.kind is not Kind.ID]
    shown = [*(names or ["client"]), *_LEAD]
    first = [*shown, *(column.name for column in added)]
    arranged = stamp(whole[[*first, *(c for c in whole if c not in first)]], **of(frame))
    return InvoiceSheet(
        name,
        arranged,
        replace(table, columns=(*table.columns, *added)),
        printed=len(shown),
        said=f"Billable time, {_days(given)}. {_rounding(given)}",
    )


def _days(given: Mapping[str, Any]) -> str:
    first, last = given["selected"].start, given["selected"].end
    return str(first) if first == last else f"{first} to {last}"


def _rounding(given: Mapping[str, Any]) -> str:
    """Say how hours were rounded, and what an amount therefore is."""
    each, rounding, least = (given[one] for one in ("round_each", "rounding", "minimum_minutes"))
    parts = []
    if rounding is not None:
        way = {"up": "up to", "down": "down to", "nearest": "to the nearest"}[rounding]
        minutes = int(given["rounding_minutes"])
        parts.append(f"is rounded {way} {'minute' if minutes == 1 else f'{minutes} minutes'}")
    if least:
        parts.append(f"is at least {plural(least, 'minute')}")
    if not parts:
        return "Hours as tracked, amounts as in Toggl Track."
    what = {"entry": "time entry", "day": "day of a line", "line": "line"}[each]
    return f"Each {what} {' and '.join(parts)}; an amount is hours x rate."


def _checks(frame: pd.DataFrame) -> pd.Series[Any]:
    """Check that hours times rate equal the amount; NA where one of them is unknown."""
    off = (frame["billed_hours"] * frame["hourly_rate"] - frame["amount"]).abs()
    said: pd.Series[Any] = pd.Series(_OK, frame.index, dtype=frame["currency"].dtype)
    is_off = (off >= _HALF_A_CENT).fillna(value=False).astype(bool)
    return said.mask(is_off, _DIFFERS).where(off.notna())


def _hours_format(hours: pd.Series[Any]) -> str:
    """Return the format of hours in which hours times rate equal the amount."""
    hundredths = hours * 100
    is_whole = ((hundredths - hundredths.round()).abs() < _HALF_A_CENT / 100).all()
    return _HUNDREDTHS if is_whole else _EXACT


def _split_units(frame: pd.DataFrame) -> set[str]:
    """Return the currencies with an amount that is no whole number of their smallest unit.

    Toggl Track keeps hundredths of any currency, also of yen, and a total of lines that are
    printed in whole yen would not be the sum of what is printed.
    """
    found = set()
    for code, lines in frame.groupby("currency"):
        units = lines["amount"].dropna() * 10 ** currency_decimals(lines)
        if ((units - units.round()).abs() > _HALF_A_CENT).any():
            found.add(str(code))
    return found


def write_invoice(book: Book, spec: InvoiceSheet) -> list[str]:
    """Add the sheet of invoices to a workbook; return the headings of its columns."""
    return _Invoice(book, spec).write()


@dataclass(frozen=True)
class _Total:
    """The totals of a client in one currency, their row, and what they do not include."""

    label: str
    code: Any
    row: int
    sums: Mapping[str, float]
    n_unknown: int
    unknown_hours: float

    @property
    def code_label(self) -> str:
        return currency_label(self.code)


class _Invoice:
    """The sheet while it is written, row by row."""

    def __init__(self, book: Book, spec: InvoiceSheet) -> None:
        self.book = book
        self.spec = spec
        self.sheet: Worksheet = book.add_sheet(spec.name, of(spec.frame))
        self.hours_format = _hours_format(spec.frame["billed_hours"])
        self.split_units = _split_units(spec.frame)
        self.columns = list(spec.cells())
        self.headings = headings(self.columns)
        self.row = _FIRST
        self.printed = spec.printed or 0
        self.totals: list[_Total] = []

    def write(self) -> list[str]:
        """Write all of it."""
        self._write_columns()
        breaks = []
        for label, lines in self._clients():
            breaks.append(self.row)
            self._write_client(label, lines)
        if len(self.totals) > 1:
            breaks.append(self.row)
            self._write_overview()
        if not self.totals:
            self._write_across("There is no billable time on these days.", _GREY)
        self.sheet.set_h_pagebreaks(breaks[1:])
        self.sheet.print_area(0, 0, self.row, self.printed - 1)
        return self.headings

    def _write_columns(self) -> None:
        """Write the rows that are repeated on each page, and fit the columns to the page."""
        widths = []
        for position, cells in enumerate(self.columns):
            check_texts(self.spec.name, cells, more=self.book.escape_text)
            name = self.spec.frame.columns[position]
            width = column_width(cells.heading, max(cells.width, self._below(name)), _WIDEST)
            self.sheet.set_column(position, position, width, None, self._folding(position))
            widths.append(width)
        self.widths = widths
        self.sheet.set_column(len(widths), len(widths), None, None, {"collapsed": True})
        self.row = 0
        self._write_across(self.spec.said, _GREY)
        self.sheet.set_row(1, 2 * LINE + 2)
        for position, (heading, cells) in enumerate(zip(self.headings, self.columns, strict=True)):
            text = self.book.text(heading)
            self.sheet.write_string(1, position, text, self.book.header(cells.is_text))
        self.row = _FIRST
        self.sheet.freeze_panes(_FIRST, 0)
        self.sheet.repeat_rows(0, 1)
        self.sheet.hide_gridlines(2)
        self.sheet.set_portrait()
        scale = math.floor(100 * _A4_WIDTH / sum(widths[: self.printed]))
        # Excel ignores the page breaks between clients if a sheet is fitted to the page.
        self.sheet.set_print_scale(max(min(scale, 100), _SMALLEST))

    def _below(self, name: str) -> int:
        """Return the width of the totals below a column."""
        frame = self.spec.frame
        return amount_width([math.fsum(frame[name].dropna())]) if name == "amount" else 0

    def _folding(self, position: int) -> dict[str, Any]:
        is_check = self.spec.frame.columns[position] == _CHECK.name
        return {} if is_check else folding(self.spec, position)

    def _clients(self) -> Iterator[tuple[str, pd.DataFrame]]:
        """Yield the name of each client with its lines."""
        frame = self.spec.frame.reset_index(drop=True)
        labels = named(frame, "client")
        for _, lines in frame.groupby("client_id", dropna=False, sort=False):
            yield str(labels[lines.index[0]]), lines

    def _write_client(self, label: str, lines: pd.DataFrame) -> None:
        self._write_across(label, _HEAD)
        for _, of_currency in lines.groupby("currency", dropna=False):
            first = self.row
            for line in of_currency.index:
                self._write_line(line)
            self._write_total(label, of_currency, first)
        self.row += 1

    def _write_line(self, line: int) -> None:
        height = 1
        for position, cells in enumerate(self.columns):
            value = cells.cells[line]
            layout: dict[str, Any] = {
                "valign": "vcenter",
                "num_format": self._format(position, line),
            }
            if cells.is_text:
                layout |= {"indent": 1, "text_wrap": position < self.printed}
            if isinstance(value, str) and position < self.printed:
                height = max(height, lines_in(value, self.widths[position]))
            form = self.book.format(**layout)
            if self.spec.frame.columns[position] == _CHECK.name and value is not None:
                self.sheet.write_formula(self.row, position, self._check(), form, value)
            else:
                self.book.write(self.sheet, self.row, position, value, form)
        if height > 1:
            self.sheet.set_row(self.row, LINE * height)
        self.row += 1

    def _format(self, position: int, line: int) -> str:
        name = self.spec.frame.columns[position]
        if name == "billed_hours":
            return self.hours_format
        if name == "amount":
            return self._money_format(self.spec.frame["currency"].iloc[line])
        formats = self.columns[position].formats
        return formats if isinstance(formats, str) else formats[line]

    def _money_format(self, code: Any) -> str:
        return money_format(code, with_cents=code in self.split_units)

    def _check(self) -> str:
        names = ("billed_hours", "hourly_rate", "amount")
        hours, rate, amount = (self._at(name, self.row) for name in names)
        return f'=IF(ABS({hours}*{rate}-{amount})<{_HALF_A_CENT},"{_OK}","{_DIFFERS}")'

    def _write_total(self, label: str, lines: pd.DataFrame, first: int) -> None:
        """Write the totals of a client in one currency, and what they do not include."""
        unknown = lines[lines["amount"].isna()]
        sums = {"billed_hours": math.fsum(lines["billed_hours"])}
        if len(unknown) < len(lines):
            sums["amount"] = math.fsum(lines["amount"].dropna())
        code = lines["currency"].iloc[0]
        hours = math.fsum(unknown["billed_hours"])
        self.totals.append(_Total(label, code, self.row, sums, len(unknown), hours))
        self._write_sum(f"Total {currency_label(code)}", code, sums, first)
        self._write_unknown(len(unknown), hours)

    def _write_unknown(self, n_lines: int, hours: float) -> None:
        """Say what an amount does not include."""
        if n_lines:
            verb = "has" if n_lines == 1 else "have"
            said = f"{plural(n_lines, 'line')} ({format_hours(hours)}) {verb} no known amount"
            self._write_across(f"{said}: in the hours above, not in the amount.", _ALARM)

    def _write_overview(self) -> None:
        """Write the totals of all clients, and their sums by currency."""
        self._write_across("All clients", _HEAD)
        codes = dict.fromkeys(total.code_label for total in self.totals)
        for code_label in sorted(codes, key=lambda label: (label == currency_label(None), label)):
            totals = [total for total in self.totals if total.code_label == code_label]
            first = self.row
            for total in totals:
                formulas = {name: f"={self._at(name, total.row)}" for name in total.sums}
                self._write_row(total.label, total.code, total.sums, formulas, {})
            sums = {
                name: math.fsum(total.sums[name] for total in totals if name in total.sums)
                for name in _SUMS
                if any(name in total.sums for total in totals)
            }
            self._write_sum(f"Total {code_label}", totals[0].code, sums, first)
            hours = math.fsum(total.unknown_hours for total in totals)
            self._write_unknown(sum(total.n_unknown for total in totals), hours)
            self.row += 1

    def _write_sum(self, label: str, code: Any, sums: Mapping[str, float], first: int) -> None:
        """Write the sums of the rows from `first` to the last row written."""
        last = self.row - 1
        formulas = {name: f"=SUM({self._at(name, first)}:{self._at(name, last)})" for name in sums}
        self._write_row(label, code, sums, formulas, TOTAL)

    def _write_row(
        self,
        label: str,
        code: Any,
        sums: Mapping[str, float],
        formulas: Mapping[str, str],
        look: Mapping[str, Any],
    ) -> None:
        for position in range(self.printed):
            self.sheet.write_blank(self.row, position, None, self.book.format(**look))
        self._write_label(label, look)
        shown = {"billed_hours": self.hours_format, "amount": self._money_format(code)}
        for name, formula in formulas.items():
            form = self.book.format(**look, num_format=shown[name])
            value = number(sums[name])
            self.sheet.write_formula(self.row, self.spec.positions[name], formula, form, value)
        self.row += 1

    def _write_label(self, label: str, look: Mapping[str, Any]) -> None:
        """Write the label of a row across all columns before its numbers."""
        form = self.book.format(**look, indent=1, text_wrap=True, valign="top")
        n_columns = self.spec.positions["billed_hours"]
        if n_columns > 1:
            self.sheet.merge_range(self.row, 0, self.row, n_columns - 1, "", form)
        self.book.write(self.sheet, self.row, 0, label, form)
        count = lines_in(label, sum(self.widths[:n_columns]))
        if count > 1:
            self.sheet.set_row(self.row, LINE * count)

    def _at(self, name: str, row: int) -> str:
        return cell(row, self.spec.positions[name])

    def _write_across(self, text: str, look: Mapping[str, Any]) -> None:
        """Write a string across the width of the page."""
        form = self.book.format(**look)
        self.sheet.merge_range(self.row, 0, self.row, self.printed - 1, "", form)
        self.book.write(self.sheet, self.row, 0, text, form)
        scale = look.get("font_size", _FONT_SIZE) / _FONT_SIZE
        room = int(sum(self.widths[: self.printed]) / scale)
        self.sheet.set_row(self.row, LINE * scale * lines_in(text, room) + 2)
        self.row += 1
