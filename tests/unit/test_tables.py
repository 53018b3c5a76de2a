"""What a column is like is declared once, wherever it stands."""

from dataclasses import fields

import pytest

from togglframe.tables import COLUMNS, TABLES, Column, Kind

EVERY_COLUMN = [
    pytest.param(column, id=f"{table.name}.{column.name}") for table in TABLES for column in table
]
every_column = pytest.mark.parametrize("column", EVERY_COLUMN)
OF_THE_WIRE = {"wire", "wire_unit", "is_blank_missing"}
FACTS = [f.name for f in fields(Column) if f.name not in {"name", "doc", *OF_THE_WIRE}]
AMBIGUOUS = {("labour_cost", "is_additive")}  # a cost for an hour, or for all of them
KINDS = {
    "is_additive": Kind.MONEY,
    "is_excess": Kind.HOURS,
    "is_factor": Kind.RATIO,
    "is_logarithm": Kind.RATIO,
    "has_bar": Kind.RATIO,
    "is_sentence": Kind.STRING,
    "stand_in": Kind.STRING,
}


@every_column
def test_a_name_is_alike_in_every_table(column):
    """A frame that is of no table is shown by the names of its columns alone."""
    alike = [other for other in COLUMNS[column.name] if other.kind is column.kind]
    for fact in FACTS:
        if (column.name, fact) in AMBIGUOUS:
            continue
        assert {getattr(other, fact) for other in alike} == {getattr(column, fact)}


@every_column
def test_a_fact_is_declared_of_the_kind_that_has_it(column):
    for fact, kind in KINDS.items():
        assert not getattr(column, fact) or column.kind is kind


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_stands_in_for_a_name_is_an_id(table):
    for column in table:
        stand_in = column.stand_in
        assert stand_in is None or stand_in not in table or table[stand_in].kind is Kind.ID


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_what_leads_are_columns_of_the_table_once_each_with_what_ranks_it(table):
    assert set(table.lead) <= set(table.names)
    assert len(set(table.lead)) == len(table.lead)
    assert not table.lead or set(table.rank) <= set(table.lead)
