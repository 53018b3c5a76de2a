"""One POST to the Reports API: cache, rate limit, retries, errors.

From the outside in: :class:`Transport` looks into the cache (kept by requests-cache). On a miss,
:class:`~.sending.ApiAdapter`, below the cache, signs a copy of the request, limits the rate,
retries after transient faults (tenacity) and turns everything that is not an answer into a typed
error. The cache therefore sees only good answers, or that the plan lacks a feature, without any
trace of the credential.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import logging
import math
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.cookiejar import DefaultCookiePolicy
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urljoin
from weakref import WeakValueDictionary

import orjson
import requests
from requests_cache.models.response import CachedResponse

from togglframe import clock
from togglframe._version import __version__
from togglframe.errors import (
    BadRequestError,
    ConfigError,
    PremiumFeatureError,
    QuotaExceededError,
    SchemaError,
    TogglframeWarning,
)
from togglframe.http.cache import delete_answers, open_cache
from togglframe.http.credential import Credential
from togglframe.http.ledger import Ledger
from togglframe.http.plan import Known
from togglframe.http.responses import endpoint_of, message_of, parsed, request_id
from togglframe.http.sending import (
    HOUR,
    ApiAdapter,
    FileAdapter,
    Meter,
    OnQuota,
    Settings,
    Usage,
    pace_of,
)
from togglframe.http.urls import Root
from togglframe.warning import warn

__all__ = ["Answer", "FileAnswer", "OnQuota", "Settings", "Transport", "Usage"]

_PATHS: Final = 128  # paths whose normalised spelling is remembered
_CACHEABLE: Final = (200, 402)  # a good answer, and that the plan lacks a feature

_T = TypeVar("_T")

_logger = logging.getLogger("togglframe")


@dataclass(frozen=True)
class Answer:
    """The parsed answer to one request, and where it came from.

    Attributes
    ----------
    data : object
        The parsed JSON; None for an empty body.
    fetched_at : datetime
        When the API sent it (UTC).
    from_cache : bool
        Whether it came from the cache.
    stale : bool
        Whether it was older than the cache's `expire_after`.
    key : str
        Its key in the cache.
    headers : mapping of str to str
        The headers, by case-insensitive names.
    """

    data: Any
    fetched_at: datetime
    from_cache: bool = False
    stale: bool = False
    key: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileAnswer:
    """A file from the API.

    Attributes
    ----------
    content : bytes
        The whole file.
    fetched_at : datetime
        When the API sent it (UTC).
    headers : mapping of str to str
        The headers, by case-insensitive names.
    """

    content: bytes
    fetched_at: datetime
    headers: Mapping[str, str] = field(default_factory=dict)


class Transport:
    """Sends POSTs to one host with one credential.

    Parameters
    ----------
    settings : Settings
        How to send requests.
    credential : Credential
        The credential to send them with.
    meter : Meter, optional
        The counter of requests; by default a new one.
    """

    def __init__(
        self, settings: Settings, credential: Credential, *, meter: Meter | None = None
    ) -> None:
        self._settings = settings
        self._base_url = _prepared(settings.base_url).rstrip("/")
        self._spelled = functools.lru_cache(maxsize=_PATHS)(_prepared)
        self._credential = credential
        self._fingerprint = credential.fingerprint()
        self._meter = meter or Meter()
        self._pace = pace_of(settings.base_url, self._fingerprint)
        self._cache = None
        if settings.cache is not None:
            self._cache = open_cache(settings.cache, expire_after=settings.expire_after)
        self._ledger = Ledger(self._cache)
        self._session, self._files = _session(self._base_url), _session(self._base_url)
        self._connect()

    def _connect(self) -> None:
        """Create the locks and the connections, which processes must not share."""
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()
        self._locks_lock = threading.Lock()
        host = urljoin(self._base_url, "/")
        spending = self._settings, self._credential, self._pace, self._meter
        self._session.mount(host, ApiAdapter(*spending))
        self._files.mount(host, FileAdapter(*spending))

    def pause(self) -> None:
        """Close the cache's file and keep every thread out of the cache until :meth:`resume`."""
        if self._cache is not None:
            self._cache.pause()

    def resume(self) -> None:
        """Let threads use the cache again."""
        if self._cache is not None:
            self._cache.resume()

    def reconnect(self) -> None:
        """Replace the locks and connections of the process that this one was forked from."""
        self._meter.renew_lock()
        self._pace.renew_lock()
        self._connect()

    @contextlib.contextmanager
    def for_report(self, report_token: str) -> Iterator[Transport]:
        """Open a shared report inside the block; nothing of it is cached."""
        settings = replace(self._settings, cache=None)
        credential = self._credential.with_report_token(report_token)
        connections = logging.getLogger("urllib3.connectionpool")
        connections.addFilter(credential.keep_out)
        opened = Transport(settings, credential, meter=self._meter)
        try:
            yield opened
        except SchemaError as error:
            error.redact(credential.redacted)
            raise
        finally:
            opened.close()
            connections.removeFilter(credential.keep_out)

    def past_cache(self, *, max_attempts: int) -> Transport:
        """Return a transport like this one that neither waits for the quota nor uses the cache.

        Parameters
        ----------
        max_attempts : int
            How often a request is sent at most, unless the setting is lower.
        """
        settings = replace(
            self._settings,
            cache=None,
            on_quota="raise",
            max_attempts=min(max_attempts, self._settings.max_attempts),
        )
        return Transport(settings, self._credential, meter=self._meter)

    @property
    def usage(self) -> Usage:
        """What has been spent so far."""
        return self._meter.usage()

    def ask(
        self,
        path: str,
        body: Any,
        *,
        root: Root = Root.REPORTS,
        refreshed: set[str] | None = None,
    ) -> Answer:
        """Send one POST, or take its answer from the cache.

        Parameters
        ----------
        path : str
            The path below the root.
        body : object
            The body, sent as JSON.
        root : Root
            The root of the API.
        refreshed : set of str, optional
            The keys already re-fetched; a key that is not among them is fetched and added.
        """
        url, payload, key = self._question(path, body, root)
        self._ledger.asked(key)
        with self._lock_of(key):
            is_refresh = refreshed is not None and key not in refreshed
            stored = None if is_refresh else self._fresh(key)
            try:
                answer = stored or self._paid(lambda: self._send(url, payload, key))
            except BadRequestError:
                self._ledger.refused(key)
                raise
            if refreshed is not None:
                refreshed.add(key)
        self._ledger.answered(key, answer.fetched_at, from_cache=answer.from_cache)
        return replace(answer, key=key)

    def file(self, path: str, body: Any, *, root: Root = Root.REPORTS) -> FileAnswer:
        """Send one POST whose answer is a file: complete, or an error, and never cached."""
        url, payload, _ = self._question(path, body, root)
        post = functools.partial(self._files.post, url, data=payload, allow_redirects=False)
        response: Any = self._paid(post)
        _raise_for_plan(response)
        return FileAnswer(response.content, response.fetched_at, response.headers)

    def old_answer(
        self,
        path: str,
        body: Any,
        *,
        root: Root = Root.REPORTS,
        older_than: datetime | None = None,
    ) -> Answer | None:
        """Return the newest cached answer, fresh or not, or the newest before a moment."""
        *_, key = self._question(path, body, root)
        response = self._stored(key, older_than=older_than)
        if response is None:
            return None
        self._meter.count(cache_hits=1)
        self._ledger.answered(key, response.created_at, from_cache=True)
        return replace(_cached_answer(response), stale=True, key=key)

    def noting(self, path: str, listing: str) -> AbstractContextManager[None]:
        """Record the answers that this thread requests inside the block as those of a listing.

        Parameters
        ----------
        path : str
            The path of the workspace, below the root.
        listing : str
            The name of the listing.
        """
        url, note = self._note(path, listing)
        return self._ledger.entry(note, url=url)

    def known(self, path: str, listing: str, *, refreshed: set[str] | None = None) -> Known | None:
        """Return what is known about a recorded listing; see :meth:`noting`."""
        _, note = self._note(path, listing)
        return self._ledger.known(note, refreshed=refreshed)

    def keep(self, path: str, name: str, note: bytes) -> None:
        """Keep a note about a workspace beside its cached answers."""
        if self._cache is not None:
            url, key = self._note(path, name)
            self._cache.keep_note(key, note, url=url)

    def kept(self, path: str, name: str) -> bytes | None:
        """Return a note, None if there is none."""
        return None if self._cache is None else self._cache.note(self._note(path, name)[1])

    def forget(self, keys: Collection[str]) -> None:
        """Delete these answers from the cache, so that they are re-fetched."""
        if keys and self._cache is not None:
            self._cache.delete(keys)

    def clear_cache(self, path: str) -> None:
        """Delete all cached answers to URLs below this path, for every root."""
        if self._cache is not None:
            for root in Root:
                delete_answers(self._cache, below=f"{self._url(path, root)}/")

    def close(self) -> None:
        """Close the connections and the cache."""
        self._session.close()
        self._files.close()
        if self._cache is not None:
            self._cache.close()

    def _question(self, path: str, body: Any, root: Root) -> tuple[str, bytes, str]:
        """Return the URL, the payload, and the key of the answer in the cache."""
        url = self._url(path, root)
        payload = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
        if b"null" in payload:
            _check_finite(body)
        return url, payload, self._key(url, payload)

    def _url(self, path: str, root: Root) -> str:
        """Return the URL of an endpoint in the spelling that requests and the cache use."""
        if not {".", ".."}.isdisjoint(unquote(path.partition("?")[0]).split("/")):
            raise ConfigError(f"the path {path!r} must not contain . or ..")
        if "#" in path:
            raise ConfigError(
                f"the path {path!r} must not contain #: whatever follows it is never sent"
            )
        return self._spelled(f"{root.of(self._base_url)}/{path}")

    def _fresh(self, key: str) -> Answer | None:
        """Return the fresh answer in the cache, None if it has to be fetched."""
        response = self._stored(key)
        if self._cache is None or response is None or not self._cache.is_fresh(response.created_at):
            return None
        self._meter.count(cache_hits=1)
        _logger.debug("%s: out of the cache", endpoint_of(str(response.url)))
        return _cached_answer(response)

    def _paid(self, send: Callable[[], _T]) -> _T:
        """Send; if the quota is used up and the settings say so, wait for the reset and resend."""
        try:
            return send()
        except QuotaExceededError as error:
            if self._settings.on_quota != "wait":
                raise
            _wait_for_quota(error)
            return send()

    def _send(self, url: str, payload: bytes, key: str) -> Answer:
        """Send a POST, and cache the answer."""
        response: Any = self._session.post(url, data=payload, allow_redirects=False)
        if self._cache is not None and response.status_code in _CACHEABLE:
            self._cache.keep(key, response)
        _raise_for_plan(response)
        return Answer(response.parsed, response.fetched_at, headers=response.headers)

    def _stored(self, key: str, *, older_than: datetime | None = None) -> CachedResponse | None:
        return None if self._cache is None else self._cache.newest(key, before=older_than)

    def _key(self, url: str, payload: bytes) -> str:
        return hashlib.blake2b(
            url.encode() + b"\n" + payload, key=self._fingerprint, digest_size=16
        ).hexdigest()

    def _note(self, path: str, listing: str) -> tuple[str, str]:
        """Return the URL that a listing's note belongs to, and its key, which no answer has."""
        url = f"{self._base_url}/{path}/"
        return url, self._key(url, listing.encode())

    def _lock_of(self, key: str) -> _Lock:
        """Return the lock that prevents equal requests from being sent at the same time."""
        with self._locks_lock:
            lock = self._locks.get(key)
            if lock is None:
                lock = self._locks[key] = _Lock()
            return lock


class _Lock:
    """A lock that can be weakly referenced."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _session(base_url: str) -> requests.Session:
    session = requests.Session()
    if base_url.startswith("http://"):
        session.trust_env = False  # the host is local, and a proxy would see the credential
    session.headers["User-Agent"] = f"togglframe/{__version__}"
    session.headers["Content-Type"] = "application/json"
    session.headers["Accept-Encoding"] = "gzip, deflate"  # what `wire` can decode
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.auth = _keep_netrc_out
    return session


def _keep_netrc_out(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Do nothing: without an `auth`, requests would look for a password in ~/.netrc."""
    return request


def _raise_for_plan(response: requests.Response) -> None:
    """Raise the one error that is cached: that the plan lacks a feature."""
    if response.status_code < 300:
        return
    raise PremiumFeatureError(
        message_of(response.content),
        status=response.status_code,
        endpoint=endpoint_of(str(response.url)),
        request_id=request_id(response),
    )


def _cached_answer(response: Any) -> Answer:
    _raise_for_plan(response)
    return Answer(
        data=parsed(response.content, endpoint_of(str(response.url))),
        fetched_at=response.created_at,
        from_cache=True,
        headers=response.headers,
    )


def _check_finite(body: Any) -> None:
    """Refuse floats that JSON does not have and that orjson writes as null."""
    if isinstance(body, float) and not math.isfinite(body):
        raise ConfigError(
            f"the body contains {body}, which JSON cannot represent; use None for null"
        )
    if isinstance(body, Mapping):
        body = body.values()
    elif not isinstance(body, list | tuple):
        return
    for item in body:
        _check_finite(item)


def _prepared(url: str) -> str:
    """Return the URL as requests spells it."""
    try:
        return str(requests.Request("POST", url).prepare().url)
    except ValueError as error:
        raise ConfigError(f"{url!r} is not a valid URL") from error


def _wait_for_quota(error: QuotaExceededError) -> None:
    seconds = HOUR if error.resets_in is None else min(max(error.resets_in, 1), HOUR)
    until = (clock.now() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    warn(
        TogglframeWarning(
            f"The hourly quota is used up: waiting {seconds} s, until {until} UTC, "
            f"then asking {error.endpoint} once more."
        )
    )
    clock.sleep(seconds)
