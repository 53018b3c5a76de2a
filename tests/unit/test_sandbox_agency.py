"""The agency: the same every time, odd where it says so, and consistent everywhere else."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from datetime import datetime

import pytest
from days import TODAY

from togglframe.sandbox import Agency
from togglframe.sandbox.agency import BLOCK, ODDITIES, build_agency
from togglframe.sandbox.server import SEED, WORKSPACE_ID

STATUS_KEYS = {
    "billable_amount",
    "billable_seconds",
    "currency",
    "estimated_seconds",
    "id",
    "tracked_seconds",
}
WIRE_KEYS = {
    "clients": {"id", "name"},
    "projects": {"active", "billable", "client_id", "color", "currency", "id", "name"},
    "project_statuses": STATUS_KEYS,
    "task_statuses": STATUS_KEYS,
    "project_users": {
        "group_id",
        "hourly_rate",
        "id",
        "labour_cost",
        "project_id",
        "user_id",
    },
    "project_groups": {"group_id", "id", "name", "project_id"},
    "users": {
        "active",
        "avatar",
        "deactivated",
        "deleted_at",
        "email",
        "fullname",
        "id",
        "workspace_user_id",
    },
    "tasks": {
        "active",
        "at",
        "avatar_url",
        "client_id",
        "client_name",
        "estimated_seconds",
        "external_reference",
        "id",
        "integration_ext_id",
        "integration_ext_type",
        "integration_provider",
        "name",
        "permissions",
        "project_billable",
        "project_color",
        "project_id",
        "project_is_private",
        "project_name",
        "rate",
        "rate_last_updated",
        "recurring",
        "toggl_accounts_id",
        "tracked_seconds",
        "user_id",
        "user_name",
        "workspace_id",
    },
}


def build(scale: int = 60, **sizes) -> Agency:
    return build_agency(scale, seed=SEED, workspace_id=WORKSPACE_ID, **sizes, today=TODAY)


def by_id(rows):
    return {row["id"]: row for row in rows}


@pytest.fixture(scope="module")
def agency() -> Agency:
    return build()


@pytest.fixture(scope="module")
def statuses(agency):
    return by_id(agency.project_statuses)


# Shape


def test_rows_have_exactly_the_vendors_keys(agency, subtests):
    for table, keys in WIRE_KEYS.items():
        with subtests.test(table):
            assert {frozenset(row) for row in getattr(agency, table)} == {frozenset(keys)}


def test_ids_ascend_without_repeating(subtests):
    agency = build(180)
    for table in WIRE_KEYS:
        with subtests.test(table):
            ids = [row["id"] for row in getattr(agency, table)]
            assert ids == sorted(set(ids))
            assert all(10**7 < number < 10**9 for number in ids)


def test_default_sizes(agency):
    sizes = {table: len(getattr(agency, table)) for table in WIRE_KEYS}
    assert sizes["projects"] == 60
    assert sizes["clients"] == 12
    assert sizes["users"] == 25
    assert sizes["tasks"] == 400
    assert sizes["project_users"] == 180
    assert len({row["group_id"] for row in agency.project_groups}) == 5


def test_sizes_can_be_asked_for():
    agency = build(7, people=40, tasks=33, memberships=50)
    assert len(agency.users) == 40
    assert len(agency.tasks) == 33
    assert len(agency.project_users) == 50


def test_one_project_is_a_plain_one():
    agency = build(1)
    (project,) = agency.projects
    (client,) = agency.clients
    (status,) = agency.project_statuses
    assert project["client_id"] == client["id"]
    assert project["active"]
    assert status["id"] == project["id"]
    assert status["estimated_seconds"] > 0
    assert status["tracked_seconds"] > 0


def test_an_empty_workspace_has_nothing():
    agency = build(0)
    assert not any(getattr(agency, table) for table in WIRE_KEYS)


def test_any_scale_has_so_many_projects():
    assert [len(build(scale).projects) for scale in (2, 13, 59, 61, 127)] == [2, 13, 59, 61, 127]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"scale": -1}, "scale must be from 0"),
        ({"scale": 20_001}, "to 20000"),
        ({"scale": 1, "tasks": -1}, "must not be negative"),
        ({"scale": 0, "tasks": 1}, "empty workspace"),
        ({"scale": 1, "people": 0}, "memberships need people"),
    ],
)
def test_impossible_sizes_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        build(**arguments)


# Determinism


def test_same_arguments_same_bytes(agency):
    assert json.dumps(tables(build())) == json.dumps(tables(agency))


def test_another_seed_makes_another_agency(agency):
    other = build_agency(60, seed=SEED + 1, workspace_id=WORKSPACE_ID, today=TODAY)
    assert tables(other) != tables(agency)


def test_a_larger_agency_begins_with_the_same_projects(agency):
    assert build(120).projects[:60] == agency.projects


def tables(agency):
    return {table: getattr(agency, table) for table in WIRE_KEYS}


# Oddities


@pytest.mark.parametrize("n_blocks", [1, 2])
def test_every_block_has_every_oddity(n_blocks, subtests):
    agency = build(n_blocks * BLOCK)
    for oddity, places in ODDITIES.items():
        with subtests.test(oddity):
            assert len(agency.odd(oddity)) == len(places) * n_blocks


def test_odd_projects(agency):
    projects = by_id(agency.projects)
    for oddity, key, value in [
        ("no_client", "client_id", None),
        ("archived", "active", False),
        ("not_billable", "billable", False),
        ("null_project_currency", "currency", None),
        ("null_currency", "currency", None),
    ]:
        odd = agency.odd(oddity)
        assert odd
        assert {projects[number][key] for number in odd} == {value}, oddity
    assert 0.2 <= len(agency.odd("archived")) / 60 <= 0.3
    assert set(agency.odd("private")) == agency.private_project_ids


def test_odd_statuses(agency, statuses):
    for oddity, key, value in [
        ("null_tracked", "tracked_seconds", None),
        ("not_started", "tracked_seconds", 0),
        ("no_estimate", "estimated_seconds", None),
        ("zero_estimate", "estimated_seconds", 0),
        ("null_amount", "billable_amount", None),
        ("no_billable_time", "billable_seconds", 0),
        ("null_billable_time", "billable_seconds", None),
        ("null_currency", "currency", None),
    ]:
        odd = agency.odd(oddity)
        assert odd
        assert {statuses[number][key] for number in odd} == {value}, oddity
    assert all(statuses[n]["billable_amount"] for n in agency.odd("null_currency"))


def test_projects_and_statuses_do_not_match_one_to_one(agency, statuses):
    projects = by_id(agency.projects)
    assert sorted(projects.keys() - statuses.keys()) == agency.odd("no_status")
    assert len(statuses.keys() - projects.keys()) == len(agency.odd("deleted_project_before"))


def test_thresholds_are_hit_exactly(agency, statuses):
    (exact,) = agency.odd("exactly_on_estimate")
    assert statuses[exact]["tracked_seconds"] == statuses[exact]["estimated_seconds"]
    (fifths,) = agency.odd("exactly_at_four_fifths")
    assert 5 * statuses[fifths]["tracked_seconds"] == 4 * statuses[fifths]["estimated_seconds"]


def test_archived_projects_with_hours_left(agency, statuses):
    projects = by_id(agency.projects)
    for number in agency.odd("archived_with_hours_left"):
        assert not projects[number]["active"]
        assert statuses[number]["tracked_seconds"] < statuses[number]["estimated_seconds"]


def test_one_currency_mismatch(agency, statuses):
    mismatches = [
        row["id"]
        for row in agency.projects
        if row["currency"] is not None
        and row["id"] in statuses
        and statuses[row["id"]]["currency"] not in (None, row["currency"])
    ]
    assert mismatches == agency.odd("currency_mismatch")


def test_one_client_is_billed_in_two_currencies(agency):
    currencies = defaultdict(set)
    for row in agency.projects:
        if row["client_id"] is not None and row["currency"] is not None:
            currencies[row["client_id"]].add(row["currency"])
    assert [sorted(found) for found in currencies.values() if len(found) > 1] == [["EUR", "USD"]]


def test_names_repeat_within_and_across_clients(agency):
    names = Counter(row["name"] for row in agency.projects)
    clients = defaultdict(set)
    for row in agency.projects:
        clients[row["name"]].add(row["client_id"])
    assert [len(clients[name]) for name in names if names[name] == 2] == [2, 1]


def test_nasty_project_names(agency, subtests):
    for piece in ("$x^{2$", "<b>", "=1+1", "@handle", "🚴", ",", '"', "会", "é"):
        with subtests.test(piece):
            assert any(piece in row["name"] for row in agency.projects)


def test_nasty_lengths_and_lines(agency):
    assert max(len(row["name"]) for row in agency.projects) > 120
    assert not any("\n" in row["name"] for row in agency.projects)
    assert sum("\n" in row["name"] for row in agency.tasks) == 1
    assert any(row["name"].startswith(("=", "+", "-")) for row in agency.tasks)
    assert any("," in row["name"] for row in agency.clients)


def test_people_come_in_every_state(agency):
    states = Counter(
        (row["active"], row["deactivated"], row["deleted_at"] is not None) for row in agency.users
    )
    assert states == {(True, False, False): 21, (False, True, False): 2, (False, False, True): 2}
    assert len({row["fullname"] for row in agency.users}) == 24
    assert len({row["email"] for row in agency.users}) == 25
    assert any(row["avatar"] is None for row in agency.users)


def members_of(agency, oddity):
    (first, *_) = agency.odd(oddity)
    return [row for row in agency.project_users if row["project_id"] == first]


def test_group_rows_have_no_user(agency):
    assert members_of(agency, "group_row")[0]["user_id"] is None
    assert members_of(agency, "group_row")[0]["group_id"] is not None


def test_user_via_group_has_both(agency):
    first = members_of(agency, "user_via_group")[0]
    assert first["user_id"] is not None
    assert first["group_id"] is not None


def test_direct_and_via_group_have_two_rates(agency):
    direct, via_group, *_ = members_of(agency, "direct_and_via_group")
    assert direct["user_id"] == via_group["user_id"]
    assert direct["group_id"] is None
    assert via_group["group_id"] is not None
    assert None not in (direct["hourly_rate"], via_group["hourly_rate"])
    assert direct["hourly_rate"] != via_group["hourly_rate"]
    known, unknown, *_ = members_of(agency, "direct_and_via_group_one_rate")
    assert known["user_id"] == unknown["user_id"]
    assert known["hourly_rate"] is not None
    assert unknown["hourly_rate"] is None


def test_duplicate_member_differs_in_the_id_alone(agency):
    one, two, *_ = members_of(agency, "duplicate_member")
    assert one | {"id": 0} == two | {"id": 0}
    assert one["id"] != two["id"]


def test_members_who_are_gone(agency):
    users = by_id(agency.users)
    unlisted = members_of(agency, "unlisted_member")[0]["user_id"]
    assert unlisted == agency.unlisted_user_id
    assert unlisted not in users
    assert users[members_of(agency, "deleted_member")[0]["user_id"]]["deleted_at"]
    assert users[members_of(agency, "deactivated_member")[0]["user_id"]]["deactivated"]


def test_cost_over_rate(agency):
    first = members_of(agency, "cost_over_rate")[0]
    assert first["labour_cost"] > 100 * first["hourly_rate"]


def test_groups_of_members_are_groups_of_the_project(agency):
    named = {(row["project_id"], row["group_id"]) for row in agency.project_groups}
    used = {
        (row["project_id"], row["group_id"])
        for row in agency.project_users
        if row["group_id"] is not None
    }
    assert used <= named


# Consistency


def test_references_lead_somewhere(agency):
    projects, clients, users = map(by_id, (agency.projects, agency.clients, agency.users))
    for row in agency.projects:
        assert row["client_id"] is None or row["client_id"] in clients
    assert {row["client_id"] for row in agency.projects} >= clients.keys()
    for row in agency.project_users:
        assert row["project_id"] in projects
        assert row["user_id"] in {*users, None, agency.unlisted_user_id}
        assert (row["user_id"], row["group_id"]) != (None, None)
    for row in agency.tasks:
        project = projects[row["project_id"]]
        assert row["project_name"] == project["name"]
        assert row["client_id"] == project["client_id"]
        if row["client_id"] is not None:
            assert row["client_name"] == clients[row["client_id"]]["name"]
        if row["user_id"] is not None:
            assert row["user_name"] == users[row["user_id"]]["fullname"]
        assert row["workspace_id"] == WORKSPACE_ID


def test_billable_time_is_a_part_of_tracked_time(agency):
    for row in [*agency.project_statuses, *agency.task_statuses]:
        if row["billable_seconds"] is not None:
            assert 0 <= row["billable_seconds"] <= row["tracked_seconds"]


@pytest.mark.parametrize(
    ("currency", "lowest", "highest"),
    [("EUR", 80, 160), ("USD", 90, 180), ("JPY", 9_000, 15_000)],
)
def test_amounts_are_billable_hours_times_a_rate_in_cents(agency, currency, lowest, highest):
    rates = [
        row["billable_amount"] / 100 / (row["billable_seconds"] / 3600)
        for row in agency.project_statuses
        if row["billable_amount"] and row["currency"] == currency
    ]
    assert rates
    # The project of the mismatch has dollars' rates under another currency.
    assert sum(lowest - 0.01 <= rate <= highest + 0.01 for rate in rates) >= len(rates) - 1


def test_estimates_are_round_hours_and_one_in_three_is_over(agency):
    both = [
        row
        for row in agency.project_statuses
        if row["estimated_seconds"] and row["tracked_seconds"]
    ]
    assert all(row["estimated_seconds"] % 3600 == 0 for row in both)
    over = sum(row["tracked_seconds"] > row["estimated_seconds"] for row in both)
    assert 0.25 < over / len(both) < 0.42


def test_tasks_have_fewer_hours_than_their_project_but_for_one(agency, statuses):
    of_tasks: Counter[int] = Counter()
    for row in agency.tasks:
        of_tasks[row["project_id"]] += row["tracked_seconds"] / 1000
    over = [
        number
        for number, seconds in of_tasks.items()
        if seconds > (statuses.get(number, {}).get("tracked_seconds") or 0)
    ]
    assert over == agency.odd("tasks_over_project")


def test_task_statuses_agree_with_tasks(agency):
    tasks, projects = by_id(agency.tasks), by_id(agency.projects)
    for status in agency.task_statuses:
        task = tasks[status["id"]]
        assert status["tracked_seconds"] * 1000 == task["tracked_seconds"]
        assert status["estimated_seconds"] == task["estimated_seconds"]
        assert status["currency"] == projects[task["project_id"]]["currency"]
    with_status = by_id(agency.project_statuses)
    assert {row["id"] for row in agency.task_statuses} == {
        row["id"] for row in agency.tasks if row["project_id"] in with_status
    }


def test_tasks_vary(agency):
    for key in ("client_id", "user_id", "estimated_seconds", "rate", "permissions"):
        values = [row[key] for row in agency.tasks]
        assert None in values
        assert any(value is not None for value in values)
    assert {row["integration_provider"] for row in agency.tasks} == {
        None,
        "jira",
        "asana",
        "salesforce",
    }
    moments = [row["at"] for row in agency.tasks]
    assert {text[-6:] for text in moments if not text.endswith("Z")} == {"+00:00", "+02:00"}
    assert any(text.endswith("Z") for text in moments)
    assert all(datetime.fromisoformat(text).tzinfo for text in moments)
    assert 0.3 < sum(row["active"] for row in agency.tasks) / 400 < 0.5


def test_big_ids():
    agency = build_agency(12, seed=SEED, workspace_id=WORKSPACE_ID, big_ids=True, today=TODAY)
    assert agency.projects[-1]["id"] == 2**53 + 1
    assert agency.project_statuses[-1]["id"] == 2**53 + 1
    assert agency.project_users[-1]["project_id"] == 2**53 + 1


@pytest.mark.nightly
def test_twenty_thousand_projects_are_seconds_of_work():
    started = time.thread_time()  # of this thread alone, however busy the machine is
    agency = build(20_000)
    assert time.thread_time() - started < 15
    assert len(agency.projects) == 20_000
    assert len(agency.clients) == 4_008
    assert len(agency.tasks) == 133_333
