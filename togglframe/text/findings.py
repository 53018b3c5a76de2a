"""What a frame says, in a few words: the titles of charts, and part of their alt texts."""

from __future__ import annotations

import pandas as pd

from togglframe.text.formats import (
    format_percent,
    plural,
)
from togglframe.text.headlines import incomparable
from togglframe.text.measures import (
    above_zero,
)


def furthest_over(frame: pd.DataFrame, shown: int) -> str:
    """Say how many of the projects that are over are shown."""
    over = len(above_zero(frame, "overrun_hours"))
    if shown:
        one = "The only one over" if over == 1 else "The one furthest over"
        return f"The {shown:,} furthest over" if shown > 1 else one
    return _none_compared(frame) or "No project is over its estimate."


def at_risk(frame: pd.DataFrame, threshold: float) -> str:
    """Say how many projects have used nearly all of their estimate."""
    near = int((frame["budget_state"] == "at_risk").sum())
    if near:
        return f"{plural(near, 'project')} at risk"
    return (
        _none_compared(frame) or f"No active project has used {format_percent(threshold)} to 100 %."
    )


def _none_compared(frame: pd.DataFrame) -> str:
    """Say that unknown hours leave nothing to compare; empty if something can be compared."""
    if frame["tracked_hours"].notna().all() or frame["progress"].notna().any():
        return ""
    return f"{incomparable(frame)}."
