"""`VendorSandbox`: the sandbox with faults, behaviours, the other files, and saved reports."""

import socket
import struct
from dataclasses import dataclass, replace
from http import HTTPStatus

from togglframe.sandbox import Request, Sandbox
from togglframe.sandbox.messages import RefusalError, Response, as_json
from togglframe.sandbox.server import ENDPOINTS, OUTSIDE, Handler
from togglframe.sandbox.store import Endpoint
from vendor import files, saved
from vendor.behaviour import Behaviour, VendorStore
from vendor.faults import DECEPTIONS, Fault, Faults

HTML_PAGE = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_BODIES = {"html": HTML_PAGE.encode(), "wrong_shape": b'{"foo": 1}', "payload": b""}
_UNANSWERED = ("reset", "silent")


@dataclass
class Delivery(Response):
    """A response, when it goes out, and how much of it."""

    kind: str = "whole"
    wait: float = 0.0


class VendorHandler(Handler):
    """Breaks connections off as told."""

    def send(self, response: Response) -> None:
        """Send the response, a part of it, or nothing."""
        kind, wait = getattr(response, "kind", "whole"), getattr(response, "wait", 0.0)
        if wait and self.server.stopping.wait(wait):
            self._reset()
        elif kind == "silent":
            self.close_connection = True
            while self.connection.recv(1024):
                continue
        elif kind == "reset":
            self._reset()
        elif kind in ("cut", "reset_during"):
            self.close_connection = True
            self.send_head(response)
            self.wfile.write(response.body[: len(response.body) // 2])
            self.wfile.flush()
            if kind == "reset_during":
                self._reset()
        else:
            super().send(response)

    def _reset(self) -> None:
        """Close the socket with a TCP RST, past the polite ways of the base classes."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        socket.close(self.connection.detach())


class VendorSandbox(Sandbox):
    """A sandbox that tests can make behave otherwise, and break.

    Its requests have the kind of the fault that hit them, or None, as `fault`.
    """

    endpoints = (*ENDPOINTS, *files.ENDPOINTS, *saved.ENDPOINTS)
    handler = VendorHandler

    def __init__(self, scale: int = 60, *, behaviour: Behaviour | None = None, **options) -> None:
        super().__init__(scale, **options)
        self.behaviour = behaviour or Behaviour()
        self.store = VendorStore(self.agency, self.plan, self.behaviour)
        self.saved = saved.saved_reports(self.agency.last_day.toordinal())
        self._faults = Faults()

    @property
    def report_tokens(self) -> dict[str, str]:
        """The tokens of the saved reports: detailed, summary, weekly, and one that is private."""
        return {one.kind if one.public else "private": t for t, one in self.saved.items()}

    def inject(self, fault: Fault) -> None:
        """Order a fault. Several wait in their order, each for its own endpoint."""
        self._faults.add(fault)

    def clear_faults(self) -> None:
        """Forget the faults that have not come yet."""
        self._faults.clear()

    # Faults

    def answer(self, request: Request) -> Response:
        """Answer a request, or throw the fault that is due."""
        if request.endpoint.startswith("shared"):
            request.raw = saved.fields_as_json(request.query, request.raw)
        fault = self._faults.next_for(request.endpoint)
        request.fault = fault.kind if fault else None
        response = self._throw(fault, request) if fault else super().answer(request)
        if self.behaviour.vary is not None:
            response.headers["Vary"] = self.behaviour.vary
        return response

    def _throw(self, fault: Fault, request: Request) -> Response:
        if fault.kind in _UNANSWERED:
            return Delivery(None, kind=fault.kind, wait=fault.seconds)
        if fault.kind == "status" or fault.kind in _BODIES:
            response = self._made(fault)
        else:
            response = super().answer(request)
        if fault.kind == "truncated":
            response.body = response.body[: len(response.body) // 2]
        ordered = {name.lower() for name in fault.headers}
        kept = {n: value for n, value in response.headers.items() if n.lower() not in ordered}
        headers = {**kept, **fault.headers}
        return Delivery(
            response.status, response.body, headers, kind=fault.kind, wait=fault.seconds
        )

    def _made(self, fault: Fault) -> Response:
        """Make the response of a fault; it costs a request like any other."""
        is_status = fault.kind == "status"
        body = as_json(_phrase(fault.status)).body + b"\n" if is_status else _BODIES[fault.kind]
        if fault.body is not None:
            body = fault.body.encode() if isinstance(fault.body, str) else fault.body
        response = Response(fault.status if is_status else 200, body)
        if body.lstrip().startswith(b"<"):
            response.headers["Content-Type"] = "text/html; charset=utf-8"
        if response.status not in OUTSIDE:
            self._quota.spend()
        return self.with_headers(response)

    # Behaviour

    def check_access(self, request: Request) -> None:
        """Let everybody read a public saved report who has its token."""
        if request.endpoint.startswith("shared"):
            report = self.saved.get(saved.token_of(request.path))
            if report is None:
                raise RefusalError(403, "Invalid token")
            if self.plan == "free":
                raise RefusalError(403, "Saved reports are a premium feature")
            if report.public and not request.authorization:
                return
        super().check_access(request)

    def call(self, endpoint: Endpoint, request: Request) -> Response:
        """Answer under the behaviour, and deceive where a fault says so."""
        if request.endpoint.startswith("shared"):
            return saved.respond(self.store, self.saved[saved.token_of(request.path)], request)
        self.behaviour.adjust(endpoint.path, request.params, is_free=self.store.is_free)
        if request.fault in DECEPTIONS:
            return self._deceive(endpoint, request)
        return self._called(endpoint, request)

    def _called(self, endpoint: Endpoint, request: Request, **params) -> Response:
        request = replace(request, params=request.params | params)
        response = super().call(endpoint, request)
        if response.headers.get("Content-Type", "application/json") == "application/json":
            response.body = self.behaviour.rewrite(endpoint.path, request.params, response.body)
        return response

    def _deceive(self, endpoint: Endpoint, request: Request) -> Response:
        params = request.params
        if request.fault.startswith("entry_"):
            self.store.change(request.fault, self.store.query(params))
        if request.fault == "narrow_range":
            first, last = params["start_date"], params["end_date"]
            return self._called(endpoint, request, end_date=first + (last - first) // 2)
        response = self._called(endpoint, request)
        size, row = int(response.headers.get("X-Page-Size", 0)), params.get("first_row_number", 1)
        if request.fault == "lost_page":
            return self._called(endpoint, request, first_row_number=row + size)
        if request.fault == "repeated_page":
            before = self._called(endpoint, request, first_row_number=max(1, row - size))
            response.body = before.body
        if request.fault == "stuck_cursor" and "X-Next-Row-Number" in response.headers:
            response.headers["X-Next-Row-Number"] = str(row)
        return response


def _phrase(status: int) -> str:
    known = {known.value: known.phrase for known in HTTPStatus}
    return known.get(status, f"Status {status}")
