"""The colours of all outputs: what each one means in charts, workbooks, pages and the terminal.

A meaning has one colour everywhere, a darker tone of its hue for text (in the dark palette a
lighter one), and a pattern for marks that must be told apart without colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Tone:
    """The colour of one meaning.

    Parameters
    ----------
    fill : str
        The colour of marks.
    text : str
        The colour of text and of outlines.
    hatch : str
        The pattern of marks, as matplotlib writes it; empty for plain ones.
    """

    fill: str
    text: str
    hatch: str = ""


@dataclass(frozen=True, kw_only=True)
class Palette:
    """All colours on one background.

    Parameters
    ----------
    name : str
        The name of the palette.
    surface, text, muted, grid : str
        The colours of the background, of text, of secondary text, and of the lines of a scale.
    over, at_risk, within : Tone
        Hours over the estimate; of an active project that has used most of it; all others.
    not_billable, forecast, unknown : Tone
        Hours that are not billable; hours to come; what cannot be measured.
    categories : tuple of str
        Five colours for clients, projects or people, which differ in hue.
    others : str
        The colour of all further ones together.
    """

    name: str
    surface: str
    text: str
    muted: str
    grid: str
    over: Tone
    at_risk: Tone
    within: Tone
    not_billable: Tone
    forecast: Tone
    unknown: Tone
    categories: tuple[str, ...]
    others: str


LIGHT: Final = Palette(
    name="light",
    surface="#FFFFFF",
    text="#1F2328",
    muted="#5F6670",
    grid="#E4E7EB",
    over=Tone("#D55E00", "#B34700", "/////"),
    at_risk=Tone("#F2B233", "#8A5A00", "...."),
    within=Tone("#0072B2", "#00629A"),
    not_billable=Tone("#8595A7", "#5A6878"),
    forecast=Tone("#5B45CF", "#4A36B5", "----"),
    unknown=Tone("#C9CFD6", "#5F6670", "xxxx"),
    categories=("#0072B2", "#E0958C", "#8CB840", "#7A5F1C", "#7B45D6"),
    others="#D3D9E0",
)

DARK: Final = Palette(
    name="dark",
    surface="#15191E",
    text="#E8EAED",
    muted="#A9B1BB",
    grid="#2B3138",
    over=Tone("#E8703A", "#F2915F", "/////"),
    at_risk=Tone("#F7CB5C", "#F7CB5C", "...."),
    within=Tone("#56B4E9", "#7CC6F2"),
    not_billable=Tone("#7A899A", "#A9B1BB"),
    forecast=Tone("#8F7BF5", "#AFA0FF", "----"),
    unknown=Tone("#4A535E", "#A9B1BB", "xxxx"),
    categories=("#56B4E9", "#7D6CF0", "#3C9A4A", "#E0D27A", "#C9728A"),
    others="#3E4751",
)


def luminance(color: str) -> float:
    """Return the relative luminance of a colour such as ``"#0072B2"``, from 0 to 1."""
    channels = (int(color[start : start + 2], 16) / 255 for start in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21, as WCAG 2 defines it."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
