"""How a frame is shown: its columns, headings and cells, the order of its rows, and its totals."""

import numpy as np
import pandas as pd
import pytest

import togglframe as tf
from togglframe import tables
from togglframe.export.display import columns_shown, shown
from togglframe.tables.provenance import KEY
from togglframe.text.formats import MINUS, TIMES, plural


def typed(table, rows):
    """Return a frame of a table with these columns; the others of the table are NA."""
    columns = {column.name: rows.get(column.name) for column in table}
    n = max(map(len, rows.values()))
    values = {name: [None] * n if given is None else given for name, given in columns.items()}
    frame = pd.DataFrame({n: pd.Series(v, dtype=table[n].dtype) for n, v in values.items()})
    frame.attrs = {KEY: {"table": table.name}}
    return frame


def texts(display):
    return {one.name: [cell.text for cell in one.cells()] for one in display.columns}


def headings(columns):
    return [column.heading for column in columns]


# --- cells ----------------------------------------------------------------------------------------

CELLS = [
    (tables.PROJECT_BUDGET, "tracked_hours", 1234.56, "Tracked [h]", "1,234.6", "right"),
    (tables.PROJECT_BUDGET, "tracked_hours", 0.02, "Tracked [h]", "<0.1", "right"),
    (tables.PROJECT_BUDGET, "variance_hours", 12.5, "Variance [h]", "+12.5", "right"),
    (tables.PROJECT_BUDGET, "variance_hours", -3.0, "Variance [h]", f"{MINUS}3.0", "right"),
    (tables.PROJECT_BUDGET, "variance_hours", 0.0, "Variance [h]", "0.0", "right"),
    (tables.PROJECT_BUDGET, "progress", 1.17, "Progress", "117 %", "right"),
    (tables.PROJECT_BUDGET, "active", False, "Active", "no", "left"),
    (tables.PROJECT_BUDGET, "budget_state", "at_risk", "Budget state", "at risk", "left"),
    (tables.PROJECT_BUDGET, "amount", 1234.5, "Amount", "1,234.50", "right"),
    (tables.TASK_ACCURACY, "accuracy_ratio", 1.2578, "Accuracy ratio", f"1.26{TIMES}", "right"),
    (tables.TASK_ACCURACY, "log2_ratio", -0.643, "Log2 ratio", f"{MINUS}0.64", "right"),
    (tables.ESTIMATE_BIAS["user"], "n", 1200, "Estimated tasks", "1,200", "right"),
    (tables.INVOICE_LINES, "billed_hours", 14.382, "Billed [h]", "14.38", "right"),
    (tables.FORECAST, "finish", pd.Timestamp("2026-12-04"), "Finish", "2026-12-04", "left"),
    (tables.FORECAST, "weeks_left", 6.54, "Weeks left", "6.5", "right"),
    (tables.PROJECT_AUDIT, "check", "rate-without-currency", "Check", "rate without currency",
     "left"),
    (tables.ENTRY_AUDIT, "check", "missing_day", "Check", "missing day", "left"),
    (tables.TIME_ENTRIES, "tracked_time", pd.Timedelta("1:02:05"), "Tracked time", "1:02:05",
     "right"),
    (tables.TIME_ENTRIES, "start", pd.Timestamp("2026-05-06T07:08:09Z"), "Start (UTC)",
     "2026-05-06 07:08", "left"),
    (tables.TIME_ENTRIES, "tags", ["b", "a\nc"], "Tags", "b, a c", "left"),
]  # fmt: skip


def test_a_cell_is_written_as_its_column_declares_and_an_unknown_one_is_none(subtests):
    for table, name, value, heading, text, side in CELLS:
        series = pd.Series([value, None], dtype=table[name].dtype)
        (column,) = columns_shown(pd.DataFrame({name: series}), table)
        with subtests.test(f"{name} {value}"):
            assert column.heading == heading
            assert [cell.text for cell in column.cells()] == [text, None]
            assert ("left" if column.is_text else "right") == side


PERIODS = {
    "day": ("Day", "2026-10-01"),
    "week": ("Week from", "2026-10-01"),
    "month": ("Month", "2026-10"),
    "quarter": ("Quarter", "2026-Q4"),
    "year": ("Year", "2026"),
}


def test_a_period_is_written_by_its_length(subtests):
    for every, (heading, text) in PERIODS.items():
        frame = pd.DataFrame({"period": pd.to_datetime(["2026-10-01"]).astype("datetime64[us]")})
        frame.attrs = {KEY: {"filters": {"every": every}}}
        (column,) = columns_shown(frame, tables.HOURS)
        with subtests.test(every):
            assert (column.heading, column.cells()[0].text) == (heading, text)


def test_colours_are_those_of_the_palette():
    rows = {
        "project": ["a", "b", "c"],
        "progress": [1.2, 0.9, 0.5],
        "overrun_hours": [2.0, 0.0, 0.0],
        "budget_state": ["over", "at_risk", "on_track"],
    }
    by_name = {one.name: one for one in columns_shown(typed(tables.PROJECT_BUDGET, rows))}
    for name, states in {
        "budget_state": ["over", "at_risk", ""],
        "progress": ["over", "at_risk", ""],
        "overrun_hours": ["over", "", ""],
    }.items():
        assert [cell.state for cell in by_name[name].cells()] == states
    assert [cell.bar for cell in by_name["progress"].cells()] == pytest.approx([1, 0.75, 0.5 / 1.2])
    assert by_name["progress"].tick == pytest.approx(1 / 1.2)


# --- columns --------------------------------------------------------------------------------------


def test_names_come_first_and_ids_colours_and_exact_durations_are_left_out(ws):
    budget = tf.reports.project_budget(ws)
    names = [column.name for column in columns_shown(budget)]
    assert names[:2] == ["project", "client"]
    assert not {"project_id", "client_id", "color", "tracked_time"} & {*names}
    assert names.index("currency") == names.index("amount") - 1
    with_ids = [column.name for column in columns_shown(budget, ids=True)]
    assert with_ids == [*names, "project_id", "client_id"]
    only_ids = budget[["project_id", "progress"]]
    assert [column.name for column in columns_shown(only_ids)] == ["project_id", "progress"]


def test_a_currency_of_all_rows_is_in_the_headings_and_else_beside_the_amounts():
    rows = {"project": ["a", "b"], "amount": [1234.5, 10.0], "currency": ["JPY", "JPY"]}
    one = columns_shown(typed(tables.PROJECT_BUDGET, rows))
    assert "Amount [JPY]" in headings(one)
    assert "Currency" not in headings(one)
    for other in ("EUR", None):
        several = typed(tables.PROJECT_BUDGET, {**rows, "currency": ["JPY", other]})
        by_name = {column.name: column for column in columns_shown(several)}
        assert by_name["amount"].heading == "Amount"
        assert [cell.text for cell in by_name["amount"].cells()] == ["1,235", "10.00"]
        assert "currency" in by_name


def test_names_that_two_share_are_told_apart_by_clients_and_then_by_ids():
    rows = {
        "project_id": [1, 2, 3, 4],
        "project": ["Web", "Web", "Web", "App"],
        "client": ["Acme", "Bolt", "Bolt", None],
        "client_id": [1, 2, 2, None],
    }
    by_name = {one.name: one for one in columns_shown(typed(tables.PROJECT_BUDGET, rows))}
    assert [cell.text for cell in by_name["project"].cells()] == [
        "Web · Acme", "Web · Bolt · #2", "Web · Bolt · #3", "App",
    ]  # fmt: skip
    assert by_name["client"].cells()[-1].text == "(no client)"


def test_a_day_is_said_once_in_a_timesheet():
    rows = {
        "user": ["Anna"],
        "date": pd.to_datetime(["2026-10-01"]),
        "first_start": pd.to_datetime(["2026-10-01 08:30"]),
        "last_stop": pd.to_datetime(["2026-10-02 01:15"]),
    }
    said = texts(shown(typed(tables.TIMESHEET, rows)))
    assert [said[name] for name in rows] == [["Anna"], ["2026-10-01"], ["08:30"], ["01:15 +1"]]
    assert texts(shown(tables.TIMESHEET.empty()))["last_stop"] == []


def test_a_wide_table_and_what_changed_are_shown_by_their_measures(ws):
    earnings = tf.reports.earnings(ws, period="2026-09..2026-10", by="client", every="month")
    wide = tf.pivot(earnings, ["client", "currency"], values="amount")
    display = shown(wide)
    assert headings(display.columns) == ["Client", "Currency", "Sep 2026", "Oct 2026", "Total"]
    said = texts(display)
    for code, value, text in zip(wide["currency"], wide["Total"], said["Total"], strict=True):
        places = 0 if code == "JPY" else 2
        assert text == (None if pd.isna(value) else f"{value:,.{places}f}")
    changes = tables.CHANGES["project_budget"]
    frame = typed(changes, {"project": ["a"], "tracked_hours_difference": [2.0]})
    by_name = {one.name: one for one in columns_shown(frame, changes)}
    assert by_name["tracked_hours_before"].heading == "Tracked before [h]"
    assert by_name["tracked_hours_difference"].cells()[0].text == "+2.0"


# --- rows -----------------------------------------------------------------------------------------


def test_rows_are_in_the_order_in_which_they_matter(ws):
    def column(frame, name):
        return next(one for one in shown(frame).columns if one.name == name).series

    def is_falling(series):
        return series.is_monotonic_decreasing

    by_user = tf.reports.hours(ws, period="2026-10", by="user")
    assert column(by_user, "tracked_hours").is_monotonic_decreasing
    by_month = tf.reports.hours(ws, period="2026-08..2026-10", by="client", every="month")
    months = column(by_month, "period")
    assert months.is_monotonic_increasing
    assert column(by_month, "tracked_hours").groupby(months).apply(is_falling).all()
    lines = tf.reports.invoice_lines(ws, period="2026-10", by="project")
    clients = column(lines, "client").tolist()
    groups = [one for one, before in zip(clients, [None, *clients], strict=False) if one != before]
    assert len(groups) == len({*groups})  # those of a client are together
    finish = column(tf.reports.forecast(ws), "finish")
    assert finish.dropna().is_monotonic_increasing
    assert finish.notna().is_monotonic_decreasing


def test_a_frame_of_ones_own_may_have_no_rows_or_the_same_labels_twice():
    budget = typed(
        tables.PROJECT_BUDGET,
        {"project": ["a", "b"], "overrun_hours": [1.0, 2.0], "tracked_hours": [3.0, 4.0]},
    )
    assert texts(shown(budget))["project"] == ["b", "a"]
    assert texts(shown(budget.head(0)))["project"] == []
    hours = typed(tables.HOURS.choose(["user"]), {"user": ["a", "b"], "tracked_hours": [1.0, 2.0]})
    twice = pd.concat([hours, hours])
    twice.attrs = hours.attrs
    assert texts(shown(twice))["tracked_hours"] == ["2.0", "2.0", "1.0", "1.0"]


# --- totals ---------------------------------------------------------------------------------------


def totals(frame, **options):
    return {line.label: dict(line.texts) for line in shown(frame, **options).totals}


def test_totals_are_of_what_adds_up_and_ratios_of_totals():
    rows = {
        "user": ["Anna", "Ben"],
        "capacity_hours": [40.0, 40.0],
        "tracked_hours": [30.0, 50.0],
        "billable_hours": [30.0, 10.0],
        "utilisation": [0.75, 0.25],
        "load": [0.75, 1.25],
    }
    said = totals(typed(tables.UTILISATION, rows))
    assert said == {
        "Total": {
            "capacity_hours": "80.0",
            "tracked_hours": "80.0",
            "billable_hours": "40.0",
            "utilisation": "50 %",
            "load": "100 %",
        }
    }
    rows["capacity_hours"] = [40.0, None]
    assert "load" not in totals(typed(tables.UTILISATION, rows))["Total"]


def test_amounts_are_added_up_in_one_currency_only():
    rows = {
        "client": ["a", "b", "c"],
        "project": ["x", "y", "z"],
        "currency": ["EUR", "EUR", "JPY"],
        "billed_hours": [1.0, 2.0, 3.0],
        "amount": [10.0, 20.5, 3000.0],
    }
    table = tables.INVOICE_LINES.choose(["project"])
    assert totals(typed(table, rows)) == {
        "Total EUR": {"billed_hours": "3.00", "amount": "30.50"},
        "Total JPY": {"billed_hours": "3.00", "amount": "3,000"},
        "Total": {"billed_hours": "6.00"},
    }
    more = totals(typed(table, rows), most=1)
    assert more["and 2 others"] == {"billed_hours": "5.00"}  # of two currencies


def test_what_has_no_estimate_is_not_held_against_the_others():
    rows = {
        "project": ["a", "b", "c"],
        "tracked_hours": [12.0, 4.0, 7.0],
        "estimated_hours": [10.0, 10.0, None],
        "remaining_hours": [-2.0, 6.0, None],
        "overrun_hours": [2.0, 0.0, None],
        "progress": [1.2, 0.4, None],
    }
    said = totals(typed(tables.PROJECT_BUDGET, rows))
    assert said["of which with estimate"] == {
        "tracked_hours": "16.0", "estimated_hours": "20.0", "remaining_hours": "4.0",
        "overrun_hours": "+2.0", "progress": "80 %",
    }  # fmt: skip
    assert said["Total"] == {
        "tracked_hours": "23.0", "estimated_hours": "20.0", "overrun_hours": "+2.0",
    }  # fmt: skip


def test_levels_histories_and_findings_have_no_totals(ws):
    burn = typed(
        tables.BURN,
        {
            "project": ["a", "a"],
            "tracked_hours": [1.0, 2.0],
            "cumulative_hours": [1.0, 3.0],
            "estimated_hours": [10.0, 10.0],
        },
    )
    assert totals(burn) == {"Total": {"tracked_hours": "3.0"}}
    names = {
        tables.CHANGES["project_budget"]: "tracked_hours_difference",
        tables.PROJECT_AUDIT: "hours_affected",
    }
    for table, name in names.items():
        assert "Total" not in totals(typed(table, {table.names[1]: ["a", "b"], name: [1.0, 2.0]}))


def test_a_forecast_adds_up_what_is_left_of_the_estimates_there_are():
    rows = {"project_id": [1, 2, 3], "project": ["a", "b", "c"], "burn_per_week": [1.0, 2.0, 3.0]}
    hours = {"tracked_hours": [10.0, 25.0, 5.0], "estimated_hours": [30.0, 20.0, None]}
    frame = typed(tables.FORECAST, {**rows, **hours, "remaining_hours": [20.0, -5.0, None]})
    assert totals(frame) == {
        "Total": {"tracked_hours": "40.0", "estimated_hours": "50.0"},
        "of which with estimate": {
            "tracked_hours": "35.0",
            "estimated_hours": "50.0",
            "remaining_hours": "15.0",
        },
    }
    assert [*totals(frame)] == ["Total", "of which with estimate"]


def test_projects_of_clients_are_counted_together_and_those_of_people_are_not():
    rows = {"client": ["a", "b"], "n_projects": [3, 2], "n_over": [1, 0]}
    assert totals(typed(tables.CLIENT_BUDGET, rows))["Total"] == {"n_projects": "5", "n_over": "1"}
    rows = {"user": ["a", "b"], "n_projects": [3, 2], "tracked_hours": [1.0, 2.0]}
    assert totals(typed(tables.WORKLOAD, rows))["Total"] == {"tracked_hours": "3.0"}


def test_what_is_late_adds_up_by_currency():
    rows = {
        "change": ["added", "removed", "edited"],
        "time_entry_id": [1, 2, 3],
        "user_id": [1, 1, 2],
        "user": ["Ann", "Ann", "Ben"],
        "hours_before": [0.0, 2.0, 1.5],
        "hours": [1.0, 0.0, 1.0],
        "hours_change": [1.0, -2.0, -0.5],
        "amount_before": [0.0, 200.0, 150.0],
        "amount": [100.0, 0.0, 110.0],
        "currency": ["EUR", "EUR", "USD"],
    }
    hours = {"hours_before": "3.5", "hours": "2.0", "hours_change": f"{MINUS}1.5"}
    lines = totals(typed(tables.LATE, rows))
    assert lines["Total"] == hours
    assert lines["Total EUR"]["amount_before"] == "200.00"
    assert lines["Total USD"]["amount"] == "110.00"


def test_a_row_adds_up_as_shown(subtests):
    rng = np.random.default_rng(2)
    size = 40
    tracked, budget, carried = rng.exponential(30, (3, size)).round(6)
    ids = {"client_id": [*range(size)], "client": [str(n) for n in range(size)]}
    retainers = {
        **ids,
        "period": [pd.Timestamp("2026-10-01")] * size,
        "budget_hours": budget,
        "carried_hours": carried,
        "available_hours": budget + carried,
        "tracked_hours": tracked,
        "left_hours": budget + carried - tracked,
    }
    balances = {
        "user_id": [*range(size)],
        "user": ids["client"],
        "expected_hours": budget,
        "tracked_hours": tracked,
        "balance_hours": tracked - budget,
        "running_hours": tracked - budget,
    }
    compared = {
        **ids,
        "tracked_hours": tracked,
        "tracked_hours_before": budget,
        "tracked_hours_change": tracked - budget,
    }
    comparison = tables.COMPARISONS["hours"].choose(["client_id", "client"])
    frame = typed(comparison, {name: [*values] for name, values in compared.items()})
    cells = {
        name: np.array([_signed(text) for text in column])
        for name, column in texts(shown(frame)).items()
        if name in compared and name != "client"
    }
    assert cells["tracked_hours_change"] == pytest.approx(
        cells["tracked_hours"] - cells["tracked_hours_before"]
    )
    for table, rows in ((tables.RETAINER, retainers), (tables.BALANCE, balances)):
        frame = typed(table, {name: [*values] for name, values in rows.items()})
        cells = texts(shown(frame))
        names = [name for name in cells if name in rows and name.endswith("_hours")]
        number = {name: np.array([_signed(text) for text in cells[name]]) for name in names}
        with subtests.test(table.name):
            if table is tables.RETAINER:
                available = number["budget_hours"] + number["carried_hours"]
                assert number["available_hours"] == pytest.approx(available)
                left = number["available_hours"] - number["tracked_hours"]
                assert number["left_hours"] == pytest.approx(left)
            else:
                balance = number["tracked_hours"] - number["expected_hours"]
                assert number["balance_hours"] == pytest.approx(balance)
                assert cells["running_hours"] == cells["balance_hours"]


def test_a_table_of_retainers_of_clients_alone_has_no_projects():
    rows = {"client_id": [1, 2], "client": ["a", "b"], "project_id": [None, None]}
    frame = typed(tables.RETAINER, rows)
    assert "project" not in texts(shown(frame))
    one_of_project = typed(tables.RETAINER, {**rows, "project_id": [None, 7]})
    assert "project" in texts(shown(one_of_project))


def test_months_of_an_archive_are_in_their_order():
    rows = {"month": ["2026-09", "2026-10", "2026-11"], "tracked_hours": [2.0, 3.0, 1.0]}
    assert texts(shown(typed(tables.ARCHIVED, rows)))["month"] == rows["month"]


def test_what_is_shown_adds_up_as_shown(subtests):
    rng = np.random.default_rng(1)
    for size, mean in ((2, 30), (9, 30), (40, 30), (400, 30), (400, 0.05)):
        tracked = rng.exponential(mean, size).round(6)
        rows = {
            "client_id": [*range(size)],
            "client": [f"client {number}" for number in range(size)],
            "tracked_hours": tracked.tolist(),
            "billable_hours": (tracked * rng.choice([0, 0.5, 1], size)).tolist(),
        }
        table = tables.HOURS.choose(["client_id", "client"])
        frame = typed(table, rows)
        display = shown(frame, most=size // 2)
        said = texts(display)
        lines = {line.label: line.texts for line in display.totals}
        with subtests.test(size=size, mean=mean):
            for name in ("tracked_hours", "billable_hours"):
                above = [_number(text) for text in said[name]]
                more = _number(lines[f"and {plural(size - size // 2, 'other')}"][name])
                total = _number(lines["Total"][name])
                assert sum(above) + more == pytest.approx(total, abs=1e-6)
                assert total == pytest.approx(frame[name].sum(), abs=0.0501)
                exact = columns_shown(frame.sort_values("tracked_hours", ascending=False))
                series = next(one for one in exact if one.name == name).series
                assert above == pytest.approx(series.head(size // 2).tolist(), abs=0.1001)
            pairs = zip(said["billable_hours"], said["tracked_hours"], strict=True)
            assert all(_number(part) <= _number(whole) for part, whole in pairs)


def _signed(text):
    return _number(text.replace(MINUS, "-"))


def _number(text):
    return 0.0 if text.startswith("<") else float(text.replace(",", ""))
