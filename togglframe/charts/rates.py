"""The labour cost and the hourly rate of members."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, by_currency, drawing, split_each
from togglframe.charts.output import figure_of
from togglframe.tables import RATE_CARD
from togglframe.text import headlines
from togglframe.text.formats import format_money, format_signed_money
from togglframe.text.measures import currency_decimals, floats, in_order, with_margin
from togglframe.text.names import (
    NAME_CELLS,
    currency_of,
    disambiguate,
    names_of,
    one_line,
    shorten_distinct,
    workspaces_in,
)
from togglframe.text.scope import not_shown

RateSort = Literal["unit_margin", "hourly_rate", "labour_cost"]

_ENDS: Final = ("hourly_rate", "labour_cost")
_COLUMNS: Final = "project user group hourly_rate labour_cost currency unit_margin"


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

    The line between the dots is the margin; it is dashed if the cost is above the rate. Members
    whose rate or cost is not visible are left out, and a line says how many.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.rate_card``, one row per project, user and group.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw a frame of one currency on: as many members as are legible, their margins
        and the title. By default a new figure with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one, as tall as needed.
    top : int or None
        How many members to draw in all, shared out among the currencies; the last line of a panel
        gives the number of the others. None draws all. A single other one is drawn too.
    sort : {"unit_margin", "hourly_rate", "labour_cost"} or None
        The order of the members: smallest margin, or highest rate or cost, first; None keeps
        the frame's.
    title : str, optional
        The title; by default the headline.
    footer : bool
        Whether to print below the chart where its numbers come from.

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
    choose(sort, (*get_args(RateSort), None), "sort")
    frame = typed_rows("rate_dumbbell", frame, RATE_CARD, _COLUMNS)
    seen = in_order(with_margin(frame), RATE_CARD, sort, ascending=sort == "unit_margin")
    panels = split_each(by_currency(seen, "rate_dumbbell", ax, fig), top, ax, fig)
    panels.sort(key=lambda panel: -_losses(panel[0]))
    heights = [len(shown) + (len(others) > 0) for shown, others in panels]
    with drawing(ax, heights or [1], title, footer, fig=fig) as canvas:
        if not panels:
            canvas.show_nothing("There are no members with both a rate and a cost to show.")
        for each, (shown, others) in zip(canvas.axes, panels, strict=False):
            decimals = _decimals(pd.concat([shown, others]))
            lowest = _lowest(others, decimals)
            canvas.name_rows(shown, partial(_names, frame), others, note=lowest, ax=each)
            _draw_numbers(canvas, shown, decimals, each)
        for each, (shown, _) in zip(canvas.axes, panels, strict=False):
            _draw_dots(canvas, shown, each)
            canvas.name_panel(currency_of(shown), ax=each)
        unknown = not_shown(len(frame) - len(seen), "without a known rate and cost", "membership")
        reading = [_reading(seen), unknown]
        canvas.put_words(frame, headlines.rates(frame), reading, "current rates")
    return canvas.axes[0] if ax is not None else figure_of(canvas.axes[0])


def _losses(rows: pd.DataFrame) -> int:
    return int((floats(rows, "unit_margin") < 0).sum())


def _names(
    frame: pd.DataFrame, cells: int = NAME_CELLS, write: Callable[[str], str] = one_line
) -> list[str]:
    """Name members, or groups without users, and their projects if there are several."""
    ids = frame.get("user_id", frame["user"])
    users, groups = (names_of(frame, who, write) for who in ("user", "group"))
    has_user = frame["user"].notna() | ids.notna()
    who = [user if has else group for user, group, has in zip(users, groups, has_user, strict=True)]
    projects = names_of(frame, "project", write)
    if len(set(projects)) > 1:
        short = shorten_distinct(who, 3 * cells // 4), shorten_distinct(projects, 2 * cells // 3)
        labels = [f"{person} · {project}" for person, project in zip(*short, strict=True)]
    else:
        labels = shorten_distinct(who, cells)
    keys = [key for key in ("project_id", "user_id") if key in frame]
    numbers = [[f"#{number}" for number in frame[key]] for key in keys]
    return disambiguate(labels, *workspaces_in(frame), *numbers, groups)


def _decimals(rows: pd.DataFrame) -> int:
    """Return the decimals of all amounts: none where no rate and no cost has cents."""
    has_cents = any((floats(rows, name) % 1).any() for name in _ENDS)
    return currency_decimals(rows) if has_cents else 0


def _lowest(rows: pd.DataFrame, decimals: int) -> str:
    """Say how low the margins of the others are."""
    lowest = floats(rows, "unit_margin").min(initial=np.inf)
    return f"margins of {format_money(float(lowest), decimals)} or more" if len(rows) else ""


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame, decimals: int, ax: Axes) -> None:
    margin, rate, cost = (floats(shown, name) for name in ("unit_margin", *_ENDS))
    columns = {
        "margin": [format_signed_money(value, decimals) for value in margin],
        "rate": [format_money(value, decimals) for value in rate],
        "cost": [format_money(value, decimals) for value in cost],
    }
    tones = canvas.over_where(margin < 0)
    canvas.add_columns(range(len(shown)), columns, tones, ax=ax)


def _draw_dots(canvas: Drawing, shown: pd.DataFrame, ax: Axes) -> None:
    places, colors = np.arange(len(shown), dtype=float), canvas.palette
    rate, cost = (floats(shown, name) for name in _ENDS)
    below = cost > rate
    for which, tone, line, label in (
        (~below, colors.within, "solid", "Rate above cost"),
        (below, colors.over, "dashed", "Cost above rate"),
    ):
        at, low, high = places[which], cost[which], rate[which]
        look: dict[str, Any] = {"s": 42, "edgecolors": tone.fill, "linewidths": 1.6, "zorder": 4}
        ax.hlines(
            at, low, high, color=tone.fill, linestyle=line, linewidth=2, zorder=3, label=label
        )
        ax.scatter(high, at, facecolors=tone.fill, label="Rate", **look)
        ax.scatter(low, at, facecolors=colors.surface, label="Cost", **look)
    unit = "" if canvas.is_whole else currency_of(shown, "")
    ends = np.concatenate([cost, rate, [0.0]])
    canvas.set_scale(float(ends.min()), 1.04 * float(ends.max()) or 1, unit, ax=ax)


def _reading(seen: pd.DataFrame) -> str:
    if seen.empty:
        return ""
    dashed = "; the line is dashed where the cost is higher" if _losses(seen) else ""
    return f"Per hour: a hollow dot is the cost, a solid one the rate{dashed}."
