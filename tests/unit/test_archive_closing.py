"""Closed periods of an archive: what was billed stays, and later changes are listed."""

import datetime as dt
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from archive_cases import change, edited, entries_of, later
from openpyxl import load_workbook
from typer.testing import CliRunner

from togglframe import Archive, ConfigError, export, reports, tables
from togglframe.cli import app
from togglframe.export.html import page
from togglframe.export.html.pictures import Picture

NOON = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MONTHS = {"start_date": "2026-10-01", "end_date": "2026-11-26"}


@pytest.fixture(autouse=True)
def now(set_now):
    """Set the time of the library: two days after the agency's last entry."""
    moments = [NOON]
    set_now(lambda: moments[-1])
    return moments


@pytest.fixture
def office(make_sandbox):
    return make_sandbox(2)


@pytest.fixture
def ws(office, make_workspace):
    return make_workspace(office)


@pytest.fixture
def archive(tmp_path, ws):
    archive = Archive(tmp_path / "toggl")
    archive.sync(ws, **MONTHS)
    return archive


def test_a_closed_period_has_the_hours_of_its_report(archive, office):
    closed = archive.close("2026-10")
    hours = reports.hours(archive, period="2026-10", by="user")
    (row,) = closed.to_dict("records")
    assert row["period"] == "2026-10"
    assert row["closed_at"] == NOON
    assert row["n_entries"] == len(entries_of(office, "2026-10"))
    assert row["tracked_hours"] == pytest.approx(hours["tracked_hours"].sum(), abs=1e-9)
    assert row["billable_hours"] == pytest.approx(hours["billable_hours"].sum(), abs=1e-9)
    assert list(closed.columns) == tables.CLOSED.names
    assert archive.late("2026-10").empty


def test_documents_of_a_closed_period_say_when_it_was_closed(archive, tmp_path):
    def scopes():
        book = load_workbook(export.to_excel(archive, tmp_path / "october.xlsx", period="2026-10"))
        with mock.patch.object(page, "drawn", return_value=Picture("", "", "a chart")):
            html = export.to_html(archive, tmp_path / "october.html", period="2026-10")
        headers = [sheet.oddHeader.right.text for sheet in book]
        return [book["Summary"]["A2"].value, *headers, html.read_text(encoding="utf-8")]

    assert not any("closed on" in scope for scope in scopes())
    archive.close("2026-10")
    assert all(
        "closed on 2026-11-27" in scope.replace('<span class="w">', "") for scope in scopes()
    )


def test_late_lists_what_later_syncs_brought(archive, office, ws, now):
    archive.close("last-month")
    billed = reports.hours(archive, period="2026-10", by="user")["tracked_hours"].sum()
    now.append(NOON + DAY)
    gone, moved, longer, unbilled, renamed, *_ = [
        entry for entry in entries_of(office, "2026-10") if entry.billable and entry.day % 31 > 3
    ]
    changed_at = NOON + DAY / 2
    is_now = {
        "moved": edited(later(moved, 40), changed_at),
        "longer": edited(longer, changed_at, seconds=longer.seconds + 1800),
        "unbilled": edited(unbilled, changed_at, billable=False, rate=None, amount=None),
        "renamed": edited(renamed, changed_at, description="Another description"),
        "new": edited(gone, changed_at, id=gone.id + 1_000_000_000),
    }
    change(office, gone=[gone, moved, longer, unbilled, renamed], more=is_now.values())
    archive.sync(ws, **MONTHS)

    late = archive.late("2026-10")
    assert dict(zip(late["time_entry_id"], late["change"], strict=True)) == {
        gone.id: "removed",
        moved.id: "removed",
        longer.id: "edited",
        unbilled.id: "edited",
        is_now["new"].id: "added",
    }
    rows = late.set_index("time_entry_id")
    assert rows.loc[longer.id, "hours_change"] == 0.5
    assert rows.loc[gone.id, "hours"] == 0
    assert rows.loc[is_now["new"].id, "hours_before"] == 0
    assert bool(rows.loc[unbilled.id, "billable_before"])
    assert not rows.loc[unbilled.id, "billable"]
    assert rows.loc[unbilled.id, "amount_before"] > 0
    assert rows.loc[unbilled.id, "amount"] == 0
    assert rows.loc[gone.id, "amount"] == 0
    assert rows.loc[gone.id, "amount_before"] > 0
    current = reports.hours(archive, period="2026-10", by="user")["tracked_hours"].sum()
    assert late["hours_change"].sum() == pytest.approx(current - billed, abs=1e-9)
    assert {name: str(dtype) for name, dtype in late.dtypes.items()} == {
        column.name: str(column.dtype) for column in tables.LATE
    }
    status = archive.status().set_index("month")
    assert status.loc["2026-10", "closed_at"] == NOON
    assert status.loc["2026-10", "n_late"] == 5
    assert pd.isna(status.loc["2026-11", "n_late"])

    archive.close("2026-10", again=True)
    assert archive.late("2026-10").empty


def test_a_closed_week_closes_no_month(archive, office, ws, now):
    archive.close("2026-W43")
    assert archive.status()["closed_at"].isna().all()
    archive.close("2026-10")
    now.append(NOON + DAY)
    archive.close("2026-W42")
    gone = next(entry for entry in entries_of(office, "2026-10") if entry.day % 31 < 3)
    change(office, gone=[gone])
    archive.sync(ws, **MONTHS)
    october = archive.status().set_index("month").loc["2026-10"]
    assert (october["closed_at"], october["n_late"]) == (NOON, len(archive.late("2026-10")))


def test_a_period_that_cannot_be_closed_says_why(archive, ws, now, subtests):
    cases = {
        "this-month": "2026-11 ends on 2026-11-27: close it from the day after on",
        "2026-Q3": "2026-07 to 2026-09 of workspace",
        "2026-09..2026-10": "2026-09 of workspace",
    }
    for period, message in cases.items():
        with subtests.test(period), pytest.raises(ConfigError, match=message):
            archive.close(period)
    archive.close("2026-10")
    with pytest.raises(ConfigError, match="was closed on 2026-11-27"):
        archive.close("2026-10")
    now.append(dt.datetime(2026, 12, 1, 12, tzinfo=dt.UTC))
    with pytest.raises(ConfigError, match=r"2026-11 of workspace .* was not synced since"):
        archive.close("2026-11")
    archive.sync(ws, start_date="2026-11-01")
    assert archive.close("2026-11")["period"].tolist() == ["2026-11"]


def test_a_period_that_was_never_closed_names_those_that_were(archive):
    with pytest.raises(ConfigError, match=r"2026-11 of .* is not closed \(closed: none\)"):
        archive.late("2026-11")
    archive.close("2026-10")
    with pytest.raises(ConfigError, match=r"is not closed \(closed: 2026-10\)"):
        archive.late("2026-W43")


def test_the_same_days_are_one_closed_period_under_any_name(archive, now):
    archive.close("2026-10")
    days = "2026-10-01..2026-10-31"
    with pytest.raises(ConfigError, match=r"was closed on .*archive close with again \(--again\)"):
        archive.close(days)
    assert archive.late(days).empty
    now.append(NOON + DAY)
    archive.close(days, again=True)
    assert len([*Path(archive._folder.path).glob("closed/*/*/*.parquet")]) == 1
    assert archive.status().set_index("month").loc["2026-10", "closed_at"] == NOON + DAY


def test_a_damaged_file_of_a_closed_period_is_named(archive):
    archive.close("2026-W43")
    path = next(Path(archive._folder.path).glob("closed/*/period=2026-W43/*.parquet"))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ConfigError, match=r"period=2026-W43.*close the period again"):
        archive.late("2026-W43")


def test_the_command_line_closes_a_month_and_lists_late_changes(archive):
    folder = str(archive._folder.path)
    run = CliRunner().invoke
    closed = run(app, ["archive", "close", folder, "last-month", "--today", "2026-11-27"])
    assert closed.exit_code == 0, closed.output
    assert "2026-10" in closed.output
    late = run(app, ["archive", "late", folder, "2026-10"])
    assert late.exit_code == 0, late.output
    assert late.output == "Nothing has changed since 2026-10 was closed.\n"
    again = run(app, ["archive", "close", folder, "2026-10"])
    assert again.exit_code == 2
    assert "--again" in again.output
    never = run(app, ["archive", "late", folder, "2026-W43"])
    assert never.exit_code == 2
    assert "archive close 2026-W43 comes first" in never.output
