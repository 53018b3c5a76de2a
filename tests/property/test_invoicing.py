"""Invoice lines against sums in plain Python, over random time entries."""

import datetime as dt
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import joins
import pandas as pd
from entries_data import OWNERS, frame_of, projects, rows
from hypothesis import assume, given
from hypothesis import strategies as st

STEPS = st.sampled_from([1, 6, 15, 30, 60])
HOUR = dt.timedelta(hours=1)


def cell(value):
    return None if pd.isna(value) else value


def lines_of(drawn):
    """Return the billable entries by the key of their line."""
    groups = defaultdict(list)
    for row in drawn:
        if row["billable"]:
            key = (
                OWNERS.get(row["project_id"]),
                row["project_id"],
                row["user_id"],
                row["hourly_rate"],
                row["currency"],
            )
            groups[key].append(row)
    return groups


def made_by_key(frame):
    names = ["client_id", "project_id", "user_id", "hourly_rate", "currency"]
    records = frame.to_dict("records")
    made = {tuple(cell(row[name]) for name in names): row for row in records}
    assert len(made) == len(records)
    return made


@given(rows())
def test_without_rounding_a_line_has_the_amounts_of_the_api_to_the_cent(drawn):
    groups = lines_of(drawn)
    made = made_by_key(joins.invoice_lines(frame_of(drawn), projects()))
    assert made.keys() == groups.keys()
    for key, members in groups.items():
        tracked = sum((row["tracked_time"] for row in members), dt.timedelta())
        assert made[key]["n_entries"] == len(members)
        assert made[key]["tracked_hours"] == made[key]["billed_hours"] == tracked / HOUR
        amounts = [row["amount"] for row in members]
        is_known = None not in amounts
        cents = sum(round(amount * 100) for amount in amounts) if is_known else None
        assert cell(made[key]["amount"]) == (cents / 100 if is_known else None)


def rounded(seconds, how, minutes):
    """Round seconds to whole steps, in fractions."""
    steps = Fraction(seconds, minutes * 60)
    whole = {"up": -(-steps // 1), "down": steps // 1, "nearest": (steps + Fraction(1, 2)) // 1}
    return whole[how] * minutes * 60


def units_of(members, each):
    """Return the seconds of what is rounded by itself: entries, days, or all of them."""
    unit = {"entry": "id", "day": "date", "line": "currency"}[each]
    seconds = defaultdict(int)
    for row in members:
        seconds[row[unit]] += int(row["tracked_time"].total_seconds())
    return seconds.values()


@given(
    rows(),
    st.sampled_from(["up", "nearest", "down", None]),
    STEPS,
    st.sampled_from(["entry", "day", "line"]),
    st.sampled_from([0, 20, 90]),
)
def test_with_rounding_a_line_is_billed_hours_at_its_rate(drawn, how, minutes, each, least):
    assume(how or least)
    groups = lines_of(drawn)
    rounding = {"rounding": how, "rounding_minutes": minutes} if how else {}
    frame = joins.invoice_lines(
        frame_of(drawn), projects(), **rounding, round_each=each, minimum_minutes=least
    )
    made = made_by_key(frame)
    assert made.keys() == groups.keys()
    for key, members in groups.items():
        units = units_of(members, each)
        whole = [(one, rounded(one, how, minutes) if how else one) for one in units]
        billed = sum(max(bill, least * 60) if one else bill for one, bill in whole)
        if how and each != "entry" and not least:
            off = abs(billed - sum(units))
            assert off < minutes * 60 * len(units)  # less than a step a day or line
        assert made[key]["billed_hours"] == float(Fraction(billed) / 3600)
        rate = key[3]
        if rate is None:
            assert cell(made[key]["amount"]) is None
            continue
        exact = Decimal(int(billed)) * Decimal(str(rate)) / 3600
        expected = exact.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
        assert made[key]["amount"] == float(expected)


@given(rows(), STEPS)
def test_up_is_at_least_what_was_tracked_and_down_at_most(drawn, minutes):
    given_ = frame_of(drawn), projects()
    up = joins.invoice_lines(*given_, rounding="up", rounding_minutes=minutes)
    down = joins.invoice_lines(*given_, rounding="down", rounding_minutes=minutes)
    assert (up["billed_hours"] >= up["tracked_hours"]).all()
    assert (down["billed_hours"] <= down["tracked_hours"]).all()


@given(
    rows(), st.lists(st.sampled_from(["user", "project", "client", "task", "tags"]), unique=True)
)
def test_no_billable_time_is_lost_or_added_by_what_lines_are_of(drawn, by):
    frame = joins.invoice_lines(frame_of(drawn), projects(), by=by)
    billable = [row["tracked_time"] for row in drawn if row["billable"]]
    hours = sum(billable, dt.timedelta()) / HOUR
    assert abs(frame["tracked_hours"].sum() - hours) < 1e-9
    assert frame["n_entries"].sum() == len(billable)
    again = joins.invoice_lines(frame_of(drawn[::-1]), projects(), by=[*by])
    pd.testing.assert_frame_equal(frame, again)


def test_half_a_cent_is_rounded_up_once_a_line():
    entry = {
        **dict.fromkeys(frame_of([]).columns),
        "user_id": 1,
        "project_id": 10,
        "billable": True,
        "start": dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC),
        "date": pd.Timestamp("2026-03-02"),
        "tracked_time": dt.timedelta(minutes=15),
        "hourly_rate": 0.1,
        "currency": "EUR",
    }
    one = joins.invoice_lines(frame_of([{**entry, "id": 1}]), projects(), rounding="up")
    assert one["amount"].tolist() == [0.03]  # 2.5 cents
    two = [{**entry, "id": number} for number in (1, 2)]
    assert joins.invoice_lines(frame_of(two), projects(), rounding="up")["amount"].tolist() == [
        0.05
    ]
