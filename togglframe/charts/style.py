"""The look of the charts: the themes, and the context manager that selects one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Final, Literal

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import is_color_like, to_hex, to_rgba
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _fonts
from togglframe.errors import ConfigError
from togglframe.text.palette import DARK, LIGHT, Palette, Tone, contrast, luminance

ThemeName = Literal["togglframe", "dark"]

_DARK: Final = 0.4  # the luminance below which light text is more legible
_LEGIBLE: Final = 4.5  # the least contrast of text


_USUAL_SIZE: Final = 10.0  # the font.size that sizes are given for


def points(size: float) -> float:
    """Return a size [pt], scaled by the user's ``font.size``."""
    return size * float(mpl.rcParams["font.size"]) / _USUAL_SIZE


THEMES: Final[dict[str, Palette]] = {"togglframe": LIGHT, "dark": DARK}


def _rc(palette: Palette) -> dict[Any, Any]:
    """Return the rcParams of a theme; fonts and ``font.size`` are the user's own."""
    return {
        "figure.facecolor": palette.surface,
        "figure.constrained_layout.w_pad": 0.15,
        "figure.constrained_layout.h_pad": 0.12,
        "axes.facecolor": palette.surface,
        "axes.edgecolor": palette.muted,
        "axes.labelcolor": palette.muted,
        "axes.labelsize": points(8.5),
        "axes.titlecolor": palette.text,
        "axes.spines.left": False,
        "axes.spines.right": False,
        "axes.spines.top": False,
        "axes.spines.bottom": False,
        "axes.axisbelow": True,
        "axes.prop_cycle": cycler(color=[palette.within.fill, palette.over.fill, palette.muted]),
        "grid.color": palette.grid,
        "grid.linewidth": 0.8,
        "hatch.linewidth": 0.9,
        "text.color": palette.text,
        "xtick.color": palette.muted,
        "xtick.labelsize": points(8.5),
        "xtick.major.size": 0.0,
        "ytick.color": palette.text,
        "ytick.labelsize": points(9),
        "ytick.major.size": 0.0,
        "ytick.major.pad": 6.0,
    }


_brand: ContextVar[tuple[str, ...]] = ContextVar("togglframe_brand", default=())


@contextmanager
def theme(
    name: ThemeName = "togglframe", *, brand: str | Sequence[str] | None = None
) -> Iterator[None]:
    """Draw in a theme, inside a ``with`` block; rcParams are restored at its end.

    Without it, charts follow your rcParams, such as those of ``plt.style.use("dark_background")``,
    and the background of the figure that you give them. No theme sets ``font.family``. Create a
    figure of your own inside the block too, so that it gets the background of the theme.

    Parameters
    ----------
    name : {"togglframe", "dark"}
        A light background, or a dark one.
    brand : str or sequence of str, optional
        Your own colours, the most important first: it takes the place of blue, and all of them
        stand before the colours of clients, projects and people. What is over, at risk, not
        billable, forecast or unknown keeps its colour.

    Yields
    ------
    None
        Inside the block every chart, including your own, is drawn in the theme.

    Raises
    ------
    ConfigError
        There is no theme with this name, or matplotlib does not know a colour.

    Examples
    --------
    >>> import matplotlib as mpl
    >>> import togglframe.charts
    >>> with togglframe.charts.theme("dark"):
    ...     mpl.rcParams["figure.facecolor"]
    '#15191E'
    """
    if name not in THEMES:
        raise ConfigError(f"There is no theme {name!r}; choose one of {', '.join(THEMES)}.")
    colors = [brand] if isinstance(brand, str) else list(brand or ())
    unknown = [color for color in colors if not is_color_like(color)]
    if unknown:
        raise ConfigError(f"brand takes colours such as '#0072B2', not {unknown[0]!r}.")
    branded = _brand.set(tuple(map(to_hex, colors)))
    try:
        with _settings(_rc(THEMES[name])):
            yield
    finally:
        _brand.reset(branded)


def palette_on(on: Axes | Figure | SubFigure | None) -> Palette:
    """Return the colours for the background of an Axes, a figure or, by default, a new figure."""
    surface = _surface(on)
    palette = DARK if luminance(surface) < _DARK else LIGHT
    color = mpl.rcParams["text.color"]
    if color != mpl.rcParamsDefault["text.color"] and contrast(to_hex(color), surface) > _LEGIBLE:
        palette = replace(palette, text=to_hex(color))
    if brand := _brand.get():
        within = Tone(
            brand[0], brand[0] if contrast(brand[0], surface) > _LEGIBLE else palette.text
        )
        categories = tuple(dict.fromkeys((*brand, *palette.categories)))[: len(palette.categories)]
        palette = replace(palette, within=within, categories=categories)
    return replace(palette, surface=surface)


def _surface(on: Axes | Figure | SubFigure | None) -> str:
    """Return the colour that a chart is drawn on: that of the Axes, of its figures, or white."""
    faces = [] if on is None else [on.get_facecolor()]
    figure = on.get_figure() if isinstance(on, Axes) else on
    while figure is not None:
        faces.append(figure.get_facecolor())
        figure = figure.get_figure(root=False) if isinstance(figure, SubFigure) else None
    opaque = [face for face in (*faces, mpl.rcParams["figure.facecolor"]) if to_rgba(face)[3] > 0.5]
    return to_hex(opaque[0] if opaque else "white").upper()


@contextmanager
def plain_text() -> Iterator[None]:
    """Draw text in the chosen font, and names as they are, not as formulas."""
    plain: dict[Any, Any] = {"text.parse_math": False, "text.usetex": False}
    with _settings({**plain, "font.family": _fonts.chosen(), "hatch.linewidth": 0.9}):
        yield


class NotebookFigure(Figure):
    """A figure of several panels that a notebook shows once.

    A cell whose last value is a figure of pyplot shows it twice: as its value, and because the
    inline backend shows every figure that is still open at the end of the cell.
    """

    def _ipython_display_(self) -> None:
        if "inline" in mpl.get_backend().lower():
            plt.close(self)
        raise NotImplementedError  # IPython then shows it like any other figure


@contextmanager
def _settings(rc: dict[Any, Any]) -> Iterator[None]:
    # Loads the backend: in a notebook this sets rcParams, which rc_context would undo at its end.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
    with mpl.rc_context(rc):
        yield
