"""The commands over time: hours, timesheet, invoice and forecast."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from togglframe import reports
from togglframe.cli.endings import print_line, report_errors, say
from togglframe.cli.files import hand_over, writer_of
from togglframe.cli.options import (
    ArchiveFolder,
    BaseUrl,
    Debug,
    Refresh,
    Today,
    Wait,
    WorkspaceIds,
)
from togglframe.cli.printing import Ids
from togglframe.cli.ranges import days_of
from togglframe.cli.selection import ids_of
from togglframe.cli.workspaces import Origin, tell_origin, today_of
from togglframe.errors import ConfigError
from togglframe.reports._entries import GROUPS, check_every, group_list
from togglframe.reports.invoicing import minutes_of
from togglframe.reports.periods import FORMS
from togglframe.tables import INVOICE_LINES
from togglframe.text.formats import format_hours, format_money, format_percent, plural
from togglframe.text.measures import currency_decimals, known, total_amount, total_hours
from togglframe.text.names import currency_of
from togglframe.text.scope import nothing_tracked

__all__ = ["From", "Period", "To", "add_time_commands", "range_of", "tell_amounts"]

From = Annotated[str | None, typer.Option("--from", help="The first day, such as 2026-10-01.")]
To = Annotated[str | None, typer.Option("--to", help="The last day, included; by default today.")]
Period = Annotated[
    str | None,
    typer.Option(help=f"The range instead: {FORMS}."),
]
By = Annotated[
    str, typer.Option(help=f"What to group by, separated by commas: {', '.join(GROUPS)}.")
]
Every = Annotated[str | None, typer.Option(help="One row for each day, week or month.")]
Users = Annotated[
    list[str] | None,
    typer.Option("--user", help="Only this user, by name, part of a name, or id; may be repeated."),
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
_NAMES: Final = {"user": ("users", "fullname"), "client": ("clients", "name")}


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
    debug: Debug = False,
) -> None:
    """Sum hours by user, project and so on, and by period; by default by user for this month.

    Example: togglframe hours --by user,project --every week --period last-month
    """
    with report_errors(debug):
        groups = _groups("hours", by)
        check_every(every)
        days = days_of(start, end, period, today_of(today))
        _answer(
            reports.hours,
            {**days, "by": groups, "every": every},
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
            ),
            {"user": user, "client": client, "project": project},
            out,
            tell=lambda frame: _tell_hours(frame, days),
            ids=ids,
        )


def timesheet(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceIds = None,
    start: From = None,
    end: To = None,
    period: Period = None,
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
    debug: Debug = False,
) -> None:
    """Show the start and end of each working day, its breaks and overlaps; by default this week.

    Example: togglframe timesheet --user "Anna Keller" --period last-week
    """
    with report_errors(debug):
        days = days_of(start, end, period, today_of(today), default="this-week")
        _answer(
            reports.timesheet,
            days,
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
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
    by: By = "project,user",
    rounding: Annotated[
        str | None,
        typer.Option(help="How each entry is rounded: up, nearest or down; by default not at all."),
    ] = None,
    rounding_minutes: Annotated[
        int | None, typer.Option(help="The minutes to round to; with --rounding, by default 15.")
    ] = None,
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
    debug: Debug = False,
) -> None:
    """List what to invoice: billable hours by client and rate; by default for last month.

    Example: togglframe invoice --client Northwind --period 2026-10 --rounding up
    """
    with report_errors(debug):
        groups = _groups("invoice_lines", by)
        minutes_of(rounding, rounding_minutes)  # before anything is asked for
        days = days_of(start, end, period, today_of(today), default="last-month")
        options = {"by": groups, "rounding": rounding, "rounding_minutes": rounding_minutes}
        _answer(
            reports.invoice_lines,
            {**days, **options},
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
            ),
            {"user": user, "client": client, "project": project},
            out,
            tell=lambda frame: tell_amounts(frame, days),
            ids=ids,
        )


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
    debug: Debug = False,
) -> None:
    """Forecast when active projects will have used up their estimates, if the pace continues.

    Example: togglframe forecast --client Northwind --weeks 12
    """
    with report_errors(debug):
        _answer(
            reports.forecast,
            {"as_of": as_of, "weeks": weeks, "confidence": confidence},
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
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


def _groups(name: str, by: str) -> list[str]:
    groups = group_list(name, [word.strip() for word in by.split(",") if word.strip()])
    if not groups:
        raise ConfigError(f"--by is empty; it takes {', '.join(GROUPS)}")
    return groups


def _answer(
    report: Callable[..., pd.DataFrame],
    parameters: Mapping[str, Any],
    origin: Origin,
    named: dict[str, list[str] | None],
    out: Path | None,
    *,
    tell: Callable[[pd.DataFrame], None],
    ids: bool,
) -> None:
    """Make a report of one source or across several, and print it or write it to a file."""
    write = None if out is None else writer_of(out)
    with origin.opened() as sources:
        frame = _made(sources, report, parameters, named)
        if frame.empty and write is None and "start_date" in parameters:
            print_line(f"{nothing_tracked(parameters)}.")
        else:
            hand_over(frame, out, write, ids=ids)
            tell(frame)
        tell_origin(frame, *sources)


def _made(
    sources: Sequence[Any],
    report: Callable[..., pd.DataFrame],
    parameters: Mapping[str, Any],
    named: dict[str, list[str] | None],
) -> pd.DataFrame:
    listings = [reports.Listings(source) for source in sources]
    if len(listings) == 1 and not listings[0].workspaces:
        return report(listings[0], **parameters, **_ids(listings[0], named))
    if given := [f"--{entity}" for entity, names in named.items() if names]:
        raise ConfigError(f"{given[0]} needs a single --workspace")
    if len(listings) == 1:
        return report(listings[0], **parameters)
    return reports.across(sources, report, **parameters)


def _ids(listings: reports.Listings, named: dict[str, list[str] | None]) -> dict[str, list[int]]:
    """Return the ids of users, clients and projects by name or id."""
    return {
        f"{entity}s": _ids_of(listings, entity, given) for entity, given in named.items() if given
    }


def _ids_of(listings: reports.Listings, entity: str, given: list[str]) -> list[int]:
    """Return ids, and look up names."""
    if all(text.isascii() and text.isdigit() for text in given):
        return [int(text) for text in given]
    return ids_of(entity, tuple(given), _named(listings, entity))


def _named(listings: reports.Listings, entity: str) -> pd.DataFrame:
    listing, name = _NAMES.get(entity, (f"{entity}s", "name"))
    frame: pd.DataFrame = getattr(listings, listing)
    return frame[["id", name]].rename(columns={"id": f"{entity}_id", name: entity})


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
