"""The API without HTTP: an endpoint and a body come in, rows or a refusal go out."""

from __future__ import annotations

import json
import random
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Literal, TypeAlias

from .agency import Agency, Row
from .behaviour import Behaviour
from .endpoints import Endpoint, World, row_id

Plan: TypeAlias = Literal["free", "starter", "premium"]
Body: TypeAlias = Mapping[str, Any]

NOTHING_SET = "At least one parameter must be set"
TASKS_ARE_PREMIUM = "Tasks are a premium feature"
BILLABLE_IS_PREMIUM = "Filtering by billable is a premium feature"


_RATES = frozenset({"hourly_rate", "labour_cost", "rate"})
_MONEY = _RATES | {"billable_amount"}
_STATUS_TIMES = ("tracked_seconds", "estimated_seconds", "billable_seconds")
_ID_LISTS = ("ids", "client_ids", "project_ids", "group_ids", "user_ids")
_FLAGS = ("active", "is_active", "is_billable", "is_private", "project_active")
_TEXTS = ("name", "currency")


class RefusalError(Exception):
    """The API's refusal of a request: its status and its words."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text


class Api:
    """Answers the endpoints from one agency."""

    def __init__(self, agency: Agency, plan: Plan, behaviour: Behaviour) -> None:
        self._world = World(agency)
        self._plan = plan
        self._behaviour = behaviour
        free = plan == "free"
        self._hidden = _MONEY if free else frozenset()
        if behaviour.hide_rates is not None:
            self._hidden = _RATES if behaviour.hide_rates else frozenset()
        self._hide_tasks = free if behaviour.hide_tasks is None else behaviour.hide_tasks

    def answer(self, endpoint: Endpoint, raw: bytes) -> list[Row]:
        """Answer with the rows of one page, as they go over the wire, or raise RefusalError."""
        if endpoint.is_of_tasks and self._hide_tasks:
            raise RefusalError(402, TASKS_ARE_PREMIUM)
        body = _parse(endpoint, raw)
        self._check(endpoint, body)
        rows = self._page(endpoint, body)
        return [self._dress(endpoint, row) for row in rows]

    def _check(self, endpoint: Endpoint, body: Body) -> None:
        behaviour = self._behaviour
        if self._plan == "free" and "is_billable" in body:
            raise RefusalError(402, BILLABLE_IS_PREMIUM)
        needs = endpoint.needs_one_of
        if endpoint.table == "project_statuses" and behaviour.status_needs_ids:
            needs = ("ids",)
        if needs and not any(name in body for name in needs):
            raise RefusalError(400, NOTHING_SET)
        cap = getattr(behaviour, endpoint.cap) if isinstance(endpoint.cap, str) else endpoint.cap
        if cap is not None and any(len(body.get(name, ())) > cap for name in _ID_LISTS):
            raise RefusalError(400, f"Maximum count of posted IDs is {cap}")
        largest = behaviour.max_page_size
        if largest is not None and body.get("page_size", 0) > largest:
            raise RefusalError(400, f"page_size must be at most {largest}")

    def _page(self, endpoint: Endpoint, body: Body) -> list[Row]:
        wanted = self._wanted(endpoint, body)
        tests = [(endpoint.filters[name], value) for name, value in wanted.items()]
        world = self._world

        def matching(rows: Iterable[Row]) -> Iterator[Row]:
            return (row for row in rows if all(test(world, row, value) for test, value in tests))

        rows = self._candidates(endpoint, wanted)
        if endpoint.cursor is None:
            return list(matching(rows))
        start = body.get(endpoint.cursor, 0)
        size = self._page_rows(body)
        if self._behaviour.offset_cursor:
            offset = max(start, 0)
            page = list(islice(matching(rows), offset, offset + size))
        else:
            first = self._first_row(rows, start)
            page = list(islice(matching(rows[n] for n in range(first, len(rows))), size))
        if self._behaviour.shuffle_pages:
            random.Random(f"{endpoint.path} {start}").shuffle(page)
        return page

    def _wanted(self, endpoint: Endpoint, body: Body) -> dict[str, Any]:
        wanted = {name: _comparable(body[name]) for name in endpoint.filters if name in body}
        if endpoint.table == "users":
            wanted.setdefault("active", True)
        parameter = endpoint.archived_parameter
        if parameter is None:
            return wanted
        if parameter in wanted:
            wanted[parameter] = wanted[parameter] != self._behaviour.active_means_archived
        elif self._behaviour.omitted_active_filters:
            wanted[parameter] = True
        return wanted

    def _candidates(self, endpoint: Endpoint, wanted: Mapping[str, Any]) -> list[Row]:
        if "ids" not in wanted:
            return self._world.rows[endpoint.table]
        by_id = self._world.by_id[endpoint.table]
        return [by_id[number] for number in sorted(wanted["ids"]) if number in by_id]

    def _first_row(self, rows: list[Row], start: int) -> int:
        if self._behaviour.ignore_cursor:
            return 0
        bisect = bisect_right if self._behaviour.exclusive_cursor else bisect_left
        return bisect(rows, start, key=row_id)

    def _page_rows(self, body: Body) -> int:
        size: int = body.get("page_size") or self._behaviour.page_rows
        clamp = self._behaviour.page_size_clamp
        return size if clamp is None else min(size, clamp)

    def _dress(self, endpoint: Endpoint, row: Row) -> Row:
        behaviour = self._behaviour
        row = endpoint.shape(row) if endpoint.shape else row
        row = self._in_its_units(endpoint, row)
        if self._hidden:
            row = {key: None if key in self._hidden else value for key, value in row.items()}
        if behaviour.extra_fields:
            row = row | extra_fields(row["id"])
        if behaviour.drop_null_keys:
            row = {key: value for key, value in row.items() if value is not None}
        return row

    def _in_its_units(self, endpoint: Endpoint, row: Row) -> Row:
        """Write times and amounts in the units that were asked for."""
        behaviour = self._behaviour
        cents = {
            "billable_amount": behaviour.billable_amount_in_cents,
            "labour_cost": behaviour.labour_cost_in_cents,
        }
        factors = {name: 0.01 for name, in_cents in cents.items() if not in_cents}
        if behaviour.status_in_milliseconds and endpoint.table.endswith("_statuses"):
            factors |= dict.fromkeys(_STATUS_TIMES, 1000)
        return row | {
            name: round(row[name] * factor)
            for name, factor in factors.items()
            if row.get(name) is not None
        }


def encode_rows(rows: list[Row], behaviour: Behaviour) -> bytes:
    """Write an answer as the vendor, or the quirk that was asked for, would."""
    if not rows:
        return behaviour.empty.encode()
    return _json({"items": rows} if behaviour.wrap_items else rows)


def encode_error(text: str, behaviour: Behaviour) -> bytes:
    """Write the body of an error in the style that was asked for."""
    if behaviour.error_style == "string":
        return _json(text) + b"\n"
    return _json({behaviour.error_style: text})


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _parse(endpoint: Endpoint, raw: bytes) -> Body:
    """Read the parameters that are set; null, "" and an empty list count as not given."""
    if not raw.strip() and not endpoint.needs_body:
        return {}
    try:
        body = json.loads(raw)
    except (ValueError, RecursionError):
        raise RefusalError(400, "The request body must be valid JSON") from None
    if not isinstance(body, dict):
        raise RefusalError(400, "The request body must be a JSON object")
    known = (*endpoint.filters, *endpoint.paging)
    given = {name: body[name] for name in known if body.get(name) not in (None, [], "")}
    for name, value in given.items():
        _check_type(name, value)
    return given


def _check_type(name: str, value: Any) -> None:
    if name in _ID_LISTS:
        right = isinstance(value, list) and all(map(_is_integer, value))
        expected = "an array of integers"
    elif name in _FLAGS:
        right, expected = isinstance(value, bool), "a boolean"
    elif name in _TEXTS:
        right, expected = isinstance(value, str), "a string"
    else:
        right, expected = _is_integer(value), "an integer"
    if not right:
        raise RefusalError(400, f"Invalid value for {name}: it must be {expected}")
    if name == "page_size" and value < 0:
        raise RefusalError(400, "Invalid value for page_size: it must be positive")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _comparable(value: Any) -> Any:
    if isinstance(value, list):
        return frozenset(value)
    return value


def extra_fields(number: int) -> Row:
    """Make fields that no page of the vendor names."""
    return {
        "legacy_id": 2**53 + 1 + number,
        "weight": number % 8 / 4,
        "pinned": number % 2 == 0,
        "note": None if number % 3 else f"imported as {number}",
        "labels": ["priority", "retainer"][: number % 3],
        "links": {"count": number % 5},
    }
