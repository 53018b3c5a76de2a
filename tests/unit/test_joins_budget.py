"""project_budget and its totals by small examples."""

from functools import reduce
from operator import add

import joins
import pandas as pd
import pytest
from joins_data import frame

from togglframe.errors import ConfigError
from togglframe.tables import CLIENTS, PROJECT_STATUSES, PROJECT_USERS, PROJECTS

HOUR = 3600


def project(project_id, name="Web", **more):
    return {"id": project_id, "name": name, "active": True, "billable": True, **more}


def status(project_id, tracked=None, estimated=None, billable=None, amount=None, *, currency=None):
    return {
        "id": project_id,
        "tracked_time": tracked if tracked is None else tracked * HOUR,
        "estimated_time": estimated if estimated is None else estimated * HOUR,
        "billable_time": billable if billable is None else billable * HOUR,
        "billable_amount": amount,
        "currency": currency,
    }


def budget_of(*statuses, **options):
    projects = frame(PROJECTS, *(project(row["id"]) for row in statuses))
    return joins.project_budget(projects, frame(PROJECT_STATUSES, *statuses), **options)


def test_a_naive_merge_multiplies_the_hours_and_ours_cannot():
    statuses = frame(PROJECT_STATUSES, status(1, tracked=10), status(2, tracked=3))
    members = frame(
        PROJECT_USERS,
        {"id": 1, "project_id": 1, "user_id": 7},
        {"id": 2, "project_id": 1, "user_id": 8},
        {"id": 3, "project_id": 1, "user_id": 9},
        {"id": 4, "project_id": 2, "user_id": 7},
    )
    naive = statuses.merge(members, left_on="id", right_on="project_id")
    assert naive["tracked_time"].sum() == pd.Timedelta(seconds=118_800)

    budget = joins.project_budget(frame(PROJECTS), statuses, members=members)
    assert budget["tracked_time"].sum() == pd.Timedelta(seconds=46_800)
    assert budget["n_members"].tolist() == [3, 1]


def test_every_figure_of_a_project():
    projects = frame(PROJECTS, project(1, client_id=5, color="#0b83d9", currency="USD"))
    statuses = frame(PROJECT_STATUSES, status(1, 30, 20, 15, 1500.0, currency="EUR"))
    clients = frame(CLIENTS, {"id": 5, "name": "Acme"})
    (row,) = joins.project_budget(projects, statuses, clients).to_dict("records")
    assert row == {
        "project_id": 1,
        "project": "Web",
        "client_id": 5,
        "client": "Acme",
        "active": True,
        "billable": True,
        "color": "#0b83d9",
        "currency": "EUR",
        "tracked_hours": 30,
        "estimated_hours": 20,
        "billable_hours": 15,
        "non_billable_hours": 15,
        "progress": 1.5,
        "remaining_hours": -10,
        "variance_hours": 10,
        "overrun_hours": 10,
        "billable_share": 0.5,
        "amount": 1500.0,
        "effective_rate": 100.0,
        "realised_rate": 50.0,
        "budget_state": "over",
        "tracked_time": pd.Timedelta(hours=30),
        "estimated_time": pd.Timedelta(hours=20),
        "billable_time": pd.Timedelta(hours=15),
    }


MS = 0.001 / 3600


STATES = [
    (None, 10, "no_status"),
    (None, None, "no_status"),
    (5, None, "no_estimate"),
    (0, None, "no_estimate"),
    (5, 0, "zero_estimate"),
    (0, 0, "zero_estimate"),
    (5, -1, "zero_estimate"),
    (0, 10, "not_started"),
    (MS, 10, "on_track"),
    (8 - MS, 10, "on_track"),
    (8, 10, "at_risk"),
    (10, 10, "at_risk"),
    (10 + MS, 10, "over"),
]


def test_the_states_and_their_borders():
    statuses = (status(n, tracked, estimated) for n, (tracked, estimated, _) in enumerate(STATES))
    states = budget_of(*statuses).set_index("project_id")["budget_state"]
    assert states.sort_index().tolist() == [state for *_, state in STATES]


@pytest.mark.parametrize("at_risk", [0.07, 0.29, 0.57, 0.58, 0.7, 0.8, 1])
def test_exactly_the_threshold_is_at_risk_whatever_floats_do(at_risk):
    # 0.29 * 100 is 28.999999999999996 and 0.07 * 100 is 7.000000000000001
    percent = round(at_risk * 100)
    budget = budget_of(
        status(1, percent, 100), status(2, percent - MS, 100), at_risk=at_risk
    ).set_index("project_id")
    assert budget.loc[1, "budget_state"] == "at_risk"
    assert budget.loc[2, "budget_state"] == "on_track"


@pytest.mark.parametrize("at_risk", [0, -0.1, 1.01, 80, float("nan"), True, "0.8", None])
def test_a_threshold_that_is_no_share_is_refused(at_risk):
    with pytest.raises(ConfigError, match="at_risk must be a number above 0 and at most 1"):
        budget_of(status(1), at_risk=at_risk)


def test_without_an_estimate_there_is_no_variance():
    budget = budget_of(status(1, tracked=5), status(2, tracked=5, estimated=0))
    assert budget["estimated_hours"].tolist() == [pd.NA, 0.0]
    for name in ("progress", "remaining_hours", "variance_hours", "overrun_hours"):
        assert budget[name].isna().all(), name


def test_nothing_tracked_has_no_shares_and_no_rates():
    (row,) = budget_of(status(1, 0, 10, 0, 0.0)).to_dict("records")
    assert row["progress"] == 0
    assert row["amount"] == 0
    assert row["billable_share"] is row["effective_rate"] is row["realised_rate"] is None


def test_archived_projects_unlisted_ones_and_new_ones_stay():
    projects = frame(PROJECTS, project(1, active=False), project(2, currency="EUR"))
    statuses = frame(PROJECT_STATUSES, status(1, 1), status(3, 2, currency="USD"))
    budget = joins.project_budget(projects, statuses).set_index("project_id")
    assert budget["active"].to_dict() == {1: False, 2: True, 3: None}
    assert budget["tracked_hours"].to_dict() == {1: 1.0, 2: None, 3: 2.0}
    assert budget["budget_state"].to_dict() == {1: "no_estimate", 2: "no_status", 3: "no_estimate"}
    assert budget.loc[2, "currency"] == "EUR"
    assert budget.loc[3, "currency"] == "USD"


def test_the_largest_overrun_comes_first_then_the_largest_progress_and_unknown_ones_last():
    budget = budget_of(
        status(9, 11, 10),
        status(8, 1),
        status(7, 5, 10),
        status(6, 30, 10),
        status(5, 4, 10),
        status(4, 1),
        status(3, 0, 10),
        status(2, 198, 200),
        status(1, 5, 10),
    )
    assert budget["project_id"].tolist() == [6, 9, 2, 1, 7, 5, 3, 4, 8]


def test_clients_without_an_overrun_go_by_their_progress():
    projects = frame(PROJECTS, *(project(n, client_id=n) for n in range(1, 6)))
    statuses = [status(1, 3, 10), status(2, 9, 10), status(3, 9), status(4, 9, 10)]
    budget = joins.project_budget(projects, frame(PROJECT_STATUSES, *statuses, status(5, 30, 20)))
    for summary in (joins.client_hours, joins.client_summary):
        assert summary(budget)["client_id"].tolist() == [5, 2, 4, 1, 3]


def test_ids_above_2_to_the_53_keep_their_last_digit():
    big = 2**53 + 1
    projects = frame(PROJECTS, project(big, client_id=big), project(big - 1))
    clients = frame(CLIENTS, {"id": big, "name": "odd"}, {"id": big - 1, "name": "even"})
    budget = joins.project_budget(projects, frame(PROJECT_STATUSES), clients)
    assert budget["project_id"].tolist() == [big - 1, big]
    assert budget["client"].isna().tolist() == [True, False]
    assert budget["client"].iloc[1] == "odd"


def test_members_are_counted_once_and_groups_apart():
    members = frame(
        PROJECT_USERS,
        {"id": 1, "project_id": 1, "user_id": 7, "hourly_rate": 90, "labour_cost": 40.5},
        {"id": 2, "project_id": 1, "user_id": 7, "group_id": 3, "hourly_rate": 110},
        {"id": 3, "project_id": 1, "group_id": 3},
        {"id": 4, "user_id": 8},
    )
    statuses = frame(PROJECT_STATUSES, status(1, 1), status(2, 1))
    budget = joins.project_budget(frame(PROJECTS), statuses, members=members)
    first, second = budget.to_dict("records")
    assert (first["n_members"], first["n_groups"], first["members_known"]) == (1, 1, False)
    assert (first["hourly_rate_min"], first["hourly_rate_max"]) == (90, 110)
    assert (first["labour_cost_min"], first["labour_cost_max"]) == (40.5, 40.5)
    assert (second["n_members"], second["n_groups"], second["members_known"]) == (0, 0, True)
    assert second["hourly_rate_min"] is second["labour_cost_max"] is None


# -- the totals -------------------------------------------------------------------------------


SUMMARIES = [
    joins.client_summary,
    joins.client_hours,
    joins.workspace_summary,
    joins.workspace_hours,
]


def portfolio():
    """Acme over and under its estimates in two currencies, a project without a client."""
    projects = frame(
        PROJECTS,
        project(1, client_id=5, currency="EUR"),
        project(2, client_id=5, currency="EUR"),
        project(3, client_id=5, currency="USD", active=False),
        project(4, currency="EUR"),
        project(5),
    )
    statuses = frame(
        PROJECT_STATUSES,
        status(1, 30, 20, 15, 1500.0, currency="EUR"),
        status(2, 10, 25, 10, 0.1, currency="EUR"),
        status(3, 8, None, 4, 400.2, currency="USD"),
        status(4, 9, 10, 0, None, currency="EUR"),
    )
    clients = frame(CLIENTS, {"id": 5, "name": "Acme"})
    return joins.project_budget(projects, statuses, clients)


def test_a_client_with_two_currencies_has_two_rows():
    summary = joins.client_summary(portfolio())
    keys = list(zip(summary["client_id"], summary["currency"], strict=True))
    assert keys[0] == (5, "EUR")
    assert summary["client"].tolist()[0] == "Acme"
    first = summary.iloc[0]
    assert (first["n_projects"], first["n_over"], first["n_no_estimate"]) == (2, 1, 0)
    assert (first["tracked_hours"], first["estimated_hours"]) == (40, 45)
    assert first["progress"] == 40 / 45
    assert first["variance_hours"] == -5
    assert first["gross_overrun_hours"] == 10
    assert first["amount"] == 1500.1
    assert first["effective_rate"] == 1500.1 / 25
    dollars = summary[summary["currency"] == "USD"].iloc[0]
    assert (dollars["n_no_estimate"], dollars["estimate_coverage"]) == (1, 0)
    assert dollars["progress"] is dollars["variance_hours"] is pd.NA


def test_the_hours_of_a_client_are_one_row_without_money():
    hours = joins.client_hours(portfolio())
    assert "amount" not in hours
    assert "currency" not in hours
    acme = hours[hours["client_id"] == 5].iloc[0]
    assert (acme["n_projects"], acme["tracked_hours"]) == (3, 48)
    assert acme["estimate_coverage"] == 40 / 48
    nobody = hours[hours["client_id"].isna()].iloc[0]
    assert (nobody["n_projects"], nobody["tracked_hours"], nobody["n_at_risk"]) == (2, 9, 1)


def test_the_workspace_keeps_the_projects_whose_currency_is_not_known():
    summary = joins.workspace_summary(portfolio())
    assert summary["currency"].tolist()[:2] == ["EUR", "USD"]
    assert pd.isna(summary["currency"].iloc[2])
    assert summary["n_projects"].tolist() == [3, 1, 1]
    assert summary["n_active"].tolist() == [3, 0, 1]
    assert summary["tracked_hours"].tolist() == [49, 8, pd.NA]
    assert summary["amount"].tolist() == [1500.1, 400.2, pd.NA]


def test_the_workspace_is_one_row_even_without_projects():
    (row,) = joins.workspace_hours(portfolio()).to_dict("records")
    assert (row["n_projects"], row["n_active"], row["n_over"]) == (5, 4, 1)
    assert (row["tracked_hours"], row["billable_hours"]) == (57, 29)
    assert row["estimate_coverage"] == 49 / 57
    (row,) = joins.workspace_hours(budget_of()).to_dict("records")
    assert (row["n_projects"], row["n_active"], row["n_over"]) == (0, 0, 0)
    assert row["tracked_hours"] is row["estimate_coverage"] is None


def test_cents_add_up_where_floats_drift():
    rows = [status(n, 1, None, 1, 0.1, currency="EUR") for n in range(1, 11)]
    summary = joins.workspace_summary(budget_of(*rows))
    assert reduce(add, [0.1] * 10) != 1.0  # sum() compensates from Python 3.12 on
    assert summary["amount"].tolist() == [1.0]


def test_a_summary_takes_a_filtered_budget():
    budget = portfolio()
    of_acme = budget[(budget["client_id"] == 5).fillna(value=False)]
    assert joins.workspace_hours(of_acme)["tracked_hours"].tolist() == [48]


# -- frames that cannot be joined --------------------------------------------------------------


def test_a_project_that_comes_twice_is_named_before_any_join():
    projects = frame(PROJECTS, *(project(n) for n in (1, 2, 2, 3, 3, 4, 4, 5, 5, 5)))
    with pytest.raises(ConfigError) as error:
        joins.project_budget(projects, frame(PROJECT_STATUSES))
    message = str(error.value)
    assert "projects frame" in message
    assert "{'id': 2}, {'id': 3}, {'id': 4} and 1 more" in message
    assert "drop_duplicates(['id'])" in message


def test_a_key_that_is_na_is_refused():
    statuses = frame(PROJECT_STATUSES, {"tracked_time": 1})
    with pytest.raises(ConfigError, match="'id' of the project_statuses frame is NA in 1"):
        joins.project_budget(frame(PROJECTS), statuses)


def test_a_missing_column_is_named_with_the_function_that_makes_it():
    projects = frame(PROJECTS).drop(columns=["active", "color"])
    with pytest.raises(ConfigError, match=r"'active', 'color'; togglframe\.api\.filters\.projects"):
        joins.project_budget(projects, frame(PROJECT_STATUSES))
    with pytest.raises(ConfigError, match=r"togglframe\.reports\.project_budget"):
        joins.client_summary(projects)


def test_a_column_that_stands_twice_is_named():
    projects = pd.concat([frame(PROJECTS), frame(PROJECTS)[["name"]]], axis=1)
    with pytest.raises(ConfigError, match="more than one column of the same name: 'name'"):
        joins.project_budget(projects, frame(PROJECT_STATUSES))


def test_durations_as_bare_numbers_are_refused_since_their_unit_is_not_known():
    statuses = frame(PROJECT_STATUSES, status(1, 1)).assign(tracked_time=[3600])
    with pytest.raises(ConfigError, match="'tracked_time' of the project_statuses frame is int64"):
        joins.project_budget(frame(PROJECTS), statuses)


def test_ids_as_floats_are_refused_since_digits_may_be_lost():
    projects = frame(PROJECTS, project(1)).assign(client_id=[2.0**53])
    with pytest.raises(ConfigError, match="'client_id' of the projects frame is float64"):
        joins.project_budget(projects, frame(PROJECT_STATUSES))


def test_something_that_is_no_frame_is_a_type_error():
    with pytest.raises(TypeError, match="'projects' must be a DataFrame"):
        joins.project_budget([1, 2], frame(PROJECT_STATUSES))


def test_attrs_of_the_frames_given_are_not_passed_on():
    statuses = frame(PROJECT_STATUSES, status(1, 1))
    statuses.attrs["note"] = "mine"
    budget = joins.project_budget(frame(PROJECTS), statuses)
    assert budget.attrs.keys() == {"togglframe"}
    budget.attrs["note"] = "mine"
    assert joins.client_summary(budget).attrs == {}


def test_rates_in_another_currency_than_the_amounts_are_not_known_in_the_row():
    projects = frame(
        PROJECTS, project(1, currency="USD"), project(2, currency="EUR"), project(3), project(4)
    )
    statuses = frame(PROJECT_STATUSES, *(status(n, 1, currency="EUR") for n in (1, 2, 3)))
    members = frame(
        PROJECT_USERS,
        *(
            {"id": n, "project_id": n, "user_id": 7, "hourly_rate": 90.0, "labour_cost": 50.0}
            for n in (1, 2, 3, 4)
        ),
    )
    budget = joins.project_budget(projects, statuses, members=members).set_index("project_id")
    known = budget[["hourly_rate_min", "hourly_rate_max", "labour_cost_min", "labour_cost_max"]]
    assert known.loc[[2, 4]].to_numpy().tolist() == [[90, 90, 50, 50]] * 2
    assert known.loc[[1, 3]].isna().all(axis=None)


def test_what_is_not_known_is_in_neither_part_of_a_ratio():
    budget = budget_of(
        status(1, tracked=10, billable=8, amount=800.0),
        status(2, tracked=10, billable=4),  # without an amount
        status(3, tracked=10),  # without a billable time
    )
    (total,) = joins.workspace_summary(budget).to_dict("records")
    assert (total["amount"], total["billable_hours"], total["tracked_hours"]) == (800, 12, 30)
    assert total["effective_rate"] == 100
    assert total["billable_share"] == 12 / 20


def test_large_amounts_overflow_nowhere():
    rows = [status(n, 2000, 1, 2000, 1.3e12, currency="IRR") for n in (1, 2)]
    (total,) = joins.workspace_summary(budget_of(*rows)).to_dict("records")
    assert (total["amount"], total["effective_rate"]) == (2.6e12, 650_000_000)


def amounts(*rows):
    projects = frame(PROJECTS, *(project(n, client_id=5) for n, _ in rows))
    statuses = [status(n, 12, 10, 2, amount, currency="EUR") for n, amount in rows]
    return joins.project_budget(projects, frame(PROJECT_STATUSES, *statuses))


def test_an_amount_too_large_for_sums_stops_these_alone_and_is_named():
    budget = amounts((1, 20.0), (17, 1e17)).set_index("project_id", drop=False)
    assert budget.loc[17, ["amount", "effective_rate"]].tolist() == [1e17, 5e16]
    assert budget.loc[1, "effective_rate"] == 10
    for summary in (joins.client_hours, joins.workspace_hours):
        assert summary(budget)["tracked_hours"].tolist() == [24]
    assert len(joins.audit(budget)) == len(joins.audit(amounts((1, 20.0), (17, 40.0))))
    for summary in (joins.client_summary, joins.workspace_summary):
        with pytest.raises(
            ConfigError, match=r"'amount' .* exact sum; .* is 1e\+17 in \{'project_id': 17\}"
        ):
            summary(budget)


def test_amounts_whose_sum_is_too_large_are_refused_even_where_each_is_not():
    budget = amounts(*((n, 5e13) for n in range(1, 4)))
    with pytest.raises(ConfigError, match="'amount' of the project_budget frame"):
        joins.client_summary(budget)


@pytest.mark.parametrize("amount", [1e19, -1e300, float("inf"), -float("inf")])
def test_an_amount_that_is_none_is_refused_at_once(amount):
    with pytest.raises(ConfigError, match=r"'billable_amount' .* too large; .* in \{'id': 1\}"):
        amounts((1, amount))


def test_a_summary_of_hours_needs_no_amounts():
    budget = portfolio().drop(columns=["amount", "currency"])
    assert joins.workspace_hours(budget)["tracked_hours"].tolist() == [57]
    assert joins.client_hours(budget)["tracked_hours"].sum() == 57


@pytest.mark.parametrize("tracked", [2**61 / 3_600_000, -(2**61) / 3_600_000])
def test_hours_of_a_project_do_not_wrap_and_sums_that_would_are_refused(tracked):
    rows = [status(n, tracked, 10, 0) for n in (1, 2, 3, 4)]
    budget = budget_of(*rows)
    assert budget["tracked_hours"].tolist() == [tracked] * 4
    assert budget["variance_hours"].tolist() == [tracked - 10] * 4
    assert set(budget["budget_state"]) == {"over" if tracked > 0 else "on_track"}
    for summary in SUMMARIES:
        with pytest.raises(ConfigError, match=r"'tracked_time' of the project_budget .* exact sum"):
            summary(budget)


def test_a_duration_of_which_a_difference_would_wrap_is_refused():
    with pytest.raises(ConfigError, match=r"'tracked_time' .* too large; .* in \{'id': 1\}"):
        budget_of(status(1, 2**62 / 3_600_000, 10))


def test_a_threshold_is_exact_for_estimates_of_any_size():
    estimate = 2**60 // 10_000 * 10_000 / 3_600_000
    budget = budget_of(status(1, estimate * 0.8, estimate), status(2, estimate * 0.7, estimate))
    assert budget["budget_state"].tolist() == ["at_risk", "on_track"]
