"""The accuracy of the estimates of tasks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

from togglframe.charts._chart import Chart, Options, Panel, draw
from togglframe.charts._page import TICK, Page
from togglframe.charts._rows import by_name
from togglframe.charts.style import Theme
from togglframe.tables import MS_PER_HOUR, TASK_ACCURACY
from togglframe.tables.workspaces import is_same, key_of
from togglframe.text import findings
from togglframe.text.formats import MINUS, TIMES, format_signed_hours, format_times
from togglframe.text.measures import Floats, above_zero, done_or_open, floats, total_hours
from togglframe.text.names import named
from togglframe.text.scope import hours_tracked, tasks_scope
from togglframe.text.sentences import accuracy_in_words

AccuracyBy = Literal["project", "user", "task"]
AccuracySort = Literal["accuracy_ratio", "variance_hours", "tracked_hours", "task"]

_CLIP = 8.0  # times the estimate, or the inverse; dots beyond are drawn at the edge
_EQUALLY_FAR: Final = "twice and half the estimate are equally far from the line"
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

    by: AccuracyBy
    done: bool | None


def _groups_of(entity: str, key: str) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a function that makes one row per project or person: sums, and the median ratio."""

    def grouped(tasks: pd.DataFrame) -> pd.DataFrame:
        measured = above_zero(tasks, "accuracy_ratio")
        by = key_of(measured, key)
        groups = measured.groupby(by, dropna=False, sort=False)
        firsts = groups.head(1)
        hours = {name: _summed(measured, name, by) for name in ("tracked_hours", "variance_hours")}
        return firsts.assign(
            task=named(firsts, entity),
            **hours,
            accuracy_ratio=groups["accuracy_ratio"].median().to_numpy(),
            n_tasks=groups.size().to_numpy(),
        )

    return grouped


def _summed(tasks: pd.DataFrame, column: str, by: list[str]) -> Any:
    """Sum hours by project or person, exact to the millisecond."""
    milliseconds = (tasks[column] * MS_PER_HOUR).round()
    sums = milliseconds.groupby([tasks[name] for name in by], dropna=False, sort=False).sum()
    return (sums / MS_PER_HOUR).to_numpy()


def _ratios(tasks: pd.DataFrame) -> Floats:
    return floats(tasks, "accuracy_ratio")


def _draw_spread(key: str, page: Page, panel: Panel, _: AccuracyOptions) -> None:
    """Draw a dot for each task in the row of its project or person, and a tick at the median."""
    frame, style = panel.rows, page.style
    places = np.arange(len(frame), dtype=float)
    tasks = [_tasks_of(panel.frame, key, row) for _, row in frame.iterrows()]
    ratio = np.concatenate(tasks)
    at = np.repeat(places, [len(of_one) for of_one in tasks])
    drawn = _clipped(ratio)
    _log_scale(page, drawn)
    for which, color, label in _sides(ratio, style):
        look: dict[str, Any] = {
            "color": color,
            "edgecolors": style.surface,
            "linewidths": 0.6,
            "zorder": 3,
        }
        page.ax.scatter(drawn[which], at[which], s=30, **look, label=label)
    medians = _ratios(frame)
    ends = (places - TICK / 2, places + TICK / 2)
    page.ax.vlines(_clipped(medians), *ends, color=style.reference, linewidth=2, zorder=4,
                   label="Median")  # fmt: skip
    page.zero(1)
    strong = list(medians > 1)
    count = [f"{n:,}" for n in frame["n_tasks"]]
    rest = int(panel.others["n_tasks"].sum())
    page.column("tasks", places, count, [False] * len(frame), end=f"{rest:,}" if rest else "")
    page.column("median", places, [format_times(value) for value in medians], strong)
    page.column(*_variance_column(places, frame, strong), end=_net(panel.others))


def _tasks_of(frame: pd.DataFrame, key: str, row: pd.Series[Any]) -> Floats:
    """Return the ratios of the tasks of the project or person of a row."""
    measured = above_zero(frame, "accuracy_ratio")
    return _ratios(measured[is_same(measured, row, key)])


def _draw_tasks(page: Page, panel: Panel, _: AccuracyOptions) -> None:
    ax, style, frame = page.ax, page.style, panel.rows
    places = np.arange(len(frame), dtype=float)
    ratio = _ratios(frame)
    drawn = _clipped(ratio)
    # First, since an empty mark would make matplotlib choose a scale of its own.
    _log_scale(page, drawn)
    markers = {"Over the estimate": ">", "As estimated": "o", "Under the estimate": "<"}
    for which, color, label in _sides(ratio, style):
        ax.hlines(places[which], 1, drawn[which], color=color, linewidth=1.5, zorder=3)
        look: dict[str, Any] = {"s": 46, "color": color, "marker": markers[label], "zorder": 4}
        ax.scatter(drawn[which], places[which], **look, label=label)
    page.zero(1)
    ratios = [format_times(value) for value in ratio]
    cut = [("» " if value > _CLIP else "« " if value < 1 / _CLIP else "") for value in ratio]
    cells = [f"{mark}{text}" for mark, text in zip(cut, ratios, strict=True)]
    strong = list(ratio > 1)
    page.column("of estimate", places, cells, strong, end=_times(panel.others))
    page.column(*_variance_column(places, frame, strong), end=_net(panel.others))


def _sides(ratio: Floats, style: Theme) -> Iterator[tuple[npt.NDArray[np.bool_], str, str]]:
    yield ratio > 1, style.over, "Over the estimate"
    yield ratio == 1, style.reference, "As estimated"
    yield ratio < 1, style.within, "Under the estimate"


def _clipped(ratio: Floats) -> Floats:
    return np.clip(ratio, 1 / _CLIP, _CLIP)


def _variance_column(
    places: Floats, frame: pd.DataFrame, strong: list[bool]
) -> tuple[str, Floats, list[str], list[bool]]:
    cells = [format_signed_hours(value) for value in floats(frame, "variance_hours")]
    return f"tracked {MINUS} estimate", places, cells, strong


def _net(others: pd.DataFrame) -> str:
    return format_signed_hours(total_hours(others, "variance")) if len(others) else ""


def _times(others: pd.DataFrame) -> str:
    """Return how many times their estimates the others took in total."""
    estimate = total_hours(others, "tracked") - total_hours(others, "variance")
    return format_times(total_hours(others, "tracked") / estimate) if estimate > 0 else ""


def _log_scale(page: Page, drawn: Floats) -> None:
    farthest = float(np.exp2(np.abs(np.log2(drawn)).max()))
    arm = max(farthest, 2.0) * 1.12
    page.ax.set_xscale("log", base=2)
    page.ax.set_xlim(1 / arm, arm)
    page.when_placed(lambda plot: _name_ticks(page, arm, plot))


def _name_ticks(page: Page, arm: float, plot: float) -> None:
    """Label as many ticks of the scale as there is room for."""
    shown = [value for value in _TICKS if 1 / arm <= value <= arm]
    apart = plot / (2 * np.log2(arm))  # a number and its double
    is_wide = apart >= page.width_of(_TICKS[1.0]) / 2 + page.width_of(_TICKS[2.0])
    if apart < 1.5 * page.width_of(_TICKS[2.0]):
        shown = [value for value in shown if value in {1 / 4, 1.0, 4.0} or arm < 4]
    names = {**_TICKS, 1.0: _TICKS[1.0] if is_wide else f"1{TIMES}"}
    axis = page.ax.xaxis
    axis.set_major_locator(FixedLocator(shown))
    axis.set_major_formatter(FixedFormatter([names[value] for value in shown]))
    axis.set_minor_locator(NullLocator())
    page.name_scale(f"Tracked / estimate [{TIMES}]")


def _spread(entity: str, key: str, noun: tuple[str, str]) -> Chart[AccuracyOptions]:
    """Return the chart with a row for each project or person."""
    own = "" if key == "project_id" else f" {key} {entity}"
    return replace(
        _TASKS,
        columns=_TASKS.columns + own,
        noun=noun,
        label=by_name(entity),
        rows=_groups_of(entity, key),
        alt=lambda frame: f"{accuracy_in_words(frame, noun[0])}.",
        reading=lambda *_: f"A dot is a task, the tick the median; {_EQUALLY_FAR}",
        draw=partial(_draw_spread, key),
    )


_TASKS: Final = Chart[AccuracyOptions](
    name="estimate_accuracy",
    table=TASK_ACCURACY,
    columns="task_id task project_id project tracked_hours variance_hours accuracy_ratio done",
    noun=("task", "tasks"),
    sorts=get_args(AccuracySort),
    choices={"by": get_args(AccuracyBy)},
    label=by_name("task", "project"),
    subject=lambda frame, options: done_or_open(frame, done=options.done),
    rows=lambda frame: above_zero(frame, "accuracy_ratio"),
    others=hours_tracked,
    finding=findings.tasks,
    scope=lambda frame, options: tasks_scope(frame, done=options.done),
    nothing="There are no tasks with an estimate and tracked time to show.",
    reading=lambda *_: f"Tracked / estimate; {_EQUALLY_FAR}",
    draw=_draw_tasks,
)
_PROJECTS: Final = _spread("project", "project_id", ("project", "projects"))
_BY: Final = {
    "project": _PROJECTS,
    "user": _spread("assignee", "user_id", ("assignee", "assignees")),
    "task": _TASKS,
}


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
    are equally far from it.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.task_accuracy``, one row per task.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many rows to draw; the last line gives the number of the others and their hours.
        None draws all.
    by : {"project", "user", "task"}
        What a row is: a project or an assignee, with a dot for each of its tasks, or one task.
    sort : {"accuracy_ratio", "variance_hours", "tracked_hours", "task"} or None
        The order of the rows, largest first (names from A): projects and assignees by their
        median ratio, by sums, or by name. None keeps the order of the frame.
    done : bool or None
        Draw done tasks, open tasks, or with None all of them. An open task at 0.4 of its estimate
        is unfinished, not well estimated.
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
        A column is missing, or an option is invalid.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.estimate_accuracy(tf.tables.TASK_ACCURACY.empty())
    >>> ax.get_title(loc="left")
    'No tasks'
    """
    options = AccuracyOptions(
        ax=ax, top=top, by=by, sort=sort, done=done, title=title, footer=footer
    )
    return draw(_BY.get(by, _PROJECTS), frame, options)
