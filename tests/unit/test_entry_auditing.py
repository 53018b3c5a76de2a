"""The decisions of the audit of entries, one example each."""

import datetime as dt

import joins
import pandas as pd
import pytest
from busy_entries import HOUR, entry_at
from entries_data import frame_of, projects

from togglframe import ConfigError, reports
from togglframe.reports.entry_auditing import CHECKS
from togglframe.tables import SEVERITIES


def found(check, *entries, listed=None, **more):
    findings = joins.entry_audit(frame_of(entries), listed, **more)
    return findings[findings["check"] == check].to_dict("records")


def test_checks_stand_in_the_order_of_the_rows():
    keys = [(SEVERITIES.index(check.severity), check.slug) for check in CHECKS]
    assert keys == sorted(keys)
    assert {check.severity: None for check in CHECKS} == dict.fromkeys(SEVERITIES)


def test_a_plain_day_has_no_findings():
    assert joins.entry_audit(
        frame_of([entry_at(1, "2026-03-02T08:00", 4), entry_at(2, "2026-03-02T12:00", 4)]),
        projects(),
    ).empty


def test_an_overlap_is_one_finding_a_pair_and_its_hours_are_those_of_both():
    first, second = found(
        "overlap",
        entry_at(3, "2026-03-02T08:00", 4),
        entry_at(1, "2026-03-02T09:00", 1.5),  # nested
        entry_at(2, "2026-03-02T11:00", 2),
        entry_at(4, "2026-03-02T13:00", 1),  # begins where another ends
        entry_at(5, "2026-03-02T08:00", 9, user_id=2),  # somebody else's
        entry_at(6, "2026-03-02T09:00", 0),  # of no time
    )
    assert (first["time_entry_id"], first["other_id"], first["hours_affected"]) == (3, 1, 1.5)
    assert (second["time_entry_id"], second["other_id"], second["hours_affected"]) == (3, 2, 1)
    assert (first["severity"], first["label"]) == ("error", "Work")
    assert first["detail"] == 'It overlaps "Work", 09:00 to 10:30, by 1 h 30 min.'


def test_a_finding_says_whose_entry_on_what_and_when_so_that_a_list_can_be_sent():
    more = {"email": "ann@example.com", "project_id": 10, "project": "Site", "client": "Acme"}
    (pair,) = found(
        "overlap",
        entry_at(1, "2026-03-02T08:00", 4, 1, **more),
        entry_at(2, "2026-03-02T10:30", 3, 1, **more, description=None),
    )
    assert (pair["email"], pair["project"], pair["client"]) == ("ann@example.com", "Site", "Acme")
    assert (pair["start"], pair["stop"]) == (
        pd.Timestamp("2026-03-02T09:00"),  # by the clock where it was tracked
        pd.Timestamp("2026-03-02T13:00"),
    )
    words = "It overlaps an entry without a description on Site, 11:30 to 14:30, by 1 h 30 min."
    assert pair["detail"] == words


def test_a_finding_about_a_day_has_an_address_and_no_entry():
    more = {"email": "ann@example.com"}
    (day,) = found("long_day", entry_at(1, "2026-03-02T08:00", 11, **more))
    assert day["email"] == "ann@example.com"
    assert pd.isna([day[name] for name in ("project", "client", "start", "stop")]).all()


def test_identical_entries_are_a_pair_each_the_smaller_id_first():
    pairs = found("overlap", *(entry_at(n, "2026-03-02T08:00", 1) for n in (9, 2**53 + 1, 4)))
    assert [(pair["time_entry_id"], pair["other_id"]) for pair in pairs] == [
        (4, 9),
        (4, 2**53 + 1),
        (9, 2**53 + 1),
    ]


def test_entries_overlap_across_midnight_and_a_change_of_clocks_by_utc():
    (pair,) = found(
        "overlap",
        entry_at(1, "2026-10-24T21:00", 4.5, 2),  # from 23:00 to 02:30, in winter
        entry_at(2, "2026-10-25T01:00", 1, 1),  # from 02:00, in winter
    )
    assert (pair["date"], pair["hours_affected"]) == (pd.Timestamp("2026-10-24"), 0.5)


def test_many_entries_one_after_the_other_are_no_pairs():
    start = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    one = frame_of([entry_at(1, "2026-03-02T08:00", 1)])
    many = one.loc[one.index.repeat(50_000)].reset_index(drop=True)
    begun = pd.Series(start + pd.to_timedelta(range(50_000), unit="min")).astype(one["start"].dtype)
    many = many.assign(id=pd.array(range(1, 50_001), "Int64"), start=begun)
    many["stop"] = begun + pd.Timedelta(minutes=1)
    many["date"] = begun.dt.tz_localize(None).dt.floor("D")
    assert not (joins.entry_audit(many)["check"] == "overlap").any()


def test_limits_are_exclusive_and_what_is_above_is_affected():
    at, above = entry_at(1, "2026-03-02T08:00", 2.3), entry_at(2, "2026-03-03T08:00", 2.5)
    (finding,) = found("long_entry", at, above, max_entry_hours=2.3)
    assert (finding["time_entry_id"], finding["hours_affected"]) == (2, pytest.approx(0.2))
    assert finding["detail"] == "It is 2 h 30 min long, more than 2 h 18 min."
    (finding,) = found("long_day", at, above, max_day_hours=2.3)
    assert (finding["date"], finding["label"]) == (pd.Timestamp("2026-03-03"), "Ann")
    assert finding["hours_affected"] == pytest.approx(0.2)
    assert finding["detail"] == "The entries of the day cover 2 h 30 min, more than 2 h 18 min."
    assert pd.isna(finding["time_entry_id"])


def test_a_long_day_is_by_the_union_and_a_long_entry_by_what_the_api_tells():
    twice = [entry_at(1, "2026-03-02T08:00", 6), entry_at(2, "2026-03-02T08:00", 6)]
    assert not found("long_day", *twice)
    assert (
        found("long_day", *twice, entry_at(3, "2026-03-02T14:00", 4.5))[0]["hours_affected"] == 0.5
    )
    rounded = entry_at(1, "2026-03-02T08:00", 12, tracked_time=12.25 * HOUR)
    assert found("long_entry", rounded)[0]["hours_affected"] == 0.25


def test_a_workday_between_first_and_last_is_missing_unless_it_is_a_holiday():
    entries = [
        entry_at(1, "2026-03-05T08:00", 1),  # a Thursday
        entry_at(2, "2026-03-11T08:00", 1),
        entry_at(3, "2026-03-20T08:00", 1, user_id=2),  # nothing is known before and after
    ]
    missing = found("missing_day", *entries, holidays=["2026-03-09"])
    assert [day["date"].day for day in missing] == [6, 10]
    assert {day["severity"] for day in missing} == {"warning"}
    assert missing[0]["detail"] == "No entry begins on this Friday."
    assert pd.isna(missing[0]["hours_affected"])
    days = found("missing_day", *entries, workdays_only=False, holidays=["2026-03-07"])
    assert [day["date"].day for day in days] == [6, 8, 9, 10]
    ranged = found("missing_day", *entries, start_date="2026-03-06", end_date="2026-03-31")
    assert not ranged


def test_no_day_is_missing_where_other_projects_are_not_looked_at():
    entries = [entry_at(1, "2026-03-05T08:00", 1), entry_at(2, "2026-03-11T08:00", 1)]
    assert found("missing_day", *entries, users=[1])
    assert not found("missing_day", *entries, projects=[10])
    assert not found("missing_day", *entries, listed=projects(), clients=[100])


def test_a_description_of_nothing_but_spaces_is_none():
    blank = found(
        "no_description",
        *(
            entry_at(n, f"2026-03-02T0{n}:00", 1, description=said)
            for n, said in enumerate([None, "", "  ", "\t\u00a0", "x"])
        ),
    )
    assert [finding["time_entry_id"] for finding in blank] == [0, 1, 2, 3]
    assert {finding["detail"] for finding in blank} == {"The entry has no description."}


def test_midnight_is_that_of_the_tracker():
    (finding,) = found(
        "over_midnight",
        entry_at(1, "2026-03-02T21:00", 2.5, 2),  # from 23:00 to 01:30
        entry_at(2, "2026-03-02T23:00", 2, 2),  # from 01:00 to 03:00
        entry_at(3, "2026-03-02T20:00", 2, 2),  # from 22:00 to midnight
    )
    assert (finding["time_entry_id"], finding["hours_affected"]) == (1, 1.5)
    assert finding["detail"] == "It goes on for 1 h 30 min after midnight."


def test_the_future_begins_now_and_is_not_known_without_it():
    entries = [entry_at(1, "2026-03-02T08:00", 1), entry_at(2, "2026-03-02T09:00", 1, 1)]
    (finding,) = found("future", *entries, now=dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC))
    assert finding["time_entry_id"] == 2
    assert finding["detail"] == "It begins on 2026-03-02 at 10:00, which is in the future."
    assert not found("future", *entries)
    in_berlin = pd.Timestamp("2026-03-02T09:00", tz="Europe/Berlin")
    assert len(found("future", *entries, now=in_berlin)) == 1


def test_the_report_takes_now_from_the_clock(clock):
    frame = frame_of([entry_at(1, (clock.now() + HOUR).isoformat()[:16], 1)])
    assert "future" in reports.entry_audit(frame)["check"].tolist()
    clock.advance(3600)
    assert "future" not in reports.entry_audit(frame)["check"].tolist()


def test_archived_projects_are_known_by_their_listing():
    entries = [
        entry_at(1, "2026-03-02T08:00", 1, project_id=11),
        entry_at(2, "2026-03-02T09:00", 1),
    ]
    (finding,) = found("archived_project", *entries, listed=projects())
    assert (finding["time_entry_id"], finding["hours_affected"]) == (1, 1)
    assert finding["detail"] == "The project Site is archived."
    nameless = projects().assign(name=None)
    (finding,) = found("archived_project", *entries, listed=nameless)
    assert finding["detail"] == "The project Project 11 is archived."
    assert not found("archived_project", *entries)


def test_weekends_no_projects_and_no_time_are_found():
    saturday = entry_at(1, "2026-03-07T08:00", 2, project_id=None)
    empty = entry_at(2, "2026-03-09T08:00", 0)
    (finding,) = found("weekend", saturday, empty)
    assert (finding["hours_affected"], finding["severity"]) == (2, "info")
    assert finding["detail"] == "It begins on a Saturday."
    (finding,) = found("no_project", saturday, empty)
    assert (finding["hours_affected"], finding["severity"]) == (2, "warning")
    assert finding["detail"] == "The entry has no project."
    (finding,) = found("zero", saturday, empty)
    assert (finding["time_entry_id"], finding["hours_affected"]) == (2, 0)
    assert finding["detail"] == "No time was tracked."


def test_nobody_known_overlaps_nothing_and_misses_no_day():
    entries = [
        entry_at(1, "2026-03-02T08:00", 11, user_id=None),
        entry_at(2, "2026-03-02T08:00", 11, user_id=None),
        entry_at(3, "2026-03-05T08:00", 13, user_id=None),
    ]
    findings = joins.entry_audit(frame_of(entries), projects())
    assert findings["check"].tolist() == ["long_entry"]


IMPOSSIBLE = [
    (
        {"max_entry_hours": True},
        TypeError,
        "max_entry_hours must be a number of hours, not True",
    ),
    (
        {"max_entry_hours": "12"},
        TypeError,
        "max_entry_hours must be a number of hours, not '12'",
    ),
    ({"max_day_hours": -1}, ConfigError, "max_day_hours must be .* 0 or more, not -1"),
    (
        {"max_day_hours": float("inf")},
        ConfigError,
        "max_day_hours must be .* 0 or more, not inf",
    ),
    ({"workdays_only": 1}, TypeError, "workdays_only must be True or False, not 1"),
    ({"holidays": "2026-12-25"}, TypeError, "holidays must be an iterable of days"),
]


def test_what_is_impossible_is_named_before_a_request(sandbox, ws, subtests):
    for wrong, error, words in IMPOSSIBLE:
        with subtests.test(str(wrong)):
            with pytest.raises(error, match=words):
                found("zero", entry_at(1, "2026-03-02T08:00", 1), **wrong)
            with pytest.raises(error, match=words):
                reports.entry_audit(ws, period="2026-03", **wrong)
    assert not sandbox.requests
