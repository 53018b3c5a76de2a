"""All clients on one page, a panel of bullets for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _findings, _rows, bullets
from togglframe.charts._numbers import hours, percent, total_hours
from togglframe.charts._page import (
    Page,
    align,
    checked_figure,
    figure_of,
    new_panels,
    words_around,
)
from togglframe.charts._scope import budget_scope, footnotes, provenance
from togglframe.charts.output import describe
from togglframe.charts.style import drawing
from togglframe.naming import plural
from togglframe.tables import CLIENT_HOURS, PROJECT_BUDGET

_NAME = "panel"


@dataclass(frozen=True)
class _Panel:
    """A client: the heading, and the rows with their labels."""

    name: str
    detail: str
    plan: bullets.Listing
    labels: list[str]

    @property
    def height(self) -> int:
        return len(self.labels) + len(self.plan.ends)


def client_overview(
    frame: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    top: int | None = None,
    max_panels: int = 12,
    sort: bullets.BudgetSort | None = "overrun_hours",
    at_risk: float | None = 0.8,
    title: str | None = None,
    footer: bool = True,
) -> Figure:
    """Draw the projects of each client against their estimates, the client most over first.

    All panels share one scale, so that hours can be compared across clients.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        Where to draw; by default a new figure, as high as the panels need.
    top : int, optional
        How many projects to draw for each client; the last line of a panel says how many
        others there are and their hours. By default all, up to 200.
    max_panels : int
        How many clients get a panel; the footer says how many others there are and their hours.
    sort : {"overrun_hours", "variance_hours", "progress", "tracked_hours", "project"} or None
        The order of the projects in a panel, largest first (names from A), equal ones by
        overrun, then progress, then id; None keeps the frame's.
    at_risk : float or None
        Where the darker ground begins, as a share of the estimate [1]; None draws no ground.
    title : str, optional
        A title instead of the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.figure.Figure
        The figure drawn on; of a SubFigure, the figure it is part of.

    Raises
    ------
    ConfigError
        A column is missing, or an option is impossible.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.client_overview(tf.tables.PROJECT_BUDGET.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No projects'
    """
    frame = _rows.taken(frame, "client_overview", bullets.COLUMNS, PROJECT_BUDGET)
    _rows.choose(sort, bullets.SORTS, "sort")
    max_panels = _rows.count(max_panels, "max_panels is how many clients to draw")
    most = _rows.limit(top)
    checked_figure(fig)
    known = frame[frame["tracked_hours"].notna()]
    names = _rows.labelled(known, "client", cells=30)[_rows.LABEL]
    clients = _clients(known.assign(**{_NAME: names}))
    panels = [_panel(client, sort, most) for client in clients[:max_panels]]
    headline = _findings.or_title(_findings.budget(frame), title)
    texts = [headline, *(t for panel in panels for t in (panel.name, *panel.labels))]
    left_out = _others(clients[max_panels:])
    notes = footnotes(footer, texts, budget_scope(frame, bare_drawn=True), provenance(frame))
    with drawing(texts, fig) as style:
        axes = new_panels([panel.height for panel in panels] or [1], fig, sharex=True)
        pages = [Page(ax, style) for ax in axes]
        describe(figure_of(axes[0]), frame)
        if not panels:
            pages[0].nothing("There are no projects with a status to show.")
            words_around(pages, headline, "", notes)
            return figure_of(axes[0])
        reach = [
            _draw(page, panel, at_risk, heads=page is pages[0])
            for page, panel in zip(pages, panels, strict=True)
        ]
        pages[-1].scale(0, 1.02 * max(reach) or 1, PROJECT_BUDGET["tracked_hours"].label)
        align(pages)
        for page, panel in zip(pages, panels, strict=True):
            page.heading(panel.name, panel.detail)
        words_around(pages, headline, bullets.reading(style, "hours", at_risk), left_out + notes)
    return figure_of(axes[0])


def _clients(frame: pd.DataFrame) -> list[pd.DataFrame]:
    """Return the projects of each client, the clients in the order of client_hours."""
    groups = [group for _, group in frame.groupby("client_id", dropna=False, sort=False)]
    figures = pd.DataFrame(
        {
            "client_id": [group["client_id"].iloc[0] for group in groups],
            "gross_overrun_hours": [total_hours(group, "overrun") for group in groups],
            "progress": [_progress(group) for group in groups],
        }
    )
    ranked = _rows.in_order(figures, CLIENT_HOURS, "gross_overrun_hours")
    return [groups[place] for place in ranked.index]


def _progress(client: pd.DataFrame) -> float:
    compared = client[client["progress"].notna()]
    if compared.empty:
        return np.nan
    return total_hours(compared, "tracked") / total_hours(compared, "estimated")


def _panel(client: pd.DataFrame, sort: str | None, most: int) -> _Panel:
    plan = bullets.listing(_rows.labelled(client, "project"), sort, most)
    return _Panel(client[_NAME].iloc[0], _detail(client), plan, plan.labels)


def _detail(client: pd.DataFrame) -> str:
    compared = client[client["progress"].notna()]
    tracked, part = total_hours(client, "tracked"), total_hours(compared, "tracked")
    if compared.empty:
        return f"{hours(tracked)} tracked, without an estimate"
    estimate = hours(total_hours(compared, "estimated"))
    if len(compared) == len(client):
        return f"{hours(part)} tracked / {estimate} estimated"
    share = f" · {percent(part / tracked)} of its {hours(tracked)}" if tracked else ""
    return f"{hours(part)} tracked / {estimate} estimated{share}"


def _others(clients: list[pd.DataFrame]) -> list[str]:
    if not clients:
        return []
    rest = pd.concat(clients)
    gross = _findings.gross_over(rest)
    detail = f"{hours(total_hours(rest, 'tracked'))} tracked{', ' if gross else ''}{gross}"
    return [f"and {plural(len(clients), 'other client')} ({detail})"]


def _draw(page: Page, panel: _Panel, at_risk: float | None, *, heads: bool) -> float:
    measured, bare = panel.plan.measured, panel.plan.bare
    places = np.arange(len(measured), dtype=float)
    bare_places = len(measured) + np.arange(len(bare), dtype=float)
    page.listing(panel.labels, panel.plan.ends)
    reach = bullets.draw_measured(page, measured, places, "hours", at_risk)
    reach = max(reach, bullets.draw_bare(page, bare, bare_places))
    bullets.print_numbers(page, panel.plan, places, bare_places, heads=heads)
    return reach
