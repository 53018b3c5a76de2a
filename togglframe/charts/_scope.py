"""The footer: what a chart covers, and where its numbers come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from togglframe.charts import _fonts
from togglframe.charts._bridge import UNTOLD, tells_saved
from togglframe.charts._numbers import floats, hours, percent, total_hours
from togglframe.naming import plural
from togglframe.provenance import filters_in_words


def provenance(frame: pd.DataFrame, span: str = "life-time totals") -> str:
    """Say which workspace, what span, when it was fetched, and under which filters."""
    stamp = frame.attrs.get("togglframe")
    known: Mapping[str, Any] = stamp if isinstance(stamp, Mapping) else {}
    parts = []
    if known.get("workspace_id") is not None:
        parts.append(f"workspace {known['workspace_id']}")
    parts.append(span)
    if known.get("fetched_at"):
        parts.append(_fetched(known))
    filters = known.get("filters")
    if isinstance(filters, Mapping):
        given = filters_in_words(filters, _brief)
        parts += [f"filtered by {', '.join(given)}"] if given else []
    text = " · ".join(parts)
    return text[0].upper() + text[1:]


def footnotes(footer: bool, labels: Iterable[str], *lines: str) -> list[str]:
    """Return the lines of the footer, with a word on the squares in the labels."""
    if not footer:
        return []
    notes = [line for line in lines if line]
    if any(_fonts.MISSING in label for label in labels):
        notes.append(f"{_fonts.MISSING} stands for a character that no installed font has")
    return notes


def _fetched(known: Mapping[str, Any]) -> str:
    if known.get("stale"):
        source = ", out of date"
    else:
        source = ", from the cache" if known.get("from_cache") else ""
    return f"fetched {_instant(str(known['fetched_at']))}{source}"


def _instant(text: str) -> str:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _fonts.printable(text)
    if moment.tzinfo is None:
        return f"{moment:%Y-%m-%d %H:%M}"
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _brief(value: object) -> str:
    return _fonts.shorten(_fonts.printable(str(value)), 30)


def budget_scope(frame: pd.DataFrame, *, bare_drawn: bool) -> str:
    """Say how much is tracked, and how much of it can be measured against an estimate."""
    if frame.empty:
        return plural(0, "project")
    estimate = floats(frame, "estimated_hours")
    has_status = frame["tracked_hours"].notna().to_numpy()
    tracked = total_hours(frame, "tracked")
    comparable = total_hours(frame[has_status & (estimate > 0)], "tracked")
    total = f"{hours(tracked)} tracked in {plural(len(frame), 'project')}"
    if tracked > 0:
        total += f", {percent(comparable / tracked)} of it against an estimate"
    bare = [
        f"{int((has_status & pd.isna(estimate)).sum())} without an estimate",
        f"{int((has_status & (estimate <= 0)).sum())} with an estimate of 0",
    ]
    hidden = [f"{int((~has_status).sum())} without a status"] if not has_status.all() else []
    if not bare_drawn:
        bare, hidden = [], bare + hidden
    return " · ".join([total, *bare, *([f"not drawn: {', '.join(hidden)}"] if hidden else [])])


def client_scope(frame: pd.DataFrame) -> str:
    """Say what is compared: how much, for how many clients, and how many are left out."""
    known = frame["variance_hours"].notna()
    compared = hours(total_hours(frame[known], "comparable_tracked"))
    of = plural(int(known.sum()), "client")
    over = int((frame["gross_overrun_hours"] > 0).sum())
    parts = [f"{compared} tracked where the estimate is above 0, for {of}, {over} of them over"]
    if not known.all():
        bare = plural(int((~known).sum()), "client")
        parts.append(f"{bare} without an estimated project, not compared")
    if not tells_saved(frame):
        parts.append(UNTOLD)
    return " · ".join(parts)
