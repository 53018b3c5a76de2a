"""Entries, totals, weeks, summaries and projects tell the same time, by sums in plain Python."""

import warnings
from collections import Counter, defaultdict
from datetime import datetime

import pandas as pd
import pytest
from raw_entries import raw_entries
from vendor import Behaviour

import togglframe as tf
from togglframe import CompletenessWarning
from togglframe.errors import PremiumFeatureError

# 26 months of some 30,000 entries in several zones, over four changes to and from summer time.
RANGE = {"start_date": "2024-09-15", "end_date": "2026-11-14"}
WEEKS = {"start_date": "2026-03-16", "end_date": "2026-04-05"}  # the clocks change in the middle


@pytest.fixture(scope="module")
def ws(agency):
    settings = {"per_second": None, "cache": "memory", "base_url": agency.base_url}
    with tf.Workspace(agency.workspace_id, token=agency.token, **settings) as ws:
        yield ws


@pytest.fixture(scope="module")
def raw(agency):
    """The entries as the API sends them, read page by page without the library."""
    return list(raw_entries(agency, **RANGE))


@pytest.fixture(scope="module")
def entries(ws):
    return tf.search.time_entries(ws, **RANGE)


def seconds(times):
    return {key: int(time.total_seconds()) for key, time in times.items() if time}


def tracked(frame, *keys):
    sums = frame.groupby([*keys], dropna=False)["tracked_time"].sum()
    return seconds({_plain(key): time for key, time in sums.items()})


def _plain(key):
    values = key if isinstance(key, tuple) else (key,)
    return tuple(None if pd.isna(value) else value for value in values)


def summed(raw, *keys):
    sums = Counter()
    for line, entry in raw:
        sums[tuple(line[key] for key in keys)] += entry["seconds"]
    return {key: total for key, total in sums.items() if total}


# Takes a while: it is the first that fetches the entries, both ways.
def test_every_entry_is_there_once_with_its_own_day_and_wall_clock(raw, entries):
    assert entries["id"].tolist() == [
        entry["id"]
        for _, entry in sorted(
            raw, key=lambda pair: (datetime.fromisoformat(pair[1]["start"]), pair[1]["id"])
        )
    ]
    by_id = entries.set_index("id")
    told = by_id["date"].dt.strftime("%Y-%m-%d").to_dict()
    clocks = (by_id["start"] + by_id["utc_offset"]).dt.strftime("%Y-%m-%dT%H:%M:%S").to_dict()
    for _, entry in raw:
        assert told[entry["id"]] == entry["start"][:10]
        assert clocks[entry["id"]] == entry["start"][:19]
    assert entries["utc_offset"].nunique() > 2
    changes = ("2025-03-30", "2025-10-26", "2026-03-29", "2026-10-25")
    days = sorted(told.values())
    assert all(days[0] < change < days[-1] for change in changes)


def test_hours_and_money_are_those_of_the_wire(raw, entries):
    assert tracked(entries, "project_id", "user_id") == summed(raw, "project_id", "user_id")
    cents = defaultdict(int)
    for line, _ in raw:
        cents[line["currency"] or None] += line["billable_amount_in_cents"] or 0
    found = (entries["amount"] * 100).round().groupby(entries["currency"], dropna=False).sum()
    assert {None if pd.isna(k) else k: int(v) for k, v in found.items()} == dict(cents)


@pytest.mark.parametrize("granularity", ["day", "week", "month"])
def test_totals_are_the_sums_of_the_entries_in_each_period(granularity, ws, entries):
    totals = tf.search.time_entry_totals(ws, **RANGE, granularity=granularity)
    days = pd.cut(entries["date"], [*totals["date"], pd.Timestamp.max], right=False)
    expected = entries.groupby(days, observed=False)["tracked_time"].sum().tolist()
    assert totals["tracked_time"].tolist() == expected
    billable = entries["tracked_time"].where(entries["billable"], pd.Timedelta(0))
    assert totals["billable_time"].tolist() == (
        billable.groupby(days, observed=False).sum().tolist()
    )
    assert round(totals["amount"].sum() * 100) == round(entries["amount"].sum() * 100)


def test_projects_summary_is_the_sum_of_the_entries(ws, raw):
    frame = tf.api.projects.summary(ws, **RANGE)
    assert tracked(frame, "project_id", "user_id") == summed(raw, "project_id", "user_id")
    assert not frame.duplicated(["project_id", "user_id"]).any()


@pytest.mark.parametrize("distinguish_rates", [False, True])
def test_a_summary_is_the_sum_of_the_entries(distinguish_rates, ws, raw, entries):
    frame = tf.api.summary.time_entries(ws, **RANGE, distinguish_rates=distinguish_rates)
    assert tracked(frame, "group_id", "sub_group_id") == summed(raw, "project_id", "user_id")
    amounts = frame.groupby("currency")["amount"].sum()
    for currency, amount in entries.groupby("currency")["amount"].sum().items():
        if distinguish_rates:  # what follows from a rate may be off by half a cent an entry
            assert abs(amounts[currency] - amount) <= 0.005 * len(entries)
        else:
            assert round(amounts[currency], 2) == round(amount, 2)


def test_groups_of_clients_and_users_hold_all_time_too(ws, raw):
    whole = sum(entry["seconds"] for _, entry in raw)
    for grouping, sub_grouping in (("clients", "projects"), ("users", "tasks")):
        frame = tf.api.summary.time_entries(
            ws, **RANGE, grouping=grouping, sub_grouping=sub_grouping
        )
        assert frame["tracked_time"].sum() == pd.Timedelta(seconds=whole)


def test_weeks_are_the_sums_of_the_entries_of_each_day(ws):
    frame = tf.api.weekly.time_entries(ws, **WEEKS)
    entries = tf.search.time_entries(ws, **WEEKS)
    keys = ("user_id", "project_id", "date")
    assert tracked(frame, *keys) == tracked(entries, *keys)
    assert round(frame["amount"].sum() * 100) == round(entries["amount"].sum() * 100)


def test_one_project_and_the_comparison_tell_the_same_time(ws, entries):
    project = int(entries["project_id"].dropna().mode()[0])
    of_project = entries.loc[entries["project_id"] == project, "tracked_time"].sum()
    assert tf.api.projects.totals(ws, project, **RANGE)["tracked_time"].sum() == of_project
    compared = tf.api.comparative(ws, **RANGE, resolution="month")
    assert compared["tracked_time"].sum() == entries["tracked_time"].sum()


# Takes a while: a status sums all 30,000 entries that there ever were.
def test_the_statuses_of_the_projects_are_the_sums_of_all_their_entries(ws, agency):
    whole = tf.search.time_entries(ws, start_date="2020-01-01", end_date="2026-12-31")
    statuses = tf.reports.Listings(ws).statuses
    tracked_ever = statuses.set_index("id")["tracked_time"].to_dict()
    of_entries = whole.groupby("project_id")["tracked_time"].sum().to_dict()
    known = {key: time for key, time in of_entries.items() if key in tracked_ever}
    assert seconds({k: t for k, t in tracked_ever.items() if pd.notna(t)}) == seconds(known)


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(entry_page_clamp=True, entry_page_cap=50),
        Behaviour(empty_report="null", wrap_data=True, no_description=None),
        Behaviour(entry_page_cap=200),
    ],
    ids=["clamped", "null and data", "refused"],
)
def test_a_quarter_is_the_same_however_the_server_reads_its_page(
    behaviour, make_sandbox, agency, ws
):
    quarter = {"start_date": "2026-01-01", "end_date": "2026-01-31"}
    sandbox = make_sandbox(len(agency.agency.projects), quota=10**9, behaviour=behaviour)
    with tf.Workspace(
        sandbox.workspace_id, token=sandbox.token, base_url=sandbox.base_url, per_second=None
    ) as other:
        frame = tf.search.time_entries(other, **quarter)
        empty = tf.search.time_entries(other, start_date="2019-01-01", end_date="2019-01-31")
    pd.testing.assert_frame_equal(frame, tf.search.time_entries(ws, **quarter))
    pd.testing.assert_frame_equal(empty, tf.tables.TIME_ENTRIES.empty())


MONTHS = {"start_date": "2025-11-12", "end_date": "2026-03-20"}
READINGS = {
    "periods of the calendar": Behaviour(calendar_periods=True),
    "rates alone": Behaviour(summary_money="rates"),
    "billable seconds alone": Behaviour(summary_money="billable_seconds"),
    "no money": Behaviour(summary_money="none"),
    "tags apart": Behaviour(tags_apart=True),
    "null": Behaviour(empty_report="null", hidden_weeks="[]", drop_null_keys=True),
    "unknown fields": Behaviour(extra_fields=True),
}


@pytest.mark.parametrize("behaviour", READINGS.values(), ids=READINGS)
def test_time_is_the_same_under_every_reading_of_what_the_vendor_leaves_open(
    behaviour, make_sandbox, make_workspace
):
    ws = make_workspace(make_sandbox(20, quota=10**9, behaviour=behaviour))
    if behaviour.calendar_periods:  # do weeks begin on Sunday, or on Monday?
        warnings.simplefilter("ignore", CompletenessWarning)
    entries = tf.search.time_entries(ws, **MONTHS)
    whole = entries["tracked_time"].sum()
    for granularity in ("day", "week", "month"):
        totals = tf.search.time_entry_totals(ws, **MONTHS, granularity=granularity)
        days = pd.cut(entries["date"], [*totals["date"], pd.Timestamp.max], right=False)
        expected = entries.groupby(days, observed=False)["tracked_time"].sum().tolist()
        assert totals["tracked_time"].tolist() == expected
    assert tf.api.summary.time_entries(ws, **MONTHS)["tracked_time"].sum() == whole
    assert tf.api.projects.summary(ws, **MONTHS)["tracked_time"].sum() == whole
    keys = ("user_id", "project_id", "date")
    assert tracked(tf.api.weekly.time_entries(ws, **MONTHS), *keys) == tracked(entries, *keys)


# Takes a while: pages of a thousand entries need some thousands, fetched twice.
def test_requests_are_the_pages_of_each_window(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(20))
    whole = tf.search.time_entries(ws, **RANGE)
    windows = pd.cut(
        whole["date"],
        pd.to_datetime(["2024-09-15", "2025-09-15", "2026-09-15", "2027-01-01"]),
        right=False,
    )
    least = sum(-(-rows // 1000) for rows in windows.value_counts())
    assert ws.usage.requests == least
    tf.search.time_entries(ws, **RANGE)
    assert ws.usage.requests == 2 * least


def test_what_is_fresh_in_a_cache_costs_another_process_nothing(agency, tmp_path):
    days = {"start_date": "2026-03-02", "end_date": "2026-03-08"}
    settings = {"per_second": None, "base_url": agency.base_url, "cache": tmp_path / "a.sqlite"}
    for requests_ in (1, 0):
        with tf.Workspace(agency.workspace_id, token=agency.token, **settings) as ws:
            tf.search.time_entries(ws, **days)
            assert ws.usage.requests == requests_


@pytest.mark.parametrize("kind", ["detailed", "summary", "weekly"])
def test_a_shared_report_is_of_the_days_asked_for(kind, agency, ws):
    days = {"start_date": "2026-03-02", "end_date": "2026-03-08"}
    frame = tf.api.shared(ws, agency.report_tokens[kind], **({} if kind == "weekly" else days))
    assert len(frame)
    told = frame.attrs["togglframe"]
    if kind != "weekly":
        assert (told["start_date"], told["end_date"]) == tuple(days.values())
        entries = tf.search.time_entries(ws, **days)
        assert frame["tracked_time"].sum() == entries["tracked_time"].sum()
    if "date" in frame:
        assert frame["date"].min() >= pd.Timestamp(told["start_date"])


def test_what_has_no_project_or_tag_can_be_asked_for(ws):
    march = {"start_date": "2026-03-01", "end_date": "2026-03-31"}
    whole = tf.search.time_entries(ws, **march)
    without = tf.search.time_entries(ws, **march, project_ids=[None])
    assert without["id"].tolist() == whole.loc[whole["project_id"].isna(), "id"].tolist()
    assert len(without)
    untagged = tf.search.time_entries(ws, **march, tag_ids=[None])
    assert untagged["id"].tolist() == whole.loc[~whole["tags"].map(bool), "id"].tolist()


def test_on_the_free_plan_money_is_unknown_and_time_is_there(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(20, plan="free", quota=10**6))
    frame = tf.search.time_entries(ws, start_date="2026-03-01", end_date="2026-03-31")
    assert len(frame)
    assert frame["amount"].isna().all()
    with pytest.raises(PremiumFeatureError):
        tf.api.profitability.projects(
            ws, currency="EUR", start_date="2026-03-01", end_date="2026-03-31"
        )
