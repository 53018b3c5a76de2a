import math

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from unit.charts_frames import card, member, typed
from unit.charts_reading import columns, dots, labels, title, words

from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.tables import RATE_CARD

MINUS = "\N{MINUS SIGN}"


def test_dots_are_cost_and_rate_the_thinnest_margin_first():
    (ax,) = charts.rate_dumbbell(card()).axes
    assert labels(ax) == ["Bob", "Ann", "Night shift"]
    assert sorted(dots(ax, "Cost")) == [(40, 2), (60, 1), (82.5, 0)]
    assert sorted(dots(ax, "Rate")) == [(70, 0), (90, 2), (110, 1)]
    assert columns(ax) == {
        "margin": [f"{MINUS}12.50", "+50.00", "+50.00"],
        "rate": ["70.00", "110.00", "90.00"],
        "cost": ["82.50", "60.00", "40.00"],
    }
    assert title(ax) == "Bob costs more than is billed"


def test_a_cost_above_the_rate_is_dashed():
    (ax,) = charts.rate_dumbbell(card()).axes
    (line,) = [c for c in ax.collections if c.get_label() == "Cost above rate"]
    (whole,) = [c for c in ax.collections if c.get_label() == "Rate above cost"]
    assert [seg[:, 0].tolist() for seg in line.get_segments()] == [[82.5, 70]]
    assert line.get_linestyle()[0][1] is not None
    assert whole.get_linestyle()[0][1] is None
    assert "dashed" in " ".join(words(ax))
    (ax,) = charts.rate_dumbbell(card().head(1)).axes
    assert "dashed" not in " ".join(words(ax))


def test_what_is_not_visible_is_left_out_and_said():
    (ax,) = charts.rate_dumbbell(card()).axes
    said = " ".join(" ".join(words(ax)).split())
    assert "1 membership without a known rate and cost is not shown." in said


@pytest.mark.parametrize("column", ["labour_cost", "hourly_rate", "unit_margin"])
@pytest.mark.parametrize("missing", [pd.NA, None, math.nan])
def test_a_column_that_is_all_unknown_leaves_nothing_to_draw(column, missing):
    (ax,) = charts.rate_dumbbell(card().assign(**{column: missing})).axes
    assert title(ax) == "No rate and cost are known"
    assert "4 memberships without a known rate and cost are not shown." in " ".join(words(ax))


def test_two_currencies_never_share_an_axes():
    both = pd.concat([card(), card(currency="USD").assign(project_id=13)], ignore_index=True)
    _, ax = plt.subplots(layout="constrained")
    with pytest.raises(ConfigError, match="rate_dumbbell draws one currency on an Axes"):
        charts.rate_dumbbell(both, ax=ax)
    assert len(charts.rate_dumbbell(both).axes) == 2
    assert charts.rate_dumbbell(card(), ax=ax) is ax


def test_top_says_the_margin_of_the_others():
    (ax,) = charts.rate_dumbbell(card(), top=1).axes
    assert labels(ax) == ["Bob", "and 2 others"]
    assert "margins of 50.00 or more" in words(ax)


def test_members_of_several_projects_have_their_project():
    frame = pd.concat([card(), card().head(1).assign(project_id=13, project="App")])
    (ax,) = charts.rate_dumbbell(frame).axes
    assert {"Ann · Web", "Ann · App"} <= set(labels(ax))


def test_two_people_of_one_name_are_told_apart():
    frame = pd.concat([card(), card().head(1).assign(user_id=9)], ignore_index=True)
    (ax,) = charts.rate_dumbbell(frame).axes
    assert {"Ann · #1", "Ann · #9"} <= set(labels(ax))


def test_the_currency_that_loses_comes_first():
    gains = card(currency="AUD").assign(project_id=13)
    gains["unit_margin"] = gains["unit_margin"].abs()
    first, second = charts.rate_dumbbell(pd.concat([gains, card()], ignore_index=True)).axes
    assert "EUR" in words(first)
    assert "AUD" in words(second)


def test_rows_are_shared_out_among_currencies():
    def members(first, count, currency):
        users = [(n, f"U{n}") for n in range(first, first + count)]
        return [member((1, "Web"), user, 20, 50, currency=currency) for user in users]

    frame = typed(RATE_CARD, [*members(1, 20, "EUR"), *members(50, 2, "USD")])
    euro, dollar = charts.rate_dumbbell(frame, top=8).axes
    assert [len(dots(ax, "Cost")) for ax in (euro, dollar)] == [6, 2]
    assert labels(euro)[-1] == "and 14 others"


def test_a_currency_without_decimals_has_none():
    (ax,) = charts.rate_dumbbell(card(currency="JPY")).axes
    assert "83" in words(ax)  # 82.50, half up
    assert not any("." in word for word in words(ax) if word[-1:].isdigit())
