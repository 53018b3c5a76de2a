"""Make a report's frame wide: one row per client, project or user, one column per period."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype

from togglframe.errors import ConfigError
from togglframe.export.columns import PIVOT, TOTAL, columns_of, overlapping_in
from togglframe.tables import CLIENTS, WORKSPACE, Column
from togglframe.tables._columns import Kind
from togglframe.tables.provenance import KEY, of, table_of
from togglframe.text.guesses import did_you_mean
from togglframe.text.measures import exact, exact_unit
from togglframe.text.names import distinct_labels, named, workspaces_in
from togglframe.text.periods import period_code, periods_of

__all__ = ["PIVOT", "TOTAL", "pivot"]

_PREFERRED: Final = ("tracked_hours", "amount")
_NOT_GROUPS: Final = frozenset(
    {Kind.ID, Kind.HOURS, Kind.DURATION, Kind.MONEY, Kind.COUNT, Kind.RATIO, Kind.TIMESTAMP}
)
_TEXT: Final = CLIENTS["name"].dtype
# The columns whose values stand in their order, without a gap, and their length if it is known.
_DAYS: Final[dict[str, str | None]] = {"period": None, "date": "day"}


def pivot(
    frame: pd.DataFrame,
    index: str | Sequence[str],
    columns: str = "period",
    values: str | None = None,
    *,
    totals: bool = True,
) -> pd.DataFrame:
    """Return a report's frame as a wide table, without losing a row.

    Parameters
    ----------
    frame : DataFrame
        A frame of a report, such as ``tf.reports.hours(ws, by="client", every="month", …)``.
    index : str or sequence of str
        What one row is: columns of the frame without their ids, such as "client" or
        ["client", "project"].
    columns : str, default "period"
        What one column is. Periods are dense over the range of the report: those without an entry
        are there too.
    values : str, optional
        The measure in the cells. By default `tracked_hours`, else `amount`, else the only measure
        that adds up.
    totals : bool, default True
        Whether to add a column and a row "Total".

    Returns
    -------
    DataFrame
        One text column for each of `index`, one column for each value of `columns`, such as
        "2026-06", "2026-W23" or "2026-Q3", then "Total". One row for each combination of `index`,
        by total, largest first, but periods in their order; then a row "Total". Rows are told apart
        by id, and by workspace if there are several, and labelled by name: "(no client)" where
        there is none, "Web · Acme" where two projects are called "Web". A cell without a row is 0;
        one whose value is unknown is NA. A total adds up what is known, and is NA where nothing is.
        Hours are summed to the millisecond, amounts to the cent. `attrs` hold what it was made of,
        by which :func:`togglframe.style`, :func:`togglframe.export.to_excel` and the terminal
        format it: hours with two decimals, amounts with those of their currency, "Jun 2026" for a
        month, and totals as totals.

    Raises
    ------
    ConfigError
        If the frame has no such column, the measure does not add up, such as a rate, or amounts
        would be added over currencies: put "currency" into `index`, and each has its own total.
        Nor are rows that overlap added, such as those of a report in which an entry is in several.
    TypeError
        If an argument has the wrong type.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> hours = tf.reports.hours(ws, period="2026-09..2026-10", by="client", every="month")
    >>> wide = tf.pivot(hours, "client")
    >>> list(wide.columns)
    ['client', '2026-09', '2026-10', 'Total']
    >>> wide["client"].iloc[-1]
    'Total'
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"frame must be a DataFrame, not {type(frame).__name__}")
    declared = columns_of(frame, table_of(frame))
    rows = _checked(declared, "index", [index] if isinstance(index, str) else list(index))
    _checked(declared, "columns", [columns])
    if len({*rows, columns}) <= len(rows):
        raise ConfigError(
            f"index and columns take each column once, not {', '.join([*rows, columns])}: columns "
            'is "period" by default'
        )
    measure = _measure(declared, values)
    if measure.kind is Kind.MONEY and "currency" not in rows:
        raise ConfigError(
            f"{measure.name} may not be added over currencies; put 'currency' into index, "
            "and each currency has its own total"
        )
    _refuse_overlaps(frame, [*rows, columns], totals=totals)
    labels, row_codes = _labelled(frame, rows)
    heads, column_codes = _headed(frame, columns)
    if repeated := {*rows, TOTAL} & {*heads} or {TOTAL} & {*rows}:
        raise ConfigError(f"two columns would be called {min(repeated)!r}: rename the group")
    sums = exact(frame, measure).groupby([row_codes, column_codes]).sum(min_count=1)
    cells: pd.DataFrame = sums.unstack(fill_value=0)  # noqa: PD010 -- NA and no row are two things
    cells = cells.reindex(index=labels.index, columns=range(len(heads)), fill_value=0)
    if columns not in _DAYS:
        cells = cells[cells.sum().sort_values(ascending=False, kind="stable").index]
    cells = cells.rename(columns=dict(enumerate(heads)))
    if totals:
        cells[TOTAL] = _known_total(cells, axis=1)
    wide = _ordered(labels, cells, rows)
    if totals:
        wide = pd.concat([wide, _total_rows(wide, rows)], ignore_index=True)
    names = list(wide.columns[len(rows) :])
    if (unit := exact_unit(measure)) > 1:
        wide = wide.astype(dict.fromkeys(names, "Float64"))
        wide[names] /= unit
    made_of = {
        "index": rows,
        "columns": columns,
        "values": measure.name,
        "cells": names,
        "has_totals": totals,
    }
    wide.attrs = {KEY: {**of(frame), "table": None, PIVOT: made_of}}
    return wide


def _checked(declared: Mapping[str, Column | None], parameter: str, names: list[str]) -> list[str]:
    """Return the names; refuse what is not a column that rows or columns can be made of."""
    known = [name for name, one in declared.items() if one is None or one.kind not in _NOT_GROUPS]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        hint = _without_periods(declared) if "period" in unknown else ""
        guess = did_you_mean(str(unknown[0]), known) if unknown else ""
        raise ConfigError(
            f"{parameter} takes one of {', '.join(known) or 'nothing'}, "
            f"not {', '.join(map(repr, unknown)) or 'nothing'}{hint}{guess}"
        )
    return names


def _without_periods(declared: Mapping[str, Column | None]) -> str:
    is_compared = any(one is not None and one.is_change for one in declared.values())
    return " (a comparison has no periods)" if is_compared else " (pass every= to the report)"


def _measure(declared: Mapping[str, Column | None], values: str | None) -> Column:
    """Return the measure in the cells: a column that adds up."""
    columns = [one for one in declared.values() if one is not None and one.adds_up]
    measures = {one.name: one for one in columns if one.kind is not Kind.DURATION}
    names = [values] if values is not None else [name for name in _PREFERRED if name in measures]
    names = names or ([*measures] if len(measures) == 1 else [])
    if not names or names[0] not in measures:
        raise ConfigError(
            f"values must be a column that adds up, not {values!r}; "
            f"the frame has {', '.join(measures) or 'none'}"
        )
    return measures[names[0]]


def _refuse_overlaps(frame: pd.DataFrame, kept: Collection[str], *, totals: bool) -> None:
    for name in overlapping_in(frame):
        if name not in kept:
            raise ConfigError(
                f"rows of several values of {name!r} overlap, so nothing may be added over them: "
                f"put {name!r} into index"
            )
        if totals:
            raise ConfigError(
                f"rows of several values of {name!r} overlap, so there is no total of them: pass "
                "totals=False"
            )


def _labelled(frame: pd.DataFrame, names: list[str]) -> tuple[pd.DataFrame, pd.Series[Any]]:
    """Return a row of labels and keys for each group of `names`, and the group of each row."""
    keys = pd.DataFrame({name: _key(frame, name) for name in names}, index=frame.index)
    if WORKSPACE.name in frame and any(f"{name}_id" in frame for name in names):
        keys[WORKSPACE.name] = frame[WORKSPACE.name]
    codes = keys.groupby([*keys], dropna=False, sort=False).ngroup()
    first = frame[~codes.duplicated()].set_index(codes[~codes.duplicated()])
    labels = pd.DataFrame({name: _labels(first, name) for name in names}, index=first.index)
    for name in names:
        labels[name] = labels[name].replace(TOTAL, f"{TOTAL} (a {name})")
    return labels.assign(**{f"{name}_key": _key(first, name) for name in names}), codes


def _key(frame: pd.DataFrame, name: str) -> pd.Series[Any]:
    """Return the key of each value of a column: the id, if the frame has it."""
    if f"{name}_id" in frame:
        return frame[f"{name}_id"].convert_dtypes()  # a file may have made it floats
    return frame[name].map(_joined) if is_object_dtype(frame[name].dtype) else frame[name]


def _joined(value: object) -> object:
    return ", ".join(map(str, value)) if isinstance(value, list | tuple | np.ndarray) else value


def _labels(frame: pd.DataFrame, name: str) -> list[str]:
    """Return a label for each row: equal ones of different ids with the client, then the id."""
    if name in _DAYS:
        heads, positions = _headed(frame, name)
        return [heads[position] for position in positions]
    if f"{name}_id" not in frame:
        words = {True: "yes", False: "no"}
        values = _key(frame, name)
        return [
            f"(no {name})" if pd.isna(value) or value == "" else words.get(value, str(value))
            for value in values.astype(object)
        ]
    is_of_client = name in {"project", "task"} and "client_id" in frame
    hints = [pd.Series(one, frame.index) for one in workspaces_in(frame)]
    if is_of_client:
        hints.append(named(frame, "client"))
    return distinct_labels(named(frame, name), _key(frame, name), *hints).tolist()


def _headed(frame: pd.DataFrame, columns: str) -> tuple[list[str], pd.Series[Any]]:
    """Return the heading of each column, and the column of each row of the frame."""
    if columns in _DAYS:
        days = frame[columns]
        periods = periods_of(frame.assign(period=days), _DAYS[columns])
        positions = periods.starts.get_indexer(pd.Index(days))
        heads = [period_code(start, periods.every) for start in periods.starts]
        if days.isna().any():
            heads.append(f"(no {columns})")
            positions = np.where(days.isna(), len(periods.starts), positions)
        return heads, pd.Series(positions, frame.index, dtype="int64")
    labels, codes = _labelled(frame, [columns])
    return labels[columns].tolist(), codes


def _ordered(labels: pd.DataFrame, cells: pd.DataFrame, rows: list[str]) -> pd.DataFrame:
    """Return labels and cells by currency, by day, by total, largest first, then by key."""
    table = pd.concat([labels, cells], axis=1)
    table["__total"] = cells.drop(columns=TOTAL, errors="ignore").sum(axis=1, min_count=1)
    keys = [f"{name}_key" for name in rows]
    first = [f"{name}_key" for name in ("currency", *_DAYS) if name in rows]
    by = [*first, "__total", *keys]
    table = table.sort_values(by, ascending=[name != "__total" for name in by], kind="stable")
    return table[[*rows, *cells]].reset_index(drop=True)


def _known_total(cells: pd.DataFrame, axis: Literal[0, 1] = 0) -> pd.Series[Any]:
    """Add up what is known; NA where that is nothing, and something is unknown."""
    sums = cells.sum(axis=axis)
    return sums.mask((sums == 0) & cells.isna().any(axis=axis))


def _total_rows(wide: pd.DataFrame, rows: list[str]) -> pd.DataFrame:
    """Return the row of totals, one for each currency where the rows have one."""
    cells = wide.columns[len(rows) :]
    if rows == ["currency"]:
        return wide.head(0)
    if "currency" in rows:
        groups = wide.groupby("currency", sort=False)[[*cells]]
        sums = groups.apply(_known_total).reset_index()
    else:
        sums = _known_total(wide[[*cells]]).to_frame().T
    first, *others = [name for name in rows if name != "currency"]
    sums = sums.assign(**{first: TOTAL}, **dict.fromkeys(others, ""))
    dtypes = dict.fromkeys(rows, _TEXT) | dict.fromkeys(cells, "Int64")
    return sums[[*rows, *cells]].astype(dtypes)
