"""What holds for the audit, whatever the workspace looks like."""

import joins
import pandas as pd
from examples import times
from hypothesis import given
from hypothesis import strategies as st
from joins_data import conforms, groups, memberships, projects, statuses, tasks, users

from togglframe.tables import PROJECT_AUDIT

workspaces = st.tuples(projects, statuses, memberships, users, groups, tasks)


def audited(workspace):
    projects, statuses, memberships, users, groups, tasks = workspace
    budget = joins.project_budget(projects, statuses)
    members = joins.project_members(memberships, projects, users, groups)
    return budget, joins.audit(budget, members, tasks, projects=projects)


@times(1 / 3)  # an example takes a quarter of a second
@given(workspaces, st.randoms(use_true_random=False))
def test_the_findings_are_as_their_table_declares_in_whatever_order_rows_came(workspace, random):
    _, findings = audited(workspace)
    conforms(findings, PROJECT_AUDIT)
    assert findings["detail"].notna().all()
    shuffled = [frame.iloc[random.sample(range(len(frame)), len(frame))] for frame in workspace]
    pd.testing.assert_frame_equal(audited(shuffled)[1], findings)


@given(workspaces)  # an example takes an eighth of a second
def test_money_without_a_currency_and_rows_that_match_nothing_are_always_found(workspace):
    projects, statuses, *_ = workspace
    budget, findings = audited(workspace)
    said = findings.groupby("check")["id"].agg(set)
    bare = budget[budget["amount"].notna() & budget["currency"].isna()]
    assert said.get("amount-without-currency", set()) == set(bare["project_id"])
    alone = set(statuses["id"]) - set(projects["id"])
    assert said.get("status-without-project", set()) == alone
    new = set(projects["id"]) - set(statuses["id"])
    assert said.get("project-without-status", set()) >= new
