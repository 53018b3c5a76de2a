"""Toggl Track reports as typed pandas DataFrames.

>>> import togglframe as tf
>>> ws = tf.demo()                               # an agency that needs no account
>>> budget = tf.reports.project_budget(ws)       # one row per project, by overrun
>>> ax = tf.charts.budget_bullet(budget)         # a matplotlib Axes

With an account, use ``tf.Workspace(1234567)`` and set the token in ``TOGGL_API_TOKEN``.

=================  ============================================================================
:mod:`~.reports`   a workspace in, a joined frame out: hours, budgets, clients, people, audit
:mod:`~.charts`    a frame in, a matplotlib Axes out
:mod:`~.export`    Excel, a page of HTML, CSV and Parquet; :func:`style` a table for a notebook
:mod:`~.filters`   the eight endpoints of ``/filters``, each a function that returns a frame
:mod:`~.search`    the six endpoints of ``/search``, time entries and their totals included
:mod:`~.api`       every other endpoint of the Reports API
:mod:`~.tables`    the columns of every frame
:mod:`~.sandbox`   the embedded Reports API behind :func:`demo`
:mod:`~.errors`    every error and warning
=================  ============================================================================

:class:`Archive` keeps all of it in a folder, so that history costs no requests; :func:`doctor`
finds out on your own account what the vendor does not document.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from togglframe import errors
from togglframe._renamed import missing
from togglframe._version import __version__
from togglframe.errors import (
    CompletenessWarning,
    ConfigError,
    QuotaExceededError,
    SemanticsWarning,
    StaleDataWarning,
    TogglframeError,
    TogglframeWarning,
)

if TYPE_CHECKING:  # mypy finds a submodule of the package that it reads only by its full name
    import togglframe.api as api  # noqa: PLR0402
    import togglframe.charts as charts  # noqa: PLR0402
    import togglframe.export as export  # noqa: PLR0402
    import togglframe.reports as reports  # noqa: PLR0402
    import togglframe.sandbox as sandbox  # noqa: PLR0402
    import togglframe.tables as tables  # noqa: PLR0402
    from togglframe.api import filters, search
    from togglframe.api.dates import Day
    from togglframe.archive import Archive
    from togglframe.diagnosis import doctor
    from togglframe.export.pivoting import pivot
    from togglframe.export.style import style
    from togglframe.workspace import Workspace

__all__ = [
    "Archive",
    "CompletenessWarning",
    "ConfigError",
    "QuotaExceededError",
    "SemanticsWarning",
    "StaleDataWarning",
    "TogglframeError",
    "TogglframeWarning",
    "Workspace",
    "__version__",
    "api",
    "charts",
    "demo",
    "doctor",
    "errors",
    "export",
    "filters",
    "pivot",
    "reports",
    "sandbox",
    "search",
    "style",
    "tables",
]

# Imported on first use: pandas, matplotlib and requests take most of a second.
_MODULES = {
    **{name: name for name in ("api", "charts", "export", "reports", "sandbox", "tables")},
    "filters": "api.filters",
    "search": "api.search",
}
_MEMBERS = {
    "Archive": "archive",
    "Workspace": "workspace",
    "doctor": "diagnosis",
    "pivot": "export.pivoting",
    "style": "export.style",
}


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{_MODULES[name]}")
    if name in _MEMBERS:
        return getattr(importlib.import_module(f"{__name__}.{_MEMBERS[name]}"), name)
    raise missing(__name__, name)


def __dir__() -> list[str]:
    return sorted(__all__)


def demo(
    *,
    scale: int = 60,
    plan: Literal["premium", "starter", "free"] = "premium",
    today: Day | None = None,
) -> Workspace:
    """Return a Workspace on the sandbox, an embedded Reports API with the data of an agency.

    The sandbox runs in the background of this process, on the loopback interface, until the
    workspace is closed or no longer used. It needs no account and no network.

    Parameters
    ----------
    scale : int
        The number of projects of the agency, from 0 to 20,000.
    plan : {"premium", "starter", "free"}
        The agency's plan; the free plan has 30 requests an hour, no tasks, no rates and no amounts.
    today : str, date, datetime or Timestamp, optional
        The day on which the agency is shown: its last time entry is of the day before, and its
        first of 27 months earlier. By default, this machine's local day. The same day gives the
        same agency.

    Returns
    -------
    Workspace
        With its answers cached in memory.

    Raises
    ------
    TypeError, ValueError
        If there is no such scale, plan or day.

    Examples
    --------
    >>> import togglframe as tf
    >>> with tf.demo() as ws:
    ...     projects = tf.filters.projects(ws)
    >>> len(projects) > 50
    True
    """
    from togglframe.api.dates import fixed_today  # noqa: PLC0415
    from togglframe.http.client import client_of  # noqa: PLC0415
    from togglframe.sandbox import Sandbox  # noqa: PLC0415
    from togglframe.workspace import Workspace  # noqa: PLC0415

    if isinstance(scale, bool) or not isinstance(scale, int):
        raise TypeError(f"scale must be an integer, not {scale!r}")
    fixed = fixed_today("today", today)
    sandbox = Sandbox(scale, plan=plan, today=fixed)
    sandbox.start()
    ws = Workspace(
        sandbox.workspace_id,
        token=sandbox.token,
        base_url=sandbox.base_url,
        cache="memory",
        per_second=None,
        today=fixed,
    )
    ending = "this demo was closed; make another with togglframe.demo()"
    client_of(ws).end_with(partial(sandbox.stop, wait=False), ending=ending)
    return ws
