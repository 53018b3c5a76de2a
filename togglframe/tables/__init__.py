"""Every table of togglframe, declared once: grain, key and columns.

Casting, docstrings, the reference, Excel formats, CSV headers and axis labels all read the
declarations here. `listings` and `time` hold what the API sends, with the names and units of its
JSON fields;
`joined` holds what the reports derive from lifetime totals, and their history in an archive,
`over_time` what they derive from time entries, and `doctor` what the doctor finds.
"""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import (
    AFTER,
    AS_OF,
    BEFORE,
    DIFFERENCE,
    EARNINGS_UNIT,
    MS_PER_HOUR,
    WORKSPACE,
    Column,
    FieldUnit,
    Kind,
    Table,
)
from togglframe.tables._derived import BUDGET_STATES, MEMBER_KINDS, SEVERITIES
from togglframe.tables.doctor import DOCTOR
from togglframe.tables.joined import (
    CHANGES,
    CLIENT_BUDGET,
    CLIENT_BUDGET_BY_CURRENCY,
    ESTIMATE_BIAS,
    ESTIMATE_RECONCILIATION,
    HISTORIES,
    OF_LISTINGS,
    PROJECT_AUDIT,
    PROJECT_BUDGET,
    PROJECT_BUDGET_MEMBERS,
    PROJECT_BUDGET_MEMBERS_PERIOD,
    PROJECT_BUDGET_PERIOD,
    PROJECT_MEMBERS,
    PROJECT_MEMBERS_UNIQUE,
    RATE_CARD,
    TASK_ACCURACY,
    TASK_ACCURACY_PEOPLE,
    WORKLOAD,
    WORKSPACE_BUDGET,
    WORKSPACE_BUDGET_BY_CURRENCY,
)
from togglframe.tables.listings import (
    CLIENTS,
    PROJECT_GROUPS,
    PROJECT_STATUSES,
    PROJECT_USERS,
    PROJECTS,
    TASK_STATUSES,
    TASKS,
    USER_DETAILS,
    USERS,
)
from togglframe.tables.over_time import (
    BURN,
    EARNINGS,
    ENTRIES,
    ENTRY_AUDIT,
    FORECAST,
    HOURS,
    INVOICE_LINES,
    PROFITABILITY,
    TIMESHEET,
    USER_HOURS,
    UTILISATION,
)
from togglframe.tables.time import (
    CLIENT_TRENDS,
    COMPARATIVE,
    PERIOD_COMPARISON,
    PROFITABILITY_TREND,
    PROJECT_PROFITABILITY,
    PROJECT_TRENDS,
    PROJECT_USER_HOURS,
    SUMMARY_TIME_ENTRIES,
    TIME_ENTRIES,
    TIME_TOTALS,
    USER_TRENDS,
    WEEKLY_TIME_ENTRIES,
)

__all__ = [
    "AFTER",
    "AS_OF",
    "BEFORE",
    "BUDGET_STATES",
    "BURN",
    "CHANGES",
    "CLIENTS",
    "CLIENT_BUDGET",
    "CLIENT_BUDGET_BY_CURRENCY",
    "CLIENT_TRENDS",
    "COLUMNS",
    "COMPARATIVE",
    "DIFFERENCE",
    "DOCTOR",
    "EARNINGS",
    "EARNINGS_UNIT",
    "ENTRIES",
    "ENTRY_AUDIT",
    "ESTIMATE_BIAS",
    "ESTIMATE_RECONCILIATION",
    "FORECAST",
    "HISTORIES",
    "HOURS",
    "INVOICE_LINES",
    "KNOWN_TABLES",
    "MEMBER_KINDS",
    "MS_PER_HOUR",
    "PERIOD_COMPARISON",
    "PROFITABILITY",
    "PROFITABILITY_TREND",
    "PROJECTS",
    "PROJECT_AUDIT",
    "PROJECT_BUDGET",
    "PROJECT_BUDGET_MEMBERS",
    "PROJECT_BUDGET_MEMBERS_PERIOD",
    "PROJECT_BUDGET_PERIOD",
    "PROJECT_GROUPS",
    "PROJECT_MEMBERS",
    "PROJECT_MEMBERS_UNIQUE",
    "PROJECT_PROFITABILITY",
    "PROJECT_STATUSES",
    "PROJECT_TRENDS",
    "PROJECT_USERS",
    "PROJECT_USER_HOURS",
    "RATE_CARD",
    "SEVERITIES",
    "SUMMARY_TIME_ENTRIES",
    "TABLES",
    "TASKS",
    "TASK_ACCURACY",
    "TASK_ACCURACY_PEOPLE",
    "TASK_STATUSES",
    "TIMESHEET",
    "TIME_ENTRIES",
    "TIME_TOTALS",
    "USERS",
    "USER_DETAILS",
    "USER_HOURS",
    "USER_TRENDS",
    "UTILISATION",
    "WEEKLY_TIME_ENTRIES",
    "WORKLOAD",
    "WORKSPACE",
    "WORKSPACE_BUDGET",
    "WORKSPACE_BUDGET_BY_CURRENCY",
    "Column",
    "FieldUnit",
    "Kind",
    "Table",
]


def __dir__() -> list[str]:
    return sorted(__all__)


TABLES: Final = (
    CLIENTS,
    PROJECTS,
    PROJECT_STATUSES,
    TASK_STATUSES,
    PROJECT_USERS,
    PROJECT_GROUPS,
    USERS,
    USER_DETAILS,
    TASKS,
    TIME_ENTRIES,
    TIME_TOTALS,
    SUMMARY_TIME_ENTRIES,
    WEEKLY_TIME_ENTRIES,
    PROJECT_USER_HOURS,
    COMPARATIVE,
    CLIENT_TRENDS,
    PROJECT_TRENDS,
    USER_TRENDS,
    PROJECT_PROFITABILITY,
    PROFITABILITY_TREND,
    PERIOD_COMPARISON,
    *OF_LISTINGS,
    PROJECT_BUDGET_PERIOD,
    PROJECT_BUDGET_MEMBERS_PERIOD,
    TASK_ACCURACY_PEOPLE,
    ENTRIES,
    HOURS,
    EARNINGS,
    TIMESHEET,
    UTILISATION,
    INVOICE_LINES,
    ENTRY_AUDIT,
    USER_HOURS,
    PROFITABILITY,
    BURN,
    FORECAST,
    DOCTOR,
    HISTORIES[PROJECT_BUDGET.name],
    CHANGES[PROJECT_BUDGET.name],
)

# Those that have a page of the reference, and what an archive makes of any other report.
KNOWN_TABLES: Final = tuple(
    {t.name: t for t in (*TABLES, *HISTORIES.values(), *CHANGES.values())}.values()
)


def _by_name() -> dict[str, list[Column]]:
    by_name: dict[str, list[Column]] = {}
    for table in KNOWN_TABLES:
        for column in table:
            by_name.setdefault(column.name, []).append(column)
    return by_name


COLUMNS: Final = _by_name()  # every declaration of a name
