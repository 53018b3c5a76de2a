"""Documents of random workspaces: a client's has nothing internal, and all add up as shown."""

import re
import warnings

import pytest
from examples import IS_NIGHT
from reading_invoices import parts_of
from reading_pages import Page, number
from worlds import WORLDS, World

import togglframe as tf
from togglframe import reports
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export.display import DASH
from togglframe.export.html import page
from togglframe.export.html.pictures import Picture
from togglframe.export.portfolio import portfolio

SEEDS = range(WORLDS if IS_NIGHT else 2)
TOKEN = re.compile(r"(?:Project|Client|User)-\d+|mail\d+@")
PLACE = re.compile(r"-?\d+\.\d+")  # whose digits may look like an id
KINDS = {"project": 880, "client": 770, "user": 660, "task": 550}  # how their ids begin
INTERNAL = re.compile(
    r"(?:880|770|660)\d{6}|search/|filters/|reports/api|togglframe|matplotlib|Python|labour|"
    r"missing.day|without.currency|api_token|workspace"
)
OF_LISTINGS = {
    "projects": ("project", "name"),
    "statuses": ("project", None),
    "clients": ("client", "name"),
    "users": ("user", "fullname"),
}


@pytest.fixture(autouse=True)
def few_charts(request, monkeypatch):
    """Draw charts, which take most of the time, for every tenth workspace by night."""
    seed = getattr(request.node, "callspec", None)
    if not IS_NIGHT or (seed is not None and seed.params["seed"] % 10):
        monkeypatch.setattr(page, "drawn", lambda *_: Picture("", "", "a chart"))


def marked(world):
    """Return the listings of a workspace with an unmistakable id and name for everything."""
    frames = world.frames()
    for name, frame in frames.items():
        kind, label = OF_LISTINGS.get(name, (None, None))
        if kind:
            frame["id"] = mark(frame["id"], kind)
            if label:
                frame[label] = token(frame["id"], kind)
        for other in KINDS:
            if f"{other}_id" in frame:
                frame[f"{other}_id"] = mark(frame[f"{other}_id"], other)
    entries, projects = frames["time_entries"], frames["projects"]
    owners = projects.set_index("id")["client_id"].reindex(entries["project_id"])
    entries["project"] = token(entries["project_id"], "project")
    entries["client"] = token(owners.set_axis(entries.index), "client")
    entries["user"] = token(entries["user_id"], "user")
    entries["email"] = "mail" + entries["user_id"].astype("str") + "@x.example"
    return frames


def mark(ids, kind):
    codes = {one: KINDS[kind] * 1_000_000 + one % 999_983 for one in ids.dropna().unique()}
    return ids.map(codes).astype("Int64")


def token(ids, kind):
    return (kind.capitalize() + "-" + ids.astype("str")).astype("str").where(ids.notna())


def clients_of(frames):
    """Yield the id of each client, and the names that their documents may have."""
    projects = frames["projects"]
    for client, theirs in projects.groupby("client_id")["id"]:
        yield client, {f"Client-{client}", *token(theirs, "project")}


def export(write, frames, path, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompletenessWarning)
        return write(frames, path, **options)


def written(frames, path, **options):
    return export(tf.export.to_html, frames, path, **options).read_text(encoding="utf-8")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_page_for_a_client_has_nothing_internal_and_nothing_of_others(seed, tmp_path, subtests):
    world = World(seed)
    frames = marked(world)
    for client, own in clients_of(frames):
        entries = reports.time_entries(frames, clients=client, **world.range)
        for people in (True, False) if IS_NIGHT else (client % 2 == seed,):
            chosen = {**world.range, "clients": client, "people": people, "rates": people}
            html = written(frames, tmp_path / "page.html", **chosen)
            users = {*token(entries["user_id"].dropna(), "user")} if people else set()
            with subtests.test(client=client, people=people):
                assert {*TOKEN.findall(html)} <= own | users
                assert INTERNAL.findall(TOKEN.sub("", html)) == []
                assert f"Client-{client}" in html


@pytest.mark.parametrize("seed", SEEDS)
def test_a_slide_for_a_client_has_nothing_internal_and_nothing_of_others(seed, tmp_path, subtests):
    world = World(seed)
    frames = marked(world)
    for client, own in clients_of(frames):
        chosen = {"clients": client, "period": "2026-10" if seed % 2 else None}
        with subtests.test(**chosen):
            drawn = export(tf.export.to_slide, frames, tmp_path / "slide.svg", **chosen).read_text()
            assert {*TOKEN.findall(drawn)} <= own
            assert INTERNAL.findall(PLACE.sub("", TOKEN.sub("", drawn))) == []
            assert f"Client-{client}" in drawn


@pytest.mark.parametrize("seed", SEEDS)
def test_an_invoice_has_nothing_internal_and_nothing_of_others(seed, tmp_path, subtests):
    world = World(seed)
    frames = marked(world)
    entries = frames["time_entries"]
    frames["time_entries"] = entries.fillna({"billable": True, "currency": "EUR"}).assign(
        hourly_rate=60.0, amount=entries["tracked_time"].dt.total_seconds().div(60).round(2)
    )
    for client, own in clients_of(frames):
        for form in ("xlsx", "html"):
            chosen = {**world.range, "clients": client, "format": form}
            for file in export(tf.export.to_invoice, frames, tmp_path, **chosen):
                with subtests.test(file.name):
                    held = parts_of(file)
                    assert {*TOKEN.findall(held)} <= own
                    assert INTERNAL.findall(PLACE.sub("", TOKEN.sub("", held))) == []
                    assert f"Client-{client}" in held


@pytest.mark.parametrize("seed", SEEDS)
def test_a_page_adds_up_as_shown_to_what_the_reports_say(seed, tmp_path):
    world = World(seed)
    frames, days = world.frames(), world.range
    hours = reports.hours(frames, by=[], **days)
    if hours.empty:
        return
    read = Page(written(frames, tmp_path / "page.html", **days))
    for name, (head, *rows) in read.tables.items():
        for line in read.totals.get(name, []):
            for at, heading in enumerate(head):
                cells = [row[at] for row in rows if row[at] != DASH]
                if line[0] == "Total" and "[" in heading and line[at]:
                    assert sum(map(number, cells)) == pytest.approx(number(line[at])), (name, at)
    tracked = hours["tracked_hours"].sum()
    people = ("people",) if tracked else ()  # it says that nothing is tracked
    for name in ("weeks", "clients", "projects", *people):
        total = read.totals.get(name) or read.tables[name][1:]
        at = read.tables[name][0].index("Tracked [h]")
        assert number(total[-1][at]) == pytest.approx(tracked, abs=0.0501), name
    earned = reports.earnings(frames, by=[], **days)
    for name in ("clients", "projects"):
        head = read.tables[name][0]
        total = read.totals.get(name) or read.tables[name][1:]
        for code, amount in zip(earned["currency"], earned["amount"], strict=True):
            heading = f"Amount [{code if isinstance(code, str) else 'no currency'}]"
            if heading in head and total[-1][head.index(heading)] != DASH:
                shown = number(total[-1][head.index(heading)])
                assert shown == pytest.approx(amount, abs=0.0051), (name, code)


def test_figures_are_those_of_the_reports_and_change_with_the_period_before():
    for seed in SEEDS:
        world = World(seed)
        frames = world.frames()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CompletenessWarning)
            made = portfolio(frames, sections="figures", **world.range)
        hours = reports.hours(frames, by=["user"], **world.range)
        earned = reports.earnings(frames, by=[], **world.range)
        figures = {one.name + one.currency: one.value for one in made.sections[0].figures}
        if hours.empty:
            assert not figures
            continue
        assert figures["Hours"] == pytest.approx(hours["tracked_hours"].sum())
        assert figures["People"] == (hours["tracked_hours"] > 0).sum()
        for code, amount in zip(earned["currency"], earned["amount"].fillna(0), strict=True):
            name = f"Amount{code}" if isinstance(code, str) else "Amount, no currency"
            assert figures.get(name, 0) == pytest.approx(amount)


def test_a_client_without_projects_has_no_page(tmp_path):
    world = World(0)
    with pytest.raises(ConfigError, match="no project matches"):
        written(world.frames(), tmp_path / "page.html", clients=12345, **world.range)
