"""An archive of data that came at different moments, with different rights, or was damaged.

Every client is in a snapshot, an empty workspace answers, an unchanged sync is cheap, no clock and
no narrower credential hides a row, SQL and frames find the same damage, and nothing foreign is
deleted, counted or written.
"""

import datetime as dt
import itertools
import json
import os
import random
import shutil
import subprocess
import sys
import warnings
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from archive_cases import asked, change, edited, entries_of, later
from typer.testing import CliRunner
from vendor import Behaviour, Fault

from togglframe import Archive, CompletenessWarning, ConfigError, reports
from togglframe.api import filters, search
from togglframe.cli import app
from togglframe.sandbox.listings import LISTINGS

NOON = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
ENTRIES, TOTALS = "search/time_entries", "search/time_entries/totals"
AUTUMN = {"start_date": "2026-09-01", "end_date": "2026-11-30"}


@pytest.fixture(autouse=True)
def now(set_now):
    """Set the time of the library: two days after the agency's last entry."""
    moments = [NOON]
    set_now(lambda: moments[-1])
    return moments


@pytest.fixture
def office(make_sandbox):
    return make_sandbox(3, behaviour=Behaviour(entry_page_cap=300, entry_page_clamp=True))


@pytest.fixture
def ws(office, make_workspace):
    return make_workspace(office)


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "toggl")


@pytest.fixture
def synced(archive, ws):
    archive.sync(ws, **AUTUMN)
    return archive


@pytest.fixture
def run(office, archive, monkeypatch):
    """Run a command of the archive."""
    monkeypatch.setenv("TOGGL_API_TOKEN", office.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(office.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)

    def call(command, *words):
        address = ["--base-url", office.base_url] if command in {"sync", "verify"} else []
        words = ["archive", command, str(archive._folder.path), *words, *address]
        return CliRunner().invoke(app, words)

    return call


def assert_as_fetched(archive, ws, **days):
    """Compare the archive with what the API has now."""
    days = days or AUTUMN
    kept = archive.time_entries(**days)
    pd.testing.assert_frame_equal(kept, search.time_entries(ws, **days))


def remove(office, table, ids):
    """Take rows out of a listing of the office, as a credential that sees less does not get them.

    Returns what puts them back.
    """
    store = office.store
    rows = [store.by_id[table].pop(number) for number in ids]
    store.rows[table] = [row for row in store.rows[table] if row not in rows]

    def put_back():
        store.by_id[table] |= {row["id"]: row for row in rows}
        store.rows[table] = sorted([*store.rows[table], *rows], key=lambda row: row["id"])

    return put_back


# --- every client ---------------------------------------------------------------------------------


@pytest.fixture
def with_a_free_client(office):
    """Return a client whose projects have gone to nobody."""
    client = office.agency.projects[0]["client_id"]
    for project in office.agency.projects:
        if project["client_id"] == client:
            project["client_id"] = None
    return client


def test_a_snapshot_keeps_clients_without_projects(with_a_free_client, archive, ws, office, now):
    archive.snapshot(ws)
    cost = asked(office)["filters/clients"]
    assert with_a_free_client in archive.load("clients")["id"].tolist()
    pd.testing.assert_frame_equal(archive.load("clients"), filters.clients(ws))
    assert cost == 2  # a page, and the proof that there is no other
    client = next(row for row in office.agency.clients if row["id"] == with_a_free_client)
    client["name"] = "Renamed"
    now.append(NOON + DAY)
    archive.snapshot(ws)
    with archive.connect() as connection:
        names = connection.execute(
            f"SELECT name FROM clients_history WHERE id = {with_a_free_client} ORDER BY as_of"
        ).fetchall()
    assert len(names) == 2
    assert names[1] == ("Renamed",)
    assert reports.client_budget(archive).equals(reports.client_budget(ws))


def test_a_plan_counts_the_clients_that_a_report_asks_for_and_not_those_of_a_snapshot(
    with_a_free_client, archive, office, make_workspace, tmp_path
):
    ws = make_workspace(office, cache=tmp_path / "answers.sqlite")
    archive.snapshot(ws)
    plan = reports.plan(ws, reports.project_budget)
    spent = len(office.requests)
    reports.project_budget(ws)
    assert asked(office, spent) == {"filters/clients": 1}
    assert plan.requests == 1
    archive.snapshot(ws)
    assert reports.plan(ws, reports.project_budget).requests == 0


# --- a workspace without entries ------------------------------------------------------------------


@pytest.mark.filterwarnings("always:nobody has:togglframe.errors.CompletenessWarning")
def test_an_archive_of_a_workspace_without_entries_answers_with_empty_frames(
    archive, ws, office, run
):
    for month in ("2026-09", "2026-10", "2026-11"):
        change(office, gone=entries_of(office, month))
    with pytest.warns(CompletenessWarning, match="nobody has a time entry"):
        archive.sync(ws, **AUTUMN)
    archive.snapshot(ws)
    assert archive.time_entries().empty
    october = {"period": "2026-10"}
    for report in (reports.hours, reports.timesheet, reports.entry_audit, reports.invoice_lines):
        made = report(archive, **october)
        assert made.empty
        pd.testing.assert_frame_equal(made, report(ws, **october))
    assert archive.status().empty
    told = CliRunner().invoke(
        app, ["hours", "--archive", str(archive._folder.path), "--period", "2026-10"]
    )
    assert told.exit_code == 0, told.output
    done = run("sync", "--no-snapshot")  # from where it began
    assert done.exit_code == 0, done.output
    with pytest.raises(ConfigError, match="holds nothing"):
        Archive(archive._folder.path, workspace_id=5).time_entries()


# --- what a sync costs ----------------------------------------------------------------------------


def test_an_unchanged_sync_costs_two_requests_a_year_and_no_second_snapshot_of_the_day(
    run, office, archive
):
    assert run("sync", "--from", "2025-09-01").exit_code == 0  # 457 days
    spent = len(office.requests)
    told = run("sync")
    assert (told.exit_code, told.output) == (0, "")
    assert asked(office, spent) == {TOTALS: 2, ENTRIES: 2}
    (day,) = archive._folder.snapshot_days(office.workspace_id)
    path = archive._folder.snapshot_file("projects", office.workspace_id, day)
    before = path.read_bytes()
    office.agency.projects[0]["name"] = "Another name"
    assert run("sync", "--no-snapshot").exit_code == 0
    assert path.read_bytes() == before
    assert run("sync", "--snapshot").exit_code == 0
    assert path.read_bytes() != before


def test_a_new_day_has_a_snapshot_of_its_own(run, archive, office, now):
    run("sync", "--from", "2026-11-01")
    now.append(NOON + DAY)
    spent = len(office.requests)
    assert run("sync").exit_code == 0
    assert asked(office, spent)["filters/projects"] >= 1
    assert len(archive._folder.snapshot_days(office.workspace_id)) == 2


def test_a_rate_that_was_corrected_for_days_past_is_found_though_no_entry_was_edited(
    synced, ws, office
):
    first = next(e for e in entries_of(office, "2026-11") if e.amount)
    change(office, gone=[first], more=[first._replace(amount=first.amount + 100)])
    done = synced.sync(ws, **AUTUMN).set_index("month")["reason"]
    assert done.to_dict() == {"2026-09": "same", "2026-10": "same", "2026-11": "changed"}
    assert_as_fetched(synced, ws)
    assert synced.sync(ws, **AUTUMN)["reason"].eq("same").all()


def test_changes_in_the_first_week_are_a_sentence_and_no_error(run, archive, ws, now):
    archive.snapshot(ws)
    told = run("changes", "--since", "2026-11-01")
    assert told.exit_code == 0
    assert "the oldest is from 2026-11-27" in told.stderr
    assert "nothing to compare with yet" in told.stderr
    told = run("changes", "--since", "2026-11-27")
    assert told.exit_code == 0
    assert "nothing later to compare it with" in told.stderr
    now.append(NOON + DAY)
    archive.snapshot(ws)
    told = run("changes", "--since", "2026-11-27")
    assert (told.exit_code, told.output) == (0, "No rows.\n")


# --- a credential that sees less ------------------------------------------------------------------


@pytest.fixture
def narrow(office, make_workspace):
    """The workspace with another credential."""
    return make_workspace(office, token=None, email=office.email, password=office.password)


@pytest.mark.parametrize("later_by", [dt.timedelta(), DAY])
def test_a_narrower_snapshot_is_kept_beside_the_fuller_one(  # noqa: PLR0917
    later_by, synced, ws, office, narrow, now
):
    synced.snapshot(ws)
    by_client = reports.hours(synced, **AUTUMN, by="client")
    project = search.time_entries(ws, **AUTUMN)["project_id"].mode()[0]
    put_back = remove(office, "projects", [project])
    now.append(NOON + later_by)
    with pytest.warns(
        CompletenessWarning, match=r"lacks 1 of 3 projects that another cred"
    ) as said:
        synced.snapshot(narrow)
    assert len(said) == 1
    pd.testing.assert_frame_equal(reports.hours(synced, **AUTUMN, by="client"), by_client)
    day = (NOON + later_by).date()
    folder = synced._folder
    kept = folder.snapshot_file("projects", ws.id, day, "narrower")
    assert len(pd.read_parquet(kept)) == 2
    assert folder.snapshot_days(ws.id) == [NOON.date()]
    assert synced.history()["as_of"].unique() == [pd.Timestamp(NOON.date())]
    # As it is told, they take the place of the fuller ones where these rows are gone for good.
    shutil.copytree(folder.path / "narrower", folder.path / "snapshots", dirs_exist_ok=True)
    assert project not in synced.load("projects")["id"].tolist()
    synced.snapshot(narrow)
    put_back()
    synced.snapshot(ws)  # which sees more again, and takes over
    pd.testing.assert_frame_equal(reports.hours(synced, **AUTUMN, by="client"), by_client)


def test_a_listing_that_another_credential_may_not_see_stays(archive, ws, office, narrow):
    archive.snapshot(ws)
    users = archive.load("users")
    office.inject(Fault("status", status=403, endpoint="search/users", times=-1))
    with pytest.warns(CompletenessWarning) as said:
        archive.snapshot(narrow)
    assert any(f"lacks {len(users)} of {len(users)} users" in str(each.message) for each in said)
    pd.testing.assert_frame_equal(archive.load("users"), users)


def test_a_credential_that_sees_as_much_takes_over_and_a_deletion_is_no_lost_right(
    archive, ws, office, narrow
):
    archive.snapshot(ws)
    archive.snapshot(narrow)
    remove(office, "projects", [office.agency.projects[0]["id"]])
    archive.snapshot(narrow)
    assert len(archive.load("projects")) == 2


# --- damage, alike in frames and in SQL -----------------------------------------------------------


def flip(path, name):
    """Flip the last bit of the values of a column."""
    footer = pq.read_metadata(path)
    names = [footer.schema.column(n).path for n in range(footer.num_columns)]
    column = footer.row_group(0).column(names.index(name))
    begin = column.dictionary_page_offset or column.data_page_offset
    damaged = bytearray(path.read_bytes())
    damaged[begin + column.total_compressed_size - 1] ^= 1
    path.write_bytes(damaged)


HOURS = "SELECT sum(tracked_seconds) / 3600 FROM time_entries"


def read_by_sql(archive):
    import duckdb

    try:
        with archive.connect() as connection:
            return connection.execute(HOURS).fetchone()[0]
    except (ConfigError, duckdb.Error):
        return None


def read_by_report(archive, **options):
    try:
        return reports.hours(archive, period="2026-10", **options)
    except ConfigError:
        return None


@pytest.mark.nightly
def test_a_flipped_bit_is_found_by_every_route(archive, ws):
    archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
    (path,) = archive._folder.months(ws.id).values()
    whole, wrong = path.read_bytes(), []
    hours, by_user = read_by_sql(archive), read_by_report(archive)
    chance = random.Random(28)
    column = pq.read_metadata(path).row_group(0).column(15)
    in_pages = range(4, column.data_page_offset + column.total_compressed_size)
    for place in sorted(chance.sample(in_pages, 50)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        made = read_by_report(archive)
        if made is not None and not made.equals(by_user):
            wrong.append((place, "report"))
        if read_by_sql(archive) not in (None, hours):
            wrong.append((place, "SQL"))
    assert wrong == []


def test_a_flipped_bit_in_the_hours_is_told_with_the_name_of_the_file(synced, ws, run):
    path = synced._folder.months(ws.id)["2026-10"]
    flip(path, "tracked_time")
    for read in (
        lambda: reports.hours(synced, period="2026-10"),
        lambda: reports.timesheet(synced, period="2026-10"),
        synced.time_entries,
    ):
        with pytest.raises(ConfigError, match=r"month=2026-10.* cannot be read: .*a sync that has"):
            read()
    told = run("sql", HOURS)
    assert told.exit_code == 2
    assert "month=2026-10/part-0.parquet cannot be read" in told.stderr.replace("\n", "")


def rewritten(path, **columns):
    """Write a month again, with other columns, as if a sync had."""
    table = pq.read_table(path, partitioning=None)
    for name, change_column in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), change_column(table[name]))
    pq.write_table(table, path)


def without_one(values):
    return pc.if_else(pa.array([True] + [False] * (len(values) - 1)), None, values)


def a_month_later(values):
    return pc.add(values, pa.scalar(dt.timedelta(days=31)))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda path: rewritten(path, tracked_time=without_one), "'tracked_time' lacks values"),
        (lambda path: rewritten(path, date=a_month_later), "holds entries from 2026-11-01 to 20"),
        (lambda path: shutil.copy(path.parents[1] / "month=2026-09/part-0.parquet", path),
         "holds entries from 2026-09-0"),
        (lambda path: pd.read_parquet(path).to_parquet(path), "cannot be read"),
    ],
    ids=["a null duration", "entries of another month", "a copied month", "a file of others"],
)  # fmt: skip
def test_what_no_sync_writes_is_refused_by_frames_and_sql_alike(damage, said, synced, ws, run):
    damage(synced._folder.months(ws.id)["2026-10"])
    for read in (
        synced.time_entries,
        synced.connect,
        lambda: reports.hours(synced, period="2026-10"),
        lambda: reports.timesheet(synced, period="2026-10"),
    ):
        with pytest.raises(ConfigError, match=f"month=2026-10.* cannot be read: .*{said}|{said}"):
            read()
    assert run("sql", HOURS).exit_code == 2
    synced.sync(ws, **AUTUMN)
    assert_as_fetched(synced, ws)


def test_sql_counts_no_file_that_is_not_of_the_archive(synced, ws):
    n = len(synced.time_entries())
    september = synced._folder.months(ws.id)["2026-09"]
    for name in ("month=2026-09 copy", "month=2026-13", "month=backup"):
        other = september.parents[1] / name / "part-0.parquet"
        other.parent.mkdir()
        shutil.copy(september, other)
    shutil.copy(september, september.with_name("part-1.parquet"))
    assert len(synced.time_entries()) == n
    assert len(synced.status()) == 3
    with synced.connect() as connection:
        assert connection.execute("SELECT count(*) FROM time_entries").fetchone() == (n,)


def test_a_flipped_bit_in_a_snapshot_is_told(archive, ws, run):
    archive.snapshot(ws)
    path = archive._folder.snapshot_file("statuses", ws.id, NOON.date())
    flip(path, "id")
    with pytest.raises(ConfigError, match=r"statuses.* cannot be read"):
        reports.project_budget(archive)
    told = run("sql", "SELECT sum(id) FROM statuses")
    assert told.exit_code == 2
    assert "statuses/workspace_id=" in told.stderr


# --- moments --------------------------------------------------------------------------------------


@pytest.mark.parametrize("days_ahead", [0, 3, 400])
def test_a_clock_that_was_ahead_hides_no_edit(days_ahead, archive, ws, office, now):
    now.append(NOON + days_ahead * DAY)
    archive.sync(ws, **AUTUMN)
    now.append(NOON + DAY)
    archive.sync(ws, **AUTUMN)  # also where it was right again at the second one
    first, *_ = entries_of(office, "2026-09")
    at = NOON + 1.5 * DAY
    change(office, gone=[first], more=[edited(first, at, description="said better")])
    now.append(NOON + (days_ahead + 5) * DAY)
    done = archive.sync(ws, **AUTUMN).set_index("month")["reason"]
    assert done["2026-09"] == "edited"
    assert_as_fetched(archive, ws)
    assert archive.sync(ws, **AUTUMN)["reason"].eq("same").all()


def test_a_month_of_entries_without_length_is_kept(archive, ws, office, now):
    october = entries_of(office, "2026-10")
    change(office, gone=october, more=[one._replace(seconds=0, amount=None) for one in october[:3]])
    archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
    assert len(archive.time_entries()) == 3
    archive.sync(ws, **AUTUMN)
    assert_as_fetched(archive, ws)


def test_an_entry_without_length_in_a_month_that_was_empty_is_found_by_the_next_sync(
    archive, ws, office, now
):
    october = entries_of(office, "2026-10")
    change(office, gone=october)
    done = archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
    assert done["rows"].tolist() == [0]
    assert "2026-10" not in archive._folder.months(ws.id)
    now.append(NOON + DAY)
    change(office, more=[edited(october[0], now[-1], seconds=0, amount=None)])
    archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
    assert archive.time_entries()["id"].tolist() == [october[0].id]


RANGE = {"start_date": "2025-09-01", "end_date": "2026-11-30"}  # two windows
MOVES = [("2025-12", "2026-10"), ("2026-10", "2025-12"), ("2026-11", "2026-10")]


def moving(office, months, nth):
    """Return an entry of the first month, and what moves it to the other before a request."""
    was, becomes = (dt.date.fromisoformat(f"{month}-05") for month in months)
    entry = next(one for one in entries_of(office, months[0]) if one.seconds)
    moved = edited(later(entry, (becomes - was).days), NOON)
    call, requests = type(office).call, []

    def move_and_call(sandbox, endpoint, request):
        if endpoint.path not in LISTINGS:
            if len(requests) == nth:
                change(office, gone=[entry], more=[moved])
            requests.append(request)
        return call(sandbox, endpoint, request)

    return move_and_call


def sync_while_it_moves(archive, ws, office, case):
    """Move an entry while a sync reads; return what the archive then holds."""
    months, nth, is_first = case
    if not is_first:
        archive.sync(ws, **RANGE)
    with mock.patch.object(type(office), "call", moving(office, months, nth)):
        archive.sync(ws, **RANGE)
    return reports.hours(archive, **RANGE, by=[])["n_entries"].sum()


@pytest.mark.parametrize("case", [*itertools.product(MOVES, range(9), [True, False])], ids=str)
@pytest.mark.nightly  # before each of the requests that a sync sends
def test_an_entry_that_moves_while_it_is_read_counts_once_or_is_warned_of(
    case, archive, ws, office
):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        n = sync_while_it_moves(archive, ws, office, case)
    assert n == len(search.time_entries(ws, **RANGE)) or said
    archive.sync(ws, **RANGE)
    assert_as_fetched(archive, ws, **RANGE)


@pytest.mark.parametrize("case", [(MOVES[0], 1, False), (MOVES[1], 3, True)], ids=str)
def test_an_entry_that_is_in_two_months_after_a_sync_counts_once(case, archive, ws, office):
    n = sync_while_it_moves(archive, ws, office, case)
    there = len(search.time_entries(ws, **RANGE))
    held = [len(pd.read_parquet(path)) for path in archive._folder.months(ws.id).values()]
    assert (sum(held), n) == (there + 1, there)


def test_a_time_without_a_zone_is_named_and_the_next_sync_mends_it(synced, ws):
    state = synced._folder._state(ws.id)
    told = json.loads(state.read_bytes())
    told["compared"] = dict.fromkeys(told["compared"], "2026-11-27T12:00:00")
    state.write_text(json.dumps(told))
    for read in (synced.time_entries, lambda: reports.hours(synced, period="2026-10")):
        with pytest.raises(ConfigError, match=f"{state} cannot be read: .*has no time zone"):
            read()
    synced.sync(ws, **AUTUMN)
    assert_as_fetched(synced, ws)


# --- what is not ours -----------------------------------------------------------------------------


def test_a_sync_deletes_only_what_a_killed_one_left(synced, ws):
    folder = synced._folder.path
    month = synced._folder.months(ws.id)["2026-10"].parent
    others = [folder / ".notes.tmp", month / ".0123456789abcdef.tmp", folder / "mine" / ".x.tmp",
              folder / "mine" / ".togglframe-1.tmp"]  # fmt: skip
    for path in others:
        path.parent.mkdir(exist_ok=True)
        path.touch()
    (month / ".togglframe-folder.tmp").mkdir()
    ours = month / ".togglframe-0123456789abcdef.tmp"
    ours.touch()
    synced.sync(ws, **AUTUMN)
    assert not ours.exists()
    assert all(path.exists() for path in others)
    assert (month / ".togglframe-folder.tmp").is_dir()


KILLED = """
import os, signal, sys
from pathlib import Path
from togglframe.archive.folder import keeping
with keeping(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.nightly  # another process
def test_what_a_killed_process_left_is_deleted(synced, ws):
    path = synced._folder.months(ws.id)["2026-10"]
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert len(list(path.parent.iterdir())) == 2
    synced.sync(ws, **AUTUMN)
    assert list(path.parent.iterdir()) == [path]


# Every call into or out of the archive's code is a moment to die at, in a snapshot as in the sync
# before it, which finds one entry longer.
KILL = """
import os, random, signal, sys
from datetime import UTC, datetime
import togglframe as tf
from togglframe import clock

url, token, number, *folders = sys.argv[1:]
clock.now = lambda: datetime(2026, 11, 28, 12, tzinfo=UTC)
ws = tf.Workspace(
    int(number), token=token, base_url=url, cache=None, per_second=None, today="2026-11-28"
)

def run(folder, at):
    seen = 0
    def look(frame, event, _):
        nonlocal seen
        if any(place in frame.f_code.co_filename for place in ("togglframe/archive/", "atomic.py")):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    archive = tf.Archive(folder)
    sys.setprofile(look)
    archive.sync(ws, start_date="2026-10-01", end_date="2026-11-30")
    synced = seen
    archive.snapshot(ws)
    sys.setprofile(None)
    return synced, seen

(synced, total), chance = run(folders[0], 0), random.Random(28)
for nth, folder in enumerate(folders[1:]):
    at = chance.randrange(1, synced) if nth % 2 else chance.randrange(synced, total)
    child = os.fork()
    if child == 0:
        run(folder, at)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
KILLS = int(os.environ.get("TOGGLFRAME_KILLS", "20"))  # "make test-all" tries a hundred


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_sync_and_snapshot_that_were_killed_leave_the_old_or_the_new_and_the_next_ones_complete(
    archive, ws, office, now, tmp_path
):
    days = {"start_date": "2026-10-01", "end_date": "2026-11-30"}
    archive.sync(ws, **days)
    archive.snapshot(ws)
    old = archive.load("projects")
    now.append(NOON + DAY)
    first, *_ = entries_of(office, "2026-10")
    change(office, gone=[first], more=[edited(first, now[-1], seconds=first.seconds + 60)])
    office.agency.projects[0]["currency"] = "SEK"  # which no time entry repeats, as it does names
    folders = [str(tmp_path / str(number)) for number in range(KILLS + 1)]
    for folder in folders:
        shutil.copytree(archive._folder.path, folder)
    words = [office.base_url, office.token, str(office.workspace_id), *folders]
    done = subprocess.run([sys.executable, "-c", KILL, *words], capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stdout.split() == ["-9"] * KILLS
    for folder in folders[1:]:
        killed = Archive(folder)
        held = killed.load("projects")
        day = max(killed._folder.snapshot_days(ws.id))
        assert held.equals(old) == (day == NOON.date())
        n = len(killed.time_entries())
        with killed.connect() as connection:
            assert connection.execute("SELECT count(*) FROM time_entries").fetchone() == (n,)
        killed.sync(ws, **days)
        killed.snapshot(ws)
        assert_as_fetched(killed, ws, **days)
        assert killed.load("projects")["currency"].eq("SEK").any()
        assert killed.history()["as_of"].nunique() == 2
        assert not list(killed._folder.path.rglob(".*.tmp"))


# --- SQL ------------------------------------------------------------------------------------------


def test_an_empty_query_is_a_wrong_use(synced, run, subtests):
    for query in ("", "  ", ";", "/* nothing */"):
        with subtests.test(query):
            told = run("sql", query)
            assert told.exit_code == 2
            assert "the query is empty" in told.stderr


def test_a_query_that_does_more_than_read_the_archive_is_refused(synced, run, tmp_path, subtests):
    queries = [
        "CREATE TABLE mine AS SELECT 1",
        "COPY time_entries TO '{file}'",
        "COPY (SELECT 1) TO '{file}' (FORMAT parquet)",
        "EXPORT DATABASE '{file}'",
        "ATTACH '{file}'",
        "SELECT 1; COPY time_entries TO '{file}'",
        "EXPLAIN ANALYZE COPY time_entries TO '{file}'",
        "PREPARE p AS COPY time_entries TO '{file}'; EXECUTE p",
        "SET enable_external_access = true",
        "DROP VIEW time_entries",
        "INSTALL httpfs",
        "SELECT * FROM read_text('{secret}')",
    ]
    (tmp_path / "secret").write_text("secret")
    for query in queries:
        with subtests.test(query):
            told = run("sql", query.format(file=tmp_path / "out", secret=tmp_path / "secret"))
            assert told.exit_code == 2, told.output
            assert "archive sql only reads the archive" in told.stderr
            assert "archive.connect() in Python" in told.stderr
            assert not (tmp_path / "out").exists()
            assert "secret\n" not in told.stdout


def test_a_query_that_reads_is_answered(synced, run, subtests):
    queries = [
        *("SHOW TABLES", "DESCRIBE time_entries", "FROM time_entries SELECT count(*)"),
        "PIVOT time_entries ON month IN ('2026-10') USING sum(tracked_seconds) GROUP BY user",
        *("WITH x AS (SELECT 1) SELECT * FROM x", "EXPLAIN FROM time_entries"),
    ]
    for query in queries:
        with subtests.test(query):
            told = run("sql", query)
            assert told.exit_code == 0, told.output


def test_any_name_of_a_folder_can_be_queried(ws, tmp_path, subtests):
    synced = Archive(tmp_path / "a*b?[c]")
    synced.sync(ws, start_date="2026-11-01")
    synced.snapshot(ws)
    expected = reports.hours(ws, period="2026-11")
    for name in ("a*b?[c]", "back\\slash", "it's", 'a"b', "month=2020-01", "%41 ü"):
        with subtests.test(name):
            if name != "a*b?[c]":
                shutil.copytree(tmp_path / "a*b?[c]", tmp_path / name)
            archive = Archive(tmp_path / name)
            with archive.connect() as connection:
                sums = "SELECT count(*), min(month) FROM time_entries"
                n, month = connection.execute(sums).fetchone()
                assert (n, month) == (len(archive.time_entries()), "2026-11")
                assert connection.execute("SELECT count(*) FROM clients").fetchone() == (3,)
            pd.testing.assert_frame_equal(reports.hours(archive, period="2026-11"), expected)


def test_an_undeclared_field_that_changed_its_type_can_be_queried(archive, ws, now):
    archive.snapshot(ws)
    now.append(NOON + DAY)
    archive.snapshot(ws)
    for day, value in ((NOON, 1), (NOON + DAY, "one")):
        path = archive._folder.snapshot_file("projects", ws.id, day.date())
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.append_column("extra", pa.array([value] * len(table))), path)
    with archive.connect() as connection:
        found = connection.execute("SELECT DISTINCT extra FROM projects_history").fetchall()
    assert sorted(found) == [("1",), ("one",)]
