"""How many random examples a property has: so many times those of the profile."""

from hypothesis import settings


def times(factor):
    """Return settings with so many times the examples of tests/property/conftest.py, 3 at least."""
    return settings(max_examples=max(3, round(settings().max_examples * factor)))
