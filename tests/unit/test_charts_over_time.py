import matplotlib.pyplot as plt
import numpy as np
import pytest
from unit.charts_frames_over_time import (
    earned,
    earned_row,
    earnings,
    layers,
)
from unit.charts_reading import labels, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import EARNINGS

pytestmark = pytest.mark.nightly


def columns(ax):
    """Return of each layer, from the bottom, where its columns begin and end, by place."""
    return {c.get_label(): columns_of(c) for c in ax.collections}


def columns_of(layer):
    corners = [path.vertices for path in layer.get_paths()]
    return {round(c[:4, 0].mean()): ends(c) for c in corners}


def ends(corners):
    return tuple(np.round([corners[:, 1].min(), corners[:, 1].max()], 6).tolist())


def dates(ax):
    return [tick.get_text() for tick in ax.get_xticklabels()]


def printed(ax):
    return " ".join(word.replace("\n", " ") for word in words(ax))


@pytest.mark.daily
def test_a_length_that_the_periods_do_not_have_is_refused():
    for draw, frame in (
        (charts.hours_by_week, layers()),
        (charts.hours_heatmap, layers()),
        (charts.earnings_by_month, earned()),
    ):
        with pytest.raises(
            ConfigError, match=r"every must be one of None, 'day', 'week', 'month'.* not 'y'"
        ):
            draw(frame, every="y")
        wrong = "month" if "tracked_hours" in frame else "week"
        with pytest.raises(ConfigError, match=f"some periods .* do not begin with a {wrong}"):
            draw(frame, every=wrong)


@pytest.mark.daily
def test_each_currency_has_a_panel_on_the_same_months():
    frame = earnings(
        earned_row("2026-06-01", 1000),
        earned_row("2026-08-01", 500),
        earned_row("2026-07-01", 900, currency="USD"),
        earned_row("2026-07-01", 70, currency=None),
    )
    euro, dollar, none = charts.earnings_by_month(frame).axes
    assert columns(euro) == {"Acme": {0: (0, 1000), 2: (0, 500)}}
    assert columns(dollar) == {"Acme": {1: (0, 900)}}
    assert columns(none) == {"Acme": {1: (0, 70)}}
    assert euro.get_xlim() == dollar.get_xlim() == none.get_xlim()
    assert title(euro) == ("1,500 EUR, 900 USD and 70 in an unknown currency, over 3 months")
    assert "each currency has its own scale" in printed(euro)
    assert dates(none) == ["Jun", "Jul", "Aug"]
    with pytest.raises(ConfigError, match="one currency on an Axes"):
        charts.earnings_by_month(frame, ax=plt.subplots()[1])


def test_amounts_that_are_not_known_are_said():
    (ax,) = charts.earnings_by_month(earned()).axes
    assert columns(ax) == {
        "Acme": {0: (0, 1000), 1: (0, 2000)},
        "Beta GmbH": {0: (1000, 1500), 3: (0, 900)},
    }
    assert {"1,500", "2,000+?", "900*"} <= set(words(ax))
    assert "2 unknown amounts, not drawn (7.0 h billable)" in printed(ax)
    assert "+?: an amount is unknown" in printed(ax)
    assert charts.alt_text(earned()).endswith("; 2 unknown amounts.")


def test_the_columns_of_one_currency_go_on_an_axes():
    _, ax = plt.subplots(figsize=(4, 3))
    assert charts.earnings_by_month(earned(), ax=ax) is ax
    assert labels(ax) == ["Beta GmbH", "Acme"]


@pytest.mark.parametrize("size", [(4, 3), (13.3, 7.5)])
def test_words_are_inside_on_small_axes_and_on_a_slide(size):
    for draw, frame in ((charts.earnings_by_month, earned()),):
        figure, ax = plt.subplots(figsize=size)
        draw(frame, ax=ax)
        figure.draw_without_rendering()
        for text in ax.texts:
            box = text.get_window_extent()
            assert -1 <= box.x0 < box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert -1 <= box.y0 < box.y1 <= figure.bbox.y1 + 1, text.get_text()
        plt.close(figure)


@pytest.mark.parametrize("table", [EARNINGS])
def test_what_the_reports_make_can_be_drawn(table):
    drawn = {
        "earnings": lambda: charts.earnings_by_month(made("earnings", every="month")).axes,
    }
    for ax in drawn[table.name]():
        assert ax.collections or ax.containers


def made(report, **options):
    return getattr(tf.reports, report)(tf.demo(), period="2026-03", **options)
