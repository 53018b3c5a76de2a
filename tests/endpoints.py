"""Every endpoint as the vendor's page has it, apart from the library's own constants."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from togglframe import filters, search, tables

_CLIENT = {"ids": [7, 8], "name": "acme", "start": 5}
_PROJECT = {
    "ids": [7, 8],
    "client_ids": [9],
    "name": "web",
    "currency": "EUR",
    "is_active": True,
    "is_billable": False,
    "is_private": False,
    "page_size": 50,
    "start": 5,
}
_USER = {"ids": [7, 8], "active": False, "start": 5}
_TASK = {
    "ids": [7, 8],
    "project_ids": [9],
    "user_ids": [10, 11],
    "name": "design",
    "active": False,
    "project_active": True,
    "page_size": 50,
    "start": 5,
}


@dataclass(frozen=True)
class Case:
    """One endpoint: its function, the vendor's path, a value for every parameter, its table."""

    function: Callable[..., pd.DataFrame]
    path: str
    parameters: dict[str, Any]
    table: tables.Table
    archive: str  # the rows in the sandbox's agency

    @property
    def id_lists(self) -> list[str]:
        return [name for name in self.parameters if name.endswith("ids")]

    @property
    def smallest(self) -> dict[str, Any]:
        """One parameter that every endpoint understands as a selection."""
        first = next(iter(self.parameters))
        return {first: self.parameters[first]}


CASES = [
    Case(filters.clients, "filters/clients", _CLIENT, tables.CLIENTS, "clients"),
    Case(
        filters.project_groups,
        "filters/project_groups",
        {"project_ids": [7], "group_ids": [8, 9], "start_id": 5},
        tables.PROJECT_GROUPS,
        "project_groups",
    ),
    Case(
        filters.project_users,
        "filters/project_users",
        {"project_ids": [7], "client_ids": [8, 9], "start_id": 5},
        tables.PROJECT_USERS,
        "project_users",
    ),
    Case(filters.projects, "filters/projects", _PROJECT, tables.PROJECTS, "projects"),
    Case(
        filters.project_statuses,
        "filters/projects/status",
        {"ids": [7, 8], "active": True},
        tables.PROJECT_STATUSES,
        "project_statuses",
    ),
    Case(
        filters.task_statuses,
        "filters/tasks/status",
        {"ids": [7, 8]},
        tables.TASK_STATUSES,
        "task_statuses",
    ),
    Case(filters.users, "filters/users", _USER, tables.USERS, "users"),
    Case(filters.tasks, "filters/tasks", _TASK, tables.TASKS, "tasks"),
    Case(search.clients, "search/clients", _CLIENT, tables.CLIENTS, "clients"),
    Case(search.projects, "search/projects", _PROJECT, tables.PROJECTS, "projects"),
    Case(search.users, "search/users", _USER, tables.USER_DETAILS, "users"),
    Case(search.tasks, "search/tasks", _TASK, tables.TASKS, "tasks"),
]

every_endpoint = pytest.mark.parametrize("case", CASES, ids=lambda case: case.path)
