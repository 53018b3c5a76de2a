"""`togglframe invoice --out`: invoices to send, from the terminal."""

import pandas as pd
import pytest
from reading_invoices import parts_of, read_invoice
from typer.testing import CliRunner

from togglframe.cli import app

CLIENT = ["--client", "Northwind Coffee Roasters"]


@pytest.fixture
def run(sandbox, monkeypatch):
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    address = ["--base-url", sandbox.base_url]
    return lambda *words: CliRunner().invoke(app, ["invoice", *words, *address])


def test_a_folder_gets_an_invoice_for_each_currency(run, tmp_path):
    address = tmp_path / "seller.txt"
    address.write_text("Studio Fischer\n8001 Zürich\n", encoding="utf-8")
    words = ["--seller", f"@{address}", "--number", "17", "--issued", "2026-11-02", "--rounding"]
    folder = tmp_path / "invoices"
    folder.mkdir()
    result = run(
        "--out", str(folder), *CLIENT, *words, "up", "--format", "html", "--paper", "Letter"
    )
    assert result.exit_code == 0, result.output
    files = sorted(folder.iterdir())
    assert [file.name for file in files] == [
        f"2026-10 Northwind Coffee Roasters {currency}.html" for currency in ("EUR", "USD")
    ]
    assert result.stdout.splitlines() == [str(file) for file in files]
    assert "request" in result.stderr
    for file in files:
        read = read_invoice(file)
        assert {"Invoice 17", "Studio Fischer", "8001 Zürich", "2 November 2026"} <= {*read.texts}
        assert "size:Letter" in parts_of(file)
        assert not read.rounding


def test_a_file_is_one_invoice_or_the_list(run, tmp_path):
    result = run("--period", "2026-W41", "--out", str(tmp_path / "one.xlsx"), "--people", *CLIENT)
    assert result.exit_code == 0, result.output
    assert read_invoice(tmp_path / "one.xlsx").texts[0] == "Invoice"
    result = run("--period", "2026-W41", "--out", str(tmp_path / "list.csv"))
    assert result.exit_code == 0, result.output
    assert "user" in pd.read_csv(tmp_path / "list.csv")


def test_a_range_without_billable_time_is_told(run, tmp_path):
    result = run("--period", "2019", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    assert result.stdout == "Nothing is billable in 2019.\n"


def test_wrong_use_costs_nothing(run, sandbox, tmp_path, subtests):
    (tmp_path / "bytes").write_bytes(b"\xff")
    out = ["--out", str(tmp_path)]
    for words, said in (
        (["--seller", "Studio"], "--seller applies to invoices: add --out"),
        (["--people", "--out", "list.csv"], "--people applies to invoices"),
        ([*out, "--user", "Anna"], "--user applies to the list alone"),
        ([*out, "--by", "project,user"], "people=True"),
        ([*out, "--paper", "A5"], "paper must be one of A4, Letter"),
        ([*out, "--note", f"@{tmp_path / 'bytes'}"], "is not a text in UTF-8"),
        ([*out, "--workspace", "1", "--workspace", "2"], "pass a single --workspace"),
    ):
        with subtests.test(said):
            result = run(*words)
            assert result.exit_code == 2, result.output
            assert said in result.stderr
    result = run("--out", str(tmp_path / "none"))
    assert (result.exit_code, "make it first" in result.stderr) == (1, True)
    assert [file.name for file in tmp_path.iterdir()] == ["bytes"]
