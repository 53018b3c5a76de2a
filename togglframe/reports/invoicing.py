"""Invoice lines from billable time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, cast, get_args

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.reports._entries import (
    By,
    Groups,
    Own,
    amount_cents,
    entries,
    group_list,
    grouped,
    made,
    name_columns,
    shaped,
    with_names,
)
from togglframe.reports._frames import to_hours
from togglframe.reports._record import Report
from togglframe.reports.selection import Names, NamesOrNone, Period, Selection
from togglframe.reports.sources import Source
from togglframe.tables import MS_PER_HOUR, Table
from togglframe.tables.validation import milliseconds
from togglframe.warning import warn

__all__ = ["invoice_lines"]


Rounding = Literal["up", "nearest", "down"]
RoundEach = Literal["entry", "day", "line"]

_ROUNDINGS: Final = get_args(Rounding)
_UNITS: Final = get_args(RoundEach)
_MS_PER_MINUTE: Final = 60_000
_DAY: Final = 24 * 60  # minutes
_DEFAULT_MINUTES: Final = 15
_CENT: Final = Decimal("0.01")


def minutes_of(rounding: object, rounding_minutes: object) -> int | None:
    """Return the interval to round to [min], None without rounding.

    Raises
    ------
    TypeError, ConfigError
        If there is no such rounding, or it is not to whole minutes.
    """
    if rounding is None:
        if rounding_minutes is None:
            return None
        raise ConfigError(
            f"rounding_minutes={rounding_minutes!r} has no effect without rounding, "
            "such as rounding='up'"
        )
    if not (isinstance(rounding, str) and rounding in _ROUNDINGS):
        choices = ", ".join(map(repr, _ROUNDINGS))
        raise ConfigError(
            f"rounding must be one of {choices}, or None for no rounding, not {rounding!r}"
        )
    if rounding_minutes is None:
        return _DEFAULT_MINUTES
    return _minutes("rounding_minutes", rounding_minutes, least=1)


def _minutes(name: str, minutes: object, *, least: int) -> int:
    if isinstance(minutes, bool) or not isinstance(minutes, int | np.integer):
        raise TypeError(f"{name} must be a whole number of minutes, not {minutes!r}")
    if not least <= minutes <= _DAY:
        raise ConfigError(f"{name} must be from {least} to {_DAY}, not {minutes!r}")
    return int(minutes)


@dataclass(frozen=True)
class Billing:
    """How the tracked time becomes the billed time.

    Parameters
    ----------
    rounding : {"up", "nearest", "down"}, optional
        How to round; by default not at all.
    rounding_minutes : int, optional
        The interval to round to [min].
    round_each : {"entry", "day", "line"}
        The unit that is rounded: an entry, the entries of a line on one day, or those of a line.
    minimum_minutes : int
        The least that is billed for such a unit [min].
    """

    rounding: Rounding | None = None
    rounding_minutes: int | None = None
    round_each: RoundEach = "entry"
    minimum_minutes: int = 0

    @property
    def is_exact(self) -> bool:
        """Whether what was tracked is what is billed."""
        return self.rounding is None and not self.minimum_minutes

    @property
    def in_words(self) -> str:
        """Say how what is billed differs from what was tracked; empty if it does not."""
        unit = {"entry": "Each entry", "day": "Each day of a line", "line": "Each line"}
        how = {"up": "up to", "nearest": "to the nearest", "down": "down to"}
        least = f"at least {self.minimum_minutes} minutes" if self.minimum_minutes else ""
        if self.rounding is not None:
            rounded = f"rounded {how[self.rounding]} {self.rounding_minutes} minutes"
            least = ", ".join(filter(None, [rounded, least]))
        return f"{unit[self.round_each]} is billed {least}" if least else ""

    def of(self, tracked: pd.Series[Any], lines: Groups, dates: pd.Series[Any]) -> pd.Series[Any]:
        """Return the billed time of each line [ms]; each unit is rounded once."""
        within: dict[RoundEach, list[Any]] = {"entry": [tracked.index], "day": [dates], "line": []}
        units = tracked.groupby([lines.codes, *within[self.round_each]]).sum()
        summed: pd.Series[Any] = self._billed(units).groupby(level=0).sum()
        return summed.reindex(lines.keys.index)

    def _billed(self, ms: pd.Series[Any]) -> pd.Series[Any]:
        """Return each duration in whole steps, "nearest" half up, and at least the minimum."""
        whole = ms
        if self.rounding is not None and self.rounding_minutes is not None:
            step = self.rounding_minutes * _MS_PER_MINUTE
            more = {"up": step - 1, "nearest": step // 2, "down": 0}[self.rounding]
            whole = (ms + more) // step * step
        return whole.clip(lower=self.minimum_minutes * _MS_PER_MINUTE).where(ms > 0, whole)


def billing_of(
    rounding: object = None,
    rounding_minutes: object = None,
    round_each: object = "entry",
    minimum_minutes: object = 0,
) -> Billing:
    """Validate how time is billed.

    Raises
    ------
    TypeError, ConfigError
        If one of them is impossible.
    """
    if not (isinstance(round_each, str) and round_each in _UNITS):
        choices = ", ".join(map(repr, _UNITS))
        raise ConfigError(f"round_each must be one of {choices}, not {round_each!r}")
    minutes = minutes_of(rounding, rounding_minutes)
    least = _minutes("minimum_minutes", minimum_minutes, least=0)
    return Billing(cast("Rounding | None", rounding), minutes, cast("RoundEach", round_each), least)


def shape_of_lines(by: Sequence[str]) -> Table:
    """Return the table of lines grouped by these; the client is always included."""
    return shaped(tables.INVOICE_LINES, [one for one in by if one != "client"], None)


def join_invoice_lines(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    selected: Selection,
    by: list[str],
    rounding: Rounding | None,
    rounding_minutes: int | None,
    round_each: RoundEach,
    minimum_minutes: int,
    **names: pd.DataFrame,
) -> pd.DataFrame:
    """Sum the billable time of every client by rate, as lines of an invoice."""
    billing = Billing(rounding, rounding_minutes, round_each, minimum_minutes)
    if selected.is_begun:
        _warn_of_begun(selected)
    groups = ["client", *(one for one in by if one != "client")]
    columns = ["date", "billable", "tracked_time", "amount", "hourly_rate", "currency"]
    matching = entries(time_entries, projects, [*columns, *name_columns(groups)], selected)
    cents = amount_cents(matching)
    is_billable = matching["billable"].fillna(value=False)
    billed = matching[is_billable].assign(cents=cents[is_billable]).reset_index(drop=True)
    lines = grouped(billed, groups, None, "hourly_rate", "currency")
    tracked = milliseconds(billed["tracked_time"])
    summed = lines.sum(
        tracked=tracked,
        cents=billed["cents"],
        n_unknown=billed["cents"].isna().astype("Int64"),
    )
    ms = billing.of(tracked, lines, billed["date"])
    named = with_names(summed, matching, groups, projects=projects, **names).assign(
        n_entries=lines.count(),
        tracked_hours=to_hours(summed["tracked"]),
        billed_hours=to_hours(ms),
        amount=(summed["cents"] / 100).mask(summed["n_unknown"] > 0)
        if billing.is_exact
        else _priced(ms, summed["hourly_rate"]),
    )
    return made(named, shape_of_lines(groups))


def _warn_of_begun(selected: Selection) -> None:
    """Warn of a range in which time may still be tracked."""
    message = (
        f"the range to invoice ends on {selected.end}, and today is {selected.today}: it is not "
        "over, and time may still be tracked in it"
    )
    warn(CompletenessWarning(message))


def _priced(ms: pd.Series[Any], rates: pd.Series[Any]) -> pd.Series[Any]:
    """Return the price of time at its rate, rounded half up to the cent; NA for an unknown rate."""
    amounts = [
        None if pd.isna(rate) else float(_exact_price(time, rate))
        for time, rate in zip(ms, rates, strict=True)
    ]
    return pd.Series(amounts, ms.index, dtype="Float64")


def _exact_price(ms: int, rate: float) -> Decimal:
    exact = Decimal(int(ms)) * Decimal(str(rate)) / MS_PER_HOUR
    return exact.quantize(_CENT, rounding=ROUND_HALF_UP)


def _checked(
    *,
    by: object,
    rounding: object,
    rounding_minutes: object,
    round_each: object,
    minimum_minutes: object,
    **others: Any,
) -> dict[str, Any]:
    billing = billing_of(rounding, rounding_minutes, round_each, minimum_minutes)
    return {
        "by": group_list("invoice_lines", by, tables.INVOICE_LINES),
        **asdict(billing),
        **others,
    }


INVOICE_LINES: Final = Report(
    name="invoice_lines",
    table=tables.INVOICE_LINES,
    needs=("time_entries", "projects"),
    at_hand=("clients", "users", "tasks"),
    check=_checked,
    shape=lambda params: shape_of_lines(params["by"]),
    samples=({}, {"by": ["client", "task"]}, {"by": [], "rounding": "up"}),
    join=join_invoice_lines,
)


def invoice_lines(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Own | Sequence[By | Own] = ("project", "user"),
    rounding: Rounding | None = None,
    rounding_minutes: int | None = None,
    round_each: RoundEach = "entry",
    minimum_minutes: int = 0,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Sum the billable time of every client by rate, as lines of an invoice.

    One row per client, combination of `by`, rate and currency. Only billable entries count. Without
    rounding or minimum, the amount is what the API says, to the cent, and a single entry with an
    unknown amount makes the amount of the line NA. With them, the amount is the billed hours times
    the rate, rounded half up to the cent once per line, and NA without a rate.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    by : str, mapping, or sequence of them
        What to group by, besides client, rate and currency: "user", "project", "client", "task",
        "billable", "description", "tags"; or own groups, as :func:`hours` takes them.
    rounding : {"up", "nearest", "down"}, optional
        How to round the time; nearest rounds half up. None, the default, does not round.
    rounding_minutes : int, optional
        The interval to round to [min], from 1 to 1440; by default 15. Only with `rounding`.
    round_each : {"entry", "day", "line"}
        What is rounded: every entry; the sum of a line's entries on one day; or the sum of the
        line. Nothing is rounded twice.
    minimum_minutes : int
        The least that is billed for each of these [min], from 0 to 1440, after rounding. What has
        no time is not billed.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or addresses.

    Returns
    -------
    DataFrame
        Ordered by client, the ids of `by`, rate and currency, NA last. The columns after the client
        are those that `by` names:

        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - task_id : Int64. Task id, NA without a task.
        - task : str. Name of the task.
        - billable : boolean. Whether the time is billable.
        - description : str. What was done, NA if there is no description.
        - tags : list of str or NA. All tags of the entries, sorted; NA if unknown.
        - hourly_rate : Float64 [currency]. Billable rate, per hour, NA if unknown.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - n_entries : Int64. Time entries.
        - tracked_hours : Float64 [h]. The billable time, as it was tracked.
        - billed_hours : Float64 [h]. The billable time, rounded as requested.
        - amount : Float64 [currency]. Amount to be paid, NA if a part of it is unknown.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Warns
    -----
    CompletenessWarning
        If the range holds today or later days, so that time may still be tracked in it.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days, and
    ``filters/projects``, since time entries do not hold the client id.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> lines = tf.reports.invoice_lines(ws, period="2026-03", rounding="up", rounding_minutes=15)
    >>> lines[["project", "user", "billed_hours", "hourly_rate", "amount"]].head(3)
                project              user  billed_hours  hourly_rate  amount
    0  Website relaunch       Anna Keller          12.0        160.0  1920.0
    1  Website relaunch   Jonas Lindqvist         13.25        160.0  2120.0
    2  Website relaunch  Tomasz Zieliński          12.0        160.0  1920.0
    """
    return INVOICE_LINES.make(**locals())
