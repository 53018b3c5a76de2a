"""Cache, credential, pace, retry and errors, over real HTTP."""

import asyncio
import base64
import logging
import pickle
import socket
import sqlite3
import stat
import threading
import traceback
from contextlib import closing
from dataclasses import replace

import pandas as pd
import pytest
from vendor import Behaviour, Fault

from togglframe import (
    ConfigError,
    QuotaExceededError,
    StaleDataWarning,
    TogglframeError,
    TogglframeWarning,
    Workspace,
    demo,
    reports,
)
from togglframe.api import filters
from togglframe.errors import (
    AccessError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConnectionFailedError,
    GoneError,
    PremiumFeatureError,
    RateLimitError,
    SchemaError,
    ServerError,
)
from togglframe.http.client import client_of
from togglframe.http.quota import Usage

HTML = "<html><head><title>429</title></head><body>Too many requests</body></html>"


PROJECTS = 6


@pytest.fixture
def make_sandbox(make_sandbox):
    """Start sandboxes of a few projects."""
    return lambda scale=PROJECTS, **options: make_sandbox(scale, **options)


@pytest.fixture
def names(sandbox):
    return [client["name"] for client in sandbox.agency.clients]


# --- cache -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cache", "vary"),
    [
        ("memory", None), ("disk", None), ("file", None),
        ("memory", "*"), ("disk", "Authorization"), ("file", "Accept-Encoding, Authorization"),
    ],
)  # fmt: skip
def test_the_second_call_does_not_reach_the_server(
    make_sandbox, make_workspace, tmp_path, vary, cache
):
    sandbox = make_sandbox(behaviour=Behaviour(vary=vary))
    where = tmp_path / "answers.sqlite" if cache == "file" else cache
    ws = make_workspace(sandbox, cache=where)
    first = filters.projects(ws)
    second = filters.projects(ws)
    pd.testing.assert_frame_equal(first, second)
    assert len(sandbox.requests) == 1
    assert (ws.usage.requests, ws.usage.cache_hits) == (1, 1)
    if cache != "memory":
        again = make_workspace(sandbox, cache=where)
        pd.testing.assert_frame_equal(filters.projects(again), first)
        assert len(sandbox.requests) == 1


@pytest.mark.parametrize("vary", [None, "Authorization", "*"])
def test_two_credentials_on_one_cache_file_never_share_an_answer(
    make_sandbox, make_workspace, tmp_path, vary
):
    sandbox = make_sandbox(behaviour=Behaviour(vary=vary))
    file = tmp_path / "answers.sqlite"
    mine = make_workspace(sandbox, cache=file)
    filters.projects(mine)
    stranger = make_workspace(sandbox, cache=file, token="f" * 32)
    with pytest.raises(AccessError):
        filters.projects(stranger)
    colleague = make_workspace(
        sandbox, cache=file, token=None, email=sandbox.email, password=sandbox.password
    )
    filters.projects(colleague)
    assert [request.status for request in sandbox.requests] == [200, 403, 200]


def test_two_workspaces_and_two_bodies_never_share_an_answer(sandbox, tmp_path):
    options = {"token": sandbox.token, "base_url": sandbox.base_url, "per_second": None}
    with Workspace(sandbox.workspace_id, cache=tmp_path / "a", **options) as ws:
        everything = ws.post("filters/projects", {})
        assert ws.post("filters/projects", {"currency": "JPY"}) != everything
    with (
        Workspace(sandbox.workspace_id + 1, cache=tmp_path / "a", **options) as other,
        pytest.raises(AccessError),
    ):
        other.post("filters/projects", {})
    assert len(sandbox.requests) == 3


def test_the_order_of_keys_makes_no_other_body(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    ws.post("filters/projects", {"currency": "EUR", "start": 5})
    ws.post("filters/projects", {"start": 5, "currency": "EUR"})
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_an_answer_expires(sandbox, make_workspace, clock, cache):
    ws = make_workspace(sandbox, cache=cache, expire_after=60)
    filters.projects(ws)
    clock.advance(59)
    filters.projects(ws)
    assert len(sandbox.requests) == 1
    clock.advance(1)
    filters.projects(ws)
    assert len(sandbox.requests) == 2


@pytest.mark.parametrize("cache", ["memory", "disk"])
def test_an_answer_of_a_clock_that_was_ahead_has_expired(sandbox, make_workspace, clock, cache):
    ws = make_workspace(sandbox, cache=cache)
    clock.advance(365 * 86_400)
    filters.projects(ws)
    clock.advance(-365 * 86_400)
    for _ in range(2):
        filters.projects(ws)
        assert len(sandbox.requests) == 2
    with ws.refresh():
        filters.projects(ws)
    assert len(sandbox.requests) == 3


def test_the_age_of_an_answer_of_a_clock_that_was_ahead_is_not_told(sandbox, make_workspace, clock):
    ws = make_workspace(sandbox, cache="memory")
    clock.advance(365 * 86_400)
    filters.projects(ws)
    clock.advance(-365 * 86_400)
    sandbox.use_up_quota()
    with pytest.warns(StaleDataWarning, match="the answer fetched by a clock that was ahead"):
        filters.projects(ws)


def test_refresh_fetches_anew_once_and_overwrites(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    filters.projects(ws)
    with ws.refresh():
        filters.projects(ws)
        filters.projects(ws)
        elsewhere = threading.Thread(target=filters.projects, args=[ws])
        elsewhere.start()
        elsewhere.join()
        assert len(sandbox.requests) == 2
    filters.projects(ws)
    assert len(sandbox.requests) == 2
    with pytest.raises(RuntimeError), ws.refresh():
        raise RuntimeError
    filters.projects(ws)
    assert len(sandbox.requests) == 2


def test_a_task_that_refreshes_disturbs_no_other_of_its_thread(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    filters.projects(ws)

    async def refresh(begun, go_on):
        with ws.refresh():
            begun.set()
            await go_on.wait()
            filters.projects(ws)

    async def both():
        begun, go_on = asyncio.Event(), asyncio.Event()
        task = asyncio.create_task(refresh(begun, go_on))
        await begun.wait()
        filters.projects(ws)
        assert len(sandbox.requests) == 1
        go_on.set()
        await task

    asyncio.run(both())
    assert len(sandbox.requests) == 2


def test_clear_cache_forgets_this_workspace(sandbox, make_workspace, tmp_path):
    ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite")
    filters.projects(ws)
    filters.clients(ws)
    before = len(sandbox.requests)
    ws.clear_cache()
    filters.projects(ws)
    filters.clients(ws)
    assert len(sandbox.requests) == 2 * before


def test_equal_requests_at_the_same_moment_are_sent_once(make_sandbox, make_workspace):
    sandbox = make_sandbox(latency=0.1)
    ws = make_workspace(sandbox, cache="memory")
    threads = [threading.Thread(target=filters.projects, args=[ws]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(sandbox.requests) == 1


@pytest.mark.parametrize(
    ("kind", "error"), [("html", SchemaError), ("truncated", ConnectionFailedError)]
)
def test_a_bad_answer_is_not_cached_and_harms_no_older_one(sandbox, make_workspace, kind, error):
    ws = make_workspace(sandbox, cache="memory", max_attempts=2)
    good = filters.projects(ws)
    sandbox.inject(Fault(kind, times=2))
    with ws.refresh(), pytest.raises(error):
        filters.projects(ws)
    sandbox.clear_faults()
    pd.testing.assert_frame_equal(filters.projects(ws), good)


def test_the_cache_file_is_private(sandbox, make_workspace, tmp_path):
    file = tmp_path / "new" / "answers.sqlite"
    ws = make_workspace(sandbox, cache=file)
    filters.projects(ws)
    for path in file.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


# --- the credential ----------------------------------------------------------------------------


def forms_of(secret):
    """The secret in clear and in every way in which it could be written down."""
    pair = base64.b64encode(f"{secret}:api_token".encode()).decode()
    return [secret, pair, base64.b64encode(secret.encode()).decode().rstrip("=")]


def test_the_token_is_in_no_file_log_repr_or_error(sandbox, make_workspace, tmp_path, caplog):
    caplog.set_level(logging.DEBUG)
    ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite", max_attempts=2)
    texts = [repr(ws), str(ws), repr(ws.usage), repr(vars(ws)), str(filters.projects(ws).attrs)]
    faults = [
        *(Fault("status", status=status) for status in (400, 401, 402, 403, 410)),
        *(Fault("status", status=status, times=2) for status in (429, 500)),
        Fault("status", status=400, body=f'"who is {sandbox.token}?"'),
        *(Fault(kind, times=2) for kind in ("reset", "reset_during", "cut", "truncated")),
        *(Fault("html", times=2), Fault("wrong_shape")),
    ]
    for fault in faults:
        sandbox.inject(fault)
        with ws.refresh(), pytest.raises(TogglframeError) as caught:
            filters.projects(ws)
        error = caught.value
        texts += traceback.format_exception(error)
        while error is not None:
            texts += [repr(error), str(vars(error)), str(error.args)]
            request = getattr(error, "request", None)
            texts.append(str(getattr(request, "headers", None)))
            error = error.__cause__ or error.__context__
    filters.projects(ws)
    ws.close()
    texts += [record.getMessage() for record in caplog.records]
    texts += [path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file()]
    for secret in forms_of(sandbox.token):
        assert not [text for text in texts if secret in text]
    with sqlite3.connect(tmp_path / "answers.sqlite") as stored:
        assert stored.execute("select count(*) from responses").fetchone() == (1,)
    stored.close()


def test_a_workspace_is_never_pickled(ws):
    with pytest.raises(TypeError, match="credential"):
        pickle.dumps(ws)


def test_netrc_never_replaces_the_token(sandbox, make_workspace, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert len(filters.clients(make_workspace(sandbox))) == len(sandbox.agency.clients)


def test_a_redirect_is_not_followed(sandbox, ws):
    elsewhere = {"Location": "http://127.0.0.1:9/elsewhere"}
    sandbox.inject(Fault("status", status=307, headers=elsewhere))
    with pytest.raises(ApiError) as caught:
        filters.projects(ws)
    assert caught.value.status == 307


@pytest.mark.parametrize("name", ["a\ud800", "\udfff"])
def test_half_a_character_is_refused_by_name_before_any_request(sandbox, ws, name):
    for function in (filters.clients, filters.projects):
        with pytest.raises(ConfigError, match=r"^name contains an unpaired surrogate, '\\ud\w+'"):
            function(ws, name=name)
    assert sandbox.requests == []


# --- faults ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=500),
        Fault("status", status=503, times=3),
        Fault("status", status=429, body=HTML),
        Fault("status", status=429, headers={"Retry-After": "0"}),
        Fault("reset"),
        Fault("reset_during"),
        Fault("cut"),
        Fault("truncated"),
        Fault("truncated", after=1),
        Fault("status", status=500, after=1),
        Fault("cut", after=2),
    ],
    ids=str,
)
def test_a_passing_fault_leaves_a_complete_frame(make_sandbox, make_workspace, fault):
    sandbox = make_sandbox(
        450, people=1, tasks=0, memberships=0, behaviour=Behaviour(page_size_clamp=201)
    )
    sandbox.inject(fault)
    ws = make_workspace(sandbox)
    frame = filters.projects(ws)
    assert frame["id"].tolist() == [project["id"] for project in sandbox.agency.projects]
    assert ws.usage.retries == fault.times


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (Fault("status", status=500, times=-1), ServerError),
        (Fault("status", status=503, times=-1), ServerError),
        (Fault("status", status=429, times=-1, body=HTML), RateLimitError),
        (Fault("reset", times=-1), ConnectionFailedError),
        (Fault("reset_during", times=-1), ConnectionFailedError),
        (Fault("cut", times=-1), ConnectionFailedError),
        (Fault("truncated", times=-1), ConnectionFailedError),
    ],
    ids=str,
)
def test_a_lasting_fault_is_a_typed_error_after_the_last_attempt(
    sandbox, make_workspace, fault, error
):
    sandbox.inject(fault)
    ws = make_workspace(sandbox, max_attempts=3)
    with pytest.raises(error, match="filters/projects") as caught:
        filters.projects(ws)
    assert caught.value.retryable
    assert len(sandbox.requests) == 3
    assert (ws.usage.requests, ws.usage.retries) == (3, 2)


FINAL = [
    (400, None, BadRequestError),
    (401, None, AuthenticationError),
    (402, '"Tasks are a premium feature"', PremiumFeatureError),
    (402, '"You have hit your hourly limit for API calls."', QuotaExceededError),
    (403, None, AccessError),
    (410, None, GoneError),
    (404, None, ApiError),
]


@pytest.mark.parametrize(("status", "body", "error"), FINAL)
def test_a_final_answer_costs_one_request(sandbox, ws, status, body, error):
    sandbox.inject(Fault("status", status=status, body=body, times=-1))
    with pytest.raises(error) as caught:
        filters.projects(ws)
    assert type(caught.value) is error
    assert (caught.value.status, caught.value.endpoint) == (status, "filters/projects")
    assert not caught.value.retryable
    assert len(sandbox.requests) == 1


def test_that_the_plan_lacks_a_feature_is_paid_for_once(make_sandbox, make_workspace, tmp_path):
    sandbox = make_sandbox(plan="free", quota=2)
    for _ in range(2):
        ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite")
        with pytest.raises(PremiumFeatureError, match="Tasks are a premium feature") as caught:
            filters.tasks(ws)
        assert caught.value.endpoint == "filters/tasks"
    assert len(sandbox.requests) == 1
    sandbox.reset_quota()
    with ws.refresh(), pytest.raises(PremiumFeatureError):
        filters.tasks(ws)
    assert len(sandbox.requests) == 2


LAST = {"X-Toggl-Quota-Remaining": "0", "X-Toggl-Quota-Resets-In": "900"}
LEFT = {"X-Toggl-Quota-Remaining": "7"}
FEATURE, HOURLY = '"Tasks are a premium feature"', '"You have hit your hourly limit. Upgrade!"'


@pytest.mark.parametrize(
    ("headers", "body", "error"),
    [
        (LAST, FEATURE, QuotaExceededError),
        (LAST, HOURLY, QuotaExceededError),
        (LAST, "", QuotaExceededError),
        ({"X-Toggl-Quota-Remaining": " 0 "}, FEATURE, QuotaExceededError),
        (LEFT, FEATURE, PremiumFeatureError),
        (LEFT, HOURLY, QuotaExceededError),
        ({}, FEATURE, PremiumFeatureError),
        ({}, HOURLY, QuotaExceededError),
    ],
)
def test_what_402_means_is_what_its_headers_say_then_its_words(
    sandbox, make_workspace, headers, body, error
):
    ws = make_workspace(sandbox, cache="memory")
    told = {"X-Toggl-Quota-Remaining": "", **headers}
    sandbox.inject(Fault("status", status=402, headers=told, body=body, times=2))
    for _ in range(2):
        with pytest.raises(error) as caught:
            filters.tasks(ws)
        assert type(caught.value) is error
    assert len(sandbox.requests) == (2 if error is QuotaExceededError else 1)


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", status=500, after=2, times=-1),
        Fault("status", status=403, after=2),
        Fault("truncated", after=2, times=-1),
        Fault("wrong_shape", after=2),
        Fault("reset", after=2, times=-1),
    ],
    ids=str,
)
def test_a_failure_on_a_later_page_raises(make_sandbox, make_workspace, fault):
    sandbox = make_sandbox(
        450, people=1, tasks=0, memberships=0, behaviour=Behaviour(page_size_clamp=201)
    )
    sandbox.inject(fault)
    with pytest.raises((ApiError, SchemaError, ConnectionFailedError)):
        filters.projects(make_workspace(sandbox, max_attempts=2))
    assert len(sandbox.requests) >= 3


def test_an_answer_that_does_not_come_is_a_timeout(make_workspace, sandbox):
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        quick = {"max_attempts": 2, "backoff": 0.001, "per_second": None, "cache": None}
        ws = Workspace(1, token="t", base_url=url, timeout=0.1, **quick)
        with pytest.raises(ConnectionFailedError, match="timeout"):
            filters.clients(ws)
    assert ws.usage.requests == 2


def test_nobody_there_is_a_connection_failure(make_workspace, make_sandbox):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, max_attempts=2)
    sandbox.stop()
    with pytest.raises(ConnectionFailedError, match="the connection failed"):
        filters.clients(ws)


@pytest.mark.parametrize("host", ["127.0.0.1:9", "no-such-host.invalid"])
def test_a_host_that_cannot_be_reached_is_named_within_five_seconds(monkeypatch, clock, host):
    def refuse(address, *_, **__):
        if address[0].endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("urllib3.util.connection.create_connection", refuse)
    with (
        Workspace(1, token="t", base_url=f"https://{host}", cache=None) as ws,
        pytest.raises(ConnectionFailedError, match=rf"{host}: the connection failed"),
    ):
        filters.clients(ws)
    assert ws.usage.requests > 1
    assert clock.elapsed <= 5


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('"workspace not found/accessible"\n', "workspace not found/accessible"),
        ('{"error_message": "no such thing"}', "no such thing"),
        ('{"message": "no such thing"}', "no such thing"),
        ("plain  text\nof two lines", "plain text of two lines"),
        ("", "(the API gave no reason)"),
    ],
)
def test_an_error_says_what_the_api_said_and_what_to_do(sandbox, ws, body, said):
    sandbox.inject(Fault("status", status=403, body=body, headers={"X-Request-Id": "r-42"}))
    with pytest.raises(AccessError) as caught:
        filters.clients(ws)
    text = str(caught.value)
    assert text.startswith(f"HTTP 403 on filters/clients: {said}")
    assert "Either the token is wrong or it has no access" in text
    assert text.endswith("[request id r-42]")
    assert caught.value.request_id == "r-42"


# --- waiting -----------------------------------------------------------------------------------


def test_waits_grow_and_honour_retry_after(sandbox, make_workspace, clock):
    sandbox.inject(Fault("status", status=503, times=3))
    sandbox.inject(Fault("status", status=429, headers={"Retry-After": "20"}))
    filters.clients(make_workspace(sandbox, backoff=1.0))
    first, second, third, fourth = clock.sleeps
    assert 1 <= first <= 2 <= second <= 3 <= third
    assert fourth == 20


def test_a_retry_after_beyond_max_wait_is_not_waited_for(sandbox, make_workspace, clock):
    sandbox.inject(Fault("status", status=429, headers={"Retry-After": "120"}))
    with pytest.raises(RateLimitError) as caught:
        filters.clients(make_workspace(sandbox, max_wait=60))
    assert caught.value.retry_after == 120
    assert clock.sleeps == []
    assert len(sandbox.requests) == 1


def test_the_pace_is_shared_by_all_workspaces_of_one_credential(
    make_sandbox, make_workspace, clock
):
    sandbox = make_sandbox()
    first, second = (make_workspace(sandbox, per_second=0.1) for _ in range(2))
    sandbox.inject(Fault("status", status=500, after=2))
    for ws in (first, second, first):
        filters.projects(ws)
    assert len(sandbox.requests) == 4
    assert clock.elapsed == pytest.approx(30)


def test_a_pace_that_max_wait_cannot_hold_is_an_error(make_sandbox, make_workspace, clock):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, per_second=0.01, max_wait=1)
    filters.projects(ws)
    with pytest.raises(RateLimitError, match="no free moment"):
        filters.projects(ws)
    assert len(sandbox.requests) == 1
    assert ws.usage.retries == 0


def test_cache_hits_are_never_paced(sandbox, make_workspace):
    ws = make_workspace(sandbox, per_second=0.01, max_wait=1, cache="memory")
    for _ in range(5):
        filters.projects(ws)
    assert ws.usage.cache_hits == 4


# --- the quota ---------------------------------------------------------------------------------


@pytest.fixture
def timed(make_sandbox, clock):
    """A sandbox with a quota of 30, whose clock is the library's."""
    return make_sandbox(quota=30, clock=clock.monotonic)


def test_usage_reads_the_quota_headers(timed, make_workspace, clock):
    ws = make_workspace(timed)
    assert ws.usage.quota_remaining is None
    filters.projects(ws)
    assert (ws.usage.quota_remaining, ws.usage.quota_resets_in) == (29, 3600)
    clock.advance(100)
    assert ws.usage.quota_resets_in == 3500


def test_a_used_up_quota_says_when_it_resets(timed, make_workspace):
    ws = make_workspace(timed)
    timed.use_up_quota(resets_in=900)
    with pytest.raises(QuotaExceededError, match="hourly quota is used up") as caught:
        filters.projects(ws)
    assert caught.value.resets_in == 900
    assert ws.usage.quota_remaining == 0


def test_without_quota_an_expired_answer_is_served_with_its_age(sandbox, make_workspace, clock):
    ws = make_workspace(sandbox, cache="memory", expire_after=60)
    fresh = filters.projects(ws)
    clock.advance(3661)
    sandbox.use_up_quota()
    with pytest.warns(StaleDataWarning, match="the answer fetched 1 h 1 min ago") as caught:
        stale = filters.projects(ws)
    assert len(caught) == 1
    pd.testing.assert_frame_equal(stale, fresh)
    assert stale.attrs["togglframe"]["stale"] is True
    fetched_at = fresh.attrs["togglframe"]["fetched_at"]
    assert stale.attrs["togglframe"]["fetched_at"][:19] == fetched_at[:19]
    with pytest.raises(QuotaExceededError):
        filters.clients(ws)


def test_without_quota_a_refresh_keeps_the_old_answer(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    filters.projects(ws)
    sandbox.use_up_quota()
    with ws.refresh(), pytest.warns(StaleDataWarning):
        filters.projects(ws)
    assert len(filters.projects(ws)) == PROJECTS


@pytest.mark.parametrize("fault", [Fault("status", status=503), Fault("status", status=429)])
def test_a_retry_stops_where_the_quota_does(make_sandbox, make_workspace, fault, clock):
    sandbox = make_sandbox(quota=2, clock=clock.monotonic)
    ws = make_workspace(sandbox, cache="memory", expire_after=60)
    filters.projects(ws)
    clock.advance(61)
    sandbox.inject(fault)
    sandbox.inject(replace(fault, endpoint="filters/clients"))
    with pytest.warns(StaleDataWarning):
        filters.projects(ws)
    assert len(sandbox.requests) == 2
    with pytest.raises(QuotaExceededError, match="last request of the hour") as caught:
        filters.clients(ws)
    assert caught.value.__cause__.status == fault.status
    assert caught.value.resets_in == 3600 - 61
    assert len(sandbox.requests) == 3


def test_on_quota_raise_does_not_serve_an_old_answer(sandbox, make_workspace, clock):
    ws = make_workspace(sandbox, cache="memory", expire_after=60, on_quota="raise")
    filters.projects(ws)
    clock.advance(61)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        filters.projects(ws)


def test_on_quota_wait_waits_for_the_reset_and_asks_once_more(timed, make_workspace, clock):
    ws = make_workspace(timed, on_quota="wait")
    timed.use_up_quota(resets_in=900)
    with pytest.warns(TogglframeWarning, match="waiting 900 s"):
        assert len(filters.projects(ws)) == PROJECTS
    assert clock.sleeps == [900]


def test_on_quota_wait_asks_once_more_and_no_more(timed, make_workspace, clock):
    timed.use_up_quota(resets_in=7200)
    with (
        pytest.warns(TogglframeWarning, match="waiting 3600 s"),
        pytest.raises(QuotaExceededError),
    ):
        filters.projects(make_workspace(timed, on_quota="wait"))
    assert clock.sleeps == [3600]
    assert len(timed.requests) == 2


@pytest.mark.parametrize(
    ("header", "body"),
    [(str(10**12), ""), ("", f'"quota, reset in {10**12} seconds"'), ("-5", ""), ("9" * 5000, "")],
)
def test_a_reset_that_nobody_can_believe_is_as_good_as_untold(
    sandbox, make_workspace, header, body
):
    told = {"X-Toggl-Quota-Remaining": "0", "X-Toggl-Quota-Resets-In": header}
    sandbox.inject(Fault("status", status=402, headers=told, body=body))
    ws = make_workspace(sandbox)
    with pytest.raises(QuotaExceededError, match="try again later") as caught:
        filters.projects(ws)
    assert (caught.value.resets_in, ws.usage.quota_resets_in) == (None, None)
    with pytest.raises(QuotaExceededError, match="no request was sent"):
        reports.workspace_budget(ws)


# --- an older listing as a whole -----------------------------------------------------------------


@pytest.fixture(params=["memory", "disk"])
def expired(request, make_sandbox, make_workspace, clock):
    """A workspace whose quota is used up, and a listing of several pages that has expired."""
    sandbox = make_sandbox(60, clock=clock.monotonic)
    ws = make_workspace(sandbox, cache=request.param, expire_after=60)
    frame = filters.projects(ws, page_size=20)
    assert len(sandbox.requests) >= 3
    clock.advance(61)
    return sandbox, ws, frame


def test_an_older_listing_is_served_as_a_whole(expired):
    sandbox, ws, frame = expired
    sandbox.use_up_quota()
    with pytest.warns(StaleDataWarning, match="the answer fetched 1 min ago") as warned:
        older = filters.projects(ws, page_size=20)
    assert len(warned) == 1
    pd.testing.assert_frame_equal(older, frame)
    assert older.attrs["togglframe"]["stale"] is True


def test_an_older_listing_whose_first_page_is_new_is_not_served(expired):
    sandbox, ws, _ = expired
    sandbox.inject(Fault("status", status=402, body='"hourly limit"', after=1, times=-1))
    with pytest.raises(QuotaExceededError):
        filters.projects(ws, page_size=20)


def test_an_older_listing_that_lacks_a_page_is_not_served(expired):
    sandbox, ws, _ = expired
    client = client_of(ws)
    last = sandbox.requests[-1].body
    client.forget([client.post("filters/projects", last, is_stale=True).key])
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError):
        filters.projects(ws, page_size=20)


@pytest.mark.parametrize("minutes", [10, 11])
def test_pages_of_an_older_listing_are_ten_minutes_apart_at_most(
    make_sandbox, make_workspace, clock, minutes
):
    sandbox = make_sandbox(60, clock=clock.monotonic)
    ws = make_workspace(sandbox, cache="memory", expire_after=60)
    frame = filters.projects(ws, page_size=20)
    clock.advance(61)
    first, *others = (request.body for request in sandbox.requests)
    client = client_of(ws)
    with ws.refresh():
        client.post("filters/projects", first)
        clock.advance(60 * minutes)
        for body in others:
            client.post("filters/projects", body)
    clock.advance(61)
    sandbox.use_up_quota()
    if minutes > 10:
        with pytest.raises(QuotaExceededError):
            filters.projects(ws, page_size=20)
        return
    with pytest.warns(StaleDataWarning, match=f"fetched {minutes + 1} min ago"):
        pd.testing.assert_frame_equal(filters.projects(ws, page_size=20), frame)


def test_without_a_cache_there_is_no_older_listing(timed, make_workspace):
    ws = make_workspace(timed)
    filters.projects(ws, page_size=20)
    timed.use_up_quota()
    with pytest.raises(QuotaExceededError):
        filters.projects(ws, page_size=20)


# --- the workspace -----------------------------------------------------------------------------


def test_a_workspace_can_be_used_again_after_it_was_closed(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    filters.projects(ws)
    ws.close()
    assert len(filters.projects(ws)) == PROJECTS


def test_a_demo_that_was_closed_says_so_at_once():
    ws = demo()
    filters.clients(ws)
    ws.close()
    with pytest.raises(ConfigError, match="this demo was closed"):
        filters.clients(ws)


@pytest.mark.parametrize("cache", ["disk", "own.sqlite"])
def test_to_look_at_the_usage_opens_nothing(tmp_path, monkeypatch, cache):
    monkeypatch.chdir(tmp_path)
    ws = Workspace(1, token="t", cache=cache)
    assert ws.usage == Usage()
    assert repr(ws) == "Workspace(1)"
    assert "no request so far" in ws._repr_html_()
    assert list(tmp_path.rglob("*")) == []


def test_post_returns_the_parsed_json(sandbox, ws, names):
    assert [client["name"] for client in ws.post("filters/clients", {})] == names
    assert ws.post("/filters/clients/", {"ids": [1]}) is None


def test_one_workspace_serves_many_threads(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(400), cache="memory")
    expected = filters.project_users(ws)
    ws.clear_cache()
    results = []
    threads = [
        threading.Thread(target=lambda: results.append(filters.project_users(ws))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(results) == 6
    for frame in results:
        pd.testing.assert_frame_equal(frame, expected)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"timeout": 0}, "timeout"),
        ({"max_attempts": 0}, "max_attempts"),
        ({"backoff": -1}, "backoff"),
        ({"max_wait": "60"}, "max_wait"),
        ({"per_second": 0}, "per_second"),
        ({"expire_after": -1}, "expire_after"),
        ({"on_quota": "panic"}, "on_quota"),
        ({"base_url": "ftp://example.org"}, "base_url"),
        ({"base_url": "https://["}, "base_url"),
        ({"base_url": "https://[::1"}, "base_url"),
        ({"base_url": "https://a]b"}, "base_url"),
        ({"base_url": "https://example.org:0"}, "base_url"),
        ({"base_url": "https://example.org:99999"}, "base_url"),
        ({"base_url": "https://"}, "base_url"),
        ({"base_url": b"https://example.org"}, "base_url"),
        ({"token": " "}, "token is empty"),
        ({"token": 5}, "token must be text"),
        ({"token": "half \ud83d"}, "token contains an unpaired surrogate"),
        ({"token": None, "email": "a@example.org"}, "email and password"),
        ({"email": "a@example.org", "password": "p"}, "not both"),
        ({"workspace_id": 0}, "workspace id"),
        ({"workspace_id": True}, "workspace id"),
        ({"workspace_id": "one"}, "workspace id"),
        ({"workspace_id": "9" * 5000}, "workspace id"),
        ({"workspace_id": 10**5000}, "workspace id .*, not one of 16610 bits"),
        ({"workspace_id": 2**64}, "workspace id .*, not 18446744073709551616"),
        ({"workspace_id": -(2**64)}, "workspace id .*, not -18446744073709551616"),
        ({"cache": "\0x"}, "cache must be"),
    ],
)
def test_an_impossible_setting_is_named(options, named):
    with pytest.raises(ConfigError, match=named):
        Workspace(**{"workspace_id": 1, "token": "t", **options})


def test_credential_and_workspace_come_from_the_environment(sandbox, monkeypatch):
    with pytest.raises(ConfigError, match="TOGGL_WORKSPACE_ID"):
        Workspace(token=sandbox.token)
    with pytest.raises(ConfigError, match=r"(?s)token=.*TOGGL_API_TOKEN.*keyring"):
        Workspace(1)
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    with Workspace(base_url=sandbox.base_url, cache=None) as ws:
        assert repr(ws) == f"Workspace({sandbox.workspace_id}, base_url={sandbox.base_url!r})"
        assert len(filters.projects(ws)) == PROJECTS
