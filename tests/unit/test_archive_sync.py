"""An archive's sync: what it fetches and why, what it costs, and that each month is whole."""

import base64
import datetime as dt
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pandas as pd
import pytest
from archive_cases import asked, change, edited, entries_of, later
from vendor import Behaviour, Fault, VendorSandbox

import togglframe as tf
from togglframe import (
    Archive,
    CompletenessWarning,
    ConfigError,
    QuotaExceededError,
    StaleDataWarning,
    Workspace,
)
from togglframe.api import search
from togglframe.archive import months as files
from togglframe.sandbox import detailed

START = "2025-09-01"  # fifteen months, which are two windows
NOON = dt.datetime(2026, 11, 27, 12, tzinfo=dt.UTC)
NIGHT = dt.timedelta(hours=15)
PAGE = 40  # rows, so that a listing has several
SEVERAL_PAGES = Behaviour(entry_page_cap=PAGE, entry_page_clamp=True)
ENTRIES, TOTALS = "search/time_entries", "search/time_entries/totals"


def at(moment):
    """Have it be this moment for the library."""
    day = moment.date()
    return mock.patch.multiple("togglframe.clock", now=lambda: moment, today=lambda: day)


class SetNow:
    def __init__(self):
        self.moment = NOON

    def __call__(self):
        return self.moment


@pytest.fixture
def now(set_now):
    """Set the date of the library: two days after the agency's last entry."""
    now = SetNow()
    set_now(now)
    return now


@pytest.fixture
def office(make_sandbox, now):
    return make_sandbox(2, behaviour=SEVERAL_PAGES)


@pytest.fixture
def ws(office, make_workspace):
    return make_workspace(office)


@pytest.fixture
def archive(tmp_path):
    return Archive(tmp_path / "toggl")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """Return the folder of an archive of the office, which nobody changes."""
    folder = tmp_path_factory.mktemp("kept") / "toggl"
    with VendorSandbox(2, quota=1_000_000, behaviour=SEVERAL_PAGES) as office, at(NOON):
        options = {"token": office.token, "cache": None, "per_second": None}
        with Workspace(office.workspace_id, base_url=office.base_url, **options) as ws:
            Archive(folder).sync(ws, start_date=START)
    return folder


@pytest.fixture
def synced(kept, archive, ws, now):
    """An archive of last night, of a workspace that knows the size of a page since then."""
    shutil.copytree(kept, archive._folder.path)
    search.time_entries(ws, start_date="2026-11-25", end_date="2026-11-25")
    now.moment += NIGHT
    return archive


def reasons(done):
    """Return the months that were fetched, and why."""
    fetched = done[(done["reason"] != "same") | (done["requests"] > 0)]
    return dict(zip(fetched["month"], fetched["reason"], strict=True))


def months_from(first, last):
    return [str(month) for month in pd.period_range(first, last, freq="M")]


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.parquet")}


def assert_as_fetched(archive, ws, start=START, end="2026-11-30"):
    """Compare the archive with what the API has now, to the last bit."""
    kept = archive.time_entries(start_date=start, end_date=end)
    fetched = search.time_entries(ws, start_date=start, end_date=end)
    pd.testing.assert_frame_equal(kept, fetched)


def pages_of(office, *months):
    """Count the pages of one listing."""
    return -(-sum(len(entries_of(office, month)) for month in months) // PAGE)


def least(office, *months):
    """Count what a sync asks that finds these months changed: each window of totals and of edits,
    and each of the months."""
    return {TOTALS: 2, ENTRIES: 2 + sum(pages_of(office, month) for month in months)}


# --- what is fetched, why, and what it costs ------------------------------------------------------


def test_the_first_sync_fetches_all_in_as_few_requests_as_there_are_pages(archive, ws, office):
    # Slow: it fetches all of the fifteen months.
    done = archive.sync(ws, start_date="2025-09-17")
    assert set(done["reason"]) == {"new"}
    assert done["rows_before"].eq(0).all()
    assert done["month"].tolist() == months_from("2025-09", "2026-11")
    in_months = {month: len(entries_of(office, month)) for month in done["month"]}
    assert dict(zip(done["month"], done["rows"], strict=True)) == in_months
    pages = sum(pages_of(office, *window) for window in ([*in_months][:12], [*in_months][12:]))
    assert asked(office) == {TOTALS: 2, ENTRIES: pages}
    assert done.attrs["togglframe"]["requests"] == 2 + pages
    assert done["requests"].sum() == pages
    assert_as_fetched(archive, ws)


def test_nothing_new_costs_the_comparison(synced, ws, office):
    before, spent = contents(synced._folder.path), len(office.requests)
    done = synced.sync(ws, start_date=START)
    assert reasons(done) == {}
    assert asked(office, spent) == least(office)
    assert done.attrs["togglframe"]["requests"] == sum(least(office).values())
    after = contents(synced._folder.path)
    others = {name for name in before if "2026-10" not in name and "2026-11" not in name}
    assert {name: after[name] for name in others} == {name: before[name] for name in others}
    assert_as_fetched(synced, ws)


def test_what_changed_last_year_is_found_and_its_months_alone_fetched(synced, ws, office, now):
    # Slow: two syncs go through a year.
    months = ["2025-11", "2026-01", "2026-03", "2026-05", "2026-07"]  # none is beside another
    longer, renamed, _, late, swapped = (entries_of(office, month)[0] for month in months)
    gone = next(entry for entry in entries_of(office, months[2]) if not entry.billable)
    change(
        office,
        gone=[longer, renamed, gone, swapped],
        more=[
            edited(longer, now.moment, seconds=longer.seconds + 60),
            edited(renamed, now.moment, description="said better"),
            edited(late, now.moment, id=10**12),
            edited(swapped, now.moment, id=10**12 + 1),  # as long as the one that is gone
        ],
    )
    spent = len(office.requests)
    done = synced.sync(ws, start_date=START)
    found = dict(zip(months, ["changed", "edited", "changed", "changed", "edited"], strict=True))
    assert reasons(done) == found
    assert asked(office, spent) == least(office, *months)
    assert_as_fetched(synced, ws)
    now.moment += NIGHT
    assert reasons(synced.sync(ws, start_date=START)) == {}


def test_a_deletion_and_an_addition_of_the_same_length_are_found_by_the_addition(
    synced, ws, office, now
):
    first, *_ = entries_of(office, "2025-12")
    change(office, gone=[first], more=[edited(first, now.moment, id=10**12)])
    assert reasons(synced.sync(ws, start_date=START)) == {"2025-12": "edited"}
    assert_as_fetched(synced, ws)


MOVED = ("2025-10-01", "2026-02-28")  # the months between which it moves, and those beside them


def test_an_entry_that_moves_to_another_month_is_there_once(synced, ws, office, now):
    first = next(entry for entry in entries_of(office, "2025-11") if entry.seconds)
    change(office, gone=[first], more=[edited(later(first, 62), now.moment)])
    moved = {"2025-11": "changed", "2026-01": "changed"}
    assert reasons(synced.sync(ws, start_date=START)) == moved
    assert_as_fetched(synced, ws, *MOVED)


def test_an_entry_counts_once_where_only_the_month_that_it_moved_to_is_synced(
    synced, ws, office, now
):
    # Slow: three syncs go through a year.
    first = next(entry for entry in entries_of(office, "2025-11") if entry.seconds)
    change(office, gone=[first], more=[edited(later(first, 62), now.moment)])
    days = dict(zip(("start_date", "end_date"), MOVED, strict=True))
    there = search.time_entries(ws, **days)
    for _ in range(2):  # the second one changes nothing, and knows nothing of the other months
        synced.sync(ws, start_date="2026-01-01")
        hours = tf.reports.hours(synced, **days, by="project")
        pd.testing.assert_frame_equal(hours, tf.reports.hours(there, by="project"))
    synced.sync(ws, start_date=START)
    assert not synced._folder.is_begun(ws._id)
    assert_as_fetched(synced, ws, *MOVED)


def test_an_entry_is_read_once_where_the_sync_that_moved_it_was_interrupted(
    synced, ws, office, now
):
    first = next(entry for entry in entries_of(office, "2025-11") if entry.seconds)
    change(office, gone=[first], more=[edited(later(first, 62), now.moment)])
    before = 2 + pages_of(office, "2026-01")
    office.inject(Fault("status", status=403, endpoint=ENTRIES, after=before, times=-1))
    with pytest.raises(tf.errors.AccessError):
        synced.sync(ws, start_date=START)
    office.clear_faults()
    held = [files.read_months([file]) for file in synced._folder.months(ws._id).values()]
    assert sum((each["id"] == first.id).sum() for each in held) == 2
    assert_as_fetched(synced, ws, *MOVED)


def test_what_neither_sees_is_fetched_by_full(synced, ws, office):
    first, *_ = entries_of(office, "2025-11")
    change(office, gone=[first], more=[first._replace(description="nobody told")])
    some = {"start_date": "2025-09-01", "end_date": "2026-01-31"}
    assert reasons(synced.sync(ws, **some)) == {}
    spent = len(office.requests)
    done = synced.sync(ws, **some, full=True)
    assert asked(office, spent)[TOTALS] == 1
    assert done["rows"].equals(done["rows_before"])
    assert (done["requests"] > 0).sum() >= 3  # a page may hold the whole of another month
    assert_as_fetched(synced, ws, *some.values())


@pytest.mark.nightly
def test_all_that_changed_two_years_ago_is_found_at_once_in_as_few_requests_as_can_be(
    archive, ws, office, now
):
    two_years = "2024-11-01"
    archive.sync(ws, start_date=two_years)
    now.moment += NIGHT
    months = months_from("2024-11", "2025-03")
    edit, gone, more, swap, secret = (entries_of(office, month)[0] for month in months)
    change(
        office,
        gone=[edit, gone, swap, secret],
        more=[
            edited(edit, now.moment, description="said better"),
            edited(more, now.moment, id=10**12),
            edited(swap, now.moment, id=10**12 + 1),
            secret._replace(id=10**12 + 2),  # as long, and as if it had been there all the time
        ],
    )
    spent = len(office.requests)
    done = archive.sync(ws, start_date=two_years)
    found = dict(zip(months, ["edited", "changed", "changed", "edited"], strict=False))
    assert reasons(done) == found
    # Totals of 25 months, a look for edits in them, and what differs.
    assert asked(office, spent) == {TOTALS: 3, ENTRIES: 3 + pages_of(office, *found)}
    assert_as_fetched(archive, ws, two_years, "2025-02-28")
    assert archive.verify(ws).empty
    assert secret.id in archive.time_entries(start_date="2025-03-01")["id"].tolist()
    archive.sync(ws, start_date=two_years, full=True)
    assert_as_fetched(archive, ws, two_years)


def test_an_edit_before_the_last_sync_is_not_fetched_again(archive, ws, office, now):
    first, *_ = entries_of(office, "2026-07")
    shortly = now.moment - dt.timedelta(hours=1)
    change(office, gone=[first], more=[edited(first, shortly, description="just before")])
    archive.sync(ws, start_date="2026-06-01")
    now.moment += dt.timedelta(hours=1)
    assert reasons(archive.sync(ws, start_date="2026-06-01")) == {}


def test_an_edit_is_found_in_months_that_the_last_sync_did_not_compare(archive, ws, office, now):
    archive.sync(ws, start_date="2026-06-01")
    now.moment += 5 * NIGHT
    first, *_ = entries_of(office, "2026-07")
    change(office, gone=[first], more=[edited(first, now.moment, description="meanwhile")])
    now.moment += 5 * NIGHT
    archive.sync(ws, start_date="2026-09-01")
    now.moment += 5 * NIGHT
    done = archive.sync(ws, start_date="2026-06-01")
    assert reasons(done)["2026-07"] == "edited"


def order_by(monkeypatch, name, key):
    """Have the sandbox mean something else by an order."""
    entries_of = detailed.entries_of

    def in_another_order(store, query, params):
        if params.get("order_by", "date") != name:
            return entries_of(store, query, params)
        entries = sorted(store.select(query), key=key)
        return entries[::-1] if params.get("order_dir") == "DESC" else entries

    monkeypatch.setattr(detailed, "entries_of", in_another_order)


def test_a_workspace_that_orders_otherwise_is_read_to_its_end(synced, ws, office, now, monkeypatch):
    order_by(monkeypatch, "last_update", lambda entry: -entry.start)
    first, *_ = entries_of(office, "2025-11")
    change(office, gone=[first], more=[edited(first, now.moment, description="said better")])
    assert reasons(synced.sync(ws, start_date=START))["2025-11"] == "edited"
    assert_as_fetched(synced, ws, end="2026-01-31")


def test_no_month_is_whole_before_the_end_where_the_oldest_comes_first(
    archive, ws, office, monkeypatch
):
    order_by(monkeypatch, "date", lambda entry: -entry.start)
    archive.sync(ws, start_date="2026-07-01")
    assert_as_fetched(archive, ws, "2026-07-01")


def test_a_month_that_lacks_time_that_the_totals_tell_stays_as_it_was(
    synced, ws, office, monkeypatch
):
    late = {entry.id for entry in entries_of(office, "2026-11")[:5]}
    with monkeypatch.context() as ordered:
        order_by(ordered, "date", lambda entry: (entry.id not in late, entry.start))
        with pytest.warns(
            CompletenessWarning, match=r"^2026-11 of .* was left unchanged: its entr"
        ):
            synced.sync(ws, start_date="2026-08-01", full=True)
    assert_as_fetched(synced, ws, "2026-08-01")
    assert reasons(synced.sync(ws, start_date="2026-08-01")) == {}  # it lacks nothing


def test_an_empty_month_costs_nothing_and_has_no_file(archive, ws, office):
    for month in ("2026-02", "2026-03"):
        change(office, gone=entries_of(office, month))
    done = archive.sync(ws, start_date="2026-01-01", end_date="2026-03-31").set_index("month")
    assert done.loc["2026-03"].tolist() == ["same", 0, 0, 0]
    assert [path.parent.name for path in archive._folder.path.rglob("*.parquet")] == [
        "month=2026-01"
    ]
    spent = len(office.requests)
    change(office, gone=entries_of(office, "2026-01"))
    done = archive.sync(ws, start_date="2026-01-01", end_date="2026-03-31").set_index("month")
    assert done.loc["2026-01", "reason"] == "changed"
    assert done.loc["2026-01", "rows"] == 0
    assert asked(office, spent) == {TOTALS: 1, ENTRIES: 2}  # a look for edits in the others
    spent = len(office.requests)
    archive.sync(ws, start_date="2026-01-01", end_date="2026-03-31")
    assert asked(office, spent) == {TOTALS: 1, ENTRIES: 1}  # whether an entry of no length came
    assert_as_fetched(archive, ws, "2026-01-01", "2026-03-31")


def test_months_beside_each_other_are_one_listing_also_across_an_empty_one(archive, ws, office):
    change(office, gone=entries_of(office, "2026-02"))
    spent = len(office.requests)
    archive.sync(ws, start_date="2026-01-01", end_date="2026-03-31")
    assert asked(office, spent) == {TOTALS: 1, ENTRIES: pages_of(office, "2026-01", "2026-03")}


def test_on_the_free_plan_unknown_billable_time_is_no_difference(
    archive, make_sandbox, make_workspace, now
):
    sandbox = make_sandbox(3, plan="free", behaviour=Behaviour(entry_page_cap=1000))
    ws = make_workspace(sandbox)
    archive.sync(ws, start_date="2026-07-01")
    assert archive.time_entries()["billable"].any()
    assert reasons(archive.sync(ws, start_date="2026-07-01")) == {}
    assert archive.verify(ws).empty


def test_several_workspaces_are_synced_one_after_another(archive, ws, make_sandbox, make_workspace):
    other = make_workspace(make_sandbox(3, workspace_id=777))
    done = archive.sync([ws, other], start_date="2026-10-01")
    assert done.attrs["togglframe"]["requests"] == ws.usage.requests + other.usage.requests
    assert done.columns[0] == "workspace_id"
    assert sorted(done["workspace_id"].unique()) == [777, 4218603]
    both = archive.time_entries()
    assert both.groupby("workspace_id")["id"].size().sum() == done["rows"].sum()
    one = archive.time_entries(workspace_ids=777)
    fetched = search.time_entries(other, start_date="2026-10-01", end_date="2026-11-30")
    pd.testing.assert_frame_equal(one, fetched)
    with pytest.raises(ConfigError, match=r"holds several workspaces, 777, 4218603: name one"):
        tf.reports.Listings(archive).fetch("projects")
    alone = Archive(archive._folder.path, workspace_id=777)
    hours = tf.reports.hours(alone, period="2026-10")
    pd.testing.assert_frame_equal(hours, tf.reports.hours(other, period="2026-10"))
    with pytest.raises(ConfigError, match="names a workspace twice"):
        archive.sync([ws, ws], start_date="2026-10-01")


def test_answers_in_the_cache_are_not_used(archive, office, make_workspace, now, tmp_path):
    cached = make_workspace(office, cache=tmp_path / "answers.sqlite", expire_after=None)
    archive.sync(cached, start_date="2026-10-01")
    first, *_ = entries_of(office, "2026-10")
    change(office, gone=[first])
    archive.sync(cached, start_date="2026-10-01")
    assert first.id not in archive.time_entries()["id"].tolist()


# --- the quota --------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["2026-03", pytest.param("2025-09", marks=pytest.mark.nightly)])
def test_a_quota_that_ends_keeps_what_came_newest_first_and_names_the_rest(
    first, archive, make_sandbox, make_workspace, now
):
    sandbox = make_sandbox(2, quota=5, behaviour=SEVERAL_PAGES)
    ws = make_workspace(sandbox)
    said, kept = [], []
    while len(said) == len(kept):  # until it finishes
        try:
            archive.sync(ws, start_date=f"{first}-01")
        except QuotaExceededError as error:
            said.append(str(error))
        kept.append(sorted(archive._folder.months(ws._id)))
        sandbox.reset_quota()
    months = months_from(first, "2026-11")
    assert len(said) >= 2
    for before, after, words in zip(kept, kept[1:], said, strict=False):
        assert before == months[-len(before) :]
        assert len(after) > len(before)
        last = months[-len(before) - 1]
        lack = f"{first} is" if last == first else f"{first} to {last} are"
        assert f"; {lack} missing. " in words
    assert kept[-1] == months
    pages = [one for one in sandbox.requests if one.endpoint == ENTRIES and one.status == 200]
    # beside the least: each time it ended the page in the midst of a month, and a look for edits
    # in each window; what was fetched, the last days too, is not fetched again
    least_pages = pages_of(sandbox, *months) + 1
    assert len(pages) <= least_pages + len(said) * (1 + 2)
    again = make_workspace(make_sandbox(2, behaviour=SEVERAL_PAGES))
    assert_as_fetched(archive, again, f"{first}-01")


def test_without_quota_no_old_answer_is_kept_whatever_the_workspace_does(
    archive, make_sandbox, make_workspace, now, tmp_path
):
    sandbox = make_sandbox(3)
    cached = make_workspace(sandbox, cache=tmp_path / "a.sqlite", expire_after=0, on_quota="stale")
    archive.sync(cached, start_date="2026-10-01")
    before = contents(archive._folder.path)
    sandbox.use_up_quota()
    with pytest.raises(QuotaExceededError, match="Fetched 0 months of workspace"):
        archive.sync(cached, start_date="2026-10-01")
    assert contents(archive._folder.path) == before
    with pytest.warns(StaleDataWarning):  # outside of a sync all is as it was
        search.time_entry_totals(
            cached, start_date="2026-10-01", end_date="2026-11-30", granularity="month"
        )


# --- what never replaces what is kept -------------------------------------------------------------


def test_a_narrower_answer_never_replaces_what_is_kept(synced, ws, office, now):
    before = contents(synced._folder.path)
    first, *_ = entries_of(office, "2026-10")
    change(office, gone=[first], more=[edited(first, now.moment, seconds=first.seconds + 60)])
    office.inject(Fault("narrow_range", endpoint=ENTRIES, times=1, after=2))
    with pytest.warns(CompletenessWarning, match="2026-10 of .* were left unchanged"):
        done = synced.sync(ws, start_date=START)
    assert contents(synced._folder.path) == before
    assert "asked for 2026-10-01" in done.attrs["togglframe"]["doubts"][0]
    synced.sync(ws, start_date=START)
    assert_as_fetched(synced, ws, "2026-09-01")


def test_narrower_totals_say_nothing_of_the_rest(synced, ws, office):
    before = contents(synced._folder.path)
    office.inject(Fault("narrow_range", endpoint=TOTALS))
    with pytest.warns(CompletenessWarning, match="the answer covers 2025-09-01"):
        done = synced.sync(ws, start_date=START)
    assert reasons(done) == {}
    assert contents(synced._folder.path).keys() == before.keys()
    assert_as_fetched(synced, ws, "2026-09-01")


def test_edits_that_a_doubtful_answer_did_not_tell_are_found_by_the_next_sync(
    synced, ws, office, now
):
    first, *_ = entries_of(office, "2026-07")
    change(office, gone=[first], more=[edited(first, now.moment, description="said better")])
    now.moment += 10 * NIGHT
    office.inject(Fault("narrow_range", endpoint=ENTRIES, after=1))  # the second look for edits
    with pytest.warns(CompletenessWarning, match=r"2025-09 to 2026-08 of .*: edits may be missing"):
        done = synced.sync(ws, start_date=START)
    assert "2026-07" not in reasons(done)
    assert "edits may be missing" in done.attrs["togglframe"]["doubts"][0]
    now.moment += 5 * NIGHT
    assert reasons(synced.sync(ws, start_date=START))["2026-07"] == "edited"
    assert_as_fetched(synced, ws, "2026-06-01")


def newest(kind, store, selected):
    """Add an entry after the last one that was read, or delete that one."""
    last = selected[-1]
    added = [last._replace(id=10**12, start=last.start + 1)] if kind == "entry_added" else []
    rest = [entry for entry in store.entries if kind == "entry_added" or entry != last]
    store.replace(rest + added)


@pytest.mark.parametrize(
    "kind",
    [
        *("entry_deleted", "lost_page"),
        *(
            pytest.param(kind, marks=pytest.mark.nightly)
            for kind in ("entry_edited", "entry_added")
        ),
    ],
)
def test_what_changes_between_two_pages_leaves_the_months_that_are_in_doubt(
    kind, archive, ws, office, monkeypatch
):
    search.time_entries(ws, start_date="2026-11-25", end_date="2026-11-25")  # the page size
    if kind in ("entry_added", "entry_deleted"):  # else at the end, which was not read yet
        monkeypatch.setattr(
            type(office.store),
            "change",
            lambda store, kind, query: newest(kind, store, store.select(query)),
        )
    office.inject(Fault(kind, endpoint=ENTRIES, after=2))
    with pytest.warns(CompletenessWarning, match="were left unchanged: search/time_ent") as said:
        archive.sync(ws, start_date="2026-06-01")
    assert len(said) == 1
    kept = sorted(archive._folder.months(ws._id))
    assert 1 <= len(kept) < 6
    assert kept == months_from(kept[0], "2026-11")
    archive.sync(ws, start_date="2026-06-01")
    assert_as_fetched(archive, ws, "2026-06-01")


def test_a_credential_that_sees_less_never_replaces_what_another_kept(
    synced, ws, office, make_workspace
):
    other = make_workspace(office, token=None, email=office.email, password=office.password)
    hidden = entries_of(office, "2026-10")[:5]
    change(office, gone=hidden)
    before = contents(synced._folder.path)
    with pytest.warns(CompletenessWarning, match=r"2026-10 of .* was left unchanged: another cred"):
        done = synced.sync(other, start_date="2026-09-01")
    assert reasons(done) == {"2026-10": "changed"}
    october = "time_entries/workspace_id=4218603/month=2026-10/part-0.parquet"
    assert contents(synced._folder.path)[october] == before[october]
    change(office, more=hidden)
    synced.sync(other, start_date="2026-09-01")  # it sees all, and may take over
    change(office, gone=hidden)
    synced.sync(other, start_date="2026-09-01")
    assert_as_fetched(synced, ws, "2026-09-01")


def test_a_damaged_file_is_named_and_fetched_again(archive, ws, office, now):
    archive.sync(ws, start_date="2025-11-01", end_date="2026-02-28")
    path = archive._folder.month_file(ws._id, "2025-11")
    whole = path.read_bytes()
    middle = len(whole) // 2
    damages = {
        "cut": whole[:middle],
        "empty": b"",
        "another": b"x" * 1000,
        "flipped": whole[:60] + bytes([whole[60] ^ 255]) + whole[61:],
    }
    for nth, (kind, damage) in enumerate(damages.items()):
        path.write_bytes(damage)
        with pytest.raises(ConfigError, match=f"{path} cannot be read: "):
            archive.time_entries()
        other, *_ = entries_of(office, "2026-02")
        change(office, more=[edited(other, now.moment, id=10**12 + nth)])
        archive.sync(ws, start_date="2026-02-01", end_date="2026-02-28")  # of another month
        if kind != "flipped":  # DuckDB does not look at checksums; a sync and time_entries do
            with pytest.raises(ConfigError, match="month=2025-11"):
                tf.reports.hours(archive, period="2025-11")
        done = archive.sync(ws, start_date="2025-11-01", end_date="2025-11-30")
        assert done["reason"].tolist() == ["changed"]
        assert done["rows_before"].isna().all()
    assert_as_fetched(archive, ws, "2025-11-01", "2026-02-28")


def test_a_folder_that_cannot_be_written_costs_no_request(ws, office, tmp_path):
    (tmp_path / "file").touch()
    for folder in (tmp_path / "no" / "where", tmp_path / "file"):
        with pytest.raises(OSError, match=str(tmp_path)):
            Archive(folder).sync(ws, start_date=START)
    with pytest.raises(ConfigError, match="start_date 2026-12-01 is after"):
        Archive(tmp_path / "new").sync(ws, start_date="2026-12-01")
    assert office.requests == []
    assert not (tmp_path / "new").exists()


def test_nothing_secret_is_in_the_folder(synced, office):
    secrets = [office.token, base64.b64encode(f"{office.token}:api_token".encode()).decode()]
    found = [path for path in synced._folder.path.rglob("*") if path.is_file()]
    assert len(found) == 15 + 2  # months, the lock and what was compared
    for path in found:
        for secret in secrets:
            assert secret.encode() not in path.read_bytes()


# --- one writer, killed at any moment -------------------------------------------------------------

SYNC = """
import os, sys
from datetime import UTC, datetime
import togglframe as tf
from togglframe import clock

url, token, number, folder = sys.argv[1:5]
clock.now = lambda: datetime(2026, 11, 28, 3, tzinfo=UTC)
ws = tf.Workspace(int(number), token=token, base_url=url, cache=None, per_second=None)
archive = tf.Archive(folder)
"""
HOLD = (
    SYNC
    + """
with archive._folder.writing():
    print("ready", flush=True)
    sys.stdin.read()
"""
)


def start(code, office, archive, *more):
    words = [office.base_url, office.token, str(office.workspace_id), str(archive._folder.path)]
    return subprocess.Popen(
        [sys.executable, "-c", code, *words, *more],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def check_that_another_is_writing(archive, ws, office):
    spent = len(office.requests)
    with pytest.raises(BlockingIOError, match="Another process is writing this archive"):
        archive.sync(ws, start_date=START)
    with pytest.raises(BlockingIOError):
        archive.snapshot(ws)
    assert len(office.requests) == spent
    assert len(archive.time_entries()) > 0  # who reads does not wait


def test_two_who_sync_at_once_are_told_apart_before_any_request(synced, ws, office):
    with Archive(synced._folder.path)._folder.writing():
        check_that_another_is_writing(synced, ws, office)
    synced.sync(ws, start_date="2026-11-01")


@pytest.mark.nightly
def test_the_lock_of_a_process_that_is_killed_dies_with_it(synced, ws, office):
    with start(HOLD, office, synced) as other:
        assert other.stdout.readline() == "ready\n"
        check_that_another_is_writing(synced, ws, office)
        other.kill()
    synced.sync(ws, start_date="2026-11-01")


# Every call into or out of the archive's code, and of what it calls, is a moment to die at.
KILL = (
    SYNC
    + """
import random, signal

places = ("togglframe/archive/", "togglframe/atomic.py")
seed, folders = int(sys.argv[5]), sys.argv[6:]

def run(folder, at):
    seen = 0
    def look(frame, event, _):
        nonlocal seen
        if any(place in frame.f_code.co_filename for place in places):
            seen += 1
            if seen == at:
                os.kill(os.getpid(), signal.SIGKILL)
    sys.setprofile(look)
    tf.Archive(folder).sync(ws, start_date="2026-08-01", end_date="2026-10-31")
    sys.setprofile(None)
    return seen

total = run(folders[0], 0)
chance = random.Random(seed)
print(total, flush=True)
for folder in folders[1:]:
    at = chance.randrange(1, total)
    child = os.fork()
    if child == 0:
        run(folder, at)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
)


KILLS = int(os.environ.get("TOGGLFRAME_KILLS", "20"))  # "make test-all" tries a hundred
# None of the months is new, the newest is, two are, all are: in this order and no other.
STATES = {(False,) * (3 - n) + (True,) * n for n in range(4)}


@pytest.mark.nightly
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_killed_at_any_moment_every_month_is_the_old_or_the_new_one(
    make_sandbox, make_workspace, tmp_path, now
):
    office = make_sandbox(3)
    ws = make_workspace(office)
    archive = Archive(tmp_path / "old")
    spent = {"start_date": "2026-08-01", "end_date": "2026-10-31"}
    archive.sync(ws, **spent)
    old = _rows(tmp_path / "old")
    now.moment += NIGHT
    for month in old:
        first, *_ = entries_of(office, month)
        change(office, gone=[first], more=[edited(first, now.moment, seconds=first.seconds + 1)])
    folders = [tmp_path / str(number) for number in range(KILLS + 1)]
    for folder in folders:
        shutil.copytree(tmp_path / "old", folder)
    with start(KILL, office, archive, "18", *map(str, folders)) as script:
        total, *endings = script.communicate()[0].split()
    new = _rows(folders[0])
    assert int(total) > 500
    assert endings == ["-9"] * KILLS
    assert all(not old[month].equals(new[month]) for month in old)
    states = set()
    for folder in folders[1:]:
        kept = _rows(folder)
        assert kept.keys() == old.keys()
        is_new = [kept[month].equals(new[month]) for month in old]
        assert [kept[m].equals(old[m]) for m in old] == [not each for each in is_new]
        states.add(tuple(is_new))
        Archive(folder).sync(ws, **spent)
        assert all(rows.equals(new[month]) for month, rows in _rows(folder).items())
        assert not list(folder.rglob(".*.tmp"))
    assert states <= STATES
    assert states == STATES or KILLS < 100


def _rows(folder):
    return {
        path.parent.name.removeprefix("month="): files.read_months([path])
        for path in sorted(Path(folder).rglob("part-0.parquet"))
    }
