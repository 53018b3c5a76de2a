"""The time of a range of days as the API adds it up, in one request."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from togglframe import tables
from togglframe.api import summary
from togglframe.http.client import client_of
from togglframe.http.quota import Plan
from togglframe.reports.selection import EVERYTHING, Selection
from togglframe.reports.sources import Listings
from togglframe.tables.provenance import of, stamp
from togglframe.workspace import Workspace


@dataclass(frozen=True)
class Totals:
    """A store whose time entries are sums by project, user and whether they are billable.

    Reports of hours and amounts by project or user make the same of them as of the entries; all of
    a range are on its first day.

    Parameters
    ----------
    ws : Workspace
        The workspace.
    listings : Listings
        Where other listings come from.
    names : tuple of str
        The others that the reports need.
    """

    ws: Workspace
    listings: Listings
    names: tuple[str, ...]

    @property
    def today(self) -> dt.date:
        """The day from which reports count."""
        return self.ws.today

    def load(self, name: str, selection: Selection = EVERYTHING, /) -> pd.DataFrame | None:
        """Return a listing by its name."""
        if name != "time_entries":
            return self.listings.fetch(name)[0] if name in self.names else None
        with client_of(self.ws).recording(_note(selection)):
            sums = summary.time_entries(self.ws, **selection.params)
        billable = sums["billable_time"]
        rest = sums.assign(tracked_time=sums["tracked_time"] - billable, billable=False, amount=0.0)
        parts = [
            sums.assign(tracked_time=billable, billable=True)[billable.notna()],
            rest[rest["tracked_time"] > pd.Timedelta(0)],
            sums[billable.isna()].assign(billable=None),
        ]
        rows = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        return stamp(_as_entries(rows, selection), **of(sums))


def totals_of(listings: Listings, names: tuple[str, ...]) -> Listings:
    """Return listings with totals instead of time entries; the same if entries are free."""
    return listings if listings.ws is None else Listings(Totals(listings.ws, listings, names))


def plan_totals(listings: Listings, selection: Selection) -> Plan:
    """Return what the totals of a range would cost now, without a request."""
    if listings.ws is None:
        return listings.plan()
    plan, known = listings.plan(), client_of(listings.ws).known(_note(selection))
    least = summary.TIME_ENTRIES.plan(listings.ws, **selection.params).requests
    requests = least if known is None else known.requests
    return replace(plan, costs={_note(selection): requests}, is_exact=known is not None)


def _note(selection: Selection) -> str:
    """Return the name under which the answers are recorded."""
    return f"totals {selection}"


def _as_entries(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    start = pd.Timestamp(str(selection.start))
    known: dict[str, Any] = {
        "id": range(len(rows)),
        "user_id": rows["sub_group_id"],
        "user": rows["title"],
        "project_id": rows["group_id"],
        "billable": rows["billable"],
        "start": start.tz_localize("UTC"),
        "stop": start.tz_localize("UTC"),
        "date": start,
        "tracked_time": rows["tracked_time"],
        "amount": rows["amount"],
        "currency": rows["currency"],
    }
    columns = {
        column.name: pd.Series(known.get(column.name), rows.index, dtype=column.dtype)
        for column in tables.TIME_ENTRIES
    }
    return pd.DataFrame(columns)
