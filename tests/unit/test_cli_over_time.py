"""The commands of a range of days, as a user meets them."""

import datetime as dt
import re

import pandas as pd
import pytest
from openpyxl import load_workbook
from typer.testing import CliRunner

from togglframe import reports
from togglframe.cli import app
from togglframe.cli.options import Days
from togglframe.cli.ranges import days_of
from togglframe.cli.time_commands import tell_amounts
from togglframe.errors import ConfigError
from togglframe.reports.periods import WORDS
from togglframe.tables import INVOICE_LINES
from togglframe.tables.provenance import stamp
from togglframe.text.formats import format_signed_hours
from togglframe.text.names import count_cells

runner = CliRunner()
WEDNESDAY = dt.date(2026, 11, 25)


@pytest.fixture
def run(sandbox, monkeypatch):
    """Run a command against the sandbox, on a terminal of 80 columns."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    monkeypatch.setattr("togglframe.clock.today", lambda: WEDNESDAY)

    def call(*words, is_terminal=False):
        monkeypatch.setattr("togglframe.cli.printing._is_terminal", lambda: is_terminal)
        return runner.invoke(app, [*words, "--base-url", sandbox.base_url])

    return call


# --- ranges --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        ("2026-10", "2026-10-01", "2026-10-31"),
        ("2026-W43", "2026-10-19", "2026-10-25"),
        ("2024", "2024-01-01", "2024-12-31"),
        ("today", "2026-11-25", "2026-11-25"),
        ("yesterday", "2026-11-24", "2026-11-24"),
        ("this-week", "2026-11-23", "2026-11-25"),
        ("last-week", "2026-11-16", "2026-11-22"),
        ("this-month", "2026-11-01", "2026-11-25"),
        ("Last Month", "2026-10-01", "2026-10-31"),
        ("this-quarter", "2026-10-01", "2026-11-25"),
        ("last_quarter", "2026-07-01", "2026-09-30"),
        ("this-year", "2026-01-01", "2026-11-25"),
        ("last-year", "2025-01-01", "2025-12-31"),
    ],
)
def test_a_period_is_parsed_from_an_option(period, first, last):
    days = days_of(Days(period=period), str(WEDNESDAY))
    assert {name: str(value) for name, value in days.items()} == {
        "start_date": first,
        "end_date": last,
    }


def test_a_range_without_an_end_ends_today_and_no_range_is_this_month():
    assert days_of(Days(start="2026-11-02"), str(WEDNESDAY))["end_date"] == WEDNESDAY
    assert str(days_of(Days(), str(WEDNESDAY))["start_date"]) == "2026-11-01"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (Days(start="2026-10-01", period="2026-10"), "give --from and --to, or --period, not both"),
        (Days(end="2026-10-01"), "--to needs --from"),
        (Days(start="2026-10-02", end="2026-10-01"), "--from 2026-10-02 is after --to 2026-10-01"),
        (
            Days(start="2027-10-01"),
            "--from 2027-10-01 is in the future, and --to is missing: add --to",
        ),
        (Days(start="1.10.2026"), "--from must be a day written YYYY-MM-DD"),
        (Days(period="last-munth"), "did you mean last-month"),
        (Days(period="2026-13"), "--period: there is no period"),
        (Days(period="2026-W54"), "--period: there is no period"),
    ],
)
def test_an_invalid_range_is_refused(days, words):
    with pytest.raises(ConfigError, match=re.escape(words)):
        days_of(days, str(WEDNESDAY))


def test_help_names_every_word_for_a_period(run):
    said = " ".join(re.sub(r"[│╭╮╰╯─]", " ", run("hours", "--help").stdout).split())
    assert all(word in said.replace("- ", "-") for word in WORDS)


# --- what is printed and written -----------------------------------------------------------------


def test_hours_are_printed_with_their_total(run, sandbox, ws):
    result = run("hours", "--by", "project", "--period", "2026-W43", is_terminal=True)
    assert result.exit_code == 0, result.output
    made = reports.hours(ws, period="2026-W43", by="project")
    tracked = made["tracked_hours"].sum()
    n = made["n_entries"].sum()
    told = f"2026-10-19 to 2026-10-25: {tracked:,.1f} h in {n:,} time entries, "
    assert told in result.stderr
    *rows, _, total = result.stdout.splitlines()
    assert len(rows) == len(made) + 2  # a heading of two lines
    assert total.split()[:2] == ["Total", f"{tracked:,.1f}"]
    hours = [float(re.findall(r"  ([\d,]+\.\d)  ", row)[0]) for row in rows[2:]]
    assert hours == sorted(hours, reverse=True)
    assert sum(hours) == pytest.approx(round(tracked, 1), abs=1e-6)


@pytest.mark.parametrize("before", ["previous", "last-quarter", "2026-Q3"])
def test_a_range_is_compared_with_another(before, run, ws):
    words = ("hours", "--by", "client", "--period", "2026-Q4", "--compare", before)
    result = run(*words, is_terminal=True)
    assert result.exit_code == 0, result.output
    assert max(map(count_cells, result.stdout.splitlines())) <= 80
    made = reports.compare(ws, "hours", period="2026-Q4", by="client")
    now, earlier = made["tracked_hours"].sum(), made["tracked_hours_before"].sum()
    change = format_signed_hours(round(now, 1) - round(earlier, 1))  # as the two are printed
    told = (
        "2026-10-01 to 2026-11-24, its first 55 days, compared with 2026-07-01 to 2026-08-24: "
        f"{now:,.1f} h, {change}"
    )
    assert told in " ".join(result.stderr.split())
    (total,) = [line for line in result.stdout.splitlines() if line.startswith("Total")]
    assert total.split()[3] == change.removesuffix(" h")
    assert "%" in result.stdout


def test_the_line_below_a_table_names_what_is_selected(run):
    words = ("--period", "2026-10", "--client", "brasserie élan")
    for command in ("hours", "timesheet", "invoice"):
        scope = "2026-10-01 to 2026-10-31, client Brasserie Élan only"
        assert scope in " ".join(run(command, *words).stderr.split())
    nothing = run("timesheet", "--period", "2020-01", "--user", "priya raman").stdout
    assert "Nothing was tracked in January 2020, user Priya Raman only." in " ".join(
        nothing.split()
    )


def test_fewer_entries_have_a_minus_alone(run, ws):
    made = reports.compare(ws, "hours", period="2026-10", by=["user", "project"])
    assert (made["n_entries_change"] < 0).any()
    words = ("--period", "2026-10", "--by", "user,project", "--compare", "previous")
    assert "+-" not in run("hours", *words).stdout


@pytest.mark.filterwarnings("always:no day from")
def test_every_command_of_a_range_compares_its_own(run, tmp_path, subtests):
    cases = {
        ("timesheet",): "2026-11-23 to 2026-11-24, its first 2 days",
        ("invoice",): "2026-10-01 to 2026-10-31, compared with 2026-09-01 to 2026-09-30",
        ("hours", "--from", "2026-11-02", "--to", "2026-11-03"): "with 2026-10-31 to 2026-11-01",
    }
    path = tmp_path / "made.csv"
    for words, told in cases.items():
        with subtests.test(words[0]):
            result = run(*words, "--compare", "previous", "--out", str(path))
            assert result.exit_code == 0, result.output
            assert told in " ".join(result.stderr.split())
            assert "tracked_hours_change" in pd.read_csv(path)
    result = run("hours", "--every", "month", "--compare", "previous")
    assert result.exit_code == 2
    assert "compare takes no every" in result.stderr
    result = run("hours", "--period", "today", "--compare", "yesterday")
    assert "no day before today" in result.stdout
    assert "no day from 2026-11-25 on is over yet" in " ".join(result.stderr.split())


def test_months_are_columns_with_totals(run, ws, tmp_path):
    words = ("hours", "--by", "client", "--every", "month", "--period", "last-3-months", "--wide")
    result = run(*words)
    assert result.exit_code == 0, result.output
    head, *lines = result.stdout.splitlines()
    assert re.split("  +", head) == ["Client", "Aug 2026", "Sep 2026", "Oct 2026", "Total"]
    hours = reports.hours(ws, period="last-3-months")["tracked_hours"].sum()
    assert lines[-1].split()[0] == "Total"
    assert lines[-1].split()[-1] == f"{hours:,.2f}"
    path = tmp_path / "hours.xlsx"
    assert run(*words, "--out", str(path)).exit_code == 0
    (sheet,) = load_workbook(path)
    assert sheet["B1"].value == "Aug 2026"
    result = run("hours", "--wide")
    assert result.exit_code == 2
    assert "--wide needs --every" in result.stderr


COMMANDS = {
    "hours": ["--by", "user,project,client", "--every", "day", "--period", "2026-W43"],
    "timesheet": ["--period", "2026-W43"],
    "invoice": ["--period", "2026-10", "--by", "project,user,task", "--rounding", "up"],
    "forecast": ["--weeks", "2"],
}


ENDINGS = {"hours": ["csv", "xlsx"], "invoice": ["csv", "parquet"]}


@pytest.mark.parametrize("command", COMMANDS)
def test_a_table_fits_80_columns_and_goes_to_a_file(command, run, tmp_path):
    result = run(command, *COMMANDS[command], is_terminal=True)
    assert result.exit_code == 0, result.output
    assert max(map(count_cells, result.stdout.splitlines())) <= 80
    for ending in ENDINGS.get(command, ["csv"]):
        path = tmp_path / f"made.{ending}"
        result = run(command, *COMMANDS[command], "--out", str(path))
        assert result.exit_code == 0, result.output
        assert result.stdout == ""
        assert path.exists()
    frame = pd.read_csv(tmp_path / "made.csv")
    assert f"{len(frame)} row" in result.stderr.replace(",", "")
    assert len(frame) > 3


def test_ids_are_shown_if_they_are_asked_for(run, subtests):
    for command in ("hours", "invoice", "forecast"):
        with subtests.test(command):
            plain, with_ids = (run(command, *more).stdout for more in ([], ["--ids"]))
            head, *rows = with_ids.splitlines()
            assert " ID" in head
            assert " ID" not in plain.splitlines()[0]
            assert len(rows) == len(plain.splitlines()) - 1


def test_several_workspaces_are_one_table(run, ws, make_sandbox, make_workspace, monkeypatch):
    other = make_workspace(make_sandbox(3, workspace_id=777))
    known = {one.id: one for one in (ws, other)}
    monkeypatch.setattr("togglframe.cli.workspaces._signed_in", lambda number, *_: known[number])
    several = [word for number in known for word in ("--workspace", str(number))]
    result = run("hours", "--period", "2026-W43", *several, is_terminal=True)
    assert result.exit_code == 0, result.output
    made = reports.across([ws, other], "hours", period="2026-W43")
    assert f"{made['tracked_hours'].sum():,.1f} h in {made['n_entries'].sum():,} " in result.stderr
    assert all(f"Workspace {number}: " in result.stderr for number in known)
    assert sum("777" in line for line in result.stdout.splitlines()) == 3
    name = reports.Listings(other).clients["name"].iloc[0]
    some = run("hours", "--period", "2026-W43", *several, "--client", name)  # looked up in each
    made = reports.across([ws, other], "hours", period="2026-W43", clients=name)
    assert f"{made['tracked_hours'].sum():,.1f} h in {made['n_entries'].sum():,} " in some.stderr


def test_an_invoice_tells_a_total_for_each_currency(run, ws):
    result = run("invoice", "--period", "2026-10")
    lines = reports.invoice_lines(ws, period="2026-10")
    for currency, some in lines.dropna(subset="currency").groupby("currency"):
        total = some["amount"].sum()
        places = 0 if currency == "JPY" else 2
        assert f"{currency} {total:,.{places}f} on " in result.stderr


@pytest.mark.parametrize("columns", [40, 60])
def test_an_invoice_keeps_what_is_owed_on_a_narrow_terminal(columns, run, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = run("invoice", "--period", "2026-10", is_terminal=True)
    (left_out,) = re.findall(r"Columns that did not fit: (.*)\. --out", shown.stderr)
    assert "Billed [h]" in left_out
    assert not {"Client", "Amount", "Currency"} & {*left_out.split(", ")}
    assert max(map(count_cells, shown.stdout.splitlines())) <= columns


def test_lines_without_a_known_amount_are_counted(capsys):
    lines = INVOICE_LINES.empty()
    for amount, currency in [(10.5, "EUR"), (None, "EUR"), (None, "JPY")]:
        lines.loc[len(lines), ["billed_hours", "amount", "currency", "n_entries"]] = [
            1.0,
            amount,
            currency,
            2,
        ]
    days = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
    tell_amounts(stamp(lines, filters=days))
    assert capsys.readouterr().err.splitlines() == [
        "2026-10-01 to 2026-10-31: 3.00 h to bill, from 6 time entries",
        "EUR 10.50 on 1 line; the amount of 1 line is not known",
        "JPY: the amount of 1 line is not known",
    ]


def test_by_default_an_invoice_is_of_last_month_and_a_timesheet_of_this_week(run):
    assert "2026-10-01 to 2026-10-31" in run("invoice").stderr
    assert "2026-11-23 to 2026-11-25" in run("timesheet").stderr
    assert "2026-11-01 to 2026-11-25" in run("hours").stderr


def test_names_choose_users_clients_and_projects(run, ws):
    made = reports.hours(ws, period="2026-10", by="client")
    name = made["client"].dropna().iloc[0]
    result = run("hours", "--client", name, "--by", "client", "--period", "2026-10")
    assert result.exit_code == 0, result.output
    assert name in result.stdout
    assert f"{made['tracked_hours'].iloc[0]:,.1f} h in" in result.stderr
    result = run("hours", "--user", "nobody of that name", "--period", "2026-10")
    assert result.exit_code == 2
    assert "there is no user 'nobody of that name'" in result.stderr
    result = run("hours", "--user", "Anna Keller", "--period", "2026-10")
    assert "may mean Anna Keller" in result.stderr


def test_an_id_may_be_of_somebody_who_is_not_listed(run, sandbox):
    result = run("hours", "--user", "5", "--period", "2026-W43")
    assert result.exit_code == 0, result.output
    # the users are listed, since somebody may be called "5"
    assert {one.endpoint for one in sandbox.requests} == {"search/time_entries", "search/users"}


def test_a_range_without_entries_is_no_error(run):
    result = run("hours", "--period", "2019")
    assert result.exit_code == 0, result.output
    assert result.stdout == "Nothing was tracked in 2019.\n"
    assert "time entries" not in result.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["hours", "--by", "usr"],
        ["hours", "--by", ""],
        ["hours", "--period", ""],
        ["hours", "--every", "decade"],
        ["invoice", "--rounding", "sideways"],
        ["invoice", "--rounding-minutes", "0"],
        ["hours", "--out", "hours.doc"],
    ],
    ids=" ".join,
)
def test_a_wrong_use_costs_nothing_and_ends_with_2(words, run, sandbox):
    result = run(*words)
    assert result.exit_code == 2, result.output
    assert sandbox.requests == []


@pytest.mark.parametrize(
    "command",
    [
        *("hours", "invoice"),
        *(pytest.param(name, marks=pytest.mark.nightly) for name in ("timesheet", "forecast")),
    ],
)
def test_three_requests_that_are_left_are_used_or_kept(
    command, make_sandbox, monkeypatch, tmp_path
):
    sandbox = make_sandbox(plan="free", quota=3)
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    words = [command, *COMMANDS[command], "--base-url", sandbox.base_url]
    result = runner.invoke(app, words)
    assert result.exit_code in {0, 3}, result.output
    if result.exit_code == 3:
        assert "quota" in result.stderr
        assert result.stdout == ""
    else:
        assert result.stdout.strip()


def test_frames_takes_the_parameters_of_reports_over_time(run, ws):
    words = ["--where", "by=user,project", "--where", "every=week", "--where", "period=2026-W43"]
    result = run("frames", "reports.hours", *words)
    assert result.exit_code == 0, result.output
    made = reports.hours(ws, by=["user", "project"], every="week", period="2026-W43")
    assert len(result.stdout.splitlines()) == len(made) + 3  # and a line and the total
    words = ["--where", "holidays=2026-10-20,2026-10-21", "--where", "period=2026-W43"]
    result = run("frames", "reports.utilisation", *words)
    assert result.exit_code == 0, result.output
