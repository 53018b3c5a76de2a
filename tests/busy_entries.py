"""Random time entries that crowd: few people, around midnight and the changes of their clocks."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
from entries_data import LARGE, entry, frame_of
from hypothesis import strategies as st

from togglframe import tables

# Moments (UTC) beside which the entries begin: changes of clocks, midnights, an ordinary noon.
MOMENTS = {
    "Europe/Berlin": ["2026-03-29T01:00", "2026-10-25T01:00", "2026-03-28T23:00"],
    "Pacific/Chatham": ["2026-04-04T14:00", "2026-09-26T14:00", "2026-04-03T10:15"],
    "UTC": ["2026-03-29T00:00", "2026-03-27T12:00"],
}
PEOPLE = [1, LARGE, LARGE + 1, None]
HOUR = dt.timedelta(hours=1)
LENGTHS = [0, 1, 899, 1800, 3600, 7200, 14_400, 36_000, 36_001, 43_200, 43_201, 90_000]  # [s]
BLANK = [None, "", " ", "\t \u00a0", "Work", " Work "]


@st.composite
def busy_rows(draw, max_size=7):
    """Draw entries as dicts, in any order, ids apart."""
    ids = draw(
        st.lists(
            st.integers(1, 20) | st.integers(LARGE, LARGE + 20), max_size=max_size, unique=True
        )
    )
    zone = ZoneInfo(draw(st.sampled_from(sorted(MOMENTS))))
    return [_moved(draw, draw(entry(number)), zone) for number in ids]


def _moved(draw, row, usual):
    zone = draw(st.sampled_from([usual, usual, usual, ZoneInfo("Asia/Kolkata")]))
    moment = dt.datetime.fromisoformat(draw(st.sampled_from(MOMENTS[usual.key])))
    minutes = draw(st.integers(-16, 16)) * 15 + draw(st.sampled_from([0, 0, 0, 24 * 60, -72 * 60]))
    start = moment.replace(tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
    seconds = draw(st.sampled_from(LENGTHS))
    told = draw(st.sampled_from([seconds, seconds, seconds, 0, 900, 50_000]))  # by the API
    local = start.astimezone(zone)
    return row | {
        "user_id": draw(st.sampled_from(PEOPLE)),
        "description": draw(st.sampled_from(BLANK)),
        "start": start,
        "stop": start + dt.timedelta(seconds=seconds),
        "date": dt.datetime.combine(local.date(), dt.time()),
        "utc_offset": local.utcoffset(),
        "tracked_time": dt.timedelta(seconds=told),
    }


def listed_users():
    """Return the listing of users: three of them, one of whom has no entry."""
    gone = pd.Timestamp("2026-01-01", tz="UTC")
    rows = [
        {"id": 1, "fullname": "Ann Lee", "active": True, "deactivated": False, "deleted_at": None},
        {"id": 2, "fullname": "Bo", "active": True, "deactivated": None, "deleted_at": None},
        {"id": 3, "fullname": "Cy", "active": True, "deactivated": True, "deleted_at": None},
        {"id": 4, "fullname": "Di", "active": None, "deactivated": False, "deleted_at": None},
        {"id": LARGE, "fullname": None, "active": True, "deactivated": False, "deleted_at": gone},
    ]
    others = {"email": None, "avatar": None, "workspace_user_id": None}
    return frame_of([row | others for row in rows], tables.USER_DETAILS)


def wall(moment, row):
    """Return what the clock of an entry says at a moment."""
    return (moment + row["utc_offset"]).replace(tzinfo=None)


def known(value):
    """Return None for what is NA."""
    return None if pd.isna(value) else value


def entry_at(number, start, hours, offset=0, **more):
    """Return an entry that begins at a moment (UTC), where clocks are so many hours ahead."""
    begun = dt.datetime.fromisoformat(start).replace(tzinfo=dt.UTC)
    ahead = offset * HOUR
    names = ("email", "project", "client", "task_id", "task", "amount", "hourly_rate", "currency")
    return {
        "id": number,
        "user_id": 1,
        "user": "Ann",
        "project_id": 10,
        "description": "Work",
        "billable": True,
        "tags": [],
        "tag_ids": [],
        "start": begun,
        "stop": begun + hours * HOUR,
        "date": dt.datetime.combine((begun + ahead).date(), dt.time()),
        "utc_offset": ahead,
        "tracked_time": hours * HOUR,
        "updated_at": begun,
        **dict.fromkeys(names),
        **more,
    }
