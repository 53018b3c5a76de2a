"""Retainers and balances over HTTP and frames: names, sources, and what is refused."""

import pandas as pd
import pytest

import togglframe as tf
from togglframe import reports
from togglframe.errors import ConfigError, SemanticsWarning

CLIENT, PERSON = "Northwind Coffee Roasters", "Priya Raman"
SINCE = {"client": [CLIENT], "hours": [5000], "from": ["2026-09-01"]}


def test_a_retainer_carries_from_before_the_range_and_is_widened(ws):
    made = reports.retainer(ws, pd.DataFrame(SINCE), period="2026-10-05", carry="unused")
    before = reports.hours(ws, period="2026-09", clients=CLIENT, by=[])["tracked_hours"].sum()
    within = reports.hours(ws, period="2026-10", clients=CLIENT, by=[])
    assert made["carried_hours"].tolist() == pytest.approx([5000 - before])
    assert made["tracked_time"].tolist() == within["tracked_time"].tolist()
    assert made.attrs["togglframe"]["filters"]["start_date"] == "2026-10-01"
    assert made.attrs["togglframe"]["filters"]["end_date"] == "2026-10-31"


def test_an_archive_answers_as_the_workspace_does(ws, tmp_path):
    archive = tf.Archive(tmp_path)
    archive.sync(ws, start_date="2026-09-01")
    archive.snapshot(ws)
    retainers = {"budgets": pd.DataFrame(SINCE), "period": "2026-10", "carry": 3}
    balances = {"schedule": {None: 40, PERSON: 20}, "period": "2026-10", "users": PERSON}
    for report, given in ((reports.retainer, retainers), (reports.balance, balances)):
        pd.testing.assert_frame_equal(report(archive, **given), report(ws, **given))


def test_a_range_of_one_period_warns_that_nothing_is_carried_into_it(ws):
    message = "nothing is carried into 2026-10, the only period of the range"
    reports.plan(ws, "retainer", budgets={CLIENT: 250}, period="2026-10", carry=2)
    with pytest.warns(SemanticsWarning, match=message) as warned:
        made = reports.retainer(ws, {CLIENT: 250}, period="2026-10", carry=2)
    assert len(warned) == 1
    assert made["carried_hours"].tolist() == [0]


def test_several_workspaces_have_their_own_retainers(ws, sandbox):
    made = reports.across([ws], "retainer", budgets={CLIENT: 10}, period="2026-10")
    assert made["workspace_id"].tolist() == [sandbox.workspace_id]


WRONG = {
    "there is no project 'Nobody'": {"Nobody": 1},
    "budgets names 5, which is neither a project nor a client": {5: 1},
    "budgets has the key None, but no default": {None: 1},
    "0 or more": {CLIENT: -1},
    "a budget needs a project or a client": pd.DataFrame({"hours": [1]}),
    "twice from 2026-09-01": pd.DataFrame({name: 2 * each for name, each in SINCE.items()}),
    "it needs hours": pd.DataFrame({"client": [CLIENT]}),
}


def test_budgets_that_cannot_be_are_named(ws, subtests):
    for message, budgets in WRONG.items():
        with subtests.test(message), pytest.raises(ConfigError, match=message):
            reports.retainer(ws, budgets, period="2026-10")
    projects = tf.filters.projects(ws)
    owned = projects.dropna(subset=["client_id"]).iloc[0]
    both = {int(owned["id"]): 1, int(owned["client_id"]): 2}
    with pytest.raises(ConfigError, match="its time would count twice"):
        reports.retainer(ws, both, period="2026-10")
    with pytest.raises(ConfigError, match="carry must be 'none', 'unused', 'both', or a number"):
        reports.retainer(ws, {CLIENT: 1}, period="2026-10", carry=0)
    with pytest.raises(ConfigError, match="is of whole periods"):
        reports.compare(ws, "retainer", period="2026-10", budgets={})


def test_a_name_of_a_project_and_of_a_client_is_refused(ws):
    frames = {
        "time_entries": tf.search.time_entries(ws, start_date="2026-10-01", end_date="2026-10-31"),
        "projects": tf.filters.projects(ws).assign(name=CLIENT).head(1),
        "clients": tf.filters.clients(ws),
    }
    with pytest.raises(ConfigError, match="give the id, or a frame with the column project or"):
        reports.retainer(frames, {CLIENT: 1}, period="2026-10")


def test_what_a_balance_cannot_be_made_of_is_named(ws, subtests):
    wrong = {
        "schedule, row 0: from 2026-10-02 is after": {
            "schedule": pd.DataFrame(
                {"user": [None], "hours": [40], "from": ["2026-10-02"], "to": ["2026-10-01"]}
            )
        },
        "an absence needs a user": {
            "absences": pd.DataFrame({"user": [None], "date": ["2026-10-01"]})
        },
        "there is no user 'Nobody'": {"opening_hours": {"Nobody": 1}},
        "opening_hours has the key None": {"opening_hours": {None: 1}},
        "not 3 numbers": {"schedule": [8, 8, 8]},
        "absences names 5, which is not among the projects": {"absences": 5},
        "absences names 6, which is not among the projects": {"absences": ["Holidays", 6]},
    }
    for message, given in wrong.items():
        with subtests.test(message), pytest.raises(ConfigError, match=message):
            reports.balance(ws, period="2026-10", **given)
    for given in ({"absences": 7.5}, {"absences": {PERSON: []}}, {"opening_hours": 3}):
        with subtests.test(str(given)), pytest.raises(TypeError, match=next(iter(given))):
            reports.balance(ws, period="2026-10", **given)


def test_ids_of_time_off_are_looked_up_in_the_projects_and_the_entries(ws):
    projects = tf.filters.projects(ws)
    entries = tf.search.time_entries(ws, start_date="2026-10-01", end_date="2026-10-31")
    unused = int(min({*projects["id"]} - {*entries["project_id"].dropna()}))
    made = reports.balance(ws, absences=unused, period="2026-10")
    assert made["absence_hours"].tolist() == [0] * len(made)
    used = int(entries["project_id"].dropna().iloc[0])
    deleted = {"time_entries": entries, "projects": projects[projects["id"] != used]}
    by_id = reports.balance(deleted, absences=[used], period="2026-10")
    assert by_id["absence_hours"].sum() > 0
    without_projects = reports.balance({"time_entries": entries}, absences=[5], period="2026-10")
    assert without_projects["absence_hours"].tolist() == [0] * len(without_projects)


def test_ids_of_time_off_cost_the_listing_of_projects(ws):
    by_id = reports.plan(ws, "balance", absences=5, period="2026-10")
    by_name = reports.plan(ws, "balance", absences="Holidays", period="2026-10")
    assert by_id.costs == by_name.costs
    assert by_id.costs["projects"] == 1


def test_who_has_no_schedule_is_unknown_in_a_period_to_come_too(ws):
    balance = reports.balance(ws, {"Mateo Rivas": 40}, period="2026-12")
    others = balance[balance["user"] != "Mateo Rivas"]
    assert len(others)
    assert others[["workdays", "expected_hours", "balance_hours"]].isna().all(axis=None)


def test_who_has_no_schedule_is_unknown_and_not_0(ws):
    made = reports.balance(ws, {PERSON: 20}, period="2026-10", every=None)
    is_known = made["user"] == PERSON
    assert made.loc[is_known, "expected_hours"].tolist() == [22 * 4]
    unknown = ["workdays", "expected_hours", "balance_hours", "running_hours"]
    assert made.loc[~is_known, unknown].isna().all(axis=None)
    assert made["tracked_hours"].notna().all()
