"""Write the workbook of a source, or of frames."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from togglframe import reports
from togglframe._renamed import with_new_keywords
from togglframe.api.dates import Day
from togglframe.atomic import replacing
from togglframe.errors import ConfigError
from togglframe.export.columns import PIVOT, check_columns, check_index, without_arrow
from togglframe.export.destination import Paper, check_paper, target_of
from togglframe.export.display import as_it_is
from togglframe.export.excel.book import MAX_NAME, Book, check_names, opened
from togglframe.export.excel.document import (
    COSTS,
    DETAILS,
    RAW,
    SECTION_OF,
    Sheet,
    Summary,
    check_details,
    check_sheets,
    sheet_of_frame,
    sheet_of_section,
    with_time,
    with_times_of_day,
    write_about,
)
from togglframe.export.excel.table import check_size
from togglframe.export.guard import xml_text
from togglframe.export.portfolio import (
    RANGE,
    Options,
    Portfolio,
    plan_portfolio,
    portfolio,
)
from togglframe.export.sections import Audience, Section, SectionName, with_names
from togglframe.http.quota import Plan
from togglframe.reports._part import part_of
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports.names import FILTERS
from togglframe.reports.planning import keyword_arguments, planned_by
from togglframe.reports.selection import Names, NamesOrNone, Period
from togglframe.reports.sources import Listings, Source, Store
from togglframe.tables import provenance
from togglframe.tables.provenance import workspaces_in_words
from togglframe.text.scope import fetched
from togglframe.workspace import Workspace

__all__ = ["to_excel"]

_MAX_PROPERTY: Final = 255


def _plan(source: Any, **parameters: Any) -> Plan:
    """Return what a workbook would cost now, without a request."""
    keywords = keyword_arguments(to_excel, source, "", **parameters)
    if _are_frames(source):
        return Plan({}, is_exact=True, quota_remaining=None, quota_resets_in=None)
    wanted, parts = check_sheets(keywords["sheets"]), _parts(source)
    each = [
        plan_portfolio(parts, sections=sections, **_of_document(keywords, wanted))
        for sections in _groups(wanted, keywords["sections"])
    ]
    for name in wanted or ():
        if name in DETAILS:
            each.append(reports.plan(parts, DETAILS[name].report, **_arguments(name, keywords)))
        elif name in RAW and isinstance(parts, Listings):
            each.append(parts.plan(RAW[name]))
    return each[0].with_more(*each[1:])


@planned_by(_plan)
@with_new_keywords
def to_excel(
    source: Source | Sources,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    period: Period | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
    audience: Audience | None = None,
    sections: Iterable[SectionName] | SectionName | None = None,
    people: bool = True,
    rates: bool = False,
    options: Options | None = None,
    paper: Paper = "A4",
    sheets: Iterable[str] | str | None = None,
    escape_text: bool = False,
) -> Path:
    """Write a workbook that finance can use.

    A workspace becomes a document: Summary, on one printed page, with the figures of the period
    and their change, its weeks, clients, projects and people, the budgets and the count of the
    audit; a sheet for each of these with all rows; and About. Without a period it is about the
    budgets. Frames become one sheet each, as they are.

    An existing file is replaced as a whole: if anything fails, the old one stays as it was.

    Parameters
    ----------
    source : Workspace, Archive, Listings, DataFrame or mapping of str to DataFrame
        A workspace, or its archive or listings; or several, as :func:`togglframe.reports.across`
        takes them. Or a frame, or frames by the names of their sheets.
    path : str or path
        Where to write; it ends in ``.xlsx``, and its folder must exist.
    title : str, optional
        The title; by default the period, for a client with the name.
    period : str or pandas.Period, optional
        The range of days, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    start_date, end_date : str, date, datetime or Timestamp, optional
        The first and the last day instead, both included.
    clients, projects : int, str, or list of int, str or None, optional
        Only the projects of these clients, only these projects: ids or names. None stands for
        those without one.
    users : int, str, or list of int or str, optional
        Only the time of these users: ids, names or e-mail addresses. The budgets are then left out.
    audience : {"team", "client"}, optional
        Who reads it. By default a client if the workbook is of one client, or of projects of one;
        else the team. A client sees hours, amounts and what is left of the budgets: no audit,
        capacity, costs, ids or links, and no other client.
    sections : str, or iterable of str, optional
        Only these, of "figures", "weeks", "clients", "projects", "people", "invoice", "budgets",
        "at_risk", "retainers", "balance", "audit" and "about". By default all that apply but
        "invoice"; "retainers" and "balance" need their `options`. The Summary is written with
        "figures".
    people : bool, default True
        Whether to name who worked.
    rates : bool, default False
        Whether to show rates; for the team also labour costs, e-mail addresses and findings about
        labour costs. Each page then says that it is confidential.
    options : mapping of str to mapping, optional
        Parameters of the reports behind the workbook, by the name of the report, such as
        ``{"utilisation": {"capacity": {None: 40, "Anna Keller": 30}}}``: of `project_budget`,
        `utilisation`, `entry_audit`, `invoice_lines`, `retainer`, `balance`, and of the reports of
        the sheets that are named.
    paper : {"A4", "Letter"}
        The paper that it is printed on.
    sheets : str, or iterable of str, optional
        Only these, in the order of the workbook: "Summary", "Weeks", "Clients", "Projects",
        "People", "Invoice", "Budget", "Retainers", "Balance", "Audit" and "About". For the team
        also those of whole reports, "Hours", "Timesheet", "Utilisation", "Profit", "Entry audit",
        "Entries", "Team" and "Tasks", and the listings as they came: "Raw projects", "Raw
        statuses", "Raw clients", "Raw tasks", "Raw project users", "Raw project groups" and "Raw
        users". What none of them needs is not fetched.
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
        An argument is invalid, a section or sheet lacks its period or its options, or the audience
        is a client and the workbook is of none or several. Or a sheet has an invalid name, too many
        rows or columns, row labels that are more than numbers, or a string that is too long for
        Excel; nothing is silently renamed, split or cut. Or an option for workspaces is given with
        frames.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, or the folder
        or the file may not be written.
    ApiError
        The API answered with an error.

    Warns
    -----
    CompletenessWarning
        The plan or the token hides tasks or members. They are left out, and the Summary says so.

    See Also
    --------
    to_html : The same document as a page.
    to_invoice : Invoices to send; the sheet Invoice is the list for the bookkeeper.

    Notes
    -----
    Hours are decimal numbers, durations ``[h]:mm``, amounts have the decimals of their currency by
    ISO 4217, timestamps are in UTC without a time zone. Ids of more than 15 digits are strings,
    since Excel would change them. States and booleans are words, an unknown value is an empty cell;
    a client, project or assignee known only by its id is printed as "Client 123 (not listed)", none
    at all as "(no client)". Row labels are not written. The same source makes the same file, byte
    for byte.

    The sheets of a workspace have hours with two decimals, rounded so that they add up to their
    totals; exact times are in the columns at the right, which a click opens. Frames are written
    with every digit. The total row, and the lines below it, follow the filter: amounts are added
    within a currency, and the total of a ratio is the quotient of two totals.

    The Summary is printed on one page, at 9 pt or more. The others are printed in landscape, at 8
    pt or more; those that are too wide for that on several pages, with the names on each.

    A workbook costs its listings, each requested once or taken from the cache; a period adds its
    time entries, and two requests for the changes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> ws = tf.demo(today="2026-11-26")
    >>> tf.export.to_excel(ws, folder / "october.xlsx", period="2026-10").name
    'october.xlsx'
    """
    file_path = target_of("workbook", path, ".xlsx")
    check_paper(paper)
    keywords: dict[str, Any] = {
        "title": title,
        "period": period,
        "start_date": start_date,
        "end_date": end_date,
        "clients": clients,
        "projects": projects,
        "users": users,
        "audience": audience,
        "people": people,
        "rates": rates,
        "options": options,
    }
    if _are_frames(source):
        usual = {"people": True, "rates": False}
        if any(keywords[name] is not usual.get(name) for name in keywords) or sections or sheets:
            raise ConfigError(
                "only escape_text= and paper= apply to frames, which are written as they are, so "
                "leave out what should not be there. For listings of your own, pass "
                "tf.reports.Listings(frames)."
            )
        _write_frames(source, file_path, escape_text=escape_text, paper=paper)
        return file_path
    wanted = check_sheets(sheets)
    made, shown_sheets = _made(_parts(source), keywords, wanted, sections)
    if not shown_sheets and wanted is None and not made.sections:
        raise ConfigError("no sheet is left to write")
    for sheet in shown_sheets:
        check_size(sheet.name, sheet.shown)
    with (
        replacing(file_path) as (file,),
        opened(
            file,
            fetched_at=provenance.fetched_at(made.known),
            escape_text=escape_text,
            title=made.title,
            paper=paper,
            notice=made.confidential,
        ) as book,
    ):
        _set_properties(book, made)
        if "Summary" in (wanted or ("Summary",)) and made.section("figures"):
            Summary(book, made).write()
        for sheet in shown_sheets:
            sheet.write(book, f"{made.title} · {made.scope}")
        about = made.section("about")
        if about is not None and "About" in (wanted or ("About",)):
            write_about(book, made, about, shown_sheets)
    return file_path


def _are_frames(source: object) -> bool:
    return isinstance(source, pd.DataFrame) or (
        isinstance(source, Mapping) and all(isinstance(name, str) for name in source)
    )


def _parts(source: Any) -> Any:
    """Return listings that are fetched once for all sheets, or several by workspace."""
    if are_several(source):
        return listings_by_workspace(source)
    if not isinstance(source, Listings | Workspace | Store):
        raise TypeError(
            "to_excel takes a Workspace, a DataFrame, or a mapping of sheet names to DataFrames, "
            f"not a {type(source).__name__}"
        )
    return source if isinstance(source, Listings) else Listings(source)


# ---------------------------------------------------------------------------------------------
# The document


def _groups(wanted: Iterable[str] | None, sections: Any) -> list[Any]:
    """Return the sections of the documents that the sheets are made of, the first of them first."""
    if wanted is None:
        return [sections]
    needed = [SECTION_OF[name] for name in wanted if name in SECTION_OF] or ["about"]
    return [sections, needed] if "Summary" in wanted else [needed]


def _of_document(keywords: Mapping[str, Any], wanted: Iterable[str] | None) -> dict[str, Any]:
    """Return the arguments of the portfolio."""
    names = (*RANGE, *FILTERS, "title", "audience", "people", "rates", "options")
    beside = {DETAILS[name].report.__name__ for name in wanted or () if name in DETAILS}
    return {**{name: keywords[name] for name in names}, "beside": beside}


def _made(
    parts: Any, keywords: Mapping[str, Any], wanted: tuple[str, ...] | None, sections: Any
) -> tuple[Portfolio, list[Sheet]]:
    """Return the document, and its sheets of frames in their order."""
    is_ranged = any(keywords[name] is not None for name in RANGE)
    rates = keywords["rates"]
    check_details(wanted or (), is_ranged=is_ranged, people=keywords["people"], rates=rates)
    documents = [
        portfolio(parts, sections=group, **_of_document(keywords, wanted))
        for group in _groups(wanted, sections)
    ]
    made = documents[0]
    of_first_last = [one for document in reversed(documents) for one in document.sections]
    sections_by_name = {one.name: one for one in of_first_last}  # with the names of the Summary
    shown_sheets = []
    for name in wanted or SECTION_OF:
        if made.audience == "client" and (name in DETAILS or name in RAW):
            raise ConfigError(f"The sheet {name!r} is for the team, not for a client.")
        section = sections_by_name.get(SECTION_OF.get(name, "figures"))
        if name in DETAILS:
            frame = with_names(_detail(parts, name, keywords), made.names)
            sheet = sheet_of_frame(name, frame, rates=rates, names=DETAILS[name].columns)
            shown_sheets.append(replace(sheet, notes=_notes(name, keywords)))
        elif name in RAW:
            shown_sheets.append(sheet_of_frame(name, _raw(parts, name, made), rates=rates))
        elif name in SECTION_OF and section is not None and _has_rows(section, wanted):
            shown_sheets.append(sheet_of_section(name, section, made, rates=rates))
    n_rows = [len(sheet.shown.columns[0].series) for sheet in shown_sheets]
    if made.days.ids and n_rows and not any(n_rows):  # which would look like good news
        raise ConfigError(f"there is nothing of {made.days}")
    return made, shown_sheets


def _notes(name: str, keywords: Mapping[str, Any]) -> dict[str, str]:
    """Say with which options the report of a sheet was made, and which costs it shows."""
    options = (keywords["options"] or {}).get(DETAILS[name].report.__name__, {})
    own = {one: _in_words(value) for one, value in options.items()}
    notes = {f"Options of {name}": ", ".join(provenance.filters_in_words(own))} if own else {}
    return {**notes, "Labour costs": COSTS} if name == "Profit" else notes


def _in_words(value: Any) -> Any:
    """Return a mapping by person or project as a line."""
    if not isinstance(value, Mapping):
        return value
    names: dict[Any, str]
    names = {key: " on ".join(map(str, key)) for key in value if isinstance(key, tuple)}
    names[None] = "others"
    return ", ".join(f"{names.get(key, key)} {one}" for key, one in value.items())


def _has_rows(section: Section, wanted: tuple[str, ...] | None) -> bool:
    """Return whether a section is written as a sheet: an empty one only if it is named."""
    return section.frame is not None and (wanted is not None or len(section.frame) > 0)


def _arguments(name: str, keywords: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of the report of a sheet."""
    detail = DETAILS[name]
    takes = keyword_arguments(detail.report, None)
    range_ = RANGE if detail.is_ranged else ()
    known = {one: keywords[one] for one in (*range_, *FILTERS) if one in takes}
    own = (keywords["options"] or {}).get(detail.report.__name__, {})
    return {**known, **detail.defaults, **own}


def _detail(parts: Any, name: str, keywords: Mapping[str, Any]) -> pd.DataFrame:
    arguments, report = _arguments(name, keywords), DETAILS[name].report
    if isinstance(parts, Listings):
        made = report(parts, **arguments)
    else:
        made = reports.across(parts, report.__name__, **arguments)
    if name == "Utilisation" and not (keywords["clients"] is None and keywords["projects"] is None):
        return with_time(made)  # nobody else belongs to that part
    return with_times_of_day(made) if name == "Entries" else made


def _raw(parts: Any, name: str, made: Portfolio) -> pd.DataFrame:
    """Return a listing as it came, or its rows of the chosen projects."""
    if not isinstance(parts, Listings):
        raise ConfigError(f"The sheet {name!r} is of one workspace.")
    if not made.days.ids:
        return parts.fetch(RAW[name])[0]
    needed = dict.fromkeys(("projects", "statuses", "clients", "project_users", RAW[name]))
    frames = dict(zip(needed, parts.fetch(*needed), strict=True))
    return part_of(frames, made.days)[RAW[name]]


def _set_properties(book: Book, made: Portfolio) -> None:
    """Keep where the numbers of a document for the team come from, and what made it."""
    if made.audience == "client":
        return
    libraries = ", ".join(f"{name} {version(name)}" for name in ("togglframe", "XlsxWriter"))
    endpoints = made.known.get("endpoints", [])
    facts = [*provenance.facts_of(made.known, endpoints), ("Made with", libraries)]
    for name, value in facts:
        book.workbook.set_custom_property(name, xml_text(value)[:_MAX_PROPERTY], "text")


# ---------------------------------------------------------------------------------------------
# Frames


def _write_frames(source: Any, path: Path, *, escape_text: bool, paper: str) -> None:
    frames = _named_frames(source)
    check_names([*frames])
    plain = {name: without_arrow(frame) for name, frame in frames.items()}
    for frame in plain.values():
        check_columns(frame)
        check_index(frame)
    made = [Sheet(name=name, shown=as_it_is(frame, decimals=2)) for name, frame in plain.items()]
    for sheet in made:
        check_size(sheet.name, sheet.shown)
    moments = (provenance.fetched_at(provenance.of(frame)) for frame in plain.values())
    with (
        replacing(path) as (file,),
        opened(
            file,
            fetched_at=min(filter(None, moments), default=None),
            escape_text=escape_text,
            paper=paper,
        ) as book,
    ):
        for sheet in made:
            sheet.write(book, _about(plain[sheet.name]))


def _named_frames(source: Any) -> dict[str, pd.DataFrame]:
    if isinstance(source, Mapping):
        return dict(source)
    table = provenance.table_of(source)
    wide = provenance.of(source).get(PIVOT, {})
    name = wide.get("values", "data") if table is None else table.name
    return {name.replace("_", " ").capitalize()[:MAX_NAME].rstrip(): source}


def _about(frame: pd.DataFrame) -> str:
    """Say which workspace a frame is about and when it was fetched, as far as this is known."""
    known = provenance.of(frame)
    workspaces = workspaces_in_words(known)
    if not workspaces:
        return ""
    filters = known.get("filters", {})
    days = [filters[name] for name in ("start_date", "end_date") if name in filters]
    parts = [f"Toggl Track {workspaces}", " to ".join(days), fetched(known)]
    return ", ".join(filter(None, parts))
