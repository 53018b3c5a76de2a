"""Hours over time, stacked by client, project or person."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Final, Literal, NamedTuple, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, limit, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.errors import ConfigError
from togglframe.tables import HOURS, Column, Kind, Table
from togglframe.tables.workspaces import key_of
from togglframe.text import headlines
from togglframe.text.formats import plural
from togglframe.text.measures import Floats, id_or_name, known
from togglframe.text.names import group_of, labels_of, own_groups_in, workspaces_in
from togglframe.text.periods import (
    Every,
    Periods,
    all_begin,
    by_period,
    periods_of,
    refuse_overlaps,
    with_length,
)
from togglframe.text.scope import not_shown
from togglframe.text.sentences import hours_in_words

LayerSort = Literal["total", "name"]

LAYERS: Final = 5  # more colours cannot be told apart
_TALL: Final = 12.0  # the height of the columns, in rows
_WIDE: Final = 0.8  # of a column, in periods


class Layer(NamedTuple):
    """A part of each column: the rows that it adds up, and its colour."""

    rows: list[int]
    color: str


def hours_by_week(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    by: str | None = None,
    every: Every | None = None,
    top: int | None = LAYERS,
    sort: LayerSort | None = "total",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the hours of each week, stacked by client, project or person, the largest at the top.

    Weeks without entries stay empty. The week that has begun is hollow. One that the range
    covers only in part is marked, if the attrs of the frame have the range. Frames of days, months,
    quarters and years are drawn in the same way.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.hours``, with ``every="week"`` and with what is to be
        stacked in ``by``; other groups are summed up.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: the columns, their names and the title. By default a new figure.
    by : str, optional
        What to stack: "project", "client", "user" or another column of names, such as groups of
        your own; by default the first of these that the frame has.
    every : {"day", "week", "month", "quarter", "year"}, optional
        The length of the frame's periods; by default that of its report, else inferred from its
        dates: weeks if all are Mondays, months if all are the first of a month, else days.
    top : int or None
        How many layers to draw in a colour of their own, at most five, which is also None; the
        others are one layer at the bottom, with their number.
    sort : {"total", "name"} or None
        The order of the layers from the top: most hours first, or names from A; None keeps the
        frame's.
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
    hours_heatmap : The weeks of each user.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.hours_by_week(tf.tables.HOURS.empty())
    >>> ax.get_title(loc="left")
    'No hours'
    """
    choose(sort, (*get_args(LayerSort), None), "sort")
    by = group_of(frame) if by is None else by
    frame = period_rows("hours_by_week", frame, HOURS, "tracked_hours", by=by, every=every)
    periods = periods_of(frame).until(frame["period"].max())
    rows, cells = layers_of(frame, by, "tracked_hours", periods, sort)
    shown, _ = split(rows, most_layers(top), ax)
    with drawing(ax, [_TALL if len(rows) else 3], title, footer) as canvas:
        if rows.empty:
            canvas.show_nothing("There are no hours to show.")
        else:
            draw_stacks(canvas, periods, rows, cells, by=by, n_shown=len(shown), unit="h")
            canvas.name_periods(periods)
        hidden = len(frame) - len(known(frame, "tracked_hours", "period"))
        reading = [
            reading_of(periods, "Columns", periods.final) if len(rows) else "",
            not_shown(hidden, "without known hours", "row"),
        ]
        alt = f"{hours_in_words(frame, by)}."
        canvas.put_words(frame, headlines.hours(frame), reading, alt=alt)
    return canvas.axes[0]


def period_rows(
    chart: str, frame: pd.DataFrame, table: Table, needed: str, *, by: str, every: Every | None
) -> pd.DataFrame:
    """Return the typed frame of a chart of periods, with their length in its attrs."""
    choose(every, (None, *get_args(Every)), "every")
    own = [Column(name=n, kind=Kind.STRING, doc="Own group.") for n in own_groups_in(frame)]
    table = table.with_choices(own)
    if by and (by not in table or table[by].kind is not Kind.STRING):
        raise ConfigError(f"by is a column of names, such as 'client', not {by!r}.")
    call = f"reports.{table.name}(ws, by={by or []!r}, every={every or 'week'!r}, period='2026-10')"
    rows = typed_rows(chart, frame, table, f"{by} period {needed}", "n_days", report=call)
    starts = pd.DatetimeIndex(rows["period"].dropna())
    if every is not None and not all_begin(starts, every):
        raise ConfigError(
            f"every is {every!r}, but some periods of the frame do not begin with a {every}."
        )
    return refuse_overlaps(with_length(rows, every))


def layers_of(
    frame: pd.DataFrame, by: str, column: str, periods: Periods, sort: LayerSort | None
) -> tuple[pd.DataFrame, Floats]:
    """Return a row for each layer, the first at the top, and its sums by period."""
    key = [id_or_name(frame, by)] if by else []
    rows, cells = by_period(frame, key_of(frame, *key), column, periods)
    if sort == "total":
        rows = rows.sort_values(column, ascending=False, kind="stable")
    elif sort == "name" and by:
        rows = rows.sort_values(by, kind="stable")
    return rows, cells


def most_layers(top: int | None) -> int:
    """Return how many layers have a colour of their own."""
    most = limit(top) or LAYERS
    if most > LAYERS:
        raise ConfigError(f"top is at most {LAYERS}: more colours cannot be told apart.")
    return most


def draw_stacks(
    canvas: Drawing,
    periods: Periods,
    rows: pd.DataFrame,
    cells: Floats,
    *,
    by: str,
    n_shown: int,
    unit: str,
    ax: Axes | None = None,
) -> None:
    """Draw a column for each period, with a scale and the names of its layers.

    The first `n_shown` rows have a layer of their own, the others one at the bottom.
    """
    ax, palette = ax or canvas.axes[0], canvas.palette
    colors = (*palette.categories[:LAYERS], palette.others)
    layers = [Layer([row], color) for row, color in zip(rows.index[:n_shown], colors, strict=False)]
    if n_shown < len(rows):
        layers.append(Layer([*rows.index[n_shown:]], palette.others))
    layers.reverse()  # the first from below
    _draw_layers(canvas, periods, cells, layers, ax)
    canvas.set_scale(0, ax.get_ylim()[1], unit, upright=True, ax=ax)
    if by or len(rows) > 1:
        names = partial(_names, rows.sort_index(), by, layers)
        heights = np.array([np.nansum(cells[layer.rows, -1]) for layer in layers])
        middles = np.where(heights > 0, np.cumsum(heights) - heights / 2, np.nan)
        canvas.name_ends(names, middles, [layer.color for layer in layers], ax=ax)


def _draw_layers(
    canvas: Drawing, periods: Periods, cells: Floats, layers: Sequence[Layer], ax: Axes
) -> None:
    """Draw a column for each period, of these layers; one that is not over is hollow."""
    surface = canvas.palette.surface
    at, bottom = np.arange(len(periods)), np.zeros(len(periods))
    is_final = periods.starts.isin(periods.final)
    edge = min(1.0, 0.05 * canvas.plot / len(periods))
    for rows, color in layers:
        heights = np.nansum(cells[rows], axis=0)
        for which, face, outline in ((is_final, color, surface), (~is_final, surface, color)):
            drawn = which & (heights > 0)
            ax.bar(
                at[drawn],
                heights[drawn],
                _WIDE,
                bottom[drawn],
                facecolor=face,
                edgecolor=outline,
                linewidth=edge,
                zorder=3,
                label=str(rows[0]),
            )
        bottom += heights
    ax.axhline(0, color=canvas.palette.muted, linewidth=1, zorder=4)
    ax.set_ylim(0, 1.05 * bottom.max() or 1)


def _names(rows: pd.DataFrame, by: str, layers: Sequence[Layer], cells: int) -> list[str]:
    """Name layers by their rows, in the order of the frame, or by how many they add up."""
    hints = ["client"] if by == "project" else []
    labels = labels_of(rows, by, *hints, cells=cells) if by else workspaces_in(rows)[0]
    return [
        labels[first] if not more else plural(len(more) + 1, "other")
        for (first, *more), _ in layers
    ]


def reading_of(periods: Periods, what: str, solid: pd.DatetimeIndex) -> str:
    """Say what the periods of a chart are, and that those that are not solid are hollow."""
    each = "weeks from Monday" if periods.every == "week" else f"{periods.every}s"
    count = len(periods) - len(solid)
    hollow = "the hollow one is" if count == 1 else "hollow ones are"
    return f"{what} are {each}{f'; {hollow} not whole' if count else ''}."
