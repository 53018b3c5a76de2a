"""How a frame is shown to people: which columns, their headings, their cells as text, the totals.

The terminal, pages and notebooks write what this module decides. It reads the declarations of the
tables, so that a column is shown in the same way everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from itertools import repeat
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
from pandas.api import types

from togglframe.export.columns import (
    columns_of,
    currency_in,
    overlapping_in,
    project_urls,
    total_rows,
)
from togglframe.export.looks import LOOKS
from togglframe.export.pivoting import PIVOT, TOTAL
from togglframe.tables import BEFORE, DIFFERENCE, WORKSPACE, Column, Kind, Table
from togglframe.tables.provenance import of, table_of
from togglframe.text.formats import (
    MINUS,
    USUAL_DECIMALS,
    decimals_of,
    format_hours,
    format_money,
    format_percent,
    format_times,
    plural,
)
from togglframe.text.measures import add_up_rounded, floats
from togglframe.text.names import (
    ALL_PROJECTS,
    distinct_labels,
    id_of,
    is_of_whole_client,
    legible,
    named,
    shorten,
)

DASH: Final = "\N{EN DASH}"
PARTIAL: Final = (  # the note that a marked cell refers to
    "* Based only on rows where both figures are known, so it is not the quotient of the numbers "
    "beside it."
)
WITH_ESTIMATE: Final = "of which with estimate"
_LONGEST: Final = 200  # the longest string in a cell of a document, in terminal cells

_PEOPLE: Final = ("user", "assignee")
_NAMED: Final = ("project", "client", *_PEOPLE)  # whose equal names are told apart
_ENTITIES: Final = (*_NAMED, "task", "group")
_CHANGES: Final = (DIFFERENCE, "_change", "_change_share")
_HEADINGS: Final = {
    "day": "Day", "week": "Week from", "month": "Month", "quarter": "Quarter", "year": "Year",
}  # fmt: skip
_QUOTIENTS: Final = {
    "billable_share": ("billable_hours", "tracked_hours"),
    "progress": ("tracked_hours", "estimated_hours"),
    "utilisation": ("billable_hours", "capacity_hours"),
    "load": ("tracked_hours", "capacity_hours"),
    "tasked_share": ("task_tracked_hours", "tracked_hours"),
    "effective_rate": ("amount", "billable_hours"),
    "realised_rate": ("amount", "tracked_hours"),
}
_CHECKED: Final = ("billable_share", "effective_rate")  # for unknown terms behind them
_DIFFERENCES: Final = ("variance_hours", "remaining_hours")  # of hours and an estimate
_SUMS: Final = {  # hours that are those of two other columns, the second with this sign
    "available_hours": ("budget_hours", 1, "carried_hours"),
    "left_hours": ("available_hours", -1, "tracked_hours"),
    "balance_hours": ("tracked_hours", -1, "expected_hours"),
    "hours_change": ("hours", -1, "hours_before"),
}
_OF_ESTIMATES: Final = ("estimated_hours", *_DIFFERENCES, "overrun_hours", "progress")
_CODES: Final = ("check", "rate_source")
_TINY: Final = 1e-9
_CODED_PERIODS: Final = ("month", "period")  # 2026-10 and the like, in tables of archives
_ORDERING: Final = ("tracked_hours", "billable_hours")  # the measures that order groups of rows


class Cell(NamedTuple):
    """One cell.

    Parameters
    ----------
    text : str or None
        What it says, None if the value is unknown.
    value : str
        The sort key, if that is not the text.
    state : str
        The name of its colour in the palette, empty for most.
    bar : float or None
        The length of its bar, as a share of the longest in the column, or of 100 %.
    url : str or None
        The target of its link.
    is_marked : bool
        Whether it refers to the note `PARTIAL`.
    """

    text: str | None
    value: str = ""
    state: str = ""
    bar: float | None = None
    url: str | None = None
    is_marked: bool = False


@dataclass(frozen=True, kw_only=True)
class ShownColumn:
    """One column as it is shown.

    Parameters
    ----------
    name : str
        Its name in the frame.
    heading : str
        The heading, with the unit.
    series : Series
        Its values.
    column : Column or None
        Its declaration, if it has one.
    currencies : sequence, optional
        The currency of each row, if the frame has it.
    urls : sequence of str or None
        The targets of the links in its cells.
    marked : frozenset of int
        The rows whose ratio is based on less than the columns beside it.
    every : str
        The length of its periods, if it holds periods of a known length.
    states : sequence of str
        The colours of the states of the rows, for its bars.
    longest : int
        The longest string, in terminal cells; longer ones are cut.
    """

    name: str
    heading: str
    series: pd.Series[Any]
    column: Column | None
    currencies: Sequence[Any] | None = None
    urls: Sequence[str | None] = ()
    marked: frozenset[int] = frozenset()
    every: str = ""
    states: Sequence[str] = ()
    longest: int = _LONGEST

    @property
    def doc(self) -> str:
        """Its meaning, empty if unknown."""
        return "" if self.column is None else self.column.doc

    @cached_property
    def is_text(self) -> bool:
        """Whether it is left-aligned."""
        dtype = self.series.dtype
        return not (types.is_numeric_dtype(dtype) or types.is_timedelta64_dtype(dtype)) or (
            types.is_bool_dtype(dtype)
        )

    @property
    def is_sentence(self) -> bool:
        """Whether its strings wrap."""
        return self.column is not None and self.column.is_sentence

    @property
    def is_whole(self) -> bool:
        """Whether its strings stay on one line, like dates."""
        return not self.is_text or types.is_datetime64_any_dtype(self.series.dtype)

    @property
    def has_bars(self) -> bool:
        """Whether a bar shows its values at a glance."""
        return self.column is not None and self.column.has_bar

    @cached_property
    def scale(self) -> float:
        """The ratio at the end of its bars: the largest, or 1 if none is larger."""
        return max(1.0, float(self.series.max())) if self.series.notna().any() else 1.0

    @property
    def tick(self) -> float:
        """Where 100 % is on its bars, which end at 1."""
        return 1 / self.scale

    @property
    def is_money(self) -> bool:
        """Whether it holds amounts, each in the currency of its row."""
        return _is_money(self.column)

    @property
    def is_id(self) -> bool:
        """Whether it holds ids."""
        return _is_id(self.column)

    @property
    def is_total(self) -> bool:
        """Whether it is the column of the totals of a wide table."""
        return self.name == TOTAL and self.column is not None and self.column.is_wide

    @property
    def has_states(self) -> bool:
        """Whether the colour of a cell may say something."""
        if self.column is None:
            return False
        return bool(self.column.categories) or self.column.is_excess or self.is_share

    @property
    def is_share(self) -> bool:
        """Whether more than 100 % is too much."""
        return self.has_bars or self.name == "load"

    @property
    def is_code(self) -> bool:
        """Whether it holds codes, for which words are written."""
        return self.column is not None and (bool(self.column.categories) or self.name in _CODES)

    @property
    def decimals(self) -> list[int]:
        """The decimals of the amounts in its rows."""
        currencies = self.currencies or [None] * len(self.series)
        return [_decimals_of(code) for code in currencies]

    def head(self, count: int) -> ShownColumn:
        """Return the column with its first rows alone."""
        currencies = None if self.currencies is None else self.currencies[:count]
        return replace(self, series=self.series.iloc[:count], currencies=currencies)

    def cells(self) -> list[Cell]:
        """Return its cells, from the top."""
        rows = zip(self.series.tolist(), self._writers(), strict=False)
        return [self._cell(value, write, row) for row, (value, write) in enumerate(rows)]

    def _writers(self) -> Iterable[Callable[[Any], str]]:
        """Return the function that formats each row: an amount as its currency is written."""
        if self.is_money and self.currencies is not None:
            by_decimals = {one: _money(self.column, one) for one in {*self.decimals}}
            return [by_decimals[one] for one in self.decimals]
        write = _PERIODS.get(self.every) or written(self.series, self.column)
        if write is words:
            return repeat(lambda value: shorten(words(value), self.longest))
        return repeat(write)

    def _cell(self, value: Any, write: Callable[[Any], str], row: int) -> Cell:
        if is_missing(value):
            return Cell(None)
        return Cell(
            text="0" if value == 0 and currency_in(self.name) else write(value),
            value="" if self._is_sorted_as_text else _sorted_by(value, self.column),
            state=self._state_of(value, row),
            bar=max(value, 0.0) / self.scale if self.has_bars else None,
            url=self.urls[row] if self.urls else None,
            is_marked=row in self.marked,
        )

    def _state_of(self, value: Any, row: int) -> str:
        """Return the colour of a cell: of its state, or of hours and ratios that are too high."""
        if self.column is None:
            return ""
        if self.column.categories:
            return LOOKS.get(value, "")
        if (self.column.is_excess and value > 0) or (self.is_share and value > 1):
            return "over"
        return self.states[row] if self.states else ""

    @property
    def _is_sorted_as_text(self) -> bool:
        return self.is_text and not (self.column and self.column.categories)


@dataclass(frozen=True, kw_only=True)
class TotalLine:
    """A line of totals.

    Parameters
    ----------
    label : str
        What it adds up.
    texts : mapping of str to str
        Its cells, by the names of columns.
    values : mapping of str to Any
        The numbers in them.
    quotients : mapping of str to tuple of str
        The ratios among them, each with the columns whose totals it is the quotient of.
    condition : tuple of str, optional
        The column that is known in the rows that it adds up, and the text that it has there, if
        only one. By default it adds up all rows.
    about : frozenset of str
        The columns that it is there for, such as those of amounts; empty for any.
    rows : tuple of bool
        Which rows it adds up.
    """

    label: str
    texts: Mapping[str, str]
    values: Mapping[str, Any] = field(default_factory=dict)
    quotients: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    condition: tuple[str, str | None] | None = None
    about: frozenset[str] = frozenset()
    rows: tuple[bool, ...] = ()

    def applies(self, names: Collection[str]) -> bool:
        """Return whether it says something where only these columns are shown."""
        return not (self.about or self.texts.keys()).isdisjoint(names)


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A frame as it is shown.

    Parameters
    ----------
    columns : list of ShownColumn
        The columns, with the rows that are shown.
    totals : list of TotalLine
        The lines below them; the first is that of the rows that are not shown, if there are any.
    n_more : int
        How many rows are not shown.
    """

    columns: list[ShownColumn]
    totals: list[TotalLine]
    n_more: int = 0


def shown(
    frame: pd.DataFrame,
    *,
    names: Iterable[str] | None = None,
    ids: bool = False,
    links: bool = False,
    most: int | None = None,
    longest: int = _LONGEST,
    decimals: int | None = None,
) -> Shown:
    """Return a frame as it is shown, in reading order, with totals that add up as shown.

    Parameters
    ----------
    frame : DataFrame
        The frame.
    names : iterable of str, optional
        Only these columns, in this order.
    ids : bool
        Also the ids.
    links : bool
        Whether the names of projects lead to Toggl Track.
    most : int, optional
        The most rows; one line sums up the others.
    longest : int
        The longest string, in terminal cells.
    decimals : int, optional
        The decimals of hours, if not those of each column.
    """
    table = table_of(frame)
    rows = in_reading_order(frame, table)
    columns = columns_shown(rows, table, names=names, ids=ids)
    if links and {"project", "project_id"} <= {*rows}:
        urls = project_urls(rows)
        columns = [replace(one, urls=urls) if one.name == "project" else one for one in columns]
    columns = [replace(_with_decimals(column, decimals), longest=longest) for column in columns]
    lines = []
    if table is not None and _has_totals(rows, table):
        with_estimate = _with_estimate(rows, table, columns)
        columns = _all_footed(columns, _groups(rows, columns, with_estimate))
        if columns[0].is_text:  # the column of the label
            lines = _total_lines(rows, table, columns, with_estimate)
    n_more = 0 if most is None else max(len(rows) - most, 0)
    if n_more:
        label = f"and {plural(n_more, 'other')}"
        added = _added(columns) if lines else []
        hidden = np.arange(len(rows)) >= len(rows) - n_more
        more = _total_line(label, columns, added, hidden)
        lines.insert(0, replace(more, about=frozenset(one.name for one in columns)))
        columns = [one.head(len(rows) - n_more) for one in columns]
    return Shown(columns=columns, totals=lines, n_more=n_more)


def _with_decimals(column: ShownColumn, decimals: int | None) -> ShownColumn:
    if decimals is None or column.column is None or column.column.kind is not Kind.HOURS:
        return column
    return replace(column, column=replace(column.column, decimals=decimals))


def as_it_is(frame: pd.DataFrame, *, decimals: int | None = None) -> Shown:
    """Return all of a frame as it is: every column and row, with exact values, and totals."""
    table = table_of(frame)
    sums = total_rows(frame)  # a wide frame has its own, of its last rows
    rows = frame.drop(index=frame.index[sums]) if sums else frame
    columns = columns_shown(rows, table, names=map(str, frame))
    columns = [_with_decimals(column, decimals) for column in columns]
    wide = of(frame).get(PIVOT)
    has_totals = _has_totals(rows, table) if wide is None else wide["has_totals"]
    if not has_totals:
        return Shown(columns=columns, totals=[])
    with_estimate = _with_estimate(rows, table, columns)
    return Shown(columns=columns, totals=_total_lines(rows, table, columns, with_estimate))


# ---------------------------------------------------------------------------------------------
# Columns


def columns_shown(
    frame: pd.DataFrame,
    table: Table | None = None,
    *,
    names: Iterable[str] | None = None,
    ids: bool = False,
) -> list[ShownColumn]:
    """Return the columns of a frame as they are shown.

    Parameters
    ----------
    frame : DataFrame
        The frame.
    table : Table, optional
        Its declaration; by default the one that it names, or that matches its columns.
    names : iterable of str, optional
        Only these columns, in this order. By default all of them, names first, without ids beside
        names, colours, durations that hours repeat, and a currency that all amounts share, which
        is in their headings.
    ids : bool
        Also the ids.
    """
    table = table_of(frame) if table is None else table
    declared = columns_of(frame, table)
    if names is None:
        frame = _with_times_of_day(frame)
    currency = _one_currency(frame, declared) if names is None else ""
    left_out = {"currency"} if currency else set()
    chosen = _chosen(declared, table, ids=ids) if names is None else names
    if names is None and len(frame) and is_of_whole_client(frame).all():
        left_out |= {"project"}
    return [
        ShownColumn(
            name=name,
            heading=_heading(frame, name, declared[name], currency),
            series=_names(frame, name, declared[name]),
            column=declared[name],
            currencies=_currencies(frame, name),
            marked=_partial(frame, name),
            every=_every(frame) if name == "period" and declared[name] is not None else "",
            states=_states(frame) if name == "progress" else (),
        )
        for name in chosen
        if name not in left_out
    ]


def _currencies(frame: pd.DataFrame, name: str) -> list[Any] | None:
    """Return the currency of each row of a column, None if the frame has none."""
    if code := currency_in(name):
        return [code] * len(frame)
    return frame["currency"].tolist() if "currency" in frame else None


def _with_times_of_day(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame with local moments as times of the day that stands beside them."""
    moments = [name for name in ("first_start", "last_stop") if name in frame and "date" in frame]
    times = {name: times_of_day(frame[name], frame["date"]) for name in moments}
    return frame.assign(**times) if times else frame


def times_of_day(moments: pd.Series[Any], dates: pd.Series[Any]) -> pd.Series[Any]:
    """Write moments as times of day: ``08:30``, and ``01:15 +1`` on the next day."""
    days = (moments.dt.normalize() - dates).dt.days
    later = days.map(lambda count: f" +{count:.0f}" if count > 0 else "").astype("str")
    times: pd.Series[Any] = moments.dt.strftime("%H:%M") + later
    return times


def _chosen(declared: Mapping[str, Column | None], table: Table | None, *, ids: bool) -> list[str]:
    """Return the columns to show, names first; ids come last."""
    left_out = {name for name, column in declared.items() if _is_left_out(name, column, declared)}
    kept = [name for name in declared if name not in left_out] or [*declared]
    key = table.key if table else ()
    first = [name for name in kept if _identifies_a_row(name, declared[name], key)]
    rest = [name for name in kept if name not in first]
    money = [name for name in rest if _is_money(declared[name])]
    if money and "currency" in rest:
        rest.remove("currency")
        rest.insert(rest.index(money[0]), "currency")
    more = [name for name in left_out if ids and _is_id(declared[name])]
    return [*first, *rest, *(name for name in declared if name in more and name not in kept)]


def _is_left_out(name: str, column: Column | None, declared: Mapping[str, Column | None]) -> bool:
    if column is None:
        return False
    if column.kind is Kind.DURATION:
        return name.replace("_time", "_hours") in declared and "_time" in name
    if column.kind is Kind.STRING:
        return name == "color"
    if not _is_id(column) or name == WORKSPACE.name:
        return False
    entity = name.removesuffix("s").removesuffix("_id")
    others = {entity, f"{entity}s", f"{entity}_name"} if name != "id" else {"name", "fullname"}
    others |= {"assignee", "fullname"} if entity == "user" else set()
    is_of_others = entity not in _ENTITIES and not declared.keys().isdisjoint(_ENTITIES)
    return is_of_others or not declared.keys().isdisjoint(others)


def _is_id(column: Column | None) -> bool:
    return column is not None and column.kind in {Kind.ID, Kind.IDS}


def _identifies_a_row(name: str, column: Column | None, key: Sequence[str]) -> bool:
    """Return whether a column names what a row is about: a name, a day, or a part of the key."""
    if column is None or name == "currency":
        return False
    is_name = name in {*_ENTITIES, "name", "fullname", "severity"}
    return is_name or name == WORKSPACE.name or (name in key and not _is_id(column))


def _heading(frame: pd.DataFrame, name: str, column: Column | None, currency: str) -> str:
    if column is None:
        return legible(name)
    if name == "period":
        return _HEADINGS.get(_every(frame), column.label)
    if currency and _is_money(column):
        return f"{column.label} [{currency}]"
    if name == "user" and of(frame).get("audience") == "client":
        return "Person"
    has_zone = isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    label = column.label
    if column.kind is Kind.HOURS and not column.heading:
        label = label.replace(" hours ", " ")  # of a measure that is compared: tracked_hours_before
    return f"{label} (UTC)" if has_zone else label


def _is_money(column: Column | None) -> bool:
    return column is not None and column.kind is Kind.MONEY and column.unit == "currency"


def _one_currency(frame: pd.DataFrame, declared: Mapping[str, Column | None]) -> str:
    """Return the currency of all rows, empty if there are several, or one is unknown."""
    if not any(map(_is_money, declared.values())) or "currency" not in frame or PIVOT in of(frame):
        return ""
    codes = frame["currency"].unique()
    return str(codes[0]) if len(codes) == 1 and not is_missing(codes[0]) else ""


def _names(frame: pd.DataFrame, name: str, column: Column | None) -> pd.Series[Any]:
    """Return a column, with names made distinct: equal ones by their clients, then their ids."""
    series = frame[name]
    if column and column.stand_in in frame and types.is_string_dtype(series.dtype):
        series = named(frame, name)
    ids = id_of(name)
    if column is None or name not in _NAMED or not types.is_string_dtype(series.dtype):
        return series
    if ids not in frame and name != "project":  # a project without a name may have an id
        return named(frame, name)
    if ids not in frame or not types.is_integer_dtype(frame[ids].dtype):
        return series
    if name != "project":
        return distinct_labels(series, frame[ids])
    hints = [named(frame, "client")] if "client" in frame else []
    labels = distinct_labels(series, frame[ids], *hints)
    return labels.mask(is_of_whole_client(frame), ALL_PROJECTS)


def _partial(frame: pd.DataFrame, name: str) -> frozenset[int]:
    """Return the rows whose ratio differs from that of the columns beside it, due to unknowns."""
    terms = _QUOTIENTS[name] if name in _CHECKED else ()
    if not terms or not {*terms} <= {*frame}:
        return frozenset()
    if not all(types.is_numeric_dtype(frame[column].dtype) for column in (name, *terms)):
        return frozenset()  # somebody turned it into text
    ratio, top, bottom = (floats(frame, column) for column in (name, *terms))
    is_known = ~np.isnan(ratio + top + bottom)
    is_other = ~np.isclose(ratio * bottom, top, rtol=1e-6, atol=0.005)
    return frozenset(np.flatnonzero(is_known & is_other).tolist())


def _states(frame: pd.DataFrame) -> list[str]:
    state = next((name for name in ("budget_state", "task_state") if name in frame), None)
    return [] if state is None else [LOOKS.get(value, "") for value in frame[state]]


def _every(frame: pd.DataFrame) -> str:
    known = of(frame)
    return str(known.get("every") or (known.get("filters") or {}).get("every") or "")


# ---------------------------------------------------------------------------------------------
# Rows


def in_reading_order(frame: pd.DataFrame, table: Table | None) -> pd.DataFrame:
    """Return the rows in the order in which they matter.

    By the rank of the table; else by what leads it: periods from the first on, and those of one
    name together, the name with most hours first.
    """
    is_compared = table is not None and any(name.endswith(_CHANGES) for name in table.names)
    if frame.empty or table is None or table.is_history or is_compared:
        return frame
    frame = frame.reset_index(drop=True)
    if table.rank:
        return frame.sort_values([*table.rank], ascending=False, kind="stable")
    if "finish" in table:
        return frame.sort_values(["finish", "tracked_hours"], ascending=[True, False])
    measure = next((name for name in _ORDERING if name in table and name in frame), None)
    if measure is None:
        return frame
    keys = pd.DataFrame(index=frame.index)
    groups: list[pd.Series[Any]] = []
    for name in table.lead:
        if table[name].kind is Kind.DATE or name in _CODED_PERIODS:
            keys[name] = frame[name]
            groups.append(frame[name])
        elif name in _ENTITIES and table[name].kind is Kind.STRING:
            groups += [frame[one] for one in (id_of(name), name) if one in frame]
            keys[f"{name} hours"] = -frame[measure].groupby(groups, dropna=False).transform("sum")
            keys[name] = frame[name].astype(object)
    keys["hours"] = -frame[measure]
    return frame.loc[keys.sort_values([*keys], kind="stable").index]


# ---------------------------------------------------------------------------------------------
# Totals


def _has_totals(frame: pd.DataFrame, table: Table | None) -> bool:
    """Return whether the rows of a table are added up: several, of one moment, without overlaps."""
    is_of_several = table is not None and (table.is_history or table.is_of_changes)
    return len(frame) > 1 and not is_of_several and not overlapping_in(frame)


def _with_estimate(frame: pd.DataFrame, table: Table | None, columns: Sequence[ShownColumn]) -> Any:
    """Return which rows have an estimate to compare with; all, if the table has no such part."""
    known = _known_with_estimate(columns)
    is_of_sums = table is not None and table.is_of_sums
    if not known or is_of_sums or "cumulative_hours" in frame:
        return np.ones(len(frame), dtype=bool)
    return frame[known].notna().to_numpy(dtype=bool)


def _known_with_estimate(columns: Sequence[ShownColumn]) -> str:
    """Return the column that is known in rows with an estimate; empty if there is none."""
    names = {column.name for column in columns}
    if "tracked_hours" not in names:
        return ""
    if "progress" in names:
        return "progress"
    return "remaining_hours" if {"remaining_hours", "finish"} <= names else ""


def _groups(frame: pd.DataFrame, columns: Sequence[ShownColumn], with_estimate: Any) -> Any:
    """Return the number of the group of each row, of those that have totals of their own."""
    has_money = any(one.is_money for one in _added(columns)) and "currency" in frame
    codes = frame["currency"].to_numpy(dtype=object) if has_money else 0
    keys = pd.DataFrame({"with_estimate": with_estimate, "currency": codes})
    return keys.groupby([*keys], dropna=False).ngroup().to_numpy()


def _added(columns: Sequence[ShownColumn]) -> list[ShownColumn]:
    """Return the columns whose values are added up."""
    is_repeated = any(column.name == "cumulative_hours" for column in columns)
    return [
        one
        for one in columns
        if one.column is not None
        and one.column.adds_up
        and one.name != "hours_affected"  # several findings may be about the same hours
        and not (is_repeated and one.name in _OF_ESTIMATES)
        and not (one.column.is_change and one.series.isna().any())
        and not one.is_text
    ]


def _total_lines(
    frame: pd.DataFrame, table: Table | None, columns: Sequence[ShownColumn], with_estimate: Any
) -> list[TotalLine]:
    """Return the lines below a table: all rows, those with an estimate, and each currency."""
    added = _added(columns)
    known = _known_with_estimate(columns)
    if not (table and table.is_of_sums) and not known:
        added = [one for one in added if one.name != "remaining_hours"]
    if not added:
        return []
    lines = []
    every = np.ones(len(frame), dtype=bool)
    compared = [one for one in columns if one.name in {*_OF_ESTIMATES, "tracked_hours"}]
    if with_estimate.any() and not with_estimate.all():
        of_estimates = [one for one in added if one in compared]
        line = _total_line(WITH_ESTIMATE, columns, of_estimates, with_estimate)
        lines.append(replace(line, about=frozenset(_OF_ESTIMATES), condition=(known, None)))
    added = [one for one in added if one.name not in _DIFFERENCES or not one.series.isna().any()]
    money = [one for one in added if one.is_money]
    codes = _codes(frame) if money else None
    if codes is None and "currency" in frame:
        added = [one for one in added if not one.is_money]
    if codes is not None and len(codes.unique()) > 1:
        for code in sorted(codes.unique(), key=lambda code: (not code, code)):
            label = f"{TOTAL} {code}" if code else "No currency"
            line = _total_line(label, columns, added, (codes == code).to_numpy())
            about = frozenset(one.name for one in money)
            lines.append(replace(line, about=about, condition=("currency", code)))
        added = [one for one in added if not one.is_money]
    return [one for one in (_total_line(TOTAL, columns, added, every), *lines) if one.texts]


def _codes(frame: pd.DataFrame) -> pd.Series[Any] | None:
    """Return the currencies of the rows, empty if unknown; None if there are none."""
    codes = frame["currency"].tolist() if "currency" in frame else [0]
    if any(not (isinstance(code, str) or is_missing(code)) for code in codes):
        return None
    return pd.Series(["" if is_missing(code) else code for code in codes], dtype=object)


def _total_line(
    label: str, columns: Sequence[ShownColumn], added: Sequence[ShownColumn], rows: Any
) -> TotalLine:
    """Return the totals of some rows, with the ratios that can be derived from them."""
    sums = {
        one.name: one.series[rows].sum(min_count=1)
        for one in added
        if not one.is_money or one.currencies is None or _n_currencies(one.currencies, rows) == 1
    }
    terms = {
        one.name: terms_of(one.name, sums)
        for one in columns
        if one.column is not None and one.name not in sums
    }
    ratios = {name: _quotient(name, pair, columns, sums, rows) for name, pair in terms.items()}
    values = {name: value for name, value in {**sums, **ratios}.items() if not is_missing(value)}
    texts = {
        one.name: _total_text(one, values[one.name], rows) for one in columns if one.name in values
    }
    return TotalLine(
        label=label,
        texts=texts,
        values=values,
        quotients={name: pair for name, pair in terms.items() if name in values},
        rows=tuple(np.asarray(rows).tolist()),
    )


def _n_currencies(currencies: Sequence[Any], rows: Any) -> int:
    return len(
        {code if isinstance(code, str) else "" for code in np.array(currencies, dtype=object)[rows]}
    )


def terms_of(name: str, sums: Collection[str] = ()) -> tuple[str, str]:
    """Return the columns whose totals make the total of a ratio."""
    if name == "progress" and "comparable_tracked_hours" in sums:
        return "comparable_tracked_hours", "estimated_hours"
    of_change = name.removesuffix("_change_share")
    return _QUOTIENTS.get(name, (f"{of_change}_change", f"{of_change}{BEFORE}"))


def _quotient(
    name: str,
    terms: tuple[str, str],
    columns: Sequence[ShownColumn],
    sums: Mapping[str, Any],
    rows: Any,
) -> float | None:
    """Return a ratio of totals, None if a term is not a total of all rows that have the ratio."""
    by_name = {one.name: one for one in columns}
    if not {*terms} <= sums.keys() or by_name[name].marked:
        return None
    top, bottom = (by_name[term].series[rows] for term in terms)
    is_partial = (top.isna() & bottom.fillna(0).ne(0)) | (bottom.isna() & top.fillna(0).ne(0))
    if is_partial.any() or is_missing(sums[terms[1]]) or not sums[terms[1]]:
        return None
    return float(sums[terms[0]] / sums[terms[1]])


def _total_text(column: ShownColumn, value: Any, rows: Any) -> str:
    if column.is_money and column.currencies is not None:
        codes = np.array(column.currencies, dtype=object)[rows]
        return _money(column.column, max(map(_decimals_of, codes)))(value)
    return written(column.series, column.column)(value)


def _all_footed(columns: Sequence[ShownColumn], groups: Any) -> list[ShownColumn]:
    """Return the columns with hours rounded so that what is shown adds up to its totals."""
    tracked = next((_footed(one, groups) for one in columns if one.name == "tracked_hours"), None)
    footed = {
        one.name: _footed(one, groups, tracked if one.name == "billable_hours" else None)
        for one in columns
    }
    changes = {
        name: (name.removesuffix("_change"), -1, name.removesuffix("_change") + BEFORE)
        for name in footed
        if name.endswith("_hours_change")
    }
    for name, terms in {**_SUMS, **changes}.items():
        if {name, terms[0], terms[2]} <= footed.keys():
            footed[name] = _summed(footed[name], footed[terms[0]], terms[1], footed[terms[2]])
    by_name = {one.name: one.series for one in columns}
    running, balance = (by_name.get(name) for name in ("running_hours", "balance_hours"))
    if running is not None and balance is not None and running.equals(balance):
        series = footed["balance_hours"].series  # of one period, without a balance before
        footed["running_hours"] = replace(footed["running_hours"], series=series)
    return [*footed.values()]


def _summed(column: ShownColumn, first: ShownColumn, sign: int, second: ShownColumn) -> ShownColumn:
    """Return a column of hours as the sum of two others as they are shown, up to rounding."""
    if column.column is None or not types.is_numeric_dtype(column.series.dtype):
        return column
    terms = [one.series.round(column.column.decimals) for one in (first, second)]
    shown_sum = (terms[0] + sign * terms[1]).round(column.column.decimals)
    is_rounded = (shown_sum - column.series).abs() < 2 * 10.0**-column.column.decimals
    return replace(column, series=column.series.where(~is_rounded.fillna(False), shown_sum))


def _footed(column: ShownColumn, groups: Any, whole: ShownColumn | None = None) -> ShownColumn:
    """Return a column of hours rounded so that its cells add up to the rounded totals of groups.

    No cell is more than that of `whole`, of which it is a part.
    """
    if column.column is None or column.column.kind is not Kind.HOURS:
        return column
    if not column.column.adds_up or not types.is_numeric_dtype(column.series.dtype):
        return column
    unit = 10.0**-column.column.decimals
    exact = floats(column.series.to_frame("hours"), "hours") / unit
    most = np.full(len(exact), np.inf)
    if whole is not None:
        known = np.round(floats(whole.series.to_frame("hours"), "hours") / unit)
        most = np.nan_to_num(known, nan=np.inf)
    parts = [groups == group for group in np.unique(groups)]
    totals = add_up_rounded(np.array([np.nansum(exact[part]) for part in parts]))
    rounded = exact.copy()
    for part, total in zip(parts, totals, strict=True):
        rounded[part] = add_up_rounded(exact[part], total, most[part])
    # what is less than one unit is written so, and adds nothing
    kept = np.where((rounded == 0) & (exact > 0), _TINY, rounded) * unit
    series = pd.Series(kept, column.series.index, dtype="Float64").mask(column.series.isna())
    return replace(column, series=series)


# ---------------------------------------------------------------------------------------------
# Cells


def written(series: pd.Series[Any], column: Column | None) -> Callable[[Any], str]:
    """Return the function that formats the values of a column."""
    write = _unsigned(series, column)
    return partial(_signed, write) if is_signed(column) else write


def is_signed(column: Column | None) -> bool:
    """Return whether numbers above zero have a plus."""
    return column is not None and (column.is_excess or column.name.endswith(_CHANGES))


def _unsigned(series: pd.Series[Any], column: Column | None) -> Callable[[Any], str]:
    if types.is_bool_dtype(series.dtype):
        return lambda value: "yes" if value else "no"
    is_of_day = types.is_string_dtype(series.dtype) and column and column.kind is Kind.LOCAL
    if column is not None and not is_of_day:
        if column.kind is Kind.RATIO:
            return _ratios(column)
        if column.kind is Kind.HOURS:
            return partial(_hours, decimals=column.decimals)
        if column.kind in _WRITERS:
            return _WRITERS[column.kind]
    if types.is_timedelta64_dtype(series.dtype):
        return _clock
    if types.is_datetime64_any_dtype(series.dtype):
        return _moment
    if types.is_float_dtype(series.dtype):
        return _decimals
    return _code if column is not None and column.name in _CODES else words


def _signed(write: Callable[[Any], str], value: Any) -> str:
    """Write a difference: with a plus above zero."""
    text = write(value)
    is_nothing = text.strip("0.,% ") == ""
    return text if is_nothing or text[0] in {MINUS, "<"} else f"+{text}"


def _ratios(column: Column) -> Callable[[float], str]:
    if column.is_logarithm:
        return _decimals
    return format_times if column.is_factor else format_percent


def is_missing(value: Any) -> bool:
    """Return whether a cell is empty because its value is unknown."""
    return value is None or (types.is_scalar(value) and bool(pd.isna(value)))


def _hours(value: float, decimals: int = 1) -> str:
    """Write hours without their unit; less than can be shown is ``<0.1``."""
    least = 10**-decimals
    if 0 < value < least / 2:
        return f"<{least:.{decimals}f}"
    return format_hours(value, decimals).removesuffix(" h")


def words(value: object) -> str:
    """Write a string on one line, or a list of them separated by commas."""
    if isinstance(value, list | np.ndarray):
        return legible(", ".join(map(str, value)))
    return legible(str(value))


def _code(value: object) -> str:
    """Write a code in words."""
    return legible(str(value).replace("_", " ").replace("-", " "))


def _money(column: Column | None, decimals: int) -> Callable[[Any], str]:
    write = partial(format_money, decimals=decimals)
    is_change = column is not None and column.name.endswith(_CHANGES)
    return partial(_signed, write) if is_change else write


def _decimals_of(code: Any) -> int:
    known = decimals_of(code) if isinstance(code, str) else None
    return USUAL_DECIMALS if known is None else known


def _count(value: int) -> str:
    return f"{value:,}".replace("-", MINUS)


def _clock(value: pd.Timedelta) -> str:
    """Write a duration as h:mm:ss."""
    seconds = round(value.total_seconds())
    minutes, second = divmod(abs(seconds), 60)
    return f"{'-' if seconds < 0 else ''}{minutes // 60}:{minutes % 60:02}:{second:02}"


def _moment(value: pd.Timestamp) -> str:
    return f"{value:%Y-%m-%d %H:%M}"


def _decimals(value: float) -> str:
    return f"{value:z,.2f}".replace("-", MINUS)


_PERIODS: Final[dict[str, Callable[[Any], str]]] = {
    "month": "{:%Y-%m}".format,
    "quarter": lambda start: f"{start.year}-Q{start.quarter}",
    "year": "{:%Y}".format,
}
_WRITERS: Final[dict[Kind, Callable[[Any], str]]] = {
    Kind.MONEY: partial(format_money, decimals=USUAL_DECIMALS),
    Kind.DURATION: _clock,
    Kind.TIMESTAMP: _moment,
    Kind.LOCAL: _moment,
    Kind.DATE: "{:%Y-%m-%d}".format,
    Kind.WEEKS: "{:,.1f}".format,
    Kind.ID: str,
    Kind.COUNT: _count,
    Kind.STATE: _code,
}


def _sorted_by(value: Any, column: Column | None) -> str:
    if column is not None and column.categories:
        return str(column.categories.index(value)) if value in column.categories else ""
    if isinstance(value, pd.Timedelta):
        return str(value // pd.Timedelta(milliseconds=1))
    return repr(value) if isinstance(value, int | float) else str(value)
