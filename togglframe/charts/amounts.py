"""The amounts of clients, with a panel for each currency."""

from __future__ import annotations

from functools import partial
from typing import Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._rows import choose, typed_rows
from togglframe.charts._shared import Drawing, by_currency, drawing, split_each
from togglframe.charts.output import figure_of
from togglframe.tables import CLIENT_BUDGET_BY_CURRENCY
from togglframe.text import headlines
from togglframe.text.formats import format_money
from togglframe.text.measures import currency_decimals, floats, in_order, known, total_amount
from togglframe.text.names import currency_of, labels_of
from togglframe.text.scope import LIFETIME, not_shown

AmountSort = Literal["amount", "effective_rate", "client"]

_COLUMNS: Final = "client currency amount effective_rate"


def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw the amount of each client's billable hours, with a panel for each currency.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.client_budget`` with ``by_currency=True``, one row per
        client and currency.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw a frame of one currency on: as many clients as are legible, one column of
        numbers and the title. By default a new figure with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one, as tall as needed.
    top : int or None
        How many clients to draw in all, shared out among the currencies; the last line of a panel
        gives the number of the others and their amount. None draws all. A single other one is
        drawn too.
    sort : {"amount", "effective_rate", "client"} or None
        The order of the clients, largest first (names from A); None keeps the frame's.
    title : str, optional
        The title; by default the headline.
    footer : bool
        Whether to print below the chart where its numbers come from.

    Returns
    -------
    matplotlib.figure.Figure or matplotlib.axes.Axes
        The figure of all panels, or for a SubFigure, the figure that it is part of; with `ax`,
        the Axes.

    Raises
    ------
    ConfigError
        A column is missing, an option is invalid, or a frame of several currencies is given `ax`.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.amount_by_client(tf.tables.CLIENT_BUDGET_BY_CURRENCY.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No clients'
    """
    choose(sort, (*get_args(AmountSort), None), "sort")
    maker = "reports.client_budget(ws, by_currency=True)"
    frame = typed_rows("amount_by_client", frame, CLIENT_BUDGET_BY_CURRENCY, _COLUMNS, report=maker)
    seen = in_order(known(frame, "amount"), CLIENT_BUDGET_BY_CURRENCY, sort)
    panels = split_each(by_currency(seen, "amount_by_client", ax, fig), top, ax, fig)
    heights = [len(shown) + (len(others) > 0) for shown, others in panels]
    with drawing(ax, heights or [1], title, footer, fig=fig) as canvas:
        if not panels:
            canvas.show_nothing("There are no known amounts to show.")
        for each, (shown, others) in zip(canvas.axes, panels, strict=False):
            held = f"{format_money(total_amount(others))} together"
            canvas.name_rows(shown, partial(labels_of, frame, "client"), others, note=held, ax=each)
            _draw_numbers(canvas, shown, each)
        for each, (shown, _) in zip(canvas.axes, panels, strict=False):
            amounts = floats(shown, "amount")
            canvas.paint(
                np.arange(len(shown), dtype=float),
                amounts,
                canvas.palette.within,
                "Amount",
                ax=each,
            )
            canvas.name_panel(currency_of(shown), ax=each)
            unit = "" if canvas.is_whole else currency_of(shown, "")
            canvas.set_scale(0, 1.02 * float(amounts.max()) or 1, unit, ax=each)
        hidden = not_shown(len(frame) - len(seen), "without a known amount", "client")
        reading = ["Bars are what the billable hours are worth." if panels else "", hidden]
        canvas.put_words(frame, headlines.amounts(frame), reading, LIFETIME)
    return canvas.axes[0] if ax is not None else figure_of(canvas.axes[0])


def _draw_numbers(canvas: Drawing, shown: pd.DataFrame, ax: Axes) -> None:
    rates, decimals = floats(shown, "effective_rate"), currency_decimals(shown)
    columns = {
        "amount": [format_money(value) for value in floats(shown, "amount")],
        "per billable h": ["" if np.isnan(r) else format_money(r, decimals) for r in rates],
    }
    canvas.add_columns(range(len(shown)), columns, ax=ax)
