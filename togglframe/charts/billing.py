"""What can be billed: the share of hours by project, and the amounts by client."""

from __future__ import annotations

from typing import Final, Literal, overload

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _findings, _rows
from togglframe.charts._numbers import floats, hours, money, percent, total_amount, total_hours
from togglframe.charts._page import Page, checked, new_axes
from togglframe.charts._panels import MoneyChart, draw_by_currency
from togglframe.charts._scope import footnotes, provenance
from togglframe.charts.bullets import Scale
from togglframe.charts.output import describe
from togglframe.charts.style import Theme, drawing
from togglframe.naming import plural
from togglframe.tables import CLIENT_SUMMARY, PROJECT_BUDGET

SplitSort = Literal["tracked_hours", "billable_hours", "billable_share", "project"]
AmountSort = Literal["amount", "effective_rate", "client"]

_SPLIT: Final = (
    "project_id",
    "project",
    "client_id",
    "client",
    "tracked_hours",
    "billable_hours",
    "non_billable_hours",
    "billable_share",
)
_AMOUNTS: Final = (
    "client_id",
    "client",
    "currency",
    "tracked_hours",
    "amount",
    "effective_rate",
)


def billable_split(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    top: int | None = None,
    sort: SplitSort | None = "tracked_hours",
    scale: Scale = "hours",
    title: str | None = None,
    footer: bool = True,
) -> Axes:
    """Draw the billable and the other hours of each project, the largest project first.

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
    sort : {"tracked_hours", "billable_hours", "billable_share", "project"} or None
        The order of the projects, largest first (names from A), equal ones by overrun, then
        progress, then id; None keeps the frame's.
    scale : {"hours", "percent"}
        The measure: hours [h], or per cent of what is tracked.
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

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.billable_split(tf.tables.PROJECT_BUDGET.empty())
    >>> ax.get_title(loc="left")
    'No projects'
    """
    frame = _rows.taken(frame, "billable_split", _SPLIT, PROJECT_BUDGET)
    _rows.choose(
        sort, ("tracked_hours", "billable_hours", "billable_share", "project", None), "sort"
    )
    _rows.choose(scale, ("hours", "percent"), "scale")
    checked(ax)
    named = _rows.labelled(frame, "project", "client")
    is_known = named["tracked_hours"].notna() & named["billable_hours"].notna()
    known = named[is_known]
    shown, others = _rows.split(_rows.in_order(known, PROJECT_BUDGET, sort), top)
    labels = list(shown[_rows.LABEL])
    ends = _rows.others(others, f"{hours(total_hours(others, 'tracked'))} tracked")
    finding = _findings.billable(frame)
    headline = _findings.or_title(finding, title)
    notes = footnotes(footer, labels, _split_scope(frame, named[~is_known]), provenance(frame))
    with drawing([*labels, headline], ax) as style:
        page = Page(ax or new_axes(len(labels) + len(ends) or 1), style)
        describe(page.ax, frame, f"Billable hours, one row per project: {finding}.")
        if known.empty:
            page.nothing("There are no projects with billable hours to show.")
            page.words(headline, "", notes)
            return page.ax
        page.listing(labels, ends)
        _split(page, shown, others, scale)
        page.words(headline, _parts(style), notes)
    return page.ax


def _parts(style: Theme) -> str:
    other = "hollow" if style.hollow else "grey"
    return f"Tracked hours: the solid part is billable, the {other} part is not"


def _split_scope(frame: pd.DataFrame, omitted: pd.DataFrame) -> str:
    parts = [f"{hours(total_hours(frame, 'tracked'))} tracked in {plural(len(frame), 'project')}"]
    if len(omitted):
        unknown = "without a status or with unknown billable hours, not drawn"
        tracked = hours(total_hours(omitted, "tracked"))
        parts.append(f"{len(omitted):,} {unknown} ({tracked} tracked)")
    return " · ".join(parts)


def _split(page: Page, frame: pd.DataFrame, others: pd.DataFrame, scale: Scale) -> None:
    places = np.arange(len(frame), dtype=float)
    tracked, share = floats(frame, "tracked_hours"), floats(frame, "billable_share")
    part, rest = floats(frame, "billable_hours"), floats(frame, "non_billable_hours")
    if scale == "percent":
        part, rest = 100 * share, 100 * (1 - share)
    drawn = ~np.isnan(part)
    page.bar(places[drawn], part[drawn], "Billable")
    has_rest = drawn & (rest > 0)
    page.hollow(places[has_rest], rest[has_rest], "Not billable", left=part[has_rest])
    if scale == "percent":
        page.scale(0, 101, f"{PROJECT_BUDGET['billable_share'].label} [%]")
    else:
        page.scale(0, 1.02 * float(tracked.max()) or 1, PROJECT_BUDGET["tracked_hours"].label)
    shares = ["nothing tracked" if np.isnan(value) else percent(value) for value in share]
    plain = [False] * len(frame)
    rest_tracked = total_hours(others, "tracked")
    end = percent(total_hours(others, "billable") / rest_tracked) if rest_tracked else ""
    page.column("billable", places, shares, [not np.isnan(value) for value in share], end=end)
    page.column("tracked", places, [hours(value) for value in tracked], plain)


@overload
def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: Axes,
    fig: None = None,
    top: int | None = None,
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
    top: int | None = None,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Figure: ...


def amount_by_client(
    frame: pd.DataFrame,
    *,
    ax: Axes | None = None,
    fig: Figure | SubFigure | None = None,
    top: int | None = None,
    sort: AmountSort | None = "amount",
    title: str | None = None,
    footer: bool = True,
) -> Axes | Figure:
    """Draw what the billable hours of each client are worth, one panel for each currency.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame of ``togglframe.reports.client_summary``, one row per client and currency.
    ax : matplotlib.axes.Axes, optional
        Where to draw a frame of one currency, in a figure with ``layout="constrained"``, which
        makes room for the names and the words around; by default a new figure with all of them.
    fig : matplotlib.figure.Figure or matplotlib.figure.SubFigure, optional
        Where to draw all currencies; by default a new figure, as high as the panels need.
    top : int, optional
        How many clients to draw for each currency; the last line says how many others there
        are and their amount. By default all, up to 200.
    sort : {"amount", "effective_rate", "client"} or None
        The order of the clients, largest first (names from A); None keeps the frame's.
    title : str, optional
        A title instead of the finding.
    footer : bool
        Whether to print the scope below the chart.

    Returns
    -------
    matplotlib.figure.Figure or matplotlib.axes.Axes
        The figure of all panels, of a SubFigure the figure it is part of; with `ax`, the Axes.

    Raises
    ------
    ConfigError
        A column is missing, an option is impossible, or several currencies are to share `ax`.

    Examples
    --------
    >>> import togglframe as tf
    >>> fig = tf.charts.amount_by_client(tf.tables.CLIENT_SUMMARY.empty())
    >>> fig.axes[0].get_title(loc="left")
    'No clients'
    """
    frame = _rows.taken(frame, "amount_by_client", _AMOUNTS, CLIENT_SUMMARY)
    _rows.choose(sort, ("amount", "effective_rate", "client", None), "sort")
    checked(ax)
    named = _rows.labelled(frame, "client")
    known = _rows.in_order(named[named["amount"].notna()], CLIENT_SUMMARY, sort)
    headline = _findings.or_title(_findings.amounts(frame), title)
    scope = (_amount_scope(frame, known), provenance(frame)) if footer else ()
    return draw_by_currency(
        _AMOUNT_CHART, frame, known, ax=ax, fig=fig, top=top, headline=headline, scope=scope
    )


def _amount_scope(frame: pd.DataFrame, known: pd.DataFrame) -> str:
    tracked = hours(total_hours(frame, "tracked"))
    clients = plural(frame["client_id"].nunique(dropna=False), "client")
    parts = [f"{tracked} tracked for {clients}"]
    if hidden := len(frame) - len(known):
        parts.append(f"{plural(hidden, 'row')} without a visible amount, not drawn")
    return " · ".join(parts)


def _amounts(page: Page, frame: pd.DataFrame, others: pd.DataFrame, unit: str) -> None:
    rest = f"{money(total_amount(others))} {unit}"
    page.listing(list(frame[_rows.LABEL]), _rows.others(others, rest))
    places = np.arange(len(frame), dtype=float)
    amount, rate = floats(frame, "amount"), floats(frame, "effective_rate")
    page.bar(places, amount, "Amount")
    page.scale(0, 1.02 * float(amount.max()) or 1, f"{CLIENT_SUMMARY['amount'].label} [{unit}]")
    plain = [False] * len(frame)
    amounts = [money(value) for value in amount]
    rates = ["not known" if np.isnan(value) else money(value, 2) for value in rate]
    page.column("amount", places, amounts, [True] * len(frame))
    page.column("per billable h", places, rates, plain)


_AMOUNT_CHART: Final = MoneyChart(
    name="amount_by_client",
    draw=_amounts,
    detail=lambda group: f"{money(total_amount(group))} in all",
    measure="What the billable hours are worth; each currency has a scale of its own",
    nothing="There are no amounts to show.",
)
