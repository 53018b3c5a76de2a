"""Reports: a workspace in, a joined frame out.

Each report fetches what it needs, no more, and calls the function of the same name in
:mod:`togglframe.joins`. Its first argument is where the listings come from: a
:class:`~togglframe.Workspace`; a mapping of listing names (`projects`, `statuses`, `clients`,
`tasks`, `project_users`, `project_groups`, `users`) to frames of your own; or a :class:`Listings`,
which shares them among several reports. Of a mapping, `clients`, `users` and `project_groups` may
be left out where they only add names, which then stay unknown.

>>> import togglframe as tf
>>> ws = tf.demo()
>>> frames = {"projects": tf.filters.projects(ws), "statuses": tf.filters.project_statuses(ws)}
>>> tf.reports.project_budget(frames)["client"].isna().all()
np.True_

What every report raises:

- :class:`~togglframe.errors.ConfigError`, :class:`TypeError` or :class:`ValueError` if an argument
  is impossible or a listing is not given, before any request;
- :class:`~togglframe.errors.QuotaExceededError` if the quota cannot pay, before any request;
- another :class:`~togglframe.errors.ApiError` if the API answers with an error, and
  :class:`~togglframe.errors.ConnectionFailedError` if the network fails: nothing partial is
  returned;
- :class:`~togglframe.errors.SchemaError` if the answer is not as declared.

What every report warns of:

- :class:`~togglframe.errors.CompletenessWarning` if it cannot be proven that all rows came;
- :class:`~togglframe.errors.SemanticsWarning` if a parameter means the opposite of its name; the
  frame has both states all the same;
- :class:`~togglframe.errors.StaleDataWarning` if the quota is used up, and an older answer is
  served.
"""

from togglframe.plan import Plan
from togglframe.reports.auditing import audit
from togglframe.reports.budget import (
    client_hours,
    client_summary,
    project_budget,
    workspace_hours,
    workspace_summary,
)
from togglframe.reports.entry_auditing import entry_audit
from togglframe.reports.members import project_members, rate_card
from togglframe.reports.planning import plan
from togglframe.reports.tasks import (
    estimate_bias,
    estimate_reconciliation,
    task_accuracy,
    workload,
)
from togglframe.reports.time_sums import earnings, hours, time_entries
from togglframe.reports.timesheets import timesheet, utilisation
from togglframe.source import Listings

__all__ = [
    "Listings",
    "Plan",
    "audit",
    "client_hours",
    "client_summary",
    "earnings",
    "entry_audit",
    "estimate_bias",
    "estimate_reconciliation",
    "hours",
    "plan",
    "project_budget",
    "project_members",
    "rate_card",
    "task_accuracy",
    "time_entries",
    "timesheet",
    "utilisation",
    "workload",
    "workspace_hours",
    "workspace_summary",
]


def __dir__() -> list[str]:
    return sorted(__all__)
