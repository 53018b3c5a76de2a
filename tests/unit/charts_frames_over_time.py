"""Frames over time for the tests of the charts, small enough to check by hand."""

from typing import Any

import pandas as pd
from unit.charts_frames import STAMP, typed

from togglframe.tables import EARNINGS, HOURS, UTILISATION, Table

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
