"""Send one POST: sign it, keep the pace, try again, and turn what is no answer into an error."""

from __future__ import annotations

import io
import logging
import os
import sys
import threading
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import timedelta
from http.client import responses as standard_phrases
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    wait_exponential,
    wait_random,
)
from urllib3 import HTTPResponse, Timeout
from urllib3.exceptions import (
    HTTPError,
    NewConnectionError,
    ProtocolError,
    ReadTimeoutError,
    SSLError,
)

from togglframe import clock
from togglframe.errors import (
    ApiError,
    ConnectionFailedError,
    PremiumFeatureError,
    QuotaExceededError,
    RateLimitError,
    TogglframeError,
)
from togglframe.http.credential import Credential
from togglframe.http.receiving import receive_in_time
from togglframe.http.responses import (
    REQUEST_IDS,
    check_file,
    endpoint_of,
    error_of,
    is_whole,
    parsed,
    quota_remaining,
    quota_resets_in,
    said_by,
    whole_body,
)

__all__ = [
    "HOUR",
    "ApiAdapter",
    "FileAdapter",
    "Meter",
    "OnQuota",
    "Pace",
    "Settings",
    "Usage",
    "pace_of",
]

OnQuota = Literal["stale", "raise", "wait"]

HOUR: Final = 3600  # [s], in which the quota is whole again
_LONGEST_UNREACHED: Final = 5  # [s], waited for a host that refuses, or that nobody knows
_LONGEST_TIMEOUT: Final = 2_000_000  # [s]; sockets count milliseconds in 32 bits
_LONGEST_MESSAGE: Final = 300
# What is kept of an answer's headers: how its pages go on, what was really asked, what a file is.
# Others are of no use or do harm: cookies are a second credential, and a name that nobody knows may
# be an echo of it.
_KEPT_HEADERS: Final = (
    *REQUEST_IDS,
    *("X-Next-Row-Number", "X-Next-ID", "X-Next-Timestamp", "X-Page-Size"),
    *("X-Range-Start", "X-Range-End"),
    *("Content-Type", "Content-Disposition"),
)
# Faults of the network that may pass, and what to say of them: the first that fits.
_PASSING_NETWORK_FAULTS: Final[dict[type[Exception], str]] = {
    requests.Timeout: "it took longer than the timeout",
    ReadTimeoutError: "it took longer than the timeout",
    requests.exceptions.ProxyError: "the proxy could not be reached",
    requests.exceptions.SSLError: "the secure connection failed",
    SSLError: "the secure connection failed",
    ProtocolError: "the answer broke off",
    requests.ConnectionError: "the connection failed",
}

_logger = logging.getLogger("togglframe")


@dataclass(frozen=True, repr=False)
class Usage:
    """What a Workspace has spent.

    Attributes
    ----------
    requests : int
        Requests sent, retries included.
    cache_hits : int
        Answers that came out of the cache, and so cost nothing.
    retries : int
        Requests that repeated a failed one.
    quota_remaining : int or None
        Requests left in this hour, by the latest answer; None before the first.
    quota_resets_in : int or None
        Seconds [s] until the quota is whole again, by the latest answer.
    """

    requests: int = 0
    cache_hits: int = 0
    retries: int = 0
    quota_remaining: int | None = None
    quota_resets_in: int | None = None

    def __repr__(self) -> str:
        """Show the requests, and of the rest what there is."""
        told = {"requests": self.requests}
        told |= {name: value for name, value in vars(self).items() if value != vars(_UNUSED)[name]}
        return f"Usage({', '.join(f'{name}={value}' for name, value in told.items())})"


_UNUSED: Final = Usage()


@dataclass(frozen=True)
class Settings:
    """How a Workspace talks to the API; see :class:`togglframe.Workspace` for each field."""

    base_url: str
    cache: str | os.PathLike[str] | None
    expire_after: float | timedelta | None
    timeout: float
    max_attempts: int
    backoff: float
    max_wait: float
    per_second: float | None
    on_quota: OnQuota


@dataclass
class Pace:
    """The next free moment of one credential at one host."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    free_at: float = 0.0

    def reserve(self, per_second: float, *, within: float) -> float | None:
        """Take the next moment and return the seconds until it, or None if it is too far off."""
        with self.lock:
            now = clock.monotonic()
            moment = max(now, self.free_at)
            if moment - now > within:
                return None
            self.free_at = moment + 1 / per_second
            return moment - now

    def renew_lock(self) -> None:
        """Make a new lock, which no process shares with another."""
        self.lock = threading.Lock()


_paces: defaultdict[tuple[str, bytes], Pace] = defaultdict(Pace)


def pace_of(base_url: str, fingerprint: bytes) -> Pace:
    """Return the pace that all workspaces of one credential at one host share."""
    return _paces[urlsplit(base_url).netloc, fingerprint]


class Meter:
    """Counts what is spent; safe to use from several threads."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._seen_at = 0.0
        self.renew_lock()

    def renew_lock(self) -> None:
        """Make a new lock, which no process shares with another."""
        self._lock = threading.Lock()

    def count(self, *, requests: int = 0, cache_hits: int = 0, retries: int = 0) -> None:
        """Add these."""
        with self._lock:
            self._usage = replace(
                self._usage,
                requests=self._usage.requests + requests,
                cache_hits=self._usage.cache_hits + cache_hits,
                retries=self._usage.retries + retries,
            )

    def read_quota(self, response: requests.Response) -> None:
        """Remember what an answer says of the quota."""
        remaining = quota_remaining(response)
        if remaining is None:
            return
        with self._lock:
            self._seen_at = clock.monotonic()
            self._usage = replace(
                self._usage,
                quota_remaining=remaining,
                quota_resets_in=quota_resets_in(response),
            )

    @property
    def is_used_up(self) -> bool:
        """Whether no request is left, as far as is known, and the reset has not come yet."""
        usage = self.usage()
        return usage.quota_remaining == 0 and usage.quota_resets_in != 0

    def usage(self) -> Usage:
        """Return what has been spent, and what is left of the quota by now."""
        with self._lock:
            resets_in = self._usage.quota_resets_in
            elapsed = int(clock.monotonic() - self._seen_at)
            if resets_in is None:
                is_outdated = elapsed >= HOUR
                return replace(self._usage, quota_remaining=None) if is_outdated else self._usage
            return replace(self._usage, quota_resets_in=max(resets_in - elapsed, 0))


class ApiAdapter(HTTPAdapter):
    """Signs, paces, sends, tries again; returns a good answer or raises a typed error."""

    def __init__(
        self, settings: Settings, credential: Credential, pace: Pace, meter: Meter
    ) -> None:
        super().__init__()
        self._settings = settings
        self._credential = credential
        self._pace = pace
        self._meter = meter

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        """Return where connections come from, which receive in time."""
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        receive_in_time(pool)
        return pool

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> Any:
        """Return a good answer, with its JSON and moment, without a trace of the credential."""
        began = clock.monotonic()
        too_late = began + self._settings.max_wait
        retrying = Retrying(
            stop=lambda state: self._gives_up(state, began),
            wait=self._wait,
            retry=retry_if_exception(self._may_pass),
            before_sleep=lambda _: self._meter.count(retries=1),
            sleep=clock.sleep,
            reraise=True,
        )
        try:
            return retrying(self._attempt, request, too_late, options)
        except (ApiError, ConnectionFailedError) as error:
            if error.retryable and self._meter.is_used_up:
                raise self._nothing_left(error) from error
            raise

    def _gives_up(self, state: RetryCallState, began: float) -> bool:
        """Return whether the attempts or the time of a request are used up."""
        error = state.outcome.exception() if state.outcome else None
        longest: float = self._settings.max_wait
        if isinstance(error, ConnectionFailedError) and error.is_unreached:
            longest = min(longest, _LONGEST_UNREACHED)
        is_late = clock.monotonic() + state.upcoming_sleep >= began + longest
        return is_late or state.attempt_number >= self._settings.max_attempts

    def _may_pass(self, error: BaseException) -> bool:
        """Tell whether to ask again: the fault may pass, and the quota can pay for it."""
        is_passing = isinstance(error, TogglframeError) and error.retryable
        is_pace_full = isinstance(error, RateLimitError) and error.status is None
        return is_passing and not is_pace_full and not self._meter.is_used_up

    def _nothing_left(self, error: ApiError | ConnectionFailedError) -> QuotaExceededError:
        return QuotaExceededError(
            f"the last request of the hour failed, and none is left to try again ({error})",
            status=None,
            endpoint=error.endpoint,
            retry_after=self._meter.usage().quota_resets_in,
        )

    def _attempt(
        self, request: requests.PreparedRequest, too_late: float, options: dict[str, Any]
    ) -> requests.Response:
        endpoint = endpoint_of(str(request.url))
        self._keep_pace(endpoint, too_late)
        self._meter.count(requests=1)
        outcome = self._exchange(request, endpoint, options)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    def _exchange(
        self, request: requests.PreparedRequest, endpoint: str, options: dict[str, Any]
    ) -> requests.Response | BaseException:
        """Send a signed copy, and return the answer, or what the caller is to raise.

        It is not raised here, since the frames of a traceback would hold the signed copy, and what
        the server may have echoed of it; that of an interrupt too.
        """
        handled = sys.exc_info()[1]  # by the caller: not ours to change
        options["timeout"] = Timeout(total=min(self._settings.timeout, _LONGEST_TIMEOUT))
        try:
            response = super().send(self._credential.sign(request), **options)
            body = whole_body(response)
            self._meter.read_quota(response)
            _logger.debug("%s: HTTP %s", endpoint, response.status_code)
            return self._judged(request, response, body, endpoint)
        except (OSError, HTTPError) as error:
            _logger.debug("%s: %s", endpoint, type(error).__name__)
            host = urlsplit(str(request.url)).netloc
            failure = ConnectionFailedError(self._reason(error), endpoint=endpoint, host=host)
            failure.retryable = isinstance(error, tuple(_PASSING_NETWORK_FAULTS))
            failure.is_unreached = _is_unreached(error)
            cause = _unsigned(error, request, above=handled)
            if not self._credential.is_in_address:  # else its message may tell the address
                failure.__cause__ = cause
            return failure
        except BaseException as error:  # noqa: BLE001 -- it is raised, see above
            return _unsigned(error, request, above=handled)

    def _judged(
        self,
        request: requests.PreparedRequest,
        response: requests.Response,
        body: bytes,
        endpoint: str,
    ) -> requests.Response:
        """Return what the cache may see of a good answer, or raise the error that it is."""
        kept = {
            name: self._credential.redact(response.headers[name])
            for name in _KEPT_HEADERS
            if name in response.headers
        }
        if not is_whole(response):
            said = self._credential.redact(said_by(response, body))[:_LONGEST_MESSAGE]
            refusal = error_of(response, endpoint, said)
            refusal.request_id = next(filter(None, map(kept.get, REQUEST_IDS)), None)
            if not isinstance(refusal, PremiumFeatureError):
                raise refusal
            body = orjson.dumps(said)  # it is cached, so as not to be paid for again
            read = None
        else:
            read = self._read(response, body, endpoint)
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=kept,
            status=response.status_code,
            reason=standard_phrases.get(response.status_code),
            preload_content=False,
        )
        bare: Any = self.build_response(request, raw)
        bare.parsed = read
        bare.fetched_at = clock.now()
        return bare  # type: ignore[no-any-return]

    def _read(self, response: requests.Response, body: bytes, endpoint: str) -> Any:  # noqa: ARG002
        """Return what a body says."""
        return parsed(body, endpoint)

    def _reason(self, error: Exception) -> str:
        """Tell why no answer came."""
        said = self._credential.redact(str(error))[:_LONGEST_MESSAGE]
        for kind, reason in _PASSING_NETWORK_FAULTS.items():
            if isinstance(error, kind):
                is_of_tls = isinstance(error, SSLError | requests.exceptions.SSLError)
                return f"{reason} ({said})" if is_of_tls else reason
        return f"{type(error).__name__}: {said}"

    def _keep_pace(self, endpoint: str, too_late: float) -> None:
        if self._settings.per_second is None:
            return
        left = too_late - clock.monotonic()
        pause = self._pace.reserve(self._settings.per_second, within=left)
        if pause is None:
            raise RateLimitError(
                f"no free moment within max_wait ({self._settings.max_wait:g} s) at "
                f"{self._settings.per_second:g} "
                f"{'request' if self._settings.per_second == 1 else 'requests'} a second",
                status=None,
                endpoint=endpoint,
            )
        clock.sleep(pause)

    def _wait(self, state: RetryCallState) -> float:
        backoff = self._settings.backoff
        pause = (wait_exponential(multiplier=backoff) + wait_random(0, backoff))(state)
        error = state.outcome.exception() if state.outcome else None
        return max(pause, getattr(error, "retry_after", None) or 0.0)


class FileAdapter(ApiAdapter):
    """Does the same for answers that are files, of which there is nothing to parse."""

    def _read(self, response: requests.Response, body: bytes, endpoint: str) -> None:
        check_file(response, body, endpoint)


def _is_unreached(error: Exception) -> bool:
    """Return whether no connection came about: it was refused, or nobody knows the host."""
    if not isinstance(error, requests.ConnectionError):
        return False
    return any(isinstance(getattr(one, "reason", None), NewConnectionError) for one in error.args)


def _unsigned(
    error: BaseException, request: requests.PreparedRequest, *, above: BaseException | None
) -> BaseException:
    """Take out of an error, and of those behind it, what holds the signed request."""
    behind: list[BaseException | None] = [error]
    seen = {id(above), id(None)}
    while behind:
        this = behind.pop()
        if this is None or id(this) in seen:
            continue
        seen.add(id(this))
        this.__traceback__ = None  # the locals of its frames
        if isinstance(this, requests.RequestException):
            this.request = request
        behind += [this.__cause__, this.__context__]
    return error
