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
import warnings
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Final, TypeAlias, cast, get_args

import pandas as pd

from togglframe import reports
from togglframe.api.dates import Day
from togglframe.errors import CompletenessWarning, ConfigError
from togglframe.export.sections import (
    SECTIONS,
    SINCE,
    Audience,
    DistinctNames,
    Section,
    SectionName,
    Terms,
    about,
    names_of_document,
    sections_of,
)
from togglframe.http.quota import Plan
from togglframe.reports._dated import holidays_in
from togglframe.reports._part import chosen_projects, rows_of
from togglframe.reports._record import naming
from togglframe.reports._sources import Sources, are_several, listings_by_workspace
from togglframe.reports._totals import plan_totals, totals_of
from togglframe.reports.comparing import until_today
from togglframe.reports.invoicing import Billing, billing_of
from togglframe.reports.listings import LISTINGS, OPTIONAL
from togglframe.reports.names import (
    FILTERS,
    are_at_hand,
    known_names,
    listings_for,
    looked_up,
    selected,
)
from togglframe.reports.periods import DayRange, Period, parse_period
from togglframe.reports.planning import keyword_arguments, record_of, records
from togglframe.reports.selection import Names, NamesOrNone, Needs, Selection, in_lists, selection
from togglframe.reports.sources import Listings, Source
from togglframe.tables.provenance import NOT_HELD, combined, of, workspaces_in_words
from togglframe.text.names import legible
from togglframe.text.periods import range_in_words
from togglframe.text.scope import chosen, fetched

Options: TypeAlias = Mapping[str, Mapping[str, Any]]

_RANGED: Final = ("weeks", "projects", "people", "invoice", "retainers", "balance")
_OF_TEAM: Final = ("at_risk", "balance", "audit", "clients")
_ONLY_NAMED: Final = ("invoice",)  # left out unless it is named
_OPTION_OF: Final = {"retainers": ("retainer", "budgets"), "balance": ("balance", "schedule")}
_OF_BUDGET: Final = ("projects", "statuses")
_CONFIDENTIAL: Final = "Confidential: contains rates and findings about labour costs"
_DAILY: Final = 14  # the longest range that is shown by days [days]
_WEEKLY: Final = 190  # and by weeks


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
    names : mapping of str to Series
        The names that tell projects, clients and users from each other, by entity and id; not for
        clients.
    confidential : str
        The notice that it is confidential; empty if it is not.
    """

    title: str
    scope: str
    audience: Audience
    days: Selection
    sections: tuple[Section, ...]
    doubts: tuple[str, ...] = ()
    known: Mapping[str, Any] = field(default_factory=dict)
    names: DistinctNames = field(default_factory=dict)
    confidential: str = ""

    def section(self, name: SectionName) -> Section | None:
        """Return a section by its name, None if it is not in the document."""
        return next((one for one in self.sections if one.name == name), None)


def portfolio(source: Source | Sources, *, title: str | None = None, **options: Any) -> Portfolio:
    """Make a portfolio.

    Parameters
    ----------
    source, title
        As :func:`togglframe.export.to_html` takes them.
    **options
        Its other parameters: period, filters, audience, sections, people, rates and options.

    Raises
    ------
    ConfigError
        An argument is invalid, a section needs a period or an option, or the audience is a client
        and the document covers none or several.
    """
    wanted = DocumentOptions(**options)
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title must be a string, not {type(title).__name__}")
    return _Maker.of(source, wanted).made(title)


def plan_portfolio(source: Source | Sources, *, title: str | None = None, **options: Any) -> Plan:  # noqa: ARG001 -- a title costs nothing
    """Return what a portfolio would cost now, without a request."""
    return _Maker.of(source, DocumentOptions(**options), is_planned=True).plan()


# ---------------------------------------------------------------------------------------------
# Its arguments


@dataclass(kw_only=True)
class DocumentOptions:
    """The arguments of a document but its title: checked, and each in one form."""

    period: Period | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    clients: NamesOrNone | None = None
    projects: NamesOrNone | None = None
    users: Names | None = None
    audience: Audience | None = None
    sections: Any = None
    people: bool = True
    rates: bool = False
    options: Any = None
    beside: Collection[str] = ()  # reports of whole sheets, which have their options themselves

    def __post_init__(self) -> None:
        if self.audience not in {None, *get_args(Audience)}:
            raise ConfigError(f"audience must be 'team' or 'client', not {self.audience!r}")
        self.sections = check_sections(self.sections)
        self.options = _checked_options(self.options, self.beside)
        self.filters = in_lists({name: getattr(self, name) for name in FILTERS})


def check_sections(
    sections: Iterable[SectionName] | SectionName | None,
) -> tuple[SectionName, ...] | None:
    """Return the sections in the order of a document; None for those that apply.

    Raises
    ------
    ConfigError
        There is no such section, or none is named.
    """
    if sections is None:
        return None
    wanted = [sections] if isinstance(sections, str) else list(sections)
    if unknown := [name for name in wanted if name not in SECTIONS]:
        raise ConfigError(f"there is no section {unknown[0]!r}; there are {', '.join(SECTIONS)}")
    if not wanted:
        raise ConfigError(f"sections names no section; there are {', '.join(SECTIONS)}")
    return tuple(name for name in SECTIONS if name in wanted)


# The reports whose parameters options may set, with the parameters that the document sets.
SET_BY_DOCUMENT: Final = {
    "project_budget": ("period", "members"),
    "utilisation": ("every",),
    "entry_audit": (),
    "invoice_lines": (),
    "retainer": (),
    "balance": (),
}
RANGE: Final = ("start_date", "end_date", "period")


def _checked_options(options: Any, beside: Collection[str]) -> Options:
    """Return the options of the reports of a document, without those of the sheets beside it."""
    if options is not None and not isinstance(options, Mapping):
        raise TypeError(f"options must map reports to parameters, not {options!r}")
    checked = {}
    for report, parameters in (options or {}).items():
        if report not in SET_BY_DOCUMENT:
            if report in beside:
                continue
            raise ConfigError(
                f"options names {report!r}, which has none here; "
                f"there are {', '.join(SET_BY_DOCUMENT)}"
            )
        if not isinstance(parameters, Mapping):
            raise TypeError(f"the options of {report} must be a mapping, not {parameters!r}")
        not_here = {*RANGE, *FILTERS, *SET_BY_DOCUMENT[report]}
        own = [one for one in _parameters(report) if one not in not_here]
        of_sheet = SET_BY_DOCUMENT[report] if report in beside else ()
        if unknown := [one for one in parameters if one not in {*own, *of_sheet}]:
            raise ConfigError(
                f"{report} has no option {unknown[0]!r} here; it has {', '.join(own)}"
            )
        checked[report] = in_lists({one: parameters[one] for one in own if one in parameters})
    return checked


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

    @property
    def function(self) -> Callable[..., pd.DataFrame]:
        return _function(self.report)


@dataclass(kw_only=True)
class _Maker:
    """Makes the sections of a portfolio from the frames of reports, each made once."""

    parts: Mapping[int, Listings]
    wanted: DocumentOptions
    days: Selection
    names: Mapping[str, list[str | None]]
    is_planned: bool
    frames: dict[str, pd.DataFrame] = field(default_factory=dict)
    hidden: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, source: Source | Sources, wanted: DocumentOptions, *, is_planned: bool = False
    ) -> _Maker:
        """Check the arguments against the source; a plan looks up names that cost nothing."""
        parts = _parts(source)
        today = min(listings.today for listings in parts.values())
        range_ = {name: getattr(wanted, name) for name in RANGE}
        days = selection("the document", **range_, **wanted.filters, today=today)
        listings = next(iter(parts.values()))
        names: dict[str, list[str | None]] = {}
        if (days.ids or days.names) and len(parts) > 1:
            raise ConfigError(
                "clients, projects and users belong to one workspace, but the document covers "
                f"several: {', '.join(map(str, parts))}"
            )
        if days.names and (not is_planned or are_at_hand(wanted.filters, listings)):
            (days,) = selected(days, wanted.filters, {0: listings}).values()
            names = looked_up(days, wanted.filters, listings)
        return cls(parts=parts, wanted=wanted, days=days, names=names, is_planned=is_planned)

    @cached_property
    def terms(self) -> Terms:
        """What the sections have in common."""
        budget = self.wanted.options.get("project_budget", {})
        lines = self.wanted.options.get("invoice_lines", {})
        billed = {one.name: lines[one.name] for one in fields(Billing) if one.name in lines}
        return Terms(
            audience=self._audience(),
            days=self.days,
            today=self._today,
            every=self._every(),
            compared=self.compared,
            people=self.wanted.people,
            rates=self.wanted.rates,
            at_risk=budget.get("at_risk", 0.8),
            billing=billing_of(**billed).in_words,
        )

    def _audience(self) -> Audience:
        audience, filters = self.wanted.audience, self.wanted.filters
        is_selected = not (filters["clients"] is None and filters["projects"] is None)
        if audience == "team" or not (audience or (is_selected and self._has_projects)):
            return "team"
        if is_selected and self.is_planned and not self._can_tell_client:
            named = filters["clients"] if filters["projects"] is None else filters["projects"]
            is_one = pd.api.types.is_scalar(named) or len(named) == 1
            return audience or ("client" if is_one else "team")
        clients = self._clients()
        if len(clients) == 1 and None not in clients:
            return "client"
        if audience is None:
            return "team"
        covered = ", ".join(self._client_names(clients)) or "none: select one with clients="
        raise ConfigError(
            "audience='client' is for the projects of one client; this document covers " + covered
        )

    @property
    def _can_tell_client(self) -> bool:
        """Whether no request is needed to tell whose projects are selected."""
        (listings,) = self.parts.values()
        needs = () if self.days.projects is None else ("projects",)
        return not self.days.names and listings.plan(*needs).requests == 0

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
        if not clients:
            return []
        (listings,) = self.parts.values()
        rows = known_names(listings, FILTERS["clients"])
        known = {} if rows is None else dict(zip(rows["id"], rows["name"], strict=True))
        return sorted(
            "(no client)" if one is None else known.get(one, "(a client)") for one in clients
        )

    # --- which days ----------------------------------------------------------------------------

    @cached_property
    def range(self) -> DayRange | None:
        """The range of days, with the unit in which it is compared."""
        if self.days.start is None or self.days.end is None:
            return None
        if self.wanted.period is not None:
            return parse_period(self.wanted.period, self._today)
        first, last = pd.Timestamp(self.days.start), pd.Timestamp(self.days.end)
        unit = "month" if first.is_month_start and last.is_month_end else "day"
        return DayRange(self.days.start, self.days.end, unit)

    @cached_property
    def compared(self) -> dict[str, DayRange]:
        """The ranges to compare, empty if there is no day to compare."""
        if self.range is None:
            return {}
        now, before, _ = until_today(self.range, self.range.before, self._today)
        return {"now": now, "before": before} if now.start <= now.end else {}

    @property
    def _today(self) -> dt.date:
        return min(listings.today for listings in self.parts.values())

    def _every(self) -> str:
        if self.range is None:
            return ""
        count = self.range.n_days
        return "day" if count <= _DAILY else "week" if count <= _WEEKLY else "month"

    # --- which sections ------------------------------------------------------------------------

    def chosen(self) -> list[SectionName]:
        """Return the sections of the document, in their order."""
        if self.wanted.sections is None:
            return [name for name in SECTIONS if self._lack(name) is None and self._is_usual(name)]
        for name in self.wanted.sections:
            if lack := self._lack(name):
                raise ConfigError(f"the section {name!r} {lack}")
        return [*self.wanted.sections]

    def _is_usual(self, name: SectionName) -> bool:
        is_of_one_client = name == "clients" and len(self.days.clients or ()) == 1
        return not is_of_one_client and name not in _ONLY_NAMED

    def _lack(self, name: SectionName) -> str | None:
        """Say why there can be no such section; None if there can be."""
        if name in _RANGED and self.range is None:
            return 'covers a range of days: give period="2026-10", or start_date and end_date'
        if self.terms.is_for_client and name in _OF_TEAM:
            return "is for the team, not for a client"
        if name in _OPTION_OF:
            report, parameter = _OPTION_OF[name]
            if parameter not in self.wanted.options.get(report, {}):
                return f'needs options={{"{report}": {{"{parameter}": …}}}}'
        if name == "people" and not self.wanted.people:
            return "is left out by people=False"
        if name == "clients" and not self._has_projects:
            return "needs the listing of projects"
        if name in {"budgets", "at_risk"} and not self._has_budgets:
            return "needs projects and statuses, and is not about single people"
        return None

    @cached_property
    def _held(self) -> set[str]:
        """The listings of projects that cost no request."""
        each = (one.at_hand(("projects", "statuses")) for one in self.parts.values())
        return {name for held in each for name in held}

    @property
    def _is_fetched(self) -> bool:
        return any(one.ws is not None for one in self.parts.values())

    @property
    def _has_projects(self) -> bool:
        return self._is_fetched or "projects" in self._held

    @property
    def _has_budgets(self) -> bool:
        """Whether budgets are part of it, or what they lack is an error."""
        is_whole = self._is_fetched or len(self._held) == 2 or self.range is None
        return is_whole and self.days.users is None

    # --- of which reports ----------------------------------------------------------------------

    def calls(self, name: SectionName) -> dict[str, _Call]:
        """Return the reports that a section is made of, by what its maker calls their frames."""
        owner = "client" if self._has_projects and not self.days.ids else "project"
        every = self.terms.every
        lines = {} if "by" in self.wanted.options.get("invoice_lines", {}) else {"by": ["project"]}
        return {
            "figures": self._calls_of_figures,
            "weeks": lambda: {
                "weeks": _call("hours", by=[], every=every),
                "stacked": _call("hours", by=[owner], every=every),
            },
            "clients": self._calls_of_clients,
            "projects": lambda: {
                "projects": _call("hours", by=self._project),
                "amounts": _call("earnings", by=self._project),
            },
            "people": lambda: {"people": self._call_of_people()},
            "invoice": lambda: {"lines": _call("invoice_lines", **lines)},
            "budgets": lambda: {"budget": _call("project_budget")},
            "at_risk": lambda: {"budget": _call("project_budget")},
            "retainers": lambda: {"retainers": _call("retainer")},
            "balance": lambda: {"balance": _call("balance")},
            "audit": self._calls_of_audit,
            "about": dict,
        }[name]()

    def _calls_of_clients(self) -> dict[str, _Call]:
        if self.range is None:
            return {
                "clients": _call("client_budget"),
                "amounts": _call("client_budget", by_currency=True),
                "of_projects": _call("project_budget"),
            }
        return {
            "clients": _call("hours", by=["client"]),
            "amounts": _call("earnings", by=["client"]),
            "of_projects": _call("earnings", by=self._project),
        }

    @property
    def _project(self) -> list[str]:
        """What time is grouped by where it is by project."""
        return ["project", "client"] if self._has_projects else ["project"]

    def _call_of_people(self) -> _Call:
        """Return the load of people, or their hours if not all of their work is shown."""
        if self.days.clients is None and self.days.projects is None:
            return _call("utilisation", every=None)
        return _call("hours", by=["user"])

    def _calls_of_audit(self) -> dict[str, _Call]:
        calls = {"audit": _call("project_audit")} if self._has_budgets else {}
        return calls if self.range is None else {**calls, "entry_audit": _call("entry_audit")}

    def _calls_of_figures(self) -> dict[str, _Call]:
        if self.range is None:
            return {"budget": _call("project_budget")}
        calls = {"hours": _call("hours", by=["user"]), "earnings": _call("earnings", by=[])}
        if self._call_of_people().report == "utilisation":
            calls["people"] = self._call_of_people()
        compared = {
            f"{label} {which}": replace(call, days=days)
            for which, days in self.compared.items()
            for label, call in calls.items()
        }
        return calls | compared | {"of_projects": _call("earnings", by=self._project)}

    def _all_calls(self) -> list[_Call]:
        return [call for name in self.chosen() for call in self.calls(name).values()]

    def arguments(self, call: _Call) -> dict[str, Any]:
        """Return the arguments of a report."""
        days = self.days if call.days is None else call.days
        filters = self.wanted.filters if self.days.names else self.days.id_filters
        common = {"start_date": days.start, "end_date": days.end, **filters}
        takes = _parameters(call.report)
        report = "project_budget" if call.report == "client_budget" else call.report
        options = {**common, **self.wanted.options.get(report, {})}
        chosen = {name: value for name, value in options.items() if name in takes}
        return {**chosen, **call.parameters}

    # --- their frames --------------------------------------------------------------------------

    def frame(self, call: _Call) -> pd.DataFrame:
        """Return the frame of a report, made once."""
        if call.days is not None:
            return self._before(call)
        label = repr(call)
        if label not in self.frames:
            arguments = self.arguments(call)
            made = self._made(call, arguments)
            months = of(made).get(NOT_HELD)
            if months and call.report == "utilisation":
                made = self._made(call, _without_capacity(arguments, months))
            self.frames[label] = made
        return self.frames[label]

    def _before(self, call: _Call) -> pd.DataFrame:
        """Return a frame to compare with; that an archive lacks its days is no news."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CompletenessWarning)
            return self._made(call, self.arguments(call))

    def _made(self, call: _Call, arguments: Mapping[str, Any]) -> pd.DataFrame:
        parts = self.parts if call.days is None else self._totals
        if len(parts) > 1:
            return reports.across(parts, call.report, **arguments)
        (listings,) = parts.values()
        return call.function(listings, **arguments)

    @cached_property
    def _totals(self) -> dict[int, Listings]:
        """The sources of what is compared, each range of which costs one request."""
        of_load = ["users"] if self._call_of_people().report == "utilisation" else []
        names = (*of_load, *(["projects"] if self.days.clients is not None else []))
        return {n: totals_of(listings, names) for n, listings in self.parts.items()}

    def plan(self) -> Plan:
        """Return what the frames would cost, without a request."""
        plans = {}
        for number, listings in self.parts.items():
            plan = listings.plan(*listings_for(self.wanted.filters), *self._of_title)
            each = [self._plan_of(listings, call) for call in self._all_calls()]
            plans[number] = plan.with_more(*each)
        return Plan.of_all_or_one(plans)

    @property
    def _of_title(self) -> tuple[str, ...]:
        """The listings that say whose projects these are."""
        of_client = ("clients",) if self.terms.is_for_client else ()
        return of_client if self.days.projects is None else (*of_client, "projects")

    def _plan_of(self, listings: Listings, call: _Call) -> Plan:
        if call.days is not None and listings.ws is not None:
            days = replace(self.days.without_names, start=call.days.start, end=call.days.end)
            return plan_totals(listings, days)
        arguments = keyword_arguments(call.function, None, **self.arguments(call))
        return record_of(call.report).plan(listings, **arguments)

    def fetch(self) -> None:
        """Fetch all listings, or none if the quota cannot pay for them; note what is hidden."""
        queries = {number: self._query(listings) for number, listings in self.parts.items()}
        for number, query in queries.items():
            with naming(number) if len(self.parts) > 1 else nullcontext():
                self.parts[number].check_cost(query)
        for number, query in queries.items():
            listings = self.parts[number]
            held = [name for name in query.names if not LISTINGS[name].is_ranged]
            names = held if listings.ws is None else query.names  # an archive may hold years
            with naming(number) if len(self.parts) > 1 else nullcontext():
                frames, hidden = listings.take(replace(query, names=tuple(names)))
            self._refuse_unknown(frames)
            whose = f" of workspace {number}" if len(self.parts) > 1 else ""
            self.hidden |= {f"{name}{whose}": reason for name, reason in hidden.items()}

    def _refuse_unknown(self, frames: Mapping[str, pd.DataFrame]) -> None:
        """Refuse clients and projects that do not exist: nothing would look like good news."""
        ids = replace(self.days, users=None)
        if ids.ids and "projects" in frames:
            chosen_projects(frames, ids)

    def _query(self, listings: Listings) -> Needs:
        """Return the listings that all reports need together."""
        queries = []
        for call in self._all_calls():
            record = record_of(call.report)
            arguments = keyword_arguments(call.function, None, **self.arguments(call))
            params = record.parse(record.with_ids(listings, arguments), listings.today)
            queries.append(record.needs_of(listings, params))
        return Needs(
            names=tuple(dict.fromkeys(name for query in queries for name in query.names)),
            selection=self.days,
            look_ups={name for query in queries for name in query.look_ups},
            optional=OPTIONAL,
            at_once={name for query in queries for name in query.at_once},
            by="a document",
        )

    # --- the document --------------------------------------------------------------------------

    def made(self, title: str | None) -> Portfolio:
        """Return the portfolio."""
        names = self.chosen()
        self.fetch()
        frames: dict[SectionName, dict[str, pd.DataFrame]]
        frames = {name: self._frames_of(name) for name in names if name != "about"}
        distinct = names_of_document(self.terms, frames, self._projects_of_client())
        made = sections_of(self.terms, frames, distinct)
        if self.wanted.sections is None:  # that nothing is tracked is said once
            nothing = self.terms.nothing
            made = [one for one in made if one.name == "figures" or one.sentence != nothing]
        is_empty = all(frame.empty for frame in self.frames.values())
        if self.days.ids and not self._has_projects and is_empty:
            raise ConfigError(f"there is no time entry of {self.days}")
        filters = self.days.filters
        known = combined(self.frames.values(), filters=filters, names=self.names)
        if "about" in names:
            made.append(about(self.terms, known, self.hidden, self._budget_and_statuses(names)))
        return Portfolio(
            title=legible(self._title() if title is None else title),
            scope=self._scope(known),
            audience=self.terms.audience,
            days=self.days,
            sections=tuple(made),
            doubts=tuple(self._doubts(known)),
            known={} if self.terms.is_for_client else known,
            names={} if self.terms.is_for_client else distinct,
            confidential=_CONFIDENTIAL
            if self.wanted.rates and not self.terms.is_for_client
            else "",
        )

    def _projects_of_client(self) -> pd.DataFrame:
        """Return all projects of the client of a document, whose names are to be distinct."""
        columns = {"id": "project_id", "name": "project"}
        (listings,) = self.parts.values() if self.terms.is_for_client else [None]
        if listings is None or not self._has_projects:
            return pd.DataFrame(columns=[*columns.values()])
        (projects,) = listings.fetch("projects")
        own = projects["client_id"].isin(self._clients())
        return projects.loc[own, [*columns]].rename(columns=columns)

    def _budget_and_statuses(self, names: Sequence[SectionName]) -> dict[str, pd.DataFrame]:
        """Return the budget and what it must add up to, empty if it is not shown."""
        if {"budgets", "at_risk", "figures"}.isdisjoint(names) or not self._has_budgets:
            return {}
        if self.range is not None and {"budgets", "at_risk"}.isdisjoint(names):
            return {}
        statuses = []
        for listings in self.parts.values():
            frames = dict(zip(_OF_BUDGET, listings.fetch(*_OF_BUDGET), strict=True))
            statuses.append(rows_of(frames, self.days)["statuses"])
        budget = self.frame(_call("project_budget"))
        return {"budget": budget, "statuses": pd.concat(statuses)}

    def _doubts(self, known: Mapping[str, Any]) -> list[str]:
        doubts = [f"Not proven complete: {legible(one)}" for one in known.get("doubts", [])]
        return ["Not proven complete."] if doubts and self.terms.is_for_client else doubts

    def _frames_of(self, name: SectionName) -> dict[str, pd.DataFrame]:
        return {label: self.frame(call) for label, call in self.calls(name).items()}

    def _title(self) -> str:
        days = ""
        if self.days.start is not None and self.days.end is not None:
            days = range_in_words(self.days.start, self.days.end)
        if self.terms.is_for_client:
            return " · ".join(filter(None, [*self._client_names(self._clients()), days]))
        return days or "Projects and budgets"

    def _scope(self, known: Mapping[str, Any]) -> str:
        parts = [SINCE if self.range is None else f"{self.days.start} to {self.days.end}"]
        if not self.terms.is_for_client:
            parts += chosen(self.days.id_filters, self.names)
            parts += [workspaces_in_words(known)] if len(self.parts) > 1 else []
        if closed := self._closed_at():
            parts.append(f"closed on {closed:%Y-%m-%d}")
        return " · ".join([*parts, fetched(known)])

    def _closed_at(self) -> dt.datetime | None:
        """Return when the period was closed in the archive, None if it was not in all of them."""
        if self.range is None:
            return None
        moments = [listings.closed_at(self.range) for listings in self.parts.values()]
        return max((one for one in moments if one), default=None) if all(moments) else None


def _without_capacity(arguments: Mapping[str, Any], months: Iterable[str]) -> dict[str, Any]:
    """Return the arguments of utilisation with no capacity in months that there is no data for."""
    spans = [pd.Period(month, "M") for month in months]
    lacking = [
        day.date() for span in spans for day in pd.date_range(span.start_time, span.end_time)
    ]
    holidays: Any = arguments.get("holidays", ())
    if isinstance(holidays, pd.DataFrame):
        holidays = holidays_in(holidays)
    if not isinstance(holidays, Mapping):
        return {**arguments, "holidays": [*holidays, *lacking]}
    by_user = {None: [], **holidays}
    return {**arguments, "holidays": {user: [*own, *lacking] for user, own in by_user.items()}}


def _call(report: str, **parameters: Any) -> _Call:
    return _Call(report=report, parameters=parameters)


def _parts(source: Source | Sources) -> dict[int, Listings]:
    """Return the listings of each workspace; for a single source, the id does not matter."""
    if are_several(source):
        return listings_by_workspace(source)
    one = cast("Source", source)
    listings = one if isinstance(one, Listings) else Listings(one)
    return {**listings.workspaces} or {0: listings}
