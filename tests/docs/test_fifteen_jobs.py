"""The page of fifteen jobs: each is short, runs, and leaves what it says; so do its commands."""

import re
from pathlib import Path

import pandas as pd
import pytest
from cli_cases import lines_to
from export_data import read_workbook

PAGE = Path(__file__).parents[2] / "docs" / "guides" / "fifteen-jobs.md"
MOST_LINES = 8


def blocks(text, language):
    found = re.findall(rf"^```{re.escape(language)}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [block.strip() for block in found]


def jobs():
    """Return the text of each job by its number; 0 is what stands before them."""
    start, *others = re.split(r"^## (\d+)\. ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {0: start} | {int(n): text for n, text in zip(others[::2], others[1::2], strict=True)}


JOBS = jobs()


def test_every_job_takes_at_most_eight_lines():
    lines = {
        number: sum(len(cell.splitlines()) for cell in blocks(text, "python"))
        for number, text in JOBS.items()
    }
    assert [*lines] == [*range(16)]
    assert {number: n for number, n in lines.items() if not 1 <= n <= MOST_LINES} == {}


@pytest.mark.nightly
def test_every_job_runs_and_leaves_its_files(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(PAGE.parents[1])  # as the build of the docs does
    names: dict[str, object] = {}
    for text in JOBS.values():
        for cell in blocks(text, "python"):
            exec(cell, names)
    files = {path.name for path in tmp_path.iterdir()}
    assert files >= {"hours.csv", "hours.xlsx", "at-risk.png", "margins.xlsx", "both.xlsx"}
    assert files >= {"both.html", "northwind.html", "clients.svg"}
    assert files >= {"portfolio-2026-11-26.xlsx", "portfolio-2026-11-26.html"}
    assert len(names["changes"]) > 0
    assert names["clients"]
    assert "2026-10 Northwind Coffee Roasters EUR.xlsx" in files
    of_people = [pd.read_csv(path) for path in tmp_path.glob("*@*.csv")]
    assert len(of_people) > 10
    assert all(len({*rows["email"]}) == 1 for rows in of_people)
    assert sum(map(len, of_people)) == len(names["to_fix"]) - names["to_fix"]["email"].isna().sum()
    entries = pd.read_parquet("entries.parquet")
    for name in ("projects", "clients", "users", "tasks"):
        ids = pd.read_parquet(f"{name}.parquet")["id"]
        assert ids.is_unique
        assert entries[f"{name[:-1]}_id"].dropna().isin(ids).all()


COMMANDS = [
    line for text in JOBS.values() for block in blocks(text, "sh") for line in block.splitlines()
]


@pytest.mark.nightly
def test_every_command_of_the_jobs_runs(make_sandbox, monkeypatch, tmp_path, subtests):
    monkeypatch.chdir(tmp_path)
    run = lines_to(make_sandbox(60), monkeypatch)
    (tmp_path / "costs.csv").write_text("user,labour_cost\n,45\n", encoding="utf-8")
    assert len(COMMANDS) >= 12
    for line in COMMANDS:
        with subtests.test(line):
            result = run(line)
            assert result.exit_code == 0, result.output
            assert result.output or "sync" in line
    assert read_workbook(tmp_path / "hours.xlsx").sheetnames
