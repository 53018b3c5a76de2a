"""What charts share: the frame, the rows, the Axes, and the words and numbers around them.

A chart is a plain function. It checks its frame (`typed_rows`), takes the rows that there is room
for (`split`), and draws them inside ``with drawing(ax) as canvas`` by matplotlib and the methods of
`Drawing`. Constrained layout places everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any, Final

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Annotation, Text
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox, ScaledTranslation

from togglframe.charts import _fonts, _rows
from togglframe.charts.output import describe, figure_of, keep_text
from togglframe.charts.style import NotebookFigure, palette_on, plain_text, points
from togglframe.errors import ConfigError
from togglframe.text.formats import MINUS, plural
from togglframe.text.measures import Floats
from togglframe.text.names import ELLIPSIS, NAME_CELLS, currency_of, one_line
from togglframe.text.palette import Palette, Tone, contrast
from togglframe.text.periods import Periods
from togglframe.text.scope import source, span_of
from togglframe.text.sentences import alt_text

WIDTH: Final = 9.0  # of a figure of its own [in]
BAR: Final = 0.56  # the height of a bar, in rows
_THICKEST: Final = 19.0  # of bars [pt]
ROW: Final = 23.0  # the height of a row in a figure of its own [pt]
_LEAST_ROW: Final = 13.0  # closer rows are no longer legible [pt]
_MARGIN: Final = 14.0  # around a figure of its own [pt]
_TITLES: Final = (14.0, 12.0, 10.5)  # sizes, of which the first that fits is used [pt]
_SMALL_TITLES: Final = (10.5, 10.0, 9.5, 9.0, 8.5, 8.0, 7.5)  # on Axes of the user [pt]
_TEXT, _SMALL = 9.0, 8.0  # sizes of other texts [pt]
_LINE: Final = 1.3  # lines, in font sizes
_GAP: Final = 14.0  # between columns of numbers [pt]
_TICKS: Final = 34.0  # the height of a scale and the gap below it [pt]
_WORDS: Final = _TICKS + 2 * _SMALL_TITLES[0] * _LINE  # height of words on a user's Axes [pt]
_NAMES: Final = 0.36  # the share of the width that names may take in Axes of the user
_STRIDES: Final = {  # between the dates of a scale, in periods
    "day": (1, 2, 7, 14, 28, 56, 91),
    "week": (1, 2, 4, 8, 13, 26, 52, 104),
    "month": (1, 2, 3, 6, 12, 24),
    "quarter": (1, 2, 4, 8),
    "year": (1, 2, 5, 10),
}
_BESIDE: Final = 0.85  # of the width of a cell: a neighbour with longer names takes some of it


@dataclass
class Drawing:
    """A chart that is being drawn.

    Parameters
    ----------
    axes : list of matplotlib.axes.Axes
        Its Axes, from the top.
    palette : Palette
        The colours, on the background of the figure.
    is_whole : bool
        Whether it has a figure, so that words may stand around the Axes.
    width, height : float
        The width of all that it may use, and about how tall its Axes are together [pt].
    rows : float
        How many rows the Axes have together.
    is_new : bool
        Whether the figure is its own, as tall as needed.
    title, footer : str or None, bool
        The options of the user.
    bar : float
        The height of bars, in rows.
    left, right : float
        How far the names of rows reach to the left of the Axes, and numbers to the right [pt].
    columns : list of list of matplotlib.text.Annotation
        The heads and texts of each column of numbers, of all Axes.
    above : float
        How far the heads of columns reach above the first Axes [pt].
    below : float
        The height of a scale below the last Axes [pt].
    """

    axes: list[Axes]
    palette: Palette
    is_whole: bool
    width: float
    height: float
    rows: float
    is_new: bool
    title: str | None
    footer: bool
    bar: float = BAR
    left: float = 0.0
    right: float = 0.0
    above: float = 4.0
    below: float = _TICKS
    columns: list[list[Annotation]] = field(default_factory=list)

    @property
    def plot(self) -> float:
        """About how wide the Axes are [pt]."""
        laid_out = self.axes[0].figure.get_layout_engine() is not None
        across = self.width if self.is_whole or not laid_out else _BESIDE * self.width
        return max(across - self.left - self.right, 1.0)

    def paint(
        self,
        places: Floats,
        widths: Floats,
        tone: Tone,
        label: str,
        *,
        left: Floats | float = 0.0,
        ax: Axes | None = None,
    ) -> None:
        """Draw bars of one meaning, with its colour and pattern."""
        if not len(places):
            return
        ax, look = ax or self.axes[0], self.fill_look(tone)
        ax.barh(places, widths, self.bar, left, label=label, zorder=3, **look)

    def fill_look(self, tone: Tone) -> dict[str, Any]:
        """Return the colour and pattern of marks of one meaning."""
        is_light = contrast(tone.fill, tone.text) > contrast(tone.fill, self.palette.surface)
        return {
            "facecolor": tone.fill,
            "edgecolor": tone.text if is_light else self.palette.surface,
            "hatch": tone.hatch or None,
            "linewidth": 0.6 if tone.hatch and is_light else 0.0,
        }

    def name_rows(
        self,
        rows: pd.DataFrame,
        names: Callable[..., list[str]],
        others: pd.DataFrame | None = None,
        *,
        places: Sequence[float] | Floats | None = None,
        note: str = "",
        of_others: str = "",
        ax: Axes | None = None,
    ) -> None:
        """Name the rows, the first at the top, and below them say how many others there are.

        `names` is `labels_of` or alike, for all rows of the frame; `places` are those of the rows
        and, if it is not the next, of the line of others; `note` is what the others add up to,
        `of_others` what is true of them.
        """
        ax, size = ax or self.axes[0], points(_TEXT)
        at = [float(place) for place in (range(len(rows) + 1) if places is None else places)]
        count = 0 if others is None else len(others)
        end = [f"and {plural(count, 'other')}{of_others}"] if count else []
        most = (0.4 if self.is_whole else _NAMES) * self.width
        for cells in range(NAME_CELLS, 5, -2):
            named = names(cells=cells, write=_fonts.printable)
            shown = [*(named[row] for row in rows.index), *end]
            widths = [_fonts.width(text, size) for text in shown]
            if max(widths[: len(rows)], default=0.0) <= most:
                break
        widest = max(widths, default=0.0)
        at = [*at, at[-1] + 1][: len(shown)]
        look = text_look(self.palette.text, _TEXT, shown)
        align = "left" if self.is_whole else "right"
        self.left = max(self.left, widest + points(8))
        ax.tick_params("y", pad=points(6), labelfontfamily=look["fontfamily"])
        for each in self.axes if self.is_whole else []:
            each.tick_params("y", pad=self.left)
        ax.set_yticks(at, shown, ha=align, **look)
        named = names(cells=cells)
        keep_text(ax.yaxis, [*(named[row] for row in rows.index), *end], shown)
        ax.set_ylim(max(at, default=0.0) + 0.6, -0.6)
        if end:
            ax.get_yticklabels()[-1].set_color(self.palette.muted)
        if end and note and self.is_whole:
            muted, ground = self.palette.muted, self.palette.surface
            _note(ax, note, (0, at[-1]), (4, 0), color=muted, size=_TEXT, ground=ground)

    def name_panel(self, name: str, *, ax: Axes) -> None:
        """Name one of several Axes above its rows, at the edge of their names."""
        if self.is_whole:
            look: dict[str, Any] = {"size": _TEXT, "weight": "bold", "top": True}
            lift = 4 if self.columns else 8  # above the last number of an upright scale
            _note(ax, name, (0, 1), (-self.left, lift), color=self.palette.text, **look)
            self.above = lift + points(_TEXT) * _LINE + 9

    def add_columns(
        self,
        places: Sequence[float] | Floats,
        columns: Mapping[str, Sequence[str]],
        tones: Sequence[Tone | None] | None = None,
        *,
        ax: Axes | None = None,
    ) -> None:
        """Print columns of numbers to the right of the Axes, with their heads above them.

        Rows of a tone stand out in it. An Axes of the user has the first column only, without a
        head. Columns of several Axes stand below each other.
        """
        ax, muted = ax or self.axes[0], self.palette.muted
        chosen = [*columns.items()][: None if self.is_whole else 1]
        self.columns += [[] for _ in chosen[len(self.columns) :]]
        for notes, (head, texts) in zip(self.columns, chosen, strict=False):
            for row, (place, text) in enumerate(zip(places, texts, strict=True)):
                tone = tones[row] if tones and row < len(tones) else None
                color = self.palette.text if tone is None else tone.text
                look: dict[str, Any] = {"size": _TEXT}
                look["weight"] = "normal" if tone is None else "bold"
                notes.append(_note(ax, text, (1, place), (0, 0), color=color, ha="right", **look))
            if self.is_whole:
                look = {"size": _SMALL, "ha": "right", "top": True}
                notes.append(_note(ax, head, (1, 1), (0, 4), color=muted, **look))
                self.above = 4 + points(_SMALL) * _LINE + 4
        start = 0.0
        for notes in self.columns:
            sizes = [(note.get_text(), float(note.get_fontsize())) for note in notes]
            widest = max((_fonts.width(text, size, "bold") for text, size in sizes), default=0.0)
            start += points(_GAP) + widest
            for note in notes:
                note.xyann = (start, note.xyann[1])
        self.right = start

    def over_where(self, flags: Iterable[bool]) -> list[Tone | None]:
        """Return the colour of what is over for the rows that these flags mark."""
        return [self.palette.over if flag else None for flag in flags]

    def set_scale(
        self,
        low: float,
        high: float,
        unit: str = "",
        *,
        upright: bool = False,
        ax: Axes | None = None,
    ) -> None:
        """Set the scale of the measure, from left to right or `upright`.

        Its last number has the unit. Numbers of an upright scale stand where names of rows do.
        """
        ax = ax or self.axes[0]
        for bins in range(4 if upright else 5, 0, -1):
            located = MaxNLocator(nbins=bins, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
            ticks = [float(tick) for tick in located if low <= tick <= high]
            labels = [f"{tick:z,.10g}".replace("-", MINUS) for tick in ticks]
            labels[-1:] = [f"{labels[-1]} {unit}".strip()] if labels else []
            widest = max((_fonts.width(label, points(_SMALL)) for label in labels), default=0.0)
            if upright or len(ticks) < 2:
                break
            if (ticks[1] - ticks[0]) * self.plot / (high - low) > widest + 8:
                break
        look = text_look(self.palette.muted, _SMALL, labels)
        ax.grid(axis="y" if upright else "x", color=self.palette.grid, linewidth=0.8)
        if not upright:
            ax.set_xlim(low, high)
            ax.set_xticks(ticks, labels, **look)
            return
        self.left = max(self.left, widest + points(6))
        for each in self.axes:
            each.tick_params("y", pad=self.left if self.is_whole else points(6))
        ax.set_ylim(low, high)
        ax.set_yticks(ticks, labels, ha="left" if self.is_whole else "right", **look)

    def set_signed_scale(self, values: Floats, unit: str) -> None:
        """Set a scale of values on both sides of 0, which has a line, only as far as they reach."""
        low, high = float(np.nanmin([*values, 0.0])), float(np.nanmax([*values, 0.0]))
        spare = 0.03 * (high - low) or 1.0
        self.axes[0].axvline(0, color=self.palette.text, linewidth=1, zorder=4)
        self.set_scale(low - spare * (low < 0), high + spare * (high >= 0), unit)

    def name_periods(self, periods: Periods, *, ax: Axes | None = None) -> None:
        """Name periods below the Axes, each one wide: as many as fit, begun ones first."""
        ax, notes = ax or self.axes[0], periods.notes
        dates = periods.dates(list(periods.starts), with_year=periods.with_year)
        labels = [f"{date}\n{notes.get(at, '')}".strip() for at, date in enumerate(dates)]
        width = partial(_fonts.width, size=points(_SMALL))
        half = [max(map(width, label.split("\n"))) / 2 + points(3) for label in labels]
        step, widest = self.plot / len(labels), 2 * points(3) + max(map(width, dates))
        every = next((n for n in _STRIDES[periods.every] if n * step >= widest), len(labels))
        chosen: list[int] = []
        for place in (*reversed(notes), *range(0, len(labels), every)):
            if all(abs(place - one) * step >= half[place] + half[one] for one in chosen):
                chosen.append(place)
        self.below = _TICKS + _SMALL * _LINE * bool(notes)
        ax.set_xlim(-0.5, len(labels) - 0.5)
        shown = [labels[place] for place in sorted(chosen)]
        ax.set_xticks(sorted(chosen), shown, **text_look(self.palette.muted, _SMALL, shown))

    def name_ends(
        self,
        names: Callable[..., list[str]],
        ends: Sequence[float] | Floats,
        colors: Sequence[str],
        *,
        ax: Axes | None = None,
    ) -> None:
        """Name series to the right of their last values, with a line from each value to its name.

        If one has no last value, the names are a key instead, from the top, in the same order.
        `names` takes `cells` and returns the names of the series; the scale must be set.
        """
        ax = ax or self.axes[0]
        for cells in range(NAME_CELLS, 5, -2):
            named = names(cells=cells)
            widest = max(_fonts.width(_fonts.printable(name), points(_TEXT)) for name in named)
            if widest <= _NAMES * self.width:
                break
        low, high = ax.get_ylim()
        least = points(_TEXT) * _LINE * len(self.axes) / self.height * (high - low)
        line = {"arrowstyle": "-", "linewidth": 2, "shrinkA": 0, "shrinkB": 0}
        if np.isnan(ends).any():
            ends = [high - least * (at - 0.5) for at in range(len(ends), 0, -1)]
            line["shrinkB"] = points(5)  # clear of the column that it is not about
        places, order = np.asarray(ends, dtype=float).copy(), np.argsort(ends, kind="stable")
        for one, above in pairwise(order):
            places[above] = max(places[above], places[one] + least)
        places[order[-1]] = min(places[order[-1]], high - least / 2)
        for one, above in pairwise(order[::-1]):
            places[above] = min(places[above], places[one] - least)
        for name, end, place, color in zip(named, ends, places, colors, strict=True):
            ax.annotate(
                "",
                (1, end),
                (points(12), place),
                ("axes fraction", "data"),
                ("offset points", "data"),
                annotation_clip=False,
                arrowprops={**line, "color": color},
            )
            _note(ax, name, (1, place), (points(16), 0), color=self.palette.text, size=_TEXT)
        self.right = max(self.right, points(16) + widest)

    def show_nothing(self, message: str) -> None:
        """Say that there is nothing to show."""
        for ax in self.axes:
            ax.set_axis_off()
            ax.set_title("")
        look = text_look(self.palette.muted, _TEXT, [message])
        ax, start = self.axes[0], 0.0 if self.is_whole else 0.5
        across = self.width if self.is_whole else self.plot
        text = "\n".join(_fonts.wrap(message, across, points(_TEXT)))
        align = "left" if self.is_whole else "center"
        ax.text(start, 0.5, text, transform=ax.transAxes, ha=align, va="center", **look)

    def put_words(
        self,
        frame: pd.DataFrame,
        headline: str,
        reading: Sequence[str],
        span: str = "",
        alt: str = "",
    ) -> None:
        """Print the headline and, on a whole figure, how to read the chart and where it comes from.

        `reading` are sentences, `span` is what time the frame covers where it is no range of days,
        `alt` the text alternative where it is not that of the frame.
        """
        ax = self.axes[0]
        headline = headline if self.title is None else str(self.title)
        if self.is_whole:
            from_where = source(frame, span or span_of(frame)) if self.footer else ""
            _around(self, headline, " ".join(filter(None, reading)), from_where)
        else:
            size, lines = _fitted(headline, self.plot + self.right, _SMALL_TITLES, 2)
            text = "\n".join(lines if len(lines) <= 2 else [lines[0], lines[1] + ELLIPSIS])
            look = text_look(self.palette.text, size, [text], "bold")
            ax.set_title(text, loc="left", pad=points(6), **look)
        for each in self.axes:
            make_printable(each)
        _inset(self)
        describe(figure_of(ax) if len(self.axes) > 1 else ax, alt or alt_text(frame))


def split(
    rows: pd.DataFrame,
    top: int | None,
    ax: Axes | None = None,
    more: float = 0.0,
    *,
    fig: Figure | SubFigure | None = None,
    panels: int = 1,
    tall: float = 1.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows to draw, and the others: as many as `top` and the height of an Axes allow.

    `more` is how many rows the chart needs besides, `panels` how many Axes a figure has below each
    other, `tall` the height of what is drawn in a row. A single other row is drawn as well.
    """
    most = _rows.limit(top) or len(rows)
    _check_target(ax, fig)
    on = ax or fig
    if on is not None:
        _, height = _room(on)
        each = (height - points(_WORDS) * (fig is not None)) / panels - points(_WORDS)
        most = min(most, max(int((each / points(_LEAST_ROW) - more) / tall) - 1, 1))
    if len(rows) <= most + 1:
        return rows, rows.iloc[:0]
    return rows.iloc[:most], rows.iloc[most:]


@contextmanager
def drawing(
    ax: Axes | None,
    heights: Sequence[float],
    title: str | None,
    footer: bool,
    *,
    fig: Figure | SubFigure | None = None,
    share: bool = False,
) -> Iterator[Drawing]:
    """Draw on an Axes, or on new ones below each other on a figure, each of a height in rows."""
    _check_target(ax, fig)
    with plain_text():
        palette = palette_on(ax or fig)
        if ax is not None:
            _clear(ax, palette)
            wide, tall = _room(ax)
            bar = min(BAR, points(_THICKEST) * sum(heights) / tall)
            plot = max(tall - points(_WORDS), 1.0)
            rows = sum(heights)
            yield Drawing([ax], palette, False, wide, plot, rows, False, title, footer, bar)
            return
        is_new = fig is None
        if fig is None:
            size = (WIDTH * max(points(1), 1) ** 0.5, 3)
            fig = plt.figure(figsize=size, FigureClass=NotebookFigure)
            pad = _MARGIN / 72
            fig.set_layout_engine("constrained", w_pad=pad, h_pad=0.7 * pad, hspace=0.0)
        elif isinstance(fig, Figure) and fig.get_layout_engine() is None:
            fig.set_layout_engine("constrained")
        ratios = {"height_ratios": list(heights)}
        grid = fig.subplots(len(heights), sharex=share, squeeze=False, gridspec_kw=ratios)
        axes = list(grid[:, 0])
        for each in axes:
            _clear(each, palette)
        width, height = _room(fig)
        height = points(ROW) * sum(heights) if is_new else max(height - 3 * points(_WORDS), 1.0)
        width, rows = width - 2 * _MARGIN, sum(heights)
        yield Drawing(axes, palette, True, width, height, rows, is_new, title, footer)


def by_currency(
    rows: pd.DataFrame, chart: str, ax: Axes | None, fig: Figure | SubFigure | None
) -> list[pd.DataFrame]:
    """Return the rows of each currency, that of most rows first; an Axes has only one."""
    _check_target(ax, fig)
    parts = [part for _, part in rows.groupby("currency", dropna=False)]
    parts.sort(key=lambda part: (part["currency"].isna().any(), -len(part)))
    if ax is not None and len(parts) > 1:
        codes = [currency_of(part) for part in parts]
        raise ConfigError(
            f"{chart} draws one currency on an Axes, and the frame has {', '.join(codes)}: leave "
            f"ax out for all of them, or pass frame[frame['currency'] == {codes[0]!r}]."
        )
    return parts


def split_each(
    parts: Sequence[pd.DataFrame], top: int | None, ax: Axes | None, fig: Figure | SubFigure | None
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """Return for each part the rows to draw, and the others: `top` is shared out among them."""
    left = _rows.limit(top) or sum(map(len, parts))
    panels = []
    for place, part in enumerate(reversed(parts)):
        most = max(left // (len(parts) - place), 1)
        panels.append(split(part, most, ax, fig=fig, panels=len(parts)))
        left -= len(panels[-1][0])
    return panels[::-1]


def _around(canvas: Drawing, headline: str, reading: str, from_where: str) -> None:
    ax, figure, colors = canvas.axes[0], canvas.axes[0].figure, canvas.palette
    above = canvas.above
    if reading:
        lines = _fonts.wrap(reading, canvas.width, points(_TEXT))
        _note(
            ax,
            "\n".join(lines),
            (0, 1),
            (-canvas.left, above),
            color=colors.muted,
            size=_TEXT,
            top=True,
        )
        above += len(lines) * points(_TEXT) * _LINE + 5
    size, lines = _fitted(headline, canvas.width, _TITLES, 1)
    title = "\n".join(lines)
    shift = ScaledTranslation(-canvas.left / 72, (above + 3) / 72, figure.dpi_scale_trans)
    look = text_look(colors.text, size, [title], "bold")
    ax.set_title(title, loc="left", y=1.0, transform=ax.transAxes + shift, **look)
    above += len(lines) * points(size) * _LINE
    below = points(canvas.below)
    if from_where:
        lines = _fonts.wrap(from_where, canvas.width, points(_SMALL))
        wide = figure.bbox.width * 72 / figure.dpi
        look = text_look(colors.muted, _SMALL, lines)
        figure.supxlabel("\n".join(lines), x=_MARGIN / wide, ha="left", **look)
        below += len(lines) * points(_SMALL) * _LINE
    if canvas.is_new:
        extra = (len(canvas.axes) - 1) * points(2 * _TICKS)
        tall = canvas.rows * points(ROW) + above + below + extra + _MARGIN
        figure_of(ax).set_figheight(tall / 72)


def _fitted(
    headline: str, width: float, sizes: Sequence[float], most: int
) -> tuple[float, list[str]]:
    """Return the first of these sizes at which a title has at most so many lines, and its lines."""
    for size in sizes:
        lines = _fonts.wrap(headline, width, points(size), "bold")
        if len(lines) <= most:
            break
    return size, lines


def _check_target(ax: object, fig: object) -> None:
    if ax is not None and not isinstance(ax, Axes):
        raise TypeError(f"ax is one matplotlib Axes, not {type(ax).__name__}.")
    if ax is not None and fig is not None:
        raise ConfigError("A chart draws on ax or on fig: pass one of them.")
    if fig is not None and not isinstance(fig, Figure | SubFigure):
        raise TypeError(f"fig is a matplotlib Figure or SubFigure, not {type(fig).__name__}.")


def _clear(ax: Axes, palette: Palette) -> None:
    ax.spines[:].set_visible(False)
    ax.grid(visible=False)
    ax.set_axisbelow(True)
    family = mpl.rcParams["font.family"]
    ax.tick_params(
        length=0,
        which="both",
        colors=palette.muted,
        labelsize=points(_SMALL),
        labelfontfamily=family,
    )


def _room(on: Axes | Figure | SubFigure) -> tuple[float, float]:
    """Return the width and height of a figure, or of the cell of an Axes with its labels [pt]."""
    if not isinstance(on, Axes):
        return on.bbox.width * 72 / on.dpi, on.bbox.height * 72 / on.dpi
    figure, spec = on.figure, on.get_subplotspec()
    box = on.get_position(original=True)
    across, along = box.width, box.height
    if spec is not None and figure.get_layout_engine() is not None:
        grid = spec.get_gridspec()
        across = _share(grid.get_width_ratios(), spec.colspan)
        along = _share(grid.get_height_ratios(), spec.rowspan)
    inch = figure.dpi / 72
    return across * figure.bbox.width / inch, along * figure.bbox.height / inch


def _share(ratios: Any, span: range) -> float:
    each = np.asarray(ratios, dtype=float)
    return float(each[list(span)].sum() / each.sum())


def text_look(
    color: str, size: float, texts: Sequence[str], weight: str = "normal"
) -> dict[str, Any]:
    """Return the look of texts, in fonts that have their characters; names are no formulas."""
    return {
        "color": color,
        "fontsize": points(size),
        "fontweight": weight,
        "fontfamily": _fonts.families(texts),
        "parse_math": False,
        "usetex": False,
    }


def _note(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    offset: tuple[float, float],
    *,
    color: str,
    size: float,
    ha: str = "left",
    weight: str = "normal",
    top: bool = False,
    ground: str = "",
) -> Annotation:
    """Print a text beside a row or, with `top`, above the Axes."""
    coords = "axes fraction" if top else ("axes fraction", "data")
    return ax.annotate(
        text,
        at,
        offset,
        coords,
        "offset points",
        annotation_clip=False,
        ha=ha,
        va="bottom" if top else "center_baseline",
        zorder=6,
        bbox={"facecolor": ground, "edgecolor": "none", "pad": 1} if ground else None,
        **text_look(color, size, [text], weight),
    )


def make_printable(on: Axes | SubFigure) -> None:
    """Replace characters that no installed font has; files of text get them back."""
    axis = on.yaxis.get_ticklabels() if isinstance(on, Axes) else []
    for text in on.findobj(Text):
        lines = text.get_text().split("\n")
        shown = "\n".join(map(_fonts.printable, lines))
        if text not in axis and shown != text.get_text():
            keep_text(text, "\n".join(map(one_line, lines)), shown)


def _inset(canvas: Drawing) -> None:
    """Where no layout engine does it, take the room for labels and title from the Axes itself."""
    ax = canvas.axes[0]
    if canvas.is_whole or ax.figure.get_layout_engine() is not None:
        return
    figure = ax.figure
    figure_of(ax).draw_without_rendering()
    whole, tight = ax.get_position(original=True), ax.get_tightbbox()
    if tight is None:
        return
    drawn = ax.get_window_extent()
    across, along = figure.bbox.width, figure.bbox.height
    left, right = (drawn.x0 - tight.x0) / across, (tight.x1 - drawn.x1) / across
    below, above = (drawn.y0 - tight.y0) / along, (tight.y1 - drawn.y1) / along
    x0, x1, y0, y1 = whole.x0 + left, whole.x1 - right, whole.y0 + below, whole.y1 - above
    ax.set_position(Bbox.from_extents(x0, y0, max(x1, x0 + 0.01), max(y1, y0 + 0.01)))
    ax.set_in_layout(True)  # set_position unset it
