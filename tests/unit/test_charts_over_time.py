from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from unit.charts_frames_over_time import (
    BOB,
    hours,
    hours_row,
    layers,
    many_hours,
    many_users,
    utilisation,
    utilised,
    utilised_row,
)
from unit.charts_reading import bars, hatches, labels, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import EARNINGS, HOURS, UTILISATION

pytestmark = pytest.mark.nightly


def columns(ax):
    """Return of each layer, from the bottom, where its columns begin and end, by place."""
    return {c.get_label(): columns_of(c) for c in ax.collections}


def columns_of(layer):
    corners = [path.vertices for path in layer.get_paths()]
    return {round(c[:4, 0].mean()): ends(c) for c in corners}


def ends(corners):
    return tuple(np.round([corners[:, 1].min(), corners[:, 1].max()], 6).tolist())


def dates(ax):
    return [tick.get_text() for tick in ax.get_xticklabels()]


def printed(ax):
    return " ".join(word.replace("\n", " ") for word in words(ax))


@pytest.mark.daily
def test_a_length_that_the_periods_do_not_have_is_refused():
    for draw, frame in (
        (charts.hours_by_week, layers()),
        (charts.hours_heatmap, layers()),
    ):
        with pytest.raises(
            ConfigError, match=r"every must be one of None, 'day', 'week', 'month'.* not 'y'"
        ):
            draw(frame, every="y")
        wrong = "month" if "tracked_hours" in frame else "week"
        with pytest.raises(ConfigError, match=f"some periods .* do not begin with a {wrong}"):
            draw(frame, every=wrong)


def cells(ax):
    """Return the fillings of the cells, by row and place of the period."""
    (found,) = ax.collections
    middles = [path.vertices[:4].mean(axis=0) for path in found.get_paths()]
    colors = [tuple(color[:3]) for color in found.get_facecolor()]
    return {(round(y), round(x)): color for (x, y), color in zip(middles, colors, strict=True)}


@pytest.mark.daily
def test_a_user_without_an_entry_has_no_cell_and_zero_hours_have_one():
    frame = hours(
        hours_row("2026-10-05", 30),
        hours_row("2026-10-12", 0),
        hours_row("2026-10-26", 3, user=BOB),
    )
    ax = charts.hours_heatmap(frame)
    assert labels(ax) == ["Ann", "Bob"]
    found = cells(ax)
    assert set(found) == {(0, 0), (0, 1), (1, 3)}
    assert found[0, 1] == to_rgb(ax.get_facecolor())
    assert {"30", "0", "3.0"} <= set(words(ax))
    assert dates(ax) == ["5 Oct", "12 Oct", "19 Oct", "26 Oct"]


def test_a_user_of_several_projects_has_their_sum():
    ax = charts.hours_heatmap(layers())
    assert labels(ax) == ["Bob", "Ann", "Cas"]
    assert {"5.0", "30", "8.0", "15", "25", "10", "2.0"} <= set(words(ax))
    assert title(ax) == (
        "3 users tracked 100.0 h in 5 weeks; most in the week from 5 Oct 2026: Ann, 30.0 h"
    )


@pytest.mark.parametrize("theme", ["togglframe", "dark"])
def test_more_hours_are_farther_from_the_ground_in_grey_and_numbers_can_be_read(theme):
    frame = hours(*(hours_row(f"2026-10-{5 + 7 * n:02}", 5 + 10 * n) for n in range(4)))
    with charts.theme(theme):
        ax = charts.hours_heatmap(frame)
    weights = np.array((0.2126, 0.7152, 0.0722))
    ground = float(weights @ to_rgb(ax.get_facecolor()))
    away = [abs(float(weights @ color) - ground) for color in cells(ax).values()]
    assert all(more > less + 0.03 for less, more in pairwise(away))
    ink = {text.get_color() for text in ax.texts if text.get_text() == "35"}
    darkest = list(cells(ax).values())[-1]
    assert contrast(to_rgb(ink.pop()), darkest) >= 4.5


def contrast(one, other):
    def luminance(color):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in color]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)


def test_numbers_stand_in_all_cells_or_in_none():
    weeks = [str(day.date()) for day in pd.date_range("2024-01-01", periods=100, freq="7D")]
    frame = hours(*(hours_row(week, 38 if n else 4) for n, week in enumerate(weeks)))
    assert not {"38", "4.0"} & set(words(charts.hours_heatmap(frame)))


def test_two_hundred_users_are_twenty_rows_and_a_line():
    ax = charts.hours_heatmap(many_hours([f"Name {n}" for n in range(200)]))
    assert len(labels(ax)) == 21
    assert labels(ax)[-1].startswith("and 180 others (")


@pytest.mark.daily
def test_load_is_what_was_tracked_in_all_periods_of_the_capacity_of_all():
    ax = charts.utilisation_bars(utilised())
    assert labels(ax) == ["Ann", "Bob", "Dee"]
    assert bars(ax, "Billable") == [(0, 62.5), (0, 0)]
    assert bars(ax, "Not billable") == [(62.5, 37.5), (0, 50)]
    assert bars(ax, "Over capacity") == [(100, pytest.approx(10))]
    assert hatches(ax, "Over capacity") == {"/////"}
    assert {"110 %", "62 %", "88.0 h", "50 %", "not known", "0 %"} <= set(words(ax))
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == ["110 %"]
    assert title(ax) == "1 of 3 users is over capacity; 64 % of all capacity is tracked"


def test_who_has_no_capacity_is_named_and_not_drawn():
    said = printed(charts.utilisation_bars(utilised()))
    assert "not drawn, capacity unknown or zero: Cas" in said
    rows = [utilised_row("2026-10-05", None, 3, 3, (n + 10, f"Name {n}")) for n in range(5)]
    ax = charts.utilisation_bars(utilisation(*rows, utilised_row("2026-10-05", 0, 1, 1, BOB)))
    assert title(ax) == "None of the 6 users has a capacity to measure against"
    assert "zero: Name 0, Name 1, Name 2 and 3 more" in printed(ax)


def test_who_has_room_comes_first_on_request():
    ax = charts.utilisation_bars(utilised(), ascending=True)
    assert labels(ax) == ["Dee", "Bob", "Ann"]
    assert labels(charts.utilisation_bars(utilised(), sort="user")) == ["Ann", "Bob", "Dee"]
    others = charts.utilisation_bars(many_users([f"Name {n}" for n in range(200)]))
    assert labels(others)[-1] == "and 180 others (5,350.0 h tracked)"


@pytest.mark.parametrize("size", [(4, 3), (13.3, 7.5)])
def test_words_are_inside_on_small_axes_and_on_a_slide(size):
    for draw, frame in (
        (charts.hours_heatmap, many_hours([f"Name {n}" for n in range(200)])),
        (charts.utilisation_bars, utilised()),
    ):
        figure, ax = plt.subplots(figsize=size)
        draw(frame, ax=ax)
        figure.draw_without_rendering()
        for text in ax.texts:
            box = text.get_window_extent()
            assert -1 <= box.x0 < box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert -1 <= box.y0 < box.y1 <= figure.bbox.y1 + 1, text.get_text()
        plt.close(figure)


@pytest.mark.parametrize("table", [HOURS, EARNINGS, UTILISATION])
def test_what_the_reports_make_can_be_drawn(table):
    drawn = {
        "hours": lambda: [
            charts.hours_by_week(made("hours", by=["project", "client"], every="week")),
            charts.hours_by_week(made("hours", by="client", every="day")),
            charts.hours_by_week(made("hours", by=[], every="month"), ax=plt.subplots()[1]),
            charts.hours_heatmap(made("hours", by="user", every="week")),
        ],
        "earnings": lambda: charts.earnings_by_month(made("earnings", every="month")).axes,
        "utilisation": lambda: [charts.utilisation_bars(made("utilisation"))],
    }
    for ax in drawn[table.name]():
        assert ax.collections or ax.containers


def made(report, **options):
    return getattr(tf.reports, report)(tf.demo(), period="2026-03", **options)
