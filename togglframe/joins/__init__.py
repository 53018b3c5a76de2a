"""Joined frames whose totals are correct: frames in, one frame out, and no requests.

Every function takes the frames that the endpoints return, checks them, and returns a new frame
with the columns of its table in :mod:`togglframe.tables`; its inputs are not changed. Joins are
look-ups that keep every row; sums run on whole milliseconds and cents; a ratio without a
denominator above zero is NA. The report of the same name in :mod:`togglframe.reports` lists the
columns.
"""

from togglframe.joins.auditing import audit
from togglframe.joins.budget import project_budget
from togglframe.joins.burning import burn
from togglframe.joins.entry_auditing import entry_audit
from togglframe.joins.forecasting import forecast
from togglframe.joins.invoicing import invoice_lines
from togglframe.joins.members import project_members, rate_card
from togglframe.joins.profits import profitability, user_hours
from togglframe.joins.summaries import (
    client_hours,
    client_summary,
    workspace_hours,
    workspace_summary,
)
from togglframe.joins.tasks import (
    estimate_bias,
    estimate_reconciliation,
    task_accuracy,
    workload,
)
from togglframe.joins.time_sums import earnings, hours, time_entries
from togglframe.joins.timesheets import timesheet, utilisation

__all__ = [
    "audit",
    "burn",
    "client_hours",
    "client_summary",
    "earnings",
    "entry_audit",
    "estimate_bias",
    "estimate_reconciliation",
    "forecast",
    "hours",
    "invoice_lines",
    "profitability",
    "project_budget",
    "project_members",
    "rate_card",
    "task_accuracy",
    "time_entries",
    "timesheet",
    "user_hours",
    "utilisation",
    "workload",
    "workspace_hours",
    "workspace_summary",
]


def __dir__() -> list[str]:
    return sorted(__all__)
