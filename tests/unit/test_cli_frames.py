"""The command ``frames``, and how a frame is printed on a terminal of any width."""

import inspect
import json
import re
from itertools import cycle

import pandas as pd
import pytest
from cli_cases import commands_to, runner
from days import TODAY
from export_data import read_workbook
from report_cases import RANGE
from rich.style import Style
from unit.charts_frames import budget, project
from vendor import Fault

import togglframe
from togglframe import demo, reports
from togglframe.cli import app
from togglframe.cli.frames_command import FRAMES
from togglframe.cli.printing import print_frame
from togglframe.export.display import columns_shown
from togglframe.export.looks import COLOURS
from togglframe.export.pivoting import pivot
from togglframe.text.names import count_cells


@pytest.fixture
def run(sandbox, monkeypatch):
    return commands_to(sandbox, monkeypatch)


@pytest.mark.parametrize("name", ["filters.projects", "reports.client_budget", "filters.users"])
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
    frame = pd.read_csv(out)
    assert set(frame["currency"]) == {"EUR"}
    assert f"{len(frame)} rows in {out}" in result.stderr


PARAMETERS = [
    ("filters.projects", "ids=187340433", 1),
    ("filters.projects", "ids=187340433,187340726", 2),
    ("filters.projects", "ids=[187340433, 187340726]", 2),
    ("filters.projects", "is_active=True", 46),
    ("filters.projects", "name=2024", 0),
    ("filters.projects", "page_size=7", 61),
    ("reports.project_budget", "active=false", 15),
    ("reports.project_budget", "at_risk=0.5", 62),
    ("reports.task_accuracy", "done=none", 407),
    ("reports.estimate_bias", "by=client", 14),
]


def test_a_parameter_is_what_the_function_takes(run, tmp_path, subtests):
    # Slow: ten commands are run.
    for nth, (name, where, rows) in enumerate(PARAMETERS):
        out = tmp_path / f"{nth}.csv"
        result = run("frames", name, "--where", where, "--out", str(out))
        with subtests.test(f"{name} {where}"):
            assert result.exit_code == 0, result.output
            assert len(pd.read_csv(out)) == rows


def test_a_pipe_gets_every_row_and_a_terminal_is_told_what_it_lacks(run, sandbox, monkeypatch):
    tasks = len(sandbox.agency.tasks)
    result = run("frames", "filters.tasks")
    _, *rows, _, total = result.stdout.splitlines()
    assert len(rows) == tasks
    assert total.startswith("Total ")
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    result = run("frames", "filters.tasks")
    assert f"100 of {tasks} rows. --out writes all to a file." in result.stderr
    assert f"and {tasks - 100} others " in result.stdout


def test_a_frame_without_rows_says_so(run):
    assert run("frames", "filters.projects", "--where", "name=nothing").stdout == "No rows.\n"


@pytest.mark.parametrize("suffix", ["csv", "parquet", "xlsx"])
def test_a_file_without_rows_has_the_typed_header_and_says_so(run, ws, tmp_path, suffix):
    out = tmp_path / f"f.{suffix}"
    result = run("frames", "reports.project_budget", "--where", "clients=1", "--out", str(out))
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
    if suffix == "csv":
        assert {"project", "progress"} <= {*pd.read_csv(out).columns}
        return
    plain = full.dtypes.drop("budget_state")  # Parquet keeps no categories without rows
    pd.testing.assert_series_equal(pd.read_parquet(out).dtypes.drop("budget_state"), plain)


@pytest.mark.filterwarnings("always")
def test_data_never_steers_the_terminal(run, sandbox):
    evil = "\x1b]0;pwned\x07"
    said = json.dumps(f"denied {evil}")
    sandbox.inject(Fault("status", status=403, body=said, endpoint="filters/tasks", times=-1))
    audit = run("frames", "reports.project_audit")
    rows = json.dumps([{"id": 1, "name": evil, "more": {"deep": evil}, "permissions": [evil]}])
    sandbox.clear_faults()
    sandbox.inject(Fault("payload", body=rows, times=-1, endpoint="search/tasks"))
    tasks = run("frames", "search.tasks", "--where", "name=x")
    assert audit.exit_code == tasks.exit_code == 0
    assert "denied" in audit.stderr
    assert "pwned" in tasks.stdout
    assert "\x1b" not in audit.output + tasks.output


def test_names_cannot_steer_the_terminal(run, sandbox):
    evil = [{"id": 1, "name": "\x1b[2Jcleared\a"}]
    sandbox.inject(Fault("payload", body=json.dumps(evil), times=-1))
    result = run("frames", "filters.clients")
    assert "\x1b" not in result.stdout
    assert "[2Jcleared" in result.stdout


def test_frames_help_lists_the_names_and_a_typo_is_met_with_a_question(run):
    said = " ".join(runner.invoke(app, ["frames", "--help"]).output.split())
    for name in FRAMES:
        assert re.search(rf"{name.partition('.')[0]}: [^:]*\b{name.partition('.')[2]}\b", said)
    for typo, meant in [
        ("reports.project_bugdet", "did you mean reports.project_budget or reports.project_audit?"),
        ("project_budget", "did you mean reports.project_budget"),
        ("zzz", "togglframe frames --help lists them"),
    ]:
        result = run("frames", typo)
        assert result.exit_code == 2
        assert meant in result.stderr
    result = run("frames", "filters.clients", "--where", "nam=x")
    assert "did you mean name?" in result.stderr


# --- a terminal -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def frames():
    """Return every frame of the demo by its name; searches list nothing of their own accord."""
    with demo() as agency:
        listings = reports.Listings(agency)
        by_currency = {
            f"reports.{one} by_currency": getattr(reports, one)(listings, by_currency=True)
            for one in ("client_budget", "workspace_budget")
        }
        return by_currency | {
            name: _made(name, listings if name.startswith("reports.") else agency)
            for name in FRAMES
            if not name.startswith("search.")
        }


def _made(name, source):
    make = getattr(getattr(togglframe, name.partition(".")[0]), name.partition(".")[2])
    takes_range = "start_date" in inspect.signature(make).parameters
    return make(source, **(RANGE if takes_range else {}))


@pytest.mark.parametrize("columns", [7, 1])
def test_a_value_that_is_wider_than_the_terminal_is_cut(columns, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    print_frame(pd.DataFrame({"x": [12_345_678_901, 5]}))
    lines = capsys.readouterr().out.splitlines()
    assert max(map(count_cells, lines)) <= columns
    assert lines[1].endswith("…")


def test_every_frame_fits_the_terminal_and_says_what_it_lacks(
    frames, monkeypatch, capsys, subtests
):
    # Slow: all frames are printed, and rich measures each of their cells.
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    for columns, (name, frame) in zip(cycle((40, 80, 120)), frames.items(), strict=False):
        monkeypatch.setenv("COLUMNS", str(columns))
        print_frame(frame)
        shown = capsys.readouterr()
        lines = shown.out.splitlines()
        left_out = re.findall(r"Columns that did not fit: (.*)\. --out", shown.err)
        whole = [column.heading for column in columns_shown(frame)]
        head = (
            lines[: next(i for i, line in enumerate(lines) if line.startswith("---"))]
            if (any(line.startswith("---") for line in lines))
            else lines
        )
        with subtests.test(name, columns=columns):
            assert max(map(count_cells, lines)) <= columns
            missing = ", ".join(left_out).split(", ") if left_out else []
            assert {*missing} <= {*whole}
            text = re.sub(r"\s+", "", "".join(head))
            assert text
            if not missing:
                assert all(heading.split()[-1] in "".join(head) for heading in whole)


def headings_at(frame, capsys, *, names):
    """Return which of these columns are on the terminal: all but those that are said to lack."""
    print_frame(frame)
    said = capsys.readouterr().err
    left_out = ", ".join(re.findall(r"Columns that did not fit: (.*)\. --out", said)).split(", ")
    headings = {column.name: column.heading for column in columns_shown(frame)}
    return [name for name in names if headings[name] not in left_out]


ABOUT = {
    "project_budget": "project client tracked_hours progress overrun_hours budget_state",
    "client_budget by_currency": (
        "client currency n_over tracked_hours amount progress gross_overrun_hours"
    ),
    "client_budget": (
        "client n_projects n_over tracked_hours billable_share progress gross_overrun_hours"
    ),
    "workspace_budget by_currency": (
        "currency tracked_hours billable_share amount effective_rate gross_overrun_hours"
    ),
    "workspace_budget": (
        "n_projects n_active tracked_hours billable_share n_over gross_overrun_hours"
    ),
    "project_members": "project user group hourly_rate labour_cost currency",
    "rate_card": "project user group hourly_rate labour_cost currency",
    "task_accuracy": "task project assignee tracked_hours variance_hours accuracy_ratio",
    "estimate_bias": ("user n median_ratio p80_ratio share_over bias mdape suggested_multiplier"),
    "estimate_reconciliation": (
        "project tracked_hours untasked_hours tasked_share estimated_hours estimate_gap_hours"
    ),
    "workload": ("user n_open n_over estimated_hours tracked_hours remaining_hours overrun_hours"),
    "project_audit": "severity label detail hours_affected",
}


def test_80_columns_show_what_a_frame_is_about(frames, monkeypatch, capsys, subtests):
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    for name, columns in ABOUT.items():
        with subtests.test(name):
            names = columns.split()
            assert headings_at(frames[f"reports.{name}"], capsys, names=names) == names


def test_80_columns_show_when_who_what_and_how_long_of_a_time_entry(monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    with demo(today=TODAY) as agency:
        print_frame(
            togglframe.search.time_entries(agency, start_date="2026-03-02", end_date="2026-03-06")
        )
    head, *rows = capsys.readouterr().out.splitlines()[1:]
    assert head.split() == ["User", "Project", "Description", "Date", "time"]
    rows = rows[: next(i for i, row in enumerate(rows) if row.startswith("---"))]
    assert all(re.search(r"2026-03-0\d  +\d+:\d\d:\d\d$", row) for row in rows)


def test_names_that_begin_alike_are_told_apart_when_they_are_cut(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "60")
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    names = [f"Website relaunch of the headquarters {year}" for year in (2024, 2025)]
    print_frame(budget(*(project(i, name, 12, 10) for i, name in enumerate(names, 1))))
    first, second = capsys.readouterr().out.splitlines()[2:4]
    assert re.match(r"\S*.{0,12}2024\b", first)
    assert re.match(r"\S*.{0,12}2025\b", second)


def test_what_has_no_name_says_so_in_the_column_that_leads(frames, monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    print_frame(frames["reports.workload"])
    print_frame(frames["reports.client_budget"])
    said = capsys.readouterr().out
    assert re.search(r"^\(no user\) ", said, flags=re.MULTILINE)
    assert re.search(r"^\(no client\) ", said, flags=re.MULTILINE)


def test_ids_on_request_fit_before_measures_and_what_lacks_is_in_order(frames, monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    print_frame(frames["reports.project_budget"], ids=True)
    (left_out,) = re.findall(r"did not fit: (.*)\. --out", capsys.readouterr().err)
    left_out = left_out.split(", ")
    assert "Project ID" not in left_out
    headings = [one.heading for one in columns_shown(frames["reports.project_budget"], ids=True)]
    assert left_out == sorted(left_out, key=headings.index)


def test_rows_that_nothing_names_have_their_ids(capsys):
    with demo(today=TODAY) as agency:
        print_frame(togglframe.filters.project_statuses(agency))
        print_frame(togglframe.filters.projects(agency))
    statuses, projects = re.findall(r"^ *(?:ID|Name) .*", capsys.readouterr().out, re.MULTILINE)
    assert statuses.split()[0] == "ID"
    assert re.split("  +", projects)[:2] == ["Name", "Client ID"]


def test_a_mark_is_explained_if_it_is_shown(frames, monkeypatch, capsys):
    print_frame(frames["reports.workspace_budget"])
    shown = capsys.readouterr()
    assert "%*" in shown.out
    assert shown.err.startswith("* Based only on rows where both figures are known")
    print_frame(frames["reports.workload"])
    assert not capsys.readouterr().err


def test_a_wide_table_keeps_its_total_and_the_latest_months(monkeypatch, capsys):
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    with demo(today=TODAY) as agency:
        hours = togglframe.reports.hours(
            agency, period="2026-01..2026-10", by="client", every="month"
        )
    print_frame(pivot(hours, "client"))
    shown = capsys.readouterr()
    assert re.search("Oct 2026 +Total", shown.out)
    assert "did not fit: Jan 2026, Feb 2026" in shown.err


def test_a_long_frame_goes_to_a_pipe_quickly(capsys, monkeypatch):
    monkeypatch.setattr("togglframe.cli.printing.Console", None)  # which takes 1 ms a row
    print_frame(pd.DataFrame({"id": range(500), "name": ["Web"] * 500}))
    assert len(capsys.readouterr().out.splitlines()) == 501


def test_a_terminal_shows_states_in_the_colours_of_the_palette_and_totals_in_bold(monkeypatch):
    written = []
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    monkeypatch.setattr("togglframe.cli.printing.print_line", written.append)
    for name, value in {"TERM": "xterm", "COLORTERM": "truecolor", "COLUMNS": "200"}.items():
        monkeypatch.setenv(name, value)
    for cached in (Style.parse, Style._add):  # a style keeps the codes of its first terminal
        cached.cache_clear()
    frame = budget(project(1, "Web", 12, 10), project(2, "App", 9, 10), project(3, "Shop", 1, 10))
    print_frame(frame)
    (text,) = written
    for state, words in {"over": "over", "at_risk": "at risk"}.items():
        red, green, blue = bytes.fromhex(COLOURS[state][1:])
        assert f"\x1b[1;38;2;{red};{green};{blue}m{words}" in text
    assert "\x1b[1mTotal" in text
    assert "38;2" not in text.splitlines()[-3]  # on track


def test_an_empty_frame_and_wide_names_of_other_scripts(monkeypatch, capsys, subtests):
    monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)
    frame = budget(project(1, "日" * 60, 12, 10), project(2, "one\nline", 8, 10))
    for columns in (120, 80, 40):
        monkeypatch.setenv("COLUMNS", str(columns))
        print_frame(frame)
        lines = capsys.readouterr().out.splitlines()
        with subtests.test(columns=columns):
            assert max(map(count_cells, lines)) <= columns
            assert any("日…" in line for line in lines)
            assert any(line.startswith("one line ") for line in lines)
    print_frame(frame.head(0))
    assert capsys.readouterr().out == "No rows.\n"
