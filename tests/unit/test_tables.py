"""What a column is like is declared once, wherever it stands."""

from dataclasses import fields

from togglframe.tables import COLUMNS, TABLES, Column, Kind

OF_THE_JSON = {"field", "field_unit", "is_blank_missing"}
FACTS = [f.name for f in fields(Column) if f.name not in {"name", "doc", *OF_THE_JSON}]
AMBIGUOUS = {
    ("labour_cost", "is_additive"),  # a cost for an hour, or for all of them
    ("amount_before", "is_additive"),  # of a snapshot, where a new row has NA, or of a range
}
KINDS = {
    "is_additive": Kind.MONEY,
    "is_excess": Kind.HOURS,
    "is_factor": Kind.RATIO,
    "is_logarithm": Kind.RATIO,
    "has_bar": Kind.RATIO,
    "is_sentence": Kind.STRING,
    "stand_in": Kind.STRING,
}


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
                for fact, kind in KINDS.items()
                if getattr(column, fact) and column.kind is not kind
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
