"""Time and memory of the exports of many tasks, beside plain pandas.

Run it as a script: ``python tests/benchmarks/bench_export.py [tasks]``. Every writer and reader
runs in a process of its own, forked with the frame in it; its memory is what the peak of that
process rose by. Plain pandas is what one would write in a notebook: it loses dtypes, gives
durations as text or as whole days, runs texts as formulas, and needs the zones and lists taken out
by hand for Excel.
"""

from __future__ import annotations

import multiprocessing as mp
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pandas as pd
from bench_joins import typed
from measuring import TODAY

from togglframe import export
from togglframe.sandbox.agency import build_agency
from togglframe.tables import TASKS

Way = Callable[[Path], object]


def pandas_excel(frame: pd.DataFrame, path: Path) -> None:
    """Write with pandas, after what it refuses is taken out."""
    naive = {
        name: frame[name].dt.tz_localize(None)
        for name in frame
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    }
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # it leaves out links that are too many, with a warning each
        frame.assign(**naive).to_excel(path, engine="xlsxwriter", index=False)


def measured(run: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds and the megabytes of a run, measured in a process of its own."""
    here, there = mp.Pipe()
    process = mp.get_context("fork").Process(target=_measure, args=(run, there))
    process.start()
    result: tuple[float, float] = here.recv()
    process.join()
    return result


def _measure(run: Callable[[], object], answer: Connection) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    run()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answer.send((seconds, (peak - before) / 1024))


def main(n_tasks: int = 200_000) -> None:
    """Print one line per writer and reader, ours above plain pandas."""
    agency = build_agency(
        max(10, n_tasks // 500), tasks=n_tasks, seed=6, workspace_id=1, today=TODAY
    )
    frame = typed(TASKS, agency.tasks)
    sys.stdout.write(f"{len(frame):,} tasks, {frame.shape[1]} columns\n")
    pairs: list[tuple[str, Way, Way]] = [
        ("to_csv", partial(export.to_csv, frame), partial(frame.to_csv, index=False)),
        ("to_parquet", partial(export.to_parquet, frame), frame.to_parquet),
        ("to_excel", partial(export.to_excel, {"Tasks": frame}), partial(pandas_excel, frame)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        for name, ours, plain in pairs:
            suffix = {"csv": "csv", "parquet": "parquet", "excel": "xlsx"}[name.split("_")[1]]
            for way, who in ((ours, "togglframe"), (plain, "pandas")):
                path = Path(folder, f"{who}.{suffix}")
                seconds, megabytes = measured(partial(way, path))
                size = path.stat().st_size / 1e6
                line = (
                    f"{name:13}{who:11}{seconds:8.2f} s{megabytes:8.0f} MB peak{size:8.1f} MB file"
                )
                sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
