"""What does not add up, or cannot be known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import pandas as pd

from togglframe import joins, tables
from togglframe.reports._record import Report
from togglframe.reports.budget import PROJECT_BUDGET
from togglframe.reports.members import members_in
from togglframe.reports.sources import OPTIONAL, Source

__all__ = ["audit"]

_NEEDS: Final = (*PROJECT_BUDGET.needs, *OPTIONAL)


def _audit(*frames: pd.DataFrame | None, hidden: Mapping[str, str]) -> pd.DataFrame:
    had = {n: frame for n, frame in zip(_NEEDS, frames, strict=True) if frame is not None}
    budget = joins.project_budget(had["projects"], had["statuses"], had.get("clients"))
    members, tasks = members_in(had), had.get("tasks")
    return joins.audit(budget, members, tasks, projects=had["projects"], hidden=hidden)


AUDIT: Final = Report(
    name="audit",
    table=tables.AUDIT,
    needs=_NEEDS,
    look_ups=PROJECT_BUDGET.look_ups,
    optional=OPTIONAL,
    join=_audit,
)


def audit(ws: Source) -> pd.DataFrame:
    """List what does not add up, or cannot be known.

    One row per finding. If the plan or the token hides tasks or members, each is a finding and a
    warning, and the checks that need them are skipped.

    Parameters
    ----------
    ws : Workspace, Archive, Listings or mapping of str to DataFrame
        Where the listings come from.

    Returns
    -------
    DataFrame
        Ordered by severity, then by check and hours affected.

        - severity : ordered category. How much the finding matters.
        - check : str. The check that found it.
        - entity : str. What the id refers to: project, task, member, workspace.
        - id : Int64. Id of the entity.
        - label : str. Name of the entity.
        - detail : str. What was found, in one sentence.
        - hours_affected : Float64 [h]. Hours at stake in the finding, NA if none.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    CompletenessWarning
        If a part is hidden or not given.

    Notes
    -----
    The listings of :func:`project_budget`, of :func:`project_members` and ``filters/tasks``.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> audit = tf.reports.audit(ws)
    >>> audit["severity"].unique().tolist()[0]
    'error'
    """
    return AUDIT.make(ws)
