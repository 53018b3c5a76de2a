"""Tables of the joined frames: life-time totals, members, tasks and the audit."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from togglframe.tables._columns import (
    Kind,
    Table,
    column,
    cost,
    excess,
    factor,
    name,
    state,
)

BUDGET_STATES: Final = (
    "no_status",
    "no_estimate",
    "zero_estimate",
    "not_started",
    "over",
    "at_risk",
    "on_track",
)
MEMBER_KINDS: Final = ("user", "user_via_group", "group", "unknown")
SEVERITIES: Final = ("error", "warning", "info")


_DERIVED: Final = {
    column.name: column
    for column in (
        # who and what
        column("project_id", Kind.ID, "Project id."),
        name("project", "Name of the project, NA where it is not listed.", "project_id"),
        column("client_id", Kind.ID, "Client id, NA where the project has no client."),
        name("client", "Name of the client.", "client_id"),
        column("task_id", Kind.ID, "Task id."),
        column("task", Kind.STRING, "Name of the task."),
        column("membership_id", Kind.ID, "Membership id."),
        column("user_id", Kind.ID, "User id."),
        column("user", Kind.STRING, 'Name of the user, "User 123 (not listed)" if unknown.'),
        name("assignee", "Whom the task is assigned to; others may track on it.", "user_id"),
        column("email", Kind.STRING, "E-mail address of the user.", is_sensitive=True),
        column("user_active", Kind.BOOLEAN, "Whether the user is active, NA if not listed."),
        column("group_id", Kind.ID, "Group id."),
        column("group", Kind.STRING, "Name of the group."),
        column("active", Kind.BOOLEAN, "False when the project is archived."),
        column("billable", Kind.BOOLEAN, "Whether the project is billable."),
        column("color", Kind.STRING, "Colour of the project in Toggl Track, as #rrggbb."),
        column("currency", Kind.STRING, "Currency of every amount in the row, ISO 4217."),
        state("kind", "How the member belongs to the project.", MEMBER_KINDS),
        # hours
        column("tracked_hours", Kind.HOURS, "All time ever tracked, NA without a status."),
        column("estimated_hours", Kind.HOURS, "Estimate, NA where there is none."),
        column("billable_hours", Kind.HOURS, "The billable part of the tracked hours."),
        column("non_billable_hours", Kind.HOURS, "Tracked minus billable."),
        column("remaining_hours", Kind.HOURS, "Estimate minus tracked; negative when over."),
        excess("variance_hours", "Tracked minus estimate; positive is over."),
        excess("overrun_hours", "The positive part of the variance."),
        column(
            "comparable_tracked_hours", Kind.HOURS, "Tracked on what has an estimate above zero."
        ),
        excess("gross_overrun_hours", "Sum of the overruns, savings not set off."),
        column("saved_hours", Kind.HOURS, "What archived projects left of their estimates."),
        column("task_tracked_hours", Kind.HOURS, "Tracked on the tasks of the project."),
        column("task_estimated_hours", Kind.HOURS, "Sum of the estimates of the tasks."),
        column("untasked_hours", Kind.HOURS, "Tracked on the project, but on no task."),
        column("estimate_gap_hours", Kind.HOURS, "Project estimate minus the tasks' estimates."),
        column("hours_affected", Kind.HOURS, "Hours at stake in the finding, NA if none."),
        # ratios
        column("progress", Kind.RATIO, "Tracked over estimate.", has_bar=True),
        column("billable_share", Kind.RATIO, "Billable over tracked."),
        column("estimate_coverage", Kind.RATIO, "Share of tracked hours that have an estimate."),
        factor("accuracy_ratio", "Tracked over estimate; 2 is twice the estimate."),
        factor("log2_ratio", "Base-2 logarithm of the accuracy ratio."),
        column("abs_pct_error", Kind.RATIO, "Distance from the estimate, over the estimate."),
        factor("median_ratio", "Median of the accuracy ratios."),
        factor("p80_ratio", "80 % of the tasks stay at or below this ratio."),
        column("share_over", Kind.RATIO, "Share of the tasks that went over their estimate."),
        factor("bias", "Sum of tracked over sum of estimates."),
        column("mdape", Kind.RATIO, "Median absolute percentage error."),
        factor("suggested_multiplier", "p80_ratio where n is at least 10."),
        column("tasked_share", Kind.RATIO, "Share of the project's hours that are on tasks."),
        column("unit_margin_pct", Kind.RATIO, "Unit margin over hourly rate.", is_sensitive=True),
        # money
        column(
            "amount",
            Kind.MONEY,
            "Worth of the billable time; NA is unknown, not zero.",
            is_additive=True,
        ),
        column("effective_rate", Kind.MONEY, "Amount per billable hour."),
        column("realised_rate", Kind.MONEY, "Amount per tracked hour."),
        column("hourly_rate", Kind.MONEY, "Billable rate, per hour; NA if not visible."),
        cost("labour_cost", "Labour cost, per hour; NA if not visible."),
        column("hourly_rate_min", Kind.MONEY, "Lowest hourly rate known in this currency."),
        column("hourly_rate_max", Kind.MONEY, "Highest hourly rate known in this currency."),
        cost("labour_cost_min", "Lowest labour cost known in this currency."),
        cost("labour_cost_max", "Highest labour cost known in this currency."),
        column("rate", Kind.MONEY, "Rate of the task, per hour."),
        cost("unit_margin", "Hourly rate minus labour cost."),
        # counts
        column("n", Kind.COUNT, "Tasks with an estimate above zero."),
        column("n_projects", Kind.COUNT, "Projects."),
        column("n_active", Kind.COUNT, "Projects that are not archived."),
        column("n_over", Kind.COUNT, "How many are over their estimate."),
        column("n_at_risk", Kind.COUNT, "How many are at risk."),
        column("n_no_estimate", Kind.COUNT, "How many have no estimate; zero is one."),
        column("n_tasks", Kind.COUNT, "Tasks."),
        column("n_open", Kind.COUNT, "Open tasks."),
        column("n_members", Kind.COUNT, "Distinct users among the members."),
        column("n_groups", Kind.COUNT, "Memberships of whole groups."),
        column("n_memberships", Kind.COUNT, "Membership rows behind this row."),
        # booleans and strings
        column("members_known", Kind.BOOLEAN, "False where a whole group is a member."),
        column("done", Kind.BOOLEAN, "Whether the task is done."),
        column("recurring", Kind.BOOLEAN, "Whether the task recurs."),
        column(
            "below_cost", Kind.BOOLEAN, "Whether the rate is below the cost.", is_sensitive=True
        ),
        column(
            "rate_conflict", Kind.BOOLEAN, "Whether the rows behind it know two rates or costs."
        ),
        column(
            "tracked_exceeds_project",
            Kind.BOOLEAN,
            "Whether tasks hold more hours than the project.",
        ),
        column(
            "estimate_exceeds_project", Kind.BOOLEAN, "Whether task estimates exceed the project's."
        ),
        column("rate_source", Kind.STRING, '"project_user", or NA: inherited and not visible.'),
        column("external_reference", Kind.STRING, "Reference to something outside Toggl Track."),
        column("integration_provider", Kind.STRING, "The other system: asana, jira, salesforce."),
        column("integration_ext_id", Kind.STRING, "Id of the linked entity in the other system."),
        column("integration_ext_type", Kind.STRING, "Type of the linked entity there."),
        state("budget_state", "Where the project stands against its estimate.", BUDGET_STATES),
        state("task_state", "Where the task stands against its estimate.", BUDGET_STATES),
        state("severity", "How much the finding matters.", SEVERITIES),
        column("check", Kind.STRING, "The check that found it."),
        column("entity", Kind.STRING, "What the id is of: project, task, member, workspace."),
        column("id", Kind.ID, "Id of the entity."),
        column("label", Kind.STRING, "Name of the entity."),
        column("detail", Kind.STRING, "What was found, in one sentence.", is_sentence=True),
        # exact
        column("tracked_time", Kind.DURATION, "Tracked, exact."),
        column("estimated_time", Kind.DURATION, "Estimate, exact."),
        column("billable_time", Kind.DURATION, "Billable, exact."),
        column("task_tracked_time", Kind.DURATION, "Tracked on tasks, exact."),
        column("task_estimated_time", Kind.DURATION, "Estimates of the tasks, exact."),
    )
}


def _derived(
    name: str,
    grain: str,
    key: tuple[str, ...],
    columns: str,
    *,
    lead: str,
    rank: str = "",
    is_of_sums: bool = False,
    **docs: str,
) -> Table:
    """Make a table out of the derived columns named in a string; `docs` say what differs here."""
    picked = (_DERIVED[column] for column in columns.split())
    return Table(
        name=name,
        grain=grain,
        key=key,
        columns=tuple(replace(c, doc=docs[c.name]) if c.name in docs else c for c in picked),
        rank=tuple(rank.split()),
        is_of_sums=is_of_sums,
        lead=tuple(lead.split()),
    )


_BUDGET_HEAD: Final = """
    project_id project client_id client active billable color currency
    tracked_hours estimated_hours billable_hours non_billable_hours progress
    remaining_hours variance_hours overrun_hours billable_share
    amount effective_rate realised_rate budget_state
"""
_BUDGET_TAIL: Final = " tracked_time estimated_time billable_time"
_BUDGET_RANK: Final = "overrun_hours progress"
_BUDGET_LEAD: Final = """
    project overrun_hours progress tracked_hours client estimated_hours budget_state
    amount currency billable_share remaining_hours
"""

PROJECT_BUDGET: Final = _derived(
    "project_budget",
    "project, also one that has only a status",
    ("project_id",),
    _BUDGET_HEAD + _BUDGET_TAIL,
    lead=_BUDGET_LEAD,
    rank=_BUDGET_RANK,
)

PROJECT_BUDGET_MEMBERS: Final = _derived(
    "project_budget_members",
    "project, also one that has only a status",
    ("project_id",),
    _BUDGET_HEAD
    + """
    n_members n_groups members_known
    hourly_rate_min hourly_rate_max labour_cost_min labour_cost_max
    """
    + _BUDGET_TAIL,
    lead=_BUDGET_LEAD,
    rank=_BUDGET_RANK,
)

_CLIENT_COUNTS: Final = " n_projects n_over n_at_risk n_no_estimate tracked_hours billable_hours"
_CLIENT_TAIL: Final = """
    comparable_tracked_hours estimated_hours progress
    variance_hours gross_overrun_hours saved_hours remaining_hours estimate_coverage
"""
_CLIENT_RANK: Final = "gross_overrun_hours progress"
_CLIENT_LEAD: Final = """
    client gross_overrun_hours progress tracked_hours currency amount n_over n_projects
    billable_share effective_rate n_at_risk estimate_coverage
"""
_SUMMARY_DOCS: Final = {
    "billable_share": "Billable over tracked, of the projects where both are known.",
    "effective_rate": "Amount per billable hour, of the projects where both are known.",
}
_CLIENT_DOCS: Final = {
    **_SUMMARY_DOCS,
    "estimated_hours": "Sum of the estimates above zero, where the tracked time is known.",
    "progress": "Comparable tracked over estimate.",
    "variance_hours": "Comparable tracked minus estimate: gross overrun - saved - remaining.",
    "remaining_hours": "What is left on projects not archived, overruns not set off.",
}

CLIENT_SUMMARY: Final = _derived(
    "client_summary",
    "client and currency",
    ("client_id", "currency"),
    "client_id client currency"
    + _CLIENT_COUNTS
    + " billable_share amount effective_rate"
    + _CLIENT_TAIL,
    lead=_CLIENT_LEAD,
    rank=_CLIENT_RANK,
    is_of_sums=True,
    **_CLIENT_DOCS,
)

CLIENT_HOURS: Final = _derived(
    "client_hours",
    "client",
    ("client_id",),
    "client_id client" + _CLIENT_COUNTS + " billable_share" + _CLIENT_TAIL,
    lead=" ".join(
        n for n in _CLIENT_LEAD.split() if n not in {"currency", "amount", "effective_rate"}
    ),
    rank=_CLIENT_RANK,
    is_of_sums=True,
    **_CLIENT_DOCS,
)

WORKSPACE_SUMMARY: Final = _derived(
    "workspace_summary",
    "currency",
    ("currency",),
    """
    currency n_projects n_active tracked_hours billable_hours billable_share
    amount effective_rate n_over gross_overrun_hours estimate_coverage
    """,
    lead="""
        currency tracked_hours amount effective_rate billable_share gross_overrun_hours
        n_over n_projects estimate_coverage
    """,
    rank="tracked_hours",
    is_of_sums=True,
    **_SUMMARY_DOCS,
)

WORKSPACE_HOURS: Final = _derived(
    "workspace_hours",
    "the workspace",
    (),
    """
    n_projects n_active tracked_hours billable_hours billable_share
    n_over gross_overrun_hours estimate_coverage
    """,
    lead="tracked_hours billable_share gross_overrun_hours n_over n_projects",
    is_of_sums=True,
    **_SUMMARY_DOCS,
)

_MEMBER_COLUMNS: Final = """
    project_id project kind user_id user email user_active group_id group
    hourly_rate labour_cost currency rate_source
"""
_UNIQUE_COLUMNS: Final = _MEMBER_COLUMNS + " rate_conflict n_memberships"
_MEMBER_LEAD: Final = "project user hourly_rate labour_cost currency group kind user_active"

PROJECT_MEMBERS: Final = _derived(
    "project_members",
    "membership: a user, or a group, in a project",
    ("membership_id",),
    "membership_id" + _MEMBER_COLUMNS,
    lead=_MEMBER_LEAD,
)

PROJECT_MEMBERS_UNIQUE: Final = _derived(
    "project_members_unique",
    "project, user and group, the group only where there is no user",
    ("project_id", "user_id", "group_id"),
    _UNIQUE_COLUMNS,
    lead=_MEMBER_LEAD,
)

RATE_CARD: Final = _derived(
    "rate_card",
    "project, user and group, the group only where there is no user",
    ("project_id", "user_id", "group_id"),
    _UNIQUE_COLUMNS + " unit_margin unit_margin_pct below_cost",
    lead="""
        project user hourly_rate labour_cost currency group unit_margin unit_margin_pct
        below_cost kind user_active
    """,
)

TASK_ACCURACY: Final = _derived(
    "task_accuracy",
    "task",
    ("task_id",),
    """
    task_id task project_id project client_id client user_id assignee
    tracked_hours estimated_hours remaining_hours variance_hours
    accuracy_ratio log2_ratio abs_pct_error task_state done recurring rate currency
    external_reference integration_provider integration_ext_id integration_ext_type
    tracked_time estimated_time
    """,
    lead="""
        task project variance_hours accuracy_ratio tracked_hours assignee estimated_hours
        task_state client
    """,
    rank="variance_hours",
    tracked_hours="All time tracked on the task.",
)

_BIAS_COLUMNS: Final = """
    n n_no_estimate median_ratio p80_ratio share_over bias mdape suggested_multiplier
"""
ESTIMATE_BIAS: Final = {
    by: _derived(
        f"estimate_bias_{by}",
        by.replace("_", " "),
        (key,),
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

ESTIMATE_RECONCILIATION: Final = _derived(
    "estimate_reconciliation",
    "project",
    ("project_id",),
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

WORKLOAD: Final = _derived(
    "workload",
    "assignee of open tasks, and one row for nobody",
    ("user_id",),
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
    estimated_hours="Sum of the estimates above zero, where the tracked time is known.",
    tracked_hours="Tracked on the open tasks that have an estimate.",
    remaining_hours="Sum of what is left of each task, overruns not set off.",
    overrun_hours="Sum of the overruns of the tasks.",
)

AUDIT: Final = _derived(
    "audit",
    "finding",
    ("check", "entity", "id", "label"),
    "severity check entity id label detail hours_affected",
    lead="severity label detail hours_affected check",
)
