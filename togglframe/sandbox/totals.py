"""Sums of time entries: totals, summaries, weeks, and projects by user."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from .agency import Entry, Row
from .agency.projects import HOUR
from .api import RefusalError
from .asking import Asker, Body, Query, choice
from .behaviour import Behaviour
from .detailed import moment
from .timeline import Timeline, periods, resolution_for

GROUPINGS: Final = ("projects", "clients", "users", "tags")
SUB_GROUPINGS: Final = ("time_entries", "tasks", "projects", "users", "clients", "tags")
PROJECT_IS_OUT_OF_REACH: Final = "project not found or not accessible"
_KEY_OF: Final = {"users": "user_id", "projects": "project_id", "tasks": "task_id"}


class Totals:
    """Sums what a query selects."""

    def __init__(
        self, timeline: Timeline, asker: Asker, behaviour: Behaviour, *, hide_money: bool
    ) -> None:
        self._timeline = timeline
        self._asker = asker
        self._behaviour = behaviour
        self._hide_money = hide_money

    # Money

    def amount(self, entries: Iterable[Entry]) -> int | None:
        """Sum the amounts, of all currencies [cents]."""
        if self._hide_money:
            return None
        if self._behaviour.unrounded_totals:
            exact = (entry.seconds * entry.rate for entry in entries if entry.rate is not None)
            return round(sum(exact) / HOUR)
        return sum(entry.amount or 0 for entry in entries)

    def cost(self, entries: Iterable[Entry]) -> int | None:
        """Sum the labour costs that are known [cents]."""
        return None if self._hide_money else sum(entry.cost or 0 for entry in entries)

    def _rates(self, entries: Iterable[Entry]) -> list[Row]:
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

    # Totals of entries, and those of one project

    def report(self, entries: Sequence[Entry], query: Query, body: Body, *, graph: bool) -> Row:
        """Sum everything, and each period."""
        resolution = body.get("granularity") or body.get("resolution")
        resolution = resolution or resolution_for(query.first, query.last)
        answer = {
            "seconds": sum(entry.seconds for entry in entries),
            "billable_amount_in_cents": self.amount(entries),
            "labour_cost_in_cents": self.cost(entries),
            "tracked_days": len({entry.day for entry in entries}),
            "resolution": resolution,
            "rates": [] if self._hide_money else self._rates(entries),
        }
        if graph:
            cut = self.by_period(entries, query, resolution)
            answer["graph"] = [self._point(of_period) for _, of_period in cut]
        return answer

    def by_period(
        self, entries: Iterable[Entry], query: Query, resolution: str
    ) -> list[tuple[int, list[Entry]]]:
        """Cut entries into periods, each with its first day; empty ones are there too."""
        by_calendar = self._behaviour.calendar_periods
        begins = periods(query.first, query.last, resolution, by_calendar=by_calendar)
        cut: list[list[Entry]] = [[] for _ in begins]
        for entry in entries:
            cut[bisect_right(begins, entry.day) - 1].append(entry)
        return list(zip(begins, cut, strict=True))

    def _point(self, entries: Sequence[Entry]) -> Row:
        by_rate: dict[str, int] = defaultdict(int)
        for entry in entries:
            if entry.billable and not self._hide_money:
                by_rate[str(entry.rate or 0)] += entry.seconds
        return {
            "seconds": sum(entry.seconds for entry in entries),
            "by_rate": by_rate,
            "billable_amount_in_cents": self.amount(entries),
            "labour_cost_in_cents": self.cost(entries),
        }

    def of_project(self, number: int, body: Body) -> Row:
        """Sum one project, of its whole life where no dates are given."""
        known = {entry.project_id for entry in self._timeline.entries}
        if number not in self._timeline.projects and number not in known:
            raise RefusalError(403, PROJECT_IS_OUT_OF_REACH)
        if "start_date" in body or "end_date" in body:
            first, last = self._asker.required_range(body)
        else:
            entries = self._timeline.entries
            last = self._timeline.last_day.toordinal()
            first = min((entry.day for entry in entries), default=last)
        query = Query(first, last, project_ids=frozenset({number}))
        return self.report(self._timeline.select(query), query, {}, graph=True)

    # projects/summary

    def by_project_and_user(self, query: Query) -> list[Row]:
        """Sum each project of each user."""
        sums: dict[tuple[int | None, int], list[int]] = defaultdict(lambda: [0, 0])
        for entry in self._timeline.select(query):
            of_both = sums[entry.project_id, entry.user_id]
            of_both[0] += entry.seconds
            of_both[1] += entry.seconds * entry.billable
        return [
            {
                "user_id": user,
                "project_id": project,
                "tracked_seconds": tracked,
                "billable_seconds": None if self._hide_money else billable,
            }
            for (project, user), (tracked, billable) in sums.items()
        ]

    # weekly/time_entries

    def weekly(self, query: Query) -> list[Row]:
        """Sum the seven days from the first on, by user, project, task and rate."""
        rows: dict[tuple[object, ...], list[list[Entry]]] = {}
        for entry in self._timeline.select(query):
            day = entry.day - query.first
            if day < 7:
                key = (entry.user_id, entry.project_id, entry.task_id, entry.rate, entry.currency)
                rows.setdefault(key, [[] for _ in range(7)])[day].append(entry)
        ordered = sorted(rows.values(), key=lambda days: self._place(_first(days)))
        return [self._week(days) for days in ordered]

    def _place(self, entry: Entry) -> tuple[str, str, int]:
        names = self._timeline
        return (
            (names.name("users", entry.user_id) or "").casefold(),
            (names.name("projects", entry.project_id) or "").casefold(),
            entry.task_id or 0,
        )

    def _week(self, days: list[list[Entry]]) -> Row:
        names, entry = self._timeline, _first(days)
        project = names.projects.get(entry.project_id, {})
        row = {
            "user_id": entry.user_id,
            "user_name": names.name("users", entry.user_id),
            "project_id": entry.project_id,
            "project_name": project.get("name"),
            "client_name": names.name("clients", names.client_of(entry.project_id)),
            "project_color": "0",
            "project_hex_color": project.get("color"),
            "planned_task_id": entry.task_id,
            "currency": entry.currency,
            "hourly_rate_in_cents": None,
            "seconds": [sum(entry.seconds for entry in day) for day in days],
        }
        if self._hide_money:
            nothing = {"null": None, "[]": [], "zeros": [0] * 7}[self._behaviour.hidden_weeks]
            return row | {"billable_seconds": nothing, "billable_amounts_in_cents": nothing}
        return row | {
            "hourly_rate_in_cents": entry.rate,
            "billable_seconds": [sum(e.seconds for e in day if e.billable) for day in days],
            "billable_amounts_in_cents": [self._known(day) for day in days],
        }

    def _known(self, entries: list[Entry]) -> int | None:
        """Sum amounts; None where one that is billed is not known."""
        is_unknown = any(entry.billable and entry.amount is None for entry in entries)
        return None if is_unknown else self.amount(entries)

    # summary/time_entries

    def groupings(self, body: Body) -> tuple[str, str]:
        """Read what is grouped by, and what each group is divided by."""
        grouping = choice(body, "grouping", GROUPINGS, "projects")
        allowed = [name for name in SUB_GROUPINGS if name != grouping]
        return grouping, choice(body, "sub_grouping", allowed, "time_entries")

    def summary(self, entries: Iterable[Entry], body: Body) -> Row:
        """Sum groups and sub-groups; the groups tell neither a name nor a sum."""
        grouping, sub_grouping = self.groupings(body)
        groups: dict[Any, list[Entry]] = defaultdict(list)
        for entry in entries:
            for key in self._keys(entry, grouping):
                groups[key].append(entry)
        ordered = sorted(groups, key=lambda key: self._title_order(grouping, key))
        rows = [self._group(grouping, key, sub_grouping, groups[key], body) for key in ordered]
        return {"groups": rows or (None if self._behaviour.empty_report == "null" else [])}

    def _keys(self, entry: Entry, grouping: str) -> Iterator[Any]:
        if grouping == "tags":
            if self._behaviour.tags_apart and entry.tag_ids:
                yield from ((tag,) for tag in entry.tag_ids)
            else:
                yield entry.tag_ids
        elif grouping == "clients":
            yield self._timeline.client_of(entry.project_id)
        elif grouping == "time_entries":
            yield entry.description
        else:
            yield getattr(entry, _KEY_OF[grouping])

    def _title(self, grouping: str, key: Any) -> str | None:
        if grouping == "time_entries":
            return None if key is None else str(key)
        if grouping == "tags":
            return ", ".join(self._timeline.tags[tag] for tag in key) or None
        return self._timeline.name(grouping, key)

    def _title_order(self, grouping: str, key: Any) -> tuple[bool, str, str]:
        title = self._title(grouping, key)
        return title is None, (title or "").casefold(), str(key)

    def _group(
        self, grouping: str, key: Any, sub_grouping: str, entries: list[Entry], body: Body
    ) -> Row:
        row: Row = {"id": None if grouping == "tags" else key}
        if grouping == "tags":
            row["ids"] = list(key)
        if grouping == "projects":
            row |= self._colours(key)
        row["sub_groups"] = self._sub_groups(sub_grouping, entries, body)
        return row

    def _colours(self, project_id: int | None) -> Row:
        project = self._timeline.projects.get(project_id, {})
        return {"project_color": "0", "project_hex_color": project.get("color")}

    def _sub_groups(self, grouping: str, entries: list[Entry], body: Body) -> list[Row]:
        by_rate = body.get("distinguish_rates", False)
        divided: dict[Any, list[Entry]] = defaultdict(list)
        for entry in entries:
            for key in self._keys(entry, grouping):
                rate = (entry.rate, entry.currency) if by_rate else None
                divided[key, rate].append(entry)
        ordered = sorted(
            divided, key=lambda key: (self._title_order(grouping, key[0]), str(key[1]))
        )
        return [self._sub_group(grouping, key, divided[key, rate], body) for key, rate in ordered]

    def _sub_group(self, grouping: str, key: Any, entries: list[Entry], body: Body) -> Row:
        is_entry = grouping == "time_entries"
        row: Row = {"id": None if is_entry or grouping == "tags" else key}
        title = self._title(grouping, key)
        if title is not None:
            row["title"] = title
        row["seconds"] = sum(entry.seconds for entry in entries)
        row |= self._money(entries)
        if is_entry:
            row["local_start"] = _false_z(min(entries, key=lambda entry: entry.start))
        if grouping == "projects":
            row |= self._colours(key)
        if body.get("include_time_entry_ids", False):
            row["ids"] = [entry.id for entry in entries]
        return row | {
            "ForExport": False,
            "DistinguishRates": body.get("distinguish_rates", False),
            "Grouping": body.get("grouping", "projects"),
            "SubGrouping": grouping,
        }

    def _money(self, entries: list[Entry]) -> Row:
        said = "none" if self._hide_money else self._behaviour.summary_money
        if said == "none":
            return {}
        row: Row = {"billable_seconds": sum(e.seconds for e in entries if e.billable)}
        if said == "billable_seconds":
            return row
        row["rates"] = self._rates(entries)
        if said == "rates":
            return row
        priced = [entry for entry in entries if entry.amount is not None]
        rates = {entry.rate for entry in priced}
        currencies = {entry.currency for entry in priced or entries}
        is_one = len(currencies) == 1
        return row | {
            "billable_amount_in_cents": self.amount(priced) if priced and is_one else None,
            "hourly_rate_in_cents": rates.pop() if len(rates) == 1 and is_one else None,
            "currency": currencies.pop() if is_one else None,
        }


def _first(days: list[list[Entry]]) -> Entry:
    return next(entry for day in days for entry in day)


def _false_z(entry: Entry) -> str:
    """Write the tracker's own wall clock as if it were UTC, as the vendor does."""
    return moment(entry.start + entry.offset, 0).replace("+00:00", "Z")
