"""What time it is, and how to wait: in one place, so that a test can set both."""

from __future__ import annotations

import time
from datetime import UTC, datetime

__all__ = ["monotonic", "now", "sleep"]


def now() -> datetime:
    """Return the moment (UTC)."""
    return datetime.now(UTC)


def monotonic() -> float:
    """Return seconds [s] that never go back, to measure with."""
    return time.monotonic()


def sleep(seconds: float) -> None:
    """Wait [s]."""
    time.sleep(seconds)
