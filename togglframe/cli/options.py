"""The options of the commands, and what their values mean."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from enum import StrEnum
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import pandas as pd
import typer

import togglframe as tf
from togglframe import reports
from togglframe._renamed import refuse_range
from togglframe.api import filters, search
from togglframe.api.endpoint import Endpoint
from togglframe.cli.selection import typed
from togglframe.errors import ConfigError
from togglframe.export.html.writing import require_libraries
from togglframe.export.portfolio import check_sections
from togglframe.http.quota import Plan
from togglframe.reports.names import FILTERS
from togglframe.reports.periods import FORMS
from togglframe.reports.selection import TypedName
from togglframe.text.guesses import did_you_mean

_BOOLEANS: Final[dict[str, bool | None]] = {"true": True, "false": False, "none": None}


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
    """Who reads a page."""

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
        help="The workspace: the number in the address of its reports; repeat it for several.",
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

FRAMES: Final[dict[str, str]] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": name
    for module in (filters, search, reports)
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
    and name not in {"across", "compare", "plan", "retainer"}
}


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
        return {f"{noun}s": typed(names) for noun, names in asdict(self).items() if names}


def with_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the fields of each dataclass among its parameters as options."""
    parameters = inspect.signature(command, eval_str=True).parameters
    types: dict[str, Any] = {one.name: one.annotation for one in parameters.values()}
    groups: dict[str, Any] = {name: one for name, one in types.items() if is_dataclass(one)}
    shared = [one for group in groups.values() for one in _fields(group)]
    own = [one for one in parameters.values() if one.name not in groups]

    @wraps(command)
    def call(**values: Any) -> None:
        made = {
            name: group(**{one.name: values.pop(one.name) for one in _fields(group)})
            for name, group in groups.items()
        }
        command(**made, **values)

    options = [one.replace(kind=one.KEYWORD_ONLY) for one in (*own, *shared)]
    call.__signature__ = inspect.Signature(options)  # type: ignore[attr-defined]
    return call


def _fields(group: Any) -> Iterable[inspect.Parameter]:
    return inspect.signature(group, eval_str=True).parameters.values()


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


def document_of(
    formats: list[FileFormat],
    *,
    audience: AudienceName | None,
    sections: str | None,
    people: bool,
    rates: bool,
    paper: str,
) -> dict[str, Any]:
    """Return the arguments of a workbook or page from its options; refuse them without one."""
    names = None if sections is None else [one.strip() for one in sections.split(",")]
    words: Any = names and [one.lower().replace("-", "_") for one in names if one]
    given = {
        "audience": None if audience is None else audience.value,
        "sections": check_sections(words),
        "people": people,
        "rates": rates,
        "paper": paper,
    }
    usual = {"audience": None, "sections": None, "people": True, "rates": False, "paper": "A4"}
    if given != usual and not {FileFormat.XLSX, FileFormat.HTML} & {*formats}:
        named = next(name for name in given if given[name] != usual[name])
        option = "--no-people" if named == "people" else f"--{named}"
        raise ConfigError(f"{option} applies to a workbook or a page: add xlsx or html to --format")
    return given


def capacity_of(text: str | None) -> dict[str, dict[str, Any]]:
    """Return the options of the reports on utilisation from ``--capacity``."""
    if text is None:
        return {}
    return {"utilisation": {"capacity": _capacity(text)}}


def _capacity(text: str) -> object:
    if Path(text).suffix.lower() == ".csv":
        rows = pd.read_csv(text, index_col=0, dtype={0: str})
        return {
            None if pd.isna(name) else TypedName(name): [*hours] if len(hours) > 1 else hours[0]
            for name, *hours in rows.itertuples()
        }
    try:
        return float(text)
    except ValueError as error:
        raise ConfigError(
            f"--capacity takes the hours of a week, such as 38.5, or a .csv file, not {text!r}"
        ) from error


def frames_in_words() -> str:
    """Return the names of all frames, one paragraph per module."""
    modules: dict[str, list[str]] = {}
    for full_name, name in FRAMES.items():
        modules.setdefault(full_name.partition(".")[0], []).append(name)
    return "\n\n".join(f"{module}: {', '.join(names)}" for module, names in modules.items())


def frame_function(name: str) -> Callable[..., pd.DataFrame]:
    """Return the function that makes a frame."""
    if name not in FRAMES:
        guess = did_you_mean(name, FRAMES) or "; togglframe frames --help lists them"
        raise ConfigError(f"there is no frame {name!r}{guess}")
    module = {"filters": filters, "search": search, "reports": reports}[name.partition(".")[0]]
    function: Callable[..., pd.DataFrame] = getattr(module, FRAMES[name])
    return function


def plan_of_frame(name: str, source: Any, **arguments: Any) -> Plan:
    """Return what a frame, of an endpoint or a report, would cost."""
    function = frame_function(name)
    if name.startswith("reports."):
        return reports.plan(source, function, **arguments)
    endpoint: Endpoint = getattr(inspect.getmodule(function), function.__name__.upper())
    defaults = inspect.signature(function).parameters.values()
    known = {one.name: one.default for one in defaults if one.default is not one.empty}
    return endpoint.plan(source, **{**known, **arguments})


def arguments_of(
    name: str, function: Callable[..., pd.DataFrame], where: list[str]
) -> dict[str, object]:
    """Return the arguments named by ``--where``, each converted for its parameter."""
    names = {"Workspace": tf.Workspace}  # which the modules of endpoints import for types alone
    known = list(inspect.signature(function, locals=names, eval_str=True).parameters.values())[1:]
    by_name = {parameter.name: parameter.annotation for parameter in known}
    arguments = {}
    for text in where:
        argument, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--where takes name=value, not {text!r}")
        if argument not in by_name:
            refuse_range(function.__name__, [argument])
            raise ConfigError(
                f"{name} has no parameter {argument}; it has {', '.join(by_name) or 'none'}"
                f"{did_you_mean(argument, by_name)}"
            )
        if argument in arguments:
            raise ConfigError(f"--where {argument} is given twice; lists are written as ids=1,2")
        arguments[argument] = _argument(argument, value, by_name[argument])
    return arguments


def _argument(name: str, text: str, annotation: Any) -> object:
    """Convert the value of an option for a parameter with this annotation."""
    kinds = {*get_args(annotation), annotation}
    convert: Callable[[str], object] = int
    wanted = "a whole number"
    if name in FILTERS:
        return typed(item.strip() for item in text.split(","))
    if any(get_origin(kind) in {Sequence, Iterable} and _is_of_strings(kind) for kind in kinds):
        return [item.strip() for item in text.split(",") if item.strip()]
    if str in kinds or Literal in {get_origin(kind) for kind in kinds}:
        return text
    if bool in kinds:
        convert, wanted = _BOOLEANS.__getitem__, "true or false"
    elif float in kinds:
        convert, wanted = float, "a number"
    elif pd.Series in kinds:
        convert, wanted = _ids, "a list of whole numbers, such as 1,2"
    try:
        return convert(text.strip().lower())
    except (KeyError, ValueError) as error:
        raise ConfigError(f"--where {name} takes {wanted}, not {text!r}") from error


def _is_of_strings(kind: Any) -> bool:
    """Return whether an annotation is a sequence of strings, literals or days."""
    (item,) = get_args(kind)
    parts = (item, *get_args(item))
    return str in parts or Literal in {get_origin(part) for part in parts}


def _ids(text: str) -> list[int]:
    return [int(item) for item in text.strip("[]").split(",") if item.strip()]
