"""Columns that reports derive, each declared once, and how a table is made of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from togglframe.tables._columns import (
    Column,
    Kind,
    Table,
    cost,
    count,
    date,
    excess,
    factor,
    flag,
    hours,
    identifier,
    local_time,
    money,
    names,
    ratio,
    state,
    string,
    weeks,
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
        identifier("project_id", "Project id."),
        string("project", "Name of the project, NA if it is not listed.", stand_in="project_id"),
        identifier("client_id", "Client id, NA if the project has no client."),
        string("client", "Name of the client.", stand_in="client_id"),
        identifier("task_id", "Task id."),
        string("task", "Name of the task."),
        identifier("membership_id", "Membership id."),
        identifier("user_id", "User id."),
        string("user", 'Name of the user, "User 123 (not listed)" if unknown.', stand_in="user_id"),
        string(
            "assignee",
            "User the task is assigned to; others may track time on it.",
            stand_in="user_id",
        ),
        string(
            "people",
            "Who worked on it, most first, as far as known; with ids if names are equal.",
        ),
        string("email", "E-mail address of the user.", is_sensitive=True),
        flag("user_active", "Whether the user is active, NA if not listed."),
        identifier("group_id", "Group id."),
        string("group", "Name of the group."),
        flag("active", "False when the project is archived."),
        flag("billable", "Whether the project is billable."),
        string("color", "Colour of the project in Toggl Track, as #rrggbb."),
        string("currency", "Currency of every amount in the row, ISO 4217."),
        state("kind", "How the member belongs to the project.", categories=MEMBER_KINDS),
        # hours
        hours("tracked_hours", "All time ever tracked, NA if there is no status."),
        hours("estimated_hours", "Estimate, NA if there is none."),
        hours("billable_hours", "The billable part of the tracked hours."),
        hours("non_billable_hours", "Tracked minus billable."),
        hours("remaining_hours", "Estimate minus tracked; negative when over."),
        excess("variance_hours", "Tracked minus estimate; positive when over."),
        excess("overrun_hours", "The positive part of the variance."),
        hours(
            "comparable_tracked_hours",
            "Tracked on projects with an estimate above zero.",
            heading="Tracked with estimate",
        ),
        excess(
            "gross_overrun_hours",
            "Sum of the overruns, without offsetting savings.",
            heading="Overrun",
        ),
        hours("saved_hours", "Unused estimates of archived projects."),
        hours("task_tracked_hours", "Tracked on the tasks of the project."),
        hours("task_estimated_hours", "Sum of the estimates of the tasks."),
        hours("untasked_hours", "Tracked on the project, but on no task."),
        hours("estimate_gap_hours", "Project estimate minus the tasks' estimates."),
        hours("hours_affected", "Hours at stake in the finding, NA if none."),
        # ratios
        ratio("progress", "Tracked over estimate.", has_bar=True),
        ratio("billable_share", "Billable over tracked."),
        ratio("estimate_coverage", "Share of tracked hours that have an estimate."),
        factor("accuracy_ratio", "Tracked over estimate; 2 is twice the estimate."),
        ratio("log2_ratio", "Base-2 logarithm of the accuracy ratio.", is_logarithm=True),
        ratio(
            "abs_pct_error",
            "Absolute difference from the estimate, over the estimate.",
            heading="Absolute error",
        ),
        factor("median_ratio", "Median of the accuracy ratios."),
        factor("p80_ratio", "80 % of the tasks stay at or below this ratio."),
        ratio("share_over", "Share of the tasks that went over their estimate."),
        factor("bias", "Sum of tracked over sum of estimates."),
        ratio("mdape", "Median absolute percentage error.", heading="Median error"),
        factor("suggested_multiplier", "p80_ratio if n is at least 10, else NA."),
        ratio("tasked_share", "Share of the project's hours that are on tasks."),
        ratio(
            "unit_margin_pct",
            "Unit margin over hourly rate.",
            is_sensitive=True,
            heading="Unit margin / rate",
        ),
        # money
        money(
            "amount", "Value of the billable time; NA means unknown, not zero.", is_additive=True
        ),
        money("effective_rate", "Amount per billable hour."),
        money("realised_rate", "Amount per tracked hour."),
        money("hourly_rate", "Billable rate, per hour; NA if not visible."),
        cost("labour_cost", "Labour cost, per hour; NA if not visible."),
        money("hourly_rate_min", "Lowest hourly rate known in this currency."),
        money("hourly_rate_max", "Highest hourly rate known in this currency."),
        cost("labour_cost_min", "Lowest labour cost known in this currency."),
        cost("labour_cost_max", "Highest labour cost known in this currency."),
        money("rate", "Rate of the task, per hour."),
        cost("unit_margin", "Hourly rate minus labour cost."),
        # counts
        count("n", "Tasks with an estimate above zero.", heading="Estimated tasks"),
        count("n_projects", "Projects."),
        count("n_active", "Projects that are not archived."),
        count("n_over", "How many are over their estimate."),
        count("n_at_risk", "How many are at risk."),
        count("n_no_estimate", "How many have no estimate; an estimate of zero is one."),
        count("n_tasks", "Tasks."),
        count("n_open", "Open tasks."),
        count("n_members", "Distinct users among the members."),
        count("n_groups", "Memberships of whole groups."),
        count("n_memberships", "Membership rows behind this row."),
        # booleans and strings
        flag("members_known", "False if a whole group is a member."),
        flag("done", "Whether the task is done."),
        flag("recurring", "Whether the task recurs."),
        flag("below_cost", "Whether the rate is below the cost.", is_sensitive=True),
        flag(
            "rate_conflict", "Whether the memberships behind the row have different rates or costs."
        ),
        flag("tracked_exceeds_project", "Whether tasks hold more hours than the project."),
        flag("estimate_exceeds_project", "Whether task estimates exceed the project's."),
        string("rate_source", '"project_user", or NA if inherited and so not visible.'),
        string("external_reference", "Reference to something outside Toggl Track."),
        string("integration_provider", "The other system: asana, jira, salesforce."),
        string("integration_ext_id", "Id of the linked entity in the other system."),
        string("integration_ext_type", "Type of the linked entity there."),
        state(
            "budget_state",
            "Where the project stands against its estimate.",
            categories=BUDGET_STATES,
        ),
        state(
            "task_state", "Where the task stands against its estimate.", categories=BUDGET_STATES
        ),
        state("severity", "How much the finding matters.", categories=SEVERITIES),
        string("check", "The check that found it."),
        string("entity", "What the id refers to: project, task, member, workspace."),
        identifier("id", "Id of the entity."),
        string("label", "Name of the entity, distinct where several share it."),
        string("detail", "What was found, in one sentence.", is_sentence=True),
        # in time
        date("period", "The first day of the period."),
        hours("period_hours", "The time tracked in the period."),
        date("date", "The local day on which it was tracked."),
        local_time("first_start", "When the first entry began, in local time."),
        local_time("last_stop", "When the last entry ended, in local time."),
        local_time("start", "When the entry began, in local time, NA if there is none."),
        local_time("stop", "When the entry ended, in local time, NA if there is none."),
        string("description", "What was done, NA if there is no description."),
        names("tags", "All tags of the entries, sorted; NA if unknown."),
        hours("span_hours", "From the first start to the last stop."),
        hours("break_hours", "The part of the span in which nothing was tracked."),
        hours("overlap_hours", "Time tracked more than once at the same time."),
        count("n_entries", "Time entries.", is_additive=True),
        count("n_days", "Distinct days with an entry."),
        count("workdays", "Days of work that are not holidays."),
        hours("capacity_hours", "Hours available for work, NA if unknown."),
        ratio("utilisation", "Billable hours over capacity."),
        ratio("load", "Tracked hours over capacity.", heading="Capacity used"),
        hours("idle_hours", "Capacity minus tracked; negative is overtime."),
        hours("budget_hours", "Hours agreed for the period."),
        hours("carried_hours", "Carried over from earlier periods.", is_level=True),
        hours("available_hours", "Budget plus carried.", is_level=True),
        hours("left_hours", "Available minus tracked.", is_level=True),
        ratio("used", "Tracked over available, NA without any.", has_bar=True),
        state("state", "Where the retainer stands in the period.", categories=RETAINER_STATES),
        hours("expected_hours", "Scheduled, without holidays and absences."),
        hours("absence_hours", "Time off."),
        hours("balance_hours", "Tracked minus expected; negative is owed."),
        hours("running_hours", "Balance until the end of the period.", is_level=True),
        hours("billed_hours", "The billable time, rounded as requested.", decimals=2),
        identifier("time_entry_id", "Time entry the finding is about, NA if there is none."),
        identifier("other_id", "The other time entry, NA if there is none."),
        flag("is_member", "Whether the user is a member; NA if not known.", heading="Member"),
        ratio("share_of_project", "Tracked over all time tracked on the project."),
        money("revenue", "What was earned, as far as known; NA if nothing is.", is_additive=True),
        money(
            "cost_known",
            "Cost of the hours whose labour cost is known.",
            is_additive=True,
            is_sensitive=True,
        ),
        ratio("cost_coverage", "Share of the hours whose labour cost is known."),
        cost("profit", "Revenue minus cost; NA unless both are fully known."),
        cost("profit_upper_bound", "Revenue minus the known cost."),
        ratio("margin", "Profit over revenue.", is_sensitive=True),
        hours("cumulative_hours", "All time tracked until the end of the period.", is_level=True),
        hours("burn_per_week", "Mean hours per week over the last full weeks.", is_level=True),
        hours(
            "hours_per_week_needed", "Remaining over the weeks until the deadline.", is_level=True
        ),
        count("n_weeks", "Full weeks in the mean."),
        weeks("weeks_left_low", "Weeks until the estimate is used up: the lower end."),
        weeks("weeks_left", "Weeks until the estimate is used up: the median."),
        weeks("weeks_left_high", "Weeks until the estimate is used up: the upper end."),
        date("finish_low", "Day on which the estimate is used up: the lower end."),
        date("finish", "Day on which the estimate is used up: the median."),
        date("finish_high", "Day on which the estimate is used up: the upper end."),
        # exact
        Column("tracked_time", "Tracked, exact.", Kind.DURATION),
        Column("estimated_time", "Estimate, exact.", Kind.DURATION),
        Column("billable_time", "Billable, exact.", Kind.DURATION),
        Column("task_tracked_time", "Tracked on tasks, exact.", Kind.DURATION),
        Column("task_estimated_time", "Estimates of the tasks, exact.", Kind.DURATION),
    )
}


def derived(
    name: str,
    grain: str,
    key: str,
    columns: str,
    *,
    lead: str,
    rank: str = "",
    choices: str = "",
    counts: str = "",
    is_of_sums: bool = False,
    **docs: str,
) -> Table:
    """Make a table out of the derived columns named in a string; `docs` say what differs here.

    Of what `counts` names, each is counted in one row.
    """
    named = [DERIVED[column] for column in columns.split()]
    if "period" in key.split():  # the estimate of a project is the same in each
        named = [replace(c, is_level=c.is_level or c.name == "estimated_hours") for c in named]
    of_rows = counts.split()
    named = [replace(c, is_additive=c.is_additive or c.name in of_rows) for c in named]
    return Table(
        name,
        grain,
        tuple(key.split()),
        tuple(replace(c, doc=docs.get(c.name, c.doc)) for c in named),
        rank=tuple(rank.split()),
        is_of_sums=is_of_sums,
        choices=frozenset(choices.split()),
        lead=tuple(lead.split()),
    )
