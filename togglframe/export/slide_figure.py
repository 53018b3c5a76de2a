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
from togglframe.charts.output import describe
from togglframe.charts.style import palette_on, points
from togglframe.export.portfolio import Portfolio
from togglframe.export.sections import SINCE, Section, without_ids
from togglframe.export.sections import Figure as KeyFigure
from togglframe.text import headlines
from togglframe.text.formats import plural
from togglframe.text.measures import above_zero
from togglframe.text.palette import Palette

Panel: TypeAlias = Callable[..., object]

_SIZE: Final = (13.333, 7.5)  # [in]
_HEAD, _FIGURES, _FOOT = 0.95, 0.95, 0.3  # the heights of parts, the figures' of each row [in]
_MARGIN, _GAP = 0.03, 0.03  # as shares of the width: at either side, and between key figures
_ROOM: Final = 72 * _SIZE[0] * (1 - 2 * _MARGIN)  # between the margins [pt]
_TITLE, _SENTENCE, _NUMBER = 24.0, 14.0, 21.0  # sizes of text [pt]
_HEADING, _LABEL, _FOOTER = 11.0, 10.5, 9.0
_MOST_ROWS: Final = 4  # of key figures


def draw_slide(document: Portfolio, weeks: Section | None, top: int) -> Figure:
    """Draw a document with the section of its weeks, or of the last ones."""
    layout = ConstrainedLayoutEngine(rect=(_MARGIN, 0.0, 1 - 2 * _MARGIN, 1.0))
    figure = Figure(figsize=_SIZE, layout=layout)
    section = document.section("figures")
    sentence = "" if section is None else f"{section.sentence}."
    key_figures = () if section is None else section.figures
    rows, part = _rows_of(key_figures)
    heights = [_HEAD, *[_FIGURES] * len(rows), _FOOT]
    heights.insert(-1, _SIZE[1] - sum(heights))
    head, *lines, body, foot = figure.subfigures(
        len(heights), 1, squeeze=False, height_ratios=heights
    ).T[0]
    palette, title = palette_on(figure), document.title
    _write(head, (0, 0.56), title, _fitting(title, _TITLE), palette.text, weight="bold")
    _write(head, (0, 0.22), sentence, _fitting(sentence, _SENTENCE), palette.muted)
    for on, row in zip(lines, rows, strict=True):
        _write_figures(on, row, part, palette)
    said = [document.scope, *_notes(document), *document.doubts]
    footer = _fonts.wrap(" · ".join(said), _ROOM, points(_FOOTER))
    _write(foot, (0, 0.35), "\n".join(footer), _FOOTER, palette.muted)
    for on in (head, *lines, foot):
        make_printable(on)
    panels = _panels(document, [*_of_weeks(document, weeks)], [*_of_budgets(document, top)])
    if panels:
        for panel, on in zip(panels, _parts(body, len(panels)), strict=True):
            _draw(panel, on, palette)
    else:
        body.subplots().set_axis_off()  # without Axes there is no layout, and no margin
    in_words = [f"{one.name} {one.text}" for one in key_figures]
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


def _notes(document: Portfolio) -> Iterator[str]:
    section = document.section("figures")
    if section is not None and section.note:
        yield section.note.removesuffix(".")


Column: TypeAlias = tuple[KeyFigure, float]  # with its left edge, as a share of the width


def _rows_of(figures: Sequence[KeyFigure]) -> tuple[list[list[Column]], float]:
    """Return the key figures in as many rows as they need to be legible, and their part of size."""
    gap = _GAP * _ROOM
    for count in range(1, _MOST_ROWS + 1):
        across = -(-len(figures) // count) or 1
        widths = [max(map(_width, figures[at::across]), default=0.0) + gap for at in range(across)]
        part = min(1.0, _ROOM / (sum(widths) - gap or 1.0))
        if part * _LABEL >= _FOOTER:
            break
    lefts = [part * sum(widths[:at]) / _ROOM for at in range(across)]
    rows = [figures[start : start + across] for start in range(0, len(figures), across)]
    return [list(zip(row, lefts, strict=False)) for row in rows], part


def _lines_of(figure: KeyFigure) -> list[tuple[float, str, float]]:
    """Return the height, text and size of the lines of a key figure."""
    texts = (figure.name, figure.text, figure.change_text or figure.detail)
    return list(zip((0.88, 0.44, 0.18), texts, (_LABEL, _NUMBER, _LABEL), strict=True))


def _width(figure: KeyFigure) -> float:
    return max(_fonts.width(text, points(size), "bold") for _, text, size in _lines_of(figure))


def _write_figures(on: SubFigure, row: Sequence[Column], part: float, palette: Palette) -> None:
    """Write a row of key figures side by side."""
    for figure, left in row:
        for height, text, size in _lines_of(figure):
            is_number = size == _NUMBER
            color, weight = (palette.text, "bold") if is_number else (palette.muted, "normal")
            _write(on, (left, height), text, size * part, color, weight=weight)


def _panels(document: Portfolio, weeks: list[Panel], budgets: list[Panel]) -> list[Panel]:
    """Return the charts in their order: first the subject, which has the most room."""
    return weeks + budgets if document.days.is_ranged else budgets[:1] + weeks + budgets[1:]


def _of_weeks(document: Portfolio, weeks: Section | None) -> Iterator[Panel]:
    for chart in () if weeks is None else weeks.charts:
        title = headlines.hours(chart.frame, is_recent=not document.days.is_ranged)
        yield partial(charts.hours_by_week, chart.frame, title=title, **chart.options)


def _of_budgets(document: Portfolio, top: int) -> Iterator[Panel]:
    section = document.section("budgets")
    budget = None if section is None else section.frame
    if section is None or budget is None or not budget["progress"].notna().any():
        return
    if document.audience == "client":
        budget = without_ids(budget)
    title = f"{SINCE}: {section.sentence}" if document.days.is_ranged else section.sentence
    if not document.days.is_ranged and len(above_zero(budget, "overrun_hours")) >= top:
        title = "The most over their estimates"
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
