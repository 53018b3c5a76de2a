"""What a frame covers, and where it comes from: the lines of footers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pandas as pd

from togglframe.tables.provenance import LEFT_OUT, NOT_HELD, fetched_at, of, workspaces_in_words
from togglframe.tables.workspaces import count_of
from togglframe.text.bridge import UNTOLD, tells_saved
from togglframe.text.findings import BILLABLE
from togglframe.text.findings_over_time import unknown_amounts
from togglframe.text.formats import format_hours, format_percent, format_signed_hours, plural
from togglframe.text.measures import (
    Floats,
    above_zero,
    done_or_open,
    exact_sum,
    floats,
    hours_of,
    hours_since,
    is_change,
    known,
    latest,
    on_the_clock,
    that_moved,
    total_hours,
    with_capacity,
    with_margin,
    without_capacity,
)
from togglframe.text.names import MISSING, NAME_CELLS, clients_in, names_of, one_line, shorten
from togglframe.text.periods import months_in_words, periods_of, range_in_words

_DAYS: Final = ("start_date", "end_date")
# The filters of reports, and those of endpoints.
_IDS: Final = {
    name: noun for noun in ("client", "project", "user") for name in (f"{noun}s", f"{noun}_ids")
}
_ONLY: Final = {
    "active": ("archived projects", "active projects"),
    "done": ("open tasks", "done tasks"),
}
UNDRAWN: Final = f"{MISSING} stands for a character that no installed font has"
_LIFETIME: Final = "since the projects began"
ENTRIES: Final = "time entries"
_NAMED: Final = 3  # names that a line of scope lists


def source(frame: pd.DataFrame, span: str = _LIFETIME) -> str:
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
        days = () if span == ENTRIES else _DAYS
        kept = {name: value for name, value in filters.items() if name not in days}
        parts += chosen(kept, stamp.get("names"))
    text = " · ".join(parts)
    return text[0].upper() + text[1:]


def span_of(frame: pd.DataFrame) -> str:
    """Say which days a frame of time entries covers: ``July to September 2026``."""
    filters = of(frame).get("filters") or {}
    try:
        first, last = (date.fromisoformat(str(filters.get(name))[:10]) for name in _DAYS)
    except ValueError:  # it lost its range
        return ENTRIES
    return range_in_words(first, last)


def chosen(filters: Mapping[str, Any], names: Mapping[str, Any] | None = None) -> list[str]:
    """Say in words which rows the filters of a frame let through, with the names of their ids."""
    parts = _days(filters)
    for name, value in filters.items():
        if name in _IDS and value is not None:
            known = (names or {}).get(name)
            parts.append(f"{_ids_in_words(value, _IDS[name], known)} only")
        elif name in _DAYS:
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
    days = [_brief(filters[name]) for name in _DAYS if filters.get(name) is not None]
    return [" to ".join(days)] if days else []


def nothing_tracked(filters: Mapping[str, Any]) -> str:
    """Say that the range of days in these filters has no time entries."""
    first, last = filters.get("start_date"), filters.get("end_date")
    days = f"on {first}" if first == last else f"from {first} to {last}"
    return "Nothing is tracked" if first is None else f"Nothing is tracked {days}"


def fetched(stamp: Mapping[str, Any]) -> str:
    """Say when a frame was fetched, and whether it is out of date."""
    if not stamp.get("fetched_at"):
        return "fetched at an unknown time"
    when = f"fetched {_timestamp(str(stamp['fetched_at']))}"
    return f"{when}, out of date" if stamp.get("stale") else when


def limits(frame: pd.DataFrame) -> list[str]:
    """Say which days of the range a frame of capacities has no data for, or are yet to come."""
    known = of(frame)
    parts = []
    if known.get(NOT_HELD):
        parts.append(f"without {months_in_words(known[NOT_HELD])}, for which there is no data")
    end, fetched = (known.get("filters") or {}).get("end_date"), fetched_at(known)
    if end is None or fetched is None:
        return parts
    to_come = pd.period_range(fetched.date() + timedelta(days=1), end, freq="D")
    if not to_come.empty and not {*to_come.strftime("%Y-%m")} <= {*known.get(NOT_HELD, [])}:
        parts.append(f"days after {fetched.date()}, when it was fetched, count as capacity too")
    return parts


def _timestamp(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            return f"{moment:%Y-%m-%d %H:%M}"
        return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    except (OverflowError, ValueError):
        return one_line(text)


def _brief(value: object) -> str:
    text = str(value)
    if isinstance(value, list | tuple):
        text = ", ".join(str(one).replace("_", " ") for one in value)
    return shorten(one_line(text), 30)


def not_shown(count: int, why: str, noun: str = "project") -> str:
    """Say how many rows a picture leaves out, and why."""
    verb = "is" if count == 1 else "are"
    return f"{plural(count, noun)} {why} {verb} not shown." if count else ""


def still_running(frame: pd.DataFrame) -> str:
    """Say how many of the projects that overran are still active."""
    over = above_zero(frame, "overrun_hours")
    if over.empty or "active" not in over:
        return ""
    running = int(over["active"].fillna(value=True).sum())
    if len(over) == 1:
        return "It is still running." if running else "It is finished."
    if running in (0, len(over)):
        return f"All {len(over):,} are {'still running' if running else 'finished'}."
    verb = "is" if running == 1 else "are"
    return f"{running:,} of the {len(over):,} that overran {verb} still running."


def hours_tracked(frame: pd.DataFrame) -> str:
    """Say how much is tracked."""
    return f"{format_hours(total_hours(frame, 'tracked'))} tracked"


def budget_scope(frame: pd.DataFrame, *, bare_drawn: bool) -> str:
    """Say how much is tracked, and how much of it can be measured against an estimate."""
    if frame.empty:
        return plural(0, "project")
    estimate = floats(frame, "estimated_hours")
    has_status = frame["tracked_hours"].notna().to_numpy()
    whole = total_hours(frame, "tracked")
    comparable = total_hours(frame[has_status & (estimate > 0)], "tracked")
    total = f"{hours_tracked(frame)} in {plural(len(frame), 'project')}"
    if whole > 0:
        total += f", {format_percent(comparable / whole)} of it against an estimate"
    counts = {
        "without an estimate": int((has_status & pd.isna(estimate)).sum()),
        "with an estimate of 0": int((has_status & (estimate <= 0)).sum()),
    }
    bare = [f"{count:,} {what}" for what, count in counts.items() if count]
    hidden = [f"{int((~has_status).sum())} without a status"] if not has_status.all() else []
    if not bare_drawn:
        bare, hidden = [], bare + hidden
    return " · ".join([total, *bare, *([f"not drawn: {', '.join(hidden)}"] if hidden else [])])


def client_scope(frame: pd.DataFrame) -> str:
    """Say what is compared: how much, for how many clients, and how many are left out."""
    known = frame["variance_hours"].notna()
    compared = format_hours(total_hours(frame[known], "comparable_tracked"))
    of = clients_in(frame[known])
    over = int((frame["gross_overrun_hours"] > 0).sum())
    parts = [f"{compared} tracked where the estimate is above 0, for {of}, {over} of them over"]
    if not known.all():
        parts.append(f"{clients_in(frame[~known])} without an estimated project, not compared")
    if not tells_saved(frame):
        parts.append(UNTOLD)
    return " · ".join(parts)


def billable_scope(frame: pd.DataFrame) -> str:
    """Say how much is tracked, and for how much the billable part is unknown."""
    parts = [f"{hours_tracked(frame)} in {plural(len(frame), 'project')}"]
    omitted = frame.drop(known(frame, *BILLABLE).index)
    if len(omitted):
        unknown = "without a status or with unknown billable hours, not drawn"
        parts.append(f"{len(omitted):,} {unknown} ({hours_tracked(omitted)})")
    return " · ".join(parts)


def tasks_scope(frame: pd.DataFrame, *, done: bool | None) -> str:
    """Say how much is tracked on the tasks that can be measured, and how many are left out."""
    chosen = done_or_open(frame, done=done)
    measured = above_zero(chosen, "accuracy_ratio")
    parts = [f"{hours_tracked(measured)} on {plural(len(measured), 'task')}"]
    if elsewhere := int((frame["done"] == (not done)).sum()) if done is not None else 0:
        parts.append(f"{elsewhere:,} {'open' if done else 'done'}, not drawn")
    if unknown := len(frame) - len(chosen) - elsewhere:
        parts.append(f"{unknown:,} of unknown state, not drawn")
    if unmeasured := len(chosen) - len(measured):
        parts.append(f"{unmeasured:,} without an estimate or without tracked time, not drawn")
    return " · ".join(parts)


def amounts_scope(frame: pd.DataFrame) -> str:
    """Say how much is tracked for how many clients, and how many amounts are not visible."""
    parts = [f"{hours_tracked(frame)} for {clients_in(frame)}"]
    if hidden := int(frame["amount"].isna().sum()):
        parts.append(f"{plural(hidden, 'row')} without a visible amount, not drawn")
    return " · ".join(parts)


def rates_scope(frame: pd.DataFrame) -> str:
    """Say how many members there are, and how many have no visible rate or cost."""
    parts = [f"{plural(len(frame), 'row')}, one per project and member"]
    if hidden := len(frame) - len(with_margin(frame)):
        parts.append(f"{hidden:,} without a visible rate or cost, not drawn")
    return " · ".join(parts)


def hours_scope(frame: pd.DataFrame) -> str:
    """Say how much is tracked, what is not drawn, and how many periods are empty."""
    return " · ".join([hours_tracked(frame), *_unknown(frame, "tracked_hours"), *_gaps(frame)])


def earnings_scope(frame: pd.DataFrame) -> str:
    """Say how many hours are billable, and how many amounts are unknown."""
    parts = [f"{format_hours(total_hours(frame, 'billable'))} billable"]
    unknown = unknown_amounts(frame)
    if len(unknown):
        held = format_hours(total_hours(unknown, "billable"))
        parts.append(f"{plural(len(unknown), 'unknown amount')}, not drawn ({held} billable)")
    if undated := int(frame["period"].isna().sum()):
        parts.append(f"{plural(undated, 'row')} without a date, not drawn")
    return " · ".join([*parts, *_gaps(frame)])


def capacity_scope(frame: pd.DataFrame) -> str:
    """Say how much is tracked in how many periods, and whose capacity is unknown or zero."""
    drawn, hidden = with_capacity(frame), without_capacity(frame)
    could = format_hours(total_hours(drawn, "capacity"))
    tracked = f"{hours_tracked(drawn)} of a capacity of {could}"
    parts = [f"{tracked} in {periods_of(frame).count}" if len(drawn) else hours_tracked(frame)]
    if len(hidden):
        names = names_of(hidden.head(_NAMED), "user")
        listed = ", ".join(shorten(name, NAME_CELLS) for name in names)
        more = f" and {len(hidden) - len(names):,} more" if len(hidden) > len(names) else ""
        parts.append(f"not drawn, capacity unknown or zero: {listed}{more}")
    return " · ".join([*parts, *limits(frame)])


def _unknown(frame: pd.DataFrame, column: str) -> list[str]:
    unknown = int(frame[[column, "period"]].isna().any(axis=1).sum())
    return [f"{plural(unknown, 'row')} without known hours, not drawn"] if unknown else []


def _gaps(frame: pd.DataFrame) -> list[str]:
    periods = periods_of(frame)
    empty = len(periods) - int(frame["period"].nunique())
    return [f"{plural(empty, periods.every)} without an entry"] if empty else []


def burn_scope(frame: pd.DataFrame) -> str:
    """Say how much is tracked on how many projects, and how many have unknown hours."""
    last = latest(frame)
    count = count_of(frame, "project_id", dropna=False)
    hours = format_hours(total_hours(last, "cumulative"))
    has_project = last["project_id"].notna()
    none = [] if has_project.all() else ["(no project)"]
    named = [plural(int(has_project.sum()), "project")] if has_project.any() or not none else []
    parts = [f"{hours} tracked in {' and '.join([*named, *none])}"]
    if bare := int(last["progress"].isna().sum()):
        parts.append(f"{bare:,} not measured against an estimate")
    if hidden := count - len(last):
        parts.append(f"{hidden:,} with unknown hours, not drawn")
    return " · ".join(parts)


def changes_scope(frame: pd.DataFrame) -> str:
    """Say how much was tracked on how many projects, new and gone ones, and what is not drawn."""
    provenance = of(frame)
    days = [one_line(str(provenance[name])) for name in ("since", "as_of") if provenance.get(name)]
    drawn = that_moved(frame)
    hours = hours_since(drawn)
    parts = [f"snapshots of {' and '.join(days)}"] if days else []
    moved = is_change(drawn, "moved")
    if count := int(moved.sum()):
        parts.append(f"{_tracked(hours[moved])} on {plural(count, 'project')} in both")
    if count := int((new := is_change(drawn, "new")).sum()):
        parts.append(f"{count:,} new with {format_hours(exact_sum(hours[new]))}")
    if count := int((gone := is_change(drawn, "gone")).sum()):
        lost = exact_sum(floats(drawn[gone], "tracked_hours_before"))
        parts.append(f"{count:,} gone with {format_hours(lost)}, not offset")
    if hidden := len(frame) - len(drawn):
        parts.append(f"{hidden:,} with other changes or unknown hours, not drawn")
    text = " · ".join(parts or [plural(0, "project")])
    return text[0].upper() + text[1:]


def _tracked(hours: Floats) -> str:
    return f"{format_signed_hours(exact_sum(hours))} tracked"


def entries_scope(frame: pd.DataFrame) -> str:
    """Say how much is tracked in how many entries, and how many have an unknown time."""
    entries = on_the_clock(frame)
    tracked = format_hours(hours_of(entries["tracked_time"]))
    count = plural(len(entries), "time entry", "time entries")
    parts = [
        f"{tracked} in {count} of {plural(count_of(entries, 'user_id', dropna=False), 'user')}"
    ]
    if hidden := len(frame) - len(entries):
        parts.append(f"{hidden:,} with an unknown time, not drawn")
    if unknown := int(entries["billable"].isna().sum()):
        parts.append(f"{unknown:,} not known to be billable or not, drawn as non-billable")
    return " · ".join(parts)
