"""Billing: the billable share of hours by project, and the amounts by client."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._chart import Chart, Options, Panel, by_currency, draw
from togglframe.charts._page import Page, figure_of
from togglframe.charts._rows import by_name
from togglframe.charts.bullets import Scale
from togglframe.tables import CLIENT_BUDGET_BY_CURRENCY, PROJECT_BUDGET
from togglframe.text import findings
from togglframe.text.formats import format_hours, format_money, format_percent
from togglframe.text.measures import currency_decimals, floats, known, total_amount, total_hours
from togglframe.text.names import clients_in, unit_of
from togglframe.text.scope import amounts_scope, billable_scope, hours_tracked

SplitSort = Literal[
    "tracked_hours", "billable_hours", "non_billable_hours", "billable_share", "project"
]
AmountSort = Literal["amount", "effective_rate", "client"]


@dataclass(frozen=True, kw_only=True)
class SplitOptions(Options):
    """The options of billable_split."""

    scale: Scale


def _draw_split(page: Page, panel: Panel, options: SplitOptions) -> None:
    frame, others, scale = panel.rows, panel.others, options.scale
    places = np.arange(len(frame), dtype=float)
    tracked, share = floats(frame, "tracked_hours"), floats(frame, "billable_share")
    part, rest = floats(frame, "billable_hours"), floats(frame, "non_billable_hours")
    if scale == "percent":
        part, rest = 100 * share, 100 * (1 - share)
    drawn = ~np.isnan(part)
    page.bar(places[drawn], part[drawn], "Billable")
    has_rest = drawn & (rest > 0)
    page.hollow(places[has_rest], rest[has_rest], "Not billable", left=part[has_rest])
    if scale == "percent":
        page.scale(0, 101, f"{PROJECT_BUDGET['billable_share'].label} [%]")
    else:
        page.scale(0, 1.02 * float(tracked.max()) or 1, PROJECT_BUDGET["tracked_hours"].label)
    shares = ["nothing tracked" if np.isnan(value) else format_percent(value) for value in share]
    plain = [False] * len(frame)
    rest_tracked = total_hours(others, "tracked")
    end = format_percent(total_hours(others, "billable") / rest_tracked) if rest_tracked else ""
    page.column("billable", places, shares, [not np.isnan(value) for value in share], end=end)
    page.column("tracked", places, [format_hours(value) for value in tracked], plain)


def _split_reading(*_: object) -> str:
    return "Tracked hours: the solid part is billable, the hollow part is not"


_SPLIT_CHART: Final = Chart[SplitOptions](
    name="billable_split",
    table=PROJECT_BUDGET,
    columns="project_id project client_id client tracked_hours billable_hours non_billable_hours "
    "billable_share",
    noun=("project", "projects"),
    sorts=get_args(SplitSort),
    choices={"scale": get_args(Scale)},
    label=by_name("project", "client"),
    rows=lambda frame: known(frame, *findings.BILLABLE),
    others=hours_tracked,
    finding=findings.billable,
    scope=lambda frame, _: billable_scope(frame),
    alt=lambda frame: f"Billable hours, one row per project: {findings.billable(frame)}.",
    nothing="There are no projects with billable hours to show.",
    reading=_split_reading,
    draw=_draw_split,
)


def billable_split(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: SplitSort | None = "tracked_hours",
    ascending: bool | None = None,
    scale: Scale = "hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the billable and non-billable hours of each project, the largest project first.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others and their hours.
        None draws all.
    sort : {"tracked_hours", "billable_hours", "non_billable_hours", "billable_share", "project"} \
or None
        The order of the projects, largest first (names from A), ties by overrun, then
        progress, then id. None keeps the order of the frame.
    ascending : bool, optional
        Whether the smallest comes first: with ``sort="billable_share"``, the projects with the
        lowest billable share. By default False, for names True.
    scale : {"hours", "percent"}
        The measure: hours [h], or per cent of the tracked hours.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ConfigError
        A column is missing, or an option is invalid.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.billable_split(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    options = SplitOptions(
        ax=ax, top=top, sort=sort, ascending=ascending, scale=scale, title=title, footer=footer
    )
    return draw(_SPLIT_CHART, frame, options)


def _draw_amounts(page: Page, panel: Panel, _: Options) -> None:
    frame, unit = panel.rows, panel.group.unit
    places = np.arange(len(frame), dtype=float)
    amount, rate = floats(frame, "amount"), floats(frame, "effective_rate")
    page.bar(places, amount, "Amount")
    page.scale(
        0, 1.02 * float(amount.max()) or 1, f"{CLIENT_BUDGET_BY_CURRENCY['amount'].label} [{unit}]"
    )
    plain = [False] * len(frame)
    amounts = [format_money(value) for value in amount]
    decimals = currency_decimals(frame)
    rates = ["not known" if np.isnan(value) else format_money(value, decimals) for value in rate]
    page.column("amount", places, amounts, [True] * len(frame))
    page.column("per billable h", places, rates, plain)


def _amount_detail(rows: pd.DataFrame) -> str:
    return f"{clients_in(rows)} · {format_money(total_amount(rows))} in all"


def _amount_reading(drawn: pd.DataFrame, _: Options) -> str:
    words = "What the billable hours are worth"
    several = len(drawn["currency"].drop_duplicates()) > 1
    return f"{words}; each currency has its own scale" if several else words


_AMOUNT_CHART: Final = Chart[Options](
    name="amount_by_client",
    table=CLIENT_BUDGET_BY_CURRENCY,
    columns="client_id client currency tracked_hours amount effective_rate",
    maker="reports.client_budget(ws, by_currency=True)",
    noun=("amount", "amounts"),
    sorts=get_args(AmountSort),
    label=by_name("client"),
    rows=lambda frame: known(frame, "amount"),
    others=lambda rows: f"{format_money(total_amount(rows))} {unit_of(rows)}",
    apart="currency",
    panels=by_currency,
    detail=_amount_detail,
    finding=findings.amounts,
    scope=lambda frame, _: amounts_scope(frame),
    nothing="There are no amounts to show.",
    reading=_amount_reading,
    draw=_draw_amounts,
)


@overload
def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    top: int | None = 20,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Axes: ...


@overload
def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw the amount of each client's billable hours, with a panel for each currency.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.client_budget`` with ``by_currency=True``, one row per
        client and currency.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw a frame of one currency on. If it is too small, parts are left out: the
        footer first, then the columns of numbers, the subtitle and rows. By default a new figure
        with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one, as tall as needed.
    top : int or None
        How many amounts to draw in all, divided among the currencies; the last line of a panel
        gives the number of the others and their amount. None draws all.
    sort : {"amount", "effective_rate", "client"} or None
        The order of the clients, largest first (names from A); None keeps the frame's.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.figure.Figure or matplotlib.axes.Axes
        The figure of all panels, or for a SubFigure, the figure that it is part of; with `ax`,
        the Axes.

    Raises
    ------
    ConfigError
        A column is missing, an option is invalid, or a frame of several currencies is given `ax`.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.amount_by_client(tf.tables.CLIENT_BUDGET_BY_CURRENCY.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No clients'
    """
    options = Options(ax=ax, fig=fig, top=top, sort=sort, title=title, footer=footer)
    drawn = draw(_AMOUNT_CHART, frame, options)
    return drawn if ax is not None else figure_of(drawn)
