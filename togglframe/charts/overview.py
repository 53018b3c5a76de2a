"""All clients on one page, a panel of bullets for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, get_args

import numpy as np
import pandas as pd
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._chart import Chart, Group, Panel, draw
from togglframe.charts._fonts import printable
from togglframe.charts._page import Page, figure_of
from togglframe.charts._rows import count
from togglframe.charts.bullets import (
    COLUMNS,
    BudgetSort,
    BulletOptions,
    draw_bullets,
    estimated_first,
    reach,
    reading,
)
from togglframe.tables import CLIENT_BUDGET, PROJECT_BUDGET
from togglframe.tables.workspaces import key_of
from togglframe.text import findings
from togglframe.text.formats import format_hours, format_percent, plural
from togglframe.text.measures import in_order, known, total_hours
from togglframe.text.names import NAME_CELLS, labels_of
from togglframe.text.scope import budget_scope, hours_tracked


def _labels(frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]:
    """Return the names of the projects, without clients, since each client has its own panel."""
    told: dict[int, str] = {}
    for _, client in frame.groupby(key_of(frame, "client_id"), dropna=False):
        names = labels_of(client, "project", cells=cells, write=printable)
        told |= zip(client.index, names, strict=True)
    return [told[row] for row in frame.index]


def _by_client(_: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
    """Return the projects of each client, with clients in the order of client_budget."""
    names = pd.Series(labels_of(rows, "client", cells=30, write=printable), index=rows.index)
    by = key_of(rows, "client_id")
    clients = [client for _, client in rows.groupby(by, dropna=False, sort=False)]
    figures = pd.DataFrame(
        {
            "client_id": [client["client_id"].iloc[0] for client in clients],
            "gross_overrun_hours": [total_hours(client, "overrun") for client in clients],
            "progress": [_progress(client) for client in clients],
        }
    )
    ranked = in_order(figures, CLIENT_BUDGET, "gross_overrun_hours")
    ordered = (clients[place] for place in ranked.index)
    return [Group(rows=client, name=names[client.index[0]]) for client in ordered]


def _progress(client: pd.DataFrame) -> float:
    compared = client[client["progress"].notna()]
    if compared.empty:
        return np.nan
    return total_hours(compared, "tracked") / total_hours(compared, "estimated")


def _detail(client: pd.DataFrame) -> str:
    compared = client[client["progress"].notna()]
    tracked, part = total_hours(client, "tracked"), total_hours(compared, "tracked")
    if compared.empty:
        return f"{format_hours(tracked)} tracked, without an estimate"
    estimate = format_hours(total_hours(compared, "estimated"))
    if len(compared) == len(client):
        return f"{format_hours(part)} tracked / {estimate} estimated"
    share = f" · {format_percent(part / tracked)} of its {format_hours(tracked)}" if tracked else ""
    return f"{format_hours(part)} tracked / {estimate} estimated{share}"


def _others(clients: Sequence[Group]) -> list[str]:
    if not clients:
        return []
    rest = pd.concat([client.rows for client in clients])
    gross = findings.gross_over(rest)
    held = ", ".join(text for text in (hours_tracked(rest), gross) if text)
    return [f"and {plural(len(clients), 'other client')} ({held})"]


def _draw(page: Page, panel: Panel, options: BulletOptions) -> None:
    draw_bullets(page, panel, options, heads=panel.is_first)
    if panel.is_last:
        page.scale(0, 1.02 * panel.reach or 1, PROJECT_BUDGET["tracked_hours"].label)


_CHART: Final = Chart[BulletOptions](
    name="client_overview",
    table=PROJECT_BUDGET,
    columns=COLUMNS,
    noun=("project", "projects"),
    sorts=get_args(BudgetSort),
    label=_labels,
    rows=lambda frame: known(frame, "tracked_hours"),
    order=estimated_first,
    others=hours_tracked,
    apart="client_id",
    panels=_by_client,
    detail=_detail,
    other_panels=_others,
    reach=reach,
    finding=findings.budget,
    scope=lambda frame, _: budget_scope(frame, bare_drawn=True),
    nothing="There are no projects with a status to show.",
    reading=reading,
    draw=_draw,
)


def client_overview(
    frame: pd.DataFrame,
    *,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    max_panels: int = 6,
    sort: BudgetSort | None = "overrun_hours",
    at_risk: float | None = 0.8,
    title: str | None = None,
    footer: bool = True,
) -> Figure:
    """Draw the projects of each client against their estimates, the largest overrun first.

    All panels share one scale, so that hours can be compared across clients.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw on; by default a new one, as tall as needed.
    top : int or None
        How many projects to draw in all, divided among the clients; the last line of a panel gives
        the number of the others and their hours. None draws all.
    max_panels : int
        How many clients get a panel; the footer gives the number of the others and their hours.
    sort : {"overrun_hours", "variance_hours", "progress", "tracked_hours", "project"} or None
        The order of the projects in a panel, largest first (names from A), ties by overrun, then
        progress, then id. None keeps the order of the frame.
    at_risk : float or None
        Where the darker background begins, as a share of the estimate [1]; None draws none.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.figure.Figure
        The figure drawn on; for a SubFigure, the figure that it is part of.

    Raises
    ------
    ConfigError
        A column is missing, or an option is invalid.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.client_overview(tf.tables.PROJECT_BUDGET.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No projects'
    """
    options = BulletOptions(
        fig=fig,
        top=top,
        max_panels=count(max_panels, "max_panels is how many clients to draw"),
        sort=sort,
        at_risk=at_risk,
        title=title,
        footer=footer,
    )
    return figure_of(draw(_CHART, frame, options))
