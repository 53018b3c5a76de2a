"""Changes between two snapshots: tracked hours against estimates, before and after."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._chart import Chart, Options, Panel, draw
from togglframe.charts._page import BAR, TICK, Page
from togglframe.charts._rows import by_name
from togglframe.tables import CHANGES, PROJECT_BUDGET
from togglframe.tables.workspaces import key_of
from togglframe.text import findings_of_work as findings
from togglframe.text.formats import format_percent, format_signed_hours
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
from togglframe.text.scope import changes_scope

ChangesSort = Literal[
    "movement", "tracked_hours_difference", "estimated_hours_difference", "project"
]

_TABLE: Final = CHANGES[PROJECT_BUDGET.name]
_MOVEMENT: Final = "movement"


def _in_order(frame: pd.DataFrame, *, column: str | None, ascending: bool | None) -> pd.DataFrame:
    """Order the rows; by default the biggest movements, up or down, come first."""
    if column != _MOVEMENT:
        return in_order(frame, _TABLE, column, ascending=ascending)
    key = key_of(frame, *_TABLE.key)
    sized = frame.assign(**{_MOVEMENT: movement(frame)})
    ordered = sized.sort_values([_MOVEMENT, *key], ascending=[False, *[True] * len(key)])
    return ordered.drop(columns=_MOVEMENT)


def _others(rows: pd.DataFrame) -> str:
    tracked = f"{format_signed_hours(exact_sum(hours_since(rows)))} tracked"
    over = int(went_over(rows).sum())
    return f"{tracked}, {over:,} went over" if over else tracked


def _draw_estimate(page: Page, places: Floats, estimate: Floats) -> None:
    """Draw the estimates of rows as ticks."""
    ends = (places - TICK / 2, places + TICK / 2)
    color = page.style.reference
    page.ax.vlines(estimate, *ends, color=color, linewidth=2, zorder=4, label="Estimate")


def _draw(page: Page, panel: Panel, _: Options) -> None:
    frame = panel.rows
    places = np.arange(len(frame), dtype=float)
    _draw_hours(page, frame, places)
    _draw_estimates(page, frame, places)
    over = went_over(frame)
    page.ax.scatter(
        floats(frame, "tracked_hours_after")[over], places[over], s=34, marker="D",
        color=page.style.over, linewidths=0, zorder=6, label="Went over",
    )  # fmt: skip
    page.scale(0, 1.02 * _reach(frame) or 1, PROJECT_BUDGET["tracked_hours"].label)
    end = format_signed_hours(exact_sum(hours_since(panel.others))) if len(panel.others) else ""
    page.column("tracked", places, _since(frame), list(over), end=end)
    page.column("of estimate", places, _used(frame), list(over))
    if not np.isnan(estimate_change(panel.drawn)).all():
        page.column("estimate", places, _moved(frame), list(over))


def _draw_hours(page: Page, frame: pd.DataFrame, places: Floats) -> None:
    """Draw the hours tracked before, those added since, within and over, and those removed."""
    before, after = (floats(frame, f"tracked_hours_{when}") for when in ("before", "after"))
    kept = np.nan_to_num(np.where(is_change(frame, "new"), 0.0, np.fmin(before, after)))
    page.hollow(places[kept > 0], kept[kept > 0], "Before")
    estimate = floats(frame, "estimated_hours_after")
    within = np.minimum(after, np.where(estimate > 0, np.fmax(estimate, kept), np.inf))
    came, over = within > kept, after > within
    page.bar(places[came], (within - kept)[came], "Since then", left=kept[came])
    page.bar(
        places[over], (after - within)[over], "Over the estimate", left=within[over], over=True
    )
    less = after < before
    page.ax.barh(
        places[less], (before - after)[less], BAR, after[less], facecolor="none",
        edgecolor=page.style.muted, linestyle=":", linewidth=1, zorder=3, label="Taken away",
    )  # fmt: skip


def _draw_estimates(page: Page, frame: pd.DataFrame, places: Floats) -> None:
    """Draw the estimates, and for one that changed, the earlier one and a line between them."""
    before, after = (floats(frame, f"estimated_hours_{when}") for when in ("before", "after"))
    has_one = after > 0
    _draw_estimate(page, places[has_one], after[has_one])
    moved = ~np.isnan(estimate_change(frame)) & (before > 0)
    ends = (places[moved] - TICK / 2, places[moved] + TICK / 2)
    color = page.style.muted
    page.ax.vlines(before[moved], *ends, color=color, linewidth=1.5, linestyle=":", zorder=4,
                   label="Estimate before")  # fmt: skip
    way = moved & has_one
    page.ax.hlines(places[way] - TICK / 2, before[way], after[way], color=color, linewidth=1,
                   zorder=4, label="Moved")  # fmt: skip


def _reach(frame: pd.DataFrame) -> float:
    moved = ~np.isnan(estimate_change(frame))
    ends = [
        *(floats(frame, f"tracked_hours_{when}") for when in ("before", "after")),
        floats(frame, "estimated_hours_after"),
        floats(frame, "estimated_hours_before")[moved],
    ]
    return float(np.nanmax(np.concatenate(ends), initial=0.0))


def _since(frame: pd.DataFrame) -> list[str]:
    gone = is_change(frame, "gone")
    return [
        "gone" if is_gone else "not known" if np.isnan(hours) else format_signed_hours(hours)
        for is_gone, hours in zip(gone, hours_since(frame), strict=True)
    ]


def _used(frame: pd.DataFrame) -> list[str]:
    tracked, estimate = (floats(frame, f"{what}_hours_after") for what in ("tracked", "estimated"))
    return [
        format_percent(hours / whole) if whole > 0 and not np.isnan(hours) else ""
        for hours, whole in zip(tracked, estimate, strict=True)
    ]


def _moved(frame: pd.DataFrame) -> list[str]:
    return ["" if np.isnan(by) else format_signed_hours(by) for by in estimate_change(frame)]


def _reading(drawn: pd.DataFrame, _: Options) -> str:
    """Return the legend of the drawn bars."""
    after, estimate = (floats(drawn, f"{what}_hours_after") for what in ("tracked", "estimated"))
    words = "Tracked hours: hollow before, solid since"
    if ((estimate > 0) & (after > estimate)).any():
        words += ", hatched where over"
    if went_over(drawn).any():
        words += "; a diamond marks what went over"
    if (estimate > 0).any():
        words += "; the tick is the estimate"
    if not np.isnan(estimate_change(drawn)).all():
        words += ", dotted the earlier one"
    return words


_CHART: Final = Chart[Options](
    name="snapshot_changes",
    table=_TABLE,
    maker="Archive.changes(since)",
    columns="project_id project client_id client change tracked_hours_before tracked_hours_after "
    "tracked_hours_difference estimated_hours_before estimated_hours_after "
    "estimated_hours_difference",
    noun=("project", "projects"),
    sorts=get_args(ChangesSort)[1:],
    other_sorts=get_args(ChangesSort)[:1],
    label=by_name("project", "client"),
    rows=that_moved,
    order=_in_order,
    others=_others,
    finding=findings.changes,
    scope=lambda frame, _: changes_scope(frame),
    nothing="There are no changes of projects to show.",
    reading=_reading,
    draw=_draw,
)


def snapshot_changes(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: ChangesSort | None = "movement",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw what changed between two snapshots, the biggest movements first.

    A bar is the time tracked until the earlier snapshot, hollow, and since then, solid, hatched
    where it is over the estimate. A diamond marks a project that has gone over since. A tick is
    the estimate; if it changed, a dotted tick is the earlier one, and a line leads to the new one.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.Archive.changes``, one row per project that changed, is new or
        gone.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others, the hours tracked
        on them, and how many of them went over. None draws all.
    sort : {"movement", "tracked_hours_difference", "estimated_hours_difference", "project"} or None
        The order of the projects, largest first (names from A), ties by id; ``"movement"`` is the
        change of the hours or of the estimate, whichever is greater, up or down. None keeps the
        order of the frame.
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

    See Also
    --------
    budget_bullet : All projects against their estimates, as they are now.

    Notes
    -----
    All hours of a new project count as tracked since; the hours of one that is gone are not
    subtracted, and the footer gives their total. A project of which only other measures changed,
    such as its amount, is not drawn.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.snapshot_changes(tf.tables.CHANGES["project_budget"].empty())
    >>> ax.get_title(loc="left")
    'No changes since the earlier snapshot'
    """
    options = Options(ax=ax, top=top, sort=sort, title=title, footer=footer)
    return draw(_CHART, frame, options)
