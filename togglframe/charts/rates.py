"""What a member costs, and what is charged for the member."""

from __future__ import annotations

from typing import Any, Final, Literal, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _findings, _fonts, _rows
from togglframe.charts._numbers import MINUS, floats, money
from togglframe.charts._page import Page, checked
from togglframe.charts._panels import MoneyChart, draw_by_currency
from togglframe.charts._scope import provenance
from togglframe.naming import plural
from togglframe.tables import RATE_CARD

RateSort = Literal["unit_margin", "hourly_rate", "labour_cost"]

_COLUMNS: Final = (
    "project_id",
    "project",
    "user_id",
    "user",
    "group_id",
    "group",
    "hourly_rate",
    "labour_cost",
    "currency",
    "unit_margin",
)


@overload
def rate_dumbbell(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    top: int | None = None,
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
    top: int | None = None,
    sort: RateSort | None = "unit_margin",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


def rate_dumbbell(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = None,
    sort: RateSort | None = "unit_margin",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw cost and rate of each member, the thinnest margin first, one panel per currency.

    The line between the dots is the unit margin; where the cost is above the rate it is dashed.
    Members whose rate or cost is not visible are left out, and the footer says how many.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.rate_card``, one row per project, user and group.
    ax : matplotlib.axes.Axes, optional
        Where to draw a frame of one currency, in a figure with ``layout="constrained"``, which
        makes room for the names and the words around; by default a new figure with all of them.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        Where to draw all currencies; by default a new figure, as high as the panels need.
    top : int, optional
        How many members to draw for each currency; the last line says how many others there
        are. By default all, up to 200.
    sort : {"unit_margin", "hourly_rate", "labour_cost"} or None
        The order of the members: smallest margin, or highest rate or cost, first; None keeps
        the frame's.
    title : str, optional
        A title instead of the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.figure.Figure or matplotlib.axes.Axes
        The figure of all panels, of a SubFigure the figure it is part of; with `ax`, the Axes.

    Raises
    ------
    ConfigError
        A column is missing, an option is impossible, or several currencies are to share `ax`.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.rate_dumbbell(tf.tables.RATE_CARD.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No memberships'
    """
    frame = _rows.taken(frame, "rate_dumbbell", _COLUMNS, RATE_CARD)
    _rows.choose(sort, ("unit_margin", "hourly_rate", "labour_cost", None), "sort")
    checked(ax)
    named = frame.assign(**{_rows.LABEL: _labels(frame)})
    rising = True if sort == "unit_margin" else None
    known = _rows.in_order(named[named["unit_margin"].notna()], RATE_CARD, sort, ascending=rising)
    headline = _findings.or_title(_findings.rates(frame), title)
    scope = (_scope(frame, known), provenance(frame, "rates of today")) if footer else ()
    return draw_by_currency(
        _RATE_CHART, frame, known, ax=ax, fig=fig, top=top, headline=headline, scope=scope
    )


def _scope(frame: pd.DataFrame, known: pd.DataFrame) -> str:
    parts = [f"{plural(len(frame), 'row')}, one per project and member"]
    if hidden := len(frame) - len(known):
        parts.append(f"{hidden:,} without a visible rate or cost, not drawn")
    return " · ".join(parts)


def _labels(frame: pd.DataFrame) -> list[str]:
    people = frame["user_id"].notna() | frame["user"].notna()
    users, groups = _rows.names(frame, "user"), _rows.names(frame, "group")
    who = [u if person else g for u, g, person in zip(users, groups, people, strict=True)]
    where = [_fonts.shorten(name, 18) for name in _rows.names(frame, "project")]
    pairs = [f"{_fonts.shorten(w, 26)} · {p}" for w, p in zip(who, where, strict=True)]
    ids = [[f"#{number}" for number in frame[key]] for key in ("project_id", "user_id")]
    return _fonts.tell_apart(pairs, *ids, groups)


def _dumbbells(page: Page, frame: pd.DataFrame, others: pd.DataFrame, unit: str) -> None:
    ax, style = page.ax, page.style
    lowest = float(floats(others, "unit_margin").min()) if len(others) else 0.0
    ends = _rows.others(others, f"margin from {money(lowest, 2)}")
    page.listing(list(frame[_rows.LABEL]), ends)
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
        hollow: dict[str, Any] = {
            "facecolors": style.surface,
            "edgecolors": color,
            "linewidths": 1.6,
        }
        ax.scatter(low, at, s=42, **hollow, zorder=4, label="Cost")
    least, most = min(cost.min(), rate.min(), 0.0), float(max(cost.max(), rate.max()))
    page.scale(least, 1.04 * most or 1, f"{RATE_CARD['hourly_rate'].label} [{unit}]")
    values = floats(frame, "unit_margin")
    places_after = 2 if np.any(np.concatenate([cost, rate]) % 1) else 0
    plain, strong = [False] * len(frame), list(below)
    page.column("cost", places, [money(value, places_after) for value in cost], plain)
    page.column("rate", places, [money(value, places_after) for value in rate], plain)
    margins = [_signed(value, places_after) for value in values]
    page.column(f"rate {MINUS} cost", places, margins, strong)


def _signed(value: float, places: int) -> str:
    return f"+{money(value, places)}" if value > 0 else money(value, places)


_RATE_CHART: Final = MoneyChart(
    name="rate_dumbbell",
    draw=_dumbbells,
    detail=lambda group: plural(len(group), "membership"),
    measure="Per hour: hollow dot cost, solid dot rate; dashed where the cost is higher",
    nothing="There are no members with both a rate and a cost to show.",
)
