"""What comes back: declared columns, dtypes and units whatever the API sends, or a SchemaError."""

import inspect
import json
import re
import warnings
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest
from endpoints import (
    CASES,
    LISTINGS,
    every_endpoint,
    every_endpoint_of_time,
    every_listing,
    label,
)
from pairing import paired
from vendor import Behaviour, Fault, VendorSandbox

from togglframe import CompletenessWarning, SemanticsWarning, clock
from togglframe.api import filters, search
from togglframe.errors import SchemaError
from togglframe.tables import FieldUnit, Kind

BIG = 2**53 + 1
GOOD = {
    Kind.ID: 41,
    Kind.BOOLEAN: True,
    Kind.STRING: "text",
    Kind.DURATION: 90_061,
    Kind.MONEY: 12_345,
    Kind.TIMESTAMP: "2026-03-04T05:06:07Z",
    Kind.NAMES: ["read", "write"],
}
WRONG = {
    Kind.ID: ["41", 1.5, True, [41], float(2**53), float(2**60), 2**63, -(2**63)],
    Kind.BOOLEAN: ["true", 0, 1.0, {}],
    Kind.STRING: [5, True, ["text"], 1.5],
    Kind.DURATION: ["3600", 1.5, True, 2**63, -(2**63)],
    Kind.MONEY: ["12.50", True, [1]],
    Kind.TIMESTAMP: [
        1_700_000_000,
        True,
        "yesterday",
        "2026",
        "2026-02-30",
        "2026-01-01T10:00:00",
        "0001-hello",
        "0000-01-01T00:00:00Z",
    ],
    Kind.NAMES: [5, [5], {"a": 1}, True],
}


@pytest.fixture
def answer(sandbox, ws):
    """Return a function that calls an endpoint whose only page holds the rows given."""

    def call(case, rows):
        body = rows if isinstance(rows, str) else json.dumps(rows)
        sandbox.clear_faults()
        sandbox.inject(Fault("payload", body=body, times=-1))
        with warnings.catch_warnings():  # nobody asked for these rows, and they come again
            for category in (CompletenessWarning, SemanticsWarning):
                warnings.simplefilter("ignore", category)
            return case.function(ws, **case.smallest)

    return call


def good_row(case, **values):
    row = {column.field_name: GOOD[column.kind] for column in case.table}
    return {**row, **values}


def dtypes(table):
    return [(column.name, column.dtype) for column in table]


@every_endpoint
def test_an_empty_answer_has_the_declared_columns_and_dtypes(case, answer, subtests):
    no_items = ['{"items": []}', '{"items": null}'] if case.is_listing else []
    for body in ("null", "", "[]", "{}", " ", *no_items):
        with subtests.test(body):
            frame = answer(case, body)
            assert len(frame) == 0
            assert list(frame.dtypes.items()) == dtypes(case.table)


@every_listing
def test_dtypes_hold_when_everything_but_the_id_is_null(case, answer):
    nulls = {column.field_name: None for column in case.table}
    frame = answer(case, [{**nulls, "id": 5}])
    assert list(frame.dtypes.items()) == dtypes(case.table)
    assert frame.iloc[0].drop("id").isna().all()


@every_listing
def test_dtypes_hold_when_every_key_but_the_id_is_missing(case, answer):
    frame = answer(case, [{"id": 5}, good_row(case, id=6)])
    assert list(frame.dtypes.items()) == dtypes(case.table)
    assert frame.iloc[0].drop("id").isna().all()
    assert frame.iloc[1].notna().all()


@every_listing
def test_items_are_unwrapped(case, answer):
    assert answer(case, {"items": [good_row(case)]})["id"].tolist() == [41]


MORE = [
    {"total": 500, "has_more": True, "next_cursor": "abc"},
    {"error": "timed out"},
    {"data": []},
]


@pytest.mark.parametrize(("case", "more"), paired(LISTINGS, MORE), ids=label)
def test_rows_beside_something_that_nobody_reads_are_refused(case, answer, more):
    with pytest.raises(SchemaError, match=f"nothing beside them, got .*{next(iter(more))}"):
        answer(case, {"items": [good_row(case)], **more})


SHAPES = ['"text"', "5", "[1]", "[null]", "[[]]", "true", "false", "0", '{"foo": 1}']
OF_LISTINGS = [*SHAPES, '""', '{"items": false}', '{"items": ""}']


@pytest.mark.parametrize(("case", "body"), paired(LISTINGS, OF_LISTINGS), ids=label)
def test_another_shape_is_refused(case, answer, body):
    with pytest.raises(SchemaError, match=re.escape(case.path)):
        answer(case, body)


@every_endpoint_of_time
def test_another_shape_of_time_is_refused(case, answer, subtests):
    for body in SHAPES:
        with subtests.test(body), pytest.raises(SchemaError, match=re.escape(case.path)):
            answer(case, body)


def refuses(answer, case, column, wrong):
    """Check that the wrong value is named by its endpoint, column and row."""
    rows = [good_row(case, id=1), {**good_row(case, id=2), column.field_name: wrong}]
    with pytest.raises(SchemaError) as caught:
        answer(case, rows)
    error = caught.value
    assert (error.endpoint, error.column, error.row) == (case.path, column.name, 1)
    assert error.value == wrong
    assert f"{case.path}, column {column.name!r}, row 1" in str(error)


@every_listing
def test_a_wrong_json_type_is_named_in_every_column(case, answer, subtests):
    for place, column in enumerate(case.table):
        values = WRONG[column.kind]
        with subtests.test(column.name):
            refuses(answer, case, column, values[place % len(values)])


ONE_OF_EACH = {
    (column.kind, column.field_unit, column.name == "id"): (case, column)
    for case in LISTINGS
    for column in case.table
}


@pytest.mark.parametrize(("case", "column"), ONE_OF_EACH.values(), ids=label)
def test_every_wrong_json_type_of_a_kind_is_refused(case, column, answer, subtests):
    fractions = [1.5] if column.field_unit is FieldUnit.CENTS else []
    for wrong in WRONG[column.kind] + fractions:
        with subtests.test(wrong=wrong):
            refuses(answer, case, column, wrong)


@every_listing
def test_a_row_without_an_id_is_refused(case, answer):
    for rows in ([{}], [good_row(case), good_row(case, id=None)]):
        with pytest.raises(SchemaError, match="no id"):
            answer(case, rows)


@every_listing
def test_ids_above_2_to_the_53_are_exact_beside_nulls(case, answer):
    for column in case.table:
        if column.kind is Kind.ID and column.name != "id":
            rows = [good_row(case, id=BIG), good_row(case, id=BIG + 1, **{column.name: None})]
            rows[0][column.name] = BIG
            frame = answer(case, rows)
            assert frame[column.name].tolist() == [BIG, pd.NA]
            assert frame["id"].tolist() == [BIG, BIG + 1]


@every_listing
def test_a_whole_float_is_an_id(case, answer):
    assert answer(case, [good_row(case, id=41.0)])["id"].tolist() == [41]


@every_listing
def test_fields_that_the_page_does_not_name_are_kept_with_a_nullable_dtype(case, answer):
    extra = {
        "x_int": [BIG, None],
        "x_float": [1.5, 2],
        "x_flag": [True, None],
        "x_text": ["a", None],
        "x_huge": [2**63, 1],
        "x_mixed": [BIG, 0.5],
        "x_list": [[1], {"a": 2}],
        "x_null": [None, None],
    }
    rows = [
        good_row(case, id=i + 1, **{name: values[i] for name, values in extra.items()})
        for i in range(2)
    ]
    frame = answer(case, rows)
    assert list(frame.columns) == [*case.table.names, *extra]
    found = {name: str(frame[name].dtype) for name in extra}
    assert found == {
        "x_int": "Int64",
        "x_float": "Float64",
        "x_flag": "boolean",
        "x_text": "str",
        "x_huge": "object",
        "x_mixed": "object",
        "x_list": "object",
        "x_null": "object",
    }
    assert frame["x_int"].tolist() == [BIG, pd.NA]
    assert frame["x_huge"].tolist() == [2**63, 1]
    assert frame["x_mixed"].tolist() == [BIG, 0.5]


def test_an_extra_field_that_shares_a_declared_name_is_kept_under_another(answer):
    case = next(case for case in CASES if case.path == "filters/projects/status")
    frame = answer(case, [good_row(case, tracked_time="2 h")])
    assert frame["tracked_time"].tolist() == [pd.Timedelta(seconds=90_061)]
    assert frame["tracked_time_extra"].tolist() == ["2 h"]
    frame = answer(case, [good_row(case, tracked_time_extra="3 h", tracked_time="2 h")])
    assert frame["tracked_time_extra"].tolist() == ["3 h"]
    assert frame["tracked_time_extra_extra"].tolist() == ["2 h"]


@pytest.mark.parametrize(
    "wrong", [{"id": None}, {"id": "x"}, {"id": 301, "name": "b"}, {"name": 5}]
)
def test_the_row_of_an_error_counts_from_the_first_page(sandbox, ws, wrong):
    rows = [{"id": n, "name": "a"} for n in range(1, 303)]
    for page in (rows[:300], [rows[300], rows[301] | wrong]):
        sandbox.inject(Fault("payload", body=json.dumps(page)))
    with pytest.raises(SchemaError) as caught:
        filters.clients(ws)
    assert caught.value.row == 301


def test_timestamps_are_utc_whatever_their_offset(answer):
    case = next(case for case in CASES if case.path == "filters/tasks")
    given = {
        "2026-03-04T05:06:07Z": datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC),
        "2026-03-04T05:06:07.123456789+02:00": datetime(2026, 3, 4, 3, 6, 7, 123456, tzinfo=UTC),
        "2026-03-04t05:06:07-11:30": datetime(2026, 3, 4, 16, 36, 7, tzinfo=UTC),
        "2026-03-04": datetime(2026, 3, 4, tzinfo=UTC),
        "9999-12-31T23:59:59.99999999999999999999Z": datetime(
            9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC
        ),
    }
    rows = [good_row(case, id=i + 1, at=text) for i, text in enumerate(given)]
    rows += [good_row(case, id=11, at=""), good_row(case, id=12, at="0001-01-01T00:00:00Z")]
    at = answer(case, rows)["at"]
    assert at.dtype == pd.DatetimeTZDtype("us", "UTC")
    assert at[: len(given)].tolist() == list(given.values())
    assert at[len(given) :].isna().all()


@every_listing
def test_durations_and_money_are_in_their_units(case, answer):
    row = answer(case, [good_row(case)]).iloc[0]
    in_milliseconds = {"filters/tasks": ["tracked_time"], "search/tasks": ["tracked_time"]}
    in_units = ["hourly_rate", "rate"]
    for column in case.table:
        if column.kind is Kind.DURATION:
            scale = 1 if column.name in in_milliseconds.get(case.path, []) else 1000
            assert row[column.name] == np.timedelta64(90_061 * scale, "ms"), column.name
        if column.kind is Kind.MONEY:
            expected = 12_345 if column.name in in_units else 123.45
            assert row[column.name] == expected, column.name


def test_permissions_may_be_one_text(answer):
    case = next(case for case in CASES if case.path == "search/tasks")
    rows = [good_row(case, id=1, permissions="read"), good_row(case, id=2, permissions=None)]
    assert answer(case, rows)["permissions"].tolist() == [["read"], pd.NA]


def test_one_id_twice_in_a_page_with_other_values_is_refused(answer):
    case = LISTINGS[0]
    twin = good_row(case, name="another")
    with pytest.raises(SchemaError, match="appears twice"):
        answer(case, [good_row(case), twin])
    assert len(answer(case, [good_row(case), good_row(case)])) == 1


@every_listing
def test_field_names_are_those_the_sandbox_writes_from_the_vendors_page(case, sandbox):
    rows = getattr(sandbox.agency, case.archive)
    wire = {column.field_name for column in case.table}
    if case.path == "filters/users":
        wire = {"fullname" if name == "name" else name for name in wire}
        assert wire < set(rows[0])
        return
    assert set(rows[0]) == wire


def test_docstrings_tell_grain_columns_cost_and_an_example(subtests):
    for case in CASES:
        with subtests.test(case.path):
            doc = inspect.getdoc(case.function)
            text = " ".join(doc.split())
            for line in case.table.describe():
                assert line in text
            assert f"``POST /{case.path}``" in text
            sections = ["Parameters", "Returns", "Raises", "Notes", "Examples"]
            assert [s for s in sections if f"\n{s}\n{'-' * len(s)}\n" in doc] == sections


@pytest.fixture(scope="module")
def wordings():
    """Run two servers that tell the same in other words."""
    other_words = Behaviour(drop_null_keys=True, wrap_items=True, empty="{}")
    with VendorSandbox() as plain, VendorSandbox(behaviour=other_words) as other:
        yield plain, other


@every_listing
def test_the_same_rows_however_the_server_words_them(case, wordings, make_workspace):
    frames = [case.function(make_workspace(server), **selection(case)) for server in wordings]
    assert len(frames[0]) > 0
    pd.testing.assert_frame_equal(*frames)


def selection(case):
    wide = {"search/clients": {"name": "a"}, "search/projects": {"name": "a"}}
    wide |= {"search/users": {"active": True}, "search/tasks": {"active": True}}
    return wide.get(case.path, {})


def test_provenance_says_where_a_frame_came_from(sandbox, make_workspace):
    ws = make_workspace(sandbox, cache="memory")
    before = clock.now()
    fresh = filters.projects(ws, currency="EUR", client_ids=range(1, 40)).attrs["togglframe"]
    cached = filters.projects(ws, currency="EUR", client_ids=range(1, 40)).attrs["togglframe"]
    assert before <= datetime.fromisoformat(fresh.pop("fetched_at")) <= clock.now()
    assert fresh == {
        "table": "projects",
        "workspace_id": sandbox.workspace_id,
        "endpoints": ["filters/projects"],
        "from_cache": False,
        "stale": False,
        "filters": {"currency": "EUR", "client_ids": "39 ids"},
    }
    assert cached["from_cache"] is True
    json.dumps(cached)


def test_a_parameter_that_brings_the_other_state_is_warned_of(make_sandbox, make_workspace):
    ws = make_workspace(make_sandbox(behaviour=Behaviour(active_means_archived=True)))
    for function in (filters.projects, search.projects):
        with pytest.warns(SemanticsWarning, match="is_active=True"):
            frame = function(ws, is_active=True)
        assert set(frame["active"]) == {False}
