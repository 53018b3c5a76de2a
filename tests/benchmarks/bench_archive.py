"""Reports of a large archive: hours beside the same query by hand, and what reads single entries.

Takes the folder to make the archive in, and how many entries: ``bench_archive.py folder 20000000``.
Each way runs in a process of its own, which tells the most memory that it held.
"""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from measuring import machine, say

from togglframe.archive.folder import Folder
from togglframe.archive.months import schema

YEAR, USERS, PROJECTS = 2025, 4000, 20_000
MOST_AT_ONCE = 4_000_000  # entries; all at once they take some GB
MEASURED = """
import json, resource, sys, time
began, spent = time.monotonic(), time.process_time()
{code}
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
took = time.monotonic() - began, time.process_time() - spent
print(json.dumps(dict(s=took[0], cpu_s=took[1], MB=most, rows=len(found))))
"""
BY_HAND = """
import duckdb
with duckdb.connect() as connection:
    connection.execute("SET enable_progress_bar = false")
    found = connection.sql(f'''
        SELECT user_id, any_value(user), project_id, any_value(project),
            date_trunc('week', date) AS period, sum(tracked_time) / 3600000 AS hours,
            sum(tracked_time) FILTER (billable) / 3600000 AS billable, count(*) AS n,
            count(DISTINCT date) AS days
        FROM read_parquet('{sys.argv[1]}/time_entries/*/*/*.parquet') GROUP BY 1, 3, 5
        ORDER BY 1, 3, 5
    ''').to_arrow_table().to_pandas()
"""
BY_REPORT = """
import togglframe as tf
archive = tf.Archive(sys.argv[1])
found = tf.reports.hours(archive, period="2025", by=["user", "project"], every="week")
"""
MONTH_BY_MONTH = """
import togglframe as tf
found = tf.reports.{name}(tf.Archive(sys.argv[1]), period="2025")
"""
ALL_AT_ONCE = """
import togglframe as tf
tf.Archive.load_parts = lambda *_: None
found = tf.reports.{name}(tf.Archive(sys.argv[1]), period="2025")
"""


def write_months(folder: Path, rows: int) -> None:
    """Write a year of entries, each user on a dozen projects."""
    chance = np.random.default_rng(18)
    kept = Folder(folder)
    told = b'{"fetched_at": "2026-01-01T00:00:00+00:00", "mark": "0000"}'
    described = schema().with_metadata({b"togglframe": told})
    for month in range(1, 13):
        first = dt.date(YEAR, month, 1)
        days = (dt.date(YEAR + month // 12, month % 12 + 1, 1) - first).days
        n = rows // 12
        user = chance.integers(1, USERS, n)
        project = (user * 7 + chance.integers(0, 12, n) * 1009) % PROJECTS + 1
        day = np.sort(chance.integers(0, days, n)) + (first - dt.date(1970, 1, 1)).days
        start = day * 86_400_000_000 + chance.integers(0, 79_200, n) * 1_000_000
        ms = chance.integers(60, 14_400, n) * 1000
        billable = chance.random(n) < 0.7
        columns = {
            "id": np.arange(n) + month * 10**9,
            "user_id": user,
            "user": pa.array([f"User {each}" for each in range(USERS)]).take(pa.array(user)),
            "project_id": project,
            "project": pa.array([f"Project {each}" for each in range(PROJECTS + 1)]).take(
                pa.array(project)
            ),
            "description": pa.array([f"Work {each}" for each in range(1_000)]).take(
                pa.array(project % 1_000)
            ),
            "billable": billable,
            "start": pa.array(start, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "stop": pa.array(start + ms * 1000, pa.int64()).cast(pa.timestamp("us", "UTC")),
            "date": pa.array(day * 86_400_000_000, pa.int64()).cast(pa.timestamp("us")),
            "utc_offset": pa.array(np.zeros(n, "int64")).cast(pa.duration("ms")),
            "tracked_time": pa.array(ms, pa.int64()).cast(pa.duration("ms")),
            "amount": np.where(billable, ms // 360, 0) / 100,
        }
        arrays = [
            pa.array(columns[f.name], f.type) if f.name in columns else pa.nulls(n, f.type)
            for f in described
        ]
        path = kept.month_file(1, f"{YEAR}-{month:02}")
        path.parent.mkdir(parents=True)
        table = pa.Table.from_arrays(arrays, schema=described)
        pq.write_table(table, path, compression="zstd", write_page_checksum=True)


def measured(code: str, folder: str) -> dict[str, float]:
    """Run this in a process of its own; tell how long it took, and its most memory."""
    command = [sys.executable, "-c", MEASURED.format(code=code), folder]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def main() -> None:
    """Write the archive, and measure."""
    rows = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with tempfile.TemporaryDirectory(dir=sys.argv[1] if len(sys.argv) > 1 else None) as folder:
        write_months(Path(folder), rows)
        ways = {"by hand": BY_HAND, "report": BY_REPORT}
        lines = [{"way": name, **measured(code, folder)} for name, code in ways.items()]
        say(
            f"Hours of {rows:,} entries by user, project and week, {machine()}",
            pd.DataFrame(lines).round(1),
        )
        ways = {"all at once": ALL_AT_ONCE, "month by month": MONTH_BY_MONTH}
        lines = [
            {"report": name, "way": way, **measured(code.format(name=name), folder)}
            for name in ("timesheet", "entry_audit")
            for way, code in (ways.items() if rows <= MOST_AT_ONCE else [])
        ]
        if lines:
            say(f"Reports of {rows:,} single entries, {machine()}", pd.DataFrame(lines).round(1))


if __name__ == "__main__":
    main()
