"""Where a frame came from, and which table it is: the contents of ``frame.attrs["togglframe"]``.

Provenance is for footers and About sheets, and says which of two listings is older. All values are
JSON-serialisable, so they survive Parquet.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any, Final

import pandas as pd

from togglframe.errors import CompletenessWarning
from togglframe.tables import COLUMNS, KNOWN_TABLES, WORKSPACE, Table
from togglframe.warning import warn

KEY: Final = "togglframe"
LEFT_OUT: Final = "left_out_unknown"  # among the filters: how many rows they could not judge
_SHOWN: Final = 20  # the most values of a filter that are listed
NOT_HELD: Final = "not_held"  # months of the range without data


def of(frame: pd.DataFrame) -> dict[str, Any]:
    """Return the provenance of a frame, empty if it has none."""
    provenance = frame.attrs.get(KEY)
    return provenance if isinstance(provenance, dict) else {}


def fetched_at(provenance: Mapping[str, Any]) -> datetime | None:
    """Return when the oldest part of a frame was fetched (UTC), None if unknown."""
    return _moment(provenance.get("fetched_at"))


def newest_at(provenance: Mapping[str, Any]) -> datetime | None:
    """Return when the newest part of a frame was fetched (UTC), None if unknown."""
    return _moment(provenance.get("newest_at")) or fetched_at(provenance)


def fetched(moments: Collection[datetime]) -> dict[str, Any]:
    """Return the provenance of a frame whose parts were fetched at these moments (UTC)."""
    if not moments:
        return {"fetched_at": None}
    oldest, newest = min(moments), max(moments)
    more = {"newest_at": newest.isoformat()} if newest > oldest else {}
    return {"fetched_at": oldest.isoformat(), **more}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)  # type: ignore[arg-type]
    except (OverflowError, TypeError, ValueError):
        return None


def stamp(frame: pd.DataFrame, **provenance: Any) -> pd.DataFrame:
    """Replace the provenance of the frame, and return the frame."""
    frame.attrs = {KEY: provenance}
    return frame


def table_of(frame: pd.DataFrame) -> Table | None:
    """Return the table of a frame, None if there is none, or if several fit.

    The name in its attrs is trusted only if all columns of that table are present, since pandas
    keeps attrs through groupby and rename. Otherwise the columns decide: all of one table must be
    present, and no other column that a table declares. With `workspace_id` it is the table of
    several workspaces.
    """
    names, named = list(frame.columns), of(frame).get("table")
    tables = _across() if WORKSPACE.name in names else KNOWN_TABLES
    fitting = [fits for table in tables if (fits := table.fitting(names)) is not None]
    matches = [table for table in fitting if table.name == named] or [
        table for table in fitting if COLUMNS.keys().isdisjoint({*names} - {*table.names})
    ]
    return matches[0] if len(matches) == 1 else None


@cache
def _across() -> tuple[Table, ...]:
    return tuple(map(Table.across, KNOWN_TABLES))


def doubt(frame: pd.DataFrame, reason: str) -> None:
    """Add to the provenance of a frame why it cannot be proven complete."""
    provenance = of(frame)
    stamp(frame, **{**provenance, "doubts": [*provenance.get("doubts", []), reason]})


def warn_of_doubt(frame: pd.DataFrame, reason: str) -> None:
    """Warn that a frame cannot be proven complete, and add to its provenance why."""
    doubt(frame, reason)
    warn(CompletenessWarning(reason))


def workspaces_in_words(known: Mapping[str, Any]) -> str:
    """Name the workspaces of a frame with this provenance, an empty string if unknown."""
    numbers = known.get("workspace_id")
    if numbers is None:
        return ""
    if not isinstance(numbers, list):
        return f"workspace {numbers}"
    return f"workspace{'s' * (len(numbers) > 1)} {', '.join(map(str, numbers))}"


def filters_in_words(
    filters: Mapping[str, Any], names: Mapping[str, list[str | None]] | None = None
) -> list[str]:
    """Name the filters that were applied, and how many rows they left out for an unknown value."""
    applied = {name: value for name, value in filters.items() if value is not None}
    for name, known in (names or {}).items():
        ids = applied.get(name)
        if isinstance(ids, list) and len(ids) == len(known):  # these belong to them one by one
            pairs = zip(ids, known, strict=True)
            applied[name] = [one if text is None else f"{text} ({one})" for one, text in pairs]
    unknown = applied.pop(LEFT_OUT, 0)
    words = [_filter_in_words(name, value) for name, value in applied.items()]
    return [*words, f"{unknown} of unknown value left out"] if unknown else words


def _filter_in_words(name: str, value: object) -> str:
    text = value
    if isinstance(value, list | tuple):
        text = ", ".join(map(str, value)) if len(value) <= _SHOWN else f"{len(value):,} values"
    return f"{name} {text}" if name in {"by", "every"} else f"{name} = {text}"


def facts_of(known: Mapping[str, Any], endpoints: Iterable[str]) -> list[tuple[str, str]]:
    """Say where the numbers of a frame with this provenance come from."""
    applied = filters_in_words(known.get("filters", {}), known.get("names"))
    everything = "none: the whole workspace, archived projects too"
    unfiltered = everything if known.get("fetched_at") or known.get("endpoints") else "not known"
    when = fetched_at(known)
    return [
        ("Workspace", workspaces_in_words(known).partition(" ")[2] or "not known"),
        ("Fetched at (UTC)", f"{when:%Y-%m-%d %H:%M:%S}" if when else "not known"),
        ("From the cache", _yes(known.get("from_cache"))),
        ("Older than it should be", _yes(known.get("stale"))),
        ("Endpoints", ", ".join(endpoints) or "not known"),
        ("Filters", ", ".join(applied) or unfiltered),
        *([("Not proven complete", " ".join(known["doubts"]))] if "doubts" in known else []),
    ]


def _yes(value: object) -> str:
    return "not known" if value is None else "yes" if value else "no"


def _any(values: Iterable[bool | None]) -> bool | None:
    """Tell whether any is true; None if none is and one is unknown."""
    flags = list(values)
    if any(flags):
        return True
    return False if flags and None not in flags else None


def combined(frames: Iterable[pd.DataFrame], **more: Any) -> dict[str, Any]:
    """Return the provenance of a frame made of several.

    The oldest fetch time counts for all, and a doubt about one frame is a doubt about the whole.
    """
    sources = [source for source in map(of, frames) if source]
    times = [source["fetched_at"] for source in sources if source["fetched_at"]]
    endpoints = [endpoint for source in sources for endpoint in source["endpoints"]]
    doubts = [reason for source in sources for reason in source.get("doubts", [])]
    requests = [source["requests"] for source in sources if "requests" in source]
    not_held = sorted({month for source in sources for month in source.get(NOT_HELD, [])})
    return {
        "workspace_id": sources[0]["workspace_id"] if sources else None,
        "endpoints": list(dict.fromkeys(endpoints)),
        "fetched_at": min(times, default=None),
        "from_cache": _any(source["from_cache"] for source in sources),
        "stale": _any(source["stale"] for source in sources),
        "filters": {},
        **({"doubts": list(dict.fromkeys(doubts))} if doubts else {}),
        **({NOT_HELD: not_held} if not_held else {}),
        **({"requests": sum(requests)} if requests else {}),
        **more,
    }


def is_before(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Return whether a frame was fetched before another one."""
    then, now = fetched_at(of(one)), newest_at(of(other))
    return then is not None and now is not None and then < now
