"""Charts as inline SVG: each drawn for wide and for narrow screens, in colours that can change.

A chart is drawn in the light and in the dark theme. Where the two differ in a colour, the page has
a variable, so that one picture serves both. ``style`` attributes are removed, since the
Content-Security-Policy of the page would block them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from xml.etree import ElementTree as ET

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from togglframe.charts.output import svg_of, words_of
from togglframe.charts.style import ThemeName, theme

_WIDE, _NARROW = 9.0, 4.6  # of a figure [in]
_AROUND: Final = 1.5  # the height of everything around the rows [in]
_ROW: Final = 0.32  # [in]
_TALLER: Final = 0.5  # extra height of a narrow picture, whose text takes more lines [in]

_REFERENCE: Final = re.compile(r"(?<=#)[\w.-]+")
_COLOURED: Final = ("fill", "stroke")
_NOT_KEPT: Final = frozenset({"font-family", "id", "version"})


@dataclass
class Colours:
    """The colours of all pictures of a page: pairs of light and dark, each with a variable."""

    names: dict[tuple[str, str], str] = field(default_factory=dict)

    def variable(self, light: str, dark: str) -> str:
        """Return the variable of a pair of colours."""
        return self.names.setdefault((light, dark), f"--c{len(self.names)}")


@dataclass(frozen=True)
class Picture:
    """A chart as the page shows it: two pieces of SVG, and their text alternative."""

    wide: str
    narrow: str
    alt: str


def drawn(name: str, rows: int, draw: Callable[[Axes], object], colours: Colours) -> Picture:
    """Draw a chart for the page.

    Parameters
    ----------
    name : str
        The prefix of ids within the picture.
    rows : int
        How many rows it needs room for.
    draw : callable
        The function that draws it on an Axes.
    colours : Colours
        The colours of the page.
    """
    height = _AROUND + _ROW * rows
    wide, alt = _merged(f"{name}-w", (_WIDE, height), draw, colours)
    narrow, _ = _merged(f"{name}-n", (_NARROW, height + _TALLER), draw, colours)
    return Picture(wide, narrow, alt)


def _merged(
    name: str, size: tuple[float, float], draw: Callable[[Axes], object], colours: Colours
) -> tuple[str, str]:
    light, alt = _in_theme("togglframe", size, draw)
    dark, _ = _in_theme("dark", size, draw)
    for one, other in zip(_parts(light, name), _parts(dark, name), strict=True):
        _recolour(one, other, colours)
    root = ET.Element("svg", {"viewBox": light.attrib["viewBox"], "stroke-linejoin": "round"})
    root.extend(light)
    return ET.tostring(root, encoding="unicode"), alt


def _in_theme(
    name: ThemeName, size: tuple[float, float], draw: Callable[[Axes], object]
) -> tuple[ET.Element, str]:
    with theme(name):
        figure = Figure(figsize=size, layout="constrained")
        draw(figure.subplots())
        svg = ET.fromstring(svg_of(figure))  # noqa: S314 -- made here
    return svg, words_of(figure)


def _parts(root: ET.Element, name: str) -> Iterator[ET.Element]:
    """Yield the elements with plain names and attributes; ids are renumbered in order."""
    _drop(root)
    elements = list(root.iter())
    used = {found for part in elements for found in _references(part)}
    ids = [part.attrib["id"] for part in elements if part.attrib.get("id") in used]
    new = {old: f"{name}{place}" for place, old in enumerate(ids)}
    for part in elements:
        part.tag = _local(part.tag)
        part.attrib = dict(_attributes(part, new))
        part.text = part.text if part.tag == "text" else None
        part.tail = None
        yield part


def _drop(root: ET.Element) -> None:
    """Remove metadata, and the style sheet, whose rules are in the page."""
    for parent in list(root.iter()):
        for child in list(parent):
            if _local(child.tag) in {"metadata", "style", "title"}:
                parent.remove(child)


def _references(part: ET.Element) -> Iterator[str]:
    for name, value in part.attrib.items():
        if "url(#" in value or _local(name) == "href":
            yield from _REFERENCE.findall(value)


def _attributes(part: ET.Element, new: dict[str, str]) -> Iterator[tuple[str, str]]:
    if part.attrib.get("id") in new:
        yield "id", new[part.attrib["id"]]
    style = part.attrib.pop("style", "")
    declared = (one.partition(":") for one in style.split(";") if one.strip())
    named = [(name.strip(), value.strip()) for name, _, value in declared]
    for name, value in (*((_local(n), v) for n, v in part.attrib.items()), *named):
        if name in _NOT_KEPT or value.startswith("rotate(-0 "):
            continue
        is_reference = "url(#" in value or name == "href"
        yield name, _REFERENCE.sub(lambda m: new.get(m[0], m[0]), value) if is_reference else value


def _recolour(light: ET.Element, dark: ET.Element, colours: Colours) -> None:
    for name in _COLOURED:
        colour, other = light.attrib.get(name), dark.attrib.get(name)
        if colour and other and colour.startswith("#"):
            light.attrib[name] = f"var({colours.variable(colour, other)})"


def _local(name: Any) -> str:
    return str(name).rpartition("}")[2]
