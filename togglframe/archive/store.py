"""Archive: a folder that keeps what a workspace tells, so that history costs no requests."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe import clock
from togglframe.apart import together
from togglframe.archive import snapshots, syncing, views
from togglframe.archive.entries import check_columns, entries_by_month, entries_of, warn_of_lost
from togglframe.archive.folder import Folder
from togglframe.archive.months import known_of, sums_of
from togglframe.archive.sums import summed_entries
from togglframe.dates import Day, check_range, day
from togglframe.errors import ConfigError
from togglframe.export.parquet import require_pyarrow
from togglframe.parameters import Ids, IdsOrNone, id_list, id_list_or_none
from togglframe.selection import EVERYTHING, Parts, Selection, Sums
from togglframe.source import LISTINGS, PROJECTS
from togglframe.tables import MS_PER_HOUR, TIME_ENTRIES
from togglframe.workspace import Workspace, client_of

if TYPE_CHECKING:
    import duckdb

__all__ = ["Archive"]

_ENTRIES: Final = "time_entries"


class Archive:
    """A folder of Parquet files that keeps time entries by month, and listings by day.

    Every report takes it in the place of a workspace: reports over time read the months, and the
    others the newest snapshot; where it keeps several workspaces, a report is of all of them, as
    :func:`togglframe.reports.across` makes it. Nothing is asked then, and nothing in the folder is
    secret, though it holds the names, e-mail addresses and rates that the workspace tells.

    Parameters
    ----------
    folder : str or path
        Where it is; the folder is made by the first `sync` or `snapshot`, inside one that exists.
    workspace_id : int, optional
        Only this workspace, where the folder holds several: no other is read or written.

    Notes
    -----
    The files are ``time_entries/workspace_id=…/month=…/part-0.parquet``, with the columns of the
    table of time entries and `undeclared_fields`, a JSON object of what the API told beyond it;
    and ``snapshots/<listing>/workspace_id=…/as_of=…/part-0.parquet``. Anything that reads Parquet
    in folders reads them. A file is replaced whole, so that readers never wait.

    It needs pyarrow: ``pip install "togglframe[archive]"``.

    Examples
    --------
    >>> import tempfile
    >>> import togglframe as tf
    >>> ws = tf.demo()
    >>> archive = tf.Archive(tempfile.mkdtemp())
    >>> done = archive.sync(ws, start_date="2026-09-01", end_date="2026-10-31")
    >>> done["month"].tolist()
    ['2026-09', '2026-10']
    >>> october = tf.reports.hours(archive, period="2026-10")
    >>> october.equals(tf.reports.hours(ws, period="2026-10"))
    True
    """

    def __init__(self, folder: str | os.PathLike[str], *, workspace_id: int | None = None) -> None:
        require_pyarrow("archive")
        self._folder = Folder(folder)
        self._only = None if workspace_id is None else id_list("workspace_id", workspace_id)[0]

    def __repr__(self) -> str:
        """Tell which folder."""
        only = "" if self._only is None else f", workspace_id={self._only}"
        return f"Archive({str(self._folder.path)!r}{only})"

    # Keeping

    def sync(
        self,
        ws: Workspace | Iterable[Workspace],
        *,
        start_date: Day,
        end_date: Day | None = None,
        full: bool = False,
    ) -> pd.DataFrame:
        """Bring the months of a range up to date.

        One row is a month. It is fetched where it is not there yet, where its seconds or billable
        seconds are not those that the API tells, where it touches the last 35 days, or where an
        entry of it was changed since it was last compared. Adjacent months are one listing, the
        newest first, and each is written as soon as it is whole: whatever ends a sync, the next
        one goes on from there.

        Parameters
        ----------
        ws : Workspace or iterable of Workspace
            What to keep; of several, one after another.
        start_date, end_date : str, date, datetime or Timestamp
            The first and the last day, the latter by default today (UTC). Months are kept whole,
            whatever the range cuts.
        full : bool
            Whether to fetch all months of the range, whatever their totals say.

        Returns
        -------
        DataFrame
            By month; of several workspaces `workspace_id` comes first.

            - month : str. The month, such as 2026-10.
            - reason : str. Why it was fetched: new, changed (its totals differ, or its file is
              damaged or gone), edited, recent; or same, and it was not, but for `full`.
            - rows_before : Int64. Entries that were kept before; NA where they could not be read.
            - rows : Int64. Entries that are kept now.
            - requests : Int64. Requests for its entries; a page counts for the month in which it
              begins. All requests are ``attrs["togglframe"]["requests"]``.

        Raises
        ------
        QuotaExceededError
            If the quota ends before the sync; it names the months that are missing. Those that
            came are kept. With ``on_quota="wait"`` it waits instead.
        BlockingIOError
            If another process is writing the archive; before any request.
        OSError
            If the folder cannot be written, before any request; or no longer, as where the disk is
            full. It says which file, and the next sync goes on from there.
        ConfigError
            If `ws` is another workspace than the archive is opened for, or one twice.
        ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
            As every endpoint does, see :mod:`togglframe.errors`.

        Warns
        -----
        CompletenessWarning
            If months stay as they were, since it cannot be proven that all their rows came, since
            these sum up to less than the API's own total, or since another credential kept entries
            that this one does not see. Or if edits may be missing, since it cannot be proven that
            all were told; the next sync looks for them again.

        Notes
        -----
        ``POST /search/time_entries/totals``, one request for each window of twelve months, and
        ``POST /search/time_entries``: one for each page of what is fetched, and one for each window
        that has months to be left as they are, to look for edits that keep the seconds. Answers in
        the cache are not used. What is found by neither is a change that leaves seconds and the
        entry's own time of change alone: names of projects, rates of the past. `full` fetches it.
        A month in which the API sums up to nothing costs nothing.

        Where the plan hides money, billable seconds are not compared. Every byte of each file of
        the range is read, so that damage is found wherever it is.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> done = archive.sync(tf.demo(), start_date="2026-03-01", end_date="2026-03-31")
        >>> done["reason"].tolist()
        ['new']
        """
        workspaces = self._checked(ws)
        start = day("start_date", start_date)
        end = clock.now().date() if end_date is None else day("end_date", end_date)
        check_range(start.isoformat(), end.isoformat())
        with self._folder.writing():
            done = syncing.sync(self._folder, workspaces, start, end, is_full=full)
        return done.popitem()[1] if isinstance(ws, Workspace) else together(done)

    def snapshot(self, ws: Workspace | Iterable[Workspace]) -> None:
        """Keep today's listings: projects, statuses, clients, tasks, members, groups and users.

        There is one a day (UTC), the newest of the day.

        Parameters
        ----------
        ws : Workspace or iterable of Workspace
            What to keep.

        Raises
        ------
        BlockingIOError
            If another process is writing the archive; before any request.
        ConfigError
            If `ws` is another workspace than the archive is opened for, or one twice.
        ApiError, ConnectionFailedError, SchemaError, OSError
            As every report does, see :mod:`togglframe.reports`.

        Warns
        -----
        CompletenessWarning
            If the plan or the token hides a listing, which is then left out.

        Notes
        -----
        What ``reports.audit`` costs, and ``filters/clients``; answers in the cache are not used.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> ws = tf.demo()
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> archive.snapshot(ws)
        >>> budget = tf.reports.project_budget(archive)
        >>> budget.equals(tf.reports.project_budget(ws))
        True
        """
        workspaces = self._checked(ws)
        with self._folder.writing():
            for each in workspaces:
                snapshots.take(self._folder, each)

    # Reading

    def time_entries(
        self,
        *,
        start_date: Day | None = None,
        end_date: Day | None = None,
        workspace_ids: Ids | None = None,
        user_ids: Ids | None = None,
        project_ids: IdsOrNone | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return the time entries that are kept, read by month and by column.

        Parameters
        ----------
        start_date, end_date : str, date, datetime or Timestamp, optional
            The first and the last day, both included.
        workspace_ids, user_ids : iterable of int, optional
            Only entries of these.
        project_ids : iterable of int or None, optional
            Only entries of these; None among them asks for entries without one.
        columns : sequence of str, optional
            Which columns, in this order; by default all, and what the API told beyond them.

        Returns
        -------
        DataFrame
            One row is a time entry, as :func:`togglframe.search.time_entries` returns it; by
            start, then id. Of several workspaces `workspace_id` comes first, and they follow one
            another.

        Raises
        ------
        ConfigError, TypeError
            If an argument is impossible, a workspace is not kept, or a file cannot be read.

        Warns
        -----
        CompletenessWarning
            If a month of the range, up to today, was never synced, or its file is gone.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> done = archive.sync(tf.demo(), start_date="2026-03-01", end_date="2026-03-31")
        >>> entries = archive.time_entries(columns=["date", "tracked_time"])
        >>> bool(len(entries) == done["rows"].sum())
        True
        """
        names = None if columns is None else check_columns(columns)
        chosen = Selection(
            start=None if start_date is None else day("start_date", start_date),
            end=None if end_date is None else day("end_date", end_date),
            user_ids=None if user_ids is None else tuple(id_list("user_ids", user_ids)),
            project_ids=None
            if project_ids is None
            else tuple(id_list_or_none("project_ids", project_ids)),
        )
        if chosen.start is not None and chosen.end is not None:
            check_range(chosen.start.isoformat(), chosen.end.isoformat())
        numbers = self._chosen(workspace_ids)
        if not numbers:
            return TIME_ENTRIES.empty()[list(TIME_ENTRIES.names) if names is None else names]
        frames = {
            number: entries_of(self._folder, number, chosen, columns=names) for number in numbers
        }
        return _one_or_all(frames)

    def by_workspace(self) -> dict[int, Archive]:
        """Return the archive of each workspace that is kept, as reports ask for it.

        :meta private:
        """
        return {
            number: Archive(self._folder.path, workspace_id=number) for number in self._numbers()
        }

    def load(self, name: str, selection: Selection = EVERYTHING, /) -> pd.DataFrame | None:
        """Return a listing by its name, as reports ask for it; None where it is not kept.

        :meta private:
        """
        number = self._one_workspace()
        if name == _ENTRIES:
            if not self._folder.months(number):
                return None
            return entries_of(self._folder, number, selection)
        days = self._folder.snapshot_days(number)
        if LISTINGS[name].is_ranged or not days:
            return None
        return snapshots.load(self._folder, number, name, days[-1])

    def load_sums(self, selection: Selection, sums: Sums, /) -> pd.DataFrame | None:
        """Return time entries summed up, as reports ask for them; None where that cannot be.

        :meta private:
        """
        number = self._one_workspace()
        return summed_entries(
            self._folder, number, selection, sums, lambda: self.load(PROJECTS.name)
        )

    def load_parts(self, selection: Selection, columns: tuple[str, ...], /) -> Parts | None:
        """Return time entries month by month, as reports ask for them; None where that cannot be.

        :meta private:
        """
        return entries_by_month(self._folder, self._one_workspace(), selection, columns)

    def history(self, report: str = "project_budget", **parameters: Any) -> pd.DataFrame:
        """Return a report of every snapshot.

        Parameters
        ----------
        report : str
            A report that is made of listings alone.
        **parameters
            Its parameters.

        Returns
        -------
        DataFrame
            `as_of` first (datetime64[us]), the day of the snapshot (UTC); then the columns of the
            report, of several workspaces as :func:`togglframe.reports.across` returns it. By day,
            then as the report is ordered. Rows of several days are not to be added up, and in
            Excel there are no totals below them.

        Raises
        ------
        ConfigError
            If there is no snapshot, or the report is none or needs more than listings.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> archive.snapshot(tf.demo())
        >>> archive.history().columns[:3].tolist()
        ['as_of', 'project_id', 'project']
        """
        return snapshots.history(self._folder, self._kept(), report, parameters)

    def changes(self, since: Day, report: str = "project_budget") -> pd.DataFrame:
        """Return what moved between two snapshots.

        Parameters
        ----------
        since : str, date, datetime or Timestamp
            The day of the earlier one; where there is none of it, the last one before.
        report : str
            A report that is made of listings alone.

        Returns
        -------
        DataFrame
            One row is a row of the report in which a measure is not what it was, or that is new
            or gone; by the key of the report. Of several workspaces `workspace_id` comes first,
            and they follow one another.

            - the key, other ids, and names : as in the report, those of the newest snapshot that
              has them.
            - change : ordered category. Whether it moved, or is in one of the snapshots only:
              moved, new, gone.
            - `<measure>_before` : as in the report. Each measure (hours, amounts and counts) in
              the earlier snapshot, NA if the row is new, or where it was not known.
            - `<measure>_after` : as in the report. The same in the newest snapshot, NA if the row
              is gone, or where it is not known.
            - `<measure>_difference` : as in the report. After minus before, exact; NA unless both
              are known.

            In ``attrs["togglframe"]`` the days of the two snapshots are `since` and `as_of`.

        Raises
        ------
        ConfigError
            If there is no snapshot so old, or the report is none or needs more than listings.

        See Also
        --------
        togglframe.charts.changes : The chart of such a frame.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> archive.snapshot(tf.demo())
        >>> archive.changes(archive.history()["as_of"].max()).empty
        True
        """
        start = day("since", since)
        kept = self._kept()
        return _one_or_all(
            {number: snapshots.changes(self._folder, number, start, report) for number in kept}
        )

    def verify(self, ws: Workspace) -> pd.DataFrame:
        """Compare every month that is kept with the API's own totals.

        Parameters
        ----------
        ws : Workspace
            Whom to ask.

        Returns
        -------
        DataFrame
            One row is a month that differs, or lies between two that are kept and is missing.

            - month : str. The month, such as 2026-10.
            - hours_here, hours_there, hours_difference : Float64 [h]. Kept, told by the API, and
              the one minus the other.
            - billable_hours_here, billable_hours_there, billable_hours_difference : Float64 [h].
              The same of billable time, NA where that is not told.

        Raises
        ------
        ConfigError
            If a file cannot be read, or `ws` is another workspace than the archive is opened for.
        ApiError, ConnectionFailedError, SchemaError
            As every endpoint does, see :mod:`togglframe.errors`.

        Notes
        -----
        ``POST /search/time_entries/totals``, one request for each window of twelve months.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> ws = tf.demo()
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> done = archive.sync(ws, start_date="2026-03-01", end_date="2026-03-31")
        >>> archive.verify(ws).empty
        True
        """
        rows = [
            (month, kept.tracked, told.tracked, kept.billable, told.billable)
            for month, kept, told in syncing.differing(self._folder, *self._checked([ws]))
        ]
        names = ["hours_here", "hours_there", "billable_hours_here", "billable_hours_there"]
        found = pd.DataFrame(rows, columns=["month", *names])
        hours = found[names].astype("Int64").astype("Float64") / MS_PER_HOUR
        frame = pd.DataFrame({"month": found["month"].astype("str")})
        for kind in ("hours", "billable_hours"):
            here, there = hours[f"{kind}_here"], hours[f"{kind}_there"]
            frame[f"{kind}_here"], frame[f"{kind}_there"] = here, there
            frame[f"{kind}_difference"] = here - there
        return frame

    def status(self) -> pd.DataFrame:
        """Tell what is kept.

        Returns
        -------
        DataFrame
            One row is a month of a workspace.

            - workspace_id : Int64. Workspace id.
            - month : str. The month, such as 2026-10.
            - rows : Int64. Entries that are kept; NA, as all but the last, where the file is gone.
            - tracked_hours : Float64 [h]. What they sum up to.
            - fetched_at : datetime64[us, UTC]. When they were fetched.
            - compared_at : datetime64[us, UTC]. When a sync last found them up to date.

        Raises
        ------
        ConfigError
            If a file cannot be read.

        Notes
        -----
        Every byte of each file of time entries is read, so that damage is found wherever it is.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> tf.Archive(tempfile.mkdtemp()).status().empty
        True
        """
        rows: list[tuple[Any, ...]] = []
        for number in self._numbers():
            compared = self._folder.compared(number)
            for month, path in self._folder.months(number).items():
                sums, known = sums_of(path), known_of(path)
                hours = sums.tracked / MS_PER_HOUR
                moments = (known.fetched_at, compared.get(month))
                rows.append((number, month, sums.rows, hours, *moments))
            gone = self._folder.lost(number)
            rows.extend((number, month, None, None, None, compared.get(month)) for month in gone)
        rows.sort(key=lambda row: row[:2])
        names = ["workspace_id", "month", "rows", "tracked_hours", "fetched_at", "compared_at"]
        dtypes = ["Int64", "str", "Int64", "Float64", *["datetime64[us, UTC]"] * 2]
        columns = zip(*rows, strict=True) if rows else [[] for _ in names]
        return pd.DataFrame(
            {
                name: pd.Series(list(values), dtype=dtype)
                for name, values, dtype in zip(names, columns, dtypes, strict=True)
            }
        )

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open the archive in DuckDB, with a view for each table.

        Returns
        -------
        DuckDBPyConnection
            In memory, over the files as they are. `time_entries` has all that are kept, with
            `workspace_id` and `month`; `projects`, `statuses`, `clients`, `tasks`,
            `project_users`, `project_groups` and `users` are of the newest snapshot, and
            `projects_history` and so on of all, with `as_of`. A duration is an INTERVAL, which
            DuckDB does not sum: beside it are its seconds, such as `tracked_seconds` beside
            `tracked_time`.

        Raises
        ------
        ConfigError
            If a file cannot be read.
        ImportError
            DuckDB is missing: ``pip install "togglframe[archive]"``.

        Warns
        -----
        CompletenessWarning
            If the archive has lost the file of a month.

        Notes
        -----
        Which snapshot is the newest is found out here, as reports do: the last one that is whole.
        A listing that it lacks is empty.

        Until a sync that was interrupted is gone on with, an entry that moved to another month may
        be in both; `time_entries` and the reports take the later one.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> done = archive.sync(tf.demo(), start_date="2026-03-01", end_date="2026-03-31")
        >>> with archive.connect() as connection:
        ...     (n,) = connection.execute("SELECT count(*) FROM time_entries").fetchone()
        >>> bool(n == done["rows"].sum())
        True
        """
        numbers = self._numbers()
        warn_of_lost(self._folder, numbers)
        return views.connect(self._folder, numbers)

    # Which workspaces

    def _chosen(self, given: Ids | None) -> list[int]:
        kept = self._kept()
        if given is None:
            return kept
        wanted = id_list("workspace_ids", given)
        if unknown := [number for number in wanted if number not in kept]:
            known = ", ".join(map(str, kept))
            raise ConfigError(f"{self!r} holds no workspace {unknown[0]}; it holds {known}")
        return wanted

    def _numbers(self) -> list[int]:
        numbers = self._folder.workspace_ids()
        return [number for number in numbers if self._only in (None, number)]

    def _checked(self, given: object) -> list[Workspace]:
        """Return the workspaces that are given, none of which is another than this one keeps."""
        workspaces = _checked_workspaces(given)
        for number in (client_of(each).id for each in workspaces):
            if self._only not in (None, number):
                raise ConfigError(
                    f"{self!r} is of no other workspace, such as {number}: leave workspace_id out "
                    "for an archive of several"
                )
        return workspaces

    def _kept(self) -> list[int]:
        if kept := self._numbers():
            return kept
        what = "nothing" if self._only is None else f"nothing of workspace {self._only}"
        raise ConfigError(
            f"{self!r} holds {what}; archive.sync(ws, start_date=...) fills it, as does "
            "togglframe archive sync"
        )

    def _one_workspace(self) -> int:
        kept = self._kept()
        if len(kept) > 1:
            named = ", ".join(map(str, kept))
            raise ConfigError(
                f"{self!r} holds several workspaces, {named}: name one with "
                f"togglframe.Archive({str(self._folder.path)!r}, workspace_id={kept[0]})"
            )
        return kept[0]


def _one_or_all(frames: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return the frame of one workspace as it is, those of several one below the other."""
    return together(frames) if len(frames) > 1 else next(iter(frames.values()))


def _checked_workspaces(given: object) -> list[Workspace]:
    if isinstance(given, Workspace):
        return [given]
    if not isinstance(given, Iterable):
        raise TypeError(f"ws is a Workspace or a list of them, not {type(given).__name__}")
    workspaces = list(given)
    numbers = [client_of(each).id for each in workspaces]
    if not numbers:
        raise ConfigError("ws is empty: name at least one workspace")
    if len(set(numbers)) < len(numbers):
        raise ConfigError(f"ws names a workspace twice: {numbers}")
    return workspaces
