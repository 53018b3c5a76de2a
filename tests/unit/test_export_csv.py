"""CSV: what stands in the file."""

import csv

import pandas as pd
import pytest

from togglframe import tables
from togglframe.errors import ConfigError
from togglframe.export import to_csv, to_parquet


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
        '1,"\'=1+1",True,1.5,0.0004166666666666667,-1.5,"2026-03-01T12:00:00.000000Z",'
        '"[""read"", ""a,b""]","info"\n'
        '"","","","","","","","",""\n'
        '9007199254740993,"",False,3600.0,1.0,0.3333333333333333,"2026-03-01T12:00:00.500000Z",'
        '"[]","error"\n'
    )


def test_the_european_dialect_has_semicolons_decimal_commas_and_a_mark(frame, tmp_path):
    content = to_csv(frame, tmp_path / "f.csv", dialect="excel-eu").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"id";"name";')
    assert b';"1,5";"0,0004166666666666667";"-1,5";' in content
    assert content.count(b"\r\n") == content.count(b"\n") == 4


def test_the_excel_dialect_has_a_mark_and_crlf(frame, tmp_path):
    content = to_csv(frame, tmp_path / "f.csv").read_bytes()
    assert content.startswith(b'\xef\xbb\xbf"id","name",')
    assert content.count(b"\r\n") == content.count(b"\n") == 4


def test_pandas_reads_the_excel_dialect_without_help(frame, tmp_path):
    plain = pd.read_csv(to_csv(frame, tmp_path / "f.csv"))
    assert plain["tracked_seconds"].tolist()[::2] == [1.5, 3600.0]
    assert plain.columns[0] == "id"


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


def test_two_columns_never_share_a_heading(tmp_path):
    times = pd.Series([1], dtype="timedelta64[ms]")
    frame = pd.DataFrame({"tracked_seconds": [1], "tracked_time": times})
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    assert "tracked_time_seconds" in path.read_text()
    frame["tracked_time_seconds"] = 2
    with pytest.raises(ConfigError, match="tracked_time_seconds"):
        to_csv(frame, path)


def test_no_frame_and_no_dialect(tmp_path):
    with pytest.raises(TypeError, match="expected a DataFrame, got list"):
        to_csv([1], tmp_path / "f.csv")
    with pytest.raises(ConfigError, match="'german'"):
        to_csv(pd.DataFrame({"x": [1]}), tmp_path / "f.csv", dialect="german")


def test_nothing_is_compressed_so_no_name_may_say_so(tmp_path):
    with pytest.raises(ConfigError, match="does not compress"):
        to_csv(pd.DataFrame({"x": [1]}), tmp_path / "f.csv.gz")


@pytest.mark.parametrize("name", ["f.csv.GZ", "f.tgz", "f.Zip"])
def test_no_name_may_say_that_it_is_compressed(tmp_path, name):
    with pytest.raises(ConfigError, match="does not compress"):
        to_csv(pd.DataFrame({"x": [1]}), tmp_path / name)


def test_days_have_no_time_and_timestamps_have_one(tmp_path):
    midnight = pd.to_datetime(["2026-10-05", None])
    frame = pd.DataFrame(
        {
            "date": midnight,
            "local": pd.to_datetime(["2026-10-05 09:30", None]),
            "start": midnight.tz_localize("Europe/Berlin"),
        }
    )
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    assert path.read_text().splitlines()[1] == (
        '"2026-10-05","2026-10-05T09:30:00.000000","2026-10-04T22:00:00.000000Z"'
    )


def test_one_file_is_written_and_the_same_frame_makes_the_same_bytes(frame, tmp_path):
    first = to_csv(frame, tmp_path / "f.csv").read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]
    assert to_csv(frame, tmp_path / "f.csv").read_bytes() == first


def test_numbers_have_all_their_digits(tmp_path):
    values = {"float": [0.1 + 0.2, 1e-300], "int": pd.array([2**63 - 1, None], "Int64")}
    frame = pd.DataFrame(values)
    for dialect, style in (("plain", {}), ("excel-eu", {"sep": ";", "decimal": ","})):
        path = to_csv(frame, tmp_path / "f.csv", dialect=dialect)
        back = pd.read_csv(path, dtype={"int": "Int64"}, **style)
        assert back["float"].tolist() == frame["float"].tolist()
        assert back["int"].tolist() == frame["int"].tolist()


def test_arrays_of_a_parquet_file_are_written_like_lists(frame, tmp_path):
    back = pd.read_parquet(to_parquet(frame, tmp_path / "f.parquet"))
    expected = to_csv(frame, tmp_path / "f.csv").read_bytes()
    assert to_csv(back, tmp_path / "f.csv").read_bytes() == expected


def test_strings_inside_nested_fields_are_guarded(tmp_path):
    frame = pd.DataFrame({"x": pd.Series(["=1+1", ["=1+1"], {"a": None}], dtype=object)})
    path = to_csv(frame, tmp_path / "f.csv", dialect="plain")
    assert path.read_text().splitlines()[1:] == [
        '"\'=1+1"', '"[""=1+1""]"', '"{""a"": null}"',
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": [1]}, index=["a"]), "reset_index"),
        (pd.DataFrame({"x": [1]}, index=pd.Index([1], name="id")), "reset_index"),
        (pd.DataFrame({"x": [{1, 2}]}), "cannot hold set"),
        (pd.DataFrame({3: [1]}), "a name that is not a string"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "share a name"),
        (pd.DataFrame(), "no columns"),
    ],
)
def test_what_csv_cannot_hold_is_refused(frame, message, tmp_path):
    with pytest.raises(ConfigError, match=message):
        to_csv(frame, tmp_path / "f.csv")
    assert list(tmp_path.iterdir()) == []
