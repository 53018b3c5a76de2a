"""Plan: what a report costs, before it is spent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from togglframe import clock
from togglframe.errors import QuotaExceededError
from togglframe.text.formats import plural

__all__ = ["Known", "NotCachedError", "Plan"]


class NotCachedError(Exception):
    """The cache has no such answer; callers never see this error."""


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
        fetched before cost as much as then. A listing that was never fetched has an unknown number
        of pages, so it counts as the smallest that is not empty. One that the workspace's plan
        hides costs one request.
    is_exact : bool
        Whether all listings were fetched before, so that their number of pages is known, and none
        is older than another that refers to it; if not, the costs are a minimum, since a listing
        that lacks what a newer one refers to is fetched again. Retries and rows added since then
        are not counted.
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
        least = "" if self.is_exact else "at least "
        parts = ", ".join(f"{name} {cost}" for name, cost in self.costs.items())
        left = "" if self.quota_remaining is None else f"; {self.quota_remaining} left in this hour"
        each = [f"workspace {number}: {plan}" for number, plan in self.by_workspace.items()]
        return "\n".join([f"{least}{plural(self.requests, 'request')} ({parts}){left}", *each])

    def refusal(self) -> QuotaExceededError:
        """Return the error for a quota that is not enough."""
        when = ""
        if self.quota_resets_in is not None:
            reset = clock.now() + timedelta(seconds=self.quota_resets_in)
            when = f", which resets at {reset:%H:%M:%S} UTC"
        return QuotaExceededError(
            f"no request was sent, since it takes {self}{when}",
            status=None,
            endpoint=", ".join(self.costs),
            retry_after=self.quota_resets_in,
        )
