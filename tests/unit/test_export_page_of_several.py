"""A page of several workspaces: the rows of each, told apart, and nothing added up across ids."""

import re
from collections import Counter

import pandas as pd
import pytest
from reading_pages import Page

from togglframe import Archive, Workspace, reports
from togglframe.errors import AccessError, CompletenessWarning, ConfigError, QuotaExceededError
from togglframe.export import to_html
from togglframe.export.html import page as pages
from togglframe.export.html.pictures import Picture
from togglframe.sandbox import Sandbox

pytestmark = pytest.mark.nightly

OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
NUMBERS = (1, 4218603)


@pytest.fixture(scope="module")
def studios():
    """Return two workspaces whose ids and names are partly equal."""
    quick = {"cache": "memory", "per_second": None}
    with Sandbox(5) as large, Sandbox(3, workspace_id=1) as small:
        yield [
            Workspace(one.workspace_id, token=one.token, base_url=one.base_url, **quick)
            for one in (large, small)
        ]


def page_of(source, path, *, drawn=False, **options):
    with pytest.MonkeyPatch.context() as patch:
        if not drawn:  # charts of several have tests of their own
            patch.setattr(pages, "drawn", lambda *_: Picture("", "", "a chart"))
        to_html(source, path, **options)
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def page(studios, tmp_path_factory):
    path = tmp_path_factory.mktemp("several") / "page.html"
    return page_of(studios, path, drawn=True, **OCTOBER)


@pytest.fixture(scope="module")
def single(studios, tmp_path_factory):
    folder = tmp_path_factory.mktemp("single")
    return {ws.id: page_of(ws, folder / f"{ws.id}.html", **OCTOBER) for ws in studios}


def test_every_table_has_the_rows_of_each_with_its_workspace(page, single):
    tables = page.tables.keys() - {"audit"}  # which is of all
    assert tables == {"weeks", "clients", "projects", "people", "budgets"}
    for name in tables:
        head, *rows = page.tables[name]
        whole = 0
        for number, one in single.items():
            alone, *its = one.tables.get(name, [[]])
            common = [heading for heading in alone if heading in head and "Amount" not in heading]
            own = [row for row in rows if row[0] == str(number)]
            read = Counter(tuple(row[head.index(one)] for one in common) for row in own)
            expected = Counter(tuple(row[alone.index(one)] for one in common) for row in its)
            assert len(own) == len(its)
            assert {row[0] for row in read} == {row[0] for row in expected}, (name, number)
            whole += len(its)
        assert len(rows) == whole


def test_projects_are_ranked_together_and_lead_to_their_own_workspace(page, studios):
    budget = reports.across(studios, "project_budget")
    assert page.column("budgets", "Workspace ID") == budget["workspace_id"].astype("str").tolist()
    led = {re.findall(r"\d+", link)[0] for link in page.links if "track.toggl.com" in link}
    assert led == {str(number) for number in NUMBERS}


def test_hours_of_a_week_are_those_of_all(page, studios):
    weeks = reports.across(studios, "hours", by="client", every="week", **OCTOBER)
    expected = weeks.groupby("period")["tracked_hours"].sum()
    cells = [float(cell.replace(",", "")) for cell in page.column("weeks", "Tracked [h]")]
    shown = pd.Series(cells).groupby(page.column("weeks", "Week from")).sum()
    assert shown.tolist() == pytest.approx(expected.tolist(), abs=0.101)


def test_it_says_which_workspaces(page):
    assert "workspaces 1, 4218603" in page.text


def test_an_archive_of_several_makes_the_same(studios, tmp_path):
    archive = Archive(tmp_path / "toggl")
    archive.sync(studios, **OCTOBER)
    archive.snapshot(studios)
    made = page_of(archive, tmp_path / "kept.html", **OCTOBER)
    assert made.tables == page_of(studios, tmp_path / "told.html", **OCTOBER).tables


def test_what_one_plan_hides_is_said_with_its_workspace(studios, make_sandbox, tmp_path):
    free = make_sandbox(4, plan="free", workspace_id=7)
    with (
        Workspace(7, token=free.token, base_url=free.base_url, cache=None) as ws,
        pytest.warns(CompletenessWarning, match="workspace 7: Left out"),
    ):
        page = page_of([ws, studios[0]], tmp_path / "page.html")
    assert "tasks of workspace 7" in page.text
    numbers = {*page.column("budgets", "Workspace ID")}
    assert numbers == {"7", "4218603"}


@pytest.mark.daily
def test_what_one_cannot_pay_is_refused_before_any_is_asked(make_sandbox, tmp_path):
    rich, poor = make_sandbox(4), make_sandbox(4, workspace_id=7, quota=3)
    quick = {"cache": None, "per_second": None, "on_quota": "raise"}
    workspaces = [
        Workspace(one.workspace_id, token=one.token, base_url=one.base_url, **quick)
        for one in (rich, poor)
    ]
    reports.project_budget(workspaces[1])  # tells what is left
    asked = len(poor.requests)
    with pytest.raises(QuotaExceededError, match="workspace 7"):
        to_html(workspaces, tmp_path / "page.html")
    assert rich.requests == []
    assert len(poor.requests) == asked
    assert not (tmp_path / "page.html").exists()


def test_one_that_fails_is_named_and_nothing_is_written(studios, make_sandbox, tmp_path):
    other = make_sandbox(3, workspace_id=7)
    with (
        Workspace(7, token="0" * 32, base_url=other.base_url, cache=None) as ws,
        pytest.raises(AccessError, match="workspace 7"),
    ):
        page_of([*studios, ws], tmp_path / "page.html")
    assert not (tmp_path / "page.html").exists()


@pytest.mark.daily
def test_ids_and_repetitions_are_refused(studios, tmp_path):
    path = tmp_path / "page.html"
    with pytest.raises(
        ConfigError, match="belong to one workspace, but the document covers several"
    ):
        to_html(studios, path, clients=1)
    with pytest.raises(ConfigError, match="workspace 1 is named twice"):
        to_html([studios[1], studios[1]], path)
    with pytest.raises(TypeError, match="sources must be Workspaces"):
        to_html(5, path)


def test_entries_alone_beside_projects_are_refused(studios, tmp_path):
    listings = reports.Listings(studios[0])
    entries = reports.time_entries(listings, **OCTOBER)
    parts, _ = listings.available()
    mixed = {1: {"time_entries": entries}, 2: {**parts, "time_entries": entries}}
    with pytest.raises(ConfigError, match=r"workspace 1: .* needs the listing"):
        to_html(mixed, tmp_path / "page.html", **OCTOBER)


@pytest.mark.daily
def test_frames_of_your_own_are_named_by_their_workspace(studios, tmp_path):
    # Slow, as every table of two workspaces goes on the page.
    parts = {ws.id: reports.Listings(ws).available()[0] for ws in studios}
    page = page_of(parts, tmp_path / "page.html")
    whole = sum(len(one["projects"]) for one in parts.values())
    assert len(page.column("budgets", "Project")) >= whole
    assert pd.Series(page.column("budgets", "Workspace ID")).nunique() == len(NUMBERS)
