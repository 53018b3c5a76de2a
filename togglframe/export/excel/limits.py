"""The limits of Excel, checked before a workbook is begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.export.excel.cells import Cells

__all__ = ["MAX_HEADING", "MAX_NAME", "check_names", "check_size", "check_texts"]

MAX_HEADING: Final = 255
_MAX_ROWS: Final = 1_048_576
_MAX_COLUMNS: Final = 16_384
_MAX_TEXT: Final = 32_767
MAX_NAME: Final = 31
_FORBIDDEN: Final = frozenset("[]:*?/\\")


def check_names(names: Sequence[str]) -> None:
    """Refuse invalid names of sheets, since a renamed sheet would not be found again."""
    if not names:
        raise ConfigError("There is no sheet to write: the mapping is empty.")
    seen: set[str] = set()
    for name in names:
        _check_name(name)
        if name.casefold() in seen:
            raise ConfigError(f"Two sheets are called {name!r}; Excel ignores case.")
        seen.add(name.casefold())


def _check_name(name: str) -> None:
    if not isinstance(name, str):
        raise TypeError(f"the name of a sheet must be a string, not {type(name).__name__}")
    wrong = (
        (not name.strip(), "is empty"),
        (_utf16_units(name) > MAX_NAME, f"is longer than {MAX_NAME} characters"),
        (not _FORBIDDEN.isdisjoint(name), "contains one of [ ] : * ? / \\"),
        (name.startswith("'") or name.endswith("'"), "begins or ends with an apostrophe"),
        (name.casefold() == "history", "is reserved by Excel"),
        (not name.isprintable(), "contains an invisible character"),
    )
    for is_wrong, why in wrong:
        if is_wrong:
            raise ConfigError(f"The sheet name {name!r} {why}. Choose another.")


def check_size(sheet: str, frame: pd.DataFrame, more_rows: int) -> None:
    """Refuse a frame that, with `more_rows` around it, is too large for a sheet."""
    rows, columns = len(frame) + more_rows, frame.shape[1]
    if rows > _MAX_ROWS:
        raise ConfigError(
            f"Sheet {sheet!r} would have {rows:,} rows, but Excel has {_MAX_ROWS:,}. "
            "Split the frame over several sheets, or write it with to_csv."
        )
    if columns > _MAX_COLUMNS:
        raise ConfigError(
            f"Sheet {sheet!r} would have {columns:,} columns, but Excel has {_MAX_COLUMNS:,}. "
            "Leave some out."
        )


def check_texts(sheet: str, column: Cells, more: int) -> None:
    """Refuse a string that, with `more` characters added, would be silently cut off."""
    if not column.is_text:
        return
    for row, value in enumerate(column.cells):
        if isinstance(value, str) and 2 * len(value) + more > _MAX_TEXT:
            units = _utf16_units(value) + more
            if units > _MAX_TEXT:
                raise ConfigError(
                    f"Sheet {sheet!r}, column {column.heading!r}, row {row}: a string has "
                    f"{units:,} characters, but an Excel cell holds {_MAX_TEXT:,}. Shorten it, or "
                    "write the frame with to_csv."
                )


def _utf16_units(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
