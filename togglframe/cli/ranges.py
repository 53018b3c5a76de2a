"""Ranges of days in words: 2026-10, 2026-W43, last-month, this-week."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd

from togglframe.api.dates import check_range, day
from togglframe.errors import ConfigError
from togglframe.reports.selection import period_days
from togglframe.text.guesses import did_you_mean

__all__ = ["WORDS", "days_of"]

_LENGTHS: Final = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}
WORDS: Final = (
    "today",
    "yesterday",
    *(f"{which}-{length}" for length in _LENGTHS for which in ("this", "last")),
)


def days_of(
    start: str | None,
    end: str | None,
    period: str | None,
    today: dt.date,
    *,
    default: str = "this-month",
) -> dict[str, dt.date]:
    """Return the range of ``--from``, ``--to`` or ``--period``, as reports take it.

    Parameters
    ----------
    start, end : str, optional
        The first and the last day; without `end`, up to today.
    period : str, optional
        A month, week or year, or one of `WORDS`.
    today : date
        The day on which the command runs.
    default : str
        The period if nothing is given.

    Raises
    ------
    ConfigError
        If it is not a valid range.
    """
    if period is not None and (start is not None or end is not None):
        raise ConfigError("give --from and --to, or --period, not both")
    if end is not None and start is None:
        raise ConfigError("--to needs --from; both days are included")
    if start is None:
        first, last = _days_of_period(default if period is None else period, today)
    else:
        first, last = day("--from", start), today if end is None else day("--to", end)
        if end is None and first > today:
            raise ConfigError(f"--from {first} is in the future, and --to is missing: add --to")
        if first > last:
            raise ConfigError(f"--from {first} is after --to {last}")
        check_range(first.isoformat(), last.isoformat())
    return {"start_date": first, "end_date": last}


def _days_of_period(text: str, today: dt.date) -> tuple[dt.date, dt.date]:
    word = text.strip().lower().replace(" ", "-").replace("_", "-")
    if word in ("today", "yesterday"):
        one = today - dt.timedelta(days=word == "yesterday")
        return one, one
    which, _, length = word.partition("-")
    if which in ("this", "last") and length in _LENGTHS:
        found = pd.Period(today, _LENGTHS[length])
        whole = found - 1 if which == "last" else found
        return whole.start_time.date(), min(whole.end_time.date(), today)
    try:
        return period_days(text.strip())
    except ConfigError as error:
        raise ConfigError(
            f"--period must be a month (2026-10), a week (2026-W43), a year (2026), or one of "
            f"{', '.join(WORDS)}; not {text!r}{did_you_mean(word, WORDS)}"
        ) from error
