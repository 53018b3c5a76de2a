"""Every chart, found by its record, with a frame of its table.

What all charts have in common is tested once, for each of them from the moment it is declared. A
chart of a table that no chart has drawn before needs frames of it in ``FRAMES``.
"""

import importlib
import pkgutil
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import pandas as pd
import pytest
from joins import client_hours, client_summary
from unit.charts_frames import (
    ACME,
    BETA,
    budget,
    burn,
    card,
    changed,
    changes,
    clients,
    entry,
    grown,
    member,
    project,
    summary,
    task,
    tasks,
    typed,
    week,
)
from unit.charts_frames_over_time import (
    earned,
    many_earnings,
)

from togglframe import charts
from togglframe.charts._chart import Chart
from togglframe.charts._fonts import printable
from togglframe.tables import (
    BURN,
    CHANGES,
    CLIENT_BUDGET,
    CLIENT_BUDGET_BY_CURRENCY,
    EARNINGS,
    ENTRIES,
    PROJECT_BUDGET,
    RATE_CARD,
    TASK_ACCURACY,
    Kind,
)
from togglframe.text.names import names_of


class Case(NamedTuple):
    """A chart: its record, its function, a frame for it, and one with a row for each name."""

    record: Chart
    draw: Callable[..., Any]
    frame: Callable[[], pd.DataFrame]
    many: Callable[[list[str]], pd.DataFrame]

    @property
    def measure(self) -> str | None:
        """Return a column of numbers that the chart needs, if it does."""
        numbers = {Kind.HOURS, Kind.MONEY, Kind.RATIO}
        table = self.record.table
        return next((name for name in self.record.needed if table[name].kind in numbers), None)

    def names(self, frame):
        """Return what each row of a frame is called where it is printed."""
        if self.record.name == "timesheet_strip":  # whose rows are days, and whose bars have names
            return names_of(frame, "project", printable)
        return self.record.label(frame)


def _projects(names: tuple[str, ...]) -> pd.DataFrame:
    clients_of = [None, ACME, BETA]
    return budget(
        *(
            project(n, name, 40 + 7 * n % 90, 60, n % 40, client=clients_of[n % 3], amount=100 * n)
            for n, name in enumerate(names, 1)
        )
    )


def _by_client(names: tuple[str, ...]) -> pd.DataFrame:
    return budget(
        *(
            project(n, "Web", 61 + 7 * n % 90, 60, n % 40, client=(n, name), amount=100 * n)
            for n, name in enumerate(names, 1)
        )
    )


def _tasks(names: tuple[str, ...]) -> pd.DataFrame:
    rows = [task(n, name, n, 20, project=(n, name)) for n, name in enumerate(names, 1)]
    return typed(TASK_ACCURACY, rows)


def _members(names: tuple[str, ...]) -> pd.DataFrame:
    rows = [member((n, name), (n, name), 50, 40 + n) for n, name in enumerate(names, 1)]
    return typed(RATE_CARD, rows)


def _growing(names: list[str]) -> pd.DataFrame:
    rows = [(n, name, 40 + 7 * n % 90, 60) for n, name in enumerate(names, 1)]
    return grown(*rows)


def _moved(names: list[str]) -> pd.DataFrame:
    clients_of = [None, ACME, BETA]
    before, after = (
        [
            project(
                n, name, 40 + 7 * n % 90 + since * n, 60 + since * (n % 2), client=clients_of[n % 3]
            )
            for n, name in enumerate(names, 1)
        ]
        for since in (0, 1)
    )
    return changed(before, after)


def _days(names: list[str]) -> pd.DataFrame:
    rows = [
        entry(n, 9, 17, day=n - 1, project=(n, name), billable=n % 3 > 0)
        for n, name in enumerate(names, 1)
    ]
    return typed(ENTRIES, rows)


FRAMES = {
    TASK_ACCURACY.name: (tasks, _tasks),
    CLIENT_BUDGET_BY_CURRENCY.name: (summary, lambda names: client_summary(_by_client(names))),
    CLIENT_BUDGET.name: (clients, lambda names: client_hours(_by_client(names))),
    RATE_CARD.name: (card, _members),
    EARNINGS.name: (earned, many_earnings),
    CHANGES[PROJECT_BUDGET.name].name: (changes, _moved),
    BURN.name: (burn, _growing),
    ENTRIES.name: (week, _days),
}


def declared():
    """Return the records of all charts, by name."""
    modules = [
        importlib.import_module(f"{charts.__name__}.{module.name}")
        for module in pkgutil.iter_modules(charts.__path__)
    ]
    found = [value for m in modules for value in vars(m).values() if isinstance(value, Chart)]
    return {chart.name: chart for chart in sorted(found, key=lambda chart: chart.name)}


def case(record: Chart) -> Case:
    """Return a chart with the frames of its table, each made once and handed out as a copy."""
    frame, many = map(cache, FRAMES[record.table.name])
    return Case(
        record,
        getattr(charts, record.name),
        lambda: frame().copy(),
        lambda names: many(tuple(names)).copy(),
    )


CASES = {name: case(record) for name, record in declared().items()}

# With every change these stand for all: one of rows, one of weeks and one of several panels.
TYPICAL = {"estimate_accuracy", "earnings_by_month", "amount_by_client"}


def typical_by_day(names, typical=TYPICAL):
    """Parametrise by chart: in a module that runs by night, the typical ones run by day as well."""
    marked = [pytest.param(n, marks=pytest.mark.daily if n in typical else ()) for n in names]
    return pytest.mark.parametrize("name", marked)
