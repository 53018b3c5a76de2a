"""The sheets of a range of days: which are there, what they hold, how they look and print."""

import datetime as dt
import re
from contextlib import nullcontext

import pandas as pd
import pytest
from export_data import read_workbook
from formulas import Formulas

from togglframe import errors, export, reports, tables
from togglframe.api import search

pytestmark = pytest.mark.nightly

RANGED = ["Hours", "Timesheet", "Utilisation", "Invoice", "Profit", "Entry audit", "Entries"]
READ = ["Summary", "Budget", "Clients", "Team", "Tasks", "Audit"]
OCTOBER = {"start_date": "2026-10-01", "end_date": "2026-10-31"}
REPORTS = {
    "Hours": (reports.hours, {"by": ["client", "project", "user"]}),
    "Timesheet": (reports.timesheet, {}),
    "Utilisation": (reports.utilisation, {"every": "month"}),
    "Profit": (reports.profitability, {}),
    "Entries": (reports.time_entries, {}),
}


@pytest.fixture(scope="module")
def everything(listings, tmp_path_factory):
    path = tmp_path_factory.mktemp("all") / "month.xlsx"
    sheets = [*RANGED, "Budget", "About"]
    return read_workbook(export.to_excel(listings, path, **OCTOBER, sheets=sheets, sensitive=True))


@pytest.fixture(scope="module")
def rounded(listings, tmp_path_factory):
    path = tmp_path_factory.mktemp("rounded") / "invoice.xlsx"
    how = {"invoice_lines": {"rounding": "up", "rounding_minutes": 15}}
    book = export.to_excel(listings, path, **OCTOBER, sheets="Invoice", options=how)
    return read_workbook(book)["Invoice"]


def heads(sheet, row=1):
    return [cell.value for cell in sheet[row]]


def column(sheet, heading, rows, first=2):
    (at,) = (cell.column_letter for cell in sheet[first - 1] if cell.value == heading)
    return [sheet[f"{at}{row}"] for row in range(first, rows + first)]


def texts(sheet):
    return [cell for row in sheet.iter_rows(values_only=True) for cell in row if cell]


def facts(sheet):
    return {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}


# ---------------------------------------------------------------------------------------------
# Which sheets there are


def test_a_range_brings_its_sheets_but_not_every_entry_and_no_costs(listings, tmp_path):
    path = export.to_excel(listings, tmp_path / "f.xlsx", period="2026-10")
    names = read_workbook(path).sheetnames
    ranged = [name for name in RANGED if name not in {"Profit", "Entries"}]
    assert names == [*READ, *ranged, "About"]


def test_profit_is_there_when_what_is_sensitive_is_asked_for(listings, tmp_path):
    path = export.to_excel(listings, tmp_path / "f.xlsx", period="2026-W43", sensitive=True)
    assert "Profit" in read_workbook(path).sheetnames


@pytest.mark.daily
@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sheets": "Hours"}, "'Hours' covers a range of days: give start_date and end_date, or"),
        ({"sheets": ["Budget"], **OCTOBER}, "no sheet that uses one: name Hours, Timesheet"),
        (
            {"sheets": "Profit", **OCTOBER},
            "'Profit' shows labour costs: it requires sensitive=True",
        ),
        ({"start_date": "2026-10-01"}, "to_excel needs end_date too"),
        ({"period": "2026-13"}, "no period '2026-13'"),
        ({**OCTOBER, "options": {"Budget": {}}}, "options names 'Budget'.*there are hours"),
        (
            {"options": {"invoice_lines": {}}},
            "options names 'invoice_lines'.*no range of days is given",
        ),
        (
            {**OCTOBER, "options": {"invoice_lines": {"round": 1}}},
            "no option 'round'; it has by, round",
        ),
        ({**OCTOBER, "options": {"invoice_lines": {"period": "2026"}}}, "no option 'period'"),
        (
            {**OCTOBER, "options": {"invoice_lines": {"rounding": "sideways"}}},
            "rounding must be one of",
        ),
        ({**OCTOBER, "options": {"utilisation": {"capacity": -1}}}, "capacity"),
    ],
)
def test_what_cannot_be_is_said_before_a_request_is_spent(given, said, ws, sandbox, tmp_path):
    with pytest.raises(errors.ConfigError, match=said):
        export.to_excel(ws, tmp_path / "f.xlsx", **given)
    assert sandbox.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.daily
@pytest.mark.parametrize("options", [["invoice_lines"], {"invoice_lines": "up"}])
def test_options_map_sheets_to_parameters(options, ws, tmp_path):
    with pytest.raises(TypeError, match=r"must map|mapping"):
        export.to_excel(ws, tmp_path / "f.xlsx", **OCTOBER, options=options)


@pytest.mark.daily
def test_a_range_does_not_choose_from_frames(tmp_path):
    with pytest.raises(errors.ConfigError, match=r"frames are written as they are.*Listings"):
        export.to_excel(pd.DataFrame({"x": [1]}), tmp_path / "f.xlsx", period="2026-10")


@pytest.mark.parametrize(
    ("sheets", "paths"),
    [
        (["Hours"], {"time_entries", "projects"}),
        (["Timesheet", "About"], {"time_entries"}),
        (["Invoice", "Entries", "Entry audit"], {"time_entries", "projects"}),
    ],
)
def test_only_what_the_sheets_need_is_fetched_and_the_entries_once(
    sheets, paths, ws, sandbox, tmp_path
):
    search.time_entries(ws, start_date="2026-10-19", end_date="2026-10-25")  # finds the page size
    before = len(sandbox.requests)
    export.to_excel(ws, tmp_path / "f.xlsx", period="2026-W43", sheets=sheets)
    asked = [request.path.rpartition("/")[2] for request in sandbox.requests[before:]]
    assert set(asked) == paths
    assert asked.count("time_entries") == 1


@pytest.mark.daily
def test_a_quota_that_cannot_pay_for_all_sheets_is_not_begun_to_be_spent(
    make_sandbox, make_workspace, tmp_path
):
    sandbox = make_sandbox(20, quota=4)
    ws = make_workspace(sandbox)
    ws.post("filters/projects", {"page_size": 2})
    with pytest.raises(errors.QuotaExceededError):
        export.to_excel(ws, tmp_path / "f.xlsx", period="2026-W43")
    assert len(sandbox.requests) == 1


@pytest.mark.daily
def test_listings_of_frames_are_a_workspace_too(listings, tmp_path):
    parts = {
        "time_entries": reports.time_entries(listings, **OCTOBER).drop(columns="client_id"),
        "projects": listings.projects,
    }
    source = reports.Listings(parts)
    path = export.to_excel(source, tmp_path / "f.xlsx", sheets="Timesheet", period="2026-10")
    days = reports.timesheet(listings, **OCTOBER)
    assert len(column(read_workbook(path)["Timesheet"], "User", len(days))) == len(days)
    with pytest.raises(errors.ConfigError, match="needs the listing 'projects'"):
        export.to_excel(
            reports.Listings({"time_entries": parts["time_entries"]}),
            tmp_path / "g.xlsx",
            sheets="Invoice",
            period="2026-10",
        )


def test_what_keeps_listings_is_a_workspace_too(listings, tmp_path):
    class Kept:
        def load(self, name, selection=None, /):
            if name == "time_entries":
                return search.time_entries(listings.ws, **selection.params)
            return listings.fetch(name)[0]

    given = {"sheets": ["Hours", "Invoice"], "period": "2026-W43"}
    kept = export.to_excel(Kept(), tmp_path / "kept.xlsx", **given)
    asked = export.to_excel(listings, tmp_path / "asked.xlsx", **given)
    for name in given["sheets"]:
        rows = [list(read_workbook(path)[name].values) for path in (kept, asked)]
        assert rows[0] == rows[1]


@pytest.mark.filterwarnings("ignore::togglframe.errors.CompletenessWarning")
def test_on_a_free_plan_amounts_are_not_known_and_nothing_is_zero(
    make_sandbox, make_workspace, tmp_path
):
    ws = make_workspace(make_sandbox(20, plan="free"))
    sheets = ["Invoice", "Utilisation", "About"]
    book = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx", sheets=sheets, period="2026-10"))
    amounts = book["Invoice"][letter_of(book["Invoice"], "Amount")]
    assert [cell.value for cell in amounts if isinstance(cell.value, int | float)] == []


def letter_of(sheet, heading, row=1):
    (found,) = (cell.column_letter for cell in sheet[row] if cell.value == heading)
    return found


# ---------------------------------------------------------------------------------------------
# What they hold


@pytest.mark.parametrize("name", REPORTS)
def test_every_row_of_the_report_is_there(name, listings, everything):
    report, how = REPORTS[name]
    frame = report(listings, **OCTOBER, **how)
    sheet = everything[name]
    for key in ("user_id", "project_id", "tracked_hours", "n_entries", "revenue", "amount"):
        if key not in frame:
            continue
        label = tables.COLUMNS[key][0].label
        cells = [cell.value for cell in column(sheet, label, len(frame))]
        assert cells == [None if pd.isna(value) else pytest.approx(value) for value in frame[key]]


def test_the_hours_of_all_sheets_are_those_of_the_entries(listings, everything):
    tracked = reports.hours(listings, **OCTOBER, by=[])["tracked_hours"].iloc[0]
    for name in ("Hours", "Timesheet", "Utilisation", "Profit"):
        sheet = everything[name]
        (row,) = (cell.row for cell in sheet["A"] if cell.value == "Total")
        shown = Formulas(sheet)[f"{letter_of(sheet, 'Tracked [h]')}{row}"]
        assert shown == pytest.approx(tracked), name
    entries = everything["Entries"]
    (row,) = (cell.row for cell in entries["A"] if cell.value == "Total")
    shown = Formulas(entries)[f"{letter_of(entries, 'Tracked time')}{row}"]
    assert shown * 24 == pytest.approx(tracked)


def test_what_stands_below_a_sheet_foots(everything):
    def below(name, label, *headings):
        sheet = everything[name]
        (row,) = (cell.row for cell in sheet["A"] if cell.value == label)
        return [Formulas(sheet)[f"{letter_of(sheet, heading)}{row}"] for heading in headings]

    span, pause, twice, tracked = below(
        "Timesheet", "Total", "Span [h]", "Break [h]", "Overlap [h]", "Tracked [h]"
    )
    assert span - pause + twice == pytest.approx(tracked)
    capacity, tracked, idle = below(
        "Utilisation", "Capacity known", "Capacity [h]", "Tracked [h]", "Idle [h]"
    )
    assert capacity - tracked == pytest.approx(idle)


def test_what_was_earned_and_what_it_cost_are_added_up_by_currency(listings, everything):
    frame, sheet = reports.profitability(listings, **OCTOBER), everything["Profit"]
    codes = sheet[letter_of(sheet, "Currency")]
    for name in ("revenue", "cost_known"):
        at = letter_of(sheet, tables.PROFITABILITY[name].label)
        for code in ("EUR", "JPY", "USD"):
            row = [cell.row for cell in codes if cell.value == code][-1]
            expected = frame.loc[frame["currency"] == code, name].sum()
            assert Formulas(sheet)[f"{at}{row}"] == pytest.approx(expected), (name, code)


def test_a_wall_clock_is_a_time_and_says_its_day_only_where_it_is_another(listings, everything):
    days = reports.timesheet(listings, **OCTOBER)
    cells = column(everything["Timesheet"], "Last stop", len(days))
    over = days["last_stop"].dt.normalize() != days["date"]
    assert over.any()
    formats = [cell.number_format for cell in cells]
    assert formats == ["yyyy-mm-dd hh:mm" if is_over else "hh:mm" for is_over in over]
    for cell, stop in zip(cells, days["last_stop"], strict=True):
        value = cell.value
        clock = value if isinstance(value, dt.datetime) else None
        assert clock is None or abs(clock - stop) < pd.Timedelta(seconds=1)


def test_entries_tell_the_wall_clock_first_and_utc_in_what_is_folded(listings, everything):
    entries, sheet = reports.time_entries(listings, **OCTOBER), everything["Entries"]
    shown = heads(sheet)
    assert shown[:8] == [
        "Date", "User", "Client", "Project", "Task", "Description", "Began", "Ended",
    ]  # fmt: skip
    assert {"Start (UTC)", "Stop (UTC)"} <= set(shown[11:])
    began = column(sheet, "Began", len(entries))
    assert {cell.number_format for cell in began} == {"hh:mm"}
    local = (entries["start"] + entries["utc_offset"]).dt.tz_localize(None)
    first = began[0].value
    assert abs(first - local.iloc[0]) < pd.Timedelta(seconds=1)


def test_no_email_is_on_the_entries_unless_it_is_asked_for(listings, everything, tmp_path):
    path = export.to_excel(listings, tmp_path / "f.xlsx", period="2026-W43", sheets="Entries")
    assert "Email" not in heads(read_workbook(path)["Entries"])
    assert "Email" in heads(everything["Entries"])
    assert everything["Profit"].oddFooter.left.text.startswith("Confidential: ")


def test_each_report_takes_its_options(listings, tmp_path):
    options = {
        "hours": {"by": "user", "every": "week"},
        "utilisation": {"capacity": 20, "holidays": iter(["2026-10-26"])},
    }
    sheets = ["Hours", "Utilisation", "Entry audit", "About"]
    path = export.to_excel(listings, tmp_path / "f.xlsx", **OCTOBER, sheets=sheets, options=options)
    book = read_workbook(path)
    assert heads(book["Hours"])[:3] == ["User", "Period", "Tracked [h]"]
    users = column(book["Utilisation"], "Workdays", 3)
    assert [cell.value for cell in users] == [21] * 3
    assert column(book["Utilisation"], "Capacity [h]", 1)[0].value == pytest.approx(84)
    told = facts(book["About"])
    assert told["Range of days"] == "2026-10-01 to 2026-10-31: Hours, Utilisation, Entry audit"
    assert told["Options of Hours"] == "by user, every week"
    assert "capacity = 20" in told["Options of Utilisation"]
    assert "Options of Entry audit" not in told


def test_about_does_not_speak_of_all_time_where_all_is_of_a_range(listings, everything, tmp_path):
    path = export.to_excel(listings, tmp_path / "f.xlsx", **OCTOBER, sheets=["Hours", "About"])
    said = texts(read_workbook(path)["About"])
    assert not any("All time ever tracked" in str(text) for text in said)
    assert "At risk from" not in said
    assert any("an entry belongs to the day it began on" in str(text) for text in said)
    assert any("All time ever tracked" in str(text) for text in texts(everything["About"]))


def test_a_project_leads_to_toggl_and_to_its_budget(everything, office):
    hours = everything["Hours"]
    address = f"https://track.toggl.com/{office.workspace_id}/projects/"
    assert hours["B2"].hyperlink.target.startswith(address)
    assert everything["Entries"]["D4"].hyperlink.target.startswith(address)
    budget = column(hours, "Budget", 1)[0].value
    assert budget.startswith("=HYPERLINK(\"#'Budget'!A\"&MATCH(")
    assert not any(cell.hyperlink for row in everything["Invoice"].iter_rows() for cell in row)


@pytest.mark.parametrize("name", RANGED)
def test_a_sheet_prints_one_page_wide_with_its_headings_and_its_days(name, everything):
    sheet = everything[name]
    assert (sheet.page_setup.paperSize, sheet.page_setup.orientation) == (9, "landscape")
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.print_title_rows == "$1:$1"
    assert "2026-10-01 to 2026-10-31, fetched " in sheet.oddHeader.right.text
    last = re.search(r"\$([A-Z]+)\$\d+$", sheet.print_area).group(1)
    printed = [cell.value for cell in sheet[1][: sheet[f"{last}1"].column]]
    assert not [head for head in printed if head.endswith("ID")]


def test_no_entries_make_hidden_sheets(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(0))
    book = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx", period="2026-10"))
    visible = [sheet.title for sheet in book if sheet.sheet_state == "visible"]
    assert visible == ["Summary", "About"]


# ---------------------------------------------------------------------------------------------
# The list of what to invoice


@pytest.mark.daily
def test_the_list_has_the_lines_of_all_clients_and_the_totals_of_each_currency(listings, rounded):
    lines = reports.invoice_lines(listings, **OCTOBER, rounding="up", rounding_minutes=15)
    first = ["Client", "Project", "User", "Tracked [h]", "Billed [h]", "Hourly rate", "Currency"]
    assert heads(rounded)[:8] == [*first, "Amount"]
    found = [cell.value for cell in column(rounded, "Amount", len(lines))]
    assert found == [None if pd.isna(amount) else amount for amount in lines["amount"]]
    below = [row for row in rounded.iter_rows(min_row=len(lines) + 2, values_only=True) if any(row)]
    said = {cell for row in below for cell in row if isinstance(cell, str)}
    assert {*lines["currency"].dropna()} <= {word for text in said for word in text.split()}


@pytest.mark.parametrize("by", [[], "client", ["task", "billable", "tags"], ["description"]])
def test_lines_can_be_of_anything(by, listings, tmp_path):
    how = {"invoice_lines": {"by": by, "rounding": "nearest", "rounding_minutes": 6}}
    given = {"sheets": "Invoice", "period": "2026-W43", "options": how}
    sheet = read_workbook(export.to_excel(listings, tmp_path / "f.xlsx", **given))["Invoice"]
    lines = reports.invoice_lines(listings, period="2026-W43", **how["invoice_lines"])
    values = [cell.value or 0 for cell in column(sheet, "Amount", len(lines))]
    assert sum(values) == pytest.approx(lines["amount"].sum())


# ---------------------------------------------------------------------------------------------
# A frame of each report alone


@pytest.mark.parametrize(
    ("report", "formats"),
    [
        (reports.hours, {"Tracked [h]": "#,##0.00", "Billable share": "0%", "Days": "#,##0"}),
        (reports.earnings, {"Billable [h]": "#,##0.00", "Amount": "[$EUR] #,##0.00"}),
        (reports.timesheet, {"Date": "yyyy-mm-dd", "First start": "hh:mm", "Break [h]": "#,##0.0"}),
        (reports.utilisation, {"Period": "yyyy-mm-dd", "Load": "0%", "Idle [h]": "#,##0.00"}),
        (reports.invoice_lines, {"Billed [h]": "#,##0.00", "Hourly rate": "[$EUR] #,##0.00"}),
        (reports.entry_audit, {"Date": "yyyy-mm-dd", "Hours affected [h]": "#,##0.00"}),
        (reports.user_hours, {"Share of project": "0%", "Tracked [h]": "#,##0.00"}),
        (reports.profitability, {"Revenue": "[$EUR] #,##0.00", "Cost coverage": "0%"}),
        (reports.burn, {"Period": "yyyy-mm-dd", "Cumulative [h]": "#,##0.00", "Progress": "0%"}),
        (reports.forecast, {"Weeks left": "#,##0.0", "Finish": "yyyy-mm-dd"}),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_frame_of_each_report_has_the_formats_of_its_columns(report, formats, listings, tmp_path):
    days = {"as_of": "2026-11-01"} if report is reports.forecast else OCTOBER
    is_past = report is reports.forecast
    with pytest.warns(errors.SemanticsWarning) if is_past else nullcontext():
        frame = report(listings, **days)
    (sheet,) = read_workbook(export.to_excel(frame, tmp_path / "f.xlsx"))
    for heading, form in formats.items():
        found = {cell.number_format for cell in column(sheet, heading, len(frame))}
        assert any(one.startswith(form) for one in found), (heading, found)


def test_the_estimate_of_a_project_is_not_added_up_over_periods(listings, tmp_path):
    frame = reports.burn(listings, **OCTOBER)
    (sheet,) = read_workbook(export.to_excel(frame, tmp_path / "f.xlsx"))
    assert frame["estimated_hours"].notna().any()
    assert "With an estimate" not in texts(sheet)


@pytest.mark.filterwarnings("ignore::togglframe.errors.SemanticsWarning")
def test_what_is_to_go_of_a_forecast_is_not_set_off_against_what_is_over(listings, tmp_path):
    frame = reports.forecast(listings, as_of="2026-11-01")
    (sheet,) = read_workbook(export.to_excel(frame, tmp_path / "f.xlsx"))
    (row,) = (cell.row for cells in sheet for cell in cells if cell.value == "of which to go")
    to_go = frame[(frame["remaining_hours"] > 0) & (frame["estimated_hours"] > 0)]
    assert len(to_go) < frame["remaining_hours"].notna().sum()
    for name in ("remaining_hours", "tracked_hours", "estimated_hours"):
        at = letter_of(sheet, tables.FORECAST[name].label)
        assert Formulas(sheet)[f"{at}{row}"] == pytest.approx(to_go[name].sum())


@pytest.mark.daily
def test_times_of_a_wall_clock_beside_no_day_have_their_date(listings, tmp_path):
    frame = reports.timesheet(listings, period="2026-W43").drop(columns="date")
    (sheet,) = read_workbook(export.to_excel(frame, tmp_path / "f.xlsx"))
    assert column(sheet, "First start", 1)[0].number_format == "yyyy-mm-dd hh:mm"
