"""Reports over time against the totals that the API itself tells, over HTTP."""

import pandas as pd
import pytest
from vendor import Behaviour, VendorSandbox

from togglframe import Workspace, demo, reports
from togglframe.api import filters, projects, search, summary
from togglframe.errors import CompletenessWarning

QUARTER = {"start_date": "2026-01-01", "end_date": "2026-03-31"}  # Berlin changes its clocks


@pytest.fixture(scope="module")
def ws():
    with demo() as workspace:
        yield workspace


@pytest.fixture(scope="module")
def totals(ws):
    return search.time_entry_totals(ws, **QUARTER, granularity="month")


@pytest.mark.parametrize("by", [[], ["user"], ["project", "user"], ["client"], ["tags"]], ids=str)
def test_hours_hold_the_totals_to_the_second(by, ws, totals):
    made = reports.hours(ws, **QUARTER, by=by)
    assert made["tracked_time"].sum() == totals["tracked_time"].sum()
    assert made["billable_time"].sum() == totals["billable_time"].sum()


@pytest.mark.parametrize("every", ["day", "week", "month"])
def test_hours_of_every_period_are_those_of_the_api(every, ws):
    monday = {"start_date": "2026-01-05", "end_date": "2026-03-29"}  # whole weeks
    days = QUARTER if every == "month" else monday
    made = reports.hours(ws, **days, by=[], every=every).set_index("period")
    told = search.time_entry_totals(ws, **days, granularity=every).set_index("date")
    told = told[told["tracked_time"] > pd.Timedelta(0)]
    for name in ("tracked_time", "billable_time"):
        pd.testing.assert_series_equal(made[name], told[name], check_names=False)


def test_earnings_of_every_project_are_those_of_the_summary_to_the_cent(ws):
    key = ["project_id", "currency"]
    made = reports.earnings(ws, **QUARTER, by="project").dropna(subset=["project_id", "amount"])
    hours = reports.hours(ws, **QUARTER, by="project")[["project_id", "n_entries"]]
    made = made.merge(hours, on="project_id").fillna({"currency": "none"}).set_index(key)
    told = summary.time_entries(ws, **QUARTER, grouping="projects", distinguish_rates=True)
    told = told.rename(columns={"group_id": "project_id"}).fillna({"currency": "none"})
    sums = told.dropna(subset=["project_id", "amount"]).groupby(key)["amount"].sum()
    assert made.index.isin(sums.index).all()
    # an amount of the summary follows from its rate: half a cent an entry at most
    off = (made["amount"] - sums.reindex(made.index)).abs()
    assert (off <= (made["n_entries"] + 1) * 0.005).all()


# Takes a while: all entries of a quarter are fetched anew, since the requests are counted.
def test_hours_by_user_are_one_request_and_those_of_all_entries(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, cache="memory")
    cheap = reports.user_hours(ws, **QUARTER)
    asked = [request.endpoint for request in sandbox.requests]
    assert asked.count("projects/summary") == 1
    assert "search/time_entries" not in asked
    listings = reports.Listings(ws)
    names = ("projects", "project_users", "users", "clients")
    frames = {name: getattr(listings, name) for name in names}
    frames["time_entries"] = search.time_entries(ws, **QUARTER)
    pd.testing.assert_frame_equal(reports.user_hours(frames, **QUARTER), cheap)
    some = [int(one) for one in cheap["user_id"].unique()[:3]]
    pd.testing.assert_frame_equal(
        reports.user_hours(frames, **QUARTER, users=some),
        reports.user_hours(ws, **QUARTER, users=some),
    )


def test_hours_by_user_of_several_windows_are_one_request_each(make_sandbox, make_workspace):
    sandbox = make_sandbox()
    ws = make_workspace(sandbox, cache="memory")
    made = reports.user_hours(ws, start_date="2024-11-01", end_date="2026-10-31")
    asked = [request.endpoint for request in sandbox.requests]
    assert asked.count("projects/summary") == 2
    whole = search.time_entry_totals(ws, start_date="2024-11-01", end_date="2026-10-31")
    assert made["tracked_time"].sum() == whole["tracked_time"].sum()


def test_hours_by_user_are_in_step_with_the_totals_of_their_projects(ws):
    made = reports.user_hours(ws, period="2026-03").dropna(subset="project_id")
    project_id = int(made["project_id"].value_counts().index[0])
    told = projects.totals(ws, project_id, start_date="2026-03-01", end_date="2026-03-31")
    of_project = made[made["project_id"] == project_id]
    assert of_project["tracked_time"].sum() == told["tracked_time"].sum()
    assert of_project["share_of_project"].sum() == pytest.approx(1)


def test_lines_without_rounding_hold_the_amounts_of_the_entries(ws):
    lines = reports.invoice_lines(ws, period="2026-03")
    entries = reports.time_entries(ws, period="2026-03")
    billable = entries[entries["billable"].fillna(value=False)]
    by_currency = (billable["amount"] * 100).round().groupby(billable["currency"]).sum()
    told = (lines["amount"] * 100).round().groupby(lines["currency"]).sum()
    pd.testing.assert_series_equal(told, by_currency)


@pytest.mark.parametrize("plan", ["free", "starter"])
def test_a_smaller_plan_makes_the_same_hours_and_no_amounts(plan, ws):
    week = {"period": "2026-W10"}
    with demo(plan=plan) as smaller:
        hours = reports.hours(smaller, **week, by=["user", "project"])
        lines = reports.invoice_lines(smaller, **week)
    whole = reports.hours(ws, **week, by=["user", "project"])
    pd.testing.assert_series_equal(hours["tracked_time"], whole["tracked_time"])
    if plan == "free":
        assert lines["amount"].isna().all()


def test_what_the_rate_card_knows_is_the_cost_of_a_project(ws):
    card = reports.rate_card(ws)
    costs = card.dropna(subset=["user_id", "labour_cost"])
    costs = costs.set_index(["project_id", "user_id"])["labour_cost"]
    entries = reports.time_entries(ws, period="2026-03")
    own = entries.merge(
        filters.projects(ws), left_on="project_id", right_on="id", suffixes=("", "_p")
    )
    currency = own["currency"].fillna(own["currency_p"]).fillna("none")
    own = own[currency == own["currency_p"].fillna("none")]
    hours = own["tracked_time"] / pd.Timedelta(hours=1)
    pairs = pd.MultiIndex.from_frame(own[["project_id", "user_id"]])
    cost = pd.Series(costs.reindex(pairs).to_numpy("float64", na_value=0), own.index) * hours
    expected = cost.groupby(own["project_id"]).sum()
    made = reports.profitability(ws, period="2026-03").groupby("project_id")["cost_known"].sum()
    assert expected.sum() > 0
    for project_id, known in made.items():
        assert known == pytest.approx(expected.get(project_id, 0))


def test_a_server_with_small_pages_makes_the_same_hours(ws, make_sandbox, make_workspace):
    sandbox = make_sandbox(60, behaviour=Behaviour(entry_page_cap=50))
    other = make_workspace(sandbox)
    week = {"period": "2026-W10", "by": ["user", "project"], "every": "day"}
    pd.testing.assert_frame_equal(reports.hours(other, **week), reports.hours(ws, **week))


@pytest.fixture(scope="module")
def hiding():
    """Return a workspace whose listing of projects hides those that are archived."""
    behaviour = Behaviour(omitted_active_filters=True)
    with VendorSandbox(61, quota=10**6, behaviour=behaviour) as sandbox:
        settings = {"per_second": None, "cache": "memory", "base_url": sandbox.base_url}
        with Workspace(sandbox.workspace_id, token=sandbox.token, **settings) as ws:
            yield ws


@pytest.mark.parametrize(
    ("report", "asked"),
    [
        (reports.hours, {"by": "client"}),
        (reports.earnings, {"by": "client"}),
        (reports.invoice_lines, {"by": []}),
        (reports.hours, {"by": "project", "clients": [None]}),
    ],
    ids=["hours", "earnings", "invoice_lines", "clients"],
)
def test_frames_that_lack_projects_are_told_and_those_of_listings_are_whole(report, asked, hiding):
    entries = search.time_entries(hiding, **QUARTER)
    listed = filters.projects(hiding)  # without those that are archived
    missing = entries["project_id"].dropna().drop_duplicates()
    missing = missing[~missing.isin(listed["id"])]
    said = f"the frame of projects lacks {len(missing)} projects of the time entries"
    with pytest.warns(CompletenessWarning, match=said):
        report({"time_entries": entries, "projects": listed}, **asked)
    listings = reports.Listings(hiding)
    frames = {name: getattr(listings, name) for name in ("projects", "clients", "users")}
    expected = report(hiding, **QUARTER, **asked)
    pd.testing.assert_frame_equal(report({"time_entries": entries, **frames}, **asked), expected)
