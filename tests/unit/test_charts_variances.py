import pytest
from unit.charts_frames import ACME, BETA, agency, budget, clients, project
from unit.charts_reading import bars, dots, hatches, labels, title, words

from togglframe import charts
from togglframe.joins import client_hours

MINUS = "\N{MINUS SIGN}"


def test_bars_are_the_variances_on_equal_arms():
    ax = charts.variance_bars(agency())
    assert labels(ax) == ["Relaunch", "Web · Beta GmbH", "Audit", "App", "Web · Acme", "Plan"]
    assert bars(ax, "Over the estimate") == [(0, 50), (0, 12)]
    assert bars(ax, "Under the estimate") == [(0, 0), (0, -5), (0, -36), (0, -40)]
    assert hatches(ax, "Over the estimate") == {"/////"}
    low, high = ax.get_xlim()
    assert low == -high
    assert {"+50.0 h", "+19 %", "±0.0 h", "±0 %", f"{MINUS}5.0 h", f"{MINUS}5 %"} <= set(words(ax))
    assert ax.get_xlabel() == f"Variance [h], tracked {MINUS} estimate"


def test_what_has_no_estimate_is_left_out_and_said():
    footer = words(charts.variance_bars(agency()))[-1]
    left_out = "2 without an estimate, 1 with an estimate of 0, 1 without a status"
    assert f"not drawn: {left_out}" in footer


def test_top_says_the_net_of_the_others():
    frame = agency()
    ax = charts.variance_bars(frame, top=3)
    assert labels(ax)[-1] == f"and 3 others ({MINUS}81.0 h net)"
    drawn = sum(w for _, w in bars(ax, "Over the estimate") + bars(ax, "Under the estimate"))
    assert drawn - 81 == frame["variance_hours"].sum()


def test_pins_are_relative_and_cut():
    frame = budget(project(1, "Wild", 50, 10), project(2, "Calm", 5, 10))
    ax = charts.variance_bars(frame, scale="percent")
    assert dots(ax, "Over the estimate") == [(200, 0)]
    assert dots(ax, "Under the estimate") == [(-50, 1)]
    assert {"» +400 %", f"{MINUS}50 %", "+40.0 h"} <= set(words(ax))


def test_waterfall_bridges_estimate_to_tracked():
    ax = charts.variance_waterfall(clients())
    assert labels(ax) == [
        "All estimates",
        "Beta GmbH",
        "Client 3 (not listed)",
        "Acme",
        "Tracked on them",
    ]
    assert bars(ax, "Estimate") == [(0, 702.5)]
    assert bars(ax, "Over the estimate") == [(702.5, 7)]
    assert bars(ax, "Under the estimate") == [(709.5, 0), (709.5, -26)]
    assert bars(ax, "Tracked") == [(0, 683.5)]
    assert {"702.5 h", "+7.0 h", f"{MINUS}26.0 h", "683.5 h"} <= set(words(ax))
    assert title(ax) == f"{MINUS}19 h net against the estimates: +62 h gross over"


def test_waterfall_says_where_a_late_scale_starts():
    ax = charts.variance_waterfall(clients())
    start = ax.get_xlim()[0]
    assert 0 < start < 683.5
    assert ax.get_xlabel() == f"Comparable tracked [h], the scale starts at {start:g} h"
    assert words(ax).count("//") == 2
    wide = charts.variance_waterfall(client_hours(budget(project(1, "Half", 4, 10))))
    assert wide.get_xlim()[0] == 0


def test_waterfall_keeps_the_others_as_one_step():
    ax = charts.variance_waterfall(clients(), top=1)
    assert labels(ax)[2] == f"and 2 others ({MINUS}26.0 h net)"
    assert bars(ax, "Under the estimate") == [(709.5, -26)]
    assert bars(ax, "Tracked") == [(0, 683.5)]


def test_waterfall_says_which_clients_have_no_estimate():
    assert (
        "1 client without an estimated project" in words(charts.variance_waterfall(clients()))[-1]
    )


@pytest.mark.parametrize("tracked", [0, 10, 10_000])
def test_a_bridge_of_one_step(tracked):
    frame = client_hours(
        budget(
            project(1, "A", tracked, 10, client=ACME),
            project(2, "B", None, client=BETA),
        )
    )
    ax = charts.variance_waterfall(frame)
    assert bars(ax, "Tracked") == [(0, tracked)]
    assert labels(ax) == ["All estimates", "Acme", "Tracked on them"]
