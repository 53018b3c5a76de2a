"""Client: a workspace as the package sees it; users have a :class:`~togglframe.Workspace`.

requests, requests-cache and tenacity are slow to import, so they are loaded by the first request.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeVar
from weakref import WeakSet, finalize

import orjson

from togglframe import clock
from togglframe.errors import (
    ConfigError,
    PremiumFeatureError,
    QuotaExceededError,
    SchemaError,
    SemanticsWarning,
    StaleDataWarning,
)
from togglframe.http.credential import Credential
from togglframe.http.plan import NotCachedError
from togglframe.http.urls import Root
from togglframe.text.formats import format_duration
from togglframe.warning import warn

if TYPE_CHECKING:
    from tqdm import tqdm

    from togglframe.http.plan import Known
    from togglframe.http.transport import Answer, FileAnswer, OnQuota, Transport, Usage
    from togglframe.workspace import Workspace

__all__ = ["Client", "Learned", "client_of", "import_transport"]

_T = TypeVar("_T")
# Requests time as it was tracked; without it, the credential's preferences decide on rounding.
EXACT: Final = {"rounding": 0, "rounding_minutes": 0}
_LEARNED: Final = "what the API has taught"


@dataclass
class Learned:
    """What has been learned from refusals of the API, so that each costs a request only once.

    Attributes
    ----------
    caps : dict
        The most ids that one request may post, by path.
    page_sizes : dict
        The largest page size that is not refused, by path.
    want_ids : set
        The paths that do not answer without ids.
    rounds : bool
        Whether the plan refuses requests for exact time.
    """

    caps: dict[str, int] = field(default_factory=dict)
    page_sizes: dict[str, int] = field(default_factory=dict)
    want_ids: set[str] = field(default_factory=set)
    rounds: bool = False

    def __bytes__(self) -> bytes:
        """Serialise what is kept beside the cached answers, whose keys depend on it."""
        return orjson.dumps([self.caps, self.page_sizes, sorted(self.want_ids)])

    @classmethod
    def of_bytes(cls, kept: bytes) -> Learned:
        """Read that form."""
        caps, page_sizes, want_ids = orjson.loads(kept)
        return cls(caps, page_sizes, set(want_ids))


class Client:
    """Sends the requests of one workspace, or takes their answers from the cache.

    Parameters
    ----------
    workspace_id : int
        The workspace.
    credential : Credential
        The credential to use.
    settings : mapping of str to object
        The fields of :class:`togglframe.http.sending.Settings`.
    progress : bool, optional
        Whether long listings show a bar; by default only on a terminal.

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
        settings: Mapping[str, Any],
        *,
        progress: bool | None,
    ) -> None:
        self.id = workspace_id
        self.deleted: dict[str, set[int]] = {}
        self._learned: Learned | None = None
        self._path = f"workspace/{workspace_id}"
        self._credential = credential
        self._settings = settings
        self._progress = progress
        self._opened: Transport | None = None
        self._end: Callable[[], object] | None = None
        self._ending: str | None = None
        self._is_over = False

    @property
    def on_quota(self) -> OnQuota:
        """What to do when the quota is used up."""
        on_quota: OnQuota = self._settings["on_quota"]
        return "raise" if on_quota == "stale" and _is_for_keeps.get() else on_quota

    @property
    def mark(self) -> str:
        """A digest that tells credentials apart, too short to verify a guess with."""
        return hashlib.blake2b(self._credential.fingerprint(), digest_size=2).hexdigest()

    @property
    def is_opened(self) -> bool:
        """Whether a request has been made so far."""
        return self._opened is not None

    @property
    def usage(self) -> Usage:
        """What has been spent so far, and what is left of the quota."""
        if self._opened is not None:
            return self._opened.usage
        import_transport()
        from togglframe.http.transport import Usage  # noqa: PLC0415

        return Usage()

    def ask(
        self,
        path: str,
        body: object,
        *,
        root: Root = Root.REPORTS,
        older_than: datetime | None = None,
        may_be_stale: bool = True,
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
        older_than : datetime, optional
            Send nothing, and return the newest cached answer that was fetched before this moment.
            The cache keeps each answer and the one that it replaced, so that a listing whose first
            pages are new but whose last ones cannot be paid for is still available as it was.
        may_be_stale : bool
            Whether ``on_quota="stale"`` may serve an older answer if the quota is used up.

        Raises
        ------
        NotCachedError
            There is no answer before that moment.
        """
        whole_path = self._below(path)
        if older_than is not None:
            answer = self._transport.old_answer(whole_path, body, root=root, older_than=older_than)
            if answer is None:
                raise NotCachedError(path)
            return answer
        refreshed = self._refreshed
        try:
            return self._transport.ask(whole_path, body, root=root, refreshed=refreshed)
        except QuotaExceededError as error:
            answer = None
            if may_be_stale and self.on_quota == "stale":
                answer = self._transport.old_answer(whole_path, body, root=root)
            if answer is None:
                raise
            if refreshed is not None:
                refreshed.add(answer.key)
            self.warn_of_age(error, answer.fetched_at)
            return answer

    def probe(self, path: str, body: object, *, max_attempts: int) -> Answer:
        """Send one request without reading or writing the cache.

        Parameters
        ----------
        path : str
            The endpoint below the workspace.
        body : object
            The body, sent as JSON.
        max_attempts : int
            How often it is sent at most; it never waits for the quota.
        """
        whole_path = self._below(path)
        with contextlib.closing(self._transport.past_cache(max_attempts=max_attempts)) as transport:
            return transport.ask(whole_path, body)

    def file(self, path: str, body: object, *, root: Root = Root.REPORTS) -> FileAnswer:
        """Send one request whose answer is a file: complete, or an error, and never cached.

        Parameters
        ----------
        path : str
            The endpoint below the workspace, for example ``"summary/time_entries.pdf"``.
        body : object
            The body, sent as JSON.
        root : Root
            The root of the API.
        """
        return self._transport.file(self._below(path), body, root=root)

    @contextlib.contextmanager
    def report(self, report_token: str) -> Iterator[Transport]:
        """Yield the transport for a shared report, whose path is `SHARED_REPORT`.

        The report's token is a secret, so nothing of it is cached.
        """
        self._check_open()
        with self._transport.for_report(report_token) as transport:
            yield transport

    def forget(self, keys: Collection[str]) -> None:
        """Delete answers that turned out to be wrong from the cache, by their keys."""
        self._transport.forget(keys)

    def redact(self, error: SchemaError) -> None:
        """Remove from an error any part of the credential that the server may have echoed."""
        error.redact(self._credential.redacted)

    def noting(self, listing: str) -> contextlib.AbstractContextManager[None]:
        """Record inside the block which answers a listing is made of."""
        return self._transport.noting(self._path, listing)

    @property
    def learned(self) -> Learned:
        """What has been learned from the API, read from beside the cache at first."""
        if self._learned is None:
            kept = self._transport.kept(self._path, _LEARNED)
            self._learned = Learned() if kept is None else Learned.of_bytes(kept)
        return self._learned

    def keep_learned(self) -> None:
        """Keep what has been learned for the next process."""
        self._transport.keep(self._path, _LEARNED, bytes(self.learned))

    def known(self, listing: str) -> Known | None:
        """Return what a listing that was fetched before would cost now."""
        return self._transport.known(self._path, listing, refreshed=self._refreshed)

    def exactly(
        self, body: Mapping[str, Any], send: Callable[[dict[str, Any]], _T]
    ) -> tuple[_T, bool]:
        """Request exact time; if the plan refuses that, request whatever it gives.

        Parameters
        ----------
        body : mapping of str to object
            The body; a rounding that the caller chose is never dropped.
        send : callable
            Sends a body and returns the answer.

        Returns
        -------
        came : object
            What `send` returned.
        is_rounded : bool
            Whether the request was sent without a rounding.
        """
        if not body.items() >= EXACT.items():
            return send({**body}), False
        if not self.learned.rounds:
            with contextlib.suppress(PremiumFeatureError):
                return send({**body}), False
        # If this is refused too, rounding was not the reason.
        return send({name: value for name, value in body.items() if name not in EXACT}), True

    def warn_of_rounding(self, path: str) -> None:
        """Warn that times are rounded since the plan refused exact time, and remember that."""
        self.learned.rounds = True
        said = (
            f"{path}: the workspace's plan does not accept rounding=0, so times are rounded "
            "according to the preferences of the credential's owner."
        )
        warn(SemanticsWarning(said))

    def warn_of_age(self, error: QuotaExceededError, fetched_at: datetime) -> None:
        """Warn, once for all pages, that older answers are used because the quota is used up.

        Parameters
        ----------
        error : QuotaExceededError
            The reason.
        fetched_at : datetime
            When the oldest of them was fetched.
        """
        seconds = int((clock.now() - fetched_at).total_seconds())
        age = "by a clock that was ahead" if seconds < 0 else f"{_age(seconds)} ago"
        when = "" if error.resets_in is None else f"; the quota resets in {error.resets_in} s"
        said = (
            f"{error.endpoint}: the hourly quota is used up, so this is the answer fetched {age} "
            f"({fetched_at:%Y-%m-%d %H:%M} UTC){when}."
        )
        warn(
            StaleDataWarning(
                said, endpoint=error.endpoint, fetched_at=fetched_at, resets_in=error.resets_in
            )
        )

    def progress_bar(self, description: str) -> tqdm[Any]:
        """Return a progress bar that counts rows on stderr and disappears when it is done."""
        from tqdm import tqdm  # noqa: PLC0415

        return tqdm(
            desc=description,
            unit=" rows",
            delay=0.5,
            leave=False,
            file=sys.stderr,
            disable=None if self._progress is None else not self._progress,
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
        self._transport.clear_cache(self._path)

    def close(self) -> None:
        """Close the connections; the next request opens them again."""
        if self._opened is not None:
            self._opened.close()
        self._is_over = self._ending is not None
        if self._end is not None:
            self._end()

    def end_with(self, callback: Callable[[], object], *, ending: str) -> None:
        """Call this when the client is closed or discarded; later requests raise with `ending`."""
        here = os.getpid()  # a child process must not end it
        self._end = finalize(self, lambda: callback() if os.getpid() == here else None)
        self._ending = ending

    def _below(self, path: str) -> str:
        """Return the path below the root."""
        self._check_open()
        return f"{self._path}/{path.strip('/')}"

    def _check_open(self) -> None:
        if self._is_over:
            raise ConfigError(self._ending)

    @property
    def _refreshed(self) -> set[str] | None:
        """The keys of re-fetched answers, None outside :meth:`refreshing`."""
        return _refreshed.get({}).get(self)

    @property
    def _transport(self) -> Transport:
        with _opening:
            if self._opened is None:
                import_transport()
                from togglframe.http.transport import Settings, Transport  # noqa: PLC0415

                self._opened = Transport(Settings(**self._settings), self._credential)
                _open.add(self._opened)
            return self._opened


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


@cache
def import_transport() -> None:
    """Import the modules that send requests, in a thread of its own.

    requests-cache keeps the ImportErrors of libraries that are not installed, and these keep the
    stack frames that led to them: the first workspace to send a request would never be freed.
    """
    with ThreadPoolExecutor(1) as apart:
        apart.submit(import_module, "togglframe.http.transport").result()


# The keys of re-fetched answers, by client; other threads have none.
_refreshed: Final[ContextVar[dict[Client, set[str]]]] = ContextVar("refreshed")
_is_for_keeps: Final[ContextVar[bool]] = ContextVar("is_for_keeps", default=False)


# A child of os.fork has copies of the parent's connections and locks: an answer to the one could
# reach the other, SQLite would take the parent's locks for its own, and a lock held by another
# thread of the parent would never be released. So nothing is opened while a process forks, cache
# files are closed, and the child reconnects.
_opening: Final = threading.RLock()
_open: Final[WeakSet[Transport]] = WeakSet()
_paused: Final[list[Transport]] = []


def _age(seconds: int) -> str:
    return format_duration(seconds // 60 * 60_000) if seconds >= 60 else "less than a minute"


def _before_fork() -> None:
    _opening.acquire()
    for transport in list(_open):
        transport.pause()
        _paused.append(transport)


def _after_fork() -> None:
    while _paused:
        _paused.pop().resume()
    _opening.release()


def _after_fork_in_child() -> None:
    for transport in _paused:
        transport.reconnect()
    _after_fork()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork,
        after_in_parent=_after_fork,
        after_in_child=_after_fork_in_child,
    )
