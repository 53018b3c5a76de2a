"""The files of a report, each checked before a request is sent, and written atomically."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pandas as pd

import togglframe as tf
from togglframe.atomic import target
from togglframe.cli.endings import say
from togglframe.cli.options import Document, FileFormat
from togglframe.cli.printing import print_frame
from togglframe.errors import ConfigError
from togglframe.export.excel.document import DETAILS, check_sheets
from togglframe.text.formats import plural

Writer = Callable[[pd.DataFrame], object]

_PORTFOLIO: Final = "portfolio"


def sheets_of(
    text: str | None, formats: list[FileFormat], document: Document, days: Collection[str]
) -> tuple[str, ...] | None:
    """Return the sheets of ``--sheets``; refuse options that no file of these formats reads."""
    is_book = FileFormat.XLSX in formats
    if text is not None and not is_book:
        raise ConfigError("--sheets applies to a workbook: add xlsx to --format")
    unused = [*document.changed, *(["a range of days"] if days else [])]
    if unused and not is_book and FileFormat.HTML not in formats:
        raise ConfigError(
            f"{unused[0]} applies to a workbook or a page: add xlsx or html to --format"
        )
    if document.capacity is not None and not days:
        raise ConfigError("--capacity applies to a range of days: add --from and --to, or --period")
    if text is None:
        return None
    sheets = check_sheets([name.strip() for name in text.split(",") if name.strip()])
    for name in sheets or ():
        detail = DETAILS.get(name)
        if detail is not None and detail.is_ranged and not days:
            raise ConfigError(
                f"the sheet {name!r} covers a range of days: add --from and --to, or --period"
            )
        if detail is not None and detail.is_of_rates and not document.rates:
            raise ConfigError(f"the sheet {name!r} shows what people cost: add --rates")
    return sheets


@contextmanager
def folder_for(out: Path) -> Iterator[None]:
    """Make a folder, and remove it again if an error leaves it empty."""
    if out.exists() and not out.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, "--out names a file, not a folder", str(out))
    made = [folder for folder in (out, *out.parents) if not folder.exists()]
    out.mkdir(parents=True, exist_ok=True)
    try:
        yield
    except BaseException:
        with suppress(OSError):  # it holds something
            for folder in made:
                folder.rmdir()
        raise


def paths_of(out: Path, formats: list[FileFormat], day: dt.date | None) -> dict[FileFormat, Path]:
    """Return the paths of the files of a report, and check that they can be written."""
    dated = "" if day is None else f"-{day}"
    paths = {file_format: out / f"{_PORTFOLIO}{dated}.{file_format}" for file_format in formats}
    for path in paths.values():
        _check_writable(path)
    return paths


def hand_over(
    frame: pd.DataFrame, out: Path | None, write: Writer | None, *, ids: bool = False
) -> None:
    """Print a frame, or write it with the writer that was checked before, and say so."""
    if write is None:
        print_frame(frame, ids=ids)
        return
    write(frame)
    rows = plural(len(frame), "row")
    say(f"No rows: {out} contains only the header" if frame.empty else f"{rows} in {out}")


def writer_of(path: Path | None) -> Writer | None:
    """Return the function that writes a frame to a path, if there is one; check that it can."""
    if path is None:
        return None
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
    """Raise if a file cannot be written, before any request is sent."""
    if path.suffix == ".csv":
        tf.export.csv.checked_path(path)
    else:
        target(path)
