"""Tracked hours against estimates, one bullet for each project."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts import _findings, _rows
from togglframe.charts._numbers import (
    MINUS,
    Floats,
    floats,
    hours,
    percent,
    signed_hours,
    total_hours,
)
from togglframe.charts._page import GROUND, TICK, Page, checked, new_axes
from togglframe.charts._scope import budget_scope, footnotes, provenance
from togglframe.charts.output import describe
from togglframe.charts.style import Theme, drawing
from togglframe.tables import PROJECT_BUDGET

BudgetSort = Literal["overrun_hours", "variance_hours", "progress", "tracked_hours", "project"]
Scale = Literal["hours", "percent"]

COLUMNS: Final = (
    "project_id",
    "project",
    "client_id",
    "client",
    "tracked_hours",
    "estimated_hours",
    "progress",
    "variance_hours",
    "overrun_hours",
)
SORTS: Final = ("overrun_hours", "variance_hours", "progress", "tracked_hours", "project", None)

_CLIP = 200.0  # per cent; longer bars end in a »


@dataclass(frozen=True)
class Listing:
    """The rows of a bullet chart in their order, and what is not drawn."""

    measured: pd.DataFrame
    bare: pd.DataFrame
    others: pd.DataFrame

    @property
    def labels(self) -> list[str]:
        """The labels of all rows that are drawn."""
        return [*self.measured[_rows.LABEL], *self.bare[_rows.LABEL]]

    @property
    def ends(self) -> list[str]:
        """The last line, where rows are left out."""
        return _rows.others(self.others, f"{hours(total_hours(self.others, 'tracked'))} tracked")


def listing(frame: pd.DataFrame, sort: str | None, top: int) -> Listing:
    """Put the estimated projects first, those without an estimate after them."""
    known = frame[frame["tracked_hours"].notna()]
    has_estimate = known["progress"].notna()
    measured = _rows.in_order(known[has_estimate], PROJECT_BUDGET, sort)
    by = sort if sort in {"project", None} else "tracked_hours"
    bare = _rows.in_order(known[~has_estimate], PROJECT_BUDGET, by)
    room = max(top - len(measured), 0)
    others = pd.concat([measured.iloc[top:], bare.iloc[room:]])
    return Listing(measured.iloc[:top], bare.iloc[:room], others)


def budget_bullet(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = None,
    sort: BudgetSort | None = "overrun_hours",
    scale: Scale = "hours",
    at_risk: float | None = 0.8,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw tracked hours against the estimate of each project, the largest overrun first.

    A bar is what was tracked, a tick the estimate, and what is over it is hatched. Projects with
    no estimate, or one of 0, stand in a block of their own as hollow bars: they are not at 0 %.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    ax : matplotlib.axes.Axes, optional
        Where to draw, in a figure with ``layout="constrained"``, which makes room for the names
        and the words around; by default a new figure, as high as the rows need.
    top : int, optional
        How many projects to draw; the last line says how many others there are and their
        hours. By default all, up to 200.
    sort : {"overrun_hours", "variance_hours", "progress", "tracked_hours", "project"} or None
        The order of the projects, largest first (names from A), equal ones by overrun, then
        progress, then id; None keeps the frame's.
    scale : {"hours", "percent"}
        The measure: hours [h], or per cent of the estimate, cut at 200 with a » where it is more;
        what has no estimate then has a number, but no bar.
    at_risk : float or None
        Where the darker ground begins, as a share of the estimate [1]; None draws no ground.
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

    Notes
    -----
    Names are drawn in your ``font.family``, then in an installed font that has the characters
    which yours lacks; □ stands for one that no installed font has. To choose yourself:
    ``plt.rcParams["font.family"] = ["DejaVu Sans", "Noto Sans CJK JP"]``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.budget_bullet(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    frame = _rows.taken(frame, "budget_bullet", COLUMNS, PROJECT_BUDGET)
    _rows.choose(sort, SORTS, "sort")
    _rows.choose(scale, ("hours", "percent"), "scale")
    checked(ax)
    plan = listing(_rows.labelled(frame, "project", "client"), sort, _rows.limit(top))
    labels = plan.labels
    headline = _findings.or_title(_findings.budget(frame), title)
    notes = footnotes(footer, labels, budget_scope(frame, bare_drawn=True), provenance(frame))
    with drawing([*labels, headline], ax) as style:
        heads = 1 if len(plan.bare) else 0
        count = len(labels) + 1.4 * heads + len(plan.ends)
        axes = ax or new_axes(count or 1)
        page = Page(axes, style)
        describe(axes, frame)
        if not count:
            page.nothing("There are no projects with a status to show.")
            page.words(headline, "", notes)
            return axes
        _draw(page, plan, labels, scale, at_risk)
        page.words(headline, reading(style, scale, at_risk), notes)
    return axes


def reading(style: Theme, scale: Scale, at_risk: float | None) -> str:
    """Say how a bullet is read, in the theme."""
    estimate = "outline" if style.outlined else "tick"
    over = "hatched" if style.hatch else "coloured"
    unit = "hours" if scale == "hours" else "hours as per cent of the estimate"
    words = f"Tracked {unit}, {over} where over; the {estimate} is the estimate"
    if style.ranges and at_risk is not None:
        words += f"; the darker ground begins at {percent(at_risk)} of it"
    return words


def _draw(
    page: Page, plan: Listing, labels: list[str], scale: Scale, at_risk: float | None
) -> None:
    measured, bare = plan.measured, plan.bare
    count = len(measured)
    places = np.arange(count, dtype=float)
    gap = 1.4 if len(bare) else 0.0
    bare_places = count + gap + np.arange(len(bare), dtype=float)
    bottom = count + gap + len(bare)
    heads = ["Without an estimate"] if len(bare) else []
    lines = [*places, *[count + gap - 1 for _ in heads], *bare_places, *[bottom for _ in plan.ends]]
    names = [*labels[:count], *heads, *labels[count:], *plan.ends]
    page.rows(lines, names, bottom + len(plan.ends) - 0.4)
    if heads:
        page.mute(count, bold=True)
    if plan.ends:
        page.mute(-1)
    highest = draw_measured(page, measured, places, scale, at_risk)
    if scale == "hours":
        highest = max(highest, draw_bare(page, bare, bare_places))
        page.scale(0, 1.02 * highest or 1, PROJECT_BUDGET["tracked_hours"].label)
    else:
        page.scale(0, 1.04 * highest or 100, f"{PROJECT_BUDGET['progress'].label} [%]")
    print_numbers(page, plan, places, bare_places)


def draw_measured(
    page: Page, frame: pd.DataFrame, places: Floats, scale: Scale, at_risk: float | None
) -> float:
    """Draw the bullets of projects with an estimate; return how far they reach."""
    ax, style = page.ax, page.style
    if frame.empty:
        return 0.0
    tracked, estimate = floats(frame, "tracked_hours"), floats(frame, "estimated_hours")
    if scale == "percent":
        tracked, estimate = 100 * floats(frame, "progress"), np.full(len(frame), 100.0)
    true, tracked = tracked, np.minimum(tracked, _CLIP) if scale == "percent" else tracked
    if style.ranges and at_risk is not None:
        low, high = style.ranges
        ax.barh(places, estimate * at_risk, GROUND, color=low, linewidth=0, zorder=1)
        rest = estimate * (1 - at_risk)
        ax.barh(places, rest, GROUND, estimate * at_risk, color=high, linewidth=0, zorder=1)
    within = np.minimum(tracked, estimate)
    page.bar(places, within, "Tracked")
    over = tracked > estimate
    beyond = (tracked - estimate)[over]
    page.bar(places[over], beyond, "Over the estimate", left=estimate[over], over=True)
    _draw_estimate(page, places, estimate)
    for place in places[true > tracked]:
        options = page.text_options(11, style.text, "bold")
        ax.text(_CLIP, place, "»", ha="left", va="center_baseline", zorder=5, **options)
    return float(np.nanmax(np.maximum(tracked, estimate)))


def _draw_estimate(page: Page, places: Floats, estimate: Floats) -> None:
    style = page.style
    if style.outlined:
        page.outline(places, estimate, "Estimate")
        return
    page.ax.vlines(
        estimate,
        places - TICK / 2,
        places + TICK / 2,
        color=style.reference,
        linewidth=2,
        zorder=4,
        label="Estimate",
    )


def draw_bare(page: Page, frame: pd.DataFrame, places: Floats) -> float:
    """Draw the bars of projects without an estimate; return how far they reach."""
    if frame.empty:
        return 0.0
    tracked = floats(frame, "tracked_hours")
    page.hollow(places, tracked, "Tracked without an estimate")
    return float(np.nanmax(tracked))


def print_numbers(
    page: Page, plan: Listing, places: Floats, bare_places: Floats, *, heads: bool = True
) -> None:
    """Print how much of the estimate is used, and how far over or under it that is."""
    measured, bare = plan.measured, plan.bare
    over = list(floats(measured, "overrun_hours") > 0)
    estimate = floats(bare, "estimated_hours")
    used = [percent(value) for value in floats(measured, "progress")]
    none = ["no estimate" if np.isnan(value) else "estimate 0" for value in estimate]
    variance = [signed_hours(value) for value in floats(measured, "variance_hours")]
    tracked = [f"{hours(value)} tracked" for value in floats(bare, "tracked_hours")]
    lines = [*places, *bare_places]
    strong = [*over, *[False] * len(bare)]
    used_head, variance_head = ("of estimate", f"tracked {MINUS} estimate") if heads else ("", "")
    page.column(used_head, lines, [*used, *none], strong)
    gross = _findings.gross_over(plan.others)
    page.column(variance_head, lines, [*variance, *tracked], strong, end=gross)
