"""The command ``report``: what is on the screen, which projects are in it, and its files."""

import inspect
import re
import sys
from itertools import cycle

import pandas as pd
import pytest
from cli_cases import commands_to, runner, sheet_names
from days import TODAY
from export_data import read_workbook
from vendor import Fault

from togglframe import charts, reports
from togglframe.api import filters
from togglframe.cli import app
from togglframe.export.html.pictures import Picture
from togglframe.tables import PROJECT_BUDGET
from togglframe.text.names import count_cells


@pytest.fixture
def run(sandbox, monkeypatch):
    return commands_to(sandbox, monkeypatch)


@pytest.fixture
def small(make_sandbox, monkeypatch):
    """Run a command against an agency of nine projects, whose workbooks are quick to write."""
    return commands_to(make_sandbox(9), monkeypatch)


# --- the screen -----------------------------------------------------------------------------------


@pytest.fixture
def terminal(monkeypatch):
    """Let commands print as to a terminal of this width."""

    def of(columns):
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: True)

    return of


def _decimals(line):
    texts = re.findall(r"(?<= )[+]?[\d,]+\.\d(?= |$)", line)
    return [float(text.replace(",", "")) for text in texts]


def test_the_screen_shows_the_worst_and_then_the_nearest_to_their_estimates(
    run, terminal, tmp_path
):
    terminal(120)
    result = run("report", "--out", str(tmp_path), "--format", "csv")
    budget = pd.read_csv(tmp_path / "portfolio.csv")
    order = budget.sort_values(
        ["overrun_hours", "progress", "project_id"], ascending=[False, False, True]
    )
    names = order["project"].head(20).str[:20]
    lines = result.stdout.splitlines()[2:22]
    assert [line[: len(name)] for line, name in zip(lines, names, strict=True)] == names.tolist()
    assert f"20 of 62 rows. All are in the files in {tmp_path}." in result.stderr


def test_what_is_on_the_screen_adds_up_as_shown(run, terminal, tmp_path):
    terminal(120)
    result = run("report", "--out", str(tmp_path), "--format", "csv")
    budget = pd.read_csv(tmp_path / "portfolio.csv")
    lines = result.stdout.splitlines()
    more, everything, compared = lines[23:]
    assert [line.split("   ")[0] for line in (more, everything, compared)] == [
        "and 42 others",
        "Total",
        "of which with estimate",
    ]
    shown = [_decimals(line) for line in [*lines[2:22], more]]
    for nth, name in enumerate(("tracked_hours", "estimated_hours", "overrun_hours")):
        total = _decimals(everything)[nth]
        assert sum(row[nth] for row in shown) == pytest.approx(total, abs=1e-6)
        assert total == pytest.approx(budget[name].sum(), abs=0.05)
    tracked, estimated, _ = _decimals(compared)
    assert f"{100 * tracked / estimated:.0f} %" in compared


def test_a_portfolio_that_fits_has_totals_too_and_a_pipe_gets_all_of_it(run, sandbox, tmp_path):
    client = str(sandbox.agency.clients[0]["id"])
    result = run("report", "--out", str(tmp_path), "--format", "csv", "--client", client)
    head, *rows, rule, total = result.stdout.splitlines()
    assert re.split("  +", head) == [
        "Project", "Client", "Tracked [h]", "Estimated [h]", "Progress", "Overrun [h]",
        "Budget state",
    ]  # fmt: skip
    assert len(rows) == len(pd.read_csv(tmp_path / "portfolio.csv"))
    assert set(rule) == {"-", " "}
    assert total.startswith("Total ")
    ids = run("report", "--out", str(tmp_path), "--format", "csv", "--client", client, "--ids")
    assert re.split("  +", ids.stdout.splitlines()[0])[-2:] == ["Project ID", "Client ID"]
    assert client in ids.stdout


def test_the_portfolio_fits_the_terminal(run, terminal, tmp_path, subtests):
    for columns in (120, 80, 60, 40, 30, 20, 10, 1):
        terminal(columns)
        result = run("report", "--out", str(tmp_path), "--format", "csv")
        lines = result.stdout.splitlines()
        with subtests.test(columns=columns):
            assert max(map(count_cells, lines)) <= columns
            assert len(lines) > 20
            left_out = re.findall(r"Columns that did not fit: (.*)\. All", result.stderr)
            assert bool(left_out) == (columns < 120)
            assert columns == 120 or "Estimated [h]" in left_out[0]
            if columns >= 40:
                assert any(line.startswith("of which with estimate ") for line in lines)
                over = [line for line in lines if re.search(r"[+][\d,]+\.\d", line)]
                assert len(over) == 19  # whole, and their totals


# --- the projects ---------------------------------------------------------------------------------


def _report(run, folder, *words):
    result = run("report", "--out", str(folder), "--format", "csv", *words)
    assert result.exit_code == 0, result.output
    return pd.read_csv(folder / "portfolio.csv")


def _written(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_client_is_known_by_id_name_or_a_part_of_it(run, sandbox, tmp_path, subtests):
    clients = sandbox.agency.clients
    northwind = clients[0]
    assert northwind["name"] == "Northwind Coffee Roasters"
    parts = [client["name"].partition(" ")[0] for client in clients]
    other, part = next(
        (client, part)
        for client, part in zip(clients, parts, strict=True)
        if parts.count(part) == 1
    )
    for text, client in [
        (str(northwind["id"]), northwind),
        (northwind["name"], northwind),
        (" NORTHWIND coffee Roasters ", northwind),
        (part.lower(), other),
    ]:
        with subtests.test(text):
            frame = _report(run, tmp_path, "--client", text)
            assert set(frame["client_id"]) == {client["id"]}
            assert set(frame["client"]) == {client["name"]}


def test_active_and_archived_projects_are_reports_too(small, tmp_path):
    assert _report(small, tmp_path, "--active")["active"].all()
    assert not _report(small, tmp_path, "--archived")["active"].any()


def test_several_clients_projects_and_states_narrow_a_report(run, sandbox, ws, tmp_path):
    whole = reports.project_budget(ws)
    two = [str(client["id"]) for client in sandbox.agency.clients[:2]]
    words = ["--client", two[0], "--client", two[1], "--state", "over, At-Risk"]
    frame = _report(run, tmp_path, *words, "--format", "csv,parquet")
    expected = whole[
        whole["client_id"].isin(map(int, two)) & whole["budget_state"].isin(["over", "at_risk"])
    ]
    assert frame["project_id"].tolist() == expected["project_id"].tolist()
    kept = pd.read_parquet(tmp_path / "portfolio.parquet")
    filters = kept.attrs["togglframe"]["filters"]
    assert filters["budget_state"] == ["over", "at_risk"]
    one = whole["project"].value_counts().loc[lambda counts: counts == 1].index[0]
    assert _report(run, tmp_path, "--project", one.upper())["project"].tolist() == [one]


@pytest.mark.parametrize(
    ("state", "sheets"),
    [
        ("no_status", ["--sheets", "summary,budget"]),
        pytest.param("no_status", [], marks=pytest.mark.nightly),
        pytest.param("no_estimate", [], marks=pytest.mark.nightly),
    ],
    ids=["no status, some sheets", "no status", "no estimate"],
)
def test_projects_without_an_estimate_or_a_status_are_a_report_too(
    state, sheets, make_sandbox, monkeypatch, tmp_path
):
    # Slow: a workbook is written.
    sandbox = make_sandbox(40, people=5, tasks=10, memberships=40)
    run = commands_to(sandbox, monkeypatch)
    words = ["--format", "csv,xlsx", "--state", state, *sheets]
    result = run("report", "--out", str(tmp_path), *words)
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tmp_path / "portfolio.csv")
    assert set(frame["budget_state"]) == {state}
    assert len(frame) == sum(" " in line for line in result.stdout.splitlines()) - 1 - (
        2 if len(frame) > 1 else 0
    )
    book = read_workbook(tmp_path / "portfolio.xlsx")
    names = [cell.value for cell in book["Budget"]["A"]]
    assert names[0] == "Project"
    assert "left out" not in book["Summary"]["A2"].value


def test_a_table_has_the_projects_of_a_state_alone(run, ws, tmp_path):
    budget = reports.project_budget(ws)
    for state in ("no_estimate", "no_status"):
        frame = _report(run, tmp_path, "--state", state)
        expected = budget["project_id"][budget["budget_state"] == state]
        assert frame["project_id"].tolist() == expected.tolist() != []


NOTHING = [
    (["--client", "42"], 1, "matches --client '42'"),
    (["--client", "!"], 2, "there is no client '!' that has projects; there are "),
    (["--client", "Nortwind Coffee"], 2, "did you mean Northwind Coffee Roasters"),
    (["--client", "Poldr"], 2, "did you mean Polder Cycling Club"),
    (["--project", "Volunter app"], 2, "did you mean Volunteer app"),
    (["--project", "!"], 2, "more"),
    (["--state", "overdue,at_risk"], 2, "not 'overdue'"),
    (["--state", "at_rsik"], 2, "did you mean at_risk?"),
    (["--client", ""], 2, "--client has an empty name"),
    (["--client", "Polder", "--state", "no_status"], 1, "--client 'Polder' --state no_status"),
]


def test_nothing_found_is_an_error_and_touches_no_file(run, tmp_path, subtests):
    # Slow: nine commands look for what is not there.
    run("report", "--out", str(tmp_path / "good"), "--format", "csv")
    before = _written(tmp_path / "good")
    for (words, code, said), out in zip(NOTHING, cycle(["good", "new/folder"]), strict=False):
        result = run("report", "--out", str(tmp_path / out), "--format", "csv,png", *words)
        with subtests.test(" ".join(words)):
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


def test_an_ambiguous_name_lists_what_it_may_mean_with_ids(run, ws, tmp_path):
    names = filters.projects(ws)
    twice = names["name"].value_counts().index[0]
    ids = names["id"][names["name"] == twice]
    assert len(ids) > 1
    result = run("report", "--out", str(tmp_path / "out"), "--project", twice)
    assert result.exit_code == 2
    assert "may mean" in result.stderr
    assert all(f"{twice} (id {number}" in result.stderr for number in ids)
    assert not (tmp_path / "out").exists()


# --- the files ------------------------------------------------------------------------------------


def test_report_writes_what_is_asked_for(make_sandbox, monkeypatch, tmp_path):
    # Slow: a chart is drawn and a workbook written.
    sandbox = make_sandbox(9)
    run = commands_to(sandbox, monkeypatch)
    words = ["--format", "csv,svg,parquet,xlsx", "--sheets", "summary,budget,clients,about"]
    result = run("report", "--out", str(tmp_path), "--state", "over", *words)
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(tmp_path / "portfolio.csv")
    assert set(frame["budget_state"]) == {"over"}
    kept = pd.read_parquet(tmp_path / "portfolio.parquet")
    assert kept["project_id"].tolist() == frame["project_id"].tolist()
    seconds = kept["tracked_time"].dt.total_seconds()
    assert seconds.tolist() == frame["tracked_seconds"].tolist()
    assert (tmp_path / "portfolio.svg").read_text().startswith("<?xml")
    # the workbook is of that part, says so, and is read and printed like that of the whole
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert "Summary" in book.sheetnames
    cells = {sheet.title: {cell.value for row in sheet for cell in row} for sheet in book}
    clients = {client["name"] for client in sandbox.agency.clients}
    assert cells["Clients"] & clients == {*frame["client"]} < clients
    assert f"{len(frame)} projects only" in book["Summary"]["A2"].value
    assert [cell.value for cell in book["Budget"][1]][:2] == ["Project", "Client"]
    assert book["Clients"].print_area
    assert book["Budget"]["A2"].hyperlink.target.startswith("https://track.toggl.com/")
    assert "Since the projects began" in book["About"].oddHeader.right.text


def default_top():
    return inspect.signature(charts.budget_bullet).parameters["top"].default


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["--top", "7"], 7),
        pytest.param([], None, marks=pytest.mark.nightly),
        pytest.param(["--top", "ALL"], 59, marks=pytest.mark.nightly),
    ],
)
def test_top_says_how_many_projects_the_chart_draws(words, rows, run, tmp_path, monkeypatch):
    drawn = []
    monkeypatch.setattr("togglframe.charts.save", lambda ax, path: drawn.append(ax) or path)
    result = run("report", "--out", str(tmp_path), "--format", "png", *words)
    assert result.exit_code == 0, result.output
    rows = rows or default_top()
    others = rows < 59  # which are one line below the rows
    assert len(drawn[-1].get_yticklabels()) == rows + others


def test_top_is_left_to_the_chart_or_is_all(run, tmp_path, monkeypatch):
    said = " ".join(runner.invoke(app, ["report", "--help"]).output.split())
    assert f"by default {default_top()}" in re.sub("[ │]+", " ", said)
    chosen = []
    monkeypatch.setattr("togglframe.charts.budget_bullet", lambda _, **top: chosen.append(top))
    monkeypatch.setattr("togglframe.charts.save", lambda ax, path: path)
    for words in ([], ["--top", "ALL"]):
        result = run("report", "--out", str(tmp_path), "--format", "png", *words)
        assert result.exit_code == 0, result.output
    assert chosen == [{}, {"top": None}]


PAGE = ["figures", "weeks", "clients", "projects", "people"]
PAGE += ["budgets", "at_risk", "audit", "about"]


def test_a_page_is_written_beside_the_other_files(small, tmp_path, monkeypatch):
    # Slow: a page has every report.
    where = ("report", "--out", str(tmp_path), "--format", "csv", "--html")
    wishes = ["--no-people", "--sections", "figures,at-risk,about", "--paper", "Letter"]
    monkeypatch.setattr("togglframe.export.html.page.drawn", lambda *_: Picture("", "", "a chart"))
    for words, sections in (([], PAGE), (wishes, ["figures", "at_risk", "about"])):
        result = small(*where, "--from", "2026-11-16", "--to", "2026-11-22", *words)
        assert result.exit_code == 0, result.output
        page = (tmp_path / "portfolio.html").read_text(encoding="utf-8")
        assert "2026-11-16 to 2026-11-22" in re.sub("<.*?>", "", page)
        assert re.findall('<section id="([a-z_]+)"', page) == sections
        assert ("size:Letter" in page) == bool(words)
    assert (tmp_path / "portfolio.csv").exists()


def test_a_dated_report_has_the_day_in_its_names_and_the_moment_in_its_description(
    small, tmp_path, clock
):
    folder = tmp_path / "out"
    words = ["--out", str(folder), "--format", "csv,parquet", "--dated"]
    assert small("report", *words).exit_code == 0
    day = TODAY.isoformat()
    assert {path.name for path in folder.iterdir()} == {
        f"portfolio-{day}.csv", f"portfolio-{day}.parquet",
    }  # fmt: skip
    frame = pd.read_parquet(folder / f"portfolio-{day}.parquet")
    assert frame.attrs["togglframe"]["fetched_at"][:10] == clock.now().date().isoformat()
    assert list(frame.columns) == PROJECT_BUDGET.names


TAKEN = [
    "report --format png --out {folder}",
    "report --format csv --out {folder}",
    "report --format xlsx --active --out {folder}",
    "report --out {folder}/file",
    "frames filters.clients --out {folder}/portfolio.xlsx",
    "frames filters.clients --out {folder}/taken.csv",
    "frames filters.clients --out {folder}/none/f.parquet",
]


def test_a_path_that_cannot_be_written_is_told_before_a_request(run, sandbox, tmp_path, subtests):
    (tmp_path / "file").touch()
    for name in ("portfolio.png", "portfolio.xlsx", "portfolio.csv", "taken.csv"):
        (tmp_path / name).mkdir()
    for words in TAKEN:
        result = run(*(word.format(folder=tmp_path) for word in words.split()))
        with subtests.test(words):
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


# --- the workbook ---------------------------------------------------------------------------------


def test_sheets_and_rates_choose_what_is_in_the_workbook(small, tmp_path):
    # Slow: two workbooks are written.
    where = ("report", "--out", str(tmp_path), "--format", "xlsx")
    assert small(*where, "--sheets", "team, raw users").exit_code == 0
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert book.sheetnames == ["Team", "Raw users"]
    assert not {"Email", "Labour cost"} & {cell.value for sheet in book for cell in sheet[1]}
    assert small(*where, "--sheets", "Team", "--rates").exit_code == 0
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert {"Email", "Labour cost"} <= {cell.value for cell in book["Team"][1]}


def test_a_range_brings_sheets_of_its_days(small, tmp_path):
    words = ["--sheets", "hours,invoice", "--period", "2026-10"]
    result = small("report", "--out", str(tmp_path), "--format", "xlsx", *words)
    assert result.exit_code == 0, result.output
    book = read_workbook(tmp_path / "portfolio.xlsx")
    assert book.sheetnames == ["Invoice", "Hours"]
    assert "2026-10-01 to 2026-10-31" in book["Invoice"].oddHeader.right.text


@pytest.mark.nightly
def test_a_range_is_what_the_workbook_is_about(small, tmp_path):
    words = ["--from", "2026-10-05", "--to", "2026-10-11"]
    result = small("report", "--out", str(tmp_path), "--format", "xlsx", *words)
    assert result.exit_code == 0, result.output
    names = sheet_names(tmp_path / "portfolio.xlsx")
    assert names[:3] == ["Summary", "Weeks", "Clients"]


WRONG = [
    (["--sheets", "Budgets"], "There is no sheet 'Budgets'; there are Summary, Weeks"),
    (["--sheets", " , "], "names no sheet"),
    (["--sheets", "Team", "--format", "csv"], "add xlsx to --format"),
    (["--sensitive"], "No such option: --sensitive"),
    (["--rates", "--format", "csv"], "--rates applies to a workbook or a page: add xlsx"),
    (["--no-people", "--format", "csv"], "--no-people applies to a workbook or a page"),
    (["--html", "--sections", "costs"], "there is no section 'costs'"),
    (["--paper", "A9"], "--paper must be one of A4, Letter, not 'A9'"),
    (["--sheets", "Hours"], "'Hours' covers a range of days: add --from and --to"),
    (["--sheets", "Profit", "--period", "2026-10"], "people cost: add --rates"),
    (["--period", "2026-10", "--format", "csv"], "add xlsx or html to --format"),
    (["--period", "2026-10", "--from", "2026-10-01"], "--from and --to, or --period"),
]


def test_a_workbook_that_cannot_be_so_is_a_wrong_use_and_costs_nothing(
    run, sandbox, tmp_path, subtests
):
    for words, said in WRONG:
        result = run("report", "--out", str(tmp_path / "out"), *words)
        with subtests.test(" ".join(words)):
            assert result.exit_code == 2
            assert said in " ".join(result.stderr.split())
            assert sandbox.requests == []
            assert not (tmp_path / "out").exists()
