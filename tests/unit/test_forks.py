"""A process that is forked: it has copies of everything, and shares no connection."""

import multiprocessing
import os
import sqlite3
import threading
from contextlib import ExitStack, closing

import pytest

from togglframe import Workspace, demo
from togglframe.api import filters
from togglframe.http.client import client_of
from togglframe.http.quota import lock_of

pytestmark = [
    pytest.mark.nightly,
    pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked here"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),  # threads run meanwhile
]
ROUNDS = 5
CHILDREN = 3


def in_a_child(work):
    """Run this in a forked process, and return what it returns; an error ends it with 1."""
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe(duplex=False)
    child = fork.Process(target=lambda: there.send(work()))
    child.start()
    there.close()
    with here:
        assert here.poll(60), "the child says nothing"
        said = here.recv()
    child.join(60)
    assert child.exitcode == 0
    return said


def names(ws, number):
    """Ask for the client of this number, whose name nobody else asks for."""
    rows = ws.post("filters/clients", {"ids": [number]})
    return [row["name"] for row in rows]


def ask_many(ws, clients, first, step):
    """Return those of many answers that are not to what was asked."""
    wrong = []
    for client in clients[first::step]:
        got = names(ws, client["id"])
        if got != [client["name"]]:
            wrong.append((client["name"], got))
    return wrong


@pytest.mark.parametrize("cache", [None, "memory", "disk"])
def test_children_and_their_parent_get_what_they_asked_for(make_sandbox, make_workspace, cache):
    sandbox = make_sandbox(600)
    ws = make_workspace(sandbox, cache=cache)
    clients = sandbox.agency.clients
    names(ws, clients[0]["id"])  # now there is a connection that could be shared
    fork = multiprocessing.get_context("fork")
    for _ in range(ROUNDS):
        ws.clear_cache()
        wrong = fork.SimpleQueue()

        def work(first, wrong=wrong):
            wrong.put(ask_many(ws, clients, first, CHILDREN + 1))

        children = [fork.Process(target=work, args=[first]) for first in range(CHILDREN)]
        for child in children:
            child.start()
        assert ask_many(ws, clients, CHILDREN, CHILDREN + 1) == []
        assert [wrong.get() for _ in children] == [[]] * CHILDREN
        for child in children:
            child.join(60)
            assert child.exitcode == 0


@pytest.mark.daily
def test_a_child_has_what_its_parent_has_learnt(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    filters.projects(ws)
    rows, requests = in_a_child(lambda: (len(filters.projects(ws)), ws.usage.requests))
    assert (rows, requests) == (61, 1)
    assert len(sandbox.requests) == 1


@pytest.mark.daily
def test_a_child_uses_a_connection_of_its_own(sandbox, make_workspace):
    ws = make_workspace(sandbox)
    filters.clients(ws)
    pool = client_of(ws)._session.get_adapter(sandbox.base_url).poolmanager

    def work():
        filters.clients(ws)
        mine = client_of(ws)._session.get_adapter(sandbox.base_url).poolmanager
        return mine is pool, len(mine.pools)

    assert in_a_child(work) == (False, 1)


def test_a_child_that_writes_harms_no_file(sandbox, make_workspace, tmp_path):
    file = tmp_path / "answers.sqlite"
    ws = make_workspace(sandbox, cache=file)
    filters.projects(ws)

    def work():
        filters.clients(ws)
        filters.users(ws)
        ws.close()

    for _ in range(5):
        in_a_child(work)
        with ws.refresh():
            filters.projects(ws)
    before = len(sandbox.requests)
    for get in (filters.projects, filters.clients, filters.users):
        get(ws)
    assert len(sandbox.requests) == before
    ws.close()
    with closing(sqlite3.connect(file)) as stored:
        assert stored.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@pytest.mark.daily
@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_a_child_is_not_kept_waiting_by_a_thread_of_its_parent(sandbox, make_workspace, cache):
    ws = make_workspace(sandbox, cache=cache)
    filters.clients(ws)
    names = ["usage", "pace", "session", "cache file"]
    held, go_on = threading.Event(), threading.Event()

    def hold():
        with ExitStack() as locks:
            for name in names:
                locks.enter_context(lock_of(name))
            held.set()
            go_on.wait()

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait()
    try:
        assert in_a_child(lambda: len(filters.projects(ws))) == 61
    finally:
        go_on.set()
        thread.join()


def test_a_fork_waits_until_the_cache_file_is_at_rest(sandbox, make_workspace, tmp_path):
    ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite")
    filters.projects(ws)
    done = threading.Event()

    def ask():
        for number in range(100):
            ws.post("filters/clients", {"ids": [number + 1]})
        done.set()

    thread = threading.Thread(target=ask)
    thread.start()
    while not done.is_set():
        assert in_a_child(lambda: len(filters.projects(ws))) == 61
    thread.join()
    assert len(sandbox.requests) == 101


def test_a_child_can_have_children(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    filters.clients(ws)
    assert in_a_child(lambda: in_a_child(lambda: len(filters.projects(ws)))) == 61


def test_a_child_does_not_end_the_demo_of_its_parent():
    ws = demo()
    filters.clients(ws)

    def work():
        with ws:
            return len(filters.projects(ws))

    assert in_a_child(work) == 60
    assert len(filters.users(ws)) > 0
    ws.close()


def test_a_workspace_that_was_not_opened_is_opened_by_each(sandbox, make_workspace, tmp_path):
    ws = Workspace(
        sandbox.workspace_id, base_url=sandbox.base_url, token=sandbox.token, cache=tmp_path / "a"
    )
    assert in_a_child(lambda: len(filters.projects(ws))) == 61
    assert len(filters.projects(ws)) == 61
    assert len(sandbox.requests) == 1
    ws.close()
