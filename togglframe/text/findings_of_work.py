"""What burn-ups, changes, timesheets and trends say, in a few words: the titles of charts."""

from __future__ import annotations

import pandas as pd

from togglframe.text.formats import (
    format_whole_hours,
    plural,
)
from togglframe.text.measures import (
    above_zero,
)


def trend(weeks: pd.DataFrame) -> str:
    """Say how much was tracked in the last whole week, and on average in those before it."""
    if above_zero(weeks, "tracked_hours").empty:
        return f"Nothing is tracked in {plural(len(weeks), 'week')}"
    *before, last = [float(hours) for hours in weeks["tracked_hours"]]
    text = f"{format_whole_hours(last)} last week"
    if not before:
        return text
    mean = format_whole_hours(sum(before) / len(before))
    when = "in the one before" if len(before) == 1 else f"a week in the {len(before)} before"
    return f"{text}; {mean} {when}"
