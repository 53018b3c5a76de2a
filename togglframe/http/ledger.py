"""Ledger: what each listing was made of, kept beside the cached answers.

A listing is made of answers, page by page. Which they were is noted by their keys, so that what it
would cost to fetch it again is told by a look at the keys: nothing is parsed, nothing is cast.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import orjson

from togglframe.errors import PremiumFeatureError
from togglframe.http.plan import Known

if TYPE_CHECKING:
    from togglframe.http.cache import Cache

__all__ = ["Ledger"]


@dataclass
class _Page:
    """An answer that a listing is made of.

    Attributes
    ----------
    given_at : datetime or None
        When the API gave it; None for a refusal.
    requests : int
        How often it was asked for: more than once where an empty page was doubted.
    """

    given_at: datetime | None = None
    requests: int = 0


class Ledger:
    """Notes what listings are made of; safe to use from several threads.

    Parameters
    ----------
    cache : Cache or None
        Where the answers are, and the notes beside them; None keeps the notes in this object.
    """

    def __init__(self, cache: Cache | None) -> None:
        self._cache = cache
        self._notes: dict[str, bytes] = {}
        self._refused: set[str] = set()
        self._thread = threading.local()

    @contextmanager
    def entry(self, note: str, *, url: str) -> Iterator[None]:
        """Note what this thread asks for inside the block; a refusal by the plan is an answer."""
        pages: dict[str, _Page] = {}
        self._thread.pages = pages
        try:
            yield
        except PremiumFeatureError:
            self._keep(note, pages, url)
            raise
        else:
            self._keep(note, pages, url)
        finally:
            self._thread.pages = None

    def asked(self, key: str) -> None:
        """Note that a page is asked for."""
        pages = getattr(self._thread, "pages", None)
        if pages is not None:
            pages.setdefault(key, _Page())

    def answered(self, key: str, given_at: datetime, *, from_cache: bool) -> None:
        """Note that it came, and whether it cost a request."""
        pages = getattr(self._thread, "pages", None)
        if pages is not None:
            page = pages.setdefault(key, _Page())
            page.given_at = given_at
            page.requests += not from_cache

    def refused(self, key: str) -> None:
        """Note that the API refuses a request, which teaches not to send it again."""
        self._refused.add(key)

    def known(self, note: str, *, refreshed: set[str] | None = None) -> Known | None:
        """Tell what is known of a listing, None where it was never fetched.

        Parameters
        ----------
        note : str
            The key of its note.
        refreshed : set of str, optional
            The answers already re-fetched; no other is fresh.
        """
        pages = self._pages(note)
        if pages is None:
            return None
        requests, is_kept = 0, True
        for key, page in pages.items():
            is_fresh = None if self._cache is None else self._cache.has_fresh(key, page.given_at)
            is_kept &= is_fresh is not None
            if not is_fresh or (refreshed is not None and key not in refreshed):
                requests += page.requests
        moments = [page.given_at for page in pages.values() if page.given_at is not None]
        return Known(requests, is_kept, min(moments, default=None), max(moments, default=None))

    def _keep(self, note: str, pages: dict[str, _Page], url: str) -> None:
        before = self._pages(note)
        known = before or {}
        pages = {key: page for key, page in pages.items() if key not in self._refused}
        for key, page in pages.items():
            page.requests = page.requests or known.get(key, _Page(requests=1)).requests
        if pages == before:
            return
        made_of = orjson.dumps({key: (page.given_at, page.requests) for key, page in pages.items()})
        if self._cache is None:
            self._notes[note] = made_of
        else:
            self._cache.keep_note(note, made_of, url=url)

    def _pages(self, note: str) -> dict[str, _Page] | None:
        kept = self._notes.get(note) if self._cache is None else self._cache.note(note)
        if kept is None:
            return None
        return {
            key: _Page(given_at and datetime.fromisoformat(given_at), requests)
            for key, (given_at, requests) in orjson.loads(kept).items()
        }
