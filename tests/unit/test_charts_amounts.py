from itertools import pairwise

import matplotlib.pyplot as plt
import pytest
from joins import client_summary
from unit.charts_cases import overlaps
from unit.charts_frames import budget, card, project, summary
from unit.charts_reading import bars, columns, labels, texts, title, words

from togglframe import charts
from togglframe.errors import ConfigError

BOTH = ("EUR", "USD")


def test_each_currency_has_a_panel_of_its_own_scale():
    fig = charts.amount_by_client(summary(currencies=BOTH))
    euro, dollar = fig.axes
    assert labels(euro) == ["Acme", "Beta GmbH"]
    assert bars(euro, "Amount") == [(0, 34300), (0, 8000)]
    assert labels(dollar) == ["Client 3 (not listed)", "Beta GmbH"]
    assert bars(dollar, "Amount") == [(0, 5000), (0, 0)]
    assert "EUR" in words(euro)
    assert "USD" in words(dollar)
    assert euro.get_shared_x_axes().joined(euro, dollar) is False
    assert title(euro) == "Acme is 81 % of all EUR"
    numbers = {"amount": ["34,300", "8,000"], "per billable h": ["100.00", "100.00"]}
    assert columns(euro) == numbers
    assert columns(dollar) == {"amount": ["5,000", "0"], "per billable h": ["100.00"]}


def test_names_and_numbers_of_all_panels_stand_below_each_other():
    row = project(1, "P", 1, None, 1, client=(1, "A longer name"), currency="JPY", amount=27499961)
    frame = client_summary(budget(row, project(2, "P", 1, None, 1, client=(2, "B"), amount=5)))
    fig = charts.amount_by_client(frame)
    fig.draw_without_rendering()
    lefts = {
        round(label.get_window_extent().x0) for ax in fig.axes for label in ax.get_yticklabels()
    }
    rights = [
        round(text.get_window_extent().x1)
        for ax in fig.axes
        for text in ax.texts
        if text.get_ha() == "right"
    ]
    assert len(lefts) == 1
    assert len({right // 4 for right in rights}) == 2


def test_two_currencies_never_share_an_axes():
    _, ax = plt.subplots(layout="constrained")
    with pytest.raises(
        ConfigError, match=r"has EUR, USD: leave ax out .*\['currency'\] == 'EUR'\]"
    ):
        charts.amount_by_client(summary(currencies=BOTH), ax=ax)
    assert charts.amount_by_client(summary(), ax=ax) is ax
    assert [text.get_text() for text in ax.get_xticklabels()][-1].endswith(" EUR")


def test_an_unknown_amount_is_not_drawn_and_said():
    frame = summary()
    ax = charts.amount_by_client(frame).axes[0]
    assert frame["amount"].isna().sum() == 1
    assert labels(ax) == ["Acme", "Beta GmbH"]
    assert "1 client without a known amount is not shown." in " ".join(words(ax))


def test_an_unknown_currency_has_the_last_panel():
    frame = summary(currencies=BOTH)
    frame["currency"] = frame["currency"].where(frame["currency"] == "EUR")
    known, unknown = charts.amount_by_client(frame).axes
    assert "EUR" in words(known)
    assert "(no currency)" in words(unknown)
    assert title(known) == "Acme is 81 % of all EUR"


def test_the_currency_of_the_headline_comes_first():
    rows = [project(n, "P", 1, None, 1, client=(n, f"C{n}"), amount=n) for n in (1, 2)]
    rows.append(project(3, "P", 1, None, 1, client=(3, "C3"), currency="AUD", amount=9))
    first, second = charts.amount_by_client(client_summary(budget(*rows))).axes
    assert title(first) == "C2 is 67 % of all EUR"
    assert "EUR" in words(first)
    assert "AUD" in words(second)


def test_the_amount_of_the_others_is_exact_to_the_cent():
    rows = [project(n, "P", 1, None, 1, client=(n, f"C{n}"), amount=0.7) for n in range(26)]
    ax = charts.amount_by_client(client_summary(budget(*rows)), top=1).axes[0]
    assert labels(ax) == ["C0", "and 25 others"]
    assert "18 together" in words(ax)  # 17.50; rounded half to even, one by one, it would be 25


def test_a_currency_without_decimals_has_none():
    row = project(1, "P", 1, None, 1, client=(1, "A"), currency="JPY", amount=10500)
    ax = charts.amount_by_client(client_summary(budget(row))).axes[0]
    assert columns(ax) == {"amount": ["10,500"], "per billable h": ["10,500"]}


@pytest.mark.parametrize("width", [6, 8])
def test_large_numbers_of_a_scale_do_not_touch(width):
    client = (1, "A client with a name that leaves little room")
    row = project(1, "P", 1, None, 1, client=client, currency="JPY", amount=27_499_961)
    _, ax = plt.subplots(figsize=(width, 3))
    charts.amount_by_client(client_summary(budget(row)), ax=ax)
    ax.figure.draw_without_rendering()
    numbers = [text.get_window_extent() for text in texts(ax) if text.get_text()[-4:] == ",000"]
    assert all(right.x0 - left.x1 > 3 for left, right in pairwise(numbers))


@pytest.mark.parametrize("chart", [charts.amount_by_client, charts.rate_dumbbell])
def test_charts_of_money_take_a_figure(chart):
    frame = card() if chart is charts.rate_dumbbell else summary(currencies=BOTH)
    figure = plt.figure(layout="constrained")
    left, _ = figure.subfigures(1, 2)
    assert chart(frame, fig=left) is figure
    assert figure.axes == left.axes
    with pytest.raises(ConfigError, match="ax or on fig"):
        chart(frame, ax=left.axes[0], fig=left)


def test_as_many_clients_as_a_figure_has_room_for_are_drawn_on_it():
    rows = [
        project(n, "P", 1, None, 1, client=(n, f"C{n}"), currency=BOTH[n % 2], amount=n)
        for n in range(1, 61)
    ]
    figure = plt.figure(figsize=(8, 5), layout="constrained")
    charts.amount_by_client(client_summary(budget(*rows)), fig=figure)
    assert [len(labels(ax)) < 12 for ax in figure.axes] == [True, True]
    assert overlaps(figure) == []
