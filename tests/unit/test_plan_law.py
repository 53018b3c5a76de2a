"""A plan is between half and twice what is spent, and 0 where nothing is."""

import inspect
import re
import warnings

import pytest
from report_cases import DISTINCT, also_by_night, needed
from typer.testing import CliRunner

import togglframe as tf
from togglframe import CompletenessWarning, ConfigError, reports
from togglframe.cli import app
from togglframe.reports.planning import records

PERIODS = ("2026-W43", "2026-10", "2026-Q3", "2026")
FILES = {"to_excel": "book.xlsx", "to_html": "page.html", "to_invoice": ""}
CLIENT = "Northwind Coffee Roasters"
INVOICE = ("to_invoice", {"period": "2026-10", "clients": CLIENT, "number": {CLIENT: "17"}})


def calls():
    """Go through everything that is planned of a source, and its parameters."""
    for function, record in records():
        is_ranged = "period" in inspect.signature(function).parameters
        periods = PERIODS if record in DISTINCT else PERIODS[1:2]
        for period in periods if is_ranged else [None]:
            given = {} if period is None else {"period": period}
            yield function.__name__, needed(record) | given
    for name in ("to_excel", "to_html"):
        for given in ({}, {"period": "2026-10"}, {"period": "2026"}):
            yield name, given
    for period in PERIODS:
        yield "to_invoice", {"period": period, "clients": "one"}
    yield INVOICE
    yield "to_excel", {"sheets": ["Budget"]}
    yield "hours", {"period": "2026-Q3", "users": "one"}


CALLS = list(calls())
BY_DAY = [
    (61, "hours", {"period": "2026-10"}),
    (61, "project_members", {}),
    (6, "to_excel", {"sheets": ["Budget"]}),
    (6, *INVOICE),
]
# Nothing tells a small agency from others before its entries are known: its year is estimated.
BY_NIGHT = [
    (scale, name, given)
    for scale in (6, 61, 200)
    for name, given in CALLS
    if scale > 6 or given.get("period") not in PERIODS[2:]
]


def run(ws, name, given, folder):
    """Make a report, or write a file."""
    if name in FILES:
        getattr(tf.export, name)(ws, folder / FILES[name], **given)
    else:
        getattr(reports, name)(ws, **given)


def check(sandbox, plan, call, *args, **given):
    """Compare a plan with what a call then sends."""
    before = len(sandbox.requests)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", CompletenessWarning)
        call(*args, **given)
    spent = len(sandbox.requests) - before
    assert spent / 2 <= plan.requests <= spent * 2, (str(plan), spent)
    assert str(plan).startswith("about ") is not plan.is_exact
    assert not plan.is_exact or plan.requests == spent


def named(sandbox, given):
    """Return parameters with the id of the first user or client for "one"."""
    ids = {name: getattr(sandbox.agency, name)[0]["id"] for name in ("users", "clients")}
    return given | {name: ids[name] for name in ids if given.get(name) == "one"}


@pytest.fixture(scope="module")
def office():
    """Serve agencies of several sizes, each once."""
    from vendor import VendorSandbox

    served = {}

    def of(scale):
        if scale not in served:
            served[scale] = VendorSandbox(scale, quota=10**9)
            served[scale].start()
        return served[scale]

    yield of
    for sandbox in served.values():
        sandbox.stop()


@pytest.mark.parametrize(
    "case", also_by_night(BY_DAY, BY_NIGHT), ids=lambda case: f"{case[0]}-{case[1]}-{case[2]}"
)
def test_the_law_holds_at_first_in_the_cache_and_once_it_has_expired(
    case, office, make_workspace, tmp_path
):
    scale, name, given = case
    sandbox = office(scale)
    given = named(sandbox, given)
    ws = make_workspace(sandbox, cache=tmp_path / "answers.sqlite")
    later = make_workspace(sandbox, cache=tmp_path / "answers.sqlite", expire_after=0)
    for one in (ws, ws, later):
        before = len(sandbox.requests)
        plan = reports.plan(one, name, **given)
        assert len(sandbox.requests) == before
        check(sandbox, plan, run, one, name, given, tmp_path)


OTHER_DAYS = [
    {"period": "2026-10"},
    {"period": "2026-Q2"},
    {"period": "2025"},
    {"period": "2026-Q3", "users": "one"},
]


@pytest.mark.parametrize("scale", also_by_night([6], [6, 61, 200]))
def test_an_expired_listing_tells_how_long_others_are(scale, office, make_workspace, subtests):
    sandbox = office(scale)
    for given in OTHER_DAYS:
        with subtests.test(str(given)):
            ws = make_workspace(sandbox, cache="memory", expire_after=0)
            reports.hours(ws, period="2026")  # it takes a second in all: four times three pages
            days = named(sandbox, given)
            plan = reports.plan(ws, "hours", **days)
            assert not plan.is_exact
            check(sandbox, plan, reports.hours, ws, **days)


@pytest.mark.parametrize(
    "case",
    also_by_night(
        [(6, "2026-10-01")],  # it takes two seconds: three syncs, and two snapshots
        [(61, "2026-08-01"), (61, "2024-12-01"), (200, "2026-01-01"), (200, "2025-01-01")],
    ),
)
def test_the_law_holds_for_syncs_and_snapshots(case, office, make_workspace, tmp_path):
    scale, start = case
    sandbox, archive = office(scale), tf.Archive(tmp_path / "toggl")
    for _ in ("new", "unchanged"):
        ws = make_workspace(sandbox, cache="memory")
        for method, given in ((archive.sync, {"start_date": start}), (archive.snapshot, {})):
            before = len(sandbox.requests)
            plan = reports.plan(ws, method, **given)
            assert len(sandbox.requests) == before
            check(sandbox, plan, method, ws, **given)
    plan = reports.plan(ws, archive.verify)
    assert plan.is_exact
    check(sandbox, plan, archive.verify, ws)
    fewer = tf.Archive(tmp_path / "toggl", today="2026-11-25")
    longer = {"start_date": "2026-01-01" if start > "2026" else "2024-06-01", "full": True}
    check(sandbox, reports.plan(ws, fewer.sync, **longer), fewer.sync, ws, **longer)


# --- what is planned, and how it is said ----------------------------------------------------------


def test_what_has_no_source_to_ask_costs_nothing(office, make_workspace, tmp_path):
    ws = make_workspace(office(6), cache="memory")
    budget = reports.project_budget(ws)
    archive = tf.Archive(tmp_path / "toggl")
    archive.snapshot(ws)
    for source in ({"Budget": budget}, budget, archive):
        assert reports.plan(source, tf.export.to_excel).requests == 0
    assert reports.plan(archive, "to_html").requests == 0


def test_a_function_and_its_name_are_planned_alike(office, make_workspace):
    ws = make_workspace(office(6))
    for name, requests in {"to_excel": 17, "to_html": 17, "to_invoice": 3}.items():
        by_function = reports.plan(ws, getattr(tf.export, name), period="2026-10")
        assert by_function == reports.plan(ws, name, period="2026-10")
        assert str(by_function).startswith(f"about {requests} requests (")


def test_several_workspaces_have_a_plan_each(office, make_workspace, tmp_path):
    workspaces = [make_workspace(office(6))]
    archive = tf.Archive(tmp_path / "toggl")
    alone = reports.plan(workspaces, archive.sync, start_date="2026-10-01")
    assert alone.costs == {"totals": 1, "edits": 0, "time_entries": 3}


def test_impossible_plans_are_refused(office, make_workspace, tmp_path):
    ws, archive = make_workspace(office(6)), tf.Archive(tmp_path / "toggl")
    with pytest.raises(ConfigError, match=r"reports\.plan\(ws, archive\.sync\)"):
        reports.plan(ws, "sync")
    with pytest.raises(TypeError, match="unexpected keyword argument 'sheet'"):
        reports.plan(ws, "to_excel", sheet="Budget")
    with pytest.raises(ConfigError, match="by_workspace is for reports"):
        reports.plan(ws, "to_excel", by_workspace={1: {}})
    with pytest.raises(TypeError, match="start_date"):
        reports.plan(ws, archive.sync)
    with pytest.raises(ConfigError, match="to_invoice needs days to invoice"):
        reports.plan(ws, "to_invoice")
    with pytest.raises(ConfigError, match="due 2026-11-01 is before issued 2026-11-02"):
        reports.plan(ws, "to_invoice", **INVOICE[1], issued="2026-11-02", due="2026-11-01")
    with pytest.raises(ConfigError, match="people=False keeps names out"):
        reports.plan(ws, "to_invoice", **INVOICE[1], by="user")
    with pytest.raises(ConfigError, match=r"[Tt]here is no sheet 'Wine'"):
        reports.plan(ws, "to_excel", sheets=["Wine"])


# --- the command line -----------------------------------------------------------------------------

COMMANDS = [
    ("frames", "filters.clients"),
    ("frames", "filters.project_statuses"),
    ("frames", "reports.hours", "--where", "period=2026-10"),
    (
        "frames",
        "search.time_entries",
        "--where",
        "start_date=2026-10-01",
        "--where",
        "end_date=2026-10-31",
    ),
    ("report", "--format", "xlsx,csv", "--html", "--period", "2026-10"),
    ("hours", "--period", "2026-10"),
    ("timesheet", "--period", "2026-10", "--user", "1"),
    ("invoice", "--period", "2026-10"),
    ("invoice", "--period", "2026-10", "--client", CLIENT, "--out", "."),
    ("forecast", "--weeks", "4"),
    ("archive", "sync", "toggl", "--from", "2026-10-01"),
    ("archive", "verify", "toggl"),
]


@pytest.fixture
def command(office, monkeypatch, tmp_path):
    """Run a command against the smallest agency."""
    sandbox = office(6)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TOGGL_API_TOKEN", sandbox.token)
    monkeypatch.setenv("TOGGL_WORKSPACE_ID", str(sandbox.workspace_id))
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)

    def call(*words):
        return CliRunner().invoke(app, [*words, "--base-url", sandbox.base_url])

    return call


def test_every_command_prints_its_plan_and_sends_nothing(command, office, tmp_path, subtests):
    sandbox = office(6)
    assert command("archive", "sync", "toggl", "--from", "2026-09-01").exit_code == 0
    for words in COMMANDS:
        with subtests.test(" ".join(words)):
            before, files = len(sandbox.requests), sorted(tmp_path.rglob("*"))
            result = command(*words, "--plan")
            assert (result.exit_code, result.stderr) == (0, "")
            assert len(sandbox.requests) == before
            assert sorted(tmp_path.rglob("*")) == files
            assert re.match(r"(about )?\d+ requests? \(", result.stdout)


@pytest.mark.nightly
@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_the_plan_of_a_command_is_about_what_it_then_sends(words, command, office):
    sandbox = office(6)
    assert command("archive", "sync", "toggl", "--from", "2026-09-01").exit_code == 0
    planned = int(command(*words, "--plan").stdout.removeprefix("about ").split()[0])
    before = len(sandbox.requests)
    assert command(*words).exit_code == 0
    spent = len(sandbox.requests) - before
    assert spent / 2 <= planned <= spent * 2


def test_names_are_looked_up_in_listings_that_the_plan_counts(command, office):
    before = len(office(6).requests)
    result = command("hours", "--period", "2026-10", "--user", "Anna", "--plan")
    assert result.stdout == "about 6 requests (time_entries: 2, users: 4)\n"
    assert len(office(6).requests) == before
