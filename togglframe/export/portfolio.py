"""The portfolio: what a page, a workbook and a slide say, made once from a source.

:func:`portfolio` makes a :class:`Portfolio` of a source, a period and an audience: a title, a scope
in one line, and :class:`Section` after section in the order in which they are read. A section is a
heading, a sentence that says what matters, and what shows it: a frame with the columns to show, key
figures, charts by their names, or lines of text. :func:`plan_portfolio` says what it costs.

A writer asks :func:`togglframe.export.display.shown` how to write a frame:
``shown(section.frame, names=section.columns)``. It joins, sums and words nothing itself, and leaves
nothing out but rows: what an audience may not see is not in a portfolio, nor in its frames.

The sections, by their names:

- figures: :class:`Figure` by figure, those of the period with the change to the one before;
- weeks, clients, projects, people, invoice: the time of the period; without one, clients are about
  the budgets;
- budgets, at_risk: estimates against hours, since the projects began;
- retainers, balance: only with budgets or a schedule in `options`;
- audit: one row for each check and whom it is about, with how often and when;
- about: where the numbers come from, as `lines`.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import pandas as pd

from togglframe import reports
from togglframe.api.dates import Day
from togglframe.errors import ConfigError
from togglframe.export.columns import AMOUNT_IN, UNKNOWN_CURRENCY
from togglframe.http.quota import Plan
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports.auditing import CHECKS
from togglframe.reports.comparing import until_today
from togglframe.reports.names import listings_for, looked_up, selected
from togglframe.reports.periods import DayRange, Period, parse_period
from togglframe.reports.planning import keyword_arguments, record_of, records
from togglframe.reports.selection import Names, NamesOrNone, Selection, in_lists, selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables import WORKSPACE
from togglframe.tables.provenance import combined, of, stamp, workspaces_in_words
from togglframe.text import headlines
from togglframe.text.formats import (
    MINUS,
    format_money,
    format_percent,
    format_signed_percent,
    format_whole_hours,
    plural,
)
from togglframe.text.measures import above_zero, total_hours
from togglframe.text.names import legible, named
from togglframe.text.periods import range_in_words
from togglframe.text.scope import chosen, fetched, nothing_tracked

__all__ = [
    "SECTIONS",
    "Audience",
    "Chart",
    "Figure",
    "Options",
    "Portfolio",
    "Section",
    "SectionName",
    "plan_portfolio",
    "portfolio",
]

Audience = Literal["team", "client"]
SectionName = Literal[
    "figures",
    "weeks",
    "clients",
    "projects",
    "people",
    "invoice",
    "budgets",
    "at_risk",
    "retainers",
    "balance",
    "audit",
    "about",
]
SECTIONS: Final[tuple[SectionName, ...]] = get_args(SectionName)
Options: TypeAlias = Mapping[str, Mapping[str, Any]]

Kind = Literal["hours", "share", "amount", "count"]

_RANGED: Final = ("weeks", "projects", "people", "invoice", "retainers", "balance")
_OF_TEAM: Final = ("at_risk", "balance", "audit")
_ONLY_NAMED: Final = ("invoice",)  # left out unless it is named
_OPTION_OF: Final = {"retainers": ("retainer", "budgets"), "balance": ("balance", "schedule")}
_DAILY: Final = 14  # the longest range that is shown by days [days]
_WEEKLY: Final = 190  # and by weeks
_SINCE: Final = "Since the projects began"
_SENSITIVE: Final = frozenset(check.slug for check in CHECKS if check.is_sensitive)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A key figure.

    Parameters
    ----------
    name : str
        What it counts, such as "Hours".
    value : float
        The number: hours [h], a share [1], an amount [currency] or a count.
    kind : {"hours", "share", "amount", "count"}
        What the number is.
    currency : str
        The currency of an amount, empty if it is unknown.
    change : float, optional
        The difference to the period before; None if there is none to compare with.
    before : float, optional
        The number of the period before.
    detail : str
        What belongs to it, in a few words.
    """

    name: str
    value: float
    kind: Kind
    currency: str = ""
    change: float | None = None
    before: float | None = None
    detail: str = ""

    @property
    def text(self) -> str:
        """The number as it is shown."""
        if self.kind == "hours":
            return format_whole_hours(self.value)
        if self.kind == "share":
            return format_percent(self.value)
        if self.kind == "count":
            return f"{self.value:,.0f}"
        return f"{self.currency} {format_money(self.value)}".strip()

    @property
    def change_text(self) -> str:
        """The change as it is shown: in per cent, of shares in points; empty if there is none."""
        if self.change is None:
            return ""
        if self.kind == "share":
            return f"{_signed(100 * self.change)} points"
        if self.kind == "count" or not self.before:
            return _signed(self.change)
        return format_signed_percent(self.change / self.before)


def _signed(number: float) -> str:
    rounded = round(number)
    return f"{'+' if rounded > 0 else MINUS if rounded < 0 else '±'}{abs(rounded):,}"


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A chart of a section.

    Parameters
    ----------
    name : str
        The function of ``togglframe.charts``.
    frame : DataFrame
        The frame that it draws.
    rows : int
        How many rows it needs room for.
    options : mapping of str to Any
        Its other arguments.
    """

    name: str
    frame: pd.DataFrame
    rows: int
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Section:
    """A section of a document.

    Parameters
    ----------
    name : str
        Its name, one of `SECTIONS`.
    heading : str
        Its heading.
    sentence : str
        What it says in a sentence, without a full stop; empty if its rows say it all.
    note : str
        How to read it, or what is not in it.
    frame : DataFrame, optional
        Its rows, as the report made them.
    columns : tuple of str
        The columns of the frame to show, in their order.
    figures : tuple of Figure
        Its key figures.
    charts : tuple of Chart
        Its charts.
    details : DataFrame, optional
        More rows than most readers want: of the audit, one for each check and whom it is about.
    lines : tuple of (str, str)
        Its lines of text, each with what it is about.
    """

    name: SectionName
    heading: str
    sentence: str = ""
    note: str = ""
    frame: pd.DataFrame | None = None
    columns: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    charts: tuple[Chart, ...] = ()
    details: pd.DataFrame | None = None
    lines: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, kw_only=True)
class Portfolio:
    """What a document says.

    Parameters
    ----------
    title : str
        Its title: the period, the client, or both.
    scope : str
        What it covers and when it was fetched, in one line.
    audience : {"team", "client"}
        For whom it is.
    days : Selection
        The range of days, and the ids of clients, projects and users.
    sections : tuple of Section
        Its sections, in the order in which they are read.
    doubts : tuple of str
        Why it cannot be proven that all rows came, and what is hidden.
    known : mapping of str to Any
        The combined provenance of its frames; not for clients.
    """

    title: str
    scope: str
    audience: Audience
    days: Selection
    sections: tuple[Section, ...]
    doubts: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)

    def section(self, name: SectionName) -> Section | None:
        """Return a section by its name, None if it is not in the document."""
        return next((one for one in self.sections if one.name == name), None)


def portfolio(
    source: Source | Sources,
    *,
    title: str | None = None,
    period: Period | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    clients: NamesOrNone | None = None,
    projects: NamesOrNone | None = None,
    users: Names | None = None,
    audience: Audience | None = None,
    sections: Iterable[SectionName] | SectionName | None = None,
    people: bool = True,
    rates: bool = False,
    options: Options | None = None,
) -> Portfolio:
    """Make a portfolio.

    Parameters
    ----------
    source, title, period, start_date, end_date, clients, projects, users
        As :func:`togglframe.export.to_html` takes them.
    audience, sections, people, rates, options
        Likewise.

    Raises
    ------
    ConfigError
        An argument is invalid, a section needs a period or an option, or the audience is a client
        and the document covers none or several.
    """
    wish = _Wish.of(
        audience=audience,
        sections=sections,
        people=people,
        rates=rates,
        options=options,
        days=_days(period, start_date, end_date),
        filters={"clients": clients, "projects": projects, "users": users},
    )
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be a string, not {type(title).__name__}")
    return _Maker.of(source, wish).made(title)


def plan_portfolio(
    source: Source | Sources,
    *,
    period: Period | None = None,
    start_date: Day | None = None,
    end_date: Day | None = None,
    title: str | None = None,  # noqa: ARG001 -- costs nothing
    **wishes: Any,
) -> Plan:
    """Return what a portfolio would cost now, without a request."""
    filters = {name: wishes.pop(name, None) for name in ("clients", "projects", "users")}
    wish = _Wish.of(**wishes, days=_days(period, start_date, end_date), filters=filters)
    return _Maker.of(source, wish).plan()


# ---------------------------------------------------------------------------------------------
# What is asked for


def _days(period: Period | None, start: Day | None, end: Day | None) -> dict[str, Any]:
    return {"period": period, "start_date": start, "end_date": end}


@dataclass(frozen=True, kw_only=True)
class _Wish:
    """The checked arguments of a portfolio."""

    audience: Audience | None
    sections: tuple[SectionName, ...] | None
    people: bool
    rates: bool
    options: Options
    days: Mapping[str, Any]
    filters: Mapping[str, Any]

    @classmethod
    def of(
        cls,
        *,
        audience: Audience | None = None,
        sections: Iterable[SectionName] | SectionName | None = None,
        people: bool = True,
        rates: bool = False,
        options: Options | None = None,
        days: Mapping[str, Any],
        filters: Mapping[str, Any],
    ) -> _Wish:
        if audience not in {None, *get_args(Audience)}:
            raise ConfigError(f"audience must be 'team' or 'client', not {audience!r}")
        return cls(
            audience=audience,
            sections=_checked_sections(sections),
            people=people,
            rates=rates,
            options=_checked_options(options),
            days=days,
            filters=in_lists(filters),
        )


def _checked_sections(
    sections: Iterable[SectionName] | SectionName | None,
) -> tuple[SectionName, ...] | None:
    if sections is None:
        return None
    asked = [sections] if isinstance(sections, str) else list(sections)
    if unknown := [name for name in asked if name not in SECTIONS]:
        raise ConfigError(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    if not asked:
        raise ConfigError(f"sections names no section; there are {', '.join(SECTIONS)}")
    return tuple(name for name in SECTIONS if name in asked)


# The reports whose parameters options may set, with the parameters that the document sets.
_SET: Final = {
    "project_budget": ("period", "members"),
    "utilisation": ("every",),
    "entry_audit": (),
    "invoice_lines": (),
    "retainer": (),
    "balance": (),
}
_RANGE: Final = ("start_date", "end_date", "period")
_FILTERS: Final = ("clients", "projects", "users")


def _checked_options(options: Options | None) -> Options:
    given: Any = {} if options is None else options
    if not isinstance(given, Mapping):
        raise TypeError(f"options must map reports to parameters, not {options!r}")
    for report, parameters in given.items():
        if report not in _SET:
            raise ConfigError(
                f"options names {report!r}, which has none here; there are {', '.join(_SET)}"
            )
        if not isinstance(parameters, Mapping):
            raise TypeError(f"the options of {report} must be a mapping, not {parameters!r}")
        own = [one for one in _parameters(report) if one not in {*_RANGE, *_FILTERS, *_SET[report]}]
        if unknown := [one for one in parameters if one not in own]:
            raise ConfigError(
                f"{report} has no option {unknown[0]!r} here; it has {', '.join(own)}"
            )
    return {report: in_lists(parameters) for report, parameters in given.items()}


def _function(report: str) -> Callable[..., pd.DataFrame]:
    return next(function for function, record in records() if record.name == report)


def _parameters(report: str) -> list[str]:
    """Return the parameters of a report, without its source."""
    return [*inspect.signature(_function(report)).parameters][1:]


# ---------------------------------------------------------------------------------------------
# How it is made


@dataclass(frozen=True, kw_only=True)
class _Call:
    """The call of a report: its name, its parameters, and another range of days."""

    report: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    days: DayRange | None = None


@dataclass(kw_only=True)
class _Maker:
    """Makes the sections of a portfolio from the frames of reports, each made once."""

    parts: Mapping[int, Listings]
    wish: _Wish
    days: Selection
    names: Mapping[str, list[str | None]]
    range: DayRange | None
    audience: Audience
    is_whole: bool
    has_projects: bool
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Source | Sources, wish: _Wish) -> _Maker:
        parts = _parts(source)
        today = min(listings.today for listings in parts.values())
        days = selection("the document", **wish.days, **wish.filters, today=today)
        if days.ids and len(parts) > 1:
            raise ConfigError(
                "clients, projects and users belong to one workspace, but the document covers "
                f"several: {', '.join(map(str, parts))}"
            )
        listings = next(iter(parts.values()))
        names: dict[str, list[str | None]] = {}
        if days.names:
            (days,) = selected(days, wish.filters, {0: listings}).values()
            names = looked_up(days, wish.filters, listings)
        held = {name for one in parts.values() for name in one.at_hand(("projects", "statuses"))}
        is_fetched = listings.ws is not None
        maker = cls(
            parts=parts,
            wish=wish,
            days=days,
            names=names,
            range=_range_of(wish.days, days, today),
            audience="team",
            is_whole=is_fetched or len(held) == 2 or not days.is_ranged,
            has_projects=is_fetched or "projects" in held,
        )
        maker.audience = maker._audience()
        return maker

    def _audience(self) -> Audience:
        wanted = self.wish.audience
        if wanted == "team" or not (wanted or self.days.clients or self.days.projects):
            return "team"
        clients = self._clients()
        if len(clients) == 1 and None not in clients:
            return "client"
        if wanted is None:
            return "team"
        which = "none" if not clients else ", ".join(map(str, self._client_names(clients)))
        raise ConfigError(
            "audience='client' is for the projects of one client; this document covers "
            f"{'none: select one with clients=' if not clients else which}"
        )

    def _clients(self) -> set[int | None]:
        """Return the clients that are selected, by themselves or by their projects."""
        clients: set[int | None] = {*(self.days.clients or ())}
        if self.days.projects is None:
            return clients
        (listings,) = self.parts.values()
        projects = listings.fetch("projects")[0].set_index("id")["client_id"]
        owners = projects.reindex([one for one in self.days.projects if one is not None])
        of_projects = {None if pd.isna(one) else int(one) for one in owners}
        return of_projects & clients if clients else of_projects

    def _client_names(self, clients: Iterable[int | None]) -> list[str]:
        (listings,) = self.parts.values()
        known = listings.fetch("clients")[0].set_index("id")["name"]
        return sorted("(no client)" if one is None else str(known.get(one, one)) for one in clients)

    # --- which sections, of which reports ------------------------------------------------------

    @property
    def is_ranged(self) -> bool:
        """Whether the document is about a range of days."""
        return self.days.is_ranged

    def chosen(self) -> list[SectionName]:
        """Return the sections of the document, in their order."""
        wanted = self.wish.sections
        if wanted is None:
            return [name for name in SECTIONS if self._lack(name) is None and self._is_usual(name)]
        for name in wanted:
            if lack := self._lack(name):
                raise ConfigError(f"the section {name!r} {lack}")
        return [*wanted]

    def _is_usual(self, name: SectionName) -> bool:
        is_of_one_client = len(self.days.clients or ()) == 1 or self.audience == "client"
        if name == "clients":
            return not is_of_one_client
        return name not in _ONLY_NAMED

    def _lack(self, name: SectionName) -> str | None:
        """Say why there can be no such section; None if there can be."""
        if name in _RANGED and not self.is_ranged:
            return 'covers a range of days: give period="2026-10", or start_date and end_date'
        if self.audience == "client" and name in (*_OF_TEAM, "clients"):
            return "is for the team, not for a client"
        if name in _OPTION_OF:
            report, parameter = _OPTION_OF[name]
            if parameter not in self.wish.options.get(report, {}):
                return f'needs options={{"{report}": {{"{parameter}": …}}}}'
        if name == "people" and not self.wish.people:
            return "is left out by people=False"
        if name == "clients" and not self.has_projects:
            return "needs the listing of projects"
        if name in {"budgets", "at_risk"} and not (self.is_whole and self.days.users is None):
            return "is not about single people, and needs projects and statuses"
        return None

    def every(self) -> str:
        """Return the length of the periods that the range is shown by."""
        assert self.range is not None  # noqa: S101 -- only of a document with a range
        count = (self.range.end - self.range.start).days + 1
        return "day" if count <= _DAILY else "week" if count <= _WEEKLY else "month"

    def _calls(self, name: SectionName) -> dict[str, _Call]:
        """Return the reports that a section is made of."""
        every = self.every() if self.is_ranged else None
        own = "client" if self.has_projects and not self.days.ids else "project"
        project = ["project", "client"] if self.has_projects else ["project"]
        by_section: dict[SectionName, dict[str, _Call]] = {
            "weeks": {
                "weeks": _Call(report="hours", parameters={"by": [], "every": every}),
                "stacked": _Call(report="hours", parameters={"by": [own], "every": every}),
            },
            "projects": {
                "projects": _Call(report="hours", parameters={"by": project}),
                "project_amounts": _Call(report="earnings", parameters={"by": project}),
            },
            "people": {"people": self._call_of_people()},
            "invoice": {"invoice": _Call(report="invoice_lines", parameters=self._lines())},
            "budgets": {"budget": _Call(report="project_budget")},
            "at_risk": {"budget": _Call(report="project_budget")},
            "retainers": {"retainers": _Call(report="retainer")},
            "balance": {"balance": _Call(report="balance")},
        }
        if name == "figures":
            return self._calls_of_figures()
        if name == "clients" and self.is_ranged:
            return {
                "clients": _Call(report="hours", parameters={"by": ["client"]}),
                "client_amounts": _Call(report="earnings", parameters={"by": ["client"]}),
            }
        if name == "clients":
            return {
                "client_budget": _Call(report="client_budget"),
                "client_amounts": _Call(report="client_budget", parameters={"by_currency": True}),
            }
        if name == "audit":
            found = {"audit": _Call(report="project_audit")} if self.is_whole else {}
            more = {"entry_audit": _Call(report="entry_audit")} if self.is_ranged else {}
            return found | more
        return by_section.get(name, {})

    def _lines(self) -> dict[str, Any]:
        return {} if "by" in self.wish.options.get("invoice_lines", {}) else {"by": ["project"]}

    def _call_of_people(self) -> _Call:
        """Return the hours of people; their load only if all of their work is shown."""
        if self.days.clients is None and self.days.projects is None:
            return _Call(report="utilisation", parameters={"every": None})
        return _Call(report="hours", parameters={"by": ["user"]})

    def _calls_of_figures(self) -> dict[str, _Call]:
        if not self.is_ranged:
            return {"budget": _Call(report="project_budget")}
        calls = {
            "hours": _Call(report="hours", parameters={"by": ["user"]}),
            "earnings": _Call(report="earnings", parameters={"by": []}),
        }
        if self._call_of_people().report == "utilisation":
            calls["people"] = self._call_of_people()
        compared = {
            f"{label} {which}": replace(call, days=days)
            for which, days in self.compared().items()
            for label, call in calls.items()
        }
        return calls | compared

    def compared(self) -> dict[str, DayRange]:
        """Return the ranges to compare, empty if there is no day to compare."""
        if self.range is None:
            return {}
        today = min(listings.today for listings in self.parts.values())
        now, before, _ = until_today(self.range, self.range.before, today)
        return {"now": now, "before": before} if now.start <= now.end else {}

    # --- their frames --------------------------------------------------------------------------

    def arguments(self, call: _Call) -> dict[str, Any]:
        """Return the arguments of a report."""
        takes = _parameters(call.report)
        days = call.days
        range_ = {"start_date": self.days.start, "end_date": self.days.end}
        if days is not None:
            range_ = {"start_date": days.start, "end_date": days.end}
        given = {**range_, **self.days.id_filters}
        of_report = self.wish.options.get(call.report, {})
        if call.report == "client_budget":
            of_report = self.wish.options.get("project_budget", {})
        known = {name: value for name, value in given.items() if name in takes}
        return {**known, **of_report, **call.parameters}

    def frame(self, label: str, call: _Call) -> pd.DataFrame:
        """Return the frame of a report, made once."""
        if label not in self.frames:
            arguments = self.arguments(call)
            if len(self.parts) > 1:
                made = reports.across(self.parts, call.report, **arguments)
            else:
                (listings,) = self.parts.values()
                made = _function(call.report)(listings, **arguments)
            self.frames[label] = made
        return self.frames[label]

    def plan(self) -> Plan:
        """Return what the frames would cost, without a request."""
        calls = {label: call for name in self.chosen() for label, call in self._calls(name).items()}
        plans = {}
        for number, listings in self.parts.items():
            each = [self._plan_of(call, listings) for call in calls.values()]
            plan = listings.plan(*listings_for(self.wish.filters))
            plans[number] = plan.with_more(*each)
        return Plan.of_all_or_one(plans)

    def _plan_of(self, call: _Call, listings: Listings) -> Plan:
        arguments = keyword_arguments(_function(call.report), None, **self.arguments(call))
        return record_of(call.report).plan(listings, **arguments)

    # --- the document --------------------------------------------------------------------------

    def made(self, title: str | None) -> Portfolio:
        """Return the portfolio."""
        names = self.chosen()
        made = [self._section(name) for name in names if name != "about"]
        known = combined(self.frames.values(), filters=self.days.filters, names=self.names)
        scope = self._scope(known)
        if "about" in names:
            made.append(self._about(known))
        return Portfolio(
            title=legible(self._title() if title is None else title),
            scope=scope,
            audience=self.audience,
            days=self.days,
            sections=tuple(made),
            doubts=tuple(map(legible, known.get("doubts", []))),
            known=known if self.audience == "team" else {},
        )

    def _section(self, name: SectionName) -> Section:
        frames = {label: self.frame(label, call) for label, call in self._calls(name).items()}
        if self.audience == "client":
            frames = {label: _for_client(frame) for label, frame in frames.items()}
        return _MAKERS[name](self, frames)

    def _title(self) -> str:
        days = ""
        if self.days.start is not None and self.days.end is not None:
            days = range_in_words(self.days.start, self.days.end)
        if self.audience == "client":
            return " · ".join(filter(None, [*self._client_names(self._clients()), days]))
        return days or "Projects and budgets"

    def _scope(self, known: Mapping[str, Any]) -> str:
        parts = [f"{self.days.start} to {self.days.end}" if self.is_ranged else _SINCE]
        if self.audience == "team":
            parts += chosen(self.days.id_filters, self.names)
            parts += [workspaces_in_words(known)] if len(self.parts) > 1 else []
        return " · ".join([*parts, fetched(known)])

    def _about(self, known: Mapping[str, Any]) -> Section:
        lines = [*_about_lines(self, known)]
        return Section(name="about", heading="About", lines=tuple(lines))


def _parts(source: Source | Sources) -> dict[int, Listings]:
    """Return the listings of each workspace; for a single source, the id does not matter."""
    if are_several(source):
        return listings_by_workspace(source)
    one = cast("Source", source)
    listings = one if isinstance(one, Listings) else Listings(one)
    return {**listings.workspaces} or {0: listings}


def _range_of(given: Mapping[str, Any], days: Selection, today: dt.date) -> DayRange | None:
    """Return the range of days with the unit in which it is compared."""
    if days.start is None or days.end is None:
        return None
    if given["period"] is not None:
        return parse_period(given["period"], today)
    first, last = pd.Timestamp(days.start), pd.Timestamp(days.end)
    unit = "month" if first.is_month_start and last.is_month_end else "day"
    return DayRange(days.start, days.end, unit)


# ---------------------------------------------------------------------------------------------
# The sections

_Frames: TypeAlias = Mapping[str, pd.DataFrame]


def _figures(maker: _Maker, frames: _Frames) -> Section:
    if not maker.is_ranged:
        found = [*_budget_figures(frames["budget"])]
        sentence = headlines.budget(frames["budget"])
        return Section(
            name="figures", heading="Key figures", sentence=sentence, figures=tuple(found)
        )
    if frames["hours"].empty:
        sentence = nothing_tracked(maker.days.filters)
        return Section(name="figures", heading="Key figures", sentence=sentence)
    found = [*_period_figures(maker, frames)]
    return Section(
        name="figures",
        heading="Key figures",
        sentence=f"{format_whole_hours(total_hours(frames['hours'], 'tracked'))} tracked",
        note=_compared_in_words(maker),
        figures=tuple(found),
    )


def _compared_in_words(maker: _Maker) -> str:
    """Say what the changes compare."""
    compared = maker.compared()
    if not compared:
        return ""
    before = range_in_words(compared["before"].start, compared["before"].end)
    if maker.range is None or compared["now"].end >= maker.range.end:
        return f"Changes are to {before}."
    count = (compared["now"].end - compared["now"].start).days + 1
    return f"Changes are of the first {plural(count, 'day')}, to {before}."


def _period_figures(maker: _Maker, frames: _Frames) -> Iterator[Figure]:
    def figure(name: str, kind: Kind, measure: Callable[[_Frames], float | None]) -> list[Figure]:
        value = measure(frames)
        now, before = (_measured(frames, which, measure) for which in ("now", "before"))
        change = None if now is None or before is None else now - before
        return (
            []
            if value is None
            else [Figure(name=name, value=value, kind=kind, change=change, before=before)]
        )

    yield from figure("Hours", "hours", lambda some: total_hours(some["hours"], "tracked"))
    yield from figure("Billable", "share", _billable_share)
    for code in _currencies(frames["earnings"]):
        for one in figure("Amount", "amount", partial(_amount_in, code)):
            yield replace(one, currency=code)
    if "people" in frames and maker.audience == "team":
        yield from figure("Capacity used", "share", _load)
    if maker.wish.people:
        yield from figure("People", "count", lambda some: float(_worked(some["hours"])))


def _measured(
    frames: _Frames, which: str, measure: Callable[[_Frames], float | None]
) -> float | None:
    """Measure the frames of a compared range, None if it is not compared."""
    suffix = f" {which}"
    of_range = {
        name.removesuffix(suffix): frame for name, frame in frames.items() if name.endswith(suffix)
    }
    return measure(of_range) if of_range else None


def _billable_share(frames: _Frames) -> float | None:
    rows = frames["hours"].dropna(subset=["tracked_hours", "billable_hours"])
    tracked = total_hours(rows, "tracked")
    return total_hours(rows, "billable") / tracked if tracked else None


def _load(frames: _Frames) -> float | None:
    rows = frames["people"].dropna(subset=["tracked_hours", "capacity_hours"])
    could = float(rows["capacity_hours"].sum())
    return float(rows["tracked_hours"].sum()) / could if could else None


def _worked(hours: pd.DataFrame) -> int:
    return int((hours["tracked_hours"] > 0).sum())


def _currencies(earnings: pd.DataFrame) -> list[str]:
    """Return the currencies of amounts, empty for an unknown one, most billable hours first."""
    worth = earnings[earnings["amount"].fillna(0) != 0].assign(code=earnings["currency"].fillna(""))
    hours = worth.groupby("code")["billable_hours"].sum()
    return sorted(map(str, hours.index), key=lambda code: (not code, -hours[code], code))


def _amount_in(code: str, frames: _Frames) -> float:
    earnings = frames["earnings"]
    return float(earnings.loc[earnings["currency"].fillna("") == code, "amount"].sum())


def _budget_figures(budget: pd.DataFrame) -> Iterator[Figure]:
    known = budget.dropna(subset=["tracked_hours"])
    if len(known):
        count = plural(len(known), "project")
        hours = total_hours(known, "tracked")
        yield Figure(name="Hours", value=hours, kind="hours", detail=f"on {count}")
    estimated = budget[budget["progress"].notna()]
    if len(estimated):
        tracked, estimate = (total_hours(estimated, what) for what in ("tracked", "estimated"))
        compared = f"{format_whole_hours(tracked)} of {format_whole_hours(estimate)}"
        yield Figure(name="Estimates used", value=tracked / estimate, kind="share", detail=compared)
        over = above_zero(estimated, "overrun_hours")
        by = f", by {headlines.hours_over(total_hours(over, 'overrun'))}" if len(over) else ""
        detail = f"of {len(estimated):,} with an estimate{by}"
        yield Figure(name="Overran", value=len(over), kind="count", detail=detail)
        near = int((budget["budget_state"] == "at_risk").sum())
        yield Figure(name="At risk", value=near, kind="count", detail="still active")
    if (share := _billable_share({"hours": budget})) is not None:
        yield Figure(name="Billable", value=share, kind="share", detail="of the hours")
    for code in _currencies(budget):
        amount = _amount_in(code, {"earnings": budget})
        yield Figure(name="Amount", value=amount, kind="amount", currency=code)


def _weeks(maker: _Maker, frames: _Frames) -> Section:
    weeks, stacked = frames["weeks"], frames["stacked"]
    heading = f"{maker.every().capitalize()}s"
    if weeks.empty:
        return Section(name="weeks", heading=heading, sentence=nothing_tracked(maker.days.filters))
    return Section(
        name="weeks",
        heading=heading,
        sentence=headlines.hours(weeks),
        frame=weeks,
        columns=("period", "tracked_hours", "billable_hours", "billable_share"),
        charts=(Chart(name="hours_by_week", frame=stacked, rows=7),),
    )


_OF_TIME: Final = ("tracked_hours", "billable_hours", "billable_share")


def _clients(maker: _Maker, frames: _Frames) -> Section:
    if maker.is_ranged:
        hours, amounts = frames["clients"], frames["client_amounts"]
        frame = _with_amounts(hours, amounts)
        columns = ("client", *_OF_TIME, *_amount_columns(frame))
        sentence = headlines.amounts(amounts) if len(amounts) else ""
    else:
        hours, amounts = frames["client_budget"], frames["client_amounts"]
        frame = _with_amounts(hours, amounts)
        of_budget = ("n_projects", "n_over", "estimated_hours", "variance_hours", "tracked_hours")
        columns = ("client", *of_budget, *_amount_columns(frame))
        sentence = headlines.clients(hours)
    if frame.empty:
        sentence = nothing_tracked(maker.days.filters) if maker.is_ranged else "No clients"
    return Section(
        name="clients",
        heading="Clients",
        sentence=sentence,
        frame=frame,
        columns=_in(frame, WORKSPACE.name, *columns),
    )


def _projects(maker: _Maker, frames: _Frames) -> Section:
    frame = _with_amounts(frames["projects"], frames["project_amounts"])
    client = () if maker.audience == "client" else ("client",)
    sentence = headlines.billable(frame) if len(frame) else nothing_tracked(maker.days.filters)
    return Section(
        name="projects",
        heading="Projects",
        sentence=sentence,
        frame=frame,
        columns=_in(frame, WORKSPACE.name, "project", *client, *_OF_TIME, *_amount_columns(frame)),
    )


def _people(maker: _Maker, frames: _Frames) -> Section:
    people = frames["people"]
    is_of_all = "capacity_hours" in people
    if is_of_all and maker.audience == "team":
        of_load = ("tracked_hours", "capacity_hours", "load", "billable_hours")
        return Section(
            name="people",
            heading="People",
            sentence=headlines.capacity(people),
            frame=people,
            columns=_in(people, WORKSPACE.name, "user", *of_load),
            charts=(Chart(name="utilisation_bars", frame=people, rows=min(len(people), 15)),),
        )
    count = plural(_worked(people), "person", "people")
    return Section(
        name="people",
        heading="People",
        sentence=f"{count} worked on it",
        frame=people,
        columns=_in(people, WORKSPACE.name, "user", "tracked_hours", "billable_hours"),
    )


def _invoice(maker: _Maker, frames: _Frames) -> Section:
    lines = frames["invoice"]
    hidden = () if maker.wish.rates else ("hourly_rate",)
    person = () if maker.wish.people else ("user",)
    client = ("client",) if maker.audience == "client" else ()
    left_out = {*hidden, *person, *client, "billed_time", "tracked_time"}
    names = [name for name in _names(lines) if name not in {*left_out} and name[-3:] != "_id"]
    return Section(
        name="invoice",
        heading="Invoice lines",
        sentence="" if len(lines) else nothing_tracked(maker.days.filters),
        frame=lines,
        columns=tuple(names),
    )


def _budgets(maker: _Maker, frames: _Frames) -> Section:
    budget = frames["budget"]
    rates = ("currency", "effective_rate") if maker.wish.rates else ()
    columns = (
        ("project", "estimated_hours", "tracked_hours", "remaining_hours", "progress", *rates)
        if maker.audience == "client"
        else (
            *("project", "client", "budget_state", "estimated_hours", "tracked_hours"),
            *("variance_hours", "progress", *rates),
        )
    )
    over = len(above_zero(budget, "overrun_hours"))
    shown = min(over, 10)
    options = {"top": shown, **_threshold(maker)}
    chart = Chart(name="budget_bullet", frame=budget, rows=shown, options=options)
    return Section(
        name="budgets",
        heading=_SINCE if maker.is_ranged else "Budgets",
        sentence=headlines.budget(budget),
        frame=budget,
        columns=_in(budget, WORKSPACE.name, *columns),
        charts=(chart,) if shown and maker.audience == "team" else (),
    )


def _threshold(maker: _Maker) -> dict[str, Any]:
    options = maker.wish.options.get("project_budget", {})
    return {"at_risk": options["at_risk"]} if "at_risk" in options else {}


def _at_risk(maker: _Maker, frames: _Frames) -> Section:
    budget = frames["budget"]
    near = budget[budget["budget_state"] == "at_risk"]
    near = near.sort_values("progress", ascending=False, kind="stable")
    near = stamp(near.reset_index(drop=True), **of(budget))
    least = format_percent(_threshold(maker).get("at_risk", 0.8))
    count, verb = plural(len(near), "active project"), "has" if len(near) == 1 else "have"
    used = f"used {least} to 100 % of {'its estimate' if len(near) == 1 else 'their estimates'}"
    of_budget = ("estimated_hours", "tracked_hours", "remaining_hours", "progress")
    return Section(
        name="at_risk",
        heading="At risk",
        sentence=f"{count} {verb} {used}" if len(near) else f"No active project has {used}",
        frame=near if len(near) else None,
        columns=_in(near, WORKSPACE.name, "project", "client", *of_budget),
    )


def _retainers(maker: _Maker, frames: _Frames) -> Section:
    frame = frames["retainers"]
    rest = ("period", "budget_hours", "carried_hours", "tracked_hours", "left_hours", "used")
    of_team = ("client",) if maker.audience == "team" else ()
    return Section(
        name="retainers",
        heading="Retainers",
        frame=frame,
        columns=_in(frame, WORKSPACE.name, "project", *of_team, *rest, "state"),
    )


def _balance(_: _Maker, frames: _Frames) -> Section:
    frame = frames["balance"]
    rest = ("expected_hours", "absence_hours", "tracked_hours", "balance_hours", "running_hours")
    return Section(
        name="balance",
        heading="Balance of hours",
        frame=frame,
        columns=_in(frame, WORKSPACE.name, "user", "period", *rest),
    )


def _audit(maker: _Maker, frames: _Frames) -> Section:
    found = [_findings(frame) for frame in frames.values()]
    rows = pd.concat(found, ignore_index=True)
    if not maker.wish.rates:
        rows = rows[~rows["check"].isin(_SENSITIVE)]
    rows = rows.sort_values("severity", key=lambda s: s.map(_SEVERITY), kind="stable")
    keys = ["severity", "check"]
    count = rows.groupby(keys, sort=False).size().rename("Findings").reset_index()
    persons = rows.groupby([*keys, "About"], sort=False, dropna=False)
    details = persons.agg(
        Findings=("check", "size"), Days=("day", _days_in_words), Detail=("detail", "first")
    ).reset_index()
    by_severity = rows.groupby("severity", sort=False).size()
    counts = [plural(int(by_severity.get(one, 0)), one) for one in ("error", "warning")]
    return Section(
        name="audit",
        heading="Audit",
        sentence=", ".join(counts) if len(rows) else "Nothing was found",
        frame=count,
        columns=(*keys, "Findings"),
        details=details,
    )


_SEVERITY: Final = {"error": 0, "warning": 1, "info": 2}


def _findings(audit: pd.DataFrame) -> pd.DataFrame:
    """Return the findings of either audit with whom they are about, and the day."""
    is_of_entries = "user_id" in audit
    about = named(audit, "user") if is_of_entries else audit["label"]
    return pd.DataFrame(
        {
            "severity": audit["severity"].astype("str"),
            "check": audit["check"].astype("str"),
            "About": about,
            "day": audit["date"] if is_of_entries else pd.NaT,
            "detail": audit["detail"],
        }
    )


def _days_in_words(days: pd.Series[Any]) -> str:
    known = days.dropna().drop_duplicates().sort_values()
    shown = ", ".join(f"{day:%m-%d}" for day in known.head(12))
    return f"{shown} and {len(known) - 12:,} more" if len(known) > 12 else shown


def _about_lines(maker: _Maker, known: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if maker.is_ranged:
        yield "Period", f"{maker.days.start} to {maker.days.end}, both days included."
        yield "Days", "An entry belongs to the local day on which it began."
    yield "Hours", "Decimal hours; what is shown adds up as shown."
    yield "Amounts", "Each currency by itself; they are never added. A dash is unknown, 0 is 0."
    if {*maker.chosen()} & {"budgets", "at_risk"}:
        yield "Budgets", "Estimates against all hours since the projects began, not of a period."
    if maker.audience == "team":
        yield "At risk", "Active projects that have used most of their estimates."
        yield "Source", f"Toggl Track, {workspaces_in_words(known) or 'frames'}."
    moment = fetched(known)
    yield "Moment", f"{moment[:1].upper()}{moment[1:]}."


_MAKERS: Final[dict[SectionName, Callable[[_Maker, _Frames], Section]]] = {
    "figures": _figures,
    "weeks": _weeks,
    "clients": _clients,
    "projects": _projects,
    "people": _people,
    "invoice": _invoice,
    "budgets": _budgets,
    "at_risk": _at_risk,
    "retainers": _retainers,
    "balance": _balance,
    "audit": _audit,
}


def _in(frame: pd.DataFrame, *names: str) -> tuple[str, ...]:
    """Return those of the columns that a frame has."""
    return tuple(name for name in names if name in frame)


def _amount_columns(frame: pd.DataFrame) -> list[str]:
    return [name for name in _names(frame) if name.startswith(AMOUNT_IN)]


def _names(frame: pd.DataFrame) -> list[str]:
    return [str(name) for name in frame]


def _with_amounts(frame: pd.DataFrame, amounts: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with a column of amounts for each currency, 0 where there is none."""
    keys = [name for name in _names(frame) if name.endswith("_id") and name in amounts]
    made = frame.copy(deep=False)
    for code in _currencies(amounts):
        of_code = amounts.loc[amounts["currency"].fillna("") == code, [*keys, "amount"]]
        found = frame[keys].merge(of_code, on=keys, how="left", indicator=True)
        column = found["amount"].mask(found["_merge"] == "left_only", 0.0)
        made[f"{AMOUNT_IN}{code or UNKNOWN_CURRENCY}"] = column.array
    return stamp(made, **of(frame))


# ---------------------------------------------------------------------------------------------
# What a client may see


_INTERNAL: Final = ("labour_cost", "email")
_KEPT: Final = ("table", "every", "today", "filters", "fetched_at", "newest_at", "not_held")


def _for_client(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame whose names need no ids to be told apart, without what is internal."""
    left_out = [name for name in _names(frame) if name.startswith(_INTERNAL)]
    made = frame.drop(columns=left_out)
    for entity in ("project", "client", "user", "task"):
        if entity in made and f"{entity}_id" in made:
            made[entity] = _distinct(made, entity)
    known = {name: value for name, value in of(frame).items() if name in _KEPT}
    days = {name: value for name, value in known.get("filters", {}).items() if name in _RANGE}
    return stamp(made, **{**known, "filters": days})


def _distinct(frame: pd.DataFrame, entity: str) -> pd.Series[Any]:
    """Return names; those of several things that share one are numbered."""
    ids = frame[f"{entity}_id"]
    unknown = f"(a former {'colleague' if entity == 'user' else entity})"
    names = frame[entity].astype("str").fillna(unknown).mask(ids.isna(), f"(no {entity})")
    firsts = pd.DataFrame({"name": names, "id": ids}).drop_duplicates()
    number = firsts.groupby("name").cumcount() + 1
    labels = firsts["name"].where(number == 1, firsts["name"] + number.map(" ({})".format))
    by_id = dict(zip(firsts["id"].fillna(-1), labels, strict=True))
    return ids.fillna(-1).map(by_id).astype(frame[entity].dtype)
