"""Numbers of 0.2 that were wrong, each as the user met it."""

import pytest
from export_data import read_workbook
from typer.testing import CliRunner

from togglframe import ConfigError, export, joins, reports
from togglframe.cli import app

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
