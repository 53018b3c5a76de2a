"""Numbers of 0.2 that were wrong, each as the user met it."""

import pytest
from export_data import read_workbook
from joins_data import frame
from typer.testing import CliRunner

from togglframe import ConfigError, export, joins, reports, tables
from togglframe.cli import app
from togglframe.words import findings
from togglframe.words.figures import key_figures

WEEK = {"period": "2026-W43"}


@pytest.fixture
def run(sandbox, monkeypatch):
    """Run a command against the sandbox."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    return lambda *words: CliRunner().invoke(app, [*words, "--base-url", sandbox.base_url])


# --- the rounding of invoice lines ---------------------------------------------------------------


@pytest.mark.parametrize("minutes", [15, 10, 0])
def test_minutes_to_round_to_without_a_rounding_are_refused(minutes, ws, sandbox, tmp_path):
    words = f"rounding_minutes={minutes} has no effect without rounding"
    with pytest.raises(ConfigError, match=words):
        reports.invoice_lines(ws, **WEEK, rounding_minutes=minutes)
    options = {"Invoice": {"rounding_minutes": minutes}}
    with pytest.raises(ConfigError, match=words):
        export.to_excel(ws, tmp_path / "f.xlsx", **WEEK, sheets="Invoice", options=options)
    assert sandbox.requests == []


def test_joins_and_the_command_line_refuse_minutes_without_a_rounding_too(listings, run, sandbox):
    entries = reports.time_entries(listings, **WEEK)
    with pytest.raises(ConfigError, match="rounding_minutes=15 has no effect without rounding"):
        joins.invoice_lines(entries, listings.projects, rounding_minutes=15)
    result = run("invoice", "--period", "2026-W43", "--rounding-minutes", "15")
    assert result.exit_code == 2, result.output
    assert "rounding_minutes=15 has no effect without rounding" in result.stderr
    assert sandbox.requests == []


def test_none_is_the_one_word_for_no_rounding_and_a_quarter_of_an_hour_the_default(listings):
    exact = reports.invoice_lines(listings, **WEEK, rounding=None)
    assert exact.equals(reports.invoice_lines(listings, **WEEK))
    assert exact["billed_hours"].equals(exact["tracked_hours"])
    up = reports.invoice_lines(listings, **WEEK, rounding="up")
    assert up.equals(reports.invoice_lines(listings, **WEEK, rounding="up", rounding_minutes=15))
    with pytest.raises(ConfigError, match="or None for no rounding, not 'none'"):
        reports.invoice_lines(listings, **WEEK, rounding="none")


def test_the_invoice_sheet_and_command_without_a_rounding_say_hours_as_tracked(
    listings, run, tmp_path
):
    path = export.to_excel(listings, tmp_path / "f.xlsx", **WEEK, sheets="Invoice")
    assert read_workbook(path)["Invoice"]["A1"].value.endswith(
        "Hours as tracked, amounts as in Toggl Track."
    )
    options = {"Invoice": {"rounding": "up"}}
    path = export.to_excel(listings, tmp_path / "f.xlsx", **WEEK, sheets="Invoice", options=options)
    assert "rounded up to 15 minutes" in read_workbook(path)["Invoice"]["A1"].value
    assert run("invoice", "--period", "2026-W43", "--rounding", "up").exit_code == 0


# --- at risk means that something can still be done ----------------------------------------------


def near_the_estimate(budget):
    return budget[budget["progress"].between(0.8, 1)]


def test_an_archived_project_below_its_estimate_is_on_track_and_an_active_one_at_risk(listings):
    near = near_the_estimate(reports.project_budget(listings))
    states = near.groupby("active")["budget_state"].agg(set)
    assert states.to_dict() == {True: {"at_risk"}, False: {"on_track"}}


def test_every_count_of_projects_at_risk_leaves_archived_ones_out(listings):
    budget = reports.project_budget(listings)
    at_risk = int(near_the_estimate(budget)["active"].sum())
    for report in (reports.client_summary, reports.client_hours):
        assert report(listings)["n_at_risk"].sum() == at_risk
    (figure,) = (one for one in key_figures(budget, 0.8) if one.name == "At risk")
    assert figure == (f"{at_risk}", "At risk", "active, 80 % to 100 %")


def test_a_project_whose_state_is_unknown_counts_as_active():
    hours = {"tracked_time": 9 * 3600, "estimated_time": 10 * 3600}
    statuses = frame(tables.PROJECT_STATUSES, *({"id": number, **hours} for number in (1, 2, 3)))
    projects = frame(tables.PROJECTS, {"id": 1, "active": False}, {"id": 2})
    budget = joins.project_budget(projects, statuses)  # project 3 has only a status
    assert budget.set_index("project_id")["budget_state"].to_dict() == {
        1: "on_track",
        2: "at_risk",
        3: "at_risk",
    }
    assert findings.at_risk(budget[:1], 0.8) == "No active project has used 80 % to 100 %."


def test_the_command_line_reports_active_projects_at_risk_alone(run, ws, tmp_path):
    near = near_the_estimate(reports.project_budget(ws))
    result = run("report", "--state", "at_risk", "--format", "csv", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    found = export.read_csv(tmp_path / "portfolio.csv")
    assert set(found["project_id"]) == set(near.loc[near["active"], "project_id"])
