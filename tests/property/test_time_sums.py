"""Hours and earnings against sums in plain Python, over random time entries."""

import datetime as dt
import random
from collections import defaultdict
from typing import get_args

import joins
import numpy as np
import pandas as pd
import pytest
from days import first_day
from entries_data import CLIENTS, OWNERS, PROJECTS, USERS, frame_of, projects, rows
from examples import times
from hypothesis import given
from hypothesis import strategies as st

from togglframe import ConfigError, tables
from togglframe.reports._entries import GROUPS
from togglframe.text.periods import Every

few = times(1 / 3)  # what is slow, and simple

BY = st.lists(st.sampled_from(GROUPS), unique=True, max_size=3)
EVERY = st.sampled_from([None, *get_args(Every)])
HOUR = dt.timedelta(hours=1)
ENTRY = {
    **dict.fromkeys(tables.TIME_ENTRIES.names),
    "id": 1,
    "start": dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
    "date": pd.Timestamp("2026-03-02"),
    "tracked_time": HOUR,
}


def key_of(row, by, every):
    """Return what tells a group apart, of an entry in plain Python."""
    owner = OWNERS.get(row["project_id"])
    values = {
        **{name: row[f"{name}_id"] for name in ("user", "project", "task")},
        "client": owner,
        "billable": row["billable"],
        "description": row["description"],
        "tags": tuple(sorted(row["tags"])) if isinstance(row["tags"], list) else None,
    }
    day = row["date"]
    first = first_day(day, every) if every else None
    return (*(values[name] for name in by), *([first] if every else []))


def cell(value):
    if isinstance(value, list):
        return tuple(value)
    return None if pd.isna(value) else value


def keys_in(frame, by, every):
    """Return the keys of the rows of a report."""
    names = [f"{n}_id" if n in {"user", "project", "client", "task"} else n for n in by]
    names += ["period"] if every else []
    return [tuple(cell(row[name]) for name in names) for row in frame.to_dict("records")]


@given(rows(), BY, EVERY)
def test_hours_are_those_of_the_entries(drawn, by, every):
    groups = defaultdict(list)
    for row in drawn:
        groups[key_of(row, by, every)].append(row)
    frame = joins.hours(frame_of(drawn), projects(), by=by, every=every)
    assert set(keys_in(frame, by, every)) == groups.keys()
    for key, made in zip(keys_in(frame, by, every), frame.to_dict("records"), strict=True):
        members = groups[key]
        tracked = sum((row["tracked_time"] for row in members), dt.timedelta())
        told = [row for row in members if row["billable"] is not None]
        billable = sum((r["tracked_time"] for r in told if r["billable"]), dt.timedelta())
        known = sum((row["tracked_time"] for row in told), dt.timedelta())
        assert made["tracked_time"] == tracked
        assert made["tracked_hours"] == pytest.approx(tracked / HOUR)
        assert cell(made["billable_time"]) == (billable if told else None)
        assert cell(made["billable_hours"]) == (pytest.approx(billable / HOUR) if told else None)
        share = billable / known if known else None
        assert cell(made["billable_share"]) == (None if share is None else pytest.approx(share))
        assert made["n_entries"] == len(members)
        assert made["n_days"] == len({row["date"] for row in members})


@given(rows(), BY, EVERY)
def test_nothing_is_lost_whatever_it_is_grouped_by(drawn, by, every):
    frame = joins.hours(frame_of(drawn), projects(), by=by, every=every)
    assert frame["tracked_time"].sum() == frame_of(drawn)["tracked_time"].sum()
    assert frame["n_entries"].sum() == len(drawn)
    assert not any(keys_in(frame, by, every).count(key) > 1 for key in keys_in(frame, by, every))


@given(rows(), BY, EVERY)
def test_earnings_are_the_cents_of_what_is_billable_or_priced(drawn, by, every):
    groups = defaultdict(list)
    for row in drawn:
        if row["billable"] or row["amount"]:
            groups[(*key_of(row, by, every), row["currency"])].append(row)
    frame = joins.earnings(frame_of(drawn), projects(), by=by, every=every)
    keys = [
        (*key, cell(currency))
        for key, currency in zip(keys_in(frame, by, every), frame["currency"], strict=True)
    ]
    assert set(keys) == groups.keys()
    assert len(keys) == len(groups)
    for key, made in zip(keys, frame.to_dict("records"), strict=True):
        members = groups[key]
        cents = [round(row["amount"] * 100) for row in members if row["amount"] is not None]
        told = [row for row in members if row["billable"] is not None]
        billable = sum((r["tracked_time"] for r in told if r["billable"]), dt.timedelta())
        assert cell(made["billable_time"]) == (billable if told else None)
        assert cell(made["amount"]) == (sum(cents) / 100 if cents else None)
        priced = [r for r in members if r["amount"] is not None and r["billable"]]
        hours = sum((row["tracked_time"] for row in priced), dt.timedelta()) / HOUR
        rate = pytest.approx(sum(cents) / 100 / hours) if cents and hours else None
        assert cell(made["effective_rate"]) == rate


@few
@given(rows(), BY, EVERY, st.randoms(use_true_random=False))
def test_the_order_of_the_entries_changes_nothing(drawn, by, every, shuffler):
    for join in (joins.hours, joins.earnings):
        made = join(frame_of(drawn), projects(), by=by, every=every)
        moved = drawn.copy()
        random.Random(shuffler.random()).shuffle(moved)
        again = join(frame_of(moved), projects().iloc[::-1], by=by, every=every)
        pd.testing.assert_frame_equal(made, again)


@given(rows(), BY, st.sampled_from(["2026-03", "2026-W10", "2026", "2026-W44"]))
def test_a_range_cuts_the_hours_by_the_day_of_the_tracker(drawn, by, period):
    start, end = pd.Timestamp("2026-03-01"), pd.Timestamp("2026-03-31")
    if period != "2026-03":
        whole = {"2026-W10": "2026-03-02/2026-03-08", "2026-W44": "2026-10-26/2026-11-01"}
        days = whole.get(period, "2026-01-01/2026-12-31").split("/")
        start, end = map(pd.Timestamp, days)
    inside = [row for row in drawn if start <= row["date"] <= end]
    made = joins.hours(frame_of(drawn), projects(), by=by, period=period)
    expected = joins.hours(frame_of(inside), projects(), by=by)
    assert made["tracked_time"].sum() == sum((r["tracked_time"] for r in inside), dt.timedelta())
    assert keys_in(made, by, None) == keys_in(expected, by, None)


IDS = st.lists(st.sampled_from([None, 10, 11, 12, 2**53 + 1]), max_size=3, unique=True)


@given(rows(), IDS, st.lists(st.sampled_from([None, *CLIENTS]), max_size=2, unique=True))
def test_filters_take_ids_and_none(drawn, project_ids, client_ids):
    made = joins.hours(frame_of(drawn), projects(), by=[], projects=project_ids)
    kept = [row for row in drawn if row["project_id"] in project_ids]
    assert made["n_entries"].sum() == len(kept)
    made = joins.hours(frame_of(drawn), projects(), by=[], clients=client_ids)
    kept = [row for row in drawn if OWNERS.get(row["project_id"]) in client_ids]
    assert made["n_entries"].sum() == len(kept)


@given(rows())
def test_entries_keep_their_rows_and_get_the_client_of_their_project(drawn):
    made = joins.time_entries(frame_of(drawn), projects())
    expected = sorted(drawn, key=lambda row: (row["start"], row["id"]))
    assert made["id"].tolist() == [row["id"] for row in expected]
    owners = [OWNERS.get(row["project_id"]) for row in expected]
    assert [cell(one) for one in made["client_id"]] == owners
    pd.testing.assert_frame_equal(joins.time_entries(made, projects()), made)


@given(rows(max_size=12))
def test_a_name_is_that_of_the_latest_entry_that_has_one(drawn):
    latest = {}
    for row in sorted(drawn, key=lambda row: (row["start"], row["id"])):
        if row["user"] is not None:
            latest[row["user_id"]] = row["user"]
    made = joins.hours(frame_of(drawn))
    assert {row.user_id: cell(row.user) for row in made.itertuples()} == {
        user_id: latest.get(user_id) for user_id in made["user_id"]
    }


@given(rows())
def test_tags_may_come_as_arrays_out_of_a_parquet_file(drawn):
    frame = frame_of(drawn)
    as_arrays = frame["tags"].map(lambda tags: np.array(tags) if isinstance(tags, list) else tags)
    made = joins.hours(frame.assign(tags=as_arrays), by="tags")
    pd.testing.assert_frame_equal(made, joins.hours(frame, by="tags"))


@pytest.mark.parametrize("tags", ["a", ["a", None], [["a"]], [{"name": "a"}], 5], ids=str)
def test_tags_that_are_no_list_of_strings_are_refused(tags):
    frame = frame_of([ENTRY]).assign(tags=pd.Series([tags], dtype="object"))
    with pytest.raises(ConfigError, match="tags are a list of strings or NA, not"):
        joins.hours(frame, by="tags")


MEMBERS = {
    "user": st.dictionaries(st.sampled_from(USERS), st.sampled_from("ABC")),
    "project": st.dictionaries(st.sampled_from([*PROJECTS]), st.sampled_from("ABC")),
    "client": st.dictionaries(st.sampled_from([*CLIENTS]), st.sampled_from("ABC")),
    "tag": st.lists(st.sampled_from(["a", "B", "c"]), unique=True),
}
OWN = st.sampled_from(sorted(MEMBERS)).flatmap(
    lambda kind: MEMBERS[kind].map(lambda members: (kind, members))
)


@few
@given(rows(), OWN, st.sampled_from([[], ["client"], ["tags", "user"]]), EVERY)
def test_own_groups_add_up_to_the_whole(drawn, own, others, every):
    by = [*others, {"own": own}]
    made = joins.hours(frame_of(drawn), projects(), by=by, every=every)
    whole = joins.hours(frame_of(drawn), projects(), by=others, every=every)
    assert made["tracked_time"].sum() == whole["tracked_time"].sum()
    assert made["n_entries"].sum() == whole["n_entries"].sum()
    assert {*made["own"].dropna()} <= ({*own[1]} if own[0] == "tag" else {*own[1].values()})
    earned = joins.earnings(frame_of(drawn), projects(), by=by, every=every)
    plain = joins.earnings(frame_of(drawn), projects(), by=others, every=every)
    cents = [(each["amount"] * 100).round().sum() for each in (earned, plain)]
    assert cents[0] == cents[1]
