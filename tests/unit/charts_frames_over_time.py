"""Frames over time for the tests of the charts, small enough to check by hand."""

from typing import Any

import pandas as pd
from unit.charts_frames import STAMP, typed

from togglframe.tables import BALANCE, EARNINGS, HOURS, RETAINER, UTILISATION, Table

RANGE = {"start_date": "2026-10-01", "end_date": "2026-10-31"}


def stamped(table: Table, rows: list[dict[str, Any]], **filters: Any) -> pd.DataFrame:
    """Make a frame of the table that tells these filters."""
    frame = typed(table, rows)
    known = {"filters": filters, "table": table.name, "today": "2026-11-26"}
    frame.attrs["togglframe"] = {**STAMP, **known}
    return frame


def hours_row(
    period: str,
    tracked: float | None,
    *,
    project: tuple[int | None, str | None] = (11, "Web"),
    user: tuple[int | None, str | None] = (1, "Ann"),
) -> dict[str, Any]:
    """Make one row of hours."""
    return {
        "user_id": user[0],
        "user": user[1],
        "project_id": project[0],
        "project": project[1],
        "period": pd.Timestamp(period),
        "tracked_hours": tracked,
        "n_entries": 1,
        "n_days": 1,
    }


def hours(*rows: dict[str, Any], by: str = "user project", **filters: Any) -> pd.DataFrame:
    """Make a frame of hours by user, project and period."""
    pairs = [name for one in by.split() for name in (f"{one}_id", one)]
    return stamped(HOURS.choose([*pairs, "period"]), list(rows), **filters)


def compared(*rows: tuple[str | None, float | None, float | None]) -> pd.DataFrame:
    """Make the hours of clients in Q3 2026 beside those of Q2: name, now and before."""
    names, now, before = zip(*rows, strict=True)
    hours = pd.DataFrame({"now": now, "before": before}, dtype="Float64")
    frame = pd.DataFrame(
        {
            "client_id": pd.Series(range(1, len(rows) + 1), dtype="Int64"),
            "client": pd.Series(names, dtype="str"),
            "tracked_hours": hours["now"],
            "tracked_hours_before": hours["before"],
            "tracked_hours_change": hours["now"] - hours["before"],
        }
    )
    ranges = {
        "filters": {"start_date": "2026-07-01", "end_date": "2026-09-30"},
        "before": {"start_date": "2026-04-01", "end_date": "2026-06-30"},
    }
    frame.attrs["togglframe"] = {**STAMP, **ranges, "table": "hours_comparison"}
    return frame


def quarters() -> pd.DataFrame:
    """Make five clients: one grew most, one is new, one has gone, one is unknown."""
    return compared(
        ("Acme", 220, 100), ("Beta", 90, 100), ("Cargo", 30, 0), ("Delta", 0, 15), ("Echo", None, 7)
    )


Months = list[tuple[float, float, float]]

AUTUMN = {"start_date": "2026-09-01", "end_date": "2026-11-30"}


def retained(*retainers: tuple[int, str, Months], **filters: Any) -> pd.DataFrame:
    """Make the months from September of projects: budget, carried and tracked hours of each."""
    rows = []
    for number, name, months in retainers:
        for month, (budget, carried, tracked) in enumerate(months, 9):
            available = budget + carried
            near = month == 11 and tracked >= 0.8 * available
            state = "over" if tracked > available else "at_risk" if near else "on_track"
            rows.append(
                {
                    "project_id": number,
                    "project": name,
                    "client_id": 1,
                    "client": "Acme",
                    "period": pd.Timestamp(2026, month, 1),
                    "budget_hours": budget,
                    "carried_hours": carried,
                    "available_hours": available,
                    "tracked_hours": tracked,
                    "left_hours": available - tracked,
                    "state": state,
                }
            )
    return stamped(RETAINER, rows, **{**AUTUMN, **filters})


def autumn() -> pd.DataFrame:
    """Make three retainers until 26 November: one used up, one nearly, and one in October."""
    return retained(
        (1, "Care", [(40, 0, 30), (40, 10, 45), (40, 5, 60)]),
        (2, "Hosting", [(20, 0, 20), (20, 0, 10), (20, 10, 27)]),
        (3, "Support", [(30, 0, 20), (30, 0, 35), (30, 0, 3)]),
    )


def balanced(*people: tuple[int, str, float, list[float | None]]) -> pd.DataFrame:
    """Make the months from September of people: what they begin with, and the balance of each."""
    rows = []
    for number, name, opening, months in people:
        running = opening
        for month, balance in enumerate(months, 9):
            running += balance or 0
            rows.append(
                {
                    "user_id": number,
                    "user": name,
                    "period": pd.Timestamp(2026, month, 1),
                    "balance_hours": balance,
                    "running_hours": None if balance is None else running,
                }
            )
    return stamped(BALANCE, rows, **AUTUMN)


def balances() -> pd.DataFrame:
    """Make four people until 26 November: two over, one under, and one without a schedule."""
    return balanced(
        (1, "Anna Keller", 10, [2, -6, 8]),
        (2, "Bob", 0, [-3, -5, -4]),
        (3, "Cas", 0, [0, 4, -2]),
        (4, "Dora", 0, [None, None, None]),
    )


APP, INTERNAL, NONE = (12, "App"), (13, "Internal"), (None, None)
BOB, CAS = (2, "Bob"), (3, "Cas")


def layers() -> pd.DataFrame:
    """Make five weeks of October, of which one has no entry: 100 h, 50 of them on Web."""
    return hours(
        hours_row("2026-09-28", 10),
        hours_row("2026-09-28", 5, project=APP, user=BOB),
        hours_row("2026-10-05", 20),
        hours_row("2026-10-05", 10, project=APP),
        hours_row("2026-10-05", 8, project=INTERNAL, user=BOB),
        hours_row("2026-10-12", 15, user=BOB),
        hours_row("2026-10-12", 2, project=NONE, user=CAS),
        hours_row("2026-10-12", 0, project=INTERNAL, user=CAS),
        hours_row("2026-10-26", 5),
        hours_row("2026-10-26", 25, project=APP, user=BOB),
        **RANGE,
    )


def many_hours(names: list[str]) -> pd.DataFrame:
    """Make three weeks of a project and a user of each name."""
    return hours(
        *(
            hours_row(week, 3 + (7 * n + k) % 30, project=(n, name), user=(n, name))
            for n, name in enumerate(names, 1)
            for k, week in enumerate(["2026-10-05", "2026-10-12", "2026-10-26"])
        )
    )


def earned_row(
    period: str,
    amount: float | None,
    *,
    client: tuple[int | None, str | None] = (1, "Acme"),
    currency: str | None = "EUR",
    billable: float | None = 10,
) -> dict[str, Any]:
    """Make one row of earnings."""
    return {
        "client_id": client[0],
        "client": client[1],
        "period": pd.Timestamp(period),
        "currency": currency,
        "billable_hours": billable,
        "amount": amount,
    }


def earnings(*rows: dict[str, Any], by: str = "client", **filters: Any) -> pd.DataFrame:
    """Make a frame of earnings by client and period."""
    pairs = [name for one in by.split() for name in (f"{one}_id", one)]
    return stamped(EARNINGS.choose([*pairs, "period"]), list(rows), **filters)


BETA = (2, "Beta GmbH")


def earned() -> pd.DataFrame:
    """Make four months, one without an entry: 4,400 EUR, and two amounts that are not known."""
    return earnings(
        earned_row("2026-06-01", 1000),
        earned_row("2026-06-01", 500, client=BETA),
        earned_row("2026-07-01", 2000),
        earned_row("2026-07-01", None, client=BETA, billable=4),
        earned_row("2026-09-01", 900, client=BETA),
        earned_row("2026-09-01", None, client=NONE, currency=None, billable=3),
        start_date="2026-06-01",
        end_date="2026-09-15",
    )


def many_earnings(names: list[str]) -> pd.DataFrame:
    """Make two months of a client of each name."""
    return earnings(
        *(
            earned_row(month, 100 * (n + k), client=(n, name))
            for n, name in enumerate(names, 1)
            for k, month in enumerate(["2026-06-01", "2026-07-01"])
        )
    )


def utilised_row(
    period: str,
    capacity: float | None,
    tracked: float,
    billable: float | None,
    user: tuple[int | None, str | None] = (1, "Ann"),
) -> dict[str, Any]:
    """Make one row of utilisation, by its formulas."""
    row: dict[str, Any] = {
        "user_id": user[0],
        "user": user[1],
        "period": pd.Timestamp(period),
        "workdays": 5,
        "capacity_hours": capacity,
        "tracked_hours": tracked,
        "billable_hours": billable,
    }
    if capacity:
        row["load"] = tracked / capacity
        row["utilisation"] = None if billable is None else billable / capacity
        row["idle_hours"] = capacity - tracked
    return row


def utilisation(*rows: dict[str, Any], **filters: Any) -> pd.DataFrame:
    """Make a frame of utilisation."""
    return stamped(UTILISATION, list(rows), **filters)


def utilised() -> pd.DataFrame:
    """Make two weeks: Ann is over (110 %), Bob is not, and Cas has no capacity that is known."""
    return utilisation(
        utilised_row("2026-10-05", 40, 48, 20),
        utilised_row("2026-10-12", 40, 40, 30),
        utilised_row("2026-10-05", 40, 10, 10, BOB),
        utilised_row("2026-10-12", 40, 30, None, BOB),
        utilised_row("2026-10-05", None, 12, 6, CAS),
        utilised_row("2026-10-12", None, 3, 0, CAS),
        utilised_row("2026-10-05", 40, 0, 0, (4, "Dee")),
        start_date="2026-10-05",
        end_date="2026-10-18",
    )


def many_users(names: list[str]) -> pd.DataFrame:
    """Make a week of a user of each name."""
    return utilisation(
        *(
            utilised_row("2026-10-05", 40, 10 + 7 * n % 45, 5, (n, name))
            for n, name in enumerate(names, 1)
        )
    )
