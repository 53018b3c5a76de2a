"""Time and memory of project_budget with members, beside plain merges of the same frames.

Run it as a script: ``python tests/benchmarks/bench_joins.py [projects] [memberships]``. The plain
merges are what one would write in a notebook; they multiply the hours, and are the baseline of what
pandas takes.
"""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable

import pandas as pd
from measuring import TODAY

from togglframe.reports.budget import join_project_budget
from togglframe.sandbox.agency import build_agency
from togglframe.tables import CLIENTS, PROJECT_STATUSES, PROJECT_USERS, PROJECTS, Table
from togglframe.tables.casting import cast, objects

REPEATS = 5


def typed(table: Table, rows: list[dict[str, object]]) -> pd.DataFrame:
    """Cast rows on the wire to the frame that the table declares."""
    return pd.DataFrame(
        {
            c.name: cast(c, objects(row.get(c.field_name) for row in rows), endpoint="bench")
            for c in table
        }
    )


def plain_merges(
    projects: pd.DataFrame, statuses: pd.DataFrame, clients: pd.DataFrame, members: pd.DataFrame
) -> pd.DataFrame:
    """Merge the four frames without a check, a look-up or an aggregate."""
    merged = projects.merge(statuses, on="id", how="outer", suffixes=("", "_status"))
    merged = merged.merge(clients, left_on="client_id", right_on="id", how="left")
    return merged.merge(members, left_on="id_x", right_on="project_id", how="left")


def measured(join: Callable[..., pd.DataFrame], frames: list[pd.DataFrame]) -> dict[str, object]:
    """Return the best time of some runs, the peak of memory in one more, and what came out."""
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        result = join(*frames)
        times.append(time.perf_counter() - start)
    tracemalloc.start()
    join(*frames)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    hours = result["tracked_time"].sum() / pd.Timedelta(hours=1)
    return {
        "seconds (best)": round(min(times), 3),
        "peak MB": round(peak / 1e6, 1),
        "rows": len(result),
        "hours": round(hours),
    }


def main(n_projects: int = 20_000, n_memberships: int = 60_000) -> None:
    """Print one line per way to join."""
    agency = build_agency(
        n_projects, tasks=0, memberships=n_memberships, seed=6, workspace_id=1, today=TODAY
    )
    frames = [
        typed(PROJECTS, agency.projects),
        typed(PROJECT_STATUSES, agency.project_statuses),
        typed(CLIENTS, agency.clients),
        typed(PROJECT_USERS, agency.project_users),
    ]
    ways = {"project_budget": join_project_budget, "plain merges": plain_merges}
    lines = pd.DataFrame({name: measured(join, frames) for name, join in ways.items()})
    heading = f"{n_projects} projects, {n_memberships} memberships"
    sys.stdout.write(f"{heading}\n{lines.T.convert_dtypes().to_string()}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
