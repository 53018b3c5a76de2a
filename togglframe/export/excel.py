"""Workbooks that finance can use."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.export.atomic import replacing, target
from togglframe.export.book import opened
from togglframe.export.columns import table_of
from togglframe.export.sheet import FrameSheet, check_sheets, write_frame

__all__ = ["to_excel"]


def to_excel(
    source: pd.DataFrame | Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str],
    *,
    escape_text: bool = False,
) -> Path:
    """Write frames as sheets of a workbook."""
    file_path = target(path)
    if file_path.suffix.lower() != ".xlsx":
        raise ConfigError(f"A workbook must be called something.xlsx, not {file_path.name!r}.")
    sheets = _sheets(source)
    check_sheets(sheets)
    with (
        replacing(file_path) as (file,),
        opened(file, fetched_at=_fetched_at(sheets), escape_text=escape_text) as book,
    ):
        for sheet in sheets:
            write_frame(book, sheet)
    return file_path


def _sheets(source: pd.DataFrame | Mapping[str, pd.DataFrame]) -> list[FrameSheet]:
    if isinstance(source, pd.DataFrame):
        table = table_of(source)
        name = "Data" if table is None else table.name.replace("_", " ").capitalize()
        return [FrameSheet(name, source)]
    if isinstance(source, Mapping):
        return [FrameSheet(name, frame) for name, frame in source.items()]
    raise TypeError(
        "to_excel takes a Workspace, a DataFrame, or a mapping of sheet names to DataFrames, "
        f"not a {type(source).__name__}"
    )


def _fetched_at(sheets: list[FrameSheet]) -> str | None:
    """Return when the oldest frame was fetched."""
    known = [sheet.frame.attrs.get("togglframe", {}).get("fetched_at") for sheet in sheets]
    return min((text for text in known if text), default=None)
