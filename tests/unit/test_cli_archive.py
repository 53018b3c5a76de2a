"""The commands of an archive, as a nightly job and its owner meet them."""

import re
import shutil
import sqlite3

import pandas as pd
import pytest
from archive_cases import change, entries_of
from typer.testing import CliRunner
from vendor import Fault, VendorSandbox

from togglframe import Archive, Workspace, reports
from togglframe.cli import app
from togglframe.export import to_parquet

runner = CliRunner()
FROM = ["--from", "2026-09-01"]


@pytest.fixture
def office(make_sandbox):
    return make_sandbox(3)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "toggl"


@pytest.fixture
def run(office, folder, monkeypatch):
    """Run a command of an archive against the sandbox."""
    monkeypatch.setenv("TOGGL_API_TOKEN", office.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(office.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)

    def call(command, *words):
        address = ["--base-url", office.base_url] if command in {"sync", "verify"} else []
        return runner.invoke(app, ["archive", command, str(folder), *words, *address])

    return call


def assert_quiet(result):
    assert (result.exit_code, result.output) == (0, "")


def test_a_nightly_job_says_nothing_when_all_is_well(run, folder, office):
    assert_quiet(run("sync", *FROM))
    archive = Archive(folder)
    assert archive.status()["month"].tolist()[0] == "2026-09"
    assert len(archive.history()) > 0
    change(office, gone=entries_of(office, "2026-09")[:1])
    result = run("verify")
    assert result.exit_code == 1
    head, row = result.stdout.splitlines()
    assert head.startswith(
        "Month    Hours here  Hours there  Hours difference  Billable hours here"
    )
    month, *hours = row.split()
    assert month == "2026-09"
    assert all(re.fullmatch(r"[\d,]+\.\d", one) for one in (*hours[:2], *hours[3:5]))
    assert re.fullmatch(r"\+\d\.\d", hours[2])
    assert re.fullmatch(r"\+?\d\.\d", hours[5])
    assert "1 month differs from the API; run archive sync --full" in result.stderr
    assert_quiet(run("sync"))  # from the first month that is kept
    assert_quiet(run("verify"))


def test_a_nightly_job_mends_what_is_damaged_or_lost(run, folder):
    assert_quiet(run("sync", *FROM))
    files = sorted(folder.glob("time_entries/*/*/part-0.parquet"))
    files[0].unlink()
    files[1].write_bytes(b"no Parquet")
    assert_quiet(run("sync"))
    assert_quiet(run("verify"))
    assert sorted(folder.glob("time_entries/*/*/part-0.parquet")) == files


def test_a_job_tells_when_it_is_asked_to(run):
    result = run("sync", *FROM, "--verbose", "--no-snapshot")
    assert result.exit_code == 0
    assert result.stdout.splitlines()[0].split() == [
        "Month", "Reason", "Entries", "before", "Entries", "Requests",
    ]  # fmt: skip
    assert "requests, 0 answers from the cache" in result.stderr


def test_a_job_ends_with_a_code_for_whoever_started_it(run, folder, office):
    result = run("sync")
    assert result.exit_code == 2
    assert "holds no month of 4218603 so far; pass --from" in result.stderr
    office.use_up_quota()
    result = run("sync", *FROM)
    assert result.exit_code == 3
    assert result.stderr.startswith(
        "Error: Fetched 0 months of workspace 4218603; the comparison did not finish. "
        "The hourly quota is used up: run it again in "
    )
    assert result.stderr.endswith(" minutes, or add --wait.\n")
    office.reset_quota()
    office.inject(Fault("narrow_range", endpoint="search/time_entries"))
    result = run("sync", *FROM)
    assert result.exit_code == 1
    assert "were left unchanged" in result.stderr
    assert_quiet(run("sync", *FROM))
    with sqlite3.connect(folder / ".lock", isolation_level=None) as lock:
        lock.execute("BEGIN EXCLUSIVE")
        result = run("sync", *FROM)
        lock.execute("ROLLBACK")
    lock.close()
    assert result.exit_code == 1
    assert "Another process is writing this archive" in result.stderr


def test_status_and_sql_cost_nothing(run, folder, office, tmp_path):
    assert_quiet(run("sync", *FROM))
    spent = len(office.requests)
    result = run("status")
    assert result.exit_code == 0
    assert "2026-10" in result.stdout
    query = "SELECT month, count(*) AS n FROM time_entries GROUP BY ALL ORDER BY month"
    result = run("sql", query, "--out", str(tmp_path / "n.csv"))
    assert result.exit_code == 0
    kept = Archive(folder).status()
    assert pd.read_csv(tmp_path / "n.csv")["n"].tolist() == kept["rows"].tolist()
    assert str(kept["rows"].iloc[0]) in run("sql", query).stdout
    result = run("sql", "SELECT nothing FROM nowhere")
    assert result.exit_code == 2
    assert "nowhere" in result.stderr
    result = run("sql", "SELECT sum(tracked_time) FROM time_entries")
    assert "\n    sum(arg DOUBLE" in result.stderr
    assert "\N{REPLACEMENT CHARACTER}" not in result.stderr
    assert "sum tracked_seconds instead" in result.stderr
    assert len(office.requests) == spent
    assert "Workspace ID" not in result.stdout
    assert "Workspace ID" in run("status", "--ids").stdout


def test_changes_are_shown_or_written_and_cost_nothing(
    run, folder, office, tmp_path, make_workspace
):
    # Slow: reports of two days are compared four times.
    archive = Archive(folder)
    archive.snapshot(make_workspace(office))
    (today,) = archive.history()["as_of"].unique()
    for listing in list(folder.glob("snapshots/*/*/as_of=*")):
        shutil.copytree(listing, listing.with_name("as_of=2026-01-31"))
    (statuses,) = folder.glob("snapshots/statuses/*/as_of=2026-01-31/*.parquet")
    kept = pd.read_parquet(statuses)
    to_parquet(kept.assign(tracked_time=kept["tracked_time"] / 2), statuses)
    spent = len(office.requests)
    result = run("changes", "--since", "2026-02-01")
    assert result.exit_code == 0
    assert "Tracked difference [h]" in result.stdout.splitlines()[0]
    assert "Project ID" not in result.stdout
    assert "Project ID" in run("changes", "--since", "2026-02-01", "--ids").stdout
    result = run("changes", "--since", "2026-02-01", "--out", str(tmp_path / "moved.csv"))
    assert result.exit_code == 0
    moved, expected = pd.read_csv(tmp_path / "moved.csv"), archive.changes("2026-02-01")
    for name in ("project_id", "tracked_hours_difference"):
        assert moved[name].tolist() == expected[name].tolist()
    assert len(moved)
    result = run("changes", "--since", f"{today:%Y-%m-%d}", "--report", "client_budget")
    assert (result.exit_code, result.stdout) == (0, "No rows.\n")
    result = run("changes", "--since", "2026-01-30")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "from 2026-01-30 or earlier; the oldest is from" in result.stderr
    assert len(office.requests) == spent


WORDS = {"sql": ["SELECT 1"], "changes": ["--since", "2026-11-01"]}


@pytest.mark.parametrize("command", ["status", "verify", "sql", "changes"])
def test_a_misspelt_folder_is_named_and_not_made(command, run, folder):
    result = run(command, *WORDS.get(command, []))
    assert result.exit_code == 2
    assert "there is no folder" in result.stderr
    assert not folder.exists()


@pytest.mark.parametrize("command", ["status", "verify", "sql", "changes"])
def test_a_folder_that_holds_no_archive_is_named(command, run, folder):
    folder.mkdir()
    (folder / "notes.txt").touch()
    result = run(command, *WORDS.get(command, []))
    assert result.exit_code == 2
    said = f"{folder} holds no archive; togglframe archive sync makes one"
    assert said in result.stderr
    assert [path.name for path in folder.iterdir()] == ["notes.txt"]


def test_a_sync_to_a_file_says_that_it_is_one(run, folder, office):
    folder.touch()
    for words in ([], FROM):
        result = run("sync", *words)
        assert result.exit_code == 2
        assert f"{folder} is a file; name a folder" in result.stderr
    assert office.requests == []


READ = {
    "hours": ["--period", "2026-10"],
    "timesheet": ["--period", "2026-W43"],
    "invoice": ["--period", "2026-10"],
    "forecast": [],
    "frames reports.client_budget": [],
}


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return the folder of an archive of three months and a snapshot; nothing writes into it."""
    archive = Archive(tmp_path_factory.mktemp("kept") / "toggl")
    with VendorSandbox(3) as office:
        options = {"token": office.token, "cache": None, "per_second": None}
        with Workspace(office.workspace_id, base_url=office.base_url, **options) as ws:
            archive.sync(ws, start_date="2026-09-01")
            archive.snapshot(ws)
    return archive._folder.path


@pytest.fixture
def read(kept, office, run):
    """Run a command that reads an archive, where nobody can be asked."""

    def call(command, *words):
        result = runner.invoke(app, [*command.split(), *words, "--archive", str(kept)])
        assert office.requests == []
        return result

    return call


@pytest.mark.parametrize("command", READ)
def test_a_command_reads_an_archive_as_it_asks_a_workspace(command, read, office, tmp_path):
    result = read(command, *READ[command], "--out", str(tmp_path / "kept.csv"))
    assert result.exit_code == 0, result.output
    assert "0 requests; oldest data fetched 20" in result.stderr
    words = [*command.split(), *READ[command], "--base-url", office.base_url]
    assert runner.invoke(app, [*words, "--out", str(tmp_path / "told.csv")]).exit_code == 0
    assert (tmp_path / "kept.csv").read_bytes() == (tmp_path / "told.csv").read_bytes()


def test_a_report_is_written_of_an_archive(read, tmp_path):
    words = ["--format", "csv,xlsx", "--sheets", "budget,hours", *FROM]
    result = read("report", "--out", str(tmp_path), *words)
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in tmp_path.glob("portfolio.*")} >= {".csv", ".xlsx"}


@pytest.mark.nightly
def test_a_report_with_all_sheets_and_a_page_is_written_of_an_archive(read, tmp_path):
    words = ["--format", "csv,xlsx", "--html", *FROM]
    result = read("report", "--out", str(tmp_path), *words)
    assert result.exit_code == 0, result.output
    assert {path.suffix for path in tmp_path.glob("portfolio.*")} >= {".csv", ".xlsx", ".html"}


@pytest.mark.filterwarnings("default::togglframe.errors.CompletenessWarning")
def test_a_gap_of_an_archive_is_named_once_in_all_files_of_a_report(kept, tmp_path):
    shutil.copytree(kept, tmp_path / "toggl")
    shutil.rmtree(tmp_path / "toggl" / "snapshots" / "tasks")
    words = ["--archive", str(tmp_path / "toggl"), "--out", str(tmp_path), "--period", "2026-10"]
    result = runner.invoke(app, ["report", *words, "--format", "csv,html"])
    assert result.exit_code == 0, result.output
    gap = "Warning: Left out, since the archive does not hold them: tasks"
    assert result.stderr.splitlines().count(gap) == 1


def test_names_are_looked_up_in_an_archive(read, kept):
    client = reports.Listings(Archive(kept)).clients["name"].iloc[0]
    result = read("hours", "--period", "2026-10", "--client", client)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(
    ("command", "words", "said"),
    [
        ("hours", ["--refresh"], "--refresh and --wait apply to a workspace"),
        ("frames filters.projects", [], "filters.projects needs the API; only reports can read"),
        ("hours", ["--workspace", "5"], "keeps nothing of workspace 5, which --workspace or"),
    ],
)
def test_what_an_archive_cannot_do_is_a_wrong_use(command, words, said, read):
    result = read(command, *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())


def test_an_archive_that_is_not_there_is_named_and_not_made(folder):
    result = runner.invoke(app, ["hours", "--archive", str(folder)])
    assert result.exit_code == 2
    assert f"there is no folder {folder}" in result.stderr.replace("\n", "")
    assert not folder.exists()


def test_an_archive_of_several_workspaces_is_one_table(
    folder, office, make_sandbox, make_workspace, monkeypatch
):
    # Slow: two workspaces are synced, and read by five commands.
    archive = Archive(folder)
    workspaces = [make_workspace(office), make_workspace(make_sandbox(3, workspace_id=777))]
    archive.sync(workspaces, start_date="2026-10-01", end_date="2026-10-31")
    for ws in workspaces:
        archive.snapshot(ws)
    monkeypatch.delenv("TOGGL_WORKSPACE_ID", raising=False)
    words = ["hours", "--archive", str(folder), "--period", "2026-10"]
    result = runner.invoke(app, words)
    assert result.exit_code == 0, result.output
    assert sum("777" in line for line in result.stdout.splitlines()) > 0
    one = runner.invoke(app, [*words, "--workspace", "777"])
    made = reports.hours(Archive(folder, workspace_id=777), period="2026-10")
    assert f"{made['tracked_hours'].sum():,.1f} h in " in one.stderr
    refused = runner.invoke(app, ["report", "--archive", str(folder), "--out", str(folder / "out")])
    assert refused.exit_code == 2
    assert "the archive holds workspaces 777, " in refused.stderr
    refused = runner.invoke(app, [*words, "--client", "Nobody of that name"])
    assert refused.exit_code == 2
    assert "there is no client 'Nobody of that name'" in refused.stderr
