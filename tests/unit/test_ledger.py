"""What a listing was made of is noted beside the cached answers, and goes with them."""

import json
import sqlite3
import threading
from contextlib import closing

import pytest
from typer.testing import CliRunner
from vendor import Fault

from togglframe import reports
from togglframe.api import filters
from togglframe.cli import app
from togglframe.errors import PremiumFeatureError, SchemaError
from togglframe.http import cache

NAMES = ("projects", "tasks", "users")


@pytest.fixture
def file(tmp_path):
    return tmp_path / "answers.sqlite"


def is_known(ws, *names):
    return reports.Listings(ws).plan(*names).is_exact


def test_a_note_is_not_listed_as_an_answer_and_goes_with_them(sandbox, make_workspace, file):
    ws = make_workspace(sandbox, cache=file)
    reports.project_budget(ws)
    answers = len(sandbox.requests)
    assert len(cache.answers_in(file)) == answers
    assert is_known(ws, "projects", "statuses", "clients")
    assert cache.delete_answers_in(file, below=f"/workspace/{ws.id}/") == answers
    assert not is_known(make_workspace(sandbox, cache=file), "projects")
    with closing(sqlite3.connect(file)) as rows:
        for table in ("responses", "records"):
            assert rows.execute(f"SELECT count(*) FROM {table}").fetchone() == (0,)


def test_the_command_line_counts_no_notes(sandbox, make_workspace):
    reports.project_budget(make_workspace(sandbox, cache="disk"))
    shown = CliRunner().invoke(app, ["cache", "show"]).stdout.splitlines()
    assert "3 answers" in shown[0]
    assert len(shown) == 4
    assert "3 answers deleted" in CliRunner().invoke(app, ["cache", "clear"]).stdout


@pytest.mark.parametrize("kind", ["memory", "file"])
def test_what_is_cleared_is_not_known(kind, sandbox, make_workspace, file):
    ws = make_workspace(sandbox, cache="memory" if kind == "memory" else file)
    reports.project_budget(ws)
    ws.clear_cache()
    assert not is_known(ws, "projects")
    with ws.refresh():
        reports.project_budget(ws)
        assert is_known(ws, "projects")


def test_a_file_that_is_locked_keeps_its_records_in_memory(
    sandbox, make_workspace, file, monkeypatch
):
    monkeypatch.setattr(cache, "BUSY_TIMEOUT", 0.05)
    ws = make_workspace(sandbox, cache=file)
    filters.clients(ws, name="to open the file")
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(UserWarning, match="locked"):
            reports.Listings(ws).fetch("projects")
        assert is_known(ws, "projects")
        assert reports.Listings(ws).plan("projects").requests == 0


def test_threads_note_what_is_theirs(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    together = threading.Barrier(len(NAMES))

    def fetch(name):
        together.wait()
        reports.Listings(ws).fetch(name)

    threads = [threading.Thread(target=fetch, args=[name]) for name in NAMES]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ws.refresh():
        plan = reports.Listings(ws).plan(*NAMES)
    assert plan.costs == {"projects": 1, "tasks": 2, "users": 4}


def test_what_failed_is_not_noted(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    sandbox.inject(Fault("payload", body='[{"id": "x"}]', endpoint="filters/tasks"))
    with pytest.raises(SchemaError):
        reports.Listings(ws).fetch("tasks")
    assert not is_known(ws, "tasks")


def test_a_refusal_by_the_plan_is_noted(make_sandbox, make_workspace, file):
    sandbox = make_sandbox(plan="free")
    with pytest.raises(PremiumFeatureError):
        reports.Listings(make_workspace(sandbox, cache=file)).fetch("tasks")
    plan = reports.Listings(make_workspace(sandbox, cache=file)).plan("tasks")
    assert (plan.requests, plan.is_exact) == (0, True)
    assert len(sandbox.requests) == 1


def test_a_record_holds_keys_and_times_alone(sandbox, make_workspace, file):
    ws = make_workspace(sandbox, cache=file)
    reports.Listings(ws).fetch("projects")
    ws.close()
    with closing(sqlite3.connect(file)) as rows:
        texts = [text for (text,) in rows.execute("SELECT value FROM records")]
    record, listing = sorted(map(json.loads, texts), key=lambda one: "listing" in one)
    assert listing["url"].endswith("/filters/projects")
    assert listing["listing"]["pages"].keys() == record["record"].keys()
    assert record["url"] == f"{sandbox.base_url}/workspace/{ws.id}/"
    ((key, (fetched_at, requests)),) = record["record"].items()
    assert key in {stored.key for stored in cache.answers_in(file)}
    assert (fetched_at[:2], requests) == ("20", 1)
