"""Saved reports, shared by a link: anyone with its token may read them."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from togglframe.sandbox import Request, detailed
from togglframe.sandbox.agency import Entry, Row
from togglframe.sandbox.detailed import ENTRIES, entries_of, rows_of
from togglframe.sandbox.messages import Response, as_json, flag, integer, validate
from togglframe.sandbox.store import Endpoint, Query, Store, day_text
from togglframe.sandbox.totals import SUMMARY, summary, totals, weekly
from vendor import files

_PAGE_ROWS = 50
_LISTS = ("group_ids", "user_ids", "client_ids", "project_ids", "task_ids", "tag_ids")
_INTEGERS = ("first_timestamp", "rounding", "rounding_minutes")
_FLAGS = ("billable", "grouped")
_KINDS = (
    {name: kind for name, kind in ENTRIES.items() if name != "time_entry_ids"}
    | {name: SUMMARY[name] for name in ("grouping", "sub_grouping")}
    | {"first_timestamp": integer, "grouped": flag}
)
ENDPOINTS = tuple(
    Endpoint(path, _KINDS, answer=None)
    for path in ("shared", *(f"shared/{extension}" for extension in ("csv", "xlsx", "pdf")))
)


@dataclass(frozen=True, slots=True)
class SavedReport:
    """A report that somebody saved."""

    token: str = field(repr=False)
    name: str
    kind: str
    public: bool = True
    parameters: Mapping[str, Any] = field(default_factory=dict)


def saved_reports(today: int) -> dict[str, SavedReport]:
    """Make the workspace's saved reports, by token; they show the last four weeks or the week."""
    monday = today - (today - 1) % 7
    weeks = {"start_date": day_text(today - 27), "end_date": day_text(today)}
    week = {"start_date": day_text(monday), "end_date": day_text(monday + 6)}
    by_project = {"grouping": "projects", "sub_grouping": "users"}
    reports = (
        SavedReport("3f0c1d9b7e2a4855", "Hours in detail", "detailed", parameters=weeks),
        SavedReport(
            "8a41e6c2055d4f9e", "Hours by project", "summary", parameters=weeks | by_project
        ),
        SavedReport("c7b2905e1f6348da", "This week", "weekly", parameters=week),
        SavedReport(
            "e95d3a70b8c1426f", "Of the owner alone", "detailed", public=False, parameters=weeks
        ),
    )
    return {report.token: report for report in reports}


def token_of(path: str) -> str:
    """Return what a path names as the token."""
    return path.partition("/shared/")[2].partition("/")[0]


def fields_as_json(query: str, raw: bytes) -> bytes:
    """Turn the fields of an address or of a form into JSON, which may be posted as well."""
    text = raw.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        return raw
    fields = {**parse_qs(query), **parse_qs(text)}
    return json.dumps({name: _value(name, values) for name, values in fields.items()}).encode()


def _value(name: str, values: list[str]) -> Any:
    if name in _LISTS:
        parts = [part for value in values for part in value.strip("[]").split(",") if part]
        return [json.loads(part) for part in parts]
    if name in _INTEGERS:
        return int(values[0])
    return values[0].lower() == "true" if name in _FLAGS else values[0]


def respond(store: Store, saved: SavedReport, request: Request) -> Response:
    """Answer with a saved report, or with its file."""
    params = validate(saved.parameters, _KINDS) | request.params
    query = store.query(params)
    extension = request.endpoint.partition("/")[2]
    if extension:
        table = {
            "detailed": detailed.table,
            "summary": files.summary_table,
            "weekly": files.weekly_table,
        }[saved.kind]
        return files.respond(table, extension, saved.kind, store, params)
    return as_json(
        {
            "report_name": saved.name,
            "report_type": saved.kind,
            "public": saved.public,
            "fixed_daterange": False,
            "hide_amounts": False,
            "is_commenting_enabled": False,
            "workspace_logo": "",
            "input_params": {**saved.parameters, **(request.body or {})},
            "saved_params": dict(saved.parameters),
            "features": {"saved_reports": True, "tasks": not store.is_free},
            "dictionaries": _dictionaries(store, store.select(query)),
            f"{saved.kind}_results": {
                "report": _results(store, saved, query, params),
                "totals": totals(store, query, params),
            },
        }
    )


def _results(store: Store, saved: SavedReport, query: Query, params: Mapping[str, Any]) -> Any:
    if saved.kind == "summary":
        return summary(store, query, params)
    if saved.kind == "weekly":
        return weekly(store, query)
    # It has no other cursor than the moment at which the page begins, inclusive.
    entries = entries_of(store, query, params)
    since = params.get("first_timestamp", 0)
    first = next((n for n, entry in enumerate(entries) if entry.start >= since), len(entries))
    page = entries[first : first + _PAGE_ROWS]
    return json.loads(rows_of(store, {**params, "enrich_response": True}, page, first))


def _dictionaries(store: Store, entries: list[Entry]) -> Row:
    projects = {entry.project_id for entry in entries}
    ids = {
        "clients": {store.client_of(number) for number in projects},
        "projects": projects,
        "tasks": {entry.task_id for entry in entries},
        "users": {entry.user_id for entry in entries},
    }
    more = {
        "clients": (),
        "projects": ("client_id", "color", "currency"),
        "tasks": ("project_id",),
        "users": ("email",),
    }
    tags = {tag for entry in entries for tag in entry.tag_ids}
    groups = {row["group_id"]: row["name"] for row in store.agency.project_groups}
    return {
        "tags": {str(n): {"id": n, "name": store.tags[n]} for n in tags},
        "user_groups": {str(n): {"id": n, "name": name} for n, name in groups.items()},
    } | {
        table: {
            str(n): {"id": n, "name": store.name(table, n)}
            | {key: store.by_id[table][n][key] for key in more[table]}
            for n in of_table & store.by_id[table].keys()
        }
        for table, of_table in ids.items()
    }
