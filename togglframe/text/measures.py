"""Exact numbers from a frame, and the rows that can be measured."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.tables import CHANGE_OF, COLUMNS, MS_PER_HOUR, Column, Kind, Table
from togglframe.tables.validation import milliseconds
from togglframe.tables.workspaces import key_of
from togglframe.text.formats import USUAL_DECIMALS, decimals_of

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def floats(frame: pd.DataFrame, column: str) -> Floats:
    """Return a column as floats, NA as nan."""
    return frame[column].to_numpy(dtype="float64", na_value=np.nan)


def exact(frame: pd.DataFrame, measure: Column) -> pd.Series[Any]:
    """Return a measure as Int64 milliseconds, cents or counts."""
    if measure.kind is Kind.DURATION:
        return milliseconds(frame[measure.name].astype("timedelta64[ms]"))
    return (frame[measure.name] * exact_unit(measure)).round().astype("Int64")


def exact_unit(measure: Column) -> int:
    """Return how many of the exact integers of a measure are one: 100 cents are one euro."""
    return {Kind.HOURS: MS_PER_HOUR, Kind.MONEY: 100}.get(measure.kind, 1)


def total_hours(frame: pd.DataFrame, what: str) -> float:
    """Sum ``<what>_hours`` over the frame, exact to the millisecond [h]."""
    return exact_sum(floats(frame, f"{what}_hours"))


def exact_sum(hours: Floats) -> float:
    """Sum hours that are whole milliseconds, exactly, ignoring nan [h]."""
    return _whole(hours, MS_PER_HOUR) / MS_PER_HOUR


def total_amount(frame: pd.DataFrame) -> float:
    """Sum the amounts of a frame with one currency, exact to the cent."""
    return _whole(floats(frame, "amount"), 100) / 100


def currency_decimals(frame: pd.DataFrame) -> int:
    """Return the decimals of the amounts of a frame with one currency."""
    code = frame["currency"].iloc[0]
    decimals = None if pd.isna(code) else decimals_of(str(code))
    return USUAL_DECIMALS if decimals is None else decimals


def _whole(values: Floats, per_unit: int) -> int:
    return sum(round(value * per_unit) for value in values[~np.isnan(values)].tolist())


def known(frame: pd.DataFrame, *columns: str) -> pd.DataFrame:
    """Return the rows in which none of the columns is NA."""
    return frame[frame[list(columns)].notna().all(axis=1)]


def add_up_rounded(
    values: Floats, total: float | None = None, most: Floats | float = np.inf
) -> Floats:
    """Round to whole numbers that add up to the rounded total, by the largest remainder."""
    rounded = np.minimum(np.round(values), most)
    left = int((np.round(np.nansum(values)) if total is None else total) - np.nansum(rounded))
    step = np.sign(left)
    can_move = ~np.isnan(values) & ~(rounded + step > most)
    order = np.lexsort((-step * (values - rounded), ~can_move))
    rounded[order[: abs(left)]] += step
    return rounded


def with_margin(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a rate card whose rate, cost and margin are all visible."""
    return known(frame, *({"hourly_rate", "labour_cost", "unit_margin"} & set(frame.columns)))


def above_zero(frame: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return the rows in which the column is above zero."""
    return frame[floats(frame, column) > 0]


def done_or_open(tasks: pd.DataFrame, *, done: bool | None) -> pd.DataFrame:
    """Return the done tasks, the open ones, or, with None, all."""
    return tasks if done is None else tasks[(tasks["done"] == done).fillna(value=False)]


def in_order(
    frame: pd.DataFrame, table: Table, column: str | None, *, ascending: bool | None = None
) -> pd.DataFrame:
    """Sort by a column, equal rows as the table ranks them; None keeps the order of the frame.

    The largest number comes first, names go from A to Z, and NA comes last.
    """
    if column is None:
        return frame
    rising = table[column].kind is Kind.STRING if ascending is None else ascending
    key = key_of(frame, *table.key)
    rest = [name for name in dict.fromkeys((*table.rank, *key)) if name in frame and name != column]
    directions = [rising, *(name not in table.rank for name in rest)]
    return frame.sort_values([column, *rest], ascending=directions)


def latest(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the last row of each project of a burn in which its hours are known."""
    ordered = known(frame, "cumulative_hours").sort_values("period", kind="stable")
    return ordered.drop_duplicates(key_of(frame, id_or_name(frame, "project")), keep="last")


def overrun(frame: pd.DataFrame) -> Floats:
    """Return how far the rows of a burn are over their estimates [h], negative if under."""
    over = floats(frame, "cumulative_hours") - floats(frame, "estimated_hours")
    return np.where(frame["progress"].isna(), np.nan, over)


def is_change(changes: pd.DataFrame, change: str) -> Flags:
    """Return which rows of changes have this change: new, gone or moved."""
    return changes["change"].eq(change).fillna(value=False).to_numpy(dtype=bool)


def hours_since(changes: pd.DataFrame) -> Floats:
    """Return the hours tracked since the earlier snapshot, for new rows all of theirs [h]."""
    after, difference = (
        floats(changes, f"tracked_hours_{what}") for what in ("after", "difference")
    )
    return np.where(is_change(changes, "new"), after, difference)


def estimate_change(changes: pd.DataFrame) -> Floats:
    """Return how far estimates moved [h], nan if not at all; added or removed ones count whole."""
    before, after = (floats(changes, f"estimated_hours_{what}") for what in ("before", "after"))
    moved = np.nan_to_num(after) - np.nan_to_num(before)
    is_other = np.isnan(before) != np.isnan(after)
    return np.where(is_change(changes, "moved") & ((moved != 0) | is_other), moved, np.nan)


def movement(changes: pd.DataFrame) -> Floats:
    """Return how much moved [h]: the hours (all, if gone) or the estimate, whichever is more."""
    gone = is_change(changes, "gone")
    hours = np.where(gone, floats(changes, "tracked_hours_before"), hours_since(changes))
    return np.nan_to_num(np.fmax(np.abs(hours), np.abs(estimate_change(changes))))


def went_over(changes: pd.DataFrame) -> Flags:
    """Return which rows are over their estimates now, and were not before."""
    now, before = (
        (floats(changes, f"tracked_hours_{what}") > estimate) & (estimate > 0)
        for what in ("after", "before")
        for estimate in [floats(changes, f"estimated_hours_{what}")]
    )
    return now & ~before


def that_moved(changes: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose hours or estimates moved, or that are new or gone with known hours."""
    known_hours = changes[["tracked_hours_before", "tracked_hours_after"]].notna().any(axis=1)
    has_moved = (movement(changes) > 0) | ~np.isnan(estimate_change(changes))
    return changes[known_hours & (has_moved | ~is_change(changes, "moved"))]


def id_or_name(frame: pd.DataFrame, entity: str) -> str:
    """Return the column that identifies an entity: its id or, in a frame without, its name."""
    return f"{entity}_id" if f"{entity}_id" in frame else entity


def with_capacity(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with known capacity, of users whose total capacity is not zero."""
    known_rows = known(frame, "capacity_hours", "tracked_hours")
    users = known_rows.groupby(key_of(known_rows, id_or_name(known_rows, "user")), dropna=False)
    could = users["capacity_hours"].transform("sum")
    return known_rows[(could * MS_PER_HOUR >= 1).fillna(value=False)]


def without_capacity(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each user whose capacity is unknown or zero."""
    key = key_of(frame, id_or_name(frame, "user"))
    has = pd.Series(frame.index.isin(with_capacity(frame).index), frame.index)
    could = has.groupby([frame[name] for name in key], dropna=False).transform("any")
    return frame[~could].drop_duplicates(key)


def by_user(frame: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each user, with the hours of all periods and their share of capacity."""
    key = key_of(frame, id_or_name(frame, "user"))
    groups = [rows for _, rows in frame.groupby(key, dropna=False, sort=False)]
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


def hours_of(time: pd.Series[Any]) -> float:
    """Sum durations, exact to the millisecond [h]."""
    return int(milliseconds(time.dropna().astype("timedelta64[ms]")).sum()) / MS_PER_HOUR


def on_the_clock(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the entries whose duration and local time are known."""
    has_time = entries[["start", "utc_offset", "date", "tracked_time"]].notna().all(axis=1)
    return entries[has_time]


def spans(entries: pd.DataFrame) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return when entries begin and end, counted from the midnight before their date.

    If the clocks change during an entry, its end is its start plus its duration.
    """
    begin = entries["start"].dt.tz_localize(None) + entries["utc_offset"] - entries["date"]
    lasted = (entries["stop"] - entries["start"]).fillna(entries["tracked_time"])
    return begin, begin + lasted


def compared_measures(frame: pd.DataFrame) -> list[str]:
    """Return the measures of a comparison of two ranges, the one that orders its rows first."""
    columns = getattr(frame, "columns", ())  # charts refuse other things later
    found = [
        name.removesuffix(CHANGE_OF)
        for name in columns
        if name.endswith(CHANGE_OF) and not name.endswith(f"_time{CHANGE_OF}")
    ]
    return sorted(found, key=lambda name: name != "tracked_hours") or ["tracked_hours"]


def kind_of(measure: str) -> Kind:
    """Return the kind of a measure that a table declares."""
    return COLUMNS[measure][0].kind


def retainer_key(frame: pd.DataFrame) -> list[str]:
    """Return the columns that identify a retainer, which are names if it has no ids."""
    ids = [name for name in ("project_id", "client_id") if name in frame]
    return key_of(frame, *(ids or ("project", "client")))


def with_retainers(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with the name and id of each retainer: its project, else its client."""
    named = frame.assign(retainer=frame["project"].where(frame["project"].notna(), frame["client"]))
    if {"project_id", "client_id"} <= {*frame.columns}:
        is_client = frame["project_id"].isna()
        named["retainer_id"] = frame["project_id"].mask(is_client, frame["client_id"])
    return named
