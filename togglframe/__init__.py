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
from typing import TYPE_CHECKING, Any

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
    from togglframe.archive import Archive
    from togglframe.diagnosis import doctor
    from togglframe.export.pivoting import pivot
    from togglframe.export.style import style
    from togglframe.workspace import Workspace, demo

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
    "demo": "workspace",
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
