"""The page: what it holds, from which sources, and that nothing on it can do anything."""

import base64
import hashlib
import re
from functools import partial

import pandas as pd
import pytest
from joins_data import frame
from reading_pages import Page
from unit import charts_ported

import togglframe as tf
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export.display import DASH
from togglframe.export.html import contents
from togglframe.export.html.contents import MOST_ROWS
from togglframe.export.html.pictures import Palette, Picture, drawn
from togglframe.text.figures import key_figures
from togglframe.text.headlines import budget as finding_of

pytestmark = pytest.mark.nightly

DAYS = {"start_date": "2026-11-02", "end_date": "2026-11-22"}
NO_TASKS = tf.tables.TASKS.empty()
HOSTILE = [
    "<script>alert(1)</script>",
    '" onload="alert(1)',
    "</style><script>alert(2)</script>",
    "</svg></title><img src=x onerror=alert(3)>",
    "javascript:alert(4)",
    "{{7*7}} {% raw %}",
    "\u202egnirts a\u202c \u2066x\u200d",
    "$x^2$ \\frac",
]


DRAWN = ("hours_heatmap", "variance_bars")


@pytest.fixture(scope="module")
def listings():
    with tf.sandbox.Sandbox(23, quota=1_000_000) as sandbox:
        options = {"cache": None, "per_second": None, "token": sandbox.token}
        with tf.Workspace(sandbox.workspace_id, base_url=sandbox.base_url, **options) as ws:
            parts, _ = tf.reports.Listings(ws).available()
            return parts | {"time_entries": tf.search.time_entries(ws, **DAYS)}


@pytest.fixture(scope="module")
def html(listings, tmp_path_factory):
    """Return a page without its pictures, which take most of the time."""
    path = tmp_path_factory.mktemp("page") / "portfolio.html"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(contents, "_picture", lambda *_: Picture("", "", "a chart"))
        assert tf.export.to_html(listings, path, **DAYS) == path
    return path.read_bytes().decode()


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def projects_of(*names, estimate=None):
    """Return the listings of projects; of one without an estimate no chart is drawn."""
    ids = range(1, len(names) + 1)
    projects = [
        {"id": at, "name": name, "active": True} for at, name in zip(ids, names, strict=True)
    ]
    statuses = [{"id": at, "tracked_time": 7200, "estimated_time": estimate} for at in ids]
    return {
        "projects": frame(tf.tables.PROJECTS, *projects),
        "statuses": frame(tf.tables.PROJECT_STATUSES, *statuses),
    }


def written(source, path, *, lacks="tasks", **options):
    with pytest.warns(CompletenessWarning, match=lacks):
        tf.export.to_html(source, path, **options)
    return path.read_bytes().decode()


@pytest.mark.daily
def test_the_first_screen_has_the_key_figures_and_the_finding(listings, html):
    budget = tf.reports.project_budget(listings)
    head = Page(html.partition("<main>")[0])
    assert finding_of(budget) in head.text
    for figure in key_figures(budget, 0.8):
        assert {figure.number, figure.name} <= {*head.words}


@pytest.mark.daily
def test_it_has_its_parts_in_order_each_with_what_it_shows(html, page):
    names = "totals worst risk clients weeks people projects accuracy audit about"
    assert re.findall('<section id="([a-z]+)"', html) == names.split()
    tables = "totals clients hours utilisation budget tasks audit entry-audit"
    assert list(page.tables) == tables.split()
    assert page.alts.count("a chart") == 5  # and that of what is at risk


@pytest.mark.daily
def test_its_figures_are_those_of_the_reports(listings, page):
    budget = tf.reports.project_budget(listings)
    told = budget["tracked_hours"].map("{:,.1f}".format, na_action="ignore").fillna(DASH)
    assert page.column("budget", "Tracked [h]") == told.tolist()
    states = budget["budget_state"].astype("str").str.replace("_", " ")
    assert page.column("budget", "Budget state") == states.tolist()
    amounts = dict(
        zip(page.column("totals", "Currency"), page.column("totals", "Amount"), strict=True)
    )
    assert "." in amounts["EUR"]
    assert "." not in amounts["JPY"]


@pytest.mark.daily
def test_weeks_have_a_table_and_months_no_day(listings, page):
    hours = tf.reports.hours(listings, every="week", **DAYS)
    told = hours.groupby("period")["tracked_hours"].sum().map("{:,.1f}".format)
    assert page.column("hours", "Tracked [h]") == told.tolist()
    assert {*page.column("utilisation", "Month")} == {"2026-11"}


def test_what_is_a_quotient_of_some_rows_is_marked_and_noted(listings, tmp_path):
    statuses = listings["statuses"]
    unknown = statuses.index == statuses["billable_time"].idxmax()
    billable = statuses["billable_time"].mask(unknown)
    source = {**listings, "statuses": statuses.assign(billable_time=billable)}
    tf.export.to_html(source, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert any(share.endswith("%*") for share in page.column("totals", "Billable share"))
    assert "* Based only on rows where both figures are known" in page.text


@pytest.mark.daily
def test_a_name_leads_to_toggl_as_in_the_workbook(listings, page):
    workspace = listings["projects"].attrs["togglframe"]["workspace_id"]
    budget = tf.reports.project_budget(listings)
    ids = budget["project_id"].tolist()
    there = {f"https://track.toggl.com/{workspace}/projects/{one}/team" for one in ids}
    assert there == {link for link in page.links if link.startswith("https")}


@pytest.mark.daily
def test_it_lets_nothing_in_or_out_but_its_own_style_and_script(html, page):
    policy = re.search('Content-Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    told = dict(part.split(" ", 1) for part in policy.split("; "))
    assert told["default-src"] == "'none'"
    for element in ("style", "script"):
        (content,) = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert told[f"{element}-src"] == f"'sha256-{digest}'"
    page.check_inert()


def test_what_is_sensitive_is_on_it_only_when_it_is_asked_for(listings, page, tmp_path):
    emails = listings["users"]["email"].dropna().tolist()
    assert not any(email in page.text for email in emails)
    assert "team" not in page.tables
    statuses = listings["statuses"]
    bare = statuses.assign(estimated_time=statuses["estimated_time"].where(statuses["id"].isna()))
    source = {**listings, "statuses": bare, "tasks": NO_TASKS}  # of which no chart is drawn
    path = tf.export.to_html(source, tmp_path / "page.html", sensitive=True)
    told = Page(path.read_text(encoding="utf-8"))
    assert {*told.column("team", "Email")} & {*emails}
    assert "Labour cost" in told.tables["team"][0]
    assert "Confidential: contains e-mail addresses and labour costs" in told.words


@pytest.mark.daily
def test_names_do_nothing_but_stand_there(tmp_path):
    # Slow for its chart, in which hostile names are to do nothing either.
    source = projects_of(*HOSTILE, "a\x00b\x1bc", estimate=3600)
    html = written(source, tmp_path / "page.html", title=HOSTILE[2])
    page = Page(html)
    page.check_inert()
    shown = [name.translate(dict.fromkeys(map(ord, "\u202e\u202c\u2066"))) for name in HOSTILE]
    assert page.column("budget", "Project") == [*shown, "a□b□c"]
    assert "<title>&lt;/style&gt;" in html


@pytest.mark.daily
def test_equal_names_are_told_apart_and_empty_ones_are_said(tmp_path):
    page = Page(written(projects_of("Web", " ", "Web", "\u202e"), tmp_path / "page.html"))
    told = ["Web · #1", "(unnamed) · #2", "Web · #3", "(unnamed) · #4"]
    assert page.column("budget", "Project") == told


def test_a_long_table_says_of_how_many_its_rows_are_the_first(tmp_path):
    names = ["y" * 1_000_000, *map(str, range(MOST_ROWS))]
    html = written(projects_of(*names), tmp_path / "page.html")
    shown = Page(html).column("budget", "Project")
    assert len(shown) == MOST_ROWS == 200
    assert 'data-of="the first 200 of 201 rows"' in html
    assert shown[0] == "y" * 199 + "…"
    left_out = html.partition("Not on this page")[2]
    assert "Only the first 200 of 201 rows are shown." in Page(left_out).text


def test_equal_sources_make_equal_files(tmp_path):
    source = projects_of("a", "b")
    assert written(source, tmp_path / "1.html") == written(source, tmp_path / "2.html")


@pytest.mark.parametrize("names", [(), ("alone",)])
def test_a_workspace_may_have_nothing_or_one_project(names, tmp_path):
    page = Page(written(projects_of(*names), tmp_path / "page.html"))
    assert ("budget" in page.tables) == bool(names)
    assert ("No projects" in page.words) == (not names)
    assert "No project is over its estimate." in page.text


def test_where_no_tracked_time_is_known_nothing_is_claimed(tmp_path):
    source = projects_of("a", "b", estimate=36_000)
    source["statuses"]["tracked_time"] = pd.Series([None, None], dtype="timedelta64[ms]")
    text = Page(written(source, tmp_path / "page.html")).text
    for claim in ("None of", "No project", "Reconciled:", "the total of"):
        assert claim not in text
    assert text.count("The tracked hours of 2 projects are unknown") == 3
    assert "The tracked hours of 1 client are unknown" in text
    assert "Not reconciled, since no tracked time of the 2 projects on this page is known." in text


def test_of_frames_without_a_provenance_it_is_not_claimed(tmp_path):
    html = written(projects_of("a"), tmp_path / "page.html")
    facts = dict(re.findall("<dt>(.*?)</dt><dd><bdi>(.*?)</bdi></dd>", html))
    for name in ("Filters", "From the cache", "Older than it should be", "Endpoints"):
        assert facts[name] == "not known"
    assert "the total of the 1 status given." in html


def test_the_pictures_of_projects_at_risk_and_of_estimates_tell_what_they_show(listings, tmp_path):
    path = tf.export.to_html(listings, tmp_path / "page.html", **DAYS)
    page = Page(path.read_text(encoding="utf-8"))
    page.check_inert()
    assert len(page.alts) == 6
    assert all(alt.endswith(".") for alt in page.alts)
    start = "Tracked hours against estimates, one row per project at risk: "
    (risk,) = [alt for alt in page.alts if alt.startswith(start)]
    assert "has used 80 % to 100 % of its estimate (80 %)." in risk
    (accuracy,) = [alt for alt in page.alts if "of the tasks stayed within" in alt]
    assert "one row per project, with a dot for each task" in accuracy


def test_entries_alone_make_a_page_of_weeks_and_people(listings, tmp_path):
    entries = listings["time_entries"].head(40)
    html = written(entries, tmp_path / "page.html", lacks="users", **DAYS)
    assert re.findall('<section id="([a-z]+)"', html) == ["weeks", "people", "audit", "about"]


def test_of_months_that_are_not_held_no_capacity_is_shown(listings, tmp_path):
    entries = listings["time_entries"].head(40)
    known = {**entries.attrs["togglframe"], "not_held": ["2026-09", "2026-10", "2026-12"]}
    entries.attrs["togglframe"] = {**known, "fetched_at": "2026-11-27T12:00:00+00:00"}
    days = {"start_date": "2026-09-10", "end_date": "2026-12-31"}
    page = Page(written(entries, tmp_path / "page.html", lacks="users", **days))
    assert {*page.column("utilisation", "Month")} == {"2026-11"}
    assert {*page.column("utilisation", "Workdays")} == {"21"}
    assert "without 2026-09 to 2026-10, 2026-12, for which there is no data" in page.text
    assert "days after 2026-11-27, when it was fetched, count as capacity too." in page.text


@pytest.mark.daily
@pytest.mark.parametrize(
    ("path", "options", "error", "words"),
    [
        ("page.pdf", {}, ConfigError, "must end in .html or .htm"),
        ("missing/page.html", {}, FileNotFoundError, "No such folder"),
        ("page.html", {"at_risk": 2}, Exception, "at_risk"),
        ("page.html", {"title": 1}, TypeError, "title must be a string"),
        ("page.html", {}, ConfigError, "it takes is time entries, with start_date"),
    ],
)
def test_what_cannot_be_written_is_refused_and_the_old_page_stays(
    path, options, error, words, tmp_path
):
    old = tmp_path / "page.html"
    old.write_text("old", encoding="utf-8")
    with pytest.raises(error, match=words):
        tf.export.to_html(tf.tables.TIME_ENTRIES.empty(), tmp_path / path, **options)
    assert [file.read_text(encoding="utf-8") for file in tmp_path.iterdir()] == ["old"]


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_is_one_for_both_themes_without_a_style(name):
    case, palette = charts_ported.CASES[name], Palette()
    draw = partial(drawn, "one", 5, lambda ax: case.draw(case.frame(), ax=ax, footer=False))
    picture = draw(palette)
    assert "style" not in picture.wide + picture.narrow
    assert "#ffffff" not in picture.wide
    assert ("#ffffff", "#15191e") in palette.names
    assert picture.alt
    assert draw(palette) == picture
