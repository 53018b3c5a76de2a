"""Earnings by month: a panel for each currency, on the same months."""

from collections import defaultdict

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from unit.charts_frames_over_time import earned, earned_row, earnings, many_earnings
from unit.charts_reading import title, words

from togglframe import charts
from togglframe.errors import ConfigError

ACME, BETA, CEDAR = (1, "Acme"), (2, "Beta GmbH"), (3, "Cedar")


def columns(ax):
    """Return the bottom and top of each column that is drawn, by month, the lowest first."""
    drawn = defaultdict(list)
    for container in ax.containers:
        for bar in container.patches:
            drawn[round(bar.get_x() + bar.get_width() / 2)].append(
                (bar.get_y(), bar.get_y() + bar.get_height())
            )
    return {month: sorted(bars) for month, bars in sorted(drawn.items())}


def months(ax):
    return [tick.get_text() for tick in ax.get_xticklabels() if tick.get_text()]


def printed(ax):
    return " ".join(" ".join(words(ax)).split())


def test_each_currency_has_a_panel_on_the_same_months():
    frame = earnings(
        earned_row("2026-06-01", 1000),
        earned_row("2026-08-01", 500),
        earned_row("2026-07-01", 900, currency="USD"),
        earned_row("2026-07-01", 70, currency=None),
    )
    euro, dollar, none = charts.earnings_by_month(frame).axes
    assert columns(euro) == {0: [(0, 1000)], 2: [(0, 500)]}
    assert columns(dollar) == {1: [(0, 900)]}
    assert columns(none) == {1: [(0, 70)]}
    assert euro.get_xlim() == dollar.get_xlim() == none.get_xlim()
    euro.figure.draw_without_rendering()
    numbers = [label for ax in (euro, dollar, none) for label in ax.get_yticklabels()]
    edges = [number.get_window_extent().x0 for number in numbers if number.get_text()]
    assert max(edges) - min(edges) < 3
    assert ["EUR" in words(euro), "USD" in words(dollar), "(no currency)" in words(none)] == [
        True
    ] * 3
    assert title(euro) == "August earned EUR 500"
    none.figure.draw_without_rendering()
    assert months(none) == ["Jun", "Jul", "Aug"]
    assert not any(tick.get_visible() for tick in euro.get_xticklabels())
    with pytest.raises(ConfigError, match="one currency on an Axes"):
        charts.earnings_by_month(frame, ax=plt.subplots()[1])


def test_clients_are_stacked_the_largest_at_the_top():
    frame = earnings(
        earned_row("2026-06-01", 100, client=ACME),
        earned_row("2026-06-01", 300, client=BETA),
        earned_row("2026-07-01", 50, client=CEDAR),
    )
    (ax,) = charts.earnings_by_month(frame).axes
    assert columns(ax) == {0: [(0, 100), (100, 400)], 1: [(0, 50)]}
    assert {"Acme", "Beta GmbH", "Cedar"} <= set(words(ax))
    (ax,) = charts.earnings_by_month(frame, top=1).axes
    assert {"Beta GmbH", "2 others"} <= set(words(ax))
    assert columns(ax) == {0: [(0, 100), (100, 400)], 1: [(0, 50)]}


def test_amounts_that_are_not_known_are_said():
    (ax,) = charts.earnings_by_month(earned()).axes
    assert columns(ax) == {0: [(0, 500), (500, 1500)], 1: [(0, 2000)], 3: [(0, 900)]}
    assert "2 rows without a known amount (7.0 h billable) are not shown." in printed(ax)
    assert charts.alt_text(earned()).endswith("; 2 unknown amounts.")


def test_the_month_that_has_begun_is_hollow():
    frame = earned()
    assert "not whole" not in printed(charts.earnings_by_month(frame).axes[0])  # it is cut
    frame.attrs["togglframe"]["today"] = "2026-09-10"
    (ax,) = charts.earnings_by_month(frame).axes
    surface = ax.get_facecolor()
    hollow = [
        bar
        for container in ax.containers
        for bar in container.patches
        if bar.get_facecolor() == surface
    ]
    assert [round(bar.get_x() + bar.get_width() / 2) for bar in hollow] == [3]
    assert "the hollow one is not whole." in printed(ax)


def test_the_columns_of_one_currency_go_on_an_axes():
    _, ax = plt.subplots(figsize=(4, 3), layout="constrained")
    assert charts.earnings_by_month(earned(), ax=ax) is ax
    assert {"Beta GmbH", "Acme"} <= set(words(ax))
    assert ax.get_yticklabels()[-1].get_text().endswith(" EUR")


def test_rows_that_are_grouped_by_more_are_summed_up():
    frame = many_earnings(("Acme", "Beta GmbH"))
    twice = pd.concat([frame.assign(project_id=1, project="Web"), frame.assign(project_id=2)])
    twice["project"] = twice["project"].fillna("App")
    (ax,) = charts.earnings_by_month(twice, by="client").axes
    assert columns(ax) == {0: [(0, 200), (200, 600)], 1: [(0, 400), (400, 1000)]}


def test_a_length_that_the_periods_do_not_have_is_refused():
    with pytest.raises(ConfigError, match=r"some periods .* do not begin with a week"):
        charts.earnings_by_month(earned(), every="week")


def test_more_layers_than_colours_are_refused():
    with pytest.raises(ConfigError, match="top is at most 5"):
        charts.earnings_by_month(earned(), top=6)
