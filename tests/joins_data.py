"""Typed frames out of plain rows, by hand and by hypothesis, for the tests of the joins."""

from __future__ import annotations

import pandas as pd
from hypothesis import strategies as st

from togglframe.tables import (
    CLIENTS,
    PROJECT_GROUPS,
    PROJECT_STATUSES,
    PROJECT_USERS,
    PROJECTS,
    TASKS,
    USER_DETAILS,
    Kind,
    Table,
)


def frame(table: Table, *rows: dict) -> pd.DataFrame:
    """Build a frame of the table; durations are given in seconds, what is left out is NA."""
    unknown = {name for row in rows for name in row} - set(table.names)
    assert not unknown, unknown
    return pd.DataFrame(
        {c.name: pd.Series([_value(c, row) for row in rows], dtype=c.dtype) for c in table}
    )


def _value(column, row):
    value = row.get(column.name)
    if value is None:
        return pd.NaT if column.kind in {Kind.DURATION, Kind.TIMESTAMP} else None
    if column.kind is Kind.DURATION:
        return pd.Timedelta(milliseconds=round(value * 1000))
    return value


# ids from a small pool meet each other; those above 2**53 lose their last digit as floats
IDS = [1, 2, 3, 4, 5, 2**53, 2**53 + 1, 2**60 + 1]
ids = st.sampled_from(IDS)
maybe_ids = st.none() | ids
names = st.none() | st.sampled_from(["Web", "web", "Å", "日本", ""])
currencies = st.none() | st.sampled_from(["EUR", "USD"])
flags = st.none() | st.booleans()
milliseconds = st.none() | st.integers(-3_600_000, 10**12) | st.sampled_from([0, 1, 3_600_000])
amounts = st.none() | st.integers(-(10**6), 10**12).map(lambda cents: cents / 100)
rates = st.none() | st.sampled_from([0.0, 10.0, 33.33, 85.1, 120.0])


def _frames(table: Table, key, max_size: int, **columns):
    record = st.fixed_dictionaries({"id": key, **columns})
    rows = st.lists(record, max_size=max_size, unique_by=lambda row: row["id"])
    return rows.map(lambda chosen: frame(table, *map(_in_seconds, chosen)))


def _in_seconds(row: dict) -> dict:
    return {
        name: value / 1000 if name.endswith("_time") and value is not None else value
        for name, value in row.items()
    }


row_ids = st.integers(1, 2**60)
projects = _frames(
    PROJECTS,
    ids,
    8,
    name=names,
    client_id=maybe_ids,
    active=flags,
    billable=flags,
    color=st.just("#0b83d9"),
    currency=currencies,
)
statuses = _frames(
    PROJECT_STATUSES,
    ids,
    8,
    tracked_time=milliseconds,
    estimated_time=milliseconds,
    billable_time=milliseconds,
    billable_amount=amounts,
    currency=currencies,
)
clients = _frames(CLIENTS, ids, 6, name=names)
memberships = _frames(
    PROJECT_USERS,
    row_ids,
    12,
    project_id=maybe_ids,
    user_id=maybe_ids,
    group_id=maybe_ids,
    hourly_rate=rates,
    labour_cost=rates,
)
groups = _frames(PROJECT_GROUPS, row_ids, 6, project_id=maybe_ids, group_id=maybe_ids, name=names)
users = _frames(
    USER_DETAILS,
    ids,
    6,
    fullname=names,
    email=names,
    active=flags,
    deactivated=flags,
    deleted_at=st.none() | st.just(pd.Timestamp("2024-02-29", tz="UTC")),
)
tasks = _frames(
    TASKS,
    row_ids,
    12,
    name=names,
    active=flags,
    project_id=maybe_ids,
    project_name=names,
    client_id=maybe_ids,
    client_name=names,
    user_id=maybe_ids,
    user_name=names,
    estimated_time=milliseconds,
    tracked_time=milliseconds,
    rate=rates,
    recurring=flags,
    integration_provider=st.none() | st.sampled_from(["jira", "asana"]),
)


def conforms(result: pd.DataFrame, table: Table) -> None:
    """Assert what holds for every joined frame: columns, dtypes, index, no inf."""
    assert list(result.columns) == table.names
    assert {c.name: result[c.name].dtype for c in table} == {c.name: c.dtype for c in table}
    assert result.index.equals(pd.RangeIndex(len(result)))
    assert result.attrs.keys() <= {"togglframe"}
    for name in result.select_dtypes("Float64"):
        assert not result[name].isin([float("inf"), float("-inf")]).any(), name
        # NaN inside a Float64 is not NA; it would slip through every dropna
        assert not (result[name].to_numpy(float, na_value=0.0) != result[name].fillna(0)).any()
    if table.key:
        assert not result.duplicated(list(table.key)).any()
