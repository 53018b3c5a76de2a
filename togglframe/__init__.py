"""Toggl Track reports as typed pandas DataFrames.

>>> import togglframe as tf
>>> ws = tf.demo()                               # an agency that needs no account
>>> budget = tf.reports.project_budget(ws)       # one row per project, by overrun
>>> ax = tf.charts.budget_bullet(budget)         # a matplotlib Axes

With an account, use ``tf.Workspace(1234567)`` and set the token in ``TOGGL_API_TOKEN``.

=====================  ==========================================================================
:mod:`~.filters`       the eight endpoints of ``/filters``, each a function that returns a frame
:mod:`~.search`        the six endpoints of ``/search``, time entries and their totals included
:mod:`~.summary`       time by group, as the API sums it; :mod:`~.weekly` by day,
                       :mod:`~.projects` by project and user, :func:`comparative` by period
:mod:`~.data_trends`   time and earnings by period; :mod:`~.profitability`, :mod:`~.insights`
:func:`shared`         a saved and shared report
:mod:`~.reports`       a workspace in, a joined frame out: budgets, clients, members, tasks, audit
:mod:`~.joins`         the same joins on frames of your own, without a request
:mod:`~.charts`        a frame in, a matplotlib Axes out
:mod:`~.export`        Excel, a page of HTML, CSV and Parquet; :func:`style` a table for a notebook
:mod:`~.sandbox`       the embedded Reports API behind :func:`demo`
:mod:`~.errors`        every error and warning
=====================  ==========================================================================

:class:`Archive` keeps all of it in a folder, so that history costs no requests; :func:`doctor`
finds out on your own account what the vendor does not document.
"""

from __future__ import annotations

import importlib
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from togglframe import errors
from togglframe._version import __version__
from togglframe.errors import (
    AccessError,
    ApiError,
    AuthenticationError,
    BadRequestError,
    CompletenessWarning,
    ConfigError,
    ConnectionFailedError,
    GoneError,
    PremiumFeatureError,
    QuotaExceededError,
    RateLimitError,
    SchemaError,
    SemanticsWarning,
    ServerError,
    StaleDataWarning,
    TogglframeError,
    TogglframeWarning,
)

if TYPE_CHECKING:  # mypy finds a submodule of the package that it reads only by its full name
    import togglframe.charts as charts  # noqa: PLR0402
    import togglframe.data_trends as data_trends  # noqa: PLR0402
    import togglframe.export as export  # noqa: PLR0402
    import togglframe.filters as filters  # noqa: PLR0402
    import togglframe.insights as insights  # noqa: PLR0402
    import togglframe.joins as joins  # noqa: PLR0402
    import togglframe.profitability as profitability  # noqa: PLR0402
    import togglframe.projects as projects  # noqa: PLR0402
    import togglframe.reports as reports  # noqa: PLR0402
    import togglframe.sandbox as sandbox  # noqa: PLR0402
    import togglframe.search as search  # noqa: PLR0402
    import togglframe.summary as summary  # noqa: PLR0402
    import togglframe.weekly as weekly  # noqa: PLR0402
    from togglframe._comparative import comparative
    from togglframe._doctor import doctor
    from togglframe._shared import shared
    from togglframe._style import style
    from togglframe.archive import Archive
    from togglframe.dates import Day
    from togglframe.workspace import Workspace

__all__ = [
    "AccessError",
    "ApiError",
    "Archive",
    "AuthenticationError",
    "BadRequestError",
    "CompletenessWarning",
    "ConfigError",
    "ConnectionFailedError",
    "GoneError",
    "PremiumFeatureError",
    "QuotaExceededError",
    "RateLimitError",
    "SchemaError",
    "SemanticsWarning",
    "ServerError",
    "StaleDataWarning",
    "TogglframeError",
    "TogglframeWarning",
    "Workspace",
    "__version__",
    "charts",
    "comparative",
    "data_trends",
    "demo",
    "doctor",
    "errors",
    "export",
    "filters",
    "insights",
    "joins",
    "profitability",
    "projects",
    "reports",
    "sandbox",
    "search",
    "shared",
    "style",
    "summary",
    "weekly",
]

_LAZY = frozenset(
    {
        *("charts", "data_trends", "export", "filters", "insights", "joins", "profitability"),
        *("projects", "reports", "sandbox", "search", "summary", "tables", "weekly"),
    }
)
_LAZY_MEMBERS = {
    "Archive": "archive",
    "Workspace": "workspace",
    "comparative": "_comparative",
    "doctor": "_doctor",
    "shared": "_shared",
    "style": "_style",
}


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _LAZY_MEMBERS:
        return getattr(importlib.import_module(f"{__name__}.{_LAZY_MEMBERS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


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
    from togglframe.client import import_transport  # noqa: PLC0415
    from togglframe.dates import day  # noqa: PLC0415
    from togglframe.sandbox import Sandbox  # noqa: PLC0415
    from togglframe.workspace import Workspace, client_of  # noqa: PLC0415

    if isinstance(scale, bool) or not isinstance(scale, int):
        raise TypeError(f"scale must be an integer, not {scale!r}")
    import_transport()  # so that the first answer need not wait for it
    fixed = None if today is None else day("today", today)
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
