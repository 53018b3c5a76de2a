"""Comparisons, trends and profitability: reports over periods, with their dates."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any, Final

from .agency import Entry, Row
from .agency.entries import WORKSPACE_CURRENCY
from .api import RefusalError
from .asking import Asker, Body, Query, day_of
from .behaviour import Behaviour
from .timeline import Timeline, day_text, resolution_for
from .totals import Totals

_MOST_IDS: Final = 5
NOT_AN_ADMIN: Final = "Admin permissions required"
PREMIUM_ONLY: Final = "Workspace needs to have this feature enabled"


class Insights:
    """Answers what the vendor calls Insights, under both of its roots."""

    def __init__(
        self,
        timeline: Timeline,
        totals: Totals,
        asker: Asker,
        behaviour: Behaviour,
        *,
        hide_money: bool,
    ) -> None:
        self._timeline = timeline
        self._totals = totals
        self._asker = asker
        self._behaviour = behaviour
        self._hide_money = hide_money

    # comparative

    def comparative(self, body: Body, query: Query) -> Row:
        """Sum each period."""
        resolution = _resolution(body, query)
        cut = self._totals.by_period(self._timeline.select(query), query, resolution)
        points = [
            {"date": day_text(day), "total_seconds": _seconds(entries)} for day, entries in cut
        ]
        return {"graph": {"resolution": resolution, "data": points}}

    # data_trends of clients, projects and users

    def data_trends(self, kind: str, body: Body) -> Row:
        """Sum each period of each client, project or user."""
        currency = body.get("currency")
        if currency is None:
            raise RefusalError(400, "Currency is required parameter")
        ids = body.get("ids", ())
        if kind == "projects" and not ids:
            raise RefusalError(400, "At least 1 id required")
        if kind == "projects" and len(ids) > _MOST_IDS:
            raise RefusalError(400, f"Maximum {_MOST_IDS} ids allowed")
        first, last = self._asker.required_range(body)
        query = self._asker.between(body, first, last)
        key_of = self._key_of(kind)
        entries = [e for e in self._timeline.select(query) if not ids or key_of(e) in ids]
        resolution = _resolution(body, query)
        points = []
        for day, of_period in self._totals.by_period(entries, query, resolution):
            rows = [
                self._trend(kind, key, own, currency.upper())
                for key, own in _by(key_of, of_period).items()
            ]
            points.append({"date": day_text(day), kind: rows})
        return {
            "currency": currency.upper(),
            "graph": {"resolution": resolution, "data": points},
        }

    def _key_of(self, kind: str) -> Callable[[Entry], int | None]:
        if kind == "clients":
            return lambda entry: self._timeline.client_of(entry.project_id)
        if kind == "users":
            return lambda entry: entry.user_id
        return lambda entry: entry.project_id

    def _trend(self, kind: str, key: int | None, entries: list[Entry], currency: str) -> Row:
        row: Row = {
            f"{kind[:-1]}_id": key,
            "name": self._timeline.name(kind, key) or "",
            "total_seconds": _seconds(entries),
            "billable_seconds": _billable(entries),
            "earnings": self._earnings(entries, currency),
        }
        if kind == "projects":
            row["color"] = self._timeline.projects.get(key, {}).get("color")
            row["currency"] = entries[0].currency
        return row

    def _earnings(self, entries: Iterable[Entry], currency: str) -> int | None:
        """Sum the amounts in a currency; those in others are not converted, and not counted."""
        if self._hide_money:
            return None
        return self._unit(sum(e.amount or 0 for e in entries if e.currency == currency))

    def _unit(self, cents: int) -> int:
        return cents if self._behaviour.earnings_in_cents else round(cents / 100)

    # profitability

    def profitability(self, body: Body) -> Row:
        """Sum earnings and costs of each project, and of each period."""
        entries, query, currency = self._of_profitability(body)
        resolution = _resolution(body, query)
        points = [
            {
                "date": day_text(day),
                "earnings": self._earnings(of_period, currency),
                "labour_cost": self._cost(e for e in of_period if e.currency == currency),
            }
            for day, of_period in self._totals.by_period(entries, query, resolution)
        ]
        return {
            "currency": currency,
            "graph": {"resolution": resolution, "data": points},
            "table": self.project_table(body),
        }

    def project_table(self, body: Body) -> list[Row]:
        """Sum each project, in its own currency."""
        entries, _, _ = self._of_profitability(body)
        table = _by(lambda entry: entry.project_id, entries)
        return [self._profit(key, own) for key, own in table.items() if key is not None]

    def _of_profitability(self, body: Body) -> tuple[list[Entry], Query, str]:
        self._check_admin()
        first, last = self._asker.required_range(body)
        filters = {name: value for name, value in body.items() if name != "billable"}
        query = self._asker.between(filters, first, last)
        entries = [e for e in self._timeline.select(query) if self._is_of_kind(e, body)]
        return entries, query, str(body.get("currency", WORKSPACE_CURRENCY)).upper()

    def _is_of_kind(self, entry: Entry, body: Body) -> bool:
        project = self._timeline.projects.get(entry.project_id)
        return "billable" not in body or bool(project and project["billable"] == body["billable"])

    def _profit(self, number: int, entries: list[Entry]) -> Row:
        project = self._timeline.projects.get(number, {})
        currency = entries[0].currency
        return {
            "project_id": number,
            "name": project.get("name") or "",
            "color": project.get("color"),
            "currency": currency,
            "total_seconds": _seconds(entries),
            "billable_seconds": _billable(entries),
            "earnings": self._earnings(entries, currency),
            "labour_cost": self._cost(entries),
        }

    def _cost(self, entries: Iterable[Entry]) -> int | None:
        cents = self._totals.cost(entries)
        return None if cents is None else self._unit(cents)

    def _check_admin(self) -> None:
        if not self._behaviour.is_admin:
            raise RefusalError(403, NOT_AN_ADMIN)

    def employee_table(self, body: Body) -> list[Row]:
        """Sum each person, in the currency that is asked for."""
        self._check_admin()
        currency = body.get("currency")
        if currency is None:
            raise RefusalError(400, "Currency is required parameter")
        first, last = self._asker.required_range(body)
        entries = self._timeline.select(self._asker.between(body, first, last))
        return [
            {
                "user_id": number,
                "name": self._timeline.name("users", number) or "",
                "total_seconds": _seconds(own),
                "billable_seconds": _billable(own),
                "earnings": self._earnings(own, currency.upper()),
                "labour_cost": self._cost(e for e in own if e.currency == currency.upper()),
            }
            for number, own in _by(lambda entry: entry.user_id, entries).items()
        ]

    # Insights' own data_trends/projects

    def project_trends(self, body: Body) -> list[Row]:
        """Sum each day of two periods of the same length, by project."""
        self._check_admin()
        first, last = self._asker.required_range(body)
        before = day_of(body, "previous_period_start")
        if before is None:
            before = first - (last - first + 1)
        if before >= first:
            raise RefusalError(400, "start should come after end")
        length = last - first + 1
        query = self._asker.between(body, first, last)
        previous = self._asker.between(body, before, before + length - 1)
        current = _by(lambda entry: entry.project_id, self._timeline.select(query))
        former = _by(lambda entry: entry.project_id, self._timeline.select(previous))
        return [
            {
                "project_id": number,
                "user_ids": sorted({e.user_id for e in (*current[number], *former[number])}),
                "start": day_text(first),
                "end": day_text(last),
                "previousStart": day_text(before),
                "current_period_seconds": _by_day(current[number], first, length),
                "previous_period_seconds": _by_day(former[number], before, length),
            }
            for number in list({**current, **former})
            if number is not None
        ]


def _resolution(body: Body, query: Query) -> str:
    resolution = str(body.get("resolution", resolution_for(query.first, query.last)))
    return "month" if resolution == "quarter" else resolution


def _by(key_of: Callable[[Entry], Any], entries: Iterable[Entry]) -> defaultdict[Any, list[Entry]]:
    divided: defaultdict[Hashable, list[Entry]] = defaultdict(list)
    for entry in entries:
        divided[key_of(entry)].append(entry)
    return divided


def _by_day(entries: Iterable[Entry], first: int, length: int) -> list[int]:
    days = [0] * length
    for entry in entries:
        days[entry.day - first] += entry.seconds
    return days


def _seconds(entries: Sequence[Entry]) -> int:
    return sum(entry.seconds for entry in entries)


def _billable(entries: Sequence[Entry]) -> int:
    return sum(entry.seconds for entry in entries if entry.billable)
