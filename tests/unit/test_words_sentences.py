import numpy as np
import pandas as pd
import pytest
from joins_all import ARGUMENTS
from joins_all import agency as agency_frames
from unit.charts_frames import (
    agency,
    budget,
    burn,
    card,
    clients,
    project,
    summary,
    tasks,
    week,
)
from unit.charts_frames_over_time import earned, layers, utilised

from togglframe import tables
from togglframe.charts import alt_text

MINUS, TIMES = "\N{MINUS SIGN}", "\N{MULTIPLICATION SIGN}"
DERIVED = [
    tables.PROJECT_BUDGET,
    tables.PROJECT_BUDGET_MEMBERS,
    tables.CLIENT_BUDGET_BY_CURRENCY,
    tables.CLIENT_BUDGET,
    tables.RATE_CARD,
    tables.TASK_ACCURACY,
    tables.HOURS,
    tables.EARNINGS,
    tables.UTILISATION,
]


@pytest.mark.parametrize(
    ("frame", "sentence"),
    [
        (
            agency(),
            (
                "Tracked hours against estimates, one row per project: 2 of 6 projects with an "
                "estimate overran, by 62 h, most of all Relaunch (+50.0 h); 4 projects cannot be "
                "measured against an estimate; 986.5 h tracked in all."
            ),
        ),
        (
            tasks(),
            (
                "Tracked hours as multiples of the estimate, one row per task: 60 % of the tasks "
                "stayed within their estimate."
            ),
        ),
        (
            summary(currencies=["EUR", "USD"]),
            "Amounts by client, each currency separately: Acme is 81 % of all EUR.",
        ),
        (
            clients(),
            "Tracked hours against estimates by client: overruns cost 62 h.",
        ),
        (
            card(),
            "Labour cost and hourly rate of each member: Bob costs more than is billed.",
        ),
        (
            burn(),
            (
                "Cumulative hours against estimates, one line per project: "
                "1 of 3 projects overran, by 50 h."
            ),
        ),
        (
            week(),
            "Time entries from start to stop, one row per day: Ann: 17.0 h from Monday to Friday.",
        ),
        (
            layers(),
            "Hours per week by project: 18 h a week; the most, 38 h, from 5 October.",
        ),
        (
            earned(),
            (
                "Amounts per month by client, each currency separately: August earned EUR 0, "
                "100 % less than July; 2 unknown amounts."
            ),
        ),
        (
            utilised(),
            (
                "Tracked and billable hours against capacity, one row per user: 64 % of the "
                "capacity was used; one person is over theirs; the capacity of 1 user is unknown "
                "or zero."
            ),
        ),
    ],
)
def test_each_table_has_its_sentence(frame, sentence):
    assert alt_text(frame) == sentence
    pytest.importorskip("pyarrow")
    with np.errstate(all="raise"):
        assert alt_text(frame.convert_dtypes(dtype_backend="pyarrow").iloc[::-1]) == sentence


def test_every_table_is_told_from_the_others_even_empty(subtests):
    for table in DERIVED:
        with subtests.test(table=table.name):
            sentence = alt_text(table.empty())
            assert sentence.endswith(".")
            assert not sentence.startswith(("A table of", "0 rows"))


def test_a_listing_is_known_by_its_columns():
    assert alt_text(tables.CLIENTS.empty()) == "0 rows, one per client."
    assert alt_text(tables.PROJECTS.empty()) == "0 rows, one per project."


def test_a_frame_of_any_kind_has_a_sentence():
    assert alt_text(pd.DataFrame({"a": [1, 2]})) == "A table of 2 rows and 1 column."


@pytest.mark.parametrize(
    ("frame", "finding"),
    [
        (budget(project(1, "A", 12, 10)), "A overran its estimate by 2.0 h"),
        (budget(project(1, "A", 8, 10)), "no project has overrun; 1 is close"),
        (budget(project(1, "A", 8)), "the only project does not have an estimate"),
        (
            budget(project(1, "A", None, 10)),
            "the tracked hours of 1 project are unknown",
        ),
        (
            budget(project(1, "A", 8), project(2, "B", None, 10)),
            "none of 2 projects has both an estimate and known hours",
        ),
        (budget(), "no projects"),
    ],
)
def test_the_grammar_follows_the_count(frame, finding):
    assert f"one row per project: {finding}" in alt_text(frame)


def test_only_a_frame_has_a_sentence():
    with pytest.raises(TypeError, match="alt_text takes a DataFrame, not str"):
        alt_text("budget")


@pytest.mark.parametrize("table", [tables.WORKLOAD, tables.PROJECT_AUDIT, tables.PROJECT_MEMBERS])
def test_a_table_that_no_chart_draws_has_its_rows_and_what_one_is(table):
    assert alt_text(table.empty()) == f"0 rows, one per {table.grain}."


@pytest.mark.nightly
def test_the_sentence_of_an_agency_is_the_same_whatever_holds_the_values(subtests):
    pytest.importorskip("pyarrow")
    for name in ARGUMENTS:
        frame = agency_frames()[name]
        with subtests.test(name=name):
            assert alt_text(frame.convert_dtypes(dtype_backend="pyarrow")) == alt_text(frame)
            with np.errstate(all="raise"):
                assert alt_text(frame.iloc[::-1]) == alt_text(frame)


def test_a_client_frame_with_few_columns_has_a_sentence():
    few = clients()[["client", "variance_hours", "gross_overrun_hours", "saved_hours"]]
    assert alt_text(few) == "Tracked hours against estimates by client: overruns cost 62 h."


def named(frame, table):
    """Return the frame with the table that it names."""
    changed = frame.copy()
    changed.attrs = {"togglframe": {"table": table}}
    return changed


def test_a_frame_names_its_table_where_its_columns_are_there():
    both = agency().assign(
        **{
            column.name: pd.Series([None] * 10, dtype=column.dtype)
            for column in tables.TASK_ACCURACY
            if column.name not in tables.PROJECT_BUDGET
        }
    )
    assert alt_text(named(both, None)).startswith("Tracked hours as multiples of the estimate")
    assert alt_text(named(both, "project_budget")) == alt_text(agency())
    fewer = both.drop(columns="billable_share")
    assert alt_text(named(fewer, "project_budget")) == alt_text(named(both, None))
    assert alt_text(named(agency(), "rate_card")) == alt_text(agency())
    assert alt_text(named(agency(), "no such table")) == alt_text(agency())


def test_the_attrs_of_a_stranger_are_no_provenance():
    frame = agency()
    frame.attrs = {"togglframe": "mine"}
    assert alt_text(frame) == alt_text(agency())


def test_a_name_is_told_whatever_the_fonts():
    frame = budget(project(1, "日本語", 12, 10))
    assert "most of all 日本語 (+2.0 h)" in alt_text(frame)
