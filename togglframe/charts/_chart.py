"""The record of a chart, and the one way in which all of them are drawn.

A chart declares which frame it takes, which of its rows it draws, what it says of them, and how one
panel is drawn. What all have in common stands here: the frame and the options are checked, rows are
labelled, ordered and cut to ``top``, pages are made, dressed and described, and words are printed
around them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, Protocol, TypeVar

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _rows
from togglframe.charts._fonts import printable
from togglframe.charts._page import (
    Line,
    Page,
    align,
    check_place,
    figure_of,
    height,
    new_axes,
    new_panels,
    words_around,
)
from togglframe.charts.output import describe
from togglframe.charts.style import Theme, drawing
from togglframe.errors import ConfigError
from togglframe.tables import Table
from togglframe.words.measures import in_order
from togglframe.words.names import MISSING, currency, unit
from togglframe.words.scope import source
from togglframe.words.sentences import alt_text


@dataclass(frozen=True, kw_only=True)
class Options:
    """What the caller asks of any chart; a chart with more options has a subclass."""

    sort: str | None
    top: int | None
    title: str | None
    footer: bool
    ax: Axes | None = None
    fig: Figure | SubFigure | None = None
    max_panels: int | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """The rows of one panel, what stands above it, and the unit of its amounts."""

    rows: pd.DataFrame
    name: str = ""
    detail: str = ""
    unit: str = ""


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel as it is drawn.

    Parameters
    ----------
    frame : pandas.DataFrame
        What the whole chart speaks of.
    rows, others : pandas.DataFrame
        The rows of the panel that are drawn, and those that are not.
    ends : list of str
        The last line, where there are others.
    group : Group
        All rows of the panel, with its heading.
    is_first, is_last : bool
        Where the panel stands.
    reach : float
        How far the drawn rows of all panels reach, where they share a scale.
    """

    frame: pd.DataFrame
    rows: pd.DataFrame
    others: pd.DataFrame
    ends: list[str]
    group: Group
    is_first: bool = True
    is_last: bool = True
    reach: float = 0.0

    @property
    def printed(self) -> list[str]:
        """What is printed of names that come from the frame."""
        return [self.group.name, self.group.unit, *self.labels]

    @property
    def labels(self) -> list[str]:
        """The labels of the rows."""
        return list(self.rows[_rows.LABEL])


Asked = TypeVar("Asked", bound=Options)


class Order(Protocol):
    """Puts rows in their order by a column; None keeps the order of the frame."""

    def __call__(self, frame: pd.DataFrame, *, column: str | None) -> pd.DataFrame: ...


def _all_rows(frame: pd.DataFrame, _: Options) -> pd.DataFrame:
    return frame


def _one_panel(_: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
    return [Group(rows=rows)] if len(rows) else []


def _one_below_the_other(panel: Panel) -> list[Line]:
    labels = [Line(label, place) for place, label in enumerate(panel.labels)]
    return [*labels, *(Line(end, len(labels), is_muted=True) for end in panel.ends)]


def _no_words(_: Sequence[Group]) -> list[str]:
    return []


@dataclass(frozen=True, kw_only=True)
class Chart(Generic[Asked]):
    """What tells one chart from the others; its options are those of its function.

    Parameters
    ----------
    name : str
        The function.
    table : Table
        The frame that it takes.
    columns : str
        The columns that it needs, the key of the table among them.
    optional : tuple of str
        The columns that it can do without.
    sorts : tuple of str
        The columns that it can be ordered by; the first is the default.
    choices : mapping
        The values that its other options can have.
    label : callable
        The labels of all rows of the frame.
    subject : callable
        The rows that the chart speaks of; by default all.
    rows : callable
        Those of them that can be drawn.
    order : callable, optional
        Puts the rows in their order by one of `sorts`; by default the largest come first.
    others : callable
        What rows hold that are not drawn, in a word or two.
    apart : str
        The column that parts the panels of a Figure; a chart without one draws on an Axes.
    panels : callable
        The groups that the panels show; none where there is nothing to show.
    other_panels : callable
        Says in a line what groups hold that are more than `max_panels`.
    reach : callable, optional
        How far rows reach, where all panels share one scale.
    lines : callable
        The lines of a panel; by default a label for each row, one below the other.
    finding : callable
        The title.
    scope : callable
        What the frame covers, for the footer.
    span : str
        The time that the frame covers, for the footer.
    alt : callable
        The text alternative.
    nothing : str
        What is said where there is nothing to show.
    reading : callable
        Says how the chart is read in a theme: the subtitle.
    draw : callable
        Draws a panel on its page.
    """

    name: str
    table: Table
    columns: str
    optional: tuple[str, ...] = ()
    sorts: tuple[str, ...]
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    label: Callable[[pd.DataFrame], list[str]]
    subject: Callable[[pd.DataFrame, Asked], pd.DataFrame] = _all_rows
    rows: Callable[[pd.DataFrame], pd.DataFrame]
    order: Order | None = None
    others: Callable[[pd.DataFrame], str]
    apart: str = ""
    panels: Callable[[pd.DataFrame, pd.DataFrame], list[Group]] = _one_panel
    other_panels: Callable[[Sequence[Group]], list[str]] = _no_words
    reach: Callable[[pd.DataFrame], float] | None = None
    lines: Callable[[Panel], list[Line]] = _one_below_the_other
    finding: Callable[[pd.DataFrame], str]
    scope: Callable[[pd.DataFrame, Asked], str]
    span: str = "life-time totals"
    alt: Callable[[pd.DataFrame], str] = alt_text
    nothing: str
    reading: Callable[[Theme, pd.DataFrame, Asked], str]
    draw: Callable[[Page, Panel, Asked], None]

    def __post_init__(self) -> None:
        used = {*self.needed, *self.optional}
        if unknown := used - {*self.table.names}:
            raise ValueError(f"{self.name}: {self.table.name} has no column {sorted(unknown)}")
        if unnamed := {*self.table.key, *self.sorts, *self.apart.split()} - {*self.needed}:
            raise ValueError(f"{self.name}: columns must name {sorted(unnamed)} too")

    @property
    def needed(self) -> list[str]:
        """The columns that the chart needs."""
        return self.columns.split()


def draw(chart: Chart[Asked], frame: pd.DataFrame, options: Asked) -> Axes:
    """Draw a chart: on the Axes given, else on a new one or, panel by panel, on a figure.

    Returns the Axes of the first panel.
    """
    frame = _rows.taken(frame, chart.name, chart.table, chart.needed, chart.optional)
    _check(chart, options)
    frame = frame.assign(**{_rows.LABEL: chart.label(frame)})
    subject = chart.subject(frame, options)
    panels, others = _panels(chart, subject, options)
    headline = printable(chart.finding(subject) if options.title is None else str(options.title))
    printed = [headline, *(text for panel in panels for text in panel.printed)]
    notes = [*chart.other_panels(others), *_footer(chart, frame, options, printed)]
    with drawing(printed, options.ax or options.fig) as style:
        pages = _pages(chart, panels, options, style)
        ax = pages[0].ax
        is_whole_figure = chart.apart and options.ax is None
        describe(figure_of(ax) if is_whole_figure else ax, chart.alt(subject))
        reading = chart.reading(style, subject, options) if panels else ""
        words_around(pages, headline, reading, notes)
    return ax


def _check(chart: Chart[Asked], options: Asked) -> None:
    choices = {"sort": (*chart.sorts, None), **chart.choices}
    for name, allowed in choices.items():
        _rows.choose(getattr(options, name), allowed, name)
    check_place(chart.name, options.ax, options.fig)


def _panels(
    chart: Chart[Asked], frame: pd.DataFrame, options: Asked
) -> tuple[list[Panel], list[Group]]:
    """Return the panels, each with the rows that fit, and the groups that get no panel."""
    order = chart.order or partial(in_order, table=chart.table)
    groups = chart.panels(frame, order(chart.rows(frame), column=options.sort))
    if options.ax is not None and len(groups) > 1:
        raise ConfigError(_crowded(chart, groups))
    top = _rows.limit(options.top)
    shown = groups[: options.max_panels]
    drawn = [group.rows.iloc[:top] for group in shown]
    reach = chart.reach(pd.concat(drawn)) if chart.reach and drawn else 0.0
    panels = [
        Panel(
            frame=frame,
            group=group,
            rows=rows,
            others=group.rows.iloc[top:],
            ends=_ends(chart, group.rows.iloc[top:]),
            is_first=group is shown[0],
            is_last=group is shown[-1],
            reach=reach,
        )
        for group, rows in zip(shown, drawn, strict=True)
    ]
    return panels, groups[len(shown) :]


def _ends(chart: Chart[Asked], others: pd.DataFrame) -> list[str]:
    """Return the last line, where rows are left out: how many, and what they hold."""
    if others.empty:
        return []
    noun = "other" if len(others) == 1 else "others"
    return [f"and {len(others):,} {noun} ({chart.others(others)})"]


def _pages(
    chart: Chart[Asked], panels: Sequence[Panel], options: Asked, style: Theme
) -> list[Page]:
    """Draw the panels, one below the other, or say that there is nothing to show."""
    lines = [chart.lines(panel) for panel in panels]
    heights = [height(of_one) for of_one in lines] or [1]
    pages = [Page(ax, style) for ax in _axes(chart, options, heights)]
    if not panels:
        pages[0].nothing(chart.nothing)
        return pages
    for page, panel, of_one in zip(pages, panels, lines, strict=True):
        page.name_rows(of_one)
        chart.draw(page, panel, options)
    align(pages)
    for page, panel in zip(pages, panels, strict=True):
        if panel.group.name:
            page.heading(panel.group.name, panel.group.detail)
    return pages


def _axes(chart: Chart[Asked], options: Asked, heights: list[float]) -> list[Axes]:
    if options.ax is not None:
        return [options.ax]
    if not chart.apart:
        return [new_axes(heights[0])]
    return new_panels(heights, options.fig, sharex=chart.reach is not None)


def _footer(
    chart: Chart[Asked], frame: pd.DataFrame, options: Asked, printed: list[str]
) -> list[str]:
    """Return the lines of the footer, with a word on the squares in what is printed."""
    if not options.footer:
        return []
    lines = [chart.scope(frame, options), printable(source(frame, chart.span))]
    if any(MISSING in text for text in printed):
        lines.append(f"{MISSING} stands for a character that no installed font has")
    return lines


def by_currency(
    detail: Callable[[pd.DataFrame], str],
) -> Callable[[pd.DataFrame, pd.DataFrame], list[Group]]:
    """Return panels of one currency each, since two of them never share an Axes."""

    def panels(_: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
        groups = [group for _, group in rows.groupby("currency", dropna=False)]
        return [
            Group(
                rows=group,
                name=printable(currency(group)) if len(groups) > 1 else "",
                detail=detail(group),
                unit=printable(unit(group)),
            )
            for group in groups
        ]

    return panels


def _crowded(chart: Chart[Asked], groups: list[Group]) -> str:
    names = [group.name for group in groups]
    return (
        f"{chart.name} draws one {chart.apart} on an Axes, and the frame has {', '.join(names)}: "
        f"leave ax out for one panel each, or pass frame[frame[{chart.apart!r}] == {names[0]!r}]."
    )
