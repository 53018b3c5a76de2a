"""The parameters of a time report, from the body, checked as the vendor checks them."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, TypeAlias

from .api import BILLABLE_IS_PREMIUM, NOTHING_SET, Plan, RefusalError
from .behaviour import Behaviour

Body: TypeAlias = Mapping[str, Any]

ROUNDING_IS_PAID: Final = "Workspace needs to have this feature enabled"
TOO_OLD: Final = "Reports of older time entries are a premium feature"
RESOLUTIONS: Final = ("day", "week", "month")

_NULLABLE_IDS: Final = ("client_ids", "project_ids", "task_ids", "tag_ids")
_ID_LISTS: Final = (*_NULLABLE_IDS, "user_ids", "group_ids", "time_entry_ids", "ids")
_FLAGS: Final = (
    *("billable", "enrich_response", "grouped", "hide_amounts", "hide_rates", "with_graph"),
    *("distinguish_rates", "include_time_entry_ids", "collapse", "withInlineRates"),
    "group_by_task",
)
_INTEGERS: Final = (
    *("min_duration_seconds", "max_duration_seconds", "rounding", "rounding_minutes"),
    *("page_size", "first_row_number", "first_id", "first_timestamp"),
)
_TEXTS: Final = (
    *("start_date", "end_date", "startTime", "endTime", "description", "order_by", "order_dir"),
    *("grouping", "sub_grouping", "granularity", "resolution", "currency", "calculate"),
    *("duration_format", "date_format", "previous_period_start"),
)
_CHOICES: Final[dict[str, tuple[Any, ...]]] = {
    "rounding": (-1, 0, 1),
    "rounding_minutes": (0, 1, 5, 6, 10, 12, 15, 30, 60, 240),
    "granularity": RESOLUTIONS,
    "resolution": (*RESOLUTIONS, "quarter"),
    "duration_format": ("classic", "decimal", "improved"),
}
_ANY_OF: Final = (
    *("start_date", "end_date", "user_ids", "client_ids", "project_ids", "task_ids", "tag_ids"),
    *("group_ids", "time_entry_ids", "description", "billable"),
    *("min_duration_seconds", "max_duration_seconds"),
)


@dataclass(frozen=True, slots=True)
class Query:
    """Which entries are asked for, and how they are rounded; days are ordinals, inclusive."""

    first: int
    last: int
    user_ids: frozenset[int] | None = None
    client_ids: frozenset[int | None] | None = None
    project_ids: frozenset[int | None] | None = None
    task_ids: frozenset[int | None] | None = None
    tag_ids: frozenset[int | None] | None = None
    group_ids: frozenset[int] | None = None
    time_entry_ids: frozenset[int] | None = None
    description: str | None = None
    billable: bool | None = None
    shortest: int | None = None
    longest: int | None = None
    rounding: int = 0
    rounding_minutes: int = 0


def parse(raw: bytes) -> Body:
    """Read the parameters that are set and known; null, "" and [] count as not given."""
    try:
        body = json.loads(raw) if raw.strip() else {}
    except (ValueError, RecursionError):
        raise RefusalError(400, "The request body must be valid JSON") from None
    if not isinstance(body, dict):
        raise RefusalError(400, "The request body must be a JSON object")
    return checked(body)


def checked(body: Mapping[str, Any]) -> Body:
    """Return the parameters that are set and known, or refuse a value."""
    known = (*_ID_LISTS, *_FLAGS, *_INTEGERS, *_TEXTS)
    given = {name: body[name] for name in known if body.get(name) not in (None, [], "")}
    for name, value in given.items():
        if not _is_right(name, value):
            raise invalid(name)
        if name in _CHOICES and value not in _CHOICES[name]:
            raise invalid(name, _CHOICES[name])
    return given


def _is_right(name: str, value: Any) -> bool:
    if name in _ID_LISTS:
        return isinstance(value, list) and all(
            _is_integer(each) or (each is None and name in _NULLABLE_IDS) for each in value
        )
    if name in _FLAGS:
        return isinstance(value, bool)
    return isinstance(value, str) if name in _TEXTS else _is_integer(value)


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def invalid(name: str, allowed: Collection[Any] = ()) -> RefusalError:
    """Make the refusal of a value."""
    if not allowed:
        return RefusalError(400, f"Invalid '{name}' value")
    return RefusalError(
        400, f"Invalid '{name}' value, allowed values are {', '.join(map(str, allowed))}"
    )


def choice(body: Body, name: str, allowed: Collection[str], default: str) -> str:
    """Read a parameter that has few values, whatever its case."""
    value = str(body.get(name, default))
    found = next((each for each in allowed if each.lower() == value.lower()), None)
    if found is None:
        raise invalid(name, allowed)
    return found


def day_of(body: Body, name: str) -> int | None:
    """Read a date as an ordinal."""
    text = body.get(name)
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise invalid(name) from None
    if not 2006 <= day.year < 2030:
        raise RefusalError(400, f"{name} should be within 2006-01-01 to 2030-01-01")
    return day.toordinal()


class Asker:
    """Makes queries of bodies, by the plan and what the vendor leaves open."""

    def __init__(self, plan: Plan, behaviour: Behaviour, today: date) -> None:
        self._is_free = plan == "free"
        self._behaviour = behaviour
        self._today = today.toordinal()

    def query(self, body: Body, *, any_of: Collection[str] = _ANY_OF) -> Query:
        """Read the common filters."""
        if not any(name in body for name in any_of):
            raise RefusalError(400, NOTHING_SET)
        first, last = self.range(body)
        return self.between(body, first, last)

    def between(self, body: Body, first: int, last: int) -> Query:
        """Read the common filters of a body whose range is known already."""
        if self._is_free and "billable" in body:
            raise RefusalError(402, BILLABLE_IS_PREMIUM)
        rounding, minutes = self._rounding(body)
        lists = {name: frozenset(body[name]) for name in _ID_LISTS if name in body}
        lists.pop("ids", None)
        return Query(
            first,
            last,
            **lists,
            description=body.get("description"),
            billable=body.get("billable"),
            shortest=body.get("min_duration_seconds"),
            longest=body.get("max_duration_seconds"),
            rounding=rounding,
            rounding_minutes=minutes,
        )

    def range(self, body: Body) -> tuple[int, int]:
        """Read the range, both ends inclusive; complete and limit it."""
        first, last = self._completed(day_of(body, "start_date"), day_of(body, "end_date"))
        if last < first:
            raise RefusalError(400, "end_date must not be before start_date")
        behaviour = self._behaviour
        if last - first >= behaviour.max_range_days:
            if not behaviour.shrink_long_ranges:
                raise RefusalError(400, "The date range must not be longer than a year")
            last = first + behaviour.max_range_days - 1
        floor = behaviour.history_days
        if floor is not None and first < self._today - floor:
            raise RefusalError(402, TOO_OLD)
        return first, last

    def required_range(self, body: Body) -> tuple[int, int]:
        """Read a range of which both ends must be there."""
        for name in ("start_date", "end_date"):
            if name not in body:
                raise RefusalError(400, f"The {name} parameter is required")
        return self.range(body)

    def _completed(self, first: int | None, last: int | None) -> tuple[int, int]:
        further = 6 if self._behaviour.one_sided_range == "week" else 0
        if first is not None:
            return first, first + further if last is None else last
        return (self._today - 6, self._today) if last is None else (last - further, last)

    def _rounding(self, body: Body) -> tuple[int, int]:
        behaviour = self._behaviour
        asked = {name: body[name] for name in ("rounding", "rounding_minutes") if name in body}
        if self._is_free and asked and (behaviour.default_rounding_is_paid or any(asked.values())):
            raise RefusalError(402, ROUNDING_IS_PAID)
        return (
            asked.get("rounding", behaviour.preferred_rounding),
            asked.get("rounding_minutes", behaviour.preferred_rounding_minutes),
        )
