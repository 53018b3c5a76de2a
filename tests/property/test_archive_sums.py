"""Time entries that DuckDB sums up make the report that the entries make, to the last bit."""

import datetime as dt
import shutil
import tempfile
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from busy_entries import entry_at
from entries_data import CLIENTS, PROJECTS, USERS, frame_of, projects, rows
from examples import times
from hypothesis import given
from hypothesis import strategies as st

from togglframe import Archive, demo, reports, tables
from togglframe.api import search
from togglframe.archive.folder import Folder
from togglframe.archive.months import Known, write_month
from togglframe.export.parquet import write_parquet

MOMENT = dt.datetime(2026, 11, 25, tzinfo=dt.UTC)
KNOWN = Known(MOMENT, MOMENT, "mark")
LISTINGS = {
    "projects": projects(),
    "statuses": tables.PROJECT_STATUSES.empty(),
    "clients": tables.CLIENTS.empty(),
    "project_users": tables.PROJECT_USERS.empty(),
    "users": tables.USER_DETAILS.empty(),
}
BY = ["user", "project", "client", "task", "billable", "description", "tags"]
EVERY = [None, "day", "week", "month", "quarter", "year"]


@pytest.fixture(scope="module")
def listed(tmp_path_factory):
    """Write the listings that all archives have, once."""
    folder = tmp_path_factory.mktemp("listed")
    for name, listing in LISTINGS.items():
        path = Folder(folder).snapshot_file(name, 1, dt.date(2026, 11, 25))
        path.parent.mkdir(parents=True)
        with path.open("wb") as file:
            write_parquet(listing, file)
    return folder / "snapshots"


def archive_of(folder, listed, frame):
    """Return an archive that holds these entries, and the projects of them."""
    shutil.copytree(listed, folder / "snapshots")
    for month, part in frame.groupby(frame["date"].dt.strftime("%Y-%m")):
        path = Folder(folder).month_file(1, str(month))
        write_month(path, part.sort_values(["start", "id"], ignore_index=True), KNOWN)
    return Archive(folder)


@pytest.fixture
def summing(monkeypatch):
    """Count how often entries were summed up."""
    counts = []
    real = Archive.load_sums

    def load_sums(self, selection, sums, /):
        frame = real(self, selection, sums)
        counts.append(frame is not None)
        return frame

    monkeypatch.setattr(Archive, "load_sums", load_sums)
    return counts


@st.composite
def questions(draw):
    by = draw(st.lists(st.sampled_from(BY), unique=True, max_size=3))
    name = draw(st.sampled_from(["hours", "earnings"]))
    kind, known = draw(st.sampled_from([("users", USERS), ("projects", [None, *PROJECTS]),
                                        ("clients", [None, *CLIENTS])]))  # fmt: skip
    chosen = draw(st.none() | st.sets(st.sampled_from(known)).map(list))
    more = {} if chosen is None else {kind: chosen}
    return name, {"by": by, "every": draw(st.sampled_from(EVERY)), **more}


ALIKE = ["user_id", "project_id", "project", "client", "task_id", "description", "tags"]


@st.composite
def alike(draw):
    """Draw entries of which many are summed up: they differ in little but their time."""
    first, *more = draw(rows(12).filter(len))
    for row in more:
        row.update((name, first[name]) for name in ALIKE if draw(st.integers(0, 3)))
    return frame_of([first, *more])


@times(1)  # an example writes an archive, which DuckDB reads: a tenth of a second and more
@given(frame=alike(), question=questions())
def test_hours_and_earnings_are_those_of_the_entries(listed, frame, question):
    name, asked = question
    with tempfile.TemporaryDirectory() as folder:
        made = getattr(reports, name)(archive_of(Path(folder), listed, frame), **asked)
    expected = getattr(reports, name)({"time_entries": frame, **LISTINGS}, **asked)
    pd.testing.assert_frame_equal(made, expected)


OTHERS = {
    "user_hours": {},
    "profitability": {"labour_costs": 50, "cost_currency": "EUR"},
    "utilisation": {"every": "month"},
    "burn": {"every": "week"},
}
RANGE = {"start_date": "2026-03-08", "end_date": "2026-11-25"}


@given(frame=alike())  # an example makes four reports, each in two ways
def test_other_sums_are_those_of_the_entries(listed, frame):
    compared = {f"2026-{month:02}": KNOWN.fetched_at for month in range(1, 13)}
    with tempfile.TemporaryDirectory() as folder:
        archive = archive_of(Path(folder), listed, frame)
        archive._folder.keep_compared(1, compared, {}, "mark")
        for name, more in OTHERS.items():
            made = getattr(reports, name)(archive, **RANGE, **more)
            with mock.patch.object(Archive, "load_sums", return_value=None):
                expected = getattr(reports, name)(archive, **RANGE, **more)
            pd.testing.assert_frame_equal(made, expected)


def test_reports_that_sum_read_sums(summing, listed, tmp_path):
    with demo(scale=3) as ws:
        frame = search.time_entries(ws, start_date="2026-10-01", end_date="2026-11-25")
    archive = archive_of(tmp_path, listed, frame)
    reports.hours(archive, by="user")
    reports.earnings(archive, by="project")
    assert summing == [True, True]
    archive._folder.begin(1)  # a sync that did not finish
    hours = reports.hours(archive, by="user")
    assert summing == [True, True, False]
    pd.testing.assert_frame_equal(hours, reports.hours(frame, by="user"))


def test_a_person_has_a_name_where_their_first_hours_are_of_no_client(listed, tmp_path):
    of_nobody = entry_at(1, "2026-10-25T08:00", 1, user="Ann", project_id=None, client=None)
    of_acme = entry_at(2, "2026-10-26T08:00", 1, user="Ann", project_id=10, client="Acme")
    archive = archive_of(tmp_path, listed, frame_of([of_nobody, of_acme]))
    assert reports.hours(archive, by=["client", "user"], clients=[100])["user"].tolist() == ["Ann"]
