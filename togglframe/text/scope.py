"""What a frame covers, and where it comes from: the lines of footers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from togglframe.tables.provenance import LEFT_OUT, fetched_at, of, workspaces_in_words
from togglframe.text.formats import all_of, format_hours, format_whole_hours, plural
from togglframe.text.measures import above_zero, total_hours
from togglframe.text.names import one_line, shorten
from togglframe.text.periods import DAYS, SNAPSHOTS, days_in, range_in_words, within

# The filters of reports, and those of endpoints.
_IDS: Final = {
    name: noun for noun in ("client", "project", "user") for name in (f"{noun}s", f"{noun}_ids")
}
_ONLY: Final = {
    "active": ("archived projects", "active projects"),
    "done": ("open tasks", "done tasks"),
}
LIFETIME: Final = "since the projects began"
ENTRIES: Final = "time entries"
_NAMED: Final = 3  # names that a line of scope lists


def source(frame: pd.DataFrame, span: str = LIFETIME) -> str:
    """Say which workspace, what span, when it was fetched, and under which filters."""
    stamp = of(frame)
    parts = []
    if workspaces := workspaces_in_words(stamp):
        parts.append(workspaces)
    parts.append(span)
    if stamp.get("fetched_at"):
        parts.append(fetched(stamp))
    filters = stamp.get("filters")
    if isinstance(filters, Mapping):
        days = () if span == ENTRIES else DAYS
        kept = {name: value for name, value in filters.items() if name not in days}
        parts += chosen(kept, stamp.get("names"))
    text = " · ".join(parts)
    return text[0].upper() + text[1:]


def span_of(frame: pd.DataFrame) -> str:
    """Say which days a frame of time entries covers: ``July to September 2026``."""
    days = days_in(of(frame).get("filters") or {})
    return ENTRIES if days is None else range_in_words(*days)


def snapshots_of(frame: pd.DataFrame) -> str:
    """Say between which days a frame of changes is: ``1 to 27 November 2026``."""
    days = days_in(of(frame), SNAPSHOTS)
    return "two snapshots" if days is None else range_in_words(*days)


def chosen(filters: Mapping[str, Any], names: Mapping[str, Any] | None = None) -> list[str]:
    """Say in words which rows the filters of a frame let through, with the names of their ids."""
    parts = _days(filters)
    for name, value in filters.items():
        if name in _IDS and value is not None:
            known = (names or {}).get(name)
            parts.append(f"{_ids_in_words(value, _IDS[name], known)} only")
        elif name in DAYS:
            continue
        elif name in _ONLY and isinstance(value, bool):
            parts.append(f"{_ONLY[name][value]} only")
        elif name == LEFT_OUT and value:
            parts.append(f"{value:,} left out as unknown")
        elif name != LEFT_OUT and value is not None:
            parts.append(f"{name.replace('_', ' ')}: {_brief(value)}")
    return parts


def _ids_in_words(ids: Sequence[int | None], noun: str, names: Sequence[str | None] | None) -> str:
    if names and len(names) <= _NAMED:
        shown = [f"no {noun}" if one is None else one_line(one) for one in names]
        return f"{noun} " * (None not in names) + " and ".join(shown)
    named = [one for one in ids if one is not None]
    if not named:
        return f"no {noun}"
    return plural(len(named), noun) + (" or none" if len(named) < len(ids) else "")


def _days(filters: Mapping[str, Any]) -> list[str]:
    days = [_brief(filters[name]) for name in DAYS if filters.get(name) is not None]
    return [" to ".join(days)] if days else []


def tracked(rows: pd.DataFrame) -> str:
    """Say what rows add up to: ``1,234 h tracked``."""
    return f"{format_whole_hours(total_hours(rows, 'tracked'))} tracked"


def nothing_tracked(filters: Mapping[str, Any], today: date | str | None) -> str:
    """Say that the range of days in these filters has no time entries."""
    first, last = filters.get("start_date"), filters.get("end_date")
    days = [] if first is None or last is None else [within(range_in_words(first, last))]
    is_over = last is not None and today is not None and pd.Timestamp(last) < pd.Timestamp(today)
    return " ".join([f"Nothing {'was' if is_over else 'is'} tracked", *days])


def fetched(stamp: Mapping[str, Any]) -> str:
    """Say when a frame was fetched, and whether it is out of date."""
    moment = fetched_at(stamp)
    if moment is None:
        return "fetched at an unknown time"
    when = f"fetched {moment:%Y-%m-%d %H:%M} UTC"
    return f"{when}, out of date" if stamp.get("stale") else when


def _brief(value: object) -> str:
    text = str(value)
    if isinstance(value, list | tuple):
        text = ", ".join(str(one).replace("_", " ") for one in value)
    return shorten(one_line(text), 30)


def not_shown(count: int, why: str, noun: str = "project", many: str | None = None) -> str:
    """Say how many rows a picture leaves out, and why."""
    verb = "is" if count == 1 else "are"
    return f"{plural(count, noun, many)} {why} {verb} not shown." if count else ""


def still_running(frame: pd.DataFrame) -> str:
    """Say how many of the projects that overran are still active."""
    over = above_zero(frame, "overrun_hours")
    if over.empty or "active" not in over:
        return ""
    running = int(over["active"].fillna(value=True).sum())
    if len(over) == 1:
        return "It is still running." if running else "It is finished."
    if running in (0, len(over)):
        return f"{all_of(len(over))} are {'still running' if running else 'finished'}."
    verb = "is" if running == 1 else "are"
    return f"{running:,} of the {len(over):,} that overran {verb} still running."


def hours_tracked(frame: pd.DataFrame) -> str:
    """Say how much is tracked."""
    return f"{format_hours(total_hours(frame, 'tracked'))} tracked"
