"""What a chart asks of its frame: the columns, the order, the names, and the rows that fit."""

from __future__ import annotations

import operator
from collections.abc import Collection, Sequence

import pandas as pd

from togglframe.charts import fonts
from togglframe.errors import ConfigError

# More rows than this are a picture that nobody scrolls through; `top` draws more on request.
MOST_ROWS = 200


def check(frame: pd.DataFrame, chart: str, columns: Sequence[str], report: str) -> None:
    """Refuse what is no frame of this report, and say how to make one."""
    make = f"make the frame with togglframe.reports.{report}"
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"{chart} takes a DataFrame, not {type(frame).__name__}; {make}")
    missing = [repr(column) for column in columns if column not in frame]
    if missing:
        noun = "column" if len(missing) == 1 else "columns"
        raise ConfigError(f"{chart} needs the {noun} {', '.join(missing)}; {make}")


def choose(value: object, options: Collection[object], what: str) -> None:
    """Refuse a value that is none of the options."""
    if value not in options:
        listed = ", ".join(repr(option) for option in options)
        raise ConfigError(f"{what} can be {listed}, not {value!r}.")


def limit(top: int | None, most: int = MOST_ROWS) -> int:
    """Return how many rows to draw."""
    if top is None:
        return most
    if operator.index(top) < 1:
        raise ConfigError(f"top is how many rows to draw, at least 1, not {top!r}.")
    return top


def in_order(frame: pd.DataFrame, column: str | None, *, ascending: bool = False) -> pd.DataFrame:
    """Sort, NA last, equal rows in the order they had; None keeps the order of the frame."""
    if column is None:
        return frame
    return frame.sort_values(column, ascending=ascending, na_position="last", kind="stable")


def names(frame: pd.DataFrame, entity: str) -> list[str]:
    """Return the name of each row's entity, or what stands for it where it is not known."""
    name_of = "user" if entity == "assignee" else entity
    pairs = zip(frame[f"{name_of}_id"], frame[entity], strict=True)
    return [_name(entity, number, name) for number, name in pairs]


def _name(entity: str, number: object, name: object) -> str:
    if not pd.isna(name):  # type: ignore[call-overload]
        return fonts.printable(str(name)) or "(unnamed)"
    if not pd.isna(number):  # type: ignore[call-overload]
        return f"{entity.capitalize()} {number} (not listed)"
    return f"(no {entity})"


def labels(frame: pd.DataFrame, entity: str, *others: str, cells: int = 34) -> list[str]:
    """Return the names, cut to so many cells; equal ones are told apart by others, then the id."""
    short = [fonts.shorten(name, cells) for name in names(frame, entity)]
    hints = [[fonts.shorten(name, 18) for name in names(frame, other)] for other in others]
    ids = [f"#{number}" for number in frame[f"{entity}_id"]]
    return fonts.tell_apart(short, *hints, ids)


def others(count: int, detail: str) -> str:
    """Say how many rows are not drawn, and what they hold."""
    return f"and {count:,} {'other' if count == 1 else 'others'} ({detail})"
