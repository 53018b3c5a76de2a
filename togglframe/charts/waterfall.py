"""The bridge from the estimates of all clients to the hours tracked for them."""

from __future__ import annotations

import math
from functools import partial
from itertools import accumulate
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._chart import Chart, Group, Options, Panel, draw
from togglframe.charts._page import Line, Page
from togglframe.charts._rows import by_name
from togglframe.tables import CLIENT_BUDGET, MS_PER_HOUR
from togglframe.text import findings
from togglframe.text.bridge import APART, OVER, UNUSED, Step, steps_under, tells_saved
from togglframe.text.formats import format_hours, format_signed_hours
from togglframe.text.measures import Floats, above_zero, total_ms
from togglframe.text.scope import client_scope

BridgeSort = Literal["gross_overrun_hours", "variance_hours", "client"]

_CUT = 0.5  # the scale of a bridge is truncated if the bridge stays above this share


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
