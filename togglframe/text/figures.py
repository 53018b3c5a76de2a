"""Key figures: a portfolio in a few numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

import pandas as pd

from togglframe.text.formats import (
    format_money,
    format_percent,
    format_whole_hours,
    plural,
)
from togglframe.text.headlines import hours_over
from togglframe.text.measures import above_zero, known, total_amount, total_hours
from togglframe.text.names import currency_of

_NAMED: Final = 2  # currencies beside the first


class KeyFigure(NamedTuple):
    """A number, its name, and a detail."""

    number: str
    name: str
    detail: str = ""

    def __str__(self) -> str:
        """Say it in a few words."""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.name} {self.number}{detail}"


def key_figures(budget: pd.DataFrame, at_risk: float) -> list[KeyFigure]:
    """Return the key figures of a project_budget that are known."""
    return [*_hours(budget), *_estimates(budget, at_risk), *_billable(budget), *_amounts(budget)]


def _hours(budget: pd.DataFrame) -> Iterator[KeyFigure]:
    rows = known(budget, "tracked_hours")
    if len(rows):
        projects = plural(len(rows), "project")
        yield KeyFigure(
            format_whole_hours(total_hours(rows, "tracked")), "Tracked", f"in {projects}"
        )


def _estimates(budget: pd.DataFrame, at_risk: float) -> Iterator[KeyFigure]:
    estimated = budget[budget["progress"].notna()]
    if estimated.empty:
        return
    tracked, estimate = (total_hours(estimated, what) for what in ("tracked", "estimated"))
    used = format_percent(tracked / estimate)
    compared = f"{format_whole_hours(tracked)} of {format_whole_hours(estimate)}"
    yield KeyFigure(used, "Estimates used", compared)
    over = above_zero(estimated, "overrun_hours")
    by = f"by {hours_over(total_hours(over, 'overrun'))}" if len(over) else ""
    yield KeyFigure(f"{len(over):,} of {len(estimated):,}", "Over", by)
    near = int((budget["budget_state"] == "at_risk").sum())
    yield KeyFigure(f"{near:,}", "At risk", f"active, {format_percent(at_risk)} to 100 %")


def _billable(budget: pd.DataFrame) -> Iterator[KeyFigure]:
    rows = known(budget, "tracked_hours", "billable_hours")
    tracked, billable = (total_hours(rows, what) for what in ("tracked", "billable"))
    if tracked:
        detail = f"{format_whole_hours(billable)} of {format_whole_hours(tracked)}"
        yield KeyFigure(format_percent(billable / tracked), "Billable", detail)


def _amounts(budget: pd.DataFrame) -> Iterator[KeyFigure]:
    """Return the amount in the currency of most projects, with the others as its detail.

    An amount without a currency is always listed, since the count of currencies leaves it out.
    """
    worth = budget[budget["amount"].ne(0).fillna(value=False)]
    parts = [part for _, part in worth.groupby("currency", dropna=False)]
    parts.sort(key=lambda part: (-len(part), currency_of(part)))
    if not parts:
        return
    first, *others = parts
    named = [part for part in others if part["currency"].notna().all()]
    bare = [part for part in others if part["currency"].isna().all()]
    rest = len(named) - _NAMED
    more = [plural(rest, "more currency", "more currencies")] if rest > 0 else []
    amounts = [*map(_amount, named[:_NAMED]), *more, *map(_amount, bare)]
    yield KeyFigure(_amount(first), "Amount", f"and {', '.join(amounts)}" if amounts else "")


def _amount(part: pd.DataFrame) -> str:
    return f"{format_money(total_amount(part))} {currency_of(part)}"
