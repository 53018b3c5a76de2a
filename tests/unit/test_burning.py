"""What burn and forecast decide: where they count from, what they leave unknown, and when."""

import datetime as dt

import joins
import pandas as pd
import pytest
from days import TODAY

from togglframe import ConfigError, SemanticsWarning, reports
from togglframe.reports.forecasting import HORIZON
from togglframe.tables import (
    CLIENTS,
    PROJECT_STATUSES,
    PROJECT_USER_HOURS,
    PROJECTS,
    TIME_ENTRIES,
    Kind,
)

MONDAY = dt.date(2026, 6, 1)
FRIDAY = dt.date(2026, 6, 26)  # of the fourth week
JUNE = {"start_date": "2026-06-01", "end_date": "2026-06-28"}


def frame(table, rows):
    columns = {}
    for column in table:
        values = [row.get(column.name) for row in rows]
        if column.kind is Kind.TIMESTAMP:
            columns[column.name] = pd.Series(pd.to_datetime(values, utc=True)).dt.as_unit("us")
        else:
            columns[column.name] = pd.Series(values, dtype=column.dtype)
    return pd.DataFrame(columns)


def entries(*worked, project=1, user=1, name="Site"):
    """Make time entries of pairs: days after the first Monday, and hours."""
    rows = [
        {
            "id": 1000 * user + number,
            "user_id": user,
            "project_id": project,
            "project": name,
            "client": None if project is None else "Acme",
            "start": dt.datetime.combine(MONDAY + dt.timedelta(days), dt.time(9), dt.UTC),
            "date": MONDAY + dt.timedelta(days),
            "tracked_time": dt.timedelta(hours=hours),
        }
        for number, (days, hours) in enumerate(worked)
    ]
    return frame(TIME_ENTRIES, rows)


def statuses(tracked, estimate, project=1):
    times = {"tracked_time": tracked, "estimated_time": estimate}
    row = {name: None if h is None else dt.timedelta(hours=h) for name, h in times.items()}
    return frame(PROJECT_STATUSES, [{"id": project, **row}])


def projects(active=True, name="Relaunch", client_id=7):
    return frame(PROJECTS, [{"id": 1, "name": name, "active": active, "client_id": client_id}])


def hours(burn):
    return burn["tracked_hours"].tolist(), burn["cumulative_hours"].tolist()


# --- burn: where it begins, and where it is anchored --------------------------------------------


def test_a_project_has_every_period_from_its_first_entry_to_the_end_of_the_range():
    burn = joins.burn(entries((8, 2), (22, 3)), **JUNE)
    assert burn["period"].dt.strftime("%m-%d").tolist() == ["06-08", "06-15", "06-22"]
    assert hours(burn) == ([2, 0, 3], [2, 2, 5])
    assert burn["progress"].isna().all()


def test_periods_are_days_and_months_too_and_are_named_by_their_first_day():
    worked = entries((1, 2), (40, 3))
    days = joins.burn(worked, start_date="2026-06-02", end_date="2026-06-04", every="day")
    assert days["period"].dt.day.tolist() == [2, 3, 4]
    months = joins.burn(worked, start_date="2026-06-02", end_date="2026-08-01", every="month")
    assert months["period"].dt.strftime("%m-%d").tolist() == ["06-01", "07-01", "08-01"]
    assert hours(months) == ([2, 3, 0], [2, 5, 5])


def test_what_was_tracked_before_the_range_is_in_the_first_cumulative():
    worked = entries((-30, 4), (8, 2), (60, 9))
    burn = joins.burn(worked, statuses=statuses(15, 20), **JUNE)
    assert hours(burn) == ([0, 2, 0, 0], [4, 6, 6, 6])
    assert burn["progress"].tolist() == [0.2, 0.3, 0.3, 0.3]


def test_where_the_entries_reach_today_the_status_tells_what_was_before():
    worked = entries((8, 2), (60, 9))  # nothing from before the range, and what came after it
    burn = joins.burn(worked, statuses=statuses(15, 20), reaches_today=True, **JUNE)
    assert hours(burn) == ([0, 2, 0, 0], [4, 6, 6, 6])


def test_sums_of_what_came_since_do_for_its_entries():
    since = {"user_id": 1, "tracked_time": dt.timedelta(hours=5)}
    rows = [{"project_id": 1, **since}, {"project_id": 1, **since, "user_id": 2}]
    later = frame(PROJECT_USER_HOURS, [*rows, {"project_id": None, **since}])
    burn = joins.burn(
        entries((8, 2)), None, statuses(16, 20), None, later, reaches_today=True, **JUNE
    )
    assert hours(burn) == ([0, 2, 0, 0], [4, 6, 6, 6])


def test_a_store_is_asked_for_the_entries_until_today(at):
    asked = []

    class Store:
        def load(self, name, selection=None):
            asked.append((name, str(selection)))
            kept = {"time_entries": entries((8, 2), (60, 9)), "statuses": statuses(15, 20)}
            return kept.get(name)

    at("2026-11-25T12:00")
    burn = reports.burn(Store(), **JUNE)
    assert hours(burn) == ([0, 2, 0, 0], [4, 6, 6, 6])
    assert ("time_entries", "2026-06-01 to 2026-11-26") in asked
    assert "project_user_hours" not in dict(asked)


def test_a_project_without_an_entry_in_the_range_stays_where_it_was():
    none = entries((0, 1)).head(0)
    burn = joins.burn(none, statuses=statuses(15, 20), reaches_today=True, **JUNE)
    assert hours(burn) == ([0] * 4, [15] * 4)
    assert joins.burn(none, statuses=statuses(0, 20), reaches_today=True, **JUNE).empty
    assert joins.burn(none, statuses=statuses(15, 20)).empty  # there is no range


def test_entries_count_where_they_are_more_than_the_status():
    burn = joins.burn(entries((8, 2)), statuses=statuses(1, 4), reaches_today=True, **JUNE)
    assert hours(burn) == ([2, 0, 0], [2, 2, 2])


def test_entries_without_a_project_are_a_row_of_their_own_and_the_last():
    both = pd.concat([entries((0, 1), project=None, name=None, user=2), entries((1, 2))])
    burn = joins.burn(both, every="month")
    assert burn["project_id"].isna().tolist() == [False, True]
    assert hours(burn) == ([2, 1], [2, 1])
    only = joins.burn(both, every="month", projects=[None])
    assert hours(only) == ([1], [1])
    without = entries((-9, 5), (0, 1), project=None)  # no status tells what was before
    assert hours(joins.burn(without, **JUNE)) == ([1, 0, 0, 0], [6, 6, 6, 6])


def test_the_estimate_is_of_all_users_and_some_of_them_make_no_progress():
    both = pd.concat([entries((-9, 5), (0, 1)), entries((0, 7), user=2)])
    burn = joins.burn(both, statuses=statuses(40, 80), reaches_today=True, users=[1], **JUNE)
    assert hours(burn) == ([1, 0, 0, 0], [1, 1, 1, 1])
    assert burn["estimated_hours"].tolist() == [80] * 4
    assert burn["progress"].isna().all()


def test_names_are_those_of_the_listings_and_else_those_of_the_entries():
    def names(*listings):
        (told,) = joins.burn(entries((0, 1)), *listings).to_dict("records")
        return told["project"], told["client"]

    clients = frame(CLIENTS, [{"id": 7, "name": "Acme Ltd"}])
    assert names() == ("Site", "Acme")
    assert names(projects()) == ("Relaunch", "Acme")
    assert names(projects(name=None), None, clients) == ("Site", "Acme Ltd")
    project, client = names(projects(client_id=None), None, clients)
    assert (project, pd.isna(client)) == ("Relaunch", True)


@pytest.mark.parametrize("every", [None, "decade", 7, ["week"]])
def test_burn_goes_by_periods(every):
    with pytest.raises(ConfigError, match='"quarter" or "year"'):
        joins.burn(entries((0, 1)), every=every)


# --- forecast -----------------------------------------------------------------------------------


def forecast(worked, *, tracked=None, estimate=100, as_of=FRIDAY, **others):
    """Forecast one project, whose status is the sum of its entries unless told otherwise."""
    total = worked["tracked_time"].sum() / pd.Timedelta(hours=1) if tracked is None else tracked
    told = {"today": as_of, **others}
    frame = joins.forecast(worked, projects(), statuses(total, estimate), as_of=as_of, **told)
    return frame.iloc[0]


def weeks_left(row):
    return [row[f"weeks_left{end}"] for end in ("_low", "", "_high")]


def finish(row):
    days = (row[f"finish{end}"] for end in ("_low", "", "_high"))
    return [None if pd.isna(day) else str(day.date()) for day in days]


STEADY = [(7 * week, 10) for week in range(-5, 4)]  # nine weeks, the last one not yet over


def test_a_steady_pace_leaves_no_doubt():
    row = forecast(entries(*STEADY), estimate=115)
    assert (row["n_weeks"], row["burn_per_week"]) == (8, 10)
    assert (row["tracked_hours"], row["remaining_hours"]) == (90, 25)
    assert weeks_left(row) == [2.5, 2.5, 2.5]
    assert finish(row) == ["2026-07-14"] * 3  # 17.5 days, rounded up
    assert row["budget_state"] == "on_track"


def test_an_interval_holds_the_pace_of_the_weeks_and_grows_with_the_confidence():
    uneven = entries(*((7 * week, 2 + 16 * (week % 2)) for week in range(-5, 3)))
    narrow, wide = (forecast(uneven, estimate=300, confidence=c) for c in (0.5, 0.95))
    for row in (narrow, wide):
        low, median, high = weeks_left(row)
        assert low < median < high
        assert low >= 220 / 18
        assert high <= 220 / 2
    assert wide["weeks_left_low"] < narrow["weeks_left_low"]
    assert wide["weeks_left_high"] > narrow["weeks_left_high"]


def test_the_same_seed_gives_the_same_numbers_and_another_one_others():
    uneven = entries(*((7 * week, 5 + week % 3) for week in range(-5, 3)))
    first, again, other = (forecast(uneven, seed=seed, estimate=900) for seed in (3, 3, 4))
    assert weeks_left(first) == weeks_left(again) != weeks_left(other)


def test_weeks_count_from_that_of_the_first_entry_and_idle_ones_as_zero():
    row = forecast(entries((-12, 6), (-1, 0), (10, 4)))  # idle in the weeks of May 25 and June 1
    assert (row["n_weeks"], row["burn_per_week"]) == (5, 2)
    earlier = forecast(entries((-12, 6), (10, 4)), tracked=11)  # an hour before the eight weeks
    assert (earlier["n_weeks"], earlier["burn_per_week"]) == (8, 1.25)
    recent = forecast(entries((23, 6)))
    assert recent["n_weeks"] == 0
    assert pd.isna(recent["burn_per_week"])


def test_fewer_than_four_weeks_make_a_rate_and_no_interval():
    row = forecast(entries((0, 10), (7, 12), (14, 8)), estimate=60)
    assert (row["n_weeks"], row["burn_per_week"]) == (3, 10)
    low, median, high = weeks_left(row)
    assert median == 3
    assert pd.isna(low)
    assert pd.isna(high)
    assert finish(row) == [None, "2026-07-17", None]


@pytest.mark.parametrize(
    ("worked", "told", "state"),
    [
        ([(0, 10)], {"estimate": None}, "no_estimate"),
        ([(0, 10)], {"estimate": 0}, "zero_estimate"),
        ([(-400, 10)], {}, "on_track"),
        ([], {"tracked": 0}, "not_started"),
    ],
    ids=["no estimate", "an estimate of zero", "no burn", "not started"],
)
def test_without_an_estimate_or_a_burn_nothing_is_foretold(worked, told, state):
    row = forecast(entries(*worked), **told)
    assert row["budget_state"] == state
    assert all(pd.isna(weeks) for weeks in weeks_left(row))
    assert finish(row) == [None] * 3


def test_what_is_over_has_no_weeks_left_and_no_finish():
    row = forecast(entries(*STEADY), estimate=40)
    assert row["remaining_hours"] == -50
    assert weeks_left(row) == [0, 0, 0]
    assert finish(row) == [None] * 3
    row = forecast(entries(*STEADY), estimate=90)
    assert weeks_left(row) == [0, 0, 0]
    assert finish(row) == [str(FRIDAY)] * 3


def test_what_takes_longer_than_the_horizon_is_not_known():
    for worked in (STEADY, STEADY[-3:]):
        row = forecast(entries(*worked), estimate=100_000)
        assert all(pd.isna(weeks) for weeks in weeks_left(row))
    row = forecast(entries(*STEADY), tracked=90, estimate=90 + 10 * HORIZON)
    assert weeks_left(row) == [HORIZON] * 3


def test_a_day_in_the_past_counts_what_came_until_then_against_the_estimate_of_today():
    worked = entries(*STEADY, (28, 40))
    with pytest.warns(SemanticsWarning, match="until 2026-06-26 against the estimates of 2026-07"):
        row = forecast(worked, tracked=500, estimate=485, today="2026-07-10")
    assert (row["tracked_hours"], row["remaining_hours"]) == (460, 25)
    assert weeks_left(row) == [2.5] * 3


def test_some_users_alone_work_off_what_is_left_of_all():
    both = pd.concat([entries(*STEADY), entries((0, 30), user=2)])
    row = forecast(both, estimate=140, users=[1])
    assert (row["tracked_hours"], row["remaining_hours"], row["burn_per_week"]) == (120, 20, 10)
    assert weeks_left(row) == [2, 2, 2]


def test_without_statuses_the_entries_tell_what_is_tracked():
    row = joins.forecast(entries(*STEADY, (-300, 5)), projects(), as_of=FRIDAY, today=FRIDAY)
    assert row["tracked_hours"].tolist() == [95]
    assert row["burn_per_week"].tolist() == [10]
    assert row["estimated_hours"].isna().all()
    assert row["budget_state"].tolist() == ["no_estimate"]


def test_only_active_projects_are_looked_at():
    for active in (False, None):
        ahead = joins.forecast(entries(*STEADY), projects(active), statuses(90, 100))
        assert ahead.empty
    ahead = joins.forecast(entries(*STEADY), projects(), statuses(90, 100))
    assert ahead["client"].tolist() == ["Acme"]


IMPOSSIBLE_FOR_A_FORECAST = [
    ({"weeks": 0}, "weeks must be an integer from 1"),
    ({"weeks": True}, "weeks must be an integer from 1"),
    ({"weeks": 8.0}, "weeks must be an integer from 1"),
    ({"confidence": 1}, "confidence must be a number between 0 and 1"),
    ({"confidence": 80}, "confidence must be a number between 0 and 1"),
    ({"confidence": "0.8"}, "confidence must be a number between 0 and 1"),
    ({"seed": -1}, "seed must be an integer"),
    ({"seed": None}, "seed must be an integer"),
    ({"as_of": "26.06.2026"}, "as_of must be a day written YYYY-MM-DD"),
    ({"as_of": "2199-01-01"}, "as_of must be today or earlier, not 2199-01-01"),
    ({"deadlines": {1: "soon"}}, "the deadline of 1 must be a day written YYYY-MM-DD"),
    ({"deadlines": {None: "2027-01-01"}}, "deadlines has the key None, but no default"),
]


def test_an_impossible_argument_of_a_forecast_is_named_before_any_request(ws, sandbox, subtests):
    for wrong, words in IMPOSSIBLE_FOR_A_FORECAST:
        with subtests.test(str(wrong)), pytest.raises(ConfigError, match=words):
            reports.forecast(ws, **wrong)
    assert sandbox.requests == []


def test_the_hours_a_week_that_a_deadline_needs_are_by_the_name_of_a_project(ws, sandbox):
    bare = reports.forecast(ws)
    left = bare[bare["remaining_hours"] > 0].iloc[0]
    name, due = left["project"], "2027-01-07"  # six weeks after today
    for deadlines in (
        {name: due},
        pd.Series({left["project_id"]: dt.date(2027, 1, 7)}),
        pd.DataFrame({"project": [name], "date": [due]}),
    ):
        ahead = reports.forecast(ws, deadlines=deadlines)
        known = ahead.dropna(subset="hours_per_week_needed")
        assert known["project"].tolist() == [name]
        assert known["hours_per_week_needed"].tolist() == [left["remaining_hours"] / 6]
        pd.testing.assert_frame_equal(ahead[[*bare]], bare)
    for wrong, words in (
        ({999: due}, "deadlines names 999, which is not among the projects"),
        ({"Nothing": due}, "deadlines: there is no project 'Nothing'"),
        (pd.DataFrame({"project": [name], "date": [None]}), "row 0: date must be a day, such as"),
    ):
        with pytest.raises(ConfigError, match=words):
            reports.forecast(ws, deadlines=wrong)


def test_a_deadline_that_has_come_or_is_of_an_archived_project_warns(ws):
    listed = reports.Listings(ws).projects
    running = listed.loc[listed["active"], "name"].iloc[0]
    archived = listed.loc[~listed["active"], "name"].iloc[0]
    deadlines = {running: TODAY, archived: "2099-01-01"}
    with pytest.warns(SemanticsWarning) as caught:
        ahead = reports.forecast(ws, deadlines=deadlines)
    assert [str(one.message).partition(", so")[0] for one in caught] == [
        f"the deadline of {running} has come",
        f"the deadline of {archived} is of an archived project",
    ]
    assert ahead["hours_per_week_needed"].isna().all()


# --- the clock ----------------------------------------------------------------------------------


@pytest.fixture
def at(set_now):
    """Set the clock of the library, and its local day to that of UTC."""

    def set_to(moment):
        now = dt.datetime.fromisoformat(moment).replace(tzinfo=dt.UTC)
        set_now(lambda: now)

    return set_to


@pytest.mark.parametrize(
    ("moment", "anchored"),
    [
        ("2026-06-28T23:00", True),
        ("2026-06-29T00:00", True),  # it is still the 28th somewhere
        ("2026-06-30T00:00", False),
        ("2026-06-20T13:00", True),
    ],
)
def test_frames_of_your_own_are_anchored_on_the_status_where_the_range_reaches_today(
    at, moment, anchored
):
    at(moment)
    source = {"time_entries": entries((8, 2)), "statuses": statuses(15, 20)}
    burn = reports.burn(source, **JUNE)
    assert burn["cumulative_hours"].tolist() == ([13, 15, 15, 15] if anchored else [2, 2, 2])


def test_frames_without_a_range_reach_today(at):
    at("2030-01-01T12:00")
    source = {"time_entries": entries((8, 2)), "statuses": statuses(15, 20)}
    assert hours(reports.burn(source)) == ([2], [15])
    assert hours(reports.burn(entries((8, 2)))) == ([2], [2])


def test_a_forecast_looks_ahead_from_today_wherever_that_is(at):
    at("2026-06-26T12:00")
    listed = {"projects": projects(), "statuses": statuses(90, 115)}
    source = {"time_entries": entries(*STEADY), **listed}
    today = reports.forecast(source)
    assert today["finish"].dt.strftime("%m-%d").tolist() == ["07-14"]
    assert today.attrs["togglframe"]["as_of"] == "2026-06-26"
    at("2026-06-27T11:59")  # it is still the 26th somewhere: no warning
    pd.testing.assert_frame_equal(reports.forecast(source, as_of="2026-06-26"), today)
    at("2026-06-28T00:00")
    with pytest.warns(SemanticsWarning, match="against the estimates of 2026-06-28") as caught:
        pd.testing.assert_frame_equal(reports.forecast(source, as_of="2026-06-26"), today)
    assert [warning.filename for warning in caught] == [__file__]
    at("2026-06-25T13:00")  # it is the 26th already somewhere, and nowhere the 27th
    reports.forecast(source, as_of="2026-06-26")
    with pytest.raises(ConfigError, match="as_of must be today or earlier"):
        reports.forecast(source, as_of="2026-06-27")
