"""What people cost: own costs by person and project, Toggl's dated ones, and profits by client."""

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from togglframe import Archive, ConfigError, SemanticsWarning, api, export, filters, reports
from togglframe.reports.sources import Listings

MARCH = {"period": "2026-03"}
BY_ROW = ["project_id", "currency"]
PERSON = "Sofie de Wit"
ASSUMED = pytest.mark.filterwarnings("ignore:costs='toggl':togglframe.SemanticsWarning")


def test_own_costs_replace_those_of_toggl_and_a_default_fills_gaps_alone(listings):
    bare = reports.profitability(listings, **MARCH).set_index(BY_ROW)
    costs = {"labour_costs": {None: 45, PERSON: 60}, "cost_currency": "EUR"}
    own = reports.profitability(listings, **MARCH, **costs).set_index(BY_ROW)
    theirs = reports.profitability(listings, **MARCH, **costs, users=PERSON).set_index(BY_ROW)
    in_euros = theirs[(theirs["cost_coverage"] == 1).fillna(value=False)]
    assert len(in_euros) > 0
    assert {*in_euros.index.get_level_values("currency")} == {"EUR"}
    assert (in_euros["cost_known"] - 60 * in_euros["tracked_hours"]).abs().max() < 1e-6
    others = reports.profitability(listings, **MARCH, labour_costs=45, cost_currency="EUR")
    assert own["cost_coverage"].sum() > bare["cost_coverage"].sum()
    assert not own["cost_known"].equals(others.set_index(BY_ROW)["cost_known"])


def test_costs_in_a_frame_are_those_of_the_mapping(listings):
    project = reports.user_hours(listings, **MARCH, users=PERSON)["project"].dropna().iloc[0]
    mapping = {None: 45.0, PERSON: 60.0, (PERSON, project): 75.0}
    frame = pd.DataFrame(
        {
            "user": [None, PERSON, PERSON],
            "project": [None, None, project],
            "labour_cost": [45.0, 60.0, 75.0],
        }
    )
    made = [
        reports.profitability(listings, **MARCH, labour_costs=costs, cost_currency="EUR")
        for costs in (mapping, frame)
    ]
    assert_frame_equal(*made)


def test_a_cost_on_a_project_is_in_its_currency(listings):
    """So two of them in two currencies need no further word."""
    hours = reports.user_hours(listings, **MARCH).dropna(subset=["project", "user"])
    currency = listings.projects.set_index("id")["currency"].reindex(hours["project_id"])
    alone = hours.assign(currency=currency.array).drop_duplicates("currency").dropna()
    assert len(alone) > 1
    pairs = zip(alone["user_id"], alone["project_id"], strict=True)
    made = reports.profitability(listings, **MARCH, labour_costs=dict.fromkeys(pairs, 1000))
    bare = reports.profitability(listings, **MARCH)
    assert (made["cost_known"] > bare["cost_known"]).sum() == len(alone)


@pytest.mark.parametrize(
    ("given", "error", "words"),
    [
        ({"labour_costs": {"Nobody": 5}}, ConfigError, "labour_costs: there is no user 'Nobody'"),
        ({"labour_costs": {999: 5}}, ConfigError, "labour_costs names user 999"),
        ({"labour_costs": {(PERSON, 999): 5}}, ConfigError, "labour_costs names project 999"),
        ({"labour_costs": {PERSON: -1}}, ConfigError, "labour_costs must be an amount from zero"),
        ({"labour_costs": "45"}, TypeError, "labour_costs must be an amount, not '45'"),
        ({"labour_costs": pd.DataFrame({"user": ["a"]})}, ConfigError, "needs user, labour_cost"),
        ({"default_labour_cost": 5}, TypeError, "it is 'labour_costs' now"),
        ({"costs": "mine"}, ConfigError, "costs must be 'memberships' or 'toggl', not 'mine'"),
        ({"by": "user"}, ConfigError, "by must be 'project' or 'client', not 'user'"),
        ({"costs": "toggl", "labour_costs": 5}, ConfigError, "leave labour_costs out"),
        ({"costs": "toggl", "users": [1]}, ConfigError, "leave users out"),
    ],
)
def test_costs_that_cannot_be_are_refused(given, error, words, listings):
    with pytest.raises(error, match=words):
        reports.profitability(listings, **MARCH, **given)


def test_a_row_of_a_frame_that_cannot_be_is_named(listings):
    rows = pd.DataFrame({"user": [PERSON, None], "project": [None, "Web"], "labour_cost": [1, 2]})
    for frame, words in (
        (rows, "labour_costs, row 1: a cost on a project needs a user"),
        (rows.assign(labour_cost=["much", 1]), "row 0: labour_cost must be an amount, not 'much'"),
        (rows.iloc[[0, 0]], "row 0: 'Sofie de Wit' is there twice"),
    ):
        with pytest.raises(ConfigError, match=words):
            reports.profitability(listings, **MARCH, labour_costs=frame)


def test_a_cost_counts_in_its_currency_whatever_the_project_is_in(listings):
    """Time without a project, and time of a project that changed its currency, cost something."""
    frame = reports.profitability(listings, **MARCH, labour_costs=45, cost_currency="EUR")
    in_euros = frame[frame["currency"].eq("EUR")]
    assert in_euros["project_id"].isna().any()
    assert in_euros["cost_coverage"].eq(1).all()
    without = in_euros[in_euros["project_id"].isna()]
    assert without["cost_known"].tolist() == pytest.approx((45 * without["tracked_hours"]).tolist())


# --- by client ------------------------------------------------------------------------------------


def test_clients_are_the_sums_of_their_projects(listings):
    costs = {"labour_costs": 45, "cost_currency": "EUR"}
    projects = reports.profitability(listings, **MARCH, **costs)
    clients = reports.profitability(listings, **MARCH, **costs, by="client")
    assert [*clients][:3] == ["client_id", "client", "currency"]
    owners = listings.projects.set_index("id")["client_id"]
    keys = [owners.reindex(projects["project_id"]).array, projects["currency"]]
    for name in ("tracked_hours", "revenue", "cost_known"):
        sums = projects[name].groupby(keys, dropna=False).sum(min_count=1)
        assert clients[name].tolist() == pytest.approx(sums.tolist())
    hours = reports.hours(listings, **MARCH, by="client")["tracked_hours"].sum()
    assert clients["tracked_hours"].sum() == pytest.approx(hours)


def test_a_revenue_of_which_nothing_is_known_is_unknown(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(8, plan="free"))
    clients = reports.profitability(ws, **MARCH, by="client", labour_costs=45, cost_currency="EUR")
    is_billed = clients["billable_hours"] > 0
    assert (is_billed & (clients["billable_hours"] < clients["tracked_hours"])).any()
    assert clients.loc[is_billed, "revenue"].isna().all()
    assert (clients.loc[~is_billed, "revenue"] == 0).all()


# --- Toggl's own costs ----------------------------------------------------------------------------


def test_dated_costs_are_those_of_toggl_in_the_currency_of_each_project(ws, sandbox):
    with pytest.warns(SemanticsWarning, match="labour costs are taken as cents"):
        made = reports.profitability(ws, **MARCH, costs="toggl")
    paths = [request.endpoint for request in sandbox.requests]
    assert paths.count("profitability/projects") == filters.projects(ws)["currency"].nunique() > 1
    assert "filters/project_users" not in paths
    expected = api.profitability.projects(
        ws, currency="EUR", start_date="2026-03-01", end_date="2026-03-31"
    ).query("labour_cost > 0")
    known = made[made["cost_known"] > 0]
    costs = [known["cost_known"].tolist(), (expected["labour_cost"] / 100).tolist()]
    assert known["project_id"].tolist() == expected["project_id"].sort_values().tolist()
    assert sorted(costs[0]) == pytest.approx(sorted(costs[1]))
    in_own = known.dropna(subset="currency")[BY_ROW]
    assert len(in_own.merge(expected[BY_ROW])) == len(in_own) > 30
    assert made["cost_coverage"].fillna(0).eq(0).all()
    bare = reports.profitability(ws, **MARCH)
    same = [*BY_ROW, "tracked_hours", "billable_hours", "revenue"]
    assert_frame_equal(made[same], bare[same])
    profit = made["profit"].dropna()
    assert len(profit) > 5
    rest = made["revenue"] - made["cost_known"]
    assert profit.tolist() == pytest.approx(rest[profit.index].tolist())


@ASSUMED
def test_a_dated_cost_of_no_known_currency_counts_once(ws):
    """The vendor repeats it in the answer for each currency."""
    project = "Annual support contract"
    made = reports.profitability(ws, period="2026-10", projects=project, costs="toggl")
    assert made["currency"].isna().tolist() == [True]
    answer = api.profitability.projects(
        ws, currency="EUR", start_date="2026-10-01", end_date="2026-10-31"
    ).set_index("project")
    assert made["cost_known"].tolist() == [answer.loc[project, "labour_cost"] / 100]


@ASSUMED
def test_dated_costs_are_planned_and_selected(make_workspace, sandbox):
    ws = make_workspace(sandbox, cache="memory")
    client = "Northwind Coffee Roasters"
    plan = reports.plan(ws, "profitability", **MARCH, costs="toggl")
    assert plan.costs["project_costs"] == 1
    assert not plan.is_exact
    whole = reports.profitability(ws, **MARCH, costs="toggl", by="client")
    before = len(sandbox.requests)
    part = reports.profitability(ws, **MARCH, costs="toggl", by="client", clients=client)
    assert "profitability/projects" not in [one.endpoint for one in sandbox.requests[before:]]
    expected = whole[whole["client"] == client].reset_index(drop=True)
    assert_frame_equal(part, expected)
    assert reports.plan(ws, "profitability", **MARCH, costs="toggl").requests == 0


@ASSUMED
def test_frames_bring_their_own_dated_costs_and_an_archive_has_none(listings, tmp_path):
    rows = {"project_id": [10], "labour_cost": [5000.0], "currency": ["EUR"]}
    named = dict.fromkeys(["project", "color", "tracked_time", "billable_time", "earnings"])
    entries = reports.time_entries(listings, **MARCH).head(0)
    project = listings.projects.head(1).assign(id=10, currency="EUR")
    frames = {
        "time_entries": entries,
        "projects": project,
        "project_costs": pd.DataFrame({**rows, **named}),
    }
    made = reports.profitability(frames, costs="toggl")
    assert made["cost_known"].tolist() == [50]
    assert made["tracked_hours"].tolist() == [0]
    assert made["profit"].isna().all()
    with pytest.raises(ConfigError, match=r"project_costs.*is not given"):
        reports.profitability({"time_entries": entries, "projects": project}, costs="toggl")
    archive = Archive(tmp_path)
    archive.sync(listings.ws, start_date="2026-03-01", end_date="2026-03-31")
    with pytest.raises(ConfigError, match=r"'project_costs', .* no archive keeps: pass the work"):
        reports.profitability(archive, **MARCH, costs="toggl")


@ASSUMED
def test_the_sheet_of_profits_takes_the_same_options(listings, tmp_path):
    pair = (PERSON, "Website relaunch")
    own = {"labour_costs": {None: 45, PERSON: 60, pair: 70}, "cost_currency": "EUR"}
    for given, words in (
        ({"costs": "toggl", "by": "client"}, "toggl"),
        (own, f"others 45, {PERSON} 60, {PERSON} on Website relaunch 70"),
    ):
        settings = {"sheets": ["Profit", "About"], "options": {"profitability": given}}
        path = export.to_excel(listings, tmp_path / "f.xlsx", **MARCH, rates=True, **settings)
        sheets = pd.read_excel(path, sheet_name=None, header=None, dtype=str)
        assert words in sheets["About"].to_string() + sheets["Profit"].to_string()
        expected = reports.profitability(listings, **MARCH, **given)
        assert len(sheets["Profit"]) > len(expected)
        assert sheets["Profit"].iloc[:, 0].str.contains("Website").any() == ("by" not in given)


# --- time of no currency --------------------------------------------------------------------------


def test_time_of_no_currency_is_a_row_of_its_own_in_every_report(listings):
    entries = reports.time_entries(listings, **MARCH)
    billable = entries["billable"] & entries["amount"].notna()
    number = entries.loc[billable, "id"].iloc[0]
    entries["currency"] = entries["currency"].mask(entries["id"] == number)
    frames = {"time_entries": entries, "projects": listings.projects}
    one = entries[entries["id"] == number].iloc[0]
    for report, key in (
        (lambda: reports.earnings(frames, by="project"), "project_id"),
        (lambda: reports.invoice_lines(frames, by="project"), "project_id"),
        (lambda: reports.profitability(frames), "project_id"),
        (lambda: reports.profitability(frames, by="client"), "client_id"),
    ):
        made = report()
        owner = one["project_id"]
        if key == "client_id":
            owner = Listings(frames).projects.set_index("id").loc[owner, "client_id"]
        rows = made[(made[key] == owner) & made["currency"].isna()]
        amount = rows["revenue" if "revenue" in made else "amount"]
        assert amount.tolist() == pytest.approx([one["amount"]])
