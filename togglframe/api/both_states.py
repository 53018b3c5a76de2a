"""Active and archived, both, proven.

Whether an omitted parameter hides one of the two states, and what the parameter means, is not
known. So a listing is asked for without it; only where the answer does not hold both states is the
missing one asked for by name, and where that answer contradicts the parameter, by the other value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from togglframe.api.endpoint import warn_of_contradiction
from togglframe.tables.casting import infer
from togglframe.tables.provenance import combined, fetched, fetched_at, newest_at, of, stamp


def both_states(
    fetch: Callable[..., pd.DataFrame],
    parameter: str,
    *,
    active_by_id: pd.Series[Any] | None = None,
) -> pd.DataFrame:
    """List the rows of both states.

    Parameters
    ----------
    fetch : callable
        Fetches the listing, without arguments or with the parameter as a keyword.
    parameter : str
        The name of the parameter.
    active_by_id : Series, optional
        The state by row id, for a listing that has no column `active` of its own. Only the
        states that occur in it can be missing.

    Returns
    -------
    DataFrame
        By id. It costs one listing where the first answer holds both states, else up to two more.

    Warns
    -----
    SemanticsWarning
        If the answer contradicts the parameter.
    """

    def states_in(frame: pd.DataFrame) -> set[bool]:
        active = frame["active"] if active_by_id is None else frame["id"].map(active_by_id)
        return set(active.dropna())

    possible = {True, False} if active_by_id is None else set(active_by_id.dropna())
    first = fetch()
    frames: dict[bool, pd.DataFrame] = {}

    def ask(state: bool) -> set[bool]:
        if state not in frames:
            frames[state] = fetch(**{parameter: state})
        return states_in(frames[state])

    for state in sorted(possible - states_in(first)):
        if (not state) in ask(state):
            if active_by_id is not None:
                warn_of_contradiction(of(first)["endpoints"][0], parameter, state)
            ask(not state)
    return concatenated([first, *frames.values()])


def concatenated(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of all frames of one table by id, the latest where one comes twice."""
    if len(frames) == 1:
        return frames[0]
    held = [frame for frame in frames if len(frame)] or frames[:1]
    dtypes = [frame.dtypes.to_dict() for frame in held]
    rows = pd.concat(held, ignore_index=True)
    for name in rows.columns:
        if len({known[name] for known in dtypes if name in known}) > 1:
            rows[name] = _inferred(held, name)
    rows = rows.drop_duplicates("id", keep="last").sort_values("id", ignore_index=True)
    moments = [when(of(frame)) for frame in frames for when in (fetched_at, newest_at)]
    known = fetched([moment for moment in moments if moment is not None])
    return stamp(rows, **combined(frames, table=of(frames[0]).get("table"), **known))


def _inferred(frames: list[pd.DataFrame], name: str) -> pd.Series[Any]:
    """Return an undeclared column of all frames; pandas would make floats of large integers."""
    parts = [frame.reindex(columns=[name])[name].astype("object") for frame in frames]
    values = pd.concat(parts, ignore_index=True)
    return infer(values.where(values.notna(), None).tolist())
