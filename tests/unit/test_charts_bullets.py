import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from unit.charts_frames import ACME, agency, budget, project, week
from unit.charts_reading import bars, hatches, labels, texts, title, words

from togglframe import charts
from togglframe.errors import ConfigError

pytestmark = pytest.mark.nightly

MINUS = "\N{MINUS SIGN}"


@pytest.mark.daily
def test_bars_ticks_and_hatches_are_the_frame():
    ax = charts.budget_bullet(agency())
    within = [(0, 262.5), (0, 100), (0, 100), (0, 95), (0, 64), (0, 0)]
    assert bars(ax, "Tracked") == within
    assert bars(ax, "Over the estimate") == [(262.5, 50), (100, 12)]
    assert hatches(ax, "Tracked") == {None}
    assert hatches(ax, "Over the estimate") == {"/////"}
    (ticks,) = [c for c in ax.collections if c.get_label() == "Estimate"]
    assert [path.vertices[0, 0] for path in ticks.get_paths()] == [262.5, 100, 100, 100, 100, 40]
    assert title(ax) == "2 of 6 estimated projects are over: +62 h gross"
    assert ax.get_xlabel() == "Tracked [h]"


def test_every_row_tells_its_share_and_its_variance():
    said = words(charts.budget_bullet(agency()))
    assert {"119 %", "+50.0 h", "64 %", f"{MINUS}36.0 h", "100 %", "±0.0 h", "0 %"} <= set(said)
    bold = [t.get_text() for t in charts.budget_bullet(agency()).texts if t.get_weight() == "bold"]
    assert bold == ["119 %", "112 %", "+50.0 h", "+12.0 h"]


@pytest.mark.daily
def test_without_an_estimate_is_a_block_of_hollow_bars_below():
    ax = charts.budget_bullet(agency())
    assert labels(ax) == [
        "Relaunch",
        "Web · Beta GmbH",
        "Audit",
        "App",
        "Web · Acme",
        "Plan",
        "Without an estimate",
        "Internal",
        "Project 17 (not listed)",
        "Support",
    ]
    assert bars(ax, "Tracked without an estimate") == [(0, 220), (0, 50), (0, 33)]
    (hollow,) = [c for c in ax.containers if c.get_label() == "Tracked without an estimate"]
    assert {p.get_facecolor() for p in hollow.patches} == {(1.0, 1.0, 1.0, 1.0)}
    assert words(ax).count("no estimate") == 2
    assert words(ax).count("estimate 0") == 1


def test_the_footer_tells_the_scope():
    said = "\n".join(words(charts.budget_bullet(agency())))
    assert "986.5 h tracked in 10 projects, 69 % of it against an estimate" in said
    assert "2 without an estimate · 1 with an estimate of 0 · not drawn: 1 without a status" in said
    assert "Workspace 1234567 · lifetime totals" in said
    assert "fetched 2026-03-01 10:00 UTC, from the cache · active projects only" in said
    assert "lifetime" not in " ".join(words(charts.budget_bullet(agency(), footer=False)))


def test_the_footer_without_attrs_tells_what_is_known():
    assert "Lifetime totals" in "\n".join(words(charts.budget_bullet(agency(stamp=False))))


@pytest.mark.parametrize("top", [1, 2, 3, 6, 8])
def test_top_says_how_many_others_their_hours_and_what_of_the_title_is_theirs(top):
    frame = agency()
    ax = charts.budget_bullet(frame, top=top)
    shown = ("Tracked", "Over the estimate", "Tracked without an estimate")
    drawn = sum(width for label in shown for _, width in bars(ax, label))
    others = frame["tracked_hours"].sum() - drawn
    over = 62 - sum(width for _, width in bars(ax, "Over the estimate"))
    noun = "other" if top == 8 else "others"
    assert labels(ax)[-1] == f"and {9 - top} {noun} ({others:,.1f} h tracked)"
    assert [word for word in words(ax) if word.endswith(" gross")] == [
        f"+{hours:.1f} h gross" for hours in [over] if hours
    ]


def columns(ax):
    """Return the texts of each column of numbers, by its head: what ends where the head does."""
    ax.figure.draw_without_rendering()
    ends = {}
    for text in ax.texts:
        ends.setdefault(round(text.get_window_extent().x1), []).append(text.get_text())
    heads = ("tracked", "of estimate", f"tracked {MINUS} estimate")
    return {head: texts for texts in ends.values() for head in heads if head in texts}


def test_every_column_holds_what_its_head_says():
    held = columns(charts.budget_bullet(agency()))
    assert held["tracked"][:3] == ["312.5 h", "112.0 h", "100.0 h"]
    assert {"220.0 h", "50.0 h", "33.0 h"} <= set(held["tracked"])
    signed = [text for text in held[f"tracked {MINUS} estimate"] if text[0] in f"+±{MINUS}"]
    assert len(signed) == 6
    assert set(held[f"tracked {MINUS} estimate"]) == {*signed, f"tracked {MINUS} estimate"}
    assert held["of estimate"].count("no estimate") == 2


def test_where_all_have_an_estimate_the_bars_say_what_is_tracked():
    held = columns(charts.budget_bullet(agency(), top=6))
    assert set(held) == {"of estimate", f"tracked {MINUS} estimate"}


def test_without_any_estimate_nothing_is_explained_that_is_not_there():
    frame = budget(project(1, "A", 50), project(2, "B", 30, 0))
    ax = charts.budget_bullet(frame)
    assert labels(ax) == ["A", "B"]
    said = " ".join(words(ax))
    for absent in ("of estimate", "tick", "hatched", "ground", "over it"):
        assert absent not in said
    assert f"tracked {MINUS} estimate" not in said
    assert columns(ax) == {"tracked": ["50.0 h", "30.0 h", "tracked"]}
    alone = " ".join(words(charts.budget_bullet(budget(project(1, "A", 5, 10)))))
    assert "without an estimate" not in alone
    assert "estimate of 0" not in alone
    calm = " ".join(words(charts.budget_bullet(budget(project(1, "A", 5, 10)))))
    assert "hatched" not in calm


def test_the_others_used_a_share_that_is_made_of_their_sums():
    frame = budget(*(project(n, f"P{n}", 10 * n, 100) for n in range(1, 5)))
    held = columns(charts.budget_bullet(frame, top=1))
    assert held["of estimate"][-2:] == ["20 %", "of estimate"]
    assert "20 %" not in words(charts.budget_bullet(agency(), top=1))


def test_percent_is_cut_and_says_so():
    frame = budget(project(1, "Wild", 50, 10), project(2, "Calm", 5, 10))
    ax = charts.budget_bullet(frame, scale="percent")
    assert bars(ax, "Tracked") == [(0, 100), (0, 50)]
    assert bars(ax, "Over the estimate") == [(100, 100)]
    assert {"»", "500 %", "+40.0 h"} <= set(words(ax))
    assert (
        bars(charts.budget_bullet(agency(), scale="percent"), "Tracked without an estimate") == []
    )


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


def test_the_ground_shows_where_risk_begins():
    ax = charts.budget_bullet(budget(project(1, "Only", 5, 10)), at_risk=0.5)
    grounds = [c for c in ax.containers if c.get_label().startswith("_")]
    assert [(p.get_x(), p.get_width()) for c in grounds for p in c.patches] == [(0, 5), (5, 5)]
    bare = charts.budget_bullet(agency(), at_risk=None)
    assert not [c for c in bare.containers if c.get_label().startswith("_")]


@pytest.mark.daily
@pytest.mark.parametrize("wrong", [{"sort": "colour"}, {"scale": "days"}, {"top": 0}])
def test_impossible_options_are_refused(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        charts.budget_bullet(agency(), **wrong)


def test_a_numpy_integer_is_a_top():
    assert (
        labels(charts.budget_bullet(agency(), top=np.int64(2)))[-1]
        == "and 7 others (562.0 h tracked)"
    )


def test_a_page_holds_twenty_rows_and_the_sum_of_the_others():
    many = budget(*(project(number, f"P{number}", 2, 4) for number in range(1, 231)))
    assert labels(charts.budget_bullet(many))[-1] == "and 210 others (420.0 h tracked)"
    assert len(labels(charts.budget_bullet(many, top=230))) == 230
    assert len(labels(charts.budget_bullet(many, top=None))) == 230


def test_the_heading_of_a_panel_never_covers_what_it_holds():
    other = week().assign(user_id=2, user="Northwind Coffee Roasters & Sons, Wholesale")
    other["id"] += 10
    frame = pd.concat([other, week()], ignore_index=True)
    fig = charts.timesheet_strip(frame, sort=None)
    fig.draw_without_rendering()
    name, detail = (
        next(text for text in fig.axes[-1].texts if part in text.get_text())
        for part in ("Northwind", "17.0 h")
    )
    assert name.get_window_extent().x1 < detail.get_window_extent().x0


def test_a_frame_that_went_through_a_plain_csv_is_drawn_the_same(tmp_path):
    frame = agency()
    frame.to_csv(tmp_path / "b.csv", index=False)
    drawn = charts.budget_bullet(pd.read_csv(tmp_path / "b.csv"))
    assert title(drawn) == title(charts.budget_bullet(frame))
    assert bars(drawn, "Tracked") == bars(charts.budget_bullet(frame), "Tracked")


@pytest.mark.daily
def test_a_project_that_stands_twice_is_refused():
    frame = pd.concat([agency(), agency().head(1)])
    with pytest.raises(ConfigError, match=r"one row per project_id.*drop_duplicates"):
        charts.budget_bullet(frame)


def test_a_title_can_be_anything_and_top_is_a_whole_number():
    assert title(charts.budget_bullet(agency(), title=2024, top=np.int64(2))) == "2024"
    with pytest.raises(
        TypeError, match=r"top is how many rows to draw: give a whole number, not 2\.5"
    ):
        charts.budget_bullet(agency(), top=2.5)
    with pytest.raises(TypeError, match="top is how many rows to draw"):
        charts.budget_bullet(agency(), top=True)
    for wrong in (1.5, "3", None):
        with pytest.raises(TypeError, match="max_panels is how many users"):
            charts.timesheet_strip(week(), max_panels=wrong)
    with pytest.raises(TypeError, match="fig is a matplotlib Figure"):
        charts.timesheet_strip(week(), fig=3)


def test_a_very_large_sum_of_hours_is_drawn():
    frame = budget(*(project(n, f"P{n}", 1.5, 10, client=ACME) for n in (1, 2)))
    frame["tracked_hours"] *= 1e9
    milliseconds = frame["tracked_time"].astype("int64") * 10**9
    frame["tracked_time"] = milliseconds.astype("timedelta64[ms]")
    assert "3,000,000,000.0 h tracked" in " ".join(words(charts.budget_bullet(frame, top=1)))


@pytest.mark.parametrize("ratios", [[1, 1], [3, 2], [1, 2]])
def test_the_words_of_panels_side_by_side_are_inside_the_figure(ratios):
    figure, (left, right) = plt.subplots(
        1, 2, figsize=(16, 5), layout="constrained", width_ratios=ratios
    )
    frame = agency()
    frame["project"] = frame["project"].fillna("x") + " of a rather long name"
    charts.budget_bullet(frame, ax=left)
    charts.variance_bars(agency(), ax=right)
    figure.draw_without_rendering()
    whole = figure.bbox
    for text in (*texts(left), *texts(right)):
        box = text.get_window_extent()
        assert whole.x0 <= box.x0 < box.x1 <= whole.x1, text.get_text()


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
