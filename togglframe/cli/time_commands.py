"""The commands over time: hours, timesheet, invoice and forecast."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from togglframe import reports
from togglframe.cli.endings import print_line, say
from togglframe.cli.files import hand_over, writer_of
from togglframe.cli.invoices import (
    InvoiceBy,
    InvoiceOut,
    Words,
    check_unused,
    is_list,
    words_of,
)
from togglframe.cli.options import Days, Filters, Out, with_options
from togglframe.cli.printing import Ids
from togglframe.cli.ranges import days_of, period_of, today_of
from togglframe.cli.rows import rows_of
from togglframe.cli.workspaces import Origin, tell_origin, tell_usage
from togglframe.errors import ConfigError
from togglframe.export.invoice import to_invoice
from togglframe.export.pivoting import pivot
from togglframe.http.quota import Plan
from togglframe.reports._entries import GROUPS, check_every, group_list
from togglframe.reports.invoicing import billing_of
from togglframe.reports.names import FILTERS
from togglframe.reports.planning import record_of
from togglframe.tables import BEFORE, INVOICE_LINES
from togglframe.tables.provenance import of
from togglframe.text.formats import (
    format_hours,
    format_money,
    format_percent,
    format_signed_hours,
    format_signed_percent,
    plural,
)
from togglframe.text.measures import (
    currency_decimals,
    exact_sum,
    floats,
    known,
    total_hours,
)
from togglframe.text.names import currency_of
from togglframe.text.periods import range_in_words, within
from togglframe.text.scope import chosen, nothing_tracked

By = Annotated[
    str, typer.Option(help=f"What to group by, separated by commas: {', '.join(GROUPS)}.")
]
Compare = Annotated[
    str | None,
    typer.Option(
        help="The range to compare with, beside its changes: any period, such as last-quarter, or "
        "previous, the one before of the same kind and length."
    ),
]
Wide = Annotated[
    bool, typer.Option("--wide", help="One column for each period, with totals; needs --every.")
]
Every = Annotated[
    str | None, typer.Option(help="One row for each day, week, month, quarter or year.")
]
_PREVIOUS: Final = "previous"


@dataclass(frozen=True, kw_only=True)
class Report(Origin):
    """What a report is made from, and where it goes."""

    out: Out = None
    ids: Ids = False

    def run(
        self,
        report: Callable[..., pd.DataFrame],
        summarise: Callable[[pd.DataFrame], None],
        *,
        wide_by: Sequence[str] = (),
        **parameters: Any,
    ) -> None:
        """Make a report of one source or across several, and print it or write it to a file."""
        write = writer_of(self.out)
        with self.opened() as sources:
            if self.plan:
                print_line(str(_planned(sources, report, parameters)))
                return
            frame = _made(sources, report, parameters)
            has_hours = frame.filter(like="_hours").fillna(0).any(axis=None)
            if not has_hours and write is None and "start_date" in parameters:
                nothing = nothing_tracked(parameters, of(frame).get("today"))
                print_line(f"{', '.join([nothing, *_chosen(frame)])}.")
            elif frame.empty and write is None and "before" in parameters:
                print_line("There is nothing to compare: no time, or no day before today.")
            else:
                wide = pivot(frame, wide_by) if wide_by else frame
                hand_over(wide, self.out, write, ids=self.ids)
                _summarise_change(frame) if "before" in parameters else summarise(frame)
            tell_origin(frame, *sources)


@dataclass(frozen=True, kw_only=True)
class RangedReport(Filters, Days, Report):
    """The same of a range of days, and of some users, clients or projects."""

    def covered(self, default: str = "this-month", compare: str | None = None) -> dict[str, Any]:
        """Return the range and the filters as reports, or :func:`reports.compare`, take them."""
        dates = days_of(self, self.today, default)
        if compare is not None:
            if compare != _PREVIOUS:
                period_of("--compare", compare, today_of(self.today))
            span = default if self.start is None else f"{dates['start_date']}..{dates['end_date']}"
            before = None if compare == _PREVIOUS else compare
            dates = {"period": self.period or span, "before": before}
        return {**dates, **self.named}


@dataclass(frozen=True, kw_only=True)
class InvoiceReport(RangedReport):
    """The same of invoices, and of the list of what to invoice."""

    out: InvoiceOut = None


@with_options
def hours(
    options: RangedReport,
    *,
    by: By = "user",
    every: Every = None,
    compare: Compare = None,
    wide: Wide = False,
) -> None:
    """Sum hours by user, project and so on, and by period; by default by user for this month.

    Example: togglframe hours --by user,project --every week --period last-month
    """
    groups = _groups("hours", by)
    check_every(every)
    if wide and every is None:
        raise ConfigError("--wide needs --every, such as --every month")
    covered = options.covered(compare=compare)
    wide_by = groups if wide else ()
    options.run(reports.hours, _summarise_hours, wide_by=wide_by, by=groups, every=every, **covered)


@with_options
def timesheet(options: RangedReport, *, compare: Compare = None) -> None:
    """Show the start and end of each working day, its breaks and overlaps; by default this week.

    Example: togglframe timesheet --user "Anna Keller" --period last-week
    """
    options.run(reports.timesheet, _summarise_hours, **options.covered("this-week", compare))


@with_options
def invoice(
    options: InvoiceReport,
    words: Words,
    *,
    by: InvoiceBy = None,
    rounding: Annotated[
        str | None,
        typer.Option(help="How time is rounded: up, nearest or down; by default not at all."),
    ] = None,
    rounding_minutes: Annotated[
        int | None, typer.Option(help="The minutes to round to; with --rounding, by default 15.")
    ] = None,
    round_each: Annotated[
        str, typer.Option(help="What is rounded: each entry, or the sum of a day or a line.")
    ] = "entry",
    minimum_minutes: Annotated[
        int, typer.Option(help="The least to bill for each of these, after rounding.")
    ] = 0,
    compare: Compare = None,
) -> None:
    """List what to invoice: billable hours by client and rate; by default for last month.

    With --out FOLDER it writes an invoice to send for each client and currency.

    Example: togglframe invoice --client Northwind --period 2026-10 --out invoices
    """
    billing = asdict(billing_of(rounding, rounding_minutes, round_each, minimum_minutes))
    parameters = {**options.covered("last-month", compare), **billing}
    texts = words_of(words)
    if options.out is None or is_list(options.out):
        check_unused(texts)
        groups = _groups("invoice_lines", by or "project,user")
        options.run(reports.invoice_lines, tell_amounts, by=groups, **parameters)
        return
    if compare is not None:
        raise ConfigError("--compare is for the list: leave --out out, or name a .csv file")
    if options.user:
        raise ConfigError("an invoice has the time of all users: --user applies to the list alone")
    groups = _groups("invoice_lines", by or "project,task")
    _write_invoices(options.out, {**parameters, "by": groups, **texts}, options)


def _write_invoices(out: Path, parameters: Mapping[str, Any], origin: Origin) -> None:
    """Write invoices, and print their paths."""
    with origin.opened_one("an invoice") as source:
        if origin.plan:
            print_line(str(reports.plan(source, to_invoice, **parameters)))
            return
        listings = reports.Listings(source)
        files = to_invoice(listings, out, **parameters)
        for file in files:
            print_line(str(file))
        if not files:
            days = within(range_in_words(parameters["start_date"], parameters["end_date"]))
            print_line(f"Nothing is billable {days}.")
        if listings.ws is not None:
            tell_usage(listings.ws)


@with_options
def forecast(
    options: Report,
    filters: Filters,
    *,
    as_of: Annotated[
        str | None, typer.Option(help="The day to look ahead from; by default today.")
    ] = None,
    weeks: Annotated[int, typer.Option(help="How many full weeks the pace is based on.")] = 8,
    confidence: Annotated[
        float, typer.Option(help="The share of simulated paths within the interval.")
    ] = 0.8,
    deadlines: Annotated[
        Path | None,
        typer.Option(help="A .csv or .toml file of deadlines: project, date."),
    ] = None,
) -> None:
    """Forecast when active projects will have used up their estimates, if the pace continues.

    Example: togglframe forecast --client Northwind --weeks 12
    """
    ends = None if deadlines is None else rows_of("--deadlines", deadlines)
    options.run(
        reports.forecast,
        _summarise_finishes,
        as_of=as_of,
        weeks=weeks,
        confidence=confidence,
        deadlines=ends,
        **filters.named,
    )


def _groups(name: str, by: str) -> list[str]:
    words = [word.strip() for word in by.split(",") if word.strip()]
    groups = group_list(name, words, record_of(name).table)
    if not groups:
        raise ConfigError(f"--by is empty; it takes {', '.join(GROUPS)}")
    return groups


def _made(
    sources: Sequence[Any], report: Callable[..., pd.DataFrame], parameters: Mapping[str, Any]
) -> pd.DataFrame:
    listings = [reports.Listings(source) for source in sources]
    if "before" in parameters:
        source = listings[0] if len(listings) == 1 else listings
        return reports.compare(source, report, **parameters)
    if len(listings) == 1:
        return report(listings[0], **parameters)
    return reports.across(listings, report, **parameters)


def _planned(
    sources: Sequence[Any], report: Callable[..., pd.DataFrame], parameters: Mapping[str, Any]
) -> Plan:
    one_or_all = sources[0] if len(sources) == 1 else sources
    if "before" in parameters:
        return reports.plan(one_or_all, reports.compare, report=report, **parameters)
    return reports.plan(one_or_all, report, **parameters)


def _summarise_hours(frame: pd.DataFrame) -> None:
    tracked, rows = total_hours(frame, "tracked"), known(frame, "billable_hours")
    share = ""
    if tracked and len(rows):
        billable = total_hours(rows, "billable")
        share = f", {format_hours(billable)} billable ({format_percent(billable / tracked)})"
    say(f"{scope_of(frame)}: {format_hours(tracked)} in {_entries(frame)}{share}")


def tell_amounts(frame: pd.DataFrame) -> None:
    """Say how much there is to bill, with a total for each currency."""
    billed = format_hours(total_hours(frame, "billed"), INVOICE_LINES["billed_hours"].decimals)
    say(f"{scope_of(frame)}: {billed} to bill, from {_entries(frame)}")
    tell_money(frame, "amount", "on", "line")


def tell_money(frame: pd.DataFrame, name: str, on: str, noun: str) -> None:
    """Say the total of a column for each currency, and in how many rows it is not known."""
    for _, rows in frame.groupby("currency", dropna=False):
        whole = known(rows, name)
        n_unknown = len(rows) - len(whole)
        parts = []
        if len(whole):
            total = format_money(exact_sum(floats(whole, name)), currency_decimals(rows))
            parts.append(f"{currency_of(rows)} {total} {on} {plural(len(whole), noun)}")
        if n_unknown:
            who = "" if parts else f"{currency_of(rows)}: "
            parts.append(f"{who}the {name} of {plural(n_unknown, noun)} is not known")
        say("; ".join(parts))


def _summarise_change(frame: pd.DataFrame) -> None:
    """Say how much more or less there is than before, and what was compared."""
    made = of(frame)
    begun = f", {made['begun'].replace('first', 'its first')}" if "begun" in made else ""
    (before,) = chosen(made["before"])
    say(f"{scope_of(frame)}{begun}, compared with {before}:")
    what = next(name for name in ("billed_hours", "tracked_hours") if name in frame)
    now, then = (exact_sum(floats(frame, what + when)) for when in ("", BEFORE))
    share = f" ({format_signed_percent((now - then) / then)})" if then else ""
    change = round(now, 1) - round(then, 1)  # as the total of the table
    say(f"{format_hours(now)}, {format_signed_hours(change)}{share}")


def _summarise_finishes(frame: pd.DataFrame) -> None:
    finished = int(frame["finish"].notna().sum())
    over = int((frame["budget_state"] == "over").sum())
    rest = len(frame) - finished - over
    which = ", ".join([plural(len(frame), "active project"), *_chosen(frame)])
    say(
        f"{which}: {finished} with a finish date, {over} over the "
        f"estimate, {rest} without an estimate, or without hours in the last weeks"
    )


def scope_of(frame: pd.DataFrame) -> str:
    """Return the range of days, and the users, clients and projects that are selected."""
    return ", ".join(_chosen(frame, ("start_date", "end_date", *FILTERS)))


def _chosen(frame: pd.DataFrame, names: Collection[str] = FILTERS) -> list[str]:
    filters = of(frame).get("filters") or {}
    selected = {name: value for name, value in filters.items() if name in names}
    return chosen(selected, of(frame).get("names"))


def _entries(frame: pd.DataFrame) -> str:
    return plural(int(frame["n_entries"].sum()), "time entry", "time entries")
