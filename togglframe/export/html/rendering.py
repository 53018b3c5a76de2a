"""The page as HTML: the template, and a Content-Security-Policy that lets nothing in or out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from togglframe.charts.style import THEMES
from togglframe.export.display import DASH
from togglframe.export.html.contents import Page
from togglframe.export.html.pictures import Palette
from togglframe.export.looks import COLOURS

__all__ = ["rendered"]

_HERE: Final = "togglframe.export.html"
_KEPT: Final = re.compile(  # a date, a number and its unit
    r"\d{4}-\d\d-\d\d|\d[\d,.]* (?:h|%|[A-Z]{3})(?!\w)|\d+(?:,\d{3})+(?:\.\d+)?"
)
_COLOURS: Final = ("surface", "text", "muted", "grid", "within", "over")

_WHOLE: Final = Markup('<span class="w">{}</span>')


def rendered(page: Page) -> str:
    """Return the page as one file."""
    style, script = _style(page.palette), _text("page.js")
    return (
        _environment()
        .get_template("page.html.jinja")
        .render(
            page=page,
            style=Markup(style),  # noqa: S704 -- made here, from colours that matplotlib wrote
            script=Markup(script),  # noqa: S704
            policy=_policy(style, script),
            dash=DASH,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(_HERE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["kept"] = _kept
    return environment


def _kept(text: str) -> Markup:
    """Return a text in which dates, and numbers with their units, do not break across lines."""
    parts: list[Markup] = []
    end = 0
    for found in _KEPT.finditer(text):
        parts += [escape(text[end : found.start()]), _WHOLE.format(found[0])]
        end = found.end()
    return Markup().join([*parts, escape(text[end:])])


@cache
def _text(name: str) -> str:
    return resources.files(_HERE).joinpath(name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return the policy of the page: load nothing, and run only this style and this script."""
    return "; ".join(
        (
            "default-src 'none'",
            f"style-src '{_hash(style)}'",
            f"script-src '{_hash(script)}'",
            "img-src data:",
            "base-uri 'none'",
            "form-action 'none'",
        )
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _style(palette: Palette) -> str:
    light = _of_theme("togglframe") | {f"--{name}-text": colour for name, colour in COLOURS.items()}
    dark = _of_theme("dark")
    for (one, other), name in palette.names.items():
        light[name], dark[name] = one, other
    return (
        f":root{{{_declared(light)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_declared(dark)}}}}}\n"
        f"{_text('page.css')}"
    )


def _of_theme(name: str) -> dict[str, str]:
    theme = THEMES[name]
    return {f"--{colour}": getattr(theme, colour) for colour in _COLOURS}


def _declared(colours: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{colour}" for name, colour in colours.items())
