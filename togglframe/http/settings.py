"""Settings of a Workspace: how its requests are sent, and where the parts of the API begin."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Literal
from urllib.parse import urljoin

OnQuota = Literal["stale", "raise", "wait"]


class Root(Enum):
    """A part of the API: where its paths begin, on the host of `base_url`."""

    REPORTS = ""
    INSIGHTS = "/insights/api/v1"

    def of(self, base_url: str) -> str:
        """Return the URL; that of the Reports API is the `base_url` itself."""
        return urljoin(base_url, self.value)


@dataclass(frozen=True)
class Settings:
    """How a Workspace talks to the API; see :class:`togglframe.Workspace` for each field."""

    base_url: str
    cache: str | os.PathLike[str] | None
    expire_after: timedelta | None
    timeout: float
    max_attempts: int
    backoff: float
    max_wait: float
    per_second: float | None
    on_quota: OnQuota
