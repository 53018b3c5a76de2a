"""Every endpoint of the API as a frame, by the parts of its path.

The functions take the vendor's own parameter names. :mod:`~.filters` and :mod:`~.search` are at
the front door too, as ``tf.filters`` and ``tf.search``.

======================  =========================================================================
:mod:`~.filters`        the eight endpoints of ``/filters``
:mod:`~.search`         the six endpoints of ``/search``, time entries and their totals included
:mod:`~.summary`        time by group, as the API sums it
:mod:`~.weekly`         time by day
:mod:`~.projects`       time by project and user
:mod:`~.data_trends`    time and earnings by period
:mod:`~.profitability`  earnings and labour costs of projects
:mod:`~.insights`       trends of projects
:func:`comparative`     time by period
:func:`shared`          a saved and shared report
======================  =========================================================================
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from togglframe.api import (
        data_trends,
        filters,
        insights,
        profitability,
        projects,
        search,
        summary,
        weekly,
    )
    from togglframe.api._comparative import comparative
    from togglframe.api._shared import shared

__all__ = [
    "comparative",
    "data_trends",
    "filters",
    "insights",
    "profitability",
    "projects",
    "search",
    "shared",
    "summary",
    "weekly",
]


def __getattr__(name: str) -> Any:
    if name in {"comparative", "shared"}:
        return getattr(importlib.import_module(f"{__name__}._{name}"), name)
    if name in __all__:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
