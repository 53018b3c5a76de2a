"""The projects of a report: by the names or ids of clients and projects, and by state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from togglframe import reports
from togglframe.errors import ConfigError, TogglframeError
from togglframe.reports.selection import TypedName
from togglframe.tables import BUDGET_STATES
from togglframe.tables.provenance import of, stamp
from togglframe.text.guesses import did_you_mean


class NothingFoundError(TogglframeError):
    """No project is left: an empty report would look like good news."""


def budget_of(
    listings: reports.Listings,
    clients: Sequence[str] | None,
    projects: Sequence[str] | None,
    states: Sequence[str],
    active: bool | None,
) -> tuple[pd.DataFrame, dict[str, list[int]]]:
    """Return the budget of the projects that are selected, and the ids that select them again.

    Raises
    ------
    ConfigError
        If a client or project does not exist, or a name is ambiguous.
    NothingFoundError
        If no project is selected.
    """
    budget = reports.project_budget(
        listings, clients=typed(clients), projects=typed(projects), active=active
    )
    known = of(budget)
    filters = known["filters"]
    if states:
        budget = budget[budget["budget_state"].isin(states)].reset_index(drop=True)
        filters = {**filters, "budget_state": [*states]}
        budget = stamp(budget, **{**known, "filters": filters})
    if budget.empty:
        words = [f"--client {text!r}" for text in clients or ()]
        words += [f"--project {text!r}" for text in projects or ()]
        words += [f"--state {','.join(states)}"] if states else []
        words += [] if active is None else ["--active" if active else "--archived"]
        what = f"No project matches {' '.join(words)}" if words else "The workspace has no projects"
        raise NothingFoundError(f"{what}; nothing was written.")
    if projects or states or active is not None:
        return budget, {"projects": budget["project_id"].tolist()}
    return budget, {"clients": filters["clients"]} if clients else {}


def typed(names: Iterable[str] | None) -> list[Any] | None:
    """Return the names of an option as reports take them, None without any."""
    return [TypedName(name) for name in names or ()] or None


def states_of(text: str | None) -> tuple[str, ...]:
    """Return the states named by ``--state``."""
    if text is None:
        return ()
    states = []
    for word in text.split(","):
        state = word.strip().lower().replace(" ", "_").replace("-", "_")
        if state not in BUDGET_STATES:
            raise ConfigError(
                f"--state takes {', '.join(BUDGET_STATES)}, not {word.strip()!r}"
                f"{did_you_mean(state, BUDGET_STATES)}"
            )
        states.append(state)
    return tuple(dict.fromkeys(states))
