"""What burn-ups, changes, timesheets and trends say, in a few words: the titles of charts."""

from __future__ import annotations

import numpy as np
import pandas as pd

from togglframe.tables.provenance import of
from togglframe.text.formats import (
    format_brief_hours,
    format_whole_hours,
    plural,
)
from togglframe.text.measures import (
    above_zero,
    estimate_change,
    exact_sum,
    hours_since,
    went_over,
)
from togglframe.text.names import one_line


def changes(frame: pd.DataFrame) -> str:
    """Say how many projects went over, how much was tracked, and how many estimates moved."""
    since = f"since {since_of(frame)}"
    if frame.empty:
        return f"No changes {since}"
    over, moved = int(went_over(frame).sum()), int((~np.isnan(estimate_change(frame))).sum())
    return "; ".join(
        [
            f"{plural(over, 'project') if over else 'No project'} went over {since}",
            f"{format_brief_hours(exact_sum(hours_since(frame)))} tracked",
            *([f"{plural(moved, 'estimate')} changed"] if moved else []),
        ]
    )


def since_of(frame: pd.DataFrame) -> str:
    """Return the day of the earlier snapshot, which a modified frame may have lost."""
    since = of(frame).get("since")
    return one_line(since) if isinstance(since, str) else "the earlier snapshot"


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
