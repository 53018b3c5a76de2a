"""Reports over time: hours and earnings beside a groupby in pandas, all of them by their rows."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from measuring import machine, say, seconds

import togglframe as tf
from togglframe.reports.planning import records
from togglframe.sandbox import Sandbox

SIZES = (10_000, 100_000, 1_000_000)
KEYS = ["user_id", "project_id", "period"]
YEAR = {"start_date": "2025-11-01", "end_date": "2026-10-31"}


def listings() -> dict[str, pd.DataFrame]:
    """Return the listings of the demo, and its time entries of a year."""
    with Sandbox(60, quota=10**6) as sandbox:
        ws = tf.Workspace(
            sandbox.workspace_id,
            token=sandbox.token,
            base_url=sandbox.base_url,
            cache="memory",
            per_second=None,
        )
        names = ("projects", "statuses", "clients", "users", "project_users")
        frames = dict(zip(names, tf.reports.Listings(ws).fetch(*names), strict=True))
        return {**frames, "time_entries": tf.search.time_entries(ws, **YEAR)}


def larger(entries: pd.DataFrame, n: int) -> pd.DataFrame:
    """Return so many entries: copies of these, each copy of the year by other users."""
    copies = -(-n // len(entries))
    users = [entries["user_id"] + copy * 10**9 for copy in range(copies)]
    more = pd.concat([entries.assign(user_id=ids) for ids in users], ignore_index=True).head(n)
    return more.assign(id=pd.array(np.arange(n) + 1, "Int64"))


def by_hand(entries: pd.DataFrame, column: str) -> pd.DataFrame:
    """Sum by user, project and week."""
    week = entries["date"] - pd.to_timedelta(entries["date"].dt.day_of_week, unit="D")
    return entries.assign(period=week).groupby(KEYS, dropna=False)[[column]].sum()


def beside_a_groupby(entries: pd.DataFrame) -> pd.DataFrame:
    """Return the seconds of hours and earnings, and of the groupby of the same keys."""
    by: dict[str, Any] = {"by": ["user", "project"], "every": "week"}
    rows = []
    for name, column in (("hours", "tracked_time"), ("earnings", "amount")):
        join = getattr(tf.reports, name)
        took = seconds(
            {
                "join": lambda join=join: join(entries, **by),
                "groupby": lambda column=column: by_hand(entries, column),
            },
            rounds=3,
        )
        rows.append({"report": name, **took, "ratio": took["join"] / took["groupby"]})
    return pd.DataFrame(rows).round(2)


def by_row(frames: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Return the microseconds a row that each join over time takes, by the number of rows."""
    rows = []
    for _, record in records():
        if not record.is_ranged:
            continue
        given = {name: frames[name] for name in (*record.needs, *record.at_hand) if name in frames}
        row: dict[str, object] = {"report": record.name}
        for n in SIZES:
            given["time_entries"] = larger(frames["time_entries"], n)
            report = getattr(tf.reports, record.name)
            took = seconds(
                {"join": lambda report=report, given=given: report(given)},
                rounds=1 if n > 10**5 else 3,
            )
            row[f"{n:,}"] = round(took["join"] / n * 1e6, 2)
        rows.append(row)
    return pd.DataFrame(rows)


if __name__ == "__main__":
    frames = listings()
    million = larger(frames["time_entries"], SIZES[-1])
    say(
        f"{machine()}\n{len(million):,} entries by user, project, week [s]",
        beside_a_groupby(million),
    )
    del million
    say("time a row [microseconds]", by_row(frames))
