"""Parquet: what comes back, and what is said where pyarrow is missing."""

import sys

import numpy as np
import pandas as pd
import pytest
from export_data import assert_same

from togglframe.errors import ConfigError
from togglframe.export import read_parquet, to_parquet


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([["a"], [], pd.NA], dtype=object),
        pd.Series([pd.NA, pd.NA], dtype=object),
        pd.Series([{"a": 1}, [1, "b"], None, pd.NA], dtype=object),
        pd.Series([9007199254740993, None], dtype="Int64"),
        pd.Series([1, None], dtype="timedelta64[ms]"),
        pd.Series(["b", None], dtype=pd.CategoricalDtype(["b", "a", "unused"], ordered=True)),
        pd.Series(pd.to_datetime(["2026-01-01", None]).tz_localize("UTC")).astype(
            "datetime64[us, UTC]"
        ),
    ],
    ids=lambda series: str(series.dtype),
)
@pytest.mark.parametrize("rows", [0, None])
def test_what_parquet_alone_would_change_comes_back(series, rows, tmp_path):
    frame = pd.DataFrame({"x": series})[:rows]
    frame.attrs = {"togglframe": {"workspace_id": 7}}
    assert_same(read_parquet(to_parquet(frame, tmp_path / "f.parquet")), frame)


def test_pandas_alone_reads_it_with_its_attrs_and_with_arrays_for_lists(tmp_path):
    frame = pd.DataFrame({"permissions": [["a", "b"], pd.NA], "id": [1, 2]})
    frame.attrs = {"togglframe": {"workspace_id": 7}}
    plain = pd.read_parquet(to_parquet(frame, tmp_path / "f.parquet"))
    assert plain.attrs == frame.attrs
    assert isinstance(plain["permissions"][0], np.ndarray)
    assert plain["permissions"][0].tolist() == ["a", "b"]


def test_row_labels_come_back(tmp_path):
    frame = pd.DataFrame({"x": [1, 2]}, index=pd.Index([7, 3], name="id"))
    assert_same(read_parquet(to_parquet(frame, tmp_path / "f.parquet")), frame)


@pytest.mark.parametrize("function", [to_parquet, lambda _, path: read_parquet(path)])
def test_without_pyarrow_it_says_what_to_install(function, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ImportError, match=r'pip install "togglframe\[parquet\]"'):
        function(pd.DataFrame({"x": [1]}), tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_file_of_another_hand_is_refused(tmp_path):
    path = tmp_path / "f.parquet"
    pd.DataFrame({"x": [1]}).to_parquet(path)
    with pytest.raises(ConfigError, match=r"pandas\.read_parquet"):
        read_parquet(path)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": [{1}]}), "set in row 0"),
        (pd.DataFrame({"x": [1j]}), "complex128"),
        (pd.DataFrame({1: [1]}), "a name that is not a string"),
    ],
)
def test_what_would_not_come_back_is_refused(frame, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        to_parquet(frame, tmp_path / "f.parquet")
    assert list(tmp_path.iterdir()) == []


def test_column_labels_that_would_not_come_back_are_refused(tmp_path):
    frame = pd.crosstab(pd.Series(["a"]), pd.Series(["x"], dtype="category"))
    with pytest.raises(ConfigError, match="column labels are a category"):
        to_parquet(frame, tmp_path / "f.parquet")


def test_what_is_no_parquet_is_named(tmp_path):
    (tmp_path / "f.parquet").write_text("no")
    with pytest.raises(ConfigError, match="is not a Parquet file"):
        read_parquet(tmp_path / "f.parquet")
    with pytest.raises(FileNotFoundError):
        read_parquet(tmp_path / "gone.parquet")


def test_row_labels_that_would_become_floats_are_refused(tmp_path):
    frame = pd.DataFrame({"id": pd.array([2**53 + 1, pd.NA], "Int64"), "x": [1, 2], "y": [1, 2]})
    for labelled in (frame.set_index("id"), frame.set_index(["x", "id"])):
        with pytest.raises(ConfigError, match="row labels have the dtype Int64"):
            to_parquet(labelled, tmp_path / "f.parquet")
    by_name = pd.DataFrame({"x": [1]}, index=pd.Index(["a"], name="name"))
    assert_same(read_parquet(to_parquet(by_name, tmp_path / "f.parquet")), by_name)


@pytest.mark.parametrize("path", [".", ""])
def test_a_folder_is_refused_and_its_files_are_not_added_up(path, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("monday.parquet", "tuesday.parquet"):
        to_parquet(pd.DataFrame({"x": [1]}), tmp_path / name)
    with pytest.raises(IsADirectoryError):
        read_parquet(path)
