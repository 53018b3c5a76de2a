"""Differences from the estimate: by project, and as a bridge from plan to actual by client."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._chart import Chart, Group, Options, Panel, draw
from togglframe.charts._page import Line, Page
from togglframe.charts._rows import by_name
from togglframe.charts.bullets import COLUMNS, Scale
from togglframe.tables import CLIENT_BUDGET, MS_PER_HOUR, PROJECT_BUDGET
from togglframe.text import findings
from togglframe.text.bridge import APART, OVER, UNUSED, Step, steps_under, tells_saved
from togglframe.text.formats import (
    MINUS,
    format_hours,
    format_signed_hours,
    format_signed_percent,
)
from togglframe.text.measures import Floats, above_zero, floats, known, total_hours, total_ms
from togglframe.text.scope import budget_scope, client_scope

VarianceSort = Literal["variance", "variance_hours", "progress", "project"]
BridgeSort = Literal["gross_overrun_hours", "variance_hours", "client"]

_CLIP = 200.0  # per cent, either way
_BAR_GAP = 5.0  # between a bar and its number [pt]
_PIN_GAP = 8.0
_CUT = 0.5  # the scale of a bridge is truncated if the bridge stays above this share


@dataclass(frozen=True, kw_only=True)
class VarianceOptions(Options):
    """The options of variance_bars."""

    scale: Scale


def _net(rows: pd.DataFrame) -> str:
    return f"{format_signed_hours(total_hours(rows, 'variance'))} net"


def _net_share(rows: pd.DataFrame) -> float:
    return total_hours(rows, "variance") / total_hours(rows, "estimated")


def _draw_variances(page: Page, panel: Panel, options: VarianceOptions) -> None:
    places = np.arange(len(panel.rows), dtype=float)
    draw_rows = _bars if options.scale == "hours" else _pins
    draw_rows(page, panel, places)
    page.zero(0)
    page.rest(findings.gross_over(panel.others))


def _bars(page: Page, panel: Panel, places: Floats) -> None:
    frame = panel.rows
    variance = floats(frame, "variance_hours")
    relative = [format_signed_percent(value - 1) for value in floats(frame, "progress")]
    over = variance > 0
    page.bar(places[~over], variance[~over], "Under the estimate")
    page.bar(places[over], variance[over], "Over the estimate", over=True)
    said = [format_signed_hours(value) for value in variance]
    for text, place, value in zip(said, places, variance, strict=True):
        page.at_end(text, place, value, strong=value > 0, left=value < 0, gap=_BAR_GAP)
    others = panel.others
    net = format_signed_percent(_net_share(others)) if len(others) else ""
    page.column("of estimate", places, relative, list(over), end=net)
    label = f"{PROJECT_BUDGET['variance_hours'].label}, tracked {MINUS} estimate"
    page.differences(variance, label)


def _pins(page: Page, panel: Panel, places: Floats) -> None:
    ax, style, frame = page.ax, page.style, panel.rows
    relative = 100 * (floats(frame, "progress") - 1)
    absolute = [format_signed_hours(value) for value in floats(frame, "variance_hours")]
    over = relative > 0
    drawn = np.clip(relative, -_CLIP, _CLIP)
    for which, color, marker, label in (
        (~over, style.within, "o", "Under the estimate"),
        (over, style.over, "D", "Over the estimate"),
    ):
        ax.hlines(places[which], 0, drawn[which], color=color, linewidth=2, zorder=3)
        ax.scatter(
            drawn[which], places[which], s=34, color=color, marker=marker, zorder=4, label=label
        )
    cut = ["» " if value > end else "" for value, end in zip(relative, drawn, strict=True)]
    said = [
        f"{c}{format_signed_percent(value / 100)}" for c, value in zip(cut, relative, strict=True)
    ]
    for text, place, end in zip(said, places, drawn, strict=True):
        page.at_end(text, place, end, strong=end > 0, left=end < 0, gap=_PIN_GAP)
    page.column(f"tracked {MINUS} estimate", places, absolute, list(over))
    page.differences(drawn, f"Variance [% of the estimate], tracked {MINUS} estimate")


def _reading(drawn: pd.DataFrame, options: VarianceOptions) -> str:
    unit = "" if options.scale == "hours" else ", as a percentage of the estimate"
    variance = floats(drawn, "variance_hours")
    look = " and hatched" if options.scale == "hours" else ""
    sides = [
        f"to the right{look} is over" if (variance > 0).any() else "",
        "to the left is under" if (variance < 0).any() else "",
    ]
    told = ", ".join(filter(None, sides))
    return f"Tracked {MINUS} estimate{unit}{': ' if told else ''}{told}"


def _sort_column(options: VarianceOptions) -> str | None:
    """Return the drawn column if rows are ordered by the variance."""
    drawn = "variance_hours" if options.scale == "hours" else "progress"
    return drawn if options.sort == "variance" else options.sort


_VARIANCE_CHART: Final = Chart[VarianceOptions](
    name="variance_bars",
    table=PROJECT_BUDGET,
    columns=COLUMNS,
    noun=("project", "projects"),
    sorts=get_args(VarianceSort)[1:],
    other_sorts=get_args(VarianceSort)[:1],
    sort_column=_sort_column,
    choices={"scale": get_args(Scale)},
    label=by_name("project", "client"),
    rows=lambda frame: known(frame, "variance_hours"),
    others=_net,
    finding=findings.budget,
    scope=lambda frame, _: budget_scope(frame, bare_drawn=False),
    nothing="There are no projects with an estimate to show.",
    reading=_reading,
    draw=_draw_variances,
)


def variance_bars(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: VarianceSort | None = "variance",
    scale: Scale = "hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw how far each project is over or under its estimate, the furthest over first.

    Bars to the right are over the estimate, bars to the left under it, on a scale that extends to
    each side only as far as they do. Projects without an estimate are left out, and the footer
    gives their number.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.project_budget``, one row per project.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many projects to draw; the last line gives the number of the others and their net
        variance. None draws all.
    sort : {"variance", "variance_hours", "progress", "project"} or None
        The order of the projects, largest first (names from A), ties by overrun, then progress,
        then id; ``"variance"`` is the measure that is drawn, hours or per cent. None keeps the
        order of the frame.
    scale : {"hours", "percent"}
        Bars of hours [h], or pins of per cent of the estimate, cut off at 200 either way.
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
    budget_bullet : The same projects, with tracked and estimated hours.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.variance_bars(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    options = VarianceOptions(ax=ax, top=top, sort=sort, scale=scale, title=title, footer=footer)
    return draw(_VARIANCE_CHART, frame, options)


def _compared(frame: pd.DataFrame, over: pd.DataFrame) -> list[Group]:
    """Return one panel if clients can be compared, even if none of them is over."""
    return [] if frame["variance_hours"].isna().all() else [Group(rows=over)]


def _steps(panel: Panel) -> list[Step]:
    """Return a step for each client that is over, one for the others, then those under."""
    by_client = [
        Step(label, OVER, total_ms(panel.rows.iloc[[place]], "gross_overrun"))
        for place, label in enumerate(panel.labels)
    ]
    rest = total_ms(panel.others, "gross_overrun")
    ends = [Step(line.text, OVER, rest) for line in panel.end(0)]
    return [*by_client, *ends, *steps_under(panel.frame)]


def _lines(panel: Panel) -> list[Line]:
    first, last = Line("Estimates compared", 0, brief="Estimates"), "Tracked on these projects"
    clients = [Line(label, place) for place, label in enumerate(panel.labels, 1)]
    ends = [line._replace(detail="") for line in panel.end(len(clients) + 1)]
    under = [
        Line(step.row, place, brief=step.kind)
        for place, step in enumerate(steps_under(panel.frame), 1 + len(clients) + len(ends))
    ]
    lines = [first, *clients, *ends, *under]
    return [*lines, Line(last, len(lines), brief="Tracked")]


def _legend(frame: pd.DataFrame, _: Options) -> str:
    """Say what each look means."""
    words = "Right, hatched: over the estimate, by client; left"
    if tells_saved(frame):
        return f"{words}, solid: saved; left, hollow: not yet used"
    return f"{words}: under it"


def _draw_bridge(page: Page, panel: Panel, _: Options) -> None:
    estimate, steps = total_ms(panel.frame, "estimated"), _steps(panel)
    ms = [step.ms for step in steps]
    levels = np.array([*accumulate(ms, initial=estimate)], dtype=float) / MS_PER_HOUR
    widths = np.array(ms, dtype=float) / MS_PER_HOUR
    places = np.arange(1, len(levels), dtype=float)
    page.outline(np.array([0.0]), levels[:1], "Estimate")
    for kind in dict.fromkeys(step.kind for step in steps):
        which = [step.kind == kind for step in steps]
        paint = page.hollow if kind == UNUSED else partial(page.bar, over=kind == OVER)
        paint(places[which], widths[which], kind, left=levels[:-1][which])
    page.bar(places[-1:] + 1, levels[-1:], "Tracked")
    page.ax.vlines(levels, places[0] - 1 + np.arange(len(levels)), np.arange(1, len(levels) + 1),
                   color=page.style.muted, linewidth=0.8, zorder=1)  # fmt: skip
    _bridge_scale(page, levels)
    cells = [format_hours(levels[0]), *map(format_signed_hours, widths), format_hours(levels[-1])]
    strong = [True, *(step.kind == OVER for step in steps), True]
    page.column("hours", [0.0, *places, len(levels)], cells, strong)


def _bridge_scale(page: Page, levels: Floats) -> None:
    low, high = float(levels.min()), float(levels.max())
    start = _start(low, high)
    label = CLIENT_BUDGET["comparable_tracked_hours"].label
    if start:
        label += f", the scale starts at {start:,.10g} h"
        _breaks(page, start, [0.0, len(levels)])
    page.scale(start, high + 0.03 * (high - start), label)


def _start(low: float, high: float) -> float:
    """Return a round number well below the bridge, or 0 if the bridge comes close to it."""
    span = high - low
    if span <= 0 or low <= _CUT * high:
        return 0.0
    step = 10.0 ** math.floor(math.log10(span)) / 2
    return max(math.floor((low - 0.5 * span) / step) * step, 0.0)


def _breaks(page: Page, start: float, places: list[float]) -> None:
    for place in places:
        page.ax.annotate(
            "//",
            xy=(start, place),
            xytext=(10, 0),
            textcoords="offset points",
            ha="left",
            va="center_baseline",
            zorder=6,
            bbox={"facecolor": page.style.surface, "edgecolor": "none", "pad": 0.5},
            **page.text_options(9, page.style.muted, "bold"),
        )


_BRIDGE_CHART: Final = Chart[Options](
    name="variance_waterfall",
    table=CLIENT_BUDGET,
    columns="client_id client comparable_tracked_hours estimated_hours variance_hours "
    "gross_overrun_hours",
    optional=APART,
    noun=("client that is over", "clients that are over"),
    sorts=get_args(BridgeSort),
    label=by_name("client"),
    rows=lambda frame: above_zero(frame, "gross_overrun_hours"),
    others=lambda _: "gross",
    panels=_compared,
    lines=_lines,
    finding=findings.clients,
    scope=lambda frame, _: client_scope(frame),
    nothing="There are no clients with estimated projects to show.",
    reading=_legend,
    draw=_draw_bridge,
)


def variance_waterfall(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: BridgeSort | None = "gross_overrun_hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the bridge from the estimates to the tracked hours.

    Only projects with an estimate above zero are compared. A step to the right is the sum of the
    overruns of a client's projects, with nothing offset against them. Two steps to the left
    follow, for all clients: the hours that archived projects saved, and those that the others have
    not used yet.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.client_budget``, one row per client.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many clients get a step of their own; the others share one. None draws all.
    sort : {"gross_overrun_hours", "variance_hours", "client"} or None
        The order of the clients, largest first (names from A), ties by gross overrun, then
        progress, then id. None keeps the order of the frame.
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
    If every step stays above half of the scale, the scale does not start at zero and says so; the
    bars of the two totals then have a break. A frame without the columns `saved_hours` and
    `remaining_hours` has one step to the left, and the footer says why.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.variance_waterfall(tf.tables.CLIENT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No clients'
    """
    options = Options(ax=ax, top=top, sort=sort, title=title, footer=footer)
    return draw(_BRIDGE_CHART, frame, options)
