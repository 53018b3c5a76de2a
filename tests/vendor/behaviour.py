"""What the vendor's page leaves open, and the quirks of compatible servers."""

import json
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import islice
from typing import Any, Literal

from togglframe.sandbox.agency import Agency, Entry, Row
from togglframe.sandbox.agency.entries import DAY, EPOCH
from togglframe.sandbox.agency.projects import HOUR
from togglframe.sandbox.detailed import PAGE_ROWS
from togglframe.sandbox.listings import LISTINGS
from togglframe.sandbox.messages import NOTHING_SET, Plan, RefusalError
from togglframe.sandbox.store import FEATURE_IS_PAID, Query, Store

UNDOCUMENTED_CAP = 1000

# The parameter that asks for active projects, or their statuses.
_ACTIVE = {
    "filters/projects": "is_active",
    "search/projects": "is_active",
    "filters/projects/status": "active",
}
_STATUS_TIMES = ("tracked_seconds", "estimated_seconds", "billable_seconds")
_MONEY = (
    *("billable_seconds", "rates", "billable_amount_in_cents"),
    *("hourly_rate_in_cents", "currency"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the vendor's page leaves open, and the quirks of compatible servers.

    The defaults are the plain vendor: what is documented, or else most probable.

    Parameters
    ----------
    omitted_active_filters : bool
        Projects and their statuses: a request without ``is_active``/``active`` hides the
        archived ones. (Users without ``active`` are always the active ones alone.)
    active_means_archived : bool
        Projects and their statuses: the parameter is reversed, ``true`` asks for the
        archived ones.
    status_needs_ids : bool
        ``projects/status`` without ``ids`` answers 400 "At least one parameter must be set".
    exclusive_cursor : bool
        A page begins after the cursor (``id > start``) instead of at it.
    ignore_cursor : bool
        The cursor is not looked at: every page is the first one.
    offset_cursor : bool
        The cursor counts rows to skip; it is not an id.
    page_size_clamp : int or None
        No page is longer than this, whatever was asked; nothing is said about it.
    max_page_size : int or None
        A larger ``page_size`` answers 400.
    shuffle_pages : bool
        The rows of a page come in a random (deterministic) order. Which rows make the page
        does not change.
    posted_ids_cap : int
        The most ids in one list of projects, project_users and project_groups, 1000 at most. The
        vendor documents the others: clients 2000, users 100, tasks 2000.
    empty : {"null", "[]", "{}", ""}
        How an answer without rows is written, verbatim (``wrap_items`` does not touch it).
    wrap_items : bool
        Rows come as ``{"items": [...]}`` instead of a bare array.
    drop_null_keys : bool
        A key whose value is null is left out of its row.
    extra_fields : bool
        Rows carry keys that the vendor's page does not name: an integer above 2**53, a
        number, a boolean, a string that may be null, a list and an object.
    vary : str or None
        A ``Vary`` header of this value on every answer.
    hide_rates : bool
        Hourly rates, labour costs and amounts of time entries are null on every plan. On the free
        one the amounts of statuses are null too.
    entry_page_cap : int
        The largest ``page_size`` of ``search/time_entries``.
    entry_page_clamp : bool
        A larger one is cut to the cap, and ``X-Page-Size`` says so, instead of a 400.
    empty_report : {"[]", "null", "{}", ""}
        How an empty array of the reports of time is written, verbatim; the groups of an
        empty summary are null where it is "null".
    wrap_data : bool
        Arrays of the reports of time come as ``{"data": [...]}``.
    no_description : str or None
        What an entry without a description has: "" or null.
    preferred_rounding, preferred_rounding_minutes : int
        How the caller's preferences round where a body does not say.
    default_rounding_is_paid : bool
        The free plan answers 402 to ``rounding`` and ``rounding_minutes`` that are 0 as well.
    calendar_periods : bool
        Weeks begin on Monday and months on the first, and the first period may be a part;
        else they are counted from the first day of the range.
    summary_money : {"all", "rates", "billable_seconds", "none"}
        What a sub-group of a summary tells of money: amount, rate, currency and ``rates``;
        ``rates`` and ``billable_seconds`` alone; the latter alone; nothing.
    hidden_weeks : {"null", "[]", "zeros"}
        What stands for the billable seconds and amounts of a weekly row that are hidden.
    tags_apart : bool
        A summary by tags has an entry under each of its tags, instead of under their set.
    status_in_milliseconds : bool
        The times of statuses, of projects and of tasks, are milliseconds whatever their names
        say; else seconds.
    billable_amount_in_cents : bool
        ``billable_amount`` of statuses is in cents; else in whole units.
    labour_cost_in_cents : bool
        ``labour_cost`` of memberships is in cents; else in whole units.
    days_of_utc : bool
        An entry belongs to the day on which it begins in UTC, not on its tracker's own clock.
    earnings_in_cents : bool
        ``earnings`` and ``labour_cost`` of Insights and trends are cents; else whole units.
    """

    omitted_active_filters: bool = False
    active_means_archived: bool = False
    status_needs_ids: bool = False
    exclusive_cursor: bool = False
    ignore_cursor: bool = False
    offset_cursor: bool = False
    page_size_clamp: int | None = None
    max_page_size: int | None = None
    shuffle_pages: bool = False
    posted_ids_cap: int = 1000
    empty: Literal["null", "[]", "{}", ""] = "null"
    wrap_items: bool = False
    drop_null_keys: bool = False
    extra_fields: bool = False
    vary: str | None = None
    hide_rates: bool = False
    entry_page_cap: int = 1000
    entry_page_clamp: bool = False
    empty_report: Literal["[]", "null", "{}", ""] = "[]"
    wrap_data: bool = False
    no_description: Literal[""] | None = ""
    preferred_rounding: int = 0
    preferred_rounding_minutes: int = 0
    default_rounding_is_paid: bool = False
    calendar_periods: bool = False
    summary_money: Literal["all", "rates", "billable_seconds", "none"] = "all"
    hidden_weeks: Literal["null", "[]", "zeros"] = "null"
    tags_apart: bool = False
    status_in_milliseconds: bool = False
    billable_amount_in_cents: bool = True
    labour_cost_in_cents: bool = True
    days_of_utc: bool = False
    earnings_in_cents: bool = True

    # What a request becomes

    def adjust(self, path: str, params: dict[str, Any], *, is_free: bool) -> None:
        """Read a request otherwise than the sandbox does, or refuse it."""
        if path in LISTINGS:
            self._adjust_listing(path, params)
        if path == "search/time_entries" and self.entry_page_clamp:
            params["page_size"] = min(params.get("page_size", PAGE_ROWS), self.entry_page_cap)
        has_rounding = "rounding" in params or "rounding_minutes" in params
        if is_free and self.default_rounding_is_paid and has_rounding:
            raise RefusalError(402, FEATURE_IS_PAID)
        if self.preferred_rounding_minutes and path not in LISTINGS:
            params.setdefault("rounding", self.preferred_rounding)
            params.setdefault("rounding_minutes", self.preferred_rounding_minutes)

    def _adjust_listing(self, path: str, params: dict[str, Any]) -> None:
        if path == "filters/projects/status" and self.status_needs_ids and "ids" not in params:
            raise RefusalError(400, NOTHING_SET)
        lists = [value for value in params.values() if isinstance(value, tuple)]
        is_capped = LISTINGS[path].cap == UNDOCUMENTED_CAP
        if is_capped and any(len(posted) > self.posted_ids_cap for posted in lists):
            raise RefusalError(400, f"Maximum count of posted IDs is {self.posted_ids_cap}")
        if self.max_page_size is not None and params.get("page_size", 0) > self.max_page_size:
            raise RefusalError(400, f"page_size must be at most {self.max_page_size}")
        active = _ACTIVE.get(path)
        if active in params:
            params[active] = params[active] != self.active_means_archived
        elif active and self.omitted_active_filters:
            params[active] = True

    # What a response becomes

    def rewrite(self, path: str, params: Mapping[str, Any], body: bytes) -> bytes:
        """Write a response otherwise than the sandbox does."""
        if self == _PLAIN:
            return body
        value = json.loads(body)
        if path in LISTINGS:
            return self._listing(path, params, value or [])
        if isinstance(value, list):
            rows = [self._row_of_time(n, row) for n, row in enumerate(value)]
            return self._enclosed(rows, self.empty_report, "data" if self.wrap_data else "")
        if path == "summary/time_entries":
            self._rewrite_summary(value)
        if not self.earnings_in_cents and path.startswith(("data_trends", "profitability")):
            value = _in_units(value)
        return _dumps(value)

    def _listing(self, path: str, params: Mapping[str, Any], rows: list[Row]) -> bytes:
        for row in rows:
            for name in _STATUS_TIMES if self.status_in_milliseconds else ():
                if path.endswith("/status") and row[name] is not None:
                    row[name] *= 1000
            if not self.billable_amount_in_cents and row.get("billable_amount") is not None:
                row["billable_amount"] = round(row["billable_amount"] * 0.01)
            if not self.labour_cost_in_cents and row.get("labour_cost") is not None:
                row["labour_cost"] = round(row["labour_cost"] * 0.01)
        if self.shuffle_pages and LISTINGS[path].cursor:
            start = params.get(LISTINGS[path].cursor, 0)
            random.Random(f"{path} {start}").shuffle(rows)
        rows = [self._dressed(row["id"], row) for row in rows]
        return self._enclosed(rows, self.empty, "items" if self.wrap_items else "")

    def _row_of_time(self, number: int, row: Row) -> Row:
        if row.get("description") == "":
            row["description"] = self.no_description
        if "billable_amounts_in_cents" in row and row["billable_seconds"] is None:
            hidden = {"null": None, "[]": [], "zeros": [0] * 7}[self.hidden_weeks]
            row |= {"billable_seconds": hidden, "billable_amounts_in_cents": hidden}
        return self._dressed(row.get("row_number", number), row)

    def _dressed(self, number: int, row: Row) -> Row:
        if self.extra_fields:
            row = row | extra_fields(number)
        if self.drop_null_keys:
            row = {key: value for key, value in row.items() if value is not None}
        return row

    def _enclosed(self, rows: list[Row], empty: str, key: str) -> bytes:
        if not rows:
            return empty.encode()
        return _dumps({key: rows} if key else rows)

    def _rewrite_summary(self, value: Row) -> None:
        if not value["groups"] and self.empty_report == "null":
            value["groups"] = None
        kept = {"all": _MONEY, "rates": _MONEY[:2], "billable_seconds": _MONEY[:1], "none": ()}
        for group in value["groups"] or ():
            for part in group["sub_groups"]:
                for name in {*_MONEY} - {*kept[self.summary_money]}:
                    part.pop(name, None)


_PLAIN = Behaviour()


class VendorStore(Store):
    """The rows and entries of an agency, under a behaviour."""

    def __init__(self, agency: Agency, plan: Plan, behaviour: Behaviour) -> None:
        super().__init__(agency, plan)
        self._behaviour = behaviour
        self.entry_page_rows = behaviour.entry_page_cap
        if behaviour.hide_rates:
            self.hides_money = True
            self.hidden_fields |= {"hourly_rate", "labour_cost", "rate"}

    def page(
        self, rows: Sequence[Row], is_wanted: Callable[[Row], bool], start: int, size: int
    ) -> list[Row]:
        """Read the cursor as told."""
        behaviour = self._behaviour
        size = min(size, behaviour.page_size_clamp or size)
        if behaviour.offset_cursor:
            return list(islice(filter(is_wanted, rows), max(start, 0), max(start, 0) + size))
        if behaviour.ignore_cursor:
            start = 0
        elif behaviour.exclusive_cursor:
            start += 1
        return super().page(rows, is_wanted, start, size)

    @cached_property
    def entries(self) -> list[Entry]:
        """Count days in UTC where told."""
        entries = super().entries
        if self._behaviour.days_of_utc:
            return [entry._replace(day=EPOCH + entry.start // DAY) for entry in entries]
        return entries

    def periods(self, first: int, last: int, resolution: str) -> list[int]:
        """Begin weeks on Monday and months on the first where told."""
        if not self._behaviour.calendar_periods or resolution == "day":
            return super().periods(first, last, resolution)
        days = range(first + 1, last + 1)
        if resolution == "week":
            return [first, *(day for day in days if day % 7 == 1)]
        return [first, *(day for day in days if date.fromordinal(day).day == 1)]

    def tag_keys(self, entry: Entry) -> list[tuple[int, ...]]:
        """Count an entry under each of its tags where told."""
        if self._behaviour.tags_apart and entry.tag_ids:
            return [(tag,) for tag in entry.tag_ids]
        return super().tag_keys(entry)

    def change(self, kind: str, query: Query) -> None:
        """Change the first entry of a query: delete it, copy it, or move it to the end."""
        selected = self.select(query)
        if not selected:
            return
        last = selected[-1]
        first = next(entry for entry in self.entries if entry.id == selected[0].id)  # not rounded
        entries = [entry for entry in self.entries if entry.id != first.id]
        if kind == "entry_added":
            number = max(entry.id for entry in self.entries) + 1
            entries += [first, first._replace(id=number, start=first.start - 1)]
        if kind == "entry_edited":
            edited = first._replace(
                description="Edited meanwhile",
                start=last.start + 1,
                offset=last.offset,
                stop_offset=last.offset,
                day=last.day,
                updated=(self.agency.last_day.toordinal() - EPOCH) * DAY + 19 * HOUR,
            )
            entries.append(edited)
        self.replace(entries)


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


def _in_units(value: Any) -> Any:
    """Divide each amount of a report by a hundred."""
    if isinstance(value, list):
        return [_in_units(part) for part in value]
    if not isinstance(value, dict):
        return value
    amounts = {name for name in ("earnings", "labour_cost") if value.get(name) is not None}
    return {
        name: round(part / 100) if name in amounts else _in_units(part)
        for name, part in value.items()
    }


def _dumps(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
