"""The page that every chart is drawn on: title, rows, columns of numbers, scale and footer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.text import Annotation
from matplotlib.transforms import (
    IdentityTransform,
    ScaledTranslation,
    blended_transform_factory,
)

from togglframe.charts import _fonts
from togglframe.charts._canvas import Room
from togglframe.charts.output import figure_of
from togglframe.charts.style import Theme, points
from togglframe.text.measures import Floats
from togglframe.text.names import shorten

BAR: Final = 0.34  # heights of marks, in rows
HATCH: Final = "/////"  # of overruns

# In points, for the usual size of font.
ROW: Final = 23.0
_LABEL: Final = 9.0
_SMALL: Final = 8.0
_AXIS: Final = 8.5
_TITLE: Final = 13.0
_SMALL_TITLE: Final = 10.5
_NARROW: Final = 330.0  # a narrower chart has a smaller title
_LABEL_PAD: Final = 6.0
_DEPTH: Final = 36.0  # the numbers of a scale and its name

# In shares of the width.

_TITLE_LINES: Final = 3  # a longer title is set smaller
_LINE: Final = 1.25  # lines, in font sizes


# The marks of a scale (value and text), given the width of the plot [pt] and that of a text [pt].


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

    @property
    def _plot(self) -> float:
        """Return how wide the plot is [pt]."""
        return max(self.room.width - self.left - self.right, 1.0)

    def _note(self, text: str, offset: tuple[float, float], options: dict[str, Any]) -> Annotation:
        """Print a text at an offset [pt] from the point that it belongs to."""
        return self.ax.annotate(text, xytext=offset, textcoords="offset points", **options)

    def width_of(self, text: str, size: float = _AXIS, *, bold: bool = False) -> float:
        """Return the width of a text, by default in the size of the scale's numbers [pt]."""
        return _width(text, size, bold=bold)

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


def fitted(text: str, room: float, *, bold: bool = False, size: float = _LABEL) -> str:
    """Cut a text until it is no wider than the room [pt]."""
    cells = len(text)
    cut = text
    while cells > 1 and _width(cut, size, bold=bold) > room:
        cells -= 1
        cut = shorten(text, cells)
    return cut
