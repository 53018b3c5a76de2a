"""One sentence on a frame, for readers who cannot see the chart of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.charts import _findings, _rows
from togglframe.charts._bridge import APART
from togglframe.charts._numbers import floats, hours, percent, signed_hours, total_hours
from togglframe.naming import plural
from togglframe.tables import TABLES, Table


def alt_text(frame: pd.DataFrame) -> str:
    """Say in one sentence what the chart of a frame shows: the text alternative.

    Parameters
    ----------
    frame : pandas.DataFrame
        A frame of ``togglframe.reports``, or any other; the table is known by its columns.

    Returns
    -------
    str
        One sentence, for the description of a picture or the title of an SVG.

    Raises
    ------
    TypeError
        It is no frame.

    Examples
    --------
    >>> import togglframe as tf
    >>> tf.charts.alt_text(tf.tables.PROJECT_BUDGET.empty())
    'Tracked hours against estimates, one row per project: no projects.'
    """
    if not isinstance(frame, pd.DataFrame):
        raise TypeError(f"alt_text takes a DataFrame, not {type(frame).__name__}.")
    present = set(frame.columns)
    for needed, known, say in _SENTENCES:
        if needed <= present:
            hint = f"by its columns the frame is one of {known.name}"
            return f"{say(_rows.typed(frame, needed, known, hint))}."
    table = next((table for table in _tables() if set(table.names) <= present), None)
    if table is not None:
        return f"{plural(len(frame), 'row')}, one per {table.grain}."
    return f"A table of {plural(len(frame), 'row')} and {plural(len(frame.columns), 'column')}."


def _tables() -> list[Table]:
    return sorted(TABLES, key=lambda table: -len(table.columns))


def _budget(frame: pd.DataFrame) -> str:
    start = "Tracked hours against estimates, one row per project"
    finding = _findings.budget(frame)
    if frame.empty:
        return f"{start}: {_lower(finding)}"
    parts = [f"{start}: {_lower(finding)}"]
    over = _rows.in_order(
        frame[floats(frame, "overrun_hours") > 0], tables.PROJECT_BUDGET, "overrun_hours"
    )
    if len(over):
        most = float(floats(over, "overrun_hours")[0])
        parts[0] += (
            f", most of all {_rows.names(over.iloc[:1], 'project')[0]} ({signed_hours(most)})"
        )
    measurable = frame["progress"].notna()
    bare = int((~measurable).sum())
    tracked = total_hours(frame, "tracked")
    if bare:
        parts.append(f"{plural(bare, 'project')} cannot be measured against an estimate")
    parts.append(f"{hours(tracked)} tracked in all")
    return "; ".join(parts)


def _tasks(frame: pd.DataFrame) -> str:
    return f"Tracked hours over the estimate, one row per task: {_lower(_findings.tasks(frame))}"


def _clients(frame: pd.DataFrame) -> str:
    return f"Tracked hours against estimates by client: {_lower(_findings.clients(frame))}"


def _amounts(frame: pd.DataFrame) -> str:
    return f"Amounts by client, each currency apart: {_findings.amounts(frame)}"


def _rates(frame: pd.DataFrame) -> str:
    return f"Labour cost and hourly rate of each member: {_lower(_findings.rates(frame))}"


def _members(frame: pd.DataFrame) -> str:
    projects = plural(frame["project_id"].nunique(), "project")
    users = plural(frame["user_id"].nunique(), "user")
    return f"Memberships: {plural(len(frame), 'row')}, {users} in {projects}"


def _workspace(frame: pd.DataFrame) -> str:
    start = "Totals of the workspace"
    if "currency" in frame:
        start += ", one row per currency"
    projects, over = (int(frame[column].sum()) for column in ("n_projects", "n_over"))
    gross = float(np.nansum(floats(frame, "gross_overrun_hours")))
    tracked = total_hours(frame, "tracked")
    return (
        f"{start}: {hours(tracked)} tracked in {plural(projects, 'project')}, "
        f"{over:,} over the estimate, {signed_hours(gross)} gross"
    )


def _bias(frame: pd.DataFrame) -> str:
    measured = plural(int(frame["n"].sum()), "task")
    late = int((floats(frame, "bias") > 1).sum())
    return (
        f"How estimates turned out, by group: {late:,} of {plural(len(frame), 'group')} took "
        f"longer than estimated, on {measured}"
    )


def _reconciliation(frame: pd.DataFrame) -> str:
    tracked, tasked = total_hours(frame, "tracked"), total_hours(frame, "task_tracked")
    share = f" ({percent(tasked / tracked)})" if tracked > 0 else ""
    return (
        f"Hours of projects and of their tasks: {hours(tasked)}{share} of {hours(tracked)} "
        f"in {plural(len(frame), 'project')} are on tasks"
    )


def _workload(frame: pd.DataFrame) -> str:
    remaining = float(np.nansum(floats(frame, "remaining_hours")))
    people = plural(int(frame["user_id"].notna().sum()), "assignee")
    return (
        f"Open tasks by assignee: {plural(int(frame['n_open'].sum()), 'open task')}, "
        f"{hours(remaining)} left, with {people}"
    )


def _audit(frame: pd.DataFrame) -> str:
    counts = frame["severity"].astype("object").value_counts()
    by = [f"{counts[name]:,} of severity {name}" for name in tables.SEVERITIES if name in counts]
    return f"Findings of the audit: {', '.join(by) or 'none'}"


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith(("No", "None")) else text


_CLIENT_COLUMNS: Final = {"client_id", "client", "variance_hours", "gross_overrun_hours"}

# The first whose columns are all there says the sentence, so the narrower tables come first.
_SENTENCES: Final[tuple[tuple[set[str], Table, Callable[[pd.DataFrame], str]], ...]] = (
    ({"severity", "check", "entity"}, tables.AUDIT, _audit),
    ({"task_id", "accuracy_ratio"}, tables.TASK_ACCURACY, _tasks),
    ({"unit_margin", "project_id", "user_id"}, tables.RATE_CARD, _rates),
    ({"rate_source", "project_id", "user_id"}, tables.PROJECT_MEMBERS, _members),
    ({"task_tracked_hours", "tracked_hours"}, tables.ESTIMATE_RECONCILIATION, _reconciliation),
    (
        {"project_id", "project", "progress", "overrun_hours", "tracked_hours"},
        tables.PROJECT_BUDGET,
        _budget,
    ),
    ({"bias", "n"}, tables.ESTIMATE_BIAS["user"], _bias),
    ({"n_open", "remaining_hours", "user_id"}, tables.WORKLOAD, _workload),
    ({"client_id", "client", "currency", "amount"}, tables.CLIENT_SUMMARY, _amounts),
    (_CLIENT_COLUMNS | set(APART), tables.CLIENT_HOURS, _clients),
    (_CLIENT_COLUMNS, tables.CLIENT_HOURS, _clients),
    (
        {"n_projects", "n_over", "gross_overrun_hours", "tracked_hours"},
        tables.WORKSPACE_SUMMARY,
        _workspace,
    ),
)
