"""Ranges of days from ``--from``, ``--to`` and ``--period``."""

from __future__ import annotations

import datetime as dt
from typing import Any

from togglframe import clock
from togglframe.api.dates import check_range, day, fixed_today
from togglframe.cli.options import Days
from togglframe.errors import ConfigError
from togglframe.reports.periods import DayRange, parse_period

__all__ = ["days_of", "period_of", "today_of"]


def today_of(option: str | None) -> dt.date:
    """Return the day of ``--today``, by default this machine's."""
    return fixed_today("--today", option) or clock.today()


def period_of(option: str, text: str, today: dt.date) -> DayRange:
    """Return the period that an option names."""
    try:
        return parse_period(text, today)
    except ConfigError as error:
        raise ConfigError(f"{option}: {error}") from error


def days_of(days: Days, today: str | None, default: str = "this-month") -> dict[str, Any]:
    """Return the range of ``--from``, ``--to`` or ``--period``, as reports take it.

    Parameters
    ----------
    days : Days
        The options; without ``--to`` the range extends to today.
    today : str, optional
        The day of ``--today``.
    default : str
        The period without an option.

    Raises
    ------
    ConfigError
        If it is not a valid range.
    """
    now = today_of(today)
    if days.period is not None and (days.start is not None or days.end is not None):
        raise ConfigError("give --from and --to, or --period, not both")
    if days.end is not None and days.start is None:
        raise ConfigError("--to needs --from; both days are included")
    if days.start is None:
        parsed = period_of("--period", default if days.period is None else days.period, now)
        return {"start_date": parsed.start, "end_date": parsed.end}
    first, last = day("--from", days.start), now if days.end is None else day("--to", days.end)
    if days.end is None and first > now:
        raise ConfigError(f"--from {first} is in the future, and --to is missing: add --to")
    if first > last:
        raise ConfigError(f"--from {first} is after --to {last}")
    check_range(first.isoformat(), last.isoformat())
    return {"start_date": first, "end_date": last}
