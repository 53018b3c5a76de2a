"""Every check of the audit finds what it is for, and nothing in a workspace without faults."""

from unittest import mock

import joins
import pandas as pd
import pytest
from joins_data import frame

from togglframe.errors import ConfigError
from togglframe.reports import auditing
from togglframe.tables import (
    PROJECT_GROUPS,
    PROJECT_STATUSES,
    PROJECT_USERS,
    PROJECTS,
    TASKS,
    USER_DETAILS,
)
from togglframe.text.names import distinct_labels

CHECKS = auditing.CHECKS
HOUR = 3600
PROJECT = {
    "id": 1,
    "name": "Web",
    "client_id": 5,
    "active": True,
    "billable": True,
    "color": "#0b83d9",
    "currency": "EUR",
}
STATUS = {
    "id": 1,
    "tracked_time": 30 * HOUR,
    "estimated_time": 40 * HOUR,
    "billable_time": 15 * HOUR,
    "billable_amount": 1500.0,
    "currency": "EUR",
}
MEMBER = {"id": 10, "project_id": 1, "user_id": 7, "hourly_rate": 100.0, "labour_cost": 60.0}
USER = {"id": 7, "fullname": "Ada", "active": True, "deactivated": False}
TASK = {"id": 20, "name": "Draft", "project_id": 1, "tracked_time": 20 * HOUR}


SOUND = {
    "projects": [PROJECT],
    "statuses": [STATUS],
    "members": [MEMBER],
    "users": [USER],
    "tasks": [TASK],
}


def findings(**rows):
    """Return what is found in a sound workspace with these rows, or what is hidden, instead."""
    return found_in(**(SOUND | rows))


def found_in(projects, statuses, members, users, tasks, **more):
    project = frame(PROJECTS, *projects)
    team = joins.project_members(
        frame(PROJECT_USERS, *members), project, frame(USER_DETAILS, *users), frame(PROJECT_GROUPS)
    )
    budget = joins.project_budget(project, frame(PROJECT_STATUSES, *statuses))
    return joins.audit(budget, team, frame(TASKS, *tasks), projects=project, **more)


def test_a_workspace_without_faults_has_no_findings():
    assert findings().empty


FAULTS = {
    "currency-mismatch": {"statuses": [STATUS | {"currency": "USD"}]},
    "amount-without-currency": {
        "projects": [PROJECT | {"currency": None}],
        "statuses": [STATUS | {"currency": None}],
    },
    "rate-without-currency": {"projects": [PROJECT | {"currency": None}]},
    "task-rate-without-currency": {
        "tasks": [TASK, TASK | {"id": 21, "project_id": 9, "rate": 90.0}]
    },
    "task-hours-exceed-project": {"tasks": [TASK | {"tracked_time": 31 * HOUR}]},
    "task-unit": {"tasks": [TASK | {"tracked_time": 20}]},
    "money-unit": {"statuses": [STATUS | {"billable_amount": 150_000.0}]},
    "hidden-part": {"hidden": {"tasks": "The plan has no tasks."}},
    "status-without-project": {"statuses": [STATUS, STATUS | {"id": 2}]},
    "tracked-without-estimate": {"statuses": [STATUS | {"estimated_time": None}]},
    "zero-estimate": {"statuses": [STATUS | {"estimated_time": 0}]},
    "billable-without-billable-time": {"statuses": [STATUS | {"billable_time": 0}]},
    "billable-without-amount": {"statuses": [STATUS | {"billable_amount": None}]},
    "task-of-unlisted-project": {"tasks": [TASK, TASK | {"id": 21, "project_id": 9}]},
    "member-not-listed": {"users": []},
    "cost-above-rate": {"members": [MEMBER | {"labour_cost": 101.0}]},
    "rate-conflict": {"members": [MEMBER, MEMBER | {"id": 11, "hourly_rate": 90.0}]},
    "money-not-visible": {"statuses": [STATUS | {"billable_amount": None}]},
    "rates-not-visible": {"members": [MEMBER | {"hourly_rate": None, "labour_cost": None}]},
    "project-without-status": {"projects": [PROJECT, PROJECT | {"id": 2, "name": "New"}]},
    "project-without-client": {"projects": [PROJECT | {"client_id": None}]},
    "archived-with-hours-remaining": {"projects": [PROJECT | {"active": False}]},
    "member-not-active": {"users": [USER | {"deactivated": True}]},
    "duplicate-member": {"members": [MEMBER, MEMBER | {"id": 11, "group_id": 3}]},
    "whole-group": {"members": [MEMBER, {"id": 11, "project_id": 1, "group_id": 3}]},
    "repeated-name": {
        "projects": [PROJECT, PROJECT | {"id": 2}],
        "statuses": [STATUS, STATUS | {"id": 2}],
    },
}
# what one fault cannot be without
ALSO = {
    "rate-conflict": {"duplicate-member"},
    "money-not-visible": {"billable-without-amount"},
    "billable-without-amount": {"money-not-visible"},
    "amount-without-currency": {"rate-without-currency"},
    "task-rate-without-currency": {"task-of-unlisted-project"},
}


def test_every_check_has_its_fault_here():
    assert sorted(FAULTS) == sorted(check.slug for check in CHECKS)


OF_WORKSPACE = {check.slug for check in CHECKS if check.entity == "workspace"}
PLACES = {n: slug for n, slug in enumerate(FAULTS, start=1) if slug not in OF_WORKSPACE}
APART = 1000  # between the ids of one fault and of the next


@pytest.fixture(scope="module")
def all_at_once():
    """Return what is found where each fault has a project and people of its own, and by whose."""
    whole = {name: list(rows) for name, rows in SOUND.items()}
    for place, slug in PLACES.items():
        for name, rows in (SOUND | FAULTS[slug]).items():
            whole[name] += [_moved(row, place) for row in rows]
    found = found_in(**whole)
    return found.assign(fault=(found["id"] // APART).map(PLACES))


def _moved(row, place):
    """Return a row with other ids, and with another name of the project or task."""
    known = {name: value for name, value in row.items() if value is not None}
    ids = {name: value + APART * place for name, value in known.items() if name.endswith("id")}
    named = {"name": f"{row['name']} {place}"} if "name" in row else {}
    return row | ids | named


def says_what_is_declared(found, slug):
    (check,) = (check for check in CHECKS if check.slug == slug)
    rows = found[found["check"] == slug]
    assert set(rows["severity"]) == {check.severity}
    assert set(rows["entity"]) == {check.entity}
    assert rows["detail"].str.endswith(".").all()
    assert rows["id"].notna().all() == (check.entity != "workspace")


def test_faults_of_one_workspace_are_found_each_by_its_check(all_at_once, subtests):
    assert all_at_once["fault"].notna().all()
    for slug in PLACES.values():
        with subtests.test(slug):
            found = all_at_once[all_at_once["fault"] == slug]
            assert set(found["check"]) == {slug} | (ALSO.get(slug, set()) - OF_WORKSPACE)
            says_what_is_declared(found, slug)


@pytest.mark.parametrize(
    "slug",
    [pytest.param(s, marks=() if s in OF_WORKSPACE else pytest.mark.nightly) for s in FAULTS],
)
def test_a_fault_is_found_by_its_check_and_by_no_other(slug):
    found = findings(**FAULTS[slug])
    assert set(found["check"]) == {slug} | ALSO.get(slug, set())
    says_what_is_declared(found, slug)


def test_a_project_that_is_not_listed_is_told_by_its_id(all_at_once):
    (found,) = all_at_once[all_at_once["fault"] == "status-without-project"].to_dict("records")
    assert found["label"] == f"Project {found['id']} (not listed)"


def test_hours_at_stake_are_those_of_the_finding(all_at_once):
    def stake(slug):
        found = all_at_once[(all_at_once["fault"] == slug) & (all_at_once["check"] == slug)]
        return found["hours_affected"].tolist()

    assert stake("tracked-without-estimate") == [30]
    assert stake("task-hours-exceed-project") == [1]
    assert stake("archived-with-hours-remaining") == [10]
    assert stake("task-of-unlisted-project") == [20]
    assert stake("repeated-name") == [30, 30]
    assert stake("project-without-status") == [pd.NA]
    assert stake("whole-group") == [pd.NA]


def test_members_alone_tell_a_currency_mismatch():
    project = frame(PROJECTS, PROJECT)
    budget = joins.project_budget(project, frame(PROJECT_STATUSES, STATUS | {"currency": "USD"}))
    assert joins.audit(budget).empty
    team = joins.project_members(
        frame(PROJECT_USERS, MEMBER), project, frame(USER_DETAILS, USER), frame(PROJECT_GROUPS)
    )
    (finding,) = joins.audit(budget, team).to_dict("records")
    assert finding["check"] == "currency-mismatch"
    assert finding["detail"] == "Its amounts are in USD, its rates in EUR."


DELETED = {"deleted_at": pd.Timestamp("2024-02-29", tz="UTC")}


def test_inactive_deactivated_and_deleted_users_are_not_active():
    gone = [{"active": False}, {"deactivated": True}, DELETED]
    found = findings(
        users=[USER, *(USER | {"id": 100 + n} | one for n, one in enumerate(gone))],
        members=[MEMBER, *(MEMBER | {"id": n, "user_id": 100 + n} for n in range(len(gone)))],
    )
    assert found["check"].tolist() == ["member-not-active"] * len(gone)
    assert found["id"].tolist() == [0, 1, 2]


def is_found(slug, **rows):
    """Tell whether a check finds something; the others are not asked."""
    alone = [check for check in CHECKS if check.slug == slug]
    with mock.patch.object(auditing, "CHECKS", alone):
        return not findings(**rows).empty


@pytest.mark.parametrize(("amount", "suspect"), [(75, False), (74, True), (30_000, False)])
def test_amounts_between_a_twentieth_and_twenty_times_the_rate_are_believed(amount, suspect):
    statuses = [STATUS | {"billable_amount": float(amount)}]
    assert is_found("money-unit", statuses=statuses) == suspect


@pytest.mark.parametrize(
    ("on_tasks", "suspect"),
    [(0, False), (0.2, True), (0.3, False), (300, False), (301, True)],
)
def test_tasks_between_a_hundredth_and_ten_times_the_hours_are_believed(on_tasks, suspect):
    tasks = [TASK | {"tracked_time": on_tasks * HOUR}]
    assert is_found("task-unit", tasks=tasks) == suspect


def test_few_hours_on_tasks_are_a_habit_where_most_projects_have_none():
    found = findings(
        projects=[PROJECT, PROJECT | {"id": 2, "name": "Retainer"}],
        statuses=[STATUS, STATUS | {"id": 2}],
        tasks=[TASK | {"tracked_time": 0.2 * HOUR}],
    )
    assert found.empty


def test_errors_come_first_and_large_stakes_before_small_ones():
    found = findings(
        projects=[PROJECT | {"id": n, "name": f"P{n}", "client_id": None} for n in (1, 2, 3)],
        statuses=[
            STATUS | {"id": n, "tracked_time": hours * HOUR, "estimated_time": None}
            for n, hours in ((1, 30), (2, 50), (3, 50))
        ],
        members=[MEMBER, MEMBER | {"id": 11, "project_id": 2, "labour_cost": 200.0}],
        hidden={"rates": "The token may not see them."},
    )
    slugs = ["hidden-part"] + 3 * ["tracked-without-estimate"] + ["cost-above-rate"]
    assert found["check"].tolist() == slugs + 3 * ["project-without-client"]
    assert found["id"].tolist() == [pd.NA, 2, 3, 1, 11, 2, 3, 1]
    assert found["severity"].is_monotonic_increasing


def test_the_members_must_be_one_row_per_membership():
    budget = joins.project_budget(frame(PROJECTS, PROJECT), frame(PROJECT_STATUSES, STATUS))
    unique = joins.project_members(
        frame(PROJECT_USERS, MEMBER),
        frame(PROJECTS, PROJECT),
        frame(USER_DETAILS, USER),
        frame(PROJECT_GROUPS),
        unique=True,
    )
    with pytest.raises(ConfigError, match="project_members frame has no column 'membership_id'"):
        joins.audit(budget, unique)


def test_what_is_not_known_is_named_the_same_where_pandas_infers_no_strings():
    lost = MEMBER | {"id": 11, "project_id": None, "user_id": 8}
    lost |= {"hourly_rate": None, "labour_cost": None}
    expected = findings(members=[MEMBER, lost])
    assert expected["detail"].tolist() == ["A member of no project, but not among the users."]
    with (
        pytest.warns(DeprecationWarning, match="infer_string"),
        pd.option_context("future.infer_string", False),
    ):
        plain = findings(members=[MEMBER, lost])
    pd.testing.assert_frame_equal(plain, expected, check_column_type=False)


def test_labels_are_distinct_where_nothing_is_known_of_the_hint():
    """As where no task has a project, so that the column of their names holds no text."""
    names, ids = pd.Series(["Web", "Web"]), pd.Series([1, 2], dtype="Int64")
    unknown = pd.Series([pd.NA, pd.NA], dtype="Int64")
    assert distinct_labels(names, ids, unknown).tolist() == ["Web · #1", "Web · #2"]
