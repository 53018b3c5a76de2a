"""The hours of retainers in each period against what was available."""

from __future__ import annotations

from functools import partial
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.charts.weeks import reading_of
from togglframe.tables import RETAINER
from togglframe.text import headlines
from togglframe.text.formats import format_percent, format_whole, format_whole_hours
from togglframe.text.measures import Floats, floats, known, retainer_key, with_retainers
from togglframe.text.names import labels_of
from togglframe.text.periods import Periods, begun_periods, by_period, refuse_overlaps
from togglframe.text.scope import not_shown

RetainerSort = Literal["used", "left_hours", "name"]

_COLUMNS: Final = "project client period carried_hours available_hours tracked_hours"
_HOURS: Final = ("period", "carried_hours", "available_hours", "tracked_hours")
_TALL: Final = 2.2  # the height of a retainer, in rows
_WIDE, _NARROW = 0.84, 0.5  # columns of what was available, and of what was tracked, in periods
_HIGH: Final = 0.76  # the highest column of a retainer, of its height


def retainer_bars(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: RetainerSort | None = "used",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the hours of each retainer by period against what was available, most used first.

    A column is what was tracked, before a faint one that was available, whose faintest part was
    carried over; hatched hours are beyond it. Each retainer has its own scale, and the numbers are
    those of the last period. A period that has begun is hollow; those to come are left out.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.retainer``, one row per retainer and period.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many retainers as are legible, the hours left and the title. By
        default a new figure, as tall as needed.
    top : int or None
        How many retainers to draw; the last line gives the number of the others and the hours that
        they have left. None draws all. A single other one is drawn too.
    sort : {"used", "left_hours", "name"} or None
        The order of the retainers, by their last period: most used first, least left first, or
        names from A. None keeps the order of the frame.
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

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.retainer_bars(tf.tables.RETAINER.empty())
    >>> ax.get_title(loc="left")
    'No retainers'
    """
    choose(sort, (*get_args(RetainerSort), None), "sort")
    report = "reports.retainer(ws, budgets, period='last-6-months')"
    frame = typed_rows("retainer_bars", frame, RETAINER, _COLUMNS, "state", report=report)
    seen = refuse_overlaps(known(frame, *_HOURS))
    periods = begun_periods(seen)
    rows, cells = _cells(seen, periods)
    shown, others = split(_ordered(rows, sort), top, ax, tall=_TALL)
    with drawing(ax, [max(_TALL * len(shown) + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no retainers to show.")
        else:
            left = f"{format_whole_hours(float(floats(others, 'left').sum()))} left"
            names = partial(labels_of, rows, "retainer", "client")
            places = [*range(len(shown)), len(shown) - 0.3]
            canvas.name_rows(shown, names, others, places=places, note=left)
            _draw_numbers(canvas, shown)
            canvas.name_periods(periods)
            for place, row in enumerate(shown.index):
                _draw_columns(canvas, place, periods, {what: cells[what][row] for what in cells})
        reading = [] if shown.empty else _reading(periods, cells)
        reading.append(not_shown(len(frame) - len(seen), "of unknown hours", "row"))
        canvas.put_words(frame, headlines.retainers(frame), reading)
    return canvas.axes[0]


def _cells(seen: pd.DataFrame, periods: Periods) -> tuple[pd.DataFrame, dict[str, Floats]]:
    """Return the retainers, with what is left of the last period, and their hours by period."""
    states = seen["state"] if "state" in seen else pd.Series("", seen.index)
    named = with_retainers(seen.assign(near_hours=states.eq("at_risk").astype(float)))
    cells = {}
    for what in ("tracked", "available", "carried", "near"):
        rows, hours = by_period(named, retainer_key(seen), f"{what}_hours", periods)
        cells[what] = np.nan_to_num(hours)
    last = {what: hours[:, -1:].sum(axis=1) for what, hours in cells.items()}
    return rows.assign(**last, left=last["available"] - last["tracked"]), cells


def _ordered(rows: pd.DataFrame, sort: RetainerSort | None) -> pd.DataFrame:
    if sort is None:
        return rows
    if sort == "name":
        return rows.sort_values("retainer", key=lambda names: names.str.casefold(), kind="stable")
    by = floats(rows, "left")
    if sort == "used":
        available, tracked = floats(rows, "available"), floats(rows, "tracked")
        none_left = np.where(tracked > 0, -np.inf, 0.0)
        by = np.where(available > 0, -tracked / np.where(available > 0, available, 1), none_left)
    return rows.iloc[np.argsort(by, kind="stable")]


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame) -> None:
    left, available, tracked = (floats(shown, name) for name in ("left", "available", "tracked"))
    columns = {
        "left [h]": [format_whole(value) for value in left],
        "available [h]": [format_whole(value) for value in available],
        "used": [
            format_percent(hours / most) if most > 0 else ""
            for hours, most in zip(tracked, available, strict=True)
        ],
    }
    over, near = canvas.palette.over, canvas.palette.at_risk
    is_used, is_near = (left <= 0) & (tracked > 0), floats(shown, "near") > 0
    tones = [
        over if used else near if risky else None
        for used, risky in zip(is_used, is_near, strict=True)
    ]
    canvas.add_columns(range(len(shown)), columns, tones)


def _draw_columns(
    canvas: Drawing, place: float, periods: Periods, hours: dict[str, Floats]
) -> None:
    """Draw a retainer in its row: its hours before faint columns of what was available."""
    tracked, available = hours["tracked"], np.maximum(hours["available"], 0)
    carried, within = np.clip(hours["carried"], 0, available), np.minimum(tracked, available)
    is_near, is_whole = hours["near"] > 0, periods.starts.isin(periods.whole)
    colors, ax, base = canvas.palette, canvas.axes[0], place + _HIGH / 2
    scale = -_HIGH / (max(tracked.max(), available.max()) or 1)  # rows are numbered downwards

    def draw(heights: Floats, bottom: Floats, width: float, label: str, **look: Any) -> None:
        at = np.flatnonzero(heights)
        starts = base + bottom[at] * scale
        ax.bar(at, heights[at] * scale, width, starts, label=label, zorder=3, **look)

    nothing_below = np.zeros(len(tracked))
    draw(available - carried, nothing_below, _WIDE, "Available", color=colors.others)
    draw(carried, available - carried, _WIDE, "Carried over", color=colors.grid)
    for label, heights, bottom, tone in (
        ("Tracked", within * ~is_near, nothing_below, colors.within),
        ("At risk", within * is_near, nothing_below, colors.at_risk),
        ("Beyond it", tracked - within, within, colors.over),
    ):
        solid = canvas.fill_look(tone)
        draw(heights * is_whole, bottom, _NARROW, label, **solid)
        hollow = {"facecolor": colors.surface, "edgecolor": tone.fill, "linewidth": 1.2}
        draw(heights * ~is_whole, bottom, _NARROW, label, **solid | hollow)
    ax.hlines(base, -0.5, len(tracked) - 0.5, color=colors.muted, linewidth=0.8, zorder=4)


def _reading(periods: Periods, cells: dict[str, Floats]) -> list[str]:
    """Return how to read the columns."""
    parts = ["Grey is what was available"]
    parts += ["its faintest part carried over"] if (cells["carried"] > 0).any() else []
    is_over = (cells["tracked"] > np.maximum(cells["available"], 0)).any()
    parts += ["hatched is beyond it"] if is_over else []
    (last,) = periods.dates([periods.starts[-1]], with_year=True)
    return [
        reading_of(periods, "Columns", periods.whole),
        f"{', '.join(parts)}.",
        f"Each retainer has its own scale; numbers are those of {last}.",
    ]
