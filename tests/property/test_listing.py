"""However rows are cut into pages, and however many are cast at a time, the frame is the same."""

from unittest import mock

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from togglframe.api import listing
from togglframe.api.listing import RowCollector
from togglframe.errors import SchemaError
from togglframe.tables import PROJECT_GROUPS, TIME_ENTRIES
from togglframe.tables.casting import cast, objects

undeclared = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False))
rows = st.lists(
    st.fixed_dictionaries(
        {"id": st.integers(1, 40), "project_id": st.integers(1, 9)},
        optional={
            "group_id": st.none() | st.integers(1, 9),
            "more": undeclared,
            "most": undeclared,
        },
    ),
    max_size=30,
)


def frame(pages, at_a_time):
    with mock.patch.object(listing, "_ROWS_AT_A_TIME", at_a_time):
        made = RowCollector("filters/project_groups", PROJECT_GROUPS)
        for page in pages:
            made.add([dict(row) for row in page])
        return made.frame(1, {})


@given(rows, st.integers(1, 9))
def test_the_frame_does_not_depend_on_how_many_rows_are_cast_at_a_time(rows, at_a_time):
    pages = [[row] for row in rows]
    whole = frame(pages, 10_000)
    pd.testing.assert_frame_equal(frame(pages, at_a_time), whole)
    latest = {row["id"]: row for row in rows}
    assert whole["id"].tolist() == sorted(latest)
    for row in whole[["id", "project_id", "group_id"]].itertuples():
        given_row = latest[row.id]
        assert row.project_id == given_row["project_id"]
        assert (None if row.group_id is pd.NA else row.group_id) == given_row.get("group_id")


@given(rows)
def test_an_undeclared_column_takes_the_dtype_that_holds_all_its_values(rows):
    made = frame([[row] for row in rows], at_a_time=3)
    for name in {"more", "most"} & set(made):
        values = [row.get(name) for row in rows]
        types = set(map(type, values)) - {type(None)}
        if types == {bool}:
            assert made[name].dtype == "boolean"
        if types == {float}:
            assert made[name].dtype == "Float64"


def test_an_error_names_the_row_of_the_whole_listing():
    pages = [[{"id": n, "project_id": 1, "group_id": 1}] for n in range(1, 6)]
    pages[3][0]["group_id"] = "7"
    with pytest.raises(SchemaError) as caught:
        frame(pages, at_a_time=2)
    assert (caught.value.column, caught.value.row, caught.value.value) == ("group_id", 3, "7")


@pytest.mark.parametrize(("name", "value"), [("tags", ["design"]), ("tag_ids", [7])])
def test_a_column_of_lists_does_not_keep_the_rest_of_its_block_alive(name, value):
    block = objects([value, "a long description"] * 3).reshape(3, 2)
    made = cast(TIME_ENTRIES[name], block[:, 0], endpoint="search/time_entries")
    assert made.tolist() == [value] * 3
    assert not np.shares_memory(made, block)
