"""Write the HTML page of a workspace, or of listings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

import pandas as pd

from togglframe._renamed import with_new_keywords
from togglframe.api.dates import Day
from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.export.excel.ranged import (
    Options,
    default_ranged,
    in_lists_by_report,
    options_by_id,
)
from togglframe.export.excel.workbook import (
    Contents,
    chosen_sheets,
    contents_of,
    query_of_sheets,
)
from togglframe.http.quota import Plan
from togglframe.reports._record import naming
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports.budget import check_at_risk
from togglframe.reports.names import listings_for, looked_up, selected
from togglframe.reports.planning import keyword_arguments, planned_by
from togglframe.reports.selection import NamesOrNone, Period, Selection, in_lists, selection
from togglframe.reports.sources import Listings, Source

__all__ = ["require_libraries", "to_html", "write_page"]

_PORTFOLIO: Final = ("Budget", "Clients", "Tasks", "Audit")
_RANGED: Final = ("Hours", "Utilisation", "Profit", "Entry audit")
_SENSITIVE: Final = ("Team",)
_HOURS: Final = "hours"  # a report whose parameters are those of the chart


def _plan(source: Source | Sources, **parameters: Any) -> Plan:
    """Return what a page would cost now, without a request."""
    given = keyword_arguments(to_html, source, "", **parameters)
    ranges = ("start_date", "end_date", "period", "clients", "projects")
    today = getattr(source, "today", None)
    days = selection("to_html", **{name: given[name] for name in ranges}, today=today)
    parts = _parts(source)
    options = in_lists_by_report(given["options"])
    plans = {}
    for number, listings in parts.items():
        asked = _sheets_of(listings, days, sensitive=given["sensitive"], options=options)
        query = query_of_sheets(asked.sheets, days, asked.options)
        plans[number] = listings.plan_of(query).with_more(listings.plan(*listings_for(given)))
    return Plan.of_all_or_one(plans)


@planned_by(_plan)
@with_new_keywords
def to_html(
    source: Source | Sources,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    options: Options | None = None,
    sensitive: bool = False,
    at_risk: float = 0.8,
) -> Path:
    """Write a page to send: one self-contained HTML file that loads nothing from the network.

    The first screen has the key figures and the finding. Below are the projects furthest over and
    those at risk, the budget by client, with a range of days the weeks and the people, all
    projects, the accuracy of estimates, the audit, and the sources of the numbers. Tables can be
    sorted and filtered; the page follows the reader's light or dark mode, and prints on A4.

    An existing file is replaced as a whole: if anything fails, the old one stays as it was.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame
        Where the listings come from, as for every report. Time entries alone make a page of the
        weeks and the people. Or several sources, as :func:`togglframe.reports.across` takes them:
        then each row has its workspace, and hours of different workspaces are never combined.
    path : str or path
        Where to write; it ends in ``.html`` or ``.htm``, and its folder must exist.
    title : str, optional
        The headline, such as the name of the agency.
    start_date, end_date : str, date, datetime or Timestamp, optional
        The first and the last day, both included, of the weeks and the people.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    clients, projects : int, str, or list of int, str or None, optional
        Only the projects of these clients, only these projects, with their tasks, findings and
        time, for example for a page to send to a client. None among the clients selects projects
        without a client, and time on no project. The people are then left out, since their load
        comes from all their work.
    options : mapping of str to mapping, optional
        Parameters of the reports behind the range of days, by the name of the report, such as
        ``{"utilisation": {"capacity": {None: 40, "Anna Keller": 30}}}``. These are `utilisation`,
        `entry_audit` and, with ``sensitive=True``, `profitability`.
    sensitive : bool
        Also show members with e-mail addresses, labour costs, profits, and the findings about them.
    at_risk : float
        The progress from which an active project is at risk [1].

    Returns
    -------
    Path
        The page that was written.

    Raises
    ------
    ImportError
        Jinja2 is missing: ``pip install "togglframe[html]"``.
    ConfigError
        The path does not end in ``.html`` or ``.htm``, the source has neither projects nor a range
        of time entries, these clients have no project, or clients are selected for a page of
        several workspaces.
    OSError
        The path cannot be written: the folder does not exist, the path is a folder, or the folder
        or the file may not be written.
    ApiError
        The API answered with an error.

    Warns
    -----
    CompletenessWarning
        The plan or the token hides tasks or members. They are left out, and the page says so.

    See Also
    --------
    to_excel : The same figures, and all rows, as a workbook.

    Notes
    -----
    A table shows 200 rows at most, and says how many there are; charts and key figures cover all. A
    name of more than 200 characters is cut. The same source makes the same file, byte for byte.

    A workspace costs what its seven listings cost: projects, statuses, clients, tasks, members,
    groups and users, each requested once, or taken from the cache. A range adds its time entries.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> tf.export.to_html(tf.demo(), folder / "portfolio.html").name
    'portfolio.html'
    """
    require_libraries()
    check_at_risk(at_risk)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be a string, not {type(title).__name__}")
    filters = in_lists({"clients": clients, "projects": projects})
    days = selection(
        "to_html",
        start_date=start_date,
        end_date=end_date,
        period=period,
        today=getattr(source, "today", None),
        **filters,
    )
    file_path = _page_path(path)
    if isinstance(source, pd.DataFrame) and not days.is_ranged:
        raise ConfigError(
            "to_html makes a page of a Workspace, an Archive or a mapping of listings; the only "
            "frame it takes is time entries, with start_date and end_date, or period. tf.style "
            "shows any frame as a table."
        )
    parts, names = _parts(source), {}
    if days.names and len(parts) == 1:
        ((number, listings),) = parts.items()
        asked = _sheets_of(listings, days, sensitive=sensitive, options=in_lists_by_report(options))
        listings.check_cost(query_of_sheets(asked.sheets, days, asked.options))
        days = selected(days, filters, parts)[number]
        names = looked_up(days, filters, listings)
    return write_page(
        source if len(parts) > 1 else next(iter(parts.values())),
        file_path,
        days,
        filters=days.id_filters,
        names=names,
        options=options,
        title=title,
        sensitive=sensitive,
        at_risk=at_risk,
    )


def write_page(
    source: Source | Sources,
    file_path: Path,
    days: Selection,
    *,
    filters: Mapping[str, Any],
    names: Mapping[str, Any],
    options: Options | None = None,
    title: str | None = None,
    sensitive: bool = False,
    at_risk: float = 0.8,
) -> Path:
    """Write the page of a workspace, of several, or of some projects.

    Parameters
    ----------
    source : Source or Sources
        Where the listings come from.
    file_path : Path
        Where to write; already checked.
    days : Selection
        The range of days, and the clients and projects.
    filters : mapping of str to Any
        The filters behind them, as in the provenance of a frame.
    names : mapping of str to list of str
        The names of the ids among these, as far as they were looked up.
    options, title, sensitive, at_risk
        As :func:`to_html` takes them.
    """
    told: dict[str, Any] = {
        "filters": filters,
        "names": names,
        "sensitive": sensitive,
        "at_risk": at_risk,
    }
    options, parts = in_lists_by_report(options), _parts(source)
    if len(parts) > 1:
        contents = _contents_of_several(parts, days, options=options, **told)
    else:
        (only,) = parts.values()
        asked = _sheets_of(only, days, sensitive=sensitive, options=options)
        contents = _contents(asked, days, **told)

    from togglframe.export.html.contents import page_of  # noqa: PLC0415 -- it loads matplotlib
    from togglframe.export.html.rendering import rendered  # noqa: PLC0415

    content = rendered(page_of(contents, title)).encode()
    with replacing(file_path) as (file,):
        file.write(content)
    return file_path


def require_libraries() -> None:
    """Raise an error if the library that writes pages is not installed."""
    try:
        import jinja2  # noqa: F401, PLC0415
    except ImportError as error:
        raise ImportError(
            'A page needs Jinja2, which is not installed: pip install "togglframe[html]"'
        ) from error


def _page_path(path: str | os.PathLike[str]) -> Path:
    file_path = target(path)
    if file_path.suffix.lower() not in {".html", ".htm"}:
        raise ConfigError(
            f"The name of a page must end in .html or .htm: {file_path.name!r} does not."
        )
    return file_path


def _parts(source: Source | Sources) -> dict[int, Listings]:
    """Return the listings of each workspace; for a single source, the id does not matter."""
    if are_several(source):
        return listings_by_workspace(source)
    one = cast("Source", source)
    listings = one if isinstance(one, Listings) else Listings(one)
    return {**listings.workspaces} or {0: listings}


@dataclass(frozen=True, kw_only=True)
class _Request:
    """The sheets that a page is made of, and where they come from."""

    listings: Listings
    sheets: tuple[str, ...]
    options: Options


def _sheets_of(
    listings: Listings, days: Selection, *, sensitive: bool, options: Options
) -> _Request:
    if _HOURS in options:
        raise ConfigError(
            "options names 'hours', which the page groups in its own way; tf.reports.hours and "
            "to_excel take its parameters"
        )
    held = listings.at_hand(("projects", "statuses"))
    is_asked = listings.ws is not None
    is_whole = is_asked or len(held) == 2 or not days.is_ranged  # or an error says what is missing
    sheets = chosen_sheets(
        [
            *(_PORTFOLIO if is_whole else ()),
            *(_SENSITIVE if is_whole and sensitive else ()),
            *(
                name
                for name in default_ranged(days, sensitive=is_whole and sensitive)
                if name in _RANGED
            ),
        ],
        days=days,
        sensitive=sensitive,
    )
    has_clients = is_asked or "projects" in held
    by = "client" if has_clients and not days.ids else "project"
    if days.is_ranged:
        options = {**options, _HOURS: {"by": [by], "every": "week"}}
    return _Request(listings=listings, sheets=sheets, options=options)


def _contents(asked: _Request, days: Selection, **told: Any) -> Contents:
    return contents_of(
        asked.listings, asked.sheets, days, are_named=True, options=asked.options, **told
    )


def _contents_of_several(
    parts: Mapping[int, Listings],
    days: Selection,
    *,
    options: Options,
    sensitive: bool,
    **told: Any,
) -> Contents:
    """Return the contents of all workspaces, after checking that the quota of each can pay."""
    from togglframe.export.html.several import contents_together  # noqa: PLC0415 -- seldom

    if days.ids:
        raise ConfigError(
            "clients and projects belong to one workspace, but the page covers several: "
            f"{', '.join(map(str, parts))}"
        )

    def requested_of(options: Mapping[int, Options]) -> dict[int, _Request]:
        return {
            n: _sheets_of(one, days, sensitive=sensitive, options=options[n])
            for n, one in parts.items()
        }

    for number, one in requested_of(dict.fromkeys(parts, options)).items():
        with naming(number):
            one.listings.check_cost(query_of_sheets(one.sheets, days, one.options))
    asked = requested_of(options_by_id(options, parts))
    contents = {}
    for number, one in asked.items():
        with naming(number):
            contents[number] = _contents(one, days, sensitive=sensitive, **told)
    return contents_together(contents)
