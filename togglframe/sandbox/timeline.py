"""The time entries as reports need them: filtered, rounded, split into periods; and edited."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable
from datetime import date
from typing import Any, Final, Generic, TypeVar

from .agency import Agency, Entry, Row
from .agency.entries import DAY, EPOCH, tags
from .agency.projects import HOUR
from .asking import Query
from .behaviour import Behaviour

# A clock is at most so far from UTC [s].
_FARTHEST: Final = 14 * HOUR
_MOST_POINTS: Final = 34
_SELECTIONS: Final = 32

T = TypeVar("T")


class Kept(Generic[T]):
    """The last few answers to questions, made once."""

    def __init__(self, most: int) -> None:
        self._kept: OrderedDict[Hashable, T] = OrderedDict()
        self._most = most

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what was made for that key, or make it."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        made = self._kept[key] = make()
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return made

    def clear(self) -> None:
        """Forget all of them."""
        self._kept.clear()


class Timeline:
    """The entries of an agency, with the names of what they refer to."""

    def __init__(self, agency: Agency, behaviour: Behaviour, *, hide_tasks: bool) -> None:
        self.lock = threading.RLock()
        self.last_day = agency.last_day
        self.tags = tags()
        self.projects: dict[int | None, Row] = {row["id"]: row for row in agency.projects}
        self.clients: dict[int | None, Row] = {row["id"]: row for row in agency.clients}
        self.users: dict[int | None, Row] = {row["id"]: row for row in agency.users}
        self.tasks: dict[int | None, Row] = {row["id"]: row for row in agency.tasks}
        self.groups = {row["group_id"]: row["name"] for row in agency.project_groups}
        self.group_members: dict[int, set[int]] = defaultdict(set)
        for row in agency.project_users:
            if row["group_id"] is not None and row["user_id"] is not None:
                self.group_members[row["group_id"]].add(row["user_id"])
        self._agency = agency
        self._behaviour = behaviour
        self._hide_tasks = hide_tasks
        self._entries: list[Entry] | None = None
        self._selections: Kept[list[Entry]] = Kept(_SELECTIONS)
        self.version = 0

    @property
    def entries(self) -> list[Entry]:
        """All entries, ascending by start, then id; made when they are first asked for."""
        if self._entries is None:
            entries = self._agency.entries
            if self._hide_tasks:
                entries = [entry._replace(task_id=None) for entry in entries]
            if self._behaviour.days_of_utc:
                entries = [entry._replace(day=EPOCH + entry.start // DAY) for entry in entries]
            self._entries = entries
        return self._entries

    def client_of(self, project_id: int | None) -> int | None:
        """Look up the client of a project; None without one."""
        project = self.projects.get(project_id)
        number: int | None = project["client_id"] if project else None
        return number

    def name(self, kind: str, number: int | None) -> str | None:
        """Look up a name; None of what is not listed."""
        rows = {
            "users": self.users,
            "projects": self.projects,
            "clients": self.clients,
            "tasks": self.tasks,
        }[kind]
        row = rows.get(number)
        if row is None:
            return None
        name: str = row["fullname" if kind == "users" else "name"]
        return name

    # Selecting

    def select(self, query: Query) -> list[Entry]:
        """Select and round the entries of a query, ascending by start, then id."""
        return self._selections.get(query, lambda: self._selected(query))

    def _selected(self, query: Query) -> list[Entry]:
        first, last = query.first, query.last
        begin = bisect_left(self.entries, (first - EPOCH) * DAY - _FARTHEST, key=_start)
        end = bisect_left(self.entries, (last + 1 - EPOCH) * DAY + _FARTHEST, key=_start)
        entries = [entry for entry in self.entries[begin:end] if first <= entry.day <= last]
        for test in self._tests(query):
            entries = list(filter(test, entries))
        if query.rounding_minutes:
            entries = [self._rounded(entry, query) for entry in entries]
        return entries

    def _tests(self, query: Query) -> list[Callable[[Entry], bool]]:
        tests: list[tuple[object, Callable[[Any], Callable[[Entry], bool]]]] = [
            (query.user_ids, lambda ids: lambda entry: entry.user_id in ids),
            (query.project_ids, lambda ids: lambda entry: entry.project_id in ids),
            (query.task_ids, lambda ids: lambda entry: entry.task_id in ids),
            (query.client_ids, self._of_clients),
            (query.tag_ids, _with_tags),
            (query.group_ids, self._of_groups),
            (query.time_entry_ids, lambda ids: lambda entry: entry.id in ids),
            (query.description, _containing),
            (query.billable, lambda wanted: lambda entry: entry.billable == wanted),
            (query.shortest, lambda least: lambda entry: entry.seconds >= least),
            (query.longest, lambda most: lambda entry: entry.seconds <= most),
        ]
        return [make(value) for value, make in tests if value is not None]

    def _of_clients(self, ids: frozenset[int | None]) -> Callable[[Entry], bool]:
        return lambda entry: self.client_of(entry.project_id) in ids

    def _of_groups(self, ids: frozenset[int]) -> Callable[[Entry], bool]:
        members = {user for group in ids for user in self.group_members.get(group, ())}
        return lambda entry: entry.user_id in members

    def _rounded(self, entry: Entry, query: Query) -> Entry:
        if query.rounding == 0 and self._behaviour.zero_rounding_is_none:
            return entry
        step = query.rounding_minutes * 60
        up = {1: step - 1, 0: step // 2, -1: 0}[query.rounding]
        seconds = (entry.seconds + up) // step * step
        amount = entry.amount
        if amount is not None and entry.rate is not None:
            amount = round(seconds * entry.rate / HOUR)
        return entry._replace(seconds=seconds, amount=amount)

    # Changing

    def change(self, kind: str, query: Query) -> None:
        """Change the first entry of a query: delete it, copy it, or move it to the end."""
        selected = self.select(query)
        if not selected:
            return
        entries = list(self.entries)
        last = selected[-1]
        first = next(entry for entry in entries if entry.id == selected[0].id)  # not rounded
        if kind == "entry_added":
            number = max(entry.id for entry in entries) + 1
            entries.append(first._replace(id=number, start=first.start - 1))
        else:
            entries = [entry for entry in entries if entry.id != first.id]
        if kind == "entry_edited":
            edited = first._replace(
                description="Edited meanwhile",
                start=last.start + 1,
                offset=last.offset,
                stop_offset=last.offset,
                day=last.day,
                updated=(self.last_day.toordinal() - EPOCH) * DAY + 19 * HOUR,
            )
            entries.append(edited)
        self.replace(entries)

    def replace(self, entries: Iterable[Entry]) -> None:
        """Take other entries in the place of all."""
        self._entries = sorted(entries, key=lambda entry: (entry.start, entry.id))
        self._selections.clear()
        self.version += 1


def _start(entry: Entry) -> int:
    return entry.start


def _with_tags(ids: frozenset[int | None]) -> Callable[[Entry], bool]:
    without = None in ids
    return lambda entry: not ids.isdisjoint(entry.tag_ids) or (without and not entry.tag_ids)


def _containing(text: str) -> Callable[[Entry], bool]:
    wanted = text.casefold()
    return lambda entry: wanted in (entry.description or "").casefold()


# Periods


def day_text(day: int) -> str:
    """Write a day."""
    return date.fromordinal(day).isoformat()


def resolution_for(first: int, last: int) -> str:
    """Choose as the server does, so that there are at most 34 points."""
    days = last - first + 1
    if days <= _MOST_POINTS:
        return "day"
    return "week" if days <= 7 * _MOST_POINTS else "month"


def periods(first: int, last: int, resolution: str, *, by_calendar: bool) -> list[int]:
    """List the first days of the periods from `first` to `last`."""
    if resolution == "day":
        return list(range(first, last + 1))
    if resolution == "week":
        monday = first - (first - 1) % 7 if by_calendar else first
        return [max(first, day) for day in range(monday, last + 1, 7)]
    begins = [first]
    while True:
        begins.append(_months_after(first, len(begins), by_calendar=by_calendar))
        if begins[-1] > last:
            return begins[:-1]


def _months_after(first: int, months: int, *, by_calendar: bool) -> int:
    day = date.fromordinal(first)
    years, month = divmod(day.month - 1 + months, 12)
    begin = date(day.year + years, month + 1, 1)
    if by_calendar:
        return begin.toordinal()
    years, month = divmod(day.month + months, 12)
    length = (date(day.year + years, month + 1, 1) - begin).days
    return begin.toordinal() + min(day.day, length) - 1
