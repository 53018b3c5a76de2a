"""What a request passes before the API: faults, rate limit, authorization, quota; no sockets."""

from __future__ import annotations

import base64
import hmac
import itertools
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from .api import Api, RefusalError, encode_error, encode_rows
from .behaviour import DECEPTIONS, FOREVER, Behaviour, Fault, FaultKind
from .endpoints import BY_PATH
from .quota import LeakyBucket, Quota

if TYPE_CHECKING:
    from .time_api import TimeApi

ROOT: Final = "/reports/api/v3"
INSIGHTS: Final = "/insights/api/v1"
_PATH: Final = re.compile(rf"({ROOT}|{INSIGHTS})/workspace/([^/]+)/(.+)")
_SHARED: Final = re.compile(rf"{ROOT}/shared/([^/]+)(/.+)?")

Delivery: TypeAlias = Literal["whole", "cut", "reset", "reset_during", "silent"]

NO_ACCESS: Final = "workspace not found/accessible"
WRONG_CREDENTIALS: Final = "Incorrect username and/or password"
HTML_PAGE: Final = "<!DOCTYPE html><html><body><h1>We'll be right back</h1></body></html>"

# Answers to those who were not let in carry no quota, and cost none. Nor do 404, 405 and the
# 402 of a quota that is used up; everything else costs one request.
_OUTSIDE: Final = (401, 403)
_UNANSWERED: Final = ("reset", "silent")


@dataclass(frozen=True, slots=True)
class Request:
    """One request that reached the sandbox, whatever became of it.

    Parameters
    ----------
    path : str
        The whole path, with the workspace.
    endpoint : str
        What follows the workspace, such as ``"filters/projects"``; that of Insights begins
        with ``insights/``; a saved report is ``shared`` or ``shared/csv``, without its token;
        "" for any other path.
    body : object
        The parsed JSON; None where there was none, or it was not JSON.
    status : int or None
        The status that was answered; None when no answer began.
    at : float
        When it arrived, on the sandbox's clock [s].
    fault : str or None
        The kind of the fault that hit it.
    """

    path: str
    endpoint: str
    body: Any
    status: int | None
    at: float
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """A request as it came over the wire."""

    method: str
    path: str
    authorization: str
    raw: bytes
    fields: str = ""

    @property
    def workspace(self) -> str:
        """What the path names as the workspace."""
        match = _PATH.fullmatch(self.path)
        return match[2] if match else ""

    @property
    def report_token(self) -> str:
        """What the path names as the token of a saved report."""
        match = _SHARED.fullmatch(self.path)
        return match[1] if match else ""

    @property
    def endpoint(self) -> str:
        """What the path names after the workspace."""
        shared = _SHARED.fullmatch(self.path)
        if shared is not None:
            return f"shared{shared[2] or ''}"
        match = _PATH.fullmatch(self.path)
        if match is None:
            return ""
        return f"insights/{match[3]}" if match[1] == INSIGHTS else match[3]


@dataclass(frozen=True, slots=True)
class Reply:
    """What goes back, when, and how much of it."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = "whole"
    wait: float = 0.0


class Service:
    """Answers calls, throws the faults that were ordered, and records both."""

    def __init__(
        self,
        api: Api,
        time_api: Callable[[], TimeApi],
        *,
        behaviour: Behaviour,
        quota: Quota,
        workspace_id: int,
        credentials: frozenset[str],
        clock: Callable[[], float],
    ) -> None:
        self.requests: list[Request] = []
        self.faults = Faults()
        self._api = api
        self._time_api = time_api
        self._behaviour = behaviour
        self._quota = quota
        self._workspace = str(workspace_id)
        self._credentials = credentials
        self._clock = clock
        self._bucket: LeakyBucket | None = None
        if behaviour.requests_per_second is not None:
            self._bucket = LeakyBucket(behaviour.requests_per_second, behaviour.burst, clock)
        self._request_number = itertools.count(1)

    def reply(self, call: Call) -> Reply:
        """Answer one call and record it."""
        arrived = self._clock()
        fault = self.faults.next_for(call.endpoint)
        reply = self._answer(call) if fault is None else self._throw(fault, call)
        request = Request(
            path=call.path,
            endpoint=call.endpoint,
            body=_json_or_none(call.raw),
            status=None if reply.delivery in _UNANSWERED else reply.status,
            at=arrived,
            fault=fault.kind if fault else None,
        )
        self.requests.append(request)
        return replace(reply, headers=self._headers(reply, fault))

    def _throw(self, fault: Fault, call: Call) -> Reply:
        if fault.kind in DECEPTIONS:
            return replace(self._answer(call, fault.kind), wait=fault.seconds)
        match fault.kind:
            case "reset" | "silent":
                reply = Reply(200, delivery=fault.kind)
            case "status":
                error = encode_error(_phrase(fault.status), self._behaviour)
                reply = Reply(fault.status, _body_of(fault, error))
            case "html":
                reply = Reply(200, _body_of(fault, HTML_PAGE.encode()))
            case "wrong_shape" | "payload":
                reply = Reply(200, _body_of(fault, b'{"foo": 1}'))
            case "slow":
                reply = self._answer(call)
            case "truncated":
                whole = self._answer(call)
                reply = replace(whole, body=whole.body[: len(whole.body) // 2])
            case "cut" | "reset_during":
                reply = replace(self._answer(call), delivery=fault.kind)
        if fault.kind in ("status", "html", "wrong_shape", "payload"):
            self._spend_on(reply)
        return replace(reply, wait=fault.seconds)

    def _spend_on(self, reply: Reply) -> None:
        if reply.status not in _OUTSIDE:
            self._quota.take()

    def _answer(self, call: Call, deception: FaultKind | None = None) -> Reply:
        if self._bucket is not None and not self._bucket.take():
            self._quota.take()
            return self._refuse(RefusalError(429, "Too Many Requests"))
        try:
            return self._outcome(call, deception)
        except RefusalError as refusal:
            return self._refuse(refusal)

    def _refuse(self, refusal: RefusalError) -> Reply:
        if refusal.status == HTTPStatus.UNAUTHORIZED:
            return Reply(401, headers={"X-Authorization-Missing": "true"})
        return Reply(refusal.status, encode_error(refusal.text, self._behaviour))

    def _outcome(self, call: Call, deception: FaultKind | None) -> Reply:
        endpoint = BY_PATH.get(call.endpoint)
        if endpoint is None and not self._time_api().knows(call.endpoint):
            raise RefusalError(404, "Not Found")
        if call.method != "POST":
            raise RefusalError(405, "Method Not Allowed")
        self._check_access(call)
        if not self._quota.take():
            raise RefusalError(402, _quota_used_up(self._quota.resets_in))
        if endpoint is not None:
            return Reply(200, encode_rows(self._api.answer(endpoint, call.raw), self._behaviour))
        answer = self._time_api().answer(
            call.endpoint,
            call.raw,
            fields=call.fields,
            token=call.report_token,
            fault=deception,
        )
        return Reply(200, answer.body, answer.headers)

    def _check_access(self, call: Call) -> None:
        token = call.report_token
        if token:
            saved = self._time_api().saved.get(token)
            if saved is None:
                raise RefusalError(403, "Invalid token")
            if saved.public and not call.authorization:
                return
        self._let_in(call.authorization)
        if not token and call.workspace != self._workspace:
            raise RefusalError(403, NO_ACCESS)

    def _let_in(self, authorization: str) -> None:
        scheme, _, encoded = authorization.partition(" ")
        try:
            credential = base64.b64decode(encoded, validate=True)
        except ValueError:
            credential = b""
        if scheme.lower() != "basic" or b":" not in credential:
            raise RefusalError(401, "")
        if not any(hmac.compare_digest(credential, own.encode()) for own in self._credentials):
            raise RefusalError(403, WRONG_CREDENTIALS)

    def _headers(self, reply: Reply, fault: Fault | None) -> dict[str, str]:
        is_html = reply.body.lstrip().startswith(b"<")
        headers = {
            "Content-Type": "text/html; charset=utf-8" if is_html else "application/json",
            "X-Request-Id": f"sandbox-{next(self._request_number):08d}",
            **reply.headers,
        }
        if reply.status not in _OUTSIDE:
            headers["X-Toggl-Quota-Remaining"] = str(self._quota.remaining)
            headers["X-Toggl-Quota-Resets-In"] = str(self._quota.resets_in)
        if self._behaviour.vary is not None:
            headers["Vary"] = self._behaviour.vary
        if fault is None:
            return headers
        ordered = {name.lower() for name in fault.headers}
        kept = {name: value for name, value in headers.items() if name.lower() not in ordered}
        return {**kept, **fault.headers}


class Faults:
    """The faults that were ordered, in their order, with what is left of each."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Order one more."""
        with self._lock:
            self._waiting.append(fault)

    def clear(self) -> None:
        """Forget those that have not come yet."""
        with self._lock:
            self._waiting.clear()

    def next_for(self, endpoint: str) -> Fault | None:
        """Take the first fault that is due for a request to this endpoint."""
        with self._lock:
            for place, fault in enumerate(self._waiting):
                if fault.endpoint not in (None, endpoint):
                    continue
                if fault.after == 0:
                    self._take(place, fault)
                    return fault
                self._waiting[place] = replace(fault, after=fault.after - 1)
        return None

    def _take(self, place: int, fault: Fault) -> None:
        if fault.times == 1:
            del self._waiting[place]
        elif fault.times != FOREVER:
            self._waiting[place] = replace(fault, times=fault.times - 1)


def _body_of(fault: Fault, usual: bytes) -> bytes:
    if fault.body is None:
        return usual
    return fault.body.encode() if isinstance(fault.body, str) else fault.body


def _phrase(status: int) -> str:
    known = {known.value: known.phrase for known in HTTPStatus}
    return known.get(status, f"Status {status}")


def _quota_used_up(resets_in: int) -> str:
    return (
        "You have hit your hourly limit for API calls. "
        f"Your quota will reset in {resets_in} seconds."
    )


def _json_or_none(raw: bytes) -> Any:
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        return None
