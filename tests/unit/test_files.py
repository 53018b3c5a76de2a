"""Answers that are files, and the second root: through the same transport as everything else."""

import gzip
import json
from contextlib import contextmanager

import pytest
from servers import http, raw_server

from togglframe import ConfigError, QuotaExceededError, TogglframeWarning, Workspace
from togglframe.errors import (
    AccessError,
    ApiError,
    ConnectionFailedError,
    PremiumFeatureError,
    RateLimitError,
    SchemaError,
    ServerError,
)
from togglframe.http.client import client_of
from togglframe.http.settings import Root

TOKEN = "cafe" * 8
PDF = b"%PDF-1.7 " + bytes(range(256)) * 40 + b" %%EOF"
PATH = "summary/time_entries.pdf"


@contextmanager
def client(url, **options):
    quick = {"cache": None, "max_attempts": 3, "backoff": 0.001, "per_second": None}
    with Workspace(1, token=TOKEN, base_url=url, **{**quick, **options}) as ws:
        yield client_of(ws)


def ask_for_file(url, **options):
    with client(url, **options) as opened:
        answer = opened.post(PATH, {"start_date": "2026-01-01"}, is_file=True)
        return answer, opened.usage


def test_a_file_comes_as_it_is(serve):
    named = {"Content-Type": "application/pdf", "Content-Disposition": 'filename="hours.pdf"'}
    server = serve(lambda _: (200, named, PDF))
    answer, usage = ask_for_file(server.url)
    assert answer.data == PDF
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["content-disposition"] == 'filename="hours.pdf"'
    assert usage.requests == 1
    ((path, headers),) = server.seen
    assert (path, headers["Accept-Encoding"]) == (f"/api/workspace/1/{PATH}", "identity")


@pytest.mark.parametrize("content", [b"a,b\r\n1,2\r\n", b"\xff\xfe not text", b"[1, 2"])
def test_a_file_is_not_parsed(serve, content):
    server = serve(lambda _: (200, {"Content-Type": "text/csv"}, content))
    with client(server.url) as opened:
        assert opened.post("summary/time_entries.csv", {}, is_file=True).data == content


def test_a_file_is_asked_for_each_time_and_stands_in_no_cache(serve, tmp_path):
    server = serve(lambda _: (200, {}, PDF))
    with client(server.url, cache=tmp_path / "answers.sqlite") as opened:
        for _ in range(2):
            opened.post(PATH, {}, is_file=True)
        opened.close()
        assert (opened.usage.requests, opened.usage.cache_hits) == (2, 0)
    assert b"PDF" not in (tmp_path / "answers.sqlite").read_bytes()


CHUNKED = ["Transfer-Encoding: chunked"]
PACKED = gzip.compress(PDF)
CUTS = {
    "fewer bytes than announced": http(PDF, "Connection: close")[:-9],
    "no last chunk": http(b"%x\r\n%b\r\n" % (len(PDF), PDF), *CHUNKED, length=False),
    "in a chunk": http(b"%x\r\n%b" % (len(PDF), PDF[:-9]), *CHUNKED, length=False),
    "nothing says where it ends": http(PDF, length=False),
    "compressed, and nothing says where it ends": http(
        PACKED, "Content-Encoding: gzip", length=False
    ),
}


@pytest.mark.parametrize("cut", CUTS.values(), ids=CUTS)
def test_a_cut_file_is_asked_for_again_and_never_half(cut):
    with raw_server(cut, cut, http(PDF, "Connection: close")) as url:
        answer, usage = ask_for_file(url)
    assert answer.data == PDF
    assert usage.retries == 2
    with raw_server(cut) as url, pytest.raises(ConnectionFailedError, match="broke off"):
        ask_for_file(url)


WHOLE = {
    "chunked": http(b"%x\r\n%b\r\n0\r\n\r\n" % (len(PDF), PDF), *CHUNKED, length=False),
    "compressed": http(PACKED, "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("whole", WHOLE.values(), ids=WHOLE)
def test_a_whole_file_is_whole_however_it_is_sent(whole):
    with raw_server(whole) as url:
        assert ask_for_file(url)[0].data == PDF


NO_QUOTA = {"X-Toggl-Quota-Remaining": "0", "X-Toggl-Quota-Resets-In": "900"}
REFUSALS = [
    (402, {}, b'"Exports are a premium feature"', PremiumFeatureError, 1),
    (402, NO_QUOTA, b'"hourly limit"', QuotaExceededError, 1),
    (403, {"Content-Type": "application/json"}, b'{"message": "no"}', AccessError, 1),
    (404, {}, b"not found", ApiError, 1),
    (429, {"Content-Type": "text/html"}, b"<html>slow down</html>", RateLimitError, 3),
    (500, {}, PDF, ServerError, 3),
]


@pytest.mark.parametrize("refusal", REFUSALS, ids=lambda refusal: refusal[3].__name__)
def test_a_refusal_is_the_typed_error(serve, refusal):
    status, headers, body, error, requests = refusal
    server = serve(lambda _: (status, headers, body))
    with client(server.url, cache="memory") as opened:
        with pytest.raises(error) as caught:
            opened.post(PATH, {}, is_file=True)
        assert type(caught.value) is error
        assert (caught.value.status, caught.value.endpoint) == (status, "summary/time_entries.pdf")
        assert opened.usage.requests == requests


@pytest.mark.parametrize("kind", ["text/html; charset=utf-8", "Application/JSON"])
def test_what_is_no_file_is_not_taken_for_one(serve, kind):
    server = serve(lambda _: (200, {"Content-Type": kind}, b"<html>We will be back</html>"))
    with pytest.raises(SchemaError, match=r"time_entries\.pdf.*is not a file"):
        ask_for_file(server.url)


def test_a_passing_fault_is_retried_and_paced(serve, clock):
    answers = iter([(503, {}, b""), (429, {"Retry-After": "7"}, b""), (200, {}, PDF)])
    server = serve(lambda _: next(answers))
    answer, usage = ask_for_file(server.url, per_second=0.5)
    assert answer.data == PDF
    assert usage.retries == 2
    assert clock.elapsed == pytest.approx(2 + 7, abs=0.1)


def test_a_quota_that_is_waited_for(serve, clock):
    answers = iter([(402, NO_QUOTA, b'"hourly limit"'), (200, {}, PDF)])
    server = serve(lambda _: next(answers))
    with pytest.warns(TogglframeWarning, match="waiting 900 s"):
        answer, _ = ask_for_file(server.url, on_quota="wait")
    assert answer.data == PDF
    assert clock.sleeps == [900]


def test_a_redirect_is_not_followed_and_the_token_goes_nowhere(serve):
    other = serve(lambda _: (200, {}, PDF))
    server = serve(lambda _: (307, {"Location": f"{other.url}/{PATH}"}, b""))
    with pytest.raises(ApiError) as caught:
        ask_for_file(server.url)
    assert caught.value.status == 307
    assert other.seen == []


def test_an_echo_of_the_token_is_in_no_header_and_no_error(serve):
    echo = f'attachment; filename="{TOKEN}.pdf"'
    server = serve(lambda _: (200, {"Content-Disposition": echo, "X-Echo": TOKEN}, PDF))
    answer, _ = ask_for_file(server.url)
    assert TOKEN not in str(answer.headers)
    server = serve(lambda _: (403, {}, TOKEN.encode()))
    with pytest.raises(AccessError) as caught:
        ask_for_file(server.url)
    assert TOKEN not in str(caught.value)


def test_a_client_asks_for_the_files_of_its_workspace(serve):
    server = serve(lambda _: (200, {}, PDF))
    mine = client_of(Workspace(7, token=TOKEN, base_url=server.url, cache=None))
    path = "/profitability/projects.csv"
    assert mine.post(path, {}, root=Root.INSIGHTS, is_file=True).data == PDF
    assert mine.usage.requests == 1
    mine.end_with(lambda: None, ending="it is over")
    mine.close()
    with pytest.raises(ConfigError, match="it is over"):
        mine.post(PATH, {}, is_file=True)
    assert [path for path, _ in server.seen] == [
        "/insights/api/v1/workspace/7/profitability/projects.csv"
    ]


# --- roots ---------------------------------------------------------------------------------------


def told(headers):
    return 200, {"X-Toggl-Quota-Remaining": "5"}, b"[]"


@pytest.mark.parametrize("base", ["/reports/api/v3", "", "/a/proxy/reports/api/v3/"])
def test_insights_is_on_the_same_host_whatever_the_base_is(serve, base):
    server = serve(told)
    with client(server.url.removesuffix("/api") + base) as opened:
        opened.post("data_trends/projects", {}, root=Root.INSIGHTS)
        opened.post("profitability/projects.csv", {}, root=Root.INSIGHTS, is_file=True)
        assert opened.usage.quota_remaining == 5
    assert [path for path, _ in server.seen] == [
        "/insights/api/v1/workspace/1/data_trends/projects",
        "/insights/api/v1/workspace/1/profitability/projects.csv",
    ]
    assert all("Authorization" in headers for _, headers in server.seen)


def test_two_roots_never_share_an_answer_and_are_cleared_together(serve):
    server = serve(lambda _: (200, {}, json.dumps([len(server.seen)]).encode()))
    path = "data_trends/projects"
    with client(server.url, cache="memory") as opened:
        first = [opened.post(path, {}, root=root).data for root in Root]
        again = [opened.post(path, {}, root=root) for root in Root]
        assert first == [[1], [2]] == [answer.data for answer in again]
        assert all(answer.from_cache for answer in again)
        opened.clear_cache()
        assert [opened.post(path, {}, root=root).data for root in Root] == [[3], [4]]


def test_an_error_tells_which_root(serve):
    server = serve(lambda _: (403, {}, b'"no"'))
    with client(server.url) as opened, pytest.raises(AccessError) as caught:
        opened.post("data_trends/projects", {}, root=Root.INSIGHTS)
    assert caught.value.endpoint == "insights/data_trends/projects"


def test_no_path_leaves_its_root(serve):
    server = serve(told)
    with client(server.url) as opened:
        for path in ("../2/x", "%2e%2e/2/x"):
            with pytest.raises(ConfigError, match=r"must not contain"):
                opened.post(path, {}, root=Root.INSIGHTS, is_file=True)
    assert server.seen == []


# --- headers -------------------------------------------------------------------------------------


def test_an_answer_tells_how_its_pages_go_on_cached_or_not(serve, tmp_path):
    headers = {"X-Next-Row-Number": "51", "X-Next-ID": "7", "X-Range-End": "2026-01-31"}
    server = serve(lambda _: (200, {**headers, "Set-Cookie": "a=b"}, b"[]"))
    where = {"base_url": server.url, "cache": tmp_path / "a.sqlite", "per_second": None}
    for _ in range(2):
        with Workspace(1, token=TOKEN, **where) as ws:
            answer = client_of(ws).post("search/time_entries", {})
        assert {name: answer.headers[name.lower()] for name in headers} == headers
        assert "Set-Cookie" not in answer.headers
    assert len(server.seen) == 1
