"""The command line: ``togglframe demo | report | frames | quota | cache | sandbox``.

Results go to stdout, everything else to stderr. The exit code is 0, 1 for an error, 2 for a wrong
use and 3 when the quota is used up.
"""

from __future__ import annotations

import inspect
import io
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Literal, NoReturn, TextIO, get_args, get_origin

import pandas as pd
import typer

import togglframe as tf
from togglframe import filters, reports, search
from togglframe.atomic import target
from togglframe.errors import ConfigError, QuotaExceededError, TogglframeError
from togglframe.provenance import facts_of, of
from togglframe.words.formats import format_hours, format_percent, plural
from togglframe.words.names import count_cells, names_of, shorten
from togglframe.workspace import BASE_URL, Workspace

__all__ = ["app", "main"]

ERROR: Final = 1
WRONG_USE: Final = 2
QUOTA_USED_UP: Final = 3

_SHOWN_ROWS: Final = 20
_MOST_ROWS: Final = 100  # on a terminal; a pipe gets all
_NAME_WIDTH: Final = 40
_PORTFOLIO: Final = "portfolio"
_UNFORESEEN: Final = ". This was not foreseen; --debug shows where it happened."
_MEASURES: Final = {
    "tracked_hours": "tracked h",
    "estimated_hours": "estimate h",
    "progress": "progress",
    "overrun_hours": "over h",
}
_BOOLS: Final[dict[str, bool | None]] = {"true": True, "false": False, "none": None}

app = typer.Typer(
    name="togglframe",
    help="Toggl Track reports: budgets against tracked time, charts and workbooks.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cache_app = typer.Typer(help="Look at the cached answers, or delete them.", no_args_is_help=True)
app.add_typer(cache_app, name="cache")


class FileFormat(StrEnum):
    """What a report can be written as."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"
    PNG = "png"
    SVG = "svg"


class Plan(StrEnum):
    """The plans of the sandbox."""

    FREE = "free"
    STARTER = "starter"
    PREMIUM = "premium"


WorkspaceId = Annotated[
    int | None,
    typer.Option(
        "--workspace",
        "-w",
        envvar="TOGGL_WORKSPACE_ID",
        help="The workspace: the number in the address of its reports.",
    ),
]
BaseUrl = Annotated[
    str, typer.Option(help="Another server that speaks the Reports API.", show_default=False)
]
Refresh = Annotated[bool, typer.Option("--refresh", help="Fetch anew what is cached.")]
Debug = Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")]
Formats = Annotated[
    str, typer.Option("--format", "-f", help="Any of xlsx, csv, parquet, png, svg, with commas.")
]


@app.callback(invoke_without_command=True)
def _version(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        with _told(debug=False):
            _print(f"togglframe {tf.__version__}")
        raise typer.Exit


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("demo-output"),
    *,
    debug: Debug = False,
) -> None:
    """Show a portfolio, from an agency that needs no account.

    Example: togglframe demo --out demo-output
    """
    with _told(debug), tf.demo() as ws:
        _report(ws, out, [FileFormat.PNG, FileFormat.XLSX, FileFormat.CSV], {})


@app.command()
def report(  # noqa: PLR0917 -- options, not positions
    workspace: WorkspaceId = None,
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("togglframe"),
    formats: Formats = "png,xlsx,csv",
    client: Annotated[
        list[int] | None, typer.Option(help="Only projects of this client id; may be repeated.")
    ] = None,
    active: Annotated[
        bool | None, typer.Option("--active/--archived", help="Only one of the states.")
    ] = None,
    base_url: BaseUrl = BASE_URL,
    *,
    both: Annotated[bool, typer.Option("--all", help="Both states, the default.")] = False,
    refresh: Refresh = False,
    debug: Debug = False,
) -> None:
    """Print the portfolio of a workspace, ordered by overrun, and write its files.

    The token comes from TOGGL_API_TOKEN, the keyring, or a prompt.

    Example: togglframe report --workspace 1234567 --out reports --format xlsx,png
    """
    with _told(debug):
        chosen = _formats(formats)
        if both and active is not None:
            raise ConfigError("--all and --active or --archived exclude each other")
        narrowed = {"client_ids": client or None, "active": active}
        with _workspace(workspace, base_url, refresh=refresh) as ws:
            _report(ws, out, chosen, {k: v for k, v in narrowed.items() if v is not None})


@app.command()
def frames(
    name: Annotated[
        str, typer.Argument(help="For example reports.client_summary or filters.projects.")
    ],
    workspace: WorkspaceId = None,
    out: Annotated[
        Path | None,
        typer.Option(help="A .csv, .xlsx or .parquet file; by default the screen."),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(help="A parameter, as name=value; ids as ids=1,2. May be repeated."),
    ] = None,
    base_url: BaseUrl = BASE_URL,
    *,
    refresh: Refresh = False,
    debug: Debug = False,
) -> None:
    """Fetch one frame, of an endpoint or a report, to a file or the screen.

    Example: togglframe frames filters.projects --where currency=EUR --out projects.csv
    """
    with _told(debug):
        function = _frame_function(name)
        parameters = _parameters(name, function, where or [])
        write = None if out is None else _writer(out)
        with _workspace(workspace, base_url, refresh=refresh) as ws:
            frame = function(ws, **parameters)
            if write is None:
                _show(frame)
            else:
                write(frame)
                _say(f"{len(frame)} rows in {out}")
            _tell_usage(ws)


@app.command()
def quota(
    workspace: WorkspaceId = None, base_url: BaseUrl = BASE_URL, *, debug: Debug = False
) -> None:
    """Say how many requests are left in this hour. It costs one of them.

    Example: togglframe quota --workspace 1234567
    """
    with _told(debug), _workspace(workspace, base_url, refresh=True) as ws:
        ws.post("filters/projects", {"page_size": 2})
        usage = ws.usage
        if usage.quota_remaining is None:
            _print("The API did not say what is left.")
        else:
            _print(f"{usage.quota_remaining} requests left{_reset(usage.quota_resets_in)}")


@cache_app.command("show")
def cache_show() -> None:
    """Say where the cached answers are, how many, and how old.

    Example: togglframe cache show
    """
    from togglframe.cache import answers_in, default_file  # noqa: PLC0415

    with _told(debug=False):
        answers = answers_in(default_file())
        _print(f"{default_file()}: {len(answers)} answers")
        for answer in sorted(answers, key=lambda answer: answer.fetched_at):
            state = "expired" if answer.is_expired else "fresh"
            when = f"{answer.fetched_at:%Y-%m-%d %H:%M} UTC"
            _print(f"{when}  {state:7}  {answer.size:>9,} bytes  {_endpoint_of(answer.url)}")


@cache_app.command("clear")
def cache_clear(
    workspace: Annotated[
        int | None, typer.Option("--workspace", "-w", help="Only the answers of this workspace.")
    ] = None,
) -> None:
    """Delete the cached answers.

    Example: togglframe cache clear --workspace 1234567
    """
    from togglframe.cache import default_file, delete_answers_in  # noqa: PLC0415

    below = "" if workspace is None else f"/workspace/{workspace}/"
    with _told(debug=False):
        _print(f"{delete_answers_in(default_file(), below=below)} answers deleted")


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="0 is any free port.")] = 0,
    scale: Annotated[int, typer.Option(min=0, max=20_000, help="How many projects.")] = 60,
    plan: Annotated[Plan, typer.Option(help="The plan of the agency.")] = Plan.PREMIUM,
) -> None:
    """Serve an embedded Reports API with an agency inside, until Ctrl-C.

    Example: togglframe sandbox --port 8123 --plan free
    """
    with _told(debug=False):
        tf.sandbox.serve(tf.sandbox.Sandbox(scale, plan=plan.value, port=port), say=_print)


def main() -> None:
    """Run the command line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # names in a console that lacks their letters
    try:
        app()
    finally:
        for stream in (sys.stdout, sys.stderr):
            _flush(stream)


@contextmanager
def _told(debug: bool) -> Iterator[None]:
    """Tell warnings and errors in a sentence each, and end with the exit code that fits."""
    with warnings.catch_warnings():
        warnings.showwarning = _show_warning
        try:
            yield
        except (typer.Exit, typer.Abort):
            raise
        except QuotaExceededError as error:
            _fail(error, QUOTA_USED_UP, debug=debug)
        except ConfigError as error:
            _fail(error, WRONG_USE, debug=debug)
        except (TogglframeError, ImportError, OSError) as error:
            _fail(error, ERROR, debug=debug)
        except Exception as error:  # noqa: BLE001 -- whatever it is, this is where it ends
            _fail(error, ERROR, debug=debug, said=f"{type(error).__name__}: {error}{_UNFORESEEN}")


def _show_warning(message: Warning | str, *_: object, **__: object) -> None:
    _say(f"Warning: {_printable(str(message))}")


def _fail(error: Exception, code: int, *, debug: bool, said: str | None = None) -> NoReturn:
    if debug:
        raise error
    _say(f"Error: {_printable(said or str(error))}")
    raise typer.Exit(code) from error


def _print(text: str) -> None:
    _write_line(text, sys.stdout)


def _say(text: str) -> None:
    _write_line(text, sys.stderr)


def _write_line(text: str, stream: TextIO) -> None:
    """Write a line; that nobody reads any more is no reason to stop."""
    try:
        typer.echo(text, file=stream)
    except BrokenPipeError:
        _let_go(stream)


def _flush(stream: TextIO | None) -> None:
    """Write what is left, so that Python does not complain of it after us."""
    if stream is None:
        return
    try:
        stream.flush()
    except OSError:
        _let_go(stream)


def _let_go(stream: TextIO) -> None:
    """Let what is still to be written go nowhere."""
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), stream.fileno())


@contextmanager
def _workspace(workspace: int | None, base_url: str, *, refresh: bool) -> Iterator[Workspace]:
    with _signed_in(workspace, base_url) as ws:
        if not refresh:
            yield ws
            return
        with ws.refresh():
            yield ws


def _signed_in(workspace: int | None, base_url: str) -> Workspace:
    if workspace is None:
        raise ConfigError(
            "No workspace: pass --workspace 1234567, or set TOGGL_WORKSPACE_ID. "
            "It is the number in the address of the workspace's reports in Toggl Track."
        )
    try:
        return Workspace(workspace, base_url=base_url)
    except ConfigError as error:
        if "No credential" not in str(error):
            raise
        if not sys.stdin.isatty():
            raise ConfigError(
                "No token: set TOGGL_API_TOKEN, or store it: keyring set togglframe api_token. "
                "It is at the bottom of your Toggl Track profile page."
            ) from error
    token = typer.prompt("Toggl API token", hide_input=True, err=True)
    return Workspace(workspace, token=token, base_url=base_url)


def _report(ws: Workspace, out: Path, formats: list[FileFormat], narrowed: dict[str, Any]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    paths = {file_format: out / f"{_PORTFOLIO}.{file_format}" for file_format in formats}
    for path in paths.values():
        _check_writable(path)
    listings = reports.Listings(ws)
    budget = reports.project_budget(listings, **narrowed)
    _print(_portfolio(budget))
    for file_format, path in paths.items():
        _write(file_format, path, listings, budget, narrowed)
        _say(f"Wrote {path}")
    _tell_usage(ws)


def _write(
    file_format: FileFormat,
    path: Path,
    listings: reports.Listings,
    budget: pd.DataFrame,
    narrowed: dict[str, Any],
) -> None:
    if file_format in (FileFormat.PNG, FileFormat.SVG):
        tf.charts.save(tf.charts.budget_bullet(budget), path)
    elif file_format is FileFormat.XLSX and not narrowed:
        tf.export.to_excel(listings, path)
    elif file_format is FileFormat.XLSX:
        clients = reports.client_summary(listings, **narrowed)
        tf.export.to_excel({"Budget": budget, "Clients": clients, "About": _about(budget)}, path)
    else:
        _writer(path)(budget)


def _check_writable(path: Path) -> None:
    """Raise where a file cannot be written, before any request is spent."""
    if path.suffix == ".csv":
        tf.export.csv.targets(path)
    else:
        target(path)


def _about(budget: pd.DataFrame) -> pd.DataFrame:
    """Return what a workbook of a part of a workspace must say of itself."""
    facts = facts_of(budget, of(budget)["endpoints"])
    return pd.DataFrame(facts, columns=["about", "this workbook"], dtype="str")


def _writer(path: Path) -> Callable[[pd.DataFrame], object]:
    writers: dict[str, Callable[[pd.DataFrame, Path], object]] = {
        ".csv": tf.export.to_csv,
        ".xlsx": tf.export.to_excel,
        ".parquet": tf.export.to_parquet,
    }
    if path.suffix not in writers:
        raise ConfigError(f"{path} needs to end in one of {', '.join(writers)}")
    if path.suffix == ".parquet":
        tf.export.parquet.require_pyarrow()  # before any request is spent
    _check_writable(path)
    return lambda frame: writers[path.suffix](frame, path)


def _formats(text: str) -> list[FileFormat]:
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = sorted(set(names) - set(FileFormat))
    if unknown or not names:
        raise ConfigError(
            f"--format takes {', '.join(FileFormat)}, not {', '.join(unknown) or 'nothing'}"
        )
    if FileFormat.PARQUET in names:
        tf.export.parquet.require_pyarrow()  # before any request is spent
    return [FileFormat(name) for name in dict.fromkeys(names)]


def _frame_function(name: str) -> Callable[..., pd.DataFrame]:
    functions: dict[str, Callable[..., pd.DataFrame]] = {
        f"{module.__name__.removeprefix('togglframe.')}.{member}": getattr(module, member)
        for module in (filters, search, reports)
        for member in module.__all__
        if inspect.isfunction(getattr(module, member)) and member != "plan"
    }
    if name not in functions:
        raise ConfigError(f"there is no frame {name!r}; there are {', '.join(functions)}")
    return functions[name]


def _parameters(
    name: str, function: Callable[..., pd.DataFrame], where: list[str]
) -> dict[str, object]:
    """Return the arguments that the options name, each as its parameter takes it."""
    known = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
    by_name = {parameter.name: parameter.annotation for parameter in known}
    arguments = {}
    for text in where:
        argument, equals, value = text.partition("=")
        if not equals:
            raise ConfigError(f"--where takes name=value, not {text!r}")
        if argument not in by_name:
            raise ConfigError(
                f"{name} has no parameter {argument}; it has {', '.join(by_name) or 'none'}"
            )
        if argument in arguments:
            raise ConfigError(f"--where {argument} is given twice; lists are written as ids=1,2")
        arguments[argument] = _argument(argument, value, by_name[argument])
    return arguments


def _argument(name: str, text: str, annotation: Any) -> object:
    """Turn the text of an option into what a parameter so annotated takes."""
    kinds = {*get_args(annotation), annotation}
    convert: Callable[[str], object] = _ids
    wanted = "a list of whole numbers, such as 1,2"
    if str in kinds or get_origin(annotation) is Literal:
        return text
    if bool in kinds:
        convert, wanted = _BOOLS.__getitem__, "true or false"
    elif float in kinds:
        convert, wanted = float, "a number"
    elif int in kinds:
        convert, wanted = int, "a whole number"
    try:
        return convert(text.strip().lower())
    except (KeyError, ValueError) as error:
        raise ConfigError(f"--where {name} takes {wanted}, not {text!r}") from error


def _ids(text: str) -> list[int]:
    return [int(item) for item in text.strip("[]").split(",") if item.strip()]


def _portfolio(budget: pd.DataFrame) -> str:
    """Return the portfolio for the screen, the largest overruns first, and its totals."""
    if budget.empty:
        return "No projects match."
    shown, more = budget.head(_SHOWN_ROWS), budget.iloc[_SHOWN_ROWS:]
    compared, rest = (more[more["progress"].notna() == is_so] for is_so in (True, False))
    totals = [
        _total(f"… {len(compared)} more with an estimate", compared),
        _total(f"… {len(rest)} more without", rest, is_compared=False),
        _total("All with an estimate", budget[budget["progress"].notna()]),
        _total(f"All {plural(len(budget), 'project')}", budget, is_compared=False),
    ]
    lines = _measures(shown).assign(
        project=_names(shown, "project"),
        client=_names(shown, "client"),
        state=shown["budget_state"].astype("str").str.replace("_", " "),
    )
    lines = pd.concat([lines, *totals])[["project", "client", *_MEASURES.values(), "state"]]
    lines = lines.fillna("")
    for name in ("project", "client", "state"):
        lines[name] = _flush_left(lines[name])
    head, *rows = _table(lines).splitlines()
    return "\n".join([head, *rows[: len(shown)], "-" * count_cells(head), *rows[len(shown) :]])


def _total(label: str, rows: pd.DataFrame, *, is_compared: bool = True) -> pd.DataFrame:
    """Return the line of totals of some projects, none where there is nothing to add up.

    What they are over is told of those alone that can be compared.
    """
    if rows.empty:
        return pd.DataFrame()
    hours = [name for name in _MEASURES if name.endswith("_hours")]
    sums = rows[hours if is_compared else ["tracked_hours"]].sum().to_frame().T
    if is_compared:
        sums["progress"] = sums["tracked_hours"] / sums["estimated_hours"]
    return _measures(sums.reindex(columns=list(_MEASURES))).assign(project=label)


def _measures(rows: pd.DataFrame) -> pd.DataFrame:
    """Write the measures of the portfolio for the screen."""
    written = {
        label: rows[name].map(_hours if name.endswith("_hours") else _percent)
        for name, label in _MEASURES.items()
    }
    return pd.DataFrame(written, index=rows.index)


def _show(frame: pd.DataFrame) -> None:
    """Print a frame: whole into a pipe or a file, the ends of a long one on a terminal."""
    is_cut = _is_terminal() and len(frame) > _MOST_ROWS
    _print(_table(frame, max_rows=_MOST_ROWS if is_cut else None) if len(frame) else "No rows.")
    if is_cut:
        _say(f"{_MOST_ROWS} of {len(frame)} rows; --out writes all to a file")


def _is_terminal() -> bool:
    return sys.stdout.isatty()


def _table(frame: pd.DataFrame, max_rows: int | None = None) -> str:
    with pd.option_context(
        "display.unicode.east_asian_width", True, "display.width", None, "display.max_columns", None
    ):
        return _printable(frame.to_string(index=False, max_rows=max_rows, na_rep=""))


def _names(rows: pd.DataFrame, entity: str) -> list[str]:
    """Return the names of the rows, cut to a width that a terminal has."""
    return [shorten(name, _NAME_WIDTH) for name in names_of(rows, entity)]


def _flush_left(texts: pd.Series[Any]) -> list[str]:
    width = max(map(count_cells, texts), default=0)
    return [text + " " * (width - count_cells(text)) for text in texts]


def _printable(text: str) -> str:
    """Keep what came from the data from steering the terminal."""
    return "".join(c if c.isprintable() or c == "\n" else "\N{REPLACEMENT CHARACTER}" for c in text)


def _hours(hours: Any) -> str:
    return "" if pd.isna(hours) else format_hours(hours).removesuffix(" h")


def _percent(ratio: Any) -> str:
    return "" if pd.isna(ratio) else format_percent(ratio)


def _tell_usage(ws: Workspace) -> None:
    usage = ws.usage
    left = "" if usage.quota_remaining is None else f"; {usage.quota_remaining} left"
    _say(
        f"{plural(usage.requests, 'request')}, {plural(usage.cache_hits, 'answer')} from the cache"
        f"{left}{_reset(usage.quota_resets_in) if left else ''}"
    )


def _reset(seconds: int | None) -> str:
    return "" if seconds is None else f", the quota resets in {-(-seconds // 60)} min"


def _endpoint_of(url: str) -> str:
    return url.partition("/workspace/")[2] or url
