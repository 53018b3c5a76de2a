"""Saved reports, shared by a link: anyone with its token may read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qs

from .api import RefusalError
from .asking import Body, checked, parse
from .timeline import day_text

_LISTS: Final = ("group_ids", "user_ids", "client_ids", "project_ids", "task_ids", "tag_ids")
_INTEGERS: Final = ("first_timestamp", "rounding", "rounding_minutes")
_FLAGS: Final = ("billable", "grouped")


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


def read_fields(query_string: str, raw: bytes) -> Body:
    """Read what is asked of a saved report: fields of the address, of a form, or of JSON."""
    text = raw.decode("utf-8", "replace").strip()
    if text.startswith("{"):
        return parse(raw)
    fields = {**parse_qs(query_string), **parse_qs(text)}
    try:
        return checked({name: _value(name, values) for name, values in fields.items()})
    except ValueError:
        raise RefusalError(400, "Invalid parameter") from None


def _value(name: str, values: list[str]) -> Any:
    if name in _LISTS:
        parts = [part for value in values for part in value.strip("[]").split(",") if part]
        return [json.loads(part) for part in parts]
    if name in _INTEGERS:
        return int(values[0])
    return values[0].lower() == "true" if name in _FLAGS else values[0]
