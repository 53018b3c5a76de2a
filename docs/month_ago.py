"""Give an archive of the demo a past: a snapshot of four weeks before its last day.

The agency of the demo is as it is on one day. What was tracked in the last four weeks is taken off
its statuses here, and the estimates of three projects were others then. An archive of yours has a
snapshot for each day on which one was kept.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Final

import pandas as pd

import togglframe as tf

DAY: Final = "2026-10-28"
_WEEKS: Final = {"start_date": "2026-10-29", "end_date": "2026-11-25"}


def add_month_ago(ws: tf.Workspace, folder: str | Path) -> None:
    """Add a snapshot of that day to an archive that has one of today."""
    snapshots = Path(folder) / "snapshots"
    for listing in list(snapshots.glob("*/*/as_of=*")):
        shutil.copytree(listing, listing.with_name(f"as_of={DAY}"))
    (file,) = snapshots.glob(f"statuses/*/as_of={DAY}/part-0.parquet")
    statuses = pd.read_parquet(file)
    hours = tf.reports.hours(ws, **_WEEKS, by="project").dropna(subset="project_id")
    since = hours.set_index("project_id")
    for name in ("tracked_time", "billable_time"):
        statuses[name] -= statuses["id"].map(since[name]).fillna(pd.Timedelta(0))
    estimate = statuses["estimated_time"]
    estimated = since.loc[since.index.isin(statuses.loc[estimate.notna(), "id"])]
    busiest = estimated["tracked_time"].nlargest(9).index[::3]
    statuses["estimated_time"] = estimate.where(~statuses["id"].isin(busiest), 0.8 * estimate)
    tf.export.to_parquet(statuses, file)


def changes_of(ws: tf.Workspace) -> pd.DataFrame:
    """Return what moved in the budget since that day."""
    with tempfile.TemporaryDirectory() as folder:
        archive = tf.Archive(folder)
        archive.snapshot(ws)
        add_month_ago(ws, folder)
        return archive.changes(DAY)
