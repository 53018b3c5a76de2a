"""Clients, projects, and the totals of projects."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from . import words
from .chance import ascending, numbered
from .oddities import BLOCK, ODDITIES

Row: TypeAlias = dict[str, Any]

HOUR: Final = 3600
BIG_ID: Final = 2**53 + 1

# (lowest, highest, step) in units of the currency
RATES: Final = {"EUR": (80, 160, 5), "USD": (90, 180, 5), "JPY": (9_000, 15_000, 500)}


@dataclass(frozen=True, slots=True)
class Project:
    """A project's row, and what is not in it.

    `currency` and `rate` are those its hours are billed in, also where the row hides the
    currency. `deleted_before` is the id of a project that is no longer there. `old_rate` is
    what the hours before `old_seconds` were billed at, where the rate has changed.
    """

    row: Row
    slot: int
    currency: str
    rate: int
    deleted_before: int
    old_rate: int | None = None

    def has(self, oddity: str) -> bool:
        """Whether this is one of the projects with that oddity."""
        return self.slot in ODDITIES[oddity]


def make_clients(scale: int, chance: random.Random) -> dict[tuple[int, int], Row]:
    """Make the clients of the first `scale` projects, by (block, index in words.CLIENTS)."""
    places = set()
    for index in range(scale):
        block, slot = divmod(index, BLOCK)
        place = words.PROJECTS[slot][0]
        if place is not None:
            places.add((block, place))
    numbers = ascending(61_204_311, 900, chance)
    return {
        (block, place): {"id": next(numbers), "name": numbered(words.CLIENTS[place][0], block)}
        for block, place in sorted(places)
    }


def make_projects(
    scale: int, clients: dict[tuple[int, int], Row], chance: random.Random, *, big_ids: bool = False
) -> list[Project]:
    """Make the projects, the last of them with an id no float can hold if `big_ids`."""
    numbers = ascending(187_340_112, 300, chance)
    projects = []
    for index in range(scale):
        block, slot = divmod(index, BLOCK)
        deleted_before, number = next(numbers), next(numbers)
        if big_ids and index == scale - 1:
            number = BIG_ID
        place, name = words.PROJECTS[slot]
        currency = _currency(slot, place)
        row = {
            "active": slot not in ODDITIES["archived"],
            "billable": slot not in ODDITIES["not_billable"],
            "client_id": None if place is None else clients[block, place]["id"],
            "color": chance.choice(words.COLOURS),
            "currency": None if slot in _CURRENCY_HIDDEN else currency,
            "id": number,
            "name": numbered(name, block),
        }
        lowest, highest, step = RATES[currency]
        rate = chance.randrange(lowest, highest + 1, step)
        old_rate = None
        if slot in ODDITIES["changed_rate"]:
            old_rate = rate - step if rate > lowest else rate + step
        projects.append(Project(row, slot, currency, rate, deleted_before, old_rate))
    return projects


_CURRENCY_HIDDEN: Final = ODDITIES["null_currency"] | ODDITIES["null_project_currency"]


def _currency(slot: int, place: int | None) -> str:
    if slot in ODDITIES["second_currency"]:
        return "USD"
    return "EUR" if place is None else words.CLIENTS[place][1]


def make_project_statuses(
    projects: list[Project], busyness: float, chance: random.Random
) -> list[Row]:
    """Make the totals of the projects, and those of projects that were deleted."""
    statuses = []
    for project in projects:
        if project.has("deleted_project_before"):
            statuses.append(_status_of_deleted(project, busyness, chance))
        status = _status(project, busyness, chance)
        if not project.has("no_status"):
            statuses.append(status)
    return statuses


def status_row(
    number: int,
    *,
    tracked: int | None,
    estimated: int | None,
    billable: int | None,
    rate: int | None,
    currency: str | None,
) -> Row:
    """Write the totals of a project or task; times in seconds, the amount in cents."""
    amount = None
    if billable is not None and rate is not None:
        amount = round(billable * rate * 100 / HOUR)
    return {
        "billable_amount": amount,
        "billable_seconds": billable,
        "currency": currency,
        "estimated_seconds": estimated,
        "id": number,
        "tracked_seconds": tracked,
    }


def billing_rate(project: Project) -> int | None:
    """Rate of a project whose hours are billed; None where no amount is known."""
    hidden = project.has("null_amount") or not project.row["billable"]
    return None if hidden else project.rate


def _status_of_deleted(project: Project, busyness: float, chance: random.Random) -> Row:
    tracked = int(busyness * chance.randrange(20 * HOUR, 90 * HOUR))
    return status_row(
        project.deleted_before,
        tracked=tracked,
        estimated=None,
        billable=tracked,
        rate=project.rate,
        currency=project.currency,
    )


def _status(project: Project, busyness: float, chance: random.Random) -> Row:
    tracked, estimated = _times(project, busyness, chance)
    currency: str | None = project.currency
    if project.has("null_currency"):
        currency = None
    elif project.has("currency_mismatch"):
        currency = "EUR" if project.currency == "USD" else "USD"
    row = status_row(
        project.row["id"],
        tracked=tracked,
        estimated=estimated,
        billable=_billable(project, tracked, chance),
        rate=billing_rate(project),
        currency=currency,
    )
    if project.old_rate is not None:
        row["billable_amount"] += round(old_seconds(row) * (project.old_rate - project.rate) / 36)
    return row


def old_seconds(status: Row) -> int:
    """Tell how many billable seconds are from before the rate was changed: a quarter."""
    seconds: int = status["billable_seconds"] // 4
    return seconds


def _times(
    project: Project, busyness: float, chance: random.Random
) -> tuple[int | None, int | None]:
    """Draw tracked and estimated time [s]; about one project in three goes over."""
    usual = min(600.0, max(20.0, chance.lognormvariate(4.8, 0.7)))
    hours = 10 * round(busyness * usual / 10)
    ratio = chance.lognormvariate(-0.18, 0.42)
    if project.has("archived_with_hours_left"):
        ratio = chance.uniform(0.5, 0.78)
    estimated: int | None = hours * HOUR
    tracked: int | None = round(hours * HOUR * ratio)
    if project.has("exactly_on_estimate"):
        tracked = hours * HOUR
    elif project.has("exactly_at_four_fifths"):
        tracked = hours * HOUR * 4 // 5
    elif project.has("not_started"):
        tracked = 0
    elif project.has("null_tracked"):
        tracked = None
    if project.has("no_estimate"):
        estimated = None
    elif project.has("zero_estimate"):
        estimated = 0
    return tracked, estimated


def _billable(project: Project, tracked: int | None, chance: random.Random) -> int | None:
    share = min(1.0, chance.uniform(0.6, 1.15))
    if tracked is None or project.has("null_billable_time"):
        return None
    if not project.row["billable"] or project.has("no_billable_time"):
        return 0
    return int(tracked * share)
