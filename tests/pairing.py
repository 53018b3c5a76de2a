"""Two lists to try together: in pairs with every change, each with each by night."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest
from examples import IS_NIGHT


def paired(rows: Sequence[Any], columns: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pair two lists, so that each row and each column comes; the shorter list begins anew."""
    longer = max(len(rows), len(columns))
    return [(rows[n % len(rows)], columns[n % len(columns)]) for n in range(longer)]


def combined(rows: Sequence[Any], columns: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Return each row with each column, to loop over; by day only those that are paired."""
    return [*itertools.product(rows, columns)] if IS_NIGHT else paired(rows, columns)


def product(rows: Sequence[Any], columns: Sequence[Any]) -> list[Any]:
    """Return each row with each column, for parametrize; by day only those that are paired."""
    by_day = set(paired(range(len(rows)), range(len(columns))))
    return [
        pytest.param(row, column, marks=() if (n, m) in by_day else pytest.mark.nightly)
        for n, row in enumerate(rows)
        for m, column in enumerate(columns)
    ]
