"""The totals of a budget by client and of the workspace."""

from __future__ import annotations

from typing import Any

import pandas as pd

from togglframe.joins._frames import (
    cents,
    checked,
    count,
    finished,
    look_up,
    per_hour,
    positive,
    ratio,
    sums,
    to_hours,
)
from togglframe.tables import (
    CLIENT_HOURS,
    CLIENT_SUMMARY,
    PROJECT_BUDGET,
    WORKSPACE_HOURS,
    WORKSPACE_SUMMARY,
    Table,
)
from togglframe.tables.validation import milliseconds


def client_summary(budget: pd.DataFrame) -> pd.DataFrame:
    """Sum a budget by client and currency.

    One row is a client and a currency; projects without a client get a row too, and so do those
    without a currency. The hours of a client with two currencies are in two rows:
    :func:`client_hours` has them in one.

    Parameters
    ----------
    budget : pandas.DataFrame
        As :func:`project_budget` returns it.

    Returns
    -------
    pandas.DataFrame
        The table `client_summary`: by `gross_overrun_hours` [h], then by `progress` [1], the
        largest first and NA last, then by `client_id` and `currency`. `progress` [1] and
        `variance_hours` [h] compare only projects with an estimate above zero and a known
        tracked time; `estimate_coverage` [1] is their share of the tracked time. Hours under the
        estimate are `saved_hours` [h] on archived projects and `remaining_hours` [h] on the
        others, so that ``variance_hours == gross_overrun_hours - saved_hours -
        remaining_hours``. A sum of nothing but NA is NA.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a project twice, or if
        durations or amounts are too large for exact sums; the error names the row.

    See Also
    --------
    togglframe.reports.client_summary : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> clients = tf.joins.client_summary(budget)
    >>> bool(clients["n_projects"].sum() == len(budget))
    True
    """
    totals = _with_client_names(_totals(budget, CLIENT_SUMMARY), budget)
    return finished(totals, CLIENT_SUMMARY)


def client_hours(budget: pd.DataFrame) -> pd.DataFrame:
    """Sum the hours of a budget by client, across currencies and therefore without money.

    One row is a client; projects without a client get a row too.

    Parameters
    ----------
    budget : pandas.DataFrame
        As :func:`project_budget` returns it.

    Returns
    -------
    pandas.DataFrame
        The table `client_hours`: by `gross_overrun_hours` [h], then by `progress` [1], the
        largest first and NA last, then by `client_id`. The columns are defined as in
        :func:`client_summary`.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a project twice, or if
        durations are too large for exact sums; the error names the row.

    See Also
    --------
    togglframe.reports.client_hours : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> bool(tf.joins.client_hours(budget)["client_id"].is_unique)
    True
    """
    totals = _with_client_names(_totals(budget, CLIENT_HOURS), budget)
    return finished(totals, CLIENT_HOURS)


def workspace_summary(budget: pd.DataFrame) -> pd.DataFrame:
    """Sum a budget by currency.

    One row is a currency; projects whose currency is unknown are in the row NA.

    Parameters
    ----------
    budget : pandas.DataFrame
        As :func:`project_budget` returns it.

    Returns
    -------
    pandas.DataFrame
        The table `workspace_summary`: by `tracked_hours` [h], the largest first and NA last,
        then by `currency`.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a project twice, or if
        durations or amounts are too large for exact sums; the error names the row.

    See Also
    --------
    togglframe.reports.workspace_summary : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> currencies = tf.joins.workspace_summary(budget)["currency"]
    >>> bool(currencies.is_unique)
    True
    """
    return finished(_totals(budget, WORKSPACE_SUMMARY), WORKSPACE_SUMMARY)


def workspace_hours(budget: pd.DataFrame) -> pd.DataFrame:
    """Sum the hours of a budget, across currencies and therefore without money.

    The one row is the workspace, even if it has no projects.

    Parameters
    ----------
    budget : pandas.DataFrame
        As :func:`project_budget` returns it.

    Returns
    -------
    pandas.DataFrame
        The table `workspace_hours`, exactly one row. Where there is nothing to sum, hours [h] are
        NA and counts are 0.

    Raises
    ------
    ConfigError
        If the frame lacks a column, has one of another dtype or contains a project twice, or if
        durations are too large for exact sums; the error names the row.

    See Also
    --------
    togglframe.reports.workspace_hours : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import togglframe as tf
    >>> budget = tf.reports.project_budget(tf.demo())
    >>> len(tf.joins.workspace_hours(budget))
    1
    """
    totals = _totals(budget, WORKSPACE_HOURS).reindex([0])
    counts = [name for name in WORKSPACE_HOURS.names if name.startswith("n_")]
    totals[counts] = totals[counts].fillna(0)
    return finished(totals, WORKSPACE_HOURS)


def _totals(budget: pd.DataFrame, table: Table) -> pd.DataFrame:
    """Sum a budget by the key of the table, with money only if the table has it."""
    has_money = "amount" in table
    times = ["tracked_time", "estimated_time", "billable_time"]
    columns = [*table.key, "active", "budget_state", *times, *(["amount"] if has_money else [])]
    project = checked(budget, PROJECT_BUDGET, " ".join(columns), summed=times)
    measures = _counts(project) | _times(project) | (_money(project) if has_money else {})
    total = sums(pd.DataFrame(measures), project[list(table.key)])
    if has_money:
        total["amount"] = total["cents"] / 100
        total["effective_rate"] = per_hour(total["price"], total["priced"])
    return total.assign(
        tracked_hours=to_hours(total["tracked"]),
        billable_hours=to_hours(total["billable"]),
        billable_share=ratio(total["shared"], total["sharing"]),
        comparable_tracked_hours=to_hours(total["comparable"]),
        estimated_hours=to_hours(total["estimate"]),
        progress=ratio(total["comparable"], total["estimate"]),
        variance_hours=to_hours(total["comparable"] - total["estimate"]),
        gross_overrun_hours=to_hours(total["overrun"]),
        saved_hours=to_hours(total["saved"]),
        remaining_hours=to_hours(total["remaining"]),
        estimate_coverage=ratio(total["comparable"], total["tracked"]),
    )


def _counts(project: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    state = project["budget_state"]
    return {
        "n_projects": count(project["project_id"].notna()),
        "n_active": count(project["active"]),
        "n_over": count(state == "over"),
        "n_at_risk": count(state == "at_risk"),
        "n_no_estimate": count(state == "no_estimate"),
    }


def _times(project: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    tracked, billable = (
        milliseconds(project["tracked_time"]),
        milliseconds(project["billable_time"]),
    )
    estimate = positive(milliseconds(project["estimated_time"]))
    variance = tracked - estimate
    is_comparable = variance.notna()
    under = (-variance).clip(lower=0)
    is_archived = (~project["active"]).fillna(value=False)
    return {
        "tracked": tracked,
        "billable": billable,
        "shared": billable.where(tracked.notna()),
        "sharing": tracked.where(billable.notna()),
        "comparable": tracked.where(is_comparable, tracked * 0),
        "estimate": estimate.where(is_comparable),
        "overrun": variance.clip(lower=0),
        "saved": under.mask(~is_archived, under * 0),
        "remaining": under.mask(is_archived, under * 0),
    }


def _money(project: pd.DataFrame) -> dict[str, pd.Series[Any]]:
    amount, billable = cents(project, PROJECT_BUDGET), milliseconds(project["billable_time"])
    return {
        "cents": amount,
        "price": amount.where(billable.notna()),
        "priced": billable.where(amount.notna()),
    }


def _with_client_names(totals: pd.DataFrame, budget: pd.DataFrame) -> pd.DataFrame:
    named = checked(budget, PROJECT_BUDGET, "client_id client")
    names = named.groupby("client_id")["client"].first().reset_index()
    return look_up(totals, names, "client_id")
