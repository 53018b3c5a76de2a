"""hours_heatmap: the colours, the hollow cells and the numbers."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex, to_rgb
from unit.charts_frames_over_time import BOB, RANGE, hours, hours_row, layers, many_hours
from unit.charts_reading import columns, labels, title, words

from togglframe import charts
from togglframe.text.palette import contrast


def cells(ax):
    """Return the colours of the whole weeks, by row and position."""
    ax.figure.draw_without_rendering()
    (mesh,) = ax.collections
    values = mesh.get_array()
    colors = mesh.get_facecolor().reshape(*values.shape, 4)
    return {
        (int(row), int(at)): to_hex(colors[row, at])
        for row, at in np.argwhere(~np.ma.getmaskarray(values))
    }


def hollow(ax):
    """Return the rows and positions of the cells of weeks that are not whole."""
    (bars,) = ax.containers
    middles = [(p.get_y() + p.get_height() / 2, p.get_x() + p.get_width() / 2) for p in bars]
    return {(round(row), round(at)) for row, at in middles}


def dates(ax):
    return [tick.get_text() for tick in ax.get_xticklabels()]


def test_a_user_without_an_entry_has_no_cell_and_zero_hours_have_one():
    frame = hours(
        hours_row("2026-10-05", 30),
        hours_row("2026-10-12", 0),
        hours_row("2026-10-26", 3, user=BOB),
    )
    ax = charts.hours_heatmap(frame)
    assert labels(ax) == ["Ann", "Bob"]
    assert set(cells(ax)) == {(0, 0), (0, 1), (1, 3)}
    assert {"30", "0", "3.0"} <= set(words(ax))
    assert dates(ax) == ["5 Oct", "12 Oct", "19 Oct", "26 Oct"]


def test_weeks_that_are_not_whole_are_hollow_and_not_in_the_mean():
    ax = charts.hours_heatmap(layers())
    assert labels(ax) == ["Ann", "Bob", "Cas"]  # Bob has more hours in all
    assert hollow(ax) == {(0, 0), (0, 4), (1, 0), (1, 4)}
    assert set(cells(ax)) == {(0, 1), (1, 1), (1, 2), (2, 2)}
    assert title(ax) == "Ann has the longest weeks: 10.0 h"
    found = columns(ax)
    assert found["a week [h]"] == ["10.0", "7.7", "0.7"]
    assert found["tracked [h]"] == ["45", "53", "2.0"]
    assert {"5.0", "30", "8.0", "15", "25", "10", "2.0"} <= set(words(ax))
    assert dates(ax)[0] == "28 Sep\n4 of 7 days"
    reading = "The stronger the colour, the longer the week; without one, nothing was tracked. "
    said = [word.replace("\n", " ") for word in words(ax)]
    assert f"{reading}Cells are weeks from Monday; hollow ones are not whole." in said


def test_the_mean_of_days_is_that_of_weekdays():
    days = pd.date_range("2026-10-05", "2026-10-18")
    rows = [hours_row(str(day.date()), 8) for day in days if day.day_of_week < 5]
    ax = charts.hours_heatmap(hours(*rows, hours_row("2026-10-10", 3)), every="day")
    assert title(ax) == "Ann has the longest days: 8.0 h"
    assert columns(ax) == {"a weekday [h]": ["8.0"], "tracked [h]": ["83"]}


def test_where_no_week_is_whole_there_is_no_mean():
    frame = hours(hours_row("2026-09-28", 8.0), **RANGE)
    frame.attrs["togglframe"]["today"] = "2026-10-02"
    ax = charts.hours_heatmap(frame)
    assert hollow(ax) == {(0, 0)}
    assert columns(ax) == {"tracked [h]": ["8.0"]}


@pytest.mark.parametrize("theme", ["togglframe", "dark"])
def test_more_hours_have_a_stronger_colour_from_the_fewest_on(theme):
    frame = hours(*(hours_row(f"2026-10-{5 + 7 * n:02}", 30 + 3 * n) for n in range(4)))
    with charts.theme(theme):
        ax = charts.hours_heatmap(frame)
    ground = np.array(to_rgb(ax.get_facecolor()))
    fills = [color for _, color in sorted(cells(ax).items())]
    away = [float(np.abs(np.array(to_rgb(color)) - ground).sum()) for color in fills]
    assert all(more > less + 0.1 for less, more in pairwise(away))
    assert away[0] < 0.3 * away[-1]
    (ink,) = {text.get_color() for text in ax.texts if text.get_text() == "39"}
    assert all(contrast(ink, color) >= 4.5 for color in fills)


def test_numbers_stand_in_all_cells_or_in_none():
    weeks = pd.date_range("2024-01-01", periods=100, freq="7D")
    rows = [hours_row(str(week.date()), 37 if n else 4) for n, week in enumerate(weeks)]
    assert not {"37", "4.0"} & set(words(charts.hours_heatmap(hours(*rows))))


def test_two_hundred_users_are_twenty_rows_and_a_line():
    ax = charts.hours_heatmap(many_hours([f"Name {n}" for n in range(200)]))
    assert len(labels(ax)) == 21
    assert labels(ax)[-1] == "and 180 others"
    assert any(word.endswith(" h tracked") for word in words(ax))
