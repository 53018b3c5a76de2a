"""Two ranges of a report beside each other: whose rows, which days, and what is unknown."""

import pandas as pd
import pytest
from days import TODAY
from entries_data import frame_of

import togglframe as tf
from togglframe import tables
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.sandbox import Sandbox
from togglframe.tables.provenance import of, table_of
from togglframe.text import scope

WHENS = ("", "_before", "_change")


@pytest.fixture(scope="module")
def ws():
    with tf.demo(scale=8, today=TODAY) as demo:
        yield demo


def ranges(frame):
    """Return the two ranges that a comparison was made of."""
    known = frame.attrs["togglframe"]
    return [(one["start_date"], one["end_date"]) for one in (known["filters"], known["before"])]


def of_entries(*rows):
    """Return entries of these days, hours and other columns."""
    return frame_of(
        [
            {
                **dict.fromkeys(tables.TIME_ENTRIES.names),
                "id": number,
                "date": pd.Timestamp(day),
                "start": pd.Timestamp(day, tz="UTC"),
                "tracked_time": pd.Timedelta(hours=hours),
                **others,
            }
            for number, (day, hours, others) in enumerate(rows, start=1)
        ]
    )


def test_a_quarter_is_compared_with_the_one_before(ws):
    change = tf.reports.compare(ws, "hours", period="2026-Q3", by="client")
    assert list(change.columns[:6]) == [
        *("client_id", "client", "tracked_hours", "tracked_hours_before"),
        *("tracked_hours_change", "tracked_hours_change_share"),
    ]
    times = [f"{what}_time{when}" for what in ("tracked", "billable") for when in WHENS]
    assert list(change.columns[-6:]) == times
    assert not {"n_days", "billable_share"} & {*change}
    assert ranges(change) == [("2026-07-01", "2026-09-30"), ("2026-04-01", "2026-06-30")]
    assert change["tracked_hours_change"].abs().is_monotonic_decreasing
    for period, measure in (("2026-Q3", "tracked_time"), ("2026-Q2", "tracked_time_before")):
        alone = tf.reports.hours(ws, period=period, by="client").set_index("client_id")
        both = change.set_index("client_id")[measure].reindex(alone.index)
        assert both.tolist() == alone["tracked_time"].tolist()


def test_the_range_before_has_the_same_kind_and_length(ws, subtests):
    cases = {
        ("2026-08..2026-10", None): [("2026-08-01", "2026-10-31"), ("2026-05-01", "2026-07-31")],
        ("last-week", None): [("2026-11-16", "2026-11-22"), ("2026-11-09", "2026-11-15")],
        ("2026-10", "2025-10"): [("2026-10-01", "2026-10-31"), ("2025-10-01", "2025-10-31")],
        (pd.Period("2026-02"), None): [("2026-02-01", "2026-02-28"), ("2026-01-01", "2026-01-31")],
    }
    for (period, before), expected in cases.items():
        with subtests.test(str(period)):
            change = tf.reports.compare(ws, "hours", period=period, before=before)
            assert ranges(change) == expected
            assert "begun" not in change.attrs["togglframe"]


def test_only_days_before_today_are_compared(ws, subtests):
    cases = {
        ("this-month", None): ("2026-11-25", "2026-10-01", "2026-10-25", "first 25 days"),
        ("2026-11", None): ("2026-11-25", "2026-10-01", "2026-10-25", "first 25 days"),
        ("2026-11", "2026-02"): ("2026-11-25", "2026-02-01", "2026-02-25", "first 25 days"),
        ("this-quarter", None): ("2026-11-25", "2026-07-01", "2026-08-25", "first 56 days"),
    }
    for (period, before), (end, *earlier, begun) in cases.items():
        with subtests.test(period, before=before):
            change = tf.reports.compare(ws, tf.reports.hours, period=period, before=before)
            assert ranges(change)[0][1] == end
            assert ranges(change)[1] == tuple(earlier)
            assert change.attrs["togglframe"]["begun"] == begun
    with pytest.warns(CompletenessWarning, match="no day from 2026-11-26 on is over yet"):
        nothing = tf.reports.compare(ws, "hours", period="today")
    assert nothing.empty
    assert ranges(nothing) == [("2026-11-26", "2026-11-26"), ("2026-11-25", "2026-11-25")]
    assert nothing.attrs["togglframe"]["begun"] == "no day before today"
    long = tf.reports.compare(ws, "hours", period="2026-02-01..2026-03-02", before="2026-11")
    assert ranges(long) == [("2026-02-01", "2026-02-25"), ("2026-11-01", "2026-11-25")]


def test_a_group_of_one_range_has_0_in_the_other_and_na_where_it_is_unknown():
    entries = of_entries(
        ("2026-09-01", 2, {"user_id": 1, "billable": True}),
        ("2026-10-01", 3, {"user_id": 1, "billable": None}),
        ("2026-10-02", 1, {"user_id": 2, "billable": False}),
        ("2026-09-03", 4, {"user_id": None, "billable": True}),
    )
    change = tf.reports.compare(entries, "hours", period="2026-10").set_index("user_id")
    assert change.index.tolist() == [pd.NA, 1, 2]
    assert change["tracked_hours"].tolist() == [0, 3, 1]
    assert change["tracked_hours_before"].tolist() == [4, 2, 0]
    assert change["tracked_hours_change"].tolist() == [-4, 1, 1]
    assert change["tracked_hours_change_share"].tolist() == [-1, 0.5, pd.NA]
    assert change["billable_hours"].tolist() == [0, pd.NA, 0]
    assert change["billable_hours_change"].tolist() == [-4, pd.NA, 0]
    assert change["billable_time_change"].isna().tolist() == [False, True, False]
    whole = tf.reports.compare(entries, "hours", period="2026-10", by=[])
    assert whole["tracked_hours_change"].tolist() == [-2]


def test_a_month_that_an_archive_does_not_hold_is_unknown(ws, tmp_path):
    archive = tf.Archive(tmp_path, today=TODAY)
    archive.sync(ws, start_date="2026-10-01", end_date="2026-10-31")
    with pytest.warns(tf.CompletenessWarning, match="2026-09"):
        change = tf.reports.compare(archive, "hours", period="2026-10")
    assert change["tracked_hours_before"].isna().all()
    assert change["tracked_hours_change"].isna().all()
    assert (change["tracked_hours"] > 0).all()


def test_a_month_that_a_frame_was_not_fetched_for_is_unknown(ws):
    entries = tf.search.time_entries(ws, start_date="2026-10-01", end_date="2026-10-31")
    doubts = of(entries).copy()
    with pytest.warns(tf.CompletenessWarning, match="are those from 2026-10-01 to 2026-10-31"):
        change = tf.reports.compare(entries, "hours", period="2026-10")
    assert change["tracked_hours_before"].isna().all()
    with pytest.warns(tf.CompletenessWarning, match="any others from 2026-09-01"):
        assert tf.reports.hours(entries, period="2026-09").empty
    assert of(entries) == doubts  # the caller's frame is left alone


def test_a_comparison_names_what_its_filters_mean(ws):
    change = tf.reports.compare(ws, "hours", period="2026-10", users="mateo")
    assert of(change)["names"] == {"users": ["Mateo Rivas"]}
    assert "user Mateo Rivas only" in scope.source(change)


def test_a_group_may_not_be_called_like_a_measure(ws):
    by = {"tracked_hours_before": {"Mateo Rivas": "x"}}
    with pytest.raises(ConfigError, match="'tracked_hours_before' is a column of the comparison"):
        tf.reports.compare(ws, "hours", period="2026-10", by=by)


def test_every_report_of_a_range_is_compared_and_knows_its_table(ws, subtests):
    for name, table in tables.COMPARISONS.items():
        with subtests.test(name):
            change = tf.reports.compare(ws, name.replace("_comparison", ""), period="2026-10")
            assert table_of(change).name == table.name
            assert not change.duplicated([*change.columns.intersection(table.key)]).any()
            unfit = [c for c in change if table[c].dtype != change[c].dtype]
            assert not unfit
    idle = tf.reports.compare(ws, "utilisation", period="2026-10")
    assert (idle["capacity_hours"] == 22 * 8).all()


def test_sources_of_every_kind_are_compared(ws, tmp_path, subtests):
    entries = tf.search.time_entries(ws, start_date="2026-09-01", end_date="2026-10-31")
    archive = tf.Archive(tmp_path, today=TODAY)
    archive.sync(ws, start_date="2026-09-01", end_date="2026-10-31")
    expected = tf.reports.compare(ws, "hours", period="2026-10", by="project")
    sources = {
        "archive": archive,
        "frames": {"time_entries": entries},
        "entries": entries,
        "listings": tf.reports.Listings(ws),
    }
    for name, source in sources.items():
        with subtests.test(name):
            change = tf.reports.compare(source, "hours", period="2026-10", by="project")
            pd.testing.assert_frame_equal(change, expected, check_like=True)
    several = {1: entries, 2: entries}
    both = tf.reports.compare(several, "hours", period="2026-10", by="project")
    assert both["workspace_id"].value_counts().tolist() == [len(expected)] * 2
    assert both["tracked_time_change"].sum() == 2 * expected["tracked_time_change"].sum()
    one = tf.reports.compare(iter([ws]), "hours", period="2026-10", by="project")
    pd.testing.assert_frame_equal(one.drop(columns="workspace_id"), expected)


def test_the_listings_of_both_ranges_are_fetched_once(monkeypatch):
    monkeypatch.setattr("togglframe.clock.sleep", lambda _: None)
    with Sandbox(6, today=str(TODAY)) as sandbox:
        ws = tf.Workspace(
            sandbox.workspace_id,
            token=sandbox.token,
            base_url=sandbox.base_url,
            cache=None,
            today=TODAY,
        )
        tf.reports.compare(ws, "hours", period="2026-10", by="client")
        paths = [request.path.rpartition("/")[2] for request in sandbox.requests]
    assert paths == ["time_entries", "projects", "time_entries"]


WRONG = {
    "project_budget has no range of days to compare; Archive.changes": ("project_budget", {}),
    "forecast has no range of days": ("forecast", {}),
    "time_entries lists single time entries": ("time_entries", {}),
    "entry_audit lists single time entries": (tf.reports.entry_audit, {}),
    "compare takes no every": ("hours", {"every": "month"}),
    "compare takes no start_date": ("hours", {"start_date": "2026-10-01"}),
    "there is no report 'hour'; did you mean hours": ("hour", {}),
    "there is no period 'last-mont'": ("hours", {"before": "last-mont"}),
}


def test_what_cannot_be_compared_is_named(subtests):
    for message, (report, given) in WRONG.items():
        with subtests.test(message), pytest.raises(ConfigError, match=message):
            tf.reports.compare(of_entries(), report, period="2026-10", **given)
    with pytest.raises(TypeError, match="is not a report"):
        tf.reports.compare(of_entries(), print, period="2026-10")


def test_a_comparison_is_pivoted_by_what_it_has(ws):
    change = tf.reports.compare(ws, "hours", period="2026-10", by=["project", "user"])
    wide = tf.pivot(change, "project", "user", "tracked_hours_change")
    whole = change["tracked_time_change"].sum() / pd.Timedelta(hours=1)
    assert wide["Total"].iloc[-1] == pytest.approx(whole)
    with pytest.raises(ConfigError, match="a comparison has no periods"):
        tf.pivot(change, "project")
