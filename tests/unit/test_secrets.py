"""The demo and a report, every logger at DEBUG: the credential is in nothing that they leave."""

import base64
import io
import json
import logging
import pkgutil
import sqlite3
import threading
import traceback
import warnings
import zipfile
from collections import deque
from contextlib import closing
from dataclasses import replace
from itertools import cycle, product
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


@pytest.mark.nightly
def test_the_demo_leaves_no_credential(tmp_path, everything_said):
    result, texts = run("demo", "--out", str(tmp_path / "out"))
    assert result.exit_code == 0, result.output
    said = everything_said()
    assert b"urllib3" in said
    files = search(tmp_path, TOKEN, [said, *(text.encode() for text in texts)])
    assert {path.suffix for path in files} >= {".png", ".xlsx", ".csv", ".json"}


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
        transport = client_of(ws)._transport
        stored = [str(vars(answer)) for answer in transport._cache.answers().values()]
        assert len(transport._session.cookies) == 0
        ws.close()
    for form in (SECRET, pair_of(SECRET), COOKIE):
        assert form.encode() not in file.read_bytes()
        assert form not in str([*texts, *stored])
        assert form.encode() not in everything_said()


# --- what a traceback holds ---------------------------------------------------------------------


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
    if isinstance(value, dict):
        parts += [*value.keys(), *value.values()]
    elif isinstance(value, list | tuple | set | frozenset | deque):
        parts += value
    for part in parts:
        yield from inside(part, seen)


def held_by(error):
    """Yield what an error, those behind it, and the locals of all their frames hold."""
    seen = {}
    behind = [error]
    while behind:
        this = behind.pop()
        if this is None or id(this) in seen:
            continue
        yield from inside(this, seen)
        for frame, _ in traceback.walk_tb(this.__traceback__):
            if frame.f_code.co_filename != __file__:
                for value in frame.f_locals.values():
                    yield from inside(value, seen)
        behind += [this.__cause__, this.__context__]


def check_that_it_holds_no_secret(error, secret=SECRET):
    found = [text for text in held_by(error) if secret in text or pair_of(secret) in text]
    assert not found


MOMENTS = [
    "urllib3.util.connection.create_connection",
    "http.client.HTTPConnection.putheader",
    "http.client.HTTPConnection.endheaders",
    "http.client.HTTPConnection.send",
    "http.client.HTTPResponse.begin",
    "http.client.HTTPResponse.read",
    "togglframe.clock.monotonic",
    "togglframe.clock.sleep",
    "togglframe.http.responses.parsed",
    "togglframe.http.cache.Cache.keep",
]


ERRORS = [KeyboardInterrupt, SystemExit, MemoryError]
# By day each moment with one of the errors, by night with all.
BY_DAY = list(zip(MOMENTS, cycle(ERRORS), strict=False))
BY_NIGHT = [pair for pair in product(MOMENTS, ERRORS) if pair not in BY_DAY]


@pytest.mark.parametrize(
    ("moment", "error"),
    [*BY_DAY, *(pytest.param(*pair, marks=pytest.mark.nightly) for pair in BY_NIGHT)],
)
def test_an_interrupt_leaves_no_credential_in_the_traceback(
    make_sandbox, make_workspace, monkeypatch, moment, error
):
    sandbox = make_sandbox(token=SECRET)
    sandbox.inject(Fault("status", status=500))
    ws = make_workspace(sandbox, cache="memory", per_second=1000)

    def interrupt(*args, **kwargs):
        if threading.current_thread() is threading.main_thread():
            raise error
        return real(*args, **kwargs)

    name, _, attribute = moment.rpartition(".")
    owner = pkgutil.resolve_name(name)
    real = getattr(owner, attribute)
    if moment == "togglframe.http.responses.parsed":
        owner = pkgutil.resolve_name("togglframe.http.sending")
    monkeypatch.setattr(owner, attribute, interrupt)
    with pytest.raises(error) as caught:
        filters.clients(ws)
    check_that_it_holds_no_secret(caught.value)


@pytest.mark.parametrize(
    "fault",
    [
        *(
            Fault("status", status=status, times=9)
            for status in (400, 401, 402, 403, 410, 429, 500)
        ),
        *(Fault(kind, times=9) for kind in ("reset", "reset_during", "cut", "truncated")),
        *(Fault(kind) for kind in ("html", "wrong_shape")),
        Fault("status", status=400, body=json.dumps(f"who is {SECRET}?")),
    ],
    ids=str,
)
def test_a_typed_error_leaves_no_credential_in_the_traceback(make_sandbox, make_workspace, fault):
    sandbox = make_sandbox(token=SECRET)
    sandbox.inject(fault)
    with pytest.raises(TogglframeError) as caught:
        filters.clients(make_workspace(sandbox, max_attempts=2))
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
def test_a_workspace_that_cannot_be_made_leaves_no_credential_in_the_traceback(options):
    with pytest.raises(ConfigError) as caught:
        Workspace(**{"workspace_id": 1, "token": SECRET, **options})
    check_that_it_holds_no_secret(caught.value)


def test_what_a_traceback_is_searched_for_would_be_found():
    def call(text):
        held = {"in": [SimpleNamespace(a=(text.encode(),))]}
        raise RuntimeError(len(held))

    lost = {}
    exec(compile("def run(f, x):\n    f(x)", "elsewhere.py", "exec"), lost)
    with pytest.raises(RuntimeError) as caught:
        lost["run"](call, f"Basic {pair_of(SECRET)}")
    with pytest.raises(AssertionError):
        check_that_it_holds_no_secret(caught.value)
