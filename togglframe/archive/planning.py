"""What a sync or a comparison would cost, estimated from the months that are kept."""

from __future__ import annotations

import datetime as dt
from itertools import groupby

from togglframe.api import search
from togglframe.api.estimates import entries_a_day, expected_pages
from togglframe.archive.calendar import first_day, in_windows, last_day
from togglframe.archive.folder import Folder
from togglframe.archive.months import count_rows, known_of
from togglframe.errors import ConfigError
from togglframe.http.client import client_of
from togglframe.http.quota import Plan
from togglframe.workspace import Workspace


def plan_sync(
    folder: Folder, ws: Workspace, names: list[str], today: dt.date, *, is_full: bool
) -> Plan:
    """Return what a sync of adjacent months would cost now, without a request.

    Fetched are months that are not kept, and those that had not ended when they were last compared.
    """
    number = client_of(ws).id
    entries, client = search.TIME_ENTRIES, client_of(ws)
    rates = entries_a_day(client.listings(entries.path), {})
    known = {**folder.compared(number)}
    missing = {*folder.lost(number)}
    for month, path in folder.months(number).items():
        try:
            fetched_at = known_of(path).fetched_at
            rates[month] = count_rows(path) / _days_until(fetched_at.date(), month)
        except ConfigError:  # damaged
            missing.add(month)
        else:
            known[month] = max(fetched_at, known.get(month, fetched_at))

    def is_wanted(month: str) -> bool:
        if is_full or month in missing or month not in known:
            return True
        day = known[month].date()
        return day <= last_day(month) and day < today

    wanted = [month for month in names if is_wanted(month)]
    others = [month for month in names if month not in wanted]
    edits = [window for window in _windows_of(others) if not {*window}.isdisjoint(others)]
    runs = [[*run] for is_run, run in groupby(names, wanted.__contains__) if is_run]
    pages = [
        expected_pages(
            rates,
            first_day(window[0]),
            min(last_day(window[-1]), today),
            entries.rows_of_page(client, {}),
        )
        for run in runs
        for window in in_windows(run)
    ]
    costs = {"totals": len(in_windows(names)), "edits": len(edits), "time_entries": sum(pages)}
    usage = ws.usage
    return Plan(costs, False, usage.quota_remaining, usage.quota_resets_in)


def plan_verify(folder: Folder, ws: Workspace) -> Plan:
    """Return what comparing every month with the API costs, without a request."""
    number = client_of(ws).id
    kept = sorted({*folder.months(number), *folder.lost(number)})
    usage = ws.usage
    return Plan(
        {"totals": len(_windows_of(kept))}, True, usage.quota_remaining, usage.quota_resets_in
    )


def _days_until(day: dt.date, month: str) -> int:
    """Return how many days of a month had begun by a day."""
    return max((min(last_day(month), day) - first_day(month)).days + 1, 1)


def _windows_of(months: list[str]) -> list[list[str]]:
    return in_windows(months) if months else []
