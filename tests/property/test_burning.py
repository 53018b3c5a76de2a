"""Laws of burn and forecast over random entries, beside loops over rows in plain Python."""

import datetime as dt
import math
from collections import defaultdict
from typing import get_args

import entries_data as data
import joins
import pandas as pd
import pytest
from days import first_day
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from joins_data import conforms

from togglframe import SemanticsWarning, tables
from togglframe.text.periods import Every

HOUR = 3600
MS = dt.timedelta(milliseconds=1)
ALL_PROJECTS = [10, 11, 12, data.LARGE, data.LARGE + 1]

statuses_rows = st.lists(
    st.fixed_dictionaries(
        {
            "id": st.sampled_from(ALL_PROJECTS),
            "tracked_time": st.none() | st.integers(0, 400_000).map(lambda s: dt.timedelta(0, s)),
            "estimated_time": st.sampled_from(
                [None, dt.timedelta(0), dt.timedelta(hours=7), dt.timedelta(hours=90)]
            ),
            "billable_time": st.none(),
            "billable_amount": st.none(),
            "currency": st.none(),
        }
    ),
    unique_by=lambda row: row["id"],
)
few = times(1 / 3)  # what is slow, and simple

ranges = st.tuples(st.sampled_from(data.DAYS), st.sampled_from(data.DAYS)).map(sorted)
everies = st.sampled_from(get_args(Every))


def statuses_of(rows):
    return data.frame_of(rows, tables.PROJECT_STATUSES)


def day_of(row):
    return row["date"].date()


def periods_of(first, last, every):
    days = (first + dt.timedelta(n) for n in range((last - first).days + 1))
    return list(dict.fromkeys(first_day(day, every) for day in days))


def plain(values):
    return [None if pd.isna(value) else value for value in values]


def burnt(rows, statuses, range_, every, *, reaches_today):
    """Return what burn is, row by row: project, period, tracked, cumulative, estimate."""
    first, last = range_
    known = {row["id"]: row for row in statuses}
    found = []
    for project in {row["project_id"] for row in rows} | known.keys():
        own = [row for row in rows if row["project_id"] == project]
        before = sum((r["tracked_time"] for r in own if day_of(r) < first), dt.timedelta())
        status = known.get(project, {})
        if reaches_today and status.get("tracked_time") is not None:
            since = sum((r["tracked_time"] for r in own if day_of(r) >= first), dt.timedelta())
            before = max(status["tracked_time"] - since, dt.timedelta())
        cumulative, has_begun = before, bool(before)
        for period in periods_of(first, last, every):
            here = [
                row
                for row in own
                if first <= day_of(row) <= last and first_day(day_of(row), every) == period
            ]
            has_begun = has_begun or bool(here)
            tracked = sum((row["tracked_time"] for row in here), dt.timedelta())
            cumulative += tracked
            if has_begun:
                estimate = status.get("estimated_time")
                found.append((project, period, tracked, cumulative, estimate))
    return sorted(found, key=lambda row: (row[0] is None, row[0] or 0, row[1]))


@given(data.rows(), statuses_rows, ranges, everies, st.booleans())
def test_burn_is_what_loops_over_the_rows_tell(rows, statuses, range_, every, reaches_today):
    first, last = range_
    frame = joins.burn(
        data.frame_of(rows),
        statuses=statuses_of(statuses),
        start_date=first,
        end_date=last,
        every=every,
        reaches_today=reaches_today,
    )
    conforms(frame, tables.BURN)
    expected = burnt(rows, statuses, range_, every, reaches_today=reaches_today)
    assert plain(frame["project_id"]) == [row[0] for row in expected]
    assert [period.date() for period in frame["period"]] == [row[1] for row in expected]
    assert [time.to_pytimedelta() for time in frame["tracked_time"]] == [r[2] for r in expected]
    assert frame["cumulative_hours"].tolist() == [
        (row[3] // MS) / (1000 * HOUR) for row in expected
    ]
    assert plain(frame["progress"]) == [row[3] / row[4] if row[4] else None for row in expected]


@few
@given(data.rows(), everies, st.randoms())
def test_burn_conserves_time_and_minds_neither_order_nor_index(rows, every, chance):
    entries = data.frame_of(rows)
    frame = joins.burn(entries, data.projects(), every=every)
    assert frame["tracked_time"].sum() == entries["tracked_time"].sum()
    last = frame.groupby("project_id", dropna=False)["cumulative_hours"].last()
    sums = entries.groupby("project_id", dropna=False)["tracked_time"].sum()
    assert last.index.equals(sums.index)
    assert last.tolist() == (sums / pd.Timedelta(hours=1)).tolist()
    before = entries.copy()
    again = joins.burn(entries, data.projects(), every=every)
    pd.testing.assert_frame_equal(again, frame)
    pd.testing.assert_frame_equal(entries, before)
    order = list(range(len(rows)))
    chance.shuffle(order)
    shuffled = entries.iloc[order].set_axis([7] * len(rows))
    pd.testing.assert_frame_equal(joins.burn(shuffled, data.projects(), every=every), frame)


@given(data.rows(), statuses_rows, st.sampled_from(data.DAYS))
def test_a_burn_that_reaches_today_ends_at_the_totals_of_the_statuses(rows, statuses, first):
    last = dt.date(2027, 1, 1)
    frame = joins.burn(
        data.frame_of(rows),
        statuses=statuses_of(statuses),
        start_date=first,
        end_date=last,
        every="month",
        reaches_today=True,
    )
    ends = frame.groupby("project_id")["cumulative_hours"].last()
    for row in statuses:
        since = sum(
            (
                r["tracked_time"]
                for r in rows
                if r["project_id"] == row["id"] and day_of(r) >= first
            ),
            dt.timedelta(),
        )
        if row["tracked_time"] and row["tracked_time"] >= since:
            assert ends[row["id"]] == row["tracked_time"] // MS / (1000 * HOUR)


@given(data.rows(), statuses_rows, ranges)
def test_sums_of_what_came_after_the_range_do_for_its_entries(rows, statuses, range_):
    first, last = range_
    told = {"start_date": first, "end_date": last, "every": "month", "reaches_today": True}
    listed = statuses_of(statuses)
    whole = joins.burn(data.frame_of(rows), statuses=listed, **told)
    here, later = (
        data.frame_of([row for row in rows if is_later == (day_of(row) > last)])
        for is_later in (False, True)
    )
    sums = later.groupby(["project_id", "user_id"], dropna=False)["tracked_time"].sum()
    later = sums.reset_index().assign(billable_time=pd.NaT)
    burn = joins.burn(here, statuses=listed, project_user_hours=later, **told)
    names = ["project", "client"]  # the latest entry tells them
    pd.testing.assert_frame_equal(burn.drop(columns=names), whole.drop(columns=names))


@given(data.rows(), everies, st.sampled_from([[1], [1, data.LARGE], []]))
def test_burn_of_some_users_is_the_burn_of_their_entries(rows, every, user_ids):
    range_ = {"start_date": data.DAYS[0], "end_date": data.DAYS[-2], "every": every}
    frame = joins.burn(data.frame_of(rows), users=user_ids, **range_)
    theirs = [
        r for r in rows if r["user_id"] in user_ids and data.DAYS[0] <= day_of(r) <= data.DAYS[-2]
    ]
    expected = joins.burn(data.frame_of(theirs), **range_)
    pd.testing.assert_frame_equal(frame, expected)


# --- forecast -----------------------------------------------------------------------------------


@st.composite
def forecasts(draw):
    """Draw entries of some weeks around a day, statuses, and that day."""
    as_of = draw(st.sampled_from(data.DAYS))
    rows = draw(data.rows(max_size=14))
    for row in rows:
        row["date"] = dt.datetime.combine(as_of, dt.time()) + dt.timedelta(
            draw(st.integers(-75, 6)), 0
        )
        row["project_id"] = draw(st.sampled_from([10, 10, None, data.LARGE, data.LARGE + 1]))
    return rows, draw(statuses_rows), as_of


def foretold(rows, statuses, as_of, weeks):
    """Return the columns that no chance is in: of each active project a dict."""
    monday = as_of - dt.timedelta(as_of.weekday())
    first = monday - dt.timedelta(7 * weeks)
    known = {row["id"]: row for row in statuses}
    found = {}
    for project in sorted(set(data.OWNERS) - {11}):
        own = [row for row in rows if row["project_id"] == project]
        status = known.get(project, {"tracked_time": None, "estimated_time": None})
        total, estimate = status["tracked_time"], status["estimated_time"]
        has_begun = any(day_of(row) < first for row in own)
        tracked = None
        if total is not None:
            since = sum((r["tracked_time"] for r in own if day_of(r) >= first), dt.timedelta())
            after = sum((r["tracked_time"] for r in own if day_of(r) > as_of), dt.timedelta())
            has_begun = has_begun or total > since
            tracked = max(total - after, dt.timedelta())
        by_week = defaultdict(dt.timedelta)
        begun = weeks
        for row in own:
            if first <= day_of(row) <= as_of:
                week = (day_of(row) - first).days // 7
                by_week[week] += row["tracked_time"]
                begun = min(begun, week)
        begun = 0 if has_begun else begun
        worked = [by_week[week] // MS for week in range(begun, weeks)]
        left = None
        if tracked is not None and estimate:
            left = (estimate - tracked) // MS / (1000 * HOUR)
        burn = sum(worked) / (1000 * HOUR * len(worked)) if worked else None
        found[project] = (worked, tracked, left, burn)
    return found


@pytest.mark.filterwarnings("ignore:the deadline of")
@given(
    forecasts(),
    st.sampled_from([1, 4, 8]),
    st.none() | st.dictionaries(st.sampled_from([*data.OWNERS]), st.integers(-7, 400)),
)
def test_forecast_is_what_loops_over_the_rows_tell(drawn, weeks, days):
    rows, statuses, as_of = drawn
    ends = days and {project: as_of + dt.timedelta(one) for project, one in days.items()}
    today = as_of + dt.timedelta(7)
    with pytest.warns(SemanticsWarning, match="the earlier estimates are not known"):
        frame = joins.forecast(
            data.frame_of(rows),
            data.projects(),
            statuses_of(statuses),
            as_of=as_of,
            today=today,
            weeks=weeks,
            deadlines=ends,
        )
    needed = [] if days is None else ["hours_per_week_needed"]
    conforms(frame, tables.FORECAST.choose(needed))
    expected = foretold(rows, statuses, as_of, weeks)
    assert frame["project_id"].tolist() == list(expected)
    for row, (worked, tracked, left, burn) in zip(
        frame.to_dict("records"), expected.values(), strict=True
    ):
        told = {name: None if pd.isna(value) else value for name, value in row.items()}
        hours = None if tracked is None else tracked // MS / (1000 * HOUR)
        assert told["tracked_hours"] == hours
        assert told["remaining_hours"] == left
        assert told["burn_per_week"] == burn
        assert told["n_weeks"] == len(worked)
        until = (days or {}).get(row["project_id"])
        is_due = until is not None and until > 0 and left is not None and left > 0
        pace = pytest.approx(left / (until / 7)) if is_due else None
        assert told.get("hours_per_week_needed") == pace
        _check_weeks_left(told, left, burn, as_of)


def _check_weeks_left(told, left, burn, as_of):
    weeks = [told[f"weeks_left{end}"] for end in ("_low", "", "_high")]
    days = [told[f"finish{end}"] for end in ("_low", "", "_high")]
    if left is not None and left <= 0:
        assert weeks == [0, 0, 0]
        assert all((day is None) == (left < 0) for day in days)
        return
    if left is None or not burn:
        assert weeks == days == [None] * 3
        return
    if told["n_weeks"] < 4:
        assert weeks[0] is weeks[2] is None
        assert weeks[1] is None or math.isclose(weeks[1], left / burn)
    known = [each for each in weeks if each is not None]
    assert known == sorted(known)
    for each, day in zip(weeks, days, strict=True):
        assert (each is None) == (day is None)
        if each is not None:
            assert 0 < each <= 260
            taken = (day.date() - as_of).days
            assert taken - 1 < each * 7 + 1e-6
            assert each * 7 <= taken + 1e-6


@few
@given(
    forecasts(), st.integers(0, 3), st.sampled_from([10, data.LARGE, data.LARGE + 1]), st.randoms()
)
def test_neither_order_nor_other_projects_change_a_forecast(drawn, seed, project, chance):
    rows, statuses, as_of = drawn
    told = {"as_of": as_of, "today": as_of, "seed": seed}
    listed = statuses_of(statuses)
    whole = joins.forecast(data.frame_of(rows), data.projects(), listed, **told)
    own = data.frame_of([row for row in rows if row["project_id"] == project])
    alone = joins.forecast(own, data.projects(), listed, projects=[project], **told)
    of_whole = whole[whole["project_id"] == project].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, of_whole)
    chance.shuffle(rows)
    shuffled = data.frame_of(rows)
    again = joins.forecast(shuffled, data.projects(), statuses_of(statuses[::-1]), **told)
    pd.testing.assert_frame_equal(again, whole)
