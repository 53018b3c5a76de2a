"""What a report costs, before it is spent."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, Final

import pandas as pd

from togglframe.plan import Plan
from togglframe.reports import (
    auditing,
    budget,
    burning,
    entry_auditing,
    invoicing,
    members,
    profits,
    tasks,
    time_sums,
    timesheets,
)
from togglframe.reports._record import Report
from togglframe.source import Source

__all__ = ["plan", "records"]

_MODULES: Final = (
    auditing,
    budget,
    burning,
    entry_auditing,
    invoicing,
    members,
    profits,
    tasks,
    time_sums,
    timesheets,
)


def records() -> Iterator[tuple[Callable[..., pd.DataFrame], Report]]:
    """Go through the reports and their records; each constant has the name of its function."""
    for module in _MODULES:
        for name in module.__all__:
            yield getattr(module, name), getattr(module, name.upper())


def plan(ws: Source, report: Callable[..., pd.DataFrame], **arguments: Any) -> Plan:
    """Tell what a report would cost now, without a request.

    Every report makes this plan by itself, and is refused with a QuotaExceededError before its
    first request when the known remaining quota cannot pay even the least it costs; not with
    ``on_quota="wait"``, nor where ``on_quota="stale"`` has an old answer for everything. The
    workbook of :func:`togglframe.export.to_excel` costs what :func:`audit` does.

    Parameters
    ----------
    ws : Workspace, Listings or mapping of str to DataFrame
        Where the listings would come from; frames cost nothing.
    report : callable
        A report of this module.
    **arguments
        The arguments of the report.

    Returns
    -------
    Plan
        The requests by listing, and what is left of the quota.

    Raises
    ------
    TypeError
        If it is not a report.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> print(tf.reports.plan(ws, tf.reports.project_budget))
    at least 3 requests (projects 1, statuses 1, clients 1)
    >>> budget = tf.reports.project_budget(ws)
    >>> tf.reports.plan(ws, tf.reports.client_summary).requests
    0
    """
    record = next((record for function, record in records() if function is report), None)
    if record is None:
        raise TypeError(f"{report!r} is not a report, such as reports.project_budget")
    call = inspect.signature(report).bind(ws, **arguments)
    call.apply_defaults()
    return record.plan(*call.args, **call.kwargs)
