"""Parse nested responses into flat rows: one function for each shape of the API's JSON.

Each takes the parsed JSON and the query, and returns a row for each line of the frame, by the names
of the JSON. A shape that the vendor does not document is a SchemaError, never fewer rows.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, NoReturn

import pandas as pd

from togglframe.api.dates import WEEK, day
from togglframe.errors import ConfigError, SchemaError

Row = dict[str, Any]

_NONE: Final = type(None)
_MONEY: Final = (
    *("billable_seconds", "billable_amount_in_cents"),
    *("hourly_rate_in_cents", "currency"),
)
_SECONDS_PER_HOUR: Final = 3600


@dataclass(frozen=True)
class Query:
    """The query of a response, as far as the response does not state it.

    Parameters
    ----------
    path : str
        The endpoint.
    body : mapping of str to object
        What was sent.
    doubt : callable
        Notes why it cannot be proven that all came.
    range_start, range_end : str, optional
        The days that the answer is of, where it says so.
    next_row : int, optional
        The row that the next page is to begin with.
    shared : set of (str, str)
        The first and the last day of entries that share one amount; more are added.
    """

    path: str
    body: Mapping[str, Any]
    doubt: Callable[[str], None]
    range_start: str | None = None
    range_end: str | None = None
    next_row: int | None = None
    shared: set[tuple[str, str]] = field(default_factory=set)

    @property
    def start(self) -> dt.date:
        """The first day that the answer is of."""
        return self._day(self.range_start or self.body.get("start_date"))

    @property
    def end(self) -> dt.date:
        """The last day that the answer is of."""
        return self._day(self.range_end or self.body.get("end_date"))

    def _day(self, value: object) -> dt.date:
        try:
            return day("a day", value[:10] if isinstance(value, str) else value)
        except (TypeError, ConfigError):
            return self.refuse("the days that the answer is of", value)

    def refuse(self, expected: str, value: object, *, row: int | None = None) -> NoReturn:
        """Raise a SchemaError."""
        raise SchemaError(
            f"expected {expected}", endpoint=self.path, row=row, value=value, is_shown=True
        )


Unnest = Callable[[Any, Query], list[Row]]


def bare_rows(data: Any, query: Query) -> list[Row]:
    """Return the rows of an answer: a bare array, an object around one, or nothing at all.

    What else such an object holds may say that there is more, or that something failed.
    """
    if isinstance(data, dict):
        if not data.keys() <= {"items"} and not data.keys() <= {"data"}:
            query.refuse("rows, with nothing beside them", data)
        data = next(iter(data.values()), None)
    return checked([] if data is None else data, query)


def checked(rows: Any, query: Query) -> list[Row]:
    """Validate that rows are an array of objects, and return them."""
    if not isinstance(rows, list):
        query.refuse("an array of rows", rows)
    if not set(map(type, rows)) <= {dict}:
        row = next(row for row, item in enumerate(rows) if type(item) is not dict)
        query.refuse("an object", rows[row], row=row)
    return rows


def entries(data: Any, query: Query) -> list[Row]:
    """Return a row for each time entry; a row of the API may hold several.

    The money of a row is shared by the seconds, so that the cents add up to it.
    """
    flat: list[Row] = []
    rows = bare_rows(data, query)
    _judge_row_numbers(rows, query)
    for number, row in enumerate(rows):
        held = row.pop("time_entries", None)
        if type(held) is not list or set(map(type, held)) != {dict}:
            query.refuse("an array of time entries", held, row=number)
        if not row.get("tag_ids", "absent"):
            row["tag_ids"] = []
            row["tag_names"] = row.get("tag_names") or []
        if len(held) == 1:
            held[0].update(row)  # in place: a new object for each of them takes twice as long
            flat += held
        else:
            shares = _shares(row.get("billable_amount_in_cents"), held)
            if any(shares):
                days = [str(entry.get("start"))[:10] for entry in held]
                query.shared.add((min(days), max(days)))
            flat += [
                {**entry, **row, "billable_amount_in_cents": cents}
                for entry, cents in zip(held, shares, strict=True)
            ]
    return flat


def _judge_row_numbers(rows: list[Row], query: Query) -> None:
    """Say where the numbers of the rows tell that some are missing."""
    numbers: list[Any] = [row.get("row_number") for row in rows]
    if set(map(type, numbers)) != {int}:
        return
    wanted = query.body.get("first_row_number", 1)
    if wanted is not None and numbers[0] != wanted:
        query.doubt(f"the page that should begin with row {wanted} begins with row {numbers[0]}")
    if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
        query.doubt(f"the rows of the page from row {numbers[0]} on are not numbered one by one")
    elif query.next_row is not None and query.next_row != numbers[-1] + 1:
        query.doubt(f"the page ends with row {numbers[-1]}, the next begins with {query.next_row}")


def _shares(cents: Any, held: list[Row]) -> list[Any]:
    """Share cents by seconds, to the last cent.

    Entries without a duration get no share; an amount that is no integer is left for the cast to
    refuse.
    """
    values: list[Any] = [entry.get("seconds") for entry in held]
    seconds = [item if type(item) is int else 0 for item in values]
    if type(cents) is not int:
        return [cents] * len(held)
    passed = list(itertools.accumulate(seconds, initial=0))
    if passed[-1] <= 0:
        return [cents, *[0] * (len(held) - 1)]
    due = [cents * so_far // passed[-1] for so_far in passed]
    return [after - before for before, after in itertools.pairwise(due)]


def totals(data: Any, query: Query) -> list[Row]:
    """Return a row for each period of the graph, which carries no dates."""
    report = _object(data, query, "seconds", "graph")
    seconds = report.get("seconds")
    points = report.get("graph")
    wanted = query.body.get("granularity")
    resolution = report.get("resolution") or wanted or "day"
    if resolution not in _STARTS or (wanted is not None and resolution != wanted):
        query.refuse(f"a resolution of {wanted or 'day, week or month'}", resolution)
    if not points:
        if report and seconds != 0:
            query.refuse("a graph", points)
        days = _STARTS[resolution][0](query.start, query.end) if "seconds" in report else []
        return [{"date": day.isoformat(), "seconds": 0, "billable_seconds": 0} for day in days]
    rows = checked(points, query)
    by_period: list[Any] = [row.get("seconds") for row in rows]
    if type(seconds) is int and set(map(type, by_period)) == {int} and sum(by_period) != seconds:
        query.doubt(f"the periods sum to {sum(by_period)} s, but their total is {seconds} s")
    starts = _periods(resolution, len(rows), query)
    return [
        {
            "date": start.isoformat(),
            "seconds": row.get("seconds"),
            "billable_seconds": _billable(row.get("by_rate"), query, number),
            "billable_amount_in_cents": row.get("billable_amount_in_cents"),
            "labour_cost_in_cents": row.get("labour_cost_in_cents"),
        }
        for number, (start, row) in enumerate(zip(starts, rows, strict=True))
    ]


def _billable(by_rate: Any, query: Query, number: int) -> int | None:
    """Return the billable seconds of a period: the sum over its rates."""
    if by_rate is None:
        return None
    if type(by_rate) is not dict or not set(map(type, by_rate.values())) <= {int}:
        query.refuse("seconds by rate", by_rate, row=number)
    return sum(by_rate.values())


def _periods(resolution: str, count: int, query: Query) -> list[dt.date]:
    """Return where the periods begin, in the first of the readings that has so many."""
    readings = [starts(query.start, query.end) for starts in _STARTS[resolution]]
    fitting = [starts for starts in readings if len(starts) == count]
    if fitting:
        if fitting[0] != readings[0] and any(starts != fitting[0] for starts in fitting):
            query.doubt(
                f"it is impossible to tell on which day its {count} periods of a {resolution} begin"
            )
        return fitting[0]
    expected = f"{len(readings[0])} periods, each a {resolution}"
    return query.refuse(f"{expected}, for {query.start} to {query.end}", f"{count} periods")


def _days(start: dt.date, end: dt.date, frequency: str) -> list[dt.date]:
    return list(pd.date_range(start, end, freq=frequency, unit="us").date)


def _calendar(start: dt.date, end: dt.date, frequency: str) -> list[dt.date]:
    """Return the first day, and the first days of the periods that begin after it."""
    return [start, *(day for day in _days(start, end, frequency) if day > start)]


def _months_from(start: dt.date, end: dt.date) -> list[dt.date]:
    count = (end.year - start.year) * 12 + end.month - start.month + (end.day >= start.day)
    return [(pd.Timestamp(start) + pd.DateOffset(months=n)).date() for n in range(count)]


# Periods are counted from the first day; should the API mean those of the calendar, their number
# says so. Where both have as many, a range that begins with a period has no doubt either.
_STARTS: Final[dict[str, list[Callable[[dt.date, dt.date], list[dt.date]]]]] = {
    "day": [partial(_days, frequency="D")],
    "week": [
        partial(_days, frequency="7D"),
        partial(_calendar, frequency="W-MON"),
        partial(_calendar, frequency="W-SUN"),
    ],
    "month": [_months_from, partial(_calendar, frequency="MS")],
}


def summary(data: Any, query: Query) -> list[Row]:
    """Return a row for each sub-group, or for each of its rates where they are distinguished.

    A group has neither a name nor a sum of its own.
    """
    report = _object(data, query, "groups")
    groups = report.get("groups") if report else []
    flat: list[Row] = []
    for number, group in enumerate(checked(groups or [], query)):
        same = {"group_id": group.get("id")}
        if group.get("ids"):
            same["group_tag_ids"] = group["ids"]
        if group.get("seconds") and not group.get("sub_groups"):
            query.refuse("sub-groups of a group with time", group, row=number)
        for held in checked(group.get("sub_groups") or [], query):
            row = {
                **same,
                "sub_group_id": held.get("id"),
                "title": held.get("title"),
                "seconds": held.get("seconds"),
                "ids": held.get("ids"),
            }
            flat += _by_rate(row, held, query, number)
    return flat


def _by_rate(row: Row, held: Row, query: Query, number: int) -> list[Row]:
    """Return the rows of a sub-group: one, or one for each of its rates."""
    rates = held.get("rates")
    priced = [_priced(rate, query, number) for rate in checked(rates or [], query)]
    if len(priced) > 1 and query.body.get("distinguish_rates"):
        if type(row["seconds"]) is not int:
            query.refuse("the seconds of a sub-group", row["seconds"], row=number)
        row = {**row, "ids": None}  # nobody knows which are at which rate
        by_rate = [{**row, "seconds": rate["billable_seconds"], **rate} for rate in priced]
        rest = row["seconds"] - sum(rate["billable_seconds"] for rate in priced)
        unpriced = {"billable_seconds": 0, "currency": None}
        return [*by_rate, *([{**row, "seconds": rest, **unpriced}] if rest else [])]
    if rates is None:
        followed = dict.fromkeys(_MONEY)
    else:
        followed = priced[0] if len(priced) == 1 else _without_rate(priced)
    own = {name: held.get(name) for name in _MONEY}
    return [{**row, **{n: followed[n] if own[n] is None else own[n] for n in _MONEY}}]


def _priced(rate: Row, query: Query, number: int) -> Row:
    """Return what a rate says, and the amount that follows, rounded half up to the cent."""
    seconds, cents = rate.get("billable_seconds"), rate.get("hourly_rate_in_cents")
    currency = rate.get("currency")
    is_known = type(seconds) is int and type(cents) in (int, _NONE)
    if not is_known or type(currency) not in (str, _NONE):
        query.refuse("billable seconds at a rate in cents", rate, row=number)
    half = _SECONDS_PER_HOUR // 2
    return {
        "billable_seconds": seconds,
        "billable_amount_in_cents": (
            None if cents is None else (seconds * cents + half) // _SECONDS_PER_HOUR
        ),
        "hourly_rate_in_cents": cents,
        "currency": currency,
    }


def _without_rate(priced: list[Row]) -> Row:
    """Return the sum over several rates, without an amount in several currencies; 0 of none."""
    amounts = [rate["billable_amount_in_cents"] for rate in priced]
    currencies = {rate["currency"] for rate in priced}
    is_sum = len(currencies) == 1 and None not in amounts
    return {
        "billable_seconds": sum(rate["billable_seconds"] for rate in priced),
        "billable_amount_in_cents": sum(amounts) if is_sum else None,
        "hourly_rate_in_cents": None,
        "currency": currencies.pop() if len(currencies) == 1 else None,
    }


def week(data: Any, query: Query) -> list[Row]:
    """Return a row for each day with time in it, of each row of seven days."""
    flat: list[Row] = []
    for number, row in enumerate(bare_rows(data, query)):
        by_name = {name: _seven(row.pop(name, None), query, number) for name in _BY_DAY}
        if set(by_name["seconds"]) == {None}:
            query.refuse("seven times", None, row=number)
        for days, values in enumerate(zip(*by_name.values(), strict=True)):
            if any(values):
                date = (query.start + dt.timedelta(days)).isoformat()
                flat.append({**row, "date": date, **dict(zip(by_name, values, strict=True))})
    return flat


_BY_DAY: Final = ("seconds", "billable_seconds", "billable_amounts_in_cents")


def _seven(values: Any, query: Query, number: int) -> list[Any]:
    """Return seven values, or seven None where they are missing."""
    if values is None or values == []:
        return [None] * WEEK
    if type(values) is not list or len(values) != WEEK:
        query.refuse("a value for each of seven days", values, row=number)
    return values


def project_hours(data: Any, query: Query) -> list[Row]:
    """Return the rows; the vendor's staff call the billable seconds `billed_seconds`."""
    rows = bare_rows(data, query)
    for row in rows:
        if "billed_seconds" in row:
            billed = row.pop("billed_seconds")
            if row.get("billable_seconds") is None:
                row["billable_seconds"] = billed
    return rows


def graph_rows(within: str | None = None) -> Unnest:
    """Return the parser of a graph with dates, whose rows are its points or inside each of them.

    Parameters
    ----------
    within : str, optional
        The name of the rows in each point; without it the points are the rows.
    """

    def unnest(data: Any, query: Query) -> list[Row]:
        report = _object(data, query, "graph")
        graph = _object(report.get("graph"), query, "data", "resolution")
        rows = checked(graph.get("data") or [], query)
        if within:
            rows = [
                {"date": point.get("date"), **row}
                for point in rows
                for row in _rows_within(point, within, query)
            ]
        return _with_currency(rows, report)

    return unnest


def _rows_within(point: Row, name: str, query: Query) -> list[Row]:
    if name not in point and point.keys() - {"date"}:
        query.refuse(f"a point with its {name}", point)
    return checked(point.get(name) or [], query)


def table_rows(data: Any, query: Query) -> list[Row]:
    """Return the rows of the table beside a graph."""
    report = _object(data, query, "table")
    return _with_currency(checked(report.get("table") or [], query), report)


def _with_currency(rows: list[Row], report: Row) -> list[Row]:
    """Name the currency of the report in each row that names none."""
    if "currency" in report:
        for row in rows:
            row["currency"] = row.get("currency") or report["currency"]
    return rows


def compared_periods(data: Any, query: Query) -> list[Row]:
    """Return a row for each position in the two periods of a project."""
    flat: list[Row] = []
    for number, row in enumerate(bare_rows(data, query)):
        now, before = (
            row.pop(name, None) or []
            for name in ("current_period_seconds", "previous_period_seconds")
        )
        if type(now) is not list or type(before) is not list:
            query.refuse("an array of seconds for each period", [now, before], row=number)
        flat += [
            {**row, "position": position, "current_period_seconds": a, "previous_period_seconds": b}
            for position, (a, b) in enumerate(itertools.zip_longest(now, before))
        ]
    return flat


def _object(data: Any, query: Query, *names: str) -> Row:
    """Return an object that has one of these names; nothing at all is an empty one."""
    if data is None or data in ([], {}):
        return {}
    if type(data) is not dict or data.keys().isdisjoint(names):
        query.refuse(f"an object with {' or '.join(names)}", data)
    return dict(data)
