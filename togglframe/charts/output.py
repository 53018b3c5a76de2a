"""Charts as files, with a text alternative."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from io import BytesIO
from numbers import Real
from os import PathLike
from pathlib import Path
from typing import Any, Final
from weakref import WeakKeyDictionary

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis, YAxis
from matplotlib.figure import Figure, SubFigure
from matplotlib.text import Text

from togglframe.atomic import replacing, target
from togglframe.errors import ConfigError
from togglframe.text.names import legible

# matplotlib reads these when saving, not when drawing. The salt makes equal charts equal files.
_SAVING: Final[dict[Any, Any]] = {
    "svg.hashsalt": "togglframe",
    "svg.fonttype": "none",
    "savefig.facecolor": "auto",
    "savefig.transparent": False,
    "savefig.bbox": None,
}
_words: WeakKeyDictionary[Artist, str] = WeakKeyDictionary()


_full: WeakKeyDictionary[Artist, tuple[Any, Any]] = WeakKeyDictionary()  # and what is shown


def keep_text(artist: Text | YAxis, full: Any, shown: Any) -> None:
    """Show a text, or the labels of an axis, and keep in full what a file of text can hold."""
    _full[artist] = full, shown
    _show(artist, shown)


def _show(artist: Artist, text: Any) -> None:
    if isinstance(artist, YAxis):
        artist.set_ticklabels(text)
    elif isinstance(artist, Text):
        artist.set_text(text)


@contextmanager
def _as_text(figure: Figure) -> Iterator[None]:
    """Show all characters, those that no installed font has as well; name axes without a mark."""
    artists = figure.findobj()
    kept = {artist: _full[artist] for artist in artists if artist in _full}
    unnamed = [one for one in artists if isinstance(one, Axis) and one.get_gid() is None]
    for number, axis in enumerate(unnamed, start=1):
        axis.set_gid(f"axis_{number}")  # matplotlib's begins with its own name
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph", UserWarning)
        for artist, (full, _) in kept.items():
            _show(artist, full)
        yield
        for artist, (_, shown) in kept.items():
            _show(artist, shown)
    for axis in unnamed:
        axis.set_gid(None)


def figure_of(ax: Axes) -> Figure:
    """Return the whole figure of an Axes."""
    figure = ax.get_figure(root=True)
    if figure is None:
        raise ConfigError("The Axes is in no figure: it was removed.")
    return figure


def describe(drawn: Axes | Figure, words: str) -> None:
    """Keep the text alternative of a chart for its files."""
    _words[drawn] = words


def save(
    source: Axes | Figure | SubFigure,
    path: str | PathLike[str],
    *,
    dpi: float = 150,
    alt: str | None = None,
) -> Path:
    """Write a chart to a file, all or nothing; equal charts make equal files, byte for byte.

    Parameters
    ----------
    source : matplotlib.axes.Axes or matplotlib.figure.Figure
        What a chart returned; the whole figure is written.
    path : str or path-like
        Where to write; the extension selects the format: ``.svg``, ``.png``, ``.pdf``.
    dpi : float
        Dots per inch [1/in], for raster formats.
    alt : str, optional
        The text alternative, for the title of an SVG or PDF and the description of a PNG. By
        default a description of the chart, in most cases that of :func:`alt_text` for the frame.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    ConfigError
        The extension names no format that matplotlib writes, or `dpi` is invalid.
    OSError
        The path cannot be written: the folder does not exist, or the path is a folder, a pipe or a
        device.

    Examples
    --------
    >>> import togglframe as tf
    >>> ax = tf.charts.budget_bullet(tf.tables.PROJECT_BUDGET.empty())
    >>> tf.charts.save(ax, "budget.svg").name  # doctest: +SKIP
    'budget.svg'
    """
    if not isinstance(source, Axes | Figure | SubFigure):
        raise TypeError(f"save takes an Axes or a Figure, not {type(source).__name__}.")
    _check_options(dpi, alt)
    figure = figure_of(source) if isinstance(source, Axes) else source.get_figure(root=True)
    if figure is None:
        raise ConfigError("The Figure of this SubFigure no longer exists.")
    to = target(path)
    kind = Path(path).suffix.lower().removeprefix(".")
    formats = figure.canvas.get_supported_filetypes()
    if kind not in formats:
        raise ConfigError(f"{Path(path).name} ends in none of {', '.join(sorted(formats))}.")
    drawn = _drawn(figure, kind, alt or words_of(figure), dpi)
    with replacing(to) as (file,):
        file.write(drawn)
    return to


def words_of(figure: Figure) -> str:
    """Return the text alternatives of the charts on a figure."""
    return " ".join(_words[part] for part in (figure, *figure.axes) if part in _words)


def svg_of(figure: Figure) -> str:
    """Return the SVG of a figure, as it would be written."""
    return _drawn(figure, "svg", "").decode()


def _drawn(figure: Figure, kind: str, words: str, dpi: float = 150) -> bytes:
    drawn = BytesIO()
    with mpl.rc_context(_SAVING), _as_text(figure) if kind == "svg" else nullcontext():
        figure.savefig(drawn, dpi=dpi, format=kind, metadata=_metadata(kind, legible(words)))
    return drawn.getvalue()


def _check_options(dpi: object, alt: object) -> None:
    if isinstance(dpi, bool) or not isinstance(dpi, Real):
        raise TypeError(f"dpi is a number, not {type(dpi).__name__}.")
    if not 0 < float(dpi) < math.inf:
        raise ConfigError(f"dpi is a finite number above 0, not {dpi}.")
    if alt is not None and not isinstance(alt, str):
        raise TypeError(f"alt is a string, not {type(alt).__name__}.")


def _metadata(kind: str, words: str) -> dict[str, Any] | None:
    """Return the text alternative as metadata, without what made the file, and when."""
    title = {"Title": words} if words else {}
    if kind == "svg":
        return {"Creator": None, "Date": None, **title}
    if kind == "pdf":
        return {"Creator": None, "Producer": None, "CreationDate": None, **title}
    if kind == "png":
        return {"Software": None, **({"Description": words} if words else {})}
    return None
