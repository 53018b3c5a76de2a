"""Collect the rows of a listing, page by page, into one typed frame; add up those of windows.

Rows are cast a few thousand at a time, which limits how many are ever held as dicts: these take
several times the memory of a frame.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from togglframe.errors import CompletenessWarning, SchemaError
from togglframe.tables import TIME_ENTRIES, Column, FieldUnit, Kind, Table
from togglframe.tables.casting import TOO_LARGE, Objects, cast, infer, objects
from togglframe.tables.provenance import fetched, stamp
from togglframe.tables.validation import milliseconds
from togglframe.text.formats import plural
from togglframe.warning import warn

if TYPE_CHECKING:
    from togglframe.http.client import Answer

_ROWS_AT_A_TIME: Final = 10_000
_SHOWN_IDS: Final = 10


class RowCollector:
    """Collects one row for each id, the latest if one came more than once.

    Rows of a table whose key is not a single id stay as they came.

    Parameters
    ----------
    path : str
        The endpoint that is read.
    table : Table
        The declaration of the rows; a field that it does not declare becomes an extra column.

    Attributes
    ----------
    keys : list of str
        The cache keys of the answers that the rows came from.
    moments : list of datetime
        When each of them was fetched (UTC).
    """

    def __init__(self, path: str, table: Table) -> None:
        self.keys: list[str] = []
        self._path = path
        self._table = table
        self._names = [column.field_name for column in table]
        self._key = table.key[0] if table.has_id_key else None
        self._known = {*self._names, *table.ignored}
        self._of_row = operator.itemgetter(*self._names)
        self._waiting: list[Objects] = []  # uncast values, one block per page
        self._waiting_rows = 0
        self._typed: list[pd.DataFrame] = []
        self._length = 0
        self._undeclared: dict[str, list[Any]] = {}
        self.moments: list[datetime] = []
        self._from_cache = False
        self._stale = False

    def note(self, answer: Answer) -> None:
        """Record where a page came from."""
        self.keys.append(answer.key)
        self.moments.append(answer.fetched_at)
        self._from_cache |= answer.from_cache
        self._stale |= answer.stale

    def add(self, rows: list[dict[str, Any]]) -> list[int]:
        """Add the rows of one page, and return their ids, or their positions if they have none."""
        block = self._declared(rows)
        ids = self._ids(block)
        if len(set(ids)) < len(ids):
            self._refuse_duplicates(rows, ids)
        self._waiting.append(block)
        self._waiting_rows += len(rows)
        self._length += len(rows)
        if self._waiting_rows >= _ROWS_AT_A_TIME:
            self._cast()
        return ids

    def frame(
        self, workspace_id: int, filters: Mapping[str, object], *, as_they_came: bool = False
    ) -> pd.DataFrame:
        """Return the rows in the order of the table, stamped with their provenance."""
        if self._waiting_rows or not self._typed:
            self._cast()
        frame = self._typed[0]
        if len(self._typed) > 1:
            frame = pd.concat(self._typed, ignore_index=True)
        if self._undeclared:
            frame = pd.concat([frame, self._others({*frame})], axis=1)
        if self._key is not None and not frame[self._key].is_unique:
            frame = frame.drop_duplicates(self._key, keep="last", ignore_index=True)
        if not as_they_came:
            frame = _in_order(frame, self._table)
        if self._table is TIME_ENTRIES:
            frame = without_running(frame)
        return stamp(
            frame,
            table=self._table.name,
            workspace_id=workspace_id,
            endpoints=[self._path],
            **fetched(self.moments),
            from_cache=self._from_cache,
            stale=self._stale,
            filters={name: _shown(value) for name, value in filters.items()},
        )

    def _others(self, names: set[str]) -> pd.DataFrame:
        """Return the undeclared columns, under names that no declared column has."""
        columns = {}
        for name, values in self._undeclared.items():
            free = name
            while free in names or (free != name and free in self._undeclared):
                free += "_extra"
            names.add(free)
            columns[free] = infer(values)
        return pd.DataFrame(columns, copy=False)

    def _ids(self, block: Objects) -> list[int]:
        """Return the ids as integers; refuse a missing one."""
        if self._key is None:
            return list(range(self._length, self._length + len(block)))
        ids = block[:, self._names.index(self._table[self._key].field_name)]
        values: list[Any] = ids.tolist()
        if set(map(type, values)) == {int} and max(values) < TOO_LARGE:
            return values
        if None in values:
            raise SchemaError(
                "a row has no id",
                endpoint=self._path,
                column=self._key,
                row=self._length + values.index(None),
            )
        typed = cast(self._table[self._key], ids, endpoint=self._path, first_row=self._length)
        whole: list[int] = typed.tolist()
        return whole

    def _refuse_duplicates(self, rows: list[dict[str, Any]], ids: list[int]) -> None:
        """Refuse two different rows of one page with the same id."""
        first: dict[int, dict[str, Any]] = {}
        for position, (row_id, row) in enumerate(zip(ids, rows, strict=True), self._length):
            if first.setdefault(row_id, row) != row:
                raise SchemaError(
                    f"the id {row_id} appears twice on one page, with different values",
                    endpoint=self._path,
                    column=self._key,
                    row=position,
                    value=row_id,
                )

    def _declared(self, rows: list[dict[str, Any]]) -> Objects:
        """Return the columns that the table declares, and set the rest aside."""
        try:
            block = objects(itertools.chain.from_iterable(map(self._of_row, rows)))
            is_all = self._known.issuperset(set().union(*rows))
        except KeyError:
            block = objects(row.get(name) for row in rows for name in self._names)
            is_all = False
        if not is_all or self._undeclared:
            self._keep_undeclared(rows)
        return block.reshape(len(rows), len(self._names))

    def _keep_undeclared(self, rows: list[dict[str, Any]]) -> None:
        """Keep undeclared fields, whose dtype is chosen once all values have come."""
        for name in dict.fromkeys([*self._undeclared, *itertools.chain.from_iterable(rows)]):
            if name not in self._known:
                values = self._undeclared.setdefault(name, [None] * self._length)
                values += [row.get(name) for row in rows]

    def _cast(self) -> None:
        """Make a typed frame from the waiting values."""
        first_row = self._length - self._waiting_rows
        block = np.concatenate(self._waiting) if self._waiting else self._declared([])
        self._waiting, self._waiting_rows = [], 0
        columns = {
            column.name: cast(column, values, endpoint=self._path, first_row=first_row)
            for column, values in zip(self._table, block.T, strict=True)
        }
        self._typed.append(pd.DataFrame(columns, copy=False))


def without_running(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the time entries that have ended, and warn of the others, whose time is negative."""
    if "tracked_time" not in entries or entries["tracked_time"].dtype.kind != "m":
        return entries
    runs = entries["tracked_time"] < pd.Timedelta(0)
    n_running = int(runs.sum())
    if not n_running:
        return entries
    running = plural(n_running, "running time entry", "running time entries")
    message = (
        f"{running} {'is' if n_running == 1 else 'are'} left out, "
        "since how long it took is known only once it has been stopped"
    )
    warn(CompletenessWarning(message))
    ended: pd.DataFrame = entries[~runs]
    return ended.reset_index(drop=True)


def _in_order(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the rows in the order of the table, missing values last."""
    keys = frame[[*(table.order or table.key)]]
    is_sorted = len(keys.columns) == 1 and keys.iloc[:, 0].is_monotonic_increasing
    order = keys.index if is_sorted else keys.sort_values([*keys], kind="stable").index
    if order.is_monotonic_increasing:
        return frame
    return frame.loc[order].reset_index(drop=True)


def _shown(value: object) -> object:
    """Keep provenance small: pandas copies attrs at every step."""
    if isinstance(value, list) and len(value) > _SHOWN_IDS:
        return f"{len(value)} ids"
    return value


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
        elif column.kind is Kind.MONEY or name == "currency":
            is_one = frame[name].groupby(groups).nunique(dropna=False).le(1)
            whole[name] = whole[name].where(is_one)
    if "currency" in table:
        unknown = _unknown(frame, table, groups)
        for column in table:
            if column.is_additive:
                whole[column.name] = whole[column.name].mask(unknown)
    return whole.reset_index(drop=True)


def _unknown(frame: pd.DataFrame, table: Table, groups: pd.Series[int]) -> pd.Series[bool]:
    """Return which amounts have a part that is unknown or in another currency."""
    amounts = next(column.name for column in table if column.is_additive)
    priced = frame[amounts].notna()
    currencies = frame["currency"][priced].groupby(groups[priced]).nunique(dropna=False)
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
