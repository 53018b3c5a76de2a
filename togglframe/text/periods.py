"""Periods, from days to years: which ones a frame has, their names, and which are cut short."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, get_args

import numpy as np
import numpy.typing as npt
import pandas as pd

from togglframe.errors import ConfigError
from togglframe.tables.provenance import NOT_HELD, fetched_at, of, stamp
from togglframe.text.formats import plural

Every = Literal["day", "week", "month", "quarter", "year"]

# Weeks begin on Monday, so they end on Sunday.
FREQUENCY: Final = {"day": "D", "week": "W-SUN", "month": "M", "quarter": "Q-DEC", "year": "Y-DEC"}
_MOST_DAYS: Final = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}
DAYS: Final = ("start_date", "end_date")
SNAPSHOTS: Final = ("since", "as_of")  # the days of the two


@dataclass(frozen=True)
class Periods:
    """The periods of the range of a frame, including those without an entry.

    If the range is not known, they are those from the first to the last of the frame.

    Parameters
    ----------
    every : str
        How long one is: "day", "week", "month", "quarter" or "year".
    starts : DatetimeIndex
        The first day of each.
    covered : tuple of Timestamp, or None
        The first and last day that the frame covers, if known.
    not_held : frozenset of str
        Months in this range that the frame has no data for, such as "2026-10".
    today : Timestamp, optional
        The day of the frame, else that on which it was fetched, if known.
    """

    every: str
    starts: pd.DatetimeIndex
    covered: tuple[pd.Timestamp, pd.Timestamp] | None = None
    not_held: frozenset[str] = frozenset()
    today: pd.Timestamp | None = None

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def count(self) -> str:
        """How many there are: ``4 weeks``."""
        return plural(len(self), self.every)

    @property
    def whole(self) -> pd.DatetimeIndex:
        """The first days of those that the frame covers whole, and that had ended by its today."""
        are_cut = pd.Series(range(len(self))).isin([*self.cut]).to_numpy()
        return self.starts[~are_cut & self._have_ended]

    @property
    def final(self) -> pd.DatetimeIndex:
        """The first days of those that had ended, and of which an archive lacks no day."""
        return self.whole if self.not_held else self.starts[self._have_ended]

    @property
    def _have_ended(self) -> npt.NDArray[np.bool_]:
        ends = self.starts.to_period(FREQUENCY[self.every]).end_time
        return (
            np.ones(len(self), dtype=bool) if self.today is None else np.asarray(ends < self.today)
        )

    @property
    def comparable(self) -> pd.DatetimeIndex:
        """The whole ones that a mean counts: of days, those from Monday to Friday, if any."""
        days = self.whole[self.whole.day_of_week < 5] if self.every == "day" else self.whole
        return self.whole if days.empty else days

    @property
    def each(self) -> str:
        """What one of them is called: ``week``; ``weekday`` where weekends are left out."""
        return self.every if len(self.comparable) == len(self.whole) else "weekday"

    def until(self, last: pd.Timestamp) -> Periods:
        """Leave out those to come, but for those until `last`, that of the last entry."""
        if self.today is None or pd.isna(last):
            return self
        end = max(self.today, last)
        return replace(self, starts=self.starts[self.starts <= end])

    def ends_of(self, starts: pd.Series[Any]) -> pd.Series[Any]:
        """Return the last day of each of these periods."""
        days: pd.Series[Any] = starts.dt.to_period(FREQUENCY[self.every]).dt.end_time.dt.normalize()
        return days

    @property
    def with_year(self) -> bool:
        """Whether every date must have its year."""
        return bool(len(self)) and self.starts[0].year != self.starts[-1].year

    def dates(self, starts: Sequence[pd.Timestamp], *, with_year: bool) -> list[str]:
        """Write periods: ``5 Oct 2026`` for a day or week, ``Oct 2026``, ``Q4 2026``, ``2026``."""
        if self.every == "year":
            return [str(start.year) for start in starts]
        if self.every == "quarter":
            return [f"Q{start.quarter}{f' {start.year}' if with_year else ''}" for start in starts]
        days = ["" if self.every == "month" else f"{start.day} " for start in starts]
        years = [f" {start.year}" if with_year else "" for start in starts]
        months = [start.month_name()[:3] for start in starts]
        return [f"{d}{m}{y}" for d, m, y in zip(days, months, years, strict=True)]

    @property
    def notes(self) -> dict[int, str]:
        """What to write beside each that is not whole, by position: ``so far``, ``3 of 7 days``."""
        notes, cut = {}, self.cut
        for position in np.flatnonzero(~self.starts.isin(self.whole)).tolist():
            period = self.starts[position].to_period(FREQUENCY[self.every])
            if self.today is None or period.end_time < self.today:
                notes[position] = cut[position]
            else:
                notes[position] = "so far" if period.start_time <= self.today else ""
        return notes

    @property
    def cut(self) -> dict[int, str]:
        """The periods of which the frame has only a part, by position: ``3 of 7 days``."""
        if self.covered is None:
            return {}
        cut = {}
        ends = {0, len(self) - 1} if len(self) else set()
        for position in range(len(self)) if self.not_held else sorted(ends):
            period = self.starts[position].to_period(FREQUENCY[self.every])
            whole = (period.end_time.normalize() - period.start_time).days + 1
            first, last = (
                max(self.covered[0], period.start_time),
                min(self.covered[1], period.end_time),
            )
            days = pd.date_range(first, last.normalize()).strftime("%Y-%m")
            if (held := int((~days.isin(list(self.not_held))).sum())) < whole:
                cut[position] = f"{held} of {plural(whole, 'day')}"
        return cut

    def cut_in_words(self, shown: Iterable[pd.Timestamp]) -> str:
        """Say which period is cut, of those that begin on the days shown.

        Such as ``the range covers 3 of 7 days of the first week``.
        """
        which = {0: "first", len(self) - 1: "last"} if len(self) > 1 else {0: "only"}
        cut = {at: words for at, words in self.cut.items() if self.starts[at] in {*shown}}
        parts = [f"{cut[at]} of the {which[at]} {self.every}" for at in which if at in cut]
        if others := len(cut) - len(parts):
            parts.append(f"not all days of {plural(others, f'other {self.every}')}")
        covers = "the data covers" if self.not_held else "the range covers"
        return f"{covers} {' and '.join(parts)}" if parts else ""


def periods_of(frame: pd.DataFrame, every: str | None = None) -> Periods:
    """Return the periods of a frame, whose length is the argument, in attrs, or inferred."""
    starts = pd.DatetimeIndex(frame["period"].dropna().unique()).sort_values()
    length = every or _stated_length(frame, starts) or length_of(starts)
    not_held = frozenset(of(frame).get(NOT_HELD, ()))
    days, present = _range_of(frame), starts
    if days is not None:
        first, last = (day.to_period(FREQUENCY[length]).start_time for day in days)
        if not starts.empty and (starts[0] < first or last < starts[-1]):  # another frame by now
            days = None
        else:
            present = starts.union(_days_held(*days, not_held))
    if present.empty:
        return Periods(length, present)
    grid = pd.period_range(present[0], present[-1], freq=FREQUENCY[length]).start_time
    return Periods(length, pd.DatetimeIndex(grid), days, not_held, _today_of(frame))


def begun_periods(frame: pd.DataFrame) -> Periods:
    """Return the periods of a frame that has each of them, without those to come."""
    periods = periods_of(frame).until(frame["period"].min())
    return replace(periods, starts=periods.starts[periods.starts <= frame["period"].max()])


def by_period(
    frame: pd.DataFrame, key: Sequence[str], column: str, periods: Periods
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """Sum a column by key and period; nan where a key has no row in a period.

    The first frame has one row for each key: the first of the frame, with the sum of the column.
    """
    known = frame[frame[column].notna() & frame["period"].notna()]
    groups = [known[name] for name in key] or [pd.Series(0, known.index)]
    first = known.index.to_series().groupby(groups, dropna=False).transform("first")
    sums = known.groupby([first, "period"])[column].sum().unstack()  # noqa: PD010
    sums = sums.reindex(columns=periods.starts).astype("float64")
    rows = frame.loc[sums.index].assign(**{column: sums.sum(axis=1)})
    return rows.reset_index(drop=True), sums.to_numpy()


def _today_of(frame: pd.DataFrame) -> pd.Timestamp | None:
    known = of(frame)
    moment = fetched_at(known)
    day = known.get("today") or (None if moment is None else moment.date())
    return None if day is None else pd.Timestamp(str(day))


def _days_held(
    first: pd.Timestamp, last: pd.Timestamp, not_held: frozenset[str]
) -> pd.DatetimeIndex:
    """Return the days of a range, without months that there is no data for."""
    days = pd.date_range(first, last)
    return days[~days.strftime("%Y-%m").isin(list(not_held))]


def _stated_length(frame: pd.DataFrame, starts: pd.DatetimeIndex) -> str | None:
    """Return the length of periods in the attrs of a frame, None if they are others by now."""
    every = str(of(frame).get("every"))
    return every if every in get_args(Every) and all_begin(starts, every) else None


def refuse_overlaps(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the frame; refuse one of periods of several lengths, whose hours would count twice.

    Raises
    ------
    ConfigError
        If weeks and months are mixed, or a period has more days than its length.
    """
    starts = pd.DatetimeIndex(frame["period"].dropna().unique())
    stated = _stated_length(frame, starts)
    are_mondays, are_firsts = starts.day_of_week == 0, starts.day == 1
    is_mixed = (are_mondays | are_firsts).all() and not (are_mondays.all() or are_firsts.all())
    most = _MOST_DAYS[stated or length_of(starts)]
    if (stated is None and is_mixed) or ("n_days" in frame and (frame["n_days"] > most).any()):
        raise ConfigError(
            "The periods of the frame overlap, as weeks and months in one frame do, so that hours "
            "would count twice: draw each length by itself. If each period is a day, say "
            "every='day' where the report or the chart takes it."
        )
    return frame


def months_in_words(months: Iterable[str]) -> str:
    """Name months as 2026-10, adjacent ones as a range."""
    numbered = [(pd.Period(month, "M").ordinal, month) for month in sorted(months)]
    runs = itertools.groupby(enumerate(numbered), lambda each: each[1][0] - each[0])
    named = [[month for _, (_, month) in run] for _, run in runs]
    return ", ".join(run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in named)


def length_of(starts: pd.DatetimeIndex) -> str:
    """Return the length of periods that begin on these days."""
    if (starts.day_of_week == 0).all():
        return "week"
    return "month" if (starts.day == 1).all() else "day"


def all_begin(starts: pd.DatetimeIndex, every: str) -> bool:
    """Tell whether a period of this length begins on each of these days."""
    first = starts.to_period(FREQUENCY[every]).start_time
    return bool((first == starts).all())


def range_in_words(first: dt.date, last: dt.date) -> str:
    """Write a range of days: ``October 2026``, ``1 to 15 October 2026``, ``2026``."""
    start, end = pd.Timestamp(first), pd.Timestamp(last)
    are_months = start.is_month_start and end.is_month_end
    are_years = start.is_year_start and end.is_year_end
    from_words, to_words = (
        [
            *([] if are_months else [str(day.day)]),
            *([] if are_years else [day.month_name()]),
            str(day.year),
        ]
        for day in (start, end)
    )
    if from_words == to_words:
        return " ".join(to_words)
    while from_words[-1] == to_words[len(from_words) - 1]:
        from_words.pop()
    return f"{' '.join(from_words)} to {' '.join(to_words)}"


def within(name: str) -> str:
    """Put a range into a sentence: ``in Q2``, ``on 5 October``, ``from 1 to 25 October``."""
    if " to " in name:
        return f"from {name}"
    return f"{'on' if name[0].isdigit() and ' ' in name else 'in'} {name}"


def two_ranges(frame: pd.DataFrame) -> tuple[str, str]:
    """Write the range of a comparison, and the one before: ``Q3 2026``, ``Q2 2026``."""
    now, before = (days_in(of(frame).get(name) or {}) for name in ("filters", "before"))
    if now is None or before is None:
        return "now", "before"
    return _range_name(*now), _range_name(*before)


def days_in(
    known: Mapping[str, Any], names: tuple[str, str] = DAYS
) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day in provenance or filters, None if they have lost one."""
    try:
        first, last = (dt.date.fromisoformat(str(known.get(name))[:10]) for name in names)
    except ValueError:
        return None
    return first, last


def _range_name(first: dt.date, last: dt.date) -> str:
    code = range_code(first, last)
    is_quarter = "-Q" in code and " to " not in code
    return f"{code[5:]} {code[:4]}" if is_quarter else range_in_words(first, last)


def range_code(first: dt.date, last: dt.date) -> str:
    """Write a range of days for the name of a file: ``2026-10``, ``2026-Q3 to 2026-Q4``."""
    ends = {
        every: (pd.Period(first, frequency), pd.Period(last, frequency))
        for every, frequency in FREQUENCY.items()
    }
    every = next(
        every
        for every in ("year", "quarter", "month", "week", "day")
        if ends[every][0].start_time.date() == first and ends[every][1].end_time.date() == last
    )
    codes = dict.fromkeys(period_code(one.start_time, every) for one in ends[every])
    return " to ".join(codes)


def period_code(start: dt.date, every: str) -> str:
    """Write a period as `period=` takes it: 2026-06, 2026-W23, 2026-Q3."""
    if every == "quarter":
        return f"{start.year}-Q{(start.month + 2) // 3}"
    return start.strftime({"day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}.get(every, "%Y"))


def with_length(frame: pd.DataFrame, every: str | None) -> pd.DataFrame:
    """Return the frame with the length of its periods in its attrs."""
    if every is None:
        return frame
    known = of(frame)
    return stamp(frame.copy(deep=False), **{**known, "every": every})


def no_day_is_over(frame: pd.DataFrame) -> bool:
    """Return whether the range of a frame begins on its today, or later."""
    days, today = _range_of(frame), _today_of(frame)
    return days is not None and today is not None and days[0] >= today


def _range_of(frame: pd.DataFrame) -> tuple[pd.Timestamp, pd.Timestamp] | None:
    days = days_in(of(frame).get("filters") or {})
    if days is None or days[0] > days[1]:
        return None
    return pd.Timestamp(str(days[0])), pd.Timestamp(str(days[1]))
