"""What changed between two snapshots, read back from the artists."""

import numpy as np
import pytest
from unit.charts_frames import changed, changes, project
from unit.charts_reading import bars, columns, dots, hatches, labels, reading, title, words

from togglframe import charts
from togglframe.text.formats import MINUS

ORDER = ["Web · Acme", "Plan", "Relaunch", "Web · Beta GmbH", "New", "Old", "App"]


def test_an_arrow_is_what_was_tracked_since_and_its_part_over_the_estimate_is_hatched():
    ax = charts.snapshot_changes(changes())
    assert labels(ax) == ORDER  # by what moved farther, the hours or the estimate
    assert bars(ax, "Tracked since") == [(0, 20), (0, 10), (0, 30), (0, -5)]
    assert bars(ax, "Over the estimate") == [(20, 30), (30, 10)]
    assert hatches(ax, "Over the estimate") == {"/////"}
    heads = {(x, ORDER[int(row)]) for x, row in dots(ax, "Now")}
    assert heads == {
        (0, "Web · Acme"),
        (0, "Plan"),
        (50, "Relaunch"),
        (10, "Web · Beta GmbH"),
        (40, "New"),
        (-5, "App"),
    }


def test_a_tick_is_what_was_left_of_the_estimate_where_it_is_near():
    ax = charts.snapshot_changes(changes())
    (ticks,) = [c for c in ax.collections if c.get_label() == "Estimate"]
    found = {(line[0][0], ORDER[round(np.mean(line[:, 1]))]) for line in ticks.get_segments()}
    assert found == {(20, "Relaunch"), (30, "Web · Beta GmbH"), (30, "New"), (50, "Plan")}


def test_what_went_over_stands_out():
    ax = charts.snapshot_changes(changes())
    bold = {text.get_text() for text in ax.texts if text.get_weight() == "bold"}
    assert {"+50", "130 %", "+40", "133 %"} <= bold  # App was over before
    assert "112 %" not in bold
    assert columns(ax)["tracked [h]"] == ["±0", "±0", "+50", "+10", "+40", "gone", f"{MINUS}5.0"]
    assert {"+60", "+40", f"{MINUS}90"} <= {*columns(ax)["estimate [h]"]}


def test_the_words_are_those_of_the_arrows():
    ax = charts.snapshot_changes(changes())
    assert title(ax) == "2 projects have overrun since 1 November"
    assert reading(ax) == (
        "Arrows are hours tracked since; the tick is what was left of the estimate; hatched is "
        "over it. The larger change, of hours or estimate, comes first. "
        "2 projects with other changes or unknown hours are not shown."
    )
    assert "comes first" not in reading(charts.snapshot_changes(changes(), sort="project"))
    assert "1 to 27 November 2026" in ax.figure._supxlabel.get_text()
    assert charts.alt_text(changes()) == (
        "Tracked hours before and after, against estimates, one row per project: 2 projects have "
        "overrun since 1 November; what went over: Relaunch, New."
    )
    ax = charts.snapshot_changes(changes(), top=2)
    assert labels(ax)[-1] == "and 5 others"
    assert "+95 h tracked" in words(ax)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((10, 20), (15, 20), "No project has overrun since 1 November"),
        ((10, 20), (10, 5), "One has overrun since 1 November"),
        ((10, None), (10, 0), "No project has overrun since 1 November"),
        ((10, None), (30, None), "No project has overrun since 1 November"),
        ((None, 10), (30, 20), "One has overrun since 1 November"),
    ],
)
def test_the_headline_counts_what_is_over_now_and_was_not(before, after, said):
    frame = changed([project(1, "One", *before)], [project(1, "One", *after)])
    ax = charts.snapshot_changes(frame)
    assert title(ax) == said
    assert labels(ax) == ["One"]
    frame.attrs = {}
    ax = charts.snapshot_changes(frame)
    assert "since the earlier snapshot" in title(ax)
    assert "Two snapshots" in ax.figure._supxlabel.get_text()


def test_a_project_without_an_estimate_is_never_over():
    frame = changed([project(1, "One", 10)], [project(1, "One", 30)])
    ax = charts.snapshot_changes(frame)
    assert bars(ax, "Tracked since") == [(0, 20)]
    assert not bars(ax, "Over the estimate")
