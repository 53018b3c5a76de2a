"""What a sheet shows: one frame, the look of its columns, and the totals below it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, ClassVar, Final

import pandas as pd
from pandas.api import types

from togglframe.export.columns import (
    PIVOT,
    TOTAL,
    check_columns,
    check_index,
    columns_of,
    display_values,
    total_rows,
    without_arrow,
)
from togglframe.export.excel.cells import Cells, amount_width, cells_of, shown_width
from togglframe.export.excel.limits import check_size
from togglframe.export.excel.totals import Total, totals_of
from togglframe.export.guard import cell_text
from togglframe.tables import CLIENT_BUDGET_BY_CURRENCY, Column, Kind, Table
from togglframe.tables.provenance import of, table_of

__all__ = ["ALL", "WIDEST", "FrameSheet", "Link", "cell", "currency_label"]

ALL: Final = "All, hours only"
WIDEST: Final = 48  # the width of a column of names
_READABLE: Final = (Kind.HOURS, Kind.DURATION, Kind.BOOLEAN)


@dataclass(frozen=True)
class Link:
    """A link from a row to the first row with the same id on another sheet.

    The target is looked up on click, since rows may have been sorted by then.

    Parameters
    ----------
    sheet : str
        The target sheet.
    key : str
        The column of ids that both sheets have.
    """

    sheet: str
    key: str
    text: ClassVar = "show"

    @property
    def name(self) -> str:
        """The name of the column of links."""
        return self.sheet.lower()

    @property
    def column(self) -> Column:
        """The declaration of the column of links."""
        doc = f"Links to the first row with the same {self.key} on the sheet {self.sheet}."
        return Column(name=self.name, kind=Kind.STRING, doc=doc)

    def formula(self, cell: str, target: FrameSheet) -> str:
        """Return the formula of a link to the cell of an id."""
        first, last = target.ends(self.key)
        there = f"'{self.sheet}'!{first}:{last}"
        place = f"\"#'{self.sheet}'!A\"&MATCH({cell},{there},0)+1"
        return f'=HYPERLINK({place},"{self.text}")'


@dataclass(frozen=True)
class FrameSheet:
    """A sheet that shows one frame.

    Parameters
    ----------
    name : str
        The name of the sheet.
    frame : DataFrame
        The frame that it shows.
    table : Table, optional
        The declaration of the frame; by default the one that it names, or that matches its columns.
    printed : int, optional
        How many columns are printed; the links follow, and the others are collapsed. By default all
        are printed.
    links : tuple of Link
        The columns of links.
    urls : mapping of str to sequence of str or None
        The targets of the links in a column.
    """

    name: str
    frame: pd.DataFrame
    table: Table | None = None
    printed: int | None = None
    links: tuple[Link, ...] = ()
    urls: Mapping[str, Sequence[str | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Convert the frame to pandas' own dtypes; the totals of a wide one become formulas."""
        frame = without_arrow(self.frame)
        if isinstance(frame, pd.DataFrame) and (rows := total_rows(frame)):
            frame = frame.iloc[[row for row in range(len(frame)) if row not in rows]]
        object.__setattr__(self, "frame", frame)

    def check(self) -> None:
        """Raise an error if the sheet does not fit into Excel."""
        check_columns(self.frame)
        check_index(self.frame)
        check_size(self.name, self.frame, more_rows=self.last_row + 1 - len(self.frame))

    @cached_property
    def amounts_row(self) -> int:
        """The row where the totals of amounts begin."""
        return len(self.frame) + max(len(self.totals), 1) + 2

    @cached_property
    def last_row(self) -> int:
        """The last row that is written, or the one below it."""
        clients = len(self.over_currencies)
        return self.amounts_row + len(self.amounts) + (clients + 1 if clients else 0)

    @cached_property
    def declared(self) -> Table | None:
        """The declaration of the frame, None if it has none."""
        return self.table or table_of(self.frame)

    @cached_property
    def columns(self) -> list[Column | None]:
        """The declaration of each column, None if it has none."""
        links = {link.name: link.column for link in self.links}
        found = zip(self.frame.columns, columns_of(self.frame, self.declared), strict=True)
        return [links.get(name, column) for name, column in found]

    def cells(self) -> Iterator[Cells]:
        """Yield the columns as a spreadsheet shows them, one at a time, since they are large."""
        frame = self.frame
        currencies = frame["currency"].tolist() if "currency" in frame else None
        days = self._days
        for position, (name, column) in enumerate(zip(frame.columns, self.columns, strict=True)):
            cells = cells_of(display_values(frame, name, column), column, currencies, days)
            is_read = self.printed is not None and position < self.printed
            is_long = is_read and (cells.width > WIDEST - 2 or _has_lines(cells.cells))
            yield replace(cells, wrap=cells.wrap or is_long)

    @property
    def _days(self) -> pd.Series[Any] | None:
        """The day of each row, None if the frame has no such column."""
        is_told = any(c is not None and c.name == "date" for c in self.columns)
        return self.frame["date"] if is_told else None

    @cached_property
    def totals(self) -> list[Total]:
        """The lines of totals below the table, none if the table has no rows."""
        if self.wide:
            return self._totals_of_wide
        pairs = zip(self.frame.dtypes.items(), self.columns, strict=True)
        readable = {
            str(name): column
            for (name, dtype), column in pairs
            if (types.is_timedelta64_dtype(dtype) or (column and column.kind in _READABLE))
            and self._has_total(column)
        }
        return totals_of(readable, self.declared) if len(self.frame) else []

    @property
    def _totals_of_wide(self) -> list[Total]:
        """The line of totals below a wide frame; amounts have theirs by currency."""
        cells = [column for column in self.columns if column and column.is_wide]
        names = tuple(c.name for c in cells if not c.is_additive and self.frame[c.name].count())
        return [Total(TOTAL, names)] if names and self.wide["has_totals"] else []

    def _has_total(self, column: Column | None) -> bool:
        """Tell whether a sum of the column is true: not of changes, if one is unknown."""
        if column is None or not column.is_change:
            return True
        return bool(self.frame[column.name].notna().all())

    @property
    def wide(self) -> Mapping[str, Any]:
        """What a wide frame is made of; empty for others."""
        wide: Mapping[str, Any] = of(self.frame).get(PIVOT, {})
        return wide

    @property
    def frozen(self) -> int:
        """How many columns stay in view."""
        return len(self.wide.get("index", "**")) if len(self.frame.columns) > 2 else 0

    def look_of(self, name: str) -> dict[str, Any]:
        """Return the look of the cells of a column: a total stands out."""
        return {"bold": True, "left": 1} if self.wide.get("has_totals") and name == TOTAL else {}

    @cached_property
    def totalled(self) -> set[str]:
        """The columns that have a total in some line."""
        return {name for total in self.totals for name in total.columns}

    @cached_property
    def label_position(self) -> int:
        """The column for the labels of the totals: the first without a total, or an extra one."""
        free = (at for at, name in enumerate(self.frame.columns) if name not in self.totalled)
        return next(free, len(self.frame.columns))

    @cached_property
    def positions(self) -> dict[str, int]:
        """The position of each column."""
        return {str(name): position for position, name in enumerate(self.frame.columns)}

    @cached_property
    def ranges(self) -> dict[str, str]:
        """The cells of each column, as written in formulas."""
        return {name: ":".join(self.ends(name, absolute=False)) for name in self.positions}

    def ends(self, name: str, *, absolute: bool = True) -> tuple[str, str]:
        """Return the first and the last cell of a column, as written in formulas."""
        at, last = self.positions[name], len(self.frame)
        return cell(1, at, absolute=absolute), cell(last, at, absolute=absolute)

    @cached_property
    def amounts(self) -> pd.DataFrame:
        """The totals of amounts that can be added up, one row for each currency."""
        columns = {column.name: column for column in self.columns if column}
        names = [
            name
            for name, column in columns.items()
            if column.is_additive and self._has_total(column)
        ]
        is_history = self.declared is not None and self.declared.is_history
        is_history |= not self.wide.get("has_totals", True)
        if not names or "currency" not in columns or is_history:
            return pd.DataFrame()
        codes = self.frame["currency"].astype(object)
        if types.infer_dtype(codes, skipna=True) not in {"string", "empty"}:
            return pd.DataFrame()
        codes = codes.where(codes != "").map(cell_text, na_action="ignore")
        grouped = self.frame[names].groupby(codes, dropna=False)
        return grouped.sum(min_count=1).dropna(how="all")

    @property
    def currency_labels(self) -> list[str]:
        """The labels below the column of the currencies."""
        labels = [currency_label(code) for code in self.amounts.index]
        return labels if self.over_currencies.empty else [*labels, ALL]

    @cached_property
    def over_currencies(self) -> pd.DataFrame:
        """The hours of each client with rows in several currencies; the key NA is no client."""
        names = list(self.totals[0].columns) if self.totals else []
        declared = {column.name for column in self.columns if column}
        needed = {"client_id", "client", "currency"}
        if self.declared is not CLIENT_BUDGET_BY_CURRENCY or not names or not needed <= declared:
            return pd.DataFrame()
        grouped = self.frame.groupby("client_id", dropna=False, sort=False)[names]
        return grouped.sum(min_count=1)[grouped.size() > 1]

    def width_below(self, position: int) -> int:
        """Return the width of the cells below a column, in characters."""
        amounts = self.amounts.get(self.frame.columns[position], pd.Series())
        width = amount_width(amounts.dropna().tolist())
        if self.frame.columns[position] == "currency":
            width = max([width, *map(shown_width, self.currency_labels)])
        beside = self.frame.columns[position + 1 : position + 2]
        if position != self.label_position or not self.totalled.issuperset(beside):
            return width
        return max([width, *(len(total.label) for total in self.totals)])


def _has_lines(values: Sequence[Any]) -> bool:
    """Return whether a string has several lines, which only some programs show as such."""
    return any(isinstance(value, str) and len(value.splitlines()) > 1 for value in values)


def currency_label(code: Any) -> str:
    """Return the label of a currency."""
    return code if isinstance(code, str) else "(no currency)"


def cell(row: int, column: int, *, absolute: bool = False) -> str:
    """Return the reference of a cell."""
    from xlsxwriter.utility import xl_rowcol_to_cell  # noqa: PLC0415

    return str(xl_rowcol_to_cell(row, column, row_abs=absolute, col_abs=absolute))
