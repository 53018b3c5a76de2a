"""The Axes or figure of a chart, and how much room it has there."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.gridspec import GridSpec, SubplotSpec
from matplotlib.transforms import Bbox

from togglframe.charts.style import points
from togglframe.text.measures import Floats

PAD: Final = 6.0  # between words and the edge of what a chart may use [pt]
LAYOUT_PAD: Final = 14.0  # the margin that the layout of the theme keeps at an edge [pt]
_BESIDE_OTHERS: Final = 0.8  # a neighbour with longer names pushes this one to the right


class Room(NamedTuple):
    """The room for a chart, including all of its text [pt]."""

    width: float
    height: float


def room_on(ax: Axes) -> Room:
    """Return the room for an Axes and the text around it."""
    spec, (across, along) = ax.get_subplotspec(), _size(ax)
    if spec is None or not _is_laid_out(ax):
        cell = _cell(ax)
        return Room(across * cell.width - 2 * PAD, along * cell.height - 2 * PAD)
    grid = spec.get_gridspec()
    width = across * _share(grid.get_width_ratios(), spec.colspan)
    height = along * _share(grid.get_height_ratios(), spec.rowspan)
    width *= 1 if len(spec.colspan) == grid.ncols else _BESIDE_OTHERS
    return Room(width - 2 * LAYOUT_PAD, height - 2 * LAYOUT_PAD - _headline_of(ax.figure))


def put_inside(ax: Axes, left: float, right: float, above: float, below: float) -> None:
    """Shrink an Axes to make room for the text around it [pt], unless a layout engine does."""
    if ax.get_subplotspec() is not None and _is_laid_out(ax):
        return
    cell, (across, along) = _cell(ax), _size(ax)
    x0, x1 = cell.x0 + (PAD + left) / across, cell.x1 - (PAD + right) / across
    y0, y1 = cell.y0 + (PAD + below) / along, cell.y1 - (PAD + above) / along
    ax.set_position((x0, y0, max(x1 - x0, 0.01), max(y1 - y0, 0.01)))
    ax.set_in_layout(True)  # set_position unset it, and a tight bounding box would cut it off


def _is_laid_out(ax: Axes) -> bool:
    return ax.figure.get_layout_engine() is not None


def _size(ax: Axes) -> tuple[float, float]:
    """Return the width and height of the figure [pt]."""
    return _points_of(ax.figure, 0), _points_of(ax.figure, 1)


def _points_of(figure: Figure | SubFigure, side: int) -> float:
    """Return the width (0) or height (1) of a figure [pt]."""
    return float(np.asarray(figure.bbox.size)[side]) * 72 / figure.dpi


def _share(ratios: object, span: range) -> float:
    each = np.asarray(ratios, dtype="float64")
    return float(each[list(span)].sum() / each.sum())


def _headline_of(figure: Figure | SubFigure) -> float:
    """Return the height of the title that the user gave the whole figure [pt]."""
    return 2 * points(12) if figure.get_suptitle() else 0.0


def _cell(ax: Axes) -> Bbox:
    """Return the area of an Axes; in a grid, up to the middle of the gaps."""
    spec = ax.get_subplotspec()
    return ax.get_position(original=True) if spec is None else _cell_of(spec, ax.figure)


def _cell_of(spec: SubplotSpec, figure: Figure | SubFigure) -> Bbox:
    grid = spec.get_gridspec()
    edges = grid.get_grid_positions(figure)  # type: ignore[arg-type]  # a SubFigure will do
    bottoms, tops, lefts, rights = (np.asarray(edge) for edge in edges)
    is_whole = isinstance(grid, GridSpec)
    x0, x1 = _edges(lefts, rights, spec.colspan, is_whole=is_whole)
    upwards = range(grid.nrows - spec.rowspan.stop, grid.nrows - spec.rowspan.start)
    y0, y1 = _edges(bottoms[::-1], tops[::-1], upwards, is_whole=is_whole)
    if is_whole:
        y1 = min(y1, 1 - _headline_of(figure) / _points_of(figure, 1))
    return Bbox.from_extents(x0, y0, x1, y1)


def _edges(lows: Floats, highs: Floats, span: range, *, is_whole: bool) -> tuple[float, float]:
    """Return where a span of cells begins and ends, including half of the gaps around it."""
    middles = (highs[:-1] + lows[1:]) / 2
    ends = (0.0, 1.0) if is_whole else (lows[0], highs[-1])
    edges = np.concatenate([ends[:1], middles, ends[1:]])
    return float(edges[span.start]), float(edges[span.stop])
