"""Columns over periods: a position for each day, week or month, including those without entries."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd
from matplotlib.collections import PolyCollection
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.transforms import Affine2D

from togglframe.charts._chart import Options, Panel
from togglframe.charts._fonts import printable
from togglframe.charts._page import ROW, Line, Page
from togglframe.charts._rows import Labels, choose
from togglframe.charts.style import Theme, points
from togglframe.errors import ConfigError
from togglframe.tables import Table
from togglframe.tables.workspaces import key_of
from togglframe.text.findings_over_time import by_of
from togglframe.text.measures import Floats, floats, known
from togglframe.text.names import NAME_CELLS, disambiguate, labels_of, workspaces_in
from togglframe.text.periods import (
    Every,
    Periods,
    all_begin,
    periods_of,
    refuse_overlaps,
    with_length,
)

By = Literal["project", "client", "user"]
LayerSort = Literal["total", "name"]

LIGHTEST: Final = 0.17  # of the colour of the bars: the layer at the top
_FEWEST_SHADES: Final = 5  # the least number of steps down to it
REST: Final = 0.35  # of the grey of the others
LEAST: Final = 9.0  # the least height of the columns on a new figure, in rows
EVERY: Final = "every"  # the length of a period, kept with the rows for the subtitle
NOTE: Final = "note"
IN_ORDER: Final = ", stacked in the order of the names"
NAMED: Final = "shown by name"
MARK: Final = "*"  # marks a period that the range covers only in part

_WIDE: Final = 0.78  # of a column, in periods
_FEWEST_ROWS: Final = 4.0  # the least height of the columns, in rows, however few layers there are
_HEAD: Final = 12.0  # above the highest column, for its total [pt]
_LEAST_SHARE: Final = 0.4  # the least share of the height that is left for the plot
_DATE_GAP: Final = 9.0  # between dates of the scale [pt]
_TOTAL_GAP: Final = 3.0  # between totals [pt]
_SWATCH: Final = 7.0  # [pt]
_MARGIN: Final = 16.0  # the width of the plot that swatches take up [pt]
_LINE_SHARE: Final = 0.04  # the share of a column that the lines between layers may take up


def maker_of(report: str, by: str, every: str, period: str) -> str:
    """Return the call that makes a frame of periods, grouped by this if it is not empty."""
    told = f"by='{by}', " if by else ""
    return f"reports.{report}(ws, {told}every='{every}', period='{period}')"


@dataclass(frozen=True)
class Grid:
    """The value of each layer in each period: one row per layer, nan where it has no entry."""

    periods: Periods
    cells: Floats

    @property
    def totals(self) -> Floats:
        """The totals of all layers, nan where none has an entry."""
        empty = np.isnan(self.cells).all(axis=0)
        return np.where(empty, np.nan, np.nansum(self.cells, axis=0))


@dataclass(frozen=True, kw_only=True)
class PeriodOptions(Options):
    """The options of a chart over periods."""

    every: Every | None


def with_every(frame: pd.DataFrame, options: PeriodOptions) -> pd.DataFrame:
    """Return the frame with the length of its periods in its attrs, if there is one."""
    check_every(frame, options.every)
    return refuse_overlaps(with_length(frame, options.every))


def summed(
    key: Sequence[str],
    column: str,
    total: Callable[[pd.DataFrame], float],
    note: Callable[[pd.DataFrame], str],
) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """Return a function that combines all periods of a key into one row, with a column's total."""

    def rows_of(frame: pd.DataFrame) -> pd.DataFrame:
        told = known(frame, column, "period")
        groups = dict(iter(told.groupby(owners(frame, key)[told.index], sort=False)))
        every = periods_of(frame).every
        totals = {column: [total(rows) for rows in groups.values()]}
        return frame.loc[list(groups)].assign(**totals, **{EVERY: every, NOTE: note(frame)})

    return rows_of


def owners(frame: pd.DataFrame, key: Sequence[str]) -> pd.Series[Any]:
    """Return for each row the index of the first row with the same key."""
    names = key_of(frame, *key)
    if not names:
        return pd.Series(frame.index[:1].repeat(len(frame)), frame.index)
    return (
        frame.index.to_series()
        .groupby([frame[name] for name in names], dropna=False)
        .transform("first")
    )


def grid_of(panel: Panel, key: Sequence[str], column: str, *, with_others: bool) -> Grid:
    """Sum a column by the rows of a panel and by period; the others form one more layer."""
    frame, periods = panel.frame, periods_of(panel.frame)
    told = frame[frame[column].notna() & frame["period"].notna()]
    layers = {row: layer for layer, row in enumerate(panel.rows.index)}
    if with_others:
        layers |= dict.fromkeys(panel.others.index, len(panel.rows))
    layer = owners(frame, key)[told.index].map(layers)
    is_drawn = layer.notna().to_numpy()
    at = periods.starts.get_indexer(pd.DatetimeIndex(told["period"]))
    cells = (layer[is_drawn].to_numpy(dtype="int64"), at[is_drawn])
    count = len(panel.rows) + (with_others and len(panel.others) > 0)
    values, entries = np.zeros((count, len(periods))), np.zeros((count, len(periods)))
    np.add.at(values, cells, floats(told, column)[is_drawn])
    np.add.at(entries, cells, 1)
    return Grid(periods, np.where(entries > 0, values, np.nan))


def label_layers(entity: str, *others: str) -> Labels:
    """Label rows with the name of their entity, the same for all of its rows; without one "All"."""

    def labels(frame: pd.DataFrame, cells: int = NAME_CELLS) -> list[str]:
        if not entity:
            return disambiguate(["All"] * len(frame), *workspaces_in(frame))
        hints = [other for other in others if {other, f"{other}_id"} <= {*frame.columns}]
        first = owners(frame, [f"{entity}_id"])
        firsts = frame.loc[first.drop_duplicates()]
        names = labels_of(firsts, entity, *hints, cells=cells, write=printable)
        told = dict(zip(firsts.index, names, strict=True))
        return [told[row] for row in first]

    return labels


def named_by(table: Table, by: str) -> Table:
    """Return the table of periods with the columns that its rows are grouped by."""
    return table.choose([f"{by}_id", by, "period"] if by else ["period"])


def chosen_by(frame: pd.DataFrame, by: str | None) -> str:
    """Return the entity to stack: the argument, else the first that the frame has."""
    choose(by, (None, *get_args(By)), "by")
    if by is not None or not isinstance(frame, pd.DataFrame):
        return by or get_args(By)[0]
    return by_of(frame)


def layer_order(by: str, measure: str, options: Options) -> str | None:
    """Return the column that layers are ordered by."""
    if options.sort == "name":
        return by or None
    return measure if options.sort else None


def check_every(frame: pd.DataFrame, every: str | None) -> None:
    """Refuse a length that the periods of a frame do not have."""
    starts = pd.DatetimeIndex(frame["period"].dropna())
    if every is not None and not all_begin(starts, every):
        raise ConfigError(
            f"every is {every!r}, but some periods of the frame do not begin with a {every}."
        )


def stacked_lines(panel: Panel) -> list[Line]:
    """Name the layers in the order of the stack: the others at the top, the first at the bottom."""
    ends = panel.end(0)
    names = [Line(label, 0) for label in reversed(panel.labels)]
    lines = [*ends, *names]
    step = max(_FEWEST_ROWS / len(lines), 1.0)
    return [line._replace(place=(place + 1) * step - 1) for place, line in enumerate(lines)]


def draw_stacked(
    page: Page,
    panel: Panel,
    grid: Grid,
    *,
    totals: Sequence[str],
    is_new: bool,
    has_scale: bool = True,
) -> None:
    """Draw a column for each period, with a layer for each row and the total above it."""
    ax, style = page.ax, page.style
    ax.grid(visible=False)
    places = np.array([line.place for line in stacked_lines(panel)][::-1])
    rows = float(places.max()) + 1
    head = _head(page, rows, is_new=is_new)
    highest = float(np.nanmax(np.append(grid.totals, 0.0)))
    unit = (rows - head) / (highest or 1.0)
    upright = Affine2D().scale(1, -unit).translate(0, rows - 0.4) + ax.transData
    at = np.arange(len(grid.periods), dtype=float)
    bottom, columns = np.zeros(len(at)), []
    names = [*panel.labels, *(["Others"] if len(panel.others) else [])]
    for layer, name in enumerate(names):
        heights = np.nan_to_num(grid.cells[layer])
        is_there = heights != 0
        look = _look(style, layer, len(panel.rows))
        corners = _boxes(at[is_there], bottom[is_there], heights[is_there])
        bars = PolyCollection(corners, transform=upright, zorder=3, label=name, **look)
        ax.add_collection(bars, autolim=False)
        columns.append(bars)
        bottom += heights
        _swatch(page, places[layer], look)
    ax.axhline(rows - 0.4, color=style.reference, linewidth=1, zorder=4, clip_on=False)

    def finish(plot: float) -> None:
        step = name_periods(page, grid.periods, plot, margin=_MARGIN, is_named=has_scale)
        for bars in columns:
            bars.set_linewidth(min(0.6, _LINE_SHARE * step))
        tops = rows - 0.4 - unit * np.nan_to_num(grid.totals)
        _print_totals(page, grid.totals, tops, totals, step)

    page.when_placed(finish)


def _head(page: Page, rows: float, *, is_new: bool) -> float:
    """Return the space to leave above the highest column, in rows."""
    whole = points(ROW) * max(LEAST, rows) if is_new else _LEAST_SHARE * page.room.height
    return min(points(_HEAD) * rows / whole, 1.0)


def _boxes(at: Floats, bottom: Floats, heights: Floats) -> list[Any]:
    """Return the corners of columns, in periods and in units of the measure."""
    left, right = at - _WIDE / 2, at + _WIDE / 2
    top = bottom + heights
    across, along = np.array([left, right, right, left]), np.array([bottom, bottom, top, top])
    return list(np.stack([across, along], axis=-1).transpose(1, 0, 2))


def _look(style: Theme, layer: int, count: int) -> dict[str, Any]:
    """Return the fill of a layer: the lower, the stronger; the others are grey."""
    if layer >= count:
        return {"facecolors": blend(style.surface, style.muted, REST), "edgecolors": style.muted}
    shade = 1 - (1 - LIGHTEST) * layer / (max(count, _FEWEST_SHADES) - 1)
    return {"facecolors": blend(style.surface, style.within, shade), "edgecolors": style.within}


def blend(ground: str, color: str, share: float) -> str:
    """Return a blend of two colours: `share` of `color` on the background."""
    low, high = np.array(to_rgb(ground)), np.array(to_rgb(color))
    return to_hex(low + share * (high - low))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours as WCAG defines it."""
    low, high = sorted(_luminance(to_rgb(color)) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def _luminance(color: Sequence[float]) -> float:
    coded = np.array(color)
    linear = np.where(coded <= 0.04045, coded / 12.92, ((coded + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def _swatch(page: Page, place: float, look: Mapping[str, Any]) -> None:
    """Draw a sample of a layer beside its name."""
    mark = Line2D(
        [0], [place],
        marker="s", markersize=_SWATCH, clip_on=False, zorder=5,
        markerfacecolor=look["facecolors"], markeredgecolor=look["edgecolors"],
        markeredgewidth=0.8,
        transform=page.from_left(_SWATCH / 2 + 1),
    )  # fmt: skip
    page.ax.add_artist(mark)


def _print_totals(
    page: Page, totals: Floats, tops: Floats, texts: Sequence[str], step: float
) -> None:
    """Print the totals of columns, largest first, none over a higher column or another total.

    For a period that is cut, only the mark is printed if the number has no room.
    """
    taken: list[tuple[float, float]] = []
    for place in np.argsort(-np.nan_to_num(totals), kind="stable"):
        if np.isnan(totals[place]):
            continue
        for text in dict.fromkeys((texts[place], MARK if texts[place].endswith(MARK) else "")):
            half = page.small_width(text) / 2 / step
            reach = max(math.ceil(half + _WIDE / 2) - 1, 0)
            near = totals[max(place - reach, 0) : place + reach + 1]
            low, high = place - half, place + half
            gap = _TOTAL_GAP / step
            is_free = all(high + gap <= start or end + gap <= low for start, end in taken)
            if text and is_free and np.nanmax(near) <= totals[place]:
                taken.append((low, high))
                page.on_top(text, float(place), float(tops[place]))
                break


def name_periods(
    page: Page, periods: Periods, plot: float, *, margin: float = 0.0, is_named: bool = True
) -> float:
    """Set the scale of periods, name as many as fit, and return the width of a period [pt]."""
    ax, count = page.ax, len(periods)
    step = max(plot - margin, 1.0) / count
    ax.set_xlim(-0.5 - margin / step, count - 0.5)
    if not is_named:
        return step
    with_year = periods.with_year
    dates = periods.dates(list(periods.starts), with_year=with_year)
    widest = max(map(page.width_of, dates)) + _DATE_GAP
    every = next((n for n in _strides(periods) if n * step >= widest), count)
    places = list(range(0, count, every))
    ax.set_xticks(places, [dates[place] for place in places])
    last = (places[-1] + 0.5) * step + margin + (widest - _DATE_GAP) / 2 - plot
    page.overhang = max(last, 0.0)
    year = "" if with_year else f", {periods.starts[0].year}"
    begins = "Week from Monday" if periods.every == "week" else periods.every.capitalize()
    page.name_scale(f"{begins}{year}")
    return step


def _strides(periods: Periods) -> tuple[int, ...]:
    """Return the possible distances between dates, in periods."""
    if periods.every == "month":
        return (1, 2, 3, 6, 12, 24)
    return (1, 2, 4, 8, 13, 26, 52, 104) if periods.every == "week" else (1, 2, 7, 14, 28, 56, 91)
