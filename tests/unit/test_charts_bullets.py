import numpy as np
import pandas as pd
import pytest
from unit.charts_frames import agency, budget, project
from unit.charts_reading import bars, columns, hatches, labels, title, words

from togglframe import charts
from togglframe.errors import ConfigError

MINUS = "\N{MINUS SIGN}"


def archived(frame, *projects):
    """Return the frame with these projects archived."""
    is_archived = frame["project"].isin(projects).to_numpy()
    return frame.assign(active=frame["active"].mask(is_archived, False))


def test_bars_ticks_and_patterns_are_the_frame():
    ax = charts.budget_bullet(agency())
    assert bars(ax, "Tracked") == [(0, 262.5), (0, 100), (0, 64), (0, 0)]
    assert bars(ax, "At risk") == [(0, 100), (0, 95)]
    assert bars(ax, "Over the estimate") == [(262.5, 50), (100, 12)]
    assert bars(ax, "Tracked without an estimate") == [(0, 220), (0, 50), (0, 33)]
    patterns = ("Tracked", "At risk", "Over the estimate", "Tracked without an estimate")
    assert [*map(hatches, [ax] * 4, patterns)] == [{None}, {"...."}, {"/////"}, {"xxxx"}]
    (ticks,) = [c for c in ax.collections if c.get_label() == "Estimate"]
    assert [path.vertices[0, 0] for path in ticks.get_paths()] == [262.5, 100, 100, 100, 100, 40]
    assert title(ax) == "2 of 6 projects with an estimate overran, by 62 h"


def test_only_what_can_still_be_acted_on_is_at_risk():
    finished = archived(agency(), "App")
    assert bars(charts.budget_bullet(finished), "At risk") == [(0, 100)]
    unknown = agency().assign(active=pd.array([None] * 10, dtype="boolean"))
    assert bars(charts.budget_bullet(unknown), "At risk") == [(0, 100), (0, 95)]
    assert bars(charts.budget_bullet(agency(), at_risk=0.6), "At risk")[-1] == (0, 64)
    assert bars(charts.budget_bullet(agency(), at_risk=None), "At risk") == []


def test_every_column_holds_what_its_head_says():
    held = columns(charts.budget_bullet(agency()))
    assert held["of estimate"] == [
        *("119 %", "112 %", "100 %", "95 %", "64 %", "0 %"),
        *("estimate 0", "no estimate", "no estimate"),
    ]
    signed = ["+50", "+12", "±0", f"{MINUS}5.0", f"{MINUS}36", f"{MINUS}40"]
    assert held["difference [h]"] == signed
    assert held["tracked [h]"] == ["312", "112", "100", "95", "64", "0", "220", "50", "33"]
    assert set(columns(charts.budget_bullet(agency(), top=5))) == {"of estimate", "difference [h]"}
    bold = [
        t.get_text()
        for t in charts.budget_bullet(agency(), top=2).texts
        if t.get_weight() == "bold"
    ]
    assert bold == ["119 %", "112 %", "+50", "+12"]


def test_what_has_no_estimate_is_a_block_below():
    assert labels(charts.budget_bullet(agency())) == [
        "Relaunch",
        "Web · Beta GmbH",
        "Audit",
        "App",
        "Web · Acme",
        "Plan",
        "Internal",
        "Project 17 (not listed)",
        "Support",
    ]
    bare = charts.budget_bullet(budget(project(1, "A", 50), project(2, "B", 30, 0)))
    assert columns(bare) == {"tracked [h]": ["50", "30"]}
    assert title(bare) == "None of 2 projects has an estimate"


def test_the_grey_line_says_how_to_read_it_and_what_is_not_in_it():
    said = reading(charts.budget_bullet(archived(agency(), "Web")))
    assert said == (
        "The tick is the estimate; hatched hours are beyond it, dotted bars have used 80 % or more "
        "of it. Crossed bars have no estimate to compare with. 1 of the 2 that overran is still "
        "running. 1 project without a status is not shown."
    )
    calm = reading(charts.budget_bullet(budget(project(1, "A", 5, 10))))
    assert calm == "The tick is the estimate."
    assert reading(charts.budget_bullet(agency(), at_risk=None)).count("dotted") == 0


def reading(ax):
    return " ".join(" ".join(word for word in words(ax) if word.endswith(".")).split())


@pytest.mark.parametrize("top", [1, 2, 3, 6])
def test_top_says_how_many_others_there_are_and_their_hours(top):
    frame = agency()
    ax = charts.budget_bullet(frame, top=top)
    shown = ("Tracked", "At risk", "Over the estimate", "Tracked without an estimate")
    drawn = sum(width for label in shown for _, width in bars(ax, label))
    others = frame["tracked_hours"].sum() - drawn
    more = (frame["overrun_hours"] > 0).sum() - len(bars(ax, "Over the estimate"))
    assert labels(ax)[-1] == f"and {9 - top} others, {more or 'none'} over"
    assert f"{others:,.0f} h tracked" in words(ax)


def test_others_are_said_to_be_over_or_not_only_where_some_project_is():
    frame = budget(*(project(n, f"P{n}", 5, 10) for n in range(9)))
    assert labels(charts.budget_bullet(frame, top=3))[-1] == "and 6 others"


def test_one_hidden_row_is_drawn_instead_of_counted():
    assert len(labels(charts.budget_bullet(agency(), top=8))) == 9
    assert labels(charts.budget_bullet(agency(), top=8))[-1] == "Support"


def test_percent_is_cut_and_says_so():
    frame = budget(project(1, "Wild", 50, 10), project(2, "Calm", 5, 10))
    ax = charts.budget_bullet(frame, scale="percent")
    assert bars(ax, "Tracked") == [(0, 100), (0, 50)]
    assert bars(ax, "Over the estimate") == [(100, 100)]
    assert {"»", "500 %", "+40"} <= set(words(ax))
    without = charts.budget_bullet(agency(), scale="percent")
    assert bars(without, "Tracked without an estimate") == []


@pytest.mark.parametrize(
    ("sort", "first"),
    [
        ("overrun_hours", ["Relaunch", "Web · Beta GmbH", "Audit"]),
        ("variance_hours", ["Relaunch", "Web · Beta GmbH", "Audit"]),
        ("progress", ["Relaunch", "Web · Beta GmbH", "Audit"]),
        ("tracked_hours", ["Relaunch", "Web · Beta GmbH", "Audit"]),
        ("project", ["App", "Audit", "Plan"]),
    ],
)
def test_the_order_can_be_chosen(sort, first):
    assert labels(charts.budget_bullet(agency(), sort=sort))[:3] == first


def test_the_order_of_the_frame_can_be_kept():
    upside_down = agency().iloc[::-1]
    kept = labels(charts.budget_bullet(upside_down, sort=None))
    assert kept[:3] == ["Plan", "Web · Acme", "App"]


@pytest.mark.parametrize("wrong", [{"sort": "colour"}, {"scale": "days"}, {"top": 0}])
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        charts.budget_bullet(agency(), **wrong)


def test_a_project_that_stands_twice_is_refused():
    frame = pd.concat([agency(), agency().head(1)])
    with pytest.raises(ConfigError, match=r"one row per project_id.*drop_duplicates"):
        charts.budget_bullet(frame)


def test_what_is_not_over_goes_by_progress_whatever_the_order_of_the_frame():
    frame = budget(
        project(1, "Half", 10, 20),
        project(2, "Full", 20, 20),
        project(3, "Over", 21, 20),
        project(4, "Almost", 99, 100),
        project(5, "Other half", 15, 30),
    ).sample(frac=1, random_state=1)
    ranked = ["Over", "Full", "Almost", "Half", "Other half"]
    assert labels(charts.budget_bullet(frame)) == ranked
    assert labels(charts.variance_bars(frame, sort="progress")) == ranked


def test_a_numpy_integer_is_a_top():
    assert labels(charts.budget_bullet(agency(), top=np.int64(2)))[-1] == "and 7 others, none over"


def test_a_very_large_sum_of_hours_is_drawn():
    frame = budget(*(project(n, f"P{n}", 1.5, 10) for n in (1, 2, 3)))
    frame["tracked_hours"] *= 1e9
    assert "3,000,000,000 h tracked" in words(charts.budget_bullet(frame, top=1))
