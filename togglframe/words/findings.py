"""What a frame says, in a few words: the titles of charts, and part of their alt texts."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from togglframe.apart import count_of
from togglframe.tables import CLIENT_SUMMARY
from togglframe.words.bridge import steps_in_words
from togglframe.words.formats import (
    format_brief_hours,
    format_hours,
    format_money,
    format_percent,
    format_signed_hours,
    format_times,
    plural,
)
from togglframe.words.measures import (
    above_zero,
    done_or_open,
    floats,
    in_order,
    known,
    total_amount,
    total_hours,
    with_margin,
)
from togglframe.words.names import names_of, unit_of

BILLABLE: Final = ("tracked_hours", "billable_hours")  # what must be known to say a share


def budget(frame: pd.DataFrame) -> str:
    """Say how many estimated projects are over, and by how much."""
    estimated = int(frame["progress"].notna().sum())
    over = above_zero(frame, "overrun_hours")
    if frame.empty:
        return "No projects"
    if not estimated:
        return incomparable(frame)
    measured = plural(estimated, "estimated project")
    if over.empty:
        return f"None of {measured} is over"
    gross = format_brief_hours(total_hours(over, "overrun"))
    return f"{len(over):,} of {measured} {_is(len(over))} over: {gross} gross"


def incomparable(frame: pd.DataFrame) -> str:
    """Say why no project can be measured against an estimate."""
    projects = plural(len(frame), "project")
    if frame["tracked_hours"].isna().all():
        return _untold(projects)
    if "estimated_hours" in frame and len(above_zero(frame, "estimated_hours")):
        return f"None of {projects} has both an estimate and known tracked time"
    return f"None of {projects} has an estimate"


def _untold(what: str) -> str:
    return f"Nothing can be compared: no tracked time of {what} is known"


def furthest_over(frame: pd.DataFrame, shown: int) -> str:
    """Say how many of the projects that are over are shown."""
    if shown:
        return f"The {shown:,} furthest over" if shown > 1 else "The one that is over"
    return _none_compared(frame) or "No project is over its estimate."


def at_risk(frame: pd.DataFrame, threshold: float) -> str:
    """Say how many projects have used nearly all of their estimate."""
    near = int((frame["budget_state"] == "at_risk").sum())
    if near:
        return f"{plural(near, 'project')} at risk"
    return _none_compared(frame) or f"No project has used {format_percent(threshold)} to 100 %."


def _none_compared(frame: pd.DataFrame) -> str:
    """Say that unknown hours leave nothing to compare; empty if something can be compared."""
    if frame["tracked_hours"].notna().all() or frame["progress"].notna().any():
        return ""
    return f"{incomparable(frame)}."


def gross_over(frame: pd.DataFrame) -> str:
    """Say how much of the gross overrun in the title these rows have; empty if none."""
    over = total_hours(frame, "overrun")
    return f"{format_signed_hours(over)} gross" if over else ""


def billable(frame: pd.DataFrame) -> str:
    """Say what share of the tracked hours is billable."""
    told = known(frame, *BILLABLE)
    tracked, part = total_hours(told, "tracked"), total_hours(told, "billable")
    if frame.empty:
        return "No projects"
    if told.empty:
        return f"None of {plural(len(frame), 'project')} has known billable hours"
    if not tracked:
        return f"Nothing is tracked on {plural(len(told), 'project')}"
    return f"{format_percent(part / tracked)} of {format_hours(tracked)} is billable"


def tasks(frame: pd.DataFrame) -> str:
    """Say how many tasks took longer than estimated, and how long one typically takes."""
    ratios = floats(above_zero(frame, "accuracy_ratio"), "accuracy_ratio")
    if frame.empty:
        return "No tasks"
    if not len(ratios):
        return f"None of {plural(len(frame), 'task')} can be measured against an estimate"
    typical = format_times(float(np.median(ratios)))
    longer = int((ratios > 1).sum())
    noun = _noun_of(above_zero(frame, "accuracy_ratio"))
    return (
        f"{longer:,} of {plural(len(ratios), noun)} took longer than estimated; "
        f"the median took {typical} its estimate"
    )


def _noun_of(tasks: pd.DataFrame) -> str:
    """Return the noun for tasks, which names their state if all are done or all open."""
    if "done" not in tasks:
        return "task"
    for done, noun in ((True, "done task"), (False, "open task")):
        if len(done_or_open(tasks, done=done)) == len(tasks):
            return noun
    return "task"


def clients(frame: pd.DataFrame) -> str:
    """Say how far the clients are from their estimates: over, saved, not yet used, and net."""
    if frame.empty:
        return "No clients"
    if frame["variance_hours"].isna().all():
        clients = plural(len(frame), "client")
        if "tracked_hours" in frame and frame["tracked_hours"].isna().all():
            return _untold(clients)
        return f"None of {clients} has a project to compare with an estimate"
    return steps_in_words(frame)


def amounts(frame: pd.DataFrame) -> str:
    """Say which client brings the most, or in how many currencies there are amounts."""
    seen = known(frame, "amount")
    if frame.empty:
        return "No clients"
    if seen.empty:
        return f"None of {plural(len(frame), 'client')} has a visible amount"
    codes = seen["currency"].drop_duplicates()
    if len(codes) > 1:
        places = plural(int(codes.count()), "currency", "currencies")
        unknown = ", and in one that is not known" if codes.hasnans else ""
        clients_with = count_of(above_zero(seen, "amount"), "client_id")
        return f"{plural(clients_with, 'client')} with amounts in {places}{unknown}"
    first = in_order(seen, CLIENT_SUMMARY, "amount").iloc[:1]
    (name,) = names_of(first, "client")
    total, most = total_amount(seen), float(first["amount"].iloc[0])
    share = f" ({format_percent(most / total)})" if total > 0 else ""
    return f"{name} brings {format_money(most)} of {format_money(total)} {unit_of(seen)}{share}"


def rates(frame: pd.DataFrame) -> str:
    """Say how many memberships cost more than their rate."""
    margins = floats(with_margin(frame), "unit_margin")
    if frame.empty:
        return "No memberships"
    if not len(margins):
        return f"None of {plural(len(frame), 'membership')} has a visible rate and cost"
    below = int((margins < 0).sum())
    subject = "None" if not below else f"{below:,}"
    predicate = "costs more than its rate" if below < 2 else "cost more than their rates"
    return f"{subject} of {plural(len(margins), 'membership')} {predicate}"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
