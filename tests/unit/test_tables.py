"""What a column is like is declared once, wherever it stands."""

import importlib
import pkgutil
from dataclasses import fields

from togglframe import tables
from togglframe.tables import COLUMNS, KNOWN_TABLES, TABLES, Column, Kind, Table

OF_THE_JSON = {"field", "field_unit", "is_blank_missing"}
FACTS = [f.name for f in fields(Column) if f.name not in {"name", "doc", *OF_THE_JSON}]
AMBIGUOUS = {
    ("labour_cost", "is_additive"),  # a cost for an hour, or for all of them
    ("change", "categories"),  # of a row between two snapshots, of an entry since it was closed
    ("amount_before", "is_additive"),  # of projects, which several may share, or of entries
    ("n_projects", "is_additive"),  # of clients, or of people, who share them
    ("n_over", "is_additive"),  # projects of a client, or tasks of a person
    ("n_no_estimate", "is_additive"),
    ("estimated_hours", "is_level"),  # of a project, or the same in each of its periods
}
KINDS = {
    "is_additive": {Kind.MONEY, Kind.COUNT},
    "is_overlapping": {Kind.STRING},
    "is_excess": {Kind.HOURS},
    "is_factor": {Kind.RATIO},
    "is_logarithm": {Kind.RATIO},
    "has_bar": {Kind.RATIO},
    "is_sentence": {Kind.STRING},
    "stand_in": {Kind.STRING},
}


def test_every_table_that_a_module_declares_is_known_and_public():
    names = [f"togglframe.tables.{found.name}" for found in pkgutil.iter_modules(tables.__path__)]
    declared = {
        name: value
        for module in map(importlib.import_module, names)
        for name, value in vars(module).items()
        if isinstance(value, Table)
    }
    assert declared.keys() <= {*tables.__all__}
    assert {table.name for table in declared.values()} <= {table.name for table in KNOWN_TABLES}
    assert len({table.name for table in TABLES}) == len(TABLES)


def test_a_name_is_alike_in_every_table(subtests):
    """A frame that is of no table is shown by the names of its columns alone."""
    for table in TABLES:
        with subtests.test(table=table.name):
            unlike = [
                (column.name, fact)
                for column in table
                for fact in FACTS
                for other in COLUMNS[column.name]
                if other.kind is column.kind and getattr(other, fact) != getattr(column, fact)
            ]
            assert set(unlike) <= AMBIGUOUS


def test_a_fact_is_declared_of_the_kind_that_has_it(subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            misplaced = [
                (column.name, fact)
                for column in table
                for fact, kinds in KINDS.items()
                if getattr(column, fact) and column.kind not in kinds
            ]
            assert misplaced == []


def test_what_stands_in_for_a_name_is_an_id(subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            for stand_in in {column.stand_in for column in table} - {None}:
                assert stand_in not in table or table[stand_in].kind is Kind.ID


def test_what_leads_are_columns_of_the_table_once_each_with_what_ranks_it(subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            assert set(table.lead) <= set(table.names)
            assert len(set(table.lead)) == len(table.lead)
            assert not table.lead or set(table.rank) <= set(table.lead)
