"""What holds for the budget and its totals, whatever the workspace looks like."""

import joins
import pandas as pd
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from joins_data import clients, conforms, memberships, projects, statuses

from togglframe.tables import (
    CLIENT_BUDGET,
    CLIENT_BUDGET_BY_CURRENCY,
    PROJECT_BUDGET,
    PROJECT_BUDGET_MEMBERS,
    WORKSPACE_BUDGET,
    WORKSPACE_BUDGET_BY_CURRENCY,
)

SUMMARIES = {
    joins.client_summary: CLIENT_BUDGET_BY_CURRENCY,
    joins.client_hours: CLIENT_BUDGET,
    joins.workspace_summary: WORKSPACE_BUDGET_BY_CURRENCY,
    joins.workspace_hours: WORKSPACE_BUDGET,
}
workspaces = st.tuples(projects, statuses, clients, memberships)


def plain_ms(time):
    return [None if pd.isna(value) else value // pd.Timedelta(milliseconds=1) for value in time]


def total(values):
    known = [value for value in values if value is not None and not pd.isna(value)]
    return sum(known) if known else None


def same(got, expected):
    """Tell whether a Float64 is the expected quotient; equal to the last bit, NA for None."""
    return (expected is None and got is pd.NA) or got == expected


@given(workspaces)  # an example makes six frames
def test_the_budget_is_as_its_table_declares(workspace):
    conforms(joins.project_budget(*workspace[:2]), PROJECT_BUDGET)
    budget = joins.project_budget(*workspace)
    conforms(budget, PROJECT_BUDGET_MEMBERS)
    for summary, table in SUMMARIES.items():
        conforms(summary(budget), table)


@given(workspaces)
def test_a_row_for_every_project_and_every_status(workspace):
    projects, statuses, *_ = workspace
    budget = joins.project_budget(*workspace)
    assert sorted(budget["project_id"]) == sorted({*projects["id"], *statuses["id"]})


@given(workspaces)
def test_time_is_conserved_to_the_millisecond_and_money_to_the_cent(workspace):
    statuses = workspace[1]
    budget = joins.project_budget(*workspace)
    for time in ("tracked_time", "estimated_time", "billable_time"):
        assert total(plain_ms(budget[time])) == total(plain_ms(statuses[time]))
    assert sorted(budget["amount"].dropna()) == sorted(statuses["billable_amount"].dropna())


@given(workspaces)  # an example makes five frames
def test_every_summary_holds_the_hours_of_the_statuses(workspace):
    tracked = total(plain_ms(workspace[1]["tracked_time"]))
    budget = joins.project_budget(*workspace)
    for summary in SUMMARIES:
        made = summary(budget)
        ms = [round(hours * 3_600_000) for hours in made["tracked_hours"].dropna()]
        assert total(ms) == tracked
        assert made["n_projects"].sum() == len(budget)


@given(workspaces)
def test_the_variance_of_a_client_is_overrun_minus_saved_minus_remaining(workspace):
    budget = joins.project_budget(*workspace)
    under = (-budget["variance_hours"]).clip(lower=0)
    is_archived = (budget["active"] == False).fillna(value=False)  # noqa: E712
    for summary in (joins.client_summary, joins.client_hours):
        parts = ["variance_hours", "gross_overrun_hours", "saved_hours", "remaining_hours"]
        figures = summary(budget)[parts]
        assert not (figures.iloc[:, 1:] < 0).any(axis=None)
        assert (figures.isna().any(axis=1) == figures.isna().all(axis=1)).all()
        ms = (figures.dropna() * 3_600_000).round().astype("Int64")
        assert (ms.iloc[:, 0] == ms.iloc[:, 1] - ms.iloc[:, 2] - ms.iloc[:, 3]).all()
        for name, rows in (("saved_hours", is_archived), ("remaining_hours", ~is_archived)):
            assert ms[name].sum() == (under[rows] * 3_600_000).round().sum()


@given(workspaces)
def test_money_of_a_currency_is_the_sum_of_its_cents(workspace):
    budget = joins.project_budget(*workspace)
    cents = {}
    for currency, amount in zip(budget["currency"], budget["amount"], strict=True):
        key = None if pd.isna(currency) else currency
        cents.setdefault(key, []).append(None if pd.isna(amount) else round(amount * 100))
    of_workspace = joins.workspace_summary(budget)
    assert len(of_workspace) == len(cents)
    by_client = joins.client_summary(budget)
    for row in of_workspace.itertuples():
        key = None if pd.isna(row.currency) else row.currency
        expected = total(cents[key])
        assert same(row.amount, None if expected is None else expected / 100)
        of_clients = by_client[
            by_client["currency"].isna() if key is None else by_client["currency"] == key
        ]
        assert total(round(x * 100) for x in of_clients["amount"].dropna()) == expected


@times(1 / 3)  # an example takes a fifth of a second
@given(workspaces, st.randoms(use_true_random=False))
def test_the_order_of_incoming_rows_does_not_matter(workspace, random):
    shuffled = [frame.iloc[random.sample(range(len(frame)), len(frame))] for frame in workspace]
    budget = joins.project_budget(*workspace)
    pd.testing.assert_frame_equal(joins.project_budget(*shuffled), budget)
    mixed = budget.iloc[random.sample(range(len(budget)), len(budget))]
    for summary in SUMMARIES:
        pd.testing.assert_frame_equal(summary(mixed), summary(budget))


@given(workspaces)
def test_the_frames_given_stay_as_they_were(workspace):
    before = [frame.copy(deep=True) for frame in workspace]
    joins.project_budget(*workspace)
    for frame, copy in zip(workspace, before, strict=True):
        pd.testing.assert_frame_equal(frame, copy)


@given(workspaces)
def test_a_project_without_a_client_meets_no_client(workspace):
    budget = joins.project_budget(*workspace)
    assert budget.loc[budget["client_id"].isna(), "client"].isna().all()


@given(workspaces)
def test_members_add_columns_and_change_nothing_else(workspace):
    projects, statuses, clients, memberships = workspace
    plain = joins.project_budget(projects, statuses, clients)
    with_members = joins.project_budget(*workspace)
    pd.testing.assert_frame_equal(with_members[plain.columns], plain)
    for row in with_members.itertuples():
        of_project = memberships[(memberships["project_id"] == row.project_id).fillna(False)]
        assert row.n_members == len(set(of_project["user_id"].dropna()))
        whole = of_project.loc[of_project["user_id"].isna(), "group_id"].dropna()
        assert row.n_groups == len(whole)
        assert row.members_known == (row.n_groups == 0)
        own = projects.loc[projects["id"] == row.project_id, "currency"].dropna().tolist()
        is_priced = own == ([] if pd.isna(row.currency) else [row.currency])
        known = of_project["hourly_rate"].dropna() if is_priced else []
        assert same(row.hourly_rate_max, max(known) if len(known) else None)
