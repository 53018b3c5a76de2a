"""The differences between two frames of a report, one of an earlier day and one of a later day."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from togglframe.tables import AFTER, BEFORE, DIFFERENCE, MS_PER_HOUR, Column, Kind, Table

_CHANGE: Final = {"both": "moved", "right_only": "new", "left_only": "gone"}
_ALL: Final = "_all"  # joins the rows of a one-row table, which has no key


def compared(before: pd.DataFrame, after: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows of a table in which a measure changed, or that only one frame has."""
    on = list(table.key) or [_ALL]
    head = [column.name for column in table.ids_and_names]
    names = [*head, *(column.name for column in table.measures)]
    old, new = (frame[names].assign(**{_ALL: 0}) for frame in (before, after))
    others = [] if _ALL in on else [_ALL]
    both = old.drop(columns=others).merge(
        new.drop(columns=others),
        how="outer",
        on=on,
        suffixes=(BEFORE, AFTER),
        indicator="change",
        validate="one_to_one",
    )
    both["change"] = both["change"].map(_CHANGE)
    for name in head:
        if name not in on:
            both[name] = both[name + AFTER].fillna(both[name + BEFORE])
    for column in table.measures:
        both[column.name + DIFFERENCE] = _difference(both, column)
    is_changed = both["change"].ne("moved")
    for column in table.measures:
        is_changed |= differs(both[column.name + BEFORE], both[column.name + AFTER])
    ordered = both[is_changed].sort_values(on, ignore_index=True)
    return pd.DataFrame({c.name: ordered[c.name].astype(c.dtype) for c in table.changes()})


def _difference(both: pd.DataFrame, column: Column) -> pd.Series[Any]:
    """Return after minus before, exact for hours in whole milliseconds and amounts in cents."""
    old, new = both[column.name + BEFORE], both[column.name + AFTER]
    if column.kind is Kind.HOURS:
        return ((new * MS_PER_HOUR).round() - (old * MS_PER_HOUR).round()) / MS_PER_HOUR
    if column.is_additive:
        return ((new * 100).round() - (old * 100).round()) / 100
    return new - old


def differs(old: pd.Series[Any], new: pd.Series[Any]) -> pd.Series[Any]:
    """Return which values changed, became known or became unknown."""
    is_other: pd.Series[Any] = (old != new).fillna(value=True).astype(bool)
    return is_other & ~(old.isna() & new.isna())
