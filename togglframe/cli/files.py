"""The files of a report, each checked before a request is sent, and written atomically."""

from __future__ import annotations

import datetime as dt
import errno
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pandas as pd

import togglframe as tf
from togglframe import reports
from togglframe.atomic import target
from togglframe.cli.endings import say
from togglframe.cli.options import FileFormat
from togglframe.cli.printing import print_frame
from togglframe.errors import ConfigError
from togglframe.export.excel.document import DETAILS, check_sheets
from togglframe.text.formats import plural

Writer = Callable[[pd.DataFrame], object]

_PORTFOLIO: Final = "portfolio"


@dataclass(frozen=True, kw_only=True)
class BookOptions:
    """What a workbook or a page contains.

    Parameters
    ----------
    sheets : tuple of str, optional
        Only these sheets of the workbook.
    days : mapping of str to date
        The first and the last day; empty without a range.
    options : mapping of str to mapping
        The parameters of the reports behind it.
    document : mapping of str to Any
        The other arguments of both.
    """

    sheets: tuple[str, ...] | None = None
    days: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)

    @property
    def for_team(self) -> BookOptions:
        """The same for the team, unless another audience is named."""
        audience = self.document.get("audience") or "team"
        return replace(self, document={**self.document, "audience": audience})

    @property
    def shared(self) -> dict[str, Any]:
        """The arguments that a workbook and a page share."""
        return {**self.days, **self.document, "options": self.options}


def book_options(
    sheets: str | None,
    formats: list[FileFormat],
    *,
    days: Mapping[str, Any],
    options: Mapping[str, Mapping[str, Any]],
    document: Mapping[str, Any],
) -> BookOptions:
    """Return what ``--sheets`` and a range ask for, before a request is sent."""
    if options and not days:
        raise ConfigError("--capacity applies to a range of days: add --from and --to, or --period")
    if sheets is not None and FileFormat.XLSX not in formats:
        raise ConfigError("--sheets applies to a workbook: add xlsx to --format")
    if days and not {FileFormat.XLSX, FileFormat.HTML} & {*formats}:
        raise ConfigError(
            "a range of days applies to a workbook or a page: add xlsx or html to --format"
        )
    made: dict[str, Any] = {"days": days, "options": options, "document": document}
    if sheets is None:
        return BookOptions(**made)
    chosen = check_sheets([name.strip() for name in sheets.split(",") if name.strip()])
    _check_details(chosen or (), days=days, document=document)
    return BookOptions(sheets=chosen, **made)


def _check_details(
    sheets: Collection[str], *, days: Collection[str], document: Mapping[str, Any]
) -> None:
    """Refuse sheets that need another option, and name that option."""
    for name in sheets:
        detail = DETAILS.get(name)
        if detail is None:
            continue
        if detail.is_ranged and not days:
            raise ConfigError(
                f"the sheet {name!r} covers a range of days: add --from and --to, or --period"
            )
        if detail.is_of_rates and not document.get("rates"):
            raise ConfigError(f"the sheet {name!r} shows what people cost: add --rates")


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


def write_report(
    file_format: FileFormat,
    path: Path,
    listings: reports.Listings,
    budget: pd.DataFrame,
    *,
    ids: Mapping[str, Any],
    book: BookOptions,
    top: Mapping[str, Any],
) -> None:
    """Write the portfolio of a whole workspace, or of the projects that `ids` select."""
    if file_format in (FileFormat.PNG, FileFormat.SVG):
        tf.charts.save(tf.charts.budget_bullet(budget, **top), path)
    elif file_format is FileFormat.HTML:
        tf.export.to_html(listings, path, **ids, **book.shared)
    elif file_format is FileFormat.XLSX:
        tf.export.to_excel(listings, path, sheets=book.sheets, **ids, **book.shared)
    else:
        writer_of(path)(budget)


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


def writer_of(path: Path) -> Writer:
    """Return the function that writes a frame to this path, and check that it can."""
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
