"""How long a page takes to write, and how large it is.

Run it as a script: ``python tests/benchmarks/bench_page.py [projects ...]``. The listings are those
of the sandbox, in memory: projects, totals, clients and tasks.
"""

from __future__ import annotations

import sys
import tempfile
import time
import warnings
from pathlib import Path

import pandas as pd
from bench_joins import typed
from measuring import TODAY, machine, say

from togglframe import export
from togglframe.sandbox.agency import build_agency
from togglframe.tables import CLIENTS, PROJECT_STATUSES, PROJECTS, TASKS

SCALES = (60, 20_000)


def measured(scale: int, path: Path) -> dict[str, object]:
    """Return what the page of so many projects took."""
    agency = build_agency(scale, seed=6, workspace_id=1, today=TODAY)
    listings = {
        "projects": typed(PROJECTS, agency.projects),
        "statuses": typed(PROJECT_STATUSES, agency.project_statuses),
        "clients": typed(CLIENTS, agency.clients),
        "tasks": typed(TASKS, agency.tasks),
    }
    start = time.process_time()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # members are left out
        export.to_html(listings, path)
    seconds = time.process_time() - start
    return {
        "projects": f"{len(listings['projects']):,}",
        "tasks": f"{len(listings['tasks']):,}",
        "seconds": f"{seconds:.1f}",
        "size [MB]": f"{path.stat().st_size / 1e6:.2f}",
    }


def main() -> None:
    """Print a line for each scale."""
    scales = [int(word) for word in sys.argv[1:]] or SCALES
    with tempfile.TemporaryDirectory() as folder:
        lines = [measured(scale, Path(folder) / "page.html") for scale in scales]
    say(f"Writing a page, seconds of the processor ({machine()})", pd.DataFrame(lines))


if __name__ == "__main__":
    main()
