"""The page that every chart is drawn on: title, rows, columns of numbers, scale and footer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Annotation
from matplotlib.ticker import FuncFormatter, MaxNLocator
from matplotlib.transforms import ScaledTranslation

from togglframe.charts import _fonts
from togglframe.charts._numbers import MINUS, Floats
from togglframe.charts.style import Theme
from togglframe.errors import ConfigError

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


def checked(ax: Axes | None) -> None:
    """Refuse what is no Axes: an array of them is the usual slip."""
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax is one matplotlib Axes, not {type(ax).__name__}.")


def checked_figure(fig: Figure | SubFigure | None) -> None:
    """Refuse what is no figure."""
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

    def rows(self, places: Sequence[float], labels: Sequence[str], bottom: float) -> None:
        """Name the rows, the first at the top, down to the bottom."""
        ax = self.ax
        options = self.text_options(_LABEL, self.style.text)
        ax.set_yticks(list(places), labels=list(labels), **options)
        ax.set_ylim(bottom, -0.6)
        pixels = [label.get_window_extent().width for label in ax.get_yticklabels()]
        self.left = max(pixels, default=0.0) * 72 / ax.figure.dpi + _LABEL_PAD

    def listing(self, labels: Sequence[str], ends: Sequence[str]) -> None:
        """Name rows that follow one another, and a last one for those that are not drawn."""
        count = len(labels) + len(ends)
        self.rows(range(count), [*labels, *ends], count - 0.4)
        if ends:
            self.mute(-1)

    def mute(self, row: int, *, bold: bool = False) -> None:
        """Print the label of a row as second rank: a heading, or what is not drawn."""
        label = self.ax.get_yticklabels()[row]
        label.set_color(self.style.muted)
        label.set_fontweight("bold" if bold else "normal")

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
        weights = ["bold" if bold else "normal" for bold in strong]
        texts = [
            self._beside(cell, place, weight)
            for place, cell, weight in zip(places, cells, weights, strict=True)
        ]
        widths = [_fonts.width(c, _LABEL, w) for c, w in zip(cells, weights, strict=True)]
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
        return self.ax.annotate(
            text,
            xy=(side, 1),
            xycoords="axes fraction",
            xytext=(0, _ABOVE),
            textcoords="offset points",
            ha=align,
            va="bottom",
            annotation_clip=False,
            **options,
        )

    def at_end(
        self, text: str, place: float, value: float, *, strong: bool, left: bool, gap: float
    ) -> None:
        """Print a number at the end of a bar or pin, on its left or right."""
        color = self.style.text if strong else self.style.muted
        self.ax.annotate(
            text,
            xy=(value, place),
            xytext=(-gap if left else gap, 0),
            textcoords="offset points",
            ha="right" if left else "left",
            va="center_baseline",
            zorder=5,
            **self.text_options(_LABEL, color, "bold" if strong else "normal"),
        )

    def _beside(self, text: str, place: float, weight: str) -> Annotation:
        color = self.style.text if weight == "bold" else self.style.muted
        return self.ax.annotate(
            text,
            xy=(1, place),
            xycoords=("axes fraction", "data"),
            xytext=(0, 0),
            textcoords="offset points",
            ha="right",
            va="center_baseline",
            annotation_clip=False,
            **self.text_options(_LABEL, color, weight),
        )

    def scale(
        self, low: float, high: float, label: str, write: Callable[[float], str] = "{:,.10g}".format
    ) -> None:
        """Set the scale of the measure and name it."""
        axis = self.ax.xaxis
        self.ax.set_xlim(low, high)
        axis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(lambda value, _: write(value).replace("-", MINUS)))
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
        self.ax.annotate(
            text,
            xy=corner,
            xycoords="axes fraction",
            xytext=(-self.left, lift),
            textcoords="offset points",
            ha="left",
            va="bottom" if corner[1] else "top",
            linespacing=_LINE,
            annotation_clip=False,
            **self.text_options(size, self.style.muted),
        )

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
        self.ax.barh(
            places,
            widths,
            BAR,
            left,
            facecolor=style.over if over else style.within,
            edgecolor=style.surface,
            hatch=(style.hatch or None) if over else None,
            linewidth=0,
            zorder=3,
            label=label,
        )

    def hollow(
        self, places: Floats, widths: Floats, label: str, *, left: Floats | float = 0.0
    ) -> None:
        """Draw bars of hours that are of second rank, or that nothing measures."""
        style = self.style
        self.ax.barh(
            places,
            widths,
            BAR,
            left,
            facecolor=style.second,
            edgecolor=style.muted,
            linewidth=1 if style.hollow else 0,
            zorder=3,
            label=label,
        )

    def outline(self, places: Floats, widths: Floats, label: str) -> None:
        """Draw what is compared with as an outline around the bars."""
        self.ax.barh(
            places,
            widths,
            TICK,
            facecolor="none",
            edgecolor=self.style.reference,
            linewidth=1,
            zorder=2,
            label=label,
        )

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
