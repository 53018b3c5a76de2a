"""Time entries: the totals of projects and tasks, dealt out to people's days of two years.

Every project's seconds and cents are those of its status, every task's those of the task (but
where the tasks have more hours than their project). People work four days a week or so, each
in a time zone of their own, on the projects whose time is the most pressing.
"""

from __future__ import annotations

import gc
import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from functools import cache
from itertools import accumulate
from operator import attrgetter
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from . import words
from .chance import ascending
from .people import Team
from .projects import HOUR, Project, Row, billing_rate, old_seconds

DAY: Final = 24 * HOUR
EPOCH: Final = date(1970, 1, 1).toordinal()
_SPAN: Final = 814  # days of work up to the last
_FIRST_ID: Final = 3_348_107_221
_FIRST_TAG: Final = 16_204_115
_HOURS_A_DAY: Final = 4.2  # that somebody works, over all days of the calendar
_FORGOTTEN: Final = 9 * DAY  # how much later some entries are written down
WORKSPACE_CURRENCY: Final = "EUR"


class Entry(NamedTuple):
    """A time entry.

    Times are seconds since 1970; offsets [s] are those of the tracker's clock at the start and
    the stop; `day` is the ordinal of the tracker's day at the start; `rate`, `amount` and
    `cost` are in cents, None where they are unknown or nothing is billed.
    """

    id: int
    user_id: int
    project_id: int | None
    task_id: int | None
    description: str | None
    billable: bool
    tag_ids: tuple[int, ...]
    start: int
    seconds: int
    offset: int
    stop_offset: int
    day: int
    rate: int | None
    amount: int | None
    cost: int | None
    currency: str
    updated: int


def tags() -> dict[int, str]:
    """Name the tags of the workspace by their ids."""
    return {_FIRST_TAG + 37 * position: name for position, name in enumerate(words.TAGS)}


@dataclass(frozen=True, slots=True)
class Office:
    """What the entries are made of."""

    projects: list[Project]
    statuses: list[Row]
    tasks: list[Row]
    task_statuses: list[Row]
    members: list[Row]
    team: Team


@dataclass(slots=True)
class _Share:
    """Some seconds of a project, of one task, rate and kind, that wait to be worked."""

    task_id: int | None
    billable: bool
    rate: int | None
    seconds: int
    amount: int | None
    is_older: bool = False  # than the rate of the others
    done: int = 0

    def take(self, seconds: int) -> tuple[int, int | None]:
        """Work so many seconds of it, or what is left; return them with their cents."""
        before = self.done
        self.done = min(self.seconds, before + seconds)
        if self.amount is None:
            return self.done - before, None
        cents = self.amount * self.done // self.seconds - self.amount * before // self.seconds
        return self.done - before, cents


@dataclass(slots=True)
class _Job:
    """A project as people see it: what is left to do, by when, and who does it."""

    number: int
    currency: str
    shares: list[_Share]
    first_day: int
    last_day: int
    team: set[int]
    left: int
    costs: dict[int, int] = field(default_factory=dict)

    def work(self, seconds: int, chance: random.Random) -> tuple[_Share, int, int | None]:
        """Work on one of the next shares."""
        share = self.shares[0]
        position = 0 if share.is_older else int(min(4, len(self.shares)) * chance.random())
        share = self.shares[position]
        if share.seconds - share.done - seconds < HOUR // 4:
            seconds = share.seconds - share.done  # a quarter of an hour more, and it is finished
        worked, cents = share.take(seconds)
        self.left -= worked
        if share.done == share.seconds:
            del self.shares[position]
        return share, worked, cents


@dataclass(frozen=True, slots=True)
class _Worker:
    position: int
    user_id: int
    first_day: int
    last_day: int
    free_weekday: int
    holidays: frozenset[int]


class _Piece(NamedTuple):
    """What somebody worked without a break, before it has an id."""

    worker: _Worker
    day: int
    clock: int  # seconds since midnight of the worker's own clock
    seconds: int
    job: _Job | None
    share: _Share | None
    amount: int | None


def make_entries(office: Office, today: date, chance: random.Random) -> list[Entry]:
    """Make the entries up to the day before today, ascending by start, then id."""
    last_day = today - timedelta(1)
    last = last_day.toordinal()
    first = last - _SPAN - (last_day - timedelta(_SPAN)).weekday()
    workers = _workers(office.team, first, last, chance)
    jobs = _jobs(office, workers, first, last, chance)
    with _no_garbage():
        pieces = list(_pieces(workers, jobs, first, last, chance))
        if pieces and not any(piece.day == last for piece in pieces):
            pieces.append(_catching_up(workers, last))
        return _written(pieces, last, chance)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Look for none among the tuples that are made: it would take a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


# Who is there, and when


def _workers(team: Team, first: int, last: int, chance: random.Random) -> list[_Worker]:
    workers = []
    for position, user in enumerate(team.users):
        begun, ended = first, last
        joined_later = position % 6 == 4
        if joined_later:
            begun += chance.randrange(60, 400)
        if user["deleted_at"]:
            deleted = datetime.fromisoformat(user["deleted_at"]).toordinal()
            ended = min(max(deleted, first + 90), last)
        elif user["deactivated"]:
            ended = last - chance.randrange(90, 300)
        workers.append(_worker(position, user["id"], begun, ended, chance))
    ended = first + 150
    return [*workers, _worker(len(workers), team.unlisted_id, first, ended, chance)]


def _worker(position: int, user_id: int, first: int, last: int, chance: random.Random) -> _Worker:
    weeks_off = [chance.randrange(first, last + 1) for _ in range((last - first) // 75)]
    return _Worker(
        position,
        user_id,
        first,
        last,
        free_weekday=chance.choice((0, 2, 4, 4, 4)),
        holidays=frozenset(begin + day for begin in weeks_off for day in range(7)),
    )


# What there is to do


def _jobs(
    office: Office, workers: list[_Worker], first: int, last: int, chance: random.Random
) -> list[_Job]:
    tasks: dict[int, list[Row]] = defaultdict(list)
    task_statuses = {row["id"]: row for row in office.task_statuses}
    for row in office.tasks:
        if row["id"] in task_statuses:
            tasks[row["project_id"]].append(task_statuses[row["id"]])
    members: dict[int, list[Row]] = defaultdict(list)
    for row in office.members:
        members[row["project_id"]].append(row)
    statuses = {row["id"]: row for row in office.statuses}

    jobs = []
    for project in office.projects:
        for number in (project.deleted_before, project.row["id"]):
            status = statuses.get(number)
            if status is None or not status["tracked_seconds"]:
                continue
            shares = _shares(project, status, tasks[number], chance)
            is_over = number == project.deleted_before or not project.row["active"]
            begun, ended = _life(first, last, is_over, chance)
            of_project = members[number]
            others = chance.sample(workers, min(6, len(workers)))  # whom a group or nothing brought
            jobs.append(
                _Job(
                    number=number,
                    currency=status["currency"] or "",
                    shares=shares,
                    first_day=begun,
                    last_day=ended,
                    team={row["user_id"] for row in of_project} | {w.user_id for w in others},
                    left=status["tracked_seconds"],
                    costs={
                        row["user_id"]: row["labour_cost"]
                        for row in reversed(of_project)
                        if row["user_id"] is not None and row["labour_cost"] is not None
                    },
                )
            )
    return jobs


def _life(first: int, last: int, is_over: bool, chance: random.Random) -> tuple[int, int]:
    """Draw when a project is worked on: one that is over for half a year to a year and a half."""
    if not is_over:
        return first + int(chance.random() ** 2 * 500), last
    length = chance.randrange(200, 520)
    begun = chance.randrange(first, last - length - 20)
    return begun, begun + length


def _shares(project: Project, status: Row, tasks: list[Row], chance: random.Random) -> list[_Share]:
    """Cut a project's total into tasks and the rest, each into what is billed and what is not."""
    tracked, billable = status["tracked_seconds"], status["billable_seconds"] or 0
    rate = billing_rate(project)
    cents = None if rate is None else rate * 100
    of_tasks = sum(row["tracked_seconds"] for row in tasks)
    shares: list[_Share] = []
    left, billable_left, amount_left = tracked, billable, status["billable_amount"]
    for row in tasks:
        seconds, billed = row["tracked_seconds"], row["billable_seconds"] or 0
        amount = row["billable_amount"]
        if of_tasks > tracked:  # the tasks have more hours than there are
            part = Fraction(tracked * 19, of_tasks * 20)
            seconds, billed = int(seconds * part), int(billed * part)
            amount = None if amount is None else int(amount * part)
        if amount_left is not None:
            amount_left -= amount
        left -= seconds
        billable_left -= billed
        shares.append(_Share(row["id"], True, cents, billed, amount))
        shares.append(_Share(row["id"], False, None, seconds - billed, None))
    shares.append(_Share(None, False, None, left - billable_left, None))
    old = []
    if project.old_rate is not None and cents is not None:
        first = old_seconds(status)
        old_cents = project.old_rate * 100
        amount = round(first * old_cents / HOUR)
        old.append(_Share(None, True, old_cents, first, amount, is_older=True))
        billable_left -= first
        amount_left -= amount
    shares.append(_Share(None, True, cents, billable_left, amount_left))
    chance.shuffle(shares)
    return [share for share in [*old, *shares] if share.seconds > 0]


# Who works on what on which day


def _pieces(
    workers: list[_Worker], jobs: list[_Job], first: int, last: int, chance: random.Random
) -> Iterator[_Piece]:
    """Go through the weeks; whoever is there works on what is the most pressing."""
    jobs_of = {
        worker.user_id: [job for job in jobs if worker.user_id in job.team] for worker in workers
    }
    demand = sum(job.left for job in jobs) / HOUR
    supply = _HOURS_A_DAY * sum(worker.last_day - worker.first_day + 1 for worker in workers)
    presence = min(1.0, demand / supply)
    for monday in range(first, last + 1, 7):
        for worker in workers:
            choice = _choice(jobs_of[worker.user_id], monday)
            if not choice[0]:
                continue  # who has no project at all tracks nothing
            for day in range(monday, min(monday + 5, last + 1)):
                if _is_at_work(worker, day, presence, chance):
                    yield from _day(worker, day, choice, chance)
    yield from _overtime(workers, jobs, first, last, chance)


def _is_at_work(worker: _Worker, day: int, presence: float, chance: random.Random) -> bool:
    if not worker.first_day <= day <= worker.last_day or day in worker.holidays:
        return False
    when = date.fromordinal(day)
    if (when.month, when.day) >= (12, 24) or (when.month, when.day) == (1, 1):
        return False
    if when.weekday() == worker.free_weekday:
        return chance.random() < 0.2 * presence
    return chance.random() < 0.97 * presence


def _choice(jobs: Sequence[_Job], monday: int) -> tuple[list[_Job], list[float]]:
    """Choose what can be done this week, with how pressing each is, summed up."""
    possible = [
        job for job in jobs if job.shares and job.first_day <= monday + 4 and job.last_day >= monday
    ]
    urgent = [job.left / (job.last_day - monday + 7) for job in possible]
    return possible, list(accumulate(urgent))


def _day(
    worker: _Worker, day: int, choice: tuple[list[_Job], list[float]], chance: random.Random
) -> Iterator[_Piece]:
    possible, urgency = choice
    clock = int((8 + 1.6 * chance.random()) * HOUR)
    left = int((7.6 + 1.6 * chance.random()) * HOUR)
    while left > HOUR // 3:
        length = min(left, int(chance.lognormvariate(9.2, 0.55)))
        if chance.random() < 0.5:
            length = max(300, length // 300 * 300)
        left -= length
        job = None
        if chance.random() > 0.04:
            job = possible[bisect(urgency, chance.random() * urgency[-1])]
        if chance.random() < 0.0007:
            yield _Piece(worker, day, clock, 0, job, None, None)  # started and stopped at once
        if job is None or not job.shares:
            yield _Piece(worker, day, clock, min(length, HOUR), None, None, None)
            clock += min(length, HOUR)
        else:
            share, seconds, cents = job.work(length, chance)
            yield _Piece(worker, day, clock, seconds, job, share, cents)
            clock += seconds
        clock += int(HOUR * chance.random() ** 3)


def _overtime(
    workers: list[_Worker], jobs: list[_Job], first: int, last: int, chance: random.Random
) -> Iterator[_Piece]:
    """Work off what is left of the jobs, on days that are nobody's usual ones."""
    for job in jobs:
        there = [worker for worker in workers if worker.last_day == last] or workers
        team = [worker for worker in there if worker.user_id in job.team] or there
        while job.shares:
            worker = chance.choice(team)
            begun = min(max(first, job.first_day, worker.first_day), last)
            day = chance.randint(begun, max(begun, min(last, job.last_day)))
            clock = int((17.5 + 2 * chance.random()) * HOUR)
            share, seconds, cents = job.work(chance.randrange(HOUR, 4 * HOUR), chance)
            yield _Piece(worker, day, clock, seconds, job, share, cents)


def _catching_up(workers: list[_Worker], last: int) -> _Piece:
    """Work an hour on a last day on which nobody else does, so that no demo looks abandoned."""
    worker = next(worker for worker in workers if worker.last_day == last)
    return _Piece(worker, last, 17 * HOUR, HOUR, None, None, None)


# What is written down of it


@cache
def _zones(position: int) -> tuple[str, str, int]:
    position %= len(words.ZONES)
    zone = words.ZONES[position]
    moved_to, days_ago = words.MOVES.get(position, (zone, 0))
    return zone, moved_to, days_ago


@cache
def _offset_at(zone: str, day: int, clock: int) -> int:
    when = datetime.combine(date.fromordinal(day), datetime.min.time(), ZoneInfo(zone))
    offset = (when + timedelta(seconds=clock)).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _offset(zone: str, day: int, clock: int) -> int:
    """Tell by how much a clock in a zone is ahead of UTC [s]."""
    steady = _steady_offset(zone, day // 7 * 7, 7)
    if steady is None:
        steady = _steady_offset(zone, day, 1)
    return _offset_at(zone, day, clock) if steady is None else steady


@cache
def _steady_offset(zone: str, day: int, days: int) -> int | None:
    """Tell the offset of so many days from one on [s], None where the clocks change."""
    offset = _offset_at(zone, day, 0)
    return offset if offset == _offset_at(zone, day + days, 0) else None


def _written(pieces: list[_Piece], last: int, chance: random.Random) -> list[Entry]:
    """Write the pieces down as entries: numbered as they came, ordered by their start."""
    names = list(tags())
    moments = [_moment(index, piece, last) for index, piece in enumerate(pieces)]
    written_down = [start + (n % 61 == 0) * _FORGOTTEN for n, (start, *_) in enumerate(moments)]
    in_order = sorted(range(len(pieces)), key=written_down.__getitem__)
    ids = dict(zip(in_order, ascending(_FIRST_ID, 40, chance), strict=False))
    now = (last - EPOCH) * DAY + 18 * HOUR
    entries = []
    for index, (piece, moment) in enumerate(zip(pieces, moments, strict=True)):
        start, seconds, offset, stop_offset, day = moment
        updated = start + seconds + int(60 * chance.random())
        is_changed_later = index % 37 == 0
        if is_changed_later:
            updated = min(now, updated + chance.randrange(40 * DAY))
        job, share = piece.job, piece.share
        user_id = piece.worker.user_id
        cost = job.costs.get(user_id) if job else None
        entry = Entry(
            id=ids[index],
            user_id=user_id,
            project_id=job.number if job else None,
            task_id=share.task_id if share else None,
            description=_description(index, share, chance),
            billable=bool(share and share.billable),
            tag_ids=_tags_of(names, chance),
            start=start,
            seconds=seconds,
            offset=offset,
            stop_offset=stop_offset,
            day=day,
            rate=share.rate if share else None,
            amount=piece.amount,
            cost=None if cost is None else round(cost * seconds / HOUR),
            currency=job.currency if job else WORKSPACE_CURRENCY,
            updated=updated,
        )
        entries.append(entry)
    entries.sort(key=attrgetter("id"))  # numbers are compared quicker than pairs
    entries.sort(key=attrgetter("start"))
    return entries


def _moment(index: int, piece: _Piece, last: int) -> tuple[int, int, int, int, int]:
    """Tell start, seconds, the offsets at both ends, and the day on the tracker's calendar."""
    home, moved_to, days_ago = _zones(piece.worker.position)
    zone = home if piece.day <= last - days_ago else moved_to
    day, clock = piece.day, piece.clock
    is_friday = (day - 1) % 7 == 4
    is_overnight, is_overlapping, is_of_weekend = index % 127 == 3, index % 53 == 1, index % 7 == 2
    if is_overnight:
        clock = 22 * HOUR + 40 * 60 + index % 3000  # over midnight, where it is long enough
    elif is_overlapping:
        clock -= 40 * 60  # begins before the one before it has ended
    elif is_of_weekend and is_friday and day < last and _steady_offset(zone, day + 2, 1) is None:
        day += 1  # on Saturday, in the night in which the clocks change
        clock = 23 * HOUR + index % 3000
    offset = _offset(zone, day, clock)
    stop_clock = clock + piece.seconds
    stop_offset = _offset(zone, day + stop_clock // DAY, stop_clock % DAY)
    start = (day - EPOCH) * DAY + clock - offset
    return start, piece.seconds, offset, stop_offset, day


def _description(index: int, share: _Share | None, chance: random.Random) -> str | None:
    odd = words.ODD_WORK.get(index % 1000)
    if odd is not None:
        return odd
    luck = chance.random()
    if luck < 0.06:
        return None
    if share is None:
        return words.INTERNAL[int(luck * len(words.INTERNAL))]
    return words.WORK[int(luck * len(words.WORK))]


def _tags_of(names: list[int], chance: random.Random) -> tuple[int, ...]:
    luck = chance.random()
    if luck < 0.4:
        return ()
    position = int(luck * 997) % len(names)
    if luck < 0.85:
        return (names[position],)
    return tuple(sorted({names[position], names[position - 3], names[(position * 7) % len(names)]}))
