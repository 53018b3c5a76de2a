"""The page that every chart is drawn on: title, rows, columns of numbers, scale and footer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from togglframe.charts import _fonts
from togglframe.charts.style import Theme
from togglframe.errors import ConfigError
from togglframe.words.formats import MINUS
from togglframe.words.measures import Floats

WIDTH = 9.0  # inches, as the next two
ROW = 0.32
PANEL = 0.42  # the heading of a panel, and the gap above it
SCALE = 0.36  # the scale of a panel that does not share one
AROUND = 1.75  # title, subtitle, scale and footer
BAR = 0.34  # heights of marks, in rows
TICK = 0.62
GROUND = 0.72

_LABEL = 9.0  # points, as all below
_SMALL = 8.0
_TITLE = 13.0
_LABEL_PAD = 6.0
_COLUMN_GAP = 14.0
_ABOVE = 3.0
_LINE = 1.25  # lines, in font sizes
_BESIDE_OTHERS = 0.8  # how much of its column a page counts on


class Line(NamedTuple):
    """A line of a panel: what its row is called, and where it stands, from the top."""

    text: str
    place: float
    is_muted: bool = False
    is_bold: bool = False


def height(lines: Sequence[Line]) -> float:
    """Return how many rows the lines take."""
    return lines[-1].place + 1


def check_place(chart: str, ax: Axes | None, fig: Figure | SubFigure | None) -> None:
    """Refuse what is no Axes, an array of them being the usual slip, and what is no figure."""
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax is one matplotlib Axes, not {type(ax).__name__}.")
    if ax is not None and fig is not None:
        raise ConfigError(f"{chart} draws on ax or on fig: pass one of them.")
    if fig is not None and not isinstance(fig, Figure | SubFigure):
        raise TypeError(f"fig is a matplotlib Figure or SubFigure, not {type(fig).__name__}.")


def new_axes(rows: float) -> Axes:
    """Make a figure with one Axes, as high as so many rows need."""
    _, ax = plt.subplots(figsize=(WIDTH, AROUND + ROW * rows), layout="constrained")
    return ax


class NotebookFigure(Figure):
    """A figure of several panels that a notebook shows once.

    A cell whose last value is a figure of pyplot shows it twice: as its value, and because the
    inline backend shows every figure that is still open at the end of the cell.
    """

    def _ipython_display_(self) -> None:
        if "inline" in mpl.get_backend().lower():
            plt.close(self)
        raise NotImplementedError  # IPython then shows it as it shows any figure


def new_panels(
    heights: Sequence[float], fig: Figure | SubFigure | None = None, *, sharex: bool
) -> list[Axes]:
    """Make one Axes below the other, each as high as its rows need."""
    if fig is None:
        between = PANEL if sharex else PANEL + SCALE
        size = (WIDTH, AROUND + ROW * sum(heights) + between * (len(heights) - 1))
        fig = plt.figure(figsize=size, layout="constrained", FigureClass=NotebookFigure)
    grid = fig.subplots(
        len(heights), sharex=sharex, squeeze=False, gridspec_kw={"height_ratios": heights}
    )
    return list(grid[:, 0])


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure of an Axes."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ConfigError("The Axes is in no figure: it was removed.")
    return figure


class Page:
    """One Axes, dressed in the theme.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        The Axes to draw on.
    style : Theme
        The theme.

    Attributes
    ----------
    left : float
        How far the labels of the rows reach to the left of the Axes [pt].
    raised : float
        What stands above the Axes and below its title [pt].
    columns : list of tuple
        The columns of numbers: their width [pt], and their texts.
    """

    def __init__(self, ax: Axes, style: Theme) -> None:
        self.ax = ax
        self.style = style
        self.left = 0.0
        self.raised = 4.0
        self.columns: list[tuple[float, list[Annotation]]] = []
        rc = mpl.rcParams
        ax.set_facecolor(style.surface)
        ax.set_axisbelow(True)
        ax.spines[:].set_visible(False)
        ax.grid(visible=False)
        ax.grid(axis="x", color=style.grid, linewidth=rc["grid.linewidth"])
        family = rc["font.family"]
        small, normal = rc["xtick.labelsize"], rc["ytick.labelsize"]
        ax.tick_params("x", length=0, colors=style.muted, labelsize=small, labelfontfamily=family)
        ax.tick_params(
            "y",
            length=0,
            pad=_LABEL_PAD,
            colors=style.text,
            labelsize=normal,
            labelfontfamily=family,
        )

    def text_options(self, size: float, color: str, weight: str = "normal") -> dict[str, Any]:
        """Return the options of a text: nothing that a user named is ever taken for maths."""
        return {
            "fontsize": size,
            "color": color,
            "fontweight": weight,
            "fontfamily": mpl.rcParams["font.family"],
            "parse_math": False,
            "usetex": False,
        }

    def name_rows(self, lines: Sequence[Line]) -> None:
        """Name the rows, the first at the top; what is muted is of second rank."""
        ax = self.ax
        options = self.text_options(_LABEL, self.style.text)
        ax.set_yticks([line.place for line in lines], [line.text for line in lines], **options)
        ax.set_ylim(height(lines) - 0.4, -0.6)
        labels = ax.get_yticklabels()
        pixels = [label.get_window_extent().width for label in labels]
        self.left = max(pixels) * 72 / ax.figure.dpi + _LABEL_PAD
        for line, label in zip(lines, labels, strict=True):
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
        """Print a column of numbers to the right of the Axes, and of the columns before it.

        The `end` is the number of the last row: of what is not drawn.
        """
        if end:
            places, cells, strong = (
                [*places, self.ax.get_yticks()[-1]],
                [*cells, end],
                [*strong, False],
            )
        rows = list(zip(places, cells, strong, strict=True))
        texts = [self._beside(cell, place, strong=bold) for place, cell, bold in rows]
        widths = [_fonts.width(c, _LABEL, "bold" if bold else "normal") for _, c, bold in rows]
        if head:
            options = self.text_options(_SMALL, self.style.muted)
            texts.append(self._above(head, 1, "right", options))
        self.columns.append((max([*widths, _fonts.width(head, _SMALL)]), texts))
        self.place_columns([width for width, _ in self.columns])

    def place_columns(self, widths: Sequence[float]) -> None:
        """Move the columns of numbers to where columns of these widths [pt] end."""
        right = 0.0
        for width, (_, texts) in zip(widths, self.columns, strict=True):
            right += _COLUMN_GAP + width
            for text in texts:
                text.xyann = (right, text.xyann[1])

    def heading(self, name: str, detail: str) -> None:
        """Name the panel, and say what it holds."""
        options = self.text_options(_LABEL, self.style.text, "bold")
        self._above(name, 0, "left", options).xyann = (-self.left, _ABOVE)
        after = _fonts.width(name, _LABEL, "bold") + _COLUMN_GAP - self.left
        small = self.text_options(_SMALL, self.style.muted)
        self._above(detail, 0, "left", small).xyann = (max(after, 0), _ABOVE)
        self.raised += 6

    def _above(self, text: str, side: float, align: str, options: dict[str, Any]) -> Annotation:
        self.raised = max(self.raised, _ABOVE + _LABEL * _LINE + 4)
        at = {"xy": (side, 1), "xycoords": "axes fraction", "annotation_clip": False}
        return self._note(text, (0, _ABOVE), {**at, "ha": align, "va": "bottom", **options})

    def at_end(
        self, text: str, place: float, value: float, *, strong: bool, left: bool, gap: float
    ) -> None:
        """Print a number at the end of a bar or pin, on its left or right."""
        at = {"xy": (value, place), "ha": "right" if left else "left", "zorder": 5}
        self._note(text, (-gap if left else gap, 0), {**at, **self._number(strong=strong)})

    def _beside(self, text: str, place: float, *, strong: bool) -> Annotation:
        at = {"xy": (1, place), "xycoords": ("axes fraction", "data"), "annotation_clip": False}
        return self._note(text, (0, 0), {**at, "ha": "right", **self._number(strong=strong)})

    def _number(self, *, strong: bool) -> dict[str, Any]:
        """Return the options of a number beside its row: what is strong stands out."""
        color, weight = (self.style.text, "bold") if strong else (self.style.muted, "normal")
        return {"va": "center_baseline", **self.text_options(_LABEL, color, weight)}

    def _note(self, text: str, offset: tuple[float, float], options: dict[str, Any]) -> Annotation:
        """Print a text so many points from what it belongs to."""
        return self.ax.annotate(text, xytext=offset, textcoords="offset points", **options)

    def scale(self, low: float, high: float, label: str) -> None:
        """Set the scale of the measure and name it."""
        axis = self.ax.xaxis
        self.ax.set_xlim(low, high)
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(
            FuncFormatter(lambda value, _: f"{value:,.10g}".replace("-", MINUS))
        )
        self.ax.set_xlabel(label, loc="left", **self.text_options(8.5, self.style.muted))

    def arms(self, reach: float, ends: Sequence[str], gap: float) -> float:
        """Return how long two equal arms must be for the longest mark and the number at its end."""
        columns = sum(width + _COLUMN_GAP for width, _ in self.columns)
        arm = (self._room() - self.left - columns) / 2
        widest = max(_fonts.width(text, _LABEL, "bold") for text in ends) + gap
        return reach * max(arm / max(arm - widest, 1), 1.05) if arm > 2 * widest else 2 * reach

    def words(self, title: str, subtitle: str, footer: Sequence[str]) -> None:
        """Print the finding and the measure above the rows, and the scope below them."""
        room = self._room()
        lift = self.raised
        if subtitle:
            lines = _fonts.wrap(subtitle, room, _LABEL)
            self._corner("\n".join(lines), (0, 1), lift, _LABEL)
            lift += _LABEL * _LINE * len(lines) + 5
        if title:
            self._headline(_fonts.wrap(title, room, _TITLE, "bold"), lift)
        lines = [line for part in footer for line in _fonts.wrap(part, room, _SMALL)]
        self._corner("\n".join(lines), (0, 0), -self._depth(), _SMALL)

    def _corner(self, text: str, corner: tuple[float, float], lift: float, size: float) -> None:
        if not text:
            return
        at = {"xy": corner, "xycoords": "axes fraction", "annotation_clip": False}
        look = {"ha": "left", "va": "bottom" if corner[1] else "top", "linespacing": _LINE}
        options = self.text_options(size, self.style.muted)
        self._note(text, (-self.left, lift), {**at, **look, **options})

    def _headline(self, lines: Sequence[str], lift: float) -> None:
        """Set the Axes title, flush with the labels of the rows rather than with the Axes."""
        options = self.text_options(_TITLE, self.style.text, "bold")
        title = self.ax.set_title("\n".join(lines), loc="left", va="bottom", **options)
        points = figure_of(self.ax).dpi_scale_trans
        shift = ScaledTranslation(-self.left / 72, lift / 72, points)
        title.set_transform(self.ax.transAxes + shift)
        title.set_linespacing(_LINE)

    def _depth(self) -> float:
        """Return how far the scale and its name reach below the Axes [pt]."""
        return 36.0 if self.ax.get_xlabel() else 12.0

    def _room(self) -> float:
        """Return how wide a line of text may be [pt]."""
        figure = self.ax.figure
        whole = figure.bbox.width * 72 / figure.dpi
        spec = self.ax.get_subplotspec()
        if spec is None:
            return float(whole * self.ax.get_position().width + self.left)
        grid = spec.get_gridspec()
        ratios = np.asarray(grid.get_width_ratios(), dtype="float64")
        share = float(ratios[list(spec.colspan)].sum() / ratios.sum())
        # A neighbour with longer names pushes this one to the right.
        kept = 1 if len(spec.colspan) == grid.ncols else _BESIDE_OTHERS
        return float(kept * whole * share - 2 * 72 * 0.15 - 6)

    def bar(
        self,
        places: Floats,
        widths: Floats,
        label: str,
        *,
        left: Floats | float = 0.0,
        over: bool = False,
    ) -> None:
        """Draw bars of tracked hours: plain, or in the colour and hatch of what is over."""
        style = self.style
        look: dict[str, Any] = {
            "facecolor": style.within,
            "edgecolor": style.surface,
            "linewidth": 0,
        }
        if over:
            look |= {"facecolor": style.over, "hatch": style.hatch or None}
        self.ax.barh(places, widths, BAR, left, zorder=3, label=label, **look)

    def hollow(
        self, places: Floats, widths: Floats, label: str, *, left: Floats | float = 0.0
    ) -> None:
        """Draw bars of hours that are of second rank, or that nothing measures."""
        style = self.style
        width = 1 if style.hollow else 0
        look: dict[str, Any] = {
            "facecolor": style.second,
            "edgecolor": style.muted,
            "linewidth": width,
        }
        self.ax.barh(places, widths, BAR, left, zorder=3, label=label, **look)

    def outline(self, places: Floats, widths: Floats, label: str) -> None:
        """Draw what is compared with as an outline around the bars."""
        look: dict[str, Any] = {
            "facecolor": "none",
            "edgecolor": self.style.reference,
            "linewidth": 1,
        }
        self.ax.barh(places, widths, TICK, zorder=2, label=label, **look)

    def zero(self, at: float) -> None:
        """Draw the line from which differences are counted."""
        self.ax.axvline(at, color=self.style.reference, linewidth=1, zorder=4)

    def nothing(self, message: str) -> None:
        """Say that there is nothing to show."""
        ax = self.ax
        ax.set_axis_off()
        ax.text(
            0,
            0.5,
            message,
            transform=ax.transAxes,
            ha="left",
            va="center",
            **self.text_options(_LABEL, self.style.muted),
        )


def words_around(pages: Sequence[Page], title: str, subtitle: str, footer: Sequence[str]) -> None:
    """Print the finding above the first panel, and the scope below the last."""
    pages[0].words(title, subtitle, [])
    pages[-1].words("", "", footer)


def align(pages: Sequence[Page]) -> None:
    """Let the words of all panels begin at one edge, and their columns of numbers stand in line."""
    left = max(page.left for page in pages)
    each = [[width for width, _ in page.columns] for page in pages if page.columns]
    widths = [max(of_one) for of_one in zip(*each, strict=True)]
    for page in pages:
        page.left = left
        if page.columns:
            page.place_columns(widths)
