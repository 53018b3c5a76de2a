"""The commands over time: hours, timesheet, invoice and forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from togglframe import reports
from togglframe.cli.endings import print_line, report_errors, say
from togglframe.cli.files import hand_over, writer_of
from togglframe.cli.invoices import (
    Buyer,
    Due,
    InvoiceBy,
    InvoiceFormat,
    InvoiceOut,
    Issued,
    Note,
    Number,
    Paper,
    People,
    Seller,
    check_unused,
    is_list,
    words_of,
)
from togglframe.cli.options import (
    ArchiveFolder,
    BaseUrl,
    Debug,
    PlanOnly,
    Refresh,
    Today,
    Wait,
    WorkspaceIds,
)
from togglframe.cli.printing import Ids
from togglframe.cli.ranges import days_of
from togglframe.cli.selection import typed
from togglframe.cli.workspaces import Origin, print_plan, tell_origin, tell_usage, today_of
from togglframe.errors import ConfigError
from togglframe.export.invoice import to_invoice
from togglframe.export.pivoting import pivot
from togglframe.http.quota import Plan
from togglframe.reports._entries import GROUPS, check_every, group_list
from togglframe.reports.invoicing import billing_of
from togglframe.reports.periods import FORMS
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
    total_amount,
    total_hours,
)
from togglframe.text.names import currency_of
from togglframe.text.scope import nothing_tracked

__all__ = [
    "Clients",
    "From",
    "Out",
    "Period",
    "Projects",
    "To",
    "Users",
    "add_time_commands",
    "answer",
    "range_of",
    "tell_amounts",
]

From = Annotated[str | None, typer.Option("--from", help="The first day, such as 2026-10-01.")]
To = Annotated[str | None, typer.Option("--to", help="The last day, included; by default today.")]
Period = Annotated[
    str | None,
    typer.Option(help=f"The range instead: {FORMS}."),
]
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
Wide = Annotated[bool, typer.Option(help="One column for each period, with totals; needs --every.")]
Every = Annotated[
    str | None, typer.Option(help="One row for each day, week, month, quarter or year.")
]
Users = Annotated[
    list[str] | None,
    typer.Option(
        "--user",
        help="Only this user, by name, e-mail address, part of these, or id; may be repeated.",
    ),
]
Clients = Annotated[
    list[str] | None,
    typer.Option("--client", help="Only this client, in the same way; may be repeated."),
]
Projects = Annotated[
    list[str] | None,
    typer.Option("--project", help="Only this project, in the same way; may be repeated."),
]
Out = Annotated[
    Path | None, typer.Option(help="A .csv, .xlsx or .parquet file to write instead of printing.")
]
_PREVIOUS: Final = "previous"


def add_time_commands(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (hours, timesheet, invoice, forecast):
        app.command()(command)


def hours(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceIds = None,
    start: From = None,
    end: To = None,
    period: Period = None,
    by: By = "user",
    every: Every = None,
    compare: Compare = None,
    user: Users = None,
    client: Clients = None,
    project: Projects = None,
    out: Out = None,
    archive: ArchiveFolder = None,
    base_url: BaseUrl = None,
    today: Today = None,
    *,
    wide: Wide = False,
    ids: Ids = False,
    refresh: Refresh = False,
    wait: Wait = False,
    plan: PlanOnly = False,
    debug: Debug = False,
) -> None:
    """Sum hours by user, project and so on, and by period; by default by user for this month.

    Example: togglframe hours --by user,project --every week --period last-month
    """
    with report_errors(debug):
        groups = _groups("hours", by)
        check_every(every)
        if wide and every is None:
            raise ConfigError("--wide needs --every, such as --every month")
        days = _days(start, end, period, today, compare)
        answer(
            reports.hours,
            {**days, "by": groups, "every": every},
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
                plan=plan,
            ),
            {"user": user, "client": client, "project": project},
            out,
            tell=lambda frame: _tell_hours(frame, days),
            shape=lambda frame: pivot(frame, groups) if wide else frame,
            ids=ids,
        )


def timesheet(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceIds = None,
    start: From = None,
    end: To = None,
    period: Period = None,
    compare: Compare = None,
    user: Users = None,
    client: Clients = None,
    project: Projects = None,
    out: Out = None,
    archive: ArchiveFolder = None,
    base_url: BaseUrl = None,
    today: Today = None,
    *,
    ids: Ids = False,
    refresh: Refresh = False,
    wait: Wait = False,
    plan: PlanOnly = False,
    debug: Debug = False,
) -> None:
    """Show the start and end of each working day, its breaks and overlaps; by default this week.

    Example: togglframe timesheet --user "Anna Keller" --period last-week
    """
    with report_errors(debug):
        days = _days(start, end, period, today, compare, default="this-week")
        answer(
            reports.timesheet,
            days,
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
                plan=plan,
            ),
            {"user": user, "client": client, "project": project},
            out,
            tell=lambda frame: _tell_hours(frame, days),
            ids=ids,
        )


def invoice(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceIds = None,
    start: From = None,
    end: To = None,
    period: Period = None,
    by: InvoiceBy = None,
    rounding: Annotated[
        str | None,
        typer.Option(help="How time is rounded: up, nearest or down; by default not at all."),
    ] = None,
    rounding_minutes: Annotated[
        int | None, typer.Option(help="The minutes to round to; with --rounding, by default 15.")
    ] = None,
    compare: Compare = None,
    round_each: Annotated[
        str, typer.Option(help="What is rounded: each entry, or the sum of a day or a line.")
    ] = "entry",
    minimum_minutes: Annotated[
        int, typer.Option(help="The least to bill for each of these, after rounding.")
    ] = 0,
    user: Users = None,
    client: Clients = None,
    project: Projects = None,
    out: InvoiceOut = None,
    file_format: InvoiceFormat = "xlsx",
    seller: Seller = None,
    buyer: Buyer = None,
    number: Number = None,
    issued: Issued = None,
    due: Due = None,
    note: Note = None,
    paper: Paper = "A4",
    archive: ArchiveFolder = None,
    base_url: BaseUrl = None,
    today: Today = None,
    *,
    people: People = False,
    ids: Ids = False,
    refresh: Refresh = False,
    wait: Wait = False,
    plan: PlanOnly = False,
    debug: Debug = False,
) -> None:
    """List what to invoice: billable hours by client and rate; by default for last month.

    With --out FOLDER it writes an invoice to send for each client and currency.

    Example: togglframe invoice --client Northwind --period 2026-10 --out invoices
    """
    with report_errors(debug):
        billing = billing_of(rounding, rounding_minutes, round_each, minimum_minutes)
        days = _days(start, end, period, today, compare, default="last-month")
        origin = Origin(
            workspaces=workspace,
            archive=archive,
            base_url=base_url,
            refresh=refresh,
            wait=wait,
            today=today,
            plan=plan,
        )
        named = {"user": user, "client": client, "project": project}
        words = words_of(
            file_format=file_format,
            seller=seller,
            buyer=buyer,
            number=number,
            issued=issued,
            due=due,
            note=note,
            paper=paper,
            people=people,
        )
        if out is None or is_list(out):
            check_unused(words)
            groups = _groups("invoice_lines", by or "project,user")
            answer(
                reports.invoice_lines,
                {**days, "by": groups, **asdict(billing)},
                origin,
                named,
                out,
                tell=lambda frame: tell_amounts(frame, days),
                ids=ids,
            )
            return
        if compare is not None:
            raise ConfigError("--compare is for the list: leave --out out, or name a .csv file")
        groups = _groups("invoice_lines", by or "project,task")
        _write_invoices(out, {**days, "by": groups, **asdict(billing), **words}, origin, named)


def _write_invoices(
    out: Path, parameters: Mapping[str, Any], origin: Origin, named: dict[str, list[str] | None]
) -> None:
    """Write invoices, and print their paths."""
    if named.pop("user"):
        raise ConfigError("an invoice has the time of all users: --user applies to the list alone")
    with origin.opened() as sources:
        if len(sources) > 1:
            raise ConfigError("an invoice is of one workspace: pass a single --workspace")
        if origin.plan:
            print_plan(reports.plan(sources[0], to_invoice, **parameters, **_chosen(named)))
            return
        listings = reports.Listings(sources[0])
        files = to_invoice(listings, out, **parameters, **_chosen(named))
        for file in files:
            print_line(str(file))
        if not files:
            print_line(f"Nothing is billable from {_range(parameters)}.")
        if listings.ws is not None:
            tell_usage(listings.ws)


def forecast(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceIds = None,
    as_of: Annotated[
        str | None, typer.Option(help="The day to look ahead from; by default today.")
    ] = None,
    weeks: Annotated[int, typer.Option(help="How many full weeks the pace is based on.")] = 8,
    confidence: Annotated[
        float, typer.Option(help="The share of simulated paths within the interval.")
    ] = 0.8,
    user: Users = None,
    client: Clients = None,
    project: Projects = None,
    out: Out = None,
    archive: ArchiveFolder = None,
    base_url: BaseUrl = None,
    today: Today = None,
    *,
    ids: Ids = False,
    refresh: Refresh = False,
    wait: Wait = False,
    plan: PlanOnly = False,
    debug: Debug = False,
) -> None:
    """Forecast when active projects will have used up their estimates, if the pace continues.

    Example: togglframe forecast --client Northwind --weeks 12
    """
    with report_errors(debug):
        answer(
            reports.forecast,
            {"as_of": as_of, "weeks": weeks, "confidence": confidence},
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
                plan=plan,
            ),
            {"user": user, "client": client, "project": project},
            out,
            tell=_tell_finishes,
            ids=ids,
        )


def range_of(
    start: str | None, end: str | None, period: str | None, today: str | None
) -> dict[str, dt.date]:
    """Return the range of the options; empty without them."""
    if start is None and end is None and period is None:
        return {}
    return days_of(start, end, period, today_of(today))


def _days(  # noqa: PLR0917 -- options, as they come
    start: str | None,
    end: str | None,
    period: str | None,
    today: str | None,
    compare: str | None,
    default: str = "this-month",
) -> dict[str, Any]:
    """Return the range of a report, or both ranges as :func:`reports.compare` takes them."""
    days = days_of(start, end, period, today_of(today), default=default)
    if compare is None:
        return dict(days)
    span = default if start is None else f"{days['start_date']}..{days['end_date']}"
    return {"period": period or span, "before": None if compare == _PREVIOUS else compare}


def _groups(name: str, by: str) -> list[str]:
    words = [word.strip() for word in by.split(",") if word.strip()]
    groups = group_list(name, words, record_of(name).table)
    if not groups:
        raise ConfigError(f"--by is empty; it takes {', '.join(GROUPS)}")
    return groups


def answer(
    report: Callable[..., pd.DataFrame],
    parameters: Mapping[str, Any],
    origin: Origin,
    named: dict[str, list[str] | None],
    out: Path | None,
    *,
    tell: Callable[[pd.DataFrame], None],
    ids: bool,
    shape: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame,
) -> None:
    """Make a report of one source or across several, and print it or write it to a file."""
    write = None if out is None else writer_of(out)
    with origin.opened() as sources:
        if origin.plan:
            print_plan(_planned(sources, report, parameters, named))
            return
        frame = _made(sources, report, parameters, named)
        if frame.empty and write is None and "start_date" in parameters:
            print_line(f"{nothing_tracked(parameters)}.")
        elif frame.empty and write is None and "before" in parameters:
            print_line("There is nothing to compare: no time, or no day before today.")
        else:
            hand_over(shape(frame), out, write, ids=ids)
            _tell_change(frame) if "before" in parameters else tell(frame)
        tell_origin(frame, *sources)


def _made(
    sources: Sequence[Any],
    report: Callable[..., pd.DataFrame],
    parameters: Mapping[str, Any],
    named: dict[str, list[str] | None],
) -> pd.DataFrame:
    listings = [reports.Listings(source) for source in sources]
    given = {**parameters, **_chosen(named)}
    if "before" in parameters:
        return reports.compare(listings[0] if len(listings) == 1 else listings, report, **given)
    if len(listings) == 1:
        return report(listings[0], **given)
    return reports.across(listings, report, **given)


def _planned(
    sources: Sequence[Any],
    report: Callable[..., pd.DataFrame],
    parameters: Mapping[str, Any],
    named: dict[str, list[str] | None],
) -> Plan:
    one_or_all = sources[0] if len(sources) == 1 else sources
    given = {**parameters, **_chosen(named)}
    if "before" in parameters:
        return reports.plan(one_or_all, reports.compare, report=report, **given)
    return reports.plan(one_or_all, report, **given)


def _chosen(named: Mapping[str, list[str] | None]) -> dict[str, Any]:
    """Return the filters of a report, by the names or ids of each option."""
    return {f"{noun}s": typed(names) for noun, names in named.items() if names}


def _tell_hours(frame: pd.DataFrame, days: Mapping[str, Any]) -> None:
    tracked, told_ = total_hours(frame, "tracked"), known(frame, "billable_hours")
    share = ""
    if tracked and len(told_):
        billable = total_hours(told_, "billable")
        share = f", {format_hours(billable)} of it billable ({format_percent(billable / tracked)})"
    say(f"{_range(days)}: {format_hours(tracked)} in {_entries(frame)}{share}")


def tell_amounts(frame: pd.DataFrame, days: Mapping[str, Any]) -> None:
    """Say how much there is to bill, with a total for each currency."""
    billed = format_hours(total_hours(frame, "billed"), INVOICE_LINES["billed_hours"].decimals)
    say(f"{_range(days)}: {billed} to bill, from {_entries(frame)}")
    for _, lines in frame.groupby("currency", dropna=False):
        priced = known(lines, "amount")
        n_unknown = len(lines) - len(priced)
        unknown = f"the amount of {plural(n_unknown, 'line')} is not known"
        if priced.empty:
            say(f"{currency_of(lines)}: {unknown}")
            continue
        amount = format_money(total_amount(priced), currency_decimals(lines))
        more = f"; {unknown}" if n_unknown else ""
        say(f"{currency_of(lines)} {amount} on {plural(len(priced), 'line')}{more}")


def _tell_change(frame: pd.DataFrame) -> None:
    """Say how much more or less there is than before, and what was compared."""
    made = of(frame)
    begun = f", its {made['begun']}" if "begun" in made else ""
    say(f"{_range(made['filters'])}{begun}, compared with {_range(made['before'])}:")
    what = next(name for name in ("billed_hours", "tracked_hours") if name in frame)
    now, before = (exact_sum(floats(frame, what + when)) for when in ("", BEFORE))
    share = f" ({format_signed_percent((now - before) / before)})" if before else ""
    say(f"{format_hours(now)}, {format_signed_hours(now - before)}{share}")


def _tell_finishes(frame: pd.DataFrame) -> None:
    finished = int(frame["finish"].notna().sum())
    over = int((frame["budget_state"] == "over").sum())
    rest = len(frame) - finished - over
    say(
        f"{plural(len(frame), 'active project')}: {finished} with a finish date, {over} over the "
        f"estimate, {rest} without an estimate, or without hours in the last weeks"
    )


def _range(days: Mapping[str, Any]) -> str:
    return f"{days['start_date']} to {days['end_date']}"


def _entries(frame: pd.DataFrame) -> str:
    return plural(int(frame["n_entries"].sum()), "time entry", "time entries")
