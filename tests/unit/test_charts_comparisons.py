"""comparison: what changed between two ranges of days."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from unit.charts_frames_over_time import compared, quarters
from unit.charts_reading import bars, columns, labels, title, words

import togglframe as tf
from togglframe import charts
from togglframe.errors import ConfigError
from togglframe.text.formats import MINUS


def test_increases_are_right_of_zero_and_decreases_left_the_largest_increase_first():
    ax = charts.comparison(quarters())
    assert labels(ax) == ["Acme", "Cargo", "Beta", "Delta"]
    assert bars(ax, "More") == [(0, 120), (0, 30)]
    assert bars(ax, "Less") == [(0, -10), (0, -15)]
    assert columns(ax) == {
        "change [h]": ["+120", "+30", f"{MINUS}10", f"{MINUS}15"],
        "change": ["+120 %", "new", f"{MINUS}10 %", f"{MINUS}100 %"],
        "Q3 2026 [h]": ["220", "30", "90", "0"],
        "Q2 2026 [h]": ["100", "0", "100", "15"],
    }
    assert "Bars are Q3 2026 minus Q2 2026. 1 row of an unknown change is not shown." in words(ax)
    assert title(ax) == "Acme grew most: 120 h more than in Q2"
    bold = [text.get_text() for text in ax.texts if text.get_weight() == "bold"]
    assert bold == ["+120", "+120 %", "220", "100"]


def test_the_largest_changes_are_drawn_and_the_others_counted():
    ax = charts.comparison(quarters(), top=2)
    assert labels(ax) == ["Acme", "Cargo", "and 2 others"]
    assert f"{MINUS}25 h together" in words(ax)
    assert labels(charts.comparison(quarters(), sort="value")) == ["Acme", "Beta", "Cargo", "Delta"]
    assert labels(charts.comparison(quarters(), sort=None)) == ["Acme", "Beta", "Cargo", "Delta"]


def test_ranges_that_have_long_names_are_now_and_before():
    frame = quarters()
    known = frame.attrs["togglframe"]
    begun = {"start_date": "2026-07-01", "end_date": "2026-07-25"}
    frame.attrs["togglframe"] = {**known, "filters": begun}
    ax = charts.comparison(frame)
    assert {"now [h]", "before [h]"} <= {*columns(ax)}
    assert any("Bars are 1 to 25 July 2026 minus Q2 2026." in text for text in words(ax))
    frame.attrs.clear()
    assert title(charts.comparison(frame)) == "Acme grew most: 120 h more than before"


def test_amounts_are_of_one_currency():
    names = {f"tracked_hours{end}": f"amount{end}" for end in ("", "_before", "_change")}
    frame = quarters().rename(columns=names).assign(currency=["EUR", "EUR", "JPY", "JPY", "EUR"])
    with pytest.raises(ConfigError, match=r"EUR, JPY: pass frame\[frame\['currency'\] == 'EUR'\]"):
        charts.comparison(frame)
    ax = charts.comparison(frame[frame["currency"] == "EUR"], measure="amount")
    assert columns(ax)["change [EUR]"] == ["+120", f"{MINUS}10"]
    with pytest.raises(ConfigError, match="measure must be one of 'amount', not 'tracked_hours'"):
        charts.comparison(frame, measure="tracked_hours")


@pytest.mark.parametrize(("measure", "least"), [("tracked_hours", 10), ("amount", 0)])
def test_values_differ_by_the_change_beside_them(measure, least):
    values = np.random.default_rng(1).uniform(least, 1000, (200, 2)).round(2).tolist()
    values = [(now, before) for now, before in values if abs(now - before) >= least]
    values += [(20.5, 31), (31, 20.5), (1000.5, 20)] + (least == 0) * [(7.5, 3.4), (0.4, 0.6)]
    frame = compared(*((f"Client {n}", *pair) for n, pair in enumerate(values)))
    ends = ("", "_before", "_change")
    frame = frame.rename(columns={f"tracked_hours{end}": f"{measure}{end}" for end in ends})
    shown = columns(charts.comparison(frame.assign(currency="EUR"), top=None, sort=None))
    unit = "h" if measure == "tracked_hours" else "EUR"
    change, now, before = (
        [int(text.replace(MINUS, "-").replace(",", "")) for text in shown[f"{head} [{unit}]"]]
        for head in ("change", "Q3 2026", "Q2 2026")
    )
    assert [new - old for new, old in zip(now, before, strict=True)] == change
    for row, (new, old) in enumerate(values):
        assert abs(now[row] - new) < 1, row
        assert abs(before[row] - old) < 1, row
        assert abs(change[row] - (new - old)) <= 0.51, row


def test_groups_of_ones_own_and_totals_are_compared_too():
    own = quarters().drop(columns="client_id").rename(columns={"client": "team"})
    own.loc[0, "team"] = pd.NA
    assert labels(charts.comparison(own))[0] == "(no team)"
    whole = quarters().drop(columns=["client_id", "client"]).head(1)
    ax = charts.comparison(whole)
    assert labels(ax) == ["In all"]
    assert title(ax) == "In all: 120 h more than in Q2"


def test_a_small_axes_has_as_many_rows_as_are_legible():
    _, ax = plt.subplots(figsize=(4, 2), layout="constrained")
    charts.comparison(compared(*((f"Client {n}", 100 + n, 100) for n in range(40))), ax=ax)
    assert labels(ax)[-1].startswith("and 3")
    assert labels(ax)[0] == "Client 39"


def test_the_chart_of_a_comparison_has_its_numbers(ws):
    frame = tf.reports.compare(ws, "hours", period="2026-10", by="client")
    ax = charts.comparison(frame, top=None)
    drawn = bars(ax, "More") + bars(ax, "Less")
    changed = frame["tracked_hours_change"][frame["tracked_hours_change"] != 0]
    assert sorted(width for _, width in drawn) == sorted(changed)
