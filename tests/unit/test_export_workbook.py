"""The workbook of a workspace: what finance gets."""

import dataclasses
import itertools
import json
import re
import zipfile

import pandas as pd
import pytest
from export_data import read_workbook
from formulas import Formulas
from vendor import Behaviour, Fault

from togglframe import charts, errors, export, reports, tables
from togglframe.export.excel.book import opened
from togglframe.export.excel.sheet import write_frame
from togglframe.export.excel.summary import reconciliation, write_summary
from togglframe.export.excel.workbook import workbook_sheets

pytestmark = pytest.mark.nightly

SHEETS = ["Summary", "Budget", "Clients", "Team", "Tasks", "Audit"]
RAW = [
    "Raw projects",
    "Raw statuses",
    "Raw clients",
    "Raw tasks",
    "Raw project users",
    "Raw project groups",
    "Raw users",
]


HEADINGS = {
    name: {column.label for column in columns} | {f"{column.label} (UTC)" for column in columns}
    for name, columns in tables.COLUMNS.items()
}


@pytest.fixture(scope="module")
def path(listings, tmp_path_factory):
    """Write the whole workbook once, slowly, for all that is read from it."""
    return export.to_excel(listings, tmp_path_factory.mktemp("book") / "portfolio.xlsx")


@pytest.fixture(scope="module")
def workbook(path):
    return read_workbook(path)


@pytest.fixture(scope="module")
def everything(listings, tmp_path_factory):
    path = tmp_path_factory.mktemp("everything") / "portfolio.xlsx"
    sheets = [*SHEETS, *RAW, "About"]
    return read_workbook(export.to_excel(listings, path, sheets=sheets, sensitive=True))


def rows_of(sheet):
    return sheet.iter_rows(values_only=True)


def block(sheet, title):
    """Return the rows of a small table of the Summary, from its heading to the next empty row."""
    rows = iter(sheet.iter_rows())
    next(row for row in rows if row[0].value == title)
    return list(itertools.takewhile(lambda row: row[0].value, rows))


def numbers(sheet, title, row):
    """Return a row of a small table of the Summary by heading."""
    heads, *rows = block(sheet, title)
    found = next(cells for cells in rows if cells[0].value == row)
    return {head.value: cell.value for head, cell in zip(heads, found, strict=True)}


def texts(sheet):
    return [cell for row in rows_of(sheet) for cell in row if isinstance(cell, str)]


@pytest.fixture
def refusing(make_sandbox, make_workspace):
    """Make workspaces where an endpoint answers with an error."""

    def make(endpoint, status):
        sandbox = make_sandbox(20)
        body = '"Tasks are a premium feature"' if status == 402 else None
        sandbox.inject(Fault("status", status=status, times=-1, endpoint=endpoint, body=body))
        return make_workspace(sandbox, max_attempts=2)

    return make


def expected_cell(value):
    """Return what a cell must hold, by the rules and not by the code."""
    if isinstance(value, list):
        return ", ".join(value)
    if pd.isna(value):
        return None
    return value


@pytest.mark.daily
def test_the_sheets_and_their_order(workbook):
    assert workbook.sheetnames == [*SHEETS, "About"]
    assert {sheet.sheet_state for sheet in workbook} == {"visible"}


def test_every_value_of_every_frame(listings, everything):
    members = reports.project_budget(listings, members=True)
    expected = {
        "Budget": (members, {"project": "project_id", "client": "client_id"}),
        "Clients": (reports.client_budget(listings, by_currency=True), {"client": "client_id"}),
        "Tasks": (reports.task_accuracy(listings, done=None), {"client": "", "assignee": ""}),
        "Team": (reports.rate_card(listings), {"user": "user_id"}),
        "Raw projects": (listings.projects, {}),
        "Raw statuses": (listings.statuses, {}),
        "Raw clients": (listings.clients, {}),
        "Raw tasks": (listings.tasks, {}),
        "Raw project users": (listings.project_users, {}),
        "Raw project groups": (listings.project_groups, {}),
        "Raw users": (listings.users, {}),
    }
    for name, (frame, named) in expected.items():
        heads, *rows = everything[name].iter_rows(max_row=len(frame) + 1, values_only=True)
        assert len(rows) == len(frame) > 0
        left_out = {"color"} if name == "Budget" else set()
        for column in set(frame.columns) - left_out:
            (position,) = (at for at, head in enumerate(heads) if head in HEADINGS[column])
            for value, row in zip(frame[column], rows, strict=True):
                cell = row[position]
                if column in named and pd.isna(value):
                    assert re.fullmatch(r"\(no \w+\)|\w+ \d+ \(not listed\)", cell)
                elif isinstance(value, pd.Timestamp):
                    assert abs(cell - value.tz_localize(None)) < pd.Timedelta(seconds=1)
                elif isinstance(value, pd.Timedelta):
                    # openpyxl reads [h]:mm below a day as a time of the day
                    assert _seconds(cell) == pytest.approx(value.total_seconds(), abs=0.001)
                elif isinstance(value, float) and not pd.isna(value):
                    assert cell == pytest.approx(value, rel=1e-15)  # the file has 16 digits
                else:
                    assert cell == expected_cell(value), (name, column)


def _seconds(cell):
    if hasattr(cell, "total_seconds"):
        return cell.total_seconds()
    return ((cell.hour * 60 + cell.minute) * 60 + cell.second) + cell.microsecond / 1e6


@pytest.mark.daily
def test_the_summary_says_what_matters(listings, workbook, office):
    said = texts(workbook["Summary"])
    budget = reports.project_budget(listings)
    over = int((budget["overrun_hours"] > 0).sum())
    assert said[0] == f"Toggl Track portfolio, workspace {office.workspace_id}"
    assert any(text.startswith(f"{over} of ") and " overran, by " in text for text in said)
    assert any(re.match(r"Lifetime totals, fetched 2\d{3}-.* UTC", text) for text in said)
    assert {"EUR", "USD", "JPY", "(no currency)", "All, hours only", "Audit"} <= set(said)


def clock(time):
    seconds = int(time.total_seconds())
    return f"{seconds // 3600:,}:{seconds // 60 % 60:02}:{seconds % 60:02} h"


@pytest.mark.daily
def test_the_reconciliation_says_what_was_compared_with_what(listings, workbook):
    budget, statuses = reports.project_budget(listings), listings.statuses
    without = int(budget["tracked_hours"].isna().sum())
    assert without > 0
    assert workbook["Summary"]["A4"].value == (
        f"Reconciled: the {len(budget)} projects on Budget add up to "
        f"{clock(statuses['tracked_time'].sum())}, the total of Toggl's {len(statuses)} statuses; "
        f"{without} projects have no status or no time."
    )


def test_hours_that_got_lost_are_not_reconciled(listings):
    parts, hidden = listings.available()
    whole = workbook_sheets(parts, hidden)
    fewer = dataclasses.replace(whole, budget=whole.budget.iloc[1:])
    assert reconciliation(fewer).startswith("NOT reconciled: the 60 projects on Budget add up to ")
    one = dataclasses.replace(whole, budget=whole.budget.iloc[:1])
    assert reconciliation(one).startswith("NOT reconciled: the 1 project on Budget adds up to ")


@pytest.mark.filterwarnings("ignore::togglframe.errors.CompletenessWarning")
@pytest.mark.parametrize("is_fetched_before", [False, True])
def test_what_is_not_proven_complete_is_never_called_reconciled(
    make_sandbox, make_workspace, tmp_path, is_fetched_before
):
    ignorant = Behaviour(ignore_cursor=True, page_size_clamp=201)  # of 400 tasks, 201 come
    source = reports.Listings(make_workspace(make_sandbox(behaviour=ignorant)))
    if is_fetched_before:
        source.fetch("projects", "statuses", "clients", "tasks")
    workbook = read_workbook(export.to_excel(source, tmp_path / "f.xlsx"))
    said = texts(workbook["Summary"])
    assert not any(text.startswith("Reconciled:") for text in said)
    assert any(
        text.startswith("Reconciled with what arrived, but it is not proven") for text in said
    )
    assert any(text.startswith("Not proven complete: filters/tasks: ") for text in said)
    facts = {row[0]: row[1] for row in rows_of(workbook["About"])}
    assert "it cannot be proven that all rows came" in facts["Not proven complete"]


@pytest.mark.filterwarnings("ignore::togglframe.errors.CompletenessWarning")
def test_statuses_that_were_cut_are_never_called_reconciled(ws, sandbox, tmp_path):
    rows = ws.post("filters/projects/status", {})
    cut = json.dumps(sorted(rows, key=lambda row: row["id"])[:40])
    sandbox.inject(Fault("payload", endpoint="filters/projects/status", body=cut))
    summary = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx"))["Summary"]
    assert any(
        text.startswith("Not proven complete: filters/projects/status: the answer ended after 40")
        for text in texts(summary)
    )
    assert "NOT" not in summary["A4"].value
    assert summary["A4"].value.startswith("Reconciled with what arrived, but it is not proven")


@pytest.mark.daily
def test_nothing_is_said_of_completeness_where_it_is_proven(workbook):
    assert not any(
        "proven" in text for text in texts(workbook["Summary"]) + texts(workbook["About"])
    )


def test_the_summary_says_what_a_chart_says(listings, workbook):
    budget = reports.project_budget(listings)
    title = charts.budget_bullet(budget, top=None).get_title(loc="left").replace("\n", " ")
    assert workbook["Summary"]["A2"].value == title
    (bar,) = block(workbook["Summary"], "Furthest over, or nearest to, the estimate")[1:2]
    assert charts.alt_text(budget).partition("most of all ")[2].startswith(f"{bar[0].value} (")


def test_the_summary_counts_the_findings(listings, workbook):
    audit = reports.project_audit(listings)
    counts = {row[0]: row[2] for row in rows_of(workbook["Summary"]) if row[1] in tables.SEVERITIES}
    assert counts == audit["check"].value_counts().drop("cost-above-rate").to_dict()
    assert "1 finding about labour costs left out as sensitive" in texts(workbook["Summary"])


@pytest.mark.daily
def test_money_is_never_added_over_currencies(listings, workbook):
    summary = reports.workspace_budget(listings, by_currency=True)
    by_currency = {row[0].value: row for row in block(workbook["Summary"], "Totals by currency")}
    for _, expected in summary.iterrows():
        code = "(no currency)" if pd.isna(expected["currency"]) else expected["currency"]
        assert by_currency[code][6].value == expected["amount"]
    assert by_currency["All, hours only"][6].value is None
    assert by_currency["JPY"][6].number_format == "[$JPY] #,##0;[Red]-[$JPY] #,##0"


def line(sheet, label, heading):
    """Return the total in the line of this label, in hours."""
    (row,) = (c.row for cells in sheet.iter_rows() for c in cells if c.value == label)
    (column,) = (cell.column_letter for cell in sheet[1] if cell.value == heading)
    total = Formulas(sheet)[f"{column}{row}"]
    return total * 24 if heading.endswith("time") else total


def test_the_same_word_is_the_same_number_on_every_sheet(listings, everything):
    hours = reports.client_budget(listings)
    summary = everything["Summary"]
    tracked = numbers(summary, "Totals by currency", "All, hours only")["Tracked [h]"]
    bridge = numbers(summary, "From the estimate to the hours tracked, by currency", "All")
    worst = numbers(summary, "Furthest over, or nearest to, the estimate", "With an estimate")
    budget, clients, raw = (everything[name] for name in ("Budget", "Clients", "Raw statuses"))
    whole, compared = "Total", "With an estimate"
    same = {
        "tracked_hours": [
            tracked,
            bridge["Tracked [h]"],
            line(budget, whole, "Tracked [h]"),
            line(clients, whole, "Tracked [h]"),
            line(raw, whole, "Tracked time"),
        ],
        "comparable_tracked_hours": [
            bridge["Comparable tracked [h]"],
            worst["Tracked [h]"],
            line(budget, compared, "Tracked [h]"),
            line(clients, whole, "Comparable tracked [h]"),
            line(raw, compared, "Tracked time"),
        ],
        "estimated_hours": [
            bridge["Estimated [h]"],
            worst["Estimated [h]"],
            line(budget, compared, "Estimated [h]"),
            line(clients, whole, "Estimated [h]"),
            line(raw, compared, "Estimated time"),
        ],
        "variance_hours": [
            bridge["Variance [h]"],
            worst["Variance [h]"],
            line(budget, compared, "Variance [h]"),
            line(clients, whole, "Variance [h]"),
        ],
        "gross_overrun_hours": [
            bridge["Gross overrun [h]"],
            line(budget, compared, "Overrun [h]"),
            line(budget, "of which over", "Variance [h]"),
            line(clients, whole, "Gross overrun [h]"),
        ],
        "saved_hours": [
            bridge["Saved [h]"],
            line(budget, "of which saved", "Remaining [h]"),
            line(clients, whole, "Saved [h]"),
        ],
        "remaining_hours": [
            bridge["Remaining [h]"],
            line(budget, "of which remaining", "Remaining [h]"),
            line(clients, whole, "Remaining [h]"),
        ],
    }
    for name, shown in same.items():
        assert shown == pytest.approx([hours[name].sum()] * len(shown)), name


@pytest.mark.daily
def test_the_ratios_of_the_summary_follow_from_the_numbers_beside_them(listings, workbook):
    sheet = workbook["Summary"]
    notes = [
        text
        for text in texts(sheet)
        if "based only on projects where both figures are known" in text
    ]
    for heads, *rows in [
        block(sheet, "Totals by currency"),
        block(sheet, "From the estimate to the hours tracked, by currency"),
    ]:
        for cells in rows:
            row = {h.value: c.value for h, c in zip(heads, cells, strict=True) if h.value}
            label = str(row["Currency"]).removesuffix(", hours only")
            note = next((text for text in notes if text.startswith(f"{label}, ")), "")
            for ratio, top, bottom in [
                ("Billable share", "Billable [h]", "Tracked [h]"),
                ("Effective rate", "Amount", "Billable [h]"),
                ("Progress", "Comparable tracked [h]", "Estimated [h]"),
                ("Estimate coverage", "Comparable tracked [h]", "Tracked [h]"),
            ]:
                if row.get(ratio) is None:
                    continue
                pattern = rf"{ratio.lower()} ([\d,.]+)(?: h)? / ([\d,.]+) h"
                said = re.search(pattern, note)
                above, below = (
                    (float(part.replace(",", "")) for part in said.groups())
                    if said
                    else (row[top], row[bottom])
                )
                assert row[ratio] == pytest.approx(above / below, rel=1e-4), (label, ratio)


@pytest.mark.daily
def test_the_bridge_from_the_estimate_to_the_hours_tracked_adds_up(workbook):
    title = "From the estimate to the hours tracked, by currency"
    heads, *rows = block(workbook["Summary"], title)
    assert len(rows) == 5
    for cells in rows:
        row = {h.value: c.value for h, c in zip(heads, cells, strict=True)}
        parts = (row["Gross overrun [h]"], -row["Saved [h]"], -row["Remaining [h]"])
        assert sum(parts) == pytest.approx(row["Variance [h]"])
        assert row["Estimated [h]"] + sum(parts) == pytest.approx(row["Comparable tracked [h]"])
    for name in ("Over", "Estimated [h]", "Saved [h]", "Tracked [h]"):
        column = [head.value for head in heads].index(name)
        *each, whole = (cells[column].value for cells in rows)
        assert sum(each) == pytest.approx(whole)


@pytest.mark.daily
def test_the_worst_projects_and_the_others_add_up_to_the_estimated_ones(workbook):
    _, *rows = block(workbook["Summary"], "Furthest over, or nearest to, the estimate")
    assert rows[-2][0].value == "and 37 others"
    for column in (2, 3, 4):
        *each, whole = (cells[column].value for cells in rows)
        assert sum(each) == pytest.approx(whole)


@pytest.mark.daily
def test_the_summary_and_the_budget_have_the_order_of_the_frame(listings, workbook):
    order = reports.project_budget(listings)["project_id"].tolist()
    heads, *rows = rows_of(workbook["Budget"])
    assert [row[heads.index("Project ID")] for row in rows[: len(order)]] == order
    names = [
        row[0].value
        for row in block(workbook["Summary"], "Furthest over, or nearest to, the estimate")
    ]
    labels = dict(zip(order, [row[0] for row in rows], strict=False))
    assert [name[:20] for name in names[1:13]] == [labels[n][:20] for n in order[:12]]


@pytest.mark.daily
def test_the_chart_is_native_a_bullet_and_has_a_text_alternative(path):
    with zipfile.ZipFile(path) as archive:
        chart = archive.read("xl/charts/chart1.xml").decode()
        drawing = archive.read("xl/drawings/drawing1.xml").decode()
    assert re.findall(r'<c:gapWidth val="(\d+)"/>', chart) == ["40", "200"]
    (first, second) = re.findall(r'<c:max val="([\d.]+)"/>', chart)
    assert first == second
    assert re.findall(r'<c:min val="([\d.]+)"/>', chart) == ["0", "0"]
    assert 'descr="Tracked hours against the estimate, one bar per project. ' in drawing


def test_about_holds_the_provenance_and_every_definition(listings, workbook, everything, office):
    said = texts(workbook["About"])
    for needed in (
        str(office.workspace_id),
        listings.projects.attrs["togglframe"]["fetched_at"].replace("T", " ")[:19],
        "80 % of the estimate",
        "none: the whole workspace, archived projects too",
        "All time ever tracked, not a period: Toggl reports lifetime totals here.",
    ):
        assert needed in said
    endpoints = next(text for text in said if text.startswith("filters/projects, "))
    assert "search/users" in endpoints
    assert {c.doc for c in tables.PROJECT_BUDGET if c.name != "color"} <= set(said)
    assert {column.doc for column in tables.TASKS} <= set(texts(everything["About"]))
    assert ("Raw tasks", len(listings.tasks), "task") in {
        row[:3] for row in rows_of(everything["About"])
    }


@pytest.mark.daily
def test_the_key_facts_are_document_properties_too(workbook, office):
    properties = {prop.name: prop.value for prop in workbook.custom_doc_props.props}
    assert properties["Workspace"] == str(office.workspace_id)
    assert properties["Missing parts"] == "none"


@pytest.mark.daily
def test_no_cell_of_the_workbook_is_a_formula_out_of_the_data(workbook):
    for sheet in workbook:
        for cell in (cell for row in sheet.iter_rows() for cell in row):
            assert cell.hyperlink is None or sheet.title in {"Summary", "Budget"}
            if cell.data_type == "f":
                assert re.match(
                    r"=(SUBTOTAL\(109,|SUMPRODUCT\(SUBTOTAL\(109,"
                    r"|HYPERLINK\(\"#'\w+'!A\"&MATCH\([A-Z]+\d+,'\w+'![$A-Z\d:]+,0\)\+1,\"show\"\)$)",
                    cell.value,
                )


def test_the_same_answers_make_the_same_bytes(listings, path, tmp_path):
    again = export.to_excel(listings, tmp_path / "again.xlsx")
    assert again.read_bytes() == path.read_bytes()


def test_every_listing_is_asked_for_once_without_a_cache(make_workspace, sandbox, tmp_path):
    ws = make_workspace(sandbox, cache=None)
    reports.Listings(ws).available()
    cost = ws.usage.requests
    fresh = make_workspace(sandbox, cache=None)
    export.to_excel(fresh, tmp_path / "f.xlsx")
    assert fresh.usage.requests == cost


def test_the_threshold_is_used_and_named(listings, tmp_path):
    path = export.to_excel(listings, tmp_path / "f.xlsx", at_risk=0.5)
    workbook = read_workbook(path)
    assert "50 % of the estimate" in texts(workbook["About"])
    states = [row[1] for row in rows_of(workbook["Budget"])]
    expected = reports.project_budget(listings, at_risk=0.5)["budget_state"]
    assert states[1 : len(expected) + 1] == expected.tolist()


@pytest.mark.parametrize(
    ("endpoint", "missing"),
    [
        ("filters/tasks", {"Tasks"}),
        ("filters/project_users", {"Team"}),
    ],
)
@pytest.mark.parametrize("status", [402, 403])
def test_what_the_plan_hides_is_missing_named_and_warned_of_once(
    endpoint, missing, status, refusing, tmp_path
):
    ws = refusing(endpoint, status)
    with pytest.warns(errors.CompletenessWarning) as caught:
        path = export.to_excel(ws, tmp_path / "f.xlsx")
    assert len(caught) == 1
    assert caught[0].filename == __file__
    workbook = read_workbook(path)
    assert set(workbook.sheetnames) == {*SHEETS, "About"} - missing
    assert "Not in this workbook" in texts(workbook["About"])
    part = endpoint.removeprefix("filters/")
    assert any(part in text for text in texts(workbook["Summary"]))
    assert any(text == part for text in texts(workbook["About"]))


@pytest.mark.daily
@pytest.mark.parametrize(
    ("endpoint", "status", "error"),
    [
        ("filters/projects", 402, errors.PremiumFeatureError),
        ("filters/projects/status", 403, errors.AccessError),
        ("filters/tasks", 400, errors.BadRequestError),
        ("filters/tasks", 500, errors.ServerError),
    ],
)
def test_any_other_error_raises_and_writes_nothing(endpoint, status, error, refusing, tmp_path):
    ws = refusing(endpoint, status)
    with pytest.raises(error):
        export.to_excel(ws, tmp_path / "f.xlsx")
    assert not (tmp_path / "f.xlsx").exists()


@pytest.mark.daily
def test_a_missing_folder_costs_no_request(ws, tmp_path):
    with pytest.raises(FileNotFoundError):
        export.to_excel(ws, tmp_path / "misspelt" / "f.xlsx")
    assert ws.usage.requests == 0


def test_an_empty_workspace_is_a_workbook_too(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(0))
    workbook = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx"))
    assert workbook.sheetnames == [*SHEETS, "About"]
    assert "No projects" in texts(workbook["Summary"])


def test_fields_that_no_table_knows_are_shown(make_sandbox, make_workspace, tmp_path):
    ws = make_workspace(make_sandbox(5, behaviour=Behaviour(extra_fields=True)))
    chosen = {"sheets": ["Raw projects", "About"]}
    workbook = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx", **chosen))
    assert workbook["Raw projects"].max_column > len(tables.PROJECTS.names)
    assert "Sent by Toggl; not described." in texts(workbook["About"])


@pytest.mark.parametrize("endpoint", ["search/users", "filters/project_groups"])
def test_the_audit_in_the_workbook_is_that_of_the_report(endpoint, refusing, tmp_path):
    ws = refusing(endpoint, 403)
    with pytest.warns(errors.CompletenessWarning):
        findings = reports.project_audit(ws)
    findings = findings[findings["check"] != "cost-above-rate"]
    with pytest.warns(errors.CompletenessWarning):
        book = read_workbook(export.to_excel(ws, tmp_path / "f.xlsx"))
    shown = [row[1] for row in rows_of(book["Audit"])][1:]
    assert shown == findings["check"].tolist()
    assert "member-not-listed" not in set(shown) or endpoint != "search/users"
    assert {"rate-conflict", "hidden-part"} <= set(shown)


@pytest.mark.daily
def test_about_defines_the_columns_of_the_summary(workbook):
    defined = {row[1] for row in rows_of(workbook["About"]) if row[0] == "Summary"}
    titles = ["Totals by currency", "From the estimate to the hours tracked, by currency"]
    heads = {cell.value for title in titles for cell in block(workbook["Summary"], title)[0]}
    assert defined == heads - {None}
    assert {column.label for column in tables.WORKSPACE_BUDGET_BY_CURRENCY} <= defined


def test_large_numbers_have_room_on_the_summary_and_in_the_totals(tmp_path):
    projects, statuses = (
        pd.DataFrame(
            {"id": pd.Series(range(1, 3001), dtype="Int64")}
            | {c.name: pd.Series([values.get(c.name)] * 3000, dtype=c.dtype) for c in rest}
        )
        for rest, values in (
            (tables.PROJECTS.columns[1:], {"active": True, "name": "Web", "currency": "IDR"}),
            (
                tables.PROJECT_STATUSES.columns[1:],
                {
                    "tracked_time": pd.Timedelta(hours=90_000),
                    "billable_amount": 90_000_000.0,
                    "currency": "IDR",
                },
            ),
        )
    )
    parts = {"projects": projects, "statuses": statuses, "clients": tables.CLIENTS.empty()}
    portfolio = workbook_sheets(parts, {})
    with opened(tmp_path / "f.xlsx", fetched_at=None, escape_text=False) as book:
        write_summary(book, portfolio)
        write_frame(book, portfolio.sheets[0])
    summary, budget = read_workbook(tmp_path / "f.xlsx").worksheets
    heads = block(summary, "Totals by currency")[0]
    widths = {cell.value: width(summary, cell) for cell in heads if cell.value}
    assert widths["Amount"] > len("IDR 270,000,000,000.00")
    assert widths["Tracked [h]"] > len("270,000,000.00")
    widths = {cell.value: width(budget, cell) for cell in budget[1]}
    assert widths["Amount"] > len("IDR 270,000,000,000.00")
    assert widths["Tracked [h]"] > len("270,000,000.00")


def width(sheet, cell):
    return sheet.column_dimensions[cell.column_letter].width


@pytest.mark.daily
def test_an_impossible_threshold_costs_no_request(ws, sandbox, tmp_path):
    with pytest.raises(errors.ConfigError, match="at_risk"):
        export.to_excel(ws, tmp_path / "f.xlsx", at_risk=7)
    assert sandbox.requests == []


@pytest.mark.daily
def test_a_misspelt_sheet_gets_a_suggestion_before_any_request(tmp_path):
    with pytest.raises(errors.ConfigError, match=r"no sheet 'Sumary'; .*; did you mean Summary\?"):
        export.to_excel(reports.Listings({}), tmp_path / "f.xlsx", sheets=["Sumary"])
    with pytest.raises(errors.ConfigError, match=r"no sheet 'Xyzzy'; .*, About\.$"):
        export.to_excel(reports.Listings({}), tmp_path / "f.xlsx", sheets=["Xyzzy"])
