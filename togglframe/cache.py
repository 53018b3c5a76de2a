"""Where cached answers are kept, what is there, and how they go."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import requests_cache
from platformdirs import user_cache_path
from requests_cache.backends.base import BaseCache

__all__ = [
    "StoredAnswer",
    "answers_in",
    "default_file",
    "delete_answers",
    "delete_answers_in",
    "open_session",
]

# JSON, since unpickling a file that somebody changed would run their code.
_SQLITE: Final = {"backend": "sqlite", "serializer": "json", "wal": True, "busy_timeout": 5000}


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
    if cache == "memory":
        where: dict[str, Any] = {"cache_name": "togglframe", "backend": "memory"}
    else:
        path = default_file() if cache == "disk" else Path(cache).expanduser()
        where = {"cache_name": str(_private(path)), **_SQLITE}
    return requests_cache.CachedSession(
        **where,
        expire_after=_as_timedelta(expire_after),
        allowable_methods=("GET", "POST"),
        allowable_codes=(200,),
        stale_if_error=False,
        key_fn=key_of,
    )


def stored_answers(cache: BaseCache) -> Iterator[StoredAnswer]:
    """Go through what a cache holds, expired answers too."""
    for key, response in cache.responses.items():
        yield StoredAnswer(
            key=key,
            url=response.url,
            fetched_at=response.created_at.replace(tzinfo=UTC),
            is_expired=response.is_expired,
            size=len(response.content),
        )


def answers_in(path: Path) -> list[StoredAnswer]:
    """List what a cache file holds; nothing where there is no file."""
    if not path.exists():
        return []
    with closing(open_session(path, expire_after=None)) as session:
        return list(stored_answers(session.cache))


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


def _private(path: Path) -> Path:
    """Make sure that only the user can read the file, before anything is in it."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    path.chmod(0o600)
    return path
