"""Charts of money: one panel for each currency, since two of them never share an Axes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _rows
from togglframe.charts._page import (
    Page,
    align,
    checked_figure,
    figure_of,
    new_panels,
    words_around,
)
from togglframe.charts._scope import footnotes
from togglframe.charts.output import describe
from togglframe.charts.style import drawing
from togglframe.errors import ConfigError


@dataclass(frozen=True, kw_only=True)
class MoneyChart:
    """What one chart of money draws in each of its panels.

    Parameters
    ----------
    name : str
        The chart's function.
    draw : callable
        Draws the rows of a panel: the page, the rows, those left out, and the unit.
    detail : callable
        Says what the rows of a currency hold.
    measure, nothing : str
        The subtitle, and what is said where there are no rows.
    """

    name: str
    draw: Callable[[Page, pd.DataFrame, pd.DataFrame, str], None]
    detail: Callable[[pd.DataFrame], str]
    measure: str
    nothing: str


def draw_by_currency(
    chart: MoneyChart,
    frame: pd.DataFrame,
    known: pd.DataFrame,
    *,
    ax: Axes | None,
    fig: Figure | SubFigure | None,
    top: int | None,
    headline: str,
    scope: tuple[str, ...],
) -> Axes | Figure:
    """Draw the known rows of a frame: on the Axes given, else on a figure of all currencies."""
    if ax is not None and fig is not None:
        raise ConfigError(f"{chart.name} draws on ax or on fig: pass one of them.")
    checked_figure(fig)
    groups = [group for _, group in known.groupby("currency", dropna=False)]
    if ax is not None and len(groups) > 1:
        raise ConfigError(_crowded(chart.name, groups))
    shown = [_rows.split(group, top) for group in groups]
    units = [_rows.unit(group) for group in groups]
    labels = [label for drawn, _ in shown for label in drawn[_rows.LABEL]]
    with drawing([headline, *units, *labels], ax or fig) as style:
        heights = [len(drawn) + bool(len(others)) for drawn, others in shown] or [1]
        panels = [ax] if ax is not None else new_panels(heights, fig, sharex=False)
        pages = [Page(panel, style) for panel in panels]
        describe(ax or figure_of(panels[0]), frame)
        for page, (drawn, others), unit in zip(pages, shown, units, strict=False):
            chart.draw(page, drawn, others, unit)
        align(pages)
        if not groups:
            pages[0].nothing(chart.nothing)
        if len(groups) > 1:
            for page, group in zip(pages, groups, strict=True):
                page.heading(_rows.currency(group), chart.detail(group))
        notes = footnotes(bool(scope), labels, *scope)
        words_around(pages, headline, chart.measure if groups else "", notes)
    return ax or figure_of(panels[0])


def _crowded(name: str, groups: list[pd.DataFrame]) -> str:
    codes = [_rows.currency(group) for group in groups]
    return (
        f"{name} draws one currency on an Axes, and the frame has {', '.join(codes)}: leave ax "
        f"out for one panel each, or pass frame[frame['currency'] == {codes[0]!r}]."
    )
