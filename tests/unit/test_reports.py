"""What each report fetches, what it costs, and that both states are proven."""

import inspect
import json
import warnings

import pandas as pd
import pytest

from togglframe import (
    AccessError,
    CompletenessWarning,
    ConfigError,
    PremiumFeatureError,
    QuotaExceededError,
    SemanticsWarning,
    ServerError,
    reports,
    tables,
)
from togglframe.sandbox import Behaviour, Fault

PROJECT_LISTINGS = ["filters/projects", "filters/projects/status", "filters/clients"]
MEMBER_LISTINGS = ["filters/project_users", "search/users", "filters/project_groups"]

# What a report asks for at up to 200 projects; where no page size is documented, a listing takes
# a second request that proves its end.
COSTS = {
    "project_budget": {"filters/projects": 1, "filters/projects/status": 1, "filters/clients": 1},
    "task_accuracy": {"filters/projects": 1, "filters/tasks": 2},
    "workload": {"filters/tasks": 2},
    "project_members": {
        "filters/projects": 1,
        "filters/project_users": 2,
        "filters/project_groups": 2,
        "search/users": 4,
    },
}
for _name in ("client_summary", "client_hours", "workspace_summary", "workspace_hours"):
    COSTS[_name] = COSTS["project_budget"]
COSTS["rate_card"] = COSTS["project_members"]
COSTS["estimate_bias"] = COSTS["task_accuracy"]
COSTS["estimate_reconciliation"] = COSTS["project_budget"] | {"filters/tasks": 2}
COSTS["audit"] = COSTS["project_budget"] | COSTS["project_members"] | {"filters/tasks": 2}

TABLES = {
    "project_budget": tables.PROJECT_BUDGET,
    "client_summary": tables.CLIENT_SUMMARY,
    "client_hours": tables.CLIENT_HOURS,
    "workspace_summary": tables.WORKSPACE_SUMMARY,
    "workspace_hours": tables.WORKSPACE_HOURS,
    "project_members": tables.PROJECT_MEMBERS,
    "rate_card": tables.RATE_CARD,
    "task_accuracy": tables.TASK_ACCURACY,
    "estimate_bias": tables.ESTIMATE_BIAS["user"],
    "estimate_reconciliation": tables.ESTIMATE_RECONCILIATION,
    "workload": tables.WORKLOAD,
    "audit": tables.AUDIT,
}
every_report = pytest.mark.parametrize("name", TABLES)


def call(name, ws, **options):
    return getattr(reports, name)(ws, **options)


def counts(sandbox):
    endpoints = [request.endpoint for request in sandbox.requests]
    return {endpoint: endpoints.count(endpoint) for endpoint in dict.fromkeys(endpoints)}


@every_report
def test_a_report_costs_what_it_says(name, make_sandbox, make_workspace):
    sandbox = make_sandbox(people=150)
    frame = call(name, make_workspace(sandbox))
    assert counts(sandbox) == COSTS[name]
    provenance = frame.attrs["togglframe"]
    assert sorted(provenance["endpoints"]) == sorted(COSTS[name])
    assert provenance["workspace_id"] == sandbox.workspace_id
    json.dumps(provenance)


def test_project_budget_with_members_adds_one_listing(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    call("project_budget", make_workspace(sandbox), members=True)
    assert counts(sandbox) == COSTS["project_budget"] | {"filters/project_users": 2}


def test_a_shared_listing_is_paid_for_once(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    cached = make_workspace(sandbox, cache="memory")
    for name in TABLES:
        call(name, cached)
    assert counts(sandbox) == COSTS["audit"]
    alone = make_sandbox()
    listings = reports.Listings(make_workspace(alone))
    for name in TABLES:
        call(name, listings)
    assert counts(alone) == COSTS["audit"]


@every_report
@pytest.mark.parametrize("scale", [0, 1, 60])
def test_columns_and_dtypes_hold(name, scale, make_sandbox, make_workspace):
    frame = call(name, make_workspace(make_sandbox(scale)))
    expected = {column.name: column.dtype for column in TABLES[name]}
    assert frame.dtypes.to_dict() == expected
    assert list(frame.columns) == list(expected)
    assert isinstance(frame.index, pd.RangeIndex)


@every_report
def test_an_empty_workspace_makes_no_request_for_what_cannot_exist(
    name, make_sandbox, make_workspace
):
    sandbox = make_sandbox(0)
    call(name, make_workspace(sandbox))
    needless = {"filters/clients", "filters/project_users", "filters/project_groups"}
    assert not needless & set(counts(sandbox))


KINDS = {
    "omitted hides archived": Behaviour(omitted_active_filters=True),
    "the flag means archived": Behaviour(active_means_archived=True),
    "hides, and means archived": Behaviour(omitted_active_filters=True, active_means_archived=True),
    "statuses want ids": Behaviour(status_needs_ids=True, omitted_active_filters=True),
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_budget_is_the_same_whatever_the_flag_does(kind, make_sandbox, make_workspace):
    plain = reports.project_budget(make_workspace(make_sandbox()))
    sandbox = make_sandbox(behaviour=KINDS[kind])
    ws = make_workspace(sandbox, cache="memory")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        budget = reports.project_budget(ws)
    if kind == "statuses want ids":  # then the status of a deleted project cannot be asked for
        plain = plain[plain["project"].notna()].reset_index(drop=True)
    pd.testing.assert_frame_equal(budget, plain)
    contradicts = kind == "hides, and means archived"
    assert {warning.category for warning in caught} == (
        {SemanticsWarning} if contradicts else set()
    )
    assert len(sandbox.requests) <= 3 + 4 + 1


def test_a_workspace_without_archived_projects_costs_one_proof_each(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    for project in sandbox.agency.projects:
        project["active"] = True
    reports.project_budget(make_workspace(sandbox))
    assert counts(sandbox) == COSTS["project_budget"] | {"filters/projects": 2}


# --- filters -----------------------------------------------------------------------------------


def test_filters_are_applied_to_rows_and_never_sent(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, cache="memory")
    everything = reports.project_budget(ws)
    client_ids = everything["client_id"].dropna().unique()[:3]
    budget = reports.project_budget(ws, client_ids=client_ids, active=True)
    expected = everything[
        everything["client_id"].isin(client_ids) & (everything["active"] == True)  # noqa: E712
    ]
    pd.testing.assert_frame_equal(budget, expected.reset_index(drop=True))
    unknown = everything["client_id"].isna() | everything["active"].isna()
    assert budget.attrs["togglframe"]["filters"] == {
        "client_ids": [int(i) for i in client_ids],
        "active": True,
        "left_out_unknown": int(unknown.sum()),
    }
    assert counts(sandbox) == COSTS["project_budget"]


@pytest.mark.parametrize(
    "name", ["client_summary", "client_hours", "workspace_summary", "workspace_hours"]
)
def test_a_summary_agrees_with_the_budget_beside_it(name, ws):
    from togglframe import joins

    given = {"active": False, "at_risk": 0.5}
    budget = reports.project_budget(ws, **given)
    summary = call(name, ws, **given)
    pd.testing.assert_frame_equal(summary, getattr(joins, name)(budget))
    assert summary.attrs["togglframe"]["filters"] == budget.attrs["togglframe"]["filters"]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"client_ids": "12"}, TypeError),
        ({"client_ids": [1.5]}, ConfigError),
        ({"active": "yes"}, TypeError),
        ({"at_risk": 0}, ConfigError),
        ({"at_risk": 80}, ConfigError),
        ({"at_risk": "0.8"}, ConfigError),
    ],
)
def test_an_impossible_filter_is_named_before_any_request(
    make_sandbox, make_workspace, options, error
):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox)
    for name in ("project_budget", "client_hours"):
        with pytest.raises(error, match=next(iter(options))):
            call(name, ws, **options)
    assert sandbox.requests == []


def test_the_first_argument_is_a_workspace():
    with pytest.raises(TypeError, match="a Workspace, not int"):
        reports.project_budget(1234567)


# --- what a plan hides -------------------------------------------------------------------------


def test_on_the_free_plan_the_reports_that_need_tasks_say_so(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(plan="free"), cache="memory")
    for name in ("task_accuracy", "estimate_bias", "estimate_reconciliation", "workload"):
        with pytest.raises(PremiumFeatureError, match="Tasks are a premium feature"):
            call(name, ws)
    for name in ("project_budget", "client_summary", "project_members", "rate_card"):
        call(name, ws)


def test_the_audit_names_what_is_hidden_and_warns_once(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(plan="free"), cache="memory")
    with pytest.warns(CompletenessWarning) as caught:
        findings = reports.audit(ws)
    assert len(caught) == 1
    assert "tasks (Tasks are a premium feature)" in str(caught[0].message)
    assert findings["detail"].str.contains("Tasks are a premium feature").sum() == 1


def test_a_plan_without_tasks_is_known_without_quota(make_sandbox, make_workspace):
    sandbox = make_sandbox(plan="free")
    ws = make_workspace(sandbox, cache="memory")
    with pytest.warns(CompletenessWarning):
        before = reports.audit(ws)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        ws.post("filters/clients", {"name": "to learn that the quota is used up"})
    with pytest.warns(CompletenessWarning, match="Tasks are a premium feature"):
        pd.testing.assert_frame_equal(reports.audit(ws), before)
    assert reports.plan(ws, reports.task_accuracy).requests == 0


@pytest.mark.parametrize("endpoint", MEMBER_LISTINGS)
def test_the_audit_does_without_a_member_listing_that_is_hidden(
    endpoint, make_sandbox, make_workspace
):
    sandbox = make_sandbox()
    sandbox.inject(Fault("status", status=403, endpoint=endpoint, times=-1))
    with pytest.warns(CompletenessWarning, match=endpoint.rpartition("/")[2]):
        findings = reports.audit(make_workspace(sandbox))
    assert len(findings) > 10


@pytest.mark.parametrize("endpoint", PROJECT_LISTINGS)
def test_projects_statuses_and_clients_are_not_optional(endpoint, make_sandbox, make_workspace):
    sandbox = make_sandbox()
    sandbox.inject(Fault("status", status=403, endpoint=endpoint, times=-1))
    with pytest.raises(AccessError, match=endpoint):
        reports.audit(make_workspace(sandbox))


def test_any_other_error_in_an_optional_part_raises(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    sandbox.inject(Fault("status", status=500, endpoint="filters/tasks", times=-1))
    with pytest.raises(ServerError):
        reports.audit(make_workspace(sandbox, max_attempts=2))


# --- words -------------------------------------------------------------------------------------


@every_report
def test_the_docstring_tells_grain_columns_cost_and_an_example(name):
    doc = inspect.getdoc(getattr(reports, name))
    text = " ".join(doc.split())
    columns = list(zip(TABLES[name].describe(), TABLES[name], strict=True))
    if name == "estimate_bias":
        columns = columns[2:]
    for line, _ in columns:
        assert line in text
    sections = ["Parameters", "Returns", "Raises", "Notes", "Examples"]
    assert [s for s in sections if f"\n{s}\n{'-' * len(s)}\n" in doc] == sections


@pytest.mark.parametrize(
    ("report", "wrong"),
    [
        (reports.project_budget, {"at_risk": 7}),
        (reports.task_accuracy, {"done": "x"}),
        (reports.estimate_bias, {"by": "team"}),
        (reports.estimate_bias, {"by": ["user"]}),
    ],
)
def test_an_impossible_argument_costs_no_request(ws, sandbox, report, wrong):
    with pytest.raises(ConfigError):
        report(ws, **wrong)
    assert sandbox.requests == []
