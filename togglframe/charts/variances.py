"""How far projects are over or under their estimates."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.bullets import COLUMNS, MORE, Scale
from togglframe.tables import PROJECT_BUDGET
from togglframe.text import headlines
from togglframe.text.formats import format_brief_hours, format_difference, format_signed_percent
from togglframe.text.measures import Flags, floats, in_order, known, total_hours
from togglframe.text.names import labels_of
from togglframe.text.scope import LIFETIME, not_shown, still_running

VarianceSort = Literal["variance", "variance_hours", "progress", "project"]

_CLIP: Final = 200.0  # per cent; longer bars end with a »


def variance_bars(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: VarianceSort | None = "variance",
    scale: Scale = "hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw how far each project is over or under its estimate, the furthest over first.

    Bars to the right are over the estimate, bars to the left under it, on a scale that extends to
    each side only as far as they do. Projects without an estimate are left out, and a line says
    how many.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many projects as are legible, one column of numbers and the title.
        By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others and their net
        variance. None draws all. A single other one is drawn too.
    sort : {"variance", "variance_hours", "progress", "project"} or None
        The order of the projects, largest first (names from A), ties by overrun, then progress,
        then id; ``"variance"`` is the measure that is drawn, hours or per cent. None keeps the
        order of the frame.
    scale : {"hours", "percent"}
        The measure: hours [h], or per cent of the estimate, cut off at 200 with a ».
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

    See Also
    --------
    budget_bullet : The same projects, with tracked and estimated hours.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.variance_bars(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    choose(sort, (*get_args(VarianceSort), None), "sort")
    choose(scale, get_args(Scale), "scale")
    frame = typed_rows("variance_bars", frame, PROJECT_BUDGET, COLUMNS, MORE)
    drawn = "variance_hours" if scale == "hours" else "progress"
    column = drawn if sort == "variance" else sort
    rows = in_order(known(frame, "variance_hours"), PROJECT_BUDGET, column)
    shown, others = split(rows, top, ax)
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no projects with an estimate to show.")
        else:
            net = f"{format_brief_hours(total_hours(others, 'variance'))} together"
            names = partial(labels_of, frame, "project", "client")
            canvas.name_rows(shown, names, others, note=net)
            _draw_numbers(canvas, shown, scale)
            _draw_bars(canvas, shown, scale)
        reading = _reading(frame, shown)
        canvas.put_words(frame, headlines.budget(frame), reading, LIFETIME)
    return canvas.axes[0]


def _at_risk(frame: pd.DataFrame) -> Flags:
    if "budget_state" not in frame:
        return np.zeros(len(frame), dtype=bool)
    return frame["budget_state"].eq("at_risk").fillna(value=False).to_numpy(dtype=bool)


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame, scale: Scale) -> None:
    variance = floats(shown, "variance_hours")
    hours = [format_difference(value) for value in variance]
    percent = [format_signed_percent(value - 1) for value in floats(shown, "progress")]
    columns = {"difference [h]": hours, "of estimate": percent}
    if scale == "percent":
        columns = {"of estimate": percent, "difference [h]": hours}
    tones = canvas.over_where(variance > 0)
    canvas.add_columns(range(len(shown)), columns, tones)


def _draw_bars(canvas: Drawing, frame: pd.DataFrame, scale: Scale) -> None:
    ax, colors = canvas.axes[0], canvas.palette
    places = np.arange(len(frame), dtype=float)
    values, unit, most = floats(frame, "variance_hours"), "h", np.inf
    if scale == "percent":
        values, unit, most = 100 * (floats(frame, "progress") - 1), "%", _CLIP
    drawn, over, near = np.minimum(values, most), values > 0, _at_risk(frame)
    under = ~over & ~near
    canvas.paint(places[under], drawn[under], colors.within, "Under the estimate")
    canvas.paint(places[near], drawn[near], colors.at_risk, "At risk")
    canvas.paint(places[over], drawn[over], colors.over, "Over the estimate")
    for place in places[values > drawn]:
        ax.text(most, place, "»", color=colors.over.text, weight="bold", va="center_baseline")
    canvas.set_signed_scale(drawn, unit)


def _reading(frame: pd.DataFrame, shown: pd.DataFrame) -> list[str]:
    """Return how to read the bars, and what is not among them."""
    variance = floats(shown, "variance_hours")
    marks = ["to the right is over the estimate"] if (variance > 0).any() else []
    marks += ["to the left under it"] if (variance < 0).any() else []
    marks += ["dotted bars are at risk"] if _at_risk(shown).any() else []
    known_hours = frame["tracked_hours"].notna()
    bare = int((known_hours & frame["variance_hours"].isna()).sum())
    return [
        f"{headlines.sentence(', '.join(marks))}." if marks else "",
        still_running(frame),
        not_shown(bare, "without an estimate"),
        not_shown(int((~known_hours).sum()), "without a status"),
    ]
