"""The commands on agreements: retainers, and the balance of people's hours."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

from togglframe import reports
from togglframe.cli.endings import report_errors, say
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
from togglframe.cli.time_commands import (
    Clients,
    From,
    Out,
    Period,
    Projects,
    To,
    Users,
    answer,
)
from togglframe.cli.workspaces import Origin, today_of
from togglframe.errors import ConfigError
from togglframe.reports.selection import TypedName
from togglframe.tables.provenance import of
from togglframe.text.formats import format_hours, format_signed_hours, plural
from togglframe.text.measures import total_hours

__all__ = ["add_people_commands", "rows_of"]

_NAMES: Final = ("user", "project", "client")
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


def add_people_commands(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command()(retainer)
    app.command()(balance)


def retainer(  # noqa: PLR0917 -- options, not positions
    budgets: Budgets,
    workspace: WorkspaceIds = None,
    start: From = None,
    end: To = None,
    period: Period = None,
    every: EachOr = "month",
    carry: Carry = "none",
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
    """Show what is left of budgets by month, and what is carried over; by default this month.

    Example: togglframe retainer --budgets budgets.csv --period 2026-Q3 --carry unused
    """
    with report_errors(debug):
        days = days_of(start, end, period, today_of(today))
        answer(
            reports.retainer,
            {
                **days,
                "budgets": rows_of(budgets),
                "every": every,
                "carry": int(carry) if carry.isdecimal() else carry,
            },
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
            tell=_tell_retainers,
            ids=ids,
        )


def balance(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceIds = None,
    start: From = None,
    end: To = None,
    period: Period = None,
    every: EachOrWhole = "month",
    schedule: ScheduleOption = "40",
    holidays: HolidaysOption = None,
    absences: AbsencesOption = None,
    opening: OpeningOption = None,
    user: Users = None,
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
    """Show the hours that people owe and have worked; by default this month.

    Example: togglframe balance --schedule schedule.csv --holidays holidays.csv --period 2026
    """
    with report_errors(debug):
        days = days_of(start, end, period, today_of(today))
        answer(
            reports.balance,
            {
                **days,
                "schedule": _schedule(schedule),
                "every": None if every == _WHOLE else every,
                "holidays": () if holidays is None else rows_of(holidays),
                "absences": _absences(absences),
                "opening_hours": None if opening is None else _opening(opening),
            },
            Origin(
                workspaces=workspace,
                archive=archive,
                base_url=base_url,
                refresh=refresh,
                wait=wait,
                today=today,
                plan=plan,
            ),
            {"user": user},
            out,
            tell=_tell_balance,
            ids=ids,
        )


# --- files --------------------------------------------------------------------------------------


def rows_of(path: Path) -> pd.DataFrame:
    """Return the rows of a .csv or .toml file; its index says where each stands, for errors.

    Raises
    ------
    ConfigError
        If it is neither, or cannot be parsed.
    """
    if path.suffix.lower() == ".toml":
        return _of_toml(path)
    if path.suffix.lower() != ".csv":
        raise ConfigError(f"{path} needs to end in .csv or .toml")
    try:
        frame = pd.read_csv(path, dtype=str, skip_blank_lines=False, skipinitialspace=True)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    frame.index = pd.RangeIndex(2, len(frame) + 2, name=f"{path.name}, line")
    frame = frame.dropna(how="all")
    return _typed(frame)


def _of_toml(path: Path) -> pd.DataFrame:
    try:
        parsed = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: {error}") from error
    lists = [*parsed.values()]
    if len(lists) != 1 or not isinstance(lists[0], list):
        raise ConfigError(f"{path} needs one list of tables, such as [[row]], repeated")
    if not all(isinstance(row, dict) for row in lists[0]):
        raise ConfigError(f"{path} needs one list of tables, such as [[row]], repeated")
    frame = pd.DataFrame(lists[0], dtype=object)
    frame.index = pd.RangeIndex(1, len(frame) + 1, name=f"{path.name}, table")
    return _typed(frame)


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return rows with names as they are typed at a terminal, and hours as numbers."""
    converters = {**dict.fromkeys(_NAMES, _name), "hours": _hours}
    typed = {
        name: frame[name].astype(object).map(convert, na_action="ignore")
        for name, convert in converters.items()
        if name in frame
    }
    return frame.astype(object).assign(**typed)


def _name(text: Any) -> Any:
    return TypedName(text) if isinstance(text, str) else text


def _hours(text: Any) -> Any:
    """Return a number, or several that spaces separate; what is none is left for its error."""
    if not isinstance(text, str):
        return text
    try:
        numbers = [float(word) for word in text.split()]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else numbers


def _is_file(text: str) -> bool:
    return Path(text).suffix.lower() in {".csv", ".toml"}


def _schedule(text: str) -> Any:
    if _is_file(text):
        return rows_of(Path(text))
    hours = _hours(text)
    if isinstance(hours, str):
        raise ConfigError(
            f"--schedule takes the hours of a week, such as 38.5, or a file, not {text!r}"
        )
    return hours


def _absences(texts: list[str] | None) -> Any:
    files = [text for text in texts or () if _is_file(text)]
    if not files:
        return [TypedName(text) for text in texts or ()] or None
    if len(texts or ()) > 1:
        raise ConfigError("--absences takes one file, or projects and tags, not both")
    return rows_of(Path(files[0]))


def _opening(path: Path) -> dict[Any, Any]:
    frame = rows_of(path)
    if sorted(frame.columns) != ["hours", "user"]:
        raise ConfigError(f"{path} needs the columns user and hours")
    for where, hours in frame["hours"].items():
        if not isinstance(hours, float | int) or pd.isna(hours):
            raise ConfigError(f"{frame.index.name} {where}: hours must be a number, not {hours!r}")
    return dict(zip(frame["user"], frame["hours"], strict=True))


# --- what is said -------------------------------------------------------------------------------


def _tell_retainers(frame: pd.DataFrame) -> None:
    over = int((frame["state"] == "over").sum())
    tracked, budget = total_hours(frame, "tracked"), total_hours(frame, "budget")
    say(f"{_range(frame)}: {format_hours(tracked)} of {format_hours(budget)}, {over} times over")


def _tell_balance(frame: pd.DataFrame) -> None:
    known = frame.dropna(subset=["balance_hours"])
    change = format_signed_hours(float(known["balance_hours"].sum()))
    people = plural(frame["user_id"].nunique(), "person", "people")
    say(f"{_range(frame)}: {change} of {people}, tracked minus expected")


def _range(frame: pd.DataFrame) -> str:
    days = of(frame)["filters"]
    return f"{days['start_date']} to {days['end_date']}"
