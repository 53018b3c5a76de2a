import random

import pandas as pd
import pytest
from joins import client_hours
from unit.charts_frames import ACME, BETA, agency, budget, clients, project, typed
from unit.charts_reading import bars, hatches, labels, title, words

from togglframe import charts
from togglframe.tables import PROJECT_BUDGET

pytestmark = pytest.mark.nightly

MINUS = "\N{MINUS SIGN}"


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
