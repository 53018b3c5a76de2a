"""Parquet: what pandas reads back, and what is said where pyarrow is missing."""

import sys

import numpy as np
import pandas as pd
import pytest
from export_data import assert_same

from togglframe import reports
from togglframe.errors import ConfigError
from togglframe.export import to_parquet


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([9007199254740993, None], dtype="Int64"),
        pd.Series([True, None], dtype="boolean"),
        pd.Series([0.1, None], dtype="Float64"),
        pd.Series(["a", None], dtype="str"),
        pd.Series([1, None], dtype="timedelta64[ms]"),
        pd.Series(["b", None], dtype=pd.CategoricalDtype(["b", "a", "unused"], ordered=True)),
        pd.Series(pd.to_datetime(["2026-01-01", None]).tz_localize("UTC")).astype(
            "datetime64[us, UTC]"
        ),
    ],
    ids=lambda series: str(series.dtype),
)
def test_every_dtype_and_the_attrs_come_back(series, tmp_path):
    frame = pd.DataFrame({"x": series})
    frame.attrs = {"togglframe": {"workspace_id": 7}}
    assert_same(pd.read_parquet(to_parquet(frame, tmp_path / "f.parquet")), frame)


@pytest.mark.parametrize(
    ("values", "items"),
    [([["a", "b"], pd.NA, []], str), ([[1, 2], pd.NA, []], int), ([pd.NA, pd.NA], str)],
    ids=str,
)
def test_lists_come_back_as_arrays_and_are_written_again_the_same(values, items, tmp_path):
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    path = to_parquet(frame, tmp_path / "f.parquet")
    back = pd.read_parquet(path)
    for kept, value in zip(back["x"], values, strict=True):
        if value is pd.NA:
            assert pd.isna(kept)
        else:
            assert isinstance(kept, np.ndarray)
            assert kept.tolist() == value
    before = path.read_bytes()
    assert to_parquet(back, path).read_bytes() == before


def test_nested_fields_that_no_table_declares_become_json(tmp_path):
    values = [{"a": 1}, [1, "b"], [{"c": []}], 2**70, True, "text", pd.NA]
    frame = pd.DataFrame({"x": pd.Series(values, dtype=object)})
    back = pd.read_parquet(to_parquet(frame, tmp_path / "f.parquet"))
    assert back["x"].dtype == "str"
    assert back["x"].tolist()[:-1] == [
        '{"a": 1}', '[1, "b"]', '[{"c": []}]', str(2**70), "true", '"text"',
    ]  # fmt: skip
    assert back["x"].isna().tolist() == [False] * 6 + [True]


def test_reports_take_arrays_where_lists_stood(ws, tmp_path):
    entries = reports.time_entries(ws, period="2026-10")
    tasks = reports.project_budget(ws)
    assert len(tasks)
    back = pd.read_parquet(to_parquet(entries, tmp_path / "f.parquet"))
    assert isinstance(back["tags"][0], np.ndarray)
    for by in ("tags", "project"):
        ours = reports.hours({"time_entries": entries}, period="2026-10", by=by)
        assert_same(reports.hours({"time_entries": back}, period="2026-10", by=by), ours)


def test_row_labels_come_back(tmp_path):
    for labels in (pd.Index([7, 3], name="id"), pd.Index(["a", "b"], name="name")):
        frame = pd.DataFrame({"x": [1, 2]}, index=labels)
        assert_same(pd.read_parquet(to_parquet(frame, tmp_path / "f.parquet")), frame)


def test_without_pyarrow_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "togglframe\[parquet\]"'):
        to_parquet(pd.DataFrame({"x": [1]}), tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": [{1}]}), "cannot hold this frame: .*set"),
        (pd.DataFrame({"x": [1j]}), "Unsupported numpy type"),
        (pd.DataFrame({1: [1]}), "a name that is not a string"),
        (pd.DataFrame(), "no columns"),
    ],
)
def test_what_parquet_cannot_hold_is_refused(frame, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        to_parquet(frame, tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []


def test_column_labels_that_would_not_come_back_are_refused(tmp_path):
    frame = pd.crosstab(pd.Series(["a"]), pd.Series(["x"], dtype="category"))
    with pytest.raises(ConfigError, match="column labels are a category"):
        to_parquet(frame, tmp_path / "f.parquet")
