"""The command line: help, wrong use, errors, the sandbox, and how a command ends."""

import io
import os
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from cli_cases import commands_to, runner, sheet_names
from typer.main import get_command
from vendor import Fault

from togglframe import __version__
from togglframe.cli import app
from togglframe.cli.endings import main_of, print_line, say
from togglframe.cli.frames_command import FRAMES

FULL = Path("/dev/full")


@pytest.fixture
def make_sandbox(make_sandbox):
    """Start sandboxes of a few projects."""
    return lambda scale=6, **options: make_sandbox(scale, **options)


@pytest.fixture
def run(sandbox, monkeypatch):
    return commands_to(sandbox, monkeypatch)


def test_demo_shows_the_portfolio_and_leaves_files(tmp_path):
    # Slow: it draws a chart and writes a workbook of sixty projects.
    result = runner.invoke(app, ["demo", "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert re.split("  +", lines[0]) == [
        "Project", "Client", "Tracked [h]", "Estimated [h]", "Progress", "Overrun [h]",
        "Budget state",
    ]  # fmt: skip
    over = [float(line.split()[-2].replace(",", "")) for line in lines[1:17]]
    assert over == sorted(over, reverse=True)
    assert "14 requests" in result.stderr
    files = {path.name for path in (tmp_path / "out").iterdir()}
    assert files == {"portfolio.csv", "portfolio.png", "portfolio.xlsx"}
    assert (tmp_path / "out" / "portfolio.png").read_bytes().startswith(b"\x89PNG")
    assert "Budget" in sheet_names(tmp_path / "out" / "portfolio.xlsx")
    assert len(pd.read_csv(tmp_path / "out" / "portfolio.csv")) == 61


def test_help_has_an_example(subtests):
    assert runner.invoke(app, ["--help"]).exit_code == 0
    for words in ("report", "demo", "frames", "quota", "cache show", "sandbox"):
        with subtests.test(words):
            result = runner.invoke(app, [*words.split(), "--help"])
            assert result.exit_code == 0
            assert "Example: togglframe" in result.output


def test_version():
    assert runner.invoke(app, ["--version"]).stdout == f"togglframe {__version__}\n"


def test_python_m_runs_it(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["togglframe", "--version"])
    with pytest.raises(SystemExit) as ending:
        runpy.run_module("togglframe", run_name="__main__")
    assert ending.value.code == 0
    assert capsys.readouterr().out == f"togglframe {__version__}\n"


# --- wrong use ------------------------------------------------------------------------------------


WRONG = [
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
    (["frames", "reports.project_audit", "--where", "at_risk=high"], "has no parameter at_risk"),
    (["frames", "reports.workload", "--where", "period=2026"], "no period; utilisation(period=…)"),
    (["frames", "reports.project_budget", "--where", "at_risk=high"], "a number, not 'high'"),
    (["frames", "reports.estimate_bias", "--where", "by=team"], "by must be one of"),
    (["frames", "filters.users", "--where", "ids=1", "--where", "ids=2"], "given twice"),
    (["report", "--sheets", "Sumary"], "Raw users, About; did you mean Summary?"),
]


def test_wrong_use_is_told_in_a_sentence_and_ends_with_2(run, subtests):
    for words, said in WRONG:
        with subtests.test(" ".join(words)):
            result = run(*words)
            assert result.exit_code == 2
            assert said in result.stderr
            assert result.stderr.startswith("Error: ")
            assert "Traceback" not in result.output


FILES = {
    "empty.csv": b"",
    "binary.csv": b"\xff\xfe\x00",
    "other.csv": b"a,b\n1,2\n",
    "commas.csv": b"user,hours\nAnna Keller,8,8\n",
    "broken.toml": b"= 1\n",
    "value.toml": b"x = 1\n",
    "list.toml": b'[[row]]\nuser = ["Anna"]\nhours = 4\n',
    "word.csv": b"user,hours\nPriya Raman,many\n",
    "three.csv": b"user,hours\nPriya Raman,8 8 8\n",
    "costs.csv": b"user,labour_cost\n,40 50\n",
    "day.csv": b"user,project,date\nPriya Raman,Website relaunch,someday\n",
    "budget.csv": b"client,hours\nNorthwind,many\n",
}
GARBAGE = [
    ("profitability --labour-costs '40 50'", "--labour-costs takes one number, or a file, not"),
    ("profitability --labour-costs ''", "--labour-costs takes a number, such as 38.5, or a file"),
    ("profitability --labour-costs -1", "--labour-costs must be an amount from zero"),
    ("profitability --labour-costs costs.csv", "--labour-costs, costs.csv, line 2: labour_cost"),
    ("profitability --labour-costs 5 --cost-currency euro", "--cost-currency must be an ISO 4217"),
    ("profitability --cost-currency EUR", "--cost-currency has no effect without --labour-costs"),
    ("profitability --costs both", "--costs must be 'memberships' or 'toggl', not 'both'"),
    ("report --format html --capacity '40 50'", "--capacity takes the hours of a week, such as"),
    ("report --format html --capacity word.csv", "--capacity, word.csv, line 2: hours must be a"),
    ("report --format html --capacity three.csv", "--capacity of user Priya Raman must be the"),
    ("report --format html --paper A9", "--paper must be one of A4, Letter, not 'A9'"),
    ("balance --schedule '40 50'", "--schedule must be the hours of a week, or of its seven days"),
    ("balance --schedule ''", "--schedule takes a number, such as 38.5, or a file, not ''"),
    ("balance --schedule nan", "--schedule must be a number of hours"),
    ("balance --schedule empty.csv", "--schedule: empty.csv is empty"),
    ("balance --schedule binary.csv", "--schedule: binary.csv is not a text in UTF-8"),
    ("balance --schedule commas.csv", "--schedule: commas.csv: a line has more values"),
    ("balance --schedule broken.toml", "--schedule: broken.toml: Invalid statement"),
    ("balance --schedule value.toml", "--schedule: value.toml: it needs one list of tables"),
    ("balance --schedule list.toml", "table 1: user must be a name or id, not ['Anna']"),
    ("balance --schedule word.csv", "--schedule, word.csv, line 2: hours must be a number of"),
    ("balance --holidays soon", "--holidays takes a .csv or .toml file, not 'soon'"),
    ("balance --holidays day.csv", "--holidays has the columns user, project, date; it needs"),
    ("balance --absences word.csv", "--absences has the columns user, hours; it needs user, date"),
    ("balance --absences ''", "--absences has an empty name"),
    ("balance --opening word.csv", "--opening, word.csv, line 2: hours must be a number, not"),
    ("balance --every fortnight", "--every must be "),
    ("retainer --budgets list.toml", "--budgets, list.toml, table 1: user must be a name or id"),
    ("retainer --budgets budget.csv", "--budgets, budget.csv, line 2: hours must be a number of"),
    ("retainer --budgets other.csv", "--budgets has the columns a, b; it needs hours"),
    ("forecast --deadlines day.csv", "--deadlines has the columns user, project, date; it needs"),
    ("forecast --as-of soon", "--as-of must be a day written YYYY-MM-DD, not 'soon'"),
    ("forecast --weeks 0", "--weeks must be an integer from 1 to 260, not 0"),
    ("forecast --confidence 80", "--confidence must be a number between 0 and 1"),
    ("hours --period soon", "--period: there is no period 'soon'"),
    ("hours --compare soon", "--compare: there is no period 'soon'"),
    ("hours --from 1900-01-01 --to 1900-02-01", "--from must be a day from 2000-01-01"),
    ("hours --today 0001-01-01", "--today must be a day from 2000-01-01 to 2199-12-31, not 0001"),
    ("hours --user nobody", "--user: there is no user 'nobody'"),
    ("invoice --rounding almost", "--rounding must be one of 'up', 'nearest', 'down'"),
    ("invoice --round-each week", "--round-each must be one of 'entry', 'day', 'line'"),
    ("archive sync toggl --from soon", "--from must be a day written YYYY-MM-DD, not 'soon'"),
    ("frames search.time_entries --where start_date=2026-10-01", "needs end_date: add --where"),
    ("frames reports.workload --where users=nobody", "users: there is no user 'nobody'"),
]


def test_garbage_is_refused_by_the_name_of_its_option(run, tmp_path, monkeypatch, subtests):
    monkeypatch.chdir(tmp_path)
    for name, content in FILES.items():
        Path(name).write_bytes(content)
    for line, message in GARBAGE:
        with subtests.test(line):
            result = run(*shlex.split(line), *(PERIOD if line.split()[0] in RANGED else ()))
            assert result.exit_code == 2, result.output
            assert message in result.stderr
            assert result.stderr.startswith("Error: ")


PERIOD = ["--period", "2026-10"]
RANGED = ("profitability", "report", "balance", "retainer")


@pytest.mark.filterwarnings("default")
def test_no_garbage_in_any_option_is_unexpected(run, tmp_path, monkeypatch, subtests):
    monkeypatch.chdir(tmp_path)
    commands = get_command(app).commands
    commands |= {f"archive {name}": one for name, one in commands.pop("archive").commands.items()}
    for name, command in commands.items():
        if name in {"cache", "demo", "sandbox"}:
            continue
        known = [one for one in command.params if one.param_type_name == "option"]
        needed = [word for one in known if one.required for word in (one.opts[0], "x")]
        words = [*name.split(), *("x" for one in command.params if one not in known), *needed]
        for option in known:
            if option.is_flag or option.name in {"base_url", "out"}:
                continue
            with subtests.test(f"{name} {option.opts[0]}"):
                result = run(*words, option.opts[0], "\N{SNOWMAN} ?")
                assert "This is unexpected" not in result.stderr


def test_no_token_says_where_one_may_come_from(monkeypatch, sandbox):
    result = runner.invoke(app, ["quota", "--workspace", "1", "--base-url", sandbox.base_url])
    assert result.exit_code == 2
    assert "No token: set TOGGL_API_TOKEN" in result.stderr
    result = runner.invoke(app, ["quota", "--base-url", sandbox.base_url])
    assert result.exit_code == 2
    assert "pass --workspace" in result.stderr


def test_an_address_without_a_scheme_is_told_both_that_may_begin_it(run):
    words = ["quota", "--workspace", "1", "--base-url", "127.0.0.1:8123"]
    result = runner.invoke(app, words)
    assert result.exit_code == 2
    assert (
        "base_url must begin with https:// (http:// for a server on this machine), "
        "not '127.0.0.1:8123'"
    ) in result.stderr


def test_a_word_that_is_no_text_is_told_in_a_sentence(run):
    result = run("frames", "filters.projects", "--where", "name=\udcff")
    assert result.exit_code != 0
    assert result.stderr.startswith("Error: ")


# --- errors ---------------------------------------------------------------------------------------


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


def test_what_nobody_foresaw_is_a_sentence_too(run, monkeypatch):
    def fail(*_, **__):
        raise RuntimeError("cannot happen")

    monkeypatch.setitem(FRAMES, "reports.project_audit", fail)
    result = run("frames", "reports.project_audit")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: RuntimeError: cannot happen")
    assert "--debug" in result.stderr
    assert isinstance(run("frames", "reports.project_audit", "--debug").exception, RuntimeError)


# --- streams --------------------------------------------------------------------------------------


def command(*words):
    return [sys.executable, "-c", "from togglframe.cli import main; main()", *words]


def test_a_console_without_the_letters_prints_question_marks(monkeypatch):
    console = io.TextIOWrapper(io.BytesIO(), encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", console)
    main_of(lambda: print_line("日本 Café"))
    assert console.buffer.getvalue() == "?? Café\n".encode("cp1252")


@pytest.mark.nightly
def test_a_demo_in_a_console_without_the_letters_leaves_its_files(tmp_path):
    result = subprocess.run(
        command("demo", "--out", str(tmp_path)),
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        capture_output=True,
        check=True,
    )
    assert b"Online tariff calculator" in result.stdout
    assert (tmp_path / "portfolio.xlsx").exists()


@pytest.mark.parametrize(("closed", "write"), [("stdout", print_line), ("stderr", say)])
def test_a_command_goes_on_when_nobody_reads_what_is_said(closed, write, monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    written = []

    def work():
        for nth in range(2):
            write("said to nobody")
            written.append(nth)

    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, closed, stream)
        main_of(work)
    assert written == [0, 1]


@pytest.mark.nightly
@pytest.mark.parametrize("closed", ["stdout", "stderr"])
def test_files_are_written_also_when_nobody_reads_what_is_said(closed, tmp_path):
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command("demo", "--out", str(tmp_path)), **streams) as process:
        getattr(process, closed).close()
        other = "stderr" if closed == "stdout" else "stdout"
        said = getattr(process, other).read().decode()
    assert process.returncode == 0, said
    assert "Traceback" not in said
    assert "ignored" not in said
    assert all((tmp_path / f"portfolio.{suffix}").exists() for suffix in ("png", "xlsx", "csv"))


needs_a_full_disk = pytest.mark.skipif(
    not FULL.exists(), reason="there is no device that is always full"
)


@needs_a_full_disk
@pytest.mark.parametrize("words", [["cache", "show"], ["--version"]], ids=" ".join)
def test_a_full_disk_behind_the_screen_is_told_in_a_sentence(words, monkeypatch, capsys):
    with FULL.open("w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            main_of(lambda: app(words))
    assert ended.value.code == 1
    assert capsys.readouterr().err.startswith("Error: No space left on device")


@needs_a_full_disk
@pytest.mark.nightly
@pytest.mark.parametrize("words", [["cache", "show"], ["--version"], ["demo", "--out", "{out}"]])
def test_a_program_tells_of_a_full_disk_behind_the_screen_and_no_more(words, tmp_path):
    words = [word.format(out=tmp_path / "out") for word in words]
    with FULL.open("wb") as full:
        result = subprocess.run(command(*words), stdout=full, stderr=subprocess.PIPE, check=False)
    assert result.returncode == 1
    assert result.stderr.decode().startswith("Error: ")
    assert b"Traceback" not in result.stderr
    assert b"ignored" not in result.stderr


# --- the sandbox ----------------------------------------------------------------------------------


@pytest.mark.nightly
def test_sandbox_serves_until_it_is_interrupted(tmp_path):
    with subprocess.Popen(
        command("sandbox"),
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
    assert result.stderr == f"Error: Port {port} is in use; choose another with --port.\n"
