"""retainer_bars and balance_lines: a row for each retainer, and for each person."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection
from matplotlib.colors import to_hex
from unit.charts_frames_over_time import autumn, balanced, balances
from unit.charts_reading import columns, labels, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.text.formats import MINUS
from togglframe.text.palette import LIGHT


def heights(ax, label):
    """Return the heights of the columns of the only row, by month, in parts of the highest."""
    return {
        round(patch.get_x() + patch.get_width() / 2): patch.get_height() / -0.76
        for container in ax.containers
        if container.get_label() == label
        for patch in container.patches
    }


def one(frame, project):
    return frame[frame["project"] == project]


def test_hours_stand_before_what_was_available_and_what_was_carried_is_on_top():
    ax = charts.retainer_bars(one(autumn(), "Care"))
    assert heights(ax, "Available") == pytest.approx({0: 40 / 60, 1: 40 / 60, 2: 40 / 60})
    assert heights(ax, "Carried over") == pytest.approx({1: 10 / 60, 2: 5 / 60})
    assert heights(ax, "Tracked") == pytest.approx({0: 30 / 60, 1: 45 / 60, 2: 45 / 60})
    assert heights(ax, "Beyond it") == pytest.approx({2: 15 / 60})
    assert [t.get_text() for t in ax.get_xticklabels()] == ["Sep", "Oct", "Nov\nso far"]


def test_a_month_that_has_begun_is_hollow_and_at_risk_if_it_is_nearly_used():
    ax = charts.retainer_bars(one(autumn(), "Hosting"))
    faces = {
        (container.get_label(), round(patch.get_x() + 0.25)): to_hex(patch.get_facecolor())
        for container in ax.containers
        for patch in container.patches
    }
    assert faces["Tracked", 0] == LIGHT.within.fill.lower()
    assert faces["At risk", 2] == "#ffffff"
    assert ("Tracked", 2) not in faces
    frame = one(autumn(), "Hosting")
    frame.attrs["togglframe"] = {**frame.attrs["togglframe"], "today": "2026-10-26"}
    assert len(charts.retainer_bars(frame).get_xticks()) == 2  # November is to come


def test_the_numbers_are_those_of_the_last_period_the_most_used_first():
    ax = charts.retainer_bars(autumn())
    assert labels(ax) == ["Care", "Hosting", "Support"]
    assert columns(ax) == {
        "left [h]": [f"{MINUS}15", "3.0", "27"],
        "available [h]": ["45", "30", "30"],
        "used": ["133 %", "90 %", "10 %"],
    }
    assert title(ax) == "1 of 3 retainers is used up"
    reading = " ".join(words(ax)).replace("\n", " ")
    assert "Columns are months; the hollow one is not whole. Grey is what was available" in reading
    assert "numbers are those of Nov 2026." in reading
    assert labels(charts.retainer_bars(autumn(), sort="name", top=1))[1] == "and 2 others"
    assert "30 h left" in words(charts.retainer_bars(autumn(), top=1))


def test_a_budget_of_a_client_has_its_name_and_nothing_available_is_all_beyond():
    frame = one(autumn(), "Care").assign(project=None, project_id=None)
    frame = frame.astype({"project": "str", "project_id": "Int64"})
    frame["available_hours"] = [40, -5, 0]
    ax = charts.retainer_bars(frame)
    assert labels(ax) == ["Acme"]
    assert heights(ax, "Beyond it") == pytest.approx({1: 45 / 60, 2: 1})
    assert columns(ax)["used"] == []


def test_lines_go_from_the_opening_balance_on_one_scale():
    ax = charts.balance_lines(balances())
    assert labels(ax) == ["Anna Keller", "Cas", "Bob"]
    assert columns(ax)["balance [h]"] == ["+14", "+2.0", f"{MINUS}12"]
    anna, cas, bob = (line.get_ydata() for line in ax.lines)
    scale = 0.8 / (14 + 12)
    assert np.diff(anna) == pytest.approx(-scale * np.array([2, -6, 8]))
    assert np.diff(bob) == pytest.approx(-scale * np.array([-3, -5, -4]))
    axes = [lines for lines in ax.collections if isinstance(lines, LineCollection)]
    zeros = [lines.get_segments()[0][0, 1] for lines in axes]
    assert zeros == [*ax.get_yticks()]  # where the names are
    assert anna[0] == pytest.approx(zeros[0] - 10 * scale)
    assert cas[0] == pytest.approx(zeros[1])
    assert title(ax) == "Anna Keller is 14 h over"
    reading = " ".join(words(ax)).replace("\n", " ")
    assert "above the grey line is over; the last month is not whole." in reading
    assert "1 person without a schedule is not shown." in reading


def test_of_many_people_those_furthest_from_zero_are_drawn():
    frame = balanced(*((n, f"P{n:02}", 0, [n - 5.0, 0, 0]) for n in range(11)))
    assert labels(charts.balance_lines(frame, top=4)) == [
        "P10",
        "P09",
        "P01",
        "P00",
        "and 7 others",
    ]
    assert labels(charts.balance_lines(frame, top=2, sort="user"))[:2] == ["P00", "P01"]


def test_who_is_a_little_over_has_the_colour_of_over_beside_who_is_far_under():
    ax = charts.balance_lines(balanced((1, "Ann", 0, [2.0]), (2, "Bob", 0, [-200.0])))
    dots = [one for one in ax.collections if isinstance(one, PathCollection)]
    colors = [to_hex(dot.get_edgecolor()[0]) for dot in dots]
    assert colors == [LIGHT.over.fill.lower(), LIGHT.within.fill.lower()]


def test_one_row_for_a_whole_range_has_no_line():
    with pytest.raises(ConfigError, match="balance_lines needs the column 'period'"):
        charts.balance_lines(balances().drop(columns="period"))


def test_the_frames_of_reports_are_drawn(ws):
    autumn = {"period": "2026-09..2026-11"}
    frame = tf.reports.balance(ws, 38, **autumn)
    running = frame[frame["period"] == "2026-11-01"]["running_hours"]
    drawn = columns(charts.balance_lines(frame, top=None))["balance [h]"]
    assert len(drawn) == running.notna().sum()
    budgets = {"Northwind Coffee Roasters": 250}
    ax = charts.retainer_bars(tf.reports.retainer(ws, budgets, **autumn))
    assert labels(ax) == ["Northwind Coffee Roasters"]
