"""project_members and rate_card by small examples."""

import joins
import pandas as pd
import pytest
from joins_data import frame

from togglframe.errors import ConfigError
from togglframe.tables import PROJECT_GROUPS, PROJECT_USERS, PROJECTS, USER_DETAILS

PROJECT_ROWS = frame(
    PROJECTS,
    {"id": 1, "name": "Web", "currency": "EUR"},
    {"id": 2, "name": "Web", "currency": "USD"},
)
USER_ROWS = frame(
    USER_DETAILS,
    {"id": 7, "fullname": "Ada", "email": "ada@example.com", "active": True, "deactivated": False},
    {"id": 8, "fullname": "Bo", "active": True, "deactivated": True},
)
GROUP_ROWS = frame(
    PROJECT_GROUPS,
    {"id": 1, "project_id": 1, "group_id": 3, "name": "Design"},
    {"id": 2, "project_id": 2, "group_id": 3, "name": "Design"},
)


def team_of(*memberships):
    rows = ({"id": n, "project_id": 1} | row for n, row in enumerate(memberships, 10))
    return frame(PROJECT_USERS, *rows), PROJECT_ROWS, USER_ROWS, GROUP_ROWS


def members_of(*memberships, **options):
    return joins.project_members(*team_of(*memberships), **options)


def test_every_field_of_a_membership():
    (row,) = members_of(
        {"user_id": 7, "group_id": 3, "hourly_rate": 90.5, "labour_cost": 40}
    ).to_dict("records")
    assert row == {
        "membership_id": 10,
        "project_id": 1,
        "project": "Web",
        "kind": "user_via_group",
        "user_id": 7,
        "user": "Ada",
        "email": "ada@example.com",
        "user_active": True,
        "group_id": 3,
        "group": "Design",
        "hourly_rate": 90.5,
        "labour_cost": 40,
        "currency": "EUR",
        "rate_source": "project_user",
    }


def test_the_four_kinds_of_members():
    members = members_of({"user_id": 7}, {"user_id": 7, "group_id": 3}, {"group_id": 3}, {})
    assert members["kind"].tolist() == ["user", "user_via_group", "group", "unknown"]
    assert members["user"].isna().tolist() == [False, False, True, True]
    assert members["user_active"].isna().tolist() == [False, False, True, True]


def test_users_who_are_gone_stay_and_say_so():
    members = members_of({"user_id": 8}, {"user_id": 123})
    assert members["user"].tolist() == ["Bo", "User 123 (not listed)"]
    assert members["user_active"].tolist() == [False, pd.NA]


def test_a_rate_that_is_inherited_has_no_source():
    members = members_of({"user_id": 7, "labour_cost": 40.0})
    assert members["rate_source"].isna().all()
    assert members["hourly_rate"].isna().all()


def test_a_membership_of_an_unlisted_project_stays():
    members = members_of({"project_id": 9, "user_id": 7}, {"project_id": None, "user_id": 7})
    assert members["project_id"].tolist() == [9, pd.NA]
    assert members["project"].isna().all()


def test_direct_and_by_a_group_is_one_member_with_the_rate_that_is_known():
    members = members_of(
        {"user_id": 7, "group_id": 3},
        {"user_id": 7, "hourly_rate": 90.0, "labour_cost": 50.0},
        {"user_id": 7, "hourly_rate": 90.0},
        unique=True,
    )
    (row,) = members.to_dict("records")
    assert (row["kind"], row["n_memberships"]) == ("user", 3)
    assert (row["hourly_rate"], row["labour_cost"]) == (90, 50)
    assert row["rate_conflict"] is False
    assert row["rate_source"] == "project_user"
    assert row["group_id"] is None


def test_two_rates_are_a_conflict_not_a_choice():
    members = members_of(
        {"user_id": 7, "hourly_rate": 90.0, "labour_cost": 50.0},
        {"user_id": 7, "group_id": 3, "hourly_rate": 95.0},
        unique=True,
    )
    (row,) = members.to_dict("records")
    assert row["hourly_rate"] is None
    assert row["labour_cost"] == 50
    assert row["rate_conflict"] is True


def test_the_same_user_in_two_projects_is_two_rows_and_groups_are_apart():
    members = members_of(
        {"user_id": 7},
        {"user_id": 7, "project_id": 2},
        {"group_id": 3},
        {"group_id": 4},
        unique=True,
    )
    keys = members[["project_id", "user_id", "group_id"]].astype("object").to_numpy().tolist()
    assert keys == [[1, 7, pd.NA], [1, pd.NA, 3], [1, pd.NA, 4], [2, 7, pd.NA]]
    assert members["currency"].tolist() == ["EUR", "EUR", "EUR", "USD"]


def test_the_rate_card_knows_a_margin_where_rate_and_cost_are_known():
    team = team_of(
        {"user_id": 7, "hourly_rate": 100.0, "labour_cost": 60.0},
        {"user_id": 8, "hourly_rate": 50.0, "labour_cost": 60.0},
        {"user_id": 9, "hourly_rate": 50.0},
        {"user_id": 10, "hourly_rate": 0.0, "labour_cost": 5.0},
    )
    members = joins.project_members(*team, unique=True)
    card = joins.rate_card(*team)
    pd.testing.assert_frame_equal(card[members.columns], members)
    assert card["unit_margin"].tolist() == [40, -10, pd.NA, -5]
    assert card["unit_margin_pct"].tolist() == [0.4, -0.2, pd.NA, pd.NA]
    assert card["below_cost"].tolist() == [False, True, pd.NA, True]


def test_a_user_who_comes_twice_is_refused_before_any_join():
    users = pd.concat([USER_ROWS, USER_ROWS])
    with pytest.raises(ConfigError, match=r"user_details frame must have one row per id.*'id': 7"):
        joins.project_members(frame(PROJECT_USERS), PROJECT_ROWS, users, GROUP_ROWS)


def test_the_short_list_of_users_is_not_enough():
    with pytest.raises(ConfigError, match=r"no column 'fullname'.*togglframe\.api\.search\.users"):
        joins.project_members(
            frame(PROJECT_USERS),
            PROJECT_ROWS,
            USER_ROWS.rename(columns={"fullname": "name"}),
            GROUP_ROWS,
        )


def test_a_group_with_two_names_has_the_older_one_in_whatever_order_they_come():
    memberships = frame(PROJECT_USERS, {"id": 1, "project_id": 1, "group_id": 3})
    renamed = {"id": 3, "project_id": 3, "group_id": 3, "name": "Product design"}
    groups = pd.concat([frame(PROJECT_GROUPS, renamed), GROUP_ROWS])
    members = joins.project_members(memberships, PROJECT_ROWS, USER_ROWS, groups)
    assert members["group"].tolist() == ["Design"]


def test_without_the_users_and_groups_their_names_are_not_known_and_all_rows_stay():
    memberships = frame(PROJECT_USERS, {"id": 1, "user_id": 7}, {"id": 2, "group_id": 3})
    members = joins.project_members(memberships, frame(PROJECTS), None, None)
    assert members["user"].tolist()[0] == "User 7"
    assert members["user_active"].isna().all()
    assert members["group"].tolist()[1] == "Group 3"
