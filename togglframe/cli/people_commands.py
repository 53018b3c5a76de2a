"""The commands on agreements and costs: retainers, balances of hours, and profits."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from togglframe import reports
from togglframe.cli.endings import say
from togglframe.cli.options import Days, Users, with_options
from togglframe.cli.ranges import days_of
from togglframe.cli.rows import is_file, rows_of, rows_or_numbers
from togglframe.cli.selection import typed
from togglframe.cli.time_commands import RangedReport, Report, scope_of, tell_money
from togglframe.errors import ConfigError
from togglframe.reports.selection import TypedName
from togglframe.tables.provenance import of
from togglframe.text.formats import format_hours, format_signed_hours, plural
from togglframe.text.measures import floats, total_hours
from togglframe.text.scope import nothing_tracked

__all__ = ["balance", "profitability", "retainer"]

_WHOLE: Final = "whole"

Budgets = Annotated[
    Path,
    typer.Option(
        help="A .csv or .toml file of budgets: project or client, hours, and optionally from, the "
        "day from whose period on they hold."
    ),
]
Carry = Annotated[
    str,
    typer.Option(
        help="What is carried into the next period: none, unused, both (overruns too), or for how "
        "many periods unused hours live."
    ),
]
ScheduleOption = Annotated[
    str,
    typer.Option(
        help="The hours of a week, such as 38.5; or a .csv or .toml file: user (empty for all "
        "others), hours of a week or of its seven days, and optionally from and to."
    ),
]
AbsencesOption = Annotated[
    list[str] | None,
    typer.Option(
        help="A .csv or .toml file of absences: user, date, and optionally hours; or a project or "
        "tag whose entries are time off, which may be repeated."
    ),
]
HolidaysOption = Annotated[
    Path | None,
    typer.Option(help="A .csv or .toml file of holidays: date, and optionally user."),
]
OpeningOption = Annotated[
    Path | None,
    typer.Option("--opening", help="A .csv or .toml file of balances before: user, hours."),
]
EachOr = Annotated[str, typer.Option(help="One row for each day, week, month, quarter or year.")]
EachOrWhole = Annotated[
    str,
    typer.Option(
        help="One row for each day, week, month, quarter or year; or whole: one for each person."
    ),
]
LabourCosts = Annotated[
    str | None,
    typer.Option(
        help="What an hour costs where Toggl does not know it, such as 45; or a .csv or .toml file "
        "of costs instead of those in Toggl: user (empty for all others), labour_cost, and "
        "optionally project."
    ),
]
CostCurrency = Annotated[
    str | None, typer.Option(help="The currency of --labour-costs, such as EUR.")
]
Costs = Annotated[
    str,
    typer.Option(help="memberships: the labour costs of today; toggl: what Toggl says it cost."),
]
ProfitBy = Annotated[str, typer.Option(help="What a row is: project or client.")]


@with_options
def retainer(
    options: RangedReport, *, budgets: Budgets, every: EachOr = "month", carry: Carry = "none"
) -> None:
    """Show what is left of budgets by month, and what is carried over; by default this month.

    Example: togglframe retainer --budgets budgets.csv --period 2026-Q3 --carry unused
    """
    options.run(
        reports.retainer,
        _summarise_retainers,
        budgets=rows_of("--budgets", budgets),
        every=every,
        carry=int(carry) if carry.isdecimal() else carry,
        **options.covered(),
    )


@with_options
def balance(
    options: Report,
    days: Days,
    *,
    every: EachOrWhole = "month",
    schedule: ScheduleOption = "40",
    holidays: HolidaysOption = None,
    absences: AbsencesOption = None,
    opening: OpeningOption = None,
    user: Users = None,
) -> None:
    """Show the hours that people owe and have worked; by default this month.

    Example: togglframe balance --schedule schedule.csv --holidays holidays.csv --period 2026
    """
    options.run(
        reports.balance,
        _summarise_balance,
        schedule=rows_or_numbers("--schedule", schedule),
        every=None if every == _WHOLE else every,
        holidays=() if holidays is None else rows_of("--holidays", holidays),
        absences=_absences(absences or []),
        opening_hours=None if opening is None else rows_of("--opening", opening),
        users=typed(user),
        **days_of(days, options.today),
    )


@with_options
def profitability(
    options: RangedReport,
    *,
    by: ProfitBy = "project",
    labour_costs: LabourCosts = None,
    cost_currency: CostCurrency = None,
    costs: Costs = "memberships",
) -> None:
    """Compare what projects or clients earn with what they cost; by default this month.

    Example: togglframe profitability --labour-costs costs.csv --cost-currency EUR --by client
    """
    own = None if labour_costs is None else rows_or_numbers("--labour-costs", labour_costs)
    if isinstance(own, list):
        raise ConfigError(f"--labour-costs takes one number, or a file, not {labour_costs!r}")
    options.run(
        reports.profitability,
        _summarise_profits,
        labour_costs=own,
        cost_currency=cost_currency,
        costs=costs,
        by=by,
        **options.covered(),
    )


def _absences(texts: list[str]) -> Any:
    if not any(map(is_file, texts)):
        return [TypedName(text) for text in texts] or None
    if len(texts) > 1:
        raise ConfigError("--absences takes one file, or projects and tags, not both")
    return rows_of("--absences", Path(texts[0]))


def _summarise_retainers(frame: pd.DataFrame) -> None:
    if not floats(frame, "tracked_hours").any():
        nothing = nothing_tracked(of(frame)["filters"], of(frame).get("today"))
        say(f"{nothing}, so all that is available is left.")
        return
    over = int((frame["state"] == "over").sum())
    tracked, budget = total_hours(frame, "tracked"), total_hours(frame, "budget")
    used = f"{format_hours(tracked)} of {format_hours(budget)}"
    say(f"{scope_of(frame)}: {used}; over in {over} of {plural(len(frame), 'row')}")


def _summarise_balance(frame: pd.DataFrame) -> None:
    balances = frame["balance_hours"].dropna()
    people = plural(frame["user_id"].nunique(), "person", "people")
    if balances.empty:
        say(f"{scope_of(frame)}: the balance of {people} is not known")
        return
    change = format_signed_hours(float(balances.sum()))
    say(f"{scope_of(frame)}: {change} of {people}, tracked minus expected")


def _summarise_profits(frame: pd.DataFrame) -> None:
    say(f"{scope_of(frame)}: {format_hours(total_hours(frame, 'tracked'))}")
    tell_money(frame, "profit", "of profit in", "row")
