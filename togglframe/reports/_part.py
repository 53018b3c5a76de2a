"""The rows of listings that belong to some projects, clients or users."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.reports._frames import checked
from togglframe.reports.listings import LISTINGS
from togglframe.reports.selection import Selection
from togglframe.tables import PROJECTS

# The column with the project of a row; other listings keep the rows that these refer to.
_PROJECTS: Final = {
    "projects": "id",
    "statuses": "id",
    "tasks": "project_id",
    "project_users": "project_id",
    "project_groups": "project_id",
}
_USERS: Final = ("tasks", "project_users")  # which name users besides their project


def is_among(ids: pd.Series[Any], wanted: Collection[int | None]) -> pd.Series[Any]:
    """Return which ids are wanted; None stands for NA."""
    is_named = ids.isin([one for one in wanted if one is not None]).fillna(value=False)
    return (is_named | ids.isna()) if None in wanted else is_named


def rows_of(
    frames: Mapping[str, pd.DataFrame | None], selection: Selection
) -> dict[str, pd.DataFrame]:
    """Return the rows of listings that a report of the selection is made of."""
    kept = {name: frame for name, frame in frames.items() if frame is not None}
    if selection.clients is not None or selection.projects is not None:
        chosen = _projects_of(kept, selection)
        for name in kept.keys() & _PROJECTS.keys():
            kept[name] = _only(kept[name], _PROJECTS[name], chosen)
    if selection.users is not None:
        for name in kept.keys() & {*_USERS}:
            kept[name] = _only(kept[name], "user_id", selection.users)
    return kept


def with_clients_of(
    projects: pd.DataFrame, tasks: pd.DataFrame, clients: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return the tasks with the clients of their projects, which may have moved since.

    The name of a client is the one in `clients`, else the one in a task of that client.
    """
    owned = projects.set_index("id")["client_id"]
    of_project = owned.reindex(tasks["project_id"]).set_axis(tasks.index)
    is_listed = tasks["project_id"].isin(owned.index)
    client_id = of_project.where(is_listed, tasks["client_id"])
    named = tasks.dropna(subset=["client_id"]).drop_duplicates("client_id", keep="last")
    names = named.set_index("client_id")["client_name"]
    if clients is not None:
        names = clients.set_index("id")["name"].combine_first(names)
    name = names.reindex(client_id).set_axis(tasks.index)
    return tasks.assign(client_id=client_id, client_name=name.astype(tasks["client_name"].dtype))


def part_of(listings: Mapping[str, pd.DataFrame], selection: Selection) -> dict[str, pd.DataFrame]:
    """Return the listings without the rows of other projects or clients, for a document.

    Raises
    ------
    ConfigError
        As :func:`chosen_projects` does.
    """
    if not selection.ids:
        return dict(listings)
    chosen_projects(listings, selection)
    kept = rows_of(listings, selection)
    if "tasks" in kept:
        kept["tasks"] = with_clients_of(kept["projects"], kept["tasks"], kept.get("clients"))
    if "clients" in kept:
        clients = {*kept["projects"]["client_id"].dropna()}
        kept["clients"] = _only(kept["clients"], "id", clients)
    if "project_users" in kept and "users" in kept:
        members = {*kept["project_users"]["user_id"].dropna()}
        kept["users"] = _only(kept["users"], "id", members)
    else:
        kept.pop("users", None)  # which of them belong to the projects is not known
    return {name: frame[_declared(name, frame)] for name, frame in kept.items()}


def _declared(name: str, frame: pd.DataFrame) -> list[str]:
    """Return the columns that the table declares; others may hold data of other clients."""
    return [column for column in LISTINGS[name].table.names if column in frame]


def chosen_projects(listings: Mapping[str, pd.DataFrame], selection: Selection) -> set[int]:
    """Return the ids of the selected projects.

    Raises
    ------
    ConfigError
        If a client or project does not exist, or no project matches both: a workbook about nothing
        would look like good news.
    """
    _refuse_unknown(listings, selection)
    if chosen := _projects_of(listings, selection):
        return chosen
    raise ConfigError(f"no project matches {selection.ids_in_words}")


def _projects_of(listings: Mapping[str, pd.DataFrame], selection: Selection) -> set[int]:
    """Return the ids of the selected projects.

    A project that is selected by its id need not be listed: its status may outlive it.
    """
    named = {one for one in selection.projects or () if one is not None}
    if selection.clients is None:
        return named
    projects = checked(listings["projects"], PROJECTS, "client_id")
    owned = projects.loc[is_among(projects["client_id"], selection.clients), "id"]
    return {*owned} if selection.projects is None else {*owned} & named


def _refuse_unknown(listings: Mapping[str, pd.DataFrame], selection: Selection) -> None:
    columns = {**_PROJECTS, "time_entries": "project_id"}
    known = {
        "clients": {*listings["projects"]["client_id"].dropna()},
        "projects": {
            one
            for name, column in columns.items()
            if name in listings
            for one in listings[name][column].dropna().unique()
        },
    }
    for name, ids in selection.ids.items():
        if unknown := [one for one in ids if one is not None and one not in known[name]]:
            raise ConfigError(f"no project matches {name} {unknown}")


def _only(frame: pd.DataFrame, column: str, ids: Collection[Any]) -> pd.DataFrame:
    if column not in frame:  # the join names it in its error
        return frame
    kept: pd.DataFrame = frame[frame[column].isin(list(ids))]
    return kept.reset_index(drop=True)
