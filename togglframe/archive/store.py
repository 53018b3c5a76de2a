"""Archive: a folder that keeps the data of a workspace, so that history costs no requests."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from togglframe import clock
from togglframe._renamed import with_new_keywords
from togglframe.api.dates import Day, check_range, day, fixed_today
from togglframe.api.parameters import Ids, id_list
from togglframe.archive import closing, snapshots, syncing, views
from togglframe.archive.calendar import months_between
from togglframe.archive.entries import check_columns, entries_by_month, entries_of, warn_of_lost
from togglframe.archive.folder import Folder
from togglframe.archive.months import known_of, sums_of
from togglframe.archive.planning import plan_sync, plan_verify
from togglframe.archive.sums import summed_entries
from togglframe.errors import ConfigError
from togglframe.export.parquet import require_pyarrow
from togglframe.http.client import client_of
from togglframe.http.quota import Plan
from togglframe.reports.listings import LISTINGS
from togglframe.reports.names import selected
from togglframe.reports.periods import DayRange, Period, parse_period
from togglframe.reports.planning import planned_by
from togglframe.reports.selection import (
    EVERYTHING,
    Names,
    NamesOrNone,
    Parts,
    Selection,
    Sums,
    in_lists,
    selection,
)
from togglframe.reports.sources import Listings
from togglframe.tables import ARCHIVED, MS_PER_HOUR, TIME_ENTRIES
from togglframe.tables.provenance import fetched_at, of, stamp
from togglframe.tables.workspaces import together
from togglframe.workspace import Workspace

if TYPE_CHECKING:
    import duckdb

_ENTRIES: Final = "time_entries"
_OPEN: Final = (None, None)  # of a month that is not closed


class Archive:
    """A folder of Parquet files that keeps time entries by month, and listings by day.

    Every report accepts an archive in place of a workspace, and then sends no request: reports over
    time read the months, the others the newest snapshot. If the archive keeps several workspaces, a
    report covers all of them, as with :func:`togglframe.reports.across`. The folder holds no
    secrets, but it does hold the names, e-mail addresses and rates that the API returned.

    Parameters
    ----------
    folder : str or path
        Its path. The first `sync` or `snapshot` creates the folder; its parent must exist.
    workspace_id : int, optional
        Restrict the archive to this workspace: no other is read or written.
    today : str, date, datetime or Timestamp, optional
        The day from which reports and `sync` count; by default that of the workspace to sync, and
        for reports whatever this machine's local day is then.

    Notes
    -----
    The files are ``time_entries/workspace_id=…/month=…/part-0.parquet``, with the columns of the
    table of time entries and `undeclared_fields`, a JSON object of any other fields from the API;
    and ``snapshots/<listing>/workspace_id=…/as_of=…/part-0.parquet``. Any tool that reads
    partitioned Parquet can read them. Files are replaced as a whole, so readers never wait. A
    snapshot that lacks what another credential saw is kept in ``narrower``, in the same folders,
    which nothing here reads; ``state`` records what syncs have compared.

    It requires pyarrow: ``pip install "togglframe[archive]"``.

    Examples
    --------
    >>> import tempfile
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> archive = tf.Archive(tempfile.mkdtemp())
    >>> done = archive.sync(ws, start_date="2026-09-01", end_date="2026-10-31")
    >>> done["month"].tolist()
    ['2026-09', '2026-10']
    >>> october = tf.reports.hours(archive, period="2026-10")
    >>> october.equals(tf.reports.hours(ws, period="2026-10"))
    True
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        workspace_id: int | None = None,
        today: Day | None = None,
    ) -> None:
        require_pyarrow("archive")
        self._folder = Folder(folder)
        self._today = fixed_today("today", today)
        self._only = None if workspace_id is None else id_list("workspace_id", workspace_id)[0]

    def __repr__(self) -> str:
        """Show which folder it is."""
        only = "" if self._only is None else f", workspace_id={self._only}"
        return f"Archive({str(self._folder.path)!r}{only})"

    @property
    def today(self) -> dt.date:
        """The day from which reports count."""
        return clock.today() if self._today is None else self._today

    def _day_of(self, ws: Workspace) -> dt.date:
        """Return the day from which a sync with this workspace counts."""
        return ws.today if self._today is None else self._today

    # Keeping

    def _plan_sync(
        self,
        ws: Workspace | Iterable[Workspace],
        *,
        start_date: Day,
        end_date: Day | None = None,
        full: bool = False,
    ) -> Plan:
        workspaces = self._checked(ws)
        names = months_between(*self._range_of(workspaces, start_date, end_date))
        return Plan.of_all_or_one(
            {
                each.id: plan_sync(self._folder, each, names, self._day_of(each), is_full=full)
                for each in workspaces
            }
        )

    def _plan_snapshot(self, ws: Workspace | Iterable[Workspace]) -> Plan:
        return Plan.of_all_or_one({each.id: snapshots.plan(each) for each in self._checked(ws)})

    def _plan_verify(self, ws: Workspace) -> Plan:
        (checked,) = self._checked(ws)
        return plan_verify(self._folder, checked)

    @planned_by(_plan_sync)
    def sync(
        self,
        ws: Workspace | Iterable[Workspace],
        *,
        start_date: Day,
        end_date: Day | None = None,
        full: bool = False,
    ) -> pd.DataFrame:
        """Bring the months of a range up to date.

        One row is a month. It is fetched if it is new, if its seconds or billable seconds differ
        from the API's totals, if one of its entries was changed since it was last compared, or, in
        the last 35 days, if the API's total of its amounts is not what it was then. Adjacent
        months are fetched as one listing, newest first, and each is written as soon as it is
        complete: if a sync is interrupted, the next one resumes from there.

        Parameters
        ----------
        ws : Workspace or iterable of Workspace
            The workspace to sync; several are synced one after another.
        start_date, end_date : str, date, datetime or Timestamp
            The first and the last day; `end_date` defaults to today. Months are always
            synced whole, even where the range covers only a part of one.
        full : bool
            Whether to fetch all months of the range, even those whose totals match.

        Returns
        -------
        DataFrame
            By month; for an iterable of workspaces, `workspace_id` is the first column.

            - month : str. The month, such as 2026-10.
            - reason : str. Why it was fetched: new, changed (its totals differ, or its file is
              damaged or gone), edited; or same, if it was not, if it has no entries, or only
              because of `full`.
            - rows_before : Int64. Entries before the sync; NA if they could not be read.
            - rows : Int64. Entries after it.
            - requests : Int64. Requests for its entries; a page counts for the month in which it
              begins. The total of all requests is ``attrs["togglframe"]["requests"]``.

        Raises
        ------
        QuotaExceededError
            If the quota runs out before the sync is complete; the error names the missing months.
            Those already fetched are kept. With ``on_quota="wait"`` the sync waits instead.
        BlockingIOError
            If another process is writing to the archive; raised before any request.
        OSError
            If the folder cannot be written to, before any request; or later, for example because
            the disk is full. The error names the file, and the next sync resumes from there.
        ConfigError
            If `ws` is not the workspace that the archive was opened for, or names one twice.
        ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
            As every endpoint does, see :mod:`togglframe.errors`.

        Warns
        -----
        CompletenessWarning
            If months are left as they were: because it cannot be proven that all their rows came,
            because these sum to less than the API's own total, or because another credential kept
            entries that this one does not see. Also if edits may be missing, because it cannot be
            proven that the API listed them all; the next sync looks for them again.

        Notes
        -----
        ``POST /search/time_entries/totals``, one request for each window of twelve months, and
        ``POST /search/time_entries``: one for each page of the months that are fetched, and one for
        each window with other months, to look for edits that left the totals unchanged. So a sync
        that finds nothing costs one or two requests for each window. Cached answers are not used.
        Neither request finds a change that leaves the totals and the entry's own `updated_at` as
        they were, such as a renamed project; `full` fetches it. A month without entries has no
        file.

        What counts as changed since is read from `updated_at`, never from this machine's clock. An
        entry that moves from one month to another during a sync may be archived in both; reports
        count it once, where it is newer, and the next sync that covers both removes the other.

        If the plan hides money, billable seconds are not compared. Every file of the range is read
        in full, so that damage is found wherever it is.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> ws = tf.demo(today="2026-11-26")
        >>> done = archive.sync(ws, start_date="2026-03-01", end_date="2026-03-31")
        >>> done["reason"].tolist()
        ['new']
        """
        workspaces = self._checked(ws)
        today = max(map(self._day_of, workspaces), default=self.today)
        start, end = self._range_of(workspaces, start_date, end_date)
        with self._folder.writing():
            done = syncing.sync(self._folder, workspaces, start, end, today, is_full=full)
        return done.popitem()[1] if isinstance(ws, Workspace) else together(done)

    @planned_by(_plan_snapshot)
    def snapshot(self, ws: Workspace | Iterable[Workspace]) -> None:
        """Keep today's listings: projects, statuses, clients, tasks, members, groups and users.

        One snapshot is kept per day: the last one taken. It has all clients, with or without
        projects.

        Parameters
        ----------
        ws : Workspace or iterable of Workspace
            The workspace to take a snapshot of, or several.

        Raises
        ------
        BlockingIOError
            If another process is writing to the archive; raised before any request.
        ConfigError
            If `ws` is not the workspace that the archive was opened for, or names one twice.
        ApiError, ConnectionFailedError, SchemaError, OSError
            As every report does, see :mod:`togglframe.reports`.

        Warns
        -----
        CompletenessWarning
            If the plan or the token hides a listing, which is then left out. If projects, clients,
            users or a whole listing are missing that the newest snapshot has, and another
            credential took that one: reports go on using it, and this one is kept in the folder
            ``narrower``.

        Notes
        -----
        It costs what ``reports.project_audit`` costs, plus ``filters/clients``, whose end takes
        another request to prove; cached answers are not used.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> ws = tf.demo(today="2026-11-26")
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> archive.snapshot(ws)
        >>> budget = tf.reports.project_budget(archive)
        >>> budget.equals(tf.reports.project_budget(ws))
        True
        """
        workspaces = self._checked(ws)
        with self._folder.writing():
            for each in workspaces:
                snapshots.take(self._folder, each, self._day_of(each))

    def close(self, period: Period, *, again: bool = False) -> pd.DataFrame:
        """Keep the entries of a period as they were billed, to find later changes.

        Parameters
        ----------
        period : str, date, Timestamp or pandas.Period
            A period that has ended, such as "2026-10" or "last-month".
        again : bool
            Whether to replace what was kept when the period was closed before.

        Returns
        -------
        DataFrame
            One row is the closed period; with several workspaces one for each, and `workspace_id`
            is the first column.

            - period : str. The period, such as 2026-10.
            - closed_at : datetime64[us, UTC]. When it was closed.
            - n_entries : Int64. Time entries of the period.
            - tracked_hours : Float64 [h]. The time tracked.
            - billable_hours : Float64 [h]. Its billable part, NA if unknown.

        Raises
        ------
        ConfigError
            If the period has not ended, a month of it was not synced since it ended, or it is
            closed already; nothing is written then.
        BlockingIOError
            If another process is writing to the archive.

        See Also
        --------
        late : What changed since.

        Notes
        -----
        No request: it keeps what the last sync brought, in
        ``closed/workspace_id=…/period=…/part-0.parquet``.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> ws = tf.demo(today="2026-11-26")
        >>> done = archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
        >>> archive.close("2026-10")[["period", "n_entries"]].to_dict("records")
        [{'period': '2026-10', 'n_entries': 1068}]
        """
        days, numbers = parse_period(period, self.today), self._kept()
        with self._folder.writing():
            return _one_or_all(closing.close(self._folder, numbers, days, self.today, again=again))

    def _range_of(
        self, workspaces: Sequence[Workspace], start_date: Day, end_date: Day | None
    ) -> tuple[dt.date, dt.date]:
        """Return the first and the last day of a sync."""
        start = day("start_date", start_date)
        today = max(map(self._day_of, workspaces), default=self.today)
        end = today if end_date is None else day("end_date", end_date)
        check_range(start.isoformat(), end.isoformat())
        return start, end

    # Reading

    def late(self, period: Period) -> pd.DataFrame:
        """Return what later syncs changed in a period that was closed.

        Parameters
        ----------
        period : str, date, Timestamp or pandas.Period
            The period, as it was closed.

        Returns
        -------
        DataFrame
            One row is a time entry that came into the period, left it, or has another date,
            project, user, duration, rate or currency, or is billable where it was not; by date,
            then id. Its project and user are those of now, so that only sums over all of them show
            what moved. With several workspaces, `workspace_id` is the first column. The sum of
            `hours_change` is what the hours of the period changed by.

            - change : ordered category. Whether it came into the period, left it, or is another
              now: added, removed, edited.
            - time_entry_id : Int64. Time entry id.
            - user_id : Int64. User id.
            - user : str. Name of the user who tracked it.
            - project_id : Int64. Project id, NA without a project.
            - project : str. Name of the project.
            - date : datetime64[us]. The local day on which it begins, or began if it was removed.
            - hours_before, hours, hours_change : Float64 [h]. Tracked as it was closed, tracked
              now, and the difference; 0 where the entry was not in the period, or is not any more.
            - billable_before, billable : boolean. Whether it was billable, and whether it is.
            - amount_before, amount : Float64 [currency]. Its value as it was closed and now, 0
              where the entry is not in the period, NA if unknown or, before, in another currency.
            - currency : str. The currency of the amounts.

        Raises
        ------
        ConfigError
            If the period was not closed, or its file cannot be read.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> ws = tf.demo(today="2026-11-26")
        >>> done = archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
        >>> closed = archive.close("2026-10")
        >>> archive.late("2026-10").empty
        True
        """
        days = parse_period(period, self.today)
        return _one_or_all(
            {n: closing.late(self._folder, n, days, self.today) for n in self._kept()}
        )

    @with_new_keywords
    def time_entries(
        self,
        *,
        start_date: Day | None = None,
        end_date: Day | None = None,
        workspace_ids: Ids | None = None,
        users: Names | None = None,
        projects: NamesOrNone | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return the archived time entries, reading only the months and columns that are needed.

        Parameters
        ----------
        start_date, end_date : str, date, datetime or Timestamp, optional
            The first and the last day, both included.
        workspace_ids : int or iterable of int, optional
            Only entries of these workspaces.
        users : int, str, or list of int or str, optional
            Only entries of these users: ids, names or e-mail addresses.
        projects : int, str, or list of int, str or None, optional
            Only entries of these projects: ids or names; None among them selects entries without
            a project.
        columns : sequence of str, optional
            The columns to return, in this order; by default all, and any other fields from the API.

        Returns
        -------
        DataFrame
            One row is a time entry, as ``tf.search.time_entries`` returns it, ordered by start,
            then id. With several workspaces, `workspace_id` is the first column, and the
            workspaces follow one another.

        Raises
        ------
        ConfigError, TypeError
            If an argument is invalid, a workspace is not in the archive, or a file cannot be read.

        Warns
        -----
        CompletenessWarning
            If a month of the range, up to today, was never synced, or its file is gone.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> ws = tf.demo(today="2026-11-26")
        >>> done = archive.sync(ws, start_date="2026-03-01", end_date="2026-03-31")
        >>> entries = archive.time_entries(columns=["date", "tracked_time"])
        >>> bool(len(entries) == done["rows"].sum())
        True
        """
        names = None if columns is None else check_columns(columns)
        filters = in_lists({"users": users, "projects": projects})
        chosen = replace(
            selection("time_entries", **filters),
            start=None if start_date is None else day("start_date", start_date),
            end=None if end_date is None else day("end_date", end_date),
        )
        if chosen.start is not None and chosen.end is not None:
            check_range(chosen.start.isoformat(), chosen.end.isoformat())
        numbers = self._chosen(workspace_ids)
        archives = self.by_workspace()
        by_id = selected(
            chosen, filters, {number: Listings(archives[number]) for number in numbers}
        )
        if not numbers:
            return TIME_ENTRIES.empty()[list(TIME_ENTRIES.names) if names is None else names]
        return _one_or_all(
            {n: entries_of(self._folder, n, by_id[n], self.today, columns=names) for n in numbers}
        )

    def by_workspace(self) -> dict[int, Archive]:
        """Return the archive of each workspace that is kept, for reports.

        :meta private:
        """
        return {
            number: Archive(self._folder.path, workspace_id=number, today=self._today)
            for number in self._numbers()
        }

    def closed_at(self, period: DayRange) -> dt.datetime | None:
        """Return when a period was last closed, None if it was not.

        :meta private:
        """
        return closing.closed_at(self._folder, self._one_workspace(), period)

    def load(self, name: str, selection: Selection = EVERYTHING, /) -> pd.DataFrame | None:
        """Return a listing by its name, for reports; None if it is not kept.

        :meta private:
        """
        number = self._one_workspace()
        if name == _ENTRIES:
            if not self._folder.is_synced(number):
                return None
            return entries_of(self._folder, number, selection, self.today)
        days = self._folder.snapshot_days(number)
        if LISTINGS[name].is_ranged or not days:
            return None
        return snapshots.load(self._folder, number, name, days[-1])

    def load_sums(self, selection: Selection, sums: Sums, /) -> pd.DataFrame | None:
        """Return aggregated time entries, for reports; None if that is not possible.

        :meta private:
        """
        number = self._one_workspace()
        statuses = self.load("statuses") if "updated_at" in sums.columns else None
        return summed_entries(
            self._folder,
            number,
            selection,
            sums,
            lambda: self.load("projects"),
            today=self.today,
            totals_at=None if statuses is None else fetched_at(of(statuses)),
        )

    def load_parts(self, selection: Selection, columns: tuple[str, ...], /) -> Parts | None:
        """Return time entries month by month, for reports; None if that is not possible.

        :meta private:
        """
        number = self._one_workspace()
        return entries_by_month(self._folder, number, selection, columns, self.today)

    def history(self, report: str = "project_budget", **parameters: Any) -> pd.DataFrame:
        """Return a report for every snapshot.

        Parameters
        ----------
        report : str
            The name of a report that needs listings only.
        **parameters
            The parameters of the report.

        Returns
        -------
        DataFrame
            `as_of` (datetime64[us]), the day of the snapshot, then the columns of the report;
            with several workspaces, those that :func:`togglframe.reports.across` returns. Ordered
            by day, then as the report is. Do not add up rows of different days; Excel sheets show
            no totals below them.

        Raises
        ------
        ConfigError
            If there is no snapshot, or `report` is no report or needs more than listings.

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

    def changes(
        self, since: Day, report: str = "project_budget", **parameters: Any
    ) -> pd.DataFrame:
        """Return what changed between two snapshots.

        Parameters
        ----------
        since : str, date, datetime or Timestamp
            The day of the earlier snapshot; if that day has none, the last one before it is used.
        report : str
            The name of a report that needs listings only.
        **parameters
            The parameters of the report.

        Returns
        -------
        DataFrame
            One row is a row of the report in which a measure changed, or that is new or gone;
            ordered by the key of the report. With several workspaces, `workspace_id` is the first
            column, and the workspaces follow one another.

            - the key, other ids, and names : as in the report, from the newest snapshot that has
              them.
            - change : ordered category. Whether a measure changed, or only one of the snapshots has
              the row: moved, new, gone.
            - `<measure>_before` : as in the report. Each measure (hours, amounts and counts) in
              the earlier snapshot; NA if the row is new or the value was unknown.
            - `<measure>_after` : as in the report. The same in the newest snapshot; NA if the row
              is gone or the value is unknown.
            - `<measure>_difference` : as in the report. After minus before, exact; NA unless both
              are known.

            ``attrs["togglframe"]`` has the days of the two snapshots as `since` and `as_of`.

        Raises
        ------
        ConfigError
            If there is no snapshot that old, or `report` is no report or needs more than listings.

        See Also
        --------
        togglframe.charts.snapshot_changes : The chart of such a frame.

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
        return _one_or_all(
            {n: snapshots.changes(self._folder, n, start, report, parameters) for n in self._kept()}
        )

    @planned_by(_plan_verify)
    def verify(self, ws: Workspace) -> pd.DataFrame:
        """Compare every archived month with the API's own totals.

        Parameters
        ----------
        ws : Workspace
            The workspace to compare with.

        Returns
        -------
        DataFrame
            One row is a month that differs, or that is missing between two archived ones.

            - month : str. The month, such as 2026-10.
            - hours_here, hours_there, hours_difference : Float64 [h]. In the archive, in the API's
              totals, and the first minus the second.
            - billable_hours_here, billable_hours_there, billable_hours_difference : Float64 [h].
              The same for billable time; NA where it is unknown.

        Raises
        ------
        ConfigError
            If a file cannot be read, or `ws` is not the workspace that the archive was opened for.
        ApiError, ConnectionFailedError, SchemaError
            As every endpoint does, see :mod:`togglframe.errors`.

        Notes
        -----
        ``POST /search/time_entries/totals``, one request for each window of twelve months.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> ws = tf.demo(today="2026-11-26")
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> done = archive.sync(ws, start_date="2026-03-01", end_date="2026-03-31")
        >>> archive.verify(ws).empty
        True
        """
        rows = [
            (month, kept.tracked, total.tracked, kept.billable, total.billable)
            for month, kept, total in syncing.differing(self._folder, *self._checked([ws]))
        ]
        names = ["hours_here", "hours_there", "billable_hours_here", "billable_hours_there"]
        frame = pd.DataFrame(rows, columns=["month", *names]).astype({"month": "str"})
        frame[names] = frame[names].astype("Int64").astype("Float64") / MS_PER_HOUR
        for position, kind in ((3, "hours"), (6, "billable_hours")):
            difference = frame[f"{kind}_here"] - frame[f"{kind}_there"]
            frame.insert(position, f"{kind}_difference", difference)
        return frame

    def status(self) -> pd.DataFrame:
        """Return what the archive holds, month by month.

        Returns
        -------
        DataFrame
            One row is a month of a workspace.

            - workspace_id : Int64. Workspace id.
            - month : str. The month, such as 2026-10.
            - rows : Int64. Entries in the archive; NA, like the next two columns, if the file is
              gone.
            - tracked_hours : Float64 [h]. Their total.
            - fetched_at : datetime64[us, UTC]. When they were fetched.
            - compared_at : datetime64[us, UTC]. When a sync last found them up to date.
            - closed_at : datetime64[us, UTC]. When a period with the month was last closed.
            - n_late : Int64. Entries of the month that changed since; NA if it is not closed.

        Raises
        ------
        ConfigError
            If a file cannot be read.

        Notes
        -----
        Every file of time entries is read in full, so that damage is found wherever it is.

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
            closed = closing.closed_months(self._folder, number, self.today)
            for month, path in self._folder.months(number).items():
                sums, known = sums_of(path), known_of(path)
                hours = sums.tracked / MS_PER_HOUR
                moments = (known.fetched_at, compared.get(month))
                rows.append((number, month, sums.rows, hours, *moments, *closed.get(month, _OPEN)))
            rows.extend(
                (number, month, None, None, None, compared.get(month), *closed.get(month, _OPEN))
                for month in self._folder.lost(number)
            )
        rows.sort(key=lambda row: row[:2])
        table = ARCHIVED.across()
        frame = pd.DataFrame(rows, columns=table.names)
        typed = frame.astype({column.name: column.dtype for column in table})
        return stamp(typed, table=ARCHIVED.name)

    def check(self) -> None:
        """Read every file in full, and raise a ConfigError that names one that is damaged.

        :meta private:
        """
        views.check(self._folder, self._numbers())

    def connect(self) -> duckdb.DuckDBPyConnection:
        """Open the archive in DuckDB, with a view for each table.

        Returns
        -------
        DuckDBPyConnection
            In memory, over the files as they are. `time_entries` has all archived entries, with
            `workspace_id` and `month`; `projects`, `statuses`, `clients`, `tasks`,
            `project_users`, `project_groups` and `users` show the newest snapshot, and
            `projects_history` and so on show all of them, with `as_of`. A duration is an INTERVAL,
            which DuckDB does not sum, so each has a column of seconds beside it, such as
            `tracked_seconds` for `tracked_time`.

        Raises
        ------
        ConfigError
            If a file cannot be read, or is not what a sync writes.
        ImportError
            DuckDB is missing: ``pip install "togglframe[archive]"``.

        Warns
        -----
        CompletenessWarning
            If the file of an archived month is gone.

        Notes
        -----
        The newest snapshot is the last complete one at the time of the call, as in reports. A
        listing that it lacks is empty. Only files that were there then are read, and pyarrow
        verifies the checksum of each page: a query that reads a damaged one raises an error of
        DuckDB, and `status` names the file.

        After an interrupted sync, until it is resumed, the view `time_entries` may have an entry
        that moved to another month twice; the method `time_entries` and reports use the later one.

        Examples
        --------
        >>> import tempfile
        >>> import togglframe as tf
        >>> archive = tf.Archive(tempfile.mkdtemp())
        >>> ws = tf.demo(today="2026-11-26")
        >>> done = archive.sync(ws, start_date="2026-03-01", end_date="2026-03-31")
        >>> with archive.connect() as connection:
        ...     (n,) = connection.execute("SELECT count(*) FROM time_entries").fetchone()
        >>> bool(n == done["rows"].sum())
        True
        """
        numbers = self._numbers()
        warn_of_lost(self._folder, numbers)
        return views.connect(self._folder, numbers)

    # Which workspaces

    def _chosen(self, workspace_ids: Ids | None) -> list[int]:
        kept = self._kept()
        if workspace_ids is None:
            return kept
        wanted = id_list("workspace_ids", workspace_ids)
        if unknown := [number for number in wanted if number not in kept]:
            known = ", ".join(map(str, kept))
            raise ConfigError(f"{self!r} holds no workspace {unknown[0]}; it holds {known}")
        return wanted

    def _numbers(self) -> list[int]:
        numbers = self._folder.workspace_ids()
        return [number for number in numbers if self._only in (None, number)]

    def _checked(self, ws: object) -> list[Workspace]:
        """Validate that the archive was opened for these workspaces, and return them."""
        if not isinstance(ws, Iterable | Workspace):
            raise TypeError(f"ws must be a Workspace or a list of them, not {type(ws).__name__}")
        workspaces = [ws] if isinstance(ws, Workspace) else list(ws)
        numbers = [client_of(each).id for each in workspaces]
        if not numbers:
            raise ConfigError("ws is empty: name at least one workspace")
        if len(set(numbers)) < len(numbers):
            raise ConfigError(f"ws names a workspace twice: {numbers}")
        for number in numbers:
            if self._only not in (None, number):
                raise ConfigError(
                    f"{self!r} is restricted to another workspace than {number}; omit "
                    "workspace_id to keep several"
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
    """Return the frame of a single workspace as it is, those of several concatenated."""
    return together(frames) if len(frames) > 1 else next(iter(frames.values()))
