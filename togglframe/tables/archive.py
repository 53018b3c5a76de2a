"""Tables of an archive: the periods that were closed, and what changed in them since."""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import (
    cents,
    count,
    date,
    flag,
    hours,
    identifier,
    state,
    string,
    table,
    timestamp,
)
from togglframe.tables.time import TIME_ENTRIES

__all__ = ["CLOSED", "LATE"]

LATE_CHANGES: Final = ("added", "removed", "edited")

_BEFORE: Final = "as it was closed, 0 if the entry was not in the period"
_NOW: Final = "now, 0 if the entry is not in the period any more"

CLOSED: Final = table(
    "closed",
    "closed period",
    "period",
    string("period", "The period, such as 2026-10."),
    timestamp("closed_at", "When it was closed."),
    count("n_entries", "Time entries of the period."),
    hours("tracked_hours", "The time tracked."),
    hours("billable_hours", "Its billable part, NA if unknown."),
    lead=("period", "closed_at", "n_entries", "tracked_hours", "billable_hours"),
)

LATE: Final = table(
    "late",
    "time entry that changed since its period was closed",
    "time_entry_id",
    state(
        "change",
        "Whether it came into the period, left it, or is another now.",
        categories=LATE_CHANGES,
    ),
    identifier("time_entry_id", "Time entry id."),
    *(TIME_ENTRIES[name] for name in ("user_id", "user", "project_id", "project")),
    date("date", "The local day on which it begins, or began if it was removed."),
    hours("hours_before", f"Tracked, {_BEFORE}."),
    hours("hours", f"Tracked {_NOW}."),
    hours("hours_change", "hours minus hours_before."),
    flag("billable_before", "Whether it was billable, NA if it was added."),
    flag("billable", "Whether it is billable, NA if it was removed."),
    cents("amount_before", f"Value, {_BEFORE}; NA if unknown.", is_additive=True),
    cents("amount", f"Value {_NOW}; NA if unknown.", is_additive=True),
    TIME_ENTRIES["currency"],
    lead=("change", "date", "user", "project", "hours_change", "amount_before", "amount"),
)
