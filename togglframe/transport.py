"""One POST to the Reports API: cache, pace, retry, errors.

From the outside in: :class:`Transport` looks into the cache (requests-cache); on a miss
:class:`_ApiAdapter`, below the cache, signs a copy of the request, keeps the pace, tries again
after passing faults (tenacity) and turns everything that is not an answer into a typed error.
So what the cache sees is a good answer, or that the plan lacks a feature, without a trace of the
credential.
"""

from __future__ import annotations

import hashlib
import io
import logging
import os
import re
import sys
import threading
import warnings
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.client import responses as standard_phrases
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit
from weakref import WeakValueDictionary

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests_cache.models.response import CachedResponse
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    wait_exponential,
    wait_random,
)
from urllib3 import HTTPResponse, Timeout
from urllib3.exceptions import HTTPError, ProtocolError, ReadTimeoutError, SSLError

from togglframe import clock
from togglframe._version import __version__
from togglframe.cache import delete_answers, open_cache, session_on
from togglframe.credential import Credential
from togglframe.errors import (
    ApiError,
    ConfigError,
    ConnectionFailedError,
    PremiumFeatureError,
    QuotaExceededError,
    RateLimitError,
    TogglframeError,
    TogglframeWarning,
)
from togglframe.plan import NotCachedError, Rehearsal
from togglframe.receiving import receive_in_time
from togglframe.wire import (
    REQUEST_IDS,
    error_of,
    message_of,
    parsed,
    quota_remaining,
    quota_resets_in,
    request_id,
    whole_body,
)

__all__ = ["Answer", "OnQuota", "Settings", "Transport", "Usage"]

OnQuota = Literal["stale", "raise", "wait"]

_HOUR: Final = 3600  # [s], in which the quota is whole again
_LONGEST_TIMEOUT: Final = 2_000_000  # [s]; sockets count milliseconds in 32 bits
_LONGEST_MESSAGE: Final = 300
# What the cache may keep of an answer's headers. Others would be of no use, or do harm: Vary would
# split it by what the adapter alone adds, ETag make it ask whether its answer is still good, which
# no POST can, cookies be a second credential, and a name or value that nobody knows an echo of it.
_KEPT_HEADERS: Final = REQUEST_IDS
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


@dataclass(frozen=True)
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


@dataclass(frozen=True)
class Answer:
    """The parsed answer to one request, and where it came from.

    Attributes
    ----------
    data : object
        The parsed JSON; None for an empty body.
    fetched_at : datetime
        When the API gave it (UTC).
    from_cache : bool
        Whether it came out of the cache.
    stale : bool
        Whether it was older than the cache's `expire_after`.
    key : str
        Its key in the cache.
    """

    data: Any
    fetched_at: datetime
    from_cache: bool = False
    stale: bool = False
    key: str = ""


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
class _Pace:
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

    def start_anew(self) -> None:
        """Make the lock anew, which no process shares with another."""
        self.lock = threading.Lock()


_paces: defaultdict[tuple[str, bytes], _Pace] = defaultdict(_Pace)


class _Meter:
    """Counts what is spent; safe to use from several threads."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._seen_at = 0.0
        self.start_anew()

    def start_anew(self) -> None:
        """Make the lock anew, which no process shares with another."""
        self._lock = threading.Lock()

    def count(self, *, requests: int = 0, cache_hits: int = 0, retries: int = 0) -> None:
        with self._lock:
            self._usage = replace(
                self._usage,
                requests=self._usage.requests + requests,
                cache_hits=self._usage.cache_hits + cache_hits,
                retries=self._usage.retries + retries,
            )

    def read_quota(self, response: requests.Response) -> None:
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
        with self._lock:
            resets_in = self._usage.quota_resets_in
            elapsed = int(clock.monotonic() - self._seen_at)
            if resets_in is None:
                is_outdated = elapsed >= _HOUR
                return replace(self._usage, quota_remaining=None) if is_outdated else self._usage
            return replace(self._usage, quota_resets_in=max(resets_in - elapsed, 0))


class Transport:
    """POSTs to one host with one credential.

    Parameters
    ----------
    settings : Settings
        How to talk.
    credential : Credential
        Whom to talk as.
    """

    def __init__(self, settings: Settings, credential: Credential) -> None:
        self._settings = settings
        self._base_url = _prepared(settings.base_url).rstrip("/")
        self._credential = credential
        self._fingerprint = credential.fingerprint()
        self._meter = _Meter()
        self._pace = _paces[urlsplit(settings.base_url).netloc, self._fingerprint]
        self._cache = None
        if settings.cache is not None:
            self._cache = open_cache(settings.cache, expire_after=settings.expire_after)
        self._session = self._open_session()
        self._session.headers["User-Agent"] = f"togglframe/{__version__}"
        self._session.headers["Content-Type"] = "application/json"
        self._session.headers["Accept-Encoding"] = "gzip, deflate"  # what `wire` can decode
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = _keep_netrc_out
        self._connect()

    def _connect(self) -> None:
        """Make the locks and the connections, which no process shares with another."""
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
        self._locks_lock = threading.Lock()
        adapter = _ApiAdapter(self._settings, self._credential, self._pace, self._meter)
        self._session.mount(self._base_url, adapter)

    def pause(self) -> None:
        """Keep every thread out of the cache, whose file is closed, until :meth:`resume`."""
        if self._cache is not None:
            self._cache.pause()

    def resume(self) -> None:
        """Let them in again."""
        if self._cache is not None:
            self._cache.resume()

    def start_anew(self) -> None:
        """Forget the locks and connections of the process that this one was forked from."""
        self._meter.start_anew()
        self._pace.start_anew()
        self._connect()

    @property
    def usage(self) -> Usage:
        """What has been spent so far."""
        return self._meter.usage()

    def ask(self, path: str, body: Any, *, refreshed: set[str] | None = None) -> Answer:
        """Send one POST, or take its answer out of the cache.

        Parameters
        ----------
        path : str
            Relative to the base URL.
        body : object
            What is sent as JSON.
        refreshed : set of str, optional
            The keys already fetched anew; a key that is not among them is fetched and added.
        """
        url, payload, key = self._question(path, body)
        with self._lock_of(key):
            anew = refreshed is not None and key not in refreshed
            try:
                answer = self._answer(url, payload, anew=anew)
            except QuotaExceededError as error:
                if self._settings.on_quota != "wait":
                    raise
                _wait_for_quota(error)
                answer = self._answer(url, payload, anew=True)
            if refreshed is not None:
                refreshed.add(key)
        return replace(answer, key=key)

    def old_answer(
        self, path: str, body: Any, *, older_than: datetime | None = None
    ) -> Answer | None:
        """Return the newest answer in the cache, fresh or not, or the newest before a moment."""
        _, _, key = self._question(path, body)
        response = self._stored(key, older_than=older_than)
        if response is None:
            return None
        self._meter.count(cache_hits=1)
        return replace(_cached_answer(response), stale=True, key=key)

    def rehearse(
        self, path: str, body: Any, rehearsal: Rehearsal, *, refreshed: set[str] | None = None
    ) -> Answer:
        """Do as :meth:`ask`, out of the cache alone, and note what :meth:`ask` would send."""
        _, _, key = self._question(path, body)
        response = self._stored(key)
        if response is None:
            rehearsal.requests += 1
            raise NotCachedError(path)
        if response.is_expired or (refreshed is not None and key not in refreshed):
            rehearsal.requests += 1
        elif rehearsal.counts_hits:
            self._meter.count(cache_hits=1)
        return replace(_cached_answer(response), key=key)

    def forget(self, keys: Collection[str]) -> None:
        """Delete these answers from the cache, so that they are fetched anew."""
        if keys and self._cache is not None:
            self._cache.delete(*keys)

    def clear_cache(self, path: str) -> None:
        """Delete every cached answer to a URL below this path."""
        if self._cache is not None:
            delete_answers(self._cache, below=f"{self._url(path)}/")

    def close(self) -> None:
        """Close the connections and the cache."""
        self._session.close()

    def _question(self, path: str, body: Any) -> tuple[str, bytes, str]:
        """Return the address, what is posted, and the key of the answer in the cache."""
        url = self._url(path)
        payload = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        return url, payload, self._key(url, payload)

    def _url(self, path: str) -> str:
        """Return the address of an endpoint in the one spelling that requests and cache know."""
        if not {".", ".."}.isdisjoint(unquote(re.split("[?#]", path)[0]).split("/")):
            raise ConfigError(f"the path {path!r} must not hold . or ..")
        return _prepared(f"{self._base_url}/{path}")

    def _answer(self, url: str, payload: bytes, *, anew: bool) -> Answer:
        options: dict[str, Any] = {"allow_redirects": False}
        if anew and self._cache is not None:
            options["force_refresh"] = True
        response = self._session.post(url, data=payload, **options)
        if getattr(response, "from_cache", False):
            self._meter.count(cache_hits=1)
            _logger.debug("%s: out of the cache", _endpoint_of(url))
            return _cached_answer(response)
        _raise_for_plan(response)
        fresh: Any = response  # with what the adapter adds
        return Answer(data=fresh.parsed, fetched_at=fresh.fetched_at)

    def _stored(self, key: str, *, older_than: datetime | None = None) -> CachedResponse | None:
        if self._cache is None:
            return None
        if older_than is not None:
            return self._cache.older_response(key, older_than)
        stored: CachedResponse | None = self._cache.get_response(key)
        return stored

    def _open_session(self) -> requests.Session:
        if self._cache is None:
            return requests.Session()
        return session_on(self._cache, key_of=self._key_of_request)

    def _key_of_request(self, request: Any, **_: object) -> str:
        return self._key(request.url, request.body)

    def _key(self, url: str, payload: bytes) -> str:
        return hashlib.blake2b(
            url.encode() + b"\n" + payload, key=self._fingerprint, digest_size=16
        ).hexdigest()

    def _lock_of(self, key: str) -> _Lock:
        """Return the lock that lets equal requests at the same moment be sent once."""
        with self._locks_lock:
            lock = self._locks.get(key)
            if lock is None:
                lock = self._locks[key] = _Lock()
            return lock


class _Lock:
    """A lock that can be held weakly."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


class _ApiAdapter(HTTPAdapter):
    """Signs, paces, sends, tries again; returns a good answer or raises a typed error."""

    def __init__(
        self, settings: Settings, credential: Credential, pace: _Pace, meter: _Meter
    ) -> None:
        super().__init__()
        self._settings = settings
        self._credential = credential
        self._pace = pace
        self._meter = meter

    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        pool = super().get_connection_with_tls_context(*args, **kwargs)
        receive_in_time(pool)
        return pool

    def send(self, request: requests.PreparedRequest, *_: Any, **options: Any) -> Any:
        if str(request.url).startswith("http://"):
            options["proxies"] = {}  # it is this machine, and a proxy would see the credential
        too_late = clock.monotonic() + self._settings.max_wait
        retrying = Retrying(
            stop=lambda state: (
                state.attempt_number >= self._settings.max_attempts
                or clock.monotonic() + state.upcoming_sleep >= too_late
            ),
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
        endpoint = _endpoint_of(str(request.url))
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
            failure = ConnectionFailedError(self._reason(error), endpoint=endpoint)
            failure.retryable = isinstance(error, tuple(_PASSING_NETWORK_FAULTS))
            failure.__cause__ = _unsigned(error, request, above=handled)
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
        if response.status_code >= 300:
            said = self._credential.redact(message_of(body))[:_LONGEST_MESSAGE]
            refusal = error_of(response, endpoint, said)
            refusal.request_id = next(iter(kept.values()), None)
            if not isinstance(refusal, PremiumFeatureError):
                raise refusal
            body = orjson.dumps(said)  # it is cached, so as not to be paid for again
        raw = HTTPResponse(
            body=io.BytesIO(body),
            headers=kept,
            status=response.status_code,
            reason=standard_phrases.get(response.status_code),
            preload_content=False,
        )
        bare: Any = self.build_response(request, raw)
        bare.parsed = parsed(body, endpoint)
        bare.fetched_at = clock.now()
        return bare  # type: ignore[no-any-return]

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
                f"{self._settings.per_second:g} requests a second",
                status=None,
                endpoint=endpoint,
            )
        clock.sleep(pause)

    def _wait(self, state: RetryCallState) -> float:
        backoff = self._settings.backoff
        pause = (wait_exponential(multiplier=backoff) + wait_random(0, backoff))(state)
        error = state.outcome.exception() if state.outcome else None
        return max(pause, getattr(error, "retry_after", None) or 0.0)


def _keep_netrc_out(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Do nothing: without an `auth`, requests would look for a password in ~/.netrc."""
    return request


def _endpoint_of(url: str) -> str:
    return re.sub(r"^.*?/workspace/\d+/", "", url)


def _raise_for_plan(response: requests.Response) -> None:
    """Raise the one kind of error that the cache keeps: that the plan lacks a feature."""
    if response.status_code < 300:
        return
    raise PremiumFeatureError(
        message_of(response.content),
        status=response.status_code,
        endpoint=_endpoint_of(str(response.url)),
        request_id=request_id(response),
    )


def _cached_answer(response: Any) -> Answer:
    _raise_for_plan(response)
    return Answer(
        data=parsed(response.content, _endpoint_of(str(response.url))),
        fetched_at=response.created_at,
        from_cache=True,
    )


def _prepared(url: str) -> str:
    """Return the address as requests spells it."""
    try:
        return str(requests.Request("POST", url).prepare().url)
    except ValueError as error:
        raise ConfigError(f"{url!r} is no address that requests can be sent to") from error


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


def _wait_for_quota(error: QuotaExceededError) -> None:
    seconds = _HOUR if error.resets_in is None else min(max(error.resets_in, 1), _HOUR)
    until = (clock.now() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    warnings.warn(
        f"The hourly quota is used up: waiting {seconds} s, until {until} UTC, "
        f"then asking {error.endpoint} once more.",
        TogglframeWarning,
        stacklevel=2,
    )
    clock.sleep(seconds)
