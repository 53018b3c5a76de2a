"""Tables of time that the API sends: entries, totals, summaries, trends and profitability."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Final

from togglframe.tables._columns import (
    EARNINGS_UNIT,
    Column,
    Kind,
    Table,
    cents,
    count,
    date,
    duration,
    flag,
    identifier,
    ids,
    money,
    names,
    string,
    table,
    text,
    timestamp,
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
_SECONDS: Final = duration("tracked_time", _TRACKED, "seconds")
_TOTAL_SECONDS: Final = duration("tracked_time", _TRACKED, "total_seconds")
_BILLABLE: Final = duration(
    "billable_time", "The billable part of the tracked time, NA if unknown."
)
_PERIOD: Final = date("date", "The first day of the period.")
_PROJECT: Final = text(
    "project", "Name of the project.", field="project_name", stand_in="project_id"
)
_PROJECT_NAME: Final = replace(_PROJECT, field="name")
_CLIENT: Final = text("client", "Name of the client.", field="client_name", stand_in="client_id")
_HOURLY_RATE: Final = cents("hourly_rate", "Billable rate, per hour.", field="hourly_rate_in_cents")
_CURRENCY: Final = text("currency", "Currency of the amounts, ISO 4217.")
_USER_ID: Final = identifier("user_id", "User id.")
_PROJECT_ID: Final = identifier("project_id", "Project id, NA without a project.")
_AMOUNT: Final = cents(
    "amount",
    "Value of the billable time, NA if unknown.",
    field="billable_amount_in_cents",
    is_additive=True,
)

TIME_ENTRIES: Final = table(
    "time_entries",
    "time entry",
    "id",
    identifier("id", "Time entry id."),
    _USER_ID,
    text("user", "Name of the user who tracked it.", field="username", stand_in="user_id"),
    text("email", "E-mail address of the user who tracked it.", is_sensitive=True),
    _PROJECT_ID,
    _PROJECT,
    _CLIENT,
    identifier("task_id", "Task id, NA without a task."),
    text("task", "Name of the task.", field="task_name"),
    text("description", "What was done, NA if there is no description."),
    flag("billable", "Whether the time is billable."),
    names("tags", "Names of the tags.", field="tag_names"),
    ids("tag_ids", "Ids of the tags."),
    timestamp("start", "When it began."),
    timestamp("stop", "When it ended."),
    date("date", "The local day on which it began.", field="start"),
    Column(
        "utc_offset",
        "Offset from UTC to the local time where it was tracked.",
        Kind.OFFSET,
        field="start",
        heading="UTC offset",
    ),
    _SECONDS,
    _AMOUNT,
    _HOURLY_RATE,
    _CURRENCY,
    timestamp("updated_at", "When it was last changed.", field="at"),
    order=("start", "id"),
    ignored=frozenset({"row_number", "project_color", "project_hex", "at_tz", "toggl_accounts_id"}),
    lead=("date", "user", "project", "tracked_time", "description", "task", "client", "amount"),
)


TIME_TOTALS: Final = table(
    "time_totals",
    "period",
    "date",
    _PERIOD,
    _SECONDS,
    _BILLABLE,
    _AMOUNT,
    cents(
        "labour_cost",
        "Cost of the time, NA if unknown.",
        field="labour_cost_in_cents",
        is_additive=True,
        is_sensitive=True,
    ),
)

SUMMARY_TIME_ENTRIES: Final = table(
    "summary_time_entries",
    "sub-group of a group",
    "group_id sub_group_id title hourly_rate currency",
    identifier("group_id", "Id of the group, NA if there is none."),
    identifier("sub_group_id", "Id of the sub-group, NA if there is none."),
    text("title", "Title of the sub-group, NA if it has none."),
    _SECONDS,
    _BILLABLE,
    _AMOUNT,
    cents(
        "hourly_rate",
        "Billable rate, per hour, NA if the row has several.",
        field="hourly_rate_in_cents",
    ),
    _CURRENCY,
    ids("time_entry_ids", "Ids of the entries, NA unless asked for.", field="ids"),
)

WEEKLY_TIME_ENTRIES: Final = table(
    "weekly_time_entries",
    "day with tracked time of a user, project, task and rate",
    "user_id project_id task_id hourly_rate currency date",
    _USER_ID,
    text("user", "Name of the user.", field="user_name", stand_in="user_id"),
    _PROJECT_ID,
    _PROJECT,
    _CLIENT,
    identifier("task_id", "Task id, NA without a task.", field="planned_task_id"),
    date("date", "The day."),
    _SECONDS,
    _BILLABLE,
    replace(_AMOUNT, field="billable_amounts_in_cents"),
    _HOURLY_RATE,
    _CURRENCY,
    ignored=frozenset({"project_color", "project_hex_color"}),
)

PROJECT_USER_HOURS: Final = table(
    "project_user_hours",
    "user in a project",
    "project_id user_id",
    _PROJECT_ID,
    _USER_ID,
    duration("tracked_time", _TRACKED),
    _BILLABLE,
)

COMPARATIVE: Final = table("comparative", "period", "date", _PERIOD, _TOTAL_SECONDS)


_undocumented = partial(money, field_unit=EARNINGS_UNIT, is_additive=True)
_EARNINGS: Final = _undocumented("earnings", "What was earned, as the API returns it.")
_LABOUR_COST: Final = _undocumented(
    "labour_cost", "What the time cost, as the API returns it.", is_sensitive=True
)


def _trend(name: str, entity: str, *columns: Column) -> Table:
    return Table(
        name=name,
        grain=f"{entity} in a period",
        key=("date", f"{entity}_id"),
        columns=(_PERIOD, *columns, _TOTAL_SECONDS, _BILLABLE, _EARNINGS, _CURRENCY),
    )


_COLOR: Final = string("color", "Colour of the project.")

CLIENT_TRENDS: Final = _trend(
    "client_trends",
    "client",
    identifier("client_id", "Client id, NA without a client."),
    text("client", "Name of the client.", field="name", stand_in="client_id"),
)
PROJECT_TRENDS: Final = _trend("project_trends", "project", _PROJECT_ID, _PROJECT_NAME, _COLOR)
USER_TRENDS: Final = _trend(
    "user_trends",
    "user",
    _USER_ID,
    text("user", "Name of the user.", field="name", stand_in="user_id"),
)

PROJECT_PROFITABILITY: Final = table(
    "project_profitability",
    "project",
    "project_id currency",
    _PROJECT_ID,
    _PROJECT_NAME,
    _COLOR,
    _TOTAL_SECONDS,
    _BILLABLE,
    _EARNINGS,
    _LABOUR_COST,
    _CURRENCY,
)

PROFITABILITY_TREND: Final = table(
    "profitability_trend", "period", "date currency", _PERIOD, _EARNINGS, _LABOUR_COST, _CURRENCY
)

PERIOD_COMPARISON: Final = table(
    "period_comparison",
    "project and position in the period",
    "project_id position",
    _PROJECT_ID,
    ids("user_ids", "Ids of the users who worked on it."),
    date("start", "The first day of the period."),
    date("end", "The last day of the period."),
    count("position", "The position in both periods, from 0."),
    duration("current_time", "The time tracked in the period.", "current_period_seconds"),
    duration(
        "previous_time", "The time tracked in the previous period.", "previous_period_seconds"
    ),
    ignored=frozenset({"previousStart"}),
)
