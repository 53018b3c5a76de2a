"""Sums of time entries: totals, summaries, weeks, and projects by user."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Final, TypeVar

from .agency import Entry, Row
from .detailed import ENTRIES, RANGE, moment, range_headers
from .messages import Params, RefusalError, Response, as_json, flag, one_of
from .store import Endpoint, Query, Store, resolution_of

K = TypeVar("K")

RESOLUTIONS: Final = ("day", "week", "month")
_GROUPINGS: Final = ("projects", "clients", "users", "tags")
_SUB_GROUPINGS: Final = ("time_entries", "tasks", "projects", "users", "clients", "tags")


def seconds_of(entries: Iterable[Entry]) -> int:
    """Sum the seconds."""
    return sum(entry.seconds for entry in entries)


def billable_of(entries: Iterable[Entry]) -> int:
    """Sum the seconds that are billable."""
    return sum(entry.seconds for entry in entries if entry.billable)


def amount_of(store: Store, entries: Iterable[Entry]) -> int | None:
    """Sum the amounts, of all currencies [cents]."""
    return None if store.hides_money else sum(entry.amount or 0 for entry in entries)


def cost_of(store: Store, entries: Iterable[Entry]) -> int | None:
    """Sum the labour costs that are known [cents]."""
    return None if store.hides_money else sum(entry.cost or 0 for entry in entries)


def grouped_by(key_of: Callable[[Entry], K], entries: Iterable[Entry]) -> dict[K, list[Entry]]:
    """Group entries by a key, in the order in which the keys come."""
    groups: dict[K, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(key_of(entry), []).append(entry)
    return groups


def by_period(
    store: Store, entries: Iterable[Entry], query: Query, resolution: str
) -> list[tuple[int, list[Entry]]]:
    """Cut entries into periods, each with its first day; empty ones are there too."""
    begins = store.periods(query.first, query.last, resolution)
    cut: list[list[Entry]] = [[] for _ in begins]
    for entry in entries:
        cut[bisect_right(begins, entry.day) - 1].append(entry)
    return list(zip(begins, cut, strict=True))


# Totals of all entries, and of one project


def _totals(store: Store, params: Params) -> Response:
    query = store.query(params)
    value = totals(store, query, params, has_graph=params.get("with_graph", False))
    return as_json(value, range_headers(query))


def totals(store: Store, query: Query, params: Params, *, has_graph: bool = True) -> Row:
    """Sum all entries of a query, and those of each period."""
    entries = store.select(query)
    resolution = resolution_of(query, params)
    answer: Row = {
        "seconds": seconds_of(entries),
        "billable_amount_in_cents": amount_of(store, entries),
        "labour_cost_in_cents": cost_of(store, entries),
        "tracked_days": len({entry.day for entry in entries}),
        "resolution": resolution,
        "rates": [] if store.hides_money else _rates(entries),
    }
    if has_graph:
        cut = by_period(store, entries, query, resolution)
        answer["graph"] = [_point(store, of_period) for _, of_period in cut]
    return answer


def _rates(entries: Iterable[Entry]) -> list[Row]:
    seconds: dict[tuple[int, str], int] = defaultdict(int)
    for entry in entries:
        if entry.billable:
            seconds[entry.rate or 0, entry.currency] += entry.seconds
    return [
        {
            "billable_seconds": seconds[rate, currency],
            "hourly_rate_in_cents": rate,
            "currency": currency,
        }
        for rate, currency in sorted(seconds)
    ]


def _point(store: Store, entries: Sequence[Entry]) -> Row:
    by_rate: dict[str, int] = defaultdict(int)
    for entry in entries:
        if entry.billable and not store.hides_money:
            by_rate[str(entry.rate or 0)] += entry.seconds
    return {
        "seconds": seconds_of(entries),
        "by_rate": by_rate,
        "billable_amount_in_cents": amount_of(store, entries),
        "labour_cost_in_cents": cost_of(store, entries),
    }


def _of_project(store: Store, params: Params) -> Row:
    """Sum one project, over its whole life without dates."""
    number = params["project_id"]
    days = [entry.day for entry in store.entries if entry.project_id == number]
    if number not in store.by_id["projects"] and not days:
        raise RefusalError(403, "project not found or not accessible")
    filters = (("project_ids", (number,)),)
    if "start_date" in params or "end_date" in params:
        first, last, *_ = store.query_of_range(params)
    else:
        last = store.agency.last_day.toordinal()
        first = min((entry.day for entry in store.entries), default=last)
    return totals(store, Query(first, last, filters=filters), {})


# projects/summary


def _by_project_and_user(store: Store, params: Params) -> list[Row]:
    entries = store.select(store.query_of_range(params))
    groups = grouped_by(lambda entry: (entry.project_id, entry.user_id), entries)
    return [
        {
            "user_id": user,
            "project_id": project,
            "tracked_seconds": seconds_of(own),
            "billable_seconds": None if store.hides_money else billable_of(own),
        }
        for (project, user), own in groups.items()
    ]


# weekly/time_entries


def weekly(store: Store, query: Query) -> list[Row]:
    """Sum the seven days from the first on, by user, project, task and rate."""
    entries = [entry for entry in store.select(query) if entry.day < query.first + 7]
    rows = grouped_by(lambda e: (e.user_id, e.project_id, e.task_id, e.rate, e.currency), entries)
    ordered = sorted(rows.values(), key=lambda own: _position(store, own[0]))
    return [_week(store, own, query.first) for own in ordered]


def _position(store: Store, entry: Entry) -> tuple[str, str, int]:
    return (
        (store.name("users", entry.user_id) or "").casefold(),
        (store.name("projects", entry.project_id) or "").casefold(),
        entry.task_id or 0,
    )


def _week(store: Store, entries: list[Entry], first: int) -> Row:
    days: list[list[Entry]] = [[] for _ in range(7)]
    for entry in entries:
        days[entry.day - first].append(entry)
    entry = entries[0]
    project = store.by_id["projects"].get(entry.project_id, {})
    is_hidden = store.hides_money
    return {
        "user_id": entry.user_id,
        "user_name": store.name("users", entry.user_id),
        "project_id": entry.project_id,
        "project_name": project.get("name"),
        "client_name": store.name("clients", project.get("client_id")),
        "project_color": "0",
        "project_hex_color": project.get("color"),
        "planned_task_id": entry.task_id,
        "currency": entry.currency,
        "hourly_rate_in_cents": None if is_hidden else entry.rate,
        "seconds": [seconds_of(day) for day in days],
        "billable_seconds": None if is_hidden else [billable_of(day) for day in days],
        "billable_amounts_in_cents": None if is_hidden else [_known(store, day) for day in days],
    }


def _known(store: Store, entries: list[Entry]) -> int | None:
    """Sum amounts; None where one that is billed is unknown."""
    is_unknown = any(entry.billable and entry.amount is None for entry in entries)
    return None if is_unknown else amount_of(store, entries)


# summary/time_entries


def _summary(store: Store, params: Params) -> Response:
    query = store.query(params)
    grouping, sub_grouping = groupings(params)
    headers = {"X-Grouping": grouping, "X-Sub-Grouping": sub_grouping, **range_headers(query)}
    return as_json(summary(store, query, params), headers)


def groupings(params: Params) -> tuple[str, str]:
    """Return what is grouped by, and what each group is divided by."""
    grouping = params.get("grouping", "projects")
    sub_grouping = params.get("sub_grouping", "time_entries")
    if grouping == sub_grouping:
        raise RefusalError(400, "Invalid 'sub_grouping' value, it must differ from grouping")
    return grouping, sub_grouping


def summary(store: Store, query: Query, params: Params) -> Row:
    """Sum groups and sub-groups; a group has neither a name nor a sum."""
    grouping, sub_grouping = groupings(params)
    groups: dict[Any, list[Entry]] = defaultdict(list)
    for entry in store.select(query):
        for key in _keys(store, entry, grouping):
            groups[key].append(entry)
    ordered = sorted(groups, key=lambda key: _title_order(store, grouping, key))
    return {
        "groups": [
            {
                "id": None if grouping == "tags" else key,
                **({"ids": list(key)} if grouping == "tags" else {}),
                **(_colours(store, key) if grouping == "projects" else {}),
                "sub_groups": _sub_groups(store, sub_grouping, groups[key], params),
            }
            for key in ordered
        ]
    }


def _keys(store: Store, entry: Entry, grouping: str) -> Iterator[Any]:
    match grouping:
        case "tags":
            yield from store.tag_keys(entry)
        case "clients":
            yield store.client_of(entry.project_id)
        case "time_entries":
            yield entry.description
        case _:
            yield getattr(entry, f"{grouping[:-1]}_id")


def _title(store: Store, grouping: str, key: Any) -> str | None:
    if grouping == "time_entries":
        return None if key is None else str(key)
    if grouping == "tags":
        return ", ".join(store.tags[tag] for tag in key) or None
    return store.name(grouping, key)


def _title_order(store: Store, grouping: str, key: Any) -> tuple[bool, str, str]:
    title = _title(store, grouping, key)
    return title is None, (title or "").casefold(), str(key)


def _colours(store: Store, project_id: int | None) -> Row:
    project = store.by_id["projects"].get(project_id, {})
    return {"project_color": "0", "project_hex_color": project.get("color")}


def _sub_groups(store: Store, grouping: str, entries: list[Entry], params: Params) -> list[Row]:
    by_rate = params.get("distinguish_rates", False)
    divided: dict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        for key in _keys(store, entry, grouping):
            divided[key, (entry.rate, entry.currency) if by_rate else None].append(entry)
    ordered = sorted(divided, key=lambda key: (_title_order(store, grouping, key[0]), str(key[1])))
    return [_sub_group(store, grouping, key, divided[key, rate], params) for key, rate in ordered]


def _sub_group(store: Store, grouping: str, key: Any, entries: list[Entry], params: Params) -> Row:
    is_entry = grouping == "time_entries"
    row: Row = {"id": None if is_entry or grouping == "tags" else key}
    title = _title(store, grouping, key)
    if title is not None:
        row["title"] = title
    row["seconds"] = seconds_of(entries)
    if not store.hides_money:
        row |= _money(store, entries)
    if is_entry:
        row["local_start"] = _false_z(min(entries, key=lambda entry: entry.start))
    if grouping == "projects":
        row |= _colours(store, key)
    if params.get("include_time_entry_ids", False):
        row["ids"] = [entry.id for entry in entries]
    return row | {
        "ForExport": False,
        "DistinguishRates": params.get("distinguish_rates", False),
        "Grouping": params.get("grouping", "projects"),
        "SubGrouping": grouping,
    }


def _money(store: Store, entries: list[Entry]) -> Row:
    priced = [entry for entry in entries if entry.amount is not None]
    rates = {entry.rate for entry in priced}
    currencies = {entry.currency for entry in priced or entries}
    is_one = len(currencies) == 1
    return {
        "billable_seconds": billable_of(entries),
        "rates": _rates(entries),
        "billable_amount_in_cents": amount_of(store, priced) if priced and is_one else None,
        "hourly_rate_in_cents": rates.pop() if len(rates) == 1 and is_one else None,
        "currency": currencies.pop() if is_one else None,
    }


def _false_z(entry: Entry) -> str:
    """Write the tracker's own wall clock as if it were UTC, as the vendor does."""
    return moment(entry.start + entry.offset, 0).replace("+00:00", "Z")


SUMMARY: Final = {
    **ENTRIES,
    "grouping": one_of(*_GROUPINGS),
    "sub_grouping": one_of(*_SUB_GROUPINGS),
    "include_time_entry_ids": flag,
    "distinguish_rates": flag,
}
_GRAPH: Final = {"granularity": one_of(*RESOLUTIONS), "resolution": one_of(*RESOLUTIONS)}
ENDPOINTS: Final = (
    Endpoint("search/time_entries/totals", {**ENTRIES, **_GRAPH, "with_graph": flag}, _totals),
    Endpoint("summary/time_entries", SUMMARY, _summary),
    Endpoint("weekly/time_entries", ENTRIES, lambda store, p: weekly(store, store.query(p))),
    Endpoint("projects/summary", RANGE, _by_project_and_user),
    Endpoint("projects/{project_id}/summary", {"project_id": int, **RANGE}, _of_project),
)
