"""Tasks and their totals. The hours of a project's tasks are a part of the project's."""

from __future__ import annotations

import random
from datetime import date
from typing import Final

from . import words
from .chance import ascending, deal, moment
from .people import Team
from .projects import HOUR, Project, Row, billing_rate, status_row

# How tasks spread over projects; only the proportions matter.
TASK_WEIGHTS: Final = (9, 6, 12, 4, 7, 5, 11, 3, 8, 2, 10, 6, 0, 5, 7, 12, 4, 8, 6, 9)

_EXTERNAL_TYPES: Final = {"jira": "issue", "asana": "task", "salesforce": "opportunity"}
# Most tasks come from nowhere else.
_PROVIDERS: Final = (None, None, None, "jira", "jira", "asana", "salesforce")
_PERMISSIONS: Final = ("update", "delete", "track")
_ODD_TASKS_EVERY: Final = 400
_N_MOMENTS: Final = 600


class TaskMaker:
    """Makes one task after the other."""

    def __init__(
        self, team: Team, clients: list[Row], workspace_id: int, today: date, chance: random.Random
    ) -> None:
        self._chance = chance
        self._numbers = ascending(118_220_543, 120, chance)
        self._client_names = {client["id"]: client["name"] for client in clients}
        self._assignees = [_assignee(user) for user in team.active]
        self._workspace_id = workspace_id
        self._moments = [moment(today, chance) for _ in range(_N_MOMENTS)]
        self._made = 0

    def make(self, project: Project, seconds: int) -> Row:
        """Make the next task, `seconds` of it tracked."""
        chance = self._chance
        index = self._made
        self._made += 1
        usual_name = words.TASKS[index % len(words.TASKS)]
        rate = project.rate if chance.random() < 0.2 else None
        return {
            "active": project.row["active"] and chance.random() < 0.5,
            "at": chance.choice(self._moments),
            "client_id": project.row["client_id"],
            "client_name": self._client_names.get(project.row["client_id"]),
            "estimated_seconds": _estimate(seconds, chance),
            "external_reference": f"PO-2025-{index:05d}" if index % 4 == 0 else None,
            "id": next(self._numbers),
            **_integration(chance.choice(_PROVIDERS), index),
            "name": words.ODD_TASKS.get(index % _ODD_TASKS_EVERY, usual_name),
            "permissions": list(_PERMISSIONS[: index % 4]) if index % 5 else None,
            "project_billable": project.row["billable"],
            "project_color": project.row["color"],
            "project_id": project.row["id"],
            "project_is_private": project.has("private"),
            "project_name": project.row["name"],
            "rate": rate,
            "rate_last_updated": None if rate is None else chance.choice(self._moments),
            "recurring": index % 17 == 5,
            "tracked_seconds": seconds * 1000,  # in milliseconds, whatever its name says
            **self._someone(),
            "workspace_id": self._workspace_id,
        }

    def _someone(self) -> Row:
        is_assigned = self._assignees and self._chance.random() >= 0.25
        return self._chance.choice(self._assignees) if is_assigned else _assignee({})


def make_tasks(
    projects: list[Project],
    statuses: list[Row],
    maker: TaskMaker,
    total: int,
    chance: random.Random,
) -> tuple[list[Row], list[Row]]:
    """Make `total` tasks, and a status for each whose project has one."""
    status_of = {status["id"]: status for status in statuses}
    tasks: list[Row] = []
    task_statuses: list[Row] = []
    for project, count in zip(projects, deal(total, TASK_WEIGHTS, len(projects)), strict=True):
        status = status_of.get(project.row["id"])
        for seconds in _task_seconds(project, status, count, chance):
            task = maker.make(project, seconds)
            tasks.append(task)
            if status is not None:
                task_statuses.append(_status(task, project, status, seconds))
    return tasks, task_statuses


def _task_seconds(
    project: Project, status: Row | None, count: int, chance: random.Random
) -> list[int]:
    """Deal a part of the project's tracked time to its tasks, in whole seconds."""
    share = 1.2 if project.has("tasks_over_project") else chance.uniform(0.45, 0.97)
    if project.has("changed_rate"):
        share = min(share, 0.7)  # tasks came with the new rate, and a quarter is older
    weights = [chance.expovariate(1) for _ in range(count)]
    if status is None or not status["tracked_seconds"]:
        return [0] * count
    second_per_weight = status["tracked_seconds"] * share / sum(weights) if weights else 0
    return [int(weight * second_per_weight) for weight in weights]


def _estimate(seconds: int, chance: random.Random) -> int | None:
    """Estimate in half hours [s], around what was tracked; some have none, a few zero."""
    luck = chance.random()
    if luck < 0.22:
        return None
    if luck < 0.25:
        return 0
    half_hours = seconds / chance.lognormvariate(-0.1, 0.5) / (HOUR / 2)
    if seconds == 0:
        half_hours = chance.uniform(2, 40)
    return max(1, round(half_hours)) * (HOUR // 2)


def _integration(provider: str | None, index: int) -> Row:
    return {
        "integration_ext_id": f"{provider}-{index + 101}".upper() if provider else None,
        "integration_ext_type": _EXTERNAL_TYPES[provider] if provider else None,
        "integration_provider": provider,
    }


def _assignee(user: Row) -> Row:
    avatar = user.get("avatar")
    return {
        "avatar_url": avatar and f"https://assets.{words.AGENCY_DOMAIN}/avatars/{avatar}",
        "toggl_accounts_id": f"acc{user['id']:012d}" if user else None,
        "user_id": user.get("id"),
        "user_name": user.get("fullname"),
    }


def _status(task: Row, project: Project, status: Row, seconds: int) -> Row:
    billable = status["billable_seconds"]
    if billable is not None and status["tracked_seconds"]:
        billable = -(-seconds * billable // status["tracked_seconds"])
    return status_row(
        task["id"],
        tracked=seconds,
        estimated=task["estimated_seconds"],
        billable=billable,
        rate=billing_rate(project),
        currency=project.row["currency"],
    )
