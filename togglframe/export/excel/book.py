"""A workbook in which data is never run as a formula, and what Excel cannot hold is an error."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any, Final

from togglframe.errors import ConfigError
from togglframe.export.excel.values import Value
from togglframe.export.guard import cell_text, guard, xml_text
from togglframe.text.names import one_line, shorten
from togglframe.text.palette import LIGHT

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

PAPERS: Final = {"A4": 9, "Letter": 1}  # as Excel numbers them
MAX_NAME: Final = 31
LINE: Final = 14  # the height of a row [pt]

_CREATED: Final = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_FONT: Final = {"font_name": "Arial", "font_size": 10}  # others measure like it where it lacks
_LINK: Final = {"font_color": LIGHT.within.text}
_LONGEST_HEADER: Final = 110  # characters of a page header, for which Excel takes 255 at most
_MAX_TEXT: Final = 32_767
_FORBIDDEN: Final = frozenset("[]:*?/\\")


class Book:
    """An XlsxWriter workbook with safe cells and shared formats."""

    def __init__(
        self, workbook: Workbook, *, escape_text: bool, paper: str, notice: str = ""
    ) -> None:
        self.workbook = workbook
        self.escape_text = escape_text
        self.paper = paper
        self.notice = notice
        self._formats: dict[tuple[tuple[str, Any], ...], Format] = {}

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties, created once."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format({**_FONT, **properties})
        return self._formats[key]

    def text(self, text: str) -> str:
        """Return a string as this workbook writes it into a cell."""
        return cell_text(guard(text) if self.escape_text else text)

    def write(self, sheet: Worksheet, row: int, column: int, value: Value, form: Format) -> None:
        """Write a value with its own type: a string always stays a string."""
        if isinstance(value, str):
            text = self.text(value)
            if 2 * len(text) > _MAX_TEXT and _utf16_units(text) > _MAX_TEXT:
                raise ConfigError(
                    f"Sheet {sheet.name!r}, row {row + 1}: a string has {_utf16_units(text):,} "
                    f"characters, but an Excel cell holds {_MAX_TEXT:,}. Shorten it, or write the "
                    "frame with to_csv."
                )
            sheet.write_string(row, column, text, form)
        elif value is not None:
            sheet.write_number(row, column, value, form)

    def link(
        self, sheet: Worksheet, row: int, column: int, text: str, url: str, **look: Any
    ) -> None:
        """Write a string that links to a URL; an empty one could not be clicked."""
        if text:
            sheet.write_url(row, column, url, self.format(**{**look, **_LINK}), self.text(text))

    def add_sheet(self, name: str, about: str, *, is_landscape: bool = True) -> Worksheet:
        """Add a sheet with its name and what it is about on each page."""
        sheet = self.workbook.add_worksheet(name)
        if is_landscape:
            sheet.set_landscape()
        sheet.set_paper(PAPERS[self.paper])
        sheet.fit_to_pages(1, 0)
        sheet.set_default_row(LINE)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        text = one_line(shorten(about, _LONGEST_HEADER)).replace("&", "&&")
        sheet.set_header(f'&L&"-,Bold"&A&R&8 {text}', {"margin": 0.35})
        sheet.set_footer(f"&L&8{self.notice}&R&8Page &P of &N")
        return sheet


@contextmanager
def opened(
    file: IO[bytes],
    *,
    fetched_at: dt.datetime | None,
    escape_text: bool,
    title: str | None = None,
    paper: str = "A4",
    notice: str = "",
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
    title : str, optional
        The title among the properties, which then do not name this library.
    paper : {"A4", "Letter"}
        What it is printed on.
    notice : str
        The text at the foot of each page.
    """
    import xlsxwriter  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        options = {
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
            "default_format_properties": _FONT,
            "tmpdir": folder,
        }
        workbook = xlsxwriter.Workbook(file, options)
        made_by = {"author": "togglframe"} if title is None else {"title": xml_text(title)}
        workbook.set_properties({"created": fetched_at or _CREATED, **made_by})
        yield Book(workbook, escape_text=escape_text, paper=paper, notice=notice)
        workbook.close()


def check_names(names: Sequence[str]) -> None:
    """Refuse invalid names of sheets, since a renamed sheet would not be found again."""
    if not names:
        raise ConfigError("There is no sheet to write: the mapping is empty.")
    seen: set[str] = set()
    for name in names:
        wrong = (
            (not name.strip(), "is empty"),
            (_utf16_units(name) > MAX_NAME, f"is longer than {MAX_NAME} characters"),
            (not _FORBIDDEN.isdisjoint(name), "contains one of [ ] : * ? / \\"),
            (name.startswith("'") or name.endswith("'"), "begins or ends with an apostrophe"),
            (name.casefold() == "history", "is reserved by Excel"),
            (not name.isprintable(), "contains an invisible character"),
        )
        if why := next((why for is_wrong, why in wrong if is_wrong), ""):
            raise ConfigError(f"The sheet name {name!r} {why}. Choose another.")
        if name.casefold() in seen:
            raise ConfigError(f"Two sheets are called {name!r}; Excel ignores case.")
        seen.add(name.casefold())


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
