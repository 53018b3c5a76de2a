"""Where cached answers are kept, what is there, and how they go.

requests-cache does the work. What is added here: a file that is broken or somebody else's is set
aside, a row that was changed is fetched anew, the size is bounded, and where no file can be
written the answers are kept in memory.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import threading
import warnings
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, cast

import requests_cache
from platformdirs import user_cache_path
from requests_cache.backends.base import BaseCache
from requests_cache.backends.sqlite import SQLiteCache
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import Stage, orjson_serializer
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_random

from togglframe.errors import TogglframeWarning

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
_SEAL_LENGTH: Final = 16
_COLUMNS: Final = {"key", "value", "expires"}
_TABLES: Final = {"responses": _COLUMNS, "redirects": _COLUMNS}
_SIDES: Final = ("", "-wal", "-shm")


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
    return requests_cache.CachedSession(
        backend=_backend(cache),
        expire_after=_as_timedelta(expire_after),
        allowable_methods=("GET", "POST"),
        allowable_codes=(200, 402),
        stale_if_error=False,
        key_fn=key_of,
    )


def _backend(cache: str | os.PathLike[str]) -> BaseCache:
    if cache == "memory":
        return _MemoryCache()
    path = default_file() if cache == "disk" else Path(cache).expanduser()
    while_busy = Retrying(
        retry=retry_if_exception(_is_busy),
        stop=stop_after_delay(BUSY_TIMEOUT),
        wait=wait_random(0, 0.1),
        reraise=True,
    )
    try:
        return while_busy(_file_cache, path)
    except (OSError, sqlite3.OperationalError) as error:
        _warn(f"The cache {path} cannot be used ({error}): answers are kept in memory.")
        return _MemoryCache()


def _file_cache(path: Path) -> _FileCache:
    _make_private(path)
    if not _is_ours(path):
        _set_aside(path)
    return _FileCache(path)


def _is_busy(error: BaseException) -> bool:
    """Tell whether another process is just opening the same file."""
    return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def stored_answers(cache: BaseCache) -> list[StoredAnswer]:
    """List what a cache holds, expired answers too, unreadable ones not."""
    try:
        answers: list[tuple[str, CachedResponse | None]] = list(cache.responses.items())
    except sqlite3.DatabaseError as error:
        if not isinstance(cache, _FileCache):
            raise
        cache.mend(error)
        return []
    return [
        StoredAnswer(
            key=key,
            url=response.url,
            fetched_at=response.created_at.replace(tzinfo=UTC),
            is_expired=response.is_expired,
            size=len(response.content),
        )
        for key, response in answers
        if response is not None
    ]


def answers_in(path: Path) -> list[StoredAnswer]:
    """List what a cache file holds; nothing where there is no file."""
    if not path.exists():
        return []
    with closing(open_session(path, expire_after=None)) as session:
        return stored_answers(session.cache)


def delete_answers(cache: BaseCache, *, below: str) -> int:
    """Delete the answers whose URL has this part, and return how many there were."""
    keys = [answer.key for answer in stored_answers(cache) if below in answer.url]
    cache.delete(*keys)
    return len(keys)


def delete_answers_in(path: Path, *, below: str) -> int:
    """Delete answers in a cache file, and return how many there were."""
    if not path.exists():
        return 0
    with closing(open_session(path, expire_after=None)) as session:
        return delete_answers(session.cache, below=below)


def _as_timedelta(seconds: float | timedelta | None) -> timedelta | int:
    if seconds is None:
        return requests_cache.NEVER_EXPIRE
    return seconds if isinstance(seconds, timedelta) else timedelta(seconds=seconds)


def _make_private(path: Path) -> None:
    """Make sure that only the user can read the file, before anything is in it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)


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
    _make_private(path)
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


class _FileCache(SQLiteCache):
    """A file of answers that puts a new one in its place when it breaks."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            serializer=Stage(dumps=_dump, loads=_load),
            wal=True,
            busy_timeout=int(BUSY_TIMEOUT * 1000),
        )
        self._path = path
        self._mending = threading.Lock()

    def get_response(self, key: str, default: Any = None) -> Any:
        try:
            return super().get_response(key, default)
        except sqlite3.DatabaseError as error:
            self.mend(error)
            return default

    def save_response(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().save_response(*args, **kwargs)
            self._drop_oldest()
        except sqlite3.DatabaseError as error:
            self.mend(error)

    def delete(self, *args: Any, **kwargs: Any) -> None:
        try:
            super().delete(*args, **kwargs)
        except sqlite3.DatabaseError as error:
            self.mend(error)

    def mend(self, error: sqlite3.DatabaseError) -> None:
        """Go on with a new file, unless another thread or process has already made one."""
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


class _MemoryCache(BaseCache):
    """Answers of this process."""

    def save_response(self, *args: Any, **kwargs: Any) -> None:
        super().save_response(*args, **kwargs)
        answers = list(self.responses.items())
        too_much = sum(response.size for _, response in answers) - LARGEST
        if too_much <= 0:
            return
        for key, response in sorted(answers, key=lambda answer: answer[1].created_at):
            self.responses.pop(key, None)
            too_much -= response.size
            if too_much <= 0:
                return
