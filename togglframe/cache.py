"""Where cached answers are kept, what is there, and how they go.

requests-cache does the work. What is added here: a file that is broken is set aside and somebody
else's is refused, a row that was changed is fetched anew, the answer that another one replaces is
kept beside it, the size is bounded, nothing waits for a locked file for ever, and where no file can
be written the answers are kept in memory.
"""

from __future__ import annotations

import errno
import hashlib
import os
import sqlite3
import threading
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
from requests_cache.models.request import CachedRequest
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import Stage, orjson_serializer
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from togglframe import clock
from togglframe.errors import ConfigError, TogglframeWarning

__all__ = [
    "StoredAnswer",
    "answers_in",
    "default_file",
    "delete_answers",
    "delete_answers_in",
    "keep_note",
    "note_in",
    "open_cache",
    "session_on",
]

LARGEST: Final = 200_000_000  # [bytes], of all answers in one cache
BUSY_TIMEOUT: Final = 5.0  # [s]
_LOCKED_FOR: Final = 30.0  # [s], in which a file that was waited for in vain is let alone
_SEAL_LENGTH: Final = 16
_COLUMNS: Final = {"key", "value", "expires"}
_TABLES: Final = {"responses": _COLUMNS, "redirects": _COLUMNS}
_SIDES: Final = ("", "-wal", "-shm")
_CHECK: Final = "PRAGMA quick_check(1)"
_MAGIC: Final = b"SQLite format 3\0"  # with which every database begins
_OLDER: Final = ".older"  # ends the key of an answer that was replaced
_NOTE: Final = "a note of togglframe"  # where an answer has the reason of its status
_LONG_AGO: Final = datetime.fromtimestamp(0, UTC)
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


def open_cache(cache: str | os.PathLike[str], *, expire_after: float | timedelta | None) -> _Cache:
    """Open a cache: "disk", "memory" or a file of one's own."""
    fresh_for = expire_after
    if isinstance(fresh_for, int | float):
        fresh_for = timedelta(seconds=fresh_for)
    if cache == "memory":
        return _MemoryCache(fresh_for)
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
        return _MemoryCache(fresh_for)


def session_on(cache: _Cache, *, key_of: Callable[..., str]) -> requests_cache.CachedSession:
    """Make a session that looks into the cache first."""
    return requests_cache.CachedSession(
        backend=cache,
        allowable_methods=("GET", "POST"),
        allowable_codes=(200, 402),
        stale_if_error=False,
        key_fn=key_of,
    )


def _file_cache(path: Path, fresh_for: timedelta | None) -> _FileCache:
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "It is not a file")
    _create(path)
    if not _is_sound(path):
        _set_aside(path)
    path.chmod(0o600)
    return _FileCache(path, fresh_for)


def _is_busy(error: BaseException) -> bool:
    """Tell whether another process is just opening the same file."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def keep_note(cache: _Cache, key: str, note: bytes, *, url: str) -> None:
    """Keep a note beside the answers to this URL: it goes with them, and is not listed."""
    request = CachedRequest(url=url)
    response: Any = CachedResponse(content=note, url=url, reason=_NOTE, request=request)
    response.fetched_at = clock.now()
    cache.save_response(response, key)


def note_in(cache: _Cache, key: str) -> bytes | None:
    """Return the note that was kept under this key."""
    response = cache.get_response(key)
    return None if response is None or response.reason != _NOTE else response.content


def stored_answers(cache: _Cache) -> list[StoredAnswer]:
    """List what a cache holds, expired answers too, unreadable ones not."""
    return [
        StoredAnswer(
            key=key,
            url=response.url,
            fetched_at=response.created_at,
            is_expired=not _is_fresh(response),
            size=len(response.content),
        )
        for key, response in cache.answers()
        if not key.endswith(_OLDER) and response.reason != _NOTE
    ]


def answers_in(path: Path) -> list[StoredAnswer]:
    """List what a cache file holds; nothing where there is no file."""
    if not path.exists():
        return []
    with _opened(path) as cache:
        return stored_answers(cache)


def delete_answers(cache: Any, *, below: str) -> int:
    """Delete the answers whose URL has this part, and return how many there were."""
    answers = [answer for answer in cache.answers() if below in answer[1].url]
    cache.delete(*{key.removesuffix(_OLDER) for key, _ in answers})
    keys = {key.removesuffix(_OLDER) for key, answer in answers if answer.reason != _NOTE}
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


def _create(path: Path) -> None:
    """Make the file where there is none, so that only the user can read it.

    One that is there is not opened: to close it would take away the locks that SQLite holds on it
    in this process.
    """
    if path.exists():
        return
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(FileExistsError):  # another thread was faster
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))


def _is_sound(path: Path, *, thoroughly: bool = False) -> bool:
    """Tell whether the file is empty or a cache of answers, and can be written; or is broken.

    Raises
    ------
    ConfigError
        If it is somebody else's, which stays as it is.
    """
    with closing(sqlite3.connect(path, timeout=BUSY_TIMEOUT, isolation_level=None)) as file:
        try:
            is_ours = _columns(file).items() <= _TABLES.items()
            if is_ours:
                file.execute("BEGIN IMMEDIATE")
                return not thoroughly or file.execute(_CHECK).fetchone() == ("ok",)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError as error:
            is_ours = error.sqlite_errorcode != sqlite3.SQLITE_NOTADB or _begins_like_one(path)
    if is_ours or path == default_file():
        return False
    raise ConfigError(
        f"{path} is no cache of togglframe and stays as it is: name another file for cache="
    )


def _columns(file: sqlite3.Connection) -> dict[str, set[str]]:
    """Return the columns of every table."""
    names = {name for (name,) in file.execute("SELECT tbl_name FROM sqlite_master")}
    of_table = "SELECT name FROM pragma_table_info(?)"
    return {name: {column for (column,) in file.execute(of_table, (name,))} for name in names}


def _begins_like_one(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_MAGIC)) == _MAGIC


def _set_aside(path: Path) -> None:
    """Rename a file that is broken or not a cache, and what SQLite keeps beside it."""
    name = f"{path.name}.broken-{clock.now():%Y%m%dT%H%M%S.%f}"
    for side in _SIDES:
        beside = path.with_name(path.name + side)
        if beside.exists():
            beside.rename(path.with_name(name + side))
    _create(path)
    _warn(
        f"The cache {path} is broken: it was renamed to {name}, and answers are fetched anew. "
        "Delete it if you do not miss anything."
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
    response.created_at = response.created_at.replace(tzinfo=UTC)
    return response


def _is_fresh(answer: CachedResponse) -> bool:
    """Tell whether it has not expired; what comes from the future has, its age being unknown."""
    now = clock.now()
    return answer.created_at <= now and (answer.expires is None or now < answer.expires)


class _Cache(BaseCache):
    """Answers by key, and each that was replaced, until the one in its place is replaced too.

    Parameters
    ----------
    fresh_for : timedelta or None
        How long an answer is fresh, whoever stored it.
    """

    def __init__(self, fresh_for: timedelta | None, **options: Any) -> None:
        super().__init__(**options)
        self._fresh_for = fresh_for

    def get_response(self, key: str, default: Any = None) -> Any:
        """Return the newest answer; whether it is expired is settled here, by our clock."""
        now = clock.now()
        answer = max(
            self._stored(key),
            key=lambda answer: (answer.created_at <= now, answer.created_at),
            default=None,
        )
        if answer is None:
            return default
        answer.expires = self._expiry(answer)
        answer.expires = None if _is_fresh(answer) else _LONG_AGO
        return answer

    def is_fresh(self, key: str, given_at: datetime | None) -> bool | None:  # noqa: ARG002
        """Tell whether an answer would not be fetched anew, None where there is none.

        When it was given, as far as the caller knows, may spare reading it.
        """
        answer = self.get_response(key)
        return None if answer is None else _is_fresh(answer)

    def older_response(self, key: str, older_than: datetime) -> CachedResponse | None:
        """Return the newest answer from before a moment."""
        known = [*self._stored(key), *self._stored(key + _OLDER)]
        older = [answer for answer in known if answer.created_at < older_than]
        return max(older, key=lambda answer: answer.created_at, default=None)

    def save_response(self, response: Any, cache_key: Any = None, _: Any = None) -> None:
        answer = CachedResponse.from_response(response, created_at=response.fetched_at)
        super().save_response(answer, cache_key, self._expiry(answer))

    def delete(self, *keys: str, **kwargs: Any) -> None:
        super().delete(*keys, *(key + _OLDER for key in keys), **kwargs)

    def answers(self) -> list[tuple[str, CachedResponse]]:
        """Return the answers that can be read, with their keys."""
        raise NotImplementedError

    def pause(self) -> None:
        """Keep every thread out, with nothing open, until :meth:`resume`."""

    def resume(self) -> None:
        """Let them in again."""

    def _stored(self, key: str) -> list[CachedResponse]:
        answer = super().get_response(key)
        return [] if answer is None else [answer]

    def _expiry(self, answer: CachedResponse) -> datetime | None:
        return None if self._fresh_for is None else answer.created_at + self._fresh_for


class _MemoryCache(_Cache):
    """Answers of this process."""

    def answers(self) -> list[tuple[str, CachedResponse]]:
        return list(dict(self.responses.data).items())  # type: ignore[attr-defined]

    def save_response(self, response: Any, cache_key: Any = None, _: Any = None) -> None:
        replaced = self.responses.get(cache_key)
        if replaced is not None:
            self.responses[cache_key + _OLDER] = replaced
        super().save_response(response, cache_key)
        answers = self.answers()
        too_much = sum(answer.size for _, answer in answers) - LARGEST
        for key, answer in sorted(answers, key=lambda pair: pair[1].created_at):
            if too_much <= 0:
                return
            self.responses.pop(key, None)
            too_much -= answer.size


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
        now = clock.monotonic()
        if self._locked is not None and now < self._locked_until:
            raise self._locked
        try:
            file.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            self._locked, self._locked_until = error, clock.monotonic() + _LOCKED_FOR
            raise


class _Answers(_Rows):
    def __setitem__(self, key: str, value: Any) -> None:
        """Write a row, and keep the one that it replaces."""
        with self.connection(commit=True) as file:
            file.execute(
                "INSERT OR REPLACE INTO responses (key, value, expires) "
                "SELECT ?, value, expires FROM responses WHERE key = ?",
                (key + _OLDER, key),
            )
            super().__setitem__(key, value)  # type: ignore[no-untyped-call]


class _FileCache(SQLiteCache, _Cache):
    """A file of answers that puts a new one in its place when it breaks.

    What it cannot write goes to memory.
    """

    def __init__(self, path: Path, fresh_for: timedelta | None) -> None:
        _Cache.__init__(self, fresh_for, cache_name=str(path))
        self._lock = threading.RLock()
        options: dict[str, Any] = {"wal": True, "busy_timeout": int(BUSY_TIMEOUT * 1000)}
        options["lock"] = self._lock
        row = Stage(dumps=_dump, loads=_load)
        self.responses = _Answers(path, table_name="responses", serializer=row, **options)
        self.redirects = _Rows(path, table_name="redirects", serializer=None, **options)
        self._path = path
        self._said: set[str] = set()
        self._unwritten = _MemoryCache(fresh_for)

    def pause(self) -> None:
        # An open SQLite file must not pass from process to process.
        self._lock.acquire()
        self.close()  # type: ignore[no-untyped-call]

    def resume(self) -> None:
        self._lock.release()

    def is_fresh(self, key: str, given_at: datetime | None) -> bool | None:
        # An answer is never replaced by an older one, so what was fresh when it was given is.
        if given_at is not None and self._is_fresh_since(given_at) and self._holds(key):
            return True
        return super().is_fresh(key, given_at)

    def _is_fresh_since(self, given_at: datetime) -> bool:
        now = clock.now()
        return given_at <= now and (self._fresh_for is None or now < given_at + self._fresh_for)

    def _holds(self, key: str) -> bool:
        """Tell whether the file has an answer, without reading it."""
        try:
            with self.responses.connection() as file:
                found = file.execute("SELECT 1 FROM responses WHERE key = ?", (key,)).fetchone()
        except _TROUBLES as error:
            self._mend(error)
            return False
        return found is not None

    def save_response(self, response: Any, cache_key: Any = None, _: Any = None) -> None:
        try:
            super().save_response(response, cache_key)
            self._drop_oldest()
        except _TROUBLES as error:
            self._unwritten.save_response(response, cache_key)
            self._mend(error)
        else:
            self._unwritten.delete(cache_key)

    def delete(self, *keys: str, **kwargs: Any) -> None:
        self._unwritten.delete(*keys)
        both = [*keys, *(key + _OLDER for key in keys)]
        try:
            super().delete(*both, vacuum=False, **kwargs)
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

    def _stored(self, key: str) -> list[CachedResponse]:
        stored: list[CachedResponse] = []
        try:
            stored = super()._stored(key)
        except _TROUBLES as error:
            self._mend(error)
        return stored + self._unwritten._stored(key)  # noqa: SLF001 -- of the same kind

    def _mend(
        self,
        error: OSError | sqlite3.DatabaseError,
        otherwise: str = "what it cannot hold is kept in memory",
    ) -> None:
        """Go on with a new file, unless another thread or process has already made one."""
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        reason: Exception = error
        if not isinstance(error, OSError) and code & _PRIMARY_CODE not in _HINDRANCES:
            try:
                self._replace_if_broken()
            except (OSError, sqlite3.OperationalError, ConfigError) as refusal:
                reason = refusal
            else:
                return
        said = f"The cache {self._path} cannot be used now ({reason}): {otherwise}."
        if said not in self._said:
            self._said.add(said)
            _warn(said)

    def _replace_if_broken(self) -> None:
        with self._lock:
            self.close()  # type: ignore[no-untyped-call]
            if not _is_sound(self._path, thoroughly=True):
                _set_aside(self._path)
            for table in (self.responses, self.redirects):
                table.init_db()  # type: ignore[no-untyped-call]

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
