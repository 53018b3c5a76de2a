"""What a frame says, in one sentence of at most 60 characters: the headlines of all outputs."""

from __future__ import annotations

from typing import Final

import pandas as pd

from togglframe.text.formats import (
    format_percent,
    format_whole_hours,
    plural,
)
from togglframe.text.measures import above_zero, floats, known, total_hours
from togglframe.text.names import names_of, shorten

MOST: Final = 60  # characters of a headline
_NAME: Final = 24  # cells of a name in it, at first


def said(text: str, name: str = "") -> str:
    """Return a sentence with a name in the place of ``{}``, shortened until the headline fits."""
    for cells in range(_NAME, 5, -1):
        headline = text.replace("{}", shorten(name, cells), 1)
        if len(headline) <= MOST:
            break
    return headline


def share(part: float, whole: float) -> str:
    """Write a share as people say it: ``half``, ``a third``, ``81 %``."""
    ratio = part / whole
    if 0.48 <= ratio <= 0.52:
        return "half"
    if 0.32 <= ratio <= 0.35:
        return "a third"
    return format_percent(ratio)


def sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def budget(frame: pd.DataFrame) -> str:
    """Say how many projects overran their estimates, and by how much."""
    estimated = frame[frame["progress"].notna()]
    over = above_zero(estimated, "overrun_hours")
    if frame.empty:
        return "No projects"
    if estimated.empty:
        return incomparable(frame)
    if over.empty:
        near = int((estimated["budget_state"] == "at_risk").sum()) if "budget_state" in frame else 0
        close = f"; {near:,} {'is' if near == 1 else 'are'} close" if near else ""
        return f"No project has overrun{close}" if close else "No project has overrun its estimate"
    by = hours_over(total_hours(over, "overrun"))
    if len(estimated) == 1:
        return said(f"{{}} overran its estimate by {by}", names_of(over, "project")[0])
    of = f"{len(over):,} of {len(estimated):,} projects"
    if len(over) == len(estimated):
        of = f"All {len(over):,} projects"
    full = f"{of} with an estimate overran, by {by}"
    return full if len(full) <= MOST else f"{of} overran, by {by}"


def hours_over(hours: float) -> str:
    """Write hours above zero for a headline."""
    return "less than 0.1 h" if round(hours, 1) == 0 else format_whole_hours(hours)


def incomparable(frame: pd.DataFrame) -> str:
    """Say why no project can be measured against an estimate."""
    count = len(frame)
    if frame["tracked_hours"].isna().all():
        return f"The tracked hours of {plural(count, 'project')} are unknown"
    lacking = "an estimate"
    if "estimated_hours" in frame and len(above_zero(frame, "estimated_hours")):
        lacking = "both an estimate and known hours"
    if count == 1:
        return f"The only project does not have {lacking}"
    return f"None of {count:,} projects has {lacking}"


def billable(frame: pd.DataFrame, *, by_share: bool = False) -> str:
    """Say what share of the hours is billable or, ordered by share, how many projects bill none."""
    rows = known(frame, "tracked_hours", "billable_hours")
    tracked, part = total_hours(rows, "tracked"), total_hours(rows, "billable")
    if frame.empty:
        return "No projects"
    if rows.empty:
        return f"The billable hours of {plural(len(frame), 'project')} are unknown"
    if not tracked:
        return f"Nothing is tracked on {plural(len(rows), 'project')}"
    worked = above_zero(rows, "tracked_hours")
    none = worked[floats(worked, "billable_hours") == 0]
    if by_share and len(none) == 1 < len(worked):
        return said(f"{{}} bills nothing: {_tracked(none)}", names_of(none, "project")[0])
    if by_share and 0 < len(none) < len(worked):
        return f"{len(none):,} projects bill nothing: {_tracked(none)}"
    if part in (0, tracked):
        return "All hours are billable" if part else "No hours are billable"
    return sentence(f"{share(part, tracked)} of the hours are billable")


def _tracked(rows: pd.DataFrame) -> str:
    return format_whole_hours(total_hours(rows, "tracked"))
