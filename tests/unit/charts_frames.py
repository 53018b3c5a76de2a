"""Frames for the tests of the charts, small enough to check by hand."""

from collections.abc import Iterable
from typing import Any

import pandas as pd
from joins import client_hours, client_summary

from togglframe.archive.comparing import compared
from togglframe.tables import (
    BURN,
    CHANGES,
    ENTRIES,
    FORECAST,
    PROJECT_BUDGET,
    RATE_CARD,
    TASK_ACCURACY,
    Table,
)

STAMP = {
    "workspace_id": 1234567,
    "endpoints": ["filters/projects", "filters/projects/status"],
    "fetched_at": "2026-03-01T10:00:00+00:00",
    "from_cache": True,
    "stale": False,
    "filters": {"active": True, "clients": None},
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


def _state(tracked: float | None, estimate: float | None) -> str:
    if tracked is None:
        return "no_status"
    if estimate is None:
        return "no_estimate"
    if estimate <= 0:
        return "zero_estimate"
    if tracked == 0:
        return "not_started"
    if tracked > estimate:
        return "over"
    return "at_risk" if tracked / estimate >= 0.8 else "on_track"


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
    row["budget_state"] = _state(tracked, estimate)
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
    """Make a project_budget in its order."""
    frame = typed(PROJECT_BUDGET, projects, stamp=stamp)
    keys, rising = [*PROJECT_BUDGET.rank, "project_id"], [False, False, True]
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


def task(
    task_id: int,
    name: str | None,
    tracked: float,
    estimate: float | None,
    *,
    done: bool = True,
    project: tuple[int, str] = (11, "Relaunch"),
) -> dict[str, Any]:
    """Make one row of task_accuracy, by its formulas."""
    row: dict[str, Any] = {
        "task_id": task_id,
        "task": name,
        "project_id": project[0],
        "project": project[1],
        "tracked_hours": tracked,
        "estimated_hours": estimate,
        "done": done,
        "tracked_time": _time(tracked),
        "estimated_time": _time(estimate),
    }
    if estimate:
        row["variance_hours"] = tracked - estimate
        row["accuracy_ratio"] = tracked / estimate
    return row


def tasks() -> pd.DataFrame:
    """Make a task_accuracy: 2 of 4 measurable done tasks took longer than estimated."""
    return typed(
        TASK_ACCURACY,
        [
            task(1, "Design", 20, 10),
            task(2, "Design", 15, 10, project=(12, "Web")),
            task(3, "Tests", 8, 8),
            task(4, "Docs", 3, 6),
            task(5, "Later", 4, 10, done=False),
            task(6, "Never", 0, 5),
            task(7, "Unplanned", 9, None),
        ],
    )


def member(
    project: tuple[int, str],
    user: tuple[int, str] | None,
    cost: float | None,
    rate: float | None,
    *,
    group: tuple[int, str] | None = None,
    currency: str | None = "EUR",
) -> dict[str, Any]:
    """Make one row of rate_card, by its formulas."""
    known = cost is not None and rate is not None
    return {
        "project_id": project[0],
        "project": project[1],
        "user_id": user[0] if user else None,
        "user": user[1] if user else None,
        "group_id": group[0] if group else None,
        "group": group[1] if group else None,
        "hourly_rate": rate,
        "labour_cost": cost,
        "currency": currency,
        "unit_margin": rate - cost if known else None,
        "below_cost": rate < cost if known else None,
    }


def card(*, currency: str = "EUR") -> pd.DataFrame:
    """Make a rate_card of one currency: 1 of 3 known memberships costs more than its rate."""
    web = (12, "Web")
    return typed(
        RATE_CARD,
        [
            member(web, (1, "Ann"), 60, 110, currency=currency),
            member(web, (2, "Bob"), 82.5, 70, currency=currency),
            member(web, None, 40, 90, group=(9, "Night shift"), currency=currency),
            member(web, (3, "Cas"), None, 90, currency=currency),
        ],
    )


def summary(*, currencies: Iterable[str | None] = ("EUR",)) -> pd.DataFrame:
    """Make a client_summary of these currencies."""
    frame = agency()
    picked = [None if pd.isna(code) else code for code in frame["currency"]]
    wanted = list(currencies)
    chosen = frame[[code in wanted for code in picked]].reset_index(drop=True)
    return _stamped(client_summary(chosen))


def _stamped(frame: pd.DataFrame) -> pd.DataFrame:
    frame.attrs["togglframe"] = STAMP
    return frame


def clients() -> pd.DataFrame:
    """Make a client_hours of the agency."""
    return _stamped(client_hours(agency()))


def changed(before: Iterable[dict[str, Any]], after: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Make the changes of a budget in November."""
    frame = compared(budget(*before), budget(*after), PROJECT_BUDGET)
    table = CHANGES[PROJECT_BUDGET.name].name
    frame.attrs["togglframe"] = {
        **STAMP, "table": table, "since": "2026-11-01", "as_of": "2026-11-27",
    }  # fmt: skip
    return frame


def changes() -> pd.DataFrame:
    """Make changes of every kind: 2 went over, +95 h are tracked, 3 estimates changed."""
    relaunch, web, app = (11, "Relaunch"), (12, "Web"), (13, "App")
    return changed(
        [
            project(*relaunch, 80, 100, client=ACME),
            project(*web, 120, 110, client=BETA),
            project(*app, 50, 40),
            project(14, "Plan", 10),
            project(15, "Support", 30),
            project(16, "Old", 25, 20),
            project(17, "Money", 5, amount=100),
            project(18, "Web", 9, 90, client=ACME),
        ],
        [
            project(*relaunch, 130, 100, client=ACME),
            project(*web, 130, 150, client=BETA),
            project(*app, 45, 40),
            project(14, "Plan", 10, 60),
            project(15, "Support", None),
            project(17, "Money", 5, amount=200),
            project(18, "Web", 9),
            project(19, "New", 40, 30),
        ],
    )


MONDAY = pd.Timestamp("2026-01-05")


def grown(
    *projects: tuple[int | None, str | None, float | None, float | None], weeks: int = 4
) -> pd.DataFrame:
    """Make a burn of projects: id, name, all hours tracked, estimate.

    A fifth of the hours is from before the range, and the rest in like parts from week to week.
    """
    rows = []
    for number, name, tracked, estimate in sorted(projects, key=lambda row: (row[0] is None, row)):
        for week in range(weeks):
            part = None if tracked is None else 0.8 * tracked / weeks
            until = None if tracked is None else 0.2 * tracked + part * (week + 1)
            rows.append(
                {
                    "project_id": number,
                    "project": name,
                    "client": "Acme" if number else None,
                    "period": MONDAY + pd.Timedelta(weeks=week),
                    "tracked_hours": part,
                    "cumulative_hours": until,
                    "estimated_hours": estimate,
                    "progress": until / estimate if until is not None and estimate else None,
                    "tracked_time": _time(part),
                }
            )
    return typed(BURN, rows)


def burn() -> pd.DataFrame:
    """Make a burn of every state: 1 of 3 estimated projects is over, by 50 h."""
    return grown(
        (11, "Relaunch", 312.5, 262.5),
        (12, "Web", 80, 100),
        (13, "Plan", 10, 40),
        (14, "Support", 33, None),
        (15, "Internal", 220, 0),
        (16, "Ghost", None, 20),
        (None, None, 12, None),
    )


def ahead(*rows: dict[str, Any], as_of: str = "2026-02-01") -> pd.DataFrame:
    """Make a forecast."""
    frame = typed(FORECAST, rows)
    frame.attrs["togglframe"] = {**STAMP, "as_of": as_of}
    return frame


def finish(
    project_id: int, tracked: float, *days: str | None, estimate: float = 100
) -> dict[str, Any]:
    """Make one row of forecast, with the days on which it is over: first, median, last."""
    names = ("finish_low", "finish", "finish_high")
    found = [None if day is None else pd.Timestamp(day) for day in days]
    return {
        "project_id": project_id,
        "tracked_hours": tracked,
        "estimated_hours": estimate,
        **dict(zip(names, found, strict=True)),
    }


def entry(
    number: int,
    begin: float,
    end: float,
    *,
    day: int = 0,
    user: tuple[int, str] = (1, "Ann"),
    project: tuple[int | None, str | None] = (11, "Relaunch"),
    billable: bool | None = True,
    offset: float = 2,
) -> dict[str, Any]:
    """Make one row of time_entries, from hour to hour on the clock of who tracked it."""
    date = MONDAY + pd.Timedelta(days=day)
    start, stop = (
        (date + pd.Timedelta(hours=hour - offset)).tz_localize("UTC") for hour in (begin, end)
    )
    return {
        "id": number,
        "user_id": user[0],
        "user": user[1],
        "project_id": project[0],
        "project": project[1],
        "billable": billable,
        "start": start,
        "stop": stop,
        "date": date,
        "utc_offset": pd.Timedelta(hours=offset),
        "tracked_time": stop - start,
    }


def week() -> pd.DataFrame:
    """Make the entries of a week: 17 h on 3 days, an hour of them twice, one over midnight."""
    return typed(
        ENTRIES,
        [
            entry(1, 9, 12),
            entry(2, 11, 14, project=(12, "Web"), billable=False),
            entry(3, 15, 17, project=(None, None), billable=None),
            entry(4, 8, 12, day=2),
            entry(5, 22, 27, day=4, project=(12, "Web")),
        ],
    )
