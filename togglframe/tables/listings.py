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
    cost,
    duration,
    flag,
    identifier,
    money,
    names,
    string,
    table,
    timestamp,
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

CLIENTS: Final = table(
    "clients", "client", "id", identifier("id", "Client id."), string("name", "Name of the client.")
)

PROJECTS: Final = table(
    "projects",
    "project",
    "id",
    identifier("id", "Project id."),
    string("name", "Name of the project; two projects may share one."),
    identifier("client_id", "Client of the project, NA if it has none."),
    flag("active", "False when the project is archived."),
    flag("billable", "Whether the project is billable."),
    string("color", "Colour of the project in Toggl Track, as #rrggbb."),
    string("currency", "Currency of the project, ISO 4217."),
)


def _status_columns(entity: str) -> tuple[Column, ...]:
    return (
        identifier("id", f"{entity.capitalize()} id."),
        duration("tracked_time", f"All time ever tracked on the {entity}.", field_unit=STATUS_UNIT),
        duration(
            "estimated_time",
            f"Estimate of the {entity}, NA if it has none.",
            field_unit=STATUS_UNIT,
        ),
        duration("billable_time", "The billable part of the tracked time.", field_unit=STATUS_UNIT),
        money(
            "billable_amount",
            "Value of the billable time.",
            field_unit=BILLABLE_AMOUNT_UNIT,
            is_additive=True,
        ),
        string("currency", "Currency of the amount, ISO 4217."),
    )


PROJECT_STATUSES: Final = table(
    "project_statuses", "project that has a status", "id", *_status_columns("project")
)

TASK_STATUSES: Final = table(
    "task_statuses", "task that has a status", "id", *_status_columns("task")
)

PROJECT_USERS: Final = table(
    "project_users",
    "membership: a user, or a group, in a project",
    "id",
    identifier("id", "Membership id."),
    identifier("project_id", "Project id."),
    identifier("user_id", "User id, NA if the whole group is the member."),
    identifier("group_id", "Group through which the user is a member, NA if direct."),
    money("hourly_rate", "Billable rate in this project, per hour.", field_unit=FieldUnit.UNITS),
    cost("labour_cost", "Labour cost in this project, per hour.", field_unit=LABOUR_COST_UNIT),
)

PROJECT_GROUPS: Final = table(
    "project_groups",
    "group in a project",
    "id",
    identifier("id", "Project group id."),
    identifier("project_id", "Project id."),
    identifier("group_id", "Group id."),
    string("name", "Name of the group."),
)

USERS: Final = table(
    "users",
    "user",
    "id",
    identifier("id", "User id."),
    string("name", "Full name."),
    timestamp("deleted_at", "When the user was deleted, NA if never."),
)

USER_DETAILS: Final = table(
    "user_details",
    "user",
    "id",
    identifier("id", "User id."),
    string("fullname", "Full name."),
    string("email", "E-mail address.", is_sensitive=True),
    string("avatar", "File name of the avatar."),
    flag("active", "Whether the user is active in the workspace."),
    flag("deactivated", "Whether the user was deactivated."),
    timestamp("deleted_at", "When the user was deleted, NA if never."),
    identifier("workspace_user_id", "Id of the user's membership of the workspace."),
)

TASKS: Final = table(
    "tasks",
    "task",
    "id",
    identifier("id", "Task id."),
    string("name", "Name of the task."),
    flag("active", "False when the task is done."),
    identifier("project_id", "Project id."),
    string("project_name", "Name of the project."),
    string("project_color", "Colour of the project, as #rrggbb."),
    flag("project_billable", "Whether the project is billable."),
    flag("project_is_private", "Whether the project is private."),
    identifier("client_id", "Client of the project, NA if it has none."),
    string("client_name", "Name of the client."),
    identifier("user_id", "User the task is assigned to, NA if nobody."),
    string("user_name", "Name of the assignee."),
    duration("estimated_time", "Estimate of the task, NA if it has none."),
    duration("tracked_time", "All time tracked on the task.", field_unit=TASK_TIME_UNIT),
    money(
        "rate", "Rate of the task, per hour, in the project's currency.", field_unit=FieldUnit.UNITS
    ),
    timestamp("rate_last_updated", "When the rate was last changed."),
    flag("recurring", "Whether the task recurs."),
    string("external_reference", "Reference to something outside Toggl Track."),
    string("integration_ext_id", "Id of the linked entity in the other system."),
    string("integration_ext_type", "Type of the linked entity there."),
    string("integration_provider", "The other system: asana, jira, salesforce."),
    names("permissions", "What the credential may do with the task."),
    string("avatar_url", "Picture of the assignee.", heading="Avatar URL"),
    string("toggl_accounts_id", "Account id of the assignee."),
    WORKSPACE,
    timestamp("at", "When the task was created or last changed."),
    lead=("id", "name", "project_name", "tracked_time", "estimated_time", "user_name", "active"),
)
