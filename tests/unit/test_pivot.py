"""Wide tables of reports: every hour and cent is in one cell, and rows are told apart."""

import pandas as pd
import pytest

import togglframe as tf
from togglframe import tables
from togglframe.errors import ConfigError


def hours_of(**columns):
    """Return a frame of `hours` with these columns."""
    frame = pd.DataFrame(columns)
    by = [name for name in ("client", "project", "user") if name in frame]
    time = pd.to_timedelta(frame.pop("hours"), unit="h").dt.as_unit("ms")
    frame = frame.assign(
        tracked_hours=time / pd.Timedelta(hours=1), billable_hours=0.0, billable_share=0.0,
        n_entries=1, n_days=1, tracked_time=time, billable_time=pd.Timedelta(0),
    )  # fmt: skip
    if "period" in frame:
        frame["period"] = pd.to_datetime(frame["period"]).astype("datetime64[us]")
        by.append("period")
    table = tables.HOURS.choose([name for one in by for name in (f"{one}_id", one)])
    return frame[table.names].astype({column.name: column.dtype for column in table})


def test_months_are_dense_over_the_range_of_the_report():
    ws = tf.demo(scale=6, today="2026-11-26")
    frame = tf.reports.hours(
        ws, start_date="2026-08-15", end_date="2026-12-31", by="client", every="month"
    )
    wide = tf.pivot(frame, "client")
    months = ["2026-08", "2026-09", "2026-10", "2026-11", "2026-12"]
    assert list(wide) == ["client", *months, "Total"]
    assert (wide["2026-12"] == 0).all()
    assert wide["client"].iloc[-1] == "Total"
    assert wide["Total"].iloc[:-1].is_monotonic_decreasing
    nothing = tf.pivot(frame.head(0), "client")
    assert list(nothing) == list(wide)
    assert nothing.drop(columns="client").to_numpy().tolist() == [[0.0] * 6]


def test_each_period_is_written_as_it_is_parsed(subtests):
    for every, written in (("day", "2026-06-01"), ("week", "2026-W23"), ("month", "2026-06")):
        with subtests.test(every):
            frame = hours_of(client_id=[1], client=["Acme"], period=["2026-06-01"], hours=[1.5])
            frame.attrs["togglframe"] = {"every": every}
            assert list(tf.pivot(frame, "client")) == ["client", written, "Total"]


def test_equal_names_are_told_apart_and_none_is_named():
    frame = hours_of(
        client_id=[1, 1, 2, None], client=["Acme", "Acme", "Birch", None],
        project_id=[1, 2, 3, None], project=["Web", "Shop", "Web", None],
        period=["2026-07-01"] * 4, hours=[4, 3, 2, 1],
    )  # fmt: skip
    wide = tf.pivot(frame, "project")
    labels = ["Web · Acme", "Shop", "Web · Birch", "(no project)"]
    assert wide["project"].tolist() == [*labels, "Total"]
    same = frame.assign(client="Acme", client_id=1)
    assert tf.pivot(same, "project")["project"].tolist()[0] == "Web · #1"
    wide = tf.pivot(frame, "client", columns="project", totals=False)
    assert list(wide) == ["client", *labels]
    assert wide.loc[0, "Shop"] == 3


def test_amounts_have_a_total_for_each_currency_and_none_over_all():
    ws = tf.demo(scale=20, today="2026-11-26")
    frame = tf.reports.earnings(ws, period="2026-10", by="client", every="month")
    with pytest.raises(ConfigError, match="put 'currency' into index"):
        tf.pivot(frame, "client")
    wide = tf.pivot(frame, ["client", "currency"])
    totals = wide[wide["client"] == "Total"].set_index("currency")["Total"]
    by_currency = frame.groupby(frame["currency"].fillna("(no currency)"))["amount"].sum()
    assert totals.astype(float).round(2).to_dict() == by_currency.round(2).to_dict()
    assert tf.pivot(frame, "currency")["currency"].tolist() == sorted(by_currency.index, key=len)
    hours = tf.pivot(frame, "client", values="billable_hours")
    assert hours["client"].tolist().count("Total") == 1


def test_unknown_is_not_zero():
    frame = hours_of(
        client_id=[1, 2], client=["Acme", "Birch"], period=["2026-07-01"] * 2, hours=[4, 3]
    )
    frame["billable_hours"] = pd.array([pd.NA, 2], "Float64")
    frame["billable_time"] = pd.to_timedelta([None, "2h"]).as_unit("ms")
    wide = tf.pivot(frame, "client", values="billable_hours").set_index("client")
    assert pd.isna(wide.loc["Acme", "2026-07"])
    assert wide.loc["Birch", "Total"] == 2


def test_a_user_called_total_is_not_the_total():
    frame = hours_of(
        client_id=[1], client=["Total"], project_id=[1], project=["Web"],
        period=["2026-06-01"], hours=[1],
    )  # fmt: skip
    assert list(tf.pivot(frame, "project", "client")) == ["project", "Total (a client)", "Total"]


WRONG = {
    "index takes one of client, period, not 'clint'; did you mean client": ("clint",),
    "index takes one of client, period, not nothing": ([],),
    "columns takes one of client, period, not 'month'": ("client", "month"),
    "'client' is in index and in columns": ("client", "client"),
    "values must be a column that adds up, one of tracked_hours": (
        "client", "period", "billable_share",
    ),
}  # fmt: skip


def test_what_cannot_be_pivoted_is_named(subtests):
    frame = hours_of(client_id=[1], client=["Acme"], period=["2026-06-01"], hours=[1])
    for message, arguments in WRONG.items():
        with subtests.test(message), pytest.raises(ConfigError, match=message):
            tf.pivot(frame, *arguments)
    with pytest.raises(ConfigError, match=r"not 'period' \(pass every= to the report\)"):
        tf.pivot(frame.drop(columns="period"), "client")
    with pytest.raises(TypeError, match="must be a DataFrame"):
        tf.pivot([1], "client")
