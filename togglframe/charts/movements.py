"""Changes between two snapshots: what was tracked since, against what was left."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.style import points
from togglframe.tables import CHANGES, PROJECT_BUDGET
from togglframe.text import headlines
from togglframe.text.formats import format_brief_hours, format_difference, format_percent
from togglframe.text.measures import (
    Floats,
    estimate_change,
    exact_sum,
    floats,
    hours_since,
    in_order,
    is_change,
    movement,
    that_moved,
    went_over,
)
from togglframe.text.names import labels_of
from togglframe.text.scope import not_shown, snapshots_of

ChangesSort = Literal[
    "movement", "tracked_hours_difference", "estimated_hours_difference", "project"
]

_TABLE: Final = CHANGES[PROJECT_BUDGET.name]
_COLUMNS: Final = (
    "project change tracked_hours_before tracked_hours_after tracked_hours_difference "
    "estimated_hours_before estimated_hours_after estimated_hours_difference"
)
_SHAFT: Final = 0.5  # the height of an arrow's shaft, in bars
_HEAD: Final = 9.0  # the size of its head [pt]


def snapshot_changes(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: ChangesSort | None = "movement",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw what was tracked between two snapshots, the biggest movements first.

    An arrow leads from the hours of the earlier snapshot to those of the later one. A tick is what
    was left of the estimate, where it is near: the part of an arrow beyond it is hatched.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.Archive.changes``, one row per project that changed, is new or
        gone.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many projects as are legible, one column of numbers and the title.
        By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others and the hours
        tracked on them. None draws all. A single other one is drawn too.
    sort : {"movement", "tracked_hours_difference", "estimated_hours_difference", "project"} or None
        The order of the projects, largest first (names from A), ties by id; ``"movement"`` is the
        change of the hours or of the estimate, whichever is greater, up or down. None keeps the
        order of the frame.
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
    budget_bullet : All projects against their estimates, as they are now.

    Notes
    -----
    All hours of a new project count as tracked since; one that is gone has no arrow. A project of
    which only other measures changed, such as its amount, is not drawn.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.snapshot_changes(tf.tables.CHANGES["project_budget"].empty())
    >>> ax.get_title(loc="left")
    'No changes since the earlier snapshot'
    """
    choose(sort, (*get_args(ChangesSort), None), "sort")
    frame = typed_rows(
        "snapshot_changes", frame, _TABLE, _COLUMNS, "client", report="Archive.changes(since)"
    )
    rows = that_moved(frame)
    if sort == "movement":
        rows = rows.iloc[np.argsort(-movement(rows), kind="stable")]
    else:
        rows = in_order(rows, _TABLE, sort)
    shown, others = split(rows, top, ax)
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no changes of projects to show.")
        else:
            held = f"{format_brief_hours(exact_sum(hours_since(others)))} tracked"
            names = partial(labels_of, frame, "project", "client")
            canvas.name_rows(shown, names, others, note=held)
            _add_numbers(canvas, shown)
            _draw_arrows(canvas, shown)
        hidden = not_shown(len(frame) - len(rows), "with other changes or unknown hours")
        reading = [*_reading(shown, sort), hidden]
        canvas.put_words(frame, headlines.changes(frame), reading, snapshots_of(frame))
    return canvas.axes[0]


def _draw_arrows(canvas: Drawing, shown: pd.DataFrame) -> None:
    """Draw an arrow for each project, and a tick where its estimate was used up."""
    ax, colors, places = canvas.axes[0], canvas.palette, np.arange(len(shown), dtype=float)
    hours = np.where(is_change(shown, "gone"), np.nan, hours_since(shown))
    room = _room_left(shown)
    over = hours > room
    within = np.where(over, room, hours)
    tick, canvas.bar = 1.2 * canvas.bar, _SHAFT * canvas.bar
    drawn = np.abs(within) > 0
    canvas.paint(places[drawn], within[drawn], colors.within, "Tracked since")
    canvas.paint(places[over], (hours - within)[over], colors.over, "Over the estimate",
          left=within[over])  # fmt: skip
    for which, tone, marker in (
        (~over & (hours > 0), colors.within, ">"),
        (over, colors.over, ">"),
        (hours < 0, colors.within, "<"),
        (hours == 0, colors.within, "o"),
    ):
        ax.scatter(
            hours[which], places[which], s=points(_HEAD) ** 2, color=tone.fill, marker=marker,
            linewidths=0, zorder=4, label="Now",
        )  # fmt: skip
    near = (room > 0) & (room <= np.nanmax([*hours, 0.0]))
    ends = (places[near] - tick / 2, places[near] + tick / 2)
    ax.vlines(room[near], *ends, color=colors.text, linewidth=2, zorder=5, label="Estimate")
    canvas.set_signed_scale(hours, "h")


def _room_left(shown: pd.DataFrame) -> Floats:
    """Return how much of today's estimate was left at the earlier snapshot, at least 0 [h]."""
    before = np.where(is_change(shown, "new"), 0.0, floats(shown, "tracked_hours_before"))
    estimate = floats(shown, "estimated_hours_after")
    return np.where(estimate > 0, np.maximum(estimate - before, 0.0), np.nan)


def _add_numbers(canvas: Drawing, shown: pd.DataFrame) -> None:
    tones = canvas.over_where(went_over(shown))
    gone, since = is_change(shown, "gone"), hours_since(shown)
    hours = [
        "gone" if is_gone else "unknown" if np.isnan(value) else format_difference(value)
        for is_gone, value in zip(gone, since, strict=True)
    ]
    used = floats(shown, "tracked_hours_after") / _positive(shown, "estimated_hours_after")
    columns = {
        "tracked [h]": hours,
        "of estimate": ["" if np.isnan(value) else format_percent(value) for value in used],
    }
    moved = estimate_change(shown)
    if not np.isnan(moved).all():
        texts = ["" if np.isnan(value) else format_difference(value) for value in moved]
        columns["estimate [h]"] = texts
    canvas.add_columns(range(len(shown)), columns, tones)


def _positive(shown: pd.DataFrame, column: str) -> Floats:
    values = floats(shown, column)
    return np.where(values > 0, values, np.nan)


def _reading(shown: pd.DataFrame, sort: ChangesSort | None) -> list[str]:
    """Return how to read the arrows, and their order where it is not seen."""
    if shown.empty:
        return []
    over = hours_since(shown) > _room_left(shown)
    mark = "; hatched is over it" if over.any() else ""
    has_moved = sort == "movement" and not np.isnan(estimate_change(shown)).all()
    return [
        f"Arrows are hours tracked since; the tick is what was left of the estimate{mark}.",
        "The larger change, of hours or estimate, comes first." if has_moved else "",
    ]
