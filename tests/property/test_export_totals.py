"""Whatever is filtered out, totals are the sums of what is shown, and ratios their quotients."""

import joins
import pytest
from export_data import read_workbook
from formulas import Formulas
from hypothesis import given
from hypothesis import strategies as st
from joins_data import clients, memberships, projects, statuses, tasks

from togglframe.export import to_excel
from togglframe.export.display import terms_of

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


def number(formulas, row, column):
    value = formulas.value(row, column)
    return value if isinstance(value, int | float) else 0


@pytest.mark.filterwarnings("ignore::togglframe.errors.SemanticsWarning")  # unrelated tasks
@pytest.mark.nightly
@pytest.mark.parametrize(
    "name", [pytest.param(n, marks=pytest.mark.daily if n == "budget" else ()) for n in FRAMES]
)
@given(workspace=workspaces, data=st.data())
def test_totals_are_those_of_the_rows_that_a_filter_shows(tmp_path_factory, name, workspace, data):
    frame = FRAMES[name](*workspace)
    path = to_excel({"Frame": frame}, tmp_path_factory.mktemp("totals") / "f.xlsx")
    sheet = read_workbook(path)["Frame"]
    values = read_workbook(path, data_only=True)["Frame"]
    rows = range(2, len(frame) + 2)
    hidden = data.draw(st.sets(st.sampled_from(rows)) if rows else st.just(set()))
    whole, shown = Formulas(sheet), Formulas(sheet, hidden)
    names = list(frame.columns)
    for line in range(len(frame) + 2, sheet.max_row + 1):
        for at, column in enumerate(names, start=1):
            cell = sheet.cell(line, at)
            if cell.data_type != "f":
                continue
            written = values.cell(line, at).value
            total = shown.value(line, at)
            if hasattr(written, "hour") or hasattr(written, "total_seconds"):
                written = whole.value(line, at)  # a duration, of which openpyxl makes a time
            assert whole.value(line, at) == pytest.approx(written, rel=1e-9, abs=1e-7), column
            if cell.value.startswith("=SUBTOTAL"):
                parts = [number(shown, row, at) for row in rows if row not in hidden]
                assert total == pytest.approx(sum(parts), rel=1e-9, abs=1e-7)
            elif cell.value.startswith("=IF"):
                terms = [names.index(one) + 1 for one in terms_of(column, names)]
                top, bottom = (number(shown, line, one) for one in terms)
                assert total == (pytest.approx(top / bottom) if bottom else "")
