"""Every join, with the frames of one agency: what all of them have in common is tested once."""

from functools import cache

import joins
import pandas as pd

from togglframe import Workspace, tables
from togglframe.api import search
from togglframe.reports.planning import record_of
from togglframe.sandbox import Sandbox
from togglframe.tables import Table
from togglframe.tables.casting import cast, objects

SENT = {
    "clients": tables.CLIENTS,
    "projects": tables.PROJECTS,
    "project_statuses": tables.PROJECT_STATUSES,
    "project_users": tables.PROJECT_USERS,
    "project_groups": tables.PROJECT_GROUPS,
    "user_details": tables.USER_DETAILS,
    "tasks": tables.TASKS,
}
# Listings by other names than those of their tables.
_TABLES = {"statuses": "project_statuses", "users": "user_details"}


def _frames_of(report: str) -> tuple[str, ...]:
    """Return the frames of the agency that a report of listings takes, by their tables."""
    names = (_TABLES.get(name, name) for name in joins.LISTINGS[report])
    return tuple(name for name in names if name in {*SENT, "time_entries"})


# The frames that each join takes, by the names of their tables.
ARGUMENTS = {
    **{report: _frames_of(report) for report in joins.LISTINGS},
    "client_summary": ("project_budget",),
    "client_hours": ("project_budget",),
    "workspace_summary": ("project_budget",),
    "workspace_hours": ("project_budget",),
    "estimate_bias": ("task_accuracy",),
    "estimate_reconciliation": ("project_budget", "tasks"),
    "audit": ("project_budget", "project_members", "tasks"),
}


def typed(table: Table, rows: list[dict]) -> pd.DataFrame:
    """Cast JSON rows to the frame that the table declares."""
    return pd.DataFrame(
        {
            c.name: cast(c, objects(row.get(c.field_name) for row in rows), endpoint="raw")
            for c in table
        }
    )


def table_of(join: str) -> Table:
    """Return the table of the frame that a join makes of its ARGUMENTS."""
    if join in joins.LISTINGS and join != "project_budget":
        return record_of(join).table
    name = {
        "project_budget": "project_budget_members",
        "estimate_bias": "estimate_bias_user",
        "audit": "project_audit",
        "client_hours": "client_budget",
        "client_summary": "client_budget_by_currency",
        "workspace_hours": "workspace_budget",
        "workspace_summary": "workspace_budget_by_currency",
    }.get(join, join)
    return next(table for table in tables.TABLES if table.name == name)


@cache
def _given() -> dict[str, pd.DataFrame]:
    with Sandbox(60, seed=6, workspace_id=1) as sandbox:
        raw = sandbox.agency
        ws = Workspace(
            1, token=sandbox.token, base_url=sandbox.base_url, cache=None, progress=False
        )
        entries = search.time_entries(ws, start_date="2026-10-26", end_date="2026-11-08")
    rows = {"user_details": raw.users} | {
        name: getattr(raw, name) for name in SENT if name != "user_details"
    }
    made = {name: typed(table, rows[name]) for name, table in SENT.items()}
    made["time_entries"] = entries
    for join in ("project_budget", "project_members", "task_accuracy"):
        made[join] = _joined(join, made)
    return made


def _joined(join: str, frames: dict[str, pd.DataFrame], **parameters: bool) -> pd.DataFrame:
    return getattr(joins, join)(*(frames[name] for name in ARGUMENTS[join]), **parameters)


@cache
def _agency() -> dict[str, pd.DataFrame]:
    made = dict(_given())
    for join in ARGUMENTS:
        name = "entries" if join == "time_entries" else join
        if name not in made:
            made[name] = _joined(join, made)
    return made


def given() -> dict[str, pd.DataFrame]:
    """Return the frames that the joins take, of an agency, by table."""
    return {name: frame.copy() for name, frame in _given().items()}


def agency() -> dict[str, pd.DataFrame]:
    """Return what the API sends of an agency, and every frame that is joined of it, by table."""
    return {name: frame.copy() for name, frame in _agency().items()}
