"""Pictures of charts for pages and notebooks: sharp, small, and with their text alternative."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from matplotlib.figure import Figure
from PIL import Image, PngImagePlugin

import togglframe as tf
from togglframe import clock

WIDTH: Final = 1400  # pixels: twice what a page gives a picture
COLOURS: Final = 64


def small(figure: Figure, width: int = WIDTH) -> bytes:
    """Return a figure as a PNG of this width, with few colours and its description."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "picture.png"
        tf.charts.save(figure, path, dpi=width / figure.get_figwidth())
        with Image.open(path) as picture:
            words = PngImagePlugin.PngInfo()
            words.add_itxt("Description", " ".join(str(picture.info["Description"]).split()))
            reduced = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    target = BytesIO()
    reduced.save(target, "png", optimize=True, pnginfo=words)
    return target.getvalue()


def description_of(png: bytes) -> str:
    """Return the text alternative that a PNG carries."""
    with Image.open(BytesIO(png)) as picture:
        return str(picture.info["Description"])


def one_moment() -> None:
    """Let everything be fetched at noon of the day of the examples."""
    now = clock.now
    shift = datetime(2026, 11, 26, 12, tzinfo=UTC) - now()
    clock.now = lambda: now() + shift


def use_in_notebook(width: int) -> None:
    """Let this kernel show figures as such pictures."""
    from IPython import get_ipython  # noqa: PLC0415 -- only a kernel needs it

    shell = get_ipython()
    shell.run_line_magic("matplotlib", "inline")
    shell.display_formatter.formatters["image/png"].for_type(
        Figure, lambda figure: small(figure, width)
    )
