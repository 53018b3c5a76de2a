"""The HTTP server, and `Sandbox`, which starts and stops it."""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import selectors
import socket
import socketserver
import struct
import sys
import threading
import time
from collections.abc import Callable
from datetime import date, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self, cast

from .agency import Agency, known_agency
from .api import Api, Plan
from .behaviour import Behaviour, Fault
from .quota import Quota
from .service import ROOT, Call, Reply, Request, Service

if TYPE_CHECKING:
    from .time_api import TimeApi

TOKEN: Final = "5a6db0c4f1e27398ab54c0d9e8f71326"
EMAIL: Final = "studio@lanternworks.example"
PASSWORD: Final = "correct-horse-battery"
WORKSPACE_ID: Final = 4_218_603
SEED: Final = 6
QUOTAS: Final[dict[Plan, int]] = {"free": 30, "starter": 240, "premium": 600}

_HOST: Final = "127.0.0.1"
_LONGEST_LENGTH: Final = 8  # digits of the length of a body
_RESET_ON_CLOSE: Final = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
_STOP_WITHIN: Final = 5.0


def local_day() -> date:
    """Return this machine's local day."""
    return datetime.now().astimezone().date()


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
    behaviour : Behaviour or None
        What is not known of the vendor, and quirks of compatible servers.
    latency : float
        How long each answer takes at least [s].
    port : int
        0 takes any free port, at each start.
    clock : callable
        Seconds, for the quota, the pace and `Request.at`.
    sleep : callable or None
        Waits so many seconds, for `latency` and slow answers; it is called in the thread of
        the connection. None waits in real time, until the sandbox stops.
    big_ids : bool
        The last project's id is 2**53 + 1, which a float cannot hold.
    today : datetime.date or None
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
        behaviour: Behaviour | None = None,
        latency: float = 0.0,
        port: int = 0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] | None = None,
        big_ids: bool = False,
        today: date | None = None,
    ) -> None:
        if plan not in QUOTAS:
            raise ValueError(f"plan must be one of {', '.join(QUOTAS)}; got {plan!r}")
        self.token = token
        self.email = email
        self.password = password
        self.workspace_id = workspace_id
        self.agency: Agency = known_agency(
            scale,
            people=people,
            tasks=tasks,
            memberships=memberships,
            seed=seed,
            workspace_id=workspace_id,
            big_ids=big_ids,
            today=local_day() if today is None else today,
        )
        behaviour = behaviour or Behaviour()
        self._plan = plan
        self._behaviour = behaviour
        self._made_time_api: TimeApi | None = None
        self._making = threading.Lock()
        self._quota = Quota(QUOTAS[plan] if quota is None else quota, clock)
        self._service = Service(
            Api(self.agency, plan, behaviour),
            self._time_api,
            behaviour=behaviour,
            quota=self._quota,
            workspace_id=workspace_id,
            credentials=frozenset({f"{token}:api_token", f"{email}:{password}"}),
            clock=clock,
        )
        self._latency = latency
        self._sleep = sleep
        self._port = port
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None

    def __repr__(self) -> str:
        """Name the address, never the token."""
        where = self.base_url if self._server else "stopped"
        return f"<Sandbox {where}, {len(self.agency.projects)} projects>"

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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

    def _bound(self) -> _Server:
        try:
            return _Server(self._port, self._service, self._latency, self._sleep)
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

    @property
    def authorization(self) -> str:
        """The Authorization header of the token."""
        return f"Basic {base64.b64encode(f'{self.token}:api_token'.encode()).decode()}"

    @property
    def requests(self) -> list[Request]:
        """Every request so far."""
        return self._service.requests

    @property
    def report_tokens(self) -> dict[str, str]:
        """The tokens of the saved reports: detailed, summary, weekly, and one that is private."""
        return {
            report.kind if report.public else "private": token
            for token, report in self._time_api().saved.items()
        }

    def _time_api(self) -> TimeApi:
        """Make what answers the reports of time when the first one is asked for."""
        from .time_api import TimeApi  # noqa: PLC0415 -- who asks for none need not load it

        with self._making:
            if self._made_time_api is None:
                self._made_time_api = TimeApi(self.agency, self._plan, self._behaviour)
            return self._made_time_api

    def inject(self, fault: Fault) -> None:
        """Order a fault. Several wait in their order, each for its own endpoint."""
        self._service.faults.add(fault)

    def clear_faults(self) -> None:
        """Forget the faults that have not come yet."""
        self._service.faults.clear()

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


class _Server(ThreadingHTTPServer):
    """Knows its open connections, so that stopping it ends them."""

    daemon_threads = True
    request_queue_size = 128
    timeout = 0  # for `handle_request`, which is called when somebody has come

    def __init__(
        self,
        port: int,
        service: Service,
        latency: float,
        sleep: Callable[[float], object] | None,
    ) -> None:
        self.service = service
        self._latency = latency
        self._sleep = sleep
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__((_HOST, port), _Handler)
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

    def pause(self, seconds: float) -> bool:
        """Wait so long before an answer; tell whether it is still wanted."""
        seconds += self._latency
        if self._sleep is None:
            return not self.stopping.wait(seconds)
        self._sleep(seconds)
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
                _shut(connection)
            self._changed.wait_for(lambda: not self._open, timeout=_STOP_WITHIN)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Stay silent when a client hangs up; anything else is a bug and is shown."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        return  # the client was faster


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_POST(self) -> None:
        """Answer; what is no POST comes here too, for the service to refuse."""
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or "Transfer-Encoding" in self.headers:
            self.send_error(HTTPStatus.LENGTH_REQUIRED)
            return
        if len(length) > _LONGEST_LENGTH:
            self.send_error(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return
        server = cast(_Server, self.server)
        path, _, fields = self.path.partition("?")
        call = Call(
            method=self.command,
            path=path,
            authorization=self.headers.get("Authorization", ""),
            raw=self.rfile.read(int(length)),
            fields=fields,
        )
        reply = server.service.reply(call)
        is_wanted = server.pause(reply.wait)
        if reply.delivery == "silent":
            self._wait_for_the_client_to_go()
        elif is_wanted and reply.delivery != "reset":
            self._send(reply)
        else:
            self._reset()

    do_GET = do_PUT = do_PATCH = do_DELETE = do_POST  # noqa: N815 -- the base class's names

    def _send(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        if reply.delivery == "whole":
            self.wfile.write(reply.body)
            return
        self.close_connection = True
        self.wfile.write(reply.body[: len(reply.body) // 2])
        self.wfile.flush()
        if reply.delivery == "reset_during":
            self._reset()

    def _wait_for_the_client_to_go(self) -> None:
        self.close_connection = True
        while self.connection.recv(1024):
            continue

    def _reset(self) -> None:
        """Close the socket with a TCP RST, past the polite ways of the base classes."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        socket.close(self.connection.detach())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 -- the base class's
        """Keep silent."""
