"""Scales of days and of times of day: the places and texts of their marks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.text.formats import format_day, format_month
from togglframe.text.measures import Floats

_GAP: Final = 10.0  # between the texts of two marks [pt]
_EPOCH: Final = pd.Timestamp("1970-01-01")
_DAY: Final = pd.Timedelta(days=1)

# How frequent the marks of days can be, and the text of each.
_OFTEN: Final[tuple[tuple[str, Callable[[pd.Timestamp], str]], ...]] = (
    ("D", format_day),
    ("W-MON", format_day),
    ("2W-MON", format_day),
    ("MS", format_month),
    ("2MS", format_month),
    ("QS", format_month),
    ("6MS", format_month),
    *((f"{years}YS", lambda day: str(day.year)) for years in (1, 2, 5, 10, 20, 50)),
)


def days_of(dates: pd.Series[Any]) -> Floats:
    """Return days on the scale, NaT as nan."""
    return np.asarray((dates - _EPOCH) / _DAY, dtype="float64")


def day_of(date: pd.Timestamp) -> float:
    """Return a day on the scale."""
    return float((date - _EPOCH) / _DAY)


def date_of(day: float) -> pd.Timestamp:
    """Return the day that begins at or before a position on the scale."""
    return _EPOCH + int(np.floor(day)) * _DAY


def day_marks(low: float, high: float) -> Callable[..., Sequence[tuple[float, str]]]:
    """Mark days, Mondays, months or years, as many as there is room for."""

    def marks(plot: float, width: Callable[[str], float]) -> Sequence[tuple[float, str]]:
        found: list[tuple[float, str]] = []
        for often, say in _OFTEN:
            days = pd.date_range(_first_of(low, often), date_of(high), freq=often)
            found = [(day_of(day), say(day)) for day in days if low <= day_of(day) <= high]
            widest = max((width(text) for _, text in found), default=0.0) + _GAP
            places = [place for place, _ in found]
            apart = min(np.diff(places), default=0.0)
            if len(found) < 2 or apart / (high - low) * plot >= widest:
                break
        return found

    return marks


def _first_of(low: float, often: str) -> pd.Timestamp:
    """Return a first day from which marks fall on the beginnings of months and years."""
    day = date_of(low)
    return day.replace(month=1, day=1) if often.endswith(("MS", "QS")) else day
