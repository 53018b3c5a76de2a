"""Write the HTML page of a source."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from togglframe._renamed import with_new_keywords
from togglframe.api.dates import Day
from togglframe.atomic import replacing
from togglframe.errors import ConfigError
from togglframe.export.destination import Paper, check_paper, target_of
from togglframe.export.portfolio import Options, plan_portfolio, portfolio
from togglframe.export.sections import Audience, SectionName
from togglframe.http.quota import Plan
from togglframe.reports._sources import Sources
from togglframe.reports.planning import keyword_arguments, planned_by
from togglframe.reports.selection import Names, NamesOrNone, Period
from togglframe.reports.sources import Source

__all__ = ["require_libraries", "to_html"]


def _plan(source: Source | Sources, **parameters: Any) -> Plan:
    """Return what a page would cost now, without a request."""
    keywords = keyword_arguments(to_html, source, "", **parameters)
    return plan_portfolio(source, **{name: keywords[name] for name in keywords if name != "paper"})


@planned_by(_plan)
@with_new_keywords
def to_html(
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
) -> Path:
    """Write a page to send: one self-contained HTML file that loads nothing from the network.

    With a period the page is about it: its hours, amounts and capacity with the change to the
    period before, its weeks, clients, projects and people; then the budgets, since the projects
    began. Without one it is about the budgets. Tables can be sorted and filtered, and their totals
    follow; the page has a light and a dark mode, and prints without cutting a table.

    An existing file is replaced as a whole: if anything fails, the old one stays as it was.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame
        Where the listings come from, as for every report; time entries alone make a page of their
        period. Or several sources, as :func:`togglframe.reports.across` takes them: then each row
        has its workspace.
    path : str or path
        Where to write; it ends in ``.html`` or ``.htm``, and its folder must exist.
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
        Who reads it. By default a client if the page is of one client, or of projects of one; else
        the team. A client sees hours, amounts and what is left of the budgets: no audit, capacity,
        costs, ids or links, and no other client.
    sections : str, or iterable of str, optional
        Only these, of "figures", "weeks", "clients", "projects", "people", "invoice", "budgets",
        "at_risk", "retainers", "balance", "audit" and "about". By default all that apply but
        "invoice"; "retainers" and "balance" need their `options`.
    people : bool, default True
        Whether to name who worked.
    rates : bool, default False
        Whether to show rates; for the team also findings about labour costs.
    options : mapping of str to mapping, optional
        Parameters of the reports behind the page, by the name of the report, such as
        ``{"utilisation": {"capacity": {None: 40, "Anna Keller": 30}}}``: of `project_budget`,
        `utilisation`, `entry_audit`, `invoice_lines`, `retainer` and `balance`.
    paper : {"A4", "Letter"}
        The paper that it is printed on.

    Returns
    -------
    Path
        The page that was written.

    Raises
    ------
    ImportError
        Jinja2 is missing: ``pip install "togglframe[html]"``.
    ConfigError
        An argument is invalid, a section lacks its period or its options, or the audience is a
        client and the page is of none or several.
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
    A table shows 200 rows at most and sums up the others; totals and figures cover all. The same
    source makes the same file, byte for byte.

    A page costs its listings, each requested once or taken from the cache; a period adds its time
    entries, and two requests for the changes.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> ws = tf.demo(today="2026-11-26")
    >>> tf.export.to_html(ws, folder / "october.html", period="2026-10").name
    'october.html'
    """
    require_libraries()
    file_path = target_of("page", path, ".html", ".htm")
    check_paper(paper)
    if isinstance(source, pd.DataFrame) and period is None and start_date is None:
        raise ConfigError(
            "to_html makes a page of a Workspace, an Archive or a mapping of listings; the only "
            "frame it takes is time entries, with period, or start_date and end_date. tf.style "
            "shows any frame as a table."
        )
    made = portfolio(
        source,
        title=title,
        period=period,
        start_date=start_date,
        end_date=end_date,
        clients=clients,
        projects=projects,
        users=users,
        audience=audience,
        sections=sections,
        people=people,
        rates=rates,
        options=options,
    )
    from togglframe.export.html.page import rendered  # noqa: PLC0415 -- it loads matplotlib

    content = rendered(made, paper).encode()
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
