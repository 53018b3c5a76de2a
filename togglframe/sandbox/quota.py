"""The hourly quota."""

from __future__ import annotations

import math
import threading
from collections import deque
from collections.abc import Callable

HOUR = 3600.0


class Quota:
    """So many requests within any hour that slides along."""

    def __init__(self, limit: int, clock: Callable[[], float]) -> None:
        self.limit = limit
        self._clock = clock
        self._spent: deque[float] = deque()
        self._lock = threading.Lock()

    def spend(self) -> bool:
        """Spend one request; False when none is left."""
        with self._lock:
            self._forget_old()
            if len(self._spent) >= self.limit:
                return False
            self._spent.append(self._clock())
            return True

    @property
    def remaining(self) -> int:
        """Requests left in this hour."""
        with self._lock:
            self._forget_old()
            return self.limit - len(self._spent)

    @property
    def resets_in(self) -> int:
        """Whole seconds until the oldest spent request is forgotten; 0 when none is spent."""
        with self._lock:
            self._forget_old()
            if not self._spent:
                return 0
            return math.ceil(self._spent[0] + HOUR - self._clock())

    def reset(self) -> None:
        """Forget every spent request."""
        with self._lock:
            self._spent.clear()

    def use_up(self, resets_in: float) -> None:
        """Spend everything; all of it comes back in `resets_in` seconds."""
        with self._lock:
            spent_at = self._clock() - HOUR + resets_in
            self._spent = deque([spent_at] * self.limit)

    def _forget_old(self) -> None:
        an_hour_ago = self._clock() - HOUR
        while self._spent and self._spent[0] <= an_hour_ago:
            self._spent.popleft()
