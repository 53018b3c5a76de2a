"""The endpoints, each declared once: what they filter by, how they page, their caps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from .agency import Agency, Row

Test: TypeAlias = Callable[["World", Row, Any], bool]


class World:
    """The agency with its look-ups: rows by id, in the order of their ids."""

    def __init__(self, agency: Agency) -> None:
        self.rows: dict[str, list[Row]] = {
            table: sorted(getattr(agency, table), key=row_id)
            for table in {endpoint.table for endpoint in ENDPOINTS}
        }
        self.by_id = {table: {row["id"]: row for row in rows} for table, rows in self.rows.items()}
        self.private = agency.private_project_ids

    def project(self, project_id: int) -> Row | None:
        """Look a project up; None for one that was deleted."""
        return self.by_id["projects"].get(project_id)


def row_id(row: Row) -> int:
    """Read the id that rows are ordered by."""
    number: int = row["id"]
    return number


# Filters: does this row pass for the value of this parameter?


def _equals(field: str) -> Test:
    return lambda _world, row, wanted: row[field] == wanted


def _one_of(field: str) -> Test:
    return lambda _world, row, wanted: row[field] in wanted


def _contains(field: str) -> Test:
    return lambda _world, row, wanted: wanted.casefold() in row[field].casefold()


def _private(world: World, row: Row, wanted: bool) -> bool:
    return (row["id"] in world.private) == wanted


def _project_active(reference: str) -> Test:
    def test(world: World, row: Row, wanted: bool) -> bool:
        # A deleted project is not active: its status turns up among the archived ones.
        project = world.project(row[reference])
        return (project is not None and project["active"]) == wanted

    return test


def _project_client(world: World, row: Row, wanted: frozenset[int]) -> bool:
    project = world.project(row["project_id"])
    return project is not None and project["client_id"] in wanted


def _name_only(user: Row) -> Row:
    return {"deleted_at": user["deleted_at"], "id": user["id"], "name": user["fullname"]}


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One endpoint: where it lies, what it filters by, how it pages, what it demands."""

    path: str
    table: str
    filters: Mapping[str, Test]
    cursor: str | None = None
    has_page_size: bool = False
    needs_one_of: tuple[str, ...] = ()
    needs_body: bool = False
    cap: int | Literal["posted_ids_cap", "status_ids_cap"] = "posted_ids_cap"
    archived_parameter: str | None = None
    shape: Callable[[Row], Row] | None = None

    @property
    def paging(self) -> tuple[str, ...]:
        """The parameters that are not filters."""
        cursor = (self.cursor,) if self.cursor else ()
        return (*cursor, "page_size") if self.has_page_size else cursor

    @property
    def is_of_tasks(self) -> bool:
        """Whether a plan without tasks refuses it."""
        return self.table in ("tasks", "task_statuses")


_CLIENT = {"ids": _one_of("id"), "name": _contains("name")}
_PROJECT = {
    "ids": _one_of("id"),
    "client_ids": _one_of("client_id"),
    "name": _contains("name"),
    "currency": _equals("currency"),
    "is_active": _equals("active"),
    "is_billable": _equals("billable"),
    "is_private": _private,
}
_USER = {"ids": _one_of("id"), "active": _equals("active")}
_TASK = {
    "ids": _one_of("id"),
    "project_ids": _one_of("project_id"),
    "user_ids": _one_of("user_id"),
    "name": _contains("name"),
    "active": _equals("active"),
    "project_active": _project_active("project_id"),
}

_CLIENTS = Endpoint("filters/clients", "clients", _CLIENT, cursor="start", cap=2000)
_PROJECTS = Endpoint(
    "filters/projects",
    "projects",
    _PROJECT,
    cursor="start",
    has_page_size=True,
    archived_parameter="is_active",
)
_USERS = Endpoint("filters/users", "users", _USER, cursor="start", cap=100, shape=_name_only)
_TASKS = Endpoint(
    "filters/tasks",
    "tasks",
    _TASK,
    cursor="start",
    has_page_size=True,
    # Its page knows "At least one parameter must be set"; a page_size is one.
    needs_one_of=(*_TASK, "start", "page_size"),
    cap=2000,
)


def _search(original: Endpoint) -> Endpoint:
    """Make of a filter what wants something to look for and shows whole rows."""
    return replace(
        original,
        path=original.path.replace("filters/", "search/"),
        needs_one_of=tuple(original.filters),
        needs_body=True,
        shape=None,
    )


ENDPOINTS = (
    _CLIENTS,
    Endpoint(
        "filters/project_groups",
        "project_groups",
        {"project_ids": _one_of("project_id"), "group_ids": _one_of("group_id")},
        cursor="start_id",
        needs_one_of=("project_ids", "group_ids"),
    ),
    Endpoint(
        "filters/project_users",
        "project_users",
        {"project_ids": _one_of("project_id"), "client_ids": _project_client},
        cursor="start_id",
        needs_one_of=("project_ids", "client_ids"),
        needs_body=True,
    ),
    _PROJECTS,
    Endpoint(
        "filters/projects/status",
        "project_statuses",
        {"ids": _one_of("id"), "active": _project_active("id")},
        cap="status_ids_cap",
        archived_parameter="active",
    ),
    Endpoint(
        "filters/tasks/status",
        "task_statuses",
        {"ids": _one_of("id")},
        needs_one_of=("ids",),
        needs_body=True,
        cap="status_ids_cap",
    ),
    _USERS,
    _TASKS,
    _search(_CLIENTS),
    _search(_PROJECTS),
    _search(_USERS),
    _search(_TASKS),
)

BY_PATH = {endpoint.path: endpoint for endpoint in ENDPOINTS}
