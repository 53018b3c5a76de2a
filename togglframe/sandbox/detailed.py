"""The detailed report, row by row and page by page."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, Final, TypeAlias

from .agency import Entry
from .agency.entries import DAY, EPOCH
from .api import RefusalError, extra_fields
from .asking import Body, Query, choice, invalid
from .behaviour import Behaviour, FaultKind
from .timeline import Kept, Timeline

Group: TypeAlias = tuple[Entry, ...]

DEFAULT_PAGE: Final = 50
_LISTINGS: Final = 4  # with their rows as JSON, of 10 MB a year
_ORDERS: Final[dict[str, Callable[[Entry, Timeline], Any]]] = {
    "date": lambda entry, _: entry.start,
    "user": lambda entry, timeline: (timeline.name("users", entry.user_id) or "").casefold(),
    "duration": lambda entry, _: entry.seconds,
    "description": lambda entry, _: (entry.description or "").casefold(),
    "last_update": lambda entry, _: entry.updated,
}
ORDERS: Final = tuple(_ORDERS)


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a listing, and what the headers tell of the next ones."""

    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Style:
    """How the rows are written."""

    enriched: bool
    hides_amounts: bool


@dataclass(slots=True)
class Listing:
    """All rows of a listing, and the strings of those that were written already."""

    rows: list[Group]
    strings: dict[Style, dict[int, str]] = field(default_factory=dict)


class Detailed:
    """Writes the rows of a detailed report."""

    def __init__(self, timeline: Timeline, behaviour: Behaviour, *, hide_money: bool) -> None:
        self._timeline = timeline
        self._behaviour = behaviour
        self._hide_money = hide_money
        self._listings: Kept[Listing] = Kept(_LISTINGS)
        self._user = cache(self._user_of)
        self._project = cache(self._project_of)
        self._task = cache(self._task_of)
        self._tags = cache(self._tags_of)
        self._description = cache(self._description_of)

    def listing(self, body: Body, query: Query) -> Listing:
        """List the rows in the order that was asked for; each is one entry, or a group."""
        order = choice(body, "order_by", ORDERS, "date")
        direction = choice(body, "order_dir", ("ASC", "DESC"), "ASC")
        grouped = body.get("grouped", False)
        key = (self._timeline.version, query, order, direction, grouped)

        def make() -> Listing:
            entries = self._timeline.select(query)
            by = _ORDERS[order]
            entries = sorted(entries, key=lambda entry: by(entry, self._timeline))
            if direction == "DESC":
                entries.reverse()
            return Listing(_grouped(entries) if grouped else [(entry,) for entry in entries])

        return self._listings.get(key, make)

    def page(self, body: Body, query: Query, fault: FaultKind | None) -> Page:
        """Answer with one page."""
        listing = self.listing(body, query)
        rows = listing.rows
        size = self._size(body)
        first = self._first(body, rows)
        shown = first
        if fault == "lost_page":
            first += size
            shown = first
        elif fault == "repeated_page":
            shown = max(0, first - size)
        headers = {"X-Page-Size": str(size)}
        following = first + size
        if following < len(rows):
            number = first + 1 if fault == "stuck_cursor" else following + 1
            headers["X-Next-ID"] = str(rows[following][0].id)
            headers["X-Next-Timestamp"] = str(rows[following][0].start)
            headers["X-Next-Row-Number"] = str(number)
        strings = self.strings(listing, body, shown, shown + size)
        return Page(self._behaviour.encode_report(strings), headers)

    def _size(self, body: Body) -> int:
        size: int = body.get("page_size") or DEFAULT_PAGE
        cap = self._behaviour.entry_page_cap
        if size < 1:
            raise invalid("page_size")
        if size <= cap:
            return size
        if self._behaviour.entry_page_clamp:
            return cap
        raise RefusalError(400, f"Invalid 'page_size' value, allowed values are 1 to {cap}")

    def _first(self, body: Body, rows: list[Group]) -> int:
        """Find where the page begins, counted from zero."""
        number: int | None = body.get("first_row_number")
        first_id = body.get("first_id")
        if number is not None and first_id is not None and self._behaviour.two_cursors_are_empty:
            return len(rows)
        if number is not None:
            return max(0, number - 1)
        if first_id is None and "first_timestamp" not in body:
            return 0
        since = body.get("first_timestamp", 0)
        for place, (entry, *_) in enumerate(rows):
            if entry.id == first_id or (first_id is None and entry.start >= since):
                return place
        return len(rows)

    # Writing

    def strings(self, listing: Listing, body: Body, first: int, last: int) -> list[str]:
        """Write rows as JSON; each is written once, however often it is asked for."""
        hides_amounts = self._hide_money or body.get("hide_amounts", False)
        style = Style(body.get("enrich_response", False), hides_amounts)
        written = listing.strings.setdefault(style, {})
        for place, group in enumerate(listing.rows[first:last], first):
            if place not in written:
                written[place] = self._dressed(self._row(group, place + 1, style))
        return [written[place] for place in range(first, min(last, len(listing.rows)))]

    def _dressed(self, text: str) -> str:
        if not (self._behaviour.extra_fields or self._behaviour.drop_null_keys):
            return text
        row = json.loads(text)
        if self._behaviour.extra_fields:
            row |= extra_fields(row["row_number"])
        if self._behaviour.drop_null_keys:
            row = {name: value for name, value in row.items() if value is not None}
        return _text(row)

    def _row(self, group: Group, number: int, style: Style) -> str:
        entry = group[0]
        amount, rate = ("null", "null") if style.hides_amounts else self._money(group)
        enriched = style.enriched
        return (
            f"{{{self._user(entry.user_id, enriched)},"
            f"{self._project(entry.project_id, enriched)},"
            f"{self._task(entry.task_id, enriched)},"
            f'"billable":{"true" if entry.billable else "false"},'
            f'"description":{self._description(entry.description)},'
            f"{self._tags(entry.tag_ids, enriched)},"
            f'"billable_amount_in_cents":{amount},"hourly_rate_in_cents":{rate},'
            f'"currency":"{entry.currency}",'
            f'"time_entries":[{",".join(map(_single, group))}],'
            f'"row_number":{number}}}'
        )

    def _money(self, group: Group) -> tuple[object, object]:
        amounts = [entry.amount for entry in group if entry.amount is not None]
        if len(amounts) < len(group):
            return ("0", "0") if self._behaviour.zero_amounts else ("null", "null")
        return sum(amounts), group[0].rate

    def _description_of(self, description: str | None) -> str:
        return _text(self._behaviour.no_description if description is None else description)

    def _user_of(self, number: int, enriched: bool) -> str:
        user = self._timeline.users.get(number, {})
        text = (
            f'"user_id":{number},"username":{_text(user.get("fullname"))},'
            f'"toggl_accounts_id":"acc{number:012d}"'
        )
        return f'{text},"email":{_text(user.get("email"))}' if enriched else text

    def _project_of(self, number: int | None, enriched: bool) -> str:
        if not enriched:
            return f'"project_id":{_text(number)}'
        names = self._timeline
        project = names.projects.get(number, {})
        colour = project.get("color")
        client = names.name("clients", names.client_of(number))
        return (
            f'"project_id":{_text(number)},"project_name":{_text(project.get("name"))},'
            f'"client_name":{_text(client)},"project_color":"0","project_hex":{_text(colour)}'
        )

    def _task_of(self, number: int | None, enriched: bool) -> str:
        name = f',"task_name":{_text(self._timeline.name("tasks", number))}' if enriched else ""
        return f'"task_id":{_text(number)}{name}'

    def _tags_of(self, numbers: tuple[int, ...], enriched: bool) -> str:
        names = [self._timeline.tags[number] for number in numbers]
        return f'"tag_ids":{_text(numbers)}' + (f',"tag_names":{_text(names)}' if enriched else "")


def _grouped(entries: Sequence[Entry]) -> list[Group]:
    groups: dict[tuple[object, ...], list[Entry]] = {}
    for entry in entries:
        key = (
            *(entry.user_id, entry.project_id, entry.task_id, entry.description, entry.billable),
            *(entry.tag_ids, entry.rate, entry.amount is None, entry.currency),
        )
        groups.setdefault(key, []).append(entry)
    return [tuple(group) for group in groups.values()]


_text: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _single(entry: Entry) -> str:
    stop = "null"  # it still runs
    if entry.seconds >= 0:
        stop = f'"{moment(entry.start + entry.seconds, entry.stop_offset)}"'
    return (
        f'{{"id":{entry.id},"seconds":{entry.seconds},'
        f'"start":"{moment(entry.start, entry.offset)}",'
        f'"stop":{stop},'
        f'"at":"{moment(entry.updated, 0)}","at_tz":"{moment(entry.updated, entry.stop_offset)}"}}'
    )


def moment(seconds: int, offset: int) -> str:
    """Write a moment as a clock shows it that is so far ahead of UTC [s]."""
    day, clock = divmod(seconds + offset, DAY)
    return f"{_date(day)}T{_hours(clock // 60)}:{clock % 60:02}{_ahead(offset)}"


@cache
def _hours(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@cache
def _date(day: int) -> str:
    return date.fromordinal(day + EPOCH).isoformat()


@cache
def _ahead(offset: int) -> str:
    hours, minutes = divmod(abs(offset) // 60, 60)
    return f"{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
