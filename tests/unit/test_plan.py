"""What a report costs, told before it is spent; and what cannot be paid is not begun."""

import re
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
from conftest import SCALE
from report_cases import DISTINCT, also_by_night, asked, by_endpoint, needed, range_of
from report_cases import least as least_of
from typer.testing import CliRunner
from vendor import Behaviour

from togglframe import CompletenessWarning, QuotaExceededError, demo, export, reports
from togglframe.api import filters
from togglframe.cli import app
from togglframe.http.client import client_of
from togglframe.http.quota import Plan
from togglframe.reports.planning import records

ROOT = Path(__file__).parents[2]
BUDGET = {"projects", "statuses", "clients"}
RECORDS = dict(records())
RANGES = {function: needed(record) | range_of(record) for function, record in RECORDS.items()}
REPORTS = [function for function, record in RECORDS.items() if record in DISTINCT]
every_report = pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.__name__)


def plan_of(ws, report):
    return reports.plan(ws, report, **RANGES[report])


def make(ws, report):
    return report(ws, **RANGES[report])


SERVERS = {
    "plain": {},
    "small pages": {"page_size_clamp": 40},
    "one state at a time": {"omitted_active_filters": True},
    "page size refused": {"max_page_size": 40},
    "ids capped": {"posted_ids_cap": 25},
    "statuses want ids": {"status_needs_ids": True},
}


def spend(sandbox, ws, leave):
    """Spend the quota until so many requests are left, on what no report asks for."""
    start = 0
    while sandbox.quota_remaining > leave:
        start += 1
        ws.post("filters/clients", {"name": "nobody", "start": start})


def spent_by(sandbox, call):
    """Return the number of requests of a call by endpoint."""
    before = len(sandbox.requests)
    call()
    endpoints = [request.endpoint for request in sandbox.requests[before:]]
    return {endpoint: endpoints.count(endpoint) for endpoint in endpoints}


def count_casts(monkeypatch):
    """Return a list that tells the paths of the listings that are cast from now on."""
    cast = []
    frame = filters.Endpoint._frame

    def noted(endpoint, *args):
        cast.append(endpoint.path)
        return frame(endpoint, *args)

    monkeypatch.setattr(filters.Endpoint, "_frame", noted)
    return cast


# --- what a report costs at first, and later ----------------------------------------------------


def test_the_first_plan_of_every_report_tells_the_least_and_costs_nothing(ws, sandbox, subtests):
    for report, record in RECORDS.items():
        with subtests.test(record.name):
            plan = plan_of(ws, report)
            assert by_endpoint(plan) == least_of(record)
            assert not plan.is_exact
            assert str(plan).startswith(f"about {plan.requests} request")
            assert plan.is_affordable is None
    assert sandbox.requests == []


# By day every listing, and every server with reports of what it changes.
EVERY_LISTING = [
    reports.burn,
    reports.estimate_reconciliation,
    reports.profitability,
    reports.rate_card,
    reports.user_hours,
    reports.utilisation,
]
BY_DAY = [
    *((report, "plain") for report in EVERY_LISTING),
    *((reports.estimate_reconciliation, server) for server in SERVERS if server != "plain"),
    *((report, "small pages") for report in (reports.project_members, reports.hours)),
]
BY_NIGHT = [
    *((report, "plain") for report in REPORTS),
    *((reports.project_audit, server) for server in SERVERS if server != "plain"),
    *((report, "small pages") for report in REPORTS if report is not reports.project_audit),
]


def test_the_plans_by_day_are_of_every_listing():
    planned = {name for report in EVERY_LISTING for name, _ in asked(RECORDS[report])}
    assert planned == {name for record in DISTINCT for name, _ in asked(record)}


@pytest.mark.parametrize(
    "case", also_by_night(BY_DAY, BY_NIGHT), ids=lambda case: f"{case[0].__name__}-{case[1]}"
)
def test_a_plan_tells_what_a_report_costs_new_cached_and_expired(
    case, make_sandbox, make_workspace, tmp_path, monkeypatch
):
    report, server = case
    sandbox = make_sandbox(behaviour=Behaviour(**SERVERS[server]))
    cast = count_casts(monkeypatch)
    file = tmp_path / "answers.sqlite"
    ws = make_workspace(sandbox, cache=file)
    plan = plan_of(ws, report)
    made = []
    spent = spent_by(sandbox, lambda: made.append(make(ws, report)))
    of_one = cast.copy()
    assert plan.requests <= len(sandbox.requests)
    assert sorted(made[0].attrs["togglframe"]["endpoints"]) == sorted(spent)

    if server == "plain":
        assert spent == by_endpoint(plan)
        assert spent_by(sandbox, lambda: made.append(make(ws, report))) == {}
        pd.testing.assert_frame_equal(*made)
        assert ws.usage.cache_hits == sum(spent.values())
        assert cast == 2 * of_one  # each listing as often as at first

    later = make_workspace(sandbox, cache=file, expire_after=0)  # everything has expired to it
    twice = ["in another process", "in the same, which has learnt"]
    for _ in twice[: 1 if server == "plain" else 2]:
        before = len(sandbox.requests)
        plan = plan_of(later, report)
        assert plan.is_exact
        assert len(sandbox.requests) == before
        assert spent_by(sandbox, lambda: make(later, report)) == by_endpoint(plan)
    if server == "plain":
        assert cast == 3 * of_one


def test_a_plan_is_said_in_a_line(ws):
    plan = reports.plan(ws, reports.project_budget)
    assert plan.costs == dict.fromkeys(BUDGET, 1)
    assert str(plan) == "about 3 requests (projects: 1, statuses: 1, clients: 1)"


@pytest.mark.parametrize(
    "case",
    also_by_night(
        [(reports.project_budget, None), (reports.project_members, "memory")],
        [(reports.project_audit, None), (reports.project_audit, "memory")],
    ),
    ids=lambda case: f"{case[0].__name__}-{case[1]}",
)
def test_what_is_fetched_anew_costs_what_it_cost(case, make_sandbox, make_workspace, monkeypatch):
    report, cache = case
    sandbox = make_sandbox(behaviour=Behaviour(**SERVERS["small pages"]))
    ws = make_workspace(sandbox, cache=cache)
    cast = count_casts(monkeypatch)
    first = spent_by(sandbox, lambda: make(ws, report))
    of_one = cast.copy()
    with ws.refresh():
        plan = plan_of(ws, report)
        assert plan.is_exact
        assert by_endpoint(plan) == first
        assert spent_by(sandbox, lambda: make(ws, report)) == first
        assert cast == 2 * of_one
        again = plan_of(ws, report)
        assert by_endpoint(again) == ({} if cache else first)


def test_what_was_empty_is_doubted_again(make_sandbox, make_workspace, tmp_path):
    sandbox = make_sandbox()
    for project in sandbox.agency.projects:
        project["client_id"] = 5  # which is not listed
    file = tmp_path / "answers.sqlite"
    reports.project_budget(make_workspace(sandbox, cache=file))
    reports.project_budget(make_workspace(sandbox, cache=file))  # reads, and asks nothing
    later = make_workspace(sandbox, cache=file, expire_after=0)
    plan = reports.plan(later, reports.project_budget)
    assert plan.costs["clients"] == 2
    spent = spent_by(sandbox, lambda: reports.project_budget(later))
    assert spent == by_endpoint(plan)


def test_only_what_has_expired_is_fetched_anew(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    budget = reports.project_budget(ws)
    with ws.refresh():
        reports.Listings(ws).fetch("statuses", "clients")  # and the projects before them
        assert reports.plan(ws, reports.project_budget).requests == 0
    with ws.refresh():
        reports.Listings(ws).fetch("projects")
        plan = reports.plan(ws, reports.project_budget)
        assert plan.costs == {"projects": 0, "statuses": 1, "clients": 1}
        made = []
        spent = spent_by(sandbox, lambda: made.append(reports.project_budget(ws)))
    assert spent == {"filters/projects/status": 1, "filters/clients": 1}
    pd.testing.assert_frame_equal(made[0], budget)


def test_what_is_cached_costs_nothing(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    reports.project_budget(ws)
    usage = ws.usage
    plan = reports.plan(ws, reports.client_budget)
    assert (plan.requests, plan.is_exact) == (0, True)
    assert str(plan).startswith("0 requests")
    with_members = reports.plan(ws, reports.project_budget, members=True)
    assert with_members.costs == {**dict.fromkeys(BUDGET, 0), "project_users": 2}
    assert not with_members.is_exact
    assert ws.usage == usage


def test_a_plan_looks_at_keys_and_reads_no_answer(sandbox, make_workspace, tmp_path, monkeypatch):
    ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite")
    reports.project_members(ws)
    monkeypatch.setattr(client_of(ws)._cache, "get_response", None)
    assert reports.plan(ws, reports.project_members).requests == 0


def test_an_answer_that_is_gone_is_asked_for_again(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    reports.project_members(ws)
    stored = client_of(ws)._cache.answers()
    users = next(answer for answer in stored if answer.url.endswith("search/users"))
    client_of(ws).forget([users.cache_key])
    plan = reports.plan(ws, reports.project_members)
    assert plan.costs == {"project_users": 0, "projects": 0, "users": 1, "project_groups": 0}
    ws.clear_cache()
    assert reports.plan(ws, reports.project_members).requests == 9
    assert not reports.plan(ws, reports.project_members).is_exact


def test_two_credentials_know_nothing_of_each_other(make_sandbox, make_workspace, tmp_path):
    sandbox = make_sandbox()
    file = tmp_path / "answers.sqlite"
    reports.project_budget(make_workspace(sandbox, cache=file))
    other = make_workspace(sandbox, cache=file, token="f" * 32)
    assert not reports.plan(other, reports.project_budget).is_exact


def test_what_a_plan_of_the_workspace_hides_costs_the_refusal(make_sandbox, make_workspace):
    sandbox = make_sandbox(plan="free")
    ws = make_workspace(sandbox, cache="memory")
    with pytest.warns(CompletenessWarning):
        reports.project_audit(ws)
    assert reports.plan(ws, reports.project_audit).requests == 0
    with ws.refresh():
        assert reports.plan(ws, reports.project_audit).costs["tasks"] == 1


def test_what_others_are_made_of_is_a_part_of_the_plan(sandbox, make_workspace):
    listings = reports.Listings(make_workspace(sandbox, cache="memory"))
    assert listings.plan("clients").costs == {"projects": 1, "clients": 1}
    assert listings.plan("tasks").costs == {"tasks": 2}


def test_what_listings_hold_costs_nothing(ws):
    listings = reports.Listings(ws)
    reports.project_budget(listings)
    assert reports.plan(listings, reports.client_budget).requests == 0
    assert reports.plan(ws, reports.client_budget).requests == 3


# --- what is planned ----------------------------------------------------------------------------


def test_a_plan_is_no_frame_of_the_command_line():
    result = CliRunner().invoke(app, ["frames", "reports.plan", "--workspace", "1"])
    assert result.exit_code == 2
    assert "there is no frame 'reports.plan'" in result.stderr


@pytest.mark.parametrize("wrong", [filters.projects, reports.plan, len, None, []])
def test_what_is_no_report_is_named(ws, wrong):
    with pytest.raises(TypeError, match="is not a report, such as"):
        reports.plan(ws, wrong)


def test_a_plan_takes_the_arguments_of_the_report(ws):
    with pytest.raises(ValueError, match="at_risk must be"):
        reports.plan(ws, reports.project_budget, at_risk=7)
    with pytest.raises(TypeError, match="unexpected keyword argument 'unique'"):
        reports.plan(ws, reports.project_budget, unique=True)


# --- what cannot be paid ------------------------------------------------------------------------


@every_report
def test_a_report_that_cannot_be_paid_is_refused_before_the_first_request(
    report, make_sandbox, make_workspace
):
    least = sum(least_of(RECORDS[report]).values())
    sandbox = make_sandbox(quota=least + 2)
    ws = make_workspace(sandbox, cache="memory")
    spend(sandbox, ws, leave=least - 1)
    before = len(sandbox.requests)
    with pytest.raises(QuotaExceededError, match=f"at least {least} request") as caught:
        make(ws, report)
    assert caught.value.status is None
    assert 3500 < caught.value.resets_in <= 3600
    assert " UTC" in str(caught.value)
    assert len(sandbox.requests) == before
    assert plan_of(ws, report).is_affordable is False


# By day one of listings alone, and one with a page whose size must be learnt.
@pytest.mark.parametrize(
    "report",
    also_by_night([reports.workspace_budget, reports.utilisation], REPORTS),
    ids=lambda report: report.__name__,
)
def test_a_report_that_can_just_be_paid_is_not_refused(report, make_sandbox, make_workspace):
    sandbox = make_sandbox(quota=30)
    ws = make_workspace(sandbox, cache="memory")
    plan = plan_of(ws, report)
    spend(sandbox, ws, leave=plan.requests)
    make(ws, report)
    assert sandbox.quota_remaining == 0
    make(ws, report)


def test_without_quota_the_whole_report_is_served_stale_or_refused(
    make_sandbox, make_workspace, tmp_path
):
    sandbox = make_sandbox(quota=30)
    file = tmp_path / "answers.sqlite"
    reports.project_budget(make_workspace(sandbox, cache=file))
    stale, strict = (
        make_workspace(sandbox, cache=file, expire_after=0, on_quota=on_quota)
        for on_quota in ("stale", "raise")
    )
    sandbox.use_up_quota()
    for ws in (stale, strict):
        with pytest.raises(QuotaExceededError):
            filters.tasks(ws)
    before = len(sandbox.requests)
    with pytest.raises(QuotaExceededError, match="takes 3 requests"):
        reports.project_budget(strict)
    assert len(sandbox.requests) == before
    with pytest.warns(UserWarning, match="the hourly quota is used up"):
        assert len(reports.project_budget(stale)) >= 60
    assert len(sandbox.requests) == before + 3


def test_without_a_cache_nothing_is_served_stale(make_sandbox, make_workspace):
    sandbox = make_sandbox(quota=30)
    ws = make_workspace(sandbox)
    reports.project_budget(ws)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        filters.tasks(ws)
    before = len(sandbox.requests)
    with pytest.raises(QuotaExceededError, match="takes 3 requests"):
        reports.project_budget(ws)
    assert len(sandbox.requests) == before


def test_a_refusal_tells_when_the_quota_resets_by_the_clock_of_the_library(clock):
    clock.advance(5_000)
    refused = Plan({"projects": 2}, True, 1, 60).refusal()
    assert f"resets at {clock.now() + timedelta(seconds=60):%H:%M:%S} UTC" in str(refused)


def test_an_old_refusal_is_forgotten_at_the_reset(make_sandbox, make_workspace, clock):
    sandbox = make_sandbox(quota=30, clock=clock.monotonic)
    ws = make_workspace(sandbox, cache="memory")
    sandbox.use_up_quota(resets_in=1)
    with pytest.raises(QuotaExceededError):
        filters.projects(ws)
    clock.advance(2)
    assert len(reports.project_budget(ws)) >= SCALE


def test_what_has_expired_by_the_clock_is_planned(make_sandbox, make_workspace, clock, tmp_path):
    sandbox = make_sandbox(clock=clock.monotonic)
    ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite", expire_after=60)
    reports.project_budget(ws)
    clock.advance(50)
    reports.Listings(ws).fetch("tasks")
    clock.advance(20)
    plan = reports.plan(ws, reports.estimate_reconciliation)
    assert plan.costs == {"projects": 1, "statuses": 1, "clients": 1, "tasks": 0}
    clock.advance(-120)  # what comes from the future is not fresh
    plan = reports.plan(ws, reports.estimate_reconciliation)
    assert plan.costs == {"projects": 1, "statuses": 1, "clients": 1, "tasks": 2}


# --- said once ----------------------------------------------------------------------------------


def test_what_a_listing_warns_of_is_said_once(make_sandbox, make_workspace):
    sandbox = make_sandbox(500, behaviour=Behaviour(shuffle_pages=True, page_size_clamp=201))
    ws = make_workspace(sandbox, cache="memory")

    def said():
        with pytest.warns(CompletenessWarning, match="order") as caught:
            reports.project_budget(ws)
        return sorted(str(warning.message) for warning in caught)

    first = said()
    assert len(first) == len(set(first))
    assert said() == first  # out of the cache it is as doubtful as before
    reports.plan(ws, reports.project_budget)  # a warning would be an error
    with ws.refresh():
        assert said() == first


# --- README and guide ---------------------------------------------------------------------------


def told(page, pattern):
    """Return the numbers that a page tells of each report."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return {name: int(number) for name, number in re.findall(pattern, text)}


def test_readme_guide_and_plan_tell_what_is_spent_on_the_demo(tmp_path):
    readme = told("README.md", r"\| `(?:reports|export)\.(\w+)\(ws.*?\)` \| (\d+)")
    guide = told(
        "docs/guides/quota-and-cache.md", r"`(?:reports|export)\.(\w+)` (?:\w+ ){0,3}(\d+)"
    )
    assert readme == guide
    planned, spent = {}, {}
    for name in ("project_budget", "task_accuracy", "project_members"):
        with demo(scale=SCALE) as ws:
            report = getattr(reports, name)
            reports.project_budget(ws) if name != "project_budget" else None
            planned[name] = plan_of(ws, report).requests
            before = ws.usage.requests
            make(ws, report)
            spent[name] = ws.usage.requests - before
    with demo(scale=SCALE) as ws:
        planned["to_excel"] = reports.plan(ws, export.to_excel).requests
        export.to_excel(ws, tmp_path / "budgets.xlsx")
        spent["to_excel"] = ws.usage.requests
    assert readme == planned == spent


def test_every_file_and_comparison_is_planned_by_its_name(ws):
    for name in ("to_excel", "to_html", "to_invoice", "to_slide"):
        days = {"period": "2026-10"}
        by_name = reports.plan(ws, name, **days)
        assert by_name.costs == reports.plan(ws, getattr(export, name), **days).costs
    assert reports.plan(ws, "compare", report="hours", period="2026-10").requests > 0
    with pytest.raises(
        TypeError, match=r"to_slide\(\) has no parameter 'client_ids'; it is 'clients'"
    ):
        reports.plan(ws, "to_slide", client_ids=[1])
