"""``python -m togglframe.sandbox``: serve until interrupted."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import date

from .behaviour import Behaviour
from .server import QUOTAS, Sandbox, serve


def main(arguments: Sequence[str] | None = None) -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser(prog="python -m togglframe.sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes any free port")
    parser.add_argument("--scale", type=int, default=60, help="number of projects (60)")
    parser.add_argument("--plan", choices=list(QUOTAS), default="premium")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds per answer (0)")
    parser.add_argument(
        "--today", type=date.fromisoformat, help="the day after the last entry (this day)"
    )
    parser.add_argument(
        "--behave", action="append", default=[], metavar="NAME=VALUE", help="a field of Behaviour"
    )
    given = parser.parse_args(arguments)
    try:
        behaviour = Behaviour.of_words(given.behave)
    except ValueError as error:
        parser.error(str(error))
    sandbox = Sandbox(
        given.scale,
        plan=given.plan,
        latency=given.latency,
        port=given.port,
        behaviour=behaviour,
        today=given.today,
    )
    try:
        serve(sandbox)
    except OSError as error:
        sys.exit(f"Error: {error.strerror or error}")


if __name__ == "__main__":
    main()
