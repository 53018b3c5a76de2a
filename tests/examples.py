"""How much a run tries: a third of the random examples by day, all of them by night."""

import os

from hypothesis import settings

IS_NIGHT = os.environ.get("TOGGLFRAME_EXAMPLES") == "night"


def times(factor):
    """Return settings with so many times the examples of tests/property/conftest.py, 3 at least."""
    return settings(max_examples=max(3, round(settings().max_examples * factor)))
