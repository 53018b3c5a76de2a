"""Answers that the vendor never documents and a proxy, a cache or a broken server may give."""

import gzip
import math
import pickle
import socket
import threading
import tracemalloc
import zlib
from weakref import WeakKeyDictionary

import orjson
import pytest
from pairing import paired
from servers import Recorder, http, raw_server

from togglframe import ConfigError, QuotaExceededError, TogglframeWarning, Workspace, reports
from togglframe.api import filters
from togglframe.errors import (
    AccessError,
    ApiError,
    ConnectionFailedError,
    RateLimitError,
    SchemaError,
    ServerError,
)
from togglframe.http import send
from togglframe.http.client import client_of

TOKEN = "0123456789abcdef0123456789abcdef"
CLIENTS = ("filters/clients", {})


@pytest.fixture
def serve():
    servers = []

    def start(status=200, headers=None, body=b"[]", answer=None):
        server = Recorder(answer or (lambda _: (status, headers or {}, body)))
        serve = {"poll_interval": 0.01}
        threading.Thread(target=server.serve_forever, kwargs=serve, daemon=True).start()
        servers.append(server)
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def workspace(url, **options):
    quick = {"token": TOKEN, "per_second": None, "backoff": 0.001, "cache": "memory"}
    return Workspace(1, base_url=url, **quick | options)


# --- answers that were cut ----------------------------------------------------------------------

ROWS = [
    {"id": n, "name": f"Zoë € \U0001f600 {n}", "rate": -1.5e-7, "ok": [True, None]} for n in (1, 2)
]
JSON = orjson.dumps(ROWS)
RAW_DEFLATE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
BARE = RAW_DEFLATE.compress(JSON) + RAW_DEFLATE.flush()
GZIP, DEFLATE = "Content-Encoding: gzip", "Content-Encoding: deflate"
CHUNKED = "Transfer-Encoding: chunked"

CUT = {
    "gzip after its header": http(gzip.compress(JSON)[:10], GZIP),
    "gzip in its header": http(gzip.compress(JSON)[:4], GZIP),
    "gzip in the middle": http(gzip.compress(JSON)[:40], GZIP),
    "gzip in its second part": http(gzip.compress(JSON[:9]) + gzip.compress(JSON[9:])[:-20], GZIP),
    "deflate after its header": http(zlib.compress(JSON)[:2], DEFLATE),
    "deflate in the middle": http(zlib.compress(JSON)[:40], DEFLATE),
    "deflate without a header, in the middle": http(BARE[:-3], DEFLATE),
    "gzip in gzip": http(gzip.compress(gzip.compress(JSON)[:-20]), "Content-Encoding: gzip, gzip"),
    "gzip of which nothing came": http(b"0\r\n\r\n", GZIP, CHUNKED, length=False),
    "gzip of nothing": http(gzip.compress(b""), GZIP),
    "nothing, said to be gzip": http(b"", GZIP),
    "no chunk": http(b"0\r\n\r\n", CHUNKED, length=False),
    "an end that nothing announced": http(b"", "Connection: close", length=False),
    "an end before the last chunk": http(b"3\r\n[1,\r\n", CHUNKED, length=False),
    "JSON in the middle": http(JSON[:60]),
    "JSON in a character": http(JSON[: JSON.index("€".encode()) + 1]),
    "JSON before its end": http(JSON[:-1]),
    "JSON in gzip": http(gzip.compress(JSON[:-1]), GZIP),
}
WHOLE = {
    "plain": (http(JSON), ROWS),
    "gzip": (http(gzip.compress(JSON), GZIP), ROWS),
    "gzip in two parts": (http(gzip.compress(JSON[:9]) + gzip.compress(JSON[9:]), GZIP), ROWS),
    "deflate": (http(zlib.compress(JSON), DEFLATE), ROWS),
    "deflate without a header": (http(BARE, DEFLATE), ROWS),
    "a coding that is none": (http(JSON, "Content-Encoding: identity"), ROWS),
    "empty": (http(b""), None),
}


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT)
def test_an_answer_that_was_cut_is_asked_for_again(answer):
    with raw_server(answer, http(JSON)) as url:
        ws = workspace(url)
        assert ws.post(*CLIENTS) == ROWS
    assert (ws.usage.requests, ws.usage.retries) == (2, 1)


@pytest.mark.parametrize("answer", CUT.values(), ids=CUT)
def test_an_answer_that_is_always_cut_is_an_error_and_not_remembered(answer):
    with raw_server(answer, answer, http(JSON)) as url:
        ws = workspace(url, max_attempts=2)
        with pytest.raises(ConnectionFailedError, match="the answer broke off") as caught:
            ws.post(*CLIENTS)
        assert caught.value.retryable
        assert ws.post(*CLIENTS) == ROWS


@pytest.mark.parametrize(("answer", "parsed"), WHOLE.values(), ids=WHOLE)
def test_an_answer_that_is_whole_is_believed(answer, parsed):
    with raw_server(answer) as url:
        ws = workspace(url)
        assert ws.post(*CLIENTS) == ws.post(*CLIENTS) == parsed
    assert ws.usage.requests == 1


def test_no_content_is_an_empty_answer():
    with raw_server(http(b"", status="204 No Content", length=False)) as url:
        assert workspace(url).post(*CLIENTS) is None


PARTS = {
    "206 with a part": http(JSON, "Content-Range: items 0-1/500", status="206 Partial Content"),
    "202 with nothing so far": http(b"", status="202 Accepted"),
    "101": http(b"", status="101 Switching Protocols", length=False),
    "205": http(b"", status="205 Reset Content"),
    "299": http(JSON, status="299 Odd"),
}


@pytest.mark.parametrize("answer", PARTS.values(), ids=PARTS)
def test_a_status_of_no_whole_answer_is_an_error(answer):
    with raw_server(answer) as url:
        ws = workspace(url)
        with pytest.raises(
            ApiError, match=r"HTTP \d+ on filters/clients: .* not mean a complete answer"
        ):
            filters.clients(ws)
        with pytest.raises(ApiError, match="not mean a complete answer"):
            client_of(ws).post("summary/time_entries.pdf", {}, is_file=True)
    assert ws.usage.requests == 2


@pytest.mark.parametrize("status", ["201 Created", "203 Non-Authoritative Information"])
def test_a_status_of_a_whole_answer_is_believed(status):
    with raw_server(http(JSON, status=status)) as url:
        assert workspace(url).post(*CLIENTS) == ROWS


@pytest.mark.parametrize(
    ("location", "where"),
    [
        ("https://login.example.org/sso?from=secret", r"to login\.example\.org"),
        ("/login?from=secret", "to another address"),
        ("http://[", "to another address"),
        (None, "to another address"),
        (f"https://{TOKEN}.example.org/", r"to \*\*\*\.example\.org"),
    ],
)
def test_a_redirect_is_said_to_be_one(serve, location, where):
    headers = {} if location is None else {"Location": location}
    ws = workspace(serve(302, headers, b"Found").url)
    with pytest.raises(ApiError, match=rf"redirect {where}\..*not followed.*base_url") as caught:
        ws.post(*CLIENTS)
    assert "secret" not in str(caught.value)
    assert secrets_in(caught.value, with_locals=False) == []
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


LENGTHS = [  # as the header says, or a chunk
    *(f"Content-Length: {length}" for length in (10**12, 2**63 - 1, 2**63, 10**30)),
    *(b"-5", b"-1", b"E8D4A51000", b"8000000000000000", 30 * b"f"),
]


@pytest.mark.parametrize(("length", "status"), paired(LENGTHS, ["200 OK", "500 Oops"]), ids=str)
def test_a_length_that_nothing_could_hold_is_an_answer_that_broke_off(length, status):
    if isinstance(length, bytes):
        answer = http(length + b"\r\n" + JSON + b"\r\n", CHUNKED, status=status, length=False)
    else:
        answer = http(JSON, length, status=status, length=False)
    with raw_server(answer) as url:
        ws = workspace(url, max_attempts=2)
        with pytest.raises(ConnectionFailedError, match="the answer broke off") as caught:
            ws.post(*CLIENTS)
        with pytest.raises(ConnectionFailedError, match="the answer broke off"):
            client_of(ws).post("summary/time_entries.pdf", {}, is_file=True)
    assert ws.usage.requests == 4
    assert secrets_in(caught.value) == []


BOMB = b"[" + 50_000_000 * b" " + b"]"
SMALL = {
    "gzip": http(gzip.compress(BOMB), GZIP),
    "deflate": http(zlib.compress(BOMB), DEFLATE),
    "gzip in gzip": http(gzip.compress(gzip.compress(BOMB)), "Content-Encoding: gzip, gzip"),
}


@pytest.mark.parametrize("answer", SMALL.values(), ids=SMALL)
def test_an_answer_is_unpacked_no_further_than_the_largest(answer, monkeypatch):
    monkeypatch.setattr(send, "LARGEST", 5_000_000)
    with raw_server(answer) as url:
        ws = workspace(url)
        tracemalloc.start()
        with pytest.raises(ConnectionFailedError, match="larger than 5,000,000 bytes"):
            ws.post(*CLIENTS)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert ws.usage.requests == 1
    assert peak < 30_000_000


def test_a_first_page_that_was_cut_makes_no_empty_frame():
    page = orjson.dumps([{"id": 1, "name": "North"}])
    with raw_server(http(gzip.compress(page)[:10], GZIP), http(page), http(page)) as url:
        assert len(filters.clients(workspace(url))) == 1


@pytest.mark.parametrize("indent", [0, orjson.OPT_INDENT_2])
def test_json_is_cut_wherever_it_ends_too_early(indent):
    text = orjson.dumps(ROWS, option=indent)
    escaped = text.replace("€".encode(), rb"\u20ac\ud83d\ude00")
    for whole in (text, escaped, b'{"items": ' + text + b"}"):
        for end in range(1, len(whole)):
            with pytest.raises(ConnectionFailedError):
                send.parse(whole[:end], "filters/clients")
        assert send.parse(whole, "filters/clients")


@pytest.mark.parametrize(
    "text",
    [
        b"<html>",
        b"<html><body>Tru",
        b"[1,]",
        b"[1 2",
        b"[NaN",
        b'["\xff"',
        b"[] <html>",
        b"x",
        b" ",
    ],
)
def test_other_text_than_json_is_retried_and_never_cached(text):
    with raw_server(http(text), http(text), http(text), http(JSON)) as url:
        ws = workspace(url, max_attempts=2)
        with pytest.raises(SchemaError, match="not JSON") as caught:
            ws.post(*CLIENTS)
        assert caught.value.retryable
        assert ws.post(*CLIENTS) == ROWS
    assert (ws.usage.requests, ws.usage.retries) == (4, 2)


@pytest.mark.parametrize(
    "number", [2**63, 2**64 - 1, 2**64, 2**64 + 1, 10**40 + 1, -(2**63) - 1, -(2**64)]
)
def test_an_integer_beyond_64_bits_keeps_its_digits(serve, number):
    ws = workspace(serve(body=f'[{{"id": 1, "name": "a", "more": {number}}}]'.encode()).url)
    for _ in ("from the responses", "from the cache"):
        assert filters.clients(ws)["more"].tolist() == [number]
    assert ws.usage.requests == 2


def test_what_only_looks_like_a_long_integer_is_read_as_ever(serve):
    body = b'[{"id": 1, "name": "98765432109876543210", "more": 0.12345678901234567890}]'
    frame = filters.clients(workspace(serve(body=body).url))
    assert frame["name"].tolist() == ["98765432109876543210"]
    assert frame["more"].tolist() == [0.12345678901234568]


# --- a server that takes its time ----------------------------------------------------------------


@pytest.fixture
def trickle(monkeypatch, clock):
    """Let so many bytes of each response come at once, and then one a second."""
    readinto = socket.SocketIO.readinto
    client = threading.get_ident()

    def start(fast):
        came = WeakKeyDictionary()

        def one_byte(stream, buffer):
            if threading.get_ident() != client:
                return readinto(stream, buffer)
            came[stream] = came.get(stream, 0) + 1
            if came[stream] > fast:
                clock.advance(1)
            return readinto(stream, memoryview(buffer)[:1])

        monkeypatch.setattr(socket.SocketIO, "readinto", one_byte)

    return start


SLOW = http(JSON, "X-Padding: " + 40 * "x")
CHUNKS = http(
    b"".join(b"1\r\n%c\r\n" % byte for byte in JSON) + b"0\r\n\r\n", CHUNKED, length=False
)
BODY = b"\r\n\r\n"
TRICKLES = {
    "body": (SLOW, BODY),
    "body of unknown length": (http(JSON, "Connection: close", length=False), BODY),
    "chunks": (CHUNKS, BODY),
}


@pytest.mark.parametrize(("answer", "slow_from"), TRICKLES.values(), ids=TRICKLES)
def test_a_byte_a_second_is_not_waited_for_longer_than_the_timeout(
    trickle, clock, answer, slow_from
):
    trickle(answer.index(slow_from))
    with raw_server(answer) as url:
        ws = workspace(url, timeout=30, max_attempts=1)
        with pytest.raises(ConnectionFailedError, match="longer than the timeout"):
            ws.post(*CLIENTS)
    assert 30 <= clock.elapsed <= 32


def test_a_file_that_does_not_end_in_time_is_given_up(trickle, clock):
    trickle(SLOW.index(BODY))
    with raw_server(SLOW) as url:
        client = client_of(workspace(url, timeout=30, max_attempts=1))
        with pytest.raises(ConnectionFailedError, match="longer than the timeout"):
            client.post("summary/time_entries.pdf", {}, is_file=True)
    assert 30 <= clock.elapsed <= 32


def test_a_byte_a_second_within_the_timeout_is_an_answer(trickle, clock):
    trickle(0)
    with raw_server(SLOW) as url:
        assert workspace(url, timeout=1000).post(*CLIENTS) == ROWS
    assert clock.elapsed >= len(SLOW)


def test_a_request_as_a_whole_ends_in_time(trickle, clock):
    trickle(SLOW.index(BODY))
    with raw_server(SLOW) as url:
        ws = workspace(url, timeout=30, max_wait=60, max_attempts=100, backoff=1, per_second=1)
        with pytest.raises(ConnectionFailedError, match="longer than the timeout"):
            ws.post(*CLIENTS)
    assert ws.usage.requests > 1
    assert clock.elapsed <= 60 + 30 + 2


def test_a_timeout_beyond_what_sockets_count_is_a_long_one(serve):
    def answer(_):
        threading.Event().wait(0.1)
        return 200, {}, b"[]"

    # In 32 bits so many milliseconds are 4.
    assert workspace(serve(answer=answer).url, timeout=4_294_967.3).post(*CLIENTS) == []


# --- conditional requests ------------------------------------------------------------------------


@pytest.mark.parametrize("validator", ["ETag", "Last-Modified"])
def test_an_expired_answer_is_fetched_anew_whatever_validates_it(serve, validator, tmp_path, clock):
    def answer(headers):
        if "If-None-Match" in headers or "If-Modified-Since" in headers:
            return 304, {}, b""
        return 200, {validator: "Mon, 02 Nov 2026 10:00:00 GMT"}, b"[]"

    with workspace(serve(answer=answer).url, cache=tmp_path / "c", expire_after=60) as ws:
        for _ in range(2):
            assert ws.post(*CLIENTS) == []
            clock.advance(61)
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


@pytest.mark.parametrize(
    "rows",
    [
        lambda echo: [{"id": echo, "name": "a"}],
        lambda echo: [{"id": 1, "name": {"auth": [echo]}}],
        lambda echo: [{"id": 1, "name": {echo: 1}}],
        lambda echo: {"items": [], echo: echo},
        lambda echo: [[[echo]]],
    ],
)
def test_an_echo_in_a_value_of_another_type_is_in_no_error(serve, rows):
    def echo(headers):
        return 200, {}, orjson.dumps(rows(f"{TOKEN} {headers['Authorization']}"))

    with pytest.raises(SchemaError) as caught:
        filters.clients(workspace(serve(answer=echo).url))
    assert "***" in str(caught.value)
    for part in (TOKEN[:6], TOKEN[-6:], "MDEyMzQ1"):
        assert part not in str(caught.value)
        assert part not in repr(caught.value)
        assert part.encode() not in pickle.dumps(caught.value)


def test_an_error_of_a_value_that_nests_deeply_is_still_one(serve):
    nested = b'[{"id": 1, "name": ' + 1000 * b"[" + 1000 * b"]" + b"}]"
    with pytest.raises(SchemaError, match="expected a string"):
        filters.clients(workspace(serve(body=nested).url))


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


def test_a_quota_whose_reset_is_not_told_is_forgotten_after_an_hour(serve, clock):
    server = serve(headers={"X-Toggl-Quota-Remaining": "0"})
    ws = workspace(server.url)
    ws.post(*CLIENTS)
    with pytest.raises(QuotaExceededError):
        reports.workspace_budget(ws)
    clock.advance(3601)
    assert ws.usage.quota_remaining is None
    assert len(reports.workspace_budget(ws)) == 1


def test_a_reset_that_is_due_now_is_not_waited_for_an_hour(serve, clock):
    answers = iter([(402, {"X-Toggl-Quota-Remaining": "0"}, b'"quota, reset in 0 seconds"')])
    server = serve(answer=lambda _: next(answers, (200, {}, b"[]")))
    with pytest.warns(TogglframeWarning, match="waiting 1 s"):
        assert workspace(server.url, on_quota="wait").post(*CLIENTS) == []
    assert clock.sleeps == [1]


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
        with ws.refresh(), pytest.warns(TogglframeWarning, match="out of date|the answer fetched"):
            assert ws.post(*CLIENTS) == []  # the old answer is found
        ws.clear_cache()
        with pytest.raises(QuotaExceededError):
            ws.post(*CLIENTS)
    assert server.seen[0][0] == f"{path}/workspace/1/filters/clients"
    assert server.seen[0][1]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("end", ["?x=1", "#f"])
def test_an_address_ends_with_its_path(end):
    with pytest.raises(ConfigError, match=r"must not contain \? or #"):
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
        with pytest.raises(ConfigError, match=r"must not contain \. or"):
            workspace(server.url).post(path, {})
    assert server.seen == []
    assert workspace(server.url).post("filters/clients?next=a/../b", {}) == []


@pytest.mark.parametrize(
    ("path", "body", "error", "reason"),
    [
        (None, {}, TypeError, "path must be a string, not NoneType"),
        (5, {}, TypeError, "path must be a string, not int"),
        ("filters/clients#b", {}, ConfigError, "must not contain #"),
        ("filters/clients?a=b#c", {}, ConfigError, "must not contain #"),
        ("filters/clients", {"a": math.nan}, ConfigError, "the body contains nan"),
        ("filters/clients", [{"a": (None, -math.inf)}], ConfigError, "the body contains -inf"),
        ("filters/clients", {"a": {1}}, TypeError, "not JSON serializable"),
    ],
)
def test_what_could_not_be_sent_as_it_is_is_refused(serve, path, body, error, reason):
    server = serve()
    with pytest.raises(error, match=reason):
        workspace(server.url).post(path, body)
    assert server.seen == []


def test_null_is_sent(serve):
    assert workspace(serve().url).post("filters/clients", {"a": None, "b": "null", "c": 1.5}) == []


@pytest.mark.parametrize("port", ["0", "65536", "99999", "x"])
def test_an_impossible_port_is_named(port):
    with pytest.raises(ConfigError, match="base_url must name a port from 1 to 65535"):
        workspace(f"https://example.org:{port}/")


@pytest.mark.parametrize("address", ["ftp://ann:letmein@x", "https://ann:letmein@x:99999"])
def test_a_password_in_an_impossible_address_is_not_shown(address):
    with pytest.raises(ConfigError) as caught:
        workspace(address)
    assert "letmein" not in str(caught.value)


def test_a_host_alone_is_an_address():
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]"
    lines = []
    with raw_server(answer, heard=lines) as url:
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
