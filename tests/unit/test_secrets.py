"""The demo and a report, every logger at DEBUG: the credential is in nothing that they leave."""

import base64
import io
import json
import logging
import sqlite3
import warnings
import zipfile
from contextlib import closing
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from togglframe import filters, reports
from togglframe.cli import app
from togglframe.sandbox import Fault
from togglframe.sandbox.server import TOKEN

TALKATIVE = ("", "togglframe", "urllib3", "requests_cache", "matplotlib", "PIL", "fontTools")


def forms_of(secret):
    """The secret as it could be written: plain, and in base64 wherever it may begin."""
    forms = {secret, secret.encode().hex(), secret[::-1]}
    for before in ("", "x", "xx"):
        encoded = base64.b64encode((before + secret).encode()).decode()
        forms.add(encoded[4 if before else 0 : -4])
    return [form.encode() for form in forms]


def texts_of(path):
    """The bytes of a file, and what is packed in it."""
    content = path.read_bytes()
    yield content
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            yield from map(book.read, book.namelist())
    if path.suffix == ".sqlite":
        with closing(sqlite3.connect(path)) as file:
            rows = [bytes(row) for (row,) in file.execute("SELECT value FROM responses")]
        assert rows
        for row in rows:
            answer = json.loads(row[16:])
            yield base64.b64decode(answer["_content"])


@pytest.fixture
def everything_said(caplog):
    """Turn every logger on, and return what they said, as bytes."""
    for name in TALKATIVE:
        caplog.set_level(logging.DEBUG, logger=name)

    def said():
        lines = [f"{r.name} {r.getMessage()} {r.exc_info} {vars(r)}" for r in caplog.records]
        return "\n".join(lines).encode()

    return said


def run(*arguments):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        result = CliRunner().invoke(app, list(arguments))
    return result, [result.output, result.stderr, repr(result.exception), *map(str, caught)]


def search(tmp_path, secret, texts):
    forms = forms_of(secret)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    for path in files:
        for text in texts_of(path):
            assert not [form for form in forms if form in text], path
    for text in texts:
        assert not [form for form in forms if form in text]
    return files


def test_the_demo_leaves_no_credential(tmp_path, everything_said):
    result, texts = run("demo", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    said = everything_said()
    assert b"requests_cache" in said
    assert b"urllib3" in said
    files = search(tmp_path, TOKEN, [said, *(text.encode() for text in texts)])
    assert {path.suffix for path in files} >= {".png", ".xlsx", ".csv", ".json"}


def test_a_report_and_its_errors_leave_no_credential(
    make_sandbox, tmp_path, monkeypatch, everything_said
):
    secret = "f00d" * 4 + "beef" * 4
    sandbox = make_sandbox(token=secret)
    monkeypatch.setenv("TOGGL_API_TOKEN", secret)
    monkeypatch.setattr("togglframe.transport.time.sleep", lambda _: None)
    where = ("--workspace", str(sandbox.workspace_id), "--base-url", sandbox.base_url)
    texts = []
    calls = [
        ("report", "--out", str(tmp_path / "out"), *where),
        ("report", "--out", str(tmp_path / "again"), "--refresh", *where),
        ("frames", "reports.rate_card", "--out", str(tmp_path / "rates.xlsx"), *where),
        ("quota", *where),
        ("cache", "show"),
    ]
    for call in calls:
        result, said = run(*call)
        assert result.exit_code == 0, result.output
        texts += said
    faults = [Fault("status", status=status, times=5) for status in (400, 402, 403, 500)]
    echo = Fault("status", status=400, body=json.dumps(f"who is {secret}?"))
    kept = replace(echo, status=402, body=json.dumps(f"not in the plan of {secret}"))
    for fault in (*faults, echo, kept, Fault("cut", times=5), Fault("html")):
        sandbox.inject(fault)
        result, said = run("frames", "filters.users", "--refresh", "--debug", *where)
        assert result.exit_code != 0
        texts += said
        sandbox.clear_faults()
    files = search(tmp_path, secret, [everything_said(), *(text.encode() for text in texts)])
    assert any(path.suffix == ".sqlite" for path in files)


def test_what_is_searched_for_would_be_found(tmp_path):
    secret = "0123456789abcdef"
    pair = base64.b64encode(f"{secret}:api_token".encode())
    for hidden in (secret.encode(), pair, base64.b64encode(b"Authorization: " + secret.encode())):
        (tmp_path / "file").write_bytes(b"before " + hidden + b" after")
        with pytest.raises(AssertionError):
            search(tmp_path, secret, [])


def test_frames_carry_no_credential(sandbox, make_workspace):
    ws = make_workspace(sandbox)
    for frame in (filters.projects(ws), reports.project_budget(ws)):
        assert sandbox.token not in json.dumps(frame.attrs)
