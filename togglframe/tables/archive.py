"""Tables of an archive: the periods that were closed, and what changed in them since."""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import Kind, Table, cents, column, state
from togglframe.tables.time import TIME_ENTRIES

__all__ = [
    "CLOSED",
    "LATE",
]

LATE_CHANGES: Final = ("added", "removed", "edited")

_BEFORE: Final = "as it was closed, 0 if the entry was not in the period"
_NOW: Final = "now, 0 if the entry is not in the period any more"

CLOSED: Final = Table(
    name="closed",
    grain="closed period",
    key=("period",),
    lead=("period", "closed_at", "n_entries", "tracked_hours", "billable_hours"),
    columns=(
        column("period", Kind.STRING, "The period, such as 2026-10."),
        column("closed_at", Kind.TIMESTAMP, "When it was closed."),
        column("n_entries", Kind.COUNT, "Time entries of the period."),
        column("tracked_hours", Kind.HOURS, "The time tracked."),
        column("billable_hours", Kind.HOURS, "Its billable part, NA if unknown."),
    ),
)

LATE: Final = Table(
    name="late",
    grain="time entry that changed since its period was closed",
    key=("time_entry_id",),
    lead=("change", "date", "user", "project", "hours_change", "amount_before", "amount"),
    columns=(
        state(
            "change", "Whether it came into the period, left it, or is another now.", LATE_CHANGES
        ),
        column("time_entry_id", Kind.ID, "Time entry id."),
        *(TIME_ENTRIES[name] for name in ("user_id", "user", "project_id", "project")),
        column("date", Kind.DATE, "The local day on which it begins, or began if it was removed."),
        column("hours_before", Kind.HOURS, f"Tracked, {_BEFORE}."),
        column("hours", Kind.HOURS, f"Tracked {_NOW}."),
        column("hours_change", Kind.HOURS, "hours minus hours_before."),
        column("billable_before", Kind.BOOLEAN, "Whether it was billable, NA if it was added."),
        column("billable", Kind.BOOLEAN, "Whether it is billable, NA if it was removed."),
        cents("amount_before", f"Value, {_BEFORE}; NA if unknown.", is_additive=True),
        cents("amount", f"Value {_NOW}; NA if unknown.", is_additive=True),
        TIME_ENTRIES["currency"],
    ),
)
