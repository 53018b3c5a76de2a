from itertools import pairwise

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from joins import client_summary
from unit.charts_frames import budget, card, project, summary
from unit.charts_reading import bars, labels, texts, title, words

from togglframe import charts
from togglframe.errors import ConfigError

pytestmark = pytest.mark.nightly


@pytest.mark.daily
def test_each_currency_has_a_panel():
    fig = charts.amount_by_client(summary(currencies=["EUR", "USD"]))
    euro, dollar = fig.axes
    assert labels(euro) == ["Acme", "Beta GmbH"]
    assert bars(euro, "Amount") == [(0, 34300), (0, 8000)]
    assert labels(dollar) == ["Client 3 (not listed)", "Beta GmbH"]
    assert bars(dollar, "Amount") == [(0, 5000), (0, 0)]
    assert euro.get_xlabel() == "Amount [EUR]"
    assert dollar.get_xlabel() == "Amount [USD]"
    assert euro.get_shared_x_axes().joined(euro, dollar) is False
    assert title(euro) == "3 clients with amounts in 2 currencies"


@pytest.mark.daily
def test_two_currencies_never_share_an_axes():
    _, ax = plt.subplots(layout="constrained")
    with pytest.raises(
        ConfigError, match=r"has EUR, USD: leave ax out .*\['currency'\] == 'EUR'\]"
    ):
        charts.amount_by_client(summary(currencies=["EUR", "USD"]), ax=ax)
    assert charts.amount_by_client(summary(), ax=ax) is ax
    assert title(ax) == "Acme brings 34,300 of 42,300 EUR (81 %)"


def test_an_unknown_amount_is_not_drawn_and_said():
    frame = summary()
    ax = charts.amount_by_client(frame).axes[0]
    assert frame["amount"].isna().sum() == 1
    assert labels(ax) == ["Acme", "Beta GmbH"]
    assert "1 row without a visible amount, not drawn" in words(ax)[-1]


def test_an_unknown_currency_has_a_panel_of_its_own():
    frame = summary(currencies=["EUR", "USD"])
    frame["currency"] = frame["currency"].where(frame["currency"] == "EUR")
    known, unknown = charts.amount_by_client(frame).axes
    assert unknown.get_xlabel() == "Amount [currency not known]"
    assert "(no currency)" in words(unknown)
    assert "EUR" in words(known)
    assert title(known) == "3 clients with amounts in 1 currency and in an unknown one"


def test_amounts_add_up_to_the_cent():
    rows = [project(n, "P", 1, None, 1, client=(n, f"C{n}"), amount=0.7) for n in range(25)]
    frame = client_summary(budget(*rows))
    assert frame["amount"].sum() < 17.5  # rounded half to even, it would be 17
    assert title(charts.amount_by_client(frame, top=None).axes[0]) == "C0 brings 1 of 18 EUR (4 %)"
    (ax,) = charts.amount_by_client(
        pd.concat([frame, frame.tail(1).assign(client_id=99)]), top=1
    ).axes
    assert labels(ax)[-1] == "and 25 others (18 EUR)"


def test_top_says_the_amount_of_the_others():
    ax = charts.amount_by_client(summary(), top=1).axes[0]
    assert labels(ax) == ["Acme", "and 1 other (8,000 EUR)"]


def test_clients_are_counted_without_what_has_none():
    rows = [
        project(1, "P", 1, None, 1, client=(1, "A"), amount=10),
        project(2, "P", 1, None, 1, amount=10),
        project(3, "P", 1, None, 1, client=(1, "A"), currency="USD", amount=10),
        project(4, "P", 1, None, 0, client=(2, "B"), amount=0),
    ]
    euro, dollar = charts.amount_by_client(client_summary(budget(*rows))).axes
    assert title(euro) == "1 client with amounts in 2 currencies"
    assert "2 clients and (no client) · 20 in all" in words(euro)
    assert "1 client · 10 in all" in words(dollar)
    assert "4.0 h tracked for 2 clients and (no client)" in words(dollar)[-1]


def test_one_currency_is_not_called_several():
    ax = charts.amount_by_client(summary()).axes[0]
    assert "each currency" not in " ".join(words(ax))
    both = charts.amount_by_client(summary(currencies=["EUR", "USD"])).axes[0]
    assert "each currency has its own scale" in " ".join(words(both))


def test_a_currency_without_decimals_has_none():
    row = project(1, "P", 1, None, 1, client=(1, "A"), currency="JPY", amount=10500)
    ax = charts.amount_by_client(client_summary(budget(row))).axes[0]
    assert words(ax).count("10,500") == 2
    assert "10,500.00" not in words(ax)


@pytest.mark.parametrize("width", [6, 7, 8])
def test_large_numbers_of_a_scale_do_not_touch(width):
    client = (1, "A client with a name that leaves little room")
    row = project(1, "P", 1, None, 1, client=client, currency="JPY", amount=27_499_961)
    _, ax = plt.subplots(figsize=(width, 3))
    charts.amount_by_client(client_summary(budget(row)), ax=ax)
    ax.figure.draw_without_rendering()
    numbers = [text.get_window_extent() for text in texts(ax) if text.get_text()[-4:] == ",000"]
    assert len(numbers) > 0
    assert all(right.x0 - left.x1 > 3 for left, right in pairwise(numbers))


@pytest.mark.parametrize("chart", [charts.amount_by_client, charts.rate_dumbbell])
def test_charts_of_money_take_a_figure(chart):
    frame = card() if chart is charts.rate_dumbbell else summary(currencies=["EUR", "USD"])
    figure = plt.figure(layout="constrained")
    left, _ = figure.subfigures(1, 2)
    assert chart(frame, fig=left) is figure
    assert figure.axes == left.axes
    with pytest.raises(ConfigError, match="ax or on fig"):
        chart(frame, ax=left.axes[0], fig=left)
