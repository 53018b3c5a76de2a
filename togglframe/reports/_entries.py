"""Helpers of joins over time: the selected entries, their names, groups and periods.

Inside the joins, time is whole milliseconds and money whole cents, both Int64.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.api.parameters import is_missing
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.reports._frames import (
    cents,
    checked,
    checked_or_empty,
    declared,
    look_up,
    unsorted,
)
from togglframe.reports._part import is_among
from togglframe.reports.own_groups import OwnGroup, as_list, with_groups
from togglframe.reports.selection import DAYS, N_ENTRIES, Selection, Sums
from togglframe.tables import (
    CLIENTS,
    PROJECTS,
    TASKS,
    TIME_ENTRIES,
    USER_DETAILS,
    Table,
)
from togglframe.tables.provenance import fetched_at, newest_at, of
from togglframe.tables.validation import milliseconds
from togglframe.text.formats import plural
from togglframe.text.periods import FREQUENCY
from togglframe.warning import warn

Own = Mapping[str, Any]  # groups of one's own, by the names of their columns
By = Literal["user", "project", "client", "task", "billable", "description", "tags"]

NAMED: Final = ("user", "project", "client", "task")
GROUPS: Final = (*NAMED, "billable", "description", "tags")
_OF_BITS: Final = ("day", "week", "month")


def group_list(name: str, by: object, table: Table) -> list[str]:
    """Return what to group by as a list; a mapping in it becomes groups of one's own.

    Raises
    ------
    TypeError, ConfigError
        If it names something unknown, or something twice.
    """
    chosen = as_list(by)
    with_groups(table, chosen)
    unknown = [one for one in chosen if one not in GROUPS and not isinstance(one, OwnGroup)]
    if unknown:
        raise ConfigError(f"{name} groups by {', '.join(GROUPS)}, not {unknown[0]!r}")
    if len(set(chosen)) < len(chosen):
        raise ConfigError(f"by names something twice: {chosen}")
    return chosen


def check_every(every: object, *, is_optional: bool = True) -> None:
    """Refuse an invalid length of a period, and None where one is required.

    Raises
    ------
    ConfigError
        If it is invalid.
    """
    if every is None and is_optional:
        return
    if not (isinstance(every, str) and every in FREQUENCY):
        *most, last = (f'"{unit}"' for unit in FREQUENCY)
        raise ConfigError(f"every must be {', '.join(most)} or {last}, not {every!r}")


def columns_by(by: Sequence[str]) -> list[str]:
    """Return the columns that a frame is grouped by, each id before its name."""
    pairs = ([f"{one}_id", one] if one in NAMED else [one] for one in by)
    return [column for pair in pairs for column in pair]


def keys_by(by: Iterable[str]) -> list[str]:
    """Return the columns that identify groups."""
    return [f"{one}_id" if one in NAMED else one for one in by]


def shaped(table: Table, by: Sequence[str], every: str | None) -> Table:
    """Return the table with the columns that `by` and `every` select."""
    return with_groups(table, by).choose([*columns_by(by), *(["period"] if every else [])])


def entries(
    time_entries: object,
    projects: object,
    columns: Iterable[str],
    selection: Selection,
) -> pd.DataFrame:
    """Return the selected entries with these columns, in their original order.

    `client_id` is that of the project; it is present if it is among the columns or selected by.

    Raises
    ------
    ConfigError, TypeError
        If a frame does not match its listing, or clients are selected but no projects are given.
    """
    wanted = dict.fromkeys([*columns, *_columns_of(selection)])
    wants_client = "client_id" in wanted
    if wants_client:
        wanted |= {"project_id": None}
        del wanted["client_id"]
    summed = ("tracked_time",) if "tracked_time" in wanted else ()
    rows = unsorted(time_entries, TIME_ENTRIES, " ".join(wanted), summed=summed)
    if isinstance(time_entries, pd.DataFrame) and "is_summed" in of(time_entries):
        rows = rows.assign(**{name: time_entries[name].array for name in (N_ENTRIES, DAYS)})
    refuse_unknown(rows, "date", "start", "tracked_time")
    rows = _in_range(rows, selection)
    if wants_client:
        owned = clients_of(projects)
        if not _has_both_states(projects):
            _warn_of_unlisted(rows["project_id"], owned["project_id"])
        rows = look_up(rows, owned, "project_id")
    for column, ids in selection.by_column.items():
        rows = rows[is_among(rows[column], ids)]
    return rows.reset_index(drop=True)


def _has_both_states(projects: Any) -> bool:
    """Tell whether active and archived projects are listed, so that who is missing is deleted."""
    return "active" in projects and {True, False} <= {*projects["active"].dropna().unique()}


def _warn_of_unlisted(ids: pd.Series[Any], listed: pd.Series[Any]) -> None:
    """Warn of projects whose client cannot be looked up: their time would count as without one."""
    missing = ids[ids.notna() & ~ids.isin(listed)].drop_duplicates()
    if len(missing):
        warn(
            CompletenessWarning(
                f"the frame of projects lacks {plural(len(missing), 'project')} of the time "
                f"entries, such as {missing.iloc[0]}, so their time counts as without a client: "
                "the API may hide archived projects unless they are asked for"
            )
        )


def of_projects(frame: pd.DataFrame, projects: object, selection: Selection) -> pd.DataFrame:
    """Return the rows whose `project_id` is selected, by project or by client.

    Raises
    ------
    ConfigError, TypeError
        If clients are selected but no projects are given.
    """
    columns = list(frame.columns)
    if selection.clients is not None:
        frame = look_up(frame, clients_of(projects), "project_id")
        frame = frame[is_among(frame["client_id"], selection.clients)]
    if selection.projects is not None:
        frame = frame[is_among(frame["project_id"], selection.projects)]
    return frame[columns].reset_index(drop=True)


def _columns_of(selection: Selection) -> list[str]:
    return [*(["date"] if selection.is_ranged else []), *selection.by_column]


def refuse_unknown(rows: pd.DataFrame, *names: str) -> None:
    """Refuse entries with NA in one of these columns, as far as they are present."""
    for name in names:
        if name in rows and (n_unknown := int(rows[name].isna().sum())):
            raise ConfigError(
                f"{name} is NA in {plural(n_unknown, 'row')} of the time_entries frame, such as "
                "those still running; drop them from it"
            )


def _in_range(rows: pd.DataFrame, selection: Selection) -> pd.DataFrame:
    if not selection.is_ranged or rows.empty:
        return rows
    days = rows["date"].to_numpy("datetime64[D]")
    first, last = np.array([selection.start, selection.end], "datetime64[D]")
    if first <= days.min() and days.max() <= last:
        return rows
    within: pd.DataFrame = rows[(days >= first) & (days <= last)]
    return within


def clients_of(projects: object) -> pd.DataFrame:
    """Return the client of each project.

    Raises
    ------
    ConfigError
        If no projects are given.
    """
    if projects is None:
        raise ConfigError(
            "clients are known only from the listing of projects: "
            "pass it as projects, as togglframe.filters.projects returns it"
        )
    owned = checked(projects, PROJECTS, "client_id")
    return owned.rename(columns={"id": "project_id"})


def billable_ms(rows: pd.DataFrame) -> pd.Series[Any]:
    """Return the billable part of the tracked time [ms], NA where it is unknown."""
    is_billable = rows["billable"].to_numpy(bool, na_value=False)
    billable: pd.Series[Any] = milliseconds(rows["tracked_time"]) * is_billable
    return billable.mask(rows["billable"].isna())


def totals_until(statuses: pd.DataFrame | None, time_entries: pd.DataFrame) -> dt.datetime | None:
    """Return the moment of totals that are older than the entries, None if they are not."""
    if statuses is None:
        return None
    then, now = fetched_at(of(statuses)), newest_at(of(time_entries))
    return then if then is not None and now is not None and then < now else None


def is_since(rows: pd.DataFrame, moment: dt.datetime | None) -> npt.NDArray[np.bool_]:
    """Return which entries were tracked, or changed, after a moment; none if it is None."""
    if moment is None:
        return np.zeros(len(rows), bool)
    since: npt.NDArray[np.bool_] = (rows["updated_at"] > moment).to_numpy(bool)
    return since


def amount_cents(rows: pd.DataFrame) -> pd.Series[Any]:
    """Return the amounts as Int64 cents."""
    return cents(rows, TIME_ENTRIES)


def zero_if_not_billable(amounts: pd.Series[Any], billable: pd.Series[Any]) -> pd.Series[Any]:
    """Return amounts, of which unknown ones of time that is not billable are 0."""
    return amounts.mask(amounts.isna() & billable.eq(other=False).fillna(value=False), 0)


def periods(dates: pd.Series[Any], every: str) -> pd.Series[Any]:
    """Return the first day of the period that each day is in; weeks begin on Monday."""
    starts: pd.Series[Any] = dates.dt.to_period(FREQUENCY[every]).dt.start_time
    return starts


@dataclass(frozen=True)
class Groups:
    """The groups of entries: one row of `keys` per group, and the code of each entry's group."""

    keys: pd.DataFrame
    codes: npt.NDArray[Any]

    @classmethod
    def of(cls, keys: pd.DataFrame) -> Groups:
        """Group by all columns, NA included; without columns everything is one group."""
        if keys.columns.empty:
            return cls(keys.head(1).reset_index(drop=True), np.zeros(len(keys), "int64"))
        by = keys.groupby(list(keys.columns), dropna=False, sort=False, observed=True)
        codes = by.ngroup().to_numpy()
        is_first = ~pd.Series(codes).duplicated().to_numpy()
        return cls(keys[is_first].reset_index(drop=True), codes)

    def sum(self, **measures: pd.Series[Any]) -> pd.DataFrame:
        """Return the keys with exact sums of Int64 measures; a sum of nothing but NA is NA."""
        summed = pd.DataFrame(measures).groupby(self.codes).sum(min_count=1)
        return pd.concat([self.keys, summed.reindex(self.keys.index)], axis=1)

    def count(self, rows: pd.DataFrame | None = None) -> pd.Series[Any]:
        """Count the entries of each group; if `rows` is aggregated, each row says how many."""
        weights = None
        if rows is not None and N_ENTRIES in rows:
            weights = rows[N_ENTRIES].to_numpy("int64")
        counts = np.bincount(self.codes, weights, minlength=len(self.keys))
        return pd.Series(counts, dtype="Int64")

    def count_days(self, rows: pd.DataFrame, every: str | None) -> pd.Series[Any]:
        """Count the distinct days of each group."""
        if DAYS in rows:
            return self._count_bits(rows, every)
        days = rows["date"].to_numpy("datetime64[D]").astype("int64")
        days -= days.min(initial=0)
        width = days.max(initial=0) + 1
        distinct = pd.unique(self.codes * width + days) // width
        return pd.Series(np.bincount(distinct, minlength=len(self.keys)), dtype="Int64")

    def _count_bits(self, rows: pd.DataFrame, every: str | None) -> pd.Series[Any]:
        """Count the days of aggregated entries, which have a bit for each day of a period.

        This period is a month where a group has longer ones, or none.
        """
        days = rows[DAYS].to_numpy("int64")
        if every in _OF_BITS:  # each group has one period
            return pd.Series(_count_ones(days, self.codes, len(self.keys)), dtype="Int64")
        months = rows["date"].to_numpy("datetime64[M]").astype("int64")
        months -= months.min(initial=0)
        width = months.max(initial=0) + 1
        positions, kinds = pd.factorize(self.codes * width + months)
        ones = _count_ones(days, positions, len(kinds))
        return pd.Series(np.bincount(kinds // width, ones, minlength=len(self.keys)), dtype="Int64")


def _count_ones(
    bits: npt.NDArray[np.int64], codes: npt.NDArray[Any], n_codes: int
) -> npt.NDArray[np.int64]:
    """Count the bits set in any number of each code."""
    joined = np.zeros(n_codes, "int64")
    np.bitwise_or.at(joined, codes, bits)
    return np.array([one.bit_count() for one in joined.tolist()], "int64")


def grouped(rows: pd.DataFrame, by: Sequence[str], every: str | None = None, *more: str) -> Groups:
    """Group the entries by these entities, by period, and by further columns."""
    keys: dict[str, pd.Series[Any]] = {}
    for name in keys_by(by):
        if isinstance(name, OwnGroup):
            keys[name] = name.of(rows[name.column])
        else:
            keys[name] = rows["tags"].map(_tag_set) if name == "tags" else rows[name]
    if every:
        keys["period"] = periods(rows["date"], every)
    keys |= {name: rows[name] for name in more}
    return Groups.of(pd.DataFrame(keys, index=rows.index))


def _tag_set(tags: object) -> tuple[str, ...] | None:
    """Return the tags of an entry, sorted; pandas reads the lists in a Parquet file as arrays."""
    if isinstance(tags, list | tuple | set | np.ndarray):
        if all(isinstance(tag, str) for tag in tags):
            return tuple(sorted(set(tags)))
    elif is_missing(tags):
        return None
    raise ConfigError(f"tags are a list of strings or NA, not {tags!r}")


def sums_by(by: Iterable[str], chosen: Selection, *more: str, every: str | None = None) -> Sums:
    """Return what a report that groups by these reads from time entries."""
    columns = columns_read([*name_columns(by), *more, "date", "tracked_time"], chosen)
    return Sums(tuple(name for name in columns if name not in ("id", "start")), every)


def columns_read(columns: Iterable[str], chosen: Selection) -> tuple[str, ...]:
    """Return the columns of time entries needed for these columns and for the selection."""
    names = [*TIME_ENTRIES.key, *columns, *_columns_of(chosen)]
    return tuple(dict.fromkeys("project_id" if n == "client_id" else n for n in names))


def name_columns(by: Iterable[str]) -> list[str]:
    """Return the columns of entries that provide the names of these groups."""
    by = list(by)
    named = [one for one in by if one in NAMED]
    keys = [one.column if isinstance(one, OwnGroup) else one for one in keys_by(by)]
    return [*dict.fromkeys(keys), *named, *(["start"] if named else [])]


def with_names(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    by: Iterable[str],
    **listings: pd.DataFrame | None,
) -> pd.DataFrame:
    """Add the names of users, projects, clients and tasks: from the listing, else the entries."""
    named = {one: _names(rows, one, listings.get(f"{one}s")) for one in by if one in NAMED}
    ids = {one: frame[f"{one}_id"] for one in named}
    return frame.assign(
        **{one: names.reindex(ids[one]).set_axis(frame.index) for one, names in named.items()}
    )


_LISTED: Final = {
    "user": (USER_DETAILS, "fullname"),
    "project": (PROJECTS, "name"),
    "client": (CLIENTS, "name"),
    "task": (TASKS, "name"),
}


def _names(rows: pd.DataFrame, entity: str, listing: pd.DataFrame | None) -> pd.Series[Any]:
    of_entries = _names_in(rows, f"{entity}_id", entity)
    if listing is None:
        return of_entries
    table, column = _LISTED[entity]
    listed = checked(listing, table, column).dropna(subset=[column]).set_index("id")[column]
    return listed.combine_first(of_entries)


def with_projects(
    frame: pd.DataFrame,
    rows: pd.DataFrame,
    projects: pd.DataFrame | None,
    clients: pd.DataFrame | None,
) -> pd.DataFrame:
    """Add the names of projects and their clients: from the listings, else the entries."""
    named = with_names(frame, rows, ["project"], projects=projects)
    of_entries = (
        _names_in(rows, "project_id", "client").reindex(frame["project_id"]).set_axis(frame.index)
    )
    if projects is None:
        return named.assign(client=of_entries)
    owned = clients_of(projects)
    owner = look_up(frame[["project_id"]], owned, "project_id")
    listed = checked_or_empty(clients, CLIENTS, "name").rename(
        columns={"id": "client_id", "name": "client"}
    )
    client = look_up(owner, listed, "client_id")["client"].fillna(of_entries)
    has_none = frame["project_id"].isin(owned["project_id"]) & owner["client_id"].isna()
    return named.assign(client=client.mask(has_none.fillna(value=False)))


def _names_in(rows: pd.DataFrame, key: str, entity: str) -> pd.Series[Any]:
    """Return the names in the entries, by id: that of the latest entry with a name."""
    return naming(rows, key, entity).set_index(key)[entity]


def naming(rows: pd.DataFrame, key: str, entity: str) -> pd.DataFrame:
    """Return the latest entry with a name for each id."""
    starts = rows["start"].where(rows[entity].notna())
    is_latest = starts == starts.groupby(rows[key]).transform("max")
    latest = rows.loc[is_latest, [key, entity, "start", "id"]]
    return latest.sort_values("id").drop_duplicates(key, keep="last")


def made(frame: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Return the frame as the table declares it, ordered by its key, NA last.

    Groups of one's own are in their own order.
    """
    ordered = frame.sort_values(list(table.key), ignore_index=True)
    if "tags" in table:
        ordered["tags"] = ordered["tags"].map(list, na_action="ignore").fillna(pd.NA)
    return declared(ordered, table)
