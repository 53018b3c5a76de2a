"""The workbook as a finance reader meets it: what is on which page, what leads where, who sees."""

import itertools
import re
import zipfile

import pandas as pd
import pytest
from export_data import read_workbook
from formulas import Formulas
from vendor import Behaviour

from togglframe import errors, export, reports
from togglframe.tables import RATE_CARD

pytestmark = pytest.mark.nightly

READ = ["Summary", "Budget", "Clients", "Team", "Tasks", "Audit", "About"]
SENSITIVE = {
    "Email", "Labour cost", "Labour cost min", "Labour cost max",
    "Unit margin", "Unit margin / rate", "Below cost",
}  # fmt: skip


@pytest.fixture(scope="module")
def path(listings, tmp_path_factory):
    return export.to_excel(listings, tmp_path_factory.mktemp("book") / "portfolio.xlsx")


@pytest.fixture(scope="module")
def workbook(path):
    return read_workbook(path)


@pytest.fixture(scope="module")
def confidential(listings, tmp_path_factory):
    folder = tmp_path_factory.mktemp("confidential")
    return export.to_excel(listings, folder / "portfolio.xlsx", sensitive=True)


def heads(sheet):
    return [cell.value for cell in sheet[1]]


def letter(sheet, heading):
    (found,) = (cell.column_letter for cell in sheet[1] if cell.value == heading)
    return found


def column(sheet, heading, rows):
    at = letter(sheet, heading)
    return [sheet[f"{at}{row}"] for row in range(2, rows + 2)]


def everything_in(path):
    """Return all that a file holds, unpacked."""
    with zipfile.ZipFile(path) as archive:
        return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())


def printed(sheet):
    """Return the headings that are printed."""
    first, last = re.findall(r"\$([A-Z]+)\$", sheet.print_area)
    cells = itertools.dropwhile(lambda cell: cell.column_letter != first, sheet[1])
    read = list(itertools.takewhile(lambda cell: cell.column_letter != last, cells))
    return [cell.value for cell in read] + [sheet[f"{last}1"].value]


def is_folded(sheet, heading):
    # openpyxl keeps neighbours of one width as one
    position = heads(sheet).index(heading) + 1
    return any(
        dimension.min <= position <= dimension.max
        and dimension.hidden
        and dimension.outlineLevel == 1
        for dimension in sheet.column_dimensions.values()
    )


# ---------------------------------------------------------------------------------------------
# Print


def test_every_sheet_is_one_page_wide_on_a4_with_its_title_and_date_on_each_page(workbook, office):
    for sheet in workbook:
        assert sheet.page_setup.paperSize == 9
        assert sheet.page_setup.orientation == "landscape"
        assert sheet.sheet_properties.pageSetUpPr.fitToPage
        assert sheet.page_setup.fitToWidth in {None, 1}
        assert sheet.oddHeader.left.text == "&A"
        told = sheet.oddHeader.right.text
        assert told.startswith(f"Toggl Track workspace {office.workspace_id}, fetched ")
        assert re.search(r" 2\d{3}-\d\d-\d\d \d\d:\d\d UTC$", told)
        assert sheet.oddFooter.right.text == "Page &P of &N"
    for name in ("Budget", "Clients", "Team", "Tasks", "Audit"):
        assert workbook[name].print_title_rows == "$1:$1"


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("Budget", ["Project", "Budget state", "Client"]),
        ("Clients", ["Client", "Currency"]),
        ("Team", ["Project", "User"]),
        ("Tasks", ["Task", "Task state", "Project"]),
        ("Audit", ["Severity", "Check", "Label"]),
    ],
)
def test_a_page_begins_with_names_and_has_no_ids_or_links(name, first, workbook):
    sheet = workbook[name]
    shown = printed(sheet)
    assert shown[: len(first)] == first
    assert not [head for head in shown if head.endswith(("ID", "time")) or head in READ]
    assert sheet.freeze_panes == "C2"


def test_what_is_not_read_is_folded_at_the_right_and_still_there(workbook):
    sheet = workbook["Budget"]
    shown = len(printed(sheet))
    links = ["Team", "Tasks"]
    assert heads(sheet)[shown : shown + 2] == links
    folded = heads(sheet)[shown + 2 :]
    assert {"Project ID", "Client ID", "Tracked time", "Overrun [h]"} <= set(folded)
    assert all(is_folded(sheet, head) for head in folded)
    assert not any(is_folded(sheet, head) for head in [*printed(sheet), *links])


def test_the_columns_of_about_are_for_the_screen_and_its_facts_for_paper(workbook):
    sheet = workbook["About"]
    last = int(re.search(r"(\d+)$", sheet.print_area).group())
    (columns,) = (row[0].row for row in sheet.iter_rows() if row[0].value == "Columns")
    assert last < columns
    (sheets,) = (row[0].row for row in sheet.iter_rows() if row[0].value == "Sheets")
    assert sheets < last


def test_the_totals_and_the_amounts_are_printed(workbook):
    for name in ("Budget", "Clients"):
        sheet = workbook[name]
        assert int(re.search(r"(\d+)$", sheet.print_area).group()) >= sheet.max_row


def test_a_long_name_is_not_cut_on_paper(workbook, listings):
    budget = reports.project_budget(listings)
    longest = budget["project"].str.len().idxmax()
    assert len(budget["project"][longest]) > 60
    cell = column(workbook["Budget"], "Project", len(budget))[longest]
    assert cell.alignment.wrap_text
    assert workbook["Budget"].row_dimensions[cell.row].height >= 30


def test_a_name_on_two_lines_has_room_for_both(workbook, listings):
    tasks = reports.task_accuracy(listings, done=None)
    (place, *_) = (at for at, name in enumerate(tasks["task"]) if "\n" in name)
    cell = column(workbook["Tasks"], "Task", len(tasks))[place]
    assert cell.value == tasks["task"].iloc[place]
    assert cell.alignment.wrap_text
    assert workbook["Tasks"].row_dimensions[cell.row].height >= 30


def test_the_findings_of_the_audit_take_a_line_each(workbook):
    sheet = workbook["Audit"]
    assert max(len(cell.value) for cell in sheet["D"]) > 70
    assert [sheet.row_dimensions[row].height for row in range(2, sheet.max_row + 1)] == [None] * (
        sheet.max_row - 1
    )


def test_a_sheet_without_rows_is_not_printed_but_there_for_programs(
    make_sandbox, make_workspace, tmp_path
):
    ws = make_workspace(make_sandbox(0))
    workbook = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx"))
    visible = [sheet.title for sheet in workbook if sheet.sheet_state == "visible"]
    assert visible == ["Summary", "About"]
    assert workbook.sheetnames == READ
    assert not workbook["Budget"].print_area  # LibreOffice would print it
    named = read_workbook(export.to_excel(ws, tmp_path / "g.xlsx", sheets="Budget"))
    assert [sheet.sheet_state for sheet in named] == ["visible"]


# ---------------------------------------------------------------------------------------------
# Which sheets, and what is in them


def test_listings_as_they_came_are_there_only_when_asked_for(workbook, listings, tmp_path):
    assert workbook.sheetnames == READ
    path = export.to_excel(listings, tmp_path / "f.xlsx", sheets=["raw tasks", "About", "budget"])
    asked = read_workbook(path)
    assert asked.sheetnames == ["Budget", "Raw tasks", "About"]
    assert heads(asked["Budget"])[-1] != "Team"


def test_only_what_the_chosen_sheets_need_is_fetched(make_workspace, sandbox, tmp_path):
    ws = make_workspace(sandbox, cache=None)
    reports.client_budget(ws, by_currency=True)
    cost = ws.usage.requests
    fresh = make_workspace(sandbox, cache=None)
    export.to_excel(fresh, tmp_path / "f.xlsx", sheets=["Clients", "About"])
    assert fresh.usage.requests == cost
    assert not any("tasks" in request.path for request in sandbox.requests[-cost:])


@pytest.mark.daily
@pytest.mark.parametrize(
    ("sheets", "said"),
    [(["Budgets"], "'Budgets'.*Summary, Budget"), ([], "no sheet"), ("Raw", "'Raw'.*Raw tasks")],
)
def test_a_sheet_that_does_not_exist_costs_no_request(sheets, said, ws, sandbox, tmp_path):
    with pytest.raises(errors.ConfigError, match=said):
        export.to_excel(ws, tmp_path / "f.xlsx", sheets=sheets)
    assert sandbox.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.daily
def test_what_is_no_name_of_a_sheet_is_a_type_error(ws, tmp_path):
    with pytest.raises(TypeError, match="names of sheets"):
        export.to_excel(ws, tmp_path / "f.xlsx", sheets=[1])


@pytest.mark.daily
@pytest.mark.parametrize("option", [{"sheets": ["Budget"]}, {"sensitive": True}])
def test_frames_are_written_as_they_are_and_cannot_be_chosen_from(option, tmp_path):
    with pytest.raises(errors.ConfigError, match="apply only to the workbook of a workspace"):
        export.to_excel(pd.DataFrame({"x": [1]}), tmp_path / "f.xlsx", **option)


@pytest.mark.parametrize(
    "sheets",
    [
        None,
        pytest.param("Team", marks=pytest.mark.daily),
        ["Raw users", "Raw project users", "Budget"],
    ],
)
def test_no_email_or_cost_of_a_person_is_there_unless_it_is_asked_for(sheets, listings, tmp_path):
    path = export.to_excel(listings, tmp_path / "f.xlsx", sheets=sheets)
    held = everything_in(path)
    emails = listings.users["email"].dropna()
    assert len(emails) > 5
    assert not [email for email in emails if email in held]
    for sheet in read_workbook(path):
        if sheet.title != "About":
            assert not SENSITIVE & {cell.value for row in sheet.iter_rows() for cell in row}
    assert "cost-above-rate" not in held


def test_emails_and_costs_are_there_when_they_are_asked_for_and_each_page_says_so(
    confidential, listings
):
    held, workbook = everything_in(confidential), read_workbook(confidential)
    assert all(email in held for email in reports.rate_card(listings)["email"].dropna())
    shown = {head for name in ("Budget", "Team") for head in heads(workbook[name])}
    assert shown >= SENSITIVE
    costs = reports.rate_card(listings)["labour_cost"]
    shown = [cell.value for cell in column(workbook["Team"], "Labour cost", len(costs))]
    assert shown == [None if pd.isna(cost) else cost for cost in costs]
    assert "cost-above-rate" in held
    for sheet in workbook:
        assert sheet.oddFooter.left.text.startswith("Confidential: ")


def test_about_says_whether_sensitive_columns_are_there(workbook, confidential):
    said = {row[0].value: row[1].value for row in workbook["About"].iter_rows()}
    assert said["Sensitive"].endswith("are left out.")
    told = {row[0].value: row[1].value for row in read_workbook(confidential)["About"].iter_rows()}
    assert told["Sensitive"].endswith("are in this workbook.")
    assert not workbook["Summary"].oddFooter.left.text


@pytest.mark.parametrize(("sheet", "is_sensitive"), [("Clients", False), ("Audit", True)])
def test_only_what_holds_something_confidential_says_that_it_does(
    sheet, is_sensitive, listings, tmp_path
):
    path = export.to_excel(listings, tmp_path / "f.xlsx", sheets=sheet, sensitive=True)
    (shown,) = read_workbook(path)
    assert bool(shown.oddFooter.left.text) == is_sensitive


@pytest.mark.daily
def test_a_frame_that_is_given_is_written_whole(listings, tmp_path):
    path = export.to_excel({"Rates": reports.rate_card(listings)}, tmp_path / "f.xlsx")
    assert heads(read_workbook(path)["Rates"]) == [column.label for column in RATE_CARD]


def test_a_sheet_that_the_plan_hides_leaves_no_empty_file(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(5, plan="free"))
    with (
        pytest.warns(errors.CompletenessWarning),
        pytest.raises(errors.ConfigError, match="No sheet is left to write: tasks"),
    ):
        export.to_excel(ws, tmp_path / "f.xlsx", sheets="Tasks")
    assert list(tmp_path.iterdir()) == []


def test_no_colour_code_is_on_a_sheet_for_readers(workbook):
    texts = (str(cell.value) for sheet in workbook for row in sheet.iter_rows() for cell in row)
    assert not [text for text in texts if re.fullmatch(r"#[0-9a-fA-F]{6}", text)]


# ---------------------------------------------------------------------------------------------
# Links


def test_the_name_of_a_project_leads_to_toggl_track(workbook, listings, office):
    budget = reports.project_budget(listings)
    address = f"https://track.toggl.com/{office.workspace_id}/projects/{{}}/team"
    cells = column(workbook["Budget"], "Project", len(budget))
    assert [cell.hyperlink.target for cell in cells] == [
        address.format(number) for number in budget["project_id"]
    ]
    linked = [row[0] for row in workbook["Summary"].iter_rows() if row[0].hyperlink]
    assert [cell.hyperlink.target for cell in linked] == [
        address.format(number) for number in budget["project_id"][:12]
    ]


def test_a_row_leads_to_the_same_project_on_other_sheets_even_when_they_are_sorted(
    workbook, listings
):
    frames = {
        "Budget": reports.project_budget(listings),
        "Tasks": reports.task_accuracy(listings, done=None),
        "Team": reports.rate_card(listings),
    }
    places = [("Budget", "Team"), ("Budget", "Tasks"), ("Tasks", "Budget"), ("Team", "Budget")]
    for name, to in places:
        sheet, there = workbook[name], workbook[to]
        key = letter(there, "Project ID")
        ids = [cell.value for cell in there[key][1:]]
        for row in range(2, 2 + len(frames[name])):
            cell = sheet[f"{letter(sheet, to)}{row}"].value
            own = sheet[f"{letter(sheet, 'Project ID')}{row}"]
            if own.value not in ids:
                assert cell is None
                continue
            found = re.fullmatch(
                r"=HYPERLINK\(\"#'(\w+)'!A\"&MATCH\((\w+),'(\w+)'!\$(\w+)\$2:\$\w+\$(\d+),0\)\+1,"
                r'"show"\)',
                cell,
            )
            assert found.groups()[:4] == (to, own.coordinate, to, key)


def test_a_client_leads_to_its_first_project(workbook):
    clients, budget = workbook["Clients"], workbook["Budget"]
    assert "MATCH" in clients[f"{letter(clients, 'Budget')}2"].value
    assert letter(budget, "Client ID") in clients[f"{letter(clients, 'Budget')}2"].value


def test_a_workspace_that_is_not_known_has_no_links_to_toggl_track(tmp_path, listings):
    frames = {name: frame.copy() for name, frame in listings.available()[0].items()}
    for frame in frames.values():
        frame.attrs = {}
    path = export.to_excel(reports.Listings(frames), tmp_path / "f.xlsx")
    sheet = read_workbook(path)["Budget"]
    assert all(cell.hyperlink is None for cell in sheet["A"])
    assert "track.toggl.com" not in everything_in(path)


def test_a_sheet_has_as_many_links_to_toggl_track_as_excel_holds(tmp_path, monkeypatch, listings):
    monkeypatch.setattr("togglframe.export.excel.sheet._MOST_URLS", 7)
    sheet = read_workbook(export.to_excel(listings, tmp_path / "f.xlsx"))["Budget"]
    rows = reports.project_budget(listings)
    linked = [cell.hyperlink is not None for cell in column(sheet, "Project", len(rows))]
    assert linked == [True] * 7 + [False] * (len(rows) - 7)
    assert column(sheet, "Project", 9)[8].value == rows["project"][8]


# ---------------------------------------------------------------------------------------------
# Clients over currencies


def test_a_client_of_several_currencies_has_a_total_of_its_hours(workbook, listings):
    sheet = workbook["Clients"]
    summary = reports.client_budget(listings, by_currency=True)
    hours = reports.client_budget(listings).set_index("client_id")
    counts = summary.groupby("client_id", dropna=False).size()
    several = counts[counts > 1].index
    assert len(several) > 2
    shown = Formulas(sheet)
    names = {head: letter(sheet, head) for head in heads(sheet)}
    rows = [cell.row for cell in sheet[names["Currency"]] if cell.value == "All, hours only"]
    assert len(rows) == len(several)
    for row in rows:
        number = sheet[f"{names['Client ID']}{row}"].value
        expected = hours.loc[pd.NA if number is None else number]
        for name, head in (
            ("tracked_hours", "Tracked [h]"),
            ("estimated_hours", "Estimated [h]"),
            ("variance_hours", "Variance [h]"),
            ("billable_hours", "Billable [h]"),
        ):
            assert shown[f"{names[head]}{row}"] == pytest.approx(expected[name])
        assert sheet[f"{names['Amount']}{row}"].value is None


def test_a_frame_of_clients_of_ones_own_has_these_totals_too(listings, tmp_path):
    path = export.to_excel(reports.client_budget(listings, by_currency=True), tmp_path / "f.xlsx")
    (sheet,) = read_workbook(path)
    assert "All, hours only" in [cell.value for cell in sheet["C"]]


def test_the_labels_below_the_currencies_are_not_cut(workbook):
    for name in ("Budget", "Clients"):
        sheet = workbook[name]
        below = [str(cell.value) for cell in sheet[letter(sheet, "Currency")]]
        assert "(no currency)" in below
        width = sheet.column_dimensions[letter(sheet, "Currency")].width
        assert width > max(map(len, below))


# ---------------------------------------------------------------------------------------------
# The chart


def chart_of(path):
    with zipfile.ZipFile(path) as archive:
        return archive.read("xl/charts/chart1.xml").decode()


def series_of(chart):
    found = re.findall(r"<c:ser>.*?</c:ser>", chart)
    return {re.search(r"<c:v>(.*?)</c:v>", one).group(1): one for one in found}


def test_the_legend_has_the_colours_that_are_drawn(path, listings):
    series = series_of(chart_of(path))
    assert list(series) == ["Estimate", "Tracked, over the estimate"]  # the 12 are over
    over = series["Tracked, over the estimate"]
    assert re.search(r'<c:spPr><a:solidFill><a:srgbClr val="(\w+)"/>', over).group(1) == "D55E00"


@pytest.mark.parametrize("n_over", [0, 2, 5])
def test_each_bar_is_drawn_once_in_the_colour_that_the_legend_names(n_over, tmp_path, listings):
    frames = {name: frame.copy() for name, frame in listings.available()[0].items()}
    budget = reports.project_budget(listings)
    is_over = budget["variance_hours"] > 0
    within = budget[~is_over & budget["progress"].notna()]["project_id"].head(5 - n_over)
    kept = [*budget[is_over]["project_id"].head(n_over), *within]
    frames["projects"] = frames["projects"][frames["projects"]["id"].isin(kept)]
    frames["statuses"] = frames["statuses"][frames["statuses"]["id"].isin(kept)]
    source = reports.Listings(frames)
    path = export.to_excel(source, tmp_path / "f.xlsx", sheets="Summary")
    series = series_of(chart_of(path))
    drawn = {"Tracked, over the estimate": n_over, "Tracked, within the estimate": 5 - n_over}
    assert list(series) == ["Estimate", *(name for name, count in drawn.items() if count)]
    for name, count in drawn.items():
        if count:
            values = re.search(r"<c:val>.*?\$D\$(\d+):\$D\$(\d+)", series[name])
            first, last = map(int, values.groups())
            blank = len(re.findall(r"<c:dPt>.*?<a:noFill/>.*?</c:dPt>", series[name]))
            assert last - first + 1 - blank == count


def test_the_title_says_what_is_drawn_and_the_axis_what_it_counts(path, listings):
    chart = chart_of(path)
    estimated = int(reports.project_budget(listings)["progress"].notna().sum())
    said = re.findall(r"<a:t>(.*?)</a:t>", chart)
    assert (
        f"Tracked against estimated hours: 12 of {estimated} estimated projects, "
        "the furthest over first" in said
    )
    assert "Hours" in said


def test_the_state_stands_beside_the_name_on_the_summary(workbook):
    rows = workbook["Summary"].iter_rows(values_only=True)
    assert ("Project", "Budget state", "Estimated [h]") in {row[:3] for row in rows}


def test_extra_fields_have_no_place_on_the_sheets_for_readers(
    make_sandbox, make_workspace, tmp_path
):
    ws = make_workspace(make_sandbox(5, behaviour=Behaviour(extra_fields=True)))
    workbook = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx"))
    assert printed(workbook["Budget"])[:2] == ["Project", "Budget state"]
