"""The command that fetches any frame, of an endpoint or a report, by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import pandas as pd
import typer

import togglframe as tf
from togglframe import reports
from togglframe._renamed import refuse_range
from togglframe.api import filters, search
from togglframe.api.endpoint import Endpoint
from togglframe.cli.endings import print_line
from togglframe.cli.files import hand_over, writer_of
from togglframe.cli.options import with_options
from togglframe.cli.selection import typed
from togglframe.cli.time_commands import Report
from togglframe.cli.workspaces import tell_origin
from togglframe.errors import ConfigError
from togglframe.http.quota import Plan
from togglframe.reports.names import FILTERS
from togglframe.text.guesses import did_you_mean

__all__ = ["FRAMES", "frames", "frames_in_words"]

_BOOLEANS: Final[dict[str, bool | None]] = {"true": True, "false": False, "none": None}
FRAMES: Final[dict[str, Callable[..., pd.DataFrame]]] = {
    f"{module.__name__.rpartition('.')[2]}.{name}": getattr(module, name)
    for module in (filters, search, reports)
    for name in module.__all__
    if inspect.isfunction(getattr(module, name))
    and name not in {"across", "compare", "plan", "retainer"}
}


@with_options
def frames(
    name: Annotated[
        str, typer.Argument(help="The frame, such as reports.client_budget or filters.projects.")
    ],
    options: Report,
    *,
    where: Annotated[
        list[str] | None,
        typer.Option(help="A parameter, as name=value; ids as ids=1,2. May be repeated."),
    ] = None,
) -> None:
    """Fetch one frame, of an endpoint or a report, and print it or write it to a file.

    Example: togglframe frames filters.projects --where currency=EUR --out projects.csv
    """
    if name not in FRAMES:
        guess = did_you_mean(name, FRAMES) or "; togglframe frames --help lists them"
        raise ConfigError(f"there is no frame {name!r}{guess}")
    function = FRAMES[name]
    arguments = _arguments(name, function, where or [])
    write = writer_of(options.out)
    if options.archive is not None and not name.startswith("reports."):
        raise ConfigError(f"{name} needs the API; only reports can read an archive")
    with options.opened_one("a frame") as source:
        if options.plan:
            print_line(str(_planned(name, source, arguments)))
            return
        frame = function(source, **arguments)
        hand_over(frame, options.out, write, ids=options.ids)
        tell_origin(frame, source)


def frames_in_words() -> str:
    """Return the names of all frames, one paragraph per module."""
    modules: dict[str, list[str]] = {}
    for module, _, name in (frame.partition(".") for frame in FRAMES):
        modules.setdefault(module, []).append(name)
    return "\n\n".join(f"{module}: {', '.join(names)}" for module, names in modules.items())


def _planned(name: str, source: Any, arguments: dict[str, Any]) -> Plan:
    """Return what a frame would cost."""
    function = FRAMES[name]
    if name.startswith("reports."):
        return reports.plan(source, function, **arguments)
    endpoint: Endpoint = getattr(inspect.getmodule(function), function.__name__.upper())
    defaults = inspect.signature(function).parameters.values()
    known = {one.name: one.default for one in defaults if one.default is not one.empty}
    return endpoint.plan(source, **{**known, **arguments})


def _arguments(
    name: str, function: Callable[..., pd.DataFrame], where: list[str]
) -> dict[str, Any]:
    """Return the arguments named by ``--where``, each converted for its parameter."""
    names = {"Workspace": tf.Workspace}  # which the modules of endpoints import for types alone
    known = list(inspect.signature(function, locals=names, eval_str=True).parameters.values())[1:]
    by_name = {parameter.name: parameter.annotation for parameter in known}
    arguments: dict[str, Any] = {}
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
    for one in known:
        if one.kind is one.KEYWORD_ONLY and one.default is one.empty and one.name not in arguments:
            raise ConfigError(f"{name} needs {one.name}: add --where {one.name}=…")
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
