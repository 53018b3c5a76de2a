"""The files of a report, each checked before a request is spent, and written whole."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

import togglframe as tf
from togglframe import clock, reports
from togglframe.atomic import target
from togglframe.cli.options import FileFormat
from togglframe.errors import ConfigError
from togglframe.export.excel.workbook import PART, chosen_sheets
from togglframe.export.excel.writing import write_part

__all__ = ["BookOptions", "book_options", "folder_for", "paths_of", "write_report", "writer_of"]

_PORTFOLIO: Final = "portfolio"


@dataclass(frozen=True, kw_only=True)
class BookOptions:
    """What a workbook is to hold.

    Parameters
    ----------
    sheets : tuple of str, optional
        Only these sheets.
    sensitive : bool
        Also e-mail addresses and labour costs.
    """

    sheets: tuple[str, ...] | None = None
    sensitive: bool = False


def book_options(
    sheets: str | None, formats: list[FileFormat], *, sensitive: bool, is_everything: bool
) -> BookOptions:
    """Return what ``--sheets`` and ``--sensitive`` ask for, checked before a request is spent."""
    if (sheets is not None or sensitive) and FileFormat.XLSX not in formats:
        raise ConfigError("--sheets and --sensitive are about a workbook: add xlsx to --format")
    if sensitive and not is_everything:
        raise ConfigError(
            "--sensitive is for the whole workspace: the workbook of a part has no members"
        )
    if sheets is None:
        return BookOptions(sensitive=sensitive)
    names = [name.strip() for name in sheets.split(",") if name.strip()]
    known = {} if is_everything else {"known": PART}
    return BookOptions(sheets=chosen_sheets(names, **known), sensitive=sensitive)


@contextmanager
def folder_for(out: Path) -> Iterator[None]:
    """Make a folder, and take it away again where nothing came to be in it."""
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # it holds something
            for folder in made:
                folder.rmdir()
        raise


def paths_of(out: Path, formats: list[FileFormat], *, is_dated: bool) -> dict[FileFormat, Path]:
    """Return where the files of a report go, checked."""
    day = f"-{clock.now().astimezone():%Y-%m-%d}" if is_dated else ""
    paths = {file_format: out / f"{_PORTFOLIO}{day}.{file_format}" for file_format in formats}
    for path in paths.values():
        _check_writable(path)
    return paths


def write_report(
    file_format: FileFormat,
    path: Path,
    listings: reports.Listings,
    budget: pd.DataFrame,
    *,
    is_everything: bool,
    book: BookOptions,
    top: Mapping[str, Any],
) -> None:
    """Write a portfolio, of a whole workspace or of a part."""
    if file_format in (FileFormat.PNG, FileFormat.SVG):
        tf.charts.save(tf.charts.budget_bullet(budget, **top), path)
    elif file_format is FileFormat.XLSX and is_everything:
        tf.export.to_excel(listings, path, sheets=book.sheets, sensitive=book.sensitive)
    elif file_format is FileFormat.XLSX:
        write_part(budget, path, sheets=book.sheets)
    else:
        writer_of(path)(budget)


def writer_of(path: Path) -> Callable[[pd.DataFrame], object]:
    """Return what writes a frame to this path, checked."""
    writers: dict[str, Callable[[pd.DataFrame, Path], object]] = {
        ".csv": tf.export.to_csv,
        ".xlsx": tf.export.to_excel,
        ".parquet": tf.export.to_parquet,
    }
    if path.suffix not in writers:
        raise ConfigError(f"{path} needs to end in one of {', '.join(writers)}")
    if path.suffix == ".parquet":
        tf.export.parquet.require_pyarrow()  # before any request is spent
    _check_writable(path)
    return lambda frame: writers[path.suffix](frame, path)


def _check_writable(path: Path) -> None:
    """Raise where a file cannot be written, before any request is spent."""
    if path.suffix == ".csv":
        tf.export.csv.targets(path)
    else:
        target(path)
