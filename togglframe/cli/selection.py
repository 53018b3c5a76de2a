"""The projects of a report: by the names or ids of clients and projects, and by state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from togglframe import reports
from togglframe.errors import ConfigError, TogglframeError
from togglframe.reports.selection import TypedName
from togglframe.tables import BUDGET_STATES
from togglframe.tables.provenance import of, stamp
from togglframe.text.formats import plural
from togglframe.text.guesses import did_you_mean


class NothingFoundError(TogglframeError):
    """No project is left: an empty report would look like good news."""


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The projects a report is limited to; all of them by default.

    Parameters
    ----------
    clients, projects : tuple of str
        Names, parts of names, or ids.
    states : tuple of str
        Values of `budget_state`.
    active : bool, optional
        Only active or only archived projects.
    """

    clients: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    active: bool | None = None

    @property
    def is_everything(self) -> bool:
        """Whether nothing is left out."""
        return self == Selection()

    @property
    def has_names(self) -> bool:
        """Whether clients or projects are named."""
        return bool(self.clients or self.projects)

    def ids(self, budget: pd.DataFrame) -> dict[str, list[int]]:
        """Return the ids that select the projects of this budget; empty if it has all of them."""
        if self.is_everything:
            return {}
        if self == Selection(clients=self.clients):
            return {"clients": of(budget)["filters"]["clients"]}
        return {"projects": budget["project_id"].tolist()}

    def budget(self, listings: reports.Listings) -> pd.DataFrame:
        """Return the budget of the projects that are selected.

        Raises
        ------
        ConfigError
            If a client or project does not exist, or a name is ambiguous.
        NothingFoundError
            If no project is selected.
        """
        everything = reports.project_budget(listings)
        if everything.empty:
            raise NothingFoundError("The workspace has no projects; nothing was written.")
        if self.is_everything:
            return everything
        budget = reports.project_budget(
            listings, clients=typed(self.clients), projects=typed(self.projects), active=self.active
        )
        known = of(budget)
        if self.states:
            budget = budget[budget["budget_state"].isin(self.states)].reset_index(drop=True)
            filters = {**known["filters"], "budget_state": list(self.states)}
            budget = stamp(budget, **{**known, "filters": filters})
        if budget.empty:
            raise NothingFoundError(
                f"None of {plural(len(everything), 'project')} matches {self}; nothing was written."
            )
        return budget

    def __str__(self) -> str:
        """Return the selection as command-line options."""
        parts = [f"--client {text!r}" for text in self.clients]
        parts += [f"--project {text!r}" for text in self.projects]
        parts += [f"--state {','.join(self.states)}"] if self.states else []
        parts += [] if self.active is None else ["--active" if self.active else "--archived"]
        return " ".join(parts)


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
