"""A report fresh, cached, and of the same frames in Parquet; and what the import costs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from measuring import machine, say, seconds

import togglframe as tf
from togglframe.sandbox import Sandbox

LATENCY = 0.1  # [s]
PROJECTS = 61  # 60, a round number, would take one more request to prove that there are no more


def reports() -> pd.DataFrame:
    """Return the seconds of the demo's budget: fresh, cached on disk and in memory, Parquet."""
    with (
        Sandbox(PROJECTS, quota=10**6, latency=LATENCY) as sandbox,
        tempfile.TemporaryDirectory() as folder,
    ):
        on_disk, in_memory, paced = (
            tf.Workspace(
                sandbox.workspace_id,
                token=sandbox.token,
                base_url=sandbox.base_url,
                cache=cache,
                per_second=per_second,
            )
            for cache, per_second in (
                (Path(folder) / "answers.sqlite", None),
                ("memory", None),
                ("memory", 1.0),
            )
        )

        def fresh(ws: tf.Workspace) -> pd.DataFrame:
            with ws.refresh():
                return tf.reports.project_budget(ws)

        listings = tf.reports.Listings(on_disk)
        sources = {name: getattr(listings, name) for name in ("projects", "statuses", "clients")}
        for name, frame in sources.items():
            tf.export.to_parquet(frame, Path(folder) / f"{name}.parquet")

        def of_parquet() -> pd.DataFrame:
            return tf.reports.project_budget(
                {name: pd.read_parquet(Path(folder) / f"{name}.parquet") for name in sources}
            )

        tf.reports.project_budget(in_memory)
        before = len(sandbox.requests)
        ways = {
            "cached on disk": lambda: tf.reports.project_budget(on_disk),
            "cached in memory": lambda: tf.reports.project_budget(in_memory),
            "Parquet and join": of_parquet,
            "join alone": lambda: tf.reports.project_budget(sources),
        }
        times = seconds(ways, rounds=15, clock=time.perf_counter)
        spent = len(sandbox.requests) - before
        anew = {
            "fresh": lambda: fresh(on_disk),
            "fresh, at the default pace": lambda: fresh(paced),
        }
        times = {**seconds(anew, rounds=5, clock=time.perf_counter), **times}
        before = len(sandbox.requests)
        fresh(in_memory)
        asked = len(sandbox.requests) - before
        for ws in (on_disk, in_memory, paced):
            ws.close()
    return pd.DataFrame(
        [
            {
                f"project_budget of {PROJECTS} projects": name,
                "ms": round(taken * 1e3, 1),
                "times faster than fresh": round(times["fresh"] / taken, 1),
                "requests": asked if name in anew else spent,
            }
            for name, taken in times.items()
        ]
    )


def imports(rounds: int = 9) -> pd.DataFrame:
    """Return the seconds of an import in a process of its own, of modules that pip compiled."""
    compiled = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}

    def of(statement: str) -> None:
        subprocess.run([sys.executable, "-c", statement], check=True, env=compiled)

    of("import togglframe")
    statements = ("pass", "import pandas", "import togglframe")
    ways = {statement: lambda text=statement: of(text) for statement in statements}
    times = seconds(ways, rounds=rounds, clock=_of_children)
    pandas = times["import pandas"] - times["pass"]
    return pd.DataFrame(
        [
            {
                "import": name,
                "ms": round((times[name] - times["pass"]) * 1e3),
                "over pandas": round((times[name] - times["pass"]) / pandas, 2),
            }
            for name in statements[1:]
        ]
    )


def _of_children() -> float:
    """Return the processor seconds of all child processes that ended."""
    import resource  # only on Unix

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Print the tables."""
    say(f"Fresh and cached, {LATENCY * 1000:g} ms latency ({machine()})", reports())
    say("Import, in seconds of the processor", imports())


if __name__ == "__main__":
    main()
