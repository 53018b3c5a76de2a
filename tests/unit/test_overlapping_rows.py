"""A report in which one time entry is in several rows: nothing adds these up."""

from dataclasses import replace

import pandas as pd
import pytest
from days import TODAY

import togglframe as tf
from togglframe import tables
from togglframe.errors import ConfigError
from togglframe.export.display import as_it_is, shown
from togglframe.reports import time_sums
from togglframe.reports._entries import Groups, entries
from togglframe.reports._frames import finished, to_hours
from togglframe.reports._record import Report
from togglframe.tables import COLUMNS, KNOWN_TABLES, Column, Kind, Table, provenance
from togglframe.tables.validation import milliseconds

TAG = Column("tag", "One of the tags of an entry.", Kind.STRING, is_overlapping=True)
TABLE = Table(
    name="hours_by_tag",
    grain="tag",
    key=("tag", "period"),
    columns=(TAG, *(tables.HOURS[name] for name in ("period", "tracked_hours", "tracked_time"))),
    lead=("tag", "period", "tracked_hours"),
    is_comparable=True,
)


def join(time_entries, *, selected):
    found = entries(time_entries, None, ["tags", "date", "tracked_time"], selected)
    each = found.explode("tags")
    keys = pd.DataFrame(
        {"tag": each["tags"], "period": each["date"].dt.to_period("M").dt.start_time}
    )
    made = Groups.of(keys).sum(ms=milliseconds(each["tracked_time"]))
    hours = made.assign(tracked_hours=to_hours(made["ms"]), tracked_time=made["ms"])
    return finished(hours, TABLE)


RECORD = Report(name="hours_by_tag", table=TABLE, needs=("time_entries",), join=join)


def hours_by_tag(source, *, start_date=None, end_date=None, period=None):
    return RECORD.make(**locals())


@pytest.fixture
def by_tag(monkeypatch):
    """Declare the report as one of the package is declared, and return its frame."""
    monkeypatch.setattr(time_sums, "HOURS_BY_TAG", RECORD, raising=False)
    monkeypatch.setattr(time_sums, "hours_by_tag", hours_by_tag, raising=False)
    monkeypatch.setattr(time_sums, "__all__", [*time_sums.__all__, "hours_by_tag"])
    known = (*KNOWN_TABLES, TABLE, TABLE.comparison())
    monkeypatch.setattr(provenance, "KNOWN_TABLES", known)
    monkeypatch.setitem(COLUMNS, "tag", [TAG])
    with tf.demo(scale=8, today=TODAY) as ws:
        yield ws, hours_by_tag(ws, period="2026-08..2026-10")


def test_no_total_row_adds_rows_that_overlap(by_tag):
    _, frame = by_tag
    assert len(frame) > 1
    assert shown(frame).totals == as_it_is(frame).totals == []
    apart = frame.rename(columns={"tag": "user"})
    apart.attrs = {}
    assert as_it_is(apart).totals


def test_a_pivot_adds_rows_of_one_tag_alone(by_tag):
    _, frame = by_tag
    wide = tf.pivot(frame, "tag", totals=False)
    assert list(wide) == ["tag", "2026-08", "2026-09", "2026-10"]
    assert wide.drop(columns="tag").to_numpy().sum() == pytest.approx(frame["tracked_hours"].sum())
    with pytest.raises(ConfigError, match="pass totals=False"):
        tf.pivot(frame, "tag")
    with pytest.raises(ConfigError, match="put 'tag' into index"):
        tf.pivot(frame.assign(user="all"), "user", totals=False)


def test_two_ranges_are_compared_tag_by_tag_without_a_total(by_tag):
    ws, frame = by_tag
    change = tf.reports.compare(ws, "hours_by_tag", period="2026-10")
    october = frame[frame["period"] == "2026-10-01"].set_index("tag")["tracked_time"]
    compared = change.set_index("tag")["tracked_time"]
    assert compared.reindex(october.index).tolist() == october.tolist()
    assert shown(change).totals == []


def test_a_report_that_is_not_comparable_is_refused(by_tag, monkeypatch):
    ws, _ = by_tag
    monkeypatch.setattr(
        time_sums, "HOURS_BY_TAG", replace(RECORD, table=replace(TABLE, is_comparable=False))
    )
    with pytest.raises(ConfigError, match="hours_by_tag is of whole periods"):
        tf.reports.compare(ws, "hours_by_tag", period="2026-10")
