"""Read the time and sleep, so that tests can replace both."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime


def now() -> datetime:
    """Return the moment (UTC)."""
    return datetime.now(UTC)


def today() -> date:
    """Return this machine's local day."""
    return now().astimezone().date()


def monotonic() -> float:
    """Return seconds [s] that never go back, to measure with."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait [s]."""
    time.sleep(seconds)
