"""What holds for tasks, whatever the workspace looks like."""

import warnings

import joins
import pandas as pd
import pytest
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from joins_data import conforms, projects, statuses, tasks

from togglframe.errors import SemanticsWarning
from togglframe.tables import ESTIMATE_BIAS, ESTIMATE_RECONCILIATION, TASK_ACCURACY, WORKLOAD

MS = pd.Timedelta(milliseconds=1)


def reconciliation(projects, statuses, tasks):
    budget = joins.project_budget(projects, statuses)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SemanticsWarning)  # tasks and projects are unrelated here
        return budget, joins.estimate_reconciliation(budget, tasks)


def ms(durations):
    known = [duration // MS for duration in durations if not pd.isna(duration)]
    return sum(known) if known else None


@given(tasks, projects, statuses)  # an example makes ten frames
def test_the_frames_are_as_their_tables_declare(tasks, projects, statuses):
    for done in (True, False, None):
        accuracy = joins.task_accuracy(tasks, projects, done=done)
        conforms(accuracy, TASK_ACCURACY)
    for by, table in ESTIMATE_BIAS.items():
        conforms(joins.estimate_bias(accuracy, by=by), table)
    conforms(joins.workload(tasks), WORKLOAD)
    conforms(reconciliation(projects, statuses, tasks)[1], ESTIMATE_RECONCILIATION)


@given(tasks, projects)
def test_every_task_is_one_row_with_its_own_time(tasks, projects):
    accuracy = joins.task_accuracy(tasks, projects, done=None)
    own = tasks.set_index("id").sort_index()
    got = accuracy.set_index("task_id").sort_index()
    assert list(got.index) == list(own.index)
    pd.testing.assert_series_equal(got["tracked_time"], own["tracked_time"], check_names=False)
    counted = [len(joins.task_accuracy(tasks, projects, done=done)) for done in (True, False)]
    assert sum(counted) == tasks["active"].notna().sum()


@pytest.mark.parametrize("by", ESTIMATE_BIAS)
@given(tasks, projects)
def test_every_done_task_is_in_one_group(by, tasks, projects):
    accuracy = joins.task_accuracy(tasks, projects, done=None)
    bias = joins.estimate_bias(accuracy, by=by)
    done = accuracy[accuracy["done"].fillna(value=False)]
    (key,) = ESTIMATE_BIAS[by].key
    assert len(bias) == done[key].nunique(dropna=False)
    assert bias["n"].sum() == done["accuracy_ratio"].notna().sum()
    assert bias["n_no_estimate"].sum() == done["estimated_time"].isna().sum()
    for row in bias.itertuples():
        value = getattr(row, key)
        of_group = done[done[key].isna() if pd.isna(value) else done[key] == value]
        of_group = of_group.dropna(subset=["accuracy_ratio"])
        if len(of_group):
            assert row.bias == ms(of_group["tracked_time"]) / ms(of_group["estimated_time"])
        else:
            assert row.bias is pd.NA


@given(projects, statuses, tasks)
def test_the_reconciliation_conserves_the_time_of_projects_and_of_their_tasks(
    projects, statuses, tasks
):
    budget, reconciled = reconciliation(projects, statuses, tasks)
    assert sorted(reconciled["project_id"]) == sorted(budget["project_id"])
    assert ms(reconciled["tracked_time"]) == ms(statuses["tracked_time"])
    of_listed = tasks[tasks["project_id"].isin(budget["project_id"])]
    assert reconciled["n_tasks"].sum() == len(of_listed)
    assert (ms(reconciled["task_tracked_time"]) or 0) == (ms(of_listed["tracked_time"]) or 0)
    assert ms(reconciled["task_estimated_time"]) == ms(of_listed["estimated_time"])


@given(tasks)
def test_every_open_task_weighs_on_one_assignee(tasks):
    load = joins.workload(tasks)
    open_tasks = tasks[tasks["active"].fillna(value=False)]
    assert len(load) == open_tasks["user_id"].nunique(dropna=False)
    assert load["n_open"].sum() == len(open_tasks)
    expected = [
        (estimate // MS, tracked // MS)
        for estimate, tracked in zip(
            open_tasks["estimated_time"], open_tasks["tracked_time"], strict=True
        )
        if not pd.isna(estimate) and not pd.isna(tracked) and estimate > pd.Timedelta(0)
    ]
    got = load[["estimated_hours", "tracked_hours", "remaining_hours", "overrun_hours"]].fillna(0)
    in_ms = (got * 3_600_000).round().astype("Int64").sum().tolist()
    assert in_ms == [
        sum(estimate for estimate, _ in expected),
        sum(tracked for _, tracked in expected),
        sum(max(estimate - tracked, 0) for estimate, tracked in expected),
        sum(max(tracked - estimate, 0) for estimate, tracked in expected),
    ]


@times(1 / 3)  # an example takes a seventh of a second
@given(tasks, projects, statuses, st.randoms(use_true_random=False))
def test_the_order_of_incoming_rows_does_not_matter(tasks, projects, statuses, random):
    mixed = tasks.iloc[random.sample(range(len(tasks)), len(tasks))]
    pd.testing.assert_frame_equal(joins.workload(mixed), joins.workload(tasks))
    accuracy = joins.task_accuracy(tasks, projects)
    pd.testing.assert_frame_equal(joins.task_accuracy(mixed, projects), accuracy)
    pd.testing.assert_frame_equal(
        joins.estimate_bias(accuracy.iloc[::-1]), joins.estimate_bias(accuracy)
    )
    pd.testing.assert_frame_equal(
        reconciliation(projects, statuses, mixed)[1], reconciliation(projects, statuses, tasks)[1]
    )
