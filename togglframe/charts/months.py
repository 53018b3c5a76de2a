"""Earnings month by month, each currency separately."""

from __future__ import annotations

from functools import partial
from typing import Final, get_args, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _rows
from togglframe.charts._chart import Chart, Options, Panel, by_currency, draw
from togglframe.charts._page import Page
from togglframe.charts._periods import (
    EVERY,
    IN_ORDER,
    LEAST,
    MARK,
    NAMED,
    NOTE,
    By,
    LayerSort,
    PeriodOptions,
    chosen_by,
    draw_stacked,
    grid_of,
    label_layers,
    layer_order,
    maker_of,
    named_by,
    stacked_lines,
    summed,
    with_every,
)
from togglframe.charts.output import figure_of
from togglframe.tables import EARNINGS
from togglframe.text import findings_over_time as findings
from togglframe.text.formats import format_cell_money, format_money
from togglframe.text.measures import in_order, total_amount
from togglframe.text.names import unit_of
from togglframe.text.periods import Every, periods_of, with_length
from togglframe.text.scope import earnings_scope
from togglframe.text.sentences import earnings_in_words


def _note(frame: pd.DataFrame) -> str:
    cut = periods_of(frame).cut_in_words
    unknown = len(findings.unknown_amounts(frame))
    parts = [f"{MARK} {cut}" if cut else "", "+?: an amount is unknown" if unknown else ""]
    return "; ".join(filter(None, parts))


def _draw(key: list[str], page: Page, panel: Panel, options: PeriodOptions) -> None:
    grid = grid_of(panel, key, "amount", with_others=True)
    totals = [
        text + (MARK if place in grid.periods.cut else "")
        for place, text in enumerate(_totals(panel, np.nan_to_num(grid.totals)))
    ]
    is_new = options.ax is None and options.fig is None
    draw_stacked(page, panel, grid, totals=totals, is_new=is_new, has_scale=panel.is_last)
    parts = [panel.rows.iloc[[row]] for row in range(len(panel.rows) - 1, -1, -1)]
    parts = [panel.others, *parts] if len(panel.others) else parts
    amounts = [format_money(total_amount(part)) for part in parts]
    places = [line.place for line in stacked_lines(panel)]
    page.column(panel.group.unit, places, amounts, [False] * len(amounts))


def _totals(panel: Panel, totals: np.ndarray) -> list[str]:
    """Format the totals of columns, with a mark where a part is unknown."""
    frame = panel.frame
    code = panel.rows["currency"].iloc[0]
    same = frame["currency"].isna() if pd.isna(code) else frame["currency"] == code
    unknown = findings.unknown_amounts(frame[same.fillna(value=False)])
    starts = periods_of(frame).starts
    marked = set(starts.get_indexer(pd.DatetimeIndex(unknown["period"].dropna())))
    return [
        format_cell_money(value) + ("+?" if place in marked else "")
        for place, value in enumerate(totals)
    ]


def _reading(drawn: pd.DataFrame, _: Options) -> str:
    every, note = drawn[EVERY].iloc[0], drawn[NOTE].iloc[0]
    layers = IN_ORDER if len(drawn[_rows.LABEL].drop_duplicates()) > 1 else ""
    several = len(drawn["currency"].drop_duplicates()) > 1
    scales = "; each currency has its own scale" if several else ""
    return f"Amount earned each {every}{layers}{scales}{f'; {note}' if note else ''}"


def _ordered(
    by: str, frame: pd.DataFrame, *, column: str | None, ascending: bool | None
) -> pd.DataFrame:
    return in_order(frame, _TABLES[by], column, ascending=ascending)


def _layers(by: str) -> Chart[PeriodOptions]:
    """Return the chart of frames that are grouped by this; if empty, it draws one layer."""
    key = [f"{by}_id", "currency"] if by else ["currency"]
    names = [f"{by}_id", by] if by else []
    others = ("client",) if by == "project" else ()
    return Chart[PeriodOptions](
        name="earnings_by_month",
        table=_TABLES[by],
        columns=" ".join([*names, "period", "currency", "amount", "billable_hours"]),
        maker=maker_of("earnings", by, "month", "2026"),
        grain=EARNINGS,
        noun=("layer", "layers"),
        shown=NAMED,
        sorts=(),
        other_sorts=get_args(LayerSort),
        sort_column=partial(layer_order, by, "amount"),
        label=label_layers(by, *others),
        subject=with_every,
        rows=summed(key, "amount", total_amount, _note),
        order=partial(_ordered, by),
        others=lambda rows: f"{format_money(total_amount(rows))} {unit_of(rows)}",
        apart="currency",
        panels=by_currency,
        detail=lambda rows: f"{format_money(total_amount(rows))} in all",
        lines=stacked_lines,
        least=LEAST,
        reach=lambda _: 0.0,
        finding=findings.earned,
        scope=lambda frame, options: earnings_scope(with_length(frame, options.every)),
        span="time entries",
        alt=lambda frame: f"{earnings_in_words(frame, by)}.",
        nothing="There are no amounts to show.",
        reading=_reading,
        draw=partial(_draw, key),
    )


_TABLES: Final = {by: named_by(EARNINGS, by) for by in (*get_args(By), "")}
_CHARTS: Final = {by: _layers(by) for by in _TABLES}
_CHART: Final = _CHARTS["client"]


@overload
def earnings_by_month(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    by: By | None = None,
    every: Every | None = None,
    top: int | None = 8,
    sort: LayerSort | None = "total",
    title: str | None = None,
    footer: bool = True,
) -> Axes: ...


@overload
def earnings_by_month(
    frame: pd.DataFrame,
    *,
    ax: None = None,
    fig: Figure | SubFigure | None = None,
    by: By | None = None,
    every: Every | None = None,
    top: int | None = 8,
    sort: LayerSort | None = "total",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


def earnings_by_month(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    by: By | None = None,
    every: Every | None = None,
    top: int | None = 8,
    sort: LayerSort | None = "total",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw the earnings of each month, stacked by client, project or user, a panel per currency.

    Currencies are never added up. Unknown amounts are not part of a column: its total then ends in
    ``+?``, and the footer gives their number and billable hours. A first or last month that the
    range covers only in part is marked with a star.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.earnings``, with ``every="month"``; groups other than `by`
        are summed up.
    ax : matplotlib.axes.Axes, optional
        The Axes to draw a frame of one currency on. If it is too small, parts are left out: the
        footer first, then the columns of numbers, the subtitle and layers. By default a new figure
        with all currencies.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        The figure to draw all currencies on; by default a new one.
    by : {"project", "client", "user"}, optional
        What to stack; by default the first of these that the frame has, or a single layer.
    every : {"week", "month", "day"}, optional
        The length of the frame's periods; by default that of its report, else inferred from its
        dates: weeks if all are Mondays, months if all are the first of a month, else days.
    top : int or None
        How many layers to draw in all, divided among the currencies; in each, one more layer holds
        the others. None draws all.
    sort : {"total", "name"} or None
        The order of the layers from the bottom: largest amount first, or names from A; None keeps
        the frame's.
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
        A column is missing, periods overlap, an option is invalid, or a frame of several currencies
        is given `ax`.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.earnings_by_month(tf.tables.EARNINGS.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No amounts'
    """
    _rows.choose(every, (None, *get_args(Every)), "every")
    chart = _CHARTS[chosen_by(frame, by)]
    options = PeriodOptions(
        ax=ax, fig=fig, every=every, top=top, sort=sort, title=title, footer=footer
    )
    drawn = draw(chart, frame, options)
    return drawn if ax is not None else figure_of(drawn)
