"""Frames for the tests of the charts, small enough to check by hand."""

from collections.abc import Iterable
from typing import Any

import pandas as pd

from togglframe.tables import PROJECT_BUDGET, Table

STAMP = {
    "workspace_id": 1234567,
    "endpoints": ["filters/projects", "filters/projects/status"],
    "fetched_at": "2026-03-01T10:00:00+00:00",
    "from_cache": True,
    "stale": False,
    "filters": {"active": True, "client_ids": None},
}


def typed(table: Table, rows: Iterable[dict[str, Any]], *, stamp: bool = True) -> pd.DataFrame:
    """Make a frame of the table; what a row leaves out is NA."""
    listed = list(rows)
    frame = pd.DataFrame(
        {
            column.name: pd.Series([row.get(column.name) for row in listed], dtype=column.dtype)
            for column in table
        }
    )
    if stamp:
        frame.attrs["togglframe"] = STAMP
    return frame


def _time(value: float | None) -> pd.Timedelta | None:
    return None if value is None else pd.Timedelta(hours=value)


def project(
    project_id: int,
    name: str | None,
    tracked: float | None,
    estimate: float | None = None,
    billable: float | None = None,
    *,
    client: tuple[int, str | None] | None = None,
    currency: str | None = "EUR",
    amount: float | None = None,
) -> dict[str, Any]:
    """Make one row of project_budget, by its formulas."""
    row: dict[str, Any] = {
        "project_id": project_id,
        "project": name,
        "client_id": client[0] if client else None,
        "client": client[1] if client else None,
        "active": True,
        "currency": currency,
        "amount": amount,
        "tracked_hours": tracked,
        "estimated_hours": estimate,
        "billable_hours": billable,
        "tracked_time": _time(tracked),
        "estimated_time": _time(estimate),
        "billable_time": _time(billable),
    }
    if tracked is not None and billable is not None:
        row["non_billable_hours"] = tracked - billable
        row["billable_share"] = billable / tracked if tracked else None
    if tracked is not None and estimate is not None and estimate > 0:
        row["progress"] = tracked / estimate
        row["variance_hours"] = tracked - estimate
        row["remaining_hours"] = estimate - tracked
        row["overrun_hours"] = max(tracked - estimate, 0.0)
    return row


def budget(*projects: dict[str, Any], stamp: bool = True) -> pd.DataFrame:
    """Make a project_budget in its order: by overrun, NA last, then id."""
    frame = typed(PROJECT_BUDGET, projects, stamp=stamp)
    keys, rising = ["overrun_hours", "project_id"], [False, True]
    return frame.sort_values(keys, ascending=rising, na_position="last", ignore_index=True)


ACME = (1, "Acme")
BETA = (2, "Beta GmbH")


def agency(*, stamp: bool = True) -> pd.DataFrame:
    """Make a budget that holds every state: 2 of 6 estimated projects are over, +62 h gross."""
    return budget(
        project(11, "Relaunch", 312.5, 262.5, 250, client=ACME, amount=25000),
        project(12, "Web", 112, 100, 80, client=BETA, amount=8000),
        project(13, "Web", 64, 100, 60, client=ACME, amount=6000),
        project(14, "App", 95, 100, 0, client=BETA, currency="USD", amount=0),
        project(15, "Plan", 0, 40, 0, client=ACME),
        project(16, "Audit", 100, 100, 50, client=(3, None), currency="USD", amount=5000),
        project(17, None, 50, None, 2),
        project(18, "Internal", 220, 0, 0),
        project(19, "Ghost", None, client=BETA),
        project(20, "Support", 33, None, 33, client=ACME, amount=3300),
        stamp=stamp,
    )
