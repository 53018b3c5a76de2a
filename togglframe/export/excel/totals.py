"""The total lines below a table: which rows each adds up, and which columns it shows.

Whatever rows a reader filters out, the totals in a line can be derived from each other. A
difference is therefore added up together with its terms, over the rows where both are known, and
remaining hours are never offset against overruns.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from togglframe.export.excel.cells import Value
from togglframe.tables import Column, Table

__all__ = ["Numbers", "Total", "numbers", "totals_of"]

Numbers: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Where:
    """A condition for a row to be added up, as a spreadsheet formula and for numpy."""

    column: str
    formula: str
    holds: Callable[[Numbers], npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Line:
    """A line of totals that can be derived from each other.

    Parameters
    ----------
    label : str
        What it adds up.
    shows : str
        The columns that it shows, as far as the frame has them; the duration `tracked_time` stands
        in for `tracked_hours` if the frame has no such column.
    where : tuple of tuple of Where
        The conditions of its rows; of each tuple, the first whose column the frame has. A frame
        that has none of them has no such line.
    unless : str
        A column; frames that have it have no such line.
    """

    label: str
    shows: str
    where: tuple[tuple[Where, ...], ...] = ()
    unless: str = ""


def _known(column: str) -> Where:
    return Where(column, "--ISNUMBER({0})", lambda values: ~np.isnan(values))


def _above_zero(column: str) -> Where:
    return Where(column, "ISNUMBER({0})*({0}>0)", lambda values: values > 0)


def _not_above_zero(column: str) -> Where:
    return Where(column, "ISNUMBER({0})*({0}<=0)", lambda values: values <= 0)


def _is(column: str, value: str) -> Where:
    return Where(column, f'({{0}}<>"")*({{0}}={value})', lambda values: values == (value == "TRUE"))


def _is_not(column: str, value: str) -> Where:
    return Where(
        column, f'1-({{0}}<>"")*({{0}}={value})', lambda values: values != (value == "TRUE")
    )


_COMPARED: Final = (
    tuple(map(_known, ("variance_hours", "overrun_hours", "tracked_hours", "estimated_hours"))),
    (_known("variance_hours"), _known("overrun_hours"), _above_zero("estimated_hours")),
)
_OVER: Final = (_above_zero("variance_hours"),)
_WITHIN: Final = (_not_above_zero("variance_hours"),)
_OPEN: Final = (_is_not("active", "FALSE"), _is_not("done", "TRUE"), _known("variance_hours"))
_ENDED: Final = (_is("active", "FALSE"), _is("done", "TRUE"))
_WITHIN_ITS_ESTIMATE: Final = "tracked_hours estimated_hours remaining_hours variance_hours"

_OF_ITEMS: Final = (
    Line(
        "Total",
        "tracked_hours billable_hours task_tracked_hours "
        "period_hours span_hours break_hours overlap_hours billed_hours "
        "burn_per_week hours_per_week_needed "
        "tracked_time billable_time task_tracked_time current_time previous_time",
    ),
    Line(
        "Billable part known",
        "tracked_hours billable_hours non_billable_hours",
        ((_known("non_billable_hours"),),),
    ),
    Line(
        "Capacity known",
        "capacity_hours tracked_hours billable_hours idle_hours",
        ((_known("capacity_hours"),),),
    ),
    Line(
        "Schedule known",
        "expected_hours absence_hours tracked_hours balance_hours",
        ((_known("balance_hours"),),),
    ),
    Line("Budgets", "budget_hours tracked_hours", ((_known("budget_hours"),),)),
    Line(
        "Time on tasks known",
        "tracked_hours task_tracked_hours untasked_hours",
        ((_known("untasked_hours"),),),
    ),
    Line(
        "Estimated, also by task",
        "estimated_hours task_estimated_hours estimate_gap_hours",
        ((_known("estimate_gap_hours"),),),
    ),
    Line(
        "With an estimate",
        "tracked_hours estimated_hours variance_hours overrun_hours",
        _COMPARED,
        unless="cumulative_hours",  # the estimate is repeated in the row of every period
    ),
    Line(
        "of which to go",
        "tracked_hours estimated_hours remaining_hours burn_per_week hours_per_week_needed",
        ((_above_zero("remaining_hours"),), (_above_zero("estimated_hours"),)),
        unless="variance_hours",
    ),
    *(
        Line(
            label,
            " ".join(f"{what}_hours_{when}" for when in ("before", "after", "difference")),
            ((_known(f"{what}_hours_difference"),),),
        )
        for label, what in (("Known on both days", "tracked"), ("Estimated on both", "estimated"))
    ),
    Line("of which over", f"{_WITHIN_ITS_ESTIMATE} overrun_hours", (_OVER,)),
    Line("of which remaining", _WITHIN_ITS_ESTIMATE, (_WITHIN, _OPEN)),
    Line("of which saved", _WITHIN_ITS_ESTIMATE, (_WITHIN, _ENDED)),
)
_OF_SUMS: Final = (  # for rows that are sums of comparable values, with nothing offset
    Line(
        "Total",
        "tracked_hours billable_hours comparable_tracked_hours estimated_hours variance_hours "
        "gross_overrun_hours overrun_hours saved_hours remaining_hours",
    ),
)


@dataclass(frozen=True)
class Total:
    """A line of totals below one frame.

    Parameters
    ----------
    label : str
        What it adds up.
    columns : tuple of str
        The columns that it shows.
    where : tuple of (str, Where)
        The columns that select the rows, with the conditions.
    """

    label: str
    columns: tuple[str, ...]
    where: tuple[tuple[str, Where], ...] = ()

    @property
    def reads(self) -> set[str]:
        """The columns that it reads."""
        return {*self.columns, *(column for column, _ in self.where)}

    def formula(self, column: str, ranges: Mapping[str, str]) -> str:
        """Return the formula that sums a column over visible rows."""
        tests = [where.formula.format(ranges[name]) for name, where in self.where]
        return visible_sum(ranges[column], tests)

    def sum(self, column: str, values: Mapping[str, Numbers]) -> float:
        """Return the sum of a column when nothing is filtered out."""
        chosen = ~np.isnan(values[column])
        for name, where in self.where:
            chosen &= where.holds(values[name])
        return math.fsum(values[column][chosen].tolist())


def visible_sum(area: str, tests: Sequence[str] = ()) -> str:
    """Return a formula that adds up a column over the visible rows that pass the tests."""
    if not tests:
        return f"=SUBTOTAL(109,{area})"
    first = area.partition(":")[0]
    shown = f"SUBTOTAL(109,OFFSET({first},ROW({area})-ROW({first}),0))"  # row by row
    return f"=SUMPRODUCT({','.join([shown, *tests])})"


def totals_of(columns: Mapping[str, Column | None], table: Table | None) -> list[Total]:
    """Return the lines of totals below a frame.

    Parameters
    ----------
    columns : mapping of str to Column or None
        The columns that can be read as numbers, in their order, each with its declaration.
    table : Table or None
        The declaration of the frame, if it has one.
    """
    if table and table.is_history:
        return []
    if table and table.is_of_comparison:
        return [Total("Total", tuple(name for name, one in columns.items() if one and one.adds_up))]
    is_of_sums = (table and table.is_of_sums) or "gross_overrun_hours" in columns
    found = [_total(line, columns) for line in (_OF_SUMS if is_of_sums else _OF_ITEMS)]
    lines = [line for line in found if line is not None and line.columns]
    unknown = tuple(name for name, column in columns.items() if column is None)
    if not unknown:
        return lines
    if lines and not lines[0].where:
        unknown = (*lines.pop(0).columns, *unknown)
    return [Total("Total", unknown), *lines]


def _total(line: Line, columns: Mapping[str, Column | None]) -> Total | None:
    """Return the line as it is below a frame with these columns, None if it has no such line."""
    if line.unless in columns:
        return None
    where: dict[str, Where] = {}
    for alternatives in line.where:
        present = ((_column(one.column, columns), one) for one in alternatives)
        name, one = next(((name, one) for name, one in present if name), (None, None))
        if name is None or one is None:
            return None
        where[name] = one
    shown = (_column(name, columns) for name in line.shows.split())
    return Total(
        line.label, tuple(dict.fromkeys(name for name in shown if name)), tuple(where.items())
    )


def _column(name: str, columns: Mapping[str, Column | None]) -> str | None:
    candidates = (name, f"{name.removesuffix('_hours')}_time")
    return next((candidate for candidate in candidates if candidate in columns), None)


def numbers(cells: Iterable[Value]) -> Numbers:
    """Return the numbers and booleans in cells, NaN for empty cells and strings."""
    values = (math.nan if cell is None or isinstance(cell, str) else cell for cell in cells)
    return np.fromiter(values, dtype=float)
