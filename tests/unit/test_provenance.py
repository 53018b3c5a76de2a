"""A frame names its table, and is believed only where it still is one."""

import pandas as pd
import pytest
from endpoints import CASES
from export_data import read_workbook

from togglframe import demo, reports, tables
from togglframe.api import filters
from togglframe.export import to_excel, to_parquet
from togglframe.reports.listings import LISTINGS
from togglframe.tables import TABLES
from togglframe.tables.provenance import of, stamp, table_of


@pytest.fixture(scope="module")
def agency():
    with demo() as ws:
        yield ws


@pytest.fixture(scope="module")
def listings(agency):
    return reports.Listings(agency)


def named(table, frame=None):
    return stamp(table.empty() if frame is None else frame, table=table.name)


def test_an_endpoint_names_its_table(agency, subtests):
    project = int(filters.projects(agency)["id"].iloc[0])
    for case in CASES:
        with subtests.test(path=case.path):
            arguments = dict(case.smallest)
            if "project_id" in arguments:
                arguments["project_id"] = project
            frame = case.function(agency, **arguments)
            assert of(frame)["table"] == case.table.name
            assert table_of(frame) is case.table


def test_a_listing_of_both_states_names_it_too(listings, subtests):
    for name, listing in LISTINGS.items():
        if not listing.is_ranged:
            with subtests.test(name):
                assert of(getattr(listings, name))["table"] == listing.table.name


def test_files_give_the_name_back(tmp_path, subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            path = to_parquet(named(table), tmp_path / "f.parquet")
            assert table_of(pd.read_parquet(path)) is table


def test_a_frame_without_a_name_is_known_by_its_columns(subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            alike = [other for other in TABLES if other.names == table.names]
            assert table_of(table.empty()) is (table if alike == [table] else None)


def test_a_column_of_ones_own_does_not_hide_the_table(subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            assert table_of(named(table).assign(note="mine")) is table
            assert table_of(named(table).assign(budget_state="mine")) is table


def test_a_frame_that_lost_a_column_is_not_taken_for_its_old_table(subtests):
    """One column after the other is dropped or gets another name."""
    for table in TABLES:
        with subtests.test(table=table.name):
            frame = named(table, pd.DataFrame({name: [1] for name in table.names}))
            dropped = [frame.drop(columns=name) for name in table.names[::2]]
            renamed = [frame.rename(columns={name: "heading"}) for name in table.names[1::2]]
            for other in [*dropped, *renamed]:
                assert other.attrs, "pandas keeps them, hence this test"
                assert table_of(other) is not table, {*table.names} - {*other.columns}


def test_a_sum_is_not_taken_for_the_table_that_it_is_a_sum_of(listings):
    budget = reports.project_budget(listings)
    by_client = budget.groupby("client_id", as_index=False).sum(numeric_only=True)
    assert of(by_client)["table"] == "project_budget"
    assert table_of(by_client) is None


def test_files_tell_statuses_of_tasks_from_those_of_projects_which_look_the_same(tmp_path):
    frame = named(tables.TASK_STATUSES)
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
