"""Where cached answers are kept, what is there, and how they go.

requests-cache does the work. What is added here: a file that is broken or somebody else's is set
aside, a row that was changed is fetched anew, the size is bounded, nothing waits for a locked file
for ever, and where no file can be written the answers are kept in memory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import requests_cache
from platformdirs import user_cache_path
from requests_cache.backends.base import BaseCache
from requests_cache.backends.sqlite import SQLiteCache, SQLiteDict
from requests_cache.models.response import CachedResponse
from requests_cache.policy import get_expiration_datetime
from requests_cache.serializers import Stage, orjson_serializer
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from togglframe.errors import ConfigError, TogglframeWarning

__all__ = [
    "StoredAnswer",
    "answers_in",
    "default_file",
    "delete_answers",
    "delete_answers_in",
    "open_session",
]

LARGEST: Final = 200_000_000  # [bytes], of all answers in one cache
BUSY_TIMEOUT: Final = 5.0  # [s]
_LOCKED_FOR: Final = 30.0  # [s], in which a file that was waited for in vain is let alone
_SEAL_LENGTH: Final = 16
_COLUMNS: Final = {"key", "value", "expires"}
_TABLES: Final = {"responses": _COLUMNS, "redirects": _COLUMNS}
_SIDES: Final = ("", "-wal", "-shm")
# What SQLite says of a file that is whole, but cannot be used now.
_HINDRANCES: Final = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_NOMEM,
}
_PRIMARY_CODE: Final = 0xFF
_TROUBLES: Final = (OSError, sqlite3.DatabaseError)

_creating = threading.Lock()


@dataclass(frozen=True)
class StoredAnswer:
    """One cached answer.

    Attributes
    ----------
    key : str
        The key in the cache.
    url : str
        Whose answer it is.
    fetched_at : datetime
        When the API gave it (UTC).
    is_expired : bool
        Whether it would be fetched anew.
    size : int
        Bytes of the answer.
    """

    key: str
    url: str
    fetched_at: datetime
    is_expired: bool
    size: int


def default_file() -> Path:
    """Return the file of the cache ``"disk"``."""
    return user_cache_path("togglframe") / "answers.sqlite"


def open_session(
    cache: str | os.PathLike[str],
    *,
    expire_after: float | timedelta | None,
    key_of: Callable[..., str] | None = None,
) -> requests_cache.CachedSession:
    """Open a session on a cache: "disk", "memory" or a file of one's own."""
    fresh_for = _as_timedelta(expire_after)
    return requests_cache.CachedSession(
        backend=_backend(cache, fresh_for),
        expire_after=fresh_for,
        allowable_methods=("GET", "POST"),
        allowable_codes=(200, 402),
        stale_if_error=False,
        key_fn=key_of,
    )


def _backend(cache: str | os.PathLike[str], fresh_for: timedelta | int | None) -> _Cache:
    if cache == "memory":
        return _MemoryCache()
    path = default_file() if cache == "disk" else Path(cache).expanduser()
    if not path.suffix:
        path = path.with_name(f"{path.name}.sqlite")  # as requests-cache does
    while_busy = Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(BUSY_TIMEOUT),
        wait=wait_random(0, 0.1),
        reraise=True,
    )
    try:
        return while_busy(_file_cache, path, fresh_for)
    except (OSError, sqlite3.OperationalError) as error:
        _warn(f"The cache {path} cannot be used ({error}): answers are kept in memory.")
        return _MemoryCache()


def _file_cache(path: Path, fresh_for: timedelta | int | None) -> _FileCache:
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "It is not a file")
    _create(path)
    if not _is_ours(path):
        _set_aside(path)
    path.chmod(0o600)
    return _FileCache(path, fresh_for)


def _is_busy(error: BaseException) -> bool:
    """Tell whether another process is just opening the same file."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def stored_answers(cache: _Cache) -> list[StoredAnswer]:
    """List what a cache holds, expired answers too, unreadable ones not."""
    return [
        StoredAnswer(
            key=key,
            url=response.url,
            fetched_at=response.created_at.replace(tzinfo=UTC),
            is_expired=response.is_expired,
            size=len(response.content),
        )
        for key, response in cache.answers()
    ]


def answers_in(path: Path) -> list[StoredAnswer]:
    """List what a cache file holds; nothing where there is no file."""
    if not path.exists():
        return []
    with _opened(path) as cache:
        return stored_answers(cache)


def delete_answers(cache: Any, *, below: str) -> int:
    """Delete the answers whose URL has this part, and return how many there were."""
    keys = {answer.key for answer in stored_answers(cache) if below in answer.url}
    cache.delete(*keys)
    return len(keys - {key for key, _ in cache.answers()})


def delete_answers_in(path: Path, *, below: str) -> int:
    """Delete answers in a cache file, and return how many there were."""
    if not path.exists():
        return 0
    with _opened(path) as cache:
        return delete_answers(cache, below=below)


@contextmanager
def _opened(path: Path) -> Iterator[_FileCache]:
    """Open a cache file without the memory that would stand in for it."""
    try:
        with closing(_file_cache(path, None)) as cache:
            yield cache
    except _TROUBLES as error:
        raise ConfigError(f"the cache {path} cannot be used now: {error}") from error


def _as_timedelta(seconds: float | timedelta | None) -> timedelta | int:
    if seconds is None:
        return requests_cache.NEVER_EXPIRE
    return seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)


def _create(path: Path) -> None:
    """Make the file where there is none, so that only the user can read it.

    One that is there is not opened: to close it would take away the locks that SQLite holds on it
    in this process.
    """
    with _creating:
        if not path.exists():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _is_ours(path: Path, *, thoroughly: bool = False) -> bool:
    """Tell whether the file is empty or a cache of answers, and can be written."""
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)) as file:
        try:
            file.execute("BEGIN IMMEDIATE")
            names = {name for (name,) in file.execute("SELECT tbl_name FROM sqlite_master")}
            columns = {
                name: {
                    row[1] for row in file.execute("SELECT * FROM pragma_table_info(?)", (name,))
                }
                for name in names
            }
            if thoroughly and file.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
                return False
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            return False
    return columns.items() <= _TABLES.items()


def _set_aside(path: Path) -> None:
    """Rename a file that is broken or not a cache, and what SQLite keeps beside it."""
    name = f"{path.name}.broken-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    for side in _SIDES:
        beside = path.with_name(path.name + side)
        if beside.exists():
            beside.rename(path.with_name(name + side))
    _create(path)
    _warn(
        f"{path} is broken, or not a cache of togglframe: it was renamed to {name}, and answers "
        "are fetched anew. Delete it if you do not miss anything."
    )


def _warn(text: str) -> None:
    warnings.warn(text, TogglframeWarning, stacklevel=3)


def seal(row: bytes) -> bytes:
    """Put a digest before a row, so that damage is noticed; it keeps nobody from forging one."""
    return hashlib.blake2b(row, digest_size=_SEAL_LENGTH).digest() + row


def _dump(response: CachedResponse) -> bytes:
    # JSON, since unpickling a file that somebody changed would run their code.
    return seal(cast(bytes, orjson_serializer.dumps(response)))


def _load(sealed: Any) -> CachedResponse:
    """Return the answer in a row; requests-cache takes a ValueError for a missing answer."""
    row = bytes(sealed)[_SEAL_LENGTH:]
    if seal(row) != sealed:
        raise ValueError("the row was changed")
    try:
        response: Any = orjson_serializer.loads(row)
    except ExceptionGroup as error:
        raise ValueError("the row is no answer") from error
    if not isinstance(response, CachedResponse) or not response.url:
        raise ValueError("the row is no answer")
    return response


class _Cache(BaseCache):
    """A cache that can list its answers."""

    def answers(self) -> list[tuple[str, CachedResponse]]:
        """Return the answers that can be read, with their keys."""
        raise NotImplementedError


class _MemoryCache(_Cache):
    """Answers of this process."""

    def answers(self) -> list[tuple[str, CachedResponse]]:
        return list(dict(self.responses.data).items())  # type: ignore[attr-defined]

    def save_response(self, *args: Any, **kwargs: Any) -> None:
        super().save_response(*args, **kwargs)
        answers = self.answers()
        too_much = sum(response.size for _, response in answers) - LARGEST
        if too_much <= 0:
            return
        for key, response in sorted(answers, key=lambda answer: answer[1].created_at):
            self.responses.pop(key, None)
            too_much -= response.size
            if too_much <= 0:
                return


class _Rows(SQLiteDict):
    """One table of a file. Threads take turns, and a locked file is waited for BUSY_TIMEOUT."""

    _locked: sqlite3.OperationalError | None = None
    _locked_until = 0.0

    @contextmanager
    def connection(self, commit: bool = False) -> Iterator[sqlite3.Connection]:
        with self._lock:
            _create(Path(self.db_path))
            with super().connection() as file:
                if not commit or file.in_transaction:
                    yield file
                    return
                self._begin(file)
                try:
                    yield file
                    file.commit()
                except BaseException:
                    with suppress(sqlite3.Error):
                        file.rollback()
                    raise

    def _begin(self, file: sqlite3.Connection) -> None:
        """Begin to write; who waited in vain spares those that come soon after the wait."""
        now = time.monotonic()
        if self._locked is not None and now < self._locked_until:
            raise self._locked
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._locked, self._locked_until = error, time.monotonic() + _LOCKED_FOR
            raise


class _FileCache(SQLiteCache, _Cache):
    """A file of answers that puts a new one in its place when it breaks.

    What it cannot write goes to memory.
    """

    def __init__(self, path: Path, fresh_for: timedelta | int | None) -> None:
        BaseCache.__init__(self, cache_name=str(path))
        options: dict[str, Any] = {"wal": True, "busy_timeout": int(BUSY_TIMEOUT * 1000)}
        options["lock"] = threading.RLock()
        row = Stage(dumps=_dump, loads=_load)
        self.responses = _Rows(path, table_name="responses", serializer=row, **options)
        self.redirects = _Rows(path, table_name="redirects", serializer=None, **options)
        self._path = path
        self._fresh_for = fresh_for
        self._mending = threading.Lock()
        self._said: set[str] = set()
        self._unwritten = _MemoryCache()

    def get_response(self, key: str, default: Any = None) -> Any:
        stored = None
        try:
            stored = super().get_response(key)
        except _TROUBLES as error:
            self._mend(error)
        both = (stored, self._unwritten.get_response(key))
        known = [answer for answer in both if answer is not None]
        if not known:
            return default
        response = max(known, key=lambda answer: answer.created_at)
        # How long an answer is fresh says who reads it, not who stored it.
        if self._fresh_for is not None:
            response.expires = get_expiration_datetime(self._fresh_for, response.created_at)
        return response

    def save_response(self, response: Any, cache_key: Any = None, expires: Any = None) -> None:
        try:
            super().save_response(response, cache_key, expires)
            self._drop_oldest()
        except _TROUBLES as error:
            self._unwritten.save_response(response, cache_key, expires)
            self._mend(error)
        else:
            self._unwritten.delete(cache_key)

    def delete(self, *keys: str, **kwargs: Any) -> None:
        self._unwritten.delete(*keys)
        try:
            super().delete(*keys, vacuum=False, **kwargs)
            if len(keys) > 1:
                with suppress(sqlite3.OperationalError):  # another process is reading
                    self.responses.vacuum()  # type: ignore[no-untyped-call]
        except _TROUBLES as error:
            self._mend(error, otherwise="nothing was deleted")

    def answers(self) -> list[tuple[str, CachedResponse]]:
        rows: list[tuple[str, Any]] = []
        try:
            with self.responses.connection() as file:
                rows = file.execute("SELECT key, value FROM responses").fetchall()
        except _TROUBLES as error:
            self._mend(error)
        read = ((key, self.responses.deserialize(key, value)) for key, value in rows)
        stored = {key: response for key, response in read if response is not None}
        return list((stored | dict(self._unwritten.answers())).items())

    def _mend(
        self,
        error: OSError | sqlite3.DatabaseError,
        otherwise: str = "what it cannot hold is kept in memory",
    ) -> None:
        """Go on with a new file, unless another thread or process has already made one."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        if isinstance(error, OSError) or code & _PRIMARY_CODE in _HINDRANCES:
            said = f"The cache {self._path} cannot be used now ({error}): {otherwise}."
            if said not in self._said:
                self._said.add(said)
                _warn(said)
            return
        with self._mending:
            self.close()  # type: ignore[no-untyped-call]
            try:
                if not _is_ours(self._path, thoroughly=True):
                    _set_aside(self._path)
                for table in (self.responses, self.redirects):
                    table.init_db()  # type: ignore[no-untyped-call]
            except (OSError, sqlite3.OperationalError) as refusal:
                _warn(f"The cache {self._path} cannot be used ({error}; {refusal}).")

    def _drop_oldest(self) -> None:
        with self.responses.connection() as file:
            pages, free, page_size = (
                file.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("page_count", "freelist_count", "page_size")
            )
        if (pages - free) * page_size <= LARGEST:
            return
        with self.responses.connection(commit=True) as file:
            file.execute(
                "DELETE FROM responses WHERE key IN (SELECT key FROM (SELECT key, "
                "sum(length(value)) OVER (ORDER BY rowid DESC) AS held FROM responses) "
                "WHERE held > ?)",
                (LARGEST * 3 // 4,),
            )
