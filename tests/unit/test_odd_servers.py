"""Answers that the vendor never documents and a proxy, a cache or a broken server may give."""

import socket
import threading
import time
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from togglframe import (
    AccessError,
    ConfigError,
    ConnectionFailedError,
    QuotaExceededError,
    RateLimitError,
    SchemaError,
    ServerError,
    TogglframeWarning,
    Workspace,
    reports,
)

TOKEN = "0123456789abcdef0123456789abcdef"
CLIENTS = ("filters/clients", {})


class Recorder(ThreadingHTTPServer):
    """Answers as it is told, and keeps the headers of every request."""

    daemon_threads = True

    def __init__(self, answer):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.seen = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/api"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.server.seen.append((self.path, dict(self.headers)))
        status, headers, body = self.server.answer(self.headers)
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def serve():
    servers = []

    def start(status=200, headers=None, body=b"[]", answer=None):
        server = Recorder(answer or (lambda _: (status, headers or {}, body)))
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def workspace(url, **options):
    quick = {"token": TOKEN, "per_second": None, "backoff": 0.001, "cache": "memory"}
    return Workspace(1, base_url=url, **quick | options)


@contextmanager
def raw_server(answer, heard=None):
    """Answer one connection after another with these bytes, and keep what it was asked."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listening:

        def run():
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    asked = connection.recv(65536)
                    if heard is not None:
                        heard.append(asked)
                    connection.sendall(answer)

        threading.Thread(target=run, daemon=True).start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/api"


# --- conditional requests ------------------------------------------------------------------------


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_an_expired_answer_is_fetched_anew_whatever_validates_it(serve, validator, tmp_path):
    def answer(headers):
        if "If-None-Match" in headers or "If-Modified-Since" in headers:
            return 304, {}, b""
        return 200, {validator: "Mon, 02 Nov 2026 10:00:00 GMT"}, b"[]"

    with workspace(serve(answer=answer).url, cache=tmp_path / "c", expire_after=0.01) as ws:
        for _ in range(2):
            assert ws.post(*CLIENTS) == []
            time.sleep(0.02)
    assert ws.usage.requests == 2


# --- who sees the credential ---------------------------------------------------------------------


def test_no_proxy_stands_between_two_programs_of_one_machine(serve, monkeypatch):
    server, proxy = serve(), serve(body=b'["the proxy"]')
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    assert workspace(server.url).post(*CLIENTS) == []
    assert proxy.seen == []


def secrets_in(error, *, with_locals=True):
    """Find the credential in an error, in those behind it, and in the locals of their frames."""
    found, chain, seen = [], [error], set()
    while chain:
        this = chain.pop()
        if this is None or id(this) in seen:
            continue
        seen.add(id(this))
        request = getattr(this, "request", None)
        said = [str(this), repr(vars(this)), repr(getattr(request, "headers", ""))]
        said.append(repr(getattr(this, "doc", "")))
        frame = this.__traceback__ if with_locals else None
        while frame is not None:
            code = frame.tb_frame.f_code.co_filename
            if "test_odd_servers" not in code:
                said += map(repr, frame.tb_frame.f_locals.values())
            frame = frame.tb_next
        found += [text for text in said if TOKEN in text or "Basic MDEy" in text]
        chain += [this.__cause__, this.__context__]
    return found


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n[",
        b"nonsense\r\n\r\n",
        b"",
    ],
)
def test_what_is_no_http_is_a_typed_error_without_the_credential(answer):
    with raw_server(answer) as url, pytest.raises(ConnectionFailedError) as caught:
        workspace(url, max_attempts=2).post(*CLIENTS)
    assert secrets_in(caught.value) == []


def test_contradictory_headers_are_not_asked_for_again():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n[]"
    with raw_server(answer) as url:
        ws = workspace(url, max_attempts=3)
        with pytest.raises(ConnectionFailedError, match="InvalidHeader"):
            ws.post(*CLIENTS)
    assert ws.usage.requests == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [("https_proxy", "http:///nowhere"), ("REQUESTS_CA_BUNDLE", "/no/such/file.pem")],
)
def test_impossible_surroundings_are_a_typed_error(monkeypatch, variable, value):
    monkeypatch.setenv(variable, value)
    with pytest.raises(ConnectionFailedError) as caught:
        workspace("https://127.0.0.1:9/api", max_attempts=1).post(*CLIENTS)
    assert secrets_in(caught.value) == []


def test_an_echo_of_the_credential_is_in_no_message(serve):
    def echo(status, body):
        def answer(headers):
            said = {"X-Request-Id": headers["Authorization"]}
            return status, said, body(headers["Authorization"])

        return serve(answer=answer).url

    urls = {
        AccessError: echo(403, lambda _: b"x" * 280 + b" " + TOKEN.encode()),
        SchemaError: echo(200, lambda header: b"not JSON: " + header.encode()),
    }
    for kind, url in urls.items():
        with pytest.raises(kind) as caught:
            workspace(url).post(*CLIENTS)
        assert TOKEN[:12] not in str(caught.value)
        assert secrets_in(caught.value, with_locals=False) == []


# --- headers that nobody can read ----------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Fri, 31 Dec 999999999999 23:59:59 GMT",
        "9" * 5000,
        "soon",
        "-5",
        "nan",
    ],
)
def test_a_retry_after_that_makes_no_sense_is_ignored(serve, value):
    ws = workspace(serve(429, {"Retry-After": value}).url, max_attempts=2, max_wait=1)
    with pytest.raises(RateLimitError):
        ws.post(*CLIENTS)


def test_quota_headers_and_charsets_that_make_no_sense_are_ignored(serve):
    ws = workspace(serve(headers={"X-Toggl-Quota-Remaining": "9" * 5000}).url)
    assert ws.post(*CLIENTS) == []
    assert ws.usage.quota_remaining is None
    odd = {"Content-Type": "text/html; charset=idna"}
    with pytest.raises(ServerError, match="no charset"):
        workspace(serve(500, odd, b"no charset \xff").url, max_attempts=1).post(*CLIENTS)


# --- the quota -----------------------------------------------------------------------------------


def test_a_quota_whose_reset_is_not_told_is_forgotten_after_an_hour(serve, monkeypatch):
    server = serve(headers={"X-Toggl-Quota-Remaining": "0"})
    ws = workspace(server.url)
    ws.post(*CLIENTS)
    with pytest.raises(QuotaExceededError):
        reports.workspace_hours(ws)
    now = time.monotonic()
    monkeypatch.setattr("togglframe.transport.time.monotonic", lambda: now + 3601)
    assert ws.usage.quota_remaining is None
    assert len(reports.workspace_hours(ws)) == 1


def test_a_reset_that_is_due_now_is_not_waited_for_an_hour(serve, monkeypatch):
    answers = iter([(402, {"X-Toggl-Quota-Remaining": "0"}, b'"quota, reset in 0 seconds"')])
    server = serve(answer=lambda _: next(answers, (200, {}, b"[]")))
    naps = []
    monkeypatch.setattr("togglframe.transport.time.sleep", naps.append)
    with pytest.warns(TogglframeWarning, match="waiting 1 s"):
        assert workspace(server.url, on_quota="wait").post(*CLIENTS) == []
    assert naps == [1]


# --- spellings of the address --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spell", "path"),
    [
        (lambda url: url, "/api"),
        (lambda url: f" {url}/ ", "/api"),
        (lambda url: url.replace("http", "HTTP").replace("127.0.0.1", "LOCALHOST"), "/api"),
        (lambda url: url.replace("/api", "/a/../api"), "/api"),
        (lambda url: url.replace("/api", "/%7Eapi"), "/~api"),
        (lambda url: url.replace("/api", "/a b/é"), "/a%20b/%C3%A9"),
    ],
)
def test_an_address_may_be_spelt_in_any_way(serve, spell, path):
    server = serve()
    with workspace(spell(server.url)) as ws:
        assert ws.post(*CLIENTS) == ws.post(*CLIENTS) == []
        assert ws.usage.cache_hits == 1
        server.answer = lambda _: (402, {"X-Toggl-Quota-Remaining": "0"}, b'"hourly limit"')
        with ws.refresh(), pytest.warns(TogglframeWarning, match="out of date|the answer of"):
            assert ws.post(*CLIENTS) == []  # the old answer is found
        ws.clear_cache()
        with pytest.raises(QuotaExceededError):
            ws.post(*CLIENTS)
    assert server.seen[0][0] == f"{path}/workspace/1/filters/clients"
    assert server.seen[0][1]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("end", ["?x=1", "#f"])
def test_an_address_ends_with_its_path(end):
    with pytest.raises(ConfigError, match=r"without \? and #"):
        workspace(f"https://example.org/api{end}")


def test_an_address_holds_no_password_and_shows_none():
    with pytest.raises(ConfigError) as caught:
        workspace("https://somebody:letmein@example.org/api")
    assert "letmein" not in str(caught.value)


def test_an_impossible_host_is_named():
    with pytest.raises(ConnectionFailedError, match=r"a\.\.b"):
        workspace("https://a..b.invalid").post(*CLIENTS)


def test_a_path_never_leads_out_of_the_api(serve):
    server = serve()
    for path in (
        "../../../../elsewhere",
        "%2e%2e/2/filters/clients",
        "filters/./clients",
        "..?x=1",
    ):
        with pytest.raises(ConfigError, match=r"must not hold \. or"):
            workspace(server.url).post(path, {})
    assert server.seen == []
    assert workspace(server.url).post("filters/clients?next=a/../b", {}) == []


def test_a_host_alone_is_an_address():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
    lines = []
    with raw_server(answer, lines) as url:
        assert workspace(url.removesuffix("/api")).post(*CLIENTS) == []
    assert lines[0].startswith(b"POST /workspace/1/filters/clients ")


def test_what_the_caller_was_handling_stays_as_it_was():
    frames = None
    try:
        int("of the caller")
    except ValueError as mine:
        with raw_server(b"") as url, pytest.raises(ConnectionFailedError):
            workspace(url, max_attempts=2).post(*CLIENTS)
        frames = mine.__traceback__
    assert frames is not None


def test_a_credential_of_few_digits_spoils_no_header(serve):
    headers = {"X-Toggl-Quota-Remaining": "13", "X-Toggl-Quota-Resets-In": "3600"}
    ws = workspace(serve(headers=headers).url, token="3")
    ws.post(*CLIENTS)
    assert (ws.usage.quota_remaining, ws.usage.quota_resets_in) == (13, 3600)
