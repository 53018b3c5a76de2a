"""What an entity is called if its name is unknown, too long, or shared with another."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import pandas as pd
from pandas.api.types import is_string_dtype

from togglframe.tables import CLIENTS, COLUMNS, WORKSPACE

MISSING: Final = "\N{WHITE SQUARE}"
ELLIPSIS: Final = "…"
NAME_CELLS: Final = 34  # what a name takes where there is room
UNNAMED: Final = "(unnamed)"
ALL_PROJECTS: Final = "All projects"
UNKNOWN_CLIENT: Final = "(client unknown)"
_DIRECTIONS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_START_CELLS: Final = 8  # the start of a name says nothing where it is shorter

_GROUPS: Final = ("project", "client", "user")
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
    names = frame[entity].astype(_TEXT)
    if not names.hasnans:
        return names
    if id_of(entity) in frame:
        names = or_unlisted(names, frame[id_of(entity)])
    if entity == "project":
        names = names.mask(is_of_whole_client(frame), ALL_PROJECTS)
    if entity == "client":
        names = names.mask(names.isna() & _are_unlisted(frame), UNKNOWN_CLIENT)
    return names.where(names.notna(), f"(no {entity})")


def _are_unlisted(frame: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows are about a project that is not listed, so that nothing else is known."""
    if not {"project_id", "project"} <= {*frame}:
        return pd.Series(data=False, index=frame.index)
    return frame["project_id"].notna() & frame["project"].isna()


def is_of_whole_client(frame: pd.DataFrame) -> pd.Series[bool]:
    """Return which rows are about all projects of a client, such as those of its retainer."""
    if not {"project_id", "client_id"} <= {*frame}:
        return pd.Series(data=False, index=frame.index)
    return frame["project_id"].isna() & frame["client_id"].notna()


def one_line(text: str) -> str:
    """Return the text on one line, with a square for each unprintable character.

    Joiners, variation selectors and direction overrides are left out.
    """
    return "".join(map(_legible, " ".join(text.split())))


def _legible(char: str) -> str:
    if unicodedata.category(char) == "Cf" or "\ufe00" <= char <= "\ufe0f":
        return ""
    return char if char.isprintable() else MISSING


def legible(text: str) -> str:
    """Return the whole text on one line, with a square for each character no file may contain.

    Direction overrides are left out, as in charts; joiners stay, since some scripts need them.
    """
    line = " ".join(text.split())
    kept = (char for char in line if char not in _DIRECTIONS)
    return "".join(MISSING if _is_illegible(char) else char for char in kept)


def _is_illegible(char: str) -> bool:
    return unicodedata.category(char) in {"Cc", "Cs"} or char in "\ufffe\uffff"


def names_of(frame: pd.DataFrame, entity: str, write: Callable[[str], str] = one_line) -> list[str]:
    """Return the name of each row's entity on one line, or what stands in for it."""
    return [write(name) or UNNAMED for name in named(frame, entity)]


def labels_of(
    frame: pd.DataFrame,
    entity: str,
    *others: str,
    cells: int = NAME_CELLS,
    write: Callable[[str], str] = one_line,
) -> list[str]:
    """Return names cut to this many cells, equal ones made distinct.

    Equal names get the workspace if the frame has it, then the names of `others`, then the id.
    """
    short = shorten_distinct(names_of(frame, entity, write), cells)
    known = [other for other in others if other in frame]
    hints = [shorten_distinct(names_of(frame, other, write), 2 * cells // 3) for other in known]
    if id_of(entity) in frame:  # groups of one's own have none
        hints.append([f"#{number}" for number in frame[id_of(entity)]])
    return disambiguate(short, *workspaces_in(frame), *hints)


def distinct_labels(
    names: pd.Series[Any], ids: pd.Series[Any], *hints: pd.Series[Any]
) -> pd.Series[Any]:
    """Return names for a table that people read: none empty, equal ones with hints, then ids."""
    known = names.notna()
    shown = [legible(str(name)) or UNNAMED for name in names[known]]
    others = [
        [legible(one) or UNNAMED for one in hint[known].astype("str").fillna("")] for hint in hints
    ]
    numbers = ["no id" if pd.isna(number) else f"#{number}" for number in ids[known]]
    labels = disambiguate(shown, *others, numbers)
    left = iter(labels)
    labels_by_row = [next(left) if is_known else None for is_known in known]
    return pd.Series(labels_by_row, names.index, dtype=object)


def distinct_names(
    names: pd.Series[Any], ids: pd.Series[Any], *hints: pd.Series[Any]
) -> pd.Series[Any]:
    """Return names, one for each id, of which those that several share have hints, then ids."""
    legible_names = names.map(legible, na_action="ignore")
    is_shared = names.notna() & legible_names.duplicated(keep=False)
    return names.mask(is_shared, distinct_labels(names, ids, *hints).astype(names.dtype))


def numbered_names(
    names: pd.Series[Any], ids: pd.Series[Any], *within: pd.Series[Any]
) -> pd.Series[Any]:
    """Return names with numbers where several ids share one: an id tells nothing to a client."""
    alike = ids.groupby([names, *within], dropna=False)
    numbers = " (" + alike.rank("dense").astype("Int64").astype(names.dtype) + ")"
    is_shared = names.notna() & (names != "") & (alike.transform("nunique") > 1)
    return names.mask(is_shared, names + numbers)


def own_groups_in(frame: pd.DataFrame) -> list[str]:
    """Return the columns of names that no table declares: groups of one's own."""
    columns = getattr(frame, "columns", ())  # charts refuse other things later
    return [name for name in columns if name not in COLUMNS and is_string_dtype(frame[name])]


def group_of(frame: pd.DataFrame) -> str:
    """Return what rows are grouped by: project, client or user, else a group of one's own."""
    columns = {*getattr(frame, "columns", ())}
    listed = [name for name in _GROUPS if {name, f"{name}_id"} & columns]
    return next(iter([*listed, *own_groups_in(frame)]), "")


def workspaces_in(frame: pd.DataFrame) -> list[list[str]]:
    """Return the workspace of each row as a hint; empty if the frame has no workspace ids."""
    if WORKSPACE.name not in frame:
        return []
    return [[f"workspace {number}" for number in frame[WORKSPACE.name]]]


def id_of(entity: str) -> str:
    """Return the column of the ids of an entity."""
    return _IDS.get(entity, f"{entity}_id")


def currency_of(frame: pd.DataFrame, unknown: str = "(no currency)") -> str:
    """Return the currency of a frame with one currency."""
    code = frame["currency"].iloc[0]
    return unknown if pd.isna(code) else one_line(code)


def count_cells(text: str) -> int:
    """Return the width of the text in terminal cells: wide characters and emoji take two."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(char: str) -> int:
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def shorten(text: str, most: int) -> str:
    """Cut the text to this many cells, with an ellipsis."""
    if count_cells(text) <= most:
        return text
    return _start(text, most - 1).rstrip() + ELLIPSIS


def _start(text: str, most: int) -> str:
    if text.isascii():
        return text[: max(most, 0)]
    room = most
    for kept, char in enumerate(text):
        room -= _cells(char)
        if room < 0:
            return text[:kept]
    return text


def shorten_distinct(names: Sequence[str], most: int) -> list[str]:
    """Cut names to this many cells, in the middle, before they differ, if they begin alike."""
    short = {name: shorten(name, most) for name in names}
    for _ in range(2):  # what has begun alike may go on alike, in part
        for alike in _alike(short):
            word = alike[0].rfind(" ", 0, _common(alike) + 1) + 1
            short |= {name: _where_it_differs(name, word, most) for name in alike}
    for alike in _alike(short):
        short |= {name: ELLIPSIS + _end(name, most - 1) for name in alike}
    return [short[name] for name in names]


def _alike(short: Mapping[str, str]) -> list[list[str]]:
    """Return the groups of names that look the same when they are cut."""
    by_look: dict[str, list[str]] = {}
    for name, look in short.items():
        by_look.setdefault(look, []).append(name)
    return [names for names in by_look.values() if len(names) > 1]


def _common(names: Sequence[str]) -> int:
    """Return the length of the names' common prefix."""
    first, last = min(names), max(names)
    pairs = enumerate(zip(first, last, strict=False))
    return next((position for position, (one, other) in pairs if one != other), len(first))


def _where_it_differs(name: str, word: int, most: int) -> str:
    """Keep the start of a name and what fits from the word where it differs, of an id its end."""
    if not word:
        return _without_middle(name, most)
    rest = name[word:]
    least = min(_START_CELLS, most * 2 // 3, most - 3)
    start = _start(name[:word], max(most - 1 - count_cells(rest), least)).rstrip()
    cut = _end if rest.startswith("#") else shorten
    return shorten(start + ELLIPSIS + cut(rest, most - 1 - count_cells(start)), most)


def _end(text: str, most: int) -> str:
    return _start(text[::-1], most)[::-1].lstrip()


def _without_middle(name: str, most: int) -> str:
    if count_cells(name) <= most:
        return name
    end = _end(name, (most - 1) // 2)
    return _start(name, most - 1 - count_cells(end)).rstrip() + ELLIPSIS + end


def disambiguate(names: Sequence[str], *hints: Sequence[str]) -> list[str]:
    """Append the first hint to names that are equal, then the next to those that still are.

    A hint that is the same for all equal names is left out.
    """
    labels = list(names)
    for hint in hints:
        labels_by_row: dict[str, set[str]] = {}
        for label, more in zip(labels, hint, strict=True):
            labels_by_row.setdefault(label, set()).add(more)
        labels = [
            f"{label} · {more}" if len(labels_by_row[label]) > 1 else label
            for label, more in zip(labels, hint, strict=True)
        ]
    return labels
