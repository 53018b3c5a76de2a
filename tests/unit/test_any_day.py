"""The demo on any day: its last entry is of the day before, and what counts from today agrees."""

import datetime as dt
import re

import pandas as pd
import pytest
from days import ANY_DAYS, BEGINNINGS, TODAY
from typer.testing import CliRunner

import togglframe as tf
from togglframe import Archive, ConfigError
from togglframe.cli import app
from togglframe.text.periods import periods_of, range_in_words

DAY = dt.timedelta(1)
runner = CliRunner()


@pytest.fixture(params=ANY_DAYS, ids=str)
def today(request):
    return request.param


@pytest.fixture
def ws(today):
    with tf.demo(scale=6, today=today) as ws:
        yield ws


@pytest.fixture
def run(today, make_sandbox, monkeypatch):
    """Run a command against a sandbox of the day, which only --today tells."""
    sandbox = make_sandbox(6, today=today)
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)

    def call(*words):
        words = (*words, "--base-url", sandbox.base_url, "--today", str(today))
        return runner.invoke(app, words, catch_exceptions=False)

    return call


def test_the_last_entry_is_of_the_day_before(ws, today):
    month = {"start_date": today - 31 * DAY, "end_date": today}
    entries = tf.reports.time_entries(ws, **month)
    assert entries["date"].max() == pd.Timestamp(today - DAY)
    assert "future" not in set(tf.reports.entry_audit(ws, **month)["check"])


def test_no_full_week_of_the_last_eight_is_empty(ws, today):
    monday = today - dt.timedelta(today.weekday())
    range_ = {"start_date": monday - 56 * DAY, "end_date": monday - DAY}
    weeks = tf.reports.hours(ws, **range_, by=[], every="week")
    assert len(weeks) == 8
    assert (weeks["tracked_hours"] > 0).all()


def test_a_week_that_has_begun_is_no_whole_week_of_a_report(ws, today):
    monday = today - dt.timedelta(today.weekday())
    range_ = {"start_date": monday - 14 * DAY, "end_date": monday + 6 * DAY}
    weeks = tf.reports.hours(ws, **range_, by=[], every="week")
    assert weeks.attrs["togglframe"]["today"] == str(today)
    whole = [pd.Timestamp(monday - 14 * DAY), pd.Timestamp(monday - 7 * DAY)]
    assert periods_of(weeks).whole.tolist() == whole
    entries = tf.reports.time_entries(ws, **range_)
    given = tf.reports.hours(entries, **range_, by=[], every="week")
    assert "today" not in given.attrs["togglframe"]  # frames are of the day of fetching


def test_a_forecast_and_a_burn_count_from_the_day_of_their_source(ws, today):
    ahead = tf.reports.forecast(ws)
    assert ahead.attrs["togglframe"]["as_of"] == str(today)
    assert ahead["finish"].dropna().gt(pd.Timestamp(today)).all()
    weeks = tf.reports.burn(ws, start_date=today - 7 * DAY, end_date=today)
    ends = weeks.dropna(subset="project_id").groupby("project_id")["cumulative_hours"].last()
    budget = tf.reports.project_budget(ws).set_index("project_id")["tracked_hours"]
    pd.testing.assert_series_equal(ends, budget.reindex(ends.index), check_names=False)


def test_an_archive_counts_from_the_day_of_its_workspace_unless_it_has_its_own(ws, today, tmp_path):
    archive = Archive(tmp_path / "toggl", today=today)
    done = archive.sync(ws, start_date=today - 70 * DAY)
    assert done["month"].iloc[-1] == f"{today:%Y-%m}"
    archive.snapshot(ws)
    assert archive.history()["as_of"].eq(pd.Timestamp(today)).all()
    assert tf.reports.forecast(archive).attrs["togglframe"]["as_of"] == str(today)
    assert Archive(tmp_path / "toggl").today == TODAY
    for wrong in ("yesterday", "0001-01-01"):
        with pytest.raises(ConfigError, match="today must be a day"):
            Archive(tmp_path / "toggl", today=wrong)
    with pytest.raises(ConfigError, match="today must be a day from 2000-01-01"):
        tf.demo(today="0001-01-01")


@pytest.mark.parametrize("command", ["hours", "timesheet", "invoice", "forecast"])
def test_a_command_answers_on_the_first_day_of_a_period_too(run, today, command):
    result = run(command)
    assert result.exit_code == 0
    said = result.stdout.strip()
    has_begun = (command == "hours" and today.day == 1) or (
        command == "timesheet" and today.weekday() == 0
    )
    if has_begun:
        assert said == f"Nothing is tracked on {range_in_words(today, today)}."
    else:
        assert len(said.splitlines()) > 1
        assert "No rows" not in said


@pytest.mark.nightly
def test_a_report_of_a_period_that_begins_today_says_that_nothing_is_tracked_yet(
    run, today, tmp_path
):
    words = ["--out", str(tmp_path), "--format", "xlsx,html,png"]
    result = run("report", *words, "--from", str(today), "--to", str(today))
    assert result.exit_code == 0
    page = re.sub("<[^>]*>", "", (tmp_path / "portfolio.html").read_text(encoding="utf-8"))
    assert page.count(f"Nothing is tracked on {range_in_words(today, today)}") == 1


@pytest.mark.nightly
def test_the_slide_shows_weeks_in_which_somebody_worked(ws, tmp_path):
    slide = tf.export.to_slide(ws, tmp_path / "slide.svg").read_text(encoding="utf-8")
    assert "Nothing" not in slide
    assert " h a week" in slide


def test_the_beginnings_are_what_they_say():
    assert {(day.day == 1, day.weekday() == 0) for day in BEGINNINGS} >= {(True, True)}
    assert dt.date(2028, 2, 29) in BEGINNINGS
    assert any((day.month, day.day) == (1, 1) for day in BEGINNINGS)
