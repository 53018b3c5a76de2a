"""Burn and forecast beside the totals that the API tells, over HTTP, and of frames the same."""

import datetime as dt

import pandas as pd
import pytest
from days import TODAY
from pairing import product

import togglframe as tf
from togglframe import SemanticsWarning

# All 30,000 entries that there ever were: the tests of this range take a second.
EVER = {"start_date": "2020-01-01", "end_date": str(TODAY)}
QUARTER = {"start_date": "2026-09-01", "end_date": str(TODAY)}
SPRING = {"start_date": "2026-03-01", "end_date": "2026-05-31"}
RANGED = ("search/time_entries", "projects/summary")


@pytest.fixture(scope="module")
def ws(agency):
    settings = {"per_second": None, "cache": "memory", "base_url": agency.base_url}
    with tf.Workspace(agency.workspace_id, token=agency.token, **settings) as ws:
        yield ws


@pytest.fixture(scope="module")
def frames(ws):
    """Everything, as somebody has it who keeps it."""
    listings = tf.reports.Listings(ws)
    listed = {name: getattr(listings, name) for name in ("projects", "statuses", "clients")}
    return {"time_entries": tf.search.time_entries(ws, **EVER), **listed}


def asked(agency, call):
    """Return the requests of a call."""
    before = len(agency.requests)
    call()
    return agency.requests[before:]


def body_of(sent, endpoint):
    """Return the first body that an endpoint was sent."""
    return next(request.body for request in sent if request.endpoint == endpoint)


def days_of(sent, endpoint):
    """Return the ranges of days that an endpoint was asked for."""
    bodies = [request.body for request in sent if request.endpoint == endpoint]
    return {(body["start_date"], body["end_date"]) for body in bodies}


def reports_plan(ws, range_, **given):
    return tf.reports.plan(ws, tf.reports.burn, **range_, **given).costs


def last_of(burn):
    return burn.groupby("project_id", dropna=False)["cumulative_hours"].last()


@pytest.mark.parametrize(
    ("range_", "every"), product([EVER, QUARTER, {"period": "2026"}], ["week", "month"]), ids=str
)
def test_a_burn_that_reaches_today_ends_at_the_hours_of_the_budget(range_, every, ws):
    burn = tf.reports.burn(ws, **range_, every=every)
    budget = tf.reports.project_budget(ws).set_index("project_id")
    begun = budget[budget["tracked_hours"] > 0]
    ends = burn.dropna(subset=["project_id"]).groupby("project_id").last()
    assert set(ends.index) >= set(begun.index)
    for column in ("cumulative_hours", "estimated_hours"):
        expected = begun[column.replace("cumulative", "tracked")]
        assert ends.loc[begun.index, column].equals(expected.rename(column))
    planned = begun["progress"].dropna().index
    assert ends.loc[planned, "progress"].equals(begun.loc[planned, "progress"])


@pytest.mark.parametrize("range_", [EVER, QUARTER, SPRING], ids=str)
def test_burn_holds_the_hours_of_the_range(range_, ws):
    burn = tf.reports.burn(ws, **range_)
    totals = tf.search.time_entry_totals(ws, **range_, granularity="month")
    assert burn["tracked_time"].sum() == totals["tracked_time"].sum()
    weeks = tf.reports.hours(ws, **range_, by="project", every="week")
    told = burn.loc[burn["tracked_time"] > pd.Timedelta(0)]
    keys = ["project_id", "period", "tracked_time"]
    expected = weeks.loc[weeks["tracked_time"] > pd.Timedelta(0), keys]
    pd.testing.assert_frame_equal(
        told[keys].reset_index(drop=True), expected.reset_index(drop=True)
    )


def test_a_project_grows_from_one_range_to_the_next_without_a_jump(ws):
    spring, quarter = tf.reports.burn(ws, **SPRING), tf.reports.burn(ws, **QUARTER)
    between = tf.search.time_entries(ws, start_date="2026-06-01", end_date="2026-08-31")
    hours = between.groupby("project_id")["tracked_time"].sum() / pd.Timedelta(hours=1)
    first = quarter.groupby("project_id").first()
    before = first["cumulative_hours"] - first["tracked_hours"]
    ends = last_of(spring.dropna(subset=["project_id"]))
    grown = ends.add(hours, fill_value=0).reindex(before.index).fillna(0)
    assert (grown - before).abs().max() < 1e-6


@pytest.mark.parametrize(
    "given",
    [
        QUARTER,
        SPRING,
        {**SPRING, "every": "month", "clients": "one"},
        {**QUARTER, "projects": "two"},
        {**QUARTER, "users": "one"},
    ],
    ids=str,
)
def test_a_workspace_and_all_its_frames_burn_the_same(given, ws, frames):
    entries, projects = frames["time_entries"], frames["projects"]
    chosen = {
        "clients": projects["client_id"].dropna().iloc[:1].tolist(),
        "projects": projects["id"].iloc[3:5].tolist(),
        "users": entries["user_id"].iloc[-1:].tolist(),
    }
    given = {name: chosen.get(name, value) for name, value in given.items()}
    # Earlier time without a project counts in frames alone.
    burn, of_frames = (
        tf.reports.burn(source, **given).dropna(subset="project_id") for source in (ws, frames)
    )
    assert len(burn)
    listed = burn["project_id"].isin(projects["id"])  # what is deleted is named by entries alone
    pd.testing.assert_frame_equal(burn[listed], of_frames[listed])
    unnamed = ["project", "client"]
    pd.testing.assert_frame_equal(burn.drop(columns=unnamed), of_frames.drop(columns=unnamed))


def test_a_past_burn_asks_for_its_entries_and_for_the_sums_of_what_came_since(
    agency, make_workspace
):
    one = agency.agency.projects[3]["id"]
    ws = make_workspace(agency, cache="memory")
    assert reports_plan(ws, SPRING, projects=[one])["project_user_hours"] == 1
    sent = asked(agency, lambda: tf.reports.burn(ws, **SPRING, projects=[one]))
    listed = {"filters/projects", "filters/projects/status", "filters/clients"}
    assert {request.endpoint for request in sent} == {*listed, *RANGED}
    assert days_of(sent, "search/time_entries") == {tuple(SPRING.values())}
    assert {tuple(body_of(sent, "search/time_entries")["project_ids"])} == {(one,)}
    tomorrow = str(TODAY + dt.timedelta(1))  # where it is already
    assert days_of(sent, "projects/summary") == {("2026-06-01", tomorrow)}
    assert sum(request.endpoint == "projects/summary" for request in sent) == 1
    assert sum(reports_plan(ws, SPRING, projects=[one]).values()) == 0


@pytest.mark.parametrize("given", [QUARTER, {**SPRING, "users": [5]}], ids=str)
def test_a_burn_until_today_or_of_some_users_asks_for_its_entries_alone(
    given, agency, make_workspace
):
    ws = make_workspace(agency, cache="memory")
    sent = asked(agency, lambda: tf.reports.burn(ws, **given))
    assert days_of(sent, "search/time_entries") == {(given["start_date"], given["end_date"])}
    assert days_of(sent, "projects/summary") == set()


def test_a_forecast_stands_beside_the_budget_of_the_active_projects(ws):
    ahead = tf.reports.forecast(ws)
    budget = tf.reports.project_budget(ws, active=True).sort_values("project_id")
    budget = budget.reset_index(drop=True)
    same = ["project_id", "project", "client", "tracked_hours", "estimated_hours"]
    same += ["remaining_hours", "budget_state"]
    pd.testing.assert_frame_equal(ahead[same], budget[same])
    assert ahead["weeks_left_high"].notna().sum() > 5


@pytest.mark.parametrize("given", [{}, {"weeks": 5, "seed": 2}, {"as_of": "2026-06-10"}], ids=str)
def test_a_workspace_and_all_its_frames_foretell_the_same(given, ws, frames):
    def foretell(source):
        if "as_of" not in given:
            return tf.reports.forecast(source, **given)
        with pytest.warns(SemanticsWarning, match="until 2026-06-10"):
            return tf.reports.forecast(source, **given)

    pd.testing.assert_frame_equal(foretell(ws), foretell(frames))


def test_what_was_tracked_until_a_day_is_the_sum_of_the_entries_until_then(ws, frames):
    with pytest.warns(SemanticsWarning, match="until 2026-06-10"):
        ahead = tf.reports.forecast(ws, as_of="2026-06-10").set_index("project_id")
    entries = frames["time_entries"]
    until = entries[entries["date"] <= "2026-06-10"]
    hours = until.groupby("project_id")["tracked_time"].sum() / pd.Timedelta(hours=1)
    told = ahead["tracked_hours"].dropna()
    assert (told - hours.reindex(told.index).fillna(0)).abs().max() < 1e-6


def test_a_forecast_asks_for_the_entries_of_its_weeks_and_of_what_came_since(
    agency, make_workspace
):
    ws = make_workspace(agency, cache="memory")
    sent = asked(agency, lambda: tf.reports.forecast(ws))
    assert len({request.endpoint for request in sent}) == 4
    monday = TODAY - dt.timedelta(TODAY.weekday())
    first, tomorrow = str(monday - dt.timedelta(56)), str(TODAY + dt.timedelta(1))
    assert days_of(sent, "search/time_entries") == {(first, tomorrow)}
    assert tf.reports.plan(ws, tf.reports.forecast).requests == 0


@pytest.mark.parametrize("period", ["this-month", "2026-05"])
def test_a_budget_with_a_period_has_its_hours_and_the_finish_of_the_forecast(period, ws, frames):
    plain = tf.reports.project_budget(ws)
    budget = tf.reports.project_budget(ws, period=period)
    pd.testing.assert_frame_equal(budget[list(plain)], plain)
    more = [name for name in budget if name not in plain]
    assert list(budget)[-5:] == [*more, "tracked_time", "estimated_time", "billable_time"]
    assert more == ["period_hours", "finish"]
    by_id = budget.set_index("project_id").sort_index()
    hours = tf.reports.hours(ws, period=period, by="project").dropna(subset=["project_id"])
    told = by_id["period_hours"][by_id["period_hours"] > 0]
    assert told.to_dict() == hours.set_index("project_id")["tracked_hours"].to_dict()
    ahead = tf.reports.forecast(ws).set_index("project_id")["finish"]
    assert by_id["finish"].dropna().equals(ahead.dropna())
    pd.testing.assert_frame_equal(tf.reports.project_budget(frames, period=period), budget)


def test_a_budget_with_a_period_asks_for_its_sums_and_eight_weeks(agency, make_workspace):
    ws = make_workspace(agency, cache="memory")
    call = {"period": "2025", "active": True, "members": True}
    planned = tf.reports.plan(ws, "project_budget", **call)
    sent = asked(agency, lambda: tf.reports.project_budget(ws, **call))
    assert days_of(sent, "projects/summary") == {("2025-01-01", "2025-12-31")}
    tomorrow = str(TODAY + dt.timedelta(1))
    assert days_of(sent, "search/time_entries") == {("2026-09-28", tomorrow)}
    assert {*planned.costs} >= {"time_entries", "project_user_hours", "project_users"}
    assert sum(tf.reports.plan(ws, "project_budget", **call).costs.values()) == 0


def test_a_task_tells_who_worked_on_it_most_first(ws, frames, agency):
    sent = asked(agency, lambda: tf.reports.task_accuracy(ws, people=True))
    assert sum(request.endpoint == "summary/time_entries" for request in sent) == 5
    assert "search/time_entries" not in {request.endpoint for request in sent}
    accuracy = tf.reports.task_accuracy(ws, people=True, done=None)
    plain = tf.reports.task_accuracy(ws, done=None)
    pd.testing.assert_frame_equal(accuracy.drop(columns="people"), plain)
    assert list(accuracy)[7:9] == ["assignee", "people"]
    hours = tf.reports.hours(ws, **EVER, by=["task", "user"]).dropna(subset=["task_id"])
    unlisted = "User " + hours["user_id"].astype("str") + " (not listed)"
    is_shared = hours.groupby("user")["user_id"].transform("nunique") > 1  # as Anna Keller's is
    hours.loc[is_shared, "user"] += " · #" + hours["user_id"].astype("str")
    hours["user"] = hours["user"].fillna(unlisted).fillna("somebody")
    ranked = hours.sort_values("tracked_time", ascending=False, kind="stable")
    expected = ranked.groupby("task_id")["user"].agg(", ".join)
    told = accuracy.dropna(subset=["people"]).set_index("task_id")["people"]
    whole = told[~told.str.endswith(" and others")]
    assert len(whole) > 0.9 * len(told)
    assert whole.to_dict() == expected[whole.index].to_dict()
    names = {name: getattr(tf.reports.Listings(ws), name) for name in ("tasks", "users")}
    of_frames = tf.reports.task_accuracy({**frames, **names}, people=True, done=None)
    pd.testing.assert_series_equal(of_frames["people"], accuracy["people"])
    some = {**names, **frames, "time_entries": frames["time_entries"].head(2000)}
    partly = tf.reports.task_accuracy(some, people=True, done=None)["people"].dropna()
    assert partly.str.endswith(" and others").any()
