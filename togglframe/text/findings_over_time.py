"""What a frame over time says, in a few words: titles, and part of the alt texts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from togglframe.tables import MS_PER_HOUR
from togglframe.tables.workspaces import count_of, key_of
from togglframe.text.formats import (
    format_percent,
    none_of,
    plural,
    some_of,
)
from togglframe.text.measures import floats, known, total_hours


def capacity(frame: pd.DataFrame) -> str:
    """Say how many users are over capacity, and how much of it is tracked and billable."""
    known_rows = with_capacity(frame)
    if frame.empty:
        return "No users"
    users = by_user(known_rows)
    if not len(users):
        count = count_of(frame, "user_id", dropna=False)
        capacity = "capacity to measure against"
        return none_of(count, "user", f"has a {capacity}", f"has no {capacity}")
    over = int((floats(users, "tracked_hours") > floats(users, "capacity_hours")).sum())
    could = total_hours(known_rows, "capacity")
    load = format_percent(total_hours(known_rows, "tracked") / could)
    parts = [f"{load} of all capacity is tracked"]
    if len(billed := known(known_rows, "billable_hours")) == len(known_rows):
        parts.append(f"{format_percent(total_hours(billed, 'billable') / could)} billable")
    return f"{_how_many_over(over, len(users))}; {', '.join(parts)}"


def _how_many_over(over: int, users: int) -> str:
    if not over:
        return none_of(users, "user", "is over capacity", "is within capacity")
    return f"{some_of(over, users, 'user')} {'are' if over > 1 else 'is'} over capacity"


def unknown_costs(frame: pd.DataFrame) -> str:
    """Say how many rows of a profitability have no known cost; empty if all have some."""
    worked = frame[floats(frame, "tracked_hours") > 0]
    unknown = int((floats(worked, "cost_coverage") == 0).sum())
    if not unknown:
        return ""
    return (
        f"No labour cost is known in {unknown:,} of {plural(len(frame), 'row')}, where the "
        "coverage is 0 %: a cost of 0 and a bound of the whole revenue mean nothing there"
    )


def with_capacity(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with known capacity, of users whose total capacity is not zero."""
    known_rows = known(frame, "capacity_hours", "tracked_hours")
    users = known_rows.groupby(key_of(known_rows, "user_id"), dropna=False)
    could = users["capacity_hours"].transform("sum")
    return known_rows[(could * MS_PER_HOUR >= 1).fillna(value=False)]


def without_capacity(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each user whose capacity is unknown or zero."""
    key = key_of(frame, "user_id")
    has = pd.Series(frame.index.isin(with_capacity(frame).index), frame.index)
    could = has.groupby([frame[name] for name in key], dropna=False).transform("any")
    return frame[~could].drop_duplicates(key)


def by_user(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each user, with the hours of all periods and their share of capacity."""
    groups = [rows for _, rows in frame.groupby(key_of(frame, "user_id"), dropna=False, sort=False)]
    firsts = pd.concat([frame.head(0), *(rows.head(1) for rows in groups)])
    could, tracked = (
        np.array([total_hours(rows, what) for rows in groups], dtype=float)
        for what in ("capacity", "tracked")
    )
    billable = np.array(
        [
            np.nan if rows["billable_hours"].isna().any() else total_hours(rows, "billable")
            for rows in groups
        ],
        dtype=float,
    )
    return firsts.assign(
        capacity_hours=could,
        tracked_hours=tracked,
        billable_hours=pd.array(billable, dtype="Float64"),
        load=tracked / could,
        utilisation=pd.array(billable / could, dtype="Float64"),
    )
