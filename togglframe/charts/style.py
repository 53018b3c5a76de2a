"""The look of the charts: the themes, and the context manager that selects one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Literal

import matplotlib as mpl
import matplotlib.pyplot as plt
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure, SubFigure

from togglframe.charts import _fonts
from togglframe.errors import ConfigError

ThemeName = Literal["togglframe", "dark"]

_DARK: Final = 0.4  # the luminance below which light text is more legible


_USUAL_SIZE: Final = 10.0  # the font.size that sizes are given for


def points(size: float) -> float:
    """Return a size [pt], scaled by the user's ``font.size``."""
    return size * float(mpl.rcParams["font.size"]) / _USUAL_SIZE


@dataclass(frozen=True, kw_only=True)
class Theme:
    """The look of a chart.

    Parameters
    ----------
    name : str
        The name that :func:`theme` takes.
    surface, text, muted, grid : str
        The colours of the background, of text, of secondary text, and of the lines of the scale.
    within, over : str
        The colours of hours within the estimate, and over it.
    reference : str
        The colour of the estimate that hours are compared with.
    ranges : tuple of str
        The background below and above the threshold of risk.
    """

    name: str
    surface: str
    text: str
    muted: str
    grid: str
    within: str
    over: str
    reference: str
    ranges: tuple[str, str]

    @property
    def rc(self) -> dict[Any, Any]:
        """The rcParams of the theme; fonts and ``font.size`` are the user's own."""
        return {
            "figure.facecolor": self.surface,
            "figure.constrained_layout.w_pad": 0.15,
            "figure.constrained_layout.h_pad": 0.12,
            "axes.facecolor": self.surface,
            "axes.edgecolor": self.muted,
            "axes.labelcolor": self.muted,
            "axes.labelsize": points(8.5),
            "axes.titlecolor": self.text,
            "axes.spines.left": False,
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.spines.bottom": False,
            "axes.axisbelow": True,
            "axes.prop_cycle": cycler(color=[self.within, self.over, self.muted]),
            "grid.color": self.grid,
            "grid.linewidth": 0.8,
            "hatch.linewidth": 0.9,
            "text.color": self.text,
            "xtick.color": self.muted,
            "xtick.labelsize": points(8.5),
            "xtick.major.size": 0.0,
            "ytick.color": self.text,
            "ytick.labelsize": points(9),
            "ytick.major.size": 0.0,
            "ytick.major.pad": 6.0,
        }


THEMES: Final[dict[str, Theme]] = {
    "togglframe": Theme(
        name="togglframe",
        surface="#FFFFFF",
        text="#1F2328",
        muted="#5F6670",
        grid="#E4E7EB",
        within="#0072B2",
        over="#D55E00",
        reference="#1F2328",
        ranges=("#EDEFF2", "#DADEE3"),
    ),
    "dark": Theme(
        name="dark",
        surface="#15191E",
        text="#E8EAED",
        muted="#A9B1BB",
        grid="#2B3138",
        within="#56B4E9",
        over="#E8833A",
        reference="#FFFFFF",
        ranges=("#252B32", "#39414A"),
    ),
}

_current: ContextVar[Theme | None] = ContextVar("togglframe_theme", default=None)


@contextmanager
def theme(name: ThemeName = "togglframe") -> Iterator[None]:
    """Draw in a theme, inside a ``with`` block; rcParams are restored at its end.

    Without it, charts use ``"togglframe"``, or ``"dark"`` on a dark figure of your own. The font is
    yours: no theme sets ``font.family``. Create a figure of your own inside the block too, so that
    it gets the background of the theme.

    Parameters
    ----------
    name : {"togglframe", "dark"}
        ``"togglframe"``: overruns hatched, estimates as ticks, two greys for the range up to 100 %.
        ``"dark"``: the same on a dark background.

    Yields
    ------
    None
        Inside the block every chart, including your own, is drawn in the theme.

    Raises
    ------
    ConfigError
        There is no theme with this name.

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
    token = _current.set(THEMES[name])
    try:
        with _settings(THEMES[name].rc):
            yield
    finally:
        _current.reset(token)


def _look(on: Axes | Figure | SubFigure | None) -> Theme:
    """Return the active theme, or else one whose text is legible on the figure."""
    entered = _current.get()
    if entered is not None:
        return entered
    figure = on.get_figure() if isinstance(on, Axes) else on
    while isinstance(figure, SubFigure) and not to_rgba(figure.get_facecolor())[3]:
        figure = figure.get_figure(root=False)
    if figure is None:
        return THEMES["togglframe"]
    red, green, blue, opacity = to_rgba(figure.get_facecolor())
    luminance = 1 - opacity * (1 - (0.2126 * red + 0.7152 * green + 0.0722 * blue))  # on white
    return THEMES["dark" if luminance < _DARK else "togglframe"]


@contextmanager
def drawing(strings: Iterable[str], on: Axes | Figure | SubFigure | None = None) -> Iterator[Theme]:
    """Enter the theme to draw in, with fonts that have the glyphs of the strings."""
    look = _look(on)
    plain: dict[Any, Any] = {"text.parse_math": False, "text.usetex": False}
    with _settings({**look.rc, **plain, "font.family": _fonts.families([*strings, _fonts.OWN])}):
        yield look


@contextmanager
def _settings(rc: dict[Any, Any]) -> Iterator[None]:
    # Loads the backend: in a notebook this sets rcParams, which rc_context would undo at its end.
    plt.draw_if_interactive()  # type: ignore[no-untyped-call]
    with mpl.rc_context(rc):
        yield
