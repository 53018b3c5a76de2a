"""What a report costs, told before it is spent; and what cannot be paid is not begun."""

import time

import pandas as pd
import pytest
from typer.testing import CliRunner

from togglframe import CompletenessWarning, QuotaExceededError, filters, reports
from togglframe.cli import app
from togglframe.sandbox import Behaviour

BUDGET = {"projects", "statuses", "clients"}


def spend(sandbox, ws, leave):
    """Spend the quota until so many requests are left, on what no report asks for."""
    start = 0
    while sandbox.quota_remaining > leave:
        start += 1
        ws.post("filters/clients", {"name": "nobody", "start": start})


def test_a_plan_costs_nothing_and_says_at_least(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    plan = reports.plan(ws, reports.project_budget)
    assert plan.costs == dict.fromkeys(BUDGET, 1)
    assert (plan.requests, plan.is_exact) == (3, False)
    assert str(plan).startswith("at least 3 requests (projects 1, statuses 1, clients 1)")
    assert sandbox.requests == []
    reports.project_budget(ws)
    assert len(sandbox.requests) == plan.requests


def test_what_is_cached_costs_nothing(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    reports.project_budget(ws)
    usage = ws.usage
    plan = reports.plan(ws, reports.client_summary)
    assert (plan.requests, plan.is_exact) == (0, True)
    assert str(plan).startswith("0 requests")
    with_members = reports.plan(ws, reports.project_budget, members=True)
    assert with_members.costs == {**dict.fromkeys(BUDGET, 0), "project_users": 1}
    assert ws.usage == usage


def test_what_has_expired_is_counted_by_its_pages(make_sandbox, make_workspace):
    sandbox = make_sandbox(500, behaviour=Behaviour(page_size_clamp=201))
    ws = make_workspace(sandbox, cache="memory", expire_after=0.3)
    reports.project_members(ws)
    spent = len(sandbox.requests)
    time.sleep(0.4)
    plan = reports.plan(ws, reports.project_members)
    assert (plan.requests, plan.is_exact) == (spent, True)
    assert plan.costs["projects"] == 3
    with ws.refresh():
        assert reports.plan(ws, reports.project_members) == plan


def test_what_others_are_made_of_is_a_part_of_the_plan(sandbox, make_workspace):
    listings = reports.Listings(make_workspace(sandbox, cache="memory"))
    assert listings.plan("clients").costs == {"projects": 1, "clients": 1}
    assert listings.plan("tasks").costs == {"tasks": 1}


def test_only_what_has_expired_is_fetched_anew(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory", expire_after=2)
    filters.projects(ws)
    time.sleep(1.2)
    budget = reports.project_budget(ws)
    time.sleep(1.2)
    plan = reports.plan(ws, reports.project_budget)
    assert plan.costs == {"projects": 1, "statuses": 0, "clients": 0}
    before = len(sandbox.requests)
    pd.testing.assert_frame_equal(reports.project_budget(ws), budget)
    assert [request.endpoint for request in sandbox.requests[before:]] == ["filters/projects"]


@pytest.mark.parametrize(
    ("report", "listings"),
    [
        (reports.project_budget, BUDGET),
        (reports.client_hours, BUDGET),
        (reports.workspace_summary, BUDGET),
        (reports.project_members, {"project_users", "projects", "users", "project_groups"}),
        (reports.rate_card, {"project_users", "projects", "users", "project_groups"}),
        (reports.task_accuracy, {"tasks", "projects"}),
        (reports.estimate_bias, {"tasks", "projects"}),
        (reports.estimate_reconciliation, BUDGET | {"tasks"}),
        (reports.workload, {"tasks"}),
        (reports.audit, BUDGET | {"tasks", "project_users", "project_groups", "users"}),
    ],
    ids=lambda part: getattr(part, "__name__", ""),
)
def test_every_report_has_a_plan_that_names_what_it_fetches(
    report, listings, sandbox, make_workspace
):
    ws = make_workspace(sandbox, cache="memory")
    assert reports.plan(ws, report).costs.keys() == listings
    report(ws)
    fetched = {request.endpoint for request in sandbox.requests}
    assert len(fetched) == len(listings)
    assert reports.plan(ws, report).requests == 0


def test_a_plan_is_no_frame_of_the_command_line():
    result = CliRunner().invoke(app, ["frames", "reports.plan", "--workspace", "1"])
    assert result.exit_code == 2
    assert "there is no frame 'reports.plan'" in result.stderr


def test_a_plan_is_of_a_report(ws):
    with pytest.raises(TypeError, match="not a report"):
        reports.plan(ws, repr)


@pytest.mark.parametrize("on_quota", ["stale", "raise"])
def test_a_report_that_cannot_be_paid_is_refused_before_the_first_request(
    make_sandbox, make_workspace, on_quota
):
    sandbox = make_sandbox(quota=30)
    ws = make_workspace(sandbox, cache="memory", on_quota=on_quota)
    spend(sandbox, ws, leave=2)
    before = len(sandbox.requests)
    with pytest.raises(QuotaExceededError, match="at least 3 requests") as caught:
        reports.project_budget(ws)
    assert caught.value.status is None
    assert 3500 < caught.value.resets_in <= 3600
    assert " UTC" in str(caught.value)
    assert len(sandbox.requests) == before
    assert len(filters.projects(ws)) == 61
    assert reports.plan(ws, reports.project_budget).is_affordable is False


def test_a_report_that_can_just_be_paid_is_not_refused(make_sandbox, make_workspace):
    sandbox = make_sandbox(quota=30)
    ws = make_workspace(sandbox, cache="memory")
    spend(sandbox, ws, leave=3)
    reports.project_budget(ws)
    assert sandbox.quota_remaining == 0
    reports.client_summary(ws)


def test_without_quota_the_whole_report_is_served_stale_or_refused(make_sandbox, make_workspace):
    sandbox = make_sandbox(quota=30)
    stale = make_workspace(sandbox, cache="memory", expire_after=0.1)
    strict = make_workspace(sandbox, cache="memory", expire_after=0.1, on_quota="raise")
    for ws in (stale, strict):
        reports.project_budget(ws)
    time.sleep(0.2)
    sandbox.use_up_quota()
    for ws in (stale, strict):
        with pytest.raises(QuotaExceededError):
            filters.tasks(ws)
    before = len(sandbox.requests)
    with pytest.raises(QuotaExceededError, match="3 requests"):
        reports.project_budget(strict)
    assert len(sandbox.requests) == before
    with pytest.warns(UserWarning, match="the hourly quota is used up"):
        assert len(reports.project_budget(stale)) >= 60
    assert len(sandbox.requests) == before + 3


def test_an_old_refusal_is_forgotten_at_the_reset(make_sandbox, make_workspace):
    now = [0.0]
    sandbox = make_sandbox(quota=30, clock=lambda: now[0])
    ws = make_workspace(sandbox, cache="memory")
    sandbox.use_up_quota(resets_in=1)
    with pytest.raises(QuotaExceededError):
        filters.projects(ws)
    now[0] = 2.0
    time.sleep(1.1)
    assert len(reports.project_budget(ws)) >= 60


def test_a_cached_report_is_read_once(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    reports.project_budget(ws)
    before = ws.usage.cache_hits
    reports.project_budget(ws)
    assert ws.usage.cache_hits == before + 3


def test_what_a_cached_listing_warns_of_is_said_once(make_sandbox, make_workspace):
    sandbox = make_sandbox(behaviour=Behaviour(shuffle_pages=True))
    ws = make_workspace(sandbox, cache="memory")
    with pytest.warns(CompletenessWarning):
        filters.projects(ws)
    with pytest.warns(CompletenessWarning) as caught:
        reports.project_budget(ws)
    said = [str(warning.message) for warning in caught]
    assert "filters/projects:" in said[0]
    assert len(said) == len(set(said))


def test_a_rehearsal_says_nothing_of_answers_that_will_not_be_used(make_sandbox, make_workspace):
    sandbox = make_sandbox(500, behaviour=Behaviour(shuffle_pages=True, page_size_clamp=201))
    ws = make_workspace(sandbox, cache="memory")

    def said():
        with pytest.warns(CompletenessWarning, match="order") as caught:
            reports.project_budget(ws)
        return sorted(str(warning.message) for warning in caught)

    first = said()
    assert said() == first  # out of the cache it is as doubtful as before
    with ws.refresh():
        reports.plan(ws, reports.project_budget)  # a warning would be an error
        assert said() == first  # of the new answers alone


@pytest.mark.parametrize("wrong", [filters.projects, "project_budget", reports.plan, len, None])
def test_what_is_no_report_is_named(ws, wrong):
    with pytest.raises(TypeError, match="is not a report, such as"):
        reports.plan(ws, wrong)
