"""The page that every chart is drawn on: title, rows, columns of numbers, scale and footer."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import (
    IdentityTransform,
    ScaledTranslation,
    Transform,
    blended_transform_factory,
)

from togglframe.charts import _fonts
from togglframe.charts._canvas import LAYOUT_PAD, Room, put_inside
from togglframe.charts.output import figure_of
from togglframe.charts.style import NotebookFigure, Theme, points
from togglframe.errors import ConfigError
from togglframe.text.formats import MINUS
from togglframe.text.measures import Floats
from togglframe.text.names import NAME_CELLS, shorten

WIDTH: Final = 9.0  # of a new figure [in]
BAR: Final = 0.34  # heights of marks, in rows
TICK: Final = 0.62
GROUND: Final = 0.72
HATCH: Final = "/////"  # of overruns

# In points, for the usual size of font.
ROW: Final = 23.0
_ROW_WITH_TEXT: Final = 19.0  # rows with a text above their bars
_LEAST_ROW: Final = 12.5  # closer rows are no longer legible
_PANEL: Final = 30.0  # the heading of a panel, and the gap above it
_SCALE: Final = 26.0  # the scale of a panel that does not share one
_LABEL: Final = 9.0
_SMALL: Final = 8.0
_AXIS: Final = 8.5
_TITLE: Final = 13.0
_SMALL_TITLE: Final = 10.5
_NARROW: Final = 330.0  # a narrower chart has a smaller title
_LABEL_PAD: Final = 6.0
_COLUMN_GAP: Final = 14.0
_ABOVE: Final = 3.0
_DEPTH: Final = 36.0  # the numbers of a scale and its name
_TICK_LABEL: Final = 42.0  # the least distance between the numbers of a scale
_TICK_GAP: Final = 6.0  # the least gap between two of them
_LEAST_PLOT: Final = 110.0

# In shares of the width.
_PLOT: Final = 0.3  # left for the plot by names and columns, at least
_NAMES: Final = 0.3  # for names, before columns of numbers are dropped
_LEAST_NAMES: Final = 0.22

_TITLE_LINES: Final = 3  # a longer title is set smaller
_LINE: Final = 1.25  # lines, in font sizes
_FEWEST_CELLS: Final = 6
_LEVELS: Final = range(NAME_CELLS, _FEWEST_CELLS - 1, -2)  # cells that names are shortened to
_FEWEST_NUMBERED: Final = 0.35  # of a plot: shorter bars have no room for their numbers


# The marks of a scale (value and text), given the width of the plot [pt] and that of a text [pt].
Marks = Callable[[float, Callable[[str], float]], Sequence[tuple[float, str]]]


class Line(NamedTuple):
    """A line of a panel: the label of its row, and its distance from the top.

    A line that is not the name of a row has a brief form for when there is little room, and a
    detail that is then printed on the plot.
    """

    text: str
    place: float
    is_muted: bool = False
    is_bold: bool = False
    brief: str = ""
    detail: str = ""


class Column(NamedTuple):
    """A column of numbers beside the rows: position, text, and whether it stands out."""

    head: str
    rows: list[tuple[float, str, bool]]
    end: str

    @property
    def width(self) -> float:
        """Return the width of its widest text [pt]."""
        widths = [_width(text, _LABEL, bold=bold) for _, text, bold in self.rows]
        return max([*widths, _width(self.head, _SMALL), _width(self.end, _LABEL)])


def _width(text: str, size: float, *, bold: bool = False) -> float:
    return _fonts.width(text, points(size), "bold" if bold else "normal") if text else 0.0


def height(lines: Sequence[Line]) -> float:
    """Return how many rows the lines take up."""
    return lines[-1].place + 1


def check_target(chart: str, ax: Axes | None, fig: Figure | SubFigure | None) -> None:
    """Refuse anything that is not an Axes, such as an array of them, or not a figure."""
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax is one matplotlib Axes, not {type(ax).__name__}.")
    if ax is not None and fig is not None:
        raise ConfigError(f"{chart} draws on ax or on fig: pass one of them.")
    if fig is not None and not isinstance(fig, Figure | SubFigure):
        raise TypeError(f"fig is a matplotlib Figure or SubFigure, not {type(fig).__name__}.")


def new_axes(rows: float, around: float) -> Axes:
    """Make a figure with one Axes, tall enough for the rows and the text around them [pt]."""
    size = (_width_of_new(), (points(ROW) * rows + around + 2 * LAYOUT_PAD) / 72)
    _, ax = plt.subplots(figsize=size, layout="constrained")
    return ax


def _width_of_new() -> float:
    """Return the width of a new figure [in], which grows with the font size, but more slowly."""
    return WIDTH * float(max(points(1), 1) ** 0.5)


def new_room() -> Room:
    """Return the room on a new figure, whose height is unlimited."""
    return Room(_width_of_new() * 72 - 2 * LAYOUT_PAD, math.inf)


def new_panels(
    heights: Sequence[float],
    around: float,
    fig: Figure | SubFigure | None = None,
    *,
    sharex: bool,
) -> list[Axes]:
    """Make Axes one below the other, each tall enough for its rows."""
    if fig is None:
        size = (_width_of_new(), (points(ROW) * sum(heights) + around + 2 * LAYOUT_PAD) / 72)
        fig = plt.figure(figsize=size, layout="constrained", FigureClass=NotebookFigure)
    grid = fig.subplots(
        len(heights), sharex=sharex, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    return list(grid[:, 0])


def row_height(available: float, rows: float) -> float:
    """Return the height of each row [pt]; on a new figure, whose height is unlimited, the usual."""
    return points(ROW) if math.isinf(available) else available / rows


def readable_rows(available: float) -> float:
    """Return how many rows are legible on this height [pt]."""
    return available / points(_LEAST_ROW)


class Words(NamedTuple):
    """The text around the panels: the finding, how to read it, and the scope, line by line."""

    title: str
    subtitle: str
    footer: Sequence[str]

    def height(self, width: float, panels: int, *, one_scale: bool) -> float:
        """Return the height of the text around the panels, with headings and scales [pt]."""
        size, (title, lines) = points(_LABEL), _title_lines(self.title, width)
        words = len(lines) * title * _LINE
        if self.subtitle:
            words += len(wrapped(self.subtitle, width, _LABEL)) * size * _LINE + 5
        scope = sum(len(wrapped(line, width, _SMALL)) for line in self.footer)
        words += scope * points(_SMALL) * _LINE
        heads = points(_ABOVE + _LABEL * _LINE + 4)
        between = points(_PANEL if one_scale else _PANEL + _SCALE) * (panels - 1)
        depth = points(_DEPTH + (_AXIS * _LINE if width < points(_NARROW) else 0))
        return words + heads + between + depth


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Break the text into lines no wider than this [pt]."""
    return _fonts.wrap(text, width, points(size))


def _title_lines(title: str, width: float) -> tuple[float, list[str]]:
    """Return the size of a title [pt] and its lines: smaller if it has little room or is long."""
    sizes = (_TITLE, _SMALL_TITLE, _LABEL) if width >= points(_NARROW) else (_SMALL_TITLE, _LABEL)
    for size in map(points, sizes):
        lines = _fonts.wrap_evenly(title, width, size, "bold")
        if len(lines) <= _TITLE_LINES:
            break
    return size, lines


class Page:
    """One Axes, styled by the theme.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The Axes to draw on.
    style : Theme
        The theme.
    room : Room
        The room for the chart and the text around it.
    row : float, optional
        The least height of a row [pt]; by default that on a new figure.

    Attributes
    ----------
    left : float
        How far the labels of the rows reach to the left of the Axes [pt].
    right : float
        How far the columns of numbers reach to its right [pt].
    raised, sunk : float
        The space between the Axes and its title, and between the Axes and the footer [pt].
    above, below : float
        The height of the text above and below the Axes [pt].
    overhang : float
        How far the last number of the scale reaches beyond the plot [pt].
    columns : list of Column
        The columns of numbers.
    """

    def __init__(self, ax: Axes, style: Theme, room: Room, row: float | None = None) -> None:
        self.ax = ax
        self.style = style
        self.room = room
        self.row = points(ROW) if row is None else row
        self.left = 0.0
        self.right = 0.0
        self.raised = 4.0
        self.sunk = points(12)
        self.above = self.below = self.overhang = 0.0
        self.columns: list[Column] = []
        self._rests: list[str] = []
        self._numbers: list[tuple[float, float, Annotation]] = []
        self._when_placed: list[Callable[[float], None]] = []
        rc = mpl.rcParams
        ax.set_facecolor(style.surface)
        ax.set_axisbelow(True)
        ax.spines[:].set_visible(False)
        ax.grid(visible=False)
        ax.grid(axis="x", color=style.grid, linewidth=rc["grid.linewidth"])
        both: dict[str, Any] = {"length": 0, "labelfontfamily": rc["font.family"]}
        ax.tick_params("x", colors=style.muted, labelsize=rc["xtick.labelsize"], **both)
        labels = {"colors": style.text, "labelsize": rc["ytick.labelsize"], "pad": _LABEL_PAD}
        ax.tick_params("y", **labels, **both)

    def text_options(self, size: float, color: str, weight: str = "normal") -> dict[str, Any]:
        """Return the options of a text; user-supplied names are never parsed as mathtext."""
        return {
            "fontsize": points(size),
            "color": color,
            "fontweight": weight,
            "fontfamily": mpl.rcParams["font.family"],
            "parse_math": False,
            "usetex": False,
        }

    def name_rows(self, lines: Sequence[Line]) -> None:
        """Name the rows, the first at the top; muted ones are secondary."""
        ax = self.ax
        options = self.text_options(_LABEL, self.style.text)
        ax.set_yticks([line.place for line in lines], [line.text for line in lines], **options)
        ax.set_ylim(height(lines) - 0.4, -0.6)
        for line, label in zip(lines, ax.get_yticklabels(), strict=True):
            if line.is_muted:
                label.set_color(self.style.muted)
            if line.is_bold:
                label.set_fontweight("bold")

    def column(
        self,
        head: str,
        places: Iterable[float],
        cells: Sequence[str],
        strong: Sequence[bool],
        *,
        end: str = "",
    ) -> None:
        """Keep a column of numbers, to be printed to the right of the Axes if there is room.

        `end` is the number in the last row, which is about the rows that are not drawn.
        """
        self.columns.append(Column(head, list(zip(places, cells, strong, strict=True)), end))

    def print_columns(self, widths: Sequence[float]) -> None:
        """Print the columns of numbers to the right of the Axes, in these widths [pt]."""
        for width, column in zip(widths, self.columns, strict=True):
            self.right += _COLUMN_GAP + width
            last = [(self.ax.get_yticks()[-1], column.end, False)] if column.end else []
            for place, text, bold in [*column.rows, *last]:
                if text:
                    self._beside(text, place, strong=bold)
            if column.head:
                options = self.text_options(_SMALL, self.style.muted)
                self._above(column.head, (1, self.right), "right", options)

    def heading(self, name: str, detail: str) -> None:
        """Name the panel, and print the detail beside its name if there is room."""
        across = self.left + self._plot
        options = self.text_options(_LABEL, self.style.text, "bold")
        name = fitted(name, across, bold=True)
        self._above(name, (0, -self.left), "left", options)
        after = max(_width(name, _LABEL, bold=True) + _COLUMN_GAP - self.left, 0)
        has_heads = any(column.head for column in self.columns)
        free = self._plot + (_COLUMN_GAP if has_heads else self.right)
        if after + _width(detail, _SMALL) <= free:
            small = self.text_options(_SMALL, self.style.muted)
            self._above(detail, (0, after), "left", small)
        self.raised += 6

    @property
    def _plot(self) -> float:
        """Return how wide the plot is [pt]."""
        return max(self.room.width - self.left - self.right, 1.0)

    def _above(
        self, text: str, at: tuple[float, float], align: str, options: dict[str, Any]
    ) -> Annotation:
        self.raised = max(self.raised, points(_ABOVE + _LABEL * _LINE + 4))
        side, offset = at
        where = {"xy": (side, 1), "xycoords": "axes fraction", "annotation_clip": False}
        return self._note(text, (offset, _ABOVE), {**where, "ha": align, "va": "bottom", **options})

    def at_end(
        self, text: str, place: float, value: float, *, strong: bool, left: bool, gap: float
    ) -> None:
        """Print a number at the end of a bar or pin, on its left or right."""
        at = {"xy": (value, place), "ha": "right" if left else "left", "zorder": 5}
        note = self._note(text, (-gap if left else gap, 0), {**at, **self._number(strong=strong)})
        self._numbers.append((value, _width(text, _LABEL, bold=strong) + gap + 2, note))

    def above_bar(self, text: str, place: float, start: float, end: float) -> None:
        """Print a text above a bar, cut to its width, if rows are tall enough for both."""
        if self.row >= points(_ROW_WITH_TEXT):
            self.when_placed(lambda plot: self._above_bar(text, place, start, end, plot))

    def _above_bar(self, text: str, place: float, start: float, end: float, plot: float) -> None:
        low, high = self.ax.get_xlim()
        room = (min(end, high) - start) / (high - low) * plot - 2
        cut = fitted(text, room, size=_SMALL)
        if len(cut) < min(len(text), _FEWEST_CELLS) or _width(cut, _SMALL) > room:
            return
        ground = {"facecolor": self.style.surface, "edgecolor": "none", "pad": 0}
        at = {"xy": (start, place - BAR / 2), "ha": "left", "va": "bottom", "zorder": 2}
        options = self.text_options(_SMALL, self.style.text)
        self._note(cut, (0, 0.5), {**at, "bbox": ground, **options})

    def along(self, texts: Sequence[str], place: float) -> None:
        """Print one or two texts above a line across the plot: at its beginning, and at its end.

        If there is no room for both, only the second is printed, or neither.
        """
        self.when_placed(lambda plot: self._along(texts, place, plot))

    def _along(self, texts: Sequence[str], place: float, plot: float) -> None:
        widths = [_width(text, _SMALL) for text in texts]
        gap = _COLUMN_GAP * (len(texts) - 1)
        if sum(widths) + gap > plot:
            texts = [text for text in texts[1:] if widths[-1] <= plot]
        sides = [0.0, 1.0][: len(texts)] if len(texts) > 1 or texts == texts[:1] else []
        options = {
            "bbox": self._ground,
            "va": "bottom",
            **self.text_options(_SMALL, self.style.muted),
        }
        for text, side in zip(texts, sides, strict=True):
            at = {"xy": (side, place), "xycoords": ("axes fraction", "data"), "zorder": 5}
            self._note(text, (0, 2), {**at, "ha": "right" if side else "left", **options})

    def rest(self, text: str) -> None:
        """Keep a text about the rows that are not drawn, to be printed on the last row."""
        if text:
            self._rests.append(text)

    def print_rest(self, *details: str) -> None:
        """Print the texts about the rows that are not drawn on the last row, if there is room."""
        text = " · ".join([*filter(None, details), *self._rests])
        if not text or _width(text, _LABEL) + 4 > self._plot:
            return
        at = {"xy": (0, self.ax.get_yticks()[-1]), "xycoords": ("axes fraction", "data")}
        look = {"ha": "left", "zorder": 6, "bbox": self._ground, **self._number(strong=False)}
        self._note(text, (4, 0), {**at, **look})

    def _beside(self, text: str, place: float, *, strong: bool) -> Annotation:
        at = {"xy": (1, place), "xycoords": ("axes fraction", "data"), "annotation_clip": False}
        options = {**at, "ha": "right", **self._number(strong=strong)}
        return self._note(text, (self.right, 0), options)

    @property
    def _ground(self) -> dict[str, Any]:
        """The ground of a text that may lie on marks."""
        return {"facecolor": self.style.surface, "edgecolor": "none", "pad": 1}

    def _number(self, *, strong: bool) -> dict[str, Any]:
        """Return the options of a number beside its row; a strong one stands out."""
        color, weight = (self.style.text, "bold") if strong else (self.style.muted, "normal")
        return {"va": "center_baseline", **self.text_options(_LABEL, color, weight)}

    def _note(self, text: str, offset: tuple[float, float], options: dict[str, Any]) -> Annotation:
        """Print a text at an offset [pt] from the point that it belongs to."""
        return self.ax.annotate(text, xytext=offset, textcoords="offset points", **options)

    def when_placed(self, finish: Callable[[float], None]) -> None:
        """Call this with the width of the plot [pt], as soon as it is known."""
        self._when_placed.append(finish)

    def scale(self, low: float, high: float, label: str) -> None:
        """Set the scale of the measure and name it."""
        self.ax.set_xlim(low, high)
        self.when_placed(lambda plot: self._number_scale(plot, label))

    def _number_scale(self, plot: float, label: str) -> None:
        axis = self.ax.xaxis
        axis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
        most = min(max(int(plot / points(_TICK_LABEL)), 1), 6)
        for numbers in range(most, 0, -1):
            axis.set_major_locator(MaxNLocator(nbins=numbers, steps=[1, 2, 2.5, 5, 10]))
            shown = [tick for tick in axis.get_majorticklocs() if self._is_on_scale(tick)]
            if self._do_not_overlap(plot, shown):
                break
        self.name_scale(label)
        last = _tick(shown[-1]) if shown else ""
        self._hang_over(plot, last, shown[-1] if shown else 0.0)

    def _do_not_overlap(self, plot: float, ticks: Sequence[float]) -> bool:
        """Tell whether the numbers of the scale have a gap between them."""
        low, high = self.ax.get_xlim()
        steps = np.diff(ticks) * plot / (high - low)
        widest = max((self.width_of(_tick(tick)) for tick in ticks), default=0.0)
        return not (steps < widest + points(_TICK_GAP)).any()

    def _is_on_scale(self, value: float) -> bool:
        low, high = self.ax.get_xlim()
        return bool(low <= value <= high)

    def _hang_over(self, plot: float, last: str, value: float) -> None:
        """Record how far the last number of the scale reaches beyond the plot."""
        low, high = self.ax.get_xlim()
        at = plot * (value - low) / (high - low)
        self.overhang = max(at + self.width_of(last) / 2 - plot, 0.0) if last else 0.0

    def scale_of(self, low: float, high: float, label: str, marks: Marks) -> None:
        """Set a scale that is not of numbers but, for example, of days or times, and name it."""
        self.ax.set_xlim(low, high)

        def finish(plot: float) -> None:
            shown = [mark for mark in marks(plot, self.width_of) if self._is_on_scale(mark[0])]
            self.ax.set_xticks([value for value, _ in shown], [text for _, text in shown])
            self.name_scale(label)
            self._hang_over(plot, *(shown[-1][::-1] if shown else ("", 0.0)))

        self.when_placed(finish)

    def width_of(self, text: str, size: float = _AXIS, *, bold: bool = False) -> float:
        """Return the width of a text, by default in the size of the scale's numbers [pt]."""
        return _width(text, size, bold=bold)

    def small_width(self, text: str) -> float:
        """Return the width of a small text on the plot [pt]."""
        return _width(text, _SMALL)

    def on_top(self, text: str, at: float, end: float) -> None:
        """Print a number above the end of a column."""
        look = {"ha": "center", "va": "bottom", "zorder": 5}
        options = self.text_options(_SMALL, self.style.text)
        self._note(text, (0, 1.5), {"xy": (at, end), **look, **options})

    def inside(self, text: str, at: float, place: float) -> None:
        """Print a number in the middle of a cell."""
        look = {"ha": "center", "va": "center_baseline", "zorder": 5}
        options = self.text_options(_SMALL, self.style.text)
        self._note(text, (0, 0), {"xy": (at, place), **look, **options})

    def from_left(self, across: float) -> Transform:
        """Return the transform to rows at this distance from the left edge of the plot [pt]."""
        edge = self.ax.transAxes + self._shift(across, 0)
        return blended_transform_factory(edge, self.ax.transData)

    def name_scale(self, label: str) -> None:
        """Print the name of the scale; a long one starts below the labels of the rows."""
        start = 0.0
        lines = wrapped(label, self._plot + self.right, _AXIS)
        if len(lines) > 1:
            start = -self.left
            lines = wrapped(label, self.room.width, _AXIS)
        options = self.text_options(_AXIS, self.style.muted)
        name = self.ax.set_xlabel("\n".join(lines), loc="left", **options)
        across = self.ax.transAxes + self._shift(start, 0)
        name.set_transform(blended_transform_factory(across, IdentityTransform()))
        self.sunk = points(_DEPTH + (len(lines) - 1) * _AXIS * _LINE)

    def differences(self, values: Floats, label: str) -> None:
        """Set a scale that reaches as far to either side of zero as marks and numbers need."""
        self.ax.set_xlim(min(0.0, values.min()), max(0.0, values.max()) or 1)
        self.when_placed(lambda plot: self._reach(plot, values, label))

    def _reach(self, plot: float, values: Floats, label: str) -> None:
        unit = _longest_unit(plot, [(value, width) for value, width, _ in self._numbers])
        span = float(max(values.max(), 0) - min(values.min(), 0))
        if unit * span < _FEWEST_NUMBERED * plot:
            for _, _, note in self._numbers:
                note.remove()
            self._numbers, unit = [], 0.94 * plot / (span or 1)
        widths = [(value, width) for value, width, _ in self._numbers] or [
            (float(value), 2.0) for value in values
        ]
        left, right = _arms(unit, widths)
        spare = max(plot - left - right, 0)
        left, right = (left, right + spare) if right >= left else (left + spare, right)
        self.ax.set_xlim(-left / unit, right / unit)
        self._number_scale(plot, label)

    def finish(self) -> None:
        """Finish everything that depends on the width of the plot."""
        for finish in self._when_placed:
            finish(self._plot)

    def words(self, title: str, subtitle: str, footer: Sequence[str]) -> None:
        """Print the title and the subtitle above the rows, and the footer below them."""
        width = self.room.width
        self.above, self.below = self.raised, self.sunk
        if subtitle:
            lines = wrapped(subtitle, width, _LABEL)
            self._corner("\n".join(lines), (0, 1), self.above, _LABEL)
            self.above += points(_LABEL) * _LINE * len(lines) + 5
        if title:
            size, lines = _title_lines(title, width)
            self._headline(lines, size, self.above)
            self.above += size * _LINE * len(lines)
        lines = [line for part in footer for line in wrapped(part, width, _SMALL)]
        self._corner("\n".join(lines), (0, 0), -self.sunk, _SMALL)
        self.below += points(_SMALL) * _LINE * len(lines)

    def _corner(self, text: str, corner: tuple[float, float], lift: float, size: float) -> None:
        if not text:
            return
        at = {"xy": corner, "xycoords": "axes fraction", "annotation_clip": False}
        look = {"ha": "left", "va": "bottom" if corner[1] else "top", "linespacing": _LINE}
        options = self.text_options(size, self.style.muted)
        self._note(text, (-self.left, lift), {**at, **look, **options})

    def _headline(self, lines: Sequence[str], size: float, lift: float) -> None:
        """Set the title, aligned with the labels of the rows rather than with the Axes."""
        options = self.text_options(_TITLE, self.style.text, "bold")
        options["fontsize"] = size
        title = self.ax.set_title("\n".join(lines), loc="left", va="bottom", **options)
        title.set_transform(self.ax.transAxes + self._shift(-self.left, lift))
        title.set_linespacing(_LINE)

    def _shift(self, across: float, up: float) -> ScaledTranslation:
        """Return the translation by these points."""
        return ScaledTranslation(across / 72, up / 72, figure_of(self.ax).dpi_scale_trans)

    def bar(
        self,
        places: Floats,
        widths: Floats,
        label: str,
        *,
        left: Floats | float = 0.0,
        over: bool = False,
    ) -> None:
        """Draw bars of tracked hours: plain, or in the colour and hatch of overruns."""
        style = self.style
        look: dict[str, Any] = {
            "facecolor": style.within,
            "edgecolor": style.surface,
            "linewidth": 0,
        }
        if over:
            look |= {"facecolor": style.over, "hatch": HATCH}
        self.ax.barh(places, widths, BAR, left, zorder=3, label=label, **look)

    def hollow(
        self, places: Floats, widths: Floats, label: str, *, left: Floats | float = 0.0
    ) -> None:
        """Draw bars of hours that are secondary, or have nothing to be compared with."""
        style = self.style
        look: dict[str, Any] = {
            "facecolor": style.surface,
            "edgecolor": style.muted,
            "linewidth": 1,
        }
        self.ax.barh(places, widths, BAR, left, zorder=3, label=label, **look)

    def outline(self, places: Floats, widths: Floats, label: str) -> None:
        """Draw the reference value as an outline around the bars."""
        look: dict[str, Any] = {
            "facecolor": "none",
            "edgecolor": self.style.reference,
            "linewidth": 1,
        }
        self.ax.barh(places, widths, TICK, zorder=2, label=label, **look)

    def zero(self, at: float) -> None:
        """Draw the line from which differences are measured."""
        self.ax.axvline(at, color=self.style.reference, linewidth=1, zorder=4)

    def part(self, place: float) -> None:
        """Draw a fine line above a row and the text over its bar."""
        style, width = self.style, mpl.rcParams["grid.linewidth"]
        self.ax.axhline(place - 0.62, color=style.grid, linewidth=width, zorder=0.5)

    def nothing(self, message: str) -> None:
        """Say that there is nothing to show."""
        ax = self.ax
        ax.set_axis_off()
        lines = wrapped(message, self.room.width, _LABEL)
        ax.text(
            0,
            0.5,
            "\n".join(lines),
            transform=ax.transAxes,
            ha="left",
            va="center",
            **self.text_options(_LABEL, self.style.muted),
        )


def _tick(value: float) -> str:
    return f"{value:,.10g}".replace("-", MINUS)


def _longest_unit(plot: float, ends: Sequence[tuple[float, float]]) -> float:
    """Return the greatest length of a unit [pt] at which marks and their numbers fit."""
    if not any(value for value, _ in ends):
        return 1.0
    low, high = 0.0, plot / max(abs(value) for value, _ in ends)
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(_arms(middle, ends)) <= 0.98 * plot else (low, middle)
    return low


def _arms(unit: float, ends: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """Return how far marks and their numbers reach to the left and to the right of zero [pt]."""
    left = max((width - value * unit for value, width in ends if value < 0), default=2.0)
    right = max((width + value * unit for value, width in ends if value >= 0), default=2.0)
    return left, right


Naming = Callable[[int], list[Line]]


def settle(pages: Sequence[Page], namings: Sequence[Naming], *, may_drop: bool) -> None:
    """Divide the width between names, plot and columns of numbers, alike on all pages.

    If it is too narrow for everything, columns are dropped from the left, if that is allowed; then
    names are shortened.
    """
    room = pages[0].room.width
    each = [[column.width for column in page.columns] for page in pages if page.columns]
    widths = [max(of_one) for of_one in zip(*each, strict=True)]
    least = min(max(_PLOT * room, points(_LEAST_PLOT)), 0.5 * room)
    wholes = [naming(NAME_CELLS) for naming in namings]
    natural = max(map(_names_width, wholes))
    brief = max(_width(line.brief, _LABEL) for lines in wholes for line in lines) + _LABEL_PAD
    names = max(min(natural, _NAMES * room), brief)
    kept = len(widths)
    while may_drop and widths and room - names - _total(widths) < least:
        widths = widths[1:]
    dropped = kept - len(widths)
    budget = max(room - _total(widths) - least, _LEAST_NAMES * room)
    lines = _briefly(namings, budget)
    left = max(_names_width(of_one) for of_one in lines)
    for page, of_one, naming in zip(pages, lines, namings, strict=True):
        page.left = left
        page.columns = page.columns[dropped:]
        page.name_rows(of_one)
        page.print_columns(widths if page.columns else [])
        page.right = _total(widths)
        page.finish()
        last = naming(NAME_CELLS)[-1]
        page.print_rest(last.detail if of_one[-1].text != last.text else "")


def _total(widths: Sequence[float]) -> float:
    return sum(width + _COLUMN_GAP for width in widths)


def _names_width(lines: Sequence[Line]) -> float:
    return max(_width(line.text, _LABEL, bold=line.is_bold) for line in lines) + _LABEL_PAD


def _briefly(namings: Sequence[Naming], budget: float) -> list[list[Line]]:
    """Return the lines with names that are no wider than the budget [pt]."""
    room = budget - _LABEL_PAD
    return [_within(naming, room) for naming in namings]


def _within(naming: Naming, room: float) -> list[Line]:
    """Return each line at the first level where it fits, or all at one that keeps them distinct."""
    found: dict[int, Line] = {}
    for level in map(naming, _LEVELS):
        fit = {place: line for place, line in enumerate(level) if _fits(line, room)}
        found = fit | found
        if len(found) == len(level):
            break
    lines = [found.get(place) or _in_brief(line, room) for place, line in enumerate(level)]
    if _count_texts(lines) == len(lines):
        return lines
    levels = map(naming, _LEVELS)
    whole = (level for level in levels if all(_fits(line, room) for line in level))
    alike = [_in_brief(line, room) for line in next(whole, naming(_LEVELS[-1]))]
    return max(lines, alike, key=_count_texts)


def _count_texts(lines: Sequence[Line]) -> int:
    return len({line.text for line in lines})


def _fits(line: Line, room: float) -> bool:
    return _width(line.text, _LABEL, bold=line.is_bold) <= room


def _in_brief(line: Line, room: float) -> Line:
    if _fits(line, room):
        return line
    return line._replace(text=fitted(line.brief or line.text, room, bold=line.is_bold))


def fitted(text: str, room: float, *, bold: bool = False, size: float = _LABEL) -> str:
    """Cut a text until it is no wider than the room [pt]."""
    cells = len(text)
    cut = text
    while cells > 1 and _width(cut, size, bold=bold) > room:
        cells -= 1
        cut = shorten(text, cells)
    return cut


def words_around(pages: Sequence[Page], words: Words) -> None:
    """Print the title above the first panel, and the footer below the last."""
    first, last = pages[0], pages[-1]
    if first is last:
        first.words(words.title, words.subtitle, words.footer)
        right = max(first.right, first.overhang)
        put_inside(first.ax, first.left, right, first.above, first.below)
    else:
        first.words(words.title, words.subtitle, [])
        last.words("", "", words.footer)
