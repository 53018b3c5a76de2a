"""Every listing is complete, id by id, whatever the server does with pages and cursors."""

import json
import warnings
from contextlib import ExitStack
from functools import cache

import numpy as np
import pandas as pd
import pytest
from endpoints import IN_PAGES, WITHOUT_PAGES, label
from examples import IS_NIGHT
from pairing import product
from vendor import Behaviour, Fault, VendorSandbox

from togglframe import (
    CompletenessWarning,
    ConfigError,
    QuotaExceededError,
    SemanticsWarning,
    StaleDataWarning,
    reports,
)
from togglframe.api import filters, search
from togglframe.api.filters import every_project

# By day three pages of the smallest kind, and more ids than one request may name.
SCALE = 5_000 if IS_NIGHT else 1_200
SIZES = {
    "tasks": 4_000 if IS_NIGHT else 1_100,
    "memberships": 9_000 if IS_NIGHT else 2_400,
    "people": 500 if IS_NIGHT else 420,
}
KINDS = {
    "plain": Behaviour(),
    "pages of 201": Behaviour(page_size_clamp=201),
    "clamped": Behaviour(page_size_clamp=333),
    "page size refused": Behaviour(max_page_size=250),
    "shuffled": Behaviour(shuffle_pages=True, page_size_clamp=500),
    "exclusive": Behaviour(exclusive_cursor=True),
    "exclusive, pages of 201": Behaviour(exclusive_cursor=True, page_size_clamp=201),
}
# A server whose second page is empty, or whose rows are in disorder, cannot prove that it is done.
UNPROVEN = {"shuffled", "exclusive", "exclusive, pages of 201"}


@pytest.fixture(scope="module")
def serve():
    """Return a function that starts one large server of each kind."""
    with ExitStack() as stack:

        @cache
        def start(kind):
            return stack.enter_context(
                VendorSandbox(SCALE, quota=10**9, behaviour=KINDS[kind], **SIZES)
            )

        yield start


def everything(case, ws):
    """All rows of an endpoint: users in two halves, and a search has to look for something."""
    if case.path.endswith("/users"):
        halves = [case.function(ws, active=active) for active in (True, False)]
        return pd.concat(halves)
    wide = {"search/tasks": ({"active": True}, {"active": False})}
    wide["search/projects"] = ({"is_active": True}, {"is_active": False})
    if case.path == "search/clients":
        ids = filters.clients(ws)["id"]
        return case.function(ws, ids=ids)
    return pd.concat([case.function(ws, **given) for given in wide.get(case.path, [{}])])


@pytest.mark.parametrize(
    ("kind", "case"),
    [*product([*KINDS], IN_PAGES), *product([*KINDS], WITHOUT_PAGES)],
    ids=label,
)
def test_every_row_comes_once(kind, case, serve, make_workspace):
    sandbox = serve(kind)
    ws = make_workspace(sandbox, cache="memory")
    rows = getattr(sandbox.agency, case.archive)
    expected = sorted(row["id"] for row in rows)
    with warnings.catch_warnings():
        if kind in UNPROVEN:
            warnings.simplefilter("ignore", CompletenessWarning)
        found = everything(case, ws)
    assert sorted(found["id"]) == expected


@pytest.fixture
def listing(make_sandbox, make_workspace):
    """List the projects of a sandbox that behaves so: complete? requests? warnings?"""

    def call(scale=60, **behaviour):
        sandbox = make_sandbox(scale, behaviour=Behaviour(**behaviour))
        ws = make_workspace(sandbox)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            frame = filters.projects(ws)
        assert all(issubclass(warning.category, CompletenessWarning) for warning in caught)
        complete = frame["id"].tolist() == [project["id"] for project in sandbox.agency.projects]
        return complete, len(sandbox.requests), {str(warning.message) for warning in caught}

    return call


def test_a_short_page_is_proof_where_the_page_size_is_documented(listing):
    assert listing(199) == (True, 1, set())


def test_a_page_of_200_rows_or_more_is_no_proof(listing):
    assert listing(200) == (True, 2, set())


def test_a_short_page_is_no_proof_where_no_page_size_is_documented(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox)
    filters.clients(ws)
    assert [request.body.get("start") for request in sandbox.requests] == [
        None,
        sandbox.agency.clients[-1]["id"],
    ]


def test_a_look_up_whose_ids_all_came_needs_no_proof(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox)
    ids = [client["id"] for client in sandbox.agency.clients]
    assert len(search.clients(ws, ids=ids)) == len(ids)
    assert len(sandbox.requests) == 1
    assert len(search.clients(ws, ids=[*ids, 5])) == len(ids)
    assert len(sandbox.requests) == 3


def test_a_server_that_ignores_the_cursor_never_loops(listing):
    for clamp in (60, 201):
        complete, requests, said = listing(500, ignore_cursor=True, page_size_clamp=clamp)
        assert (complete, requests) == (False, 2)
        assert "ignore the cursor" in said.pop()


@pytest.mark.parametrize("quirk", ["ignore_cursor", "offset_cursor"])
def test_a_small_page_that_is_full_is_not_believed_to_be_all(make_sandbox, make_workspace, quirk):
    for behaviour, asked in (({}, {"page_size": 10}), ({"max_page_size": 40}, {})):
        ws = make_workspace(make_sandbox(behaviour=Behaviour(**{quirk: True}, **behaviour)))
        with pytest.warns(CompletenessWarning, match="cannot be proven"):
            assert len(filters.projects(ws, **asked)) < 60


def test_a_cursor_that_is_an_offset_is_warned_of(listing):
    complete, requests, said = listing(500, offset_cursor=True, page_size_clamp=201)
    assert (complete, requests) == (False, 3)  # an empty page is asked for once more
    assert "empty" in said.pop()


def test_disorder_is_warned_of_and_loses_nothing(listing):
    complete, _, said = listing(500, shuffle_pages=True, page_size_clamp=201)
    assert complete
    assert "order of their ids" in said.pop()


def test_small_listings_warn_of_nothing(listing):
    for behaviour in ({"ignore_cursor": True}, {"offset_cursor": True}, {"shuffle_pages": True}):
        assert listing(41, **behaviour) == (True, 1, set())


@pytest.mark.parametrize("rows", [10, 25, 40, 50, 75, 100, 190])
def test_a_page_of_a_round_length_is_no_proof(listing, rows):
    assert listing(rows) == (True, 2, set())
    assert listing(500, page_size_clamp=rows)[0::2] == (True, set())


def test_a_row_that_comes_again_replaces_the_earlier(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    pages = [[{"id": 1, "name": "old"}, {"id": 2, "name": "b"}], [{"id": 1, "name": "new"}], [], []]
    pages[1].append({"id": 3, "name": "c"})
    for page in pages:
        sandbox.inject(Fault("payload", body=json.dumps(page)))
    with pytest.warns(CompletenessWarning, match="did not begin with the last row"):
        frame = filters.clients(make_workspace(sandbox))
    assert frame.to_dict("list") == {"id": [1, 2, 3], "name": ["new", "b", "c"]}


@pytest.mark.parametrize("start", [1, 30])
def test_start_begins_the_listing_there(make_sandbox, make_workspace, start):
    sandbox = make_sandbox(300, behaviour=Behaviour(page_size_clamp=201))
    ids = [project["id"] for project in sandbox.agency.projects]
    frame = filters.projects(make_workspace(sandbox), start=ids[start])
    assert frame["id"].tolist() == ids[start:]


def test_page_size_is_kept_and_followed(make_sandbox, make_workspace):
    sandbox = make_sandbox(60)
    assert len(filters.projects(make_workspace(sandbox), page_size=25)) == 60
    assert {request.body["page_size"] for request in sandbox.requests} == {25}


@pytest.mark.parametrize(
    "function", [filters.project_users, filters.project_groups, filters.task_statuses]
)
def test_a_filter_without_a_selection_covers_the_whole_workspace(
    function, make_sandbox, make_workspace
):
    archive = {"project_users", "project_groups", "task_statuses"} & {function.__name__}
    sandbox = make_sandbox()
    expected = [row["id"] for row in getattr(sandbox.agency, archive.pop())]
    assert sorted(function(make_workspace(sandbox))["id"]) == sorted(expected)
    hiding = make_sandbox(behaviour=Behaviour(omitted_active_filters=True))
    assert sorted(function(make_workspace(hiding))["id"]) == sorted(expected)


def test_statuses_are_asked_by_id_where_the_api_wants_ids(make_sandbox, make_workspace):
    sandbox = make_sandbox(behaviour=Behaviour(status_needs_ids=True))
    ws = make_workspace(sandbox)
    listed = {project["id"] for project in sandbox.agency.projects}
    expected = [row["id"] for row in sandbox.agency.project_statuses if row["id"] in listed]
    assert sorted(filters.project_statuses(ws)["id"]) == sorted(expected)
    assert [r.status for r in sandbox.requests] == [400, 200, 200]
    filters.project_statuses(ws)
    assert [r.status for r in sandbox.requests[3:]] == [200, 200]


@pytest.mark.parametrize("behaviour", [{}, {"omitted_active_filters": True}])
def test_every_project_has_both_states(make_sandbox, make_workspace, behaviour):
    sandbox = make_sandbox(behaviour=Behaviour(**behaviour))
    frame = every_project(make_workspace(sandbox))
    assert frame["id"].tolist() == [project["id"] for project in sandbox.agency.projects]
    assert len(sandbox.requests) == (2 if behaviour else 1)


# --- what comes back is what was asked for, and an answer that was lost is asked for again ------


@pytest.mark.parametrize("body", ["null", "{}", "[]", ""])
def test_an_empty_page_in_the_middle_is_asked_for_again_and_never_kept(
    make_sandbox, make_workspace, body
):
    sandbox = make_sandbox(1_000, behaviour=Behaviour(page_size_clamp=201))
    ws = make_workspace(sandbox, cache="memory")
    sandbox.inject(Fault("payload", body=body, after=2))
    assert len(filters.projects(ws)) == 1_000
    ws.clear_cache()
    sandbox.inject(Fault("payload", body=body, after=2, times=2))
    with pytest.warns(CompletenessWarning, match="was empty"):
        assert len(filters.projects(ws)) == 401
    assert len(filters.projects(ws)) == 1_000


@pytest.mark.parametrize("rows", [201, 400])
def test_statuses_that_were_cut_off_are_asked_for(make_sandbox, make_workspace, rows):
    sandbox = make_sandbox(1_000)
    ws = make_workspace(sandbox)
    whole = filters.project_statuses(ws)
    listed = set(filters.every_project(ws)["id"])
    answer = ws.post("filters/projects/status", {})[:rows]
    expected = whole[whole["id"].isin({*listed, *(row["id"] for row in answer)})]
    for fetch in (filters.project_statuses, reports.project_budget):
        fault = Fault("payload", body=json.dumps(answer), endpoint="filters/projects/status")
        sandbox.inject(fault)
        with pytest.warns(CompletenessWarning, match=f"ended after {rows} rows"):
            frame = fetch(ws)
        assert frame["tracked_time"].sum() == expected["tracked_time"].sum()


def test_rows_that_nobody_asked_for_are_warned_of(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox)
    row = {"id": 9, "name": "other", "client_id": 4, "active": True, "currency": "USD"}
    for asked in ({"ids": [5, 7]}, {"client_ids": [5, 7]}, {"currency": "EUR"}):
        sandbox.inject(Fault("payload", body=json.dumps([row])))
        with pytest.warns(SemanticsWarning, match=f"asked for {next(iter(asked))}, got 1 row"):
            assert filters.projects(ws, **asked)["id"].tolist() == [9]
    sandbox.inject(Fault("payload", body=json.dumps([row])))
    assert len(filters.projects(ws, currency="usd")) == 1


@pytest.mark.parametrize(
    ("dtype", "large"), [("float16", 2_049), ("float32", 139_517_445), ("float64", 2**54)]
)
def test_a_float_that_has_lost_the_digits_of_an_id_is_refused(ws, dtype, large):
    with pytest.raises(ConfigError, match=rf"so large a {dtype} may have been another id"):
        filters.projects(ws, ids=np.array([large], dtype))


def test_one_id_alone_is_a_list_of_one(ws):
    alone = filters.projects(ws, client_ids=61204629)
    assert set(alone["client_id"]) == {61204629}
    pd.testing.assert_frame_equal(alone, filters.projects(ws, client_ids=[61204629]))


def test_an_undeclared_column_is_exact_over_both_states(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    states = {True: {"id": 1, "active": True, "more": 2**53 + 1}}
    states[False] = {"id": 2, "active": False, "more": 0.5}
    for active in (True, False):
        sandbox.inject(Fault("payload", body=json.dumps([states[active]])))
    more = every_project(make_workspace(sandbox))["more"]
    assert more.tolist() == [2**53 + 1, 0.5]


def test_a_quota_that_ends_before_the_first_page_serves_the_whole_older_listing(
    make_sandbox, make_workspace
):
    sandbox = make_sandbox(1_000, behaviour=Behaviour(page_size_clamp=201))
    ws = make_workspace(sandbox, cache="memory", expire_after=0)
    older = filters.projects(ws)
    sandbox.use_up_quota()
    for _ in range(2):
        with pytest.warns(StaleDataWarning, match="used up") as caught:
            frame = filters.projects(ws)
        assert len(caught) == 1
        pd.testing.assert_frame_equal(frame, older)
        assert frame.attrs["togglframe"]["stale"]
    with make_workspace(sandbox, cache="memory", on_quota="raise") as fresh:
        sandbox.use_up_quota()
        with pytest.raises(QuotaExceededError):
            filters.projects(fresh)


def test_a_quota_that_ends_in_the_middle_never_mixes_pages_of_two_moments(
    make_sandbox, make_workspace
):
    sandbox = make_sandbox(1_000, quota=8, behaviour=Behaviour(page_size_clamp=201))
    ws = make_workspace(sandbox, cache="memory", expire_after=0)
    filters.projects(ws)
    for _ in range(2):  # the two pages that could be paid for are newer than the others
        with pytest.raises(QuotaExceededError):
            filters.projects(ws)
