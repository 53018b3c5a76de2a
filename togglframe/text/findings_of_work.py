"""What burn-ups, changes, timesheets and trends say, in a few words: the titles of charts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from togglframe.tables.provenance import of
from togglframe.tables.workspaces import count_of
from togglframe.text.findings import how_many_over
from togglframe.text.formats import (
    format_brief_hours,
    format_hours,
    format_percent,
    format_whole_hours,
    none_of,
    plural,
)
from togglframe.text.measures import (
    above_zero,
    estimate_change,
    exact_sum,
    hours_since,
    latest,
    overrun,
    total_hours,
    went_over,
)
from togglframe.text.names import NAME_CELLS, names_of, one_line, shorten

FINISH = ("finish_low", "finish", "finish_high")  # what a forecast adds to a burn


def burn(frame: pd.DataFrame) -> str:
    """Say how many projects have used up their estimates and, with a forecast, which is next."""
    last = latest(frame)
    count = count_of(frame, "project_id", dropna=False)
    if frame.empty:
        return "No projects"
    if last.empty:
        return none_of(count, "project", "has known hours", "has no known hours")
    if len(last) == 1:
        return f"{_name(last)}: {_used(last)}{_finish(last)}"
    estimated = last[last["progress"].notna()]
    if estimated.empty:
        cumulative = format_hours(total_hours(last, "cumulative"))
        return f"{cumulative} on {plural(len(last), 'project')}, none with known progress"
    over = estimated[overrun(estimated) > 0]
    gross = total_hours(over, "cumulative") - total_hours(over, "estimated")
    return f"{how_many_over(len(over), len(estimated), gross)}{_next(last)}"


def _name(row: pd.DataFrame) -> str:
    (name,) = names_of(row, "project")
    return shorten(name, NAME_CELLS)


def _used(row: pd.DataFrame) -> str:
    hours = format_hours(total_hours(row, "cumulative"))
    if row["progress"].isna().all():
        return f"{hours} tracked"
    estimate = format_hours(total_hours(row, "estimated"))
    return f"{hours} tracked of {estimate} ({format_percent(row['progress'].iloc[0])})"


def _finish(row: pd.DataFrame) -> str:
    if "finish" not in row or row["finish"].isna().all():
        return ""
    return f"; the estimate lasts until about {finish_of(row.iloc[0])}"


def finish_of(row: pd.Series[Any]) -> str:
    """Say when a project will have used up its estimate: the median, and the known interval."""
    low, median, _ = (row[name] for name in FINISH)
    if pd.isna(median):
        return f"{low:%Y-%m-%d} at the earliest" if pd.notna(low) else ""
    around = interval_of(row)
    return f"{median:%Y-%m-%d}" + (f" ({around})" if around else "")


def interval_of(row: pd.Series[Any]) -> str:
    """Say between which days a project will have used up its estimate, as far as known."""
    low, _, high = (row[name] for name in FINISH)
    if pd.isna(low):
        return ""
    if pd.isna(high):
        return f"from {low:%Y-%m-%d}"
    return f"{low:%Y-%m-%d}" if low == high else f"{low:%Y-%m-%d} to {high:%Y-%m-%d}"


def _next(last: pd.DataFrame) -> str:
    """Say which project is the next to use up its estimate, if a forecast says so."""
    if "finish" not in last or last["finish"].isna().all():
        return ""
    first = last.sort_values(["finish", "project_id"]).iloc[:1]
    return f"; next is {_name(first)}, about {first['finish'].iloc[0]:%Y-%m-%d}"


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
