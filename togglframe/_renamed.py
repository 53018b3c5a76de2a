"""Keywords that a function does not take, and which name or report does instead."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection
from typing import Final, ParamSpec, TypeVar

from togglframe.errors import ConfigError

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
    "togglframe.charts.portfolio_page": "togglframe.export.to_slide",
    "togglframe.export.read_csv": "pandas.read_csv",
    "togglframe.export.read_parquet": "pandas.read_parquet",
    "togglframe.joins": "togglframe.reports, which take frames",
    **{f"togglframe.reports.{old}": f"togglframe.reports.{new}" for old, new in _REPORTS.items()},
}
KEYWORDS: Final = {
    "client_ids": "clients",
    "project_id": "project",
    "default_labour_cost": "labour_costs",
    "project_ids": "projects",
    "sensitive": "rates",
    "user_ids": "users",
    "ws": "source",
}
# Reports without a range of days, and the one of the same things that has one.
RANGED_INSTEAD: Final = {
    "client_budget": 'hours(by="client", period=…)',
    "estimate_bias": 'hours(by="task", period=…)',
    "estimate_reconciliation": 'hours(by=["project", "task"], period=…)',
    "forecast": "burn(period=…)",
    "project_audit": "entry_audit(period=…)",
    "project_members": "user_hours(period=…)",
    "rate_card": 'invoice_lines(by=["project", "user"], period=…)',
    "task_accuracy": 'hours(by="task", period=…)',
    "workload": "utilisation(period=…)",
    "workspace_budget": "hours(by=[], period=…)",
}
_RANGE: Final = ("period", "start_date", "end_date")


def missing(module: str, name: str) -> AttributeError:
    """Return the error of a missing name, with the new one if it was renamed."""
    message = f"module {module!r} has no attribute {name!r}"
    if new := NAMES.get(f"{module}.{name}"):
        message += f"; it is {new} now"
    return AttributeError(message)


def refuse_keywords(name: str, given: Collection[str], takes: Collection[str]) -> None:
    """Refuse old keywords, and a range for a report of life-time totals.

    Parameters
    ----------
    name : str
        The name of the function.
    given : collection of str
        The keywords that it was called with.
    takes : collection of str
        Its parameters; a keyword without a successor among them is left to Python's own error.

    Raises
    ------
    TypeError, ConfigError
        With what to use instead.
    """
    for old in KEYWORDS.keys() & given:
        new = KEYWORDS[old] if KEYWORDS[old] in takes else KEYWORDS[old].removesuffix("s")
        if old not in takes and new in takes:
            raise TypeError(f"{name}() has no parameter {old!r}; it is {new!r} now")
    refuse_range(name, given)


def refuse_range(name: str, given: Collection[str]) -> None:
    """Refuse a range for a report of life-time totals.

    Raises
    ------
    ConfigError
        With the report that has one.
    """
    if name in RANGED_INSTEAD and (unknown := [one for one in _RANGE if one in given]):
        what = "looks ahead from as_of" if name == "forecast" else "is of life-time totals"
        message = f"{name} {what} and has no {unknown[0]}; {RANGED_INSTEAD[name]} has a range"
        raise ConfigError(message)


def with_new_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Say which keyword or report to use instead of what the function does not take."""
    takes = inspect.signature(function).parameters

    @functools.wraps(function)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        refuse_keywords(function.__name__, kwargs, takes)
        return function(*args, **kwargs)

    return call
