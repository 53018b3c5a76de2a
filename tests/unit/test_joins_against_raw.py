"""Every joined frame against plain Python over the raw JSON of an agency.

By day it has 200 projects, by night 2,000.
"""

import math
import statistics
from collections import defaultdict

import joins
import pandas as pd
import pytest
from days import TODAY

from togglframe.sandbox.agency import build_agency
from togglframe.tables import (
    CLIENTS,
    PROJECT_GROUPS,
    PROJECT_STATUSES,
    PROJECT_USERS,
    PROJECTS,
    TASKS,
    USER_DETAILS,
)
from togglframe.tables.casting import cast, objects


@pytest.fixture(scope="module", params=[200, pytest.param(2000, marks=pytest.mark.nightly)])
def raw(request):
    return build_agency(request.param, seed=6, workspace_id=1, big_ids=True, today=TODAY)


def typed(table, rows):
    return pd.DataFrame(
        {
            c.name: cast(c, objects(row.get(c.field_name) for row in rows), endpoint="raw")
            for c in table
        }
    )


@pytest.fixture(scope="module")
def frames(raw):
    return {
        "projects": typed(PROJECTS, raw.projects),
        "statuses": typed(PROJECT_STATUSES, raw.project_statuses),
        "clients": typed(CLIENTS, raw.clients),
        "memberships": typed(PROJECT_USERS, raw.project_users),
        "groups": typed(PROJECT_GROUPS, raw.project_groups),
        "users": typed(USER_DETAILS, raw.users),
        "tasks": typed(TASKS, raw.tasks),
    }


@pytest.fixture(scope="module")
def budget(frames):
    return joins.project_budget(
        frames["projects"], frames["statuses"], frames["clients"], frames["memberships"]
    )


@pytest.fixture(scope="module")
def members(frames):
    return joins.project_members(
        frames["memberships"], frames["projects"], frames["users"], frames["groups"]
    )


@pytest.fixture(scope="module")
def by_id(raw):
    """Every project that is listed or has a status, as plain dicts with its own and its status."""
    projects = {row["id"]: row for row in raw.projects}
    statuses = {row["id"]: row for row in raw.project_statuses}
    return {n: (projects.get(n, {}), statuses.get(n, {})) for n in projects | statuses}


def hours(seconds):
    return None if seconds is None else seconds / 3600


def over(numerator, denominator):
    unknown = numerator is None or denominator is None or denominator <= 0
    return None if unknown else numerator / denominator


def total(values):
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def plain(frame, key):
    """Return the rows as dicts of Python values by key, None for NA."""
    records = frame.astype("object").where(frame.notna(), None).to_dict("records")
    by_key = {tuple(row[name] for name in key): row for row in records}
    assert len(by_key) == len(frame)
    return by_key


def assert_figures(row, **figures):
    for name, expected in figures.items():
        if expected is None:
            assert row[name] is None, name
        elif isinstance(expected, float):
            assert row[name] == pytest.approx(expected, rel=1e-12, abs=1e-12), name
        else:
            assert row[name] == expected, name


def currency_of(project, status):
    return status.get("currency") or project.get("currency")


def is_over(status):
    tracked, estimate = status.get("tracked_seconds"), status.get("estimated_seconds")
    return tracked is not None and estimate is not None and 0 < estimate < tracked


def test_the_agency_has_what_makes_joins_hard(raw, by_id):
    assert len(by_id) > len(raw.projects)
    assert len(raw.project_statuses) < len(by_id)
    assert any(project.get("client_id") is None for project, _ in by_id.values())
    assert any(row["estimated_seconds"] == 0 for row in raw.project_statuses)
    assert len({currency_of(*pair) for pair in by_id.values()}) > 2
    assert max(by_id) > 2**53


def test_project_budget(raw, by_id, budget):
    clients = {row["id"]: row["name"] for row in raw.clients}
    rows = plain(budget, ["project_id"])
    assert rows.keys() == {(n,) for n in by_id}
    for (n,), row in rows.items():
        project, status = by_id[n]
        tracked, estimate = status.get("tracked_seconds"), status.get("estimated_seconds")
        billable, cents = status.get("billable_seconds"), status.get("billable_amount")
        positive = estimate if estimate is not None and estimate > 0 else None
        has_variance = tracked is not None and positive is not None
        assert_figures(
            row,
            project=project.get("name"),
            client=clients.get(project.get("client_id")),
            active=project.get("active"),
            currency=currency_of(project, status),
            tracked_hours=hours(tracked),
            estimated_hours=hours(estimate),
            billable_hours=hours(billable),
            progress=over(tracked, positive),
            variance_hours=hours(tracked - positive) if has_variance else None,
            overrun_hours=hours(max(tracked - positive, 0)) if has_variance else None,
            billable_share=over(billable, tracked),
            amount=None if cents is None else cents / 100,
            effective_rate=over(None if cents is None else cents * 36, billable),
            realised_rate=over(None if cents is None else cents * 36, tracked),
        )
        of_project = [m for m in raw.project_users if m["project_id"] == n]
        is_priced = currency_of(project, status) in {None, project.get("currency")}
        priced = of_project if is_priced else []
        rates = [m["hourly_rate"] for m in priced if m["hourly_rate"] is not None]
        costs = [m["labour_cost"] for m in priced if m["labour_cost"] is not None]
        assert_figures(
            row,
            n_members=len({m["user_id"] for m in of_project} - {None}),
            n_groups=sum(m["user_id"] is None and m["group_id"] is not None for m in of_project),
            hourly_rate_min=float(min(rates)) if rates else None,
            hourly_rate_max=float(max(rates)) if rates else None,
            labour_cost_max=max(costs) / 100 if costs else None,
        )


def test_the_totals_are_those_of_the_statuses_to_the_millisecond(raw, budget):
    for wire, time in (("tracked_seconds", "tracked_time"), ("billable_seconds", "billable_time")):
        seconds = total(row[wire] for row in raw.project_statuses)
        assert budget[time].sum() == pd.Timedelta(seconds=seconds)
    (workspace,) = joins.workspace_hours(budget).to_dict("records")
    seconds = total(row["tracked_seconds"] for row in raw.project_statuses)
    assert workspace["tracked_hours"] == seconds / 3600


def sums_of_known(pairs, *names):
    """Sum fields of the statuses that have all of them."""
    known = [status for _, status in pairs if all(status.get(name) is not None for name in names)]
    return [total(status[name] for status in known) for name in names]


def under(pairs, *, is_archived):
    """Sum what archived, or other, projects have left of their estimates [s]."""
    statuses = [s for project, s in pairs if (project.get("active") is False) == is_archived]
    return sum(
        max(status["estimated_seconds"] - status["tracked_seconds"], 0)
        for status in statuses
        if status.get("tracked_seconds") is not None and (status.get("estimated_seconds") or 0) > 0
    )


def summed(pairs):
    """Sum the statuses of a group of projects the way that reporting defines it."""
    comparable = [
        (status["tracked_seconds"], status["estimated_seconds"])
        for _, status in pairs
        if status.get("tracked_seconds") is not None and (status.get("estimated_seconds") or 0) > 0
    ]
    tracked = total(status.get("tracked_seconds") for _, status in pairs)
    billable = total(status.get("billable_seconds") for _, status in pairs)
    cents = total(status.get("billable_amount") for _, status in pairs)
    shared, sharing = sums_of_known(pairs, "billable_seconds", "tracked_seconds")
    price, priced = sums_of_known(pairs, "billable_amount", "billable_seconds")
    tracked_here = total(tracked for tracked, _ in comparable) or 0
    estimate = total(estimate for _, estimate in comparable)
    saved, remaining = under(pairs, is_archived=True), under(pairs, is_archived=False)
    return {
        "n_projects": len(pairs),
        "n_over": sum(is_over(status) for _, status in pairs),
        "n_active": sum(project.get("active") is True for project, _ in pairs),
        "tracked_hours": hours(tracked),
        "billable_hours": hours(billable),
        "billable_share": over(shared, sharing),
        "amount": None if cents is None else cents / 100,
        "effective_rate": over(None if price is None else price * 36, priced),
        "comparable_tracked_hours": hours(None if tracked is None else tracked_here),
        "estimated_hours": hours(estimate),
        "progress": over(tracked_here, estimate),
        "variance_hours": hours(None if estimate is None else tracked_here - estimate),
        "gross_overrun_hours": hours(
            total(max(tracked - estimate, 0) for tracked, estimate in comparable)
        ),
        "saved_hours": hours(None if estimate is None else saved),
        "remaining_hours": hours(None if estimate is None else remaining),
        "estimate_coverage": over(tracked_here, tracked),
    }


def grouped(by_id, key):
    groups = defaultdict(list)
    for project, status in by_id.values():
        groups[key(project, status)].append((project, status))
    return groups


@pytest.mark.parametrize(
    ("summary", "key", "names"),
    [
        (
            joins.client_summary,
            lambda project, status: (project.get("client_id"), currency_of(project, status)),
            ["client_id", "currency"],
        ),
        (joins.client_hours, lambda project, _: (project.get("client_id"),), ["client_id"]),
        (joins.workspace_summary, lambda *pair: (currency_of(*pair),), ["currency"]),
    ],
)
def test_summaries(by_id, budget, summary, key, names):
    rows = plain(summary(budget), names)
    expected = grouped(by_id, key)
    assert rows.keys() == expected.keys()
    for group, row in rows.items():
        figures = summed(expected[group])
        assert_figures(row, **{name: figures[name] for name in figures.keys() & row.keys()})


def test_money_of_every_currency_to_the_cent(raw, by_id, budget):
    cents = defaultdict(int)
    for project, status in by_id.values():
        cents[currency_of(project, status)] += status.get("billable_amount") or 0
    got = plain(joins.workspace_summary(budget), ["currency"])
    assert {key: round((row["amount"] or 0) * 100) for (key,), row in got.items()} == cents
    assert sum(cents.values()) == sum(row["billable_amount"] or 0 for row in raw.project_statuses)


def test_project_members(raw, members):
    users = {row["id"]: row for row in raw.users}
    projects = {row["id"]: row for row in raw.projects}
    groups = {row["group_id"]: row["name"] for row in raw.project_groups}
    rows = plain(members, ["membership_id"])
    assert rows.keys() == {(row["id"],) for row in raw.project_users}
    for membership in raw.project_users:
        user_id, group_id = membership["user_id"], membership["group_id"]
        user = users.get(user_id)
        project = projects.get(membership["project_id"], {})
        name = None if user_id is None else f"User {user_id} (not listed)"
        is_active = None
        if user is not None:
            name = user["fullname"]
            is_active = user["active"] and not user["deactivated"] and not user["deleted_at"]
        kind = {(True, False): "user", (True, True): "user_via_group", (False, True): "group"}
        cost = membership["labour_cost"]
        assert_figures(
            rows[membership["id"],],
            project_id=membership["project_id"],
            project=project.get("name"),
            kind=kind[user_id is not None, group_id is not None],
            user=name,
            user_active=is_active,
            group=groups.get(group_id),
            hourly_rate=membership["hourly_rate"],
            labour_cost=None if cost is None else cost / 100,
            currency=project.get("currency"),
        )


def test_the_unique_view_and_the_rate_card(raw, frames):
    names = ("memberships", "projects", "users", "groups")
    card = joins.rate_card(*(frames[name] for name in names))
    expected = defaultdict(list)
    for row in raw.project_users:
        group = row["group_id"] if row["user_id"] is None else None
        expected[row["project_id"], row["user_id"], group].append(row)
    rows = plain(card, ["project_id", "user_id", "group_id"])
    assert rows.keys() == expected.keys()
    assert len(rows) < len(raw.project_users)
    for key, memberships in expected.items():
        rates = {row["hourly_rate"] for row in memberships} - {None}
        costs = {row["labour_cost"] for row in memberships} - {None}
        rate = float(*rates) if len(rates) == 1 else None
        cost = next(iter(costs)) / 100 if len(costs) == 1 else None
        both = rate is not None and cost is not None
        assert_figures(
            rows[key],
            n_memberships=len(memberships),
            hourly_rate=rate,
            labour_cost=cost,
            rate_conflict=len(rates) > 1 or len(costs) > 1,
            unit_margin=rate - cost if both else None,
            unit_margin_pct=over(rate - cost, rate) if both else None,
            below_cost=rate < cost if both else None,
        )


def task_figures(task):
    tracked = None if task["tracked_seconds"] is None else task["tracked_seconds"] / 1000
    estimate = task["estimated_seconds"]
    return tracked, estimate, over(tracked, estimate)


def test_task_accuracy(raw, frames):
    rows = plain(joins.task_accuracy(frames["tasks"], frames["projects"]), ["task_id"])
    done = {task["id"]: task for task in raw.tasks if task["active"] is False}
    currencies = {row["id"]: row["currency"] for row in raw.projects}
    assert rows.keys() == {(n,) for n in done}
    for n, task in done.items():
        tracked, estimate, accuracy = task_figures(task)
        assert_figures(
            rows[n,],
            tracked_hours=hours(tracked),
            estimated_hours=hours(estimate),
            accuracy_ratio=accuracy,
            log2_ratio=math.log2(accuracy) if accuracy else None,
            abs_pct_error=None if accuracy is None else abs(tracked - estimate) / estimate,
            currency=currencies.get(task["project_id"]),
            assignee=task["user_name"],
            done=True,
        )


@pytest.mark.parametrize(
    ("by", "wire"),
    [
        ("user", "user_id"),
        ("project", "project_id"),
        ("client", "client_id"),
        ("integration_provider", "integration_provider"),
    ],
)
def test_estimate_bias(raw, frames, by, wire):
    accuracy = joins.task_accuracy(frames["tasks"], frames["projects"])
    rows = plain(joins.estimate_bias(accuracy, by=by), [wire])
    groups = defaultdict(list)
    for task in raw.tasks:
        if task["active"] is False:
            groups[task[wire],].append(task_figures(task))
    assert rows.keys() == groups.keys()
    for key, tasks in groups.items():
        known = [task for task in tasks if task[2] is not None]
        ratios = [accuracy for *_, accuracy in known]
        assert_figures(
            rows[key],
            n=len(known),
            n_no_estimate=sum(estimate is None for _, estimate, _ in tasks),
            median_ratio=statistics.median(ratios) if ratios else None,
            share_over=over(sum(accuracy > 1 for accuracy in ratios), len(ratios)),
            bias=over(total(t for t, *_ in known), total(e for _, e, _ in known)),
            mdape=statistics.median(abs(r - 1) for r in ratios) if ratios else None,
        )
        assert (rows[key]["suggested_multiplier"] is None) == (len(known) < 10)


def test_estimate_reconciliation(raw, by_id, budget, frames):
    rows = plain(joins.estimate_reconciliation(budget, frames["tasks"]), ["project_id"])
    tasks = defaultdict(list)
    for task in raw.tasks:
        tasks[task["project_id"]].append(task_figures(task))
    for n, (_, status) in by_id.items():
        tracked, estimate = status.get("tracked_seconds"), status.get("estimated_seconds")
        on_tasks = total(t for t, *_ in tasks[n]) if tasks[n] else 0.0
        planned = total(e for _, e, _ in tasks[n])
        assert_figures(
            rows[n,],
            n_tasks=len(tasks[n]),
            task_tracked_hours=hours(on_tasks),
            untasked_hours=hours(tracked - on_tasks) if tracked is not None else None,
            tasked_share=over(on_tasks, tracked),
            estimate_gap_hours=None if None in (estimate, planned) else hours(estimate - planned),
        )


def test_workload(raw, frames):
    groups = defaultdict(list)
    for task in raw.tasks:
        if task["active"] is True:
            groups[task["user_id"],].append(task)
    rows = plain(joins.workload(frames["tasks"]), ["user_id"])
    assert rows.keys() == groups.keys()
    for key, tasks in groups.items():
        figures = [task_figures(task) for task in tasks]
        known = [(t, e) for t, e, accuracy in figures if accuracy is not None]
        assert_figures(
            rows[key],
            n_open=len(tasks),
            n_over=sum(t > e for t, e in known),
            n_no_estimate=sum(e is None for _, e, _ in figures),
            n_projects=len({task["project_id"] for task in tasks}),
            estimated_hours=hours(total(e for _, e in known)),
            tracked_hours=hours(total(t for t, _ in known)),
            remaining_hours=hours(total(max(e - t, 0) for t, e in known)),
            overrun_hours=hours(total(max(t - e, 0) for t, e in known)),
        )


def test_audit(raw, by_id, budget, members, frames):
    found = joins.audit(budget, members, frames["tasks"], projects=frames["projects"])
    ids = found.groupby("check")["id"].agg(set)
    listed = {row["id"] for row in raw.projects}
    assert ids["status-without-project"] == by_id.keys() - listed
    assert ids["zero-estimate"] == {
        row["id"]
        for row in raw.project_statuses
        if row["estimated_seconds"] == 0 and row["tracked_seconds"] is not None
    }
    assert ids["tracked-without-estimate"] == {
        row["id"]
        for row in raw.project_statuses
        if row["estimated_seconds"] is None and (row["tracked_seconds"] or 0) > 0
    }
    assert ids["project-without-client"] == {
        row["id"] for row in raw.projects if row["client_id"] is None
    }
    assert ids.get("currency-mismatch", set()) == {
        n
        for n, (project, status) in by_id.items()
        if project.get("currency")
        and status.get("currency")
        and project["currency"] != status["currency"]
    }
    users = {row["id"] for row in raw.users}
    assert ids["member-not-listed"] == {
        row["id"]
        for row in raw.project_users
        if row["user_id"] is not None and row["user_id"] not in users
    }
    assert ids["whole-group"] == {row["id"] for row in raw.project_users if row["user_id"] is None}
    assert not {"task-unit", "money-unit"} & set(found["check"])
