"""Invoice lines: billable time by client, at its rates."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final, Literal, get_args

import numpy as np
import pandas as pd

from togglframe.api.dates import Day
from togglframe.api.parameters import Ids, IdsOrNone
from togglframe.errors import ConfigError
from togglframe.joins._entries import (
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
from togglframe.joins._frames import to_hours
from togglframe.reports.selection import Period, selection
from togglframe.tables import INVOICE_LINES, MS_PER_HOUR, Table
from togglframe.tables.validation import milliseconds

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
        said = f"rounding_minutes must be a whole number of minutes, not {rounding_minutes!r}"
        raise TypeError(said)
    if not 1 <= rounding_minutes <= _DAY:
        raise ConfigError(f"rounding_minutes must be from 1 to {_DAY}, not {rounding_minutes!r}")
    return int(rounding_minutes)


def shape_of_lines(by: Sequence[str]) -> Table:
    """Return the table of lines grouped by these; the client is always included."""
    return INVOICE_LINES.choose(columns_by([one for one in by if one != "client"]))


def invoice_lines(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame | None,
    clients: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    tasks: pd.DataFrame | None = None,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    by: By | Sequence[By] = ("project", "user"),
    rounding: Rounding | None = None,
    rounding_minutes: int | None = None,
    user_ids: Ids | None = None,
    client_ids: IdsOrNone | None = None,
    project_ids: IdsOrNone | None = None,
) -> pd.DataFrame:
    """Sum the billable time of every client by rate, as lines of an invoice.

    Parameters
    ----------
    time_entries : DataFrame
        As ``tf.search.time_entries`` returns them.
    projects : DataFrame
        As ``tf.filters.projects`` returns them; they provide the clients.
    clients, users, tasks : DataFrame, optional
        The listings; their names, and those of `projects`, take precedence over those in the
        entries.
    start_date, end_date, period, by, rounding, rounding_minutes : optional
        As :func:`togglframe.reports.invoice_lines` takes them; without a range, all entries.
    user_ids, client_ids, project_ids : optional
        As the report takes them.

    Returns
    -------
    DataFrame
        The table `invoice_lines`; see :func:`togglframe.reports.invoice_lines`.

    Raises
    ------
    ConfigError, TypeError
        If an argument is invalid, or a frame does not match its listing.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> entries = tf.search.time_entries(ws, start_date="2026-03-01", end_date="2026-03-31")
    >>> lines = tf.joins.invoice_lines(entries, tf.filters.projects(ws), rounding="up")
    >>> bool((lines["billed_hours"] >= lines["tracked_hours"]).all())
    True
    """
    chosen = selection(
        "invoice_lines",
        start_date=start_date,
        end_date=end_date,
        period=period,
        user_ids=user_ids,
        client_ids=client_ids,
        project_ids=project_ids,
    )
    minutes = minutes_of(rounding, rounding_minutes)
    groups = ["client", *(one for one in group_list("invoice_lines", by) if one != "client")]
    listings = {"projects": projects, "clients": clients, "users": users, "tasks": tasks}
    columns = ["date", "billable", "tracked_time", "amount", "hourly_rate", "currency"]
    found = entries(time_entries, projects, [*columns, *name_columns(groups)], chosen)
    cents = amount_cents(found)
    is_billable = found["billable"].fillna(value=False)
    billed = found[is_billable].assign(cents=cents[is_billable]).reset_index(drop=True)
    lines = grouped(billed, groups, None, "hourly_rate", "currency")
    tracked = milliseconds(billed["tracked_time"])
    summed = lines.sum(
        tracked=tracked,
        billed=_rounded(tracked, rounding, minutes),
        cents=billed["cents"],
        n_unknown=billed["cents"].isna().astype("Int64"),
    )
    named = with_names(summed, found, groups, listings).assign(
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
