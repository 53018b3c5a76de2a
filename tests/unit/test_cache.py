"""The cache on disk and in memory: shared, unusable, bounded and cleared."""

import multiprocessing
import multiprocessing.dummy
import os
import pickle
import shutil
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

import pandas as pd
import pytest

from togglframe import ConfigError, StaleDataWarning, TogglframeWarning, Workspace
from togglframe.api import filters
from togglframe.http import cache
from togglframe.http.client import client_of


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache" / "answers.sqlite"


@pytest.fixture
def filled(file, sandbox, make_workspace):
    """A cache file that holds the projects."""
    ws = make_workspace(sandbox, cache=file)
    filters.projects(ws)
    ws.close()
    return file


def rows_of(file):
    with closing(sqlite3.connect(file)) as connection:
        return connection.execute("SELECT key, value FROM responses").fetchall()


def write(file, statement, *values):
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement, values)
        connection.commit()


# --- shared -----------------------------------------------------------------------------------


def work(where, barrier, results):
    """What one process does: two threads, each with a workspace of its own, on one file."""

    def thread():
        with Workspace(**where) as ws:
            sizes = [len(filters.projects(ws, page_size=20)), len(filters.clients(ws))]
            with ws.refresh():
                sizes.append(len(filters.users(ws, active=True)))
        results.put(sizes)

    barrier.wait()
    threads = [threading.Thread(target=thread) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


PROCESSES = pytest.param(multiprocessing.get_context("spawn"), marks=pytest.mark.nightly)


@pytest.mark.parametrize(
    "made_by", [multiprocessing.dummy, PROCESSES], ids=["threads", "processes"]
)
def test_processes_and_threads_share_one_file(sandbox, make_workspace, file, set_now, made_by):
    set_now(lambda: datetime.now(UTC))  # as in the processes, whatever day the tests set
    barrier, results = made_by.Barrier(3), made_by.Queue()
    where = {"workspace_id": sandbox.workspace_id, "base_url": sandbox.base_url, "cache": file}
    where |= {"token": sandbox.token, "per_second": None}
    processes = [made_by.Process(target=work, args=(where, barrier, results)) for _ in range(3)]
    for process in processes:
        process.start()
    sizes = [results.get(timeout=60) for _ in range(6)]
    for process in processes:
        process.join(timeout=60)
        assert process.exitcode == 0
    people = sum(user["active"] for user in sandbox.agency.users)
    assert sizes == [[61, len(sandbox.agency.clients), people]] * 6
    before = len(sandbox.requests)
    filters.projects(make_workspace(sandbox, cache=file), page_size=20)
    assert len(sandbox.requests) == before


def test_a_file_that_another_is_just_opening_is_waited_for(
    file, sandbox, make_workspace, monkeypatch
):
    monkeypatch.setattr(cache, "BUSY_TIMEOUT", 0)
    file.parent.mkdir()
    write(file, f"PRAGMA application_id = {0x54_47_46_32}")
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(cache, "stop_after_delay", lambda _: lambda _: False)
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: other.close())
    filters.projects(make_workspace(sandbox, cache=file))
    assert len(rows_of(file)) == 1


# --- unusable ---------------------------------------------------------------------------------


def garbage(file):
    file.write_bytes(b"This is not a database. " * 500)


def cut_in_half(file):
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


def scribbled(file):
    with file.open("r+b") as stream:
        stream.seek(4096)
        stream.write(os.urandom(file.stat().st_size - 4096))


def check_that_it_is_left_alone(file, sandbox, make_workspace, **options):
    harmed = file.read_bytes()
    ws = make_workspace(sandbox, **options)
    with pytest.warns(TogglframeWarning, match=rf"{file.name} cannot be used.*in memory") as caught:
        first = filters.projects(ws)
    assert len(caught) == 1
    pd.testing.assert_frame_equal(filters.projects(ws), first)  # a warning would be an error
    assert ws.usage.requests == 1
    ws.close()
    assert file.read_bytes() == harmed
    assert [path for path in file.parent.iterdir() if "broken" in path.name] == []


@pytest.mark.parametrize("damage", [garbage, cut_in_half, scribbled])
def test_a_cache_that_is_damaged_is_left_alone(filled, sandbox, make_workspace, damage):
    damage(filled)
    check_that_it_is_left_alone(filled, sandbox, make_workspace, cache=filled)


def test_a_damaged_cache_of_the_user_is_left_alone(sandbox, make_workspace):
    with make_workspace(sandbox, cache="disk") as ws:
        filters.projects(ws)
    garbage(cache.default_file())
    check_that_it_is_left_alone(cache.default_file(), sandbox, make_workspace, cache="disk")


def a_table(file):
    file.write_bytes(b"id,name\n1,North\n")


def a_workbook(file):
    file.write_bytes(b"PK\x03\x04 and so on" * 100)


def a_database_of_somebody_else(file):
    write(file, "CREATE TABLE invoices (number INTEGER, total INTEGER)")


def a_busy_database_of_somebody_else(file):
    write(file, "PRAGMA journal_mode = WAL")
    write(file, "CREATE TABLE invoices (number INTEGER, total INTEGER)")


def a_database_like_ours(file):
    write(file, "CREATE TABLE responses (question TEXT, answer TEXT)")


def the_cache_of_another_program(file):
    write(file, "CREATE TABLE responses (key TEXT PRIMARY KEY, value BLOB, expires INTEGER)")
    write(file, "CREATE TABLE redirects (key TEXT PRIMARY KEY, value BLOB, expires INTEGER)")


FOREIGN = [
    a_database_of_somebody_else,
    a_busy_database_of_somebody_else,
    a_database_like_ours,
    the_cache_of_another_program,
]


@pytest.mark.parametrize(
    ("make", "name"), [*zip(FOREIGN, cycle(["mydata.csv", "mydata.sqlite"]), strict=False)]
)
def test_a_file_of_somebody_else_is_refused_and_stays_as_it_is(
    tmp_path, sandbox, make_workspace, make, name
):
    mine = tmp_path / "mine" / name
    mine.parent.mkdir()
    make(mine)
    mine.chmod(0o644)
    before = mine.stat()
    content = mine.read_bytes()
    ws = make_workspace(sandbox, cache=mine)
    for _ in range(2):
        with pytest.raises(
            ConfigError, match=rf"{name} is not a togglframe cache and is left unchanged"
        ):
            filters.projects(ws)
    after = mine.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert mine.read_bytes() == content
    assert list(mine.parent.iterdir()) == [mine]
    assert len(sandbox.requests) == 0


@pytest.mark.parametrize("make", [a_table, a_workbook])
def test_a_file_that_sqlite_cannot_read_stays_as_it_is(tmp_path, sandbox, make_workspace, make):
    mine = tmp_path / "mydata.csv"
    make(mine)
    mine.chmod(0o644)
    before = mine.stat()
    check_that_it_is_left_alone(mine, sandbox, make_workspace, cache=mine)
    after = mine.stat()
    assert (after.st_mode, after.st_mtime_ns) == (before.st_mode, before.st_mtime_ns)
    assert list(mine.parent.iterdir()) == [mine]


def test_a_file_that_somebody_puts_in_its_place_during_the_work_stays(
    filled, sandbox, make_workspace
):
    ws = make_workspace(sandbox, cache=filled)
    filters.projects(ws)
    ws.close()
    a_table(filled)
    content = filled.read_bytes()
    with pytest.warns(TogglframeWarning, match=r"not a database.*kept in memory") as caught:
        first = filters.projects(ws)
    assert len(caught) == 1
    pd.testing.assert_frame_equal(filters.projects(ws), first)
    assert ws.usage.requests == 1
    assert filled.read_bytes() == content


def test_an_empty_file_becomes_a_cache(tmp_path, sandbox, make_workspace):
    empty = tmp_path / "mydata.csv"
    empty.touch(0o644)
    filters.projects(make_workspace(sandbox, cache=empty))
    assert len(cache.answers_in(empty)) == 1
    assert empty.stat().st_mode & 0o777 == 0o600


def test_a_file_that_another_thread_has_just_made_is_used(
    file, sandbox, make_workspace, monkeypatch
):
    real = os.open

    def too_late(path, *how):
        if path == file:
            path.write_bytes(b"")
        return real(path, *how)

    monkeypatch.setattr("togglframe.http.cache.os.open", too_late)
    filters.projects(make_workspace(sandbox, cache=file))
    assert len(rows_of(file)) == 1


def test_a_file_that_breaks_during_the_work_is_left(filled, sandbox, make_workspace):
    ws = make_workspace(sandbox, cache=filled)
    filters.projects(ws)
    scribbled(filled)
    for side in ("-wal", "-shm"):
        Path(f"{filled}{side}").unlink(missing_ok=True)
    with pytest.warns(TogglframeWarning, match="malformed.*kept in memory") as caught:
        first = filters.clients(ws)
    assert len(caught) == 1
    before = ws.usage.requests
    pd.testing.assert_frame_equal(filters.clients(ws), first)  # a warning would be an error
    assert ws.usage.requests == before


def test_the_command_line_leaves_a_file_that_cannot_be_used(filled):
    scribbled(filled)
    with pytest.warns(TogglframeWarning, match=r"answers\.sqlite cannot be used .*malformed"):
        assert cache.answers_in(filled) == []
    garbage(filled)
    with pytest.raises(ConfigError, match=r"answers\.sqlite cannot be used now: .*not a database"):
        cache.delete_answers_in(filled, below="")


def test_the_answers_of_togglframe_0_2_are_fetched_again(file, sandbox, make_workspace):
    file.parent.mkdir()
    write(file, f"PRAGMA application_id = {0x54_47_46_31}")
    write(file, "CREATE TABLE responses (key TEXT PRIMARY KEY, value BLOB, expires INTEGER)")
    write(file, "INSERT INTO responses VALUES ('key', 'sealed', 0)")
    assert len(filters.projects(make_workspace(sandbox, cache=file))) == 61
    assert len(rows_of(file)) == len(cache.answers_in(file)) == 1


class Payload:
    def __reduce__(self):
        return (os.mkdir, (os.environ["TOGGLFRAME_TEST_PAYLOAD"],))


ROWS = {
    "pickle": lambda row: pickle.dumps(Payload()),
    "cut": lambda row: row[:-10],
    "empty": lambda row: b"",
    "text": lambda row: "a text",
    "null": lambda row: None,
    "a list": lambda row: "[]",
    "other values": lambda row: '{"status_code": "many"}',
    "no values": lambda row: "{}",
}


@pytest.fixture
def evidence(monkeypatch, tmp_path):
    """What the payload makes when it runs."""
    monkeypatch.setenv("TOGGLFRAME_TEST_PAYLOAD", str(tmp_path / "ran"))
    return tmp_path / "ran"


@pytest.mark.parametrize("change", ROWS.values(), ids=ROWS)
def test_a_row_that_was_changed_runs_nothing_and_is_fetched_anew(
    filled, sandbox, make_workspace, evidence, change
):
    ((_, row),) = rows_of(filled)
    write(filled, "UPDATE responses SET value = ?", change(row))
    ws = make_workspace(sandbox, cache=filled)
    assert len(filters.projects(ws)) == 61
    assert ws.usage.requests == 1
    assert not evidence.exists()
    write(filled, "UPDATE responses SET value = ?", change(row))
    ws.clear_cache()
    assert cache.answers_in(filled) == []


# --- bounded ----------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["memory", "disk"])
def test_the_oldest_answers_go_when_the_cache_is_full(
    make_sandbox, make_workspace, monkeypatch, where
):
    monkeypatch.setattr(cache, "LARGEST", 100_000)
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, cache=where)
    for size in range(70, 100):
        filters.projects(ws, page_size=size)
    if where == "disk":
        assert cache.default_file().stat().st_size < 2 * cache.LARGEST
        assert sum(answer.size for answer in cache.answers_in(cache.default_file())) < 100_000
    before = len(sandbox.requests)
    filters.projects(ws, page_size=99)
    assert len(sandbox.requests) == before
    filters.projects(ws, page_size=70)
    assert len(sandbox.requests) > before


def test_an_answer_replaces_the_one_before(sandbox, make_workspace, file, clock):
    ws = make_workspace(sandbox, cache=file, expire_after=1)
    for _ in range(3):
        filters.projects(ws)
        clock.advance(2)
    assert len(rows_of(file)) == 1
    (answer,) = cache.answers_in(file)
    assert answer.is_expired
    ws.close()
    assert cache.delete_answers_in(file, below="") == 1
    assert rows_of(file) == []


def test_whether_an_answer_is_expired_is_told_as_it_was_stored(
    sandbox, make_workspace, file, clock
):
    filters.projects(make_workspace(sandbox, cache=file, expire_after=60))
    assert [answer.is_expired for answer in cache.answers_in(file)] == [False]
    clock.advance(60)
    assert [answer.is_expired for answer in cache.answers_in(file)] == [True]
    clock.advance(-61)  # now it comes from the future
    assert [answer.is_expired for answer in cache.answers_in(file)] == [True]


def test_expired_answers_stay_for_the_day_without_quota(sandbox, make_workspace, file, clock):
    ws = make_workspace(sandbox, cache=file, expire_after=60)
    filters.projects(ws)
    clock.advance(61)
    filters.clients(ws)
    sandbox.use_up_quota()
    with pytest.warns(StaleDataWarning):
        assert len(filters.projects(ws)) == 61


# --- cleared ----------------------------------------------------------------------------------


def test_clearing_one_workspace_leaves_the_others(make_sandbox, make_workspace, file):
    sandboxes = [make_sandbox(workspace_id=number) for number in (11, 111)]
    first, second = (make_workspace(sandbox, cache=file) for sandbox in sandboxes)
    filters.projects(first)
    filters.projects(second)
    first.clear_cache()
    assert ["/workspace/111/" in answer.url for answer in cache.answers_in(file)] == [True]


def test_what_was_cleared_is_nowhere_in_the_file(filled, sandbox, make_workspace):
    size = filled.stat().st_size
    ((_, row),) = rows_of(filled)
    with make_workspace(sandbox, cache=filled) as ws:
        ws.clear_cache()
    assert row[-1000:].encode() not in filled.read_bytes()
    assert filled.stat().st_size < size


# --- where there can be none ------------------------------------------------------------------


def test_a_home_that_cannot_be_written_falls_back_to_memory(
    sandbox, make_workspace, monkeypatch, tmp_path
):
    (tmp_path / "a file").write_text("in the place of a folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "a file"))
    ws = make_workspace(sandbox, cache="disk")
    with pytest.warns(TogglframeWarning, match="kept in memory"):
        first = filters.projects(ws)
    pd.testing.assert_frame_equal(filters.projects(ws), first)
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    "refusal", [PermissionError(13, "Permission denied"), OSError(30, "Read-only file system")]
)
def test_a_file_that_cannot_be_opened_falls_back_to_memory(
    filled, sandbox, make_workspace, monkeypatch, refusal
):
    def refuse(*_):
        raise refusal

    filled.unlink()
    monkeypatch.setattr("togglframe.http.cache.os.open", refuse)
    ws = make_workspace(sandbox, cache=filled)
    with pytest.warns(TogglframeWarning, match=refusal.strerror):
        assert len(filters.projects(ws)) == 61
    assert ws.usage.requests == 1


def test_a_locked_file_falls_back_to_memory(filled, sandbox, make_workspace, monkeypatch):
    monkeypatch.setattr(cache, "BUSY_TIMEOUT", 0.1)
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ws = make_workspace(sandbox, cache=filled)
        with pytest.warns(TogglframeWarning, match="locked"):
            assert len(filters.projects(ws)) == 61


def test_a_file_that_is_locked_during_the_work_is_waited_for_once(
    filled, sandbox, make_workspace, monkeypatch
):
    monkeypatch.setattr(cache, "BUSY_TIMEOUT", 0.05)
    ws = make_workspace(sandbox, cache=filled)
    filters.projects(ws)
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(TogglframeWarning, match=r"locked.*kept in memory"):
            first = filters.clients(ws)
        before = ws.usage.requests
        pd.testing.assert_frame_equal(filters.clients(ws), first)  # a warning would be an error
        assert ws.usage.requests == before
        ws.clear_cache()
        pd.testing.assert_frame_equal(filters.clients(ws), first)
        assert ws.usage.requests > before


def test_a_full_disk_is_reported_and_the_answers_are_kept_in_memory(
    filled, sandbox, make_workspace
):
    ws = make_workspace(sandbox, cache=filled)
    filters.projects(ws)
    with client_of(ws)._cache.responses.connection() as connection:
        connection.execute("PRAGMA max_page_count = 1")
    with pytest.warns(TogglframeWarning, match=r"disk is full.*kept in memory"):
        first = filters.tasks(ws)
    pd.testing.assert_frame_equal(filters.tasks(ws), first)
    requests = ws.usage.requests
    ws.clear_cache()
    filters.tasks(ws)
    assert ws.usage.requests > requests


@pytest.mark.parametrize("often", [40, pytest.param(400, marks=pytest.mark.nightly)])
def test_one_thread_asks_while_another_clears(sandbox, make_workspace, file, often):
    ws = make_workspace(sandbox, cache=file)

    def ask():
        for start in range(often):
            ws.post("filters/clients", {"name": "nobody", "start": start % 40})

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        ws.clear_cache()
    for thread in threads:
        thread.join()
    assert len(filters.projects(ws)) == 61


def test_how_long_an_answer_is_fresh_says_who_reads_it(file, sandbox, make_workspace, clock):
    filters.projects(make_workspace(sandbox, cache=file, expire_after=3600))
    clock.advance(100)
    hasty = make_workspace(sandbox, cache=file, expire_after=99)
    filters.projects(hasty)
    assert hasty.usage.requests == 1
    clock.advance(10**9)
    patient = make_workspace(sandbox, cache=file, expire_after=None)
    filters.projects(patient)
    assert patient.usage.requests == 0


def test_what_is_no_file_stays_as_it_is(tmp_path, sandbox, make_workspace):
    pipe = tmp_path / "pipe.sqlite"
    os.mkfifo(pipe, 0o644)
    ws = make_workspace(sandbox, cache=pipe)
    with pytest.warns(TogglframeWarning, match=r"not a file.*kept in memory"):
        filters.projects(ws)
    assert pipe.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("name", ["answers", "answers.sqlite"])
def test_only_the_user_can_read_the_file_even_one_that_was_removed(
    tmp_path, sandbox, make_workspace, name
):
    ws = make_workspace(sandbox, cache=tmp_path / name)
    for _ in range(2):
        filters.projects(ws)
        ws.close()
        files = [path for path in tmp_path.iterdir() if path.name.startswith("answers")]
        assert {path.name for path in files} >= {"answers.sqlite"}
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
        for path in files:
            path.unlink()


@pytest.mark.parametrize("name", ["file:a.sqlite", "file:a?mode=memory.sqlite", "a:memory:.sqlite"])
def test_a_path_is_no_uri(tmp_path, sandbox, make_workspace, monkeypatch, name):
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path)
    ws = make_workspace(sandbox, cache=name)
    filters.projects(ws)
    ws.close()
    monkeypatch.chdir("elsewhere")
    filters.projects(ws)
    assert ws.usage.requests == 1
    ws.close()
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert files == [tmp_path / name]
    assert files[0].stat().st_mode & 0o777 == 0o600


def test_threads_share_what_is_kept_in_memory(filled, sandbox, make_workspace, monkeypatch):
    monkeypatch.setattr(cache, "BUSY_TIMEOUT", 0.05)
    ws = make_workspace(sandbox, cache=filled)
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.warns(TogglframeWarning, match="locked"):
            filters.clients(ws)
        before = ws.usage.requests
        thread = threading.Thread(target=filters.clients, args=[ws])
        thread.start()
        thread.join()
    assert ws.usage.requests == before


def test_a_folder_that_is_lost_is_said_and_the_work_goes_on(filled, sandbox, make_workspace):
    ws = make_workspace(sandbox, cache=filled)
    filters.projects(ws)
    ws.close()
    shutil.rmtree(filled.parent)
    filled.parent.write_text("now a file")
    with pytest.warns(TogglframeWarning, match="kept in memory"):
        first = filters.clients(ws)
    pd.testing.assert_frame_equal(filters.clients(ws), first)
    ws.clear_cache()


def test_what_was_not_deleted_is_not_counted(filled, monkeypatch):
    monkeypatch.setattr(cache, "BUSY_TIMEOUT", 0.1)
    with closing(sqlite3.connect(filled, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(ConfigError, match=r"cannot be used now: .*locked"):
            cache.delete_answers_in(filled, below="")
    assert cache.delete_answers_in(filled, below="") == 1


@pytest.mark.parametrize("path", [".", "/", "~nobody-of-this-name/x.sqlite"])
def test_a_path_that_names_no_file_is_refused(path):
    with pytest.raises(ConfigError, match="cache must be"):
        Workspace(1, token="t", cache=path)
