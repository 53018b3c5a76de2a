"""The command line, as a user meets it: what is printed, what is written, how it ends."""

import inspect
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from days import TODAY
from export_data import read_workbook
from openpyxl import load_workbook
from report_cases import RANGE
from typer.testing import CliRunner
from unit.charts_frames import budget, project

import togglframe
from togglframe import __version__, charts, clock, demo, export, filters, reports
from togglframe.cli import app
from togglframe.cli.options import FRAMES
from togglframe.cli.tables import portfolio, print_frame
from togglframe.export.html import contents
from togglframe.export.html.pictures import Picture
from togglframe.provenance import table_of
from togglframe.sandbox import Fault
from togglframe.tables import PROJECT_BUDGET
from togglframe.words.formats import MINUS, TIMES
from togglframe.words.names import count_cells

runner = CliRunner()
FULL = Path("/dev/full")


@pytest.fixture
def run(sandbox, monkeypatch):
    """Run a command against the sandbox, with its token in the environment."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    # a sandbox needs no pace
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)

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
        "project", "client", "tracked", "h", "progress", "over", "h", "state",
    ]  # fmt: skip
    assert "Columns that did not fit: estimate h." in result.stderr
    over = [float(line.split()[-2].replace(",", "")) for line in lines[1:17]]
    assert over == sorted(over, reverse=True)
    assert "14 requests" in result.stderr
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"portfolio.csv", "portfolio.meta.json", "portfolio.png", "portfolio.xlsx"}
    assert (tmp_path / "out" / "portfolio.png").read_bytes().startswith(b"\x89PNG")
    assert "Budget" in _sheet_names(tmp_path / "out" / "portfolio.xlsx")
    assert len(export.read_csv(tmp_path / "out" / "portfolio.csv")) == 61


def _decimals(line):
    return [float(text.replace(",", "")) for text in re.findall(r"(?<= )[\d,]+\.\d(?= |$)", line)]


def test_the_screen_shows_the_worst_and_then_the_nearest_to_their_estimates(run, ws, tmp_path):
    result = run("report", "--out", str(tmp_path), "--format", "csv")
    budget = export.read_csv(tmp_path / "portfolio.csv")
    order = budget.sort_values(
        ["overrun_hours", "progress", "project_id"], ascending=[False, False, True]
    )
    names = order["project"].head(20).str[:20]
    lines = result.stdout.splitlines()[1:21]
    assert [line[: len(name)] for line, name in zip(lines, names, strict=True)] == names.tolist()


def test_the_totals_on_the_screen_follow_from_the_lines_above_them(run, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    result = run("report", "--out", str(tmp_path), "--format", "csv")
    budget = export.read_csv(tmp_path / "portfolio.csv")
    lines = result.stdout.splitlines()
    assert [line.split("   ")[0] for line in lines[22:]] == [
        "… 30 more with an estimate",
        "… 12 more without",
        "All with an estimate",
        "All 62 projects",
    ]
    shown, (more, rest, compared, everything) = lines[1:21], map(_decimals, lines[22:])
    above = [_decimals(line) for line in shown]
    for total, column in zip(compared, zip(*above, more, strict=True), strict=True):
        assert total == pytest.approx(sum(column), abs=0.05 * len(column))
    assert everything == pytest.approx([compared[0] + rest[0]], abs=0.15)
    assert compared[0] == pytest.approx(
        budget["tracked_hours"][budget["progress"].notna()].sum(), abs=0.05
    )
    assert everything == pytest.approx([budget["tracked_hours"].sum()], abs=0.05)
    assert f"{100 * compared[0] / compared[1]:.0f} %" in lines[24]


def test_a_wide_name_is_cut_to_the_cells_of_a_terminal():
    frame = budget(project(1, "日" * 60, 12, 10), project(2, "one\nline", 8, 10))
    text, left_out = portfolio(frame, width=120)
    head, wide, plain, *_ = text.splitlines()
    assert left_out == []
    assert wide.startswith(f"{'日' * 19}… ")
    assert plain.startswith("one line ")
    starts = [
        count_cells(wide.removesuffix("over")),
        count_cells(plain.removesuffix("at risk")),
        count_cells(head.removesuffix("state")),
    ]
    assert len({*starts}) == 1


def test_a_portfolio_that_fits_has_totals_too(run, sandbox, tmp_path):
    client = str(sandbox.agency.clients[0]["id"])
    result = run("report", "--out", str(tmp_path), "--format", "csv", "--client", client)
    lines = result.stdout.splitlines()
    assert [line.split("   ")[0] for line in lines[-2:]] == [
        "All with an estimate",
        "All 6 projects",
    ]
    assert set(lines[-3]) == {"-"}


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
    assert "Summary" in _sheet_names(tmp_path / "portfolio.xlsx")


def test_top_says_how_many_projects_the_chart_draws(run, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("togglframe.charts.save", lambda ax, path: drawn.append(ax) or path)
    default = inspect.signature(charts.budget_bullet).parameters["top"].default
    for words, rows in [([], default), (["--top", "7"], 7), (["--top", "ALL"], 60)]:
        result = run("report", "--out", str(tmp_path), "--format", "png", *words)
        assert result.exit_code == 0, result.output
        others = rows < 60  # which are one line below the rows
        assert len(drawn[-1].get_yticklabels()) == rows + others
    said = " ".join(runner.invoke(app, ["report", "--help"]).output.split())
    assert f"by default {default}" in re.sub("[ │]+", " ", said)


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
        ("filters.projects", "is_active=True", 46),
        ("filters.projects", "name=2024", 0),
        ("filters.projects", "page_size=7", 61),
        ("reports.project_budget", "active=false", 15),
        ("reports.project_budget", "at_risk=0.5", 62),
        ("reports.task_accuracy", "done=none", 407),
        ("reports.estimate_bias", "by=client", 14),
    ],
)
def test_a_parameter_is_what_the_function_takes(run, tmp_path, name, where, rows):
    out = tmp_path / "f.csv"
    where = where.format(187340433, 187340726)
    result = run("frames", name, "--where", where, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert len(export.read_csv(out)) == rows


def test_a_pipe_gets_every_row_and_a_terminal_is_told_what_it_lacks(run, sandbox, monkeypatch):
    tasks = len(sandbox.agency.tasks)
    result = run("frames", "filters.tasks")
    assert len(result.stdout.splitlines()) == tasks + 1
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    result = run("frames", "filters.tasks")
    assert f"100 of {tasks} rows" in result.stderr


def test_a_frame_without_rows_says_so(run):
    assert run("frames", "filters.projects", "--where", "name=nothing").stdout == "No rows.\n"


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_file_without_rows_has_the_typed_header_and_says_so(run, ws, tmp_path, suffix):
    out = tmp_path / f"f.{suffix}"
    result = run("frames", "reports.project_budget", "--where", "client_ids=1", "--out", str(out))
    assert (result.exit_code, f"No rows: {out} contains only the header" in result.stderr) == (
        0,
        True,
    )
    full = reports.project_budget(ws)
    if suffix == "xlsx":
        (sheet,) = read_workbook(out).worksheets
        headings = [cell.value for cell in sheet[1]]
        assert (sheet.max_row, {"Project", "Progress"} <= {*headings}) == (1, True)
        return
    read = export.read_csv if suffix == "csv" else export.read_parquet
    pd.testing.assert_series_equal(read(out).dtypes, full.dtypes)


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
    assert result.stdout.startswith("999,998 requests left, the quota resets in 60 min")
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


def test_a_second_report_is_served_from_the_cache_and_refresh_fetches_again(run, sandbox, tmp_path):
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
        (["report", "--all", "--active"], "--all cannot be combined with --active"),
        (["report", "--top", "some"], "--top takes a whole number from 1, or all, not 'some'"),
        (["report", "--top", "0"], "--top takes a whole number from 1, or all, not '0'"),
        (["report", "--top", "5", "--format", "csv"], "add png or svg to --format"),
        (["frames", "filters.nothing"], "there is no frame"),
        (["frames", "filters.clients", "--where", "colour=red"], "has no parameter colour"),
        (["frames", "filters.clients", "--where", "name"], "name=value"),
        (["frames", "filters.clients", "--out", "clients.doc"], "needs to end in"),
        (["frames", "search.clients"], "needs something to search for"),
        (["frames", "filters.projects", "--where", "is_active=yes"], "true or false, not 'yes'"),
        (["frames", "filters.projects", "--where", "ids=1,x"], "whole numbers, such as 1,2, not"),
        (["frames", "filters.projects", "--where", "start=abc"], "a whole number, not 'abc'"),
        (["frames", "reports.audit", "--where", "at_risk=high"], "has no parameter at_risk"),
        (["frames", "reports.project_budget", "--where", "at_risk=high"], "a number, not 'high'"),
        (["frames", "reports.estimate_bias", "--where", "by=team"], "by must be one of"),
        (["frames", "filters.users", "--where", "ids=1", "--where", "ids=2"], "given twice"),
        (["report", "--sheets", "Sumary"], "Raw users, About; did you mean Summary?"),
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
    assert result.stderr.endswith(
        "The hourly quota is used up: run it again in 15 minutes, or add --wait.\n"
    )
    assert "on_quota" not in result.stderr


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
    [
        ["report", "--format", "png", "--out", "{folder}"],
        ["report", "--format", "csv", "--out", "{folder}"],
        ["report", "--format", "xlsx", "--active", "--out", "{folder}"],
        ["report", "--out", "{folder}/file"],
        ["frames", "filters.clients", "--out", "{folder}/portfolio.xlsx"],
        ["frames", "filters.clients", "--out", "{folder}/taken.csv"],
        ["frames", "filters.clients", "--out", "{folder}/none/f.parquet"],
    ],
)
def test_a_path_that_cannot_be_written_is_told_before_a_request(run, sandbox, tmp_path, words):
    (tmp_path / "file").touch()
    for name in ("portfolio.png", "portfolio.xlsx", "portfolio.meta.json", "taken.meta.json"):
        (tmp_path / name).mkdir()
    result = run(*(word.format(folder=tmp_path) for word in words))
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: ")
    assert str(tmp_path) in result.stderr
    assert "Errno" not in result.stderr
    assert sandbox.requests == []


def test_a_file_in_the_place_of_the_folder_is_called_a_file(run, sandbox, tmp_path):
    (tmp_path / "file").touch()
    result = run("report", "--out", str(tmp_path / "file"))
    assert result.exit_code == 1
    assert result.stderr == f"Error: {tmp_path / 'file'}: --out names a file, not a folder\n"
    assert sandbox.requests == []


def test_an_address_without_a_scheme_is_told_both_that_may_begin_it(run):
    words = ["quota", "--workspace", "1", "--base-url", "127.0.0.1:8123"]
    result = runner.invoke(app, words)
    assert result.exit_code == 2
    assert (
        "base_url must begin with https:// (http:// for a server on this machine), "
        "not '127.0.0.1:8123'"
    ) in result.stderr


def _command(*words):
    return [sys.executable, "-c", "from togglframe.cli import main; main()", *words]


@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_files_are_written_also_when_nobody_reads_what_is_said(closed, tmp_path):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(_command("demo", "--out", str(tmp_path)), **streams) as process:
        getattr(process, closed).close()
        other = "stderr" if closed == "stdout" else "stdout"
        said = getattr(process, other).read().decode()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "ignored" not in said
    assert all((tmp_path / f"portfolio.{suffix}").exists() for suffix in ("png", "xlsx", "csv"))


@pytest.mark.skipif(not FULL.exists(), reason="there is no device that is always full")
@pytest.mark.parametrize("words", [["cache", "show"], ["--version"], ["demo", "--out", "{out}"]])
def test_a_full_disk_behind_the_screen_is_told_in_a_sentence(words, tmp_path):
    command = _command(*(word.format(out=tmp_path / "out") for word in words))
    with FULL.open("wb") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    assert result.stderr.decode().startswith("Error: ")
    assert b"Traceback" not in result.stderr
    assert b"ignored" not in result.stderr


def test_what_nobody_foresaw_is_a_sentence_too(run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("cannot happen")

    monkeypatch.setattr("togglframe.reports.audit", fail)
    result = run("frames", "reports.audit")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: RuntimeError: cannot happen")
    assert "--debug" in result.stderr
    assert isinstance(run("frames", "reports.audit", "--debug").exception, RuntimeError)


def test_a_word_that_is_no_text_is_told_in_a_sentence(run):
    result = run("frames", "filters.projects", "--where", "name=\udcff")
    assert result.exit_code != 0
    assert result.stderr.startswith("Error: ")


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


def test_sandbox_names_the_behaviours_that_it_has_where_one_is_not_known():
    result = runner.invoke(app, ["sandbox", "--behave", "active_means_archive=true"])
    assert result.exit_code == 2
    assert "there is no 'active_means_archive'; the names are " in result.stderr
    result = runner.invoke(app, ["sandbox", "--behave", "active_means_archived"])
    assert "'active_means_archived' is not name=value; the names are " in result.stderr
    assert "active_means_archived" in result.stderr


def test_sandbox_says_that_its_port_is_taken(sandbox):
    port = sandbox.base_url.split(":")[2].split("/")[0]
    result = runner.invoke(app, ["sandbox", "--port", port])
    assert result.exit_code == 1
    assert result.stderr == f"Error: Port {port} is in use; choose another with --port.\n"


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


def _written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--client", "42"], 2, "There is no client '42' that has projects; there are "),
        (["--client", "Nortwind Coffee"], 2, "did you mean Northwind Coffee Roasters"),
        (["--client", "Poldr"], 2, "did you mean Polder Cycling Club"),
        (["--project", "Volunter app"], 2, "did you mean Volunteer app"),
        (["--project", "!"], 2, "more"),
        (["--state", "overdue,at_risk"], 2, "not 'overdue'"),
        (["--state", "at_rsik"], 2, "did you mean at_risk?"),
        (["--client", ""], 2, "There is no client ''"),
        (["--client", "Polder", "--state", "no_status"], 1, "--client 'Polder' --state no_status"),
    ],
)
def test_nothing_found_is_an_error_and_touches_no_file(run, tmp_path, words, code, said):
    run("report", "--out", str(tmp_path / "good"), "--format", "csv")
    before = _written(tmp_path / "good")
    for out in ("good", "new/folder"):
        result = run("report", "--out", str(tmp_path / out), "--format", "csv,png", *words)
        assert result.exit_code == code, result.output
        assert said in result.stderr
        assert result.stdout == ""
    assert _written(tmp_path / "good") == before
    assert not (tmp_path / "new").exists()


def test_an_empty_workspace_is_no_reason_to_overwrite_a_report(run, sandbox, tmp_path):
    run("report", "--out", str(tmp_path), "--format", "csv")
    before = _written(tmp_path)
    sandbox.inject(Fault("payload", body="[]", times=-1))
    result = run("report", "--out", str(tmp_path), "--format", "csv", "--refresh")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "The workspace has no projects" in result.stderr
    assert _written(tmp_path) == before


def _report(run, folder, *words):
    result = run("report", "--out", str(folder), "--format", "csv", *words)
    assert result.exit_code == 0, result.output
    return export.read_csv(folder / "portfolio.csv")


@pytest.mark.parametrize("text", ["{id}", "{name}", "{part}", " NORTHWIND  coffee Roasters "])
def test_a_client_is_known_by_id_name_or_a_part_of_it(run, sandbox, tmp_path, text):
    client = sandbox.agency.clients[0]
    assert client["name"] == "Northwind Coffee Roasters"
    if text == "{part}":
        parts = [other["name"].partition(" ")[0] for other in sandbox.agency.clients]
        client = next(
            c
            for c, part in zip(sandbox.agency.clients, parts, strict=True)
            if parts.count(part) == 1
        )
    part = client["name"].partition(" ")[0].lower()
    frame = _report(run, tmp_path, "--client", text.format(**client, part=part))
    assert set(frame["client_id"]) == {client["id"]}


def test_several_clients_projects_and_states_narrow_a_report(run, sandbox, ws, tmp_path):
    whole = reports.project_budget(ws)
    two = [str(client["id"]) for client in sandbox.agency.clients[:2]]
    words = ["--client", two[0], "--client", two[1], "--state", "over, At-Risk"]
    frame = _report(run, tmp_path, *words)
    expected = whole[
        whole["client_id"].isin(map(int, two)) & whole["budget_state"].isin(["over", "at_risk"])
    ]
    assert frame["project_id"].tolist() == expected["project_id"].tolist()
    meta = json.loads((tmp_path / "portfolio.meta.json").read_text())
    filters = meta["attrs"]["togglframe"]["filters"]
    assert filters["budget_state"] == ["over", "at_risk"]
    one = whole["project"].value_counts().loc[lambda counts: counts == 1].index[0]
    assert _report(run, tmp_path, "--project", one.upper())["project"].tolist() == [one]


@pytest.mark.parametrize("state", ["no_estimate", "no_status"])
def test_projects_without_an_estimate_or_a_status_are_a_report_too(state, run, ws, tmp_path):
    budget = reports.project_budget(ws)
    chosen = budget[budget["budget_state"] == state]
    result = run("report", "--out", str(tmp_path), "--format", "csv,xlsx", "--state", state)
    assert result.exit_code == (0 if len(chosen) else 1), result.output
    if len(chosen):
        assert f"All {len(chosen)} projects" in result.stdout
        book = read_workbook(tmp_path / "portfolio.xlsx")
        names = [cell.value for cell in book["Budget"]["A"]]
        assert names[0] == "Project"
        assert "NOT reconciled" not in book["Summary"]["A4"].value
        assert len(export.read_csv(tmp_path / "portfolio.csv")) == len(chosen)
        assert "left out" not in book["Summary"]["A3"].value


def test_a_workbook_of_a_part_sums_that_part_and_says_which(run, ws, tmp_path):
    result = run("report", "--out", str(tmp_path), "--format", "xlsx", "--state", "over")
    assert result.exit_code == 0, result.output
    book = load_workbook(tmp_path / "portfolio.xlsx", read_only=True)
    about = [tuple(row) for row in book["About"].iter_rows(values_only=True)]
    n_clients = book["Clients"].max_row
    book.close()
    assert any("budget_state" in str(cell) for row in about for cell in row)
    budget = reports.project_budget(ws)
    over = budget[budget["budget_state"] == "over"]
    assert n_clients < 4 + len(reports.client_summary(ws))
    assert n_clients >= over["client_id"].nunique()


def test_the_workbook_of_a_part_is_read_and_printed_like_that_of_the_whole(run, tmp_path):
    result = run("report", "--out", str(tmp_path), "--format", "xlsx", "--active")
    assert result.exit_code == 0, result.output
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert [cell.value for cell in book["Budget"][1]][:2] == ["Project", "Budget state"]
    assert book["Clients"].print_area
    assert book["Budget"]["A2"].hyperlink.target.startswith("https://track.toggl.com/")
    assert "Toggl Track workspace" in book["About"].oddHeader.right.text


def test_sheets_and_sensitive_choose_what_is_in_the_workbook(run, sandbox, tmp_path):
    where = ("report", "--out", str(tmp_path), "--format", "xlsx")
    assert run(*where, "--sheets", "team, raw users").exit_code == 0
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert book.sheetnames == ["Team", "Raw users"]
    assert not {"Email", "Labour cost"} & {cell.value for sheet in book for cell in sheet[1]}
    assert run(*where, "--sheets", "Team", "--sensitive").exit_code == 0
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert {"Email", "Labour cost"} <= {cell.value for cell in book["Team"][1]}
    assert run(*where, "--archived", "--sheets", "clients").exit_code == 0
    assert _sheet_names(tmp_path / "portfolio.xlsx") == ["Clients"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sheets", "Budgets"], "There is no sheet 'Budgets'; there are Summary, Budget"),
        (["--sheets", " , "], "names no sheet"),
        (["--sheets", "Team", "--format", "csv"], "add xlsx to --format"),
        (["--sensitive", "--format", "csv"], "add xlsx or html to --format"),
    ],
)
def test_a_workbook_that_cannot_be_so_is_a_wrong_use_and_costs_nothing(
    words, said, run, sandbox, tmp_path
):
    result = run("report", "--out", str(tmp_path / "out"), *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert sandbox.requests == []
    assert not (tmp_path / "out").exists()


def test_a_range_brings_its_sheets(run, sandbox, tmp_path):
    where = ("report", "--out", str(tmp_path), "--format", "xlsx")
    result = run(*where, "--sheets", "hours,invoice", "--period", "2026-10")
    assert result.exit_code == 0, result.output
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert book.sheetnames == ["Hours", "Invoice"]
    assert book["Invoice"]["A1"].value.startswith("Billable time, 2026-10-01 to 2026-10-31.")
    assert run(*where, "--from", "2026-10-05", "--to", "2026-10-11").exit_code == 0
    names = _sheet_names(tmp_path / "portfolio.xlsx")
    assert "Timesheet" in names
    assert "Entries" not in names


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--sheets", "Hours"], "'Hours' covers a range of days: add --from and --to"),
        (["--sheets", "Budget", "--period", "2026-10"], "no sheet that uses one"),
        (["--sheets", "Profit", "--period", "2026-10"], "people cost: add --sensitive"),
        (["--period", "2026-10", "--format", "csv"], "add xlsx or html to --format"),
        (["--period", "2026-10", "--from", "2026-10-01"], "--from and --to, or --period"),
    ],
)
def test_a_range_that_cannot_be_is_a_wrong_use_and_costs_nothing(
    words, said, run, sandbox, tmp_path
):
    result = run("report", "--out", str(tmp_path / "out"), *words)
    assert result.exit_code == 2
    assert said in " ".join(result.stderr.split())
    assert sandbox.requests == []
    assert not (tmp_path / "out").exists()


def test_a_page_is_written_beside_the_other_files(run, tmp_path, monkeypatch):
    monkeypatch.setattr(contents, "_picture", lambda *_: Picture("", "", "a chart"))
    where = ("report", "--out", str(tmp_path), "--format", "csv", "--html")
    result = run(*where, "--from", "2026-11-16", "--to", "2026-11-22")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "portfolio.html").read_text(encoding="utf-8")
    assert "time entries from 2026-11-16 to 2026-11-22" in re.sub("<.*?>", "", page)
    assert '<section id="people"' in page
    assert (tmp_path / "portfolio.csv").exists()


def test_an_ambiguous_name_lists_what_it_may_mean_with_ids(run, ws, tmp_path):
    names = filters.projects(ws)
    twice = names["name"].value_counts().index[0]
    ids = names["id"][names["name"] == twice]
    assert len(ids) > 1
    result = run("report", "--out", str(tmp_path / "out"), "--project", twice)
    assert result.exit_code == 2
    assert "may mean" in result.stderr
    assert all(f"{twice} ({number})" in result.stderr for number in ids)
    assert not (tmp_path / "out").exists()


def test_a_dated_report_has_the_day_in_its_names_and_the_moment_in_its_description(run, tmp_path):
    folder = tmp_path / "out"
    words = ["--out", str(folder), "--format", "csv,xlsx", "--dated"]
    assert run("report", *words).exit_code == 0
    day = TODAY.isoformat()
    assert {path.name for path in folder.iterdir()} == {
        f"portfolio-{day}.csv", f"portfolio-{day}.meta.json", f"portfolio-{day}.xlsx",
    }  # fmt: skip
    frame = export.read_csv(folder / f"portfolio-{day}.csv")
    assert frame.attrs["togglframe"]["fetched_at"][:10] == clock.now().date().isoformat()
    assert list(frame.columns) == PROJECT_BUDGET.names


@pytest.mark.parametrize("words", [["report", "--out", "{out}"], ["frames", "reports.audit"]])
def test_old_answers_make_one_warning_and_an_exit_code_of_their_own(
    run, sandbox, clock, tmp_path, words
):
    words = [word.format(out=tmp_path) for word in words]
    assert run(*words).exit_code == 0
    clock.advance(4000)
    sandbox.use_up_quota(resets_in=900)
    result = run(*words)
    assert result.exit_code == 4, result.output
    assert result.stderr.count("Warning") == 1
    warning = next(line for line in result.stderr.splitlines() if line.startswith("Warning"))
    assert "older answers from the cache are used, the oldest from 20" in warning
    assert "filters/projects" in warning
    assert "--wait" in warning
    assert len(result.stdout.splitlines()) > 5


def test_one_old_answer_is_told_with_its_age(run, sandbox, clock):
    run("frames", "filters.clients")
    clock.advance(4000)
    sandbox.use_up_quota(resets_in=900)
    result = run("frames", "filters.clients")
    assert result.exit_code == 4
    assert (
        "filters/clients: the hourly quota is used up, so this is the answer fetched"
        in result.stderr
    )


@pytest.mark.filterwarnings("always")
def test_wait_waits_for_the_quota(run, make_sandbox, monkeypatch, clock):
    sandbox = make_sandbox(clock=clock.monotonic)
    monkeypatch.setattr("togglframe.clock.sleep", clock.sleep)
    sandbox.use_up_quota(resets_in=900)
    words = ["frames", "filters.clients", "--wait", "--base-url", sandbox.base_url]
    result = runner.invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "waiting 900 s" in result.stderr
    assert 900 in clock.sleeps


def test_a_used_up_quota_is_what_quota_tells(run, sandbox):
    run("quota")
    sandbox.use_up_quota(resets_in=900)
    result = run("quota")
    assert (result.exit_code, result.stderr) == (3, "")
    assert result.stdout.startswith("0 requests left, the quota resets in 15 min")


WIDTHS = (60, 80, 120)


@pytest.mark.parametrize("columns", WIDTHS)
def test_the_portfolio_fits_the_terminal(run, tmp_path, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    result = run("report", "--out", str(tmp_path), "--format", "csv")
    lines = result.stdout.splitlines()
    assert max(map(count_cells, lines)) <= columns
    assert any(line.startswith("All with an estimate ") for line in lines)
    assert ("Columns that did not fit" in result.stderr) == (columns < 120)


@pytest.mark.parametrize("columns", [40, 30, 20, 10, 1])
def test_no_terminal_is_too_narrow_for_a_portfolio(run, tmp_path, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    result = run("report", "--out", str(tmp_path), "--format", "csv")
    lines = result.stdout.splitlines()
    assert max(map(count_cells, lines)) <= columns
    assert len(lines) > 20
    assert "Columns that did not fit: estimate h, client" in result.stderr
    if columns >= 20:
        assert lines[0].endswith("over h")
        assert ("tracked h" in lines[0]) == (columns == 40)
        assert all(re.search(r" {2}[\d,]+\.\d$", line) for line in lines[1:21])  # none is cut


@pytest.mark.parametrize("columns", [7, 1])
def test_a_value_that_is_wider_than_the_terminal_is_cut(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    print_frame(pd.DataFrame({"n": [12_345_678_901, 5]}))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(count_cells, lines)) <= columns
    assert lines[1].endswith("…")


@pytest.mark.parametrize("columns", WIDTHS[1:])
def test_every_frame_fits_the_terminal_and_says_what_it_lacks(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    with demo() as agency:
        listings = reports.Listings(agency)
        for name in FRAMES:
            module, _, function = name.partition(".")
            if module != "search":  # which lists nothing without something to look for
                source = listings if module == "reports" else agency
                make = getattr(getattr(togglframe, module), function)
                takes_range = "start_date" in inspect.signature(make).parameters
                frame = make(source, **(RANGE if takes_range else {}))
                print_frame(frame)
                shown = capsys.readouterr()
                lines = shown.out.splitlines()
                assert max(map(count_cells, lines)) <= columns, name
                head = lines[: -min(len(frame), 101)]
                assert 1 <= len(head) <= 4, name
                left_out = re.findall(r"Columns that did not fit: (.*)\. --out", shown.err)
                kept = _headings(head)
                assert sorted([*kept, *", ".join(left_out).split(", ")]) == sorted(
                    [*frame.columns, *([] if left_out else [""])]
                ), name
                first = [*table_of(frame).lead, frame.columns[0]][0]
                ranked = [c for c in table_of(frame).rank if c in frame]
                assert {first, *ranked} <= {*kept}


def _headings(lines):
    """Read headings that go on in the next line: two blanks in each of them end one."""
    width = max(map(len, lines))
    marks = "".join(" x"[any(line.ljust(width)[i] != " " for line in lines)] for i in range(width))
    spans = [match.span() for match in re.finditer(r"\S+", marks)]
    return ["".join(line[a:b].strip() for line in lines) for a, b in spans]


@pytest.mark.parametrize(
    ("name", "columns"),
    [
        (
            "project_budget",
            "project client tracked_hours estimated_hours progress overrun_hours",
        ),
        (
            "client_summary",
            "client currency n_over tracked_hours amount progress gross_overrun_hours",
        ),
        (
            "client_hours",
            "client n_projects n_over tracked_hours billable_share progress gross_overrun_hours",
        ),
        (
            "workspace_summary",
            "currency tracked_hours billable_share amount effective_rate gross_overrun_hours",
        ),
        (
            "workspace_hours",
            "n_projects n_active tracked_hours billable_share n_over gross_overrun_hours",
        ),
        ("project_members", "project user group hourly_rate labour_cost currency"),
        ("rate_card", "project user group hourly_rate labour_cost currency"),
        ("task_accuracy", "task project assignee tracked_hours variance_hours accuracy_ratio"),
        (
            "estimate_bias",
            "user n median_ratio p80_ratio share_over bias mdape suggested_multiplier",
        ),
        (
            "estimate_reconciliation",
            "project tracked_hours untasked_hours tasked_share estimated_hours estimate_gap_hours",
        ),
        (
            "workload",
            "user n_open n_over estimated_hours tracked_hours remaining_hours overrun_hours",
        ),
        ("audit", "severity label detail hours_affected"),
    ],
)
def test_80_columns_show_what_a_frame_is_about(name, columns, monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    with demo() as agency:
        frame = getattr(reports, name)(agency)
    print_frame(frame)
    head = capsys.readouterr().out.splitlines()[: -min(len(frame), 101)]
    kept = [column for column in _headings(head) if column in columns.split()]
    assert kept == columns.split()


def test_80_columns_show_when_who_what_and_how_long_of_a_time_entry(monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    with demo() as agency:
        print_frame(
            togglframe.search.time_entries(agency, start_date="2026-03-02", end_date="2026-03-06")
        )
    lines = capsys.readouterr().out.splitlines()
    head = lines[: next(i for i, line in enumerate(lines) if "2026-03-0" in line)]
    assert {"date", "user", "project", "tracked_time"} <= {*_headings(head)}
    rows = [line for line in lines[len(head) :] if line != "…"]
    assert all(re.search(r"2026-03-0\d  +\d+:\d\d:\d\d$", row) for row in rows)


def test_names_that_begin_alike_are_told_apart_when_they_are_cut(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    names = [f"Website relaunch of the headquarters {year}" for year in (2024, 2025)]
    print_frame(budget(*(project(i, name, 12, 10) for i, name in enumerate(names, 1))))
    first, second = capsys.readouterr().out.splitlines()[-2:]
    assert re.match(r"\S*.{0,12}2024\b", first)
    assert re.match(r"\S*.{0,12}2025\b", second)


def test_what_has_no_name_says_so_in_the_column_that_leads(monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.tables._is_terminal", lambda: True)
    with demo() as agency:
        print_frame(reports.workload(agency))
        print_frame(reports.client_hours(agency))
    said = capsys.readouterr().out
    assert re.search(r"^\(no user\) ", said, flags=re.MULTILINE)
    assert re.search(r"^\(no client\) ", said, flags=re.MULTILINE)


def test_numbers_have_the_decimals_that_people_read(capsys):
    frame = pd.DataFrame(
        {
            "id": pd.array([1234567, 2], dtype="Int64"),
            "name": ["Web", "two\nlines"],
            "tracked_hours": pd.array([1234.56789, None], dtype="Float64"),
            "progress": pd.array([1.17333, 0.5], dtype="Float64"),
            "median_ratio": pd.array([1.25777, None], dtype="Float64"),
            "amount": pd.array([1234.5, -2], dtype="Float64"),
            "tracked_time": pd.to_timedelta([3_725_000, None], unit="ms"),
            "budget_state": pd.Categorical(["at_risk", "over"]),
            "own": [1.23456, 2.0],
            "when": pd.to_datetime(["2024-05-06T07:08:09Z", None]),
        }
    )
    print_frame(frame)
    head, first, second = capsys.readouterr().out.splitlines()
    assert re.split("  +", head.strip()) == list(frame.columns)
    assert re.split("  +", first.strip()) == [
        "1234567", "Web", "1,234.6", "117 %", f"1.26{TIMES}", "1,234.50", "1:02:05", "at risk",
        "1.23", "2024-05-06 07:08",
    ]  # fmt: skip
    assert re.split("  +", second.strip()) == [
        "2",
        "two lines",
        "50 %",
        f"{MINUS}2.00",
        "over",
        "2.00",
    ]


def test_frames_help_lists_the_names_and_a_typo_is_met_with_a_question(run):
    said = " ".join(runner.invoke(app, ["frames", "--help"]).output.split())
    for name in FRAMES:
        assert re.search(rf"{name.partition('.')[0]}: [^:]*\b{name.partition('.')[2]}\b", said)
    for typo, meant in [
        ("reports.project_bugdet", "did you mean reports.project_budget?"),
        ("project_budget", "did you mean reports.project_budget"),
        ("zzz", "togglframe frames --help lists them"),
    ]:
        result = run("frames", typo)
        assert result.exit_code == 2
        assert meant in result.stderr
    result = run("frames", "filters.clients", "--where", "nam=x")
    assert "did you mean name?" in result.stderr


def test_one_of_anything_is_not_several(run, sandbox, tmp_path):
    run("frames", "filters.clients")
    shown = runner.invoke(app, ["cache", "show"])
    assert re.search(r": \d+ answers?$", shown.stdout.splitlines()[0])
    out = tmp_path / "one.csv"
    one = sandbox.agency.clients[0]["id"]
    assert (
        "1 row in"
        in run("frames", "filters.clients", "--where", f"ids={one}", "--out", str(out)).stderr
    )


def test_a_long_frame_is_measured_cell_by_cell_and_not_over_and_over(monkeypatch, capsys):
    measured = []
    monkeypatch.setattr(
        "togglframe.cli.tables.count_cells", lambda text: measured.append(text) or len(text)
    )
    print_frame(pd.DataFrame({"id": range(500), "name": ["Web"] * 500}))
    assert len(capsys.readouterr().out.splitlines()) == 501
    assert len(measured) <= 4 * 2 * 501
