"""Hours over time: stacked by week, and as a heatmap of users and weeks."""

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
    IN_ORDER,
    LEAST,
    MARK,
    NAMED,
    NOTE,
    By,
    Grid,
    LayerSort,
    PeriodOptions,
    blend,
    chosen_by,
    contrast,
    draw_stacked,
    grid_of,
    label_layers,
    layer_order,
    maker_of,
    name_periods,
    named_by,
    stacked_lines,
    summed,
    with_every,
)
from togglframe.charts.style import Theme
from togglframe.tables import HOURS
from togglframe.text import findings_over_time as findings
from togglframe.text.formats import format_cell_hours, format_hours
from togglframe.text.measures import in_order, total_hours
from togglframe.text.periods import Every, periods_of, with_length
from togglframe.text.scope import hours_scope, hours_tracked
from togglframe.text.sentences import hours_in_words, user_hours_in_words

MapSort = Literal["tracked_hours", "user"]

_CELL: Final = (0.92, 0.84)  # of a period and a row
_LIGHTEST: Final = 0.08  # the weakest colour of a cell with hours
_LEGIBLE: Final = 4.6  # the contrast of numbers on the darkest cell


def _cut(frame: pd.DataFrame) -> str:
    return periods_of(frame).cut_in_words


_TRACKED: Final = ("tracked_hours", partial(total_hours, what="tracked"), _cut)


def _draw_layers(key: list[str], page: Page, panel: Panel, options: PeriodOptions) -> None:
    grid = grid_of(panel, key, "tracked_hours", with_others=True)
    cut = grid.periods.cut
    totals = [
        format_cell_hours(value) + (MARK if place in cut else "")
        for place, value in enumerate(np.nan_to_num(grid.totals))
    ]
    draw_stacked(page, panel, grid, totals=totals, is_new=options.ax is None)
    parts = [panel.rows.iloc[[row]] for row in range(len(panel.rows) - 1, -1, -1)]
    parts = [panel.others, *parts] if len(panel.others) else parts
    hours = [format_hours(total_hours(part, "tracked")) for part in parts]
    places = [line.place for line in stacked_lines(panel)]
    page.column("tracked", places, hours, [False] * len(hours))


def _reading_layers(_: Theme, drawn: pd.DataFrame, __: Options) -> str:
    every, note = drawn[EVERY].iloc[0], drawn[NOTE].iloc[0]
    layers = IN_ORDER if len(drawn) > 1 else ""
    cut = f"; {MARK} {note}" if note else ""
    return f"Hours tracked each {every}{layers}{cut}"


def _ordered(
    by: str, frame: pd.DataFrame, *, column: str | None, ascending: bool | None
) -> pd.DataFrame:
    return in_order(frame, _TABLES[by], column, ascending=ascending)


def _layers(by: str) -> Chart[PeriodOptions]:
    """Return the chart of frames that are grouped by this; if empty, it draws one layer."""
    ids, names = [f"{by}_id"] if by else [], [f"{by}_id", by] if by else []
    others = ("client",) if by == "project" else ()
    return Chart[PeriodOptions](
        name="hours_by_week",
        table=_TABLES[by],
        columns=" ".join([*names, "period", "tracked_hours"]),
        optional=("n_days",),
        maker=maker_of("hours", by, "week", "2026-10"),
        grain=HOURS,
        noun=(by, f"{by}s"),
        shown=NAMED,
        sorts=(),
        other_sorts=get_args(LayerSort),
        sort_column=partial(layer_order, by, "tracked_hours"),
        label=label_layers(by, *others),
        subject=with_every,
        rows=summed(ids, *_TRACKED),
        order=partial(_ordered, by),
        others=hours_tracked,
        lines=stacked_lines,
        least=LEAST,
        finding=findings.hours,
        scope=lambda frame, options: hours_scope(with_length(frame, options.every)),
        span="time entries",
        alt=lambda frame: f"{hours_in_words(frame, by)}.",
        nothing="There are no hours to show.",
        reading=_reading_layers,
        draw=partial(_draw_layers, ids),
    )


_TABLES: Final = {by: named_by(HOURS, by) for by in (*get_args(By), "")}
_CHARTS: Final = {by: _layers(by) for by in _TABLES}
_CHART: Final = _CHARTS["project"]


def hours_by_week(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    by: By | None = None,
    every: Every | None = None,
    top: int | None = 5,
    sort: LayerSort | None = "total",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the hours of each week, stacked by project, client or user, the largest at the bottom.

    Weeks without entries stay empty. A first or last week that the range covers only in part is
    marked with a star, if the attrs of the frame have the range. Frames of days and of months are
    drawn in the same way.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.hours``, with ``every="week"`` and with what is to be
        stacked in ``by``; other groups are summed up.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and layers. By default a new figure.
    by : {"project", "client", "user"}, optional
        What to stack; by default the first of these that the frame has.
    every : {"week", "month", "day"}, optional
        The length of the frame's periods; by default that of its report, else inferred from its
        dates: weeks if all are Mondays, months if all are the first of a month, else days.
    top : int or None
        How many layers to draw; one more holds the others, with their number and hours. None draws
        all.
    sort : {"total", "name"} or None
        The order of the layers from the bottom: most hours first, or names from A; None keeps the
        frame's.
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
    hours_heatmap : The weeks of each user.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.hours_by_week(tf.tables.HOURS.empty())
    >>> ax.get_title(loc="left")
    'No hours'
    """
    _rows.choose(every, (None, *get_args(Every)), "every")
    chart = _CHARTS[chosen_by(frame, by)]
    options = PeriodOptions(ax=ax, every=every, top=top, sort=sort, title=title, footer=footer)
    return draw(chart, frame, options)


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


def _reading_map(_: Theme, drawn: pd.DataFrame, __: Options) -> str:
    every, note = drawn[EVERY].iloc[0], drawn[NOTE].iloc[0]
    words = f"The stronger the colour, the more hours in the {every}; no cell means no entry"
    return f"{words}; {note}" if note else words


_MAP_CHART: Final = Chart[PeriodOptions](
    name="hours_heatmap",
    table=_TABLES["user"],
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
