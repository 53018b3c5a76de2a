"""Every chart with frames for it, the places it is drawn in, and how its texts are measured."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from unit.charts_all import _projects
from unit.charts_frames import agency
from unit.charts_frames_over_time import layers, many_hours, many_users, utilised

from togglframe import charts


class Case(NamedTuple):
    """A chart, its usual frame, one with a row for each name, and the columns that it needs.

    `has_rows` tells whether it draws a row for each name, `many` in a figure of its own.
    """

    draw: Callable[..., Any]
    frame: Callable[[], pd.DataFrame]
    many: Callable[[tuple[str, ...]], pd.DataFrame]
    needed: str
    sorts: tuple[str, ...]
    has_rows: bool = True


_BUDGET = "project tracked_hours estimated_hours progress variance_hours overrun_hours"
_SPLIT = "project tracked_hours billable_hours non_billable_hours billable_share"

CASES = {
    "budget_bullet": Case(
        charts.budget_bullet,
        agency,
        _projects,
        _BUDGET,
        ("overrun_hours", "variance_hours", "progress", "tracked_hours", "project"),
    ),
    "variance_bars": Case(
        charts.variance_bars,
        agency,
        _projects,
        _BUDGET,
        ("variance", "variance_hours", "progress", "project"),
    ),
    "billable_split": Case(
        charts.billable_split,
        agency,
        _projects,
        _SPLIT,
        ("tracked_hours", "billable_hours", "non_billable_hours", "billable_share", "project"),
    ),
    "hours_by_week": Case(
        charts.hours_by_week,
        layers,
        many_hours,
        "period tracked_hours",
        ("total", "name"),
        has_rows=False,
    ),
    "hours_heatmap": Case(
        charts.hours_heatmap,
        layers,
        many_hours,
        "user period tracked_hours",
        ("tracked_hours", "user"),
    ),
    "utilisation_bars": Case(
        charts.utilisation_bars,
        utilised,
        many_users,
        "user capacity_hours tracked_hours billable_hours",
        ("load", "utilisation", "tracked_hours", "user"),
    ),
}

ROWS = {name: case for name, case in CASES.items() if case.has_rows}

LONG = "Framework agreement for the design of all stations of the line, part {}"


def names(count: int, pattern: str = "Project {}") -> tuple[str, ...]:
    """Return names of rows."""
    return tuple(pattern.format(n) for n in range(1, count + 1))


def in_a_grid(draw: Callable[..., Any], frame: pd.DataFrame, **options: Any) -> list[Axes]:
    """Draw twice in a constrained grid of two by two."""
    _, grid = plt.subplots(2, 2, figsize=(13, 8), layout="constrained")
    for ax in (grid[0, 0], grid[1, 1]):
        draw(frame, ax=ax, **options)
    return [grid[0, 0], grid[1, 1]]


def without_a_layout(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw twice side by side, where no layout engine is at work."""
    _, grid = plt.subplots(1, 2, figsize=(11, 4))
    return [draw(frame, ax=ax) for ax in grid]


def on_a_subfigure(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw on a part of a figure."""
    _, right = plt.figure(figsize=(12, 5), layout="constrained").subfigures(1, 2)
    return [draw(frame, ax=right.subplots())]


def in_large_type(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw in a type that is half as large again."""
    with plt.rc_context({"font.size": 15}):
        return axes_of(draw(frame))


def by_itself(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw on a figure of its own."""
    return axes_of(draw(frame))


PLACES = [by_itself, in_a_grid, without_a_layout, on_a_subfigure, in_large_type]


def axes_of(drawn: Axes | Figure) -> list[Axes]:
    """Return the Axes of what a chart returned."""
    return drawn.axes if isinstance(drawn, Figure) else [drawn]


def texts(figure: Figure) -> Iterator[Text]:
    """Return every text that is seen on a figure."""
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            yield text


def overlaps(figure: Figure) -> list[str]:
    """Return which texts lie on one another or leave the figure, measured on what is drawn."""
    figure.draw_without_rendering()
    hidden = [ax for ax in figure.axes if not ax.axison]
    seen = [
        (text.get_text(), text.get_window_extent())
        for text in texts(figure)
        if not any(text in [*ax.get_xticklabels(), *ax.get_yticklabels()] for ax in hidden)
    ]
    whole = figure.bbox
    faults = [
        f"outside: {words}"
        for words, box in seen
        if box.x0 < whole.x0 - 1
        or box.x1 > whole.x1 + 1
        or box.y0 < whole.y0 - 1
        or box.y1 > whole.y1 + 1
    ]
    for number, (words, box) in enumerate(seen):
        for other, its in seen[number + 1 :]:
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            along = min(box.y1, its.y1) - max(box.y0, its.y0)
            if across > 1 and along > 1.5:
                faults.append(f"{words!r} on {other!r}")
    return faults
