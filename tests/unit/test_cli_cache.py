"""The cache and the quota, as a user of the command line meets them."""

import re

import pytest
from cli_cases import commands_to, runner

from togglframe.cli import app


@pytest.fixture
def make_sandbox(make_sandbox):
    """Start sandboxes of a few projects."""
    return lambda scale=19, **options: make_sandbox(scale, **options)


@pytest.fixture
def run(sandbox, monkeypatch):
    return commands_to(sandbox, monkeypatch)


def test_quota_costs_one_request(run, sandbox):
    for _ in range(2):
        result = run("quota")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("999,998 requests left, the quota resets in 60 min")
    assert len(sandbox.requests) == 2


def test_a_used_up_quota_is_what_quota_tells(run, sandbox):
    run("quota")
    sandbox.use_up_quota(resets_in=900)
    result = run("quota")
    assert (result.exit_code, result.stderr) == (3, "")
    assert result.stdout.startswith("0 requests left, the quota resets in 15 min")


def test_cache_is_shown_and_cleared(run, sandbox):
    run("frames", "filters.clients")
    shown = runner.invoke(app, ["cache", "show"])
    assert f"{sandbox.workspace_id}/filters/clients" in shown.stdout
    assert ": 2 answers" in shown.stdout
    elsewhere = runner.invoke(app, ["cache", "clear", "--workspace", "1"])
    assert elsewhere.stdout == "0 answers deleted\n"
    assert runner.invoke(app, ["cache", "clear"]).stdout == "2 answers deleted\n"
    assert ": 0 answers" in runner.invoke(app, ["cache", "show"]).stdout


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


def test_a_second_report_is_served_from_the_cache_and_refresh_fetches_again(run, sandbox, tmp_path):
    for _ in range(2):
        result = run("report", "--out", str(tmp_path), "--format", "csv")
    assert "0 requests, 3 answers from the cache" in result.stderr
    before = len(sandbox.requests)
    run("report", "--out", str(tmp_path), "--format", "csv", "--refresh")
    assert len(sandbox.requests) == before + 3


@pytest.mark.parametrize(
    "words",
    [
        ["report", "--format", "csv", "--out", "{out}"],
        ["frames", "reports.project_audit"],
        pytest.param(["report", "--out", "{out}"], marks=pytest.mark.nightly),  # slow: all files
    ],
)
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
