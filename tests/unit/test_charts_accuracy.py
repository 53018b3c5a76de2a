import numpy as np
import pytest
from unit.charts_frames import task, tasks, typed
from unit.charts_reading import dots, labels, title, words

from togglframe import charts
from togglframe.tables import TASK_ACCURACY

pytestmark = pytest.mark.nightly

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"


@pytest.mark.daily
def test_dots_are_the_ratios_by_length_of_overrun():
    ax = charts.estimate_accuracy(tasks(), by="task")
    assert labels(ax) == ["Design · Relaunch", "Design · Web", "Tests", "Docs"]
    assert dots(ax, "Over the estimate") == [(2, 0), (1.5, 1)]
    assert dots(ax, "As estimated") == [(1, 2)]
    assert dots(ax, "Under the estimate") == [(0.5, 3)]
    assert {f"2.00{TIMES}", "+10.0 h", f"0.50{TIMES}", f"{MINUS}3.0 h", "±0.0 h"} <= set(words(ax))
    assert (
        title(ax)
        == f"2 of 4 done tasks took longer than estimated; the median took 1.25{TIMES} its estimate"
    )


def test_twice_and_half_are_equally_far_from_the_estimate():
    ax = charts.estimate_accuracy(tasks(), by="task")
    ends = [ax.transData.transform((ratio, 0))[0] for ratio in (0.5, 1, 2)]
    assert ends[1] - ends[0] == pytest.approx(ends[2] - ends[1])
    assert [t.get_text() for t in ax.get_xticklabels()] == [
        f"½{TIMES}",
        "as estimated",
        f"2{TIMES}",
    ]


def test_over_and_under_point_away_from_the_estimate():
    ax = charts.estimate_accuracy(tasks(), by="task")
    tips = {}
    for label in ("Over the estimate", "Under the estimate"):
        (found,) = [c for c in ax.collections if c.get_label() == label]
        across = np.unique(found.get_paths()[0].vertices, axis=0)[:, 0]
        middle = (across.max() + across.min()) / 2
        tips[label] = "right" if across.mean() < middle else "left"
    assert tips == {"Over the estimate": "right", "Under the estimate": "left"}


def test_open_tasks_are_drawn_when_asked_for():
    assert labels(charts.estimate_accuracy(tasks(), by="task", done=False)) == ["Later"]
    assert len(labels(charts.estimate_accuracy(tasks(), by="task", done=None))) == 5


def test_what_cannot_be_measured_is_said():
    footer = words(charts.estimate_accuracy(tasks(), by="task"))[-1]
    assert "1 open, not drawn" in footer
    assert "2 without an estimate or without tracked time, not drawn" in footer
    frame = tasks()
    frame.loc[frame["task"] == "Docs", "done"] = None
    footer = " ".join(words(charts.estimate_accuracy(frame, by="task"))[-1].split())
    assert "1 open, not drawn · 1 of unknown state, not drawn" in footer


def test_farther_than_eight_times_is_cut_and_says_so():
    frame = typed(TASK_ACCURACY, [task(1, "Slow", 100, 1), task(2, "Quick", 1, 100)])
    ax = charts.estimate_accuracy(frame, by="task")
    assert dots(ax, "Over the estimate") == [(8, 0)]
    assert dots(ax, "Under the estimate") == [(0.125, 1)]
    assert {f"» 100{TIMES}", f"« 0.01{TIMES}"} <= set(words(ax))


def test_top_says_the_hours_of_the_others():
    ax = charts.estimate_accuracy(tasks(), by="task", top=1)
    assert labels(ax)[-1] == "and 3 others (26.0 h tracked)"
    assert {f"1.08{TIMES}", "+2.0 h"} <= set(words(ax))  # 26 h of 24 h


def portfolio():
    web, app = (12, "Web"), (13, "App")
    rows = [
        task(1, "A", 20, 10, project=web),
        task(2, "B", 10, 10, project=web),
        task(3, "C", 15, 10, project=web),
        task(4, "D", 5, 10, project=app),
        task(5, "E", 4, 10, project=app, done=False),
        task(6, "F", 90, 9),
    ]
    people = {1: "Ann", 4: "Ann", 2: "Bob"}
    ids = {"Ann": 7, "Bob": 8}
    frame = typed(TASK_ACCURACY, rows)
    frame["assignee"] = [people.get(row["task_id"]) for row in rows]
    frame["user_id"] = [ids.get(people.get(row["task_id"])) for row in rows]
    return frame.astype({"user_id": "Int64", "assignee": TASK_ACCURACY["assignee"].dtype})


@pytest.mark.daily
def test_tasks_are_a_distribution_on_the_row_of_their_project():
    ax = charts.estimate_accuracy(portfolio())
    assert labels(ax) == ["Relaunch", "Web", "App"]
    assert dots(ax, "Over the estimate") == [(8, 0), (2, 1), (1.5, 1)]
    assert dots(ax, "As estimated") == [(1, 1)]
    assert dots(ax, "Under the estimate") == [(0.5, 2)]
    (ticks,) = [c for c in ax.collections if c.get_label() == "Median"]
    assert [path.vertices[0, 0] for path in ticks.get_paths()] == [8, 1.5, 0.5]
    assert {"3", f"10{TIMES}", f"1.50{TIMES}", "+15.0 h", "median", "tasks"} <= set(words(ax))
    assert title(ax).startswith("3 of 5 done tasks took longer than estimated")


def test_tasks_are_a_distribution_on_the_row_of_their_assignee():
    ax = charts.estimate_accuracy(portfolio(), by="user", sort="task")
    assert labels(ax) == ["(no assignee)", "Ann", "Bob"]
    assert sorted(dots(ax, "Under the estimate") + dots(ax, "Over the estimate")) == [
        (0.5, 1), (1.5, 0), (2, 1), (8, 0)
    ]  # fmt: skip


def test_the_others_are_counted_in_tasks_and_their_medians_make_no_sum():
    ax = charts.estimate_accuracy(portfolio(), top=1)
    assert labels(ax) == ["Relaunch", "and 2 others (50.0 h tracked)"]
    assert title(ax).endswith("; 1 of 3 projects is drawn")
    last = [t.get_text() for t in ax.texts if getattr(t, "xy", (0, 0))[1] == 1]
    assert {"4", "+10.0 h"} <= set(last)
    assert not any(TIMES in text for text in last)
