"""A chart fits: by default on a page, and into the Axes that it is given."""

import re
from functools import cache
from inspect import signature
from itertools import combinations, pairwise

import matplotlib as mpl
import matplotlib.pyplot as plt
import pytest
from matplotlib.figure import Figure
from unit.charts_all import CASES, typical_by_day
from unit.charts_frames import agency, budget, project
from unit.charts_reading import labels, texts, title

from togglframe import charts
from togglframe.charts._fonts import width, wrap, wrap_evenly
from togglframe.text.formats import MINUS

pytestmark = pytest.mark.nightly

LONG = "Framework agreement for the regional transport authority, lot "
every_chart = pytest.mark.parametrize("name", CASES)
on_axes = [name for name, case in CASES.items() if "ax" in signature(case.draw).parameters]
with_ax = pytest.mark.parametrize("name", on_axes)

DRAWN = "(?:are drawn|shown by name)"  # layers are drawn all, but not all of them by name
FEW_LAYERS = {"hours_by_week": 5, "earnings_by_month": 8}  # more cannot be told apart

PLACES = {
    "4x3": lambda **layout: plt.subplots(figsize=(4, 3), squeeze=False, **layout),
    "grid": lambda **layout: plt.subplots(2, 3, figsize=(13, 7), squeeze=False, **layout),
    "pair": lambda **layout: plt.subplots(1, 2, squeeze=False, **layout),
}
every_place = pytest.mark.parametrize("place", PLACES)
every_layout = pytest.mark.parametrize("layout", [None, "constrained"])


def many(name, count=40, start="Name "):
    return CASES[name].many([f"{start}{n}" for n in range(count)])


def axes_of(drawn):
    return drawn.axes if isinstance(drawn, Figure) else [drawn]


def figures_of(drawn):
    return {ax.figure for ax in axes_of(drawn)}


def lies_on(one, other):
    """Tell whether two boxes overlap by more than a pixel."""
    across = min(one.x1, other.x1) - max(one.x0, other.x0)
    along = min(one.y1, other.y1) - max(one.y0, other.y0)
    return across > 1 and along > 1


def boxes_of(axes):
    return [(text.get_text(), text.get_window_extent()) for ax in axes for text in texts(ax)]


def check_words(figure):
    """Check that all words are inside the figure, and none lies on another."""
    figure.draw_without_rendering()
    page, boxes = figure.bbox, boxes_of(figure.axes)
    for text, box in boxes:
        assert page.x0 - 1 <= box.x0 < box.x1 <= page.x1 + 1, text
        assert page.y0 - 1 <= box.y0 < box.y1 <= page.y1 + 1, text
    for (text, box), (other, its_box) in combinations(boxes, 2):
        assert not lies_on(box, its_box), (text, other)


def check_names(ax):
    """Check that the names of rows stand beside the plot, and can be read."""
    boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
    plot = ax.get_window_extent()
    assert all(box.x1 <= plot.x0 for box in boxes)
    assert all(above.y0 >= below.y1 - 1 for above, below in pairwise(boxes))


def others_of(ax):
    """Return how many rows the last line says it left out."""
    found = [re.match(r"and ([\d,]+) others?", label) for label in labels(ax)]
    return sum(int(match[1].replace(",", "")) for match in found if match)


def rows_of(name, frame):
    return len(CASES[name].record.rows(frame))


@every_chart
def test_by_default_a_page_of_rows_is_drawn_and_one_line_of_the_others(name):
    frame, top = many(name), signature(CASES[name].draw).parameters["top"].default
    drawn = CASES[name].draw(frame)
    axes = axes_of(drawn)
    figure = axes[0].figure
    left_out = sum(map(others_of, axes))
    assert left_out
    assert sum(len(labels(ax)) for ax in axes) <= top + 5 * len(axes)
    assert figure.get_figheight() < 14
    assert rows_of(name, frame) - left_out == top


@every_chart
def test_everything_is_drawn_on_request(name):
    frame = many(name, 40)
    axes = axes_of(CASES[name].draw(frame, top=None))
    assert sum(map(others_of, axes)) == 0
    assert sum(len(labels(ax)) for ax in axes) >= rows_of(name, frame)


@every_chart
def test_the_title_says_what_is_drawn_where_it_is_not_all(name):
    frame = many(name, 30)
    first = axes_of(CASES[name].draw(frame, top=3))[0]
    found = re.search(rf"; 3 of (\d+) .+ {DRAWN}$", title(first))
    assert found, title(first)
    assert int(found[1]) == rows_of(name, frame)
    assert not re.search("drawn|shown", title(axes_of(CASES[name].draw(frame, top=None))[0]))


@pytest.mark.parametrize(
    ("place", "layout"),
    [
        pytest.param("4x3", None, marks=pytest.mark.daily),
        ("grid", None),
        ("pair", None),
        ("grid", "constrained"),
    ],
)
@typical_by_day(on_axes)
def test_a_chart_fits_into_the_axes_given(name, place, layout):
    figure, grid = PLACES[place](layout=layout)
    frame, corners = many(name, 40, start=LONG), {grid.flat[0], grid.flat[-1]}
    for ax in corners:
        CASES[name].draw(frame, ax=ax)
    for ax in set(grid.flat) - corners:
        ax.set_axis_off()
    check_words(figure)
    for ax in corners:
        check_names(ax)
        assert 4 <= len(labels(ax)) <= 22
        assert others_of(ax) > 0
        assert re.search(DRAWN, title(ax))
        assert ax.get_window_extent().width > 0.25 * figure.bbox.width / grid.shape[1]


@every_layout
def test_different_charts_fit_into_one_grid(layout):
    figure, grid = PLACES["grid"](layout=layout)
    for name, ax in zip(on_axes, grid.flat, strict=False):
        CASES[name].draw(CASES[name].frame(), ax=ax)
    check_words(figure)


@every_place
@with_ax
def test_nothing_fits_everywhere(name, place):
    figure, grid = PLACES[place]()
    for ax in grid.flat:
        ax.set_axis_off()
    CASES[name].draw(CASES[name].frame().head(0), ax=grid.flat[-1])
    check_words(figure)


@pytest.mark.daily
def test_a_title_on_two_lines_breaks_after_a_clause_or_else_evenly():
    budget_lines = charts.budget_bullet(agency(), top=2).get_title(loc="left").split("\n")
    assert len(budget_lines) == 1 or budget_lines[0].endswith(";")
    said = "16 of 49 estimated projects are over: +4,813 h gross; 20 of 58 projects are drawn"
    assert wrap_evenly(said, 500, 14, "bold") == [
        "16 of 49 estimated projects are over: +4,813 h gross;",
        "20 of 58 projects are drawn",
    ]
    said = f"+4,812.6 h gross over, {MINUS}10,557.2 h not yet used: {MINUS}11,067.7 h net"
    room = width(said, 14, "bold") - 1  # so that its last word alone has none
    assert wrap(said, room, 14, "bold")[1:] == ["net"]
    first, second = (width(line, 14, "bold") for line in wrap_evenly(said, room, 14, "bold"))
    assert second > 0.7 * first
    assert wrap_evenly(said, room + 2, 14, "bold") == [said]


@pytest.mark.daily
def test_short_names_tell_apart_what_long_ones_do():
    names = [f"{LONG}{n}" for n in (12, 345)]
    _, ax = plt.subplots(figsize=(4, 3))
    charts.budget_bullet(budget(*(project(n, name, 2, 4) for n, name in enumerate(names))), ax=ax)
    assert [label.rpartition("…")[2] for label in labels(ax)] == ["12", "345"]


@with_ax
def test_an_axes_that_is_in_no_grid_keeps_to_its_place(name):
    figure = plt.figure(figsize=(8, 6))
    place = [0.3, 0.2, 0.6, 0.7]
    ax = CASES[name].draw(many(name, start=LONG), ax=figure.add_axes(place))
    figure.draw_without_rendering()
    left, bottom, width, height = (
        part * size for part, size in zip(place, figure.bbox.size.tolist() * 2, strict=True)
    )
    for text, box in boxes_of([ax]):
        assert left - 1 <= box.x0 < box.x1 <= left + width + 1, text
        assert bottom - 1 <= box.y0 < box.y1 <= bottom + height + 1, text


@pytest.mark.daily
def test_a_chart_that_was_fitted_stays_in_a_tight_file():
    _, ax = plt.subplots()
    charts.budget_bullet(agency(), ax=ax)
    assert ax.get_in_layout()


@cache
def usual_size(name):
    """Return the size of the names of rows where the user has set none."""
    drawn = CASES[name].draw(CASES[name].frame())
    return axes_of(drawn)[0].get_yticklabels()[0].get_fontsize()


@pytest.mark.parametrize("size", [8, 16])
@every_chart
def test_words_follow_the_size_of_font_of_the_user(name, size):
    with mpl.rc_context({"font.size": size}):
        drawn = CASES[name].draw(many(name, 30, start=LONG))
    for figure in figures_of(drawn):
        check_words(figure)
    for ax in axes_of(drawn):
        check_names(ax)
        assert ax.get_yticklabels()[0].get_fontsize() == pytest.approx(usual_size(name) * size / 10)


@with_ax
def test_large_words_fit_into_small_axes(name):
    with mpl.rc_context({"font.size": 16}):
        figure, grid = PLACES["pair"]()
        CASES[name].draw(many(name, start=LONG), ax=grid.flat[0])
        CASES[name].draw(many(name), ax=grid.flat[1])
        check_words(figure)
    for ax in grid.flat:
        check_names(ax)


@every_chart
def test_long_names_leave_room_for_the_plot(name):
    drawn = CASES[name].draw(many(name, 12, start=LONG))
    for figure in figures_of(drawn):
        figure.draw_without_rendering()
    for ax in axes_of(drawn):
        assert ax.get_window_extent().width > 0.27 * ax.figure.bbox.width
