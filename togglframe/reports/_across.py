"""A report of several workspaces in one frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from togglframe.reports._sources import Sources, listings_by_workspace
from togglframe.reports.planning import arguments_by_workspace, record_of

__all__ = ["across"]


def across(
    sources: Sources,
    report: str | Callable[..., pd.DataFrame],
    *,
    by_workspace: Mapping[int, Mapping[str, Any]] | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """Make a report of several workspaces, in one frame.

    One row is a row of the report, of one workspace. Each report is made of its own workspace
    alone, so ids that are equal in two workspaces never meet, and no hours or amounts of two are
    added.

    Parameters
    ----------
    sources : iterable of sources, or mapping of int to source
        Workspaces, Archives (of one workspace or several) and Listings of a Workspace tell of
        which workspace they are; frames of your own stand in a mapping, by the id of their
        workspace. All of them may be mixed in a list.
    report : str or callable
        A report: its name, such as ``"project_budget"``, or the function.
    by_workspace : mapping of int to mapping of str to Any, optional
        Parameters of one workspace alone, by its id; they come before those of all.
    **parameters
        The parameters of the report, for all workspaces. What is by id of a user or project, such
        as ``fixed_fee``, is of one workspace, and belongs into `by_workspace`.

    Returns
    -------
    DataFrame
        ``workspace_id`` (Int64) first and in the key, then the columns of the report. A report that
        ranks its rows, such as the budget by overrun, ranks the rows of all workspaces together,
        equal ones by workspace; the rows of any other come by workspace id, then in the order of
        the report. The order of the sources does not matter.

        In ``attrs["togglframe"]`` the workspace ids are a list, the oldest time speaks for all, one
        stale answer makes the whole stale, doubts name their workspace, and `sources` holds the
        provenance of each.

    Raises
    ------
    ConfigError
        If there is no source, a workspace comes twice, there is no such report, or a parameter is
        impossible; before any request.
    QuotaExceededError
        If the known quota of one workspace cannot pay for its part: before any is asked.
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`; the error names the workspace, and
        nothing is returned of the others.

    See Also
    --------
    plan : What it would cost, workspace by workspace.

    Notes
    -----
    It costs what the report costs of each. The API does not tell which workspaces belong to one
    organisation and share its quota, so each is counted by itself: two of one organisation may
    together need more than is left, and the second then raises.

    Examples
    --------
    >>> import togglframe as tf
    >>> from togglframe.sandbox import Sandbox
    >>> with Sandbox(8, workspace_id=1) as one, Sandbox(8, workspace_id=2, seed=7) as two:
    ...     studios = [
    ...         tf.Workspace(each.workspace_id, token=each.token, base_url=each.base_url,
    ...                      cache=None)
    ...         for each in (one, two)
    ...     ]
    ...     budget = tf.reports.across(studios, "project_budget")
    >>> budget.groupby("workspace_id").size().tolist()
    [8, 8]
    """
    parts, record = listings_by_workspace(sources), record_of(report)
    given = arguments_by_workspace(record, parts, parameters, by_workspace)
    return record.across(parts, given)
