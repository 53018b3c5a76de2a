"""Tables of the joined frames: lifetime totals, members, tasks and the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from togglframe.tables._columns import Table, tables_in
from togglframe.tables._derived import derived

__all__ = [
    "CHANGES",
    "CLIENT_BUDGET",
    "CLIENT_BUDGET_BY_CURRENCY",
    "ESTIMATE_BIAS",
    "ESTIMATE_RECONCILIATION",
    "HISTORIES",
    "PROJECT_AUDIT",
    "PROJECT_BUDGET",
    "PROJECT_BUDGET_MEMBERS",
    "PROJECT_BUDGET_MEMBERS_PERIOD",
    "PROJECT_BUDGET_PERIOD",
    "PROJECT_MEMBERS",
    "PROJECT_MEMBERS_UNIQUE",
    "RATE_CARD",
    "TASK_ACCURACY",
    "TASK_ACCURACY_PEOPLE",
    "WORKLOAD",
    "WORKSPACE_BUDGET",
    "WORKSPACE_BUDGET_BY_CURRENCY",
]

_BUDGET_LEAD: Final = """
    project overrun_hours progress tracked_hours client budget_state estimated_hours
    amount currency billable_share remaining_hours
"""
_PERIOD_LEAD: Final = """
    project overrun_hours progress tracked_hours period_hours remaining_hours finish client
    estimated_hours budget_state
"""
_MEMBER_MEASURES: Final = """
    n_members n_groups members_known
    hourly_rate_min hourly_rate_max labour_cost_min labour_cost_max
"""
_OF_PERIOD: Final = " period_hours finish"


def _project_budget(name: str, more: str = "", lead: str = _BUDGET_LEAD) -> Table:
    return derived(
        name,
        "project, also one that has only a status",
        "project_id",
        f"""
        project_id project client_id client active billable color currency
        tracked_hours estimated_hours billable_hours non_billable_hours progress
        remaining_hours variance_hours overrun_hours billable_share
        amount effective_rate realised_rate budget_state {more}
        tracked_time estimated_time billable_time
        """,
        lead=lead,
        rank="overrun_hours progress",
    )


PROJECT_BUDGET: Final = _project_budget("project_budget")
PROJECT_BUDGET_MEMBERS: Final = _project_budget("project_budget_members", _MEMBER_MEASURES)
PROJECT_BUDGET_PERIOD: Final = _project_budget(
    "project_budget_period", _OF_PERIOD, lead=_PERIOD_LEAD
)
PROJECT_BUDGET_MEMBERS_PERIOD: Final = _project_budget(
    "project_budget_members_period", _MEMBER_MEASURES + _OF_PERIOD, lead=_PERIOD_LEAD
)

_SUMMARY_DOCS: Final = {
    "billable_share": "Billable over tracked, of the projects where both are known.",
    "effective_rate": "Amount per billable hour, of the projects where both are known.",
}
_ESTIMATED_HOURS: Final = "Sum of the estimates above zero, where the tracked time is known."

CLIENT_BUDGET_BY_CURRENCY: Final = derived(
    "client_budget_by_currency",
    "client and currency",
    "client_id currency",
    """
    client_id client currency n_projects n_over n_at_risk n_no_estimate tracked_hours billable_hours
    billable_share amount effective_rate comparable_tracked_hours estimated_hours progress
    variance_hours gross_overrun_hours saved_hours remaining_hours estimate_coverage
    """,
    lead="""
        client gross_overrun_hours progress tracked_hours currency amount n_over n_projects
        billable_share effective_rate n_at_risk estimate_coverage
    """,
    rank="gross_overrun_hours progress",
    counts="n_projects n_over n_at_risk n_no_estimate",
    is_of_sums=True,
    estimated_hours=_ESTIMATED_HOURS,
    progress="Comparable tracked over estimate.",
    variance_hours="Comparable tracked minus estimate: gross overrun - saved - remaining.",
    remaining_hours="Hours left on projects not archived, without offsetting overruns.",
    **_SUMMARY_DOCS,
)


def _without_money(by_currency: Table, name: str, grain: str, **facts: Any) -> Table:
    """Return the table over all currencies, which has no amounts."""
    columns = tuple(c for c in by_currency if c.name not in _OF_A_CURRENCY)
    key = tuple(name for name in by_currency.key if name not in _OF_A_CURRENCY)
    lead = tuple(name for name in by_currency.lead if name not in _OF_A_CURRENCY)
    changed = {"key": key, "columns": columns, "lead": lead, **facts}
    return replace(by_currency, name=name, grain=grain, **changed)


_OF_A_CURRENCY: Final = ("currency", "amount", "effective_rate")
CLIENT_BUDGET: Final = _without_money(CLIENT_BUDGET_BY_CURRENCY, "client_budget", "client")

WORKSPACE_BUDGET_BY_CURRENCY: Final = derived(
    "workspace_budget_by_currency",
    "currency",
    "currency",
    """
    currency n_projects n_active tracked_hours billable_hours billable_share
    amount effective_rate n_over gross_overrun_hours estimate_coverage
    """,
    lead="""
        currency tracked_hours amount effective_rate billable_share gross_overrun_hours
        n_over n_projects estimate_coverage
    """,
    rank="tracked_hours",
    counts="n_projects n_active n_over",
    is_of_sums=True,
    **_SUMMARY_DOCS,
)

WORKSPACE_BUDGET: Final = _without_money(
    WORKSPACE_BUDGET_BY_CURRENCY,
    "workspace_budget",
    "the workspace",
    rank=(),
    lead=("tracked_hours", "billable_share", "gross_overrun_hours", "n_over", "n_projects"),
)

_MEMBER_COLUMNS: Final = """
    project_id project kind user_id user email user_active group_id group
    hourly_rate labour_cost currency rate_source
"""
_UNIQUE_COLUMNS: Final = _MEMBER_COLUMNS + " rate_conflict n_memberships"
_MEMBER_LEAD: Final = "project user hourly_rate labour_cost currency group kind user_active"

PROJECT_MEMBERS: Final = derived(
    "project_members",
    "membership: a user, or a group, in a project",
    "membership_id",
    "membership_id" + _MEMBER_COLUMNS,
    lead=_MEMBER_LEAD,
)

PROJECT_MEMBERS_UNIQUE: Final = derived(
    "project_members_unique",
    "project and user, or project and group where there is no user",
    "project_id user_id group_id",
    _UNIQUE_COLUMNS,
    lead=_MEMBER_LEAD,
)

RATE_CARD: Final = derived(
    "rate_card",
    "project and user, or project and group where there is no user",
    "project_id user_id group_id",
    _UNIQUE_COLUMNS + " unit_margin unit_margin_pct below_cost",
    lead="""
        project user hourly_rate labour_cost currency group unit_margin unit_margin_pct
        below_cost kind user_active
    """,
)


def _task_accuracy(name: str, people: str = "") -> Table:
    return derived(
        name,
        "task",
        "task_id",
        f"""
        task_id task project_id project client_id client user_id assignee {people}
        tracked_hours estimated_hours remaining_hours variance_hours
        accuracy_ratio log2_ratio abs_pct_error task_state done recurring rate currency
        external_reference integration_provider integration_ext_id integration_ext_type
        tracked_time estimated_time
        """,
        lead=f"""
        task project variance_hours accuracy_ratio tracked_hours {people or "assignee"}
        estimated_hours task_state client
        """,
        rank="variance_hours",
        tracked_hours="All time tracked on the task.",
    )


TASK_ACCURACY: Final = _task_accuracy("task_accuracy")
TASK_ACCURACY_PEOPLE: Final = _task_accuracy("task_accuracy_people", "people")

_BIAS_COLUMNS: Final = """
    n n_no_estimate median_ratio p80_ratio share_over bias mdape suggested_multiplier
"""
ESTIMATE_BIAS: Final = {
    by: derived(
        f"estimate_bias_{by}",
        by.replace("_", " "),
        key,
        columns + _BIAS_COLUMNS,
        lead=f"{by} bias n median_ratio p80_ratio share_over suggested_multiplier mdape",
        rank="bias",
    )
    for by, key, columns in (
        ("user", "user_id", "user_id user"),
        ("project", "project_id", "project_id project"),
        ("client", "client_id", "client_id client"),
        ("integration_provider", "integration_provider", "integration_provider"),
    )
}

ESTIMATE_RECONCILIATION: Final = derived(
    "estimate_reconciliation",
    "project",
    "project_id",
    """
    project_id project client_id client n_tasks
    tracked_hours task_tracked_hours untasked_hours tasked_share
    estimated_hours task_estimated_hours estimate_gap_hours
    tracked_exceeds_project estimate_exceeds_project
    tracked_time estimated_time task_tracked_time task_estimated_time
    """,
    lead="""
        project untasked_hours tracked_hours tasked_share estimate_gap_hours estimated_hours
        task_estimated_hours client
    """,
    rank="untasked_hours",
)

WORKLOAD: Final = derived(
    "workload",
    "assignee of open tasks, and one for unassigned tasks",
    "user_id",
    """
    user_id user n_open n_over n_no_estimate
    estimated_hours tracked_hours remaining_hours overrun_hours n_projects
    """,
    lead="""
        user remaining_hours n_open n_over overrun_hours estimated_hours tracked_hours n_projects
    """,
    rank="remaining_hours",
    is_of_sums=True,
    user_id="User the tasks are assigned to, NA for nobody.",
    estimated_hours=_ESTIMATED_HOURS,
    tracked_hours="Tracked on the open tasks that have an estimate.",
    remaining_hours="Sum of the hours left on each task, without offsetting overruns.",
    overrun_hours="Sum of the overruns of the tasks.",
)

PROJECT_AUDIT: Final = derived(
    "project_audit",
    "finding",
    "check entity id label",
    "severity check entity id label detail hours_affected",
    lead="severity label detail hours_affected check",
)

# Those that need time entries too.
WITH_ENTRIES: Final = (PROJECT_BUDGET_PERIOD, PROJECT_BUDGET_MEMBERS_PERIOD, TASK_ACCURACY_PEOPLE)
# What reports make of listings alone, every other table of this module; an archive makes of each of
# them how it was on every day, and what moved between two.
OF_LISTINGS: Final = tuple(table for table in tables_in(globals()) if table not in WITH_ENTRIES)
HISTORIES: Final = {table.name: table.history() for table in OF_LISTINGS}
CHANGES: Final = {table.name: table.changes() for table in OF_LISTINGS}
