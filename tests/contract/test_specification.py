"""The vendor's own specification: it declares what we send, and what it declares we read."""

import pytest
import requests
import specification
from endpoints import CASES, every_endpoint, example

import togglframe as tf
from togglframe import Workspace
from togglframe.api.downloads import FILES
from togglframe.http.settings import Root

KINDS = ("clients", "projects", "tasks", "users")
SHARED = [f"shared/{{report_token}}{kind}" for kind in ("", "/csv", "/xlsx", "/pdf")]


@pytest.fixture(scope="module")
def vendor():
    with specification.serving() as server:
        yield server


@pytest.fixture
def ws(vendor):
    vendor.refusals.clear()
    vendor.asked.clear()
    settings = {"cache": None, "per_second": None, "backoff": 0.001, "progress": False}
    with Workspace(7, token="0" * 32, base_url=vendor.base_url, **settings) as ws:
        yield ws


def test_every_path_of_the_specification_can_be_asked_and_no_other():
    ours = {case.vendors_path for case in CASES} | {*FILES, *SHARED}
    known = {specification.declared(path)[0] for path in ours if specification.declared(path)}
    assert known == specification.PATHS.keys()
    assert not [path for path in ours if specification.declared(path) is None]


@every_endpoint
@pytest.mark.filterwarnings("ignore::togglframe.SemanticsWarning")
@pytest.mark.filterwarnings("ignore::togglframe.CompletenessWarning")
def test_what_is_sent_is_declared_and_what_is_declared_is_read(ws, vendor, case, subtests):
    for given in (case.smallest, case.parameters):
        vendor.asked.clear()
        vendor.refusals.clear()
        with subtests.test(given):
            frame = case.function(ws, **given)
            assert vendor.asked
            assert not vendor.refusals
            assert list(frame.columns)[: len(case.table.columns)] == case.table.names
            assert len(frame)


@pytest.mark.parametrize("path", FILES)
def test_what_a_file_is_asked_for_with_is_declared(ws, vendor, tmp_path, path):
    given = {name: example(what) for name, what in FILES[path].items() if what.is_required}
    assert ws.download(path, tmp_path / "file", **given).stat().st_size
    assert not vendor.refusals
    assert not specification.undeclared(path, FILES[path])


@pytest.mark.filterwarnings("ignore::togglframe.CompletenessWarning")
def test_a_shared_report_is_read_as_declared(ws, vendor):
    assert len(tf.api.shared(ws, "token", start_date="2026-03-02", end_date="2026-03-08"))
    assert not vendor.refusals


@pytest.fixture(scope="module")
def ids(agency):
    """Return some ids of each kind."""
    return {kind: _asked(agency, f"filters/{kind}", {"active": True}) for kind in KINDS}


def _asked(agency, path, body, root=Root.REPORTS):
    url = f"{root.of(agency.base_url)}/workspace/{agency.workspace_id}/{path}"
    answer = requests.post(url, json=body, auth=(agency.token, "api_token"))
    assert answer.ok, answer.text
    return answer.json()


@every_endpoint
def test_the_sandbox_answers_as_the_specification_declares(agency, ids, case):
    some = {kind: [row["id"] for row in answer[:5]] for kind, answer in ids.items()}
    kind = case.path.partition("/")[2].partition("/")[0]
    own = {"ids": some[kind]} if kind in some else {}
    given = {**case.required, **own, "project_ids": some["projects"]}
    given["project_id"] = some["projects"][0]
    body = case.body({name: given[name] for name in given if name in case.parameters})
    answer = _asked(agency, case.path.format(**given), body, case.constant.root)
    assert answer
    assert not specification.wrong(case.vendors_path, answer)


def test_a_body_that_nobody_declared_is_seen():
    assert "colour" in specification.refusal("search/clients", {"colour": 1})
    assert "'7' is not of type" in specification.refusal("search/clients", {"ids": ["7"]})
    assert specification.refusal("search/time_entries", {"tag_ids": [None]}) is None


def test_an_answer_that_nobody_declared_is_seen():
    assert specification.wrong("search/clients", {"items": [{"id": "7"}]})
    assert not specification.wrong("search/clients", {"items": [{"id": None}]})
