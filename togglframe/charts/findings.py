"""What a frame says, in a few words: the titles of the charts and the text alternatives."""

from __future__ import annotations

import pandas as pd

from togglframe.charts.numbers import brief_hours, floats, plural, total_hours


def budget(frame: pd.DataFrame) -> str:
    """Say how many estimated projects are over, and by how much."""
    progress = floats(frame, "progress")
    estimated = int((~pd.isna(progress)).sum())
    over = frame[floats(frame, "overrun_hours") > 0]
    if frame.empty:
        return "No projects"
    if not estimated:
        return f"None of {plural(len(frame), 'project')} has an estimate"
    if over.empty:
        return f"None of {plural(estimated, 'estimated project')} is over"
    gross = total_hours(over, "overrun")
    verb = "is" if len(over) == 1 else "are"
    measured = plural(estimated, "estimated project")
    return f"{len(over)} of {measured} {verb} over: {brief_hours(gross)} gross"
