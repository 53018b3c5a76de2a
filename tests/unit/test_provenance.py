"""A frame names its table, and is believed only where it still is one."""

import json

import pandas as pd
import pytest
from endpoints import every_endpoint
from export_data import read_workbook
from report_cases import call, variants

from togglframe import demo, filters, reports, tables
from togglframe.export import read_csv, read_parquet, to_csv, to_excel, to_parquet
from togglframe.provenance import of, stamp, table_of
from togglframe.source import LISTINGS
from togglframe.tables import TABLES

VARIANTS = list(variants())
every_table = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


@pytest.fixture(scope="module")
def agency():
    with demo() as ws:
        yield ws


@pytest.fixture(scope="module")
def listings(agency):
    return reports.Listings(agency)


def named(table, frame=None):
    return stamp(table.empty() if frame is None else frame, table=table.name)


@every_endpoint
def test_an_endpoint_names_its_table(case, agency):
    arguments = dict(case.smallest)
    if "project_id" in arguments:
        arguments["project_id"] = int(filters.projects(agency)["id"].iloc[0])
    frame = case.function(agency, **arguments)
    assert of(frame)["table"] == case.table.name
    assert table_of(frame) is case.table


@pytest.mark.parametrize(
    "listing", [one for one in LISTINGS.values() if not one.is_ranged], ids=lambda one: one.name
)
def test_a_listing_of_both_states_names_it_too(listing, listings):
    assert of(getattr(listings, listing.name))["table"] == listing.table.name


@pytest.mark.parametrize(
    ("record", "parameters", "table"),
    VARIANTS,
    ids=[f"{record.name}-{parameters}" for record, parameters, _ in VARIANTS],
)
def test_a_report_names_the_table_that_its_parameters_make(record, parameters, table, listings):
    frame = call(record, listings, **parameters)
    assert json.loads(json.dumps(of(frame)))["table"] == table.name
    assert table_of(frame) == table


@every_table
def test_files_give_the_name_back(table, tmp_path):
    frame = named(table)
    assert table_of(read_csv(to_csv(frame, tmp_path / "f.csv"))) is table
    assert table_of(read_parquet(to_parquet(frame, tmp_path / "f.parquet"))) is table


@every_table
def test_a_frame_without_a_name_is_known_by_its_columns(table):
    alike = [other for other in TABLES if other.names == table.names]
    assert table_of(table.empty()) is (table if alike == [table] else None)


@every_table
def test_a_column_of_ones_own_does_not_hide_the_table(table):
    assert table_of(named(table).assign(note="mine")) is table
    assert table_of(named(table).assign(budget_state="mine")) is table


@every_table
def test_a_frame_that_lost_a_column_is_not_taken_for_its_old_table(table):
    frame = named(table, pd.DataFrame({name: [1] for name in table.names}))
    for name in table.names:
        assert frame.drop(columns=name).attrs, "pandas keeps them, hence this test"
        assert table_of(frame.drop(columns=name)) is not table
        assert table_of(frame.rename(columns={name: "heading"})) is not table


def test_a_sum_is_not_taken_for_the_table_that_it_is_a_sum_of(listings):
    budget = reports.project_budget(listings)
    by_client = budget.groupby("client_id", as_index=False).sum(numeric_only=True)
    assert of(by_client)["table"] == "project_budget"
    assert table_of(by_client) is None


def test_files_tell_statuses_of_tasks_from_those_of_projects_which_look_the_same(tmp_path):
    frame = named(tables.TASK_STATUSES)
    meta = json.loads(to_csv(frame, tmp_path / "f.csv").with_suffix(".meta.json").read_bytes())
    assert meta["table"] == "task_statuses"
    assert meta["columns"][0]["doc"] == "Task id."
    book = to_excel(frame, tmp_path / "f.xlsx")
    assert read_workbook(book).sheetnames == ["Task statuses"]


def test_what_is_left_may_be_another_table(listings):
    budget = reports.project_budget(listings, members=True)
    shorter = budget[tables.PROJECT_BUDGET.names]
    assert of(shorter)["table"] == "project_budget_members"
    assert table_of(shorter) is tables.PROJECT_BUDGET


@pytest.mark.parametrize("name", [None, "no_such_table", ["clients"], 5])
def test_a_name_that_no_table_has_counts_for_nothing(name):
    assert table_of(stamp(tables.CLIENTS.empty(), table=name)) is tables.CLIENTS
