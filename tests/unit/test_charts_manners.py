import re
from functools import cache
from inspect import signature
from io import StringIO
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager, get_font
from unit.charts_all import CASES, typical_by_day
from unit.charts_reading import labels, texts, words

from togglframe import charts
from togglframe.charts import _fonts
from togglframe.errors import ConfigError

pytestmark = pytest.mark.nightly

MISSING = "\N{WHITE SQUARE}"
HOSTILE = [
    "Cost $x^{2$",
    "日本語サイト",
    "\N{ROCKET} Launch \N{FAMILY}\u200d\ufe0f",
    "",
    "_hidden",
    "two\nlines\tand\x00nul",
    "\u202egnp.exe",
    "عربى",
    "\\frac{1}{2} %s {} & <b>",
    "W" * 300,
    "Web",
    "Web",
]

every_chart = pytest.mark.parametrize("name", CASES)
typical = typical_by_day(CASES)
every_measure = pytest.mark.parametrize("name", [n for n, case in CASES.items() if case.measure])
on_axes = [name for name, case in CASES.items() if "ax" in signature(case.draw).parameters]
with_ax = pytest.mark.parametrize("name", on_axes)


def axes_of(drawn):
    return drawn.axes if isinstance(drawn, Figure) else [drawn]


def can_be_drawn(char):
    """Tell whether a font that the charts know is installed here and has the character."""
    known = (font for font in fontManager.ttflist if font.name in _fonts._FALLBACKS)
    return any(get_font(font.fname).get_char_index(ord(char)) for font in known)


def file_of(name, frame):
    """Draw the chart into the bytes of its file."""
    with TemporaryDirectory() as folder:
        return charts.save(CASES[name].draw(frame), Path(folder) / "chart.svg").read_bytes()


@cache
def expected(name):
    return file_of(name, CASES[name].frame())


def is_drawn(drawn):
    for figure in {ax.figure for ax in axes_of(drawn)}:
        figure.draw_without_rendering()


@typical_by_day(on_axes, {"amount_by_client"})
def test_the_axes_given_is_the_axes_returned(name):
    _, (ax, other) = plt.subplots(1, 2, layout="constrained")
    plt.sca(other)
    assert CASES[name].draw(CASES[name].frame(), ax=ax) is ax
    assert plt.gca() is other
    assert len(plt.get_fignums()) == 1
    assert not other.has_data()


def test_the_figure_given_is_the_figure_returned():
    figure = plt.figure(layout="constrained")
    left, right = figure.subfigures(1, 2)
    assert charts.rate_dumbbell(CASES["rate_dumbbell"].frame(), fig=right) is figure
    assert len(right.axes) == 1
    assert not left.axes
    alone = Figure(layout="constrained")
    assert charts.rate_dumbbell(CASES["rate_dumbbell"].frame(), fig=alone) is alone


@typical_by_day(CASES, {"amount_by_client"})
def test_a_chart_without_ax_makes_one_constrained_figure_and_shows_nothing(name, monkeypatch):
    shown = []
    monkeypatch.setattr(plt, "show", lambda **options: shown.append(options))
    drawn = CASES[name].draw(CASES[name].frame())
    assert isinstance(drawn, Axes | Figure)
    assert not shown
    (number,) = plt.get_fignums()
    assert plt.figure(number).get_layout_engine().__class__.__name__ == "ConstrainedLayoutEngine"


@typical_by_day(CASES, {"hours_by_week"})
def test_rcparams_and_frame_are_left_as_they_were(name):
    frame = CASES[name].frame()
    settings, copy = dict(mpl.rcParams), frame.copy(deep=True)
    CASES[name].draw(frame)
    assert dict(mpl.rcParams) == settings
    pd.testing.assert_frame_equal(frame, copy)
    assert frame.attrs == copy.attrs


@every_chart
def test_equal_charts_are_equal_files(name, tmp_path):
    drawn = CASES[name].draw(CASES[name].frame())
    assert charts.save(drawn, tmp_path / "again.svg").read_bytes() == expected(name)


@pytest.mark.daily
@every_chart
def test_a_wrong_frame_is_told_how_to_be_made(name):
    case = CASES[name]
    call = re.escape(f"togglframe.{case.record.made_by}")
    for column in case.record.needed:
        message = rf"{name} needs the column '{column}'; make the frame with {call}"
        with pytest.raises(ConfigError, match=message):
            case.draw(case.frame().drop(columns=column))
    with pytest.raises(TypeError, match=f"{name} takes a DataFrame, not Figure"):
        case.draw(Figure())


@pytest.mark.daily
@with_ax
def test_an_array_of_axes_is_refused(name):
    _, several = plt.subplots(2)
    with pytest.raises(TypeError, match="ax is one matplotlib Axes, not ndarray"):
        CASES[name].draw(CASES[name].frame(), ax=several)


@typical
def test_an_empty_frame_says_that_there_is_nothing(name):
    drawn = CASES[name].draw(CASES[name].frame().iloc[:0])
    for ax in axes_of(drawn):
        assert ax.get_title(loc="left").startswith("No ")
        assert any(re.match("There are no .* to show", word) for word in words(ax))
    is_drawn(drawn)


@typical
def test_a_frame_of_nothing_but_na_says_that_there_is_nothing(name):
    frame = CASES[name].frame()
    measures = frame.select_dtypes(["Float64", "timedelta"]).columns
    for column in measures:
        frame[column] = pd.Series([None] * len(frame), dtype=frame[column].dtype)
    for ax in axes_of(CASES[name].draw(frame)):
        assert any(re.match("There are no .* to show", word) for word in words(ax))


@typical
def test_hostile_names_are_text(name):
    record, frame = CASES[name].record, CASES[name].many(HOSTILE)
    drawn = CASES[name].draw(frame, top=None)
    assert not any(text.get_parse_math() for ax in axes_of(drawn) for text in texts(ax))
    is_drawn(drawn)
    printed = [text for ax in axes_of(drawn) for text in [*labels(ax), *words(ax)]]
    japanese = "日本語サイト" if can_be_drawn("日") else MISSING * 6
    told = CASES[name].names(frame)
    for name_of in ("Cost $x^{2$", japanese, "(unnamed)", "_hidden", f"and{MISSING}nul"):
        assert any(name_of in label for label in told), name_of
    for row in record.rows(frame).index:
        assert any(told[row].rstrip("…")[:10] in text for text in printed), told[row]
    assert not any("\u202e" in text or "\x00" in text for text in printed)
    assert max(len(label) for ax in axes_of(drawn) for label in labels(ax)) < 60
    for ax in axes_of(drawn):
        assert len(set(labels(ax))) == len(labels(ax))


@every_chart
def test_a_font_family_of_the_user_is_kept(name):
    with mpl.rc_context({"font.family": ["DejaVu Serif"]}):
        drawn = CASES[name].draw(CASES[name].frame())
    for ax in axes_of(drawn):
        assert {text.get_fontfamily()[0] for text in texts(ax)} == {"DejaVu Serif"}


@pytest.mark.parametrize("rows", [1, 100])
@every_chart
def test_every_text_is_inside_the_figure_and_rows_do_not_touch(name, rows):
    drawn = CASES[name].draw(CASES[name].many([f"Name of row {n}" for n in range(rows)]))
    is_drawn(drawn)
    for ax in axes_of(drawn):
        page = ax.figure.bbox
        for text in texts(ax):
            box = text.get_window_extent()
            assert page.x0 <= box.x0, text.get_text()
            assert box.x1 <= page.x1, text.get_text()
            assert page.y0 <= box.y0, text.get_text()
            assert box.y1 <= page.y1, text.get_text()
        boxes = [label.get_window_extent() for label in ax.get_yticklabels()]
        for above, below in pairwise(boxes):
            assert above.y0 > below.y1


@every_chart
def test_words_do_not_lie_on_one_another(name):
    drawn = CASES[name].draw(CASES[name].frame())
    is_drawn(drawn)
    for ax in axes_of(drawn):
        boxes = [(t.get_text(), t.get_window_extent()) for t in texts(ax)]
        for number, (text, box) in enumerate(boxes):
            for other, its_box in boxes[number + 1 :]:
                apart = (
                    box.x1 <= its_box.x0
                    or its_box.x1 <= box.x0
                    or box.y1 <= its_box.y0 + 1
                    or its_box.y1 <= box.y0 + 1
                )
                assert apart, (text, other)


def overlap(one, other):
    left, right = (max(one.get_x(), other.get_x()), min(end(one), end(other)))
    return left < right and abs(one.get_y() - other.get_y()) < 0.5


def end(bar):
    return bar.get_x() + bar.get_width()


def contrast(one, two):
    def luminance(color):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color[:3]]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    light, dark = sorted([luminance(to_rgb(one)), luminance(to_rgb(two))], reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["togglframe", "dark"])
@typical
def test_texts_and_marks_stand_out_from_the_ground(name, theme):
    with charts.theme(theme):
        drawn = CASES[name].draw(CASES[name].frame())
    for ax in axes_of(drawn):
        ground = ax.figure.get_facecolor()
        assert ax.get_facecolor() == ground
        for text in texts(ax):
            assert contrast(text.get_color(), ground) >= 4.5, text.get_text()
        bars = [p for c in ax.containers if not c.get_label().startswith("_") for p in c.patches]
        beneath = [p for c in ax.containers if c.get_label().startswith("_") for p in c.patches]
        for bar in bars:
            marks = [c for c in (bar.get_facecolor(), bar.get_edgecolor()) if c[3]]
            under = [patch for patch in beneath if overlap(bar, patch)]
            for below in [ground, *(patch.get_facecolor() for patch in under)]:
                assert max(contrast(mark, below) for mark in marks) >= 3
        for marks in ax.collections:
            colors = [*marks.get_facecolor(), *marks.get_edgecolor()]
            assert max(contrast(color, ground) for color in colors) >= 3


def arrow(frame):
    pytest.importorskip("pyarrow")
    return frame.convert_dtypes(dtype_backend="pyarrow")


def objects(frame):
    states = frame.select_dtypes("category").columns
    return frame.astype(dict.fromkeys(frame.columns.difference(states), "object"))


def indexed(frame):
    return frame.set_index(frame.columns[0], drop=False)


def plain_csv(frame):
    return pd.read_csv(StringIO(frame.to_csv(index=False))).rename_axis("row")


@pytest.mark.parametrize("change", [arrow, objects, indexed, plain_csv])
@typical_by_day(CASES, {"estimate_accuracy"})
def test_the_same_values_make_the_same_chart(name, change):
    frame = CASES[name].frame()
    changed = change(frame)
    changed.attrs = frame.attrs
    assert file_of(name, changed) == expected(name)


@every_chart
def test_numpy_that_raises_at_everything_changes_nothing(name):
    with np.errstate(all="raise"):
        assert file_of(name, CASES[name].frame()) == expected(name)


@every_chart
def test_text_that_is_not_inferred_changes_nothing(name):
    with (
        pytest.warns(DeprecationWarning, match="infer_string"),
        pd.option_context("future.infer_string", False),
    ):
        assert file_of(name, CASES[name].frame()) == expected(name)


@pytest.mark.daily
@every_chart
def test_a_column_that_stands_twice_is_named(name):
    frame = CASES[name].frame()
    for column in CASES[name].record.needed:
        twice = pd.concat([frame, frame[[column]]], axis=1)
        message = f"more than one column of the same name: '{column}'"
        with pytest.raises(ConfigError, match=message):
            CASES[name].draw(twice)
    with pytest.raises(ConfigError, match="more than one column of the same name"):
        charts.alt_text(pd.concat([frame, frame], axis=1))


@pytest.mark.daily
@pytest.mark.parametrize("value", [float("inf"), -1e300])
@every_measure
def test_a_number_that_is_none_is_named_with_its_row(name, value):
    frame = CASES[name].frame()
    column = CASES[name].measure
    frame.loc[frame.index[-1], column] = value
    with pytest.raises(ConfigError, match=rf"column '{column}' .* too large; .* in \{{'\w+_id': "):
        CASES[name].draw(frame)


@pytest.mark.daily
@every_measure
def test_a_column_of_something_else_is_named(name):
    frame = CASES[name].frame()
    column = CASES[name].measure
    with pytest.raises(ConfigError, match=f"column '{column}' of .* is str.* make the frame with"):
        CASES[name].draw(frame.assign(**{column: "many"}))


@every_chart
def test_very_large_numbers_are_drawn(name):
    frame = CASES[name].frame()
    for column in frame.select_dtypes("Float64"):
        frame[column] *= 1e14
    is_drawn(CASES[name].draw(frame))
