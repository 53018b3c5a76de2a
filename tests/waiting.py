"""Waiting for what other threads do, without a deadline that a busy machine could miss."""

import time
from collections.abc import Callable

PATIENCE = 300.0  # [s] for what comes at once; pytest's own timeout ends what never comes


def until(condition: Callable[[], object]) -> None:
    """Return as soon as the condition holds."""
    while not condition():
        time.sleep(0.001)
