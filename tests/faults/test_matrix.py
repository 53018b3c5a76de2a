"""Every endpoint, every fault, every place: a complete frame or the error of the table."""

import json
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import get_args
from unittest import mock

import pytest
from endpoints import CASES, IN_PAGES, WITHOUT_PAGES, label
from faults.matrix import MAX_ATTEMPTS, TROUBLES, WRONG_TYPE, page
from pairing import product
from requests.adapters import HTTPAdapter
from vendor import DECEPTIONS, FOREVER, Behaviour, FaultKind, VendorSandbox
from waiting import PATIENCE, until

from togglframe import Workspace, errors
from togglframe.errors import PremiumFeatureError
from togglframe.http.client import client_of

ROWS = 7  # in a page, and ids in a request


@pytest.fixture(scope="module")
def sandbox():
    behaviour = Behaviour(page_size_clamp=ROWS)
    sizes = {"people": 17, "tasks": 26, "memberships": 14}
    with VendorSandbox(20, quota=10**9, behaviour=behaviour, **sizes) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def calls(sandbox):
    """Return the calls of an endpoint and the requests to hit."""
    with Workspace(
        sandbox.workspace_id,
        token=sandbox.token,
        base_url=sandbox.base_url,
        cache="memory",
        timeout=PATIENCE,
        max_attempts=MAX_ATTEMPTS,
        backoff=0.0001,
        per_second=None,
    ) as ws:

        @cache
        def calls(path):
            case = next(case for case in CASES if case.path == path)
            return list(places(case, sandbox, ws))

        yield calls


@contextmanager
def no_patience_with(fault, sandbox):
    """Time out at once where a fault lets nothing come, and nowhere else.

    A timeout that is short for every attempt would hit those that a busy machine is late with.
    An attempt ends after the sandbox has met it, since the next one must not meet its fault.
    """
    before = len(sandbox.requests)
    send = HTTPAdapter.send

    def met():
        return sum(past.endpoint == fault.endpoint for past in sandbox.requests[before:])

    def send_hurriedly(adapter, request, **options):
        n = met()
        is_hit = n >= fault.after and (fault.times == FOREVER or n < fault.after + fault.times)
        if not is_hit or not request.url.endswith(f"/{fault.endpoint}"):
            return send(adapter, request, **options)
        try:
            return send(adapter, request, **{**options, "timeout": (PATIENCE, 0.001)})
        finally:
            until(lambda: met() > n)

    with mock.patch.object(HTTPAdapter, "send", send_hurriedly):
        yield


class Call:
    """One call of one endpoint, and the frame that it returns when all is well."""

    def __init__(self, case, sandbox, ws, parameters):
        self.case, self.sandbox, self.ws, self.parameters = case, sandbox, ws, parameters
        ws.clear_cache()
        before = len(sandbox.requests)
        self.whole = self.frame()
        self.requests = [r for r in sandbox.requests[before:] if r.endpoint == case.path]

    def frame(self):
        return self.case.function(self.ws, **self.parameters)

    def meets(self, trouble, after, times):
        """Throw the fault after so many requests; check what comes of it, and of the next call."""
        self.ws.clear_cache()
        fault = replace(trouble.fault, after=after, times=times, endpoint=self.case.path)
        self.sandbox.inject(fault)
        expected = trouble.outcome(times)
        with no_patience_with(fault, self.sandbox) if fault.kind == "silent" else nullcontext():
            self.ends(expected, attempts=MAX_ATTEMPTS if trouble.is_retried else 1)
        self.sandbox.clear_faults()
        if expected is not None:
            # what the plan lacks is remembered like an answer
            is_remembered = expected is PremiumFeatureError
            with self.ws.refresh() if is_remembered else nullcontext():
                assert self.frame().equals(self.whole)

    def ends(self, expected, attempts):
        """Check that all rows come, or the error that is expected after so many attempts."""
        if expected is None:
            assert self.frame().equals(self.whole)
            return
        before = len(self.sandbox.requests)
        with pytest.raises(expected) as caught:
            self.frame()
        assert type(caught.value) is expected
        hit = [str(r.body) for r in self.sandbox.requests[before:] if r.fault is not None]
        assert max(map(hit.count, hit)) == attempts


def wide(path, agency):
    """Return what brings several pages."""
    few = {"page_size": ROWS}
    return {
        "filters/project_groups": {"group_ids": [row["group_id"] for row in agency.project_groups]},
        "filters/project_users": {"client_ids": [client["id"] for client in agency.clients]},
        "filters/projects": few,
        "filters/tasks": few,
        "search/clients": {"name": "e"},
        "search/projects": {"is_active": True, **few},
        "search/tasks": {"active": False, **few},
        "search/users": {"active": True},
    }.get(path, {})


def places(case, sandbox, ws):
    """Yield the calls to make, and the request that is hit: a piece; first, middle, last page."""
    name = case.id_lists[0]
    archive = "projects" if name == "project_ids" else case.archive
    ids = [row["id"] for row in getattr(sandbox.agency, archive)]
    client_of(ws).learned.caps[case.path] = ROWS
    pieces = Call(case, sandbox, ws, {name: ids})
    yield pieces, [r.body[name] for r in pieces.requests].index(ids[ROWS : 2 * ROWS])
    if case in WITHOUT_PAGES:
        return
    pages = Call(case, sandbox, ws, wide(case.path, sandbox.agency))
    assert len(pages.requests) >= 3
    yield pages, 0
    yield pages, len(pages.requests) // 2
    yield pages, len(pages.requests) - 1


def of(trouble, case):
    """Return the trouble for this endpoint: the wrong type stands in a column that it has."""
    if trouble.name != WRONG_TYPE:
        return trouble
    row = {"id": 2**52, list(case.table)[1].field_name: {"of": "another type"}}
    return replace(trouble, fault=replace(trouble.fault, body=json.dumps([row])))


# By day each trouble meets one listing in pages and one without, at all places.
@pytest.mark.parametrize(
    ("trouble", "case"),
    [*product(TROUBLES, IN_PAGES), *product(TROUBLES, WITHOUT_PAGES)],
    ids=label,
)
def test_every_cell_is_complete_or_the_error_of_the_table(trouble, case, calls):
    for call, after in calls(case.path):
        for times in (1, FOREVER):
            call.meets(of(trouble, case), after, times)


def test_every_fault_and_every_error_of_the_api_is_in_the_table():
    # An answer that deceives is one of the pages of a report of time, and looks right.
    kinds = set(get_args(FaultKind)) - set(DECEPTIONS)
    assert {trouble.fault.kind for trouble in TROUBLES} == kinds
    raised = {errors.ConnectionFailedError, errors.SchemaError, *errors.ApiError.__subclasses__()}
    assert {trouble.error for trouble in TROUBLES} == raised | {None}


def test_the_page_of_the_docs_is_this_table():
    path = Path(__file__).parents[2] / "docs" / "faults.md"
    assert path.read_text(encoding="utf-8") == page()
