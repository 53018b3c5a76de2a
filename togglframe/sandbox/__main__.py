"""``python -m togglframe.sandbox``: serve until interrupted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from .server import QUOTAS, Sandbox, serve


def main(words: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m togglframe.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--scale", type=int, default=60, help="number of projects (60)")
    parser.add_argument("--plan", choices=list(QUOTAS), default="premium")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per response (0)")
    parser.add_argument(
        "--today", type=date.fromisoformat, help="the day after the last entry (this day)"
    )
    arguments = parser.parse_args(words)
    sandbox = Sandbox(
        arguments.scale,
        plan=arguments.plan,
        latency=arguments.latency,
        port=arguments.port,
        today=arguments.today,
    )
    try:
        serve(sandbox)
    except OSError as error:
        sys.exit(f"Error: {error.strerror or error}")


if __name__ == "__main__":
    main()
