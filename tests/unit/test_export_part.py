"""Workbook and page of some clients or projects: all that is theirs, and nothing of the others."""

import pandas as pd
import pytest
from export_data import read_workbook
from reading_pages import Page

from togglframe import Archive, reports
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export import to_excel, to_html
from togglframe.export.excel.workbook import chosen_sheets, contents_of
from togglframe.export.html import page as pages
from togglframe.export.html.pictures import Picture
from togglframe.reports._part import part_of
from togglframe.reports.selection import selection

pytestmark = pytest.mark.nightly

OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-10-31"}


@pytest.fixture(scope="module")
def client(listings):
    """Return a client with several projects, and time in October, which is slow to fetch."""
    hours = reports.hours(listings, by="client", **OCTOBER).dropna(subset="client_id")
    several = listings.projects["client_id"].value_counts().loc[lambda counts: counts > 2].index
    return int(hours[hours["client_id"].isin(several)]["client_id"].iloc[0])


@pytest.fixture(scope="module")
def book(listings, client, tmp_path_factory):
    path = tmp_path_factory.mktemp("part") / "part.xlsx"
    return read_workbook(to_excel(listings, path, clients=client, sensitive=True, **OCTOBER))


@pytest.fixture(scope="module")
def page(listings, client, tmp_path_factory):
    path = tmp_path_factory.mktemp("part") / "part.html"
    to_html(listings, path, clients=client, **OCTOBER)
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def no_charts(monkeypatch):
    monkeypatch.setattr(pages, "drawn", lambda *_: Picture("", "", "a chart"))


def frames_of(listings, **chosen):
    """Return the frames of all sheets, and those of the key figures."""
    days = selection("test", **chosen)
    told = {"days": days, "sensitive": True}
    sheets = chosen_sheets(None, **told)
    made = contents_of(
        listings,
        sheets,
        are_named=False,
        options=None,
        at_risk=0.8,
        filters=days.id_filters,
        **told,
    )
    return {sheet.name: sheet.frame for sheet in made.sheets}


def named(frame, name):
    return {*frame[name].dropna()}


@pytest.mark.daily
def test_clients_part_the_listings_without_a_rest(listings):
    parts, _ = listings.available()
    clients = [*listings.projects["client_id"].dropna().unique().tolist(), None]
    pieces = [part_of(parts, selection("test", clients=[one])) for one in clients]
    for name in ("projects", "statuses", "tasks", "project_users", "project_groups"):
        together = pd.concat([piece[name] for piece in pieces]).sort_values("id", ignore_index=True)
        project = "project_id" if "project_id" in together else "id"
        is_listed = parts[name][project].isin(parts["projects"]["id"])  # others are of no client
        whole = parts[name][is_listed].sort_values("id", ignore_index=True)
        pd.testing.assert_frame_equal(together, whole)


def test_each_sheet_is_the_report_of_that_client(listings, client):
    frames = frames_of(listings, clients=client, **OCTOBER)
    budget = reports.project_budget(listings, clients=client, members=True)
    given = {"clients": client, **OCTOBER}
    made = {
        "Budget": budget,
        "Clients": reports.client_budget(listings, clients=client, by_currency=True),
        "Hours": reports.hours(listings, by=["client", "project", "user"], **given),
        "Timesheet": reports.timesheet(listings, **given),
        "Invoice": reports.invoice_lines(listings, **given),
        "Profit": reports.profitability(listings, **given),
        "Entry audit": reports.entry_audit(listings, **given),
    }
    for name, expected in made.items():
        measures = expected.select_dtypes("number").columns
        shown = frames[name][measures]
        pd.testing.assert_frame_equal(shown, expected[measures].reset_index(drop=True))
        assert len(shown), name
    assert {*frames["Tasks"]["project_id"]} <= {*budget["project_id"]}
    assert {*frames["Team"]["project_id"]} <= {*budget["project_id"]}


def test_nothing_on_it_is_of_another_client(listings, client, book, page):
    projects = listings.projects
    theirs = projects[projects["client_id"] == client]
    others = named(listings.clients, "name") | named(projects, "name")
    others |= named(listings.tasks, "name") | named(listings.users, "fullname")
    ids = {*theirs["id"]}
    members = listings.project_users[listings.project_users["project_id"].isin(ids)]["user_id"]
    own = named(listings.clients[listings.clients["id"] == client], "name") | named(theirs, "name")
    tasks = listings.tasks[listings.tasks["project_id"].isin(ids)]
    own |= named(tasks, "name") | named(tasks, "user_name")
    worked = reports.time_entries(listings, clients=client, **OCTOBER)
    users = listings.users[listings.users["id"].isin({*members, *worked["user_id"]})]
    own |= named(users, "fullname")
    texts = {cell for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row}
    assert texts & (others - own) == set()
    cells = {cell for rows in page.tables.values() for row in rows for cell in row}
    assert cells & (others - own) == set()
    assert texts & own
    assert cells & own


@pytest.mark.daily
def test_users_as_they_came_are_the_members(listings, client, tmp_path):
    path = to_excel(listings, tmp_path / "f.xlsx", clients=client, sheets="Raw users")
    (sheet,) = read_workbook(path)
    parts = part_of(listings.available()[0], selection("test", clients=client))
    assert sheet.max_row == 1 + len(parts["users"]) < len(listings.users)
    lacking = {name: parts[name] for name in ("projects", "users")}
    assert "users" not in part_of(lacking, selection("test", clients=client))


def test_users_are_told_to_be_missing_where_nobody_knows_the_members(listings, client, tmp_path):
    names = ("projects", "statuses", "clients", "users")
    frames = {name: getattr(listings, name) for name in names}
    asked = {"clients": client, "sheets": ["Budget", "Raw users", "About"]}
    with pytest.warns(CompletenessWarning, match="project_users"):
        book = read_workbook(to_excel(reports.Listings(frames), tmp_path / "f.xlsx", **asked))
    assert book.sheetnames == ["Budget", "About"]
    told = dict(row[:2] for row in book["About"].iter_rows(values_only=True))
    assert told["users"] == "Cannot be assigned without project_users."
    assert told["Missing parts"] == "project_users, users"


def test_it_says_whose_it_is(listings, client, book, page):
    (name,) = listings.clients[listings.clients["id"] == client]["name"]
    assert book["Summary"]["A1"].value == f"Toggl Track portfolio, {name}"
    assert "Lifetime totals, client Northwind Coffee Roasters only" in book["Summary"]["A3"].value
    assert f"clients = {client}" in {row[1] for row in book["About"].iter_rows(values_only=True)}
    assert f"{name} · October 2026" in page.words


def test_people_whose_load_is_of_all_their_work_are_there_only_by_name(
    listings, client, book, page, tmp_path
):
    assert "Utilisation" not in book.sheetnames
    assert "Load" not in page.tables["people"][0]
    path = to_excel(listings, tmp_path / "f.xlsx", clients=client, sheets="Utilisation", **OCTOBER)
    (sheet,) = read_workbook(path)
    hours = reports.hours(listings, by="user", clients=client, **OCTOBER)
    shown = {row[0] for row in sheet.iter_rows(min_row=2, values_only=True)}
    assert shown >= {*hours["user"]}
    assert not shown & ({*listings.users["fullname"]} - {*hours["user"]})
    assert len({*listings.users["fullname"]} - {*hours["user"]}) > 0
    assert sheet.max_row < 2 + len(hours) + 5  # what stands below it


def test_projects_without_a_client_can_be_chosen_too(listings, tmp_path):
    path = to_excel(listings, tmp_path / "f.xlsx", clients=[None])
    book = read_workbook(path)
    assert book["Summary"]["A1"].value == "Toggl Track portfolio, (no client)"
    assert "no client only" in book["Summary"]["A3"].value


def test_some_projects_are_chosen_by_their_ids(listings):
    ids = listings.projects["id"].iloc[[1, 4]].tolist()
    frames = frames_of(listings, projects=ids)
    assert sorted(frames["Budget"]["project_id"]) == sorted(ids)


def outliving(listings):
    """Return a project of which there is a status, and which is not listed."""
    return int(
        listings.statuses[~listings.statuses["id"].isin(listings.projects["id"])]["id"].iloc[0]
    )


def test_a_project_that_its_status_outlives_can_be_named(listings):
    gone, listed = outliving(listings), int(listings.projects["id"].iloc[0])
    budget = reports.project_budget(listings)
    for ids in ([gone], [gone, listed]):
        shown = frames_of(listings, projects=ids)["Budget"]
        wanted = budget[budget["project_id"].isin(ids)]
        assert sorted(shown["tracked_time"]) == sorted(wanted["tracked_time"])


@pytest.mark.daily
@pytest.mark.parametrize("sheets", [None, "Hours"])
@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ({"clients": 5}, r"no project matches clients \[5\]"),
        ({"clients": [None, 5]}, r"no project matches clients \[5\]"),
        ({"projects": [5]}, r"no (project matches|time entry of) .*projects \[5\]"),
        ({"clients": [], "projects": []}, "no project matches"),
        ({"clients": [], "projects": 187340433}, "no project matches"),
    ],
)
def test_what_is_not_there_makes_no_empty_file(ids, said, sheets, listings, tmp_path):
    days = OCTOBER if sheets else {}
    with pytest.raises(ConfigError, match=said):
        to_excel(listings, tmp_path / "f.xlsx", sheets=sheets, **ids, **days)
    assert [*tmp_path.iterdir()] == []


def test_a_page_of_entries_alone_is_not_of_nothing(listings, tmp_path):
    entries = reports.time_entries(listings, **OCTOBER)
    with pytest.raises(
        ConfigError, match="there is no time entry of 2026-10-01 to 2026-10-31, pro"
    ):
        to_html(entries, tmp_path / "f.html", projects=5, **OCTOBER)


def test_of_the_workspace_nothing_is_said_that_only_the_part_shows(listings):
    statuses = listings.statuses
    unpaid = {*statuses[statuses["billable_amount"].isna()]["id"]} & {*listings.projects["id"]}
    audit = frames_of(listings, projects=sorted(unpaid)[:2])["Audit"]
    assert "money-not-visible" not in {*reports.project_audit(listings)["check"]}
    assert "money-not-visible" not in {*audit["check"]}


@pytest.mark.daily
def test_what_is_asked_for_cannot_be_asked_of_one_sheet_otherwise(listings, client, tmp_path):
    options = {"hours": {"clients": [1]}}
    with pytest.raises(ConfigError, match="hours has no option 'clients'"):
        to_excel(listings, tmp_path / "f.xlsx", clients=client, options=options, **OCTOBER)


@pytest.mark.daily
def test_frames_are_written_as_they_are(listings, tmp_path):
    with pytest.raises(ConfigError, match="ids and options= apply only to the workbook"):
        to_excel(listings.projects, tmp_path / "f.xlsx", clients=1)


@pytest.mark.daily
def test_only_the_entries_of_the_client_are_asked_for(make_sandbox, make_workspace, tmp_path):
    office = make_sandbox(3)
    ws = make_workspace(office)
    client = int(reports.Listings(ws).clients["id"].iloc[0])
    path = to_excel(ws, tmp_path / "f.xlsx", sheets="Hours", clients=client, **OCTOBER)
    assert read_workbook(path).sheetnames == ["Hours"]
    bodies = [one.body for one in office.requests if one.endpoint == "search/time_entries"]
    assert bodies
    assert all(body["client_ids"] == [client] for body in bodies)


@pytest.mark.usefixtures("no_charts")
def test_an_archive_makes_the_same_page(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(5))
    archive = Archive(tmp_path / "toggl")
    archive.sync(ws, **OCTOBER)
    archive.snapshot(ws)
    client = int(reports.Listings(ws).clients["id"].iloc[0])
    tables = []
    for source in (ws, archive):
        to_html(source, tmp_path / "page.html", clients=client, **OCTOBER)
        tables.append(Page((tmp_path / "page.html").read_text(encoding="utf-8")).tables)
    assert tables[0] == tables[1]
