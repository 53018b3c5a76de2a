"""Tracked hours against estimates, one bullet per project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._chart import Chart, Options, Panel, draw
from togglframe.charts._page import GROUND, TICK, Line, Page
from togglframe.charts._rows import by_name
from togglframe.tables import PROJECT_BUDGET
from togglframe.text import findings
from togglframe.text.formats import MINUS, format_hours, format_percent, format_signed_hours
from togglframe.text.measures import Floats, floats, in_order, known, total_hours
from togglframe.text.scope import budget_scope, hours_tracked

BudgetSort = Literal["overrun_hours", "variance_hours", "progress", "tracked_hours", "project"]
Scale = Literal["hours", "percent"]

COLUMNS: Final = (
    "project_id project client_id client tracked_hours estimated_hours progress "
    "variance_hours overrun_hours"
)

_CLIP = 200.0  # per cent; longer bars end with a »
_GAP = 1.4  # rows between the last estimated project and the first of the others


@dataclass(frozen=True, kw_only=True)
class BulletOptions(Options):
    """The options of budget_bullet."""

    at_risk: float | None
    scale: Scale = "hours"


def _estimated_first(
    frame: pd.DataFrame, *, column: str | None, ascending: bool | None
) -> pd.DataFrame:
    """Put the estimated projects first, those without an estimate last."""
    by = column if column in {"project", None} else "tracked_hours"
    ordered = [
        in_order(block, PROJECT_BUDGET, order, ascending=ascending)
        for block, order in zip(_blocks(frame), (column, by), strict=True)
    ]
    return pd.concat(ordered)


def _blocks(frame: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the projects with an estimate to compare with, and those without."""
    has_estimate = frame["progress"].notna()
    return frame[has_estimate], frame[~has_estimate]


def _reach(frame: pd.DataFrame, scale: Scale) -> float:
    """Return how far the bullets of a frame reach."""
    if scale == "percent":
        used = floats(frame, "progress")
        ends = [np.clip(100 * used[~np.isnan(used)], 100, _CLIP)]
    else:
        measured = frame["progress"].notna().to_numpy()
        ends = [floats(frame, "tracked_hours"), floats(frame, "estimated_hours")[measured]]
    return float(np.concatenate(ends).max(initial=0.0))


def _lines(panel: Panel) -> list[Line]:
    count, gap = _measured(panel.rows), _gap(panel)
    rows = [
        Line(label, place if place < count else place + gap)
        for place, label in enumerate(panel.labels)
    ]
    name = "Without an estimate"
    heads = [Line(name, count + gap - 1, is_muted=True, is_bold=True, brief="No estimate")]
    ends = panel.end(rows[-1].place + 1)
    return [*rows[:count], *(heads if gap and count < len(rows) else []), *rows[count:], *ends]


def _gap(panel: Panel) -> float:
    """Return the gap above the projects without an estimate, if there are others above them."""
    return _GAP if _measured(panel.rows) else 0.0


def _measured(rows: pd.DataFrame) -> int:
    """Return how many rows have an estimate to compare with."""
    return int(rows["progress"].notna().sum())


def _draw(page: Page, panel: Panel, options: BulletOptions) -> None:
    _draw_bullets(page, panel, options)
    highest = _reach(panel.rows, options.scale)
    if options.scale == "hours":
        page.scale(0, 1.02 * highest or 1, PROJECT_BUDGET["tracked_hours"].label)
    else:
        page.scale(0, 1.04 * highest or 100, f"{PROJECT_BUDGET['progress'].label} [%]")


def _draw_bullets(page: Page, panel: Panel, options: BulletOptions) -> None:
    """Draw the bullets of a panel and their numbers; those without an estimate are below a gap."""
    measured, bare = _blocks(panel.rows)
    places = np.arange(len(measured), dtype=float)
    bare_places = len(measured) + _gap(panel) + np.arange(len(bare), dtype=float)
    if len(measured):
        _draw_measured(page, measured, places, options)
    if len(bare) and options.scale == "hours":
        page.hollow(bare_places, floats(bare, "tracked_hours"), "Tracked without an estimate")
    lines = [*places, *bare_places]
    strong = [*(floats(measured, "overrun_hours") > 0), *[False] * len(bare)]
    compared, alone = _blocks(panel.drawn)
    if len(alone):
        rows = pd.concat([measured, bare])
        hours = [format_hours(value) for value in floats(rows, "tracked_hours")]
        page.column("tracked", lines, hours, [False] * len(lines))
    for head, cells, end in _compared(panel, measured, bare) if len(compared) else ():
        page.column(head, lines, cells, strong, end=end)


def _compared(
    panel: Panel, measured: pd.DataFrame, bare: pd.DataFrame
) -> Iterator[tuple[str, list[str], str]]:
    """Return the columns that compare: head, cells, and the value of the others."""
    yield "of estimate", _used(measured, bare), _used_by(panel.others)
    variance = [format_signed_hours(value) for value in floats(measured, "variance_hours")]
    gross = findings.gross_over(panel.others)
    yield f"tracked {MINUS} estimate", [*variance, *[""] * len(bare)], gross


def _used(measured: pd.DataFrame, bare: pd.DataFrame) -> list[str]:
    used = [format_percent(value) for value in floats(measured, "progress")]
    estimate = floats(bare, "estimated_hours")
    return [*used, *("no estimate" if np.isnan(value) else "estimate 0" for value in estimate)]


def _used_by(others: pd.DataFrame) -> str:
    """Return the share of their estimates that the others used, if all of them have one."""
    if others.empty or others["progress"].isna().any():
        return ""
    return format_percent(total_hours(others, "tracked") / total_hours(others, "estimated"))


def _draw_measured(page: Page, frame: pd.DataFrame, places: Floats, options: BulletOptions) -> None:
    ax, style, at_risk = page.ax, page.style, options.at_risk
    tracked, estimate = floats(frame, "tracked_hours"), floats(frame, "estimated_hours")
    if options.scale == "percent":
        tracked, estimate = 100 * floats(frame, "progress"), np.full(len(frame), 100.0)
    true, tracked = tracked, np.minimum(tracked, _CLIP) if options.scale == "percent" else tracked
    if at_risk is not None:
        low, high = style.ranges
        ax.barh(places, estimate * at_risk, GROUND, color=low, linewidth=0, zorder=1)
        rest = estimate * (1 - at_risk)
        ax.barh(places, rest, GROUND, estimate * at_risk, color=high, linewidth=0, zorder=1)
    within = np.minimum(tracked, estimate)
    page.bar(places, within, "Tracked")
    over = tracked > estimate
    beyond = (tracked - estimate)[over]
    page.bar(places[over], beyond, "Over the estimate", left=estimate[over], over=True)
    draw_estimate(page, places, estimate)
    for place in places[true > tracked]:
        look = page.text_options(11, style.text, "bold")
        ax.text(_CLIP, place, "»", ha="left", va="center_baseline", zorder=5, **look)


def draw_estimate(page: Page, places: Floats, estimate: Floats) -> None:
    """Draw the estimates of rows as ticks."""
    ends = (places - TICK / 2, places + TICK / 2)
    color = page.style.reference
    page.ax.vlines(estimate, *ends, color=color, linewidth=2, zorder=4, label="Estimate")


def _reading(drawn: pd.DataFrame, options: BulletOptions) -> str:
    """Return the legend of the drawn bullets."""
    measured, _ = _blocks(drawn)
    if measured.empty:
        return "Tracked hours; there is no estimate to compare them with"
    unit = "hours" if options.scale == "hours" else "hours as a percentage of the estimate"
    words = f"Tracked {unit}"
    if (floats(measured, "overrun_hours") > 0).any():
        words += ", hatched where over"
    words += "; the tick is the estimate"
    if options.at_risk is not None:
        words += f"; the darker ground begins at {format_percent(options.at_risk)} of it"
    return words


_CHART: Final = Chart[BulletOptions](
    name="budget_bullet",
    table=PROJECT_BUDGET,
    columns=COLUMNS,
    noun=("project", "projects"),
    sorts=get_args(BudgetSort),
    choices={"scale": get_args(Scale)},
    label=by_name("project", "client"),
    rows=lambda frame: known(frame, "tracked_hours"),
    order=_estimated_first,
    others=hours_tracked,
    lines=_lines,
    finding=findings.budget,
    scope=lambda frame, _: budget_scope(frame, bare_drawn=True),
    nothing="There are no projects with a status to show.",
    reading=_reading,
    draw=_draw,
)


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

    A bar is the tracked time, a tick the estimate, and any overrun is hatched. Projects without an
    estimate, or with one of 0, are hollow bars in a block of their own: they are not at 0 %.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others and their hours.
        None draws all.
    sort : {"overrun_hours", "variance_hours", "progress", "tracked_hours", "project"} or None
        The order of the projects, largest first (names from A), ties by overrun, then
        progress, then id. None keeps the order of the frame.
    scale : {"hours", "percent"}
        The measure: hours [h], or per cent of the estimate, cut off at 200 with a ». With per cent,
        a project without an estimate has a number but no bar.
    at_risk : float or None
        Where the darker background begins, as a share of the estimate [1]; None draws none.
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

    Notes
    -----
    Names are drawn in your ``font.family``; characters that it lacks are taken from another
    installed font, or drawn as □ if no font has them. To choose fonts yourself:
    ``plt.rcParams["font.family"] = ["DejaVu Sans", "Noto Sans CJK JP"]``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.budget_bullet(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    options = BulletOptions(
        ax=ax, top=top, sort=sort, scale=scale, at_risk=at_risk, title=title, footer=footer
    )
    return draw(_CHART, frame, options)
