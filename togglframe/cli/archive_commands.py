"""The commands that keep an archive up to date, for a nightly job, and those that read it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer

import togglframe as tf
from togglframe.cli.endings import Ending, say, told
from togglframe.cli.files import hand_over, writer_of
from togglframe.cli.options import BaseUrl, Debug, Today, Wait, WorkspaceId
from togglframe.cli.tables import print_frame
from togglframe.cli.workspaces import check_exists, tell_usage, workspace_of
from togglframe.errors import ConfigError
from togglframe.words.formats import plural
from togglframe.workspace import BASE_URL

__all__ = ["archive_app"]

archive_app = typer.Typer(
    help="Keep time entries and listings in a folder of Parquet files.",
    epilog="Exit codes: 0 done, 1 error or a difference, 2 usage error, 3 quota used up.",
    no_args_is_help=True,
)

Folder = Annotated[Path, typer.Argument(help="The folder of the archive.")]
Out = Annotated[
    Path | None, typer.Option(help="A .csv, .xlsx or .parquet file to write instead of printing.")
]


@archive_app.command()
def sync(  # noqa: PLR0917 -- options, not positions
    folder: Folder,
    workspace: WorkspaceId = None,
    start: Annotated[
        str | None,
        typer.Option("--from", help="The first day; by default that of the first month kept."),
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", help="The last day, included; by default today.")
    ] = None,
    base_url: BaseUrl = BASE_URL,
    today: Today = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Fetch every month of the range.")] = False,
    snapshot: Annotated[
        bool,
        typer.Option("--snapshot/--no-snapshot", help="Also keep today's listings."),
    ] = True,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what was done, and what it cost.")
    ] = False,
    wait: Wait = False,
    debug: Debug = False,
) -> None:
    """Bring an archive up to date, and print nothing when all is well.

    Example: togglframe archive sync toggl --workspace 1234567 --from 2024-01-01
    """
    with told(debug):
        if folder.exists() and not folder.is_dir():
            raise ConfigError(f"{folder} is a file; name a folder")
        archive = tf.Archive(folder)
        on_quota: Any = "wait" if wait else "raise"
        with workspace_of(workspace, base_url, refresh=False, on_quota=on_quota, today=today) as ws:
            first = start if start is not None else _first_day(folder, ws.id)
            done = archive.sync(ws, start_date=first, end_date=end, full=full)
            if snapshot:
                archive.snapshot(ws)
            if verbose:
                print_frame(done)
                tell_usage(ws)
        if "doubts" in done.attrs["togglframe"]:
            raise typer.Exit(Ending.ERROR)


@archive_app.command()
def status(folder: Folder, out: Out = None, *, debug: Debug = False) -> None:
    """Show which months are kept, and when they were fetched and compared. It costs no request.

    Example: togglframe archive status toggl
    """
    with told(debug):
        check_exists(folder)
        _show(tf.Archive(folder).status(), out)


@archive_app.command()
def verify(
    folder: Folder,
    workspace: WorkspaceId = None,
    base_url: BaseUrl = BASE_URL,
    *,
    wait: Wait = False,
    debug: Debug = False,
) -> None:
    """Compare every month with the API's totals, and print nothing when all agree.

    Example: togglframe archive verify toggl --workspace 1234567
    """
    with told(debug):
        check_exists(folder)
        on_quota: Any = "wait" if wait else "raise"
        with workspace_of(workspace, base_url, refresh=False, on_quota=on_quota) as ws:
            differing = tf.Archive(folder).verify(ws)
        if not differing.empty:
            print_frame(differing)
            n = len(differing)
            differ = f"{plural(n, 'month')} {'differs' if n == 1 else 'differ'}"
            say(f"{differ} from the API; run archive sync --full")
            raise typer.Exit(Ending.ERROR)


@archive_app.command()
def changes(
    folder: Folder,
    since: Annotated[
        str,
        typer.Option(help="The day of the earlier snapshot; if it has none, the last one before."),
    ],
    report: Annotated[
        str, typer.Option(help="A report that needs listings only.")
    ] = "project_budget",
    out: Out = None,
    *,
    debug: Debug = False,
) -> None:
    """Show what changed between two snapshots: before, after and difference. It costs no request.

    Example: togglframe archive changes toggl --since 2026-11-01
    """
    with told(debug):
        check_exists(folder)
        _show(tf.Archive(folder).changes(since, report), out)


@archive_app.command()
def sql(
    folder: Folder,
    query: Annotated[str, typer.Argument(help="The query, in DuckDB's SQL.")],
    out: Out = None,
    *,
    debug: Debug = False,
) -> None:
    """Query an archive in SQL. It costs no request.

    Example: togglframe archive sql toggl "SELECT user, sum(tracked_seconds) / 3600 AS hours
    FROM time_entries GROUP BY ALL"
    """
    with told(debug):
        check_exists(folder)
        with tf.Archive(folder).connect() as connection:
            import duckdb  # noqa: PLC0415

            try:
                found = connection.execute(query).df()
            except duckdb.Error as error:
                raise ConfigError(f"{error}{_hint(error)}") from error
        _show(found, out)


def _hint(error: Exception) -> str:
    """Return how to sum durations, which DuckDB reads as intervals, if that is what failed."""
    sums = "(INTERVAL)" in str(error)
    return "\nDurations cannot be summed: sum tracked_seconds instead" if sums else ""


def _show(frame: pd.DataFrame, out: Path | None) -> None:
    hand_over(frame, out, None if out is None else writer_of(out))


def _first_day(folder: Path, workspace_id: int) -> str:
    """Return the first day kept, including damaged and lost files, which a sync repairs."""
    from togglframe.archive import folder as folders  # noqa: PLC0415 -- late, as tf.Archive is

    kept = folders.Folder(folder)
    months = {*kept.months(workspace_id), *kept.lost(workspace_id)}
    if not months:
        raise ConfigError(f"{folder} holds no month of {workspace_id} so far; pass --from")
    return f"{min(months)}-01"
