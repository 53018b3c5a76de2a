"""What an entity is called: where its name is not known, is too long, or is that of another."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from typing import Any, Final

import pandas as pd

from togglframe.tables import CLIENTS

MISSING: Final = "\N{WHITE SQUARE}"
ELLIPSIS: Final = "…"

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


def one_line(text: str) -> str:
    """Return the text on one line, with a square for what is no character of a text.

    Joiners, variation selectors and overrides of direction are left out.
    """
    return "".join(map(_legible, " ".join(text.split())))


def _legible(char: str) -> str:
    if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    return char if char.isprintable() else MISSING


def names(frame: pd.DataFrame, entity: str, write: Callable[[str], str] = one_line) -> list[str]:
    """Return the name of each row's entity on one line, or what stands for it."""
    return [write(name) or "(unnamed)" for name in named(frame, entity)]


def labels(
    frame: pd.DataFrame,
    entity: str,
    *others: str,
    cells: int = 34,
    write: Callable[[str], str] = one_line,
) -> list[str]:
    """Return names cut to so many cells, equal ones told apart by those of others, then by id."""
    short = [shorten(name, cells) for name in names(frame, entity, write)]
    hints = [[shorten(name, 18) for name in names(frame, other, write)] for other in others]
    ids = [f"#{number}" for number in frame[f"{entity}_id"]]
    return tell_apart(short, *hints, ids)


def currency(frame: pd.DataFrame, unknown: str = "(no currency)") -> str:
    """Return the currency of a frame that has one."""
    code = frame["currency"].iloc[0]
    return unknown if pd.isna(code) else one_line(code)


def unit(frame: pd.DataFrame) -> str:
    """Return the unit of the amounts of a frame that has one currency."""
    return currency(frame, "currency not known")


def cells(text: str) -> int:
    """Return how many cells of a terminal the text takes: East Asian and emoji take two each."""
    return sum(map(_cells, text))


def _cells(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, most: int) -> str:
    """Cut the text to so many cells, with an ellipsis."""
    if cells(text) <= most:
        return text
    kept, room = 0, most - 1
    while _cells(text[kept]) <= room:
        room -= _cells(text[kept])
        kept += 1
    return text[:kept].rstrip() + ELLIPSIS


def tell_apart(names: Sequence[str], *hints: Sequence[str]) -> list[str]:
    """Append the first hint to names that are equal, then the next to those that still are.

    A hint that is the same for all of the equals tells nothing, and is left out.
    """
    labels = list(names)
    for hint in hints:
        told: dict[str, set[str]] = {}
        for label, more in zip(labels, hint, strict=True):
            told.setdefault(label, set()).add(more)
        labels = [
            f"{label} · {more}" if len(told[label]) > 1 else label
            for label, more in zip(labels, hint, strict=True)
        ]
    return labels
