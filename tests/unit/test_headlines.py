"""Headlines: true by a loop in plain Python, as long as a headline may be, in the words of one."""

import re

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.charts_frames import (
    budget,
    burn,
    card,
    changes,
    clients,
    entry,
    project,
    summary,
    task,
    tasks,
    typed,
    week,
)
from unit.charts_frames_over_time import (
    autumn,
    balanced,
    balances,
    compared,
    earned,
    hours,
    hours_row,
    layers,
    retained,
    utilised,
)

from togglframe.tables import ENTRIES, TASK_ACCURACY
from togglframe.text import headlines

MINUS = "\N{MINUS SIGN}"
NOT_A_WORD = "gross|of it|drawn|comparable|estimated project|cache"

every_budget = st.lists(
    st.tuples(
        st.sampled_from([None, 0.0, 0.04, 3.0, 80.0, 100.0, 1234.0, 250000.0]),
        st.sampled_from([None, 0.0, 1.0, 80.0, 100.0, 1000.0]),
    ),
    max_size=6,
)


@given(every_budget)
def test_a_headline_of_budgets_counts_what_a_loop_counts(rows):
    frame = budget(*(project(n, f"{n} " + "name " * 9, *row) for n, row in enumerate(rows)))
    text = headlines.budget(frame)
    measured = [(t, e) for t, e in rows if t is not None and e]
    over = [t - e for t, e in measured if t > e]
    assert 0 < len(text) <= headlines.MOST
    assert not re.search(NOT_A_WORD, text)
    if len(measured) > 1 and over:
        assert f"by {headlines.hours_over(sum(over))}" in text
        every = "Both" if len(over) == 2 else f"All {len(over)}"
        some = f"{len(over)} of {len(measured)}"
        assert text.startswith(f"{every if len(over) == len(measured) else some} projects")
    elif len(measured) == 1 and over:
        assert "overran its estimate by" in text
    elif measured:
        near = sum(0.8 * e <= t <= e for t, e in measured if t)
        assert text == {
            0: "No project has overrun its estimate",
            1: "No project has overrun; 1 is close",
        }.get(near, f"No project has overrun; {near} are close")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (headlines.budget(budget()), "No projects"),
        (headlines.clients(clients()), "Overruns cost 62 h"),
        (headlines.amounts(summary()), "Acme is 81 % of all EUR"),
        (headlines.tasks(tasks()), "60 % of the tasks stayed within their estimate"),
        (headlines.rates(card()), "Bob costs more than is billed"),
        (headlines.changes(changes()), "2 projects have overrun since 1 November"),
        (headlines.changes(changes().head(0)), "No changes since 1 November"),
    ],
)
def test_a_headline_says_what_the_frame_holds(text, expected):
    assert text == expected


def known_on(frame, today):
    """Return the frame as of a day."""
    frame.attrs["togglframe"] = {**frame.attrs["togglframe"], "today": today}
    return frame


WEEKS = {"start_date": "2026-10-05", "end_date": "2026-10-25"}


def weeks(*tracked):
    """Make hours of one person in the weeks from 5 October."""
    mondays = pd.date_range("2026-10-05", periods=len(tracked), freq="7D")
    rows = [hours_row(str(day.date()), value) for day, value in zip(mondays, tracked, strict=True)]
    return hours(*rows, **WEEKS)


def test_only_whole_weeks_that_have_ended_are_spoken_of():
    frame = known_on(weeks(30, 40, 99), "2026-10-21")
    assert headlines.hours(frame) == "35 h a week; the most, 40 h, from 12 October"
    assert headlines.people(frame) == "Ann has the longest weeks: 35.0 h"
    assert headlines.hours(known_on(weeks(30, 40, 99), "2026-10-26")) == (
        "56 h a week; the most, 99 h, from 19 October"
    )
    assert headlines.hours(known_on(weeks(30, 40, 99), "2026-10-05")) == "169 h so far"
    assert headlines.people(known_on(weeks(30, 40, 99), "2026-10-05")) == (
        "Ann has the most hours: 169.0 h"
    )
    frame = known_on(weeks(30, 40, 99), "2026-11-26")
    frame.attrs["togglframe"]["filters"] = {"start_date": "2026-10-05", "end_date": "2026-10-24"}
    assert headlines.hours(frame) == "35 h a week; the most, 99 h, from 19 October"  # of six days
    assert headlines.hours(known_on(layers(), "2026-11-26")) == (
        "18 h a week; the most, 38 h, from 5 October"
    )


def test_recent_weeks_are_counted_and_the_most_has_its_day_where_there_is_room():
    frame = known_on(weeks(30, 40, 99), "2026-10-26")
    assert headlines.hours(frame, is_recent=True) == (
        "In the last 3 weeks: 56 h a week; the most, 99 h"  # with the day it is 66 characters
    )
    frame = known_on(weeks(99), "2026-10-26")
    frame.attrs["togglframe"]["filters"] = {"start_date": "2026-10-05", "end_date": "2026-10-11"}
    assert headlines.hours(frame, is_recent=True) == "99 h in the week from 5 October"


def test_a_mean_of_days_leaves_weekends_out_but_not_the_most():
    frame = hours(hours_row("2026-10-09", 6), hours_row("2026-10-10", 9))
    assert headlines.hours(frame) == "6.0 h a weekday; the most, 9.0 h, on 10 October"
    saturday = hours(hours_row("2026-10-10", 9), hours_row("2026-10-11", 1))
    assert headlines.hours(saturday) == "5.0 h a day; the most, 9.0 h, on 10 October"


def test_a_month_is_compared_with_the_whole_one_before():
    frame = known_on(earned(), "2026-11-26")
    text = headlines.earnings(frame)
    assert re.fullmatch(r"\w+ earned EUR [\d,]+(, .*)?", text)
    assert "September" not in text  # of which the range has the first half


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([("Acme", 220, 100), ("Beta", 90, 100)], "Acme grew most: 120 h more than in Q2"),
        ([("Acme", 110, 100), ("Beta", 60, 100)], "Beta shrank most: 40 h less than in Q2"),
        ([("Acme", 4.5, 0)], "Acme: 4.5 h more than in Q2"),
        ([("Acme", 5, 5), ("Beta", 0, 0)], "Nothing changed"),
        ([("Acme", None, 5)], "No change is known"),
        (
            [("Stadtwerke Lindau " * 4, 12345, 1), ("Beta", 0, 0)],
            "Stadtwerke Lindau Stadt… grew most: 12,344 h more than in Q2",
        ),
    ],
)
def test_a_comparison_names_what_changed_most(rows, text):
    assert headlines.comparison(compared(*rows)) == text


@pytest.mark.parametrize(
    ("now", "before", "than"),
    [
        (("2026-01-01", "2026-03-31"), ("2025-10-01", "2025-12-31"), "in Q4 2025"),
        (("2026-10-01", "2026-10-31"), ("2026-09-01", "2026-09-30"), "in September"),
        (("2026-10-01", "2026-10-06"), ("2026-09-01", "2026-09-06"), "from 1 to 6 September"),
        (("2026-10-05", "2026-10-05"), ("2026-10-04", "2026-10-04"), "on 4 October"),
        (("2026-01-01", "2026-12-31"), ("2025-01-01", "2025-12-31"), "in 2025"),
        (("2026-06-01", "2026-11-30"), ("2025-12-01", "2026-05-31"), "before"),  # too long
        (("2026-01-01", "2026-01-31"), (None, None), "before"),
    ],
)
def test_the_range_before_is_named_as_people_name_it(now, before, than):
    frame = compared(("Acme Ltd", 220, 100), ("Beta", 1, 1))
    days = ("start_date", "end_date")
    frame.attrs["togglframe"] = {
        "filters": dict(zip(days, now, strict=True)),
        "before": dict(zip(days, before, strict=True)),
    }
    assert headlines.comparison(frame).endswith(f" grew most: 120 h more than {than}")


def test_a_comparison_speaks_of_people_amounts_and_counts():
    people = compared(("Ann", 220, 100), ("Bob", 1, 1)).rename(
        columns={"client": "user", "client_id": "user_id"}
    )
    assert headlines.comparison(people) == "Ann added most: 120 h more than in Q2"
    new = {"tracked_hours": "amount", "tracked_hours_change": "amount_change"}
    earned = compared(("Acme", 1220, 100), ("Beta", 1, 1)).rename(columns=new)
    text = headlines.comparison(earned.assign(currency="EUR"), "amount")
    assert text == "Acme grew most: EUR 1,120 more than in Q2"
    new = {name: value.replace("amount", "n_entries") for name, value in new.items()}
    entries = compared(("Acme", 20, 30), ("Beta", 1, 1)).rename(columns=new)
    assert headlines.comparison(entries) == "Acme shrank most: 10 less than in Q2"


@pytest.mark.parametrize(
    ("rows", "today", "text"),
    [
        (slice(None), "2026-11-26", "1 of 3 retainers is used up"),
        (slice(None), "2026-12-01", "1 of 3 retainers was used up in November"),
        (slice(0, 3), "2026-11-26", "Care is used up"),
        (slice(3, 6), "2026-11-26", "Hosting has 3.0 h left"),
        (slice(3, 6), "2026-12-02", "Hosting had 3.0 h left in November"),
        (slice(3, 9), "2026-11-26", "No retainer is used up"),
        (slice(3, 9), "2026-10-26", "1 of 2 retainers is used up"),  # November is to come
        (slice(0, 0), "2026-11-26", "No retainers"),
    ],
)
def test_retainers_are_counted_in_their_last_period(rows, today, text):
    assert headlines.retainers(known_on(autumn().iloc[rows], today)) == text


def test_all_retainers_may_be_used_up():
    frame = retained(*((n, f"R{n}", [(10, 0, 10)] * 3) for n in range(3)))
    assert headlines.retainers(known_on(frame, "2026-11-26")) == "All 3 retainers are used up"
    two = frame[frame["project_id"] < 2]
    assert headlines.retainers(known_on(two, "2026-11-26")) == "Both retainers are used up"


def test_a_balance_is_that_of_who_is_furthest_over_or_under():
    assert headlines.balances(balances()) == "Anna Keller is 14 h over"
    under = balanced((1, "Ann", 0, [2, -30.25, 0]), (2, "Bob", 0, [8, 0, 0]))
    assert headlines.balances(under) == "Ann is 28 h under"
    assert headlines.balances(balanced((1, "Ann", 0, [2, -2, 0.01]))) == "Nobody is over or under"
    assert headlines.balances(balances().tail(3)) == "No schedule is known"
    assert headlines.balances(balances().head(0)) == "No users"
    assert headlines.balances(known_on(balances(), "2026-10-20")) == "Bob is 8.0 h under"


def test_capacity_counts_people():
    text = headlines.capacity(utilised())
    assert text == "64 % of the capacity was used; one person is over theirs"


@pytest.mark.parametrize(
    ("low", "median", "high", "when"),
    [
        (None, "2027-03-14", None, "by mid-March 2027"),
        (None, "2026-12-03", None, "by early December"),
        ("2026-11-30", "2026-12-21", "2026-12-30", "between November and December"),
        ("2026-12-02", "2026-12-21", "2026-12-30", "by late December"),
        ("2026-12-02", "2027-02-21", "2027-05-30", "between December 2026 and May 2027"),
        ("2026-12-02", None, None, "not before early December"),
    ],
)
def test_a_forecast_is_said_as_people_say_it(low, median, high, when):
    frame = (
        burn()
        .iloc[[0]]
        .assign(
            project="Customer portal of the whole group and all of its subsidiaries",
            period=pd.Timestamp("2026-11-02"),
            cumulative_hours=50.0,
            estimated_hours=100.0,
            progress=0.5,
            finish_low=pd.to_datetime(low),
            finish=pd.to_datetime(median),
            finish_high=pd.to_datetime(high),
        )
    )
    text = headlines.burn(frame)
    assert text.startswith("Customer")
    assert re.search(f" (will have used its estimate|runs out|runs out of hours) {when}$", text)
    assert len(text) <= headlines.MOST
    overrun = headlines.burn(frame.assign(cumulative_hours=150.0))
    assert overrun.endswith("… overran its estimate by 50 h")


def test_a_timesheet_is_named_by_its_days():
    assert headlines.timesheet(week()) == "Ann: 17.0 h from Monday to Friday"
    one = typed(ENTRIES, [entry(1, 9, 17, day=0)])
    assert re.fullmatch(r"Ann: 8\.0 h on \d+ \w+", headlines.timesheet(one))
    far = typed(ENTRIES, [entry(1, 9, 17, day=0), entry(2, 9, 17, day=11)])
    assert re.fullmatch(r"Ann: 16\.0 h from \d+ (\w+ )?to \d+ \w+", headlines.timesheet(far))


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (5, "Half of the tasks stayed within their estimate"),
        (9, "90 % of the tasks stayed within their estimate"),
        (10, "All the tasks stayed within their estimate"),
        (0, "None of the tasks stayed within their estimate"),
    ],
)
def test_shares_are_words_where_people_use_them(within, expected):
    rows = [task(n, "T", 1 if n < within else 3, 2) for n in range(10)]
    assert headlines.tasks(typed(TASK_ACCURACY, rows)) == expected


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (48, "half"),
        (52, "half"),
        (47, "47 %"),
        (53, "53 %"),
        (32, "a third"),
        (35, "a third"),
        (36, "36 %"),
        (0.4, "less than 1 %"),
        (0.5, "less than 1 %"),
        (0, "0 %"),
        (99.4, "99 %"),
        (99.5, "more than 99 %"),
        (99.96, "more than 99 %"),
        (100, "100 %"),
    ],
)
def test_a_share_is_all_or_nothing_only_if_it_is_so(part, words):
    assert headlines.share(part, 100) == words
