"""What all charts have in common: each chart and each condition, measured on what is drawn."""

import re
from contextlib import contextmanager, nullcontext
from io import StringIO
from itertools import pairwise
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.layout_engine import ConstrainedLayoutEngine
from pairing import combined, paired
from unit.charts_cases import CASES, LONG, PLACES, ROWS, SEVERAL, axes_of, names, overlaps, texts

from togglframe import charts
from togglframe.charts.output import figure_of
from togglframe.errors import ConfigError
from togglframe.tables.workspaces import together
from togglframe.text.headlines import MOST
from togglframe.text.palette import contrast

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = (
    "Cost $x^{2$",
    "日本語サイト",
    "\N{ROCKET} Launch",
    "",
    "_hidden",
    "two\nlines\tand\x00nul",
    "\u202egnp.exe",
    "\\frac{1}{2} %s {} & <b>",
    "W" * 300,
    "Web",
    "Web",
)

FRAMES = {
    "usual": lambda case: case.frame(),
    "empty": lambda case: case.frame().iloc[:0],
    "one row": lambda case: case.many(names(1)),
    "60 rows": lambda case: case.many(names(60)),
    "400 rows, long names": lambda case: case.many(names(400, LONG)),
    "hostile names": lambda case: case.many(HOSTILE),
}


@pytest.fixture
def subtests(subtests):
    """Return subtests that close the figures that they opened."""

    @contextmanager
    def test(*message, **parameters):
        with subtests.test(*message, **parameters):
            yield
        plt.close("all")

    return SimpleNamespace(test=test)


def test_every_chart_is_tested():
    assert {*CASES} == {*charts.__all__} - {"alt_text", "save", "theme"}


def title(ax):
    return ax.get_title(loc="left").replace("\n", " ")


def rows_of(case, frame, **options):
    """Return the names of the rows of a chart, without those that it always ends in."""
    ax = axes_of(case.draw(frame, **options))[0]
    rows = [label.get_text() for label in ax.get_yticklabels()]
    end = len(rows) - len(case.ends)
    assert rows[end:] == [*case.ends]
    return rows[:end]


def contrast_of(text, surface):
    """Return the contrast of a text to what is behind it: a bar that it is written on, or this."""
    behind = text.get_bbox_patch()
    return contrast(
        to_hex(text.get_color()), surface if behind is None else to_hex(behind.get_facecolor())
    )


def saved(drawn, tmp_path, name="chart.svg"):
    return charts.save(drawn, tmp_path / name).read_bytes()


def test_no_text_lies_on_another_or_leaves_the_figure(subtests):
    conditions = [(place, kind) for place in PLACES for kind in FRAMES]
    for name, (place, kind) in paired([*CASES], conditions):
        with subtests.test(name, place=place.__name__, frame=kind):
            case = CASES[name]
            axes = place(case.draw, FRAMES[kind](case))
            assert overlaps(figure_of(axes[0])) == []


@pytest.mark.nightly
def test_no_text_lies_on_another_wherever_and_whatever_is_drawn(subtests):
    for name, case in CASES.items():
        for place in PLACES:
            for kind, make in FRAMES.items():
                with subtests.test(name, place=place.__name__, frame=kind):
                    axes = place(case.draw, make(case))
                    assert overlaps(figure_of(axes[0])) == []


def test_a_figure_of_its_own_has_headline_grey_line_and_footer_at_one_edge(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            ax = axes_of(case.draw(case.frame()))[0]
            figure = figure_of(ax)
            assert plt.get_fignums() == [figure.number]
            assert isinstance(figure.get_layout_engine(), ConstrainedLayoutEngine)
            figure.draw_without_rendering()
            footer = figure._supxlabel
            assert re.match(r"Workspace 1234567 · .* · fetched ", footer.get_text())
            (reading,) = [text for text in ax.texts if text.get_text().endswith(".")]
            starts = [
                text.get_window_extent().x0
                for text in (ax._left_title, reading, footer, *ax.get_yticklabels())
            ]
            assert max(starts) - min(starts) < 3
            bare = axes_of(case.draw(case.frame(), title=2024, footer=False))[0]
            assert title(bare) == "2024"
            assert figure_of(bare)._supxlabel is None


def test_an_axes_of_the_user_has_marks_labels_and_a_title_and_nothing_else(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            figure, (ax, other) = plt.subplots(1, 2, figsize=(12, 4), layout="constrained")
            plt.sca(other)
            assert case.draw(case.frame(), ax=ax) is ax
            assert plt.gca() is other
            assert not other.has_data()
            assert figure._supxlabel is None
            assert not [text for text in ax.texts if text.get_text().endswith(".")]
            figure.draw_without_rendering()
            assert abs(ax._left_title.get_window_extent().x0 - ax.get_window_extent().x0) < 3
            assert ax.get_title(loc="left").count("\n") <= 1


def test_headlines_are_short_and_say_what_they_are_told(subtests):
    for name, kind in combined([*CASES], ["usual", "empty", "one row"]):
        with subtests.test(name, frame=kind):
            case = CASES[name]
            said = title(axes_of(case.draw(FRAMES[kind](case)))[0])
            assert 0 < len(said) <= MOST
            assert not re.search("gross|of it|drawn|comparable|estimated project|cache", said)


def test_a_few_rows_are_drawn_and_one_line_counts_the_others(subtests):
    for name, case in ROWS.items():
        with subtests.test(name):
            frame = case.many(names(60))
            rows = rows_of(case, frame)
            assert len(rows) == 21
            assert rows[-1].partition(",")[0] == "and 40 others"  # bullets count those over
            _, ax = plt.subplots(figsize=(6, 3), layout="constrained")
            case.draw(frame, ax=ax)
            ax.figure.draw_without_rendering()
            boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
            assert 4 < len(boxes) < 15
            assert all(one.y0 > two.y1 - 1 for one, two in pairwise(boxes))


def test_as_many_rows_as_wished_are_drawn_and_long_names_keep_what_differs(subtests):
    for name, check in combined([*ROWS], [as_many_as_wished, long_names]):
        with subtests.test(name, check=check.__name__):
            check(ROWS[name])


def as_many_as_wished(case):
    rows = rows_of(case, case.many(names(60)), top=59)
    assert len(rows) == 60
    assert not rows[-1].startswith("and ")


def long_names(case):
    rows = rows_of(case, case.many(names(60, LONG)))[:-1]
    assert len(set(rows)) == 20
    assert all(re.search(r"\d$", row) for row in rows)  # by which they differ


def test_a_style_of_the_user_is_followed(subtests):
    for name, follow in combined([*CASES], [dark_background, another_font, colors_of_the_axes]):
        with subtests.test(name, style=follow.__name__):
            follow(CASES[name])


def dark_background(case):
    with plt.style.context("dark_background"):
        ax = axes_of(case.draw(case.frame()))[0]
        figure = figure_of(ax)
        assert to_hex(figure.get_facecolor()) == to_hex(ax.get_facecolor()) == "#000000"
        assert all(contrast_of(text, "#000000") > 4.5 for text in texts(figure))


def another_font(case):
    with mpl.rc_context({"font.family": ["DejaVu Serif"]}):
        figure = figure_of(axes_of(case.draw(case.frame()))[0])
    assert {text.get_fontfamily()[0] for text in texts(figure)} == {"DejaVu Serif"}


def colors_of_the_axes(case):
    _, ax = plt.subplots(facecolor="#203040", layout="constrained")
    ax.set_facecolor("#102030")
    case.draw(case.frame(), ax=ax)
    assert to_hex(ax.get_facecolor()) == "#102030"
    assert contrast(to_hex(ax.get_yticklabels()[0].get_color()), "#102030") > 7


def test_texts_and_marks_stand_out_in_both_themes(subtests):
    for name, theme in combined([*CASES], ["togglframe", "dark"]):
        with subtests.test(name, theme=theme):
            with charts.theme(theme):
                figure = figure_of(axes_of(CASES[name].draw(CASES[name].frame()))[0])
            surface = to_hex(figure.get_facecolor())
            for text in texts(figure):
                assert contrast_of(text, surface) >= 4.5, text.get_text()
            for mark in (mark for ax in figure.axes for bars in ax.containers for mark in bars):
                colors = mark.get_facecolor(), mark.get_edgecolor()
                assert max(contrast(to_hex(color), surface) for color in colors) > 1.2


def test_settings_and_frame_are_left_as_they_were(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            frame = case.frame()
            copy, settings = frame.copy(deep=True), dict(mpl.rcParams)
            with np.errstate(all="raise"):
                case.draw(frame)
            assert dict(mpl.rcParams) == settings
            pd.testing.assert_frame_equal(frame, copy)
            assert frame.attrs == copy.attrs


def without_ids(frame):
    return frame.drop(columns=[name for name in frame if name.endswith("_id")])


def plain_csv(frame):
    return pd.read_csv(StringIO(frame.to_csv(index=False)))


def arrow(frame):
    return frame.convert_dtypes(dtype_backend="pyarrow")


def assert_equal_files(name, change, tmp_path):
    case = CASES[name]
    expected = saved(case.draw(case.frame()), tmp_path)
    frame = change(case.frame())
    frame.attrs = case.frame().attrs
    assert saved(case.draw(frame), tmp_path) == expected


def test_equal_values_make_equal_files(subtests, tmp_path):
    for name, change in paired([*CASES], [pd.DataFrame.copy, plain_csv, arrow]):
        with subtests.test(name, change=change.__name__):
            assert_equal_files(name, change, tmp_path)


@pytest.mark.nightly
def test_equal_values_of_every_kind_make_equal_files(subtests, tmp_path):
    for name in CASES:
        for change in (plain_csv, arrow):
            with subtests.test(name, change=change.__name__):
                assert_equal_files(name, change, tmp_path)


def test_a_row_needs_no_id(subtests):
    for name, case in SEVERAL.items():
        with subtests.test(name):
            ax = axes_of(case.draw(without_ids(case.many(names(3)))))[0]
            written = [text.get_text() for text in texts(figure_of(ax))]
            assert [*names(3)] == sorted({*names(3)} & {*written})


def test_rows_of_two_workspaces_are_told_apart(subtests):
    for name, case in SEVERAL.items():
        with subtests.test(name):
            frame = case.many(names(2))
            figure = figure_of(axes_of(case.draw(together({7: frame, 11: frame})))[0])
            written = " ".join(text.get_text() for text in texts(figure))
            assert "Workspaces 7, 11 · " in written
            for number in (7, 11):  # of a timesheet the people
                assert re.search(f"(Project 1|Ann) · workspace {number}", written)


def test_files_have_a_text_alternative_and_svg_keeps_every_character(subtests, tmp_path):
    for name, case in SEVERAL.items():
        with subtests.test(name):
            options = {"top": None} if case.kind == "row" else {"sort": None}  # five have a name
            drawn = case.draw(case.many(HOSTILE), **options)
            root = ET.fromstring(saved(drawn, tmp_path))
            assert 20 < len(root.findtext(f"{SVG}title")) < 300
            written = [text.text for text in root.iter(f"{SVG}text")]
            assert "日本語サイト" in written
            assert "\N{ROCKET} Launch" in written
            assert not any("\u202e" in text for text in written)
            shown = [text.get_text() for text in texts(figure_of(axes_of(drawn)[0]))]
            assert "\N{ROCKET} Launch" not in shown
            assert saved(drawn, tmp_path, "chart.png").startswith(b"\x89PNG")


def test_a_wrong_frame_or_option_is_named(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            for column in case.needed.split():
                message = rf"{name} needs the column '{column}'; make the frame with togglframe\."
                with pytest.raises(ConfigError, match=message):
                    case.draw(case.frame().drop(columns=column))
            with pytest.raises(TypeError, match=f"{name} takes a DataFrame, not Figure"):
                case.draw(plt.figure())
            with pytest.raises(TypeError, match="ax is one matplotlib Axes, not ndarray"):
                case.draw(case.frame(), ax=plt.subplots(2)[1])
            if case.kind == "one":
                continue
            with pytest.raises(ConfigError, match="sort must be one of"):
                case.draw(case.frame(), sort="colour")
            with pytest.raises(ConfigError, match="top"):
                case.draw(case.frame(), top=0)
            with pytest.raises(TypeError, match="top is how many rows to draw"):
                case.draw(case.frame(), top=2.5)
            plt.close("all")


def test_a_frame_of_nothing_but_na_says_that_there_is_nothing(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            frame = case.frame()
            for column in frame.select_dtypes(["Float64", "timedelta"]):
                frame[column] = pd.Series([None] * len(frame), dtype=frame[column].dtype)
            written = [text.get_text() for ax in axes_of(case.draw(frame)) for text in ax.texts]
            assert any(re.match("There are no .* to (show|compare)", text) for text in written)


def test_a_column_that_occurs_twice_is_named(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            frame = case.frame()
            for column in case.needed.split():
                twice = pd.concat([frame, frame[[column]]], axis=1)
                message = f"more than one column of the same name: '{column}'"
                with pytest.raises(ConfigError, match=message):
                    case.draw(twice)


def measure_of(case):
    """Return a column of numbers that the chart needs, if it does."""
    numbers = case.frame().select_dtypes("Float64")
    return next((column for column in case.needed.split() if column in numbers), None)


def test_a_number_that_is_none_is_named_with_its_row(subtests):
    for name, value in paired([*CASES], [float("inf"), -1e300, "many"]):
        column = measure_of(CASES[name])
        with subtests.test(name, value=value):
            frame = CASES[name].frame()
            message = rf"column '{column}' .* too large; .* in \{{'\w+_id': "
            if column and value == "many":
                frame = frame.assign(**{column: value})
                message = f"column '{column}' of .* is str.* make the frame with"
            elif column:
                frame.loc[frame.index[-1], column] = value
            with pytest.raises(ConfigError, match=message) if column else nullcontext():
                CASES[name].draw(frame)


@pytest.mark.nightly
def test_very_large_numbers_are_drawn(subtests):
    for name, case in CASES.items():
        with subtests.test(name):
            frame = case.frame()
            for column in frame.select_dtypes("Float64"):
                frame[column] *= 1e14
            figure_of(axes_of(case.draw(frame))[0]).draw_without_rendering()


@pytest.mark.nightly
def test_text_that_is_not_inferred_changes_nothing(subtests, tmp_path):
    for name, case in CASES.items():
        with subtests.test(name):
            expected = saved(case.draw(case.frame()), tmp_path)
            with (
                pytest.warns(DeprecationWarning, match="infer_string"),
                pd.option_context("future.infer_string", False),
            ):
                assert saved(case.draw(case.frame()), tmp_path) == expected


def test_an_axes_in_no_grid_keeps_to_its_place(subtests):
    place = [0.3, 0.2, 0.6, 0.7]
    for name, case in CASES.items():
        with subtests.test(name):
            figure = plt.figure(figsize=(8, 6))
            case.draw(case.many(names(12, LONG)), ax=figure.add_axes(place))
            figure.draw_without_rendering()
            wide, tall = figure.bbox.size
            for text in texts(figure):
                box = text.get_window_extent()
                assert 0.3 * wide - 1 <= box.x0 < box.x1 <= 0.9 * wide + 1, text
                assert 0.2 * tall - 1 <= box.y0 < box.y1 <= 0.9 * tall + 1, text


def test_a_chart_on_an_axes_stays_in_a_tight_file():
    _, ax = plt.subplots()
    CASES["budget_bullet"].draw(CASES["budget_bullet"].frame(), ax=ax)
    assert ax.get_in_layout()


@pytest.mark.nightly
def test_every_order_is_drawn_and_documented(subtests):
    for name, case in SEVERAL.items():
        for sort in (*case.sorts, None):
            with subtests.test(name, sort=sort):
                case.draw(case.frame(), sort=sort)
                assert sort is None or f'"{sort}"' in case.draw.__doc__
