"""What a frame says, in a few words: the titles of the charts, and of their text alternatives."""

from __future__ import annotations

import numpy as np
import pandas as pd

from togglframe.charts import _bridge, _fonts, _rows
from togglframe.charts._numbers import (
    brief_hours,
    floats,
    hours,
    money,
    percent,
    signed_hours,
    times,
    total_amount,
    total_hours,
)
from togglframe.naming import plural
from togglframe.tables import CLIENT_SUMMARY


def or_title(finding: str, title: object) -> str:
    """Return the title that was given, else the finding."""
    return finding if title is None else _fonts.printable(str(title))


def budget(frame: pd.DataFrame) -> str:
    """Say how many estimated projects are over, and by how much."""
    estimated = int(frame["progress"].notna().sum())
    over = frame[floats(frame, "overrun_hours") > 0]
    if frame.empty:
        return "No projects"
    if not estimated:
        return f"None of {plural(len(frame), 'project')} has an estimate"
    measured = plural(estimated, "estimated project")
    if over.empty:
        return f"None of {measured} is over"
    gross = brief_hours(total_hours(over, "overrun"))
    return f"{len(over):,} of {measured} {_is(len(over))} over: {gross} gross"


def gross_over(frame: pd.DataFrame) -> str:
    """Say what of the gross overrun in the title is in these rows; nothing where there is none."""
    over = total_hours(frame, "overrun")
    return f"{signed_hours(over)} gross" if over else ""


def billable(frame: pd.DataFrame) -> str:
    """Say what share of the tracked hours is billable."""
    known = frame[frame["tracked_hours"].notna() & frame["billable_hours"].notna()]
    tracked, part = total_hours(known, "tracked"), total_hours(known, "billable")
    if frame.empty:
        return "No projects"
    if known.empty:
        return f"None of {plural(len(frame), 'project')} has known billable hours"
    if not tracked:
        return f"Nothing is tracked on {plural(len(known), 'project')}"
    return f"{percent(part / tracked)} of {hours(tracked)} is billable"


def tasks(frame: pd.DataFrame) -> str:
    """Say how many tasks took longer than estimated, and how long one typically takes."""
    ratios = floats(frame, "accuracy_ratio")
    ratios = ratios[ratios > 0]
    if frame.empty:
        return "No tasks"
    if not len(ratios):
        return f"None of {plural(len(frame), 'task')} can be measured against an estimate"
    typical = times(float(np.median(ratios)))
    longer = int((ratios > 1).sum())
    return (
        f"{longer:,} of {plural(len(ratios), 'task')} took longer than estimated; "
        f"the median took {typical} its estimate"
    )


def clients(frame: pd.DataFrame) -> str:
    """Say how far the clients are from their estimates: over, saved, not yet used, and net."""
    if frame.empty:
        return "No clients"
    if frame["variance_hours"].isna().all():
        return f"None of {plural(len(frame), 'client')} has an estimated project"
    return _bridge.finding(frame)


def amounts(frame: pd.DataFrame) -> str:
    """Say who brings the most, or in how many currencies there are amounts."""
    known = frame[frame["amount"].notna()]
    if frame.empty:
        return "No clients"
    if known.empty:
        return f"None of {plural(len(frame), 'client')} has a visible amount"
    codes = known["currency"].drop_duplicates()
    if len(codes) > 1:
        clients_with = known["client_id"].nunique(dropna=False)
        places = plural(int(codes.count()), "currency", "currencies")
        unknown = ", and in one that is not known" if codes.hasnans else ""
        return f"{plural(clients_with, 'client')} with amounts in {places}{unknown}"
    first = _rows.in_order(known, CLIENT_SUMMARY, "amount").iloc[:1]
    name = _rows.names(first, "client")[0]
    total, most = total_amount(known), float(first["amount"].iloc[0])
    unit = _rows.unit(known)
    share = f" ({percent(most / total)})" if total > 0 else ""
    return f"{name} brings {money(most)} of {money(total)} {unit}{share}"


def rates(frame: pd.DataFrame) -> str:
    """Say how many memberships cost more than their rate."""
    margins = floats(frame, "unit_margin")
    known = int((~np.isnan(margins)).sum())
    if frame.empty:
        return "No memberships"
    if not known:
        return f"None of {plural(len(frame), 'membership')} has a visible rate and cost"
    below = int((margins < 0).sum())
    subject = "None" if not below else f"{below:,}"
    verb = "costs" if below < 2 else "cost"
    return f"{subject} of {plural(known, 'membership')} {verb} more than its rate"


def _is(count: int) -> str:
    return "is" if count == 1 else "are"
