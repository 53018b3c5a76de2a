"""An archive of 200,000 entries that other engines read, and the hours that togglframe finds in it.

The files of this folder are not named as tests are: ``make dask`` and ``make spark`` name them.
"""

import os
import runpy
from pathlib import Path

import pytest

import togglframe as tf

GUIDES = Path(__file__).parents[2] / "docs" / "guides"
SCALE = 1_400  # projects
BY = ["user_id", "project_id", "period"]


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The archive; TOGGLFRAME_ARCHIVE names one that is there already."""
    if made := os.environ.get("TOGGLFRAME_ARCHIVE"):
        return Path(made)
    folder = tmp_path_factory.mktemp("archive") / "toggl"
    with tf.demo(scale=SCALE) as ws:
        tf.Archive(folder).sync(ws, start_date="2024-01-01")
    return folder


@pytest.fixture(scope="session")
def seconds(folder):
    """The seconds by user, project and week, as plain values."""
    entries = tf.Archive(folder).time_entries(columns=["date"])
    assert len(entries) >= 200_000
    days = entries["date"].min(), entries["date"].max()
    hours = tf.reports.hours(
        tf.Archive(folder),
        start_date=days[0],
        end_date=days[1],
        by=["user", "project"],
        every="week",
    )
    assert hours["project_id"].isna().any()
    keys = zip(*(as_plain(hours[name]) for name in BY), strict=True)
    told = hours["tracked_time"].dt.total_seconds().tolist()
    return dict(zip(keys, told, strict=True))


def as_plain(column):
    """Return ids as integers or None, and days as text."""
    if column.dtype.kind == "M":
        return column.dt.strftime("%Y-%m-%d").tolist()
    return column.astype("object").where(column.notna(), None).tolist()


@pytest.fixture(scope="session")
def plain():
    """What makes plain values of a column."""
    return as_plain


@pytest.fixture(scope="session")
def guide():
    """The names of a script of the guide, by its name."""
    return lambda name: runpy.run_path(str(GUIDES / name))
