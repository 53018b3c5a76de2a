"""Plan: what a report costs, before it is spent."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from togglframe.errors import QuotaExceededError, TogglframeWarning
from togglframe.words.formats import plural

__all__ = ["NotCachedError", "Plan", "Rehearsal"]


class NotCachedError(Exception):
    """A rehearsal came to an answer that is not in the cache; it never reaches a caller."""


@dataclass
class Rehearsal:
    """What a rehearsal, which sends nothing, has met so far.

    Attributes
    ----------
    counts_hits : bool
        Whether fresh answers are counted as cache hits, since they will be used.
    requests : int
        The requests that would be sent: one for each expired answer, and one for the first that
        is not in the cache at all, where the rehearsal ends.
    warnings : list of tuple
        What would be warned of, if the answers that it has met are those that will be used.
    """

    counts_hits: bool
    requests: int = 0
    warnings: list[tuple[str, type[TogglframeWarning]]] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a report would cost now.

    Attributes
    ----------
    costs : dict of str to int
        Requests by listing. What is cached costs nothing; what has expired costs its pages; of a
        listing that is not in the cache nobody knows the pages, so it counts as one request.
    is_exact : bool
        Whether all listings are in the cache, so that their pages are known; else it costs at
        least so much. Retries are not in it.
    quota_remaining : int or None
        Requests left in this hour, by the latest answer; None before the first.
    quota_resets_in : int or None
        Seconds [s] until the quota resets, by the latest answer.
    """

    costs: dict[str, int]
    is_exact: bool
    quota_remaining: int | None
    quota_resets_in: int | None

    @property
    def requests(self) -> int:
        """Requests in all."""
        return sum(self.costs.values())

    @property
    def is_affordable(self) -> bool | None:
        """Whether the quota can pay, as far as is known; None where it is not."""
        if self.requests == 0:
            return True
        if self.quota_remaining is None or self.quota_resets_in == 0:
            return None
        return self.requests <= self.quota_remaining

    def __str__(self) -> str:
        """Tell what it costs, and what is left."""
        least = "" if self.is_exact else "at least "
        parts = ", ".join(f"{name} {cost}" for name, cost in self.costs.items())
        left = "" if self.quota_remaining is None else f"; {self.quota_remaining} left in this hour"
        return f"{least}{plural(self.requests, 'request')} ({parts}){left}"

    def refusal(self) -> QuotaExceededError:
        """Return the error for a quota that cannot pay."""
        when = ""
        if self.quota_resets_in is not None:
            reset = datetime.now(UTC) + timedelta(seconds=self.quota_resets_in)
            when = f", which resets at {reset:%H:%M:%S} UTC"
        return QuotaExceededError(
            f"nothing was asked, since it takes {self}{when}",
            status=None,
            endpoint=", ".join(self.costs),
            retry_after=self.quota_resets_in,
        )
