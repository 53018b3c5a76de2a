"""Every chart with frames for it, the places it is drawn in, and how its texts are measured."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import matplotlib.pyplot as plt
import pandas as pd
from joins import client_hours, client_summary
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text
from unit.charts_frames import (
    ACME,
    BETA,
    agency,
    ahead,
    budget,
    card,
    changed,
    changes,
    clients,
    entry,
    finish,
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
    autumn,
    balanced,
    balances,
    compared,
    earned,
    layers,
    many_earnings,
    many_hours,
    many_users,
    quarters,
    retained,
    utilised,
)

from togglframe import charts
from togglframe.tables import ENTRIES, RATE_CARD, TASK_ACCURACY


class Case(NamedTuple):
    """A chart, its usual frame, one with a row for each name, and the columns that it needs.

    `kind` is what it draws of each name: a row, a layer of columns, or one alone.
    """

    draw: Callable[..., Any]
    frame: Callable[[], pd.DataFrame]
    many: Callable[[tuple[str, ...]], pd.DataFrame]
    needed: str
    sorts: tuple[str, ...]
    kind: str = "row"
    ends: tuple[str, ...] = ()  # what its last rows are called


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
    rows = [member((12, "Web"), (n, name), 50, 40 + n) for n, name in enumerate(names, 1)]
    return typed(RATE_CARD, rows)


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


def _days(names: tuple[str, ...]) -> pd.DataFrame:
    rows = [
        entry(n, 9, 17, day=n - 1, project=(n, name), billable=n % 3 > 0)
        for n, name in enumerate(names, 1)
    ]
    return typed(ENTRIES, rows)


_BUDGET = "project tracked_hours estimated_hours progress variance_hours overrun_hours"
_SPLIT = "project tracked_hours billable_hours non_billable_hours billable_share"


def _burn_up(burn: pd.DataFrame, **options: Any) -> Axes:
    days = ("2026-02-09", "2026-02-16", "2026-03-09")
    return charts.burn_up(burn, ahead(finish(12, 80, *days)), **options)


CASES = {
    "budget_bullet": Case(
        charts.budget_bullet,
        agency,
        _projects,
        _BUDGET,
        ("overrun_hours", "variance_hours", "progress", "tracked_hours", "project"),
    ),
    "variance_bars": Case(
        charts.variance_bars,
        agency,
        _projects,
        _BUDGET,
        ("variance", "variance_hours", "progress", "project"),
    ),
    "billable_split": Case(
        charts.billable_split,
        agency,
        _projects,
        _SPLIT,
        ("tracked_hours", "billable_hours", "non_billable_hours", "billable_share", "project"),
    ),
    "hours_by_week": Case(
        charts.hours_by_week,
        layers,
        many_hours,
        "period tracked_hours",
        ("total", "name"),
        kind="layer",
    ),
    "hours_heatmap": Case(
        charts.hours_heatmap,
        layers,
        many_hours,
        "user period tracked_hours",
        ("tracked_hours", "user"),
    ),
    "burn_up": Case(
        _burn_up,
        lambda: grown((12, "Web", 80, 100)),
        lambda names: grown((12, names[0], 80, 100), weeks=len(names)),
        "project period tracked_hours cumulative_hours estimated_hours progress",
        (),
        kind="one",
    ),
    "utilisation_bars": Case(
        charts.utilisation_bars,
        utilised,
        many_users,
        "user capacity_hours tracked_hours billable_hours",
        ("load", "utilisation", "tracked_hours", "user"),
    ),
    "variance_waterfall": Case(
        charts.variance_waterfall,
        clients,
        lambda names: client_hours(_by_client(names)),
        "client variance_hours gross_overrun_hours saved_hours remaining_hours",
        ("gross_overrun_hours", "variance_hours", "client"),
        ends=("In all",),
    ),
    "amount_by_client": Case(
        charts.amount_by_client,
        summary,
        lambda names: client_summary(_by_client(names)),
        "client currency amount effective_rate",
        ("amount", "effective_rate", "client"),
    ),
    "retainer_bars": Case(
        charts.retainer_bars,
        autumn,
        lambda names: retained(
            *((n, name, [(40, 0, 20 + n % 30), (40, 5, 30)]) for n, name in enumerate(names))
        ),
        "project client period carried_hours available_hours tracked_hours",
        ("used", "left_hours", "name"),
    ),
    "balance_lines": Case(
        charts.balance_lines,
        balances,
        lambda names: balanced(*((n, name, 0, [n % 7, -3.0]) for n, name in enumerate(names))),
        "user period balance_hours running_hours",
        ("running_hours", "user"),
    ),
    "comparison": Case(
        charts.comparison,
        quarters,
        lambda names: compared(*((name, 500 - n, 3 * n) for n, name in enumerate(names))),
        "client tracked_hours tracked_hours_before tracked_hours_change",
        ("change", "value", "name"),
    ),
    "timesheet_strip": Case(
        charts.timesheet_strip,
        week,
        _days,
        "user project billable start stop date utc_offset tracked_time",
        ("date", "tracked_time"),
        kind="layer",
    ),
    "rate_dumbbell": Case(
        charts.rate_dumbbell,
        card,
        _members,
        "project user group hourly_rate labour_cost currency unit_margin",
        ("unit_margin", "hourly_rate", "labour_cost"),
    ),
    "estimate_accuracy": Case(
        charts.estimate_accuracy,
        tasks,
        _tasks,
        "project tracked_hours variance_hours accuracy_ratio done",
        ("accuracy_ratio", "variance_hours", "tracked_hours", "task"),
    ),
    "snapshot_changes": Case(
        charts.snapshot_changes,
        changes,
        _moved,
        "project change tracked_hours_before tracked_hours_after tracked_hours_difference "
        "estimated_hours_before estimated_hours_after estimated_hours_difference",
        ("movement", "tracked_hours_difference", "estimated_hours_difference", "project"),
    ),
    "earnings_by_month": Case(
        charts.earnings_by_month,
        earned,
        many_earnings,
        "period currency amount billable_hours",
        ("total", "name"),
        kind="layer",
    ),
}

ROWS = {name: case for name, case in CASES.items() if case.kind == "row"}
SEVERAL = {name: case for name, case in CASES.items() if case.kind != "one"}

LONG = "Framework agreement for the design of all stations of the line, part {}"


def names(count: int, pattern: str = "Project {}") -> tuple[str, ...]:
    """Return names of rows."""
    return tuple(pattern.format(n) for n in range(1, count + 1))


def in_a_grid(draw: Callable[..., Any], frame: pd.DataFrame, **options: Any) -> list[Axes]:
    """Draw twice in a constrained grid of two by two."""
    _, grid = plt.subplots(2, 2, figsize=(13, 8), layout="constrained")
    for ax in (grid[0, 0], grid[1, 1]):
        draw(frame, ax=ax, **options)
    return [grid[0, 0], grid[1, 1]]


def without_a_layout(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw twice side by side, where no layout engine is at work."""
    _, grid = plt.subplots(1, 2, figsize=(11, 4))
    return [draw(frame, ax=ax) for ax in grid]


def on_a_subfigure(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw on a part of a figure."""
    _, right = plt.figure(figsize=(12, 5), layout="constrained").subfigures(1, 2)
    return [draw(frame, ax=right.subplots())]


def in_large_type(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw in a type that is half as large again."""
    with plt.rc_context({"font.size": 15}):
        return axes_of(draw(frame))


def by_itself(draw: Callable[..., Any], frame: pd.DataFrame) -> list[Axes]:
    """Draw on a figure of its own."""
    return axes_of(draw(frame))


PLACES = [by_itself, in_a_grid, without_a_layout, on_a_subfigure, in_large_type]


def axes_of(drawn: Axes | Figure) -> list[Axes]:
    """Return the Axes of what a chart returned."""
    return drawn.axes if isinstance(drawn, Figure) else [drawn]


def texts(figure: Figure) -> Iterator[Text]:
    """Return every text that is seen on a figure."""
    for text in figure.findobj(Text):
        if text.get_visible() and text.get_text().strip():
            yield text


def overlaps(figure: Figure) -> list[str]:
    """Return which texts lie on one another or leave the figure, measured on what is drawn."""
    figure.draw_without_rendering()
    hidden = [ax for ax in figure.axes if not ax.axison]
    seen = [
        (text.get_text(), text.get_window_extent())
        for text in texts(figure)
        if not any(text in [*ax.get_xticklabels(), *ax.get_yticklabels()] for ax in hidden)
    ]
    whole = figure.bbox
    faults = [
        f"outside: {words}"
        for words, box in seen
        if box.x0 < whole.x0 - 1
        or box.x1 > whole.x1 + 1
        or box.y0 < whole.y0 - 1
        or box.y1 > whole.y1 + 1
    ]
    for number, (words, box) in enumerate(seen):
        for other, its in seen[number + 1 :]:
            across = min(box.x1, its.x1) - max(box.x0, its.x0)
            along = min(box.y1, its.y1) - max(box.y0, its.y0)
            if across > 1 and along > 1.5:
                faults.append(f"{words!r} on {other!r}")
    return faults
