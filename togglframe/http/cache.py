"""How cached answers are stored, listed and deleted.

requests-cache stores them, in its SQLite table or in memory. Everything added here says in one line
which failure it prevents, and ``tests/unit/test_cache.py`` has a test that fails without it.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

from platformdirs import user_cache_path
from requests_cache.backends.sqlite import SQLiteDict
from requests_cache.models.request import CachedRequest
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import Stage, orjson_serializer
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from togglframe import clock
from togglframe.errors import ConfigError, TogglframeWarning
from togglframe.warning import warn

__all__ = [
    "Cache",
    "StoredAnswer",
    "answers_in",
    "default_file",
    "delete_answers",
    "delete_answers_in",
    "open_cache",
]

LARGEST: Final = 200_000_000  # [bytes], of all answers in one cache
BUSY_TIMEOUT: Final = 5.0  # [s]
_LOCKED_FOR: Final = 30.0  # [s] during which a file is not tried again after a timeout
_SEAL_LENGTH: Final = 16
_OURS: Final = 0x54_47_46_31  # SQLite's application id of our files: TGF1
_SIDES: Final = ("", "-wal", "-shm")
_OLDER: Final = ".older"  # the suffix of the key of a replaced answer
_NOTE: Final = "a note of togglframe"  # in place of the reason phrase of an answer
_TROUBLES: Final = (OSError, sqlite3.DatabaseError)
_DAMAGES: Final = (sqlite3.SQLITE_ERROR, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_PRIMARY_CODE: Final = 0xFF
_KEEP_THE_REPLACED: Final = (
    "INSERT OR REPLACE INTO responses (key, value, expires) "
    "SELECT ?, value, expires FROM responses WHERE key = ?"
)
_SIZE: Final = (
    "SELECT (page_count - freelist_count) * page_size "
    "FROM pragma_page_count, pragma_freelist_count, pragma_page_size"
)
_DROP_THE_OLDEST: Final = (
    "DELETE FROM responses WHERE rowid IN (SELECT rowid FROM (SELECT rowid, "
    "sum(length(value)) OVER (ORDER BY rowid DESC) AS held FROM responses) WHERE held > ?)"
)


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


def default_file() -> Path:
    """Return the file of the cache ``"disk"``."""
    return user_cache_path("togglframe") / "answers.sqlite"


def open_cache(cache: str | os.PathLike[str], *, expire_after: float | timedelta | None) -> Cache:
    """Open a cache: "disk", "memory" or the path of a file."""
    fresh_for = expire_after
    if isinstance(fresh_for, int | float):
        fresh_for = timedelta(seconds=fresh_for)
    if cache == "memory":
        return Cache(fresh_for)
    path = default_file() if cache == "disk" else Path(cache).expanduser()
    if not path.suffix:
        path = path.with_name(f"{path.name}.sqlite")  # as requests-cache does
    try:
        return Cache(fresh_for, path)
    except (OSError, sqlite3.OperationalError) as error:
        _warn(f"The cache {path} cannot be used ({error}): answers are kept in memory.")
        return Cache(fresh_for)


def stored_answers(cache: Cache) -> list[StoredAnswer]:
    """List the answers in a cache, including expired but not unreadable ones."""
    now = clock.now()
    return [
        StoredAnswer(
            key=key,
            url=answer.url,
            fetched_at=answer.created_at,
            is_expired=not _is_between(answer.created_at, now, answer.expires),
            size=len(answer.content),
        )
        for key, answer in cache.answers().items()
        if not key.endswith(_OLDER) and answer.reason != _NOTE
    ]


def answers_in(path: Path) -> list[StoredAnswer]:
    """List the answers in a cache file; none if there is no file."""
    if not path.exists():
        return []
    with _opened(path) as cache:
        return stored_answers(cache)


def delete_answers(cache: Cache, *, below: str) -> int:
    """Delete the answers whose URL contains this, and return their number."""
    kept = {key: answer for key, answer in cache.answers().items() if below in answer.url}
    cache.delete({key.removesuffix(_OLDER) for key in kept})
    keys = {key.removesuffix(_OLDER) for key, answer in kept.items() if answer.reason != _NOTE}
    return len(keys - cache.answers().keys())


def delete_answers_in(path: Path, *, below: str) -> int:
    """Delete answers in a cache file, and return their number."""
    if not path.exists():
        return 0
    with _opened(path) as cache:
        return delete_answers(cache, below=below)


@contextmanager
def _opened(path: Path) -> Iterator[Cache]:
    """Open a cache file without falling back to memory."""
    try:
        with closing(Cache(None, path)) as cache:
            yield cache
    except _TROUBLES as error:
        raise ConfigError(f"the cache {path} cannot be used now: {error}") from error


class Cache:
    """Answers by key, each with the one that it replaced.

    Parameters
    ----------
    fresh_for : timedelta or None
        How long an answer is fresh, whoever stored it; None means forever.
    path : Path, optional
        The file; without one, or if it cannot be used, answers are kept in memory.
    """

    def __init__(self, fresh_for: timedelta | None, path: Path | None = None) -> None:
        self._fresh_for = fresh_for
        self._lock = threading.RLock()
        self._memory: dict[str, CachedResponse] = {}  # the oldest first
        self._said: set[str] = set()
        # Absolute, since SQLite takes a name that begins with file: for a URI, and the working
        # directory may have changed when the file is opened again.
        path = None if path is None else path.absolute()
        self._path = path
        self._opened: _Rows | None = None
        if path is not None:
            self._opened = _open(path, self._lock)

    def newest(self, key: str, *, before: datetime | None = None) -> CachedResponse | None:
        """Return the newest answer, fresh or not, or the newest from before a moment."""
        known = self._stored(key)
        if before is not None:
            known += self._stored(key + _OLDER)
            known = [answer for answer in known if answer.created_at < before]
        return max(known, key=lambda answer: answer.created_at, default=None)

    def is_fresh(self, given_at: datetime) -> bool:
        """Return whether an answer of this time has not expired; one from the future has.

        By our clock and by the reader's settings: requests-cache would use the writer's.
        """
        return _is_between(given_at, clock.now(), self._expiry(given_at))

    def has_fresh(self, key: str, given_at: datetime | None) -> bool | None:
        """Return whether an answer is still fresh, None if there is none.

        If the caller knows when it was sent, it need not be read: an answer is never replaced by
        an older one.
        """
        if given_at is not None and self.is_fresh(given_at) and self._holds(key):
            return True
        answer = self.newest(key)
        return None if answer is None else self.is_fresh(answer.created_at)

    def keep(self, key: str, response: Any) -> None:
        """Keep an answer, which knows when it was fetched."""
        answer = CachedResponse.from_response(response, created_at=response.fetched_at)
        answer.expires = self._expiry(answer.created_at)
        if self._path is not None:
            with self._mending():
                self._file[key] = answer
                self._forget(key)
                return
        with self._lock:
            replaced = self._memory.get(key)
            self._forget(key)
            if replaced is not None:
                self._memory[key + _OLDER] = replaced
            self._memory[key] = answer
            while sum(answer.size for answer in self._memory.values()) > LARGEST:
                del self._memory[next(iter(self._memory))]

    def keep_note(self, key: str, note: bytes, *, url: str) -> None:
        """Keep a note beside the answers to this URL: it is deleted with them, and not listed."""
        request = CachedRequest(url=url)
        response: Any = CachedResponse(content=note, url=url, reason=_NOTE, request=request)
        response.fetched_at = clock.now()
        self.keep(key, response)

    def note(self, key: str) -> bytes | None:
        """Return the note that was kept under this key."""
        response = self.newest(key)
        return None if response is None or response.reason != _NOTE else response.content

    def delete(self, keys: Collection[str]) -> None:
        """Delete these answers and those that they replaced, also from the file."""
        self._forget(*keys)
        if self._path is None or not keys:
            return
        with self._mending(otherwise="nothing was deleted"):
            self._file.bulk_delete([*keys, *(key + _OLDER for key in keys)])  # type: ignore[no-untyped-call]
            self._file.vacuum()  # type: ignore[no-untyped-call]

    def answers(self) -> dict[str, CachedResponse]:
        """Return the readable answers, by key."""
        stored: dict[str, CachedResponse] = {}
        if self._path is not None:
            with self._mending():
                stored = self._file.all()
        return stored | self._memory

    def close(self) -> None:
        """Close the file; the next access opens it again."""
        with self._lock:
            if self._opened is not None:
                self._opened.close()  # type: ignore[no-untyped-call]
                self._opened = None

    @property
    def _file(self) -> _Rows:
        with self._lock:
            if self._opened is None:
                self._opened = _open(cast(Path, self._path), self._lock)
            return self._opened

    def pause(self) -> None:
        """Close the file, which processes must not share, and keep threads out until `resume`."""
        self._lock.acquire()
        self.close()

    def resume(self) -> None:
        """Let threads in again."""
        self._lock.release()

    def _forget(self, *keys: str) -> None:
        for key in keys:
            self._memory.pop(key, None)
            self._memory.pop(key + _OLDER, None)

    def _stored(self, key: str) -> list[CachedResponse]:
        found = [self._memory.get(key)]
        if self._path is not None:
            with self._mending():
                found.append(self._file.get(key))
        return [answer for answer in found if answer is not None]

    def _holds(self, key: str) -> bool:
        if key in self._memory or self._path is None:
            return key in self._memory
        with self._mending():
            return key in self._file
        return False

    def _expiry(self, given_at: datetime) -> datetime | None:
        return None if self._fresh_for is None else given_at + self._fresh_for

    @contextmanager
    def _mending(self, otherwise: str = "what it cannot hold is kept in memory") -> Iterator[None]:
        """Continue if the file fails: with a new one if it is broken, else without it for now."""
        try:
            yield
        except (*_TROUBLES, ConfigError) as error:
            reason: Exception = error
            if getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE in _DAMAGES:
                try:
                    self._replace_if_broken()
                except (*_TROUBLES, ConfigError) as refusal:
                    reason = refusal
                else:
                    return
            said = f"The cache {self._path} cannot be used now ({reason}): {otherwise}."
            if said not in self._said:
                self._said.add(said)
                _warn(said)

    def _replace_if_broken(self) -> None:
        """Create a new file, unless another thread or process has already done so."""
        with self._lock:
            self.close()
            self._opened = _open(cast(Path, self._path), self._lock, thoroughly=True)


class _Rows(SQLiteDict):
    """The table of a file, with the safeguards that requests-cache lacks."""

    _locked: sqlite3.OperationalError | None = None
    _locked_until = 0.0

    def __init__(self, path: Path, lock: threading.RLock) -> None:
        super().__init__(
            path,
            table_name="responses",
            serializer=Stage(dumps=_dump, loads=_load),
            busy_timeout=int(BUSY_TIMEOUT * 1000),
            wal=True,
            lock=lock,
        )

    @contextmanager
    def connection(self, commit: bool = False) -> Iterator[sqlite3.Connection]:
        """Connect; requests-cache would wait forever for a locked file, and hide a full disk.

        Threads take turns, so that no file is open while a process forks.
        """
        with self._lock, super().connection() as file:
            if not commit or file.in_transaction:
                yield file
                return
            self._begin(file)
            with file:
                yield file

    def _begin(self, file: sqlite3.Connection) -> None:
        """Begin to write; after a timeout, fail at once for a while instead of waiting again."""
        if self._locked is not None and clock.monotonic() < self._locked_until:
            raise self._locked
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._locked, self._locked_until = error, clock.monotonic() + _LOCKED_FOR
            raise

    def __setitem__(self, key: str, value: Any) -> None:
        """Write a row, keep the one that it replaces, and drop the oldest if there are too many."""
        with self.connection(commit=True) as file:
            file.execute(_KEEP_THE_REPLACED, (key + _OLDER, key))
            super().__setitem__(key, value)  # type: ignore[no-untyped-call]
            (size,) = file.execute(_SIZE).fetchone()
            if size > LARGEST:
                file.execute(_DROP_THE_OLDEST, (LARGEST * 3 // 4,))

    def __contains__(self, key: object) -> bool:
        """Return whether a row exists, without reading it."""
        with self.connection() as file:
            found = file.execute("SELECT 1 FROM responses WHERE key = ?", (key,)).fetchone()
        return found is not None

    def all(self) -> dict[str, CachedResponse]:
        """Return the readable rows, in one query, since another thread may delete meanwhile."""
        with self.connection() as file:
            rows = file.execute("SELECT key, value FROM responses").fetchall()
        answers = ((key, self.deserialize(key, value)) for key, value in rows)
        return {key: answer for key, answer in answers if answer is not None}


def _open(path: Path, lock: threading.RLock, *, thoroughly: bool = False) -> _Rows:
    """Open a file, or a new one in place of a broken one.

    SQLite gives up at once, whatever its timeout, if another process is opening the same file.
    """
    while_busy = Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(BUSY_TIMEOUT),
        wait=wait_random(0, 0.1),
        sleep=clock.sleep,
        reraise=True,
    )
    return while_busy(_open_now, path, lock, thoroughly)


def _open_now(path: Path, lock: threading.RLock, thoroughly: bool) -> _Rows:
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "It is not a file")
    _create(path)
    if not _is_sound(path, thoroughly=thoroughly):
        _set_aside(path)
    path.chmod(0o600)
    return _Rows(path, lock)


def _is_busy(error: BaseException) -> bool:
    """Return whether another process is opening the same file right now."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def _create(path: Path) -> None:
    """Create the file if there is none, readable for the user only.

    An existing file is not opened: closing it would release the locks that SQLite holds on it in
    this process.
    """
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another thread was faster
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _is_sound(path: Path, *, thoroughly: bool) -> bool:
    """Return whether the file is ours and intact; an empty one becomes ours.

    Raises
    ------
    ConfigError
        If it belongs to something else; it stays as it is.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)) as file:
        is_ours = True
        try:
            (pages,) = file.execute("PRAGMA page_count").fetchone()
            (owner,) = file.execute("PRAGMA application_id").fetchone()
            is_ours = owner == _OURS or pages == 0
            if is_ours:
                if pages == 0:
                    file.execute(f"PRAGMA application_id = {_OURS}")
                return not thoroughly or file.execute("PRAGMA quick_check(1)").fetchone() == ("ok",)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            is_ours = error.sqlite_errorcode != sqlite3.SQLITE_NOTADB
    if is_ours or path == default_file():
        return False
    raise ConfigError(
        f"{path} is not a togglframe cache and is left unchanged: name another file for cache="
    )


def _set_aside(path: Path) -> None:
    """Rename a file that is broken or not a cache, and the files that SQLite keeps beside it."""
    name = f"{path.name}.broken-{clock.now():%Y%m%dT%H%M%S.%f}"
    for side in _SIDES:
        beside = path.with_name(path.name + side)
        if beside.exists():
            beside.rename(path.with_name(name + side))
    _create(path)
    _is_sound(path, thoroughly=False)
    _warn(
        f"The cache {path} is broken: it was renamed to {name}, and answers are fetched again. "
        "You can delete the renamed file."
    )


def _warn(text: str) -> None:
    warn(TogglframeWarning(text))


def seal(row: bytes) -> bytes:
    """Put a digest before a row, so that damage is noticed; it does not prevent forgery."""
    return hashlib.blake2b(row, digest_size=_SEAL_LENGTH).digest() + row


def _dump(answer: CachedResponse) -> bytes:
    # JSON, since unpickling a manipulated file would run foreign code.
    return seal(cast(bytes, orjson_serializer.dumps(answer)))


def _load(sealed: Any) -> CachedResponse:
    """Return the answer in a row; requests-cache treats a ValueError as a missing answer."""
    row = bytes(sealed)[_SEAL_LENGTH:]
    if seal(row) != sealed:
        raise ValueError("the row was changed")
    try:
        answer: Any = orjson_serializer.loads(row)
    except ExceptionGroup as error:  # it was written by another version of requests-cache
        raise ValueError("the row is no answer") from error
    if not isinstance(answer, CachedResponse) or not answer.url:
        raise ValueError("the row is no answer")
    answer.created_at = answer.created_at.replace(tzinfo=UTC)
    return answer


def _is_between(first: datetime, now: datetime, last: datetime | None) -> bool:
    return first <= now and (last is None or now < last)
