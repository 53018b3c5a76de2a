"""The slide: a portfolio on one page in 16:9."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import GridSpec

from togglframe import reports
from togglframe.api.dates import Day, day
from togglframe.charts._canvas import put_inside, room_on
from togglframe.charts._fonts import printable
from togglframe.charts._page import Page, fitted, wrapped
from togglframe.charts._rows import count
from togglframe.charts.bullets import budget_bullet
from togglframe.charts.output import describe
from togglframe.charts.style import NotebookFigure, Theme, drawing, points
from togglframe.reports.budget import check_at_risk
from togglframe.reports.selection import Query, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables.provenance import of
from togglframe.text import findings, headlines
from togglframe.text.figures import KeyFigure, key_figures
from togglframe.text.findings_of_work import trend
from togglframe.text.formats import format_day, format_whole_hours
from togglframe.text.measures import above_zero, floats
from togglframe.text.names import ELLIPSIS
from togglframe.text.scope import fetched

_SIZE: Final = (13.333, 7.5)  # of a slide [in]
_MARGINS: Final = {"left": 0.025, "right": 0.975, "top": 0.965, "bottom": 0.03}
_HEIGHTS: Final = (1.6, 3.4, 2.4, 0.3)  # of the key figures, the panels and the footer
_TITLE, _NUMBER, _LABEL, _SMALL = 19.0, 19.0, 10.0, 8.5  # sizes of words [pt]
_SMALLER: Final = 7.25  # for details that need more room [pt]
_HEAD: Final = 92.0  # the height of the title and the key figures [pt]
_LINES: Final = (52.0, 29.0, 22.0)  # of a key figure: name, number and detail, from below [pt]
_GAP: Final = 10.0  # between key figures [pt]
_COLUMN: Final = 0.62  # the width of the column of a week

_MORE: Final = ("time_entries",)  # optional on the page


@dataclass(frozen=True, kw_only=True)
class _Portfolio:
    """What the page shows; `weeks` is None if there are no time entries to be had."""

    budget: pd.DataFrame
    weeks: pd.DataFrame | None
    first: dt.date
    last: dt.date
    hidden: dict[str, str]
    at_risk: float

    @property
    def figures(self) -> list[KeyFigure]:
        return key_figures(self.budget, self.at_risk)

    @property
    def near(self) -> pd.DataFrame:
        """The projects at risk."""
        return self.budget[self.budget["budget_state"] == "at_risk"]

    @property
    def over(self) -> int:
        return len(above_zero(self.budget, "overrun_hours"))


def portfolio_page(
    source: Source,
    *,
    weeks: int = 8,
    top: int = 10,
    at_risk: float = 0.8,
    as_of: Day | None = None,
    title: str | None = None,
    footer: bool = True,
) -> Figure:
    """Draw a portfolio on one page, the size of a slide (16:9).

    It shows key figures, the projects furthest over their estimates, those at risk, and the hours
    of the last full weeks.

    Parameters
    ----------
    source : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from, as for every report.
    weeks : int
        How many full weeks to show, from Monday to Sunday.
    top : int
        How many projects to draw at most, both of those over and of those at risk.
    at_risk : float
        The progress from which an active project is at risk [1].
    as_of : str, date, datetime or Timestamp, optional
        A day in the week after the last one to show; by default the source's today. All other
        figures cover the projects' whole life, as of the time when they were fetched.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope at the foot of the page.

    Returns
    -------
    matplotlib.figure.Figure
        The page, 13.33 by 7.5 inches; each part is an Axes of it.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    CompletenessWarning
        If there are no time entries to be had: the weeks are left out, and the page says so.

    Notes
    -----
    ``filters/projects``, ``filters/projects/status`` and ``filters/clients``, and
    ``search/time_entries``, one request for each page of the weeks. If the known quota cannot pay
    for all of them, nothing is sent. Amounts that the plan or the token hides are left out, and
    the page says so; currencies are never added up.

    Examples
    --------
    >>> import togglframe as tf
    >>> page = tf.charts.portfolio_page(tf.demo(today="2026-11-26"))
    >>> page.get_size_inches().round(2).tolist()
    [13.33, 7.5]
    """
    chosen = count(top, "top is how many projects to draw")
    portfolio = _portfolio(source, weeks, at_risk, as_of)
    finding = printable(headlines.budget(portfolio.budget) if title is None else str(title))
    figure = plt.figure(figsize=_SIZE, FigureClass=NotebookFigure, layout="none")
    lines = _footer(portfolio) if footer else []
    with drawing([finding, *lines, *map(str, portfolio.figures)]) as style:
        figure.set_facecolor(style.surface)
        head, worst, near, trend_ax, foot = _places(figure)
        _head(head, style, finding, portfolio.figures)
        _foot(foot, style, lines)
        _draw_weeks(trend_ax, style, portfolio)
    _draw_worst(worst, portfolio, chosen)
    _draw_near(near, portfolio, chosen)
    said = "; ".join(map(str, portfolio.figures))
    describe(figure, f"A portfolio on one page: {finding}; {said or 'nothing is known'}.")
    return figure


def _portfolio(source: Source, weeks: int, at_risk: float, as_of: Day | None) -> _Portfolio:
    number = count(weeks, "weeks is how many weeks to draw")
    check_at_risk(at_risk)
    listings = source if isinstance(source, Listings) else Listings(source)
    today = listings.today if as_of is None else day("as_of", as_of)
    monday = today - dt.timedelta(today.weekday())
    first, last = monday - dt.timedelta(weeks=number), monday - dt.timedelta(1)
    query = Query(
        names=("projects", "statuses", "clients", *_MORE),
        selection=Selection(start=first, end=last),
        look_ups=("clients",),
        optional=_MORE,
        by="portfolio_page",
    )
    _, hidden = listings.take(query)
    found = None
    if not hidden:
        found = reports.hours(listings, start_date=first, end_date=last, by=[], every="week")
        found = found.set_index("period")
        found = found.reindex(pd.date_range(first, last, freq="W-MON"))
        found["tracked_hours"] = found["tracked_hours"].fillna(0.0)
    budget = reports.project_budget(listings, at_risk=at_risk)
    return _Portfolio(
        budget=budget, weeks=found, first=first, last=last, hidden=hidden, at_risk=at_risk
    )


def _places(figure: Figure) -> list[Axes]:
    """Return the Axes of the parts: head, worst, at risk, weeks, foot."""
    whole = GridSpec(1, 1, figure=figure, **_MARGINS)[0]
    grid = whole.subgridspec(4, 2, height_ratios=_HEIGHTS, wspace=0.04, hspace=0.04)
    cells = (grid[0, :], grid[1:3, 0], grid[1, 1], grid[2, 1], grid[3, :])
    return [figure.add_subplot(cell) for cell in cells]


def _head(ax: Axes, style: Theme, title: str, figures: list[KeyFigure]) -> None:
    page = _bare(ax, style)
    width, height = page.room.width, page.room.height
    part = min(1.0, height / points(_HEAD))  # larger text is reduced to fit the height
    sizes = (size * part for size in (_TITLE, 15.0, 12.0))
    size = next((s for s in sizes if len(wrapped(title, width, s)) < 2), 12.0 * part)
    title = "\n".join(wrapped(title, width, size)[:2])
    _write(page, title, (0, 1), size, style.text, weight="bold", va="top")
    columns = max(len(figures), 4)
    for place, figure in enumerate(figures):
        x, room = place / columns, width / columns - _GAP
        name, number, detail = ((x, points(up * part) / height) for up in _LINES)
        _write(page, figure.name, name, _LABEL * part, style.muted)
        width_at = partial(page.width_of, figure.number, bold=True)
        size = next((s for s in (_NUMBER * part, 16.0 * part) if width_at(s) <= room), 13.0 * part)
        _write(page, figure.number, number, size, style.text, weight="bold")
        lines, size = _two_lines(figure.detail, room, part)
        _write(page, lines, detail, size, style.muted, va="top")


def _two_lines(text: str, room: float, part: float) -> tuple[str, float]:
    """Return a small text on two lines at most and its size; what is cut off has an ellipsis."""
    sizes = [size * part for size in (_SMALL, _SMALLER)]
    size = next((s for s in sizes if len(wrapped(text, room, s)) <= 2), sizes[-1])
    first, *rest = wrapped(text, room, size) or [""]
    if len(rest) > 1:
        rest = [fitted(f"{rest[0]}{ELLIPSIS}", room, size=size)]
    return "\n".join([first, *rest]), size


def _bare(ax: Axes, style: Theme) -> Page:
    """Return a page for text only."""
    page = Page(ax, style, room_on(ax))
    ax.set_axis_off()
    put_inside(ax, 0, 0, 0, 0)
    return page


def _write(
    page: Page,
    text: str,
    at: tuple[float, float],
    size: float,
    color: str,
    *,
    weight: str = "normal",
    va: str = "baseline",
) -> None:
    if text:
        options = page.text_options(size, color, weight)
        page.ax.text(*at, text, transform=page.ax.transAxes, ha="left", va=va, **options)


def _foot(ax: Axes, style: Theme, lines: list[str]) -> None:
    page = _bare(ax, style)
    text = "\n".join(part for line in lines for part in wrapped(line, page.room.width, _SMALL))
    _write(page, text, (0, 0), _SMALL, style.muted, va="bottom")


def _footer(portfolio: _Portfolio) -> list[str]:
    known = of(portfolio.budget)
    workspace = known.get("workspace_id")
    parts = [] if workspace is None else [f"Workspace {workspace}"]
    parts += ["Lifetime totals", fetched(known)]
    if portfolio.weeks is not None:
        parts.append(f"weeks from {portfolio.first} to {portfolio.last}")
    hidden = [f"time entries ({reason.rstrip('.')})" for reason in portfolio.hidden.values()]
    if len(portfolio.budget) and portfolio.budget["amount"].isna().all():
        hidden.append("amounts, none of which is visible")
    line = " · ".join(parts)
    doubts = [f"Not proven complete: {said}" for said in known.get("doubts", [])]
    said = [f"Left out: {', '.join(hidden)}"] if hidden else []
    return [printable(text) for text in (line, *said, *doubts)]


def _draw_worst(ax: Axes, portfolio: _Portfolio, top: int) -> None:
    shown = min(top, portfolio.over)
    title = findings.furthest_over(portfolio.budget, shown)
    if not shown:
        return _say(ax, title)
    budget_bullet(
        portfolio.budget,
        ax=ax,
        top=shown,
        at_risk=portfolio.at_risk,
        title=title,
        footer=False,
    )
    return None


def _draw_near(ax: Axes, portfolio: _Portfolio, top: int) -> None:
    near = portfolio.near
    title = findings.at_risk(portfolio.budget, portfolio.at_risk)
    if near.empty:
        return _say(ax, title)
    budget_bullet(
        near,
        ax=ax,
        top=top,
        sort="progress",
        scale="percent",
        at_risk=portfolio.at_risk,
        title=title,
        footer=False,
    )
    return None


def _say(ax: Axes, message: str) -> None:
    with drawing([message]) as style:
        Page(ax, style, room_on(ax)).nothing(message)


def _draw_weeks(ax: Axes, style: Theme, portfolio: _Portfolio) -> None:
    page = Page(ax, style, room_on(ax))
    weeks = portfolio.weeks
    if weeks is None:
        page.nothing("The last weeks are unknown: no time entries are available.")
        return
    ax.grid(visible=False)
    places = np.arange(len(weeks), dtype=float)
    tracked, billable = floats(weeks, "tracked_hours"), floats(weeks, "billable_hours")
    solid, hollow = np.nan_to_num(billable), tracked - np.nan_to_num(billable)
    plain: dict[str, Any] = {"facecolor": style.within, "edgecolor": style.surface, "linewidth": 0}
    ax.bar(places, solid, _COLUMN, label="Billable", zorder=3, **plain)
    rest: dict[str, Any] = {"facecolor": style.surface, "edgecolor": style.muted, "linewidth": 1}
    ax.bar(places, hollow, _COLUMN, solid, label="Not billable", zorder=3, **rest)
    ax.set_yticks([])
    _number_weeks(page, weeks, places, tracked)
    subtitle = "Hours by week: solid is billable, hollow is not"
    if np.isnan(billable[tracked > 0]).any():
        subtitle += " or unknown"
    page.words(trend(weeks.reset_index()), subtitle, [])
    put_inside(ax, page.left, page.right, page.above, page.below)
    tall = max(page.room.height - page.above - page.below, 1.0)
    numbers = min(points(_SMALL * 1.25 + 5) / tall, 0.6)  # the share above the columns
    ax.set_ylim(0, float(tracked.max()) / (1 - numbers) or 1)


def _number_weeks(page: Page, weeks: pd.DataFrame, places: Any, tracked: Any) -> None:
    """Print the hours above the columns and the Mondays below, as many as there is room for."""
    ax = page.ax
    ax.set_xlim(-0.6, len(places) - 0.4)
    texts = [format_whole_hours(hours) for hours in tracked]
    days = [format_day(monday) for monday in weeks.index]
    widest = max(map(page.width_of, [*texts, *days])) + 6
    step = max(int(np.ceil(widest * (len(places) + 0.2) / page.room.width)), 1)
    shown = slice((len(places) - 1) % step, None, step)  # always includes the last one
    told = shown if step == 1 else slice(-1, None)  # next to higher columns there is no room
    for place, height, text in zip(places[told], tracked[told], texts[told], strict=True):
        options = page.text_options(_SMALL, page.style.text)
        ax.annotate(
            text,
            xy=(place, height),
            xytext=(0, points(3)),
            textcoords="offset points",
            ha="center",
            **options,
        )
    ax.set_xticks(places[shown], days[shown])
    page.name_scale(f"Weeks from Monday, {weeks.index[0]:%Y-%m-%d} to {weeks.index[-1]:%Y-%m-%d}")
