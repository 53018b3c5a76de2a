"""The projects of a report: by the names or ids of clients and projects, and by state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import pandas as pd

from togglframe import reports
from togglframe.errors import ConfigError, TogglframeError
from togglframe.tables import BUDGET_STATES
from togglframe.tables.provenance import of, stamp
from togglframe.text.formats import plural
from togglframe.text.guesses import did_you_mean
from togglframe.text.names import names_of

__all__ = ["NothingFoundError", "Selection", "states_of"]

_MOST_NAMES: Final = 10  # that an error lists


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
        clients = ids_of("client", self.clients, everything)
        projects = ids_of("project", self.projects, everything)
        budget = reports.project_budget(listings, clients=clients or None, active=self.active)
        given: dict[str, Any] = {}
        if projects:
            given["projects"] = projects
            budget = budget[budget["project_id"].isin(projects)]
        if self.states:
            given["budget_state"] = list(self.states)
            budget = budget[budget["budget_state"].isin(self.states)]
        if budget.empty:
            raise NothingFoundError(
                f"None of {plural(len(everything), 'project')} matches {self}; nothing was written."
            )
        known = of(budget)
        known = {**known, "filters": {**known["filters"], **given}}
        return stamp(budget.reset_index(drop=True), **known)

    def __str__(self) -> str:
        """Return the selection as command-line options."""
        parts = [f"--client {text!r}" for text in self.clients]
        parts += [f"--project {text!r}" for text in self.projects]
        parts += [f"--state {','.join(self.states)}"] if self.states else []
        parts += [] if self.active is None else ["--active" if self.active else "--archived"]
        return " ".join(parts)


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


def ids_of(entity: str, given: tuple[str, ...], budget: pd.DataFrame) -> list[int]:
    """Return the ids of clients or projects by id, name, or part of a name."""
    if not given:
        return []
    rows = budget.dropna(subset=f"{entity}_id").drop_duplicates(f"{entity}_id")
    names = dict(zip(rows[f"{entity}_id"].tolist(), names_of(rows, entity), strict=True))
    return list(dict.fromkeys(_id_of(entity, text, names) for text in given))


def _id_of(entity: str, text: str, names: dict[int, str]) -> int:
    wanted = " ".join(text.split()).casefold()
    is_id = wanted.isascii() and wanted.isdigit()
    if is_id and int(wanted) in names:
        return int(wanted)
    found = [known for known, name in names.items() if name.casefold() == wanted]
    if not (found or is_id) and wanted:
        found = [known for known, name in names.items() if wanted in name.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        meant = _listed(sorted(f"{names[known]} ({known})" for known in found))
        raise ConfigError(f"--{entity} {text!r} may mean {meant}; give the id")
    raise ConfigError(_not_found(entity, text, names))


def _not_found(entity: str, text: str, names: dict[int, str]) -> str:
    guess = did_you_mean(text, dict.fromkeys(names.values()))
    if not guess:
        known = sorted({f"{name} ({known})" for known, name in names.items()}, key=str.casefold)
        guess = f"; there are {_listed(known)}" if known else f"; there are no {entity}s"
    having = " that has projects" if entity == "client" else ""
    return f"There is no {entity} {text!r}{having}{guess}"


def _listed(names: list[str]) -> str:
    more = len(names) - _MOST_NAMES
    return ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
