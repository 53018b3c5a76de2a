"""Twelve endpoints, every fault, every place: a complete frame or the error of the table."""

import json
from contextlib import ExitStack, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from faults.matrix import MAX_ATTEMPTS, TIMEOUT, TOO_SLOW, TROUBLES, WRONG_TYPE, page
from twelve import CASES, every_endpoint

from togglframe import PremiumFeatureError, Workspace
from togglframe.sandbox import Behaviour, Sandbox
from togglframe.sandbox.behaviour import FOREVER

ROWS = 7  # in a page, and ids in a request
WITHOUT_PAGES = ("filters/projects/status", "filters/tasks/status")


@pytest.fixture(scope="module")
def sandbox():
    behaviour = Behaviour(page_size_clamp=ROWS)
    sizes = {"people": 17, "tasks": 26, "memberships": 14}
    with Sandbox(20, quota=10**9, behaviour=behaviour, **sizes) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def calls(sandbox):
    """Return the calls of an endpoint and the requests to hit, with a timeout."""
    with ExitStack() as stack:

        @cache
        def workspace(timeout):
            ws = Workspace(
                sandbox.workspace_id,
                token=sandbox.token,
                base_url=sandbox.base_url,
                cache="memory",
                timeout=timeout,
                max_attempts=MAX_ATTEMPTS,
                backoff=0.0001,
                per_second=None,
            )
            return stack.enter_context(ws)

        @cache
        def calls(path, timeout):
            case = next(case for case in CASES if case.path == path)
            return list(places(case, sandbox, workspace(timeout)))

        yield calls


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
        before = len(self.sandbox.requests)
        fault = replace(trouble.fault, after=after, times=times, endpoint=self.case.path)
        self.sandbox.inject(fault)
        expected = trouble.outcome(times)
        if expected is None:
            assert self.frame().equals(self.whole)
        else:
            with pytest.raises(expected) as caught:
                self.frame()
            assert type(caught.value) is expected
            hit = [str(r.body) for r in self.sandbox.requests[before:] if r.fault is not None]
            assert max(map(hit.count, hit)) == (MAX_ATTEMPTS if trouble.is_retried else 1)
            self.sandbox.clear_faults()
            # what the plan lacks is remembered like an answer
            is_remembered = expected is PremiumFeatureError
            with self.ws.refresh() if is_remembered else nullcontext():
                assert self.frame().equals(self.whole)
        self.sandbox.clear_faults()


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
    ws.lessons.caps[case.path] = ROWS
    pieces = Call(case, sandbox, ws, {name: ids})
    yield pieces, [r.body[name] for r in pieces.requests].index(ids[ROWS : 2 * ROWS])
    if case.path in WITHOUT_PAGES:
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
    row = {"id": 2**52, list(case.table)[1].wire_name: {"of": "another type"}}
    return replace(trouble, fault=replace(trouble.fault, body=json.dumps([row])))


@every_endpoint
@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_every_cell_is_complete_or_the_error_of_the_table(case, trouble, calls):
    timeout = TIMEOUT if trouble.name == TOO_SLOW else 30
    for call, after in calls(case.path, timeout):
        for times in (1, FOREVER):
            call.meets(of(trouble, case), after, times)


def test_the_page_of_the_docs_is_this_table():
    path = Path(__file__).parents[2] / "docs" / "faults.md"
    assert path.read_text(encoding="utf-8") == page()
