"""Compare responses of one account to check what the vendor does not document.

A response is only compared with another one, or with what its own field names say. Results contain
no name, number or id of the account, since people paste them where others read.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from statistics import median
from typing import Any, Final

import pandas as pd

from togglframe import errors, tables
from togglframe.api import parsers
from togglframe.api.dates import WEEK, YEAR
from togglframe.api.paging import DEFAULT_PAGE, LARGE_PAGE, PAGE_OF_ENTRIES
from togglframe.api.parsers import Query, Unnest, bare_rows
from togglframe.http.client import EXACT, Client, client_of
from togglframe.tables import provenance
from togglframe.workspace import Workspace

__all__ = ["doctor"]

Row = dict[str, Any]
_Pair = tuple[int, int]  # the ids of a project and a user

# The requests, as `seen` names them.
STATUSES: Final = "the statuses of projects"
PROJECTS: Final = "the projects"
FLAGGED: Final = "the projects of one state"
FROM_ID: Final = "the projects from an id on"
SUMMARY: Final = "the summary of a year"
ENTRIES: Final = "the time entries of a year"
PROFITABILITY: Final = "the profitability of projects"
MEMBERS: Final = "the members of projects"
TOTALS: Final = "the totals of a project"

_MOST_REQUESTS: Final = 8
_MOST_ATTEMPTS: Final = 2  # per request, so that one that fails leaves some for the others
_MOST_IDS: Final = 100  # in one request
_WEDNESDAY: Final = 2  # on which, and before which, people work
_ANY_CURRENCY: Final = "USD"
_SPENT: Final = f"the doctor's {_MOST_REQUESTS} requests are used up"

_SEVERAL: Final = 3
_TOO_LARGE: Final = 2**63  # for an id in a request
_HOUR: Final = 3600  # [s]
_CENTS: Final = 100  # of a unit
_TWICE: Final = 2.0  # by how much rates change at most, where units differ by a hundred
_EXACT: Final = 0.01  # relative difference of equal numbers

# A project's life is at least as long as its last year, and hardly thirty times that long, so that
# the units, each sixty times the next, cannot be mistaken for each other.
_PER_SECOND: Final = {"milliseconds": 1000.0, "seconds": 1.0, "minutes": 1 / 60, "hours": 1 / 3600}
_LONGEST_LIFE: Final = 30.0  # in years of work

_Error = errors.ApiError | errors.ConnectionFailedError | errors.SchemaError
_FATAL: Final = (
    errors.AccessError,
    errors.AuthenticationError,
    errors.ConnectionFailedError,
    errors.QuotaExceededError,
)
_REASONS: Final[dict[type[Exception], str]] = {
    errors.PremiumFeatureError: "the plan refuses it (402)",
    errors.QuotaExceededError: "the hourly quota is used up",
    errors.ConnectionFailedError: "the network failed",
    errors.SchemaError: "the answer has a shape that togglframe does not know",
    errors.AccessError: "this caller may not see it (403)",
}


def doctor(ws: Workspace) -> pd.DataFrame:
    """Find out on your own account what the vendor does not document.

    togglframe makes ten assumptions that the vendor's documentation does not settle. Each is
    checked against other answers of the same account. The frame holds no names, numbers or ids of
    yours, so you can show it to others.

    Parameters
    ----------
    ws : Workspace
        The workspace.

    Returns
    -------
    DataFrame
        One row per point: status_seconds, billable_amount, labour_cost, earnings, omitted_active,
        is_active, page_size, cursor, date_zone and plan, in this order. The verdict is "cannot
        tell", with the reason in `seen`, if the account has no data to judge by, no answer came, or
        the requests ran out.

        - point : str. What is checked.
        - assumed : str. What togglframe assumes.
        - seen : str. What the API did.
        - verdict : ordered category. Whether the assumption fits what was seen.
        - consequence : str. What this means for you.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError
        If there is no answer at all: the token is wrong, or one of Toggl 2.0, which is another
        product than Toggl Track; the network fails; or the quota is used up.
    TypeError
        If `ws` is not a Workspace.

    Notes
    -----
    At most eight requests, retries included; fewer if the quota runs out, since the doctor never
    waits for it. No answer is read from the cache or stored there. The doctor looks at one page
    of each listing, and at the time of the last year.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> found = tf.doctor(ws).set_index("point")
    >>> found.loc["is_active", "verdict"]
    'holds'
    >>> ws.usage.requests <= 8
    True
    """
    return diagnose(_Visit(client_of(ws), ws.today).responses())


class UnclearError(Exception):
    """The responses do not settle a point, for this reason."""


@dataclass
class Responses:
    """The rows of each request, or the reason why there are none.

    Attributes
    ----------
    rows : dict
        The rows, by request.
    reasons : dict
        Why there are none, by request.
    hidden : list of str
        What the plan refuses.
    is_page_refused : bool
        Whether the large page was refused and the usual one was not.
    starts : dict
        The id from which a page was requested, by request.
    flag : bool
        The state that `FLAGGED` asks for.
    days : tuple of date
        The first and the last day of `ENTRIES`.
    labour : tuple, optional
        The project of `TOTALS`, its users whose labour cost is known, and what they cost in the
        unit of memberships.
    """

    rows: dict[str, list[Row]] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    is_page_refused: bool = False
    starts: dict[str, int] = field(default_factory=dict)
    flag: bool = True
    days: tuple[dt.date, dt.date] = (dt.date.min, dt.date.max)
    labour: tuple[int, list[int], float] | None = None

    def of(self, request: str) -> list[Row]:
        """Return the rows of a request, none if it was not answered."""
        return self.rows.get(request, [])

    def require(self, request: str) -> list[Row]:
        """Return the rows of a request; raise UnclearError if it was not answered."""
        if request not in self.rows:
            reason = self.reasons.get(request, "there was nothing to ask about")
            raise UnclearError(f"{request} did not come: {reason}")
        return self.rows[request]


# Requests, those that settle most first


class _Visit:
    """Sends the requests until all points are settled or the requests are used up."""

    def __init__(self, client: Client, today: dt.date) -> None:
        begin = today - dt.timedelta(days=YEAR - 1)
        begin += dt.timedelta(days=(_WEDNESDAY - begin.weekday()) % WEEK)
        self._client = client
        self._spent_before = client.usage.requests
        self._responses = Responses(days=(begin, today))
        self._year = {"start_date": begin.isoformat(), "end_date": today.isoformat()}
        self._exact: Mapping[str, int] = EXACT
        self._error: _Error | None = None
        self._over: str | None = None

    def responses(self) -> Responses:
        """Send the requests and return what came."""
        self._request_projects()
        self._request_time()
        self._request_labour()
        self._request_from_id()
        if not self._responses.rows and self._error is not None:
            raise self._error
        return self._responses

    def _request_projects(self) -> None:
        responses, statuses = self._responses, "filters/projects/status"
        refusal = self._send(STATUSES, statuses, {})
        refused = self._request(PROJECTS, "filters/projects", {"page_size": LARGE_PAGE})
        responses.is_page_refused = refused is not None and PROJECTS in responses.rows
        listed = responses.of(PROJECTS)
        if isinstance(refusal, errors.BadRequestError) and listed:  # it wants ids
            some = [_ids(r for r in listed if _state(r) is s)[:_MOST_IDS] for s in (True, False)]
            self._send(STATUSES, statuses, {"ids": [*some[0], *some[1]]})
        states = _states(listed)
        responses.flag = states != {True} and bool(states)
        body: dict[str, Any] = {}
        if (middle := _middle(listed)) is not None:
            responses.flag, body["start"] = middle["active"], middle["id"]
            responses.starts[FLAGGED] = middle["id"]
        self._list_projects(FLAGGED, {"is_active": responses.flag, **body})

    def _list_projects(self, request: str, body: dict[str, Any]) -> None:
        size = {} if self._responses.is_page_refused else {"page_size": LARGE_PAGE}
        self._send(request, "filters/projects", {**body, **size})

    def _request_time(self) -> None:
        self._request(
            SUMMARY,
            "summary/time_entries",
            {**self._year, "grouping": "projects", "sub_grouping": "users"},
            parsers.summary,
        )
        page = {**self._year, "page_size": PAGE_OF_ENTRIES}
        self._request(ENTRIES, "search/time_entries", page, parsers.entries)
        listed = self._responses.of(PROJECTS)
        currencies = Counter(str(row["currency"]) for row in listed if row.get("currency"))
        currency = currencies.most_common(1)[0][0] if currencies else _ANY_CURRENCY
        body = {**self._year, **self._exact, "currency": currency, "resolution": "month"}
        self._send(PROFITABILITY, "profitability/projects", body, parsers.table_rows)

    def _request_labour(self) -> None:
        """Request the labour costs of members, and the totals of one of their projects."""
        responses = self._responses
        time = _seconds_by(responses.of(SUMMARY), lambda row: _id(row, "group_id"))
        if not time:
            return
        if self._left == 1:  # one is of no use without the other
            responses.reasons[MEMBERS] = _SPENT
            return
        busiest = [project for project, _ in time.most_common(_MOST_IDS)]
        self._send(MEMBERS, "filters/project_users", {"project_ids": busiest})
        responses.labour = _known_labour(responses)
        if responses.labour is not None:
            project, users, _ = responses.labour
            body = {**self._year, **self._exact, "project_ids": [project], "user_ids": users}
            graph = {"with_graph": True, "granularity": "day"}
            self._send(TOTALS, "search/time_entries/totals", {**body, **graph}, _row)

    def _request_from_id(self) -> None:
        ids = _ids(self._responses.of(PROJECTS))
        if len(ids) > 1 and self._left and _settle_cursor(self._responses) is None:
            self._responses.starts[FROM_ID] = ids[1]
            self._list_projects(FROM_ID, {"start": ids[1]})

    @property
    def _left(self) -> int:
        return _MOST_REQUESTS - (self._client.usage.requests - self._spent_before)

    def _request(
        self, request: str, path: str, body: dict[str, Any], read: Unnest = bare_rows
    ) -> _Error | None:
        """Send a request in exact time; if that or its page size is refused, without."""
        exact = self._exact if "start_date" in body else {}
        error = self._send(request, path, {**body, **exact}, read)
        if isinstance(error, errors.PremiumFeatureError) and exact:
            if self._send(request, path, body, read) is None and request in self._responses.rows:
                self._exact = {}
                self._responses.hidden[-1:] = ["exact time"]
        elif isinstance(error, errors.BadRequestError) and "page_size" in body:
            body = {name: value for name, value in body.items() if name != "page_size"}
            self._send(request, path, {**body, **exact}, read)
        return error

    def _send(
        self, request: str, path: str, body: Mapping[str, Any], read: Unnest = bare_rows
    ) -> _Error | None:
        """Send a request, and keep its rows or the reason why there are none."""
        responses = self._responses
        if (reason := self._reason_to_stop()) is not None:
            responses.reasons[request] = reason
            return None
        attempts = min(self._left, _MOST_ATTEMPTS)
        try:
            response = self._client.probe(path, body, max_attempts=attempts)
            responses.rows[request] = read(response.data, Query(path, body, doubt=lambda _: None))
        except (errors.ApiError, errors.ConnectionFailedError, errors.SchemaError) as error:
            self._note_error(request, error)
            return error
        return None

    def _reason_to_stop(self) -> str | None:
        if self._over is not None:
            return self._over
        if self._left < 1:
            return _SPENT
        # Before the first response, ask the API itself: it may allow more by now.
        is_used_up = self._client.is_used_up and self._responses.rows
        return "the hourly quota is used up" if is_used_up else None

    def _note_error(self, request: str, error: _Error) -> None:
        responses = self._responses
        if isinstance(error, _FATAL) and not responses.rows:
            raise error
        self._error = self._error or error
        reason = responses.reasons[request] = _reason(error)
        if isinstance(error, errors.ConnectionFailedError | errors.QuotaExceededError):
            self._over = reason
        if isinstance(error, errors.PremiumFeatureError):
            responses.hidden.append(request)


def _reason(error: _Error) -> str:
    """Return why there is no response; the API's own message may hold names and ids."""
    for kind, words in _REASONS.items():
        if isinstance(error, kind):
            return words
    return "too many requests at once" if error.status is None else f"HTTP {error.status}"


def _middle(projects: list[Row]) -> Row | None:
    """Return a project with one of its state before it and projects of both states after it."""
    rows = [row for row in projects if _id(row, "id") is not None and _state(row) is not None]
    rows.sort(key=lambda row: int(row["id"]))
    for position, row in enumerate(rows):
        is_second = row["active"] in _states(rows[:position])
        if is_second and _states(rows[position + 1 :]) == {True, False}:
            return row
    return None


# Rows whose fields may hold anything


def _row(data: Any, query: Query) -> list[Row]:
    return bare_rows([data], query)


def _number(row: Mapping[str, Any], name: str) -> float:
    """Return a number above zero, else 0."""
    value = row.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value > 0 else 0.0  # type: ignore[arg-type, operator]


def _id(row: Mapping[str, Any], name: str) -> int | None:
    value = row.get(name)
    return value if type(value) is int and abs(value) < _TOO_LARGE else None


def _ids(rows: Iterable[Row]) -> list[int]:
    return sorted(number for row in rows if (number := _id(row, "id")) is not None)


def _pair(row: Row, project: str, user: str) -> _Pair | None:
    ids = _id(row, project), _id(row, user)
    return None if ids[0] is None or ids[1] is None else (ids[0], ids[1])


def _state(project: Row) -> bool | None:
    state = project.get("active")
    return state if isinstance(state, bool) else None


def _states(projects: Iterable[Row]) -> set[bool]:
    return {state for row in projects if (state := _state(row)) is not None}


def _seconds_by(rows: Iterable[Row], key: Callable[[Row], Any]) -> Counter[Any]:
    seconds: Counter[Any] = Counter()
    for row in rows:
        if (group := key(row)) is not None:
            seconds[group] += int(_number(row, "seconds"))
    return seconds


def _days_of(entry: Row) -> tuple[dt.date, dt.date] | None:
    """Return the day of an entry on its tracker's clock, and in UTC."""
    try:
        start = dt.datetime.fromisoformat(entry["start"])
        return (start.date(), start.astimezone(dt.UTC).date()) if start.tzinfo else None
    except (KeyError, OverflowError, TypeError, ValueError):
        return None


def _count(number: int, noun: str) -> str:
    """Return how many in words: the number would tell how large the account is."""
    return f"one {noun}" if number == 1 else f"several {noun}s"


# Units


def _status_unit(responses: Responses) -> tuple[str, int]:
    """Return the unit of the times of statuses, and the number of projects that show it."""
    year = _seconds_by(responses.require(SUMMARY), lambda row: _id(row, "group_id"))
    lives = [
        (_number(row, "tracked_seconds"), year[_id(row, "id")])
        for row in responses.require(STATUSES)
    ]
    ratios = [life / of_year for life, of_year in lives if life and of_year >= _HOUR]
    if not ratios:
        raise UnclearError("no project has both a status and time in the last year")
    middle = median(ratios)
    for unit, size in _PER_SECOND.items():
        if (1 - _EXACT) * size <= middle < _LONGEST_LIFE * size:
            exact = sum(abs(ratio / size - 1) < _EXACT for ratio in ratios)
            # Statuses of a part of a life would be less than the year's seconds too.
            if exact > 1 or (size >= 1 and (exact or len(ratios) >= _SEVERAL)):
                return unit, len(ratios)
    raise UnclearError("too few projects have all of their time in the last year")


def _status_seconds(responses: Responses) -> tuple[bool, str]:
    unit, count = _status_unit(responses)
    projects = _count(count, "project")
    seen = f"compared with the seconds of a year's summary, the statuses of {projects}"
    return unit == "seconds", f"{seen} count {unit}"


def _are_cents(ratios: list[float], *, of_units: float, is_sum: bool = False) -> bool:
    """Return whether amounts are cents or units, by their ratios to amounts in cents."""
    if not ratios:
        raise UnclearError("no amount is known from two answers")
    for are_cents, size in ((True, 1.0), (False, of_units)):
        alike = sum(1 / _TWICE <= ratio / size <= _TWICE for ratio in ratios)
        is_enough = is_sum or len(ratios) > 1 or abs(ratios[0] / size - 1) < 5 * _EXACT
        if is_enough and alike * 3 >= len(ratios) * 2:
            return are_cents
    raise UnclearError("the amounts known from two answers fit neither cents nor units")


def _rates(responses: Responses) -> dict[int, tuple[float, str | None]]:
    """Return the cents of a billable second, and the currency, of each project with entries."""
    sums: dict[int, tuple[float, float, str | None]] = {}
    for row in responses.of(ENTRIES):
        project = _id(row, "project_id")
        cents, seconds = _number(row, "billable_amount_in_cents"), _number(row, "seconds")
        if project is not None and row.get("billable") is True and cents and seconds:
            more, longer, currency = sums.get(project, (0.0, 0.0, None))
            sums[project] = (cents + more, seconds + longer, row.get("currency") or currency)
    return {project: (cents / seconds, code) for project, (cents, seconds, code) in sums.items()}


def _in_cents(request: str, name: str, responses: Responses) -> tuple[bool, str]:
    """Compare the amount of a billable second with that in a field called ``_in_cents``."""
    rows, rates = responses.require(request), _rates(responses)
    if not rates:
        responses.require(ENTRIES)
        raise UnclearError("no project has an amount in cents in the last year")
    per_second = _PER_SECOND[_unit_or_seconds(responses)] if request == STATUSES else 1.0
    ratios = []
    for row in rows:
        rate, currency = rates.get(_id(row, "project_id") or _id(row, "id") or 0, (0.0, None))
        amount, seconds = _number(row, name), _number(row, "billable_seconds") / per_second
        is_alike = currency in (None, "", row.get("currency")) or not row.get("currency")
        if rate and amount and seconds and is_alike:
            ratios.append(amount / seconds / rate)
    are_cents = _are_cents(ratios, of_units=1 / _CENTS)
    unit, projects = "cents" if are_cents else "whole units", _count(len(ratios), "project")
    return are_cents, f"compared with the amounts in cents, the {name} of {projects} count {unit}"


def _unit_or_seconds(responses: Responses) -> str:
    try:
        return _status_unit(responses)[0]
    except UnclearError:
        return "seconds"


def _known_labour(responses: Responses) -> tuple[int, list[int], float] | None:
    """Return a project with hours of people whose labour cost is known.

    If there is one, it has entries that begin on another day in UTC, and so tells of days too.
    """
    members: dict[_Pair, set[float]] = defaultdict(set)
    for row in responses.of(MEMBERS):
        if pair := _pair(row, "project_id", "user_id"):
            members[pair].add(_number(row, "labour_cost"))
    costs = {pair: cost for pair, (cost, *others) in members.items() if cost and not others}
    worked = _seconds_by(responses.of(SUMMARY), lambda row: _pair(row, "group_id", "sub_group_id"))
    hours = {pair: seconds for pair, seconds in worked.items() if pair in costs and seconds}
    if not hours:
        return None
    by_project = Counter[int]()
    for (project, _), seconds in hours.items():
        by_project[project] += seconds
    crossing = {
        _id(row, "project_id")
        for row in responses.of(ENTRIES)
        if (days := _days_of(row)) is not None and days[0] != days[1]
        if _pair(row, "project_id", "user_id") in hours
    }
    chosen = max(by_project, key=lambda project: (project in crossing, by_project[project]))
    users = sorted(user for project, user in hours if project == chosen)
    cost = sum(costs[chosen, user] * hours[chosen, user] / _HOUR for user in users)
    return chosen, users, cost


def _labour_cost(responses: Responses) -> tuple[bool, str]:
    responses.require(SUMMARY)
    responses.require(MEMBERS)
    if responses.labour is None:
        raise UnclearError("no membership has a labour cost and time in the last year")
    cost = sum(_number(row, "labour_cost_in_cents") for row in responses.require(TOTALS))
    if not cost:
        raise UnclearError("the totals contain no labour cost in cents")
    are_cents = _are_cents([cost / responses.labour[2]], of_units=_CENTS, is_sum=True)
    unit = "cents" if are_cents else "whole units"
    seen = f"compared with the totals in cents, the labour costs of memberships count {unit}"
    return are_cents, seen


# Archived projects


def _omitted_active(responses: Responses) -> tuple[bool, str]:
    listed, flagged = responses.require(PROJECTS), responses.of(FLAGGED)
    last = max(_ids(listed), default=0)  # what comes later may be on another page
    missing = _states(flagged) - _states(listed)
    if any(number < last for number in _ids(r for r in flagged if _state(r) in missing)):
        return False, "without the flag, projects are missing that came with it"
    with_status = {*_ids(responses.of(STATUSES))}
    with_time = {_id(row, "group_id") for row in responses.of(SUMMARY)}
    known = [*listed, *flagged]
    states = _states(row for row in known if _id(row, "id") in with_status)
    if states and _states(row for row in known if _id(row, "id") in with_time) - states:
        return False, "without the flag, no status of the other state came, though it has time"
    if _states(listed) == {True, False}:
        more = " and their statuses" if states == {True, False} else ""
        return True, f"projects{more} of both states came without the flag"
    if not listed:
        raise UnclearError("the workspace has no projects")
    responses.require(FLAGGED)
    raise UnclearError("the workspace has projects of one state only")


def _is_active(responses: Responses) -> tuple[bool, str]:
    came, listed = responses.require(FLAGGED), responses.of(PROJECTS)
    wanted, other = responses.flag, not responses.flag
    query, words = f"is_active={wanted}", {True: "active", False: "archived"}
    states, is_all_other = _states(came), _states(listed) == {other}
    if states == {True, False}:
        return False, f"{query} brought projects of both states"
    if states == {other} and not is_all_other:
        return False, f"{query} brought {words[other]} projects"
    if not came and is_all_other:
        return True, f"{query} left out the projects of the other state"
    if states == {wanted} and _ids(came):
        first = responses.starts.get(FLAGGED, _ids(came)[0])
        others = _ids(row for row in listed if _state(row) is other)
        if is_all_other or any(first <= number <= _ids(came)[-1] for number in others):
            return True, f"{query} brought only {words[wanted]} projects"
    raise UnclearError("the workspace has too few projects of both states to tell from")


# Pages


def _page_size(responses: Responses) -> tuple[bool, str]:
    listed, flagged = responses.require(PROJECTS), responses.of(FLAGGED)
    if responses.is_page_refused:
        return False, f"a page of {LARGE_PAGE:,} was refused, but one of the usual length was not"
    if len(listed) >= LARGE_PAGE:
        return True, f"a page of {LARGE_PAGE:,} was accepted and filled"
    last = max(_ids(listed), default=0)
    unlisted = {*_ids(row for row in flagged if _state(row) not in _states(listed))}
    # Statuses may outlive projects, and which of them are of a state that is not listed is known
    # only where that state was requested.
    with_time = {_id(row, "group_id") for row in responses.of(SUMMARY)} if flagged else set()
    statuses = {*_ids(responses.of(STATUSES))} & with_time - unlisted
    is_beyond = any(number > last for number in {*_ids(flagged)} - unlisted)
    if listed and (is_beyond or sum(number > last for number in statuses) >= _SEVERAL):
        return False, f"a page of {LARGE_PAGE:,} was cut silently"
    if len(listed) > DEFAULT_PAGE:
        return True, f"a page of {LARGE_PAGE:,} was accepted, and held more than the usual ones do"
    few = "but the workspace has too few projects for a limit to show"
    raise UnclearError(f"a page of {LARGE_PAGE:,} was accepted, {few}")


def _cursor(responses: Responses) -> tuple[bool, str]:
    responses.require(PROJECTS)
    if settled := _settle_cursor(responses):
        return settled
    few = "the workspace has too few projects to page through"
    raise UnclearError(responses.reasons.get(FROM_ID, few))


def _settle_cursor(responses: Responses) -> tuple[bool, str] | None:
    """Return what the pages that began at a listed project show of the cursor."""
    for request, start in responses.starts.items():
        if request not in responses.rows:
            continue
        rows, ids = responses.rows[request], _ids(responses.rows[request])
        if any(number < start for number in ids):
            return False, "a page brought ids below the one it should begin at"
        if start in ids:
            return True, "a page began with the requested id"
        if request == FROM_ID or _states(rows) != {not responses.flag}:
            return False, "a page did not begin with the requested id"
    return None


# Days


def _date_zone(responses: Responses) -> tuple[bool, str]:
    first, last = responses.days
    days = [both for row in responses.require(ENTRIES) if (both := _days_of(row)) is not None]
    by_tracker, by_utc = _days_of_graph(responses)
    if by_utc or any(not first <= local <= last for local, _ in days):
        are_of_utc = all(first <= utc <= last for _, utc in days)
        zone = "the days of UTC" if are_of_utc else "days of another zone"
        return False, f"a range of days brought entries by {zone}, not by their trackers' own"
    if by_tracker or any(not first <= utc <= last for _, utc in days):
        return True, "entries that begin on another day in UTC came by their trackers' own day"
    raise UnclearError(
        "no entry was seen that begins on another day in UTC than where it was tracked"
    )


def _days_of_graph(responses: Responses) -> tuple[bool, bool]:
    """Return whether the graph of the totals shows the days of trackers, and those of UTC."""
    totals = responses.of(TOTALS)
    points = totals[0].get("graph") if totals else None
    if responses.labour is None or not isinstance(points, list):
        return False, False
    project, users, _ = responses.labour
    by_tracker: Counter[dt.date] = Counter()
    by_utc: Counter[dt.date] = Counter()
    page_end = dt.date.min  # of the last days on the page, entries may be missing
    for row in responses.of(ENTRIES):
        local, utc = _days_of(row) or (dt.date.min, dt.date.min)
        page_end = max(page_end, local)
        if _id(row, "project_id") == project and _id(row, "user_id") in users:
            by_tracker[local] += int(_number(row, "seconds"))
            by_utc[utc] += int(_number(row, "seconds"))
    fits: Counter[str] = Counter()
    for position, point in enumerate(points):
        day = responses.days[0] + dt.timedelta(days=position)
        seconds = point.get("seconds") if isinstance(point, dict) else None
        if day + dt.timedelta(days=1) < page_end and by_tracker[day] != by_utc[day]:
            fits["tracker"] += seconds == by_tracker[day]
            fits["utc"] += seconds == by_utc[day]
    is_tracker = fits["tracker"] > fits["utc"]
    return is_tracker, bool(fits["utc"]) and not is_tracker


# The plan


def _plan(responses: Responses) -> tuple[bool, str]:
    if responses.hidden:
        return False, f"the plan refuses {', '.join(dict.fromkeys(responses.hidden))} (402)"
    money = ("hourly_rate", "labour_cost", "hourly_rate_in_cents", "billable_amount_in_cents")
    rows = [row for each in responses.rows.values() for row in each]
    is_shown = any(_number(row, name) for row in rows for name in money)
    priced = {*_ids(row for row in responses.of(STATUSES) if _number(row, "billable_amount"))}
    if not is_shown and any(
        _id(row, "project_id") in priced and row.get("billable") is True and row.get("seconds")
        for row in responses.of(ENTRIES)
    ):
        return False, "amounts of time entries are null, though their projects have an amount"
    responses.require(PROFITABILITY)
    if not is_shown:
        raise UnclearError("no rate and no amount was seen, for an unknown reason")
    return True, "rates, amounts and profitability were returned"


# The points


@dataclass(frozen=True)
class Point:
    """A point that the vendor does not document.

    Attributes
    ----------
    name, assumed : str
        Its name, and what togglframe assumes.
    compare : callable
        Returns whether that holds and what was seen, or raises UnclearError.
    if_not, if_so, if_unclear : str
        The consequence of each verdict.
    """

    name: str
    assumed: str
    compare: Callable[[Responses], tuple[bool, str]]
    if_not: str
    if_so: str = "none: togglframe reads it this way"
    if_unclear: str = "togglframe continues to assume it"

    def judge(self, responses: Responses) -> tuple[str, str, str, str, str]:
        """Return its row of the frame."""
        try:
            holds, seen = self.compare(responses)
        except UnclearError as error:
            return self.name, self.assumed, str(error), "cannot tell", self.if_unclear
        verdict, consequence = ("holds", self.if_so) if holds else ("does not hold", self.if_not)
        return self.name, self.assumed, seen, verdict, consequence


POINTS: Final = (
    Point(
        "status_seconds", "statuses count seconds", _status_seconds,
        "tracked, billable and estimated hours of projects and tasks are wrong by that factor: do "
        "not use them, and open an issue",
    ),
    Point(
        "billable_amount", "billable_amount counts cents",
        partial(_in_cents, STATUSES, "billable_amount"),
        "amounts of project_budget and client_budget are a hundredth of what they should be; "
        "those of time entries are right",
    ),
    Point(
        "labour_cost", "labour_cost counts cents", _labour_cost,
        "costs in rate_card and profitability are a hundredth of what they should be, and margins "
        "too high",
    ),
    Point(
        "earnings", "earnings count cents", partial(_in_cents, PROFITABILITY, "earnings"),
        "earnings and labour costs of the trends and profitability endpoints are whole units, "
        "which togglframe leaves unchanged",
        "earnings and labour costs of the trends and profitability endpoints must be divided "
        "by 100: togglframe leaves them unchanged",
        "togglframe leaves earnings unchanged",
    ),
    Point(
        "omitted_active", "an omitted flag brings both states", _omitted_active,
        "reports are complete, since they ask for the missing state; your own calls of "
        "filters.projects and filters.project_statuses need is_active or active",
    ),
    Point(
        "is_active", "is_active=True brings active ones", _is_active,
        "reports are complete, since they warn and ask the other way; in your own calls of "
        "filters.projects, is_active means the opposite",
    ),
    Point(
        "page_size", f"a page of {LARGE_PAGE:,} is accepted", _page_size,
        "listings of many projects cost more requests; a refusal is remembered",
    ),
    Point(
        "cursor", "a cursor is inclusive", _cursor,
        "listings of more than one page end with a CompletenessWarning: compare their row "
        "counts with Toggl Track",
    ),
    Point(
        "date_zone", "date is the tracker's day", _date_zone,
        "near midnight the API counts an entry on another day than its date; its totals of days "
        "and months differ from sums of entries",
    ),
    Point(
        "plan", "the plan hides nothing", _plan,
        "columns of what is hidden are NA, and what is refused raises a PremiumFeatureError",
        "none: what is NA is not known to Toggl Track either",
        "what is NA may be hidden by the plan",
    ),
)  # fmt: skip


def diagnose(responses: Responses) -> pd.DataFrame:
    """Return a row for each point, in their order."""
    rows = [point.judge(responses) for point in POINTS]
    frame = pd.DataFrame(rows, columns=tables.DOCTOR.names)
    frame = frame.astype({column.name: column.dtype for column in tables.DOCTOR})
    return provenance.stamp(frame, table=tables.DOCTOR.name)
