"""A workspace, or frames, into a workbook."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from togglframe import provenance
from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.excel.about import set_properties, write_about
from togglframe.export.excel.book import Book, opened
from togglframe.export.excel.limits import MAX_NAME, check_names
from togglframe.export.excel.sheet import FrameSheet, write_frame
from togglframe.export.excel.summary import write_summary
from togglframe.export.excel.workbook import Portfolio, workbook_sheets
from togglframe.joins.budget import check_at_risk
from togglframe.reports import Listings
from togglframe.workspace import Workspace

__all__ = ["to_excel"]


def to_excel(
    source: Workspace | Listings | pd.DataFrame | Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str],
    *,
    at_risk: float = 0.8,
    escape_text: bool = False,
) -> Path:
    """Write a workbook that finance can use.

    A workspace becomes the whole workbook: Summary, with the totals by currency, the worst
    overruns as a chart and the counts of the audit; Budget, Clients, Tasks, Team and Audit; the
    listings that they were made of; and About, which says where the numbers come from and what
    every column means. Frames become a sheet each.

    An existing file is replaced as a whole: whatever fails, the old one stays as it was. A named
    pipe is written to.

    Parameters
    ----------
    source : Workspace, Listings, DataFrame or mapping of str to DataFrame
        A workspace; or a frame; or frames by the names of their sheets.
    path : str or path
        Where to write; it ends in ``.xlsx``, and its folder must exist.
    at_risk : float
        Of a workspace: from this progress on a project is at risk [1].
    escape_text : bool
        Put ``'`` before texts that a spreadsheet would run if the sheet were saved as CSV later.
        Without it no text is run in the workbook either, and every name stays as it is.

    Returns
    -------
    Path
        The workbook that was written.

    Raises
    ------
    ConfigError
        A sheet has an impossible name, too many rows or columns, row labels that are more than
        numbers, or a text that is too long for Excel; nothing is renamed, split or cut in
        silence. Or the path does not end in ``.xlsx``.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, or the folder
        or the file may not be written.
    ApiError
        The API answered with an error.

    Warns
    -----
    CompletenessWarning
        The plan or the token hides tasks or members. They are left out, and About says so.

    Notes
    -----
    Hours are decimal numbers, durations ``[h]:mm``, amounts in the currency of their row with its
    decimals by ISO 4217, timestamps in UTC without their zone. Ids of more than 15 digits are text,
    since Excel would change them. An unknown value is an empty cell; a client, project or assignee
    of whom only the id is known is printed as "Client 123 (not listed)", none at all as
    "(no client)". The numbers of rows are not written. The same frames make the same file, byte
    for byte.

    Below a table stand the totals of what foots with each other in the rows that the filter shows.
    Estimates are compared, and added up, only where they are above zero and the tracked time is
    known; hours that remain are never set off against overruns. The Summary says what was
    reconciled with what, and what could not be proven complete.

    A workspace costs what its seven listings cost: projects, statuses, clients, tasks, members,
    groups and users, each asked for once, from the cache where it has them.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> tf.export.to_excel(tf.demo(), folder / "portfolio.xlsx").name
    'portfolio.xlsx'
    """
    check_at_risk(at_risk)
    file_path = target(path)
    if file_path.suffix.lower() != ".xlsx":
        raise ConfigError(f"A workbook must be called something.xlsx, not {file_path.name!r}.")
    if isinstance(source, Workspace):
        source = Listings(source)
    if isinstance(source, Listings):
        parts, hidden = source.available()
        portfolio = workbook_sheets(parts, hidden, at_risk=at_risk)
        _write(file_path, portfolio.sheets, portfolio, escape_text=escape_text)
    else:
        _write(file_path, _sheets(source), None, escape_text=escape_text)
    return file_path


def _sheets(source: pd.DataFrame | Mapping[str, pd.DataFrame]) -> list[FrameSheet]:
    if isinstance(source, pd.DataFrame):
        table = provenance.table_of(source)
        name = "Data" if table is None else table.name.replace("_", " ").capitalize()
        return [FrameSheet(name[:MAX_NAME].rstrip(), source)]
    if isinstance(source, Mapping):
        return [FrameSheet(name, frame) for name, frame in source.items()]
    raise TypeError(
        "to_excel takes a Workspace, a DataFrame, or a mapping of sheet names to DataFrames, "
        f"not a {type(source).__name__}"
    )


def _write(
    path: Path, sheets: list[FrameSheet], portfolio: Portfolio | None, *, escape_text: bool
) -> None:
    check_names([sheet.name for sheet in sheets])
    for sheet in sheets:
        sheet.check()
    times = (provenance.fetched_at(sheet.frame) for sheet in sheets)
    fetched_at = min((time for time in times if time is not None), default=None)
    with (
        replacing(path) as (file,),
        opened(file, fetched_at=fetched_at, escape_text=escape_text) as book,
    ):
        _fill(book, sheets, portfolio)


def _fill(book: Book, sheets: list[FrameSheet], portfolio: Portfolio | None) -> None:
    if portfolio is None:
        for sheet in sheets:
            write_frame(book, sheet)
        return
    set_properties(book, portfolio)
    write_summary(book, portfolio)
    headings = {sheet.name: write_frame(book, sheet) for sheet in sheets}
    write_about(book, portfolio, headings)
