"""How the benchmarks measure: ways of one task in turn, medians of several rounds, one machine.

What computes is measured in seconds of the processor, so that a busy machine spoils nothing; what
waits for an API is measured by the clock.
"""

from __future__ import annotations

import gc
import os
import platform
import statistics
import sys
import time
import tracemalloc
from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

sys.path.append(str(Path(__file__).parents[1]))  # the scripts are run by their path

from days import TODAY

__all__ = ["TODAY", "machine", "peak", "say", "seconds"]


def seconds(
    ways: Mapping[str, Callable[[], object]],
    rounds: int = 7,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, float]:
    """Return the median seconds of each way; they take turns."""
    times: dict[str, list[float]] = {name: [] for name in ways}
    gc.collect()
    gc.freeze()  # what was there before, such as the API's data, costs the collector nothing
    for _ in range(rounds):
        for name, way in ways.items():
            gc.collect()
            start = clock()
            made = way()
            del made  # to free what was made is a part of every way
            times[name].append(clock() - start)
    gc.unfreeze()
    return {name: statistics.median(taken) for name, taken in times.items()}


def peak(way: Callable[[], object]) -> float:
    """Return the most memory that Python and numpy held meanwhile [MB]."""
    gc.collect()
    tracemalloc.start()
    way()
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return most / 1e6


def say(title: str, lines: pd.DataFrame) -> None:
    """Print a table."""
    sys.stdout.write(f"\n{title}\n{lines.to_string(index=False)}\n")
    sys.stdout.flush()


def machine() -> str:
    """Say in general terms what this runs on."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    versions = f"Python {platform.python_version()}, pandas {pd.__version__}"
    return f"{cores} cores, {platform.system()}, {versions}"
