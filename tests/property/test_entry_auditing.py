"""What the audit of entries finds is what loops over the rows find, each once."""

import datetime as dt
import itertools
from collections import Counter, defaultdict
from unittest import mock

import joins
import pandas as pd
from busy_entries import busy_rows, known, listed_users, wall
from entries_data import frame_of, projects, rows
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from joins_data import conforms

from togglframe import clock, reports
from togglframe.reports.entry_auditing import CHECKS
from togglframe.tables import ENTRY_AUDIT, SEVERITIES

HOUR = dt.timedelta(hours=1)
NOW = dt.datetime(2026, 9, 26, 14, tzinfo=dt.UTC)
some = busy_rows() | rows()
limits = st.fixed_dictionaries(
    {
        "max_entry_hours": st.sampled_from([0, 0.25, 1, 10, 12]),
        "max_day_hours": st.sampled_from([0, 1.5, 4, 10, 12]),
        "workdays_only": st.booleans(),
        "holidays": st.sampled_from([(), ["2026-03-27", "2026-03-30"], [dt.date(2026, 4, 3)]]),
    }
)


few = times(1 / 3)  # what is slow, and simple


def of_entries(entries, condition, hours=lambda row: row["tracked_time"]):
    return [
        (row["user_id"], row["date"], row["id"], None, hours(row) / HOUR)
        for row in entries
        if condition(row)
    ]


def future(entries, **_):
    return of_entries(entries, lambda row: row["start"] > NOW)


def overlap(entries, **_):
    found = []
    known_users = [row for row in entries if row["user_id"] is not None]
    for pair in itertools.combinations(known_users, 2):
        one, other = sorted(pair, key=lambda row: (row["start"], row["id"]))
        shared = min(one["stop"], other["stop"]) - max(one["start"], other["start"])
        if one["user_id"] == other["user_id"] and shared > dt.timedelta(0):
            found.append((one["user_id"], one["date"], one["id"], other["id"], shared / HOUR))
    return found


def archived_project(entries, **_):
    return of_entries(entries, lambda row: row["project_id"] == 11)


def days_of(entries):
    days = defaultdict(list)
    for row in entries:
        if row["user_id"] is not None:
            days[row["user_id"], row["date"]].append(row)
    return days


def long_day(entries, max_day_hours, **_):
    found = []
    for (user, date), group in days_of(entries).items():
        moments = sorted({row[name] for row in group for name in ("start", "stop")})
        union = sum(
            (
                end - begin
                for begin, end in itertools.pairwise(moments)
                if any(row["start"] <= begin and end <= row["stop"] for row in group)
            ),
            dt.timedelta(0),
        )
        if union / HOUR > max_day_hours:
            found.append((user, date, None, None, (union - max_day_hours * HOUR) / HOUR))
    return found


def long_entry(entries, max_entry_hours, **_):
    limit = max_entry_hours * HOUR
    return of_entries(
        entries, lambda row: row["tracked_time"] > limit, lambda row: row["tracked_time"] - limit
    )


def missing_day(entries, workdays_only, holidays, **_):
    found = []
    off = {str(day) for day in holidays}
    dates = defaultdict(set)
    for user, date in days_of(entries):
        dates[user].add(date)
    for user, there in dates.items():
        day = min(there)
        while (day := day + dt.timedelta(1)) < max(there):
            is_workday = day.weekday() < 5 or not workdays_only
            if is_workday and str(day.date()) not in off and day not in there:
                found.append((user, day, None, None, None))
    return found


def no_project(entries, **_):
    return of_entries(entries, lambda row: row["project_id"] is None)


def no_description(entries, **_):
    return of_entries(entries, lambda row: not (row["description"] or "").strip())


def over_midnight(entries, **_):
    def after(row):
        midnight = dt.datetime.combine(row["date"] + dt.timedelta(1), dt.time())
        return wall(row["stop"], row) - midnight

    return of_entries(entries, lambda row: after(row) > dt.timedelta(0), after)


def weekend(entries, **_):
    return of_entries(entries, lambda row: row["date"].weekday() in (5, 6))


def zero(entries, **_):
    return of_entries(entries, lambda row: row["tracked_time"] == dt.timedelta(0))


ORACLES = {
    "error": [future, overlap],
    "warning": [archived_project, long_day, long_entry, missing_day, no_project],
    "info": [no_description, over_midnight, weekend, zero],
}


def audit(entries, **more):
    return joins.entry_audit(frame_of(entries), projects(), now=NOW, **more)


def found_by(frame):
    columns = ["user_id", "date", "time_entry_id", "other_id", "hours_affected"]
    return [tuple(map(known, values)) for values in frame[columns].itertuples(index=False)]


def test_every_check_has_an_oracle():
    assert [
        (severity, oracle.__name__) for severity in ORACLES for oracle in ORACLES[severity]
    ] == [(check.severity, check.slug) for check in CHECKS]


def rounded(places):
    return Counter((*key, None if hours is None else round(hours, 9)) for *key, hours in places)


@given(some, limits)
def test_the_checks_find_what_loops_over_the_rows_find(entries, limits):
    findings = audit(entries, **limits)
    conforms(findings, ENTRY_AUDIT)
    for severity, oracles in ORACLES.items():
        for oracle in oracles:
            found = findings[findings["check"] == oracle.__name__]
            assert (found["severity"] == severity).all()
            expected = rounded(oracle(entries, **limits))
            assert rounded(found_by(found)) == expected, oracle.__name__


def place(row):
    keys = ("user_id", "date", "time_entry_id", "other_id")
    parts = [(pd.isna(getattr(row, key)), known(getattr(row, key))) for key in keys]
    return (
        SEVERITIES.index(row.severity),
        row.check,
        *[(gone, 0 if gone else value) for gone, value in parts],
    )


@given(some, limits)
def test_rows_go_by_severity_check_user_date_and_entry_and_each_is_one_plain_sentence(
    entries, limits
):
    findings = audit(entries, **limits)
    order = [place(row) for row in findings.itertuples()]
    assert order == sorted(order)
    assert len(set(order)) == len(order)
    assert findings["detail"].str.fullmatch(r"[A-Z][^.]*(?:\d\.\d[^.]*)*\.").all()


@given(some)
def test_findings_have_the_name_of_the_user_and_the_words_of_the_entry(entries):
    findings = joins.entry_audit(frame_of(entries), users=listed_users(), max_day_hours=0)
    words = {row["id"]: row["description"] for row in entries}
    for row in findings.itertuples():
        if known(row.user_id) == 1:
            assert row.user == "Ann Lee"
        entry = known(row.time_entry_id)
        assert known(row.label) == (known(row.user) if entry is None else words[entry])


@few
@given(some, limits, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter_and_frames_stay_as_they_are(entries, limits, random):
    frame = frame_of(entries)
    before = frame.copy()
    made = joins.entry_audit(frame, projects(), now=NOW, **limits)
    pd.testing.assert_frame_equal(frame, before)
    order = random.sample(range(len(entries)), len(entries))
    shuffled = joins.entry_audit(frame.iloc[order], projects()[::-1], now=NOW, **limits)
    pd.testing.assert_frame_equal(shuffled, made)


@few
@given(some, st.sampled_from([{"users": [1]}, {"projects": [10, None]}]), limits)
def test_what_is_selected_is_what_would_be_found_alone(entries, of, limits):
    made = audit(entries, period="2026-03", **of, **limits)
    ((name, ids),) = of.items()
    alone = [row for row in entries if row[f"{name.removesuffix('s')}_id"] in ids]
    expected = audit([row for row in alone if str(row["date"])[:7] == "2026-03"], **limits)
    if name == "projects":  # then what is missing may be elsewhere
        expected = expected[expected["check"] != "missing_day"].reset_index(drop=True)
    pd.testing.assert_frame_equal(made, expected)


@few  # an example makes four audits
@given(some, limits)
def test_a_report_over_frames_is_the_join_with_the_time_of_now(entries, limits):
    frame = frame_of(entries)
    mapping = {"time_entries": frame, "projects": projects(), "users": listed_users()}
    with mock.patch.object(clock, "now", return_value=NOW):
        made = reports.entry_audit(mapping, **limits)
        alone = reports.entry_audit(frame, **limits)
    pd.testing.assert_frame_equal(made, joins.entry_audit(**mapping, now=NOW, **limits))
    pd.testing.assert_frame_equal(alone, joins.entry_audit(frame, now=NOW, **limits))
    assert made.attrs["togglframe"]["table"] == "entry_audit"
