"""What a report would cost, before it runs."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Collection, Iterator, Mapping
from difflib import get_close_matches
from functools import cache, partial
from types import ModuleType
from typing import Any, Final, TypeVar, cast

import pandas as pd

from togglframe import reports
from togglframe._renamed import NAMES, refuse_keywords
from togglframe.errors import ConfigError
from togglframe.http.quota import Plan
from togglframe.reports._record import Report, same_for_all
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports.sources import Source


@cache
def _modules() -> tuple[ModuleType, ...]:
    """Return the public modules of this package."""
    names = [module.name for module in pkgutil.iter_modules(reports.__path__)]
    public = (name for name in names if not name.startswith("_"))
    return tuple(importlib.import_module(f"{reports.__name__}.{name}") for name in public)


# The module of each other function that may be planned by its name.
_ELSEWHERE: Final = {
    **dict.fromkeys(("to_excel", "to_html", "to_invoice", "to_slide"), "togglframe.export"),
    "compare": "togglframe.reports",
}
_OF_ARCHIVES: Final = ("snapshot", "sync")

_Function = TypeVar("_Function", bound=Callable[..., Any])
_planners: Final[dict[Callable[..., Any], Callable[..., Plan]]] = {}


def planned_by(planner: Callable[..., Plan]) -> Callable[[_Function], _Function]:
    """Let :func:`plan` take a function that is no report, or a method.

    Parameters
    ----------
    planner : callable
        Takes its source and parameters, for a method also its object before them, and returns what
        it would cost.
    """

    def register(function: _Function) -> _Function:
        _planners[function] = planner
        return function

    return register


def _planner_of(what: Any) -> Callable[..., Plan] | None:
    if isinstance(what, str) and what in _ELSEWHERE:
        what = getattr(importlib.import_module(_ELSEWHERE[what]), what)
    if inspect.ismethod(what) and what.__func__ in _planners:
        return partial(_planners[what.__func__], what.__self__)
    return _planners.get(what) if inspect.isfunction(what) else None


def records() -> Iterator[tuple[Callable[..., pd.DataFrame], Report]]:
    """Yield the reports and their records; each constant has the name of its function."""
    for module in _modules():
        for name in getattr(module, "__all__", ()):
            if isinstance(record := getattr(module, name.upper(), None), Report):
                yield getattr(module, name), record


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
    if report in _OF_ARCHIVES:
        return f"pass the method of an archive, as in reports.plan(ws, archive.{report})"
    if new := NAMES.get(f"togglframe.reports.{report}"):
        return f"it is {new} now"
    close = get_close_matches(report, known)
    return f"did you mean {' or '.join(close)}?" if close else f"choose one of {', '.join(known)}"


def arguments_of(record: Report, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the arguments of a report, with the defaults of all others."""
    function = next(function for function, other in records() if other is record)
    return keyword_arguments(function, None, **parameters)


def keyword_arguments(
    function: Callable[..., Any], *positional: Any, **parameters: Any
) -> dict[str, Any]:
    """Return the keyword arguments of a call, with the defaults of all others.

    Raises
    ------
    TypeError
        If the function has no such parameter.
    """
    signature = inspect.signature(function)
    refuse_keywords(function.__name__, parameters, signature.parameters)
    call = signature.bind(*positional, **parameters)
    call.apply_defaults()
    names = [*call.arguments][len(positional) : len(call.args)]
    return {name: call.arguments[name] for name in names} | call.kwargs


def arguments_by_workspace(
    record: Report,
    numbers: Collection[int],
    parameters: Mapping[str, Any],
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
    common = (
        same_for_all(numbers, parameters)
        if len(numbers) > 1
        else dict.fromkeys(numbers, parameters)
    )
    return {
        number: arguments_of(record, {**common[number], **own.get(number, {})})
        for number in numbers
    }


def plan(
    source: Sources,
    what: str | Callable[..., Any],
    *,
    by_workspace: Mapping[int, Mapping[str, Any]] | None = None,
    **parameters: Any,
) -> Plan:
    """Return what a report, a file or a sync would cost now, without a request.

    If the known remaining quota is less than the least that a report costs, it raises a
    QuotaExceededError before its first request; not with ``on_quota="wait"``, nor with
    ``on_quota="stale"`` if the cache has an old answer for everything.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or several sources
        Where the listings would come from; frames cost nothing. Several sources as :func:`across`
        takes them.
    what : str or callable
        A report of this module, :func:`togglframe.export.to_excel`,
        :func:`togglframe.export.to_html` or :func:`togglframe.export.to_invoice`, by its name or as
        the function; or :meth:`togglframe.Archive.sync` or :meth:`togglframe.Archive.snapshot`, as
        the method of an archive.
    by_workspace : mapping of int to mapping of str to Any, optional
        Arguments for one workspace alone, as :func:`across` takes them.
    **parameters
        The parameters of the report, file or sync, without `path`.

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
        If it is not a report, or has other parameters.

    Notes
    -----
    Pages are known exactly for a listing that was fetched before, whatever its age. Those of time
    entries of other days are estimated from the listings that were fetched, those of a sync also
    from the months of the archive. Before any was fetched, 42 entries a day are assumed, which is
    right within a factor of two for agencies of 12 to 50 people; and 4 a day for each user, client
    or project that is selected. Such a plan prints "about", and its `is_exact` is False.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> print(tf.reports.plan(ws, tf.reports.project_budget))
    about 3 requests (projects: 1, statuses: 1, clients: 1)
    >>> budget = tf.reports.project_budget(ws)
    >>> tf.reports.plan(ws, tf.reports.client_budget).requests
    0
    >>> tf.reports.plan(ws, tf.export.to_excel, sheets=["Budget", "Audit"]).requests
    10
    """
    planner = _planner_of(what)
    if planner is not None:
        if by_workspace is not None:
            raise ConfigError("by_workspace is for reports: plan each workspace with its own")
        return planner(source, **parameters)
    record = record_of(what)
    if are_several(source) or by_workspace is not None:
        parts = listings_by_workspace(source)
        return record.plan_across(
            parts, arguments_by_workspace(record, parts, parameters, by_workspace)
        )
    return record.plan(cast("Source", source), **arguments_of(record, parameters))
