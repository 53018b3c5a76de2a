"""What a table and a column are, and short constructors for columns of each kind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from enum import StrEnum
from functools import cached_property, partial
from typing import Any, Final

import numpy as np
import pandas as pd


class Kind(StrEnum):
    """What a column holds; the kind decides its dtype."""

    ID = "id"
    BOOLEAN = "boolean"
    STRING = "string"
    DURATION = "duration"
    MONEY = "money"
    TIMESTAMP = "timestamp"
    NAMES = "names"
    IDS = "ids"
    DATE = "date"
    OFFSET = "offset"
    LOCAL = "local"
    HOURS = "hours"
    RATIO = "ratio"
    WEEKS = "weeks"
    COUNT = "count"
    STATE = "state"


class FieldUnit(StrEnum):
    """The unit of a number in the JSON."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    CENTS = "cents"
    UNITS = "units of the currency"
    UNDOCUMENTED = "a unit that the vendor does not document"


# Assumed, since the vendor does not document them; docs/reference/quirks.md has the dates.
STATUS_UNIT: Final = FieldUnit.SECONDS
TASK_TIME_UNIT: Final = FieldUnit.MILLISECONDS
BILLABLE_AMOUNT_UNIT: Final = FieldUnit.CENTS
LABOUR_COST_UNIT: Final = FieldUnit.CENTS
EARNINGS_UNIT: Final = FieldUnit.UNDOCUMENTED  # of trends and profitability, their costs too

MS_PER_HOUR: Final = 3_600_000

# What becomes of a measure where two days are compared.
BEFORE: Final = "_before"
AFTER: Final = "_after"
DIFFERENCE: Final = "_difference"

# What becomes of a measure where two ranges of days are compared.
CHANGE_OF: Final = "_change"
SHARE_OF_CHANGE: Final = "_change_share"

CHANGES: Final = ("moved", "new", "gone")

_DTYPES: Final[dict[Kind, Any]] = {
    Kind.ID: pd.Int64Dtype(),
    Kind.BOOLEAN: pd.BooleanDtype(),
    Kind.STRING: pd.StringDtype(na_value=np.nan),
    Kind.DURATION: np.dtype("timedelta64[ms]"),
    Kind.MONEY: pd.Float64Dtype(),
    Kind.TIMESTAMP: pd.DatetimeTZDtype("us", "UTC"),
    Kind.NAMES: np.dtype("object"),
    Kind.IDS: np.dtype("object"),
    Kind.DATE: np.dtype("datetime64[us]"),
    Kind.OFFSET: np.dtype("timedelta64[ms]"),
    Kind.LOCAL: np.dtype("datetime64[us]"),
    Kind.HOURS: pd.Float64Dtype(),
    Kind.RATIO: pd.Float64Dtype(),
    Kind.WEEKS: pd.Float64Dtype(),
    Kind.COUNT: pd.Int64Dtype(),
}

_UNITS: Final[dict[Kind, str]] = {
    Kind.MONEY: "currency",
    Kind.HOURS: "h",
    Kind.RATIO: "1",
    Kind.WEEKS: "weeks",
}


@dataclass(frozen=True)
class Column:
    """One column.

    Parameters
    ----------
    name : str
        The name in the frame.
    doc : str
        The description, in one sentence.
    kind : Kind
        The kind of values, which decides the dtype.
    field : str, optional
        The name of the JSON field, if it differs.
    field_unit : FieldUnit, optional
        The unit of the JSON field, for durations and money.
    categories : tuple of str
        The values of a state, in their order.
    is_additive : bool
        Whether the sum of amounts or counts is meaningful, which for rates it is not.
    is_overlapping : bool
        Whether one time entry is in the rows of several values, so that nothing adds up over them.
    is_level : bool
        Whether hours are a level or a rate, so that their sum is meaningless.
    is_excess : bool
        Whether hours above zero are too many and hours below it to spare, so shown with a sign.
    is_change : bool
        Whether a number is a change, so shown with its sign.
    is_wide : bool
        Whether it is one of several columns of a measure, whose headings say which, not what.
    is_factor : bool
        Whether a ratio is read as a factor, such as 1.25, and not as a share, such as 125 %.
    is_logarithm : bool
        Whether a ratio is a logarithm, and so read as a plain number, such as -0.64.
    decimals : int
        The number of decimals that hours are shown with.
    heading : str, optional
        The heading for people, if it is not the name in words.
    has_bar : bool
        Whether the cell shows a ratio as a bar too.
    is_sentence : bool
        Whether a string wraps in its cell.
    stand_in : str, optional
        The column of ids that stand in for unknown names.
    is_sensitive : bool
        Whether it says something about a person that not everybody should read.
    is_blank_missing : bool
        Whether an empty string means a missing value.
    """

    name: str
    doc: str
    kind: Kind
    _: KW_ONLY
    field: str | None = None
    field_unit: FieldUnit | None = None
    categories: tuple[str, ...] = ()
    is_additive: bool = False
    is_overlapping: bool = False
    is_level: bool = False
    is_excess: bool = False
    is_change: bool = False
    is_wide: bool = False
    is_factor: bool = False
    is_logarithm: bool = False
    decimals: int = 1
    heading: str | None = None
    has_bar: bool = False
    is_sentence: bool = False
    stand_in: str | None = None
    is_sensitive: bool = False
    is_blank_missing: bool = False

    def __repr__(self) -> str:
        """Return its name, dtype and unit."""
        return f"Column({self.name!r}, {self.dtype_name}{self.unit_in_brackets})"

    @property
    def field_name(self) -> str:
        """The name of the JSON field."""
        return self.field or self.name

    @cached_property
    def dtype(self) -> Any:
        """The dtype in a frame."""
        if self.kind is Kind.STATE:
            return pd.CategoricalDtype(list(self.categories), ordered=True)
        return _DTYPES[self.kind]

    @property
    def dtype_name(self) -> str:
        """The dtype in words."""
        if self.kind is Kind.STATE:
            return "ordered category"
        lists = {Kind.NAMES: "list of str or NA", Kind.IDS: "list of int or NA"}
        return lists.get(self.kind, str(self.dtype))

    @property
    def unit(self) -> str | None:
        """The unit of the values in a frame, None if there is none."""
        if self.field_unit is FieldUnit.UNDOCUMENTED:
            return "unit not documented"
        return _UNITS.get(self.kind)

    @property
    def unit_in_brackets(self) -> str:
        """The unit to append to a dtype, an empty string if there is none."""
        return f" [{self.unit}]" if self.unit else ""

    @property
    def adds_up(self) -> bool:
        """Whether the sum over rows is meaningful: of time, amounts and entries."""
        is_time = self.kind in (Kind.HOURS, Kind.DURATION)
        return self.is_additive or (is_time and not self.is_level)

    @property
    def label(self) -> str:
        """A heading for people, with its unit: ``"Tracked [h]"``."""
        words = self.name.removesuffix("_hours") if self.kind is Kind.HOURS else self.name
        words = words.replace(f"_hours{CHANGE_OF}", CHANGE_OF)
        text = words.removeprefix("n_").replace("_", " ").capitalize()
        text = text.replace("Id", "ID") if text == "Id" else text.replace(" id", " ID")
        text = self.heading or text
        return f"{text} [h]" if self.kind is Kind.HOURS and not self.is_wide else text


@dataclass(frozen=True)
class Table:
    """The declaration of a frame.

    Parameters
    ----------
    name : str
        The name of the frame.
    grain : str
        What one row is.
    key : tuple of str
        The columns that identify a row.
    columns : tuple of Column
        The columns, in their order.
    rank : tuple of str
        The columns to order rows by, largest first and NA last; ties are ordered by the key.
    is_of_sums : bool
        Whether its rows are sums of what can be compared, without offsetting anything.
    order : tuple of str
        The columns to order the rows of an endpoint by, NA last; by default the key.
    ignored : frozenset of str
        Names of JSON fields that say nothing about a row, or nothing that a column does not say.
    choices : frozenset of str
        The columns that a report's parameters choose from; the others are always present.
    lead : tuple of str
        The columns to keep if not all of them fit, the most important first.
    is_comparable : bool
        Whether the same groups are in two ranges of days, so that these can be compared.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    rank: tuple[str, ...] = ()
    is_of_sums: bool = False
    order: tuple[str, ...] = ()
    ignored: frozenset[str] = frozenset()
    choices: frozenset[str] = frozenset()
    lead: tuple[str, ...] = ()
    is_comparable: bool = False

    def __repr__(self) -> str:
        """Return its name, and how many columns it has."""
        return f"Table({self.name!r}, {len(self.columns)} columns)"

    def __iter__(self) -> Iterator[Column]:
        """Iterate over the columns in their order."""
        return iter(self.columns)

    def __getitem__(self, name: str) -> Column:
        """Return the column of this name."""
        return self._by_name[name]

    def __contains__(self, name: object) -> bool:
        """Return whether the table declares a column of this name."""
        return name in self._by_name

    @cached_property
    def _by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def names(self) -> list[str]:
        """The names of the columns, in their order."""
        return list(self._by_name)

    @property
    def has_id_key(self) -> bool:
        """Whether one id identifies a row."""
        return len(self.key) == 1 and self[self.key[0]].kind is Kind.ID

    def choose(self, names: Iterable[str]) -> Table:
        """Return the table with these of its choices, in their order, where the first was."""
        chosen = [name for name in names if name in self.choices]
        first = min(n for n, column in enumerate(self) if column.name in self.choices)
        others = [column for column in self if column.name not in self.choices]
        columns = [*others[:first], *(self[name] for name in chosen), *others[first:]]
        key = tuple(column.name for column in columns if column.name in self.key)
        left = {column.name for column in columns}
        lead = tuple(name for name in self.lead if name in left)
        return replace(self, columns=tuple(columns), key=key, lead=lead)

    def with_choices(self, columns: Sequence[Column]) -> Table:
        """Return the table with these further choices, in its key; they lead."""
        names = [column.name for column in columns]
        return replace(
            self,
            key=(*names, *self.key),
            columns=(*self.columns, *columns),
            choices=self.choices | {*names},
            lead=(*names, *self.lead),
        )

    def across(self) -> Table:
        """Return the table of several workspaces: `workspace_id` in the key, and first.

        Only the day of a history comes before it.
        """
        if WORKSPACE.name in self:
            return self
        first = int(self.is_history)
        order = (WORKSPACE.name, *self.order) if self.order else ()
        grain = f"{self.grain}, of a workspace" if self.key else "workspace"
        return replace(self._with(WORKSPACE, first), grain=grain, order=order)

    def _with(self, column: Column, position: int) -> Table:
        """Return the table with one more column, also in its key."""
        return replace(
            self,
            key=(*self.key[:position], column.name, *self.key[position:]),
            columns=(*self.columns[:position], column, *self.columns[position:]),
            lead=(*self.lead[:1], column.name, *self.lead[1:]),
        )

    @property
    def is_history(self) -> bool:
        """Whether its rows are of several days, so that their sum is meaningless."""
        return AS_OF.name in self

    @property
    def is_of_changes(self) -> bool:
        """Whether its rows are what changed between two days."""
        return CHANGE in self.columns

    def history(self) -> Table:
        """Return the table of all days: `as_of` first, and in the key."""
        return self._with(AS_OF, 0).variant("history", f"{self.grain}, as it was on a day")

    def variant(self, name: str, grain: str, **facts: Any) -> Table:
        """Return a table that is made of this one, whose rows come in an order of their own."""
        return replace(self, name=f"{self.name}_{name}", grain=grain, rank=(), order=(), **facts)

    @property
    def measures(self) -> tuple[Column, ...]:
        """The columns that are compared: hours, amounts and counts."""
        return tuple(c for c in self if c.kind in _MEASURES and c.name not in self.key)

    @property
    def ids_and_names(self) -> tuple[Column, ...]:
        """The columns that say what a row is about: the key, other ids, and strings."""
        return tuple(c for c in self if c.kind in {Kind.ID, Kind.STRING} or c.name in self.key)

    def changes(self) -> Table:
        """Return the table of what changed between two days: each measure before and after."""
        head = self.ids_and_names
        compared = {column.name: _compared(column) for column in self.measures}
        kept = {c.name: c.name for c in head}
        leading = kept | {name: columns[-1].name for name, columns in compared.items()}
        lead = [leading[name] for name in self.lead if name in leading]
        return self.variant(
            "changes",
            f"{self.grain}, if it moved, is new or gone",
            columns=(*head, CHANGE, *(c for columns in compared.values() for c in columns)),
            is_of_sums=False,
            lead=(*lead[:1], CHANGE.name, *lead[1:]),
        )

    @property
    def summed(self) -> tuple[Column, ...]:
        """The columns of a range of days that add up, exact times last."""
        columns = [c for c in self if c.adds_up]
        return tuple(sorted(columns, key=lambda c: c.kind is Kind.DURATION))

    @property
    def leading(self) -> Column:
        """The measure whose change orders the rows of two ranges of days."""
        return next((c for c in self.summed if c.name == "tracked_hours"), self.summed[0])

    def comparison(self) -> Table:
        """Return the table of two ranges of days: each measure, before, and its change."""
        head = tuple(c for c in self.ids_and_names if c.name not in _OF_A_RANGE)
        measures = {c.name: _in_two_ranges(c) for c in self.summed}
        columns = (*head, *(c for pair in measures.values() for c in pair))
        names = {c.name for c in head}
        lead = [name for name in self.lead if name in names]
        order = dict.fromkeys(name for name in (*self.lead, *measures) if name in measures)
        (now, _, change, *share), *others = (measures[name] for name in order)
        rest = [c.name for c in (now, *share, *(other[2] for other in others))]
        return self.variant(
            "comparison",
            "group of the report, in either of two ranges of days",
            key=tuple(name for name in self.key if name in names),
            columns=columns,
            is_of_sums=False,
            choices=self.choices & names,
            lead=(*lead[:1], change.name, *lead[1:], *rest),
        )

    def fitting(self, names: Collection[str]) -> Table | None:
        """Return the table with the choices that are named, None if another column is missing."""
        if set(names).issuperset(self.names):
            return self
        if not set(names).issuperset({*self.names} - self.choices):
            return None
        return self.choose(names) if self.choices else None

    def describe(self) -> list[str]:
        """Return one line for each column: name, dtype, unit, meaning; docstrings quote them."""
        return [f"- {c.name} : {c.dtype_name}{c.unit_in_brackets}. {c.doc}" for c in self]

    def empty(self) -> pd.DataFrame:
        """Return a frame of no rows with the declared columns and dtypes."""
        return pd.DataFrame({c.name: pd.Series([], dtype=c.dtype) for c in self.columns})


# A column of each kind, of a name and a description.
identifier = partial(Column, kind=Kind.ID)
flag = partial(Column, kind=Kind.BOOLEAN)
string = partial(Column, kind=Kind.STRING)
text = partial(Column, kind=Kind.STRING, is_blank_missing=True)
names = partial(Column, kind=Kind.NAMES)
ids = partial(Column, kind=Kind.IDS)
state = partial(Column, kind=Kind.STATE)
date = partial(Column, kind=Kind.DATE)
timestamp = partial(Column, kind=Kind.TIMESTAMP)
local_time = partial(Column, kind=Kind.LOCAL)
hours = partial(Column, kind=Kind.HOURS)
excess = partial(Column, kind=Kind.HOURS, is_excess=True)
weeks = partial(Column, kind=Kind.WEEKS)
count = partial(Column, kind=Kind.COUNT)
ratio = partial(Column, kind=Kind.RATIO)
factor = partial(Column, kind=Kind.RATIO, is_factor=True)
money = partial(Column, kind=Kind.MONEY)
cost = partial(Column, kind=Kind.MONEY, is_sensitive=True)
cents = partial(Column, kind=Kind.MONEY, field_unit=FieldUnit.CENTS)


def duration(
    name: str, doc: str, field: str | None = None, field_unit: FieldUnit = FieldUnit.SECONDS
) -> Column:
    field = field or f"{name.removesuffix('_time')}_seconds"
    return Column(name, doc, Kind.DURATION, field=field, field_unit=field_unit)


def table(name: str, grain: str, key: str, *columns: Column, **facts: Any) -> Table:
    return Table(name, grain, tuple(key.split()), columns, **facts)


WORKSPACE: Final = identifier("workspace_id", "Workspace id.")
AS_OF: Final = date("as_of", "The day of the snapshot.")
CHANGE: Final = state(
    "change",
    "Whether a measure changed, or only one of the snapshots has the row.",
    categories=CHANGES,
)

_MEASURES: Final = frozenset({Kind.HOURS, Kind.MONEY, Kind.COUNT})


def _compared(measure: Column) -> tuple[Column, Column, Column]:
    """Return the columns of a measure where two days are compared; they are not added up."""
    docs = {
        BEFORE: f"{measure.doc} In the earlier snapshot; NA if the row is new.",
        AFTER: f"{measure.doc} In the newest snapshot; NA if the row is gone.",
        DIFFERENCE: f"{measure.name} after minus before; NA unless both are known.",
    }
    before, after, difference = (
        replace(measure, name=measure.name + what, doc=doc, is_additive=False)
        for what, doc in docs.items()
    )
    return before, after, difference


_OF_A_RANGE: Final = frozenset({"period", "date"})  # so that no row of one is in another


def _in_two_ranges(measure: Column) -> tuple[Column, ...]:
    """Return the columns of a measure where two ranges of days are compared."""
    name = measure.name
    before = replace(
        measure,
        name=name + BEFORE,
        doc=f"{measure.doc} In the range before; 0 if nothing was tracked.",
    )
    change = replace(
        measure,
        name=name + CHANGE_OF,
        doc=f"{name} minus {before.name}; NA unless both are known.",
        is_change=True,
    )
    if measure.kind is Kind.DURATION:
        return measure, before, change
    share = ratio(
        name + SHARE_OF_CHANGE,
        f"{change.name} over {before.name}; NA where that is 0 or unknown.",
        is_change=True,
        is_sensitive=measure.is_sensitive,
    )
    return measure, before, change, share


def tables_in(module: Mapping[str, Any]) -> tuple[Table, ...]:
    """Return the tables that a module exports, in the order in which it declares them."""
    exported = (value for name, value in module.items() if name in module["__all__"])
    groups = (value.values() if isinstance(value, dict) else (value,) for value in exported)
    return tuple(table for group in groups for table in group if isinstance(table, Table))
