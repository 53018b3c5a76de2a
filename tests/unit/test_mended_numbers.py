"""Numbers of 0.2 that were wrong, each as the user met it."""

import json
from pathlib import Path

import joins
import pandas as pd
import pytest
from days import TODAY, YESTERDAY
from export_data import read_workbook
from joins_data import frame
from typer.testing import CliRunner
from vendor import Fault, VendorSandbox

from togglframe import (
    CompletenessWarning,
    ConfigError,
    Workspace,
    charts,
    export,
    reports,
    tables,
)
from togglframe.api import search, summary
from togglframe.cli import app
from togglframe.export.portfolio import portfolio

WEEK = {"period": "2026-W43"}


@pytest.fixture
def run(sandbox, monkeypatch):
    """Run a command against the sandbox."""
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    return lambda *words: CliRunner().invoke(app, [*words, "--base-url", sandbox.base_url])


# --- the rounding of invoice lines ---------------------------------------------------------------


@pytest.mark.parametrize("minutes", [15, 10, 0])
def test_minutes_to_round_to_without_a_rounding_are_refused(minutes, ws, sandbox, tmp_path):
    words = f"rounding_minutes={minutes} has no effect without rounding"
    with pytest.raises(ConfigError, match=words):
        reports.invoice_lines(ws, **WEEK, rounding_minutes=minutes)
    options = {"invoice_lines": {"rounding_minutes": minutes}}
    with pytest.raises(ConfigError, match=words):
        export.to_excel(ws, tmp_path / "f.xlsx", **WEEK, sheets="Invoice", options=options)
    assert sandbox.requests == []


def test_joins_and_the_command_line_refuse_minutes_without_a_rounding_too(listings, run, sandbox):
    entries = reports.time_entries(listings, **WEEK)
    with pytest.raises(ConfigError, match="rounding_minutes=15 has no effect without rounding"):
        joins.invoice_lines(entries, listings.projects, rounding_minutes=15)
    result = run("invoice", "--period", "2026-W43", "--rounding-minutes", "15")
    assert result.exit_code == 2, result.output
    assert "rounding_minutes=15 has no effect without rounding" in result.stderr
    assert sandbox.requests == []


IMPOSSIBLE_BILLING = [
    ({"round_each": "week"}, ConfigError, "round_each must be one of 'entry', 'day', 'line', not"),
    ({"round_each": None}, ConfigError, "not None"),
    ({"minimum_minutes": -1}, ConfigError, "minimum_minutes must be from 0 to 1440, not -1"),
    ({"minimum_minutes": 2.5}, TypeError, "minimum_minutes must be a whole number"),
    ({"minimum_minutes": None}, TypeError, "minimum_minutes must be a whole number"),
]


def test_an_impossible_unit_or_minimum_is_refused(ws, sandbox, run, subtests):
    for wrong, error, words in IMPOSSIBLE_BILLING:
        with subtests.test(str(wrong)), pytest.raises(error, match=words):
            reports.invoice_lines(ws, **WEEK, **wrong)
    result = run("invoice", "--period", "2026-W43", "--round-each", "week")
    assert (result.exit_code, "--round-each must be one of" in result.stderr) == (2, True)
    assert sandbox.requests == []


def test_the_command_line_and_the_workbook_bill_as_the_report_does(ws, run, tmp_path):
    billing = {"rounding": "up", "round_each": "day", "minimum_minutes": 45}
    lines = reports.invoice_lines(ws, **WEEK, **billing)
    entries = reports.invoice_lines(ws, **WEEK, rounding="up")
    assert lines["billed_hours"].sum() != entries["billed_hours"].sum()
    words = [word for name, value in billing.items() for word in (f"--{name}", str(value))]
    words = [word.replace("_", "-") for word in words]
    path = tmp_path / "lines.csv"
    assert run("invoice", "--period", "2026-W43", *words, "--out", str(path)).exit_code == 0
    assert pd.read_csv(path)["billed_hours"].tolist() == lines["billed_hours"].tolist()
    options = {"invoice_lines": {**billing, "by": ["client", "project", "user"]}}
    book = export.to_excel(ws, tmp_path / "f.xlsx", **WEEK, sheets="Invoice", options=options)
    sheet = pd.read_excel(book, "Invoice").head(len(lines))
    assert sorted(sheet["Billed [h]"]) == sorted(lines["billed_hours"])


def test_a_range_that_is_not_over_is_invoiced_with_a_warning(listings):
    with pytest.warns(CompletenessWarning, match=f"ends on {TODAY}, and today is {TODAY}: it is"):
        reports.invoice_lines(listings, period="this-month")
    reports.invoice_lines(listings, start_date="2026-11-01", end_date=str(YESTERDAY))


def test_none_is_the_one_word_for_no_rounding_and_a_quarter_of_an_hour_the_default(listings):
    exact = reports.invoice_lines(listings, **WEEK, rounding=None)
    assert exact.equals(reports.invoice_lines(listings, **WEEK))
    assert exact["billed_hours"].equals(exact["tracked_hours"])
    up = reports.invoice_lines(listings, **WEEK, rounding="up")
    assert up.equals(reports.invoice_lines(listings, **WEEK, rounding="up", rounding_minutes=15))
    with pytest.raises(ConfigError, match="or None for no rounding, not 'none'"):
        reports.invoice_lines(listings, **WEEK, rounding="none")


def test_the_command_rounds_to_quarters_unless_it_is_told_otherwise(run):
    assert run("invoice", "--period", "2026-W43", "--rounding", "up").exit_code == 0


# --- at risk means that something can still be done ----------------------------------------------


def near_the_estimate(budget):
    return budget[budget["progress"].between(0.8, 1)]


def test_an_archived_project_below_its_estimate_is_on_track_and_an_active_one_at_risk(listings):
    near = near_the_estimate(reports.project_budget(listings))
    states = near.groupby("active")["budget_state"].agg(set)
    assert states.to_dict() == {True: {"at_risk"}, False: {"on_track"}}


def test_every_count_of_projects_at_risk_leaves_archived_ones_out(listings):
    budget = reports.project_budget(listings)
    at_risk = int(near_the_estimate(budget)["active"].sum())
    for by_currency in (False, True):
        clients = reports.client_budget(listings, by_currency=by_currency)
        assert clients["n_at_risk"].sum() == at_risk
    figures = portfolio(listings, sections=["figures"]).section("figures").figures
    assert [one.text for one in figures if one.name == "At risk"] == [f"{at_risk}"]


def test_a_project_whose_state_is_unknown_counts_as_active():
    hours = {"tracked_time": 9 * 3600, "estimated_time": 10 * 3600}
    statuses = frame(tables.PROJECT_STATUSES, *({"id": number, **hours} for number in (1, 2, 3)))
    projects = frame(tables.PROJECTS, {"id": 1, "active": False}, {"id": 2})
    budget = joins.project_budget(projects, statuses)  # project 3 has only a status
    assert budget.set_index("project_id")["budget_state"].to_dict() == {
        1: "on_track",
        2: "at_risk",
        3: "at_risk",
    }


def test_the_command_line_reports_active_projects_at_risk_alone(run, ws, tmp_path):
    near = near_the_estimate(reports.project_budget(ws))
    result = run("report", "--state", "at_risk", "--format", "csv", "--out", str(tmp_path))
    assert result.exit_code == 0, result.output
    found = pd.read_csv(tmp_path / "portfolio.csv")
    assert set(found["project_id"]) == set(near.loc[near["active"], "project_id"])


# --- what is absent is unknown, what is empty is none --------------------------------------------


def answering(sandbox, endpoint, answer):
    sandbox.inject(Fault("payload", endpoint=endpoint, body=json.dumps(answer)))


@pytest.mark.parametrize(
    ("money", "hours"),
    [
        ({"rates": []}, 0),
        ({}, None),
        ({"rates": None}, None),
        ({"rates": [{"billable_seconds": 1800, "hourly_rate_in_cents": 9000}]}, 0.5),
        ({"rates": [], "billable_seconds": 900}, 0.25),
    ],
    ids=str,
)
@pytest.mark.parametrize("distinguish_rates", [False, True])
def test_no_rates_in_a_summary_are_no_billable_time(money, hours, distinguish_rates, ws, sandbox):
    group = {"id": 7, "sub_groups": [{"id": 8, "seconds": 3600, **money}]}
    answering(sandbox, "summary/time_entries", {"groups": [group]})
    days = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
    rows = summary.time_entries(ws, **days, distinguish_rates=distinguish_rates)
    billable = rows["billable_time"] / pd.Timedelta(hours=1)
    assert [None if pd.isna(each) else each for each in billable] == [hours]


@pytest.mark.parametrize(
    ("told", "tags"),
    [
        ({}, [pd.NA, pd.NA]),
        ({"tag_ids": []}, [[], []]),
        ({"tag_ids": None, "tag_names": None}, [[], []]),
        ({"tag_ids": [3]}, [pd.NA, [3]]),
        ({"tag_names": ["design"]}, [["design"], pd.NA]),
    ],
    ids=str,
)
def test_tags_that_an_answer_does_not_tell_are_unknown(told, tags, ws, sandbox):
    moments = {"start": "2026-10-05T09:00:00+00:00", "stop": "2026-10-05T10:00:00+00:00"}
    entry = {"user_id": 5, "time_entries": [{"id": 1, "seconds": 3600, **moments}], **told}
    answering(sandbox, "search/time_entries", [entry])
    (row,) = search.time_entries(ws, start_date="2026-10-01", end_date="2026-10-31").itertuples()
    assert [row.tags, row.tag_ids] == tags


# --- the free plan -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def free():
    with VendorSandbox(20, plan="free", quota=1_000_000) as sandbox:
        options = {"cache": None, "per_second": None, "token": sandbox.token}
        with Workspace(sandbox.workspace_id, base_url=sandbox.base_url, **options) as ws:
            yield reports.Listings(ws)


MONTH = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
ASKED = {
    "filters/projects/status": {},
    "search/time_entries": MONTH,
    "search/time_entries/totals": {**MONTH, "with_graph": True},
    "summary/time_entries": MONTH,
    "weekly/time_entries": MONTH,
    "data_trends/clients": {**MONTH, "currency": "EUR"},
    "data_trends/users": {**MONTH, "currency": "EUR"},
}


def money_in(answer):
    """Return the amounts, rates and costs in an answer, by name."""
    if isinstance(answer, list):
        return [found for each in answer for found in money_in(each)]
    if not isinstance(answer, dict):
        return []
    own = [
        (name, value)
        for name, value in answer.items()
        if any(word in name for word in ("amount", "rate", "cost", "earnings"))
        and isinstance(value, int | float)
        and not isinstance(value, bool)
    ]
    return own + [found for value in answer.values() for found in money_in(value)]


def test_no_answer_of_the_sandbox_on_the_free_plan_holds_money(free, make_sandbox, make_workspace):
    projects = [project["id"] for project in free.ws.post("filters/projects", {})]
    asked = {**ASKED, "filters/project_users": {"project_ids": projects}}
    paid = make_workspace(make_sandbox(20))
    assert all(money_in(paid.post(path, body)) for path, body in asked.items())
    assert [path for path, body in asked.items() if money_in(free.ws.post(path, body))] == []


def test_the_demo_on_the_free_plan_shows_budgets_in_hours_and_no_amounts(free):
    budget = reports.project_budget(free)
    assert budget["tracked_hours"].sum() > 0
    assert budget["overrun_hours"].gt(0).any()
    assert budget[["amount", "effective_rate", "realised_rate"]].isna().all(axis=None)
    assert reports.client_budget(free, by_currency=True)["amount"].isna().all()
    figures = portfolio(free, sections=["figures"]).section("figures").figures
    assert [one.name for one in figures] == [
        "Hours",
        "Estimates used",
        "Overran",
        "At risk",
        "Billable",
    ]


@pytest.mark.nightly
def test_a_workbook_a_page_and_a_slide_of_the_free_demo_say_what_is_hidden(free, tmp_path):
    with pytest.warns(CompletenessWarning, match="tasks"):
        export.to_excel(free, tmp_path / "portfolio.xlsx")
    export.to_html(free, tmp_path / "portfolio.html")  # the listings warned once
    export.to_slide(free, tmp_path / "portfolio.png")


# --- what an hour costs, and in which currency ---------------------------------------------------

OCTOBER = {"period": "2026-10"}
BY_ROW = ["project_id", "currency"]


def worked(number, hours, **entry):
    """Return a time entry of so many hours, 100 an hour if it is billable."""
    start = pd.Timestamp("2026-10-05T08:00Z") + pd.Timedelta(hours=number)
    return {
        "id": number,
        "user_id": 1,
        "project_id": 10,
        "start": start,
        "date": pd.Timestamp("2026-10-05"),
        "tracked_time": hours * 3600,
        "billable": True,
        "amount": 100 * hours if entry.get("billable", True) else None,
        "currency": "USD",
        **entry,
    }


def frames_of(entries, *costs, currency="USD"):
    """Return the frames behind a profitability: entries, one project, its memberships."""
    members = [
        {"id": number, "project_id": 10, "user_id": 1, "labour_cost": cost}
        for number, cost in enumerate(costs, 1)
    ]
    return {
        "time_entries": frame(tables.TIME_ENTRIES, *entries),
        "projects": frame(tables.PROJECTS, {"id": 10, "currency": currency}),
        "project_users": frame(tables.PROJECT_USERS, *members),
    }


def test_a_cost_that_would_count_in_several_currencies_needs_its_currency(listings, tmp_path):
    words = (
        "labour_costs would count in EUR, JPY, USD and an unknown currency: .* cost_currency='EUR'"
    )
    users = reports.hours(listings, **OCTOBER, by="user")["user_id"]
    for costs in (45, dict.fromkeys(users, 45.0)):
        with pytest.raises(ConfigError, match=words):
            reports.profitability(listings, **OCTOBER, labour_costs=costs)
    entries = reports.time_entries(listings, **OCTOBER)
    with pytest.raises(ConfigError, match=words):
        joins.profitability(entries, listings.projects, labour_costs=45)
    options = {"profitability": {"labour_costs": 45}}
    with pytest.raises(ConfigError, match=words):
        export.to_excel(
            listings,
            tmp_path / "f.xlsx",
            **OCTOBER,
            sheets="Profit",
            rates=True,
            options=options,
        )


def test_a_cost_in_euros_counts_in_rows_in_euros_and_is_unknown_in_the_others(listings):
    bare = reports.profitability(listings, **OCTOBER).set_index(BY_ROW)
    filled = reports.profitability(
        listings, **OCTOBER, labour_costs=45, cost_currency="EUR"
    ).set_index(BY_ROW)
    is_in_euros = filled.index.get_level_values("currency") == "EUR"
    pd.testing.assert_frame_equal(filled[~is_in_euros], bare[~is_in_euros])
    yen = filled.xs("JPY", level="currency")
    assert yen["cost_coverage"].lt(1).all()
    assert yen["profit"].isna().all()
    in_euros = filled[is_in_euros]
    assert (in_euros["cost_coverage"] > bare[is_in_euros]["cost_coverage"]).any()
    gaps = in_euros["tracked_hours"] * (1 - bare[is_in_euros]["cost_coverage"])
    costs = bare[is_in_euros]["cost_known"] + 45 * gaps
    whole = in_euros["cost_coverage"] == 1
    assert in_euros["cost_known"][whole].sum() == pytest.approx(costs[whole].sum())


def test_a_cost_that_counts_in_one_currency_needs_no_other_word():
    entries = [worked(1, 2), worked(2, 1, project_id=11, currency="JPY")]
    frames = frames_of(entries)
    frames["projects"] = frame(
        tables.PROJECTS, {"id": 10, "currency": "USD"}, {"id": 11, "currency": "JPY"}
    )
    only = reports.profitability(frames, labour_costs=45, projects=[10])
    assert only["cost_known"].tolist() == [90]
    with pytest.raises(ConfigError, match="would count in JPY and USD"):
        reports.profitability(frames, labour_costs=45)
    paid = {"id": 1, "project_id": 11, "user_id": 1, "labour_cost": 3000}
    frames["project_users"] = frame(tables.PROJECT_USERS, paid)
    filled = reports.profitability(frames, labour_costs=45)
    assert filled["cost_known"].tolist() == [90, 3000]


@pytest.mark.parametrize(
    ("costs", "words"),
    [
        ({"cost_currency": "EUR"}, "cost_currency has no effect without labour_costs"),
        ({"labour_costs": 45, "cost_currency": "euro"}, "such as 'EUR', not 'euro'"),
        ({"labour_costs": 45, "cost_currency": 45}, "such as 'EUR', not 45"),
    ],
)
def test_a_currency_of_costs_that_cannot_be_is_refused(costs, words, ws, sandbox):
    with pytest.raises(ConfigError, match=words):
        reports.profitability(ws, **OCTOBER, **costs)
    assert sandbox.requests == []


def test_two_costs_that_differ_stay_unknown_and_the_default_fills_only_gaps():
    entries = [worked(1, 2), worked(2, 1, user_id=2)]
    differing = reports.profitability(frames_of(entries, 30, 50), labour_costs=45)
    assert differing["cost_known"].tolist() == [45]
    assert differing["cost_coverage"].tolist() == [1 / 3]
    assert differing["profit"].isna().all()
    same = reports.profitability(frames_of(entries, 30, 30), labour_costs=45)
    assert same["cost_known"].tolist() == [2 * 30 + 45]
    gap = reports.profitability(frames_of(entries, 30, None), labour_costs=45)
    assert gap["cost_known"].tolist() == [2 * 30 + 45]


TODAYS_COST = "an earlier range shows what its hours would cost today"


def test_the_sheet_of_profits_says_that_costs_are_those_of_today(listings, tmp_path):
    given = {**WEEK, "rates": True}
    path = export.to_excel(listings, tmp_path / "f.xlsx", **given, sheets=["Profit", "About"])
    about = dict(row[:2] for row in read_workbook(path)["About"].iter_rows(values_only=True))
    assert TODAYS_COST in about["Labour costs"]
    path = export.to_excel(listings, tmp_path / "f.xlsx", **given, sheets=["Hours", "About"])
    about = dict(row[:2] for row in read_workbook(path)["About"].iter_rows(values_only=True))
    assert "Labour costs" not in about


def test_the_docstring_and_the_guide_say_that_costs_are_those_of_today():
    guide = Path(__file__).parents[2] / "docs/guides/invoicing.md"
    for text in (reports.profitability.__doc__, guide.read_text()):
        assert TODAYS_COST in " ".join(text.split())


# --- an unknown currency is a row of its own -----------------------------------------------------


def test_an_entry_of_unknown_currency_is_not_added_to_the_row_of_the_project():
    entries = [worked(1, 2), worked(2, 0.6, currency=None)]
    frames = frames_of(entries, 30)
    profit = reports.profitability(frames)
    assert profit["currency"].fillna("?").tolist() == ["USD", "?"]
    assert profit["revenue"].tolist() == [200, 60]
    assert profit["cost_known"].tolist() == [60, 0]
    assert profit["cost_coverage"].tolist() == [1, 0]
    earned = reports.earnings(frames, by="project")
    assert profit["revenue"].tolist() == earned["amount"].tolist()
    assert profit["currency"].equals(earned["currency"])


def test_time_of_no_currency_is_a_row_of_its_own_though_it_is_not_billable():
    entries = [worked(1, 2), worked(2, 1, billable=False, currency=None)]
    profit = reports.profitability(frames_of(entries, 30), labour_costs=45)
    assert profit["tracked_hours"].tolist() == [2, 1]
    assert profit["revenue"].tolist() == [200, 0]
    assert profit["cost_known"].tolist() == [60, 0]
    assert profit["cost_coverage"].tolist() == [1, 0]


def test_a_default_beside_an_unknown_currency_needs_its_currency():
    entries = [worked(1, 2), worked(2, 1, project_id=11, currency=None)]
    frames = frames_of(entries)
    frames["projects"] = frame(tables.PROJECTS, {"id": 10, "currency": "USD"}, {"id": 11})
    with pytest.raises(ConfigError, match="would count in USD and an unknown currency"):
        reports.profitability(frames, labour_costs=45)
    profit = reports.profitability(frames, labour_costs=45, cost_currency="USD")
    assert profit["cost_known"].tolist() == [90, 0]
    assert profit["cost_coverage"].tolist() == [1, 0]


def test_an_amount_of_a_status_without_a_currency_is_not_added_to_the_projects_own():
    projects = [{"id": number, "currency": "USD"} for number in (1, 2, 3)]
    statuses = [
        {"id": 1, "tracked_time": 3600, "billable_amount": 60},
        {"id": 2, "tracked_time": 3600, "billable_amount": 100, "currency": "USD"},
        {"id": 3, "tracked_time": 3600},
    ]
    member = {"id": 1, "project_id": 1, "user_id": 1, "hourly_rate": 90}
    budget = reports.project_budget(
        {
            "projects": frame(tables.PROJECTS, *projects),
            "statuses": frame(tables.PROJECT_STATUSES, *statuses),
            "project_users": frame(tables.PROJECT_USERS, member),
            "clients": frame(tables.CLIENTS),
        },
        members=True,
    ).set_index("project_id")
    assert budget["currency"].fillna("?").to_dict() == {1: "?", 2: "USD", 3: "USD"}
    assert budget["hourly_rate_min"].isna().all()  # of a currency that the row does not have
    totals = joins.workspace_summary(budget.reset_index()[tables.PROJECT_BUDGET.names])
    amounts = totals.set_index(totals["currency"].fillna("?"))["amount"]
    assert amounts.to_dict() == {"USD": 100, "?": 60}


def test_amounts_of_two_windows_are_not_added_if_the_currency_of_one_is_unknown(ws, sandbox):
    for money in ({"currency": "EUR"}, {}):
        part = {"id": 8, "seconds": 3600, "billable_seconds": 3600, **money}
        part["billable_amount_in_cents"] = 5000
        answering(sandbox, "summary/time_entries", {"groups": [{"id": 7, "sub_groups": [part]}]})
    rows = summary.time_entries(ws, start_date="2025-01-01", end_date="2026-10-31")
    assert rows["tracked_time"].tolist() == [pd.Timedelta(hours=2)]
    assert rows[["amount", "currency"]].isna().all(axis=None)


# --- days, weeks and months ----------------------------------------------------------------------


def test_a_month_by_day_is_drawn_with_all_of_its_days(listings):
    hours = reports.hours(listings, **OCTOBER, by="client", every="day")
    worked = hours["period"].nunique()
    assert hours["period"].max() < pd.Timestamp("2026-10-31")  # a Saturday
    assert worked < 31
    ax = charts.hours_by_week(hours)
    weekdays = hours[hours["period"].dt.day_of_week < 5]
    mean = weekdays["tracked_hours"].sum() / 22
    assert ax.get_title(loc="left").startswith(f"{mean:.0f} h a weekday; the most, ")
    assert ax.get_xlim()[1] == 30.5


def test_a_month_without_a_known_range_is_drawn_from_its_first_day_to_its_last(listings):
    hours = reports.hours(listings, **OCTOBER, by="client", every="day")
    first, last = hours["period"].min(), hours["period"].max()
    bare = pd.DataFrame(hours)
    bare.attrs = {}
    n_days = (last - first).days + 1
    assert charts.hours_by_week(bare).get_xlim()[1] == n_days - 0.5


def in_two_lengths(listings, report, lengths, **asked):
    return pd.concat([report(listings, **OCTOBER, **asked, every=each) for each in lengths])


@pytest.mark.parametrize(
    ("report", "chart", "asked"),
    [
        (reports.hours, charts.hours_by_week, {"by": "client"}),
        (reports.hours, charts.hours_heatmap, {"by": "user"}),
        (reports.earnings, charts.earnings_by_month, {"by": "client"}),
        (reports.utilisation, charts.utilisation_bars, {}),
        (reports.burn, charts.burn_up, {}),
    ],
)
def test_periods_that_overlap_are_refused(report, chart, asked, listings):
    both = in_two_lengths(listings, report, ["week", "month"], **asked)
    with pytest.raises(ConfigError, match="periods of the frame overlap"):
        chart(both)


@pytest.mark.parametrize("every", ["week", "month"])
def test_days_that_overlap_weeks_or_months_are_refused(every, listings):
    hours = in_two_lengths(listings, reports.hours, ["day", every], by="client")
    with pytest.raises(ConfigError, match="overlap"):
        charts.hours_by_week(hours.drop_duplicates(["client_id", "period"], keep="last"))


def test_days_that_are_mondays_and_firsts_alone_are_no_weeks_and_months():
    entries = [worked(1, 2, date=pd.Timestamp("2026-10-01")), worked(2, 1)]  # and 5 October
    days = reports.hours(frames_of(entries), by="project", every="day")
    assert charts.hours_by_week(days).get_xlim()[1] == 4.5
    mondays = reports.hours(frames_of(entries[1:]), by="project", every="day")
    assert charts.hours_by_week(mondays).get_title(loc="left") == "1.0 h on 5 October"
