"""Hours by user and project, and earnings and costs of projects in a range of days."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, Literal

import numpy as np
import pandas as pd

from togglframe import tables
from togglframe.api.dates import Day
from togglframe.errors import ConfigError, SemanticsWarning
from togglframe.reports._dated import amount_of
from togglframe.reports._entries import (
    Groups,
    amount_cents,
    billable_ms,
    clients_of,
    entries,
    name_columns,
    of_projects,
    sums_by,
    with_names,
    with_projects,
    zero_if_not_billable,
)
from togglframe.reports._frames import (
    checked,
    finished,
    in_cents,
    look_up,
    ratio,
    to_hours,
    unsorted,
)
from togglframe.reports._part import is_among
from togglframe.reports._record import Params, Report
from togglframe.reports.selection import Names, NamesOrNone, Needs, Period, Selection
from togglframe.reports.sources import Listings, Source
from togglframe.reports.timesheets import refuse_nobody
from togglframe.tables import MS_PER_HOUR, Table
from togglframe.tables.validation import milliseconds
from togglframe.warning import warn

__all__ = ["profitability", "user_hours"]


LabourCosts = float | Mapping[Any, float] | pd.Series | pd.DataFrame

_BY: Final = ("project", "client")
_SUMS: Final = ("tracked", "billable_ms", "cents", "n_unknown", "cost", "known")
_COSTS: Final = ("memberships", "toggl")
_CODE: Final = re.compile("[A-Z]{3}")
_LARGEST_SUM: Final = 2**62


def join_user_hours(
    *,
    time_entries: pd.DataFrame | None = None,
    project_user_hours: pd.DataFrame | None = None,
    projects: pd.DataFrame | None = None,
    project_users: pd.DataFrame | None = None,
    users: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    selected: Selection,
) -> pd.DataFrame:
    """Sum the hours of every user on every project, from entries or the vendor's own sums."""
    names = [*name_columns(("user", "project")), "client", "id"]
    rows: Any = project_user_hours if time_entries is None else time_entries
    if isinstance(rows, pd.DataFrame) and "id" not in rows:  # the sums of the vendor
        found = tables.TIME_ENTRIES.empty()[names]
        work = unsorted(rows, tables.PROJECT_USER_HOURS, "tracked_time billable_time")
        billable = milliseconds(work["billable_time"])
    else:
        columns = [*names, "billable", "tracked_time"]
        found = work = entries(rows, None, columns, _range_of(selected))
        billable = billable_ms(work)
    by_user = Groups.of(work[["project_id", "user_id"]])
    sums = by_user.sum(tracked=milliseconds(work["tracked_time"]), billable_ms=billable)
    of_project = sums.groupby("project_id", dropna=False)["tracked"]
    sums = sums.assign(
        total=of_project.transform("sum"), is_member=_are_members(sums, project_users)
    )
    sums = of_projects(sums, projects, selected)
    if selected.users is not None:
        sums = sums[is_among(sums["user_id"], selected.users)].reset_index(drop=True)
    named = with_names(sums, found, ["user"], users=users).assign(
        tracked_hours=to_hours(sums["tracked"]),
        billable_hours=to_hours(sums["billable_ms"]),
        share_of_project=ratio(sums["tracked"], sums["total"]),
        tracked_time=sums["tracked"],
    )
    return finished(with_projects(named, found, projects, clients), tables.USER_HOURS)


def _are_members(sums: pd.DataFrame, project_users: pd.DataFrame | None) -> pd.Series[Any]:
    """Return who is a member; NA if a whole group is, since its members are not known."""
    unknown = pd.Series(pd.NA, sums.index, dtype="boolean")
    if project_users is None:
        return unknown
    member = checked(project_users, tables.PROJECT_USERS, "project_id user_id group_id")
    pairs = pd.MultiIndex.from_frame(member[["project_id", "user_id"]].dropna())
    is_direct = pd.MultiIndex.from_frame(sums[["project_id", "user_id"]]).isin(pairs)
    of_groups = member.loc[member["user_id"].isna(), "project_id"]
    is_open = sums["project_id"].isin(of_groups)
    is_open |= sums[["project_id", "user_id"]].isna().any(axis=1)
    return unknown.mask(~is_open, other=False).mask(is_direct, other=True)


def join_profitability(
    time_entries: pd.DataFrame,
    projects: pd.DataFrame,
    project_users: pd.DataFrame | None = None,
    clients: pd.DataFrame | None = None,
    *,
    users: pd.DataFrame | None = None,
    project_costs: pd.DataFrame | None = None,
    selected: Selection,
    labour_costs: Mapping[Any, float],
    cost_currency: str | None,
    fixed_fee: Mapping[int, float],
    costs: str,
    by: str,
) -> pd.DataFrame:
    """Compare the revenue of every project or client with the cost of its hours."""
    columns = ["id", "date", "billable", "tracked_time", "amount", "currency", "user_id"]
    more = [*name_columns(["project"]), "client", *(["client_id"] if by == "client" else [])]
    found = entries(time_entries, projects, [*columns, *more], selected)
    listed = checked(projects, tables.PROJECTS, "currency")
    owned = listed.rename(columns={"id": "project_id", "currency": "own_currency"})
    _refuse_unknown(labour_costs, time_entries, users, owned)
    sums = _project_sums(found, owned, project_users, labour_costs, cost_currency)
    if costs == "toggl":
        sums = _with_dated_costs(sums, project_costs, projects, selected)
    sums = _with_fees(sums, owned, of_projects(owned, projects, selected), fixed_fee)
    if by == "client":
        sums = _by_client(sums, projects)
    is_new = sums["tracked"].isna()  # a cost or a fee without time
    sums = sums.assign(**{name: sums[name].mask(is_new, sums[name].fillna(0)) for name in _SUMS})
    profits = _profits(sums)
    if costs == "toggl":  # which does not say how many of the hours have a cost
        profits["cost_coverage"] = profits["cost_coverage"].mask(sums["known"] > 0)
    if by == "client":
        named = with_names(profits, found, ["client"], clients=clients)
    else:
        named = with_projects(profits, found, projects, clients)
    return finished(named, _table(by))


def _table(by: str) -> Table:
    columns = ["client_id", "client"] if by == "client" else ["project_id", "project", "client"]
    return tables.PROFITABILITY.choose(columns)


def _amounts(parameter: str, mapping: object) -> dict[Any, float]:
    """Return amounts by id.

    Raises
    ------
    TypeError, ConfigError
        If it is not a mapping of ids to amounts.
    """
    if mapping is None:
        return {}
    if not isinstance(mapping, Mapping):
        raise TypeError(f"{parameter} must be a mapping of ids to amounts, not {mapping!r}")
    return {key: amount_of(parameter, amount) for key, amount in mapping.items()}


def _refuse_unknown(
    labour_costs: Mapping[Any, float],
    time_entries: pd.DataFrame,
    users: pd.DataFrame | None,
    owned: pd.DataFrame,
) -> None:
    """Refuse the costs of somebody, or of work on a project, that nothing lists."""
    pairs = [key for key in labour_costs if isinstance(key, tuple)]
    people = dict.fromkeys(key[0] if isinstance(key, tuple) else key for key in labour_costs)
    refuse_nobody(time_entries, users, labour_costs=people)
    known = {*owned["project_id"], *time_entries["project_id"].dropna()}
    if unknown := [project for _, project in pairs if project not in known]:
        raise ConfigError(f"labour_costs names project {unknown[0]}, which is not among them")


def _project_sums(
    found: pd.DataFrame,
    owned: pd.DataFrame,
    project_users: pd.DataFrame | None,
    labour_costs: Mapping[Any, float],
    cost_currency: str | None,
) -> pd.DataFrame:
    """Return time [ms], revenue [cents] and cost [cents x ms] of each project and currency."""
    work = look_up(found, owned, "project_id")
    cents = zero_if_not_billable(amount_cents(work), work["billable"])
    by_user = Groups.of(work[["project_id", "currency", "own_currency", "user_id"]]).sum(
        tracked=milliseconds(work["tracked_time"]),
        billable_ms=billable_ms(work),
        cents=cents,
        n_unknown=cents.isna().astype("Int64"),
    )
    cost = _costs_an_hour(by_user, project_users, labour_costs, cost_currency)
    return Groups.of(by_user[["project_id", "currency"]]).sum(
        **{name: by_user[name] for name in ("tracked", "billable_ms", "cents", "n_unknown")},
        cost=_exact_product(by_user["tracked"], cost).fillna(0),
        known=by_user["tracked"].where(cost.notna(), 0),
    )


def _costs_an_hour(
    by_user: pd.DataFrame,
    project_users: pd.DataFrame | None,
    labour_costs: Mapping[Any, float],
    cost_currency: str | None,
) -> pd.Series[Any]:
    """Return the labour cost of each user on each project [cents per hour], in its currency."""
    cents = {key: round(cost * 100) for key, cost in labour_costs.items()}
    users, projects = by_user["user_id"], by_user["project_id"]
    pairs = zip(users, projects, strict=True)
    of_pairs = pd.Series([cents.get(pair) for pair in pairs], dtype="Int64")
    costs = of_pairs.fillna(pd.Series([cents.get(user) for user in users], dtype="Int64"))
    own, currency = by_user["own_currency"], by_user["currency"]
    is_own = projects.notna() & ((own == currency) | (own.isna() & currency.isna()))
    listed, differs = _of_memberships(by_user, project_users)
    listed = listed.where(is_own & costs.isna())
    if None in cents:
        costs = costs.mask(costs.isna() & listed.isna() & ~(differs & is_own), cents[None])
    if cost_currency is None:  # a cost on one project is in its currency
        of_people = costs.notna() & of_pairs.isna() & (is_own | currency.notna())
        _refuse_several(currency[of_people])
        return costs.where(of_people | is_own).fillna(listed)
    return costs.where(currency == cost_currency).fillna(listed)


def _of_memberships(
    by_user: pd.DataFrame, project_users: pd.DataFrame | None
) -> tuple[pd.Series[Any], pd.Series[Any]]:
    """Return the costs of memberships [cents per hour], and where two of them differ."""
    listed = tables.PROJECT_USERS.empty() if project_users is None else project_users
    paid = checked(listed, tables.PROJECT_USERS, "project_id user_id labour_cost").dropna()
    cents = in_cents(paid["labour_cost"]).astype("Int64")
    of_members = cents.groupby([paid["project_id"], paid["user_id"]]).agg(["min", "max"])
    each = of_members.reindex(pd.MultiIndex.from_frame(by_user[["project_id", "user_id"]]))
    each = each.set_axis(by_user.index)
    differs = (each["min"] != each["max"]).fillna(value=False)
    return each["min"].mask(differs), differs


def _refuse_several(currencies: pd.Series[Any]) -> None:
    """Refuse costs that would be amounts of several currencies."""
    found = sorted(currencies.dropna().unique())
    if currencies.isna().any():
        found.append("an unknown currency")
    if len(found) > 1:
        raise ConfigError(
            f"labour_costs would count in {', '.join(found[:-1])} and {found[-1]}: say which "
            f"currency they are in, such as cost_currency={found[0]!r}; in the others, the costs "
            "of these people are unknown"
        )


def _exact_product(ms: pd.Series[Any], cents: pd.Series[Any]) -> pd.Series[Any]:
    sizes = ms.to_numpy("float64", na_value=0) * cents.to_numpy("float64", na_value=0)
    if not np.abs(sizes).sum() < _LARGEST_SUM:
        raise ConfigError("labour costs are too large for an exact sum; is one of them an amount?")
    product: pd.Series[Any] = ms * cents
    return product


def _with_dated_costs(
    sums: pd.DataFrame,
    project_costs: pd.DataFrame | None,
    projects: pd.DataFrame,
    selected: Selection,
) -> pd.DataFrame:
    """Replace the costs of projects by those of the vendor; without any, they are unknown."""
    message = (
        "costs='toggl': labour costs are taken as cents, which the vendor does not document; "
        "togglframe doctor compares them with other answers"
    )
    warn(SemanticsWarning(message))
    dated = checked(project_costs, tables.PROJECT_PROFITABILITY, "labour_cost")
    dated = of_projects(dated[dated["labour_cost"] > 0], projects, selected)
    cents = dated["labour_cost"].round().astype("Int64")
    hour = pd.Series(MS_PER_HOUR, dated.index, dtype="Int64")
    dated = dated[["project_id", "currency"]].assign(dated=_exact_product(hour, cents))
    merged = sums.merge(dated, how="outer", on=["project_id", "currency"])
    has_cost = merged["dated"].notna()
    return merged.assign(cost=merged["dated"].fillna(0), known=merged["tracked"].where(has_cost, 0))


def _with_fees(
    sums: pd.DataFrame, owned: pd.DataFrame, chosen: pd.DataFrame, fees: Mapping[int, float]
) -> pd.DataFrame:
    """Replace all revenue of projects with a fixed fee by the fee, in the project's currency."""
    unknown = sorted(fees.keys() - set(owned["project_id"]))
    if unknown:
        raise ConfigError(f"fixed_fee names {unknown[0]}, which is not among the projects")
    fixed = pd.DataFrame(
        {
            "project_id": pd.array(list(fees), dtype="Int64"),
            "fee": pd.array([round(fee * 100) for fee in fees.values()], dtype="Int64"),
        }
    )
    fixed = fixed.merge(chosen.rename(columns={"own_currency": "currency"}), on="project_id")
    merged = sums.merge(fixed, how="outer", on=["project_id", "currency"])
    has_fee = merged["project_id"].isin(fixed["project_id"])
    return merged.assign(
        cents=merged["cents"].mask(has_fee, merged["fee"].fillna(0)),
        n_unknown=merged["n_unknown"].mask(has_fee, 0),
    )


def _by_client(sums: pd.DataFrame, projects: pd.DataFrame) -> pd.DataFrame:
    """Sum projects by client and currency."""
    owned = look_up(sums, clients_of(projects), "project_id")
    keys = Groups.of(owned[["client_id", "currency"]])
    return keys.sum(**{name: owned[name] for name in _SUMS})


def _profits(sums: pd.DataFrame) -> pd.DataFrame:
    cost = sums["cost"] / (100 * MS_PER_HOUR)
    revenue = (sums["cents"] / 100).mask((sums["cents"] == 0) & (sums["n_unknown"] > 0))
    bound = (revenue - cost).mask(sums["n_unknown"] > 0)
    profit = bound.where((sums["known"] == sums["tracked"]) & (sums["tracked"] > 0))
    return sums.assign(
        tracked_hours=to_hours(sums["tracked"]),
        billable_hours=to_hours(sums["billable_ms"]),
        revenue=revenue,
        cost_known=cost,
        cost_coverage=ratio(sums["known"], sums["tracked"]),
        profit=profit,
        profit_upper_bound=bound,
        margin=ratio(profit, revenue),
    )


def _range_of(selected: Selection) -> Selection:
    """Return the range alone: shares are of all time on a project."""
    return Selection(start=selected.start, end=selected.end)


def _user_hours_needs(needs: Needs, listings: Listings, params: Params) -> Needs:
    """Request the vendor's own sums of a workspace, which cost less than time entries."""
    _, *others = needs.names
    entries = "time_entries" if listings.ws is None else "project_user_hours"
    return replace(needs, names=(entries, *others), selection=_range_of(params["selected"]))


USER_HOURS: Final = Report(
    name="user_hours",
    table=tables.USER_HOURS,
    needs=("time_entries", "projects", "project_users", "users", "clients"),
    look_ups=("projects", "project_users", "users", "clients"),
    optional=("project_users", "users"),
    more_needs=_user_hours_needs,
    sums=lambda params: sums_by(
        ["user", "project"], _range_of(params["selected"]), "client", "billable"
    ),
    join=join_user_hours,
)


def user_hours(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Sum the hours of every user on every project.

    One row per user and project with time in the range.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    clients, projects : int, str, or list of int, str or None, optional
        Only projects with these ids or names; include None for time without one.
    users : int, str, or list of int or str, optional
        Only these users; shares are still of all time tracked on the project.

    Returns
    -------
    DataFrame
        Ordered by project, then by user, NA last. The range is in ``attrs``.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client : str. Name of the client.
        - user_id : Int64. User id.
        - user : str. Name of the user who tracked it.
        - is_member : boolean. Whether the user is a member; NA if not known.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - share_of_project : Float64 [1]. Tracked over all time tracked on the project.
        - tracked_time : timedelta64[ms]. Tracked, exact.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.

    Notes
    -----
    ``projects/summary``, one request per window of 365 days, instead of all time entries;
    ``filters/projects``, ``filters/project_users``, ``filters/clients`` and ``search/users`` twice
    for the names and memberships. The name of a user who is not listed comes only with time
    entries, so it is missing for a Workspace.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> users = tf.reports.user_hours(ws, period="2026-03")
    >>> users[["project", "user", "tracked_hours", "share_of_project"]].head(3).round(2)
                project              user  tracked_hours  share_of_project
    0  Website relaunch       Anna Keller          11.66              0.22
    1  Website relaunch   Jonas Lindqvist          12.59              0.24
    2  Website relaunch  Tomasz Zieliński          11.65              0.22
    """
    return USER_HOURS.make(**locals())


def _checked(**params: Any) -> dict[str, Any]:
    costs, labour_costs, currency = (
        params[name] for name in ("costs", "labour_costs", "cost_currency")
    )
    for name, known in (("costs", _COSTS), ("by", _BY)):
        if params[name] not in known:
            choices = " or ".join(map(repr, known))
            raise ConfigError(f"{name} must be {choices}, not {params[name]!r}")
    is_of_some = params["selected"].users is not None
    if costs == "toggl" and (labour_costs is not None or is_of_some):
        unwanted = "users" if labour_costs is None else "labour_costs"
        raise ConfigError(
            f"costs='toggl' takes the costs of all users from Toggl: leave {unwanted} out, or costs"
        )
    if currency is not None and labour_costs is None:
        raise ConfigError("cost_currency has no effect without labour_costs")
    if not (currency is None or (isinstance(currency, str) and _CODE.fullmatch(currency))):
        raise ConfigError(f"cost_currency must be an ISO 4217 code such as 'EUR', not {currency!r}")
    if not isinstance(labour_costs, Mapping | None):
        labour_costs = {None: labour_costs}
    fees = _amounts("fixed_fee", params["fixed_fee"])
    if fees and is_of_some:
        raise ConfigError(
            "a fixed_fee pays for the work of everybody on the project, so there is no profit of "
            "some users: omit users or fixed_fee"
        )
    return {**params, "labour_costs": _amounts("labour_costs", labour_costs), "fixed_fee": fees}


def _profit_needs(needs: Needs, _: Listings, params: Params) -> Needs:
    """Request dated costs instead of memberships, or the users, to prove that keys are of some."""
    if params["costs"] == "toggl":
        others = tuple(name for name in needs.names if name != "project_users")
        return replace(needs, names=(*others, "project_costs"))
    if not params["labour_costs"].keys() - {None}:
        return needs
    return replace(
        needs.with_names("users"),
        look_ups=(*needs.look_ups, "users"),
        optional=(*needs.optional, "users"),
    )


PROFITABILITY: Final = Report(
    name="profitability",
    table=tables.PROFITABILITY,
    needs=("time_entries", "projects", "project_users"),
    more_needs=_profit_needs,
    at_hand=("clients",),
    look_ups=("project_users",),
    optional=("project_users",),
    check=_checked,
    shape=lambda params: _table(params["by"]),
    samples=({}, {"by": "client"}),
    sums=lambda params: sums_by(
        ["project"],
        params["selected"],
        *("client", "user_id", "billable", "amount", "currency"),
    ),
    join=join_profitability,
)


def profitability(
    source: Source,
    *,
    start_date: Day | None = None,
    end_date: Day | None = None,
    period: Period | None = None,
    labour_costs: LabourCosts | None = None,
    cost_currency: str | None = None,
    costs: Literal["memberships", "toggl"] = "memberships",
    by: Literal["project", "client"] = "project",
    fixed_fee: Mapping[Any, float] | pd.Series | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
) -> pd.DataFrame:
    """Compare what projects or clients earn in a range of days with what their hours cost.

    One row per project or client, and currency; time of no currency is a row of its own. A cost is
    the labour cost of a person on a project times the hours; it is unknown if it is not visible, is
    in another currency than the row, or differs between two memberships. There is a profit only if
    the cost of every hour and the amount of every entry are known.

    Parameters
    ----------
    source : Workspace, Archive, Listings, mapping of str to DataFrame, or DataFrame of time entries
        Where the listings come from.
    start_date, end_date : str, date, datetime or Timestamp
        The first and last day, both included; optional only for an Archive or your own frames.
    period : str or pandas.Period, optional
        The range instead, such as "2026-10", "2026-W43", "2026-Q3", "2026-06..2026-11" or
        "last-month"; `this-…` ends today, and `last-7-days` yesterday.
    labour_costs : float, mapping or Series of float, or DataFrame, optional
        What people cost per hour [currency], to the cent, instead of the labour costs in Toggl: by
        name, e-mail address or id, or by (person, project), which comes first. The key None, or a
        single number, is for all others, but only fills the gaps in Toggl. Or a frame with the
        columns `user` (NA for all others), `labour_cost` and optionally `project`.
    cost_currency : str, optional
        The currency of `labour_costs`, such as "EUR"; they are unknown in rows of any other.
        Required if costs of people would count in several currencies; without it, those by
        (person, project) are in the currency of the project.
    costs : {"memberships", "toggl"}
        "memberships" are the labour costs of today; "toggl" is what Toggl says that the hours of
        each project cost at the time, which is only known of all users together.
    by : {"project", "client"}
        What a row is.
    fixed_fee : mapping or Series of float, optional
        The earnings of projects by their name or id, instead of the amounts of all their entries,
        in the project's own currency [currency]; such a project has a row even without entries. A
        fee pays for the work of everybody, so it cannot be combined with `users`.
    clients, projects : int, str, or list of int, str or None, optional
        Only entries with these ids or names; include None for entries without one.
    users : int, str, or list of int or str, optional
        Only entries of these users: ids, names or addresses.

    Returns
    -------
    DataFrame
        Ordered by the id of the project or client, then by currency, NA last.

        - project_id : Int64. Project id, NA without a project.
        - project : str. Name of the project.
        - client_id : Int64. Client id, NA without a client.
        - client : str. Name of the client.
        - currency : str. Currency of every amount in the row, ISO 4217.
        - tracked_hours : Float64 [h]. The time tracked.
        - billable_hours : Float64 [h]. The billable part of the tracked hours, NA if unknown.
        - revenue : Float64 [currency]. What was earned, as far as known; NA if nothing is.
        - cost_known : Float64 [currency]. Cost of the hours whose labour cost is known.
        - cost_coverage : Float64 [1]. Share of the hours whose labour cost is known.
        - profit : Float64 [currency]. Revenue minus cost; NA unless both are fully known.
        - profit_upper_bound : Float64 [currency]. Revenue minus the known cost.
        - margin : Float64 [1]. Profit over revenue.

    Raises
    ------
    ApiError, ConnectionFailedError, SchemaError, TypeError, ValueError
        As every report does, see :mod:`togglframe.reports`.
    ConfigError
        If costs of people would count in several currencies, or a key fits nobody; if
        ``costs="toggl"`` is combined with `users` or `labour_costs`.

    Warns
    -----
    SemanticsWarning
        With ``costs="toggl"``: its costs are assumed to be cents.

    Notes
    -----
    ``search/time_entries``, one request per page of each window of 365 days,
    ``filters/projects`` and ``filters/project_users``; ``search/users`` twice if `labour_costs` are
    of people. If the plan hides the memberships, there are only your own costs, and a
    CompletenessWarning says so. Instead of the memberships, ``costs="toggl"`` requests
    ``profitability/projects`` for each currency of the projects.

    Labour costs are those of today. In Toggl Track, a change of costs applies from its date on, so
    an earlier range shows what its hours would cost today; ``costs="toggl"`` shows what they cost
    then. Toggl does not say how many of the hours have a cost, so `cost_coverage` is NA, and the
    true profit may be lower; a cost of 0 counts as unknown, as does that of time without a project.

    Examples
    --------
    >>> import togglframe as tf
    >>> ws = tf.demo(today="2026-11-26")
    >>> costs = {None: 45, "Sofie de Wit": 60}
    >>> profit = tf.reports.profitability(
    ...     ws, period="2026-03", labour_costs=costs, cost_currency="EUR"
    ... )
    >>> profit[["project", "revenue", "cost_known", "profit", "margin"]].head(3).round(2)
                      project   revenue  cost_known    profit  margin
    0        Website relaunch   8376.76      2465.3   5911.46    0.71
    1  Brand identity refresh   1819.63      590.89   1228.74    0.68
    2         Customer portal  19078.89     7834.23  11244.66    0.59
    """
    return PROFITABILITY.make(**locals())
