"""Days, utilisation and findings over HTTP, against the answers of the API read in plain Python."""

import itertools
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from raw_entries import raw_entries

import togglframe as tf
from togglframe import ConfigError

RANGE = {"start_date": "2026-03-02", "end_date": "2026-04-05"}  # five weeks; the clocks change
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def ws(whole_agency):
    settings = {"per_second": None, "cache": "memory", "base_url": whole_agency.base_url}
    with tf.Workspace(whole_agency.workspace_id, token=whole_agency.token, **settings) as ws:
        yield ws


@pytest.fixture(scope="module")
def raw(whole_agency):
    """The entries as the API sends them, read page by page without the library."""
    found = []
    for line, entry in raw_entries(whole_agency, **RANGE):
        start, stop = (datetime.fromisoformat(entry[name]) for name in ("start", "stop"))
        found.append({**line, **entry, "start": start, "stop": stop})
    return found


def by_day(raw):
    days = defaultdict(list)
    for entry in raw:
        days[entry["user_id"], entry["start"].date()].append(entry)
    return days


def union(entries):
    moments = sorted(
        {entry[name].astimezone(UTC) for entry in entries for name in ("start", "stop")}
    )
    pairs = itertools.pairwise(moments)
    return sum(
        (b - a for a, b in pairs if any(e["start"] <= a and b <= e["stop"] for e in entries)),
        timedelta(0),
    )


def test_days_add_up_to_the_totals_of_the_api(ws):
    days = tf.reports.timesheet(ws, **RANGE)
    totals = tf.search.time_entry_totals(ws, **RANGE, granularity="day").set_index("date")
    found = (
        days.groupby("date")["tracked_time"].sum().reindex(totals.index, fill_value=pd.Timedelta(0))
    )
    assert found.tolist() == totals["tracked_time"].tolist()
    hours = days.groupby("date")["billable_hours"].sum().reindex(totals.index, fill_value=0)
    assert (hours * 3600).round().tolist() == totals["billable_time"].dt.total_seconds().tolist()


def test_every_day_is_as_the_raw_entries_say(ws, raw):
    days = tf.reports.timesheet(ws, **RANGE)
    expected = by_day(raw)
    assert len(days) == len(expected)
    overlapping = 0
    for day in days.itertuples():
        entries = expected[day.user_id, day.date.date()]
        begin = min(entry["start"] for entry in entries)
        last = max(entries, key=lambda entry: (entry["stop"], entry["start"]))
        end = last["stop"]
        covered = union(entries)
        lengths = sum((entry["stop"] - entry["start"] for entry in entries), timedelta(0))
        assert day.first_start == begin.replace(tzinfo=None)
        assert day.last_stop == end.astimezone(last["start"].tzinfo).replace(tzinfo=None)
        assert day.span_hours == pytest.approx((end - begin) / HOUR)
        assert day.break_hours == pytest.approx((end - begin - covered) / HOUR)
        assert day.overlap_hours == pytest.approx((lengths - covered) / HOUR)
        assert day.tracked_hours == sum(entry["seconds"] for entry in entries) / 3600
        overlapping += day.overlap_hours > 0
    assert overlapping
    assert {entry["user_id"] for entry in raw} == set(days["user_id"])


def test_utilisation_adds_up_to_the_totals_of_the_api_and_has_everybody_in_every_week(ws):
    weeks = tf.reports.utilisation(ws, **RANGE, capacity=32, holidays=["2026-04-03"])
    totals = tf.search.time_entry_totals(ws, **RANGE, granularity="week").set_index("date")
    found = weeks.groupby("period")["tracked_hours"].sum() * 3600
    assert found.round().tolist() == totals["tracked_time"].dt.total_seconds().tolist()
    billable = weeks.groupby("period")["billable_hours"].sum() * 3600
    assert billable.round().tolist() == totals["billable_time"].dt.total_seconds().tolist()
    everybody = set(tf.search.time_entries(ws, **RANGE)["user_id"])
    listed = tf.search.users(ws, active=True)
    gone = listed["deactivated"].fillna(value=False) | listed["deleted_at"].notna()
    everybody |= set(listed.loc[~gone, "id"])
    assert len(weeks) == 5 * len(everybody)
    assert set(weeks["user_id"]) == everybody
    assert weeks.drop_duplicates("period")["workdays"].tolist() == [5, 5, 5, 5, 4]
    assert weeks["capacity_hours"].sum() == pytest.approx(32 / 5 * 24 * len(everybody))


def test_findings_are_those_that_a_loop_over_the_wire_finds(whole_agency, ws, raw):
    findings = tf.reports.entry_audit(ws, **RANGE, max_entry_hours=5, max_day_hours=9)
    archived = {p["id"] for p in whole_agency.agency.projects if not p["active"]}
    days = by_day(raw)
    expected = Counter(
        {
            "overlap": sum(
                one["user_id"] == other["user_id"]
                and min(one["stop"], other["stop"]) > max(one["start"], other["start"])
                for one, other in itertools.combinations(raw, 2)
            ),
            "archived_project": sum(entry["project_id"] in archived for entry in raw),
            "long_entry": sum(entry["seconds"] > 5 * 3600 for entry in raw),
            "long_day": sum(union(entries) > 9 * HOUR for entries in days.values()),
            "no_project": sum(entry["project_id"] is None for entry in raw),
            "no_description": sum(not entry["description"].strip() for entry in raw),
            "weekend": sum(entry["start"].weekday() > 4 for entry in raw),
            "zero": sum(entry["seconds"] == 0 for entry in raw),
        }
    )
    found = Counter(findings["check"])
    assert {check: found[check] for check in expected} == dict(expected)
    assert all(expected.values())
    missing = findings[findings["check"] == "missing_day"]
    assert not {(day.user_id, day.date.date()) for day in missing.itertuples()} & days.keys()


REPORTS = {
    "timesheet": {},
    "utilisation": {"capacity": {None: 10}},
    "entry_audit": {"max_day_hours": 8},
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_workspace_and_a_mapping_make_the_same(name, ws):
    report = getattr(tf.reports, name)
    expected = report(ws, **RANGE, **REPORTS[name])
    listings = {
        "time_entries": tf.search.time_entries(ws, start_date="2026-02-20", end_date="2026-04-10"),
        "users": tf.reports.Listings(ws).users,
        "projects": tf.filters.projects(ws),
    }
    pd.testing.assert_frame_equal(report(listings, **RANGE, **REPORTS[name]), expected)
    alone = report(listings["time_entries"], **RANGE, **REPORTS[name])
    assert alone.columns.tolist() == expected.columns.tolist()
    if name == "timesheet":
        pd.testing.assert_frame_equal(alone, expected)


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("timesheet", {"search/time_entries"}),
        ("utilisation", {"search/time_entries", "search/users"}),
        ("entry_audit", {"search/time_entries", "filters/projects"}),
    ],
)
def test_a_workspace_is_asked_for_what_is_needed(name, paths, sandbox, make_workspace):
    ws = make_workspace(sandbox)
    report = getattr(tf.reports, name)
    plan = tf.reports.plan(ws, report, period="2026-W10")
    report(ws, period="2026-W10")
    assert {request.endpoint for request in sandbox.requests} == paths
    assert plan.requests <= len(sandbox.requests)
    sandbox.requests.clear()
    client = int(tf.filters.projects(ws)["client_id"].dropna().iloc[0])
    sandbox.requests.clear()
    report(ws, period="2026-W10", clients=[client])
    assert {request.endpoint for request in sandbox.requests} == {*paths, "filters/projects"}
    sandbox.requests.clear()
    with pytest.raises(ConfigError, match=f"{name} needs start_date and end_date, or period"):
        report(ws)
    assert not sandbox.requests


def test_frames_without_projects_cannot_tell_clients(ws):
    frame = tf.search.time_entries(ws, **RANGE)
    for name in REPORTS:
        with pytest.raises(ConfigError, match="projects"):
            getattr(tf.reports, name)(frame, clients=[1])
