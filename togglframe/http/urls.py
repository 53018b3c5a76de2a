"""Roots: the parts of the API, each with paths of its own on one host."""

from __future__ import annotations

from enum import Enum
from typing import Final
from urllib.parse import urljoin

__all__ = ["SHARED_REPORT", "Root"]

# What stands for the address of a shared report, whose token is a secret, until it is signed.
SHARED_REPORT: Final = "shared/report"


class Root(Enum):
    """A part of the API: where its paths begin, on the host of `base_url`."""

    REPORTS = ""
    INSIGHTS = "/insights/api/v1"

    def of(self, base_url: str) -> str:
        """Return the address: of the Reports API the `base_url` itself."""
        return urljoin(base_url, self.value)
