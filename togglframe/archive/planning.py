"""What a sync would cost, estimated from the months that are kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from togglframe.archive.calendar import first_day, in_windows, last_day
from togglframe.archive.folder import Folder
from togglframe.archive.months import count_rows, known_of
from togglframe.errors import ConfigError
from togglframe.http.client import client_of
from togglframe.http.quota import Plan
from togglframe.reports._estimates import entries_a_day, expected_pages
from togglframe.workspace import Workspace

__all__ = ["plan_sync"]


def plan_sync(
    folder: Folder, ws: Workspace, names: list[str], today: dt.date, is_full: bool
) -> Plan:
    """Return what a sync of adjacent months would cost now, without a request.

    Fetched are months that are not kept, and those that had not ended when they were last compared.
    """
    number = client_of(ws).id
    compared, lost = folder.compared(number), folder.lost(number)
    rates, damaged = _kept_rates(folder, ws)

    def is_wanted(month: str) -> bool:
        if is_full or month in {*lost, *damaged} or month not in compared:
            return True
        day = compared[month].date()
        return day <= last_day(month) and day < today

    wanted = [month for month in names if is_wanted(month)]
    others = [month for month in names if month not in wanted]
    edits = [window for window in _windows(others) if not {*window}.isdisjoint(others)]
    pages = [
        expected_pages(ws, first_day(window[0]), last_day(window[-1]), rates)
        for run in _runs(names, wanted)
        for window in in_windows(run)
    ]
    costs = {"totals": len(in_windows(names)), "edits": len(edits), "time_entries": sum(pages)}
    usage = ws.usage
    return Plan(costs, False, usage.quota_remaining, usage.quota_resets_in)


def _kept_rates(folder: Folder, ws: Workspace) -> tuple[dict[str, float], set[str]]:
    """Return the entries a day by month, and the months whose files cannot be read."""
    rates, damaged = entries_a_day(ws), set()
    for month, path in folder.months(client_of(ws).id).items():
        try:
            ends = min(last_day(month), known_of(path).fetched_at.date())
            rates[month] = count_rows(path) / max((ends - first_day(month)).days + 1, 1)
        except ConfigError:
            damaged.add(month)
    return rates, damaged


def _windows(months: list[str]) -> list[list[str]]:
    return in_windows(months) if months else []


def _runs(names: list[str], wanted: list[str]) -> Iterator[list[str]]:
    """Yield the wanted months that follow one another."""
    run: list[str] = []
    for name in names:
        if name in wanted:
            run.append(name)
        elif run:
            yield run
            run = []
    if run:
        yield run
