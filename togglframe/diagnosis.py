"""Diagnosis: what the answers of one account prove of each point that the vendor leaves open.

Evidence goes in, a verdict comes out; nothing is asked here. An answer is only compared with
another one, or with what its own names say, never with what the package takes it for. What is seen
is told without a word, a number or an id of the account, since people paste it where others read.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final, Literal

from togglframe.api.paging import DEFAULT_PAGE, LARGE_PAGE

__all__ = [
    "DAY",
    "ENTRIES",
    "FLAGGED",
    "FROM_ID",
    "MEMBERS",
    "OTHER_STATE",
    "POINTS",
    "PROFITABILITY",
    "PROJECTS",
    "STATUSES",
    "SUMMARY",
    "TASKS",
    "TOTALS",
    "Evidence",
    "Finding",
    "Row",
    "Start",
    "diagnose",
    "has_settled_cursor",
    "has_settled_days",
    "id_of",
    "ids_of",
    "known_labour",
    "local_day",
    "number_of",
    "state_of",
    "states_of",
    "utc_day",
]

Row = dict[str, Any]
_Pair = tuple[int, int]  # the ids of a project and a user
Verdict = Literal["does not hold", "cannot tell", "holds"]  # as tables.doctor orders them

# What is asked, as it is called where no answer came.
STATUSES: Final = "the statuses of projects"
PROJECTS: Final = "the projects"
FLAGGED: Final = "the projects of one state"
OTHER_STATE: Final = "the projects of the other state"
FROM_ID: Final = "the projects from an id on"
SUMMARY: Final = "the summary of a year"
ENTRIES: Final = "the time entries of a year"
PROFITABILITY: Final = "the profitability of projects"
MEMBERS: Final = "the members of projects"
TOTALS: Final = "the totals of a project"
DAY: Final = "the time entries of a day"
TASKS: Final = "the tasks"

_SEVERAL: Final = 3
_TOO_LARGE: Final = 2**63  # for an id that is to be asked for
_HOUR: Final = 3600  # [s]
_CENTS: Final = 100  # of a unit
_TWICE: Final = 2.0  # that rates change by at most, where units differ by a hundred
_EXACT: Final = 0.01  # by how much what is equal may differ

# A project's life is at least as long as its last year, and hardly thirty times that long, so that
# the units, each sixty times the next, cannot be mistaken for each other.
_PER_SECOND: Final = {"milliseconds": 1000.0, "seconds": 1.0, "minutes": 1 / 60, "hours": 1 / 3600}
_LONGEST_LIFE: Final = 30.0  # in years of work


class UnclearError(Exception):
    """The answers do not settle a point, for this reason."""


@dataclass(frozen=True)
class Start:
    """A page of projects that was to begin at an id.

    Attributes
    ----------
    at : int
        The id.
    below : frozenset of int
        Ids of the workspace below it, which no such page holds.
    is_listed : bool
        Whether the id is that of a project that another page has listed.
    flag : bool or None
        The state that was asked for besides.
    rows : list of dict
        What came.
    """

    at: int
    below: frozenset[int]
    is_listed: bool
    flag: bool | None
    rows: list[Row]


@dataclass(frozen=True)
class Labour:
    """What people of a project cost by their memberships in the last year.

    Attributes
    ----------
    project_id : int
        The project.
    user_ids : list of int
        Those whose labour cost is known.
    cost : float
        Their hours times their labour costs, in whatever unit these are.
    """

    project_id: int
    user_ids: list[int]
    cost: float


@dataclass
class Evidence:
    """What the API answered, and why it did not.

    Attributes
    ----------
    answers : dict
        The rows that came, by what was asked.
    unanswered : dict
        Why none came, by what was asked.
    hidden : list of str
        What the plan refuses.
    for_admins : bool
        Whether something is refused to this caller.
    page_is_refused : bool
        Whether the large page was refused where the usual one was not.
    starts : list of Start
        The pages that were to begin at an id, in their order.
    flag : bool
        The state that `FLAGGED` was asked for.
    days : tuple of date
        The first and the last day of `ENTRIES`.
    day : date, optional
        The day of `DAY`.
    known_ids : frozenset of int
        The entries that `DAY` was asked for.
    labour : Labour, optional
        What `TOTALS` was asked about.
    """

    answers: dict[str, list[Row]] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    hidden: list[str] = field(default_factory=list)
    for_admins: bool = False
    page_is_refused: bool = False
    starts: list[Start] = field(default_factory=list)
    flag: bool = True
    days: tuple[dt.date, dt.date] = (dt.date.min, dt.date.max)
    day: dt.date | None = None
    known_ids: frozenset[int] = frozenset()
    labour: Labour | None = None

    def rows(self, question: str) -> list[Row]:
        """Return what came, nothing where it was not asked."""
        return self.answers.get(question, [])

    def told(self, question: str) -> list[Row]:
        """Return what came; raise UnclearError where nothing did."""
        if question not in self.answers:
            reason = self.unanswered.get(question, "there was nothing to ask about")
            raise UnclearError(f"{question} did not come: {reason}")
        return self.answers[question]


@dataclass(frozen=True)
class Finding:
    """What was found of a point: a row of the frame."""

    point: str
    assumed: str
    seen: str
    verdict: Verdict
    consequence: str


@dataclass(frozen=True)
class Point:
    """A point that the vendor leaves open.

    Attributes
    ----------
    name : str
        What it is called.
    assumed : str
        What togglframe assumes.
    if_not : str
        What follows where it does not hold.
    judge : callable
        Tells whether it holds and what was seen, or raises UnclearError.
    if_so : str
        What follows where it holds.
    if_unclear : str
        What follows where that cannot be told.
    """

    name: str
    assumed: str
    if_not: str
    judge: Callable[[Evidence], tuple[bool, str]]
    if_so: str = "none: togglframe reads it this way"
    if_unclear: str = "togglframe continues to assume it"


def diagnose(evidence: Evidence) -> list[Finding]:
    """Judge every point, in their order."""
    return [_finding(point, evidence) for point in POINTS]


def _finding(point: Point, evidence: Evidence) -> Finding:
    try:
        holds, seen = point.judge(evidence)
    except UnclearError as error:
        return Finding(point.name, point.assumed, str(error), "cannot tell", point.if_unclear)
    if holds:
        return Finding(point.name, point.assumed, seen, "holds", point.if_so)
    return Finding(point.name, point.assumed, seen, "does not hold", point.if_not)


# Reading rows of which nothing is certain


def number_of(row: Mapping[str, Any], name: str) -> float:
    """Return a number above zero; 0 where there is none."""
    value = row.get(name)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if is_number and value > 0 else 0.0  # type: ignore[arg-type, operator]


def id_of(row: Mapping[str, Any], name: str) -> int | None:
    """Return an id, None where there is none."""
    value = row.get(name)
    return value if type(value) is int and abs(value) < _TOO_LARGE else None


def ids_of(rows: Iterable[Row]) -> list[int]:
    """Return the ids of rows, ascending."""
    return sorted(number for row in rows if (number := id_of(row, "id")) is not None)


def state_of(project: Row) -> bool | None:
    """Return whether a project is active, None where it is not told."""
    state = project.get("active")
    return state if isinstance(state, bool) else None


def states_of(projects: Iterable[Row]) -> set[bool]:
    """Return the states of projects that occur."""
    return {state for row in projects if (state := state_of(row)) is not None}


def local_day(entry: Row) -> dt.date | None:
    """Return the day on which an entry begins by the clock of its tracker."""
    start = _start_of(entry)
    return None if start is None else start.date()


def utc_day(entry: Row) -> dt.date | None:
    """Return the day on which an entry begins in UTC."""
    start = _start_of(entry)
    try:
        return None if start is None else start.astimezone(dt.UTC).date()
    except OverflowError:
        return None


def _start_of(entry: Row) -> dt.datetime | None:
    try:
        start = dt.datetime.fromisoformat(entry["start"])
    except (KeyError, TypeError, ValueError):
        return None
    return start if start.tzinfo is not None else None


def _words(count: int, what: str) -> str:
    """Say how many without the number, which would tell how large the account is."""
    return f"one {what}" if count == 1 else f"several {what}s"


# Units


def _seconds(evidence: Evidence) -> tuple[str, int]:
    """Return the unit of the times of statuses, and of how many projects it is told by."""
    year: Counter[int | None] = Counter()
    for row in evidence.told(SUMMARY):
        year[id_of(row, "group_id")] += int(number_of(row, "seconds"))
    lives = [
        (number_of(status, "tracked_seconds"), year[id_of(status, "id")])
        for status in evidence.told(STATUSES)
    ]
    ratios = [life / of_year for life, of_year in lives if life and of_year >= _HOUR]
    if not ratios:
        raise UnclearError("no project has both a status and time in the last year")
    middle = median(ratios)
    for unit, size in _PER_SECOND.items():
        if not (1 - _EXACT) * size <= middle < _LONGEST_LIFE * size:
            continue
        exact = sum(abs(ratio / size - 1) < _EXACT for ratio in ratios)
        # Statuses that told of a part of a life would be less than the year's seconds too.
        is_plausible = size >= 1 and (exact or len(ratios) >= _SEVERAL)
        if is_plausible or exact > 1:
            return unit, len(ratios)
    raise UnclearError("too few projects have all of their time in the last year")


def _status_seconds(evidence: Evidence) -> tuple[bool, str]:
    unit, count = _seconds(evidence)
    seen = (
        f"compared with the seconds of a year's summary, the statuses of {_words(count, 'project')}"
    )
    return unit == "seconds", f"{seen} count {unit}"


def _is_cents(ratios: list[float], *, of_units: float, is_sum: bool = False) -> bool:
    """Tell whether amounts are cents or units, by their ratios to, or of, what is in cents."""
    if not ratios:
        raise UnclearError("no amount is known from two answers")
    middle = median(ratios)
    for is_cents, size in ((True, 1.0), (False, of_units)):
        alike = [1 / _TWICE <= ratio / size <= _TWICE for ratio in ratios]
        is_enough = is_sum or len(ratios) > 1 or abs(middle / size - 1) < 5 * _EXACT
        if is_enough and sum(alike) * 3 >= len(alike) * 2:
            return is_cents
    raise UnclearError("the amounts known from two answers fit neither cents nor units")


def _rates(evidence: Evidence) -> dict[int, tuple[float, str | None]]:
    """Return what a billable second earns, in cents, and the currency, of each project."""
    cents: Counter[int] = Counter()
    seconds: Counter[int] = Counter()
    currencies: dict[int, str | None] = {}
    for row in _priced_rows(evidence):
        project = id_of(row, "group_id")
        if project is not None:
            cents[project] += int(number_of(row, "billable_amount_in_cents"))
            seconds[project] += int(number_of(row, "billable_seconds"))
            currencies[project] = row.get("currency") or currencies.get(project)
    return {
        project: (cents[project] / seconds[project], currencies[project])
        for project in cents
        if cents[project] and seconds[project]
    }


def _priced_rows(evidence: Evidence) -> list[Row]:
    """Return the sub-groups whose amount is told, else the entries."""
    groups = [
        row
        for row in evidence.rows(SUMMARY)
        if type(row.get("billable_amount_in_cents")) is int or not row.get("billable_seconds")
    ]
    if any(number_of(row, "billable_amount_in_cents") for row in groups):
        return groups
    return [
        {**row, "group_id": row.get("project_id"), "billable_seconds": row.get("seconds")}
        for row in evidence.rows(ENTRIES)
        if row.get("billable") is True and type(row.get("billable_amount_in_cents")) is int
    ]


def _against_cents(
    evidence: Evidence, rows: list[Row], name: str, per_second: float
) -> list[float]:
    """Return the ratio of what a billable second earns by these rows to what it earns in cents."""
    rates = _rates(evidence)
    if not rates:
        evidence.told(SUMMARY)
        raise UnclearError("no project has an amount in cents in the last year")
    ratios = []
    for row in rows:
        project = id_of(row, "project_id") or id_of(row, "id")
        amount, seconds = number_of(row, name), number_of(row, "billable_seconds") / per_second
        if project not in rates or not amount or not seconds:
            continue
        rate, currency = rates[project]
        if currency in (None, "", row.get("currency")) or not row.get("currency"):
            ratios.append(amount / seconds / rate)
    return ratios


def _billable_amount(evidence: Evidence) -> tuple[bool, str]:
    statuses = evidence.told(STATUSES)
    try:
        unit, _ = _seconds(evidence)
    except UnclearError:
        unit = "seconds"
    ratios = _against_cents(evidence, statuses, "billable_amount", _PER_SECOND[unit])
    return _told_in_cents(ratios, "billable_amount of")


def _earnings(evidence: Evidence) -> tuple[bool, str]:
    ratios = _against_cents(evidence, evidence.told(PROFITABILITY), "earnings", 1)
    return _told_in_cents(ratios, "earnings of")


def _told_in_cents(ratios: list[float], what: str) -> tuple[bool, str]:
    is_cents = _is_cents(ratios, of_units=1 / _CENTS)
    unit = "cents" if is_cents else "whole units"
    projects = _words(len(ratios), "project")
    return is_cents, f"compared with the amounts in cents, the {what} {projects} count {unit}"


def known_labour(evidence: Evidence) -> Labour | None:
    """Return a project with hours of people whose labour cost is known, None without one.

    One whose entries begin on another day in UTC tells of days besides; else that of most hours.
    """
    costs = _costs_of_members(evidence.rows(MEMBERS))
    hours: Counter[_Pair] = Counter()
    for row in evidence.rows(SUMMARY):
        pair = _pair_of(row, "group_id", "sub_group_id")
        if pair is not None and pair in costs:
            hours[pair] += int(number_of(row, "seconds"))
    if not hours.total():
        return None
    of_projects: Counter[int] = Counter()
    for (project, _), seconds in hours.items():
        of_projects[project] += seconds
    crossing = {
        pair[0]
        for row in evidence.rows(ENTRIES)
        if (pair := _pair_of(row, "project_id", "user_id")) in hours
        and pair is not None
        and local_day(row) != utc_day(row)
    }
    chosen = max(of_projects, key=lambda project: (project in crossing, of_projects[project]))
    users = sorted(user for project, user in hours if project == chosen)
    cost = sum(costs[chosen, user] * hours[chosen, user] / _HOUR for user in users)
    return Labour(chosen, users, cost)


def _costs_of_members(members: list[Row]) -> dict[_Pair, float]:
    """Return what an hour of each member costs; of what is told twice and differs, nothing."""
    told: dict[_Pair, set[float]] = {}
    for row in members:
        pair = _pair_of(row, "project_id", "user_id")
        if pair is not None:
            told.setdefault(pair, set()).add(number_of(row, "labour_cost"))
    return {pair: cost for pair, (cost, *others) in told.items() if cost and not others}


def _pair_of(row: Row, project: str, user: str) -> _Pair | None:
    """Return the ids of a project and a user, None where one is not told."""
    of_project, of_user = id_of(row, project), id_of(row, user)
    return None if of_project is None or of_user is None else (of_project, of_user)


def _labour_cost(evidence: Evidence) -> tuple[bool, str]:
    evidence.told(SUMMARY)
    evidence.told(MEMBERS)
    if evidence.labour is None:
        raise UnclearError("no membership has a labour cost and time in the last year")
    cost = sum(number_of(row, "labour_cost_in_cents") for row in evidence.told(TOTALS))
    if not cost:
        raise UnclearError("the totals contain no labour cost in cents")
    is_cents = _is_cents([cost / evidence.labour.cost], of_units=_CENTS, is_sum=True)
    unit = "cents" if is_cents else "whole units"
    return (
        is_cents,
        f"compared with the totals in cents, the labour costs of memberships count {unit}",
    )


# Projects that are archived


def _omitted_active(evidence: Evidence) -> tuple[bool, str]:
    listed = evidence.told(PROJECTS)
    others = [*evidence.rows(FLAGGED), *evidence.rows(OTHER_STATE)]
    if _are_hidden(listed, others, evidence):
        return False, "without the flag, projects are missing that came with it"
    known = [*listed, *others]
    with_status = {*ids_of(evidence.rows(STATUSES))}
    of_statuses = states_of(row for row in known if id_of(row, "id") in with_status)
    with_time = {id_of(row, "group_id") for row in evidence.rows(SUMMARY)}
    of_time = states_of(row for row in known if id_of(row, "id") in with_time)
    if of_statuses and of_time - of_statuses:
        return False, "without the flag, no status of the other state came, though it has time"
    if states_of(listed) == {True, False}:
        more = " and their statuses" if of_statuses == {True, False} else ""
        return True, f"projects{more} of both states came without the flag"
    if of_statuses == {True, False}:
        return True, "statuses of projects of both states came without the flag"
    if not listed:
        raise UnclearError("the workspace has no projects")
    if FLAGGED not in evidence.answers:
        evidence.told(FLAGGED)
    raise UnclearError("the workspace has projects of one state only")


def _are_hidden(listed: list[Row], others: list[Row], evidence: Evidence) -> bool:
    """Tell whether rows of a state that was not listed lie among those that were."""
    ids = ids_of(listed)
    begins = [start.at for start in evidence.starts if start.rows is listed]
    first = begins[0] if begins else 0
    last = ids[-1] if ids else None  # what comes later may be on another page
    missing = states_of(others) - states_of(listed)
    unlisted = ids_of(row for row in others if state_of(row) in missing)
    return any(first < number and (last is None or number < last) for number in unlisted)


def _is_active(evidence: Evidence) -> tuple[bool, str]:
    came, flag = evidence.told(FLAGGED), evidence.flag
    listed, states = evidence.rows(PROJECTS), states_of(evidence.told(FLAGGED))
    asked = f"is_active={flag}"
    if not came:
        if states_of(listed) == {not flag}:
            return True, f"{asked} left out the projects of the other state"
        raise UnclearError("the workspace has no projects to tell from")
    if states == {True, False}:
        return False, f"{asked} brought projects of both states"
    if not states:
        raise UnclearError("the projects do not say whether they are active")
    if states == {not flag}:
        if states_of(listed) == {True, False} or flag not in states_of(listed):
            return False, f"{asked} brought {_word_of(not flag)} projects"
        raise UnclearError("the answers contradict each other")
    ids = ids_of(came)
    if not ids:
        raise UnclearError("the projects have no ids")
    begins = [start.at for start in evidence.starts if start.rows is came]
    first = begins[0] if begins else ids[0]
    others = ids_of(row for row in listed if state_of(row) is not flag)
    left_out = [number for number in others if first <= number <= ids[-1]]
    is_filtered = bool(left_out) or (not begins and len(came) < len(listed))
    if is_filtered or states_of(listed) == {not flag}:
        return True, f"{asked} brought only {_word_of(flag)} projects"
    raise UnclearError("the workspace has projects of one state only")


def _word_of(state: bool) -> str:
    return "active" if state else "archived"


# Pages


def _page_size(evidence: Evidence) -> tuple[bool, str]:
    listed = evidence.told(PROJECTS)
    if evidence.page_is_refused:
        return False, f"a page of {LARGE_PAGE:,} was refused, but one of the usual length was not"
    if len(listed) >= LARGE_PAGE:
        return True, f"a page of {LARGE_PAGE:,} was taken and filled"
    last = max(ids_of(listed), default=0)
    flagged = evidence.rows(FLAGGED)
    unlisted = {*ids_of(row for row in flagged if state_of(row) not in states_of(listed))}
    shown = (number > last for number in ids_of(flagged) if number not in unlisted)
    # Statuses may outlive projects, and which of them are of a state that is not listed is known
    # only where that state was asked for.
    with_time = {id_of(row, "group_id") for row in evidence.rows(SUMMARY)}
    statuses = evidence.rows(STATUSES) if FLAGGED in evidence.answers else []
    later = {n for n in ids_of(statuses) if n > last and n in with_time} - unlisted
    if listed and (any(shown) or len(later) >= _SEVERAL):
        return False, f"a page of {LARGE_PAGE:,} was cut silently"
    if len(listed) > DEFAULT_PAGE:
        return True, f"a page of {LARGE_PAGE:,} was taken, and held more than the usual ones do"
    raise UnclearError(
        f"a page of {LARGE_PAGE:,} was taken, but the workspace has too few projects for a limit "
        "to show"
    )


def _cursor(evidence: Evidence) -> tuple[bool, str]:
    evidence.told(PROJECTS)
    for start in evidence.starts:
        settled = _of_start(start, evidence)
        if settled is not None:
            return settled
    raise UnclearError(
        evidence.unanswered.get(FROM_ID, "the workspace has too few projects to page through")
    )


def has_settled_cursor(evidence: Evidence) -> bool:
    """Tell whether the pages so far settle what a cursor means."""
    return any(_of_start(start, evidence) is not None for start in evidence.starts)


def _of_start(start: Start, evidence: Evidence) -> tuple[bool, str] | None:
    """Tell what a page proves that was to begin at an id, None where that is nothing."""
    ids = ids_of(start.rows)
    if not start.below.isdisjoint(ids):
        return False, "a page brought ids below the one it should begin at"
    if start.at in ids:
        return (True, "a page began with the id that was asked for") if start.below else None
    if not ids:
        later = [number for number in ids_of(evidence.rows(PROJECTS)) if number >= start.at]
        is_wrong = start.flag is None and bool(later)
        return (False, "a page from an id on lacked rows that exist") if is_wrong else None
    is_right_state = start.flag is None or states_of(start.rows) == {start.flag}
    if start.is_listed and is_right_state:
        return False, "a page began after the id that was asked for"
    return None


# Days


def _date_zone(evidence: Evidence) -> tuple[bool, str]:
    came = evidence.told(ENTRIES)
    first, last = evidence.days
    judged = [(row, first, last) for row in came]
    if evidence.day is not None:
        judged += [(row, evidence.day, evidence.day) for row in evidence.rows(DAY)]
    supporting, against, of_utc = 0, 0, True
    for row, begin, end in judged:
        local, utc = local_day(row), utc_day(row)
        if local is None or utc is None:
            continue
        against += not begin <= local <= end
        of_utc = of_utc and begin <= utc <= end
        supporting += begin <= local <= end and not begin <= utc <= end
    by_tracker, by_utc = _days_of_graph(evidence)
    supporting += by_tracker
    against += by_utc + _missed(evidence)
    if against:
        days = "the days of UTC" if of_utc else "days of another zone"
        return False, f"a range of days brought entries by {days}, not by their trackers' own"
    if supporting:
        return True, "entries that begin on another day in UTC came by their trackers' own day"
    reason = evidence.unanswered.get(DAY)
    raise UnclearError(
        f"{DAY} did not come: {reason}"
        if reason
        else "no entry was seen that begins on another day in UTC than where it was tracked"
    )


def _days_of_graph(evidence: Evidence) -> tuple[int, int]:
    """Count the days of the totals that fit the entries by their trackers' days, and by UTC alone.

    Of the last days on the page some entries may be missing.
    """
    labour, totals = evidence.labour, evidence.rows(TOTALS)
    points = totals[0].get("graph") if totals else None
    if labour is None or not isinstance(points, list):
        return 0, 0
    by_tracker: Counter[dt.date] = Counter()
    by_utc: Counter[dt.date] = Counter()
    page = [(row, local_day(row), utc_day(row)) for row in evidence.rows(ENTRIES)]
    end = max((local for _, local, _ in page if local is not None), default=dt.date.min)
    for row, local, utc in page:
        is_of_it = id_of(row, "project_id") == labour.project_id
        if is_of_it and id_of(row, "user_id") in labour.user_ids and local and utc:
            by_tracker[local] += int(number_of(row, "seconds"))
            by_utc[utc] += int(number_of(row, "seconds"))
    fits = Counter[bool]()
    for place, point in enumerate(points):
        day = evidence.days[0] + dt.timedelta(days=place)
        told = point.get("seconds") if isinstance(point, dict) else None
        if day + dt.timedelta(days=1) < end and by_tracker[day] != by_utc[day]:
            fits[True] += told == by_tracker[day]
            fits[False] += told == by_utc[day]
    return (fits[True], 0) if fits[True] > fits[False] else (0, fits[False])


def has_settled_days(evidence: Evidence) -> bool:
    """Tell whether the entries so far settle whose days a range is of."""
    try:
        _date_zone(evidence)
    except UnclearError:
        return False
    return True


def _missed(evidence: Evidence) -> int:
    """Count the entries of that day, by their trackers, that did not come."""
    if evidence.day is None or DAY not in evidence.answers:
        return 0
    came = set(ids_of(evidence.rows(DAY)))
    return sum(
        id_of(row, "id") in evidence.known_ids - came and local_day(row) == evidence.day
        for row in evidence.rows(ENTRIES)
    )


# The plan


def _plan(evidence: Evidence) -> tuple[bool, str]:
    if evidence.hidden:
        return False, f"the plan refuses {', '.join(dict.fromkeys(evidence.hidden))} (402)"
    rows = [row for question in evidence.answers for row in evidence.rows(question)]
    money = ("hourly_rate", "labour_cost", "hourly_rate_in_cents", "billable_amount_in_cents")
    shown = any(number_of(row, name) for row in rows for name in money)
    if not shown and _lacks_amounts(evidence):
        return False, "amounts of time entries are null, though their projects have an amount"
    if evidence.for_admins:
        raise UnclearError("something was refused to this caller (403), who is not an admin")
    evidence.told(PROFITABILITY)
    if not shown:
        raise UnclearError("no rate and no amount was seen, for an unknown reason")
    unasked = "" if TASKS in evidence.answers else "; tasks were not asked for"
    return True, f"rates, amounts and profitability came{unasked}"


def _lacks_amounts(evidence: Evidence) -> bool:
    """Tell whether billable entries have no amount, of projects that have one."""
    statuses = evidence.rows(STATUSES)
    priced = {*ids_of(row for row in statuses if number_of(row, "billable_amount"))}
    return any(
        id_of(row, "project_id") in priced and row.get("billable") is True and row.get("seconds")
        for row in evidence.rows(ENTRIES)
    )


POINTS: Final = (
    Point(
        "status_seconds",
        "statuses count seconds",
        "tracked, billable and estimated hours of projects and tasks are wrong by that factor: do "
        "not use them, and open an issue",
        _status_seconds,
    ),
    Point(
        "billable_amount",
        "billable_amount counts cents",
        "amounts of project_budget and client_budget are a hundredth of what they should be; "
        "those of time entries are right",
        _billable_amount,
    ),
    Point(
        "labour_cost",
        "labour_cost counts cents",
        "costs in rate_card and profitability are a hundredth of what they should be, and margins "
        "too high",
        _labour_cost,
    ),
    Point(
        "earnings",
        "earnings count cents",
        "earnings and labour costs of the trends and profitability endpoints are whole units, "
        "which togglframe leaves unchanged",
        _earnings,
        "earnings and labour costs of the trends and profitability endpoints must be divided "
        "by 100: togglframe leaves them unchanged",
        "togglframe leaves earnings unchanged",
    ),
    Point(
        "omitted_active",
        "an omitted flag brings both states",
        "reports are complete, since they ask for the missing state; your own calls of "
        "filters.projects and filters.project_statuses need is_active or active",
        _omitted_active,
    ),
    Point(
        "is_active",
        "is_active=True brings active ones",
        "reports are complete, since they warn and ask the other way; in your own calls of "
        "filters.projects, is_active means the opposite",
        _is_active,
    ),
    Point(
        "page_size",
        f"a page of {LARGE_PAGE:,} is taken",
        "listings of many projects cost more requests; a refusal is remembered",
        _page_size,
    ),
    Point(
        "cursor",
        "a cursor is inclusive",
        "listings of more than one page end with a CompletenessWarning: compare their row "
        "counts with Toggl Track",
        _cursor,
    ),
    Point(
        "date_zone",
        "date is the tracker's day",
        "near midnight the API counts an entry on another day than its date; its totals of days "
        "and months differ from sums of entries",
        _date_zone,
    ),
    Point(
        "plan",
        "the plan hides nothing",
        "columns of what is hidden are NA, and what is refused raises a PremiumFeatureError",
        _plan,
        "none: what is NA is not known to Toggl Track either",
        "what is NA may be hidden by the plan",
    ),
)
