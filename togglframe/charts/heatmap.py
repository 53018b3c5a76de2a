"""The hours of each user over time, as a heat map."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex

from togglframe.charts._fonts import width
from togglframe.charts._rows import choose
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.style import points
from togglframe.charts.weeks import layers_of, period_rows, reading_of
from togglframe.tables import HOURS
from togglframe.text import headlines
from togglframe.text.formats import format_cell_hours, format_whole
from togglframe.text.measures import Floats, floats, in_order, known
from togglframe.text.names import labels_of
from togglframe.text.palette import contrast
from togglframe.text.periods import Every, Periods, periods_of
from togglframe.text.scope import not_shown, tracked
from togglframe.text.sentences import user_hours_in_words

MapSort = Literal["tracked_hours", "user"]

_LIGHTEST: Final = 0.15  # the share of colour in the cell of the fewest hours
_SMALL: Final = 8.0  # the size of numbers in cells [pt]
_LEGIBLE: Final = 4.6  # the contrast of numbers on the strongest colour


def hours_heatmap(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    every: Every | None = None,
    top: int | None = 20,
    sort: MapSort | None = "tracked_hours",
    ascending: bool | None = None,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the hours of each user in each week as a heat map, with stronger colours for more hours.

    The scale of colours begins at the fewest hours of a whole week. Weeks that are not whole are
    hollow: the one that has begun, and one that the range covers only in part. A week without an
    entry has no cell, which differs from a cell of zero hours. Numbers are printed in the cells if
    there is room for all of them. Means are those of whole weeks or, of days, of weekdays.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.hours``, with ``by="user"`` and ``every="week"``; other
        groups are summed up.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many users as are legible, one column of numbers and the title. By
        default a new figure, as tall as needed.
    every : {"day", "week", "month", "quarter", "year"}, optional
        The length of the frame's periods; by default that of its report, else inferred from its
        dates: weeks if all are Mondays, months if all are the first of a month, else days.
    top : int or None
        How many users to draw; the last line gives the number of the others and their hours.
        None draws all. A single other one is drawn too.
    sort : {"tracked_hours", "user"} or None
        The order of the users: most hours in whole weeks first, or names from A; None keeps the
        frame's.
    ascending : bool, optional
        Whether the fewest hours come first. By default False, for names True.
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

    See Also
    --------
    utilisation_bars : The hours that users tracked against their capacity.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.hours_heatmap(tf.tables.HOURS.empty())
    >>> ax.get_title(loc="left")
    'No users'
    """
    choose(sort, (*get_args(MapSort), None), "sort")
    frame = period_rows(
        "hours_heatmap", frame, HOURS, "tracked_hours n_days", by="user", every=every
    )
    periods = periods_of(frame).until(frame["period"].max())
    rows, cells = layers_of(frame, "user", "tracked_hours", periods, None)
    compared = periods.starts.isin(periods.comparable)
    rows = rows.assign(mean=np.nansum(cells[:, compared], axis=1) / max(compared.sum(), 1))
    shown, others = split(_ordered(rows, sort, ascending=ascending), top, ax, more=1)
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if rows.empty:
            canvas.show_nothing("There are no hours to show.")
        else:
            canvas.name_rows(shown, partial(labels_of, rows, "user"), others, note=tracked(others))
            _add_numbers(canvas, shown, periods)
            canvas.name_periods(periods)
            _draw_cells(canvas, periods, cells[shown.index])
        hidden = len(frame) - len(known(frame, "tracked_hours", "period"))
        reading = [
            f"The stronger the colour, the longer the {periods.every}; without one, nothing was "
            "tracked."
            if len(rows)
            else "",
            reading_of(periods, "Cells", periods.whole) if len(rows) else "",
            not_shown(hidden, "without known hours", "row"),
        ]
        alt = f"{user_hours_in_words(frame)}."
        canvas.put_words(frame, headlines.people(frame), reading, alt=alt)
    return canvas.axes[0]


def _ordered(rows: pd.DataFrame, sort: MapSort | None, *, ascending: bool | None) -> pd.DataFrame:
    if sort == "tracked_hours":
        by = ["mean", "tracked_hours"]
        return rows.sort_values(by, ascending=bool(ascending), kind="stable")
    return in_order(rows, HOURS, sort, ascending=ascending)


def _add_numbers(canvas: Drawing, shown: pd.DataFrame, periods: Periods) -> None:
    """Print the mean of the whole periods, and the sum of all."""
    columns = {"tracked [h]": [format_whole(value) for value in floats(shown, "tracked_hours")]}
    if len(periods.comparable):
        means = [f"{value:,.1f}" for value in shown["mean"]]
        columns = {f"a {periods.each} [h]": means, **columns}
    canvas.add_columns(range(len(shown)), columns)


def _draw_cells(canvas: Drawing, periods: Periods, cells: Floats) -> None:
    ax, surface = canvas.axes[0], canvas.palette.surface
    step = canvas.plot / len(periods)
    is_whole = np.broadcast_to(periods.starts.isin(periods.whole), cells.shape)
    seen = ~np.isnan(cells)
    ax.pcolormesh(
        np.arange(len(periods) + 1) - 0.5, np.arange(len(cells) + 1) - 0.5,
        np.ma.masked_array(cells, ~(seen & is_whole)),
        cmap=_colors(canvas), edgecolors=surface, linewidth=min(2.0, 0.1 * step),
        zorder=3, label="Hours",
    )  # fmt: skip
    row, column = np.nonzero(seen & ~is_whole)
    high, wide = (1 - min(0.5, 3 / side) for side in (canvas.height / canvas.rows, step))
    ax.bar(
        column, high, wide, row - high / 2, facecolor=surface, edgecolor=canvas.palette.others,
        linewidth=min(1.0, 0.05 * step), zorder=3, label="Not whole",
    )  # fmt: skip
    size, texts = points(_SMALL), [format_cell_hours(value) for value in cells[seen]]
    if max(width(text, size) for text in texts) + points(2) > step:
        return
    look: dict[str, Any] = {"color": canvas.palette.text, "fontsize": size, "ha": "center"}
    for (y, x), text in zip(np.argwhere(seen), texts, strict=True):
        ax.text(x, y, text, va="center_baseline", zorder=5, **look)


def _colors(canvas: Drawing) -> LinearSegmentedColormap:
    """Return the colours from the fewest hours to the most, on all of which numbers are legible."""
    ground, ink, full = canvas.palette.surface, canvas.palette.text, canvas.palette.within.fill
    scale = LinearSegmentedColormap.from_list("hours", [ground, full])
    shares = np.linspace(1, 0.3, 36)
    legible = [one for one in shares if contrast(ink, to_hex(scale(one))) >= _LEGIBLE]
    most = legible[0] if legible else shares[-1]
    return LinearSegmentedColormap.from_list("hours", [scale(_LIGHTEST), scale(most)])
