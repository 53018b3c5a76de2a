"""Names of 0.2 and what they are called now, for the errors that old code raises."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

__all__ = ["KEYWORDS", "NAMES", "missing", "with_new_keywords"]

P = ParamSpec("P")
R = TypeVar("R")

_ERRORS = (
    "AccessError ApiError AuthenticationError BadRequestError ConnectionFailedError GoneError "
    "PremiumFeatureError RateLimitError SchemaError ServerError"
)
_ENDPOINTS = "comparative data_trends insights profitability projects shared summary weekly"
_REPORTS = {
    "audit": "project_audit",
    "client_hours": "client_budget",
    "client_summary": "client_budget(..., by_currency=True)",
    "workspace_hours": "workspace_budget",
    "workspace_summary": "workspace_budget(..., by_currency=True)",
}

NAMES: Final = {
    **{f"togglframe.{name}": f"togglframe.errors.{name}" for name in _ERRORS.split()},
    **{f"togglframe.{name}": f"togglframe.api.{name}" for name in _ENDPOINTS.split()},
    "togglframe.charts.changes": "togglframe.charts.snapshot_changes",
    "togglframe.charts.client_overview": "togglframe.charts.budget_bullet",
    "togglframe.export.read_csv": "pandas.read_csv",
    "togglframe.export.read_parquet": "pandas.read_parquet",
    "togglframe.joins": "togglframe.reports, which take frames",
    **{f"togglframe.reports.{old}": f"togglframe.reports.{new}" for old, new in _REPORTS.items()},
}
KEYWORDS: Final = {
    "client_ids": "clients",
    "project_ids": "projects",
    "user_ids": "users",
    "ws": "source",
}


def missing(module: str, name: str) -> AttributeError:
    """Return the error of a missing name, with the new one if it was renamed."""
    message = f"module {module!r} has no attribute {name!r}"
    if new := NAMES.get(f"{module}.{name}"):
        message += f"; it is {new} now"
    return AttributeError(message)


def with_new_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Raise a TypeError that names the new keyword where an old one is passed."""

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        for old in KEYWORDS.keys() & kwargs.keys():
            message = f"{function.__name__}() has no parameter {old!r}; it is {KEYWORDS[old]!r} now"
            raise TypeError(message)
        return function(*args, **kwargs)

    return call
