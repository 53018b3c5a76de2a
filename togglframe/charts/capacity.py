"""The hours that users tracked against their capacity."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.errors import ConfigError
from togglframe.tables import UTILISATION
from togglframe.text import headlines
from togglframe.text.formats import format_percent, format_whole
from togglframe.text.measures import by_user, floats, in_order, with_capacity, without_capacity
from togglframe.text.names import labels_of
from togglframe.text.periods import no_day_is_over, refuse_overlaps
from togglframe.text.scope import not_shown, tracked

CapacitySort = Literal["load", "utilisation", "tracked_hours", "user"]

_COLUMNS: Final = "user capacity_hours tracked_hours billable_hours"
_FULL: Final = 100.0  # per cent


def utilisation_bars(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: CapacitySort | None = "load",
    ascending: bool | None = None,
    target: float | None = None,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the tracked hours of each user as a share of their capacity, the highest load first.

    All periods of the frame count as one; of one that has begun, the report counts the capacity
    until today. Anything above 100 % is hatched. Users whose capacity is unknown or zero are left
    out and counted.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.utilisation``, one row per user and period, or per user.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many users as are legible, one column of numbers and the title. By
        default a new figure, as tall as needed.
    top : int or None
        How many users to draw; the last line gives the number of the others and their hours.
        None draws all. A single other one is drawn too.
    sort : {"load", "utilisation", "tracked_hours", "user"} or None
        The order of the users, largest first (names from A); None keeps the frame's.
    ascending : bool, optional
        Whether the lowest comes first, to see who has room. By default False, for names True.
    target : float, optional
        The share of capacity that should be billable [1], such as 0.75: a dashed line, and how many
        users reach it.
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
    hours_heatmap : The hours of each user week by week.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.utilisation_bars(tf.tables.UTILISATION.empty())
    >>> ax.get_title(loc="left")
    'No users'
    """
    choose(sort, (*get_args(CapacitySort), None), "sort")
    if target is not None and not 0 < target <= 1:
        raise ConfigError(f"target is a share of capacity above 0, up to 1, not {target!r}.")
    frame = typed_rows("utilisation_bars", frame, UTILISATION, _COLUMNS, "period")
    if "period" in frame:
        refuse_overlaps(frame)
    rows = by_user(with_capacity(frame)).reset_index(drop=True)
    shown, others = split(in_order(rows, UTILISATION, sort, ascending=ascending), top, ax)
    with drawing(ax, [max(len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if no_day_is_over(frame):
            canvas.show_nothing("Capacity counts the days before today.")
        elif shown.empty:
            canvas.show_nothing("There are no users with a known capacity to show.")
        else:
            canvas.name_rows(shown, partial(labels_of, rows, "user"), others, note=tracked(others))
            _add_numbers(canvas, shown)
            _draw_bars(canvas, shown)
            if target is not None:
                look: dict[str, Any] = {"color": canvas.palette.text, "linestyle": (0, (4, 2))}
                canvas.axes[0].axvline(100 * target, zorder=4, label="Target", **look)
        unknown = 0 if no_day_is_over(frame) else len(without_capacity(frame))
        hidden = not_shown(unknown, "without a known capacity", "user")
        reading = [_reading(shown), _reached(rows, target), hidden]
        canvas.put_words(frame, headlines.capacity(frame), reading)
    return canvas.axes[0]


def _add_numbers(canvas: Drawing, shown: pd.DataFrame) -> None:
    load, billable = floats(shown, "load"), floats(shown, "utilisation")
    tones = canvas.over_where(load > 1)
    columns = {
        "used": [format_percent(value) for value in load],
        "billable": ["" if np.isnan(value) else format_percent(value) for value in billable],
        "tracked [h]": [format_whole(value) for value in floats(shown, "tracked_hours")],
    }
    canvas.add_columns(range(len(shown)), columns, tones)


def _draw_bars(canvas: Drawing, shown: pd.DataFrame) -> None:
    places, colors = np.arange(len(shown), dtype=float), canvas.palette
    load, billable = 100 * floats(shown, "load"), 100 * floats(shown, "utilisation")
    within, part = np.minimum(load, _FULL), np.minimum(billable, _FULL)
    known, rest, over = ~np.isnan(part), within > part, load > _FULL
    canvas.paint(places[known], part[known], colors.within, "Billable")
    canvas.paint(places[rest], (within - part)[rest], colors.not_billable, "Not billable",
          left=part[rest])  # fmt: skip
    canvas.paint(places[~known], within[~known], colors.unknown, "Not known to be billable")
    canvas.paint(places[over], load[over] - _FULL, colors.over, "Over capacity", left=_FULL)
    canvas.axes[0].axvline(_FULL, color=colors.text, linewidth=1.2, zorder=4, label="Capacity")
    canvas.set_scale(0, 1.02 * max(float(load.max()), _FULL), "%")


def _reading(shown: pd.DataFrame) -> str:
    """Return how to read the bars."""
    if shown.empty:
        return ""
    marks = ["grey is not billable"] if (shown["utilisation"] < shown["load"]).any() else []
    marks += ["crossed is not known to be"] if shown["utilisation"].isna().any() else []
    marks += ["hatched is over it"] if (shown["load"] > 1).any() else []
    return f"Per cent of capacity{'; ' if marks else ''}{', '.join(marks)}."


def _reached(rows: pd.DataFrame, target: float | None) -> str:
    """Say how many users reach the target."""
    if target is None or rows.empty:
        return ""
    reached = int((floats(rows, "utilisation") >= target).sum())
    line = f"The dashed line is the target of {format_percent(target)} billable"
    return f"{line}; {reached:,} of {len(rows):,} reach it."
