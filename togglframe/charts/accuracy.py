"""How well tasks were estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from togglframe.charts._chart import Chart, Options, Panel, draw
from togglframe.charts._page import Page
from togglframe.charts._rows import by_name
from togglframe.tables import TASK_ACCURACY
from togglframe.words import findings
from togglframe.words.formats import MINUS, TIMES, format_signed_hours, format_times
from togglframe.words.measures import above_zero, done_or_open, floats
from togglframe.words.scope import tasks_scope, tracked

AccuracySort = Literal["accuracy_ratio", "variance_hours", "tracked_hours", "task"]

_COLUMNS: Final = "task_id task project_id project tracked_hours variance_hours accuracy_ratio done"
_CLIP = 8.0  # times the estimate, or the estimate over this; farther dots are at the edge
_TICKS: Final = {
    1 / 8: f"⅛{TIMES}",
    1 / 4: f"¼{TIMES}",
    1 / 2: f"½{TIMES}",
    1.0: "as estimated",
    2.0: f"2{TIMES}",
    4.0: f"4{TIMES}",
    8.0: f"8{TIMES}",
}


@dataclass(frozen=True, kw_only=True)
class AccuracyOptions(Options):
    """The options of estimate_accuracy."""

    done: bool | None


def _draw(page: Page, panel: Panel, _: AccuracyOptions) -> None:
    ax, style, frame = page.ax, page.style, panel.rows
    places = np.arange(len(frame), dtype=float)
    ratio = floats(frame, "accuracy_ratio")
    drawn = np.clip(ratio, 1 / _CLIP, _CLIP)
    ax.set_xscale("log", base=2)
    # First, since an empty mark would make matplotlib look for a scale of its own.
    _log_scale(page, float(np.exp2(np.abs(np.log2(drawn)).max())))
    for which, color, marker, label in (
        (ratio > 1, style.over, ">", "Over the estimate"),
        (ratio == 1, style.reference, "o", "As estimated"),
        (ratio < 1, style.within, "<", "Under the estimate"),
    ):
        ax.hlines(places[which], 1, drawn[which], color=color, linewidth=1.5, zorder=3)
        ax.scatter(
            drawn[which], places[which], s=46, color=color, marker=marker, zorder=4, label=label
        )
    page.zero(1)
    ratios = [format_times(value) for value in ratio]
    cut = [("» " if value > _CLIP else "« " if value < 1 / _CLIP else "") for value in ratio]
    cells = [f"{mark}{text}" for mark, text in zip(cut, ratios, strict=True)]
    variance = [format_signed_hours(value) for value in floats(frame, "variance_hours")]
    strong = list(ratio > 1)
    page.column("of estimate", places, cells, strong)
    page.column(f"tracked {MINUS} estimate", places, variance, strong)


def _log_scale(page: Page, farthest: float) -> None:
    arm = max(farthest, 2.0) * 1.12
    shown = [value for value in _TICKS if 1 / arm <= value <= arm]
    page.scale(1 / arm, arm, f"Tracked / estimate [{TIMES}]")
    axis = page.ax.xaxis
    axis.set_major_locator(FixedLocator(shown))
    axis.set_major_formatter(FixedFormatter([_TICKS[value] for value in shown]))
    axis.set_minor_locator(NullLocator())


_CHART: Final = Chart[AccuracyOptions](
    name="estimate_accuracy",
    table=TASK_ACCURACY,
    columns=_COLUMNS,
    sorts=get_args(AccuracySort),
    label=by_name("task", "project"),
    subject=lambda frame, options: done_or_open(frame, done=options.done),
    rows=lambda frame: above_zero(frame, "accuracy_ratio"),
    others=tracked,
    finding=findings.tasks,
    scope=lambda frame, options: tasks_scope(frame, done=options.done),
    nothing="There are no tasks with an estimate and tracked time to show.",
    reading=lambda *_: "Tracked over estimate, on a scale where double and half are equally far",
    draw=_draw,
)


def estimate_accuracy(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = None,
    sort: AccuracySort | None = "accuracy_ratio",
    done: bool | None = True,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw how many times its estimate each done task took, the longest overrun first.

    The axis is logarithmic: twice the estimate is as far from it as half of it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.task_accuracy``, one row per task.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in a figure with ``layout="constrained"``, which makes room for the names
        and the words around; by default a new figure, as high as the rows need.
    top : int, optional
        How many tasks to draw; the last line says how many others there are and their hours.
        By default all, up to 200.
    sort : {"accuracy_ratio", "variance_hours", "tracked_hours", "task"} or None
        The order of the tasks, largest first (names from A); None keeps the frame's.
    done : bool or None
        Draw the done tasks, the open ones, or with None all: an open task at 0.4 of its
        estimate is unfinished, not well estimated.
    title : str, optional
        A title instead of the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.axes.Axes
        The Axes drawn on.

    Raises
    ------
    ConfigError
        A column is missing, or an option is impossible.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.estimate_accuracy(tf.tables.TASK_ACCURACY.empty())
    >>> ax.get_title(loc="left")
    'No tasks'
    """
    options = AccuracyOptions(ax=ax, top=top, sort=sort, done=done, title=title, footer=footer)
    return draw(_CHART, frame, options)
