"""Write the workbook of a workspace, or of frames."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from togglframe._renamed import with_new_keywords
from togglframe.api.dates import Day
from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.columns import PIVOT
from togglframe.export.excel.about import NOTICE, set_properties, write_about
from togglframe.export.excel.book import Book, opened
from togglframe.export.excel.limits import MAX_NAME, check_names
from togglframe.export.excel.ranged import Options, in_lists_by_report
from togglframe.export.excel.sheet import write_frame
from togglframe.export.excel.spec import FrameSheet
from togglframe.export.excel.summary import write_summary
from togglframe.export.excel.workbook import (
    Contents,
    Portfolio,
    chosen_sheets,
    contents_of,
    query_of_sheets,
)
from togglframe.http.quota import Plan
from togglframe.reports import Listings
from togglframe.reports.budget import check_at_risk
from togglframe.reports.names import listings_for, looked_up, selected
from togglframe.reports.planning import keyword_arguments, planned_by
from togglframe.reports.selection import (
    EVERYTHING,
    NamesOrNone,
    Period,
    Selection,
    in_lists,
    selection,
)
from togglframe.reports.sources import Store
from togglframe.tables import provenance
from togglframe.workspace import Workspace

__all__ = ["to_excel", "write_workspace"]


def _plan(source: Any, **parameters: Any) -> Plan:
    """Return what a workbook would cost now, without a request."""
    given = keyword_arguments(to_excel, source, "", **parameters)
    ranges = ("start_date", "end_date", "period", "clients", "projects")
    today = getattr(source, "today", None)
    days = selection("to_excel", **{name: given[name] for name in ranges}, today=today)
    listings = _listings(source)
    if listings is None:
        return Plan({}, is_exact=True, quota_remaining=None, quota_resets_in=None)
    chosen = chosen_sheets(given["sheets"], days=days, sensitive=given["sensitive"])
    query = query_of_sheets(chosen, days, given["options"])
    return listings.plan_of(query).with_more(listings.plan(*listings_for(given)))


@planned_by(_plan)
@with_new_keywords
def to_excel(
    source: Workspace | Listings | Store | pd.DataFrame | Mapping[str, pd.DataFrame],
    path: str | os.PathLike[str],
    *,
    sheets: Iterable[str] | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    options: Options | None = None,
    sensitive: bool = False,
    at_risk: float = 0.8,
    escape_text: bool = False,
) -> Path:
    """Write a workbook that finance can use.

    A workspace becomes the whole workbook: Summary, with the totals by currency, the worst
    overruns as a chart and the counts of the audit; Budget, Clients, Team, Tasks and Audit; with a
    range of days also the sheets of these days; and About, which says where the numbers come from
    and what every column means. Frames become one sheet each; the totals of a wide frame of
    :func:`togglframe.pivot` become formulas that follow the filters.

    An existing file is replaced as a whole: if anything fails, the old one stays as it was.

    Parameters
    ----------
    source : Workspace, Archive, Listings, DataFrame or mapping of str to DataFrame
        A workspace, or its archive or listings; or a frame; or frames by the names of their sheets.
    path : str or path
        Where to write; it ends in ``.xlsx``, and its folder must exist.
    sheets : iterable of str, or str, optional
        For a workspace: only these sheets, of those above and "Raw projects", "Raw statuses", "Raw
        clients", "Raw tasks", "Raw project users", "Raw project groups" and "Raw users". The raw
        sheets hold the listings as they came, and are written only if they are named. Listings
        that no sheet needs are not fetched. The order is always that of the workbook.
    start_date, end_date : str, date, datetime or Timestamp, optional
        For a workspace: the first and the last day, both included, of the sheets of a range, which
        are "Hours", "Timesheet", "Utilisation", "Invoice", "Profit", "Entry audit" and "Entries".
        They follow Audit. Unless `sheets` selects some, all are written except "Entries", which is
        long, and "Profit", which requires ``sensitive=True``.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    clients, projects : int, str, or list of int, str or None, optional
        For a workspace: only the projects of these clients, only these projects, with their tasks,
        members, findings and time. None among the clients selects projects without a client, and
        time on no project. The sheet Utilisation, which is about all work of people, is written
        only if it is named, with the people who have time on these projects.
    options : mapping of str to mapping, optional
        Parameters of the reports behind the sheets of the range, by the name of the report, such
        as ``{"invoice_lines": {"rounding": "up"}, "utilisation": {"capacity": 38.5}}``. These are
        :func:`~togglframe.reports.hours` (by client, project and user),
        :func:`~togglframe.reports.timesheet`, :func:`~togglframe.reports.utilisation` (by month),
        :func:`~togglframe.reports.invoice_lines`, :func:`~togglframe.reports.profitability`,
        :func:`~togglframe.reports.entry_audit` and :func:`~togglframe.reports.time_entries`.
    sensitive : bool
        For a workspace: also show e-mail addresses, labour costs, figures derived from them, such
        as margins, and the findings about them. Naming a sheet is not enough. Frames are written as
        they are given.
    at_risk : float
        For a workspace: the progress from which an active project is at risk [1].
    escape_text : bool
        Put ``'`` before strings that a spreadsheet would run if the sheet were saved as CSV later.
        In the workbook itself no string is ever run; without this option, names stay as they are.

    Returns
    -------
    Path
        The workbook that was written.

    Raises
    ------
    ConfigError
        A sheet has an invalid name, too many rows or columns, row labels that are more than
        numbers, or a string that is too long for Excel; nothing is silently renamed, split or cut.
        Or the path does not end in ``.xlsx``, there is no such sheet, a sheet of a range is named
        without a range, these clients have no project, or an option for workspaces is given with
        frames.
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
    decimals by ISO 4217, timestamps in UTC without a time zone. Ids of more than 15 digits are
    strings, since Excel would change them. An unknown value is an empty cell; a client, project or
    assignee known only by its id is printed as "Client 123 (not listed)", none at all as
    "(no client)". Row labels are not written. The same frames make the same file, byte for byte.

    Below a table are totals of the rows that the filter shows; the totals in a line can be derived
    from each other. Estimates are compared and added up only where they are above zero and the
    tracked time is known; remaining hours are never offset against overruns. The Summary says
    what was reconciled, and what could not be proven complete.

    A sheet is printed one A4 page wide; each page has the name of the sheet, the workspace, the
    time of the fetch and the page number. Frames and raw listings that would be illegible at that
    width are printed on several pages side by side, with the names repeated on each.

    For a workspace, the columns for reading come first; ids, exact times and other columns are
    collapsed on the right and not printed. The name of a project links to Toggl Track, and a
    column of links leads to its rows on other sheets. A sheet without rows is hidden unless it was
    named.

    A workspace costs what its seven listings cost: projects, statuses, clients, tasks, members,
    groups and users, each requested once, or taken from the cache. A range adds its time entries,
    once for all sheets.

    The sheet Invoice is the list of all clients, for the bookkeeper; :func:`to_invoice` writes
    invoices to send.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> tf.export.to_excel(tf.demo(), folder / "portfolio.xlsx").name
    'portfolio.xlsx'
    """
    check_at_risk(at_risk)
    filters = in_lists({"clients": clients, "projects": projects})
    days = selection(
        "to_excel",
        start_date=start_date,
        end_date=end_date,
        period=period,
        today=getattr(source, "today", None),
        **filters,
    )
    file_path = _workbook(path)
    listings = _listings(source)
    if listings is None:
        if sheets is not None or sensitive or days != EVERYTHING or options is not None:
            raise ConfigError(
                "sheets=, sensitive=, a range of days, ids and options= apply only to the workbook "
                "of a workspace; frames are written as they are, so leave out what should not be "
                "there. For listings of your own, pass tf.reports.Listings(frames)."
            )
        _write(file_path, _sheets(source), None, escape_text=escape_text)
        return file_path
    options = in_lists_by_report(options)
    sheets = [*sheets] if isinstance(sheets, Iterable) and not isinstance(sheets, str) else sheets
    if days.names:
        chosen = chosen_sheets(sheets, days=days, sensitive=sensitive)
        listings.check_cost(query_of_sheets(chosen, days, options))
        days = selected(days, filters, {0: listings})[0]
    return write_workspace(
        listings,
        file_path,
        days,
        sheets=sheets,
        options=options,
        sensitive=sensitive,
        at_risk=at_risk,
        escape_text=escape_text,
        filters=days.id_filters,
        names=looked_up(days, filters, listings),
    )


def write_workspace(
    listings: Listings,
    file_path: Path,
    days: Selection,
    *,
    filters: Mapping[str, Any],
    names: Mapping[str, Any],
    sheets: Iterable[str] | None = None,
    options: Options | None = None,
    sensitive: bool = False,
    at_risk: float = 0.8,
    escape_text: bool = False,
) -> Path:
    """Write the workbook of a workspace, or of some of its projects.

    Parameters
    ----------
    listings : Listings
        Where they come from.
    file_path : Path
        Where to write; already checked.
    days : Selection
        The range of days, and the clients and projects.
    filters : mapping of str to Any
        The filters behind them, as in the provenance of a frame.
    names : mapping of str to list of str
        The names of the ids among these, as far as they were looked up.
    sheets, options, sensitive, at_risk, escape_text
        As :func:`to_excel` takes them.
    """
    chosen = chosen_sheets(sheets, days=days, sensitive=sensitive)
    contents = contents_of(
        listings,
        chosen,
        days,
        are_named=sheets is not None,
        options=options,
        sensitive=sensitive,
        at_risk=at_risk,
        filters=filters,
        names=names,
    )
    if contents.is_empty:
        raise ConfigError(
            f"No sheet is left to write: {', '.join(contents.hidden)} are not available."
        )
    _write(file_path, contents.sheets, contents, escape_text=escape_text)
    return file_path


def _workbook(path: str | os.PathLike[str]) -> Path:
    file_path = target(path)
    if file_path.suffix.lower() != ".xlsx":
        raise ConfigError(f"The name of a workbook must end in .xlsx: {file_path.name!r} does not.")
    return file_path


def _listings(source: object) -> Listings | None:
    """Return the listings of a source, None for frames, even with a column named `load`."""
    if isinstance(source, Listings):
        return source
    if isinstance(source, pd.DataFrame | Mapping):
        return None
    return Listings(source) if isinstance(source, Workspace | Store) else None


def _sheets(source: object) -> list[FrameSheet]:
    if isinstance(source, pd.DataFrame):
        table = provenance.table_of(source)
        wide = provenance.of(source).get(PIVOT, {})
        name = wide.get("values", "data") if table is None else table.name
        name = name.replace("_", " ").capitalize()
        return [FrameSheet(name[:MAX_NAME].rstrip(), source)]
    if isinstance(source, Mapping):
        return [FrameSheet(name, frame) for name, frame in source.items()]
    raise TypeError(
        "to_excel takes a Workspace, a DataFrame, or a mapping of sheet names to DataFrames, "
        f"not a {type(source).__name__}"
    )


def _write(
    path: Path, sheets: list[FrameSheet], contents: Contents | None, *, escape_text: bool
) -> None:
    if contents is None:
        check_names([sheet.name for sheet in sheets])
    for sheet in sheets:
        sheet.check()
    sources = (
        [provenance.of(sheet.frame) for sheet in sheets] if contents is None else [contents.known]
    )
    with (
        replacing(path) as (file,),
        opened(
            file,
            fetched_at=min(filter(None, map(provenance.fetched_at, sources)), default=None),
            escape_text=escape_text,
            notice=NOTICE if contents is not None and contents.is_sensitive else "",
        ) as book,
    ):
        _fill(book, sheets, contents)


def _fill(book: Book, sheets: list[FrameSheet], contents: Contents | None) -> None:
    by_name = {sheet.name: sheet for sheet in sheets}
    if contents is None:
        for sheet in sheets:
            write_frame(book, sheet, by_name)
        return
    set_properties(book, contents)
    if isinstance(contents, Portfolio) and contents.has_summary:
        write_summary(book, contents)
    headings = {sheet.name: write_frame(book, sheet, by_name) for sheet in sheets}
    for name in contents.unseen:
        book.workbook.get_worksheet_by_name(name).hide()
    if contents.has_about:
        write_about(book, contents, headings)
