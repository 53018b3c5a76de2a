"""The hours of each user over time, as a heatmap."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from togglframe.charts import _rows
from togglframe.charts._chart import Chart, Options, Panel, draw
from togglframe.charts._page import Page
from togglframe.charts._periods import (
    EVERY,
    NOTE,
    Grid,
    PeriodOptions,
    blend,
    contrast,
    grid_of,
    label_layers,
    maker_of,
    name_periods,
    named_by,
    summed,
    with_every,
)
from togglframe.charts.style import Theme
from togglframe.tables import HOURS
from togglframe.text import findings_over_time as findings
from togglframe.text.formats import format_cell_hours, format_hours
from togglframe.text.measures import total_hours
from togglframe.text.periods import Every, periods_of, with_length
from togglframe.text.scope import hours_scope, hours_tracked
from togglframe.text.sentences import user_hours_in_words

MapSort = Literal["tracked_hours", "user"]

_CELL: Final = (0.92, 0.84)  # of a period and a row
_LIGHTEST: Final = 0.08  # the weakest colour of a cell with hours
_LEGIBLE: Final = 4.6  # the contrast of numbers on the darkest cell


def _cut(frame: pd.DataFrame) -> str:
    return periods_of(frame).cut_in_words


_TRACKED: Final = ("tracked_hours", partial(total_hours, what="tracked"), _cut)


def _draw_map(page: Page, panel: Panel, _: PeriodOptions) -> None:
    grid = grid_of(panel, ["user_id"], "tracked_hours", with_others=False)
    ax, style = page.ax, page.style
    ax.grid(visible=False)
    rows, columns = np.nonzero(~np.isnan(grid.cells))
    hours = grid.cells[rows, columns]
    darkest, highest = _darkest(style), float(hours.max(initial=0.0)) or 1.0
    shares = np.where(hours > 0, _LIGHTEST + (1 - _LIGHTEST) * hours / highest, 0.0)
    shades = [blend(style.surface, style.within, darkest * share) for share in shares]
    wide, high = _CELL
    corners = np.array([(-wide, -high), (wide, -high), (wide, high), (-wide, high)]) / 2
    middles = np.column_stack([columns, rows]).astype(float)
    cells = PolyCollection(
        list(middles[:, None, :] + corners[None]),
        facecolors=shades, edgecolors=style.muted, linewidths=0.5, zorder=3, label="Hours",
    )  # fmt: skip
    ax.add_collection(cells, autolim=False)
    page.when_placed(lambda plot: _finish_map(page, grid, cells, plot))
    whole = [
        format_hours(total_hours(panel.rows.iloc[[row]], "tracked"))
        for row in range(len(panel.rows))
    ]
    end = format_hours(total_hours(panel.others, "tracked")) if len(panel.others) else ""
    places = range(len(panel.rows))
    page.column("tracked", places, whole, [False] * len(whole), end=end)


def _finish_map(page: Page, grid: Grid, cells: PolyCollection, plot: float) -> None:
    step = name_periods(page, grid.periods, plot)
    cells.set_linewidth(min(0.5, 0.03 * step))
    rows, columns = np.nonzero(~np.isnan(grid.cells))
    texts = [format_cell_hours(grid.cells[cell]) for cell in zip(rows, columns, strict=True)]
    if max(map(page.small_width, texts)) + 2 > _CELL[0] * step:
        return
    for row, column, text in zip(rows, columns, texts, strict=True):
        page.inside(text, float(column), float(row))


def _darkest(style: Theme) -> float:
    """Return the strongest colour of cells on which numbers are legible."""
    shares = np.linspace(1, 0.2, 41)
    legible = (
        share
        for share in shares
        if contrast(style.text, blend(style.surface, style.within, share)) >= _LEGIBLE
    )
    return float(next(legible, shares[-1]))


def _reading_map(drawn: pd.DataFrame, _: Options) -> str:
    every, note = drawn[EVERY].iloc[0], drawn[NOTE].iloc[0]
    words = f"The stronger the colour, the more hours in the {every}; no cell means no entry"
    return f"{words}; {note}" if note else words


_MAP_CHART: Final = Chart[PeriodOptions](
    name="hours_heatmap",
    table=named_by(HOURS, "user"),
    columns="user_id user period tracked_hours",
    optional=("n_days",),
    maker=maker_of("hours", "user", "week", "2026-10"),
    grain=HOURS,
    noun=("user", "users"),
    sorts=get_args(MapSort),
    label=label_layers("user"),
    subject=with_every,
    rows=summed(["user_id"], *_TRACKED),
    others=hours_tracked,
    finding=findings.user_periods,
    scope=lambda frame, options: hours_scope(with_length(frame, options.every)),
    span="time entries",
    alt=lambda frame: f"{user_hours_in_words(frame)}.",
    nothing="There are no hours to show.",
    reading=_reading_map,
    draw=_draw_map,
)


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
    """Draw the hours of each user in each week as a heatmap, with stronger colours for more hours.

    A week without an entry has no cell, which differs from a cell of zero hours. Numbers are
    printed in the cells if there is room for all of them.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.hours``, with ``by="user"`` and ``every="week"``; other
        groups are summed up.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    every : {"week", "month", "day"}, optional
        The length of the frame's periods; by default that of its report, else inferred from its
        dates: weeks if all are Mondays, months if all are the first of a month, else days.
    top : int or None
        How many users to draw; the last line gives the number of the others and their hours.
        None draws all.
    sort : {"tracked_hours", "user"} or None
        The order of the users, most hours first (names from A); None keeps the frame's.
    ascending : bool, optional
        Whether the fewest hours come first. By default False, for names True.
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
    _rows.choose(every, (None, *get_args(Every)), "every")
    options = PeriodOptions(
        ax=ax, every=every, top=top, sort=sort, ascending=ascending, title=title, footer=footer
    )
    return draw(_MAP_CHART, frame, options)
