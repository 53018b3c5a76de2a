"""An archive on a full, read-only or damaged disk, and one that is read while it is written.

No month is half, none is lost, and the next sync completes it.
"""

import datetime as dt
import errno
import json
import os
import re
import shutil
import subprocess
import sys
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_cases import asked, change, edited, entries_of
from vendor import VendorSandbox

from togglframe import Archive, CompletenessWarning, ConfigError, Workspace, reports
from togglframe.archive.months import read_months

NOON = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
START = "2026-08-01"
MONTHS = ["2026-08", "2026-09", "2026-10", "2026-11"]


@pytest.fixture(autouse=True)
def moment(set_now):
    """Set the time of the library."""
    moments = [NOON]
    set_now(lambda: moments[-1])
    return moments


@pytest.fixture
def office(make_sandbox):
    return make_sandbox(2)


@pytest.fixture
def ws(office, make_workspace):
    return make_workspace(office)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return the folder of an archive of four months and a snapshot, which nobody changes."""
    folder = tmp_path_factory.mktemp("kept") / "toggl"
    noon = mock.patch.multiple("togglframe.clock", now=lambda: NOON, today=NOON.date)
    with noon, VendorSandbox(2) as office:
        options = {"token": office.token, "cache": None, "per_second": None}
        with Workspace(office.workspace_id, base_url=office.base_url, **options) as ws:
            Archive(folder).sync(ws, start_date=START)
            Archive(folder).snapshot(ws)
    return folder


@pytest.fixture
def archive(kept, tmp_path):
    return Archive(shutil.copytree(kept, tmp_path / "toggl"))


def months_of(archive, ws):
    return {month: read_months([file]) for month, file in archive._folder.months(ws._id).items()}


def change_all(office, moment, months=MONTHS):
    """Make an entry of each month longer, so that a sync replaces all of them."""
    for month in months:
        first, *_ = entries_of(office, month)
        change(office, gone=[first], more=[edited(first, moment, seconds=first.seconds + 60)])


# --- a disk that is full, or read-only ------------------------------------------------------------

# In a mount namespace of its own, so that a disk of its own can fill up or turn read-only.
DISK = """
import subprocess, sys
from datetime import UTC, datetime
from pathlib import Path
import togglframe as tf
from togglframe import clock
from togglframe.archive import syncing
from togglframe.archive.months import read_months

url, token, number, folder, whole = sys.argv[1:6]
clock.now = lambda: datetime(2026, 11, 27, 12, tzinfo=UTC)
ws = tf.Workspace(int(number), token=token, base_url=url, cache=None, per_second=None)
archive = tf.Archive(folder + "/toggl")
expected = tf.Archive(whole)._folder.months(ws.id)

entries = folder + "/toggl/time_entries"

def run(*words):
    subprocess.run(words, check=True)

def mount(options):
    run("mount", "-t", "tmpfs", "-o", options, "none", folder)

def attempt(call):
    before = ws.usage.requests
    try:
        call()
    except OSError as error:
        print("refused", error.errno, ws.usage.requests - before, error, flush=True)
    else:
        print("done", ws.usage.requests - before, flush=True)

def kept():
    files = archive._folder.months(ws.id)
    for month, file in files.items():
        assert read_months([file]).equals(read_months([expected[month]])), month
    assert not [*Path(folder).rglob(".*.tmp")]
    print("kept", *files, flush=True)

def sync():
    archive.sync(ws, start_date="2026-08-01")

def read_only_after_two(*given):
    if len(archive._folder.months(ws.id)) == 2:
        run("mount", "--bind", entries, entries)
        run("mount", "-o", "remount,bind,ro", entries)
    write_month(*given)

mount("size=40k")
attempt(sync)
kept()
mount("remount,size=10m")
attempt(sync)
kept()
mount("remount,ro")
attempt(sync)
attempt(lambda: archive.snapshot(ws))
kept()
mount("remount,rw")
run("rm", "-r", entries, folder + "/toggl/state")
write_month, syncing.write_month = syncing.write_month, read_only_after_two
attempt(sync)
kept()
run("umount", entries)
syncing.write_month = write_month
attempt(sync)
kept()
"""


@pytest.mark.nightly
def test_a_disk_that_is_full_or_turns_read_only_keeps_whole_months_and_the_next_sync_completes(
    archive, office, tmp_path
):
    unshare = shutil.which("unshare")
    if unshare is None:
        pytest.skip("needs a mount namespace")
    (tmp_path / "disk").mkdir()
    folders = [str(tmp_path / "disk"), str(archive._folder.path)]
    words = [office.base_url, office.token, str(office.workspace_id), *folders]
    alone = [unshare, "--mount", "--map-root-user"]
    can_mount = [*alone, "mount", "-t", "tmpfs", "-o", "size=40k", "none", folders[0]]
    if subprocess.run(can_mount, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a disk of its own")
    command = [*alone, sys.executable, "-c", DISK, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    (
        full, some, rest, all_, refused, no_snapshot, still, turned, two, again, whole
    ) = done.stdout.splitlines()  # fmt: skip
    assert re.match(rf"refused {errno.ENOSPC} \d+ .*No space left on device\. Make room on", full)
    n = len(some.split()) - 1
    assert 1 <= n < 4
    assert f"month={MONTHS[-n - 1]}/part-0.parquet" in full
    assert some.split()[1:] == MONTHS[-n:]
    assert rest.startswith("done ")
    for said in (refused, no_snapshot):  # before any request
        assert re.match(rf"refused {errno.EROFS} 0 .*Make the folder writable, then call it", said)
        assert folders[0] in said
    assert re.match(rf"refused {errno.EROFS} \d+ .*month=2026-09", turned)
    assert two == "kept 2026-10 2026-11"
    assert again.startswith("done ")
    assert all_ == still == whole == " ".join(["kept", *MONTHS])


def test_a_write_that_fails_leaves_what_was_there_and_says_which_file(
    archive, ws, office, monkeypatch, moment
):
    before = {path: path.read_bytes() for path in archive._folder.path.rglob("*") if path.is_file()}
    moment.append(NOON + dt.timedelta(hours=9))
    change_all(office, moment[-1])
    office.agency.projects[0]["name"] = "Another name"
    remedies = {errno.ENOSPC: "Make room on the disk", errno.EROFS: "Make the folder writable"}
    for number, remedy in remedies.items():
        with monkeypatch.context() as refusing:
            refusing.setattr(os, "fsync", mock.Mock(side_effect=OSError(number, "Refused")))
            with pytest.raises(OSError, match=f"{remedy}, then call it again") as said:
                archive.sync(ws, start_date=START)
            assert said.value.errno == number
            assert str(said.value.filename).startswith(str(archive._folder.path))
            with pytest.raises(OSError, match="the archived files are unchanged"):
                archive.snapshot(ws)
    after = {path: path.read_bytes() for path in archive._folder.path.rglob("*") if path.is_file()}
    assert after == before
    archive.sync(ws, start_date=START)
    assert archive.verify(ws).empty


# --- a reader meanwhile ---------------------------------------------------------------------------


def test_who_reads_while_it_is_written_sees_each_month_old_or_new(
    archive, ws, office, monkeypatch, moment
):
    # Slow: all is read in three ways after each month.
    old = months_of(archive, ws)
    hours = [reports.hours(archive, start_date=START, end_date="2026-11-30", by="project")]
    moment.append(NOON + dt.timedelta(hours=9))
    change_all(office, moment[-1], MONTHS[1:])
    seen = []
    fsync = os.fsync

    def look(number):
        seen.append(archive.time_entries())
        hours.append(reports.hours(archive, start_date=START, end_date="2026-11-30", by="project"))
        with archive.connect() as connection:
            (n,) = connection.execute("SELECT count(*) FROM time_entries").fetchone()
        assert n == len(seen[-1])
        fsync(number)

    with monkeypatch.context() as looking:
        looking.setattr(os, "fsync", look)
        archive.sync(ws, start_date="2026-09-01")
    new = months_of(archive, ws)
    hours.append(reports.hours(archive, start_date=START, end_date="2026-11-30", by="project"))
    assert len(seen) == 1 + 3 + 1  # that it begins, the months, and what was compared
    for place, entries in enumerate(seen[1:]):
        by_month = entries.groupby(entries["date"].dt.strftime("%Y-%m"))
        for nth, month in enumerate(sorted(new, reverse=True)):
            rows = by_month.get_group(month).reset_index(drop=True)
            pd.testing.assert_frame_equal(rows, (new if nth < place else old)[month])
    totals = [each["tracked_time"].sum() for each in hours]
    minute = dt.timedelta(minutes=1)
    assert [(each - totals[0]) // minute for each in totals] == [0, 0, 0, 1, 2, 3, 3]


# --- damage ---------------------------------------------------------------------------------------

DAMAGES = {"cut": lambda whole: whole[: len(whole) // 2], "empty": lambda _: b"",
           "another": lambda _: b"x" * 1_000}  # fmt: skip


def put_folder(path):
    path.mkdir()


def put_link(path):
    path.symlink_to("nowhere")


def put_file(path):
    path.parent.rmdir()
    path.parent.touch()


def test_a_month_that_is_gone_or_of_the_wrong_kind_is_told_and_the_next_sync_mends_it(
    archive, ws, office
):
    # Slow: it is read in several ways with each of four things in the place of a month.
    change(office, gone=entries_of(office, "2026-08"))  # an empty month is none that is gone
    archive.sync(ws, start_date="2026-07-01", end_date="2026-08-31", full=True)
    chosen = {"start_date": "2026-08-01", "end_date": "2026-10-31"}
    reads = [
        lambda: archive.time_entries(**chosen),
        lambda: reports.hours(archive, **chosen),
        lambda: reports.timesheet(archive, **chosen),
    ]
    whole = [read() for read in reads]
    path = archive._folder.month_file(ws._id, "2026-09")
    path.unlink()
    for read in (*reads, lambda: reports.entry_audit(archive, **chosen)):
        with pytest.warns(
            CompletenessWarning, match="lost its files for 2026-09: .*-09-01"
        ) as said:
            made = read()
        assert made.attrs["togglframe"]["doubts"] == [str(said[0].message)]
    with pytest.warns(CompletenessWarning, match="lost its files for 2026-09: .*-09-01"):
        archive.connect().close()
    status = archive.status().set_index("month")
    assert status.loc["2026-09", ["rows", "fetched_at"]].isna().all()
    assert archive.verify(ws)["month"].tolist() == ["2026-09"]
    september = {"start_date": "2026-09-01", "end_date": "2026-09-30"}
    for put in (None, put_folder, put_link, put_file):
        if put is not None:
            path.unlink()
            put(path)
            for read in reads[:2]:
                with pytest.raises(ConfigError, match=r"month=2026-09.* cannot be read: "):
                    read()
        done = archive.sync(ws, **september)
        assert done["reason"].tolist() == ["changed"]
        assert done["rows_before"].isna().all()
    for read, expected in zip(reads, whole, strict=True):
        pd.testing.assert_frame_equal(read(), expected)
    path.unlink()
    path.mkdir()
    (path / "mine").touch()
    spent = len(office.requests)
    with pytest.raises(
        ConfigError, match=f"{path} blocks a file of the archive: move it away, then sync again"
    ):
        archive.sync(ws, **september)
    assert len(office.requests) == spent
    assert (path / "mine").exists()


@pytest.mark.parametrize(
    ("name", "cast"),
    [("project_id", None), ("id", pa.string()), ("tracked_time", pa.float64()),
     ("start", pa.string())],
)  # fmt: skip
def test_a_column_that_is_gone_or_of_another_type_is_named_and_its_month_fetched_again(
    name, cast, archive, ws
):
    chosen = {"start_date": "2026-09-01", "end_date": "2026-09-30"}
    path = archive._folder.month_file(ws._id, "2026-09")
    whole = archive.time_entries(**chosen)
    table = pq.read_table(path, partitioning=None)
    place = table.schema.get_field_index(name)
    column = table.column(name)
    table = table.remove_column(place)
    if cast is not None:
        plain = column.cast(pa.int64()) if pa.types.is_duration(column.type) else column
        table = table.add_column(place, name, plain.cast(cast))
    pq.write_table(table, path)
    for read in (
        lambda: archive.time_entries(**chosen),
        lambda: reports.hours(archive, **chosen),
        lambda: reports.timesheet(archive, **chosen),
        archive.status,
    ):
        with pytest.raises(ConfigError, match=f"{path} cannot be read: .*column '{name}'"):
            read()
    assert archive.sync(ws, **chosen)["reason"].tolist() == ["changed"]
    pd.testing.assert_frame_equal(archive.time_entries(**chosen), whole)


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_listing_is_named_with_what_to_do_and_the_next_snapshot_mends_it(
    damage, archive, ws
):
    budget = reports.project_budget(archive)
    path = archive._folder.snapshot_file("statuses", ws._id, NOON.date())
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    for read in (lambda: reports.project_budget(archive), archive.history):
        with pytest.raises(ConfigError, match=r"cannot be read: .*archive\.snapshot\(ws\) keeps"):
            read()
    assert len(reports.hours(archive, period="2026-10")) > 0
    archive.snapshot(ws)
    pd.testing.assert_frame_equal(reports.project_budget(archive), budget)


@pytest.mark.parametrize("damage", [*DAMAGES, "of another kind"])
def test_a_damaged_note_of_syncs_is_named_and_the_next_sync_writes_it_again(
    damage, archive, ws, office, moment
):
    state = archive._folder._state(ws._id)
    told = json.loads(state.read_bytes())
    other = b'{"compared": [1]}'
    state.write_bytes(DAMAGES.get(damage, lambda _: other)(state.read_bytes()))
    archive._folder._begun(ws._id).write_bytes(b"")  # of a sync that was interrupted
    with pytest.raises(
        ConfigError, match=f"{state} cannot be read: .* next sync compares all months"
    ):
        archive.status()
    moment.append(NOON + dt.timedelta(hours=9))
    first, *_ = entries_of(office, "2026-08")
    change(office, gone=[first], more=[edited(first, moment[-1], description="meanwhile")])
    spent = len(office.requests)
    done = archive.sync(ws, start_date=START).set_index("month")["reason"]
    assert done["2026-08"] == "edited"
    assert asked(office, spent)["search/time_entries/totals"] == 1
    assert json.loads(state.read_bytes())["compared"].keys() == told["compared"].keys()
    assert not archive._folder.is_begun(ws._id)
    assert archive.verify(ws).empty


def test_a_lock_that_is_none_is_named(archive, ws, office):
    (archive._folder.path / ".lock").write_bytes(b"x" * 1_000)
    spent = len(office.requests)
    with pytest.raises(OSError, match=r"Cannot lock .*If nobody is writing, delete \.lock") as said:
        archive.sync(ws, start_date=START)
    assert said.value.filename == str(archive._folder.path)
    assert len(office.requests) == spent
    (archive._folder.path / ".lock").unlink()
    archive.sync(ws, start_date=START)
