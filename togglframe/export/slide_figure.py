"""Draw the slide of a portfolio: title, key figures, and two or three charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final, TypeAlias

from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from togglframe import charts
from togglframe.charts import _fonts
from togglframe.charts._shared import make_printable, text_look
from togglframe.charts.output import describe, save
from togglframe.charts.style import palette_on, points
from togglframe.export.portfolio import Portfolio, Section
from togglframe.export.sections import SINCE, without_ids
from togglframe.export.sections import Figure as KeyFigure
from togglframe.text.formats import plural
from togglframe.text.palette import Palette

__all__ = ["draw_slide", "save"]

Panel: TypeAlias = Callable[..., object]

_SIZE: Final = (13.333, 7.5)  # [in]
_HEIGHTS: Final = (0.95, 0.95, 5.0, 0.3)  # of the title, the key figures, the charts, the footer
_MARGIN, _GAP = 0.03, 0.03  # as shares of the width: at either side, and between key figures
_ROOM: Final = 72 * _SIZE[0] * (1 - 2 * _MARGIN)  # between the margins [pt]
_TITLE, _SENTENCE, _NUMBER = 24.0, 14.0, 21.0  # sizes of text [pt]
_HEADING, _LABEL, _FOOTER = 11.0, 10.5, 9.0


def draw_slide(document: Portfolio, weeks: Section | None, top: int) -> Figure:
    """Draw a document with the section of its weeks, or of the last ones."""
    layout = ConstrainedLayoutEngine(rect=(_MARGIN, 0.0, 1 - 2 * _MARGIN, 1.0))
    figure = Figure(figsize=_SIZE, layout=layout)
    head, figures, body, foot = figure.subfigures(4, 1, squeeze=False, height_ratios=_HEIGHTS).T[0]
    palette, title, sentence = palette_on(figure), document.title, _sentence(document)
    _write(head, (0, 0.56), title, _fitting(title, _TITLE), palette.text, weight="bold")
    _write(head, (0, 0.22), sentence, _fitting(sentence, _SENTENCE), palette.muted)
    _write_figures(figures, _figures(document), palette)
    footer = _fonts.wrap(" · ".join([document.scope, *document.doubts]), _ROOM, points(_FOOTER))
    _write(foot, (0, 0.35), "\n".join(footer), _FOOTER, palette.muted)
    for part in (head, figures, foot):
        make_printable(part)
    panels = _panels(document, [*_of_weeks(weeks)], [*_of_budgets(document, top)])
    if panels:
        for panel, part in zip(panels, _parts(body, len(panels)), strict=True):
            _draw(panel, part, palette)
    else:
        body.subplots().set_axis_off()  # without Axes there is no layout, and no margin
    in_words = [f"{one.name} {one.text}" for one in _figures(document)]
    describe(figure, f"{title}. {sentence} {', '.join(in_words)}.")
    return figure


def _parts(body: SubFigure, count: int) -> list[SubFigure]:
    """Return the parts of the body: one beside one, or beside two below each other."""
    left, *right = body.subfigures(1, min(count, 2), squeeze=False)[0]
    others = right[0].subfigures(count - 1, 1, squeeze=False).T[0] if right else []
    return [left, *others]


def _draw(panel: Panel, on: SubFigure, palette: Palette) -> None:
    """Draw a chart with its title at the left edge, which it shares with that of the slide."""
    ax = on.subplots()
    panel(ax=ax)
    title = " ".join(ax.get_title(loc="left").split("\n"))
    ax.set_title("", loc="left")
    width = on.bbox.width * 72 / on.dpi * (1 - _GAP)
    lines = _fonts.wrap(title, width, points(_HEADING), "bold")
    look = text_look(palette.text, _HEADING, [title], "bold")
    on.suptitle("\n".join(lines), x=0, ha="left", **look)
    make_printable(on)


def _write(
    on: SubFigure,
    at: tuple[float, float],
    text: str,
    size: float,
    color: str,
    *,
    weight: str = "normal",
) -> None:
    on.text(*at, text, ha="left", va="baseline", **text_look(color, size, [text], weight))


def _fitting(text: str, size: float) -> float:
    """Return the size at which a bold text is no wider than the slide, at most its usual one."""
    return size * min(1.0, _ROOM / max(_fonts.width(text, points(size), "bold"), 1.0))


def _sentence(document: Portfolio) -> str:
    section = document.section("figures")
    return "" if section is None else f"{section.sentence}."


def _figures(document: Portfolio) -> Sequence[KeyFigure]:
    section = document.section("figures")
    return () if section is None else section.figures


def _write_figures(on: SubFigure, figures: Sequence[KeyFigure], palette: Palette) -> None:
    """Write the key figures side by side, smaller if there are many."""
    columns = [
        ((one.name, _LABEL), (one.text, _NUMBER), (one.change_text or one.detail, _LABEL))
        for one in figures
    ]
    widths = [
        max(_fonts.width(text, points(size), "bold") for text, size in lines) for lines in columns
    ]
    gap = _GAP * _ROOM
    part = min(1.0, _ROOM / (sum(widths) + gap * max(len(widths) - 1, 1) or 1.0))
    left = 0.0
    for lines, width in zip(columns, widths, strict=True):
        for height, (text, size) in zip((0.88, 0.44, 0.18), lines, strict=True):
            is_number = size == _NUMBER
            color, weight = (palette.text, "bold") if is_number else (palette.muted, "normal")
            _write(on, (left, height), text, size * part, color, weight=weight)
        left += (width + gap) * part / _ROOM


def _panels(document: Portfolio, weeks: list[Panel], budgets: list[Panel]) -> list[Panel]:
    """Return the charts in their order: first the subject, which has the most room."""
    return weeks + budgets if document.days.is_ranged else budgets[:1] + weeks + budgets[1:]


def _of_weeks(weeks: Section | None) -> Iterator[Panel]:
    for chart in () if weeks is None else weeks.charts:
        yield partial(charts.hours_by_week, chart.frame, **chart.options)


def _of_budgets(document: Portfolio, top: int) -> Iterator[Panel]:
    section = document.section("budgets")
    budget = None if section is None else section.frame
    if section is None or budget is None or not budget["progress"].notna().any():
        return
    if document.audience == "client":
        budget = without_ids(budget)
    title = "The most over their estimates"
    if document.days.is_ranged:
        title = f"{SINCE}: {section.sentence}"
    yield partial(charts.budget_bullet, budget, top=top, title=title)
    near = budget[budget["budget_state"] == "at_risk"]
    if document.audience == "team" and len(near):
        count = plural(len(near), "project is", "projects are")
        bullets = partial(charts.budget_bullet, top=top, sort="progress", scale="percent")
        yield partial(
            bullets,
            near,
            title=f"{count} close to {'its estimate' if len(near) == 1 else 'their estimates'}",
        )
