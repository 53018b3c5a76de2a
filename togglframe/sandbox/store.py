"""What the endpoints answer from: an agency's rows by id, and its time entries by query."""

from __future__ import annotations

import threading
from bisect import bisect_left
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property, lru_cache
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from .agency import Agency, Entry, Row
from .agency.entries import DAY, EPOCH, tags
from .agency.projects import HOUR
from .messages import NOTHING_SET, Kind, Params, Plan, RefusalError, Response, as_json

Test: TypeAlias = Callable[[Entry], bool]

TABLES: Final = (
    *("clients", "projects", "project_statuses", "project_users", "project_groups"),
    *("users", "tasks", "task_statuses"),
)
FEATURE_IS_PAID: Final = "Workspace needs to have this feature enabled"
BILLABLE_IS_PREMIUM: Final = "Filtering by billable is a premium feature"

_RATES: Final = frozenset({"hourly_rate", "labour_cost", "rate"})
_LONGEST_RANGE: Final = 366  # days, both ends counted
_FARTHEST: Final = 14 * HOUR  # that a clock is from UTC [s]
_MOST_POINTS: Final = 34
_SELECTIONS: Final = 32


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint: its path, the parameters that it knows, its answer, and on which plans."""

    path: str
    params: Mapping[str, Kind]
    answer: Callable[[Store, Params], Any]  # a Response, or the value of one in JSON
    plans: tuple[Plan, ...] = ("free", "starter", "premium")

    def respond(self, store: Store, params: Params) -> Response:
        """Answer a request whose parameters are valid."""
        answer = self.answer(store, params)
        return answer if isinstance(answer, Response) else as_json(answer)


class Query(NamedTuple):
    """Which entries are selected, and how they are rounded; days are ordinals, inclusive."""

    first: int
    last: int
    rounding: int = 0
    rounding_minutes: int = 0
    filters: tuple[tuple[str, Any], ...] = ()


class Store:
    """The rows of an agency on a plan."""

    # Rows of a page of `search/time_entries` at most.
    entry_page_rows = 1000

    def __init__(self, agency: Agency, plan: Plan) -> None:
        self.lock = threading.RLock()
        self.agency = agency
        self.is_free = plan == "free"
        self.hides_money = self.is_free
        self.hidden_fields = _RATES | {"billable_amount"} if self.is_free else frozenset()
        self.rows: dict[str, list[Row]] = {
            table: sorted(getattr(agency, table), key=itemgetter("id")) for table in TABLES
        }
        self.by_id: dict[str, dict[int | None, Row]] = {
            table: {row["id"]: row for row in rows} for table, rows in self.rows.items()
        }
        self.tags = tags()
        self.select = lru_cache(maxsize=_SELECTIONS)(self._select)

    # Rows

    def page(
        self, rows: Sequence[Row], is_wanted: Callable[[Row], bool], start: int, size: int
    ) -> list[Row]:
        """Return a page of a listing: the rows from an id on."""
        first = bisect_left(rows, start, key=itemgetter("id"))
        return list(islice(filter(is_wanted, rows[first:]), size))

    def client_of(self, project_id: int | None) -> int | None:
        """Look up the client of a project; None without one."""
        number: int | None = self.by_id["projects"].get(project_id, {}).get("client_id")
        return number

    def name(self, table: str, number: int | None) -> str | None:
        """Look up a name; None of what is not listed."""
        field = "fullname" if table == "users" else "name"
        name: str | None = self.by_id[table].get(number, {}).get(field)
        return name

    # Time entries

    @cached_property
    def entries(self) -> list[Entry]:
        """All entries, ascending by start, then id; made when they are first needed."""
        if self.is_free:
            return [entry._replace(task_id=None) for entry in self.agency.entries]
        return self.agency.entries

    def replace(self, entries: Iterable[Entry]) -> None:
        """Replace all entries by others."""
        with self.lock:
            self.entries = sorted(entries, key=lambda entry: (entry.start, entry.id))
            self.select.cache_clear()

    def query(self, params: Params) -> Query:
        """Make a query of a request that has a range or a filter."""
        if not any(name in params for name in ("start_date", "end_date", *FILTERS)):
            raise RefusalError(400, NOTHING_SET)
        today = self.agency.today.toordinal()
        if "start_date" in params:
            first = params["start_date"]
            return self.query_between(params, first, params.get("end_date", first + 6))
        last = params.get("end_date", today)
        return self.query_between(params, last - 6, last)

    def query_of_range(self, params: Params) -> Query:
        """Make a query of a request that must have both ends of a range."""
        for name in ("start_date", "end_date"):
            if name not in params:
                raise RefusalError(400, f"The {name} parameter is required")
        return self.query_between(params, params["start_date"], params["end_date"])

    def query_between(self, params: Params, first: int, last: int) -> Query:
        """Make a query of a range and the filters of a request."""
        if last < first:
            raise RefusalError(400, "end_date must not be before start_date")
        if last - first >= _LONGEST_RANGE:
            raise RefusalError(400, "The date range must not be longer than a year")
        if self.is_free and "billable" in params:
            raise RefusalError(402, BILLABLE_IS_PREMIUM)
        rounding, minutes = (params.get(name, 0) for name in ("rounding", "rounding_minutes"))
        if self.is_free and (rounding or minutes):
            raise RefusalError(402, FEATURE_IS_PAID)
        filters = tuple((name, params[name]) for name in FILTERS if name in params)
        return Query(first, last, rounding, minutes, filters)

    def _select(self, query: Query) -> list[Entry]:
        """Select and round entries, ascending by start, then id."""
        first, last = query.first, query.last
        start = attrgetter("start")
        begin = bisect_left(self.entries, (first - EPOCH) * DAY - _FARTHEST, key=start)
        end = bisect_left(self.entries, (last + 1 - EPOCH) * DAY + _FARTHEST, key=start)
        entries = [entry for entry in self.entries[begin:end] if first <= entry.day <= last]
        for name, value in query.filters:
            entries = list(filter(FILTERS[name](self, value), entries))
        if query.rounding_minutes:
            return [_rounded(entry, query) for entry in entries]
        return entries

    # Periods

    def periods(self, first: int, last: int, resolution: str) -> list[int]:
        """List the first days of the periods of a range, counted from its first day."""
        if resolution == "day":
            return list(range(first, last + 1))
        if resolution == "week":
            return list(range(first, last + 1, 7))
        begins = [first]
        while (begin := _months_after(first, len(begins))) <= last:
            begins.append(begin)
        return begins

    def tag_keys(self, entry: Entry) -> list[tuple[int, ...]]:
        """Tell under which tags a summary counts an entry: under the set of all of its own."""
        return [entry.tag_ids]


def day_text(ordinal: int) -> str:
    """Write a day."""
    return date.fromordinal(ordinal).isoformat()


def resolution_of(query: Query, params: Params) -> str:
    """Return the resolution of a request; else the finest with at most 34 points."""
    asked = params.get("granularity") or params.get("resolution")
    if asked:
        return str(asked)
    days = query.last - query.first + 1
    if days <= _MOST_POINTS:
        return "day"
    return "week" if days <= 7 * _MOST_POINTS else "month"


def _rounded(entry: Entry, query: Query) -> Entry:
    step = query.rounding_minutes * 60
    up = {1: step - 1, 0: step // 2, -1: 0}[query.rounding]
    seconds = (entry.seconds + up) // step * step
    amount = entry.amount
    if amount is not None and entry.rate is not None:
        amount = round(seconds * entry.rate / HOUR)
    return entry._replace(seconds=seconds, amount=amount)


def _months_after(first: int, months: int) -> int:
    """Count months from a day on, whose end is the last day of a shorter month."""
    begin = date.fromordinal(first)
    years, month = divmod(begin.month - 1 + months, 12)
    year, month = begin.year + years, month + 1
    return date(year, month, min(begin.day, monthrange(year, month)[1])).toordinal()


# Filters of entries: the test for the value of a parameter


def _one_of(field: str) -> Callable[[Store, Any], Test]:
    def make(_store: Store, wanted: Iterable[int | None]) -> Test:
        found = frozenset(wanted)
        return lambda entry: getattr(entry, field) in found

    return make


def _of_clients(store: Store, ids: Iterable[int | None]) -> Test:
    found = frozenset(ids)
    return lambda entry: store.client_of(entry.project_id) in found


def _of_groups(store: Store, ids: Iterable[int]) -> Test:
    members = defaultdict(set)
    for row in store.agency.project_users:
        members[row["group_id"]].add(row["user_id"])
    users = set().union(*(members[group] for group in ids)) - {None}
    return lambda entry: entry.user_id in users


def _with_tags(_store: Store, ids: Iterable[int | None]) -> Test:
    found = frozenset(ids)
    return lambda entry: not found.isdisjoint(entry.tag_ids or (None,))


FILTERS: Final[dict[str, Callable[[Store, Any], Test]]] = {
    "user_ids": _one_of("user_id"),
    "client_ids": _of_clients,
    "project_ids": _one_of("project_id"),
    "task_ids": _one_of("task_id"),
    "tag_ids": _with_tags,
    "group_ids": _of_groups,
    "time_entry_ids": _one_of("id"),
    "description": lambda _, text: (
        lambda entry: text.casefold() in (entry.description or "").casefold()
    ),
    "billable": lambda _, wanted: lambda entry: entry.billable == wanted,
    "min_duration_seconds": lambda _, least: lambda entry: entry.seconds >= least,
    "max_duration_seconds": lambda _, most: lambda entry: entry.seconds <= most,
}
