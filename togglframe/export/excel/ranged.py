"""The sheets of a range of days, and the report behind each."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pandas as pd

from togglframe import reports
from togglframe.errors import ConfigError
from togglframe.reports import names
from togglframe.reports._record import Report
from togglframe.reports.listings import OPTIONAL
from togglframe.reports.planning import records
from togglframe.reports.selection import EVERYTHING, Query, Selection, in_lists
from togglframe.reports.sources import Listings
from togglframe.tables import Column, Kind, Table
from togglframe.tables.provenance import NOT_HELD, combined, stamp
from togglframe.text.periods import FREQUENCY

__all__ = [
    "RANGED",
    "RANGED_SENSITIVE",
    "Options",
    "Request",
    "check_ranged",
    "default_ranged",
    "fetch_listings",
    "in_lists_by_report",
    "options_by_id",
    "query_of",
    "requested",
]

Options = Mapping[str, Mapping[str, Any]]

_RANGE: Final = ("start_date", "end_date", "period")
_BEGAN: Final = Column(
    name="began", kind=Kind.LOCAL, doc="When it began, in the local time where it was tracked."
)
_ENDED: Final = Column(
    name="ended", kind=Kind.LOCAL, doc="When it ended, in the local time where it was tracked."
)


def _with_wall_clock(entries: pd.DataFrame) -> pd.DataFrame:
    """Add the local times at which entries began and ended."""
    clocks = {
        name: (entries[time] + entries["utc_offset"]).dt.tz_localize(None)
        for name, time in ((_BEGAN.name, "start"), (_ENDED.name, "stop"))
    }
    return entries.assign(**clocks)


@dataclass(frozen=True, kw_only=True)
class RangedSheet:
    """A sheet of a range of days.

    Parameters
    ----------
    report : callable
        The report that it shows.
    defaults : mapping of str to Any
        Defaults of the sheet that differ from those of the report.
    is_by_default : bool
        Whether it is written if a range is given but no sheet is named.
    is_sensitive : bool
        Whether it holds confidential data about people.
    is_of_all_work : bool
        Whether it says little about some clients or projects alone.
    more_columns : tuple of Column
        The columns that `arrange` adds.
    arrange : callable
        The function that turns the frame of the report into that of the sheet.
    """

    report: Callable[..., pd.DataFrame]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    is_by_default: bool = True
    is_sensitive: bool = False
    is_of_all_work: bool = False
    more_columns: tuple[Column, ...] = ()
    arrange: Callable[[pd.DataFrame], pd.DataFrame] = lambda frame: frame

    @property
    def parameters(self) -> dict[str, Any]:
        """Its parameters, with their defaults."""
        known = inspect.signature(self.report).parameters.values()
        given = {one.name: one.default for one in known if one.kind is one.KEYWORD_ONLY}
        return {**given, **self.defaults}


_SHEETS: Final = {
    "Hours": RangedSheet(report=reports.hours, defaults={"by": ("client", "project", "user")}),
    "Timesheet": RangedSheet(report=reports.timesheet),
    "Utilisation": RangedSheet(
        report=reports.utilisation, defaults={"every": "month"}, is_of_all_work=True
    ),
    "Invoice": RangedSheet(report=reports.invoice_lines),
    "Profit": RangedSheet(report=reports.profitability, is_sensitive=True),
    "Entry audit": RangedSheet(report=reports.entry_audit),
    "Entries": RangedSheet(
        report=reports.time_entries,
        is_by_default=False,
        more_columns=(_BEGAN, _ENDED),
        arrange=_with_wall_clock,
    ),
}
RANGED: Final = tuple(_SHEETS)
RANGED_SENSITIVE: Final = tuple(name for name, sheet in _SHEETS.items() if sheet.is_sensitive)


def default_ranged(days: Selection, *, sensitive: bool) -> tuple[str, ...]:
    """Return the sheets of a range that are written by default, none without a range."""
    return tuple(
        name
        for name, sheet in _SHEETS.items()
        if days.is_ranged
        and sheet.is_by_default
        and (sensitive or not sheet.is_sensitive)
        and not (days.ids and sheet.is_of_all_work)
    )


def check_ranged(chosen: Collection[str], days: Selection, *, sensitive: bool) -> None:
    """Refuse sheets of a range without one, a range without such a sheet, and the like.

    Raises
    ------
    ConfigError
        With a message that says what to do.
    """
    ranged = [name for name in RANGED if name in chosen]
    if ranged and not days.is_ranged:
        raise ConfigError(
            f"The sheet {ranged[0]!r} covers a range of days: give start_date and end_date, or "
            'period="2026-10".'
        )
    if days.is_ranged and not ranged:
        raise ConfigError(
            f"A range of days is given, but no sheet that uses one: name {', '.join(RANGED)}."
        )
    for name in ranged:
        if _SHEETS[name].is_sensitive and not sensitive:
            raise ConfigError(f"The sheet {name!r} shows labour costs: it requires sensitive=True.")


@dataclass(frozen=True, kw_only=True)
class Request:
    """The checked call of the report behind a sheet.

    Parameters
    ----------
    name : str
        The sheet.
    record : Report
        The declaration of the report.
    given : mapping of str to Any
        Its parameters, as the join takes them.
    said : mapping of str to Any
        The parameters that were given explicitly.
    """

    name: str
    record: Report
    given: Mapping[str, Any]
    said: Mapping[str, Any]

    @property
    def needs(self) -> tuple[str, ...]:
        """The listings that it needs."""
        return self.record.needs_of(self.given)

    @property
    def table(self) -> Table:
        """The table that the sheet shows."""
        table = self.record.table_of(self.given)
        return replace(table, columns=(*table.columns, *_SHEETS[self.name].more_columns))

    def frame(self, parts: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
        """Make the frame that the sheet shows from the available listings."""
        read = dict.fromkeys((*self.needs, *self.record.at_hand))
        frames = {name: parts[name] for name in read if name in parts}
        months = combined(frames.values()).get(NOT_HELD, [])
        made = self.record.join(**frames, **_of_what_is_held(self.given, months))
        if "capacity" in self.given and self.given["every"]:  # it has a row for every period
            made = _with_held_days(made, months, self.given["every"])
        if _SHEETS[self.name].is_of_all_work and self.given["selected"].ids:
            made = _with_time(made)  # nobody else belongs to that part
        made = _SHEETS[self.name].arrange(made)
        known = self.record.provenance_of(made, self.given, self.given["selected"].today)
        known["filters"] |= {
            name: names.mapping_in_words(value, name, parts) for name, value in self.said.items()
        }
        return stamp(made, **combined(frames.values(), **names.add_labels(known, parts)))


def _with_time(made: pd.DataFrame) -> pd.DataFrame:
    """Leave out people who tracked nothing at all."""
    tracked = made.groupby("user_id", dropna=False)["tracked_hours"].transform("sum")
    kept: pd.DataFrame = made[tracked > 0]
    return kept.reset_index(drop=True)


def _of_what_is_held(given: Mapping[str, Any], months: list[str]) -> Mapping[str, Any]:
    """Return the parameters of a report, with no capacity on the days of missing months."""
    if not months or "capacity" not in given:
        return given
    days = [day.date() for month in months for day in pd.date_range(f"{month}-01", periods=31)]
    lacking = [day for day in days if f"{day:%Y-%m}" in months]
    holidays = {None: [], **given["holidays"]}
    return {**given, "holidays": {user: [*own, *lacking] for user, own in holidays.items()}}


def _with_held_days(made: pd.DataFrame, months: list[str], every: str) -> pd.DataFrame:
    """Leave out the rows of periods that lie entirely in missing months."""
    lacks = made["period"].map(lambda start: _lies_in(start, every, months)).astype(bool)
    held: pd.DataFrame = made[~lacks]
    return held.reset_index(drop=True)


def _lies_in(start: pd.Timestamp, every: str, months: list[str]) -> bool:
    period = start.to_period(FREQUENCY[every])
    within = pd.period_range(period.start_time, period.end_time, freq="M")
    return all(str(month) in months for month in within)


def requested(chosen: Collection[str], days: Selection, options: Options | None) -> list[Request]:
    """Return the calls of the reports behind the chosen sheets.

    Parameters
    ----------
    chosen : collection of str
        The sheets.
    days : Selection
        The range.
    options : mapping of str to mapping, optional
        The parameters of each report, by its name.

    Raises
    ------
    ConfigError, TypeError
        An option is invalid, or for a sheet that is not chosen.
    """
    told = _by_sheet(chosen, options or {})
    range_, today = days.filters, days.today
    by_report = dict(records())
    return [
        _requested(name, by_report[_SHEETS[name].report], range_, told.get(name, {}), today)
        for name in RANGED
        if name in chosen
    ]


def _by_sheet(chosen: Collection[str], options: Options) -> Options:
    ranged = {_SHEETS[name].report.__name__: name for name in RANGED if name in chosen}
    unknown = [name for name in options if name not in ranged]
    if unknown:
        can = f"there are {', '.join(ranged)}" if ranged else "no range of days is given"
        raise ConfigError(
            f"options names {unknown[0]!r}, which is not the report of a chosen sheet; {can}."
        )
    return {ranged[name]: told for name, told in options.items()}


def in_lists_by_report(options: Options | None) -> Options:
    """Return options that can be read several times, unlike iterators."""
    given: Any = {} if options is None else options
    if not isinstance(given, Mapping):
        raise TypeError(f"options must map reports to parameters, not {options!r}")
    return {
        report: in_lists(told) if isinstance(told, Mapping) else told
        for report, told in given.items()
    }


def options_by_id(options: Options, parts: Mapping[int, Listings]) -> dict[int, Options]:
    """Return the options of each workspace, with ids for names."""
    found: dict[int, dict[str, Any]] = {number: {} for number in parts}
    for report, told in options.items():
        for number, one in names.with_ids_by_workspace(dict.fromkeys(parts, told), parts).items():
            found[number][report] = one
    return {**found}


def _requested(
    name: str,
    record: Report,
    range_: Mapping[str, Any],
    told: Mapping[str, Any],
    today: dt.date | None,
) -> Request:
    known = _SHEETS[name].parameters
    open_ = [parameter for parameter in known if parameter not in {*_RANGE, *range_}]
    if not isinstance(told, Mapping):
        raise TypeError(f"the options of {record.name} must be a mapping, not {told!r}")
    for parameter in told:
        if parameter not in open_:
            raise ConfigError(
                f"{record.name} has no option {parameter!r}; it has {', '.join(open_)}."
            )
    given = record.parse({**known, **told, **range_}, today)
    filters = given["selected"].id_filters
    said = {one: given.get(one, filters.get(one)) for one in told}
    return Request(name=name, record=record, given=given, said=said)


def _selection_of(asked: Collection[Request], days: Selection) -> Selection:
    """Return the selection of entries to fetch, from which each sheet then selects its own."""
    wanted: set[Selection] = {one.given["selected"] for one in asked}
    if len(wanted) == 1:
        return wanted.pop()
    return Selection(start=days.start, end=days.end) if asked else EVERYTHING


def query_of(names: Iterable[str], asked: Collection[Request], days: Selection) -> Query:
    """Return the listings that a workbook or a page needs together.

    Parameters
    ----------
    names : iterable of str
        The listings that the sheets without a range need.
    asked : collection of Request
        The sheets of the range.
    days : Selection
        The range.
    """
    required = {*names} - {"clients"}
    for one in asked:
        required |= {*one.needs} - {*one.record.look_ups}
    needed = dict.fromkeys((*names, *(name for one in asked for name in one.needs)))
    return Query(
        names=tuple(needed),
        selection=_selection_of(asked, days),
        look_ups={*needed} - required - {*OPTIONAL},
        optional=OPTIONAL,
        by="a workbook or a page",
    )


def fetch_listings(
    source: Listings, names: Iterable[str], asked: Collection[Request], days: Selection
) -> tuple[dict[str, pd.DataFrame], dict[str, str]]:
    """Return the listings for the workbook, each requested once, and why some could not be had."""
    parts, hidden = source.take(query_of(names, asked, days))
    at_hand = (name for one in asked for name in one.record.at_hand if name not in parts)
    return parts | source.at_hand(dict.fromkeys(at_hand)), hidden
