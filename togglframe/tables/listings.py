"""Tables of the listings that the API sends: the twelve paths of Utils."""

from __future__ import annotations

from typing import Final

from togglframe.tables._columns import (
    BILLABLE_AMOUNT_UNIT,
    LABOUR_COST_UNIT,
    STATUS_UNIT,
    TASK_TIME_UNIT,
    WORKSPACE,
    Column,
    FieldUnit,
    Kind,
    Table,
    column,
    duration,
    money,
)

__all__ = [
    "CLIENTS",
    "PROJECTS",
    "PROJECT_GROUPS",
    "PROJECT_STATUSES",
    "PROJECT_USERS",
    "TASKS",
    "TASK_STATUSES",
    "USERS",
    "USER_DETAILS",
]

CLIENTS: Final = Table(
    name="clients",
    grain="client",
    key=("id",),
    columns=(
        column("id", Kind.ID, "Client id."),
        column("name", Kind.STRING, "Name of the client."),
    ),
)

PROJECTS: Final = Table(
    name="projects",
    grain="project",
    key=("id",),
    columns=(
        column("id", Kind.ID, "Project id."),
        column("name", Kind.STRING, "Name of the project; two projects may share one."),
        column("client_id", Kind.ID, "Client of the project, NA if it has none."),
        column("active", Kind.BOOLEAN, "False when the project is archived."),
        column("billable", Kind.BOOLEAN, "Whether the project is billable."),
        column("color", Kind.STRING, "Colour of the project in Toggl Track, as #rrggbb."),
        column("currency", Kind.STRING, "Currency of the project, ISO 4217."),
    ),
)


def _status_columns(entity: str) -> tuple[Column, ...]:
    return (
        column("id", Kind.ID, f"{entity.capitalize()} id."),
        duration("tracked_time", f"All time ever tracked on the {entity}.", STATUS_UNIT),
        duration("estimated_time", f"Estimate of the {entity}, NA if it has none.", STATUS_UNIT),
        duration("billable_time", "The billable part of the tracked time.", STATUS_UNIT),
        money(
            "billable_amount",
            "Value of the billable time.",
            BILLABLE_AMOUNT_UNIT,
            is_additive=True,
        ),
        column("currency", Kind.STRING, "Currency of the amount, ISO 4217."),
    )


PROJECT_STATUSES: Final = Table(
    name="project_statuses",
    grain="project that has a status",
    key=("id",),
    columns=_status_columns("project"),
)

TASK_STATUSES: Final = Table(
    name="task_statuses",
    grain="task that has a status",
    key=("id",),
    columns=_status_columns("task"),
)

PROJECT_USERS: Final = Table(
    name="project_users",
    grain="membership: a user, or a group, in a project",
    key=("id",),
    columns=(
        column("id", Kind.ID, "Membership id."),
        column("project_id", Kind.ID, "Project id."),
        column("user_id", Kind.ID, "User id, NA if the whole group is the member."),
        column("group_id", Kind.ID, "Group through which the user is a member, NA if direct."),
        money("hourly_rate", "Billable rate in this project, per hour.", FieldUnit.UNITS),
        money(
            "labour_cost",
            "Labour cost in this project, per hour.",
            LABOUR_COST_UNIT,
            is_sensitive=True,
        ),
    ),
)

PROJECT_GROUPS: Final = Table(
    name="project_groups",
    grain="group in a project",
    key=("id",),
    columns=(
        column("id", Kind.ID, "Project group id."),
        column("project_id", Kind.ID, "Project id."),
        column("group_id", Kind.ID, "Group id."),
        column("name", Kind.STRING, "Name of the group."),
    ),
)

USERS: Final = Table(
    name="users",
    grain="user",
    key=("id",),
    columns=(
        column("id", Kind.ID, "User id."),
        column("name", Kind.STRING, "Full name."),
        column("deleted_at", Kind.TIMESTAMP, "When the user was deleted, NA if never."),
    ),
)

USER_DETAILS: Final = Table(
    name="user_details",
    grain="user",
    key=("id",),
    columns=(
        column("id", Kind.ID, "User id."),
        column("fullname", Kind.STRING, "Full name."),
        column("email", Kind.STRING, "E-mail address.", is_sensitive=True),
        column("avatar", Kind.STRING, "File name of the avatar."),
        column("active", Kind.BOOLEAN, "Whether the user is active in the workspace."),
        column("deactivated", Kind.BOOLEAN, "Whether the user was deactivated."),
        column("deleted_at", Kind.TIMESTAMP, "When the user was deleted, NA if never."),
        column("workspace_user_id", Kind.ID, "Id of the user's membership of the workspace."),
    ),
)

TASKS: Final = Table(
    name="tasks",
    grain="task",
    key=("id",),
    lead=("id", "name", "project_name", "tracked_time", "estimated_time", "user_name", "active"),
    columns=(
        column("id", Kind.ID, "Task id."),
        column("name", Kind.STRING, "Name of the task."),
        column("active", Kind.BOOLEAN, "False when the task is done."),
        column("project_id", Kind.ID, "Project id."),
        column("project_name", Kind.STRING, "Name of the project."),
        column("project_color", Kind.STRING, "Colour of the project, as #rrggbb."),
        column("project_billable", Kind.BOOLEAN, "Whether the project is billable."),
        column("project_is_private", Kind.BOOLEAN, "Whether the project is private."),
        column("client_id", Kind.ID, "Client of the project, NA if it has none."),
        column("client_name", Kind.STRING, "Name of the client."),
        column("user_id", Kind.ID, "User the task is assigned to, NA if nobody."),
        column("user_name", Kind.STRING, "Name of the assignee."),
        duration("estimated_time", "Estimate of the task, NA if it has none."),
        duration("tracked_time", "All time tracked on the task.", TASK_TIME_UNIT),
        money("rate", "Rate of the task, per hour, in the project's currency.", FieldUnit.UNITS),
        column("rate_last_updated", Kind.TIMESTAMP, "When the rate was last changed."),
        column("recurring", Kind.BOOLEAN, "Whether the task recurs."),
        column("external_reference", Kind.STRING, "Reference to something outside Toggl Track."),
        column("integration_ext_id", Kind.STRING, "Id of the linked entity in the other system."),
        column("integration_ext_type", Kind.STRING, "Type of the linked entity there."),
        column("integration_provider", Kind.STRING, "The other system: asana, jira, salesforce."),
        column("permissions", Kind.NAMES, "What the credential may do with the task."),
        column("avatar_url", Kind.STRING, "Picture of the assignee."),
        column("toggl_accounts_id", Kind.STRING, "Account id of the assignee."),
        WORKSPACE,
        column("at", Kind.TIMESTAMP, "When the task was created or last changed."),
    ),
)
