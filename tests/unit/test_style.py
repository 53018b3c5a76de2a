"""tf.style: a frame as a table for a notebook."""

import re

import pandas as pd
import pytest
from reading_pages import Page

import togglframe as tf
from togglframe.errors import ConfigError
from togglframe.export.display import DASH
from togglframe.export.looks import COLOURS
from togglframe.text.formats import MINUS
from togglframe.text.palette import LIGHT

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
    expected = [
        ["Project", "Tracked [h]", "Variance [h]", "Progress", "Currency", "Amount", "Active",
         "Budget state"],
        ["<b>Web</b>", "1,234.6", "+12.5", "125 %", "EUR", "1,234.50", "yes", "over"],
        ["Project 2 (not listed)", "0.0", f"{MINUS}3.0", "50 %", "JPY", "1,234", "no", "at risk"],
        ["App", DASH, "0.0", DASH, DASH, DASH, DASH, "no estimate"],
    ]  # fmt: skip
    assert cells(frame) == expected
    with_ids = Page(tf.style(frame, ids=True).as_raw_html()).tables[""]
    assert [row[:-1] for row in with_ids] == expected
    assert [row[-1] for row in with_ids] == ["Project ID", "1", "2", "3"]
    one = cells(frame.head(1))
    assert one[0][4:6] == ["Amount [EUR]", "Active"]  # the currency once


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
    assert cells(row)[1] == ["(no user)"]
    assert cells(row[["user"]])[1] == ["(no user)"]


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


def test_a_whole_frame_begins_with_names_and_has_no_ids_colours_or_exact_durations(ws):
    budget = tf.reports.project_budget(ws)
    (head, *_) = cells(budget)
    assert head[:2] == ["Project", "Client"]
    assert not {"Project ID", "Client ID", "Color", "Tracked time"} & {*head}
    client = [row[1] for row in cells(budget.drop(columns="client_id"))[1:]]
    of_none = budget["client"].isna()
    assert client.count("(no client)") == (of_none & budget["project"].notna()).sum() > 0
    assert client.count("(client unknown)") == (of_none & budget["project"].isna()).sum() > 0
    names = [row[0] for row in cells(budget)[1:]]
    assert len({*names}) == len(names)


def test_a_progress_bar_has_a_tick_at_100_percent_and_ends_at_the_largest():
    table = tf.tables.PROJECT_BUDGET
    rows = {"progress": [2.0, 0.5, 0.9], "budget_state": ["over", "on_track", "at_risk"]}
    frame = pd.DataFrame({name: pd.Series(v, dtype=table[name].dtype) for name, v in rows.items()})
    html = tf.style(frame).as_raw_html()
    parts = re.findall(r"left:([\d.]+)%;width:([\d.]+%|1px);height:4px;background:(#\w+)", html)
    within, tick = LIGHT.within.fill, ("50", "1px", LIGHT.text)
    over, at_risk = COLOURS["over"], COLOURS["at_risk"]
    assert parts == [
        ("0", "50%", within), ("50", "50%", over), tick,
        ("0", "25%", within), tick,
        ("0", "45%", at_risk), tick,
    ]  # fmt: skip
    for state, words in {"over": "over", "at_risk": "at risk"}.items():
        text = f'color:{COLOURS[state]};font-weight:600"><bdi>{words}</bdi>'
        assert text in html


def test_a_wide_table_names_its_measure_and_has_its_totals_in_bold(ws):
    hours = tf.reports.hours(ws, period="2026-09..2026-10", by="client", every="month")
    wide = tf.pivot(hours, "client")
    html = tf.style(wide).as_raw_html()
    *_, total = Page(html).tables[""]
    assert total == ["Total", *(f"{wide[name].iloc[-1]:,.2f}" for name in wide.columns[1:])]
    assert "Tracked [h]" in html
    last = html.rpartition("<tr>")[2]
    assert last.count('<td style="font-weight: bold') == len(wide.columns)
