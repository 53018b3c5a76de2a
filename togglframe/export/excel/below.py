"""The rows below a table: totals, amounts by currency, and the hours of clients."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from togglframe.export.excel.book import PART, TOTAL, Book
from togglframe.export.excel.cells import Cells, money_format, number
from togglframe.export.excel.spec import ALL, WIDEST, FrameSheet, cell, currency_label
from togglframe.export.excel.totals import Numbers, visible_sum
from togglframe.text.names import named

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["write_amounts", "write_over_currencies", "write_totals"]


def write_totals(
    book: Book,
    sheet: Worksheet,
    spec: FrameSheet,
    columns: list[Cells],
    values: dict[str, Numbers],
) -> None:
    """Write the lines of totals: the first into the table, the others below it.

    The values are written too, for programs that do not calculate.
    """
    for row, total in enumerate(spec.totals, start=len(spec.frame) + 1):
        look = PART if row > len(spec.frame) + 1 else TOTAL
        for position in range(len(columns)):
            sheet.write_blank(row, position, None, book.format(**look))
        indent = 1 if total.label.startswith("of which") else 0
        form = book.format(indent=indent, **look)
        book.write(sheet, row, spec.label_position, total.label, form)
        for name in total.columns:
            position = spec.positions[name]
            form = book.format(num_format=columns[position].formats, **look)
            formula = total.formula(name, spec.ranges)
            sheet.write_formula(row, position, formula, form, number(total.sum(name, values)))
    if spec.label_position == len(columns):
        sheet.set_column(spec.label_position, spec.label_position, WIDEST / 2)


def write_amounts(book: Book, sheet: Worksheet, spec: FrameSheet) -> None:
    """Write the totals of amounts below the other totals, a row for each currency."""
    if spec.amounts.empty:
        return
    first = spec.amounts_row
    code_position, codes = spec.positions["currency"], spec.ranges["currency"]
    sheet.write_string(first, 0, "By currency", book.format(bold=True))
    for row, (code, sums) in enumerate(spec.amounts.iterrows(), start=first):
        is_known = isinstance(code, str)
        book.write(
            sheet, row, code_position, currency_label(code), book.format(bold=True, indent=1)
        )
        # Unlike SUMIFS, EXACT is case-sensitive and does not interpret wildcards.
        test = f"--EXACT({codes},{cell(row, code_position)})" if is_known else f'--({codes}="")'
        for name, value in sums.dropna().items():
            position = spec.positions[str(name)]
            column = spec.columns[position]
            shown = money_format(code, is_change=column is not None and column.is_change)
            form = book.format(bold=True, num_format=shown)
            formula = visible_sum(spec.ranges[str(name)], [test])
            sheet.write_formula(row, position, formula, form, number(value))


def write_over_currencies(
    book: Book, sheet: Worksheet, spec: FrameSheet, columns: list[Cells]
) -> None:
    """Write the hours of clients with several currencies, a row for each client."""
    if spec.over_currencies.empty:
        return
    key, ids = spec.positions["client_id"], spec.ranges["client_id"]
    names = dict(zip(spec.frame["client_id"].fillna(-1), named(spec.frame, "client"), strict=True))
    first = spec.last_row - len(spec.over_currencies)
    client: Any
    for row, (client, sums) in enumerate(spec.over_currencies.iterrows(), start=first):
        is_known = not pd.isna(client)
        label = str(names[client if is_known else -1])
        bold = book.format(bold=True, indent=1)
        book.write(sheet, row, spec.positions["client"], label, bold)
        book.write(sheet, row, spec.positions["currency"], ALL, bold)
        if is_known:
            book.write(sheet, row, key, number(int(client)), book.format(num_format="0"))
        test = f"--({ids}={cell(row, key)})" if is_known else f'--({ids}="")'
        for name, value in sums.dropna().items():
            position = spec.positions[str(name)]
            form = book.format(bold=True, num_format=columns[position].formats)
            formula = visible_sum(spec.ranges[str(name)], [test])
            sheet.write_formula(row, position, formula, form, number(value))
