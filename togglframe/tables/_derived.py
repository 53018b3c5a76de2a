"""Columns that reports derive, each declared once, and how a table is made of them."""

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
RETAINER_STATES: Final = ("over", "at_risk", "on_track")
MEMBER_KINDS: Final = ("user", "user_via_group", "group", "unknown")
SEVERITIES: Final = ("error", "warning", "info")


DERIVED: Final = {
    column.name: column
    for column in (
        # who and what
        column("project_id", Kind.ID, "Project id."),
        name("project", "Name of the project, NA if it is not listed.", "project_id"),
        column("client_id", Kind.ID, "Client id, NA if the project has no client."),
        name("client", "Name of the client.", "client_id"),
        column("task_id", Kind.ID, "Task id."),
        column("task", Kind.STRING, "Name of the task."),
        column("membership_id", Kind.ID, "Membership id."),
        column("user_id", Kind.ID, "User id."),
        name("user", 'Name of the user, "User 123 (not listed)" if unknown.', "user_id"),
        name("assignee", "User the task is assigned to; others may track time on it.", "user_id"),
        column("people", Kind.STRING, "Who worked on the task, most first, as far as known."),
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
        column("tracked_hours", Kind.HOURS, "All time ever tracked, NA if there is no status."),
        column("estimated_hours", Kind.HOURS, "Estimate, NA if there is none."),
        column("billable_hours", Kind.HOURS, "The billable part of the tracked hours."),
        column("non_billable_hours", Kind.HOURS, "Tracked minus billable."),
        column("remaining_hours", Kind.HOURS, "Estimate minus tracked; negative when over."),
        excess("variance_hours", "Tracked minus estimate; positive when over."),
        excess("overrun_hours", "The positive part of the variance."),
        column(
            "comparable_tracked_hours",
            Kind.HOURS,
            "Tracked on projects with an estimate above zero.",
        ),
        excess("gross_overrun_hours", "Sum of the overruns, without offsetting savings."),
        column("saved_hours", Kind.HOURS, "Unused estimates of archived projects."),
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
        column(
            "log2_ratio",
            Kind.RATIO,
            "Base-2 logarithm of the accuracy ratio.",
            is_logarithm=True,
        ),
        column(
            "abs_pct_error",
            Kind.RATIO,
            "Absolute difference from the estimate, over the estimate.",
            heading="Absolute error",
        ),
        factor("median_ratio", "Median of the accuracy ratios."),
        factor("p80_ratio", "80 % of the tasks stay at or below this ratio."),
        column("share_over", Kind.RATIO, "Share of the tasks that went over their estimate."),
        factor("bias", "Sum of tracked over sum of estimates."),
        column("mdape", Kind.RATIO, "Median absolute percentage error.", heading="Median error"),
        factor("suggested_multiplier", "p80_ratio if n is at least 10, else NA."),
        column("tasked_share", Kind.RATIO, "Share of the project's hours that are on tasks."),
        column(
            "unit_margin_pct",
            Kind.RATIO,
            "Unit margin over hourly rate.",
            is_sensitive=True,
            heading="Unit margin / rate",
        ),
        # money
        column(
            "amount",
            Kind.MONEY,
            "Value of the billable time; NA means unknown, not zero.",
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
        column("n", Kind.COUNT, "Tasks with an estimate above zero.", heading="Estimated tasks"),
        column("n_projects", Kind.COUNT, "Projects."),
        column("n_active", Kind.COUNT, "Projects that are not archived."),
        column("n_over", Kind.COUNT, "How many are over their estimate."),
        column("n_at_risk", Kind.COUNT, "How many are at risk."),
        column(
            "n_no_estimate", Kind.COUNT, "How many have no estimate; an estimate of zero is one."
        ),
        column("n_tasks", Kind.COUNT, "Tasks."),
        column("n_open", Kind.COUNT, "Open tasks."),
        column("n_members", Kind.COUNT, "Distinct users among the members."),
        column("n_groups", Kind.COUNT, "Memberships of whole groups."),
        column("n_memberships", Kind.COUNT, "Membership rows behind this row."),
        # booleans and strings
        column("members_known", Kind.BOOLEAN, "False if a whole group is a member."),
        column("done", Kind.BOOLEAN, "Whether the task is done."),
        column("recurring", Kind.BOOLEAN, "Whether the task recurs."),
        column(
            "below_cost", Kind.BOOLEAN, "Whether the rate is below the cost.", is_sensitive=True
        ),
        column(
            "rate_conflict",
            Kind.BOOLEAN,
            "Whether the memberships behind the row have different rates or costs.",
        ),
        column(
            "tracked_exceeds_project",
            Kind.BOOLEAN,
            "Whether tasks hold more hours than the project.",
        ),
        column(
            "estimate_exceeds_project", Kind.BOOLEAN, "Whether task estimates exceed the project's."
        ),
        column(
            "rate_source", Kind.STRING, '"project_user", or NA if inherited and so not visible.'
        ),
        column("external_reference", Kind.STRING, "Reference to something outside Toggl Track."),
        column("integration_provider", Kind.STRING, "The other system: asana, jira, salesforce."),
        column("integration_ext_id", Kind.STRING, "Id of the linked entity in the other system."),
        column("integration_ext_type", Kind.STRING, "Type of the linked entity there."),
        state("budget_state", "Where the project stands against its estimate.", BUDGET_STATES),
        state("task_state", "Where the task stands against its estimate.", BUDGET_STATES),
        state("severity", "How much the finding matters.", SEVERITIES),
        column("check", Kind.STRING, "The check that found it."),
        column("entity", Kind.STRING, "What the id refers to: project, task, member, workspace."),
        column("id", Kind.ID, "Id of the entity."),
        column("label", Kind.STRING, "Name of the entity."),
        column("detail", Kind.STRING, "What was found, in one sentence.", is_sentence=True),
        # in time
        column("period", Kind.DATE, "The first day of the period."),
        column("period_hours", Kind.HOURS, "The time tracked in the period."),
        column("date", Kind.DATE, "The local day on which it was tracked."),
        column("first_start", Kind.LOCAL, "When the first entry began, in local time."),
        column("last_stop", Kind.LOCAL, "When the last entry ended, in local time."),
        column("start", Kind.LOCAL, "When the entry began, in local time, NA if there is none."),
        column("stop", Kind.LOCAL, "When the entry ended, in local time, NA if there is none."),
        column("description", Kind.STRING, "What was done, NA if there is no description."),
        column("tags", Kind.NAMES, "All tags of the entries, sorted; NA if unknown."),
        column("span_hours", Kind.HOURS, "From the first start to the last stop."),
        column("break_hours", Kind.HOURS, "The part of the span in which nothing was tracked."),
        column("overlap_hours", Kind.HOURS, "Time tracked more than once at the same time."),
        column("n_entries", Kind.COUNT, "Time entries."),
        column("n_days", Kind.COUNT, "Distinct days with an entry."),
        column("workdays", Kind.COUNT, "Days of work that are not holidays."),
        column("capacity_hours", Kind.HOURS, "Hours available for work, NA if unknown."),
        column("utilisation", Kind.RATIO, "Billable hours over capacity."),
        column("load", Kind.RATIO, "Tracked hours over capacity."),
        column("idle_hours", Kind.HOURS, "Capacity minus tracked; negative is overtime."),
        column("budget_hours", Kind.HOURS, "Hours agreed for the period."),
        column("carried_hours", Kind.HOURS, "Carried over from earlier periods.", is_level=True),
        column("available_hours", Kind.HOURS, "Budget plus carried.", is_level=True),
        column("left_hours", Kind.HOURS, "Available minus tracked.", is_level=True),
        column("used", Kind.RATIO, "Tracked over available, NA without any.", has_bar=True),
        state("state", "Where the retainer stands in the period.", RETAINER_STATES),
        column("expected_hours", Kind.HOURS, "Scheduled, without holidays and absences."),
        column("absence_hours", Kind.HOURS, "Time off."),
        column("balance_hours", Kind.HOURS, "Tracked minus expected; negative is owed."),
        column(
            "running_hours",
            Kind.HOURS,
            "Balance until the end of the period.",
            is_level=True,
        ),
        column("billed_hours", Kind.HOURS, "The billable time, rounded as requested.", decimals=2),
        column("time_entry_id", Kind.ID, "Time entry the finding is about, NA if there is none."),
        column("other_id", Kind.ID, "The other time entry, NA if there is none."),
        column("is_member", Kind.BOOLEAN, "Whether the user is a member; NA if not known."),
        column("share_of_project", Kind.RATIO, "Tracked over all time tracked on the project."),
        column(
            "revenue",
            Kind.MONEY,
            "What was earned, as far as known; NA if nothing is.",
            is_additive=True,
        ),
        column(
            "cost_known",
            Kind.MONEY,
            "Cost of the hours whose labour cost is known.",
            is_additive=True,
            is_sensitive=True,
        ),
        column("cost_coverage", Kind.RATIO, "Share of the hours whose labour cost is known."),
        cost("profit", "Revenue minus cost; NA unless both are fully known."),
        cost("profit_upper_bound", "Revenue minus the known cost."),
        column("margin", Kind.RATIO, "Profit over revenue.", is_sensitive=True),
        column(
            "cumulative_hours",
            Kind.HOURS,
            "All time tracked until the end of the period.",
            is_level=True,
        ),
        column(
            "burn_per_week",
            Kind.HOURS,
            "Mean hours per week over the last full weeks.",
            is_level=True,
        ),
        column(
            "hours_per_week_needed",
            Kind.HOURS,
            "Remaining over the weeks until the deadline.",
            is_level=True,
        ),
        column("n_weeks", Kind.COUNT, "Full weeks in the mean."),
        column("weeks_left_low", Kind.WEEKS, "Weeks until the estimate is used up: the lower end."),
        column("weeks_left", Kind.WEEKS, "Weeks until the estimate is used up: the median."),
        column(
            "weeks_left_high", Kind.WEEKS, "Weeks until the estimate is used up: the upper end."
        ),
        column("finish_low", Kind.DATE, "Day on which the estimate is used up: the lower end."),
        column("finish", Kind.DATE, "Day on which the estimate is used up: the median."),
        column("finish_high", Kind.DATE, "Day on which the estimate is used up: the upper end."),
        # exact
        column("tracked_time", Kind.DURATION, "Tracked, exact."),
        column("estimated_time", Kind.DURATION, "Estimate, exact."),
        column("billable_time", Kind.DURATION, "Billable, exact."),
        column("task_tracked_time", Kind.DURATION, "Tracked on tasks, exact."),
        column("task_estimated_time", Kind.DURATION, "Estimates of the tasks, exact."),
    )
}


def derived(
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
    picked = (DERIVED[column] for column in columns.split())
    return Table(
        name=name,
        grain=grain,
        key=key,
        columns=tuple(replace(c, doc=docs[c.name]) if c.name in docs else c for c in picked),
        rank=tuple(rank.split()),
        is_of_sums=is_of_sums,
        lead=tuple(lead.split()),
    )
