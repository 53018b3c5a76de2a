import random

import pandas as pd
import pytest
from joins import client_hours
from unit.charts_frames import ACME, BETA, agency, budget, clients, project, typed
from unit.charts_reading import bars, dots, hatches, labels, title, words

from togglframe import charts
from togglframe.tables import PROJECT_BUDGET

pytestmark = pytest.mark.nightly

MINUS = "\N{MINUS SIGN}"


@pytest.mark.daily
def test_bars_are_the_variances_from_one_zero():
    ax = charts.variance_bars(agency())
    assert labels(ax) == ["Relaunch", "Web · Beta GmbH", "Audit", "App", "Web · Acme", "Plan"]
    assert bars(ax, "Over the estimate") == [(0, 50), (0, 12)]
    assert bars(ax, "Under the estimate") == [(0, 0), (0, -5), (0, -36), (0, -40)]
    assert hatches(ax, "Over the estimate") == {"/////"}
    low, high = ax.get_xlim()
    assert low < -40
    assert high > 50
    assert {"+50.0 h", "+19 %", "±0.0 h", "±0 %", f"{MINUS}5.0 h", f"{MINUS}5 %"} <= set(words(ax))
    assert ax.get_xlabel() == f"Variance [h], tracked {MINUS} estimate"


def test_what_has_no_estimate_is_left_out_and_said():
    footer = words(charts.variance_bars(agency()))[-1]
    left_out = "2 without an estimate, 1 with an estimate of 0, 1 without a status"
    assert f"not drawn: {left_out}" in footer


def test_top_says_the_net_of_the_others_and_what_of_the_title_is_theirs():
    frame = agency()
    ax = charts.variance_bars(frame, top=1)
    assert labels(ax)[-1] == f"and 5 others ({MINUS}69.0 h net)"
    assert "+12.0 h gross" in words(ax)
    assert title(ax).endswith("+62 h gross; 1 of 6 projects is drawn")
    assert bars(ax, "Over the estimate") == [(0, 50)]
    ax = charts.variance_bars(frame, top=3)
    assert labels(ax)[-1] == f"and 3 others ({MINUS}81.0 h net)"
    drawn = sum(w for _, w in bars(ax, "Over the estimate") + bars(ax, "Under the estimate"))
    assert drawn - 81 == frame["variance_hours"].sum()


@pytest.mark.daily
def test_pins_are_relative_and_cut():
    frame = budget(project(1, "Wild", 50, 10), project(2, "Calm", 5, 10))
    ax = charts.variance_bars(frame, scale="percent")
    assert dots(ax, "Over the estimate") == [(200, 0)]
    assert dots(ax, "Under the estimate") == [(-50, 1)]
    assert {"» +400 %", f"{MINUS}50 %", "+40.0 h"} <= set(words(ax))


@pytest.mark.parametrize("scale", ["hours", "percent"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_scale_reaches_no_farther_than_bars_and_their_numbers_need(scale, side):
    frame = budget(*(project(n, f"P{n}", 100 + side * n, 100) for n in (40, 30, 20)))
    ax = charts.variance_bars(frame, scale=scale)
    ax.figure.draw_without_rendering()
    low, high = ax.get_xlim()
    plot = ax.get_window_extent()
    zero = ax.transData.transform((0, 0))[0]
    before, after = zero - plot.x0, plot.x1 - zero
    assert min(before, after) < 0.02 * plot.width
    longest = ax.transData.transform((side * 40, 0))[0]
    assert abs(longest - zero) > 0.7 * plot.width
    numbers = [t.get_window_extent() for t in ax.texts if t.get_text()[0] in f"+{MINUS}"]
    assert all(plot.x0 - 1 <= box.x0 < box.x1 for box in numbers)
    assert low < high


def test_per_cent_is_ordered_by_per_cent_and_hours_by_hours():
    frame = budget(project(1, "Large", 150, 100), project(2, "Small", 20, 10))
    assert labels(charts.variance_bars(frame)) == ["Large", "Small"]
    assert labels(charts.variance_bars(frame, scale="percent")) == ["Small", "Large"]
    by_hours = charts.variance_bars(frame, scale="percent", sort="variance_hours")
    assert labels(by_hours) == ["Large", "Small"]


def test_the_others_are_off_by_a_share_that_is_made_of_their_sums():
    frame = budget(*(project(n, f"P{n}", 10 * n, 100) for n in range(1, 5)))
    assert f"{MINUS}80 %" in words(charts.variance_bars(frame, top=1))


def test_only_the_sides_that_are_there_are_explained():
    ax = charts.variance_bars(budget(project(1, "A", 20, 10)))
    assert "left" not in " ".join(words(ax))
    ax = charts.variance_bars(budget(project(1, "A", 5, 10)))
    assert "right" not in " ".join(words(ax))


def archived(frame, *projects):
    is_archived = frame["project"].isin(projects).to_numpy()
    return frame.assign(active=frame["active"].mask(is_archived, False))


def portfolio():
    """Two clients over, one of them under as well; 5 h are saved, 76 h are not yet used."""
    return client_hours(archived(agency(), "App"))


@pytest.mark.daily
def test_waterfall_bridges_estimate_to_tracked_and_tells_saved_from_unfinished():
    ax = charts.variance_waterfall(portfolio())
    assert labels(ax) == [
        "Estimates compared",
        "Acme",
        "Beta GmbH",
        "Saved on archived projects",
        "Not yet used on the others",
        "Tracked on these projects",
    ]
    assert bars(ax, "Estimate") == [(0, 702.5)]
    assert bars(ax, "Over the estimate") == [(702.5, 50), (752.5, 12)]
    assert bars(ax, "Saved") == [(764.5, -5)]
    assert bars(ax, "Not yet used") == [(759.5, -76)]
    assert bars(ax, "Tracked") == [(0, 683.5)]
    assert hatches(ax, "Over the estimate") == {"/////"}
    (left,) = [c for c in ax.containers if c.get_label() == "Not yet used"]
    assert {patch.get_facecolor() for patch in left.patches} == {(1.0, 1.0, 1.0, 1.0)}


@pytest.mark.daily
def test_the_title_of_a_waterfall_is_made_of_its_steps():
    ax = charts.variance_waterfall(portfolio())
    over, saved, left, net = "+62.0 h", f"{MINUS}5.0 h", f"{MINUS}76.0 h", f"{MINUS}19.0 h"
    assert title(ax) == f"{over} gross over, {saved} saved, {left} not yet used: {net} net"
    assert {"702.5 h", "+50.0 h", "+12.0 h", saved, left, "683.5 h"} <= set(words(ax))
    assert 50 + 12 - 5 - 76 == -19 == 683.5 - 702.5


def test_waterfall_says_what_is_compared():
    footer = " ".join(words(charts.variance_waterfall(portfolio()))[-1].split())
    assert "683.5 h tracked where the estimate is above 0, for 3 clients, 2 of them over" in footer
    assert "(no client) without an estimated project" in footer


def test_waterfall_of_a_frame_that_does_not_tell_saved_from_unfinished_says_so():
    older = portfolio().drop(columns=["saved_hours", "remaining_hours"])
    ax = charts.variance_waterfall(older)
    assert labels(ax)[3:] == ["Under: saved or not yet used", "Tracked on these projects"]
    assert bars(ax, "Under the estimate") == [(764.5, -81)]
    assert bars(ax, "Tracked") == [(0, 683.5)]
    assert title(ax) == f"+62.0 h gross over, {MINUS}81.0 h under: {MINUS}19.0 h net"
    footer = " ".join(words(ax)[-1].split())
    assert "the frame does not separate saved hours from unused ones" in footer


def test_waterfall_says_where_a_late_scale_starts():
    ax = charts.variance_waterfall(clients())
    start = ax.get_xlim()[0]
    assert 0 < start < 683.5
    assert ax.get_xlabel() == f"Comparable tracked [h], the scale starts at {start:g} h"
    assert words(ax).count("//") == 2
    wide = charts.variance_waterfall(client_hours(budget(project(1, "Half", 4, 10))))
    assert wide.get_xlim()[0] == 0


def test_waterfall_keeps_the_others_as_one_step():
    ax = charts.variance_waterfall(portfolio(), top=1)
    assert labels(ax)[1:4] == ["Acme", "and 1 other (gross)", "Saved on archived projects"]
    assert bars(ax, "Over the estimate") == [(702.5, 50), (752.5, 12)]
    assert bars(ax, "Tracked") == [(0, 683.5)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("gross_overrun_hours", ["Acme", "Beta GmbH"]),
        ("variance_hours", ["Beta GmbH", "Acme"]),
        ("client", ["Acme", "Beta GmbH"]),
        (None, ["Acme", "Beta GmbH"]),
    ],
)
def test_the_order_of_the_steps_can_be_chosen(sort, order):
    assert labels(charts.variance_waterfall(portfolio(), sort=sort))[1:3] == order


@pytest.mark.parametrize("tracked", [0, 10, 10_000])
def test_a_bridge_of_one_client(tracked):
    frame = client_hours(
        budget(
            project(1, "A", tracked, 10, client=ACME),
            project(2, "B", None, client=BETA),
        )
    )
    ax = charts.variance_waterfall(frame)
    assert bars(ax, "Tracked") == [(0, tracked)]
    assert ("Acme" in labels(ax)) == (tracked > 10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bridge_ends_exactly_at_what_was_tracked(seed):
    chance = random.Random(seed)
    rows = [project(n, "P", 1, 1, client=(n % 5, "C")) for n in range(40)]
    for row in rows:
        row["active"] = chance.random() < 0.5
        for time in ("tracked_time", "estimated_time"):
            row[time] = pd.Timedelta(milliseconds=chance.randrange(10**9))
    frame = typed(PROJECT_BUDGET, rows)
    ax = charts.variance_waterfall(client_hours(frame))
    tracked, estimate = (
        frame[time].sum() // pd.Timedelta(milliseconds=1)
        for time in ("tracked_time", "estimated_time")
    )
    assert bars(ax, "Estimate") == [(0, estimate / 3_600_000)]
    assert bars(ax, "Tracked") == [(0, tracked / 3_600_000)]
    steps = [bars(ax, label) for label in ("Over the estimate", "Saved", "Not yet used")]
    ms = [round(width * 3_600_000) for bar in steps for _, width in bar]
    assert estimate + sum(ms) == tracked
