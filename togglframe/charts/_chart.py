"""The record that declares a chart, and the code that draws all of them.

A chart declares which frame it takes, which rows it draws, what it says about them, and how one
panel is drawn. The rest is common to all charts and is done here: the frame and the options are
checked, rows are labelled, ordered and limited to ``top``, pages are made, styled and described,
and text is printed around them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, partial
from operator import lt
from typing import Any, Final, Generic, NamedTuple, Protocol, TypeVar

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _rows
from togglframe.charts._canvas import Room, room_in, room_on
from togglframe.charts._fonts import printable
from togglframe.charts._page import (
    Line,
    Page,
    Words,
    check_target,
    height,
    new_axes,
    new_panels,
    new_room,
    readable_rows,
    row_height,
    settle,
    words_around,
)
from togglframe.charts.output import describe, figure_of
from togglframe.charts.style import Theme, drawing
from togglframe.errors import ConfigError
from togglframe.tables import WORKSPACE, Table
from togglframe.text.formats import plural
from togglframe.text.measures import in_order
from togglframe.text.names import MISSING, currency_of, unit_of
from togglframe.text.scope import UNDRAWN, source
from togglframe.text.sentences import alt_text


@dataclass(frozen=True, kw_only=True)
class Options:
    """The options that all charts take; a chart with more options has a subclass."""

    sort: str | None
    top: int | None
    title: str | None
    footer: bool
    ascending: bool | None = None
    ax: Axes | None = None
    fig: Figure | SubFigure | None = None
    max_panels: int | None = None


@dataclass(frozen=True, kw_only=True)
class Group:
    """The rows of one panel, the name above it, and the unit of its amounts."""

    rows: pd.DataFrame
    name: str = ""
    unit: str = ""

    @property
    def printed(self) -> list[str]:
        """The texts to print that come from the frame."""
        return [self.name, self.unit, *self.rows[_rows.LABEL]]


@dataclass(frozen=True, kw_only=True)
class Panel:
    """One panel as it is drawn.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows that the whole chart is about.
    rows, others : pandas.DataFrame
        The rows of the panel that are drawn, and those that are not.
    drawn : pandas.DataFrame
        The rows that are drawn in all panels.
    held : str
        What the others add up to, in words.
    group : Group
        All rows of the panel, with its name.
    is_first, is_last : bool
        Whether the panel is the first one, or the last.
    reach : float
        How far the drawn rows of all panels reach, if they share a scale.
    """

    frame: pd.DataFrame
    rows: pd.DataFrame
    others: pd.DataFrame
    drawn: pd.DataFrame
    held: str
    group: Group
    is_first: bool = True
    is_last: bool = True
    reach: float = 0.0

    @property
    def printed(self) -> list[str]:
        """The texts to print that come from the frame."""
        return replace(self.group, rows=self.rows).printed

    @property
    def labels(self) -> list[str]:
        """The labels of the rows."""
        return list(self.rows[_rows.LABEL])

    def end(self, place: float) -> list[Line]:
        """Return the last line if rows are left out: how many, and what they add up to."""
        if self.others.empty:
            return []
        brief = f"and {plural(len(self.others), 'other')}"
        text = f"{brief} ({self.held})"
        return [Line(text, place, is_muted=True, brief=brief, detail=self.held)]


# Footer and subtitle, and the readable rows that suffice to keep both; the footer is dropped first.
_LEVELS: Final = ((True, True, 12), (False, True, 8), (False, False, 0))

_NAMED: Final = 5  # how many panels an error names

Asked = TypeVar("Asked", bound=Options)


class Order(Protocol):
    """Orders rows by a column; None keeps the order of the frame."""

    def __call__(
        self, frame: pd.DataFrame, *, column: str | None, ascending: bool | None
    ) -> pd.DataFrame: ...


def _all_rows(frame: pd.DataFrame, _: Options) -> pd.DataFrame:
    return frame


def _one_panel(_: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
    return [Group(rows=rows)] if len(rows) else []


def _one_below_the_other(panel: Panel) -> list[Line]:
    labels = [Line(label, place) for place, label in enumerate(panel.labels)]
    return [*labels, *panel.end(len(labels))]


def _no_detail(_: pd.DataFrame) -> str:
    return ""


def _none_urgent(_: pd.DataFrame) -> int:
    return 0


def _no_others(_: Sequence[Group]) -> list[str]:
    return []


def _with_options(options: Options) -> str | None:
    return options.sort


@dataclass(frozen=True, kw_only=True)
class Chart(Generic[Asked]):
    """The declaration of one chart; its options are those of its function.

    Parameters
    ----------
    name : str
        The name of the function.
    table : Table
        The table of the frame that it takes.
    maker : str
        The call that makes the frame; by default the report of the table's name.
    columns : str
        The columns that it needs, including the key of the table.
    optional : tuple of str
        The columns that it can do without.
    grain : Table, optional
        The table whose key must be unique, if a frame may be finer than `table`.
    noun : tuple of str
        What a row is called, in the singular and in the plural.
    shown : str
        What the title says of the rows that are drawn; by default that they are drawn.
    sorts : tuple of str
        The columns that rows can be ordered by; the first is the default.
    other_sorts : tuple of str
        Orders that are not columns; if there are any, the first is the default.
    sort_column : callable
        The column that an order stands for; by default the one of its name.
    choices : mapping
        The values that its other options can have.
    label : callable
        The labels of all rows of the frame, with names shortened to a number of cells.
    subject : callable
        The rows that the chart is about; by default all.
    rows : callable
        Those of them that can be drawn.
    order : callable, optional
        Orders the rows by one of `sorts`; by default the largest come first.
    others : callable
        What the rows that are not drawn add up to, in a word or two.
    apart : str
        The column that splits a Figure into panels; a chart without one draws on an Axes.
    panels : callable
        The groups that the panels show; none if there is nothing to show.
    urgent : callable
        How many rows of a panel are drawn before the other rows of any panel.
    detail : callable
        What the rows of a panel add up to, printed beside its name.
    other_panels : callable
        One line on the groups beyond `max_panels`.
    reach : callable, optional
        How far rows reach, if all panels share one scale.
    lines : callable
        The lines of a panel; by default a label for each row, one below the other.
    least : float
        The least height of a panel of a new figure, in rows; elsewhere text is dropped for it.
    finding : callable
        The title.
    scope : callable
        What the frame covers, for the footer.
    span : str
        The time that the frame covers, for the footer.
    alt : callable
        The text alternative.
    nothing : str
        The text if there is nothing to show.
    reading : callable
        The subtitle: how to read the drawn rows.
    draw : callable
        Draws a panel on its page.
    """

    name: str
    table: Table
    maker: str = ""
    columns: str
    optional: tuple[str, ...] = ()
    grain: Table | None = None
    noun: tuple[str, str]
    shown: str = ""
    sorts: tuple[str, ...]
    other_sorts: tuple[str, ...] = ()
    sort_column: Callable[[Asked], str | None] = _with_options
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    label: _rows.Labels
    subject: Callable[[pd.DataFrame, Asked], pd.DataFrame] = _all_rows
    rows: Callable[[pd.DataFrame], pd.DataFrame]
    order: Order | None = None
    others: Callable[[pd.DataFrame], str]
    apart: str = ""
    panels: Callable[[pd.DataFrame, pd.DataFrame], list[Group]] = _one_panel
    urgent: Callable[[pd.DataFrame], int] = _none_urgent
    detail: Callable[[pd.DataFrame], str] = _no_detail
    other_panels: Callable[[Sequence[Group]], list[str]] = _no_others
    reach: Callable[[pd.DataFrame], float] | None = None
    lines: Callable[[Panel], list[Line]] = _one_below_the_other
    least: float = 0.0
    finding: Callable[[pd.DataFrame], str]
    scope: Callable[[pd.DataFrame, Asked], str]
    span: str = "since the projects began"
    alt: Callable[[pd.DataFrame], str] = alt_text
    nothing: str
    reading: Callable[[pd.DataFrame, Asked], str]
    draw: Callable[[Page, Panel, Asked], None]

    def __post_init__(self) -> None:
        used = {*self.needed, *self.optional}
        if unknown := used - {*self.table.names}:
            raise ValueError(f"{self.name}: {self.table.name} has no column {sorted(unknown)}")
        if unnamed := {*self.table.key, *self.sorts, *self.apart.split()} - {*self.needed}:
            raise ValueError(f"{self.name}: columns must name {sorted(unnamed)} too")

    @property
    def orders(self) -> tuple[str, ...]:
        """All orders of the rows, the default first."""
        return (*self.other_sorts, *self.sorts)

    @property
    def made_by(self) -> str:
        """The call that makes its frame."""
        return self.maker or f"reports.{self.table.name}(ws)"

    @property
    def needed(self) -> list[str]:
        """The columns that the chart needs."""
        return self.columns.split()


class _Texts(NamedTuple):
    """The text about the whole frame: the headline, and the lines of the footer."""

    headline: str
    scope: list[str]


class _Shown(NamedTuple):
    """The panels that there is room for, and the text around them."""

    panels: list[Panel]
    words: Words


def draw(chart: Chart[Asked], frame: pd.DataFrame, options: Asked) -> Axes:
    """Draw a chart on an Axes or, panel by panel, on a figure.

    Returns the Axes of the first panel.
    """
    chart = _of_workspaces(chart, frame)
    given = typed_rows_of(chart, frame)
    _check(chart, options)
    frame = _used(chart, given)
    subject = chart.subject(frame, options)
    groups = _groups(chart, subject, options)
    headline = _headline(chart, subject, options)
    printed = [headline, *(text for group in groups for text in group.printed)]
    with drawing(printed, options.ax or options.fig) as style:
        said = _Texts(headline, [chart.scope(frame, options), printable(source(given, chart.span))])
        shown = _fitted(chart, subject, groups, options, said)
        pages = _pages(chart, frame, shown, options, style)
        ax = pages[0].ax
        is_whole_figure = chart.apart and options.ax is None
        alt = chart.alt(chart.subject(given, options))
        describe(figure_of(ax) if is_whole_figure else ax, alt)
    return ax


def _of_workspaces(chart: Chart[Asked], frame: object) -> Chart[Asked]:
    """Return the chart, adapted to a frame of several workspaces if this is one."""
    if not isinstance(frame, pd.DataFrame) or WORKSPACE.name not in frame:
        return chart
    if WORKSPACE.name in chart.table:
        return chart
    return replace(
        chart,
        table=chart.table.across(),
        grain=chart.grain and chart.grain.across(),
        columns=f"{WORKSPACE.name} {chart.columns}",
    )


def _used(chart: Chart[Asked], given: pd.DataFrame) -> pd.DataFrame:
    """Return the columns that the chart uses, with a label and the position of each row.

    Unused columns would be copied with every selection of rows.
    """
    used = {*chart.needed, *chart.optional}
    names = [name for name in given.columns if name in used or name not in chart.table]
    frame = pd.DataFrame(dict(given[names].items()))
    frame[_rows.LABEL] = chart.label(frame)
    frame[_rows.PLACE] = range(len(frame))
    frame.attrs = given.attrs
    return frame


def typed_rows_of(chart: Chart[Asked], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame of a chart with the columns that it needs as their table declares them."""
    chart = _of_workspaces(chart, frame)
    return _rows.typed_rows(
        frame,
        chart.name,
        chart.table,
        chart.needed,
        chart.optional,
        made_by=chart.made_by,
        grain=chart.grain or chart.table,
    )


def _check(chart: Chart[Asked], options: Asked) -> None:
    choices = {"sort": (*chart.orders, None), **chart.choices}
    for name, allowed in choices.items():
        _rows.choose(getattr(options, name), allowed, name)
    check_target(chart.name, options.ax, options.fig)


def _groups(chart: Chart[Asked], subject: pd.DataFrame, options: Asked) -> list[Group]:
    order = chart.order or partial(in_order, table=chart.table)
    column = chart.sort_column(options)
    rows = order(chart.rows(subject), column=column, ascending=options.ascending)
    groups = chart.panels(subject, rows)
    if options.ax is not None and len(groups) > 1:
        raise ConfigError(_crowded(chart, groups, options))
    return groups


def _fitted(
    chart: Chart[Asked],
    subject: pd.DataFrame,
    groups: list[Group],
    options: Asked,
    said: _Texts,
) -> _Shown:
    """Return what there is room for; the footer is dropped first, then the subtitle, then rows."""
    top, room = _rows.limit(options.top), _room(options)
    most = groups[: options.max_panels]
    everything = _cut(chart, subject, most, top, lambda _: math.inf)
    reading = chart.reading(everything[0].drawn, options) if everything else ""
    for has_footer, has_subtitle, enough in _LEVELS:
        subtitle, has_scope = reading if has_subtitle else "", has_footer and options.footer
        given = (chart, said, options, groups)
        words = partial(_words, *given, subtitle=subtitle, has_scope=has_scope)
        rows = _readable(chart, words(everything), room, len(most))
        if rows >= min(max(_rows_of(chart, everything), chart.least), enough):
            break
    panels = everything
    for _ in range(2):  # if rows are left out, the title gets longer
        panels = _cut(chart, subject, most, top, partial(_readable, chart, words(panels), room))
    if panels and has_subtitle:
        subtitle = chart.reading(panels[0].drawn, options)
    return _Shown(panels, words(panels)._replace(subtitle=subtitle))


def _readable(chart: Chart[Asked], words: Words, room: Room, panels: int) -> float:
    """Return how many rows are legible on this number of panels."""
    return readable_rows(room.height - _around(chart, words, room, panels))


def _around(chart: Chart[Asked], words: Words, room: Room, panels: int) -> float:
    """Return the height of everything around the rows of this number of panels [pt]."""
    return words.height(room.width, panels, one_scale=chart.reach is not None)


def _room(options: Options) -> Room:
    if options.ax is not None:
        return room_on(options.ax)
    if options.fig is not None:
        return room_in(options.fig)
    return new_room()


def _cut(
    chart: Chart[Asked],
    subject: pd.DataFrame,
    groups: list[Group],
    top: int | None,
    readable: Callable[[int], float],
) -> list[Panel]:
    """Return the panels, limited to `top` rows in all and to as many as are legible.

    If even one row each is too much, there are fewer panels, provided that the chart can say so.
    """
    fewest = len(groups) if chart.other_panels is _no_others else min(len(groups), 1)
    panels: list[Panel] = []
    for count in range(len(groups), fewest - 1, -1):
        rows = readable(count)
        whole = sum(len(group.rows) for group in groups[:count])
        asked = whole if top is None else min(top, whole)
        for total in range(int(max(min(asked, rows), count)), count - 1, -1):
            panels = _panels(chart, subject, groups[:count], total) if count else []
            if _rows_of(chart, panels) <= rows:
                return panels
    return panels


def _rows_of(chart: Chart[Asked], panels: Sequence[Panel]) -> float:
    """Return how many rows all lines of the panels take."""
    return sum(height(chart.lines(panel)) for panel in panels)


def _panels(
    chart: Chart[Asked], subject: pd.DataFrame, groups: list[Group], total: int
) -> list[Panel]:
    """Return the panels of groups, which share this total of rows."""
    sizes, urgent = zip(*((len(g.rows), chart.urgent(g.rows)) for g in groups), strict=True)
    shares = _shares(sizes, urgent, total)
    heads = [group.rows.iloc[:share] for group, share in zip(groups, shares, strict=True)]
    drawn = pd.concat(heads)
    return [
        Panel(
            frame=subject,
            group=group,
            rows=rows,
            others=(others := group.rows.iloc[len(rows) :]),
            drawn=drawn,
            held=chart.others(others) if len(others) else "",
            is_first=group is groups[0],
            is_last=group is groups[-1],
            reach=chart.reach(drawn) if chart.reach else 0.0,
        )
        for group, rows in zip(groups, heads, strict=True)
    ]


def _shares(sizes: Sequence[int], urgent: Sequence[int], total: int) -> list[int]:
    """Distribute rows evenly, at least one to each panel, urgent rows before the others."""
    shares = [min(size, 1) for size in sizes]
    for most in (urgent, sizes):
        while sum(shares) < total and any(map(lt, shares, most)):
            for place in range(len(shares)):
                if sum(shares) < total and shares[place] < most[place]:
                    shares[place] += 1
    return shares


def _words(
    chart: Chart[Asked],
    said: _Texts,
    options: Asked,
    groups: list[Group],
    panels: list[Panel],
    *,
    subtitle: str,
    has_scope: bool,
) -> Words:
    """Return the text around the panels: what they show, and what they leave out."""
    whole, drawn = (sum(len(part.rows) for part in parts) for parts in (groups, panels))
    headline = said.headline
    if drawn < whole and options.title is None:
        shown = chart.shown or ("is drawn" if drawn == 1 else "are drawn")
        headline += f"; {drawn:,} of {plural(whole, *chart.noun)} {shown}"
    printed = [headline, *(text for panel in panels for text in panel.printed)]
    scope = _scope(said, printed) if has_scope else []
    return Words(headline, subtitle, [*chart.other_panels(groups[len(panels) :]), *scope])


def _headline(chart: Chart[Asked], subject: pd.DataFrame, options: Asked) -> str:
    return printable(chart.finding(subject) if options.title is None else str(options.title))


def _pages(
    chart: Chart[Asked], frame: pd.DataFrame, shown: _Shown, options: Asked, style: Theme
) -> list[Page]:
    """Draw the panels, one below the other, or say that there is nothing to show."""
    panels, words, room = shown.panels, shown.words, _room(options)
    around = _around(chart, words, room, len(panels))
    row = row_height(room.height - around, _rows_of(chart, panels) or 1)
    pages = [Page(ax, style, room, row) for ax in _axes(chart, options, shown, room)]
    if not panels:
        pages[0].nothing(chart.nothing)
        words_around(pages, words)
        return pages
    for page, panel in zip(pages, panels, strict=True):
        chart.draw(page, panel, options)
    labels = cache(partial(chart.label, frame))
    namings = [partial(_lines, chart, panel, labels) for panel in panels]
    settle(pages, namings, may_drop=options.ax is not None or options.fig is not None)
    for page, panel in zip(pages, panels, strict=True):
        if panel.group.name:
            page.heading(panel.group.name, chart.detail(panel.group.rows))
    words_around(pages, words)
    return pages


def _lines(
    chart: Chart[Asked], panel: Panel, labels: Callable[[int], list[str]], cells: int
) -> list[Line]:
    """Return the lines of a panel, with names shortened to a number of cells."""
    names = [labels(cells)[place] for place in panel.rows[_rows.PLACE]]
    return chart.lines(replace(panel, rows=panel.rows.assign(**{_rows.LABEL: names})))


def _axes(chart: Chart[Asked], options: Asked, shown: _Shown, room: Room) -> list[Axes]:
    if options.ax is not None:
        return [options.ax]
    heights = [max(height(chart.lines(panel)), chart.least) for panel in shown.panels] or [1]
    around = _around(chart, shown.words, room, len(heights))
    if not chart.apart:
        return [new_axes(heights[0], around)]
    return new_panels(heights, around, options.fig, sharex=chart.reach is not None)


def _scope(said: _Texts, printed: list[str]) -> list[str]:
    """Return what the frame covers, with a note on squares if any are printed."""
    if any(MISSING in text for text in printed):
        return [*said.scope, UNDRAWN]
    return said.scope


def by_currency(_: pd.DataFrame, rows: pd.DataFrame) -> list[Group]:
    """Return a panel for each currency, since currencies never share an Axes."""
    groups = [group for _, group in rows.groupby("currency", dropna=False)]
    names = [printable(currency_of(group)) if len(groups) > 1 else "" for group in groups]
    return [
        Group(rows=group, name=name, unit=printable(unit_of(group)))
        for group, name in zip(groups, names, strict=True)
    ]


def _crowded(chart: Chart[Asked], groups: list[Group], options: Asked) -> str:
    names = [group.name for group in groups[:_NAMED]]
    more = f" and {len(groups) - _NAMED:,} more" if len(groups) > _NAMED else ""
    apart, first = chart.apart, groups[0].rows[chart.apart].iloc[0]
    way = f"pass frame[frame[{apart!r}] == {names[0]!r}]"
    if hasattr(options, apart):
        way = f"choose one, such as {apart}={first}"
    return (
        f"{chart.name} draws one {apart.removesuffix('_id')} on an Axes, and the frame has "
        f"{', '.join(names)}{more}: leave ax out for one panel each, or {way}."
    )
