import pytest
from unit.charts_frames import agency, budget, project
from unit.charts_reading import bars, columns, hatches, labels, title, words

from togglframe import charts

MINUS = "\N{MINUS SIGN}"


def test_bars_are_the_variances_from_one_zero():
    ax = charts.variance_bars(agency())
    assert labels(ax) == ["Relaunch", "Web · Beta GmbH", "Audit", "App", "Web · Acme", "Plan"]
    assert bars(ax, "Over the estimate") == [(0, 50), (0, 12)]
    assert bars(ax, "At risk") == [(0, 0), (0, -5)]
    assert bars(ax, "Under the estimate") == [(0, -36), (0, -40)]
    assert hatches(ax, "Over the estimate") == {"/////"}
    low, high = ax.get_xlim()
    assert -45 < low < -40
    assert 50 < high < 55
    assert columns(ax) == {
        "difference [h]": ["+50", "+12", "±0", f"{MINUS}5.0", f"{MINUS}36", f"{MINUS}40"],
        "of estimate": ["+19 %", "+12 %", "±0 %", f"{MINUS}5 %", f"{MINUS}36 %", f"{MINUS}100 %"],
    }
    assert title(ax) == "2 of 6 projects with an estimate overran, by 62 h"


def test_what_is_left_out_is_said():
    said = reading(charts.variance_bars(agency()))
    assert said == (
        "To the right is over the estimate, to the left under it, dotted bars are at risk. "
        "Both are still running. 3 projects without an estimate are not shown. "
        "1 project without a status is not shown."
    )
    assert "dotted bars are at risk" in reading(charts.variance_bars(agency(), scale="percent"))
    assert "left" not in reading(charts.variance_bars(budget(project(1, "A", 20, 10))))
    assert "right" not in reading(charts.variance_bars(budget(project(1, "A", 5, 10))))


def reading(ax):
    return " ".join(" ".join(word for word in words(ax) if word.endswith(".")).split())


def test_top_says_what_the_others_are_together():
    frame = agency()
    for top, net in ((1, 69), (3, 81)):
        ax = charts.variance_bars(frame, top=top)
        assert labels(ax)[-1] == f"and {6 - top} others"
        assert f"{MINUS}{net} h together" in words(ax)
        kinds = ("Over the estimate", "At risk", "Under the estimate")
        drawn = sum(width for kind in kinds for _, width in bars(ax, kind))
        assert drawn - net == frame["variance_hours"].sum()


def test_per_cent_are_relative_and_cut():
    frame = budget(project(1, "Wild", 50, 10), project(2, "Calm", 5, 10))
    ax = charts.variance_bars(frame, scale="percent")
    assert bars(ax, "Over the estimate") == [(0, 200)]
    assert bars(ax, "Under the estimate") == [(0, -50)]
    assert {"»", "+400 %", f"{MINUS}50 %", "+40"} <= {*words(ax)}


@pytest.mark.parametrize("scale", ["hours", "percent"])
@pytest.mark.parametrize("side", [1, -1])
def test_a_scale_reaches_no_farther_than_its_bars(scale, side):
    frame = budget(*(project(n, f"P{n}", 100 + side * n, 100) for n in (40, 30, 20)))
    low, high = charts.variance_bars(frame, scale=scale).get_xlim()
    near, far = sorted((abs(low), abs(high)))
    assert near <= 1.2
    assert 40 < far <= 41.2


def test_per_cent_is_ordered_by_per_cent_and_hours_by_hours():
    frame = budget(project(1, "Large", 150, 100), project(2, "Small", 20, 10))
    assert labels(charts.variance_bars(frame)) == ["Large", "Small"]
    assert labels(charts.variance_bars(frame, scale="percent")) == ["Small", "Large"]
    by_hours = charts.variance_bars(frame, scale="percent", sort="variance_hours")
    assert labels(by_hours) == ["Large", "Small"]
