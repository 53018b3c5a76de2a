"""Rows of one key from several windows, added up to one row."""

from __future__ import annotations

from typing import Any

import pandas as pd

from togglframe.checks import milliseconds
from togglframe.tables import Column, Kind, Table, WireUnit

__all__ = ["merged"]


def merged(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return one row for each key, in the order of the key, those that lack a value last.

    Durations and amounts are added up, exactly; what is unknown in one row counts as nothing beside
    what is known in another. Lists of ids are put together. Of anything else the first one stands.

    Parameters
    ----------
    frame : DataFrame
        Rows of the table; other columns too, which then are part of the key.
    table : Table
        Its declaration.
    """
    others = [name for name in frame.columns if name not in table]
    key = [*table.key, *others]
    comparable = frame.assign(**{name: frame[name].map(repr) for name in others})
    if not comparable.duplicated(key).any():
        return frame
    groups = comparable.groupby(key, dropna=False, sort=True).ngroup()
    first = ~groups.duplicated()
    whole = frame[first].set_axis(groups[first]).sort_index()
    for column in table:
        if column.kind is Kind.IDS:
            whole[column.name] = _put_together(frame[column.name], groups)
        elif column.kind is Kind.DURATION or column.is_additive:
            whole[column.name] = _added_up(frame[column.name], column, groups)
    return whole.reset_index(drop=True)


def _added_up(values: pd.Series[Any], column: Column, groups: pd.Series[int]) -> pd.Series[Any]:
    if column.kind is Kind.DURATION:
        sums = milliseconds(values).groupby(groups).sum(min_count=1)
        return pd.to_timedelta(sums, unit="ms").astype(column.dtype)
    if column.wire_unit is WireUnit.CENTS:
        cents = (values * 100).round().astype("Int64")
        return cents.groupby(groups).sum(min_count=1) / 100
    return values.groupby(groups).sum(min_count=1)


def _put_together(values: pd.Series[Any], groups: pd.Series[int]) -> pd.Series[Any]:
    lists: dict[int, Any] = {}
    for group, value in zip(groups, values, strict=True):
        if isinstance(value, list):
            lists[group] = [*lists.get(group, []), *value]
        else:
            lists.setdefault(group, value)
    return pd.Series(lists, dtype=values.dtype)
