"""Whatever is filtered out, the totals below a table foot with the totals beside them."""

from collections import Counter

import joins
import pytest
from export_data import read_workbook
from formulas import Formulas
from hypothesis import given
from hypothesis import strategies as st
from joins_data import clients, memberships, projects, statuses, tasks

from togglframe import reports
from togglframe.export import to_excel
from togglframe.export.excel.totals import totals_of
from togglframe.tables import TABLES, Kind

# what is 0 when the totals of these columns stand in one row, of hours and of durations alike
IDENTITIES = [
    {"variance": 1, "tracked": -1, "estimated": 1, "comparable_tracked": 0},
    {"variance": 1, "comparable_tracked": -1, "estimated": 1},
    {"variance": 1, "remaining": 1, "gross_overrun": 0},
    {"variance": 1, "gross_overrun": -1, "saved": 1, "remaining": 1},
    {"non_billable": 1, "tracked": -1, "billable": 1},
    {"untasked": 1, "tracked": -1, "task_tracked": 1},
    {"estimate_gap": 1, "estimated": -1, "task_estimated": 1},
    {"tracked": 1, "estimated": -1, "overrun": -1, "remaining": 1, "variance": 0},
]
PARTS = ("of which over", "of which remaining", "of which saved")
WHOLE = "With an estimate"

FRAMES = {
    "budget": lambda p, s, c, m, t: joins.project_budget(p, s, c, m),
    "client_summary": lambda p, s, c, m, t: joins.client_summary(joins.project_budget(p, s, c)),
    "client_hours": lambda p, s, c, m, t: joins.client_hours(joins.project_budget(p, s, c)),
    "workspace": lambda p, s, c, m, t: joins.workspace_summary(joins.project_budget(p, s, c)),
    "tasks": lambda p, s, c, m, t: joins.task_accuracy(t, p, done=None),
    "reconciliation": lambda p, s, c, m, t: joins.estimate_reconciliation(
        joins.project_budget(p, s), t
    ),
    "workload": lambda p, s, c, m, t: joins.workload(t),
    "raw statuses": lambda p, s, c, m, t: s,
    "raw tasks": lambda p, s, c, m, t: t,
}
workspaces = st.tuples(projects, statuses, clients, memberships, tasks)


def lines_below(frame, path, hidden=()):
    """Return the totals of each line below the table by column, while some rows are hidden."""
    sheet = read_workbook(path)["Frame"]
    shown = Formulas(sheet, hidden)
    lines = {}
    for cells in sheet.iter_rows(min_row=len(frame) + 2):
        label = next((c.value for c in cells if isinstance(c.value, str) and c.data_type == "s"), 0)
        totals = {
            name: shown[cell.coordinate] * (24 if name.endswith("_time") else 1)
            for name, cell in zip(frame.columns, cells, strict=False)
            if cell.data_type == "f" and name.endswith(("_hours", "_time"))
        }
        if totals:
            lines[label] = totals
    return lines


def broken(totals, suffix):
    """Give the identities that the totals of a row break, and count those that they keep."""
    named = {n.removesuffix(suffix): v for n, v in totals.items() if n.endswith(suffix)}
    for identity in IDENTITIES:
        terms = {name for name, sign in identity.items() if sign}
        absent = identity.keys() - terms
        if terms <= named.keys() and absent.isdisjoint(named):
            yield identity, sum(sign * named[name] for name, sign in identity.items() if sign)


@pytest.mark.nightly
def test_every_identity_is_met_on_some_sheet(ws, tmp_path):
    parts, _ = reports.Listings(ws).available()
    listings = [parts[n] for n in ("projects", "statuses", "clients", "project_users", "tasks")]
    met = []
    for make in FRAMES.values():
        frame = make(*listings)
        path = to_excel({"Frame": frame}, tmp_path / "f.xlsx")
        for totals in lines_below(frame, path).values():
            met += [identity for identity, _ in broken(totals, "_hours")]
    assert [identity for identity in IDENTITIES if identity not in met] == []


# two findings can be about the same hours; those of a frame with hours are their exact twins
NEVER_ADDED = {"hours_affected", "estimated_time", "task_estimated_time"}
# levels, which a period hands to the next
NEVER_ADDED |= {"carried_hours", "available_hours", "left_hours", "running_hours"}
ON_EVERY_PERIOD = {"cumulative_hours", "estimated_hours"}  # of a project


def test_every_column_of_hours_has_a_total(subtests):
    for table in TABLES:
        with subtests.test(table=table.name):
            check_totals(table)


def check_totals(table):
    columns = {c.name: c for c in table if c.kind in {Kind.HOURS, Kind.DURATION, Kind.BOOLEAN}}
    shown = {name for total in totals_of(columns, table) for name in total.columns}
    has_hours = any(column.kind is Kind.HOURS for column in table)
    hours = {name for name, column in columns.items() if column.kind is not Kind.BOOLEAN}
    never = ON_EVERY_PERIOD if "cumulative_hours" in table else set()
    if table.is_history:  # a sum over several days means nothing
        never = hours
    if table.is_of_changes:  # what else is derived of them moved with them
        never = {name for name in hours if not name.startswith(("tracked", "estimated"))}
    assert shown == hours - never - (NEVER_ADDED if has_hours else set())


@pytest.mark.filterwarnings("ignore::togglframe.errors.SemanticsWarning")  # unrelated tasks
@pytest.mark.nightly
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.daily if n == "budget" else ()) for n in FRAMES]
)
@given(workspace=workspaces, data=st.data())
def test_totals_foot_with_those_beside_them(tmp_path_factory, name, workspace, data):
    frame = FRAMES[name](*workspace)
    path = to_excel({"Frame": frame}, tmp_path_factory.mktemp("totals") / "f.xlsx")
    rows = range(2, len(frame) + 2)
    hidden = data.draw(st.sets(st.sampled_from(rows)) if rows else st.just(set()))
    lines = lines_below(frame, path, hidden)
    for label, totals in lines.items():
        for suffix in ("_hours", "_time"):
            for identity, rest in broken(totals, suffix):
                assert rest == pytest.approx(0, abs=1e-7), (label, identity, totals)
    parts = Counter()
    for label in PARTS:
        parts.update(lines.get(label, {}))
    for column, total in lines.get(WHOLE, {}).items():
        if column in parts:
            assert parts[column] == pytest.approx(total, abs=1e-7), column
