"""The sandbox over HTTP: who is let in, the quota, the faults, starting and stopping."""

from __future__ import annotations

import ast
import contextlib
import gc
import http.client
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests
from cli_cases import runner
from vendor import Behaviour, Fault, VendorSandbox
from waiting import PATIENCE, until

import togglframe as tf
import togglframe.sandbox
from togglframe.cli import app
from togglframe.sandbox import Request, serve
from togglframe.sandbox.quota import Quota

REMAINING = "X-Toggl-Quota-Remaining"
RESETS_IN = "X-Toggl-Quota-Resets-In"
FOLDER = Path(togglframe.sandbox.__path__[0])


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 50_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def sandbox():
    with VendorSandbox(scale=60) as running:
        yield running


def post(sandbox, endpoint="filters/clients", body=None, **kwargs):
    kwargs = {
        "headers": {"Authorization": sandbox.authorization},
        "timeout": PATIENCE,
        **kwargs,
    }
    url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/{endpoint}"
    with requests.Session() as session:
        session.trust_env = False
        return session.post(url, json=body or {}, **kwargs)


# Every endpoint, once, over the wire


def test_what_comes_over_the_wire_is_in_the_agency(sandbox, subtests):
    of_projects = {"project_ids": [row["id"] for row in sandbox.agency.projects]}
    of_tasks = {"ids": [row["id"] for row in sandbox.agency.tasks]}
    for endpoint, body, table in [
        ("filters/clients", {}, "clients"),
        ("search/clients", {"name": "é"}, "clients"),
        ("filters/projects", {}, "projects"),
        ("search/projects", {"currency": "EUR"}, "projects"),
        ("filters/projects/status", {}, "project_statuses"),
        ("filters/tasks/status", of_tasks, "task_statuses"),
        ("filters/tasks", {"page_size": 300}, "tasks"),
        ("search/tasks", {"active": True}, "tasks"),
        ("filters/project_users", of_projects, "project_users"),
        ("filters/project_groups", of_projects, "project_groups"),
        ("search/users", {"active": True}, "users"),
    ]:
        with subtests.test(endpoint):
            answer = post(sandbox, endpoint, body)
            assert answer.status_code == 200
            assert answer.headers["Content-Type"] == "application/json"
            assert answer.json()
            known = {row["id"]: row for row in getattr(sandbox.agency, table)}
            assert all(row == known[row["id"]] for row in answer.json())


def test_filters_users_over_the_wire(sandbox):
    assert set(post(sandbox, "filters/users").json()[0]) == {"deleted_at", "id", "name"}


def test_same_arguments_same_bytes_on_the_wire():
    with VendorSandbox(scale=5) as one, VendorSandbox(scale=5) as two:
        assert post(one, "filters/projects").content == post(two, "filters/projects").content


def test_requests_are_recorded(sandbox):
    body = {"ids": [1, 2]}
    post(sandbox, "filters/projects", body)
    post(sandbox, "search/clients")
    found, refused = sandbox.requests
    assert isinstance(found, Request)
    assert found.endpoint == "filters/projects"
    assert found.path == f"/reports/api/v3/workspace/{sandbox.workspace_id}/filters/projects"
    assert (found.body, found.status, found.fault) == (body, 200, None)
    assert refused.status == 400
    assert refused.at >= found.at


# Who is let in


def test_no_or_malformed_authorization_is_401(sandbox, subtests):
    for header in (None, "Bearer abc", "Basic", "Basic ???", "Basic YWJj"):
        with subtests.test(header):
            answer = post(sandbox, headers={"Authorization": header} if header else {})
            assert answer.status_code == 401
            assert answer.content == b""
            assert answer.headers["X-Authorization-Missing"] == "true"
            assert REMAINING not in answer.headers
            assert RESETS_IN not in answer.headers
            assert answer.headers["X-Request-Id"]


def test_the_right_token_under_another_scheme_is_401(sandbox):
    bearer = sandbox.authorization.replace("Basic", "Bearer")
    assert post(sandbox, headers={"Authorization": bearer}).status_code == 401


def test_token_or_email_and_password(sandbox):
    for credential in [(sandbox.token, "api_token"), (sandbox.email, sandbox.password)]:
        assert post(sandbox, headers={}, auth=credential).status_code == 200


def test_wrong_credentials_are_403(sandbox, subtests):
    for user in ("wrong", "studio@lanternworks.example"):
        with subtests.test(user):
            answer = post(sandbox, headers={}, auth=(user, "api_token"))
            assert answer.status_code == 403
            assert REMAINING not in answer.headers
            assert sandbox.quota_remaining == 600


def test_header_names_are_read_in_any_case(sandbox):
    assert post(sandbox, headers={"AUTHORIZATION": sandbox.authorization}).status_code == 200


def test_another_workspace_is_403(sandbox):
    url = f"{sandbox.base_url}/workspace/999/filters/clients"
    answer = requests.post(url, json={}, auth=(sandbox.token, "api_token"), timeout=PATIENCE)
    assert answer.status_code == 403
    assert answer.json() == "workspace not found/accessible"
    assert REMAINING not in answer.headers


def test_unknown_paths_are_404(sandbox, subtests):
    for path in ("/workspace/1/filters/nothing", "/workspace/1", "/me"):
        with subtests.test(path):
            answer = requests.post(sandbox.base_url + path, json={}, timeout=PATIENCE)
            assert answer.status_code == 404


def test_what_is_no_post_is_405(sandbox, subtests):
    url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/filters/clients"
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        with subtests.test(method):
            assert requests.request(method, url, timeout=PATIENCE).status_code == 405


@pytest.mark.parametrize("body", [b"[" * 100_000, b"nonsense"], ids=["deep", "nonsense"])
def test_a_body_that_is_no_json_is_refused(sandbox, body):
    url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/filters/clients"
    credential = (sandbox.token, "api_token")
    assert requests.post(url, data=body, auth=credential, timeout=PATIENCE).status_code == 400


def test_a_missing_body_is_400_where_one_is_required(sandbox):
    url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}"
    headers = {"Authorization": sandbox.authorization}
    assert (
        requests.post(f"{url}/search/users", headers=headers, timeout=PATIENCE).status_code == 400
    )
    assert (
        requests.post(f"{url}/filters/users", headers=headers, timeout=PATIENCE).status_code == 200
    )


def test_a_body_without_length_is_411(sandbox):
    url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/filters/users"
    assert requests.post(url, data=iter([b"{}"]), timeout=PATIENCE).status_code == 411


# Quota and pace


def test_quota_runs_down_and_slides_back():
    clock = Clock()
    with VendorSandbox(scale=1, quota=2, clock=clock) as sandbox:
        first = post(sandbox)
        assert (first.headers[REMAINING], first.headers[RESETS_IN]) == ("1", "3600")
        clock.now += 100
        second = post(sandbox)
        assert (second.headers[REMAINING], second.headers[RESETS_IN]) == ("0", "3500")
        clock.now += 10
        third = post(sandbox)
        assert third.status_code == 402
        assert third.json() == (
            "You have hit your hourly limit for API calls. Your quota will reset in 3490 seconds."
        )
        assert (third.headers[REMAINING], third.headers[RESETS_IN]) == ("0", "3490")
        clock.now += 3490
        assert post(sandbox).status_code == 200
        assert post(sandbox).status_code == 402
        clock.now += 100
        assert post(sandbox).status_code == 200


def test_quota_of_a_plan(subtests):
    for plan, quota in {"free": 30, "starter": 240, "premium": 600}.items():
        with subtests.test(plan), VendorSandbox(scale=1, plan=plan) as sandbox:
            assert post(sandbox).headers[REMAINING] == str(quota - 1)


def test_quota_can_be_used_up_and_reset():
    clock = Clock()
    with VendorSandbox(scale=1, clock=clock) as sandbox:
        sandbox.use_up_quota(resets_in=90)
        assert sandbox.quota_remaining == 0
        assert post(sandbox).headers[RESETS_IN] == "90"
        clock.now += 90
        assert sandbox.quota_remaining == 600
        sandbox.use_up_quota()
        sandbox.reset_quota()
        assert post(sandbox).status_code == 200


def test_a_feature_402_shows_what_remains():
    with VendorSandbox(scale=1, plan="free") as sandbox:
        answer = post(sandbox, "filters/tasks", {"page_size": 5})
        assert answer.status_code == 402
        assert answer.json() == "Tasks are a premium feature"
        assert answer.headers[REMAINING] == "29"


def test_refused_bodies_cost_a_request(sandbox):
    post(sandbox, "search/clients")
    assert sandbox.quota_remaining == 599


def test_quota_without_anything_spent():
    quota = Quota(3, Clock())
    assert (quota.remaining, quota.resets_in) == (3, 0)


# Behaviour that shows only in HTTP


def test_vary(sandbox):
    assert "Vary" not in post(sandbox).headers
    with VendorSandbox(scale=1, behaviour=Behaviour(vary="Authorization")) as varying:
        assert post(varying).headers["Vary"] == "Authorization"


@pytest.mark.nightly
@pytest.mark.parametrize("empty", ["null", "[]", "{}", ""])
def test_empty_answers(empty):
    with VendorSandbox(scale=0, behaviour=Behaviour(empty=empty)) as sandbox:
        assert post(sandbox, "filters/projects").text == empty


# Faults


def raw_exchange(sandbox, endpoint="filters/clients"):
    """Everything the server sends before it closes, and how it closed."""
    path = f"/reports/api/v3/workspace/{sandbox.workspace_id}/{endpoint}"
    request = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {sandbox.authorization}\r\n"
        "Content-Length: 2\r\n\r\n{}"
    )
    received = b""
    with socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=PATIENCE) as connection:
        connection.sendall(request.encode())
        try:
            while piece := connection.recv(65536):
                received += piece
        except ConnectionResetError:
            return received, "reset"
    return received, "closed"


def test_reset_comes_before_any_answer(sandbox):
    sandbox.inject(Fault("reset"))
    assert raw_exchange(sandbox) == (b"", "reset")
    assert sandbox.requests[-1].status is None
    assert sandbox.requests[-1].fault == "reset"
    assert sandbox.quota_remaining == 600


@pytest.mark.parametrize(("kind", "end"), [("reset_during", "reset"), ("cut", "closed")])
def test_half_of_the_body(sandbox, kind, end):
    whole = post(sandbox).content
    sandbox.inject(Fault(kind))
    received, ended = raw_exchange(sandbox)
    head, _, body = received.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(whole)}".encode() in head
    assert body == whole[: len(whole) // 2]
    assert ended == end
    assert sandbox.quota_remaining == 598


def test_slow(sandbox):
    sandbox.inject(Fault("slow", seconds=0.05))
    started = time.monotonic()
    assert post(sandbox).json() == sandbox.agency.clients
    assert time.monotonic() - started >= 0.05


def test_a_pause_takes_its_time():
    with VendorSandbox(scale=1, latency=0.05) as sandbox:
        started = time.monotonic()
        post(sandbox)
        assert time.monotonic() - started >= 0.05


def test_silent_until_the_client_goes(sandbox):
    sandbox.inject(Fault("silent"))
    with pytest.raises(requests.ReadTimeout):
        post(sandbox, timeout=(PATIENCE, 0.01))
    until(lambda: sandbox.requests)  # the client may have gone before it was heard
    (request,) = sandbox.requests
    assert (request.status, request.fault) == (None, "silent")
    assert sandbox.quota_remaining == 600
    assert post(sandbox).status_code == 200


def test_html(sandbox):
    sandbox.inject(Fault("html"))
    answer = post(sandbox)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_truncated_json_has_a_length_that_fits(sandbox):
    sandbox.inject(Fault("truncated"))
    answer = post(sandbox)
    assert int(answer.headers["Content-Length"]) == len(answer.content) > 0
    with pytest.raises(ValueError, match=r"Expecting|Unterminated"):
        json.loads(answer.content)


@pytest.mark.parametrize(("body", "value"), [(None, {"foo": 1}), ('"maintenance"', "maintenance")])
def test_wrong_shape(sandbox, body, value):
    sandbox.inject(Fault("wrong_shape", body=body))
    assert post(sandbox).json() == value


@pytest.mark.parametrize("body", [b'[{"id": 1.5}]', '[{"id": 1.5}]'])
def test_payload_is_verbatim(sandbox, body):
    sandbox.inject(Fault("payload", body=body))
    assert post(sandbox).text == '[{"id": 1.5}]'


def test_status(sandbox, subtests):
    texts = {500: "Internal Server Error", 410: "Gone", 429: "Too Many Requests", 599: "Status 599"}
    for remaining, (status, text) in zip((599, 598, 597, 596), texts.items(), strict=True):
        sandbox.inject(Fault("status", status=status))
        answer = post(sandbox)
        with subtests.test(text):
            assert answer.status_code == status
            assert answer.text == f'"{text}"\n'
            assert answer.headers[REMAINING] == str(remaining)


def test_status_with_headers_and_an_html_body(sandbox):
    headers = {"Retry-After": "2", REMAINING.lower(): "7"}
    sandbox.inject(Fault("status", status=429, headers=headers, body="<html>slow down</html>"))
    answer = post(sandbox)
    assert answer.headers["Retry-After"] == "2"
    assert answer.headers[REMAINING] == "7"
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("status", [401, 403])
def test_ordered_401_and_403_have_no_quota(sandbox, status):
    sandbox.inject(Fault("status", status=status))
    answer = post(sandbox)
    assert answer.status_code == status
    assert REMAINING not in answer.headers
    assert sandbox.quota_remaining == 600


def test_times_after_and_endpoint(sandbox):
    sandbox.inject(Fault("status", status=503, times=2, after=1, endpoint="filters/projects"))

    def statuses(endpoint, n):
        return [post(sandbox, endpoint).status_code for _ in range(n)]

    assert statuses("filters/clients", 2) == [200, 200]
    assert statuses("filters/projects", 5) == [200, 503, 503, 200, 200]


def test_forever_until_cleared(sandbox):
    sandbox.inject(Fault("status", times=-1))
    assert {post(sandbox).status_code for _ in range(4)} == {500}
    sandbox.clear_faults()
    assert post(sandbox).status_code == 200


def test_faults_come_in_their_order(sandbox):
    for status in (500, 502):
        sandbox.inject(Fault("status", status=status))
    assert [post(sandbox).status_code for _ in range(3)] == [500, 502, 200]


def test_impossible_faults_are_refused():
    with pytest.raises(ValueError, match="kind must be one of status, reset"):
        Fault("rest")
    with pytest.raises(ValueError, match="needs a body"):
        Fault("payload")
    with pytest.raises(ValueError, match="times must be positive"):
        Fault("slow", times=0)


# The server itself


def test_a_connection_is_kept_alive(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=PATIENCE)
    path = f"/reports/api/v3/workspace/{sandbox.workspace_id}/filters/clients"
    used = set()
    for authorization in (sandbox.authorization, "", sandbox.authorization):
        connection.request("POST", path, "{}", {"Authorization": authorization})
        connection.getresponse().read()
        used.add(connection.sock)
    assert len(used) == 1
    assert used != {None}
    connection.close()


def port_of(sandbox):
    return int(re.search(r":(\d+)/", sandbox.base_url)[1])


def a_port_that_stays_free():
    """Find one below those that the system hands out to whoever asks for any."""
    for port in range(20_000, 30_000):
        with contextlib.suppress(OSError), socket.socket() as trial:
            trial.bind(("127.0.0.1", port))
            return port
    pytest.fail("no free port")


def test_an_answer_does_not_wait_for_an_acknowledgement(sandbox):
    """Without TCP_NODELAY each answer that is larger than one buffer takes 40 ms more."""
    connection = http.client.HTTPConnection("127.0.0.1", port_of(sandbox), timeout=PATIENCE)
    path = f"/reports/api/v3/workspace/{sandbox.workspace_id}/filters/projects"
    connection.request("POST", path, "{}", {"Authorization": sandbox.authorization})
    connection.getresponse().read()
    (accepted,) = sandbox._server._open
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    connection.close()


def test_many_threads_at_once(sandbox):
    with ThreadPoolExecutor(16) as threads:
        answers = list(threads.map(lambda _: post(sandbox).status_code, range(80)))
    assert answers == [200] * 80
    assert len(sandbox.requests) == 80
    assert sandbox.quota_remaining == 520


def test_stop_frees_the_port_and_ends_every_thread():
    before = set(threading.enumerate())
    port = a_port_that_stays_free()
    sandbox = VendorSandbox(scale=1, port=port).start()
    with requests.Session() as session:
        url = f"{sandbox.base_url}/workspace/{sandbox.workspace_id}/filters/clients"
        session.post(url, json={}, timeout=PATIENCE)
        own = set(threading.enumerate()) - before
        assert len(own) == 2
        sandbox.stop()
        sandbox.stop()
    for thread in own:
        thread.join()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def test_stop_may_be_seen_before_it_is_told():
    sandbox = VendorSandbox(scale=1).start()
    server, thread = sandbox._server, sandbox._thread
    tell = server.stopping.set

    def tell_who_is_up_already():
        tell()
        with contextlib.suppress(ConnectionError):
            socket.create_connection(("127.0.0.1", server.server_port)).close()
        thread.join()

    server.stopping.set = tell_who_is_up_already
    sandbox.stop()
    assert not thread.is_alive()


def test_a_demo_that_is_forgotten_is_waited_for_by_nobody():
    before = set(threading.enumerate())
    ws = tf.demo(scale=1)
    tf.filters.clients(ws)
    own = [t for t in set(threading.enumerate()) - before if "tqdm" not in t.name]
    assert len(own) == 2
    # What collects garbage may hold a lock that a thread needs to end, as this one of threading's.
    with threading._active_limbo_lock:
        del ws
        gc.collect()
        assert all(thread.is_alive() for thread in own)
    for thread in own:
        thread.join()


@pytest.mark.parametrize("fault", [Fault("slow", seconds=10_000), Fault("silent")])
def test_stop_does_not_wait_for_an_answer(fault):
    sandbox = VendorSandbox(scale=1).start()
    server = sandbox._server
    sandbox.inject(fault)
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(post, sandbox)
        until(lambda: sandbox.requests)
        sandbox.stop()
        assert server._open == set()  # ended, not given up after a while
        assert isinstance(waiting.exception(), requests.ConnectionError)


def test_starts_again_on_the_same_port():
    port = a_port_that_stays_free()
    again = VendorSandbox(scale=1, port=port)
    for _ in range(2):
        with again.start() as sandbox:
            assert f":{port}/" in sandbox.base_url
            assert post(sandbox).status_code == 200


def test_start_twice_is_start_once():
    with VendorSandbox(scale=1) as sandbox:
        address = sandbox.base_url
        assert sandbox.start() is sandbox
        assert sandbox.base_url == address


def test_starting_looks_no_name_up(monkeypatch):
    monkeypatch.delattr(socket, "getfqdn")
    with VendorSandbox(scale=1) as sandbox:
        assert sandbox.base_url


def test_no_address_before_the_start():
    with pytest.raises(RuntimeError, match="call start"):
        _ = VendorSandbox(scale=1).base_url


def test_an_unknown_plan_is_refused():
    with pytest.raises(ValueError, match="free, starter, premium"):
        VendorSandbox(scale=1, plan="enterprise")


def test_repr_names_the_address_and_not_the_token(sandbox):
    assert sandbox.base_url in repr(sandbox)
    assert sandbox.token not in repr(sandbox)


def test_silence_even_when_a_client_hangs_up(sandbox, capfd):
    post(sandbox)
    post(sandbox, "filters/nothing")
    sandbox.inject(Fault("silent"))
    with pytest.raises(requests.ReadTimeout):
        post(sandbox, timeout=(PATIENCE, 0.01))
    until(lambda: sandbox.requests[-1].fault == "silent")
    for kind in ("reset", "reset_during", "cut"):
        sandbox.inject(Fault(kind))
        raw_exchange(sandbox)
    hang_up_rudely(sandbox)
    sandbox.stop()
    assert capfd.readouterr() == ("", "")


def hang_up_rudely(sandbox):
    connection = socket.create_connection(("127.0.0.1", port_of(sandbox)), timeout=PATIENCE)
    connection.sendall(b"POST /reports HTTP/1.1\r\n")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


@pytest.mark.parametrize("word", ["base", "workspace", "token"])
def test_an_interrupt_at_any_moment_ends_the_serving_quietly(word):
    sandbox = VendorSandbox(scale=1)

    def say(line):
        if line.startswith(word):
            raise KeyboardInterrupt

    serve(sandbox, say)
    assert "stopped" in repr(sandbox)


# Whoever starts the tests in the background lets them ignore Ctrl-C, and all that they start.
CTRL_C_ENDS_IT = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("togglframe", run_name="__main__", alter_sys=True)
"""


@pytest.mark.nightly
def test_from_the_command_line():
    with subprocess.Popen(
        [sys.executable, "-u", "-c", CTRL_C_ENDS_IT, "sandbox", "--scale", "3", "--plan", "free"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(FOLDER.parents[1])},
    ) as process:
        try:
            lines = [process.stdout.readline().split() for _ in range(3)]
            assert [line[:-1] for line in lines] == [
                ["base", "url"],
                ["workspace", "id"],
                ["token"],
            ]
            url, workspace, token = (line[-1] for line in lines)
            answer = requests.post(
                f"{url}/workspace/{workspace}/filters/projects",
                json={},
                auth=(token, "api_token"),
                timeout=PATIENCE,
            )
            process.send_signal(signal.SIGINT)
            out, error = process.communicate()
        finally:
            process.kill()
    assert len(answer.json()) == 3
    assert answer.headers[REMAINING] == "29"
    assert (out, error, process.returncode) == ("", "", 0)


def imports_of(path):
    """Go through what a module imports: the dots before a name, and its first part."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((0, name.name.partition(".")[0]) for name in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.level, (node.module or "").partition(".")[0]


def test_the_sandbox_stands_on_itself_and_the_standard_library(subtests):
    for path in FOLDER.rglob("*.py"):
        with subtests.test(path.name):
            depth = len(path.relative_to(FOLDER).parts)
            for level, name in imports_of(path):
                assert level or name in sys.stdlib_module_names
                assert level <= depth


def test_a_port_that_is_taken_is_told_to_programs_and_on_the_command_line(sandbox):
    port = int(sandbox.base_url.split(":")[2].split("/")[0])
    with pytest.raises(OSError, match=rf"Port {port} is in use$"), VendorSandbox(3, port=port):
        pass
    ended = runner.invoke(app, ["sandbox", "--port", str(port), "--scale", "3"])
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"Error: Port {port} is in use; choose another with")
