"""What an entity is called where its name is not known, and a number of them."""

from __future__ import annotations

from typing import Any, Final

import pandas as pd

from togglframe.tables import CLIENTS

__all__ = ["named", "numbered", "or_unlisted", "plural", "unlisted"]

_TEXT: Final = CLIENTS["name"].dtype  # "str" means objects where pandas infers no strings
_IDS: Final = {"assignee": "user_id"}  # the ids of the others have their own name


def numbered(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Return "User 123" and the like, after the name of the column of ids; NA stays NA."""
    return str(ids.name).removesuffix("_id").capitalize() + " " + ids.astype(_TEXT)


def unlisted(ids: pd.Series[Any]) -> pd.Series[Any]:
    """Return "User 123 (not listed)" and the like; NA stays NA."""
    return numbered(ids) + " (not listed)"


def or_unlisted(names: pd.Series[Any], ids: pd.Series[Any]) -> pd.Series[Any]:
    """Return the names, "User 123 (not listed)" where only the id is known."""
    return names.where(names.notna(), unlisted(ids))


def named(frame: pd.DataFrame, entity: str) -> pd.Series[Any]:
    """Return what to print for each row's entity, "(no client)" where there is none."""
    ids = frame[_IDS.get(entity, f"{entity}_id")]
    names = or_unlisted(frame[entity].astype(_TEXT), ids)
    return names.where(names.notna(), f"(no {entity})")


def plural(count: int, noun: str, many: str | None = None) -> str:
    """Write a count with its noun: ``1 project``, ``3 projects``."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"
