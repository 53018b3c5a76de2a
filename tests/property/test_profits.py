"""Hours by user and profitability against sums in plain Python, over random time entries."""

import datetime as dt
from collections import defaultdict

import joins
import pandas as pd
import pytest
from entries_data import LARGE, OWNERS, PROJECTS, USERS, frame_of, projects, rows
from examples import times
from hypothesis import given
from hypothesis import strategies as st

from togglframe import ConfigError, tables

few = times(1 / 3)  # what is slow, and simple

HOUR = dt.timedelta(hours=1)
GROUP = 77


@st.composite
def members(draw):
    """Draw memberships: users directly, by a group, whole groups; costs that may differ."""
    drawn = draw(
        st.lists(
            st.tuples(
                st.sampled_from(list(PROJECTS)),
                st.sampled_from([None, *USERS]),
                st.sampled_from([None, 3_000, 4_500]),
            ),
            max_size=6,
        )
    )
    return [
        {
            **dict.fromkeys(tables.PROJECT_USERS.names),
            "id": number,
            "project_id": project_id,
            "user_id": user_id,
            "group_id": None if user_id else GROUP,
            "labour_cost": None if cost is None else cost / 100,
        }
        for number, (project_id, user_id, cost) in enumerate(drawn, 1)
    ]


def cell(value):
    return None if pd.isna(value) else value


def by_key(frame, *names):
    records = frame.to_dict("records")
    made = {tuple(cell(row[name]) for name in names): row for row in records}
    assert len(made) == len(records)
    return made


def hours(entries):
    return sum((row["tracked_time"] for row in entries), dt.timedelta()) / HOUR


@given(rows(), members(), st.sampled_from([None, USERS[:1]]))
def test_hours_by_user_are_those_of_the_entries(drawn, paid, user_ids):
    frame = joins.user_hours(
        frame_of(drawn), projects(), frame_of(paid, tables.PROJECT_USERS), users=user_ids
    )
    groups, totals = defaultdict(list), defaultdict(list)
    for row in drawn:
        totals[row["project_id"]].append(row)
        if user_ids is None or row["user_id"] in user_ids:
            groups[row["project_id"], row["user_id"]].append(row)
    made = by_key(frame, "project_id", "user_id")
    assert made.keys() == groups.keys()
    for (project_id, user_id), entries in groups.items():
        row = made[project_id, user_id]
        assert row["tracked_hours"] == pytest.approx(hours(entries))
        whole = hours(totals[project_id])
        share = pytest.approx(hours(entries) / whole) if whole else None
        assert cell(row["share_of_project"]) == share
        of_project = [one for one in paid if one["project_id"] == project_id]
        is_direct = any(one["user_id"] == user_id for one in of_project)
        is_open = any(one["user_id"] is None for one in of_project) or project_id is None
        is_open = is_open or user_id is None
        assert cell(row["is_member"]) == (True if is_direct else None if is_open else False)


@given(rows())
def test_the_sums_of_the_api_make_the_same_frame_as_the_entries(drawn):
    entries = frame_of(drawn)
    told = joins.user_hours(entries)
    sums = told[["project_id", "user_id", "tracked_time"]].assign(
        billable_time=pd.to_timedelta(told["billable_hours"].astype("float64"), unit="h").astype(
            "timedelta64[ms]"
        )
    )
    made = joins.user_hours(sums)
    numbers = ["project_id", "user_id", "tracked_hours", "share_of_project", "tracked_time"]
    pd.testing.assert_frame_equal(made[numbers], told[numbers])


@given(
    rows(),
    members(),
    st.sampled_from(
        [
            *[(None, None), (20.0, None), (20.0, "EUR"), ({USERS[0]: 25.0}, "USD")],
            *[({None: 20.0, USERS[0]: 25.0, (USERS[0], 10): 30.0}, one) for one in (None, "USD")],
        ]
    ),
    st.sampled_from([None, {10: 500.0, LARGE: 80}]),
    st.sampled_from(["EUR", "USD"]),
)
def test_profit_is_revenue_minus_the_cost_of_every_hour(drawn, paid, costs, fees, own):
    own_costs = costs[0] if isinstance(costs[0], dict) else {None: costs[0]}

    def made_with(cost_currency):
        return joins.profitability(
            frame_of(drawn),
            projects(own),
            frame_of(paid, tables.PROJECT_USERS),
            labour_costs=costs[0],
            cost_currency=cost_currency,
            fixed_fee=fees,
        )

    filled = {entry["currency"] for entry in drawn if is_of_people(entry, paid, own_costs, own)}
    if costs[1] is None and len(filled) > 1:
        with pytest.raises(ConfigError, match="labour_costs would count in"):
            made_with(None)
        return
    frame = made_with(costs[1])
    groups = defaultdict(list)
    for row in drawn:
        groups[row["project_id"], row["currency"]].append(row)
    for project_id in fees or {}:
        groups[project_id, own]  # a row without entries too
    made = by_key(frame, "project_id", "currency")
    assert made.keys() == groups.keys()
    for (project_id, currency), entries in groups.items():
        row = made[project_id, currency]
        assert row["tracked_hours"] == pytest.approx(hours(entries))
        each = [cost_of(entry, paid, own_costs, costs[1], own) for entry in entries]
        known = [hours([e]) for e, cost in zip(entries, each, strict=True) if cost is not None]
        cost = sum(hours([e]) * c for e, c in zip(entries, each, strict=True) if c is not None)
        assert row["cost_known"] == pytest.approx(cost)
        whole = hours(entries)
        coverage = pytest.approx(sum(known) / whole) if whole else None
        assert cell(row["cost_coverage"]) == coverage
        amounts = [
            0 if e["amount"] is None and e["billable"] is False else e["amount"] for e in entries
        ]
        told = [amount for amount in amounts if amount is not None]
        is_whole = len(told) == len(amounts)
        revenue = sum(told) if any(told) or is_whole else None
        if fees and project_id in fees:  # in the place of all amounts, also in other currencies
            revenue, is_whole = fees[project_id] if currency == own else 0, True
        assert cell(row["revenue"]) == (None if revenue is None else pytest.approx(revenue))
        bound = revenue - cost if is_whole else None
        assert cell(row["profit_upper_bound"]) == (None if bound is None else pytest.approx(bound))
        is_known = is_whole and None not in [
            c for e, c in zip(entries, each, strict=True) if hours([e])
        ]
        is_profit = is_known and whole
        assert cell(row["profit"]) == (pytest.approx(bound) if is_profit else None)


def is_of_people(entry, paid, costs, own):
    """Tell whether a cost that is given for a person, or for everybody, is that of an entry."""
    if (entry["user_id"], entry["project_id"]) in costs:
        return False
    without = dict.fromkeys(costs)
    return cost_of(entry, paid, costs, None, own) != cost_of(entry, paid, without, None, own)


def cost_of(entry, paid, costs, cost_currency, own):
    """Return the labour cost of the hour of an entry, in plain Python."""
    user, project, currency = entry["user_id"], entry["project_id"], entry["currency"]
    is_home = project is not None and currency == (own if project in OWNERS else None)
    is_theirs = currency == cost_currency if cost_currency else is_home or currency is not None
    if (user, project) in costs:
        is_on_project = is_theirs if cost_currency else is_home
        return costs[user, project] if is_on_project else None
    if user in costs:
        return costs[user] if is_theirs else None
    same = [
        one for one in paid if is_home and (one["user_id"], one["project_id"]) == (user, project)
    ]
    listed = {one["labour_cost"] for one in same} - {None}
    if listed:
        return listed.pop() if len(listed) == 1 else None
    return costs.get(None) if is_theirs else None


@few
@given(rows(), members())
def test_the_order_of_the_rows_changes_nothing(drawn, paid):
    def made(entries, memberships):
        given_ = frame_of(entries), projects(), frame_of(memberships, tables.PROJECT_USERS)
        return joins.user_hours(*given_), joins.profitability(*given_)

    for one, other in zip(made(drawn, paid), made(drawn[::-1], paid[::-1]), strict=True):
        pd.testing.assert_frame_equal(one, other)


@given(rows(), st.sampled_from([[], USERS[:1], USERS[1:]]))
def test_the_profit_of_some_users_is_that_of_their_entries(drawn, user_ids):
    made = joins.profitability(frame_of(drawn), projects(), users=user_ids)
    alone = [row for row in drawn if row["user_id"] in user_ids]
    pd.testing.assert_frame_equal(made, joins.profitability(frame_of(alone), projects()))


@pytest.mark.parametrize(
    ("fee", "error", "words"),
    [
        ({5: 100}, ConfigError, "fixed_fee names 5, which is not among the projects"),
        ({10: 1e300}, ConfigError, "fixed_fee must be an amount from zero to"),
        ({10: -1}, ConfigError, "fixed_fee must be an amount from zero to"),
        ({10: float("nan")}, ConfigError, "fixed_fee must be an amount from zero to"),
        ({10: "1"}, TypeError, "fixed_fee must be an amount, not '1'"),
        ([10], TypeError, "fixed_fee must be a mapping of ids to amounts"),
    ],
)
def test_a_fee_that_cannot_be_is_refused_in_words(fee, error, words):
    with pytest.raises(error, match=words):
        joins.profitability(frame_of([]), projects(), fixed_fee=fee)


def test_a_fee_pays_for_everybody_so_there_is_no_profit_of_some_users():
    with pytest.raises(ConfigError, match="fixed_fee pays for the work of everybody"):
        joins.profitability(frame_of([]), projects(), fixed_fee={10: 1}, users=[1])
    assert joins.profitability(frame_of([]), projects(), fixed_fee={}, users=[1]).empty
