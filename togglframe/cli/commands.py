"""The commands."""

from __future__ import annotations

import platform
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final

import pandas as pd
import typer

import togglframe as tf
from togglframe import reports
from togglframe.cli.archive_commands import archive_app
from togglframe.cli.endings import Ending, print_line, report_errors, say
from togglframe.cli.files import folder_for, paths_of, sheets_of
from togglframe.cli.frames_command import frames, frames_in_words
from togglframe.cli.options import (
    BaseUrl,
    Clients,
    Dated,
    Days,
    DemoPlan,
    Document,
    FileFormat,
    Formats,
    Html,
    Projects,
    Sheets,
    Today,
    Top,
    WorkspaceId,
    formats_of,
    top_of,
    with_options,
)
from togglframe.cli.people_commands import balance, profitability, retainer
from togglframe.cli.printing import Ids, print_frame
from togglframe.cli.ranges import days_of, today_of
from togglframe.cli.selection import budget_of, states_of
from togglframe.cli.time_commands import forecast, hours, invoice, timesheet
from togglframe.cli.workspaces import (
    Origin,
    reset_in_words,
    tell_origin,
    workspace_of,
)
from togglframe.errors import ConfigError, QuotaExceededError
from togglframe.http.quota import Plan
from togglframe.text.formats import plural
from togglframe.workspace import Workspace

__all__ = ["app"]

_SHOWN: Final = 20  # projects on a terminal
_PORTFOLIO: Final = (
    "project", "client", "tracked_hours", "estimated_hours", "progress", "overrun_hours",
    "budget_state",
)  # fmt: skip
_PORTFOLIO_IDS: Final = ("project_id", "client_id")

app = typer.Typer(
    name="togglframe",
    help="Toggl Track reports: budgets against tracked time, charts and workbooks.",
    epilog="Exit codes: 0 done, 1 error, 2 usage error, 3 quota used up, 4 done with old answers, "
    "5 the doctor found something that is not as assumed.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
cache_app = typer.Typer(help="List or delete the cached answers.", no_args_is_help=True)


@app.callback(invoke_without_command=True)
def _version(
    *,
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        with report_errors(debug=False):
            print_line(f"togglframe {tf.__version__}")
        raise typer.Exit


@with_options
def demo(
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("demo-output"),
    today: Today = None,
    *,
    ids: Ids = False,
    dated: Dated = False,
) -> None:
    """Show the portfolio of a demo agency, and write its files. It needs no account.

    Example: togglframe demo --out demo-output
    """
    with tf.demo(today=today_of(today)) as ws:
        formats = [FileFormat.PNG, FileFormat.XLSX, FileFormat.CSV]
        _report(ws, out, formats, is_dated=dated, has_ids=ids)


@with_options
def report(
    origin: Origin,
    days: Days,
    document: Document,
    *,
    out: Annotated[Path, typer.Option(help="The folder for the files.")] = Path("reports"),
    formats: Formats = "png,xlsx,csv",
    client: Clients = None,
    project: Projects = None,
    state: Annotated[
        str | None, typer.Option(help="Only these states, such as over,at_risk.")
    ] = None,
    active: Annotated[
        bool | None,
        typer.Option("--active/--archived", help="Only active or only archived projects."),
    ] = None,
    both: Annotated[
        bool, typer.Option("--all", help="Active and archived projects (the default).")
    ] = False,
    sheets: Sheets = None,
    top: Top = None,
    html: Html = False,
    ids: Ids = False,
    dated: Dated = False,
) -> None:
    """Print the portfolio of a workspace, ordered by overrun, and write its files.

    The token comes from TOGGL_API_TOKEN, the keyring, or a prompt.

    With a range of days, the workbook, and the page of --html, are about those days.

    Example: togglframe report --workspace 1234567 --out reports --format xlsx,png
    """
    chosen = formats_of(formats, has_page=html)
    if both and active is not None:
        raise ConfigError("--all cannot be combined with --active or --archived")
    limits = (client, project, states_of(state), active)
    drawn = top_of(top, chosen)
    dates = {} if days == Days() else days_of(days, origin.today)
    names = sheets_of(sheets, chosen, document, dates)
    arguments = {**dates, **document.arguments()}
    with origin.opened_one("a report") as source:
        if origin.plan:
            print_line(str(_plan_of_report(source, chosen, names, arguments)))
            return
        if not (client or project) and document.audience is None:
            arguments["audience"] = "team"
        _report(
            source,
            out,
            chosen,
            limits,
            is_dated=dated,
            has_ids=ids,
            top=drawn,
            sheets=names,
            document=arguments,
        )


@with_options
def quota(workspace: WorkspaceId = None, base_url: BaseUrl = None) -> None:
    """Show how many requests are left in this hour. It costs one request.

    Example: togglframe quota --workspace 1234567
    """
    with workspace_of(workspace, base_url, refresh=True) as ws:
        try:
            ws.post("filters/projects", {"page_size": 2})
        except QuotaExceededError as error:
            print_line(f"0 requests left{reset_in_words(error.resets_in)}")
            raise typer.Exit(Ending.QUOTA_USED_UP) from error
        usage = ws.usage
        if usage.quota_remaining is None:
            print_line("The API did not say what is left.")
        else:
            left = plural(usage.quota_remaining, "request")
            print_line(f"{left} left{reset_in_words(usage.quota_resets_in)}")


@with_options
def doctor(workspace: WorkspaceId = None, base_url: BaseUrl = None) -> None:
    """Find out on your account what the vendor does not document, in at most eight requests.

    The points contain no name, number or id of yours, so you can paste them into an issue. If the
    API answers nothing at all, the error repeats what it said.

    Example: togglframe doctor --workspace 1234567
    """
    with workspace_of(workspace, base_url) as ws:
        points = tf.doctor(ws)
        print_frame(points, names=("point", "verdict", "seen"))
        for row in points[points["verdict"] != "holds"].itertuples(index=False):
            print_line(f"\n{row.point}: {row.verdict}")
            for name in ("assumed", "consequence"):
                print_line(f"    {name + ':':13}{getattr(row, name)}")
        print_line("")
        python = platform.python_version()
        print_line(f"togglframe {tf.__version__}, pandas {pd.__version__}, Python {python}")
        print_line(plural(ws.usage.requests, "request"))
        if (points["verdict"] == "does not hold").any():
            raise typer.Exit(Ending.NOT_AS_ASSUMED)


@cache_app.command("show")
def cache_show() -> None:
    """Show where the cached answers are, how many there are, and how old each one is.

    Example: togglframe cache show
    """
    from togglframe.http.cache import answers_in, default_file  # noqa: PLC0415

    with report_errors(debug=False):
        answers = answers_in(default_file())
        print_line(f"{default_file()}: {plural(len(answers), 'answer')}")
        for answer in sorted(answers, key=lambda answer: answer.fetched_at):
            state = "expired" if answer.is_expired else "fresh"
            when = f"{answer.fetched_at:%Y-%m-%d %H:%M} UTC"
            endpoint = answer.url.partition("/workspace/")[2] or answer.url
            print_line(f"{when}  {state:7}  {answer.size:>9,} bytes  {endpoint}")


@cache_app.command("clear")
def cache_clear(
    workspace: Annotated[
        int | None, typer.Option("--workspace", "-w", help="Only the answers of this workspace.")
    ] = None,
) -> None:
    """Delete the cached answers.

    Example: togglframe cache clear --workspace 1234567
    """
    from togglframe.http.cache import default_file, delete_answers_in  # noqa: PLC0415

    below = "" if workspace is None else f"/workspace/{workspace}/"
    with report_errors(debug=False):
        deleted = delete_answers_in(default_file(), below=below)
        print_line(f"{plural(deleted, 'answer')} deleted")


def sandbox(
    port: Annotated[int, typer.Option(min=0, max=65_535, help="The port; 0 picks a free one.")] = 0,
    scale: Annotated[int, typer.Option(min=0, max=20_000, help="How many projects.")] = 60,
    plan: Annotated[DemoPlan, typer.Option(help="The plan of the agency.")] = DemoPlan.PREMIUM,
    today: Today = None,
) -> None:
    """Serve the embedded Reports API, with the data of a demo agency, until Ctrl-C.

    Example: togglframe sandbox --port 8123 --plan free
    """
    with report_errors(debug=False):
        served = tf.sandbox.Sandbox(scale, plan=plan.value, port=port, today=today_of(today))
        tf.sandbox.serve(served, say=print_line)


def _plan_of_report(
    source: Workspace | tf.Archive,
    formats: list[FileFormat],
    sheets: tuple[str, ...] | None,
    document: Mapping[str, Any],
) -> Plan:
    """Return what the portfolio and its files would cost; which projects they have adds nothing."""
    listings = reports.Listings(source)
    plans = [reports.plan(listings, reports.project_budget)]
    if FileFormat.XLSX in formats:
        plans.append(reports.plan(listings, tf.export.to_excel, sheets=sheets, **document))
    if FileFormat.HTML in formats:
        plans.append(reports.plan(listings, tf.export.to_html, **document))
    return plans[0].with_more(*plans[1:])


def _report(
    source: Workspace | tf.Archive,
    out: Path,
    formats: list[FileFormat],
    limits: tuple[Any, ...] = (None, None, (), None),
    *,
    is_dated: bool,
    has_ids: bool,
    top: Mapping[str, Any] = {},
    sheets: tuple[str, ...] | None = None,
    document: Mapping[str, Any] = {},
) -> None:
    with folder_for(out):
        listings = reports.Listings(source)
        paths = paths_of(out, formats, listings.today if is_dated else None)
        if listings.workspaces:
            kept = ", ".join(map(str, listings.workspaces))
            raise ConfigError(f"the archive holds workspaces {kept}: choose one with --workspace")
        budget, ids = budget_of(listings, *limits)
        names = [*_PORTFOLIO, *(_PORTFOLIO_IDS if has_ids else ())]
        print_frame(budget, names=names, most=_SHOWN, rest=f"All are in the files in {out}.")
        shown = {**document, **ids}
        writers: dict[str, Callable[[Path], object]] = {
            **dict.fromkeys(
                (FileFormat.PNG, FileFormat.SVG),
                lambda path: tf.charts.save(tf.charts.budget_bullet(budget, **top), path),
            ),
            FileFormat.HTML: lambda path: tf.export.to_html(listings, path, **shown),
            FileFormat.XLSX: lambda path: tf.export.to_excel(
                listings, path, sheets=sheets, **shown
            ),
            FileFormat.CSV: lambda path: tf.export.to_csv(budget, path),
            FileFormat.PARQUET: lambda path: tf.export.to_parquet(budget, path),
        }
        for file_format, path in paths.items():
            writers[file_format](path)
            say(f"Wrote {path}")
    tell_origin(budget, source)


_FIRST: Final = (
    demo, report, hours, timesheet, invoice, forecast, retainer, balance, profitability
)  # fmt: skip
for _command in _FIRST:
    app.command()(_command)
app.command(epilog=f"The frames are\n\n{frames_in_words()}")(frames)
for _command in (quota, doctor, sandbox):
    app.command()(_command)
app.add_typer(archive_app, name="archive")
app.add_typer(cache_app, name="cache")
