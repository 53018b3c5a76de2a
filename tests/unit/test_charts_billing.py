from unit.charts_frames import agency, budget, project
from unit.charts_reading import bars, columns, labels, title, words

from togglframe import charts


def test_split_is_the_billable_and_the_other_hours():
    ax = charts.billable_split(agency())
    assert labels(ax)[:3] == ["Relaunch", "Internal", "Web · Beta GmbH"]
    assert bars(ax, "Billable") == [(0, width) for width in (250, 0, 80, 50, 0, 60, 2, 33, 0)]
    assert bars(ax, "Not billable") == [
        (250, 62.5), (0, 220), (80, 32), (50, 50), (0, 95), (60, 4), (2, 48)
    ]  # fmt: skip
    held = columns(ax)
    assert held["billable"] == ["80 %", "0 %", "71 %", "50 %", "0 %", "94 %", "4 %", "100 %"]
    assert held["tracked [h]"][:2] == ["312", "220"]
    assert title(ax) == "Half of the hours are billable"


def test_split_in_per_cent_leaves_out_what_has_no_share():
    ax = charts.billable_split(agency(), scale="percent", top=2)
    assert bars(ax, "Billable") == [(0, 80), (0, 0)]
    assert bars(ax, "Not billable") == [(80, 20), (0, 100)]
    assert labels(ax)[-1] == "and 7 others"
    assert "454 h tracked" in words(ax)
    everything = charts.billable_split(agency(), scale="percent")
    assert len(bars(everything, "Billable")) == 8


def test_split_says_what_is_not_drawn():
    frame = agency()
    frame.loc[frame["project"] == "App", ["billable_hours", "non_billable_hours"]] = None
    ax = charts.billable_split(frame)
    assert "App" not in labels(ax)
    assert any(
        "2 projects with unknown billable hours are not shown." in word for word in words(ax)
    )
    assert title(ax) == "53 % of the hours are billable"


def test_ordered_by_share_the_headline_is_about_what_bills_nothing():
    ax = charts.billable_split(agency(), sort="billable_share", ascending=True, top=4)
    assert set(labels(ax)[:2]) == {"Internal", "App"}
    assert labels(ax)[2] == "Project 17 (not listed)"
    assert title(ax) == "2 projects bill nothing: 315 h"
    one = budget(project(1, "Web", 10, None, 5), project(2, "Plan", 4, None, 0))
    assert title(charts.billable_split(one, sort="billable_share")) == "Plan bills nothing: 4.0 h"
    ax = charts.billable_split(agency(), sort="non_billable_hours", top=2)
    assert labels(ax)[:2] == ["Internal", "App"]


def test_hours_of_which_the_billable_part_is_not_known_are_not_called_nothing():
    frame = agency()
    frame[["billable_hours", "non_billable_hours"]] = None
    said = title(charts.billable_split(frame))
    assert said == "The billable hours of 10 projects are unknown"


def test_the_text_alternative_is_about_what_is_billable(tmp_path):
    path = charts.save(charts.billable_split(agency()), tmp_path / "split.svg")
    said = "<title>Billable hours, one row per project: Half of the hours are billable.</title>"
    assert said in path.read_text("utf-8")
