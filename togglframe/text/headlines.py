"""What a frame says, in one sentence of at most 60 characters: the headlines of all outputs."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import numpy as np
import pandas as pd

from togglframe.tables import CHANGE_OF, CLIENT_BUDGET_BY_CURRENCY, Kind
from togglframe.tables.provenance import of
from togglframe.tables.workspaces import count_of, key_of
from togglframe.text.formats import (
    WEEKDAY_NAMES,
    all_of,
    format_hours,
    format_money,
    format_percent,
    format_times,
    format_whole,
    format_whole_hours,
    in_words,
    month_name,
    plural,
)
from togglframe.text.measures import (
    above_zero,
    by_user,
    compared_measures,
    floats,
    hours_of,
    id_or_name,
    in_order,
    kind_of,
    known,
    latest,
    on_the_clock,
    overrun,
    total_amount,
    total_hours,
    went_over,
    with_capacity,
    with_margin,
    with_retainers,
)
from togglframe.text.names import group_of, names_of, shorten
from togglframe.text.periods import (
    SNAPSHOTS,
    Periods,
    begun_periods,
    days_in,
    no_day_is_over,
    periods_of,
    two_ranges,
    within,
)

MOST: Final = 60  # characters of a headline
_LEAST_NAME: Final = 24  # characters of a name, if there are shorter words around it
_NAME: Final = 40  # cells of a name in it, at first


def with_name(text: str, name: str = "") -> str:
    """Return a sentence with a name for ``{}``, cut so that the headline fits."""
    for cells in range(_NAME, 5, -1):
        headline = text.replace("{}", shorten(name, cells), 1)
        if len(headline) <= MOST:
            break
    return headline


def share(part: float, whole: float) -> str:
    """Write a share as people say it: ``half``, ``a third``, ``81 %``."""
    ratio = part / whole
    percent = format_percent(ratio)
    if ratio > 0 and percent == "0 %":
        return "less than 1 %"
    if ratio < 1 and percent == "100 %":
        return "more than 99 %"
    if 0.48 <= ratio <= 0.52:
        return "half"
    if 0.32 <= ratio <= 0.35:
        return "a third"
    return percent


def sentence(text: str) -> str:
    """Begin with a capital letter."""
    return text[:1].upper() + text[1:]


def budget(frame: pd.DataFrame) -> str:
    """Say how many projects overran their estimates, and by how much."""
    estimated = frame[frame["progress"].notna()]
    over = above_zero(estimated, "overrun_hours")
    if frame.empty:
        return "No projects"
    if estimated.empty:
        return incomparable(frame)
    if over.empty:
        near = int((estimated["budget_state"] == "at_risk").sum()) if "budget_state" in frame else 0
        close = f"; {near:,} {'is' if near == 1 else 'are'} close" if near else ""
        return f"No project has overrun{close}" if close else "No project has overrun its estimate"
    by = hours_over(total_hours(over, "overrun"))
    if len(estimated) == 1:
        return with_name(f"{{}} overran its estimate by {by}", names_of(over, "project")[0])
    of = f"{len(over):,} of {len(estimated):,} projects"
    if len(over) == len(estimated):
        of = f"{all_of(len(over))} projects"
    full = f"{of} with an estimate overran, by {by}"
    return full if len(full) <= MOST else f"{of} overran, by {by}"


def hours_over(hours: float) -> str:
    """Write hours above zero for a headline."""
    return "less than 0.1 h" if round(hours, 1) == 0 else format_whole_hours(hours)


def incomparable(frame: pd.DataFrame) -> str:
    """Say why no project can be measured against an estimate."""
    count = len(frame)
    if frame["tracked_hours"].isna().all():
        return f"The tracked hours of {plural(count, 'project')} are unknown"
    lacking = "an estimate"
    if "estimated_hours" in frame and len(above_zero(frame, "estimated_hours")):
        lacking = "both an estimate and known hours"
    if count == 1:
        return f"The only project does not have {lacking}"
    return f"None of {count:,} projects has {lacking}"


def billable(frame: pd.DataFrame, *, by_share: bool = False) -> str:
    """Say what share of the hours is billable or, ordered by share, how many projects bill none."""
    rows = known(frame, "tracked_hours", "billable_hours")
    tracked, part = total_hours(rows, "tracked"), total_hours(rows, "billable")
    if frame.empty:
        return "No projects"
    if rows.empty:
        return f"The billable hours of {plural(len(frame), 'project')} are unknown"
    if not tracked:
        return f"Nothing is tracked on {plural(len(rows), 'project')}"
    worked = above_zero(rows, "tracked_hours")
    none = worked[floats(worked, "billable_hours") == 0]
    if by_share and len(none) == 1 < len(worked):
        return with_name(f"{{}} bills nothing: {_tracked(none)}", names_of(none, "project")[0])
    if by_share and 0 < len(none) < len(worked):
        return f"{len(none):,} projects bill nothing: {_tracked(none)}"
    if part in (0, tracked):
        return "All hours are billable" if part else "No hours are billable"
    return sentence(f"{share(part, tracked)} of the hours are billable")


def _tracked(rows: pd.DataFrame) -> str:
    return format_whole_hours(total_hours(rows, "tracked"))


def clients(frame: pd.DataFrame) -> str:
    """Say what overruns cost, and what finished projects gave back."""
    if frame.empty:
        return "No clients"
    if "tracked_hours" in frame and frame["tracked_hours"].isna().all():
        return f"The tracked hours of {plural(len(frame), 'client')} are unknown"
    if frame["variance_hours"].isna().all():
        return "No client has a project to compare with an estimate"
    over = total_hours(frame, "gross_overrun")
    saved = total_hours(frame, "saved")
    cost = f"Overruns cost {hours_over(over)}" if over else "No project overran"
    back = f"; finished projects gave back {hours_over(saved)}" if saved else ""
    return cost + back


def amounts(frame: pd.DataFrame) -> str:
    """Say which client brings the largest share of the most frequent currency."""
    seen = above_zero(frame, "amount")
    if frame.empty:
        return "No clients"
    if seen.empty:
        return "No amounts are known" if frame["amount"].isna().all() else "No client has an amount"
    rows = most_frequent(seen)
    first = in_order(rows, CLIENT_BUDGET_BY_CURRENCY, "amount").iloc[:1]
    (name,), most = names_of(first, "client"), float(first["amount"].iloc[0])
    if len(rows) == 1:
        return with_name(f"{{}} brings {money(most, rows)}", name)
    code = rows["currency"].iloc[0]
    whole = "amounts of unknown currency" if pd.isna(code) else code
    return with_name(f"{{}} is {share(most, total_amount(rows))} of all {whole}", name)


def most_frequent(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the currency that most rows have, a known one first."""
    parts = [part for _, part in rows.groupby("currency", dropna=False)]
    return max(parts, key=lambda part: (part["currency"].notna().all(), len(part)))


def money(amount: float, rows: pd.DataFrame) -> str:
    """Write an amount with the currency of rows that have one: ``EUR 195,001``."""
    code = rows["currency"].iloc[0]
    return (
        f"{format_money(amount)} of unknown currency"
        if pd.isna(code)
        else (f"{code} {format_money(amount)}")
    )


def earnings(frame: pd.DataFrame) -> str:
    """Say what the last whole period earned, and how it differs from the one before."""
    seen = known(frame, "amount", "period")
    if frame.empty:
        return "No amounts"
    if seen.empty:
        return "No amounts are known"
    rows, periods = most_frequent(seen), periods_of(frame)
    if periods.whole.empty:
        return f"{money(total_amount(rows), rows)} so far"
    sums = _by_period(rows, "amount", periods.whole)
    last = periods.whole[-1]
    earned = f"{sentence(_period(last, periods))} earned {money(float(sums.iloc[-1]), rows)}"
    if len(sums) < 2 or sums.iloc[-2] <= 0:
        return earned
    change = float(sums.iloc[-1] / sums.iloc[-2]) - 1
    before = "the week before" if periods.every == "week" else "the day before"
    if periods.every in ("month", "quarter", "year"):
        before = _period(periods.whole[-2], periods)
    if round(100 * change) == 0:
        return _if_short(earned, f", as much as {before}")
    more = "more" if change > 0 else "less"
    return _if_short(earned, f", {format_percent(abs(change))} {more} than {before}")


def _if_short(text: str, more: str) -> str:
    return text + more if len(text + more) <= MOST else text


def _by_period(rows: pd.DataFrame, column: str, starts: pd.DatetimeIndex) -> pd.Series[Any]:
    """Return the sums of these periods, 0 where nothing was tracked."""
    sums = rows.groupby("period")[column].sum().astype("float64")
    return sums.reindex(starts, fill_value=0.0)


def _period(start: pd.Timestamp, periods: Periods) -> str:
    """Name a period: ``October``, ``the week from 13 July``; the year only if several matter."""
    year = f" {start.year}" if start.year != periods.starts[-1].year else ""
    if periods.every == "month":
        return f"{month_name(start)}{year}"
    if periods.every in ("quarter", "year"):
        return periods.dates([start], with_year=True)[0]
    day = f"{start.day} {month_name(start)}{year}"
    return f"the week from {day}" if periods.every == "week" else day


def tasks(frame: pd.DataFrame) -> str:
    """Say what share of the tasks stayed within their estimates."""
    measured = above_zero(frame, "accuracy_ratio")
    ratios = floats(measured, "accuracy_ratio")
    if frame.empty:
        return "No tasks"
    if measured.empty:
        return "No task can be measured against an estimate"
    if len(ratios) == 1:
        times = format_times(float(ratios[0]))
        name = names_of(measured, "task")[0] if "task" in measured else "The task"
        return with_name(f"{{}} took {times} its estimate", name)
    within = int((ratios <= 1).sum())
    if within in (0, len(ratios)):
        return f"{'All' if within else 'None of'} the tasks stayed within their estimate"
    return sentence(f"{share(within, len(ratios))} of the tasks stayed within their estimate")


def hours(frame: pd.DataFrame, *, is_recent: bool = False) -> str:
    """Say how much is tracked in a whole period, and when the most was; of recent ones, how many.

    Such as ``613 h a week; the most, 713 h, from 13 July`` and ``In the last 8 weeks: …``.
    """
    seen = known(frame, "tracked_hours", "period")
    if frame.empty:
        return "No hours"
    if seen.empty:
        return "No tracked hours are known"
    periods = periods_of(frame)
    sums = _by_period(seen, "tracked_hours", periods.whole)
    if not sums.any():
        so_far = " so far" if "so far" in periods.notes.values() else ""
        return f"{format_whole_hours(total_hours(seen, 'tracked'))}{so_far}"
    longest = _by_period(seen, "tracked_hours", periods.final)  # a part may be more than a whole
    when = _period(pd.Timestamp(str(longest.idxmax())), periods)
    if len(longest) == 1:
        inside = "on" if periods.every == "day" else "in"
        return f"{format_whole_hours(float(sums.iloc[0]))} {inside} {when}"
    at = {"week": "from", "day": "on"}.get(periods.every, "in")
    values = sums[periods.comparable].mean(), longest.max()
    mean, top = (format_whole_hours(float(value)) for value in values)
    start = f"In the last {periods.count}: " if is_recent else ""
    said = f"{start}{mean} a {periods.each}; the most, {top}"
    return _if_short(said, f", {at} {when.removeprefix('the week from ')}")


def people(frame: pd.DataFrame) -> str:
    """Say who has the longest whole weeks, on average."""
    seen = known(frame, "tracked_hours", "period")
    if frame.empty:
        return "No users"
    if seen.empty:
        return "No tracked hours are known"
    periods = periods_of(frame)
    starts = periods.comparable
    rows = seen[seen["period"].isin(starts if len(starts) else periods.starts)]
    if above_zero(rows, "tracked_hours").empty:
        return "Nobody tracked a whole " + periods.each
    sums = rows.groupby(key_of(rows, id_or_name(rows, "user")), dropna=False)["tracked_hours"]
    means = sums.transform("sum").astype("float64") / max(len(starts), 1)
    first = rows.loc[[means.idxmax()]]
    (name,), mean = names_of(first, "user"), format_hours(float(means.max()))
    what = f"longest {periods.every}s" if len(starts) else "most hours"
    return with_name(f"{{}} has the {what}: {mean}", name)


def capacity(frame: pd.DataFrame) -> str:
    """Say how much of the capacity was used, and how many people are over theirs."""
    rows = with_capacity(frame)
    if frame.empty:
        return "No users"
    if rows.empty:
        begins_now = no_day_is_over(frame)
        return "No day is over yet, so no capacity counts" if begins_now else "No capacity is known"
    users = by_user(rows)
    over = int((floats(users, "tracked_hours") > floats(users, "capacity_hours")).sum())
    used = format_percent(total_hours(rows, "tracked") / total_hours(rows, "capacity"))
    who = (
        "nobody is"
        if not over
        else f"{in_words(over)} {'person is' if over == 1 else 'people are'}"
    )
    return f"{used} of the capacity was used; {who} over theirs"


def burn(frame: pd.DataFrame) -> str:
    """Say when a project will have used its estimate or, of several, how many overran."""
    last = latest(frame)
    if frame.empty:
        return "No projects"
    if last.empty:
        return "No tracked hours are known"
    if len(last) > 1:
        estimated = last[last["progress"].notna()]
        over = estimated[overrun(estimated) > 0]
        if over.empty:
            return "No project has overrun its estimate"
        by = float(np.nansum(overrun(over)))
        return f"{len(over):,} of {len(estimated):,} projects overran, by {hours_over(by)}"
    (name,) = names_of(last, "project")
    used = float(overrun(last)[0])
    if np.isnan(used):
        hours_in_all = format_whole_hours(total_hours(last, "cumulative"))
        return with_name(f"{{}} has used {hours_in_all}", name)
    if used > 0:
        return with_name(f"{{}} overran its estimate by {hours_over(used)}", name)
    when = _finish(last.iloc[0])
    if not when:
        progress = format_percent(last["progress"].iloc[0])
        return with_name(f"{{}} has used {progress} of its estimate", name)
    room = MOST - min(len(name), _LEAST_NAME) + len("{}")
    verbs = ("will have used its estimate", "runs out of hours", "runs out")
    texts = [f"{{}} {verb} {when}" for verb in verbs]
    return with_name(next((text for text in texts if len(text) <= room), texts[-1]), name)


def _finish(row: pd.Series[Any]) -> str:
    """Say when an estimate is used up: ``by mid-March``, ``between February and May``."""
    low, median, high = (row.get(name) for name in ("finish_low", "finish", "finish_high"))
    if pd.notna(low) and pd.notna(high) and (low.year, low.month) != (high.year, high.month):
        years = [f" {day.year}" if low.year != high.year else "" for day in (low, high)]
        return f"between {month_name(low)}{years[0]} and {month_name(high)}{years[1]}"
    if pd.notna(median):
        return f"by {part_of_month(median, row['period'])}"
    return f"not before {part_of_month(low, row['period'])}" if pd.notna(low) else ""


def part_of_month(day: date, now: date) -> str:
    """Write about when a day is: ``early May``, ``mid-March``, ``late June 2027``."""
    part = "early " if day.day <= 10 else "mid-" if day.day <= 20 else "late "
    return f"{part}{month_name(day)}{f' {day.year}' if day.year != now.year else ''}"


def changes(frame: pd.DataFrame) -> str:
    """Say how many projects have overrun since the earlier snapshot."""
    since = f"since {since_of(frame)}"
    over = frame[went_over(frame)]
    if frame.empty:
        return f"No changes {since}"
    if len(over) == 1:
        return with_name(f"{{}} has overrun {since}", names_of(over, "project")[0])
    return f"{f'{len(over):,} projects have' if len(over) else 'No project has'} overrun {since}"


def since_of(frame: pd.DataFrame) -> str:
    """Return the day of the earlier snapshot, which a frame may have lost: ``2 November``."""
    days = days_in(of(frame), SNAPSHOTS)
    if days is None:
        return "the earlier snapshot"
    since, now = days
    year = f" {since.year}" if since.year != now.year else ""
    return f"{since.day} {month_name(since)}{year}"


def comparison(frame: pd.DataFrame, measure: str = "") -> str:
    """Say what changed most between two ranges of days, and by how much."""
    measure = measure or compared_measures(frame)[0]
    rows = known(frame, measure + CHANGE_OF)
    if frame.empty:
        return "Nothing to compare"
    if rows.empty:
        return "No change is known"
    changes = floats(rows, measure + CHANGE_OF)
    at = int(np.argmax(np.abs(changes)))
    change, first = float(changes[at]), rows.iloc[[at]]
    since = _than(frame)
    if not change:
        return "Nothing changed"
    kind = kind_of(measure)
    by = money(abs(change), first) if kind is Kind.MONEY else format_whole(abs(change))
    by = f"{by}{' h' if kind is Kind.HOURS else ''} {'more' if change > 0 else 'less'}"
    entity = group_of(frame)
    if not entity or len(rows) == 1:
        name = names_of(first, entity)[0] if entity else "In all"
        return with_name(f"{{}}: {by}{since}", name)
    verbs = ("added", "lost") if entity == "user" else ("grew", "shrank")
    start = f"{{}} {verbs[change < 0]} most: {by}"
    (name,) = names_of(first, entity)
    is_short = len(start + since) + min(len(name), _LEAST_NAME) - len("{}") <= MOST
    return with_name(start + (since if is_short else " than before"), name)


def _than(frame: pd.DataFrame) -> str:
    """Say what a range is compared with: ``than in Q2``, ``than from 1 to 25 October``."""
    now, before = two_ranges(frame)
    if not before[-1].isdigit():
        return " than before"
    year = f" {before[-4:]}"
    name = before.removesuffix(year) if now.endswith(year) and before != year[1:] else before
    return f" than {within(name)}"


def retainers(frame: pd.DataFrame) -> str:
    """Say how many retainers are used up, in the last period of the frame."""
    seen = known(frame, "period", "available_hours", "tracked_hours")
    if frame.empty:
        return "No retainers"
    if seen.empty:
        return "No hours of retainers are known"
    periods = begun_periods(seen)
    start = periods.starts[-1]
    rows = seen[seen["period"] == start]
    tracked = floats(rows, "tracked_hours")
    left = floats(rows, "available_hours") - tracked
    used = int(((tracked > 0) & (left <= 0)).sum())
    is_over = start in periods.whole
    inside = "on" if periods.every == "day" else "in"
    when = f" {inside} {_period(start, periods)}" if is_over else ""
    if len(rows) == 1:
        (name,) = names_of(with_retainers(rows), "retainer")
        has, are = ("had", "was") if is_over else ("has", "is")
        rest = f"{are} used up" if used else f"{has} {format_whole_hours(float(left[0]))} left"
        return with_name(f"{{}} {rest}{when}", name)
    are = ("was" if used < 2 else "were") if is_over else ("is" if used < 2 else "are")
    if not used:
        return f"No retainer {are} used up{when}"
    count = all_of(used) if used == len(rows) else f"{used:,} of {len(rows):,}"
    return f"{count} retainers {are} used up{when}"


def balances(frame: pd.DataFrame) -> str:
    """Say who is furthest over or under the hours that were expected."""
    seen = known(frame, "period", "running_hours")
    if frame.empty:
        return "No users"
    if seen.empty:
        return "No schedule is known"
    seen = seen[seen["period"].isin(begun_periods(seen).starts)].sort_values("period")
    last = seen.groupby(key_of(seen, id_or_name(seen, "user")), dropna=False).tail(1)
    running = floats(last, "running_hours")
    at = int(np.argmax(np.abs(running)))
    if round(abs(running[at]), 1) == 0:
        return "Nobody is over or under"
    (name,) = names_of(last.iloc[[at]], "user")
    hours_by = format_whole_hours(abs(float(running[at])))
    return with_name(f"{{}} is {hours_by} {'over' if running[at] > 0 else 'under'}", name)


def rates(frame: pd.DataFrame) -> str:
    """Say how many people cost more than they bill."""
    rows = with_margin(frame)
    if frame.empty:
        return "No memberships"
    if rows.empty:
        return "No rate and cost are known"
    dear = rows[floats(rows, "unit_margin") < 0]
    count = count_of(dear, id_or_name(dear, "user"), dropna=False)
    if not count:
        return "Nobody costs more than they bill"
    if count == 1:
        return with_name("{} costs more than is billed", names_of(dear, "user")[0])
    return f"{count:,} people cost more than they bill"


def timesheet(entries: pd.DataFrame) -> str:
    """Say who tracked how much, and when."""
    rows = on_the_clock(entries)
    if entries.empty:
        return "No time entries"
    if rows.empty:
        return "No entry has a known time"
    count = count_of(rows, id_or_name(rows, "user"), dropna=False)
    who = names_of(rows.iloc[:1], "user")[0] if count == 1 else plural(count, "person", "people")
    tracked = format_hours(hours_of(rows["tracked_time"]))
    return with_name(f"{{}}: {tracked} {_days(rows['date'].min(), rows['date'].max())}", who)


def _days(first: pd.Timestamp, last: pd.Timestamp) -> str:
    """Write a range of days: ``from Monday to Friday``, ``from 5 to 16 October``."""
    if first == last:
        return f"on {first.day} {month_name(first)}"
    if (last - first).days < 7 and first.weekday() < last.weekday():
        return f"from {WEEKDAY_NAMES[first.weekday()]} to {WEEKDAY_NAMES[last.weekday()]}"
    month = "" if (first.year, first.month) == (last.year, last.month) else f" {month_name(first)}"
    years = ["", ""] if first.year == last.year else [f" {first.year}", f" {last.year}"]
    return f"from {first.day}{month}{years[0]} to {last.day} {month_name(last)}{years[1]}"
