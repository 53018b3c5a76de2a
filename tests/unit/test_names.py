"""Names of clients, projects and users in place of ids: in every report, export and command."""

import inspect
import re
import unicodedata
from functools import partial
from pathlib import Path

import pandas as pd
import pytest
from busy_entries import entry_at
from cli_cases import commands_to
from conftest import SCALE
from days import TODAY
from entries_data import frame_of
from examples import IS_NIGHT
from export_data import read_workbook
from joins_data import frame
from pandas.testing import assert_frame_equal
from report_cases import RECORDS, call, counts
from vendor import Fault

from togglframe import Archive, ConfigError, demo, export, reports
from togglframe._renamed import RANGED_INSTEAD
from togglframe.reports.listings import LISTINGS
from togglframe.reports.names import FILTERS, KEYS, PROJECT, USER, Keys, _Lookup
from togglframe.tables import CLIENTS, PROJECTS, TASKS, USER_DETAILS
from togglframe.tables.provenance import of
from togglframe.text.scope import source

DOCS = Path(__file__).parents[2] / "docs"
ASKED = {
    "capacity": reports.utilisation,
    "fixed_fee": reports.profitability,
    "labour_costs": reports.profitability,
}
WEEK = {"period": "2026-W47"}


@pytest.fixture(scope="module")
def agency():
    """A workspace, for tests that count no requests."""
    with demo(scale=SCALE, today=str(TODAY)) as ws:
        yield ws


@pytest.fixture(scope="module")
def listings(agency):
    return reports.Listings(agency)


def filters_of(record):
    """Return the filters of a report."""
    return FILTERS.keys() & inspect.signature(getattr(reports, record.name)).parameters.keys()


def a_name(listings, name):
    """Return the id of somebody or something, and a name that nothing else has."""
    rows = getattr(listings, name)
    column = FILTERS[name].name
    alone = rows[~rows[column].str.casefold().duplicated(keep=False)]
    row = alone.iloc[1]
    return int(row["id"]), row[column]


def without_names(made):
    return {name: value for name, value in of(made).items() if name != "names"}


# --- names equal ids ------------------------------------------------------------------------------


def test_names_equal_ids_in_every_report(listings, subtests):
    # Slow, since each report is made twice: by day one filter of each report, in turn.
    for n, record in enumerate(RECORDS):
        names = sorted(filters_of(record))
        for name in names if IS_NIGHT or not names else [names[n % len(names)]]:
            number, spelled = a_name(listings, name)
            with subtests.test(f"{record.name} {name}"):
                by_id = call(record, listings, **{name: number})
                by_name = call(record, listings, **{name: [f" {spelled.upper()} "]})
                assert_frame_equal(by_id, by_name, check_exact=True)
                assert of(by_name)["filters"][name] == [number]
                assert of(by_name)["names"][name] == [spelled]


def test_every_filter_and_mapping_is_known_to_the_resolver():
    takes = {name for record in RECORDS for name in filters_of(record)}
    assert takes == FILTERS.keys()
    functions = [*(getattr(reports, record.name) for record in RECORDS), export.to_invoice]
    parameters = {name for one in functions for name in inspect.signature(one).parameters}
    assert KEYS.keys() <= parameters


CLIENT_ROWS = (
    {"id": 1, "name": "Acme"},
    {"id": 2, "name": "Acme Labs"},
    {"id": 3, "name": "Café Straße"},
    {"id": 4, "name": "2026"},
    {"id": 5, "name": "Twice"},
    {"id": 6, "name": "twice "},
    {"id": 7, "name": None},
)
PROJECT_ROWS = (
    {"id": 11, "name": "Website", "client_id": 1, "active": True},
    {"id": 12, "name": "Website", "client_id": 2, "active": False},
    {"id": 13, "name": "Intranet", "client_id": 3, "active": False},
    {"id": 14, "name": "Alone", "active": True},
    {"id": 15, "name": "Year", "client_id": 4, "active": True},
    {"id": 16, "name": "One of two", "client_id": 5, "active": True},
    {"id": 17, "name": "The other", "client_id": 6, "active": True},
)
USER_ROWS = (
    {"id": 21, "fullname": "Anna Keller", "email": "anna@one.example", "active": True},
    {"id": 22, "fullname": "Anna Keller", "email": "keller@two.example", "active": False},
    {"id": 23, "fullname": "Émile", "email": "e@one.example", "active": False},
)
HELD = {
    "clients": frame(CLIENTS, *CLIENT_ROWS),
    "projects": frame(PROJECTS, *PROJECT_ROWS),
    "users": frame(USER_DETAILS, *USER_ROWS),
    "time_entries": frame_of(
        [
            {**entry_at(n, f"2026-03-{n:02}T08:00", 1), "project_id": project, "user_id": user}
            for n, (project, user) in enumerate(
                [(11, 21), (12, 22), (13, 23), (14, 21), (15, 22), (16, 23), (None, 21)], start=1
            )
        ]
        + [
            {
                **entry_at(8, "2026-03-08T08:00", 1),
                "project_id": 99,
                "project": "Deleted",
                "user_id": 98,
                "user": "Gone Long",
            }
        ]
    ),
}


def ids_of(held=HELD, **filters):
    """Return the ids that a report was filtered by."""
    made = reports.time_entries(held, **filters)
    return of(made)["filters"][next(iter(filters))]


FOUND = [
    ({"clients": "ACME"}, [1]),  # the equal one, though two contain it
    ({"clients": "labs"}, [2]),
    ({"clients": "CAFÉ STRASSE"}, [3]),
    ({"clients": unicodedata.normalize("NFD", "café straße")}, [3]),
    ({"clients": "2026"}, [4]),
    ({"clients": [2, "acme", None]}, [2, 1, None]),
    ({"clients": pd.Series(["acme", None, 2], dtype=object)}, [1, None, 2]),
    ({"clients": None, "projects": pd.Index(["intranet", "alone"])}, None),
    ({"projects": "intranet"}, [13]),  # archived
    ({"projects": iter(["intranet", 14])}, [13, 14]),
    ({"projects": "deleted"}, [99]),  # in an entry alone
    ({"users": "gone"}, [98]),
    ({"users": "KELLER@two.example"}, [22]),
    ({"users": "two.example"}, [22]),
    ({"users": ["e\N{COMBINING ACUTE ACCENT}mile", "anna@one.example"]}, [23, 21]),
    ({"users": ["émile", 23]}, [23]),
]


def test_a_name_is_compared_after_nfc_strip_and_casefold(subtests):
    for filters, expected in FOUND:
        with subtests.test(str(filters)):
            if expected is None:
                assert [*reports.time_entries(HELD, **filters)["project_id"]] == [13, 14]
            else:
                assert ids_of(**filters) == expected


def test_none_is_without_one_and_no_filter_at_all():
    assert len(reports.time_entries(HELD, projects=None)) == 8
    assert reports.time_entries(HELD, projects=[None])["project_id"].isna().tolist() == [True]
    assert reports.time_entries(HELD, clients=[None, "acme"])["id"].tolist() == [1, 4, 7, 8]


def refused_in_docs(section):
    """Return the refused arguments and their errors in a section of the reference."""
    page = (DOCS / "reference" / "arguments.md").read_text()
    (text,) = re.findall(rf"^## {section}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    return re.findall(r"^\| `(.+?)` \| (.+?) \| .+ \|$", text, flags=re.MULTILINE)


def check_refused(message, report, *args, **given):
    """Compare the error of a report with one of the docs, where "…" is anything."""
    with pytest.raises((ConfigError, TypeError)) as refused:
        report(*args, **given)
    expected = ".*".join(map(re.escape, re.split(r"(?<!=)…", message)))
    assert re.fullmatch(expected, str(refused.value)), str(refused.value)


def test_the_docs_list_what_the_error_of_each_wrong_name_advises(subtests):
    rows = refused_in_docs("Names")
    assert len(rows) == 18
    for argument, message in rows:
        given = eval(f"dict({argument})")
        (name,) = given
        report = ASKED.get(name, reports.time_entries)
        with subtests.test(argument):
            check_refused(message, report, HELD, period="2026-03", **given)


def test_the_docs_list_what_the_error_of_each_wrong_period_advises(subtests):
    rows = refused_in_docs("Periods")
    for call_of_docs, message in rows:
        with subtests.test(call_of_docs):
            names = {**vars(reports), "ws": HELD, "pd": pd}
            check_refused(message, eval, call_of_docs, names)
    of_totals = {row.partition("(")[0] for row, message in rows if "has a range" in message}
    assert of_totals == RANGED_INSTEAD.keys()


def test_a_name_needs_a_listing_to_be_looked_up_in():
    entries = HELD["time_entries"]
    assert ids_of({"time_entries": entries, "projects": HELD["projects"]}, users="gone") == [98]
    made = reports.hours(entries, by="project", projects="deleted")
    assert made["project_id"].tolist() == [99]
    with pytest.raises(ConfigError, match=r"no listing of users .* give the id"):
        reports.workload({"tasks": reports.Listings(demo(scale=6)).tasks.head(0)[[]]}, users="Anna")


def test_an_address_is_known_from_an_entry_of_somebody_whom_only_tasks_name_before():
    task = {"id": 1, "user_id": 98, "user_name": "Gone Long", "project_id": 11}
    entries = HELD["time_entries"].assign(email=[*[None] * 7, "gone@two.example"])
    held = {**HELD, "tasks": frame(TASKS, task), "time_entries": entries}
    assert ids_of(held, users="gone@two.example") == [98]


def test_clients_are_known_by_the_entries_of_their_projects():
    entries = HELD["time_entries"].assign(client=["Acme", *[None] * 7])
    assert ids_of({"time_entries": entries, "projects": HELD["projects"]}, clients="acme") == [1]


# --- what it costs --------------------------------------------------------------------------------


def test_a_plan_counts_the_listing_of_names_until_it_is_cached(make_workspace, sandbox):
    ws = make_workspace(sandbox, cache="memory")
    ask = {**WEEK, "users": "Priya Raman"}
    plan = reports.plan(ws, "hours", **ask)
    users = LISTINGS["users"].least_requests()
    assert plan.costs == {"time_entries": 1, "users": users}
    assert not plan.is_exact
    assert sandbox.requests == []
    reports.hours(ws, **ask)
    assert counts(sandbox) == {"search/users": users, "search/time_entries": 1}
    sent = len(sandbox.requests)
    assert reports.plan(ws, "hours", **ask).requests == 0
    reports.hours(ws, **ask)
    assert reports.plan(ws, "hours", **WEEK, users="mateo rivas").requests == 1
    assert len(sandbox.requests) == sent


def test_nothing_is_requested_for_a_name_that_a_report_has_anyway(make_workspace, sandbox):
    ws = make_workspace(sandbox, cache="memory")
    by_name = reports.project_budget(ws, clients="northwind coffee roasters")
    assert {request.endpoint for request in sandbox.requests} == {
        *("filters/projects", "filters/projects/status", "filters/clients")
    }
    sent = len(sandbox.requests)
    assert reports.plan(ws, "project_budget", clients="northwind coffee roasters").requests == 0
    assert of(by_name)["names"] == {"clients": ["Northwind Coffee Roasters"]}
    assert len(sandbox.requests) == sent


def test_names_cost_no_more_requests_than_ids(make_workspace, sandbox, subtests):
    cases = {
        "project_budget": {"projects": "Customer portal"},
        "client_budget": {"clients": "Brasserie Élan"},
        "forecast": {"projects": "Customer portal"},
    }
    for name, filters in cases.items():
        with subtests.test(name):
            sent = []
            for parameters in (filters, {}):
                ws = make_workspace(sandbox, cache="memory")
                getattr(reports, name)(ws, **parameters)
                sent.append(ws.usage.requests)
            assert sent[0] <= sent[1]


def test_a_document_of_a_client_requests_each_listing_once(sandbox, make_workspace, tmp_path):
    sent = []
    for write in (
        partial(export.to_html, path=tmp_path / "page.html", sections=["budgets"]),
        reports.project_budget,
    ):
        ws = make_workspace(sandbox, cache="memory")
        write(ws, clients="Brasserie Élan")
        sent.append(ws.usage.requests)
    assert sent[0] == sent[1]


def test_other_errors_come_before_a_name_is_looked_up(ws, sandbox):
    with pytest.raises(ConfigError, match="every must be"):
        reports.hours(ws, **WEEK, users="Priya Raman", every="fortnight")
    with pytest.raises(ConfigError, match="There is no sheet"):
        export.to_excel(ws, "x.xlsx", clients="northwind coffee roasters", sheets="No")
    assert sandbox.requests == []


def test_a_name_is_refused_where_the_plan_hides_its_listing(ws, sandbox):
    sandbox.inject(Fault("status", status=402, endpoint="search/users", times=-1))
    with pytest.raises(ConfigError, match="the plan or the token hides it; give the id"):
        reports.hours(ws, **WEEK, users="Priya Raman")


# --- sources --------------------------------------------------------------------------------------


def test_an_archive_knows_the_names_of_its_snapshot_and_of_its_entries(agency, tmp_path):
    archive = Archive(tmp_path, today=str(TODAY))
    archive.sync(agency, start_date="2026-11-01")
    archive.snapshot(agency)
    whole = reports.Listings(agency)
    for name in FILTERS:
        number, spelled = a_name(whole, name)
        by_name = reports.hours(archive, **WEEK, **{name: spelled})
        assert_frame_equal(by_name, reports.hours(archive, **WEEK, **{name: number}))
    entries = archive.time_entries(users="priya raman", projects=["Customer portal", None])
    assert {*entries["user"]} == {"Priya Raman"}


def test_a_name_is_looked_up_in_each_of_several_workspaces():
    other = {
        **HELD,
        "clients": frame(CLIENTS, {"id": 1, "name": "Birch"}, {"id": 2, "name": "acme"}),
    }
    two = {7: HELD, 8: other}
    made = reports.across(two, "time_entries", clients="Acme")
    assert made[["workspace_id", "client_id"]].to_numpy().tolist() == [[7, 1], [8, 2]]
    made = reports.across(two, "time_entries", clients=["Birch", "Café Straße"])
    assert made[["workspace_id", "client_id"]].to_numpy().tolist() == [[7, 3], [8, 1]]
    assert of(made)["names"] == {"clients": ["Café Straße", "Birch"]}
    with pytest.raises(ConfigError, match="there is no client 'Cedar'"):
        reports.across(two, "time_entries", clients=["Birch", "Cedar"])


def test_capacity_by_name_is_for_several_workspaces():
    two = {7: HELD, 8: {**HELD, "users": frame(USER_DETAILS, {"id": 21, "fullname": "Bo"})}}
    made = reports.across(
        two, "utilisation", period="2026-03", every="month", capacity={None: 40, "Bo": 10}
    )
    hours = made.set_index(["workspace_id", "user_id"])["capacity_hours"]
    assert hours.loc[[(7, 21), (8, 21)]].tolist() == [176, 44]


# --- mappings -------------------------------------------------------------------------------------


def march(**more):
    made = reports.utilisation(HELD, period="2026-03", every="month", **more)
    return made.set_index("user_id")[["workdays", "capacity_hours"]]


def test_capacity_is_by_name_address_or_id_with_a_default():
    mixed = {None: 40, "ANNA@one.example": 30, "émile": 20.0}
    expected = {21: 132, 22: 176, 23: 88, 98: 176}
    assert march(capacity=mixed)["capacity_hours"].to_dict() == expected
    assert march(capacity=pd.Series(mixed))["capacity_hours"].to_dict() == expected
    alone = march(capacity={21: 30})["capacity_hours"]
    assert alone[21] == 132
    assert alone.drop(21).isna().all()


def test_seven_numbers_are_the_days_from_monday_on():
    week = [8, 8, 8, 8, 4, 0, 0]
    found = march(capacity={None: 40, "émile": week, 21: [0, 0, 0, 0, 0, 5, 0]})
    assert found.loc[23].tolist() == [22, 22 * 8 - 4 * 4]  # four Fridays
    assert found.loc[21].tolist() == [4, 20]
    assert march(capacity=week).loc[22].tolist() == [22, 160]


def test_own_holidays_replace_those_of_all_others():
    days = {None: ["2026-03-02", "2026-03-03"], "émile": ["2026-03-04"], "gone long": []}
    assert march(holidays=days)["workdays"].to_dict() == {21: 20, 22: 20, 23: 21, 98: 22}
    found = reports.entry_audit(HELD, holidays={"émile": ["2026-03-04"]})
    missing = found[(found["check"] == "missing_day") & (found["user_id"] == 23)]
    assert [day.day for day in missing["date"]] == [5]


REFUSED_KEYS = [
    ({"capacity": {"Anna": 30}}, r"there is no user 'Anna'; did you mean Anna Keller \(id 21"),
    ({"capacity": {"Anna Keller": 30}}, "'Anna Keller' may mean"),
    ({"capacity": {999: 30}}, "capacity names user 999, who is not among the users"),
    ({"holidays": {999: []}}, "holidays names user 999, who is not among the users"),
    ({"capacity": {"émile": 30, 23: 40}}, "capacity has two keys for one, 'émile' and 23"),
    (
        {"capacity": pd.Series([30, 40], ["émile", "émile"])},
        "capacity has the key 'émile' twice",
    ),
    ({"capacity": {"émile": [8] * 6}}, "or of its seven days from Monday on, not 6 numbers"),
    ({"capacity": {None: -1}}, "capacity of all others must be a number of hours from 0"),
]


def test_a_key_that_fits_nobody_or_that_two_share_is_refused(subtests):
    for parameters, message in REFUSED_KEYS:
        with subtests.test(str(parameters)), pytest.raises(ConfigError, match=message):
            march(**parameters)
    with pytest.raises(ConfigError, match="fixed_fee has the key None, but no default"):
        reports.profitability(HELD, fixed_fee={None: 5})
    with pytest.raises(TypeError, match="capacity has the key True"):
        march(capacity={True: 3})


def test_fees_are_by_the_name_of_a_project(listings):
    number, spelled = a_name(listings, "projects")
    days = {"period": "2026-W47"}
    by_name = reports.profitability(listings, **days, fixed_fee=pd.Series({spelled: 700}))
    assert_frame_equal(by_name, reports.profitability(listings, **days, fixed_fee={number: 700}))
    assert 700 in by_name["revenue"].tolist()


def test_a_key_may_be_of_a_person_and_a_project():
    keys = Keys(kind=USER, more=(PROJECT,), has_default=True)
    given = {None: 40, "émile": 50, ("anna@one.example", "Intranet"): 60, (22, 13): 70}
    found = _Lookup(reports.Listings(HELD)).mapping("labour_costs", given, keys)
    assert found == {None: 40, 23: 50, (21, 13): 60, (22, 13): 70}


# --- words and files ------------------------------------------------------------------------------


def test_a_scope_line_says_the_names():
    made = reports.time_entries(HELD, clients=["acme", None], projects=["website", 13][1:])
    assert "client Acme" not in source(made)
    assert "Acme and no client only" in source(made)
    assert "project Intranet only" in source(made)
    many = reports.time_entries(HELD, clients=[1, 2, 3, 4])
    assert "4 clients only" in source(many)


def test_a_workbook_takes_names_and_capacity_by_report(listings, tmp_path):
    capacity = {None: 40, "Priya Raman": 20}
    path = export.to_excel(
        listings,
        tmp_path / "october.xlsx",
        period="2026-10",
        clients="northwind coffee roasters",
        sheets=["Utilisation", "About"],
        audience="team",
        options={"utilisation": {"capacity": capacity}},
    )
    book = read_workbook(path)
    cells = [str(cell.value) for row in book["About"] for cell in row]
    assert any("Northwind Coffee Roasters" in text for text in cells)
    assert any("capacity = others 40, Priya Raman 20" in text for text in cells)
    with pytest.raises(ConfigError, match="options names 'Utilisation'"):
        export.to_excel(
            listings,
            path,
            period="2026-10",
            sheets="Utilisation",
            options={"Utilisation": {"capacity": 40}},
        )


def test_a_page_takes_names_and_capacity(listings, tmp_path):
    path = export.to_html(
        listings,
        tmp_path / "page.html",
        period="2026-W47",
        clients="northwind coffee roasters",
        options={"utilisation": {"capacity": {"Priya Raman": 20}}},
    )
    text = path.read_text()
    assert "<title>Northwind Coffee Roasters · " in text


# --- the command line -----------------------------------------------------------------------------


@pytest.fixture
def run(sandbox, monkeypatch):
    return commands_to(sandbox, monkeypatch)


def test_digits_are_an_id_unless_a_name_equals_them(make_sandbox, monkeypatch):
    sandbox = make_sandbox(SCALE)
    client = sandbox.agency.clients[0]
    run = commands_to(sandbox, monkeypatch)
    by_id = run("hours", "--client", str(client["id"]), "--by", "client", "--period", "2026-10")
    assert client["name"] in by_id.stdout
    client["name"] = "2026"
    by_name = run("hours", "--client", "2026", "--by", "client", "--period", "2026-10", "--refresh")
    assert by_name.exit_code == 0, by_name.output
    hours = [result.stderr.splitlines()[0].partition(" only: ")[2] for result in (by_id, by_name)]
    assert hours[0] == hours[1] != ""


def test_frames_take_names_too(run):
    words = [
        "--where",
        "period=2026-10",
        "--where",
        "by=client",
        "--where",
        "clients=northwind coffee roasters",
    ]
    result = run("frames", "reports.hours", *words)
    assert result.exit_code == 0, result.output
    assert "Northwind Coffee Roasters" in result.stdout


def test_a_report_takes_capacity_as_a_number_or_a_file(run, tmp_path):
    # Slow: a workbook is written.
    hours = tmp_path / "hours.csv"
    hours.write_text("person,hours\nPriya Raman,20\n,40\n")
    words = ["--format", "xlsx", "--sheets", "Utilisation,About", "--period", "2026-10"]
    result = run("report", "--out", str(tmp_path), *words, "--capacity", str(hours))
    assert result.exit_code == 0, result.output
    book = read_workbook(tmp_path / "portfolio.xlsx")
    cells = [str(cell.value) for row in book["About"] for cell in row]
    assert any("Priya Raman 20, others 40" in text for text in cells)
    refused = run("report", "--out", str(tmp_path), *words, "--capacity", "many")
    assert "--capacity takes the hours of a week, such as 38.5" in refused.stderr
