"""`Sandbox`: the API, and the HTTP server that it runs behind."""

from __future__ import annotations

import base64
import contextlib
import errno
import hmac
import itertools
import re
import selectors
import socket
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar, Final, Self, cast

from . import detailed, insights, listings, totals
from .agency import Agency, known_agency
from .messages import Plan, RefusalError, Request, Response, as_json, parse, validate
from .quota import Quota
from .store import FEATURE_IS_PAID, Endpoint, Store

TOKEN: Final = "5a6db0c4f1e27398ab54c0d9e8f71326"
EMAIL: Final = "studio@lanternworks.example"
PASSWORD: Final = "correct-horse-battery"
WORKSPACE_ID: Final = 4_218_603
SEED: Final = 6
QUOTAS: Final[dict[Plan, int]] = {"free": 30, "starter": 240, "premium": 600}

ROOT: Final = "/reports/api/v3"
INSIGHTS: Final = "/insights/api/v1"
ENDPOINTS: Final = (
    *listings.ENDPOINTS,
    *detailed.ENDPOINTS,
    *totals.ENDPOINTS,
    *insights.ENDPOINTS,
)

_PATH: Final = re.compile(rf"({ROOT}|{INSIGHTS})/workspace/([^/]+)/(.+)")
_SAVED: Final = re.compile(rf"{ROOT}/shared/[^/]+(/.+)?")
# Responses to those who are not let in carry no quota, and cost none. Nor do 404, 405 and the
# 402 of a quota that is used up; everything else costs one request.
OUTSIDE: Final = (401, 403)
_HOST: Final = "127.0.0.1"
_STOP_WITHIN: Final = 5.0


def local_day() -> date:
    """Return this machine's local day."""
    return datetime.now().astimezone().date()


class Handler(BaseHTTPRequestHandler):
    """Reads a request off its connection, and writes the response."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer; other methods come here too, for the sandbox to refuse."""
        if "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        server = cast(Server, self.server)
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        request = read(self.command, self.path, self.headers.get("Authorization", ""), raw)
        response = server.sandbox.handle(request)
        if server.sandbox.latency:
            server.stopping.wait(server.sandbox.latency)
        self.send(response)

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 -- the base class's names

    def send(self, response: Response) -> None:
        """Send a response."""
        self.send_head(response)
        self.wfile.write(response.body)

    def send_head(self, response: Response) -> None:
        """Send what comes before the body."""
        self.send_response(response.status)
        for name, value in response.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(response.body)))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's
        """Keep silent."""


class Server(ThreadingHTTPServer):
    """Knows its open connections, so that stopping it ends them."""

    daemon_threads = True
    request_queue_size = 128
    timeout = 0  # for `handle_request`, which is called when somebody has come

    def __init__(self, port: int, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((_HOST, port), sandbox.handler)
        self._bell, self._doorstep = socket.socketpair()

    def server_bind(self) -> None:
        """Bind without HTTPServer's look-up of the host's name, which can take seconds."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = _HOST, self.server_address[1]

    def serve_until_stopped(self) -> None:
        """Take connections as they come, and close all at the end; nothing wakes up meanwhile."""
        with self, self._bell, self._doorstep, selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._doorstep, selectors.EVENT_READ)
            while not self.stopping.is_set():
                selector.select()
                self.handle_request()
        self._close_connections()

    def stop_serving(self) -> None:
        """End `serve_until_stopped` at once."""
        self._bell.send(b"\0")  # first, since who sees that it stops closes the bell
        self.stopping.set()

    def verify_request(self, *_: Any) -> bool:
        """Let nobody in any more who comes while the server stops."""
        return not self.stopping.is_set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, then hand it to its thread."""
        with self._changed:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close the connection and forget it."""
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def _close_connections(self) -> None:
        """End the connections that clients keep alive, and wait for their threads."""
        with self._changed:
            for connection in self._open:
                with contextlib.suppress(OSError):  # the client was faster
                    connection.shutdown(socket.SHUT_RDWR)
            self._changed.wait_for(lambda: not self._open, timeout=_STOP_WITHIN)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def read(method: str, target: str, authorization: str, raw: bytes) -> Request:
    """Make a request of what came; its endpoint is what the path has after the workspace."""
    path, _, query = target.partition("?")
    endpoint = workspace = ""
    if match := _PATH.fullmatch(path):
        root, workspace, rest = match.groups()
        endpoint = f"insights/{rest}" if root == INSIGHTS else rest
    elif match := _SAVED.fullmatch(path):
        endpoint = f"shared{match[1] or ''}"
    return Request(method, path, query, authorization, raw, endpoint, workspace)


class Sandbox:
    """An embedded Toggl Reports API v3, and Insights v1, with an agency inside.

    Parameters
    ----------
    scale : int
        The number of projects, 0 (an empty workspace) to 20 000. Oddities (projects without
        a client, deleted people, names that break things) are all there from 60 on.
    people, tasks, memberships : int or None
        How many there are. None grows with `scale`: 60 projects have 25 people, 400 tasks
        and 180 memberships, and some 30 000 time entries. With fewer, some of the oddities
        have no room.
    seed : int
        The same arguments and seed make the same rows.
    plan : {"premium", "starter", "free"}
        Sets the quota (600, 240, 30 requests an hour). The free plan has no tasks and no
        filter by billable (402), and hides rates, costs and amounts.
    quota : int or None
        Requests per hour, instead of the plan's.
    token, email, password : str
        The credentials that are let in: the token, or e-mail and password.
    workspace_id : int
        The only workspace that the credentials can reach.
    latency : float
        How long each response takes at least [s].
    port : int
        0 takes any free port, at each start.
    clock : callable
        Seconds, for the quota and `Request.at`.
    today : date, str or None
        The day after the last of the agency's time entries, which begin 27 months earlier; None is
        this machine's local day. The same arguments, seed and day make the same entries.

    Attributes
    ----------
    agency : Agency
        The rows that the endpoints answer from.
    requests : list of Request
        Every request that came, in the order in which they were answered.

    Examples
    --------
    >>> with Sandbox(scale=1) as sandbox:
    ...     sandbox.agency.projects[0]["name"]
    'Website relaunch'
    """

    endpoints: ClassVar[Sequence[Endpoint]] = ENDPOINTS
    handler: ClassVar[type[Handler]] = Handler

    def __init__(
        self,
        scale: int = 60,
        *,
        people: int | None = None,
        tasks: int | None = None,
        memberships: int | None = None,
        seed: int = SEED,
        plan: Plan = "premium",
        quota: int | None = None,
        token: str = TOKEN,
        email: str = EMAIL,
        password: str = PASSWORD,
        workspace_id: int = WORKSPACE_ID,
        latency: float = 0.0,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
        today: date | str | None = None,
    ) -> None:
        if plan not in QUOTAS:
            raise ValueError(f"plan must be one of {', '.join(QUOTAS)}; got {plan!r}")
        self.token = token
        self.email = email
        self.password = password
        self.workspace_id = workspace_id
        self.plan = plan
        self.latency = latency
        self.requests: list[Request] = []
        if isinstance(today, str):
            today = date.fromisoformat(today)
        self.agency: Agency = known_agency(
            scale,
            people=people,
            tasks=tasks,
            memberships=memberships,
            seed=seed,
            workspace_id=workspace_id,
            today=local_day() if today is None else today,
        )
        self.store = Store(self.agency, plan)
        self._quota = Quota(QUOTAS[plan] if quota is None else quota, clock)
        self._clock = clock
        self._request_number = itertools.count(1)
        self._port = port
        self._server: Server | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        """Name the address, never the token."""
        where = self.base_url if self._server else "stopped"
        return f"<Sandbox {where}, {len(self.agency.projects)} projects>"

    @property
    def authorization(self) -> str:
        """The Authorization header of the token."""
        return f"Basic {base64.b64encode(f'{self.token}:api_token'.encode()).decode()}"

    @property
    def quota_remaining(self) -> int:
        """Requests left in this (sliding) hour."""
        return self._quota.remaining

    def reset_quota(self) -> None:
        """Give the whole hour's quota back."""
        self._quota.reset()

    def use_up_quota(self, resets_in: float = 1800.0) -> None:
        """Leave nothing of the quota; all of it comes back in `resets_in` seconds."""
        self._quota.use_up(resets_in)

    # Answering

    def handle(self, request: Request) -> Response:
        """Answer a request and record it."""
        request.at = self._clock()
        response = self.answer(request)
        request.status = response.status
        self.requests.append(request)
        return response

    def answer(self, request: Request) -> Response:
        """Answer a request, a refused one too."""
        try:
            response = self._outcome(request)
        except RefusalError as refusal:
            response = refused(refusal)
        return self.with_headers(response)

    def _outcome(self, request: Request) -> Response:
        endpoint, in_path = self._find(request.endpoint)
        if request.method != "POST":
            raise RefusalError(405, "Method Not Allowed")
        self.check_access(request)
        if not self._quota.spend():
            seconds = self._quota.resets_in
            raise RefusalError(
                402,
                "You have hit your hourly limit for API calls. "
                f"Your quota will reset in {seconds} seconds.",
            )
        if self.plan not in endpoint.plans:
            raise RefusalError(402, FEATURE_IS_PAID)
        params, request.unknown_names = parse(request.raw, endpoint.params)
        request.params = params | validate(in_path, endpoint.params)
        with self.store.lock:
            return self.call(endpoint, request)

    def _find(self, path: str) -> tuple[Endpoint, dict[str, str]]:
        """Find the endpoint of a path, and the parameters that are in the path."""
        for endpoint in self.endpoints:
            pattern = re.sub(r"{(\w+)}", r"(?P<\1>[^/]+)", endpoint.path.replace(".", r"\."))
            match = re.fullmatch(pattern, path)
            if match:
                return endpoint, match.groupdict()
        if path == "shared":
            raise RefusalError(403, "Invalid token")  # no report is saved
        raise RefusalError(404, "Not Found")

    def check_access(self, request: Request) -> None:
        """Refuse a request without the right credential, or of another workspace."""
        scheme, _, encoded = request.authorization.partition(" ")
        try:
            credential = base64.b64decode(encoded, validate=True)
        except ValueError:
            credential = b""
        if scheme.lower() != "basic" or b":" not in credential:
            raise RefusalError(401, "")
        known = (f"{self.token}:api_token", f"{self.email}:{self.password}")
        if not any(hmac.compare_digest(credential, own.encode()) for own in known):
            raise RefusalError(403, "Incorrect username and/or password")
        if request.workspace not in ("", str(self.workspace_id)):
            raise RefusalError(403, "workspace not found/accessible")

    def call(self, endpoint: Endpoint, request: Request) -> Response:
        """Answer a request that is let in and paid for, whose parameters are valid."""
        return endpoint.respond(self.store, request.params)

    def with_headers(self, response: Response) -> Response:
        """Add the headers of every response."""
        response.headers = {
            "Content-Type": "application/json",
            "X-Request-Id": f"sandbox-{next(self._request_number):08d}",
            **response.headers,
        }
        if response.status not in OUTSIDE:
            response.headers["X-Toggl-Quota-Remaining"] = str(self._quota.remaining)
            response.headers["X-Toggl-Quota-Resets-In"] = str(self._quota.resets_in)
        return response

    # Serving

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> Self:
        """Serve in the background; nothing happens when it already does."""
        if self._server is None:
            self._server = self._bound()
            self._thread = threading.Thread(
                target=self._server.serve_until_stopped, name="togglframe-sandbox", daemon=True
            )
            self._thread.start()
        return self

    def _bound(self) -> Server:
        try:
            return Server(self._port, self)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise OSError(error.errno, f"Port {self._port} is in use") from error

    def stop(self, *, wait: bool = True) -> None:
        """Free the port and end every thread; nothing happens when it is stopped.

        Parameters
        ----------
        wait : bool
            Return when all is done. What collects garbage must not wait: it may hold a lock that
            a thread needs to end.
        """
        if self._server is None or self._thread is None:
            return
        self._server.stop_serving()
        if wait:
            self._thread.join()
        self._server = self._thread = None

    @property
    def base_url(self) -> str:
        """The address up to the version, without a slash at its end; needs a started sandbox."""
        if self._server is None:
            raise RuntimeError("the sandbox is not running; call start() or use it in a with block")
        return f"http://{_HOST}:{self._server.server_port}{ROOT}"


def refused(refusal: RefusalError) -> Response:
    """Write a refusal as the vendor does."""
    if refusal.status == HTTPStatus.UNAUTHORIZED:
        return Response(401, headers={"X-Authorization-Missing": "true"})
    return Response(refusal.status, as_json(refusal.message).body + b"\n")


def serve(sandbox: Sandbox, say: Callable[[str], object] = print) -> None:
    """Start a sandbox, say how to reach it, and serve until interrupted (Ctrl-C).

    Raises
    ------
    OSError
        If its port is in use, in words for a command line.
    """
    try:
        with contextlib.suppress(KeyboardInterrupt), sandbox:
            say(f"base url      {sandbox.base_url}")
            say(f"workspace id  {sandbox.workspace_id}")
            say(f"token         {sandbox.token}")
            threading.Event().wait()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise OSError(error.errno, f"{error.strerror}; choose another with --port.") from error
