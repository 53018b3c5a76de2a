"""The hours that users tracked against their capacity."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._chart import Chart, Options, Panel, draw
from togglframe.charts._page import Page
from togglframe.charts._periods import label_layers
from togglframe.tables import UTILISATION
from togglframe.text import findings_over_time as findings
from togglframe.text.formats import format_hours, format_percent
from togglframe.text.measures import floats, total_hours
from togglframe.text.periods import refuse_overlaps
from togglframe.text.scope import capacity_scope, hours_tracked

CapacitySort = Literal["load", "utilisation", "tracked_hours", "user"]

_FULL: Final = 100.0  # per cent


def _draw(page: Page, panel: Panel, _: Options) -> None:
    frame = panel.rows
    places = np.arange(len(frame), dtype=float)
    load, used = 100 * floats(frame, "load"), 100 * floats(frame, "utilisation")
    is_told = ~np.isnan(used)
    billable = np.where(is_told, np.minimum(used, _FULL), 0.0)
    within = np.minimum(load, _FULL)
    page.bar(places[is_told], billable[is_told], "Billable")
    has_rest = within > billable
    page.hollow(
        places[has_rest], (within - billable)[has_rest], "Not billable", left=billable[has_rest]
    )
    over = load > _FULL
    page.bar(places[over], load[over] - _FULL, "Over capacity", left=_FULL, over=True)
    page.zero(_FULL)
    page.scale(0, 1.02 * max(float(load.max()), _FULL), "Share of capacity [%]")
    page.column("load", places, [format_percent(value / 100) for value in load], list(over),
                end=_share(panel.others, "tracked"))  # fmt: skip
    shares = ["not known" if np.isnan(value) else format_percent(value / 100) for value in used]
    page.column("billable", places, shares, [False] * len(frame),
                end=_share(panel.others, "billable"))  # fmt: skip
    hours = [format_hours(value) for value in floats(frame, "tracked_hours")]
    end = format_hours(total_hours(panel.others, "tracked")) if len(panel.others) else ""
    page.column("tracked", places, hours, [False] * len(frame), end=end)


def _share(rows: pd.DataFrame, what: str) -> str:
    """Return the others' share of their capacity, if all of it is known."""
    if rows.empty or rows[f"{what}_hours"].isna().any():
        return ""
    return format_percent(total_hours(rows, what) / total_hours(rows, "capacity"))


def _reading(drawn: pd.DataFrame, _: Options) -> str:
    words = "Hours tracked against capacity: the solid part is billable, "
    words += "the hollow part is not"
    return f"{words}, hatched is over 100 %" if (floats(drawn, "load") > 1).any() else words


_CHART: Final = Chart[Options](
    name="utilisation_bars",
    table=UTILISATION,
    columns="user_id user period capacity_hours tracked_hours billable_hours load utilisation",
    noun=("user", "users"),
    sorts=get_args(CapacitySort),
    label=label_layers("user"),
    subject=lambda frame, _: refuse_overlaps(frame),
    rows=lambda frame: findings.by_user(findings.with_capacity(frame)),
    others=hours_tracked,
    finding=findings.capacity,
    scope=lambda frame, _: capacity_scope(frame),
    span="time entries",
    nothing="There are no users with a known capacity to show.",
    reading=_reading,
    draw=_draw,
)


def utilisation_bars(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: CapacitySort | None = "load",
    ascending: bool | None = None,
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the tracked hours of each user as a share of their capacity, the highest load first.

    All periods of the frame count as one. Anything above 100 % is hatched. Users whose capacity is
    unknown or zero are left out, and the footer names them.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.utilisation``, one row per user and period.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on. If it is too small, parts are left out: the footer first, then the
        columns of numbers, the subtitle and rows. By default a new figure, as tall as needed.
    top : int or None
        How many users to draw; the last line gives the number of the others and their hours.
        None draws all.
    sort : {"load", "utilisation", "tracked_hours", "user"} or None
        The order of the users, largest first (names from A); None keeps the frame's.
    ascending : bool, optional
        Whether the lowest comes first, to see who has room. By default False, for names True.
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
    options = Options(ax=ax, top=top, sort=sort, ascending=ascending, title=title, footer=footer)
    return draw(_CHART, frame, options)
