"""What holds for memberships and rates, whatever the workspace looks like."""

import joins
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from joins_data import conforms, groups, memberships, projects, users

from togglframe.tables import PROJECT_MEMBERS, PROJECT_MEMBERS_UNIQUE, RATE_CARD

teams = st.tuples(memberships, projects, users, groups)


def known(value):
    return None if pd.isna(value) else value


@given(teams)
def test_the_frames_are_as_their_tables_declare(team):
    conforms(joins.project_members(*team), PROJECT_MEMBERS)
    unique = joins.project_members(*team, unique=True)
    conforms(unique, PROJECT_MEMBERS_UNIQUE)
    conforms(joins.rate_card(*team), RATE_CARD)


@given(teams)
def test_names_are_looked_up_and_every_membership_stays_as_it_is(team):
    memberships = team[0].sort_values("id", ignore_index=True)
    members = joins.project_members(*team)
    own = ["id", "project_id", "user_id", "group_id", "hourly_rate", "labour_cost"]
    got = members.rename(columns={"membership_id": "id"})[own]
    pd.testing.assert_frame_equal(got, memberships[own])


@given(teams)
def test_na_meets_no_project_no_user_and_no_group(team):
    members = joins.project_members(*team)
    for key, name in (("project_id", "project"), ("user_id", "user"), ("group_id", "group")):
        assert members.loc[members[key].isna(), name].isna().all()
    for name in ("email", "user_active"):
        assert members.loc[members["user_id"].isna(), name].isna().all()


@given(teams)
def test_every_user_is_named_or_called_not_listed(team):
    names = {row.id: known(row.fullname) for row in team[2].itertuples()}
    for row in joins.project_members(*team).dropna(subset=["user_id"]).itertuples():
        assert known(row.user) == names.get(row.user_id, f"User {row.user_id} (not listed)")


@given(teams)
def test_the_unique_view_holds_every_membership_once(team):
    plain = joins.project_members(*team)
    unique = joins.project_members(*team, unique=True)
    assert unique["n_memberships"].sum() == len(plain)
    rates = {}
    for row in plain.itertuples():
        user = known(row.user_id)
        key = known(row.project_id), user, known(row.group_id) if user is None else None
        rates.setdefault(key, set()).add(known(row.hourly_rate))
    assert len(unique) == len(rates)
    for row in unique.itertuples():
        known_rates = rates[known(row.project_id), known(row.user_id), known(row.group_id)] - {None}
        assert known(row.hourly_rate) == (known_rates.pop() if len(known_rates) == 1 else None)
        assert row.rate_conflict or not known_rates


@given(teams)
def test_the_margin_is_known_only_where_rate_and_cost_are(team):
    card = joins.rate_card(*team)
    both = card["hourly_rate"].notna() & card["labour_cost"].notna()
    assert card["unit_margin"].notna().equals(both)
    assert card["below_cost"].notna().equals(both)


@given(teams, st.randoms(use_true_random=False))
def test_the_order_of_incoming_rows_does_not_matter(team, random):
    shuffled = [frame.iloc[random.sample(range(len(frame)), len(frame))] for frame in team]
    for unique in (False, True):
        pd.testing.assert_frame_equal(
            joins.project_members(*shuffled, unique=unique),
            joins.project_members(*team, unique=unique),
        )
