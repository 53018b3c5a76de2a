"""An archive as a source: every report, its columns and files, snapshots, and what it is in SQL."""

import datetime as dt
import re
import shutil
from pathlib import Path
from unittest import mock

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from archive_cases import asked, change, entries_of
from examples import IS_NIGHT
from export_data import assert_same, read_workbook
from report_cases import call, variants
from typer.testing import CliRunner
from vendor import Behaviour, VendorSandbox

import togglframe as tf
from togglframe import Archive, CompletenessWarning, ConfigError, Workspace, reports, tables
from togglframe.api import filters, search
from togglframe.archive import entries as reading
from togglframe.archive.months import MORE
from togglframe.archive.queries import entries_by_page
from togglframe.archive.snapshots import KEPT
from togglframe.cli import app as cli
from togglframe.reports.listings import LISTINGS
from togglframe.tables.provenance import of, table_of

VARIANTS = list(variants())
FIRST, LAST = "2026-09-01", "2026-11-30"


# Every oddity of an agency is there by night.
SCALE = 61 if IS_NIGHT else 20


@pytest.fixture(scope="module")
def ws():
    with tf.demo(scale=SCALE) as ws:
        yield ws


@pytest.fixture(scope="module")
def archive(ws, tmp_path_factory):
    """An archive of three months and today's listings; nothing here writes into it."""
    archive = Archive(tmp_path_factory.mktemp("archive") / "toggl")
    archive.sync(ws, start_date=FIRST)
    archive.snapshot(ws)
    return archive


# --- every report ---------------------------------------------------------------------------------

OF_FETCHING = {"endpoints", "fetched_at", "from_cache"}


def told_of(frame):
    known = frame.attrs["togglframe"]
    return {name: value for name, value in known.items() if name not in OF_FETCHING}


def of_day_or_night(record, given, table):
    """Let most reports of listings, which are all read the same, be made by night alone."""
    is_of_entries = record.is_ranged
    by_day = (is_of_entries or record.name in {"project_audit", "rate_card"}) and (
        not given or given.get("every") or given.get("clients")
    )
    marks = [] if by_day else [pytest.mark.nightly]
    return pytest.param((record, given, table), marks=marks, id=f"{record.name}-{given}")


@pytest.mark.parametrize("variant", [of_day_or_night(*variant) for variant in VARIANTS])
def test_every_report_of_an_archive_is_that_of_its_workspace_to_the_last_bit(variant, archive, ws):
    record, parameters, _ = variant
    expected = call(record, ws, **parameters)
    spent = ws.usage.requests
    made = call(record, archive, **parameters)
    pd.testing.assert_frame_equal(made, expected)
    assert told_of(made) == told_of(expected)
    assert ws.usage.requests == spent


@pytest.mark.parametrize("name", ["two users", "no project", "three clients", "all, or no client"])
def test_a_report_of_some_is_the_same_too(name, archive, ws):
    clients = filters.clients(ws)["id"].tolist()
    chosen = {
        "two users": {"users": search.users(ws, active=True)["id"].head(2).tolist()},
        "no project": {"projects": [None]},
        "three clients": {"clients": clients[:3]},
        "all, or no client": {"clients": [None, *clients]},
    }[name]
    given = {"period": "2026-10", "by": ["user", "project"], "every": "week", **chosen}
    expected = reports.hours(ws, **given)
    assert len(expected) > 0
    pd.testing.assert_frame_equal(reports.hours(archive, **given), expected)


@pytest.mark.parametrize(
    "name", ["timesheet", pytest.param("entry_audit", marks=pytest.mark.nightly)]
)
def test_a_report_of_single_entries_reads_a_month_at_a_time(name, archive, ws, monkeypatch):
    sizes = []
    read = reading._read

    def read_counted(paths, chosen, columns):
        sizes.append(len(paths))
        return read(paths, chosen, columns)

    monkeypatch.setattr(reading, "_read", read_counted)
    client = filters.clients(ws)["id"].iloc[0]
    for given in ({}, {"clients": [client, None]}):
        chosen = {"start_date": "2026-09-10", "end_date": "2026-11-20", **given}
        expected = getattr(reports, name)(ws, **chosen)
        assert expected["date"].dt.month.nunique() == 3
        pd.testing.assert_frame_equal(getattr(reports, name)(archive, **chosen), expected)
    assert sizes == [1] * 6


def test_a_plan_of_an_archive_costs_nothing(archive):
    plan = reports.plan(archive, reports.hours, period="2026-10")
    assert (plan.requests, plan.is_exact) == (0, True)


def test_what_is_not_kept_is_named_with_what_keeps_it(tmp_path, make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(1))
    archive = Archive(tmp_path / "toggl")
    with pytest.raises(ConfigError, match=r"holds nothing; archive\.sync\(ws, start_date"):
        reports.hours(archive, period="2026-10")
    archive.sync(ws, start_date="2026-11-01")
    with pytest.raises(ConfigError, match=r"'projects', .*archive\.snapshot\(ws\) keeps it"):
        reports.hours(archive, period="2026-11", by="client")
    reports.hours(archive, period="2026-11", by="user")  # which needs no more than entries
    other = Archive(tmp_path / "other")
    other.snapshot(ws)
    with pytest.raises(ConfigError, match=r"'time_entries', .*archive\.sync\(ws, start_date"):
        reports.hours(other, period="2026-11")
    with pytest.raises(ConfigError, match="holds nothing of workspace 5"):
        reports.hours(Archive(tmp_path / "toggl", workspace_id=5), period="2026-11")


def test_a_month_that_was_never_synced_is_warned_of(archive):
    with pytest.warns(CompletenessWarning, match="holds nothing for 2026-07 to 2026-08: ") as said:
        hours = reports.hours(archive, start_date="2026-07-15", end_date="2026-10-31")
    assert len(said) == 1
    assert said[0].filename == __file__
    assert hours.attrs["togglframe"]["doubts"] == [str(said[0].message)]
    assert hours.attrs["togglframe"]["not_held"] == ["2026-07", "2026-08"]


def test_months_to_come_are_told_and_not_warned_of(archive, clock):
    month = pd.Period(clock.now().date(), "M") + 2
    days = {"start_date": month.start_time, "end_date": month.end_time.normalize()}
    entries = archive.time_entries(**days)
    assert entries.attrs["togglframe"]["not_held"] == [str(month)]
    assert "doubts" not in entries.attrs["togglframe"]


# --- the entries ----------------------------------------------------------------------------------


def test_entries_are_those_of_the_endpoint(archive, ws):
    fetched = search.time_entries(ws, start_date=FIRST, end_date=LAST)
    pd.testing.assert_frame_equal(archive.time_entries(), fetched)
    some = {"start_date": "2026-09-20", "end_date": "2026-10-03"}
    pd.testing.assert_frame_equal(archive.time_entries(**some), search.time_entries(ws, **some))
    user, project = fetched["user_id"].iloc[0], fetched["project_id"].dropna().iloc[0]
    chosen = archive.time_entries(users=user, projects=[project, None])
    is_chosen = (fetched["user_id"] == user) & (
        fetched["project_id"].isna() | (fetched["project_id"] == project).fillna(value=False)
    )
    pd.testing.assert_frame_equal(chosen, fetched[is_chosen].reset_index(drop=True))


def test_columns_are_read_alone_and_in_the_order_given(archive):
    entries = archive.time_entries()
    names = ["tracked_time", "tags", "id"]
    pd.testing.assert_frame_equal(archive.time_entries(columns=names), entries[names])
    assert archive.time_entries(users=[]).empty
    of_none = archive.time_entries(workspace_ids=[], columns=names)
    pd.testing.assert_frame_equal(of_none, entries[names].iloc[:0])
    with pytest.raises(ConfigError, match="time entries have no column 'hours'; they have id, "):
        archive.time_entries(columns=["hours"])
    with pytest.raises(TypeError, match="columns must be a list"):
        archive.time_entries(columns="id")
    with pytest.raises(ConfigError, match="start_date 2026-11-02 is after"):
        archive.time_entries(start_date="2026-11-02", end_date="2026-11-01")
    with pytest.raises(ConfigError, match="holds no workspace 1; it holds 4218603"):
        archive.time_entries(workspace_ids=1)


def test_the_files_have_the_schema_of_the_table_and_no_workspace_inside(archive):
    paths = sorted(archive._folder.path.glob("time_entries/workspace_id=4218603/month=*/*"))
    assert [path.parent.name for path in paths] == [
        "month=2026-09", "month=2026-10", "month=2026-11",
    ]  # fmt: skip
    for path in paths:
        assert path.name == "part-0.parquet"
        schema = pq.read_schema(path)
        assert schema.names == [*tables.TIME_ENTRIES.names, MORE]
        assert schema.field("tracked_time").type == pa.duration("ms")
        assert schema.field("start").type == pa.timestamp("us", "UTC")
        assert schema.field("tag_ids").type == pa.list_(pa.int64())


def test_what_the_table_does_not_declare_comes_back_as_it_was(
    make_sandbox, make_workspace, tmp_path
):
    ws = make_workspace(make_sandbox(3, behaviour=Behaviour(extra_fields=True)))
    archive = Archive(tmp_path / "toggl")
    archive.sync(ws, start_date=FIRST)
    declared = search.time_entries(ws, start_date=FIRST, end_date=LAST)
    assert len(declared.columns) > len(tables.TIME_ENTRIES.names)
    # What the sandbox adds depends on the place of a row, and the archive asks backwards.
    ((page, _),) = entries_by_page(ws, ["2026-09", "2026-10", "2026-11"])
    fetched = page.sort_values(["start", "id"], ignore_index=True)
    kept = archive.time_entries()
    pd.testing.assert_frame_equal(kept, fetched)
    assert kept.dtypes.equals(declared.dtypes)


# --- snapshots ------------------------------------------------------------------------------------


def on(day):
    """Have it be the morning of this day for the library."""
    moment = dt.datetime.fromisoformat(f"{day}T06:00:00+00:00")
    return mock.patch.multiple("togglframe.clock", now=lambda: moment, today=moment.date)


def test_a_snapshot_keeps_every_listing_once_a_day_the_newest(
    make_sandbox, make_workspace, tmp_path
):
    office = make_sandbox(6)
    ws = make_workspace(office)
    archive = Archive(tmp_path / "toggl")
    with on("2026-11-26"):
        archive.snapshot(ws)
    paths = [str(p.relative_to(tmp_path / "toggl")) for p in tmp_path.rglob("*.parquet")]
    whole = [name for name, listing in LISTINGS.items() if not listing.is_ranged]
    assert sorted(paths) == sorted(
        f"snapshots/{name}/workspace_id=4218603/as_of=2026-11-26/part-0.parquet" for name in whole
    )
    expected = reports.Listings(ws)
    for name in whole:
        pd.testing.assert_frame_equal(archive.load(name), getattr(expected, name))
    office.agency.projects[0]["name"] = "Another name"
    with on("2026-11-26"):
        archive.snapshot(ws)
    assert len(list(tmp_path.rglob("*.parquet"))) == len(whole)
    assert archive.load("projects")["name"].eq("Another name").any()


NEW = 999_999_999


@pytest.fixture(scope="module")
def moving(tmp_path_factory):
    """Keep two days of an office in an archive: return it with the budget of each of them.

    One project has an hour and a half and a second more, the estimate of another is an hour less,
    one is gone and one is new. Nothing here writes into it.
    """
    archive = Archive(tmp_path_factory.mktemp("moving") / "toggl")
    with VendorSandbox(9) as office, workspace_of(office) as ws:
        with on("2026-11-20"):
            archive.snapshot(ws)
            before = reports.project_budget(ws)
        known = before.dropna(subset=["estimated_hours", "tracked_hours"])["project_id"]
        tracked, estimated, gone = known.iloc[:3]
        statuses = {row["id"]: row for row in office.agency.project_statuses}
        statuses[tracked]["tracked_seconds"] += 5401
        statuses[estimated]["estimated_seconds"] -= 3600
        of_project = next(row for row in office.agency.projects if row["id"] == gone)
        statuses[gone]["id"] = of_project["id"] = NEW
        with on("2026-11-26"):
            archive.snapshot(ws)
            after = reports.project_budget(ws)
    return archive, before, after, (tracked, estimated, gone)


def workspace_of(office):
    options = {"token": office.token, "cache": None, "per_second": None}
    return Workspace(office.workspace_id, base_url=office.base_url, **options)


def test_history_is_the_report_of_every_snapshot(moving):
    archive, before, after, _ = moving
    history = archive.history()
    for day, expected in (("2026-11-20", before), ("2026-11-26", after)):
        of_day = history[history["as_of"] == day].drop(columns="as_of").reset_index(drop=True)
        pd.testing.assert_frame_equal(of_day, expected)
    table = tables.HISTORIES["project_budget"]
    assert history.dtypes.to_dict() == {column.name: column.dtype for column in table}
    assert table_of(history) is table
    assert not history.duplicated(list(table.key)).any()
    at_risk = archive.history("client_budget", at_risk=0.5, by_currency=True)
    assert at_risk["as_of"].nunique() == 2
    assert table_of(at_risk) is tables.HISTORIES["client_budget_by_currency"]
    assert tf.charts.alt_text(history) == (
        f"{len(history)} rows on 2 days, 2026-11-20 to 2026-11-26, "
        "one per project, also one that has only a status, as it was on a day."
    )
    with pytest.raises(ConfigError, match=r"report must be one of .*project_budget.*, not 'hours'"):
        archive.history("hours")


def test_changes_are_what_moved_with_its_measures_before_and_after(moving):
    archive, before, after, (tracked, estimated, gone) = moving
    changes = archive.changes("2026-11-25")
    table = tables.CHANGES["project_budget"]
    assert changes.dtypes.to_dict() == {column.name: column.dtype for column in table}
    assert table_of(changes) is table
    told = of(changes)
    assert (told["since"], told["as_of"]) == ("2026-11-20", "2026-11-26")
    assert changes["project_id"].tolist() == sorted([tracked, estimated, gone, NEW])
    moved = changes.set_index("project_id")
    assert moved["change"].to_dict() == {
        tracked: "moved", estimated: "moved", gone: "gone", NEW: "new",
    }  # fmt: skip
    for name in ("tracked_hours", "estimated_hours", "amount"):
        for frame, suffix in ((before, "_before"), (after, "_after")):
            expected = frame.set_index("project_id")[name].reindex(moved.index)
            pd.testing.assert_series_equal(moved[name + suffix], expected, check_names=False)
    assert moved.loc[tracked, "tracked_hours_difference"] == 5401 / 3600  # to the last bit
    assert moved.loc[tracked, "estimated_hours_difference"] == 0
    assert moved.loc[estimated, "estimated_hours_difference"] == -1
    assert moved.loc[gone, "tracked_hours_difference"] is pd.NA
    assert moved["project"].notna().all()
    assert archive.changes("2026-11-26").empty
    with pytest.raises(
        ConfigError, match=r"no snapshot of .* from 2026-11-19 or earlier; the oldest is"
    ):
        archive.changes("2026-11-19")


def test_every_report_of_listings_has_tables_of_its_history_and_changes():
    made = {table.name for record, _, table in VARIANTS if {*record.needs} <= {*KEPT}}
    assert set(tables.HISTORIES) == set(tables.CHANGES) == made


@pytest.mark.parametrize(
    ("name", "parameters", "table"),
    [
        ("client_budget", {"by_currency": True}, "client_budget_by_currency"),
        ("workspace_budget", {}, "workspace_budget"),
        pytest.param("project_audit", {}, "project_audit", marks=pytest.mark.nightly),
    ],
)
def test_changes_of_another_report_are_of_its_table(moving, name, parameters, table):
    """By a key of several columns, of which one may be missing; of one row; by names."""
    archive, *_ = moving
    changes = archive.changes("2026-11-20", name, **parameters)
    table = tables.CHANGES[table]
    assert table_of(changes) is table
    assert changes.dtypes.to_dict() == {column.name: column.dtype for column in table}
    assert tf.charts.alt_text(changes).endswith(f", one per {table.grain}.")
    days = [day for _, day in archive.history(name, **parameters).groupby("as_of")]
    old, new = (set(map(tuple, day[list(table.key)].astype(str).to_numpy())) for day in days)
    told = changes["change"].value_counts()  # of every category
    assert (told["new"], told["gone"]) == (len(new - old), len(old - new))


def test_files_give_history_and_changes_back(moving, tmp_path):
    archive, *_ = moving
    for frame in (archive.history(), archive.changes("2026-11-20")):
        table = table_of(frame)
        back = pd.read_parquet(tf.export.to_parquet(frame, tmp_path / "f.parquet"))
        assert_same(back, frame)
        assert table_of(back) is table
        assert len(pd.read_csv(tf.export.to_csv(frame, tmp_path / "f.csv"))) == len(frame)
        sheet = read_workbook(tf.export.to_excel(frame, tmp_path / "f.xlsx")).worksheets[0]
        below = {cell.value for row in sheet.iter_rows(min_row=len(frame) + 2) for cell in row}
        totals = {value for value in below if isinstance(value, str) and value[:1] != "="}
        assert totals == set()  # nothing is added up over days
        labels = {column.label.replace(" hours ", " ") for column in table.measures}
        assert labels <= {cell.value for cell in sheet[1]}


def test_what_the_plan_hides_is_left_out_of_a_snapshot(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(6, plan="free"))
    archive = Archive(tmp_path / "toggl")
    with pytest.warns(CompletenessWarning, match="tasks"):
        archive.snapshot(ws)
    assert archive.load("tasks") is None
    budget = reports.project_budget(archive)
    pd.testing.assert_frame_equal(budget, reports.project_budget(ws))


# --- what differs ---------------------------------------------------------------------------------


def test_verify_tells_the_months_that_differ_and_by_how_much(
    make_sandbox, make_workspace, tmp_path
):
    sandbox = make_sandbox(3)
    ws = make_workspace(sandbox)
    archive = Archive(tmp_path / "toggl")
    archive.sync(ws, start_date=FIRST)
    spent = len(sandbox.requests)
    assert archive.verify(ws).empty
    assert asked(sandbox, spent) == {"search/time_entries/totals": 1}
    first = next(entry for entry in entries_of(sandbox, "2026-10") if entry.billable)
    change(sandbox, gone=[first])
    (row,) = archive.verify(ws).to_dict("records")
    gone = pytest.approx(first.seconds / 3600)
    assert row["month"] == "2026-10"
    assert row["hours_difference"] == row["billable_hours_difference"] == gone
    assert row["hours_here"] - row["hours_there"] == gone


# --- SQL ------------------------------------------------------------------------------------------


def test_duckdb_sees_what_is_there(archive, ws):
    entries = archive.time_entries()
    with archive.connect() as connection:
        found = connection.execute(
            "SELECT workspace_id, month, count(*) AS n, sum(tracked_seconds) AS seconds, "
            "min(tracked_time) AS shortest, min(date) AS first FROM time_entries GROUP BY ALL "
            "ORDER BY month"
        ).fetchall()
        types = dict(
            connection.execute(
                "SELECT column_name, column_type FROM (DESCRIBE time_entries)"
            ).fetchall()
        )
        n = connection.execute("SELECT count(*) FROM projects").fetchone()
        tables_ = {name for (name,) in connection.execute("SHOW TABLES").fetchall()}
        estimate = connection.execute("SELECT sum(estimated_seconds) FROM statuses").fetchone()
    by_month = entries.groupby(entries["date"].dt.strftime("%Y-%m"))
    assert [(row[0], row[1], row[2]) for row in found] == [
        (4218603, month, len(rows)) for month, rows in by_month
    ]
    assert [row[3] for row in found] == [
        rows["tracked_time"].sum().total_seconds() for _, rows in by_month
    ]
    assert all(isinstance(row[4], dt.timedelta) and isinstance(row[5], dt.date) for row in found)
    assert types["tracked_time"] == types["utc_offset"] == "INTERVAL"
    assert types["date"] == "DATE"
    assert types["start"] == "TIMESTAMP WITH TIME ZONE"
    assert n == (len(filters.projects(ws)),)
    assert {"time_entries", "projects", "projects_history", "users"} <= tables_
    budget = reports.project_budget(ws)
    assert estimate[0] == pytest.approx(budget["estimated_time"].sum().total_seconds())


def test_any_folder_can_be_queried(tmp_path, make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(1))
    archive = Archive(tmp_path / "it's [b]ig, a*b?, ü ñ")
    archive.sync(ws, start_date="2026-11-01")
    archive.snapshot(ws)
    with archive.connect() as connection:
        (n,) = connection.execute("SELECT count(*) FROM time_entries").fetchone()
        assert n == len(archive.time_entries())
        assert connection.execute("SELECT count(*) FROM clients").fetchone()[0] > 0


def rows_of(archive, *names):
    with archive.connect() as connection:
        return [
            connection.execute(
                f"SELECT as_of::VARCHAR, count(*) FROM {name} GROUP BY ALL"
            ).fetchall()
            for name in names
        ]


def test_duckdb_has_the_newest_whole_snapshot_as_reports_have(
    make_sandbox, make_workspace, tmp_path
):
    ws = make_workspace(make_sandbox(1))
    archive = Archive(tmp_path / "toggl")
    for day in ("2026-11-20", "2026-11-26"):
        with on(day):
            archive.snapshot(ws)
    n = len(archive.load("projects")), len(archive.load("users"))
    archive._folder.snapshot_file("tasks", ws.id, dt.date(2026, 11, 26)).unlink()  # hidden that day
    whole = [[], [("2026-11-26", n[0])], [("2026-11-26", n[1])]]
    assert rows_of(archive, "tasks", "projects", "users") == whole
    assert archive.load("tasks") is None
    users = archive._folder.snapshot_file("users", ws.id, dt.date(2026, 11, 27))
    users.parent.mkdir()
    shutil.copy(archive._folder.snapshot_file("users", ws.id, dt.date(2026, 11, 26)), users)
    assert rows_of(archive, "tasks", "projects", "users") == whole  # it was interrupted


@pytest.mark.parametrize("damaged", ["time_entries", "users"])
def test_duckdb_names_the_file_that_is_damaged(damaged, archive, tmp_path):
    archive = Archive(shutil.copytree(archive._folder.path, tmp_path / "toggl"))
    path, *_ = archive._folder.path.rglob(f"{damaged}/*/*/*.parquet")
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(ConfigError, match=re.escape(f"{path} cannot be read: ")):
        archive.connect()
    told = CliRunner().invoke(cli, ["archive", "sql", str(archive._folder.path), "SELECT 1"])
    assert told.exit_code == 2
    assert "cannot be read" in told.output


def test_an_archive_of_one_workspace_knows_no_other(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(1))
    office = make_sandbox(1, workspace_id=777)
    other = make_workspace(office)
    both = Archive(tmp_path / "toggl")
    both.sync([ws, other], start_date="2026-11-01")
    both.snapshot([ws, other])
    one = Archive(tmp_path / "toggl", workspace_id=ws.id)
    assert one.status()["workspace_id"].tolist() == [ws.id]
    with one.connect() as connection:
        for name in ("time_entries", "projects", "users_history"):
            query = f"SELECT DISTINCT workspace_id FROM {name}"
            assert connection.execute(query).fetchall() == [(ws.id,)]
    spent = len(office.requests)
    for refused in (
        lambda: one.sync(other, start_date="2026-11-01"),
        lambda: one.snapshot([ws, other]),
        lambda: one.verify(other),
    ):
        with pytest.raises(
            ConfigError, match=rf"workspace_id={ws.id}\) is restricted to another workspace than"
        ):
            refused()
    assert len(office.requests) == spent


def test_an_empty_archive_has_no_tables(tmp_path):
    with Archive(tmp_path).connect() as connection:
        assert connection.execute("SHOW TABLES").fetchall() == []


# --- the guide ------------------------------------------------------------------------------------

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "archive-and-closing.md"


@pytest.mark.nightly
def test_the_code_of_the_guide_runs_and_all_agree(monkeypatch):
    monkeypatch.syspath_prepend(GUIDE.parents[1])  # what only the documentation imports
    text = GUIDE.read_text(encoding="utf-8")
    cells = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    cells += re.findall(r"^```py\n(import polars.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert len(cells) > 7
    names: dict[str, object] = {}
    exec("\n".join(cells), names)
    top = names["top"].set_index(["user_id", "user"])["hours"]
    entries = names["entries"].groupby(["user_id", "user"])["tracked_time"].sum()
    of_polars = {tuple(who): hours for *who, hours in names["hours"].iter_rows()}
    assert len(top) == 3
    for user, hours in top.items():
        assert hours == entries[user].total_seconds() / 3600
        assert of_polars[user] == entries[user]
    assert len(of_polars) == len(entries)


def test_the_lines_of_the_guide_are_commands_that_exist():
    guides = (GUIDE, GUIDE.with_name("closing-a-month.md"))
    text = "".join(guide.read_text(encoding="utf-8") for guide in guides)
    lines = re.findall(r"togglframe (archive \w+)([^\n`\"]*)", text)
    assert {command for command, _ in lines} == {
        *("archive sync", "archive status", "archive sql", "archive changes"),
        *("archive close", "archive late", "archive verify"),
    }
    for command, words in lines:
        told = CliRunner().invoke(cli, [*command.split(), "--help"], env={"COLUMNS": "200"}).output
        assert [option for option in re.findall(r"--[\w-]+", words) if option not in told] == []
