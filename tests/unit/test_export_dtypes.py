"""Frames as others make them: other dtypes, other options, a strict numpy. Right, or refused."""

import contextlib
import datetime as dt
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from export_data import read_workbook

from togglframe.errors import ConfigError
from togglframe.export import to_csv, to_excel, to_parquet
from togglframe.tables import ENTRIES, PROJECT_BUDGET, TABLES, Kind

SAMPLES = {
    Kind.ID: [9007199254740993, None],
    Kind.COUNT: [3, None],
    Kind.BOOLEAN: [True, None],
    Kind.STRING: ["=1+1 é", None],
    Kind.STATE: None,
    Kind.DURATION: [5_400_000, None],
    Kind.MONEY: [12.5, None],
    Kind.HOURS: [1.5, None],
    Kind.RATIO: [0.25, None],
    Kind.WEEKS: [3.5, None],
    Kind.TIMESTAMP: pd.to_datetime(["2026-03-01T12:30:15Z", None]),
    Kind.NAMES: [["a", "b"], pd.NA],
    Kind.IDS: [[1, 2], pd.NA],
    Kind.DATE: pd.to_datetime(["2026-03-01", None]),
    Kind.OFFSET: [7_200_000, None],
    Kind.LOCAL: pd.to_datetime(["2026-03-01 09:30:15", None]),
}
FRAMES = {
    "budget": PROJECT_BUDGET,
    "entries": ENTRIES,
    "every kind": {column.kind: column for table in TABLES for column in table}.values(),
}
WRITERS = {"csv": to_csv, "xlsx": to_excel, "parquet": to_parquet}


def sample(columns):
    """Return two rows of these columns: one of values, one of NA."""
    assert SAMPLES.keys() == set(Kind)
    return pd.DataFrame(
        {
            c.name: pd.Series(
                [c.categories[0], None] if c.categories else SAMPLES[c.kind], dtype=c.dtype
            )
            for c in columns
        }
    )


def of_pyarrow(frame):
    return frame.convert_dtypes(dtype_backend="pyarrow")


def of_objects(frame):
    texts = frame.select_dtypes("str").columns
    return frame.astype(dict.fromkeys(texts, object))


def cells(path):
    return [[cell.value for cell in row] for row in read_workbook(path).worksheets[0].iter_rows()]


@cache
def plain(name, suffix):
    """Return the file of a sample, as bytes."""
    with TemporaryDirectory() as folder:
        path = WRITERS[suffix](sample(FRAMES[name]), Path(folder) / f"plain.{suffix}")
        return path.read_bytes()


@cache
def plain_cells(name):
    return cells(BytesIO(plain(name, "xlsx")))


def unchanged(frame):
    return frame


VARIANTS = {"pyarrow": of_pyarrow, "objects": of_objects, "plain": unchanged}
every_frame = pytest.mark.parametrize("name", FRAMES)


@every_frame
@pytest.mark.parametrize("variant", ["pyarrow", "objects"])
def test_a_workbook_of_other_dtypes_is_the_same_workbook(name, variant, tmp_path):
    frame = VARIANTS[variant](sample(FRAMES[name]))
    assert cells(to_excel({"Frame": frame}, tmp_path / "f.xlsx")) == plain_cells(name)


@pytest.mark.nightly
def test_a_workbook_of_any_table_of_pyarrow_is_the_same_workbook(subtests, tmp_path):
    for table in TABLES:
        frames = {"plain": sample(table), "pyarrow": of_pyarrow(sample(table))}
        written = [to_excel(frame, tmp_path / f"{n}.xlsx") for n, frame in frames.items()]
        with subtests.test(table=table.name):
            assert cells(written[0]) == cells(written[1])


@every_frame
@pytest.mark.parametrize("variant", ["pyarrow", "objects"])
def test_a_csv_of_other_dtypes_is_the_same_csv(name, variant, tmp_path):
    frame = VARIANTS[variant](sample(FRAMES[name]))
    assert to_csv(frame, tmp_path / "f.csv").read_bytes() == plain(name, "csv")


@every_frame
@pytest.mark.parametrize("variant", VARIANTS)
def test_parquet_of_other_dtypes_has_every_value(name, variant, tmp_path):
    frame = VARIANTS[variant](sample(FRAMES[name]))
    back = pd.read_parquet(to_parquet(frame, tmp_path / "f.parquet"))
    assert back.columns.tolist() == frame.columns.tolist()
    assert back.isna().equals(frame.isna())


@every_frame
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_strict_numpy_changes_nothing(name, suffix, tmp_path):
    with np.errstate(all="raise"):
        got = WRITERS[suffix](sample(FRAMES[name]), tmp_path / f"f.{suffix}").read_bytes()
    assert got == plain(name, suffix)


@every_frame
@pytest.mark.parametrize("suffix", WRITERS)
@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option is deprecated")
def test_text_as_objects_changes_nothing(name, suffix, tmp_path):
    with pd.option_context("future.infer_string", False):
        frame = sample(FRAMES[name])
        path = WRITERS[suffix](frame, tmp_path / f"f.{suffix}")
    if suffix == "csv":
        assert path.read_bytes() == plain(name, "csv")
    if suffix == "xlsx":
        assert cells(path) == plain_cells(name)


@every_frame
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_column_that_is_there_twice_is_refused(name, suffix, tmp_path):
    frame = sample(FRAMES[name])
    twice = pd.concat([frame, frame.iloc[:, :1]], axis=1)
    with pytest.raises(ConfigError, match=f"share a name.*{frame.columns[0]}"):
        WRITERS[suffix](twice, tmp_path / f"f.{suffix}")


RECURSIVE: list = []
RECURSIVE.append(RECURSIVE)
ODD = {
    "half a character": pd.Series(["\ud800"], dtype=object),
    "half a character as text": pd.Series(["\ud800"], dtype=pd.StringDtype("python")),
    "a list of itself": pd.Series([RECURSIVE], dtype=object),
    "a set": pd.Series([{1}], dtype=object),
    "complex": pd.Series([1 + 2j]),
    "sparse": pd.Series([1.0, np.nan], dtype=pd.SparseDtype(float)),
    "long double": pd.Series(np.array([1.5], dtype=np.longdouble)),
    "period": pd.Series(pd.period_range("2026", periods=2, freq="M")),
    "interval": pd.Series(pd.interval_range(0, 2)),
    "far duration": pd.Series(np.array([2**62], dtype="timedelta64[s]")),
    "far timestamp": pd.Series(np.array(["90000-01-01"], dtype="datetime64[s]")),
    "arrow date": pd.Series([dt.date(2026, 3, 1), None], dtype=pd.ArrowDtype(pa.date32())),
    "arrow time": pd.Series([dt.time(1), None], dtype=pd.ArrowDtype(pa.time64("us"))),
    "arrow decimal": pd.Series([Decimal("1.5")], dtype=pd.ArrowDtype(pa.decimal128(9, 2))),
    "arrow list": pd.Series([["a"]], dtype=pd.ArrowDtype(pa.list_(pa.string()))),
    "arrow nothing": pd.Series([None], dtype=pd.ArrowDtype(pa.null())),
}
NAMES = ["x", "currency", "amount", "tracked_hours", "tracked_time"]
every_odd_value = pytest.mark.parametrize("values", ODD.values(), ids=ODD)


def check_is_written_or_refused(frame, suffix, folder):
    path = folder / f"f.{suffix}"
    with contextlib.suppress(ConfigError):
        WRITERS[suffix](frame, path)
    if suffix == "xlsx":
        assert all(cells(path)[0][: frame.shape[1]])
    elif path.exists() and suffix == "csv":
        assert len(pd.read_csv(path, skip_blank_lines=False)) == len(frame)
    elif path.exists():
        assert pq.read_table(path).num_rows == len(frame)


@every_odd_value
def test_odd_values_are_written_or_refused(values, subtests, tmp_path):
    for suffix in WRITERS:
        with subtests.test(suffix=suffix):
            check_is_written_or_refused(
                pd.DataFrame(dict.fromkeys(NAMES, values)), suffix, tmp_path
            )


@pytest.mark.nightly
@every_odd_value
def test_odd_values_of_each_column_alone_are_written_or_refused(values, subtests, tmp_path):
    for suffix in WRITERS:
        for name in NAMES:
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            with subtests.test(suffix=suffix, name=name):
                check_is_written_or_refused(pd.DataFrame({name: values}), suffix, folder)
