"""The commands on retainers and balances, as a user meets them."""

import datetime as dt

import pandas as pd
import pytest
from typer.testing import CliRunner

from togglframe import reports
from togglframe.cli import app

runner = CliRunner()
CLIENT, PERSON = "Northwind Coffee Roasters", "Priya Raman"


@pytest.fixture
def run(sandbox, monkeypatch, tmp_path):
    """Run a command against the sandbox, in a folder of its own."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    monkeypatch.setattr("togglframe.clock.today", lambda: dt.date(2026, 11, 26))
    monkeypatch.chdir(tmp_path)

    def call(*words, **files):
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")
        return runner.invoke(app, [*words, "--base-url", sandbox.base_url])

    return call


def test_a_retainer_of_a_file_is_that_of_python(run, ws, tmp_path):
    words = ["retainer", "--budgets", "budgets.csv", "--period", "2026-10", "--carry", "unused"]
    budgets = f"client,hours,from\n{CLIENT},4000,2026-09-01\n\n"
    result = run(*words, "--out", "made.csv", budgets_csv=budgets)
    assert result.exit_code == 0, result.output
    made = pd.read_csv(tmp_path / "made.csv")
    frame = pd.DataFrame({"client": [CLIENT], "hours": 4000, "from": "2026-09-01"})
    expected = reports.retainer(ws, frame, period="2026-10", carry="unused")
    assert expected["carried_hours"].tolist()[0] > 0
    for name in ("carried_hours", "tracked_hours", "left_hours"):
        assert made[name].tolist() == pytest.approx(expected[name].tolist())
    printed = run(*words)
    assert printed.exit_code == 0, printed.output
    assert CLIENT in printed.stdout
    assert "on track" in printed.stdout
    assert "(no project)" not in printed.stdout
    assert "(no project)" not in printed.stdout
    assert "2026-10-01 to 2026-10-31" in printed.stderr


def test_a_toml_file_and_a_csv_file_are_the_same(run):
    toml = f'[[budget]]\nclient = "{CLIENT}"\nhours = 400\nfrom = 2026-09-01\n'
    csv = f"client,hours,from\n{CLIENT},400,2026-09-01\n"
    words = ["--period", "2026-10", "--carry", "2"]
    one = run("retainer", "--budgets", "budgets.toml", *words, budgets_toml=toml)
    other = run("retainer", "--budgets", "budgets.csv", *words, budgets_csv=csv)
    assert one.exit_code == 0, one.output
    assert one.stdout == other.stdout


def test_a_balance_of_files_is_that_of_python(run, ws, tmp_path):
    result = run(
        *("balance", "--schedule", "schedule.csv", "--absences", "absences.csv"),
        *("--holidays", "holidays.csv", "--opening", "opening.csv", "--period", "2026-10"),
        *("--user", PERSON, "--out", "made.csv"),
        schedule_csv=f"user,hours,from,to\n,40,,\n{PERSON},8 8 8 0 0 0 0,,2026-10-25\n",
        absences_csv=f"user,date,hours\n{PERSON},2026-10-06,\n{PERSON},2026-10-07,4\n",
        holidays_csv="date\n2026-10-12\n",
        opening_csv=f"user,hours\n{PERSON},-5\n",
    )
    assert result.exit_code == 0, result.output
    made = pd.read_csv(tmp_path / "made.csv").iloc[0]
    assert (made["workdays"], made["absence_hours"], made["expected_hours"]) == (8, 12, 52)
    tracked = reports.hours(ws, period="2026-10", users=PERSON)["tracked_hours"].sum()
    assert made["tracked_hours"] == pytest.approx(tracked)
    assert made["running_hours"] == pytest.approx(tracked - 52 - 5)


@pytest.mark.filterwarnings("always:absences names")
def test_a_project_or_tag_is_time_off(run):
    words = ["balance", "--period", "2026-10", "--user", PERSON, "--every", "whole"]
    result = run(*words, "--absences", "Holidays in Spain")
    said = " ".join(result.stderr.split())
    assert "is no project, and no entry of the range has it as a tag" in said
    assert result.exit_code == 0, result.output
    assert "1 person, tracked minus expected" in result.stderr


def test_ids_in_files_are_ids(run, ws):
    project = reports.Listings(ws).projects.iloc[0]
    user = reports.Listings(ws).users.set_index("fullname").loc[PERSON, "id"]
    words = ["--period", "2026-10"]
    result = run(
        "retainer", "--budgets", "b.csv", *words, b_csv=f"project,hours\n{project['id']},9\n"
    )
    assert result.exit_code == 0, result.output
    assert project["name"] in result.stdout
    result = run("balance", "--schedule", "s.csv", *words, s_csv=f"user,hours\n{user},9\n")
    assert result.exit_code == 0, result.output


WRONG = {
    "budgets.csv, line 3: hours must be a number of hours, not '8h'": "client,hours\nA,1\nB,8h\n",
    "budgets.csv, line 2: hours must be a number of hours, 0 or more": "client,hours\nA,-1\n",
    "budgets.csv, line 2: from must be a day written": "client,hours,from\nA,1,1.10.2026\n",
    "line 4: a budget needs a project or a client": "client,project,hours\n,A,1\n\nB,C,1\n",
    "it needs hours, and may have project, client, from": "client,hour\nA,1\n",
    "there is no client 'Nobody'": "client,hours\nNobody,1\n",
    "is empty": "",
    "budgets.csv: a line has more values than the ": f"client,hours\n{CLIENT},37,5\n",
    "there is no client 'NA'": "client,hours\nNA,1\n",
}


def test_what_is_wrong_with_a_file_is_named_by_its_line(run, subtests, sandbox):
    for message, text in WRONG.items():
        with subtests.test(message):
            result = run("retainer", "--budgets", "budgets.csv", budgets_csv=text)
            assert result.exit_code == 2, result.output
            assert message in " ".join(result.stderr.split())
    with subtests.test("toml"):
        result = run("retainer", "--budgets", "budgets.toml", budgets_toml="hours = [")
        assert result.exit_code == 2
        assert "budgets.toml: " in result.stderr


WRONG_CAPACITIES = {
    "capacity.csv: the first line names the columns, such as user,hours": f"{PERSON},30\n",
    "capacity.csv, line 4: 'Wei Zhang' is there twice": "user,hours\nWei Zhang,3\n\nWei Zhang,4\n",
    "capacity.csv, line 2: hours must be a number, not '30 h'": f"user,hours\n{PERSON},30 h\n",
    "capacity.csv needs people in its first column, then their hours": "user;hours\nA;1\n",
    "capacity.csv, line 2: hours must be a number, not ''": f"user,hours\n{PERSON},\n",
    "there is no user 'NA'": "user,hours\nNA,30\n",
    "capacity.csv names nobody": "user,hours\n",
    "is empty": "",
}


def test_what_is_wrong_with_a_file_of_capacities_is_named(run, subtests):
    words = ["report", "--period", "2026-10", "--format", "xlsx", "--sheets", "Utilisation"]
    for message, text in WRONG_CAPACITIES.items():
        with subtests.test(message):
            result = run(*words, "--out", ".", "--capacity", "capacity.csv", capacity_csv=text)
            assert result.exit_code == 2, result.output
            assert message in " ".join(result.stderr.split())


def test_a_missing_file_and_a_wrong_schedule_cost_nothing(run, sandbox):
    assert run("retainer", "--budgets", "none.csv").exit_code == 1
    assert run("balance", "--schedule", "much").exit_code == 2
    assert run("balance", "--every", "decade").exit_code == 2
    assert sandbox.requests == []


def test_profits_of_a_file_of_costs_are_those_of_python(run, ws, tmp_path):
    costs = f"user,project,labour_cost\n,,45\n{PERSON},,60\n{PERSON},Website relaunch,75.5\n"
    words = ["profitability", "--period", "2026-10", "--by", "client", "--cost-currency", "EUR"]
    files = ["--labour-costs", "costs.csv", "--out", "made.csv"]
    result = run(*words, *files, costs_csv=costs)
    assert result.exit_code == 0, result.output
    mapping = {None: 45, PERSON: 60, (PERSON, "Website relaunch"): 75.5}
    expected = reports.profitability(
        ws, period="2026-10", by="client", labour_costs=mapping, cost_currency="EUR"
    )
    made = pd.read_csv(tmp_path / "made.csv")
    assert made["cost_known"].tolist() == pytest.approx(expected["cost_known"].tolist())
    printed = run(*words, "--labour-costs", "45", "--client", CLIENT)
    assert printed.exit_code == 0, printed.output
    assert CLIENT in printed.stdout
    assert "EUR 24,013.10 of profit in 1 row" in printed.stderr
    assert "USD: the profit of 1 row is not known" in printed.stderr


@pytest.mark.filterwarnings("always:costs='toggl'")
def test_dated_costs_say_that_cents_are_assumed(run):
    result = run("profitability", "--period", "2026-10", "--costs", "toggl")
    assert result.exit_code == 0, result.output
    assert "labour costs are taken as cents" in " ".join(result.stderr.split())


WRONG_COSTS = {
    "costs.csv, line 3: labour_cost must be an amount, not '45 EUR'": "\nA,1\nB,45 EUR\n",
    "costs.csv, line 2: labour_cost must be an amount, not None": "\nA,nan\n",
    "--labour-costs: there is no user 'Nobody'": "\nNobody,1\n",
    "costs.csv, line 2: labour_cost must be an amount from zero": f"\n{PERSON},-1\n",
    "line 3: a cost on a project needs a user": ",project\n,45,\n,45,Website relaunch\n",
}


def test_what_is_wrong_with_a_file_of_costs_is_named_by_its_line(run, subtests):
    for message, text in WRONG_COSTS.items():
        with subtests.test(message):
            files = {"costs_csv": f"user,labour_cost{text}"}
            result = run("profitability", "--labour-costs", "costs.csv", **files)
            assert result.exit_code == 2, result.output
            assert message in " ".join(result.stderr.split())


def test_deadlines_of_a_file_are_those_of_python(run, ws, tmp_path):
    ahead = reports.forecast(ws)
    project = ahead.loc[ahead["remaining_hours"] > 0, "project"].iloc[0]
    deadlines = f'[[deadline]]\nproject = "{project}"\ndate = 2027-01-07\n'
    words = ["forecast", "--deadlines", "deadlines.toml"]
    result = run(*words, "--out", "made.csv", deadlines_toml=deadlines)
    assert result.exit_code == 0, result.output
    made = pd.read_csv(tmp_path / "made.csv").dropna(subset="hours_per_week_needed")
    assert made["project"].tolist() == [project]
    assert made["hours_per_week_needed"].tolist() == pytest.approx(made["remaining_hours"] / 6)
    printed = run(*words)
    assert "Hours per week needed" in " ".join(printed.stdout.split())


def test_a_number_among_the_parameters_of_a_frame_is_a_number(run, ws):
    words = ["frames", "reports.profitability", "--where", "period=2026-10"]
    result = run(*words, "--where", "labour_costs=45", "--where", "cost_currency=EUR")
    assert result.exit_code == 0, result.output
    assert "100 %" in result.stdout


def test_a_month_that_begins_today_is_said_to_be_empty(run, tmp_path):
    day = ["--today", "2026-12-01"]
    balance = run("balance", *day)
    assert balance.stdout == "Nothing is tracked on 1 December 2026.\n"
    whole = run("balance", "--every", "whole", "--user", PERSON, *day)
    assert whole.stdout == f"Nothing is tracked on 1 December 2026, user {PERSON} only.\n"

    opening = f"user,hours\n{PERSON},12\n"
    before = run("balance", "--opening", "opening.csv", *day, opening_csv=opening)
    assert "12.0" in before.stdout  # what they had before is no news of this month, but counts
    run("balance", "--out", "balance.csv", *day)
    assert len(pd.read_csv(tmp_path / "balance.csv")) > 1

    budgets = f"client,hours\n{CLIENT},400\n"
    retainer = run("retainer", "--budgets", "budgets.csv", *day, budgets_csv=budgets)
    assert "400.0" in retainer.stdout
    assert "Nothing is tracked in December 2026, so all that is available is left." in (
        retainer.stderr
    )
