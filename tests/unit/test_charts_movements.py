"""What moved between two snapshots, read back from the artists."""

import numpy as np
import pytest
from unit.charts_frames import changed, changes, project
from unit.charts_reading import bars, dots, labels, title, words

from togglframe import charts
from togglframe.text.formats import MINUS

pytestmark = pytest.mark.nightly

ORDER = ["Web · Acme", "Plan", "Relaunch", "Web · Beta GmbH", "New", "Old", "App"]


@pytest.mark.daily
def test_a_bar_is_what_was_before_and_what_came_since_within_and_over_the_estimate():
    ax = charts.snapshot_changes(changes())
    assert labels(ax) == ORDER  # by what moved farther, the hours or the estimate
    assert bars(ax, "Before") == [(0, 9), (0, 10), (0, 80), (0, 120), (0, 25), (0, 45)]
    assert bars(ax, "Since then") == [(80, 20), (120, 10), (0, 30)]
    assert bars(ax, "Over the estimate") == [(100, 30), (30, 10)]
    assert bars(ax, "Taken away") == [(45, 5)]


@pytest.mark.daily
def test_what_went_over_is_marked_and_stands_out():
    ax = charts.snapshot_changes(changes())
    assert dots(ax, "Went over") == [(130, ORDER.index("Relaunch")), (40, ORDER.index("New"))]
    bold = {text.get_text() for text in ax.texts if text.get_weight() == "bold"}
    assert bold == {"+50.0 h", "130 %", "+40.0 h", "133 %"}  # App was over before


def test_an_estimate_that_moved_is_seen_where_it_was_and_where_it_is():
    ax = charts.snapshot_changes(changes())
    rows = {name: ORDER.index(name) for name in ("Web · Acme", "Web · Beta GmbH")}
    segments = {
        c.get_label(): c.get_segments() for c in ax.collections if c.get_label() != "Went over"
    }
    before = [(line[0][0], np.mean(line[:, 1])) for line in segments["Estimate before"]]
    assert before == [(90, rows["Web · Acme"]), (110, rows["Web · Beta GmbH"])]
    (way,) = segments["Moved"]
    assert way[:, 0].tolist() == [110, 150]
    assert {"+60.0 h", "+40.0 h", f"{MINUS}90.0 h"} <= set(words(ax))


def test_the_words_tell_what_the_bars_do():
    ax = charts.snapshot_changes(changes())
    assert title(ax) == "2 projects went over since 2026-11-01; +95 h tracked; 3 estimates changed"
    said = " ".join(words(ax)).replace("\n", " ")
    assert (
        "Snapshots of 2026-11-01 and 2026-11-27 · +55.0 h tracked on 5 projects in both · "
        "1 new with 40.0 h · 1 gone with 25.0 h, not offset · "
        "2 with other changes or unknown hours, not drawn"
    ) in said
    assert {"gone", f"{MINUS}5.0 h"} <= set(words(ax))
    assert charts.alt_text(changes()) == (
        "Tracked hours before and after, against estimates, one row per project: 2 projects went "
        "over since 2026-11-01; +95 h tracked; 3 estimates changed; what went over: Relaunch, New."
    )
    ax = charts.snapshot_changes(changes(), top=2)
    assert labels(ax)[-1] == "and 5 others (+95.0 h tracked, 2 went over)"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ((10, 20), (15, 20), "No project went over since 2026-11-01; +5.0 h tracked"),
        (
            (10, 20),
            (10, 5),
            "1 project went over since 2026-11-01; ±0 h tracked; 1 estimate changed",
        ),
        (
            (10, None),
            (10, 0),
            "No project went over since 2026-11-01; ±0 h tracked; 1 estimate changed",
        ),
        ((10, None), (30, None), "No project went over since 2026-11-01; +20 h tracked"),
    ],
)
def test_the_finding_counts_what_is_over_now_and_was_not(before, after, said):
    frame = changed([project(1, "One", *before)], [project(1, "One", *after)])
    ax = charts.snapshot_changes(frame)
    assert title(ax) == said
    assert labels(ax) == ["One"]
    frame.attrs = {}
    assert "since the earlier snapshot" in title(charts.snapshot_changes(frame))
