"""A report of several workspaces in one frame."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

from togglframe.reports._sources import Sources, listings_by_workspace
from togglframe.reports.planning import arguments_by_workspace, record_of


def across(
    sources: Sources,
    report: str | Callable[..., pd.DataFrame],
    *,
    by_workspace: Mapping[int, Mapping[str, Any]] | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """Make a report of several workspaces, in one frame.

    One row per row of the report in each workspace. Each workspace is reported on by itself, so
    ids that are equal in two workspaces are never mixed up, and hours or amounts of two workspaces
    are never added.

    Parameters
    ----------
    sources : iterable of sources, or mapping of int to source
        Workspaces, Archives (of one workspace or several) and Listings of a Workspace know their
        workspace; frames of your own go into a mapping, by the id of their workspace. A list may
        mix all of them.
    report : str or callable
        A report: its name, such as ``"project_budget"``, or the function.
    by_workspace : mapping of int to mapping of str to Any, optional
        Parameters for one workspace alone, by its id; they override those for all.
    **parameters
        The parameters of the report, for all workspaces. A name is looked up in each, and need not
        be known in all. Mappings by id, such as ``fixed_fee={5: 900}``, are for one workspace, and
        belong in `by_workspace`; mappings by name need not.

    Returns
    -------
    DataFrame
        ``workspace_id`` (Int64) first and in the key, then the columns of the report. A report that
        ranks its rows, such as the budget by overrun, ranks the rows of all workspaces together,
        ties by workspace; any other is ordered by workspace id, then as the report. The order of
        the sources does not matter.

        In ``attrs["togglframe"]``, the workspace ids are a list, the fetch time is the oldest, one
        stale answer makes the whole stale, doubts name their workspace, and `sources` holds the
        provenance of each.

    Raises
    ------
    ConfigError
        If there is no source, a workspace occurs twice, there is no such report, or a parameter is
        impossible; before any request.
    QuotaExceededError
        If the known quota of one workspace is too small for its part; before any request.
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`; the error names the workspace, and
        nothing is returned for the others.

    See Also
    --------
    plan : What it would cost, workspace by workspace.

    Notes
    -----
    It costs as much as the report of each workspace. The API does not say which workspaces belong
    to one organisation and share its quota, so each is counted by itself: two of one organisation
    may together need more than is left, and the second then raises.

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
    arguments = arguments_by_workspace(record, parts, parameters, by_workspace)
    return record.across(parts, arguments)
