"""task_accuracy, estimate_bias, estimate_reconciliation and workload by small examples."""

import joins
import pandas as pd
import pytest
from joins_data import frame

from togglframe import reports
from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.tables import PROJECT_STATUSES, PROJECTS, TASKS

HOUR = 3600
PROJECT_ROWS = frame(PROJECTS, {"id": 1, "name": "Web", "currency": "EUR", "client_id": 5})


def task(task_id, tracked=None, estimated=None, **more):
    return {
        "id": task_id,
        "active": False,
        "project_id": 1,
        "tracked_time": tracked if tracked is None else tracked * HOUR,
        "estimated_time": estimated if estimated is None else estimated * HOUR,
        **more,
    }


def accuracy_of(*tasks, **options):
    return joins.task_accuracy(frame(TASKS, *tasks), PROJECT_ROWS, **options)


def test_every_figure_of_a_task():
    (row,) = accuracy_of(
        task(
            20,
            6,
            4,
            name="Draft",
            project_name="Web",
            client_id=5,
            client_name="Acme",
            user_id=7,
            user_name="Ada",
            rate=85.0,
            recurring=False,
            external_reference="T-1",
            integration_provider="jira",
            integration_ext_id="X",
            integration_ext_type="issue",
        )
    ).to_dict("records")
    assert row == {
        "task_id": 20,
        "task": "Draft",
        "project_id": 1,
        "project": "Web",
        "client_id": 5,
        "client": "Acme",
        "user_id": 7,
        "assignee": "Ada",
        "tracked_hours": 6,
        "estimated_hours": 4,
        "remaining_hours": -2,
        "variance_hours": 2,
        "accuracy_ratio": 1.5,
        "log2_ratio": pytest.approx(0.5849625),
        "abs_pct_error": 0.5,
        "task_state": "over",
        "done": True,
        "recurring": False,
        "rate": 85.0,
        "currency": "EUR",
        "external_reference": "T-1",
        "integration_provider": "jira",
        "integration_ext_id": "X",
        "integration_ext_type": "issue",
        "tracked_time": pd.Timedelta(hours=6),
        "estimated_time": pd.Timedelta(hours=4),
    }


def test_an_open_task_is_unfinished_not_a_good_estimate():
    tasks = [task(1, 4, 10), task(2, 4, 10, active=True), task(3, 4, 10, active=None)]
    assert accuracy_of(*tasks)["task_id"].tolist() == [1]
    assert accuracy_of(*tasks, done=False)["task_id"].tolist() == [2]
    everything = accuracy_of(*tasks, done=None)
    assert everything["task_id"].tolist() == [1, 2, 3]
    assert everything["done"].tolist() == [True, False, pd.NA]


def test_done_is_true_false_or_none():
    with pytest.raises(ConfigError, match="done must be True, False or None"):
        accuracy_of(done="all")


def test_without_an_estimate_above_zero_there_is_no_accuracy():
    accuracy = accuracy_of(task(1, 5), task(2, 5, 0), task(3, None, 5), task(4, 0, 5))
    assert accuracy["task_id"].tolist() == [4, 1, 2, 3]
    states = ["not_started", "no_estimate", "zero_estimate", "no_status"]
    assert accuracy["task_state"].tolist() == states
    assert accuracy["accuracy_ratio"].tolist() == [0, pd.NA, pd.NA, pd.NA]
    assert accuracy["abs_pct_error"].tolist() == [1, pd.NA, pd.NA, pd.NA]
    assert accuracy["log2_ratio"].isna().all()


# -- bias -------------------------------------------------------------------------------------


def test_bias_is_a_ratio_of_sums_and_not_a_mean_of_ratios():
    accuracy = accuracy_of(
        task(1, 8, 10, user_id=7, user_name="Ada"),
        task(2, 2, 1, user_id=7, user_name="Ada"),
        task(3, 3, None, user_id=7, user_name="Ada"),
        task(4, 3, 0, user_id=7, user_name="Ada"),
        task(5, 1, 2, user_name="a name without an id"),
    )
    ada, nobody = joins.estimate_bias(accuracy).to_dict("records")
    assert (ada["user"], ada["n"], ada["n_no_estimate"]) == ("Ada", 2, 1)
    assert ada["bias"] == 10 / 11
    assert (ada["median_ratio"], ada["share_over"]) == (1.4, 0.5)
    assert ada["mdape"] == pytest.approx(0.6)
    assert ada["suggested_multiplier"] is None
    assert (nobody["user_id"], nobody["n"], nobody["bias"]) == (None, 1, 0.5)
    assert pd.isna(nobody["user"])


def test_ten_tasks_are_enough_to_suggest_a_multiplier():
    def suggested(n):
        tasks = (task(i, tracked=i, estimated=10) for i in range(1, n + 1))
        return joins.estimate_bias(accuracy_of(*tasks)).iloc[0]

    assert suggested(9)["suggested_multiplier"] is pd.NA
    ten = suggested(10)
    assert ten["suggested_multiplier"] == ten["p80_ratio"] == pytest.approx(0.82)


def test_bias_leaves_out_open_tasks_whatever_it_is_given():
    accuracy = accuracy_of(task(1, 4, 4), task(2, 1, 4, active=True), done=None)
    assert joins.estimate_bias(accuracy)["bias"].tolist() == [1]


@pytest.mark.parametrize(
    ("by", "first"),
    [
        ("project", {"project_id": 1, "project": "Web"}),
        ("client", {"client_id": 5, "client": "Acme"}),
        ("integration_provider", {"integration_provider": "jira"}),
    ],
)
def test_bias_by_what_else_the_tasks_know(by, first):
    names = {"project_name": "Web", "client_id": 5, "client_name": "Acme"}
    accuracy = accuracy_of(task(1, 4, 2, integration_provider="jira", **names))
    (row,) = joins.estimate_bias(accuracy, by=by).to_dict("records")
    assert first.items() <= row.items()
    assert row["bias"] == 2


def test_bias_by_something_else_is_refused():
    with pytest.raises(ConfigError, match="by must be one of user, project, client, integ"):
        reports.estimate_bias({"tasks": frame(TASKS), "projects": PROJECT_ROWS}, by="team")


# -- reconciliation ---------------------------------------------------------------------------


def budget_of(*statuses):
    return joins.project_budget(frame(PROJECTS), frame(PROJECT_STATUSES, *statuses))


def status(project_id, tracked, estimated=None):
    estimate = estimated if estimated is None else estimated * HOUR
    return {"id": project_id, "tracked_time": tracked * HOUR, "estimated_time": estimate}


def test_forty_percent_of_the_hours_are_on_no_task():
    budget = budget_of(status(1, 100, 80), status(2, 10))
    tasks = frame(TASKS, task(1, 50, 60), task(2, 10, 30), task(3, None, None))
    first, second = joins.estimate_reconciliation(budget, tasks).to_dict("records")
    assert (first["n_tasks"], first["untasked_hours"], first["tasked_share"]) == (3, 40, 0.6)
    assert (first["task_estimated_hours"], first["estimate_gap_hours"]) == (90, -10)
    assert first["estimate_exceeds_project"] is True
    assert first["tracked_exceeds_project"] is False
    assert first["task_tracked_time"] == pd.Timedelta(hours=60)
    assert (second["n_tasks"], second["untasked_hours"], second["tasked_share"]) == (0, 10, 0)
    assert second["task_estimated_hours"] is second["estimate_exceeds_project"] is None


def test_hours_of_tasks_that_are_not_known_are_not_zero():
    budget = budget_of(status(1, 10))
    (row,) = joins.estimate_reconciliation(budget, frame(TASKS, task(1))).to_dict("records")
    assert row["n_tasks"] == 1
    assert row["task_tracked_hours"] is row["untasked_hours"] is row["tasked_share"] is None


@pytest.mark.parametrize(("milliseconds", "exceeds"), [(999, False), (1000, True)])
def test_a_part_of_a_second_is_no_excess_since_projects_come_in_seconds(milliseconds, exceeds):
    tasks = frame(TASKS, task(1, 10 + milliseconds / 1000 / HOUR))
    reconciled = joins.estimate_reconciliation(budget_of(status(1, 10)), tasks)
    assert reconciled["tracked_exceeds_project"].tolist() == [exceeds]


def test_a_unit_that_cannot_be_right_is_said_and_not_repaired():
    tasks = frame(TASKS, task(1, 10_000))
    with pytest.warns(SemanticsWarning, match="the tasks hold 1e\\+03 times the hours") as caught:
        reconciled = joins.estimate_reconciliation(budget_of(status(1, 10)), tasks)
    assert caught[0].filename == __file__
    assert reconciled["task_tracked_hours"].tolist() == [10_000]


# -- workload ---------------------------------------------------------------------------------


def test_what_is_left_is_not_set_off_against_what_is_over():
    ada = {"user_id": 7, "user_name": "Ada", "active": True}
    tasks = frame(
        TASKS,
        task(1, 4, 10, **ada),
        task(2, 12, 10, **ada | {"project_id": 2}),
        task(3, 3, None, **ada),
        task(4, 1, 0, **ada),
        task(5, 9, 10, user_id=7),
        task(7, None, 10, **ada),
        task(6, 0, 2, active=True, user_name="a name without an id"),
    )
    first, nobody = joins.workload(tasks).to_dict("records")
    assert first == {
        "user_id": 7,
        "user": "Ada",
        "n_open": 5,
        "n_over": 1,
        "n_no_estimate": 1,
        "estimated_hours": 20,
        "tracked_hours": 16,
        "remaining_hours": 6,
        "overrun_hours": 2,
        "n_projects": 2,
    }
    assert pd.isna([nobody["user_id"], nobody["user"]]).all()
    assert (nobody["n_open"], nobody["remaining_hours"]) == (1, 2)


def test_an_assignee_with_two_names_has_one_in_whatever_order_the_tasks_come():
    tasks = [
        task(n, 1, 2, active=True, user_id=7, user_name=name)
        for n, name in ((2, "Ada Byron"), (1, "Ada"))
    ]
    assert joins.workload(frame(TASKS, *tasks))["user"].tolist() == ["Ada"]
    assert joins.workload(frame(TASKS, *reversed(tasks)))["user"].tolist() == ["Ada"]


def test_an_assignee_without_a_name_is_called_by_the_id():
    rows = [
        task(20, 6, 4, user_id=7),
        task(21, 6, 4, user_id=8, user_name="Bo"),
        task(22, 6, 4),
    ]
    expected = {7: "User 7 (not listed)", 8: "Bo"}
    accuracy = accuracy_of(*rows)
    for names in (
        accuracy.set_index("user_id")["assignee"],
        joins.estimate_bias(accuracy).set_index("user_id")["user"],
        joins.workload(frame(TASKS, *(row | {"active": True} for row in rows))).set_index(
            "user_id"
        )["user"],
    ):
        assert names.dropna().to_dict() == expected
        assert len(names) == 3
