"""Text as a chart can print it: the glyphs available in fonts, and the width of a line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.font_manager import FontProperties
from matplotlib.textpath import text_to_path

from togglframe.text.names import MISSING, one_line

_MONTHS: Final = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_DATE: Final = rf"(?<=\d )(?:{_MONTHS})\b|(?<=(?:{_MONTHS}) )\d{{4}}\b"
_BREAK: Final = re.compile(rf"(?<!\d) (?!(?:h|%)(?:\W|$)|{_DATE})")
_EMOJI: Final = frozenset({"So", "Sk"})  # symbols, and the modifiers of their colours
_HINTED: Final = 1.04  # how much wider hinting makes a line at a low resolution

# The first that is installed is used where the user has chosen no font.
_PREFERRED: Final = (
    "Inter",
    "Helvetica Neue",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "Arial",
    "Liberation Sans",
    "DejaVu Sans",
)

# Tried in this order, if installed, for characters that the user's own font lacks.
_FALLBACKS: Final = (
    "Noto Sans CJK JP",
    "Noto Sans CJK SC",
    "Noto Sans CJK KR",
    "Noto Sans JP",
    "Noto Sans SC",
    "Noto Sans KR",
    "Source Han Sans",
    "Hiragino Sans",
    "PingFang SC",
    "Apple SD Gothic Neo",
    "Arial Unicode MS",
    "Yu Gothic",
    "Microsoft YaHei",
    "Malgun Gothic",
    "WenQuanYi Micro Hei",
    "Noto Sans",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
    "Segoe UI Emoji",
    "Segoe UI Symbol",
    "Symbola",
    "DejaVu Sans",
)


@lru_cache(maxsize=1)
def _installed() -> frozenset[str]:
    return frozenset(font.name for font in font_manager.fontManager.ttflist)


@lru_cache(maxsize=4096)
def _has(family: str, char: str) -> bool:
    try:
        path = font_manager.findfont(FontProperties(family=[family]), fallback_to_default=False)
    except ValueError:  # it is not installed
        return False
    return font_manager.get_font(path).get_char_index(ord(char)) != 0


def _fallback(char: str) -> str | None:
    known = (family for family in _FALLBACKS if family in _installed())
    return next((family for family in known if _has(family, char)), None)


def chosen() -> list[str]:
    """Return the user's font family or, if it is matplotlib's default, the first preferred one."""
    own = list(mpl.rcParams["font.family"])
    own_sans, usual = mpl.rcParams["font.sans-serif"], mpl.rcParamsDefault
    if own != usual["font.family"] or own_sans != usual["font.sans-serif"]:
        return own
    return [next((family for family in _PREFERRED if family in _installed()), own[0])]


def families(strings: Iterable[str]) -> list[str]:
    """Return the user's fonts, followed by the further ones that the strings need."""
    own = chosen()
    lacking = {c for c in set("".join(strings)) if not any(_has(family, c) for family in own)}
    extra = {_fallback(char) for char in lacking}
    return own + [family for family in _FALLBACKS if family in extra and family not in own]


def printable(text: str) -> str:
    """Return the text on one line, with a square for each character that no font can draw.

    Emoji that no font can draw are left out.
    """
    return _printable(text, tuple(chosen()))


@lru_cache(maxsize=100_000)  # the same names of a large workspace are needed again and again
def _printable(text: str, own: tuple[str, ...]) -> str:
    def glyph(char: str) -> str:
        drawable = any(_has(family, char) for family in own) or _fallback(char)
        lacking = "" if unicodedata.category(char) in _EMOJI else MISSING
        return char if drawable else lacking

    shown = "".join(map(glyph, one_line(text)))
    return " ".join(shown.split()) or (MISSING if text.strip() else "")


def width(text: str, size: float, weight: str = "normal") -> float:
    """Return the width of the text [pt], as it is printed, in the fonts that it needs."""
    text = printable(text)
    family = tuple(families([text]))
    return _width(text, size, weight, family, tuple(mpl.rcParams["font.sans-serif"]))


@lru_cache(maxsize=10_000)
def _width(
    text: str,
    size: float,
    weight: str,
    family: tuple[str, ...],
    _: tuple[str, ...],  # what a generic family stands for
) -> float:
    font = FontProperties(family=[*family], size=size, weight=weight)
    measured = text_to_path.get_text_width_height_descent(text, font, ismath=False)
    return float(measured[0]) * _HINTED


def wrap(text: str, room: float, size: float, weight: str = "normal") -> list[str]:
    """Break the text into lines no wider than this [pt], but not within units and dates."""
    lines: list[str] = []
    for word in _BREAK.split(text):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and width(longer, size, weight) <= room:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
