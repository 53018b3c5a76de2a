"""Tracked hours against estimates, one bullet per project."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.tables import PROJECT_BUDGET
from togglframe.text import headlines
from togglframe.text.formats import format_difference, format_percent, format_whole
from togglframe.text.measures import Flags, Floats, above_zero, floats, in_order, known
from togglframe.text.names import labels_of
from togglframe.text.scope import LIFETIME, not_shown, still_running, tracked
from togglframe.text.sentences import budget_in_words

BudgetSort = Literal["overrun_hours", "variance_hours", "progress", "tracked_hours", "project"]
Scale = Literal["hours", "percent"]

COLUMNS: Final = "project tracked_hours estimated_hours progress variance_hours overrun_hours"
MORE: Final = "client_id client active budget_state"

_CLIP: Final = 200.0  # per cent; longer bars end with a »
_TICK: Final = 1.45  # the height of the tick of an estimate, in bars


def budget_bullet(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: BudgetSort | None = "overrun_hours",
    scale: Scale = "hours",
    at_risk: float | None = 0.8,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw tracked hours against the estimate of each project, the largest overrun first.

    A bar is the tracked time, a tick the estimate, and any overrun is hatched. The bar of an active
    project at risk has a colour of its own. Projects without an estimate, or with one of 0, follow
    below: they are not at 0 %.

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
    sort : {"overrun_hours", "variance_hours", "progress", "tracked_hours", "project"} or None
        The order of the projects, largest first (names from A), ties by overrun, then
        progress, then id. None keeps the order of the frame.
    scale : {"hours", "percent"}
        The measure: hours [h], or per cent of the estimate, cut off at 200 with a ». With per cent,
        a project without an estimate has a number but no bar.
    at_risk : float or None
        The progress from which an active project is at risk [1]; None marks none.
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

    Notes
    -----
    Names are drawn in your ``font.family`` or, if you have chosen none, in the first installed of a
    list that begins with Inter; characters that it lacks are taken from another installed font, or
    drawn as □ if no font has them. An SVG keeps them all. To choose fonts yourself:
    ``plt.rcParams["font.family"] = ["DejaVu Sans", "Noto Sans CJK JP"]``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.budget_bullet(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    choose(sort, (*get_args(BudgetSort), None), "sort")
    choose(scale, get_args(Scale), "scale")
    frame = typed_rows("budget_bullet", frame, PROJECT_BUDGET, COLUMNS, MORE)
    shown, others = split(_ordered(known(frame, "tracked_hours"), sort), top, ax)
    measured, bare = _blocks(shown)
    gap = 0.5 if len(measured) and len(bare) else 0.0
    places = np.arange(len(shown), dtype=float) + np.repeat([0, gap], [len(measured), len(bare)])
    with drawing(ax, [max(len(shown) + gap + (len(others) > 0), 1)], title, footer) as canvas:
        if shown.empty:
            canvas.show_nothing("There are no projects with tracked hours to show.")
        else:
            _draw_bars(canvas, measured, places[: len(measured)], scale, at_risk)
            _draw_bare(canvas, bare, places[len(measured) :], scale)
            _draw_numbers(canvas, shown, places)
            names = partial(labels_of, frame, "project", "client")
            over = _also_over(shown, others)
            canvas.name_rows(
                shown, names, others, places=places, note=tracked(others), of_others=over
            )
            reach = _reach(measured, bare, scale)
            canvas.set_scale(0, 1.02 * reach or 1, "h" if scale == "hours" else "%")
        reading, found = _reading(frame, shown, at_risk), headlines.budget(frame)
        alt = f"{budget_in_words(frame)}."  # of a frame without ids too
        canvas.put_words(frame, found, reading, LIFETIME, alt=alt)
    return canvas.axes[0]


def _blocks(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the projects with an estimate to compare with, and those without."""
    has_estimate = frame["progress"].notna()
    return frame[has_estimate], frame[~has_estimate]


def _ordered(frame: pd.DataFrame, sort: str | None) -> pd.DataFrame:
    """Put the projects with an estimate first."""
    measured, bare = _blocks(frame)
    others = sort if sort in {"project", None} else "tracked_hours"
    parts = [in_order(measured, PROJECT_BUDGET, sort), in_order(bare, PROJECT_BUDGET, others)]
    return pd.concat(parts)


def _is_at_risk(frame: pd.DataFrame, at_risk: float | None) -> Flags:
    """Return which projects have used nearly all of their estimate and are not archived."""
    if at_risk is None:
        return np.zeros(len(frame), dtype=bool)
    used = floats(frame, "progress")
    finished = np.zeros(len(frame), dtype=bool)
    if "active" in frame:
        finished = ~frame["active"].fillna(value=True).to_numpy(dtype=bool)
    return (used >= at_risk) & (used <= 1) & ~finished


def _measures(frame: pd.DataFrame, scale: Scale) -> tuple[Floats, Floats]:
    """Return what is tracked and estimated, on the scale that is drawn."""
    if scale == "percent":
        return 100 * floats(frame, "progress"), np.full(len(frame), 100.0)
    return floats(frame, "tracked_hours"), floats(frame, "estimated_hours")


def _also_over(shown: pd.DataFrame, others: pd.DataFrame) -> str:
    """Say how many others are over, if any project is, for nobody to take them all for it."""
    in_sight, more = (len(above_zero(rows, "overrun_hours")) for rows in (shown, others))
    return f", {more or 'none'} over" if in_sight or more else ""


def _draw_bars(
    canvas: Drawing, frame: pd.DataFrame, places: Floats, scale: Scale, at_risk: float | None
) -> None:
    colors, ax = canvas.palette, canvas.axes[0]
    tracked, estimate = _measures(frame, scale)
    drawn = np.minimum(tracked, _CLIP) if scale == "percent" else tracked
    over, near = tracked > estimate, _is_at_risk(frame, at_risk)
    canvas.paint(places[~near], np.minimum(drawn, estimate)[~near], colors.within, "Tracked")
    canvas.paint(places[near], drawn[near], colors.at_risk, "At risk")
    beyond, start = (drawn - estimate)[over], estimate[over]
    canvas.paint(places[over], beyond, colors.over, "Over the estimate", left=start)
    ends = (places - _TICK * canvas.bar / 2, places + _TICK * canvas.bar / 2)
    ax.vlines(estimate, *ends, color=colors.text, linewidth=2, zorder=4, label="Estimate")
    for place in places[tracked > drawn]:
        ax.text(_CLIP, place, "»", color=colors.over.text, weight="bold", va="center_baseline")


def _draw_bare(canvas: Drawing, frame: pd.DataFrame, places: Floats, scale: Scale) -> None:
    if scale == "hours":
        tracked = floats(frame, "tracked_hours")
        canvas.paint(places, tracked, canvas.palette.unknown, "Tracked without an estimate")


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame, places: Floats) -> None:
    measured, bare = _blocks(shown)
    over = floats(shown, "overrun_hours") > 0
    tones = canvas.over_where(over)
    used = [format_percent(value) for value in floats(measured, "progress")]
    none = [
        "no estimate" if np.isnan(value) else "estimate 0"
        for value in floats(bare, "estimated_hours")
    ]
    variance = [format_difference(value) for value in floats(measured, "variance_hours")]
    columns = {"of estimate": used + none, "difference [h]": variance + [""] * len(bare)}
    if len(bare):
        tracked = [format_whole(value) for value in floats(shown, "tracked_hours")]
        columns["tracked [h]"] = tracked
    if measured.empty:
        columns = {"tracked [h]": columns["tracked [h]"]}
    canvas.add_columns(places, columns, tones)


def _reach(measured: pd.DataFrame, bare: pd.DataFrame, scale: Scale) -> float:
    """Return how far the longest bullet reaches."""
    tracked, estimate = _measures(measured, scale)
    if scale == "percent":
        return float(np.minimum(tracked, _CLIP).max(initial=100.0))
    return float(np.concatenate([tracked, estimate, floats(bare, "tracked_hours")]).max())


def _reading(frame: pd.DataFrame, shown: pd.DataFrame, at_risk: float | None) -> list[str]:
    """Return how to read the bullets, and what is not among them."""
    measured, bare = _blocks(shown)
    marks = ["hatched hours are beyond it"] if len(above_zero(measured, "overrun_hours")) else []
    if at_risk is not None and _is_at_risk(measured, at_risk).any():
        marks.append(f"dotted bars have used {format_percent(at_risk)} or more of it")
    read = f"The tick is the estimate{'; ' if marks else ''}{', '.join(marks)}."
    hidden = int(frame["tracked_hours"].isna().sum())
    return [
        read if len(measured) else "",
        "Crossed bars have no estimate to compare with." if len(bare) and len(measured) else "",
        still_running(frame),
        not_shown(hidden, "without a status"),
    ]
