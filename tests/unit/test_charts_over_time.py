import matplotlib.pyplot as plt
import numpy as np
import pytest
from unit.charts_frames_over_time import (
    BOB,
    layers,
    many_users,
    utilisation,
    utilised,
    utilised_row,
)
from unit.charts_reading import bars, hatches, labels, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import EARNINGS, HOURS, UTILISATION

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
    ):
        with pytest.raises(
            ConfigError, match=r"every must be one of None, 'day', 'week', 'month'.* not 'y'"
        ):
            draw(frame, every="y")
        wrong = "month" if "tracked_hours" in frame else "week"
        with pytest.raises(ConfigError, match=f"some periods .* do not begin with a {wrong}"):
            draw(frame, every=wrong)


@pytest.mark.daily
def test_load_is_what_was_tracked_in_all_periods_of_the_capacity_of_all():
    ax = charts.utilisation_bars(utilised())
    assert labels(ax) == ["Ann", "Bob", "Dee"]
    assert bars(ax, "Billable") == [(0, 62.5), (0, 0)]
    assert bars(ax, "Not billable") == [(62.5, 37.5), (0, 50)]
    assert bars(ax, "Over capacity") == [(100, pytest.approx(10))]
    assert hatches(ax, "Over capacity") == {"/////"}
    assert {"110 %", "62 %", "88.0 h", "50 %", "not known", "0 %"} <= set(words(ax))
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == ["110 %"]
    assert title(ax) == "1 of 3 users is over capacity; 64 % of all capacity is tracked"


def test_who_has_no_capacity_is_named_and_not_drawn():
    said = printed(charts.utilisation_bars(utilised()))
    assert "not drawn, capacity unknown or zero: Cas" in said
    rows = [utilised_row("2026-10-05", None, 3, 3, (n + 10, f"Name {n}")) for n in range(5)]
    ax = charts.utilisation_bars(utilisation(*rows, utilised_row("2026-10-05", 0, 1, 1, BOB)))
    assert title(ax) == "None of the 6 users has a capacity to measure against"
    assert "zero: Name 0, Name 1, Name 2 and 3 more" in printed(ax)


def test_who_has_room_comes_first_on_request():
    ax = charts.utilisation_bars(utilised(), ascending=True)
    assert labels(ax) == ["Dee", "Bob", "Ann"]
    assert labels(charts.utilisation_bars(utilised(), sort="user")) == ["Ann", "Bob", "Dee"]
    others = charts.utilisation_bars(many_users([f"Name {n}" for n in range(200)]))
    assert labels(others)[-1] == "and 180 others (5,350.0 h tracked)"


@pytest.mark.parametrize("size", [(4, 3), (13.3, 7.5)])
def test_words_are_inside_on_small_axes_and_on_a_slide(size):
    for draw, frame in ((charts.utilisation_bars, utilised()),):
        figure, ax = plt.subplots(figsize=size)
        draw(frame, ax=ax)
        figure.draw_without_rendering()
        for text in ax.texts:
            box = text.get_window_extent()
            assert -1 <= box.x0 < box.x1 <= figure.bbox.x1 + 1, text.get_text()
            assert -1 <= box.y0 < box.y1 <= figure.bbox.y1 + 1, text.get_text()
        plt.close(figure)


@pytest.mark.parametrize("table", [HOURS, EARNINGS, UTILISATION])
def test_what_the_reports_make_can_be_drawn(table):
    drawn = {
        "hours": lambda: [
            charts.hours_by_week(made("hours", by=["project", "client"], every="week")),
            charts.hours_by_week(made("hours", by="client", every="day")),
            charts.hours_by_week(made("hours", by=[], every="month"), ax=plt.subplots()[1]),
        ],
        "earnings": lambda: charts.earnings_by_month(made("earnings", every="month")).axes,
        "utilisation": lambda: [charts.utilisation_bars(made("utilisation"))],
    }
    for ax in drawn[table.name]():
        assert ax.collections or ax.containers


def made(report, **options):
    return getattr(tf.reports, report)(tf.demo(), period="2026-03", **options)
