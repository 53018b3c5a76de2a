"""What a frame over time says, in a few words: titles, and part of the alt texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import pandas as pd

from togglframe.text.formats import (
    format_money,
    none_of,
    plural,
)
from togglframe.text.measures import floats, known, total_amount
from togglframe.text.names import currency_of
from togglframe.text.periods import periods_of

BY: Final = ("project", "client", "user")
_UNKNOWN: Final = "in an unknown currency"


def by_of(frame: pd.DataFrame) -> str:
    """Return what the rows of a frame are grouped by: the first of `BY` it has, or nothing."""
    return next((name for name in BY if {name, f"{name}_id"} & {*frame.columns}), "")


def _peak(
    frame: pd.DataFrame,
    known_rows: pd.DataFrame,
    total: str,
    measure: Callable[[pd.DataFrame], str],
) -> str:
    """Say the total of a frame, and that of its largest period."""
    periods = periods_of(frame)
    column = "amount" if "amount" in known_rows else "tracked_hours"
    sums = known_rows.groupby("period")[column].sum()
    most = pd.Timestamp(str(sums.idxmax()))
    when = periods.name(most)
    if len(periods) == 1:
        return f"{total}{',' if total.endswith(_UNKNOWN) else ''} {when}"
    peak = measure(known_rows[known_rows["period"] == most])
    return f"{_over(total, periods.count)}; most {when}: {peak}"


def earned(frame: pd.DataFrame) -> str:
    """Say the amount in each currency, or with one currency, when most of it was earned."""
    known_rows = known(frame, "amount", "period")
    if frame.empty:
        return "No amounts"
    if known_rows.empty:
        return none_of(len(frame), "amount", "is known", "is unknown")
    sums = [_sum(rows) for _, rows in known_rows.groupby("currency", dropna=False)]
    if len(sums) > 1:
        return _over(_listed(sums), periods_of(frame).count)
    return _peak(frame, known_rows, sums[0], lambda rows: format_money(total_amount(rows)))


def _sum(rows: pd.DataFrame) -> str:
    """Return the sum of amounts of one currency, with its unit."""
    return f"{format_money(total_amount(rows))} {currency_of(rows, _UNKNOWN)}"


def _over(total: str, count: str) -> str:
    """Say in how many periods there is a total."""
    return f"{total}, over {count}" if total.endswith(_UNKNOWN) else f"{total} in {count}"


def unknown_amounts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose amount is not known."""
    return frame[frame["amount"].isna()]


def _listed(parts: list[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def unknown_costs(frame: pd.DataFrame) -> str:
    """Say how many rows of a profitability have no known cost; empty if all have some."""
    worked = frame[floats(frame, "tracked_hours") > 0]
    unknown = int((floats(worked, "cost_coverage") == 0).sum())
    if not unknown:
        return ""
    return (
        f"No labour cost is known in {unknown:,} of {plural(len(frame), 'row')}, where the "
        "coverage is 0 %: a cost of 0 and a bound of the whole revenue mean nothing there"
    )
