"""Wide tables of reports: every hour and cent is in one cell, and rows are told apart."""

import re

import pandas as pd
import pytest
from openpyxl import load_workbook

import togglframe as tf
from togglframe import tables
from togglframe.errors import ConfigError


def hours_of(**columns):
    """Return a frame of `hours` with these columns."""
    frame = pd.DataFrame(columns)
    by = [name for name in ("client", "project", "user") if name in frame]
    time = pd.to_timedelta(frame.pop("hours"), unit="h").dt.as_unit("ms")
    frame = frame.assign(
        tracked_hours=time / pd.Timedelta(hours=1), billable_hours=0.0, billable_share=0.0,
        n_entries=1, n_days=1, tracked_time=time, billable_time=pd.Timedelta(0),
    )  # fmt: skip
    if "period" in frame:
        frame["period"] = pd.to_datetime(frame["period"]).astype("datetime64[us]")
        by.append("period")
    table = tables.HOURS.choose([name for one in by for name in (f"{one}_id", one)])
    return frame[table.names].astype({column.name: column.dtype for column in table})


def test_months_are_dense_over_the_range_of_the_report():
    ws = tf.demo(scale=6, today="2026-11-26")
    frame = tf.reports.hours(
        ws, start_date="2026-08-15", end_date="2026-12-31", by="client", every="month"
    )
    wide = tf.pivot(frame, "client")
    months = ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]
    assert list(wide) == ["client", *months, "Total"]
    assert (wide["2026-12"] == 0).all()
    assert wide["client"].iloc[-1] == "Total"
    assert wide["Total"].iloc[:-1].is_monotonic_decreasing
    nothing = tf.pivot(frame.head(0), "client")
    assert list(nothing) == list(wide)
    assert nothing.drop(columns="client").to_numpy().tolist() == [[0.0] * 6]


def test_each_period_is_written_as_it_is_parsed(subtests):
    for every, written in (("day", "2026-06-01"), ("week", "2026-W23"), ("month", "2026-06")):
        with subtests.test(every):
            frame = hours_of(client_id=[1], client=["Acme"], period=["2026-06-01"], hours=[1.5])
            frame.attrs["togglframe"] = {"every": every}
            assert list(tf.pivot(frame, "client")) == ["client", written, "Total"]


def test_periods_in_rows_are_in_their_order_and_written_alike():
    frame = hours_of(
        user_id=[1, 1, 2, 2, 2], user=["Ann", "Ann", "Bo", "Bo", "Bo"],
        period=["2026-10-12", "2026-10-05", "2026-10-12", "2026-10-26", None],
        hours=[1, 2, 3, 9, 5],
    )  # fmt: skip
    frame.attrs["togglframe"] = {"every": "week"}
    weeks = ["2026-W41", "2026-W42", "2026-W44", "(no period)"]
    assert tf.pivot(frame, "period", columns="user")["period"].tolist() == [*weeks, "Total"]
    frame["team"] = "Design"
    of_both = tf.pivot(frame, ["user", "period"], columns="team")
    assert of_both["user"].iloc[1:3].tolist() == ["Bo", "Ann"]  # both of 2026-W42
    assert "2026-W41" in tf.style(of_both).as_raw_html()
    wide = tf.pivot(frame, "user")
    assert wide.iloc[-1].tolist() == ["Total", 2, 4, 0, 9, 5, 20]


def test_equal_names_are_told_apart_and_none_is_named():
    frame = hours_of(
        client_id=[1, 1, 2, None], client=["Acme", "Acme", "Birch", None],
        project_id=[1, 2, 3, None], project=["Web", "Shop", "Web", None],
        period=["2026-07-01"] * 4, hours=[4, 3, 2, 1],
    )  # fmt: skip
    wide = tf.pivot(frame, "project")
    labels = ["Web · Acme", "Shop", "Web · Birch", "(no project)"]
    assert wide["project"].tolist() == [*labels, "Total"]
    same = frame.assign(client="Acme", client_id=1)
    assert tf.pivot(same, "project")["project"].tolist()[0] == "Web · #1"
    wide = tf.pivot(frame, "client", columns="project", totals=False)
    assert list(wide) == ["client", *labels]
    assert wide.loc[0, "Shop"] == 3


def test_amounts_have_a_total_for_each_currency_and_none_over_all():
    ws = tf.demo(scale=20, today="2026-11-26")
    frame = tf.reports.earnings(ws, period="2026-10", by="client", every="month")
    with pytest.raises(ConfigError, match="put 'currency' into index"):
        tf.pivot(frame, "client")
    wide = tf.pivot(frame, ["client", "currency"])
    totals = wide[wide["client"] == "Total"].set_index("currency")["Total"]
    by_currency = frame.groupby(frame["currency"].fillna("(no currency)"))["amount"].sum()
    assert totals.astype(float).round(2).to_dict() == by_currency.round(2).to_dict()
    assert tf.pivot(frame, "currency")["currency"].tolist() == sorted(by_currency.index, key=len)
    hours = tf.pivot(frame, "client", values="billable_hours")
    assert hours["client"].tolist().count("Total") == 1


def test_unknown_is_not_zero():
    frame = hours_of(
        client_id=[1, 2], client=["Acme", "Birch"], period=["2026-07-01"] * 2, hours=[4, 3]
    )
    frame["billable_hours"] = pd.array([pd.NA, 2], "Float64")
    frame["billable_time"] = pd.to_timedelta([None, "2h"]).as_unit("ms")
    wide = tf.pivot(frame, "client", values="billable_hours").set_index("client")
    assert pd.isna(wide.loc["Acme", "2026-07"])
    assert wide.loc["Birch", "Total"] == 2


def test_a_total_of_nothing_but_unknown_values_is_unknown():
    frame = hours_of(
        client_id=[1, 2], client=["Acme", "Birch"],
        period=["2026-07-01", "2026-08-01"], hours=[4, 3],
    )  # fmt: skip
    frame["billable_hours"] = pd.array([pd.NA, 2], "Float64")
    wide = tf.pivot(frame, "client", values="billable_hours").set_index("client")
    assert pd.isna(wide.loc["Acme", "Total"])
    assert pd.isna(wide.loc["Total", "2026-07"])
    assert wide.loc["Total", ["2026-08", "Total"]].tolist() == [2, 2]
    assert wide.loc["Birch"].tolist() == [0, 2, 2]


def test_hours_that_the_user_changed_are_the_hours_in_the_cells():
    frame = hours_of(client_id=[1], client=["Acme"], period=["2026-07-01"], hours=[4])
    wide = tf.pivot(frame.assign(tracked_hours=frame["tracked_hours"] * 1.1), "client")
    assert wide["Total"].tolist() == [4.4, 4.4]


def test_ids_of_two_workspaces_are_not_one():
    frame = hours_of(
        client_id=[1, 1, 2], client=["Acme", "Birch", "Acme"],
        period=["2026-07-01"] * 3, hours=[4, 3, 2],
    )  # fmt: skip
    frame.insert(0, "workspace_id", pd.array([7, 8, 8], "Int64"))
    wide = tf.pivot(frame, "client")
    assert wide["client"].tolist() == ["Acme · workspace 7", "Birch", "Acme · workspace 8", "Total"]
    assert wide["Total"].tolist() == [4, 3, 2, 9]


def test_ids_that_a_file_made_floats_are_written_as_ids():
    frame = hours_of(client_id=[1, 2], client=["Acme"] * 2, period=["2026-07-01"] * 2, hours=[4, 3])
    wide = tf.pivot(frame.astype({"client_id": float}), "client")
    assert wide["client"].tolist() == ["Acme · #1", "Acme · #2", "Total"]


def test_a_user_called_total_is_not_the_total():
    frame = hours_of(
        client_id=[1], client=["Total"], project_id=[1], project=["Web"],
        period=["2026-06-01"], hours=[1],
    )  # fmt: skip
    assert list(tf.pivot(frame, "project", "client")) == ["project", "Total (a client)", "Total"]


WRONG = {
    "index takes one of client, period, not 'clint'; did you mean client": ("clint",),
    "index takes one of client, period, not nothing": ([],),
    "columns takes one of client, period, not 'month'": ("client", "month"),
    'index and columns take each column once, not client, client: columns is "period"': (
        "client", "client",
    ),
    "values must be a column that adds up, not 'billable_share'; the frame has tracked_hours": (
        "client", "period", "billable_share",
    ),
}  # fmt: skip


def test_what_cannot_be_pivoted_is_named(subtests):
    frame = hours_of(client_id=[1], client=["Acme"], period=["2026-06-01"], hours=[1])
    for message, arguments in WRONG.items():
        with subtests.test(message), pytest.raises(ConfigError, match=message):
            tf.pivot(frame, *arguments)
    with pytest.raises(ConfigError, match=r"not 'period' \(pass every= to the report\)"):
        tf.pivot(frame.drop(columns="period"), "client")
    with pytest.raises(TypeError, match="must be a DataFrame"):
        tf.pivot([1], "client")


def test_a_heading_that_two_columns_would_have_is_refused(ws):
    by = ["client", {"team": {"Mateo Rivas": "client"}}]
    frame = tf.reports.hours(ws, period="2026-10", by=by)
    with pytest.raises(ConfigError, match="two columns would be called 'client'"):
        tf.pivot(frame, "client", "team")


def test_periods_of_a_csv_are_periods(ws, tmp_path):
    hours = tf.reports.hours(ws, period="2026-Q3", by="client", every="month")
    back = pd.read_csv(tf.export.to_csv(hours, tmp_path / "hours.csv"))
    assert list(tf.pivot(back, "client"))[1:4] == ["2026-07", "2026-08", "2026-09"]


def test_no_row_is_lost_where_a_day_is_unknown(ws):
    forecast = tf.reports.forecast(ws)
    assert forecast["finish"].isna().any()
    wide = tf.pivot(forecast, "client", "finish")
    assert len(wide.columns) == forecast["finish"].nunique() + 3  # client, unknown, Total
    assert wide["Total"].iloc[-1] == pytest.approx(forecast["tracked_hours"].sum())


def test_an_estimate_is_not_added_over_periods(ws):
    burn = tf.reports.burn(ws, period="2026-Q3", every="month")
    with pytest.raises(ConfigError, match="must be a column that adds up, not 'estimated_hours'"):
        tf.pivot(burn, "project", values="estimated_hours")


def test_days_are_columns_in_their_order_without_a_gap(ws):
    sheet = tf.reports.timesheet(ws, period="2026-W43")
    held = sheet[sheet["date"].dt.day_name() != "Wednesday"].sort_values("tracked_hours")
    wide = tf.pivot(held, "user", "date")
    assert list(wide)[1:-1] == [str(day.date()) for day in pd.date_range("2026-10-19", periods=7)]
    assert wide["2026-10-21"].sum() == 0


@pytest.fixture(scope="module")
def wide():
    """Return wide tables by the name of a sheet."""
    with tf.demo(scale=20, today="2026-11-26") as ws:
        days = {"period": "last-2-months"}
        clients = tf.reports.hours(ws, **days, by="client", every="month")
        amounts = tf.reports.earnings(ws, period="2026", by="client", every="month")
        amounts = amounts.replace({"currency": {"USD": "JPY"}})
        yield {
            "Hours": tf.pivot(clients, "client"),
            "Entries": tf.pivot(clients, "client", values="n_entries"),
            "Amounts": tf.pivot(amounts, ["client", "currency"]),
            "Plain": tf.pivot(clients, "client", totals=False),
        }


def sheets_of(source, path):
    return load_workbook(tf.export.to_excel(source, path))


def test_a_sheet_has_the_formats_of_the_measure_and_its_totals_as_totals(wide, tmp_path):
    book = sheets_of(wide, tmp_path / "wide.xlsx")
    hours = book["Hours"]
    assert [cell.value for cell in hours[1]] == ["Client", "Sep 2026", "Oct 2026", "Total"]
    assert hours.freeze_panes == "B2"
    assert {cell.number_format for row in hours["B2:D2"] for cell in row} == {
        "#,##0.00;-#,##0.00;0"
    }
    assert [hours["C2"].font.b, hours["D2"].font.b] == [False, True]
    total = hours[hours.max_row]
    assert total[0].value == "Total"
    assert total[1].value == f"=SUBTOTAL(109,B2:B{hours.max_row - 1})"
    assert all(cell.font.b and cell.border.top.style == "thin" for cell in total)
    values = [cell.value for cell in hours["D"][1:-1]]
    assert values == pytest.approx(wide["Hours"]["Total"].iloc[:-1].tolist())
    entries = book["Entries"]
    assert entries["B2"].number_format == "#,##0;-#,##0;0"
    assert entries[entries.max_row][0].value == "Total"
    assert book["Plain"].max_row == len(wide["Plain"]) + 1
    amounts = {row[1].value: row[2].number_format for row in book["Amounts"].iter_rows(min_row=2)}
    assert amounts["JPY"] == "#,##0;-#,##0;0"
    assert amounts["EUR"] == "#,##0.00;-#,##0.00;0"
    assert sheets_of(wide["Hours"], tmp_path / "one.xlsx").sheetnames == ["Tracked hours"]


def test_periods_are_headings_for_people(tmp_path, subtests):
    for every, heading in (
        ("day", "1 Jun 2026"),
        ("week", "W23 2026"),
        ("month", "Jun 2026"),
    ):
        with subtests.test(every):
            frame = hours_of(client_id=[1], client=["Acme"], period=["2026-06-01"], hours=[1.5])
            frame.attrs["togglframe"] = {"every": every}
            (sheet,) = sheets_of(tf.pivot(frame, "client"), tmp_path / f"{every}.xlsx")
            assert sheet["B1"].value == heading


def test_a_csv_and_parquet_have_the_periods_as_they_are_parsed(wide, tmp_path):
    frame = pd.read_csv(tf.export.to_csv(wide["Hours"], tmp_path / "wide.csv"))
    assert list(frame) == ["client", "2026-09", "2026-10", "Total"]
    assert frame["Total"].tolist() == wide["Hours"]["Total"].tolist()
    read = pd.read_parquet(tf.export.to_parquet(wide["Hours"], tmp_path / "wide.parquet"))
    pd.testing.assert_frame_equal(read, wide["Hours"])
    again = sheets_of(read, tmp_path / "again.xlsx")["Tracked hours"]
    assert again[again.max_row][1].value.startswith("=SUBTOTAL")


def test_a_styled_table_has_bold_totals_and_two_decimals(wide):
    html = tf.style(wide["Hours"]).as_raw_html()
    assert "2026-09" in html
    total = wide["Hours"]["Total"].iloc[-1]
    assert f">{total:,.2f}<" in html
    rows = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)
    assert rows[-1].count("border-top") == 4
    assert rows[-2].count("font-weight: bold") == 1


def test_unknown_is_blank_and_a_part_of_a_wide_table_keeps_its_formats(tmp_path):
    frame = hours_of(
        client_id=[1, 2], client=["Acme", "Total"], period=["2026-07-01"] * 2, hours=[4, 3]
    )
    frame["billable_hours"] = pd.array([pd.NA, 2], "Float64")
    frame["billable_time"] = pd.to_timedelta([None, "2h"]).as_unit("ms")
    made = tf.pivot(frame, "client", values="billable_hours")
    assert made["client"].tolist() == ["Total (a client)", "Acme", "Total"]
    (sheet,) = sheets_of(made, tmp_path / "f.xlsx")
    assert [cell.value for cell in sheet["B"]] == ["Jul 2026", 2, None, "=SUBTOTAL(109,B2:B3)"]
    (sheet,) = sheets_of(made.head(1).assign(note="new", target=1.5), tmp_path / "part.xlsx")
    assert [cell.value for cell in sheet[2]] == ["Total (a client)", 2, 2, "new", 1.5]
    assert [cell.number_format for cell in sheet[2]][3:] == ["General", "General"]


def test_users_of_several_clients_are_named_once():
    frame = hours_of(
        client_id=[1, 2, 2], client=["Acme", "Birch", "Birch"],
        user_id=[7, 7, 8], user=["Ann", "Ann", "Bo"], period=["2026-07-01"] * 3, hours=[3, 2, 1],
    )  # fmt: skip
    wide = tf.pivot(frame, ["client", "user"])
    assert wide["user"].tolist()[:-1] == ["Ann", "Ann", "Bo"]
