"""What holds for days of work and for utilisation, over entries that crowd and overlap."""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from typing import get_args

import joins
import pandas as pd
from busy_entries import busy_rows, known, listed_users, wall
from days import first_day
from entries_data import OWNERS, frame_of, projects, rows
from examples import times
from hypothesis import example, given
from hypothesis import strategies as st
from joins_data import conforms

from togglframe import reports
from togglframe.tables import TIMESHEET, UTILISATION
from togglframe.text.periods import Every

HOUR = dt.timedelta(hours=1)
every_day = st.sampled_from(get_args(Every))
capacities = st.sampled_from([40, 38.5, 0, {}, {1: 20, 2: 40}, {1: 0, 4: 8.0, 3: 40}])
holidays = st.sampled_from([(), ["2026-03-27", "2026-03-29"], [dt.date(2026, 3, 31)]])
ranges = st.sampled_from(
    [
        {},
        {"start_date": "2026-03-26", "end_date": "2026-04-02"},
        {"period": "2026-03"},
        {"period": "2026-W40"},
    ]
)
few = times(1 / 3)  # what is slow, and simple

some = busy_rows() | rows()


def by_key(entries, *keys):
    groups = defaultdict(list)
    for row in entries:
        groups[tuple(row[key] for key in keys)].append(row)
    return groups


def hours(time):
    return time / HOUR


def covered(entries):
    """Return how long at least one entry runs, and how long others do beside it."""
    moments = sorted({row[name] for row in entries for name in ("start", "stop")})
    union = twice = dt.timedelta(0)
    for begin, end in itertools.pairwise(moments):
        running = sum(row["start"] <= begin and end <= row["stop"] for row in entries)
        union += (end - begin) * (running > 0)
        twice += (end - begin) * max(running - 1, 0)
    return union, twice


def summed(entries):
    return sum((row["tracked_time"] for row in entries), dt.timedelta(0))


def billable(entries):
    flagged = [row for row in entries if row["billable"] is not None]
    return summed(row for row in flagged if row["billable"]) if flagged else None


def within(entries, start_date=None, end_date=None, period=None):
    days = (
        (start_date, end_date)
        if start_date
        else {
            None: ("0001-01-01", "9999-12-31"),
            "2026-03": ("2026-03-01", "2026-03-31"),
            "2026-W40": ("2026-09-28", "2026-10-04"),
        }[period]
    )
    first, last = (dt.date.fromisoformat(each) for each in days)
    return [row for row in entries if first <= row["date"].date() <= last]


# --- timesheet ----------------------------------------------------------------------------------


@given(some, ranges)
def test_a_timesheet_is_as_its_table_declares_and_loses_no_time(entries, days):
    sheet = joins.timesheet(frame_of(entries), **days)
    conforms(sheet, TIMESHEET)
    chosen = within(entries, **days)
    assert sheet["tracked_time"].sum() == summed(chosen)
    assert sheet["n_entries"].sum() == len(chosen)


@given(some)
def test_every_day_is_as_counted_by_hand(entries):
    sheet = joins.timesheet(frame_of(entries), users=listed_users())
    expected = by_key(entries, "user_id", "date")
    assert {(known(row.user_id), row.date) for row in sheet.itertuples()} == set(expected)
    for day in sheet.itertuples():
        group = expected[known(day.user_id), day.date]
        first = min(group, key=lambda row: (row["start"], row["id"]))
        last = max(group, key=lambda row: (row["stop"], row["start"], row["id"]))
        span = last["stop"] - first["start"]
        union, twice = covered(group)
        assert day.first_start == wall(first["start"], first)
        assert day.last_stop == wall(last["stop"], last)
        assert day.span_hours == hours(span)
        assert day.break_hours == hours(span - union)
        assert day.overlap_hours == hours(twice)
        assert day.tracked_hours == hours(summed(group))
        expected_billable = billable(group)
        assert known(day.billable_hours) == (
            None if expected_billable is None else hours(expected_billable)
        )


@given(some)
def test_no_change_of_clocks_makes_a_negative_break_and_what_is_told_adds_up(entries):
    sheet = joins.timesheet(frame_of(entries))
    assert (sheet[["span_hours", "break_hours", "overlap_hours"]] >= 0).all(axis=None)
    as_clocked = [row | {"tracked_time": row["stop"] - row["start"]} for row in entries]
    exact = joins.timesheet(frame_of(as_clocked))
    whole = exact["span_hours"] - exact["break_hours"] + exact["overlap_hours"]
    assert ((whole - exact["tracked_hours"]).abs() < 1e-9).all()


@given(some)
def test_names_are_those_of_the_listing_else_of_the_latest_entry(entries):
    sheet = joins.timesheet(frame_of(entries), users=listed_users())
    names = {1: "Ann Lee", 2: "Bo"}
    for row in sorted(entries, key=lambda row: (row["start"], row["id"])):
        if row["user"] is not None and row["user_id"] not in (1, 2, None):
            names[row["user_id"]] = row["user"]
    for day in sheet.itertuples():
        assert known(day.user) == names.get(known(day.user_id))


# --- utilisation --------------------------------------------------------------------------------


def days_of(entries, days):
    if days:
        bounds = {
            "2026-03": ("2026-03-01", "2026-03-31"),
            "2026-W40": ("2026-09-28", "2026-10-04"),
        }.get(days.get("period")) or tuple(days.values())
        first, last = map(dt.date.fromisoformat, bounds)
    elif entries:
        first, *_, last = sorted([row["date"].date() for row in entries] * 2)
    else:
        return []
    return [first + dt.timedelta(n) for n in range((last - first).days + 1)]


@given(some, ranges, every_day, st.tuples(capacities, holidays, st.booleans()))
def test_utilisation_is_dense_and_as_counted_by_hand(entries, days, every, people_of):
    capacity, days_off, with_users = people_of
    frame = joins.utilisation(
        frame_of(entries),
        users=listed_users() if with_users else None,
        capacity=capacity,
        every=every,
        holidays=days_off,
        **days,
    )
    conforms(frame, UTILISATION)
    chosen = within(entries, **days)
    off = {str(day) for day in days_off}
    workdays = defaultdict(int)
    for day in days_of(chosen, days):
        workdays[first_day(day, every)] += day.weekday() < 5 and str(day) not in off
    people = {row["user_id"] for row in chosen} | ({1, 2} if with_users else set())
    people |= set(capacity) if isinstance(capacity, dict) else set()
    cells = by_key(
        [row | {"period": first_day(row["date"].date(), every)} for row in chosen],
        *("user_id", "period"),
    )
    keys = [(known(row.user_id), row.period.date()) for row in frame.itertuples()]
    assert Counter(keys) == Counter(itertools.product(people, workdays))
    for row, key in zip(frame.itertuples(), keys, strict=True):
        user, period = key
        a_week = capacity.get(user) if isinstance(capacity, dict) else capacity
        could = None if a_week is None or user is None else a_week * workdays[period] / 5
        tracked = hours(summed(cells[key]))
        of_it = billable(cells[key]) if cells[key] else dt.timedelta(0)
        of_it = None if of_it is None else hours(of_it)
        assert row.workdays == workdays[period]
        assert known(row.capacity_hours) == could
        assert row.tracked_hours == tracked
        assert known(row.billable_hours) == of_it
        assert known(row.load) == (tracked / could if could else None)
        assert known(row.utilisation) == (of_it / could if could and of_it is not None else None)
        assert known(row.idle_hours) == (None if could is None else could - tracked)


@given(some, ranges, every_day)
def test_utilisation_loses_no_time_and_capacity_adds_up_over_periods(entries, days, every):
    frame = joins.utilisation(frame_of(entries), every=every, **days)
    assert round(frame["tracked_hours"].sum() * 3600) == (
        summed(within(entries, **days)).total_seconds()
    )
    by_day = joins.utilisation(frame_of(entries), every="day", **days)
    whole, parts = (
        each.dropna(subset=["user_id"]).groupby("user_id")[["workdays", "capacity_hours"]].sum()
        for each in (frame, by_day)
    )
    pd.testing.assert_frame_equal(whole, parts)


# --- both ---------------------------------------------------------------------------------------

both = st.sampled_from([("timesheet", {}), ("utilisation", {"capacity": {1: 30, 3: 10}})])


@few
@given(some, both, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_and_frames_stay_as_they_are(entries, call, random):
    name, more = call
    frame, users = frame_of(entries), listed_users()
    before = frame.copy()
    made = getattr(joins, name)(frame, users=users, **more)
    pd.testing.assert_frame_equal(frame, before)
    order = random.sample(range(len(entries)), len(entries))
    shuffled = getattr(joins, name)(frame.iloc[order], users=users[::-1], **more)
    pd.testing.assert_frame_equal(shuffled, made)


@few
@given(some, both, st.sampled_from([[1], [1, 2], [3], [9]]), st.sampled_from([[None], [100, None]]))
def test_what_is_selected_is_what_would_be_there_alone(entries, call, user_ids, client_ids):
    name, more = call
    listings = {"projects": projects(), "users": listed_users()}
    of = {"users": user_ids, "clients": client_ids, "period": "2026-03"}
    made = getattr(joins, name)(frame_of(entries), listings=listings, **of, **more)
    alone = [
        row
        for row in entries
        if row["user_id"] in user_ids and OWNERS.get(row["project_id"]) in client_ids
    ]
    listings["users"] = listings["users"][listings["users"]["id"].isin(user_ids)]
    if "capacity" in more:
        more = {"capacity": {u: h for u, h in more["capacity"].items() if u in user_ids}}
    expected = getattr(joins, name)(frame_of(alone), **listings, period="2026-03", **more)
    pd.testing.assert_frame_equal(made, expected)


@few
@given(some, both)
@example([], ("utilisation", {}))
def test_a_frame_is_the_mapping_of_time_entries_alone(entries, call):
    name, more = call
    report = getattr(reports, name)
    frame = frame_of(entries)
    made = report({"time_entries": frame}, **more)
    pd.testing.assert_frame_equal(report(frame, **more), made)
    mapping = {"time_entries": frame, "users": listed_users()}
    whole = report({**mapping, "projects": projects()}, **more)
    pd.testing.assert_frame_equal(report(mapping, **more), whole)
    assert made.attrs["togglframe"]["table"] == name
