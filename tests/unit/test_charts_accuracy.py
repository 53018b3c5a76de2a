import pytest
from unit.charts_frames import task, tasks, typed
from unit.charts_reading import columns, dots, labels, title, words

from togglframe import charts
from togglframe.tables import TASK_ACCURACY

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"


def printed(ax):
    return " ".join(" ".join(words(ax)).split())


def test_dots_are_the_ratios_by_length_of_overrun():
    ax = charts.estimate_accuracy(tasks(), by="task")
    assert labels(ax) == ["Design · Relaunch", "Design · Web", "Tests", "Docs"]
    assert dots(ax, "Over the estimate") == [(2, 0), (1.5, 1)]
    assert dots(ax, "As estimated") == [(1, 2)]
    assert dots(ax, "Under the estimate") == [(0.5, 3)]
    assert columns(ax) == {
        "of estimate": [f"2.00{TIMES}", f"1.50{TIMES}", f"1.00{TIMES}", f"0.50{TIMES}"],
        "difference [h]": ["+10", "+5.0", "±0", f"{MINUS}3.0"],
    }
    assert title(ax) == "Half of the tasks stayed within their estimate"


def test_twice_and_half_are_equally_far_from_the_estimate():
    ax = charts.estimate_accuracy(tasks(), by="task")
    ends = [ax.transData.transform((ratio, 0))[0] for ratio in (0.5, 1, 2)]
    assert ends[1] - ends[0] == pytest.approx(ends[2] - ends[1])
    assert [t.get_text() for t in ax.get_xticklabels()] == [f"½{TIMES}", f"1{TIMES}", f"2{TIMES}"]


def test_open_tasks_are_drawn_on_request():
    assert labels(charts.estimate_accuracy(tasks(), by="task", done=False)) == ["Later"]
    assert len(labels(charts.estimate_accuracy(tasks(), by="task", done=None))) == 5


def test_what_is_left_out_is_said():
    said = printed(charts.estimate_accuracy(tasks(), by="task"))
    assert "1 task not done is not shown." in said
    assert "2 tasks without an estimate or tracked time are not shown." in said
    frame = tasks()
    frame.loc[frame["task"] == "Docs", "done"] = None
    said = printed(charts.estimate_accuracy(frame, by="task"))
    assert "2 tasks not done are not shown." in said


def test_farther_than_eight_times_is_drawn_at_the_edge_and_said():
    frame = typed(TASK_ACCURACY, [task(1, "Slow", 100, 1), task(2, "Quick", 1, 100)])
    ax = charts.estimate_accuracy(frame, by="task")
    assert dots(ax, "Over the estimate") == [(8, 0)]
    assert dots(ax, "Under the estimate") == [(0.125, 1)]
    assert columns(ax)["of estimate"] == [f"100{TIMES}", f"0.01{TIMES}"]
    assert "dots at the edge are farther." in printed(ax)
    assert "edge" not in printed(charts.estimate_accuracy(tasks()))


def test_top_says_the_hours_of_the_others():
    ax = charts.estimate_accuracy(tasks(), by="task", top=1)
    assert labels(ax)[-1] == "and 3 others"
    assert "26 h tracked" in words(ax)


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


def test_tasks_are_a_distribution_on_the_row_of_their_project():
    ax = charts.estimate_accuracy(portfolio())
    assert labels(ax) == ["Web", "Relaunch", "App"]  # of three tasks; then those of one
    assert dots(ax, "Over the estimate") == [(2, 0), (1.5, 0), (8, 1)]
    assert dots(ax, "As estimated") == [(1, 0)]
    assert dots(ax, "Under the estimate") == [(0.5, 2)]
    (ticks,) = [c for c in ax.collections if c.get_label() == "Median"]
    assert [path.vertices[0, 0] for path in ticks.get_paths()] == [1.5]
    assert columns(ax) == {
        "median": [f"1.50{TIMES}", f"10{TIMES}", f"0.50{TIMES}"],
        "difference [h]": ["+15", "+81", f"{MINUS}5.0"],
        "tasks": ["3", "1", "1"],
    }
    assert title(ax) == "40 % of the tasks stayed within their estimate"


def test_tasks_are_a_distribution_on_the_row_of_their_assignee():
    ax = charts.estimate_accuracy(portfolio(), by="user", sort="task")
    assert labels(ax) == ["(no assignee)", "Ann", "Bob"]
    assert sorted(dots(ax, "Under the estimate") + dots(ax, "Over the estimate")) == [
        (0.5, 1), (1.5, 0), (2, 1), (8, 0)
    ]  # fmt: skip


def test_what_is_over_stands_out_only_where_hours_are_over_too():
    rows = [task(n, f"T{n}", tracked, 10) for n, tracked in enumerate((11, 12, 1))]
    ax = charts.estimate_accuracy(typed(TASK_ACCURACY, rows))
    assert columns(ax)["difference [h]"] == [f"{MINUS}6.0"]
    assert {text.get_weight() for text in ax.texts} == {"normal"}
