"""The workbook of a portfolio: which sheets there are, and the Summary, which fits on one page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from textwrap import wrap
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe import reports
from togglframe.errors import ConfigError
from togglframe.export.display import (
    Shown,
    ShownColumn,
    as_it_is,
    columns_shown,
    in_reading_order,
    shown,
    times_of_day,
)
from togglframe.export.excel.book import LINE, Book
from togglframe.export.excel.table import (
    n_naming,
    pixels,
    set_columns,
    widths_of,
    write_block,
    write_table,
)
from togglframe.export.portfolio import Portfolio
from togglframe.export.sections import Figure, Section, SectionName
from togglframe.reports.listings import LISTINGS
from togglframe.tables import Column, Kind
from togglframe.tables.provenance import of, stamp, table_of
from togglframe.text.guesses import did_you_mean
from togglframe.text.palette import LIGHT

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

SECTION_OF: Final[dict[str, SectionName]] = {
    "Weeks": "weeks",
    "Clients": "clients",
    "Projects": "projects",
    "People": "people",
    "Invoice": "invoice",
    "Budget": "budgets",
    "Retainers": "retainers",
    "Balance": "balance",
    "Audit": "audit",
    "About": "about",
}

_SHEET_OF: Final = {section: sheet for sheet, section in SECTION_OF.items()}


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A sheet that shows a whole report, and is written only if it is named.

    Parameters
    ----------
    report : callable
        The report.
    defaults : mapping of str to Any
        Its parameters, where they differ from those of the report.
    is_ranged : bool
        Whether it covers a range of days.
    is_of_people : bool
        Whether its rows are about people.
    is_of_rates : bool
        Whether it is about rates and costs.
    columns : tuple of str, optional
        The columns to read, if not those of every document.
    """

    report: Callable[..., pd.DataFrame]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    is_ranged: bool = True
    is_of_people: bool = True
    is_of_rates: bool = False
    columns: tuple[str, ...] | None = None


_OF_ENTRIES: Final = (
    *("date", "user", "client", "project", "task", "description", "Began", "Ended"),
    *("tracked_time", "billable", "currency", "amount"),
)
COSTS: Final = (
    "Those of today. Toggl applies a change from its date on, so an earlier range shows what its "
    "hours would cost today."
)
DETAILS: Final = {
    "Hours": Detail(report=reports.hours, defaults={"by": ("client", "project", "user")}),
    "Timesheet": Detail(report=reports.timesheet),
    "Utilisation": Detail(report=reports.utilisation, defaults={"every": "month"}),
    "Profit": Detail(report=reports.profitability, is_of_people=False, is_of_rates=True),
    "Entry audit": Detail(report=reports.entry_audit),
    "Entries": Detail(report=reports.time_entries, columns=_OF_ENTRIES),
    "Team": Detail(report=reports.rate_card, is_ranged=False),
    "Tasks": Detail(report=reports.task_accuracy, defaults={"done": None}, is_ranged=False),
}
_DECIMALS: Final = 2  # of hours
RAW: Final = {
    f"Raw {name.replace('_', ' ')}": name for name in LISTINGS if not LISTINGS[name].is_ranged
}
SHEETS: Final = (
    "Summary",
    *(name for name in SECTION_OF if name != "About"),
    *DETAILS,
    *RAW,
    "About",
)


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet that shows one frame.

    Parameters
    ----------
    name : str
        Its name.
    shown : Shown
        The columns that are read and printed, and the totals.
    folded : list of ShownColumn
        The columns at the right that a click opens: ids, exact times and more.
    notes : mapping of str to str
        What About says of it.
    """

    name: str
    shown: Shown
    folded: list[ShownColumn] = field(default_factory=list)
    notes: Mapping[str, str] = field(default_factory=dict)

    def write(self, book: Book, about: str) -> None:
        """Add the sheet to a workbook."""
        sheet = book.add_sheet(self.name, about)
        columns = [*self.shown.columns, *self.folded]
        below, widths = write_table(book, sheet, Shown(columns=columns, totals=self.shown.totals))
        n_read = len(self.shown.columns)
        set_columns(book, sheet, columns, widths, n_read=n_read)
        sheet.freeze_panes(1, min(n_naming(self.shown.columns), 2, n_read - 1))
        sheet.repeat_rows(0)
        if self.folded:
            sheet.print_area(0, 0, below - 1, n_read - 1)


def check_sheets(sheets: Iterable[str] | str | None) -> tuple[str, ...] | None:
    """Return the sheets that are wanted, in the order of the workbook; None for the usual ones.

    Raises
    ------
    ConfigError
        There is no such sheet, or none is named.
    TypeError
        A name is not a string.
    """
    if sheets is None:
        return None
    wanted = [sheets] if isinstance(sheets, str) else list(sheets)
    names = {name.casefold(): name for name in SHEETS}
    for name in wanted:
        if not isinstance(name, str):
            raise TypeError(f"sheets takes the names of sheets, not {name!r}")
        if name.casefold() not in names:
            guess = did_you_mean(name, SHEETS) or "."
            raise ConfigError(f"There is no sheet {name!r}; there are {', '.join(SHEETS)}{guess}")
    if not wanted:
        raise ConfigError(f"sheets names no sheet; there are {', '.join(SHEETS)}.")
    chosen = {names[name.casefold()] for name in wanted}
    return tuple(name for name in SHEETS if name in chosen)


def check_details(wanted: Iterable[str], *, is_ranged: bool, people: bool, rates: bool) -> None:
    """Refuse a sheet that shows what the document leaves out, or lacks its range of days."""
    for name in wanted:
        detail = DETAILS.get(name)
        if detail is None:
            continue
        if detail.is_ranged and not is_ranged:
            raise ConfigError(
                f"The sheet {name!r} covers a range of days: give start_date and end_date, or "
                'period="2026-10".'
            )
        if detail.is_of_people and not people:
            raise ConfigError(f"The sheet {name!r} is about people: it requires people=True.")
        if detail.is_of_rates and not rates:
            raise ConfigError(f"The sheet {name!r} shows labour costs: it requires rates=True.")


# ---------------------------------------------------------------------------------------------
# Sheets of frames


def sheet_of_section(name: str, section: Section, portfolio: Portfolio, *, rates: bool) -> Sheet:
    """Return the sheet of a section; for the team with all columns of its frame."""
    if section.details is not None:
        return Sheet(name=name, shown=as_it_is(section.details))
    frame = section.frame
    assert frame is not None  # noqa: S101 -- others have no sheet
    if portfolio.audience == "client":
        return Sheet(name=name, shown=shown(frame, names=section.columns, decimals=_DECIMALS))
    return sheet_of_frame(name, frame, rates=rates, names=section.columns)


def sheet_of_frame(
    name: str, frame: pd.DataFrame, *, rates: bool, names: Sequence[str] | None = None
) -> Sheet:
    """Return the sheet of a frame: the columns to read, and the others folded."""
    read = shown(frame, names=names, links=True, decimals=_DECIMALS)
    in_order = in_reading_order(frame, table_of(frame))
    known = {"color", *(one.name for one in read.columns)}
    folded = columns_shown(in_order, names=[str(name) for name in frame if name not in known])
    if not rates:
        read = replace(read, columns=_without_rates(read.columns))
        folded = _without_rates(folded)
    return Sheet(name=name, shown=read, folded=folded)


def with_times_of_day(entries: pd.DataFrame) -> pd.DataFrame:
    """Add when entries began and ended, in the local time where they were tracked."""
    local = {
        name: (entries[moment] + entries["utc_offset"]).dt.tz_localize(None)
        for name, moment in (("Began", "start"), ("Ended", "stop"))
    }
    times = {name: times_of_day(moments, entries["date"]) for name, moments in local.items()}
    return stamp(entries.assign(**times), **of(entries))


def with_time(load: pd.DataFrame) -> pd.DataFrame:
    """Leave out people who tracked nothing at all."""
    tracked = load.groupby("user_id", dropna=False)["tracked_hours"].transform("sum")
    return stamp(load[tracked > 0].reset_index(drop=True), **of(load))


def _without_rates(columns: Iterable[ShownColumn]) -> list[ShownColumn]:
    """Return the columns without rates and what is confidential about people."""
    return [one for one in columns if one.column is None or not _is_rate(one.column)]


def _is_rate(column: Column) -> bool:
    return column.is_sensitive or (column.kind is Kind.MONEY and not column.is_additive)


# The Summary and About


_ACROSS: Final = {"A4": 797, "Letter": 821}  # what is printed at 9 pt in portrait [px]
_DOWN: Final = {"A4": 827, "Letter": 772}  # and its height [pt]
_TITLE, _HEADING = 22, 18  # the heights of the title and of a heading [pt]
_GAP: Final = 6  # and of the row above it
_NAMES: Final = 30  # the width of the first column
_NUMBERS: Final = 14  # and of the columns of figures
_BOLD: Final = 11  # the bold letters that such a column holds in any font
_MOST: Final = 12  # the most rows of a table
_LEAST: Final = 3
_AROUND: Final = {"weeks": 6}  # the lines of a table that are no rows of its frame
_USUAL: Final = 7
_GREY: Final[dict[str, Any]] = {"font_color": LIGHT.muted}
_FORMATS: Final = {"hours": '#,##0 "h"', "share": "0 %", "amount": "#,##0", "count": "#,##0"}


class Summary:
    """The sheet Summary, which is printed on one page, while it is written, row by row."""

    def __init__(self, book: Book, portfolio: Portfolio) -> None:
        self.book = book
        self.portfolio = portfolio
        self.sheet: Worksheet = book.add_sheet("Summary", portfolio.scope, is_landscape=False)
        self.row = 0
        self.height = 0
        self.widths = [_NAMES]

    def write(self) -> None:
        """Write all of it."""
        self.sheet.hide_gridlines(2)
        self.sheet.fit_to_pages(1, 1)
        self._line(self.portfolio.title, height=_TITLE, bold=True, font_size=18)
        self._line(self.portfolio.scope, **_GREY)
        for doubt in self.portfolio.doubts:
            self._line(doubt, bold=True, font_color=LIGHT.over.text)
        sections = [one for one in self.portfolio.sections if one.name != "about"]
        figures = [one for one in sections if one.name == "figures"]
        tables = self._tables()
        lines = [one for one in sections if one.sentence and one not in (*figures, *tables)]
        for section in figures:
            self._head(section)
            self._write_figures(section)
        for number, section in enumerate(tables):
            self._head(section)
            self._write_table(section, self._room(tables[number:], len(lines)))
        self._next()
        for section in lines:
            self.book.write(self.sheet, self.row, 1, section.sentence, self.book.format())
            self._line(section.heading, bold=True)
        for position, width in enumerate(self.widths):
            self.sheet.set_column(position, position, width)

    def _tables(self) -> list[Section]:
        """Return the sections that are shown as tables: the time, whose it is, and the budgets."""
        by_owner: SectionName = "clients" if self.portfolio.section("clients") else "projects"
        names: tuple[SectionName, ...] = ("weeks", by_owner, "budgets")
        sections = [one for name in names if (one := self.portfolio.section(name)) is not None]
        return [one for one in sections if one.frame is not None and len(one.frame)]

    def _room(self, tables: Sequence[Section], n_lines: int) -> int:
        """Return how many rows the first of these tables may have, for all to fit on the page."""
        lines = [_AROUND.get(one.name, _USUAL + bool(one.note)) for one in tables]
        around = sum(lines) * LINE + len(tables) * _HEADING
        left = _DOWN[self.book.paper] - self.height - (n_lines + 1) * LINE - around
        room = left // LINE - _LEAST * (len(tables) - 1)  # the first has what others can spare
        if tables[0].name != "weeks":
            room = left // len(tables) // LINE
        return min(max(room, _LEAST), _MOST)

    def _head(self, section: Section) -> None:
        self.sheet.set_row(self.row, _GAP)
        self._next(_GAP)
        self._line(section.heading, height=_HEADING, bold=True, font_size=13)
        if section.sentence:
            self._line(section.sentence)

    def _write_figures(self, section: Section) -> None:
        has_change = any(one.change is not None for one in section.figures)
        headings = ["", *(section.ranges or [""]), *(["Change"] if has_change else [])]
        form = self.book.format(bold=True, bottom=1, align="right", text_wrap=True)
        for position, heading in enumerate(headings):
            self.book.write(self.sheet, self.row, position, heading, form)
        height = LINE * max([len(wrap(one, _BOLD)) for one in section.ranges], default=1)
        self.sheet.set_row(self.row, height)
        self._next(height)
        for figure in section.figures:
            self._write_figure(figure, has_change=has_change)
            self._next()
        self._make_room([_NAMES, *[_NUMBERS] * (len(headings) - 1)])
        if section.note:
            self._line(section.note, **_GREY)

    def _write_figure(self, figure: Figure, *, has_change: bool) -> None:
        unit = f" [{figure.currency}]" if figure.currency else ""
        number = self.book.format(num_format=_FORMATS[figure.kind])
        bold = self.book.format(num_format=_FORMATS[figure.kind], bold=True)
        self.book.write(self.sheet, self.row, 0, f"{figure.name}{unit}", self.book.format())
        self.book.write(self.sheet, self.row, 1, figure.value, bold)
        if has_change:
            self.book.write(self.sheet, self.row, 2, figure.before, number)
            right = self.book.format(align="right")
            self.book.write(self.sheet, self.row, 3, figure.change_text, right)
        grey = self.book.format(indent=1, **_GREY)
        self.book.write(self.sheet, self.row, 4 if has_change else 2, figure.detail, grey)

    def _write_table(self, section: Section, most: int) -> None:
        """Write the first rows of a section, with the columns that fit on the page."""
        assert section.frame is not None  # noqa: S101 -- as it is for tables
        if len(section.frame) == most + 1:
            most += 1
        whole = shown(section.frame, names=section.columns, most=most)
        first, *others = whole.columns
        kept = [first, *(one for one in others if one.is_code or not one.is_text)]
        left_out: list[str] = []
        while pixels(self._grid(widths_of(kept))) > _ACROSS[self.book.paper]:
            left_out.insert(0, kept.pop().heading)
        part = replace(whole, columns=kept)
        below = write_block(self.book, self.sheet, part, row=self.row)
        self.height += (below - self.row + 1) * LINE  # the headings have two lines
        self.row = below
        self._make_room(widths_of(kept))
        figures = self.portfolio.section("figures")
        is_repeated = figures is not None and section.note in figures.note
        if section.note and not is_repeated:
            self._line(section.note, **_GREY)
        if left_out:
            self._line(f"{', '.join(left_out)}: on the sheet {_SHEET_OF[section.name]}", **_GREY)

    def _grid(self, widths: Sequence[int]) -> list[int]:
        """Return the widths of the columns of the sheet, with room for these."""
        return [max(pair) for pair in zip_longest(self.widths, [_NAMES, *widths[1:]], fillvalue=0)]

    def _make_room(self, widths: Sequence[int]) -> None:
        self.widths = self._grid(widths)

    def _line(self, text: str, *, height: int = LINE, **look: Any) -> None:
        self.book.write(self.sheet, self.row, 0, text, self.book.format(**look))
        self.sheet.set_row(self.row, height)
        self._next(height)

    def _next(self, height: int = LINE) -> None:
        self.row += 1
        self.height += height


def write_about(
    book: Book, portfolio: Portfolio, section: Section, sheets: Iterable[Sheet]
) -> None:
    """Add the sheet About: where the numbers come from and, for the team, what columns mean."""
    sheet = book.add_sheet("About", portfolio.scope)
    sheet.hide_gridlines(2)
    for position, width in enumerate((18, 26, 90)):
        sheet.set_column(position, position, width)
    bold, text = book.format(bold=True, valign="top"), book.format(text_wrap=True, valign="top")
    written = list(sheets)
    lines = [*section.lines, *(note for one in written for note in one.notes.items())]
    book.write(sheet, 0, 0, section.heading, book.format(bold=True, font_size=13))
    book.write(sheet, 1, 0, portfolio.scope, book.format(**_GREY))
    for row, (name, line) in enumerate(lines, start=2):
        book.write(sheet, row, 0, name, bold)
        book.write(sheet, row, 1, line, book.format())
    if portfolio.audience == "client":
        return
    first = len(lines) + 3
    for position, heading in enumerate(("Sheet", "Column", "Meaning")):
        book.write(sheet, first, position, heading, book.format(bold=True, bottom=1))
    meanings = (
        (one.name, column.heading, column.doc)
        for one in written
        for column in (*one.shown.columns, *one.folded)
    )
    for row, meaning in enumerate(meanings, start=first + 1):
        for position, value in enumerate(meaning):
            book.write(sheet, row, position, value, text)
    sheet.print_area(0, 0, first - 1, 2)
