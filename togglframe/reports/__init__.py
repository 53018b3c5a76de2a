"""Reports: a workspace in, a joined frame out.

Each report fetches only what it needs. Its first argument is the source of the listings: a
:class:`~togglframe.Workspace`; an :class:`~togglframe.Archive`, which costs no requests; a mapping
of listing names (`projects`, `statuses`, `clients`, `tasks`, `project_users`, `project_groups`,
`users`) to frames of your own; or a :class:`Listings`, which several reports can share. A mapping
may omit `clients`, `users` and `project_groups` where they only add names, which are then unknown.
:func:`across` takes several workspaces, and every report covers several if its Archive holds
several: `workspace_id` is then the first column and part of the key. :func:`compare` makes one of
two ranges of days.

>>> import togglframe as tf
>>> ws = tf.demo()
>>> frames = {"projects": tf.filters.projects(ws), "statuses": tf.filters.project_statuses(ws)}
>>> tf.reports.project_budget(frames)["client"].isna().all()
np.True_

Every report raises and warns as every endpoint does, see :mod:`togglframe.errors`, and

- raises :class:`~togglframe.errors.ConfigError` if a listing is not given, before any request;
- raises :class:`~togglframe.errors.QuotaExceededError` if the quota is too small, before any
  request;
- gives a :class:`~togglframe.errors.SemanticsWarning` if a parameter means the opposite of its
  name; the frame still has both states;
- fetches a cached listing again, once, if newer time entries, statuses or tasks refer to a project,
  client, user or task that it lacks. If that is impossible (an archive, frames, a spent quota), a
  :class:`~togglframe.errors.CompletenessWarning` says how many hours are concerned. What a newer
  listing lacks is deleted.
"""

import sys
from typing import Any

from togglframe._renamed import missing, with_new_keywords
from togglframe.http.quota import Plan
from togglframe.reports._across import across
from togglframe.reports.auditing import project_audit
from togglframe.reports.balances import balance
from togglframe.reports.budget import client_budget, project_budget, workspace_budget
from togglframe.reports.burning import burn
from togglframe.reports.comparing import compare
from togglframe.reports.entry_auditing import entry_audit
from togglframe.reports.forecasting import forecast
from togglframe.reports.invoicing import invoice_lines
from togglframe.reports.members import project_members, rate_card
from togglframe.reports.planning import plan, records
from togglframe.reports.profits import profitability, user_hours
from togglframe.reports.retainers import retainer
from togglframe.reports.sources import Listings
from togglframe.reports.tasks import (
    estimate_bias,
    estimate_reconciliation,
    task_accuracy,
    workload,
)
from togglframe.reports.time_sums import earnings, hours, time_entries
from togglframe.reports.timesheets import timesheet, utilisation

__all__ = [
    "Listings",
    "Plan",
    "across",
    "balance",
    "burn",
    "client_budget",
    "compare",
    "earnings",
    "entry_audit",
    "estimate_bias",
    "estimate_reconciliation",
    "forecast",
    "hours",
    "invoice_lines",
    "plan",
    "profitability",
    "project_audit",
    "project_budget",
    "project_members",
    "rate_card",
    "retainer",
    "task_accuracy",
    "time_entries",
    "timesheet",
    "user_hours",
    "utilisation",
    "workload",
    "workspace_budget",
]


def _answer_old_keywords() -> None:
    """Make every report raise a TypeError that names the new keyword where an old one is passed.

    It is replaced in its own module too, so that there is one function of each name.
    """
    for report, record in tuple(records()):
        function = with_new_keywords(report)
        setattr(sys.modules[report.__module__], record.name, function)
        globals()[record.name] = function


_answer_old_keywords()


def __getattr__(name: str) -> Any:
    raise missing(__name__, name)


def __dir__() -> list[str]:
    return sorted(__all__)
