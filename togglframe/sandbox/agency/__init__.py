"""A believable agency, as JSON rows. The same arguments make the same rows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property, lru_cache
from typing import Any, Final

from .chance import source
from .entries import Entry, Office, make_entries
from .oddities import BLOCK, ODDITIES
from .people import make_project_groups, make_project_users, make_team
from .projects import Row, make_clients, make_project_statuses, make_projects
from .tasks import TaskMaker, make_tasks

__all__ = ["LARGEST_SCALE", "ODDITIES", "Agency", "Entry", "Row", "build_agency", "known_agency"]

LARGEST_SCALE: Final = 20_000

# How much longer than a short one, of some hundred hours, a project takes the agency.
_BUSYNESS: Final = 9.8

# Up to so many projects the entries of an agency are kept: some ten megabytes for each.
_SMALL: Final = 2 * BLOCK
_KEPT: Final = 4


@dataclass(frozen=True)
class Agency:
    """One workspace's rows, each a dict with exactly the vendor's keys, ascending by id.

    Parameters
    ----------
    clients, projects, tasks : list of dict
        One row per client, project, task.
    project_statuses, task_statuses : list of dict
        One row per project or task with totals; its id is theirs.
    project_users, project_groups : list of dict
        One row per membership of a user, or of a group, in a project.
    users : list of dict
        One row per person, in the shape of ``search/users``.
    private_project_ids : frozenset of int
        What the filter ``is_private`` looks at; the rows of projects do not show it.
    unlisted_user_id : int
        A user whom no users endpoint lists, though there are memberships of theirs.
    today : date
        The day after the last one on which somebody has tracked time.
    """

    clients: list[Row]
    projects: list[Row]
    project_statuses: list[Row]
    task_statuses: list[Row]
    project_users: list[Row]
    project_groups: list[Row]
    users: list[Row]
    tasks: list[Row]
    private_project_ids: frozenset[int]
    unlisted_user_id: int
    today: date
    _make_entries: Callable[[], list[Entry]] = field(repr=False)

    @cached_property
    def entries(self) -> list[Entry]:
        """All time entries, ascending by start, then id; made on first use."""
        return self._make_entries()

    @property
    def last_day(self) -> date:
        """The last day on which somebody can have tracked time."""
        return self.today - timedelta(1)

    def odd(self, oddity: str) -> list[int]:
        """Ids of the projects with an oddity, one of the names in `ODDITIES`.

        Those of people, tasks and memberships need as many of them as there are by default.
        """
        slots = ODDITIES[oddity]
        return [row["id"] for index, row in enumerate(self.projects) if index % BLOCK in slots]


def build_agency(
    scale: int,
    *,
    people: int | None = None,
    tasks: int | None = None,
    memberships: int | None = None,
    seed: int,
    workspace_id: int,
    big_ids: bool = False,
    today: date,
) -> Agency:
    """Make an agency of `scale` projects. None: as many as such an agency would have."""
    busyness = _busyness(scale)
    people = _people(scale) if people is None else people
    n_tasks = round(scale * 400 / BLOCK) if tasks is None else tasks
    memberships = scale * 3 if memberships is None else memberships
    _check(scale, people, n_tasks, memberships)

    client_at = make_clients(scale, source(seed, "clients"))
    clients = list(client_at.values())
    projects = make_projects(scale, client_at, source(seed, "projects"), big_ids=big_ids)
    project_statuses = make_project_statuses(projects, busyness, source(seed, "project_statuses"))
    team = make_team(people, today, source(seed, "team"))
    maker = TaskMaker(team, clients, workspace_id, today, source(seed, "tasks"))
    task_rows, task_statuses = make_tasks(
        projects, project_statuses, maker, n_tasks, source(seed, "task_times")
    )
    project_users = make_project_users(projects, team, memberships, source(seed, "project_users"))
    office = Office(projects, project_statuses, task_rows, task_statuses, project_users, team)
    return Agency(
        clients=clients,
        projects=[project.row for project in projects],
        project_statuses=project_statuses,
        task_statuses=task_statuses,
        project_users=project_users,
        project_groups=make_project_groups(projects, team, source(seed, "project_groups")),
        users=team.users,
        tasks=task_rows,
        private_project_ids=frozenset(
            project.row["id"] for project in projects if project.has("private")
        ),
        unlisted_user_id=team.unlisted_id,
        today=today,
        _make_entries=lambda: make_entries(office, today, source(seed, "entries")),
    )


def known_agency(scale: int, **arguments: Any) -> Agency:
    """Make an agency; of a small one the entries, which take longest, are made once and shared.

    The rows are its own, to be changed at will; an entry is a tuple.
    """
    agency = build_agency(scale, **arguments)
    if scale > _SMALL:
        return agency
    return replace(agency, _make_entries=lambda: list(_shared_entries(scale, **arguments)))


@lru_cache(maxsize=_KEPT)
def _shared_entries(scale: int, **arguments: Any) -> list[Entry]:
    return build_agency(scale, **arguments).entries


def _people(scale: int) -> int:
    """People grow slower than projects: 25 for 60, about 800 for 20 000."""
    if scale == 0:
        return 0
    if scale < BLOCK:
        return max(3, math.ceil(scale * 25 / BLOCK))
    return int(25 * math.pow(scale / BLOCK, 0.6))


def _busyness(scale: int) -> float:
    """People grow slower than projects, so that each project of a large agency has less time."""
    if scale <= BLOCK:
        return _BUSYNESS
    return _BUSYNESS * (_people(scale) / _people(BLOCK)) / (scale / BLOCK)


def _check(scale: int, people: int, tasks: int, memberships: int) -> None:
    if not 0 <= scale <= LARGEST_SCALE:
        raise ValueError(f"scale must be from 0 to {LARGEST_SCALE}, got {scale}")
    if min(people, tasks, memberships) < 0:
        raise ValueError("people, tasks and memberships must not be negative")
    if scale == 0 and tasks + memberships > 0:
        raise ValueError("an empty workspace (scale=0) has no tasks and no memberships")
    if memberships > 0 and people == 0:
        raise ValueError("memberships need people; people=0 needs memberships=0")
