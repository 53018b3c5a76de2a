"""Draw the slide of a portfolio: title, key figures, and two or three charts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, Final

from matplotlib.figure import Figure, SubFigure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from togglframe import charts
from togglframe.charts import _fonts
from togglframe.charts.output import describe, save
from togglframe.charts.style import palette_on, plain_text
from togglframe.export.portfolio import Portfolio, Section
from togglframe.export.sections import SINCE
from togglframe.export.sections import Figure as KeyFigure
from togglframe.text.formats import plural
from togglframe.text.palette import Palette

__all__ = ["draw_slide", "save"]

_SIZE: Final = (13.333, 7.5)  # [in]
_HEIGHTS: Final = (0.85, 0.95, 5.1, 0.3)  # of the title, the key figures, the charts, the footer
_LEFT, _GAP = 0.02, 0.03  # the margin, and the gap between key figures, as shares of the width
_TITLE, _SENTENCE, _NUMBER, _LABEL, _FOOTER = 24.0, 14.0, 21.0, 10.5, 9.0  # sizes of text [pt]


def draw_slide(document: Portfolio, weeks: Section | None, top: int) -> Figure:
    """Draw a document with the section of its weeks, or of the last ones."""
    layout = ConstrainedLayoutEngine(rect=(0.012, 0.0, 0.976, 1.0))
    figure = Figure(figsize=_SIZE, layout=layout)
    head, figures, body, foot = figure.subfigures(4, 1, squeeze=False, height_ratios=_HEIGHTS).T[0]
    with plain_text():
        palette = palette_on(figure)
        footer = " · ".join([document.scope, *document.doubts])
        _write(head, (_LEFT, 0.5), document.title, _TITLE, color=palette.text, weight="bold")
        _write(head, (_LEFT, 0.12), _sentence(document), _SENTENCE, color=palette.muted)
        _write_figures(figures, document, palette)
        _write(foot, (_LEFT, 0.35), footer, _FOOTER, color=palette.muted)
    panels = [*_of_weeks(weeks), *_of_budgets(document, top)]
    if not document.days.is_ranged:
        panels = panels[1:2] + panels[:1] + panels[2:]  # the budgets are the subject
    if panels:
        mosaic = [[0, 1], [0, 2]] if len(panels) > 2 else [[*range(len(panels))]]
        axes = body.subplot_mosaic(mosaic)
        for panel, ax in zip(panels, axes.values(), strict=True):
            panel(ax=ax)
    in_words = [f"{one.name} {one.text}" for one in _figures(document)]
    describe(figure, f"{document.title}. {_sentence(document)} {', '.join(in_words)}.")
    return figure


def _write(on: SubFigure, at: tuple[float, float], text: str, size: float, **look: Any) -> None:
    on.text(*at, _fonts.printable(text), ha="left", va="baseline", fontsize=size, **look)


def _sentence(document: Portfolio) -> str:
    section = document.section("figures")
    return "" if section is None else f"{section.sentence}."


def _figures(document: Portfolio) -> Sequence[KeyFigure]:
    section = document.section("figures")
    return () if section is None else section.figures


def _write_figures(on: SubFigure, document: Portfolio, palette: Palette) -> None:
    """Write the key figures side by side, as many as there is room for."""
    left, room = _LEFT, 72 * _SIZE[0]  # [pt]
    for figure in _figures(document):
        below = figure.change_text or figure.detail
        lines = ((figure.name, _LABEL), (figure.text, _NUMBER), (below, _LABEL))
        width = max(_fonts.width(text, size, "bold") for text, size in lines) / room
        if left + width > 1 - _LEFT:
            return
        for height, (text, size) in zip((0.88, 0.44, 0.18), lines, strict=True):
            is_number = size == _NUMBER
            color, weight = (palette.text, "bold") if is_number else (palette.muted, "normal")
            _write(on, (left, height), text, size, color=color, weight=weight)
        left += width + _GAP


def _of_weeks(weeks: Section | None) -> Iterator[Callable[..., object]]:
    for chart in () if weeks is None else weeks.charts:
        yield partial(charts.hours_by_week, chart.frame, **chart.options)


def _of_budgets(document: Portfolio, top: int) -> Iterator[Callable[..., object]]:
    section = document.section("budgets")
    budget = None if section is None else section.frame
    if section is None or budget is None or not budget["progress"].notna().any():
        return
    title = "The most over their estimates"
    if document.days.is_ranged:
        title = f"{SINCE}, {section.sentence[0].lower()}{section.sentence[1:]}"
    yield partial(charts.budget_bullet, budget, top=top, title=title)
    near = budget[budget["budget_state"] == "at_risk"]
    if document.audience == "team" and len(near):
        count = plural(len(near), "project is", "projects are")
        bullets = partial(charts.budget_bullet, top=top, sort="progress", scale="percent")
        yield partial(bullets, near, title=f"{count} close to the estimate")
