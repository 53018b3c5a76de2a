"""The listings: what each is filtered by, how it pages, and how many ids it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple, TypeAlias

from .agency import Row
from .messages import NOTHING_SET, Kind, Params, RefusalError, count, flag, ids, integer, text
from .store import BILLABLE_IS_PREMIUM, Endpoint, Store

# Does a row match the value of a parameter?
Test: TypeAlias = Callable[[Store, Row, Any], bool]

TASKS_ARE_PREMIUM: Final = "Tasks are a premium feature"
PAGE_ROWS: Final = 201


class Filter(NamedTuple):
    """A parameter that selects rows."""

    kind: Kind
    test: Test


@dataclass(frozen=True, slots=True)
class Listing:
    """A listing of one table of the agency."""

    path: str
    table: str
    filters: Mapping[str, Filter]
    cursor: str | None = None
    has_page_size: bool = False
    needs_one_of: tuple[str, ...] = ()
    cap: int | None = 1000  # ids in one list
    shape: Callable[[Row], Row] = dict

    @property
    def endpoint(self) -> Endpoint:
        """Make the endpoint."""
        params = {name: parameter.kind for name, parameter in self.filters.items()}
        if self.cursor:
            params[self.cursor] = integer
        if self.has_page_size:
            params["page_size"] = count
        return Endpoint(self.path, params, self.answer)

    def answer(self, store: Store, params: Params) -> list[Row] | None:
        """Answer with one page; without rows it is null."""
        if store.is_free and self.table in ("tasks", "task_statuses"):
            raise RefusalError(402, TASKS_ARE_PREMIUM)
        if store.is_free and "is_billable" in params:
            raise RefusalError(402, BILLABLE_IS_PREMIUM)
        if self.needs_one_of and not any(name in params for name in self.needs_one_of):
            raise RefusalError(400, NOTHING_SET)
        lists = [value for value in params.values() if isinstance(value, tuple)]
        if self.cap is not None and any(len(posted) > self.cap for posted in lists):
            raise RefusalError(400, f"Maximum count of posted IDs is {self.cap}")
        rows = [self.shape(row) for row in self._page(store, params)]
        for row in rows:
            row.update(dict.fromkeys(store.hidden_fields & row.keys()))
        return rows or None

    def _page(self, store: Store, params: Params) -> list[Row]:
        wanted = {name: params[name] for name in self.filters if name in params}
        if self.table == "users":
            wanted.setdefault("active", True)
        rows = store.rows[self.table]
        if "ids" in wanted:
            by_id = store.by_id[self.table]
            rows = [by_id[number] for number in sorted({*wanted.pop("ids")} & by_id.keys())]
        tests = [
            (self.filters[name].test, {*value} if isinstance(value, tuple) else value)
            for name, value in wanted.items()
        ]

        def is_wanted(row: Row) -> bool:
            return all(test(store, row, value) for test, value in tests)

        if self.cursor is None:
            return list(filter(is_wanted, rows))
        size = params.get("page_size") or PAGE_ROWS
        return store.page(rows, is_wanted, params.get(self.cursor, 0), size)


# Filters


def _equals(field: str, kind: Kind = flag) -> Filter:
    return Filter(kind, lambda _, row, wanted: row[field] == wanted)


def _one_of(field: str) -> Filter:
    return Filter(ids, lambda _, row, wanted: row[field] in wanted)


def _project_active(reference: str) -> Filter:
    def test(store: Store, row: Row, wanted: bool) -> bool:
        # A deleted project is not active: its status is among those of the archived ones.
        project = store.by_id["projects"].get(row[reference])
        return (project is not None and project["active"]) == wanted

    return Filter(flag, test)


def _name_only(user: Row) -> Row:
    return {"deleted_at": user["deleted_at"], "id": user["id"], "name": user["fullname"]}


_NAME: Final = Filter(text, lambda _, row, part: part.casefold() in row["name"].casefold())
_PROJECT_CLIENT: Final = Filter(
    ids, lambda store, row, wanted: store.client_of(row["project_id"]) in wanted
)
_CLIENT: Final = {"ids": _one_of("id"), "name": _NAME}
_PROJECT: Final = {
    "ids": _one_of("id"),
    "client_ids": _one_of("client_id"),
    "name": _NAME,
    "currency": _equals("currency", text),
    "is_active": _equals("active"),
    "is_billable": _equals("billable"),
    "is_private": Filter(
        flag, lambda store, row, wanted: (row["id"] in store.agency.private_project_ids) == wanted
    ),
}
_USER: Final = {"ids": _one_of("id"), "active": _equals("active")}
_TASK: Final = {
    "ids": _one_of("id"),
    "project_ids": _one_of("project_id"),
    "user_ids": _one_of("user_id"),
    "name": _NAME,
    "active": _equals("active"),
    "project_active": _project_active("project_id"),
}

_CLIENTS: Final = Listing("filters/clients", "clients", _CLIENT, cursor="start", cap=2000)
_PROJECTS: Final = Listing(
    "filters/projects", "projects", _PROJECT, cursor="start", has_page_size=True
)
_USERS: Final = Listing("filters/users", "users", _USER, cursor="start", cap=100, shape=_name_only)
_TASKS: Final = Listing(
    "filters/tasks",
    "tasks",
    _TASK,
    cursor="start",
    has_page_size=True,
    # Its page knows "At least one parameter must be set"; a page_size is one.
    needs_one_of=(*_TASK, "start", "page_size"),
    cap=2000,
)


def _search(original: Listing) -> Listing:
    """Make of a filter what needs something to search for and returns whole rows."""
    path = original.path.replace("filters/", "search/")
    return replace(original, path=path, needs_one_of=tuple(original.filters), shape=dict)


_ALL: Final = (
    _CLIENTS,
    _PROJECTS,
    _USERS,
    _TASKS,
    *map(_search, (_CLIENTS, _PROJECTS, _USERS, _TASKS)),
    Listing(
        "filters/project_groups",
        "project_groups",
        {"project_ids": _one_of("project_id"), "group_ids": _one_of("group_id")},
        cursor="start_id",
        needs_one_of=("project_ids", "group_ids"),
    ),
    Listing(
        "filters/project_users",
        "project_users",
        {"project_ids": _one_of("project_id"), "client_ids": _PROJECT_CLIENT},
        cursor="start_id",
        needs_one_of=("project_ids", "client_ids"),
    ),
    Listing(
        "filters/projects/status",
        "project_statuses",
        {"ids": _one_of("id"), "active": _project_active("id")},
        cap=None,
    ),
    Listing(
        "filters/tasks/status",
        "task_statuses",
        {"ids": _one_of("id")},
        needs_one_of=("ids",),
        cap=None,
    ),
)
LISTINGS: Final = {listing.path: listing for listing in _ALL}
ENDPOINTS: Final = tuple(listing.endpoint for listing in _ALL)
