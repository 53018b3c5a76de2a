"""Client: the requests of one workspace; users have a :class:`~togglframe.Workspace`.

Imports requests-cache here and not at its first use: it keeps the errors of the backends that it
cannot import, and with their tracebacks every object of the functions that were running.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote
from weakref import finalize

import orjson
from requests import Request
from requests_cache import DO_NOT_CACHE, CachedSession

from togglframe import clock, errors
from togglframe.http.cache import AnswerCache, open_cache, open_session
from togglframe.http.credential import Credential
from togglframe.http.quota import HOUR, Known, Meter, Usage, drop_lock, lock_of
from togglframe.http.send import parsed, premium_error
from togglframe.http.settings import OnQuota, Root, Settings
from togglframe.text.formats import format_duration
from togglframe.warning import warn

if TYPE_CHECKING:
    from togglframe.workspace import Workspace

# Requests time as it was tracked; without it, the credential's preferences decide on rounding.
EXACT: Final = {"rounding": 0, "rounding_minutes": 0}
_LEARNED: Final = "learned"  # the record of what refusals have taught
_LISTING: Final = "listing"  # the record of a listing that came to its end


@dataclass(frozen=True)
class Answer:
    """The data of one response, and where it came from.

    Attributes
    ----------
    data : object
        The parsed JSON, None for an empty body; the bytes of a file.
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


@dataclass
class Learned:
    """What has been learned from refusals of the API, so that each costs a request only once.

    Attributes
    ----------
    caps : dict
        The most ids that one request may post, by path.
    page_sizes : dict
        The largest page size that is not refused, by path.
    want_ids : set of str
        The paths that do not answer without ids.
    rounds : bool
        Whether the plan refuses requests for exact time; this process alone remembers it.
    """

    caps: dict[str, int] = field(default_factory=dict)
    page_sizes: dict[str, int] = field(default_factory=dict)
    want_ids: set[str] = field(default_factory=set)
    rounds: bool = False


@dataclass
class _Page:
    """A response that a listing is made of.

    Attributes
    ----------
    fetched_at : datetime or None
        When the API sent it; None if the plan refuses it.
    requests : int
        How often it was requested: more than once where an empty page was doubted.
    """

    fetched_at: datetime | None = None
    requests: int = 0


@dataclass(frozen=True, kw_only=True)
class CachedListing:
    """A listing that was read to its end, as it is recorded beside the answers.

    Attributes
    ----------
    body : dict
        The filters and the range of days, without the size of its pages.
    pages : dict of str to datetime
        When the API sent each of its pages (UTC), by their keys in the cache, in their order.
    is_complete : bool
        Whether nothing casts doubt on it, so that it answers for a part of it too.
    rows : dict of str to int
        How many rows it has, by month.
    distinct : dict of str to int
        How many users, projects and clients are in them.
    shared : list of (str, str)
        The first and the last day of entries that share one amount, and so cannot be separated.
    left_out : dict of str to str
        The parameters that the plan of the workspace does not take, and what holds instead.
    """

    body: dict[str, Any]
    pages: dict[str, datetime]
    is_complete: bool
    left_out: dict[str, str]
    rows: dict[str, int] = field(default_factory=dict)
    distinct: dict[str, int] = field(default_factory=dict)
    shared: list[tuple[str, str]] = field(default_factory=list)


class NotCachedError(Exception):
    """The cache has no such answer; callers never see this error."""


class Client:
    """Sends the requests of one workspace, or takes their answers from the cache.

    Parameters
    ----------
    workspace_id : int
        The workspace.
    credential : Credential
        The credential to use.
    settings : Settings
        How to send requests.
    progress : bool, optional
        Whether long listings show a bar; by default only on a terminal.
    meter : Meter, optional
        The counter of requests; by default a new one.
    path : str, optional
        What all paths begin with; by default that of the workspace.

    Attributes
    ----------
    id : int
        The workspace.
    deleted : dict of str to set of int
        The ids that other listings name although a newer listing lacks them, by that listing.
    """

    def __init__(
        self,
        workspace_id: int,
        credential: Credential,
        settings: Settings,
        *,
        progress: bool | None = None,
        meter: Meter | None = None,
        path: str | None = None,
    ) -> None:
        self.id = workspace_id
        self.deleted: dict[str, set[int]] = {}
        self.progress = progress
        self._path = f"workspace/{workspace_id}/" if path is None else path
        self._credential = credential
        self._settings = settings
        self._meter = Meter() if meter is None else meter
        self._learned: Learned | None = None
        self._opened: AnswerCache | None = None
        # One for each process and thread: a child of a fork must not share connections.
        self._sessions: dict[tuple[int, int], CachedSession] = {}
        self._end: Callable[[], object] | None = None
        self._ending: str | None = None
        self._is_over = False

    @property
    def on_quota(self) -> OnQuota:
        """What to do when the quota is used up."""
        on_quota = self._settings.on_quota
        return "raise" if on_quota == "stale" and _is_for_keeps.get() else on_quota

    @property
    def mark(self) -> str:
        """A digest that distinguishes credentials, too short to verify a guess with."""
        return hashlib.blake2b(self._credential.fingerprint, digest_size=2).hexdigest()

    @property
    def is_opened(self) -> bool:
        """Whether a request has been made so far."""
        return bool(self._sessions)

    @property
    def usage(self) -> Usage:
        """What has been spent so far, and what is left of the quota."""
        return self._meter.usage

    @property
    def is_used_up(self) -> bool:
        """Whether no request is left, as far as is known, and the quota has not reset yet."""
        return self._meter.is_used_up

    def post(
        self,
        path: str,
        body: object,
        *,
        root: Root = Root.REPORTS,
        is_stale: bool = False,
        may_be_stale: bool = True,
        is_file: bool = False,
    ) -> Answer:
        """Send one request, or take its answer from the cache.

        Parameters
        ----------
        path : str
            The endpoint below the workspace, for example ``"filters/clients"``.
        body : object
            The body, sent as JSON.
        root : Root
            The root of the API.
        is_stale : bool
            Whether to send nothing, and return what is cached, however old it is.
        may_be_stale : bool
            Whether ``on_quota="stale"`` may return what is cached if the quota is used up.
        is_file : bool
            Whether the answer is a file, which is never cached.

        Raises
        ------
        NotCachedError
            If nothing is cached and nothing may be sent.
        """
        if self._is_over:
            raise errors.ConfigError(self._ending)
        url, payload = self._url(path, root), _payload(body)
        key, session = self._key(url, payload), self._session
        options = _options(is_file=is_file)
        with self._one_at_a_time(key):
            response = None if is_file else self._cached(key, is_stale=is_stale)
            is_cached = response is not None
            if is_stale and not is_cached:
                raise NotCachedError(path)
            if response is None:
                try:
                    response = session.post(url, payload, **options)
                except errors.QuotaExceededError as error:
                    if self.on_quota == "wait":
                        _wait_for_quota(error)
                        response = session.post(url, payload, **options)
                    else:
                        response = self._cached(key, is_stale=True) if may_be_stale else None
                        if response is None or self.on_quota != "stale":
                            raise
                        is_cached = True
                        self.warn_of_age(error, response.created_at)
            if self._refreshed is not None:
                self._refreshed.add(key)
        return self._answer(key, response, is_cached=is_cached, is_file=is_file)

    def probe(self, path: str, body: object, *, max_attempts: int) -> Answer:
        """Send one request without the cache, and without waiting for the quota.

        Parameters
        ----------
        path : str
            The endpoint below the workspace.
        body : object
            The body, sent as JSON.
        max_attempts : int
            How often it is sent at most.
        """
        max_attempts = min(max_attempts, self._settings.max_attempts)
        settings = replace(self._settings, cache=None, on_quota="raise", max_attempts=max_attempts)
        client = Client(self.id, self._credential, settings, meter=self._meter)
        with contextlib.closing(client):
            return client.post(path, body)

    @contextlib.contextmanager
    def report(self, report_token: str) -> Iterator[Client]:
        """Yield a client for a shared report, whose path is `SHARED_REPORT`.

        The report's token is a secret, so nothing of it is cached.
        """
        if self._is_over:
            raise errors.ConfigError(self._ending)
        credential = self._credential.with_report_token(report_token)
        settings = replace(self._settings, cache=None)
        client = Client(self.id, credential, settings, meter=self._meter, path="")
        with contextlib.closing(client):
            try:
                yield client
            except errors.SchemaError as error:
                client.redact(error)
                raise

    def forget(self, keys: Collection[str]) -> None:
        """Delete answers that turned out to be wrong from the cache, by their keys."""
        if keys:
            self._cache.forget(keys)

    def redact(self, error: errors.SchemaError) -> None:
        """Remove from an error any part of the credential that the server may have echoed."""
        error.redact(self._credential.redacted)

    @property
    def learned(self) -> Learned:
        """What has been learned from the API, read from beside the cache at first."""
        if self._learned is None:
            caps, page_sizes, want_ids = self._record(_LEARNED) or ({}, {}, [])
            self._learned = Learned(caps, page_sizes, set(want_ids))
        return self._learned

    def keep_learned(self) -> None:
        """Keep what has been learned for the next process."""
        learned = self.learned
        self._keep_record(_LEARNED, [learned.caps, learned.page_sizes, sorted(learned.want_ids)])

    @contextlib.contextmanager
    def recording(self, listing: str) -> Iterator[None]:
        """Record the answers that are requested inside the block as the pages of a listing.

        So :meth:`known` returns what it costs without parsing them. A refusal by the plan is an
        answer, too.
        """
        pages: dict[str, _Page] = {}
        before = _pages.set(pages)
        try:
            yield
        except errors.PremiumFeatureError:
            self._keep_pages(listing, pages)
            raise
        else:
            self._keep_pages(listing, pages)
        finally:
            _pages.reset(before)

    def known(self, listing: str) -> Known | None:
        """Return what a recorded listing costs now, None if it was never fetched."""
        pages = self._recorded_pages(listing)
        if pages is None:
            return None
        keys, refreshed = self._cache.keys(), self._refreshed
        requests, is_kept = 0, True
        for key, page in pages.items():
            is_kept &= key in keys
            is_fresh = key in keys and self._is_fresh_page(key, page)
            if not is_fresh or (refreshed is not None and key not in refreshed):
                requests += page.requests
        moments = [page.fetched_at for page in pages.values() if page.fetched_at is not None]
        return Known(requests, is_kept, min(moments, default=None), max(moments, default=None))

    def keep_listing(self, path: str, root: Root, listing: CachedListing) -> None:
        """Record a listing that was read to its end; it replaces an earlier one."""
        url = self._url(path, root)
        text = orjson.dumps({"url": url, _LISTING: listing})
        self._cache.keep_record(self._key_of_listing(url, listing.body), text.decode())

    def listings(self, path: str, root: Root = Root.REPORTS) -> list[CachedListing]:
        """Return the recorded listings of an endpoint, newest first."""
        url = self._url(path, root)
        listings = []
        for key, text in self._cache.all_records().items():
            record = orjson.loads(text)
            if _LISTING not in record or record["url"] != url:
                continue
            fields = record[_LISTING]
            if self._key_of_listing(url, fields["body"]) != key:
                continue  # of another credential
            moments = {key: datetime.fromisoformat(text) for key, text in fields["pages"].items()}
            listings.append(CachedListing(**{**fields, "pages": moments}))
        return sorted(listings, key=lambda listing: max(listing.pages.values()), reverse=True)

    def is_at_hand(self, listing: CachedListing) -> bool:
        """Return whether the cache has all pages of a listing, fresh."""
        keys, refreshed = self._cache.keys(), self._refreshed
        if refreshed is not None:
            keys &= refreshed
        return keys.issuperset(listing.pages) and all(map(self._is_fresh, listing.pages.values()))

    def cached(self, key: str) -> Answer | None:
        """Return a fresh answer of the cache by its key, None if it is gone.

        It is not recorded as a page of the listing that is fetched now.
        """
        response = self._cached(key, is_stale=False)
        if response is None:
            return None
        self._meter.count(cache_hits=1)
        return Answer(parsed(response), response.created_at, True, False, key, response.headers)

    def warn_of_age(self, error: errors.QuotaExceededError, fetched_at: datetime) -> None:
        """Warn, once for all pages, that older answers are used because the quota is used up.

        Parameters
        ----------
        error : QuotaExceededError
            The reason.
        fetched_at : datetime
            When the oldest of them was fetched.
        """
        seconds = int((clock.now() - fetched_at).total_seconds())
        long = format_duration(seconds // 60 * 60_000) if seconds >= 60 else "less than a minute"
        age = "by a clock that was ahead" if seconds < 0 else f"{long} ago"
        when = "" if error.resets_in is None else f"; the quota resets in {error.resets_in} s"
        message = (
            f"{error.endpoint}: the hourly quota is used up, so this is the answer fetched {age} "
            f"({fetched_at:%Y-%m-%d %H:%M} UTC){when}."
        )
        warn(
            errors.StaleDataWarning(
                message, endpoint=error.endpoint, fetched_at=fetched_at, resets_in=error.resets_in
            )
        )

    @contextlib.contextmanager
    def refreshing(self) -> Iterator[None]:
        """Re-fetch everything requested inside the block, each answer once."""
        outer = _refreshed.get({})
        _refreshed.set({**outer, self: set()})
        try:
            yield
        finally:
            _refreshed.set(outer)

    @contextlib.contextmanager
    def fetching_for_keeps(self) -> Iterator[None]:
        """Re-fetch everything requested inside the block, and never use older answers instead."""
        before = _is_for_keeps.set(True)
        try:
            with self.refreshing():
                yield
        finally:
            _is_for_keeps.reset(before)

    def clear_cache(self) -> None:
        """Delete every cached answer of this workspace."""
        for root in Root:
            self._cache.clear_below(self._url("", root))

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        for (process, thread), session in list(self._sessions.items()):
            if process == os.getpid():
                session.close()
                del self._sessions[process, thread]
        if self._opened is not None and self._opened.path is not None:
            self._opened.close()
            self._opened = None
        self._is_over = self._ending is not None
        if self._end is not None:
            self._end()

    def end_with(self, callback: Callable[[], object], *, ending: str) -> None:
        """Call this when the client is closed or discarded; later requests raise with `ending`."""
        here = os.getpid()  # a child process must not end it
        self._end = finalize(self, lambda: callback() if os.getpid() == here else None)
        self._ending = ending

    @property
    def _session(self) -> CachedSession:
        """The session of this process and thread."""
        here = os.getpid(), threading.get_ident()
        session = self._sessions.get(here)
        if session is None:
            base_url = _normalized(self._settings.base_url)
            settings = replace(self._settings, base_url=base_url)
            session = open_session(settings, self._credential, self._meter, self._cache, self._key)
            self._sessions[here] = session
        return session

    @property
    def _cache(self) -> AnswerCache:
        with lock_of("cache"):
            if self._opened is None:
                self._opened = open_cache(self._settings)
            return self._opened

    @contextlib.contextmanager
    def _one_at_a_time(self, key: str) -> Iterator[None]:
        """Prevent equal requests from being sent at the same time."""
        lock = id(self), key
        try:
            with lock_of(lock):
                yield
        finally:
            drop_lock(lock)

    def _cached(self, key: str, *, is_stale: bool) -> Any:
        """Return the cached response that may be used, None if the request has to be sent."""
        if not is_stale and self._refreshed is not None and key not in self._refreshed:
            return None
        response = self._cache.answer(key)
        if response is not None and (is_stale or self._is_fresh(response.created_at)):
            return response
        return None

    def _answer(self, key: str, response: Any, *, is_cached: bool, is_file: bool) -> Answer:
        """Return the answer in a response, and record it as a page of the listing."""
        pages = _pages.get()
        page = _Page() if pages is None else pages.setdefault(key, _Page())
        page.requests += not is_cached
        if is_cached:
            self._meter.count(cache_hits=1)
        if response.status_code == 402:
            raise premium_error(response)
        if is_file:
            data = response.content
        elif is_cached:
            data = parsed(response)
        else:
            data = response.data
        fetched_at = response.created_at if is_cached else response.fetched_at
        page.fetched_at = fetched_at
        is_stale = is_cached and not self._is_fresh(fetched_at)
        return Answer(data, fetched_at, is_cached, is_stale, key, response.headers)

    def _is_fresh(self, fetched_at: datetime) -> bool:
        """Return whether an answer has not expired; one from the future has.

        By our clock, and by this client's setting, whichever wrote it to the cache.
        """
        expire_after, age = self._settings.expire_after, clock.now() - fetched_at
        return timedelta(0) <= age and (expire_after is None or age < expire_after)

    def _is_fresh_page(self, key: str, page: _Page) -> bool:
        """Return whether a page of the cache is fresh; it is read only if its record is older."""
        if page.fetched_at is not None and self._is_fresh(page.fetched_at):
            return True
        response = self._cache.answer(key)
        return response is not None and self._is_fresh(response.created_at)

    @property
    def _refreshed(self) -> set[str] | None:
        """The keys of re-fetched answers, None outside :meth:`refreshing`."""
        return _refreshed.get({}).get(self)

    def _keep_pages(self, listing: str, pages: dict[str, _Page]) -> None:
        if not pages:  # it needed none, or is a part of another listing
            return
        before = self._recorded_pages(listing) or {}
        for key, page in pages.items():
            page.requests = page.requests or before.get(key, _Page(requests=1)).requests
        if pages != before:
            record = {key: [page.fetched_at, page.requests] for key, page in pages.items()}
            self._keep_record(f"pages of {listing}", record)

    def _recorded_pages(self, listing: str) -> dict[str, _Page] | None:
        record = self._record(f"pages of {listing}")
        if record is None:
            return None
        return {
            key: _Page(fetched_at and datetime.fromisoformat(fetched_at), requests)
            for key, (fetched_at, requests) in record.items()
        }

    def _record(self, name: str) -> Any:
        """Return a record about this workspace that is kept beside the cached answers."""
        url = self._url("", Root.REPORTS)
        record = self._cache.record(self._key(url, name.encode()))
        return None if record is None else orjson.loads(record)["record"]

    def _keep_record(self, name: str, record: object) -> None:
        """Keep a record; it is deleted with the answers of the workspace."""
        url = self._url("", Root.REPORTS)
        text = orjson.dumps({"url": url, "record": record}).decode()
        self._cache.keep_record(self._key(url, name.encode()), text)

    def _key(self, url: str, body: bytes) -> str:
        """Return the cache key of a request, which depends on the credential."""
        text = b"POST %b\n%b" % (url.encode(), body)
        return hashlib.blake2b(text, key=self._credential.fingerprint, digest_size=16).hexdigest()

    def _key_of_listing(self, url: str, body: Mapping[str, Any]) -> str:
        return self._key(url, b"%b %b" % (_LISTING.encode(), _payload(body)))

    def _url(self, path: str, root: Root) -> str:
        """Return the URL of an endpoint in the spelling that requests and the cache use."""
        path = path.strip("/")
        if not {".", ".."}.isdisjoint(unquote(path.partition("?")[0]).split("/")):
            raise errors.ConfigError(f"the path {path!r} must not contain . or ..")
        if "#" in path:
            raise errors.ConfigError(
                f"the path {path!r} must not contain #: whatever follows it is never sent"
            )
        base_url = _normalized(self._settings.base_url).rstrip("/")
        return _normalized(f"{root.of(base_url)}/{self._path}{path}")


def client_of(ws: Workspace) -> Client:
    """Return the client of a workspace, through which the package sends requests.

    Raises
    ------
    TypeError
        If it is not a Workspace.
    """
    client = getattr(ws, "_client", None)
    if not isinstance(client, Client):
        raise TypeError(f"the first argument must be a Workspace, not {type(ws).__name__}")
    return client


# The keys of re-fetched answers, by client; other threads have none.
_refreshed: Final[ContextVar[dict[Client, set[str]]]] = ContextVar("refreshed")
_is_for_keeps: Final[ContextVar[bool]] = ContextVar("is_for_keeps", default=False)
# The pages of the listing that is fetched now, by their keys.
_pages: Final[ContextVar[dict[str, _Page] | None]] = ContextVar("pages", default=None)


def _options(*, is_file: bool) -> dict[str, Any]:
    """Return how a request is sent: whether the cache has its answer is already known."""
    if not is_file:
        return {"allow_redirects": False, "force_refresh": True}
    # Uncompressed: where a compressed file is cut, nothing would show it.
    headers = {"Accept-Encoding": "identity"}
    kept = {"stream": True, "headers": headers, "expire_after": DO_NOT_CACHE}
    return {"allow_redirects": False, **kept}


@lru_cache(maxsize=128)
def _normalized(url: str) -> str:
    """Return the URL as requests spells it."""
    try:
        return str(Request("POST", url).prepare().url)
    except ValueError as error:
        raise errors.ConfigError(f"{url!r} is not a valid URL") from error


def _payload(body: object) -> bytes:
    payload = orjson.dumps(body, option=orjson.OPT_SORT_KEYS)
    if b"null" in payload:
        _check_finite(body)
    return payload


def _check_finite(body: Any) -> None:
    """Refuse floats that JSON does not have and that orjson writes as null."""
    if isinstance(body, float) and not math.isfinite(body):
        raise errors.ConfigError(
            f"the body contains {body}, which JSON cannot represent; use None for null"
        )
    if isinstance(body, Mapping):
        body = body.values()
    elif not isinstance(body, list | tuple):
        return
    for item in body:
        _check_finite(item)


def _wait_for_quota(error: errors.QuotaExceededError) -> None:
    seconds = HOUR if error.resets_in is None else min(max(error.resets_in, 1), HOUR)
    until = (clock.now() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    warn(
        errors.TogglframeWarning(
            f"The hourly quota is used up: waiting {seconds} s, until {until} UTC, "
            f"then asking {error.endpoint} once more."
        )
    )
    clock.sleep(seconds)
