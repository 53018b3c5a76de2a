"""Two lists to try together: in pairs with every change, each with each by night."""

from collections.abc import Sequence
from typing import Any

import pytest


def paired(rows: Sequence[Any], columns: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Pair two lists, so that each row and each column comes; the shorter list begins anew."""
    longer = max(len(rows), len(columns))
    return [(rows[n % len(rows)], columns[n % len(columns)]) for n in range(longer)]


def product(rows: Sequence[Any], columns: Sequence[Any]) -> list[Any]:
    """Return each row with each column, for parametrize; by day only those that are paired."""
    by_day = set(paired(range(len(rows)), range(len(columns))))
    return [
        pytest.param(row, column, marks=() if (n, m) in by_day else pytest.mark.nightly)
        for n, row in enumerate(rows)
        for m, column in enumerate(columns)
    ]
