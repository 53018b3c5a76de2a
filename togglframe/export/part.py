"""The part of a workspace's listings that belongs to some clients or projects."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.reports._entries import is_among
from togglframe.reports.selection import Selection
from togglframe.reports.sources import LISTINGS
from togglframe.reports.tasks import with_clients_of

__all__ = ["chosen_projects", "part_of"]

_CHOSEN: Final = {"client_ids": "client_id", "project_ids": "id"}
# The column with the project of a row; other listings keep the rows that these refer to.
_PROJECTS: Final = {
    "projects": "id",
    "statuses": "id",
    "tasks": "project_id",
    "project_users": "project_id",
    "project_groups": "project_id",
}


def part_of(listings: Mapping[str, pd.DataFrame], selection: Selection) -> dict[str, pd.DataFrame]:
    """Return the listings without the rows of other projects or clients.

    Raises
    ------
    ConfigError
        As :func:`chosen_projects` does.
    """
    found = dict(listings)
    if not selection.ids:
        return found
    chosen = chosen_projects(found, selection)
    for name, column in _PROJECTS.items():
        if name in found:
            found[name] = _only(found[name], column, chosen)
    if "tasks" in found:
        found["tasks"] = with_clients_of(found["projects"], found["tasks"], found.get("clients"))
    if "clients" in found:
        clients = {*found["projects"]["client_id"].dropna()}
        found["clients"] = _only(found["clients"], "id", clients)
    if "project_users" in found and "users" in found:
        members = {*found["project_users"]["user_id"].dropna()}
        found["users"] = _only(found["users"], "id", members)
    else:
        found.pop("users", None)  # there is no telling which of them belong to the projects
    return {name: frame[_declared(name, frame)] for name, frame in found.items()}


def _declared(name: str, frame: pd.DataFrame) -> list[str]:
    """Return the columns that the table declares: nobody knows what others tell."""
    return [column for column in LISTINGS[name].table.names if column in frame]


def chosen_projects(listings: Mapping[str, pd.DataFrame], selection: Selection) -> set[int]:
    """Return the ids of the selected projects.

    A project that is selected by its id need not be listed: its status may outlive it.

    Raises
    ------
    ConfigError
        If a client or project does not exist, or no project matches both: a workbook about nothing
        would look like good news.
    """
    _refuse_unknown(listings, selection)
    chosen = listings["projects"]
    for name, ids in selection.ids.items():
        chosen = chosen[is_among(chosen[_CHOSEN[name]], ids)]
    named = selection.project_ids or () if selection.client_ids is None else ()
    numbers = {*chosen["id"], *named} - {None}
    if not numbers:
        raise ConfigError(f"no project matches {selection.ids_in_words}")
    return numbers


def _refuse_unknown(listings: Mapping[str, pd.DataFrame], selection: Selection) -> None:
    held = {**_PROJECTS, "time_entries": "project_id"}
    known = {
        "client_ids": {*listings["projects"]["client_id"].dropna()},
        "project_ids": {
            one
            for name, column in held.items()
            if name in listings
            for one in listings[name][column].dropna().unique()
        },
    }
    for name, ids in selection.ids.items():
        if unknown := [one for one in ids if one is not None and one not in known[name]]:
            raise ConfigError(f"no project matches {name} {unknown}")


def _only(frame: pd.DataFrame, column: str, ids: Collection[Any]) -> pd.DataFrame:
    kept: pd.DataFrame = frame[frame[column].isin(list(ids))]
    return kept.reset_index(drop=True)
