"""The first sheet: what finance looks at before anything else."""

from __future__ import annotations

import datetime as dt
import math
import textwrap
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe import provenance
from togglframe.export.book import TOTAL, Book
from togglframe.export.cells import Cells
from togglframe.export.sheet import FrameSheet, mark, write_cells
from togglframe.export.workbook import Portfolio
from togglframe.tables import PROJECT_BUDGET, WORKSPACE_SUMMARY
from togglframe.words.formats import plural

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["write_summary"]

_WIDTHS: Final = (36, 11, 11, 12, 12, 13, 17, 16, 10, 14, 13)
_TOP: Final = 12
_BULLETS: Final = [
    "project",
    "estimated_hours",
    "tracked_hours",
    "variance_hours",
    "progress",
    "budget_state",
]
_LABEL: Final = 40
_ROUND: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_SMALL: Final = {"size": 9, "rotation": 0}
_HAIR: Final = {"color": "#D9D9D9", "width": 0.5}
_ESTIMATE: Final = "#CBD5DE"
_WITHIN: Final = "#0072B2"
_OVER: Final = "#D55E00"
_INK: Final = "#26425A"
_GREY: Final = "#55606B"


def write_summary(book: Book, portfolio: Portfolio) -> None:
    """Add the sheet Summary: totals by currency, the worst overruns as a chart, the audit."""
    sheet = book.add_sheet("Summary")
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 1)
    _write_title(book, sheet, portfolio)
    widths = list(_WIDTHS)
    row = _write_totals(book, sheet, portfolio, widths, row=6)
    row = _write_bullets(book, sheet, portfolio.budget, widths, row=row + 1)
    _write_audit(book, sheet, portfolio.audit, widths, row=row + 1)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)


def _write_title(book: Book, sheet: Worksheet, portfolio: Portfolio) -> None:
    known = provenance.of(portfolio.budget)
    grey = book.format(font_color=_GREY)
    title = f"Toggl Track portfolio, workspace {known.get('workspace_id')}"
    sheet.set_row(0, 28)
    sheet.write_string(0, 0, title, book.format(bold=True, font_size=18, font_color=_INK))
    sheet.write_string(1, 0, _finding(portfolio.budget), book.format(font_size=12))
    sheet.write_string(2, 0, f"Life-time totals, {_age(known)}.", grey)
    sheet.write_string(3, 0, _reconciliation(portfolio), grey)
    if portfolio.hidden:
        missing = ", ".join(portfolio.hidden)
        warning = f"Not in this workbook: {missing}. The sheet About says why."
        sheet.write_string(4, 0, warning, book.format(bold=True, font_color="#A33F00"))


def _finding(budget: pd.DataFrame) -> str:
    estimated, over = int(budget["progress"].count()), budget["overrun_hours"] > 0
    if budget.empty:
        return "No projects"
    if not estimated:
        return f"{len(budget):,} projects, none of them with an estimate"
    gross = budget["overrun_hours"].sum()
    verb = "is" if over.sum() == 1 else "are"
    measured = plural(estimated, "estimated project")
    return f"{over.sum():,} of {measured} {verb} over: {gross:+,.1f} h gross"


def _age(known: dict[str, Any]) -> str:
    if not known.get("fetched_at"):
        return "fetched at an unknown time"
    moment = dt.datetime.fromisoformat(known["fetched_at"]).astimezone(dt.UTC)
    cached = ", from the cache" if known.get("from_cache") else ""
    stale = ", older than they should be" if known.get("stale") else ""
    return f"fetched {moment:%Y-%m-%d %H:%M} UTC{cached}{stale}"


def _reconciliation(portfolio: Portfolio) -> str:
    shown = pd.Timedelta(portfolio.budget["tracked_time"].sum())
    reported = portfolio.reported
    if shown == reported:
        return f"Reconciled: the projects add up to the {_exact(reported)} that Toggl reports."
    return f"NOT reconciled: {_exact(shown)} on Budget, {_exact(reported)} reported by Toggl."


def _exact(time: pd.Timedelta) -> str:
    seconds, milliseconds = divmod(time // pd.Timedelta(milliseconds=1), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    rest = f".{milliseconds:03}" if milliseconds else ""
    return f"{hours:,}:{minutes:02}:{seconds:02}{rest} h"


def _write_totals(
    book: Book, sheet: Worksheet, portfolio: Portfolio, widths: list[int], row: int
) -> int:
    _write_heading(book, sheet, row, "Totals by currency")
    totals = portfolio.totals
    named = totals.assign(currency=totals["currency"].fillna("(no currency)"))
    row = _write_block(book, sheet, FrameSheet("", named, WORKSPACE_SUMMARY), widths, row + 1)
    hours = portfolio.hours.assign(currency="All, hours only").reindex(columns=totals.columns)
    for position in range(len(totals.columns)):
        sheet.write_blank(row, position, None, book.format(**TOTAL))
    for position, cells in enumerate(FrameSheet("", hours, WORKSPACE_SUMMARY).cells()):
        write_cells(book, sheet, cells, row=row, column=position, **TOTAL)
        _make_room(widths, position, cells)
    return row + 1


def _write_bullets(
    book: Book, sheet: Worksheet, budget: pd.DataFrame, widths: list[int], row: int
) -> int:
    estimated = budget[budget["progress"].notna()]
    if estimated.empty:
        return row
    worst = estimated.sort_values(
        ["overrun_hours", "progress", "project_id"], ascending=[False, False, True]
    ).head(_TOP)
    _write_heading(book, sheet, row, "Furthest over, or nearest to, the estimate")
    bullets = worst.assign(project=_labels(worst))[_BULLETS]
    below = _write_block(book, sheet, FrameSheet("", bullets, PROJECT_BUDGET), widths, row + 1)
    others = len(estimated) - len(worst)
    if others:
        note = f"and {others:,} other projects with an estimate, on the sheet Budget"
        sheet.write_string(below, 0, note, book.format(italic=True, font_color=_GREY, indent=1))
    chart = _bullet_chart(book, worst, first=row + 2, last=below - 1)
    chart.set_size({"width": 720, "height": 20 * (below - row) + 60})
    text = (
        f"Tracked hours against the estimate, one bar per project. {_finding(budget)}. "
        f"First: {bullets['project'].iloc[0]}, {_label(worst.iloc[0])}."
    )
    sheet.insert_chart(row, 6, chart, {"x_offset": 10, "description": text, "object_position": 2})
    return below + 1


def _label(project: pd.Series[Any]) -> str:
    return f"{project['progress']:.0%}  {project['variance_hours']:+,.1f} h"


def _labels(worst: pd.DataFrame) -> list[str]:
    """Return the names of the projects, with the client, then the id, where two are alike."""
    columns = dict(zip(worst.columns, FrameSheet("", worst, PROJECT_BUDGET).cells(), strict=True))
    labels = _shortened(columns["project"])
    for others in (_shortened(columns["client"]), [f"#{n}" for n in worst["project_id"]]):
        seen = Counter(labels)
        labels = [
            f"{label} · {other}" if seen[label] > 1 else label
            for label, other in zip(labels, others, strict=True)
        ]
    return labels


def _shortened(column: Cells) -> list[str]:
    return [textwrap.shorten(str(text), _LABEL, placeholder="…") for text in column.cells]


def _bullet_chart(book: Book, worst: pd.DataFrame, first: int, last: int) -> Any:
    """Draw a bullet graph: the estimate is the broad light bar, tracked the narrow dark one."""
    chart = book.workbook.add_chart({"type": "bar"})
    projects = ["Summary", first, 0, last, 0]
    over = worst["variance_hours"] > 0
    labels = [{"value": _label(project)} for _, project in worst.iterrows()]
    chart.add_series(
        {
            "name": "Estimate",
            "categories": projects,
            "values": ["Summary", first, 1, last, 1],
            "fill": {"color": _ESTIMATE},
            "gap": 40,
        }
    )
    chart.add_series(
        {
            "name": "Tracked (orange: over the estimate)",
            "categories": projects,
            "values": ["Summary", first, 2, last, 2],
            "fill": {"color": _WITHIN},
            "points": [{"fill": {"color": _OVER if is_over else _WITHIN}} for is_over in over],
            "data_labels": {"value": True, "custom": labels, "font": _SMALL},
            "gap": 200,
            "y2_axis": True,
        }
    )
    longest = max(worst["estimated_hours"].max(), worst["tracked_hours"].max())
    scale = {"min": 0, "max": _round_up(longest * 1.25)}
    hours = {"num_format": "#,##0", "num_font": _SMALL, "line": {"none": True}}
    chart.set_x_axis({**scale, **hours, "major_gridlines": {"visible": True, "line": _HAIR}})
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 9}})
    chart.set_x2_axis({"reverse": True})
    chart.set_y2_axis({**scale, "visible": False})
    chart.set_title({"name": "Tracked hours against the estimate [h]", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    return chart


def _round_up(value: float) -> float:
    """Return the next round number."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * next(step for step in _ROUND if step * power >= value)


def _write_audit(
    book: Book, sheet: Worksheet, audit: pd.DataFrame, widths: list[int], row: int
) -> None:
    _write_heading(book, sheet, row, "Audit")
    counts = audit.groupby(["severity", "check"], observed=True, dropna=False).size()
    findings = counts.rename("Findings").reset_index()
    if findings.empty:
        sheet.write_string(row + 1, 0, "Nothing was found.", book.format(indent=1))
        return
    shown = FrameSheet("", findings[["check", "severity", "Findings"]])
    _write_block(book, sheet, shown, widths, row + 1)


def _write_heading(book: Book, sheet: Worksheet, row: int, text: str) -> None:
    sheet.write_string(row, 0, text, book.format(bold=True, font_size=13, font_color=_INK))


def _write_block(
    book: Book, sheet: Worksheet, spec: FrameSheet, widths: list[int], row: int
) -> int:
    """Write a small table without filters; return the row below it."""
    sheet.set_row(row, 32)
    last = row + len(spec.frame)
    for position, cells in enumerate(spec.cells()):
        sheet.write_string(row, position, cells.heading, book.header(cells.is_text))
        write_cells(book, sheet, cells, row=row + 1, column=position)
        _make_room(widths, position, cells)
        area = (row + 1, position, max(last, row + 1), position)
        mark(book, sheet, spec.frame.columns[position], area)
    return last + 1


def _make_room(widths: list[int], position: int, cells: Cells) -> None:
    """Widen a column where its numbers would be shown as ####."""
    if not cells.is_text:
        widths[position] = max(widths[position], cells.width + 2)
