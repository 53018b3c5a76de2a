"""A cached year answers for October: when, and when not."""

import json

import pandas as pd
import pytest
from vendor import Behaviour, Fault

from togglframe import QuotaExceededError, reports, search
from togglframe.http.client import client_of

SUMMER = {"start_date": "2026-06-01", "end_date": "2026-08-31"}
JULY = {"start_date": "2026-07-01", "end_date": "2026-07-31"}
WEEK = {"start_date": "2026-07-06", "end_date": "2026-07-12"}


@pytest.fixture
def sandbox(make_sandbox):
    return make_sandbox(6)


@pytest.fixture(params=["memory", "file"])
def cached(request, sandbox, make_workspace, tmp_path):
    """Return a workspace that has fetched the summer."""
    cache = "memory" if request.param == "memory" else tmp_path / "answers.sqlite"
    ws = make_workspace(sandbox, cache=cache)
    search.time_entries(ws, **SUMMER)
    return ws


def spent(sandbox, ws, **arguments):
    """Return the requests that time entries cost."""
    before = len(sandbox.requests)
    search.time_entries(ws, **arguments)
    return len(sandbox.requests) - before


def user_of(sandbox):
    return sandbox.agency.users[0]["id"]


def test_a_part_says_where_it_came_from(cached, sandbox):
    summer = search.time_entries(cached, **SUMMER).attrs["togglframe"]
    july = search.time_entries(cached, **JULY).attrs["togglframe"]
    assert july["part_of"] == SUMMER
    assert july["fetched_at"] == summer["fetched_at"]
    assert july["from_cache"]
    assert cached.usage.requests == len(sandbox.requests)


def test_a_cached_listing_answers_for_what_it_holds_alone(cached, sandbox, subtests):
    one = user_of(sandbox)
    free = [JULY, WEEK, {**JULY, "user_ids": [one]}, {**SUMMER, "project_ids": [None]}]
    later = {"start_date": "2026-08-31", "end_date": "2026-09-01"}
    costly = [later, {**JULY, "billable": True}, {**JULY, "client_ids": [None]}]
    for arguments in free:
        with subtests.test(str(arguments)):
            assert spent(sandbox, cached, **arguments) == 0
    for arguments in costly:
        with subtests.test(str(arguments)):
            assert spent(sandbox, cached, **arguments) == 1


def test_a_listing_of_some_users_answers_for_these_alone(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    one, two, three = (user["id"] for user in sandbox.agency.users[:3])
    search.time_entries(ws, **SUMMER, user_ids=[one, two])
    assert spent(sandbox, ws, **JULY, user_ids=[two]) == 0
    assert spent(sandbox, ws, **JULY, user_ids=[two, three]) == 1
    assert spent(sandbox, ws, **JULY) == 1


def test_another_process_and_another_credential(sandbox, make_workspace, tmp_path):
    file = tmp_path / "answers.sqlite"
    first = make_workspace(sandbox, cache=file)
    search.time_entries(first, **SUMMER)
    first.close()
    assert spent(sandbox, make_workspace(sandbox, cache=file), **JULY) == 0
    other = make_workspace(sandbox, cache=file, token="f" * 32)
    assert not reports.plan(other, "hours", **JULY).is_exact
    assert client_of(other).listings("search/time_entries") == []


def test_a_listing_whose_pages_are_gone_or_old_answers_for_nothing(
    sandbox, make_workspace, clock, subtests
):
    ws = make_workspace(sandbox, cache="memory", expire_after=3600)
    search.time_entries(ws, **SUMMER)
    with subtests.test("in refresh"), ws.refresh():
        assert reports.plan(ws, "hours", **WEEK).requests == 1
        assert spent(sandbox, ws, **WEEK) == 1
    with subtests.test("deleted"):
        (listing,) = [
            one
            for one in client_of(ws).listings("search/time_entries")
            if one.body["end_date"] > "2026-08"
        ]
        client_of(ws).forget([*listing.pages][:1])
        assert reports.plan(ws, "hours", **JULY).requests == 1
        assert spent(sandbox, ws, **JULY) == 1
    with subtests.test("expired"):
        search.time_entries(ws, **SUMMER)
        clock.advance(4000)
        assert (
            reports.plan(ws, "hours", start_date="2026-06-01", end_date="2026-06-07").requests == 1
        )
        assert spent(sandbox, ws, start_date="2026-06-01", end_date="2026-06-07") == 1
    with subtests.test("cleared"):
        search.time_entries(ws, **SUMMER)
        ws.clear_cache()
        assert client_of(ws).listings("search/time_entries") == []


def test_the_own_listing_comes_before_an_older_one_that_holds_it(cached, sandbox):
    with cached.refresh():
        fresh = search.time_entries(cached, **JULY).attrs["togglframe"]
    again = search.time_entries(cached, **JULY).attrs["togglframe"]
    assert again["fetched_at"] == fresh["fetched_at"]
    assert "part_of" not in again
    week = search.time_entries(cached, **WEEK).attrs["togglframe"]
    assert week["part_of"] == JULY  # the newest that holds it


def test_a_listing_in_doubt_or_of_another_rule_for_days_does_not_answer(
    make_sandbox, make_workspace, subtests
):
    sandbox = make_sandbox(6)
    ws = make_workspace(sandbox, cache="memory")
    with subtests.test("in doubt"):
        sandbox.inject(Fault("narrow_range", endpoint="search/time_entries"))
        with pytest.warns(UserWarning, match="the answer covers"):
            search.time_entries(ws, **SUMMER)
        assert spent(sandbox, ws, **WEEK) == 1
    with subtests.test("days of UTC"):
        sandbox = make_sandbox(40, behaviour=Behaviour(days_of_utc=True))
        ws = make_workspace(sandbox, cache="memory")
        with pytest.warns(UserWarning, match="outside the days asked for"):
            search.time_entries(ws, start_date="2026-01-01", end_date="2026-11-25")
        before = len(sandbox.requests)
        assert reports.plan(ws, "hours", **WEEK).requests == 1
        with pytest.warns(UserWarning, match="outside the days asked for"):
            search.time_entries(ws, **WEEK)
        assert len(sandbox.requests) == before + 1


def row(*days, cents, **more):
    """Return a row of the API that holds an hour of each day, for an amount."""
    held = [
        {
            "id": number,
            "seconds": 3600,
            "start": f"{day}T09:00:00+02:00",
            "stop": f"{day}T10:00:00+02:00",
            "at": f"{day}T10:00:00Z",
        }
        for number, day in enumerate(days, 1)
    ]
    return {"user_id": 5, "time_entries": held, "billable_amount_in_cents": cents, **more}


@pytest.mark.parametrize(
    ("rows", "cost"),
    [
        ([row("2026-07-08", "2026-07-09", cents=101)], 0),  # both are in the week
        ([row("2026-07-01", "2026-07-09", cents=101)], 1),  # it would share the cents differently
        ([row("2026-07-09", "2026-08-09", cents=101)], 1),
        ([row("2026-07-01", "2026-07-09", cents=None)], 0),
        ([row("2026-07-01", "2026-07-02", cents=101)], 0),
    ],
)
def test_entries_that_share_an_amount_are_not_separated(rows, cost, sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    body = json.dumps(rows)
    sandbox.inject(Fault("payload", body=body, endpoint="search/time_entries"))
    search.time_entries(ws, **SUMMER)
    assert reports.plan(ws, "hours", **WEEK).requests == cost
    assert spent(sandbox, ws, **WEEK) == cost


def test_fields_that_no_table_declares_are_typed_as_in_the_direct_answer(sandbox, make_workspace):
    rows = [
        {**row("2026-07-01", cents=1), "flag": True, "only_here": 3},
        {**row("2026-07-08", cents=1), "flag": None, "other": 7},
    ]
    rows[1]["time_entries"][0]["id"] = 2
    ws, direct = make_workspace(sandbox, cache="memory"), make_workspace(sandbox)
    for body in (rows, rows[1:]):
        sandbox.inject(Fault("payload", body=json.dumps(body), endpoint="search/time_entries"))
        search.time_entries(ws if body is rows else direct, **SUMMER)
    sandbox.inject(Fault("payload", body=json.dumps(rows[1:]), endpoint="search/time_entries"))
    wanted = search.time_entries(direct, **WEEK)
    pd.testing.assert_frame_equal(search.time_entries(ws, **WEEK), wanted, check_exact=True)


def test_a_spent_quota_does_not_refuse_a_part_of_a_cached_listing(make_sandbox, make_workspace):
    sandbox = make_sandbox(6, quota=20)
    ws = make_workspace(sandbox, cache="memory", on_quota="raise")
    reports.hours(ws, **SUMMER)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        search.users(ws, active=True)
    july = reports.hours(ws, **JULY)
    assert july.attrs["togglframe"]["from_cache"]
    with pytest.raises(QuotaExceededError, match="at least 1 request"):
        reports.hours(ws, period="2026-09")


def test_what_newer_entries_refer_to_is_fetched_again_and_planned(sandbox, make_workspace, clock):
    ws = make_workspace(sandbox, cache="memory")
    reports.Listings(ws).fetch("projects")
    clock.advance(1000)
    search.time_entries(ws, **SUMMER)
    assert not reports.plan(ws, "hours", by="client", **JULY).is_exact
    clock.advance(1000)
    with ws.refresh():
        reports.Listings(ws).fetch("projects")
    plan = reports.plan(ws, "hours", by="client", **JULY)
    assert (plan.requests, plan.is_exact) == (0, True)
