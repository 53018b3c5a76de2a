"""Workbook and page of some clients or projects: all that is theirs, and nothing of the others."""

import pandas as pd
import pytest
from export_data import read_workbook
from reading_pages import Page

from togglframe import Archive, reports
from togglframe.errors import ConfigError
from togglframe.export import to_excel, to_html
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
def page(listings, client, tmp_path_factory):
    path = tmp_path_factory.mktemp("part") / "part.html"
    to_html(listings, path, clients=client, **OCTOBER)
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def no_charts(monkeypatch):
    monkeypatch.setattr(pages, "drawn", lambda *_: Picture("", "", "a chart"))


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


@pytest.mark.daily
def test_users_as_they_came_are_the_members(listings, client, tmp_path):
    path = to_excel(
        listings, tmp_path / "f.xlsx", clients=client, sheets="Raw users", audience="team"
    )
    (sheet,) = read_workbook(path)
    parts = part_of(listings.available()[0], selection("test", clients=client))
    assert sheet.max_row == 1 + len(parts["users"]) < len(listings.users)
    lacking = {name: parts[name] for name in ("projects", "users")}
    assert "users" not in part_of(lacking, selection("test", clients=client))


def outliving(listings):
    """Return a project of which there is a status, and which is not listed."""
    return int(
        listings.statuses[~listings.statuses["id"].isin(listings.projects["id"])]["id"].iloc[0]
    )


@pytest.mark.daily
@pytest.mark.parametrize("sheets", [None, "Hours"])
@pytest.mark.parametrize(
    ("ids", "said"),
    [
        ({"clients": 5}, r"no project matches clients \[5\]"),
        ({"projects": [5]}, r"no project matches projects \[5\]"),
        ({"clients": [], "projects": []}, "no project matches"),
        ({"clients": [], "projects": 187340433}, "no project matches"),
    ],
)
def test_what_is_not_there_makes_no_empty_file(ids, said, sheets, listings, tmp_path):
    days = OCTOBER if sheets else {}
    with pytest.raises(ConfigError, match=f"{said}|there is nothing of 2026-10-01"):
        to_excel(listings, tmp_path / "f.xlsx", sheets=sheets, audience="team", **ids, **days)
    assert [*tmp_path.iterdir()] == []


def test_a_page_of_entries_alone_is_not_of_nothing(listings, tmp_path):
    entries = reports.time_entries(listings, **OCTOBER)
    with pytest.raises(
        ConfigError, match="there is no time entry of 2026-10-01 to 2026-10-31, pro"
    ):
        to_html(entries, tmp_path / "f.html", projects=5, **OCTOBER)


@pytest.mark.daily
def test_only_the_entries_of_the_client_are_asked_for(make_sandbox, make_workspace, tmp_path):
    office = make_sandbox(3)
    ws = make_workspace(office)
    client = int(reports.Listings(ws).clients["id"].iloc[0])
    path = to_excel(ws, tmp_path / "f.xlsx", sheets="Projects", clients=client, **OCTOBER)
    assert read_workbook(path).sheetnames == ["Projects"]
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


def texts_of(sheet):
    return {cell for row in sheet.iter_rows(values_only=True) for cell in row}


def test_nothing_on_it_is_of_another_client(listings, client, page, tmp_path):
    book = read_workbook(to_excel(listings, tmp_path / "f.xlsx", clients=client, **OCTOBER))
    projects = listings.projects
    theirs = projects[projects["client_id"] == client]
    others = named(listings.clients, "name") | named(projects, "name")
    others |= named(listings.tasks, "name") | named(listings.users, "fullname")
    worked = reports.time_entries(listings, clients=client, **OCTOBER)
    users = listings.users[listings.users["id"].isin({*worked["user_id"]})]
    own = named(listings.clients[listings.clients["id"] == client], "name") | named(theirs, "name")
    own |= named(users, "fullname")
    texts = set().union(*map(texts_of, book))
    cells = {cell for rows in page.tables.values() for row in rows for cell in row}
    assert texts & (others - own) == cells & (others - own) == set()
    assert texts & own
    assert cells & own


def test_a_load_of_all_their_work_has_people_of_the_part_alone(listings, client, tmp_path):
    chosen = {"clients": client, "sheets": "Utilisation", "audience": "team", **OCTOBER}
    (sheet,) = read_workbook(to_excel(listings, tmp_path / "f.xlsx", **chosen))
    hours = reports.hours(listings, by="user", clients=client, **OCTOBER)
    everybody = {*listings.users["fullname"]}
    shown = {str(text).partition(" · ")[0] for text in texts_of(sheet)}
    assert shown >= {*hours["user"]}
    assert not shown & (everybody - {*hours["user"]})
    assert len(everybody - {*hours["user"]}) > 0


def test_projects_without_a_client_are_a_workbook_of_the_team(listings, tmp_path):
    book = read_workbook(to_excel(listings, tmp_path / "f.xlsx", clients=[None]))
    assert "no client" in book["Summary"]["A2"].value
    assert "Audit" in book.sheetnames


@pytest.mark.parametrize("with_listed", [False, True])
def test_a_project_that_its_status_outlives_can_be_named(with_listed, listings, tmp_path):
    gone, listed = outliving(listings), int(listings.projects["id"].iloc[0])
    ids = [gone, listed] if with_listed else [gone]
    path = to_excel(listings, tmp_path / "f.xlsx", projects=ids, sheets="Budget", audience="team")
    (sheet,) = read_workbook(path)
    heads = [cell.value for cell in sheet[1]]
    shown = [row[heads.index("Project ID")] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert {*shown} - {None} == {*ids}
