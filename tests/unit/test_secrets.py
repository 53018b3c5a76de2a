"""The demo and a report, every logger at DEBUG: the credential is in nothing that they leave."""

import base64
import io
import json
import logging
import sqlite3
import traceback
import warnings
import zipfile
from collections import deque
from contextlib import closing
from dataclasses import replace
from types import FunctionType, ModuleType, SimpleNamespace

import pytest
from servers import http, raw_server
from typer.testing import CliRunner
from vendor import Fault

from togglframe import ConfigError, TogglframeError, Workspace, reports
from togglframe.api import filters
from togglframe.cli import app
from togglframe.errors import PremiumFeatureError
from togglframe.http.client import client_of
from togglframe.http.credential import Credential
from togglframe.sandbox.server import TOKEN


@pytest.fixture
def make_sandbox(make_sandbox):
    """Start sandboxes of a few projects."""
    return lambda scale=6, **options: make_sandbox(scale, **options)


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
            rows = [row for (row,) in file.execute("SELECT value FROM responses")]
        assert rows
        for row in rows:
            yield base64.b64decode(json.loads(row)["_content"])


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


@pytest.mark.nightly
def test_the_demo_leaves_no_credential(tmp_path, everything_said):
    result, texts = run("demo", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    said = everything_said()
    assert b"urllib3" in said
    files = search(tmp_path, TOKEN, [said, *(text.encode() for text in texts)])
    assert {path.suffix for path in files} >= {".png", ".xlsx", ".csv"}


@pytest.fixture(autouse=True)
def _a_cache_that_is_searched(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user-cache"))


def test_a_report_and_its_errors_leave_no_credential(
    make_sandbox, tmp_path, monkeypatch, everything_said
):
    # Slow: workbooks are written and searched, and each error is met.
    secret = "f00d" * 4 + "beef" * 4
    sandbox = make_sandbox(token=secret)
    monkeypatch.setenv("TOGGL_API_TOKEN", secret)
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    where = ("--workspace", str(sandbox.workspace_id), "--base-url", sandbox.base_url)
    texts = []
    calls = [
        ("report", "--out", str(tmp_path / "out"), "--format", "csv,xlsx", *where),
        ("report", "--out", str(tmp_path / "again"), "--format", "csv", "--refresh", *where),
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
    for fault in (*faults, echo, kept, Fault("cut", times=5), Fault("html", times=5)):
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


# --- what a server echoes -----------------------------------------------------------------------

COOKIE = "c00k1e" * 4
SECRET = "0123456789abcdef" * 2


def pair_of(secret):
    return base64.b64encode(f"{secret}:api_token".encode()).decode()


@pytest.mark.parametrize("status", ["200", "402"])
def test_no_cookie_and_no_echo_is_in_the_cache(tmp_path, everything_said, status):
    answer = http(
        b'["Tasks are a premium feature"]',
        f"Set-Cookie: session={COOKIE}; Path=/",
        f"Set-Cookie: {SECRET}={COOKIE}",
        f"X-Echo-{SECRET}: 1",
        f"X-Echo: {pair_of(SECRET)}",
        f"X-Request-Id: {SECRET}",
        f"Location: /{SECRET}",
        f"this is no header but {SECRET}",
        status=f"{status} hello {SECRET}",
    )
    file = tmp_path / "answers.sqlite"
    with raw_server(answer) as url:
        ws = Workspace(1, token=SECRET, base_url=url, cache=file, per_second=None)
        texts = []
        for _ in range(2):
            try:
                ws.post("filters/tasks", {})
            except PremiumFeatureError as error:
                texts += [repr(error), str(error), str(vars(error))]
        assert ws.usage.requests == 1
        session = client_of(ws)._session
        stored = [str(vars(answer)) for answer in session.cache.answers()]
        assert len(stored) == 1
        assert len(session.cookies) == 0
        ws.close()
    for form in (SECRET, pair_of(SECRET), COOKIE):
        assert form.encode() not in file.read_bytes()
        assert form not in str([*texts, *stored])
        assert form.encode() not in everything_said()


# --- what an error holds ------------------------------------------------------------------------


def inside(value, seen):
    """Yield what can be read off a value, its attributes and its items, as text."""
    if id(value) in seen or isinstance(value, (type, FunctionType, ModuleType, Credential)):
        return
    seen[id(value)] = value  # held, so that no other takes the id
    if isinstance(value, str | bytes | bytearray):
        yield bytes(value).decode("latin-1") if not isinstance(value, str) else value
        return
    yield repr(value)
    parts = [*getattr(value, "__dict__", {}).values()]
    if isinstance(value, BaseException):
        parts += [*value.args, str(value), value.__cause__, value.__context__]
    if isinstance(value, dict):
        parts += [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset | deque):
        parts += value
    for part in parts:
        yield from inside(part, seen)


def check_that_it_holds_no_secret(error, secret=SECRET):
    """Search an error and those behind it: their messages, arguments and attributes."""
    texts = [*inside(error, {}), *traceback.format_exception(error)]
    assert not [text for text in texts if secret in text or pair_of(secret) in text]


@pytest.mark.parametrize(
    "fault",
    [
        *(
            Fault("status", status=status, times=9)
            for status in (400, 401, 402, 403, 410, 429, 500)
        ),
        *(Fault(kind, times=9) for kind in ("reset", "reset_during", "cut", "truncated", "html")),
        Fault("wrong_shape"),
        Fault("status", status=400, body=json.dumps(f"who is {SECRET}?")),
    ],
    ids=str,
)
def test_a_typed_error_holds_no_credential(make_sandbox, make_workspace, fault):
    sandbox = make_sandbox(token=SECRET)
    sandbox.inject(fault)
    with pytest.raises(TogglframeError) as caught:
        filters.clients(make_workspace(sandbox, max_attempts=2))
    check_that_it_holds_no_secret(caught.value)


def test_an_error_of_the_network_holds_no_credential(make_sandbox, make_workspace):
    sandbox = make_sandbox(token=SECRET)
    ws = make_workspace(sandbox)
    sandbox.stop()
    with pytest.raises(TogglframeError) as caught:
        filters.clients(ws)
    check_that_it_holds_no_secret(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"base_url": "ftp://example.org"},
        {"base_url": "https://["},
        {"timeout": -1},
        {"workspace_id": 0},
        {"on_quota": "panic"},
        {"email": "somebody@example.org"},
        {"email": "somebody@example.org", "password": SECRET},
        {"token": SECRET + "\udc80"},
        {"token": None, "email": "somebody@example.org", "password": f"{SECRET}\udc80"},
    ],
    ids=str,
)
def test_an_error_of_an_impossible_workspace_holds_no_credential(options):
    with pytest.raises(ConfigError) as caught:
        Workspace(**{"workspace_id": 1, "token": SECRET, **options})
    check_that_it_holds_no_secret(caught.value)


def test_what_an_error_is_searched_for_would_be_found():
    hidden = KeyError({"in": [SimpleNamespace(a=(SECRET.encode(),))]})
    error = RuntimeError()
    error.__cause__ = hidden
    for one in (hidden, error):
        with pytest.raises(AssertionError):
            check_that_it_holds_no_secret(one)
