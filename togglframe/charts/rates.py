"""The labour cost and the hourly rate of members."""

from __future__ import annotations

from typing import Any, Final, Literal, get_args, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._chart import Chart, Group, Options, Panel, by_currency, draw
from togglframe.charts._fonts import printable
from togglframe.charts._page import Page
from togglframe.charts.output import figure_of
from togglframe.tables import RATE_CARD
from togglframe.text import findings
from togglframe.text.formats import MINUS, format_money, format_signed_money, plural
from togglframe.text.measures import Floats, currency_decimals, floats, in_order, with_margin
from togglframe.text.names import (
    NAME_CELLS,
    disambiguate,
    names_of,
    shorten_distinct,
    workspaces_in,
)
from togglframe.text.scope import rates_scope

RateSort = Literal["unit_margin", "hourly_rate", "labour_cost"]


def _labels(frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]:
    people = frame["user_id"].notna() | frame["user"].notna()
    users, groups = names_of(frame, "user", printable), names_of(frame, "group", printable)
    who = [u if person else g for u, g, person in zip(users, groups, people, strict=True)]
    where = shorten_distinct(names_of(frame, "project", printable), cells // 2 + 1)
    short = shorten_distinct(who, 3 * cells // 4)
    pairs = [f"{person} · {project}" for person, project in zip(short, where, strict=True)]
    ids = [[f"#{number}" for number in frame[key]] for key in ("project_id", "user_id")]
    return disambiguate(pairs, *workspaces_in(frame), *ids, groups)


def _ordered(frame: pd.DataFrame, *, column: str | None, ascending: bool | None) -> pd.DataFrame:
    """Put the smallest margin first; by other columns, the highest."""
    rising = True if column == "unit_margin" else ascending
    return in_order(frame, RATE_CARD, column, ascending=rising)


def _losses_first(frame: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
    """Return a panel for each currency, first those in which most memberships lose money."""
    groups = by_currency(frame, rows)
    return sorted(groups, key=lambda group: -_losses(group.rows))


def _losses(rows: pd.DataFrame) -> int:
    return int((floats(rows, "unit_margin") < 0).sum())


def _lowest(rows: pd.DataFrame) -> str:
    lowest = float(floats(rows, "unit_margin").min())
    margin = format_money(lowest, currency_decimals(rows))
    return f"margin of {margin}" if len(rows) == 1 else f"margins of {margin} or more"


def _decimals(rows: pd.DataFrame, *values: Floats) -> int:
    """Return the number of decimals to print: none if no value has any."""
    return currency_decimals(rows) if np.any(np.concatenate(values) % 1) else 0


def _draw(page: Page, panel: Panel, _: Options) -> None:
    ax, style, frame = page.ax, page.style, panel.rows
    places = np.arange(len(frame), dtype=float)
    cost, rate = floats(frame, "labour_cost"), floats(frame, "hourly_rate")
    below = cost > rate
    for which, color, line, label in (
        (~below, style.within, "solid", "Rate above cost"),
        (below, style.over, "dashed", "Cost above rate"),
    ):
        at, low, high = places[which], cost[which], rate[which]
        ax.hlines(at, low, high, color=color, linestyle=line, linewidth=2, zorder=3, label=label)
        ax.scatter(high, at, s=42, color=color, zorder=4, label="Rate")
        hollow: dict[str, Any] = {"facecolors": style.surface, "edgecolors": color}
        ax.scatter(low, at, s=42, **hollow, linewidths=1.6, zorder=4, label="Cost")
    least, most = min(cost.min(), rate.min(), 0.0), float(max(cost.max(), rate.max()))
    page.scale(least, 1.04 * most or 1, f"{RATE_CARD['hourly_rate'].label} [{panel.group.unit}]")
    values = floats(frame, "unit_margin")
    places_after = _decimals(frame, cost, rate)
    plain, strong = [False] * len(frame), list(below)
    page.column("cost", places, [format_money(value, places_after) for value in cost], plain)
    page.column("rate", places, [format_money(value, places_after) for value in rate], plain)
    margins = [format_signed_money(value, places_after) for value in values]
    page.column(f"rate {MINUS} cost", places, margins, strong)


def _reading(drawn: pd.DataFrame, _: Options) -> str:
    words = "Per hour: hollow dot cost, solid dot rate"
    return f"{words}; dashed where the cost is higher" if _losses(drawn) else words


_CHART: Final = Chart[Options](
    name="rate_dumbbell",
    table=RATE_CARD,
    columns="project_id project user_id user group_id group hourly_rate labour_cost currency "
    "unit_margin",
    noun=("membership", "memberships"),
    sorts=get_args(RateSort),
    label=_labels,
    rows=with_margin,
    order=_ordered,
    others=_lowest,
    apart="currency",
    panels=_losses_first,
    urgent=_losses,
    detail=lambda rows: plural(len(rows), "membership"),
    finding=findings.rates,
    scope=lambda frame, _: rates_scope(frame),
    span="current rates",
    nothing="There are no members with both a rate and a cost to show.",
    reading=_reading,
    draw=_draw,
)


@overload
def rate_dumbbell(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    top: int | None = 20,
    sort: RateSort | None = "unit_margin",
    title: str | None = None,
    footer: bool = True,
) -> Axes: ...


@overload
def rate_dumbbell(
    frame: pd.DataFrame,
    *,
    ax: None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    sort: RateSort | None = "unit_margin",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


def rate_dumbbell(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    sort: RateSort | None = "unit_margin",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw the cost and rate of each member, the smallest margin first, one panel per currency.

    The line between the dots is the unit margin; it is dashed if the cost is above the rate.
    Members whose rate or cost is not visible are left out, and the footer gives their number.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.rate_card``, one row per project, user and group.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw a frame of one currency on. If it is too small, parts are left out: the
        footer first, then the columns of numbers, the subtitle and rows. By default a new figure
        with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one, as tall as needed.
    top : int or None
        How many members to draw in all, divided among the currencies; the last line of a panel
        gives the number of the others. None draws all.
    sort : {"unit_margin", "hourly_rate", "labour_cost"} or None
        The order of the members: smallest margin, or highest rate or cost, first; None keeps
        the frame's.
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
    >>> fig = tf.charts.rate_dumbbell(tf.tables.RATE_CARD.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No memberships'
    """
    options = Options(ax=ax, fig=fig, top=top, sort=sort, title=title, footer=footer)
    drawn = draw(_CHART, frame, options)
    return drawn if ax is not None else figure_of(drawn)
