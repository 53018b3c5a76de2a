"""The billable share of hours by project."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.bullets import Scale
from togglframe.tables import PROJECT_BUDGET
from togglframe.text import headlines
from togglframe.text.formats import format_percent, format_whole
from togglframe.text.measures import floats, in_order, known
from togglframe.text.names import labels_of
from togglframe.text.scope import LIFETIME, not_shown, tracked

SplitSort = Literal[
    "tracked_hours", "billable_hours", "non_billable_hours", "billable_share", "project"
]

_COLUMNS: Final = "project tracked_hours billable_hours non_billable_hours billable_share"


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
        The Axes to draw on: as many projects as are legible, one column of numbers and the title.
        By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others and their hours.
        None draws all. A single other one is drawn too.
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
        A column is missing, or an option is invalid.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.billable_split(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    choose(sort, (*get_args(SplitSort), None), "sort")
    choose(scale, get_args(Scale), "scale")
    frame = typed_rows("billable_split", frame, PROJECT_BUDGET, _COLUMNS, "client_id client")
    rows = known(frame, "tracked_hours", "billable_hours")
    shown, others = split(in_order(rows, PROJECT_BUDGET, sort, ascending=ascending), top, ax)
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no projects with billable hours to show.")
        else:
            names = partial(labels_of, frame, "project", "client")
            canvas.name_rows(shown, names, others, note=tracked(others))
            _draw_numbers(canvas, shown)
            _draw_bars(canvas, shown, scale)
        found = headlines.billable(frame, by_share=sort == "billable_share")
        unknown = not_shown(len(frame) - len(rows), "with unknown billable hours")
        reading = ["The grey part of a bar is not billable." if len(shown) else "", unknown]
        alt = f"Billable hours, one row per project: {found}."
        canvas.put_words(frame, found, reading, LIFETIME, alt=alt)
    return canvas.axes[0]


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame) -> None:
    share = floats(shown, "billable_share")
    columns = {
        "billable": ["" if np.isnan(value) else format_percent(value) for value in share],
        "tracked [h]": [format_whole(value) for value in floats(shown, "tracked_hours")],
    }
    canvas.add_columns(range(len(shown)), columns)


def _draw_bars(canvas: Drawing, shown: pd.DataFrame, scale: Scale) -> None:
    places, colors = np.arange(len(shown), dtype=float), canvas.palette
    part, rest = floats(shown, "billable_hours"), floats(shown, "non_billable_hours")
    if scale == "percent":
        part = 100 * floats(shown, "billable_share")
        rest = 100 - part
    drawn = ~np.isnan(part)
    canvas.paint(places[drawn], part[drawn], colors.within, "Billable")
    has_rest = drawn & (rest > 0)
    canvas.paint(places[has_rest], rest[has_rest], colors.not_billable, "Not billable",
          left=part[has_rest])  # fmt: skip
    if scale == "percent":
        canvas.set_scale(0, 100, "%")
    else:
        canvas.set_scale(0, 1.02 * float((part + rest).max()) or 1, "h")
