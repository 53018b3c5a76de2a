"""The page as HTML: the portfolio in a template, with a policy that lets nothing in or out."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from functools import cache, partial
from importlib import resources
from typing import Any, Final

from markupsafe import Markup, escape

from togglframe import charts
from togglframe.export.columns import AMOUNT_IN
from togglframe.export.display import DASH, PARTIAL, Cell, Shown, ShownColumn, shown, terms_of
from togglframe.export.html.pictures import Colours, Picture, drawn
from togglframe.export.portfolio import Portfolio
from togglframe.export.sections import Chart, Section
from togglframe.export.templates import templates_of
from togglframe.tables import Kind
from togglframe.text.formats import plural
from togglframe.text.palette import DARK, LIGHT, Palette

MOST_ROWS: Final = 200  # of a table: with 1,000, a page of 20,000 projects opens in four seconds
_LEAST_TO_FILTER: Final = 10  # rows
_DENSE: Final = 7  # the most columns in usual print
_WIDE: Final = 9  # and on paper that stands upright
_HERE: Final = "togglframe.export.html"
_KEPT: Final = re.compile(  # a date, a number and its unit
    r"\d{4}-\d\d-\d\d|\d[\d,.]* (?:h|%|[A-Z]{3})(?!\w)|\d+(?:,\d{3})+(?:\.\d+)?"
)
_WHOLE: Final = Markup('<span class="w">{}</span>')
_PLAIN: Final = ("surface", "text", "muted", "grid")
_TONES: Final = ("over", "at_risk", "within")


class _Table(Shown):
    """The table of a section."""

    @property
    def rows(self) -> list[tuple[Cell, ...]]:
        return list(zip(*(column.cells() for column in self.columns), strict=True))

    @property
    def count(self) -> str:
        whole = len(self.columns[0].series) + self.n_more
        first = f"the first {MOST_ROWS:,} of " if self.n_more else ""
        return f"{first}{plural(whole, 'row')}"

    @property
    def can_filter(self) -> bool:
        return len(self.columns[0].series) >= _LEAST_TO_FILTER

    @property
    def width(self) -> str:
        """How wide it is on paper: dense in print, and on paper that lies across if need be."""
        count = len(self.columns)
        wide = "wide-table dense upright" if self.not_printed else "wide-table"
        return "" if count <= _DENSE else "dense" if count <= _WIDE else wide

    @property
    def not_printed(self) -> list[ShownColumn]:
        """The last amounts, where it fits on paper that stands upright without them."""
        last = self.columns[_WIDE:]  # as in the style
        return last if all(one.name.startswith(AMOUNT_IN) for one in last) else []

    @property
    def note(self) -> str:
        return PARTIAL if any(column.marked for column in self.columns) else ""

    @property
    def ordered_by(self) -> str:
        """The column whose numbers descend from row to row, empty if none does."""
        if len(self.columns[0].series) < 2:
            return ""
        of_numbers = (one for one in self.columns if not one.is_text)
        return next((one.name for one in of_numbers if _descends(one)), "")

    def groups(self, row: int) -> str:
        """Return the numbers of the lines that add up a row, if there are several lines."""
        if len(self.totals) < 2:
            return ""
        return " ".join(str(n) for n, line in enumerate(self.totals) if line.rows[row])

    def adds(self, column: ShownColumn) -> dict[str, str]:
        """Say how the total of a column is made, for the script: a sum, or a ratio of two."""
        names = [one.name for one in self.columns]
        if not any(column.name in line.texts for line in self.totals):
            return {}
        if column.column is not None and column.column.kind is Kind.RATIO:
            top, bottom = (
                names.index(one) if one in names else -1 for one in terms_of(column.name)
            )
            return {"data-of": f"{top}/{bottom}"} if min(top, bottom) >= 0 else {}
        text = next(line.texts[column.name] for line in self.totals if column.name in line.texts)
        decimals = len(text.partition(".")[2])
        is_signed = column.column is not None and column.column.is_excess
        return {"data-sum": f"{decimals}{'+' if is_signed else ''}"}


def _descends(column: ShownColumn) -> bool:
    known = column.series.dropna()
    return (
        known.is_monotonic_decreasing and known.nunique() > 1 and column.series.iloc[0] is not None
    )


def rendered(portfolio: Portfolio, paper: str) -> str:
    """Return the page of a portfolio as one file."""
    colours = Colours()
    parts = [
        (section, _table(section, portfolio), [*_pictures(section, colours)])
        for section in portfolio.sections
    ]
    style = _style(colours).replace("%SIZE%", paper)
    script = _text("page.js")
    return (
        templates_of(_HERE, kept=_kept)
        .get_template("page.html.jinja")
        .render(
            page=portfolio,
            parts=parts,
            style=Markup(style),  # noqa: S704 -- made here, from colours that matplotlib wrote
            script=Markup(script),  # noqa: S704
            policy=_policy(style, script),
            dash=DASH,
        )
    )


def _table(section: Section, portfolio: Portfolio) -> _Table | None:
    frame = section.frame
    if frame is None or frame.empty:
        return None
    most = MOST_ROWS + (len(frame) == MOST_ROWS + 1)  # one row takes the room of saying so
    display = shown(frame, names=section.columns, links=portfolio.audience == "team", most=most)
    return _Table(**vars(display))


def _pictures(section: Section, colours: Colours) -> Iterator[Picture]:
    for number, chart in enumerate(section.charts):
        yield drawn(f"{section.name}{number}", chart.rows, partial(_draw, chart), colours)


def _draw(chart: Chart, ax: Any) -> object:
    options = {"ax": ax, "title": "", "footer": False, **chart.options}
    return getattr(charts, chart.name)(chart.frame, **options)


# ---------------------------------------------------------------------------------------------
# The file


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
    return (
        f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _style(colours: Colours) -> str:
    light, dark = _of_palette(LIGHT), _of_palette(DARK)
    for (one, other), name in colours.names.items():
        light[name], dark[name] = one, other
    return (
        f":root{{{_declared(light)}}}\n"
        f"@media screen and (prefers-color-scheme:dark){{:root{{{_declared(dark)}}}}}\n"
        f"{_text('page.css')}"
    )


def _of_palette(palette: Palette) -> dict[str, str]:
    plain = {f"--{name}": getattr(palette, name) for name in _PLAIN}
    fills = {f"--{name}": getattr(palette, name).fill for name in _TONES}
    texts = {f"--{name}-text": getattr(palette, name).text for name in _TONES}
    return plain | fills | texts


def _declared(colours: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{colour}" for name, colour in colours.items())
