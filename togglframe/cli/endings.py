"""What goes to which stream, and how a command ends.

Results go to stdout, everything else to stderr.
"""

from __future__ import annotations

import functools
import io
import os
import re
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from typing import Final, NoReturn, TextIO

import typer

from togglframe.errors import ConfigError, QuotaExceededError, StaleDataWarning, TogglframeError
from togglframe.text.formats import plural

_WAIT: Final = "--wait waits for the reset."
_PARAMETERS: Final = """
absences as_of audience budgets by capacity carry confidence cost_currency costs deadlines
due every format holidays issued labour_costs minimum_minutes paper period report round_each
rounding rounding_minutes schedule since today weeks
"""
_OPTIONS: Final = {  # by the names of parameters in errors
    "before": "--compare",
    "clients": "--client",
    "end_date": "--to",
    "opening_hours": "--opening",
    "projects": "--project",
    "start_date": "--from",
    "users": "--user",
    **{name: f"--{name.replace('_', '-')}" for name in _PARAMETERS.split()},
}
_PARAMETER: Final = re.compile(
    r"^\w+(?=[:,]| (must|has|takes|names|of user) )"
    r"|\b\w+=(?=[\s,.]|$)|\bcost_currency\b|\blabour_costs\b"
)
_TAB: Final = 4  # the spaces of a tab in an error, such as one of DuckDB
_UNFORESEEN: Final = ". This is unexpected; --debug shows where it happened."


class Ending(IntEnum):
    """The exit codes other than 0."""

    ERROR = 1
    WRONG_USE = 2
    QUOTA_USED_UP = 3
    OLD_DATA = 4
    NOT_AS_ASSUMED = 5


def main_of(app: Callable[[], object]) -> None:
    """Run a command line, and flush its output."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # names in a console that lacks their letters
    try:
        app()
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)


@contextmanager
def report_errors(
    debug: bool, *, can_wait: bool = False, has_parameters: bool = False
) -> Iterator[None]:
    """Print each warning and error as a sentence, and exit with the code that matches.

    Parameters
    ----------
    debug : bool
        Let an error pass with its traceback.
    can_wait : bool
        Whether the command has ``--wait``.
    has_parameters : bool
        Whether the command takes parameters by their names, which errors then name.
    """
    named = str if has_parameters else _by_options
    old_answers: list[StaleDataWarning] = []
    say_once = functools.cache(say)  # every report of a document may have the same gap

    def show(message: Warning | str, *_: object, **__: object) -> None:
        if isinstance(message, StaleDataWarning):
            old_answers.append(message)
        else:
            say_once(f"Warning: {printable(named(str(message)))}")

    with warnings.catch_warnings():
        warnings.simplefilter("always", StaleDataWarning)  # the exit code depends on them
        warnings.showwarning = show
        try:
            try:
                yield
            finally:
                _tell_of_old(old_answers)
        except (typer.Exit, typer.Abort):
            raise
        except QuotaExceededError as error:
            message = _quota_in_words(error, can_wait=can_wait)
            _fail(error, Ending.QUOTA_USED_UP, debug, message)
        except ConfigError as error:
            _fail(error, Ending.WRONG_USE, debug, named(str(error)))
        except OSError as error:
            _fail(error, Ending.ERROR, debug, _os_error_in_words(error))
        except (TogglframeError, ImportError) as error:
            _fail(error, Ending.ERROR, debug)
        except Exception as error:  # noqa: BLE001 -- whatever it is, this is where it ends
            _fail(error, Ending.ERROR, debug, f"{type(error).__name__}: {error}{_UNFORESEEN}")
    if old_answers:
        raise typer.Exit(Ending.OLD_DATA)


def _by_options(message: str) -> str:
    """Return a message about parameters with the names of their options."""
    return _PARAMETER.sub(lambda found: _OPTIONS.get(found[0].rstrip("="), found[0]), message)


def _tell_of_old(answers: list[StaleDataWarning]) -> None:
    """Say in one sentence that old answers were used, however many there were."""
    if len(answers) < 2:
        for answer in answers:
            say(f"Warning: {printable(str(answer))} {_WAIT}")
        return
    oldest = min(answer.fetched_at for answer in answers if answer.fetched_at is not None)
    endpoints = dict.fromkeys(answer.endpoint for answer in answers)
    resets_in = answers[-1].resets_in
    when = "" if resets_in is None else f"; the quota resets in {_minutes(resets_in)}"
    say(
        "Warning: the hourly quota is used up, so older answers from the cache are used, the "
        f"oldest from {oldest:%Y-%m-%d %H:%M} UTC: {printable(', '.join(endpoints))}{when}. "
        f"{_WAIT}"
    )


def _quota_in_words(error: QuotaExceededError, *, can_wait: bool) -> str:
    """Return what a used-up quota means, and what to type next."""
    when = "later" if error.resets_in is None else f"in {_minutes(error.resets_in)}"
    wait = ", or add --wait" if can_wait else ""
    reason = (
        f"{error.message[:1].upper()}{error.message[1:].rstrip('.')}. " if error.message else ""
    )
    return f"{reason}The hourly quota is used up: run it again {when}{wait}."


def _minutes(seconds: int) -> str:
    return plural(max(-(-seconds // 60), 1), "minute")


def _os_error_in_words(error: OSError) -> str:
    """Return an error of the operating system without its number."""
    if error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.filename}: {error.strerror}"


def _fail(error: Exception, code: Ending, debug: bool, message: str | None = None) -> NoReturn:
    if debug:
        raise error
    say(f"Error: {printable((message or str(error)).expandtabs(_TAB))}")
    raise typer.Exit(code) from error


def print_line(text: str) -> None:
    """Write a line of the result to stdout."""
    _write_line(text, sys.stdout)


def say(text: str) -> None:
    """Write any other message to stderr."""
    _write_line(text, sys.stderr)


def printable(text: str) -> str:
    """Replace unprintable characters, so that data cannot control the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _write_line(text: str, stream: TextIO) -> None:
    """Write a line; carry on if nobody reads the stream any more."""
    try:
        typer.echo(text, file=stream)
    except BrokenPipeError:
        _let_go(stream)


def _flush(stream: TextIO | None) -> None:
    """Flush a stream here, so that Python does not complain about it at exit."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        _let_go(stream)


def _let_go(stream: TextIO) -> None:
    """Discard everything still to be written to a stream."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())
