"""CSV: what stands in the file, and what comes back."""

import csv
import json

import numpy as np
import pandas as pd
import pytest
from export_data import assert_same

from togglframe import tables
from togglframe.errors import ConfigError
from togglframe.export import read_csv, read_parquet, to_csv, to_parquet


@pytest.fixture
def frame():
    frame = pd.DataFrame(
        {
            "id": pd.Series([1, None, 9007199254740993], dtype="Int64"),
            "name": pd.Series(["=1+1", None, ""], dtype="str"),
            "active": pd.Series([True, None, False], dtype="boolean"),
            "tracked_time": pd.Series([1500, None, 3_600_000], dtype="timedelta64[ms]"),
            "rate": pd.Series([-1.5, None, 1 / 3], dtype="Float64"),
            "at": pd.Series(
                pd.to_datetime(
                    ["2026-03-01T12:00:00Z", None, "2026-03-01T12:00:00.5Z"], format="ISO8601"
                )
            ).astype("datetime64[us, UTC]"),
            "permissions": pd.Series([["read", "a,b"], pd.NA, []], dtype=object),
            "severity": pd.Categorical(
                ["info", None, "error"], categories=tables.SEVERITIES, ordered=True
            ),
        }
    )
    frame.attrs = {"togglframe": {"workspace_id": 7, "fetched_at": "2026-03-01T12:00:00+00:00"}}
    return frame


def test_the_plain_dialect_word_for_word(frame, tmp_path):
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    assert path.read_bytes().decode() == (
        '"id","name","active","tracked_seconds","tracked_hours","rate","at",'
        '"permissions","severity"\n'
        '1,"\'=1+1",True,1.5,0.0004166666666666667,-1.5,2026-03-01T12:00:00.000000Z,'
        '"[""read"", ""a,b""]","info"\n'
        ",,,,,,,,\n"
        '9007199254740993,"",False,3600,1.0,0.3333333333333333,2026-03-01T12:00:00.500000Z,'
        '"[]","error"\n'
    )


def test_the_european_dialect_has_semicolons_decimal_commas_and_a_mark(frame, tmp_path):
    content = to_csv(frame, tmp_path / "f.csv", dialect="excel-eu").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"id";"name";')
    assert b";1,5;0,0004166666666666667;-1,5;" in content
    assert content.count(b"\r\n") == content.count(b"\n") == 4


def test_the_excel_dialect_has_a_mark_and_crlf(frame, tmp_path):
    content = to_csv(frame, tmp_path / "f.csv").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"id","name",')
    assert content.count(b"\r\n") == content.count(b"\n") == 4


@pytest.mark.parametrize("dialect", ["excel", "excel-eu", "plain"])
@pytest.mark.parametrize("safe", [True, False])
def test_the_frame_comes_back(frame, tmp_path, dialect, safe):
    path = to_csv(frame, tmp_path / "f.csv", dialect=dialect, safe=safe)
    assert_same(read_csv(path), frame)


def test_pandas_reads_the_excel_dialect_without_help(frame, tmp_path):
    plain = pd.read_csv(to_csv(frame, tmp_path / "f.csv"))
    assert plain["tracked_seconds"].tolist()[::2] == [1.5, 3600.0]
    assert plain.columns[0] == "id"


def test_categories_come_back_in_their_order(frame, tmp_path):
    back = read_csv(to_csv(frame, tmp_path / "f.csv"))
    assert back["severity"].min() == "error"
    assert back["severity"].cat.categories.tolist() == list(tables.SEVERITIES)


def test_the_guard_is_for_texts_only_and_can_be_left_out(tmp_path):
    frame = pd.DataFrame({"=x": ["-1", "'a", "a-b"], "y": [-1.5, 2.0, 3.0], "n": [-1, 2, 3]})
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    rows = list(csv.reader(path.read_text().splitlines()))
    assert rows == [
        ["'=x", "y", "n"],
        ["'-1", "-1.5", "-1"],
        ["''a", "2.0", "2"],
        ["a-b", "3.0", "3"],
    ]
    to_csv(frame, path, dialect="plain", safe=False)
    assert path.read_text().splitlines()[1] == '"-1",-1.5,-1'


def test_hours_for_people_only_where_the_frame_has_none(tmp_path):
    times = pd.Series([5_400_000], dtype="timedelta64[ms]")
    frame = pd.DataFrame({"tracked_hours": [1.5], "tracked_time": times, "gap": times})
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    assert path.read_text().splitlines()[0] == (
        '"tracked_hours","tracked_seconds","gap_seconds","gap_hours"'
    )
    assert_same(read_csv(path), frame)


def test_two_columns_never_share_a_heading(tmp_path):
    times = pd.Series([1], dtype="timedelta64[ms]")
    frame = pd.DataFrame({"tracked_seconds": [1], "tracked_time": times})
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    assert "tracked_time_seconds" in path.read_text()
    assert_same(read_csv(path), frame)
    frame["tracked_time_seconds"] = 2
    with pytest.raises(ConfigError, match="tracked_time_seconds"):
        to_csv(frame, path)


@pytest.mark.parametrize(
    "series",
    [
        pd.Series([2**63 + 5, None], dtype="UInt64"),
        pd.Series([1, 2], dtype="int8"),
        pd.Series([0.1, np.nan], dtype="float32"),
        pd.Series([1e-300, 1.7976931348623157e308]),
        pd.Series([np.inf, -np.inf]),
        pd.Series([True, False]),
        pd.Series(["a", None], dtype="string"),
        pd.Series([1, None], dtype="timedelta64[ns]"),
        pd.Series([-1_500_001, None], dtype="timedelta64[us]"),
        pd.Series([-3, 4], dtype="timedelta64[s]"),
        pd.Series(np.array(["2026-01-01T10:00:00.123456789"], dtype="datetime64[ns]")),
        pd.Series(np.array(["1815-12-10"], dtype="datetime64[s]")),
        pd.Series(pd.to_datetime(["2026-07-01"]).tz_localize("Europe/Berlin")),
        pd.Series([{"a": [1, None]}, 3, 2.5, True, None, "text", pd.NA], dtype=object),
        pd.Series(["b", None], dtype=pd.CategoricalDtype(["b", "a"])),
        pd.Series([None], dtype="str"),
        pd.Series([""], dtype="str"),
    ],
    ids=lambda series: str(series.dtype),
)
@pytest.mark.parametrize("dialect", ["excel-eu", "plain"])
def test_other_dtypes_come_back_too(series, dialect, tmp_path):
    frame = pd.DataFrame({"x": series})
    assert_same(read_csv(to_csv(frame, tmp_path / "f.csv", dialect=dialect)), frame)


def test_a_long_frame_is_written_and_read_in_parts(frame, tmp_path, monkeypatch):
    monkeypatch.setattr("togglframe.export.csv._ROWS_AT_ONCE", 2)
    attrs, frame = frame.attrs, pd.concat([frame] * 3, ignore_index=True)
    frame["name"] = ["a\nb", '","', "=1", None, "", "x\r\ny", "'", "z", "\n"]
    frame.attrs = attrs
    assert_same(read_csv(to_csv(frame, tmp_path / "f.csv")), frame)
    frame.loc[8, "permissions"] = {1}
    with pytest.raises(ConfigError, match="set in row 8"):
        to_csv(frame, tmp_path / "f.csv")


@pytest.mark.parametrize(
    "index",
    [pd.RangeIndex(5, 8), pd.Index([30, -1, 7])],
)
def test_row_labels_of_a_filtered_or_sorted_frame_come_back(index, tmp_path):
    frame = pd.DataFrame({"x": [1, 2, 3]}, index=index)
    assert_same(read_csv(to_csv(frame, tmp_path / "f.csv")), frame)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": [1]}, index=["a"]), "reset_index"),
        (pd.DataFrame({"x": [1]}, index=pd.Index([1], name="id")), "reset_index"),
        (pd.DataFrame({"x": [1j]}), "complex128"),
        (pd.DataFrame({"x": pd.Categorical([1])}), "category"),
        (pd.DataFrame({"x": [{1, 2}]}), "set in row 0"),
        (pd.DataFrame({"x": [(1, 2)]}), "tuple in row 0"),
        (pd.DataFrame({3: [1]}), "a name that is not a string"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "share a name"),
        (pd.DataFrame(), "no columns"),
    ],
)
def test_what_would_not_come_back_is_refused(frame, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        to_csv(frame, tmp_path / "f.csv")
    assert list(tmp_path.iterdir()) == []


def test_attrs_that_json_would_change_are_refused(tmp_path):
    frame = pd.DataFrame({"x": [1]})
    frame.attrs = {"when": pd.Timestamp(0)}
    with pytest.raises(ConfigError, match="when"):
        to_csv(frame, tmp_path / "f.csv")


def test_no_frame_and_no_dialect(tmp_path):
    with pytest.raises(TypeError, match="expected a DataFrame, got list"):
        to_csv([1], tmp_path / "f.csv")
    with pytest.raises(ConfigError, match="'german'"):
        to_csv(pd.DataFrame({"x": [1]}), tmp_path / "f.csv", dialect="german")


def test_the_description_says_what_csv_cannot(frame, tmp_path):
    to_csv(tables.PROJECT_BUDGET.empty(), tmp_path / "budget.csv")
    meta = json.loads((tmp_path / "budget.meta.json").read_text())
    assert meta["table"] == "project_budget"
    assert (meta["dialect"], meta["safe"], meta["rows"]) == ("excel", True, 0)
    by_name = {column["name"]: column for column in meta["columns"]}
    assert by_name["tracked_hours"] == {
        "name": "tracked_hours",
        "headers": ["tracked_hours"],
        "dtype": "Float64",
        "kind": "hours",
        "unit": "h",
        "doc": tables.PROJECT_BUDGET["tracked_hours"].doc,
    }
    assert by_name["budget_state"]["dtype"]["ordered"] is True
    to_csv(frame, tmp_path / "f.csv")
    assert json.loads((tmp_path / "f.meta.json").read_text())["attrs"] == frame.attrs


def test_a_csv_without_its_description_is_refused(frame, tmp_path):
    path = to_csv(frame, tmp_path / "f.csv")
    (tmp_path / "f.meta.json").unlink()
    with pytest.raises(ConfigError, match=r"no f\.meta\.json beside f\.csv"):
        read_csv(path)


def test_an_edited_csv_is_refused(frame, tmp_path):
    path = to_csv(frame, tmp_path / "f.csv")
    path.write_bytes(path.read_bytes().replace(b"1.5", b"2.5"))
    with pytest.raises(ConfigError, match=r"is not the file that f\.meta\.json describes"):
        read_csv(path)


def test_a_description_that_is_not_ours_is_refused(frame, tmp_path):
    path = to_csv(frame, tmp_path / "f.csv")
    (tmp_path / "f.meta.json").write_text("{")
    with pytest.raises(ConfigError, match="not JSON"):
        read_csv(path)
    (tmp_path / "f.meta.json").write_text('{"format": 99}')
    with pytest.raises(ConfigError, match="format 99"):
        read_csv(path)


NAMES = ("sha256", "dialect", "safe", "rows", "index", "columns", "columns_name", "attrs")


@pytest.mark.parametrize(
    "change",
    [
        *("[]", "null", "5", '"text"', b'{"a": "\xff"}'),
        *({name: ...} for name in NAMES),
        *({"columns": wrong} for wrong in (5, None, [], [5], [{}], {"a": 1})),
        {"columns": [{"name": ["x"], "headers": ["x"], "dtype": "int64"}]},
        {"columns": [{"name": "x", "headers": 5, "dtype": "int64"}]},
        *(
            {"columns": [{"name": "x", "headers": ["x"], "dtype": dtype}]}
            for dtype in ("no such dtype", [], {}, 5, {"categories": 5, "dtype": "int64"})
        ),
        *({"dialect": wrong} for wrong in ([], "no such dialect", None)),
        *({"index": wrong} for wrong in (5, [2**70], {"start": 0}, {"start": 0, "stop": 9})),
        *({"attrs": wrong} for wrong in (5, None)),
        *({"rows": wrong} for wrong in (5, None)),
        {"columns_name": []},
    ],
    ids=str,
)
def test_a_description_that_is_damaged_is_named(change, tmp_path):
    to_csv(pd.DataFrame({"x": [1, 2]}), tmp_path / "f.csv")
    path = tmp_path / "f.meta.json"
    if isinstance(change, dict):
        meta = json.loads(path.read_text()) | change
        change = json.dumps({name: value for name, value in meta.items() if value is not ...})
    path.write_bytes(change if isinstance(change, bytes) else change.encode())
    with pytest.raises(ConfigError, match=r"f\.(csv|meta\.json) is not .*pandas\.read_csv"):
        read_csv(tmp_path / "f.csv")


def test_no_csv_is_the_error_that_python_has_for_it(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_csv(tmp_path / "f.csv")


def test_the_same_frame_makes_the_same_bytes(frame, tmp_path):
    first = [
        to_csv(frame, tmp_path / "f.csv").read_bytes(),
        (tmp_path / "f.meta.json").read_bytes(),
    ]
    again = [
        to_csv(frame, tmp_path / "f.csv").read_bytes(),
        (tmp_path / "f.meta.json").read_bytes(),
    ]
    assert first == again


@pytest.mark.nightly
def test_every_endpoint_and_report_comes_back(ws, tmp_path):
    from togglframe import reports
    from togglframe.api import filters, search

    found = [
        filters.projects(ws),
        filters.tasks(ws),
        search.users(ws, active=False),
        reports.project_budget(ws, members=True),
        reports.task_accuracy(ws, done=None),
        reports.rate_card(ws),
        reports.project_audit(ws),
    ]
    for position, frame in enumerate(found):
        assert len(frame)
        assert_same(read_csv(to_csv(frame, tmp_path / f"{position}.csv")), frame)


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option is deprecated")
@pytest.mark.parametrize(
    "options", [("future.infer_string", False), ("mode.string_storage", "python")]
)
def test_texts_come_back_whatever_pandas_is_told_of_them(tmp_path, options):
    frame = pd.DataFrame(
        {
            "a": pd.Series(["x", None], dtype=pd.StringDtype(na_value=np.nan)),
            "b": pd.Series(["x", None], dtype=pd.StringDtype()),
            "c": pd.Series(["x", None], dtype=pd.CategoricalDtype(["x", "y"], ordered=True)),
        }
    )
    for write, read, name in (
        (to_csv, read_csv, "f.csv"),
        (to_parquet, read_parquet, "f.parquet"),
    ):
        with pd.option_context(*options):
            back = read(write(frame, tmp_path / name))
        assert [dtype.na_value for dtype in back.dtypes[:2]] == [np.nan, pd.NA]
        assert back.astype(object).fillna("NA").equals(frame.astype(object).fillna("NA"))
        assert back["c"].cat.categories.tolist() == ["x", "y"]


def test_nothing_is_compressed_so_no_name_may_say_so(tmp_path):
    with pytest.raises(ConfigError, match="does not compress"):
        to_csv(pd.DataFrame({"x": [1]}), tmp_path / "f.csv.gz")


@pytest.mark.parametrize("name", ["f.csv.GZ", "f.tgz", "f.Zip"])
def test_no_name_may_say_that_it_is_compressed(tmp_path, name):
    with pytest.raises(ConfigError, match="does not compress"):
        to_csv(pd.DataFrame({"x": [1]}), tmp_path / name)


def test_the_name_of_the_columns_comes_back(tmp_path):
    frame = pd.DataFrame({"a": [1]}).rename_axis(columns="currency")
    assert read_csv(to_csv(frame, tmp_path / "f.csv")).columns.name == "currency"
    with pytest.raises(ConfigError, match="must be a string, not"):
        to_csv(frame.rename_axis(columns=5), tmp_path / "f.csv")


@pytest.mark.parametrize("missing", [np.nan, pd.NA], ids=["nan", "NA"])
@pytest.mark.parametrize("storage", ["python", "pyarrow"])
def test_the_storage_of_texts_comes_back(tmp_path, missing, storage):
    dtype = pd.StringDtype(storage, na_value=missing)
    frame = pd.DataFrame({"a": pd.Series(["x", None], dtype=dtype)})
    assert_same(read_csv(to_csv(frame, tmp_path / "f.csv")), frame)
    assert_same(read_parquet(to_parquet(frame, tmp_path / "f.parquet")), frame)
    assert read_csv(tmp_path / "f.csv")["a"].dtype.storage == storage
