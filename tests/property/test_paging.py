"""Servers that page in every way: complete, or an error, or a warning, and no request too many.

The servers are functions in this process, so that thousands can be tried: a hundred with every
change, ten thousand by night.
"""

import math
import os
import random
import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from hypothesis import assume, event, given, settings
from hypothesis import strategies as st

from togglframe import CompletenessWarning, TogglframeError, Workspace
from togglframe.api import filters
from togglframe.http.client import Answer, client_of

SERVERS = int(os.environ.get("TOGGLFRAME_SERVERS", "100"))
ROUND = [size for size in range(10, 200) if size % 10 == 0 or size % 25 == 0]
EMPTY = [None, {}, [], {"items": []}]

# What each endpoint is to the vendor: its cursor, and whether the page size is documented.
ENDPOINTS = {
    "filters/clients": (filters.clients, "start", False),
    "filters/projects": (filters.projects, "start", True),
    "filters/tasks": (filters.tasks, "start", False),
    "filters/project_groups": (filters.project_groups, "start_id", False),
}


@dataclass
class Server:
    """A server with one listing, and its ways."""

    ids: list[int]
    page: int
    cursor_name: str = "start"
    cursor: str = "inclusive"
    order: str = "ascending"
    empty_at: dict[int, object] = field(default_factory=dict)  # by the number of the request
    added_at: dict[int, int] = field(default_factory=dict)
    deleted_at: dict[int, int] = field(default_factory=dict)
    page_at: dict[int, int] = field(default_factory=dict)
    requests: int = 0

    def post(self, path, body, **_):
        number, self.requests = self.requests, self.requests + 1
        if number in self.added_at:
            self.ids = sorted({*self.ids, self.added_at[number]})
        if number in self.deleted_at:
            self.ids = [i for i in self.ids if i != self.deleted_at[number]]
        self.page = self.page_at.get(number, self.page)
        data = self.empty_at.get(number, [{"id": i} for i in self.rows(body)])
        return Answer(data=data, fetched_at=datetime.now(UTC), key=str(number))

    def rows(self, body):
        ids = self.in_order([i for i in self.ids if i in set(body.get("ids", self.ids))])
        cursor = body.get(self.cursor_name, 0)
        left = {
            "inclusive": lambda: [i for i in ids if i >= cursor],
            "exclusive": lambda: [i for i in ids if i > cursor],
            "offset": lambda: ids[cursor:],
            "ignored": lambda: ids,
        }[self.cursor]()
        page = left[: min(self.page, body.get("page_size", self.page))]
        if self.order == "shuffled":
            random.Random(len(page)).shuffle(page)
        return page

    def in_order(self, ids):
        if self.order == "descending":
            return ids[::-1]
        if self.order == "by name":
            return sorted(ids, key=lambda i: (i * 2_654_435_761) % 2**32)
        return ids


@contextmanager
def workspace(server):
    ws = Workspace(1, token="0123", cache=None, progress=False)
    client_of(ws).post = server.post
    with ws:
        yield ws


def call(server, path, **arguments):
    """Return the ids that came, and whether it was said that rows may be missing."""
    function, _, _ = ENDPOINTS[path]
    if path == "filters/project_groups":
        arguments = {"group_ids": [1], **arguments}
    with workspace(server) as ws, warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        frame = function(ws, **arguments)
    return frame["id"].tolist(), any(w.category is CompletenessWarning for w in caught)


gaps = st.sampled_from([1, 2, 3, 10, 1000])


@st.composite
def listings(draw, most=300):
    """Ids in ascending order: dense, with gaps, or far apart."""
    size, gap, seed = draw(st.integers(0, most)), draw(gaps), draw(st.integers(0, 2**32))
    if not size:
        return []
    chance = random.Random(seed)
    first = draw(st.sampled_from([1, 2, 187_340_433, 2**53 + 1]))
    steps = [chance.randint(1, gap) for _ in range(size)]
    return [first + sum(steps[:i]) for i in range(size)]


@st.composite
def servers(draw):
    path = draw(st.sampled_from(sorted(ENDPOINTS)))
    _, cursor_name, is_documented = ENDPOINTS[path]
    cursor = draw(st.sampled_from(["inclusive", "exclusive", "offset", "ignored"]))
    order = draw(st.sampled_from(["ascending", "descending", "shuffled", "by name"]))
    # A documented page is believed when it is short and its length is not that of a clamp. The
    # only row, again and alone, is what a listing of one row looks like; an inclusive cursor never
    # gets anywhere in such pages. And few rows by name may come in the order of ids by chance.
    least = 8 if order == "by name" else 2 if cursor in ("inclusive", "ignored") else 1
    sizes = st.integers(least, 60) | st.sampled_from([201, 1000, 10_000])
    if is_documented:
        sizes = st.sampled_from([*ROUND, 200, 201, 250, 1000, 10_000])
    ids = draw(listings())
    server = Server(ids, draw(sizes), cursor_name, cursor, order)
    if draw(st.booleans()):
        places = st.integers(1, 6)
        empties = st.dictionaries(places, st.sampled_from(EMPTY), max_size=2)
        server.empty_at = draw(empties)
        if ids:
            server.deleted_at = draw(st.dictionaries(places, st.sampled_from(ids), max_size=2))
            new = st.integers(ids[0], ids[-1] + 50)
            server.added_at = draw(st.dictionaries(places, new, max_size=2))
    if server.page < 200:  # a page that is not short at first would be followed by a believed one
        shorter = st.integers(least, 60)
        server.page_at = draw(st.dictionaries(st.integers(1, 6), shorter, max_size=6))
    return path, server


@settings(max_examples=SERVERS)  # of which each takes some milliseconds
@given(servers())
def test_a_listing_is_complete_or_an_error_or_a_warning(drawn):
    path, server = drawn
    lasting = set(server.ids) - set(server.deleted_at.values())
    try:
        came, is_said = call(server, path)
    except TogglframeError:
        event("an error")
        return
    event("a warning" if is_said else "complete")
    assert lasting <= set(came) or is_said
    assert len(set(came)) == len(came)
    assert server.requests <= 2 * len(server.ids) + 12


@settings(max_examples=SERVERS // 3)
@given(listings(), st.data())
def test_ids_that_a_server_cuts_off_are_asked_for(ids, data):
    assume(ids)
    clamp = data.draw(st.sampled_from([*ROUND, 200, 201, 500]))
    unknown = data.draw(st.sets(st.integers(1, ids[-1] + 500), max_size=3)) - set(ids)
    server = Server(ids, clamp, cursor="ignored")
    with workspace(server) as ws:
        found = filters.project_statuses(ws, ids=[*ids, *unknown])
    assert found["id"].tolist() == ids


@settings(max_examples=SERVERS // 3)
@given(listings(most=700), st.sampled_from(sorted(ENDPOINTS)), st.sampled_from([201, 50, 333]))
def test_a_server_as_documented_is_asked_no_more_than_it_takes(ids, path, page):
    _, cursor_name, is_documented = ENDPOINTS[path]
    has_page_size = path in ("filters/projects", "filters/tasks")
    page = page if not has_page_size else 10_000
    server = Server(ids, page, cursor_name)
    assert call(server, path) == (ids, False)
    pages = 1 if len(ids) <= page else 1 + math.ceil((len(ids) - page) / (page - 1))
    is_short = is_documented and len(ids) < 200
    is_round = len(ids) in ROUND
    proof = 0 if not ids or (is_short and not is_round) else 1
    assert server.requests == pages + proof


def test_a_short_page_proves_nothing_once_one_was_not_the_last():
    server = Server(list(range(1, 471)), 140, page_at={1: 80, 2: 93, 3: 70, 4: 200})
    assert call(server, "filters/projects") == (server.ids, False)


def test_a_look_up_of_which_nothing_comes_is_asked_for_twice():
    server = Server([5, 7], 201, empty_at={0: None})
    with workspace(server) as ws:
        assert filters.clients(ws, ids=[5, 7])["id"].tolist() == [5, 7]
    assert server.requests == 2


@pytest.mark.parametrize(("body", "after"), [*zip(EMPTY, [1, 2, 3, 3], strict=True)])
def test_one_empty_page_in_the_middle_does_no_harm(body, after):
    ids = list(range(1, 1001))
    server = Server(ids, 201, empty_at={after: body})
    assert call(server, "filters/clients") == (ids, False)
    assert server.requests == 7  # five pages, the proof, and the page that was asked for again


@pytest.mark.parametrize("body", EMPTY)
def test_a_page_that_stays_empty_is_said(body):
    server = Server(list(range(1, 1001)), 201, empty_at={2: body, 3: body})
    came, is_said = call(server, "filters/clients")
    assert (len(came), is_said) == (401, True)
