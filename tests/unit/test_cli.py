"""The command line, as a user meets it: what is printed, what is written, how it ends."""

import json
import os
import subprocess
import sys

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from togglframe import __version__, export
from togglframe.cli import app
from togglframe.sandbox import Fault

runner = CliRunner()


@pytest.fixture
def run(sandbox, monkeypatch):
    """Run a command against the sandbox, with its token in the environment."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    # a sandbox needs no pace
    monkeypatch.setattr("togglframe.transport.time.sleep", lambda _: None)

    def call(*words):
        return runner.invoke(app, [*words, "--base-url", sandbox.base_url])

    return call


def _sheet_names(path):
    book = load_workbook(path, read_only=True)
    names = book.sheetnames
    book.close()
    return names


def test_demo_shows_the_portfolio_and_leaves_files(tmp_path):
    result = runner.invoke(app, ["demo", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == [
        "project", "client", "tracked", "h", "estimate", "h", "progress", "over", "h", "state",
    ]  # fmt: skip
    over = [float(line.split()[-2]) for line in lines[1:17]]
    assert over == sorted(over, reverse=True)
    assert "13 requests" in result.stderr
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"portfolio.csv", "portfolio.meta.json", "portfolio.png", "portfolio.xlsx"}
    assert (tmp_path / "out" / "portfolio.png").read_bytes().startswith(b"\x89PNG")
    assert "Budget" in _sheet_names(tmp_path / "out" / "portfolio.xlsx")
    assert len(export.read_csv(tmp_path / "out" / "portfolio.csv")) == 61


def test_report_writes_what_is_asked_for(run, tmp_path):
    formats = "csv,svg,parquet,xlsx"
    result = run("report", "--out", str(tmp_path), "--format", formats, "--active")
    assert result.exit_code == 0, result.output
    frame = export.read_csv(tmp_path / "portfolio.csv")
    assert frame["active"].all()
    pd.testing.assert_frame_equal(
        pd.read_parquet(tmp_path / "portfolio.parquet"), frame, check_dtype=False
    )
    assert (tmp_path / "portfolio.svg").read_text().startswith("<?xml")
    assert _sheet_names(tmp_path / "portfolio.xlsx") == ["Budget", "Clients", "About"]


def test_report_of_one_client(run, sandbox, tmp_path):
    client = sandbox.agency.clients[0]
    result = run("report", "--out", str(tmp_path), "--format", "csv", "--client", str(client["id"]))
    assert result.exit_code == 0, result.output
    assert set(export.read_csv(tmp_path / "portfolio.csv")["client"]) == {client["name"]}


@pytest.mark.parametrize("name", ["filters.projects", "reports.client_hours", "filters.users"])
def test_frames_prints_any_frame(run, name):
    result = run("frames", name)
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) > 5


def test_frames_takes_parameters_and_writes_files(run, tmp_path):
    out = tmp_path / "projects.csv"
    result = run(
        "frames", "filters.projects", "--where", "currency=EUR", "--where", "is_active=true",
        "--out", str(out),
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    frame = export.read_csv(out)
    assert set(frame["currency"]) == {"EUR"}
    assert f"{len(frame)} rows in {out}" in result.stderr


@pytest.mark.parametrize(
    ("name", "where", "rows"),
    [
        ("filters.projects", "ids={0}", 1),
        ("filters.projects", "ids={0},{1}", 2),
        ("filters.projects", "ids=[{0}, {1}]", 2),
        ("filters.projects", "is_active=True", 45),
        ("filters.projects", "name=2024", 0),
        ("filters.projects", "page_size=7", 61),
        ("reports.project_budget", "active=false", 15),
        ("reports.project_budget", "at_risk=0.5", 61),
        ("reports.task_accuracy", "done=none", 400),
        ("reports.estimate_bias", "by=client", 13),
    ],
)
def test_a_parameter_is_what_the_function_takes(run, tmp_path, name, where, rows):
    out = tmp_path / "f.csv"
    where = where.format(187340433, 187340726)
    result = run("frames", name, "--where", where, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert len(export.read_csv(out)) == rows


def test_a_pipe_gets_every_row_and_a_terminal_is_told_what_it_lacks(run, monkeypatch):
    result = run("frames", "filters.tasks")
    assert len(result.stdout.splitlines()) == 401
    monkeypatch.setattr("togglframe.cli._is_terminal", lambda: True)
    result = run("frames", "filters.tasks")
    assert "100 of 400 rows" in result.stderr


def test_nothing_found_is_said(run, tmp_path):
    assert run("frames", "filters.projects", "--where", "name=nothing").stdout == "No rows.\n"
    report = run("report", "--client", "5", "--out", str(tmp_path))
    assert (report.exit_code, report.stdout) == (0, "No projects match.\n")


@pytest.mark.filterwarnings("always")
def test_data_never_steers_the_terminal(run, sandbox):
    evil = "\x1b]0;pwned\x07"
    said = json.dumps(f"denied {evil}")
    sandbox.inject(Fault("status", status=403, body=said, endpoint="filters/tasks", times=-1))
    audit = run("frames", "reports.audit")
    rows = json.dumps([{"id": 1, "name": evil, "more": {"deep": evil}, "permissions": [evil]}])
    sandbox.clear_faults()
    sandbox.inject(Fault("payload", body=rows, times=-1, endpoint="search/tasks"))
    tasks = run("frames", "search.tasks", "--where", "name=x")
    assert audit.exit_code == tasks.exit_code == 0
    assert "denied" in audit.stderr
    assert "pwned" in tasks.stdout
    assert "\x1b" not in audit.output + tasks.output


def test_a_console_without_the_letters_prints_question_marks(tmp_path):
    code = "from togglframe.cli import main; main()"
    result = subprocess.run(
        [sys.executable, "-c", code, "demo", "--out", str(tmp_path)],
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=True,
    )
    assert b"Online tariff calculator" in result.stdout
    assert (tmp_path / "portfolio.xlsx").exists()


def test_quota_costs_one_request(run, sandbox):
    for _ in range(2):
        result = run("quota")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("999998 requests left, the quota resets in 60 min")
    assert len(sandbox.requests) == 2


def test_cache_is_shown_and_cleared(run, sandbox):
    run("frames", "filters.clients")
    shown = runner.invoke(app, ["cache", "show"])
    assert f"{sandbox.workspace_id}/filters/clients" in shown.stdout
    assert ": 2 answers" in shown.stdout
    elsewhere = runner.invoke(app, ["cache", "clear", "--workspace", "1"])
    assert elsewhere.stdout == "0 answers deleted\n"
    assert runner.invoke(app, ["cache", "clear"]).stdout == "2 answers deleted\n"
    assert ": 0 answers" in runner.invoke(app, ["cache", "show"]).stdout


def test_a_second_report_is_served_from_the_cache_and_refresh_asks_anew(run, sandbox, tmp_path):
    for _ in range(2):
        result = run("report", "--out", str(tmp_path), "--format", "csv")
    assert "0 requests, 3 answers from the cache" in result.stderr
    before = len(sandbox.requests)
    run("report", "--out", str(tmp_path), "--format", "csv", "--refresh")
    assert len(sandbox.requests) == before + 3


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["report", "--format", "docx"], "--format takes"),
        (["report", "--all", "--active"], "exclude each other"),
        (["frames", "filters.nothing"], "there is no frame"),
        (["frames", "filters.clients", "--where", "colour=red"], "has no parameter colour"),
        (["frames", "filters.clients", "--where", "name"], "name=value"),
        (["frames", "filters.clients", "--out", "clients.doc"], "needs to end in"),
        (["frames", "search.clients"], "needs something to look for"),
        (["frames", "filters.projects", "--where", "is_active=yes"], "true or false, not 'yes'"),
        (["frames", "filters.projects", "--where", "ids=1,x"], "whole numbers, such as 1,2, not"),
        (["frames", "filters.projects", "--where", "start=abc"], "a whole number, not 'abc'"),
        (["frames", "reports.audit", "--where", "at_risk=high"], "has no parameter at_risk"),
        (["frames", "reports.project_budget", "--where", "at_risk=high"], "a number, not 'high'"),
        (["frames", "reports.estimate_bias", "--where", "by=team"], "by must be one of"),
        (["frames", "filters.users", "--where", "ids=1", "--where", "ids=2"], "given twice"),
    ],
)
def test_wrong_use_is_told_in_a_sentence_and_ends_with_2(run, words, said):
    result = run(*words)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stderr.startswith("Error: ")
    assert "Traceback" not in result.output


def test_no_token_says_where_one_may_come_from(monkeypatch, sandbox):
    result = runner.invoke(app, ["quota", "--workspace", "1", "--base-url", sandbox.base_url])
    assert result.exit_code == 2
    assert "No token: set TOGGL_API_TOKEN" in result.stderr
    result = runner.invoke(app, ["quota", "--base-url", sandbox.base_url])
    assert result.exit_code == 2
    assert "pass --workspace" in result.stderr


def test_an_error_of_the_api_ends_with_1_and_a_used_up_quota_with_3(run, sandbox, tmp_path):
    sandbox.inject(Fault("status", status=403))
    result = run("report", "--out", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: HTTP 403 on filters/projects")
    sandbox.use_up_quota(resets_in=900)
    result = run("report", "--out", str(tmp_path))
    assert result.exit_code == 3
    assert "quota" in result.stderr


def test_debug_shows_the_traceback(run, sandbox):
    sandbox.inject(Fault("status", status=403))
    result = run("quota", "--debug")
    assert type(result.exception).__name__ == "AccessError"


def test_names_cannot_steer_the_terminal(run, sandbox):
    evil = [{"id": 1, "name": "\x1b[2Jcleared\a"}]
    sandbox.inject(Fault("payload", body=json.dumps(evil), times=-1))
    result = run("frames", "filters.clients")
    assert "\x1b" not in result.stdout
    assert "[2Jcleared" in result.stdout


@pytest.mark.parametrize(
    "words",
    [[], ["report"], ["demo"], ["frames"], ["quota"], ["cache", "show"], ["sandbox"]],
)
def test_help_has_an_example(words):
    result = runner.invoke(app, [*words, "--help"])
    assert result.exit_code == 0
    assert not words or "Example: togglframe" in result.output


def test_version():
    assert runner.invoke(app, ["--version"]).stdout == f"togglframe {__version__}\n"


def test_sandbox_serves_until_it_is_interrupted(tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", "from togglframe.cli import main; main()", "sandbox"],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1", "HOME": str(tmp_path)},
        text=True,
    ) as process:
        lines = [process.stdout.readline() for _ in range(3)]
        process.terminate()
    assert lines[0].startswith("base url      http://127.0.0.1:")
    assert lines[2].startswith("token")


def test_sandbox_says_that_its_port_is_taken(sandbox):
    port = sandbox.base_url.split(":")[2].split("/")[0]
    result = runner.invoke(app, ["sandbox", "--port", port])
    assert result.exit_code == 1
    assert "in use" in result.stderr


@pytest.mark.parametrize(
    "words",
    [["report", "--format", "parquet"], ["frames", "filters.clients", "--out", "f.parquet"]],
)
def test_without_pyarrow_no_request_is_spent(run, sandbox, monkeypatch, words):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    result = run(*words)
    assert result.exit_code == 1
    assert "Parquet needs pyarrow" in result.stderr
    assert sandbox.requests == []
