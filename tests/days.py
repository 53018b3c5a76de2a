"""The day of the tests, of the docs and of the notebooks: no number in them depends on another."""

import datetime as dt
import os

TODAY = dt.date(2026, 11, 26)  # a Thursday; the demo's last time entry is of the day before
YESTERDAY = TODAY - dt.timedelta(1)

# Days on which a month, a week or a year has just begun; the nightly job draws one more.
BEGINNINGS = (
    dt.date(2027, 2, 1),  # a 1st of a month, and a Monday
    dt.date(2027, 1, 1),
    dt.date(2028, 2, 29),
    dt.date(2028, 3, 13),  # a Monday
)
ANY_DAYS = (
    *BEGINNINGS,
    *map(dt.date.fromisoformat, filter(None, [os.environ.get("TOGGLFRAME_DAY")])),
)


def first_day(day, every):
    """Return the first day of the period that a day is in."""
    return {
        "day": day,
        "week": day - dt.timedelta(day.weekday()),
        "month": day.replace(day=1),
        "quarter": day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": day.replace(month=1, day=1),
    }[every]
