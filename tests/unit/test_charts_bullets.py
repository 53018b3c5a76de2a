import matplotlib.pyplot as plt
import pytest
from unit.charts_frames import agency, budget, project

from togglframe import charts
from togglframe.errors import ConfigError


def bars(ax, label):
    """Return (left, width, hatch) of the bars with this label."""
    found = [c for c in ax.containers if c.get_label() == label]
    return [(p.get_x(), p.get_width(), p.get_hatch()) for c in found for p in c.patches]


def labels(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def words(ax):
    return [text.get_text() for text in ax.texts]


def test_bars_ticks_and_hatches_are_the_frame():
    ax = charts.budget_bullet(agency())
    assert bars(ax, "Tracked") == [
        (0, 262.5, None),
        (0, 100, None),
        (0, 64, None),
        (0, 95, None),
        (0, 0, None),
        (0, 100, None),
    ]
    assert bars(ax, "Over the estimate") == [(262.5, 50, "/////"), (100, 12, "/////")]
    (ticks,) = [c for c in ax.collections if c.get_label() == "Estimate"]
    assert [path.vertices[0, 0] for path in ticks.get_paths()] == [262.5, 100, 100, 100, 40, 100]
    assert ax.get_title(loc="left") == "2 of 6 estimated projects are over: +62 h gross"
    assert {"119 %", "+50.0 h", "64 %", "\N{MINUS SIGN}36.0 h", "±0.0 h"} <= set(words(ax))


def test_without_an_estimate_is_a_block_of_hollow_bars_below():
    ax = charts.budget_bullet(agency())
    assert labels(ax) == [
        "Relaunch",
        "Web · Beta GmbH",
        "Web · Acme",
        "App",
        "Plan",
        "Audit",
        "Without an estimate",
        "Internal",
        "Project 17 (not listed)",
        "Support",
    ]
    assert bars(ax, "Tracked without an estimate") == [(0, 220, None), (0, 50, None), (0, 33, None)]
    (hollow,) = [c for c in ax.containers if c.get_label() == "Tracked without an estimate"]
    assert {p.get_facecolor() for p in hollow.patches} == {(1.0, 1.0, 1.0, 1.0)}
    assert words(ax).count("no estimate") == 2
    assert words(ax).count("estimate 0") == 1


def test_top_says_how_many_others_and_their_hours():
    frame = agency()
    ax = charts.budget_bullet(frame, top=3)
    drawn = sum(width for _, width, _ in bars(ax, "Tracked") + bars(ax, "Over the estimate"))
    assert labels(ax)[-1] == "and 6 others (498.0 h)"
    assert drawn + 498.0 == frame["tracked_hours"].sum()


def test_the_axes_given_is_the_axes_returned():
    _, ax = plt.subplots(layout="constrained")
    assert charts.budget_bullet(agency(), ax=ax) is ax


def test_a_wrong_frame_is_told_how_to_be_made():
    with pytest.raises(ConfigError, match=r"needs the column 'overrun_hours'; make the frame with"):
        charts.budget_bullet(agency().drop(columns="overrun_hours"))
    with pytest.raises(TypeError, match="takes a DataFrame, not int"):
        charts.budget_bullet(3)


def test_nothing_to_show_is_said():
    ax = charts.budget_bullet(budget())
    assert "There are no projects with a status to show." in words(ax)


def test_one_project():
    ax = charts.budget_bullet(budget(project(1, "Only", 12, 10)))
    assert ax.get_title(loc="left") == "1 of 1 estimated project is over: +2.0 h gross"
