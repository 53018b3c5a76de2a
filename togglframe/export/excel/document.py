"""The workbook of a portfolio: which sheets there are, and the Summary, which fits on one page."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe import reports
from togglframe.errors import ConfigError
from togglframe.export.columns import columns_of
from togglframe.export.display import (
    Shown,
    ShownColumn,
    as_it_is,
    columns_shown,
    in_reading_order,
    shown,
)
from togglframe.export.excel.book import Book
from togglframe.export.excel.table import check_size, set_columns, write_table
from togglframe.export.excel.values import cells_of, shown_width
from togglframe.export.portfolio import Figure, Portfolio, Section, SectionName
from togglframe.reports.listings import LISTINGS
from togglframe.tables.provenance import of, stamp, table_of
from togglframe.text.guesses import did_you_mean
from togglframe.text.palette import LIGHT

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["DETAILS", "RAW", "SECTION_OF", "SHEETS", "Sheet", "check_sheets", "sheets_of"]

SECTION_OF: Final[dict[str, SectionName]] = {
    "Weeks": "weeks",
    "Clients": "clients",
    "Projects": "projects",
    "People": "people",
    "Invoice": "invoice",
    "Budget": "budgets",
    "Retainers": "retainers",
    "Balance": "balance",
    "Audit": "audit",
    "About": "about",
}


@dataclass(frozen=True, kw_only=True)
class Detail:
    """A sheet that shows a whole report, and is written only if it is named.

    Parameters
    ----------
    report : callable
        The report.
    defaults : mapping of str to Any
        Its parameters, where they differ from those of the report.
    is_ranged : bool
        Whether it covers a range of days.
    is_of_people : bool
        Whether its rows are about people.
    is_of_rates : bool
        Whether it is about rates and costs.
    """

    report: Callable[..., pd.DataFrame]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    is_ranged: bool = True
    is_of_people: bool = True
    is_of_rates: bool = False


DETAILS: Final = {
    "Hours": Detail(report=reports.hours, defaults={"by": ("client", "project", "user")}),
    "Timesheet": Detail(report=reports.timesheet),
    "Utilisation": Detail(report=reports.utilisation, defaults={"every": "month"}),
    "Profit": Detail(report=reports.profitability, is_of_people=False, is_of_rates=True),
    "Entry audit": Detail(report=reports.entry_audit),
    "Entries": Detail(report=reports.time_entries),
    "Team": Detail(report=reports.rate_card, is_ranged=False),
    "Tasks": Detail(report=reports.task_accuracy, defaults={"done": None}, is_ranged=False),
}
RAW: Final = {
    f"Raw {name.replace('_', ' ')}": name for name in LISTINGS if not LISTINGS[name].is_ranged
}
SHEETS: Final = (
    "Summary",
    *(name for name in SECTION_OF if name != "About"),
    *DETAILS,
    *RAW,
    "About",
)
