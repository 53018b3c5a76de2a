"""The commands that keep an archive up to date, for a nightly job, and those that read it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import pandas as pd
import typer

import togglframe as tf
from togglframe.cli.endings import Ending, print_line, say
from togglframe.cli.files import hand_over, writer_of
from togglframe.cli.options import BaseUrl, Out, PlanOnly, Today, Wait, WorkspaceId, with_options
from togglframe.cli.printing import Ids, print_frame
from togglframe.cli.workspaces import check_exists, tell_usage, workspace_of
from togglframe.errors import ConfigError
from togglframe.tables.provenance import of
from togglframe.text.formats import plural

if TYPE_CHECKING:
    import duckdb

    from togglframe.archive.folder import Folder as _Folder

archive_app = typer.Typer(
    help="Keep time entries and listings in a folder of Parquet files.",
    epilog="Exit codes: 0 done, 1 error or a difference, 2 usage error, 3 quota used up.",
    no_args_is_help=True,
)

# The statements of DuckDB that only read: MULTI is a PIVOT.
_READING: Final = ("SELECT", "EXPLAIN", "MULTI")

Folder = Annotated[Path, typer.Argument(help="The folder of the archive.")]


@archive_app.command()
@with_options
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
    base_url: BaseUrl = None,
    today: Today = None,
    *,
    full: Annotated[bool, typer.Option("--full", help="Fetch every month of the range.")] = False,
    snapshot: Annotated[
        bool | None,
        typer.Option(
            "--snapshot/--no-snapshot",
            help="Also keep today's listings; by default if there are none of today.",
        ),
    ] = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Show what was done, and what it cost.")
    ] = False,
    wait: Wait = False,
    plan: PlanOnly = False,
) -> None:
    """Bring an archive up to date, and print nothing when all is well.

    Example: togglframe archive sync toggl --workspace 1234567 --from 2024-01-01
    """
    if folder.exists() and not folder.is_dir():
        raise ConfigError(f"{folder} is a file; name a folder")
    archive = tf.Archive(folder)
    opened = workspace_of(workspace, base_url, on_quota="wait" if wait else "raise", today=today)
    with opened as ws:
        first = start if start is not None else _first_day(folder, ws.id)
        range_: dict[str, Any] = {"start_date": first, "end_date": end, "full": full}
        has_one = ws.today in _folder_of(folder).snapshot_days(ws.id)
        takes_one = snapshot or (snapshot is None and not has_one)
        if plan:
            more = [tf.reports.plan(ws, archive.snapshot)] if takes_one else []
            synced = tf.reports.plan(ws, archive.sync, **range_)
            print_line(str(synced.with_more(*more)))
            return
        done = archive.sync(ws, **range_)
        if takes_one:
            archive.snapshot(ws)
        if verbose:
            print_frame(done, heading=_in_words)
            tell_usage(ws)
    if "doubts" in done.attrs["togglframe"]:
        raise typer.Exit(Ending.ERROR)


@archive_app.command()
@with_options
def status(folder: Folder, out: Out = None, *, ids: Ids = False) -> None:
    """Show which months are kept, and when they were fetched and compared. It costs no request.

    Example: togglframe archive status toggl
    """
    archive = _opened(folder)
    months = archive.status()
    if out is None and not ids and len(archive.by_workspace()) == 1:
        months = months.drop(columns="workspace_id")
    _show(months, out, ids=ids)


@archive_app.command()
@with_options
def verify(
    folder: Folder,
    workspace: WorkspaceId = None,
    base_url: BaseUrl = None,
    *,
    wait: Wait = False,
    plan: PlanOnly = False,
) -> None:
    """Compare every month with the API's totals, and print nothing when all agree.

    Example: togglframe archive verify toggl --workspace 1234567
    """
    archive = _opened(folder)
    with workspace_of(workspace, base_url, on_quota="wait" if wait else "raise") as ws:
        if plan:
            print_line(str(tf.reports.plan(ws, archive.verify)))
            return
        differing = archive.verify(ws)
    if not differing.empty:
        print_frame(differing, heading=_in_words, hours=[*differing.columns[1:]])
        differ = "differs" if len(differing) == 1 else "differ"
        months = plural(len(differing), "month")
        say(f"{months} {differ} from the API; run archive sync --full")
        raise typer.Exit(Ending.ERROR)


@archive_app.command()
@with_options
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
    ids: Ids = False,
) -> None:
    """Show what changed between two snapshots: before, after and difference. It costs no request.

    Example: togglframe archive changes toggl --since 2026-11-01
    """
    from togglframe.archive.snapshots import NothingBeforeError  # noqa: PLC0415 -- late

    archive = _opened(folder)
    try:
        changed = archive.changes(since, report)
    except NothingBeforeError as error:  # as in the first days of a nightly job
        say(f"{error}: there is nothing to compare with yet")
        return
    since_day, as_of = (of(changed).get(name) for name in ("since", "as_of"))
    if as_of is not None and since_day == as_of:
        say(f"The newest snapshot is from {as_of}: there is nothing later to compare it with.")
    _show(changed, out, ids=ids)


@archive_app.command()
@with_options
def close(
    folder: Folder,
    period: Annotated[str, typer.Argument(help="What was billed, such as 2026-10 or last-month.")],
    today: Today = None,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Replace what was kept when it was closed before.")
    ] = False,
) -> None:
    """Keep the entries of a period as they were billed. It costs no request.

    Example: togglframe archive close toggl last-month
    """
    archive = _opened(folder, today)
    print_frame(archive.close(period, again=again))


@archive_app.command()
@with_options
def late(
    folder: Folder,
    period: Annotated[str, typer.Argument(help="The period, as it was closed.")],
    out: Out = None,
    today: Today = None,
    *,
    ids: Ids = False,
) -> None:
    """Show what changed in a period since it was closed. It costs no request.

    Example: togglframe archive late toggl 2026-10 --out late.csv
    """
    archive = _opened(folder, today)
    changed = archive.late(period)
    if changed.empty and out is None:
        print_line(f"Nothing has changed since {period} was closed.")
    else:
        _show(changed, out, ids=ids)


@archive_app.command()
@with_options
def sql(
    folder: Folder,
    query: Annotated[str, typer.Argument(help="The query, in DuckDB's SQL.")],
    out: Out = None,
) -> None:
    """Query an archive in SQL, which it only reads. It costs no request.

    Example: togglframe archive sql toggl "SELECT user, sum(tracked_seconds) / 3600 AS hours
    FROM time_entries GROUP BY ALL"
    """
    archive = _opened(folder)
    with archive.connect() as connection:
        import duckdb  # noqa: PLC0415

        try:
            rows = _read(connection, query)
        except duckdb.Error as error:
            if isinstance(error, duckdb.InvalidInputException | duckdb.IOException):
                archive.check()  # names the file that is damaged
            raise ConfigError(f"{error}{_hint(error)}") from error
    if out is None:
        print_frame(rows, ids=True, heading=str)
    else:
        _show(rows, out)


def _opened(folder: Path, today: str | None = None) -> tf.Archive:
    check_exists(folder)
    return tf.Archive(folder, today=today)


def _read(connection: duckdb.DuckDBPyConnection, query: str) -> pd.DataFrame:
    """Return what a query finds, and let it read nothing but the archive, and write nothing."""
    kinds = [statement.type.name for statement in connection.extract_statements(query)]
    if not kinds:
        raise ConfigError("the query is empty; try 'SHOW TABLES'")
    if others := [kind for kind in kinds if kind not in _READING]:
        raise ConfigError(
            f"archive sql only reads the archive, and {others[0]} is refused; "
            "archive.connect() in Python takes any statement"
        )
    connection.sql("SET enable_external_access = false")
    return connection.execute(query).df()


def _hint(error: Exception) -> str:
    """Return what to do about the most likely errors."""
    if "(INTERVAL)" in str(error):
        return "\nDurations cannot be summed: sum tracked_seconds instead"
    if "disabled by configuration" in str(error):
        return "\narchive sql only reads the archive; archive.connect() in Python reads other files"
    return ""


def _in_words(name: str) -> str:
    """Return the heading of a column that no table declares."""
    return name.replace("rows", "entries").replace("_", " ").capitalize()


def _show(frame: pd.DataFrame, out: Path | None, *, ids: bool = True) -> None:
    hand_over(frame, out, writer_of(out), ids=ids)


def _folder_of(path: Path) -> _Folder:
    from togglframe.archive.folder import Folder  # noqa: PLC0415 -- late, as tf.Archive is

    return Folder(path)


def _first_day(folder: Path, workspace_id: int) -> str:
    """Return the first day kept, including damaged and lost files, which a sync repairs."""
    kept = _folder_of(folder)
    held = {*kept.months(workspace_id), *kept.lost(workspace_id)}
    months = held or kept.compared(workspace_id).keys()  # none of the latter has entries
    if not months:
        raise ConfigError(f"{folder} holds no month of {workspace_id} so far; pass --from")
    return f"{min(months)}-01"
