import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from unit.charts_frames import card, member, typed
from unit.charts_reading import dots, labels, title, words

from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import RATE_CARD

pytestmark = pytest.mark.nightly

MINUS = "\N{MINUS SIGN}"


@pytest.mark.daily
def test_dots_are_cost_and_rate_the_thinnest_margin_first():
    (ax,) = charts.rate_dumbbell(card()).axes
    assert labels(ax) == ["Bob · Web", "Ann · Web", "Night shift · Web"]
    assert sorted(dots(ax, "Cost")) == [(40, 2), (60, 1), (82.5, 0)]
    assert sorted(dots(ax, "Rate")) == [(70, 0), (90, 2), (110, 1)]
    assert {"82.50", "70.00", f"{MINUS}12.50", "+50.00"} <= set(words(ax))
    assert title(ax) == "1 of 3 memberships costs more than its rate"


@pytest.mark.daily
def test_a_cost_above_the_rate_is_dashed():
    (ax,) = charts.rate_dumbbell(card()).axes
    (line,) = [c for c in ax.collections if c.get_label() == "Cost above rate"]
    (whole,) = [c for c in ax.collections if c.get_label() == "Rate above cost"]
    assert [seg[:, 0].tolist() for seg in line.get_segments()] == [[82.5, 70]]
    assert line.get_linestyle()[0][1] is not None
    assert whole.get_linestyle()[0][1] is None


def test_what_is_not_visible_is_left_out_and_said():
    (ax,) = charts.rate_dumbbell(card()).axes
    assert "4 rows, one per project and member · 1 without a visible rate or cost" in words(ax)[-1]


@pytest.mark.parametrize("column", ["labour_cost", "hourly_rate", "unit_margin"])
@pytest.mark.parametrize("missing", [pd.NA, None, math.nan])
def test_a_column_that_is_all_unknown_leaves_nothing_to_draw(column, missing):
    (ax,) = charts.rate_dumbbell(card().assign(**{column: missing})).axes
    assert title(ax) == "None of the 4 memberships has a visible rate and cost"
    assert "4 without a visible rate or cost, not drawn" in words(ax)[-1]


@pytest.mark.daily
def test_two_currencies_never_share_an_axes():
    both = pd.concat([card(), card(currency="USD").assign(project_id=13)], ignore_index=True)
    _, ax = plt.subplots(layout="constrained")
    with pytest.raises(ConfigError, match="rate_dumbbell draws one currency on an Axes"):
        charts.rate_dumbbell(both, ax=ax)
    assert len(charts.rate_dumbbell(both).axes) == 2
    assert charts.rate_dumbbell(card(), ax=ax) is ax


def test_top_says_the_margin_of_the_others():
    (ax,) = charts.rate_dumbbell(card(), top=1).axes
    assert labels(ax) == ["Bob · Web", "and 2 others (margins of 50.00 or more)"]


def test_two_people_of_one_name_are_told_apart():
    frame = pd.concat([card(), card().head(1).assign(user_id=9)], ignore_index=True)
    (ax,) = charts.rate_dumbbell(frame).axes
    assert {"Ann · Web · #1", "Ann · Web · #9"} <= set(labels(ax))


def test_the_currency_that_loses_comes_first():
    gains = card(currency="AUD").assign(project_id=13)
    gains["unit_margin"] = gains["unit_margin"].abs()
    first, second = charts.rate_dumbbell(pd.concat([gains, card()], ignore_index=True)).axes
    assert [ax.get_xlabel()[-5:] for ax in (first, second)] == ["[EUR]", "[AUD]"]


def test_losses_of_one_currency_are_drawn_before_gains_of_another():
    def members(first, cost, currency):
        users = [(n, f"U{n}") for n in range(first, first + 6)]
        return [member((1, "Web"), user, cost, 50, currency=currency) for user in users]

    frame = typed(RATE_CARD, [*members(1, 20, "EUR"), *members(11, 60, "USD")])
    axes = charts.rate_dumbbell(frame, top=6).axes
    assert [ax.get_xlabel()[-5:] for ax in axes] == ["[USD]", "[EUR]"]
    assert [len(dots(ax, "Cost")) for ax in axes] == [5, 1]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([0], "The only membership does not cost more than its rate"),
        ([1], "The only membership costs more than its rate"),
        ([1, 4], "2 of 2 memberships cost more than their rates"),
    ],
)
def test_the_title_is_a_sentence(rows, said):
    frame = pd.concat([card(), card().assign(project_id=13)], ignore_index=True)
    frame.loc[4, ["hourly_rate", "unit_margin"]] = [1, -59]
    (ax,) = charts.rate_dumbbell(frame.iloc[rows]).axes
    assert title(ax) == said


def test_what_loses_nothing_is_not_explained():
    (ax,) = charts.rate_dumbbell(card().head(1)).axes
    assert "dashed" not in " ".join(words(ax))


def test_a_currency_without_decimals_has_none():
    (ax,) = charts.rate_dumbbell(card(currency="JPY")).axes
    assert "83" in words(ax)  # 82.50, half up
    assert not any("." in word for word in words(ax) if word[-1:].isdigit())
