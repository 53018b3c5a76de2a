"""The contents of the workbook of a workspace: listings in, sheets out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from togglframe import tables
from togglframe.errors import ConfigError
from togglframe.export.excel.ranged import (
    RANGED,
    Options,
    Request,
    check_ranged,
    default_ranged,
    fetch_listings,
    options_by_id,
    query_of,
    requested,
)
from togglframe.export.excel.spec import FrameSheet
from togglframe.export.excel.views import VIEWS, linked, project_urls, without_sensitive
from togglframe.reports._part import chosen_projects, part_of
from togglframe.reports.auditing import CHECKS, audit_of
from togglframe.reports.budget import (
    join_project_budget,
    sum_by_client,
    sum_of_workspace,
)
from togglframe.reports.listings import LISTINGS, OPTIONAL
from togglframe.reports.members import PROJECT_MEMBERS, join_rate_card
from togglframe.reports.names import labels
from togglframe.reports.selection import EVERYTHING, Query, Selection
from togglframe.reports.sources import Listings
from togglframe.reports.tasks import join_task_accuracy
from togglframe.tables import Table
from togglframe.tables.provenance import combined, of, stamp
from togglframe.text.guesses import did_you_mean

__all__ = [
    "Contents",
    "Portfolio",
    "chosen_sheets",
    "contents_of",
    "is_of_portfolio",
    "query_of_sheets",
    "range_contents",
    "workbook_sheets",
]

_RAW: Final = {
    f"Raw {name.replace('_', ' ')}": name for name in LISTINGS if not LISTINGS[name].is_ranged
}
_READ: Final = ("Summary", "Budget", "Clients", "Team", "Tasks", "Audit")
_SHEETS: Final = (*_READ, *RANGED, *_RAW, "About")
_ALWAYS: Final = ("projects", "statuses", "clients")
_NEEDS: Final = {
    "Summary": OPTIONAL,
    "Budget": ("project_users",),
    "Team": ("project_users", "project_groups", "users"),
    "Tasks": ("tasks",),
    "Audit": OPTIONAL,
    **{sheet: (name,) for sheet, name in _RAW.items()},
}
_SENSITIVE_CHECKS: Final = frozenset(check.slug for check in CHECKS if check.is_sensitive)


@dataclass(frozen=True, kw_only=True)
class Contents:
    """The contents of a workbook.

    Parameters
    ----------
    sheets : list of FrameSheet
        The sheets between Summary and About, in their order.
    has_about : bool
        Whether it ends with the sheet About.
    is_sensitive : bool
        Whether it holds confidential data about people.
    unseen : frozenset of str
        The sheets without rows that were not asked for by name.
    known : mapping of str to Any
        The combined provenance.
    hidden : mapping of str to str
        The parts that could not be had, each with the API's message.
    days : Selection
        The range of days of the sheets that have one.
    """

    sheets: list[FrameSheet]
    has_about: bool
    is_sensitive: bool
    unseen: frozenset[str]
    known: Mapping[str, Any]
    hidden: Mapping[str, str]
    days: Selection = EVERYTHING

    @property
    def is_empty(self) -> bool:
        """Whether it has no sheet at all."""
        return not (self.sheets or self.has_about)

    @property
    def doubts(self) -> list[str]:
        """Why it cannot be proven that all rows came, empty if it can."""
        doubts: list[str] = self.known.get("doubts", [])
        return doubts


@dataclass(frozen=True, kw_only=True)
class Portfolio(Contents):
    """The contents of the workbook of a workspace, over all time.

    Parameters
    ----------
    has_summary : bool
        Whether it begins with the sheet Summary.
    budget, totals, hours, audit : DataFrame
        What the Summary shows: the budget of projects and of the workspace, and the audit.
    left_out : int
        How many findings are left out because they are sensitive.
    statuses : DataFrame
        The statuses as they came, whose tracked time the budget must add up to.
    at_risk : float
        The progress from which an active project is at risk [1].
    """

    has_summary: bool
    budget: pd.DataFrame
    totals: pd.DataFrame
    hours: pd.DataFrame
    audit: pd.DataFrame
    left_out: int
    statuses: pd.DataFrame
    at_risk: float

    @property
    def is_empty(self) -> bool:
        """Whether it has no sheet at all."""
        return super().is_empty and not self.has_summary


def chosen_sheets(
    sheets: Iterable[str] | None,
    *,
    days: Selection = EVERYTHING,
    sensitive: bool = False,
) -> tuple[str, ...]:
    """Return the requested sheets, in the order of the workbook.

    Parameters
    ----------
    sheets : iterable of str, or str, or None
        Their names, in any order and case; None for the sheets for readers.
    days : Selection
        The range, if one is given, and the clients and projects.
    sensitive : bool
        Whether sensitive data is asked for.

    Raises
    ------
    ConfigError
        There is no such sheet, none is asked for, or a sheet needs a range and there is none.
    """
    if sheets is None:
        ranged = default_ranged(days, sensitive=sensitive)
        return tuple(name for name in _SHEETS if name in {*_READ, *ranged, "About"})
    asked = [sheets] if isinstance(sheets, str) else list(sheets)
    names = {name.casefold(): name for name in _SHEETS}
    for name in asked:
        if not isinstance(name, str):
            raise TypeError(f"sheets takes the names of sheets, not {name!r}")
        if name.casefold() not in names:
            guess = did_you_mean(name, _SHEETS) or "."
            raise ConfigError(f"There is no sheet {name!r}; there are {', '.join(_SHEETS)}{guess}")
    if not asked:
        raise ConfigError(f"sheets names no sheet; there are {', '.join(_SHEETS)}.")
    chosen = {names[name.casefold()] for name in asked}
    check_ranged(chosen, days, sensitive=sensitive)
    return tuple(name for name in _SHEETS if name in chosen)


def is_of_portfolio(chosen: Collection[str]) -> bool:
    """Return whether some of the sheets cover all time, or About is the only one."""
    return not {*chosen} <= {*RANGED, "About"} or {*chosen} == {"About"}


def _parts_of(sheets: Iterable[str], days: Selection = EVERYTHING) -> tuple[str, ...]:
    """Return the listings that these sheets, and the selection of clients and projects, need."""
    sheets = list(sheets)
    if not is_of_portfolio(sheets):
        return ()
    needed = {name for sheet in sheets for name in _NEEDS.get(sheet, ())}
    if days.ids and "users" in needed:
        needed.add("project_users")
    return tuple(name for name in LISTINGS if name in needed.union(_ALWAYS))


def contents_of(
    listings: Listings,
    chosen: Collection[str],
    days: Selection,
    *,
    are_named: bool,
    options: Options | None,
    sensitive: bool,
    at_risk: float,
    filters: Mapping[str, Any],
    names: Mapping[str, Any] = MappingProxyType({}),
) -> Contents:
    """Fetch what these sheets need, and return their contents.

    Parameters
    ----------
    listings : Listings
        Where the listings come from.
    chosen : collection of str
        The names of the sheets.
    days : Selection
        The range of days, and the clients and projects.
    are_named : bool
        Whether the sheets were asked for by name.
    options : mapping of str to mapping, optional
        The parameters of the reports of the range.
    sensitive : bool
        Whether to show confidential data about people.
    at_risk : float
        The progress from which an active project is at risk [1].
    filters : mapping of str to Any
        The filters behind the clients and projects, as in the provenance of a frame.
    names : mapping of str to list of str
        The names of the ids among these, as far as they were looked up.
    """
    requested(chosen, days, options)  # which refuses invalid ones before names are looked up
    asked = requested(chosen, days, options_by_id(options or {}, {0: listings})[0])
    parts, hidden = fetch_listings(listings, _parts_of(chosen, days), asked, days)
    named = {**labels(filters, parts), **names}
    known: dict[str, Any] = {"asked": asked, "days": days, "filters": filters, "names": named}
    if not is_of_portfolio(chosen):
        return range_contents(parts, hidden, chosen=chosen, sensitive=sensitive, **known)
    sheets = chosen if are_named else None
    return workbook_sheets(
        parts, hidden, at_risk=at_risk, sheets=sheets, sensitive=sensitive, **known
    )


def query_of_sheets(chosen: Collection[str], days: Selection, options: Options | None) -> Query:
    """Return the listings that these sheets need together."""
    return query_of(_parts_of(chosen, days), requested(chosen, days, options), days)


def workbook_sheets(
    parts: Mapping[str, pd.DataFrame],
    hidden: Mapping[str, str],
    *,
    at_risk: float = 0.8,
    sheets: Iterable[str] | None = None,
    sensitive: bool = False,
    asked: Iterable[Request] = (),
    days: Selection = EVERYTHING,
    filters: Mapping[str, Any] = MappingProxyType({}),
    names: Mapping[str, Any] = MappingProxyType({}),
) -> Portfolio:
    """Turn the listings of a workspace into the contents of its workbook.

    Parameters
    ----------
    parts : mapping of str to DataFrame
        The listings by name: projects and statuses and, if they could be had, clients, tasks,
        project_users, project_groups and users.
    hidden : mapping of str to str
        The parts that could not be had, each with the API's message.
    at_risk : float
        The progress from which an active project is at risk [1].
    sheets : iterable of str, optional
        The sheets that are asked for; by default those for readers.
    sensitive : bool
        Whether to show confidential data about people.
    asked : iterable of Request
        The sheets of a range of days.
    days : Selection
        The range, and the clients and projects that the workbook covers.
    filters : mapping of str to Any
        The filters behind them, as in the provenance of a frame.
    names : mapping of str to list of str
        The names of the ids among these.
    """
    chosen = chosen_sheets(sheets, days=days, sensitive=sensitive)
    ranged = [_ranged_sheet(one, parts, sensitive=sensitive) for one in asked]
    whole, parts = parts, part_of(parts, days)
    budget = _budget(parts, at_risk)
    known: dict[str, Any] = {"filters": dict(filters), **({"names": names} if names else {})}
    stamp(budget, **combined(parts.values(), **known))
    audit = audit_of(whole, days, hidden)
    if days.ids:
        lost = whole.keys() - parts.keys()
        hidden = {**hidden, **dict.fromkeys(lost, "Cannot be assigned without project_users.")}
    told = audit if sensitive else audit[~audit["check"].isin(_SENSITIVE_CHECKS)]
    shown = [
        _sheet(name, frame if sensitive else without_sensitive(frame, table), table, of(budget))
        for name, frame, table in _frames(parts, budget, told, chosen)
    ]
    before = sum(name in _READ for name in (sheet.name for sheet in shown))
    shown[before:before] = ranged
    unseen = {sheet.name for sheet in shown if sheets is None and sheet.frame.empty}
    return Portfolio(
        sheets=linked(shown),
        has_summary="Summary" in chosen,
        has_about="About" in chosen,
        is_sensitive=sensitive and any(map(_is_sensitive, shown)),
        unseen=frozenset(unseen),
        known=combined([budget, *(sheet.frame for sheet in ranged)], **known),
        days=days,
        budget=budget,
        totals=sum_of_workspace(budget, by_currency=True),
        hours=sum_of_workspace(budget),
        audit=told,
        left_out=len(audit) - len(told),
        statuses=parts["statuses"],
        hidden=hidden,
        at_risk=at_risk,
    )


def _budget(parts: Mapping[str, pd.DataFrame], at_risk: float) -> pd.DataFrame:
    sources = map(parts.get, ("clients", "project_users"))
    return join_project_budget(parts["projects"], parts["statuses"], *sources, at_risk=at_risk)


def range_contents(
    parts: Mapping[str, pd.DataFrame],
    hidden: Mapping[str, str],
    *,
    chosen: Collection[str],
    asked: Iterable[Request],
    days: Selection,
    sensitive: bool = False,
    filters: Mapping[str, Any] = MappingProxyType({}),
    names: Mapping[str, Any] = MappingProxyType({}),
) -> Contents:
    """Turn listings into the contents of a workbook that covers only a range of days.

    Parameters
    ----------
    parts : mapping of str to DataFrame
        The listings by name.
    hidden : mapping of str to str
        The parts that could not be had, each with the API's message.
    chosen : collection of str
        The names of the sheets.
    asked : iterable of Request
        The calls of their reports.
    days : Selection
        The range.
    sensitive : bool
        Whether to show confidential data about people.
    filters : mapping of str to Any
        The filters behind the clients and projects, as in the provenance of a frame.
    names : mapping of str to list of str
        The names of the ids among these.
    """
    known: dict[str, Any] = {"filters": dict(filters), **({"names": names} if names else {})}
    shown = [_ranged_sheet(one, parts, sensitive=sensitive) for one in asked]
    if days.ids and "projects" in parts:
        chosen_projects(parts, days)  # refuses unknown ids
    elif days.ids and all(sheet.frame.empty for sheet in shown):
        raise ConfigError(f"there is no time entry of {days}")
    return Contents(
        sheets=linked(shown),
        has_about="About" in chosen,
        is_sensitive=sensitive and any(map(_is_sensitive, shown)),
        unseen=frozenset(),
        known=combined((sheet.frame for sheet in shown), **known),
        hidden=hidden,
        days=days,
    )


def _ranged_sheet(
    asked: Request, parts: Mapping[str, pd.DataFrame], *, sensitive: bool
) -> FrameSheet:
    frame, table = asked.frame(parts), asked.table
    shown = frame if sensitive else without_sensitive(frame, table)
    return _sheet(asked.name, shown, table, of(frame))


def _is_sensitive(sheet: FrameSheet) -> bool:
    """Return whether a sheet holds confidential data about people."""
    if any(column is not None and column.is_sensitive for column in sheet.columns):
        return True
    return sheet.declared is tables.PROJECT_AUDIT and bool(
        sheet.frame["check"].isin(_SENSITIVE_CHECKS).any()
    )


def _sheet(name: str, frame: pd.DataFrame, table: Table, known: Mapping[str, Any]) -> FrameSheet:
    if name not in VIEWS:
        return FrameSheet(name, frame, table)
    sheet = VIEWS[name].sheet(name, frame, table, known)
    if not VIEWS[name].leads_to_toggl or not {"project", "project_id"} <= {*sheet.frame}:
        return sheet
    return replace(sheet, urls={"project": project_urls(sheet.frame)})


def _frames(
    parts: Mapping[str, pd.DataFrame],
    budget: pd.DataFrame,
    audit: pd.DataFrame,
    chosen: Collection[str],
) -> Iterator[tuple[str, pd.DataFrame, Table]]:
    """Yield the frames of the chosen sheets, as far as they can be had, each with its table."""
    if "Budget" in chosen:
        has_members = "n_members" in budget
        table = tables.PROJECT_BUDGET_MEMBERS if has_members else tables.PROJECT_BUDGET
        yield "Budget", budget, table
    if "Clients" in chosen:
        yield "Clients", sum_by_client(budget, by_currency=True), tables.CLIENT_BUDGET_BY_CURRENCY
    if "Team" in chosen and "project_users" in parts:
        listings = {name: parts[name] for name in PROJECT_MEMBERS.needs if name in parts}
        yield "Team", join_rate_card(**listings), tables.RATE_CARD
    if "Tasks" in chosen and "tasks" in parts:
        accuracy = join_task_accuracy(parts["tasks"], parts["projects"], done=None)
        yield "Tasks", accuracy, tables.TASK_ACCURACY
    if "Audit" in chosen:
        yield "Audit", audit, tables.PROJECT_AUDIT
    for sheet, name in _RAW.items():
        if sheet in chosen and name in parts:
            yield sheet, parts[name], LISTINGS[name].table
