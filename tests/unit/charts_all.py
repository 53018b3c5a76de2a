"""Every chart, with a frame for it: what all of them have in common is tested once."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pandas as pd
from unit.charts_frames import (
    ACME,
    BETA,
    agency,
    budget,
    card,
    clients,
    member,
    project,
    summary,
    task,
    tasks,
    typed,
)

from togglframe import charts
from togglframe.joins import client_hours, client_summary
from togglframe.tables import RATE_CARD, TASK_ACCURACY

Draw = Callable[..., Any]


class Case(NamedTuple):
    """A chart: its function, its frame, the report that makes it, and a column it needs."""

    draw: Draw
    frame: Callable[[], pd.DataFrame]
    many: Callable[[list[str]], pd.DataFrame]
    report: str
    column: str


def _projects(names: list[str]) -> pd.DataFrame:
    clients_of = [None, ACME, BETA]
    return budget(
        *(
            project(n, name, 40 + 7 * n % 90, 60, n % 40, client=clients_of[n % 3], amount=100 * n)
            for n, name in enumerate(names, 1)
        )
    )


def _by_client(names: list[str]) -> pd.DataFrame:
    return budget(
        *(
            project(n, "Web", 61 + 7 * n % 90, 60, n % 40, client=(n, name), amount=100 * n)
            for n, name in enumerate(names, 1)
        )
    )


def _tasks(names: list[str]) -> pd.DataFrame:
    return typed(TASK_ACCURACY, [task(n, name, n, 20) for n, name in enumerate(names, 1)])


def _members(names: list[str]) -> pd.DataFrame:
    rows = [member((n, name), (n, name), 50, 40 + n) for n, name in enumerate(names, 1)]
    return typed(RATE_CARD, rows)


CASES = {
    "budget_bullet": Case(
        charts.budget_bullet, agency, _projects, "project_budget(ws)", "overrun_hours"
    ),
    "variance_bars": Case(
        charts.variance_bars, agency, _projects, "project_budget(ws)", "variance_hours"
    ),
    "client_overview": Case(
        charts.client_overview, agency, _projects, "project_budget(ws)", "client_id"
    ),
    "billable_split": Case(
        charts.billable_split, agency, _projects, "project_budget(ws)", "billable_hours"
    ),
    "estimate_accuracy": Case(
        charts.estimate_accuracy, tasks, _tasks, "task_accuracy(ws)", "accuracy_ratio"
    ),
    "amount_by_client": Case(
        charts.amount_by_client,
        summary,
        lambda names: client_summary(_by_client(names)),
        "client_summary(ws)",
        "currency",
    ),
    "variance_waterfall": Case(
        charts.variance_waterfall,
        clients,
        lambda names: client_hours(_by_client(names)),
        "client_hours(ws)",
        "gross_overrun_hours",
    ),
    "rate_dumbbell": Case(charts.rate_dumbbell, card, _members, "rate_card(ws)", "labour_cost"),
}
