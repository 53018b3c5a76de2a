"""A workbook in which data is never run as a formula."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from togglframe.export.excel.cells import Value
from togglframe.export.guard import cell_text, guard, xml_text
from togglframe.tables.provenance import workspaces_in_words
from togglframe.text.names import one_line, shorten
from togglframe.text.scope import fetched

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
_LINK: Final = {"font_color": "#1F5A8C", "underline": 1}
_MOST_SAID: Final = 110  # characters of a page header, for which Excel takes 255 at most


class Book:
    """An XlsxWriter workbook with safe cells and shared formats."""

    def __init__(self, workbook: Workbook, *, escape_text: bool, notice: str = "") -> None:
        self.workbook = workbook
        self.escape_text = escape_text
        self.notice = notice
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties, created once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(properties)
        return self._formats[key]

    def header(self, is_text: bool) -> Format:
        """Return the format of a heading above strings, or above numbers."""
        layout = {"align": "left", "indent": 1} if is_text else {"align": "center"}
        return self.format(**HEADER, **layout)

    def text(self, text: str) -> str:
        """Return a string as this workbook writes it into a cell."""
        return cell_text(guard(text) if self.escape_text else text)

    def write(self, sheet: Worksheet, row: int, column: int, value: Value, form: Format) -> None:
        """Write a value with its own type: a string always stays a string."""
        if isinstance(value, str):
            sheet.write_string(row, column, self.text(value), form)
        elif isinstance(value, bool):
            sheet.write_boolean(row, column, value, form)
        elif value is not None:
            sheet.write_number(row, column, value, form)

    def link_format(self, **look: Any) -> Format:
        """Return the format of links."""
        return self.format(**{**look, **_LINK})

    def link(
        self, sheet: Worksheet, row: int, column: int, text: str, url: str, **look: Any
    ) -> None:
        """Write a string that links to a URL; an empty one could not be clicked."""
        if text:
            sheet.write_url(row, column, url, self.link_format(**look), self.text(text))

    def add_sheet(self, name: str, known: Mapping[str, Any]) -> Worksheet:
        """Add a sheet that prints well, with its name and provenance on each page.

        Parameters
        ----------
        name : str
            The name of the sheet.
        known : mapping of str to Any
            The provenance of what it shows.
        """
        sheet = self.workbook.add_worksheet(name)
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        sheet.set_header(f'&L&"-,Bold"&A&R&8{_of_page(known)}', {"margin": 0.35})
        sheet.set_footer(f"&L&8{self.notice}&R&8Page &P of &N")
        return sheet


def _of_page(known: Mapping[str, Any]) -> str:
    """Say which workspace a page is about and when it was fetched, as far as this is known."""
    workspaces = workspaces_in_words(known)
    if not workspaces:
        return ""
    filters = known.get("filters", {})
    days = [filters[name] for name in ("start_date", "end_date") if name in filters]
    parts = [f"Toggl Track {workspaces}", " to ".join(days), fetched(known)]
    said = shorten(", ".join(filter(None, parts)), _MOST_SAID)
    return one_line(said).replace("&", "&&")


@contextmanager
def opened(
    file: IO[bytes],
    *,
    fetched_at: dt.datetime | None,
    escape_text: bool,
    notice: str = "",
    title: str | None = None,
) -> Iterator[Book]:
    """Open a workbook; it is written to `file` if the block succeeds.

    Parameters
    ----------
    file : file
        Where it is written to.
    fetched_at : datetime or None
        When its data was fetched, if known.
    escape_text : bool
        Whether to put a quote before strings that a spreadsheet would run.
    notice : str
        The text at the foot of each page.
    title : str, optional
        The title among the properties, which then do not name this library.
    """
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
        made_by = {"author": "togglframe"} if title is None else {"title": xml_text(title)}
        workbook.set_properties({"created": fetched_at or _CREATED, **made_by})
        yield Book(workbook, escape_text=escape_text, notice=notice)
        workbook.close()
