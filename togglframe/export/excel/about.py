"""The last sheet: where the numbers come from, and what every column means."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

from togglframe._version import __version__
from togglframe.export.excel.book import Book
from togglframe.export.excel.cells import Value
from togglframe.export.excel.ranged import RANGED
from togglframe.export.excel.summary import SUMMARY_COLUMNS
from togglframe.export.excel.workbook import Contents, Portfolio
from togglframe.export.guard import xml_text
from togglframe.tables import provenance
from togglframe.tables.provenance import NOT_HELD
from togglframe.text.formats import format_percent
from togglframe.text.periods import months_in_words

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["NOTICE", "facts", "notes", "set_properties", "write_about"]

NOTICE: Final = "Confidential: contains e-mail addresses and labour costs"

_WIDTHS: Final = (26, 26, 30, 22, 70)
_MAX_PROPERTY: Final = 255
_DAYS: Final = ("start_date", "end_date")
_SHOWN: Final = "E-mail addresses, labour costs and margins are in this {}."
_LEFT_OUT: Final = "E-mail addresses, labour costs, margins and findings about them are left out."
_UNKNOWN: Final = "Unknown. Zero is a number: nothing tracked, or an estimate of zero."
_REMAINING: Final = (
    "For a project, the estimate minus the tracked hours: negative if it is over. For clients and "
    "in totals, what is left of open estimates; overruns are not offset."
)
_NOTES: Final = (
    ("Totals", "All time ever tracked, not a period: Toggl reports lifetime totals here."),
    ("Hours", "Seconds / 3600, as decimal numbers; only the display is rounded."),
    ("Durations", "Shown as [h]:mm; the value is in days, as spreadsheets count."),
    ("Task time", "Toggl sends it in milliseconds, and everything else in seconds."),
    ("Money", "In units of the currency of its row; what Toggl sends in cents is divided by 100."),
    ("Currencies", "Amounts in different currencies are never added; each has its own total."),
    ("Lines below a table", "They add up the rows that the filter shows."),
    (
        "With an estimate",
        "Only estimates above zero are compared, and only if the tracked time is known.",
    ),
    ("Remaining", _REMAINING),
    ("Saved", "What archived projects and done tasks left unused of their estimates."),
    ("Empty cells", _UNKNOWN),
    ("Timestamps", "UTC."),
    ("Rates", "The current ones; hours tracked earlier may have had others."),
    ("Assignee", "Whom a task is assigned to; these reports do not tell who tracked the time."),
    ("Colours", "Red is over the estimate; the word beside it says the same."),
    ("Progress", "A full cell is 100 % of the estimate; a higher value is bold and red."),
    ("Folded columns", "Ids, exact times and more: click the + above to open them. Not printed."),
    ("Links", 'A project links to Toggl Track, "show" to its first row on that sheet.'),
    ("On paper", "This sheet is printed down to the columns, whose meanings are for the screen."),
)
_OF_WORKBOOK: Final = (
    *("Durations", "Lines below a table", "Empty cells", "Assignee", "Folded columns", "Links"),
    *("On paper", "Colours", "Progress"),
)
_OF_PAGE: Final = (
    ("Colours", "Orange is over the estimate; the word beside it says the same."),
    ("Progress", "A full bar is 100 % of the estimate; a higher value is bold and orange."),
)
_OF_PORTFOLIO: Final = (  # the notes that are about its sheets
    *("Totals", "Task time", "With an estimate", "Remaining", "Saved", "Rates", "Assignee"),
    *("Colours", "Progress"),
)
_OF_RANGE: Final = (
    ("Days", "Both ends are included; an entry belongs to the day it began on, in local time."),
    (
        "Local time",
        "Times without a zone are local to where the time was tracked; another day is named.",
    ),
    (
        "Amounts of time",
        "The value of the billable time on these days; unknown amounts are not added.",
    ),
)
_COSTS: Final = (
    "Those of today. Toggl applies a change from its date on, so an earlier range shows what its "
    "hours would cost today."
)


def write_about(book: Book, contents: Contents, headings: Mapping[str, Sequence[str]]) -> None:
    """Add the sheet About: provenance, what is missing, notes on units, every column."""
    sheet = book.add_sheet("About", contents.known)
    sheet.hide_gridlines(2)
    for position, width in enumerate(_WIDTHS):
        sheet.set_column(position, position, width)
    row = _write_rows(book, sheet, 0, "About this workbook", facts(contents))
    row = _write_rows(book, sheet, row, "Not in this workbook", contents.hidden.items())
    row = _write_rows(book, sheet, row, "How to read it", notes(contents))
    row = _write_rows(book, sheet, row, "Sheets", _sheets(contents), "Sheet", "Rows", "One row is")
    sheet.print_area(0, 0, row - 1, len(_WIDTHS) - 1)
    heads = ("Sheet", "Heading", "Column", "Unit", "Meaning")
    _write_rows(book, sheet, row, "Columns", _columns(contents, headings), *heads)


def set_properties(book: Book, contents: Contents) -> None:
    """Repeat the key facts as document properties, which remain if a sheet is removed."""
    for name, value in facts(contents):
        book.workbook.set_custom_property(name, xml_text(value)[:_MAX_PROPERTY], "text")


def facts(
    contents: Contents,
    medium: str = "workbook",
    libraries: Sequence[str] = ("pandas", "XlsxWriter"),
) -> list[tuple[str, str]]:
    """Say where the numbers of a workbook or page come from, what it holds and what made it."""
    sensitive = _SHOWN.format(medium) if contents.is_sensitive else _LEFT_OUT
    return [
        *provenance.facts_of(contents.known, _endpoints(contents)),
        *_range_facts(contents),
        *_at_risk(contents),
        ("Sensitive", sensitive),
        ("Missing parts", ", ".join(contents.hidden) or "none"),
        ("Made with", _versions(libraries)),
    ]


def _at_risk(contents: Contents) -> list[tuple[str, str]]:
    if not isinstance(contents, Portfolio):
        return []
    return [("At risk from", f"{format_percent(contents.at_risk)} of the estimate")]


def _range_facts(contents: Contents) -> Iterator[tuple[str, str]]:
    """Say which days the sheets of a range cover, and the parameters of each."""
    ranged = [sheet for sheet in contents.sheets if sheet.name in RANGED]
    if not ranged:
        return
    days = f"{contents.days.start} to {contents.days.end}"
    yield "Range of days", f"{days}: {', '.join(sheet.name for sheet in ranged)}"
    if NOT_HELD in contents.known:
        months = months_in_words(contents.known[NOT_HELD])
        yield "No data", f"{months}: left out of all sheets of the range, capacities too"
    for sheet in ranged:
        filters = provenance.of(sheet.frame).get("filters", {})
        asked = {name: value for name, value in filters.items() if name not in _DAYS}
        if asked:
            yield f"Options of {sheet.name}", ", ".join(provenance.filters_in_words(asked))


def notes(contents: Contents, *, of_page: bool = False) -> list[tuple[str, str]]:
    """Return notes on how to read the sheets, or a page of them."""
    left_out = {*(() if isinstance(contents, Portfolio) else _OF_PORTFOLIO)}
    left_out |= {*(_OF_WORKBOOK if of_page else ())}
    said = [note for note in _NOTES if note[0] not in left_out]
    if of_page:
        said += _OF_PAGE if isinstance(contents, Portfolio) else ()
        said += [("Dashes", _UNKNOWN)]
    if any(sheet.name == "Profit" for sheet in contents.sheets):
        said.append(("Labour costs", _COSTS))
    return [*said, *(_OF_RANGE if contents.days.is_ranged else ())]


def _endpoints(contents: Contents) -> list[str]:
    sources = (provenance.of(sheet.frame).get("endpoints", []) for sheet in contents.sheets)
    return list(dict.fromkeys(endpoint for source in sources for endpoint in source))


def _versions(libraries: Sequence[str]) -> str:
    made_with = ", ".join(f"{name} {version(name)}" for name in libraries)
    return f"togglframe {__version__}, {made_with}, Python {platform.python_version()}"


def _sheets(contents: Contents) -> Iterator[tuple[str, int, str]]:
    for sheet in contents.sheets:
        grain = "" if sheet.declared is None else sheet.declared.grain
        yield sheet.name, len(sheet.frame), grain


def _columns(
    contents: Contents, headings: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, ...]]:
    has_summary = isinstance(contents, Portfolio) and contents.has_summary
    for shown in SUMMARY_COLUMNS if has_summary else ():
        yield "Summary", shown.label, shown.name, shown.unit or "", shown.doc
    for sheet in contents.sheets:
        rows = zip(headings[sheet.name], sheet.frame.columns, sheet.columns, strict=True)
        for heading, name, column in rows:
            unit = "" if column is None or column.unit is None else column.unit
            doc = "Sent by Toggl; not described." if column is None else column.doc
            yield sheet.name, heading, name, unit, doc


def _write_rows(
    book: Book,
    sheet: Worksheet,
    row: int,
    title: str,
    rows: Iterable[tuple[Value, ...]],
    *heads: str,
) -> int:
    """Write a title and the rows below it, nothing if there are no rows."""
    lines = list(rows)
    if not lines:
        return row
    sheet.write_string(row, 0, title, book.format(bold=True, font_size=13, font_color="#26425A"))
    for position, head in enumerate(heads):
        sheet.write_string(row + 1, position, head, book.header(is_text=True))
    first = row + 1 + bool(heads)
    form = book.format(align="left", valign="top", indent=1, num_format="#,##0")
    for offset, line in enumerate(lines, start=first):
        for position, value in enumerate(line):
            book.write(sheet, offset, position, value, form)
    return first + len(lines) + 1
