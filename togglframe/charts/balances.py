"""The running balance of hours of each person."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.tables import BALANCE
from togglframe.tables.workspaces import count_of, key_of
from togglframe.text import headlines
from togglframe.text.formats import format_brief_hours, format_difference
from togglframe.text.measures import Floats, floats, id_or_name, in_order, known
from togglframe.text.names import labels_of
from togglframe.text.periods import Periods, begun_periods, by_period, refuse_overlaps
from togglframe.text.scope import not_shown

BalanceSort = Literal["running_hours", "user"]

_COLUMNS: Final = "user period balance_hours running_hours"
_TALL: Final = 1.7  # the height of a person, in rows
_HIGH: Final = 0.8  # the range of all lines, of the height of a person


def balance_lines(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: BalanceSort | None = "running_hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the running balance of each person, the furthest over first.

    A line goes from what was owed or worked ahead at the beginning to the balance at the end of
    each period; all lines have the same scale. What is above the expected hours is filled as over,
    what is below as within. The dot is hollow if the last period is not whole; periods to come are
    left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.balance``, one row per user and period.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many people as are legible, their balances and the title. By default
        a new figure, as tall as needed.
    top : int or None
        How many people to draw; the last line gives the number of the others and their balance.
        None draws all. A single other one is drawn too.
    sort : {"running_hours", "user"} or None
        The order of the people: from the furthest over to the furthest under, of whom `top` are
        furthest from 0, or names from A. None keeps the order of the frame.
    title : str, optional
        The title; by default the headline.
    footer : bool
        Whether to print below the chart where its numbers come from.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ConfigError
        A column is missing, periods overlap, or an option is invalid.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.balance_lines(tf.tables.BALANCE.empty())
    >>> ax.get_title(loc="left")
    'No users'
    """
    choose(sort, (*get_args(BalanceSort), None), "sort")
    report = "reports.balance(ws, 40, period='last-6-months')"
    frame = typed_rows("balance_lines", frame, BALANCE, _COLUMNS, report=report)
    seen = refuse_overlaps(known(frame, "period", "balance_hours", "running_hours"))
    periods = begun_periods(seen)
    key = key_of(frame, id_or_name(frame, "user"))
    rows, running = by_period(seen, key, "running_hours", periods)
    _, balance = by_period(seen, key, "balance_hours", periods)
    lines = np.column_stack([running[:, :1] - balance[:, :1], running])
    rows = rows.assign(running_hours=running[:, -1:].sum(axis=1))
    shown, others = split(_ordered(rows, sort), top, ax, tall=_TALL)
    if sort == "running_hours":
        shown = shown.sort_values(sort, ascending=False, kind="stable")
    with drawing(ax, [max(_TALL * len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no balances to show.")
        else:
            rest = f"{format_brief_hours(float(floats(others, 'running_hours').sum()))} together"
            drawn = lines[shown.index]
            low, high = min(np.nanmin(drawn), 0.0), max(np.nanmax(drawn), 0.0)
            scale = _HIGH / ((high - low) or 1)
            below = max(-low * scale, 0.3)  # how far lines reach below the expected hours
            places = [*range(len(shown)), len(shown) - 0.6 + below]
            names = partial(labels_of, rows, "user")
            canvas.name_rows(shown, names, others, places=places, note=rest)
            last = floats(shown, "running_hours")
            tones = canvas.over_where(last.round(1) > 0)
            numbers = {"balance [h]": [format_difference(value) for value in last]}
            canvas.add_columns(range(len(shown)), numbers, tones)
            canvas.name_periods(periods)
            _draw_lines(canvas, drawn, scale, is_whole=periods.starts[-1] in periods.whole)
            end = places[-1] if len(others) else len(shown) - 1 + below
            canvas.axes[0].set_ylim(end + 0.3, min(-high * scale - 0.2, -0.3))
        unknown = count_of(frame, key[-1], dropna=False) - len(rows)
        reading = [
            _reading(periods) if len(shown) else "",
            not_shown(unknown, "without a schedule", "person", "people"),
        ]
        canvas.put_words(frame, headlines.balances(frame), reading)
    return canvas.axes[0]


def _ordered(rows: pd.DataFrame, sort: BalanceSort | None) -> pd.DataFrame:
    if sort == "running_hours":  # those furthest from 0, of whom the furthest over comes first
        return rows.iloc[np.argsort(-np.abs(floats(rows, sort)), kind="stable")]
    return in_order(rows, BALANCE, sort)


def _is_over(hours: float) -> bool:
    return round(hours, 1) > 0


def _draw_lines(canvas: Drawing, lines: Floats, scale: float, *, is_whole: bool) -> None:
    """Draw each line in its row, beside its name, and hours over what was expected above."""
    colors, ax = canvas.palette, canvas.axes[0]
    at = np.arange(lines.shape[1]) - 0.5  # the end of each period
    for zero, line in enumerate(lines):
        heights = zero - line * scale  # rows are numbered downwards
        ax.hlines(zero, at[0], at[-1], color=colors.muted, linewidth=0.8, zorder=2)
        for tone, where in ((colors.over, line >= 0), (colors.within, line <= 0)):
            look: dict[str, Any] = {"color": tone.fill, "alpha": 0.3, "linewidth": 0}
            ax.fill_between(at, zero, heights, where, interpolate=True, **look)
        ax.plot(at, heights, color=colors.text, linewidth=1.5, zorder=3)
        color = (colors.over if _is_over(line[-1]) else colors.within).fill
        look = {"facecolor": color if is_whole else colors.surface, "edgecolor": color}
        ax.scatter(at[-1], heights[-1], 30, linewidth=1.5, clip_on=False, zorder=4, **look)


def _reading(periods: Periods) -> str:
    """Return how to read the lines."""
    words = f"Lines are balances by {periods.every}, on one scale; above the grey line is over"
    is_whole = periods.starts[-1] in periods.whole
    return f"{words}{'' if is_whole else f'; the last {periods.every} is not whole'}."
