"""What was fetched at different moments is never joined as if it were one."""

import datetime as dt
import itertools
import re
import subprocess
import sys

import canned
import orjson
import pandas as pd
import pytest
from archive_cases import change
from typer.testing import CliRunner
from vendor import Behaviour, Fault

import togglframe as tf
from togglframe import CompletenessWarning, reports
from togglframe.api.both_states import concatenated
from togglframe.cli import app
from togglframe.errors import ConfigError, SchemaError
from togglframe.reports._part import part_of
from togglframe.reports.selection import selection
from togglframe.sandbox.agency.entries import EPOCH, Entry

NINE = dt.datetime(2026, 11, 26, 9, tzinfo=dt.UTC)
DAYS = {"start_date": "2026-11-01", "end_date": "2026-11-30"}  # which are not over yet
pytestmark = pytest.mark.filterwarnings("ignore:the range to invoice ends on")
RATE = 8500  # cents an hour


def at(clock, hour, minute=0):
    """Set the clock to a time of 26 November."""
    clock._start, clock.elapsed = NINE.replace(hour=hour, minute=minute), 0.0


class Office:
    """A workspace of three projects, of which Acme has the first, whose rows a test changes."""

    def __init__(self, sandbox):
        self.sandbox = sandbox
        self.store = sandbox.store
        self.acme, self.birch = (row["id"] for row in sandbox.agency.clients[:2])
        for row, name in zip(sandbox.agency.clients, ("Acme", "Birch"), strict=False):
            row["name"] = name
        self.projects = [row["id"] for row in sandbox.agency.projects]
        self.store.rows["projects"][2]["active"] = False
        self.user = sandbox.agency.users[0]["id"]
        change(sandbox, gone=self.store.entries)
        self.last = 1000

    def track(self, project, hours, day="2026-11-25", updated=NINE, **more):
        """Add a billable entry of these hours."""
        start = dt.datetime.fromisoformat(f"{day}T08:00:00+00:00")
        self.last += 1
        entry = {
            "id": self.last,
            "user_id": self.user,
            "project_id": project,
            "billable": True,
            "tag_ids": (),
            "start": int(start.timestamp()),
            "seconds": round(hours * 3600),
            "offset": 0,
            "stop_offset": 0,
            "day": int(start.timestamp()) // 86_400 + EPOCH,
            "rate": RATE,
            "amount": round(hours * RATE),
            "currency": "EUR",
            "updated": int(updated.timestamp()),
        }
        unknown = dict.fromkeys(["task_id", "description", "cost"])
        change(self.sandbox, more=[Entry(**unknown | entry | more)])

    def add_project(self, client, number=987_654_321):
        """Add a project."""
        first = self.store.rows["projects"][0]
        row = {**first, "id": number, "name": "Newcomer", "client_id": client}
        self.store.rows["projects"].append(row)
        self.store.by_id["projects"][number] = row
        status = {**self.store.rows["project_statuses"][0], "id": number}
        self.store.rows["project_statuses"].append(status)
        self.store.by_id["project_statuses"][number] = status
        return number

    def set_total(self, project, hours, estimate=None):
        """Set the status of a project."""
        row = self.store.by_id["project_statuses"][project]
        row["tracked_seconds"] = hours * 3600
        row["estimated_seconds"] = None if estimate is None else estimate * 3600


@pytest.fixture
def office(make_sandbox, clock):
    at(clock, 9)
    return Office(make_sandbox(3))


@pytest.fixture
def cached(office, make_workspace):
    return make_workspace(office.sandbox, cache="memory")


@pytest.fixture
def late(office, cached, clock):
    """Make the project of an entry after the listings were cached: EUR 850 before, 1,700 after."""
    office.track(office.projects[0], 10)
    reports.project_budget(cached)
    at(clock, 9, 10)
    office.new = office.add_project(office.acme)
    office.track(office.new, 20, updated=NINE + dt.timedelta(minutes=10))
    at(clock, 9, 20)
    return cached


# --- a listing that is older than what names its rows -------------------------------------------


def test_a_project_made_after_the_listing_was_cached_is_invoiced(office, late):
    lines = reports.invoice_lines(late, **DAYS, clients=[office.acme])
    assert lines["amount"].sum() == 2550
    assert set(lines["client"]) == {"Acme"}


def test_its_hours_are_those_of_its_client(office, late):
    hours = reports.hours(late, **DAYS, by="client")
    assert hours[["client_id", "tracked_hours"]].to_numpy().tolist() == [[office.acme, 30]]
    assert reports.hours(late, **DAYS, by="user")["tracked_hours"].sum() == 30


@pytest.mark.nightly  # matplotlib
def test_it_is_in_the_workbook_and_on_the_page_of_its_client(office, late, tmp_path):
    chosen = {**DAYS, "clients": [office.acme]}
    book = tf.export.to_excel(late, tmp_path / "acme.xlsx", sheets=["Invoice"], **chosen)
    assert "Newcomer" in pd.read_excel(book, "Invoice", header=None).to_string()
    page = tf.export.to_html(late, tmp_path / "acme.html", **chosen)
    assert "Newcomer" in page.read_text()


@pytest.mark.nightly  # two commands
def test_the_command_line_invoices_it(office, monkeypatch, clock):
    monkeypatch.setenv("TOGGL_API_TOKEN", office.sandbox.token)
    where = ["--base-url", office.sandbox.base_url, "--workspace", str(office.sandbox.workspace_id)]
    office.track(office.projects[0], 10)
    assert CliRunner().invoke(app, ["report", *where]).exit_code == 0
    at(clock, 9, 10)
    office.track(office.add_project(office.acme), 20)
    at(clock, 9, 20)
    invoice = ["invoice", "--period", "2026-11", "--client", "Acme", *where]
    result = CliRunner().invoke(app, invoice)
    assert result.exit_code == 0
    assert "Newcomer" in result.stdout


def test_the_listing_is_fetched_again_once(office, late):
    before = len(office.sandbox.requests)
    reports.hours(late, **DAYS, by="client")
    reports.hours(late, **DAYS, by="client")
    reports.invoice_lines(late, **DAYS)
    asked = [one.endpoint for one in office.sandbox.requests[before:] if one.status == 200]
    assert asked == ["search/time_entries", "filters/projects"]


def test_a_plan_says_at_least_where_a_listing_may_be_fetched_again(office, late):
    assert reports.plan(late, reports.project_budget).is_exact
    reports.hours(late, **DAYS)
    plan = reports.plan(late, reports.hours, **DAYS, by="client")
    assert (plan.requests, plan.is_exact) == (0, False)
    reports.hours(late, **DAYS, by="client")
    plan = reports.plan(late, reports.hours, **DAYS, by="client")
    assert (plan.requests, plan.is_exact) == (0, True)


def test_what_a_newer_listing_lacks_is_deleted(office, cached, clock, monkeypatch):
    gone = 987_654_321  # nothing lists it
    office.track(gone, 20)
    office.store.rows["project_statuses"].append(
        {**office.store.rows["project_statuses"][0], "id": gone}
    )
    monkeypatch.setattr(clock, "advance", lambda _: None)
    monkeypatch.setattr("togglframe.clock.now", ticking(clock))
    reports.project_audit(cached)
    for report in (reports.invoice_lines, reports.burn, reports.user_hours, reports.utilisation):
        report(cached, **DAYS)
    reports.hours(cached, start_date="2026-11-25", end_date="2026-11-26", by="client")
    asked = [one.endpoint for one in office.sandbox.requests]
    assert asked.count("filters/projects") == 1


def ticking(clock):
    """Return a clock that goes on a second whenever it is read."""

    def now():
        clock.elapsed += 1
        return type(clock).now(clock)

    return now


def test_a_status_of_a_project_made_since_makes_the_projects_be_fetched_again(
    office, cached, clock
):
    office.track(office.projects[0], 10)
    reports.hours(cached, **DAYS, by="client")
    at(clock, 9, 10)
    new = office.add_project(office.birch)
    at(clock, 9, 12)
    budget = reports.project_budget(cached).set_index("project_id")
    assert budget.loc[new, ["project", "client"]].tolist() == ["Newcomer", "Birch"]


@pytest.mark.parametrize("on_quota", ["raise", "stale"])
@pytest.mark.filterwarnings("ignore::togglframe.StaleDataWarning")
def test_a_spent_quota_is_said(on_quota, make_sandbox, make_workspace, clock):
    at(clock, 9)
    office = Office(make_sandbox(3, quota=30))
    ws = make_workspace(office.sandbox, cache="memory", on_quota=on_quota)
    office.track(office.projects[0], 10)
    reports.project_budget(ws)
    office.track(office.add_project(office.acme), 20)
    at(clock, 9, 20)
    reports.hours(ws, **DAYS)
    office.sandbox.use_up_quota()
    with pytest.warns(CompletenessWarning, match=r"20\.0 h .* 1 project .*09:00 UTC"):
        lines = reports.invoice_lines(ws, **DAYS)
    assert lines[["client", "amount"]].to_numpy().tolist()[0] == ["Acme", 850]
    assert "20.0 h" in " ".join(lines.attrs["togglframe"]["doubts"])


def test_an_archive_synced_after_its_snapshot_says_so(office, cached, clock, tmp_path):
    office.track(office.projects[0], 10)
    archive = tf.Archive(tmp_path / "archive")
    archive.snapshot(cached)
    at(clock, 9, 10)
    office.track(office.add_project(office.acme), 20)
    at(clock, 9, 20)
    archive.sync(cached, start_date="2026-11-01")
    told = r"20\.0 h .* 1 project .*archive\.snapshot"
    for call in (
        lambda: reports.invoice_lines(archive, **DAYS, clients=[office.acme]),
        lambda: reports.hours(archive, **DAYS, by="client"),
        lambda: reports.hours(archive, **DAYS, clients=[office.acme]),
        lambda: reports.timesheet(archive, **DAYS, clients=[office.acme]),
        lambda: reports.entry_audit(archive, **DAYS),
    ):
        with pytest.warns(CompletenessWarning, match=told):
            call()
    archive.snapshot(cached)
    assert reports.invoice_lines(archive, **DAYS)["amount"].sum() == 2550


def test_a_month_synced_long_ago_hides_no_project_of_a_month_synced_since(
    office, cached, clock, tmp_path
):
    office.track(office.projects[0], 10, day="2026-09-02")
    archive = tf.Archive(tmp_path / "archive")
    archive.sync(cached, start_date="2026-09-01", end_date="2026-09-30")
    at(clock, 9, 5)
    archive.snapshot(cached)
    office.track(office.add_project(office.acme), 20)
    at(clock, 9, 20)
    archive.sync(cached, start_date="2026-11-01")
    with pytest.warns(CompletenessWarning) as told:
        reports.hours(archive, start_date="2026-09-01", end_date="2026-11-30", by="client")
    assert "20.0 h" in " ".join(str(one.message) for one in told)


def test_frames_of_two_moments_say_so(office, late):
    projects = reports.Listings(late).projects  # of 9:00
    entries = tf.search.time_entries(late, **DAYS)
    with pytest.warns(CompletenessWarning, match=r"20\.0 h of time entries .* 1 project "):
        hours = reports.hours({"time_entries": entries, "projects": projects}, **DAYS, by="client")
    assert "doubts" not in entries.attrs["togglframe"]
    assert hours["tracked_hours"].sum() == 30


# --- hours of now against totals of then ---------------------------------------------------------

WEEKS = {"start_date": "2026-11-16", "end_date": "2026-11-26"}


@pytest.fixture
def grown(office, cached, clock):
    """Track 50 h before the weeks, 50 h in the first and, after the totals came, in the second."""
    (office.one, *_) = office.projects
    office.track(office.one, 50, "2026-10-01")
    office.track(office.one, 50, "2026-11-18")
    office.set_total(office.one, 100, estimate=200)
    reports.project_budget(cached)
    at(clock, 9, 10)
    office.track(office.one, 50, "2026-11-25", updated=NINE + dt.timedelta(minutes=10))
    office.set_total(office.one, 150, estimate=200)
    at(clock, 9, 20)
    return cached


def burnt(source, office, **chosen):
    """Return the cumulative hours of two weeks, and what the forecast says is left."""
    weeks = reports.burn(source, **{**WEEKS, **chosen}, projects=[office.one])
    ahead = reports.forecast(source, projects=[office.one])
    return weeks["cumulative_hours"].tolist(), ahead["remaining_hours"].tolist()


def test_totals_in_the_cache_that_are_older_than_the_entries_are_fetched_again(office, grown):
    assert burnt(grown, office) == ([100, 150], [50])
    asked = [one.endpoint for one in office.sandbox.requests]
    assert asked.count("filters/projects/status") == 2
    assert burnt(grown, office) == ([100, 150], [50])
    assert asked.count("filters/projects") == 1


def test_entries_in_the_cache_that_are_older_than_the_totals_are_fetched_again(
    office, cached, clock
):
    (office.one, *_) = office.projects
    office.track(office.one, 100, "2026-11-18")
    office.set_total(office.one, 100, estimate=200)
    assert burnt(cached, office) == ([100, 100], [100])
    at(clock, 9, 10)
    office.track(office.one, 50, "2026-11-25")
    office.set_total(office.one, 150, estimate=200)
    with cached.refresh():
        reports.project_budget(cached)
    at(clock, 9, 15)
    assert not reports.plan(cached, reports.burn, **WEEKS, projects=[office.one]).is_exact
    assert burnt(cached, office) == ([100, 150], [50])


def test_an_old_snapshot_gives_up_no_hours_tracked_since(office, grown, clock, tmp_path):
    archive = tf.Archive(tmp_path / "archive")
    archive.snapshot(grown)
    office.track(office.one, 20, "2026-11-26", updated=NINE + dt.timedelta(hours=1))
    at(clock, 10, 30)
    archive.sync(grown, start_date="2026-09-01")
    assert burnt(archive, office) == ([100, 170], [30])
    assert burnt(archive, office, every="day")[0][-2:] == [150, 170]


def test_frames_of_two_moments_count_up_to_the_totals(office, grown):
    names = ("projects", "statuses", "clients")
    listings = dict(zip(names, reports.Listings(grown).fetch(*names), strict=True))  # of 9:00
    listings["time_entries"] = tf.search.time_entries(
        grown, start_date="2026-09-21", end_date="2026-11-27"
    )
    assert burnt(listings, office) == ([100, 150], [50])


def test_earlier_entries_without_a_project_count_in_frames_of_ones_own(office, cached):
    office.track(None, 4, "2026-10-01")
    office.track(None, 2, "2026-11-18")
    entries = tf.search.time_entries(cached, start_date="2026-09-01", end_date="2026-11-27")
    for source in (
        entries,
        {"time_entries": entries, "projects": reports.Listings(cached).projects},
    ):
        burn = reports.burn(source, **WEEKS)
        assert burn["cumulative_hours"].tolist() == [6, 6]
    assert reports.burn(cached, **WEEKS)["cumulative_hours"].tolist()[-2:] == [2, 2]


# --- a document of some projects ----------------------------------------------------------------


@pytest.fixture
def moved(office):
    """Return the frames of a project that moved to Acme after its tasks were cached."""
    with tf.Workspace(
        office.sandbox.workspace_id,
        token=office.sandbox.token,
        base_url=office.sandbox.base_url,
        cache=None,
        per_second=None,
    ) as ws:
        frames, _ = reports.Listings(ws).available()
    tasks = frames["tasks"]
    is_first = tasks["project_id"] == office.projects[0]
    then = {"client_id": office.birch, "client_name": "Birch"}
    frames["tasks"] = tasks.assign(
        **{name: tasks[name].mask(is_first, value) for name, value in then.items()},
        secret="of nobody's business",
    )
    return frames


def test_a_part_names_the_client_of_a_task_by_its_project(office, moved):
    part = part_of(moved, selection("part", clients=[office.acme]))
    assert {*part["tasks"]["client_name"]} == {"Acme"}
    assert {*part["tasks"]["client_id"]} == {office.acme}
    assert part["tasks"]["name"].tolist() == moved["tasks"]["name"][: len(part["tasks"])].tolist()


def test_reports_of_tasks_name_the_client_of_the_project(office, moved):
    accuracy = reports.task_accuracy(moved, done=None)
    of_first = accuracy[accuracy["project_id"] == office.projects[0]]
    assert {*of_first["client_id"]} == {office.acme}
    assert "Birch" not in {*of_first["client"]}


def test_a_part_holds_no_field_that_no_table_declares(office, moved):
    assert "secret" not in part_of(moved, selection("part", clients=[office.acme]))["tasks"]


def test_doubts_name_no_row(office, cached):
    office.sandbox.inject(Fault("payload", endpoint="filters/clients", times=2, after=1, body="[]"))
    with pytest.warns(CompletenessWarning, match="was empty") as told:
        clients = tf.filters.clients(cached)
    assert not re.search(r"\d{4,}", str(told[0].message))
    assert clients.attrs["togglframe"]["doubts"]


# --- entries that still run ---------------------------------------------------------------------


@pytest.fixture
def running(office, cached):
    """Track two hours, and begin to track at nine."""
    office.track(office.projects[0], 2)
    office.track(office.projects[0], 1, "2026-11-26")
    *others, last = office.store.entries
    office.store.replace([*others, last._replace(seconds=-last.start, amount=None)])
    return cached


def said_of_running():
    return pytest.warns(CompletenessWarning, match="1 running time entry is left out")


def reports_of(source):
    """Make the reports that sum entries, or look at them one by one."""
    yield reports.hours(source, **DAYS)["tracked_hours"].sum()
    yield reports.time_entries(source, **DAYS)["tracked_time"].sum() / pd.Timedelta(hours=1)
    yield reports.timesheet(source, **DAYS)["tracked_hours"].sum()
    yield reports.invoice_lines(source, **DAYS)["tracked_hours"].sum()
    yield reports.burn(source, **DAYS)["tracked_hours"].sum()
    reports.entry_audit(source, **DAYS)


def test_an_entry_that_runs_is_left_out_and_said(running):
    with said_of_running():
        assert len(tf.search.time_entries(running, **DAYS)) == 1
    with said_of_running():
        assert {*reports_of(running)} == {2}


def test_it_is_left_out_of_frames(office, running):
    with said_of_running():
        entries = tf.search.time_entries(running, **DAYS)
    both = pd.concat([entries, entries], ignore_index=True)
    both.loc[1, ["id", "stop", "tracked_time"]] = [7, pd.NaT, pd.Timedelta(hours=-497_221)]
    frames = {
        "time_entries": both,
        "projects": reports.Listings(running).projects,
    }
    with said_of_running():
        assert {*reports_of(frames)} == {2}
    assert len(frames["time_entries"]) == 2


def test_it_is_left_out_of_an_archive_and_of_one_that_holds_it(running, tmp_path, monkeypatch):
    archive = tf.Archive(tmp_path / "archive")
    with said_of_running():
        done = archive.sync(running, start_date="2026-11-01")
    assert done["rows"].tolist() == [1]
    archive.snapshot(running)
    assert {*reports_of(archive)} == {2}
    held = tf.Archive(tmp_path / "held")  # by a version that kept it
    with monkeypatch.context() as patch:
        patch.setattr("togglframe.api.listing.without_running", lambda frame: frame)
        held.sync(running, start_date="2026-11-01")
        held.snapshot(running)
    with said_of_running():
        assert {*reports_of(held)} == {2}


def test_pages_of_nothing_but_running_entries_raise_no_doubt(running):
    for days in ({"start_date": "2026-11-26", "end_date": "2026-11-26"}, {**DAYS, "page_size": 1}):
        with said_of_running() as told:
            tf.search.time_entries(running, **days)
        assert len(told) == 1


# --- a workspace in which nobody tracks any more ------------------------------------------------


def said_of_silence():
    return pytest.warns(CompletenessWarning, match="from 2026-11-13 to 2026-11-26: .* Toggl 2.0")


def test_two_weeks_without_an_entry_are_asked_about(office, cached, tmp_path):
    office.track(office.projects[0], 2, "2026-11-12")
    with said_of_silence():
        hours = reports.hours(cached, **DAYS)
    assert "Toggl 2.0" in hours.attrs["togglframe"]["doubts"][0]
    with said_of_silence():
        tf.Archive(tmp_path / "archive").sync(cached, start_date="2026-10-01")


def test_ranges_and_filters_that_prove_nothing_ask_nothing(office, cached, tmp_path):
    office.track(office.projects[0], 2, "2026-11-12")
    reports.hours(cached, start_date="2026-11-01", end_date="2026-11-25")
    reports.hours(cached, start_date="2026-11-14", end_date="2026-11-30")
    reports.hours(cached, **DAYS, users=[office.user])
    tf.Archive(tmp_path / "archive").sync(cached, start_date="2026-10-01", end_date="2026-10-31")
    office.track(office.projects[0], 2, "2026-11-13")
    reports.hours(cached, start_date="2026-11-02", end_date="2026-11-30")
    tf.Archive(tmp_path / "archive").sync(cached, start_date="2026-10-01")


# --- pages of time entries ----------------------------------------------------------------------


def pages_asked(sandbox):
    """Return the page size and the status of each request for time entries."""
    asked = [one for one in sandbox.requests if one.endpoint == "search/time_entries"]
    return [(one.body["page_size"], one.status) for one in asked]


def test_no_request_is_spent_to_learn_the_size_of_a_page(make_sandbox, make_workspace):
    sandbox = make_sandbox(3)
    entries = tf.search.time_entries(
        make_workspace(sandbox), start_date="2025-12-01", end_date="2026-11-25"
    )
    assert pages_asked(sandbox) == [(1000, 200)] * -(-len(entries) // 1000)


@pytest.mark.parametrize(
    ("behaviour", "asked"),
    [
        ({"entry_page_cap": 400}, [(1000, 400), (500, 400), (250, 200), (250, 200)]),
        ({"entry_page_cap": 300, "entry_page_clamp": True}, [(1000, 200), (1000, 200)]),
    ],
    ids=["refused", "clamped"],
)
def test_a_size_that_is_refused_is_halved_and_a_smaller_page_followed(
    behaviour, asked, office, make_sandbox, make_workspace
):
    smaller = make_sandbox(3, behaviour=Behaviour(**behaviour))
    other = Office(smaller)
    for number in range(310):
        other.track(other.projects[0], 1, f"2026-11-{number % 25 + 1:02}")
    ws = make_workspace(smaller)
    assert len(tf.search.time_entries(ws, **DAYS)) == 310
    assert pages_asked(smaller) == asked
    tf.search.time_entries(ws, **DAYS)
    assert 400 not in [status for _, status in pages_asked(smaller)[len(asked) :]]


# --- answers without an end ---------------------------------------------------------------------


def test_many_fields_that_no_table_declares_take_no_longer_each(monkeypatch):
    def refuse(*_):
        raise AssertionError("a frame that grows by columns takes the square of the time")

    monkeypatch.setattr(pd.DataFrame, "__setitem__", refuse)
    row = {"id": 1, "name": "Acme", **{f"field_{number}": number for number in range(400)}}
    with canned.workspace(([row], {}), ([row], {})) as (ws, _):
        frame = tf.filters.clients(ws)
    assert len(frame.columns) == 402
    assert frame["field_399"].tolist() == [399]


def test_the_states_of_many_fields_are_put_together_at_once(monkeypatch):
    read = []
    dtypes = pd.DataFrame.dtypes.fget
    monkeypatch.setattr(
        pd.DataFrame, "dtypes", property(lambda frame: read.append(1) or dtypes(frame))
    )
    frames = [pd.DataFrame({"id": [n], **{f"field_{i}": [i] for i in range(50)}}) for n in (1, 2)]
    assert concatenated(frames)["id"].tolist() == [1, 2]
    assert len(read) < 10


def endless(name):
    """Return an answer that always says that there are more rows, under new ids."""
    numbers = itertools.count(1)

    def answer(_):
        number = next(numbers)
        rows = [{"id": number, "name": "x"}, {"id": number + 1, "name": "y"}]
        if name == "rows":
            entry = {"id": number, "seconds": 1, "start": "2026-11-01T09:00:00Z", "at": None}
            rows = [{"user_id": 1, "time_entries": [{**entry, "stop": "2026-11-01T09:00:01Z"}]}]
        more = {"X-Next-Row-Number": str(number + 1), "X-Next-ID": str(number + 1)}
        return 200, more, orjson.dumps(rows)

    return answer


@pytest.mark.parametrize("name", ["ids", "rows"])
def test_a_listing_without_an_end_is_given_up(name, serve, monkeypatch):
    monkeypatch.setattr("togglframe.api.endpoint.MOST_PAGES", 20)
    server = serve(endless(name))
    settings = {"token": "0123", "base_url": server.url, "cache": None, "per_second": None}
    with tf.Workspace(1, **settings) as ws, pytest.raises(SchemaError, match="20 pages"):
        tf.filters.clients(ws) if name == "ids" else tf.search.time_entries(ws, **DAYS)
    assert len(server.seen) == 20


# --- the other product, the network, the terminal -----------------------------------------------

FOCUS = "toggl_sk_5a6db0c4f1e27398ab54c0d9e8f71326"


def test_a_key_of_toggl_2_is_refused_at_once(monkeypatch):
    with pytest.raises(ConfigError, match=r"Toggl 2\.0 .*Toggl Track") as given:
        tf.Workspace(1, token=f" {FOCUS} ")
    with pytest.raises(ConfigError, match=r"Toggl 2\.0 .*Toggl Track"):
        tf.Workspace(1, token=FOCUS.upper())
    monkeypatch.setenv("TOGGL_API_TOKEN", FOCUS)
    with pytest.raises(ConfigError, match=r"Toggl 2\.0 .*Toggl Track") as found:
        tf.Workspace(1)
    result = CliRunner().invoke(app, ["report", "--workspace", "1"])
    assert result.exit_code == 2
    assert "Toggl 2.0" in result.stderr
    assert FOCUS[10:] not in f"{given.value}{found.value}{result.output}"


@pytest.mark.parametrize("error", [tf.errors.AccessError, tf.errors.AuthenticationError])
def test_a_refused_token_is_told_of_the_other_product(error):
    assert "Toggl 2.0" in str(error("no", status=403, endpoint="filters/projects"))


def test_a_failed_connection_names_the_host():
    settings = {"cache": None, "max_attempts": 1, "per_second": None, "token": FOCUS[9:]}
    with (
        tf.Workspace(1, base_url="http://127.0.0.1:9/api", **settings) as ws,
        pytest.raises(tf.errors.ConnectionFailedError, match=r"127\.0\.0\.1:9") as caught,
    ):
        tf.filters.projects(ws)
    assert FOCUS[9:] not in str(caught.value)


def test_the_address_comes_from_the_environment_unless_it_is_given(office, monkeypatch):
    monkeypatch.setenv("TOGGL_BASE_URL", office.sandbox.base_url)
    monkeypatch.setenv("TOGGL_API_TOKEN", office.sandbox.token)
    number = office.sandbox.workspace_id
    with tf.Workspace(number, cache=None, per_second=None) as ws:
        assert len(tf.filters.clients(ws))
    assert "localhost" in repr(tf.Workspace(number, base_url="https://localhost/api"))
    result = CliRunner().invoke(app, ["quota", "--workspace", str(number)])
    assert result.exit_code == 0, result.output
    monkeypatch.setenv("TOGGL_BASE_URL", "http://example.org")
    with pytest.raises(ConfigError, match="unencrypted"):
        tf.Workspace(number)


INTERRUPTED = """
import builtins, signal, sys

wanted, real = sys.argv.pop(1), builtins.__import__

def press_ctrl_c(name, *rest):
    if name == wanted:
        builtins.__import__ = real
        signal.raise_signal(signal.SIGINT)
    return real(name, *rest)

signal.signal(signal.SIGINT, signal.default_int_handler)
builtins.__import__ = press_ctrl_c
from togglframe.cli import main
main()
"""


@pytest.mark.nightly  # programs of their own
@pytest.mark.parametrize("module", ["pandas", "typer", "togglframe.cli.printing"])
def test_ctrl_c_while_the_command_line_is_imported_ends_it_quietly(module):
    command = [sys.executable, "-c", INTERRUPTED, module, "--help"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")
