"""Every oddity that the agency names is there, in every project that it names."""

from collections import defaultdict

from days import TODAY

from togglframe.sandbox.agency import ODDITIES, build_agency
from togglframe.sandbox.server import SEED, WORKSPACE_ID


class Office:
    """An agency of three blocks, with its rows at hand by the id of their project."""

    def __init__(self):
        self.agency = build_agency(180, seed=SEED, workspace_id=WORKSPACE_ID, today=TODAY)
        self.projects = {row["id"]: row for row in self.agency.projects}
        self.statuses = {row["id"]: row for row in self.agency.project_statuses}
        self.users = {row["id"]: row for row in self.agency.users}
        self.members = defaultdict(list)
        for row in self.agency.project_users:
            self.members[row["project_id"]].append(row)
        self.seconds_of_tasks = defaultdict(int)
        for row in self.agency.tasks:
            self.seconds_of_tasks[row["project_id"]] += row["tracked_seconds"] / 1000
        self.rates = defaultdict(set)
        for entry in self.agency.entries:
            self.rates[entry.project_id].add(entry.rate)

    def namesakes(self, number):
        name = self.projects[number]["name"]
        others = (row for row in self.agency.projects if row["id"] != number)
        return {row["client_id"] for row in others if row["name"] == name}

    def currencies_of_client(self, number):
        client = self.projects[number]["client_id"]
        others = [row for row in self.agency.projects if row["client_id"] == client]
        return {row["currency"] for row in others if row["id"] != number}


def of_project(field, value):
    return lambda office, number: office.projects[number][field] == value


def of_status(field, value):
    return lambda office, number: office.statuses[number][field] == value


def of_status_row(test):
    return lambda office, number: test(office.statuses[number])


def of_first_member(test):
    return lambda office, number: test(office, office.members[number][0])


def of_first_two_members(test):
    return lambda office, number: test(*office.members[number][:2])


def has_left(office, number):
    row = office.statuses[number]
    is_archived = not office.projects[number]["active"]
    return is_archived and row["tracked_seconds"] < row["estimated_seconds"]


def is_preceded_by_a_deleted_one(office, number):
    ids = sorted({*office.projects, *office.statuses})
    return ids[ids.index(number) - 1] not in office.projects


IS = {
    "no_client": of_project("client_id", None),
    "same_name_other_client": lambda office, number: (
        office.namesakes(number) - {office.projects[number]["client_id"]}
    ),
    "same_name_same_client": lambda office, number: (
        office.projects[number]["client_id"] in office.namesakes(number)
    ),
    "archived": of_project("active", False),
    "archived_with_hours_left": has_left,
    "private": lambda office, number: number in office.agency.private_project_ids,
    "not_billable": of_project("billable", False),
    "null_project_currency": of_project("currency", None),
    "second_currency": lambda office, number: (
        office.projects[number]["currency"] not in office.currencies_of_client(number)
    ),
    "changed_rate": lambda office, number: len(office.rates[number] - {None}) == 2,
    "no_status": lambda office, number: number not in office.statuses,
    "null_tracked": of_status("tracked_seconds", None),
    "not_started": of_status("tracked_seconds", 0),
    "no_estimate": of_status("estimated_seconds", None),
    "zero_estimate": of_status("estimated_seconds", 0),
    "exactly_on_estimate": of_status_row(
        lambda row: row["tracked_seconds"] == row["estimated_seconds"] > 0
    ),
    "exactly_at_four_fifths": of_status_row(
        lambda row: 5 * row["tracked_seconds"] == 4 * row["estimated_seconds"] > 0
    ),
    "null_amount": of_status("billable_amount", None),
    "no_billable_time": of_status("billable_seconds", 0),
    "null_billable_time": of_status("billable_seconds", None),
    "null_currency": of_status("currency", None),
    "currency_mismatch": lambda office, number: (
        office.statuses[number]["currency"] not in (None, office.projects[number]["currency"])
    ),
    "deleted_project_before": is_preceded_by_a_deleted_one,
    "tasks_over_project": lambda office, number: (
        office.seconds_of_tasks[number] > office.statuses[number]["tracked_seconds"]
    ),
    "group_row": of_first_member(lambda _, row: row["user_id"] is None and row["group_id"]),
    "user_via_group": of_first_member(lambda _, row: row["user_id"] and row["group_id"]),
    "direct_and_via_group": of_first_two_members(
        lambda one, two: (
            one["user_id"] == two["user_id"]
            and (one["group_id"] is None) != (two["group_id"] is None)
            and one["hourly_rate"] != two["hourly_rate"]
            and None not in (one["hourly_rate"], two["hourly_rate"])
        )
    ),
    "direct_and_via_group_one_rate": of_first_two_members(
        lambda one, two: (
            one["user_id"] == two["user_id"]
            and (one["group_id"] is None) != (two["group_id"] is None)
            and (one["hourly_rate"] is None) != (two["hourly_rate"] is None)
        )
    ),
    "duplicate_member": of_first_two_members(lambda one, two: one | {"id": 0} == two | {"id": 0}),
    "unlisted_member": of_first_member(lambda office, row: row["user_id"] not in office.users),
    "cost_over_rate": of_first_member(lambda _, row: row["labour_cost"] > 100 * row["hourly_rate"]),
    "deleted_member": of_first_member(
        lambda office, row: office.users[row["user_id"]]["deleted_at"]
    ),
    "deactivated_member": of_first_member(
        lambda office, row: office.users[row["user_id"]]["deactivated"]
    ),
}


def test_it_is_known_of_every_oddity_what_it_is():
    assert IS.keys() == ODDITIES.keys()


def test_every_project_that_is_named_is_odd(subtests):
    office = Office()
    for oddity, is_odd in IS.items():
        with subtests.test(oddity):
            named = office.agency.odd(oddity)
            assert named
            assert [number for number in named if not is_odd(office, number)] == []
