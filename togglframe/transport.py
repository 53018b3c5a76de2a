"""One POST to the Reports API: cache, pace, retry, errors.

From the outside in: :class:`Transport` looks into the cache (requests-cache); on a miss
:class:`_ApiAdapter`, below the cache, signs a copy of the request, keeps the pace, tries again
after passing faults (tenacity) and turns everything that is not an answer into a typed error.
So what the cache sees is a good answer, or that the plan lacks a feature, without a trace of the
credential.
"""

from __future__ import annotations

import base64
import hashlib
import logging
import os
import re
import sys
import threading
import time
import warnings
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, Literal
from urllib.parse import unquote, urlsplit
from weakref import WeakValueDictionary

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from requests_cache.models.response import CachedResponse
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential,
    wait_random,
)
from urllib3.exceptions import HTTPError, InvalidHeader
from urllib3.util import Retry

from togglframe._version import __version__
from togglframe.cache import delete_answers, open_session
from togglframe.errors import (
    AccessError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    ConfigError,
    ConnectionFailedError,
    GoneError,
    PremiumFeatureError,
    QuotaExceededError,
    RateLimitError,
    SchemaError,
    ServerError,
    StaleDataWarning,
    TogglframeError,
    TogglframeWarning,
)
from togglframe.plan import NotCachedError, Rehearsal

__all__ = ["Answer", "Credential", "OnQuota", "Settings", "Transport", "Usage"]

OnQuota = Literal["stale", "raise", "wait"]

_TOKEN_PASSWORD: Final = "api_token"  # noqa: S105 -- the vendor's constant
_HOUR: Final = 3600  # [s], in which the quota is whole again
_QUOTA_REMAINING: Final = "X-Toggl-Quota-Remaining"
_QUOTA_RESETS_IN: Final = "X-Toggl-Quota-Resets-In"
_REQUEST_IDS: Final = ("X-Request-Id", "X-Toggl-Request-Id")
# Vary would split the cache by what the adapter alone adds; cookies would be a second credential;
# the others would make requests-cache ask whether its answer is still good, which no POST can.
_DROPPED_HEADERS: Final = ("Vary", "Set-Cookie", "ETag", "Last-Modified")
_CONDITIONS: Final = ("If-None-Match", "If-Modified-Since")
_LONGEST_MESSAGE: Final = 300
_LONGEST_INTEGER: Final = 18  # digits
_SPEAKS_OF_QUOTA: Final = re.compile(r"hourly limit|quota|reset in", re.IGNORECASE)
_SPEAKS_OF_PLAN: Final = re.compile(r"premium|plan|upgrade|feature", re.IGNORECASE)
# Faults of the network that may pass, and what to say of them: the first that fits.
_PASSING_NETWORK_FAULTS: Final[dict[type[Exception], str]] = {
    requests.Timeout: "it took longer than the timeout",
    requests.exceptions.ProxyError: "the proxy could not be reached",
    requests.exceptions.ChunkedEncodingError: "the answer broke off",
    requests.exceptions.ContentDecodingError: "the answer broke off",
    requests.ConnectionError: "the connection failed",
}
_ERRORS: Final[dict[int, type[ApiError]]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: AccessError,
    410: GoneError,
    429: RateLimitError,
}

_logger = logging.getLogger("togglframe")


class Credential:
    """An API token, or an e-mail address and a password; it never shows itself."""

    __slots__ = ("_secret", "_words")

    def __init__(self, user: str, password: str) -> None:
        self._secret = base64.b64encode(f"{user}:{password}".encode()).decode("ascii")
        words = {user, password, self._secret} - {_TOKEN_PASSWORD}
        self._words = sorted(words, key=len, reverse=True)  # one may hold another

    @classmethod
    def of_token(cls, token: str) -> Credential:
        """Make the credential of an API token, as the vendor wants it."""
        return cls(token, _TOKEN_PASSWORD)

    def __repr__(self) -> str:
        """Tell that there is a credential, not which."""
        return "Credential(***)"

    def __reduce__(self) -> str:
        """Refuse to be pickled: a pickle is a file."""
        raise TypeError("a togglframe credential is never written to a file or a pickle")

    def sign(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Return a copy of the request that carries the credential."""
        signed = request.copy()
        for condition in _CONDITIONS:
            signed.headers.pop(condition, None)
        signed.headers["Authorization"] = f"Basic {self._secret}"
        return signed

    def redact(self, text: str) -> str:
        """Return the text without any part of the credential, should the other side echo it."""
        for word in self._words:
            text = text.replace(word, "***")
        return text

    def fingerprint(self) -> bytes:
        """Return what tells credentials apart; slow to compute, so that it cannot be guessed."""
        return hashlib.scrypt(self._secret.encode(), salt=b"togglframe", n=2**12, r=8, p=1)


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
    headers : mapping of str to str
        The headers, whatever the case of their names.
    """

    data: Any
    fetched_at: datetime
    from_cache: bool = False
    stale: bool = False
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


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
            now = time.monotonic()
            moment = max(now, self.free_at)
            if moment - now > within:
                return None
            self.free_at = moment + 1 / per_second
            return moment - now


_paces: defaultdict[tuple[str, bytes], _Pace] = defaultdict(_Pace)


class _Meter:
    """Counts what is spent; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._usage = Usage()
        self._seen_at = 0.0

    def count(self, *, requests: int = 0, cache_hits: int = 0, retries: int = 0) -> None:
        with self._lock:
            self._usage = replace(
                self._usage,
                requests=self._usage.requests + requests,
                cache_hits=self._usage.cache_hits + cache_hits,
                retries=self._usage.retries + retries,
            )

    def read_quota(self, response: requests.Response) -> None:
        remaining = _integer(response.headers.get(_QUOTA_REMAINING))
        if remaining is None:
            return
        with self._lock:
            self._seen_at = time.monotonic()
            self._usage = replace(
                self._usage,
                quota_remaining=remaining,
                quota_resets_in=_integer(response.headers.get(_QUOTA_RESETS_IN)),
            )

    @property
    def is_used_up(self) -> bool:
        """Whether no request is left, as far as is known, and the reset has not come yet."""
        usage = self.usage()
        return usage.quota_remaining == 0 and usage.quota_resets_in != 0

    def usage(self) -> Usage:
        with self._lock:
            resets_in = self._usage.quota_resets_in
            elapsed = int(time.monotonic() - self._seen_at)
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
        self._fingerprint = credential.fingerprint()
        self._meter = _Meter()
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
        self._locks_lock = threading.Lock()
        self._session = self._open_session()
        self._session.headers["User-Agent"] = f"togglframe/{__version__}"
        self._session.headers["Content-Type"] = "application/json"
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
        self._session.auth = _keep_netrc_out
        adapter = _ApiAdapter(settings, credential, self._fingerprint, self._meter)
        self._session.mount(self._base_url, adapter)

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
        url = self._url(path)
        payload = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        key = self._key(url, payload)
        with self._lock_of(key):
            anew = refreshed is not None and key not in refreshed
            try:
                answer = self._answer(url, payload, anew=anew)
            except QuotaExceededError as error:
                answer = self._without_quota(error, url, payload, key)
            if refreshed is not None:
                refreshed.add(key)
        return replace(answer, key=key)

    def rehearse(
        self, path: str, body: Any, rehearsal: Rehearsal, *, refreshed: set[str] | None = None
    ) -> Answer:
        """Do as :meth:`ask`, out of the cache alone, and note what :meth:`ask` would send."""
        key = self._key(self._url(path), orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
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
        if keys and isinstance(self._session, CachedSession):
            self._session.cache.delete(*keys)

    def clear_cache(self, path: str) -> None:
        """Delete every cached answer to a URL below this path."""
        if isinstance(self._session, CachedSession):
            delete_answers(self._session.cache, below=f"{self._url(path)}/")

    def close(self) -> None:
        """Close the connections and the cache."""
        self._session.close()

    def _url(self, path: str) -> str:
        """Return the address of an endpoint in the one spelling that requests and cache know."""
        if not {".", ".."}.isdisjoint(unquote(re.split("[?#]", path)[0]).split("/")):
            raise ConfigError(f"the path {path!r} must not hold . or ..")
        return _prepared(f"{self._base_url}/{path}")

    def _answer(self, url: str, payload: bytes, *, anew: bool) -> Answer:
        options: dict[str, Any] = {"timeout": self._settings.timeout, "allow_redirects": False}
        if anew and isinstance(self._session, CachedSession):
            options["force_refresh"] = True
        response = self._session.post(url, data=payload, **options)
        if getattr(response, "from_cache", False):
            self._meter.count(cache_hits=1)
            _logger.debug("%s: out of the cache", _endpoint_of(url))
            return _cached_answer(response)
        _raise_for_plan(response)
        data = response.parsed  # type: ignore[attr-defined]
        return Answer(data=data, fetched_at=datetime.now(UTC), headers=response.headers)

    def _without_quota(
        self, error: QuotaExceededError, url: str, payload: bytes, key: str
    ) -> Answer:
        if self._settings.on_quota == "wait":
            _wait_for_quota(error)
            return self._answer(url, payload, anew=True)
        if self._settings.on_quota == "stale":
            answer = self._stale_answer(key)
            if answer is not None:
                _warn_of_age(error, answer)
                return answer
        raise error

    def _stored(self, key: str) -> CachedResponse | None:
        if not isinstance(self._session, CachedSession):
            return None
        return self._session.cache.get_response(key)

    def _stale_answer(self, key: str) -> Answer | None:
        response = self._stored(key)
        if response is None:
            return None
        self._meter.count(cache_hits=1)
        return replace(_cached_answer(response), stale=True)

    def _open_session(self) -> requests.Session:
        if self._settings.cache is None:
            return requests.Session()
        return open_session(
            self._settings.cache,
            expire_after=self._settings.expire_after,
            key_of=self._key_of_request,
        )

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
        self, settings: Settings, credential: Credential, fingerprint: bytes, meter: _Meter
    ) -> None:
        super().__init__()
        self._settings = settings
        self._credential = credential
        self._meter = meter
        self._pace = _paces[urlsplit(settings.base_url).netloc, fingerprint]

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> Any:
        signed = self._credential.sign(request)
        if str(request.url).startswith("http://"):
            kwargs["proxies"] = {}  # it is this machine, and a proxy would see the credential
        started_at = time.monotonic()
        retrying = Retrying(
            stop=stop_after_attempt(self._settings.max_attempts)
            | stop_before_delay(self._settings.max_wait),
            wait=self._wait,
            retry=retry_if_exception(self._may_pass),
            before_sleep=lambda _: self._meter.count(retries=1),
            sleep=time.sleep,
            reraise=True,
        )
        try:
            response = retrying(self._attempt, request, signed, started_at, args, kwargs)
        except (ApiError, ConnectionFailedError) as error:
            if error.retryable and self._meter.is_used_up:
                raise self._nothing_left(error) from error
            raise
        response.request = request
        return response

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
        self,
        request: requests.PreparedRequest,
        signed: requests.PreparedRequest,
        started_at: float,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> requests.Response:
        endpoint = _endpoint_of(str(request.url))
        self._keep_pace(endpoint, started_at)
        self._meter.count(requests=1)
        handled = sys.exc_info()[1]  # by the caller: not ours to change
        try:
            response = super().send(signed, *args, **kwargs)
            response.content  # noqa: B018 -- a body that is cut fails here, inside the retry
        except (OSError, HTTPError) as error:
            _logger.debug("%s: %s", endpoint, type(error).__name__)
            failure = ConnectionFailedError(self._reason(error), endpoint=endpoint)
            failure.retryable = isinstance(error, tuple(_PASSING_NETWORK_FAULTS))
            raise failure from _unsigned(error, request, above=handled)
        self._meter.read_quota(response)
        _logger.debug("%s: HTTP %s", endpoint, response.status_code)
        if response.status_code >= 300:
            response.close()
            refusal = self._refusal(response, endpoint)
            self._clean(response)
            if not isinstance(refusal, PremiumFeatureError):
                raise refusal
            # It is cached, so as not to be paid for again, without an echo of the credential.
            response._content = orjson.dumps(refusal.message)  # noqa: SLF001
            return response
        self._clean(response)
        response.parsed = _parsed(response.content, endpoint)  # type: ignore[attr-defined]
        return response

    def _refusal(self, response: requests.Response, endpoint: str) -> ApiError:
        """Return the error that an answer is, without an echo of the credential."""
        said = self._credential.redact(_message_of(response))[:_LONGEST_MESSAGE]
        refusal = _error_of(response, endpoint, said)
        if refusal.request_id is not None:
            refusal.request_id = self._credential.redact(refusal.request_id)
        return refusal

    def _clean(self, response: requests.Response) -> None:
        """Take out of the headers what the cache must not see."""
        for header in _DROPPED_HEADERS:
            response.headers.pop(header, None)
        for header, value in response.headers.items():
            response.headers[header] = self._credential.redact(value)

    def _reason(self, error: Exception) -> str:
        """Tell why no answer came."""
        said = self._credential.redact(str(error))[:_LONGEST_MESSAGE]
        if isinstance(error, requests.exceptions.SSLError):
            return f"the secure connection failed ({said})"
        for kind, reason in _PASSING_NETWORK_FAULTS.items():
            if isinstance(error, kind):
                return reason
        return f"{type(error).__name__}: {said}"

    def _keep_pace(self, endpoint: str, started_at: float) -> None:
        if self._settings.per_second is None:
            return
        left = self._settings.max_wait - (time.monotonic() - started_at)
        pause = self._pace.reserve(self._settings.per_second, within=left)
        if pause is None:
            raise RateLimitError(
                f"no free moment within max_wait ({self._settings.max_wait:g} s) at "
                f"{self._settings.per_second:g} requests a second",
                status=None,
                endpoint=endpoint,
            )
        time.sleep(pause)

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


def _integer(text: str | None) -> int | None:
    is_integer = text and text.isascii() and text.isdigit() and len(text) <= _LONGEST_INTEGER
    return int(text) if text and is_integer else None


def _parsed(content: bytes, endpoint: str) -> Any:
    if not content.strip():
        return None
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        reason = str(error)
    # Outside of the block, since the error holds the whole answer.
    raise SchemaError(f"the answer is not JSON ({reason})", endpoint=endpoint)


def _raise_for_plan(response: Any) -> None:
    """Raise the one kind of error that the cache keeps: that the plan lacks a feature."""
    if response.status_code >= 300:
        raise _error_of(response, _endpoint_of(response.url), _message_of(response))


def _cached_answer(response: Any) -> Answer:
    _raise_for_plan(response)
    return Answer(
        data=_parsed(response.content, _endpoint_of(response.url)),
        fetched_at=response.created_at.replace(tzinfo=UTC),
        from_cache=True,
        headers=response.headers,
    )


def _prepared(url: str) -> str:
    """Return the address as requests spells it."""
    try:
        return str(requests.Request("POST", url).prepare().url)
    except ValueError as error:
        raise ConfigError(f"{url!r} is no address that requests can be sent to") from error


def _unsigned(
    error: Exception, request: requests.PreparedRequest, *, above: BaseException | None
) -> Exception:
    """Take out of an error, and of those behind it, what holds the signed request."""
    chain: BaseException | None = error
    while chain is not None and chain is not above:
        chain.__traceback__ = None  # the locals of its frames
        if isinstance(chain, requests.RequestException):
            chain.request = request
        chain = chain.__cause__ or chain.__context__
    return error


def _error_of(response: requests.Response, endpoint: str, message: str) -> ApiError:
    status = response.status_code
    retry_after = _retry_after(response)
    kind = ServerError if status >= 500 else _ERRORS.get(status, ApiError)
    if status == 402:
        kind = QuotaExceededError if _is_quota(response, message) else PremiumFeatureError
        retry_after = _quota_reset(response, message)
    return kind(
        message,
        status=status,
        endpoint=endpoint,
        request_id=next(filter(None, map(response.headers.get, _REQUEST_IDS)), None),
        retry_after=retry_after,
    )


def _message_of(response: requests.Response) -> str:
    """Return what the API said: a JSON string, a field of an object, or whatever text came."""
    try:
        said = orjson.loads(response.content)
    except orjson.JSONDecodeError:
        said = None
    if isinstance(said, dict):
        said = said.get("error_message") or said.get("message")
    if said is None:
        said = response.content.decode(errors="replace")  # charsets of its own may not exist
    return " ".join(str(said).split())


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After")
    if value is None:
        return None
    try:
        return Retry().parse_retry_after(value)
    except (InvalidHeader, ValueError, OverflowError):
        return None


def _is_quota(response: requests.Response, message: str) -> bool:
    if _SPEAKS_OF_QUOTA.search(message):
        return True
    is_used_up = response.headers.get(_QUOTA_REMAINING) == "0"
    return is_used_up and not _SPEAKS_OF_PLAN.search(message)


def _quota_reset(response: requests.Response, message: str) -> int | None:
    in_text = re.search(r"(\d+) seconds?", message)
    return _integer(response.headers.get(_QUOTA_RESETS_IN) or (in_text and in_text[1]))


def _wait_for_quota(error: QuotaExceededError) -> None:
    seconds = _HOUR if error.resets_in is None else min(max(error.resets_in, 1), _HOUR)
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    warnings.warn(
        f"The hourly quota is used up: waiting {seconds} s, until {until} UTC, "
        f"then asking {error.endpoint} once more.",
        TogglframeWarning,
        stacklevel=2,
    )
    time.sleep(seconds)


def _warn_of_age(error: QuotaExceededError, answer: Answer) -> None:
    age = timedelta(seconds=int((datetime.now(UTC) - answer.fetched_at).total_seconds()))
    when = "" if error.resets_in is None else f"; the quota resets in {error.resets_in} s"
    warnings.warn(
        f"{error.endpoint}: the hourly quota is used up, so this is the answer of {age} ago "
        f"({answer.fetched_at:%Y-%m-%d %H:%M} UTC){when}.",
        StaleDataWarning,
        stacklevel=2,
    )
