"""The budget of every project: the only outer join, of statuses and projects."""

from __future__ import annotations

from numbers import Real
from typing import Final

import pandas as pd

from togglframe.errors import ConfigError
from togglframe.joins._frames import (
    budget_states,
    checked,
    finished,
    in_cents,
    look_up,
    per_hour,
    positive,
    ratio,
    to_hours,
)
from togglframe.tables import (
    CLIENTS,
    PROJECT_BUDGET,
    PROJECT_BUDGET_MEMBERS,
    PROJECT_STATUSES,
    PROJECT_USERS,
    PROJECTS,
)
from togglframe.tables.validation import milliseconds

_PRICES: Final = {
    f"{price}_{end}": (price, end)
    for price in ("hourly_rate", "labour_cost")
    for end in ("min", "max")
}


def project_budget(
    projects: pd.DataFrame,
    statuses: pd.DataFrame,
    clients: pd.DataFrame | None = None,
    members: pd.DataFrame | None = None,
    *,
    at_risk: float = 0.8,
) -> pd.DataFrame:
    """Compare the tracked time of every project with its estimate.

    One row is a project, including those with only a status (their name is NA) and those without
    a status yet (their hours are NA). The tracked hours sum to exactly those of `statuses`.

    Parameters
    ----------
    projects : pandas.DataFrame
        As ``tf.filters.projects`` returns them, including archived ones.
    statuses : pandas.DataFrame
        As ``tf.filters.project_statuses`` returns them.
    clients : pandas.DataFrame, optional
        As ``tf.filters.clients`` returns them; without them the column `client` is NA.
    members : pandas.DataFrame, optional
        As ``tf.filters.project_users`` returns them. They add the columns `n_members`,
        `n_groups`, `members_known` and the range of the known rates and costs, NA unless these
        are in the currency of the row.
    at_risk : float, default 0.8
        The progress [1] from which an active project is at risk, above 0 and at most 1; rounded to
        four decimals.

    Returns
    -------
    pandas.DataFrame
        The table `project_budget`, or `project_budget_members` when `members` is given: by
        `overrun_hours` [h], then by `progress` [1], the largest first and NA last, then by
        `project_id`. `progress`, `remaining_hours`, `variance_hours` and `overrun_hours` are NA
        without an estimate above zero. `currency` is that of the status; where the status names
        none it is that of the project, and NA if there is an amount, whose currency is unknown
        then. The columns `*_time` (timedelta64[ms]) are exact: use these for sums.

    Raises
    ------
    ConfigError
        If a frame lacks a column, has one of another dtype or contains an id twice, or if
        `at_risk` is not a number above 0 and at most 1.

    See Also
    --------
    togglframe.reports.project_budget : The same from a workspace; lists the columns.

    Examples
    --------
    >>> import pandas as pd
    >>> from togglframe import joins
    >>> from togglframe.tables import PROJECTS, PROJECT_STATUSES
    >>> projects = pd.DataFrame({"id": [1], "name": ["Web"], "client_id": [None],
    ...     "active": [True], "billable": [True], "color": ["#0b83d9"], "currency": ["EUR"]})
    >>> statuses = pd.DataFrame({"id": [1], "tracked_time": pd.to_timedelta(["30h"]),
    ...     "estimated_time": pd.to_timedelta(["20h"]), "billable_time": pd.to_timedelta(["15h"]),
    ...     "billable_amount": [1500.0], "currency": ["EUR"]})
    >>> budget = joins.project_budget(projects, statuses)
    >>> budget[["project", "progress", "overrun_hours", "effective_rate", "budget_state"]]
      project  progress  overrun_hours  effective_rate budget_state
    0     Web       1.5           10.0           100.0         over
    """
    check_at_risk(at_risk)
    project = checked(projects, PROJECTS, "name client_id active billable color currency")
    status = checked(
        statuses,
        PROJECT_STATUSES,
        "tracked_time estimated_time billable_time billable_amount currency",
    )
    budget = _with_clients(_outer(project, status), clients)
    if members is None:
        return finished(_measured(budget, at_risk), PROJECT_BUDGET)
    budget = _with_members(_measured(budget, at_risk), members)
    return finished(budget, PROJECT_BUDGET_MEMBERS)


def check_at_risk(at_risk: float) -> None:
    """Refuse an invalid threshold."""
    is_number = isinstance(at_risk, Real) and not isinstance(at_risk, bool)
    if not is_number or not 0 < at_risk <= 1:
        raise ConfigError(
            f"at_risk must be a number above 0 and at most 1, such as 0.8 for 80 %, not {at_risk!r}"
        )


def _outer(project: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    own = project.rename(columns={"currency": "project_currency"}).set_index("id")
    both = pd.concat([own, status.set_index("id")], axis=1).reset_index()
    has_amount = both["billable_amount"].ne(0).fillna(value=False)
    both["currency"] = both["currency"].fillna(both["project_currency"].mask(has_amount))
    return both.rename(columns={"id": "project_id", "name": "project", "billable_amount": "amount"})


def _with_clients(budget: pd.DataFrame, clients: pd.DataFrame | None) -> pd.DataFrame:
    client = CLIENTS.empty() if clients is None else checked(clients, CLIENTS, "name")
    return look_up(
        budget, client.rename(columns={"id": "client_id", "name": "client"}), "client_id"
    )


def _measured(budget: pd.DataFrame, at_risk: float) -> pd.DataFrame:
    tracked = milliseconds(budget["tracked_time"])
    estimate = milliseconds(budget["estimated_time"])
    billable = milliseconds(budget["billable_time"])
    amount = in_cents(budget["amount"])
    planned = positive(estimate)
    variance = tracked - planned
    measures = pd.DataFrame(
        {
            "tracked_hours": to_hours(tracked),
            "estimated_hours": to_hours(estimate),
            "billable_hours": to_hours(billable),
            "non_billable_hours": to_hours(tracked - billable),
            "progress": tracked / planned,
            "remaining_hours": to_hours(-variance),
            "variance_hours": to_hours(variance),
            "overrun_hours": to_hours(variance.clip(lower=0)),
            "billable_share": ratio(billable, tracked),
            "effective_rate": per_hour(amount, billable),
            "realised_rate": per_hour(amount, tracked),
            "budget_state": budget_states(tracked, estimate, at_risk, active=budget["active"]),
        }
    )
    return pd.concat([budget, measures], axis=1)


def _with_members(budget: pd.DataFrame, members: pd.DataFrame) -> pd.DataFrame:
    member = checked(members, PROJECT_USERS, "project_id user_id group_id hourly_rate labour_cost")
    member["whole_group"] = member["group_id"].where(member["user_id"].isna())
    of_project = (
        member.groupby("project_id")
        .agg(n_members=("user_id", "nunique"), n_groups=("whole_group", "count"), **_PRICES)
        .reset_index()
    )
    budget = look_up(budget, of_project, "project_id")
    n_groups = budget["n_groups"].fillna(0)
    budget = budget.assign(
        n_members=budget["n_members"].fillna(0), n_groups=n_groups, members_known=n_groups == 0
    )
    # Rates are in the currency of the project, which can differ from that of its amounts.
    own, currency = budget["project_currency"], budget["currency"]
    in_row = (own == currency).fillna(value=False) | (own.isna() & currency.isna())
    return budget.assign(**{name: budget[name].where(in_row) for name in _PRICES})
