"""portfolio_page: key figures, the worst, those at risk and the last weeks on a slide."""

import datetime as dt
from itertools import combinations

import matplotlib as mpl
import matplotlib.pyplot as plt
import pandas as pd
import pytest
from matplotlib.figure import Figure
from unit.charts_frames import budget, project
from unit.charts_reading import labels, texts, title

import togglframe as tf
from togglframe import charts
from togglframe.errors import CompletenessWarning, ConfigError, QuotaExceededError
from togglframe.text.figures import key_figures
from togglframe.text.formats import MINUS

pytestmark = pytest.mark.nightly

TODAY = dt.date(2026, 11, 25)  # a Wednesday


@pytest.fixture(scope="module")
def listings():
    with tf.sandbox.Sandbox(61, quota=1_000_000) as sandbox:
        options = {"cache": None, "per_second": None, "token": sandbox.token}
        ws = tf.Workspace(sandbox.workspace_id, base_url=sandbox.base_url, **options)
        days = {"start_date": "2026-06-01", "end_date": "2026-11-25"}
        with ws:
            return {
                "projects": tf.filters.projects(ws),
                "statuses": tf.filters.project_statuses(ws),
                "clients": tf.filters.clients(ws),
                "time_entries": tf.search.time_entries(ws, **days),
            }


def page(source, **options):
    return charts.portfolio_page(source, **{"as_of": TODAY, **options})


def said(figure):
    return [text.get_text().replace("\n", " ") for ax in figure.axes for text in texts(ax)]


def columns(ax, label):
    (found,) = [c for c in ax.containers if c.get_label() == label]
    return [patch.get_height() for patch in found.patches]


def test_it_is_a_slide_of_key_figures_worst_ten_at_risk_and_weeks(listings):
    figure = page(listings)
    assert isinstance(figure, Figure)
    assert figure.get_size_inches().tolist() == pytest.approx([13.333, 7.5])
    budget = tf.reports.project_budget(listings)
    head, worst, near, weeks, foot = figure.axes
    over = budget[budget["overrun_hours"] > 0]
    by = f"by {over['overrun_hours'].sum():,.0f} h"
    assert [text for text in said(figure) if by in text][1:] == [by]
    assert title(worst) == "The 10 furthest over"
    assert len([label for label in labels(worst) if not label.startswith("and ")]) == 10
    at_risk = int((budget["budget_state"] == "at_risk").sum())
    assert title(near) == f"{at_risk} projects at risk"
    assert title(weeks).startswith(f"{columns_sum(weeks)[-1]:,.0f} h last week; ")
    assert any("2026-09-28 to 2026-11-22" in text for text in said(figure))
    assert head.get_position().y0 > worst.get_position().y1 > foot.get_position().y1


def columns_sum(ax):
    parts = zip(columns(ax, "Billable"), columns(ax, "Not billable"), strict=True)
    return [sum(part) for part in parts]


def test_the_weeks_are_those_of_the_report_of_hours(listings):
    found = tf.reports.hours(
        listings, start_date="2026-09-28", end_date="2026-11-22", by=[], every="week"
    )
    ax = page(listings).axes[3]
    assert columns_sum(ax) == pytest.approx(found["tracked_hours"].tolist())
    assert columns(ax, "Billable") == pytest.approx(found["billable_hours"].tolist())
    assert [tick.get_text() for tick in ax.get_xticklabels()][::7] == ["28 Sep", "16 Nov"]


def test_a_week_in_which_nobody_worked_has_a_column_of_zero(listings):
    entries = listings["time_entries"]
    monday = entries["date"] - pd.to_timedelta(entries["date"].dt.day_of_week, unit="D")
    rest = entries[monday != "2026-10-05"].reset_index(drop=True)
    ax = page(listings | {"time_entries": rest}).axes[3]
    assert columns_sum(ax)[1] == 0
    assert "0 h" in [text.get_text() for text in ax.texts]


@pytest.mark.parametrize(("weeks", "size"), [(1, 10), (8, 8), (8, 13), (25, 10)])
def test_words_are_inside_the_page_and_none_lies_on_another(listings, weeks, size):
    with mpl.rc_context({"font.size": size}):
        figure = page(listings, weeks=weeks)
        figure.draw_without_rendering()
        boxes = [(t.get_text(), t.get_window_extent()) for ax in figure.axes for t in texts(ax)]
    for text, box in boxes:
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, text
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, text
    for (text, box), (other, its_box) in combinations(boxes, 2):
        across = min(box.x1, its_box.x1) - max(box.x0, its_box.x0)
        along = min(box.y1, its_box.y1) - max(box.y0, its_box.y0)
        assert across <= 1 or along <= 1, (text, other)


def test_time_entries_that_cannot_be_had_are_left_out_and_said(listings):
    given = {name: frame for name, frame in listings.items() if name != "time_entries"}
    with pytest.warns(CompletenessWarning, match="time_entries"):
        figure = page(given)
    assert "The last weeks are unknown: no time entries are available." in said(figure)
    assert "Left out: time entries (It is not among the listings" in said(figure)[-1]


def test_amounts_that_are_hidden_are_left_out_and_said(listings):
    statuses = (
        listings["statuses"].assign(billable_amount=None).astype({"billable_amount": "Float64"})
    )
    figure = page(listings | {"statuses": statuses})
    assert "Amount" not in said(figure)
    assert any("Left out: amounts, none of which is visible" in text for text in said(figure))


def test_currencies_are_never_added(listings):
    budget = tf.reports.project_budget(listings)
    (amount,) = [f for f in key_figures(budget, 0.8) if f.name == "Amount"]
    sums = budget.groupby("currency")["amount"].sum()
    assert amount.number == f"{sums['EUR']:,.0f} EUR"
    assert f"{sums['USD']:,.0f} USD" in amount.detail


@pytest.mark.daily
@pytest.mark.parametrize(
    ("amounts", "number"),
    [
        ([1000, -400], "600 EUR"),
        ([-400], f"{MINUS}400 EUR"),
        ([1000, 0.5], "1,001 EUR"),
        ([0, None], None),
    ],
)
def test_the_amount_is_that_of_the_totals_also_with_a_credit_note(amounts, number):
    projects = [project(at, "P", 10, amount=amount) for at, amount in enumerate(amounts)]
    figures = key_figures(budget(*projects), 0.8)
    assert [f.number for f in figures if f.name == "Amount"] == ([number] if number else [])


@pytest.mark.daily
def test_amounts_without_a_currency_are_named_beside_those_of_others():
    codes = ["EUR", "EUR", "GBP", "JPY", "USD", None]
    projects = [project(at, "P", 10, amount=5, currency=code) for at, code in enumerate(codes)]
    (amount,) = [f for f in key_figures(budget(*projects), 0.8) if f.name == "Amount"]
    assert amount.detail == "and 5 GBP, 5 JPY, 1 more currency, 5 (no currency)"


@pytest.mark.parametrize("factor", [1, 10, 1_000, 1_000_000])
def test_amounts_are_told_whole_or_end_in_an_ellipsis(listings, factor):
    statuses = listings["statuses"].assign(
        billable_amount=listings["statuses"]["billable_amount"] * factor
    )
    frames = listings | {"statuses": statuses}
    figures = key_figures(tf.reports.project_budget(frames), 0.8)
    (amount,) = [f for f in figures if f.name == "Amount"]
    (detail,) = [text for text in said(page(frames)) if text.startswith("and ")][:1]
    assert detail == amount.detail or detail.endswith("…")
    assert detail[:-1] in amount.detail
    assert detail == amount.detail or factor > 1


@pytest.mark.daily
def test_what_is_used_of_estimates_is_told_of_what_is_compared():
    projects = [project(1, "A", 300, 400), project(2, "B", 99), project(3, "C", None, 50)]
    (used,) = [f for f in key_figures(budget(*projects), 0.8) if f.name == "Estimates used"]
    assert (used.number, used.detail) == ("75 %", "300 h of 400 h")


@pytest.mark.daily
def test_nothing_at_all_is_a_page_too():
    empty = {
        "projects": tf.tables.PROJECTS.empty(),
        "statuses": tf.tables.PROJECT_STATUSES.empty(),
        "clients": tf.tables.CLIENTS.empty(),
        "time_entries": tf.tables.TIME_ENTRIES.empty(),
    }
    figure = page(empty)
    figure.draw_without_rendering()
    assert {
        "No projects",
        "No project is over its estimate.",
        "No active project has used 80 % to 100 %.",
    } <= set(said(figure))
    assert title(figure.axes[3]) == "Nothing is tracked in 8 weeks"


def test_the_text_alternative_tells_the_key_figures_and_equal_pages_are_equal_files(
    listings, tmp_path
):
    files = [charts.save(page(listings), tmp_path / f"{n}.svg") for n in (1, 2)]
    assert files[0].read_bytes() == files[1].read_bytes()
    assert "A portfolio on one page: " in files[0].read_text()
    assert "Estimates used " in files[0].read_text()


@pytest.mark.daily
def test_a_quota_that_cannot_pay_for_all_of_it_is_not_begun(make_sandbox, make_workspace):
    sandbox = make_sandbox(plan="free", quota=4)
    ws = make_workspace(sandbox, on_quota="raise")
    tf.filters.clients(ws)
    spent = ws.usage.requests
    with pytest.raises(
        QuotaExceededError, match=r"no request was sent, since it takes .*time_entries"
    ):
        page(ws)
    assert ws.usage.requests == spent


@pytest.mark.daily
def test_impossible_arguments_are_refused_before_a_request(ws):
    for options, message in (
        ({"weeks": 0}, "weeks is how many weeks to draw: give at least 1"),
        ({"top": 0}, "top is how many projects to draw: give at least 1"),
        ({"at_risk": 2.0}, "at_risk"),
    ):
        with pytest.raises(ConfigError, match=message):
            page(ws, **options)
    assert ws.usage.requests == 0


def test_the_page_is_drawn_in_a_theme_and_leaves_settings_alone(listings):
    settings = dict(mpl.rcParams)
    with charts.theme("dark"):
        assert page(listings).get_facecolor() == mpl.colors.to_rgba("#15191E")
    assert dict(mpl.rcParams) == settings
    assert len(plt.get_fignums()) == 1
