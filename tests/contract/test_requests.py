"""What reaches the API: the vendor's paths and parameter names, and nothing else."""

import inspect
from datetime import UTC, date, datetime

import numpy as np
import pandas as pd
import pytest
from endpoints import CASES, LISTINGS, OF_TIME, every_endpoint, label
from pairing import paired
from vendor import Behaviour, Fault

from togglframe import ConfigError
from togglframe.api import filters, search
from togglframe.api.parameters import ParameterKind
from togglframe.errors import BadRequestError
from togglframe.http.settings import Root


@pytest.fixture
def silent(sandbox):
    """A sandbox that records every request and answers none with a row."""
    sandbox.inject(Fault("payload", body="[]", times=-1))
    return sandbox


@every_endpoint
def test_path_is_the_vendors(case, silent, ws):
    case.function(ws, **case.smallest)
    path = case.path.format(**case.smallest)
    root = {Root.REPORTS: "/reports/api/v3", Root.INSIGHTS: "/insights/api/v1"}
    whole = f"{root[case.constant.root]}/workspace/{silent.workspace_id}/{path}"
    assert silent.requests[0].path.endswith(whole)


@every_endpoint
def test_every_keyword_reaches_the_body_under_the_vendors_name(case, silent, ws):
    case.function(ws, **case.parameters)
    # ids of which none comes are asked for once more: the answer may have been lost
    whole = case.body(case.parameters)
    assert [request.body for request in silent.requests] in (
        [whole],
        [whole] * 2 if set(case.parameters) == {"ids"} else None,
    )


@every_endpoint
def test_what_is_left_out_is_not_sent(case, silent, ws):
    case.function(ws, **case.smallest)
    body = silent.requests[0].body
    if case.constant.has_page_size:
        assert body.pop("page_size") == case.constant.page_size
    assert body == case.body(case.smallest)


def test_signatures_name_every_parameter_and_no_other(subtests):
    for case in CASES:
        with subtests.test(case.path):
            ws, *others = inspect.signature(case.function).parameters.values()
            assert ws.name == "ws"
            assert [parameter.name for parameter in others] == list(case.parameters)
            for parameter in others:
                in_path = parameter.name in case.constant.in_path
                assert (parameter.kind is parameter.KEYWORD_ONLY) is not in_path
                is_required = parameter.default is parameter.empty
                assert is_required or parameter.name not in case.required


ID_LISTS = [
    (7, 8),
    range(7, 9),
    {7: "a", 8: "b"}.keys(),
    np.array([7, 8]),
    np.array([7.0, 8.0]),
    pd.Series([7, 8], dtype="Int64"),
    pd.Index([7, 8]),
    [np.int32(7), 8.0],
]
WITH_IDS = [case for case in CASES if case.id_lists]


@pytest.mark.parametrize(("case", "ids"), paired(LISTINGS, ID_LISTS), ids=label)
def test_any_iterable_of_whole_numbers_is_an_id_list(case, silent, ws, ids):
    name = case.id_lists[0]
    case.function(ws, **{name: ids})
    assert silent.requests[0].body[name] == [7, 8]


@pytest.mark.parametrize(("case", "one"), paired(WITH_IDS, [7, np.int64(7)]), ids=label)
def test_one_id_is_sent_as_a_list_of_one(case, silent, ws, one):
    for name in case.id_lists:
        silent.requests.clear()
        case.function(ws, **{**(case.smallest if case.required else {}), name: one})
        assert silent.requests[0].body[name] == [7]


def test_ids_are_sent_once_each_in_their_order(silent, ws):
    filters.clients(ws, ids=(number for number in (8, 7, 8)))
    assert silent.requests[0].body["ids"] == [8, 7]


@pytest.mark.parametrize(
    ("ids", "error"),
    [
        ("78", TypeError),
        (b"78", TypeError),
        (7.0, TypeError),
        (True, TypeError),
        (np.True_, TypeError),
        (-7, ValueError),
        (np.int64(0), ValueError),
        (["7"], TypeError),
        ([True], TypeError),
        ([np.True_], TypeError),
        ([[7]], TypeError),
        ({7: 8}, TypeError),
        ([7.5], ValueError),
        ([float("inf")], ValueError),
        ([None], ValueError),
        ([float("nan")], ValueError),
        (pd.Series([7, None], dtype="Int64"), ValueError),
        ([0], ValueError),
        ([-7], ValueError),
        ([2**63], ValueError),
    ],
    ids=repr,
)
def test_an_impossible_id_is_named_before_any_request(ids, error, silent, ws, subtests):
    is_missing = isinstance(ids, list | pd.Series) and any(pd.isna(list(ids)))
    for case in WITH_IDS:
        with subtests.test(case.path):
            for name in case.id_lists:
                if is_missing and name in may_be_none(case):
                    continue
                with pytest.raises(error, match=rf"^{name} "):
                    case.function(ws, **{**case.smallest, name: ids})
    assert silent.requests == []


def may_be_none(case):
    """Return the lists of ids that ask for what has none as well."""
    kind = ParameterKind.IDS_OR_NONE
    return [name for name in case.id_lists if case.constant.parameters[name].kind is kind]


@pytest.mark.parametrize(
    ("case", "none"),
    paired([case for case in CASES if may_be_none(case)], [None, pd.NA, float("nan")]),
    ids=label,
)
def test_none_among_ids_asks_for_what_has_none(case, silent, ws, none):
    for name in may_be_none(case):
        silent.requests.clear()
        case.function(ws, **{**case.smallest, name: [7, none]})
        assert silent.requests[0].body[name] == [7, None]


DAYS = [
    "2026-03-08",
    date(2026, 3, 8),
    datetime(2026, 3, 8, 23, tzinfo=UTC),
    pd.Timestamp(2026, 3, 8),
]


@pytest.mark.parametrize(("case", "end"), paired(OF_TIME, DAYS), ids=label)
def test_a_day_is_sent_as_a_day(case, silent, ws, end):
    case.function(ws, **{**case.smallest, "end_date": end})
    assert silent.requests[0].body["end_date"] == "2026-03-08"


def test_a_range_that_ends_before_it_starts_is_refused_before_any_request(silent, ws, subtests):
    said = "start_date 2026-03-02 is after end_date 2026-03-01"
    for case in OF_TIME:
        with subtests.test(case.path), pytest.raises(ConfigError, match=said):
            case.function(ws, **{**case.smallest, "end_date": "2026-03-01"})
    assert silent.requests == []


def test_what_no_call_does_without_may_not_be_none(silent, ws, subtests):
    for case in OF_TIME:
        for name in case.required:
            with subtests.test(case.path), pytest.raises(ConfigError, match=f"needs {name}"):
                case.function(ws, **{**case.smallest, name: None})
    assert silent.requests == []


@pytest.mark.parametrize("case", WITH_IDS, ids=label)
def test_an_empty_id_list_is_an_empty_frame_without_a_request(case, silent, ws):
    for name in case.id_lists:
        others = {k: v for k, v in case.parameters.items() if k != name}
        fewest = {**case.smallest, name: []} if case.required else {name: []}
        for parameters in (fewest, {**others, name: np.array([], dtype="int64")}):
            frame = case.function(ws, **parameters)
            pd.testing.assert_frame_equal(frame, case.table.empty())
    assert silent.requests == []


def impossible(parameter):
    """Return values that a parameter cannot have, and the error of each."""
    match parameter.kind:
        case ParameterKind.STRING:
            return [(5, TypeError), ("", ValueError), (["EUR"], TypeError)]
        case ParameterKind.BOOLEAN:
            return [("yes", TypeError), (1, TypeError), (0, TypeError), ([], TypeError)]
        case ParameterKind.INTEGER:
            wrong = [2.5, True, "3"]
            beyond = [parameter.least - 1, 2**63]
            return [(v, TypeError) for v in wrong] + [(v, ValueError) for v in beyond]
        case ParameterKind.DATE:
            wrong = ["2026-02-30", "1 March 2026", "20260301", pd.NaT]
            return [(20260301, TypeError), *((value, ValueError) for value in wrong)]
        case ParameterKind.CHOICE:
            return [("nothing", ValueError), (7, ValueError)]
    return []


def test_an_impossible_argument_is_named_before_any_request(silent, ws, subtests):
    for case in CASES:
        for name, parameter in case.constant.parameters.items():
            for value, error in impossible(parameter):
                given = {**(case.smallest if case.required else {}), name: value}
                with (
                    subtests.test(case.path, value=f"{name}={value}"),
                    pytest.raises(error, match=rf"^{name} "),
                ):
                    case.function(ws, **given)
    assert silent.requests == []


def test_the_first_argument_is_a_workspace(subtests):
    said = "the first argument must be a Workspace, not int"
    for case in CASES:
        with subtests.test(case.path), pytest.raises(TypeError, match=said):
            case.function(1234567, **case.smallest)


@pytest.mark.parametrize("function", [search.clients, search.projects, search.users, search.tasks])
def test_a_search_for_nothing_is_refused_before_any_request(function, silent, ws):
    for parameters in ({}, {"start": 5}):
        with pytest.raises(ConfigError, match="needs something to search for"):
            function(ws, **parameters)
    assert silent.requests == []


def test_long_id_lists_are_split_at_the_documented_cap(silent, ws):
    filters.users(ws, ids=range(1, 251))
    filters.clients(ws, ids=range(1, 2002))
    lists = [request.body["ids"] for request in silent.requests]
    # each twice, since none of its ids came
    assert [len(ids) for ids in lists] == [100, 100, 100, 100, 50, 50, 2000, 2000, 1, 1]
    assert [i for ids in lists[:6:2] for i in ids] == list(range(1, 251))


def test_a_cap_is_learned_from_the_first_refusal_and_remembered(make_sandbox, make_workspace):
    sandbox = make_sandbox(500, behaviour=Behaviour(posted_ids_cap=200))
    ws = make_workspace(sandbox)
    ids = [project["id"] for project in sandbox.agency.projects]
    assert filters.projects(ws, ids=ids)["id"].tolist() == ids
    assert [len(request.body["ids"]) for request in sandbox.requests] == [500, 200, 200, 100]
    filters.projects(ws, ids=ids)
    assert [len(request.body["ids"]) for request in sandbox.requests[4:]] == [200, 200, 100]


def test_two_long_lists_are_sent_as_every_pair_of_pieces(make_sandbox, make_workspace):
    sandbox = make_sandbox(120, behaviour=Behaviour(posted_ids_cap=50))
    ws = make_workspace(sandbox)
    projects = sandbox.agency.projects
    client_ids = sorted({p["client_id"] for p in projects if p["client_id"]})
    client_ids += range(1, 61 - len(client_ids))
    frame = filters.project_users(
        ws, project_ids=[p["id"] for p in projects], client_ids=client_ids
    )
    with_client = {p["id"] for p in projects if p["client_id"]}
    expected = [m["id"] for m in sandbox.agency.project_users if m["project_id"] in with_client]
    assert frame["id"].tolist() == sorted(expected)
    bodies = [request.body for request in sandbox.requests if request.status == 200]
    assert len({(tuple(b["project_ids"]), tuple(b["client_ids"])) for b in bodies}) == 3 * 2


def test_a_cap_that_no_piece_can_meet_is_raised(sandbox, ws):
    message = '"Maximum count of posted IDs is 0"'
    sandbox.inject(Fault("status", status=400, body=message, times=-1))
    with pytest.raises(BadRequestError, match="Maximum count"):
        filters.projects(ws, ids=[1, 2, 3])
    assert len(sandbox.requests) == 1


def test_a_refused_page_size_is_learned(make_sandbox, make_workspace):
    sandbox = make_sandbox(450, behaviour=Behaviour(max_page_size=200))
    ws = make_workspace(sandbox)
    assert len(filters.projects(ws)) == 450
    sizes = [request.body["page_size"] for request in sandbox.requests]
    assert sizes == [10_000, 5000, 2500, 1250, 625, 312, 156, 156, 156, 156]
    filters.projects(ws)
    assert {request.body["page_size"] for request in sandbox.requests[10:]} == {156}


def test_a_float_that_may_have_been_another_id_is_refused(ws):
    ids = pd.Series([2**53 + 1, None]).dropna()
    with pytest.raises(ConfigError, match="may have been another id"):
        filters.clients(ws, ids=ids)
