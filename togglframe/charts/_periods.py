"""Columns over periods: a position for each day, week or month, including those without entries."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import pandas as pd
from matplotlib.colors import to_hex, to_rgb

from togglframe.charts._chart import Options, Panel
from togglframe.charts._fonts import printable
from togglframe.charts._page import Page
from togglframe.charts._rows import Labels
from togglframe.errors import ConfigError
from togglframe.tables import Table
from togglframe.tables.workspaces import key_of
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

EVERY: Final = "every"  # the length of a period, kept with the rows for the subtitle
NOTE: Final = "note"

_DATE_GAP: Final = 9.0  # between dates of the scale [pt]


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


def check_every(frame: pd.DataFrame, every: str | None) -> None:
    """Refuse a length that the periods of a frame do not have."""
    starts = pd.DatetimeIndex(frame["period"].dropna())
    if every is not None and not all_begin(starts, every):
        raise ConfigError(
            f"every is {every!r}, but some periods of the frame do not begin with a {every}."
        )


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
