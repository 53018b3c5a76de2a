"""Tables of the reports over time, of the closed periods of an archive, and of the doctor."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from togglframe.tables._columns import (
    Table,
    cents,
    count,
    date,
    flag,
    hours,
    identifier,
    state,
    string,
    table,
    tables_in,
    timestamp,
)
from togglframe.tables._derived import derived
from togglframe.tables.time import TIME_ENTRIES

__all__ = [
    "ARCHIVED",
    "BALANCE",
    "BURN",
    "CLOSED",
    "DOCTOR",
    "EARNINGS",
    "ENTRIES",
    "ENTRY_AUDIT",
    "FORECAST",
    "HOURS",
    "INVOICE_LINES",
    "LATE",
    "PROFITABILITY",
    "RETAINER",
    "TIMESHEET",
    "USER_HOURS",
    "UTILISATION",
]

_DOCS: Final = {
    "user": "Name of the user who tracked it.",
    "project": "Name of the project.",
    "project_id": "Project id, NA without a project.",
    "client_id": "Client id, NA without a client.",
    "task_id": "Task id, NA without a task.",
    "billable": "Whether the time is billable.",
    "tracked_hours": "The time tracked.",
    "billable_hours": "The billable part of the tracked hours, NA if unknown.",
    "billable_share": "Billable over tracked, where known.",
    "amount": "Value of the billable time, NA if unknown.",
    "hourly_rate": "Billable rate, per hour, NA if unknown.",
}


def _over_time(*names: str, is_comparable: bool = True, **facts: Any) -> Table:
    return replace(derived(*names, **(_DOCS | facts)), is_comparable=is_comparable)


ENTRIES: Final = Table(
    name="entries",
    grain="time entry",
    key=("id",),
    order=("start", "id"),
    lead=TIME_ENTRIES.lead,
    columns=tuple(
        replace(one, field=None, field_unit=None)
        for each in TIME_ENTRIES
        for one in (
            [identifier("client_id", _DOCS["client_id"]), each] if each.name == "client" else [each]
        )
    ),
)

_BY: Final = """
    user_id user project_id project client_id client task_id task billable description tags
"""
_KEYS: Final = "user_id project_id client_id task_id billable description tags"

HOURS: Final = _over_time(
    "hours",
    "combination of `by` and period",
    f"{_KEYS} period",
    f"""
    {_BY} period tracked_hours billable_hours billable_share n_entries n_days
    tracked_time billable_time
    """,
    lead="""
        period user project client task description tracked_hours billable_hours
        billable_share n_entries n_days
    """,
    choices=f"{_BY} period",
)

EARNINGS: Final = _over_time(
    "earnings",
    "combination of `by`, period and currency",
    f"{_KEYS} period currency",
    f"{_BY} period currency billable_hours amount effective_rate billable_time",
    lead="""
        period client project user task description amount currency billable_hours
        effective_rate
    """,
    choices=f"{_BY} period",
    effective_rate="Amount per billable hour, of the entries where both are known.",
)

TIMESHEET: Final = _over_time(
    "timesheet",
    "user on a day",
    "user_id date",
    """
    user_id user date first_start last_stop tracked_hours billable_hours span_hours break_hours
    overlap_hours n_entries tracked_time
    """,
    lead="""
        date user first_start last_stop tracked_hours break_hours overlap_hours
        billable_hours n_entries
    """,
    date="The local day on which the entries began.",
)

UTILISATION: Final = _over_time(
    "utilisation",
    "user in a period",
    "user_id period",
    """
    user_id user period workdays capacity_hours tracked_hours billable_hours utilisation load
    idle_hours
    """,
    lead="period user utilisation load capacity_hours tracked_hours billable_hours idle_hours",
    choices="period",
    user="Name of the user.",
)

BALANCE: Final = _over_time(
    "balance",
    "user in a period",
    "user_id period",
    """
    user_id user period workdays expected_hours absence_hours tracked_hours balance_hours
    running_hours
    """,
    lead="period user running_hours balance_hours expected_hours tracked_hours absence_hours",
    choices="period",
    user="Name of the user.",
    tracked_hours="The time tracked, without time off.",
    workdays="Days with scheduled hours that are no holidays, NA without a schedule.",
    expected_hours="Scheduled, without holidays and absences, NA without a schedule.",
)

RETAINER: Final = _over_time(
    "retainer",
    "project or client with a budget, in a period",
    "project_id client_id period",
    """
    project_id project client_id client period budget_hours carried_hours available_hours
    tracked_hours left_hours used state tracked_time
    """,
    lead="""
        period client project left_hours tracked_hours budget_hours state used carried_hours
        available_hours
    """,
    is_comparable=False,  # its periods are whole
    project_id="Project id, NA where the budget is of a client.",
    project="Name of the project, NA where the budget is of a client.",
    tracked_hours="The time tracked in the period.",
    tracked_time="Tracked in the period, exact.",
)

INVOICE_LINES: Final = _over_time(
    "invoice_lines",
    "client, combination of `by`, rate and currency",
    f"client_id {_KEYS.replace('client_id ', '')} hourly_rate currency",
    f"""
    client_id client {_BY.replace("client_id client ", "")} hourly_rate currency n_entries
    tracked_hours billed_hours amount
    """,
    lead="""
        client amount currency project user description task billed_hours hourly_rate
        tracked_hours n_entries
    """,
    choices=_BY.replace("client_id client ", ""),
    tracked_hours="The billable time, as it was tracked.",
    amount="Amount to be paid, NA if a part of it is unknown.",
)

ENTRY_AUDIT: Final = _over_time(
    "entry_audit",
    "finding",
    "severity check user_id date time_entry_id other_id",
    """
    severity check user_id user email date project client start stop time_entry_id other_id label
    detail hours_affected
    """,
    lead="severity date user project detail hours_affected check label start stop client email",
    is_comparable=False,  # its findings are about single entries and days
    email="E-mail address of the user.",
    project="Name of the project, NA if the finding is about a day.",
    client="Name of the client, NA if the finding is about a day.",
    user_id="User whose time it is.",
    date="The day the finding is about.",
    label="Description of the entry, or the user.",
)

USER_HOURS: Final = _over_time(
    "user_hours",
    "user on a project",
    "project_id user_id",
    """
    project_id project client user_id user is_member tracked_hours billable_hours
    share_of_project tracked_time
    """,
    lead="project user tracked_hours share_of_project billable_hours is_member client",
)

PROFITABILITY: Final = _over_time(
    "profitability",
    "project or client in a currency",
    "project_id client_id currency",
    """
    project_id project client_id client currency tracked_hours billable_hours revenue cost_known
    cost_coverage profit profit_upper_bound margin
    """,
    lead="""
        project revenue profit currency margin cost_coverage tracked_hours client
        billable_hours
    """,
    choices="project_id project client_id client",
)

BURN: Final = _over_time(
    "burn",
    "project in a period",
    "project_id period",
    """
    project_id project client period tracked_hours cumulative_hours estimated_hours progress
    tracked_time
    """,
    lead="project period tracked_hours cumulative_hours progress estimated_hours client",
    tracked_hours="The time tracked in the period.",
    progress="All time tracked up to then, over the estimate.",
    tracked_time="Tracked in the period, exact.",
)

FORECAST: Final = _over_time(
    "forecast",
    "active project",
    "project_id",
    """
    project_id project client tracked_hours estimated_hours remaining_hours burn_per_week n_weeks
    weeks_left_low weeks_left weeks_left_high finish_low finish finish_high budget_state
    hours_per_week_needed
    """,
    lead="""
        project finish finish_low finish_high remaining_hours burn_per_week hours_per_week_needed
        weeks_left budget_state client
    """,
    choices="hours_per_week_needed",
    is_comparable=False,  # it is made of all time up to a day
    project_id="Project id.",
    tracked_hours="All time tracked up to then.",
)

LATE_CHANGES: Final = ("added", "removed", "edited")

_BEFORE: Final = "as it was closed, 0 if the entry was not in the period"
_NOW: Final = "now, 0 if the entry is not in the period any more"

CLOSED: Final = table(
    "closed",
    "closed period",
    "period",
    string("period", "The period, such as 2026-10."),
    timestamp("closed_at", "When it was closed."),
    count("n_entries", "Time entries of the period.", is_additive=True),
    hours("tracked_hours", "The time tracked."),
    hours("billable_hours", "Its billable part, NA if unknown."),
    lead=("period", "closed_at", "n_entries", "tracked_hours", "billable_hours"),
)

ARCHIVED: Final = table(
    "archived",
    "archived month",
    "month",
    string("month", "The month, such as 2026-10."),
    count(
        "rows",
        "Entries in the archive, NA if the file is gone.",
        heading="Entries",
        is_additive=True,
    ),
    hours("tracked_hours", "Their total, NA if the file is gone."),
    timestamp("fetched_at", "When they were fetched, NA if the file is gone."),
    timestamp("compared_at", "When a sync last found them up to date."),
    timestamp("closed_at", "When a period with the month was last closed."),
    count("n_late", "Entries that changed since, NA if it is not closed.", is_additive=True),
    lead=("month", "rows", "tracked_hours", "n_late", "closed_at", "compared_at", "fetched_at"),
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
    hours("hours_before", f"Tracked, {_BEFORE}.", heading="Before"),
    hours("hours", f"Tracked {_NOW}.", heading="Now"),
    hours("hours_change", "hours minus hours_before.", heading="Change"),
    flag("billable_before", "Whether it was billable, NA if it was added."),
    flag("billable", "Whether it is billable, NA if it was removed."),
    cents("amount_before", f"Value, {_BEFORE}; NA if unknown.", is_additive=True),
    cents("amount", f"Value {_NOW}; NA if unknown.", is_additive=True),
    TIME_ENTRIES["currency"],
    lead=("change", "user", "project", "amount", "amount_before", "hours_change", "date"),
)

VERDICTS: Final = ("does not hold", "cannot tell", "holds")

DOCTOR: Final = table(
    "doctor",
    "point",
    "point",
    string("point", "What is checked."),
    string("assumed", "What togglframe assumes.", is_sentence=True),
    string("seen", "What the API did.", is_sentence=True),
    state("verdict", "Whether the assumption fits what was seen.", categories=VERDICTS),
    string("consequence", "What this means for you.", is_sentence=True),
    lead=("point", "verdict", "seen", "consequence", "assumed"),
)

# Two ranges of one report.
COMPARISONS: Final = {
    table.name: table.comparison() for table in tables_in(globals()) if table.is_comparable
}
