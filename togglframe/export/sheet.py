"""A sheet that shows one frame: a table with real formats, totals and filters."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
from pandas.api import types

from togglframe.errors import ConfigError
from togglframe.export.book import HEADER, TOTAL, Book
from togglframe.export.cells import Cells, cells_of, money_format, shown_width
from togglframe.export.columns import columns_of
from togglframe.export.currency import decimals
from togglframe.export.exact import check_columns
from togglframe.tables import Table

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["FrameSheet", "check_sheets", "column_width", "headings", "write_frame"]

_MAX_ROWS: Final = 1_048_576
_MAX_COLUMNS: Final = 16_384
_MAX_TEXT: Final = 32_767  # UTF-16 units in a cell
_MAX_HEADING: Final = 255
_MAX_NAME: Final = 31
_FORBIDDEN: Final = set("[]:*?/\\")
_NARROWEST, _WIDEST = 8, 48
_FILTER_BUTTON: Final = 3
_BAR: Final = {
    "type": "data_bar",
    "data_bar_2010": True,
    "bar_solid": True,
    "bar_color": "#9EC3DE",
    "min_type": "num",
    "max_type": "num",
    "min_value": 0,
    "max_value": 1.5,
}
_ADDITIVE_MONEY: Final = ("amount", "billable_amount")
_SENTENCES: Final = {"detail"}
_ALARMS: Final = {
    "over": {"font_color": "#A33F00", "bold": True},
    "error": {"font_color": "#A33F00", "bold": True},
    "at_risk": {"font_color": "#7A5600", "bold": True},
    "warning": {"font_color": "#7A5600", "bold": True},
}
# A name that is missing: its id, what the id is of, and what to print where there is no id.
_NAMES: Final = {
    "project": ("project_id", "Project", "(no project)"),
    "client": ("client_id", "Client", "(no client)"),
    "assignee": ("user_id", "User", "(nobody)"),
}


@dataclass(frozen=True)
class FrameSheet:
    """A sheet that shows one frame.

    Parameters
    ----------
    name : str
        The name of the sheet.
    frame : DataFrame
        What it shows.
    table : Table, optional
        The declaration of the frame; by default it is recognised by its columns.
    """

    name: str
    frame: pd.DataFrame
    table: Table | None = None


def check_sheets(sheets: Sequence[FrameSheet]) -> None:
    """Raise where a workbook cannot hold these sheets, before anything is written.

    Raises
    ------
    TypeError
        Something is not a DataFrame.
    ConfigError
        A name, the number of rows or columns, or a text is not possible in Excel.
    """
    if not sheets:
        raise ConfigError("There is no sheet to write: the mapping is empty.")
    seen: set[str] = set()
    for sheet in sheets:
        _check_name(sheet.name)
        if sheet.name.casefold() in seen:
            raise ConfigError(
                f"Two sheets are called {sheet.name!r}; Excel does not tell capitals apart."
            )
        seen.add(sheet.name.casefold())
        check_columns(sheet.frame)
        _check_size(sheet)


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"the name of a sheet must be text, not {type(name).__name__}")
    units = len(name.encode("utf-16-le")) // 2
    wrong = (
        (not name.strip(), "is empty"),
        (units > _MAX_NAME, f"is longer than {_MAX_NAME} characters"),
        (bool(_FORBIDDEN & set(name)), r"contains one of []:*?/\ "),
        (name.startswith("'") or name.endswith("'"), "begins or ends with an apostrophe"),
        (name.casefold() == "history", "is kept by Excel for itself"),
        (not name.isprintable(), "contains an invisible character"),
    )
    for is_wrong, why in wrong:
        if is_wrong:
            raise ConfigError(f"The sheet name {name!r} {why.strip()}; choose another.")


def _check_size(sheet: FrameSheet) -> None:
    rows, columns = sheet.frame.shape
    more = 2 + len(_currency_totals(sheet.frame))  # the heading and the total
    if rows + more > _MAX_ROWS:
        raise ConfigError(
            f"Sheet {sheet.name!r} would have {rows + more:,} rows, and Excel has "
            f"{_MAX_ROWS:,}. Split the frame over several sheets, or write it with to_csv."
        )
    if columns > _MAX_COLUMNS:
        raise ConfigError(
            f"Sheet {sheet.name!r} would have {columns:,} columns, and Excel has {_MAX_COLUMNS:,}."
        )


def write_frame(book: Book, spec: FrameSheet) -> None:
    """Add a sheet with a frame to a workbook."""
    frame = _with_names(spec.frame)
    currencies = frame["currency"].tolist() if "currency" in frame else None
    columns = columns_of(frame, spec.table)
    cells = [
        cells_of(frame[name], column, currencies)
        for name, column in zip(frame.columns, columns, strict=True)
    ]
    _check_texts(spec.name, cells)
    sheet = book.add_sheet(spec.name)
    for position, column in enumerate(cells):
        _write_column(book, sheet, position, column, wrap=frame.columns[position] in _SENTENCES)
    _add_table(book, sheet, cells, len(frame))
    _write_currency_totals(book, sheet, frame)
    _mark(book, sheet, frame)
    sheet.freeze_panes(1, 2 if frame.shape[1] > 2 else 0)
    sheet.set_row(0, 32)
    sheet.repeat_rows(0)


def headings(cells: Sequence[Cells]) -> list[str]:
    """Return headings that a table can have: not empty, not too long, no two alike."""
    taken: set[str] = set()
    result = []
    for position, column in enumerate(cells, start=1):
        text = "".join(c if c.isprintable() else " " for c in column.heading)[: _MAX_HEADING - 10]
        text = text.strip() or f"Column {position}"
        if text.lower() in taken:
            text = f"{text} ({position})"
        taken.add(text.lower())
        result.append(text)
    return result


def column_width(heading: str, width: int) -> int:
    """Return the width of a column: its widest value, and a heading on two lines."""
    words = max(map(shown_width, heading.split()), default=0)
    needed = max(words, math.ceil(shown_width(heading) / 2)) + _FILTER_BUTTON
    return min(max(needed, width + 2, _NARROWEST), _WIDEST)


def _with_names(frame: pd.DataFrame) -> pd.DataFrame:
    for name, (key, entity, nobody) in _NAMES.items():
        if name in frame and key in frame and types.is_string_dtype(frame[name].dtype):
            ids = frame[key].astype("str")
            unknown = (entity + " " + ids + " (not listed)").where(frame[key].notna(), nobody)
            frame = frame.assign(**{name: frame[name].fillna(unknown)})
    return frame


def _check_texts(sheet: str, cells: Sequence[Cells]) -> None:
    for column in cells:
        for row, value in enumerate(column.cells):
            if isinstance(value, str) and len(value) * 2 > _MAX_TEXT:
                units = len(value.encode("utf-16-le")) // 2
                if units >= _MAX_TEXT:
                    raise ConfigError(
                        f"Sheet {sheet!r}, column {column.heading!r}, row {row}: a text of "
                        f"{units:,} characters, and a cell of Excel holds {_MAX_TEXT:,}. "
                        "Shorten it, or write the frame with to_csv."
                    )


def _write_column(
    book: Book, sheet: Worksheet, position: int, column: Cells, *, wrap: bool
) -> None:
    layout: dict[str, Any] = {"valign": "top" if wrap else "vcenter"}
    if column.is_text:
        layout |= {"indent": 1, "text_wrap": wrap}
    if isinstance(column.formats, str):
        form = book.format(num_format=column.formats, **layout)
        for row, value in enumerate(column.cells, start=1):
            book.write(sheet, row, position, value, form)
        return
    for row, (value, text) in enumerate(zip(column.cells, column.formats, strict=True), start=1):
        book.write(sheet, row, position, value, book.format(num_format=text, **layout))


def _add_table(book: Book, sheet: Worksheet, cells: Sequence[Cells], rows: int) -> None:
    has_total = rows > 0 and any(column.is_hours for column in cells)
    options: list[dict[str, Any]] = []
    for position, (heading, column) in enumerate(zip(headings(cells), cells, strict=True)):
        text = book.text(heading)
        align = "left" if column.is_text else "center"
        option = {"header": text, "header_format": book.format(**HEADER, align=align)}
        if isinstance(column.formats, str):
            option["format"] = book.format(num_format=column.formats)
        if has_total and column.is_hours:
            option["total_function"] = _subtotal(rows, position)
        options.append(option)
        sheet.set_column(position, position, column_width(text, column.width))
    if has_total:
        options[0]["total_string"] = "Total"
    sheet.add_table(
        0,
        0,
        max(rows, 1) + has_total,
        len(cells) - 1,
        {"columns": options, "total_row": has_total, "style": "Table Style Light 1"},
    )
    if has_total:
        _write_totals(book, sheet, cells, rows)


def _write_totals(book: Book, sheet: Worksheet, cells: Sequence[Cells], rows: int) -> None:
    """Write the total row once more: with a look, and with values for who does not calculate."""
    for position, column in enumerate(cells):
        if not column.is_hours:
            sheet.write_blank(rows + 1, position, None, book.format(**TOTAL))
            continue
        form = book.format(num_format=column.formats, **TOTAL)
        total = math.fsum(value for value in column.cells if isinstance(value, int | float))
        sheet.write_formula(rows + 1, position, _subtotal(rows, position), form, total)
    sheet.write_string(rows + 1, 0, "Total", book.format(**TOTAL))


def _subtotal(rows: int, column: int) -> str:
    return f"=SUBTOTAL(109,{_range(1, rows, column)})"


def _currency_totals(frame: pd.DataFrame) -> list[tuple[Any, dict[str, float]]]:
    """Return each currency with the sum of its amounts, by the name of the column."""
    names = [name for name in _ADDITIVE_MONEY if name in frame and "currency" in frame]
    if not names:
        return []
    sums = frame.groupby("currency", dropna=False)[names].sum(min_count=1).dropna(how="all")
    return [
        (
            code,
            {name: float(sums[name].iloc[row]) for name in names if pd.notna(sums[name].iloc[row])},
        )
        for row, code in enumerate(sums.index)
    ]


def _write_currency_totals(book: Book, sheet: Worksheet, frame: pd.DataFrame) -> None:
    totals = _currency_totals(frame)
    if not totals:
        return
    first = len(frame) + 3
    code_column = _position(frame, "currency")
    codes = _range(1, len(frame), code_column)
    sheet.write_string(first, 0, "By currency", book.format(bold=True))
    for row, (code, sums) in enumerate(totals, start=first):
        label = "(no currency)" if pd.isna(code) else str(code)
        book.write(sheet, row, code_column, label, book.format(bold=True))
        for name, value in sums.items():
            column = _position(frame, name)
            form = book.format(bold=True, num_format=money_format(code))
            if decimals(label) is None:
                # Its text could be read as a pattern, so it is no criterion of a formula.
                book.write(sheet, row, column, value, form)
                continue
            amounts, here = _range(1, len(frame), column), _cell(row, code_column)
            sheet.write_formula(row, column, f"=SUMIFS({amounts},{codes},{here})", form, value)


def _mark(book: Book, sheet: Worksheet, frame: pd.DataFrame) -> None:
    """Put bars on the progress, on one scale in every workbook, and colour the states."""
    rows = len(frame)
    if not rows:
        return
    if "progress" in frame:
        position = _position(frame, "progress")
        sheet.conditional_format(1, position, rows, position, _BAR)
    for name in ("budget_state", "task_state", "severity"):
        if name not in frame:
            continue
        position = _position(frame, name)
        for state, look in _ALARMS.items():
            rule = {
                "type": "cell",
                "criteria": "==",
                "value": f'"{state}"',
                "format": book.format(**look),
            }
            sheet.conditional_format(1, position, rows, position, rule)


def _position(frame: pd.DataFrame, name: str) -> int:
    return frame.columns.tolist().index(name)


def _cell(row: int, column: int) -> str:
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

    return str(xl_rowcol_to_cell(row, column))


def _range(first: int, last: int, column: int) -> str:
    return f"{_cell(first, column)}:{_cell(last, column)}"
