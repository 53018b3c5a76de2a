"""The agency's time entries: two years and more that agree with the totals, and as odd as life."""

import time
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pytest
from days import ANY_DAYS, TODAY, YESTERDAY

from togglframe.sandbox.agency import build_agency
from togglframe.sandbox.server import SEED, WORKSPACE_ID


def build(scale=60, *, today=TODAY, **options):
    return build_agency(scale, seed=SEED, workspace_id=WORKSPACE_ID, today=today, **options)


@pytest.fixture(scope="module")
def agency():
    return build()


@pytest.fixture(scope="module")
def entries(agency):
    return agency.entries


@pytest.fixture(scope="module", params=[1, 7, 60, pytest.param(130, marks=pytest.mark.nightly)])
def any_agency(request):
    return build(request.param)


# Sums


def test_the_seconds_and_cents_of_entries_are_those_of_the_statuses(any_agency):
    tracked, billable, amounts = Counter(), Counter(), Counter()
    for entry in any_agency.entries:
        tracked[entry.project_id] += entry.seconds
        billable[entry.project_id] += entry.seconds * entry.billable
        amounts[entry.project_id] += entry.amount or 0
    assert any_agency.project_statuses
    for status in any_agency.project_statuses:
        number = status["id"]
        assert tracked[number] == (status["tracked_seconds"] or 0)
        assert billable[number] == (status["billable_seconds"] or 0)
        assert amounts[number] == (status["billable_amount"] or 0)
    assert tracked.keys() <= {None, *(status["id"] for status in any_agency.project_statuses)}


def test_the_seconds_and_cents_of_entries_are_those_of_the_tasks(any_agency):
    tracked, amounts = Counter(), Counter()
    for entry in any_agency.entries:
        tracked[entry.task_id] += entry.seconds
        amounts[entry.task_id] += entry.amount or 0
    impossible = any_agency.odd("tasks_over_project")
    possible = [row for row in any_agency.tasks if row["project_id"] not in impossible]
    assert [row for row in possible if tracked[row["id"]] * 1000 != row["tracked_seconds"]] == []
    numbers = {row["id"] for row in possible}
    statuses = [row for row in any_agency.task_statuses if row["id"] in numbers]
    assert [row for row in statuses if amounts[row["id"]] != (row["billable_amount"] or 0)] == []


def test_a_task_is_one_of_the_entrys_project(agency, entries):
    project_of = {row["id"]: row["project_id"] for row in agency.tasks}
    tasked = [entry for entry in entries if entry.task_id is not None]
    assert all(project_of[entry.task_id] == entry.project_id for entry in tasked)
    assert 0.5 < len(tasked) / len(entries) < 0.8


def test_amounts_are_seconds_times_the_rate(agency, entries):
    (impossible,) = agency.odd("tasks_over_project")
    priced = [e for e in entries if e.amount is not None and e.project_id != impossible]
    assert max(abs(e.amount - e.seconds * e.rate / 3600) for e in priced) < 1.5


# How much, and when


def test_there_are_thirty_thousand_of_two_years_and_more(entries):
    assert 28_000 < len(entries) < 34_000
    days = {entry.day for entry in entries}
    assert max(days) == YESTERDAY.toordinal()
    assert max(days) - min(days) > 2 * 366


def test_people_are_busy_four_days_a_week(entries):
    days, seconds = defaultdict(set), Counter()
    for entry in entries:
        days[entry.user_id].add(entry.day)
        seconds[entry.user_id] += entry.seconds
    assert len(days) >= 25
    for user_id, of_user in days.items():
        weeks = (max(of_user) - min(of_user) + 1) / 7
        assert 3 < len(of_user) / weeks < 4.5
        assert 6.5 < seconds[user_id] / 3600 / len(of_user) < 8.5
    billable = sum(entry.seconds for entry in entries if entry.billable)
    assert 0.6 < billable / seconds.total() < 0.8


@pytest.mark.parametrize("today", ANY_DAYS, ids=str)
def test_entries_end_yesterday_whenever_that_is(today):
    entries = build(7, today=today).entries
    assert max(entry.day for entry in entries) == today.toordinal() - 1
    end = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=1)
    assert max(entry.updated for entry in entries) < end.timestamp()


def test_they_are_ordered_and_each_has_an_id_of_its_own(entries):
    keys = [(entry.start, entry.id) for entry in entries]
    assert keys == sorted(keys)
    assert len({entry.id for entry in entries}) == len(entries)
    ids = [entry.id for entry in entries]
    assert ids != sorted(ids)  # some were added days later
    assert min(ids) > 2**31


def test_the_same_arguments_make_the_same_entries(entries):
    assert build().entries == entries


def test_they_are_made_when_they_are_asked_for_within_seconds():
    agency = build()
    assert "entries" not in vars(agency)
    started = time.thread_time()  # of this thread alone, however busy the machine is
    assert agency.entries
    assert time.thread_time() - started < 3


def test_an_empty_agency_has_none():
    assert build(0).entries == []
    assert build(7, people=0, memberships=0).entries  # somebody whom nothing lists did it all


# Oddities


def local(seconds, offset):
    return datetime.fromtimestamp(seconds + offset, UTC).replace(tzinfo=None)


def test_days_are_those_of_the_trackers_own_clock(entries):
    for entry in entries:
        assert local(entry.start, entry.offset).toordinal() == entry.day


def test_time_zones_are_odd_and_summer_time_comes_and_goes(entries):
    offsets = {entry.offset / 3600 for entry in entries}
    assert {5.5, 5.75, -3.5, -2.5, 12.75, 13.75, 10.5, 11, 9, -8, -7, 0, 1, 2} <= offsets
    changes = {
        (datetime.fromtimestamp(e.start, UTC).month, e.stop_offset - e.offset)
        for e in entries
        if e.offset != e.stop_offset
    }
    assert {month for month, _ in changes} & {3, 4}
    assert {month for month, _ in changes} & {10, 11}


def test_some_go_over_midnight_and_some_overlap(entries):
    over, overlaps, stops = 0, 0, {}
    for entry in entries:
        stop = entry.start + entry.seconds
        over += local(stop, entry.stop_offset).toordinal() > entry.day
        overlaps += stops.get(entry.user_id, 0) > entry.start
        stops[entry.user_id] = max(stops.get(entry.user_id, 0), stop)
    assert over > 100
    assert overlaps > 100


def test_some_lack_project_task_description_or_tags_and_some_are_empty(entries):
    for field, lowest, highest in [
        ("project_id", 0.03, 0.1),
        ("task_id", 0.2, 0.5),
        ("description", 0.04, 0.08),
        ("amount", 0.2, 0.4),
    ]:
        missing = sum(getattr(entry, field) is None for entry in entries)
        assert lowest < missing / len(entries) < highest, field
    assert {len(entry.tag_ids) for entry in entries} == {0, 1, 2, 3}
    assert 5 < sum(entry.seconds == 0 for entry in entries) < 100


def test_people_and_projects_that_are_gone_have_entries(agency, entries):
    projects = {row["id"]: row["active"] for row in agency.projects}
    users = {row["id"]: row for row in agency.users}
    of_projects = {entry.project_id for entry in entries} - {None}
    of_users = {entry.user_id for entry in entries}
    assert of_projects - projects.keys()
    assert any(not projects.get(number, True) for number in of_projects)
    assert agency.unlisted_user_id in of_users
    deleted = [row for row in users.values() if row["deleted_at"]]
    for row in deleted:
        own = [entry.day for entry in entries if entry.user_id == row["id"]]
        assert own
        assert max(own) <= datetime.fromisoformat(row["deleted_at"]).toordinal() + 1
    names = Counter(users[number]["fullname"] for number in of_users & users.keys())
    assert 2 in names.values()


def test_currencies_are_many_and_one_is_not_said(entries):
    assert {entry.currency for entry in entries} == {"EUR", "USD", "JPY", ""}


def test_a_changed_rate_is_older_in_the_mean(agency, entries):
    for number in agency.odd("changed_rate"):
        starts = defaultdict(list)
        for entry in entries:
            if entry.project_id == number and entry.rate is not None:
                starts[entry.rate].append(entry.start)
        assert len(starts) == 2
        means = sorted(sum(of_rate) / len(of_rate) for of_rate in starts.values())
        assert means[1] - means[0] > timedelta(days=20).total_seconds()
