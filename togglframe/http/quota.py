"""Quota: what has been sent, what is left of the hour, and what a report would cost."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from togglframe import clock
from togglframe.errors import QuotaExceededError
from togglframe.text.formats import plural

HOUR: Final = 3600  # [s], in which the quota is whole again

_locks: Final[dict[tuple[int, Hashable], threading.Lock]] = {}
_free_at: Final[dict[Hashable, float]] = {}  # the next free moment, by credential and host


def lock_of(name: Hashable) -> threading.Lock:
    """Return the lock of this name in this process.

    A forked process has locks of its own, since nobody would release those of its parent's threads.
    """
    return _locks.setdefault((os.getpid(), name), threading.Lock())


def drop_lock(name: Hashable) -> None:
    """Forget a lock that nobody needs any longer."""
    _locks.pop((os.getpid(), name), None)


def reserve(pace: Hashable, per_second: float, *, within: float) -> float | None:
    """Reserve the next request of a pace, and return the wait [s]; None if it is too long."""
    with lock_of("pace"):
        now = clock.monotonic()
        moment = max(now, _free_at.get(pace, now))
        if moment - now > within:
            return None
        _free_at[pace] = moment + 1 / per_second
        return moment - now


@dataclass(frozen=True, repr=False)
class Usage:
    """What a Workspace has spent.

    Attributes
    ----------
    requests : int
        Requests sent, retries included.
    cache_hits : int
        Answers that came out of the cache, and so cost nothing.
    retries : int
        Requests that repeated a failed one.
    quota_remaining : int or None
        Requests left in this hour, by the latest answer; None before the first.
    quota_resets_in : int or None
        Seconds [s] until the quota is whole again, by the latest answer.
    """

    requests: int = 0
    cache_hits: int = 0
    retries: int = 0
    quota_remaining: int | None = None
    quota_resets_in: int | None = None

    def __repr__(self) -> str:
        """Show the requests, and of the rest what there is."""
        shown = {"requests": self.requests}
        shown |= {name: value for name, value in vars(self).items() if value != vars(_UNUSED)[name]}
        return f"Usage({', '.join(f'{name}={value}' for name, value in shown.items())})"


_UNUSED: Final = Usage()


class Meter:
    """Counts requests and remembers the quota headers; safe to use from several threads."""

    def __init__(self) -> None:
        self._usage = Usage()
        self._read_at = 0.0

    def count(self, *, requests: int = 0, cache_hits: int = 0, retries: int = 0) -> None:
        """Add to the counters."""
        with lock_of("usage"):
            self._usage = replace(
                self._usage,
                requests=self._usage.requests + requests,
                cache_hits=self._usage.cache_hits + cache_hits,
                retries=self._usage.retries + retries,
            )

    def update_quota(self, remaining: int | None, resets_in: int | None) -> None:
        """Remember the quota headers of a response, if it has them."""
        if remaining is None:
            return
        with lock_of("usage"):
            self._read_at = clock.monotonic()
            self._usage = replace(self._usage, quota_remaining=remaining, quota_resets_in=resets_in)

    @property
    def is_used_up(self) -> bool:
        """Whether no request is left, as far as is known, and the reset has not come yet."""
        usage = self.usage
        return usage.quota_remaining == 0 and usage.quota_resets_in != 0

    @property
    def usage(self) -> Usage:
        """What has been spent, and what is left of the quota by now."""
        usage, elapsed = self._usage, int(clock.monotonic() - self._read_at)
        if usage.quota_resets_in is not None:
            return replace(usage, quota_resets_in=max(usage.quota_resets_in - elapsed, 0))
        return replace(usage, quota_remaining=None) if elapsed >= HOUR else usage


@dataclass(frozen=True)
class Known:
    """What is known about a listing that was fetched before.

    Attributes
    ----------
    requests : int
        What it costs now, if it is still as long.
    is_kept : bool
        Whether the cache holds all of its answers, fresh or not.
    oldest, newest : datetime or None
        When the oldest and the newest of them were fetched (UTC).
    """

    requests: int = 0
    is_kept: bool = True
    oldest: datetime | None = None
    newest: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """What a report would cost now.

    Attributes
    ----------
    costs : dict of str to int
        Requests by listing. Answers that are fresh in the cache cost nothing; others that were
        fetched before cost as much as then. Time entries that were never fetched count as many
        pages as earlier listings of other days let expect, or, without any, as 42 entries a day
        fill; any other listing counts as the smallest that is not empty. One that the workspace's
        plan hides costs one request.
    is_exact : bool
        Whether all listings were fetched before, so that their number of pages is known, and none
        is older than another that refers to it; if not, the costs are estimated, and it prints
        "about": pages may be more or fewer, and a listing that lacks what a newer one refers to is
        fetched again. Retries and rows added since then are not counted.
    quota_remaining : int or None
        Requests left in this hour, as of the latest answer; None before the first.
    quota_resets_in : int or None
        Seconds [s] until the quota resets, as of the latest answer.
    by_workspace : mapping of int to Plan
        For several workspaces, the plan of each by its id, with what is left of its quota; empty
        for one.
    """

    costs: dict[str, int]
    is_exact: bool
    quota_remaining: int | None
    quota_resets_in: int | None
    by_workspace: Mapping[int, Plan] = field(default_factory=dict)

    @classmethod
    def of_all(cls, plans: Mapping[int, Plan]) -> Plan:
        """Return the plan of several workspaces together.

        :meta private:
        """
        costs = Counter[str]()
        for plan in plans.values():
            costs.update(plan.costs)
        is_exact = all(plan.is_exact for plan in plans.values())
        return cls(dict(costs), is_exact, None, None, plans)

    @classmethod
    def of_all_or_one(cls, plans: Mapping[int, Plan]) -> Plan:
        """Return the plan of several workspaces together, or that of the only one.

        :meta private:
        """
        return cls.of_all(plans) if len(plans) > 1 else next(iter(plans.values()))

    def with_more(self, *plans: Plan) -> Plan:
        """Return the plan of one workspace with further listings, each counted once.

        :meta private:
        """
        costs = {name: cost for plan in (self, *plans) for name, cost in plan.costs.items()}
        is_exact = all(plan.is_exact for plan in (self, *plans))
        return replace(self, costs=costs, is_exact=is_exact)

    @property
    def requests(self) -> int:
        """The total number of requests."""
        return sum(self.costs.values())

    @property
    def is_affordable(self) -> bool | None:
        """Whether the quota is enough; None if that is not known."""
        if self.by_workspace:
            parts = [plan.is_affordable for plan in self.by_workspace.values()]
            return False if False in parts else None if None in parts else True
        if self.requests == 0:
            return True
        if self.quota_remaining is None or self.quota_resets_in == 0:
            return None
        return self.requests <= self.quota_remaining

    def __str__(self) -> str:
        """Show the cost, and what is left of the quota."""
        return self._in_words("about")

    def _in_words(self, unless_exact: str) -> str:
        bound = "" if self.is_exact else f"{unless_exact} "
        parts = ", ".join(f"{name}: {cost}" for name, cost in self.costs.items())
        left = "" if self.quota_remaining is None else f"; {self.quota_remaining} left in this hour"
        each = [f"workspace {number}: {plan}" for number, plan in self.by_workspace.items()]
        return "\n".join([f"{bound}{plural(self.requests, 'request')} ({parts}){left}", *each])

    def refusal(self) -> QuotaExceededError:
        """Return the error for a quota that is not enough for these costs, the least there are."""
        when = ""
        if self.quota_resets_in is not None:
            reset = clock.now() + timedelta(seconds=self.quota_resets_in)
            when = f", which resets at {reset:%H:%M:%S} UTC"
        return QuotaExceededError(
            f"no request was sent, since it takes {self._in_words('at least')}{when}",
            status=None,
            endpoint=", ".join(self.costs),
            retry_after=self.quota_resets_in,
        )
