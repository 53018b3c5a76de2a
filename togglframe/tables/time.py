"""Tables of time that the API sends: entries, totals, summaries, trends and profitability."""

from __future__ import annotations

from typing import Any, Final

from togglframe.tables._columns import (
    EARNINGS_UNIT,
    Column,
    Kind,
    Table,
    cents,
    column,
    money,
    seconds,
    text,
)

__all__ = [
    "CLIENT_TRENDS",
    "COMPARATIVE",
    "PERIOD_COMPARISON",
    "PROFITABILITY_TREND",
    "PROJECT_PROFITABILITY",
    "PROJECT_TRENDS",
    "PROJECT_USER_HOURS",
    "SUMMARY_TIME_ENTRIES",
    "TIME_ENTRIES",
    "TIME_TOTALS",
    "USER_TRENDS",
    "WEEKLY_TIME_ENTRIES",
]

_TRACKED: Final = "The time tracked."
_BILLABLE: Final = "The billable part of the tracked time, NA if unknown."
_CURRENCY: Final = text("currency", "Currency of the amounts, ISO 4217.")
_USER_ID: Final = column("user_id", Kind.ID, "User id.")
_PROJECT_ID: Final = column("project_id", Kind.ID, "Project id, NA without a project.")
_AMOUNT: Final = "Value of the billable time, NA if unknown."

TIME_ENTRIES: Final = Table(
    name="time_entries",
    grain="time entry",
    key=("id",),
    order=("start", "id"),
    ignored=frozenset({"row_number", "project_color", "project_hex", "at_tz", "toggl_accounts_id"}),
    lead=("date", "user", "project", "tracked_time", "description", "task", "client", "amount"),
    columns=(
        column("id", Kind.ID, "Time entry id."),
        _USER_ID,
        text("user", "Name of the user who tracked it.", "username", stand_in="user_id"),
        text("email", "E-mail address of the user who tracked it.", is_sensitive=True),
        _PROJECT_ID,
        text("project", "Name of the project.", "project_name", stand_in="project_id"),
        text("client", "Name of the client.", "client_name", stand_in="client_id"),
        column("task_id", Kind.ID, "Task id, NA without a task."),
        text("task", "Name of the task.", "task_name"),
        text("description", "What was done, NA if there is no description."),
        column("billable", Kind.BOOLEAN, "Whether the time is billable."),
        column("tags", Kind.NAMES, "Names of the tags.", field="tag_names"),
        column("tag_ids", Kind.IDS, "Ids of the tags."),
        column("start", Kind.TIMESTAMP, "When it began."),
        column("stop", Kind.TIMESTAMP, "When it ended."),
        column("date", Kind.DATE, "The local day on which it began.", field="start"),
        column(
            "utc_offset",
            Kind.OFFSET,
            "Offset from UTC to the local time where it was tracked.",
            field="start",
        ),
        seconds("tracked_time", _TRACKED, "seconds"),
        cents("amount", _AMOUNT, field="billable_amount_in_cents", is_additive=True),
        cents("hourly_rate", "Billable rate, per hour.", field="hourly_rate_in_cents"),
        _CURRENCY,
        column("updated_at", Kind.TIMESTAMP, "When it was last changed.", field="at"),
    ),
)


TIME_TOTALS: Final = Table(
    name="time_totals",
    grain="period",
    key=("date",),
    columns=(
        column("date", Kind.DATE, "The first day of the period."),
        seconds("tracked_time", _TRACKED, "seconds"),
        seconds("billable_time", _BILLABLE, "billable_seconds"),
        cents("amount", _AMOUNT, field="billable_amount_in_cents", is_additive=True),
        cents(
            "labour_cost",
            "Cost of the time, NA if unknown.",
            field="labour_cost_in_cents",
            is_additive=True,
            is_sensitive=True,
        ),
    ),
)

SUMMARY_TIME_ENTRIES: Final = Table(
    name="summary_time_entries",
    grain="sub-group of a group",
    key=("group_id", "sub_group_id", "title", "hourly_rate", "currency"),
    columns=(
        column("group_id", Kind.ID, "Id of the group, NA if there is none."),
        column("sub_group_id", Kind.ID, "Id of the sub-group, NA if there is none."),
        text("title", "Title of the sub-group, NA if it has none."),
        seconds("tracked_time", _TRACKED, "seconds"),
        seconds("billable_time", _BILLABLE, "billable_seconds"),
        cents("amount", _AMOUNT, field="billable_amount_in_cents", is_additive=True),
        cents(
            "hourly_rate",
            "Billable rate, per hour, NA if the row has several.",
            field="hourly_rate_in_cents",
        ),
        _CURRENCY,
        column("time_entry_ids", Kind.IDS, "Ids of the entries, NA unless asked for.", field="ids"),
    ),
)

WEEKLY_TIME_ENTRIES: Final = Table(
    name="weekly_time_entries",
    grain="day with tracked time of a user, project, task and rate",
    key=("user_id", "project_id", "task_id", "hourly_rate", "currency", "date"),
    ignored=frozenset({"project_color", "project_hex_color"}),
    columns=(
        _USER_ID,
        text("user", "Name of the user.", "user_name", stand_in="user_id"),
        _PROJECT_ID,
        text("project", "Name of the project.", "project_name", stand_in="project_id"),
        text("client", "Name of the client.", "client_name", stand_in="client_id"),
        column("task_id", Kind.ID, "Task id, NA without a task.", field="planned_task_id"),
        column("date", Kind.DATE, "The day."),
        seconds("tracked_time", _TRACKED, "seconds"),
        seconds("billable_time", _BILLABLE, "billable_seconds"),
        cents("amount", _AMOUNT, field="billable_amounts_in_cents", is_additive=True),
        cents("hourly_rate", "Billable rate, per hour.", field="hourly_rate_in_cents"),
        _CURRENCY,
    ),
)

PROJECT_USER_HOURS: Final = Table(
    name="project_user_hours",
    grain="user in a project",
    key=("project_id", "user_id"),
    columns=(
        _PROJECT_ID,
        _USER_ID,
        seconds("tracked_time", _TRACKED, "tracked_seconds"),
        seconds("billable_time", _BILLABLE, "billable_seconds"),
    ),
)

COMPARATIVE: Final = Table(
    name="comparative",
    grain="period",
    key=("date",),
    columns=(
        column("date", Kind.DATE, "The first day of the period."),
        seconds("tracked_time", _TRACKED, "total_seconds"),
    ),
)


def _undocumented(name: str, doc: str, **facts: Any) -> Column:
    return money(name, doc, EARNINGS_UNIT, is_additive=True, **facts)


_EARNINGS: Final = _undocumented("earnings", "What was earned, as the API returns it.")
_LABOUR_COST: Final = _undocumented(
    "labour_cost", "What the time cost, as the API returns it.", is_sensitive=True
)


def _trend(name: str, entity: str, *columns: Column) -> Table:
    return Table(
        name=name,
        grain=f"{entity} in a period",
        key=("date", f"{entity}_id"),
        columns=(
            column("date", Kind.DATE, "The first day of the period."),
            *columns,
            seconds("tracked_time", _TRACKED, "total_seconds"),
            seconds("billable_time", _BILLABLE, "billable_seconds"),
            _EARNINGS,
            _CURRENCY,
        ),
    )


_COLOR: Final = column("color", Kind.STRING, "Colour of the project.")

CLIENT_TRENDS: Final = _trend(
    "client_trends",
    "client",
    column("client_id", Kind.ID, "Client id, NA without a client."),
    text("client", "Name of the client.", "name", stand_in="client_id"),
)
PROJECT_TRENDS: Final = _trend(
    "project_trends",
    "project",
    _PROJECT_ID,
    text("project", "Name of the project.", "name", stand_in="project_id"),
    _COLOR,
)
USER_TRENDS: Final = _trend(
    "user_trends", "user", _USER_ID, text("user", "Name of the user.", "name", stand_in="user_id")
)

PROJECT_PROFITABILITY: Final = Table(
    name="project_profitability",
    grain="project",
    key=("project_id", "currency"),
    columns=(
        _PROJECT_ID,
        text("project", "Name of the project.", "name", stand_in="project_id"),
        _COLOR,
        seconds("tracked_time", _TRACKED, "total_seconds"),
        seconds("billable_time", _BILLABLE, "billable_seconds"),
        _EARNINGS,
        _LABOUR_COST,
        _CURRENCY,
    ),
)

PROFITABILITY_TREND: Final = Table(
    name="profitability_trend",
    grain="period",
    key=("date", "currency"),
    columns=(
        column("date", Kind.DATE, "The first day of the period."),
        _EARNINGS,
        _LABOUR_COST,
        _CURRENCY,
    ),
)

PERIOD_COMPARISON: Final = Table(
    name="period_comparison",
    grain="project and position in the period",
    key=("project_id", "position"),
    ignored=frozenset({"previousStart"}),
    columns=(
        _PROJECT_ID,
        column("user_ids", Kind.IDS, "Ids of the users who worked on it."),
        column("start", Kind.DATE, "The first day of the period."),
        column("end", Kind.DATE, "The last day of the period."),
        column("position", Kind.COUNT, "The position in both periods, from 0."),
        seconds("current_time", "The time tracked in the period.", "current_period_seconds"),
        seconds(
            "previous_time", "The time tracked in the previous period.", "previous_period_seconds"
        ),
    ),
)
