"""Ranges of days from ``--from``, ``--to`` and ``--period``."""

from __future__ import annotations

import datetime as dt

from togglframe.api.dates import check_range, day
from togglframe.errors import ConfigError
from togglframe.reports.periods import parse_period


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
        A period, such as 2026-10 or last-month.
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
    try:
        found = parse_period(text, today)
    except ConfigError as error:
        raise ConfigError(f"--period: {error}") from error
    return found.start, found.end
