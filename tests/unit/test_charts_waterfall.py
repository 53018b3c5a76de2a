import random

import pandas as pd
import pytest
from joins import client_hours
from unit.charts_frames import ACME, BETA, agency, budget, project, typed
from unit.charts_reading import bars, columns, hatches, labels, title, words

from togglframe import charts
from togglframe.tables import PROJECT_BUDGET

MINUS = "\N{MINUS SIGN}"
STEPS = ("Over the estimate", "Given back", "Not yet used")


def portfolio():
    """Two clients over, one of them under as well; 5 h are given back, 76 h are not yet used."""
    frame = agency()
    return client_hours(frame.assign(active=frame["project"].ne("App").fillna(value=True)))


def test_steps_begin_at_the_estimates_and_end_at_the_difference():
    ax = charts.variance_waterfall(portfolio())
    assert labels(ax) == ["Acme", "Beta GmbH", "Given back", "Not yet used", "In all"]
    assert bars(ax, "Over the estimate") == [(0, 50), (50, 12)]
    assert bars(ax, "Given back") == [(62, -5)]
    assert bars(ax, "Not yet used") == [(57, -76)]
    assert bars(ax, "In all") == [(0, -19)]
    assert hatches(ax, "Over the estimate") == {"/////"}
    numbers = ["+50", "+12", f"{MINUS}5", f"{MINUS}76", f"{MINUS}19"]
    assert columns(ax) == {"difference [h]": numbers}
    assert title(ax) == "Overruns cost 62 h; finished projects gave back 5.0 h"
    assert ax.get_xlim()[0] < -19 < 62 < ax.get_xlim()[1]


def test_the_grey_line_explains_the_steps_there_are_and_who_is_left_out():
    (reading,) = (text for text in words(charts.variance_waterfall(portfolio())) if "." in text)
    assert " ".join(reading.split()) == (
        "Steps to the right are overruns by client; finished projects gave hours back; "
        "running ones have hours left. 1 client without an estimate is not shown."
    )


def test_hours_that_are_all_unknown_are_not_called_none():
    frame = client_hours(budget(project(1, "A", None, 10, client=ACME)))
    assert title(charts.variance_waterfall(frame)) == "The tracked hours of 1 client are unknown"


def test_the_others_are_one_step():
    rows = [project(n, "P", 10 + n, 10, client=(n, f"C{n}")) for n in range(1, 5)]
    ax = charts.variance_waterfall(client_hours(budget(*rows)), top=1)
    assert labels(ax) == ["C4", "and 3 others", "In all"]
    assert bars(ax, "Over the estimate") == [(0, 4), (4, 6)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("gross_overrun_hours", ["Acme", "Beta GmbH"]),
        ("variance_hours", ["Beta GmbH", "Acme"]),
        ("client", ["Acme", "Beta GmbH"]),
        (None, ["Acme", "Beta GmbH"]),
    ],
)
def test_the_order_of_the_steps_can_be_chosen(sort, order):
    assert labels(charts.variance_waterfall(portfolio(), sort=sort))[:2] == order


@pytest.mark.parametrize("tracked", [0, 10, 10_000])
def test_steps_of_one_client(tracked):
    frame = client_hours(
        budget(
            project(1, "A", tracked, 10, client=ACME),
            project(2, "B", None, client=BETA),
        )
    )
    ax = charts.variance_waterfall(frame)
    assert bars(ax, "In all") == [(0, tracked - 10)]
    assert ("Acme" in labels(ax)) == (tracked > 10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_steps_and_the_numbers_beside_them_add_up(seed):
    chance = random.Random(seed)
    rows = [project(n, "P", 1, 1, client=(n % 5, f"C{n % 5}")) for n in range(40)]
    for row in rows:
        row["active"] = chance.random() < 0.5
        for time in ("tracked_time", "estimated_time"):
            row[time] = pd.Timedelta(milliseconds=chance.randrange(10**9))
    frame = typed(PROJECT_BUDGET, rows)
    ax = charts.variance_waterfall(client_hours(frame))
    tracked, estimate = (
        frame[time].sum() // pd.Timedelta(milliseconds=1)
        for time in ("tracked_time", "estimated_time")
    )
    exact = [width for step in STEPS for _, width in bars(ax, step)]
    assert sum(round(hours * 3_600_000) for hours in exact) == tracked - estimate
    (texts,) = columns(ax).values()
    *steps, whole = [int(text.replace(MINUS, "-").replace(",", "")) for text in texts]
    assert sum(steps) == whole
    assert all(abs(step - hours) < 1 for step, hours in zip(steps, exact, strict=True))
    over = sum(step for step in steps if step > 0)
    assert title(ax).startswith(f"Overruns cost {over:,} h; ")
