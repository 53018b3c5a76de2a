"""What holds for the audit, whatever the workspace looks like."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from joins_data import conforms, groups, memberships, projects, statuses, tasks, users

from togglframe import joins
from togglframe.tables import AUDIT

workspaces = st.tuples(projects, statuses, memberships, users, groups, tasks)


def audited(workspace):
    projects, statuses, memberships, users, groups, tasks = workspace
    budget = joins.project_budget(projects, statuses)
    members = joins.project_members(memberships, projects, users, groups)
    return budget, joins.audit(budget, members, tasks, projects=projects)


@given(workspaces, st.randoms(use_true_random=False))
def test_the_findings_are_as_their_table_declares_in_whatever_order_rows_came(workspace, random):
    _, findings = audited(workspace)
    conforms(findings, AUDIT)
    assert findings["detail"].notna().all()
    shuffled = [frame.iloc[random.sample(range(len(frame)), len(frame))] for frame in workspace]
    pd.testing.assert_frame_equal(audited(shuffled)[1], findings)


@given(workspaces)
def test_money_without_a_currency_is_always_said(workspace):
    budget, findings = audited(workspace)
    bare = budget[budget["amount"].notna() & budget["currency"].isna()]
    said = findings.loc[findings["check"] == "amount-without-currency", "id"]
    assert set(said) == set(bare["project_id"])


@given(workspaces)
def test_projects_and_statuses_that_miss_each_other_are_always_said(workspace):
    projects, statuses, *_ = workspace
    _, findings = audited(workspace)
    said = findings.groupby("check")["id"].agg(set)
    alone = set(statuses["id"]) - set(projects["id"])
    assert said.get("status-without-project", set()) == alone
    new = set(projects["id"]) - set(statuses["id"])
    assert said.get("project-without-status", set()) >= new
