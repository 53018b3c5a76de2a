"""What a frame says, in a few words: the titles of charts, and part of their alt texts."""

from __future__ import annotations

import pandas as pd

from togglframe.text.formats import (
    format_brief_hours,
    format_percent,
    none_of,
    plural,
    some_of,
)
from togglframe.text.headlines import incomparable
from togglframe.text.measures import (
    above_zero,
)


def how_many_over(over: int, estimated: int, gross: float) -> str:
    """Say how many of the estimated projects are over, and by how much [h]."""
    noun = "estimated project"
    if not over:
        return none_of(estimated, noun, "is over", "is within its estimate")
    subject, verb = some_of(over, estimated, noun), "is" if over == 1 else "are"
    return f"{subject} {verb} over: {format_brief_hours(gross)} gross"


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
