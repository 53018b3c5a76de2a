"""How well tasks were estimated."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from togglframe.charts import _findings, _rows
from togglframe.charts._numbers import (
    MINUS,
    TIMES,
    Floats,
    floats,
    hours,
    signed_hours,
    times,
    total_hours,
)
from togglframe.charts._page import Page, checked, new_axes
from togglframe.charts._scope import footnotes, provenance
from togglframe.charts.output import describe
from togglframe.charts.style import drawing
from togglframe.naming import plural
from togglframe.tables import TASK_ACCURACY

AccuracySort = Literal["accuracy_ratio", "variance_hours", "tracked_hours", "task"]

_COLUMNS: Final = (
    "task_id",
    "task",
    "project_id",
    "project",
    "tracked_hours",
    "variance_hours",
    "accuracy_ratio",
    "done",
)
_SORTS: Final = ("accuracy_ratio", "variance_hours", "tracked_hours", "task", None)
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
    frame = _rows.taken(frame, "estimate_accuracy", _COLUMNS, TASK_ACCURACY)
    _rows.choose(sort, _SORTS, "sort")
    checked(ax)
    named = _rows.labelled(frame, "task", "project")
    chosen = named if done is None else named[(named["done"] == done).fillna(value=False)]
    measured = _rows.in_order(chosen[floats(chosen, "accuracy_ratio") > 0], TASK_ACCURACY, sort)
    shown, others = _rows.split(measured, top)
    labels = list(shown[_rows.LABEL])
    ends = _rows.others(others, f"{hours(total_hours(others, 'tracked'))} tracked")
    headline = _findings.or_title(_findings.tasks(chosen), title)
    notes = footnotes(footer, labels, _scope(frame, chosen, measured, done=done), provenance(frame))
    with drawing([*labels, headline], ax) as style:
        page = Page(ax or new_axes(len(labels) + len(ends) or 1), style)
        describe(page.ax, chosen)
        if measured.empty:
            page.nothing("There are no tasks with an estimate and tracked time to show.")
            page.words(headline, "", notes)
            return page.ax
        page.listing(labels, ends)
        _dots(page, shown, np.arange(len(shown), dtype=float))
        page.words(
            headline,
            "Tracked over estimate, on a scale where double and half are equally far",
            notes,
        )
    return page.ax


def _scope(
    frame: pd.DataFrame, chosen: pd.DataFrame, measured: pd.DataFrame, *, done: bool | None
) -> str:
    parts = [
        f"{hours(total_hours(measured, 'tracked'))} tracked on {plural(len(measured), 'task')}"
    ]
    if elsewhere := int((frame["done"] == (not done)).sum()) if done is not None else 0:
        parts.append(f"{elsewhere:,} {'open' if done else 'done'}, not drawn")
    if unknown := len(frame) - len(chosen) - elsewhere:
        parts.append(f"{unknown:,} of which it is not known, not drawn")
    if unmeasured := len(chosen) - len(measured):
        parts.append(f"{unmeasured:,} without an estimate or without tracked time, not drawn")
    return " · ".join(parts)


def _dots(page: Page, frame: pd.DataFrame, places: Floats) -> None:
    ax, style = page.ax, page.style
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
    ratios = [times(value) for value in ratio]
    cut = [("» " if value > _CLIP else "« " if value < 1 / _CLIP else "") for value in ratio]
    cells = [f"{mark}{text}" for mark, text in zip(cut, ratios, strict=True)]
    variance = [signed_hours(value) for value in floats(frame, "variance_hours")]
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
