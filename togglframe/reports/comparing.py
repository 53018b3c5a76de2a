"""Compare a report of two ranges of days."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.http.quota import Plan
from togglframe.reports._across import across
from togglframe.reports._record import Report, listings_of
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports.listings import LISTINGS
from togglframe.reports.periods import DayRange, Period, parse_period
from togglframe.reports.planning import (
    arguments_by_workspace,
    arguments_of,
    plan,
    planned_by,
    record_of,
    records,
)
from togglframe.reports.sources import Listings
from togglframe.tables import BEFORE, CHANGE_OF, SHARE_OF_CHANGE, Column, Kind, Table
from togglframe.tables.provenance import NOT_HELD, combined, of, stamp
from togglframe.text.formats import plural
from togglframe.text.measures import exact, exact_unit
from togglframe.warning import warn

__all__ = ["compare"]

# What somebody without time entries in a range could have, so that no row does not mean 0.
_NOT_TRACKED: Final = frozenset({"capacity_hours", "idle_hours"})


def _plan(
    source: Sources,
    report: str | Callable[..., pd.DataFrame],
    *,
    period: Period,
    before: Period | None = None,
    **parameters: Any,
) -> Plan:
    """Return what a comparison would cost now: the report of both ranges."""
    record, shared = _checked(report, parameters), _shared(source, parameters)
    now, earlier, _ = _ranges(period, before, _today_of(shared))
    of_now, of_earlier = (
        plan(shared, record.name, **{**parameters, **_arguments(days)}) for days in (now, earlier)
    )
    if not of_now.by_workspace:
        return _plan_of_both(of_now, of_earlier)
    pairs = {n: (one, of_earlier.by_workspace[n]) for n, one in of_now.by_workspace.items()}
    return Plan.of_all({number: _plan_of_both(*pair) for number, pair in pairs.items()})


def _plan_of_both(of_now: Plan, of_earlier: Plan) -> Plan:
    """Return the plan of two ranges, which have the listings without a range in common."""
    both = of_now.with_more(of_earlier)
    entries = {
        name: of_now.costs.get(name, 0) + of_earlier.costs.get(name, 0)
        for name in both.costs
        if LISTINGS[name].is_ranged
    }
    return replace(both, costs={**both.costs, **entries})


@planned_by(_plan)
def compare(
    source: Sources,
    report: str | Callable[..., pd.DataFrame],
    *,
    period: Period,
    before: Period | None = None,
    **parameters: Any,
) -> pd.DataFrame:
    """Compare a report of a range of days with the same report of the range before.

    One row per group of the report, in either range.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or several sources
        Where the listings come from, as the report takes it; several as :func:`across` takes them.
    report : str or callable
        A report of a range of days: its name, such as "hours", or the function.
    period : str, date, Timestamp or pandas.Period
        The range, such as "2026-Q3" or "last-month". Of one that holds today or later days, only
        the days before today are compared, with as many from the start of the range before.
    before : str, date, Timestamp or pandas.Period, optional
        The range to compare with; by default the one before, of the same kind and length.
    **parameters
        The parameters of the report, for both ranges, such as `by`; not `every`, since each range
        is one period.

    Returns
    -------
    DataFrame
        The key of the report without its period, with the names; then for each column that adds up,
        such as `tracked_hours` [h] or `amount` [currency]:

        - tracked_hours : Float64 [h]. Its value in the range.
        - tracked_hours_before : Float64 [h]. Its value in the range before.
        - tracked_hours_change : Float64 [h]. The difference.
        - tracked_hours_change_share : Float64 [1]. The difference over the value before; NA where
          that is 0 or unknown.

        The exact times, such as `tracked_time_change`, come last. Days, rates and ratios are left
        out. A group of one range alone has 0 in the other, NA where it is unknown. Ordered by the
        absolute change of `tracked_hours`, or else of the first measure, then by key.

        In ``attrs["togglframe"]``, `filters` has the range and `before` the one before; of a range
        that has begun, `begun` says how many days are compared, such as "first 5 days", or "first
        30 days against 28" where the one before is shorter.

    Raises
    ------
    ConfigError
        If the report has no range of days (:meth:`togglframe.Archive.changes` compares two
        snapshots of such a report), lists single entries or is of whole periods, if a period is
        invalid, or with `every`.
    TypeError
        If it is not a report.

    Warns
    -----
    CompletenessWarning
        If the range begins today or later: no day of it is over, so nothing is compared.

    See Also
    --------
    togglframe.pivot : A report as a wide table, such as months beside each other.
    togglframe.charts.comparison : The changes as a chart.

    Notes
    -----
    Costs the report of each range; listings that are not of a range are fetched once.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> change = tf.reports.compare(ws, "hours", period="2026-Q3", by="client")
    >>> change["tracked_hours_change"].head(2).round(1).tolist()
    [-347.9, 334.9]
    """
    record = _checked(report, parameters)
    shared = _shared(source, parameters)
    now, earlier, begun = _ranges(period, before, _today_of(shared))
    if now.n_days == 0:
        words = f"no day from {now.start} on is over yet, so nothing is compared"
        warn(CompletenessWarning(words))
    of_now, of_earlier = (_made(record, shared, days, parameters) for days in (now, earlier))
    return _compared(
        of_now,
        of_earlier,
        _table_of(record, shared, parameters),
        filters={**of(of_now)["filters"], **_written(now)},
        before=_written(earlier),
        **begun,
    )


def _checked(report: str | Callable[..., pd.DataFrame], parameters: Mapping[str, Any]) -> Report:
    """Return the record of a report; refuse one that has no two ranges to compare."""
    record = record_of(report)
    takes = inspect.signature(next(made for made, one in records() if one is record)).parameters
    if not {"start_date", "period"} <= takes.keys():
        raise ConfigError(
            f"{record.name} has no range of days to compare; Archive.changes compares it on two "
            "days of its snapshots"
        )
    if not {"id", "time_entry_id"}.isdisjoint(record.table.key):
        raise ConfigError(
            f"{record.name} lists single time entries, and no two ranges have one in common; "
            "compare hours or earnings"
        )
    if not record.table.is_comparable:
        raise ConfigError(f"{record.name} is of whole periods, and so not compared; compare hours")
    never = ("every", "start_date", "end_date")
    if not_taken := [name for name in never if parameters.get(name) is not None]:
        raise ConfigError(
            f"compare takes no {not_taken[0]}: each of its two ranges is one period, which period= "
            "and before= say"
        )
    return record


def _shared(source: Any, parameters: Mapping[str, Any]) -> Listings | dict[int, Listings]:
    """Return the source for both ranges, so that what they have in common is fetched once."""
    if are_several(source) or "by_workspace" in parameters:
        return listings_by_workspace(source)
    return listings_of(source)


def _today_of(shared: Listings | dict[int, Listings]) -> dt.date:
    return min(one.today for one in ([shared] if isinstance(shared, Listings) else shared.values()))


def _ranges(
    period: Period, before: Period | None, today: dt.date
) -> tuple[DayRange, DayRange, dict[str, str]]:
    """Return both ranges as they are compared, and how many days a begun one leaves."""
    now = parse_period(period, today)
    earlier = now.before if before is None else parse_period(before, today)
    return until_today(now, earlier, today)


def until_today(
    now: DayRange, earlier: DayRange, today: dt.date
) -> tuple[DayRange, DayRange, dict[str, str]]:
    """Return both ranges, cut to the days before today, and how many days that leaves."""
    counts = [(today - one.start).days for one in (now, earlier) if one.end >= today]
    if not counts:
        return now, earlier, {}
    count = max(min(counts), 0)
    now, earlier = _first_days(now, count), _first_days(earlier, count)
    days = f"first {plural(now.n_days, 'day')}" if count else "no day before today"
    against = f" against {earlier.n_days}" if earlier.n_days != now.n_days else ""
    return now, earlier, {"begun": days + against}


def _first_days(days: DayRange, count: int) -> DayRange:
    return replace(days, end=min(days.end, days.start + dt.timedelta(days=count - 1)))


def _written(days: DayRange) -> dict[str, str]:
    return {"start_date": str(days.start), "end_date": str(max(days.start, days.end))}


def _made(
    record: Report,
    shared: Listings | dict[int, Listings],
    days: DayRange,
    parameters: Mapping[str, Any],
) -> pd.DataFrame:
    """Make the report of a range, which has no days if it starts today."""
    arguments = {**parameters, **_arguments(days)}
    if isinstance(shared, Listings):
        frame = record.make(shared, **arguments_of(record, arguments))
    else:
        frame = across(shared, record.name, **arguments)
    return frame if days.start <= days.end else frame.head(0)


def _arguments(days: DayRange) -> dict[str, dt.date]:
    return {"start_date": min(days.start, days.end), "end_date": days.end}


def _table_of(
    record: Report, shared: Listings | dict[int, Listings], parameters: Mapping[str, Any]
) -> Table:
    """Return the table of the report with these parameters."""
    if isinstance(shared, Listings):
        table = record.table_of(record.parse(arguments_of(record, parameters)))
        return table.across() if shared.workspaces else table
    of_all = {name: value for name, value in parameters.items() if name != "by_workspace"}
    by_number = arguments_by_workspace(record, shared, of_all, parameters.get("by_workspace"))
    return record.table_of(record.parse(by_number[min(shared)])).across()


def _compared(
    now: pd.DataFrame, earlier: pd.DataFrame, of_report: Table, **known: Any
) -> pd.DataFrame:
    """Join two frames of a report by its key without the period."""
    table = of_report.comparison()
    both = pd.concat([now, earlier], ignore_index=True).assign(everything=0)
    keys = both[["everything", *table.key]]
    if "tags" in keys:  # lists, which cannot be grouped
        keys = keys.assign(tags=keys["tags"].map(str, na_action="ignore"))
    codes = keys.groupby([*keys], dropna=False).ngroup()
    names = [column.name for column in table.ids_and_names if column.name in of_report]
    groups = both[["everything", *names]].groupby(codes).first()
    if "tags" in groups:
        groups["tags"] = groups["tags"].fillna(pd.NA)  # not None
    measures = {
        name: values
        for measure in of_report.summed
        for name, values in _in_two_ranges(
            measure,
            _sums(now, measure, codes.iloc[: len(now)], groups.index),
            _sums(earlier, measure, codes.iloc[len(now) :], groups.index),
        ).items()
    }
    if repeated := groups.columns.intersection(list(measures)).tolist():
        raise ConfigError(f"{repeated[0]!r} is a column of the comparison: rename the group")
    made = pd.concat([groups, pd.DataFrame(measures, index=groups.index)], axis=1)
    change = made[of_report.leading.name + CHANGE_OF].abs()
    by_change = change.sort_values(ascending=False, kind="stable").index  # equal ones stay by key
    ordered = made.loc[by_change, table.names].reset_index(drop=True)
    typed = ordered.astype({column.name: column.dtype for column in table})
    if "names" in of(now):
        known["names"] = of(now)["names"]
    return stamp(typed, **combined([now, earlier], table=table.name, **known))


def _sums(
    frame: pd.DataFrame, measure: Column, codes: pd.Series[Any], groups: pd.Index[Any]
) -> pd.Series[Any]:
    """Sum a measure of a range exactly by group; one that is not there has 0, if that is known."""
    sums = exact(frame, measure).groupby(codes.to_numpy()).sum(min_count=1).reindex(groups)
    if measure.name in _NOT_TRACKED or of(frame).get(NOT_HELD):
        return sums
    return sums.mask(~groups.isin(codes), 0)


def _in_two_ranges(
    measure: Column, now: pd.Series[Any], before: pd.Series[Any]
) -> dict[str, pd.Series[Any]]:
    """Return the columns of a measure, from exact sums of both ranges."""
    change = now - before
    values = {"": now, BEFORE: before, CHANGE_OF: change}
    if measure.kind is Kind.DURATION:
        return {measure.name + what: one for what, one in values.items()}
    unit = exact_unit(measure)
    columns = {measure.name + what: one / unit for what, one in values.items()}
    return {**columns, measure.name + SHARE_OF_CHANGE: change / before.mask(before == 0)}
