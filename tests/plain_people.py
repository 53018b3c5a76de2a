"""Retainers and balances in plain Python, written from the definitions of their columns alone.

Time is whole milliseconds; nothing here knows pandas or the library.
"""

import datetime as dt
from collections import defaultdict
from fractions import Fraction

HOUR = 3_600_000  # ms
DAY = dt.timedelta(days=1)
FIRST_DAY = dt.date(1, 1, 1)


def start_of(day, every):
    """Return the first day of the period that holds a day."""
    if every == "week":
        return day - dt.timedelta(day.weekday())
    months = {"month": 1, "quarter": 3, "year": 12}.get(every)
    return day if months is None else dt.date(day.year, day.month - (day.month - 1) % months, 1)


def end_of(start, every):
    """Return the last day of the period that begins on a day."""
    day = start
    while start_of(day + DAY, every) == start:
        day += DAY
    return day


def periods_between(first, last, every):
    """Return the first days of all periods that hold a day of the range."""
    starts = [start_of(first, every)]
    while (following := end_of(starts[-1], every) + DAY) <= last:
        starts.append(following)
    return starts


def retainer(entries, budgets, *, first, last, every, carry, today):
    """Return a row for each budget and period: budget, carried, tracked, used and state.

    `entries` are (day, project_id, client_id, ms); `budgets` maps ("project" or "client", id) to a
    list of (from day or None, hours).
    """
    rows = []
    for (kind, key), steps in budgets.items():
        first_period = start_of(first, every)
        begun = [start_of(since, every) for since, _ in steps if since is not None]
        begin = min(begun, default=first_period)  # of what is carried
        left_over = []  # [age, ms]: what earlier periods did not use, the oldest first
        balance = 0
        for start in periods_between(min(begin, first_period), last, every):
            if start <= begin:
                left_over, balance = [], 0
            end = end_of(start, every)
            budget = _budget(steps, start, every)
            tracked = sum(
                ms
                for day, project, client, ms in entries
                if start <= day <= end and key == (project if kind == "project" else client)
            )
            if carry == "none":
                carried = 0
            elif carry in ("unused", "both"):
                carried = balance
            else:
                left_over = [[age + 1, ms] for age, ms in left_over if age + 1 <= carry]
                carried = sum(ms for _, ms in left_over)
            available = budget + carried
            left = available - tracked
            if carry == "unused":
                balance = max(left, 0)
            elif carry == "both":
                balance = left
            elif carry != "none":
                left_over = _used_up([*left_over, [0, budget]], tracked)
            if start < first_period:
                continue
            share = Fraction(tracked) / Fraction(available) if available > 0 else None
            rows.append(
                {
                    "kind": kind,
                    "key": key,
                    "period": start,
                    "budget": budget,
                    "carried": carried,
                    "available": available,
                    "tracked": tracked,
                    "left": left,
                    "used": share,
                    "state": _state(tracked, available, share, is_begun=start <= today <= end),
                }
            )
    return rows


def _budget(steps, start, every):
    """Return the budget of a period: of the steps from it or before, the latest."""
    valid = [
        (since or FIRST_DAY, hours)
        for since, hours in steps
        if since is None or start_of(since, every) <= start
    ]
    return Fraction(max(valid, key=lambda step: step[0])[1]) * HOUR if valid else 0


def _used_up(left_over, tracked):
    """Return what is left of each period after these hours, which use the oldest first."""
    rest = []
    for age, ms in left_over:
        taken = min(ms, tracked)
        tracked -= taken
        rest.append([age, ms - taken])
    return rest


def _state(tracked, available, share, *, is_begun):
    if tracked > available:
        return "over"
    is_close = share is not None and share >= Fraction(8, 10)
    return "at_risk" if is_begun and is_close else "on_track"


def balance(entries, schedules, *, holidays, absences, opening, first, last, every, today):
    """Return a row for each person and period: expected, absent, tracked and running.

    Parameters
    ----------
    entries : list of (day, user_id, ms, is_absence)
        The entries; those of time off count as absence, not as tracked.
    schedules : dict of user_id to list of (from day or None, to day or None, hours by weekday)
        What each person is expected to work.
    holidays : dict of user_id or None to set of day
        Those of `None` hold for all who have none of their own.
    absences : list of (user_id, day, hours or None)
        Days off; None is all that is scheduled.
    opening : dict of user_id to hours
    """
    rows = []
    spans = (
        [(first, last)]
        if every is None
        else [
            (max(start, first), min(end_of(start, every), last))
            for start in periods_between(first, last, every)
        ]
    )
    for user, steps in schedules.items():
        running = Fraction(opening.get(user, 0)) * HOUR
        free = holidays.get(user, holidays.get(None, set()))
        off = defaultdict(list)
        for who, day, hours in absences:
            if who == user:
                off[day].append(hours)
        for start, end in spans:
            workdays, expected, absent = 0, Fraction(0), Fraction(0)
            tracked = sum(
                ms
                for day, who, ms, is_off in entries
                if who == user and start <= day <= end and not is_off
            )
            day = start
            while day <= end:
                entry_off = sum(
                    ms for on, who, ms, is_off in entries if who == user and on == day and is_off
                )
                scheduled = _scheduled(steps, day) if day < today and day not in free else 0
                hours_off = off.get(day, [])
                frame_off = (
                    scheduled
                    if None in hours_off
                    else min(scheduled, sum(Fraction(hours) * HOUR for hours in hours_off))
                )
                workdays += scheduled > 0
                absent += frame_off + entry_off
                expected += max(scheduled - frame_off - entry_off, 0)
                day += DAY
            running += tracked - expected
            rows.append(
                {
                    "user": user,
                    "period": start if every is None else start_of(start, every),
                    "workdays": workdays,
                    "expected": expected,
                    "absent": absent,
                    "tracked": tracked,
                    "balance": tracked - expected,
                    "running": running,
                }
            )
    return rows


def _scheduled(steps, day):
    # Of several that hold, the latest, as with budgets: a later row replaces an earlier, open one.
    valid = [
        (since or FIRST_DAY, week)
        for since, until, week in steps
        if (since is None or since <= day) and (until is None or day <= until)
    ]
    if not valid:
        return Fraction(0)
    _, week = max(valid, key=lambda step: step[0])
    return Fraction(week[day.weekday()]) * HOUR
