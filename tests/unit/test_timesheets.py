"""The decisions of days of work and of utilisation, one example each."""

import datetime as dt

import joins
import numpy as np
import pandas as pd
import pytest
from busy_entries import HOUR, entry_at, listed_users
from entries_data import LARGE, frame_of

from togglframe import ConfigError, reports


def sheet(*entries, **more):
    return joins.timesheet(frame_of(entries), **more)


def weeks(*entries, **more):
    return joins.utilisation(frame_of(entries), **more)


# --- timesheet ----------------------------------------------------------------------------------


def test_a_day_has_a_span_a_break_and_an_overlap():
    (day,) = sheet(
        entry_at(1, "2026-03-02T08:00", 2, 1),
        entry_at(2, "2026-03-02T09:30", 1, 1, billable=False),  # half an hour at the same time
        entry_at(3, "2026-03-02T12:00", 4, 1),
    ).to_dict("records")
    assert day["date"] == pd.Timestamp("2026-03-02")
    assert day["first_start"] == pd.Timestamp("2026-03-02T09:00")
    assert day["last_stop"] == pd.Timestamp("2026-03-02T17:00")
    assert (day["span_hours"], day["break_hours"], day["overlap_hours"]) == (8, 1.5, 0.5)
    assert (day["tracked_hours"], day["billable_hours"], day["n_entries"]) == (7, 6, 3)
    assert day["tracked_time"] == pd.Timedelta(hours=7)


@pytest.mark.parametrize(
    ("before", "after", "start", "stop"),
    [
        (1, 2, "2026-03-29T01:30", "2026-03-29T04:30"),  # Berlin, spring: 02:00 is 03:00
        (2, 1, "2026-10-25T02:30", "2026-10-25T03:30"),  # autumn: 03:00 is 02:00
    ],
)
def test_a_change_of_clocks_lengthens_no_day_and_makes_no_negative_break(
    before, after, start, stop
):
    first = dt.datetime.fromisoformat(start) - before * HOUR
    second = first + HOUR  # half an hour after the first ends
    (day,) = sheet(
        entry_at(1, first.isoformat(), 0.5, before), entry_at(2, second.isoformat(), 1, after)
    ).to_dict("records")
    assert (day["span_hours"], day["break_hours"], day["overlap_hours"]) == (2, 0.5, 0)
    assert day["first_start"] == pd.Timestamp(start)
    assert day["last_stop"] == pd.Timestamp(stop)


def test_the_first_start_is_that_of_the_first_entry_also_where_clocks_went_back():
    (day,) = sheet(
        entry_at(1, "2026-10-25T00:50", 0.1, 2),  # 02:50 in summer
        entry_at(2, "2026-10-25T01:10", 0.1, 1),  # 02:10 in winter
    ).to_dict("records")
    assert day["first_start"] == pd.Timestamp("2026-10-25T02:50")


def test_of_entries_that_begin_at_once_the_smaller_id_is_the_first():
    frame = frame_of([entry_at(2, "2026-03-02T08:00", 1, 2), entry_at(1, "2026-03-02T08:00", 1, 1)])
    for rows in (frame, frame[::-1]):
        (day,) = joins.timesheet(rows).to_dict("records")
        assert day["first_start"] == pd.Timestamp("2026-03-02T09:00")
        assert day["last_stop"] == pd.Timestamp("2026-03-02T11:00")


def test_an_entry_over_midnight_belongs_whole_to_the_day_it_starts_on():
    days = sheet(
        entry_at(1, "2026-03-02T22:00", 5, 0),
        entry_at(2, "2026-03-03T01:00", 1, 0),  # at the same time, but on another day
    )
    assert days["date"].tolist() == [pd.Timestamp("2026-03-02"), pd.Timestamp("2026-03-03")]
    assert days["last_stop"].iloc[0] == pd.Timestamp("2026-03-03T03:00")
    assert days["tracked_hours"].tolist() == [5, 1]
    assert days["overlap_hours"].tolist() == [0, 0]


def test_what_the_api_tells_is_tracked_and_rounding_is_no_overlap():
    (day,) = sheet(
        entry_at(1, "2026-03-02T08:00", 1, tracked_time=dt.timedelta(minutes=75)),
        entry_at(2, "2026-03-02T10:00", 1, tracked_time=dt.timedelta(minutes=30)),
    ).to_dict("records")
    assert day["tracked_hours"] == 1.75
    assert (day["span_hours"], day["break_hours"], day["overlap_hours"]) == (3, 1, 0)


def test_identical_and_nested_entries_and_those_of_no_time_are_counted():
    (day,) = sheet(
        entry_at(1, "2026-03-02T08:00", 4),
        entry_at(2, "2026-03-02T08:00", 4),
        entry_at(3, "2026-03-02T09:00", 1),
        entry_at(4, "2026-03-02T11:00", 1),  # the running maximum is not that of the last entry
        entry_at(5, "2026-03-02T13:00", 0),
    ).to_dict("records")
    assert (day["span_hours"], day["break_hours"], day["overlap_hours"]) == (5, 1, 6)
    assert day["n_entries"] == 5


def test_billable_hours_are_unknown_where_no_flag_is_told():
    days = sheet(
        entry_at(1, "2026-03-02T08:00", 4, billable=None),
        entry_at(2, "2026-03-03T08:00", 4, billable=None),
        entry_at(3, "2026-03-03T13:00", 1),
    )
    assert days["billable_hours"].isna().tolist() == [True, False]
    assert days["billable_hours"].iloc[1] == 1


def test_an_entry_that_ends_before_it_begins_or_has_not_ended_is_refused():
    wrong = entry_at(1, "2026-03-02T08:00", 1)
    frame = frame_of([wrong | {"stop": wrong["start"] - HOUR}])
    for join in (joins.timesheet, joins.entry_audit):
        with pytest.raises(ConfigError, match="stop is before start in 1 of the rows"):
            join(frame)
        with pytest.raises(ConfigError, match=r"stop is NA .* still running; drop them"):
            join(frame.assign(stop=pd.Series([None], dtype=frame["stop"].dtype)))


# --- utilisation --------------------------------------------------------------------------------


def test_a_week_is_held_against_its_capacity():
    (week,) = weeks(
        entry_at(1, "2026-03-02T08:00", 30),
        entry_at(2, "2026-03-08T08:00", 12, billable=False),  # a Sunday is tracked all the same
        period="2026-W10",
    ).to_dict("records")
    assert week["period"] == pd.Timestamp("2026-03-02")
    assert (week["workdays"], week["capacity_hours"]) == (5, 40)
    assert (week["tracked_hours"], week["billable_hours"]) == (42, 30)
    assert (week["utilisation"], week["load"], week["idle_hours"]) == (0.75, 1.05, -2)


def test_only_the_days_in_the_range_that_are_no_holidays_are_worked():
    april = weeks(
        entry_at(1, "2026-04-01T08:00", 1),
        period="2026-04",
        holidays=["2026-04-03", dt.date(2026, 4, 6), pd.Timestamp("2026-04-04")],
    )
    assert april["period"].tolist()[0] == pd.Timestamp("2026-03-30")  # a Monday in March
    assert april["workdays"].tolist() == [2, 4, 5, 5, 4]
    assert april["capacity_hours"].tolist() == [16, 32, 40, 40, 32]
    month = weeks(entry_at(1, "2026-04-01T08:00", 1), period="2026-04", every="month")
    assert month["workdays"].tolist() == [22]
    assert month["capacity_hours"].tolist() == [176]


def test_without_every_there_is_one_row_a_user_for_the_whole_range():
    rows = [entry_at(1, "2026-03-02T08:00", 8), entry_at(2, "2026-04-01T08:00", 10)]
    frame = weeks(*rows, start_date="2026-03-02", end_date="2026-04-03", every=None)
    assert "period" not in frame
    assert frame[["user_id", "workdays", "capacity_hours", "tracked_hours"]].to_dict("records") == [
        {"user_id": 1, "workdays": 25, "capacity_hours": 200, "tracked_hours": 18}
    ]
    assert weeks(every=None).empty
    assert weeks(every=None, period="2026-03", capacity={1: 40})["capacity_hours"].tolist() == [176]


@pytest.mark.parametrize("every", ["week", None])
def test_of_a_begun_period_only_the_days_before_today_are_compared(every, monkeypatch):
    monkeypatch.setattr(reports.Listings, "today", dt.date(2026, 3, 4))  # a Wednesday
    rows = [entry_at(day, f"2026-03-0{day}T08:00", 6) for day in (2, 3, 4)]
    (week,) = weeks(*rows, period="2026-W10", every=every).to_dict("records")
    assert (week["workdays"], week["capacity_hours"]) == (2, 16)
    assert week["tracked_hours"] == week["billable_hours"] == 18  # all of them, as in hours
    assert (week["load"], week["utilisation"], week["idle_hours"]) == (0.75, 0.75, 4)


def test_it_is_dense_over_those_who_track_are_active_or_have_a_capacity():
    frame = weeks(
        entry_at(1, "2026-03-02T08:00", 1, user_id=LARGE, user="Old"),  # deleted
        users=listed_users(),  # of whom 1 and 2 are active
        capacity={3: 10, 1: 40},
        start_date="2026-03-02",
        end_date="2026-03-15",
    )
    assert frame["user_id"].tolist() == [1, 1, 2, 2, 3, 3, LARGE, LARGE]
    assert frame["user"].dropna().tolist() == [
        "Ann Lee",
        "Ann Lee",
        "Bo",
        "Bo",
        "Cy",
        "Cy",
        "Old",
        "Old",
    ]
    by_user = frame.drop_duplicates("user_id").set_index("user_id")["capacity_hours"]
    assert by_user[[1, 3]].tolist() == [40, 10]
    assert by_user[[2, LARGE]].isna().all()
    assert frame["tracked_hours"].tolist() == [0, 0, 0, 0, 0, 0, 1, 0]
    assert frame["billable_hours"].tolist() == [0, 0, 0, 0, 0, 0, 1, 0]


def test_only_the_users_asked_for_are_there():
    frame = weeks(
        entry_at(1, "2026-03-02T08:00", 1, user_id=3),
        listings={"users": listed_users()},
        capacity={1: 10},
        users=[2, 3, 7],
    )
    assert frame["user_id"].tolist() == [2, 3]


def test_without_users_or_a_range_it_is_about_those_who_track_from_first_to_last():
    frame = weeks(
        entry_at(1, "2026-03-04T08:00", 1), entry_at(2, "2026-03-17T08:00", 1), capacity={5: 40}
    )
    assert frame["user_id"].tolist() == [1, 1, 1, 5, 5, 5]
    assert frame["workdays"].tolist() == [3, 5, 2] * 2
    assert weeks().empty


def test_nothing_is_a_share_of_no_capacity():
    frame = weeks(entry_at(1, "2026-03-02T08:00", 1), capacity=0)
    assert frame[["utilisation", "load"]].isna().all(axis=None)
    assert frame["idle_hours"].tolist() == [-1]
    unknown = weeks(entry_at(1, "2026-03-02T08:00", 1), capacity={})
    ratios = ["capacity_hours", "utilisation", "load", "idle_hours"]
    assert unknown[ratios].isna().all(axis=None)


def test_time_of_nobody_known_stays_and_has_no_capacity():
    frame = weeks(
        entry_at(1, "2026-03-02T08:00", 1, user_id=None), entry_at(2, "2026-03-02T08:00", 2)
    )
    assert frame["tracked_hours"].tolist() == [2, 1]
    assert frame["user_id"].isna().tolist() == [False, True]
    assert frame["capacity_hours"].isna().tolist() == [False, True]


def test_hours_of_a_week_may_be_any_plain_number():
    for capacity in (20, 20.0, np.int64(20), np.float32(20), {1: 20}, {np.int64(1): 20.0}):
        frame = weeks(entry_at(1, "2026-03-02T08:00", 1), period="2026-W10", capacity=capacity)
        assert frame["capacity_hours"].tolist() == [20]


IMPOSSIBLE = [
    ({"capacity": True}, TypeError, "capacity must be a number of hours, not True"),
    ({"capacity": "40"}, TypeError, "capacity must be a number of hours, not '40'"),
    ({"capacity": None}, TypeError, "capacity must be a number of hours, not None"),
    ({"capacity": -1}, ConfigError, "capacity must be a number of hours from 0 to 168, not -1"),
    ({"capacity": float("nan")}, ConfigError, "from 0 to 168, not nan"),
    ({"capacity": float("inf")}, ConfigError, "from 0 to 168, not inf"),
    (
        {"capacity": {1: None}},
        TypeError,
        "capacity of user 1 must be a number of hours, not None",
    ),
    ({"capacity": 169}, ConfigError, "from 0 to 168, not 169"),
    ({"capacity": [8, 8, 8, 25, 0, 0, 0]}, ConfigError, "from 0 to 24, not 25"),
    ({"capacity": {1: -5}}, ConfigError, "capacity of user 1 must be .*, not -5"),
    ({"capacity": {True: 40}}, TypeError, "capacity has the key True"),
    ({"every": "decade"}, ConfigError, '"day", "week", "month", "quarter" or "year", not .decade'),
    (
        {"holidays": "2026-12-25"},
        TypeError,
        "holidays must be an iterable of days, .* '2026-12-25'",
    ),
    ({"holidays": 7}, TypeError, "holidays must be an iterable of days, such as a list, not 7"),
    ({"holidays": ["25.12.2026"]}, ConfigError, "a holiday must be a day written YYYY-MM-DD"),
]


def test_what_is_impossible_is_named_before_a_request(sandbox, ws, subtests):
    for wrong, error, words in IMPOSSIBLE:
        with subtests.test(str(wrong)):
            with pytest.raises(error, match=words):
                weeks(entry_at(1, "2026-03-02T08:00", 1), **wrong)
            with pytest.raises(error, match=words):
                reports.utilisation(ws, period="2026-03", **wrong)
    assert not sandbox.requests


def test_holidays_may_be_read_once():
    frame = frame_of([entry_at(1, "2026-03-02T08:00", 1)])
    once = iter(["2026-03-03"])
    report = reports.utilisation(frame, period="2026-W10", holidays=once)
    assert report["workdays"].tolist() == [4]
