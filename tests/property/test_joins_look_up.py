"""A look-up keeps every row of the left side in its place, and NA meets nothing."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joins_data import ids, maybe_ids

from togglframe.reports._frames import look_up

lefts = st.lists(maybe_ids, max_size=12)
rights = st.lists(maybe_ids, max_size=8, unique=True)


def keyed(values, **columns):
    return pd.DataFrame({"id": pd.array(values, dtype="Int64"), **columns})


@given(lefts, rights)
def test_length_and_order_stay_and_na_meets_nothing(left, right):
    found = look_up(
        keyed(left, place=range(len(left))), keyed(right, name=list(map(str, right))), "id"
    )
    assert found["place"].tolist() == list(range(len(left)))
    expected = [str(n) if n is not None and n in right else None for n in left]
    assert [None if pd.isna(name) else name for name in found["name"]] == expected
    assert found["id"].dtype == pd.Int64Dtype()


@given(ids)
def test_two_rows_for_one_key_are_refused(key):
    twice = keyed([key, key], name=["a", "b"])
    for left in ([key], [key, key]):
        with pytest.raises(pd.errors.MergeError):
            look_up(keyed(left), twice, "id")
