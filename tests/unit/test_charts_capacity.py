"""utilisation_bars: the load of people, its billable part, and a target."""

import pytest
from unit.charts_frames_over_time import BOB, many_users, utilisation, utilised, utilised_row
from unit.charts_reading import bars, columns, hatches, labels, reading, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError


def test_load_is_what_was_tracked_in_all_periods_of_the_capacity_of_all():
    ax = charts.utilisation_bars(utilised())
    assert labels(ax) == ["Ann", "Bob", "Dee"]
    assert bars(ax, "Billable") == [(0, 62.5), (0, 0)]
    assert bars(ax, "Not billable") == [(62.5, 37.5)]
    assert bars(ax, "Not known to be billable") == [(0, 50)]
    assert bars(ax, "Over capacity") == [(100, pytest.approx(10))]
    assert hatches(ax, "Over capacity") == {"/////"}
    assert columns(ax) == {
        "used": ["110 %", "50 %", "0 %"],
        "billable": ["62 %", "0 %"],
        "tracked [h]": ["88", "40", "0"],
    }
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == ["110 %", "62 %", "88"]
    assert title(ax) == "64 % of the capacity was used; one person is over theirs"
    marks = "grey is not billable, crossed is not known to be, hatched is over it."
    assert reading(ax).startswith(f"Per cent of capacity; {marks}")


def test_who_has_no_capacity_is_counted_and_not_drawn():
    hidden = "1 user without a known capacity is not shown."
    assert reading(charts.utilisation_bars(utilised())).endswith(hidden)
    rows = [utilised_row("2026-10-05", None, 3, 3, (n + 10, f"Name {n}")) for n in range(5)]
    ax = charts.utilisation_bars(utilisation(*rows, utilised_row("2026-10-05", 0, 1, 1, BOB)))
    assert title(ax) == "No capacity is known"
    assert "6 users without a known capacity are not shown." in words(ax)


def test_who_has_room_comes_first_on_request():
    ax = charts.utilisation_bars(utilised(), ascending=True)
    assert labels(ax) == ["Dee", "Bob", "Ann"]
    assert labels(charts.utilisation_bars(utilised(), sort="user")) == ["Ann", "Bob", "Dee"]
    others = charts.utilisation_bars(many_users([f"Name {n}" for n in range(200)]))
    assert labels(others)[-1] == "and 180 others"
    assert "5,350 h tracked" in words(others)


def test_a_target_is_a_line_and_says_who_reaches_it():
    ax = charts.utilisation_bars(utilised(), target=0.6)
    (line,) = [line for line in ax.lines if line.get_label() == "Target"]
    assert set(line.get_xdata()) == {60}
    said = "The dashed line is the target of 60 % billable; 1 of 3 reach it."
    assert said in reading(ax)
    for target in (0, 1.1, 75):
        with pytest.raises(ConfigError, match="target is a share of capacity"):
            charts.utilisation_bars(utilised(), target=target)


def test_what_the_report_makes_is_drawn(subtests):
    with tf.demo(scale=6, today="2026-11-26") as ws:
        for options in ({"every": "month"}, {"every": None}):
            with subtests.test(**options):
                frame = tf.reports.utilisation(ws, period="2026-Q3", **options)
                ax = charts.utilisation_bars(frame)
                assert len(labels(ax)) == frame["user_id"].nunique()
