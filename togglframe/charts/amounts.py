"""The amounts of clients, with a panel for each currency."""

from __future__ import annotations

from typing import Final, Literal, get_args, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts._chart import Chart, Options, Panel, by_currency, draw
from togglframe.charts._page import Page
from togglframe.charts._rows import by_name
from togglframe.charts.output import figure_of
from togglframe.tables import CLIENT_BUDGET_BY_CURRENCY
from togglframe.text import findings
from togglframe.text.formats import format_money
from togglframe.text.measures import currency_decimals, floats, known, total_amount
from togglframe.text.names import clients_in, unit_of
from togglframe.text.scope import amounts_scope

AmountSort = Literal["amount", "effective_rate", "client"]


def _draw_amounts(page: Page, panel: Panel, _: Options) -> None:
    frame, unit = panel.rows, panel.group.unit
    places = np.arange(len(frame), dtype=float)
    amount, rate = floats(frame, "amount"), floats(frame, "effective_rate")
    page.bar(places, amount, "Amount")
    page.scale(
        0, 1.02 * float(amount.max()) or 1, f"{CLIENT_BUDGET_BY_CURRENCY['amount'].label} [{unit}]"
    )
    plain = [False] * len(frame)
    amounts = [format_money(value) for value in amount]
    decimals = currency_decimals(frame)
    rates = ["not known" if np.isnan(value) else format_money(value, decimals) for value in rate]
    page.column("amount", places, amounts, [True] * len(frame))
    page.column("per billable h", places, rates, plain)


def _amount_detail(rows: pd.DataFrame) -> str:
    return f"{clients_in(rows)} · {format_money(total_amount(rows))} in all"


def _amount_reading(drawn: pd.DataFrame, _: Options) -> str:
    words = "What the billable hours are worth"
    several = len(drawn["currency"].drop_duplicates()) > 1
    return f"{words}; each currency has its own scale" if several else words


_AMOUNT_CHART: Final = Chart[Options](
    name="amount_by_client",
    table=CLIENT_BUDGET_BY_CURRENCY,
    columns="client_id client currency tracked_hours amount effective_rate",
    maker="reports.client_budget(ws, by_currency=True)",
    noun=("amount", "amounts"),
    sorts=get_args(AmountSort),
    label=by_name("client"),
    rows=lambda frame: known(frame, "amount"),
    others=lambda rows: f"{format_money(total_amount(rows))} {unit_of(rows)}",
    apart="currency",
    panels=by_currency,
    detail=_amount_detail,
    finding=findings.amounts,
    scope=lambda frame, _: amounts_scope(frame),
    nothing="There are no amounts to show.",
    reading=_amount_reading,
    draw=_draw_amounts,
)


@overload
def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    top: int | None = 20,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Axes: ...


@overload
def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = 20,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


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
        The Axes to draw a frame of one currency on. If it is too small, parts are left out: the
        footer first, then the columns of numbers, the subtitle and rows. By default a new figure
        with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one, as tall as needed.
    top : int or None
        How many amounts to draw in all, divided among the currencies; the last line of a panel
        gives the number of the others and their amount. None draws all.
    sort : {"amount", "effective_rate", "client"} or None
        The order of the clients, largest first (names from A); None keeps the frame's.
    title : str, optional
        The title; by default the finding.
    footer : bool
        Whether to print the scope below the chart.

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
    options = Options(ax=ax, fig=fig, top=top, sort=sort, title=title, footer=footer)
    drawn = draw(_AMOUNT_CHART, frame, options)
    return drawn if ax is not None else figure_of(drawn)
