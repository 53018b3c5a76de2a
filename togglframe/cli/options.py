"""The options of the commands, and what their values mean."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

import togglframe as tf
from togglframe.cli.endings import report_errors
from togglframe.cli.rows import capacity_of
from togglframe.cli.selection import typed
from togglframe.errors import ConfigError
from togglframe.export.destination import check_paper
from togglframe.export.html.writing import require_libraries
from togglframe.export.portfolio import check_sections
from togglframe.reports.periods import FORMS


class FileFormat(StrEnum):
    """The formats a report can be written in."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"
    PNG = "png"
    SVG = "svg"
    HTML = "html"


class DemoPlan(StrEnum):
    """The plans of the sandbox."""

    FREE = "free"
    STARTER = "starter"
    PREMIUM = "premium"


class AudienceName(StrEnum):
    """Who reads a workbook or a page."""

    TEAM = "team"
    CLIENT = "client"


WorkspaceId = Annotated[
    int | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="TOGGL_WORKSPACE_ID",
        help="The workspace: the number in the address of its reports.",
    ),
]
WorkspaceIds = Annotated[
    list[int] | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="TOGGL_WORKSPACE_ID",
        help="The workspace: the number in the address of its reports; may be repeated for a "
        "table of several workspaces.",
    ),
]
ArchiveFolder = Annotated[
    Path | None, typer.Option("--archive", help="Read this archive instead of the workspace.")
]
BaseUrl = Annotated[
    str | None,
    typer.Option(help="Another server that speaks the Reports API; by default TOGGL_BASE_URL."),
]
From = Annotated[str | None, typer.Option("--from", help="The first day, such as 2026-10-01.")]
To = Annotated[str | None, typer.Option("--to", help="The last day, included; by default today.")]
Period = Annotated[str | None, typer.Option(help=f"The range instead: {FORMS}.")]
Paper = Annotated[str, typer.Option(help="The page to print on: A4 or Letter.")]
Users = Annotated[
    list[str] | None,
    typer.Option(
        "--user",
        help="Only this user, by name, e-mail address, part of these, or id; may be repeated.",
    ),
]
Clients = Annotated[
    list[str] | None,
    typer.Option(
        "--client", help="Only this client, by name, part of a name, or id; may be repeated."
    ),
]
Projects = Annotated[
    list[str] | None,
    typer.Option(
        "--project", help="Only this project, by name, part of a name, or id; may be repeated."
    ),
]
Out = Annotated[
    Path | None, typer.Option(help="A .csv, .xlsx or .parquet file to write instead of printing.")
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fetch cached answers again.")]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait", help="Wait for the quota to reset, an hour at most, and use no old answers."
    ),
]
Dated = Annotated[
    bool, typer.Option("--dated", help="Put the local day of the run into the file names.")
]
Today = Annotated[
    str | None,
    typer.Option(
        "--today", help="The day to count from, such as 2026-11-26; by default this machine's day."
    ),
]
PlanOnly = Annotated[
    bool, typer.Option("--plan", help="Print what it would cost now, and send nothing.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Formats = Annotated[
    str,
    typer.Option(
        "--format", "-f", help="Any of xlsx, csv, parquet, png, svg, html, separated by commas."
    ),
]
Html = Annotated[bool, typer.Option("--html", help="Also write an HTML page to send, as one file.")]
Top = Annotated[
    str | None,
    typer.Option(help="How many projects the chart draws, such as 50, or all; by default 20."),
]
Sheets = Annotated[
    str | None,
    typer.Option(help="Only these sheets of the workbook, such as Summary,Budget,Clients."),
]
CapacityOption = Annotated[
    str | None,
    typer.Option(
        "--capacity",
        help="The hours that people can work in a week, such as 38.5; or a .csv file: names, "
        "e-mail addresses or ids, each with the hours of a week or of its seven days; an empty "
        "name stands for all others.",
    ),
]
AudienceOption = Annotated[
    AudienceName | None,
    typer.Option(help="Who reads it; by default the client if it is of one, else the team."),
]
SectionsOption = Annotated[
    str | None,
    typer.Option("--sections", help="Only these sections, such as figures,weeks,projects."),
]
PeopleOption = Annotated[
    bool, typer.Option("--people/--no-people", help="Whether to name who worked.")
]
RatesOption = Annotated[
    bool,
    typer.Option(
        "--rates", help="Also show rates; for the team also labour costs and e-mail addresses."
    ),
]


@dataclass(frozen=True, kw_only=True)
class Days:
    """A range of days."""

    start: From = None
    end: To = None
    period: Period = None


@dataclass(frozen=True, kw_only=True)
class Filters:
    """The users, clients and projects that a report covers."""

    user: Users = None
    client: Clients = None
    project: Projects = None

    @property
    def named(self) -> dict[str, Any]:
        """The filters as reports take them, by the names or ids of each option."""
        nouns = [one.name for one in fields(Filters)]
        return {f"{noun}s": typed(getattr(self, noun)) for noun in nouns if getattr(self, noun)}


@dataclass(frozen=True, kw_only=True)
class Document:
    """What a workbook or a page shows."""

    audience: AudienceOption = None
    sections: SectionsOption = None
    people: PeopleOption = True
    rates: RatesOption = False
    paper: Paper = "A4"
    capacity: CapacityOption = None

    @property
    def changed(self) -> list[str]:
        """The options that differ from their defaults."""
        usual = asdict(Document())
        names = [name for name, value in asdict(self).items() if value != usual[name]]
        return ["--no-people" if name == "people" else f"--{name}" for name in names]

    def arguments(self) -> dict[str, Any]:
        """Return the options as `to_excel` and `to_html` take them."""
        check_paper(self.paper)  # before any request is spent
        arguments = asdict(self)
        capacity = arguments.pop("capacity")
        arguments["options"] = {}
        if capacity is not None:
            arguments["options"] = {"utilisation": {"capacity": capacity_of(capacity)}}
        if self.sections is not None:
            words = self.sections.lower().replace("-", "_").split(",")
            names: list[Any] = [word.strip() for word in words if word.strip()]
            arguments["sections"] = check_sections(names)
        return arguments


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Report a command's errors, and give it the fields of dataclasses among its parameters.

    Its options are those fields, its own, and ``--debug``.
    """
    parameters = inspect.signature(command, eval_str=True).parameters
    types: dict[str, Any] = {one.name: one.annotation for one in parameters.values()}
    groups: dict[str, Any] = {name: one for name, one in types.items() if is_dataclass(one)}
    shared = [one for group in groups.values() for one in _fields(group)]
    own = [one for one in parameters.values() if one.name not in groups]

    @wraps(command)
    def call(**values: Any) -> None:
        errors = report_errors(
            values.pop("debug"), can_wait="wait" in values, has_parameters="where" in values
        )
        made = {
            name: group(**{one.name: values.pop(one.name) for one in _fields(group)})
            for name, group in groups.items()
        }
        with errors:
            command(**made, **values)

    debug = inspect.Parameter(
        "debug", inspect.Parameter.KEYWORD_ONLY, default=False, annotation=Debug
    )
    options = [one.replace(kind=one.KEYWORD_ONLY) for one in (*own, debug, *shared)]
    call.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    return call


def _fields(group: Any) -> list[inspect.Parameter]:
    types = get_type_hints(group, include_extras=True)  # a subclass may be of another module
    parameters = inspect.signature(group).parameters.values()
    return [one.replace(annotation=types[one.name]) for one in parameters]


def formats_of(text: str, *, has_page: bool = False) -> list[FileFormat]:
    """Return the formats named by ``--format`` and ``--html``, once each."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    names += [FileFormat.HTML] if has_page else []
    unknown = sorted(set(names) - set(FileFormat))
    if unknown or not names:
        raise ConfigError(
            f"--format takes {', '.join(FileFormat)}, not {', '.join(unknown) or 'nothing'}"
        )
    if FileFormat.PARQUET in names:
        tf.export.parquet.require_pyarrow()  # before any request is spent
    if FileFormat.HTML in names:
        require_libraries()
    return [FileFormat(name) for name in dict.fromkeys(names)]


def top_of(text: str | None, formats: list[FileFormat]) -> dict[str, int | None]:
    """Return the chart's `top` argument from ``--top``; empty without the option."""
    if text is None:
        return {}
    if not {FileFormat.PNG, FileFormat.SVG} & {*formats}:
        raise ConfigError("--top applies to the chart: add png or svg to --format")
    word = text.strip().lower()
    if word == "all":
        return {"top": None}
    if not word.isdecimal() or int(word) < 1:
        raise ConfigError(f"--top takes a whole number from 1, or all, not {text!r}")
    return {"top": int(word)}
