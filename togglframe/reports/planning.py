"""What a report would cost, before it runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, Final, cast

import pandas as pd

from togglframe._renamed import NAMES, refuse_keywords
from togglframe.errors import ConfigError
from togglframe.http.quota import Plan
from togglframe.reports import (
    auditing,
    budget,
    burning,
    entry_auditing,
    forecasting,
    invoicing,
    members,
    profits,
    tasks,
    time_sums,
    timesheets,
)
from togglframe.reports._record import Report, same_for_all
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports.sources import Source

__all__ = ["arguments_by_workspace", "plan", "record_of", "records"]

_MODULES: Final = (
    auditing,
    budget,
    burning,
    entry_auditing,
    forecasting,
    invoicing,
    members,
    profits,
    tasks,
    time_sums,
    timesheets,
)


def records() -> Iterator[tuple[Callable[..., pd.DataFrame], Report]]:
    """Yield the reports and their records; each constant has the name of its function."""
    for module in _MODULES:
        for name in module.__all__:
            yield getattr(module, name), getattr(module, name.upper())


def record_of(report: str | Callable[..., pd.DataFrame]) -> Report:
    """Return the record of a report, by its name or its function.

    Raises
    ------
    ConfigError
        If there is no report of this name.
    TypeError
        If it is not a report.
    """
    known = {record.name: (function, record) for function, record in records()}
    if isinstance(report, str):
        if report not in known:
            raise ConfigError(f"there is no report {report!r}; {_guess(report, known)}")
        return known[report][1]
    record = next((record for function, record in known.values() if function is report), None)
    if record is None:
        raise TypeError(f"{report!r} is not a report, such as reports.project_budget")
    return record


def _guess(report: str, known: Collection[str]) -> str:
    if new := NAMES.get(f"togglframe.reports.{report}"):
        return f"it is {new} now"
    close = get_close_matches(report, known)
    return f"did you mean {' or '.join(close)}?" if close else f"choose one of {', '.join(known)}"


def arguments_of(record: Report, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a report, with the defaults of all others."""
    function = next(function for function, other in records() if other is record)
    refuse_keywords(record.name, given)
    call = inspect.signature(function).bind(None, **given)
    call.apply_defaults()
    return call.kwargs


def arguments_by_workspace(
    record: Report,
    numbers: Collection[int],
    given: Mapping[str, Any],
    by_workspace: Mapping[int, Mapping[str, Any]] | None,
) -> dict[int, dict[str, Any]]:
    """Return the arguments of a report for each of these workspaces.

    Raises
    ------
    ConfigError
        If `by_workspace` names another workspace, or an argument for all is by id of one alone.
    """
    own: Any = {} if by_workspace is None else by_workspace
    if not isinstance(own, Mapping) or not all(isinstance(one, Mapping) for one in own.values()):
        raise TypeError(f"by_workspace must map workspace ids to arguments, not {by_workspace!r}")
    if unknown := [number for number in own if number not in numbers]:
        known = ", ".join(map(str, numbers))
        raise ConfigError(f"by_workspace names workspace {unknown[0]}; the sources are of {known}")
    common = same_for_all(numbers, given) if len(numbers) > 1 else dict.fromkeys(numbers, given)
    return {
        number: arguments_of(record, {**common[number], **own.get(number, {})})
        for number in numbers
    }


def plan(
    source: Sources,
    report: str | Callable[..., pd.DataFrame],
    *,
    by_workspace: Mapping[int, Mapping[str, Any]] | None = None,
    **arguments: Any,
) -> Plan:
    """Return what a report would cost now, without a request.

    Every report makes this plan itself. If the known remaining quota is less than the least it
    costs, it raises a QuotaExceededError before its first request; not with ``on_quota="wait"``,
    nor with ``on_quota="stale"`` if the cache has an old answer for everything. The workbook of
    :func:`togglframe.export.to_excel` costs as much as :func:`project_audit`.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or several sources
        Where the listings would come from; frames cost nothing. Several sources as :func:`across`
        takes them.
    report : str or callable
        A report of this module: its name, or the function.
    by_workspace : mapping of int to mapping of str to Any, optional
        Arguments for one workspace alone, as :func:`across` takes them.
    **arguments
        The arguments of the report.

    Returns
    -------
    Plan
        The requests by listing, and what is left of the quota; for several workspaces, the sum and
        the plan of each.

    Raises
    ------
    ConfigError
        If there is no report of this name, or the sources are impossible.
    TypeError
        If it is not a report.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> print(tf.reports.plan(ws, tf.reports.project_budget))
    at least 3 requests (projects 1, statuses 1, clients 1)
    >>> budget = tf.reports.project_budget(ws)
    >>> tf.reports.plan(ws, tf.reports.client_budget).requests
    0
    """
    record = record_of(report)
    if are_several(source) or by_workspace is not None:
        parts = listings_by_workspace(source)
        return record.plan_across(
            parts, arguments_by_workspace(record, parts, arguments, by_workspace)
        )
    return record.plan(cast("Source", source), **arguments_of(record, arguments))
