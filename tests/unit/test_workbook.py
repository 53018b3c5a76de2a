"""The workbook of a workspace: the period first, every number the report's, paper, and readers."""

import re

import pandas as pd
import pytest
from days import TODAY
from reading_workbooks import everything_in, opened, printed_size, table_in

import togglframe as tf
from togglframe import reports
from togglframe.errors import ConfigError
from togglframe.export import to_excel
from togglframe.export.columns import columns_of
from togglframe.export.portfolio import portfolio
from togglframe.tables.provenance import table_of

OCTOBER = {"period": "2026-10"}
TEAM = [
    *("Summary", "Weeks", "Clients", "Projects", "People", "Budget"),
    *("Audit", "About"),
]
NORTHWIND = "Northwind Coffee Roasters"
DETAILS = [
    *("Hours", "Timesheet", "Utilisation", "Profit", "Entry audit"),
    *("Entries", "Team", "Tasks"),
]


@pytest.fixture(scope="module")
def demo(_one_moment):
    with tf.demo(today=TODAY) as ws:
        yield reports.Listings(ws)


@pytest.fixture(scope="module")
def team_path(demo, tmp_path_factory):
    return to_excel(demo, tmp_path_factory.mktemp("team") / "f.xlsx", **OCTOBER)


@pytest.fixture(scope="module")
def team(team_path):
    return opened(team_path)


@pytest.fixture(scope="module")
def client_path(demo, tmp_path_factory):
    folder = tmp_path_factory.mktemp("client")
    return to_excel(demo, folder / "f.xlsx", clients=NORTHWIND, **OCTOBER)


@pytest.fixture(scope="module")
def client(client_path):
    return opened(client_path)


@pytest.fixture(scope="module")
def budgets(demo, tmp_path_factory):
    return opened(to_excel(demo, tmp_path_factory.mktemp("all") / "f.xlsx"))


@pytest.fixture(scope="module")
def letter(small, tmp_path_factory):
    path = tmp_path_factory.mktemp("letter") / "f.xlsx"
    return opened(to_excel(small, path, **OCTOBER, paper="Letter"))


@pytest.fixture(scope="module")
def small(_one_moment):
    with tf.demo(scale=10, today=TODAY) as ws:
        yield reports.Listings(ws)


@pytest.fixture(scope="module")
def details(demo, tmp_path_factory):
    path = tmp_path_factory.mktemp("details") / "f.xlsx"
    sheets = [*DETAILS, "Invoice", "Raw users", "About"]
    return opened(to_excel(demo, path, **OCTOBER, sheets=sheets, rates=True))


def rows_of(sheet):
    return sheet.iter_rows(values_only=True)


def texts(sheet):
    return [cell for row in rows_of(sheet) for cell in row if isinstance(cell, str)]


def facts(sheet):
    return {row[0]: row[1] for row in rows_of(sheet)}


def block(sheet, heading):
    """Return the rows of a part of the Summary, from its heading to the next empty row."""
    rows = list(rows_of(sheet))
    first = next(at for at, row in enumerate(rows) if row[0] == heading)
    empty = (at for at, row in enumerate(rows) if at > first and not any(row))
    return rows[first : next(empty, len(rows))]


# ---------------------------------------------------------------------------------------------
# The period, and which sheets there are


def test_the_sheets_of_a_period_and_of_the_budgets(team, budgets, client):
    assert team.sheetnames == TEAM
    assert budgets.sheetnames == ["Summary", "Clients", "Budget", "Audit", "About"]
    assert client.sheetnames == ["Summary", "Weeks", "Projects", "People", "Budget", "About"]
    assert {sheet.sheet_state for sheet in team} == {"visible"}


def test_the_summary_is_about_the_period_and_its_change(team, demo):
    summary = team["Summary"]
    assert summary["A1"].value == "October 2026"
    found = {row[0]: row[1:4] for row in block(summary, "Key figures")}
    hours = reports.hours(demo, **OCTOBER, by=[])
    before = reports.hours(demo, period="2026-09", by=[])
    assert found["Hours"][0] == pytest.approx(hours["tracked_hours"].sum())
    assert found["Hours"][1] == pytest.approx(before["tracked_hours"].sum())
    assert found["Hours"][2] == "\N{MINUS SIGN}8 %"
    earned = reports.earnings(demo, **OCTOBER, by=[]).set_index("currency")["amount"]
    for code in ("EUR", "USD", "JPY"):
        assert found[f"Amount [{code}]"][0] == pytest.approx(earned[code])
    formats = {row[0].value: row[1].number_format for row in summary.iter_rows(max_row=14)}
    assert (formats["Hours"], formats["Billable"]) == ('#,##0 "h"', "0 %")
    assert facts(summary)["Audit"] == "22 errors, 172 warnings"
    assert "Since the projects began" in facts(summary)


@pytest.mark.parametrize(("period", "lines"), [("2026-10", 2), ("2026-Q3", 3), ("2026-05", 1)])
def test_the_names_of_periods_have_the_lines_that_they_need_in_bold(period, lines, small, tmp_path):
    path = to_excel(small, tmp_path / "f.xlsx", period=period, sheets="Summary")
    sheet = opened(path)["Summary"]
    row = next(row for row in range(1, 20) if sheet.cell(row, 4).value == "Change")
    assert sheet.row_dimensions[row].height > 13.5 * lines


def test_the_summary_says_what_the_page_says(team, demo):
    made = portfolio(demo, **OCTOBER)
    said = texts(team["Summary"])
    assert [made.title, made.scope] == said[:2]
    for section in made.sections:
        assert section.name == "about" or section.sentence in said, section.name


def test_without_a_period_it_is_about_the_budgets(budgets):
    summary = budgets["Summary"]
    assert summary["A1"].value == "Projects and budgets"
    assert facts(summary)["Overran"] == 16
    assert "Since the projects began" not in facts(summary)
    assert len(block(summary, "Budgets")) > 10


def test_what_the_summary_shows_adds_up(team, client, budgets):
    for book, headings in (
        (team, ("Weeks", "Clients", "Since the projects began")),
        (client, ("Weeks", "Projects", "Since the projects began")),
        (budgets, ("Clients", "Budgets")),
    ):
        for heading in headings:
            _, _, heads, *rows = block(book["Summary"], heading)
            lines = {row[0]: row for row in rows}
            each = [row for row in rows if row[0] not in {"Total", "of which with estimate"}]
            for at, head in enumerate(heads):
                if head and head.endswith(("[h]", "[EUR]", "[USD]", "[JPY]")):
                    shown = [row[at] or 0 for row in each if not str(row[0]).startswith(head)]
                    total = lines["Total"][at]  # what remains is not offset against overruns
                    assert total is None or sum(shown) == pytest.approx(total, abs=1e-6), (
                        heading,
                        head,
                    )


def test_columns_without_room_on_the_summary_are_named(budgets):
    said = texts(budgets["Summary"])
    assert (
        "Amount [EUR], Amount [USD], Amount [JPY], Amount [no currency]: on the sheet Clients"
        in said
    )


# ---------------------------------------------------------------------------------------------
# Numbers


FRAMES = {
    "Weeks": lambda source: reports.hours(source, **OCTOBER, by=[], every="week"),
    "Clients": lambda source: reports.hours(source, **OCTOBER, by="client"),
    "Projects": lambda source: reports.hours(source, **OCTOBER, by=["project", "client"]),
    "People": lambda source: reports.utilisation(source, **OCTOBER, every=None),
    "Budget": reports.project_budget,
    "Hours": lambda source: reports.hours(source, **OCTOBER, by=["client", "project", "user"]),
    "Timesheet": lambda source: reports.timesheet(source, **OCTOBER),
    "Utilisation": lambda source: reports.utilisation(source, **OCTOBER, every="month"),
    "Profit": lambda source: reports.profitability(source, **OCTOBER),
    "Entries": lambda source: reports.time_entries(source, **OCTOBER),
    "Invoice": lambda source: reports.invoice_lines(source, **OCTOBER, by="project"),
    "Team": reports.rate_card,
    "Tasks": lambda source: reports.task_accuracy(source, done=None),
}


def test_every_number_is_that_of_the_report_and_adds_up_as_shown(demo, team, details, subtests):
    for name, report in FRAMES.items():
        with subtests.test(sheet=name):
            frame = report(demo)
            table = table_in((team if name in team.sheetnames else details)[name])
            assert len(table.rows) == len(frame)
            check_sums(table, frame)


def check_sums(table, frame):
    """Compare the columns of a table with those of a frame, and its totals with what it shows."""
    labels = {column.label: name for name, column in labelled(frame)}
    for at, heading in enumerate(table.heads):
        name = labels.get(heading)
        if name is None or frame[name].dtype not in ("Float64", "Int64"):
            continue
        cells = sorted(row[at] for row in table.rows if row[at] is not None)
        values = sorted(frame[name].dropna().tolist())
        assert cells == pytest.approx(values, abs=0.0101), heading
        if table.total and isinstance(table.total[at], int | float):
            assert table.formulas[at] == pytest.approx(table.total[at], abs=1e-6), heading
            if name.endswith("_hours"):
                assert sum(cells) == pytest.approx(table.total[at], abs=1e-6), heading
                assert table.total[at] == pytest.approx(frame[name].sum(), abs=0.00501), heading


def labelled(frame):
    pairs = columns_of(frame, table_of(frame)).items()
    return [(name, column) for name, column in pairs if column is not None]


def test_totals_follow_the_filter(team, details):
    for sheet in (*team, *details):
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert re.match(
                        r"=(SUBTOTAL\(109,|SUMPRODUCT\(SUBTOTAL\(109,|IF\()", cell.value
                    )


def test_amounts_are_added_by_currency_alone(demo, details):
    sheet = details["Invoice"]
    lines = reports.invoice_lines(demo, **OCTOBER, by="project")
    rows = [row for row in rows_of(sheet) if row[0] and str(row[0]).startswith("Total ")]
    heads = [cell.value for cell in sheet[1]]
    sums = lines.groupby("currency")["amount"].sum()
    assert [row[0] for row in rows] == [f"Total {code}" for code in sums.index]
    for row in rows:
        cell = sheet.cell(
            [r[0] for r in rows_of(sheet)].index(row[0]) + 1, heads.index("Amount") + 1
        )
        assert sheet.values_of[cell.coordinate] == pytest.approx(sums[row[0].split()[1]])
    assert table_in(sheet).total_of("Amount") is None


def test_ids_and_exact_times_are_folded_and_not_printed(demo, team):
    sheet = team["Projects"]
    heads = [cell.value for cell in sheet[1]]
    assert heads[:2] == ["Project", "Client"]
    assert {"Project ID", "Client ID", "Tracked time"} < {*heads}
    folded = [d for d in sheet.column_dimensions.values() if d.hidden and d.outlineLevel == 1]
    first = min(dimension.min for dimension in folded)
    assert [one for one in heads[: first - 1] if one.endswith("ID")] == []
    assert sheet.print_area.endswith(f"${sheet.max_row}")
    assert sheet.cell(1, first - 1).column_letter in sheet.print_area
    exact = table_in(sheet).column("Tracked time")
    hours = reports.hours(demo, **OCTOBER, by=["project", "client"])["tracked_time"]
    assert sum(map(_seconds, exact)) == pytest.approx(hours.sum().total_seconds(), abs=0.01)


def _seconds(cell):
    if hasattr(cell, "total_seconds"):
        return cell.total_seconds()
    return cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6


def test_words_stand_where_frames_have_codes_and_booleans(team, details):
    for book in (team, details):
        for sheet in book:
            cells = [cell for row in sheet.iter_rows() for cell in row]
            assert "b" not in {cell.data_type for cell in cells}
            if sheet.title not in {"About", "Raw users"}:
                codes = [
                    text for text in texts(sheet) if re.fullmatch(r"[a-z]+([_-][a-z]+)+", text)
                ]
                assert codes == []
    assert "at risk" in texts(team["Budget"])
    assert {"yes", "no"} <= {*texts(details["Entries"])}


def test_the_audit_has_a_line_for_each_person_and_check_with_the_days(demo, team):
    table = table_in(team["Audit"])
    assert table.heads == ["Severity", "Check", "About", "Findings", "Days", "Detail"]
    keys = [tuple(row[1:3]) for row in table.rows]
    assert len({*keys}) == len(keys)
    found = reports.entry_audit(demo, **OCTOBER)
    missing = found[(found["check"] == "missing_day") & (found["user"] == "Priya Raman")]
    (row,) = (row for row in table.rows if row[1:3] == ["missing day", "Priya Raman"])
    assert row[3] == len(missing) == len(row[4].split(", "))
    assert row[4].startswith(f"{missing['date'].min().day}, ")
    assert row[4].endswith(" Oct")
    shown = reports.project_audit(demo)["check"].ne("cost-above-rate").sum() + len(found)
    assert sum(table.column("Findings")) == shown


def test_a_finding_of_one_line_has_a_row_of_one_line(team):
    sheet = team["Audit"]
    heights = {row[-1].value: sheet.row_dimensions[row[0].row].height for row in sheet.iter_rows()}
    assert heights["The project is archived with part of its estimate unused."] < 20


# ---------------------------------------------------------------------------------------------
# Paper


@pytest.mark.parametrize("name", ["team", "client", "budgets", "details", "letter"])
def test_the_summary_is_one_page_at_9_pt_and_the_others_print_at_8_pt(name, request, subtests):
    for sheet in request.getfixturevalue(name):
        with subtests.test(sheet=sheet.title):
            assert int(sheet.page_setup.paperSize) == (1 if name == "letter" else 9)
            if sheet.title == "Summary":
                assert (sheet.page_setup.fitToWidth or 1) == 1
                assert sheet.page_setup.fitToHeight != 0
                assert printed_size(sheet) >= 9
            else:
                assert sheet.page_setup.orientation == "landscape"
                assert sheet.page_setup.fitToHeight == 0
                assert printed_size(sheet) >= 8


def test_each_page_has_its_name_the_period_and_its_number(team):
    for sheet in team:
        assert sheet.oddHeader.left.text == "&A"
        assert "2026-10-01 to 2026-10-31 · fetched " in sheet.oddHeader.right.text
        assert sheet.oddFooter.right.text == "Page &P of &N"
        assert not sheet.oddFooter.left.text
        assert sheet.title in {"Summary", "About"} or sheet.print_title_rows == "$1:$1"


def test_another_paper_is_refused(demo, tmp_path):
    with pytest.raises(ConfigError, match="paper must be one of A4, Letter, not 'A3'"):
        to_excel(demo, tmp_path / "f.xlsx", paper="A3")


# ---------------------------------------------------------------------------------------------
# Who reads it


def test_nothing_internal_is_in_a_clients_workbook(demo, client_path):
    held = everything_in(client_path)
    listed = {name: demo.fetch(name)[0] for name in ("projects", "clients", "users")}
    theirs = listed["clients"].loc[listed["clients"]["name"] == NORTHWIND, "id"].item()
    others = listed["clients"].loc[listed["clients"]["id"] != theirs, "name"]
    is_other = listed["projects"]["client_id"] != theirs
    unlike = {*listed["projects"].loc[is_other, "name"]} - {*listed["projects"][~is_other]["name"]}
    names = [*others, *unlike, *listed["users"]["email"].dropna()]
    assert [name for name in names if f">{name}<" in held] == []
    ids = pd.concat([listed[name]["id"] for name in listed])
    assert [number for number in map(str, ids) if re.search(rf"\b{number}\b", held)] == []
    assert (
        re.findall(r"togglframe|track\.toggl|filters/|search/|4218603|labour|[Uu]tilis", held) == []
    )
    assert NORTHWIND in held


def test_a_client_sees_who_worked_unless_people_are_left_out(demo, client, tmp_path):
    worked = reports.hours(demo, **OCTOBER, clients=NORTHWIND, by="user")
    assert len(table_in(client["People"]).rows) == len(worked)
    chosen = {"clients": NORTHWIND, "people": False, **OCTOBER}
    path = to_excel(demo, tmp_path / "f.xlsx", **chosen)
    held = everything_in(path)
    assert [name for name in worked["user"] if name in held] == []
    assert "People" not in opened(path).sheetnames


def test_rates_costs_and_addresses_are_there_only_with_rates(demo, team_path, details, tmp_path):
    users = demo.fetch("users")[0]
    emails = users["email"].dropna().tolist()
    plain = everything_in(team_path)
    assert [email for email in emails if email in plain] == []
    assert "Labour cost" not in plain
    assert {"Labour cost", "Unit margin"} < {cell.value for cell in details["Team"][1]}
    assert emails[0] in texts(details["Raw users"])
    for sheet in details:
        assert sheet.oddFooter.left.text.startswith("Confidential: ")
    path = to_excel(demo, tmp_path / "f.xlsx", sheets=["Team", "Raw users"])
    assert [email for email in emails if email in everything_in(path)] == []
    assert "Hourly rate" not in {cell.value for cell in opened(path)["Team"][1]}


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ({"audience": "client"}, "none: select one with clients="),
        ({"audience": "all"}, "'team' or 'client'"),
        ({"sheets": "Hours"}, "'Hours' covers a range of days: give start_date and end_date, or"),
        ({"sheets": "Profit", **OCTOBER}, "'Profit' shows labour costs: it requires rates=True"),
        ({"sheets": "Timesheet", "people": False, **OCTOBER}, "is about people"),
        ({"sheets": ["Sumary"]}, r"no sheet 'Sumary'; .*; did you mean Summary\?"),
        ({"sheets": []}, "names no sheet"),
        ({"sections": "weeks"}, "'weeks' covers a range of days"),
        ({"sheets": "Retainers", **OCTOBER}, "'retainers' needs options="),
        ({"options": {"hours": {"by": "user"}}}, "options names 'hours'"),
        ({"options": {"utilisation": {"every": "day"}}}, "no option 'every'"),
    ],
)
def test_what_cannot_be_is_an_error_before_a_request(chosen, message, ws, sandbox, tmp_path):
    with pytest.raises(ConfigError, match=message):
        to_excel(ws, tmp_path / "f.xlsx", **chosen)
    assert sandbox.requests == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["Timesheet", "Raw projects"])
def test_whole_reports_and_listings_are_for_the_team(name, demo, tmp_path):
    chosen = {"clients": NORTHWIND, "sheets": name, **OCTOBER}
    with pytest.raises(ConfigError, match=f"{name!r} is for the team, not for a client"):
        to_excel(demo, tmp_path / "f.xlsx", **chosen)
    path = to_excel(demo, tmp_path / "f.xlsx", **chosen, audience="team")
    assert opened(path).sheetnames == [name]


@pytest.mark.parametrize(("old", "new"), [("sensitive", "rates"), ("client_ids", "clients")])
def test_an_old_keyword_names_the_new_one(old, new, demo, tmp_path):
    with pytest.raises(TypeError, match=f"{old!r}; it is .*{new}"):
        to_excel(demo, tmp_path / "f.xlsx", **{old: True})


def test_what_belongs_to_documents_does_not_apply_to_frames(tmp_path):
    for chosen in ({"sheets": "Budget"}, {"rates": True}, {"title": "x"}, OCTOBER):
        with pytest.raises(ConfigError, match="frames, which are written as they are"):
            to_excel(pd.DataFrame({"x": [1]}), tmp_path / "f.xlsx", **chosen)


# ---------------------------------------------------------------------------------------------
# Sheets, sections and options


def test_sheets_are_written_in_the_order_of_the_workbook(small, tmp_path):
    sheets = ["raw tasks", "About", "budget", "summary", "Invoice"]
    book = opened(to_excel(small, tmp_path / "f.xlsx", sheets=sheets, **OCTOBER))
    assert book.sheetnames == ["Summary", "Invoice", "Budget", "Raw tasks", "About"]
    assert book["Summary"]["A1"].value == "October 2026"


def test_sections_choose_what_is_there(small, tmp_path):
    path = to_excel(small, tmp_path / "f.xlsx", sections=["weeks", "invoice"], **OCTOBER)
    assert opened(path).sheetnames == ["Weeks", "Invoice"]
    path = to_excel(small, tmp_path / "f.xlsx", sections=["figures", "budgets"], **OCTOBER)
    assert opened(path).sheetnames == ["Summary", "Budget"]


def test_a_person_and_a_project_have_one_name_on_every_sheet(demo, tmp_path):
    sheets = ["Summary", "Projects", "People", "Hours", "Tasks"]  # of the agency that has two
    book = opened(to_excel(demo, tmp_path / "f.xlsx", **OCTOBER, sheets=sheets))
    for name, heading, of in (
        ("Projects", "Project", "Packaging design"),
        ("People", "User", "Anna Keller"),
        ("Hours", "Project", "Packaging design"),
        ("Hours", "User", "Anna Keller"),
        ("Tasks", "Project", "Packaging design"),
        ("Tasks", "Assignee", "Anna Keller"),
    ):
        names = {one for one in table_in(book[name]).column(heading) if one and of in one}
        assert names, name
        assert {one.startswith(f"{of} · #") for one in names} == {True}, name


def test_retainers_and_balances_are_there_with_their_options(small, tmp_path):
    options = {
        "retainer": {"budgets": {NORTHWIND: 300, "Brasserie Élan": 1}},
        "balance": {"schedule": 38.5},
    }
    path = to_excel(small, tmp_path / "f.xlsx", options=options, **OCTOBER)
    book = opened(path)
    assert book.sheetnames[5:8] == ["Budget", "Retainers", "Balance"]
    retainers, balance = table_in(book["Retainers"]), table_in(book["Balance"])
    expected = reports.retainer(small, options["retainer"]["budgets"], **OCTOBER)
    assert sorted(retainers.column("Budget [h]")) == [1, 300]
    assert sum(retainers.column("Tracked [h]")) == pytest.approx(
        expected["tracked_hours"].sum(), abs=0.01
    )
    assert "over" in retainers.column("State")
    expected = reports.balance(small, 38.5, **OCTOBER)
    assert balance.total_of("Balance [h]") == pytest.approx(
        expected["balance_hours"].sum(), abs=0.00501
    )


def test_options_reach_the_reports_behind_the_sheets(small, tmp_path):
    options = {
        "hours": {"by": "user", "every": "week"},
        "utilisation": {"capacity": 20, "every": "week"},
        "invoice_lines": {"rounding": "up", "rounding_minutes": 15, "by": ["client"]},
        "project_budget": {"at_risk": 0.5},
    }
    sheets = ["Summary", "Invoice", "Budget", "Hours", "Utilisation"]
    book = opened(to_excel(small, tmp_path / "f.xlsx", **OCTOBER, sheets=sheets, options=options))
    assert [cell.value for cell in book["Hours"][1]][:2] == ["User", "Week from"]
    lines = reports.invoice_lines(small, **OCTOBER, **options["invoice_lines"])
    assert len(table_in(book["Invoice"]).rows) == len(lines)
    states = reports.project_budget(small, at_risk=0.5)["budget_state"].value_counts()
    assert texts(book["Budget"]).count("at risk") == states["at_risk"]
    half = reports.utilisation(small, **OCTOBER, capacity=20, every=None)
    used = half["tracked_hours"].sum() / half["capacity_hours"].sum()
    assert facts(book["Summary"])["Capacity used"] == pytest.approx(used)


def test_entries_have_the_time_of_day_where_they_were_tracked(demo, details):
    table = table_in(details["Entries"])
    entries = reports.time_entries(demo, **OCTOBER)
    local = (entries["start"] + entries["utc_offset"]).dt.strftime("%H:%M")
    assert sorted(table.column("Began")) == sorted(local)


def test_the_names_of_projects_lead_to_toggl_track(demo, team):
    projects = reports.hours(demo, **OCTOBER, by=["project", "client"])
    cells = [cell for cell in team["Projects"]["A"] if cell.hyperlink]
    targets = [cell.hyperlink.target for cell in cells]
    is_short = projects["project"].str.len() < 40  # a longer one wraps
    ids = projects[is_short]["project_id"].dropna()
    assert {*targets} == {f"https://track.toggl.com/4218603/projects/{one}/team" for one in ids}


def test_about_says_where_the_numbers_come_from_and_what_columns_mean(team, client):
    said = facts(team["About"])
    assert said["Period"].startswith("2026-10-01 to 2026-10-31, both days included")
    assert said["Source"].startswith("Toggl Track, workspace 4218603, fetched ")
    meanings = {row[:2]: row[2] for row in rows_of(team["About"]) if len(row) > 2}
    assert meanings["Budget", "Variance [h]"].startswith("Tracked minus estimate")
    assert "workspace" not in "".join(texts(client["About"]))
    assert "Column" not in texts(client["About"])


def test_the_properties_of_a_file_say_what_made_it_for_the_team_alone(team, client):
    facts_of = {prop.name: prop.value for prop in team.custom_doc_props.props}
    assert facts_of["Workspace"] == "4218603"
    assert "search/time_entries" in facts_of["Endpoints"]
    assert facts_of["Made with"].startswith("togglframe ")
    assert list(client.custom_doc_props.props) == []
    assert (client.properties.creator, client.properties.title) == (
        None,
        f"{NORTHWIND} · October 2026",
    )


def test_the_same_source_makes_the_same_bytes(demo, client_path, tmp_path):
    again = to_excel(demo, tmp_path / "f.xlsx", clients=NORTHWIND, **OCTOBER)
    assert again.read_bytes() == client_path.read_bytes()


def test_an_empty_period_says_so(small, tmp_path):
    path = to_excel(small, tmp_path / "f.xlsx", period="2019-01")
    book = opened(path)
    assert "Nothing was tracked in January 2019" in texts(book["Summary"])
    assert "Weeks" not in book.sheetnames


def test_several_workspaces_are_one_workbook(make_sandbox, make_workspace, tmp_path):
    workspaces = [make_workspace(make_sandbox(6, workspace_id=number)) for number in (1, 2)]
    book = opened(
        to_excel(workspaces, tmp_path / "f.xlsx", **OCTOBER, sections=["figures", "projects"])
    )
    assert {*table_in(book["Projects"]).column("Workspace ID")} == {1, 2}
