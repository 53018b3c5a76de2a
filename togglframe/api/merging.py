"""Adds up rows with the same key from several windows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pandas as pd

from togglframe.tables import Column, FieldUnit, Kind, Table
from togglframe.tables.validation import milliseconds

_CURRENCY: Final = "currency"


def merged(frame: pd.DataFrame, table: Table, key: Sequence[str]) -> pd.DataFrame:
    """Return one row for each key, in the order of the key, missing values last.

    Durations and amounts are added up, exactly. An amount is NA if a part with billable time has no
    amount, or if its parts are in several currencies. A rate or a currency that differs is NA.
    Lists of ids are concatenated. Of anything else, the first value is kept.

    Parameters
    ----------
    frame : DataFrame
        Rows of the table; columns that it does not declare are part of the key.
    table : Table
        Its declaration.
    key : sequence of str
        The columns that identify rows.
    """
    others = [name for name in frame.columns if name not in table]
    by = [*key, *others]
    comparable = frame.assign(**{name: frame[name].map(repr) for name in others})
    if not comparable.duplicated(by).any():
        return frame
    groups = comparable.groupby(by, dropna=False, sort=True).ngroup()
    first = ~groups.duplicated()
    whole = frame[first].set_axis(groups[first]).sort_index()
    for column in table:
        name = column.name
        if name in key:
            continue
        if column.kind is Kind.IDS:
            whole[name] = _put_together(frame[name], groups)
        elif column.kind is Kind.DURATION or column.is_additive:
            whole[name] = _added_up(frame[name], column, groups)
        elif column.kind is Kind.MONEY or name == _CURRENCY:
            whole[name] = whole[name].mask(_differs(frame[name], groups))
    if _CURRENCY in table:
        unknown = _unknown(frame, table, groups)
        for column in table:
            if column.is_additive:
                whole[column.name] = whole[column.name].mask(unknown)
    return whole.reset_index(drop=True)


def _differs(values: pd.Series[Any], groups: pd.Series[int]) -> pd.Series[bool]:
    return values.groupby(groups).nunique(dropna=False).gt(1)


def _unknown(frame: pd.DataFrame, table: Table, groups: pd.Series[int]) -> pd.Series[bool]:
    """Return which amounts have a part that is unknown or in another currency."""
    amounts = next(column.name for column in table if column.is_additive)
    priced = frame[amounts].notna()
    currencies = frame[_CURRENCY][priced].groupby(groups[priced]).nunique(dropna=False)
    several = currencies.reindex(groups.unique(), fill_value=0).gt(1)
    if "billable_time" not in frame:
        return several
    is_billable = frame["billable_time"].fillna(pd.Timedelta(0)) > pd.Timedelta(0)
    return several | (is_billable & ~priced).groupby(groups).any()


def _added_up(values: pd.Series[Any], column: Column, groups: pd.Series[int]) -> pd.Series[Any]:
    if column.kind is Kind.DURATION:
        sums = milliseconds(values).groupby(groups).sum(min_count=1)
        return pd.to_timedelta(sums, unit="ms").astype(column.dtype)
    if column.field_unit is FieldUnit.CENTS:
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
