"""Invoice lines from billable time."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import ConfigError
from togglframe.reports._entries import (
    By,
    amount_cents,
    columns_by,
    entries,
    group_list,
    grouped,
    made,
    name_columns,
    with_names,
)
from togglframe.reports._frames import to_hours
from togglframe.reports._record import Report
from togglframe.reports.selection import Names, NamesOrNone, Period, Selection
from togglframe.reports.sources import Source
from togglframe.tables import MS_PER_HOUR, Table
from togglframe.tables.validation import milliseconds

__all__ = ["invoice_lines"]


Rounding = Literal["up", "nearest", "down"]

_ROUNDINGS: Final = get_args(Rounding)
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
    if isinstance(rounding_minutes, bool) or not isinstance(rounding_minutes, int | np.integer):
        message = f"rounding_minutes must be a whole number of minutes, not {rounding_minutes!r}"
        raise TypeError(message)
    if not 1 <= rounding_minutes <= _DAY:
        raise ConfigError(f"rounding_minutes must be from 1 to {_DAY}, not {rounding_minutes!r}")
    return int(rounding_minutes)


def shape_of_lines(by: Sequence[str]) -> Table:
    """Return the table of lines grouped by these; the client is always included."""
    return tables.INVOICE_LINES.choose(columns_by([one for one in by if one != "client"]))


def join_invoice_lines(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None = None,
    *,
    selected: Selection,
    by: list[str],
    rounding: Rounding | None,
    rounding_minutes: int | None,
    **names: pd.DataFrame,
) -> pd.DataFrame:
    """Sum the billable time of every client by rate, as lines of an invoice."""
    groups = ["client", *(one for one in by if one != "client")]
    columns = ["date", "billable", "tracked_time", "amount", "hourly_rate", "currency"]
    found = entries(time_entries, projects, [*columns, *name_columns(groups)], selected)
    cents = amount_cents(found)
    is_billable = found["billable"].fillna(value=False)
    billed = found[is_billable].assign(cents=cents[is_billable]).reset_index(drop=True)
    lines = grouped(billed, groups, None, "hourly_rate", "currency")
    tracked = milliseconds(billed["tracked_time"])
    summed = lines.sum(
        tracked=tracked,
        billed=_rounded(tracked, rounding, rounding_minutes),
        cents=billed["cents"],
        n_unknown=billed["cents"].isna().astype("Int64"),
    )
    named = with_names(summed, found, groups, projects=projects, **names).assign(
        n_entries=lines.count(),
        tracked_hours=to_hours(summed["tracked"]),
        billed_hours=to_hours(summed["billed"]),
        amount=(summed["cents"] / 100).mask(summed["n_unknown"] > 0)
        if rounding is None
        else _priced(summed["billed"], summed["hourly_rate"]),
    )
    return made(named, shape_of_lines(groups))


def _rounded(ms: pd.Series[Any], rounding: Rounding | None, minutes: int | None) -> pd.Series[Any]:
    """Return each duration rounded to whole steps; "nearest" rounds half up."""
    if rounding is None or minutes is None:
        return ms
    step = minutes * _MS_PER_MINUTE
    more = {"up": step - 1, "nearest": step // 2, "down": 0}[rounding]
    whole: pd.Series[Any] = (ms + more) // step * step
    return whole


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
    *, by: object, rounding: object, rounding_minutes: object, **others: Any
) -> dict[str, Any]:
    minutes = minutes_of(rounding, rounding_minutes)
    groups = group_list("invoice_lines", by)
    return {"by": groups, "rounding": rounding, "rounding_minutes": minutes, **others}


INVOICE_LINES: Final = Report(
    name="invoice_lines",
    table=tables.INVOICE_LINES,
    needs=("time_entries", "projects"),
    at_hand=("clients", "users", "tasks"),
    check=_checked,
    shape=lambda given: shape_of_lines(given["by"]),
    samples=({}, {"by": ["client", "task"]}, {"by": [], "rounding": "up"}),
    join=join_invoice_lines,
)


def invoice_lines(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Sequence[By] = ("project", "user"),
    rounding: Rounding | None = None,
    rounding_minutes: int | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Sum the billable time of every client by rate, as lines of an invoice.

    One row per client, combination of `by`, rate and currency. Only billable entries count. Without
    rounding, the amount is what the API says, to the cent, and a single entry with an unknown
    amount makes the amount of the line NA. With rounding, the amount is the billed hours times the
    rate, rounded half up to the cent once per line, and NA without a rate.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    by : str or sequence of str
        What to group by, besides client, rate and currency: "user", "project", "client", "task",
        "billable", "description", "tags".
    rounding : {"up", "nearest", "down"}, optional
        How to round the time of every entry; nearest rounds half up. By default nothing is rounded.
    rounding_minutes : int, optional
        The interval to round to [min], from 1 to 1440; by default 15. Only with `rounding`.
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
