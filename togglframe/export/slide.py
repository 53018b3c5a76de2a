"""Write the slide: a portfolio on one page in 16:9."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from togglframe._renamed import with_new_keywords
from togglframe.errors import ConfigError
from togglframe.export.destination import target_of
from togglframe.export.portfolio import plan_portfolio, portfolio
from togglframe.export.sections import Audience, SectionName
from togglframe.http.quota import Plan
from togglframe.reports._record import listings_of
from togglframe.reports.planning import keyword_arguments, planned_by
from togglframe.reports.selection import NamesOrNone, Period
from togglframe.reports.sources import Source

__all__ = ["to_slide"]


def _plan(source: Source, **parameters: Any) -> Plan:
    """Return what a slide would cost now, without a request."""
    keywords = keyword_arguments(to_slide, source, "", **parameters)
    weeks, _ = keywords.pop("weeks"), keywords.pop("top")
    plan = plan_portfolio(source, sections=_sections(keywords["period"]), **keywords)
    if keywords["period"] is not None:
        return plan
    recent = {**keywords, "period": f"last-{weeks}-weeks", "sections": ["weeks"]}
    return plan.with_more(plan_portfolio(source, **recent))


@planned_by(_plan)
@with_new_keywords
def to_slide(
    source: Source,
    path: str | os.PathLike[str],
    *,
    title: str | None = None,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    audience: Audience | None = None,
    weeks: int = 8,
    top: int = 10,
) -> Path:
    """Write a slide of a period, or of the budgets: one page of 13.33 by 7.5 inches.

    With a period: its key figures with their changes, its weeks, and the budgets since the projects
    began. Without one: the key figures of the budgets, and the last weeks.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from, as every report takes it.
    path : str or path
        Where to write; it ends in ``.png``, ``.svg`` or ``.pdf``, and its folder must exist.
    title : str, optional
        The title; by default the period, the client, or both.
    period : str, date, Timestamp or pandas.Period, optional
        The range of days, such as "2026-10" or "last-month".
    clients, projects : int, str, or list of int, str or None, optional
        Only the projects of these clients, only these projects, by id or name; None among them is
        without one.
    audience : {"team", "client"}, optional
        For whom it is; by default "client" if the filters select one client or its projects.
    weeks : int
        How many whole weeks to draw without a period.
    top : int
        How many projects to draw.

    Returns
    -------
    Path
        The slide that was written.

    Raises
    ------
    ConfigError
        The path has another ending, an argument is invalid, or ``audience="client"`` covers no
        client or several.
    OSError
        The path cannot be written.
    ApiError
        The API answered with an error.

    See Also
    --------
    to_html : The same and more as a page.

    Notes
    -----
    Costs the listings of projects, statuses, clients and users, and the time entries of the weeks;
    with a period also two requests of totals.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import togglframe as tf
    >>> folder = pathlib.Path(tempfile.mkdtemp())
    >>> ws = tf.demo(today="2026-11-26")
    >>> tf.export.to_slide(ws, folder / "october.png", period="2026-10").name
    'october.png'
    """
    file_path = target_of("slide", path, ".png", ".svg", ".pdf")
    _check_count("weeks", weeks)
    _check_count("top", top)
    listings = listings_of(source)
    filters: dict[str, Any] = {"clients": clients, "projects": projects, "audience": audience}
    document = portfolio(
        listings, title=title, period=period, sections=_sections(period), **filters
    )
    recent = document
    if period is None:
        recent = portfolio(listings, period=f"last-{weeks}-weeks", sections=["weeks"], **filters)

    from togglframe.charts.output import save  # noqa: PLC0415 -- loads matplotlib
    from togglframe.export.slide_figure import draw_slide  # noqa: PLC0415

    return save(draw_slide(document, recent.section("weeks"), top), file_path)


def _check_count(name: str, number: object) -> None:
    if not isinstance(number, int) or isinstance(number, bool) or number < 1:
        raise ConfigError(f"{name} must be a whole number above 0, not {number!r}")


def _sections(period: Period | None) -> tuple[SectionName, ...]:
    return ("figures", "budgets") if period is None else ("figures", "weeks", "budgets")
