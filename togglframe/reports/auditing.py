"""What does not add up, or cannot be known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import pandas as pd

from togglframe import tables
from togglframe.reports._frames import (
    checked,
    checked_or_empty,
    declared,
    look_up,
    ratio,
    to_hours,
)
from togglframe.reports._part import rows_of
from togglframe.reports._record import Report
from togglframe.reports.budget import PROJECT_BUDGET, are_listed, join_project_budget
from togglframe.reports.listings import OPTIONAL
from togglframe.reports.members import join_project_members, unique_members
from togglframe.reports.selection import NamesOrNone, Selection
from togglframe.reports.sources import Source
from togglframe.reports.tasks import reconcile, task_unit_doubt
from togglframe.tables.validation import milliseconds
from togglframe.text.names import distinct_names, named, numbered, or_unlisted, unlisted

__all__ = ["project_audit"]


RATE_FACTOR: Final = 20


def findings_of(
    budget: pd.DataFrame,
    members: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    projects: pd.DataFrame | None = None,
    hidden: Mapping[str, str] | None = None,
) -> pd.DataFrame:
    """List what to look at before relying on the totals."""
    evidence = Evidence(
        budget=checked(budget, tables.PROJECT_BUDGET, " ".join(tables.PROJECT_BUDGET.names)),
        members=checked_or_empty(
            members, tables.PROJECT_MEMBERS, " ".join(tables.PROJECT_MEMBERS.names)
        ),
        tasks=checked_or_empty(
            tasks, tables.TASKS, "name project_id tracked_time estimated_time rate"
        ),
        projects=checked_or_empty(projects, tables.PROJECTS, "currency"),
        hidden=hidden or {},
    )
    findings = [tables.PROJECT_AUDIT.empty().assign(position=0)]
    for position, check in enumerate(CHECKS):
        rows = check.find(evidence)
        if not rows.empty:
            known = {"severity": check.severity, "check": check.slug, "entity": check.entity}
            rows = rows.assign(**known, position=position)
            findings.append(rows[[*tables.PROJECT_AUDIT.names, "position"]])
    labelled = _with_distinct_labels(pd.concat(findings, ignore_index=True), evidence)
    ordered = labelled.sort_values(
        ["position", "hours_affected", "id", "label"], ascending=[True, False, True, True]
    )
    return declared(ordered, tables.PROJECT_AUDIT)


def _with_distinct_labels(findings: pd.DataFrame, evidence: Evidence) -> pd.DataFrame:
    """Return the findings with distinct labels for what shares a name."""
    budget, members = evidence.budget, evidence.members
    tasks = evidence.tasks.dropna(subset="id").drop_duplicates("id")
    people = members.dropna(subset="user_id").drop_duplicates("user_id")
    projects = distinct_names(budget["project"], budget["project_id"], named(budget, "client"))
    projects = projects.set_axis(budget["project_id"])
    of_tasks = distinct_names(tasks["name"], tasks["id"], tasks["project_id"].map(projects))
    users = distinct_names(people["user"], people["user_id"]).set_axis(people["user_id"])
    of_members = members.drop_duplicates("membership_id").set_index("membership_id")["user_id"]
    labels = {
        "project": projects,
        "task": of_tasks.set_axis(tasks["id"]),
        "member": of_members.map(users),
    }
    for entity, by_id in labels.items():
        known = findings["id"].where(findings["entity"] == entity).map(by_id)
        findings["label"] = known.astype(findings["label"].dtype).fillna(findings["label"])
    return findings


@dataclass(frozen=True)
class Evidence:
    """The frames that the checks look at; a missing one is empty."""

    budget: pd.DataFrame
    members: pd.DataFrame
    tasks: pd.DataFrame
    projects: pd.DataFrame
    hidden: Mapping[str, str]

    @cached_property
    def listed(self) -> pd.Series[Any]:
        """Whether each project of the budget is in the listing of projects, not only a status."""
        return are_listed(self.budget)

    @cached_property
    def unique_members(self) -> pd.DataFrame:
        """The members, each once per project."""
        return unique_members(self.members)

    @cached_property
    def reconciled(self) -> pd.DataFrame:
        """The projects with the totals of their tasks."""
        return reconcile(self.budget, self.tasks)


@dataclass(frozen=True)
class Check:
    """One check: its severity, its slug, the entity of its ids, and the function that finds rows.

    It is sensitive if its findings disclose something confidential about a person.
    """

    severity: str
    slug: str
    entity: str
    find: Callable[[Evidence], pd.DataFrame]
    is_sensitive: bool = False


def _of_projects(
    rows: pd.DataFrame, detail: str | pd.Series[Any], hours: str = "tracked_hours"
) -> pd.DataFrame:
    label = or_unlisted(rows["project"], rows["project_id"])
    known = {"id": rows["project_id"], "label": label, "hours_affected": rows[hours]}
    return rows.assign(**known, detail=detail)


def _of_members(rows: pd.DataFrame, detail: str) -> pd.DataFrame:
    """Make findings about members; their columns are filled into the detail."""
    project = rows["project"].fillna(numbered(rows["project_id"]).str.lower()).fillna("no project")
    filled = rows.assign(project=project).to_dict("records")
    details = [detail.format_map(row) for row in filled]
    label = rows["user"].fillna(rows["group"])
    return rows.assign(id=rows["membership_id"], label=label, detail=details, hours_affected=None)


def _of_tasks(rows: pd.DataFrame, detail: str) -> pd.DataFrame:
    hours = to_hours(milliseconds(rows["tracked_time"]))
    return rows.assign(label=rows["name"], detail=detail, hours_affected=hours)


def _of_workspace(*findings: tuple[str | None, str]) -> pd.DataFrame:
    """Make findings about the workspace as a whole from labels and details."""
    return pd.DataFrame(findings, columns=["label", "detail"]).assign(id=None, hours_affected=None)


def _where(frame: pd.DataFrame, met: pd.Series[Any]) -> pd.DataFrame:
    return frame[met.fillna(value=False)]


def currency_mismatch(evidence: Evidence) -> pd.DataFrame:
    """Find projects whose amounts and rates are in different known currencies."""
    own = evidence.projects.rename(columns={"id": "project_id"})
    own = pd.concat([own[["project_id", "currency"]], evidence.members[["project_id", "currency"]]])
    own = own.dropna().drop_duplicates("project_id").rename(columns={"currency": "own"})
    rows = look_up(evidence.budget, own, "project_id")
    rows = rows[rows["own"].notna() & rows["currency"].notna() & (rows["own"] != rows["currency"])]
    detail = "Its amounts are in " + rows["currency"] + ", its rates in " + rows["own"] + "."
    return _of_projects(rows, detail)


def amount_without_currency(evidence: Evidence) -> pd.DataFrame:
    """Find amounts without a known currency."""
    budget = evidence.budget
    rows = budget[budget["amount"].notna() & budget["currency"].isna()]
    return _of_projects(rows, "The project has an amount, but no currency is known for it.")


def rate_without_currency(evidence: Evidence) -> pd.DataFrame:
    """Find rates and costs without a known currency."""
    members = evidence.members
    has_price = members["hourly_rate"].notna() | members["labour_cost"].notna()
    rows = members[has_price & members["currency"].isna()]
    detail = "A rate or cost is known in {project}, but no currency for it."
    return _of_members(rows, detail)


def task_rate_without_currency(evidence: Evidence) -> pd.DataFrame:
    """Find tasks whose rate has no known currency, if there are projects."""
    if evidence.projects.empty:
        return _of_tasks(evidence.tasks.head(0), "")
    own = evidence.projects.rename(columns={"id": "project_id"})[["project_id", "currency"]]
    tasks = look_up(evidence.tasks, own, "project_id")
    rows = tasks[tasks["rate"].notna() & tasks["currency"].isna()]
    return _of_tasks(rows, "The task has a rate, but no currency is known for it.")


def task_hours_exceed_project(evidence: Evidence) -> pd.DataFrame:
    """Find projects whose tasks hold more hours than the project itself."""
    rows = _where(evidence.reconciled, evidence.reconciled["tracked_exceeds_project"])
    rows = rows.assign(excess_hours=-rows["untasked_hours"])
    return _of_projects(rows, "Its tasks hold more tracked hours than the project.", "excess_hours")


def task_unit(evidence: Evidence) -> pd.DataFrame:
    """Check whether the unit of the tasks' tracked time looks wrong."""
    doubt = task_unit_doubt(evidence.reconciled)
    if doubt is None:
        return _of_workspace()
    return _of_workspace((None, f"{doubt[0].upper()}{doubt[1:]}."))


def money_unit(evidence: Evidence) -> pd.DataFrame:
    """Check whether the unit of the amounts looks wrong beside the members' hourly rates."""
    rates = evidence.members.groupby("project_id")["hourly_rate"].median().reset_index()
    rows = look_up(evidence.budget, rates, "project_id")
    factors = ratio(rows["effective_rate"], rows["hourly_rate"]).dropna()
    if factors.empty or 1 / RATE_FACTOR <= factors.median() <= RATE_FACTOR:
        return _of_workspace()
    detail = (
        f"In the median project a billable hour earns {factors.median():.3g} times its hourly "
        "rate: amounts or rates may be in another unit than assumed."
    )
    return _of_workspace((None, detail))


def hidden_part(evidence: Evidence) -> pd.DataFrame:
    """List the parts that the plan or the token hides."""
    return _of_workspace(*evidence.hidden.items())


def status_without_project(evidence: Evidence) -> pd.DataFrame:
    """Find statuses of projects that are not listed."""
    rows = evidence.budget[~evidence.listed]
    return _of_projects(rows, "It has a status but is not among the projects.")


def tracked_without_estimate(evidence: Evidence) -> pd.DataFrame:
    """Find tracked hours without an estimate."""
    budget = evidence.budget
    rows = budget[(budget["budget_state"] == "no_estimate") & _is_above_zero(budget, "tracked")]
    return _of_projects(rows, "Hours are tracked, but there is no estimate.")


def zero_estimate(evidence: Evidence) -> pd.DataFrame:
    """Find estimates of zero."""
    rows = evidence.budget[evidence.budget["budget_state"] == "zero_estimate"]
    return _of_projects(rows, "The estimate is zero, so progress cannot be calculated.")


def billable_without_billable_time(evidence: Evidence) -> pd.DataFrame:
    """Find billable projects with tracked hours, none of them billable."""
    budget = evidence.budget
    unbilled = (budget["billable_hours"] == 0) & _is_above_zero(budget, "tracked")
    rows = _where(budget, budget["billable"] & unbilled)
    return _of_projects(rows, "The project is billable, but none of its hours are.")


def billable_without_amount(evidence: Evidence) -> pd.DataFrame:
    """Find billable projects with a status, but without an amount."""
    budget = evidence.budget
    unknown = budget["amount"].isna() & (budget["budget_state"] != "no_status")
    rows = _where(budget, budget["billable"] & unknown)
    return _of_projects(rows, "The project is billable, but no amount is known.")


def task_of_unlisted_project(evidence: Evidence) -> pd.DataFrame:
    """Find tasks whose hours belong to no project of the budget."""
    rows = evidence.tasks[~evidence.tasks["project_id"].isin(evidence.budget["project_id"])]
    return _of_tasks(rows, "Its project is not in the budget, so its hours are in no total.")


def member_not_listed(evidence: Evidence) -> pd.DataFrame:
    """Find members who are not among the users."""
    members = evidence.members
    rows = _where(members, members["user"] == unlisted(members["user_id"]))
    return _of_members(rows, "A member of {project}, but not among the users.")


def cost_above_rate(evidence: Evidence) -> pd.DataFrame:
    """Find members whose cost is above their rate."""
    members = evidence.members
    rows = _where(members, members["labour_cost"] > members["hourly_rate"])
    return _of_members(rows, "In {project} the cost is above the rate.")


def rate_conflict(evidence: Evidence) -> pd.DataFrame:
    """Find members with two rates, or two costs, in one project."""
    rows = _where(evidence.unique_members, evidence.unique_members["rate_conflict"])
    return _of_members(rows, "In {project} the memberships have different rates or costs.")


def money_not_visible(evidence: Evidence) -> pd.DataFrame:
    """Check whether the workspace has hours but not a single amount."""
    budget = evidence.budget
    if budget["amount"].notna().any() or not _is_above_zero(budget, "tracked").any():
        return _of_workspace()
    detail = "No project has an amount: perhaps the credential may not see money."
    return _of_workspace((None, detail))


def rates_not_visible(evidence: Evidence) -> pd.DataFrame:
    """Check whether the workspace has members but not a single rate or cost."""
    prices = evidence.members[["hourly_rate", "labour_cost"]]
    if prices.empty or prices.notna().any(axis=None):
        return _of_workspace()
    detail = (
        "No member has a rate or a cost: they are inherited, or the credential may not see them."
    )
    return _of_workspace((None, detail))


def project_without_status(evidence: Evidence) -> pd.DataFrame:
    """Find listed projects whose tracked time is not known."""
    unknown = evidence.budget["budget_state"] == "no_status"
    rows = evidence.budget[unknown & evidence.listed]
    detail = "Toggl Track has no tracked time for it, so its hours are unknown."
    return _of_projects(rows, detail)


def project_without_client(evidence: Evidence) -> pd.DataFrame:
    """Find listed projects that have no client."""
    rows = evidence.budget[evidence.budget["client_id"].isna() & evidence.listed]
    return _of_projects(rows, "The project has no client.")


def archived_with_hours_remaining(evidence: Evidence) -> pd.DataFrame:
    """Find archived projects that did not use up their estimates."""
    budget = evidence.budget
    rows = _where(budget, ~budget["active"] & _is_above_zero(budget, "remaining"))
    return _of_projects(
        rows, "The project is archived with part of its estimate unused.", "remaining_hours"
    )


def member_not_active(evidence: Evidence) -> pd.DataFrame:
    """Find members who are inactive, deactivated or deleted users."""
    rows = _where(evidence.members, ~evidence.members["user_active"])
    return _of_members(rows, "A member of {project}, but inactive, deactivated or deleted.")


def duplicate_member(evidence: Evidence) -> pd.DataFrame:
    """Find users, and whole groups, who are members of a project more than once."""
    members = evidence.unique_members
    rows = members[(members["n_memberships"] > 1) & (members["kind"] != "unknown")]
    return _of_members(rows, "A member of {project} {n_memberships} times over.")


def whole_group(evidence: Evidence) -> pd.DataFrame:
    """Find groups that are members as a whole."""
    rows = evidence.members[evidence.members["kind"] == "group"]
    return _of_members(rows, "The whole group is a member of {project}; its people are not known.")


def repeated_name(evidence: Evidence) -> pd.DataFrame:
    """Find projects that share their name."""
    named = evidence.budget.dropna(subset=["project"])
    rows = named[named.duplicated("project", keep=False)]
    return _of_projects(rows, "Another project has the same name: tell them apart by id.")


def _is_above_zero(budget: pd.DataFrame, measure: str) -> pd.Series[Any]:
    return (budget[f"{measure}_hours"] > 0).fillna(value=False)


CHECKS: Final = (  # by severity
    Check("error", "currency-mismatch", "project", currency_mismatch),
    Check("error", "amount-without-currency", "project", amount_without_currency),
    Check("error", "rate-without-currency", "member", rate_without_currency),
    Check("error", "task-rate-without-currency", "task", task_rate_without_currency),
    Check("error", "task-hours-exceed-project", "project", task_hours_exceed_project),
    Check("error", "task-unit", "workspace", task_unit),
    Check("error", "money-unit", "workspace", money_unit),
    Check("warning", "hidden-part", "workspace", hidden_part),
    Check("warning", "status-without-project", "project", status_without_project),
    Check("warning", "tracked-without-estimate", "project", tracked_without_estimate),
    Check("warning", "zero-estimate", "project", zero_estimate),
    Check("warning", "billable-without-billable-time", "project", billable_without_billable_time),
    Check("warning", "billable-without-amount", "project", billable_without_amount),
    Check("warning", "task-of-unlisted-project", "task", task_of_unlisted_project),
    Check("warning", "member-not-listed", "member", member_not_listed),
    Check("warning", "cost-above-rate", "member", cost_above_rate, is_sensitive=True),
    Check("warning", "rate-conflict", "member", rate_conflict),
    Check("warning", "money-not-visible", "workspace", money_not_visible),
    Check("info", "rates-not-visible", "workspace", rates_not_visible),
    Check("info", "project-without-status", "project", project_without_status),
    Check("info", "project-without-client", "project", project_without_client),
    Check("info", "archived-with-hours-remaining", "project", archived_with_hours_remaining),
    Check("info", "member-not-active", "member", member_not_active),
    Check("info", "duplicate-member", "member", duplicate_member),
    Check("info", "whole-group", "member", whole_group),
    Check("info", "repeated-name", "project", repeated_name),
)


def join_project_audit(
    *, selected: Selection, hidden: Mapping[str, str], **listings: pd.DataFrame
) -> pd.DataFrame:
    """Audit the selected projects, without findings on the workspace that hold only for these."""
    audit = _audit(listings, hidden)
    if not selected.ids:
        return audit
    of_part = _audit(rows_of(listings, selected), hidden)
    is_of_workspace = of_part["entity"] == "workspace"
    kept: pd.DataFrame = of_part[~is_of_workspace | of_part["check"].isin(audit["check"])]
    return kept.reset_index(drop=True)


def _audit(listings: Mapping[str, pd.DataFrame], hidden: Mapping[str, str]) -> pd.DataFrame:
    projects, tasks = listings["projects"], listings.get("tasks")
    budget = join_project_budget(projects, listings["statuses"], listings.get("clients"))
    members = None
    if "project_users" in listings:
        names = [listings.get("users"), listings.get("project_groups")]
        members = join_project_members(listings["project_users"], projects, *names)
    return findings_of(budget, members, tasks, projects=projects, hidden=hidden)


PROJECT_AUDIT: Final = Report(
    name="project_audit",
    table=tables.PROJECT_AUDIT,
    needs=(*PROJECT_BUDGET.needs, *OPTIONAL),
    look_ups=PROJECT_BUDGET.look_ups,
    optional=OPTIONAL,
    takes_hidden=True,
    join=join_project_audit,
)


def project_audit(
    source: Source,
    *,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
) -> pd.DataFrame:
    """List what does not add up, or cannot be known.

    One row per finding. If the plan or the token hides tasks or members, each is a finding and a
    warning, and the checks that need them are skipped.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.
    clients, projects : int, str, or list of int, str or None, optional
        Only findings on these projects, or on those of these clients, by id or name; include None
        in the clients for projects without one.

    Returns
    -------
    DataFrame
        Ordered by severity, then by check and hours affected.

        - severity : ordered category. How much the finding matters.
        - check : str. The check that found it.
        - entity : str. What the id refers to: project, task, member, workspace.
        - id : Int64. Id of the entity.
        - label : str. Name of the entity, distinct where several share it.
        - detail : str. What was found, in one sentence.
        - hours_affected : Float64 [h]. Hours at stake in the finding, NA if none.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    CompletenessWarning
        If a part is hidden or not given.

    Notes
    -----
    The listings of :func:`project_budget`, of :func:`project_members` and ``filters/tasks``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> audit = tf.reports.project_audit(ws)
    >>> audit["severity"].unique().tolist()[0]
    'error'
    """
    return PROJECT_AUDIT.make(**locals())
