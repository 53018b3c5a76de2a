"""The rows of files: budgets, schedules, absences, labour costs and deadlines."""

from __future__ import annotations

import tomllib
import warnings
from pathlib import Path
from typing import Any, Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.reports.selection import TypedName

__all__ = ["capacity_of", "is_file", "rows_of", "rows_or_numbers"]

_NAMES: Final = ("user", "project", "client")
_NUMBERS: Final = ("hours", "labour_cost")
_SUFFIXES: Final = (".csv", ".toml")


def is_file(text: str) -> bool:
    """Return whether the value of an option is a file of rows."""
    return Path(text).suffix.lower() in _SUFFIXES


def rows_of(option: str, path: Path) -> pd.DataFrame:
    """Return the rows of an option's file; its index says where each stands, for errors.

    Raises
    ------
    ConfigError
        If it is neither, or cannot be parsed.
    """
    if not is_file(str(path)):
        raise ConfigError(f"{option} takes a .csv or .toml file, not {str(path)!r}")
    is_csv = path.suffix.lower() == ".csv"
    try:
        frame = _of_csv(path) if is_csv else _of_toml(path)
    except UnicodeDecodeError as error:
        raise ConfigError(f"{option}: {path} is not a text in UTF-8") from error
    except pd.errors.EmptyDataError as error:
        raise ConfigError(f"{option}: {path} is empty") from error
    except (pd.errors.ParserError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"{option}: {path}: {error}") from error
    first, unit = (2, "line") if is_csv else (1, "table")
    frame.index = pd.RangeIndex(first, first + len(frame), name=f"{path.name}, {unit}")
    frame = frame.dropna(how="all").astype(object)
    for names, convert in ((_NAMES, TypedName), (_NUMBERS, _numbers)):
        for name in frame.columns.intersection(list(names)):
            converted = [convert(one) if isinstance(one, str) else one for one in frame[name]]
            frame[name] = pd.Series(converted, frame.index, dtype=object)  # not str
    for name in frame.columns.intersection(list(_NAMES)):
        for number, one in frame[name].dropna().items():
            if type(one) not in {TypedName, int}:
                where = f"{frame.index.name} {number}"
                raise ConfigError(f"{option}, {where}: {name} must be a name or id, not {one!r}")
    return frame


def _of_csv(path: Path) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            return pd.read_csv(
                path,
                dtype=str,
                index_col=False,
                keep_default_na=False,
                na_values=[""],
                skip_blank_lines=False,
                skipinitialspace=True,
            )
        except pd.errors.ParserWarning as error:
            raise pd.errors.ParserError(
                "a line has more values than the first line has names; a value with a comma in it "
                "needs quotes"
            ) from error


def _of_toml(path: Path) -> pd.DataFrame:
    lists = [*tomllib.loads(path.read_text(encoding="utf-8")).values()]
    rows = lists[0] if len(lists) == 1 and isinstance(lists[0], list) else [None]
    if not all(isinstance(row, dict) for row in rows):
        raise tomllib.TOMLDecodeError("it needs one list of tables, such as [[row]], repeated")
    return pd.DataFrame(rows, dtype=object)


def _numbers(text: str) -> Any:
    """Return a number, or several that spaces separate; any other text is left for its error."""
    try:
        floats = [float(word) for word in text.split()]
    except ValueError:
        return text
    numbers = [int(one) if one.is_integer() else one for one in floats]
    return numbers[0] if len(numbers) == 1 else numbers or text


def rows_or_numbers(option: str, text: str) -> Any:
    """Return the rows of a file, or numbers that are written instead of it.

    Raises
    ------
    ConfigError
        If it is neither.
    """
    if is_file(text):
        return rows_of(option, Path(text))
    numbers = _numbers(text)
    if isinstance(numbers, str):
        raise ConfigError(f"{option} takes a number, such as 38.5, or a file, not {text!r}")
    return numbers


def capacity_of(text: str) -> Any:
    """Return the hours of ``--capacity``: of everybody, or by the people of a .csv file.

    Raises
    ------
    ConfigError
        If it is neither, cannot be parsed, or names somebody twice.
    """
    if Path(text).suffix.lower() == ".csv":
        return _hours_by_user("--capacity", Path(text))
    hours = _numbers(text)
    if isinstance(hours, str | list):
        raise ConfigError(
            f"--capacity takes the hours of a week, such as 38.5, or a .csv file, not {text!r}"
        )
    return hours


def _hours_by_user(option: str, path: Path) -> dict[TypedName | None, Any]:
    rows = rows_of(option, path)
    if any(not isinstance(_numbers(head), str) for head in rows.columns):
        raise ConfigError(f"{option}: {path}: the first line names the columns, such as user,hours")
    if rows.empty:
        raise ConfigError(f"{option}: {path} names nobody")
    by_user: dict[TypedName | None, Any] = {}
    for line, name, *cells in rows.fillna("").itertuples():
        where = f"{option}, {rows.index.name} {line}"
        hours = [_numbers(one) if isinstance(one, str) else one for one in cells]
        if not hours:
            raise ConfigError(
                f"{option}: {path} needs people in its first column, then their hours"
            )
        if wrong := [one for one in hours if isinstance(one, str)]:
            raise ConfigError(f"{where}: hours must be a number, not {wrong[0]!r}")
        user = TypedName(name) if name else None
        if user in by_user:
            raise ConfigError(f"{where}: {name!r} is there twice: leave one of them out")
        by_user[user] = hours if len(hours) > 1 else hours[0]
    return by_user
