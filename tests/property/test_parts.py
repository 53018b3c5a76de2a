"""Reports of single entries that come part after part are those of all at once, to the last bit."""

import datetime as dt

import joins
import pandas as pd
from busy_entries import busy_rows, entry_at, listed_users
from entries_data import frame_of, projects, rows
from examples import times
from hypothesis import example, given
from hypothesis import strategies as st

from togglframe.reports.planning import record_of
from togglframe.reports.selection import EVERYTHING

NOW = dt.datetime(2026, 9, 26, 14, tzinfo=dt.UTC)
LIMITS = {"max_entry_hours": 4, "max_day_hours": 4, "workdays_only": False, "holidays": {}}

# One that runs for weeks, over several parts; two whose days are apart and whose hours are not,
# since the clocks are; a user who is renamed.
BORDERS = [
    entry_at(1, "2026-03-20T10:00", 24 * 30),
    entry_at(2, "2026-03-31T11:30", 2, offset=13),
    entry_at(3, "2026-03-31T11:00", 1, offset=-10),
    entry_at(4, "2026-04-02T10:00", 1, user="Ann Lee"),
    entry_at(5, "2026-04-10T10:00", 1, user=None),
]


def in_parts(frame, cuts):
    """Cut entries before these days; a part may be empty."""
    places = frame["date"].map(lambda day: sum(day.date() >= cut for cut in cuts))
    return [frame[places == nth].reset_index(drop=True) for nth in range(len(cuts) + 1)]


def joined(name, parts, **given):
    """Join time entries in parts, as the report of an archive does."""
    return record_of(name).join(time_entries=parts, selected=EVERYTHING, **given)


days = st.dates(dt.date(2026, 3, 20), dt.date(2026, 4, 10)) | st.dates(
    dt.date(2024, 2, 1), dt.date(2026, 11, 30)
)


@times(1 / 3)  # an example takes a fifth of a second
@given(busy_rows() | rows(), st.lists(days, max_size=6))
@example(BORDERS, [dt.date(2026, 4, 1)])
@example(BORDERS, [dt.date(2026, 3, 31), dt.date(2026, 4, 1), dt.date(2026, 4, 3)])
def test_reports_of_parts_are_those_of_all_entries(entries, cuts):
    frame = frame_of(entries)
    parts = in_parts(frame, cuts)
    listings = {"projects": projects(), "users": listed_users()}
    pd.testing.assert_frame_equal(
        joined("timesheet", iter(parts), **listings), joins.timesheet(frame, **listings)
    )
    pd.testing.assert_frame_equal(
        joined("entry_audit", iter(parts), projects=projects(), now=NOW, **LIMITS),
        joins.entry_audit(frame, projects(), now=NOW, **LIMITS),
    )
