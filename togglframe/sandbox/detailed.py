"""The detailed report: time entries row by row, in pages or as a CSV file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, Final, TypeAlias

from .agency import Entry, Row
from .messages import (
    Kind,
    Params,
    RefusalError,
    Response,
    count,
    day,
    flag,
    ids,
    ids_or_null,
    integer,
    one_of,
    text,
)
from .store import Endpoint, Query, Store, day_text

Table: TypeAlias = list[list[Any]]

PAGE_ROWS: Final = 50
_ORDERS: Final[dict[str, Callable[[Entry, Store], Any]]] = {
    "user": lambda entry, store: (store.name("users", entry.user_id) or "").casefold(),
    "duration": lambda entry, _: entry.seconds,
    "description": lambda entry, _: (entry.description or "").casefold(),
    "last_update": lambda entry, _: entry.updated,
}


def range_headers(query: Query) -> dict[str, str]:
    """Tell the range that is answered."""
    return {"X-Range-Start": day_text(query.first), "X-Range-End": day_text(query.last)}


def _search(store: Store, params: Params) -> Response:
    """Answer with a page, whose headers say where the next one begins."""
    query = store.query(params)
    entries = entries_of(store, query, params)
    size = params.get("page_size") or PAGE_ROWS
    if size > store.entry_page_rows:
        allowed = f"allowed values are 1 to {store.entry_page_rows}"
        raise RefusalError(400, f"Invalid 'page_size' value, {allowed}")
    first = max(0, params.get("first_row_number", 1) - 1)
    headers = range_headers(query) | page_headers(entries, first + size, size)
    rows = rows_of(store, params, entries[first : first + size], first)
    return Response(body=rows.encode(), headers=headers)


def page_headers(entries: Sequence[Entry], following: int, size: int) -> dict[str, str]:
    """Tell the size of a page, and where the following one begins, if there is one."""
    headers = {"X-Page-Size": str(size)}
    if following < len(entries):
        headers["X-Next-ID"] = str(entries[following].id)
        headers["X-Next-Timestamp"] = str(entries[following].start)
        headers["X-Next-Row-Number"] = str(following + 1)
    return headers


def entries_of(store: Store, query: Query, params: Params) -> list[Entry]:
    """List the entries of a query in the order of a request."""
    entries = store.select(query)
    order = params.get("order_by", "date")
    if order != "date":
        entries = sorted(entries, key=lambda entry: _ORDERS[order](entry, store))
    return entries[::-1] if params.get("order_dir") == "DESC" else entries


def rows_of(store: Store, params: Params, entries: Sequence[Entry], first: int) -> str:
    """Write a row of JSON for each entry, numbered from `first` + 1 on.

    An answer has a thousand rows of a few people and projects, which are written once.
    """
    is_enriched = params.get("enrich_response", False)
    hides_money = store.hides_money or params.get("hide_amounts", False)

    def fields(row: Row) -> str:
        return _dumps({n: row[n] for n in row if is_enriched or n in _PLAIN})[1:-1]

    user = cache(lambda number: fields(_user(store, number)))
    project = cache(lambda number: fields(_project(store, number)))
    task = cache(lambda n: fields({"task_id": n, "task_name": store.name("tasks", n)}))
    tags = cache(lambda ids: fields({"tag_ids": ids, "tag_names": [store.tags[n] for n in ids]}))
    description = cache(_dumps)
    rows = []
    for number, entry in enumerate(entries, first + 1):
        is_priced = entry.amount is not None and not hides_money
        rows.append(
            f"{{{user(entry.user_id)},{project(entry.project_id)},{task(entry.task_id)},"
            f'{tags(entry.tag_ids)},"description":{description(entry.description or "")},'
            f'"billable":{"true" if entry.billable else "false"},'
            f'"billable_amount_in_cents":{entry.amount if is_priced else "null"},'
            f'"hourly_rate_in_cents":{entry.rate if is_priced else "null"},'
            f'"currency":"{entry.currency}","time_entries":[{_single(entry)}],'
            f'"row_number":{number}}}'
        )
    return f"[{','.join(rows)}]"


_dumps: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


_PLAIN: Final = {"user_id", "username", "toggl_accounts_id", "project_id", "task_id", "tag_ids"}


def _user(store: Store, number: int) -> Row:
    user = store.by_id["users"].get(number, {})
    return {
        "user_id": number,
        "username": user.get("fullname"),
        "toggl_accounts_id": f"acc{number:012d}",
        "email": user.get("email"),
    }


def _project(store: Store, number: int | None) -> Row:
    project = store.by_id["projects"].get(number, {})
    return {
        "project_id": number,
        "project_name": project.get("name"),
        "client_name": store.name("clients", project.get("client_id")),
        "project_color": "0",
        "project_hex": project.get("color"),
    }


def _single(entry: Entry) -> str:
    stop = "null"  # it still runs
    if entry.seconds >= 0:
        stop = f'"{moment(entry.start + entry.seconds, entry.stop_offset)}"'
    return (
        f'{{"id":{entry.id},"seconds":{entry.seconds},'
        f'"start":"{moment(entry.start, entry.offset)}","stop":{stop},'
        f'"at":"{moment(entry.updated, 0)}","at_tz":"{moment(entry.updated, entry.stop_offset)}"}}'
    )


def moment(seconds: int, offset: int) -> str:
    """Write a moment as a clock shows it that is so far ahead of UTC [s]."""
    return datetime.fromtimestamp(seconds, _zone(offset)).isoformat()


_zone: Final = cache(lambda offset: timezone(timedelta(seconds=offset)))


# The file


def _file(store: Store, params: Params) -> Response:
    if store.is_free:
        raise RefusalError(402, "Exporting this file is a premium feature")
    content = io.StringIO(newline="")
    csv.writer(content, lineterminator="\n").writerows(table(store, params))
    return Response(
        body=f"\ufeff{content.getvalue()}".encode(),
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": 'attachment; filename="detailed.csv"',
        },
    )


def table(store: Store, params: Params) -> Table:
    """List what a file has of each entry, below its headings."""
    entries = entries_of(store, store.query(params), params)
    currencies = sorted({e.currency for e in entries if e.amount is not None}) or [""]
    hides_money = store.hides_money or params.get("hide_amounts", False)
    headings = [
        *("User", "Email", "Client", "Project", "Task", "Description", "Billable"),
        *("Start date", "Start time", "End date", "End time", "Duration", "Tags"),
        *(f"Amount ({currency})" for currency in currencies),
    ]
    return [headings] + [
        [
            store.name("users", entry.user_id) or "",
            store.by_id["users"].get(entry.user_id, {}).get("email", ""),
            store.name("clients", store.client_of(entry.project_id)) or "",
            store.name("projects", entry.project_id) or "",
            store.name("tasks", entry.task_id) or "",
            entry.description or "",
            "Yes" if entry.billable else "No",
            *moment(entry.start, entry.offset)[:19].split("T"),
            *moment(entry.start + entry.seconds, entry.stop_offset)[:19].split("T"),
            duration(entry.seconds, params.get("duration_format", "classic")),
            ", ".join(store.tags[tag] for tag in entry.tag_ids),
            *(
                money(entry.amount) if entry.currency == currency and not hides_money else ""
                for currency in currencies
            ),
        ]
        for entry in entries
    ]


def duration(seconds: int, form: str = "classic") -> str:
    """Write a duration."""
    if form == "decimal":
        return f"{seconds / 3600:.2f}"
    minutes, second = divmod(seconds, 60)
    hours = f"{minutes // 60}" if form == "improved" else f"{minutes // 60:02}"
    return f"{hours}:{minutes % 60:02}:{second:02}"


def money(cents: int | None) -> str:
    """Write an amount; nothing where it is unknown."""
    return "" if cents is None else f"{cents // 100}.{cents % 100:02}"


# Parameters

RANGE: Final[dict[str, Kind]] = {"start_date": day, "end_date": day}
ROUNDING: Final[dict[str, Kind]] = {
    "rounding": one_of(-1, 0, 1),
    "rounding_minutes": one_of(0, 1, 5, 6, 10, 12, 15, 30, 60, 240),
}
ENTRIES: Final[dict[str, Kind]] = {
    **RANGE,
    "user_ids": ids,
    "client_ids": ids_or_null,
    "project_ids": ids_or_null,
    "task_ids": ids_or_null,
    "tag_ids": ids_or_null,
    "group_ids": ids,
    "time_entry_ids": ids,
    "description": text,
    "billable": flag,
    "min_duration_seconds": integer,
    "max_duration_seconds": integer,
    **ROUNDING,
}
ROWS: Final[dict[str, Kind]] = {
    **ENTRIES,
    "enrich_response": flag,
    "hide_amounts": flag,
    "order_by": one_of("date", *_ORDERS),
    "order_dir": one_of("ASC", "DESC"),
    "page_size": count,
    "first_row_number": integer,
}
FILE: Final[dict[str, Kind]] = {
    **ROWS,
    "grouped": flag,  # a file has a line for each entry all the same
    "duration_format": one_of("classic", "decimal", "improved"),
}

ENDPOINTS: Final = (
    Endpoint("search/time_entries", ROWS, _search),
    Endpoint("search/time_entries.csv", FILE, _file),
)
