"""Earnings month by month, each currency separately."""

from __future__ import annotations

from typing import Final, get_args

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._rows import choose
from togglframe.charts._shared import by_currency, drawing, split
from togglframe.charts.output import figure_of
from togglframe.charts.weeks import (
    LAYERS,
    LayerSort,
    draw_stacks,
    layers_of,
    most_layers,
    period_rows,
    reading_of,
)
from togglframe.tables import EARNINGS
from togglframe.text import headlines
from togglframe.text.formats import format_whole_hours
from togglframe.text.measures import known, total_hours
from togglframe.text.names import currency_of, group_of
from togglframe.text.periods import Every, periods_of
from togglframe.text.scope import not_shown
from togglframe.text.sentences import earnings_in_words

_TALL: Final = 12.0  # the height of the columns of one currency, in rows
_SMALL: Final = 4.0  # and of each of several


def earnings_by_month(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    by: str | None = None,
    every: Every | None = None,
    top: int | None = LAYERS,
    sort: LayerSort | None = "total",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw the earnings of each month, stacked by client, project or user, a panel per currency.

    Currencies are never added up. Unknown amounts are in no column, and a line says how many there
    are. The month that has begun is hollow, and one that the range covers only in part is
    marked. Frames of days, weeks, quarters and years are drawn in the same way.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.earnings``, with ``every="month"`` and with what is to be
        stacked in ``by``; other groups are summed up.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw a frame of one currency on: the columns, their names and the title. By
        default a new figure with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one.
    by : str, optional
        What to stack: "project", "client", "user" or another column of names, such as groups of
        your own; by default the first of these that the frame has.
    every : {"day", "week", "month", "quarter", "year"}, optional
        The length of the frame's periods; by default that of its report, else inferred from its
        dates: weeks if all are Mondays, months if all are the first of a month, else days.
    top : int or None
        How many layers of each currency to draw in a colour of their own, at most five, which is
        also None; the others are one layer at the bottom, with their number.
    sort : {"total", "name"} or None
        The order of the layers from the top: largest amount first, or names from A; None keeps the
        frame's.
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
        A column is missing, periods overlap, an option is invalid, or a frame of several currencies
        is given `ax`.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.earnings_by_month(tf.tables.EARNINGS.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No amounts'
    """
    choose(sort, (*get_args(LayerSort), None), "sort")
    by = group_of(frame) if by is None else by
    needed = "currency amount billable_hours"
    frame = period_rows("earnings_by_month", frame, EARNINGS, needed, by=by, every=every)
    seen = known(frame, "amount", "period")
    parts = by_currency(seen, "earnings_by_month", ax, fig)
    periods = periods_of(frame).until(frame["period"].max())
    heights = [_SMALL] * len(parts) if len(parts) > 1 else [_TALL if parts else 3]
    with drawing(ax, heights, title, footer, fig=fig, share=True) as canvas:
        if not parts:
            canvas.show_nothing("There are no known amounts to show.")
        for each, part in zip(canvas.axes, parts, strict=False):
            rows, cells = layers_of(part, by, "amount", periods, sort)
            shown, _ = split(rows, most_layers(top), ax, fig=fig, panels=len(parts))
            unit = "" if canvas.is_whole else currency_of(part, "")
            n_shown = len(shown)
            draw_stacks(canvas, periods, rows, cells, by=by, n_shown=n_shown, unit=unit, ax=each)
        for each, part in zip(canvas.axes, parts, strict=False):
            canvas.name_panel(currency_of(part), ax=each)
        if parts:
            canvas.name_periods(periods, ax=canvas.axes[-1])
        unknown = frame.drop(seen.index)
        held = format_whole_hours(total_hours(unknown, "billable"))
        reading = [
            reading_of(periods, "Columns", periods.final) if parts else "",
            not_shown(len(unknown), f"without a known amount ({held} billable)", "row"),
        ]
        alt = f"{earnings_in_words(frame, by)}."
        canvas.put_words(frame, headlines.earnings(frame), reading, alt=alt)
    return canvas.axes[0] if ax is not None else figure_of(canvas.axes[0])
