"""tf.style: a frame as a table for a notebook."""

import pandas as pd
import pytest
from reading_pages import Page

import togglframe as tf
from togglframe.errors import ConfigError
from togglframe.export.display import DASH
from togglframe.text.formats import MINUS

LESS = f"{MINUS}3.0"


def cells(frame):
    return Page(tf.style(frame).as_raw_html()).tables[""]


def test_headings_formats_currencies_states_and_what_is_not_known():
    table = tf.tables.PROJECT_BUDGET
    rows = {
        "project_id": [1, 2, 3],
        "project": ["<b>Web</b>", None, "App"],
        "currency": ["EUR", "JPY", None],
        "tracked_hours": [1234.56, 0.0, None],
        "variance_hours": [12.5, -3.0, 0.0],
        "progress": [1.25, 0.5, None],
        "amount": [1234.5, 1234.0, None],
        "active": [True, False, None],
        "budget_state": ["over", "at_risk", "no_estimate"],
    }
    frame = pd.DataFrame({name: pd.Series(v, dtype=table[name].dtype) for name, v in rows.items()})
    assert cells(frame.drop(columns="project_id").assign(project_id=frame["project_id"])) == [
        [*(table[name].label for name in [*rows][1:]), "Project ID"],
        ["<b>Web</b>", "EUR", "1,234.6", "+12.5", "125 %", "1,234.50", "yes", "over", "1"],
        [
            "Project 2 (not listed)",
            "JPY",
            "0.0",
            f"{MINUS}3.0",
            "50 %",
            "1,234",
            "no",
            "at risk",
            "2",
        ],
        ["App", DASH, DASH, "0.0", DASH, DASH, DASH, "no estimate", "3"],
    ]


def test_a_quotient_of_less_than_what_stands_beside_it_is_marked_and_noted(sandbox, ws):
    summary = tf.reports.client_budget(ws, by_currency=True)
    whole = tf.style(summary[["client_id", "client", "tracked_hours"]]).as_raw_html()
    assert "*" not in whole.rpartition("</style>")[2]
    table = tf.style(summary).as_raw_html().rpartition("</style>")[2]
    (head, *rows) = Page(table).tables[""]
    share = head.index("Billable share")
    off = summary["billable_share"] - summary["billable_hours"] / summary["tracked_hours"]
    marked = [row[share].endswith("*") for row in rows[: len(summary)]]
    assert marked == (off.abs() > 1e-4).fillna(value=False).tolist()
    assert any(marked)
    assert "* Based only on rows where both figures are known" in table


@pytest.mark.parametrize(
    ("table", "name", "value", "shown"),
    [
        (tf.tables.TASK_ACCURACY, "log2_ratio", -0.643, ["Log2 ratio", f"{MINUS}0.64"]),
        (tf.tables.INVOICE_LINES, "billed_hours", 14.382, ["Billed [h]", "14.38"]),
        (tf.tables.ESTIMATE_BIAS["user"], "n", 12, ["Estimated tasks", "12"]),
        (tf.tables.ESTIMATE_BIAS["user"], "mdape", 0.25, ["Median error", "25 %"]),
        (tf.tables.RATE_CARD, "unit_margin_pct", 0.25, ["Unit margin / rate", "25 %"]),
    ],
)
def test_a_column_is_called_and_written_as_its_table_declares(table, name, value, shown):
    frame = pd.DataFrame({name: pd.Series([value], dtype=table[name].dtype)})
    assert [row[0] for row in cells(frame)] == shown


def test_tasks_of_nobody_are_said_to_be_of_no_user():
    workload = tf.tables.WORKLOAD
    row = pd.DataFrame({n: pd.Series([None], dtype=workload[n].dtype) for n in ("user_id", "user")})
    assert cells(row)[1] == [DASH, "(no user)"]


def test_columns_that_no_table_declares_are_shown_by_their_dtype():
    frame = pd.DataFrame({"<i>{{x}}": ["a"], "ratio": [0.5], "when": [pd.Timestamp("2026-01-02")]})
    assert cells(frame) == [["<i>{{x}}", "ratio", "when"], ["a", "0.50", "2026-01-02 00:00"]]


@pytest.mark.parametrize(
    ("frame", "error"),
    [([], TypeError), (pd.DataFrame(), ConfigError), (pd.Series([1]), TypeError)],
)
def test_what_is_no_frame_is_refused(frame, error):
    with pytest.raises(error):
        tf.style(frame)


def test_a_share_that_somebody_made_text_of_is_shown_as_it_is(ws):
    summary = tf.reports.client_budget(ws, by_currency=True)[
        ["tracked_hours", "billable_hours", "billable_share"]
    ]
    text = summary.assign(billable_share=summary["billable_share"].map("{:.0%}".format))
    assert cells(text)[1][-1] == text["billable_share"].iloc[0]
