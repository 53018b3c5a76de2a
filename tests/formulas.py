"""What a spreadsheet shows in the cells with our formulas, worked out from its other cells."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Collection
from typing import Any

import numpy as np
from openpyxl.utils import coordinate_to_tuple, range_boundaries
from openpyxl.worksheet.worksheet import Worksheet

_REFERENCE = re.compile(r'"[^"]*"|[A-Z]+\d+(?::[A-Z]+\d+)?')


class Formulas:
    """The formulas of a sheet, with some rows hidden by a filter."""

    def __init__(self, sheet: Worksheet, hidden: Collection[int] = ()) -> None:
        self.sheet = sheet
        self.hidden = hidden

    def __getitem__(self, cell: str) -> Any:
        """Return what is shown in a cell, durations in days."""
        value = self.sheet[cell].value
        if not isinstance(value, str) or not value.startswith("="):
            return _plain(value)
        expression = value[1:].replace("<>", "!=")
        expression = re.sub(r"(?<![<>!=])=", "==", expression)
        expression = expression.replace("TRUE", "True").replace("FALSE", "False")
        python = _REFERENCE.sub(
            lambda found: found[0] if found[0].startswith('"') else f"cells('{found[0]}')",
            expression,
        )
        return eval(python, {"__builtins__": {}, "cells": self._cells, **_FUNCTIONS})

    def value(self, row: int, column: int) -> Any:
        """Return what is shown in the cell at a row and a column."""
        return self[self.sheet.cell(row, column).coordinate]

    def _cells(self, reference: str) -> _Cells:
        if ":" not in reference:
            return _Cells(self, [coordinate_to_tuple(reference)])
        left, top, right, bottom = range_boundaries(reference)
        assert left == right
        return _Cells(self, [(row, left) for row in range(top, bottom + 1)])


class _Cells:
    """Some cells of a column, compared as a spreadsheet compares them."""

    def __init__(self, formulas: Formulas, places: list[tuple[int, int]]) -> None:
        self.formulas = formulas
        self.places = places
        self.values = [formulas.value(*place) for place in places]

    def each(self, holds) -> np.ndarray:
        return np.array([float(holds(value)) for value in self.values])

    def __gt__(self, number):
        return self.each(lambda value: _rank(value) > _rank(number))

    def __lt__(self, number):
        return self.each(lambda value: _rank(value) < _rank(number))

    def __le__(self, number):
        return self.each(lambda value: _rank(value) <= _rank(number))

    def __eq__(self, other):
        return self.each(lambda value: _equal(value, other))

    def __ne__(self, other):
        return self.each(lambda value: not _equal(value, other))

    def __truediv__(self, other):
        return self.values[0] / other.values[0] if other.values[0] else None

    __hash__ = None

    def visible(self) -> list[float]:
        pairs = zip(self.places, self.values, strict=True)
        return [
            value
            for (row, _), value in pairs
            if row not in self.formulas.hidden and _is_number(value)
        ]


def _plain(value: Any) -> Any:
    if isinstance(value, dt.timedelta):
        return value / dt.timedelta(days=1)
    if isinstance(value, dt.time):
        return (
            value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        ) / 86_400
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rank(value: Any) -> tuple[int, Any]:
    """Order numbers before texts before booleans; an empty cell is 0."""
    if isinstance(value, bool):
        return 2, value
    return (1, value.casefold()) if isinstance(value, str) else (0, value or 0)


def _equal(value: Any, other: Any) -> bool:
    if value is None:
        return other in ("", 0, False)
    return _rank(value) == _rank(other)


def _subtotal(code, cells):
    assert code == 109
    if isinstance(cells, list):
        return np.array([math.fsum(cell.visible()) for cell in cells])
    return math.fsum(cells.visible())


def _offset(cell, rows, columns):
    assert columns == 0
    ((row, column),) = cell.places
    return [_Cells(cell.formulas, [(row + int(n), column)]) for n in np.atleast_1d(rows)]


def _row(cells):
    rows = np.array([row for row, _ in cells.places])
    return rows if len(rows) > 1 else rows[0]


def _exact(cells, other):
    text = other.values[0] if isinstance(other, _Cells) else other
    return [(value or "") == text for value in cells.values]


_FUNCTIONS = {
    "IF": lambda test, then, other: then if test.any() else other,
    "SUBTOTAL": _subtotal,
    "OFFSET": _offset,
    "ROW": _row,
    "ISNUMBER": lambda cells: cells.each(_is_number),
    "EXACT": lambda cells, other: np.array(_exact(cells, other), dtype=float),
    "SUMPRODUCT": lambda *arrays: math.fsum(np.prod(np.array(arrays), axis=0)),
}
