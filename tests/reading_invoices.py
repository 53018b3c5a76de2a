"""Invoices read back from their files, and the laws that they keep."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from html.parser import HTMLParser

import openpyxl

COLUMNS = ("Work", "Hours", "Rate", "Amount")


@dataclass
class Read:
    """What a reader sees: rows of the table as (project, label, hours, rate, amount)."""

    texts: list[str] = field(default_factory=list)
    lines: list[tuple] = field(default_factory=list)
    subtotals: dict[str, tuple] = field(default_factory=dict)
    rounding: Decimal = Decimal()
    total: tuple = ()
    currency: str = ""


def read_invoice(path):
    """Read an invoice from a workbook or a page."""
    rows = _rows_of_sheet(path) if path.suffix == ".xlsx" else _rows_of_page(path)
    at = rows.index(COLUMNS)
    read = Read(texts=[text for row in rows[:at] for text in row if isinstance(text, str)])
    project = ""
    for label, hours, rate, amount in rows[at + 1 :]:
        if amount is None:
            project = label or project
        elif label == "Subtotal":
            assert rate is None
            assert project not in read.subtotals
            read.subtotals[project] = (hours, amount)
        elif label == "Rounding":
            assert (hours, rate) == (None, None)
            read.rounding = amount
        elif label.startswith("Total "):
            read.currency, read.total = label.removeprefix("Total "), (hours, amount)
            break
        else:
            read.lines.append((project, label, hours, rate, amount))
    return read


def check_laws(read, decimals):
    """Hours times rate are the amount, and what is printed adds up as printed."""
    unit = Decimal(1).scaleb(-decimals)
    for _, _, hours, rate, amount in read.lines:
        assert hours == hours.quantize(Decimal("0.01"))
        assert amount == (hours * rate).quantize(unit, ROUND_HALF_UP)
    for project, subtotal in read.subtotals.items():
        own = [line for line in read.lines if line[0] == project]
        assert subtotal == (sum(line[2] for line in own), sum(line[4] for line in own))
    if read.subtotals:
        assert {line[0] for line in read.lines} == {*read.subtotals}
        assert read.total[1] == sum(s[1] for s in read.subtotals.values()) + read.rounding
    assert read.total[0] == sum(line[2] for line in read.lines)
    assert read.total[1] == sum(line[4] for line in read.lines) + read.rounding


def parts_of(path):
    """Return the text of every part of a file, and its name."""
    if path.suffix == ".html":
        return path.name + path.read_text(encoding="utf-8")
    with zipfile.ZipFile(path) as parts:
        names = parts.namelist()
        return "\n".join([path.name, *names, *(parts.read(n).decode() for n in names)])


def _rows_of_sheet(path):
    (sheet,) = openpyxl.load_workbook(path).worksheets
    return [
        tuple(_as_printed(cell) for cell in row) for row in sheet.iter_rows(max_col=4, min_col=1)
    ]


def _as_printed(cell):
    if not isinstance(cell.value, int | float):
        return cell.value
    places = len(cell.number_format.partition(".")[2])
    return Decimal(f"{cell.value:.{places}f}")


def _rows_of_page(path):
    page = _Page()
    page.feed(path.read_text(encoding="utf-8"))
    rows = [(text, None, None, None) for text in page.texts]
    for row in page.rows:
        if any(row):
            cells = (*row, *[""] * (4 - len(row)))
            is_head = cells == COLUMNS
            rows.append(cells if is_head else (cells[0], *map(_number, cells[1:])))
    return rows


def _number(text):
    return Decimal(text.replace(",", "").replace("\N{MINUS SIGN}", "-")) if text else None


class _Page(HTMLParser):
    """The rows of the only table, and the texts above it."""

    def __init__(self):
        super().__init__()
        self.texts, self.rows = [], []
        self._within = ""

    def handle_starttag(self, tag, attrs):
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")
        self._within = tag if tag in ("td", "th", "style", "title") else self._within

    def handle_endtag(self, tag):
        self._within = "" if tag == self._within else self._within

    def handle_data(self, data):
        if self._within in ("td", "th"):
            self.rows[-1][-1] += data.strip()
        elif data.strip() and not self._within:
            self.texts.append(data.strip())
