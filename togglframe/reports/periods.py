"""Parse periods: "2026-10", "2026-Q3", "2026-06..2026-11", "last-month", "last-7-days"."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from togglframe.api.dates import check_range, day
from togglframe.errors import ConfigError
from togglframe.text.guesses import did_you_mean
from togglframe.text.periods import FREQUENCY, period_code

Period = str | dt.date | pd.Period

_WRITTEN: Final[dict[str, re.Pattern[str]]] = {
    "day": re.compile(r"\d{4}-\d\d-\d\d"),
    "week": re.compile(r"(\d{4})-?w(\d\d?)"),
    "month": re.compile(r"\d{4}-\d\d"),
    "quarter": re.compile(r"(\d{4})-?q(\d)"),
    "year": re.compile(r"\d{4}"),
}
_EXAMPLES: Final = {
    "day": "2026-10-05",
    "week": "2026-W43",
    "month": "2026-10",
    "quarter": "2026-Q3",
    "year": "2026",
}
_LAST_FEW: Final = re.compile(r"last-(\d{1,5})-(day|week|month|quarter|year)s?")

WORDS: Final = (
    "today",
    "yesterday",
    *(f"{which}-{unit}" for unit in FREQUENCY if unit != "day" for which in ("this", "last")),
    *(f"last-{number}" for number in ("7-days", "4-weeks", "6-months", "2-quarters", "2-years")),
)
FORMS: Final = (
    "a day (2026-10-05), a week (2026-W43), a month (2026-10), a quarter (2026-Q3), a year (2026), "
    f"a span of two of a kind (2026-06..2026-11), {', '.join(WORDS[:-5])}, or whole ones before "
    f"the current one ({', '.join(WORDS[-5:])}, of any number)"
)


@dataclass(frozen=True)
class DayRange:
    """A range of days, both included, and the unit that it counts in."""

    start: dt.date
    end: dt.date
    unit: str = "day"

    @property
    def name(self) -> str:
        """The period as it is written: 2026-10, or 2026-06..2026-11."""
        first, last = (period_code(day, self.unit) for day in (self.start, self.end))
        return first if first == last else f"{first}..{last}"

    @property
    def n_days(self) -> int:
        """The number of its days."""
        return (self.end - self.start).days + 1

    @property
    def before(self) -> DayRange:
        """The range of the same unit and length that ends where this one starts."""
        first, last = (pd.Period(day, FREQUENCY[self.unit]) for day in (self.start, self.end))
        return _range(first - (last - first).n - 1, first - 1, self.unit)


def parse_period(period: object, today: dt.date) -> DayRange:
    """Parse a period into a range of days.

    Parameters
    ----------
    period : str, date, Timestamp or pandas.Period
        A day, week, month, quarter or year, a span of two of them, or a range that counts from
        today; see `FORMS`. ``this-…`` ends today, ``last-N-…`` before the current one.
    today : date
        The day from which relative periods count.

    Raises
    ------
    TypeError, ConfigError
        If it is not a period, or too far from now.
    """
    parsed = _parsed(period, today)
    try:
        check_range(parsed.start.isoformat(), parsed.end.isoformat())
    except ConfigError as error:
        raise ConfigError(f"period {str(period)!r}: {error}") from error
    return parsed


def _parsed(period: object, today: dt.date) -> DayRange:
    if isinstance(period, pd.Period):
        return _of_pandas(period)
    if isinstance(period, np.datetime64) and np.datetime_data(period)[0] in ("M", "Y"):
        period = str(period)  # 2026-10 or 2026: a month or a year, not its first day
    if isinstance(period, dt.date | np.datetime64) or period is pd.NaT:
        one = day("period", period)
        return DayRange(one, one)
    if not isinstance(period, str):
        raise TypeError(f"period must be a string such as '2026-10', not {period!r}")
    first, is_span, last = (_normalized(part) for part in period.partition(".."))
    if is_span:
        return _span(period, _written(period, first), _written(period, last))
    return _relative(first, today) or _written(period, first)


def _normalized(text: str) -> str:
    return re.sub(r"[\s_]+", "-", text.strip()).casefold()


def _of_pandas(period: pd.Period) -> DayRange:
    start, end = period.start_time.date(), period.end_time.date()
    units = {frequency: unit for unit, frequency in FREQUENCY.items()}
    return DayRange(start, end, units.get(period.freqstr.lstrip("0123456789"), "day"))


def _range(first: pd.Period, last: pd.Period, unit: str) -> DayRange:
    try:
        return DayRange(first.start_time.date(), last.end_time.date(), unit)
    except (NotImplementedError, ValueError) as error:  # of pandas, before the year 1
        raise ConfigError(f"the {unit} {first} is too far from now") from error


def _span(period: str, first: DayRange, last: DayRange) -> DayRange:
    if first.unit != last.unit:
        raise ConfigError(
            f"period {period!r} goes from a {first.unit} to a {last.unit}; "
            "a span has two of one kind"
        )
    if first.start > last.start:
        raise ConfigError(f"period {period!r} ends before it starts")
    return DayRange(first.start, last.end, first.unit)


def _relative(word: str, today: dt.date) -> DayRange | None:
    """Return a range that counts from today; None if it is not one."""
    if word in ("today", "yesterday"):
        one = today - dt.timedelta(days=word == "yesterday")
        return DayRange(one, one)
    if few := _LAST_FEW.fullmatch(word):
        count, unit = int(few[1]), few[2]
        current = pd.Period(today, FREQUENCY[unit])
        if not count:
            raise ConfigError(f"period {word!r} has no days; the least is last-1-{unit}s")
        return _range(current - count, current - 1, unit)
    which, _, unit = word.partition("-")
    if which not in ("this", "last") or unit == "day" or unit not in FREQUENCY:
        return None
    current = pd.Period(today, FREQUENCY[unit])
    if which == "this":
        return DayRange(current.start_time.date(), today, unit)
    return _range(current - 1, current - 1, unit)


def _written(period: str, text: str) -> DayRange:
    """Return the range of a day, week, month, quarter or year as it is written in ISO 8601."""
    for unit, pattern in _WRITTEN.items():
        if match := pattern.fullmatch(text):
            try:
                one = _period(unit, text, match)
            except ValueError as error:
                raise ConfigError(
                    f"there is no period {period!r}: {error}; a {unit} is written as in "
                    f"{_EXAMPLES[unit]}. A period is {FORMS}"
                ) from error
            return _range(one, one, unit)
    guess = did_you_mean(text, WORDS) or _month_meant(period)
    raise ConfigError(f"there is no period {period!r}{guess or '.'} A period is {FORMS}")


def _month_meant(text: str) -> str:
    """Return a question that suggests a month, such as "October 2026", as it is written."""
    try:
        meant = pd.Period(text)
    except ValueError:
        return ""
    has_year = str(meant.year) in text
    return f"; did you mean {meant}?" if has_year and meant.freqstr == "M" else ""


def _period(unit: str, text: str, match: re.Match[str]) -> pd.Period:
    if unit == "week":
        return pd.Period(dt.date.fromisocalendar(int(match[1]), int(match[2]), 1), "W-SUN")
    if unit == "quarter":
        return pd.Period(year=int(match[1]), quarter=int(match[2]), freq="Q-DEC")
    return pd.Period(text, FREQUENCY[unit])
