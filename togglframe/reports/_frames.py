"""Helpers of all joins: validated frames, look-ups, exact sums, ratios and the finished frame.

Inside the joins, time is whole milliseconds and money whole cents, both Int64; hours, rates
and ratios are one division at the end.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.errors import ConfigError
from togglframe.reports.listings import LISTINGS
from togglframe.tables import MS_PER_HOUR, PROJECT_BUDGET, Table
from togglframe.tables.validation import (
    EXACT,
    check_unique,
    refuse_size,
    typed,
)
from togglframe.tables.workspaces import check_one_workspace

AT_RISK: Final = 0.8
# What each table is called in a mapping, and the function that returns such a frame.
_MADE_BY: Final = {
    **{one.table.name: (one.name, one.function) for one in LISTINGS.values()},
    **{
        name: (name, f"togglframe.reports.{name}")
        for name in ("project_budget", "project_members", "task_accuracy")
    },
    "project_members_unique": (
        "project_members_unique",
        "togglframe.reports.project_members(..., unique=True)",
    ),
}


def checked(
    frame: object, table: Table, columns: str, *, summed: Collection[str] = ()
) -> pd.DataFrame:
    """Return the key and the named columns of a frame, typed, in the order of the key.

    The order makes results independent of the order of the rows that are given. No difference of
    two durations can wrap, nor any sum of the durations named in `summed`, or of their differences.

    Raises
    ------
    TypeError
        If it is not a DataFrame.
    ConfigError
        If a column is missing or has another dtype, if a value is too large, if a key is NA or
        occurs more than once, or if the frame holds several workspaces.
    """
    result = unsorted(frame, table, columns, summed=summed)
    if len(table.key) == 1 and result[table.key[0]].is_monotonic_increasing:
        return result  # as listings usually are
    return result.sort_values(list(table.key), ignore_index=True)


def unsorted(
    frame: object, table: Table, columns: str, *, summed: Collection[str] = ()
) -> pd.DataFrame:
    """Return what :func:`checked` does, in the original order."""
    listing, made_by = _MADE_BY[table.name]
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(
            f"{listing} must be a DataFrame as {made_by} returns it, not a {type(frame).__name__}"
        )
    check_one_workspace(frame, f"the {listing} frame")
    names = list(dict.fromkeys([*table.key, *columns.split()]))
    present = set(frame.columns)
    missing = [name for name in names if name not in present]
    if missing:
        raise ConfigError(
            f"the {listing} frame has no column {', '.join(map(repr, missing))}; "
            f"{made_by} makes such a frame"
        )
    result = typed(frame[names], names, table, f"{made_by} makes it so", summed=summed)
    result.attrs = {}
    _check_key(result, table)
    return result


def checked_or_empty(frame: object | None, table: Table, columns: str) -> pd.DataFrame:
    """Return what :func:`checked` does; without the frame, one without rows."""
    return table.empty() if frame is None else checked(frame, table, columns)


def _check_key(frame: pd.DataFrame, table: Table) -> None:
    check_unique(frame, table)
    key = list(table.key)
    if len(key) == 1 and frame[key[0]].isna().any():
        raise ConfigError(
            f"the key {key[0]!r} of the {table.name} frame is NA in "
            f"{frame[key[0]].isna().sum()} of its rows; drop them before the join"
        )


def look_up(left: pd.DataFrame, right: pd.DataFrame, on: str) -> pd.DataFrame:
    """Add the columns of `right` to `left`, which keeps its length and order; NA never matches.

    A key that occurs twice in `right` is refused, since it would multiply rows.
    """
    known = right[right[on].notna()].set_index(on)
    if not known.index.is_unique:
        raise pd.errors.MergeError(f"the key {on!r} appears twice in the frame it is looked up in")
    return pd.concat([left, known.reindex(left[on]).set_axis(left.index)], axis=1)


def finished(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame as the table declares it: columns, dtypes and the order of its rows."""
    order = [*table.rank, *table.key]
    if not order:
        return declared(frame, table)
    ascending = [name not in table.rank for name in order]
    return declared(frame, table).sort_values(order, ascending=ascending, ignore_index=True)


def declared(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the columns that the table declares, typed, with a fresh index and no attrs."""
    result = frame[[column.name for column in table]].reset_index(drop=True)
    result.attrs = {}
    dtypes = zip(table, result.dtypes, strict=True)
    others = {column.name: column.dtype for column, dtype in dtypes if dtype != column.dtype}
    return result.astype(others) if others else result


def in_cents(amount: pd.Series[Any]) -> pd.Series[Any]:
    """Return an amount as Float64 cents, for rates."""
    return (amount * 100).round()


def cents(frame: pd.DataFrame, table: Table) -> pd.Series[Any]:
    """Return the amounts as Int64 cents, for sums; refuse any that a float cannot hold exactly."""
    whole = in_cents(frame["amount"])
    values = whole.to_numpy("float64", na_value=0.0)
    sizes = np.abs(values)
    if sizes.sum() > EXACT:
        refuse_size(frame, table, "amount", int(sizes.argmax()), is_summed=True)
    integers = pd.arrays.IntegerArray(values.astype("int64"), whole.isna().to_numpy())
    return pd.Series(integers, index=whole.index)


def to_hours(ms: pd.Series[Any]) -> pd.Series[Any]:
    """Return milliseconds as Float64 hours [h]."""
    return ms / MS_PER_HOUR


def positive(values: pd.Series[Any]) -> pd.Series[Any]:
    """Return the values above zero; the others become NA."""
    return values.where(values > 0)


def ratio(numerator: pd.Series[Any], denominator: pd.Series[Any]) -> pd.Series[Any]:
    """Return the ratio as Float64, NA where the denominator is NA or not above zero."""
    return numerator / positive(denominator)


def per_hour(amount_cents: pd.Series[Any], ms: pd.Series[Any]) -> pd.Series[Any]:
    """Return cents over milliseconds as units of the currency per hour, by one division."""
    return ratio(amount_cents.astype("Float64") * (MS_PER_HOUR // 100), ms)


def count(booleans: pd.Series[Any]) -> pd.Series[Any]:
    """Return booleans as Int64 ones and zeros, NA as zero, to be summed."""
    return booleans.fillna(value=False).astype("Int64")


def budget_states(
    tracked: pd.Series[Any],
    estimate: pd.Series[Any],
    at_risk: float,
    *,
    active: pd.Series[Any] | None = None,
) -> pd.Series[Any]:
    """Return the state of each row [ms against ms], compared in integers.

    Nothing can be done any more about a row that is not active: it is never at risk.
    """
    share = round(at_risk * 10_000)
    # at_risk times the estimate, rounded up; a product of the whole estimate could wrap
    threshold = estimate // 10_000 * share - -(estimate % 10_000 * share) // 10_000
    conditions = {
        "no_status": tracked.isna(),
        "no_estimate": estimate.isna(),
        "zero_estimate": estimate <= 0,
        "not_started": tracked == 0,
        "over": tracked > estimate,
        "at_risk": tracked >= threshold,
    }
    if active is not None:
        conditions["at_risk"] &= active.fillna(value=True)
    met = [condition.to_numpy(bool, na_value=False) for condition in conditions.values()]
    dtype = PROJECT_BUDGET["budget_state"].dtype
    codes = [dtype.categories.get_loc(state) for state in conditions]
    on_track = dtype.categories.get_loc("on_track")
    states = pd.Categorical.from_codes(np.select(met, codes, default=on_track), dtype=dtype)
    return pd.Series(states, index=tracked.index)
