"""What the workbook of a workspace holds: listings in, sheets out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd

from togglframe import joins, tables
from togglframe.export.excel.sheet import FrameSheet
from togglframe.provenance import combined, of, stamp
from togglframe.reports.members import members_in

__all__ = ["Portfolio", "workbook_sheets"]

_RAW: Final = {
    "projects": tables.PROJECTS,
    "statuses": tables.PROJECT_STATUSES,
    "clients": tables.CLIENTS,
    "tasks": tables.TASKS,
    "project_users": tables.PROJECT_USERS,
    "project_groups": tables.PROJECT_GROUPS,
    "users": tables.USER_DETAILS,
}


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """What the workbook of a workspace shows.

    Parameters
    ----------
    sheets : list of FrameSheet
        The sheets between Summary and About, in their order.
    budget, totals, hours, audit : DataFrame
        What the Summary shows: project_budget, workspace_summary, workspace_hours and audit.
    statuses : DataFrame
        The statuses as they came, whose tracked time the budget must add up to.
    hidden : mapping of str to str
        The parts that could not be had, each with what the API said.
    at_risk : float
        From this progress on a project is at risk [1].
    """

    sheets: list[FrameSheet]
    budget: pd.DataFrame
    totals: pd.DataFrame
    hours: pd.DataFrame
    audit: pd.DataFrame
    statuses: pd.DataFrame
    hidden: Mapping[str, str]
    at_risk: float

    @property
    def doubts(self) -> list[str]:
        """Why it cannot be proven that all rows came, nothing where it is."""
        doubts: list[str] = of(self.budget).get("doubts", [])
        return doubts


def workbook_sheets(
    parts: Mapping[str, pd.DataFrame],
    hidden: Mapping[str, str],
    *,
    at_risk: float = 0.8,
) -> Portfolio:
    """Turn the listings of a workspace into what its workbook shows.

    Parameters
    ----------
    parts : mapping of str to DataFrame
        The listings by name: projects and statuses; and, where they could be had, clients, tasks,
        project_users, project_groups and users.
    hidden : mapping of str to str
        The parts that could not be had, each with what the API said.
    at_risk : float
        From this progress on a project is at risk [1].
    """
    sources = map(parts.get, ("clients", "project_users"))
    budget = joins.project_budget(parts["projects"], parts["statuses"], *sources, at_risk=at_risk)
    stamp(budget, **combined(parts.values()))
    tasks, members = parts.get("tasks"), members_in(parts)
    audit = joins.audit(budget, members, tasks, projects=parts["projects"], hidden=hidden)
    sheets = [
        FrameSheet("Budget", budget),
        FrameSheet("Clients", joins.client_summary(budget), tables.CLIENT_SUMMARY),
    ]
    if tasks is not None:
        accuracy = joins.task_accuracy(tasks, parts["projects"], done=None)
        sheets.append(FrameSheet("Tasks", accuracy, tables.TASK_ACCURACY))
    unique = members_in(parts, unique=True)
    if unique is not None:
        sheets.append(FrameSheet("Team", joins.rate_card(unique), tables.RATE_CARD))
    sheets.append(FrameSheet("Audit", audit, tables.AUDIT))
    raw = [
        FrameSheet(f"Raw {name.replace('_', ' ')}", parts[name], table)
        for name, table in _RAW.items()
        if name in parts
    ]
    return Portfolio(
        sheets=sheets + raw,
        budget=budget,
        totals=joins.workspace_summary(budget),
        hours=joins.workspace_hours(budget),
        audit=audit,
        statuses=parts["statuses"],
        hidden=hidden,
        at_risk=at_risk,
    )
