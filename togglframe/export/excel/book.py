"""A workbook in which nothing that came from data is ever run."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from togglframe.export.excel.cells import Value
from togglframe.export.guard import cell_text, guard

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

__all__ = ["HEADER", "PART", "TOTAL", "Book", "opened"]

HEADER: Final = {
    "bold": True,
    "font_color": "#FFFFFF",
    "bg_color": "#26425A",
    "text_wrap": True,
    "valign": "vcenter",
    "border": 1,
    "border_color": "#FFFFFF",
}
TOTAL: Final = {"bold": True, "top": 1, "bg_color": "#E8EEF3"}
PART: Final = {"bg_color": "#F4F7F9"}

_CREATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_A4: Final = 9


class Book:
    """An xlsxwriter Workbook with safe cells and shared formats."""

    def __init__(self, workbook: Workbook, *, escape_text: bool) -> None:
        self.workbook = workbook
        self.escape_text = escape_text
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format of these properties, made once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def header(self, is_text: bool) -> Format:
        """Return the format of the heading over texts, or over numbers."""
        layout = {"align": "left", "indent": 1} if is_text else {"align": "center"}
        return self.format(**HEADER, **layout)

    def text(self, text: str) -> str:
        """Return a text as this workbook writes it into a cell."""
        return cell_text(guard(text) if self.escape_text else text)

    def write(self, sheet: Worksheet, row: int, column: int, value: Value, form: Format) -> None:
        """Write a value as what it is: a text never becomes anything else."""
        if isinstance(value, str):
            sheet.write_string(row, column, self.text(value), form)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, form)
        elif value is not None:
            sheet.write_number(row, column, value, form)

    def add_sheet(self, name: str) -> Worksheet:
        """Add a sheet that prints well."""
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.set_footer("&L&8&A&R&8Page &P of &N")
        return sheet


@contextmanager
def opened(file: IO[bytes], *, fetched_at: dt.datetime | None, escape_text: bool) -> Iterator[Book]:
    """Open a workbook; it is written to `file` when the block ends well."""
    import xlsxwriter  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
            "tmpdir": folder,
        }
        workbook = xlsxwriter.Workbook(file, options)
        workbook.set_properties({"created": fetched_at or _CREATED, "author": "togglframe"})
        yield Book(workbook, escape_text=escape_text)
        workbook.close()
