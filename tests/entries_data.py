"""Random time entries as search.time_entries returns them, for the properties of reports."""

import datetime as dt
from zoneinfo import ZoneInfo

import pandas as pd
from hypothesis import strategies as st

from togglframe import tables

ZONES = ["UTC", "Europe/Berlin", "America/Los_Angeles", "Asia/Kolkata", "Pacific/Chatham"]
# Both changes of clocks of Berlin and Los Angeles, a turn of the month, and a leap day.
DAYS = [
    dt.date(2026, 3, 7),
    dt.date(2026, 3, 8),
    dt.date(2026, 3, 28),
    dt.date(2026, 3, 29),
    dt.date(2026, 3, 31),
    dt.date(2026, 10, 25),
    dt.date(2026, 10, 31),
    dt.date(2026, 11, 1),
    dt.date(2024, 2, 29),
]
LARGE = 2**53 + 1
USERS = [1, 2, LARGE, LARGE + 1]
PROJECTS = {10: "Site", 11: "Site", LARGE: "App", LARGE + 1: None, 12: "Gone"}  # 12 is not listed
CLIENTS = {100: "Acme", 101: "Acme"}
OWNERS = {10: 100, 11: 101, LARGE: 100, LARGE + 1: None}
TASKS = [None, 1000, LARGE]
RATES = [None, 0, 1, 9_999, 12_345, 15_000]  # cents


@st.composite
def entry(draw, number):
    """Draw one entry of the frame, as a dict."""
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    day = draw(st.sampled_from(DAYS))
    wall = dt.datetime.combine(day, dt.time(), zone) + dt.timedelta(
        minutes=draw(st.integers(0, 24 * 60 - 1)), seconds=draw(st.sampled_from([0, 1, 59]))
    )
    start = wall.astimezone(dt.UTC)
    local = start.astimezone(zone)
    seconds = draw(st.sampled_from([0, 1, 59, 60, 61, 899, 900, 901, 3600, 5400, 40_000, 90_000]))
    user_id = draw(st.sampled_from(USERS))
    project_id = draw(st.sampled_from([None, *PROJECTS]))
    owner = OWNERS.get(project_id)
    billable = draw(st.sampled_from([True, True, False, None]))
    rate = draw(st.sampled_from(RATES))
    is_priced = bool(billable) and rate is not None
    return {
        "id": number,
        "user_id": user_id,
        "user": draw(st.sampled_from(["Ann", "Bo", None])),
        "email": None,
        "project_id": project_id,
        "project": PROJECTS.get(project_id),
        "client": CLIENTS.get(owner),
        "task_id": draw(st.sampled_from(TASKS)) if project_id else None,
        "task": draw(st.sampled_from(["Design", None])),
        "description": draw(st.sampled_from(["Work", "work", "Zoë's <b>", None])),
        "billable": billable,
        "tags": draw(st.sampled_from([[], ["a"], ["b", "a"], ["a", "b"], pd.NA])),
        "tag_ids": [],
        "start": start,
        "stop": start + dt.timedelta(seconds=seconds),
        "date": dt.datetime.combine(local.date(), dt.time()),
        "utc_offset": local.utcoffset(),
        "tracked_time": dt.timedelta(seconds=seconds),
        "amount": round(rate * seconds / 3600) / 100 if is_priced else None,
        "hourly_rate": rate / 100 if is_priced else None,
        "currency": draw(st.sampled_from(["EUR", "EUR", "USD", None])),
        "updated_at": start,
    }


def frame_of(rows, table=tables.TIME_ENTRIES):
    """Return a frame of these rows, typed as its table declares."""
    columns = {c.name: [row[c.name] for row in rows] for c in table}
    frame = {}
    for column in table:
        values = columns[column.name]
        if column.kind is tables.Kind.TIMESTAMP:
            frame[column.name] = pd.Series(pd.to_datetime(values, utc=True)).dt.as_unit("us")
        else:
            frame[column.name] = pd.Series(values, dtype=column.dtype)
    return pd.DataFrame(frame)


@st.composite
def rows(draw, max_size=8):
    """Draw entries as dicts, in any order, ids apart."""
    numbers = draw(
        st.lists(
            st.integers(1, 50) | st.integers(LARGE, LARGE + 50), max_size=max_size, unique=True
        )
    )
    return [draw(entry(number)) for number in numbers]


def projects(currency="EUR"):
    """Return the listing of the projects, all but one that entries name."""
    listed = [
        {
            "id": project_id,
            "name": PROJECTS[project_id] or "Unnamed",
            "client_id": owner,
            "active": project_id != 11,
            "billable": True,
            "color": None,
            "currency": currency,
        }
        for project_id, owner in OWNERS.items()
    ]
    return frame_of(listed, tables.PROJECTS)
