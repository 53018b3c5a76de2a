"""The first sheet: what finance looks at first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe.export.excel.book import TOTAL, Book
from togglframe.export.excel.cells import Cells
from togglframe.export.excel.sheet import mark, write_cells
from togglframe.export.excel.spec import FrameSheet
from togglframe.export.excel.views import project_urls
from togglframe.export.excel.workbook import Portfolio
from togglframe.reports.budget import sum_by_client
from togglframe.tables import (
    CLIENT_BUDGET_BY_CURRENCY,
    PROJECT_BUDGET,
    WORKSPACE_BUDGET_BY_CURRENCY,
    provenance,
)
from togglframe.tables.provenance import stamp, workspaces_in_words
from togglframe.text import headlines
from togglframe.text.formats import format_percent, format_signed_hours, plural
from togglframe.text.names import labels_of, names_of
from togglframe.text.scope import chosen, fetched

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

__all__ = ["SUMMARY_COLUMNS", "TOTALS", "headline", "reconciliation", "write_summary"]

_WIDTHS: Final = (36, 11, 11, 12, 12, 13, 17, 16, 10, 14, 13)
_TOP: Final = 12
_BULLETS: Final = [
    "project",
    "budget_state",
    "estimated_hours",
    "tracked_hours",
    "variance_hours",
    "progress",
]
TOTALS: Final = [
    "currency",
    "n_projects",
    "n_active",
    "tracked_hours",
    "billable_hours",
    "billable_share",
    "amount",
    "effective_rate",
]
# Estimated, plus overruns, minus saved and remaining hours, is tracked.
_BRIDGE: Final = [
    "currency",
    "n_over",
    "estimated_hours",
    "gross_overrun_hours",
    "saved_hours",
    "remaining_hours",
    "variance_hours",
    "comparable_tracked_hours",
    "progress",
    "tracked_hours",
    "estimate_coverage",
]
SUMMARY_COLUMNS: Final = (
    *(WORKSPACE_BUDGET_BY_CURRENCY[name] for name in TOTALS),
    *(CLIENT_BUDGET_BY_CURRENCY[name] for name in _BRIDGE if name not in TOTALS),
)
_LABEL: Final = 40
_ROUND: Final = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10)
_SMALL: Final = {"size": 9, "rotation": 0}
_HAIR: Final = {"color": "#D9D9D9", "width": 0.5}
_ESTIMATE: Final = "#CBD5DE"
_WITHIN: Final = "#0072B2"
_OVER: Final = "#D55E00"
_INK: Final = "#26425A"
_GREY: Final = "#55606B"
_NOTE: Final = {"italic": True, "font_color": _GREY, "indent": 1}


def write_summary(book: Book, portfolio: Portfolio) -> None:
    """Add the sheet Summary: totals by currency, the worst overruns as a chart, the audit."""
    sheet = book.add_sheet("Summary", provenance.of(portfolio.budget))
    sheet.hide_gridlines(2)
    sheet.fit_to_pages(1, 1)
    widths = list(_WIDTHS)
    row = _write_title(book, sheet, portfolio)
    row = _write_totals(book, sheet, portfolio, widths, row=row + 1)
    row = _write_bridge(book, sheet, portfolio, widths, row=row + 1)
    row = _write_bullets(book, sheet, portfolio.budget, widths, row=row + 1)
    _write_audit(book, sheet, portfolio, widths, row=row + 1)
    for position, width in enumerate(widths):
        sheet.set_column(position, position, width)


def _write_title(book: Book, sheet: Worksheet, portfolio: Portfolio) -> int:
    known = provenance.of(portfolio.budget)
    grey = book.format(font_color=_GREY)
    alarm = book.format(bold=True, font_color="#A33F00")
    missing, compared = ", ".join(portfolio.hidden), reconciliation(portfolio)
    only = ", ".join(["Lifetime totals", *chosen(known.get("filters") or {}, known.get("names"))])
    lines = [
        (headline(portfolio), book.format(bold=True, font_size=18, font_color=_INK)),
        (headlines.budget(portfolio.budget), book.format(font_size=12)),
        (f"{only}, {fetched(known)}.", grey),
        (compared, grey if compared.startswith("Reconciled: ") else alarm),
        *((f"Not proven complete: {doubt}", alarm) for doubt in portfolio.doubts),
    ]
    if missing:
        lines.append((f"Not in this workbook: {missing}. The sheet About says why.", alarm))
    sheet.set_row(0, 28)
    for row, (text, form) in enumerate(lines):
        book.write(sheet, row, 0, text, form)
    return len(lines)


def headline(portfolio: Portfolio) -> str:
    """Say what the portfolio covers: the workspace, or the one client that was selected."""
    budget, known = portfolio.budget, portfolio.known
    if known.get("filters") and len(budget[["client_id"]].drop_duplicates()) == 1:
        return f"Toggl Track portfolio, {names_of(budget.head(1), 'client')[0]}"
    return ", ".join(filter(None, ["Toggl Track portfolio", workspaces_in_words(known)]))


def reconciliation(portfolio: Portfolio, where: str = "on Budget") -> str:
    """Say what was reconciled: the joined frame with the listing as it came."""
    budget, statuses = portfolio.budget, portfolio.statuses
    if len(budget) and budget["tracked_time"].isna().all():
        projects = plural(len(budget), "project")
        return f"Not reconciled, since no tracked time of the {projects} {where} is known."
    shown, sent = (pd.Timedelta(frame["tracked_time"].sum()) for frame in (budget, statuses))
    projects, add = plural(len(budget), "project"), "adds" if len(budget) == 1 else "add"
    count = plural(len(statuses), "status", "statuses")
    source = f"{_exact(sent)}, the total of {_origin(statuses, count)}"
    if shown != sent:
        return (
            f"NOT reconciled: the {projects} {where} {add} up to {_exact(shown)}, not to {source}."
        )
    without = int(budget["tracked_time"].isna().sum())
    verb = "has" if without == 1 else "have"
    rest = f"; {plural(without, 'project')} {verb} no status or no time" if without else ""
    said = f"the {projects} {where} {add} up to {source}{rest}."
    if portfolio.doubts:
        return f"Reconciled with what arrived, but it is not proven that all arrived: {said}"
    return f"Reconciled: {said}"


def _origin(statuses: pd.DataFrame, count: str) -> str:
    """Say where the statuses come from; for frames without provenance this is unknown."""
    return f"Toggl's {count}" if provenance.of(statuses) else f"the {count} given"


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
    row = _write_block(book, sheet, _by_currency(portfolio.totals, TOTALS), widths, row + 1)
    everything = portfolio.hours.assign(currency="All, hours only").reindex(columns=TOTALS)
    _write_below(book, sheet, FrameSheet("", everything, WORKSPACE_BUDGET_BY_CURRENCY), widths, row)
    note = book.format(**_NOTE)
    for text in _operands(portfolio.budget):
        row += 1
        book.write(sheet, row, 0, text, note)
    return row + 1


def _operands(budget: pd.DataFrame) -> Iterator[str]:
    """Say what a ratio is based on if that is not the totals beside it."""
    for code, rows in [*budget.groupby("currency", dropna=False), (None, budget)]:
        is_known = isinstance(code, str)
        label = "All" if rows is budget else code if is_known else "(no currency)"
        said = []
        share = _quotient(rows, "billable_hours", "tracked_hours")
        if share:
            said.append("billable share {:,.2f} h / {:,.2f} h".format(*share))
        rate = None if rows is budget else _quotient(rows, "amount", "billable_hours")
        if rate:
            said.append("effective rate {:,.2f} / {:,.2f} h".format(*rate))
        if said:
            yield f"{label}, based only on projects where both figures are known: {', '.join(said)}"


def _quotient(rows: pd.DataFrame, top: str, bottom: str) -> tuple[float, float] | None:
    """Return the two sums of a ratio, None if they are those of all rows."""
    known = rows.dropna(subset=[top, bottom])
    used, beside = ((part[top].sum(), part[bottom].sum()) for part in (known, rows))
    return None if used == beside or known.empty else used


def _write_bridge(
    book: Book, sheet: Worksheet, portfolio: Portfolio, widths: list[int], row: int
) -> int:
    """Write the bridge from the estimates to the tracked hours."""
    budget = portfolio.budget
    if not budget["progress"].notna().any():
        return row
    _write_heading(book, sheet, row, "From the estimate to the hours tracked, by currency")
    of_nobody = budget.assign(client_id=pd.array([None] * len(budget), dtype=pd.Int64Dtype()))
    by_currency = sum_by_client(of_nobody, by_currency=True).set_index("currency")
    ordered = by_currency.loc[portfolio.totals["currency"]].reset_index()
    row = _write_block(book, sheet, _by_currency(ordered, _BRIDGE), widths, row + 1)
    everything = sum_by_client(of_nobody).assign(currency="All")[_BRIDGE]
    _write_below(book, sheet, FrameSheet("", everything, CLIENT_BUDGET_BY_CURRENCY), widths, row)
    return row + 1


def _by_currency(frame: pd.DataFrame, names: list[str]) -> FrameSheet:
    named = frame.assign(currency=frame["currency"].fillna("(no currency)"))
    return FrameSheet(
        "",
        named[names],
        CLIENT_BUDGET_BY_CURRENCY if "progress" in names else WORKSPACE_BUDGET_BY_CURRENCY,
    )


def _write_bullets(
    book: Book, sheet: Worksheet, budget: pd.DataFrame, widths: list[int], row: int
) -> int:
    estimated = budget[budget["progress"].notna()]
    if estimated.empty:
        return row
    worst, others = estimated.head(_TOP), estimated.iloc[_TOP:]
    _write_heading(book, sheet, row, "Furthest over, or nearest to, the estimate")
    bullets = worst.assign(project=labels_of(worst, "project", "client", cells=_LABEL))[_BULLETS]
    urls = {"project": project_urls(stamp(worst, **provenance.of(budget)))}
    shown = FrameSheet("", bullets, PROJECT_BUDGET, urls=urls)
    below = _write_block(book, sheet, shown, widths, row + 1)
    chart = _bullet_chart(book, worst, len(estimated), first=row + 2)
    chart.set_size({"width": 720, "height": 20 * (below - row) + 140})
    text = (
        f"Tracked hours against the estimate, one bar per project. {headlines.budget(budget)}. "
        f"First: {bullets['project'].iloc[0]}, {_label(worst.iloc[0])}."
    )
    sheet.insert_chart(row, 6, chart, {"x_offset": 10, "description": text, "object_position": 2})
    sums = [("With an estimate", estimated)]
    if len(others):
        sums.insert(0, (f"and {plural(len(others), 'other')}", others))
    lines = pd.DataFrame([_sums(label, rows) for label, rows in sums], columns=_BULLETS)
    _write_below(book, sheet, FrameSheet("", lines, PROJECT_BUDGET), widths, below)
    return below + len(sums)


def _sums(label: str, rows: pd.DataFrame) -> dict[str, Any]:
    """Return the totals of estimated projects as a row of the bullets."""
    hours = {name: rows[name].sum() for name in _BULLETS if name.endswith("_hours")}
    return {
        "project": label,
        **hours,
        "progress": hours["tracked_hours"] / hours["estimated_hours"],
    }


def _label(project: pd.Series[Any]) -> str:
    used, variance = project["progress"], project["variance_hours"]
    return f"{format_percent(used)} {format_signed_hours(variance)}"


def _bullet_chart(book: Book, worst: pd.DataFrame, n_estimated: int, first: int) -> Any:
    """Draw a bullet graph: a wide light bar for the estimate, a narrow dark one for tracked."""
    chart = book.workbook.add_chart({"type": "bar"})
    last = first + len(worst) - 1
    projects = ["Summary", first, 0, last, 0]
    n_over = int((worst["variance_hours"] > 0).sum())  # they come first
    ends = [{"value": _label(project)} for _, project in worst.iterrows()]
    chart.add_series(
        {
            "name": "Estimate",
            "categories": projects,
            "values": ["Summary", first, 2, last, 2],
            "fill": {"color": _ESTIMATE},
            "gap": 40,
        }
    )
    tracked = {"categories": projects, "gap": 200, "overlap": 100, "y2_axis": True}
    if n_over:
        chart.add_series(
            {
                **tracked,
                "name": "Tracked, over the estimate",
                "values": ["Summary", first, 3, first + n_over - 1, 3],
                "fill": {"color": _OVER},
                "data_labels": {"value": True, "custom": ends[:n_over], "font": _SMALL},
            }
        )
    if n_over < len(worst):
        hidden = [{"fill": {"none": True}}] * n_over  # drawn in the series of overruns
        chart.add_series(
            {
                **tracked,
                "name": "Tracked, within the estimate",
                "values": ["Summary", first, 3, last, 3],
                "fill": {"color": _WITHIN},
                "points": [*hidden, *[None] * (len(worst) - n_over)],
                "data_labels": {
                    "value": True,
                    "custom": [{"delete": True}] * n_over + ends[n_over:],
                    "font": _SMALL,
                },
            }
        )
    longest = max(worst["estimated_hours"].max(), worst["tracked_hours"].max())
    scale = {"min": 0, "max": _round_up(longest * 1.25)}
    hours = {"num_format": "#,##0", "num_font": _SMALL, "line": {"none": True}}
    named = {"name": "Hours", "name_font": {"size": 9, "bold": False}, "label_position": "high"}
    grid = {"major_gridlines": {"visible": True, "line": _HAIR}}
    chart.set_x_axis({**scale, **hours, **named, **grid})
    chart.set_y_axis({"reverse": True, "interval_unit": 1, "num_font": {"size": 9}})
    chart.set_x2_axis({"reverse": True})
    chart.set_y2_axis({**scale, "visible": False})
    chart.set_title({"name": _chart_title(len(worst), n_estimated), "name_font": {"size": 11}})
    chart.set_legend({"position": "bottom"})
    return chart


def _chart_title(n_drawn: int, n_estimated: int) -> str:
    """Say how many projects are drawn, out of how many."""
    if n_drawn == n_estimated:
        return f"Tracked against estimated hours of {plural(n_estimated, 'estimated project')}"
    few = f"{n_drawn} of {plural(n_estimated, 'estimated project')}"
    return f"Tracked against estimated hours: {few}, the furthest over first"


def _round_up(value: float) -> float:
    """Return the next round number."""
    power = 10.0 ** math.floor(math.log10(value))
    return power * next(step for step in _ROUND if step * power >= value)


def _write_audit(
    book: Book, sheet: Worksheet, portfolio: Portfolio, widths: list[int], row: int
) -> None:
    _write_heading(book, sheet, row, "Audit")
    audit = portfolio.audit
    counts = audit.groupby(["severity", "check"], observed=True, dropna=False).size()
    counted = counts.rename("Findings").reset_index()
    if counted.empty:
        sheet.write_string(row + 1, 0, "Nothing was found.", book.format(indent=1))
        row += 2
    else:
        shown = FrameSheet("", counted[["check", "severity", "Findings"]])
        row = _write_block(book, sheet, shown, widths, row + 1)
    if portfolio.left_out:
        text = f"{plural(portfolio.left_out, 'finding')} about labour costs left out as sensitive"
        book.write(sheet, row, 0, text, book.format(**_NOTE))


def _write_heading(book: Book, sheet: Worksheet, row: int, text: str) -> None:
    book.write(sheet, row, 0, text, book.format(bold=True, font_size=13, font_color=_INK))


def _write_block(
    book: Book, sheet: Worksheet, spec: FrameSheet, widths: list[int], row: int
) -> int:
    """Write a small table without filters; return the row below it."""
    sheet.set_row(row, 32)
    last = row + len(spec.frame)
    for position, cells in enumerate(spec.cells()):
        sheet.write_string(row, position, cells.heading, book.header(cells.is_text))
        urls = spec.urls.get(str(spec.frame.columns[position]), ())
        write_cells(book, sheet, cells, row=row + 1, column=position, urls=urls)
        _make_room(widths, position, cells)
        area = (row + 1, position, max(last, row + 1), position)
        mark(book, sheet, spec.columns[position], area)
    return last + 1


def _write_below(
    book: Book, sheet: Worksheet, spec: FrameSheet, widths: list[int], row: int
) -> None:
    """Write totals below a small table."""
    for position, cells in enumerate(spec.cells()):
        for offset in range(len(spec.frame)):
            sheet.write_blank(row + offset, position, None, book.format(**TOTAL))
        write_cells(book, sheet, cells, row=row, column=position, look=TOTAL)
        _make_room(widths, position, cells)


def _make_room(widths: list[int], position: int, cells: Cells) -> None:
    """Widen a column whose numbers would otherwise be shown as ####."""
    if not cells.is_text:
        widths[position] = max(widths[position], cells.width + 2)
