"""What the answers about time become: rows whose sums are those of the API, or an error."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from canned import workspace
from hypothesis import given
from hypothesis import strategies as st

import togglframe as tf
from togglframe import CompletenessWarning, SemanticsWarning
from togglframe.api.parsers import Query, entries, totals
from togglframe.errors import SchemaError

WEEK = {"start_date": "2026-03-02", "end_date": "2026-03-08"}
MILLISECONDS = "timedelta64[ms]"


def entry(number=1, **more):
    start, stop = "2026-03-02T23:30:00-07:00", "2026-03-03T00:30:00-07:00"
    at = "2026-03-03T08:00:00+00:00"
    return {"id": number, "seconds": 3600, "start": start, "stop": stop, "at": at, **more}


def row(*held, **more):
    return {
        "user_id": 5,
        "username": "Ada",
        "project_id": None,
        "task_id": None,
        "billable": True,
        "description": "",
        "tag_ids": None,
        "billable_amount_in_cents": 10_001,
        "hourly_rate_in_cents": 10_000,
        "currency": "EUR",
        "row_number": 1,
        "time_entries": list(held) or [entry()],
        **more,
    }


def ask(function, answer, headers=None, **arguments):
    with workspace((answer, headers or {})) as (ws, _):
        return function(ws, **{**WEEK, **arguments})


def test_an_entry_has_the_day_and_the_offset_of_where_it_was_tracked():
    frame = ask(tf.search.time_entries, [row()])
    (told,) = frame.to_dict("records")
    assert told["date"] == pd.Timestamp(2026, 3, 2)
    assert told["utc_offset"] == pd.Timedelta(hours=-7)
    assert told["start"] == pd.Timestamp("2026-03-03T06:30Z")
    assert (told["start"] + told["utc_offset"]).strftime("%H:%M") == "23:30"
    assert told["tracked_time"] == pd.Timedelta(hours=1)
    assert (told["amount"], told["hourly_rate"], told["currency"]) == (100.01, 100.0, "EUR")
    assert (told["tags"], told["tag_ids"]) == ([], [])
    assert pd.isna(told["description"])
    assert list(frame) == tf.tables.TIME_ENTRIES.names


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        ("2026-03-02T10:00:00Z", 0),
        ("2026-03-02T10:00:00.123456+05:45", 5.75),
        ("2026-03-02T10:00:00+14:00", 14),
        ("2026-03-02t10:00:00-12:00", -12),
    ],
)
def test_offsets_of_every_zone(start, hours):
    frame = ask(tf.search.time_entries, [row(entry(start=start))])
    assert frame["utc_offset"].dtype == MILLISECONDS
    assert frame["utc_offset"].tolist() == [pd.Timedelta(hours=hours)]


def test_entries_come_by_start_and_then_id():
    starts = {7: "2026-03-02T12:00:00+02:00", 9: "2026-03-02T09:00:00Z", 4: "2026-03-02T10:00:00Z"}
    rows = [row(entry(id_, start=s), row_number=n) for n, (id_, s) in enumerate(starts.items(), 1)]
    assert ask(tf.search.time_entries, rows)["id"].tolist() == [9, 4, 7]


@given(st.integers(0, 10**12), st.lists(st.integers(0, 10**6), min_size=2, max_size=9))
def test_the_money_of_a_row_is_shared_to_the_cent(cents, seconds):
    held = [entry(number + 1, seconds=of_one) for number, of_one in enumerate(seconds)]
    given = row(*held, billable_amount_in_cents=cents)
    flat = entries([given], Query("path", WEEK, print))
    shares = [one["billable_amount_in_cents"] for one in flat]
    assert sum(shares) == cents
    assert min(shares) >= 0
    if sum(seconds):
        exact = [cents * of_one / sum(seconds) for of_one in seconds]
        assert np.allclose(shares, exact, rtol=1e-9, atol=1)


def test_unknown_money_of_a_row_is_unknown_in_each_of_its_entries():
    frame = ask(tf.search.time_entries, [row(entry(1), entry(2), billable_amount_in_cents=None)])
    assert frame["amount"].isna().all()
    assert len(frame) == 2


@pytest.mark.parametrize("held", [None, [], [5], {}, "x", [[]]])
def test_a_row_without_entries_is_refused(held):
    with pytest.raises(SchemaError, match="an array of time entries"):
        ask(tf.search.time_entries, [row(time_entries=held)])


def test_money_of_a_row_is_not_doubled_where_seconds_are_unknown():
    frame = ask(tf.search.time_entries, [row(entry(1), entry(2, seconds=None))])
    assert frame["amount"].tolist() == [100.01, 0.0]


def test_a_row_keeps_what_an_entry_says_nothing_of():
    frame = ask(tf.search.time_entries, [row(entry(1, user_id=None, description=None))])
    assert frame["user_id"].tolist() == [5]


@pytest.mark.parametrize(
    ("numbers", "headers", "reason"),
    [
        ([1, 2, 31], {}, "not numbered one by one"),
        ([3, 4], {}, "begins with row 3"),
        ([1, 2], {"X-Next-Row-Number": "1001"}, "the next begins with 1001"),
        ([1, 2], {"X-Next-Row-Number": "3.0"}, "is not a row number"),
        ([1, 2], {"X-Next-Row-Number": "3, 3"}, "is not a row number"),
        ([1, 2], {"X-Next-Row-Number": "9" * 5000}, "is not a row number"),
        ([1, 2], {"X-Next-ID": "77"}, "is not a row number"),
    ],
)
def test_rows_that_their_numbers_say_are_missing_are_warned_of(numbers, headers, reason):
    rows = [row(entry(number), row_number=number) for number in numbers]
    pages = [(rows, headers), ([row(entry(2001), row_number=1001)], {})]
    with workspace(*pages) as (ws, _), pytest.warns(CompletenessWarning, match=reason):
        tf.search.time_entries(ws, **WEEK)


def test_a_page_without_a_new_row_ends_a_listing_that_goes_on_for_ever():
    def page(number):
        return [row(entry(1), row_number=number)], {"X-Next-Row-Number": str(number + 1)}

    said = pytest.warns(CompletenessWarning, match="came on two pages")
    with workspace(*map(page, range(1, 9))) as (ws, server), said:
        frame = tf.search.time_entries(ws, **WEEK)
    assert (len(frame), len(server.bodies)) == (1, 2)


def test_an_announced_page_that_stays_empty_is_warned_of():
    pages = [([row()], {"X-Next-Row-Number": "2"}), ([], {}), ([], {})]
    with workspace(*pages) as (ws, _), pytest.warns(CompletenessWarning, match="row 2 is empty"):
        tf.search.time_entries(ws, **WEEK)


def test_entries_of_other_days_are_warned_of():
    with pytest.warns(SemanticsWarning, match="1 row outside the days"):
        ask(tf.search.time_entries, [row(entry(start="2019-03-02T10:00:00Z"))])


def total(*points, **more):
    graph = [
        {"seconds": s, "by_rate": b, "billable_amount_in_cents": 5, "labour_cost_in_cents": None}
        for s, b in points
    ]
    seconds = sum(point["seconds"] for point in graph)
    return {"seconds": seconds, "resolution": "day", "graph": graph, **more}


def test_the_periods_of_a_graph_are_counted_from_the_first_day():
    frame = ask(tf.search.time_entry_totals, total(*[(60, {"0": 30, "9500": 10})] * 7))
    assert frame["date"].tolist() == list(pd.date_range("2026-03-02", periods=7))
    assert frame["billable_time"].tolist() == [pd.Timedelta(seconds=40)] * 7
    assert frame["amount"].tolist() == [0.05] * 7
    assert frame["labour_cost"].isna().all()


@pytest.mark.parametrize(
    ("resolution", "days", "starts"),
    [
        ("week", ("2026-03-04", "2026-03-17"), ["2026-03-04", "2026-03-11"]),
        ("week", ("2026-03-04", "2026-03-17"), ["2026-03-04", "2026-03-09", "2026-03-16"]),
        ("week", ("2026-03-07", "2026-03-15"), ["2026-03-07", "2026-03-14"]),
        ("month", ("2025-12-30", "2026-02-01"), ["2025-12-30", "2026-01-01", "2026-02-01"]),
        ("month", ("2025-12-30", "2026-02-01"), ["2025-12-30", "2026-01-30"]),
        ("month", ("2026-01-31", "2026-03-31"), ["2026-01-31", "2026-02-28", "2026-03-31"]),
    ],
)
def test_weeks_and_months_begin_where_their_number_says(resolution, days, starts):
    answer = total(*[(60, {})] * len(starts), resolution=resolution)
    body = {"start_date": days[0], "end_date": days[1], "granularity": resolution}
    assert [one["date"] for one in totals(answer, Query("path", body, print))] == starts


def test_a_month_that_the_range_cuts_is_asked_for_alone():
    pages = [
        (total((60, {}), resolution="month"), {}),
        (total(*[(60, {})] * 2, resolution="month"), {}),
    ]
    days = {"start_date": "2025-12-30", "end_date": "2026-02-01"}
    with workspace(*pages) as (ws, server):
        frame = tf.search.time_entry_totals(ws, **days, granularity="month")
    assert [body["start_date"] for body in server.bodies] == ["2025-12-30", "2026-01-01"]
    assert frame["date"].dt.strftime("%Y-%m-%d").tolist() == [
        "2025-12-30",
        "2026-01-01",
        "2026-02-01",
    ]


@pytest.mark.parametrize(
    "answer",
    [
        total((60, {})),
        total(*[(60, {})] * 8),
        total(*[(60, {})] * 7, resolution="year"),
        total((60, {}), resolution="month"),
        {"seconds": None, "graph": []},
        {"seconds": 60, "graph": None},
        {"seconds": 60},
        total(*[(60, {"0": "x"})] * 7),
        total(*[(60, [])] * 7),
    ],
)
def test_a_graph_that_nobody_can_date_is_refused(answer):
    with pytest.raises(SchemaError, match="search/time_entries/totals"):
        ask(tf.search.time_entry_totals, answer)


def test_no_time_at_all_is_no_time_on_each_day():
    frame = ask(tf.search.time_entry_totals, {"seconds": 0, "graph": None, "resolution": "day"})
    assert len(frame) == 7
    assert frame["tracked_time"].sum() == pd.Timedelta(0)
    assert frame["amount"].isna().all()


def test_periods_that_do_not_add_up_to_the_total_are_warned_of():
    with pytest.warns(CompletenessWarning, match="sum to 420 s, but their total is 480 s"):
        ask(tf.search.time_entry_totals, total(*[(60, {})] * 7, seconds=480))


def test_a_narrower_range_is_dated_by_itself_and_warned_of():
    headers = {"X-Range-Start": "2026-03-04", "X-Range-End": "2026-03-08"}
    with pytest.warns(CompletenessWarning, match="the answer covers 2026-03-04 to 2026-03-08"):
        frame = ask(tf.search.time_entry_totals, total(*[(60, {})] * 5), headers)
    assert frame["date"].min() == pd.Timestamp(2026, 3, 4)


@given(
    st.dates(dt.date(2020, 1, 1), dt.date(2027, 1, 1)),
    st.integers(0, 364),
    st.sampled_from(["day", "week", "month"]),
)
def test_periods_begin_in_the_range_and_ascend(start, days, resolution):
    end = start + dt.timedelta(days)
    body = {"start_date": start.isoformat(), "end_date": end.isoformat(), "granularity": resolution}
    rows = totals({"seconds": 0, "resolution": resolution}, Query("path", body, print))
    dates = [one["date"] for one in rows]
    assert dates[0] == start.isoformat()
    assert dates == sorted(set(dates))
    assert dates[-1] <= end.isoformat()


def groups(*subs, number=7, **more):
    return {"groups": [{"id": number, "sub_groups": list(subs), **more}]}


def sub(number=5, seconds=3600, **more):
    return {"id": number, "seconds": seconds, "ForExport": None, **more}


def rate(seconds, cents, currency="EUR"):
    return {"billable_seconds": seconds, "hourly_rate_in_cents": cents, "currency": currency}


def test_a_summary_tells_amounts_where_the_api_tells_rates():
    answer = groups(sub(rates=[rate(1800, 9_999)]), sub(6, title="Draft"), sub(None, 0))
    frame = ask(tf.api.summary.time_entries, answer)
    assert frame["sub_group_id"].tolist() == [5, 6, pd.NA]
    assert frame["amount"].tolist() == [50.0, pd.NA, pd.NA]
    assert frame["hourly_rate"].tolist() == [99.99, pd.NA, pd.NA]
    assert list(frame) == tf.tables.SUMMARY_TIME_ENTRIES.names


def test_several_rates_are_several_rows_only_where_they_are_told_apart():
    answer = groups(sub(rates=[rate(600, 6_000), rate(1200, 9_000)]))
    together = ask(tf.api.summary.time_entries, answer)
    assert together["hourly_rate"].tolist() == [pd.NA]
    assert together["amount"].tolist() == [40.0]
    apart = ask(tf.api.summary.time_entries, answer, distinguish_rates=True)
    assert apart["hourly_rate"].tolist() == [60.0, 90.0, pd.NA]
    assert apart["tracked_time"].sum() == together["tracked_time"].sum()
    assert apart["billable_time"].sum() == together["billable_time"].sum()


def test_amounts_in_two_currencies_are_not_added_up():
    frame = ask(tf.api.summary.time_entries, groups(sub(rates=[rate(60, 1), rate(60, 1, "USD")])))
    assert frame[["amount", "currency", "hourly_rate"]].isna().all(axis=None)


@pytest.mark.parametrize("answer", [{"groups": None}, {"groups": []}, groups(), {}, None])
def test_a_summary_of_nothing(answer):
    pd.testing.assert_frame_equal(
        ask(tf.api.summary.time_entries, answer), tf.tables.SUMMARY_TIME_ENTRIES.empty()
    )


def test_windows_of_a_summary_are_one_row_for_each_key():
    pages = [
        (groups(sub(rates=[rate(600, 6_000)], ids=[1, 2])), {}),
        (groups(sub(rates=[rate(600, 6_000)], ids=[3]), sub(None, 60)), {}),
    ]
    with workspace(*pages) as (ws, _):
        frame = tf.api.summary.time_entries(ws, start_date="2025-01-01", end_date="2026-03-01")
    assert frame["tracked_time"].tolist() == [pd.Timedelta(hours=2), pd.Timedelta(minutes=1)]
    assert frame["amount"].tolist() == [20.0, pd.NA]
    assert frame["time_entry_ids"].iloc[0] == [1, 2, 3]
    assert frame.attrs["togglframe"]["table"] == "summary_time_entries"
    assert [str(dtype) for dtype in frame.dtypes] == [
        str(column.dtype) for column in tf.tables.SUMMARY_TIME_ENTRIES
    ]


def test_a_summary_of_several_windows_keeps_its_grain():
    days = {"start_date": "2025-01-01", "end_date": "2026-03-01"}
    pages = [
        (groups(sub(rates=[rate(600, 6_000)])), {}),
        (groups(sub(rates=[rate(1200, 9_000)])), {}),
    ]
    with workspace(*pages) as (ws, _):
        together = tf.api.summary.time_entries(ws, **days)
    assert together["hourly_rate"].tolist() == [pd.NA]
    assert together["amount"].tolist() == [40.0]
    with workspace(*pages) as (ws, _):
        apart = tf.api.summary.time_entries(ws, **days, distinguish_rates=True)
    assert apart["hourly_rate"].tolist() == [60.0, 90.0]


@pytest.mark.parametrize("other", [rate(600, 6_000, "USD"), {"billable_seconds": 600}])
def test_an_amount_with_an_unknown_or_foreign_part_is_unknown(other):
    days = {"start_date": "2025-01-01", "end_date": "2026-03-01"}
    pages = [(groups(sub(rates=[rate(600, 6_000)])), {}), (groups(sub(rates=[other])), {})]
    with workspace(*pages) as (ws, _):
        frame = tf.api.summary.time_entries(ws, **days)
    assert frame["amount"].tolist() == [pd.NA]
    assert frame["billable_time"].tolist() == [pd.Timedelta(minutes=20)]


def test_a_group_with_time_and_no_sub_groups_is_refused():
    with pytest.raises(SchemaError, match="sub-groups"):
        ask(tf.api.summary.time_entries, {"groups": [{"id": 5, "seconds": 60, "sub_groups": None}]})


def week(**more):
    return {"user_id": 5, "user_name": "Ada", "seconds": [3600, 0, None, 0, 0, 0, 60], **more}


def test_a_week_has_a_row_for_each_day_with_time_in_it():
    billable = [60, 0, None, 0, 0, 0, 60]
    answer = [week(billable_seconds=billable, billable_amounts_in_cents=[], project_id=None)]
    frame = ask(tf.api.weekly.time_entries, answer)
    assert frame["date"].dt.day.tolist() == [2, 8]
    assert frame["billable_time"].tolist() == [pd.Timedelta(minutes=1)] * 2
    assert frame["amount"].isna().all()


def test_days_after_the_range_are_left_out():
    with workspace(([week()], {})) as (ws, server):
        frame = tf.api.weekly.time_entries(ws, start_date="2026-03-02", end_date="2026-03-04")
    assert server.bodies[0]["end_date"] == "2026-03-08"
    assert frame["date"].dt.day.tolist() == [2]


@pytest.mark.parametrize("seconds", [None, [], [1] * 6, [1] * 8, 5, [None] * 7])
def test_a_week_that_has_not_seven_days_is_refused(seconds):
    with pytest.raises(SchemaError, match="seven"):
        ask(tf.api.weekly.time_entries, [week(seconds=seconds)])


def test_billed_seconds_are_billable_seconds():
    rows = [{"user_id": 5, "project_id": None, "tracked_seconds": 60, "billed_seconds": 30}]
    frame = ask(tf.api.projects.summary, rows)
    assert frame["billable_time"].tolist() == [pd.Timedelta(seconds=30)]
    assert list(frame) == tf.tables.PROJECT_USER_HOURS.names


def test_trends_have_a_row_for_each_entity_of_a_period():
    points = [{"date": "2026-03-02", "users": [{"user_id": 5, "name": "Ada", "earnings": 7}]}]
    answer = {"currency": "EUR", "graph": {"resolution": "day", "data": points}}
    frame = ask(tf.api.data_trends.users, answer, currency="EUR")
    assert frame["user"].tolist() == ["Ada"]
    assert frame["earnings"].tolist() == [7.0]
    assert frame["currency"].tolist() == ["EUR"]


def test_two_periods_stand_beside_each_other():
    told = {"project_id": 5, "user_ids": [1], "start": "2026-03-02", "end": "2026-03-08"}
    told |= {"current_period_seconds": [60, 120], "previous_period_seconds": [30]}
    frame = ask(tf.api.insights.project_trends, [told], previous_period_start="2026-02-23")
    assert frame["position"].tolist() == [0, 1]
    assert frame["current_time"].tolist() == [pd.Timedelta(minutes=1), pd.Timedelta(minutes=2)]
    assert frame["previous_time"].isna().tolist() == [False, True]
