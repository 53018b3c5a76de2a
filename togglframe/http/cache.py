"""Cache: a CachedSession, and its answers in a private SQLite file or in memory."""

from __future__ import annotations

import errno
import functools
import os
import sqlite3
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeVar
from urllib.parse import urljoin
from weakref import WeakSet

from platformdirs import user_cache_path
from requests_cache import DO_NOT_CACHE, NEVER_EXPIRE, CachedSession
from requests_cache.backends.base import BaseCache, BaseStorage, DictStorage
from requests_cache.backends.sqlite import SQLiteDict
from requests_cache.models.response import CachedResponse
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from togglframe import clock
from togglframe._version import __version__
from togglframe.errors import ConfigError, TogglframeWarning
from togglframe.http.credential import Credential
from togglframe.http.quota import Meter
from togglframe.http.send import ApiAdapter
from togglframe.http.settings import Settings
from togglframe.warning import warn

LARGEST: Final = 200_000_000  # [bytes], of all answers in one cache
BUSY_TIMEOUT: Final = 5.0  # [s]
_OURS: Final = 0x54_47_46_32  # SQLite's application id of our files: TGF2
_OLDER: Final = 0x54_47_46_31  # that of togglframe 0.2, whose answers are fetched again

_SIZE: Final = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"

_T = TypeVar("_T")
_Operation = TypeVar("_Operation", bound=Callable[..., Any])


def open_session(
    settings: Settings,
    credential: Credential,
    meter: Meter,
    cache: AnswerCache,
    key: Callable[[str, bytes], str],
) -> CachedSession:
    """Open a session of one process and thread.

    Parameters
    ----------
    settings : Settings
        How to send requests.
    credential : Credential
        The credential to send them with.
    meter : Meter
        The counter of requests.
    cache : AnswerCache
        The cache, which the threads of a process share.
    key : callable
        Returns the key of a URL and a body.
    """
    session = CachedSession(
        backend=cache,
        expire_after=DO_NOT_CACHE if settings.cache is None else NEVER_EXPIRE,
        allowable_methods=("POST",),
        allowable_codes=(200, 402),
        ignored_parameters=(),
        stale_if_error=False,
        key_fn=lambda request, **_: key(request.url, request.body),
    )
    session.auth = lambda request: request  # otherwise requests reads a password from ~/.netrc
    session.headers["User-Agent"] = f"togglframe/{__version__}"
    session.headers["Content-Type"] = "application/json"
    if settings.base_url.startswith("http://"):
        session.trust_env = False  # the host is local, and a proxy would see the credential
    session.mount(urljoin(settings.base_url, "/"), ApiAdapter(settings, credential, meter))
    return session


def open_cache(settings: Settings) -> AnswerCache:
    """Open the cache of a client: a file, or memory if there is none that can be used."""
    if settings.cache in (None, "memory"):
        return AnswerCache(expire_after=settings.expire_after)
    path = default_file() if settings.cache == "disk" else Path(settings.cache or "")
    if not path.suffix:
        path = path.with_name(f"{path.name}.sqlite")  # as requests-cache does
    try:
        _prepare(path)
        return AnswerCache(path, settings.expire_after)
    except (OSError, sqlite3.Error) as error:
        _warn(path, error)
        return AnswerCache(expire_after=settings.expire_after)


def default_file() -> Path:
    """Return the file of the cache ``"disk"``."""
    return user_cache_path("togglframe") / "answers.sqlite"


@dataclass(frozen=True)
class StoredAnswer:
    """One cached answer.

    Attributes
    ----------
    key : str
        The key in the cache.
    url : str
        The URL that was requested.
    fetched_at : datetime
        When the API sent it (UTC).
    is_expired : bool
        Whether it would be re-fetched.
    size : int
        The size of the answer in bytes.
    """

    key: str
    url: str
    fetched_at: datetime
    is_expired: bool
    size: int


def answers_in(path: Path) -> list[StoredAnswer]:
    """List the answers in a cache file; none if there is no file."""
    now = clock.now()
    return [
        StoredAnswer(
            key=answer.cache_key,
            url=answer.url,
            fetched_at=answer.created_at,
            is_expired=now < answer.created_at
            or (answer.expires is not None and answer.expires <= now),
            size=answer.size,
        )
        for answer in _in_file(path, lambda cache: list(cache.answers()))
    ]


def delete_answers_in(path: Path, *, below: str) -> int:
    """Delete answers in a cache file by a part of their URL, and return their number."""
    return len(_in_file(path, lambda cache: cache.clear_below(below)))


def _in_file(path: Path, operation: Callable[[AnswerCache], list[_T]]) -> list[_T]:
    """Do something with the answers in a cache file; there are none without a file."""
    if not path.exists():
        return []
    try:
        _prepare(path)
        with closing(AnswerCache(path)) as cache:
            return operation(cache)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"the cache {path} cannot be used now: {error}") from error


def _or_in_memory(operation: _Operation) -> _Operation:
    """Do one operation of an :class:`AnswerCache` at a time, in memory if the file fails."""

    @functools.wraps(operation)
    def wrapper(cache: AnswerCache, *args: Any, **kwargs: Any) -> Any:
        with _files:
            try:
                return operation(cache, *args, **kwargs)
            except sqlite3.Error as error:
                cache.leave_file(error)
                return operation(cache, *args, **kwargs)

    return wrapper  # type: ignore[return-value]


class AnswerCache(BaseCache):
    """Answers by their keys, and records about them, in memory or in a SQLite file.

    Parameters
    ----------
    path : Path, optional
        The file, which :func:`_prepare` has checked; by default they are kept in memory.
    expire_after : timedelta, optional
        How long an answer is fresh; by default for ever.

    Attributes
    ----------
    path : Path or None
        The file, if answers are kept in it.
    """

    def __init__(self, path: Path | None = None, expire_after: timedelta | None = None) -> None:
        super().__init__()
        self.records: BaseStorage[str, str] = DictStorage()
        self._expire_after = expire_after
        self._stored = 0  # [bytes] at most, in memory: to sum all answers each time is quadratic
        self.path = path
        if path is not None:
            self.responses = _table(path, "responses", serializer="json")
            self.records = _table(path, "records")
            _open.add(self)

    @_or_in_memory
    def save_response(
        self, response: Any, cache_key: str | None = None, expires: datetime | None = None
    ) -> None:
        """Store an answer by our clock, and drop the oldest ones if there are too many."""
        answer = CachedResponse.from_response(response, created_at=response.fetched_at)
        if self._expire_after is not None:
            expires = answer.created_at + self._expire_after
        super().save_response(answer, cache_key, expires)
        self._stored += answer.size
        if self.path is None and self._stored <= LARGEST:
            return
        self._stored = self._size
        if self._stored > LARGEST:
            self._drop_the_oldest()

    @_or_in_memory
    def answer(self, key: str) -> CachedResponse | None:
        """Return an answer, fresh or not; None if there is none that can be read."""
        try:
            answer = self.get_response(key)
        except ExceptionGroup:  # it was written by another version of requests-cache
            return None
        return answer if isinstance(answer, CachedResponse) and answer.url else None

    @_or_in_memory
    def keys(self) -> set[str]:
        """Return the keys of all answers, without reading these."""
        return set(self.responses)

    @_or_in_memory
    def forget(self, keys: Collection[str]) -> None:
        """Delete answers, also from the file."""
        self.responses.bulk_delete(keys)

    @_or_in_memory
    def clear_below(self, url: str) -> list[str]:
        """Delete what has this in its URL, also from the file; return the keys of the answers."""
        keys = [answer.cache_key for answer in self.answers() if url in answer.url]
        self.responses.bulk_delete(keys)
        records = [(key, self.records.get(key)) for key in list(self.records)]
        self.records.bulk_delete([key for key, text in records if text and url in text])
        if isinstance(self.responses, SQLiteDict):
            self.responses.vacuum()
        return keys

    @_or_in_memory
    def record(self, key: str) -> str | None:
        """Return a record, None if there is none."""
        return self.records.get(key)

    @_or_in_memory
    def all_records(self) -> dict[str, str]:
        """Return all records by their keys."""
        return dict(self.records)

    @_or_in_memory
    def keep_record(self, key: str, text: str) -> None:
        """Keep a record, a text that contains the URL with whose answers it is deleted."""
        self.records[key] = text

    def answers(self) -> Iterator[CachedResponse]:
        """Yield all answers that can be read."""
        for key in self.keys():
            answer = self.answer(key)
            if answer is not None:
                yield answer

    def close(self) -> None:
        """Close the file; the next access opens it again."""
        with _files:
            self.responses.close()
            self.records.close()

    def leave_file(self, error: Exception) -> None:
        """Keep answers in memory from now on, since the file cannot be used."""
        if self.path is None:
            raise error
        self.close()
        _warn(self.path, error)
        self.path, self.responses, self.records = None, DictStorage(), DictStorage()

    @property
    def _size(self) -> int:
        """The size of all answers, or of the file [bytes]."""
        if not isinstance(self.responses, SQLiteDict):
            return sum(answer.size for answer in self.answers())
        with self.responses.connection() as file:
            (size,) = file.execute(_SIZE).fetchone()
        return int(size)

    def _drop_the_oldest(self) -> None:
        """Delete the oldest answers until they take half of what they may."""
        ages = sorted(
            (answer.created_at, answer.size, answer.cache_key) for answer in self.answers()
        )
        kept, dropped = sum(size for _, size, _ in ages), []
        for _, size, key in ages:
            if kept <= LARGEST // 2:
                break
            kept -= size
            dropped.append(key)
        self.responses.bulk_delete(dropped)
        if isinstance(self.responses, SQLiteDict):
            self.responses.vacuum()


def _table(path: Path, name: str, serializer: str | None = None) -> Any:
    return SQLiteDict(
        path,
        name,
        serializer=serializer,
        wal=True,
        busy_timeout=int(BUSY_TIMEOUT * 1000),
        factory=_Connection,
    )


class _FileError(sqlite3.DatabaseError):
    """The file is locked, full or not writable."""


class _Connection(sqlite3.Connection):
    """Raises what requests-cache would otherwise wait for without end, or not report."""

    def execute(self, *args: Any) -> sqlite3.Cursor:
        try:
            return super().execute(*args)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode == sqlite3.SQLITE_ERROR:
                raise  # the statement is wrong, not the file
            raise _FileError(str(error)) from error


def _prepare(path: Path) -> None:
    """Create the file, readable for the user only, or check that SQLite can write to it.

    Raises
    ------
    OSError, sqlite3.Error
        If it cannot be used.
    ConfigError
        If it belongs to another program.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        with suppress(FileExistsError):  # another thread was faster
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    if not path.is_file():
        raise OSError(errno.EINVAL, "It is not a file")
    # SQLite gives up at once, whatever its timeout, if another process is opening the same file.
    while_busy = Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(BUSY_TIMEOUT),
        wait=wait_random(0, 0.1),
        sleep=clock.sleep,
        reraise=True,
    )
    with _files:
        while_busy(_claim, path)
    path.chmod(0o600)


def _claim(path: Path) -> None:
    """Mark an empty file as ours."""
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)) as file:
        file.execute("BEGIN IMMEDIATE")
        (tables,) = file.execute("SELECT count(*) FROM sqlite_master").fetchone()
        (owner,) = file.execute("PRAGMA application_id").fetchone()
        if tables and owner not in (_OURS, _OLDER):
            raise ConfigError(
                f"{path} is not a togglframe cache and is left unchanged: "
                "name another file for cache="
            )
        if owner != _OURS:
            file.execute("DROP TABLE IF EXISTS responses")
            file.execute(f"PRAGMA application_id = {_OURS}")
        file.execute("COMMIT")
        file.execute("PRAGMA journal_mode = WAL")


def _is_busy(error: BaseException) -> bool:
    """Return whether another process is opening the same file right now."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _warn(path: Path, error: Exception) -> None:
    message = f"The cache {path} cannot be used ({error})"
    warn(TogglframeWarning(f"{message}: it is left alone, and answers are kept in memory."))


# Held during each operation, and while a process forks, with all files closed: SQLite in the child
# would take the locks of its parent for its own.
_files: Final = threading.RLock()
_open: Final[WeakSet[AnswerCache]] = WeakSet()


def _before_fork() -> None:
    _files.acquire()
    for cache in list(_open):
        cache.close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_before_fork, after_in_parent=_files.release, after_in_child=_files.release
    )
