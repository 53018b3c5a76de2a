"""What clients are over and under their estimates, step by step to the sum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, drawing, split
from togglframe.tables import CLIENT_BUDGET
from togglframe.text import headlines
from togglframe.text.formats import format_signed_money
from togglframe.text.measures import (
    Floats,
    above_zero,
    add_up_rounded,
    floats,
    in_order,
    known,
    total_hours,
)
from togglframe.text.names import labels_of
from togglframe.text.palette import Tone
from togglframe.text.scope import LIFETIME, not_shown

BridgeSort = Literal["gross_overrun_hours", "variance_hours", "client"]

_COLUMNS: Final = "client variance_hours gross_overrun_hours saved_hours remaining_hours"
_OVER, _SAVED, _LEFT = "Over the estimate", "Given back", "Not yet used"


def variance_waterfall(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = 20,
    sort: BridgeSort | None = "gross_overrun_hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw what clients are over their estimates, then what is under, and what that is in all.

    Only projects with an estimate above zero are compared. A step to the right is the sum of the
    overruns of a client's projects, with nothing offset against them. Two steps to the left
    follow, for all clients: the hours that archived projects gave back, and those that the others
    have not used yet. The numbers are rounded so that they add up.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.client_budget``, one row per client.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw on: as many clients as are legible, the numbers and the title. By default
        a new figure, as tall as needed.
    top : int or None
        How many clients get a step of their own; the others share one. None draws all. A single
        other one is drawn too.
    sort : {"gross_overrun_hours", "variance_hours", "client"} or None
        The order of the clients, largest first (names from A), ties by gross overrun, then
        progress, then id. None keeps the order of the frame.
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

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.variance_waterfall(tf.tables.CLIENT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No clients'
    """
    choose(sort, (*get_args(BridgeSort), None), "sort")
    frame = typed_rows("variance_waterfall", frame, CLIENT_BUDGET, _COLUMNS, "tracked_hours")
    compared = known(frame, "variance_hours")
    over = in_order(above_zero(compared, "gross_overrun_hours"), CLIENT_BUDGET, sort)
    shown, others = split(over, top, ax, more=3)
    steps = _steps(compared, shown, others)
    hours = np.array([value for _, value in steps])
    with drawing(ax, [len(steps) + 1], title, footer) as canvas:
        if compared.empty:
            canvas.show_nothing("There are no clients with an estimate to compare with.")
        else:
            ends = [kind for kind, _ in steps[len(shown) + (len(others) > 0) :]]
            ends = [*([f"and {len(others):,} others"] if len(others) else []), *ends, "In all"]
            canvas.name_rows(pd.DataFrame(index=range(len(steps) + 1)), _names(frame, shown, ends))
            _draw_numbers(canvas, hours)
            _draw_steps(canvas, hours, [kind for kind, _ in steps])
        hidden = not_shown(len(frame) - len(compared), "without an estimate", "client")
        reading = [_reading({kind for kind, _ in steps}), hidden]
        canvas.put_words(frame, headlines.clients(frame), reading, LIFETIME)
    return canvas.axes[0]


def _steps(
    compared: pd.DataFrame, shown: pd.DataFrame, others: pd.DataFrame
) -> list[tuple[str, float]]:
    """Return the kind of each step and its hours: clients, all others, and what is under."""
    over = [(_OVER, float(hours)) for hours in floats(shown, "gross_overrun_hours")]
    steps = [
        *over,
        (_OVER, total_hours(others, "gross_overrun")),
        (_SAVED, -total_hours(compared, "saved")),
        (_LEFT, -total_hours(compared, "remaining")),
    ]
    return [step for step in steps if step[1]]


def _names(frame: pd.DataFrame, shown: pd.DataFrame, ends: list[str]) -> Callable[..., list[str]]:
    def names(**options: Any) -> list[str]:
        clients = labels_of(frame, "client", **options)
        return [*(clients[row] for row in shown.index), *ends]

    return names


def _draw_numbers(canvas: Drawing, hours: Floats) -> None:
    """Print the hours of each step, rounded so that they add up, and their sum."""
    decimals = 0 if np.abs(hours).max(initial=0) >= 10 else 1
    exact, is_over = hours * 10**decimals, hours > 0
    rounded = np.concatenate([add_up_rounded(exact[is_over]), np.round(exact[~is_over])])
    values = np.append(rounded, rounded.sum()) / 10**decimals
    texts = [format_signed_money(value, decimals) for value in values]
    tones = canvas.over_where(is_over)
    canvas.add_columns(range(len(texts)), {"difference [h]": texts}, tones)


def _draw_steps(canvas: Drawing, hours: Floats, kinds: list[str]) -> None:
    ax, colors = canvas.axes[0], canvas.palette
    levels = np.append(0.0, hours.cumsum())
    places = np.arange(len(levels), dtype=float)
    looks = {_OVER: colors.over, _SAVED: colors.within, _LEFT: Tone(colors.others, colors.muted)}
    for kind, tone in looks.items():
        at = np.flatnonzero(np.array(kinds) == kind)
        canvas.paint(places[at], hours[at], tone, kind, left=levels[at])
    canvas.paint(places[-1:], levels[-1:], Tone(colors.muted, colors.text), "In all")
    ax.vlines(levels[1:], places[:-1], places[1:], color=colors.muted, linewidth=0.8, zorder=2)
    canvas.set_signed_scale(levels, "h")


def _reading(kinds: set[str]) -> str:
    """Return how to read the steps that there are."""
    words = {
        _OVER: "steps to the right are overruns by client",
        _SAVED: "finished projects gave hours back",
        _LEFT: "running ones have hours left",
    }
    text = "; ".join(text for kind, text in words.items() if kind in kinds)
    return f"{headlines.sentence(text)}." if text else ""
