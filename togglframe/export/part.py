"""The part of a workspace's listings that is of some clients or projects, and of their people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.joins._entries import is_among
from togglframe.selection import Selection

__all__ = ["part_of"]

_CHOSEN: Final = {"client_ids": "client_id", "project_ids": "id"}
# What tells the project of a row; of the other listings those rows stay that these name.
_PROJECTS: Final = {
    "projects": "id",
    "statuses": "id",
    "tasks": "project_id",
    "project_users": "project_id",
    "project_groups": "project_id",
}


def part_of(listings: Mapping[str, pd.DataFrame], selection: Selection) -> dict[str, pd.DataFrame]:
    """Return the listings without the rows that are of other projects or clients.

    Raises
    ------
    ConfigError
        If no project is selected: all that is made of nothing would look like good news.
    """
    found = dict(listings)
    if not selection.ids:
        return found
    projects = found["projects"]
    for name, ids in selection.ids.items():
        projects = projects[is_among(projects[_CHOSEN[name]], ids)]
    if projects.empty:
        raise ConfigError(f"there is no project of {selection.ids_in_words}")
    for name, column in _PROJECTS.items():
        if name in found:
            found[name] = _only(found[name], column, projects["id"])
    if "clients" in found:
        found["clients"] = _only(found["clients"], "id", projects["client_id"])
    if "project_users" in found and "users" in found:
        found["users"] = _only(found["users"], "id", found["project_users"]["user_id"])
    else:
        found.pop("users", None)  # nobody can tell who of them is theirs
    return found


def _only(frame: pd.DataFrame, column: str, ids: pd.Series[Any]) -> pd.DataFrame:
    kept: pd.DataFrame = frame[frame[column].isin(ids.dropna())]
    return kept.reset_index(drop=True)
