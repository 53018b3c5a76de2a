"""The page: what it holds, from which sources, and that nothing on it can do anything."""

import base64
import hashlib
import re
import time
from functools import partial

import pytest
from days import TODAY
from joins_data import frame
from reading_pages import Page, number
from unit import charts_cases

import togglframe as tf
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export.display import DASH, shown
from togglframe.export.html import page, writing
from togglframe.export.html.page import MOST_ROWS
from togglframe.export.html.pictures import Colours, Picture, drawn
from togglframe.export.portfolio import portfolio

OCTOBER = {"period": "2026-10"}
NORTHWIND = "Northwind Coffee Roasters"
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


@pytest.fixture(scope="module")
def demo(_one_moment):
    with tf.demo(today=TODAY) as ws:
        yield tf.reports.Listings(ws)


@pytest.fixture(autouse=True)
def no_charts(monkeypatch):
    """Draw no charts, which take most of the time."""
    monkeypatch.setattr(page, "drawn", lambda *_: Picture("", "", "a chart"))


@pytest.fixture(scope="module")
def documents(demo, tmp_path_factory):
    """Return the portfolio and the HTML of a page for the team, without a period, for a client."""
    folder = tmp_path_factory.mktemp("pages")
    chosen = {"team": OCTOBER, "budgets": {}, "client": {**OCTOBER, "clients": NORTHWIND}}
    made = []

    def make(*args, **parameters):
        made.append(portfolio(*args, **parameters))
        return made[-1]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(page, "drawn", lambda *_: Picture("", "", "a chart"))
        patch.setattr(writing, "portfolio", make)
        paths = [
            tf.export.to_html(demo, folder / f"{name}.html", **options)
            for name, options in chosen.items()
        ]
    html = [path.read_text(encoding="utf-8") for path in paths]
    return dict(zip(chosen, zip(made, html, strict=True), strict=True))


NAMES = ["team", "budgets", "client"]


def written(source, path, **options):
    with pytest.warns(CompletenessWarning, match="tasks"):
        tf.export.to_html(source, path, **options)
    return path.read_bytes().decode()


def made(source, path, **options):
    tf.export.to_html(source, path, **options)
    return Page(path.read_text(encoding="utf-8"))


def projects_of(*names, estimate=None):
    """Return the listings of projects."""
    ids = range(1, len(names) + 1)
    projects = [
        {"id": at, "name": name, "active": True} for at, name in zip(ids, names, strict=True)
    ]
    statuses = [{"id": at, "tracked_time": 7200, "estimated_time": estimate} for at in ids]
    return {
        "projects": frame(tf.tables.PROJECTS, *projects),
        "statuses": frame(tf.tables.PROJECT_STATUSES, *statuses),
    }


# --- what it says --------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_it_shows_the_sections_of_the_portfolio_as_they_are_displayed(documents, name):
    document, html = documents[name]
    read = Page(html)
    assert document.title in read.words
    for section in document.sections:
        assert section.heading in read.words
        assert section.sentence in read.text
        for figure in section.figures:
            assert {figure.name, figure.text} <= {*read.words}
            assert figure.change_text in read.text
        if section.frame is None or section.frame.empty:
            continue
        head, *rows = read.tables[section.name]
        display = shown(section.frame, names=section.columns)
        columns = [[cell.text or DASH for cell in one.cells()] for one in display.columns]
        assert head == [one.heading for one in display.columns]
        assert rows == [list(row) for row in zip(*columns, strict=True)]
        assert [line[0] for line in read.totals.get(section.name, [])] == [
            line.label for line in display.totals
        ]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_adds_up_as_shown(documents, name):
    read = Page(documents[name][1])
    checked = 0
    for section, (head, *rows) in read.tables.items():
        for line in read.totals.get(section, []):
            if line[0] != "Total":
                continue
            for at, heading in enumerate(head):
                if "[" in heading and line[at]:
                    cells = [row[at] for row in rows if row[at] != DASH]
                    assert sum(map(number, cells)) == pytest.approx(number(line[at])), heading
                    checked += 1
    assert checked >= 9


def test_every_table_has_row_headers_and_one_without_rows_is_a_sentence(documents, tmp_path):
    html = documents["team"][1]
    for body in re.findall(r"<tbody>(.*?)</tbody>", html, re.DOTALL):
        assert body.count('<th scope="row"') == body.count("<tr")
    with tf.demo(scale=6, today="2026-11-01") as ws:
        read = made(ws, tmp_path / "page.html", period="this-month")
    assert "Nothing is tracked on 1 November 2026" in read.text
    assert "weeks" not in read.tables


def test_a_name_leads_to_toggl_for_the_team_alone(demo, documents):
    team, client = (Page(documents[name][1]) for name in ("budgets", "client"))
    ids = tf.reports.project_budget(demo)["project_id"]
    there = {f"https://track.toggl.com/4218603/projects/{one}/team" for one in ids}
    assert there == {link for link in team.links if link.startswith("https")}
    assert not any(link.startswith("https") for link in client.links)


def test_a_long_table_sums_up_its_other_rows(tmp_path):
    names = ["y" * 10_000, *map(str, range(MOST_ROWS + 1))]
    read = Page(written(projects_of(*names), tmp_path / "page.html"))
    cells = read.column("budgets", "Project")
    assert len(cells) == MOST_ROWS == 200
    assert cells[0] == "y" * 199 + "…"
    (more, total) = read.totals["budgets"]
    assert (more[0], total[0]) == ("and 2 others", "Total")
    at = read.tables["budgets"][0].index("Tracked [h]")
    assert (more[at], total[at]) == ("4.0", "404.0")


def test_rates_are_shown_only_if_they_are_asked_for(demo, documents, tmp_path):
    lean = Page(documents["budgets"][1])
    read = made(demo, tmp_path / "page.html", rates=True)
    assert "Effective rate" not in lean.tables["budgets"][0]
    assert "Effective rate" in read.tables["budgets"][0]
    assert "cost above rate" in read.column("audit", "Check")
    assert "cost above rate" not in lean.column("audit", "Check")
    assert "Confidential" in read.text
    assert "Confidential" not in lean.text


# --- whatever it is made of ----------------------------------------------------------------------


def test_names_do_nothing_but_stand_there(tmp_path):
    html = written(projects_of(*HOSTILE, "a\x00b\x1bc"), tmp_path / "page.html", title=HOSTILE[2])
    read = Page(html)
    read.check_inert()
    expected = [name.translate(dict.fromkeys(map(ord, "\u202e\u202c\u2066"))) for name in HOSTILE]
    assert read.column("budgets", "Project") == [*expected, "a□b□c"]
    assert "<title>&lt;/style&gt;" in html


def test_equal_names_are_told_apart_and_empty_ones_are_said(tmp_path):
    read = Page(written(projects_of("Web", " ", "Web", "\u202e"), tmp_path / "page.html"))
    names = ["Web · #1", "(unnamed) · #2", "Web · #3", "(unnamed) · #4"]
    assert read.column("budgets", "Project") == names


def test_it_lets_nothing_in_or_out_but_its_own_style_and_script(documents):
    html = documents["team"][1]
    policy = re.search('Content-Security-Policy" content="([^"]*)"', html)[1].replace("&#39;", "'")
    rules = dict(part.split(" ", 1) for part in policy.split("; "))
    assert rules["default-src"] == "'none'"
    for element in ("style", "script"):
        (content,) = re.findall(f"<{element}>(.*?)</{element}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[f"{element}-src"] == f"'sha256-{digest}'"
    Page(html).check_inert()


def test_equal_sources_make_equal_files(tmp_path):
    source = projects_of("a", "b", estimate=3600)
    assert written(source, tmp_path / "1.html") == written(source, tmp_path / "2.html")


@pytest.mark.parametrize("names", [(), ("alone",)])
def test_a_workspace_may_have_nothing_or_one_project(names, tmp_path):
    read = Page(written(projects_of(*names), tmp_path / "page.html"))
    assert ("budgets" in read.tables) == bool(names)
    assert ("No projects" in read.words) == (not names)


def test_the_heading_of_key_figures_is_never_seen(demo, tmp_path):
    for period in ("2026-10", "2022-03"):
        path = tf.export.to_html(demo, tmp_path / "page.html", period=period, sections="figures")
        assert 'class="hidden">Key figures' in path.read_text("utf-8")


def test_where_no_tracked_time_is_known_nothing_is_claimed(tmp_path):
    source = projects_of("a", "b", estimate=36_000)
    source["statuses"]["tracked_time"] = source["statuses"]["tracked_time"].where([False, False])
    text = Page(written(source, tmp_path / "page.html")).text
    assert "No tracked time of 2 projects is known." in text
    assert "Reconciled" not in text


def test_entries_alone_make_a_page_of_their_time(demo, tmp_path):
    entries = tf.reports.time_entries(demo, **OCTOBER)
    html = tf.export.to_html(entries, tmp_path / "page.html", **OCTOBER).read_text("utf-8")
    names = ["figures", "weeks", "projects", "people", "audit", "about"]
    assert re.findall('<section id="([a-z]+)"', html) == names


def test_of_months_that_are_not_held_no_capacity_is_shown(demo, tmp_path):
    entries = tf.reports.time_entries(demo, period="2026-11")
    known = {**entries.attrs["togglframe"], "not_held": ["2026-09", "2026-10", "2026-12"]}
    entries.attrs["togglframe"] = known
    read = made(entries, tmp_path / "page.html", period="2026-09..2026-12")
    assert read.column("people", "Capacity [h]")[0] == "144.0"  # 18 days until yesterday
    assert "2026-09 to 2026-10, 2026-12: left out, capacity too." in read.text


@pytest.mark.parametrize(
    ("path", "options", "error", "words"),
    [
        ("read.pdf", OCTOBER, ConfigError, "must end in .html or .htm"),
        ("missing/page.html", OCTOBER, FileNotFoundError, "No such folder"),
        ("page.html", {**OCTOBER, "title": 1}, TypeError, "title must be a string"),
        ("page.html", {**OCTOBER, "paper": "A5"}, ConfigError, "one of A4, Letter, not 'A5'"),
        ("page.html", {}, ConfigError, "it takes is time entries, with period"),
        ("page.html", {**OCTOBER, "sensitive": True}, TypeError, "sensitive"),
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


@pytest.mark.nightly
def test_its_charts_say_what_they_show(demo, tmp_path, monkeypatch):
    monkeypatch.setattr(page, "drawn", drawn)
    read = made(demo, tmp_path / "page.html", **OCTOBER)
    read.check_inert()
    assert len(read.alts) == 2
    assert all(alt.endswith(".") for alt in read.alts)


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["hours_heatmap", "variance_bars"])
def test_a_picture_is_one_for_both_themes_without_a_style(name):
    case, colours = charts_cases.CASES[name], Colours()
    draw = partial(drawn, "one", 5, lambda ax: case.draw(case.frame(), ax=ax, footer=False))
    picture = draw(colours)
    assert "style" not in picture.wide + picture.narrow
    assert "#ffffff" not in picture.wide
    assert ("#ffffff", "#15191e") in colours.names
    assert picture.alt
    assert draw(colours) == picture


@pytest.mark.nightly
def test_twenty_thousand_projects_make_a_page_that_is_small_and_soon_made(tmp_path):
    source = projects_of(*(f"Project {at}" for at in range(20_000)), estimate=3600)
    start = time.process_time()
    html = written(source, tmp_path / "page.html")
    assert time.process_time() - start < 30
    assert len(html) < 1_500_000
    assert "and 19,800 others" in html
