"""The accuracy of the estimates of tasks."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import NullLocator

from togglframe.charts import _fonts
from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.style import points
from togglframe.tables import TASK_ACCURACY
from togglframe.tables.workspaces import key_of
from togglframe.text import headlines
from togglframe.text.formats import TIMES, format_difference, format_times
from togglframe.text.measures import Floats, above_zero, done_or_open, floats, in_order, total_hours
from togglframe.text.names import labels_of, named
from togglframe.text.scope import LIFETIME, not_shown, tracked
from togglframe.text.sentences import accuracy_in_words

AccuracyBy = Literal["project", "user", "task"]
AccuracySort = Literal["accuracy_ratio", "variance_hours", "tracked_hours", "task"]

_ENTITY: Final = {"project": "project", "user": "assignee", "task": "task"}
_COLUMNS: Final = "tracked_hours variance_hours accuracy_ratio done"
_MORE: Final = "task project user_id project_id"
_FEW: Final = 3  # tasks, below which a median says little
_CLIP: Final = 8.0  # times the estimate, or the inverse; dots beyond are drawn at the edge
_TICKS: Final = {1 / 8: "⅛", 1 / 4: "¼", 1 / 2: "½", 1.0: "1", 2.0: "2", 4.0: "4", 8.0: "8"}


def estimate_accuracy(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    by: AccuracyBy = "project",
    sort: AccuracySort | None = "accuracy_ratio",
    done: bool | None = True,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw how many times their estimates done tasks took, with a row for each project.

    A dot is a task, a tick the median. The axis is logarithmic: twice the estimate and half of it
    are equally far from it. Projects and assignees with one or two tasks follow below the others.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.task_accuracy``, one row per task.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many rows as are legible, one column of numbers and the title. By
        default a new figure, as tall as needed.
    top : int or None
        How many rows to draw; the last line gives the number of the others and their hours.
        None draws all. A single other one is drawn too.
    by : {"project", "user", "task"}
        What a row is: a project or an assignee, with a dot for each of its tasks, or one task.
    sort : {"accuracy_ratio", "variance_hours", "tracked_hours", "task"} or None
        The order of the rows, largest first (names from A): projects and assignees by their
        median ratio, by sums, or by name. None keeps the order of the frame.
    done : bool or None
        Draw done tasks, open tasks, or with None all of them. An open task at 0.4 of its estimate
        is unfinished, not well estimated.
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
    >>> ax = tf.charts.estimate_accuracy(tf.tables.TASK_ACCURACY.empty())
    >>> ax.get_title(loc="left")
    'No tasks'
    """
    choose(by, get_args(AccuracyBy), "by")
    choose(sort, (*get_args(AccuracySort), None), "sort")
    entity = _ENTITY[by]
    needed = f"{entity} {_COLUMNS}"
    frame = typed_rows("estimate_accuracy", frame, TASK_ACCURACY, needed, _MORE)
    tasks = done_or_open(frame, done=done)
    measured = above_zero(tasks, "accuracy_ratio")
    groups, ratios = _groups(measured, entity)
    rows = in_order(groups, TASK_ACCURACY, sort)
    if sort == "accuracy_ratio" and by != "task":
        rows = rows.sort_values("n_tasks", key=lambda count: count < _FEW, kind="stable")
    shown, others = split(rows, top, ax)
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no tasks with an estimate and tracked time to show.")
        else:
            hints = ["project"] if by == "task" else []
            canvas.name_rows(
                shown, partial(labels_of, groups, entity, *hints), others, note=tracked(others)
            )
            _draw_numbers(canvas, shown, by)
            _draw_dots(canvas, [ratios[row] for row in shown.index], by)
        reading = [
            _reading(measured, by) if len(measured) else "",
            not_shown(len(frame) - len(tasks), "not done" if done else "already done", "task"),
            not_shown(len(tasks) - len(measured), "without an estimate or tracked time", "task"),
        ]
        alt = f"{accuracy_in_words(tasks, entity)}."
        canvas.put_words(frame, headlines.tasks(tasks), reading, LIFETIME, alt=alt)
    return canvas.axes[0]


def _groups(tasks: pd.DataFrame, entity: str) -> tuple[pd.DataFrame, list[Floats]]:
    """Return a row for each project, assignee or task: sums and a median, and all its ratios."""
    number = "user_id" if entity == "assignee" else f"{entity}_id"
    key = key_of(tasks, number if number in tasks else entity)
    parts = [part for _, part in tasks.groupby(key, dropna=False, sort=False)]
    ratios = [floats(part, "accuracy_ratio") for part in parts]
    firsts = pd.concat([tasks.head(0), *(part.head(1) for part in parts)], ignore_index=True)
    groups = firsts.assign(
        task=named(firsts, entity),
        tracked_hours=[total_hours(part, "tracked") for part in parts],
        variance_hours=[total_hours(part, "variance") for part in parts],
        accuracy_ratio=[float(np.median(ratio)) for ratio in ratios],
        n_tasks=[len(part) for part in parts],
    )
    return groups, ratios


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame, by: AccuracyBy) -> None:
    medians, difference = floats(shown, "accuracy_ratio"), floats(shown, "variance_hours")
    columns = {
        "of estimate" if by == "task" else "median": [format_times(ratio) for ratio in medians],
        "difference [h]": [format_difference(hours) for hours in difference],
    }
    if by != "task":
        columns["tasks"] = [f"{count:,}" for count in shown["n_tasks"]]
    is_over = (medians > 1) & (difference > 0)
    tones = canvas.over_where(is_over)
    canvas.add_columns(range(len(shown)), columns, tones)


def _draw_dots(canvas: Drawing, ratios: list[Floats], by: AccuracyBy) -> None:
    """Draw a dot for each task, with a line to it or, where a row has several, their median."""
    ax, colors = canvas.axes[0], canvas.palette
    _set_scale(canvas, np.concatenate(ratios))
    exact, at = np.concatenate(ratios), np.repeat(np.arange(len(ratios)), [*map(len, ratios)])
    drawn = np.clip(exact, 1 / _CLIP, _CLIP)
    for which, color, label in (
        (exact > 1, colors.over.fill, "Over the estimate"),
        (exact == 1, colors.text, "As estimated"),
        (exact < 1, colors.within.fill, "Under the estimate"),
    ):
        look: dict[str, Any] = {"color": color, "edgecolors": colors.surface, "linewidths": 0.6}
        ax.scatter(drawn[which], at[which], s=34, zorder=4, label=label, **look)
        if by == "task":
            ax.hlines(at[which], 1, drawn[which], color=color, linewidth=1.5, zorder=2)
    if by != "task":
        medians = np.clip([np.median(ratio) for ratio in ratios], 1 / _CLIP, _CLIP)
        places = np.flatnonzero([len(ratio) > 1 for ratio in ratios])
        ends = (places - 0.8 * canvas.bar, places + 0.8 * canvas.bar)
        ax.vlines(medians[places], *ends, color=colors.text, linewidth=2, zorder=3, label="Median")
    ax.axvline(1, color=colors.text, linewidth=1, zorder=1)


def _set_scale(canvas: Drawing, ratios: Floats) -> None:
    """Set a scale on which twice and half the estimate are equally far from it."""
    ax = canvas.axes[0]
    low, high = np.clip([ratios.min(), ratios.max()], [1 / _CLIP, 2.0], [0.5, _CLIP])
    low, high = low / 1.12, high * 1.12
    ticks = {tick: name for tick, name in _TICKS.items() if low <= tick <= high}
    if canvas.plot / len(ticks) < points(26):
        ticks = {tick: name for tick, name in ticks.items() if tick in {1 / 4, 1.0, 4.0}}
    labels = [f"{name}{TIMES}" for name in ticks.values()]
    ax.set_xscale("log", base=2)
    ax.set_xlim(low, high)
    ax.set_xticks([*ticks], labels, fontfamily=_fonts.families(labels))
    ax.xaxis.set_minor_locator(NullLocator())
    ax.grid(axis="x", color=canvas.palette.grid, linewidth=0.8)


def _reading(measured: pd.DataFrame, by: AccuracyBy) -> str:
    """Return how to read the dots."""
    median = "" if by == "task" else ", the tick the row's median"
    ratios = floats(measured, "accuracy_ratio")
    is_cut = (ratios > _CLIP).any() or (ratios < 1 / _CLIP).any()
    edge = "; dots at the edge are farther" if is_cut else ""
    return f"A dot is a task{median}, 1{TIMES} the estimate{edge}."
