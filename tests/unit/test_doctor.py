"""The doctor finds out how the API behaves, whichever way it does, in at most eight requests."""

import json
import re

import pandas as pd
import pytest
from typer.testing import CliRunner
from vendor import Behaviour, Fault

import togglframe
from togglframe import QuotaExceededError, doctor, tables
from togglframe.api import filters
from togglframe.cli import app
from togglframe.diagnosis import (
    DEFAULT_PAGE,
    FLAGGED,
    PROJECTS,
    STATUSES,
    SUMMARY,
    Responses,
    diagnose,
)
from togglframe.errors import AccessError, ConnectionFailedError, ServerError
from togglframe.http import cache

MOST = 8
POINTS = [
    *("status_seconds", "billable_amount", "labour_cost", "earnings", "omitted_active"),
    *("is_active", "page_size", "cursor", "date_zone", "plan"),
]
# Each way in which a point may not be as assumed.
WAYS = [
    ("status_seconds", {"status_in_milliseconds": True}),
    ("billable_amount", {"billable_amount_in_cents": False}),
    ("labour_cost", {"labour_cost_in_cents": False}),
    ("earnings", {"earnings_in_cents": False}),
    ("omitted_active", {"omitted_active_filters": True}),
    ("is_active", {"active_means_archived": True}),
    ("page_size", {"max_page_size": 200}),
    ("page_size", {"page_size_clamp": 11}),
    ("cursor", {"exclusive_cursor": True}),
    ("cursor", {"offset_cursor": True}),
    ("cursor", {"ignore_cursor": True}),
    ("date_zone", {"days_of_utc": True}),
    ("plan", {"hide_rates": True}),
]
# What changes how a point is found out, and not what is found.
QUIRKS = [
    {"status_needs_ids": True},
    {"entry_page_cap": 50},
    {"entry_page_cap": 50, "entry_page_clamp": True, "summary_money": "none"},
    {"drop_null_keys": True, "wrap_items": True, "wrap_data": True, "shuffle_pages": True},
    {"preferred_rounding": 1, "preferred_rounding_minutes": 15},
]


@pytest.fixture
def examine(make_sandbox, make_workspace, clock):
    """Let the doctor see an account; return the verdicts, once its requests are counted."""

    def examine(scale=30, *, faults=(), **behaviour):
        options = {k: behaviour.pop(k) for k in ("plan", "quota") if k in behaviour}
        sandbox = make_sandbox(scale, behaviour=Behaviour(**behaviour), **options)
        for fault in faults:
            sandbox.inject(fault)
        found = doctor(make_workspace(sandbox)).set_index("point")
        assert len(sandbox.requests) <= MOST
        return found

    return examine


def _not_as_assumed(found):
    return found.index[found["verdict"] == "does not hold"].tolist()


@pytest.mark.parametrize(
    ("scale", "unsettled"),
    [
        (30, {"page_size"}),
        pytest.param(205, set(), marks=pytest.mark.nightly),  # more than a page has
    ],
)
def test_every_point_holds_where_the_api_is_as_assumed(scale, unsettled, examine):
    found = examine(scale)
    assert found.index.tolist() == POINTS
    assert set(found.index[found["verdict"] != "holds"]) == unsettled
    assert found.attrs == {"togglframe": {"table": "doctor"}}
    frame = found.reset_index()
    assert {c.name: c.dtype for c in tables.DOCTOR} == frame.dtypes.to_dict()


@pytest.mark.parametrize(("point", "behaviour"), WAYS, ids=str)
def test_what_is_not_as_assumed_is_found_and_nothing_else(point, behaviour, examine):
    assert _not_as_assumed(examine(**behaviour)) == [point]


@pytest.mark.parametrize("plan", ["free", "starter"])
def test_a_plan_that_refuses_something_is_found(plan, examine):
    found = examine(plan=plan, default_rounding_is_paid=True)
    assert _not_as_assumed(found) == ["plan"]
    assert "exact time" in found.loc["plan", "seen"] or plan == "starter"
    assert found.loc["status_seconds", "verdict"] == "holds"


def test_what_is_not_as_assumed_is_found_all_at_once(examine):
    ways = [way for point, way in WAYS if point not in {"omitted_active", "cursor", "plan"}]
    ways.remove({"max_page_size": 200})  # a page is refused or cut
    found = examine(**{name: value for way in ways for name, value in way.items()})
    assert _not_as_assumed(found) == [
        point for point in POINTS if point not in {"omitted_active", "cursor", "plan"}
    ]


@pytest.mark.parametrize("quirks", QUIRKS, ids=str)
def test_a_server_of_another_habit_is_understood(quirks, examine):
    found = examine(**quirks)
    unsettled = set(found.index[found["verdict"] == "cannot tell"])
    assert _not_as_assumed(found) == []
    assert unsettled <= {"page_size", "labour_cost"}  # too few projects; the requests are spent


@pytest.mark.parametrize(
    ("scale", "point", "behaviour"),
    [
        (1, None, {}),
        (5, None, {}),
        *((5, *way) for way in WAYS[::2]),
        *((1, *way) for way in WAYS[1::2]),
        *(pytest.param(1, *way, marks=pytest.mark.nightly) for way in WAYS[::2]),
        *(pytest.param(5, *way, marks=pytest.mark.nightly) for way in WAYS[1::2]),
    ],
    ids=str,
)
def test_a_small_account_is_never_told_what_is_wrong(scale, point, behaviour, examine):
    found = examine(scale, **behaviour)
    assert set(_not_as_assumed(found)) <= {point}
    if point is not None:
        assert found.loc[point, "verdict"] != "holds" or scale < 5


def test_an_empty_account_has_nothing_to_tell_by(examine):
    found = examine(scale=0)
    assert set(found["verdict"]) == {"cannot tell"}
    assert found.loc["omitted_active", "seen"] == "the workspace has no projects"


def test_what_three_requests_settle_stands_and_the_rest_says_why_not(examine):
    found = examine(quota=3)
    settled = found[found["verdict"] != "cannot tell"]
    assert settled["verdict"].to_dict() == dict.fromkeys(
        ["omitted_active", "is_active", "cursor"], "holds"
    )
    others = found["seen"].drop(settled.index).drop("page_size")
    assert others.str.endswith("did not come: the hourly quota is used up").all()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "status", "status": 500, "times": -1}, "HTTP 500"),
        ({"kind": "status", "status": 429, "times": -1}, "HTTP 429"),
        ({"kind": "status", "status": 403, "times": -1}, "this caller may not see it (403)"),
        ({"kind": "reset", "times": -1}, "the network failed"),
        ({"kind": "wrong_shape", "times": -1}, "has a shape that togglframe does not know"),
    ],
    ids=str,
)
def test_what_fails_in_the_middle_leaves_what_was_settled_before(fault, reason, examine):
    found = examine(faults=[Fault(after=3, **fault)])
    assert found.loc[["omitted_active", "is_active", "cursor"], "verdict"].eq("holds").all()
    assert reason in found.loc["status_seconds", "seen"]
    assert _not_as_assumed(found) == []


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"kind": "status", "status": 403}, AccessError),
        ({"kind": "status", "status": 500, "times": -1}, ServerError),
        ({"kind": "reset", "times": -1}, ConnectionFailedError),
    ],
    ids=str,
)
def test_where_nothing_is_answered_there_is_the_usual_error(fault, error, examine):
    with pytest.raises(error):
        examine(faults=[Fault(**fault)])


def test_a_quota_that_is_used_up_is_the_usual_error_and_is_never_waited_for(
    make_sandbox, make_workspace, clock
):
    sandbox = make_sandbox(1)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        doctor(make_workspace(sandbox, on_quota="wait"))
    assert clock.sleeps == []


def test_the_pace_is_kept_and_the_cache_neither_read_nor_filled(
    make_sandbox, make_workspace, clock, tmp_path
):
    file = tmp_path / "answers.sqlite"
    ws = make_workspace(make_sandbox(5), cache=file, per_second=1)
    doctor(ws)
    assert cache.answers_in(file) == []
    assert clock.elapsed >= MOST - 1
    filters.projects(ws)
    before = ws.usage
    doctor(ws)
    assert ws.usage.requests == before.requests + MOST
    assert ws.usage.cache_hits == before.cache_hits


def test_nothing_of_the_account_is_told(make_sandbox, clock, monkeypatch):
    planted = "Zyzzyva & Quokka"
    secrets = {"token": "q7" * 16, "email": "zyzzyva@quokka.example", "workspace_id": 918_273_645}
    sandbox = make_sandbox(12, behaviour=Behaviour(max_page_size=200), **secrets)
    rows = [*sandbox.agency.projects, *sandbox.agency.clients, *sandbox.agency.users]
    for row in rows:
        row["fullname" if "fullname" in row else "name"] = planted
    echo = f'"{planted} {secrets["workspace_id"]} {secrets["email"]} {secrets["token"]}"'
    for endpoint in ("search/time_entries/totals", "profitability/projects"):
        sandbox.inject(Fault("status", status=400, endpoint=endpoint, body=echo, times=-1))
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    words = ["doctor", "--workspace", str(sandbox.workspace_id), "--base-url", sandbox.base_url]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 5
    for secret in (*planted.split(" & "), *map(str, secrets.values()), *_ids(rows)):
        assert secret.lower() not in result.output.lower()


def _ids(rows):
    return {str(row["id"]) for row in rows}


@pytest.fixture
def run(make_sandbox, clock, monkeypatch):
    def run(**behaviour):
        sandbox = make_sandbox(30, behaviour=Behaviour(**behaviour))
        monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
        monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
        return CliRunner().invoke(app, ["doctor", "--base-url", sandbox.base_url])

    return run


def test_the_command_prints_each_point_the_versions_and_the_cost(run):
    result = run()
    lines = result.stdout.splitlines()
    assert result.exit_code == 0, result.output
    assert lines[0].split() == ["Point", "Verdict", "Seen"]
    assert [line.split()[0] for line in lines[1 : 1 + len(POINTS)]] == POINTS
    seconds = "the seconds of a year's summary"
    assert re.split("  +", lines[1]) == [
        "status_seconds",
        "holds",
        f"compared with {seconds}, the statuses of several projects count seconds",
    ]
    assert "togglframe reads it this way" not in result.stdout
    assert lines[-2].startswith(f"togglframe {togglframe.__version__}, pandas {pd.__version__}, ")
    assert lines[-1] == "8 requests"


def test_the_command_ends_with_a_code_of_its_own_where_something_does_not_hold(run):
    result = run(active_means_archived=True)
    assert result.exit_code == 5, result.output
    assert "is_active: does not hold" in result.stdout
    assert "in your own calls of filters.projects, is_active means the opposite" in result.stdout


def diagnosed(rows):
    return diagnose(Responses(rows)).set_index("point")["verdict"]


def test_statuses_of_a_part_of_a_life_are_taken_for_no_other_unit():
    of_a_month = [{"id": number, "tracked_seconds": 3600} for number in range(1, 9)]
    year = [{"group_id": number, "seconds": 3600 * (number + 2)} for number in range(1, 9)]
    found = diagnosed({STATUSES: of_a_month, SUMMARY: year})
    assert found["status_seconds"] == "cannot tell"


OBJECTS = ("summary/time_entries", "search/time_entries/totals", "profitability/projects")
ODD = [None, True, "1", 1.5, -(2**62), [1], {"id": 1}, "0001-01-01T00:00:00+14:00"]


@pytest.mark.parametrize("value", ODD, ids=str)
def test_values_of_any_type_settle_nothing_and_break_nothing(value, examine):
    names = (
        "id active currency group_id sub_group_id project_id user_id seconds tracked_seconds "
        "billable billable_seconds billable_amount billable_amount_in_cents labour_cost earnings "
        "hourly_rate_in_cents start graph"
    )
    row = dict.fromkeys(names.split(), value)
    body = {"data": [{**row, "time_entries": [{"id": value, "start": value}]}]}
    of_objects = {**row, "groups": [{"id": value, "sub_groups": [row]}], "table": [row]}
    faults = [
        *(Fault("payload", body=json.dumps(of_objects), endpoint=e, times=-1) for e in OBJECTS),
        Fault("payload", body=json.dumps(body), times=-1),
    ]
    found = examine(1, faults=faults)
    assert found.loc[POINTS[:4], "verdict"].eq("cannot tell").all()


def test_a_page_that_holds_more_than_the_usual_ones_was_not_cut():
    projects = [{"id": number, "active": True} for number in range(1, DEFAULT_PAGE + 2)]
    for listed, verdict in ((projects, "holds"), (projects[:-1], "cannot tell")):
        found = diagnosed({PROJECTS: listed})
        assert found["page_size"] == verdict


def test_archived_projects_that_were_not_asked_for_do_not_make_a_page_look_cut():
    active = [{"id": number, "active": True} for number in range(1, 18)]
    statuses = [{"id": number, "tracked_seconds": 60} for number in range(1, 25)]
    found = diagnosed({PROJECTS: active, STATUSES: statuses})
    assert found["page_size"] == "cannot tell"


@pytest.mark.parametrize("number", [None, "7", 2**64])
def test_projects_without_ids_settle_nothing(number):
    nameless = [{"id": number, "active": True}, {"id": number, "active": True}]
    found = diagnosed({PROJECTS: [], FLAGGED: nameless})
    assert found["is_active"] == "cannot tell"


def test_statuses_that_outlive_their_projects_do_not_make_a_page_look_cut():
    projects = [{"id": number, "active": number % 2 == 0} for number in range(1, 18)]
    statuses = [{"id": number, "tracked_seconds": 60} for number in range(1, 40)]
    answers = {PROJECTS: projects, STATUSES: statuses, FLAGGED: projects[1::2]}
    found = diagnosed(answers)
    assert found["page_size"] == "cannot tell"


@pytest.mark.parametrize("length", [3, 25, 201])
def test_what_may_be_on_another_page_is_not_hidden(length):
    projects = [{"id": number, "active": True} for number in range(1, length + 1)]
    later = [{"id": length + 5, "active": False}]
    found = diagnosed({PROJECTS: projects, FLAGGED: later})
    assert found["omitted_active"] == "cannot tell"
