"""Comparisons, trends and profitability: reports over periods, with their dates."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from .agency import Entry, Row
from .agency.entries import WORKSPACE_CURRENCY
from .detailed import ENTRIES, RANGE, ROUNDING
from .messages import Kind, Params, RefusalError, day, flag, ids, one_of, text
from .store import Endpoint, Query, Store, day_text, resolution_of
from .totals import RESOLUTIONS, amount_of, billable_of, by_period, cost_of, grouped_by, seconds_of

_MOST_IDS: Final = 5


def _graph(
    store: Store,
    entries: Iterable[Entry],
    query: Query,
    params: Params,
    point: Callable[[list[Entry]], Row],
) -> Row:
    """Make a point of each period; a quarter is answered by months."""
    resolution = resolution_of(query, params).replace("quarter", "month")
    cut = by_period(store, entries, query, resolution)
    data = [{"date": day_text(day), **point(of_period)} for day, of_period in cut]
    return {"resolution": resolution, "data": data}


def earnings_of(store: Store, entries: Iterable[Entry], currency: str) -> int | None:
    """Sum the amounts in a currency; others are not converted, and not counted [cents]."""
    return amount_of(store, (entry for entry in entries if entry.currency == currency))


def _comparative(store: Store, params: Params) -> Row:
    query = store.query(params)

    def point(of_period: list[Entry]) -> Row:
        return {"total_seconds": seconds_of(of_period)}

    return {"graph": _graph(store, store.select(query), query, params, point)}


# data_trends of clients, projects and users


def _data_trends(kind: str, store: Store, params: Params) -> Row:
    currency = currency_of(params)
    wanted = params.get("ids", ())
    if kind == "projects" and not wanted:
        raise RefusalError(400, "At least 1 id required")
    if kind == "projects" and len(wanted) > _MOST_IDS:
        raise RefusalError(400, f"Maximum {_MOST_IDS} ids allowed")
    query = store.query_of_range(params)
    key_of = _key_of(kind, store)
    entries = [e for e in store.select(query) if not wanted or key_of(e) in wanted]

    def point(of_period: list[Entry]) -> Row:
        groups = grouped_by(key_of, of_period).items()
        return {kind: [_trend(kind, store, key, own, currency) for key, own in groups]}

    return {"currency": currency, "graph": _graph(store, entries, query, params, point)}


def currency_of(params: Params) -> str:
    """Return the currency that must be there."""
    if "currency" not in params:
        raise RefusalError(400, "Currency is required parameter")
    return str(params["currency"]).upper()


def _key_of(kind: str, store: Store) -> Callable[[Entry], int | None]:
    if kind == "clients":
        return lambda entry: store.client_of(entry.project_id)
    return lambda entry: entry.user_id if kind == "users" else entry.project_id


def _trend(kind: str, store: Store, key: int | None, entries: list[Entry], currency: str) -> Row:
    row: Row = {
        f"{kind[:-1]}_id": key,
        "name": store.name(kind, key) or "",
        "total_seconds": seconds_of(entries),
        "billable_seconds": billable_of(entries),
        "earnings": earnings_of(store, entries, currency),
    }
    if kind == "projects":
        row["color"] = store.by_id["projects"].get(key, {}).get("color")
        row["currency"] = entries[0].currency
    return row


# profitability/projects


def _profitability(store: Store, params: Params) -> Row:
    query, entries = _entries_of(store, params)
    currency = str(params.get("currency", WORKSPACE_CURRENCY)).upper()

    def point(of_period: list[Entry]) -> Row:
        return {
            "earnings": earnings_of(store, of_period, currency),
            "labour_cost": cost_of(store, (e for e in of_period if e.currency == currency)),
        }

    return {
        "currency": currency,
        "graph": _graph(store, entries, query, params, point),
        "table": projects_table(store, params),
    }


def _entries_of(store: Store, params: Params) -> tuple[Query, list[Entry]]:
    """Select entries; `billable` is a filter of projects here."""
    query = store.query_of_range({n: value for n, value in params.items() if n != "billable"})
    entries = store.select(query)
    if "billable" in params:
        wanted = {
            row["id"] for row in store.rows["projects"] if row["billable"] == params["billable"]
        }
        entries = [entry for entry in entries if entry.project_id in wanted]
    return query, entries


def projects_table(store: Store, params: Params) -> list[Row]:
    """Sum each project, in its own currency."""
    _, entries = _entries_of(store, params)
    groups = grouped_by(lambda entry: entry.project_id, entries)
    return [_profit(store, key, own) for key, own in groups.items() if key is not None]


def _profit(store: Store, number: int, entries: Sequence[Entry]) -> Row:
    project = store.by_id["projects"].get(number, {})
    currency = entries[0].currency
    return {
        "project_id": number,
        "name": project.get("name") or "",
        "color": project.get("color"),
        "currency": currency,
        "total_seconds": seconds_of(entries),
        "billable_seconds": billable_of(entries),
        "earnings": earnings_of(store, entries, currency),
        "labour_cost": cost_of(store, entries),
    }


# insights/data_trends/projects


def project_trends(store: Store, params: Params) -> list[Row]:
    """Sum each day of two periods of the same length, by project."""
    query = store.query_of_range(params)
    length = query.last - query.first + 1
    begin = params.get("previous_period_start", query.first - length)
    if begin >= query.first:
        raise RefusalError(400, "start should come after end")
    previous = store.query_between(params, begin, begin + length - 1)
    current = grouped_by(lambda entry: entry.project_id, store.select(query))
    former = grouped_by(lambda entry: entry.project_id, store.select(previous))
    return [
        {
            "project_id": number,
            "user_ids": sorted(
                {e.user_id for e in (*current.get(number, ()), *former.get(number, ()))}
            ),
            "start": day_text(query.first),
            "end": day_text(query.last),
            "previousStart": day_text(begin),
            "current_period_seconds": _by_day(current.get(number, ()), query.first, length),
            "previous_period_seconds": _by_day(former.get(number, ()), begin, length),
        }
        for number in {**current, **former}
        if number is not None
    ]


def _by_day(entries: Iterable[Entry], first: int, length: int) -> list[int]:
    days = [0] * length
    for entry in entries:
        days[entry.day - first] += entry.seconds
    return days


_RESOLUTION: Final[dict[str, Kind]] = {"resolution": one_of(*RESOLUTIONS, "quarter")}
_COMPARATIVE: Final = {
    name: ENTRIES[name]
    for name in (
        *("user_ids", "client_ids", "project_ids", "task_ids", "tag_ids", "group_ids", "billable"),
        *(*RANGE, *ROUNDING),
    )
}
_TRENDS: Final = {
    "currency": text,
    **RANGE,
    **_RESOLUTION,
    **ROUNDING,
    "billable": flag,
    "ids": ids,
}
PROFIT: Final = {
    "currency": text,
    **{name: ENTRIES[name] for name in ("client_ids", "project_ids", "billable")},
    **RANGE,
    **_RESOLUTION,
    **ROUNDING,
}
PROJECT_TRENDS: Final = {
    **RANGE,
    "previous_period_start": day,
    **{name: ENTRIES[name] for name in ("project_ids", "billable")},
    **ROUNDING,
}
ENDPOINTS: Final = (
    Endpoint("comparative", _COMPARATIVE | _RESOLUTION, _comparative, plans=("starter", "premium")),
    *(
        Endpoint(f"data_trends/{kind}", _TRENDS, partial(_data_trends, kind))
        for kind in ("clients", "projects", "users")
    ),
    Endpoint("profitability/projects", PROFIT, _profitability, plans=("premium",)),
    Endpoint("insights/data_trends/projects", PROJECT_TRENDS, project_trends, plans=("premium",)),
)
