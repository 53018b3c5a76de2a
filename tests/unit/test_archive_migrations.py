"""Archives of other versions: what an earlier one wrote is read, and what a later one adds.

The files of `tests/archives` are never written again; `tests/archives/write.py` wrote them.
"""

import datetime as dt
import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from report_cases import RECORDS, variants

from togglframe import Archive, reports, tables
from togglframe.export.parquet import write_parquet
from togglframe.reports.listings import LISTINGS

KEPT = Path(__file__).parents[1] / "archives"
TODAY = dt.datetime(2026, 10, 27, 6, tzinfo=dt.UTC)
MONTHS = ["2026-08", "2026-09", "2026-10"]
RANGE = {"start_date": "2026-08-01", "end_date": "2026-10-27"}
# Without these there is no time entry; any other column may be younger than a file.
ALWAYS = {"id", "start", "stop", "date", "utc_offset", "tracked_time"}
YOUNGER = [name for name in tables.TIME_ENTRIES.names if name not in ALWAYS]


@pytest.fixture(autouse=True)
def _today(set_now):
    set_now(lambda: TODAY)


@pytest.fixture
def copied(tmp_path):
    """A copy of the archive of 0.2, to be changed."""
    return Archive(shutil.copytree(KEPT / "0.2", tmp_path / "toggl"))


# --- what an earlier version wrote ----------------------------------------------------------------

NA = None
ANNA = (10482626, "Anna Keller", "anna.keller.1@lanternworks.example")
MATEO = (10483048, "Mateo Rivas", "mateo.rivas.2@lanternworks.example")
SITE = (187340433, "Website relaunch", "Northwind Coffee Roasters")
PORTAL = (187340844, "Customer portal", "Hafen & Söhne Logistik")
NONE = (NA, NA, NA)
ROWS_0_2 = [
    (
        2**53 + 1, *ANNA, *SITE, 118220620, "Kickoff workshop", "Zoë's “plan”, <b>", True,
        ["overtime", "rush"], [16204226, 16204263], "2026-08-31T22:30:00Z",
        "2026-09-01T00:00:00Z", "2026-09-01", 7_200, 5_400, 185.18, 123.45, "EUR",
        "2026-09-01T00:00:00Z", 9007199254740998, 1.25, False, NA, ["priority", "retainer"],
        {"count": 0},
    ),
    (
        7, *MATEO, *NONE, NA, NA, NA, False, [], [], "2026-08-31T23:30:00Z",
        "2026-09-01T00:30:01Z", "2026-08-31", -25_200, 3_601, NA, NA, "EUR",
        "2026-09-01T00:30:01Z", 9007199254740997, 1.0, True, NA, ["priority"], {"count": 4},
    ),
    (
        2**60 + 1, *MATEO, *PORTAL, NA, NA, NA, False, [], [], "2026-09-15T08:00:00Z",
        "2026-09-15T08:00:00Z", "2026-09-15", 7_200, 0, NA, NA, "EUR", "2026-09-15T08:00:00Z",
        9007199254740996, 0.75, False, "imported as 3", [], {"count": 3},
    ),
    (
        8, *MATEO, *PORTAL, NA, NA, "Call", True, ["overtime"], [16204226],
        "2026-10-05T21:00:00Z", "2026-10-06T00:00:00Z", "2026-10-05", 7_200, 10_800, NA, NA,
        "EUR", "2026-10-06T00:00:00Z", 9007199254740995, 0.5, True, NA,
        ["priority", "retainer"], {"count": 2},
    ),
    (
        9, *ANNA, *SITE, NA, NA, NA, True, [], [], "2026-10-26T07:00:00Z",
        "2026-10-26T07:30:00Z", "2026-10-26", 7_200, 1_800, 50.0, 100.0, "EUR",
        "2026-10-26T07:30:00Z", 9007199254740994, 0.25, False, NA, ["priority"], {"count": 1},
    ),
]  # fmt: skip
UNDECLARED = {"legacy_id": "Int64", "weight": "Float64", "pinned": "boolean", "note": "str",
              "labels": "object", "links": "object"}  # fmt: skip


def plain(column):
    """Return values as a version that has other dtypes would tell them too."""
    if column.dtype.kind == "m":
        return [value.total_seconds() for value in column]
    if column.dtype.kind == "M":
        form = "%Y-%m-%d" if column.dt.tz is None else "%Y-%m-%dT%H:%M:%SZ"
        return column.dt.strftime(form).tolist()
    return [value if isinstance(value, list) or not pd.isna(value) else NA for value in column]


def test_the_entries_of_0_2_are_read_to_the_value():
    entries = Archive(KEPT / "0.2").time_entries()
    assert entries.columns.tolist() == [*tables.TIME_ENTRIES.names, *UNDECLARED]
    told = zip(*(plain(entries[name]) for name in entries), strict=True)
    assert list(told) == ROWS_0_2
    declared = {column.name: column.dtype for column in tables.TIME_ENTRIES}
    assert entries.dtypes.to_dict() == declared | {n: entries[n].dtype for n in UNDECLARED}
    assert entries.dtypes[list(UNDECLARED)].astype("str").to_dict() == UNDECLARED


def test_the_snapshot_of_0_2_is_read_to_the_value():
    archive = Archive(KEPT / "0.2")
    rows = {"projects": 3, "statuses": 3, "clients": 3, "tasks": 20, "project_users": 9,
            "project_groups": 2, "users": 3}  # fmt: skip
    for name, n in rows.items():
        listing, table = archive.load(name), LISTINGS[name].table
        assert len(listing) == n
        assert listing.dtypes[table.names].to_dict() == {c.name: c.dtype for c in table}
    assert archive.load("tasks")["permissions"].iloc[2] == ["update", "delete"]
    assert archive.load("projects")["legacy_id"].max() == 9007199442081837
    budget = reports.project_budget(archive)
    names = ["project_id", "client", "tracked_time", "estimated_time", "amount", "budget_state"]
    assert budget[names].to_records(index=False).tolist()[0] == (
        187340433, "Northwind Coffee Roasters", dt.timedelta(days=82, seconds=53_633),
        dt.timedelta(hours=1_270), 317263.69, "over",
    )  # fmt: skip


def test_what_0_2_noted_of_its_syncs_is_read(copied):
    status = copied.status()
    assert status["month"].tolist() == MONTHS
    assert status["rows"].tolist() == [1, 2, 2]
    assert (status["fetched_at"] == TODAY).all()
    assert (status["compared_at"] == TODAY).all()
    state = copied._folder._state(4218603)
    told = json.loads(state.read_text())
    state.write_text(json.dumps({**told, "said by a later version": [1]}))
    pd.testing.assert_frame_equal(copied.status(), status)


# --- what a later version adds --------------------------------------------------------------------


def without(archive, months, names):
    """Take columns out of the files of months, as a version wrote them that did not know those."""
    for month in months:
        path = archive._folder.month_file(4218603, month)
        table = pq.read_table(path, partitioning=None)
        pq.write_table(table.drop_columns(names), path)


def unknown(frame, names, rows):
    """Return a frame in which these columns are NA in some of the rows."""
    declared = {column.name: column.dtype for column in tables.TIME_ENTRIES}
    kept = frame.copy()
    for name in names:
        values = frame[name].astype("object")
        values[rows] = pd.NA
        kept[name] = values.astype(declared[name])
    return kept


def whole_report(record, source, parameters):
    given = RANGE if record.is_ranged and record.name != "forecast" else {}
    return getattr(reports, record.name)(source, **given, **parameters)


OLD_MONTHS = pytest.mark.parametrize("months", [["2026-08"], MONTHS], ids=["the oldest", "all"])


@OLD_MONTHS
def test_a_column_that_is_younger_than_a_file_is_na(months, copied):
    is_old = copied.time_entries()["date"].dt.strftime("%Y-%m").isin(months)
    expected = unknown(copied.time_entries(), YOUNGER, is_old)
    without(copied, months, [*YOUNGER, "undeclared_fields"])
    made = copied.time_entries()
    pd.testing.assert_frame_equal(made[expected.columns[:22]], expected[expected.columns[:22]])


def check_reports(archive, chosen):
    """Compare reports of an archive with those of the frames that it holds."""
    listings = {name: archive.load(name) for name in LISTINGS if name != "project_user_hours"}
    source = {name: frame for name, frame in listings.items() if frame is not None}
    for record, parameters in chosen:
        of_frames = whole_report(record, source, parameters)
        pd.testing.assert_frame_equal(whole_report(record, archive, parameters), of_frames)


GROUPS = ["user", "project", "task", "billable", "description", "tags"]
OF_ENTRIES = {record.name: record for record in RECORDS if record.is_ranged}


def test_a_column_that_is_younger_than_the_oldest_file_is_na_in_some_reports(copied):
    without(copied, ["2026-08"], [*YOUNGER, "undeclared_fields"])
    hours = OF_ENTRIES["hours"], {"by": GROUPS, "every": "month"}
    others = [(OF_ENTRIES[name], {}) for name in ("timesheet", "earnings")]
    check_reports(copied, [hours, *others])


@pytest.mark.nightly
@OLD_MONTHS
@pytest.mark.filterwarnings("ignore:the range to invoice:togglframe.CompletenessWarning")
@pytest.mark.filterwarnings("ignore:the archive holds nothing for:togglframe.CompletenessWarning")
def test_a_column_that_is_younger_than_a_file_is_na_in_every_report(months, copied):
    without(copied, months, [*YOUNGER, "undeclared_fields"])
    hours = [(OF_ENTRIES["hours"], {"by": by, "every": "month"}) for by in GROUPS]
    every = [(record, parameters) for record, parameters, _ in variants()]
    check_reports(copied, [*every, *hours])


@OLD_MONTHS
def test_a_column_that_is_younger_than_a_file_is_null_in_sql(months, copied):
    old = Archive(KEPT / "0.2")
    with old.connect() as connection:
        types = connection.execute("DESCRIBE time_entries").df().set_index("column_name")
    without(copied, months, YOUNGER)
    with copied.connect() as connection:
        found = connection.execute("DESCRIBE time_entries").df().set_index("column_name")
        counts = ", ".join(f"count({name})" for name in YOUNGER)
        where = ", ".join(f"'{month}'" for month in months)
        asked = f"SELECT {counts} FROM time_entries WHERE month IN ({where})"
        assert set(connection.execute(asked).fetchone()) == {0}
        n = connection.execute("SELECT count(*), sum(tracked_seconds) FROM time_entries")
        assert n.fetchone() == (5, 21_601)
    pd.testing.assert_frame_equal(found.loc[types.index], types)


def test_a_listing_that_is_older_than_a_column_has_it_unknown(copied):
    budget = reports.project_budget(copied)
    for name, lacking in {"projects": ["color"], "statuses": ["billable_time"]}.items():
        path = copied._folder.snapshot_file(name, 4218603, TODAY.date())
        listing = copied.load(name)
        with path.open("wb") as file:
            write_parquet(listing.drop(columns=lacking), file)
        read = copied.load(name)
        table = LISTINGS[name].table
        assert read.columns.tolist() == listing.columns.tolist()
        assert read[lacking[0]].isna().all()
        assert read.dtypes[table.names].to_dict() == {c.name: c.dtype for c in table}
        assert read.attrs == listing.attrs
    made = reports.project_budget(copied)
    assert made["color"].isna().all()
    assert made["billable_hours"].isna().all()
    same = ["project_id", "tracked_hours", "estimated_hours", "budget_state"]
    pd.testing.assert_frame_equal(made[same], budget[same])
    with copied.connect() as connection:
        told = connection.execute("SELECT count(color), count(*) FROM projects").fetchone()
        assert told == (0, 3)
        told = connection.execute("SELECT count(billable_seconds) FROM statuses").fetchone()
        assert told == (0,)


def test_a_column_that_a_later_version_wrote_is_passed_over(copied):
    before = copied.time_entries()
    hours = reports.hours(copied, by="task", **RANGE)
    for month in ("2026-08", "2026-10"):
        path = copied._folder.month_file(4218603, month)
        table = pq.read_table(path, partitioning=None)
        mood = pa.array(["fine"] * len(table))
        pq.write_table(table.append_column("mood", mood), path)
    pd.testing.assert_frame_equal(copied.time_entries(), before)
    pd.testing.assert_frame_equal(reports.hours(copied, by="task", **RANGE), hours)
    with copied.connect() as connection:
        n = connection.execute("SELECT count(mood), count(*) FROM time_entries").fetchone()
        assert n == (3, 5)
