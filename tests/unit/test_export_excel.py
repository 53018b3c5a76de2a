"""Frames as sheets: every value and every format, read back with openpyxl."""

import datetime as dt
import io
import zipfile

import numpy as np
import pandas as pd
import pytest
from export_data import read_workbook
from formulas import Formulas

from togglframe import reports, tables
from togglframe.errors import ConfigError
from togglframe.export import to_excel
from togglframe.text.palette import LIGHT

NOON = dt.datetime.fromisoformat("2026-03-01T12:30:15")
UTC_NOON = pd.Series(pd.to_datetime(["2026-03-01T12:30:15Z", None])).astype("datetime64[us, UTC]")


HOURS = "#,##0.00;-#,##0.00;0"
COUNT = "#,##0;-#,##0;0"
PERCENT = "#,##0 %;-#,##0 %;0 %"


def sheet_of(frame, tmp_path, **options):
    return read_workbook(to_excel({"Frame": frame}, tmp_path / "f.xlsx", **options))["Frame"]


def column(series, tmp_path, name="x"):
    """Write one column; return its heading and its cells."""
    frame = pd.DataFrame({name: series})
    cells = [row[0] for row in sheet_of(frame, tmp_path).iter_rows(max_row=len(frame) + 1)]
    return cells[0].value, cells[1:]


@pytest.mark.parametrize(
    ("series", "heading", "number_format"),
    [
        (pd.Series([12, None], name="project_id", dtype="Int64"), "Project ID", "0"),
        (pd.Series([1.5, None], name="tracked_hours", dtype="Float64"), "Tracked [h]", HOURS),
        (pd.Series([1.19, None], name="progress", dtype="Float64"), "Progress", PERCENT),
        (pd.Series([1.19], name="accuracy_ratio", dtype="Float64"), "Accuracy ratio", HOURS),
        (pd.Series([1200], name="n_projects", dtype="Int64"), "Projects", COUNT),
        (pd.Series(["=1+1", None], name="project", dtype="str"), "Project", "General"),
        (pd.Series([0.25, np.nan], name="anything"), "anything", "General"),
    ],
    ids=lambda value: value.name if isinstance(value, pd.Series) else "",
)
def test_values_and_formats(series, heading, number_format, tmp_path):
    found, cells = column(series, tmp_path, series.name)
    assert found == heading
    assert [cell.value for cell in cells] == [None if pd.isna(v) else v for v in series]
    assert cells[0].number_format == number_format


def test_a_variance_shows_its_sign_and_has_the_colour_of_over_where_it_is(tmp_path):
    _, cells = column(pd.Series([3.0, -2.0, 0.0], dtype="Float64"), tmp_path, "variance_hours")
    assert [cell.value for cell in cells] == [3.0, -2.0, 0]
    assert cells[0].number_format == "+#,##0.00;-#,##0.00;0"
    assert [cell.font.b for cell in cells] == [True, False, False]
    assert cells[0].font.color.rgb == f"FF{LIGHT.over.text[1:]}"


def test_flags_are_words(tmp_path):
    _, cells = column(pd.Series([True, False, None], dtype="boolean"), tmp_path)
    assert [cell.value for cell in cells] == ["yes", "no", None]


def test_durations_are_serial_days_that_read_back_as_durations(tmp_path):
    times = pd.Series([30 * 3_600_000, None, 61_500], dtype="timedelta64[ms]")
    heading, cells = column(times, tmp_path, "tracked_time")
    assert heading == "Tracked time"
    assert [cell.number_format for cell in cells if cell.value is not None] == ["[h]:mm"] * 2
    assert cells[0].value == dt.timedelta(hours=30)
    assert cells[1].value is None
    assert cells[2].value == dt.timedelta(milliseconds=61_500)


def test_a_negative_duration_is_decimal_hours_since_excel_would_show_hashes(tmp_path):
    times = pd.Series([-5_400_000, 3_600_000], dtype="timedelta64[ms]")
    heading, cells = column(times, tmp_path, "gap_time")
    assert heading == "gap_time"
    assert [cell.value for cell in cells] == [-1.5, 1.0]
    assert cells[0].number_format == '#,##0.00 "h";-#,##0.00 "h"'


def test_timestamps_are_utc_and_say_so(tmp_path):
    heading, cells = column(UTC_NOON, tmp_path, "deleted_at")
    assert heading == "Deleted at (UTC)"
    assert cells[0].value == NOON
    assert cells[0].number_format == "yyyy-mm-dd hh:mm:ss"
    assert cells[1].value is None


def test_an_instant_of_another_zone_is_turned_to_utc(tmp_path):
    heading, cells = column(UTC_NOON.dt.tz_convert("Asia/Tokyo"), tmp_path, "at")
    assert heading == "At (UTC)"
    assert cells[0].value == NOON


def test_a_day_that_no_spreadsheet_knows_is_text(tmp_path):
    old = pd.Series(np.array(["1815-12-10"], dtype="datetime64[s]"))
    _, cells = column(old, tmp_path)
    assert cells[0].value == "1815-12-10T00:00:00.000000"


def test_ids_that_excel_would_change_are_text(tmp_path):
    ids = pd.Series([10**15 - 1, 10**15, 9007199254740993], dtype="Int64")
    _, cells = column(ids, tmp_path, "id")
    assert [cell.value for cell in cells] == [10**15 - 1, "1000000000000000", "9007199254740993"]
    assert [cell.data_type for cell in cells] == ["n", "s", "s"]


def test_every_amount_has_the_decimals_of_its_row_and_the_currency_stands_once(tmp_path):
    frame = pd.DataFrame(
        {
            "currency": pd.Series(["EUR", "JPY", "KWD", "TND", "[Red]0", None], dtype="str"),
            "amount": pd.Series([1.5, 1200, -3.125, 1, 7, 8], dtype="Float64"),
        }
    )
    sheet = sheet_of(frame, tmp_path)
    formats = [sheet.cell(row, 2).number_format.partition(";")[0] for row in range(2, 8)]
    two, three = "#,##0.00", "#,##0.000"
    assert formats == [two, "#,##0", three, three, two, two]


def below(sheet, rows):
    """Return what is shown below a table of so many rows: the label of each line, and its cells."""
    shown = Formulas(sheet)
    return [
        [shown[cell.coordinate] for cell in cells] for cells in sheet.iter_rows(min_row=rows + 2)
    ]


def test_hours_are_totalled_and_money_by_currency_only(tmp_path):
    frame = pd.DataFrame(
        {
            "project": pd.Series(["a", "b", "c", "d"], dtype="str"),
            "currency": pd.Series(["EUR", "USD", "EUR", None], dtype="str"),
            "tracked_hours": pd.Series([1.0, 2.0, None, 4.5], dtype="Float64"),
            "amount": pd.Series([10.1, 20.0, 5.2, 1.0], dtype="Float64"),
            "effective_rate": pd.Series([1.0, 2.0, 3.0, 4.0], dtype="Float64"),
        }
    )
    sheet = sheet_of(frame, tmp_path)
    assert below(sheet, 4) == [
        ["Total", None, 7.5, None, None],
        ["Total EUR", "EUR", 1, pytest.approx(15.3), None],
        ["Total USD", "USD", 2, 20, None],
        ["No currency", None, 4.5, 1, None],
    ]
    assert sheet["C6"].value == "=SUBTOTAL(109,C2:C5)"
    assert sheet["D7"].value.startswith("=SUMPRODUCT(")


def test_every_total_follows_the_filter(tmp_path):
    frame = pd.DataFrame(
        {
            "project": pd.Series(["a", "b", "c"], dtype="str"),
            "currency": pd.Series(["EUR", "USD", "EUR"], dtype="str"),
            "tracked_hours": pd.Series([1.0, 2.0, 4.0], dtype="Float64"),
            "estimated_hours": pd.Series([8.0, None, 2.0], dtype="Float64"),
            "amount": pd.Series([10.0, 20.0, 5.0], dtype="Float64"),
        }
    )
    shown = Formulas(sheet_of(frame, tmp_path), hidden={2})
    assert [shown[cell] for cell in ("C5", "D5", "C6", "E6", "E7")] == [6, 2, 4, 5, 20]


def test_another_spelling_of_a_currency_is_never_added_to_it(tmp_path):
    frame = pd.DataFrame({"currency": ["EUR", "eur", "E*"], "amount": [10.0, 1.0, 7.0]})
    assert below(sheet_of(frame, tmp_path), 3) == [["E*", 7], ["EUR", 10], ["eur", 1]]


@pytest.mark.parametrize("code", [["EUR"], 978, b"EUR"])
def test_amounts_in_what_is_no_currency_are_not_added(code, tmp_path):
    frame = pd.DataFrame({"currency": pd.Series([code, "EUR"], dtype=object), "amount": [1.0, 2.0]})
    assert sheet_of(frame, tmp_path).max_row == 3


HOURS_OF_FOUR = {  # over, within, archived within, no estimate
    "project_id": pd.Series([1, 2, 3, 4], dtype="Int64"),
    "active": pd.Series([True, None, False, True], dtype="boolean"),
    "tracked_hours": pd.Series([12.0, 4.0, 5.0, 7.0], dtype="Float64"),
    "estimated_hours": pd.Series([10.0, 10.0, 6.0, None], dtype="Float64"),
    "billable_hours": pd.Series([2.0, None, 5.0, 7.0], dtype="Float64"),
    "non_billable_hours": pd.Series([10.0, None, 0.0, 0.0], dtype="Float64"),
    "remaining_hours": pd.Series([-2.0, 6.0, 1.0, None], dtype="Float64"),
    "variance_hours": pd.Series([2.0, -6.0, -1.0, None], dtype="Float64"),
    "overrun_hours": pd.Series([2.0, 0.0, 0.0, None], dtype="Float64"),
}


def test_the_lines_below_a_budget_are_those_of_every_document(tmp_path):
    frame = pd.DataFrame(HOURS_OF_FOUR)
    frame["progress"] = frame["tracked_hours"] / frame["estimated_hours"]
    frame["billable_share"] = frame["billable_hours"] / frame["tracked_hours"]
    sheet = sheet_of(frame.drop(columns="remaining_hours"), tmp_path)
    assert below(sheet, 4) == [
        ["Total", None, 28, 26, 14, 10, None, 2, None, None],
        [
            "of which with estimate",
            None,
            21,
            26,
            None,
            None,
            -5,
            2,
            pytest.approx(21 / 26),
            None,
        ],
    ]
    assert sheet["I7"].value == '=IF(D7=0,"",C7/D7)'


def test_the_total_of_a_ratio_is_of_the_totals_that_it_is_made_of(tmp_path):
    frame = pd.DataFrame(
        {
            "client": ["a", "b"],
            "tracked_hours": pd.Series([3.0, 1.0], dtype="Float64"),
            "billable_hours": pd.Series([1.5, 1.0], dtype="Float64"),
            "billable_share": pd.Series([0.5, 1.0], dtype="Float64"),
        }
    )
    sheet = sheet_of(frame, tmp_path)
    assert below(sheet, 2) == [["Total", 4, 2.5, 0.625]]
    assert Formulas(sheet, hidden={2})["D4"] == 1


def test_hours_that_remain_are_not_added_where_overruns_cannot_be_told_from_them(tmp_path):
    frame = pd.DataFrame(HOURS_OF_FOUR)[["project_id", "remaining_hours"]]
    assert sheet_of(frame, tmp_path).max_row == 5


def test_a_frame_of_nothing_but_totals_has_no_label(tmp_path):
    frame = pd.DataFrame(HOURS_OF_FOUR)[["tracked_hours", "estimated_hours"]]
    assert below(sheet_of(frame, tmp_path), 4) == [[28, 26]]


def test_the_totals_are_there_for_who_does_not_calculate(tmp_path):
    frame = pd.DataFrame({"tracked_hours": pd.Series([1.25, 2.5], dtype="Float64")})
    path = to_excel(frame, tmp_path / "f.xlsx")
    assert pd.read_excel(path).iloc[-1, 0] == 3.75


def test_hours_of_findings_are_not_added_since_findings_overlap(tmp_path):
    frame = pd.DataFrame({"hours_affected": pd.Series([1.0, 1.0], dtype="Float64")})
    assert sheet_of(frame, tmp_path).max_row == 3


def test_a_sheet_is_a_table_with_frozen_panes_and_prints_its_heading(tmp_path):
    frame = tables.PROJECT_BUDGET.empty().reindex(range(3))
    sheet = sheet_of(frame.astype({c.name: c.dtype for c in tables.PROJECT_BUDGET}), tmp_path)
    (table,) = sheet.tables.values()
    assert table.ref == "A1:X4"
    assert table.autoFilter.ref == "A1:X4"
    assert sheet.freeze_panes == "C2"
    assert sheet.print_title_rows == "$1:$1"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0


def test_a_sheet_is_one_page_wide_and_one_too_wide_to_read_is_on_several_with_its_names(tmp_path):
    names = [f"c{n}" for n in range(12)]
    narrow = pd.DataFrame([["x" * 9] * 12], columns=names)
    wide = pd.DataFrame([["x" * 40] * 3 + [1.5] * 60], columns=[*names[:3], *map(str, range(60))])
    workbook = read_workbook(to_excel({"Narrow": narrow, "Wide": wide}, tmp_path / "f.xlsx"))
    assert [sheet.page_setup.paperSize for sheet in workbook] == [9, 9]
    assert workbook["Narrow"].page_setup.fitToWidth in {None, 1}  # 1 unless it is said
    assert workbook["Narrow"].sheet_properties.pageSetUpPr.fitToPage
    assert workbook["Narrow"].print_title_cols is None
    assert workbook["Wide"].page_setup.fitToWidth == 12
    assert workbook["Wide"].print_title_cols == "$A:$C"


def test_names_that_take_a_whole_page_are_not_all_on_each(tmp_path):
    frame = pd.DataFrame([["x" * 40] * 12], columns=[f"c{n}" for n in range(12)])
    sheet = sheet_of(frame, tmp_path)
    assert sheet.page_setup.fitToWidth == 5
    assert sheet.print_title_cols == "$A:$C"


def test_the_team_is_never_printed_without_names(tmp_path):
    values = {"project": "p" * 48, "user": "u" * 48, "email": "e" * 48, "group": "g" * 48}
    frame = (
        tables.RATE_CARD.empty()
        .reindex(range(2))
        .astype({column.name: column.dtype for column in tables.RATE_CARD})
    )
    sheet = sheet_of(frame.assign(**values, hourly_rate=10.0**12), tmp_path)
    assert sheet.page_setup.fitToWidth > 1
    assert sheet.print_title_cols == "$A:$E"
    assert [sheet[f"{letter}1"].value for letter in "BE"] == ["Project", "User"]


def test_the_longest_header_of_one_workspace_is_printed_whole(tmp_path):
    frame = pd.DataFrame({"x": [1.5]})
    days = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
    told = {"workspace_id": 999_999_999, "fetched_at": "2026-03-01T12:00:00+00:00"}
    frame.attrs = {"togglframe": told | {"from_cache": True, "filters": days}}
    (sheet,) = read_workbook(to_excel({"Ours": frame}, tmp_path / "f.xlsx"))
    assert sheet.oddHeader.right.text.endswith("fetched 2026-03-01 12:00 UTC")


def test_each_page_says_what_it_is_of_which_workspace_and_when(tmp_path):
    frame = pd.DataFrame({"x": [1.5]})
    frame.attrs = {"togglframe": {"workspace_id": "R&D", "fetched_at": "2026-03-01T12:00:00+00:00"}}
    path = to_excel({"Ours": frame, "Yours": pd.DataFrame({"x": [1]})}, tmp_path / "f.xlsx")
    ours, yours = read_workbook(path)
    assert ours.oddHeader.left.text == "&A"
    with zipfile.ZipFile(path) as archive:
        first, second = (archive.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2))
    assert "Toggl Track workspace R&amp;&amp;D, fetched 2026-03-01 12:00 UTC</oddHeader>" in first
    assert "Toggl Track" not in second
    for sheet in (ours, yours):
        assert sheet.oddFooter.right.text == "Page &P of &N"


def test_progress_has_bars_up_to_the_largest_and_states_are_words(tmp_path):
    frame = pd.DataFrame(
        {
            "progress": pd.Series([0.5, 3.0], dtype="Float64"),
            "budget_state": pd.Categorical(
                ["on_track", "over"], categories=tables.BUDGET_STATES, ordered=True
            ),
        }
    )
    path = to_excel({"Frame": frame}, tmp_path / "f.xlsx")
    sheet = read_workbook(path)["Frame"]
    assert [sheet["B2"].value, sheet["B3"].value] == ["on track", "over"]
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<cfvo type="num" val="0"/><cfvo type="num" val="3.0"/>' in xml  # full is the largest
    assert [sheet[cell].font.b for cell in ("A2", "A3", "B2", "B3")] == [False, True] * 2
    assert sheet["A3"].font.color.rgb == sheet["B3"].font.color.rgb == f"FF{LIGHT.over.text[1:]}"
    assert 'gradient="0"' in xml


def test_widths_are_those_of_what_is_displayed(tmp_path):
    frame = pd.DataFrame(
        {
            "flag": pd.Series([True], dtype="boolean"),
            "currency": pd.Series(["USD"], dtype="str"),
            "amount": pd.Series([99_999_999.99], dtype="Float64"),
            "tracked_time": pd.Series([100 / 3], dtype="timedelta64[ms]"),
            "wide": pd.Series(["日" * 10], dtype="str"),
            "long": pd.Series(["x" * 500], dtype="str"),
        }
    )
    sheet = sheet_of(frame, tmp_path)
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEF"]
    assert widths[2] >= len("99,999,999.99")
    assert widths[3] < 20
    assert widths[4] >= 18
    assert min(widths) >= 8
    assert widths[5] == pytest.approx(40, abs=1)


def test_a_name_that_is_not_known_has_words(tmp_path):
    frame = pd.DataFrame(
        {
            "project_id": pd.Series([7, 8], dtype="Int64"),
            "project": pd.Series([None, "Web"], dtype="str"),
            "client_id": pd.Series([None, 5], dtype="Int64"),
            "client": pd.Series([None, None], dtype="str"),
        }
    )
    sheet = sheet_of(frame, tmp_path)
    unlisted = [7, "Project 7 (not listed)", None, "(client unknown)"]
    assert [cell.value for cell in sheet[2]] == unlisted
    assert [cell.value for cell in sheet[3]] == [8, "Web", 5, "Client 5 (not listed)"]
    assert frame["client"].isna().all()


def test_lists_are_joined_and_objects_are_json(tmp_path):
    _, cells = column(pd.Series([["a", "b"], [], pd.NA], dtype=object), tmp_path)
    assert [cell.value for cell in cells] == ["a, b", "", None]
    _, cells = column(pd.Series([{"é": [1]}, None, 3], dtype=object), tmp_path)
    assert [cell.value for cell in cells] == ['{"é": [1]}', None, "3"]


def test_infinity_is_text_and_no_error_value(tmp_path):
    _, cells = column(pd.Series([np.inf, -np.inf, np.nan]), tmp_path)
    assert [cell.value for cell in cells] == ["inf", "-inf", None]
    assert cells[1].data_type == "s"


def test_escape_text_guards_the_sheet_that_is_saved_as_csv_later(tmp_path):
    frame = pd.DataFrame({"name": ["=1+1", "fine", "'tis"], "=x": ["a", "b", "c"]})
    sheet = sheet_of(frame, tmp_path, escape_text=True)
    assert [cell.value for cell in sheet["A"]] == ["Name", "'=1+1", "fine", "''tis"]
    assert sheet["B1"].value == "'=x"


def test_headings_that_a_table_refuses_are_made_possible(tmp_path):
    names = ["a\nb", "a b", "A B", "", " ", "x" * 300]
    frame = pd.DataFrame([[1] * len(names)], columns=names)
    sheet = sheet_of(frame, tmp_path)
    headings = [cell.value for cell in sheet[1]]
    assert headings[:5] == ["a b", "a b (2)", "A B (3)", "Column 4", "Column 5"]
    assert len(headings[5]) <= 255


def test_one_frame_is_a_sheet_called_after_its_table(tmp_path):
    path = to_excel(tables.PROJECT_BUDGET.empty(), tmp_path / "budget.xlsx")
    assert read_workbook(path).sheetnames == ["Project budget"]
    path = to_excel(pd.DataFrame({"x": [1]}), tmp_path / "data.xlsx")
    assert read_workbook(path).sheetnames == ["Data"]


def test_the_order_of_a_mapping_is_the_order_of_the_sheets(tmp_path):
    one = pd.DataFrame({"x": [1]})
    path = to_excel({"Zulu": one, "Alpha": one}, tmp_path / "f.xlsx")
    assert read_workbook(path).sheetnames == ["Zulu", "Alpha"]


@pytest.mark.parametrize(
    "name",
    ["", "  ", "x" * 32, "a/b", "a[b", "a:b", "a*b", "a?b", "a\\b", "'a", "a'", "History", "a\nb"],
)
def test_a_sheet_name_that_excel_refuses_is_an_error_and_never_changed(name, tmp_path):
    with pytest.raises(ConfigError, match="sheet name"):
        to_excel({name: pd.DataFrame({"x": [1]})}, tmp_path / "f.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_two_sheets_that_differ_in_case_only_are_an_error(tmp_path):
    one = pd.DataFrame({"x": [1]})
    with pytest.raises(ConfigError, match="Two sheets"):
        to_excel({"Budget": one, "BUDGET": one}, tmp_path / "f.xlsx")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (pd.DataFrame({"x": range(1_048_576)}), "1,048,57[0-9] rows"),
        (pd.DataFrame([[0] * 16_385], columns=map(str, range(16_385))), "16,385 columns"),
        (pd.DataFrame({"x": ["y" * 32_768]}), "32,768 characters"),
        (pd.DataFrame({1: [1]}), "a name that is not a string"),
        (pd.DataFrame([[1, 2]], columns=["x", "x"]), "share a name"),
        (pd.DataFrame(index=[1, 2]), "no columns"),
    ],
)
def test_what_excel_cannot_hold_is_an_error_and_the_old_file_stays(frame, message, tmp_path):
    path = tmp_path / "f.xlsx"
    path.write_text("old")
    with pytest.raises(ConfigError, match=message):
        to_excel({"Frame": frame}, path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_the_longest_text_that_fits_is_whole(tmp_path):
    text = "y" * 32_767
    assert sheet_of(pd.DataFrame({"x": [text]}), tmp_path)["A2"].value == text


@pytest.mark.parametrize("source", [3, ["x"], {"Sheet": "no frame"}])
def test_another_source_is_a_type_error(source, tmp_path):
    with pytest.raises(TypeError, match=r"DataFrame|sources"):
        to_excel(source, tmp_path / "f.xlsx")


def test_a_document_property_holds_no_character_that_xml_does_not_allow(tmp_path):
    frames = {"clients": tables.CLIENTS.empty(), "projects": tables.PROJECTS.empty()}
    frames["statuses"] = tables.PROJECT_STATUSES.empty()
    known = {"workspace_id": 1, "fetched_at": "2026-03-01T12:00:00+00:00", "endpoints": []}
    known |= {"from_cache": False, "stale": False, "doubts": ["a\x01b\ud800c"]}
    frames["projects"].attrs = {"togglframe": known}
    book = read_workbook(to_excel(reports.Listings(frames), tmp_path / "f.xlsx", sheets=["Budget"]))
    properties = {prop.name: prop.value for prop in book.custom_doc_props.props}
    assert properties["Not proven complete"] == "a\ufffdb\ufffdc"


def test_another_suffix_is_an_error(tmp_path):
    with pytest.raises(ConfigError, match=r"\.xlsx"):
        to_excel(pd.DataFrame({"x": [1]}), tmp_path / "f.xls")


def test_the_same_frame_makes_the_same_bytes(tmp_path):
    frame = pd.DataFrame({"x": [1.5], "name": ["Web"]})
    frame.attrs = {"togglframe": {"fetched_at": "2026-03-01T12:00:00+00:00"}}
    first = to_excel(frame, tmp_path / "a.xlsx").read_bytes()
    assert to_excel(frame, tmp_path / "b.xlsx").read_bytes() == first
    created = read_workbook(io.BytesIO(first)).properties.created
    assert created == dt.datetime.fromisoformat("2026-03-01T12:00:00")


@pytest.mark.parametrize(
    "told", ["zz", 5, [], "9999-99-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_a_time_that_nobody_can_read_is_not_known(told, tmp_path):
    plain, odd = pd.DataFrame({"x": [1]}), pd.DataFrame({"x": [1]})
    odd.attrs = {"togglframe": {"fetched_at": told}}
    dated = pd.DataFrame({"x": [1]})
    dated.attrs = {"togglframe": {"fetched_at": "2026-03-01T12:00:00+00:00"}}
    alone = to_excel(odd, tmp_path / "a.xlsx").read_bytes()
    assert alone == to_excel(plain, tmp_path / "b.xlsx").read_bytes()
    path = to_excel({"Odd": odd, "Dated": dated}, tmp_path / "c.xlsx")
    assert read_workbook(path).properties.created.year == 2026


def test_complex_amounts_are_text_and_never_added_up(tmp_path):
    frame = pd.DataFrame({"amount": [1 + 2j, 1 - 2j], "currency": ["EUR", "EUR"]})
    sheet = sheet_of(frame, tmp_path)
    assert [row[0].value for row in sheet.iter_rows()][:3] == ["amount", "(1+2j)", "(1-2j)"]


def test_without_a_time_the_file_has_a_constant_one(tmp_path):
    path = to_excel(pd.DataFrame({"x": [1]}), tmp_path / "a.xlsx")
    assert read_workbook(path).properties.created == dt.datetime.fromisoformat(
        "2000-01-01T00:00:00"
    )


def test_row_labels_that_say_something_are_refused(tmp_path):
    frame = pd.DataFrame({"client": ["a", "b"], "hours": [1.0, 2.0]})
    with pytest.raises(ConfigError, match=r"row labels would be lost.*reset_index"):
        to_excel(frame.groupby("client").sum(), tmp_path / "f.xlsx")
    assert sheet_of(frame[frame["hours"] > 1], tmp_path)["A2"].value == "b"


def test_a_name_as_long_as_the_system_allows_can_be_written(tmp_path):
    name = "日" * 83 + ".xlsx"
    assert to_excel(pd.DataFrame({"x": [1]}), tmp_path / name).name == name


@pytest.mark.nightly
def test_every_frame_has_a_sheet_name_that_excel_takes(subtests, tmp_path):
    for table in tables.TABLES:
        path = to_excel(table.empty(), tmp_path / "f.xlsx")
        whole = table.name.replace("_", " ").capitalize()
        with subtests.test(table=table.name):  # two tables may look alike
            assert read_workbook(path).sheetnames[0] in {whole[:31], "Data"}
