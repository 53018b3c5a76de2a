"""No cell of any file is run, linked or turned into a number because of what the data holds."""

import csv
import re

import pandas as pd
import pytest
from export_data import HOSTILE, frames, read_workbook, texts
from hypothesis import given
from hypothesis import strategies as st

from togglframe.export import to_csv, to_excel

TRIGGER = re.compile(r"\s*[=+\-@\t\r\n\x00|]")
NUMBER = re.compile(r"-?\d+([.,]\d+)?(e[+-]?\d+)?")
OURS = re.compile(r'=(SUBTOTAL|SUMPRODUCT|IF)\((""|[A-Z]+|[A-Z]+\d+|[\d(),:*/=-])+\)')

hostile_frames = st.lists(
    st.tuples(texts, texts, st.floats(allow_nan=False)), min_size=1, max_size=5
).map(
    lambda rows: pd.DataFrame(rows, columns=["name", "currency", "amount"]).astype(
        {"name": "str", "currency": "str", "amount": "Float64"}
    )
)


def cells_of(path):
    dialect = {"delimiter": ";"} if "eu" in path.name else {}
    encoding = "utf-8" if "plain" in path.name else "utf-8-sig"
    with path.open(encoding=encoding, newline="") as file:
        for row in csv.reader(file, **dialect):
            yield from row


@pytest.mark.parametrize("dialect", ["excel", "excel-eu", "plain"])
@given(frame=frames() | hostile_frames, header=texts)
def test_no_cell_of_a_csv_begins_like_a_formula(tmp_path_factory, dialect, frame, header):
    frame = frame.assign(**{header or "x": 1})
    path = to_csv(frame, tmp_path_factory.mktemp("csv") / f"{dialect}.csv", dialect=dialect)
    for cell in cells_of(path):
        assert not TRIGGER.match(cell) or NUMBER.fullmatch(cell), cell


@given(frame=frames() | hostile_frames, header=texts, escape_text=st.booleans())
def test_every_formula_of_a_workbook_is_a_total_of_ours(
    tmp_path_factory, frame, header, escape_text
):
    frame = frame.assign(**{f"{header}_hours": 1.5})
    path = tmp_path_factory.mktemp("excel") / "frame.xlsx"
    to_excel({"Frame": frame}, path, escape_text=escape_text)
    sheet = read_workbook(path)["Frame"]
    for cell in (cell for row in sheet.iter_rows() for cell in row):
        assert cell.hyperlink is None
        if cell.data_type == "f":
            assert OURS.fullmatch(cell.value)
            assert cell.row > len(frame) + 1


def test_hostile_texts_stay_what_they_are(tmp_path):
    frame = pd.DataFrame({"name": HOSTILE}, dtype="str")
    sheet = read_workbook(to_excel({"Names": frame}, tmp_path / "names.xlsx"))["Names"]
    cells = [row[0] for row in sheet.iter_rows(min_row=2)]
    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
